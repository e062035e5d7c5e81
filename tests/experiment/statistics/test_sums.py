"""Sums over units say the same as the units themselves, however they were added up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailers.experiment.statistics.sums import Sums

LETTERS = ("y", "z", "x")
rows = st.lists(st.tuples(*[st.floats(-100, 100)] * 3), min_size=1, max_size=30)


def summed(units: list[tuple[float, ...]]) -> Sums:
    y, z, x = np.array(units).T
    products = (y, y * y, z, z * z, y * z, x, x * x, x * y, x * z)
    return Sums(len(units), *(float(each.sum()) for each in products))


@given(rows, rows)
def test_sums_of_two_days_are_the_sums_of_both(one: list[tuple[float, ...]], other: list[tuple[float, ...]]) -> None:
    both, whole = summed(one) + summed(other), summed(one + other)
    for letter in LETTERS:
        assert both.mean(letter) == pytest.approx(whole.mean(letter), abs=1e-9)
    assert both.covariance("y", "x") == pytest.approx(whole.covariance("y", "x"), abs=1e-6)


@given(rows)
def test_means_and_covariances_are_those_of_the_units(units: list[tuple[float, ...]]) -> None:
    found, table = summed(units), np.array(units).T
    for number, letter in enumerate(LETTERS):
        assert found.mean(letter) == pytest.approx(table[number].mean(), abs=1e-9)
        for beside, other in enumerate(LETTERS):
            true = np.cov(table[number], table[beside])[0, 1] if len(units) > 1 else 0.0
            assert found.covariance(letter, other) == pytest.approx(true, abs=1e-6)


def test_rounding_never_makes_a_variance_below_nothing() -> None:
    assert Sums(3, 0.3, 0.03 - 1e-18).covariance("y", "y") >= 0


def test_nobody_has_no_mean() -> None:
    assert np.isnan(Sums(0).mean())
