"""A log that cannot carry the answer is told from one that can, in words that say what would."""

from dataclasses import replace

import pytest

from trailers.experiment.replay.trust import needed, refusals, warnings
from trailers.experiment.replay.weights import Lost, Odd, Overlap

GOOD = Overlap(
    units=10_000, matched=8_000, decisions=10_000, rows=10_000, effective=2_000, largest=9.0, heaviest=0.002, mean_weight=1.01,
    p=0.4, lost=0.0, missing=(),
)  # fmt: skip


def test_a_log_that_overlaps_is_not_refused() -> None:
    assert refusals(GOOD, 300) == ()
    assert warnings(GOOD) == ()


@pytest.mark.parametrize(
    ("change", "rewarded", "said"),
    [
        ({"effective": 399.0}, 300, "tell no more than 399 would; 400 are asked for. It would take about 25,000 units"),
        ({"effective": 80.0, "matched": 80}, 80, "Only 80 of 10,000 units saw what this policy would have shown; 100 are"),
        ({"heaviest": 0.06, "largest": 240.0}, 300, "One unit carries 6% of all weight (240)"),
        ({"lost": 0.2, "missing": (Lost("b", "calm", "", 0.4),)}, 300, "20% of what this policy would show was never shown"),
        ({"mean_weight": 1.2, "p": 1e-5}, 300, "propensities in the log are not the chances"),
        ({"doubted": 0.3, "odd": (Odd("b", "calm", "", 1.9, 1e-9),)}, 300, "propensities say (b to calm 1.9 times as often)"),
        ({}, 9, "Only 9 units with a reward can count"),
    ],
)  # fmt: skip
def test_each_reason_is_said_alone(change: dict[str, float], rewarded: int, said: str) -> None:
    (why,) = refusals(replace(GOOD, **change), rewarded)  # type: ignore[arg-type]
    assert said in why


def test_what_is_off_a_little_is_said_beside_the_answer() -> None:
    off = replace(GOOD, mean_weight=1.03, p=0.002, lost=0.02)
    assert refusals(off, 300) == ()
    assert len(warnings(off)) == 2


def test_a_log_of_a_few_units_is_small_and_nothing_else() -> None:
    small = replace(GOOD, units=40, matched=20, effective=20.0, heaviest=0.06, mean_weight=1.4, p=1e-6)
    (why,) = refusals(small, 12)
    assert why.startswith("Only 20 of 40 units")
    assert "It would take about 200 units" in why


def test_a_twentieth_of_those_that_match_is_asked_for_within_bounds() -> None:
    assert [needed(units) for units in (50, 4_000, 10_000, 1_000_000)] == [100, 200, 500, 1000]
