"""Mixes labelled speech and noise into calls as a telephone line brings them (numpy, scipy, soundfile).

`calls(folder, count, seed, part)` yields (int16 samples at 8 kHz, labels a 10 ms hop: 1 speech, 0 not).  Everything is
drawn from one seeded generator; `part` is "train" or "check", which never share a speaker or a recording of noise.
"""
import csv
import os
import zlib

import numpy as np
import soundfile
from scipy import signal

RATE = 8000
HOP = 80


def is_check(name, percent):
    """Whether a speaker or recording belongs to the part that checks: by a hash of its name."""
    return zlib.crc32(name.encode()) % 100 < percent


def read(path):
    samples, rate = soundfile.read(path, dtype="float32")
    if rate != RATE:
        samples = signal.resample_poly(samples, RATE, rate).astype(np.float32)
    return samples


def hop_labels(path, hops):
    labels = np.zeros(hops, np.uint8)
    middle = (np.arange(hops) + 0.5) * HOP / RATE
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            labels[(middle >= float(row["start_s"])) & (middle < float(row["end_s"]))] = 1
    return labels


class Material:
    """Speech and noise of one part, at 8 kHz, in memory."""

    def __init__(self, folder, part):
        self.speech, self.noise, self.rooms = [], {}, []
        with open(os.path.join(folder, "manifest.csv"), newline="") as file:
            for row in csv.DictReader(file):
                path = os.path.join(folder, row["file"])
                if row["kind"] == "speech":
                    name = row["source"] + "/" + row["speaker"]
                    if row["labelled"] == "yes" and is_check(name, 15) == (part == "check"):
                        samples = read(path)
                        labels = hop_labels(os.path.splitext(path)[0] + ".csv", len(samples) // HOP)
                        self.speech.append((samples[: len(labels) * HOP], labels))
                elif row["speaker"] == "rir":
                    self.rooms.append(read(path))
                elif is_check(row["file"], 20) == (part == "check"):
                    self.noise.setdefault(row["speaker"], []).append(read(path))
        seconds = np.array([len(s) for s, _ in self.speech], float)
        self.weights = seconds / seconds.sum()

    def pick_speech(self, rng):
        return self.speech[rng.choice(len(self.speech), p=self.weights)]


def active_level(samples, labels):
    """Root mean square of the labelled hops."""
    hops = samples[: len(labels) * HOP].reshape(-1, HOP)[labels > 0]
    return np.sqrt(np.mean(hops**2) + 1e-12) if len(hops) else 1e-6


def rms(samples):
    """Root mean square of the louder parts: hops within 20 dB of the loudest."""
    hops = samples[: len(samples) // HOP * HOP].reshape(-1, HOP)
    power = np.mean(hops**2, 1) if len(hops) else np.array([np.mean(samples**2)])
    return np.sqrt(power[power > power.max() * 0.01].mean() + 1e-14)


def db(value):
    return 10 ** (value / 20)


def looped(samples, count, rng):
    """`count` samples, repeated with a random start; half of the time with pauses between the repeats."""
    out = np.zeros(count, np.float32)
    pauses = rng.random() < 0.5
    at = 0
    start = rng.integers(len(samples)) if len(samples) > RATE and not pauses else 0
    while at < count:
        piece = samples[start:]
        n = min(len(piece), count - at)
        out[at : at + n] = piece[:n]
        at += n + (int(rng.uniform(0.1, 2.0) * RATE) if pauses else 0)
        start = 0
    return out


def hum(count, rng):
    base = rng.choice([50.0, 60.0]) * rng.uniform(0.998, 1.002)
    t = np.arange(count) / RATE
    out = np.zeros(count)
    for k in range(1, rng.integers(4, 30)):
        out += rng.uniform(0, 1) / k ** rng.uniform(0, 1.2) * np.sin(2 * np.pi * base * k * t + rng.uniform(0, 6.3))
    return out.astype(np.float32)


def tones(count, rng):
    """Signalling: one or two steady frequencies, on and off."""
    t = np.arange(count) / RATE
    out = np.zeros(count)
    for _ in range(rng.integers(1, 3)):
        out += np.sin(2 * np.pi * rng.uniform(300, 1700) * t)
    on, off = rng.uniform(0.06, 2.0), rng.uniform(0.05, 3.0)
    return (out * ((t + rng.uniform(0, 3)) % (on + off) < on)).astype(np.float32)


def coloured(count, rng):
    out = rng.standard_normal(count)
    pole = rng.uniform(-0.3, 0.97)
    out = signal.lfilter([1], [1, -pole], out)
    if rng.random() < 0.3:
        swing = rng.uniform(0.1, 2.0)
        out *= db(6 * np.sin(2 * np.pi * swing * np.arange(count) / RATE))
    return out.astype(np.float32)


def babble(count, material, rng):
    """Eight and more talkers at once."""
    out = np.zeros(count, np.float32)
    for _ in range(rng.integers(8, 16)):
        samples, labels = material.pick_speech(rng)
        voice = np.tile(samples, count // len(samples) + 2)
        start = rng.integers(len(samples))
        out += voice[start : start + count] / active_level(samples, labels) * rng.uniform(0.5, 1)
    return out


def some_noise(count, material, rng):
    kind = rng.random()
    if kind < 0.14:
        out = hum(count, rng)
    elif kind < 0.21:
        out = tones(count, rng)
    elif kind < 0.31:
        out = coloured(count, rng)
    elif kind < 0.41:
        out = babble(count, material, rng)
    else:
        recordings = material.noise[rng.choice(sorted(material.noise))]
        out = looped(recordings[rng.integers(len(recordings))], count, rng)
    return out / rms(out)


def dialogue(count, material, rng):
    """Speech with pauses: stretches of files one after another, at one level each."""
    samples = np.zeros(count, np.float32)
    labels = np.zeros(count // HOP, np.uint8)
    at = int(rng.uniform(0, 3) * RATE) // HOP if rng.random() < 0.9 else 0
    while at < len(labels):
        voice, marks = material.pick_speech(rng)
        first = rng.integers(max(1, len(marks) - 100))
        length = min(int(rng.uniform(100, 1000)), len(marks) - first, len(labels) - at)
        gain = db(rng.uniform(-3, 3)) / active_level(voice, marks)
        piece = voice[first * HOP : (first + length) * HOP] * gain
        fade = min(80, len(piece) // 2)
        piece[:fade] *= np.linspace(0, 1, fade)
        piece[len(piece) - fade :] *= np.linspace(1, 0, fade)
        samples[at * HOP : (at + length) * HOP] = piece
        labels[at : at + length] = marks[first : first + length]
        at += length + int(rng.uniform(0.2, 4.0) * RATE / HOP)
    return samples, labels


def room(samples, material, rng):
    if rng.random() < 0.4 and material.rooms:
        response = material.rooms[rng.integers(len(material.rooms))].copy()
        response = response[np.argmax(np.abs(response)) :][: RATE // 2]
    else:
        t = np.arange(int(0.4 * RATE)) / RATE
        response = rng.standard_normal(len(t)) * db(-60 * t / rng.uniform(0.15, 0.6)) * db(rng.uniform(-30, -12))
        response[0] = 1
    return signal.fftconvolve(samples, response)[: len(samples)].astype(np.float32)


def line(samples, rng):
    """What the line does: band, mu-law or plain 16 bit."""
    if rng.random() < 0.6:
        band = [rng.uniform(150, 350), rng.uniform(3100, 3800)]
        samples = signal.sosfilt(signal.butter(rng.integers(2, 5), band, "bandpass", fs=RATE, output="sos"), samples)
    elif rng.random() < 0.5:
        samples = signal.sosfilt(signal.butter(2, rng.uniform(30, 150), "highpass", fs=RATE, output="sos"), samples)
    samples = np.clip(samples, -1, 32767 / 32768)
    if rng.random() < 0.7:
        return mu_law(np.round(samples * 32768))
    return np.round(samples * 32768).astype(np.int16)


def mu_law(x):
    """G.711 mu-law and back: eight chords of sixteen steps on 14 bits."""
    size = np.minimum(np.abs(x), 32635) + 132
    exponent = np.floor(np.log2(size)).astype(int) - 7
    step = 2.0 ** (exponent + 3)
    return (np.sign(x) * (np.floor(size / step) * step + step / 2 - 132)).astype(np.int16)


def calls(folder, count, seed, part, seconds=30):
    """`count` calls of `seconds` each."""
    rng = np.random.default_rng([seed, part == "check"])
    material = Material(folder, part)
    for _ in range(count):
        n = seconds * RATE
        style = rng.random()
        speech, labels = dialogue(n, material, rng)
        if style < 0.12:
            speech[:], labels[:] = 0, 0
        if rng.random() < 0.15:
            speech = room(speech, material, rng)
        out = speech * db(np.clip(rng.normal(-27, 5), -45, -16))
        level = rms(out) if labels.any() else db(rng.uniform(-50, -20))
        if style > 0.35 or style < 0.10:
            noise = some_noise(n, material, rng)
            if rng.random() < 0.25:
                noise[: int(rng.uniform(0, 0.8) * n)] = 0
            out = out + noise * level / db(rng.uniform(-2, 25) if labels.any() else 0)
        hiss = rng.uniform(-80, -48)
        if hiss > -75:
            out = out + rng.standard_normal(n).astype(np.float32) * db(hiss)
        if rng.random() < 0.1:
            out = out + rng.uniform(-0.05, 0.05)
        yield line(out, rng), labels
