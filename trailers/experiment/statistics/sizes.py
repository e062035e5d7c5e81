"""How many units an experiment takes: sizes for an effect, effects for a size, whole weeks, and what looking daily costs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from trailers.experiment.statistics import always

LEAST = 2
"""Whole weeks at the least: each weekday twice, and something of how an effect goes on once trailers are no longer new."""
MOST_EFFECT = 100.0
"""Relative effects above this are as good as none that could be found."""


@dataclass(frozen=True)
class Point:
    """An effect as a share of the control's value, the units that it takes in all of the trial's arms, and in how many whole
    weeks so many come by (None: not within the weeks that were asked about, or not known)."""

    effect: float
    units: int
    weeks: int | None


def needed(
    baseline: float,
    effect: float,
    control: float = 0.5,
    own: float = 0.5,
    level: float = 0.95,
    power: float = 0.8,
    deviation: float | None = None,
    comparisons: int = 1,
) -> int:
    """Units in all that a trial takes for one look at its end to find a relative effect, above 0 or below, with the chance
    `power`; `control` and `own` are the shares of the trial's units in the two arms (what is left sees other arms).

    `baseline` is the control's share, 0..1, or its mean where `deviation`, a unit's standard deviation over both arms, is given
    (an effect that multiplies what units do spreads its own arm the more). Two-sided at `level`; of several `comparisons` each
    at the level that holds for all of them together (Bonferroni). Shares by the normal approximation with the pooled variance
    under no effect (Fleiss, Levin & Paik, Statistical Methods for Rates and Proportions, 2003; statsmodels). ValueError for an
    effect of 0, or one that lifts a share to 1 or more.
    """
    from statsmodels.stats.power import normal_sample_size_one_tail
    from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail

    alpha, difference, ratio = (1 - level) / comparisons, baseline * effect, control / own
    _plausible(baseline, effect, deviation)
    if deviation is None:
        of_own = float(samplesize_proportions_2indep_onetail(difference, baseline, power, ratio, alpha))
    else:
        spread = deviation * math.sqrt(1 + 1 / ratio)
        of_own = float(normal_sample_size_one_tail(abs(difference), power, alpha / 2, spread))
    return math.ceil(of_own / own)


def power(
    units: float,
    baseline: float,
    effect: float,
    control: float = 0.5,
    own: float = 0.5,
    level: float = 0.95,
    deviation: float | None = None,
    comparisons: int = 1,
) -> float:
    """The chance, 0..1, that one look at so many units finds a relative effect; arguments as in `needed`."""
    from statsmodels.stats.power import normal_power_het
    from statsmodels.stats.proportion import power_proportions_2indep

    alpha, difference, ratio = (1 - level) / comparisons, baseline * effect, control / own
    _plausible(baseline, effect, deviation)
    if units * min(control, own) < 1:
        return 0.0
    if deviation is None:
        return float(power_proportions_2indep(difference, baseline, units * own, ratio, alpha, return_results=False))
    return float(normal_power_het(difference, units * own, alpha, deviation * math.sqrt(1 + 1 / ratio)))


def detectable(
    units: float,
    baseline: float,
    control: float = 0.5,
    own: float = 0.5,
    level: float = 0.95,
    wanted: float = 0.8,
    deviation: float | None = None,
    comparisons: int = 1,
) -> float:
    """The smallest relative effect above 0 that one look at so many units finds with the chance `wanted`; infinity for none
    (among those that leave a share below 1). Arguments as in `needed`."""
    most = MOST_EFFECT if deviation is not None else min(MOST_EFFECT, (1 - 1e-9) / baseline - 1)

    def short(effect: float) -> bool:
        return power(units, baseline, effect, control, own, level, deviation, comparisons) < wanted

    if short(most):
        return math.inf
    low, high = 0.0, most
    while high - low > 1e-9 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if short(middle) else (low, middle)
    return high


def _plausible(baseline: float, effect: float, deviation: float | None) -> None:
    if deviation is None and not (0 < baseline < 1 and 0 < baseline * (1 + effect) < 1):
        raise ValueError(f"shares lie between 0 and 1, with the effect too: {baseline = }, {effect = }")
    if effect == 0 or baseline <= 0:
        raise ValueError(f"an effect of something is looked for: {baseline = }, {effect = }")


def anytime(level: float = 0.95, power: float = 0.8, comparisons: int = 1) -> float:
    """How many times as many units it takes to find an effect at the planned end with an interval that holds at any time
    (`statistics.always`), for so many comparisons at once (as `statistics.discovery` has it where one of them is real), instead
    of by one look at one: what leave to look daily, and to stop early, costs at the most."""
    normal = NormalDist()
    found, once = normal.inv_cdf(power), normal.inv_cdf((1 + level) / 2)
    return ((always.reach(1, 1, 1 - (1 - level) / comparisons) + found) / (once + found)) ** 2


def together(comparisons: int, level: float = 0.95, power: float = 0.8) -> float:
    """How many times as many units it takes where so many comparisons hold at one level all together, instead of each for itself
    (Bonferroni: the most that any control of false discoveries costs)."""
    normal = NormalDist()
    found, alpha = normal.inv_cdf(power), 1 - level
    return ((-normal.inv_cdf(alpha / comparisons / 2) + found) / (-normal.inv_cdf(alpha / 2) + found)) ** 2


def reach(viewers: int, weekly: float, weeks: float) -> float:
    """How many different units of `viewers` come by in so many weeks, when `weekly` of them do in any one, each week whoever
    happens to; all of them where that is not known (0)."""
    if weekly <= 0 or viewers <= 0:
        return float(viewers)
    return float(viewers * (1 - (1 - min(weekly / viewers, 1.0)) ** weeks))


def weeks(units: float, viewers: int, weekly: float, most: int) -> int | None:
    """The least number of whole weeks, of LEAST (or `most`, where that is less) to `most`, in which so many different units come
    by; None where they do not."""
    return next((count for count in range(min(LEAST, most), most + 1) if reach(viewers, weekly, count) >= units), None)


def curve(
    effects: Sequence[float],
    baseline: float,
    control: float,
    own: float,
    level: float,
    power: float,
    viewers: int,
    weekly: float,
    most: int,
    factor: float = 1.0,
) -> tuple[Point, ...]:
    """Sample size against effect: what each relative effect takes, `factor` times over (see `anytime`, `together`); effects that
    no share could have are left out. `weekly` 0: no weeks are said."""
    made = []
    for effect in effects:
        if baseline * (1 + effect) < 1:
            units = math.ceil(factor * needed(baseline, effect, control, own, level, power))
            made.append(Point(effect, units, weeks(units, viewers, weekly, most) if weekly > 0 else None))
    return tuple(made)
