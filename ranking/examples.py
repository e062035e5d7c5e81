"""What the ranker learns from: for each segment and shot a graded label, and features that know no identity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
import pandas as pd

from trailers.ranking.segments import GENERAL
from trailers.ranking.traits import SIGNALS, Traits, standard, traits
from trailers.ranking.watching import watching

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex
    from trailers.ranking.history import History
    from trailers.ranking.segments import Segments

GAINS = (0, 1, 3, 7, 15)
"""What a label of 0 to 4 is worth, for LightGBM and NDCG alike."""
GRADES = (0.4, 0.65, 0.8, 0.92)
"""The shares of an episode's shots below which labels 1 to 4 begin."""
ENOUGH = 5
"""A shot that fewer sittings of a segment reached has no label."""
RIDGE = 0.1
"""Strength of the regression's penalty; each kind of trait has spread 1."""
PARTS = 4
"""Viewers are dealt into so many parts: labels come from one, what is known of a shot's own plays from the others."""
FEATURES = (
    "watched", "watched everybody",
    "taste", "near", "around", "taste everybody", "near everybody",
    *SIGNALS, "position",
)  # fmt: skip
RISING = ("watched", "taste", "near", "around")
"""Features that may only raise a score as they grow."""


@dataclass(frozen=True)
class Examples:
    """Rows for each segment (GENERAL too) and shot: segments in order, shots in the index's order.

    rows: segment, shot, episode, place (of the shot in the index), part (of the viewers that the label comes from; -1: all),
    group (rows that are ranked against each other), engagement (NaN where nobody came), label (0-4, -1 without evidence).
    features: rows x FEATURES, float32; NaN is unknown. parts: rows x (look, signals, and each concept), what "taste" is the sum
    of. told: rows x concepts, what of "watched" the concepts account for.
    """

    rows: pd.DataFrame
    features: pd.DataFrame
    parts: np.ndarray
    told: np.ndarray


@dataclass(frozen=True)
class Evidence:
    """What is known of the shots and of how viewers watched them, ready to be turned into examples.

    seen: of `watching`, with the columns segment ("" for none) and part; fold: a number a shot: affinities to a shot are fitted
    without the plays of its fold; cold: shots whose plays must not be known; encoder: whose vectors they are.
    """

    seen: pd.DataFrame
    segments: tuple[str, ...]
    shots: pd.DataFrame
    compared: Traits
    fixed: pd.DataFrame
    words: tuple[str, ...]
    fold: np.ndarray
    cold: np.ndarray
    encoder: str


def evidence(history: History, segments: Segments, index: ShotIndex) -> Evidence:
    """Brings history, segments and index together; a shot's fold is its episode, in a season of one its quarter of the shots."""
    seen = watching(history, index.shots)
    of = seen["viewer"].map(segments.membership.set_index("viewer")["segment"])
    part = {viewer: crc32(str(viewer).encode()) % PARTS for viewer in seen["viewer"].unique()}
    seen = seen.assign(segment=of.fillna("").astype("str"), part=seen["viewer"].map(part).astype(int))
    shots = pd.DataFrame({"shot": [shot.id for shot in index.shots], "episode": [shot.episode for shot in index.shots]})
    fixed = standard(index.signals).reindex(columns=list(SIGNALS), fill_value=0.0).reset_index(drop=True)
    fixed["position"] = index.signals["position"].to_numpy(float)
    number = pd.factorize(shots["episode"], sort=True)[0]
    fold = number % 10 if number.max(initial=0) else np.arange(len(shots)) * 4 // max(len(shots), 1)
    return Evidence(
        seen,
        (GENERAL, *(segment.id for segment in segments.segments)),
        shots,
        traits(index),
        fixed,
        tuple(str(word) for word in index.concepts.columns),
        fold,
        np.zeros(len(shots), bool),
        index.encoder,
    )


