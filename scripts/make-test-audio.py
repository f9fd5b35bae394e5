#!/usr/bin/env python3
"""Makes the recordings in TestAudio, their labels and their manifest.

Python's standard library, and as programs flite (voices), sox (rates, bands, FLAC); libsndfile for Ogg Opus.
What is said when is data: the tables CALLS and CLIPS. Every part of an utterance is synthesized by itself, cut to
its first and last 10 ms frame above TRIM_DBFS, and put at a sample position that follows from the table, so that
the labels are exact. Noise comes from seeded generators; the same programs give the same samples.

    scripts/make-test-audio.py                        all files
    scripts/make-test-audio.py appointment-call hum   only these (the manifest lists all that are there)
    scripts/make-test-audio.py --out /tmp/audio       elsewhere
"""

import argparse
import array
import csv
import ctypes
import functools
import math
import pathlib
import random
import struct
import subprocess
import tempfile

TRIM_DBFS = -45.0    # a frame below this at either end of a part is no speech
SPEECH_DBFS = -20.0  # root mean square of each part after trimming
LINE_NOISE_DBFS = -60.0
FADE_S = 0.002       # at both ends of a part, so that the cut does not click

# --- What is said when ---------------------------------------------------------------------------------------------
# A call: one row a turn of the caller: (start in s, text or pause in s, text or pause, ...), and the length in s.
# Only the caller is heard. Re-time the starts here when the agent's replies change.

CALLS = {
    "appointment-call": (63.0, [
        (7.9, "I'd like to book an appointment"),
        (13.5, "on Tuesday", 0.350, "at half past three"),
        (22.0, "um let me think", 0.600, "the name is Peter Brown"),
        (28.5, "no wait", 0.120, "at four"),   # over the agent's read-back
        (38.7, "yes"),
        (49.8, "where can I park"),
        (59.2, "no thank you", 0.150, "goodbye"),
    ]),
    "lead-qualified": (81.9, [
        (11.3, "yes"),
        (17.3, "yes I do"),
        (24.1, "two hundred"),
        (32.7, "within three months"),
        (38.9, "my name is Peter Brown"),
        (45.4, "five five five", 0.300, "one two three", 0.300, "four five six seven"),
        (67.7, "yes"),
        (78.1, "no thank you", 0.150, "goodbye"),
    ]),
    "lead-unqualified": (79.2, [
        (11.3, "yes"),
        (17.3, "no"),
        (23.6, "sixty"),
        (32.0, "later"),
        (37.5, "Maria Garcia"),
        (43.2, "five five five", 0.300, "one two three", 0.300, "four five six seven"),
        (64.4, "yes"),
        (75.4, "no thank you", 0.150, "goodbye"),
    ]),
    "order-found": (31.2, [
        (8.5, "yes"),
        (14.3, "one two three", 0.300, "four five"),
        (27.4, "no thank you", 0.150, "goodbye"),
    ]),
    "order-not-found": (30.4, [
        (8.5, "where is my order"),
        (14.9, "nine nine nine", 0.300, "nine eight"),
        (26.6, "no thank you", 0.150, "goodbye"),
    ]),
}
CALL_VOICE = "rms"

# Shorter files for tests: (seconds, rows as above).
SHORT_SPEECH = (5.0, [(0.5, "I would like to speak", 0.300, "to somebody"), (3.6, "thank you")])
AGENT_SPEECH = (5.0, [(4.0, "good morning")])


# --- Samples: lists of float, -1...1 -------------------------------------------------------------------------------

def rms(samples):
    return math.sqrt(sum(x * x for x in samples) / len(samples)) if samples else 0.0


def gain(dbfs):
    return 10.0 ** (dbfs / 20.0)


def white(count, dbfs, seed):
    """Gaussian noise of that level."""
    noise = random.Random(seed)
    return [noise.gauss(0.0, gain(dbfs)) for _ in range(count)]


def hum(count, rate, dbfs):
    """Mains hum: 50 Hz and its odd harmonics up to 450 Hz, each weaker than the one before."""
    tones = [(50.0 * n, 1.0 / n) for n in (1, 3, 5, 7, 9)]
    raw = [sum(a * math.sin(2 * math.pi * f * i / rate) for f, a in tones) for i in range(count)]
    factor = gain(dbfs) / rms(raw)
    return [x * factor for x in raw]


def mixed(a, b):
    return [x + y for x, y in zip(a, b)]


@functools.lru_cache(maxsize=None)
def spoken(text, voice, rate, telephone):
    """One part: synthesized, band-limited, trimmed, levelled, faded."""
    with tempfile.TemporaryDirectory() as folder:
        wave = pathlib.Path(folder) / "part.wav"
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(wave)], check=True, capture_output=True)
        # -D: no dither. The pad keeps the filter's tail. 300 to 3,400 Hz is the telephone band (ITU-T G.712).
        effects = ["pad", "0.05", "0.05"] + (["sinc", "300-3400"] if telephone else [])
        made = subprocess.run(
            ["sox", "-D", str(wave), "-t", "raw", "-e", "signed", "-b", "16", "-r", str(rate), "-c", "1", "-",
             *effects],
            check=True, capture_output=True).stdout
    samples = [x / 32768.0 for x in array.array("h", made)]
    frame = rate // 100
    factor = gain(SPEECH_DBFS) / rms(trimmed(samples, frame))
    samples = trimmed([x * factor for x in samples], frame)
    fade = int(FADE_S * rate)
    for i in range(fade):
        samples[i] *= i / fade
        samples[-1 - i] *= i / fade
    return samples


