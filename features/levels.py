"""Loudness in steps of 10 ms by ITU-R BS.1770-4 and EBU Tech 3341: K-weighting, gates, momentary, short-term, sudden rises."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

STEPS = 100  # a second
QUIET = -70.0  # LUFS: the absolute gate of BS.1770, and what silence is given
MOMENTARY, SHORT_TERM = 40, 300  # steps: windows of 400 ms and 3 s
RISE = 10.0  # LU by which a hit is over the tenth of a second and the whole second before it
Values = NDArray[np.float32]
_AROUND = {"BL", "BR", "BC", "SL", "SR", "FLC", "FRC", "WL", "WR"}  # BS.1770-4, table 3: 1.41 from beside and behind
_TENTH = STEPS // 10


class Meter:
    """K-weighted power and highest sample of every 10 ms, from pieces of whole seconds (the last may be any length)."""

    def __init__(self, rate: int, channels: Sequence[str]) -> None:
        self._rate = rate
        self._filter = k_weighting(rate)
        self._gain = np.array([0.0 if name.startswith("LFE") else 1.41 if name in _AROUND else 1.0 for name in channels])
        self._state = np.zeros((len(self._filter), len(channels), 2))

    def push(self, samples: Values) -> tuple[Values, Values]:
        """float32 (channels, samples) -> power and peak, float32 (steps,): power summed over channels by their weights."""
        from scipy.signal import sosfilt

        weighted, self._state = sosfilt(self._filter, samples.astype(np.float64), zi=self._state)
        begins = np.arange(-(-samples.shape[1] * STEPS // self._rate)) * self._rate // STEPS
        lengths = np.diff(np.append(begins, samples.shape[1]))
        power = np.einsum("c,cn->n", self._gain, np.add.reduceat(weighted**2, begins, axis=1)) / lengths
        return power.astype(np.float32), np.maximum.reduceat(np.abs(samples).max(axis=0), begins)


def k_weighting(rate: int) -> NDArray[np.float64]:
    """The two filters of BS.1770-4 (a high shelf, a high pass) for any sample rate, as second-order sections (2, 6)."""
    shelf_f, shelf_gain, shelf_q = 1681.974450955533, 3.999843853973347, 0.7071752369554196
    k = np.tan(np.pi * min(shelf_f / rate, 0.49))
    high, band = 10 ** (shelf_gain / 20), 10 ** (shelf_gain / 20 * 0.4996667741545416)
    a = 1 + k / shelf_q + k * k
    shelf = [
        (high + band * k / shelf_q + k * k) / a, 2 * (k * k - high) / a, (high - band * k / shelf_q + k * k) / a,
        1.0, 2 * (k * k - 1) / a, (1 - k / shelf_q + k * k) / a,
    ]  # fmt: skip
    pass_f, pass_q = 38.13547087602444, 0.5003270373238773
    k = np.tan(np.pi * pass_f / rate)
    a = 1 + k / pass_q + k * k
    return np.array([shelf, [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / a, (1 - k / pass_q + k * k) / a]])


def integrated(power: Values) -> float:
    """Gated loudness in LUFS: blocks of 400 ms, one begun each 100 ms, over -70 LUFS and over 10 LU below the mean of those.

    Less than 400 ms are one block; what passes no gate is QUIET.
    """
    blocks = windows(power, MOMENTARY)[::_TENTH]
    loud = blocks[lufs(blocks) > QUIET]
    if not len(loud):
        return QUIET
    kept = loud[loud > 0.1 * loud.mean()]
    return float(lufs(kept.mean()))


def highest(power: Values, steps: int) -> float:
    """The loudest of all windows of so many steps, in LUFS: EBU's greatest MOMENTARY or SHORT_TERM loudness."""
    return float(lufs(windows(power, steps).max(initial=0.0)))


def windows(power: Values, steps: int) -> NDArray[np.float64]:
    """Mean power of each window of so many steps that lies inside; of the whole where that is shorter."""
    steps = min(steps, len(power))
    if not steps:
        return np.zeros(0)
    sums = np.concatenate([[0.0], np.cumsum(power, dtype=np.float64)])
    return np.asarray(np.maximum(sums[steps:] - sums[:-steps], 0) / steps)


def lufs(power: NDArray[np.floating] | np.floating) -> NDArray[np.float64]:
    """Power in LUFS, QUIET at least."""
    return np.maximum(-0.691 + 10 * np.log10(np.maximum(power, 1e-12)), QUIET)


def hits(power: Values) -> NDArray[np.int64]:
    """The steps at which the sound suddenly rises: RISE over the tenth and the second before, and over the whole's loudness.

    Compared are tenths of a second side by side, so the rise takes 100 ms at most; of hits within half a second the greatest
    counts. The beats of music and the words of a speaker follow each other too closely to be hits.
    """
    if len(power) < 2 * _TENTH:
        return np.zeros(0, np.int64)
    padded = np.concatenate([np.full(STEPS, power[:_TENTH].mean()), power])  # that the file begins is no hit
    tenth, second = lufs(windows(padded, _TENTH)), lufs(windows(padded, STEPS))
    here = tenth[STEPS:]
    rise = here - np.maximum(tenth[STEPS - _TENTH : STEPS - _TENTH + len(here)], second[: len(here)])
    found: list[int] = []
    candidates = np.flatnonzero((rise >= RISE) & (here > integrated(power)))
    for step in candidates[np.argsort(-rise[candidates], kind="stable")]:
        if all(abs(step - other) > STEPS // 2 for other in found):
            found.append(int(step))
    return np.array(sorted(found), np.int64)
