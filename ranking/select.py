"""The choice: for every segment and length the picks that are worth most to it, and what had to give way for them."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trailers.errors import PlanError
from trailers.features.span import Span
from trailers.ranking.choice.account import Pick, Wishes, parts, picks, wishes
from trailers.ranking.choice.arc import Arc, Slot, read_arc
from trailers.ranking.choice.moments import Movement, gather, season_rate
from trailers.ranking.choice.offer import Offer, Spans, leading
from trailers.ranking.choice.refusals import never_seen, nothing_left, usable
from trailers.ranking.choice.rules import Rules
from trailers.ranking.choice.settle import cut_down, freely, shown
from trailers.ranking.choice.solve import Problem
from trailers.ranking.choice.worth import Parts

if TYPE_CHECKING:
    from trailers.features.dialogue import Line
    from trailers.features.index import ShotIndex
    from trailers.features.media import Episode
    from trailers.features.shots import Transition

__all__ = ["Arc", "Pick", "Rules", "Selection", "Slot", "read_arc", "select_season"]

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
    of how many are done.

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
        offer = Offer(material, index, episodes, rules, rate, length)
        for name in sorted(names, key=lambda name: name != GENERAL):
            wanted = wishes(name, scores, offer)
            beside = {other: chosen.selection for (other, its), chosen in done.items() if its == length}
            done[name, length] = _choose(wanted, offer, beside, done.get((name, longer)), seed)
            if progress:
                progress(len(done), len(names) * len(lengths))
    return {(name, length): done[name, length].selection for name in names for length in dict.fromkeys(seconds)}


def _choose(wanted: Wishes, offer: Offer, beside: Mapping[str, Selection], longer: _Chosen | None, seed: int) -> _Chosen:
    """One segment's trailer of one length beside those of its length that are done."""
    beside_it = {name: _spans(selection.picks, offer) for name, selection in beside.items()}
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
    notes += shown(beside_it, offer, _spans(found, offer))
    if offer.rules.lead_by is not None and not problem.seen:
        notes += ("nobody is known by face: that the main character is seen early cannot be asked",)
    last = sum(1 for pick in found if pick.slot in {slot.name for slot in offer.arc.slots[offer.arc.after_title :]})
    worth = parts(answer, offer, wanted)
    selection = Selection(
        wanted.segment,
        offer.seconds,
        found,
        round(sum(value for _, value in worth), 5),
        answer.gap,
        worth,
        notes,
        offer.rules.card_seconds(offer.seconds),
        last if last < len(found) else 0,
    )
    return _Chosen(selection, lengths, drawn)


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


def _spans(picks: Sequence[Pick], offer: Offer) -> Spans:
    homes = {shot.id: shot.episode for shot in offer.index.shots}
    found: dict[str, list[Span]] = {}
    for pick in picks:
        found.setdefault(homes[pick.shot], []).append(pick.span)
    return found
