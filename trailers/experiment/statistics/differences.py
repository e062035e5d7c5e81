"""An arm against the control from sums over units: shares, means, ratios, and all of them adjusted by what was before."""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

from trailers.errors import RequestError
from trailers.experiment.metric import Kind
from trailers.experiment.statistics.difference import Difference
from trailers.experiment.statistics.sums import Sums

if TYPE_CHECKING:
    from tea_tasting.aggr import Aggregates

Pair = tuple[float, float]
"""A number of the control, and of the other arm."""


def difference(kind: Kind, control: Sums, own: Sums, level: float = 0.95) -> Difference:
    """The difference by a metric's kind. Quantiles are not made of sums: `quantiles.difference` has them."""
    match kind:
        case "share":
            return share(control, own, level)
        case "mean":
            return mean(control, own, level)
        case "ratio":
            return ratio(control, own, level)
    raise RequestError(f"sums over units tell shares, means and ratios; a {kind} was asked for")


def share(control: Sums, own: Sums, level: float = 0.95) -> Difference:
    """Of units with a y of 1 against those with 0.

    The interval is Newcombe's (1998, method 10: from two Wilson intervals), which holds for few and for rare successes too; `p`
    is the score test's (both arms at one share: the z-test of two proportions), so that at the very edge the two may disagree.
    `se` is taken at shares with a success and a failure more (Agresti and Caffo 2000), so that no arm without successes is
    certain of itself. The relative interval is that of the logarithm of the ratio with half a success more in each arm (Walter
    1975). An arm without units: nothing is known (`unknown`).
    """
    if not (control.n and own.n):
        return unknown(control.mean(), own.mean(), control.n + own.n)
    from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

    won, base = own.y, control.y
    counts = (won, own.n, base, control.n)
    low, high = confint_proportions_2indep(*counts, method="newcomb", compare="diff", alpha=1 - level)
    decided = 0 < won + base < own.n + control.n  # else both arms are at 0 or at 1: no test is needed
    p = float(proportions_ztest([won, base], [own.n, control.n])[1]) if decided else 1.0
    rate, before = won / own.n, base / control.n
    relative = relative_low = relative_high = math.nan
    if base:
        relative = rate / before - 1
        ratio_low, ratio_high = confint_proportions_2indep(*counts, method="log-adjusted", compare="ratio", alpha=1 - level)
        relative_low, relative_high = min(float(ratio_low) - 1, relative), max(float(ratio_high) - 1, relative)
    se = math.hypot(_careful_error(own), _careful_error(control))
    return Difference(
        before, rate, rate - before, se, float(low), float(high), p, relative, relative_low, relative_high, own.n + control.n
    )


def mean(control: Sums, own: Sums, level: float = 0.95) -> Difference:
    """Of y a unit: Welch's t (1947); the relative interval by the delta method on the logarithm of the ratio of means. Both are
    tea-tasting's `Mean` (1.14), whose sums over units serve here; its ready-made analysis takes forty times as long.

    `se` is never less than with one variance for both arms: few units with a heavy tail seldom hold its largest values, and then
    are too sure of themselves. For arms of one size it is the same. Less than two units in an arm, or no spread in either:
    nothing is known (`unknown`), for what has not varied yet may.
    """
    return _by_means(control, own, level, denominator=False, adjusted=False)


def ratio(control: Sums, own: Sums, level: float = 0.95) -> Difference:
    """Of the sum of y to the sum of z, both a unit, so that rows of one unit may hang together (delta method: Deng, Knoblich and
    Lu 2018). An arm without any z: nothing is known (`unknown`)."""
    return _by_means(control, own, level, denominator=True, adjusted=False)


def adjusted(kind: Kind, control: Sums, own: Sums, level: float = 0.95) -> Difference:
    """The difference after what x, known before the first exposure, says of y (CUPED: Deng, Xu, Kohavi and Walker 2013); theta
    from both arms together. `control` and `value` are what both would be at the mean x of all; `explained` is the share of the
    variance that went. A share is treated as a mean of 0 and 1."""
    if kind == "quantile":
        raise RequestError("a quantile cannot be adjusted by what was before; a share, a mean or a ratio can")
    return _by_means(control, own, level, denominator=kind == "ratio", adjusted=True)


def unknown(control: float, value: float, units: int) -> Difference:
    """A difference of which nothing is known yet: se and interval infinite, p 1, no relative effect."""
    nothing = math.nan
    return Difference(
        control, value, value - control, math.inf, -math.inf, math.inf, 1.0, nothing, -math.inf, math.inf, units
    )  # fmt: skip


def relative_error(difference: Difference, level: float = 0.95) -> float:
    """The standard error of the relative effect of a difference made at `level`: that of the ratio's logarithm, times the ratio.
    NaN where there is none."""
    low, high = 1 + difference.relative_low, 1 + difference.relative_high
    if not (0 < low <= high < math.inf):
        return math.nan
    return (1 + difference.relative) * (math.log(high) - math.log(low)) / (2 * NormalDist().inv_cdf((1 + level) / 2))


