"""Runs every detector over a corpus and judges it: quality.json in the output folder.

    quality.py CORPUS OUTPUT --executable VAD_BENCH --libraries FOLDER

A recording at another rate than a detector's is resampled with a linear phase first; the time the filter looks ahead
is added to the times of the values.  Predictions stay in OUTPUT/predictions/<detector>/<clip>.csv.  A corpus that
brings its own score.py judges too: its figures and ours must be equal.
"""
import argparse
import json
import math
import os
import subprocess
import sys

import numpy as np

import corpus
import detectors
import resample
import score

WINDOWS_MS = (300, 500)


def audio_at(clip, rate, folder):
    """16-bit samples at `rate`, made once; and the filter's delay."""
    path = os.path.join(folder, str(rate), clip.name + ".s16")
    samples, source = None, os.path.join(folder, "rates", clip.name)
    if not os.path.exists(path):
        samples, own = corpus.samples(clip)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.makedirs(os.path.dirname(source), exist_ok=True)
        resample.resample(samples, own, rate).tofile(path)
        with open(source, "w") as file:
            file.write(str(own))
    with open(source) as file:
        own = int(file.read())
    return np.fromfile(path, np.int16), resample.delay_s(own, rate)


def predict(detector, clip, audio):
    samples, delay = audio_at(clip, detector.rate, audio)
    values = detector.values(samples)
    times = np.round((np.arange(len(values)) + 1) * detector.hop / detector.rate + delay, 6)
    return clip, times, values


def write(folder, judged):
    os.makedirs(folder, exist_ok=True)
    for clip, times, values in judged:
        with open(os.path.join(folder, clip.name + ".csv"), "w") as file:
            file.write("time_s,probability\n")
            file.writelines(f"{time:.6f},{value:.17g}\n" for time, value in zip(times, values))


def groups(judged):
    """Clips by set; the noisy set also by its tags, noise alone by its kind."""
    result = {"all": judged}
    for one in judged:
        clip = one[0]
        result.setdefault("set " + clip.set, []).append(one)
        if is_number(clip.tags.get("snr_db")):
            result.setdefault(f"{clip.set} at {clip.tags['snr_db']} dB", []).append(one)
        if len(clip.turns) == 0:
            result.setdefault("no speech", []).append(one)
            result.setdefault("kind " + (clip.tags.get("noise") or clip.name), []).append(one)
    return result


def is_number(text):
    try:
        return text is not None and math.isfinite(float(text))
    except ValueError:
        return False


# ---- the corpus' own scorer


def compare(folder, predictions, own):
    """Judges with the corpus' score.py as well; -> how many figures there were, the largest difference."""
    report = os.path.join(predictions, "..", "theirs.json")
    windows = ",".join(map(str, WINDOWS_MS))
    line = [sys.executable, os.path.join(folder, "score.py"), folder, predictions]
    line += ["--group", "set", "--windows", windows, "--json", report]
    subprocess.run(line, check=True, capture_output=True)
    with open(report) as file:
        theirs = json.load(file)
    names = dict(
        onset_p50_ms="onset_p50",
        onset_p95_ms="onset_p95",
        false_per_minute="false_per_min",
        missed_percent="missed_pct",
        cut_ins_per_100="cut_per_100",
        end_p50_ms="end_p50",
        end_p95_ms="end_p95",
    )
    differences = []
    for group, figures in theirs.items():
        ours = own["all" if group == "all" else "set " + group]
        differences.append(difference(ours["auc"], figures["auc"]))
        for one in figures["endpoint"]:
            mine = ours[str(one["window_ms"])]
            differences += [difference(mine[name], one[other]) for name, other in names.items()]
    return len(differences), max(differences)


def difference(a, b):
    if math.isnan(a) or math.isnan(b):
        return 0.0 if math.isnan(a) and math.isnan(b) else math.inf
    return abs(a - b)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("output")
    parser.add_argument("--executable", required=True, help="vad-bench")
    parser.add_argument("--libraries", required=True, help="folder with a libc++ for TEN")
    a = parser.parse_args()
    clips, unlabelled = corpus.load(a.corpus)
    if not clips:
        sys.exit(f"bench-peers: no labelled recording in '{a.corpus}'")
    for name in unlabelled:
        print(f"bench-peers: no labels for {name}, left out", file=sys.stderr)
    audio = os.path.join(a.output, "audio")
    os.makedirs(audio, exist_ok=True)
    sets = list(dict.fromkeys(clip.set for clip in clips))
    minutes = sum(clip.duration_s for clip in clips) / 60
    report = {"clips": len(clips), "minutes": minutes, "sets": sets, "detectors": []}
    print(f"{len(clips)} clips, {minutes:.1f} minutes", file=sys.stderr)
    for name, detector in detectors.all_detectors(a.executable, a.libraries, audio):
        entry = {"name": name}
        report["detectors"].append(entry)
        if isinstance(detector, str):
            entry["missing"] = detector
            print(f"{name}: {detector}", file=sys.stderr)
            continue
        judged = [predict(detector, clip, audio) for clip in clips]
        entry |= {"version": detector.version, "rate": detector.rate}
        entry["groups"] = {group: score.judge(members, WINDOWS_MS) for group, members in groups(judged).items()}
        folder = os.path.join(a.output, "predictions", name.replace(" ", "-"))
        write(folder, judged)
        print(f"{name}: AUC {entry['groups']['all']['auc']:.4f} over all", file=sys.stderr)
        if os.path.exists(os.path.join(a.corpus, "score.py")):
            entry["compared"], entry["largest_difference"] = compare(a.corpus, folder, entry["groups"])
            if entry["largest_difference"] > 1e-6:
                sys.exit(f"bench-peers: the corpus' scorer differs by {entry['largest_difference']}")
    with open(os.path.join(a.output, "quality.json"), "w") as file:
        json.dump(report, file, indent=1)


if __name__ == "__main__":
    main()
