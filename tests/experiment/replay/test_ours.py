"""Our own exposures and outcomes are replayed: what if every segment saw its own trailer, or the best one."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from trailers.errors import RequestError
from trailers.experiment.design import Arm, Experiment, Trial, to_json
from trailers.experiment.metric import house
from trailers.experiment.rehearse import Truth, rehearse
from trailers.experiment.replay import ours
from trailers.experiment.replay.asked import replayed
from trailers.experiment.replay.earned import earned
from trailers.experiment.replay.policy import Chance, Policy

ARMS = tuple(Arm(id, id.title(), (f"{id}/landscape",)) for id in ("general", "calm", "chase"))
EXPERIMENT = Experiment(
    "s01-trailers", "s01", "salt", ARMS,
    (
        Trial("calm", "Calm", 3000, (("general", 440), ("calm", 440), ("chase", 120))),
        Trial("chase", "Chase", 3000, (("general", 440), ("chase", 440), ("calm", 120))),
    ),
    house(),
)  # fmt: skip
MEMBERSHIP = pd.DataFrame({"viewer": [f"v{n:05d}" for n in range(6000)], "segment": ["calm", "chase"] * 3000})
TRUTH = Truth(baseline=0.2, lifts={("chase", "chase"): 0.5, ("calm", "chase"): -0.5})


@pytest.fixture(scope="module")
def logged() -> tuple[pd.DataFrame, pd.DataFrame]:
    return rehearse(EXPERIMENT, MEMBERSHIP, TRUTH, seed=3)


@pytest.mark.parametrize(("word", "truth"), [("own", 0.25), ("general", 0.2), ("chase", 0.2)])
def test_what_every_segment_would_have_earned_is_within_the_interval(
    logged: tuple[pd.DataFrame, pd.DataFrame], word: str, truth: float
) -> None:
    found = earned(ours.served(EXPERIMENT, *logged), ours.policy_of(EXPERIMENT, word))
    assert found.carried
    assert found.low is not None
    assert found.high is not None
    assert found.low < truth < found.high


def test_the_served_rule_earned_what_it_earned(logged: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    found = earned(ours.served(EXPERIMENT, *logged), ours.policy_of(EXPERIMENT), method="snips")
    assert found.value == pytest.approx(found.own)
    assert found.overlap.effective == pytest.approx(found.overlap.units)


def test_the_best_arm_is_chosen_on_one_half_and_judged_on_the_other(logged: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    log = ours.served(EXPERIMENT, *logged)
    chosen, rest = ours.best(log)
    assert Chance("chase", 1.0, "chase") in chosen.chances
    assert rest.rows == pytest.approx(log.rows / 2, abs=1)
    assert "judged on the other" in rest.notes[-1]


def test_luck_does_not_make_a_best_arm_look_good() -> None:
    """Where all arms are alike, the best one of half the units earns on the other half what all earn."""
    exposures, outcomes = rehearse(EXPERIMENT, MEMBERSHIP, Truth(baseline=0.2), seed=1)
    chosen, rest = ours.best(ours.served(EXPERIMENT, exposures, outcomes))
    found = earned(rest, chosen)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.2 < found.high


def test_device_and_country_are_known_when_rewards_are_learnt(logged: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    log = ours.served(EXPERIMENT, *logged)
    assert list(log.context.columns) == ["device", "country"] == list(log.named)
    assert set(log.reward) == {0.0, 1.0}


def test_minutes_can_be_replayed_and_ratios_cannot(logged: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    minutes = ours.served(EXPERIMENT, *logged, metric="minutes")
    assert minutes.reward.max() > 10
    assert "minutes is held at" in minutes.notes[-1]
    for metric, said in (("abandoned", "is a ratio"), ("laughs", "metrics are play, minutes")):
        with pytest.raises(RequestError, match=said):
            ours.served(EXPERIMENT, *logged, metric=metric)


def test_outcomes_of_a_row_a_unit_are_read_too(logged: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    exposures, _ = logged
    wide = pd.DataFrame({"user_id": MEMBERSHIP["viewer"], "play": [5.0, 0.0, 1.0] * 2000})
    log = ours.served(EXPERIMENT, exposures, wide)
    assert log.rows == exposures["user_id"].nunique()
    assert log.reward.mean() == pytest.approx(1 / 3, abs=0.01)  # five minutes are a play, one is none


def test_rows_that_another_rule_served_are_refused(logged: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    exposures, outcomes = logged
    with pytest.raises(RequestError, match="another rule served them"):
        ours.served(EXPERIMENT, exposures.assign(propensity=0.5), outcomes)
    without = ours.served(EXPERIMENT, exposures.drop(columns="propensity"), outcomes)
    assert without.propensity.tolist() == ours.served(EXPERIMENT, exposures, outcomes).propensity.tolist()


@pytest.mark.parametrize("platform", ["growthbook", "optimizely", "statsig", "eppo", "launchdarkly"])
def test_chances_are_those_of_the_platforms_own_buckets(platform: str) -> None:
    """With a coverage, whole buckets give a little other chances than were asked: a log that says them is no other rule's."""
    partly = replace(EXPERIMENT, platform=platform, coverage=777)
    exposures, outcomes = rehearse(partly, MEMBERSHIP, TRUTH, seed=3)
    log = ours.served(partly, exposures, outcomes)
    assert set(log.propensity) == set(exposures["propensity"])
    assert earned(log, ours.policy_of(partly), method="ips").value == pytest.approx(log.reward.mean())


