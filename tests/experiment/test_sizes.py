"""How many units it takes: textbook figures, simulated power, what looking daily costs."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailers.experiment.statistics import always, sizes

Z = NormalDist().inv_cdf(0.975) + NormalDist().inv_cdf(0.8)
RATES = st.floats(0.02, 0.5)
EFFECTS = st.floats(0.01, 0.5)


def test_a_textbooks_example_takes_as_many_as_the_book_says() -> None:
    """Fleiss, Levin and Paik (2003), table A.4, without the continuity correction: 10 % against 15 %: 686 in each arm."""
    assert sizes.needed(0.10, 0.5) == pytest.approx(2 * 686, abs=3)
    assert sizes.detectable(2 * 686, 0.10) == pytest.approx(0.5, abs=0.002)


def test_a_mean_takes_as_many_as_its_deviation_says() -> None:
    assert sizes.needed(10, 0.1, deviation=10) == math.ceil(2 * 2 * (Z * 10 / 1) ** 2)


@given(RATES, EFFECTS, st.floats(0.1, 0.5))
def test_so_many_have_the_power_that_was_asked_for_and_find_no_less(baseline: float, effect: float, own: float) -> None:
    units = sizes.needed(baseline, effect, 1 - own, own)
    assert sizes.power(units, baseline, effect, 1 - own, own) == pytest.approx(0.8, abs=0.01)
    assert sizes.detectable(units, baseline, 1 - own, own) == pytest.approx(effect, rel=0.01)


@given(RATES, EFFECTS)
def test_uneven_arms_and_many_comparisons_take_more(baseline: float, effect: float) -> None:
    even = sizes.needed(baseline, effect)
    assert sizes.needed(baseline, effect, 0.8, 0.2) > even
    assert sizes.needed(baseline, effect, 0.4, 0.4) > even, "units that see other arms count for nothing here"
    assert sizes.needed(baseline, effect, comparisons=5) == pytest.approx(even * sizes.together(5), rel=0.02)


def test_simulated_experiments_find_the_effect_as_often_as_theory_says() -> None:
    random = np.random.default_rng(3)
    units, baseline, effect = 20000, 0.2, 0.08
    own, control = (random.binomial(units // 2, rate, 4000) / (units // 2) for rate in (baseline * (1 + effect), baseline))
    pooled = (own + control) / 2
    z = (own - control) / np.sqrt(pooled * (1 - pooled) * 4 / units)
    assert np.mean(z > NormalDist().inv_cdf(0.975)) == pytest.approx(sizes.power(units, baseline, effect), abs=0.03)


def test_looking_at_any_time_costs_what_its_interval_is_wider() -> None:
    """At 95 % the interval that holds at any time is 1.55 times as wide at the planned end as one look's (`always`)."""
    assert always.reach(1, 1, 0.95) / NormalDist().inv_cdf(0.975) == pytest.approx(1.549, abs=0.001)
    factor = sizes.anytime()
    assert 1.5 < factor < 2
    assert factor == pytest.approx(((always.reach(1, 1, 0.95) + NormalDist().inv_cdf(0.8)) / Z) ** 2)


def test_nothing_is_found_by_nobody_nor_what_no_share_could_be() -> None:
    assert sizes.detectable(1, 0.1) == math.inf
    assert sizes.power(1, 0.1, 0.5) == 0
    assert sizes.detectable(40, 0.9) == math.inf, "even 100 % would not stand out"
    for baseline, effect in ((0.5, 1.0), (0.0, 0.1), (0.5, 0.0)):
        with pytest.raises(ValueError, match="effect"):
            sizes.needed(baseline, effect)


def test_whole_weeks_two_at_the_least_and_no_more_than_there_may_be() -> None:
    assert sizes.weeks(10, 1000, 500, 8) == 2
    assert sizes.weeks(10, 1000, 500, 1) == 1, "who allows one week gets one"
    assert sizes.weeks(900, 1000, 500, 8) == 4, "each week half of all come by, whoever happens to: 500, 750, 875, 938"
    assert sizes.weeks(1001, 1000, 500, 52) is None
    assert sizes.reach(1000, 0, 3) == 1000, "where nobody knows how many come by, everybody does"


def test_half_the_effect_takes_four_times_as_many() -> None:
    points = sizes.curve((0.01, 0.02, 20.0), 0.1, 0.5, 0.5, 0.95, 0.8, 10**9, 10**7, 26)
    assert [point.effect for point in points] == [0.01, 0.02], "no share of 10 % can be 21 times as much"
    assert points[0].units / points[1].units == pytest.approx(4, rel=0.03)
    assert points[1].weeks is not None
    assert [point.weeks for point in sizes.curve((0.02,), 0.1, 0.5, 0.5, 0.95, 0.8, 10**9, 0, 26)] == [None]
