"""The detectors of the comparison, each behind the same three members.

    rate             Hz of the audio it takes
    values(samples)  16-bit samples -> its value for each whole frame, from a fresh start
    seconds(samples) processor time of one pass over them, from a fresh start, without preparing the frames

Detectors that run inside Python say what the call into them costs by itself, `call_seconds()`: it is in their times.
"""
import ctypes
import glob
import importlib.metadata
import importlib.util
import os
import re
import subprocess
import time

import numpy as np


class Missing(Exception):
    """A detector cannot run here; the text says why."""


def frames(samples, length):
    return samples[: len(samples) // length * length].reshape(-1, length)


def best_of(repeats, calls, call):
    """The least processor time of one call in seconds, of `repeats` loops."""
    least = float("inf")
    for _ in range(repeats):
        begin = time.thread_time()
        for _ in range(calls):
            call()
        least = min(least, time.thread_time() - begin)
    return least / calls


class WebRTC:
    """Says yes or no, 20 ms a frame.  Mode 3 is the strictest."""

    def __init__(self, mode, rate=8_000):
        import webrtcvad

        self.library = webrtcvad
        self.mode, self.rate, self.hop = mode, rate, rate // 50
        self.name = f"WebRTC mode {mode}"
        self.version = "webrtcvad-wheels " + importlib.metadata.version("webrtcvad-wheels")

    def values(self, samples):
        judge = self.library.Vad(self.mode).is_speech
        return np.array([judge(frame.tobytes(), self.rate) for frame in frames(samples, self.hop)], float)

    def seconds(self, samples):
        judge = self.library.Vad(self.mode).is_speech
        blocks = [frame.tobytes() for frame in frames(samples, self.hop)]
        begin = time.thread_time()
        for block in blocks:
            judge(block, self.rate)
        return time.thread_time() - begin

    def call_seconds(self):
        return best_of(5, 10_000, lambda: self.library.valid_rate_and_frame_length(8_000, 80))


class Ten:
    """TEN's library, called directly: 16 kHz, 256 samples a frame as its authors choose.

    The wheel's Linux library wants libc++; `libraries` is a folder that holds one, for systems that have none.
    """

    rate, hop = 16_000, 256
    name = "TEN 16 kHz"

    def __init__(self, libraries):
        found = importlib.util.find_spec("ten_vad")
        if found is None:
            raise Missing("ten-vad is not installed")
        path = os.path.join(os.path.dirname(found.origin), "lib/Linux/x64/libten_vad.so")
        for name in ("libunwind.so.1", "libc++abi.so.1", "libc++.so.1"):
            for place in glob.glob(os.path.join(libraries, "**", name), recursive=True)[:1]:
                ctypes.CDLL(place)
        try:
            self.library = ctypes.CDLL(path)
        except OSError as error:
            raise Missing(str(error).removeprefix(path + ": ")) from None
        self.version = "ten-vad " + importlib.metadata.version("ten-vad")
        pointer, size = ctypes.c_void_p, ctypes.c_size_t
        self.library.ten_vad_create.argtypes = [ctypes.POINTER(pointer), size, ctypes.c_float]
        self.library.ten_vad_destroy.argtypes = [ctypes.POINTER(pointer)]
        self.library.ten_vad_process.argtypes = [pointer, pointer, size, pointer, pointer]

    def run(self, samples, take):
        handle = ctypes.c_void_p()
        if self.library.ten_vad_create(ctypes.byref(handle), self.hop, 0.5) != 0:
            raise Missing("ten_vad_create failed")
        blocks = np.ascontiguousarray(frames(samples, self.hop))
        addresses = [blocks.ctypes.data + 2 * self.hop * number for number in range(len(blocks))]
        value, flag = ctypes.c_float(), ctypes.c_int32()
        outputs = ctypes.addressof(value), ctypes.addressof(flag)
        process, result = self.library.ten_vad_process, []
        begin = time.thread_time()
        if take:
            for address in addresses:
                process(handle, address, self.hop, *outputs)
                result.append(value.value)
        else:
            for address in addresses:
                process(handle, address, self.hop, *outputs)
        spent = time.thread_time() - begin
        self.library.ten_vad_destroy(ctypes.byref(handle))
        return np.array(result), spent

    def values(self, samples):
        return self.run(samples, take=True)[0]

    def seconds(self, samples):
        return self.run(samples, take=False)[1]

    def call_seconds(self):
        """The way to a C function: of one that compares no bytes."""
        compare = ctypes.CDLL(None).memcmp
        compare.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]
        address = ctypes.addressof(ctypes.c_int())
        return best_of(5, 10_000, lambda: compare(address, address, 0))


