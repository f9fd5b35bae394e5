#!/usr/bin/env python3
"""Writes what a network says of a recording, one probability a hop: what the Swift tests compare their own with.

    golden.py NETWORK.pt TestAudio/speech-clean.wav OUT.txt --tool VAD_BENCH [--calibration SCALE OFFSET]
"""
import argparse
import subprocess
import tempfile

import numpy as np
import soundfile
import torch

from network import FEATURES, Network

HOPS = 700


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("network")
    parser.add_argument("recording")
    parser.add_argument("out")
    parser.add_argument("--tool", required=True)
    parser.add_argument("--calibration", nargs=2, type=float, default=[1, 0])
    a = parser.parse_args()
    samples, rate = soundfile.read(a.recording, dtype="int16")
    with tempfile.NamedTemporaryFile(suffix=".s16") as raw, tempfile.NamedTemporaryFile(suffix=".f32") as out:
        samples.tofile(raw.name)
        subprocess.run([a.tool, "features", str(rate), raw.name, out.name], check=True)
        features = np.fromfile(out.name, np.float32).reshape(1, -1, FEATURES)[:, :HOPS]
    state = torch.load(a.network)
    model = Network(state["end.weight"].shape[1], state["mean"].numpy(), state["deviation"].numpy())
    model.load_state_dict(state)
    with torch.no_grad():
        logits = model(torch.from_numpy(features[:, : features.shape[1] // 2 * 2]))[0][0].numpy()
    scale, offset = a.calibration
    with open(a.out, "w") as file:
        for value in 1 / (1 + np.exp(-(logits.astype(np.float64) * scale + offset))):
            file.write("%.5f\n" % value)


if __name__ == "__main__":
    main()
