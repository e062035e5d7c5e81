"""Which of some alternatives people choose: conditional logit with a ridge, and the smooth curves it adds up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

RIDGE = 100.0


def hats(values: np.ndarray, knots: Sequence[float]) -> np.ndarray:
    """values x knots: how near a value is to each knot, so that weights on them draw a curve of straight lines; rows sum to 1."""
    at = np.asarray(knots, float)
    inside = np.clip(values, at[0], at[-1])
    left = np.clip(np.searchsorted(at, inside, side="right") - 1, 0, len(at) - 2)
    share = (inside - at[left]) / (at[left + 1] - at[left])
    basis = np.zeros((len(values), len(at)))
    basis[np.arange(len(values)), left] = 1 - share
    basis[np.arange(len(values)), left + 1] = share
    return basis


def fit(features: np.ndarray, chosen: np.ndarray, sizes: np.ndarray, weights: np.ndarray, ridge: float = RIDGE) -> np.ndarray:
    """A weight a feature: the chance of an alternative is exp(features @ weights) over the sum of its group (McFadden 1974).

    features: rows x numbers, groups one after the other; chosen: a row's share of what was chosen in its group; sizes: rows of
    each group; weights: how much each group counts. The ridge is on features divided by their spread within groups.
    """
    from scipy.optimize import minimize

    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    means = np.add.reduceat(features, first) / sizes[:, None]
    inner = features - np.repeat(means, sizes, axis=0)
    spread = np.maximum(inner.std(axis=0), 1e-9)
    inner /= spread
    each = np.repeat(weights, sizes)
    wanted = chosen * each

    def loss(of: np.ndarray) -> tuple[float, np.ndarray]:
        margin = inner @ of
        top = np.maximum.reduceat(margin, first)
        power = np.exp(margin - np.repeat(top, sizes))
        total = np.add.reduceat(power, first)
        chance = power / np.repeat(total, sizes)
        value = float(weights @ (top + np.log(total)) - wanted @ margin + ridge / 2 * of @ of)
        return value, (chance * each - wanted) @ inner + ridge * of

    found = minimize(loss, np.zeros(features.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    return np.asarray(found.x / spread)