def trimmed(samples, frame):
    """From the first to the last whole frame above TRIM_DBFS."""
    loud = [i for i in range(0, len(samples) - frame + 1, frame) if rms(samples[i:i + frame]) > gain(TRIM_DBFS)]
    return samples[loud[0]:loud[-1] + frame]


def longest_gap(samples, rate):
    """The longest run of 10 ms frames below TRIM_DBFS, in s: pauses the voice makes by itself."""
    frame, longest, run = rate // 100, 0, 0
    for i in range(0, len(samples) - frame + 1, frame):
        run = 0 if rms(samples[i:i + frame]) > gain(TRIM_DBFS) else run + 1
        longest = max(longest, run)
    return longest / 100


def conversation(table, rate, voice, telephone=True):
    """The samples of a table's one side, and label rows (start_s, end_s, turn, text)."""
    seconds, turns = table
    samples = [0.0] * int(seconds * rate)
    labels = []
    for number, (start, *parts) in enumerate(turns, 1):
        position = int(round(start * rate))
        for part in parts:
            if not isinstance(part, str):
                position += int(round(part * rate))
                continue
            speech = spoken(part, voice, rate, telephone)
            end = position + len(speech)
            if end > len(samples):
                raise SystemExit(f"{part!r} at {position / rate:.3f} s ends after the file's {seconds} s")
            if labels and position < labels[-1][1] * rate:
                raise SystemExit(f"{part!r} at {position / rate:.3f} s begins before the part before it ends")
            samples[position:end] = speech
            labels.append((position / rate, end / rate, number, part))
            position = end
    return samples, labels


# --- Files ---------------------------------------------------------------------------------------------------------

def int16(samples):
    return array.array("h", (max(-32768, min(32767, round(x * 32768))) for x in samples))


def mu_law(sample):
    """ITU-T G.711, with a bias of 132 and a clip of 32,635."""
    magnitude = min(abs(sample), 32635) + 132
    exponent = magnitude.bit_length() - 8
    return ~((0x80 if sample < 0 else 0) | exponent << 4 | (magnitude >> (exponent + 3)) & 15) & 0xFF


def write_wave(path, samples, rate, law=False):
    pcm = int16(samples)
    data = bytes(map(mu_law, pcm)) if law else pcm.tobytes()
    width = 1 if law else 2
    head = struct.pack("<HHIIHH", 7 if law else 1, 1, rate, rate * width, width, 8 * width)
    chunks = [(b"fmt ", head + (b"\0\0" if law else b""))]
    chunks += [(b"fact", struct.pack("<I", len(pcm)))] if law else []
    chunks += [(b"data", data)]
    body = b"WAVE" + b"".join(n + struct.pack("<I", len(d)) + d + b"\0" * (len(d) % 2) for n, d in chunks)
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)


def write_flac(path, sides, rate):
    """Interleaves the sides; sox encodes."""
    frames = array.array("h", (x for pair in zip(*map(int16, sides)) for x in pair))
    subprocess.run(
        ["sox", "-D", "-t", "raw", "-e", "signed", "-b", "16", "-r", str(rate), "-c", str(len(sides)), "-",
         "-C", "8", str(path)], input=frames.tobytes(), check=True, capture_output=True)


def write_opus(path, samples, rate):
    """Ogg Opus by libsndfile. The stream's serial number differs from run to run."""
    class Info(ctypes.Structure):
        _fields_ = [("frames", ctypes.c_int64)] + [
            (name, ctypes.c_int) for name in ("samplerate", "channels", "format", "sections", "seekable")]

    library = ctypes.CDLL("libsndfile.so.1")
    library.sf_open.restype = ctypes.c_void_p
    library.sf_writef_short.restype = ctypes.c_int64
    info = Info(0, rate, 1, 0x200000 | 0x64, 0, 0)
    file = library.sf_open(str(path).encode(), 0x20, ctypes.byref(info))
    if not file:
        raise SystemExit(f"{path}: libsndfile can not write Ogg Opus")
    pcm = int16(samples)
    data = (ctypes.c_short * len(pcm)).from_buffer(pcm)
    library.sf_writef_short(ctypes.c_void_p(file), data, ctypes.c_int64(len(pcm)))
    library.sf_close(ctypes.c_void_p(file))