def test_outcomes_of_nobody_who_saw_a_trailer_are_no_rewards_of_0(logged: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    exposures, outcomes = logged
    with pytest.raises(RequestError):
        ours.served(EXPERIMENT, exposures, outcomes.assign(user_id="x" + outcomes["user_id"]))


def test_units_whose_window_is_open_are_left_out_and_said(logged: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    exposures, outcomes = logged
    some = outcomes[outcomes["timestamp"] < "2026-01-16"]
    log = ours.served(EXPERIMENT, exposures, some)
    assert log.rows < exposures["user_id"].nunique()
    assert any("window still open" in note for note in log.notes)


def test_one_request_reads_files_and_words(tmp_path: Path, logged: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    exposures, outcomes = tmp_path / "exposures.csv", tmp_path / "outcomes.parquet"
    logged[0].to_csv(exposures, index=False)
    logged[1].to_parquet(outcomes)
    experiment = tmp_path / "experiment.json"
    experiment.write_text(to_json(EXPERIMENT), encoding="utf-8")
    direct = earned(ours.served(EXPERIMENT, *logged), ours.policy_of(EXPERIMENT, "own"), method="ips")
    assert replayed(exposures, "own", experiment=experiment, outcomes=outcomes, method="ips") == direct
    assert replayed(exposures, "best", experiment=experiment, outcomes=outcomes, method="snips").policy == "best"
    table = tmp_path / "half.csv"
    table.write_text("action,chance\ngeneral,0.5\ncalm,0.5\n")
    assert replayed(exposures, table, experiment=experiment, outcomes=outcomes, method="ips").policy == "half"
    with pytest.raises(RequestError, match="policies are served, own, best and arms"):
        replayed(exposures, "loud", experiment=experiment, outcomes=outcomes)
    with pytest.raises(RequestError, match="name its outcomes"):
        replayed(exposures, "own", experiment=experiment)
    with pytest.raises(RequestError, match="own: no such file; a rule by its name"):
        replayed(exposures, "own")
    with pytest.raises(RequestError, match="name the experiment"):
        replayed(exposures, "own", outcomes=outcomes)


def test_a_segment_without_a_trailer_of_its_own_keeps_the_control() -> None:
    alone = replace(EXPERIMENT, trials=(Trial("quiet", "Quiet", 10, (("general", 500), ("calm", 500))),))
    assert ours.policy_of(alone, "own") == Policy("own", (Chance("general", 1.0, "quiet"),))
