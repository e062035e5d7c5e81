"""The choice is the best there is, its bound is true of every option, and rules that cannot hold together are named."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, pairwise, product

import numpy as np
import pytest

from trailers.errors import PlanError
from trailers.ranking.choice import solve as choice
from trailers.ranking.choice.bound import bound
from trailers.ranking.choice.conflict import Gave, conflict, nearest
from trailers.ranking.choice.lengths import fit
from trailers.ranking.choice.solve import Cap, Group, Option, Other, Problem, Seen, solve
from trailers.ranking.choice.terms import CUT, EXPLORED, LOCKS, ONCE, SPARE, STORY, TIME, UNLIKE, broken, earnings, limits, parts

GENERAL = "the difference from 'general'"


def one(shots: tuple[int, ...] | int, slot: int, natural: int = 20, worth: float = 0.5, moment: int | None = None) -> Option:
    """An option that may last eight frames less or more than it would."""
    shots = (shots,) if isinstance(shots, int) else shots
    return Option(shots, shots[0] if moment is None else moment, slot, natural - 8, natural, natural + 8, worth)


def invented(seed: int, shots: int = 6, slots: int = 3) -> Problem:
    """A season so small that all its choices can be tried."""
    chance = np.random.default_rng(seed)
    options = tuple(
        one(shot, slot, int(chance.integers(20, 60)), round(float(chance.uniform()), 2))
        for shot in range(shots)
        for slot in range(slots)
    )
    groups = (
        Group("scene", frozenset({0, 1, 2}), 5.0),
        Group("scene", frozenset({3, 4}), 12.0),
        Group("face", frozenset({2}), 3.0),
    )
    return Problem(options, 130, (30, 60, 40), 0.3, groups, ((1, 4), (2, 3)), story=bool(seed % 2))


def possible(problem: Problem) -> Iterator[tuple[float, tuple[Option, ...]]]:
    """Every choice of single shots that fills the time, with its value: from every set of shots in every slots (no others, caps,
    or cut-downs)."""
    shots = sorted({shot for option in problem.options for shot in option.shots})
    for size in range(1, len(shots) + 1):
        for some in combinations(shots, size):
            if not problem.locked <= set(some) or any({a, b} <= set(some) for a, b in problem.alike):
                continue
            for picks in product(*([option for option in problem.options if option.shots == (shot,)] for shot in some)):
                slots = [pick.slot for pick in picks if pick.slot]
                reachable = sum(p.shortest for p in picks) <= problem.frames <= sum(p.longest for p in picks)
                if not reachable or (problem.story and slots != sorted(slots)) or not problem.forced <= {p.moment for p in picks}:
                    continue
                natural = sum(p.natural for p in picks)
                value = sum(p.worth * p.natural for p in picks)
                value -= max(0, natural - problem.frames) + max(0, problem.frames - natural) / 4
                for slot, share in enumerate(problem.shares):
                    off = abs(sum(p.natural for p in picks if p.slot == slot) - share)
                    value -= problem.balance * max(0, off - round(SPARE * problem.frames))
                    value -= problem.balance * share * all(p.slot != slot for p in picks)
                value += sum(group.earns for group in problem.groups if group.shots & set(some))
                yield value, picks


@pytest.mark.parametrize("seed", range(6))
def test_finds_what_trying_every_choice_finds(seed: int) -> None:
    problem = invented(seed)
    answer = solve(problem)
    assert answer is not None
    best = max(value for value, _ in possible(problem))
    assert answer.value == pytest.approx(best, rel=choice.NEAR)
    assert answer.bound >= best - 1e-6
    assert answer.gap <= choice.NEAR
    assert sum(length for _, length in answer.chosen) == problem.frames
    assert broken(problem, answer.chosen) == ()


@pytest.mark.parametrize("seed", range(4))
def test_finds_it_too_when_it_is_given_few_options_at_first(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "CORE", 3)
    problem = replace(invented(seed), locked=frozenset({5}))
    answer = solve(problem)
    assert answer is not None
    best = max(value for value, _ in possible(problem))
    assert answer.value == pytest.approx(best, rel=choice.NEAR)
    assert answer.bound >= best - 1e-6


@pytest.mark.parametrize("seed", range(6))
def test_no_choice_is_worth_more_than_the_bound_with_any_of_its_options(seed: int) -> None:
    problem = invented(seed)
    found = bound(problem, earnings(problem), limits(problem))
    numbers = {option: n for n, option in enumerate(problem.options)}
    best = np.full(len(numbers), -np.inf)
    for value, picks in possible(problem):
        for pick in picks:
            best[numbers[pick]] = max(best[numbers[pick]], value)
    assert (found.each >= best - 1e-6).all()
    assert found.value >= best.max() - 1e-6
    assert found.value <= 1.4 * best.max(), "so few picks leave it far off, but not so far"
    assert len(set(found.each.round(3))) > len(best) // 2, "it tells options apart"


def test_a_better_choice_forgone_shows_in_the_brute_force() -> None:
    problem = Problem((one(0, 0, 10, 0.9), one(1, 0, 10, 0.2)), frames=10, shares=(10,))
    answer = solve(replace(problem, locked=frozenset({1})))
    assert answer is not None
    assert answer.value < max(value for value, _ in possible(problem))


def test_the_parts_have_names_and_add_up_to_the_value() -> None:
    answer = solve(invented(1))
    assert answer is not None
    assert [name for name, _ in answer.parts] == ["moments", "length", "balance", "scene", "face"]
    assert answer.value == pytest.approx(sum(value for _, value in answer.parts))
    assert dict(answer.parts)["moments"] == pytest.approx(sum(o.worth * o.natural for o, _ in answer.chosen))
    assert dict(answer.parts)["length"] <= 0


def test_the_same_seed_gets_the_same_answer() -> None:
    assert solve(invented(3), seed=5) == solve(invented(3), seed=5)


def test_an_exchange_of_shots_that_look_alike_may_be_shown_but_not_beside_its_shots() -> None:
    exchange = one((1, 2, 3), 1, 40, 0.9)
    problem = Problem((exchange, one(2, 1, moment=5), one(4, 1, moment=6)), 60, (0, 60), alike=((1, 3),))
    answer = solve(problem)
    assert answer is not None
    assert [option.shots for option, _ in answer.chosen] == [(1, 2, 3), (4,)]
    assert broken(problem, answer.chosen) == ()


def test_an_exchange_ends_before_the_next_slot_begins() -> None:
    exchange, inside, after = one((1, 3), 1, 40, 0.9), one(2, 2, moment=2), one(4, 2, worth=0.1)
    problem = Problem((exchange, inside, after), 60, (0, 40, 20))
    answer = solve(problem)
    assert answer is not None
    assert [option for option, _ in answer.chosen] == [exchange, after]
    assert broken(problem, ((exchange, 40), (inside, 20))) == (STORY,)


def test_a_cut_down_shows_the_longer_trailers_moments_as_long_as_there_where_it_can() -> None:
    options = tuple(one(shot, 0) for shot in range(4))
    problem = Problem(options, 44, (44,), kept=frozenset({(0, 17), (1, 27), (2, 23)}))
    answer = solve(problem)
    assert answer is not None
    assert {(option.moment, length) for option, length in answer.chosen} == {(0, 17), (1, 27)}
    assert dict(answer.parts)["kept"] == pytest.approx(4.4)


def test_who_must_be_seen_early_is_seen_early() -> None:
    options = tuple(one(shot, slot, worth=0.9 if shot != 3 else 0.1) for shot in range(6) for slot in (0, 1))
    problem = Problem(options, 100, (50, 50), seen=(Seen("the hero", frozenset({3}), 14),))
    answer = solve(problem)
    assert answer is not None
    assert broken(problem, answer.chosen) == ()
    starts = [
        sum(length for _, length in answer.chosen[:n]) for n, (option, _) in enumerate(answer.chosen) if option.shots == (3,)
    ]
    assert starts[0] <= 14


def test_lengths_stay_near_what_is_natural_and_within_what_may_be_shared() -> None:
    options = [Option((n,), n, 0, 10, 20, 40, 1.0) for n in range(3)]
    problem = Problem(tuple(options), frames=60, shares=(60,))
    assert fit(problem, options) == (20, 20, 20)
    assert fit(replace(problem, frames=66), options) == (22, 22, 22)
    assert fit(replace(problem, others=(Other("a", frozenset({0}), 12),)), options) == (12, 24, 24)
    assert fit(problem, options, {1: 30})[1] == 30
    assert sum(fit(replace(problem, seen=(Seen("she", frozenset({2}), 25),)), options)[:2]) <= 25
    with pytest.raises(PlanError, match="cannot fill 200 frames"):
        fit(replace(problem, frames=200), options)


SIX = Problem(tuple(one(shot, slot, 20, 0.1 * shot) for shot in range(6) for slot in range(3)), 100, (30, 40, 30))
ALL_ALIKE = tuple(pair for pair in combinations(range(5), 2))
LATE = tuple(option for option in SIX.options if option.slot or option.shots[0] != 5)
REFUSED = {
    "too long": (replace(SIX, frames=400), {TIME}, {Gave(TIME, 400, 168)}),
    "too short": (replace(SIX, frames=20, locked=frozenset({1, 2})), {TIME, LOCKS}, {Gave(TIME, 20, 24)}),
    "no such shot": (replace(SIX, locked=frozenset({9})), {LOCKS}, {Gave(LOCKS, 1, 0)}),
    "alike": (replace(SIX, alike=ALL_ALIKE), {TIME, UNLIKE}, {Gave(UNLIKE, 0, 3)}),
    "the same": (replace(SIX, others=(Other("general", frozenset(range(6)), 40),)), {TIME, GENERAL}, {Gave(GENERAL, 40, 100)}),
    "capped": (
        replace(SIX, caps=(Cap("e1's share", frozenset(range(5)), 30),)),
        {TIME, "e1's share"},
        {Gave("e1's share", 30, 72)},
    ),
    "explored": (replace(SIX, forced=frozenset({3, 4}), alike=((3, 4),)), {UNLIKE, EXPLORED}, {Gave(EXPLORED, 2, 1)}),
    "cut": (replace(SIX, kept=frozenset({(1, 20), (2, 24)})), {TIME, CUT}, {Gave(CUT, 0, 2)}),
    "nobody": (replace(SIX, seen=(Seen("the hero", frozenset({77}), 10),)), {"the hero"}, {Gave("the hero", 10, 100)}),
    "too late": (
        replace(SIX, seen=(Seen("the hero", frozenset({5}), 10),), locked=frozenset({0, 1}), options=LATE),
        {LOCKS, STORY, "the hero"},
        {Gave("the hero", 10, 72)},
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_names_the_rules_that_cannot_hold_together_and_the_nearest_that_can(case: str) -> None:
    problem, rules, gave = REFUSED[case]
    assert solve(problem) is None
    assert set(conflict(problem)) == rules
    near = nearest(problem)
    assert set(near.gave) == gave
    answer = solve(near.problem, start=near.start)
    assert answer is not None
    assert broken(near.problem, answer.chosen) == ()
    assert set(broken(problem, answer.chosen)) <= {each.rule for each in near.gave}


def test_nothing_conflicts_and_nothing_gives_way_where_there_is_a_choice() -> None:
    assert conflict(SIX) == ()
    assert nearest(SIX).gave == ()
    assert nearest(SIX).problem == SIX


def test_the_time_gives_way_downwards_where_it_must_not_be_longer() -> None:
    stiff = tuple(replace(one(shot, 0), shortest=30, natural=30, longest=30) for shot in (0, 1))
    problem = Problem(stiff, 50, (50,))
    assert nearest(problem).gave == (Gave(TIME, 50, 60),)
    assert nearest(problem, longer=False).gave == (Gave(TIME, 50, 30),)


def test_every_broken_rule_is_seen_in_a_choice() -> None:
    a, b, c = one(1, 1), one(2, 1), one(3, 2)
    problem = replace(SIX, options=(a, b, c), frames=60)
    right = ((a, 20), (b, 20), (c, 20))
    assert broken(problem, right) == ()
    assert broken(problem, right[:2]) == (TIME,)
    assert broken(problem, ((a, 31), (b, 9), (c, 20))) == (TIME,)
    assert broken(problem, (right[1], right[0], right[2])) == (STORY,)
    assert broken(problem, ((a, 20), (replace(a, moment=9), 20), (c, 20))) == (ONCE,)
    assert broken(replace(problem, alike=((1, 2),)), right) == (UNLIKE,)
    assert broken(replace(problem, locked=frozenset({4})), right) == (LOCKS,)
    assert broken(replace(problem, forced=frozenset({4})), right) == (EXPLORED,)
    assert broken(replace(problem, kept=frozenset({(1, 20), (2, 20)})), right) == (CUT,)
    assert broken(replace(problem, others=(Other("general", frozenset({1, 2}), 39),)), right) == (GENERAL,)
    assert broken(replace(problem, caps=(Cap("e1's share", frozenset({1}), 19),)), right) == ("e1's share",)
    assert broken(replace(problem, seen=(Seen("she", frozenset({3}), 39),)), right) == ("she",)


def test_what_is_played_follows_slots_and_story() -> None:
    answer = solve(replace(SIX, balance=2.0))
    assert answer is not None
    assert all((x.slot, x.moment) < (y.slot, y.moment) for (x, _), (y, _) in pairwise(answer.chosen))
    assert dict(parts(SIX, answer.chosen))["moments"] > 0
