"""What the ranker learns from: for each segment and shot a graded label and features that know no identity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trailers.ranking.segments import GENERAL
from trailers.ranking.traits import Traits, standard, traits
from trailers.ranking.watching import watching

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex
    from trailers.ranking.history import History
    from trailers.ranking.segments import Segments

GAINS = (0, 1, 3, 7, 15)
"""What a label of 0 to 4 is worth, for LightGBM and NDCG alike."""
GRADES = (0.4, 0.65, 0.8, 0.92)
"""The shares of a segment's shots below which labels 1 to 4 begin."""
EVIDENCE = 5
"""A segment's shot that fewer sittings reached has no label."""
KINDS = ("look", "near", "concepts", "signals")
"""Ways to compare a shot with what a segment watched: by vector, by the most alike shots, by concepts, by signals."""


@dataclass(frozen=True)
class Examples:
    """A row for each segment (GENERAL too) and shot of the index, segments in order, shots in the index's order.

    rows: segment, shot, episode, place (of the shot in the index), fold, reached (sittings), engagement (above what its position
    predicts; NaN if unreached), label (0-4, -1 without evidence), likes, dislikes (concepts that speak for and against it).
    features: rows x features, float32.
    """

    rows: pd.DataFrame
    features: pd.DataFrame


def make_examples(history: History, segments: Segments, index: ShotIndex) -> Examples:
    """Labels and features of every segment and shot.

    Engagement is the share of a shot watched by those who reached it, plus the share watched again, less what everybody does at
    that position (a kernel over position), drawn towards 0 where few reached it. Labels grade it by rank within the segment.
    A shot's affinities are fitted without any play of its own episode (of its own part of it, where there is one episode only),
    so that they mean the same for shots with and without plays: leaving an episode out is leaving out its plays.
    """
    seen = watching(history, index.shots)
    engaged = engagement(seen, segments, index)
    fold = folds([shot.episode for shot in index.shots])
    compared = traits(index)
    fixed = _fixed(index)
    everybody = affinities(engaged[GENERAL], compared, fold)
    rows, features = [], []
    for name, table in engaged.items():
        own = everybody if name == GENERAL else affinities(table, compared, fold)
        columns = {f"affinity {kind}": own.scores[kind] for kind in KINDS}
        columns |= {f"everybody {kind}": everybody.scores[kind] for kind in KINDS}
        columns |= {"around": _around(own.scores["look"] + own.scores["concepts"], index)}
        features.append(pd.DataFrame(columns, dtype=np.float32).join(fixed))
        liked, disliked = _words(own.concepts, list(index.concepts.columns))
        rows.append(
            pd.DataFrame(
                {
                    "segment": name,
                    "shot": [shot.id for shot in index.shots],
                    "episode": [shot.episode for shot in index.shots],
                    "place": np.arange(len(index.shots)),
                    "fold": fold,
                    "reached": table["reached"].to_numpy(int),
                    "engagement": table["engagement"].to_numpy(float),
                    "label": grade(table),
                    "likes": liked,
                    "dislikes": disliked,
                }
            )
        )
    return Examples(pd.concat(rows, ignore_index=True), pd.concat(features, ignore_index=True))


def engagement(seen: pd.DataFrame, segments: Segments, index: ShotIndex) -> dict[str, pd.DataFrame]:
    """For GENERAL and each segment, a row a shot: reached (sittings) and engagement (NaN where nobody came)."""
    position = index.signals["position"].to_numpy(float)
    segment_of = seen["viewer"].map(segments.membership.set_index("viewer")["segment"])
    liking = seen["watched"].to_numpy() + seen["again"].to_numpy()
    total = _sums(seen["shot"].to_numpy(), seen["reached"].to_numpy(), liking, len(position))
    expected = _expected(position, *total)
    tables = {}
    for name in [GENERAL, *(segment.id for segment in segments.segments)]:
        of = np.ones(len(seen), bool) if name == GENERAL else (segment_of == name).to_numpy()
        reached, liked = _sums(seen["shot"].to_numpy()[of], seen["reached"].to_numpy()[of], liking[of], len(position))
        above = liked / np.maximum(reached, 1) - expected
        above = np.where(reached > 0, above * reached / (reached + EVIDENCE), np.nan)
        tables[name] = pd.DataFrame({"reached": reached, "engagement": above})
    return tables


