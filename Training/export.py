#!/usr/bin/env python3
"""Writes a trained network as the C array that the library links.

    export.py NETWORK.pt WEIGHTS.c [--calibration SCALE_8K OFFSET_8K SCALE_16K OFFSET_16K]

The order of the values is told in SpeechNetworkWeights.swift. The features' means and deviations are folded into the first
layer.
"""
import argparse

import numpy as np
import torch

from network import Network

VERSION = 1


def checksum(data):
    """FNV-1a, 64 bits."""
    result = 0xCBF29CE484222325
    for byte in data:
        result = ((result ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return result


def matrices(model):
    """Each layer as inputs by outputs, followed by its bias."""
    w = {name: value.detach().numpy().astype(np.float64) for name, value in model.state_dict().items()}
    embed = w["embed.weight"] / w["deviation"]
    yield embed.T, w["embed.bias"] - embed @ w["mean"]
    yield w["recur.weight_ih_l0"].T, w["recur.bias_ih_l0"]
    yield w["recur.weight_hh_l0"].T, w["recur.bias_hh_l0"]
    for name in ("end", "middle", "middle_end"):
        yield w[name + ".weight"].T, w[name + ".bias"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("network")
    parser.add_argument("out")
    parser.add_argument("--calibration", nargs=4, type=float, default=[1, 0, 1, 0])
    a = parser.parse_args()
    state = torch.load(a.network)
    hidden = state["end.weight"].shape[1]
    model = Network(hidden, state["mean"].numpy(), state["deviation"].numpy())
    model.load_state_dict(state)
    values = np.concatenate([part.ravel() for pair in matrices(model) for part in pair] + [np.array(a.calibration)])
    text = ["%.6g" % v for v in values]
    values = np.array([np.float32(t) for t in text], "<f4")
    with open(a.out, "w") as out:
        out.write("// Written by Training/export.py.\n#include \"CSpeechWeights.h\"\n\n")
        out.write("const uint32_t parley_speech_version = %d;\n" % VERSION)
        out.write("const uint32_t parley_speech_hidden = %d;\n" % hidden)
        out.write("const uint32_t parley_speech_count = %d;\n" % len(values))
        out.write("const uint64_t parley_speech_checksum = 0x%016XULL;\n" % checksum(values.tobytes()))
        out.write("static const float values[] = {\n")
        for start in range(0, len(text), 12):
            out.write("    " + ", ".join(t if "." in t or "e" in t else t + ".0" for t in text[start : start + 12]) + ",\n")
        out.write("};\n\nconst float *parley_speech_values(void) { return values; }\n")
    print(len(values), "values,", "%016X" % checksum(values.tobytes()))


if __name__ == "__main__":
    main()
