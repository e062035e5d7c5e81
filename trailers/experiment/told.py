"""What an experiment found in words: each effect as a line of a table, each guard, and what speaks for the figures or against."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from trailers.experiment import amounts, whose
from trailers.experiment.design import Experiment
from trailers.experiment.findings import ALL, Analysis, Effect, Look, Verdict
from trailers.experiment.metric import Metric

Mark = Literal["good", "wait", "bad"]
WEEK = 7
FEW, MANY = 0.01, 0.2
"""Shares of units in two arms or of rows that could not serve, and of units still open, above which one should look twice."""


@dataclass(frozen=True)
class Line:
    """An effect in words: `change` with its `interval` as a share of the control's value where that can be said, the `gap` in the
    metric's unit, at any time and, `once`, for one look at the planned end, each with its p; the sign of `better` says what is
    firm."""

    segment: str
    arm: str
    control: str
    value: str
    change: str
    interval: str
    gap: str
    once: str
    p: str
    anytime_p: str
    units: str
    pooled: str
    better: int
    note: str


@dataclass(frozen=True)
class Table:
    """A metric with its effects; of a guard, `held` says line by line whether it holds."""

    metric: Metric
    unit: str
    lines: tuple[Line, ...]
    held: tuple[tuple[Mark, str], ...] = ()

    @property
    def title(self) -> str:
        said = self.metric.words or self.metric.name
        return said[:1].upper() + said[1:]


@dataclass(frozen=True)
class Trust:
    """One thing to know before figures are believed."""

    mark: Mark
    title: str
    words: str


def table(experiment: Experiment, analysis: Analysis, metric: Metric, others: bool = False) -> Table:
    """A metric's effects, all together first; `others`: of trailers that were made for other segments."""
    found = whose.effects(experiment, analysis, metric.name, others)
    share = amounts.as_share(metric, *(number for each in found for number in (each.control_value, each.value)))
    held = tuple(_held(each, metric) for each in found) if metric.role == "guard" else ()
    return Table(
        metric, amounts.unit(metric, share), tuple(_line(experiment, each, metric, share, others) for each in found), held
    )


def day(experiment: Experiment, look: Look) -> tuple[str, str, str, str, str]:
    """A look in words: its day, segment, units, effect and interval."""
    share = amounts.as_share(experiment.primary)
    effect = amounts.gap(look.effect, share, look.high - look.low)
    title = whose.title(experiment, look.segment, look.variant)
    return look.day, title, f"{look.units:,}", effect, amounts.between(look.low, look.high, share)


def trust(experiment: Experiment, analysis: Analysis) -> Iterator[Trust]:
    """What speaks for the figures and what against them: the split first."""
    count, split = analysis.count, analysis.srm
    yield Trust("bad" if not split.passed else "wait" if split.warning else "good", "Split between the arms", _split(analysis))
    share = count.twice / max(1, count.units)
    words = f"{count.twice:,} ({100 * share:.2g} %) saw more than one arm and are left out."
    yield Trust("good" if share <= FEW else "wait", "Units in two arms", words if count.twice else "None.")
    share = count.early / max(1, count.units + count.early)
    words = f"{count.early:,} ({100 * share:.2g} %) came too late for all that they did to be in the log; they are left out."
    yield Trust("good" if share <= MANY else "wait", "Units still open", words if count.early else "None.")
    yield Trust(
        "good" if analysis.days and len(analysis.days) % WEEK == 0 else "wait", "Whole weeks", _weeks(experiment, analysis)
    )
    lost = count.strangers + count.unreadable
    words = (
        f"{count.strangers:,} of no trial or arm here and {count.unreadable:,} without a time or a unit, of {count.exposures:,}."
    )
    mark: Mark = "good" if lost <= FEW * max(1, count.exposures) else "wait"
    yield Trust(mark, "Rows that could not serve", words if lost else f"None of {count.exposures:,}.")
    if count.moved:
        words = f"{count.moved:,} units saw another arm than their hash gives them. They count where they were seen."
        yield Trust("wait", "Assigned otherwise", words)


