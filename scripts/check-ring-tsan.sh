#!/usr/bin/env bash
# Runs the ring's stress tests under the thread sanitizer, then plants a fault in the ring (the index is published with
# a relaxed store) and demands that the sanitizer reports it: a check that cannot fail proves nothing.
#
# Release builds, because only the specialised ring is instrumented down to its element accesses; RING_TSAN, because the
# sanitizer does not see memcpy. Usage: scripts/check-ring-tsan.sh
set -euo pipefail
cd "$(dirname "$0")/.."

export PARLEY_CORE_ONLY=1
log=$(mktemp)
trap 'rm -f "$log"' EXIT

run() {
    swift test -c release --sanitize=thread --scratch-path .build-tsan -Xswiftc -enable-testing \
        -Xswiftc -DRING_TSAN "$@" --filter AudioCoreTests.RingStressTests >"$log" 2>&1
}

if ! run || grep -q 'ThreadSanitizer' "$log"; then
    cat "$log"
    echo "check-ring-tsan: the ring has a data race, or the tests did not run" >&2
    exit 1
fi
grep -E 'Test run with [1-9]' "$log"

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
echo "check-ring-tsan: clean as it is; the planted fault was reported $(grep -c 'data race' "$log") times"
