"""Assignment is the platform's own, splits as asked, keeps seasons apart and never moves anyone."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency, chisquare

from trailers.errors import RequestError
from trailers.experiment.assign import Assignment, assign, assign_all, chances, pseudonym
from trailers.experiment.design import Arm, Experiment, Gate, Trial
from trailers.experiment.hashes.rules import RULES
from trailers.experiment.metric import house

platforms = pytest.mark.parametrize("platform", sorted(RULES))
NAMES = ("general", "calm", "chase")


def experiment(season: str = "s01", platform: str = "growthbook", coverage: int = 1000, *gates: Gate) -> Experiment:
    arms = tuple(Arm(name, name.title(), (f"{name}/landscape",)) for name in NAMES)
    trials = (
        Trial("calm", "Calm", 100, (("general", 500), ("calm", 450), ("chase", 50))),
        Trial("chase", "Chase", 100, (("general", 500), ("calm", 50), ("chase", 450))),
    )
    return Experiment(
        f"{season}-trailers", season, f"{season}-trailers", arms, trials, house(), gates, coverage, platform=platform
    )


def viewers(count: int) -> list[str]:
    return [*(f"viewer-{number:05d}" for number in range(count - 2)), "зритель", "😀"]


def members(count: int) -> pd.DataFrame:
    return pd.DataFrame({"viewer": viewers(count), "segment": (["calm", "chase", None] * count)[:count]})


def moved(before: pd.DataFrame, after: pd.DataFrame) -> int:
    inside = before["in_experiment"]
    return int(((before["variant"] != after["variant"]) | ~after["in_experiment"])[inside].sum())


@platforms
def test_a_table_is_assigned_as_single_viewers_are(platform: str) -> None:
    asked = experiment("s01", platform, 800, Gate("seasons", 200, 700, "slot"))
    table = assign_all(asked, members(600))
    assert table["viewer"].is_monotonic_increasing
    assert 0 < table["in_experiment"].sum() < 400
    for viewer, segment, trial, variant, inside, propensity in table.itertuples(index=False):
        one = assign(asked, str(viewer), segment if isinstance(segment, str) else None)
        chance = None if math.isnan(propensity) else propensity
        assert one == Assignment(str(viewer), str(trial), str(variant), bool(inside), chance)


@platforms
def test_raising_the_coverage_moves_nobody(platform: str) -> None:
    tables = [assign_all(experiment("s01", platform, coverage), members(3000)) for coverage in (300, 600, 1000)]
    inside = [int(table["in_experiment"].sum()) for table in tables]
    assert inside[0] < inside[1] < inside[2] == 2000
    assert [moved(tables[0], tables[1]), moved(tables[1], tables[2]), moved(tables[0], tables[2])] == [0, 0, 0]
    assert moved(tables[2], tables[1]) > 0, "lowering it takes people out, and the check must see that"


@platforms
def test_seasons_of_one_namespace_never_test_on_the_same_viewer(platform: str) -> None:
    one = assign_all(experiment("s01", platform, 1000, Gate("seasons", 0, 400, "slot")), members(3000))
    two = assign_all(experiment("s02", platform, 1000, Gate("seasons", 400, 1000, "slot")), members(3000))
    assert one["in_experiment"].sum() == pytest.approx(800, abs=90)
    assert not (one["in_experiment"] & two["in_experiment"]).any()
    assert (one["in_experiment"] | two["in_experiment"])[one["segment"].notna()].all()
    without = assign_all(experiment("s02", platform), members(3000))
    assert (one["in_experiment"] & without["in_experiment"]).any(), "the check must see a season that names no slot"


def test_who_is_held_out_is_in_no_seasons_test() -> None:
    held = Gate("holdout", 100, 1000, "holdout")
    seasons = [assign_all(experiment(season, "growthbook", 1000, held), members(3000)) for season in ("s01", "s02")]
    assert (seasons[0]["in_experiment"] == seasons[1]["in_experiment"]).all()
    assert seasons[0]["in_experiment"].sum() == pytest.approx(1800, abs=60)


@platforms
def test_viewers_fall_to_the_arms_with_their_propensities(platform: str) -> None:
    asked = experiment("s01", platform, 900)
    table = assign_all(asked, pd.DataFrame({"viewer": viewers(20000), "segment": "calm"}))
    inside = table[table["in_experiment"]]
    given = chances(asked, asked.trials[0])
    assert list(given) == ["general", "calm", "chase"]
    seen = inside["variant"].value_counts().reindex(list(given)).to_numpy()
    assert chisquare(seen, np.array(list(given.values())) * len(inside)).pvalue > 0.001
    assert (inside["propensity"] == inside["variant"].map(dict(given))).all()
    assert chisquare(seen, np.array([0.48, 0.47, 0.05]) * len(inside)).pvalue < 0.001, "the check must see a wrong share"


def test_a_platforms_whole_buckets_make_the_propensity_not_what_was_asked() -> None:
    """17 of 1000 at a coverage of 333 are 56.61 of Optimizely's 10000 buckets: it gives 57."""
    trial = Trial("calm", "Calm", 100, (("general", 983), ("calm", 17)))
    asked = replace(experiment("s01", "optimizely", 333), trials=(trial,))
    assert chances(asked, trial)["calm"] == 57 / (57 + 3274)
    small = replace(trial, weights=(("general", 999), ("calm", 1)))
    with pytest.raises(RequestError, match="launchdarkly cuts too coarsely to give 'calm' its share at a coverage of 5"):
        chances(replace(asked, trials=(small,), platform="launchdarkly", coverage=5), small)


