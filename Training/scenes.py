"""Draws whole clips: who speaks when, how loud, in what room, over what noise, through what channel."""
import numpy as np
from scipy import signal

from channels import channel, drifting, in_room, made_room, recorded_room, stepping
from levels import active_rms, gain, speech_rms
from noises import MAKERS, coloured, fade, music

SECONDS = 20
HOPS = SECONDS * 100
NO_SPEECH, SPEECH, UNCOUNTED = 0, 1, 255
# Hops just outside a spoken stretch that do not count: the labels of the material can miss weak ends by some tens of milliseconds.
EDGE_HOPS = 3
# How often each kind of recorded noise is drawn; those not named, 2.  What detectors take for speech is drawn more.
KINDS = {
    "music": 11, "instrument": 4, "baby": 9, "sneeze": 14, "cough": 6, "laugh": 3, "breath": 3, "dog": 7,
    "rooster": 6, "animal": 8, "birds": 4, "crowd": 4, "clock": 7, "keyboard": 5, "phone": 4, "door": 3, "steps": 3,
    "voicelike": 3, "whistle": 2, "bell": 2, "mouth": 0.5, "hiss": 1, "weather": 1, "insects": 2, "street": 3, "room": 3,
}  # fmt: skip
OTHER_KINDS = 2
# Short sounds: mostly heard with pauses between them.
EVENTS = (
    "sneeze", "cough", "laugh", "breath", "dog", "rooster", "animal", "phone", "door", "steps", "voicelike", "whistle", "bell",
    "mouth", "object", "effect", "ui", "baby",
)  # fmt: skip


# --- Speech ---


class Talker:
    """One person for the length of a clip: recordings, and a speed (with pitch) kept throughout."""

    def __init__(self, recordings, rate, rng):
        self.recordings, self.rate, self.rng = recordings, rate, rng
        self.down = int(rng.integers(34, 48)) if rng.random() < 0.75 else 40

    def utterance(self, most_spans):
        """Samples and their spoken stretches (in samples), cut in the middle of pauses (all are 100 ms and more)."""
        rng = self.rng
        recording = self.recordings[rng.integers(len(self.recordings))]
        samples, spans = recording.samples[self.rate], recording.spans
        count = min(len(spans), int(rng.integers(1, most_spans + 1)))
        first = int(rng.integers(len(spans) - count + 1))
        last = first + count - 1
        before = spans[first - 1][1] if first else 0.0
        after = spans[last + 1][0] if last + 1 < len(spans) else len(samples) / self.rate
        start = max((spans[first][0] + before) / 2 if first else 0, spans[first][0] - 0.3)
        end = min((spans[last][1] + after) / 2 if last + 1 < len(spans) else after, spans[last][1] + 0.3)
        piece = samples[int(start * self.rate) : int(end * self.rate)]
        if self.down != 40:
            piece = signal.resample_poly(piece, 40, self.down).astype(np.float32)
        else:
            piece = piece.copy()
        scale = self.rate * 40 / self.down
        return fade(piece, self.rate, 0.01, 0.01), [
            (int((a - start) * scale), int((b - start) * scale)) for a, b in spans[first : last + 1]
        ]


# Style: how often, most spoken stretches an utterance, pauses in s.
STYLES = {
    "talk": (0.45, 5, (0.2, 4.0)),
    "long": (0.15, 20, (0.1, 0.7)),
    "words": (0.18, 1, (0.3, 4.0)),
    "sparse": (0.22, 4, (2.5, 8.0)),
}


