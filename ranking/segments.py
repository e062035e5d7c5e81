"""Viewers who watch alike: found from their history, or read from a table; named by what sets them apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trailers.errors import HistoryError, RequestError
from trailers.ranking.watching import watching

if TYPE_CHECKING:
    from pathlib import Path

    from trailers.features.index import ShotIndex
    from trailers.ranking.history import History

GENERAL = "general"
"""Everybody: scored like a segment, shown to viewers without one, and the control of an experiment."""
MOST = 8
"""At most so many segments are looked for."""
SMALLEST = 0.03
"""A group of a smaller share of the viewers is no segment."""
CLEAR = 0.1
"""By how much a viewer's cosine to the own segment's middle must stand above that to the next one's."""


@dataclass(frozen=True)
class Segment:
    """viewers: how many; why: the concepts that set it apart, strongest first; those it turns from begin with "less "."""

    id: str
    name: str
    viewers: int
    why: tuple[str, ...]


@dataclass(frozen=True)
class Segments:
    """membership: viewer, segment, sorted by viewer; criterion: how the number was chosen; general: viewers without a segment."""

    segments: tuple[Segment, ...]
    membership: pd.DataFrame
    criterion: str
    general: int


def find_segments(history: History, index: ShotIndex, count: int | None = None, seed: int = 0) -> Segments:
    """Groups viewers by what they engage with more, or less, than everybody does.

    A viewer is a row of such differences over shots, reduced to its main directions and taken as a direction (length 1); groups
    are k-means' (sklearn). `count` is the number of groups; without it, the number from 2 to 8 whose groups stand apart best
    (mean silhouette, Rousseeuw 1987). Viewers who reached too few shots, or stand between groups, have no segment. A season where
    nobody can be told apart has no segments, and says so.
    """
    if count is not None and not 1 <= count <= MOST:
        raise RequestError(f"a season has 1 to {MOST} segments; asked for: {count}")
    seen = watching(history, index.shots)
    everybody = int(history.plays["viewer"].nunique())
    names, where = _profiles(seen, len(index.shots), max(3, (count or 1) - 1), seed)
    if len(names) < 10 or where.shape[1] < 1:
        return Segments((), _table([], []), f"no segments: only {len(names)} viewers can be told apart", everybody)
    if count == 1:
        label, criterion = np.zeros(len(names), int), "1, as asked"
    else:
        label, criterion = _group(where, count, seed)
    label = _clear(where, label)
    sizes = np.bincount(label[label >= 0], minlength=int(label.max()) + 1)
    small = np.flatnonzero(sizes < max(3, SMALLEST * len(names)))
    label = np.where(np.isin(label, small), -1, label)
    groups = [group for group in range(len(sizes)) if group not in small]
    if not groups:
        return Segments((), _table([], []), "no segments: no group of viewers is large enough", everybody)
    kept = pd.Series(label, index=names)
    tastes = [_taste(seen[seen["viewer"].map(kept) == group], seen, index) for group in groups]
    words = _names(tastes, list(index.concepts.columns))
    ids = {group: slug(name) for group, (name, _) in zip(groups, words, strict=True)}
    found = tuple(
        Segment(ids[group], name, int((label == group).sum()), why) for group, (name, why) in zip(groups, words, strict=True)
    )
    members = kept[kept >= 0]
    table = _table(list(members.index), [ids[int(group)] for group in members])
    return Segments(tuple(sorted(found, key=lambda s: (-s.viewers, s.id))), table, criterion, everybody - len(table))


def read_segments(path: Path, history: History, index: ShotIndex) -> Segments:
    """The user's own table (CSV: viewer, segment, maybe name), taken as it is; viewers without a play are left out.

    RequestError for a file that is no such table, or puts a viewer in two segments; HistoryError where none of its viewers
    watched.
    """
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise RequestError(f"{path}: no such table of segments") from None
    except (ValueError, OSError) as error:
        raise RequestError(f"{path}: not a CSV table that can be read ({str(error).splitlines()[0]})") from None
    missing = [name for name in ("viewer", "segment") if name not in table.columns]
    if missing:
        raise RequestError(
            f"{path}: a table of segments has the columns viewer, segment and, if wished, name; "
            f"missing: {', '.join(missing)}; found: {', '.join(map(str, table.columns))}"
        )
    table = table.drop_duplicates(["viewer", "segment"])
    twice = table.loc[table["viewer"].duplicated(), "viewer"]
    if len(twice):
        raise RequestError(f"{path}: viewer {twice.iloc[0]!r} is in two segments; a viewer has one")
    everybody = int(history.plays["viewer"].nunique())
    watched = table[table["viewer"].isin(history.plays["viewer"].unique()) & (table["segment"] != "")]
    if watched.empty:
        raise HistoryError(f"{path}: none of its {len(table)} viewers is in the viewing history")
    seen = watching(history, index.shots)
    segment_of = watched.set_index("viewer")["segment"]
    segments, ids = [], {}
    for key in sorted(watched["segment"].unique()):
        members = watched[watched["segment"] == key]
        given = [name for name in members["name"] if name] if "name" in members else []
        ids[key] = slug(key)
        taste = _taste(seen[seen["viewer"].map(segment_of) == key], seen, index)
        why = _names([taste], list(index.concepts.columns))[0][1]
        segments.append(Segment(ids[key], given[0] if given else key, len(members), why))
    if len(set(ids.values())) < len(ids) or GENERAL in ids.values():
        raise RequestError(f"{path}: segments need ids of their own, other than {GENERAL!r}; found: {', '.join(sorted(ids))}")
    membership = _table(list(watched["viewer"]), [ids[key] for key in watched["segment"]])
    criterion = f"{len(segments)}, as the table {path.name} says"
    return Segments(tuple(segments), membership, criterion, everybody - len(membership))


