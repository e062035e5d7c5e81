"""A wave brought to a level: one gain for the whole, peaks limited by oversampling, loud stretches ridden down slowly."""

import numpy as np

from trailers.editor.profile import Level
from trailers.editor.sound.clock import RATE
from trailers.editor.sound.loudness import (
    GATE,
    MOMENTARY,
    SHORT_TERM,
    Curve,
    Flags,
    Loudness,
    Samples,
    blocks,
    gated,
    judged,
    peaks,
    powers,
    spoken_loudness,
)

LOOK = 240  # samples that the limiter looks ahead: 5 ms
RELEASE = 50  # milliseconds in which the limiter lets go of two thirds
SLOW = 15  # tenths of a second over which a gain that is ridden changes at least
STEPS = 8  # times that the gain is found anew where limiting has cost loudness
CLOSE = 0.05  # LU within which it is found


def limit(samples: Samples, ceiling: float) -> Samples:
    """The wave with its true peaks under `ceiling` dBTP: gain falls smoothly 5 ms before a peak and recovers in about 50 ms."""
    return np.asarray(samples * allowed(peaks(samples), ceiling)[:, None], np.float32)


def level(samples: Samples, asked: Level, talk: Flags | None = None) -> Samples:
    """The wave at the loudness that is asked, by one linear gain wherever that keeps within peak, short-term and momentary.

    Where it does not, stretches that are too loud are ridden down by a gain that takes 1.5 s and more to change, and peaks are
    limited for some milliseconds, so that nothing pumps; what that costs is given back to the whole, in a few steps, as far as
    the limits let it. `talk` says for each hundredth of a second whether somebody speaks, for levels that are asked of speech.
    Silence stays as it is.
    """
    hops, most = powers(samples), peaks(samples)
    target, now = _judged(asked, hops, talk)
    if now <= GATE:
        return samples
    lift, best = target - now, samples
    for _ in range(STEPS):
        ridden = _ridden(hops * 10 ** (lift / 10), (asked.short_term, asked.momentary))
        slow = _every_sample(ridden, len(samples)) * 10 ** (lift / 20)
        capped = allowed(most * slow, asked.peak)
        best = np.asarray(samples * (slow * capped)[:, None], np.float32)
        if ridden.min(initial=1.0) >= 1.0 and capped.min(initial=1.0) >= 1.0:
            break
        error = target - _judged(asked, powers(best), talk)[1]
        if abs(error) < CLOSE:
            break
        lift += min(error, 3.0)
    return best


def gain(samples: Samples, asked: Level, talk: Flags | None = None) -> float:
    """The one gain in dB that brings a wave to the loudness that is asked, peaks and limits aside; 0 for silence."""
    target, now = _judged(asked, powers(samples), talk)
    return 0.0 if now <= GATE else target - now


def _judged(asked: Level, hops: Curve, talk: Flags | None) -> tuple[float, float]:
    """What is asked and what is found of a wave whose powers are known, peaks aside."""
    speech = spoken_loudness(hops, talk) if talk is not None and len(talk) else None
    spoken = float(talk.mean()) if talk is not None and len(talk) else 0.0
    return judged(Loudness(gated(blocks(hops, MOMENTARY)), 0.0, 0.0, 0.0, speech, spoken), asked)


def pumping(before: Samples, after: Samples) -> float:
    """How far what is soft is moved by what is loud beside it, in LU: the widest swing of the gain, within a second, over all
    its tenths but the two loudest. 0 where the whole was given one gain.

    What is 40 LU under the loudest is left out, where rounding is all there is to see.
    """
    one, other = powers(before), powers(after)
    heard = one > 0.0001 * one.max(initial=0.0)
    gain = 10 * np.log10(np.maximum(other, 1e-12) / np.maximum(one, 1e-12))
    swings = [0.0]
    for n in range(len(one) - 9):
        second = slice(n, n + 10)
        soft = gain[second][(one[second] <= np.sort(one[second])[-3]) & heard[second]]
        swings.append(float(np.ptp(soft)) if len(soft) else 0.0)
    return max(swings)


def allowed(most: Curve, ceiling: float) -> Curve:
    """A gain for each sample that keeps these peaks under the ceiling: 1 far from any that is too high."""
    from scipy.ndimage import minimum_filter1d, uniform_filter1d

    need = np.minimum(1.0, 10 ** (ceiling / 20) / np.maximum(most, 1e-9))
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


def _ridden(hops: Curve, limits: tuple[float | None, float | None]) -> Curve:
    """A gain for each tenth of a second under which no 3 s and no 0.4 s of these powers is over its limit, LUFS."""
    from scipy.ndimage import minimum_filter1d, uniform_filter1d

    need = np.ones(len(hops))
    for most, length in zip(limits, (SHORT_TERM, MOMENTARY), strict=True):
        power = blocks(hops, min(length, len(hops)))
        if most is None or not len(power):
            continue
        roof = 10 ** ((most + 0.691 - CLOSE) / 10)
        window = np.sqrt(np.minimum(1.0, roof / np.maximum(power, 1e-12)))
        for n in np.flatnonzero(window < 1.0):
            need[n : n + length] = np.minimum(need[n : n + length], window[n])
    held = minimum_filter1d(need, 2 * SLOW + 1, mode="nearest")
    for _ in range(2):
        held = uniform_filter1d(held, SLOW + 1 - SLOW % 2, mode="nearest")
    return np.asarray(held, np.float64)


def _every_sample(gains: Curve, count: int) -> Curve:
    """A gain of each tenth of a second, as a line through their middles."""
    if not len(gains) or gains.min() >= 1.0:
        return np.ones(count)
    hop = RATE // 10
    return np.interp(np.arange(count), np.arange(len(gains)) * hop + hop / 2, gains)
