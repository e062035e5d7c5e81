"""The choice as a problem for OR-Tools CP-SAT: which moments in which slots, how long each, and how near to the best that is."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from trailers.errors import PlanError
from trailers.ranking.problem import Answer, Cap, Group, Option, Other, Problem, Seen

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    Uses = Sequence[tuple[cp_model.IntVar, Option]]

__all__ = ["Answer", "Cap", "Group", "Option", "Other", "Problem", "Seen", "solve"]

UNIT = 1000  # the solver counts in whole numbers: a perfect frame is worth so much
NEAR = 0.003  # a choice that is proven to be so near to the best is taken
SPARE = 0.02  # part of the whole time by which a slot may miss its share for nothing


Aim = Literal["worth", "time", "difference"]


def solve(problem: Problem, aim: Aim = "worth", seed: int = 0, effort: float = 4.0) -> Answer | None:
    """The best choice, or nothing where no choice obeys the rules.

    Aim "worth" maximises worth times natural length, plus what the groups earn, less `balance` for every frame by which a slot
    misses its share by more than a fiftieth of the whole, less a perfect frame for every frame by which the whole is naturally
    too long, and a quarter of one for every frame by which it is too short: such picks must be held shorter or longer than they
    would be. Aim "time" fills as much of `frames` as can be filled; aim "difference" shares as little as can be with the other
    that it shares most with (their limits do not bind then). One worker, a seed and deterministic time: the same answer on every
    run.
    """
    from ortools.sat.python import cp_model

    shots = sorted({shot for option in problem.options for shot in option.shots})
    if not (problem.locked <= set(shots) and problem.forced <= {option.moment for option in problem.options}):
        return None
    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in problem.options]
    uses = list(zip(chosen, problem.options, strict=True))
    if problem.kept is not None:
        for x, option in uses:
            if option.moment not in {moment for moment, _ in problem.kept}:
                model.add(x == 0)
    for moment in sorted(problem.forced):
        model.add(cp_model.LinearExpr.sum([x for x, option in uses if option.moment == moment]) == 1)
    shown = {shot: cp_model.LinearExpr.sum([x for x, option in uses if shot in option.shots]) for shot in shots}
    for shot, use in shown.items():
        model.add(use == 1 if shot in problem.locked else use <= 1)
    for one, two in problem.alike:
        if one in shown and two in shown and not {one, two} <= problem.locked:
            model.add(shown[one] + shown[two] <= 1)
    if problem.story:
        _tell_in_order(model, problem, uses)
    total, shared = _lengths(model, problem, uses)
    if aim == "time":
        model.add(total <= problem.frames)
        model.maximize(total)
    elif aim == "difference":
        model.add(total == problem.frames)
        most = model.new_int_var(0, problem.frames, "")
        for time in shared:
            model.add(most >= time)
        model.minimize(most * len(shared) + cp_model.LinearExpr.sum(shared))
    else:
        model.add(total == problem.frames)
        for time, other in zip(shared, problem.others, strict=True):
            model.add(time <= other.limit)
        model.maximize(_worth(model, problem, uses, shown))
    solver = _solver(seed)
    for patience in (1, 10):
        solver.parameters.max_deterministic_time = effort * patience
        status = solver.solve(model)
        if status != cp_model.UNKNOWN:
            break
    if status == cp_model.INFEASIBLE:
        return None
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise PlanError(f"no trailer was found in the solver's time: {effort = }, {solver.status_name(status)}; give it more")
    found = [option for x, option in uses if solver.boolean_value(x)]
    found.sort(key=lambda option: (option.slot, option.moment))
    frames = problem.frames if aim != "time" else round(solver.objective_value)
    lengths = fit(found, frames, problem.others if aim == "worth" else (), seed)
    return Answer(tuple(zip(found, lengths, strict=True)), solver.objective_value / UNIT, solver.best_objective_bound / UNIT)


def fit(options: Sequence[Option], frames: int, others: Sequence[Other], seed: int = 0) -> tuple[int, ...]:
    """Lengths that fill `frames` exactly and keep the others' limits, all as near to their natural ones as can be."""
    from ortools.sat.python import cp_model

    if not options:
        return ()
    model = cp_model.CpModel()
    lengths = [model.new_int_var(option.shortest, option.longest, "") for option in options]
    model.add(cp_model.LinearExpr.sum(lengths) == frames)
    for other in others:
        again = [length for length, option in zip(lengths, options, strict=True) if option.moment in other.moments]
        model.add(cp_model.LinearExpr.sum(again) <= other.limit)
    costs = []
    for length, option in zip(lengths, options, strict=True):
        part = UNIT // option.natural or 1
        for bend in range(0, UNIT, UNIT // 10):  # every further tenth costs more: a square, in straight pieces
            cost = model.new_int_var(0, 100 * UNIT, "")
            model.add(cost >= part * (length - option.natural) - bend)
            model.add(cost >= part * (option.natural - length) - bend)
            costs.append(cost)
    model.minimize(cp_model.LinearExpr.sum(costs))
    solver = _solver(seed)
    solver.parameters.max_deterministic_time = 1.0
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise PlanError(f"{len(options)} picks cannot fill {frames} frames: they last {sum(o.natural for o in options)}")
    return tuple(int(solver.value(length)) for length in lengths)


def _solver(seed: int) -> "cp_model.CpSolver":
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.relative_gap_limit = NEAR
    solver.parameters.linearization_level = 2  # with fewer constraints in the relaxation the bound stays far off: 0.38, not 0.00
    return solver


def _tell_in_order(model: "cp_model.CpModel", problem: Problem, uses: "Uses") -> None:
    """For every slot after the second, the story has a point before which it takes nothing, after which those before it do
    not."""
    shots = sorted({shot for option in problem.options for shot in option.shots})
    slots = range(2, len(problem.shares))
    begun = {(slot, shot): model.new_bool_var("") for slot in slots for shot in shots}
    for slot in slots:
        for shot, after in pairwise(shots):
            model.add_implication(begun[slot, shot], begun[slot, after])
        if slot - 1 in slots:
            for shot in shots:
                model.add_implication(begun[slot, shot], begun[slot - 1, shot])
    for x, option in uses:
        if option.slot in slots:
            model.add_implication(x, begun[option.slot, option.shots[0]])
        if option.slot >= 1 and option.slot + 1 in slots:
            model.add_implication(x, begun[option.slot + 1, option.shots[-1]].negated())


def _lengths(
    model: "cp_model.CpModel", problem: Problem, uses: "Uses"
) -> "tuple[cp_model.LinearExprT, Sequence[cp_model.LinearExprT]]":
    """The time that the chosen options fill, and the time that each other shares, all between shortest and longest as needed."""
    from ortools.sat.python import cp_model

    again = frozenset[int]().union(*(other.moments for other in problem.others))

    def lasting(uses: "Uses") -> "cp_model.IntVar":
        length = model.new_int_var(0, problem.frames, "")
        model.add(length >= cp_model.LinearExpr.sum([option.shortest * x for x, option in uses]))
        model.add(length <= cp_model.LinearExpr.sum([option.longest * x for x, option in uses]))
        return length

    parts = {
        moment: lasting([use for use in uses if use[1].moment == moment])
        for moment in sorted(again & {option.moment for option in problem.options})
    }
    rest = lasting([use for use in uses if use[1].moment not in again])
    shared = [
        cp_model.LinearExpr.sum([part for moment, part in parts.items() if moment in other.moments]) for other in problem.others
    ]
    return cp_model.LinearExpr.sum([rest, *parts.values()]), shared


def _worth(
    model: "cp_model.CpModel", problem: Problem, uses: "Uses", shown: "Mapping[int, cp_model.LinearExprT]"
) -> "cp_model.LinearExprT":
    from ortools.sat.python import cp_model

    most = sum(option.natural for _, option in uses) + problem.frames
    terms: list[cp_model.LinearExprT] = [round(UNIT * option.worth * option.natural) * x for x, option in uses]

    def cost(each: int, excess: "cp_model.LinearExprT") -> "cp_model.LinearExprT":
        frames = model.new_int_var(0, most, "")
        model.add(frames >= excess)
        return -each * frames

    natural = cp_model.LinearExpr.sum([option.natural * x for x, option in uses])
    terms += [cost(UNIT, natural - problem.frames), cost(UNIT // 4, problem.frames - natural)]
    spare = round(SPARE * problem.frames)
    for slot, share in enumerate(problem.shares):
        taken = cp_model.LinearExpr.sum([option.natural * x for x, option in uses if option.slot == slot])
        terms += [cost(round(UNIT * problem.balance), off - spare) for off in (taken - share, share - taken)]
    for group in problem.groups:
        members = cp_model.LinearExpr.sum([shown[shot] for shot in sorted(group.shots) if shot in shown])
        earned = round(UNIT * group.earns)
        terms += [earned * members, cost(earned, members - 1)]  # a group earns for its first shot: for all, less all but one
    return cp_model.LinearExpr.sum(terms)
