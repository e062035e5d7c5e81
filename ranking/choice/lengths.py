"""How long each pick is held: the time filled to the frame, every pick as near to its natural length as can be."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from trailers.errors import PlanError
from trailers.ranking.choice.posting import UNIT, solver
from trailers.ranking.choice.problem import Option, Problem
from trailers.ranking.choice.terms import limits

STEPS = 10  # of a tenth of the natural length each, every further one dearer: a square, in straight pieces


def fit(problem: Problem, options: Sequence[Option], pinned: Mapping[int, int] | None = None, seed: int = 0) -> tuple[int, ...]:
    """The lengths of `options`, which are in playing order, as the problem's limits on time and on who is seen by when allow;
    moments that are `pinned` last just so long. A PlanError where no lengths do."""
    from ortools.sat.python import cp_model

    if not options:
        return ()
    model, pinned = cp_model.CpModel(), pinned or {}
    lengths, costs = [], []
    for option in options:
        known = pinned.get(option.moment)
        length = model.new_int_var(*((option.shortest, option.longest) if known is None else (known, known)), "")
        lengths.append(length)
        part = UNIT // option.natural or 1
        for bend in range(0, UNIT, UNIT // STEPS):
            cost = model.new_int_var(0, 100 * UNIT, "")
            model.add(cost >= part * (length - option.natural) - bend)
            model.add(cost >= part * (option.natural - length) - bend)
            costs.append(cost)
    for limit in limits(replace(problem, options=tuple(options))):
        if limit.timed:
            model.add_linear_constraint(cp_model.LinearExpr.sum([lengths[n] for n in limit.uses]), limit.low, limit.high)
    for seen in problem.seen:
        first = next((n for n, option in enumerate(options) if option.shots[0] in seen.shots), 0)
        model.add(cp_model.LinearExpr.sum(lengths[:first]) <= seen.by)
    model.minimize(cp_model.LinearExpr.sum(costs))
    search = solver(seed, 1.0)
    if search.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise PlanError(
            f"{len(options)} picks cannot fill {problem.frames} frames within the limits: "
            f"they last {sum(o.shortest for o in options)} to {sum(o.longest for o in options)}"
        )
    return tuple(int(search.value(length)) for length in lengths)
