"""What gives way where a season is too small for all that is asked: as few rules, and as little of them, as can be."""

from dataclasses import dataclass, replace

from trailers.errors import PlanError
from trailers.ranking.choice import Answer, Problem, solve
from trailers.ranking.offer import Offer
from trailers.ranking.refusals import left_out, too_little_time


@dataclass(frozen=True)
class Settled:
    """The problem that could be solved, its answer, and in words which rules gave way."""

    problem: Problem
    answer: Answer
    notes: tuple[str, ...] = ()


def settle(problem: Problem, offer: Offer, seed: int) -> Settled:
    """First the difference between segments gives way, then near-duplicates, then the time.

    A PlanError names the rules that cannot hold together, and what would do.
    """
    effort, seconds = offer.rules.effort, float(1 / offer.rate)

    def answer(problem: Problem, *notes: str) -> Settled | None:
        if found := solve(problem, "worth", seed, effort):
            return Settled(problem, found, notes)
        if problem.others and (nearest := solve(problem, "difference", seed, effort)):
            problem = _loosened(problem, nearest)
            if found := solve(problem, "worth", seed, effort):
                return Settled(problem, found, notes)
        return None

    if found := answer(problem):
        return found
    unlike = replace(problem, alike=())
    if found := answer(unlike, "shots that look alike had to be shown: the time could not be filled without them"):
        return found
    longest = solve(replace(unlike, others=()), "time", seed, effort)
    filled = sum(length for _, length in longest.chosen) if longest else 0
    note = (
        f"{filled * seconds:.1f} s of clips instead of {problem.frames * seconds:.1f} s: "
        f"no more is left of {len(offer.index.shots)} shots{left_out(offer.material)}"
    )
    found = answer(replace(unlike, frames=filled, shares=offer.shares(filled)), note) if filled else None
    if not found:
        raise PlanError(too_little_time(problem, offer))
    return found


def _loosened(problem: Problem, nearest: Answer) -> Problem:
    """The problem with limits that the answer which shares least keeps."""
    shared = max(sum(length for option, length in nearest.chosen if option.moment in other.moments) for other in problem.others)
    return replace(problem, others=tuple(replace(other, limit=max(other.limit, shared)) for other in problem.others))
