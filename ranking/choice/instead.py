"""What could stand in a pick's place: the best shots for it, what each gains or loses, and which rules it would strain."""

from collections.abc import Iterator, KeysView, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from trailers.errors import PlanError
from trailers.features.span import Span
from trailers.ranking.choice.account import Pick, between, picked
from trailers.ranking.choice.offer import Offer, Spans
from trailers.ranking.choice.rules import Own
from trailers.ranking.choice.solve import Group, Option, Seen
from trailers.ranking.choice.standing import Standing, spans, stand
from trailers.ranking.choice.stock import Stock
from trailers.ranking.choice.terms import Earning, balanced, naturally
from trailers.ranking.choice.terms import parts as earned

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex

TOLD = 0.02  # of a frame's worth: less of a difference is not told
REASONS = 3  # that are told at most


@dataclass(frozen=True)
class Instead:
    """A shot that could stand in a pick's place, as the `pick` that it would be.

    `gain` is what a frame of the trailer's clips would be worth more, wishes counted (below 0: less); `why` says in words what
    speaks for and against it beside the one that stands there, `strains` which rules it would break, in words.
    """

    pick: Pick
    gain: float
    why: str
    strains: tuple[str, ...]


def instead(
    stock: Stock,
    segment: str,
    seconds: float,
    own: Own,
    now: Sequence[Pick],
    place: int,
    beside: Mapping[str, Spans],
    count: int = 20,
    only: Sequence[str] | None = None,
    frames: int = 0,
) -> tuple[Instead, ...]:
    """The best shots for the place of pick number `place`, from 0, of a trailer's picks `now`: those that break no rule first,
    then by gain, each shot once.

    `beside` is what the other segments' trailers of that length show. With `only`, these shots alone and in their order. A place
    lasts as long as its pick, or so many `frames` of the trailer. What is vetoed or hidden, lies in the spoiler zone or is shown
    already is never among them. A PlanError where there is no such pick.
    """
    if not 0 <= place < len(now):
        raise PlanError(f"clip {place + 1} was to be exchanged; the trailer has clips 1 to {len(now)}")
    rest = [*now[:place], *now[place + 1 :]]
    before, after = stand(stock, segment, own, ((seconds, now), (seconds, rest)))
    here = _Place(before, after, tuple(now), place, frames)
    strained = _Strains(here, beside)
    order = {shot: n for n, shot in enumerate(only or ())}
    best: dict[str, tuple[tuple[bool, float], Option, Span, tuple[str, ...]]] = {}
    for option, span in here.options(None if only is None else order.keys()):
        strains = strained.by(option, span)
        rank, shot = (bool(strains), -here.gain(option)), here.index.shots[option.shots[0]].id
        if shot not in best or rank < best[shot][0]:
            best[shot] = rank, option, span, strains
    ranked = sorted(best, key=lambda shot: (best[shot][0][0], order.get(shot, 0), best[shot][0][1], shot))
    found = []
    for shot in ranked[:count]:
        (_, loss), option, span, strains = best[shot]
        pick = picked(after.offer, after.wanted, option, span)[0]
        found.append(Instead(pick, round(-loss, 5), here.why(option), strains))
    return tuple(found)


