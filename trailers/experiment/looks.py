"""The effect of trailers as days go by: all that came so far, each day alone, and whether it wears off."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from trailers.experiment import comparing
from trailers.experiment.comparing import Comparison
from trailers.experiment.design import Experiment
from trailers.experiment.findings import ALL, Look
from trailers.experiment.logs import Log
from trailers.experiment.statistics.sums import Sums

LEAST = 4
"""A trend is looked for from so many days on."""
SURE = 0.01
"""Below this p a trend is worth a word."""


class Trend(NamedTuple):
    """By how much an effect changes a day, in the metric's unit, and p of its not changing."""

    slope: float
    p: float


def sequence(experiment: Experiment, log: Log) -> tuple[Look, ...]:
    """The primary metric's effect of each segment's own trailer, and of all together, in everything up to each day."""
    return _looks(experiment, _by_day(experiment, log, growing=True))


def novelty(experiment: Experiment, log: Log) -> tuple[tuple[Look, ...], Trend | None]:
    """The same among those first exposed on each day alone; and whether it goes up or down by day, all segments together: a
    straight line through the days' effects, each weighed by what is known of it (weighted least squares); None for too few."""
    by_day = _by_day(experiment, log, growing=False)
    return _looks(experiment, by_day), _trend(experiment, by_day)


def _trend(experiment: Experiment, by_day: Mapping[str, Sequence[Comparison]]) -> Trend | None:
    points = []
    for place, rows in enumerate(by_day.values()):
        whole = comparing.together(experiment, rows)
        if whole is not None and whole.known:
            points.append((float(place), whole.difference.effect, whole.difference.se**-2))
    if len(points) < LEAST:
        return None
    middle = sum(x * weight for x, _, weight in points) / sum(weight for _, _, weight in points)
    spread = sum(weight * (x - middle) ** 2 for x, _, weight in points)
    slope = sum(weight * (x - middle) * effect for x, effect, weight in points) / spread
    return Trend(slope, math.erfc(abs(slope) * math.sqrt(spread / 2)))


def _by_day(experiment: Experiment, log: Log, growing: bool) -> Mapping[str, Sequence[Comparison]]:
    """Each day's comparisons of own trailers, the experiment's trials in order; of a trial without one, of all its arms."""
    told = log.told[experiment.primary.name]
    if told.metric.kind == "quantile":
        return {}
    length = 1 if growing else max(1, 7 * experiment.weeks)
    pairs = [(trial, arm) for trial in experiment.trials for arm in comparing.looked_at(trial)]
    due = {pair: max(1, comparing.planned(experiment, *pair) // length) for pair in pairs}
    so_far: dict[tuple[str, str], Sums] = {}
    found: dict[str, list[Comparison]] = {}
    for day in sorted({cell.day for cell in told.sums}):
        today = {cell[:2]: sums for cell, sums in told.sums.items() if cell.day == day}
        so_far = {key: so_far.get(key, Sums(0)) + today.get(key, Sums(0)) for key in so_far | today} if growing else today
        found[day] = [
            comparing.between(
                experiment,
                told,
                trial.segment,
                arm,
                so_far.get((trial.segment, experiment.control.id), Sums(0)),
                so_far.get((trial.segment, arm), Sums(0)),
                due[trial, arm],
            )
            for trial, arm in pairs
        ]
    return found


def _looks(experiment: Experiment, by_day: Mapping[str, Sequence[Comparison]]) -> tuple[Look, ...]:
    """Segment by segment, all together first where there are several."""
    looks = [
        Look(
            day,
            each.segment,
            each.arm,
            each.control_units + each.units,
            each.difference.effect,
            each.low,
            each.high,
            each.difference.low,
            each.difference.high,
        )
        for day, rows in by_day.items()
        for each in _with_all(experiment, rows)
        if each.known
    ]
    order = {segment: place for place, segment in enumerate((ALL, *(trial.segment for trial in experiment.trials)))}
    return tuple(sorted(looks, key=lambda look: (order[look.segment], look.day)))


def _with_all(experiment: Experiment, rows: Sequence[Comparison]) -> Iterable[Comparison]:
    whole = comparing.whole(experiment, rows)
    return [*([whole] if whole else []), *rows]
