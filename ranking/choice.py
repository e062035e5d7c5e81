"""The choice as a problem for OR-Tools CP-SAT: which moments in which slots, how long each, and how near to the best that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from trailers.errors import PlanError

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

UNIT = 1000  # the solver counts in whole numbers: a perfect frame is worth so much
NEAR = 0.003  # a choice that is proven to be so near to the best is taken
ROOM = 0.02  # part of the whole time by which a slot may miss its share for nothing


@dataclass(frozen=True)
class Option:
    """A moment in a slot. Lengths count trailer frames; `worth` is what one of them is worth, 0 to 1; `shot` and `moment` are numbers in
    story order."""

    shot: int
    moment: int
    slot: int
    shortest: int
    natural: int
    longest: int
    worth: float


@dataclass(frozen=True)
class Other:
    """Another segment's trailer: the `moments` that would show frames of it again, for at most `limit` trailer frames."""

    moments: frozenset[int]
    limit: int


@dataclass(frozen=True)
class Problem:
    """What is to be chosen from, and the rules.

    `frames` are to be filled exactly, of which each slot should take its part of `shares` (frames). `groups` are sets of shots of which each
    that is shown at all earns its worth (in frames): scenes, episodes. Of two `alike` shots one is shown at most, of one shot one
    moment. With `story`, the slots after the first follow one another in story order.
    """

    options: tuple[Option, ...]
    frames: int
    shares: tuple[int, ...]
    balance: float = 0.0
    groups: tuple[tuple[frozenset[int], float], ...] = ()
    alike: tuple[tuple[int, int], ...] = ()
    locked: frozenset[int] = frozenset()
    others: tuple[Other, ...] = ()
    story: bool = True


@dataclass(frozen=True)
class Answer:
    """Options in playing order with their lengths; `value` is in perfect frames, `bound` is proven to be no less than the best value."""

    chosen: tuple[tuple[Option, int], ...]
    value: float
    bound: float

    @property
    def gap(self) -> float:
        return max(0.0, self.bound - self.value) / abs(self.bound) if self.bound else 0.0


Aim = Literal["worth", "time", "difference"]