def advice(experiment: Experiment, analysis: Analysis, others: bool = False) -> Mapping[str, Verdict]:
    """What to do in each segment with its own trailer, by the name that stands above it and is left out of the words; `others`:
    with trailers that were made for others."""
    found = {}
    for each in sorted(analysis.verdicts, key=lambda each: whose.place(experiment, each.segment)):
        if whose.own(experiment, each.segment, each.variant) != others and each.segment != ALL:
            name = whose.name(experiment, each.segment)
            words = each.words.removeprefix(f"{name}, its own trailer: ")
            found[whose.title(experiment, each.segment, each.variant)] = replace(each, words=words[:1].upper() + words[1:])
    return found


def overall(analysis: Analysis) -> str:
    """What the decision says beyond the segments' own: of all together, of what is new, of trailers for others."""
    words = analysis.decision
    for each in analysis.verdicts:
        if each.segment != ALL:
            words = words.replace(each.words, "")
    return " ".join(words.split())


def _line(experiment: Experiment, each: Effect, metric: Metric, share: bool, others: bool) -> Line:
    width = each.high - each.low
    gap = f"{amounts.gap(each.effect, share, width)} ({amounts.between(each.low, each.high, share)})"
    change = interval = pooled = ""
    if each.relative is not None and each.relative_low is not None and each.relative_high is not None:
        change = f"{amounts.gap(each.relative, True, each.relative_high - each.relative_low)} %"
        interval = amounts.between(each.relative_low, each.relative_high, True)
    if each.pooled:
        middle, low, high = each.pooled
        pooled = f"{amounts.gap(middle, True, high - low)} % ({amounts.between(low, high, True)})"
    return Line(
        whose.name(experiment, each.segment) if others else whose.title(experiment, each.segment, each.variant),
        whose.arm(experiment, each.variant),
        amounts.value(each.control_value, share),
        amounts.value(each.value, share),
        change or amounts.gap(each.effect, share, width),
        interval or amounts.between(each.low, each.high, share),
        gap,
        amounts.between(each.fixed_low, each.fixed_high, share),
        _p(each.p),
        _p(each.anytime_p),
        f"{each.control_units:,} and {each.units:,}",
        pooled,
        each.firm if metric.better == "more" else -each.firm,
        each.note,
    )


def _p(p: float) -> str:
    return "below 0.0001" if p < 1e-4 else f"{p:.2g}"


def _held(each: Effect, metric: Metric) -> tuple[Mark, str]:
    """Whether a guard holds: it is worse where its interval leaves out 0 and its estimate is beyond the harm that is allowed; it
    holds where its whole interval does not reach so far."""
    if each.relative is None or each.relative_low is None or each.relative_high is None:
        return "wait", "the control has none, so no share of it can be said"
    parts = (each.relative, each.relative_low, each.relative_high)
    worse, low, high = parts if metric.better == "less" else (-each.relative, -each.relative_high, -each.relative_low)
    allowed = f"{100 * metric.harm:g} %"
    if low > 0 and worse > metric.harm:
        return "bad", f"worse, by more than the {allowed} that may be"
    if high <= metric.harm:
        return "good", f"not worse by more than {allowed}"
    return "wait", f"worse by more than {allowed} cannot be ruled out"


def _split(analysis: Analysis) -> str:
    split = analysis.srm
    if split.passed and not split.warning:
        return f"As asked (p = {split.p:.2g})."
    off = f"p = {split.p:.1g}, off by {amounts.value(split.off, True)}"
    if split.passed:
        return f"As asked, but only just ({off}): look at where exposures are logged."
    return f"Not as asked ({off}): exposures are lost or doubled on one side, and a difference may come from that alone."


def _weeks(experiment: Experiment, analysis: Analysis) -> str:
    days = len(analysis.days)
    if not days:
        return "The log has no days, so nothing can be said of weeks."
    weeks = f"{days // WEEK} {'week' if days // WEEK == 1 else 'weeks'}"
    whole = (
        f"{days} days, {weeks}"
        if days % WEEK == 0
        else f"{days} days are no whole weeks: {weeks if days >= WEEK else 'all'} count"
    )
    return f"{whole}. {experiment.weeks} {'week was' if experiment.weeks == 1 else 'weeks were'} planned."
