"""Judges a detector's probabilities against labels: frame by frame, and as an endpointer would use them.

Frames: a grid of 10 ms, all clips pooled.  A row `time_s,probability` speaks for the audio from the row before up to
its own time.  The figure is the area under the ROC curve; equal values count half.

Endpointing: the same machine is laid over every detector.  It opens after 60 ms in a row at or above the threshold,
and closes, which is the endpoint, after W ms in a row under the threshold less 0.15 (0.01 at least).
    onset            from a turn's labelled start to the opening; not where the machine was open already
    false openings   outside every turn stretched by 200 ms at its end, a minute of audio outside turns
    missed           turns that never saw the machine open
    cut-ins          endpoints inside a turn, up to 100 ms before its end, for 100 turns
    end delay        from a turn's labelled end to its endpoint, where that came before the next turn; of a clip's last
                     turn only when the clip goes on for W + 500 ms
"""
import numpy as np

GRID_S = 0.010
CONFIRMATION_S = 0.060
HYSTERESIS = 0.15
LOWEST_CLOSING = 0.01
TURN_TAIL_S = 0.200
CUT_TOLERANCE_S = 0.100
LAST_TURN_ROOM_S = 0.500
# Times are sums of frames: less than this apart is equal.
EPSILON_S = 1e-9


# ---- frames


def frames(clip, times, values):
    """-> labels and values on the grid"""
    centres = (np.arange(int(clip.duration_s / GRID_S)) + 0.5) * GRID_S
    inside = np.zeros(len(centres), bool)
    for start, end in clip.speech:
        inside |= (start <= centres) & (centres < end)
    if len(values) == 0:
        return inside, np.zeros(len(centres))
    return inside, values[np.minimum(np.searchsorted(times, centres), len(values) - 1)]


def area_under_roc(labels, values):
    """The chance that a frame of speech has a higher value than one without; equal ones count half."""
    levels, place = np.unique(values, return_inverse=True)
    speech = np.bincount(place[labels], minlength=len(levels)).astype(float)
    other = np.bincount(place[~labels], minlength=len(levels)).astype(float)
    pairs = speech.sum() * other.sum()
    if pairs == 0:
        return float("nan")
    below = np.cumsum(other) - other
    return float((speech * (below + other / 2)).sum() / pairs)


# ---- endpointing


def runs(flags):
    """-> first and last index of each run of True"""
    edges = np.flatnonzero(np.diff(np.r_[False, flags, False].astype(np.int8)))
    return edges[0::2], edges[1::2] - 1


def open_intervals(times, values, threshold, window_s):
    """-> times of opening, times of closing (infinity for one that is open at the end)"""
    closing = min(threshold, max(threshold - HYSTERESIS, LOWEST_CLOSING))
    before = np.r_[0.0, times[:-1]]

    def reached(flags, wait_s):
        """Of each run that is long enough, the row at which `wait_s` have passed since the row before it."""
        first, last = runs(flags)
        row = np.searchsorted(times, before[first] + wait_s - EPSILON_S)
        return row[row <= last]

    openings = reached(values >= threshold, CONFIRMATION_S)
    closings = reached(values < closing, window_s)
    opened, closed = [], []
    row = -1
    while (k := np.searchsorted(openings, row, "right")) < len(openings):
        opened.append(times[openings[k]])
        k = np.searchsorted(closings, openings[k], "right")
        if k == len(closings):
            closed.append(np.inf)
            break
        row = closings[k]
        closed.append(times[row])
    return np.array(opened), np.array(closed)


def endpointing(judged, window_s, threshold=0.5):
    """`judged`: (clip, times, values) each -> the figures of the machine with this W"""
    onsets, delays = [], []
    turns = missed = cuts = false = 0
    outside_s = 0.0
    for clip, times, values in judged:
        opened, closed = open_intervals(times, values, threshold, window_s)
        turns += len(clip.turns)
        outside_s += clip.duration_s - float(np.sum(clip.turns[:, 1] - clip.turns[:, 0]))
        starts, ends = clip.turns[:, :1], clip.turns[:, 1:]
        within = (starts <= opened) & (opened <= ends + TURN_TAIL_S)
        false += int(np.sum(~within.any(axis=0)))
        following = np.r_[clip.turns[1:, 0], [clip.duration_s]]
        for number, ((start, end), next_start) in enumerate(zip(clip.turns, following)):
            is_open = (opened <= end) & (closed > start)
            is_late = (opened > end) & (opened <= min(end + TURN_TAIL_S, next_start))
            if not (is_open | is_late).any():
                missed += 1
                continue
            was_open = ((opened < start) & (closed > start)).any()
            if not was_open and within[number].any():
                onsets.append(opened[within[number]][0] - start)
            cuts += int(np.sum((start < closed) & (closed < end - CUT_TOLERANCE_S)))
            is_last = number == len(clip.turns) - 1
            if is_last and clip.duration_s - end < window_s + LAST_TURN_ROOM_S:
                continue
            endpoint = closed[(closed >= end - CUT_TOLERANCE_S) & (closed < next_start)]
            if len(endpoint):
                delays.append(endpoint[0] - end)
    return dict(
        onset_p50_ms=percentile_ms(onsets, 50),
        onset_p95_ms=percentile_ms(onsets, 95),
        false_per_minute=false / (outside_s / 60) if outside_s > 0 else float("nan"),
        missed_percent=100 * missed / turns if turns else float("nan"),
        cut_ins_per_100=100 * cuts / turns if turns else float("nan"),
        end_p50_ms=percentile_ms(delays, 50),
        end_p95_ms=percentile_ms(delays, 95),
    )


def percentile_ms(seconds, percent):
    return float(np.percentile(seconds, percent)) * 1_000 if seconds else float("nan")


def judge(judged, windows_ms=(300, 500)):
    """All figures over some clips: `auc`, and one dictionary for each W."""
    labels, values = zip(*(frames(*one) for one in judged))
    result = {"auc": area_under_roc(np.concatenate(labels), np.concatenate(values))}
    for window in windows_ms:
        result[str(window)] = endpointing(judged, window / 1_000)
    return result
