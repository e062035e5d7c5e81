"""How good a ranking is, as a number; and between which numbers it lies, by bootstrap over groups."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

DEPTH = 10
DRAWS = 2000


class Interval(NamedTuple):
    """A mean over groups and its 95 % interval; NaN without a group."""

    mean: float
    low: float
    high: float


def ndcg(gains: np.ndarray, scores: np.ndarray, depth: int = DEPTH) -> float:
    """Normalised discounted cumulative gain of the first `depth` places (Järvelin & Kekäläinen 2002); 1 where all gains are 0.

    Equal scores count as every order of them would on average (McSherry & Najork 2008), so equal scores throughout give what a
    random order is worth.
    """
    size = min(depth, len(gains))
    discount = 1 / np.log2(np.arange(2, size + 2))
    best = float(np.sort(gains)[::-1][:size] @ discount)
    return float(_shared(gains, scores)[:size] @ discount) / best if best > 0 else 1.0


def average_precision(relevant: np.ndarray, scores: np.ndarray) -> float:
    """The mean over relevant rows of the precision at their place; NaN where none is relevant.

    Equal scores count as every order of them would on average (McSherry & Najork 2008).
    """
    relevant = np.asarray(relevant, bool)
    if not relevant.any():
        return float("nan")
    _, tie, size = np.unique(-np.asarray(scores, float), return_inverse=True, return_counts=True)
    hits = np.bincount(tie, relevant, len(size))
    before, hits_before = np.cumsum(size) - size, np.cumsum(hits) - hits
    first = np.repeat(before, size)
    inside = np.arange(len(relevant)) - first  # places before it within its tie
    n, r = np.repeat(size, size), np.repeat(hits, size)
    others = inside * (r - 1) / np.maximum(n - 1, 1)  # relevant ones expected among those, if the row itself is relevant
    return float(np.sum(r / n * (np.repeat(hits_before, size) + 1 + others) / (first + inside + 1)) / relevant.sum())


def kendall(a: np.ndarray, b: np.ndarray) -> float:
    """Kendall's tau-b, -1..1, equal values apart; 0 where one side is all equal."""
    from scipy.stats import kendalltau

    return _told(float(kendalltau(a, b).statistic)) if len(a) > 1 else 0.0


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's rank correlation, -1..1; 0 where one side is all equal."""
    from scipy.stats import rankdata

    x, y = (rankdata(values) - (len(values) + 1) / 2 for values in (a, b))
    return float(x @ y / spread) if (spread := float(np.sqrt((x @ x) * (y @ y)))) else 0.0


def interval(values: np.ndarray, seed: int = 0, draws: int = DRAWS, together: np.ndarray | None = None) -> Interval:
    """The mean of a number a group, and its 95 % percentile bootstrap over groups (Efron 1979).

    together: a label a group; groups of one label are drawn together, as they know of each other (the segments of one episode,
    the episodes of one season). Groups whose number is NaN are left out.
    """
    values = np.asarray(values, float)
    kept = np.isfinite(values)
    if not kept.any():
        return Interval(float("nan"), float("nan"), float("nan"))
    number = np.arange(kept.sum()) if together is None else np.unique(np.asarray(together)[kept], return_inverse=True)[1]
    total, size = np.bincount(number, values[kept]), np.bincount(number).astype(float)
    random = np.random.default_rng(seed)
    means = np.empty(draws)
    for at in range(draws):  # one draw at a time: a table of all of them would not fit for many groups
        drawn = random.integers(len(total), size=len(total))
        means[at] = total[drawn].sum() / size[drawn].sum()
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(float(values[kept].mean()), float(low), float(high))


def paired(a: np.ndarray, b: np.ndarray, seed: int = 0, draws: int = DRAWS, together: np.ndarray | None = None) -> Interval:
    """By how much `a` is above `b`, group by group: see `interval`."""
    return interval(np.asarray(a, float) - np.asarray(b, float), seed, draws, together)


def _shared(gains: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Gains in the order of the scores, those of equal scores evened out."""
    _, tie, size = np.unique(-np.asarray(scores, float), return_inverse=True, return_counts=True)
    return np.repeat(np.bincount(tie, gains, len(size)) / size, size)


def _told(value: float) -> float:
    return value if np.isfinite(value) else 0.0
