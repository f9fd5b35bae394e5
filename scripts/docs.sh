#!/usr/bin/env bash
# Writes the reference of the core's modules to docs/api with the toolchain's own docc; needs no package.
set -euo pipefail
cd "$(dirname "$0")/.."

scratch=.build-docs
graphs=$scratch/symbol-graphs
archives=$scratch/archives
modules=(CallTime AudioCore Codecs VoiceActivity MediaPipeline Conversation)

rm -rf "$graphs" "$archives" docs/api
mkdir -p "$graphs" "$archives"
# A build that has nothing left to compile writes no symbol graph, so this one starts over; it takes seconds.
rm -rf "$scratch/debug" "$scratch"/*-linux-gnu
PARLEY_CORE_ONLY=1 swift build --scratch-path "$scratch" --product ParleyCore \
    -Xswiftc -emit-symbol-graph -Xswiftc -emit-symbol-graph-dir -Xswiftc "$graphs"

for module in "${modules[@]}"; do
    own=$scratch/graphs-of/$module
    rm -rf "$own"
    mkdir -p "$own"
    cp "$graphs/$module".symbols.json "$own"/
    cp "$graphs/$module"@*.symbols.json "$own"/ 2>/dev/null || true
    docc convert --additional-symbol-graph-dir "$own" --output-dir "$archives/$module.doccarchive" \
        --fallback-display-name "$module" --fallback-bundle-identifier "parley.$module" \
        --transform-for-static-hosting
done
docc merge "$archives"/*.doccarchive --synthesized-landing-page-name Parley \
    --synthesized-landing-page-kind Package --output-path docs/api
echo "docs/api is written; read it with: python3 -m http.server -d docs/api  (then open /documentation)"
