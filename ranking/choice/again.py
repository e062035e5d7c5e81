"""One trailer solved again as people decided: what they did not touch stays, what they locked stays as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from trailers.features.span import Span
from trailers.ranking.choice.account import Pick, picked, rivals
from trailers.ranking.choice.offer import Spans
from trailers.ranking.choice.rules import Own
from trailers.ranking.choice.settle import LITTLE, cut_down, freely
from trailers.ranking.choice.solve import Answer, Option, Problem, solve
from trailers.ranking.choice.standing import Run, Standing
from trailers.ranking.choice.stock import Stock
from trailers.ranking.choice.wished import Wished, in_words, met, parted

STAYS, CLINGS = 0.07, 2.0  # of its worth what a frame earns of a pick that stays: beside wishes; where nothing was wished
SHORTER = 0.2  # the same in a cut-down beside wishes: more than what a frame earns there that is as in the longer trailer
NEARLY = 0.5  # of that where it is seen for longer or shorter than it was
SEEN = 2  # of 100 by which a wish is met otherwise than before, or it is not told


@dataclass(frozen=True)
class Again:
    """What a trailer becomes: `lengths` are its moments' frames of the trailer, for a cut-down of it."""

    picks: tuple[Pick, ...]
    gap: float
    notes: tuple[str, ...]
    lengths: Mapping[int, int]


def again(
    stock: Stock,
    own: Own,
    here: Standing,
    now: Sequence[Pick],
    beside: Mapping[str, Spans],
    longer: Mapping[int, int] | None,
) -> Again:
    """The best trailer beside the others, as long as the picks `now`, of which those stand `here` that may stay; of a `longer`
    trailer's moments with their lengths it is a cut-down."""
    offer, held = here.offer, _held(own, here)
    drawn = {option.moment: run[0].propensity for option, run in zip(here.options, here.runs, strict=True)}
    drawn = {moment: chance for moment, chance in drawn.items() if chance < 1}
    frames = sum(offer.frames_of(len(pick.span), stock.home(pick.shot)) for pick in now)
    whole = _problem(here, beside, longer, frames, held)
    settled = None if own.changes else _tight(whole, here, stock.seed, offer.rules.effort)
    if settled is None:
        bonus = CLINGS if not own.changes else STAYS if longer is None else SHORTER
        clinging = {option: replace(option, worth=option.worth + bonus) for option in here.options}
        places = {(option.shots, option.slot) for option in here.options}
        for option in whole.options:  # what is seen for longer or shorter stays nearly as well
            if option not in clinging and (option.shots, option.slot) in places:
                clinging[option] = replace(option, worth=option.worth + NEARLY * bonus)
        problem = replace(whole, options=tuple(clinging.get(option, option) for option in whole.options))
        if longer is None:
            found = freely(
                replace(problem, forced=frozenset(drawn)), offer, stock.seed, tuple(clinging[option] for option in here.options)
            )
        else:
            found = cut_down(problem, offer, stock.seed)
        plain = {raised: option for option, raised in clinging.items()}
        chosen = tuple((plain.get(option, option), length) for option, length in found.answer.chosen)
        settled = found.problem, replace(found.answer, chosen=chosen), found.notes
    problem, answer, notes = settled
    if offer.rules.order == "story" and not problem.story:
        notes = (*notes, "clips that are locked are out of the story's order, so it is not kept")
    lengths = {option.moment: length for option, length in answer.chosen}
    if lost := [
        stock.index.shots[n].id for n in sorted({o.shots[0] for o in here.options if o.moment in drawn.keys() - lengths})
    ]:
        notes = (*notes, f"{', '.join(lost)}: drawn by chance to learn from, and no longer shown")
    return Again(_picks(answer, problem, here, drawn), answer.gap, notes, lengths)


