"""LightGBM as the ranker uses it: rows in groups in, a text out that ranks; the same rows and seed give the same bytes."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
LARGEST = 10_000
"""LightGBM refuses a group of more rows (`query_max_size` of its ranking objectives)."""
Setting = str | float | bool
SETTINGS: Mapping[str, Setting] = {
    "lambdarank_truncation_level": 15,
    "learning_rate": 0.03,
    "num_leaves": 7,
    "min_data_in_leaf": 20,
    "lambda_l2": 5.0,
    "feature_fraction": 0.5,
    "bagging_by_query": True,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
}
"""Small trees, slowly: a season has few shots. What a caller gives in `settings` stands above these."""
_FIXED: Mapping[str, Setting] = {"deterministic": True, "force_row_wise": True, "num_threads": 1, "verbosity": -1}


def fit(
    features: pd.DataFrame,
    labels: np.ndarray,
    groups: Sequence[str] | np.ndarray,
    *,
    gains: Sequence[float],
    start: np.ndarray | None = None,
    positions: Sequence[int] | np.ndarray | None = None,
    rising: Collection[str] = (),
    settings: Mapping[str, Setting] | None = None,
    rounds: int = 60,
    seed: int = 0,
    pointwise: bool = False,
) -> str:
    """Trees that rank the rows of each group by label, as LightGBM's text: LambdaRank (Burges 2010), its gains for each label.

    features: rows x numbers, NaN unknown; labels: whole numbers from 0, places in `gains`; groups: a name a row, rows of one name
    are ranked against each other (above LARGEST rows they are dealt into several groups, row by row). Rows are taken sorted by
    group, within a group as given. start: what the trees start from and correct. positions: where each row stood when it was
    judged; LightGBM then fits a bias a position beside the trees and leaves it out of what it predicts (`position=`, after
    unbiased LambdaMART, Hu et al. 2019). rising: features that may only raise the score. pointwise: squared error on the
    gains instead, which knows no groups. ValueError where there are no rows, or a label has no gain.
    """
    import lightgbm as lgb

    labels, named = np.asarray(labels, int), dealt(groups)
    if not len(features) or not len(features) == len(labels) == len(named):
        raise ValueError(f"one label and group a row, at least one row: {features.shape = }, {labels.shape = }, {len(named) = }")
    if labels.min() < 0 or labels.max() >= len(gains):
        raise ValueError(f"labels run from 0 to {len(gains) - 1}: {labels.min() = }, {labels.max() = }")
    order = np.argsort(named, kind="stable")
    _, sizes = np.unique(named, return_counts=True)
    data = lgb.Dataset(
        features.to_numpy(float)[order],
        (np.asarray(gains, float)[labels] if pointwise else labels)[order],
        group=None if pointwise else sizes,
        init_score=None if start is None else np.asarray(start, float)[order],
        position=None if positions is None or pointwise else np.asarray(positions)[order],
        feature_name=[re.sub(r"\W", "_", str(name)) for name in features.columns],
    )
    objective: dict[str, object] = {"objective": "lambdarank", "label_gain": list(gains)}
    if pointwise:  # without queries there is nothing to draw by query: LightGBM's regression would diverge
        objective = {"objective": "regression", "bagging_by_query": False}
    given: dict[str, object] = {**SETTINGS, **(settings or {}), **_FIXED, **objective, "seed": seed}
    given["monotone_constraints"] = [int(name in rising) for name in features.columns]
    return str(lgb.train(given, data, rounds).model_to_string())


def estimate(
    features: pd.DataFrame,
    values: np.ndarray,
    *,
    named: Collection[str] = (),
    settings: Mapping[str, Setting] | None = None,
    rounds: int = 60,
    seed: int = 0,
) -> str:
    """Trees that tell a number a row, as LightGBM's text for `predict`: by cross-entropy where all values lie in 0..1, else by
    least squares.

    features: rows x numbers, NaN unknown; those `named` are codes of names, whole from 0. ValueError where there are no rows, or
    not a value for each.
    """
    import lightgbm as lgb

    values = np.asarray(values, float)
    if not len(features) or len(features) != len(values):
        raise ValueError(f"one value a row, at least one row: {features.shape = }, {values.shape = }")
    shares = bool(values.min() >= 0 and values.max() <= 1)
    data = lgb.Dataset(
        features.to_numpy(float),
        values,
        feature_name=[re.sub(r"\W", "_", str(name)) for name in features.columns],
        categorical_feature=[at for at, name in enumerate(features.columns) if name in set(named)],
    )
    objective: Mapping[str, Setting] = {"objective": "cross_entropy" if shares else "regression", "bagging_by_query": False}
    given: dict[str, object] = {**SETTINGS, **(settings or {}), **_FIXED, **objective, "seed": seed}
    return str(lgb.train(given, data, rounds).model_to_string())


def predict(text: str, features: pd.DataFrame) -> np.ndarray:
    """What the trees of `fit` give to each row (without `start`): higher ranks first; no unit. What those of `estimate` do: in
    the unit of their values."""
    return np.asarray(_booster(text).predict(features.to_numpy(float), num_threads=1), float)


def contributions(text: str, features: pd.DataFrame) -> np.ndarray:
    """Rows x features: what each adds to a row's prediction (SHAP for trees, Lundberg 2020); they sum to it less a constant."""
    parts = _booster(text).predict(features.to_numpy(float), pred_contrib=True, num_threads=1)
    return np.asarray(parts, float)[:, :-1]


def dealt(groups: Sequence[str] | np.ndarray) -> np.ndarray:
    """The name of each row's group, with groups of more than LARGEST rows dealt row by row into as few as it takes."""
    import pandas as pd

    names = pd.Series(np.asarray(groups, str))
    number, size = names.groupby(names).cumcount(), names.groupby(names).transform("size")
    parts = -(-size // LARGEST)
    return np.asarray(names.where(parts < 2, names + " #" + (number % parts).astype(str)), str)


def _booster(text: str) -> Any:
    import lightgbm as lgb

    return lgb.Booster(model_str=text)
