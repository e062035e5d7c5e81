"""The choice: for every segment and length the picks that are worth most to it, and what had to give way for them."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trailers.errors import PlanError
from trailers.ranking.choice.account import Pick, Wishes, parts, picks, wishes
from trailers.ranking.choice.again import again, told
from trailers.ranking.choice.arc import Arc, Slot, read_arc
from trailers.ranking.choice.instead import Instead, instead
from trailers.ranking.choice.moments import Movement, gather, season_rate
from trailers.ranking.choice.offer import Offer, Spans, leading
from trailers.ranking.choice.refusals import never_seen, nothing_left, usable
from trailers.ranking.choice.rules import Held, Own, Rules
from trailers.ranking.choice.settle import cut_down, freely, shown
from trailers.ranking.choice.solve import Problem
from trailers.ranking.choice.standing import spans, stand
from trailers.ranking.choice.stock import Stock, stocked
from trailers.ranking.choice.wished import bent, in_words
from trailers.ranking.choice.worth import Parts
from trailers.season import Change

if TYPE_CHECKING:
    from trailers.features.dialogue import Line
    from trailers.features.index import ShotIndex
    from trailers.features.media import Episode
    from trailers.features.shots import Transition

__all__ = [
    "Arc", "Held", "Instead", "Own", "Pick", "Rules", "Selection", "Slot", "Spans", "Stock", "instead", "judged", "read_arc",
    "select_again", "select_season", "stocked",
]  # fmt: skip

GENERAL = "general"  # everybody's trailer, the control: chosen first


@dataclass(frozen=True)
class Selection:
    """A segment's trailer of `seconds`: picks in playing order.

    `score` is the objective's value in perfect frames per frame of clips: about 0 to 1, and above 1 where variety earns much;
    its named `parts` add up to it. `gap` is the proven distance to the best that the moments considered allow, 0 to 1. `notes`
    say in words where a rule had to give way, and what differing from the other segments costs. `card` is how many seconds the
    title card is held; `after` counts the picks, the last ones, that play after it.
    """

    segment: str
    seconds: float
    picks: tuple[Pick, ...]
    score: float
    gap: float
    parts: Parts = ()
    notes: tuple[str, ...] = ()
    card: float = 0.0
    after: int = 0


@dataclass(frozen=True)
class _Chosen:
    """A selection, the lengths of its moments, and the moments that were drawn by chance with that chance."""

    selection: Selection
    lengths: Mapping[int, int]
    drawn: Mapping[int, float]


def select_season(
    scores: pd.DataFrame,
    index: "ShotIndex",
    episodes: "Mapping[str, Episode]",
    lines: "Mapping[str, Sequence[Line]]",
    transitions: "Mapping[str, Sequence[Transition]]",
    rules: Rules,
    seed: int = 0,
    seconds: Sequence[float] = (30.0,),
    movement: Movement | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Mapping[tuple[str, float], Selection]:
    """Chooses trailers of all lengths for every segment of `scores` (segment, shot, score 0 to 1, why: JSON [{part, value}],
    and, where it is known, speaks), by segment and length, in the order of the table and of `seconds`.

    The longest is chosen freely, the general one first, since it is the control that the others are measured against; then each
    segment's, which must differ from all before it. Shorter ones are cut down from the next longer: they show the same moments,
    as far as the time allows to the same frames. Where the season is too small for a rule, the rule gives way as little as it can
    and the selection's notes say so. A trailer fills its time to the frame (where episodes differ in rate: to a frame a pick). A
    PlanError names the rules between which nothing is left. `movement` is what `moments.gather` takes; `progress` hears how many
    of how many are done. What `rules.taught` says of a segment bends its arc, and its notes tell how.

    The share `rules.explore` of a segment's picks is drawn by chance, and never any of the general trailer's: of the better half
    of the shots (by their best moment's worth to the segment in an act that is neither the first nor the last) so many as the
    share of the usual number of picks is, rounded down, each with the same chance, without replacement. That chance, the number
    drawn over the number drawn from, is their `propensity`: an experiment that weighs what such a pick earned by 1 / propensity
    estimates without bias what the better half would earn. All that is chosen beside them follows from the draw, and has
    propensity 1; what was drawn and has no room beside the rules is left out, as the notes say.
    """
    material = gather(index, episodes, lines, transitions, rules, movement)
    there = usable(material)
    if not there or not there.issuperset(rules.locked):
        raise PlanError(nothing_left(material, index, episodes, lines, transitions, rules))
    main = leading(index)
    if rules.lead_by is not None and main and there.isdisjoint(main):
        raise PlanError(never_seen(main, index, episodes, lines, transitions, rules))
    rate, lengths = season_rate(episodes), sorted(set(seconds), reverse=True)
    names = [str(name) for name in scores["segment"].drop_duplicates()]
    done: dict[tuple[str, float], _Chosen] = {}
    for longer, length in zip([0.0, *lengths], lengths, strict=False):
        offers: dict[tuple[Change, ...], Offer] = {}
        for name in sorted(names, key=lambda name: name != GENERAL):
            bends = rules.learnt(name)
            if bends not in offers:
                offers[bends] = Offer(material, index, episodes, replace(rules, arc=bent(rules.arc, bends)), rate, length)
            wanted, offer = wishes(name, scores, index), offers[bends]
            beside = {other: chosen.selection for (other, its), chosen in done.items() if its == length}
            done[name, length] = _choose(wanted, offer, beside, done.get((name, longer)), seed)
            if progress:
                progress(len(done), len(names) * len(lengths))
    return {(name, length): done[name, length].selection for name in names for length in dict.fromkeys(seconds)}


def _choose(wanted: Wishes, offer: Offer, beside: Mapping[str, Selection], longer: _Chosen | None, seed: int) -> _Chosen:
    """One segment's trailer of one length beside those of its length that are done."""
    beside_it = {name: spans(selection.picks, _homes(offer)) for name, selection in beside.items()}
    if longer is None:
        problem = offer.problem(wanted.score, beside_it)
        drawn = {} if wanted.segment == GENERAL else _drawn(problem, offer, f"{seed} {wanted.segment}")
        inside = tuple(o for o in problem.options if o.moment not in drawn or o.slot in _inner(offer))
        settled = freely(replace(problem, options=inside, forced=frozenset(drawn)), offer, seed)
    else:
        drawn = longer.drawn
        settled = cut_down(offer.problem(wanted.score, beside_it, kept=longer.lengths), offer, seed)
    problem, answer, notes = settled.problem, settled.answer, settled.notes
    lengths = {option.moment: length for option, length in answer.chosen}
    drawn = {moment: chance for moment, chance in drawn.items() if moment in lengths}
    found = picks(answer, problem, offer, wanted, drawn)
    notes += shown(beside_it, offer, spans(found, _homes(offer)))
    worth = parts(answer, offer, wanted)
    score = round(sum(value for _, value in worth), 5)
    notes += (*_unseen(problem, offer), *_taught(offer.rules, wanted.segment))
    return _Chosen(_selection(wanted, offer, found, (score, worth), answer.gap, notes), lengths, drawn)


def _selection(
    wanted: Wishes, offer: Offer, found: tuple[Pick, ...], worth: tuple[float, Parts], gap: float, notes: tuple[str, ...]
) -> Selection:
    last = sum(1 for pick in found if pick.slot in {slot.name for slot in offer.arc.slots[offer.arc.after_title :]})
    return Selection(
        wanted.segment,
        offer.seconds,
        found,
        worth[0],
        gap,
        worth[1],
        notes,
        offer.rules.card_seconds(offer.seconds),
        last if last < len(found) else 0,
    )


def _unseen(problem: Problem, offer: Offer) -> tuple[str, ...]:
    if offer.rules.lead_by is not None and not problem.seen:
        return ("nobody is known by face: that the main character is seen early cannot be asked",)
    return ()


def _taught(rules: Rules, segment: str) -> tuple[str, ...]:
    """How tests bent the arc of a segment's trailers, for people."""
    return tuple(f"tests taught: {in_words(change)}" for change in rules.learnt(segment))


def _drawn(problem: Problem, offer: Offer, seed: str) -> Mapping[int, float]:
    """The moments that chance adds, and with what chance; the moment of a shot is its best, and it is one of a single shot."""
    usual = float(np.median([option.natural for option in problem.options]))
    count = int(offer.rules.explore * problem.frames / usual)
    best: dict[int, tuple[float, int]] = {}
    for option in problem.options:
        if option.slot in _inner(offer) and len(option.shots) == 1 and not problem.locked & set(option.shots):
            best[option.shots[0]] = max(best.get(option.shots[0], (0.0, 0)), (option.worth, -option.moment))
    better = sorted(best.values(), reverse=True)[: (len(best) + 1) // 2]
    if not count or count > len(better):
        return {}
    chance = np.random.default_rng(zlib.crc32(seed.encode()))
    places = chance.choice(len(better), count, replace=False)
    return {-better[place][1]: round(count / len(better), 6) for place in sorted(places.tolist())}


def _inner(offer: Offer) -> range:
    """The slots between the first and the last beat, where an arc has such: neither is left to chance."""
    slots = len(offer.arc.slots)
    return range(1, min(offer.arc.after_title, slots - 1)) if slots > 2 else range(slots)


def _homes(offer: Offer) -> Mapping[str, str]:
    return {shot.id: shot.episode for shot in offer.index.shots}


def judged(
    stock: Stock, segment: str, seconds: float, own: Own, picks: Sequence[Pick], longer: Sequence[Pick] = ()
) -> tuple[float, Parts]:
    """`Selection.score` and its parts of any picks of a segment's trailer, in playing order, under what people decided; without
    what they wish for, so that a brief does not raise it. A cut-down is told what the next `longer` trailer shows."""
    if not longer:
        return stand(stock, segment, own, ((seconds, picks),))[0].judged()
    short, long = stand(stock, segment, own, ((seconds, picks), (seconds, longer)))
    return short.judged(long)


def select_again(
    stock: Stock,
    segment: str,
    own: Own,
    now: Mapping[float, Sequence[Pick]],
    beside: Mapping[float, Mapping[str, Spans]],
) -> Mapping[float, Selection]:
    """A segment's trailers of all lengths of `now`, in playing order, solved again as people decided, beside what the other
    segments' trailers of each length show.

    What nothing in `own` touches is given back as it is. Where picks are vetoed or hidden, they alone are exchanged if that can
    be, in the time that they leave; with changes, the others stay where they do not stand in the wishes' way. A pick that stays
    is the one of `now`. Locked clips stay with their frames and act. A trailer is as long as it was. The notes say what the
    changes brought, what they cost of the score, and what gave way. PlanErrors are those of `select_season`; a RequestError names
    a change, or what is hidden, that the season has not.
    """
    order = sorted(now, reverse=True)
    closed = stock.closed(own)
    put = {seconds: _with_held(now[seconds], own, seconds) for seconds in order}
    locked = {(held.seconds, held.shot) for held in own.locked}
    homes = {shot.id: shot.episode for shot in stock.index.shots}

    gone = {slot.name for slot in stock.rules.arc.slots} - {slot.name for slot in bent(stock.rules.arc, own.changes).slots}

    def free(pick: Pick, seconds: float) -> bool:
        shut = pick.slot in gone or any(pick.span.overlap(span) for span in closed.get(homes[pick.shot], ()))
        return (seconds, pick.shot) in locked or not shut

    kept = {seconds: tuple(pick for pick in put[seconds] if free(pick, seconds)) for seconds in order}
    standing = dict(zip(order, stand(stock, segment, own, [(seconds, kept[seconds]) for seconds in order]), strict=True))
    found: dict[float, Selection] = {}
    longer: Mapping[int, int] | None = None
    long: tuple[tuple[Pick, ...], tuple[Pick, ...]] = (), ()  # what the longer trailer showed, and shows
    for seconds in order:
        here = standing[seconds]
        if not own.changes and kept[seconds] == tuple(now[seconds]):
            worth = judged(stock, segment, seconds, own, kept[seconds], long[1])
            found[seconds] = _selection(here.wanted, here.offer, kept[seconds], worth, 0.0, ())
            longer = {option.moment: option.shortest for option in here.options}
            long = kept[seconds], kept[seconds]
            continue
        others = beside.get(seconds, {})
        made = again(stock, own, here, now[seconds], others, longer)
        longer = made.lengths
        before = judged(stock, segment, seconds, own, now[seconds], long[0])
        worth = judged(stock, segment, seconds, own, made.picks, long[1])
        long = tuple(now[seconds]), made.picks
        notes = (
            *told(stock.wished(own), now[seconds], made.picks, before[0], worth[0]),
            *made.notes,
            *shown(others, here.offer, spans(made.picks, homes)),
            *_taught(stock.rules, segment),
        )
        found[seconds] = _selection(here.wanted, here.offer, made.picks, worth, made.gap, notes)
    return {seconds: found[seconds] for seconds in now}


def _with_held(picks: Sequence[Pick], own: Own, seconds: float) -> tuple[Pick, ...]:
    """The picks with locked clips as they are locked: in the place of what the shot showed, else in its act."""
    found = list(picks)
    for held in own.locked:
        if held.seconds != seconds:
            continue
        at = next((n for n, pick in enumerate(found) if pick.shot == held.shot), None)
        if at is None:
            acts = [pick.slot for pick in found]
            at = len(acts) - acts[::-1].index(held.slot) if held.slot in acts else len(acts)
            found.insert(at, Pick(held.shot, held.span, 0.0, (), held.slot))
        elif (found[at].span, found[at].slot) != (held.span, held.slot):
            found[at] = replace(found[at], span=held.span, slot=held.slot)
    return tuple(found)
