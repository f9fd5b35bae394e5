#!/usr/bin/env bash
# Measures our detector beside those the field uses, in one run: quality on a labelled corpus, and cost.
#
#   scripts/bench-peers.sh [--note] [CORPUS_DIR]      or PARLEY_VAD_CORPUS=CORPUS_DIR
#   scripts/bench-peers.sh --retime [--note]          times again what the last run left, on a quieter machine
#
# CORPUS_DIR: WAV or FLAC recordings with label files (Benchmarks/peers/corpus.py says how); without one, TestAudio/.
# Writes the table and a chart into out/bench-peers/; --note also brings Benchmarks/peers.md up to date.
# The first run makes Benchmarks/.venv with the packages pinned in Benchmarks/peers/. PARLEY_BENCH_CPU names the core
# that is timed on (default the last one).
set -euo pipefail
retime=0
note=()
[[ ${1:-} == --retime ]] && { retime=1; shift; }
[[ ${1:-} == --note ]] && { note=(--note Benchmarks/peers.md); shift; }
corpus=${1:-${PARLEY_VAD_CORPUS:-}}
[[ -z $corpus || -d $corpus ]] || { echo "bench-peers: no folder '$corpus'" >&2; exit 2; }
[[ -z $corpus ]] || corpus=$(cd "$corpus" && pwd)
cd "$(dirname "$0")/.."
out=out/bench-peers
if ((retime)); then
    [[ -f $out/quality.json ]] || { echo "bench-peers: no run in $out to time again" >&2; exit 2; }
elif [[ -z $corpus ]]; then
    corpus=$PWD/TestAudio
    echo "bench-peers: no corpus given, so TestAudio/, a few minutes of synthetic voices (PARLEY_VAD_CORPUS names yours)" >&2
fi

venv=Benchmarks/.venv
pins=(Benchmarks/peers/requirements.txt Benchmarks/peers/requirements-no-deps.txt)
if ! cat "${pins[@]}" | cmp -s - "$venv/installed.txt"; then
    python3 -m venv "$venv" || { echo "bench-peers: python3 with venv is needed (python3-venv)" >&2; exit 2; }
    echo '*' >"$venv/.gitignore"
    # One that cannot be had here is named in the table instead, and asked for again in the next run.
    complete=1
    install() { "$venv/bin/pip" install -q --disable-pip-version-check "$@" || complete=0; }
    while read -r package; do install "$package"; done < <(grep -v '^#' "${pins[0]}")
    while read -r package; do install --no-deps "$package"; done < <(grep -v '^#' "${pins[1]}")
    if ((complete)); then cat "${pins[@]}" >"$venv/installed.txt"; fi
fi
# TEN's library wants libc++. Where the system has none, Debian's is unpacked beside the packages, not installed.
unpack_libcxx() (
    mkdir -p "$venv/libcxx" && cd "$venv/libcxx"
    version=$(apt-cache depends libc++1 | sed -n 's/.*Depends: libc++1-//p')
    apt-get download -qq "libc++1-$version" "libc++abi1-$version" "libunwind-$version"
    for package in *.deb; do dpkg-deb -x "$package" .; done
)
if ! PATH=$PATH:/sbin ldconfig -p | grep 'libc++\.so\.1 ' >/dev/null && [[ ! -d $venv/libcxx ]]; then
    unpack_libcxx >/dev/null 2>&1 || rm -rf "$venv/libcxx"
fi

(cd Benchmarks && PARLEY_CORE_ONLY=1 swift build -c release --product vad-bench)
executable=$PWD/Benchmarks/.build/release/vad-bench

options=(--executable "$executable" --libraries "$venv/libcxx")
if ! ((retime)); then
    rm -rf "$out"
    mkdir -p "$out"
    # `nice`: hours of audio in one go; the timing after it is not.
    nice -n 5 "$venv/bin/python" Benchmarks/peers/quality.py "$corpus" "$out" "${options[@]}"
fi
cpu=${PARLEY_BENCH_CPU:-$(($(nproc) - 1))}
taskset -c "$cpu" "$venv/bin/python" Benchmarks/peers/cost.py "$out" "${options[@]}"
"$venv/bin/python" Benchmarks/peers/report.py "$out" "${note[@]}"
