"""What experiments taught: which components of a trailer won for whom, and what that makes of shots and of arcs; Lessons.1."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trailers.errors import RequestError
from trailers.ranking.choice.arc import QUALITIES
from trailers.ranking.choice.qualities import qualities
from trailers.ranking.reasons import Taught
from trailers.season import Change

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex

SCHEMA = "Lessons.1"
EVERYBODY = ""
"""The segment whose lessons hold for all, and for segments that no experiment has known."""
SHOWN: tuple[str, ...] = tuple(f"quality {name}" for name in QUALITIES)
"""Components that are what shots are like: the ranker reads them."""
ARRANGED: tuple[str, ...] = ("pace", "weight scene", "weight episode", "weight face")
"""Components that are how shots are put together: the arc reads them, as changes of that name."""
STEPS: Mapping[str, float] = {
    "quality": 0.1, "opening": 0.25, "pace": 0.5, "weight": 0.1, "speech": 0.1, "music": 0.1, "mood": 0.1,
}  # fmt: skip
"""What one step of a component is, by its first word: about what trailers of one season differ by, and the same in every season,
so that lessons of one can be carried on by the next."""
SURE, MOVED = 0.1, 1.0
"""A trailer that tests promise so much more of, by its shots, moves a shot's score by most of `MOVED` spreads of the ranker's
margins, and never by more: what viewers did with the season itself keeps the word."""
BENDS, BENT = 0.05, 0.5
"""An effect of so much a step bends the arc by most of `BENT`, half of a person's strongest wish, and never by more."""
SLIGHT = 0.02
"""A change of the arc by less is none."""


@dataclass(frozen=True)
class Lesson:
    """What more of a component brought a segment (EVERYBODY for all): `effect` is the change of the primary metric, as a share of
    the control's rate, for a step (STEPS) more of it, all other components held, with its interval; above 0 is what is wished.

    It is `firm` where that interval, held for all components of all segments at once and at any time, leaves out 0. `units` were
    seen for it in so many `rounds`.
    """

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

    @property
    def segments(self) -> tuple[str, ...]:
        """EVERYBODY, and every segment with lessons of its own."""
        return tuple(dict.fromkeys((EVERYBODY, *(each.segment for each in self.lessons))))


def step(component: str) -> float:
    """How much of a component is one step of it, in its own unit."""
    return STEPS.get(component.partition(" ")[0], 1.0)


def taught(lessons: Lessons, index: ShotIndex) -> Taught:
    """What firm lessons say of every shot of a season, by its qualities: a trailer wholly of such shots would bring so much more
    than one of the season's middling ones. Drawn in to at most MOVED where they promise more than SURE (tanh)."""
    words = qualities(index)
    beside = words - words.mean()
    firm = {each.component for each in lessons.lessons if each.firm}
    names = [name for name in QUALITIES if f"quality {name}" in firm]
    by = {}
    for segment in lessons.segments:
        known = lessons.of(segment)
        found = (known.get(f"quality {name}") for name in names)
        slopes = [each.effect / step(each.component) if each and each.firm else 0.0 for each in found]
        parts = beside[names].to_numpy(float) * np.array(slopes, float)
        whole = np.maximum(np.abs(parts).sum(axis=1), 1e-12)
        by[segment] = np.round(parts * (MOVED * np.tanh(whole / SURE) / whole)[:, None], 6)
    return Taught(tuple(names), by, beside[names].to_numpy(float) > 0)


def bends(lessons: Lessons) -> tuple[tuple[str, tuple[Change, ...]], ...]:
    """How firm lessons bend the arc, by segment, EVERYBODY for those that no experiment has known: a part of what a person could
    wish, by how much each brought, at most BENT."""
    found = []
    for segment in lessons.segments:
        known = lessons.of(segment)
        sure = [known[name] for name in ARRANGED if name in known and known[name].firm]
        bent = ((each.component, round(BENT * math.tanh(each.effect / BENDS), 3)) for each in sure)
        found.append((segment, tuple(Change(name, by) for name, by in bent if abs(by) >= SLIGHT)))
    return tuple(found) if any(changes for _, changes in found) else ()


def told(lesson: Lesson, name: str) -> str:
    """A lesson as one line; `name` is the segment's, for people."""
    size = f"{100 * lesson.effect:+.1f} % [{100 * lesson.low:+.1f}, {100 * lesson.high:+.1f}]"
    seen = f"{lesson.units} units in {lesson.rounds} {'round' if lesson.rounds == 1 else 'rounds'}"
    return f"{name}: {lesson.component}: {size} for a step more, {'firm' if lesson.firm else 'not firm'}, {seen}"


def to_json(lessons: Lessons) -> str:
    """Lessons.1: the fields by name, numbers unrounded."""
    return json.dumps({"schema": SCHEMA, **asdict(lessons)}, indent=2, ensure_ascii=False) + "\n"


def from_json(text: str) -> Lessons:
    """Reads what `to_json` wrote. A RequestError says what else was found."""
    try:
        fields = json.loads(text)
        if fields.get("schema") != SCHEMA:
            raise RequestError(f"lessons of schema {SCHEMA} were asked for, {fields.get('schema')!r} was found")
        lessons = tuple(map(_lesson, fields["lessons"]))
        belief = fields["belief"]
        if not isinstance(belief, dict):
            raise TypeError(f"a belief is a table: {belief = }")
        return Lessons(str(fields["metric"]), lessons, tuple(map(str, fields["sources"])), belief)
    except (ValueError, TypeError, KeyError, AttributeError) as reason:
        raise RequestError(f"this is no {SCHEMA} document: {reason}") from reason


def read_lessons(path: Path) -> Lessons:
    """The lessons in a file. A RequestError where there are none."""
    try:
        return from_json(path.read_text(encoding="utf-8"))
    except OSError:
        raise RequestError(f"there are no lessons at {path}; `trailers learn EXPERIMENT` writes them") from None
    except (RequestError, UnicodeDecodeError) as reason:
        raise RequestError(f"{path}: {reason}") from None


def _lesson(fields: Mapping[str, object]) -> Lesson:
    effect, low, high = (float(str(fields[name])) for name in ("effect", "low", "high"))
    if not all(map(math.isfinite, (effect, low, high))) or not isinstance(fields["firm"], bool):
        raise ValueError(f"an effect, its interval and whether it is firm were asked for: {dict(fields)}")
    units, rounds = (int(str(fields[name])) for name in ("units", "rounds"))
    return Lesson(str(fields["segment"]), str(fields["component"]), effect, low, high, fields["firm"], units, rounds)
