"""Where no choice obeys the rules: which of them cannot hold together, and the nearest request that can be met."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from trailers.errors import PlanError
from trailers.ranking.choice.posting import post, solver
from trailers.ranking.choice.problem import Option, Problem
from trailers.ranking.choice.terms import CUT, EXPLORED, LOCKS, ONCE, STORY, TIME, UNLIKE, difference, in_order

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

HARD = ONCE, STORY  # what never gives way: without the one there is no trailer, without the other another one was asked for


@dataclass(frozen=True)
class Gave:
    """A rule that gave way: `asked` and `got` are frames (time, differences, caps, who is seen by when), or how many: moments
    explored, locked shots shown, shots shown beside one that looks alike, moments that the longer trailer does not show."""

    rule: str
    asked: int
    got: int


@dataclass(frozen=True)
class Nearest:
    """A problem that can be solved, as near as can be to the one that was asked for, and what gave way. `start` is a choice that
    obeys it."""

    problem: Problem
    gave: tuple[Gave, ...]
    start: tuple[Option, ...]


def conflict(problem: Problem, seed: int = 0, effort: float = 4.0) -> tuple[str, ...]:
    """The names of rules that cannot hold together, as few as can be: with any one of them gone there would be a choice.

    Nothing where a choice obeys all of them; that a shot is shown once is taken as given. Every rule holds under an assumption;
    the core of them that the solver needs is thinned by leaving out one after the other. A rule stays where that is not decided
    in `effort` (deterministic time).
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    literals: dict[str, cp_model.IntVar] = {}

    def assume(rule: str, amount: "cp_model.LinearExpr", low: int, high: int) -> None:
        if rule == ONCE:
            model.add_linear_constraint(amount, low, high)
            return
        literal = literals.setdefault(rule, model.new_bool_var(rule)) if rule not in literals else literals[rule]
        model.add_linear_constraint(amount, low, high).only_enforce_if(literal)

    post(_plain(problem), assume, model)

    def core(rules: Sequence[str]) -> Sequence[str] | None:
        """Those of the rules that are enough to leave nothing; nothing where a choice obeys them, or may."""
        model.clear_assumptions()
        model.add_assumptions([literals[rule] for rule in rules])
        search = solver(seed, effort)
        if search.solve(model) != cp_model.INFEASIBLE:
            return None
        found = set(search.sufficient_assumptions_for_infeasibility())
        return [rule for rule in rules if literals[rule].index in found] or rules

    left = core(list(literals))
    if left is None:
        return ()
    for rule in list(left):
        if rule in left and (fewer := core([other for other in left if other != rule])) is not None:
            left = fewer
    return tuple(left)


def nearest(problem: Problem, seed: int = 0, effort: float = 4.0, longer: bool = True) -> Nearest:
    """The problem with its rules loosened as little as can be.

    What gives way first is cheapest: a frame of a difference, of a cap, or by which someone is seen too late; then a moment to
    be explored, a shot that looks like another, a moment that the longer trailer does not show; then a frame of the time; a lock
    last. The time becomes no longer where it must not be `longer`. A PlanError where nothing can be shown at all.
    """
    from ortools.sat.python import cp_model

    plain, model = _plain(problem), cp_model.CpModel()
    price = dict(zip((EXPLORED, UNLIKE, CUT, TIME), (1, 2, 3, 10), strict=True)) | {LOCKS: 20 * problem.frames}
    costs: list[cp_model.LinearExpr] = []
    slack: dict[str, list[tuple[cp_model.IntVar, cp_model.IntVar]]] = {}

    def loosen(rule: str, amount: "cp_model.LinearExpr", low: int, high: int) -> None:
        if rule in HARD:
            model.add_linear_constraint(amount, low, high)
            return
        most = max(len(plain.options), sum(option.longest for option in plain.options))
        most = 0 if rule == TIME and not longer else most
        under, over = model.new_int_var(0, low, ""), model.new_int_var(0, most, "")
        model.add_linear_constraint(amount + under - over, low, high)
        costs.append((price[rule] * problem.frames if rule in price else 1) * (under + over))
        if low == high == 1 and rule not in price:  # never seen at all
            costs.append(2 * problem.frames * under)
        slack.setdefault(rule, []).append((under, over))

    posted = post(plain, loosen, model)
    model.add_at_least_one(posted.uses)
    model.minimize(cp_model.LinearExpr.sum(costs))
    search = solver(seed, effort)
    if search.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise PlanError(f"none of {len(problem.options)} options can be shown")
    start = sorted(
        (option for option, use in zip(plain.options, posted.uses, strict=True) if search.boolean_value(use)), key=in_order
    )
    missed = {rule: iter([(search.value(under), search.value(over)) for under, over in known]) for rule, known in slack.items()}
    return _loosened(problem, tuple(start), missed)


