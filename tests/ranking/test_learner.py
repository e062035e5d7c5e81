"""The learner: groups ranked by label, the same bytes twice, groups that LightGBM would refuse."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from trailers.ranking.scoring import learner
from trailers.ranking.scoring.learner import contributions, dealt, fit, predict

GAINS = (0, 1, 3, 7, 15)


def material(rows: int = 600, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray, list[str]]:
    """Features of which "good deed" decides the label within groups of 12."""
    random = np.random.default_rng(seed)
    features = pd.DataFrame(random.normal(size=(rows, 3)), columns=["good deed", "noise", "more noise"])
    groups = [f"g{n // 12:03d}" for n in range(rows)]
    label = features["good deed"].groupby(groups).rank(pct=True).to_numpy()
    return features, np.searchsorted([0.4, 0.65, 0.8, 0.92], label, side="right"), groups


def agreement(scores: np.ndarray, labels: np.ndarray) -> float:
    return float(np.corrcoef(pd.Series(scores).rank(), labels)[0, 1])


def test_what_decides_the_label_decides_the_order_of_rows_never_seen() -> None:
    features, labels, groups = material()
    text = fit(features, labels, groups, gains=GAINS)
    fresh, truth, _ = material(seed=1)
    assert agreement(predict(text, fresh), truth) > 0.85
    shuffled = np.random.default_rng(0).permutation(labels)
    assert agreement(predict(fit(features, shuffled, groups, gains=GAINS), fresh), truth) < 0.5


def test_the_same_rows_and_seed_give_the_same_bytes_and_groups_may_come_in_any_order() -> None:
    features, labels, groups = material()
    text = fit(features, labels, groups, gains=GAINS)
    assert fit(features, labels, groups, gains=GAINS) == text
    assert fit(features, labels, groups, gains=GAINS, seed=1) != text
    back = np.argsort([-int(name[1:]) for name in groups], kind="stable")
    assert fit(features.iloc[back], labels[back], [groups[n] for n in back], gains=GAINS) == text


def test_contributions_add_up_to_the_prediction_less_a_constant() -> None:
    features, labels, groups = material()
    text = fit(features, labels, groups, gains=GAINS)
    parts = contributions(text, features)
    assert parts.shape == features.shape
    assert np.ptp(predict(text, features) - parts.sum(axis=1)) < 1e-9
    assert np.abs(parts[:, 0]).mean() > 3 * np.abs(parts[:, 1:]).mean()


def test_a_rising_feature_never_lowers_a_score() -> None:
    features, labels, groups = material()
    falling = 4 - labels  # the features say the opposite of what is asked
    ladder = pd.DataFrame({"good deed": np.linspace(-2, 2, 50), "noise": 0.0, "more noise": 0.0})
    free = predict(fit(features, falling, groups, gains=GAINS), ladder)
    held = predict(fit(features, falling, groups, gains=GAINS, rising=("good deed",)), ladder)
    assert np.diff(free).min() < 0
    assert np.diff(held).min() >= 0


def test_trees_correct_what_they_start_from() -> None:
    features, labels, groups = material()
    known = features["good deed"].to_numpy() * 4
    text = fit(features, labels, groups, gains=GAINS, start=known)
    alone = fit(features, labels, groups, gains=GAINS)
    assert np.ptp(predict(text, features)) < np.ptp(predict(alone, features))


def clicked(seed: int, lean: float) -> tuple[pd.DataFrame, np.ndarray, list[str], list[int]]:
    """Groups of 10 in order of place; the label follows "good deed" and, by `lean`, how early the row stood."""
    random = np.random.default_rng(seed)
    place = np.tile(np.arange(10), 200)
    good = random.normal(size=2000)
    features = pd.DataFrame({"good deed": good, "place": place + random.normal(0, 0.1, 2000)})
    clicks = (good - lean * place + random.normal(0, 0.3, 2000) > 0).astype(int)
    return features, clicks, [f"{n // 10:03d}" for n in range(2000)], [int(n) for n in place]


def test_given_where_rows_stood_their_place_counts_for_less() -> None:
    features, labels, groups, places = clicked(0, 0.4)
    shares = []
    for positions in (None, places):
        parts = np.abs(contributions(fit(features, labels, groups, gains=(0, 1), positions=positions), features)).mean(axis=0)
        shares.append(parts[1] / parts.sum())
    assert shares[1] < 0.8 * shares[0]


def test_a_pointwise_rival_learns_gains_without_groups() -> None:
    features, labels, groups = material()
    text = fit(features, labels, groups, gains=GAINS, pointwise=True, rounds=200)
    assert predict(text, features).mean() == pytest.approx(np.array(GAINS)[labels].mean(), abs=0.2)
    assert "objective=regression" in text
    assert np.abs(predict(text, features)).max() < 2 * max(GAINS)


def test_features_may_be_named_as_people_name_things() -> None:
    features, labels, groups = material()
    named = features.rename(columns={"noise": 'loud, "sudden": {noise}'})
    assert predict(fit(named, labels, groups, gains=GAINS), named).shape == (len(named),)


def test_groups_that_are_too_large_are_dealt_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learner, "LARGEST", 4)
    names = ["a"] * 9 + ["b"] * 4
    found = dealt(names)
    assert sorted(np.unique(found, return_counts=True)[1]) == [3, 3, 3, 4]
    assert list(found[:4]) == ["a #0", "a #1", "a #2", "a #0"]


def test_more_rows_in_a_group_than_lightgbm_takes_are_no_error() -> None:
    features, labels, _ = material(24_000)
    assert "tree" in fit(features, labels, ["one"] * 24_000, gains=GAINS, rounds=2)


@pytest.mark.parametrize(("labels", "names"), [((0, 5), "ab"), ((-1, 0), "ab"), ((0,), "a"), ((0, 1), "a")])
def test_rows_without_label_group_or_gain_are_refused(labels: Sequence[int], names: str) -> None:
    with pytest.raises(ValueError, match="label"):
        fit(pd.DataFrame({"x": [0.0, 1.0]}), np.array(labels), list(names), gains=GAINS)
