"""Rows that point the same way, grouped: how many groups, whether they come again, and none of them too small."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trailers.ranking.audience.profiles import main_directions

MOST = 8
"""At most so many groups are looked for."""
CLEAR = 0.1
"""By how much a row's cosine to the own group's middle must stand above that to the next one's."""
AGAIN = 0.6
"""Groups that agree less with those found in resamples (adjusted Rand index) are chance."""
DRAWS = 20
SAMPLE = 2000
"""Rows that are resampled, and that silhouettes are taken of, at most."""


@dataclass(frozen=True, eq=False)
class Groups:
    """label: a group a row, -1 for rows in none; told: how their number came about."""

    label: np.ndarray
    told: str


def group(rows: np.ndarray, count: int | None, smallest: int, seed: int) -> Groups:
    """Groups of rows by their direction (k-means on rows of length 1 in the main directions, sklearn).

    `count` is the number of groups; without it, the number from 2 to 8 whose groups stand apart best (mean silhouette, Rousseeuw
    1987; of equals, to a hundredth, the fewest) among those that hold `smallest` rows each and come again (`agreement` is
    AGAIN or more). Rows between groups are in none.
    A group of fewer than `smallest` is merged into the one that points most alike, or is none where no other does.
    """
    from threadpoolctl import threadpool_limits

    size = max(3, (count or 1) - 1)
    unit = _unit(rows @ main_directions(rows, size))
    told = np.linalg.norm(unit, axis=1) > 0.5
    if not unit.shape[1] or told.sum() < 10:
        return Groups(np.full(len(rows), -1), f"only {int(told.sum())} viewers can be told apart")
    if count == 1:
        return Groups(np.where(told, 0, -1), "1, as asked")
    where, wide = unit[told], rows[told]
    again: dict[int, float] = {}
    with threadpool_limits(1):
        tried = {n: _means(where, n, seed) for n in ([count] if count else range(2, min(MOST, len(where) // 5) + 1))}
        apart = {n: _apart(where, label, seed) for n, label in tried.items()}
        small = {n: bool(np.bincount(label, minlength=n).min() < smallest) for n, label in tried.items()}
        for number in sorted(tried, key=lambda n: (small[n], -round(apart[n], 2), n)):
            again[number] = agreement(wide, tried[number], size, seed)
            if count or again[number] >= AGAIN:
                break
    figures = f"silhouette {_list(apart)}; agreement with {DRAWS} resamples, adjusted Rand index, {_list(again)}"
    best = count or max(again, key=lambda n: (again[n] >= AGAIN, -n))
    if not count and again[best] < AGAIN:
        return Groups(np.full(len(rows), -1), f"no number of groups comes again when viewers are drawn anew ({figures})")
    why = f"{best}, as asked" if count else f"{best}, by the best silhouette of those that come again when viewers are drawn anew"
    label, merged = merge(where, tried[best], smallest)
    whole = np.full(len(rows), -1)
    whole[told] = label
    return Groups(whole, "; ".join([f"{why} ({figures})", *merged]))


def agreement(rows: np.ndarray, label: np.ndarray, size: int, seed: int, draws: int = DRAWS) -> float:
    """How well groups come again (Hennig 2007; Fang and Wang 2012): 1 the same, 0 as by chance.

    Rows are drawn anew with replacement, directions and groups found in the draw, and all rows given to the nearest; the mean
    adjusted Rand index (Hubert and Arabie 1985) with `label`. Of many rows, SAMPLE are taken.
    """
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score

    random = np.random.default_rng(seed)
    if len(rows) > SAMPLE:
        kept = np.sort(random.choice(len(rows), SAMPLE, replace=False))
        rows, label = rows[kept], label[kept]
    found = []
    for _ in range(draws):
        drawn = rows[random.integers(0, len(rows), len(rows))]
        ways = main_directions(drawn, size)
        means = KMeans(int(label.max()) + 1, n_init=3, random_state=seed).fit(_unit(drawn @ ways))
        found.append(adjusted_rand_score(label, means.predict(_unit(rows @ ways))))
    return float(np.mean(found))


def merge(where: np.ndarray, label: np.ndarray, smallest: int) -> tuple[np.ndarray, list[str]]:
    """The labels without rows between groups and without groups under `smallest`, from 0 on; and what was done, in words."""
    label, merged, gone = label.copy(), 0, 0
    while True:
        kept = clear(where, label)
        groups = sorted(set(label[label >= 0].tolist()))
        sizes = {number: int((kept == number).sum()) for number in groups}
        small = [number for number in groups if sizes[number] < smallest]
        if not small:
            break
        least = min(small, key=lambda number: (sizes[number], number))
        middles = {number: _middle(where[label == number]) for number in groups}
        near = {number: float(middles[number] @ middles[least]) for number in groups if number != least}
        best = max(near, key=lambda number: (near[number], -number)) if near else -1
        if near and near[best] > 0:
            label[label == least], merged = best, merged + 1
        else:
            label[label == least], gone = -1, gone + 1
    order = {number: n for n, number in enumerate(groups)}
    words = [f"{merged} of fewer than {smallest} viewers merged into the nearest"] if merged else []
    words += [f"{gone} of fewer than {smallest} viewers left in everybody"] if gone else []
    return np.array([order.get(int(number), -1) for number in kept], int), words


def clear(where: np.ndarray, label: np.ndarray) -> np.ndarray:
    """The labels, -1 for rows that stand between groups."""
    groups = sorted(set(label[label >= 0].tolist()))
    if len(groups) < 2:
        return label
    cosine = where @ np.stack([_middle(where[label == number]) for number in groups]).T
    mine = np.searchsorted(groups, np.maximum(label, groups[0]))
    own = cosine[np.arange(len(where)), mine]
    cosine[np.arange(len(where)), mine] = -np.inf
    return np.where((label >= 0) & (own - cosine.max(axis=1) >= CLEAR), label, -1)


def _means(where: np.ndarray, number: int, seed: int) -> np.ndarray:
    from sklearn.cluster import KMeans

    return np.asarray(KMeans(number, n_init=10, random_state=seed).fit(where).labels_)


def _apart(where: np.ndarray, label: np.ndarray, seed: int) -> float:
    from sklearn.metrics import silhouette_score

    if len(set(label.tolist())) < 2:
        return -1.0
    return float(silhouette_score(where, label, sample_size=min(len(where), SAMPLE), random_state=seed))


def _middle(rows: np.ndarray) -> np.ndarray:
    return np.asarray(_unit(rows.mean(axis=0)[None])[0])


def _unit(rows: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.where(length > 1e-9, rows / np.maximum(length, 1e-12), 0.0))


def _list(values: dict[int, float]) -> str:
    return ", ".join(f"{number}: {value:.2f}" for number, value in sorted(values.items()))