def slug(name: str) -> str:
    """A name as an id that serves as a file name: lower-case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "segment"


def _table(viewers: Sequence[str], segments: Sequence[str]) -> pd.DataFrame:
    table = pd.DataFrame({"viewer": pd.Series(viewers, dtype="str"), "segment": pd.Series(segments, dtype="str")})
    return table.sort_values("viewer", ignore_index=True)


def _profiles(seen: pd.DataFrame, shots: int, directions: int, seed: int) -> tuple[list[str], np.ndarray]:
    """Viewers who reached enough shots, and their unit rows in the main directions of what they do unlike everybody."""
    from scipy.sparse import csr_array
    from sklearn.utils.extmath import randomized_svd

    codes, names = pd.factorize(seen["viewer"], sort=True)
    own = _difference(seen, seen, shots)
    reached = np.bincount(codes, seen["reached"], len(names)) if len(names) else np.zeros(0)
    enough = reached >= max(2, min(20, shots // 4))
    scale = 1 / np.sqrt(np.maximum(reached, 1))
    table = csr_array((own * scale[codes], (codes, seen["shot"].to_numpy())), shape=(len(names), shots))[np.flatnonzero(enough)]
    size = min(directions, *(n - 1 for n in table.shape))
    if size < 1:
        return [], np.zeros((0, 0))
    u, s, _ = randomized_svd(table, size, n_iter=8, random_state=seed)
    rows = u * s
    length = np.linalg.norm(rows, axis=1)
    told = length > 1e-9
    return [str(name) for name in names[enough][told]], rows[told] / length[told, None]


def _difference(part: pd.DataFrame, seen: pd.DataFrame, shots: int) -> np.ndarray:
    """For each row of `part`: how much more was watched, and watched again, than everybody in `seen` did at that shot."""
    total = np.bincount(seen["shot"], seen["watched"] + seen["again"], shots)
    mean = total / np.maximum(np.bincount(seen["shot"], seen["reached"], shots), 1)
    return np.asarray(part["watched"] + part["again"] - part["reached"] * mean[part["shot"].to_numpy()])


def _group(where: np.ndarray, count: int | None, seed: int) -> tuple[np.ndarray, str]:
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score
    from threadpoolctl import threadpool_limits

    tried: dict[int, np.ndarray] = {}
    apart: dict[int, float] = {}
    with threadpool_limits(1):
        for number in [count] if count else range(2, min(MOST, len(where) // 5) + 1):
            tried[number] = KMeans(number, n_init=10, random_state=seed).fit(where).labels_
            if len(set(tried[number])) > 1:
                apart[number] = float(
                    silhouette_score(where, tried[number], sample_size=min(len(where), 5000), random_state=seed)
                )
    best = count or max(apart, key=lambda number: (round(apart[number], 6), -number))
    told = ", ".join(f"{number}: {value:.2f}" for number, value in apart.items())
    return tried[best], f"{best}, as asked (silhouette {told})" if count else f"{best}, by the best silhouette ({told})"


def _clear(where: np.ndarray, label: np.ndarray) -> np.ndarray:
    """The labels, -1 for viewers who stand between groups."""
    if label.max() < 1:
        return label
    middles = np.stack([where[label == group].mean(axis=0) for group in range(label.max() + 1)])
    cosine = where @ (middles / np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), 1e-12)).T
    own = cosine[np.arange(len(where)), label]
    cosine[np.arange(len(where)), label] = -np.inf
    return np.where(own - cosine.max(axis=1) >= CLEAR, label, -1)


def _taste(part: pd.DataFrame, seen: pd.DataFrame, index: ShotIndex) -> np.ndarray:
    """How much more each concept speaks to these viewers than to everybody: correlation over shots, weighted by sittings."""
    shots = len(index.shots)
    weight = np.bincount(part["shot"], part["reached"], shots)
    own = np.bincount(part["shot"], _difference(part, seen, shots), shots) / np.maximum(weight, 1)
    share = weight / max(weight.sum(), 1e-12)
    concepts = index.concepts.to_numpy(float)
    concepts = concepts - share @ concepts
    own = own - share @ own
    spread = np.sqrt((share @ concepts**2) * (share @ own**2))
    return np.asarray((share * own) @ concepts / np.maximum(spread, 1e-9))


def _names(tastes: Sequence[np.ndarray], words: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """A name of one or two concepts for each taste, no two alike, and the reasons; a first one is never used twice."""
    left = {(float(taste[w]), -t, -w) for t, taste in enumerate(tastes) for w in range(len(words)) if taste[w] > 0.05}
    first: dict[int, int] = {}
    for _, t, w in sorted(left, reverse=True):
        if -t not in first and -w not in first.values():
            first[-t] = -w
    result = []
    for t, taste in enumerate(tastes):
        order = [int(w) for w in np.argsort(-taste, kind="stable")]
        fans = [w for w in order if taste[w] > 0.1][:3]
        foes = [w for w in reversed(order) if taste[w] < -0.1][:2]
        why = (*(words[w] for w in fans), *(f"less {words[w]}" for w in foes))
        if t not in first:
            result.append((f"viewers {t + 1}", why))
            continue
        second = [f" & {words[w]}" for w in order if w != first[t] and taste[w] > max(0.1, 0.5 * taste[first[t]])][:1]
        name = "".join([words[first[t]], *(second or [f", less {words[w]}" for w in foes[:1]])])
        result.append((name, why))
    return result
