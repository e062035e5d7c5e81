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
from trailers.experiment.statistics.sizes import LEAST

BROKEN = (
    "exposures are lost or doubled on one side, and a difference may come from that alone. Mend the log, or leave out what is "
    "broken, then look again"
)


@dataclass(frozen=True)
class Ground:
    """What a verdict stands on: all comparisons and their effects, the split, the days whose windows have closed (ISO, ascending;
    None: the log has no times) and how the effect goes with days."""

    experiment: Experiment
    comparisons: Sequence[Comparison]
    effects: Sequence[Effect]
    split: Split
    days: Sequence[str] | None
    trend: Trend | None

    def comparison(self, metric: Metric, segment: str, arm: str) -> Comparison | None:
        wanted = (metric.name, segment, arm)
        return next((each for each in self.comparisons if (each.metric.name, each.segment, each.arm) == wanted), None)

    def firm(self, metric: Metric, segment: str, arm: str) -> int:
        wanted = (metric.name, segment, arm)
        return next((each.firm for each in self.effects if (each.metric, each.segment, each.variant) == wanted), 0)


def verdicts(ground: Ground) -> tuple[Verdict, ...]:
    """One for all own trailers together, where there are several, and for every arm of every trial but the control.

    An arm ships where the primary metric is firmly better (with all that is looked at together: `comparing.family`), two whole
    weeks are in (or all that were planned), and no guard is worse beyond its harm. It stops where a guard is: firmly worse (with
    all guards that are looked at together), and its estimate by more than `harm`. An arm is kept out where it is firmly worse, or
    known to bring less than is worth having. Of several arms that would ship in a segment, the one with the largest effect does.
    A segment whose own split fails decides nothing.
    """
    found = []
    whole = ground.comparison(ground.experiment.primary, ALL, OWN)
    if whole:
        found.append(_given(ground, ALL, OWN, whole, f"All segments together: {_interval(whole, True)}"))
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
    if ground.days is not None and not ground.days:
        return f"Cannot tell yet: the log ends before the window of the first {experiment.unit} has closed."
    said = [each.words for each in given if each.segment == ALL]
    given = [each for each in given if each.segment != ALL]
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
        several = f"Of {rest} trailers that were tried on segments that they were not made for, none is known to be better there."
        said.append(
            several if rest > 1 else "The one trailer that was tried on a segment of others is not known to be better there."
        )
    if ground.trend and ground.trend.p < SURE and (whole := whole_sign(ground)):
        less = ground.trend.slope * whole < 0
        said.append(
            f"Those who first saw it later gained {'less' if less else 'more'} ({_p(ground.trend.p)}): "
            + (
                "newness draws, or those who come first are others; look again after some weeks."
                if less
                else "they may be others."
            )
        )
    if split.warning:
        said.append(f"Look at the split before trusting this ({_p(split.p)} over all).{_where(split.where)}")
    return " ".join(said)


def whole_sign(ground: Ground) -> int:
    """The sign of what own trailers bring, all segments together, or in the only one; 0 where it is not known."""
    primary = ground.experiment.primary
    whole = ground.comparison(primary, ALL, OWN) or next((each for each in ground.comparisons if each.metric == primary), None)
    return whole.sign if whole else 0


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
    experiment = ground.experiment
    found = ground.comparison(experiment.primary, trial.segment, arm)
    where = f"{trial.name}, {_arm(experiment, trial, arm)}"
    if found is None:
        return Verdict(trial.segment, arm, "wait", f"{where}: cannot tell yet, too few {_units(experiment).lower()} have come.")
    return _given(ground, trial.segment, arm, found, f"{where}: {_interval(found, len(experiment.trials) == 1)}")