@dataclass(frozen=True)
class _Place:
    """The place of a pick: the trailer `before` it is taken out and `after`, and all that is the same for every shot that is
    tried in it."""

    before: Standing
    after: Standing
    now: tuple[Pick, ...]
    place: int
    frames: int

    @property
    def offer(self) -> Offer:
        return self.after.offer

    @property
    def index(self) -> "ShotIndex":
        return self.after.offer.index

    @cached_property
    def homes(self) -> Mapping[str, str]:
        return {shot.id: shot.episode for shot in self.index.shots}

    @cached_property
    def old(self) -> Option:
        """What stands in the place; of a run, all of it."""
        ends = accumulate(len(run) for run in self.before.runs)
        return next(option for option, end in zip(self.before.options, ends, strict=True) if self.place < end)

    @cached_property
    def length(self) -> int:
        """Trailer frames of the place."""
        pick = self.now[self.place]
        return self.frames or self.offer.frames_of(len(pick.span), self.homes[pick.shot])

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """The clip, for people from 1, that each option that stays begins with."""
        firsts = [0, *accumulate(len(run) for run in self.after.runs)][:-1]
        return tuple(first + 1 + (first >= self.place) for first in firsts)

    @cached_property
    def shown(self) -> Mapping[int, int]:
        """The clip that shows each shot (its row)."""
        return {shot: n for n, option in zip(self.numbers, self.after.options, strict=True) for shot in option.shots}

    @cached_property
    def groups(self) -> Mapping[int, Sequence[Group]]:
        """Scenes, episodes and people that nothing shows without the place, by the shots that would."""
        found: dict[int, list[Group]] = {}
        for group in self.offer.groups:
            if not group.shots & self.shown.keys():
                for row in group.shots:
                    found.setdefault(row, []).append(group)
        return found

    def options(self, wanted: KeysView[str] | None) -> Iterator[tuple[Option, Span]]:
        """Each moment of one shot as it would stand here, with the frames that it would show."""
        offer, slot, gone = self.offer, self.old.slot, self.now[self.place].shot
        rows = {shot.id: row for row, shot in enumerate(self.index.shots)}
        for n, moment in enumerate(offer.material.moments):
            shot = moment.shots[0].id
            if len(moment.shots) > 1 or n in self.after.further or shot == gone or rows[shot] in self.shown:
                continue
            if wanted is not None and shot not in wanted:
                continue
            core, room = offer.frames_of(len(moment.core), moment.episode), offer.frames_of(len(moment.room), moment.episode)
            length, usual = min(self.length, room), offer.lengths[slot][n]
            span = offer.span(n, max(core, length))
            if core > length:
                span = Span(span.start, span.start + max(1, len(span) * length // core))
            natural = usual[1] if usual else length
            yield Option((rows[shot],), n, slot, length, natural, length, float(self.after.wished[slot][n])), span

    def gain(self, option: Option) -> float:
        """What a frame of the trailer's clips is worth more with an option in the place."""
        (fill, held), balance = self._sums, self._balance
        more = option.worth * option.natural + sum(group.earns for group in self.groups.get(option.shots[0], ()))
        more += self._fill.at(fill + option.natural) - self._fill.at(fill)
        for earning, had, adds in zip(balance, held, (option.natural, 1), strict=True):
            more += earning.at(had + adds) - earning.at(had)
        return (self._lost + more) / self.clips

    @cached_property
    def clips(self) -> int:
        return sum(option.shortest for option in self.before.options)

    @cached_property
    def _lost(self) -> float:
        """What the trailer is worth more without the place than with what stands in it."""

        def whole(standing: Standing) -> float:
            return sum(value for _, value in earned(standing.problem, [(each, each.shortest) for each in standing.options]))

        return whole(self.after) - whole(self.before)

    @cached_property
    def _fill(self) -> Earning:
        return next(naturally(self.after.problem))

    @cached_property
    def _balance(self) -> Sequence[Earning]:
        """What the place's slot earns by its time, and by not being empty."""
        return [*balanced(self.after.problem)][2 * self.old.slot : 2 * self.old.slot + 2]

    @cached_property
    def _sums(self) -> tuple[int, tuple[int, int]]:
        """Natural frames without the place: of all, and of its slot, with how many they are there."""
        there = [option.natural for option in self.after.options if option.slot == self.old.slot]
        return sum(option.natural for option in self.after.options), (sum(there), len(there))

    def why(self, option: Option) -> str:
        """What speaks for an option, or against it, beside what stands there."""
        found: list[tuple[float, str]] = []
        mine, theirs = self._parts(option), self._parts(self.old)
        act = self.offer.arc.slots[option.slot].name
        words = {
            "the audience": ("this audience likes it more", "this audience likes it less"),
            f"fit to the {act}": (f"fits the {act} better", f"fits the {act} less"),
            "with the music": ("goes better with the music", "goes less with the music"),
            "what was wished": ("nearer to what was wished", "further from what was wished"),
        }
        for name, (more, less) in words.items():
            if abs(gained := mine.get(name, 0.0) - theirs.get(name, 0.0)) >= TOLD:
                found.append((abs(gained), more if gained > 0 else less))
        if said := self.offer.material.moments[option.moment].text:
            found.append((1.0, f"says “{said}”"))
        elif self.offer.material.moments[self.old.moment].text:
            found.append((1.0, "nobody speaks in it"))
        new = {group.name for group in self.groups.get(option.shots[0], ())}
        gone = {group.name for row in self.old.shots for group in self.groups.get(row, ())}
        if added := sorted(new - gone):
            found.append((0.1, " and ".join(f"one {name} more" for name in added)))
        if lost := sorted(gone - new):
            found.append((0.1, " and ".join(f"one {name} fewer" for name in lost)))
        told = [words for _, words in sorted(found, key=lambda each: (-each[0], each[1]))[:REASONS]]
        return "; ".join(told) or "about as good"

    def _parts(self, option: Option) -> dict[str, float]:
        """What a frame of an option is worth by name, and what of that was wished."""
        audience = self.offer.worth.of(self.after.wanted.score)
        named = dict(self.offer.worth.parts(option.moment, option.slot, float(audience[option.moment])))
        wished, plain = (each[option.slot][option.moment] for each in (self.after.wished, self.after.worth))
        return {**named, "what was wished": float(wished - plain)}


@dataclass(frozen=True)
class _Strains:
    """The rules of a trailer around a place, beside other segments' trailers."""

    here: _Place
    beside: Mapping[str, Spans]

    def by(self, option: Option, span: Span) -> tuple[str, ...]:
        """The rules that an option would break which hold without it, in words."""
        checks = (self._length, self._alike, self._order, self._others, self._caps, self._seen)
        return tuple(words for check in checks for words in check(option, span))

    def _length(self, option: Option, span: Span) -> Iterator[str]:
        here, rate = self.here, float(self.here.offer.rate)
        if option.shortest < here.length:
            yield f"too short: it has {option.shortest / rate:.1f} s, the place {here.length / rate:.1f} s"
        elif len(span) < len(here.offer.material.moments[option.moment].core):
            yield f"its words do not fit: they take {self._core(option) / rate:.1f} s, the place has {here.length / rate:.1f} s"

    def _core(self, option: Option) -> int:
        moment = self.here.offer.material.moments[option.moment]
        return self.here.offer.frames_of(len(moment.core), moment.episode)

    def _alike(self, option: Option, span: Span) -> Iterator[str]:
        if option.shots[0] in self._twins:
            yield f"looks like clip {self._twins[option.shots[0]]}"

    @cached_property
    def _twins(self) -> Mapping[int, int]:
        """The clip that each shot looks like."""
        found: dict[int, int] = {}
        for pair in self.here.offer.twins:
            for mine, theirs in (pair, pair[::-1]):
                if theirs in self.here.shown:
                    found.setdefault(mine, self.here.shown[theirs])
        return found

    def _order(self, option: Option, span: Span) -> Iterator[str]:
        here, story = self.here, self.here.offer.rules.order == "story"
        at = sum(number <= here.place for number in here.numbers)
        ends = [None, *here.after.options, None]
        before, after = ends[at], ends[at + 1]
        if not between(before, option, None, story):
            yield f"out of the story's order: clip {here.numbers[at - 1]} comes later in the story"
        if not between(None, option, after, story):
            yield f"out of the story's order: clip {here.numbers[at]} comes earlier in the story"

    def _others(self, option: Option, span: Span) -> Iterator[str]:
        offer, shot = self.here.offer, self.here.index.shots[option.shots[0]]
        for name, theirs, held, replaced in self._shared:
            adds = sum(
                offer.frames_of(both, shot.episode) for other in theirs.get(shot.episode, ()) if (both := other.overlap(span))
            )
            shorter = min(offer.time(theirs), self.here.clips)
            if adds > replaced and held + adds > int((1 - offer.rules.different) * shorter):
                part = (held + adds) / shorter
                yield f"in the trailer of {name!r} too: they would share {part:.0%}, not {1 - offer.rules.different:.0%}"

    @cached_property
    def _shared(self) -> Sequence[tuple[str, Spans, int, int]]:
        """Of each other trailer what it shows, and how many frames of it this one shows without the place, and in it."""
        here, found = self.here, []
        rest = spans([*here.now[: here.place], *here.now[here.place + 1 :]], here.homes)
        place = spans([here.now[here.place]], here.homes)
        for name, theirs in self.beside.items():
            both = [
                sum(
                    here.offer.frames_of(seen, episode)
                    for episode, own in mine.items()
                    for one in own
                    for other in theirs.get(episode, ())
                    if (seen := one.overlap(other))
                )
                for mine in (rest, place)
            ]
            found.append((name, theirs, both[0], both[1]))
        return found

    def _caps(self, option: Option, span: Span) -> Iterator[str]:
        here, old = self.here, self.here.index.rows([self.here.now[self.here.place].shot])[0]
        for cap in here.offer.caps:
            if option.shots[0] in cap.shots and old not in cap.shots:
                held = sum(each.shortest for each in here.after.options if cap.shots.intersection(each.shots))
                if held + option.shortest > cap.most:
                    yield f"more than {cap.name.removeprefix('at most ')}"

    def _seen(self, option: Option, span: Span) -> Iterator[str]:
        for seen in self.here.offer.seen:
            at = sum(number <= self.here.place for number in self.here.numbers)
            with_it = [*self.here.after.options[:at], option, *self.here.after.options[at:]]
            if _late(seen, with_it) and not _late(seen, self.here.before.options):
                yield f"{seen.name.replace('seen by', 'would not be seen by')}"


def _late(seen: Seen, options: Sequence[Option]) -> bool:
    """Whether nobody who should be seen early begins early enough."""
    starts = [0, *accumulate(option.shortest for option in options)]
    return (
        next((start for start, option in zip(starts, options, strict=False) if option.shots[0] in seen.shots), seen.by + 1)
        > seen.by
    )
