"""What every platform's rule keeps to: nobody is moved, slots exclude each other, arms and gates get what was asked."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, chisquare

from trailers.errors import RequestError
from trailers.experiment.hashes.rule import Rule
from trailers.experiment.hashes.rules import RULES, rule_of

UNITS = [f"viewer-{number:05d}" for number in range(20000)]
rules = pytest.mark.parametrize("name", sorted(RULES))
TENTHS = st.integers(1, 100).map(lambda tenth: 10 * tenth)


@st.composite
def weights(draw: st.DrawFn) -> list[int]:
    """Two to six weights of at least one thousandth that sum to 1000."""
    cuts = draw(st.lists(st.integers(1, 999), min_size=1, max_size=5, unique=True))
    return [stop - start for start, stop in pairwise([0, *sorted(cuts), 1000])]


@rules
@settings(max_examples=25, deadline=None)
@given(
    units=st.lists(st.text(), min_size=1, max_size=60),
    salt=st.text(min_size=1),
    weights=weights(),
    pair=st.tuples(TENTHS, TENTHS),
)
def test_raising_the_coverage_moves_nobody(
    name: str, units: list[str], salt: str, weights: list[int], pair: tuple[int, int]
) -> None:
    lower, higher = sorted(pair)
    before, after, all_in = (RULES[name].chosen(units, salt, weights, coverage) for coverage in (lower, higher, 1000))
    inside = before >= 0
    assert (before[inside] == after[inside]).all()
    assert (after[after >= 0] == all_in[after >= 0]).all()
    assert (all_in >= 0).all()


@rules
def test_a_larger_coverage_lets_more_in(name: str) -> None:
    inside = [(RULES[name].chosen(UNITS, "s", [500, 500], coverage) >= 0).mean() for coverage in (100, 500, 900)]
    assert inside == pytest.approx([0.1, 0.5, 0.9], abs=0.015)


@rules
@settings(max_examples=25, deadline=None)
@given(units=st.lists(st.text(), min_size=1, max_size=60), salt=st.text(min_size=1), cut=TENTHS)
def test_slots_of_a_namespace_exclude_each_other_and_leave_nobody_out(name: str, units: list[str], salt: str, cut: int) -> None:
    rule = RULES[name]
    below = rule.within(units, salt, 0, cut)
    above = rule.within(units, salt, cut, 1000) if cut < 1000 else np.zeros(len(units), bool)
    assert (below ^ above).all()


@rules
@pytest.mark.parametrize("coverage", [1000, 370])
def test_units_fall_to_the_arms_as_their_shares_say(name: str, coverage: int) -> None:
    asked = [471, 300, 200, 29]
    rule = RULES[name]
    numbers = rule.chosen(UNITS, "s01:calm", asked, coverage)
    seen = np.bincount(numbers[numbers >= 0], minlength=len(asked))
    given_shares = rule.shares(asked, coverage)
    assert sum(given_shares) == pytest.approx(1)
    assert given_shares == pytest.approx([weight / 1000 for weight in asked], abs=0.002)
    assert chisquare(seen, np.array(given_shares) * seen.sum()).pvalue > 0.001
    assert chisquare(seen, np.array([521, 250, 200, 29]) / 1000 * seen.sum()).pvalue < 1e-6, "the check must see a wrong share"


@rules
def test_twenty_seasons_split_independently_of_each_other(name: str) -> None:
    """Of 190 pairs, one in twenty lies below 0.05 by chance, and the least near 1/190."""
    units, rule = UNITS[:8000], RULES[name]
    seasons = [rule.chosen(units, f"s{number:02d}-trailers:calm", [400, 350, 250], 1000) for number in range(20)]
    p = [_dependence(one, other) for index, one in enumerate(seasons) for other in seasons[:index]]
    assert len(p) == 190
    assert min(p) > 1e-4
    assert np.mean(np.array(p) < 0.05) < 0.11
    assert _dependence(seasons[0], seasons[0]) < 1e-9, "the check must see two seasons of one salt"


@rules
def test_gates_say_nothing_about_arms_or_coverage(name: str) -> None:
    rule: Rule = RULES[name]
    inside = rule.within(UNITS, "seasons", 200, 700).astype(int)
    assert inside.mean() == pytest.approx(0.5, abs=0.015)
    assert _dependence(inside, rule.chosen(UNITS, "s01:calm", [500, 300, 200], 500) + 1) > 0.001


def _dependence(one: np.ndarray, other: np.ndarray) -> float:
    table = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(table, (one, other), 1)
    return float(chi2_contingency(table).pvalue)


def test_unleash_says_where_thousandths_do_not_fit() -> None:
    with pytest.raises(RequestError, match=r"whole percents: the coverage was asked to be 33.3 %"):
        RULES["unleash"].chosen(["a"], "s", [500, 500], 333)
    with pytest.raises(RequestError, match="a gate's start"):
        RULES["unleash"].within(["a"], "s", 5, 1000)


def test_platforms_without_a_rule_are_named() -> None:
    with pytest.raises(RequestError, match="'adobe' was asked for"):
        rule_of("adobe")


@rules
def test_nobody_at_all_is_no_error(name: str) -> None:
    assert RULES[name].chosen([], "s", [500, 500], 500).shape == (0,)
    assert RULES[name].within([], "s", 0, 500).shape == (0,)