def _given(ground: Ground, segment: str, arm: str, found: Comparison, head: str) -> Verdict:
    """The verdict on a comparison by the primary metric, its words after the `head`."""
    experiment, primary = ground.experiment, ground.experiment.primary
    broken = trust.broken(ground.split)
    if not ground.split.passed or segment in broken or (segment == ALL and broken):
        some = " of some" if segment == ALL and ground.split.passed else ""
        return Verdict(segment, arm, "wait", f"{head}: not decided, for the split{some} is not as asked.")
    if harm := _harm(ground, segment, arm):
        return Verdict(segment, arm, "stop", f"{head}. Stop: {harm}.")
    sign = 1 if primary.better == "more" else -1
    firm = sign * ground.firm(primary, segment, arm)
    small = max(sign * found.low, sign * found.high) < experiment.worth * abs(found.difference.control)
    if (firm or small) and (early := _early(ground)):
        return Verdict(segment, arm, "wait", f"{head}: too early, {early}.")
    general = "the general trailer"
    if firm < 0:
        return Verdict(segment, arm, "keep", f"{head}: keep {general}.")
    if small:
        better = "better, but " if firm > 0 else ""
        return Verdict(
            segment,
            arm,
            "keep",
            f"{head}: {better}less than the {_worth(experiment, found)} worth having; keep {general}.",
        )
    if firm > 0:
        ship = "ship the own trailers" if segment == ALL else "ship it"
        return Verdict(segment, arm, "ship", f"{head}: {ship}.{_doubts(ground, segment, arm)}")
    return _wait(ground, segment, found, head)


def _early(ground: Ground) -> str:
    """In words why it is too early for a verdict; nothing where whole weeks enough are in."""
    due = min(ground.experiment.weeks, LEAST)
    if ground.days is None or trust.weeks(ground.days) >= due:
        return ""
    asked = "a whole week" if due == 1 else f"{due} whole weeks"
    return f"{_days(len(ground.days))} in; {asked} at the least, so that each weekday counts and newness does not"


def _worth(experiment: Experiment, found: Comparison) -> str:
    """The least effect worth having, as the interval is said: "0.6 points (2 % of 30.1 %)"."""
    share = amounts.as_share(found.metric, found.difference.control, found.difference.value)
    control = abs(found.difference.control)
    size = amounts.value(experiment.worth * control, share).removesuffix(" %")
    return f"{size}{' points' if share else ''} ({100 * experiment.worth:g} % of {amounts.value(control, share)})"


def _wait(ground: Ground, segment: str, found: Comparison, head: str) -> Verdict:
    experiment, trial = ground.experiment, ground.experiment.trial(segment)
    more = more_units(experiment, trial, found) if trial else None
    why = "cannot tell yet"
    if found.sign:
        family = comparing.family(experiment, found)
        compared = sum(comparing.family(experiment, each) == family for each in ground.comparisons)
        why = f"cannot tell yet, for of {compared} comparisons that are looked at together one such may be chance"
    if more is None or trial is None:
        return Verdict(segment, found.arm, "wait", f"{head}: {why}.")
    worth = _worth(experiment, found)
    aim = f"to find {worth}" if found.difference.units < found.planned else f"to tell {worth} from none"
    return Verdict(segment, found.arm, "wait", f"{head}: {why}; {aim} takes some {_more(ground, trial, more)}.", more)


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
    """Guards that by their own interval are worse, and how much harm the others leave open."""
    open_, worse = [], []
    for metric in ground.experiment.metrics:
        found = ground.comparison(metric, segment, arm) if metric.role == "guard" else None
        bad = -1 if metric.better == "more" else 1
        if found and found.sign == bad:
            worse.append(f"{metric.name} {_interval(found, False)}")
        elif found and max(bad * found.low, bad * found.high) > metric.harm * abs(found.difference.control):
            open_.append(f"{metric.name}{_at_worst(found, bad)}")
    at_risk = f" Look at {'; '.join(worse)}: worse by its own interval, which among many guards may be chance." if worse else ""
    left = f" Not ruled out, more harm than is allowed: {amounts.listed(open_)}." if open_ else ""
    return f"{at_risk}{left}"


def _at_worst(found: Comparison, bad: int) -> str:
    """How much worse a guard may be by its interval, as a share of the control's: " (up to 77 % worse)"."""
    worst = max(bad * limit for limit in found.relative)
    return f" (up to {100 * worst:.2g} % worse)" if math.isfinite(worst) else ""


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
