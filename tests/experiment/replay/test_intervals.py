"""Intervals hold the truth as often as they say, for many rewards and for few, where normal ones do not."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from trailers.experiment.replay.intervals import Interval, Parts, bootstrap, few, interval, many, plain


def parts(weight: np.ndarray, reward: np.ndarray, most: float | None = None) -> Parts:
    """An estimate by weights alone, a unit a decision."""
    gained, one = weight * reward, np.ones(len(weight))
    heaviest = float(weight.max()) if most is None else most
    return Parts(gained, 0 * one, 0 * one, one, gained, one, heaviest * float(reward.max(initial=1.0)), 0.0, True, len(one))


def held(make: Callable[[Parts], Interval], rate: float, count: int, heavy: float, rounds: int = 300) -> float:
    """How often the interval holds the truth, where a weight is `heavy` with the chance 1 / heavy squared and else even."""
    random, hits = np.random.default_rng(0), 0
    chance = 1 / heavy**2
    light = (1 - heavy * chance) / (1 - chance)
    for _ in range(rounds):
        weight = np.where(random.random(count) < chance, heavy, light)
        found = make(parts(weight, (random.random(count) < rate).astype(float), heavy))
        hits += found.low <= rate <= found.high
    return hits / rounds


def test_few_rare_rewards_are_counted_because_normal_intervals_miss_the_truth() -> None:
    assert held(plain, 0.004, 1500, 12.0) < 0.90
    assert held(lambda each: interval(each), 0.004, 1500, 12.0) >= 0.94


def test_many_rewards_need_no_counting() -> None:
    assert 0.92 <= held(many, 0.3, 600, 3.0) <= 0.98
    assert interval(parts(np.ones(600), np.arange(600) % 3 == 0)).how == "skew-corrected"


def test_counting_one_weight_is_the_mid_p_interval_of_a_poisson_count() -> None:
    found = few(parts(np.ones(1000), (np.arange(1000) < 5).astype(float)))
    for rate, tail in ((found.low, 0.025), (found.high, 0.975)):
        assert poisson.sf(5, rate * 1000) + poisson.pmf(5, rate * 1000) / 2 == pytest.approx(tail, abs=1e-6)


def test_no_reward_at_all_still_has_an_upper_end() -> None:
    found = interval(parts(np.ones(1000), np.zeros(1000)))
    assert found.low == 0
    assert found.high * 1000 == pytest.approx(-np.log(0.05), abs=0.01)  # mid-p: P(0 events) / 2 = 2.5 %


def test_rewards_below_0_are_never_counted() -> None:
    one = np.ones(100)
    debts = Parts(-one, 0 * one, 0 * one, one, -one, one, 0.0, 0.0, False, 100)
    assert interval(debts).how == "skew-corrected"
    assert interval(debts).high == pytest.approx(-1)


def test_the_bootstrap_agrees_with_the_formula_and_with_itself() -> None:
    random = np.random.default_rng(0)
    sample = parts(random.uniform(0.5, 2, 3000), (random.random(3000) < 0.3).astype(float))
    (drawn, again), formula = bootstrap([sample, sample], seed=1), plain(sample)
    assert drawn == again == bootstrap([sample], seed=1)[0]
    assert drawn != bootstrap([sample], seed=2)[0]
    assert drawn.low == pytest.approx(formula.low, abs=0.005)
    assert drawn.high == pytest.approx(formula.high, abs=0.005)


def test_bags_of_units_spread_as_units_do() -> None:
    random = np.random.default_rng(0)
    large = parts(random.uniform(0.5, 2, 60_000), (random.random(60_000) < 0.3).astype(float))
    (drawn,) = bootstrap([large])
    assert drawn.high - drawn.low == pytest.approx(plain(large).high - plain(large).low, rel=0.1)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.floats(0.5, 0.99), st.floats(0.001, 0.009))
def test_a_higher_level_is_never_narrower(events: int, level: float, more: float) -> None:
    sample = parts(np.ones(2000), (np.arange(2000) < events).astype(float))
    for make in (few, many, plain):
        one, other = make(sample, level), make(sample, level + more)
        assert other.low <= one.low <= sample.value <= one.high <= other.high
