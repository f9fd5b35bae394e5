#!/usr/bin/env bash
# Runs the ring's stress tests under the thread sanitizer, then plants a fault in the ring (the index is published with
# a relaxed store) and demands that the sanitizer reports it: a check that cannot fail proves nothing.
#
# Release builds, because only the specialised ring is instrumented down to its element accesses; RING_TSAN, because the
# sanitizer does not see memcpy. The tests are built as a package of their own, of AudioCore and what it needs: less to
# build, and Swift 6.3.1 cannot compile MediaPipeline optimised under the thread sanitizer (its output fails LLVM's
# verifier). Usage: scripts/check-ring-tsan.sh
set -euo pipefail
cd "$(dirname "$0")/.."

package=.build-tsan/package
mkdir -p "$package"
ln -sfn "$PWD/Sources" "$package/Sources"
ln -sfn "$PWD/Tests" "$package/Tests"
cat >"$package/Package.swift" <<'EOF'
// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "ring-tsan",
    targets: [
        .target(name: "CallTime"),
        .target(name: "AudioCore", dependencies: ["CallTime"]),
        .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
        .target(name: "TestSupport", dependencies: ["CallTime", "CAllocationCounter"], path: "Tests/TestSupport"),
        .testTarget(name: "AudioCoreTests", dependencies: ["CallTime", "AudioCore", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)
EOF

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# The longest memory of past accesses: a race whose first access it has forgotten goes unreported.
export TSAN_OPTIONS="history_size=7"

run() {
    swift test --package-path "$package" -c release --sanitize=thread --scratch-path .build-tsan/build \
        -Xswiftc -enable-testing -Xswiftc -DRING_TSAN "$@" --filter AudioCoreTests.RingStressTests >"$log" 2>&1
}

if ! run || grep -q 'ThreadSanitizer' "$log"; then
    cat "$log"
    echo "check-ring-tsan: the ring has a data race, or the tests did not run" >&2
    exit 1
fi
if ! grep -E 'Test run with [1-9]' "$log"; then
    cat "$log"
    echo "check-ring-tsan: no test ran" >&2
    exit 1
fi

if run -Xswiftc -DRING_PLANTED_ORDERING_FAULT; then
    cat "$log"
    echo "check-ring-tsan: the planted fault went unnoticed" >&2
    exit 1
fi
if ! grep -q 'WARNING: ThreadSanitizer: data race' "$log"; then
    cat "$log"
    echo "check-ring-tsan: the run with the planted fault failed for another reason" >&2
    exit 1
fi
reports=$(grep -c 'WARNING: ThreadSanitizer: data race' "$log")
echo "check-ring-tsan: clean as it is; the planted fault was reported $reports times"
