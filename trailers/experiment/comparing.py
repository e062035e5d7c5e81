"""An arm beside the control: in one segment by one metric, in all segments together, and all of them at once."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from trailers.experiment import design, trust
from trailers.experiment.assign import chances
from trailers.experiment.design import Experiment, Trial
from trailers.experiment.findings import ALL, OWN, Effect
from trailers.experiment.logs import Log, Told
from trailers.experiment.metric import Metric
from trailers.experiment.statistics import always, differences, discovery, pooling, quantiles
from trailers.experiment.statistics.difference import Difference
from trailers.experiment.statistics.sums import Sums

ENOUGH, MANY = 5.0, 30
"""Of so few units a normal distribution says nothing, and nothing is said: a share's arms must be due so many that have it and so
many that have not (by both arms' rate; Cochran 1954), other kinds' arms have so many units."""
UNKNOWN = 100_000
"""Units of a trial of which nobody said how many viewers it has."""


@dataclass(frozen=True)
class Comparison:
    """An arm against the control: the difference for one look, and between where it lies at any time (`low`, `high`; `p`).
    `planned` is how many units both arms were to have by the end; `relative` the interval of the relative effect at any time."""

    metric: Metric
    segment: str
    arm: str
    control_units: int
    units: int
    planned: int
    difference: Difference
    low: float
    high: float
    p: float
    relative: tuple[float, float]
    note: str = ""

    @property
    def known(self) -> bool:
        """Whether anything can be said of it yet."""
        return math.isfinite(self.difference.se) and math.isfinite(self.low) and math.isfinite(self.high)

    @property
    def sign(self) -> int:
        """The effect's sign, where its interval at any time leaves one; else 0."""
        return (self.low > 0) - (self.high < 0)


def planned(experiment: Experiment, trial: Trial, arm: str) -> int:
    """How many units the control and an arm of a trial were to have together by the planned end: for them intervals at any time
    are narrowest. Where nobody knows how many there are, UNKNOWN are taken for the trial."""
    given = chances(experiment, trial)
    units = design.planned(experiment, trial) or UNKNOWN
    return max(1, round(units * (given[experiment.control.id] + given[arm])))


def compare(experiment: Experiment, told: Told, trial: Trial, arm: str, days: Iterable[str] | None = None) -> Comparison:
    """A trial's arm against the control, among the units that were first exposed on some days (None: all)."""
    due = planned(experiment, trial, arm)
    days = None if days is None else tuple(days)
    control, own = (told.total(trial.segment, each, days) for each in (experiment.control.id, arm))
    if told.metric.kind == "quantile":
        return _quantiles(experiment, told, trial, arm, due)
    return between(experiment, told, trial.segment, arm, control, own, due)


def between(experiment: Experiment, told: Told, segment: str, arm: str, control: Sums, own: Sums, due: int) -> Comparison:
    """Sums of an arm against the control's."""
    metric = told.metric
    way = differences.adjusted if told.x else differences.difference
    found = way(metric.kind, control, own, experiment.level)
    if not _enough(metric, control, own):
        found = differences.unknown(found.control, found.value, found.units)
    return _told(experiment, metric, segment, arm, (control.n, own.n), due, found, _note(told, found))


def together(experiment: Experiment, comparisons: Sequence[Comparison]) -> Comparison | None:
    """Comparisons of several segments as one, each weighed by its units, so that other splits in other segments make no effect
    (stratification). None where none of them says anything.

    The error of the relative effect is that of the weighed ratios' logarithms (delta method).
    """
    known = [each for each in comparisons if each.known]
    if not known:
        return None
    parts = [each.difference for each in known]
    total = sum(part.units for part in parts)
    weights = [part.units / total for part in parts]
    control, value, effect = (
        sum(weight * getattr(part, name) for weight, part in zip(weights, parts, strict=True))
        for name in ("control", "value", "effect")
    )
    se = math.hypot(*(weight * part.se for weight, part in zip(weights, parts, strict=True)))
    z = NormalDist().inv_cdf((1 + experiment.level) / 2)
    relative = effect / control if control else math.nan
    low = high = math.nan
    errors = [differences.relative_error(part, experiment.level) for part in parts]
    if control > 0 and value > 0 and all(map(math.isfinite, errors)):
        near = [w * part.control * error for w, part, error in zip(weights, parts, errors, strict=True)]
        wide = z * math.hypot(*near) / value
        low, high = value / control * math.exp(-wide) - 1, value / control * math.exp(wide) - 1
    p = math.erfc(abs(effect) / se / math.sqrt(2))
    found = Difference(control, value, effect, se, effect - z * se, effect + z * se, p, relative, low, high, total)
    units = sum(each.control_units for each in known), sum(each.units for each in known)
    return _told(experiment, known[0].metric, ALL, OWN, units, sum(each.planned for each in known), found, known[0].note)


def compare_all(experiment: Experiment, log: Log) -> tuple[Comparison, ...]:
    """Every arm of every trial by every metric that the log tells, then the segments' own trailers together where there are
    several; only those of which something is known. Those first exposed in whole weeks count, once there is one."""
    found, days = [], trust.counted(log, experiment)
    for told in log.told.values():
        apart = [compare(experiment, told, trial, arm, days) for trial in experiment.trials for arm, _ in trial.weights[1:]]
        found += [each for each in apart if each.known]
        together_too = whole(experiment, apart)
        found += [together_too] if together_too else []
    return tuple(found)


def whole(experiment: Experiment, comparisons: Sequence[Comparison]) -> Comparison | None:
    """The segments' own trailers together; None where there is one segment, or nothing is known."""
    own = [each for each in comparisons if each.arm == each.segment]
    return together(experiment, own) if len(experiment.trials) > 1 else None


def looked_at(trial: Trial) -> tuple[str, ...]:
    """The arms that are looked at day by day: the segment's own trailer, or all where there is none of its own."""
    arms = tuple(arm for arm, _ in trial.weights[1:])
    return (trial.segment,) if trial.segment in arms else arms


def effects(experiment: Experiment, comparisons: Sequence[Comparison]) -> tuple[Effect, ...]:
    """What is told of comparisons; each family is looked at together for `firm`."""
    apart = [each for each in comparisons if each.segment != ALL]
    there: dict[Comparison, bool] = {}
    drawn: dict[Comparison, tuple[float, float, float]] = {}
    families: dict[tuple[str, bool], list[Comparison]] = {}
    for each in comparisons:
        families.setdefault(family(experiment, each), []).append(each)
    for members in families.values():
        there |= dict(zip(members, discovery.discoveries([each.p for each in members], experiment.level), strict=True))
    for name in dict.fromkeys(each.metric.name for each in apart):
        drawn |= _pooled(experiment, [each for each in apart if each.metric.name == name])
    told = []
    for each in comparisons:
        firm = int(math.copysign(1, each.difference.effect)) if there[each] else 0
        told.append(_effect(each, firm, drawn.get(each)))
    return tuple(told)


def family(experiment: Experiment, each: Comparison) -> tuple[str, bool]:
    """What is looked at together for false discoveries: of each metric, or of all guards as one, what the experiment is planned
    for (own trailers, segment by segment and all together) and, apart, the trailers tried on others' segments, of which there
    are many, each seen by few."""
    trial = experiment.trial(each.segment)
    name = each.metric.role if each.metric.role == "guard" else each.metric.name
    return name, trial is None or each.arm in looked_at(trial)


def _enough(metric: Metric, control: Sums, own: Sums) -> bool:
    least = min(control.n, own.n)
    if metric.kind != "share":
        return least >= MANY
    rate = (control.y + own.y) / max(1, control.n + own.n)
    return least * min(rate, 1 - rate) >= ENOUGH


def _quantiles(experiment: Experiment, told: Told, trial: Trial, arm: str, due: int) -> Comparison:
    """A quantile's limits are read again for looks at any time: they lie where so many units do, not where an error says."""
    control, own = (told.ranked.get((trial.segment, each)) for each in (experiment.control.id, arm))
    if control is None or own is None:
        units = (control.n if control else 0), (own.n if own else 0)
        nothing = differences.unknown(math.nan, math.nan, sum(units))
        return _told(experiment, told.metric, trial.segment, arm, units, due, nothing, "")
    once = NormalDist().inv_cdf((1 + experiment.level) / 2)
    ever = always.reach(control.n + own.n, due, experiment.level)
    found, wide = (quantiles.difference(control.limits(reach), own.limits(reach), reach) for reach in (once, ever))
    _, _, p = always.always(found, experiment.level, due)
    relative = (wide.relative_low, wide.relative_high)
    note = f"the {_percent(told.metric.quantile)} quantile"
    return Comparison(told.metric, trial.segment, arm, control.n, own.n, due, found, wide.low, wide.high, p, relative, note)


def _told(
    experiment: Experiment, metric: Metric, segment: str, arm: str, units: tuple[int, int], due: int, found: Difference, note: str
) -> Comparison:
    if not math.isfinite(found.se) or found.se <= 0:
        return Comparison(metric, segment, arm, *units, due, found, -math.inf, math.inf, 1.0, (math.nan, math.nan), note)
    low, high, p = always.always(found, experiment.level, due)
    relative = always.relative(found, experiment.level, due)
    return Comparison(metric, segment, arm, *units, due, found, low, high, p, relative, note)


def _note(told: Told, found: Difference) -> str:
    said = []
    if told.cap is not None and told.metric.cap is not None:
        said.append(f"held at {told.cap:.4g} ({_percent(told.metric.cap)})")
    if told.x:
        said.append(f"adjusted by what was before (explains {found.explained:.0%})")
    return ", ".join(said)


def _percent(share: float) -> str:
    return f"{100 * share:g} %"


def _pooled(experiment: Experiment, comparisons: Sequence[Comparison]) -> dict[Comparison, tuple[float, float, float]]:
    """Relative effects of own trailers drawn towards each other, and those of each other trailer in the segments that saw it."""
    found: dict[Comparison, tuple[float, float, float]] = {}
    for family in dict.fromkeys(OWN if each.arm == each.segment else each.arm for each in comparisons):
        members = [each for each in comparisons if family == (OWN if each.arm == each.segment else each.arm)]
        if len(members) < 2:
            continue
        pairs = [(each.difference.relative, differences.relative_error(each.difference, experiment.level)) for each in members]
        drawn = pooling.pool(pairs, experiment.level).each
        found |= {each: interval for each, interval in zip(members, drawn, strict=True) if all(map(math.isfinite, interval))}
    return found


def _effect(each: Comparison, firm: int, pooled: tuple[float, float, float] | None) -> Effect:
    found = each.difference
    low, high = each.relative
    stated = all(map(math.isfinite, (found.relative, low, high)))
    return Effect(
        metric=each.metric.name,
        role=each.metric.role,
        segment=each.segment,
        variant=each.arm,
        control_units=each.control_units,
        units=each.units,
        control_value=found.control,
        value=found.value,
        effect=found.effect,
        low=each.low,
        high=each.high,
        fixed_low=found.low,
        fixed_high=found.high,
        p=found.p,
        relative=found.relative if stated else None,
        relative_low=low if stated else None,
        relative_high=high if stated else None,
        pooled=pooled,
        firm=firm,
        note=each.note,
        anytime_p=each.p,
    )
