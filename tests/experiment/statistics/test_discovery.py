"""Of what is found among many comparisons, few are false, also where one stops as soon as something shows."""

import numpy as np
import pytest

from trailers.experiment.statistics.discovery import discoveries


def test_the_steps_are_benjamini_and_hochberg_s() -> None:
    """Their example (1995): 15 tests, of which the first 4 are rejected at 5 %."""
    ps = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    assert discoveries(ps) == (True,) * 4 + (False,) * 11
    assert sum(discoveries(ps, anytime=False)) == 3


def test_one_comparison_is_what_it_is() -> None:
    assert discoveries([0.04]) == (True,)
    assert discoveries([0.06]) == (False,)
    assert discoveries([]) == ()
    assert discoveries([0.04], level=0.99) == (False,)


@pytest.mark.parametrize("shared", [0.0, 0.9])
def test_the_share_of_false_ones_is_held_where_arms_share_a_control(shared: float) -> None:
    rng, false = np.random.default_rng(0), []
    for _ in range(1500):
        z = np.sqrt(shared) * rng.standard_normal() + np.sqrt(1 - shared) * rng.standard_normal(20)
        z[:5] += 4
        grown = 7.94
        ps = np.minimum(1, np.sqrt(1 + grown) * np.exp(-0.5 * z * z * grown / (1 + grown)))
        found = np.array(discoveries(ps.tolist()))
        false.append(found[5:].sum() / max(1, found.sum()))
    assert np.mean(false) < 0.05