def alike(arms: Sequence[Sums]) -> float:
    """p of all arms having one share of units with y 1: Pearson's chi-square, for two arms with Yates' correction (1934); 1 where
    nothing can differ."""
    from scipy.stats import chi2_contingency

    cells = [[arm.y for arm in arms if arm.n], [arm.n - arm.y for arm in arms if arm.n]]
    if len(cells[0]) < 2 or not all(sum(row) > 0 for row in cells):
        return 1.0
    return float(chi2_contingency(cells).pvalue)


def _careful_error(arm: Sums) -> float:
    rate = (arm.y + 1) / (arm.n + 2)
    return math.sqrt(rate * (1 - rate) / (arm.n + 2))


def _by_means(control: Sums, own: Sums, level: float, denominator: bool, adjusted: bool) -> Difference:
    """Welch's t for ratios of means, which are means where there is no denominator, less what x says of them."""
    counts, plain = (control.n, own.n), (_value(control, denominator), _value(own, denominator))
    if min(counts) < 2 or (denominator and not (control.z and own.z)):
        return unknown(*plain, sum(counts))
    raw = _variances(control, own, denominator, 0.0)
    theta = _theta(control + own, denominator) if adjusted else 0.0
    middle = (control + own).mean("x")
    before, after = (value - theta * (arm.mean("x") - middle) for value, arm in zip(plain, (control, own), strict=True))
    variances = _variances(control, own, denominator, theta) if theta else raw
    se, freedom = _welch(variances, counts)
    if not se > 0:
        return unknown(*plain, sum(counts))
    from scipy.special import stdtr, stdtrit

    effect, wide = after - before, float(stdtrit(freedom, (1 + level) / 2)) * se
    relative_low = relative_high = math.nan
    if before > 0 and after > 0:
        error, free = _welch((variances[0] / before**2, variances[1] / after**2), counts)
        ratio, times = after / before, math.exp(float(stdtrit(free, (1 + level) / 2)) * error)
        relative_low, relative_high = ratio / times - 1, ratio * times - 1
    one = sum(variance * (count - 1) for variance, count in zip(variances, counts, strict=True)) / (sum(counts) - 2)
    return Difference(
        control=before,
        value=after,
        effect=effect,
        se=max(se, math.sqrt(one / counts[0] + one / counts[1])),
        low=effect - wide,
        high=effect + wide,
        p=2 * float(stdtr(freedom, -abs(effect) / se)),
        relative=effect / before if before else math.nan,
        relative_low=relative_low,
        relative_high=relative_high,
        units=sum(counts),
        explained=max(0.0, 1 - (se / _welch(raw, counts)[0]) ** 2) if theta else 0.0,
    )


def _welch(variances: Pair, counts: tuple[int, int]) -> Pair:
    """The error of a difference of two means, and its degrees of freedom (Welch 1947, Satterthwaite 1946)."""
    one, other = (variance / count for variance, count in zip(variances, counts, strict=True))
    square = one + other
    parts = one * one / (counts[0] - 1) + other * other / (counts[1] - 1)
    return math.sqrt(square), square * square / parts if parts > 0 else math.inf


def _theta(both: Sums, denominator: bool) -> float:
    """How much of x comes off y, or off their ratio to z."""
    aggregates = _aggregates(both)
    known = float(aggregates.var("x"))
    return float(aggregates.ratio_cov("y", "z" if denominator else None, "x", None)) / known if known > 0 else 0.0


def _variances(control: Sums, own: Sums, denominator: bool, theta: float) -> Pair:
    """A unit's variance in both arms: of y, or of its ratio to z (delta method), less what x says."""
    below = "z" if denominator else None
    one, other = (
        float(arm.ratio_var("y", below))
        + (theta * theta * float(arm.var("x")) - 2 * theta * float(arm.ratio_cov("y", below, "x", None)) if theta else 0.0)
        for arm in (_aggregates(control), _aggregates(own))
    )
    return max(one, 0.0), max(other, 0.0)


def _value(arm: Sums, denominator: bool) -> float:
    if not denominator:
        return arm.mean()
    return arm.y / arm.z if arm.z else math.nan


def _aggregates(arm: Sums) -> "Aggregates":
    from tea_tasting.aggr import Aggregates

    letters: tuple[Literal["x", "y", "z"], ...] = ("x", "y", "z")
    pairs = [("x", "y"), ("x", "z"), ("y", "z")]
    return Aggregates(
        count_=arm.n,
        mean_={letter: arm.mean(letter) for letter in letters},
        var_={letter: arm.covariance(letter, letter) for letter in letters},
        cov_={(one, other): arm.covariance(one, other) for one, other in pairs},
    )
