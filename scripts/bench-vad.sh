#!/usr/bin/env bash
# Scores the voice-activity detector on a labelled corpus, and times it.
#
#   scripts/bench-vad.sh CORPUS_DIR        or PARLEY_VAD_CORPUS=CORPUS_DIR scripts/bench-vad.sh
#
# CORPUS_DIR holds audio/, labels/, manifest.csv and score.py (python3 with numpy). `parley analyze --frames` writes one
# CSV a clip into .build-vad/, and the corpus' own scorer judges them.
set -euo pipefail
corpus=${1:-${PARLEY_VAD_CORPUS:-}}
if [[ ! -f $corpus/manifest.csv || ! -f $corpus/score.py ]]; then
    echo "bench-vad: no corpus at '$corpus'; set PARLEY_VAD_CORPUS to a folder with audio/, labels/, manifest.csv and" \
        "score.py to have the detector scored" >&2
    exit 2
fi
python3 -c 'import numpy' 2>/dev/null || { echo "bench-vad: the scorer needs numpy (pip install numpy)" >&2; exit 2; }
corpus=$(cd "$corpus" && pwd)
cd "$(dirname "$0")/.."

swift build -c release --product parley
rm -rf .build-vad
echo "== speed on one core, text thrown away"
taskset -c 0 .build/release/parley analyze --jobs 1 --format json "$corpus"/audio/* >/dev/null
.build/release/parley analyze --frames --out .build-vad "$corpus"/audio/*
for set in ten8 ten16 meet8 meet16 tel_clean noise; do
    echo "== $set"
    python3 "$corpus/score.py" "$corpus" .build-vad --set "$set"
done
echo "== tel_noisy by SNR"
python3 "$corpus/score.py" "$corpus" .build-vad --set tel_noisy --group snr_db
