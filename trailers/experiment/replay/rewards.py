"""What reward each action would bring, as LightGBM learns it from the log: of each unit, from the other units alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trailers.ranking.scoring import learner

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from trailers.experiment.replay.beside import Beside
    from trailers.experiment.replay.tables import Log

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
MOST = 100_000
"""No more rows than this are learnt from: a rough guess gains nothing by more."""
LEAST = 100
"""With fewer rows than this to learn from, every action is held to bring what rows do on average."""


def expected(log: Log, table: Beside, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each row the reward that was to be expected of what was shown, and of what the policy would show (its chances' mean).

    Cross-fitted (Chernozhukov et al. 2018): units are dealt into FOLDS, each is told by what the others' rows teach. An action
    that the log never shows is told by all else that is known of the row.
    """
    random = np.random.default_rng(seed)
    fold = random.permutation(int(log.unit.max()) + 1)[log.unit] % FOLDS
    shown, wanted = np.zeros(log.rows), np.zeros(log.rows)
    features, kind = _features(log), _kinds(log)
    named = [*PLACES, *log.named]
    for number in range(FOLDS):
        told, taught = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        if not len(told):
            continue
        if len(taught) < LEAST:
            shown[told] = wanted[told] = log.reward[taught].mean() if len(taught) else log.reward.mean()
            continue
        some = taught if len(taught) <= MOST else np.sort(random.choice(taught, MOST, replace=False))
        text = learner.estimate(features.iloc[some], log.reward[some], named=named, settings=SETTINGS, rounds=ROUNDS, seed=seed)
        shown[told], wanted[told] = _both(text, features, log.action, kind, told, table)
    return shown, wanted


def _features(log: Log) -> pd.DataFrame:
    import pandas as pd

    places = pd.DataFrame({"action": log.action, "segment": log.segment, "position": log.position}, dtype=float)
    return pd.concat([places, log.context], axis=1)


def _kinds(log: Log) -> NDArray[np.int64]:
    """A number a row, the same for rows of which the same was known before the action was chosen."""
    others = log.context.assign(**{"": log.segment * len(log.positions) + log.position})
    return np.asarray(others.groupby(list(others.columns), sort=False, dropna=False).ngroup(), np.int64)


def _both(
    text: str,
    features: pd.DataFrame,
    action: NDArray[np.int64],
    kind: NDArray[np.int64],
    told: NDArray[np.int64],
    table: Beside,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For the rows `told`, what was shown brings and what the policy would show; of rows of one kind, one is asked."""
    _, first, number = np.unique(kind[told], return_index=True, return_inverse=True)
    kinds = features.iloc[told[first]]
    segment, position = kinds["segment"].to_numpy(int), kinds["position"].to_numpy(int)
    shown, wanted = np.zeros(len(told)), np.zeros(len(kinds))
    for at in range(len(table.actions)):
        chance, here = table.chances[segment, position, at], np.flatnonzero(action[told] == at)
        if not (chance > 0).any() and not len(here):
            continue
        asked = kinds.assign(action=float(at) if table.logged[:, :, at].any() else np.nan)
        brought = learner.predict(text, asked)
        wanted += chance * brought
        shown[here] = brought[number[here]]
    return shown, wanted[number]
