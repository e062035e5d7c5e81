"""A problem's rules and worth told to OR-Tools CP-SAT, each rule by its name: as they are, under assumptions, or at a price."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from trailers.ranking.choice.problem import Option, Problem
from trailers.ranking.choice.terms import KEPT, STORY, Limit, earnings, limits

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    Hold = Callable[
        [str, "cp_model.LinearExpr", int, int], None
    ]  # rule, amount, low, high: sees to it that the amount stays between

UNIT = 1000  # the solver counts in whole numbers: a perfect frame is worth so much


@dataclass(frozen=True)
class Posted:
    """What the model decides: `uses` (one an option), whether its moment is shown just as the longer trailer shows it (`same`, of
    those options that can be)."""

    problem: Problem
    model: "cp_model.CpModel"
    uses: "Sequence[cp_model.IntVar]"
    same: "Mapping[int, cp_model.IntVar]" = field(default_factory=dict)

    def sum(self, uses: Sequence[int], amounts: Sequence[int] | None = None) -> "cp_model.LinearExpr":
        """How many of the options numbered `uses` are chosen, or what their amounts add up to."""
        from ortools.sat.python import cp_model

        chosen = [self.uses[n] for n in uses]
        return cp_model.LinearExpr.sum(chosen) if amounts is None else cp_model.LinearExpr.weighted_sum(chosen, amounts)


def post(problem: Problem, hold: "Hold | None" = None, model: "cp_model.CpModel | None" = None) -> Posted:
    """A model with all rules of a problem. Where `hold` is given, it is what keeps an amount between its bounds; else they are
    plain constraints."""
    from ortools.sat.python import cp_model

    model = model or cp_model.CpModel()
    uses = [model.new_bool_var("") for _ in problem.options]
    kept, same = dict(problem.kept or ()), {}
    for n, option in enumerate(problem.options):
        if option.shortest <= kept.get(option.moment, 0) <= option.longest:
            same[n] = model.new_bool_var("")
            model.add_implication(same[n], uses[n])
    posted = Posted(problem, model, uses, same)

    def plain(rule: str, amount: "cp_model.LinearExpr", low: int, high: int) -> None:
        model.add_linear_constraint(amount, low, high)

    hold = hold or plain
    known = limits(problem)
    lasting = _lengths(posted, [limit for limit in known if limit.timed])
    for limit in known:
        if limit.timed:
            hold(
                limit.rule,
                cp_model.LinearExpr.sum([lasting[n] for n in sorted(set(limit.uses) & lasting.keys())]),
                limit.low,
                limit.high,
            )
        else:
            hold(limit.rule, posted.sum(limit.uses), limit.low, limit.high)
    if problem.story:
        _tell_in_order(posted, hold)
    for seen in problem.seen:
        _see_early(posted, hold, seen.name, seen.shots, seen.by, lasting)
    return posted


def value(posted: Posted) -> "cp_model.LinearExpr":
    """What the model's choice is worth, in whole `UNIT`s of a perfect frame: rounded up, so that a bound on it is a bound on what
    it stands for."""
    from ortools.sat.python import cp_model

    problem, model = posted.problem, posted.model
    terms: list[cp_model.LinearExpr] = [
        posted.sum(range(len(posted.uses)), [_up(option.worth * option.natural) for option in problem.options])
    ]
    terms += [_up(KEPT * length) * posted.same[n] for n, length in _kept(problem) if n in posted.same]
    for earning in earnings(problem):
        terms.append(model.new_constant(_up(earning.most)))
        amount, most = posted.sum(earning.uses, earning.amounts), sum(earning.amounts)
        for price, excess, room in (
            (earning.below, earning.low - amount, earning.low),
            (earning.above, amount - earning.high, most - earning.high),
        ):
            if price and room > 0:
                off = model.new_int_var(0, room, "")
                model.add(off >= excess)
                terms.append(-int(UNIT * price) * off)
    return cp_model.LinearExpr.sum(terms)


def solver(seed: int, effort: float, near: float = 0.0) -> "cp_model.CpSolver":
    """CP-SAT so that the same model gets the same answer on every machine: one worker, a seed, deterministic time."""
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.max_deterministic_time = effort
    solver.parameters.relative_gap_limit = near
    solver.parameters.add_lp_constraints_lazily = False  # a third faster with the whole relaxation at once
    solver.parameters.linearization_level = 2  # with fewer constraints in the relaxation the bound stays far off
    return solver


def _up(worth: float) -> int:
    return -int(-UNIT * worth // 1)


def _kept(problem: Problem) -> Iterator[tuple[int, int]]:
    """The options whose moment the longer trailer shows, with its length there."""
    kept = dict(problem.kept or ())
    return ((n, kept[option.moment]) for n, option in enumerate(problem.options) if option.moment in kept)


def _lengths(posted: Posted, timed: Sequence[Limit]) -> "Mapping[int, cp_model.LinearExpr]":
    """The time that the chosen options fill, by class: options that no limit tells apart share a length (at their first number),
    between the sums of their shortest and longest. Where it matters what comes before what, every shot in every slot is a
    class."""
    problem, model = posted.problem, posted.model
    within = [set(limit.uses) for limit in timed]
    kept = dict(_kept(problem))
    classes: dict[tuple[object, ...], list[int]] = {}
    for n, option in enumerate(problem.options):
        key = tuple(n in uses for uses in within)
        classes.setdefault((*key, _cell(option)) if problem.seen else key, []).append(n)
    lasting: dict[int, cp_model.LinearExpr] = {}
    for numbers in classes.values():
        length = model.new_int_var(0, max(sum(problem.options[n].longest for n in numbers), 1), "")
        same = [n for n in numbers if n in posted.same]
        least = posted.sum(numbers, [problem.options[n].shortest for n in numbers])
        most = posted.sum(numbers, [problem.options[n].longest for n in numbers])
        for n in same:
            least += (kept[n] - problem.options[n].shortest) * posted.same[n]
            most -= (problem.options[n].longest - kept[n]) * posted.same[n]
        model.add(length >= least)
        model.add(length <= most)
        lasting[numbers[0]] = length
    return lasting


def _cell(option: Option) -> tuple[int, int]:
    return option.slot, option.shots[0]


def _cells(problem: Problem) -> dict[tuple[int, int], list[int]]:
    """The options of each slot by their first shot, in playing order."""
    found: dict[tuple[int, int], list[int]] = {}
    for n, option in enumerate(problem.options):
        found.setdefault(_cell(option), []).append(n)
    return dict(sorted(found.items()))


def _tell_in_order(posted: Posted, hold: "Hold") -> None:
    """For every slot after the second, the story has a point before which it takes nothing, after which those before it do
    not."""
    problem, model = posted.problem, posted.model
    shots = sorted({shot for option in problem.options for shot in option.shots})
    slots = range(2, len(problem.shares))
    never, always = model.new_constant(0), model.new_constant(1)
    begun = {(slot, shot): model.new_bool_var("") for slot in slots for shot in shots}
    for slot in slots:
        for shot, after in pairwise(shots):
            model.add_implication(begun[slot, shot], begun[slot, after])
        if slot > 2:
            for shot in shots:
                model.add_implication(begun[slot, shot], begun[slot - 1, shot])
    for (slot, shot), numbers in _cells(problem).items():
        if slot:
            room = begun.get((slot, shot), always) - begun.get((slot + 1, shot), never)
            hold(STORY, posted.sum(numbers) - room, -1, 0)
        for n in numbers if slot + 1 in slots and slot else ():
            if (last := problem.options[n].shots[-1]) != shot:
                hold(STORY, posted.uses[n] + begun[slot + 1, last], 0, 1)


def _see_early(
    posted: Posted, hold: "Hold", rule: str, shots: frozenset[int], by: int, lasting: "Mapping[int, cp_model.LinearExpr]"
) -> None:
    """One of the picks that begin with one of `shots` is the one that is meant: what plays before it lasts until `by` at most.

    A running sum over slots and shots says whether it has come; a length counts as long as it has not.
    """
    from ortools.sat.python import cp_model

    problem, model = posted.problem, posted.model
    come: cp_model.LinearExpr = model.new_constant(0)
    before = []
    for (_, shot), numbers in _cells(problem).items():
        if shot in shots:
            meant, came = model.new_bool_var(""), model.new_bool_var("")
            model.add(posted.sum(numbers) >= meant)
            model.add(came == come + meant)
            come = came
        most = sum(problem.options[n].longest for n in numbers)
        waited = model.new_int_var(0, most, "")
        lengths = [lasting[n] for n in numbers if n in lasting]
        model.add(waited >= cp_model.LinearExpr.sum(lengths) - most * come)
        before.append(waited)
    hold(rule, come, 1, 1)
    hold(rule, cp_model.LinearExpr.sum(before), 0, by)
