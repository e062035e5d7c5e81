"""A made-up log holds what was planted in it, and looks like a platform's."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from trailers.experiment.assign import assign_all
from trailers.experiment.design import Arm, Experiment, Trial
from trailers.experiment.metric import house
from trailers.experiment.rehearse import Lost, Truth, rehearse

ARMS = tuple(
    Arm(name, name.title(), (f"{name}/landscape",), (("pace", pace),))
    for name, pace in (("general", 0.0), ("calm", -1.0), ("chase", 1.0))
)
EXPERIMENT = Experiment(
    "s01-trailers",
    "s01",
    "salt",
    ARMS,
    tuple(
        Trial(own, own.title(), 20000, (("general", 480), (own, 480), (other, 40)), 10000)
        for own, other in (("calm", "chase"), ("chase", "calm"))
    ),
    house(),
    coverage=900,
)


def members(count: int = 20000) -> pd.DataFrame:
    return pd.DataFrame(
        {"viewer": [f"viewer-{number:05d}" for number in range(count)], "segment": ["calm", "chase"] * (count // 2)}
    )


def played(exposures: pd.DataFrame, outcomes: pd.DataFrame, segment: str, arm: str) -> float:
    """The share of an arm's units with a quality play after their first exposure."""
    first = exposures.drop_duplicates("user_id").set_index("user_id")
    rows = outcomes[(outcomes["event"] == "play") & (outcomes["value"] >= 2)]
    seen = pd.to_datetime(rows["user_id"].map(first["timestamp"]))
    after = pd.to_datetime(rows["timestamp"]) - seen
    won = set(rows["user_id"][(after >= pd.Timedelta(0)) & (after < pd.Timedelta(days=7))])
    units = first.index[(first["segment"] == segment) & (first["variation_id"] == arm)]
    return float(np.mean([unit in won for unit in units]))


def test_who_is_in_the_experiment_sees_what_the_hash_gives_them() -> None:
    exposures, _ = rehearse(EXPERIMENT, members(2000))
    asked = assign_all(EXPERIMENT, members(2000)).set_index("viewer")
    assert set(exposures["user_id"]) == set(asked.index[asked["in_experiment"]])
    ours = asked.loc[exposures["user_id"]]
    assert (ours["variant"].to_numpy() == exposures["variation_id"].to_numpy()).all()
    assert (ours["experiment"].to_numpy() == exposures["experiment_id"].to_numpy()).all()
    assert (ours["propensity"].to_numpy() == exposures["propensity"].to_numpy()).all()
    assert exposures["decision_id"].nunique() == len(exposures)
    assert set(exposures["policy"]) == {EXPERIMENT.policy}


def test_lifts_are_there_where_they_were_planted() -> None:
    log = rehearse(EXPERIMENT, members(), Truth(baseline=0.3, lifts={("chase", "chase"): 0.3}))
    assert played(*log, "chase", "general") == pytest.approx(0.3, abs=0.025)
    assert played(*log, "chase", "chase") == pytest.approx(0.39, abs=0.025)
    assert played(*log, "calm", "calm") == pytest.approx(0.3, abs=0.025)


def test_a_rate_may_come_from_what_a_trailer_is_like() -> None:
    truth = Truth(rate=lambda segment, like: 0.3 + 0.1 * like["pace"] * (segment == "chase"))
    assert truth.share(EXPERIMENT, "chase", "chase") == pytest.approx(0.4)
    assert played(*rehearse(EXPERIMENT, members(), truth), "chase", "chase") == pytest.approx(0.4, abs=0.025)


def test_a_lift_fades() -> None:
    exposures, outcomes = rehearse(
        EXPERIMENT, members(), Truth(baseline=0.3, lifts={("chase", "chase"): 1.0}, fade=2.0, again=0.0)
    )
    first, last = exposures["timestamp"] < "2026-01-08", exposures["timestamp"] > "2026-01-15"
    assert played(exposures[first], outcomes, "chase", "chase") > played(exposures[last], outcomes, "chase", "chase") + 0.1


def test_what_a_faulty_log_lost_is_missing_there_alone() -> None:
    fault = Lost(0.5, arm="general", device="tv", day=3)
    whole, _ = rehearse(EXPERIMENT, members())
    broken, _ = rehearse(EXPERIMENT, members(), Truth(lost=(fault,)))
    gone = whole.merge(broken, how="left", indicator=True).query("_merge == 'left_only'")
    assert 100 < len(gone) < 700
    assert set(gone["variation_id"]) == {"general"}
    assert set(gone["device"]) == {"tv"}
    assert set(gone["timestamp"].str[:10]) == {"2026-01-08"}


def test_some_see_two_arms_if_that_was_planted() -> None:
    arms = rehearse(EXPERIMENT, members(), Truth(twice=0.02))[0].groupby("user_id")["variation_id"].nunique()
    assert (arms > 1).mean() == pytest.approx(0.02, abs=0.005)
    assert rehearse(EXPERIMENT, members())[0].groupby("user_id")["variation_id"].nunique().max() == 1


def test_harms_and_habits_show_in_what_units_do() -> None:
    exposures, outcomes = rehearse(EXPERIMENT, members(), Truth(harms={("abandon", "chase"): 1.0}))
    first = exposures.drop_duplicates("user_id").set_index("user_id")
    after = outcomes[outcomes["timestamp"] >= outcomes["user_id"].map(first["timestamp"])]
    ends = after.assign(arm=after["user_id"].map(first["variation_id"])).groupby("arm")["event"].value_counts().unstack()
    left = ends["abandon"] / ends["play"]
    assert left["chase"] > 1.5 * left["general"]
    before = outcomes[outcomes["timestamp"] < outcomes["user_id"].map(first["timestamp"])].groupby("user_id")["value"].sum()
    minutes = after[after["event"] == "play"].groupby("user_id")["value"].sum()
    both = pd.concat([np.log(before), np.log(minutes[minutes > 2])], axis=1, join="inner")
    assert both.corr().iloc[0, 1] > 0.2


def test_the_log_goes_on_until_every_window_has_closed() -> None:
    exposures, outcomes = rehearse(EXPERIMENT, members(200))
    last = pd.Timestamp(exposures["timestamp"].max())
    assert pd.Timestamp(outcomes["timestamp"].max()) >= last + pd.Timedelta(days=7)


def test_the_same_arguments_give_the_same_log() -> None:
    once, again = (rehearse(EXPERIMENT, members(500), seed=3) for _ in range(2))
    pd.testing.assert_frame_equal(once[0], again[0])
    pd.testing.assert_frame_equal(once[1], again[1])
    assert not rehearse(EXPERIMENT, members(500), seed=4)[1].equals(once[1])


def test_nobody_comes_where_nobody_takes_part() -> None:
    exposures, outcomes = rehearse(replace(EXPERIMENT, trials=EXPERIMENT.trials[:1]), members(10).query("segment == 'chase'"))
    assert len(exposures) == len(outcomes) == 0
    assert "propensity" in exposures.columns
