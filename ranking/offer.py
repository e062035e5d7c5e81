"""What a season offers to a trailer: its moments as options in the arc's slots, with lengths and worth, in trailer frames."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from trailers.features.span import Span, to_frames
from trailers.ranking.choice import Group, Option, Other, Problem
from trailers.ranking.moments import CALM, FAST, LONGEST, LONGEST_LINE, SHORTEST, Material, Moment
from trailers.ranking.qualities import alike, fits, qualities
from trailers.ranking.rules import Rules, Slot

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex
    from trailers.features.media import Episode

STRETCH = 0.75, 1.35  # a pick lasts at least and at most so much of its natural length
BRIEF = 20.0  # seconds of clips below which picks become shorter
STILL = 0.6  # what a frame of a still is worth beside one that moves

Spans = Mapping[str, Sequence[Span]]  # what a trailer shows, by episode


@dataclass(frozen=True)
class Offer:
    """A season's material under its rules; `rate` is the trailers', `frames` what their clips should fill."""

    material: Material
    index: "ShotIndex"
    episodes: Mapping[str, "Episode"]
    rules: Rules
    rate: Fraction
    frames: int

    def problem(self, score: pd.Series, shown: Mapping[str, Spans]) -> Problem:
        """What is to be chosen for an audience that gives every shot a `score` (0 to 1), beside the trailers that are `shown`
        already."""
        others = tuple(self._other(name, spans) for name, spans in shown.items())
        return Problem(
            options=self._options(score, others),
            frames=self.frames,
            shares=self.shares(self.frames),
            balance=self.rules.arc.balance,
            groups=self._groups,
            alike=self._alike,
            locked=frozenset(n for n, shot in enumerate(self.index.shots) if shot.id in self.rules.locked),
            others=others,
            story=self.rules.order == "story",
        )

    def shares(self, frames: int) -> tuple[int, ...]:
        """The frames that each slot should take of so many."""
        slots = self.rules.arc.slots
        whole = sum(slot.share for slot in slots)
        return tuple(round(frames * slot.share / whole) for slot in slots)

    def usable(self) -> int:
        """Trailer frames that the roomiest moment of each shot adds up to."""
        longest: dict[str, int] = {}
        for moment in self.material.moments:
            longest[moment.shot] = max(longest.get(moment.shot, 0), self.frames_of(len(moment.room), moment.episode))
        return sum(longest.values())

    def time(self, spans: Spans) -> int:
        """Trailer frames that spans of episodes last."""
        return sum(self.frames_of(len(span), episode) for episode, found in spans.items() for span in found)

    def shared(self, one: Spans, other: Spans) -> float:
        """The part of the shorter trailer's time that shows the same frames as the other's."""
        both = sum(a.overlap(b) / self.episodes[id].rate for id, spans in one.items() for a in spans for b in other.get(id, ()))
        return float(both * self.rate / min(self.time(one), self.time(other)))

    def frames_of(self, frames: int, episode: str) -> int:
        """An episode's frames as frames of the trailer."""
        rate = self.episodes[episode].rate
        return frames if rate == self.rate else max(1, to_frames(frames / rate, self.rate))

    def span(self, option: Option, length: int) -> Span:
        """The episode's frames that an option shows when it lasts `length` trailer frames; at another rate, to the nearest."""
        moment = self.material.moments[option.moment]
        rate = self.episodes[moment.episode].rate
        frames = length if rate == self.rate else to_frames(length / self.rate, rate)
        return moment.at(min(max(frames, len(moment.core)), len(moment.room)))

    @cached_property
    def fits(self) -> tuple[pd.Series, ...]:
        """How well each shot suits each slot, 0 to 1."""
        return tuple(fits(self._words, slot) for slot in self.rules.arc.slots)

    @cached_property
    def _words(self) -> pd.DataFrame:
        return qualities(self.index)

    @cached_property
    def _alike(self) -> tuple[tuple[int, int], ...]:
        return alike(self.index)

    @cached_property
    def _groups(self) -> tuple[Group, ...]:
        """Scenes and episodes, with what showing any of their shots earns, in perfect frames."""
        found: dict[tuple[str, object], set[int]] = {}
        for n, (shot, scene) in enumerate(zip(self.index.shots, self.index.signals["scene"], strict=True)):
            found.setdefault(("scene", scene), set()).add(n)
            found.setdefault(("episode", shot.episode), set()).add(n)
        earns = {"scene": self.rules.arc.scene * float(self.rate), "episode": self.rules.arc.episode * float(self.rate)}
        return tuple(Group(kind, frozenset(members), earns[kind]) for (kind, _), members in found.items())

    def _other(self, name: str, spans: Spans) -> Other:
        """A trailer that is chosen already: the moments whose room meets its picks, and how much of them may be shown again."""
        meets = (any(moment.room.overlap(span) for span in spans.get(moment.episode, ())) for moment in self.material.moments)
        limit = int((1 - self.rules.different) * min(self.time(spans), self.frames))
        return Other(name, frozenset(n for n, met in enumerate(meets) if met), limit)

    def _options(self, score: pd.Series, others: Sequence[Other]) -> tuple[Option, ...]:
        """The moments in the slots; of moments of a shot that differ in nothing that counts, the roomiest alone."""
        arc, numbers = self.rules.arc, {shot.id: n for n, shot in enumerate(self.index.shots)}
        roomiest: dict[tuple[object, ...], int] = {}
        for n, moment in enumerate(self.material.moments):
            key = (n,) if moment.text else (moment.shot, *(n in other.moments for other in others))
            if key not in roomiest or len(self.material.moments[roomiest[key]].room) < len(moment.room):
                roomiest[key] = n
        whole = arc.audience + arc.fit + arc.line
        options: list[Option] = []
        for number, slot in enumerate(arc.slots):
            suited = []
            for n in sorted(roomiest.values()):
                moment = self.material.moments[n]
                fit = float(self.fits[number][moment.shot])
                worth = (arc.audience * float(score[moment.shot]) + arc.fit * fit + arc.line * bool(moment.text)) / whole
                worth *= STILL if moment.still else 1.0
                suited.append(Option((numbers[moment.shot],), n, number, *self._lengths(moment, slot), worth))
            options += self._best(suited)
        return tuple(options)

    def _best(self, options: Sequence[Option]) -> list[Option]:
        """The options of a slot that are worth most: five times as many as could fill the whole, three of every episode, all
        locked."""
        enough = max(100, 5 * self.frames // to_frames(SHORTEST, self.rate))
        taken: Counter[str] = Counter()
        kept = []
        for rank, option in enumerate(sorted(options, key=lambda option: (-option.worth, option.moment))):
            moment = self.material.moments[option.moment]
            if rank < enough or taken[moment.episode] < 3 or moment.shot in self.rules.locked:
                kept.append(option)
                taken[moment.episode] += 1
        return sorted(kept, key=lambda option: option.moment)

    def _lengths(self, moment: Moment, slot: Slot) -> tuple[int, int, int]:
        """Shortest, natural and longest trailer frames of a moment in a slot: longer in calm shots, shorter in short trailers."""
        brief = min(1.0, max(0.6, (float(self.frames / self.rate) / BRIEF) ** 0.25))
        natural = (CALM - (CALM - FAST) * float(self._words["fast"][moment.shot])) * slot.pace * brief
        core, room = self.frames_of(len(moment.core), moment.episode), self.frames_of(len(moment.room), moment.episode)
        most = min(room, to_frames(LONGEST_LINE if moment.text else LONGEST, self.rate))
        shortest = max(core, min(room, to_frames(max(SHORTEST, natural * STRETCH[0]), self.rate)))
        longest = max(shortest, min(most, to_frames(natural * STRETCH[1], self.rate)))
        return shortest, min(longest, max(shortest, to_frames(natural, self.rate))), longest
