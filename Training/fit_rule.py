"""Fits the weights of the detector's rule and writes them as a Swift constant.

    python3 Training/fit_rule.py MATERIAL EXPORTER > Sources/VoiceActivity/SpeechRule+Weights.swift

MATERIAL  folder with manifest.csv, speech/ and noise/ (see its README).
EXPORTER  `vad-bench` of the Benchmarks package: `EXPORTER features 8000 IN.s16 OUT.f32` runs the Swift feature
          extractor, so that what is fitted is what runs.

700 calls of 30 s are mixed to fit, 150 from other speakers and other noise to check (see mixing.py; both seeded).  The
rule is a logistic regression on the 64 features, fitted by Adam on standardised values; mean and deviation are folded
into the weights.  Needs numpy, scipy, soundfile; takes about a minute.
"""
import os
import subprocess
import sys
import tempfile

import numpy as np

import mixing

FEATURES = 64
VECTOR = 108  # What the extractor writes; the rule reads the first of it.
SEED = 1


def vectors(material, exporter, count, part, folder):
    """Features and labels of `count` mixed calls; each call starts with a fresh extractor."""
    all_features, all_labels = [], []
    source, target = os.path.join(folder, "call.s16"), os.path.join(folder, "call.f32")
    for samples, labels in mixing.calls(material, count, SEED, part):
        samples.tofile(source)
        subprocess.run([exporter, "features", "8000", source, target], check=True)
        all_features.append(np.fromfile(target, "f4").reshape(-1, VECTOR)[:, :FEATURES])
        all_labels.append(labels)
    return np.concatenate(all_features), np.concatenate(all_labels).astype("f4")


def probability(weights, bias, features):
    return 1 / (1 + np.exp(-(features @ weights + bias)))


def fit(features, labels, passes=3, batch=4096, rate=3e-3, decay=1e-4):
    rng = np.random.default_rng(SEED)
    weights = np.zeros(FEATURES + 1, "f4")
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    steps = passes * (len(labels) // batch)
    step = 0
    for _ in range(passes):
        order = rng.permutation(len(labels))
        for k in range(len(labels) // batch):
            rows = order[k * batch : (k + 1) * batch]
            error = (probability(weights[:-1], weights[-1], features[rows]) - labels[rows]) / batch
            slope = np.append(features[rows].T @ error, error.sum())
            step += 1
            mean = 0.9 * mean + 0.1 * slope
            square = 0.999 * square + 0.001 * slope**2
            now = rate * 0.5 * (1 + np.cos(np.pi * step / steps))
            weights -= now * (mean / (1 - 0.9**step) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8) + decay * weights)
    return weights[:-1], weights[-1]


def area_under_curve(labels, scores):
    order = np.argsort(scores, kind="mergesort")
    ranks = np.empty(len(order))
    ranks[order] = np.arange(1, len(order) + 1)
    positive = labels > 0
    n, m = positive.sum(), (~positive).sum()
    return (ranks[positive].sum() - n * (n + 1) / 2) / (n * m)


def swift(weights, bias, auc):
    rows = [", ".join("%.6g" % w for w in weights[i : i + 8]) for i in range(0, FEATURES, 8)]
    body = "".join("        " + row + ",\n" for row in rows)
    return (
        "// Made by Training/fit_rule.py; do not edit by hand.\n"
        "// Area under the curve on mixed calls of speakers and noises that were not fitted: %.4f.\n\n"
        "extension SpeechRule {\n"
        "    /// One weight a feature, in the order of `VoiceFeatures`, per unit of the feature.\n"
        "    static let fittedWeights: [Float] = [\n%s    ]\n\n"
        "    static let fittedBias: Float = %.6g\n"
        "}\n" % (auc, body, bias)
    )


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    material, exporter = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        features, labels = vectors(material, exporter, 700, "train", folder)
        check, check_labels = vectors(material, exporter, 150, "check", folder)
    centre, scale = features.mean(0), features.std(0) + 1e-6
    weights, bias = fit((features - centre) / scale, labels)
    auc = area_under_curve(check_labels, ((check - centre) / scale) @ weights)
    print("checked: %.4f" % auc, file=sys.stderr)
    folded = weights / scale
    sys.stdout.write(swift(folded, bias - centre @ folded, auc))


if __name__ == "__main__":
    main()
