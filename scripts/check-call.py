#!/usr/bin/env python3
"""Checks a simulated call from the outside: from its recording and the caller's labels, never from the engine's code.

    scripts/check-call.py CALL_DIR LABELS.csv [--frame-ms 20] [--end-ms 40]

For every turn of the ledger (journal.jsonl, event turnMeasured)
  * the caller's end in the ledger lies within --end-ms of a labelled end, and
  * the agent's first audible 10 ms in the right channel of call.wav (above -45 dBFS), sought from that labelled end
    on, lies within --frame-ms of the ledger's instant;
and between them: the agent speaks over the caller only where it was interrupted, and is then silent within 200 ms.
Exit code 0 when everything holds, 1 when not.
"""
import argparse
import array
import csv
import json
import math
import sys
import wave

FLOOR_DBFS = -45.0
STEP_S = 0.010
INTERRUPTION_S = 0.200


def read_right_channel(path):
    with wave.open(path, "rb") as file:
        if file.getnchannels() != 2 or file.getsampwidth() != 2:
            sys.exit(f"{path}: expected two channels of 16 bit")
        samples = array.array("h")
        samples.frombytes(file.readframes(file.getnframes()))
        if sys.byteorder == "big":
            samples.byteswap()
        return samples[1::2], file.getframerate()


def audible_steps(samples, rate):
    """For each 10 ms of the recording: is it above the floor?"""
    length = int(rate * STEP_S)
    floor = (32768.0 * 10 ** (FLOOR_DBFS / 20)) ** 2
    return [
        sum(s * s for s in samples[begin:begin + length]) / length > floor
        for begin in range(0, len(samples) - length + 1, length)
    ]


def read_labels(path):
    """-> stretches of speech (start, end), and the same joined to turns."""
    stretches, turns = [], {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            begin, end = float(row["start_s"]), float(row["end_s"])
            stretches.append((begin, end))
            old = turns.get(row["turn"], (begin, end))
            turns[row["turn"]] = (min(old[0], begin), max(old[1], end))
    return stretches, sorted(turns.values())


def read_ledger(path):
    with open(path) as file:
        records = [json.loads(line) for line in file]
    return [r for r in records if r["event"] == "turnMeasured"]


def first_audible(steps, since_s):
    for place in range(max(0, math.ceil(since_s / STEP_S - 1e-9)), len(steps)):
        if steps[place]:
            return place * STEP_S
    return None


def check_turn(number, record, ends, steps, frame_s, end_s):
    last, audible = record["last_speech_us"] / 1e6, record["audible_us"] / 1e6
    label = min(ends, key=lambda end: abs(end - last))
    heard = first_audible(steps, label)
    parts = sum(record["parts_us"].values())
    problems = []
    if abs(label - last) > end_s + 1e-9:
        problems.append("caller's end")
    if heard is None or abs(heard - audible) > frame_s + 1e-9:
        problems.append("agent's start")
    if parts != record["gap_us"]:
        problems.append("parts do not sum")
    shown = "never" if heard is None else f"{heard:8.3f}"
    print(f"turn {number}: caller's end {label:8.3f} ledger {last:8.3f} ({(last - label) * 1e3:+6.1f} ms)   "
          f"agent's start {shown} ledger {audible:8.3f}   gap {record['gap_us'] / 1e3:6.1f} ms   "
          + ("ok" if not problems else "WRONG: " + ", ".join(problems)))
    return not problems


def check_overlap(stretches, steps):
    """The agent may sound over the caller only for the first 200 ms of a stretch that began over it."""
    fine = True
    for begin, end in stretches:
        allowed = begin + INTERRUPTION_S
        late = [place * STEP_S for place in range(math.ceil(allowed / STEP_S), int(end / STEP_S))
                if place < len(steps) and steps[place]]
        over = any(steps[place] for place in range(int(begin / STEP_S), min(int(allowed / STEP_S), len(steps))))
        if late:
            fine = False
            print(f"caller speaks {begin:.3f}-{end:.3f}: the agent is audible at {late[0]:.3f}  WRONG")
        elif over:
            print(f"caller interrupts at {begin:.3f}: the agent is silent within {INTERRUPTION_S * 1e3:.0f} ms  ok")
    return fine


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("call")
    parser.add_argument("labels")
    parser.add_argument("--frame-ms", type=float, default=20)
    parser.add_argument("--end-ms", type=float, default=40)
    options = parser.parse_args()
    samples, rate = read_right_channel(options.call + "/call.wav")
    steps = audible_steps(samples, rate)
    stretches, turns = read_labels(options.labels)
    ledger = read_ledger(options.call + "/journal.jsonl")
    if not ledger:
        sys.exit("no turn was measured")
    ends = [end for _, end in turns]
    results = [check_turn(n + 1, record, ends, steps, options.frame_ms / 1e3, options.end_ms / 1e3)
               for n, record in enumerate(ledger)]
    results.append(check_overlap(stretches, steps))
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
