"""Measures: equal to brute force on small lists, to known answers, and as sure as the groups are many."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from trailers.ranking.proof.measures import average_precision, interval, kendall, ndcg, paired, spearman

lists = some.lists(some.tuples(some.integers(0, 4), some.integers(0, 2)), min_size=1, max_size=6)


def orders(scores: np.ndarray) -> list[np.ndarray]:
    """Every order of the rows that the scores allow, best first."""
    return [np.array(p) for p in permutations(range(len(scores))) if (np.diff(scores[list(p)]) <= 0).all()]


def plain_ndcg(gains: np.ndarray, depth: int) -> float:
    discount = 1 / np.log2(np.arange(2, len(gains) + 2)) * (np.arange(len(gains)) < depth)
    best = np.sort(gains)[::-1] @ discount
    return float(gains @ discount / best) if best else 1.0


def plain_precision(relevant: np.ndarray) -> float:
    at = np.flatnonzero(relevant)
    return float(np.mean((np.arange(len(at)) + 1) / (at + 1)))


@settings(max_examples=60, deadline=None)
@given(lists, some.integers(1, 7))
def test_equal_scores_count_as_all_their_orders_on_average(rows: list[tuple[int, int]], depth: int) -> None:
    gains, scores = np.array(rows, float).T
    assert ndcg(gains, scores, depth) == pytest.approx(np.mean([plain_ndcg(gains[o], depth) for o in orders(scores)]))
    if (gains > 1).any():
        expected = np.mean([plain_precision(gains[o] > 1) for o in orders(scores)])
        assert average_precision(gains > 1, scores) == pytest.approx(expected)


def test_ndcg_is_1_for_the_best_order_only() -> None:
    gains = np.array([3.0, 0.0, 7.0, 1.0])
    assert ndcg(gains, gains) == 1
    found = [ndcg(gains, np.array(order, float), depth=2) for order in permutations(range(4))]
    assert max(found) == 1
    assert sorted(found)[-3] < 1
    assert min(found) == pytest.approx((0 + 1 / np.log2(3)) / (7 + 3 / np.log2(3)))
    assert ndcg(np.zeros(4), gains) == 1


def test_average_precision_of_a_known_list() -> None:
    assert average_precision(np.array([1, 0, 1, 0, 0]), np.array([5, 4, 3, 2, 1])) == pytest.approx((1 + 2 / 3) / 2)
    assert np.isnan(average_precision(np.zeros(3), np.arange(3)))


def test_rank_correlations_of_known_lists() -> None:
    rising = np.array([1.0, 2, 3, 4])
    assert kendall(rising, rising) == pytest.approx(1) == pytest.approx(spearman(rising, rising))
    assert kendall(rising, -rising) == pytest.approx(-1) == pytest.approx(spearman(rising, -rising))
    assert kendall(rising, np.array([1.0, 3, 2, 4])) == pytest.approx(4 / 6)
    assert spearman(rising, np.array([1.0, 3, 2, 4])) == pytest.approx(0.8)
    assert kendall(rising, np.ones(4)) == spearman(rising, np.ones(4)) == 0


def test_the_interval_holds_the_mean_of_what_groups_are_drawn_from_in_95_of_100_cases() -> None:
    random = np.random.default_rng(0)
    held = 0
    for case in range(200):
        found = interval(random.exponential(1.0, 60), seed=case, draws=400)
        held += found.low <= 1.0 <= found.high
    assert 0.89 <= held / 200 <= 0.98


def test_four_times_the_groups_halve_the_interval() -> None:
    values = np.random.default_rng(1).normal(0, 1, 800)
    few, many = interval(values[:200]), interval(values)
    assert (few.high - few.low) / (many.high - many.low) == pytest.approx(2, rel=0.15)


def test_groups_that_know_of_each_other_are_drawn_together() -> None:
    values = np.repeat(np.random.default_rng(2).normal(0, 1, 50), 16)
    alone, drawn = interval(values), interval(values, together=np.repeat(np.arange(50), 16))
    assert drawn.mean == pytest.approx(alone.mean)
    assert (drawn.high - drawn.low) / (alone.high - alone.low) == pytest.approx(4, rel=0.2)


def test_a_difference_is_taken_group_by_group() -> None:
    random = np.random.default_rng(3)
    group = random.normal(0, 10, 100)
    above = paired(group + 1 + random.normal(0, 0.1, 100), group)
    assert 0.9 < above.low < above.mean < above.high < 1.1
    assert paired(group, group) == (0, 0, 0)


def test_the_same_seed_gives_the_same_interval_and_no_group_none() -> None:
    values = np.array([0.1, np.nan, 0.5, 0.9])
    assert interval(values, seed=4) == interval(values, seed=4)
    assert interval(values).mean == pytest.approx(0.5)
    assert np.isnan(interval(np.array([np.nan]))).all()
