"""Assignment agrees with GrowthBook viewer by viewer, splits evenly, and never moves anyone."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency, chisquare

from trailers.errors import RequestError
from trailers.experiment.assign import Assignment, assign, assign_all, bucket, bucket_ranges, buckets, choose, choose_all
from trailers.experiment.design import Arm, Experiment, design

EVIDENCE = Path(__file__).resolve().parents[3] / "shared" / "evidence" / "bucketing"
evidence = pytest.mark.skipif(not EVIDENCE.exists(), reason="no vectors beside this checkout")


def experiment(season: str = "s01", coverage: float = 1.0, share: float = 0.5) -> Experiment:
    arms = [Arm(name, name.title(), 100, (f"{name}/landscape",)) for name in ("general", "calm", "chase")]
    return design(season, arms, share, coverage)


def viewers(count: int) -> list[str]:
    return [f"viewer-{number:05d}" for number in range(count)]


def members(count: int) -> pd.DataFrame:
    return pd.DataFrame({"viewer": viewers(count), "segment": (["calm", "chase", None] * count)[:count]})


@pytest.mark.parametrize(
    ("seed", "value", "expected"),
    [
        ("seed", "b", 0.2696),
        ("foo", "def", 0.2019),
        ("90850943850283058242805", "123", 0.7516),
        ("trailer-cut", "зритель-0", 0.2194),
    ],
)
def test_buckets_are_growthbooks(seed: str, value: str, expected: float) -> None:
    assert bucket(value, seed) == expected


@evidence
def test_agrees_with_all_of_growthbooks_cases() -> None:
    cases = json.loads((EVIDENCE / "growthbook_cases.json").read_text())
    hashed = [(seed, value, n) for seed, value, version, n in cases["hash"] if version == 2]
    assert hashed
    for seed, value, n in hashed:
        assert bucket(value, seed) == n
    for name, (count, coverage, weights), ranges in cases["getBucketRange"]:
        assert np.array(bucket_ranges(count, coverage, weights)) == pytest.approx(np.array(ranges)), name
    for name, n, ranges, expected in cases["chooseVariation"]:
        assert choose(n, ranges) == expected, name


@evidence
def test_agrees_with_growthbooks_sdk_on_every_viewer() -> None:
    with (EVIDENCE / "growthbook_assignments.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["hash_version"] == "2"]
    assert len(rows) == 500
    for row in rows:
        seed = row["seed"] or row["key"]
        weights = [float(weight) for weight in row["weights"].split("|")] if row["weights"] else None
        ranges = bucket_ranges(int(row["variations"]), float(row["coverage"]), weights)
        assert bucket(row["user"], seed) == float(row["bucket"])
        assert choose(bucket(row["user"], seed), ranges) == int(row["variation"])


def test_many_at_once_are_the_same_as_one_by_one() -> None:
    names = ["", "a", "é", "зритель-7", "😀 viewer", "x" * 300, *viewers(500)]
    found = buckets(names, "salt:calm")
    assert found.tolist() == [bucket(name, "salt:calm") for name in names]
    ranges = bucket_ranges(3, 0.7, (0.2, 0.3, 0.5))
    assert choose_all(found, ranges).tolist() == [choose(n, ranges) for n in found]
    assert buckets([], "salt").shape == (0,)


def test_bytes_of_utf8_would_not_agree() -> None:
    """What the hash runs over matters: UTF-16 code units, as in JavaScript."""
    assert bucket("é", "s") != bucket("é".encode().decode("latin-1"), "s")


def test_a_table_is_assigned_as_single_viewers_are() -> None:
    table = assign_all(experiment(coverage=0.8), members(600))
    assert table["viewer"].is_monotonic_increasing
    for viewer, segment, trial, variant, inside in table.itertuples(index=False):
        known = segment if isinstance(segment, str) else None
        assert assign(experiment(coverage=0.8), str(viewer), known) == Assignment(
            str(viewer), str(trial), str(variant), bool(inside)
        )


def test_who_has_no_segment_gets_the_control_outside_the_experiment() -> None:
    for segment in (None, "general", "unheard-of"):
        assert assign(experiment(), "viewer-1", segment) == Assignment("viewer-1", "s01-trailers", "general", False)


def test_a_viewer_of_two_segments_is_refused() -> None:
    twice = pd.DataFrame({"viewer": ["a", "a"], "segment": ["calm", "chase"]})
    with pytest.raises(RequestError, match="first is 'a'"):
        assign_all(experiment(), twice)


@pytest.mark.parametrize("share", [0.5, 0.2])
def test_viewers_fall_to_the_arms_as_asked(share: float) -> None:
    chosen = choose_all(buckets(viewers(20000), "s01:calm"), bucket_ranges(2, 1.0, (1 - share, share)))
    seen = np.bincount(chosen, minlength=2)
    assert chisquare(seen, [20000 * (1 - share), 20000 * share]).pvalue > 0.001


def test_seasons_split_independently_of_each_other() -> None:
    ranges = bucket_ranges(2)
    one, two = (choose_all(buckets(viewers(20000), experiment(season).seed("calm")), ranges) for season in ("s01", "s02"))
    assert chi2_contingency(pd.crosstab(one, two)).pvalue > 0.001
    same = choose_all(buckets(viewers(20000), experiment("s01").seed("calm")), ranges)
    assert chi2_contingency(pd.crosstab(one, same)).pvalue < 1e-9


def test_raising_the_coverage_moves_nobody() -> None:
    before = assign_all(experiment(coverage=0.3), members(3000))
    after = assign_all(experiment(coverage=0.9), members(3000))
    inside = before["in_experiment"]
    assert 0 < inside.sum() < after["in_experiment"].sum()
    assert after["in_experiment"][inside].all()
    assert (before["variant"][inside] == after["variant"][inside]).all()


def test_the_order_of_viewers_changes_nothing() -> None:
    table = members(300)
    pd.testing.assert_frame_equal(assign_all(experiment(), table), assign_all(experiment(), table.iloc[::-1]))


def test_another_salt_splits_anew() -> None:
    ours = assign_all(experiment(), members(3000))
    other = assign_all(replace(experiment(), salt="another"), members(3000))
    assert 0.3 < (ours["variant"] == other["variant"])[ours["in_experiment"]].mean() < 0.7