def to_score(evidence: Evidence) -> Examples:
    """One row a segment and shot, with all that is known: labels and features from all viewers."""
    return _examples(evidence, [-1], cold=False)


def to_learn(evidence: Evidence) -> Examples:
    """Rows to train on: for every part of the viewers, labels from them and features from the others.

    Each row stands there twice, once with what is known of the shot's own plays and once as if the shot were new, so that the
    ranker serves both. Shots of `cold` have no label.
    """
    warm, new = _examples(evidence, range(PARTS), cold=False), _examples(evidence, range(PARTS), cold=True)
    return Examples(
        pd.concat([warm.rows, new.rows.assign(group=new.rows["group"] + " new")], ignore_index=True),
        pd.concat([warm.features, new.features], ignore_index=True),
        np.concatenate([warm.parts, new.parts]),
        np.concatenate([warm.told, new.told]),
    )


def _examples(evidence: Evidence, parts: Sequence[int], cold: bool) -> Examples:
    rows, features, added, told = [], [], [], []
    episodes = evidence.shots["episode"]
    known = evidence.seen[~evidence.cold[evidence.seen["shot"].to_numpy()]]
    everybody = affinities(engagement(known, known, evidence), evidence)
    for segment in evidence.segments:
        own = known if segment == GENERAL else known[known["segment"] == segment]
        affinity = everybody if segment == GENERAL else affinities(engagement(own, known, evidence), evidence)
        for part in parts:
            # part -1: all viewers on both sides, as when a shot is scored
            judges = own if part < 0 else own[own["part"] == part]
            others, all_others = (own, known) if part < 0 else (own[own["part"] != part], known[known["part"] != part])
            table = engagement(judges, known, evidence)
            columns = {
                "watched": np.nan if cold else engagement(others, known, evidence)["engagement"].to_numpy(),
                "watched everybody": np.nan if cold else engagement(all_others, known, evidence)["engagement"].to_numpy(),
                "taste": affinity.taste,
                "near": affinity.near,
                "around": _around(affinity.taste, episodes.to_numpy()),
                "taste everybody": everybody.taste,
                "near everybody": everybody.near,
            }
            features.append(evidence.fixed.assign(**columns)[list(FEATURES)].astype(np.float32))
            added.append(affinity.parts)
            told.append(np.zeros_like(affinity.told) if cold else affinity.told)
            rows.append(
                evidence.shots.assign(
                    segment=segment,
                    place=np.arange(len(episodes)),
                    part=part,
                    group=[f"{segment} {episode} {part}" for episode in episodes],
                    engagement=table["engagement"].to_numpy(),
                    label=grade(table, episodes.to_numpy()),
                )
            )
    every = pd.concat(rows, ignore_index=True), pd.concat(features, ignore_index=True)
    return Examples(*every, np.concatenate(added), np.concatenate(told))


