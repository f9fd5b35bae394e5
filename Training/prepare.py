"""Writes augmented calls to train and check the detector of voice.

    python3 Training/prepare.py MATERIAL OUT --hours 30 --check-hours 1.5 --seed 1 --processes 2

MATERIAL  folder with manifest.csv, speech/ and noise/ (see its README).
OUT       gets shards `{train,check}-{8k,16k}-NNN`, each of 60 clips of 20 s:
          .raw     int16, little-endian, mono: the clips one after another
          .labels  uint8 a hop of 10 ms (2000 a clip): 0 no speech, 1 speech, 255 does not count
          .csv     one row a clip: how it was drawn

Shards appear whole (written aside, then renamed; .raw is last), those to check first, the rates in turn.  Every clip has a
generator of its own, seeded by part, rate, shard and place, so the number of processes does not matter; shards that are
there already are kept.  Needs what requirements.txt lists, and libopus.
"""
import argparse
import csv
import math
import multiprocessing
import os
import time
import traceback

import numpy as np

import scenes
from material import Material

CLIPS = 60
PARTS = ("train", "check")
PERCENT_8K = 60

material = {}  # By part; filled before the processes fork, so that they share it.


def plan(part, hours):
    """(part, rate, shard) in the order they are made, 60 % of them at 8 kHz."""
    shards = max(2, math.ceil(hours * 3600 / scenes.SECONDS / CLIPS))
    jobs, made = [], {8000: 0, 16000: 0}
    for k in range(shards):
        rate = 8000 if made[8000] * 100 <= k * PERCENT_8K else 16000
        jobs.append((part, rate, made[rate]))
        made[rate] += 1
    return jobs


def write(path, data):
    with open(path + ".part", "wb") as file:
        file.write(data)
    os.replace(path + ".part", path)


def make_shard(job):
    """Writes one shard; returns its name, seconds taken, hops of speech and hops in clips with speech."""
    part, rate, shard, out, seed = job
    name = "%s-%dk-%03d" % (part, rate // 1000, shard)
    path = os.path.join(out, name)
    if os.path.exists(path + ".raw"):
        return name, 0.0, 0, 0
    started = time.monotonic()
    all_samples, all_labels, rows = [], [], []
    for place in range(CLIPS):
        key = [seed, PARTS.index(part), rate, shard, place]
        try:
            samples, labels, note = scenes.clip(material[part], rate, np.random.default_rng(key))
        except Exception as error:
            raise RuntimeError("clip %s: %s" % (key, traceback.format_exc())) from error
        assert samples.dtype == np.int16 and len(samples) == scenes.SECONDS * rate and len(labels) == scenes.HOPS
        all_samples.append(samples)
        all_labels.append(labels)
        rows.append({"clip": place, **note})
    with open(path + ".csv", "w", newline="") as file:
        table = csv.DictWriter(file, scenes.COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    labels = np.concatenate(all_labels)
    write(path + ".labels", labels.tobytes())
    write(path + ".raw", np.concatenate(all_samples).astype("<i2").tobytes())
    spoken = labels.reshape(CLIPS, -1) == scenes.SPEECH
    return name, time.monotonic() - started, int(spoken.sum()), int(spoken.any(1).sum()) * scenes.HOPS


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("material")
    parser.add_argument("out")
    parser.add_argument("--hours", type=float, default=30)
    parser.add_argument("--check-hours", type=float, default=1.5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    for part in PARTS:
        material[part] = Material(options.material, part)
    jobs = plan("check", options.check_hours) + plan("train", options.hours)
    jobs = [job + (options.out, options.seed) for job in jobs]
    spoken = among = 0
    with multiprocessing.get_context("fork").Pool(options.processes) as pool:
        for name, seconds, speech, hops in pool.imap(make_shard, jobs):
            spoken, among = spoken + speech, among + hops
            pace = CLIPS * scenes.SECONDS / seconds if seconds else 0
            print("%s  %.0f times real time, speech %.1f %% of clips with speech so far"
                  % (name, pace, 100 * spoken / max(among, 1)), flush=True)


if __name__ == "__main__":
    main()