def grade(table: pd.DataFrame) -> np.ndarray:
    """Labels 0 to 4 by rank of engagement among a segment's shots with evidence (GRADES), -1 for the others."""
    labels = np.full(len(table), -1)
    known = (table["reached"] >= EVIDENCE).to_numpy()
    rank = table.loc[known, "engagement"].rank(pct=True, method="average").to_numpy()
    labels[known] = np.searchsorted(GRADES, rank, side="right")
    return labels


def folds(episodes: Sequence[str]) -> np.ndarray:
    """A shot's fold: its episode (episodes share ten folds at most); in a season of one episode, its quarter of the shots."""
    names = sorted(set(episodes))
    if len(names) == 1:
        return np.arange(len(episodes)) * 4 // max(len(episodes), 1)
    number = {name: n % 10 for n, name in enumerate(names)}
    return np.array([number[name] for name in episodes])


@dataclass(frozen=True)
class Affinities:
    """scores: kind -> a number a shot, in engagement; concepts: shots x concepts, what each adds to the score by concepts."""

    scores: dict[str, np.ndarray]
    concepts: np.ndarray


def affinities(table: pd.DataFrame, compared: Traits, fold: np.ndarray) -> Affinities:
    """How a segment's engagement carries over to each shot from other folds' shots: ridge regressions, and the most alike."""
    scores = {kind: np.zeros(len(table)) for kind in KINDS}
    added = np.zeros_like(compared.concepts)
    for one in np.unique(fold):
        here, there = fold == one, (fold != one) & (table["reached"] > 0).to_numpy()
        if not there.any():
            continue
        target, weight = table["engagement"].to_numpy()[there], np.sqrt(table["reached"].to_numpy(float)[there])
        for kind, view in (("look", compared.look), ("concepts", compared.concepts), ("signals", compared.signals)):
            slopes, middle, base = _ridge(view[there], target, weight)
            parts = (view[here] - middle) * slopes
            scores[kind][here] = base + parts.sum(axis=1)
            if kind == "concepts":
                added[here] = parts
        alike = np.exp((compared.unit[here] @ compared.unit[there].T - 1) * 8) * weight
        scores["near"][here] = (alike @ target) / np.maximum(alike.sum(axis=1), 1e-12)
    return Affinities(scores, added)


def _ridge(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Slopes of a weighted ridge regression, the middle they turn about, and the value there."""
    share = weight / weight.sum()
    middle, base = share @ x, float(share @ y)
    centred = x - middle
    gram = (centred * share[:, None]).T @ centred
    strength = 0.3 * np.trace(gram) / max(1, np.linalg.matrix_rank(gram)) + 1e-9
    slopes = np.linalg.solve(gram + strength * np.eye(x.shape[1]), (centred * share[:, None]).T @ (y - base))
    return slopes, middle, base


def _fixed(index: ShotIndex) -> pd.DataFrame:
    """Features of a shot that no viewer changes: its signals and its position."""
    table = standard(index.signals)
    table["position"] = index.signals["position"].to_numpy(float)
    return table.astype(np.float32).reset_index(drop=True)


def _around(score: np.ndarray, index: ShotIndex) -> np.ndarray:
    """The mean of a score over the two shots before and after, within the episode."""
    episodes = np.array([shot.episode for shot in index.shots])
    total, count = np.zeros(len(score)), np.zeros(len(score))
    for step in (-2, -1, 1, 2):
        other = np.arange(len(score)) + step
        inside = (other >= 0) & (other < len(score))
        inside[inside] = episodes[other[inside]] == episodes[inside]
        total[inside] += score[other[inside]]
        count += inside
    return np.where(count > 0, total / np.maximum(count, 1), score)


def _words(added: np.ndarray, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """The two concepts that speak most for and against each shot, as text; none where it is next to nothing."""
    least = 0.25 * np.abs(added).max() if added.size else 0.0

    def top(values: np.ndarray) -> str:
        best = [n for n in np.argsort(-values, kind="stable")[:2] if values[n] > least]
        return ", ".join(names[n] for n in best)

    return [top(row) for row in added], [top(-row) for row in added]


def _sums(shot: np.ndarray, reached: np.ndarray, liking: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    return np.bincount(shot, reached, count), np.bincount(shot, liking, count)


def _expected(position: np.ndarray, reached: np.ndarray, liked: np.ndarray) -> np.ndarray:
    """What everybody does at a position: liking a sitting, over shots at positions within about a tenth."""
    near = np.exp(-0.5 * ((position[:, None] - position[None, :]) / 0.1) ** 2)
    return np.asarray((near @ liked) / np.maximum(near @ reached, 1e-9))
