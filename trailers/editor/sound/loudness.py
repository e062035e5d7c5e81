"""Loudness and true peak by ITU-R BS.1770-4, and a level that is set by them; samples are float32 (n, channels) at 48 kHz."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
Curve = npt.NDArray[np.float64]

RATE = 48000
GATE = -70.0  # LUFS: the standard's absolute gate
OVERSAMPLE = 4
# K-weighting at 48 kHz: a shelf for the head, then a high pass (BS.1770-4, tables 1 and 2)
SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
LOOK = 240  # samples that the limiter looks ahead: 5 ms
RELEASE = 80  # milliseconds in which the limiter lets go of two thirds


@dataclass(frozen=True)
class Loudness:
    """Integrated and greatest short-term (3 s) loudness in LUFS, true peak in dBTP; -inf where nothing passes the gate."""

    integrated: float
    true_peak: float
    short_term_max: float

    @property
    def silent(self) -> bool:
        return self.integrated <= GATE


def measured(samples: Samples) -> Loudness:
    """Measures one or two channels, each of weight 1. Sound shorter than 0.4 s has no loudness by the standard: -inf."""
    hops = _hops(samples)
    short = _blocks(hops, 30)
    return Loudness(_gated(_blocks(hops, 4)), true_peak(samples), _lufs(float(short.max())) if len(short) else float("-inf"))


def integrated(samples: Samples) -> float:
    """Gated loudness of the whole in LUFS; -inf for silence."""
    return _gated(_blocks(_hops(samples), 4))


def true_peak(samples: Samples) -> float:
    """Greatest absolute value of the four times oversampled wave, in dBTP; -inf for silence."""
    return _decibels(float(_peaks(samples).max(initial=0.0)))


def limit(samples: Samples, ceiling: float) -> Samples:
    """The wave with its true peaks under `ceiling` dBTP: gain falls smoothly 5 ms before a peak and recovers in about 80 ms."""
    return np.asarray(samples * _allowed(_peaks(samples), ceiling)[:, None], np.float32)


def level(samples: Samples, target: float, ceiling: float) -> Samples:
    """The wave brought to `target` LUFS by one linear gain, and its peaks limited to `ceiling` dBTP where that gain needs it.

    Limiting costs loudness, so the gain is found in a few steps; silence stays as it is.
    """
    now, peaks = integrated(samples), _peaks(samples)
    if now <= GATE:
        return samples
    gain = target - now
    for _ in range(5):
        factor = 10 ** (gain / 20)
        louder = np.asarray(samples * (factor * _allowed(peaks * factor, ceiling))[:, None], np.float32)
        if factor * peaks.max() <= 10 ** (ceiling / 20):
            break
        error = target - integrated(louder)
        if abs(error) < 0.05:
            break
        gain += error
    return louder


def _allowed(peaks: Curve, ceiling: float) -> Curve:
    """A gain for each sample that keeps these peaks under the ceiling: 1 far from any that is too high."""
    from scipy.ndimage import minimum_filter1d, uniform_filter1d

    need = np.minimum(1.0, 10 ** (ceiling / 20) / np.maximum(peaks, 1e-9))
    if need.min(initial=1.0) >= 1.0:
        return need
    step = RATE // 1000
    steps = np.pad(need, (0, -len(need) % step), constant_values=1.0).reshape(-1, step).min(axis=1)
    keep, gain = float(np.exp(-1 / RELEASE)), 1.0
    for number, value in enumerate(steps):
        gain = min(float(value), 1 - (1 - gain) * keep)
        steps[number] = gain
    held = minimum_filter1d(np.minimum(need, np.repeat(steps, step)[: len(need)]), 2 * LOOK + 1, mode="nearest")
    for _ in range(2):  # two boxes make the slope smooth, and together look no farther than the minimum did
        held = uniform_filter1d(held, LOOK + 1, mode="nearest")
    return np.asarray(held, np.float64)


def _hops(samples: Samples) -> Curve:
    """Sum over channels of the K-weighted energy in each whole tenth of a second."""
    from scipy.signal import lfilter

    weighted = lfilter(*HIGH_PASS, lfilter(*SHELF, samples.astype(np.float64), axis=0), axis=0)
    hop = RATE // 10
    count = len(samples) // hop
    return np.asarray((weighted[: count * hop] ** 2).reshape(count, hop * samples.shape[1]).sum(axis=1), np.float64)


def _blocks(hops: Curve, length: int) -> Curve:
    """Mean power of the blocks of `length` tenths of a second, one begun at each tenth."""
    if len(hops) < length:
        return np.zeros(0)
    return np.convolve(hops, np.ones(length), "valid") / (length * RATE / 10)


def _gated(power: Curve) -> float:
    """The mean of the blocks above -70 LUFS and above 10 LU below the mean of those."""
    loud = power[power > 10 ** ((GATE + 0.691) / 10)]
    if not len(loud):
        return float("-inf")
    return _lufs(float(loud[loud > 0.1 * loud.mean()].mean()))


def _lufs(power: float) -> float:
    return float(-0.691 + 10 * np.log10(power)) if power > 0 else float("-inf")


def _decibels(value: float) -> float:
    return float(20 * np.log10(value)) if value > 0 else float("-inf")


def _peaks(samples: Samples) -> Curve:
    """For each sample the greatest absolute value of all channels from it to the next, oversampled (BS.1770-4, annex 2)."""
    from scipy.signal import resample_poly

    if not len(samples):
        return np.zeros(0)
    over = np.abs(resample_poly(samples.astype(np.float64), OVERSAMPLE, 1, axis=0)).max(axis=1)
    return np.asarray(over.reshape(len(samples), OVERSAMPLE).max(axis=1), np.float64)
