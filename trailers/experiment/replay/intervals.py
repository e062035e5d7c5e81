"""Between which values an estimate lies: for many rewards and for few, by formula and by bootstrap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

FEW = 50.0
"""Below so many effective rewards, rare ones are counted, not averaged."""
RARE = 0.1
"""Rewards are rare where less than this share of the units that tell anything has one."""
DRAWS = 1000
BAGS = 20_000
"""Beyond so many units, the bootstrap draws bags of units: bags dealt by chance are as independent as units are."""
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Parts:
    """An estimate as sums over units: it is the sum of (gained - lost + rest) over that of `size`.

    `gained` and `lost` are sums of weights (without their sign) times rewards, `rest` all that does not hang on the reward; the
    most that one more reward could bring to them are `most_gained`, `most_lost`. `counted` is whether no reward is below 0; the
    rewards of `telling` units count.
    `top` over `bottom` is the same estimate before it is made straight, for the bootstrap.
    """

    gained: Floats
    lost: Floats
    rest: Floats
    size: Floats
    top: Floats
    bottom: Floats
    most_gained: float
    most_lost: float
    counted: bool
    telling: int

    @property
    def value(self) -> float:
        return float(self.top.sum() / self.bottom.sum())

    @property
    def influence(self) -> Floats:
        """How far each unit moves the estimate (mean 0): what its error comes from."""
        mean = float((self.gained - self.lost + self.rest).sum() / self.size.sum())
        return np.asarray((self.gained - self.lost + self.rest - mean * self.size) / self.size.mean(), float)

    @property
    def se(self) -> float:
        return float(np.sqrt(np.sum(self.influence**2)) / len(self.size))

    @property
    def effective(self) -> float:
        """How many equal rewards would be known as well as these."""
        moved = self.gained + self.lost
        square = float(np.sum(moved**2))
        return float(moved.sum() ** 2 / square) if square else 0.0


@dataclass(frozen=True)
class Interval:
    low: float
    high: float
    how: str


def interval(parts: Parts, level: float = 0.95) -> Interval:
    """The interval that holds best: `few` where less than RARE of the telling units have a reward and fewer than FEW are
    effective (a normal interval then holds too seldom: benchmarks/experiments), `many` otherwise."""
    rewarded = float(np.sum((parts.gained + parts.lost) > 0)) / max(parts.telling, 1)
    return few(parts, level) if parts.counted and rewarded < RARE and parts.effective < FEW else many(parts, level)


def plain(parts: Parts, level: float = 0.95) -> Interval:
    """Normal, by the spread of the units."""
    wide = _z(level) * parts.se
    return Interval(parts.value - wide, parts.value + wide, "normal")


def many(parts: Parts, level: float = 0.95) -> Interval:
    """Normal, corrected for how skewed the units are (Hall 1992, J. R. Statist. Soc. B 54: the cubic transformation)."""
    moved, count, value = parts.influence, len(parts.size), parts.value
    spread = float(np.sqrt(np.mean(moved**2)))
    if spread <= 1e-15 * max(abs(value), 1e-300) or count < 2:
        return Interval(value, value, "skew-corrected")
    skew = float(np.mean(moved**3)) / spread**3

    def turned(z: float) -> float:
        if abs(skew) < 1e-9:
            return z
        return float(3 * np.sqrt(count) / skew * (np.cbrt(1 + skew * (z / np.sqrt(count) - skew / (6 * count))) - 1))

    se, z = spread / np.sqrt(count - 1), _z(level)
    return Interval(value - float(se) * turned(z), value - float(se) * turned(-z), "skew-corrected")


def few(parts: Parts, level: float = 0.95) -> Interval:
    """By counting: rewards fall like a Poisson process, each with its weight.

    Mid-p gamma intervals of weighted counts (Fay & Kim 2017, Biometrical Journal 59; after Fay & Feuer 1997) for what is gained
    and for what is lost, joined with the normal interval of the rest as MOVER does (Zou & Donner 2008). They know of a heavier
    reward that did not happen to fall yet.
    """
    scale, count = float(parts.size.mean()), len(parts.size)
    gained, lost = (
        _counted(values / scale, most / scale, level)
        for values, most in ((parts.gained, parts.most_gained), (parts.lost, parts.most_lost))
    )
    rest = parts.rest / scale
    wide = _z(level) * float(rest.std()) / np.sqrt(count)
    value, up, down = parts.value, float(parts.gained.mean()) / scale, float(parts.lost.mean()) / scale
    low = value - np.sqrt((up - gained[0]) ** 2 + (lost[1] - down) ** 2 + wide**2)
    high = value + np.sqrt((gained[1] - up) ** 2 + (down - lost[0]) ** 2 + wide**2)
    return Interval(float(low), float(high), "counted")


def bootstrap(estimates: Sequence[Parts], level: float = 0.95, seed: int = 0, draws: int = DRAWS) -> tuple[Interval, ...]:
    """Percentiles over draws of units (Efron 1979; Poisson counts: Chamandy et al. 2012), the same draws for all estimates."""
    random = np.random.default_rng(seed)
    held = np.stack([column for parts in estimates for column in (parts.top, parts.bottom)], axis=1)
    if len(held) > BAGS:
        bag = random.permutation(len(held)) % BAGS
        held = np.stack([np.bincount(bag, column) for column in held.T], axis=1)
    found: list[Floats] = []
    for start in range(0, draws, 50):  # some draws at a time: all of them would not fit for many units
        sums = random.poisson(1.0, (min(50, draws - start), len(held))) @ held
        with np.errstate(invalid="ignore", divide="ignore"):
            found.append(sums[:, ::2] / sums[:, 1::2])
    values = np.concatenate(found)
    ends = [(1 - level) / 2, (1 + level) / 2]
    kept = (column[np.isfinite(column)] for column in values.T)  # a draw without any weight has no ratio
    between = (np.quantile(column, ends) for column in kept)
    return tuple(Interval(float(low), float(high), "bootstrap") for low, high in between)


def _counted(values: Floats, most: float, level: float) -> tuple[float, float]:
    """Low and high of the mean of weighted counts; `most` is what one more count could weigh."""
    from scipy.optimize import brentq
    from scipy.stats import gamma

    count = len(values)
    mean, variance, step = float(values.mean()), float(np.sum(values**2)) / count**2, most / count
    if step <= 0:
        return mean, mean
    high_shape, high_scale = (mean + step) ** 2 / (variance + step**2), (variance + step**2) / (mean + step)
    tail = (1 - level) / 2

    def below(x: float) -> float:
        lower = float(gamma.cdf(x, mean**2 / variance, scale=variance / mean)) if mean > 0 else 1.0
        return (lower + float(gamma.cdf(x, high_shape, scale=high_scale))) / 2

    top = float(gamma.ppf(1 - tail / 4, high_shape, scale=high_scale)) * 2
    low = 0.0 if mean <= 0 else float(brentq(lambda x: below(x) - tail, 0.0, top))
    return low, float(brentq(lambda x: below(x) - (1 - tail), 0.0, top))


def _z(level: float) -> float:
    return NormalDist().inv_cdf((1 + level) / 2)
