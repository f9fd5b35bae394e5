"""Times every detector over the same audio, on one core in turn: cost.json in the output folder.

    taskset -c 0 cost.py OUTPUT --executable VAD_BENCH --libraries FOLDER [--rounds 7]

A round is one pass of each detector; the least of the rounds counts, in processor time, so that what else the machine
does falls on all alike and mostly falls away.  The audio is what quality.py left: a minute of the first clips with
noise and speech.
"""
import argparse
import json
import os

import numpy as np

import detectors

SECONDS = 60


def audio_of(output, rate):
    folder = os.path.join(output, "audio", str(rate))
    names = sorted(os.listdir(folder))
    chosen = [name for name in names if name.startswith("tel_")] or names
    parts, length = [], 0
    for name in chosen:
        if length >= SECONDS * rate:
            break
        parts.append(np.fromfile(os.path.join(folder, name), np.int16))
        length += len(parts[-1])
    return np.concatenate(parts)[: SECONDS * rate]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("output")
    parser.add_argument("--executable", required=True, help="vad-bench")
    parser.add_argument("--libraries", required=True, help="folder with a libc++ for TEN")
    parser.add_argument("--rounds", type=int, default=7)
    a = parser.parse_args()
    load = [os.getloadavg()[0]]
    audio = {rate: audio_of(a.output, rate) for rate in (8_000, 16_000)}
    folder = os.path.join(a.output, "audio")
    found = [one for _, one in detectors.all_detectors(a.executable, a.libraries, folder) if not isinstance(one, str)]
    least, worst = {}, {}
    for _ in range(a.rounds):
        for detector in found:
            samples = audio[detector.rate]
            value = detector.seconds(samples) * 1e6 / (len(samples) / detector.rate * 50)
            least[detector.name] = min(least.get(detector.name, value), value)
            worst[detector.name] = max(worst.get(detector.name, value), value)
    load.append(os.getloadavg()[0])
    report = {"load": load, "cpus": sorted(os.sched_getaffinity(0)), "rounds": a.rounds, "detectors": {}}
    for detector in found:
        entry = {"us_per_20_ms": least[detector.name], "slowest_us": worst[detector.name]}
        if hasattr(detector, "call_seconds"):
            entry["call_us"] = detector.call_seconds() * 1e6 * 0.020 * detector.rate / detector.hop
        report["detectors"][detector.name] = entry
    report["seconds"] = len(audio[8_000]) / 8_000
    with open(os.path.join(a.output, "cost.json"), "w") as file:
        json.dump(report, file, indent=1)


if __name__ == "__main__":
    main()