def timeline(talkers, style, rate, rng):
    """One signal a talker, in turn (each at about 0 dB), and the labels."""
    count = SECONDS * rate
    _, most_spans, pauses = STYLES[style]
    stems = np.zeros((len(talkers), count), np.float32)
    spoken = np.zeros(count, bool)
    at = int(rng.uniform(0.1, 2.5) * rate)
    middle = rng.random() < 0.15
    who = 0
    while at < count:
        piece, spans = talkers[who].utterance(most_spans)
        mask = np.zeros(len(piece), bool)
        for a, b in spans:
            mask[a:b] = True
        piece = piece / (np.sqrt(np.mean(piece[mask] ** 2)) + 1e-7) * gain(rng.uniform(-2, 2))
        if middle:
            at, middle = 0, False
            cut = int(rng.uniform(0.1, 0.8) * len(piece))
            piece, mask = piece[cut:], mask[cut:]
        room = min(len(piece), count - at)
        stems[who, at : at + room] = piece[:room]
        spoken[at : at + room] = mask[:room]
        at += room + int(rng.uniform(*pauses) * rate)
        if len(talkers) > 1 and rng.random() < 0.5:
            who = 1 - who
    hop = rate // 100
    labels = spoken[hop // 2 :: hop].astype(np.uint8)
    near = np.convolve(labels, np.ones(2 * EDGE_HOPS + 1), "same") > 0
    labels[near & (labels == 0)] = UNCOUNTED
    return stems, labels


def draw_speech(material, rate, rng, note):
    """Speech at its level, in its room, and the labels."""
    pool = material.talkers if rate == 8000 or rng.random() < 0.1 else material.wide_talkers
    style = rng.choice(list(STYLES), p=[s[0] for s in STYLES.values()])
    talkers = [Talker(pool.pick(rng), rate, rng) for _ in range(2 if rng.random() < 0.25 else 1)]
    stems, labels = timeline(talkers, style, rate, rng)
    level = float(np.clip(rng.normal(-26, 5), -45, -15))
    response, noise_response = None, None
    where = "dry"
    if rng.random() < 0.35:
        if material.rooms and rng.random() < 0.15:
            response = noise_response = recorded_room(material.rooms[rng.integers(len(material.rooms))], rate)
            where = "recorded"
        else:
            seconds, far = rng.uniform(0.1, 0.7), rng.random() < 0.1
            direct = rng.uniform(-2, 3) if far else rng.uniform(1, 15)
            if far:
                level = rng.uniform(-45, -28)
            response = made_room(rate, rng, direct, seconds)
            noise_response = made_room(rate, rng, rng.uniform(-6, 6), seconds)
            where = "rt60 %.2f direct %.0f" % (seconds, direct)
    out = np.zeros(SECONDS * rate, np.float32)
    for k, stem in enumerate(stems):
        if response is not None:
            stem = in_room(stem, response)
        out += stem * gain(rng.uniform(-10, 4) if k else 0)
    out *= gain(level) / speech_rms(out, labels, rate)
    if rng.random() < 0.15:
        out *= drifting(len(out), rate, rng)
    note.update(style=style, talkers=len(talkers), level_db="%.1f" % level, room=where)
    return out, labels, noise_response


# --- Noise ---


def looped(samples, count, rate, rng, pauses):
    """`count` samples: the recording again and again from a random start, or with pauses between."""
    out = np.zeros(count, np.float32)
    long = len(samples) > rate
    at = int(rng.uniform(0, 2) * rate) if pauses else 0
    start = int(rng.integers(len(samples))) if long and not pauses else 0
    while at < count:
        piece = fade(samples[start : start + count - at].copy(), rate, 0.003, 0.01)
        if pauses:
            piece *= gain(rng.uniform(-6, 0))
        out[at : at + len(piece)] = piece
        at += len(piece) + (int(rng.uniform(0.1, 2.5) * rate) if pauses else 0)
        start = 0
    return out


def recorded(material, count, rate, rng, kinds=None):
    """A recording of some kind, its pitch and speed changed by 0.75 to 1.43."""
    names = [k for k in (kinds or sorted(material.noise)) if k in material.noise]
    weights = np.array([KINDS.get(k, OTHER_KINDS) for k in names], float)
    kind = names[rng.choice(len(names), p=weights / weights.sum())]
    samples = material.noise[kind][rng.integers(len(material.noise[kind]))].samples[rate]
    down = int(rng.integers(14, 28))
    if down != 20:
        samples = signal.resample_poly(samples[: SECONDS * rate], 20, down).astype(np.float32)
    return kind, looped(samples, count, rate, rng, rng.random() < (0.75 if kind in EVENTS else 0.2))


def babble(material, count, rate, rng, talkers):
    """Several talkers at once: not speech to us."""
    out = np.zeros(count, np.float32)
    voices = (material.talkers if rate == 8000 else material.wide_talkers).recordings
    for _ in range(talkers):
        start = 0
        shift = int(rng.integers(rate))
        weight = rng.uniform(0.5, 1)
        while start < count:
            voice = voices[rng.integers(len(voices))].samples[rate]
            piece = voice[shift if shift < len(voice) else 0 :][: count - start]
            out[start : start + len(piece)] += piece * (weight / (active_rms(voice, rate) + 1e-7))
            start += len(piece)
            shift = 0
    return out


def far_talkers(material, count, rate, rng):
    """One to four people across the room, or a television: not speech to us, though one may follow them.

    What tells them from the caller is the room: they are heard by its reflections more than directly.
    """
    out = np.zeros(count, np.float32)
    seconds = rng.uniform(0.25, 0.8)
    for _ in range(rng.integers(1, 5)):
        voice = babble(material, count, rate, rng, 1)
        voice = in_room(voice, made_room(rate, rng, rng.uniform(-15, -5), seconds))
        if rng.random() < 0.4:
            edge = int(rng.uniform(0.1, 0.9) * count)
            voice[:edge] *= rng.uniform(0, 0.3)
        out += voice * gain(rng.uniform(-10, 0))
    if rng.random() < 0.2:
        melody = music(count, rate, rng)
        out += in_room(melody * (gain(rng.uniform(-12, 3)) / active_rms(melody, rate)), made_room(rate, rng, -3, seconds))
    return out


def draw_noise(material, count, rate, rng, alone):
    """A noise and the name of its kind."""
    kind = rng.random()
    if kind < 0.12:
        # A few talkers can still be followed; they count as noise only far behind somebody.
        talkers = int(rng.integers(6, 17)) if alone else int(rng.integers(4, 17))
        return "babble %d" % talkers, babble(material, count, rate, rng, talkers)
    if kind < 0.22:
        return "far talkers", far_talkers(material, count, rate, rng)
    if kind < 0.62:
        return recorded(material, count, rate, rng)
    weights = np.array([w for _, w in MAKERS.values()], float)
    name = list(MAKERS)[rng.choice(len(MAKERS), p=weights / weights.sum())]
    return "made " + name, MAKERS[name][0](count, rate, rng)


def some_noise(material, count, rate, rng, alone):
    """One noise or two at once, active level 1; at times it comes or goes in the middle."""
    name, out = draw_noise(material, count, rate, rng, alone)
    out = out / active_rms(out, rate) if np.any(out) else out
    if rng.random() < 0.22:
        second, other = draw_noise(material, count, rate, rng, alone)
        if np.any(other):
            out = out + other * (gain(rng.uniform(-12, 3)) / active_rms(other, rate))
            out /= active_rms(out, rate)
            name += " + " + second
    if rng.random() < 0.2:
        edge = int(rng.uniform(0.1, 0.8) * count)
        out[:edge] *= 0 if rng.random() < 0.7 else 0.1
    elif rng.random() < 0.1:
        out[int(rng.uniform(0.3, 0.9) * count) :] = 0
    return name, out


def line_noise(count, rate, rng):
    """What a quiet line or recorder adds: nothing at all, hiss, or coloured noise, -85 to -50 dBFS."""
    kind = rng.random()
    if kind < 0.3:
        return np.zeros(count, np.float32)
    out = rng.standard_normal(count, dtype=np.float32) if kind < 0.6 else coloured(count, rate, rng)
    return out * np.float32(gain(rng.uniform(-85, -50)) / active_rms(out, rate))


# --- Clips ---


def quiet_clip(material, count, rate, rng, note):
    """A clip without speech."""
    if rng.random() < 0.12:
        note.update(style="line", noise="line")
        return line_noise(count, rate, rng)
    name, out = some_noise(material, count, rate, rng, alone=True)
    level = rng.uniform(-60, -18)
    if rng.random() < 0.2:
        out = in_room(out, made_room(rate, rng, rng.uniform(-3, 10), rng.uniform(0.1, 0.7)))
    note.update(style="none", noise=name, level_db="%.1f" % level)
    return out * np.float32(gain(level) / active_rms(out, rate)) + line_noise(count, rate, rng) if np.any(out) else out


def speech_clip(material, count, rate, rng, note):
    """A clip with speech: samples and labels."""
    out, labels, response = draw_speech(material, rate, rng, note)
    kind, snr = rng.random(), None
    if rate == 16000 and kind < 0.28:
        if rng.random() < 0.5:
            name, noise = recorded(material, count, rate, rng, ("room", "hiss", "wind", "street"))
        else:
            name, noise = "made coloured", coloured(count, rate, rng)
        name, snr = "quiet room: " + name, rng.uniform(15, 40)
    elif kind < (0.38 if rate == 16000 else 0.06):
        if rng.random() < 0.4:
            name, noise = recorded(material, count, rate, rng, ("music", "instrument"))
        else:
            name, noise = "made music", music(count, rate, rng)
        name, snr = "under: " + name, rng.uniform(5, 20)
    elif kind < (0.5 if rate == 16000 else 0.31):
        name, noise = "line", np.zeros(count, np.float32)
    elif kind > 0.97:
        name, noise, snr = "talkers behind", babble(material, count, rate, rng, 3), rng.uniform(15, 25)
    else:
        name, noise = some_noise(material, count, rate, rng, alone=False)
        snr = float(np.clip(rng.normal(8, 7), -5, 30))
    if snr is not None and np.any(noise):
        if response is not None and rng.random() < 0.6:
            noise = in_room(noise, response)
        out = out + noise * np.float32(speech_rms(out, labels, rate) / active_rms(noise, rate) / gain(snr))
    out = out + line_noise(count, rate, rng)
    if rng.random() < 0.08:
        out *= stepping(count, rate, rng)
    note.update(noise=name, snr_db="" if snr is None else "%.1f" % snr)
    return out, labels


COLUMNS = ("clip", "style", "talkers", "level_db", "room", "noise", "snr_db", "channel", "speech")


def clip(material, rate, rng):
    """Samples (int16, 20 s), labels (uint8, one a hop of 10 ms) and a description."""
    count, note = SECONDS * rate, {}
    if rng.random() < 0.25:
        out, labels = quiet_clip(material, count, rate, rng, note), np.zeros(HOPS, np.uint8)
    else:
        out, labels = speech_clip(material, count, rate, rng, note)
    samples, done = channel(out, rate, rng)
    note.update(channel=" ".join(done) or "plain", speech="%.3f" % np.mean(labels == SPEECH))
    return samples, labels, note
