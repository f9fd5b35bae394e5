#!/usr/bin/env bash
# Builds every package under Examples/ and runs its tests, or its program where it has none.
set -euo pipefail
cd "$(dirname "$0")/.."

# They use the core as a library, so no other package is resolved for them.
export PARLEY_CORE_ONLY=1
shopt -s nullglob
for manifest in Examples/*/Package.swift; do
    package=$(dirname "$manifest")
    echo "== $package"
    if [[ -d $package/Tests ]]; then
        swift test --package-path "$package"
    else
        swift run --package-path "$package"
    fi
done