def write_labels(folder, name, labels):
    with open(folder / f"{name}.labels.csv", "w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["start_s", "end_s", "turn", "text"])
        rows.writerows((f"{start:.6f}", f"{end:.6f}", turn, text) for start, end, turn, text in labels)


# --- The recordings: each writes one file and gives its labels -----------------------------------------------------

def make_call(path, name):
    speech, labels = conversation(CALLS[name], 8000, CALL_VOICE)
    write_wave(path, mixed(speech, white(len(speech), LINE_NOISE_DBFS, name)), 8000, law=True)
    return labels


def make_clean(path, name):
    speech, labels = conversation(SHORT_SPEECH, 8000, "rms")
    write_wave(path, speech, 8000)
    return labels


def make_noisy(path, name):
    speech, labels = conversation(SHORT_SPEECH, 8000, "rms")
    write_wave(path, mixed(speech, white(len(speech), SPEECH_DBFS - 10, name)), 8000)
    return labels


def make_hiss(path, name):
    write_wave(path, white(3 * 8000, -40, name), 8000)
    return []


def make_hum(path, name):
    write_wave(path, hum(3 * 8000, 8000, -30), 8000)
    return []


def make_stereo(path, name):
    caller, labels = conversation(SHORT_SPEECH, 16000, "rms", telephone=False)
    agent, replies = conversation(AGENT_SPEECH, 16000, "slt", telephone=False)
    write_flac(path, [caller, agent], 16000)
    return labels


def make_opus(path, name):
    speech, labels = conversation(SHORT_SPEECH, 16000, "rms", telephone=False)
    write_opus(path, speech, 16000)
    return labels


CALL_WORDS = ("the caller's side of a call, voice flite rms, telephone band, "
              f"Gaussian line noise at {LINE_NOISE_DBFS:.0f} dBFS; mu-law WAV, 8 kHz")

# name: (suffix, maker, how it was made)
RECORDINGS = {name: (".wav", make_call, CALL_WORDS) for name in CALLS} | {
    "speech-clean": (".wav", make_clean, "voice flite rms, telephone band, digital silence between; 16-bit WAV, 8 kHz"),
    "speech-noise-10db": (".wav", make_noisy, "speech-clean with Gaussian noise 10 dB below the speech; 16-bit WAV, "
                          "8 kHz"),
    "hiss": (".wav", make_hiss, "Gaussian noise at -40 dBFS, nobody speaks; 16-bit WAV, 8 kHz"),
    "hum": (".wav", make_hum, "50 Hz and odd harmonics to 450 Hz at -30 dBFS, nobody speaks; 16-bit WAV, 8 kHz"),
    "stereo-16k": (".flac", make_stereo, "left the caller (flite rms, labelled), right the agent (flite slt, "
                   "\"good morning\" from 4.0 s); FLAC, 16 kHz, two channels"),
    "speech-opus": (".opus", make_opus, "the caller's side of stereo-16k as Ogg Opus, 16 kHz, by libsndfile"),
}

MANIFEST_HEAD = """# Test audio

Made by `scripts/make-test-audio.py` with flite 2.2 and sox 14.4; nothing here was recorded from a person. The voices
rms and slt come with flite under its BSD-style licence, which lays no claim on what they say; the rest is computed.
The files are under the repository's licence.

Each `<name>.labels.csv` holds `start_s,end_s,turn,text`: the exact bounds of each part of an utterance, cut to its
first and last 10 ms frame above {trim:.0f} dBFS at a speech level of {speech:.0f} dBFS (root mean square of a part).
Parts of one turn share its number. The voice itself pauses inside a part by the longest gap given, at most.
"""


def manifest(folder):
    lines = [MANIFEST_HEAD.format(trim=TRIM_DBFS, speech=SPEECH_DBFS)]
    for name, (suffix, _, how) in RECORDINGS.items():
        labels = folder / f"{name}.labels.csv"
        if not labels.exists():
            continue
        size = (folder / (name + suffix)).stat().st_size
        lines.append(f"\n## {name}{suffix}\n\n{how[0].upper()}{how[1:]}. {size:,} bytes.\n")
        with open(labels, newline="") as file:
            rows = list(csv.DictReader(file))
        if rows:
            lines += ["| From (s) | To (s) | Turn | Text |", "|---|---|---|---|"]
            for row in rows:
                start, end = float(row["start_s"]), float(row["end_s"])
                lines.append(f"| {start:.3f} | {end:.3f} | {row['turn']} | {row['text']} |")
    (folder / "MANIFEST.md").write_text("\n".join(lines) + "\n")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("names", nargs="*", metavar="NAME", help="recordings to make (default: all)")
    options.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent.parent / "TestAudio")
    options = options.parse_args()
    unknown = set(options.names) - set(RECORDINGS)
    if unknown:
        raise SystemExit(f"no such recording: {', '.join(sorted(unknown))}; there are {', '.join(RECORDINGS)}")
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.names or RECORDINGS:
        suffix, make, _ = RECORDINGS[name]
        labels = make(options.out / (name + suffix), name)
        write_labels(options.out, name, labels)
        gaps = [longest_gap(spoken(text, CALL_VOICE, 8000, True), 8000) for *_, text in labels]
        print(f"{name}{suffix}: {len(labels)} parts, longest gap inside one {max(gaps, default=0):.2f} s")
    manifest(options.out)


if __name__ == "__main__":
    main()
