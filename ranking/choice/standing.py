"""Clips that stand already, as a choice reads them: which moments they show, and what they are worth as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trailers.errors import PlanError
from trailers.features.span import Span
from trailers.ranking.choice.account import Pick, Wishes, parts
from trailers.ranking.choice.moments import STILL, Moment
from trailers.ranking.choice.offer import Offer, Spans
from trailers.ranking.choice.rules import Own
from trailers.ranking.choice.solve import Answer, Option, Problem
from trailers.ranking.choice.speech import sentences
from trailers.ranking.choice.stock import Stock
from trailers.ranking.choice.terms import parts as earned
from trailers.ranking.choice.worth import Parts

if TYPE_CHECKING:
    from trailers.features.shots import Shot

Run = tuple[Pick, ...]  # picks that follow one another in their episode as one moment shows them
HALF = 0.5  # of a pick's frames that lie in a moment's room, for it to be that moment
CORE = 0.8  # and of the moment's core that the pick shows, where words are spoken in it


@dataclass(frozen=True)
class Standing:
    """A trailer's picks as options of an `offer`, in playing order, each just as long as it is.

    `worth` is what a frame of each moment is worth in each slot (slots x moments), `wished` the same with what people wish for,
    which the options have; `further` are moments of the offer that nothing but these picks shows.
    """

    offer: Offer
    wanted: Wishes
    worth: "NDArray[np.float64]"
    wished: "NDArray[np.float64]"
    runs: tuple[Run, ...]
    options: tuple[Option, ...]
    further: frozenset[int]

    @property
    def problem(self) -> Problem:
        """What these options earn and cost in the season, without rules between them."""
        offer = self.offer
        return Problem(self.options, offer.frames, offer.shares(offer.frames), offer.arc.balance, offer.groups, story=False)

    def judged(self, longer: "Standing | None" = None) -> tuple[float, Parts]:
        """What a frame of the clips is worth without what people wish for, and its parts; a cut-down's moments are naturally as
        long as in the `longer` trailer."""
        known = {option.moment: option.shortest for option in longer.options} if longer else {}
        plain = (
            replace(
                option,
                worth=float(self.worth[option.slot][option.moment]),
                natural=known.get(option.moment, option.natural),
            )
            for option in self.options
        )
        chosen = tuple((option, option.shortest) for option in plain)
        found = earned(self.problem, chosen)
        told = parts(Answer(chosen, sum(value for _, value in found), 0.0, found), self.offer, self.wanted)
        return round(sum(value for _, value in told), 5), told


def stand(stock: Stock, segment: str, own: Own, trailers: Sequence[tuple[float, Sequence[Pick]]]) -> tuple[Standing, ...]:
    """The picks of a segment's trailers, each with its seconds; the offers number moments alike.

    What shows no moment that there is, for a person set it or decided against it, becomes a moment of its own. A PlanError where
    there is none, or a shot that is not in the index.
    """
    shots = {shot.id: shot for shot in stock.index.shots}
    if lost := [pick.shot for _, picks in trailers for pick in picks if pick.shot not in shots]:
        raise PlanError(f"the index holds no shot {lost[0]!r}")
    together = {tuple(shot.id for shot in moment.shots) for moment in stock.material.moments if len(moment.shots) > 1}
    runs = [_runs(picks, shots, together) for _, picks in trailers]
    near: dict[tuple[str, ...], list[Moment]] = {}
    there = stock.offer(segment, own, trailers[0][0]).material.moments
    for moment in there:
        near.setdefault(tuple(shot.id for shot in moment.shots), []).append(moment)
    shown = {run: _match(near, run) or _moment(stock, shots, run) for found in runs for run in found}
    known = set(there)
    further = tuple(sorted({each for each in shown.values() if each not in known}, key=lambda m: (m.episode, m.core, m.room)))
    return tuple(_standing(stock, segment, own, each[0], of, shown, further) for each, of in zip(trailers, runs, strict=True))


def _standing(
    stock: Stock,
    segment: str,
    own: Own,
    seconds: float,
    runs: tuple[Run, ...],
    shown: Mapping[Run, Moment],
    further: tuple[Moment, ...],
) -> Standing:
    offer, wanted = stock.offer(segment, own, seconds, further), stock.wanted(segment)
    worth = stock.worth(segment, own, seconds, further)
    wishes = stock.wished(own)
    wished = worth
    if wishes.weight:
        wished = ((1 - wishes.weight) * worth + wishes.weight * offer.worth.of(wishes.shots)).round(6)
    numbers = {moment: n for n, moment in enumerate(offer.material.moments)}
    apart = frozenset(numbers[moment] for moment in further)
    options = []
    for run, slot in zip(runs, _slots(stock, offer, runs), strict=True):
        moment = numbers[shown[run]]
        length = sum(offer.frames_of(len(pick.span), shown[run].episode) for pick in run)
        usual = None if moment in apart else offer.lengths[slot][moment]
        rows = tuple(offer.index.rows(shot.id for shot in shown[run].shots).tolist())
        natural = usual[1] if usual else length
        options.append(Option(rows, moment, slot, length, natural, length, float(wished[slot][moment])))
    return Standing(offer, wanted, worth, wished, runs, tuple(options), apart)


def spans(picks: Sequence[Pick], homes: Mapping[str, str]) -> Spans:
    """What picks show, by episode; `homes` says of which episode a shot is."""
    found: dict[str, list[Span]] = {}
    for pick in picks:
        found.setdefault(homes[pick.shot], []).append(pick.span)
    return found


def _runs(picks: Sequence[Pick], shots: "Mapping[str, Shot]", together: set[tuple[str, ...]]) -> tuple[Run, ...]:
    """The picks, those as one that one moment shows."""
    found: list[Run] = []
    at = 0
    while at < len(picks):
        stop = at + 1
        while stop < len(picks) and _goes_on(picks[stop - 1], picks[stop], shots):
            stop += 1
        while stop > at + 1 and tuple(pick.shot for pick in picks[at:stop]) not in together:
            stop -= 1
        found.append(tuple(picks[at:stop]))
        at = stop
    return tuple(found)


def _goes_on(one: Pick, other: Pick, shots: "Mapping[str, Shot]") -> bool:
    same = shots[one.shot].episode == shots[other.shot].episode and one.slot == other.slot
    return same and one.span.stop == other.span.start


def _match(near: Mapping[tuple[str, ...], Sequence[Moment]], run: Run) -> Moment | None:
    """The moment that a run shows: of those with words in them the one of which most is shown, else the roomiest around it."""
    span = _span(run)

    def shows(moment: Moment) -> bool:
        enough = moment.room.overlap(span) >= HALF * len(span)
        return enough and (not moment.text or moment.core.overlap(span) >= CORE * len(moment.core))

    there = [moment for moment in near.get(tuple(pick.shot for pick in run), ()) if shows(moment)]
    return max(
        there,
        key=lambda moment: (bool(moment.text), moment.core.overlap(span), moment.room.overlap(span), -moment.core.start),
        default=None,
    )


def _moment(stock: Stock, shots: "Mapping[str, Shot]", run: Run) -> Moment:
    """A moment that shows a run as it is, and nothing else."""
    span, shown = _span(run), tuple(shots[pick.shot] for pick in run)
    episode = shown[0].episode
    said = sentences(stock.lines.get(episode, ()), float(stock.episodes[episode].rate))
    whole = [each.text for each in said if span.start <= each.span.start and each.span.stop <= span.stop]
    frozen = stock.index.signals["frozen"]
    still = all(float(frozen[pick.shot]) >= STILL for pick in run)
    return Moment(episode, shown, span, span, " ".join(whole), len(whole), still)


def _slots(stock: Stock, offer: Offer, runs: Sequence[Run]) -> list[int]:
    """The slot of each run; one in an act that the trailer has not plays in the act that comes next, and one without an act in
    that of the run before it."""
    names, all_acts = [slot.name for slot in offer.arc.slots], [slot.name for slot in stock.rules.arc.slots]
    found: list[int] = []
    for run in runs:
        name = run[0].slot
        if name in names:
            found.append(names.index(name))
        elif name in all_acts:
            earlier = all_acts[: all_acts.index(name)]
            found.append(min(sum(other in names for other in earlier), len(names) - 1))
        else:
            found.append(found[-1] if found else 0)
    return found


def _span(run: Run) -> Span:
    return Span(run[0].span.start, run[-1].span.stop)
