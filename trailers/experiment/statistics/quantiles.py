"""The difference of a quantile in two arms, from values in order: what a median or a 90th percentile does."""

import math
from statistics import NormalDist
from typing import NamedTuple

from trailers.experiment.statistics.difference import Difference
from trailers.experiment.statistics.differences import unknown


class Limits(NamedTuple):
    """An arm's quantile of `n` units, and the values at the two places beside it that `places` gives."""

    n: int
    low: float
    value: float
    high: float


def places(n: int, quantile: float, reach: float) -> tuple[float, float]:
    """The quantiles, 0..1, whose values hold an arm's between them, `reach` standard errors of the count below it to each side
    (order statistics: Woodruff 1952): 1.96 for one look at 95 %, `always.reach` for any number of looks."""
    wide = reach * math.sqrt(quantile * (1 - quantile) / n) + 0.5 / n if n else 1.0
    return max(0.0, quantile - wide), min(1.0, quantile + wide)


def difference(control: Limits, own: Limits, reach: float) -> Difference:
    """An arm's quantile less the control's; each with its limits `reach` standard errors away, both as far.

    The interval is recovered from the two arms' limits (MOVER: Zou and Donner 2008), so it need not be even and holds for values
    that many units share; the relative one from their logarithms, where all are above 0. `se` is the width of both over reach,
    and p from it: one look's. Less than two units in an arm: nothing is known.
    """
    units = control.n + own.n
    if min(control.n, own.n) < 2:
        return unknown(control.value, own.value, units)
    effect = own.value - control.value
    low = effect - math.hypot(own.value - own.low, control.high - control.value)
    high = effect + math.hypot(own.high - own.value, control.value - control.low)
    se = math.hypot(own.high - own.low, control.high - control.low) / (2 * reach)
    if se:
        p = 2 * NormalDist().cdf(-abs(effect) / se)
    else:
        p = 1.0 if effect == 0 else 0.0
    relative = effect / control.value if control.value else math.nan
    relative_low = relative_high = math.nan
    if min(control.low, own.low) > 0:
        ratio = math.log(own.value / control.value)
        down = math.hypot(math.log(own.value / own.low), math.log(control.high / control.value))
        up = math.hypot(math.log(own.high / own.value), math.log(control.value / control.low))
        relative_low, relative_high = math.exp(ratio - down) - 1, math.exp(ratio + up) - 1
    return Difference(
        control.value, own.value, effect, se, low, high, p, relative, relative_low, relative_high, units
    )  # fmt: skip