def test_who_has_no_trial_gets_the_control_outside_the_experiment() -> None:
    for segment in (None, "general", "unheard-of"):
        assert assign(experiment(), "viewer-1", segment) == Assignment("viewer-1", "s01-trailers", "general", False, None)


@platforms
def test_who_has_no_id_is_outside_the_experiment(platform: str) -> None:
    assert not assign(experiment("s01", platform), "", "calm").in_experiment
    table = assign_all(experiment("s01", platform), pd.DataFrame({"viewer": ["", "a"], "segment": "calm"}))
    assert table["in_experiment"].tolist() == [False, True]


def test_a_viewer_of_two_segments_is_refused() -> None:
    twice = pd.DataFrame({"viewer": ["a", "a", "b", "b"], "segment": ["calm", "chase", "calm", "calm"]})
    with pytest.raises(RequestError, match="1 belong to more, the first is 'a'"):
        assign_all(experiment(), twice)
    assert len(assign_all(experiment(), twice[2:])) == 1


def test_a_row_without_a_viewer_is_refused() -> None:
    with pytest.raises(RequestError, match="1 name none"):
        assign_all(experiment(), pd.DataFrame({"viewer": ["a", None], "segment": "calm"}))


def test_seasons_split_independently_of_each_other() -> None:
    table = pd.DataFrame({"viewer": viewers(8000), "segment": "calm"})
    seasons = [assign_all(experiment(f"s{number:02d}"), table)["variant"] for number in range(20)]
    p = [
        float(chi2_contingency(pd.crosstab(one, other)).pvalue) for index, one in enumerate(seasons) for other in seasons[:index]
    ]
    assert len(p) == 190
    assert min(p) > 1e-4
    assert np.mean(np.array(p) < 0.05) < 0.11
    assert chi2_contingency(pd.crosstab(seasons[0], assign_all(experiment("s00"), table)["variant"])).pvalue < 1e-9


def test_trials_of_one_season_split_independently_too() -> None:
    calm, chase = (
        assign_all(experiment(), pd.DataFrame({"viewer": viewers(8000), "segment": segment}))["variant"] == "general"
        for segment in ("calm", "chase")
    )
    assert chi2_contingency(pd.crosstab(calm, chase)).pvalue > 0.001


def test_the_order_of_viewers_changes_nothing() -> None:
    table = members(300)
    pd.testing.assert_frame_equal(assign_all(experiment(), table), assign_all(experiment(), table.iloc[::-1]))


def test_another_salt_splits_anew() -> None:
    ours = assign_all(experiment(), members(3000))
    other = assign_all(replace(experiment(), salt="another"), members(3000))
    assert 0.3 < (ours["variant"] == other["variant"])[ours["in_experiment"]].mean() < 0.7


def test_an_empty_season_assigns_nobody() -> None:
    nobody = pd.DataFrame({"viewer": pd.Series([], dtype="str"), "segment": pd.Series([], dtype="str")})
    table = assign_all(experiment(), nobody)
    assert list(table) == ["viewer", "segment", "experiment", "variant", "in_experiment", "propensity"]
    assert len(table) == 0


def test_ids_hashed_with_a_key_are_the_same_for_who_holds_it_only() -> None:
    key = b"0123456789abcdef"
    assert pseudonym("viewer-1", key) == "08a859b67d726cc28c16bc82ba76740218c356fd4ae5c3e411d0e15c12f7311e"
    assert pseudonym("viewer-1", key) != pseudonym("viewer-1", b"another key of ours")
    assert len(pseudonym("зритель", key)) == 64
    with pytest.raises(RequestError, match="16 bytes or more"):
        pseudonym("viewer-1", b"short")