def engagement(own: pd.DataFrame, everybody: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """A row a shot: reached (sittings of `own`), and engagement, NaN where nobody came.

    Engagement is the share of the shot watched by those who reached it plus the share watched again, less what `everybody` does
    at that position of an episode (a kernel over position: the drop-off), drawn towards 0 where few reached it.
    """
    count = len(evidence.shots)
    position = evidence.fixed["position"].to_numpy()
    total = [np.bincount(everybody["shot"], values, count) for values in (everybody["reached"], _liking(everybody))]
    near = np.exp(-0.5 * ((position[:, None] - position[None, :]) / 0.1) ** 2)
    expected = (near @ total[1]) / np.maximum(near @ total[0], 1e-9)
    reached, liked = np.bincount(own["shot"], own["reached"], count), np.bincount(own["shot"], _liking(own), count)
    above = (liked - reached * expected) / (reached + ENOUGH)
    return pd.DataFrame({"reached": reached, "engagement": np.where(reached > 0, above, np.nan)})


def grade(table: pd.DataFrame, episodes: np.ndarray) -> np.ndarray:
    """Labels 0 to 4 by rank of engagement among an episode's shots with evidence (GRADES), -1 for the others."""
    known = (table["reached"] >= ENOUGH).to_numpy()
    rank = table["engagement"].where(known).groupby(episodes).rank(pct=True).to_numpy()
    return np.where(known, np.searchsorted(GRADES, np.nan_to_num(rank), side="right"), -1)


def _liking(seen: pd.DataFrame) -> np.ndarray:
    return np.asarray(seen["watched"] + seen["again"], float)


@dataclass(frozen=True)
class Affinities:
    """How engagement with other folds' shots carries over, a number a shot: taste by regression, near by likeness.

    taste is the sum of `parts`: shots x (look, signals, and each concept): what each adds to it. told: shots x concepts, what the
    concepts account for in the engagement with the shots themselves: for reasons, never a feature.
    """

    taste: np.ndarray
    near: np.ndarray
    parts: np.ndarray
    told: np.ndarray


def affinities(table: pd.DataFrame, evidence: Evidence) -> Affinities:
    """Ridge regressions of engagement on look, concepts and signals together, and means over the shots most alike (cosine)."""
    views = [_even(view) for view in (evidence.compared.look, evidence.compared.signals, evidence.compared.concepts)]
    x = np.hstack(views)
    look, signals = views[0].shape[1], views[1].shape[1]
    near, added = np.zeros(len(table)), np.zeros_like(x)
    for fold in np.unique(evidence.fold):
        here, there = evidence.fold == fold, (evidence.fold != fold) & (table["reached"] > 0).to_numpy()
        if there.sum() < 2:
            continue
        target, weight = table["engagement"].to_numpy()[there], np.sqrt(table["reached"].to_numpy(float)[there])
        slopes, middle = _ridge(x[there], target, weight)
        added[here] = (x[here] - middle) * slopes
        alike = np.exp((evidence.compared.unit[here] @ evidence.compared.unit[there].T - 1) * 8) * weight
        near[here] = (alike @ (target - np.average(target, weights=weight))) / np.maximum(alike.sum(axis=1), 1e-12)
    parts = np.column_stack(
        [added[:, :look].sum(axis=1), added[:, look : look + signals].sum(axis=1), added[:, look + signals :]]
    )
    told = np.zeros((len(table), x.shape[1] - look - signals))
    if (came := (table["reached"] > 0).to_numpy()).sum() > 1:
        weight = np.sqrt(table["reached"].to_numpy(float)[came])
        slopes, middle = _ridge(views[2][came], table["engagement"].to_numpy()[came], weight)
        told[came] = (views[2][came] - middle) * slopes
    return Affinities(added.sum(axis=1), near, parts, told)


def _ridge(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slopes of a weighted ridge regression through the middle, and the middle."""
    share = weight / weight.sum()
    middle = share @ x
    centred = x - middle
    gram = (centred * share[:, None]).T @ centred + RIDGE * np.eye(x.shape[1])
    return np.linalg.solve(gram, (centred * share[:, None]).T @ (y - share @ y)), middle


def _even(view: np.ndarray) -> np.ndarray:
    """Columns about their mean, the whole view scaled to spread 1: none outweighs another by its number of columns."""
    centred = view - view.mean(axis=0)
    return np.asarray(centred / max(float(np.sqrt((centred**2).sum(axis=1).mean())), 1e-9))


def _around(score: np.ndarray, episodes: np.ndarray) -> np.ndarray:
    """The mean of a score over the two shots before and after, within the episode."""
    total, count = np.zeros(len(score)), np.zeros(len(score))
    for step in (-2, -1, 1, 2):
        other = np.arange(len(score)) + step
        inside = (other >= 0) & (other < len(score))
        inside[inside] = episodes[other[inside]] == episodes[inside]
        total[inside] += score[other[inside]]
        count += inside
    return np.where(count > 0, total / np.maximum(count, 1), score)
