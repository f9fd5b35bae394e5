#!/bin/sh
# The whole training, from the material to the weights in the source: Training/run.sh MATERIAL WORK [MINUTES]
#
# MATERIAL  folder with manifest.csv, speech/ and noise/ (see material.py)
# WORK      folder for the prepared calls (2.5 GB a seed) and the network
# MINUTES   how long to train (90)
# Needs Swift, and Python with what Training/requirements.txt lists.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
material=$1 work=$2 minutes=${3:-90}
tool=$here/../Benchmarks/.build/release/vad-bench

(cd "$here/../Benchmarks" && PARLEY_CORE_ONLY=1 swift build -c release --product vad-bench)
python3 "$here/prepare.py" "$material" "$work/calls" --hours 54 --check-hours 1.5 --seed 2
python3 "$here/train.py" "$work/calls" "$work/network.pt" --tool "$tool" --minutes "$minutes"
calibration=$(python3 "$here/calibrate.py" "$work/network.pt" "$work/calls" --tool "$tool" | tee "$work/reliability.txt" | tail -1)
# shellcheck disable=SC2086 # four numbers after the option's name
python3 "$here/export.py" "$work/network.pt" "$here/../Sources/CSpeechWeights/weights.c" $calibration
