"""Rooms, and what lines and recorders do to a signal.

Nothing here moves the signal in time by more than a millisecond or two, so labels stay as they are.
"""
import numpy as np
from scipy import signal

import opus
from levels import gain
from noises import shaped


# --- Rooms ---


def made_room(rate, rng, direct_db, seconds):
    """A room response: direct sound at 0, some early reflections, a late part that decays by 60 dB in `seconds`.

    `direct_db` is the ratio of the direct sound's energy to that of all the rest.  Walls swallow the high more.
    """
    size = int(min(seconds, 0.8) * rate)
    t = np.arange(size, dtype=np.float32) / rate
    late = rng.standard_normal(size, dtype=np.float32) * gain(-60 * t / seconds)
    late[: int(rng.uniform(0.002, 0.02) * rate)] = 0
    dull = rng.uniform(0, 0.7)
    late = signal.lfilter([1 - dull], [1, -dull], late)
    early = rng.integers(1, int(0.03 * rate), rng.integers(2, 9))
    late[early] += rng.standard_normal(len(early)) * np.abs(late).max()
    late[0] = 0
    late *= gain(-direct_db) / np.sqrt(np.sum(late**2))
    late[0] = 1
    return late / np.sqrt(np.sum(late**2))


def recorded_room(recording, rate):
    """From the direct sound on, half a second, energy 1."""
    response = recording.samples[rate]
    response = response[np.argmax(np.abs(response)) :][: rate // 2]
    return response / np.sqrt(np.sum(response**2) + 1e-12)


def in_room(samples, response):
    return signal.oaconvolve(samples, response)[: len(samples)].astype(np.float32)


# --- Gain ---


def drifting(count, rate, rng, swing_db=6):
    """A slow gain, as a head that turns."""
    knots = rng.integers(3, 9)
    track = np.interp(np.arange(count), np.linspace(0, count, knots), rng.uniform(-swing_db, swing_db, knots))
    return gain(track).astype(np.float32)


def stepping(count, rate, rng):
    """One or two steps of the gain, by up to 15 dB."""
    out = np.ones(count, np.float32)
    for _ in range(rng.integers(1, 3)):
        out[rng.integers(count) :] *= gain(rng.uniform(-15, 10))
    return out


def levelled(samples, rate, rng):
    """Automatic gain control: slow, towards one level, within 20 dB."""
    hop = rate // 100
    level = np.sqrt(np.mean(samples[: len(samples) // hop * hop].reshape(-1, hop) ** 2, 1) + 1e-9)
    pole = np.exp(-1 / (100 * rng.uniform(0.3, 2)))
    smooth = signal.lfilter([1 - pole], [1, -pole], level, zi=[level[:20].mean() * pole])[0]
    wanted = np.clip(gain(rng.uniform(-28, -18)) / smooth, 0.3, gain(rng.uniform(6, 20)))
    return samples * np.interp(np.arange(len(samples)), np.arange(len(wanted)) * hop, wanted).astype(np.float32)


# --- Coding ---


def mu_law(x):
    """ITU-T G.711 mu-law there and back, 16-bit values: eight chords of sixteen steps, of 14 bits."""
    size = np.minimum(np.abs(x), 32635) + 132
    step = 2.0 ** (np.floor(np.log2(size)) - 4)
    return np.sign(x) * (np.floor(size / step) * step + step / 2 - 132)


def a_law(x):
    """ITU-T G.711 A-law there and back: as mu-law but of 13 bits, the first two chords alike, and without a zero."""
    size = np.minimum(np.abs(x), 32767)
    step = 2.0 ** np.maximum(np.floor(np.log2(np.maximum(size, 1))) - 4, 4)
    return np.where(x < 0, -1, 1) * (np.floor(size / step) * step + step / 2)


def losses(packets, rng):
    """Which packets of 20 ms are lost: 1 to 10 %, alone or in bursts."""
    rate = rng.uniform(0.01, 0.1)
    stay = rng.choice([0.0, 0.3, 0.6])
    starts = rng.random(packets) < rate * (1 - stay)
    lost = starts.copy()
    while stay and starts.any():
        starts = np.append(False, starts[:-1]) & (rng.random(packets) < stay)
        lost |= starts
    return lost


def concealed(samples, rate, lost, repeat):
    """Lost packets silent, or the last good one again, quieter with each repeat."""
    frame = rate // 50
    packets = samples.reshape(-1, frame)
    good = np.maximum.accumulate(np.where(lost, 0, np.arange(len(packets))))
    age = np.arange(len(packets)) - good
    factor = np.where(lost, 0.7**age * (age < 5) if repeat else 0.0, 1.0)
    return (packets[good] * factor[:, None]).reshape(-1)


# --- Whole channels ---


def telephone_band(samples, rate, rng):
    band = [rng.uniform(200, 350), rng.uniform(3100, 3700)]
    return signal.sosfilt(signal.butter(rng.integers(2, 5), band, "bandpass", fs=rate, output="sos"), samples)


def equalised(samples, rate, rng):
    """A tilt and a bump, mild."""
    tilt, bump, height = rng.uniform(-4, 4), rng.uniform(200, 3500), rng.uniform(-5, 5)

    def curve(f):
        octaves = np.log2(np.maximum(f, 60) / 1000)
        return gain(tilt * octaves + height * np.exp(-((np.log2(np.maximum(f, 60) / bump)) ** 2) * 2))

    return shaped(samples, rate, curve)


def low_passed(samples, rate, edge):
    """Steep, as the cut-off of a music codec."""
    return shaped(samples, rate, lambda f: np.clip((edge + 100 - f) / 200, 0, 1))


def channel(samples, rate, rng):
    """The signal as it arrives, int16, and what was done to it, in words."""
    done = []
    if rate == 8000:
        kind = rng.random()
        if kind < 0.5:
            samples = telephone_band(samples, rate, rng)
            done.append("band")
        elif kind > 0.85:
            samples = equalised(samples, rate, rng)
            done.append("tilt")
    else:
        if rng.random() < 0.15:
            samples = equalised(samples, rate, rng)
            done.append("tilt")
        if rng.random() < 0.3:
            edge = rng.uniform(3400, 7500)
            samples = low_passed(samples, rate, edge)
            done.append("low-pass %d" % edge)
    if rng.random() < 0.08:
        samples = levelled(samples, rate, rng)
        done.append("agc")
    peak = np.abs(samples).max() + 1e-9
    if rng.random() < 0.05:
        # What is quiet is not clipped on any line; it only passes louder.
        samples = samples * (rng.uniform(1.2, 5) * 0.98 / peak if peak > 0.1 else gain(rng.uniform(0, 12)))
        done.append("clipped" if peak > 0.1 else "louder")
    elif peak > 0.98:
        samples = samples * (0.98 / peak)
    if rng.random() < 0.06:
        samples = samples + rng.uniform(-0.03, 0.03)
        done.append("offset")
    x = np.round(np.clip(samples, -1, 32767 / 32768) * 32768)
    packets = len(x) // (rate // 50)
    lost = losses(packets, rng) if rng.random() < 0.1 else None
    if lost is not None:
        done.append("lost %.0f%%" % (100 * lost.mean()))
    if rng.random() < (0.10 if rate == 8000 else 0.15):
        bits = rng.uniform(6000, 16000) if rate == 8000 else rng.uniform(16000, 24000)
        done.append("opus %.0fk" % (bits / 1000))
        return opus.transcoded(x.astype(np.int16), rate, bits, lost), done
    if lost is not None:
        x = concealed(x, rate, lost, rng.random() < 0.5)
    if rate == 8000:
        law = rng.random()
        if law < 0.55:
            x = mu_law(x)
            done.append("mu-law")
        elif law < 0.66:
            x = a_law(x)
            done.append("A-law")
    return x.astype(np.int16), done
