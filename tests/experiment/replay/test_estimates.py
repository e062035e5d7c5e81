"""Four ways to the same truth, each with what it is known for."""

import numpy as np
import pandas as pd
import pytest

from tests.experiment.replay.logs import RATES, SERVED, made, policy, worth
from trailers.experiment.replay import estimates
from trailers.experiment.replay.beside import beside
from trailers.experiment.replay.intervals import interval
from trailers.experiment.replay.policy import Chance, Policy
from trailers.experiment.replay.tables import Log, read_log
from trailers.experiment.replay.weights import weights

ASKED = [[0.1, 0.1, 0.8], [0.8, 0.1, 0.1]]


def weighed(rows: pd.DataFrame, asked: Policy | None = None) -> tuple[Log, np.ndarray]:
    log = read_log(rows)
    return log, weights(log, beside(log, asked or policy(ASKED)))


def test_weighting_is_right_on_average_and_self_normalising_is_steadier() -> None:
    found = [weighed(made(800, seed)) for seed in range(60)]
    values = {
        name: np.array([make(log, weight).parts.value for log, weight in found])
        for name, make in (("ips", estimates.weighted), ("snips", estimates.normalised))
    }
    truth = worth(ASKED)
    for name in values:
        assert abs(values[name].mean() - truth) < 3 * values[name].std() / np.sqrt(60)
    assert values["snips"].std() < values["ips"].std()


def test_cutting_weights_off_is_too_low_by_what_it_says() -> None:
    log, weight = weighed(made(4000))
    found, whole = estimates.clipped(log, weight, 2.0), estimates.weighted(log, weight)
    lost = whole.parts.value - found.parts.value
    assert lost > 0.02
    assert float(found.note.rpartition(" ")[2]) == pytest.approx(lost, abs=6e-4)
    assert estimates.clipped(log, weight, 100.0).note == "no weight is above 100"


def test_doubly_robust_needs_right_chances_or_a_right_model_not_both() -> None:
    rows = made(6000)
    log, weight = weighed(rows)
    right = RATES[log.segment, log.action]
    wanted = (np.asarray(ASKED) * RATES).sum(1)[log.segment]
    wrong = estimates.robust(log, weight, np.full(log.rows, 0.9), np.full(log.rows, 0.9)).parts
    assert wrong.value == pytest.approx(worth(ASKED), abs=4 * wrong.se)
    log, weight = weighed(rows.assign(propensity=1 / 3))
    assert abs(estimates.weighted(log, weight).parts.value - worth(ASKED)) > 0.05
    found = estimates.robust(log, weight, right, wanted).parts
    assert found.value == pytest.approx(worth(ASKED), abs=4 * found.se)


def test_a_good_model_narrows_what_is_not_known() -> None:
    log, weight = weighed(made(4000).assign(reward=lambda rows: rows["segment"].eq("calm") * 5.0 + rows["reward"]))
    shown = RATES[log.segment, log.action] + 5.0 * (log.segment == 0)
    wanted = (np.asarray(ASKED) * RATES).sum(1)[log.segment] + 5.0 * (log.segment == 0)
    assert estimates.robust(log, weight, shown, wanted).parts.se < 0.6 * estimates.weighted(log, weight).parts.se


def test_the_served_rule_differs_from_itself_by_nothing() -> None:
    log, weight = weighed(made(500), policy(SERVED.tolist()))
    for make in (estimates.weighted, estimates.normalised, estimates.clipped):
        told = make(log, weight)
        assert told.parts.value == pytest.approx(estimates.own(log).value)
        assert np.abs(told.difference.influence).max() < 1e-9


def test_slates_earn_what_their_rows_earn_together() -> None:
    """Two positions, drawn apart; the second earns more: a decision earns the sum."""
    random = np.random.default_rng(0)
    count = 6000
    first, second = random.random(count) < 0.5, random.random(count) < 0.5
    rows = pd.concat(
        [
            pd.DataFrame(
                {
                    "decision_id": [f"d{n:05d}" for n in range(count)],
                    "position": place,
                    "action": np.where(chosen, "a", "b"),
                    "propensity": 0.5,
                    "reward": (random.random(count) < np.where(chosen, high, low)).astype(float),
                }
            )
            for place, chosen, high, low in ((1, first, 0.4, 0.2), (2, second, 0.6, 0.5))
        ]
    )
    log = read_log(rows)
    table = beside(log, Policy("p", (Chance("a", 1.0),)))
    assert estimates.own(log).value == pytest.approx(0.3 + 0.55, abs=0.03)
    for slates in ("position", "cascade", "whole"):
        for make in (estimates.weighted, estimates.normalised):
            found = make(log, weights(log, table, slates)).parts
            assert len(found.size) == count
            assert found.value == pytest.approx(1.0, abs=4 * found.se)


def test_a_few_units_that_match_often_are_no_rare_event() -> None:
    """Of 4,000 units 60 saw what is asked, a third of them with a reward: for a ratio that is a share of 60."""
    rows = pd.DataFrame({"action": ["a"] * 60 + ["b"] * 3940, "propensity": [0.015] * 60 + [0.985] * 3940})
    log, weight = weighed(rows.assign(reward=(np.arange(4000) % 3 == 0).astype(float)), Policy("p", (Chance("a", 1.0),)))
    assert interval(estimates.normalised(log, weight).parts).how == "skew-corrected"
    assert interval(estimates.weighted(log, weight).parts).how == "counted"


def test_rows_of_one_unit_do_not_count_as_so_many() -> None:
    """Each unit's rows thrice: no more is known, and the error says so."""
    once = made(900).assign(user_id=lambda rows: rows["decision_id"])
    thrice = pd.concat([once.assign(decision_id=once["decision_id"] + f"-{n}") for n in range(3)])
    for make in (estimates.weighted, estimates.normalised):
        one, other = (make(*weighed(rows)).parts for rows in (once, thrice))
        assert other.value == pytest.approx(one.value)
        assert other.se == pytest.approx(one.se)
