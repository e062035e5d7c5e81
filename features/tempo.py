"""Onsets by spectral flux, and the tempo they keep."""

import numpy as np
from numpy.typing import NDArray

RATE, HOP = 16000, 160  # samples a second of the mono sound that is listened to; 10 ms between two values of the flux
STEPS = RATE // HOP
SURROUNDINGS = 12  # seconds that a tempo is read from, around a shot that is shorter
SLOWEST, FASTEST = 40, 240  # beats a minute
STEADY = 0.35  # of 1: how alike the flux must be to itself one beat later
Flux = NDArray[np.float32]
_WINDOW = 512  # samples, 32 ms
_MEL = 700 * (10 ** (np.linspace(0, 2840, 41) / 2595) - 1)  # Hz, evenly spaced to the ear, up to 8 kHz
_BANDS = np.unique(np.round(_MEL * _WINDOW / RATE).astype(int))[:-1]  # the bins they begin at
_WIDTHS = np.diff(np.append(_BANDS, _WINDOW // 2 + 1)).astype(np.float32)
_FLOOR = 0.1  # a rise that counts at all


class Listener:
    """Spectral flux of every 10 ms, from pieces of mono sound at RATE: how much louder the parts of the spectrum become."""

    def __init__(self) -> None:
        self._shape = np.hanning(_WINDOW).astype(np.float32)
        self._rest = np.zeros(_WINDOW - HOP, np.float32)  # so that a value belongs to the 10 ms that its window ends with
        self._last = np.zeros(len(_BANDS), np.float32)

    def push(self, mono: NDArray[np.float32]) -> Flux:
        """float32 (samples,) -> float32 (samples // HOP,); what is over waits for the next piece."""
        from scipy.fft import rfft

        samples = np.concatenate([self._rest, mono])
        steps = max(0, (len(samples) - _WINDOW) // HOP + 1)
        self._rest = samples[steps * HOP :]
        if not steps:
            return np.zeros(0, np.float32)
        pieces = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::HOP][:steps]
        spectrum = np.log1p(50 * np.add.reduceat(np.abs(rfft(pieces * self._shape, axis=1)), _BANDS, axis=1) / _WIDTHS)
        before, self._last = np.concatenate([self._last[None], spectrum[:-1]]), spectrum[-1]
        return np.asarray(np.maximum(spectrum - before, 0).mean(axis=1), np.float32)


def onsets(flux: Flux) -> NDArray[np.int64]:
    """The steps where a sound begins: peaks of the flux over half a second's surroundings, 50 ms apart at least.

    After Bello et al., A Tutorial on Onset Detection in Music Signals (2005), section IV.
    """
    from scipy.ndimage import maximum_filter1d, uniform_filter1d

    if not len(flux):
        return np.zeros(0, np.int64)
    near = maximum_filter1d(flux, STEPS // 10 + 1, mode="nearest")
    around = uniform_filter1d(flux.astype(np.float64), STEPS // 2 + 1, mode="nearest")
    return np.flatnonzero((flux == near) & (flux > 1.9 * around + _FLOOR))


def tempo(flux: Flux, start: int, stop: int) -> float:
    """Beats a minute around the steps start..stop, SLOWEST to FASTEST; 0 where there is no steady beat.

    After Ellis, Beat Tracking by Dynamic Programming (2007), section 3: autocorrelation of the flux, with the preference for two
    beats a second that listeners have. Of a shot under SURROUNDINGS seconds what is around it is heard too. Music that stresses
    every second beat may be told at half its tempo, or at twice where all half beats sound alike.
    """
    more = max(0, SURROUNDINGS * STEPS - (stop - start)) // 2
    heard = flux[max(0, start - more) : stop + more].astype(np.float64)
    slow, fast = 60 * STEPS // SLOWEST, 60 * STEPS // FASTEST
    if len(heard) < 3 * STEPS:
        return 0.0
    alike = _alike(heard, 4 * slow)
    lags = np.arange(1, len(alike))
    beats = np.concatenate([[0.0], alike[1:] * np.exp(-0.5 * (np.log2(lags * 2 / STEPS) / 0.9) ** 2)])
    reach = min(slow, len(alike) - 2)
    tops = [n for n in range(fast, reach + 1) if beats[n] >= beats[n - 1] and beats[n] > beats[n + 1]]
    best = max(tops, key=lambda n: beats[n], default=0)
    if not best or alike[best] < STEADY:
        return 0.0
    half = best // 2 - 1 + int(np.argmax(alike[best // 2 - 1 : best // 2 + 3]))
    if half >= fast and alike[half] > 0.95 * alike[best]:  # every beat is like the next one, not only like the one after
        best = half
    lag = _top(alike, best)
    for times in (2, 4):  # the same beat seen over more of its periods is known finer
        far = round(lag * times)
        if far + 3 < len(alike):
            far += int(np.argmax(alike[far - 2 : far + 3])) - 2
            if alike[far] > 0.5 * alike[best]:
                lag = _top(alike, far) / times
    return float(60 * STEPS / lag)


def _alike(flux: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """Autocorrelation of the flux without its slow course, 1 at lag 0, each lag over the pairs that it has."""
    from scipy.fft import irfft, next_fast_len, rfft
    from scipy.ndimage import gaussian_filter1d, uniform_filter1d

    quick = gaussian_filter1d(np.sqrt(flux), 2.0)  # 20 ms: a beat that is not quite in time still meets the next
    quick -= uniform_filter1d(quick, STEPS // 2, mode="nearest")
    count = len(quick)
    reach = min(reach, count * 2 // 3)
    size = next_fast_len(2 * count, real=True)
    sums = irfft(np.abs(rfft(quick, size)) ** 2, size)[: reach + 1]
    if sums[0] < 1e-4 * count:
        return np.zeros(reach + 1)
    return np.asarray(sums / sums[0] * count / (count - np.arange(reach + 1)))


def _top(values: NDArray[np.float64], at: int) -> float:
    """Where between three values the parabola through them is highest."""
    left, mid, right = values[at - 1 : at + 2]
    bend = left - 2 * mid + right
    return float(at + (0.5 * (left - right) / bend if bend < 0 else 0.0))
