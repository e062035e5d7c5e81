"""A season's moments and scores, gathered once: what choices are made from again and again while people decide."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trailers.features.span import Span
from trailers.ranking.choice.account import Wishes, wishes
from trailers.ranking.choice.moments import Material, Moment, Movement, gather, season_rate
from trailers.ranking.choice.offer import Offer, Spans
from trailers.ranking.choice.rules import Own, Rules
from trailers.ranking.choice.spoilers import hidden
from trailers.ranking.choice.wished import Wished, bent

if TYPE_CHECKING:
    from trailers.features.dialogue import Line
    from trailers.features.encoder import Encoder
    from trailers.features.index import ShotIndex
    from trailers.features.lexicon import Lexicon
    from trailers.features.media import Episode
    from trailers.features.shots import Transition

Kept = TypeVar("Kept")
MOST = 60  # things that a stock keeps


@dataclass(frozen=True, eq=False)
class Stock:
    """What a season offers to all its trailers under its rules, and what every segment would want of it.

    It may be read from several threads; what it works out is kept.
    """

    scores: pd.DataFrame
    index: "ShotIndex"
    episodes: "Mapping[str, Episode]"
    lines: "Mapping[str, Sequence[Line]]"
    rules: Rules
    material: Material
    rate: Fraction
    seed: int = 0
    encoder: "Callable[[], Encoder] | None" = None
    lexicon: "Lexicon | None" = None
    _kept: dict[tuple[object, ...], object] = field(default_factory=dict, repr=False)

    @cached_property
    def _homes(self) -> Mapping[str, str]:
        return {shot.id: shot.episode for shot in self.index.shots}

    def home(self, shot: str) -> str:
        """The episode of a shot."""
        return self._homes[shot]

    def wanted(self, segment: str) -> Wishes:
        """What a segment wants."""
        return self._once(("wanted", segment), lambda: wishes(segment, self.scores, self.index))

    def wished(self, own: Own) -> Wished:
        """What the changes of one segment ask for."""
        return self._once(
            ("wished", own.changes), lambda: Wished(own.changes, self.index, self.lines, self.encoder, self.lexicon)
        )

    def hidden(self, what: str) -> Spans:
        """The spans that a person hides, as `Own.hidden` names them; a RequestError says what is not there."""
        return self._once(("hidden", what), lambda: hidden((what,), self.index, self.lines))

    def closed(self, own: Own) -> Spans:
        """All that one segment's trailers may not show beside what nobody's may."""
        found: dict[str, list[Span]] = {}
        homes = {shot.id: shot for shot in self.index.shots}
        for shot in own.vetoed:
            if shot in homes:
                found.setdefault(homes[shot].episode, []).append(homes[shot].span)
        for spans in (*map(self.hidden, own.hidden), self.wished(own).shut):
            for episode, more in spans.items():
                found.setdefault(episode, []).extend(more)
        return {episode: _joined(spans) for episode, spans in found.items()}

    def offer(self, segment: str, own: Own, seconds: float, further: tuple[Moment, ...] = ()) -> Offer:
        """What there is for a segment's trailer of `seconds` as tests taught and people decided, and some `further` moments that
        stand already."""
        bends = (*self.rules.learnt(segment), *own.changes)

        def made() -> Offer:
            rules = self.rules
            named = tuple(shot for shot in rules.locked if shot not in own.vetoed)  # what is decided later holds
            rules = replace(rules, locked=named, arc=bent(rules.arc, bends))
            return Offer(self._material(own, further), self.index, self.episodes, rules, self.rate, seconds)

        return self._once(("offer", own.vetoed, own.hidden, bends, seconds, further), made)

    def worth(self, segment: str, own: Own, seconds: float, further: tuple[Moment, ...] = ()) -> "NDArray[np.float64]":
        """What a frame of each moment of an offer is worth to a segment in each slot: slots x moments."""
        key = "worth", segment, own.vetoed, own.hidden, own.changes, seconds, further
        worth = self.offer(segment, own, seconds, further).worth
        return self._once(key, lambda: worth.whole(worth.of(self.wanted(segment).score)).round(6))

    def _material(self, own: Own, further: tuple[Moment, ...]) -> Material:
        def made() -> Material:
            closed = self.closed(own)
            moments, lost = [], 0
            for moment in self.material.moments if closed else ():
                left = without(moment, closed.get(moment.episode, ()))
                lost += left is None
                moments += [] if left is None else [left]
            kept = moments if closed else list(self.material.moments)
            kept = sorted([*kept, *further], key=lambda moment: (moment.episode, moment.core, moment.room)) if further else kept
            left_out = (
                (*self.material.left_out, ("moments that people decided against", lost)) if lost else self.material.left_out
            )
            return Material(tuple(kept), left_out)

        return self._once(("material", own.vetoed, own.hidden, own.changes, further), made)

    def _once(self, key: tuple[object, ...], made: Callable[[], Kept]) -> Kept:
        """What was worked out before under this name, or now; of much only what came last is kept."""
        if key not in self._kept:
            self._kept[key] = made()
            for old in list(self._kept)[:-MOST]:
                self._kept.pop(old, None)
        return cast(Kept, self._kept[key])


def stocked(
    scores: pd.DataFrame,
    index: "ShotIndex",
    episodes: "Mapping[str, Episode]",
    lines: "Mapping[str, Sequence[Line]]",
    transitions: "Mapping[str, Sequence[Transition]]",
    rules: Rules,
    seed: int = 0,
    movement: Movement | None = None,
    encoder: "Callable[[], Encoder] | None" = None,
    lexicon: "Lexicon | None" = None,
) -> Stock:
    """What a season offers, from what `select_season` is given; `encoder` is asked for where a change names shots in free
    words."""
    material = gather(index, episodes, lines, transitions, rules, movement)
    return Stock(scores, index, episodes, lines, rules, material, season_rate(episodes), seed, encoder, lexicon)


def without(moment: Moment, closed: Sequence[Span]) -> Moment | None:
    """The moment in what room is left beside closed spans; nothing where its core meets one."""
    room = moment.room
    for span in closed:
        if span.overlap(moment.core):
            return None
        if span.overlap(room):
            before = span.stop <= moment.core.start
            room = Span(max(room.start, span.stop), room.stop) if before else Span(room.start, min(room.stop, span.start))
    return moment if room == moment.room else replace(moment, room=room)


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Spans in order, those that touch as one."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start <= found[-1].stop:
            found[-1] = Span(found[-1].start, max(found[-1].stop, span.stop))
        else:
            found.append(span)
    return found
