"""What another policy would have earned: published values, planted truth, and refusals where the log cannot tell."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.experiment.replay.logs import ACTIONS, RATES, SERVED, bandit, made, open_bandit, policy, worth
from trailers.errors import RequestError
from trailers.experiment.replay import answer, rewards
from trailers.experiment.replay.answer import Answer, lines, number, to_json
from trailers.experiment.replay.beside import beside
from trailers.experiment.replay.earned import earned
from trailers.experiment.replay.policy import Chance, Policy
from trailers.experiment.replay.tables import read, read_log

BETTER = [[0.0, 0.2, 0.8], [0.9, 0.0, 0.1]]


def asked(rows: pd.DataFrame, chances: list[list[float]] = BETTER, **more: object) -> Answer:
    return earned(*read(rows, policy(chances)), **more)  # type: ignore[arg-type]


@open_bandit
def test_open_bandits_published_values_are_met() -> None:
    found = earned(*read(bandit("random.csv.gz"), bandit("bts_policy.csv")))
    assert found.by("ips").value == pytest.approx(0.00455288, abs=5e-9)  # published: 0.004553
    assert found.by("ips").se == pytest.approx(0.002089772, rel=1e-4)
    assert found.by("snips").value == pytest.approx(0.0047758, abs=5e-8)
    assert found.by("dr").value == pytest.approx(0.004727, abs=2e-4)  # published, with another model of rewards
    assert found.overlap.effective == pytest.approx(1639.50, abs=0.01)
    assert found.overlap.mean_weight == pytest.approx(0.95332, abs=1e-5)
    assert found.own == pytest.approx(0.0038)
    assert (found.carried, found.method) == (True, "dr")
    for each in found.estimates:
        assert each.low < 0.0042 < each.high  # what Thompson earned on its own log
        assert each.how == "counted"


@open_bandit
def test_the_other_way_round_open_bandit_is_refused() -> None:
    uniform = bandit("bts_policy.csv").assign(chance=1 / 80)
    found = earned(*read(bandit("bts.csv.gz"), uniform), method="snips")
    assert found.overlap.effective == pytest.approx(340.38, abs=0.01)
    assert (found.carried, found.value, found.low) == (False, None, None)
    assert "tell no more than 340 would; 500 are asked for" in found.refusals[0]
    assert found.by("snips").value == pytest.approx(0.0023337, abs=5e-8)
    text = "\n".join(lines(found))
    assert "cannot tell what it would have earned" in text
    assert "best guess" not in text


def test_the_truth_lies_within_the_interval_of_every_method() -> None:
    found = asked(made(4000))
    for each in found.estimates:
        if each.method != "clipped":
            assert each.low < worth(BETTER) < each.high
    assert found.difference_low is not None
    assert 0 < found.difference_low < worth(BETTER) - worth(SERVED.tolist())
    assert [part.segment for part in found.parts] == ["calm", "chase"]
    for part, truth in zip(found.parts, (0.28, 0.29), strict=True):
        assert part.low is not None
        assert part.high is not None
        assert part.low < truth < part.high


def test_the_same_log_and_seed_give_the_same_bytes_in_any_order_of_rows() -> None:
    rows = made(1500)
    assert to_json(asked(rows)) == to_json(asked(rows.sample(frac=1, random_state=3)))


def test_a_policy_of_what_was_never_shown_is_refused_and_says_what() -> None:
    rows = made(2000)
    found = asked(rows[rows["action"] != "c"], [[0.2, 0.2, 0.6], [0.2, 0.2, 0.6]])
    assert "60% of what this policy would show was never shown there (c to" in found.refusals[0]
    assert all(part.value is None and part.why for part in found.parts)
    json.loads(to_json(found))


def test_a_log_that_suffices_for_one_segment_answers_for_that_one() -> None:
    rows = made(4000)
    found = asked(rows[(rows["segment"] == "calm") | (rows["action"] != "c")], [[0, 0, 1], [0, 0, 1]])
    calm, chase = found.parts
    assert calm.value == pytest.approx(0.3, abs=0.1)
    assert chase.value is None
    assert "was never shown" in chase.why
    assert not found.carried


def test_rounded_propensities_are_found_out() -> None:
    """The chances of a rule that learns, logged as if it had drawn evenly."""
    found = asked(made(3000).assign(propensity=1 / 3), [[0.8, 0.1, 0.1], [0.1, 0.1, 0.8]])
    assert "shown more or less often than its propensities say" in found.refusals[0]
    assert "propensities in the log are not the chances" in found.refusals[0]


def test_what_is_false_in_one_segment_is_told_of_that_one_alone() -> None:
    rows = made(4000)
    false = rows.assign(propensity=rows["propensity"].where(rows["segment"] == "calm", 1 / 3))
    calm, chase = asked(false, [[0.3, 0.3, 0.4], [0.3, 0.3, 0.4]]).parts
    assert calm.value is not None
    assert "to chase" in chase.why


def test_too_few_rewards_are_refused_however_well_the_log_overlaps() -> None:
    rows = made(2000)
    few = rows.assign(reward=(np.arange(2000) < 8).astype(float))
    assert any("units with a reward" in each for each in asked(few, SERVED.tolist()).refusals)


def test_one_method_is_asked_for_by_name_and_wrong_names_are_refused() -> None:
    rows = made(1000)
    assert [each.method for each in asked(rows, method="ips").estimates] == ["ips"]
    assert asked(rows, method="clipped", cap=3.0).method == "clipped"
    for wrong in ({"method": "dm"}, {"slates": "page"}, {"level": 1.0}, {"method": "dr", "slates": "whole"}):
        with pytest.raises(RequestError):
            asked(rows, **wrong)


def test_slates_taken_whole_have_no_model_of_rewards() -> None:
    found = asked(made(1000), slates="whole")
    assert found.method == "snips"
    assert "dr" not in {each.method for each in found.estimates}


def test_slates_by_position_are_robust_too() -> None:
    """Two places drawn apart, the second worth half the first: a decision earns the sum of both."""
    served = np.array([[0.4, 0.25, 0.35]] * 2)
    both = [made(2000, seed, RATES * part, served).assign(position=seed) for seed, part in ((1, 1.0), (2, 0.5))]
    even = Policy("even", tuple(Chance(action, 1 / 3) for action in ACTIONS))
    found = earned(*read(pd.concat(both).assign(segment=""), even))
    assert [each.method for each in found.estimates] == ["ips", "snips", "clipped", "dr"]
    assert (found.overlap.units, found.overlap.rows) == (2000, 4000)
    for each in found.estimates:
        assert each.low < 1.5 * RATES.mean() < each.high


def test_rewards_are_told_from_other_units_rows_alone() -> None:
    """A unit whose reward nobody else could know is not told its own."""
    rows = made(600).assign(reward=0.0, user_id=lambda each: each["decision_id"])
    rows.loc[rows["decision_id"] == "d000007", "reward"] = 1.0
    log = read_log(rows)
    shown, _ = rewards.expected(log, beside(log, policy(BETTER)))
    mine = shown[log.reward == 1][0]
    assert mine <= 1 / 480 + 1e-6  # no more than what the rest have


def test_rewards_learn_what_action_and_segment_bring() -> None:
    log = read_log(made(6000))
    shown, wanted = rewards.expected(log, beside(log, policy(BETTER)))
    best = shown[(log.segment == 0) & (log.action == 2)].mean()
    worst = shown[(log.segment == 0) & (log.action == 0)].mean()
    assert best - worst > 0.1
    assert wanted.mean() == pytest.approx(worth(BETTER), abs=0.03)


def test_words_tell_the_interval_first_and_the_comparison_next() -> None:
    told = list(lines(asked(made(4000))))
    assert told[0].startswith("asked: would have earned 0.2")
    assert "a decision (95 %), best guess 0.2" in told[0]
    assert told[1].endswith(": more")
    assert sum(" (IPS)" in line or " (DR)" in line for line in told) == 3
    same = list(lines(asked(made(4000), SERVED.tolist())))
    assert same[1].endswith("whether more or less cannot be told")


def test_json_names_its_schema_and_holds_no_number_that_is_none() -> None:
    document = json.loads(to_json(asked(made(800))))
    assert (document["schema"], document["carried"]) == ("Replay.1", True)
    assert {each["method"] for each in document["estimates"]} == {"ips", "snips", "clipped", "dr"}
    broken = replace(asked(made(800), method="ips"), own=float("nan"))
    with pytest.raises(ValueError):
        to_json(broken)


@pytest.mark.parametrize(
    ("value", "said"), [(0.004553, "0.00455"), (12.3456, "12.3"), (1234.5, "1,234"), (0.0, "0"), (-0.25, "-0.250"), (1.0, "1.00")]
)
def test_numbers_are_written_for_people(value: float, said: str) -> None:
    assert number(value) == said
    assert answer.number(value) == said


def test_amounts_are_replayed_as_shares_are() -> None:
    """Minutes, heavy in the tail: the truth lies within."""
    random = np.random.default_rng(5)
    rows = made(5000, 5).assign(reward=lambda each: each["reward"] * random.lognormal(3, 1, 5000))
    found = asked(rows)
    truth = worth(BETTER) * float(np.exp(3.5))
    assert found.low is not None
    assert found.high is not None
    assert found.low < truth < found.high
    assert earned(*read(rows, Policy("a", (Chance("a", 1.0),)))).carried