def solve(problem: Problem, aim: Aim = "worth", seed: int = 0, effort: float = 4.0) -> Answer | None:
    """The best choice, or nothing where no choice obeys the rules.

    Aim "worth" maximises worth times natural length, less `balance` for every frame by which a slot misses its share and a perfect frame for
    every frame by which the whole must be held longer or shorter than is natural, plus what the groups earn. Aim "time"
    fills as much of `frames` as can be filled; aim "difference" shares as little as can be with the other that it shares most with (their
    limits do not bind then). One worker, a seed and deterministic time: the same answer on every run.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in problem.options]
    shots = {option.shot for option in problem.options}
    shown = {shot: sum(x for x, option in zip(chosen, problem.options, strict=True) if option.shot == shot) for shot in sorted(shots)}
    if not problem.locked <= shots:
        return None
    for shot, use in shown.items():
        model.add(use == 1 if shot in problem.locked else use <= 1)
    for one, other in problem.alike:
        if one in shots and other in shots and not {one, other} <= problem.locked:
            model.add(shown[one] + shown[other] <= 1)
    if problem.story:
        _tell_in_order(model, problem, chosen)
    total, shared = _lengths(model, problem, chosen)
    if aim == "time":
        model.add(total <= problem.frames)
        model.maximize(total)
    elif aim == "difference":
        model.add(total == problem.frames)
        most = model.new_int_var(0, problem.frames, "")
        for time in shared:
            model.add(most >= time)
        model.minimize(most * len(shared) + sum(shared))
    else:
        model.add(total == problem.frames)
        for time, other in zip(shared, problem.others, strict=True):
            model.add(time <= other.limit)
        model.maximize(_worth(model, problem, chosen, shown))

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.relative_gap_limit = NEAR
    solver.parameters.linearization_level = 2  # without all constraints in the relaxation the bound stays far off (0.38 against 0.00)
    for patience in (1, 10):
        solver.parameters.max_deterministic_time = effort * patience
        status = solver.solve(model)
        if status != cp_model.UNKNOWN:
            break
    else:
        raise PlanError(f"no trailer was found among {len(problem.options)} possible uses of moments: give the solver more effort ({effort = })")
    if status == cp_model.INFEASIBLE:
        return None
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise PlanError(f"the solver could not read the problem: {solver.status_name(status)}")
    found = [option for x, option in zip(chosen, problem.options, strict=True) if solver.boolean_value(x)]
    found.sort(key=lambda option: (option.slot, option.moment))
    frames = problem.frames if aim != "time" else round(solver.objective_value)
    lengths = fit(found, frames, problem.others if aim == "worth" else (), seed)
    return Answer(tuple(zip(found, lengths, strict=True)), solver.objective_value / UNIT, solver.best_objective_bound / UNIT)


def fit(options: Sequence[Option], frames: int, others: Sequence[Other], seed: int = 0) -> tuple[int, ...]:
    """Lengths that fill `frames` exactly and keep the others' limits, so that the pick that is furthest from its natural length, in
    proportion, is as near as can be, and all together too."""
    from ortools.sat.python import cp_model

    if not options:
        return ()
    model = cp_model.CpModel()
    lengths = [model.new_int_var(option.shortest, option.longest, "") for option in options]
    model.add(sum(lengths) == frames)
    for other in others:
        model.add(sum(length for length, option in zip(lengths, options, strict=True) if option.moment in other.moments) <= other.limit)
    bent = [model.new_int_var(0, 100 * UNIT, "") for _ in options]
    most = model.new_int_var(0, 100 * UNIT, "")
    for length, option, bend in zip(lengths, options, bent, strict=True):
        part = round(UNIT / option.natural) or 1
        model.add(bend >= part * (length - option.natural))
        model.add(bend >= part * (option.natural - length))
        model.add(most >= bend)
    model.minimize(most * len(options) + sum(bent))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.max_deterministic_time = 10.0
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise PlanError(f"{len(options)} picks could not be fitted to {frames} frames: they last {sum(o.natural for o in options)}")
    return tuple(int(solver.value(length)) for length in lengths)


def _tell_in_order(model: "cp_model.CpModel", problem: Problem, chosen: "list[cp_model.IntVar]") -> None:
    """For every slot after the second, the story has a point before which it takes nothing and from which the slots before it take nothing."""
    shots = sorted({option.shot for option in problem.options})
    slots = range(2, len(problem.shares))
    begun = {(slot, shot): model.new_bool_var("") for slot in slots for shot in shots}
    for slot in slots:
        for shot, after in zip(shots, shots[1:], strict=False):
            model.add_implication(begun[slot, shot], begun[slot, after])
        if slot - 1 in slots:
            for shot in shots:
                model.add_implication(begun[slot, shot], begun[slot - 1, shot])
    for x, option in zip(chosen, problem.options, strict=True):
        if option.slot in slots:
            model.add_implication(x, begun[option.slot, option.shot])
        if option.slot >= 1 and option.slot + 1 in slots:
            model.add_implication(x, begun[option.slot + 1, option.shot].negated())


def _lengths(
    model: "cp_model.CpModel", problem: Problem, chosen: "list[cp_model.IntVar]"
) -> "tuple[cp_model.LinearExpr, list[cp_model.LinearExpr]]":
    """The time that the chosen options fill and the time that each other shares, all between shortest and longest as needed."""
    again = frozenset[int]().union(*(other.moments for other in problem.others))
    moments = sorted({option.moment for option in problem.options if option.moment in again})
    parts = {moment: model.new_int_var(0, problem.frames, "") for moment in moments}
    free = model.new_int_var(0, problem.frames, "")
    for moment, length in [*parts.items(), (None, free)]:
        uses = [
            (x, option)
            for x, option in zip(chosen, problem.options, strict=True)
            if (option.moment == moment if moment is not None else option.moment not in again)
        ]
        model.add(length >= sum(option.shortest * x for x, option in uses))
        model.add(length <= sum(option.longest * x for x, option in uses))
    return free + sum(parts.values()), [sum(parts[m] for m in moments if m in other.moments) + 0 * free for other in problem.others]


def _worth(
    model: "cp_model.CpModel", problem: Problem, chosen: "list[cp_model.IntVar]", shown: "dict[int, cp_model.LinearExpr]"
) -> "cp_model.LinearExpr":
    uses = list(zip(chosen, problem.options, strict=True))
    most = sum(option.natural for option in problem.options) + problem.frames
    worth = sum(round(UNIT * option.worth * option.natural) * x for x, option in uses)
    bent = model.new_int_var(0, most, "")
    natural = sum(option.natural * x for x, option in uses)
    model.add(bent >= natural - problem.frames)
    model.add(bent >= problem.frames - natural)
    worth -= UNIT * bent
    for slot, share in enumerate(problem.shares):
        off = model.new_int_var(0, most, "")
        taken = sum(option.natural * x for x, option in uses if option.slot == slot)
        model.add(off >= taken - share - round(ROOM * problem.frames))
        model.add(off >= share - taken - round(ROOM * problem.frames))
        worth -= round(UNIT * problem.balance) * off
    for shots, earns in problem.groups:
        members = [shown[shot] for shot in sorted(shots) if shot in shown]
        again = model.new_int_var(0, max(0, len(members) - 1), "")  # a group earns for its first shot: for all, less all but one
        model.add(again >= sum(members) - 1)
        worth += round(UNIT * earns) * (sum(members) - again)
    return worth
