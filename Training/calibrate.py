#!/usr/bin/env python3
"""Fits, for each rate, the scale and offset that make a network's 0.5 mean one half, on the held-out calls.

    calibrate.py NETWORK.pt SHARDS --tool VAD_BENCH

Prints the reliability curve before and after (probability said, share of hops that were speech, hops) for 8 and 16 kHz,
clean and noisy, and last a line for export.py: --calibration SCALE_8K OFFSET_8K SCALE_16K OFFSET_16K.
"""
import argparse
import csv
import os

import numpy as np
import torch

from network import Network
from train import load, shards

EDGES = np.array([0, 0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95, 1.0001])


def held_out(model, folder, tool):
    """-> {(rate, "clean" or "noisy"): (logits, labels)} of the hops that count."""
    parts = {}
    for name in shards(folder, "check"):
        rate = "16k" if "-16k-" in name else "8k"
        features, labels = load(folder, name, tool)
        with open(os.path.join(folder, name + ".csv"), newline="") as file:
            notes = list(csv.DictReader(file))
        with torch.no_grad():
            logits = model(torch.from_numpy(features.astype(np.float32)))[0].numpy()
        for row, note in enumerate(notes):
            keep = labels[row] != 255
            quiet = note["snr_db"] == "" and note["style"] != "none" or note["snr_db"] and float(note["snr_db"]) >= 20
            parts.setdefault((rate, "clean" if quiet else "noisy"), []).append((logits[row][keep], labels[row][keep]))
    return {key: tuple(np.concatenate(x) for x in zip(*list_)) for key, list_ in parts.items()}


def platt(logits, labels, steps=60):
    """Scale and offset of the logits with the least loss (Newton's method)."""
    x = np.stack([logits, np.ones_like(logits)], 1).astype(np.float64)
    w = np.array([1.0, 0.0])
    for _ in range(steps):
        p = 1 / (1 + np.exp(-x @ w))
        slope = x.T @ (p - labels)
        curve = (x * (p * (1 - p))[:, None]).T @ x + 1e-6 * np.eye(2)
        w -= np.linalg.solve(curve, slope)
    return w


def curve(logits, labels, scale, offset):
    said = 1 / (1 + np.exp(-(logits * scale + offset)))
    place = np.digitize(said, EDGES) - 1
    for k in range(len(EDGES) - 1):
        chosen = place == k
        if chosen.any():
            yield said[chosen].mean(), labels[chosen].mean(), int(chosen.sum())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("network")
    parser.add_argument("shards")
    parser.add_argument("--tool", required=True)
    a = parser.parse_args()
    torch.set_num_threads(1)
    state = torch.load(a.network)
    model = Network(state["end.weight"].shape[1], state["mean"].numpy(), state["deviation"].numpy())
    model.load_state_dict(state)
    parts = held_out(model, a.shards, a.tool)
    line = []
    for rate in ("8k", "16k"):
        both = [parts[key] for key in sorted(parts) if key[0] == rate]
        logits, labels = (np.concatenate(x) for x in zip(*both))
        scale, offset = platt(logits, labels)
        line += ["%.4f" % scale, "%.4f" % offset]
        for quality in ("clean", "noisy"):
            x, y = parts[rate, quality]
            for title, w in (("before", (1, 0)), ("after", (scale, offset))):
                row = "  ".join("%.2f→%.2f" % (said, true) for said, true, _ in curve(x, y, *w))
                print("%-3s %s %-6s  %s" % (rate, quality, title, row))
    print("--calibration", *line)


if __name__ == "__main__":
    main()
