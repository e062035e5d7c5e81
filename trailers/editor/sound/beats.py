"""Where the beats of a piece of music fall, to the millisecond."""

import numpy as np
from numpy.typing import NDArray

from trailers.editor.sound.clock import RATE
from trailers.features import tempo as listening

Samples = NDArray[np.float32]
Curve = NDArray[np.float64]

WINDOW, HOP = 12, 3  # seconds that a tempo is read from, and between two readings
QUICKEST = 185.0  # beats a minute: what is told faster is counted at half
TIGHT = 100.0  # how much an even step counts against a strong onset
LATE = 1.0  # steps of the flux by which it tells an onset too late
STEP, MILLI = RATE // listening.STEPS, RATE // 1000
NEAR = 25  # milliseconds around a beat in which its own onset is looked for
EVEN = 0.016  # seconds that the beats of a machine lie off an even count at most, nine in ten of them
SLOW, HALF = 0.75, 0.5  # seconds from beat to beat that are halved where what begins between them is so strong beside them
AUDIBLE = 10 ** (-50 / 20)


def beats(tune: Samples) -> NDArray[np.int64]:
    """The samples (48 kHz) on which the beats of music fall, float32 (n, 2) -> int64 (beats,); none where it keeps no tempo.

    After Ellis, Beat Tracking by Dynamic Programming (Journal of New Music Research, 2007): of all rows of moments the one with
    the strongest onsets and the evenest steps, here by a tempo that may change within the piece. Each beat is then moved to the
    onset at it; a row that is as even as a machine's is made even and goes on over the whole piece. Slow beats are halved where
    as much begins between them. A piece of under 12 s that holds a whole number of beats is taken for a loop.
    """
    mono = np.asarray(tune.mean(axis=1), np.float64)
    loud = np.flatnonzero(np.abs(mono) > AUDIBLE)
    if not len(loud):
        return np.zeros(0, np.int64)
    short = len(mono) < WINDOW * RATE
    flux = _flux(np.tile(mono, -(-2 * WINDOW * RATE // len(mono))) if short else mono)
    periods = _periods(flux)
    if periods is None:
        return np.zeros(0, np.int64)
    rise, onsets = np.multiply(*rises(mono)), _onsets(flux)
    if short:
        length = len(mono) / STEP
        count = max(1, round(length / float(np.median(periods))))
        if abs(length / count / float(np.median(periods)) - 1) < 0.02:
            return _quickened(_looped(onsets, len(mono), count, rise), rise, len(mono))
        onsets, periods = onsets[: round(length)], periods[: round(length)]
    rough = (_tracked(onsets, periods) - LATE) * STEP
    found = _quickened(_even(*_own(rough, rise), len(mono)), rise, len(mono))
    return np.asarray(found[(found >= loud[0] - NEAR * MILLI) & (found <= loud[-1])])


def _flux(mono: Curve) -> NDArray[np.float32]:
    from scipy.signal import resample_poly

    return listening.Listener().push(resample_poly(mono, 1, RATE // listening.RATE).astype(np.float32))


def _onsets(flux: NDArray[np.float32]) -> Curve:
    """How much begins in every 10 ms: the flux without its slow course, of unit spread."""
    from scipy.ndimage import gaussian_filter1d, uniform_filter1d

    quick = gaussian_filter1d(np.sqrt(flux.astype(np.float64)), 1.0)
    quick = np.maximum(quick - uniform_filter1d(quick, listening.STEPS // 2, mode="nearest"), 0)
    return np.asarray(quick / (quick.std() + 1e-9))


def _periods(flux: NDArray[np.float32]) -> Curve | None:
    """Steps from a beat to the next around every step, by the tempi of windows in one octave; None without a steady beat."""
    steps, hop = WINDOW * listening.STEPS, HOP * listening.STEPS
    middles = np.arange(min(steps, len(flux)) // 2, max(len(flux) - steps // 2, steps // 2) + 1, hop)
    told = np.array([listening.tempo(flux, max(0, int(at) - steps // 2), int(at) + steps // 2) for at in middles])
    if np.count_nonzero(told) < len(told) / 3:
        return None
    known = told > 0
    tempi = told[known]
    alike = (np.abs(np.log2(tempi[:, None] / tempi)) < 0.06).sum(axis=1)
    usual = float(np.median(tempi[alike == alike.max()]))
    while usual > QUICKEST:
        usual /= 2
    folded = tempi * 2.0 ** -np.round(np.log2(tempi / usual))
    folded = np.where(np.abs(np.log2(folded / usual)) < 0.2, folded, usual)
    return np.asarray(60 * listening.STEPS / np.interp(np.arange(len(flux)), middles[known], folded))


def _tracked(onsets: Curve, periods: Curve) -> Curve:
    """The steps of the best row of beats, as fractions."""
    score, before = onsets.copy(), np.full(len(onsets), -1)
    for at in range(len(onsets)):
        back = np.arange(max(0, at - round(2 * periods[at])), at - round(periods[at] / 2) + 1)
        if len(back):
            ways = score[back] - TIGHT * np.log((at - back) / periods[at]) ** 2
            best = int(np.argmax(ways))
            if ways[best] > 0:
                score[at] += ways[best]
                before[at] = back[best]
    last = max(0, len(onsets) - round(periods[-1]))
    at, row = last + int(np.argmax(score[last:])), []
    while at >= 0:
        row.append(at)
        at = int(before[at])
    return np.array(row[::-1], np.float64)


def _looped(onsets: Curve, length: int, count: int, rise: Curve) -> NDArray[np.int64]:
    """`count` even beats of a loop, where most begins on them."""
    steps = np.arange(len(onsets))
    period = length / STEP / count
    phases = np.arange(round(period))
    sums = np.array([np.interp(np.arange(count) * period + phase, steps, onsets).sum() for phase in phases])
    best = int(np.argmax(sums))
    if sums[best] < 2 * max(sums[0], sums[round(LATE)]):  # a loop begins on a beat, unless it plainly does not
        return np.asarray(np.round(np.arange(count) * length / count), np.int64)
    rough: Curve = (np.arange(count) * period + best - LATE).astype(np.float64) * STEP
    own, strong = _own(rough, rise)
    late = float(np.average(own - rough, weights=strong + 1e-9))
    return np.asarray(np.round((rough[0] + late) % (length / count) + np.arange(count) * length / count), np.int64)


def _quickened(found: NDArray[np.int64], rise: Curve, length: int) -> NDArray[np.int64]:
    """The beats, and those between them in music that is told at half its tempo."""
    if len(found) < 2 or float(np.median(np.diff(found))) < SLOW * RATE:
        return found
    ends = np.append(found, found[-1] + found[-1] - found[-2])
    between = np.round((ends[:-1] + ends[1:]) / 2)
    own, strong = _own(between, rise)
    if np.median(strong) < HALF * np.median(_own(found.astype(np.float64), rise)[1]):
        return found
    even = np.ptp(np.diff(found)) <= 2  # of an even row the halves are even too
    return np.unique(np.concatenate([found, np.round(between if even else own).astype(np.int64).clip(0, length - 1)]))


def rises(mono: Curve) -> tuple[Curve, Curve]:
    """How much louder each millisecond is than those before it (natural logarithm, 0 and more); how loud it is, 0 to 1."""
    sharp = np.diff(mono, prepend=mono[:1])
    power = np.add.reduceat(sharp**2, np.arange(0, len(sharp), MILLI))
    sums = np.concatenate([[0.0], np.cumsum(power)])
    at = np.arange(len(power))
    after = (sums[np.minimum(at + 4, len(power))] - sums[at]) / 4
    ahead = (sums[at] - sums[np.maximum(at - 12, 0)]) / 12
    floor = 1e-4 * float(np.quantile(power, 0.95)) + 1e-12
    loud = np.sqrt(after / (float(np.quantile(after, 0.95)) + 1e-12)).clip(0, 1)
    return np.maximum(np.log((after + floor) / (ahead + floor)), 0), np.asarray(loud, np.float64)


def _own(rough: Curve, rise: Curve) -> tuple[Curve, Curve]:
    """The sample of the onset nearest each beat, and how strong that is; a beat without one stays."""
    own, strong = rough.copy(), np.zeros(len(rough))
    reach = np.arange(-NEAR, NEAR + 1)
    favour = 1 - 0.5 * np.abs(reach) / NEAR
    for number, sample in enumerate(rough):
        at = round(sample / MILLI) + reach
        found = np.where((at >= 0) & (at < len(rise)), rise[at.clip(0, len(rise) - 1)], 0) * favour
        best = int(np.argmax(found))
        if found[best] > 0.5:
            own[number], strong[number] = at[best] * MILLI, found[best]
    return own, strong


def _even(own: Curve, strong: Curve, length: int) -> NDArray[np.int64]:
    """The beats, made even and counted to both ends of the piece where they lie as evenly as a machine's."""
    count = np.arange(len(own))
    kept = strong > 0
    if kept.sum() > 3:
        for _ in range(4):
            slope, first = np.polyfit(count[kept], own[kept], 1)
            off = np.abs(own - first - slope * count)
            kept = (strong > 0) & (off <= max(EVEN * RATE, float(np.median(off[strong > 0]))))
        if np.mean(off[strong > 0] <= EVEN * RATE) >= 0.9:
            before, after = int((first + EVEN * RATE) // slope), int((length - first) // slope)
            return np.asarray(np.round(first + slope * np.arange(-before, after + 1)).clip(0), np.int64)
    return np.unique(np.round(own).clip(0, length - 1).astype(np.int64))
