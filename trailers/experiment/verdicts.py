"""What to do, in words: ship, keep, cannot tell yet and what would, or stop; the interval comes first, and a broken log decides
nothing."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from trailers.experiment import amounts, comparing, trust
from trailers.experiment.assign import chances
from trailers.experiment.comparing import Comparison
from trailers.experiment.design import Experiment, Trial, inside
from trailers.experiment.findings import ALL, OWN, Effect, Source, Split, Verdict
from trailers.experiment.looks import SURE, Trend
from trailers.experiment.metric import Metric
from trailers.experiment.statistics import always

WEEK = 7
BROKEN = (
    "exposures are lost or doubled on one side, and a difference may come from that alone. Mend the log, or leave out what is "
    "broken, then look again"
)
TOGETHER = {1: "the own trailers do better", 0: "no difference is shown yet", -1: "the own trailers do worse"}


@dataclass(frozen=True)
class Ground:
    """What a verdict stands on: all comparisons and their effects, the split, the days whose windows have closed (None: the log
    has no times) and how the effect goes with days."""

    experiment: Experiment
    comparisons: Sequence[Comparison]
    effects: Sequence[Effect]
    split: Split
    days: int | None
    trend: Trend | None

    def comparison(self, metric: Metric, segment: str, arm: str) -> Comparison | None:
        wanted = (metric.name, segment, arm)
        return next((each for each in self.comparisons if (each.metric.name, each.segment, each.arm) == wanted), None)

    def firm(self, metric: Metric, segment: str, arm: str) -> int:
        wanted = (metric.name, segment, arm)
        return next((each.firm for each in self.effects if (each.metric, each.segment, each.variant) == wanted), 0)


def verdicts(ground: Ground) -> tuple[Verdict, ...]:
    """One for every arm of every trial but the control.

    An arm ships where the primary metric is firmly better (all arms and segments looked at together), a week at least is in,
    and no guard is worse beyond its harm. It stops where a guard is: firmly worse (all guards, arms and segments looked at
    together), and its estimate by more than `harm`. An arm is kept out where it is firmly worse, or known to bring less than is
    worth having. Of several arms that would ship in a segment, the one with the largest effect does. A segment whose own split
    fails decides nothing.
    """
    found = []
    for trial in ground.experiment.trials:
        arms = [arm for arm, _ in trial.weights[1:]]
        given = [_verdict(ground, trial, arm) for arm in arms]
        ships = [verdict for verdict in given if verdict.what == "ship"]
        best = max(ships, key=lambda verdict: _size(ground, verdict), default=None)
        found += [
            _second(ground, verdict, best) if verdict in ships and best and verdict is not best else verdict for verdict in given
        ]
    return tuple(found)


def decision(ground: Ground, given: Sequence[Verdict]) -> str:
    """All of it in words, for people."""
    experiment, split = ground.experiment, ground.split
    if not split.passed:
        found = f"{_p(split.p)}, off by {split.off:.1%}"
        return f"Do not decide. {_units(experiment)} did not fall to the arms as asked ({found}): {BROKEN}.{_where(split.where)}"
    if ground.days == 0:
        return f"Cannot tell yet: the log ends before the window of the first {experiment.unit} has closed."
    said = []
    whole = ground.comparison(experiment.primary, ALL, OWN)
    if whole and trust.broken(split):
        said.append(f"All segments together: {_interval(whole, True)}: not decided, for the split of some is not as asked.")
    elif whole:
        firm = ground.firm(experiment.primary, ALL, OWN)
        better = firm if experiment.primary.better == "more" else -firm
        said.append(f"All segments together: {_interval(whole, True)}: {TOGETHER[better]}.")
    own = [each for each in given if each.variant in comparing.looked_at(_trial(experiment, each.segment))]
    said += [each.words for each in own]
    others = [each for each in given if each not in own]
    sign = 1 if experiment.primary.better == "more" else -1
    worth_a_word = [
        each
        for each in others
        if each.what in ("ship", "stop") or sign * ground.firm(experiment.primary, each.segment, each.variant) > 0
    ]
    said += [each.words for each in worth_a_word]
    rest = len(others) - len(worth_a_word)
    if rest:
        said.append(f"Of {rest} trailers tried on segments that they were not made for, none is known to be better there.")
    if ground.trend and ground.trend.p < SURE and whole_effect(ground):
        fades = ground.trend.slope * whole_effect(ground) < 0
        said.append(
            f"By day of first exposure the effect {'wears off' if fades else 'grows'} ({_p(ground.trend.p)})"
            + (": what is new draws at first; look again after some weeks." if fades else ".")
        )
    if split.warning:
        said.append(f"Look at the split before trusting this ({_p(split.p)} over all).{_where(split.where)}")
    return " ".join(said)


def whole_effect(ground: Ground) -> float:
    """The effect of own trailers, all segments together, or of the first that is known."""
    primary = ground.experiment.primary
    whole = ground.comparison(primary, ALL, OWN)
    first = next((each for each in ground.comparisons if each.metric == primary), None)
    return whole.difference.effect if whole else first.difference.effect if first else 0.0


def more_units(experiment: Experiment, trial: Trial, found: Comparison) -> int | None:
    """How many units more, in all arms of a trial, it takes to tell: to find the effect worth having with the power that the plan
    asked for by an interval that holds at any time; where so many have come already, until the interval is too narrow to hold
    both 0 and that effect. Errors shrink with the root of the units. None where neither would do."""
    worth = experiment.worth * abs(found.difference.control)
    if not found.known or not worth:
        return None
    power = NormalDist().inv_cdf(experiment.power)
    for times, more in ((1.0, power), (2.0, 0.0)):
        units = float(found.difference.units)
        for _ in range(50):  # the interval is a little wider before and after the planned end: a fixed point
            reach = always.reach(max(1, math.ceil(units)), found.planned, experiment.level)
            units = found.difference.units * (found.difference.se * (times * reach + more) / worth) ** 2
        if units > found.difference.units:
            given = chances(experiment, trial)
            return math.ceil((units - found.difference.units) / (given[experiment.control.id] + given[found.arm]))
    return None


def _verdict(ground: Ground, trial: Trial, arm: str) -> Verdict:
    experiment, primary = ground.experiment, ground.experiment.primary
    found = ground.comparison(primary, trial.segment, arm)
    where = f"{trial.name}, {_arm(experiment, trial, arm)}"
    if found is None:
        return Verdict(trial.segment, arm, "wait", f"{where}: cannot tell yet, too few {_units(experiment).lower()} have come.")
    head = f"{where}: {_interval(found, len(experiment.trials) == 1)}"
    if not ground.split.passed or trial.segment in trust.broken(ground.split):
        return Verdict(trial.segment, arm, "wait", f"{head}: not decided, for the split is not as asked.")
    if harm := _harm(ground, trial.segment, arm):
        return Verdict(trial.segment, arm, "stop", f"{head}. Stop: {harm}.")
    sign = 1 if primary.better == "more" else -1
    firm = sign * ground.firm(primary, trial.segment, arm)
    most = max(sign * found.low, sign * found.high)
    small = most < experiment.worth * abs(found.difference.control)
    if (firm or small) and ground.days is not None and ground.days < WEEK:
        return Verdict(
            trial.segment,
            arm,
            "wait",
            f"{head}: too early, {_days(ground.days)} in; a whole week at the least counts each weekday.",
        )
    if firm < 0:
        return Verdict(trial.segment, arm, "keep", f"{head}: keep the general trailer.")
    if small:
        better = "better, but " if firm > 0 else ""
        return Verdict(
            trial.segment,
            arm,
            "keep",
            f"{head}: {better}less than the {100 * experiment.worth:g} % worth having; keep the general trailer.",
        )
    if firm > 0:
        return Verdict(trial.segment, arm, "ship", f"{head}: ship it.{_doubts(ground, trial.segment, arm)}")
    return _wait(ground, trial, found, head)


def _wait(ground: Ground, trial: Trial, found: Comparison, head: str) -> Verdict:
    experiment = ground.experiment
    more = more_units(experiment, trial, found)
    why = "cannot tell yet"
    if found.sign:
        compared = sum(each.metric == found.metric and each.segment != ALL for each in ground.comparisons)
        why = f"cannot tell yet, for of {compared} comparisons that are looked at together one such may be chance"
    if more is None:
        return Verdict(trial.segment, found.arm, "wait", f"{head}: {why}.")
    enough = found.difference.units >= found.planned
    aim = f"to find {100 * experiment.worth:g} %" if not enough else f"to tell 0 from {100 * experiment.worth:g} %"
    return Verdict(trial.segment, found.arm, "wait", f"{head}: {why}; {aim} takes some {_more(ground, trial, more)}.", more)


def _more(ground: Ground, trial: Trial, more: int) -> str:
    """So many units more, and how long that is; or that there are not so many."""
    experiment = ground.experiment
    said = f"{_rounded(more):,} {_units(experiment).lower()} more"
    of_trial = [each for each in ground.comparisons if (each.metric, each.segment) == (experiment.primary, trial.segment)]
    seen = max((each.control_units for each in of_trial), default=0) + sum(each.units for each in of_trial)
    left = trial.viewers * inside(experiment) - seen
    if trial.viewers and more > left:
        alone = len(experiment.trials) == 1
        return f"{said}, and its segment has not so many{'' if alone else ': only all segments together can tell'}"
    weekly = trial.weekly * inside(experiment)
    weeks = math.ceil(more / weekly) if weekly else 0
    return f"{said}, {weeks} {'week' if weeks == 1 else 'weeks'} at the pace of the plan" if weeks else said


def _harm(ground: Ground, segment: str, arm: str) -> str:
    """In words, the guards that are worse beyond their harm."""
    said = []
    for metric in ground.experiment.metrics:
        found = ground.comparison(metric, segment, arm) if metric.role == "guard" else None
        bad = -1 if metric.better == "more" else 1
        if (
            found
            and ground.firm(metric, segment, arm) == bad
            and bad * found.difference.effect > metric.harm * abs(found.difference.control)
        ):
            said.append(
                f"{metric.words or metric.name} {_interval(found, False)}, worse than the {100 * metric.harm:g} % that may be"
            )
    return "; ".join(said)


def _doubts(ground: Ground, segment: str, arm: str) -> str:
    """What guards do not rule out, and those that by their own interval are worse."""
    open_, worse = [], []
    for metric in ground.experiment.metrics:
        found = ground.comparison(metric, segment, arm) if metric.role == "guard" else None
        bad = -1 if metric.better == "more" else 1
        if found and found.sign == bad:
            worse.append(f"{metric.name} {_interval(found, False)}")
        elif found and max(bad * found.low, bad * found.high) > metric.harm * abs(found.difference.control):
            open_.append(metric.name)
    at_risk = f" Look at {'; '.join(worse)}: worse by its own interval, which among many guards may be chance." if worse else ""
    return (
        f"{at_risk} Not yet known well enough to rule out more harm than is allowed: {amounts.listed(open_)}."
        if open_
        else at_risk
    )


def _second(ground: Ground, verdict: Verdict, best: Verdict) -> Verdict:
    experiment = ground.experiment
    found = ground.comparison(experiment.primary, verdict.segment, verdict.variant)
    trial = _trial(experiment, verdict.segment)
    head = f"{trial.name}, {_arm(experiment, trial, verdict.variant)}: {_interval(found, False)}" if found else trial.name
    than = _arm(experiment, trial, best.variant)
    return Verdict(
        verdict.segment, verdict.variant, "wait", f"{head}: better than the general one too, not known to be better than {than}."
    )


def _size(ground: Ground, verdict: Verdict) -> float:
    found = ground.comparison(ground.experiment.primary, verdict.segment, verdict.variant)
    sign = 1 if ground.experiment.primary.better == "more" else -1
    return sign * found.difference.effect if found else -math.inf


def _interval(found: Comparison, named: bool) -> str:
    """The interval at any time in the metric's unit and the control's value; `named`: and what is measured."""
    share = amounts.as_share(found.metric, found.difference.control, found.difference.value)
    what = found.metric.words or found.metric.name
    unit = "" if not share else " points"
    if named:
        unit += f" of those who {what}" if found.metric.kind == "share" else f" of {what}" if share else f" {what}"
    general = amounts.value(found.difference.control, share)
    return f"{amounts.between(found.low, found.high, share)}{unit} (general {general})"


def _where(sources: Sequence[Source]) -> str:
    if not sources:
        return ""
    said = [f"{each.dimension} {each.value} ({_p(each.p)}, off by {each.off:.1%})" for each in sources[:4]]
    more = f" and {len(sources) - 4} more" if len(sources) > 4 else ""
    return f" It is off on {', '.join(said)}{more}."


def _trial(experiment: Experiment, segment: str) -> Trial:
    return next(trial for trial in experiment.trials if trial.segment == segment)


def _arm(experiment: Experiment, trial: Trial, arm: str) -> str:
    return "its own trailer" if arm == trial.segment else f"the trailer “{experiment.arm(arm).name}”"


def _units(experiment: Experiment) -> str:
    return f"{experiment.unit[:1].upper()}{experiment.unit[1:]}s"


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"


def _p(p: float) -> str:
    return f"p = {p:.2g}"


def _rounded(number: int) -> int:
    """Two figures: more is not known of what is to come."""
    return int(float(f"{number:.2g}"))
