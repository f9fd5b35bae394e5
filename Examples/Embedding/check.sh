#!/usr/bin/env bash
# The embedding example on a recorded caller, as mu-law and as Opus: each labelled utterance is heard, as a barge-in.
set -euo pipefail
cd "$(dirname "$0")"

swift build
program=$(swift build --show-bin-path)/Embedding
caller() { sox ../../TestAudio/speech-clean.wav -t ul -r 8000 -c 1 -; }

check() {
    local heard
    heard=$(caller | "$program" --playing 0 600 "$@")
    echo "$heard"
    local labelled
    labelled=$(tail -n +2 ../../TestAudio/speech-clean.labels.csv | cut -d, -f3 | sort -u | wc -l)
    [[ $(grep -c 'barge-in' <<<"$heard") == "$labelled" && $(grep -c 'silence, over at' <<<"$heard") == "$labelled" ]] || {
        echo "Embedding $*: expected $labelled utterances, each a barge-in" >&2
        exit 1
    }
}
check
check --opus
