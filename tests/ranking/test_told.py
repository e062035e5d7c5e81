"""Trees that tell a number a row: within what the numbers can be, the same each time, codes of names taken as names."""

import numpy as np
import pandas as pd
import pytest

from trailers.ranking.scoring import learner

FEW = {"min_data_in_leaf": 20, "lambda_l2": 0.1, "feature_fraction": 1.0, "learning_rate": 0.1}


def rows(count: int = 2000) -> tuple[pd.DataFrame, np.ndarray]:
    """Only the odd ones of twelve names bring anything; as numbers, they are in no order."""
    random = np.random.default_rng(0)
    name = random.integers(12, size=count)
    return pd.DataFrame({"name": name.astype(float), "noise": random.random(count)}), (name % 2).astype(float)


def test_shares_stay_shares_and_amounts_may_be_any() -> None:
    features, odd = rows()
    shares = learner.predict(learner.estimate(features, odd, named=["name"], settings=FEW), features)
    assert shares.min() > 0
    assert shares.max() < 1
    assert shares.mean() == pytest.approx(odd.mean(), abs=0.02)
    amounts = learner.predict(learner.estimate(features, 50 * odd - 10, named=["name"], settings=FEW), features)
    assert amounts.min() < 0
    assert amounts.max() > 30


def test_names_are_told_apart_sooner_than_numbers() -> None:
    features, odd = rows()
    errors = [
        float(
            np.mean((learner.predict(learner.estimate(features, odd, named=named, settings=FEW, rounds=15), features) - odd) ** 2)
        )
        for named in (["name"], [])
    ]
    assert errors[0] < 0.8 * errors[1]


def test_the_same_rows_and_seed_give_the_same_bytes() -> None:
    features, odd = rows(500)
    assert learner.estimate(features, odd, seed=3) == learner.estimate(features, odd, seed=3)
    with pytest.raises(ValueError, match="at least one row"):
        learner.estimate(features[:0], odd[:0])
    with pytest.raises(ValueError, match="one value a row"):
        learner.estimate(features, odd[:3])
