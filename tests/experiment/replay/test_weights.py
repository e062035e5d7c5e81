"""Weights say how much likelier a policy would have shown a row; overlap says how much of the log speaks of it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.experiment.replay.logs import SERVED, made, policy
from trailers.experiment.replay.beside import beside
from trailers.experiment.replay.policy import Chance, Policy
from trailers.experiment.replay.tables import read_log
from trailers.experiment.replay.weights import overlap, weights


def test_the_rule_that_was_served_weighs_every_row_one() -> None:
    log = read_log(made(300))
    table = beside(log, policy(SERVED.tolist()))
    weight = weights(log, table)
    np.testing.assert_allclose(weight, 1)
    found = overlap(log, table, weight)
    assert (found.effective, found.mean_weight) == pytest.approx((300, 1))
    assert (found.p, found.lost) == (1.0, 0.0)


def slates() -> tuple[pd.DataFrame, Policy]:
    rows = pd.DataFrame(
        {
            "decision_id": ["d1", "d1", "d2", "d2"],
            "position": [1, 2, 1, 2],
            "action": ["a", "b", "b", "a"],
            "propensity": [0.5, 0.5, 0.5, 0.25],
            "reward": [1, 0, 0, 1],
        }
    )
    chances = [("a", 0.2, "1"), ("b", 0.8, "1"), ("a", 0.5, "2"), ("b", 0.5, "2")]
    return rows, Policy("p", tuple(Chance(action, chance, "", position) for action, chance, position in chances))


def test_slates_are_weighed_by_position_along_the_cascade_or_as_a_whole() -> None:
    rows, asked = slates()
    log = read_log(rows)
    table = beside(log, asked)
    np.testing.assert_allclose(weights(log, table, "position"), [0.4, 1.0, 1.6, 2.0])
    np.testing.assert_allclose(weights(log, table, "cascade"), [0.4, 0.4, 1.6, 3.2])
    np.testing.assert_allclose(weights(log, table, "whole"), [0.4, 0.4, 3.2, 3.2])


def test_what_was_never_shown_is_named_with_the_share_that_it_would_have_had() -> None:
    rows = made(400)
    log = read_log(rows[(rows["segment"] == "chase") | (rows["action"] != "c")])
    table = beside(log, policy([[0.5, 0.2, 0.3], [0.2, 0.2, 0.6]]))
    found = overlap(log, table, weights(log, table))
    calm = float(np.mean(log.segment == 0))
    assert found.lost == pytest.approx(0.3 * calm)
    assert [(each.action, each.segment) for each in found.missing] == [("c", "calm")]
    assert found.missing[0].chance == pytest.approx(0.3)


def test_propensities_that_are_not_those_served_show_in_the_mean_weight() -> None:
    log = read_log(made(3000).assign(propensity=1 / 3))
    table = beside(log, policy([[1, 0, 0], [0, 0, 1]]))
    found = overlap(log, table, weights(log, table))
    assert found.mean_weight > 1.5
    assert found.p < 1e-9


def test_false_propensities_show_action_by_action_where_the_mean_weight_is_blind() -> None:
    """Half own, half other trailers, drawn 60 and 20 of 100, logged as 40 each: the weights of both average 1 together."""
    served = np.array([[0.6, 0.2, 0.2], [0.2, 0.6, 0.2]])
    half = policy([[0.5, 0.5, 0.0], [0.5, 0.5, 0.0]])
    rows = made(4000, served=served)
    right, wrong = (read_log(each) for each in (rows, rows.assign(propensity=0.4)))
    found = [overlap(log, beside(log, half), weights(log, beside(log, half))) for log in (right, wrong)]
    assert found[0].odd == ()
    assert found[1].p > 0.01
    assert found[1].doubted == pytest.approx(1)
    times = {(each.action, each.segment): each.times for each in found[1].odd}
    assert times == pytest.approx({("a", "calm"): 1.5, ("b", "calm"): 0.5, ("a", "chase"): 0.5, ("b", "chase"): 1.5}, abs=0.1)


def test_what_was_never_shown_is_not_blamed_on_the_propensities() -> None:
    """A twentieth of the policy was never shown, the propensities are right: the weights average what is left, on slates too."""
    served = np.array([[0.5, 0.5, 0.0]] * 2)
    rows = made(6000, served=served)
    asked = policy([[0.0, 0.95, 0.05], [0.0, 0.95, 0.05]])
    log = read_log(rows)
    found = overlap(log, beside(log, asked), weights(log, beside(log, asked)))
    assert found.due == pytest.approx(0.95)
    assert found.p > 0.001
    paired = read_log(rows.assign(decision_id=[f"d{n // 2:05d}" for n in range(6000)], position=[1, 2] * 3000))
    table = beside(paired, asked)
    both = overlap(paired, table, weights(paired, table, "whole"), "whole")
    assert both.due == pytest.approx(0.95**2)
    assert both.p > 0.001


def test_right_propensities_are_seldom_doubted() -> None:
    doubted = 0
    for seed in range(200):
        log = read_log(made(300, seed))
        table = beside(log, policy([[0.2, 0.3, 0.5], [0.5, 0.3, 0.2]]))
        doubted += bool(overlap(log, table, weights(log, table)).odd)
    assert doubted <= 1


@settings(deadline=None)
@given(st.lists(st.floats(0.05, 1), min_size=2, max_size=40))
def test_effective_units_are_never_more_than_those_that_match(chances: list[float]) -> None:
    rows = pd.DataFrame({"action": ["a", "b"] * len(chances), "propensity": [*chances, *chances], "reward": 0})
    log = read_log(rows)
    table = beside(log, Policy("p", (Chance("a", 1.0),)))
    found = overlap(log, table, weights(log, table))
    assert found.matched == len(chances)
    assert 0 < found.effective <= found.matched * (1 + 1e-9)
    assert found.effective * found.heaviest <= found.matched * found.heaviest * (1 + 1e-9)
    assert found.effective >= 1 - 1e-9
