"""What a season offers to a trailer: its moments as options in the arc's slots, with lengths and worth, in trailer frames."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from trailers.features.span import Span, to_frames
from trailers.ranking.choice.arc import Arc, Slot
from trailers.ranking.choice.moments import Material, Moment
from trailers.ranking.choice.qualities import alike
from trailers.ranking.choice.rules import Rules
from trailers.ranking.choice.solve import Cap, Group, Option, Other, Problem, Seen
from trailers.ranking.choice.worth import Worth, under

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex
    from trailers.features.media import Episode

CALM, FAST = 2.6, 1.2  # seconds that the calmest and the fastest shot are held at pace 1
STRETCH = 0.75, 1.35  # a pick lasts at least and at most so much of its natural length
AIR = 0.5  # seconds by which a line's moment may grow beyond what it must hold
BRIEF = 20.0  # seconds of clips below which picks become shorter
MAIN = "p1"  # the person whom the index sees in the most shots of the season

Spans = Mapping[str, Sequence[Span]]  # what a trailer shows, by episode


def leading(index: "ShotIndex") -> frozenset[str]:
    """The shots in which the main character is seen."""
    return frozenset(shot.id for shot, cast in zip(index.shots, index.signals["cast"], strict=True) if MAIN in str(cast).split())


@dataclass(frozen=True)
class Offer:
    """A season's material under its rules, for trailers of `seconds`; `rate` is theirs."""

    material: Material
    index: "ShotIndex"
    episodes: Mapping[str, "Episode"]
    rules: Rules
    rate: Fraction
    seconds: float

    @cached_property
    def arc(self) -> Arc:
        return self.rules.arc.within(self.seconds)

    @cached_property
    def card(self) -> int:
        """Trailer frames of the title card."""
        return self.rules.card_frames(self.seconds, self.rate)

    @cached_property
    def frames(self) -> int:
        """Trailer frames that the clips should fill."""
        return to_frames(self.seconds, self.rate) - self.card

    def problem(
        self,
        score: pd.Series,
        shown: Mapping[str, Spans],
        forced: frozenset[int] = frozenset(),
        kept: Mapping[int, int] | None = None,
    ) -> Problem:
        """What is to be chosen for an audience that gives every shot a `score` (0 to 1), beside the trailers that are `shown`
        already, by name. `forced` moments are shown; of a longer trailer's `kept` moments with their lengths this is a
        cut-down."""
        rules, others = self.rules, tuple(self._other(name, spans) for name, spans in shown.items())
        return Problem(
            options=self._options(score, others, kept),
            frames=self.frames,
            shares=self.shares(self.frames),
            balance=self.arc.balance,
            groups=self.groups,
            alike=self.twins,
            locked=frozenset(n for n, shot in enumerate(self.index.shots) if shot.id in rules.locked),
            forced=forced,
            kept=None if kept is None else frozenset(kept.items()),
            others=others,
            caps=self.caps,
            seen=self.seen,
            story=rules.order == "story",
        )

    def shares(self, frames: int) -> tuple[int, ...]:
        """The frames that each slot should take of so many."""
        whole = sum(slot.share for slot in self.arc.slots)
        return tuple(round(frames * slot.share / whole) for slot in self.arc.slots)

    def usable(self) -> int:
        """Trailer frames that the roomiest moment of each shot adds up to."""
        longest: dict[str, int] = {}
        for moment in self.material.moments:
            if len(moment.shots) == 1:
                name = moment.shots[0].id
                longest[name] = max(longest.get(name, 0), self.frames_of(len(moment.room), moment.episode))
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

    def span(self, moment: int, length: int) -> Span:
        """The episode's frames that a moment shows when it lasts `length` trailer frames; at another rate, to the nearest."""
        found = self.material.moments[moment]
        rate = self.episodes[found.episode].rate
        frames = length if rate == self.rate else to_frames(length / self.rate, rate)
        return found.at(min(max(frames, len(found.core)), len(found.room)))

    @cached_property
    def worth(self) -> Worth:
        """What the moments are worth in the arc's slots, each with the music that plays under its share of the time."""
        at, spans = 0.0, []
        for number, share in enumerate(self.shares(self.frames)):
            at += float(self.card / self.rate) if number == self.arc.after_title else 0.0
            spans.append((at, at + float(share / self.rate)))
            at = spans[-1][1]
        return Worth(self.material, self.index, self.arc, under(self.rules.energy, spans))

    @cached_property
    def twins(self) -> tuple[tuple[int, int], ...]:
        return alike(self.index)

    @cached_property
    def caps(self) -> tuple[Cap, ...]:
        """What an episode may fill, where that is bounded."""
        most, found = self.rules.most_of_episode, dict[str, set[int]]()
        for n, shot in enumerate(self.index.shots):
            found.setdefault(shot.episode, set()).add(n)
        if most is None:
            return ()
        named = ((f"at most {most:.0%} of the clips from {name}", shots) for name, shots in found.items())
        return tuple(Cap(name, frozenset(shots), int(most * self.frames)) for name, shots in named)

    @cached_property
    def seen(self) -> tuple[Seen, ...]:
        """By when the main character is seen, where that is asked and anybody is known by face."""
        by, seen_in = self.rules.lead_by, leading(self.index)
        main = frozenset(n for n, shot in enumerate(self.index.shots) if shot.id in seen_in)
        return () if by is None or not main else (Seen(f"the main character seen by {by:g} s", main, to_frames(by, self.rate)),)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Scenes, episodes and people, with what showing any of their shots earns, in perfect frames."""
        signals = self.index.signals
        found: dict[tuple[str, str], set[int]] = {}
        for n, (shot, scene, cast) in enumerate(zip(self.index.shots, signals["scene"], signals["cast"], strict=True)):
            for kind, name in ("scene", str(scene)), ("episode", shot.episode), *(("face", name) for name in str(cast).split()):
                found.setdefault((kind, name), set()).add(n)
        earns = {"scene": self.arc.scene, "episode": self.arc.episode, "face": self.arc.face}
        return tuple(Group(kind, frozenset(shots), earns[kind] * float(self.rate)) for (kind, _), shots in found.items())

    def _other(self, name: str, spans: Spans) -> Other:
        """A trailer that is chosen already: the moments whose room meets its picks, and how much of them may be shown again."""
        meets = (any(moment.room.overlap(span) for span in spans.get(moment.episode, ())) for moment in self.material.moments)
        limit = int((1 - self.rules.different) * min(self.time(spans), self.frames))
        return Other(name, frozenset(n for n, met in enumerate(meets) if met), limit)

    def _options(self, score: pd.Series, others: Sequence[Other], kept: Mapping[int, int] | None) -> tuple[Option, ...]:
        """The moments in the slots, kept ones as long as in the longer trailer; of quiet moments of a shot that differ in nothing
        that counts, the roomiest alone."""
        numbers = {shot.id: n for n, shot in enumerate(self.index.shots)}
        best: dict[tuple[object, ...], int] = {}
        moments = self.material.moments
        for n, moment in enumerate(moments):
            key = (n,) if moment.text else (moment.shots[0].id, *(n in other.moments for other in others))
            if key not in best or (len(moments[best[key]].room), moments[best[key]].moves) < (len(moment.room), moment.moves):
                best[key] = n
        known = kept or {}
        chosen = sorted({*best.values(), *known})
        shots = {n: tuple(numbers[shot.id] for shot in moments[n].shots) for n in chosen}
        worth = self.worth.whole(self.worth.of(score)).round(6).tolist()
        options: list[Option] = []
        for number, lengths in enumerate(self.lengths):
            for n in chosen:
                found = lengths[n]
                if n in known:
                    least, _, most = found or (known[n],) * 3
                    found = min(least, known[n]), known[n], max(most, known[n])
                if found:
                    options.append(Option(shots[n], n, number, *found, worth[number][n]))
        return tuple(options)

    @cached_property
    def lengths(self) -> tuple[tuple[tuple[int, int, int] | None, ...], ...]:
        """For every slot and moment the shortest, natural and longest trailer frames: longer in calm shots, shorter in short
        trailers. Nothing where the slot has no room for the moment, but for locked shots, which have room everywhere."""
        rate, brief = self.rate, min(1.0, max(0.6, (float(self.frames / self.rate) / BRIEF) ** 0.25))
        fast = self.worth.fast.tolist()

        def lengths(n: int, moment: Moment, slot: Slot) -> tuple[int, int, int] | None:
            locked = any(shot.id in self.rules.locked for shot in moment.shots)
            core, room = self.frames_of(len(moment.core), moment.episode), self.frames_of(len(moment.room), moment.episode)
            least, most = to_frames(slot.shortest, rate), to_frames(slot.spoken if moment.text else slot.longest, rate)
            if not locked and (room < least or core > most):
                return None
            natural = (CALM - (CALM - FAST) * fast[n]) * slot.pace * brief
            shortest = max(core, min(room, most, round(max(slot.shortest, natural * STRETCH[0]) * float(rate))))
            air = core + to_frames(AIR, rate) if moment.text else 0
            longest = max(shortest, min(room, most, max(air, round(natural * STRETCH[1] * float(rate)))))
            return shortest, min(longest, max(shortest, round(natural * float(rate)))), longest

        moments = self.material.moments
        return tuple(tuple(lengths(n, moment, slot) for n, moment in enumerate(moments)) for slot in self.arc.slots)
