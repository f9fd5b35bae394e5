#!/usr/bin/env python3
"""Trains the detector's network on prepared shards (prepare.py) and keeps the best weights on the held-out ones.

    train.py SHARDS OUT.pt --tool VAD_BENCH [--minutes 60] [--hidden 80] [--seed 1]

Features are computed by the Swift library itself (`vad-bench features`), so that training and run time cannot differ.
The learning curve goes to OUT.csv: seconds, hours of audio seen, loss, and loss and area under the ROC curve on the
held-out calls at 8 and 16 kHz.
"""
import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
import torch
from torch import nn

from network import FEATURES, UPPER, Network

CLIP_SECONDS = 20
HOPS = CLIP_SECONDS * 100


def shards(folder, part):
    names = sorted(n[:-4] for n in os.listdir(folder) if n.startswith(part + "-") and n.endswith(".raw"))
    return [n for n in names if os.path.exists(os.path.join(folder, n + ".labels"))]


def load(folder, name, tool):
    """-> features (clips, hops, FEATURES) as float16, labels (clips, hops)."""
    rate = 16000 if "-16k-" in name else 8000
    base = os.path.join(folder, name)
    with tempfile.NamedTemporaryFile(suffix=".f32") as out:
        subprocess.run([tool, "features", str(rate), base + ".raw", out.name, str(CLIP_SECONDS)], check=True)
        values = np.fromfile(out.name, np.float32)
    labels = np.fromfile(base + ".labels", np.uint8).reshape(-1, HOPS)
    return values.reshape(len(labels), HOPS, FEATURES).astype(np.float16), labels


def area(labels, scores):
    """Area under the ROC curve; ties count half."""
    values, inverse = np.unique(scores, return_inverse=True)
    positive = np.bincount(inverse, labels, len(values))
    negative = np.bincount(inverse, 1 - labels, len(values))
    below = np.cumsum(negative) - negative
    return float((positive * (below + negative / 2)).sum() / max(1, positive.sum() * negative.sum()))


def evaluate(model, held_out):
    """-> {rate: (loss, area)} on the held-out calls."""
    model.eval()
    result = {}
    with torch.no_grad():
        for rate, (features, labels) in held_out.items():
            scores = []
            for start in range(0, len(features), 64):
                scores.append(model(torch.from_numpy(features[start : start + 64].astype(np.float32)))[0].numpy())
            scores = np.concatenate(scores).astype(np.float64)
            keep = labels != 255
            s, y = scores[keep], labels[keep].astype(np.float64)
            loss = float(np.mean(np.logaddexp(0, s) - y * s))
            result[rate] = (loss, area(y, np.round(s, 3)))
    model.train()
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("shards")
    parser.add_argument("out")
    parser.add_argument("--tool", required=True)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--hidden", type=int, default=80, help="values of the state: a multiple of 16, to 128")
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--steps", type=int, default=400, help="20 ms steps a sequence")
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--noise", type=float, default=0.15, help="noise on the features, in deviations")
    parser.add_argument("--left-out", type=float, default=0.1, help="share of the embeddings left out")
    parser.add_argument("--start", help="weights to begin from")
    parser.add_argument("--wait", type=float, default=0, help="minutes during which new shards are looked for")
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    rng = np.random.default_rng(a.seed)

    held_out = {}
    for name in shards(a.shards, "check"):
        features, labels = load(a.shards, name, a.tool)
        held_out.setdefault("16k" if "-16k-" in name else "8k", []).append((features, labels))
    held_out = {r: tuple(np.concatenate(x) for x in zip(*parts)) for r, parts in held_out.items()}
    data, known = [], set()

    def look():
        for name in shards(a.shards, "train"):
            if name not in known:
                known.add(name)
                data.append(load(a.shards, name, a.tool))

    look()
    if not data or not held_out:
        sys.exit("train.py: no shards in " + a.shards)
    sample = np.concatenate([f.reshape(-1, FEATURES)[::37] for f, _ in data]).astype(np.float64)
    model = Network(a.hidden, sample.mean(0), np.maximum(sample.std(0), 0.05))
    if a.start:
        model.load_state_dict(torch.load(a.start))
    average = Network(a.hidden, sample.mean(0), np.maximum(sample.std(0), 0.05))
    average.load_state_dict(model.state_dict())
    print(sum(p.numel() for p in model.parameters()), "weights", flush=True)
    model.noise, model.left_out = a.noise, a.left_out
    optimiser = torch.optim.AdamW(model.parameters(), lr=a.rate, betas=(0.9, 0.98), weight_decay=1e-3)
    begun, best, steps, heard, running = time.time(), 9.0, 0, 0.0, None
    curve = csv.writer(open(a.out + ".csv", "w", newline=""))
    curve.writerow(["seconds", "hours", "loss", "loss_8k", "area_8k", "loss_16k", "area_16k"])
    next_check, next_look = 60.0, 60.0
    while True:
        elapsed = time.time() - begun
        share = elapsed / (a.minutes * 60)
        if share >= 1:
            break
        if elapsed < a.wait * 60 and elapsed > next_look:
            look()
            next_look = elapsed + 60
        warm = min(1, (steps + 1) / 200)
        for group in optimiser.param_groups:
            group["lr"] = a.rate * warm * (0.5 + 0.5 * np.cos(np.pi * share)) + 1e-6
        x, y = batch(data, a.batch, a.steps, rng)
        logits, _ = model(torch.from_numpy(x))
        target = torch.from_numpy(y)
        keep = (target != 255).float()
        loss = (nn.functional.binary_cross_entropy_with_logits(logits, target.clamp(0, 1), reduction="none") * keep).sum()
        loss = loss / keep.sum()
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        steps += 1
        heard += a.batch * a.steps * 0.02 / 3600
        running = loss.item() if running is None else running * 0.99 + loss.item() * 0.01
        decay = min(0.998, steps / (steps + 20))
        with torch.no_grad():
            for slow, fast in zip(average.parameters(), model.parameters()):
                slow.lerp_(fast, 1 - decay)
        if elapsed > next_check:
            next_check = elapsed + 120
            result = evaluate(average, held_out)
            mean = np.mean([loss for loss, _ in result.values()])
            row = [round(elapsed), round(heard, 1), round(running, 4)]
            row += [round(v, 4) for r in ("8k", "16k") for v in result.get(r, (0, 0))]
            curve.writerow(row)
            print(*row, len(data), "shards", steps, "steps", flush=True)
            torch.save(average.state_dict(), a.out + ".last")
            if mean < best:
                best = mean
                torch.save(average.state_dict(), a.out)
    result = evaluate(average, held_out)
    print("end", result, flush=True)
    torch.save(average.state_dict(), a.out + ".last")
    if np.mean([loss for loss, _ in result.values()]) < best:
        torch.save(average.state_dict(), a.out)


def batch(data, size, steps, rng):
    """Stretches of `steps` steps from random clips; a fifth of the wideband ones are heard without their upper band."""
    hops = 2 * steps
    x = np.empty((size, hops, FEATURES), np.float32)
    y = np.empty((size, hops), np.float32)
    for i in range(size):
        features, labels = data[rng.integers(len(data))]
        clip = rng.integers(len(features))
        # Half of the stretches begin with the call, as the first seconds of a call matter.
        at = 0 if rng.random() < 0.4 else 2 * rng.integers((HOPS - hops) // 2 + 1)
        x[i] = features[clip, at : at + hops]
        y[i] = labels[clip, at : at + hops]
        if x[i, 0, FEATURES - 1] > 0.5 and rng.random() < 0.2:
            x[i][:, UPPER] = 0
    return x, y


if __name__ == "__main__":
    main()
