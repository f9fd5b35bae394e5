"""Reads a labelled corpus: a folder of WAV or FLAC recordings, each with a CSV of its stretches of speech.

    audio/<clip>.wav|flac    or the recordings in the folder itself
    labels/<clip>.csv        or <clip>.csv or <clip>.labels.csv beside the recording
                             start_s,end_s[,turn]: a row a stretch of speech; rows that share `turn` are one turn,
                             without that column each row is a turn of its own; no row: nobody speaks
    manifest.csv             optional: clip,set,duration_s and any other columns, kept as the clip's tags

Without a manifest all clips are one set, `all`.  Recordings without labels are left out, and named.
"""
import csv
import os
from dataclasses import dataclass, field

import numpy as np
import soundfile


@dataclass
class Clip:
    name: str
    path: str
    set: str
    duration_s: float
    speech: np.ndarray  # n x 2, seconds
    turns: np.ndarray  # m x 2, seconds, in order
    tags: dict = field(default_factory=dict)


def load(folder):
    """-> the clips, by name; the names of recordings without labels"""
    manifest = read_manifest(folder)
    inside = os.path.join(folder, "audio")
    audio = inside if os.path.isdir(inside) else folder
    clips, unlabelled = [], []
    for file in sorted(os.listdir(audio)):
        name, ending = os.path.splitext(file)
        if ending.lower() not in (".wav", ".flac") or (manifest and name not in manifest):
            continue
        path = os.path.join(audio, file)
        labels = find_labels(folder, audio, name)
        if labels is None:
            unlabelled.append(name)
            continue
        speech, turns = read_labels(labels)
        row = manifest.get(name, {})
        info = soundfile.info(path)
        duration = float(row.get("duration_s") or info.frames / info.samplerate)
        clips.append(Clip(name, path, row.get("set") or "all", duration, speech, turns, row))
    return clips, unlabelled


def read_manifest(folder):
    path = os.path.join(folder, "manifest.csv")
    if not os.path.exists(path):
        return {}
    with open(path, newline="") as file:
        return {row["clip"]: row for row in csv.DictReader(file)}


def find_labels(folder, audio, name):
    places = [
        os.path.join(folder, "labels", name + ".csv"),
        os.path.join(audio, name + ".labels.csv"),
        os.path.join(audio, name + ".csv"),
    ]
    return next((place for place in places if os.path.exists(place)), None)


def read_labels(path):
    """-> stretches of speech, and turns: from a turn's first start to its last end"""
    stretches, bounds = [], {}
    with open(path, newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            start, end = float(row["start_s"]), float(row["end_s"])
            stretches.append((start, end))
            turn = row.get("turn") or f"row {number}"
            first, last = bounds.get(turn, (start, end))
            bounds[turn] = (min(first, start), max(last, end))
    return np.array(stretches).reshape(-1, 2), np.array(sorted(bounds.values())).reshape(-1, 2)


def samples(clip):
    """-> 16-bit mono samples, and their rate; of more channels the first"""
    audio, rate = soundfile.read(clip.path, dtype="int16", always_2d=True)
    return np.ascontiguousarray(audio[:, 0]), rate