def told(wished: Wished, now: Sequence[Pick], then: Sequence[Pick], before: float, after: float) -> tuple[str, ...]:
    """What changes brought, and what they cost of the score (what a frame was worth before, and is after)."""
    found = []
    for change, held in wished.held:
        shares = held if change.by is not None else wished.clear(change, held)
        was, is_ = (100 * met(shares, [(pick.shot, len(pick.span)) for pick in picks]) for picks in (now, then))
        # What a shot has wholly or not at all is told as a share of the time; what it has more or less of, by its mean.
        graded = change.by is not None and parted(change)[0] in ("quality", "concept", "words")
        unit = " of 100" if graded else "% of the time"
        same = f"{is_:.0f}{unit}, as before" if abs(was - is_) < SEEN else f"from {was:.0f} to {is_:.0f}{unit}"
        found.append(f"{in_words(change)}: {same}")
    if wished.changes and before > 0 and (cost := 1 - after / before) >= LITTLE:
        found.append(f"these wishes cost {cost:.1%} of the score")
    return tuple(found)


def _problem(
    here: Standing, beside: Mapping[str, Spans], longer: Mapping[int, int] | None, frames: int, held: frozenset[Option]
) -> Problem:
    """What is to be chosen from: what the season offers, worth what is wished, and what stands, as it stands."""
    offer = here.offer
    kept = None if longer is None else dict(longer)
    if kept is not None:
        shown = {shot for n in kept for shot in _rows(here, n)}
        for option in here.options:  # what a cut-down shows of the longer's shots it may go on to show
            if option in held or shown.issuperset(option.shots):
                kept.setdefault(option.moment, option.shortest)
    problem = offer.problem(here.wanted.score, beside, kept=kept)
    locked = {shot for option in held for shot in option.shots}
    options = [
        replace(option, worth=float(here.wished[option.slot][option.moment]))
        for option in problem.options
        if option.moment not in here.further and not locked.intersection(option.shots)
    ]
    standing = [option for option in here.options if option in held or not locked.intersection(option.shots)]
    order = sorted({*options, *standing}, key=lambda option: (option.slot, option.moment, option.shortest, option.longest))
    bound = sorted((option.slot, option.shots) for option in held if option.slot)
    crossed = any(one[0] < two[0] and one[1][-1] >= two[1][0] for one, two in combinations(bound, 2))
    return replace(
        problem,
        options=tuple(order),
        frames=frames,
        shares=offer.shares(frames),
        locked=problem.locked | locked,
        story=problem.story and not crossed,
    )


def _tight(whole: Problem, here: Standing, seed: int, effort: float) -> tuple[Problem, Answer, tuple[str, ...]] | None:
    """Everything that stands as it stands, and the best in the time that it leaves; nothing where there is no such choice."""
    standing = frozenset(here.options)
    shots = {shot for option in standing for shot in option.shots}
    options = tuple(option for option in whole.options if option in standing or not shots.intersection(option.shots))
    problem = replace(whole, options=options, forced=frozenset(option.moment for option in standing))
    answer = solve(problem, seed, effort, here.options)
    return None if answer is None else (problem, answer, ())


def _held(own: Own, here: Standing) -> frozenset[Option]:
    """The options that show a locked clip."""
    locked = {(held.shot, held.span) for held in own.locked if held.seconds == here.offer.seconds}
    return frozenset(
        option
        for option, run in zip(here.options, here.runs, strict=True)
        if any((pick.shot, pick.span) in locked for pick in run)
    )


def _picks(answer: Answer, problem: Problem, here: Standing, drawn: Mapping[int, float]) -> tuple[Pick, ...]:
    """The picks of an answer: those that stand are the very ones that stood."""
    standing: dict[Option, Run] = dict(zip(here.options, here.runs, strict=True))
    by_length = {(option.moment, option.slot, option.shortest): run for option, run in standing.items()}
    found: list[Pick] = []
    for (option, length), over in zip(answer.chosen, rivals(answer, problem, here.offer, here.wanted, drawn), strict=True):
        run = standing.get(option) or by_length.get((option.moment, option.slot, length))
        span: Span = here.offer.span(option.moment, length)
        found += run or picked(here.offer, here.wanted, option, span, over, drawn.get(option.moment, 1.0))
    return tuple(found)


def _rows(here: Standing, moment: int) -> tuple[int, ...]:
    return tuple(here.offer.index.rows(shot.id for shot in here.offer.material.moments[moment].shots).tolist())
