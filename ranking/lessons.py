"""What experiments taught: which components of a trailer won for whom, and what that makes of shots and of arcs; Lessons.1."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trailers.errors import RequestError
from trailers.ranking.choice.arc import QUALITIES
from trailers.ranking.choice.qualities import qualities
from trailers.ranking.choice.wished import OPENING
from trailers.ranking.reasons import Taught
from trailers.season import Change

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex

SCHEMA = "Lessons.1"
EVERYBODY = ""
"""The segment whose lessons hold for all, and for segments that no experiment has known."""
SHOWN: tuple[str, ...] = tuple(f"quality {name}" for name in QUALITIES)
"""Components that are what shots are like: the ranker reads them, and moods ("mood tense") where the season's index has them."""
ARRANGED: Mapping[str, str] = {
    **{name: name for name in ("pace", "weight scene", "weight episode", "weight face")},
    **{f"opening {name}": f"opening {name}" for name in OPENING},
    "speech": "weight line",
}
"""Components that are how shots are put together, and the change of the arc that each is. What is neither (music: all trailers
have the same bed) is known and not used."""
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
    """What a number of experiments taught, the newest last in `sources`; `belief` is what a next round goes on from. `struck` are
    lessons (segment, component) that a person does not want, and that no later round brings back."""

    metric: str
    lessons: tuple[Lesson, ...]
    sources: tuple[str, ...]
    belief: Mapping[str, object]
    struck: tuple[tuple[str, str], ...] = ()

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
    """What firm lessons say of every shot of a season, by its qualities and moods: a trailer wholly of such shots would bring so
    much more than one of the season's middling ones. Drawn in to at most MOVED where they promise more than SURE (tanh)."""
    moods = index.concepts.add_prefix("mood ")
    words = pd.concat([qualities(index), moods.reindex([shot.id for shot in index.shots]).astype(float)], axis=1)
    beside = words - words.mean()
    firm = {each.component for each in lessons.lessons if each.firm}
    names = [str(name) for name in words if _component(str(name)) in firm]
    by = {}
    for segment in lessons.segments:
        known = lessons.of(segment)
        found = (known.get(_component(name)) for name in names)
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
        bent = ((ARRANGED[each.component], round(BENT * math.tanh(each.effect / BENDS), 3)) for each in sure)
        found.append((segment, tuple(Change(name, by) for name, by in bent if abs(by) >= SLIGHT)))
    return tuple(found) if any(changes for _, changes in found) else ()


def used(component: str) -> bool:
    """Whether a firm lesson of a component moves plans."""
    return component in ARRANGED or component.partition(" ")[0] in ("quality", "mood")


def told(lesson: Lesson, name: str) -> str:
    """A lesson as one line; `name` is the segment's, for people."""
    size = f"{100 * lesson.effect:+.1f} % [{100 * lesson.low:+.1f}, {100 * lesson.high:+.1f}]"
    seen = f"{lesson.units} units in {lesson.rounds} {'round' if lesson.rounds == 1 else 'rounds'}"
    sure = ("firm, used by plans" if used(lesson.component) else "firm, known, not used") if lesson.firm else "not firm"
    return f"{name}: {lesson.component}: {size} for {_step_words(lesson.component)}, {sure}, {seen}"


def _step_words(component: str) -> str:
    """One step more of a component, for people."""
    if component == "pace":
        return f"cuts {2 ** step(component):.1f} times as fast"
    return f"{100 * step(component):.0f} points of 100 more"


def _component(name: str) -> str:
    """The component that a column of qualities and moods is."""
    return name if name.startswith("mood ") else f"quality {name}"


def to_json(lessons: Lessons) -> str:
    """Lessons.1: the fields by name, numbers unrounded."""
    return json.dumps({"schema": SCHEMA, **asdict(lessons)}, indent=2, ensure_ascii=False) + "\n"


def from_json(text: str) -> Lessons:
    """Reads what `to_json` wrote. A RequestError says what else was found."""
    try:
        fields = json.loads(text)
        if fields.get("schema") != SCHEMA:
            raise RequestError(f"lessons of schema {SCHEMA} were asked for, {fields.get('schema')!r} was found")
        struck = tuple((str(segment), str(component)) for segment, component in fields.get("struck", ()))
        lessons = tuple(each for each in map(_lesson, fields["lessons"]) if (each.segment, each.component) not in struck)
        belief = fields["belief"]
        if not isinstance(belief, dict):
            raise TypeError(f"a belief is a table: {belief = }")
        return Lessons(str(fields["metric"]), lessons, tuple(map(str, fields["sources"])), belief, struck)
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
