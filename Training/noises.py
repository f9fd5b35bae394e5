"""Synthesised sounds that are not speech.

Every maker takes (count, rate, rng) and returns `count` float32 samples at any level; whoever calls sets the level.  The
numbers are drawn around what such sounds are like; none needs to be exact, but all must be varied.
"""
import numpy as np
from scipy import signal

from levels import gain


# --- Building blocks ---


def fade(samples, rate, rise_s=0.005, fall_s=0.005):
    """Ramps the ends, in place."""
    rise, fall = (min(int(s * rate), len(samples) // 2) for s in (rise_s, fall_s))
    if rise:
        samples[:rise] *= np.linspace(0, 1, rise, dtype=np.float32)
    if fall:
        samples[len(samples) - fall :] *= np.linspace(1, 0, fall, dtype=np.float32)
    return samples


def shaped(samples, rate, gain_at):
    """Filters without delay: multiplies the spectrum by `gain_at(frequencies in Hz)`."""
    size = int(2 ** np.ceil(np.log2(len(samples) + 1)))
    spectrum = np.fft.rfft(samples, size) * gain_at(np.fft.rfftfreq(size, 1 / rate))
    return np.fft.irfft(spectrum, size)[: len(samples)].astype(np.float32)


def resonant(samples, rate, formants):
    """Sum of resonators, each (Hz, bandwidth in Hz, weight)."""
    out = np.zeros(len(samples))
    for frequency, width, weight in formants:
        if frequency < rate * 0.47:
            radius = np.exp(-np.pi * width / rate)
            poles = [1, -2 * radius * np.cos(2 * np.pi * frequency / rate), radius**2]
            out += weight * signal.lfilter([1 - radius], poles, samples)
    return out.astype(np.float32)


def voiced(pitch, rate, rng, tilt=1.0, most=24):
    """Harmonics of a gliding pitch (Hz a sample), falling by k^-tilt, none above the band."""
    phase = np.cumsum(2 * np.pi * pitch / rate) % (2 * np.pi)
    top = min(most, int(rate * 0.48 / pitch.max()))
    out = np.zeros(len(pitch), np.float32)
    for k in range(1, max(top, 1) + 1):
        out += np.float32(k**-tilt * rng.uniform(0.6, 1)) * np.sin((k * phase + rng.uniform(0, 6.28)).astype(np.float32))
    return out


def glide(points, count):
    """A smooth track through equally spaced values."""
    return np.interp(np.linspace(0, 1, count), np.linspace(0, 1, len(points)), points)


def repeated(count, rate, rng, make, pause_s, burst=(1, 1), burst_pause_s=(0.1, 0.3)):
    """Events with pauses drawn from `pause_s`, in bursts of `burst` events; levels differ by a few decibels."""
    out = np.zeros(count, np.float32)
    at = int(rng.uniform(0, min(pause_s[1], 2)) * rate)
    while at < count:
        for _ in range(rng.integers(burst[0], burst[1] + 1)):
            piece = make(rate, rng) * gain(rng.uniform(-5, 0))
            piece = piece[: max(0, count - at)]
            out[at : at + len(piece)] += piece
            at += len(piece) + int(rng.uniform(*burst_pause_s) * rate)
        at += int(rng.uniform(*pause_s) * rate)
    return out


def normal(count, rng):
    return rng.standard_normal(count, dtype=np.float32)


def decay(count, rate, seconds):
    """From 1 down by 60 dB in `seconds`."""
    return gain(-60 * np.arange(count, dtype=np.float32) / rate / seconds)


# --- Steady noise, lines and machines ---


def coloured(count, rate, rng):
    """Noise with a random slope (-12..+3 dB an octave) and at times a bump."""
    slope, low = rng.uniform(-2, 0.5), rng.uniform(30, 200)
    bump, width, height = rng.uniform(200, 3000), rng.uniform(100, 1000), rng.uniform(0, 4) * (rng.random() < 0.4)
    return shaped(
        normal(count, rng),
        rate,
        lambda f: (np.maximum(f, low) / 1000) ** slope * (f > 20) * (1 + height * np.exp(-(((f - bump) / width) ** 2))),
    )


def modulated(count, rate, rng):
    """Coloured noise whose level moves: waves, gusts, or at the rate of syllables."""
    knots = max(4, int(count / rate * 2 * rng.choice([0.2, 0.5, 2, 5, 8])))
    return coloured(count, rate, rng) * gain(glide(rng.normal(0, rng.uniform(3, 10), knots), count)).astype(np.float32)


def hum(count, rate, rng):
    """Mains of 50 or 60 Hz with harmonics."""
    base = rng.choice([50.0, 60.0]) * rng.uniform(0.998, 1.002)
    t = np.arange(count) / rate
    out = np.zeros(count, np.float32)
    power = rng.uniform(0, 1.2)
    for k in range(1, rng.integers(4, 26)):
        out += np.float32(rng.uniform(0, 1) / k**power) * np.sin(2 * np.pi * ((base * k * t + rng.random()) % 1)).astype(
            np.float32
        )
    return out


def motor(count, rate, rng):
    """A fan or engine: harmonics of a wandering rate, and noise."""
    pitch = rng.uniform(25, 180) * gain(glide(rng.normal(0, rng.uniform(0, 1.5), 10), count))
    out = voiced(pitch, rate, rng, rng.uniform(0.3, 1.5))
    return out + coloured(count, rate, rng) * rng.uniform(0.05, 1)


def crackle(count, rate, rng):
    """Clicks of a bad line, some ringing."""
    out = np.zeros(count, np.float32)
    clicks = rng.integers(5, max(6, int(count / rate * rng.choice([2, 20, 100]))))
    out[rng.integers(0, count, clicks)] = rng.standard_cauchy(clicks).clip(-20, 20)
    if rng.random() < 0.6:
        out = resonant(out, rate, [(rng.uniform(300, 3000), rng.uniform(200, 2000), 1)])
    return out


# --- Signals of the telephone ---

# ITU-T Q.23: one low and one high frequency a key.
DTMF_LOW, DTMF_HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
# Frequencies in Hz and cadence (on, off) in s: ITU-T E.180 gives the national variants these are taken from.
CALL_PROGRESS = (
    ((440, 480), (2, 4)), ((425,), (1, 4)), ((400, 450), (0.4, 0.2, 0.4, 2)), ((480, 620), (0.5, 0.5)),
    ((425,), (0.48, 0.48)), ((425,), (0.24, 0.24)), ((350, 440), (30, 0)), ((425,), (30, 0)), ((440,), (0.3, 10)),
    ((480, 620), (0.25, 0.25)), ((1400,), (0.5, 15)), ((1400, 2060, 2450, 2600), (0.1, 0.1)),
)  # fmt: skip


def tone(frequencies, seconds, rate, rng):
    t = np.arange(int(seconds * rate)) / rate
    out = sum(np.sin(2 * np.pi * f * t + rng.uniform(0, 6.28)) for f in frequencies)
    return fade(np.asarray(out, np.float32), rate, 0.002, 0.002)


def keys(count, rate, rng):
    long = rng.uniform(0.06, 0.4)

    def make(rate, rng):
        return tone((rng.choice(DTMF_LOW), rng.choice(DTMF_HIGH)), long * rng.uniform(0.8, 1.2), rate, rng)

    return repeated(count, rate, rng, make, (0.5, 4), (1, 11), (0.05, 0.5))


def progress(count, rate, rng):
    """Ringback, busy, dial and other tones of the exchange."""
    frequencies, cadence = CALL_PROGRESS[rng.integers(len(CALL_PROGRESS))]
    edges = np.cumsum(cadence)
    t = np.arange(count) / rate
    at = (t + rng.uniform(0, edges[-1])) % edges[-1]
    on = np.searchsorted(edges, at, side="right") % 2 == 0
    off = rng.uniform(0.98, 1.02)
    return (sum(np.sin(2 * np.pi * f * off * t) for f in frequencies) * on).astype(np.float32)


def intercept(count, rate, rng):
    """Special information tone: three rising tones (ITU-T E.180: 950, 1400, 1800 Hz, 330 ms each)."""

    def make(rate, rng):
        return np.concatenate([tone((f,), 0.33, rate, rng) for f in (950, 1400, 1800)])

    return repeated(count, rate, rng, make, (0.8, 4))


def modem(count, rate, rng):
    """Fax and modem: calling tone 1100 Hz, answer tone 2100 Hz (ITU-T T.30), V.21 bits, or scrambled carrier."""
    t = np.arange(count) / rate
    kind = rng.integers(4)
    if kind == 0:
        return (np.sin(2 * np.pi * 1100 * t) * ((t + rng.uniform(0, 3)) % 3.5 < 0.5)).astype(np.float32)
    if kind == 1:
        flips = np.where((t // 0.45) % 2 < 1, 1, -1) if rng.random() < 0.5 else 1
        return (np.sin(2 * np.pi * 2100 * t) * flips).astype(np.float32)
    if kind == 2:
        bits = np.repeat(rng.integers(0, 2, count * 300 // rate + 2), rate // 300 + 1)[:count]
        low, high = ((980, 1180), (1650, 1850))[rng.integers(2)]
        return np.sin(2 * np.pi * np.cumsum(np.where(bits, low, high)) / rate).astype(np.float32)
    baud = rng.choice([600, 1200, 2400])
    steps = np.repeat(rng.integers(0, 4, count * baud // rate + 2), rate // baud + 1)[:count]
    return np.sin(2 * np.pi * 1800 * t + steps * np.pi / 2).astype(np.float32)


def beeps(count, rate, rng):
    """Steady beeps of machines: one pitch, one rhythm; some with harmonics."""
    frequencies = [rng.uniform(300, 3200)]
    if rng.random() < 0.5:
        frequencies += [frequencies[0] * k for k in (2, 3)]
    seconds = rng.uniform(0.05, 0.8)
    pause = rng.uniform(0.05, 2)
    frequencies = [f for f in frequencies if f < rate * 0.48]
    return repeated(
        count, rate, rng, lambda rate, rng: tone(frequencies, seconds, rate, rng), (pause, pause * 1.01), (1, 1), (0, 0.001)
    )


def siren(count, rate, rng):
    """Two tones or a sweep that goes up and down."""
    t = np.arange(count) / rate
    low = rng.uniform(350, 900)
    high, speed = low * rng.uniform(1.2, 2.2), rng.uniform(0.1, 4)
    wave = (t * speed + rng.random()) % 1
    shape = [np.abs(2 * wave - 1), (wave < 0.5).astype(float), 0.5 + 0.5 * np.sin(2 * np.pi * wave)][rng.integers(3)]
    return voiced(low + (high - low) * shape, rate, rng, rng.uniform(0.7, 2), 8)


def chirps(count, rate, rng):
    """Birds and game sounds: short sweeps."""
    centre = rng.uniform(500, 3200)

    def make(rate, rng):
        pitch = np.clip(centre * gain(glide(rng.normal(0, 3, rng.integers(2, 5)), int(rng.uniform(0.04, 0.4) * rate))), 100, rate * 0.45)
        return fade(voiced(pitch, rate, rng, 2, 3), rate, 0.01, 0.02)

    return repeated(count, rate, rng, make, (0.2, 2.5), (1, 8), (0.02, 0.2))


# --- Bodies and animals ---


def breath(count, rate, rng):
    """In and out: noise through a wide mouth, swelling."""

    def make(rate, rng):
        size = int(rng.uniform(0.25, 1.4) * rate)
        formants = [(rng.uniform(400, 900), 300, 1), (rng.uniform(1100, 2000), 400, 1), (rng.uniform(2200, 3500), 600, 0.7)]
        return resonant(normal(size, rng), rate, formants) * np.sin(np.linspace(0, np.pi, size)).astype(np.float32) ** rng.uniform(1, 3)

    return repeated(count, rate, rng, make, (0.3, 3))


def throat(rng, spread=1.0):
    """Three formants of some open vowel."""
    scale = rng.uniform(0.85, 1.3) * spread
    return [
        (rng.uniform(450, 850) * scale, rng.uniform(80, 250), 1),
        (rng.uniform(1000, 1900) * scale, rng.uniform(100, 300), rng.uniform(0.3, 1)),
        (rng.uniform(2300, 3100) * scale, rng.uniform(150, 400), rng.uniform(0.1, 0.6)),
    ]


def one_cough(rate, rng):
    """A burst, the rush of air after it, and often a voiced end."""
    burst, rush = int(rng.uniform(0.02, 0.07) * rate), int(rng.uniform(0.12, 0.4) * rate)
    envelope = np.concatenate([np.linspace(0.2, 1, burst), rng.uniform(0.25, 0.8) * decay(rush, rate, rng.uniform(0.3, 1.2))])
    source = normal(burst + rush, rng)
    if rng.random() < 0.6:
        start = rng.integers(burst // 2, burst + rush // 2)
        pitch = glide(rng.uniform(90, 350) * np.array([1, rng.uniform(0.9, 1.3), rng.uniform(0.6, 1)]), burst + rush - start)
        source[start:] += voiced(pitch, rate, rng, 0.5) * rng.uniform(0.3, 2)
    return fade(resonant(source * envelope.astype(np.float32), rate, throat(rng)), rate, 0.002, 0.03)


def cough(count, rate, rng):
    return repeated(count, rate, rng, one_cough, (0.8, 5), (1, 4), (0.05, 0.4))


def sneeze(count, rate, rng):
    """Drawing in (voiced or not), then a burst of high noise."""

    def make(rate, rng):
        size = int(rng.uniform(0.2, 0.6) * rate)
        drawn = normal(size, rng) * 0.5
        if rng.random() < 0.7:
            drawn += voiced(glide(rng.uniform(150, 400) * np.array([1, 1.3]), size), rate, rng, 0.8)
        drawn = resonant(drawn * np.linspace(0, 0.5, size, dtype=np.float32), rate, throat(rng))
        size = int(rng.uniform(0.15, 0.5) * rate)
        edge = rng.uniform(800, 2500)
        burst = shaped(normal(size, rng), rate, lambda f: 1 / (1 + (edge / (f + 1)) ** 4)) * decay(size, rate, rng.uniform(0.3, 0.9))
        return np.concatenate([drawn, fade(burst / 3, rate)])

    return repeated(count, rate, rng, make, (1.5, 6), (1, 3), (0.2, 0.8))


def baby(count, rate, rng):
    """Cries: a gliding voice of 300 to 700 Hz with vibrato, at times breaking, and breaths drawn between."""
    base, breathy = rng.uniform(300, 600), rng.uniform(0, 0.4)
    formants = throat(rng, 1.5)

    def make(rate, rng):
        size = int(rng.uniform(0.3, 1.6) * rate)
        t = np.arange(size) / rate
        pitch = base * glide(rng.uniform(0.75, 1.0, 1).tolist() + rng.uniform(0.95, 1.35, 3).tolist() + [rng.uniform(0.6, 1)], size)
        pitch *= 1 + rng.uniform(0, 0.05) * np.sin(2 * np.pi * rng.uniform(4, 9) * t)
        if rng.random() < 0.3:
            pitch *= 1 + 0.1 * signal.lfilter([0.05], [1, -0.95], rng.standard_normal(size))
        source = voiced(pitch, rate, rng, rng.uniform(0.2, 1.2)) + normal(size, rng) * breathy
        return fade(resonant(source, rate, formants) + 0.2 * source / 5, rate, 0.05, 0.1)

    return repeated(count, rate, rng, make, (0.2, 1.5), (1, 6), (0.1, 0.5))


def laugh(count, rate, rng):
    """Bursts of voiced breath, four to six a second, falling in pitch."""
    base, formants, syllable, voice = rng.uniform(120, 450), throat(rng), rng.uniform(0.15, 0.26), rng.uniform(0, 1)

    def make(rate, rng):
        size = int(syllable * rate)
        parts = []
        for k in range(rng.integers(3, 11)):
            pitch = glide(base * 0.97**k * rng.uniform(0.9, 1.15) * np.array([1.1, 1.15, 0.9]), size)
            part = voiced(pitch, rate, rng, 0.8) * voice + normal(size, rng) * (1.2 - voice)
            parts.append(part * np.clip(np.sin(np.linspace(-0.8, np.pi, size)), 0, None).astype(np.float32) ** 1.5 * 0.95**k)
        return resonant(np.concatenate(parts), rate, formants)

    return repeated(count, rate, rng, make, (0.6, 4))


def bark(count, rate, rng):
    """Dogs: short harmonic bursts with much noise."""
    base, formants = rng.uniform(150, 700), throat(rng, rng.uniform(0.8, 1.6))

    def make(rate, rng):
        size = int(rng.uniform(0.08, 0.3) * rate)
        pitch = base * glide([rng.uniform(0.7, 1), rng.uniform(1.1, 1.5), rng.uniform(0.6, 0.9)], size)
        source = voiced(pitch, rate, rng, 0.6) + normal(size, rng) * rng.uniform(0.2, 1.5)
        return fade(resonant(source, rate, formants), rate, 0.01, 0.04)

    return repeated(count, rate, rng, make, (0.4, 3), (1, 5), (0.1, 0.6))


def crow(count, rate, rng):
    """Crows, cats, cattle, roosters: long rough calls, gliding."""
    base, rough, long = np.exp(rng.uniform(np.log(90), np.log(1100))), rng.uniform(0, 0.8), rng.uniform(0.25, 1.4)
    formants = throat(rng, rng.uniform(0.7, 1.6))

    def make(rate, rng):
        size = int(long * rng.uniform(0.7, 1.3) * rate)
        pitch = base * glide(rng.uniform(0.7, 1.4, rng.integers(2, 6)), size)
        beat = 1 + rough * np.sin(2 * np.pi * rng.uniform(20, 90) * np.arange(size) / rate)
        source = voiced(pitch, rate, rng, rng.uniform(0, 1)) * beat.astype(np.float32) + normal(size, rng) * rough
        return fade(resonant(source, rate, formants), rate, 0.03, 0.08)

    return repeated(count, rate, rng, make, (0.4, 3), (1, 4), (0.1, 0.5))


# --- Things ---


def knock(rate, rng, seconds, frequencies):
    """Something struck: a click that rings."""
    size = int(seconds * 1.5 * rate)
    click = np.zeros(size, np.float32)
    width = max(1, int(rng.uniform(0.0003, 0.004) * rate))
    click[:width] = normal(width, rng)
    ring = [(f * rng.uniform(0.99, 1.01), 6.9 / seconds / np.pi * rng.uniform(0.7, 2), rng.uniform(0.3, 1)) for f in frequencies]
    return fade(resonant(click, rate, ring), rate, 0, 0.01)


def clock(count, rate, rng):
    """Ticks, two sounds in turn, at a fixed pace."""
    pace, sounds = rng.choice([0.2, 0.25, 0.5, 1]) * rng.uniform(0.95, 1.05), []
    for _ in range(2):
        frequencies = rng.uniform(800, 3600, rng.integers(1, 4))
        sounds.append(knock(rate, rng, rng.uniform(0.005, 0.06), frequencies) * rng.uniform(0.5, 1))
    out = np.zeros(count, np.float32)
    for k, at in enumerate(np.arange(rng.uniform(0, pace), count / rate, pace)):
        start = int(at * rate)
        piece = sounds[k % 2][: count - start]
        out[start : start + len(piece)] += piece
    return out


def taps(count, rate, rng):
    """Taps, steps, keys and knocks at irregular times."""
    frequencies, seconds = rng.uniform(100, 3000, rng.integers(1, 5)), rng.uniform(0.01, 0.25)
    pace = rng.uniform(0.06, 0.6)

    def make(rate, rng):
        return knock(rate, rng, seconds * rng.uniform(0.7, 1.3), frequencies * rng.uniform(0.9, 1.1))

    return repeated(count, rate, rng, make, (0.2, 2.5), (1, 14), (pace * 0.5, pace * 1.5))


def rustle(count, rate, rng):
    """A hand on the microphone, cloth, paper: short noisy strokes."""
    low = rng.uniform(100, 3000)

    def make(rate, rng):
        size = int(rng.uniform(0.03, 0.6) * rate)
        piece = shaped(normal(size, rng), rate, lambda f: (f > low * 0.3) / (1 + (f / low) ** 2))
        return fade(piece * gain(glide(rng.normal(0, 8, 8), size)).astype(np.float32), rate, 0.01, 0.02)

    return repeated(count, rate, rng, make, (0.1, 2), (1, 5), (0.01, 0.2))


# --- Music ---

SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 7, 9), (0, 3, 5, 6, 7, 10))
# Strengths of the harmonics, rise (s), time to fall by 60 dB (s; None: held), vibrato (part of the pitch).
TIMBRES = {
    "organ": ((1, 0.7, 0.3, 0.5, 0.1, 0.2), 0.02, None, 0.0),
    "flute": ((1, 0.25, 0.1, 0.03), 0.06, None, 0.008),
    "strings": (tuple(1 / k for k in range(1, 11)), 0.15, None, 0.006),
    "brass": ((0.6, 1, 0.9, 0.7, 0.5, 0.3, 0.2), 0.05, None, 0.003),
    "reed": ((1, 0.1, 0.7, 0.1, 0.5, 0.1, 0.3, 0.05, 0.15), 0.03, None, 0.004),
    "voice pad": ((1, 0.9, 0.5, 0.15, 0.1, 0.2, 0.1), 0.2, None, 0.012),
    "piano": ((1, 0.6, 0.35, 0.3, 0.15, 0.1, 0.08), 0.003, 3.0, 0.0),
    "pluck": ((1, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2, 0.15), 0.002, 1.2, 0.0),
    "bell": ((1, 0.0, 0.6, 0.0, 0.5, 0.4), 0.002, 2.5, 0.0),
    "sine": ((1,), 0.01, None, 0.0),
}


def note(frequency, seconds, timbre, rate, rng):
    strengths, rise, fall, vibrato = timbre
    size = int(seconds * rate)
    t = np.arange(size) / rate
    swing = vibrato * frequency / (2 * np.pi * 5.5) * np.sin(2 * np.pi * 5.5 * t + rng.uniform(0, 6.28)) if vibrato else 0
    phase = (2 * np.pi * ((frequency * t + swing) % 1)).astype(np.float32)
    out = np.zeros(size, np.float32)
    for k, strength in enumerate(strengths, 1):
        if strength and frequency * k < rate * 0.48:
            out += np.float32(strength) * np.sin(k * phase)
    if fall:
        out *= decay(size, rate, fall)
    return fade(out, rate, rise, 0.03)


def drum(kind, rate, rng):
    size = int(0.25 * rate)
    if kind == 0:
        sweep = 50 + 120 * np.exp(-np.arange(size) / rate * 30)
        return (np.sin(2 * np.pi * np.cumsum(sweep) / rate) * decay(size, rate, 0.4)).astype(np.float32)
    noise = normal(size, rng)
    if kind == 1:
        return noise * decay(size, rate, 0.3) * 0.6
    return np.diff(noise, append=0).astype(np.float32) * decay(size, rate, 0.12) * 0.4


def music(count, rate, rng):
    """Chords, arpeggio, melody, bass and drums, each there or not, in one key and tempo; repeats after eight bars at most."""
    beat = 60 / rng.uniform(60, 170)
    scale = SCALES[rng.integers(len(SCALES))]
    root = 110 * 2 ** (rng.integers(0, 12) / 12)
    bars = int(np.clip(min(count / rate, 12) / (beat * 4), 1, 8))
    out = np.zeros(int((bars * 4 + 4) * beat * rate), np.float32)

    def pitch(degree, octave):
        return root * 2 ** (octave + degree // len(scale) + scale[degree % len(scale)] / 12)

    def put(piece, beats, level):
        start = int(beats * beat * rate)
        piece = piece[: len(out) - start]
        out[start : start + len(piece)] += piece * np.float32(level)

    def timbre():
        return list(TIMBRES.values())[rng.integers(len(TIMBRES))]

    parts = rng.random(5) < (0.6, 0.35, 0.6, 0.4, 0.4)
    if not parts.any():
        parts[rng.integers(4)] = True
    chords = rng.integers(0, len(scale), bars)
    sounds = [timbre() for _ in range(4)]
    octave = rng.integers(0, 3)
    degree = rng.integers(0, 10)
    pattern = rng.integers(0, 4, 8)
    for bar, chord in enumerate(chords):
        if parts[0]:
            for k in (0, 2, 4)[: rng.integers(2, 4)]:
                put(note(pitch(chord + k, 1), beat * 4, sounds[0], rate, rng), bar * 4, 0.5)
        if parts[1]:
            for k in range(8):
                put(note(pitch(chord + 2 * pattern[k], 1), beat * 0.6, sounds[1], rate, rng), bar * 4 + k / 2, 0.6)
        if parts[2]:
            at = 0.0
            while at < 4:
                long = rng.choice([0.25, 0.5, 0.5, 1, 1, 2])
                degree = int(np.clip(degree + rng.integers(-3, 4), 0, 13))
                if rng.random() < 0.85:
                    put(note(pitch(degree, octave), beat * long, sounds[2], rate, rng), bar * 4 + at, 1)
                at += long
        if parts[3]:
            for k in range(4):
                put(note(pitch(chord, -1 if root > 150 else 0), beat * 0.9, sounds[3], rate, rng), bar * 4 + k, 0.8)
        if parts[4]:
            for k in range(8):
                put(drum(2, rate, rng), bar * 4 + k / 2, 0.7)
                if k % 2 == 0:
                    put(drum(0 if k % 4 == 0 else 1, rate, rng), bar * 4 + k / 2, 1.2)
    out = out[: int(bars * 4 * beat * rate)]
    start = rng.integers(len(out))
    return np.resize(np.roll(out, -start), count)


# Makers and how often each is drawn.  Where detectors fail (bodies, animals, music, tones) is drawn more.
MAKERS = {
    "coloured": (coloured, 8), "modulated": (modulated, 8), "hum": (hum, 4), "motor": (motor, 4), "crackle": (crackle, 3),
    "keys": (keys, 4), "progress": (progress, 5), "intercept": (intercept, 1), "modem": (modem, 2), "beeps": (beeps, 3),
    "siren": (siren, 2), "chirps": (chirps, 3), "breath": (breath, 4), "cough": (cough, 7), "sneeze": (sneeze, 4),
    "baby": (baby, 6), "laugh": (laugh, 4), "bark": (bark, 4), "crow": (crow, 4), "clock": (clock, 4), "taps": (taps, 4),
    "rustle": (rustle, 3), "music": (music, 14),
}  # fmt: skip
