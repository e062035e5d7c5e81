"""What reward each action would bring, as LightGBM learns it from the log: of each unit, from the other units alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trailers.ranking.scoring import learner

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from trailers.experiment.replay.tables import Beside, Log

FOLDS = 5
ROUNDS = 60
SETTINGS: Mapping[str, learner.Setting] = {
    "learning_rate": 0.05,
    "num_leaves": 7,
    "min_data_in_leaf": 50,
    "lambda_l2": 5.0,
    "cat_l2": 20.0,
    "cat_smooth": 50.0,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
}
"""Small trees, slowly, drawn towards the mean: rewards are rare, and a rough guess serves (the log corrects it)."""
PLACES = ("action", "segment", "position")
LEAST = 100
"""With fewer rows than this to learn from, every action is held to bring what rows do on average."""


def expected(log: Log, table: Beside, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each row the reward that was to be expected of what was shown, and of what the policy would show (its chances' mean).

    Cross-fitted (Chernozhukov et al. 2018): units are dealt into FOLDS, each is told by what the others' rows teach. An action
    that the log never shows is told by all else that is known of the row.
    """
    fold = np.random.default_rng(seed).permutation(int(log.unit.max()) + 1)[log.unit] % FOLDS
    shown, wanted = np.zeros(log.rows), np.zeros(log.rows)
    features = _features(log)
    named = [*PLACES, *log.named]
    for number in range(FOLDS):
        told, taught = fold == number, fold != number
        if not told.any():
            continue
        if taught.sum() < LEAST:
            shown[told] = wanted[told] = log.reward[taught].mean() if taught.any() else log.reward.mean()
            continue
        text = learner.estimate(features[taught], log.reward[taught], named=named, settings=SETTINGS, rounds=ROUNDS, seed=seed)
        shown[told] = learner.predict(text, features[told])
        wanted[told] = _wanted(text, features[told], table)
    return shown, wanted


def _features(log: Log) -> pd.DataFrame:
    import pandas as pd

    places = pd.DataFrame({"action": log.action, "segment": log.segment, "position": log.position}, dtype=float)
    return pd.concat([places, log.context], axis=1)


def _wanted(text: str, features: pd.DataFrame, table: Beside) -> NDArray[np.float64]:
    """The mean over the policy's actions of what each would bring; rows that are alike are told once."""
    import pandas as pd

    others = features.drop(columns="action")
    number = others.groupby(list(others.columns), sort=False, dropna=False).ngroup().to_numpy()
    _, first = np.unique(number, return_index=True)
    kinds = features.iloc[first].reset_index(drop=True)
    segment, position = kinds["segment"].to_numpy(int), kinds["position"].to_numpy(int)
    found = np.zeros(len(kinds))
    for action in range(len(table.actions)):
        chance = table.chances[segment, position, action]
        if not (here := chance > 0).any():
            continue
        asked = kinds[here].assign(action=float(action) if table.logged[:, :, action].any() else np.nan)
        found[here] += chance[here] * learner.predict(text, pd.DataFrame(asked))
    return np.asarray(found[number], float)
