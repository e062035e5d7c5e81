"""What is read of a log of an experiment: counts and sums by segment, arm and day; never a row a unit."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from trailers.experiment.findings import Count, Step
from trailers.experiment.metric import Metric
from trailers.experiment.statistics.quantiles import Limits
from trailers.experiment.statistics.sums import Sums

STEP, STEPS = 0.05, 200
"""Values beside a quantile are read at each 0.05 standard errors of the count below it, up to 10."""


class Cell(NamedTuple):
    """Units of a segment in an arm that were first exposed on a day (ISO)."""

    segment: str
    arm: str
    day: str


@dataclass(frozen=True)
class Ranked:
    """A quantile of `n` units and the values `below` and `above` it: the k-th at k * STEP standard errors of the count."""

    n: int
    value: float
    below: tuple[float, ...]
    above: tuple[float, ...]

    def limits(self, reach: float) -> Limits:
        """The quantile between the values `reach` standard errors away (or up to STEP more, never less)."""
        place = min(math.ceil(reach / STEP - 1e-9), STEPS)
        return Limits(self.n, self.below[place], self.value, self.above[place])


@dataclass(frozen=True)
class Told:
    """A metric as the log tells it.

    `sums` count the units whose window has closed (`early`: how many had not), by cell. `cap` is what sums were held at (None:
    not), `x` whether what was before is in them. `ranked` has a quantile's values by (segment, arm), for that kind alone; its
    sums are empty but for n.
    """

    metric: Metric
    sums: Mapping[Cell, Sums]
    cap: float | None = None
    x: bool = False
    early: int = 0
    ranked: Mapping[tuple[str, str], Ranked] = field(default_factory=dict)

    def total(self, segment: str, arm: str, days: Iterable[str] | None = None) -> Sums:
        """The sums of a segment's arm over all days, or some."""
        known = None if days is None else set(days)
        found = (sums for cell, sums in self.sums.items() if cell[:2] == (segment, arm) and (known is None or cell.day in known))
        return sum(found, Sums(0))


@dataclass(frozen=True)
class Log:
    """A log of an experiment, read.

    `days` are those on which units were first exposed (ISO, UTC). `until` is when the outcomes end; where they have no
    times (`timed` is false) windows are taken to have closed. `placed` counts the units that saw one arm, closed window or not,
    by dimension ("segment", "day", "device", "country" as far as the log has them), value, and (segment, arm). `told` has the
    metrics that the log can tell, in the experiment's order; `notes` what to know of it.
    """

    count: Count
    days: tuple[str, ...]
    until: str
    timed: bool
    placed: Mapping[str, Mapping[str, Mapping[tuple[str, str], int]]]
    told: Mapping[str, Told]
    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Earlier:
    """What an earlier log says of a next experiment: how many `units` had a closed window and which `share` of them the metric,
    0..1; how many different units come by a trailer in a week; over how many days it goes."""

    units: int
    share: float
    weekly: float
    days: int
