"""How a window moves over a picture: as an operator's camera does, it stays or it glides, and starts and stops softly."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SPEED = 0.3  # of the picture a second, at most
LEAST = 1.0  # seconds that a glide lasts, at least
JERK = 10.0  # of the picture a second cubed, at most: 60 d / T^3 with d <= SPEED T / 1.875 and T >= LEAST is 9.6
REST = 0.5  # seconds that it stays after a glide, at least, unless the shot ends
_MOST = 6.0  # seconds of the longest glide that is looked at
_PEAK = 1.875  # top speed of a minimum-jerk move over its mean speed
_PRICE, _WAY = 0.06, 0.12  # what a glide costs, and each picture of its way, in seconds of a subject wholly missed
PLACES = 41  # places that are looked at along the picture


def eased(part: float) -> float:
    """How much of its way a minimum-jerk move has made in a `part` of its time, both 0..1 (Flash and Hogan 1985)."""
    t = min(max(part, 0.0), 1.0)
    return t * t * t * (10 - 15 * t + 6 * t * t)


def path(missed: Floats, times: Sequence[float], places: Floats) -> tuple[tuple[int, int], ...]:
    """The stays and glides of one shot that miss least: (sample, place) of each key, between which the window stays or glides.

    `missed` (samples, places) is what a window at a place misses of the subject, `times` are the samples' seconds, evenly apart,
    `places` (evenly apart, shares of the picture) where its middle may be. A shortest path over samples and places; edges are
    stays and whole glides within SPEED and LEAST, and thus JERK. A glide has to earn its price: it stays where it can.
    """
    count, wide = missed.shape
    step = (times[-1] - times[0]) / (count - 1) if count > 1 else 1.0
    rest, longest = max(1, round(REST / step)), max(1, round(_MOST / step))
    best = np.full((count, wide), np.inf)
    came: dict[tuple[int, int], tuple[int, int, int]] = {}  # to (sample, place): sample and place before, sample of arrival
    best[0] = missed[0] * step
    apart = np.abs(places[:, None] - places[None, :])
    held = np.concatenate([np.zeros((1, wide)), np.cumsum(missed * step, axis=0)])
    for start in range(count):
        if start:
            stay = best[start - 1] + missed[start] * step
            nearer = stay < best[start]
            best[start] = np.where(nearer, stay, best[start])
            for place in np.flatnonzero(nearer):
                came.pop((start, int(place)), None)
        for arrived in range(start + 1, min(count, start + longest + 1)):
            seconds = times[arrived] - times[start]
            reach = min(SPEED * seconds / _PEAK, np.inf) if seconds >= LEAST - 1e-9 else 0.0
            allowed = (apart <= reach + 1e-9) & (apart > 0)
            if not allowed.any():
                continue
            length = arrived - start
            on_the_way = missed[start + 1 : arrived + 1][np.arange(length)[:, None, None], _ways(length, wide)].sum(axis=0) * step
            end = min(count - 1, arrived + rest)
            after = held[end + 1] - held[arrived + 1]
            cost = best[start][:, None] + np.where(allowed, on_the_way + _PRICE + _WAY * apart, np.inf) + after[None, :]
            source = cost.argmin(axis=0)
            least = cost[source, np.arange(wide)]
            for place in np.flatnonzero(least < best[end] - 1e-12):
                best[end, place] = least[place]
                came[end, int(place)] = start, int(source[place]), arrived
    return _keys(int(best[-1].argmin()), count, came)


def _keys(place: int, count: int, came: dict[tuple[int, int], tuple[int, int, int]]) -> tuple[tuple[int, int], ...]:
    """Backwards from the last sample; a stay needs no key of its own but the one it begins with."""
    keys: list[tuple[int, int]] = []
    sample = count - 1
    while sample > 0:
        if (sample, place) in came:
            start, source, arrived = came[sample, place]
            keys += [(arrived, place), (start, source)]
            sample, place = start, source
        else:
            sample -= 1
    first = [] if keys and keys[-1] == (0, place) else [(0, place)]
    ordered = [*first, *reversed(keys)]
    return tuple(key for n, key in enumerate(ordered) if n == 0 or key != ordered[n - 1])


@lru_cache(maxsize=128)
def _ways(length: int, wide: int) -> NDArray[np.intp]:
    """(length, wide, wide): the place after each of `length` steps of a glide from one place to another."""
    shares = np.array([eased((n + 1) / length) for n in range(length)])[:, None, None]
    one, other = np.arange(wide)[None, :, None], np.arange(wide)[None, None, :]
    return np.asarray(np.rint(one + (other - one) * shares), np.intp)
