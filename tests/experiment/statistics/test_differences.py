"""Differences are those of the published methods and experiments, and admit what nobody can know yet."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailers.errors import RequestError
from trailers.experiment.metric import Kind
from trailers.experiment.statistics import differences
from trailers.experiment.statistics.difference import Difference
from trailers.experiment.statistics.sums import Sums

SHARED = Path(__file__).parents[4] / "shared" / "evidence" / "experiments"
COUNTS = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def counted(won: int, n: int) -> Sums:
    return Sums(n, won, won)


def summed(y: np.ndarray, z: np.ndarray | None = None, x: np.ndarray | None = None) -> Sums:
    z = np.zeros(len(y)) if z is None else z
    x = np.zeros(len(y)) if x is None else x
    return Sums(len(y), *(float(each.sum()) for each in (y, y * y, z, z * z, y * z, x, x * x, x * y, x * z)))


@pytest.mark.parametrize(
    ("own", "control", "low", "high"), [((56, 70), (48, 80), 0.0524, 0.3339), ((10, 10), (0, 20), 0.6791, 1.0)]
)
def test_a_share_s_interval_is_newcombe_s(own: tuple[int, int], control: tuple[int, int], low: float, high: float) -> None:
    """Newcombe 1998, Statistics in Medicine 17, table II, method 10."""
    found = differences.share(counted(*control), counted(*own))
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("kept", "effect", "p", "low", "high"),
    [
        ((20034, 20119), -0.005905, 0.07441, -0.012392, 0.000582),
        ((8502, 8279), -0.008201, 0.001554, -0.013282, -0.003121),
    ],
)
def test_cookie_cats_is_as_published(kept: tuple[int, int], effect: float, p: float, low: float, high: float) -> None:
    """44,700 players met the gate at level 30, 45,489 at level 40; those who came back after a day, after a week."""
    found = differences.share(counted(kept[0], 44700), counted(kept[1], 45489))
    assert (found.effect, found.low, found.high) == pytest.approx((effect, low, high), abs=5e-7)
    assert found.p == pytest.approx(p, rel=5e-4)


@pytest.mark.skipif(not SHARED.is_dir(), reason="no public data here")
@pytest.mark.parametrize("metric", ["visit", "conversion", "spend"])
@pytest.mark.parametrize("arm", ["Mens E-Mail", "Womens E-Mail"])
def test_hillstrom_is_as_computed_elsewhere(metric: str, arm: str) -> None:
    import pandas as pd

    table = pd.read_csv(SHARED / "hillstrom.csv.gz")
    said = json.loads((SHARED / "reference.json").read_text())["hillstrom"][metric][f"{arm} - none"]
    none, mailed = (summed(table.loc[table["segment"] == name, metric].to_numpy(float)) for name in ("No E-Mail", arm))
    found = differences.mean(none, mailed)
    assert [found.effect, found.low, found.high] == pytest.approx([said["diff"], *said["ci95"]], abs=5.1e-7)
    assert found.p == pytest.approx(said["p"], rel=5e-3)


def test_a_mean_s_difference_is_welch_s() -> None:
    from scipy.stats import ttest_ind

    rng = np.random.default_rng(0)
    control, own = rng.gamma(2, 3, 40), rng.gamma(2, 4, 25)
    found, welch = differences.mean(summed(control), summed(own), 0.9), ttest_ind(own, control, equal_var=False)
    assert found.p == pytest.approx(welch.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(welch.confidence_interval(0.9)))


@pytest.mark.parametrize(("kind", "before"), [("mean", False), ("mean", True), ("ratio", False), ("ratio", True)])
def test_means_and_ratios_are_tea_tasting_s(kind: Kind, before: bool) -> None:
    """What that library makes of the units themselves: difference, interval, relative interval and p, adjusted or not."""
    from tea_tasting import make_users_data  # type: ignore[attr-defined,unused-ignore]
    from tea_tasting.aggr import read_aggregates
    from tea_tasting.metrics import RatioOfMeans

    table = make_users_data(return_type="pandas", rng=7, n_users=900, covariates=True, ratio=2)
    below = "sessions" if kind == "ratio" else None
    other = RatioOfMeans("revenue", below, "revenue_covariate" if before else None, confidence_level=0.9)
    cells = read_aggregates(table, "variant", **other.aggr_cols._asdict())
    theirs = other.analyze_aggregates(cells[0], cells[1])
    arms = [
        summed(*(rows[name].to_numpy(float) for name in ("revenue", "sessions", "revenue_covariate")))
        for _, rows in table.groupby("variant")
    ]
    ours = (differences.adjusted if before else differences.difference)(kind, arms[0], arms[1], 0.9)
    assert (ours.control, ours.value, ours.effect, ours.p) == pytest.approx(
        (theirs.control, theirs.treatment, theirs.effect_size, theirs.pvalue)
    )
    assert (ours.low, ours.high) == pytest.approx((theirs.effect_size_ci_lower, theirs.effect_size_ci_upper))
    assert (ours.relative, ours.relative_low, ours.relative_high) == pytest.approx(
        (theirs.rel_effect_size, theirs.rel_effect_size_ci_lower, theirs.rel_effect_size_ci_upper)
    )
    assert (ours.explained > 0.1) is before


def test_a_ratio_counts_units_and_not_their_rows() -> None:
    """Whoever plays much leaves much: rows of one unit hang together, so that a test of rows would be too sure."""
    rng = np.random.default_rng(1)

    def arm() -> tuple[np.ndarray, np.ndarray]:
        plays = 1 + rng.poisson(3, 2000)
        return rng.binomial(plays, rng.beta(0.5, 2, 2000)).astype(float), plays.astype(float)

    control, own = arm(), arm()
    found = differences.ratio(summed(*control), summed(*own))
    assert found.value == pytest.approx(own[0].sum() / own[1].sum())
    drawn = [rng.integers(0, 2000, 2000) for _ in range(600)]
    bootstrap = np.std([own[0][each].sum() / own[1][each].sum() for each in drawn])
    other = np.std([control[0][each].sum() / control[1][each].sum() for each in drawn])
    assert found.se == pytest.approx(math.hypot(bootstrap, other), rel=0.1)
    before, after = (Sums(int(z.sum()), y.sum(), y.sum()) for y, z in (control, own))
    rows = differences.share(before, after)
    assert rows.se < 0.75 * found.se


@pytest.mark.parametrize("kind", ["share", "mean", "ratio"])
def test_adjusting_by_what_was_before_narrows_without_moving_the_truth(kind: Kind) -> None:
    rng = np.random.default_rng(2)
    off, narrower = [], []
    for _ in range(60):
        arms = []
        for lift in (0.0, 0.1):
            x = rng.standard_normal(1000)
            y = 1 + lift + x + 0.5 * rng.standard_normal(1000)
            z = np.ones(1000) if kind != "ratio" else 2 + 0.1 * rng.standard_normal(1000)
            arms.append(summed((y > 1).astype(float) if kind == "share" else y, z, x))
        plain = differences.difference(kind, arms[0], arms[1])
        better = differences.adjusted(kind, arms[0], arms[1])
        off.append(better.effect - plain.effect)
        narrower.append((better.high - better.low) / (plain.high - plain.low))
        assert better.explained == pytest.approx(1 - narrower[-1] ** 2, abs=0.02)
    assert abs(np.mean(off)) < 0.02
    assert np.mean(narrower) < (0.85 if kind == "share" else 0.6)


def test_adjusting_by_nothing_changes_nothing() -> None:
    rng = np.random.default_rng(3)
    arms = summed(rng.random(50)), summed(rng.random(60))
    assert differences.adjusted("mean", *arms) == differences.mean(*arms)


@given(COUNTS, COUNTS)
def test_a_share_s_difference_is_the_same_from_the_other_side(one: tuple[int, int], other: tuple[int, int]) -> None:
    there, back = differences.share(counted(*one), counted(*other)), differences.share(counted(*other), counted(*one))
    assert (there.effect, there.low, there.high) == pytest.approx((-back.effect, -back.high, -back.low), abs=1e-12)
    assert there.p == pytest.approx(back.p)
    assert -1 - 1e-9 <= there.low <= there.effect <= there.high <= 1 + 1e-9
    assert there.se > 0


@given(COUNTS, COUNTS)
def test_a_relative_effect_lies_in_its_interval(one: tuple[int, int], other: tuple[int, int]) -> None:
    found = differences.share(counted(*one), counted(*other))
    if one[0]:
        assert found.relative_low <= found.relative <= found.relative_high
        assert found.relative == pytest.approx(found.effect / found.control)
    else:
        assert math.isnan(found.relative)


@pytest.mark.parametrize(
    "found",
    [
        differences.share(Sums(0), counted(3, 10)),
        differences.mean(Sums(1, 2.0, 4.0), Sums(5, 2.0, 4.0)),
        differences.mean(Sums(9), Sums(8)),
        differences.ratio(Sums(9, 2, 2, 3, 3, 2), Sums(8)),
    ],
    ids=["no units", "one unit", "no spread", "no rows below"],
)
def test_what_nobody_can_know_is_not_told(found: Difference) -> None:
    assert (found.se, found.low, found.high, found.p) == (math.inf, -math.inf, math.inf, 1.0)
    assert math.isnan(found.relative)


def test_an_arm_without_a_single_success_is_not_certain_of_itself() -> None:
    found = differences.share(counted(0, 30), counted(0, 30))
    assert found.low < -0.1
    assert found.high > 0.1
    assert found.se > 0.03


def test_few_units_with_a_heavy_tail_are_not_surer_than_many() -> None:
    """The few have not met the large values yet: their own variance is a trifle, all units' is not."""
    rng = np.random.default_rng(4)
    many, few = rng.lognormal(0, 2, 5000), rng.lognormal(0, 0.2, 20)
    found = differences.mean(summed(many), summed(few))
    assert found.se > 10 * (found.high - found.low) / 4


def test_a_relative_error_is_that_of_its_interval() -> None:
    found = differences.share(counted(1000, 10000), counted(1100, 10000))
    assert differences.relative_error(found) == pytest.approx((found.relative_high - found.relative_low) / 3.92, rel=0.01)
    assert math.isnan(differences.relative_error(differences.share(counted(0, 10), counted(1, 10))))


def test_many_arms_are_compared_at_once() -> None:
    assert differences.alike([counted(50, 1000)] * 4) == pytest.approx(1.0)
    assert differences.alike([counted(50, 1000), counted(50, 1000), counted(90, 1000)]) < 0.001
    assert differences.alike([counted(0, 10), counted(0, 20), Sums(0)]) == 1.0


def test_quantiles_are_not_made_of_sums() -> None:
    with pytest.raises(RequestError, match="a quantile was asked for"):
        differences.difference("quantile", Sums(5), Sums(5))
    with pytest.raises(RequestError, match="cannot be adjusted"):
        differences.adjusted("quantile", Sums(5), Sums(5))
