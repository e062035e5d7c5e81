"""What gives way where a season is too small for all that is asked: as few rules, and as little of them, as can be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from trailers.errors import PlanError
from trailers.ranking.choice.conflict import Gave, Nearest, conflict, nearest
from trailers.ranking.choice.offer import Offer, Spans
from trailers.ranking.choice.refusals import left_out
from trailers.ranking.choice.solve import Answer, Option, Problem, solve
from trailers.ranking.choice.terms import CUT, EXPLORED, LOCKS, TIME, UNLIKE, difference

LITTLE = 0.001  # of the score: what costs less is not told


@dataclass(frozen=True)
class Settled:
    """The problem that could be solved, its answer, and in words which rules gave way."""

    problem: Problem
    answer: Answer
    notes: tuple[str, ...] = ()


def freely(problem: Problem, offer: Offer, seed: int, start: Sequence[Option] = ()) -> Settled:
    """The best that there is; where it must differ from other segments' for that, with what the difference costs. `start` are
    options of a choice to begin from.

    What was drawn by chance, near-duplicates, the difference and, downwards, the time give way where they must, and the notes say
    so. A PlanError names other rules that cannot hold together, and the nearest request that can be met.
    """
    effort = offer.rules.effort
    best = solve(replace(problem, others=()), seed, effort, start)
    if best and all(_again(best, other.moments) <= other.limit for other in problem.others):
        return Settled(problem, best)
    settled = _settle(problem, offer, seed, strict=True, start=start)
    if best is None or settled.problem.frames != problem.frames:
        return settled
    cost = 1 - settled.answer.value / best.value if best.value > 0 else 0.0
    if cost < LITTLE:
        return settled
    names = " and ".join(repr(other.name) for other in problem.others if _again(best, other.moments) > other.limit)
    return replace(settled, notes=(*settled.notes, f"differing from {names} costs {cost:.1%} of the score"))


def cut_down(problem: Problem, offer: Offer, seed: int) -> Settled:
    """The best that can be made of a longer trailer's moments; what gives way where they do not fit is said in the notes."""
    if found := solve(problem, seed, offer.rules.effort):
        return Settled(problem, found)
    free = replace(problem, locked=frozenset())
    if problem.locked and (found := solve(free, seed, offer.rules.effort)):
        return Settled(free, found, ("not all locked shots have room in it",))
    return _settle(problem, offer, seed, strict=False)


def _settle(problem: Problem, offer: Offer, seed: int, strict: bool, start: Sequence[Option] = ()) -> Settled:
    """The answer to the nearest problem that can be solved; with `strict`, what a person asked for does not give way."""
    effort = offer.rules.effort
    if found := solve(problem, seed, effort, start):
        return Settled(problem, found)
    if not problem.options:
        raise PlanError(
            f"no act of the arc has room for any of {len(offer.material.moments)} moments: see its shortest and longest"
        )
    soft = {TIME, UNLIKE, EXPLORED, CUT, *(difference(other.name) for other in problem.others)}
    first = nearest(problem, seed, effort)
    near = _no_longer(first, problem, offer, seed)
    if near is None or (strict and any(each.rule not in soft for each in near.gave)):
        named = conflict(problem, seed, effort)
        rules = " and ".join(named) + (" cannot hold together" if len(named) > 1 else " cannot be kept")
        words = "; ".join(_words(each, offer) for each in first.gave if each.rule in (TIME, UNLIKE) or each.rule not in soft)
        card = f"the title card leaves {problem.frames / float(offer.rate):.2f} s for clips, and " if offer.card else ""
        raise PlanError(f"a trailer of {offer.seconds:g} s: {card}{rules}; the nearest that can: {words}")
    answer = solve(near.problem, seed, effort, near.start)
    if answer is None:
        raise PlanError(f"no trailer of {offer.seconds:g} s was found in the solver's time: {effort = :g}; give it more")
    apart = {difference(other.name) for other in problem.others}  # told by `shown`, as what is seen twice in the end
    told = [_words(each, offer) for each in near.gave if each.rule not in apart | {TIME}]
    if near.problem.frames < problem.frames:
        told.append(_words(Gave(TIME, problem.frames, near.problem.frames), offer))
    return Settled(near.problem, answer, tuple(told))


def _no_longer(near: Nearest, problem: Problem, offer: Offer, seed: int) -> Nearest | None:
    """The nearest problem whose time is no longer than asked; nothing where there is none.

    That the nearest time to `target` is so much longer says that none is so much shorter or less: the next target lies there.
    """
    target = problem.frames
    while near.problem.frames > problem.frames:
        target = 2 * target - near.problem.frames
        if target <= 0:
            return None
        near = nearest(replace(problem, frames=target, shares=offer.shares(target)), seed, offer.rules.effort)
    return near


def _words(gave: Gave, offer: Offer) -> str:
    """What a rule that gave way became."""
    asked, got = (frames / float(offer.rate) for frames in (gave.asked, gave.got))
    if gave.rule == TIME and got > asked:
        whole = got * 6 / 5 if got / 5 <= offer.rules.card else got + offer.rules.card
        return f"{got:.2f} s of clips, which is a trailer of {ceil(100 * whole) / 100:.2f} s or more"
    words: Mapping[str, str] = {
        TIME: f"{got:.1f} s of clips instead of {asked:.1f} s: "
        f"no more is left of {len(offer.index.shots)} shots{left_out(offer.material)}",
        UNLIKE: "shots that look alike are shown: the time could not be filled without them",
        EXPLORED: f"{gave.got} of {gave.asked} moments drawn by chance to learn from have room",
        CUT: f"{gave.got} moments are not in the longer trailer: its own do not fill so short a time",
        LOCKS: f"{gave.got} of {gave.asked} locked shots",
    }
    return words.get(gave.rule, f"{gave.rule}, but {got:.2f} s instead of {asked:.2f} s")


def shown(spans: Mapping[str, Spans], offer: Offer, own: Spans) -> tuple[str, ...]:
    """What to say of other trailers that this one does not differ from as it should."""
    most = 1 - offer.rules.different
    usable = float(offer.usable() / offer.rate)
    return tuple(
        f"{part:.0%} of its screen time is in {other!r} too, not {most:.0%}: the season has {usable:.1f} s of usable moments"
        for other, theirs in spans.items()
        if (part := offer.shared(own, theirs)) > most
    )


def _again(answer: Answer, moments: frozenset[int]) -> int:
    return sum(length for option, length in answer.chosen if option.moment in moments)
