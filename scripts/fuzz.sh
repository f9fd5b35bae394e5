#!/usr/bin/env bash
# Feeds hostile bytes to the parsers with libFuzzer, under the address sanitizer; FUZZ_SECONDS for each (30).
#
#   scripts/fuzz.sh            every target
#   scripts/fuzz.sh csv        one
#
# The sources are compiled afresh, instrumented; nothing of the ordinary build is used or touched. What was found
# interesting stays in .build-fuzz/corpus and is where the next run begins. A crash leaves its input in .build-fuzz.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${FUZZ_SECONDS:-30}
build=.build-fuzz
flags=(-O -parse-as-library -swift-version 6 -package-name parley -sanitize=fuzzer,address -use-ld=lld)
# The crash handler would wait beside a dead process and hold its output open.
export SWIFT_BACKTRACE=enable=no
# What PocketSphinx or Foundation keep until the end is no finding.
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0}
mkdir -p "$build"

# module NAME IMPORT_FLAGS...: compiles Sources/NAME to an object and a module beside it.
module() {
    local name=$1
    shift
    swiftc "${flags[@]}" -wmo -module-name "$name" -emit-module -emit-module-path "$build/$name.swiftmodule" \
        -emit-object -o "$build/$name.o" -I "$build" "$@" $(find "Sources/$name" -name '*.swift' | sort)
}

build_csv() {
    swiftc "${flags[@]}" -wmo -module-name FuzzCSV -o "$build/csv" Sources/CallStore/CSV.swift Fuzz/CSVTarget.swift
}

build_codecs() {
    local c_flags=(-I Sources/COpus -I Sources/CSampleRate)
    local flag
    for flag in $(pkg-config --cflags opus samplerate); do c_flags+=(-Xcc "$flag"); done
    module CallTime
    module AudioCore
    module Codecs "${c_flags[@]}"
    swiftc "${flags[@]}" -module-name FuzzCodecs -o "$build/codecs" -I "$build" "${c_flags[@]}" \
        Fuzz/CodecsTarget.swift "$build"/{CallTime,AudioCore,Codecs}.o $(pkg-config --libs opus samplerate)
}

run() {
    local corpus=$build/corpus/$1
    mkdir -p "$corpus"
    "$build/$1" "$corpus" -max_total_time="$seconds" -max_len=4096 -timeout=10 -artifact_prefix="$build/$1-" \
        -print_final_stats=1 2>"$build/$1.log" || {
        tail -n 40 "$build/$1.log" >&2
        echo "fuzz: $1 failed; its input is beside $build/$1.log, run again with: $build/$1 INPUT" >&2
        return 1
    }
    awk -v target="$1" '/number_of_executed_units/ { n = $2 } /cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") c = $(i + 1) }
        END { printf "fuzz: %s: %s inputs, %s branches reached, no crash\n", target, n, c }' "$build/$1.log"
}

targets=("$@")
((${#targets[@]} > 0)) || targets=(csv codecs)
for target in "${targets[@]}"; do
    "build_$target"
    run "$target"
done
