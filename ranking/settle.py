"""What gives way where a season is too small for all that is asked: as few rules, and as little of them, as can be."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil

from trailers.errors import PlanError
from trailers.ranking.choice import Answer, Problem, solve
from trailers.ranking.conflict import Gave, conflict, nearest
from trailers.ranking.offer import Offer, Spans
from trailers.ranking.refusals import left_out
from trailers.ranking.terms import CUT, EXPLORED, LOCKS, TIME, UNLIKE, difference


@dataclass(frozen=True)
class Settled:
    """The problem that could be solved, its answer, and in words which rules gave way."""

    problem: Problem
    answer: Answer
    notes: tuple[str, ...] = ()


def freely(problem: Problem, offer: Offer, seed: int) -> Settled:
    """The best that there is; where it must differ from other segments' for that, with what the difference costs.

    What was drawn by chance, near-duplicates, the difference and, downwards, the time give way where they must, and the notes say
    so. A PlanError names other rules that cannot hold together, and the nearest request that can be met.
    """
    effort = offer.rules.effort
    best = solve(replace(problem, others=()), seed, effort)
    if best and all(_again(best, other.moments) <= other.limit for other in problem.others):
        return Settled(problem, best)
    settled = _settle(problem, offer, seed, strict=True)
    if best is None or settled.problem.frames != problem.frames:
        return settled
    before, after = best.value / problem.frames, settled.answer.value / problem.frames
    names = " and ".join(repr(other.name) for other in problem.others if _again(best, other.moments) > other.limit)
    cost = f"differing from the trailer of {names} costs {1 - after / before:.1%} of the score ({after:.3f}, not {before:.3f})"
    return replace(settled, notes=(*settled.notes, cost))


def cut_down(problem: Problem, offer: Offer, seed: int) -> Settled:
    """The best that can be made of a longer trailer's moments; what gives way where they do not fit is said in the notes."""
    if found := solve(problem, seed, offer.rules.effort):
        return Settled(problem, found)
    free = replace(problem, locked=frozenset())
    if problem.locked and (found := solve(free, seed, offer.rules.effort)):
        return Settled(free, found, ("not all locked shots have room in so short a trailer",))
    return _settle(problem, offer, seed, strict=False)


def _settle(problem: Problem, offer: Offer, seed: int, strict: bool) -> Settled:
    """The answer to the nearest problem that can be solved; with `strict`, what a person asked for does not give way."""
    effort = offer.rules.effort
    if found := solve(problem, seed, effort):
        return Settled(problem, found)
    if not problem.options:
        raise PlanError(
            f"no act of the arc has room for any of {len(offer.material.moments)} moments: see its shortest and longest"
        )
    near = nearest(problem, seed, effort)
    soft = {TIME, UNLIKE, EXPLORED, CUT, *(difference(other.name) for other in problem.others)}
    longer = near.problem.frames > problem.frames
    if longer or (strict and any(each.rule not in soft for each in near.gave)):
        named = conflict(problem, seed, effort)
        rules = " and ".join(named) + (" cannot hold together" if len(named) > 1 else " cannot be kept")
        words = "; ".join(_words(each, offer) for each in near.gave if each.rule in (TIME, UNLIKE) or each.rule not in soft)
        card = f"the title card leaves {problem.frames / float(offer.rate):.2f} s for clips, and " if offer.card else ""
        raise PlanError(f"a trailer of {offer.seconds:g} s: {card}{rules}; the nearest that can: {words}")
    answer = solve(near.problem, seed, effort, near.start)
    if answer is None:
        raise PlanError(f"no trailer of {offer.seconds:g} s was found in the solver's time: {effort = :g}; give it more")
    told = tuple(_words(each, offer) for each in near.gave if not each.rule.startswith(difference("")[:-2]))
    return Settled(near.problem, answer, told)


def _words(gave: Gave, offer: Offer) -> str:
    """What a rule that gave way became."""
    asked, got = (frames / float(offer.rate) for frames in (gave.asked, gave.got))
    if gave.rule == TIME and got > asked:
        whole = got * 6 / 5 if got / 5 <= offer.rules.card else got + offer.rules.card
        return f"{got:.2f} s of clips, which is a trailer of {ceil(100 * whole) / 100:.2f} s or more"
    words: Mapping[str, str] = {
        TIME: f"{got:.1f} s of clips instead of {asked:.1f} s: "
        f"no more is left of {len(offer.index.shots)} shots{left_out(offer.material)}",
        UNLIKE: "shots that look alike had to be shown: the time could not be filled without them",
        EXPLORED: f"{gave.got} of {gave.asked} moments could be drawn by chance to learn from: there is no room for more",
        CUT: f"{gave.got} moments that the longer trailer does not show: its own do not fill so short a time",
        LOCKS: f"{gave.got} of {gave.asked} locked shots",
    }
    return words.get(gave.rule, f"{gave.rule}, but {got:.2f} s instead of {asked:.2f} s")


def shown(spans: Mapping[str, Spans], offer: Offer, own: Spans) -> tuple[str, ...]:
    """What to say of other trailers that this one does not differ from as it should."""
    most = 1 - offer.rules.different
    usable = float(offer.usable() / offer.rate)
    return tuple(
        f"{part:.0%} of its screen time is in the trailer of {other!r} too, where {most:.0%} at most was asked for: "
        f"the season holds {usable:.1f} s of usable moments"
        for other, theirs in spans.items()
        if (part := offer.shared(own, theirs)) > most
    )


def _again(answer: Answer, moments: frozenset[int]) -> int:
    return sum(length for option, length in answer.chosen if option.moment in moments)