class Silero:
    """Silero's ONNX model through onnxruntime, one thread: chunks of 32 ms, each with the end of the one before it in
    front, and a recurrent state that goes from call to call."""

    def __init__(self, rate):
        import onnxruntime

        self.runtime = onnxruntime
        found = importlib.util.find_spec("silero_vad")
        if found is None:
            raise Missing("silero-vad is not installed")
        path = os.path.join(os.path.dirname(found.origin), "data", "silero_vad.onnx")
        self.rate, self.hop, self.context = rate, rate * 32 // 1_000, rate * 4 // 1_000
        self.name = f"Silero {rate // 1_000} kHz"
        self.version = f"silero-vad {importlib.metadata.version('silero-vad')}, onnxruntime {onnxruntime.__version__}"
        self.session = self.open(path)
        self.hz = np.array(rate, np.int64)

    def open(self, model):
        options = self.runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        return self.runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def chunks(self, samples):
        whole = samples[: len(samples) // self.hop * self.hop].astype(np.float32) / 32_768
        padded = np.r_[np.zeros(self.context, np.float32), whole]
        return [padded[None, k : k + self.context + self.hop] for k in range(0, len(whole), self.hop)]

    def values(self, samples):
        state, result = np.zeros((2, 1, 128), np.float32), []
        for chunk in self.chunks(samples):
            value, state = self.session.run(None, {"input": chunk, "state": state, "sr": self.hz})
            result.append(float(value[0, 0]))
        return np.array(result)

    def seconds(self, samples):
        state, chunks, run = np.zeros((2, 1, 128), np.float32), self.chunks(samples), self.session.run
        begin = time.thread_time()
        for chunk in chunks:
            _, state = run(None, {"input": chunk, "state": state, "sr": self.hz})
        return time.thread_time() - begin

    def call_seconds(self):
        """The same call of a model that hands its inputs back."""
        session = self.open(identity_model())
        chunk = np.zeros((1, self.context + self.hop), np.float32)
        inputs = {"input": chunk, "state": np.zeros((2, 1, 128), np.float32), "sr": self.hz}
        return best_of(5, 2_000, lambda: session.run(None, inputs))


def identity_model():
    """An ONNX model with Silero's inputs and outputs and nothing in between, written out field by field."""

    def field(number, payload):
        body = payload.encode() if isinstance(payload, str) else payload
        return bytes([number << 3 | 2, len(body)]) + body

    def value(name, element, dimensions):
        shape = b"".join(field(1, field(2, f"{name}{d}")) for d in range(dimensions))
        return field(1, name) + field(2, field(1, bytes([1 << 3, element]) + field(2, shape)))

    def node(source, target):
        return field(1, field(1, source) + field(2, target) + field(4, "Identity"))

    float32, int64 = 1, 7
    graph = node("input", "output") + node("state", "stateN") + field(2, "identity")
    for name, element, dimensions in (("input", float32, 2), ("state", float32, 3), ("sr", int64, 0)):
        graph += field(11, value(name, element, dimensions))
    for name, dimensions in (("output", 2), ("stateN", 3)):
        graph += field(12, value(name, float32, dimensions))
    # Version 8 of the format; a message longer than 127 bytes has a length of two.
    length = bytes([len(graph) & 0x7F | 0x80, len(graph) >> 7])
    return bytes([1 << 3, 8]) + bytes([7 << 3 | 2]) + length + graph + field(8, bytes([2 << 3, 13]))


class Parley:
    """Ours, through the executable `vad-bench`; 10 ms a frame."""

    def __init__(self, kind, rate, executable, folder):
        self.kind, self.rate, self.hop = kind, rate, rate // 100
        self.name = f"Parley {kind} {rate // 1_000} kHz"
        self.version = "Parley " + executable_version()
        self.executable, self.folder = executable, folder
        self.call("values", np.zeros(rate, np.int16))

    def call(self, command, samples):
        source = os.path.join(self.folder, "in.s16")
        target = os.path.join(self.folder, "out.csv")
        samples.tofile(source)
        outputs = [target] if command == "values" else []
        name = {"values": "frames", "seconds": "cost"}[command]
        line = [self.executable, "--detector", self.kind, name, str(self.rate), source, *outputs]
        done = subprocess.run(line, capture_output=True, text=True)
        if done.returncode != 0:
            raise Missing(done.stderr.strip() or f"vad-bench ended with {done.returncode}")
        return target if command == "values" else done.stdout

    def values(self, samples):
        return np.loadtxt(self.call("values", samples), delimiter=",", skiprows=1, ndmin=2)[:, 1]

    def seconds(self, samples):
        nanoseconds = int(re.search(r"(\d+) ns a 20 ms frame", self.call("seconds", samples)).group(1))
        return nanoseconds * 1e-9 * len(samples) / self.rate * 50


def executable_version():
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return done.stdout.strip() or "without git"


def all_detectors(executable, libraries, folder):
    """-> (name, a detector or the text why it is missing) each, ours first"""
    makers = [
        ("Parley learned 8 kHz", lambda: Parley("learned", 8_000, executable, folder)),
        ("Parley learned 16 kHz", lambda: Parley("learned", 16_000, executable, folder)),
        ("Parley rule 8 kHz", lambda: Parley("rule", 8_000, executable, folder)),
        ("Silero 8 kHz", lambda: Silero(8_000)),
        ("Silero 16 kHz", lambda: Silero(16_000)),
        ("TEN 16 kHz", lambda: Ten(libraries)),
        ("WebRTC mode 3", lambda: WebRTC(3)),
        ("WebRTC mode 0", lambda: WebRTC(0)),
    ]
    return [(name, made(make)) for name, make in makers]


def made(make):
    try:
        return make()
    except Missing as reason:
        return str(reason)
    except ImportError as error:
        return str(error)
