"""What experiments taught: which components of a trailer won for whom, with intervals; Lessons.1 on disk."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from trailers.errors import RequestError
from trailers.ranking.choice.qualities import QUALITIES
from trailers.season import Change

SCHEMA = "Lessons.1"
EVERYBODY = ""
"""The segment whose lessons hold for all, and for segments that no experiment has known."""
SHOWN: tuple[str, ...] = tuple(f"quality {name}" for name in QUALITIES)
"""Components that are what shots are like: the ranker reads them."""
ARRANGED: tuple[str, ...] = ("pace", "weight scene", "weight episode", "weight face")
"""Components that are how shots are put together: the arc reads them, as changes of that name."""


@dataclass(frozen=True)
class Lesson:
    """What more of a component brought a segment (EVERYBODY for all): `effect` is the change of the primary metric, as a share of
    the control's rate, for a standard step more of it, all other components held, with its interval; `firm` where that interval,
    held for all components of all segments at once, leaves out 0. `units` were seen for it in so many `rounds`."""

    segment: str
    component: str
    effect: float
    low: float
    high: float
    firm: bool
    units: int
    rounds: int


@dataclass(frozen=True)
class Lessons:
    """What a number of experiments taught, the newest last in `sources`; `belief` is what a next round goes on from."""

    metric: str
    lessons: tuple[Lesson, ...]
    sources: tuple[str, ...]
    belief: Mapping[str, object]

    def of(self, segment: str) -> Mapping[str, Lesson]:
        """By component what holds for a segment: its own lessons where it was tested, else everybody's."""
        own = {each.component: each for each in self.lessons if each.segment == segment}
        return own or {each.component: each for each in self.lessons if each.segment == EVERYBODY}
