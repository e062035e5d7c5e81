"""Segments lend each other strength: little known ones most, and none that differ beyond doubt."""

import math

import numpy as np
import pytest

from trailers.experiment.statistics.pooling import pool

SCHOOLS = [(28, 15), (8, 10), (-3, 16), (7, 11), (-1, 9), (1, 11), (18, 10), (12, 18)]


def test_the_eight_schools_are_as_in_the_books() -> None:
    """Gelman et al., Bayesian Data Analysis, table 5.3: the common effect about 8; school A's 28 comes down to 10 or 11; no
    school's effect is certain."""
    found = pool(SCHOOLS)
    assert found.common[0] == pytest.approx(8, abs=0.5)
    assert found.each[0][0] == pytest.approx(11, abs=1.0)
    assert found.each[2][0] == pytest.approx(6.5, abs=1.0)
    assert all(low < 0 < high for _, low, high in found.each)


def test_the_common_effect_is_near_that_of_random_effects_elsewhere() -> None:
    from statsmodels.stats.meta_analysis import combine_effects

    values, errors = np.array([0.02, 0.08, 0.05, -0.01, 0.06]), np.array([0.01, 0.02, 0.015, 0.01, 0.02])
    other = combine_effects(values, errors**2, method_re="pm")
    found = pool(list(zip(values.tolist(), errors.tolist(), strict=True)))
    assert found.common[0] == pytest.approx(other.mean_effect_re, abs=0.003)
    assert found.between == pytest.approx(math.sqrt(other.tau2), rel=0.5)


def test_a_segment_known_badly_is_drawn_most() -> None:
    found = pool([(0.10, 0.01), (0.12, 0.01), (0.11, 0.01), (0.50, 0.20)])
    assert found.each[3][0] < 0.16
    assert found.each[0][0] == pytest.approx(0.10, abs=0.01)


def test_segments_that_differ_beyond_doubt_stay_apart() -> None:
    found = pool([(-0.20, 0.01), (0.00, 0.01), (0.20, 0.01)])
    assert [value for value, _, _ in found.each] == pytest.approx([-0.20, 0.0, 0.20], abs=0.005)


def test_a_segment_without_an_error_gets_what_the_others_have_in_common() -> None:
    found = pool([(0.1, 0.02), (0.14, 0.02), (math.nan, math.nan)])
    assert found.each[2][0] == pytest.approx(found.common[0])
    assert found.each[2][2] - found.each[2][1] > found.common[2] - found.common[1]


def test_one_segment_is_what_it_is_and_none_is_nothing() -> None:
    assert pool([(0.1, 0.02)]).each[0] == pytest.approx((0.1, 0.1 - 0.0392, 0.1 + 0.0392), abs=1e-5)
    assert pool([(math.nan, math.inf)]).each[0][1:] == (-math.inf, math.inf)
    assert pool([]).each == ()


def test_neither_order_nor_unit_matters() -> None:
    found, back = pool(SCHOOLS), pool(SCHOOLS[::-1])
    assert [each[0] for each in back.each[::-1]] == pytest.approx([each[0] for each in found.each])
    small = pool([(value / 1000, error / 1000) for value, error in SCHOOLS])
    assert small.each[0] == pytest.approx(tuple(number / 1000 for number in found.each[0]), rel=1e-6)


def test_intervals_hold_the_truth_as_often_as_they_say_and_values_are_nearer() -> None:
    rng, errors = np.random.default_rng(0), np.linspace(0.5, 1.5, 5)
    held, ours, own = [], [], []
    for _ in range(60):
        truth = 1 + 0.7 * rng.standard_normal(5)
        seen = truth + errors * rng.standard_normal(5)
        found = pool(list(zip(seen.tolist(), errors.tolist(), strict=True)))
        held += [low <= true <= high for true, (_, low, high) in zip(truth, found.each, strict=True)]
        ours.append(np.mean((truth - [value for value, _, _ in found.each]) ** 2))
        own.append(np.mean((truth - seen) ** 2))
    assert 0.9 < np.mean(held) <= 1
    assert np.mean(ours) < 0.75 * np.mean(own)
