"""Videos ranked by models that never saw them: fold by fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from trailers.ranking.scoring import learner


def left_out(
    names: Sequence[str],
    labels: Sequence[np.ndarray],
    features: Sequence[pd.DataFrame],
    folds: Sequence[str],
    *,
    gains: Sequence[float],
    settings: Mapping[str, learner.Setting],
    seed: int,
    rising: Sequence[str] = (),
    pointwise: bool = False,
) -> list[np.ndarray]:
    """Scores of each video's rows by a model of the videos in other folds; labels: whole numbers, places in `gains`;
    names: of the videos, whose order is that of training."""
    scores: dict[int, np.ndarray] = {}
    for fold in sorted(set(folds)):
        known = [n for n in range(len(labels)) if folds[n] != fold]
        text = learner.fit(
            pd.concat([features[n] for n in known]),
            np.concatenate([labels[n] for n in known]).astype(int),
            [names[n] for n in known for _ in labels[n]],
            gains=gains,
            rising=rising,
            settings=settings,
            seed=seed,
            pointwise=pointwise,
        )
        scores.update({n: learner.predict(text, features[n]) for n in range(len(labels)) if folds[n] == fold})
    return [scores[n] for n in range(len(labels))]
