"""Simulated experiments whose truth is known: what a world's viewers do, day by day, as sums over units."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trailers.experiment.metric import Kind
from trailers.experiment.statistics import differences
from trailers.experiment.statistics.difference import Difference
from trailers.experiment.statistics.sums import Sums

Numbers = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int, float], tuple[Numbers, Numbers, Numbers]]
"""Draws y, z and x (see `Sums`) of so many units whose metric is lifted by a share of itself."""


@dataclass(frozen=True)
class World:
    """`daily`: units a day of the control and of the other arm; `true`: the metric's value where nothing is lifted."""

    name: str
    kind: Kind
    daily: tuple[int, int]
    true: float
    draw: Draw
    adjusted: bool = False

    def difference(self, control: Sums, own: Sums, level: float = 0.95) -> Difference:
        made = differences.adjusted if self.adjusted else differences.difference
        return made(self.kind, control, own, level)

    @property
    def a_day(self) -> int:
        return sum(self.daily)


NONE, ONE = np.zeros(0), np.ones(1)
"""A letter that a world does not draw, and what a letter is multiplied by where it stands alone."""


def days(world: World, rng: np.random.Generator, count: int, lift: float = 0.0) -> Iterator[tuple[Sums, Sums]]:
    """One experiment's sums of both arms after each of `count` days."""
    control, own = Sums(0), Sums(0)
    for added, more in zip(_by_day(world, rng, count, 0, 0.0), _by_day(world, rng, count, 1, lift), strict=True):
        control, own = control + added, own + more
        yield control, own


def _by_day(world: World, rng: np.random.Generator, count: int, arm: int, lift: float) -> list[Sums]:
    units = world.daily[arm]
    drawn = world.draw(rng, units * count, lift)
    y, z, x = (letter.reshape(count, units) if len(letter) else None for letter in drawn)
    pairs = ((y, ONE), (y, y), (z, ONE), (z, z), (y, z), (x, ONE), (x, x), (x, y), (x, z))
    sums = [np.zeros(count) if one is None or other is None else _by(one, other) for one, other in pairs]
    return [Sums(units, *each) for each in np.stack(sums, 1).tolist()]


def _by(one: Numbers, other: Numbers) -> Numbers:
    """The sums by day of a product of two letters."""
    return np.asarray(one.sum(1) if other is ONE else np.einsum("ij,ij->i", one, other))


def share(rate: float) -> Draw:
    """Units that do something, or do not."""

    def draw(rng: np.random.Generator, units: int, lift: float) -> tuple[Numbers, Numbers, Numbers]:
        y = (rng.random(units) < rate * (1 + lift)).astype(float)
        return y, NONE, NONE

    return draw


def minutes(some: float, spread: float, known: float = 0.0, cap: float = np.inf) -> Draw:
    """Minutes of the share `some` of the units that watch at all, a mean of 1 each, log-normal with `spread` (of the logarithm;
    at 2, a heavy tail, one in a thousand has 480 times what the middle one has); x is what they watched before, whose logarithm
    goes with that of now at a correlation of `known`. `cap`: the most that counts."""

    def draw(rng: np.random.Generator, units: int, lift: float) -> tuple[Numbers, Numbers, Numbers]:
        before = rng.standard_normal(units)
        now = known * before + np.sqrt(1 - known**2) * rng.standard_normal(units)
        watch = rng.random(units) < some
        mean = np.exp(spread**2 / 2)
        x = np.exp(spread * before) / mean * watch if known else NONE
        return np.minimum(np.exp(spread * now) / mean * watch * (1 + lift), cap), NONE, x

    return draw


def leaving(rate: float, plays: float) -> Draw:
    """Of a unit's plays (one and a Poisson number more, with a temper of its own), those that it leaves after starting."""

    def draw(rng: np.random.Generator, units: int, lift: float) -> tuple[Numbers, Numbers, Numbers]:
        z = 1 + rng.poisson(plays - 1, units)
        temper = rng.beta(4 * rate * (1 + lift), 4 * (1 - rate * (1 + lift)), units)
        return rng.binomial(z, temper).astype(float), z.astype(float), NONE

    return draw


SHARES = (
    World("share 10 %, 20,000 a day and arm", "share", (20_000, 20_000), 0.1, share(0.1)),
    World("share 10 %, 500 a day and arm", "share", (500, 500), 0.1, share(0.1)),
    World("share 10 %, 40 a day and arm", "share", (40, 40), 0.1, share(0.1)),
    World("share 10 %, 9 of 10 see the control", "share", (450, 50), 0.1, share(0.1)),
    World("share 1 %, 50 a day and arm", "share", (50, 50), 0.01, share(0.01)),
)
MEANS = (
    World("minutes, 30 % watch, 500 a day and arm", "mean", (500, 500), 0.3, minutes(0.3, 1.2)),
    World("minutes, heavy tail, 2,000 a day and arm", "mean", (2000, 2000), 0.3, minutes(0.3, 2.0)),
    World("minutes, heavy tail, 30 a day and arm", "mean", (30, 30), 0.3, minutes(0.3, 2.0)),
    World("minutes, heavy tail, 9 of 10 see the control", "mean", (450, 50), 0.3, minutes(0.3, 2.0)),
    World("minutes adjusted by those before", "mean", (500, 500), 0.3, minutes(0.3, 1.2, 0.8), adjusted=True),
)
CAPPED = (
    World("minutes held at their 99.9 %, 9 of 10 see the control", "mean", (450, 50), 0.3, minutes(0.3, 2.0, cap=30.8)),
    World("minutes held at their 99.9 %, 99 of 100 see it", "mean", (990, 10), 0.3, minutes(0.3, 2.0, cap=30.8)),
)
"""What is lifted is not the mean then: for looks at nothing only."""
RATIOS = (World("left of what was started", "ratio", (300, 300), 0.2, leaving(0.2, 3.0)),)
