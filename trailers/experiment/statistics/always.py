"""Intervals and p that hold at any time, however often one looks: nobody has to wait for a planned end in order to be right."""

import math
from functools import cache
from statistics import NormalDist

from trailers.errors import RequestError
from trailers.experiment.statistics.difference import Difference


def always(difference: Difference, level: float, planned_units: int) -> tuple[float, float, float]:
    """low, high and p of a difference, valid at all looks together: over a whole experiment the true difference leaves the
    intervals at any time with a chance of at most 1 - level, and p falls to alpha or below with a chance of at most alpha.

    An asymptotic confidence sequence by a normal mixture (Robbins 1970; Howard et al. 2021; Waudby-Smith et al. 2024, theorem
    2.2) over the difference and its standard error, narrowest where both arms together have `planned_units`: there some 1.55
    times as wide as one look's interval at 95 %, wider before and after. 1 / p is the value of a bet against 0 (an e-value) at
    this look. Units are taken to come in the order in which they were first exposed.
    """
    if not math.isfinite(difference.se) or difference.se <= 0:
        return -math.inf, math.inf, 1.0
    grown = _grown(difference.units, planned_units, level)
    wide = difference.se * reach(difference.units, planned_units, level)
    z = difference.effect / difference.se
    bet = 0.5 * z * z * grown / (1 + grown) - 0.5 * math.log1p(grown)
    return difference.effect - wide, difference.effect + wide, math.exp(-max(0.0, bet))


def relative(difference: Difference, level: float, planned_units: int) -> tuple[float, float]:
    """low and high of the relative effect, valid at all looks together: its logarithm's interval at `level` (at which the
    difference must have been made) stretched as `always` stretches the difference's, and by how much more the difference's error
    is than its interval says. NaN where there is no relative effect."""
    low, high = 1 + difference.relative_low, 1 + difference.relative_high
    ratio = 1 + difference.relative
    if not (math.isfinite(ratio) and 0 <= low <= high < math.inf and (low or not ratio)):
        return math.nan, math.nan
    once = NormalDist().inv_cdf((1 + level) / 2)
    careful = max(1.0, 2 * once * difference.se / (difference.high - difference.low)) if difference.high > difference.low else 1.0
    stretch = careful * reach(difference.units, planned_units, level) / once
    if ratio <= 0:  # nobody in the arm: its logarithm has no middle, its upper limit has
        return -1.0, high**stretch - 1
    return ratio * (low / ratio) ** stretch - 1, ratio * (high / ratio) ** stretch - 1


def reach(units: int, planned_units: int, level: float) -> float:
    """How many standard errors an interval that holds at any time goes to each side, where `units` have come of those planned."""
    grown = _grown(units, planned_units, level)
    return math.sqrt((1 + grown) / grown * (math.log1p(grown) + 2 * math.log(1 / (1 - level))))


def _grown(units: int, planned_units: int, level: float) -> float:
    """The mixture's variance against that of the estimate: grows with the units."""
    if units < 1 or planned_units < 1:
        raise RequestError(f"looks at any time need the units that came and those planned: {units = }, {planned_units = }")
    return units / planned_units * _best(level)


@cache
def _best(level: float) -> float:
    """Where `reach` is least: the root of 1 + g - log(1 + g) = 1 + 2 log(1 / alpha) (Waudby-Smith et al. 2024, appendix)."""
    from scipy.special import lambertw

    alpha = 1 - level
    return float(-lambertw(-(alpha**2) * math.exp(-1), -1).real) - 1
