#!/bin/sh
# Measures the embedded recogniser: what it understands, and what it accepts wrongly (Benchmarks/recogniser.md).
#
# Utterances are made with flite in a temporary folder; prompts of asterisk-core-sounds-en-wav are used where
# they are installed. Takes some minutes. Options are passed on to `swift test`, as `-c release -Xswiftc -enable-testing`.
set -eu
cd "$(dirname "$0")/.."
command -v flite >/dev/null || { echo "bench-recogniser: flite is not installed" >&2; exit 1; }
TMPDIR=$(mktemp -d)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT INT TERM
PARLEY_BENCH_RECOGNISER=1 swift test --filter RecogniserBench "$@"