def _loosened(problem: Problem, start: tuple[Option, ...], missed: Mapping[str, Iterator[tuple[int, int]]]) -> Nearest:
    """The problem that a choice obeys which misses its rules by so much (under, over)."""
    gave: list[Gave] = []

    def by(rule: str, asked: int, got: int) -> int:
        if asked != got:
            gave.append(Gave(rule, asked, got))
        return got

    shown = {shot for option in start for shot in option.shots}
    moments = {option.moment for option in start}
    under, over = next(missed[TIME])
    frames = by(TIME, problem.frames, problem.frames - under + over)
    others = []
    for other in problem.others:
        more = next(missed[difference(other.name)])[1]
        others.append(replace(other, limit=by(difference(other.name), other.limit, other.limit + more)))
    caps = [replace(cap, most=by(cap.name, cap.most, cap.most + next(missed[cap.name])[1])) for cap in problem.caps]
    seen = []
    for one in problem.seen:
        (never, _), (_, late) = next(missed[one.name]), next(missed[one.name])
        latest = by(one.name, one.by, problem.frames if never else one.by + late)
        seen += [] if never else [replace(one, by=latest)]
    forced = problem.forced & moments
    by(EXPLORED, len(problem.forced), len(forced))
    twins = {(a, b) for one, two in combinations(start, 2) for a in one.shots for b in two.shots}
    doubled = [pair for pair in problem.alike if (pair in twins or pair[::-1] in twins) and not set(pair) <= problem.locked]
    by(UNLIKE, 0, len(doubled))
    kept = problem.kept
    if kept is not None:
        known = {moment for moment, _ in kept}
        beyond = {(option.moment, option.natural) for option in start if option.moment not in known}
        by(CUT, 0, len(beyond))
        kept |= beyond
    by(LOCKS, len(problem.locked), len(problem.locked & shown))
    return Nearest(
        replace(
            problem,
            frames=frames,
            shares=tuple(round(share * frames / problem.frames) for share in problem.shares),
            others=tuple(others),
            caps=tuple(caps),
            seen=tuple(seen),
            forced=forced,
            alike=tuple(pair for pair in problem.alike if pair not in set(doubled)),
            kept=kept,
            locked=problem.locked & shown,
        ),
        tuple(gave),
        start,
    )


def _plain(problem: Problem) -> Problem:
    """The problem with one option for those that no rule tells apart: the one that can be shorter and longer than the rest."""
    known = problem.forced.union(moment for moment, _ in problem.kept or ())
    alike: dict[tuple[object, ...], list[Option]] = {}
    for option in problem.options:
        again = tuple(option.moment in other.moments for other in problem.others)
        key = option.shots, option.slot, option.moment if option.moment in known else -1, again
        alike.setdefault(key, []).append(option)
    kept = []
    for options in alike.values():
        longest = -1
        for option in sorted(options, key=lambda option: (option.shortest, -option.longest, option.moment)):
            if option.longest > longest:
                kept.append(option)
                longest = option.longest
    return replace(problem, options=tuple(sorted(kept, key=in_order)))
