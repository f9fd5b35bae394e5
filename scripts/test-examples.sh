#!/usr/bin/env bash
# Builds every package under Examples/ and runs its check (check.sh), its tests, or else its program.
set -euo pipefail
cd "$(dirname "$0")/.."

# They use the core as a library, so no other package is resolved for them.
export PARLEY_CORE_ONLY=1
unset PARLEY_OPTIMISED_AUDIO
shopt -s nullglob
for manifest in Examples/*/Package.swift; do
    package=$(dirname "$manifest")
    echo "== $package"
    if [[ -x $package/check.sh ]]; then
        "$package/check.sh"
    elif [[ -d $package/Tests ]]; then
        swift test --package-path "$package"
    else
        swift run --package-path "$package"
    fi
done
