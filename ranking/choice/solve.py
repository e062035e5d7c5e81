"""The choice: which moments in which slots, how long each, and how near to the best of all that is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from trailers.errors import PlanError
from trailers.ranking.choice.bound import bound
from trailers.ranking.choice.lengths import fit
from trailers.ranking.choice.posting import UNIT, Posted, post, solver, value
from trailers.ranking.choice.problem import Answer, Cap, Group, Option, Other, Problem, Seen
from trailers.ranking.choice.terms import earnings, in_order, limits, parts

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

__all__ = ["Answer", "Cap", "Group", "Option", "Other", "Problem", "Seen", "solve"]

NEAR = 0.01  # a choice that is proven to be so near to the best of all is taken
CLOSE = 0.003  # the same among the options that the solver is given
CORE = 200  # options that the solver is given at first: those with which most can be reached
EACH = 20  # of them in every slot at least
PATIENCE = 10  # times the effort that is spent before no choice at all is found
LEAST = 0.2  # effort of a search at least


def solve(problem: Problem, seed: int = 0, effort: float = 4.0, start: Sequence[Option] = ()) -> Answer | None:
    """The best choice, or nothing where no choice obeys the rules.

    Maximises what `terms.parts` says: worth times natural length, what groups earn, less what unbalanced slots and unnatural
    lengths cost. CP-SAT is given the options with which the most can be reached, and further ones until those left out could
    not make a choice better by more than `NEAR`: the `bound` of the answer is that of all options. The answer to the same
    problem and seed is always the same: `effort` is deterministic time, about seconds, and never a clock's. A PlanError says
    that none was found in it. `start` are options of a choice to begin from.
    """
    if problem.kept is not None:
        known = {moment for moment, _ in problem.kept}
        problem = replace(problem, options=tuple(option for option in problem.options if option.moment in known))
    whole = len(problem.options)
    reach = bound(problem, earnings(problem), limits(problem)) if whole > CORE else None
    each = reach.each if reach else np.full(whole, np.inf)
    ranked = np.argsort(-each, kind="stable")
    slots = np.array([option.slot for option in problem.options])[ranked]
    musts = [n for slot in range(len(problem.shares)) for n in ranked[slots == slot][:EACH].tolist()] + _musts(problem, start)
    size, spent, best = min(CORE, whole), 0.0, _Found(None, float("-inf"), 0.0)
    while True:
        core = sorted({*ranked[:size].tolist(), *musts})
        hints = start if best.answer is None else [option for option, _ in best.answer.chosen]
        first = best.answer is None and len(core) < whole  # of the effort it takes a quarter: it may turn out too small
        some = replace(problem, options=tuple(problem.options[n] for n in core))
        found = _search(some, seed, effort / 4 if first else effort - spent, hints)
        spent += found.spent
        rest = float(np.delete(each, core).max(initial=-np.inf))
        if found.answer and (best.answer is None or found.answer.value >= best.answer.value):
            best = found
        if best.answer is None:
            if size == whole:
                return None
            size = min(4 * size, whole)
            continue
        upper = max(found.bound, rest, best.answer.value)
        if reach:
            upper = min(upper, max(reach.value, best.answer.value))
        answer = replace(best.answer, bound=upper)
        wanted = int((each > answer.value * (1 + NEAR)).sum())
        if answer.gap <= NEAR or spent >= effort or wanted <= size:
            return answer
        size = min(wanted, 2 * size)  # a search among twice as many takes more than twice as long


@dataclass(frozen=True)
class _Found:
    answer: Answer | None
    bound: float
    spent: float


def _search(problem: Problem, seed: int, effort: float, start: Sequence[Option]) -> _Found:
    """What CP-SAT finds among the options that it is given; no answer where there is none."""
    from ortools.sat.python import cp_model

    posted = post(problem)
    posted.model.maximize(value(posted))
    for option, use in zip(problem.options, posted.uses, strict=True) if start else ():
        posted.model.add_hint(use, option in start)
    spent = 0.0
    for patience in (1, PATIENCE):
        search = solver(seed, max(effort, LEAST) * patience, CLOSE)
        status = search.solve(posted.model)
        spent += search.response_proto.deterministic_time
        if status != cp_model.UNKNOWN:
            break
    if status == cp_model.INFEASIBLE:
        return _Found(None, float("-inf"), spent)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise PlanError(f"no trailer was found in the solver's time: {effort = :g}, {search.status_name(status)}; give it more")
    chosen = _timed(posted, search, seed)
    found = parts(problem, chosen)
    return _Found(Answer(chosen, sum(worth for _, worth in found), 0.0, found), search.best_objective_bound / UNIT, spent)


def _timed(posted: Posted, search: "cp_model.CpSolver", seed: int) -> tuple[tuple[Option, int], ...]:
    """The options that were chosen, in playing order, with their lengths."""
    options = posted.problem.options
    found = sorted((options[n] for n, use in enumerate(posted.uses) if search.boolean_value(use)), key=in_order)
    kept = dict(posted.problem.kept or ())
    pinned = {options[n].moment: kept[options[n].moment] for n, same in posted.same.items() if search.boolean_value(same)}
    return tuple(zip(found, fit(posted.problem, found, pinned, seed), strict=True))


def _musts(problem: Problem, start: Sequence[Option]) -> list[int]:
    """The options that rules may demand."""
    shots = problem.locked.union(*(seen.shots for seen in problem.seen))
    return [
        n
        for n, option in enumerate(problem.options)
        if shots.intersection(option.shots) or option.moment in problem.forced or option in start
    ]
