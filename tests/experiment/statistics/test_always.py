"""What holds at any time holds however often one looks, is dearest far from what was planned, and says the same as its p."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailers.errors import RequestError
from trailers.experiment.statistics import differences
from trailers.experiment.statistics.always import always, reach, relative
from trailers.experiment.statistics.difference import Difference
from trailers.experiment.statistics.sums import Sums


def counted(won: int, n: int) -> Sums:
    return Sums(n, won, won)


def difference(effect: float, se: float, units: int) -> Difference:
    return Difference(1.0, 1.0 + effect, effect, se, effect - 2 * se, effect + 2 * se, 0.5, effect, -0.1, 0.1, units)


def test_it_is_narrowest_at_the_planned_size() -> None:
    """Waudby-Smith et al. 2024: at its best size an interval at 95 % is 3.04 errors to each side instead of 1.96."""
    assert reach(1000, 1000, 0.95) == pytest.approx(3.035, abs=0.001)
    errors = [reach(units, 1000, 0.95) / math.sqrt(units) for units in (10, 100, 1000, 10_000)]
    assert errors == sorted(errors, reverse=True), "an interval narrows as units come"
    assert reach(1000, 1000, 0.95) < min(reach(500, 1000, 0.95), reach(2000, 1000, 0.95))
    assert reach(1000, 1000, 0.99) > reach(1000, 1000, 0.95)


@given(st.floats(-6, 6), st.integers(1, 10**7), st.integers(1, 10**7), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_the_interval_leaves_out_nothing_where_p_says_so(z: float, units: int, planned: int, level: float) -> None:
    low, high, p = always(difference(0.01 * z, 0.01, units), level, planned)
    assert low <= 0.01 * z <= high
    assert 0 < p <= 1
    if abs(p - (1 - level)) > 1e-9:
        assert (p < 1 - level) == (low > 0 or high < 0)


def test_p_is_the_inverse_of_a_bet_that_wins_nothing_on_average() -> None:
    """A bet's mean is 1 where nothing differs: by that, Ville's inequality holds p below alpha for so few."""
    z = np.linspace(-30, 30, 200_001)
    chance = np.exp(-z * z / 2) / math.sqrt(2 * math.pi) * (z[1] - z[0])
    for share in (0.1, 1.0):
        grown = share * 8.212
        bets = np.exp(0.5 * z * z * grown / (1 + grown)) / math.sqrt(1 + grown)
        assert (bets * chance).sum() == pytest.approx(1.0)
        few = z[90_000:110_000:100]
        ps = [always(difference(float(each), 1.0, int(1000 * share)), 0.95, 1000)[2] for each in few]
        assert ps == pytest.approx(np.minimum(1, 1 / bets[90_000:110_000:100]), rel=1e-3)


def test_looking_every_day_finds_nothing_where_nothing_is() -> None:
    rng, times, looks = np.random.default_rng(1), 300, 14
    ours = naive = 0
    for _ in range(times):
        control, own = rng.binomial(200, 0.1, looks).cumsum(), rng.binomial(200, 0.1, looks).cumsum()
        found = [
            differences.share(counted(int(control[day]), 200 * (day + 1)), counted(int(own[day]), 200 * (day + 1)))
            for day in range(looks)
        ]
        ours += any(always(each, 0.95, 400 * looks)[2] < 0.05 for each in found)
        naive += any(each.p < 0.05 for each in found)
    assert ours <= 0.05 * times
    assert naive > 0.12 * times, "looking every day at a p of one look must show what it costs"


def test_a_relative_effect_that_holds_at_any_time_is_wider_and_keeps_its_middle() -> None:
    found = differences.share(counted(1000, 10_000), counted(1150, 10_000))
    low, high = relative(found, 0.95, 20_000)
    assert low < found.relative_low < found.relative < found.relative_high < high
    always_low, always_high, _ = always(found, 0.95, 20_000)
    assert (low > 0) == (always_low > 0)
    assert (low, high) == pytest.approx((always_low / found.control, always_high / found.control), abs=0.02)


def test_nothing_known_stays_nothing_known() -> None:
    unknown = differences.unknown(0.1, math.nan, 3)
    assert always(unknown, 0.95, 100) == (-math.inf, math.inf, 1.0)
    assert all(map(math.isnan, relative(unknown, 0.95, 100)))


def test_an_arm_without_successes_has_an_upper_limit() -> None:
    low, high = relative(differences.share(counted(50, 1000), counted(0, 1000)), 0.95, 2000)
    assert low == -1.0
    assert -1.0 < high < 0.0


def test_what_was_planned_must_be_said() -> None:
    with pytest.raises(RequestError, match="planned_units = 0"):
        always(difference(0.1, 0.1, 100), 0.95, 0)
