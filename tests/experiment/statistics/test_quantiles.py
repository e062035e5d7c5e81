"""Medians and the like: intervals from values in order hold the truth, for values that many share too."""

import math

import numpy as np
import pytest

from trailers.experiment.statistics.difference import Difference
from trailers.experiment.statistics.quantiles import Limits, difference, places

ONCE = 1.96


def compared(control: np.ndarray, own: np.ndarray, q: float) -> Difference:
    arms = []
    for values in (control, own):
        low, high = places(len(values), q, ONCE)
        arms.append(Limits(len(values), *map(float, np.quantile(values, [low, q, high]))))
    return difference(arms[0], arms[1], ONCE)


@pytest.mark.parametrize("q", [0.5, 0.9])
def test_intervals_hold_the_truth_as_often_as_they_say(q: float) -> None:
    rng = np.random.default_rng(0)
    truth = float(np.quantile(rng.lognormal(0.2, 1, 2_000_000), q) - np.quantile(rng.lognormal(0, 1, 2_000_000), q))
    held = [
        each.low <= truth <= each.high
        for each in (compared(rng.lognormal(0, 1, 300), rng.lognormal(0.2, 1, 200), q) for _ in range(1500))
    ]
    assert 0.93 < np.mean(held) < 0.985


def test_the_error_is_that_of_repeated_experiments() -> None:
    rng = np.random.default_rng(1)
    found = [compared(rng.lognormal(0, 1, 400), rng.lognormal(0, 1, 400), 0.5) for _ in range(400)]
    assert np.mean([each.se for each in found]) == pytest.approx(np.std([each.effect for each in found]), rel=0.15)
    assert np.mean([each.p < 0.05 for each in found]) < 0.09


def test_whole_minutes_that_many_share_have_an_interval_too() -> None:
    rng = np.random.default_rng(2)
    found = compared(rng.poisson(3, 500).astype(float), rng.poisson(6, 500).astype(float), 0.5)
    assert found.low <= 3 <= found.high
    assert found.p < 0.05


def test_a_relative_effect_needs_values_above_nothing() -> None:
    assert math.isnan(compared(np.zeros(50), np.ones(50), 0.5).relative)
    found = compared(np.linspace(1, 2, 500), np.linspace(2, 4, 500), 0.5)
    assert found.relative == pytest.approx(1.0)
    assert found.relative_low < 1 < found.relative_high


def test_of_one_unit_nothing_is_known() -> None:
    found = difference(Limits(1, 0.0, 3.0, 9.0), Limits(50, 0.0, 3.0, 9.0), ONCE)
    assert found.se == math.inf


def test_places_stay_within_the_values() -> None:
    assert places(10, 0.95, 3.0)[1] == 1.0
    assert places(10, 0.05, 3.0)[0] == 0.0
    assert places(0, 0.5, 3.0) == (0.0, 1.0)
    narrow, wide = places(10_000, 0.5, 1.96), places(10_000, 0.5, 3.04)
    assert wide[0] < narrow[0] < 0.5 < narrow[1] < wide[1]
