"""Figures of a metric are said as exactly as they deserve."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailers.experiment import amounts
from trailers.experiment.metric import Metric


@pytest.mark.parametrize(
    ("number", "share", "said"),
    [
        (0.201, True, "20.1 %"),
        (0.0051, True, "0.510 %"),
        (0, True, "0 %"),
        (1, True, "100 %"),
        (31.456, False, "31.5"),
        (1234.4, False, "1,234"),
        (math.nan, True, "?"),
    ],
)
def test_values_are_said_in_three_figures(number: float, share: bool, said: str) -> None:
    assert amounts.value(number, share) == said


def test_an_interval_is_said_as_exactly_as_it_is_wide() -> None:
    assert amounts.between(-0.0123, 0.0456, True) == "-1.2 to +4.6"
    assert amounts.between(0.0101, 0.0112, True) == "+1.01 to +1.12"
    assert amounts.between(-31.2, 44.1, False) == "-31 to +44"
    assert amounts.between(math.nan, 1, False).startswith("?")


def test_no_difference_has_no_sign() -> None:
    assert amounts.gap(-0.00001, True, 0.02) == "0.0"


@given(st.floats(-10, 10), st.floats(0.001, 10))
def test_limits_that_differ_are_said_differently(low: float, width: float) -> None:
    one, other = amounts.between(low, low + width, False).split(" to ")
    assert one != other


def test_ratios_are_shares_only_between_0_and_1() -> None:
    ratio = Metric("abandoned", "ratio", "abandon", per="play")
    assert amounts.as_share(ratio, 0.3, 0.4)
    assert not amounts.as_share(ratio, 0.3, 1.4)
    assert not amounts.as_share(Metric("minutes", "mean", "play"), 0.3)


def test_names_in_a_row() -> None:
    assert amounts.listed(["a"]) == "a"
    assert amounts.listed(["a", "b", "c"]) == "a, b and c"
    assert amounts.listed(list("abcdef")) == "a, b, c and 3 more"
