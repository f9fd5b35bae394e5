"""Recorded speech, noise and rooms, held in memory at 8 and 16 kHz.

The folder is described by its manifest.csv.  A speaker, or a recording of noise, belongs either to the part "train" or to
"check", by a hash of its name, so that the parts stay the same whatever is added.
"""
import csv
import os
import zlib
from dataclasses import dataclass, field

import numpy as np
import soundfile
from scipy import signal

RATES = (8000, 16000)
CHECK_SPEAKERS_PERCENT = 10
CHECK_NOISES_PERCENT = 15
# Sources whose `speaker` is not a person (the word spoken, or a group): each of their files counts as one talker.
FILES_ARE_TALKERS = ("wakeword", "precise")
# Never trained on, so that detectors may be measured with them: the prompts and hold music of Asterisk.
EXCLUDED_ORIGINS = ("asterisk/",)


@dataclass
class Recording:
    """Samples at both rates (float32), what it is, and for speech the spoken stretches in seconds, in order."""

    name: str
    samples: dict
    native_rate: int
    spans: list = field(default_factory=list)

    @property
    def spoken_s(self):
        return sum(end - start for start, end in self.spans)


def in_check(name, percent):
    return zlib.crc32(name.encode()) % 100 < percent


def read(path):
    """Samples at each of `RATES`, and the rate of the file."""
    samples, native = soundfile.read(path, dtype="float32")
    return {
        rate: samples if rate == native else signal.resample_poly(samples, rate, native).astype(np.float32)
        for rate in RATES
    }, native


def read_spans(path):
    with open(path, newline="") as file:
        return [(float(row["start_s"]), float(row["end_s"])) for row in csv.DictReader(file)]


class Talkers:
    """Talkers to draw from: sources by their seconds to the power 0.7, so that large ones do not drown the rest."""

    def __init__(self, talkers):
        by_source = {}
        for (source, _), recordings in sorted(talkers.items()):
            by_source.setdefault(source, []).append(recordings)
        self.groups, weights = [], []
        for source in sorted(by_source):
            seconds = np.array([sum(r.spoken_s for r in recordings) for recordings in by_source[source]])
            self.groups.append((by_source[source], seconds / seconds.sum()))
            weights.append(seconds.sum() ** 0.7)
        self.weights = np.array(weights) / np.sum(weights)
        self.recordings = [r for group, _ in self.groups for recordings in group for r in recordings]

    def pick(self, rng):
        """The recordings of one talker."""
        talkers, weights = self.groups[rng.choice(len(self.groups), p=self.weights)]
        return talkers[rng.choice(len(talkers), p=weights)]


class Material:
    """Everything recorded of one part: labelled speech (others are left out), noise by kind, room responses."""

    def __init__(self, folder, part):
        talkers, self.noise, self.rooms = {}, {}, []
        with open(os.path.join(folder, "manifest.csv"), newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            if row["origin"].startswith(EXCLUDED_ORIGINS):
                continue
            path = os.path.join(folder, row["file"])
            if row["kind"] == "speech":
                held_out = in_check(row["source"] + "/" + row["speaker"], CHECK_SPEAKERS_PERCENT)
                if row["labelled"] == "yes" and held_out == (part == "check"):
                    recording = Recording(row["file"], *read(path), read_spans(os.path.splitext(path)[0] + ".csv"))
                    who = row["file"] if row["source"] in FILES_ARE_TALKERS else row["speaker"]
                    if recording.spans:
                        talkers.setdefault((row["source"], who), []).append(recording)
            elif row["speaker"] == "rir":
                self.rooms.append(Recording(row["file"], *read(path)))
            elif in_check(row["origin"] or row["file"], CHECK_NOISES_PERCENT) == (part == "check"):
                self.noise.setdefault(row["speaker"], []).append(Recording(row["file"], *read(path)))
        self.talkers = Talkers(talkers)
        self.wide_talkers = Talkers(
            {who: wide for who, all_ in talkers.items() if (wide := [r for r in all_ if r.native_rate == 16000])}
        )
