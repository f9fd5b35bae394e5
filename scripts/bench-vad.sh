#!/bin/sh
# Scores the voice-activity detector on a labelled corpus.
#
#   scripts/bench-vad.sh [CORPUS_DIR]        or PARLEY_VAD_CORPUS=CORPUS_DIR scripts/bench-vad.sh
#
# CORPUS_DIR holds audio/<clip>.flac, labels/, manifest.csv and score.py (python3 with numpy). Needs sox to read FLAC.
# Writes one <clip>.csv of time_s,probability a clip into .build-vad/, then prints the scores of every set.
set -eu
corpus=${1:-${PARLEY_VAD_CORPUS:-}}
if [ -z "$corpus" ] || [ ! -f "$corpus/manifest.csv" ] || [ ! -f "$corpus/score.py" ]; then
    echo "bench-vad: no corpus: give its folder as an argument or in PARLEY_VAD_CORPUS" >&2
    echo "           (a folder with audio/, labels/, manifest.csv and score.py; given '${corpus}')" >&2
    exit 2
fi
command -v sox > /dev/null || { echo "bench-vad: sox is needed to read FLAC files" >&2; exit 2; }

root=$(cd "$(dirname "$0")/.." && pwd)
out="$root/.build-vad"
mkdir -p "$out"
cd "$root/Benchmarks"
PARLEY_CORE_ONLY=1 swift build -c release --product vad-bench
bench=$(PARLEY_CORE_ONLY=1 swift build -c release --show-bin-path)/vad-bench

for clip in "$corpus"/audio/*.flac; do
    name=$(basename "$clip" .flac)
    rate=$(sox --i -r "$clip")
    sox "$clip" -t raw -e signed -b 16 "$out/clip.s16"
    "$bench" frames "$rate" "$out/clip.s16" "$out/$name.csv"
done
for set in ten16 ten8 meet16 meet8 tel_clean noise; do
    echo "== $set"
    python3 "$corpus/score.py" "$corpus" "$out" --set "$set"
done
echo "== tel_noisy by SNR"
python3 "$corpus/score.py" "$corpus" "$out" --set tel_noisy --group snr_db
for rate in 8000 16000; do "$bench" cost "$rate" "$out/clip.s16"; done
