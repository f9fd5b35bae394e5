"""Levels: decibels, and the level of what is active in a signal."""
import numpy as np


def gain(decibels):
    return 10 ** (decibels / 20)


def hop_power(samples, rate):
    hop = rate // 100
    return np.mean(samples[: len(samples) // hop * hop].reshape(-1, hop) ** 2, 1)


def speech_rms(samples, labels, rate):
    """Root mean square of the hops labelled as speech."""
    power = hop_power(samples, rate)[labels == 1]
    return np.sqrt(power.mean() + 1e-14) if len(power) else 1e-7


def active_rms(samples, rate):
    """Root mean square of the louder hops: within 20 dB of the loudest, so that pauses between events do not count."""
    power = hop_power(samples, rate)
    return np.sqrt(power[power >= power.max() * 0.01].mean() + 1e-14)
