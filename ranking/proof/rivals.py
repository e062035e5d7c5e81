"""What the ranker has to beat: orders that know no taste, what is like what was watched, and models of other kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from trailers.errors import RequestError
from trailers.ranking.examples import GAINS, RISING, to_learn
from trailers.ranking.proof.holdout import Trial
from trailers.ranking.scoring import learner
from trailers.ranking.segments import GENERAL
from trailers.ranking.watching import watching

FACTORS = 8
CONFIDENCE = 40.0
RANDOM = "random"


def chance(trial: Trial, seed: int) -> np.ndarray:
    """Every shot alike: measures take equal scores for all their orders on average, so this is what a random order is worth."""
    return np.zeros(len(trial.examples.rows))


def position(trial: Trial, seed: int) -> np.ndarray:
    """The earlier in the episode the better."""
    return np.asarray(-_feature(trial, "position"))


def popularity(trial: Trial, seed: int) -> np.ndarray:
    """What everybody engages with: in the shot itself where it is known, else in the shots most like it."""
    own, near = trial.examples.features["watched everybody"], trial.examples.features["near everybody"]
    return np.asarray(np.nan_to_num(own.fillna(near).to_numpy(float)))


def similarity(trial: Trial, seed: int) -> np.ndarray:
    """The shots most like those that the segment engaged with."""
    return _feature(trial, "near")


def pointwise(trial: Trial, seed: int) -> np.ndarray:
    """Trees with the ranker's own features and labels that learn each shot's gain alone (squared error), without its groups."""
    lessons = to_learn(trial.known)
    taught = (lessons.rows["label"] >= 0).to_numpy()
    if not taught.any():
        return chance(trial, seed)
    text = learner.fit(
        lessons.features[taught],
        lessons.rows["label"].to_numpy()[taught],
        lessons.rows.loc[taught, "group"].astype(str).tolist(),
        gains=GAINS,
        rising=RISING,
        seed=seed,
        pointwise=True,
    )
    return learner.predict(text, trial.examples.features)


def factorisation(trial: Trial, seed: int) -> np.ndarray:
    """Matrix factorisation of viewers and shots (`implicit`'s ALS on confidences, Hu, Koren & Volinsky 2008).

    A viewer likes a shot with the confidence by which he watched it more than everybody who reached it, or dislikes it by as
    much: of plain shares watched, factors tell who reached what and nothing of taste. A segment's factors are the mean of its
    viewers'. A shot that nobody has watched has no factors: it takes what a ridge regression from the index's traits to the known
    shots' factors says (Gantner et al. 2010). RequestError where `implicit` is not installed.
    """
    try:
        from implicit.als import AlternatingLeastSquares
    except ImportError:
        raise RequestError("matrix factorisation needs the package implicit: pip install 'trailers[benchmarks]'") from None
    from scipy.sparse import csr_matrix
    from threadpoolctl import threadpool_limits

    shots = len(trial.known.shots)
    seen = watching(trial.history, trial.index.shots)
    seen = seen[~trial.known.cold[seen["shot"].to_numpy()]]
    viewers, names = pd.factorize(seen["viewer"], sort=True)
    reached, done = seen["reached"].to_numpy(float), (seen["watched"] + seen["again"]).to_numpy(float)
    usual = np.bincount(seen["shot"], done, shots) / np.maximum(np.bincount(seen["shot"], reached, shots), 1)
    confidence = done - reached * usual[seen["shot"].to_numpy()]
    table = csr_matrix((confidence, (viewers, seen["shot"].to_numpy())), shape=(len(names), shots))
    model = AlternatingLeastSquares(
        factors=FACTORS, regularization=0.1, alpha=CONFIDENCE, iterations=15, random_state=seed, num_threads=1, use_gpu=False
    )
    with threadpool_limits(1):
        model.fit(table, show_progress=False)
    people, items = np.asarray(model.user_factors, float), np.asarray(model.item_factors, float)
    watched = np.bincount(seen["shot"], minlength=shots) > 0
    if not watched.all() and watched.any():
        items[~watched] = _carried(np.hstack([trial.known.compared.look, trial.known.compared.signals]), items, watched)
    segment = pd.Series(names).map(trial.segments.membership.set_index("viewer")["segment"]).to_numpy(object)
    scores = np.zeros(len(trial.examples.rows))
    of, place = trial.examples.rows["segment"].to_numpy(object), trial.examples.rows["place"].to_numpy()
    for name in pd.unique(of):
        members = np.ones(len(names), bool) if name == GENERAL else segment == name
        taste = people[members if members.any() else slice(None)].mean(axis=0)
        scores[of == name] = (items @ taste)[place[of == name]]
    return scores


Rival = Callable[[Trial, int], np.ndarray]
"""From a trial and a seed to a number for each row of `trial.examples`: higher ranks first."""
LIGHT: Mapping[str, Rival] = {"popularity": popularity, "position": position, "similarity": similarity, RANDOM: chance}
"""Those that cost next to nothing."""
ALL: Mapping[str, Rival] = {**LIGHT, "pointwise": pointwise, "factorisation": factorisation}


def _carried(traits: np.ndarray, items: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The factors that traits say of the shots that are not known."""
    x = traits - traits[known].mean(axis=0)
    x = x / max(float(np.sqrt((x[known] ** 2).sum(axis=1).mean())), 1e-9)
    middle = items[known].mean(axis=0)
    slopes = np.linalg.solve(x[known].T @ x[known] / known.sum() + 0.1 * np.eye(x.shape[1]), x[known].T / known.sum())
    return np.asarray(x[~known] @ (slopes @ (items[known] - middle)) + middle)


def _feature(trial: Trial, name: str) -> np.ndarray:
    return np.asarray(np.nan_to_num(trial.examples.features[name].to_numpy(float)))
