"""The choice is the best there is: what trying every choice finds."""

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest

from trailers.errors import PlanError
from trailers.ranking.choice import Group, Option, Other, Problem, solve
from trailers.ranking.lengths import fit
from trailers.ranking.terms import SPARE


def best_by_trying_all(problem: Problem) -> float:
    """The value of the best choice, from every set of shots in every slots (no others, no locks)."""
    best = -float("inf")
    shots = sorted({shot for option in problem.options for shot in option.shots})
    for size in range(1, len(shots) + 1):
        for some in combinations(shots, size):
            if any({one, two} <= set(some) for one, two in problem.alike):
                continue
            for picks in product(*([option for option in problem.options if option.shots == (shot,)] for shot in some)):
                slots = [pick.slot for pick in picks if pick.slot]
                in_order = slots == sorted(slots)
                reachable = sum(p.shortest for p in picks) <= problem.frames <= sum(p.longest for p in picks)
                if not reachable or (problem.story and not in_order):
                    continue
                natural = sum(p.natural for p in picks)
                value = sum(p.worth * p.natural for p in picks)
                value -= max(0, natural - problem.frames) + max(0, problem.frames - natural) / 4
                for slot, share in enumerate(problem.shares):
                    off = abs(sum(p.natural for p in picks if p.slot == slot) - share)
                    value -= problem.balance * max(0, off - round(SPARE * problem.frames))
                value += sum(group.earns for group in problem.groups if group.shots & set(some))
                best = max(best, value)
    return best


@pytest.mark.parametrize("seed", range(6))
def test_finds_what_trying_every_choice_finds(seed: int) -> None:
    chance = np.random.default_rng(seed)
    options = []
    for shot in range(6):
        for slot in range(3):
            natural = int(chance.integers(20, 60))
            options.append(Option((shot,), shot, slot, natural - 8, natural, natural + 8, round(float(chance.uniform()), 2)))
    problem = Problem(
        tuple(options),
        frames=130,
        shares=(30, 60, 40),
        balance=0.3,
        groups=(Group("scene", frozenset({0, 1, 2}), 5.0), Group("scene", frozenset({3, 4}), 12.0)),
        alike=((1, 4), (2, 3)),
        story=bool(seed % 2),
    )
    answer = solve(problem)
    assert answer is not None
    best = best_by_trying_all(problem)
    assert answer.value == pytest.approx(best, rel=0.004)
    assert answer.bound >= best - 0.01
    assert answer.gap <= 0.004
    assert sum(length for _, length in answer.chosen) == problem.frames


def test_a_better_choice_forgone_shows_in_the_brute_force() -> None:
    problem = Problem((Option((0,), 0, 0, 9, 10, 11, 0.9), Option((1,), 1, 0, 9, 10, 11, 0.2)), frames=10, shares=(10,))
    answer = solve(replace(problem, locked=frozenset({1})))
    assert answer is not None
    assert answer.value < best_by_trying_all(problem)


def test_lengths_stay_near_what_is_natural_and_within_what_may_be_shared() -> None:
    options = [Option((n,), n, 0, 10, 20, 40, 1.0) for n in range(3)]
    problem = Problem(tuple(options), frames=60, shares=(60,))
    assert fit(problem, options) == (20, 20, 20)
    assert fit(replace(problem, frames=66), options) == (22, 22, 22)
    assert fit(replace(problem, others=(Other("a", frozenset({0}), 12),)), options) == (12, 24, 24)
    with pytest.raises(PlanError, match="cannot fill 200 frames"):
        fit(replace(problem, frames=200), options)
