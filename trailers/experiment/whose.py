"""Whose a finding is: a segment's own trailer, all of them together, or one made for others; and what people call it."""

from collections.abc import Mapping

from trailers.experiment.design import Experiment
from trailers.experiment.findings import ALL, OWN, Analysis, Effect

TOGETHER = "All together"
Reached = tuple[int, int]
"""Units that came as far as a step, and those who saw the trailer at all."""


def own(experiment: Experiment, segment: str, variant: str) -> bool:
    """Whether an arm is what is asked about in a segment: its own trailer, all own ones where all segments stand together, or, in
    a trial that has none of its own, any but the control."""
    trial = experiment.trial(segment)
    if segment == ALL or trial is None:
        return variant in (OWN, segment)
    return variant == segment or segment not in dict(trial.weights)


def place(experiment: Experiment, segment: str) -> int:
    """Where a segment stands among the experiment's; all together first."""
    places = {trial.segment: place for place, trial in enumerate(experiment.trials)}
    return places.get(segment, -1 if segment == ALL else len(places))


def name(experiment: Experiment, segment: str) -> str:
    """What people call a segment."""
    trial = experiment.trial(segment)
    return TOGETHER if segment == ALL else trial.name if trial else segment


def title(experiment: Experiment, segment: str, variant: str) -> str:
    """What people call a comparison: its segment, and the trailer where that is not the segment's own."""
    plain = variant == segment or segment == ALL
    return name(experiment, segment) if plain else f"{name(experiment, segment)}: {arm(experiment, variant)}"


def arm(experiment: Experiment, variant: str) -> str:
    """What people call an arm."""
    names: Mapping[str, str] = {each.id: each.name for each in experiment.arms}
    return "their own trailer" if variant == OWN else names.get(variant, variant)


def effects(experiment: Experiment, analysis: Analysis, metric: str, others: bool = False) -> tuple[Effect, ...]:
    """By a metric, what own trailers brought, all together first, then by segment in the experiment's order; `others`: what those
    brought that were made for other segments."""
    found = [each for each in analysis.metrics if each.metric == metric and own(experiment, each.segment, each.variant) != others]
    return tuple(sorted(found, key=lambda each: (place(experiment, each.segment), each.variant)))


def funnel(experiment: Experiment, analysis: Analysis, segment: str = ALL) -> tuple[tuple[str, Reached, Reached], ...]:
    """The steps of a segment, or of all together, with how far units came after the control and after their own trailer.

    All together are the sum of the segments where the analysis does not give them.
    """
    known = any(step.segment == segment for step in analysis.funnel)
    counts: dict[str, list[int]] = {}
    for step in analysis.funnel:
        mine = step.segment == segment if known else segment == ALL
        ours = step.variant != experiment.control.id and own(experiment, step.segment, step.variant)
        if mine and (ours or step.variant == experiment.control.id):
            counts.setdefault(step.name, [0, 0])[ours] += step.units
    control, theirs = next(iter(counts.values()), [0, 0])
    return tuple((each, (pair[0], control), (pair[1], theirs)) for each, pair in counts.items())
