"""What the ranker learns from: for each segment and shot a graded label, and features that know no identity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
PARTS = 4
"""Viewers are dealt into so many parts: labels come from one, what is known of a shot's own plays from the others."""
FEATURES = (
    "watched", "watched everybody",
    "look", "near", "concepts", "signals", "around",
    "look everybody", "near everybody", "concepts everybody", "signals everybody",
    *SIGNALS, "position",
)  # fmt: skip
RISING = ("watched", "look", "near", "concepts", "signals", "around")
"""Features that may only raise a score as they grow."""


@dataclass(frozen=True)
class Examples:
    """Rows for each segment (GENERAL too) and shot, segments in order, shots in the index's order.

    rows: segment, shot, episode, part (of the viewers that the label comes from; -1: all), group (rows that are ranked against each
    other), engagement (above what its position predicts; NaN where nobody came), label (0-4, -1 without evidence), likes, dislikes
    (concepts that speak for and against the shot). features: rows x FEATURES, float32; NaN is unknown.
    """

    rows: pd.DataFrame
    features: pd.DataFrame


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
    """Brings history, segments and index together; a shot's fold is its episode, or, in a season of one, its quarter of the shots."""
    seen = watching(history, index.shots)
    of = seen["viewer"].map(segments.membership.set_index("viewer")["segment"])
    seen = seen.assign(segment=of.fillna("").astype("str"), part=pd.factorize(seen["viewer"], sort=True)[0] % PARTS)
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
    """Rows to train on: for every part of the viewers, labels from them and features from the others, once with what is known of a
    shot's own plays and once as if the shot were new, so that the ranker serves both; shots of `cold` have no label."""
    warm, new = _examples(evidence, range(PARTS), cold=False), _examples(evidence, range(PARTS), cold=True)
    rows = pd.concat([warm.rows, new.rows.assign(group=new.rows["group"] + " new")], ignore_index=True)
    return Examples(rows, pd.concat([warm.features, new.features], ignore_index=True))


def _examples(evidence: Evidence, parts: Sequence[int], cold: bool) -> Examples:
    rows, features = [], []
    known = evidence.seen[~evidence.cold[evidence.seen["shot"].to_numpy()]]
    everybody = affinities(engagement(known, known, evidence), evidence)
    for segment in evidence.segments:
        own = known if segment == GENERAL else known[known["segment"] == segment]
        affinity = everybody if segment == GENERAL else affinities(engagement(own, known, evidence), evidence)
        liked, disliked = _words(affinity.concepts, evidence.words)
        for part in parts:
            label_from = own if part < 0 else own[own["part"] == part]
            others = own if part < 0 else own[own["part"] != part]
            all_others = known if part < 0 else known[known["part"] != part]
            table = engagement(label_from, known, evidence)
            unknown = np.full(len(evidence.shots), np.nan)
            columns = {
                "watched": unknown if cold else engagement(others, known, evidence)["engagement"].to_numpy(),
                "watched everybody": unknown if cold else engagement(all_others, known, evidence)["engagement"].to_numpy(),
                **affinity.scores,
                "around": _around(affinity.scores["look"] + affinity.scores["concepts"], evidence),
                **{f"{kind} everybody": score for kind, score in everybody.scores.items()},
            }
            features.append(pd.DataFrame(columns).join(evidence.fixed)[list(FEATURES)].astype(np.float32))
            rows.append(
                evidence.shots.assign(
                    segment=segment,
                    part=part,
                    group=segment + " " + evidence.shots["episode"] + f" {part}",
                    engagement=table["engagement"].to_numpy(),
                    label=grade(table, evidence.shots["episode"].to_numpy()),
                    likes=liked,
                    dislikes=disliked,
                )
            )
    return Examples(pd.concat(rows, ignore_index=True), pd.concat(features, ignore_index=True))


def engagement(own: pd.DataFrame, everybody: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """A row a shot: reached (sittings of `own`), and engagement: the share of it watched by those who reached it plus the share watched
    again, less what `everybody` does at that position of an episode, drawn towards 0 where few reached it; NaN where nobody did."""
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
    """scores: kind -> a number a shot, in engagement; concepts: shots x concepts, what each adds to the score by concepts."""

    scores: dict[str, np.ndarray]
    concepts: np.ndarray


def affinities(table: pd.DataFrame, evidence: Evidence) -> Affinities:
    """How engagement with shots of other folds carries over to each shot: ridge regressions on its look, concepts and signals, and a
    mean over the shots most like it (cosine)."""
    compared = evidence.compared
    views = {"look": compared.look, "concepts": compared.concepts, "signals": compared.signals}
    scores = {kind: np.zeros(len(table)) for kind in ("look", "near", "concepts", "signals")}
    added = np.zeros_like(compared.concepts)
    for fold in np.unique(evidence.fold):
        here, there = evidence.fold == fold, (evidence.fold != fold) & (table["reached"] > 0).to_numpy()
        if there.sum() < 2:
            continue
        target, weight = table["engagement"].to_numpy()[there], np.sqrt(table["reached"].to_numpy(float)[there])
        target = target - np.average(target, weights=weight)
        for kind, view in views.items():
            slopes, middle = _ridge(view[there], target, weight / weight.sum())
            parts = (view[here] - middle) * slopes
            scores[kind][here] = parts.sum(axis=1)
            if kind == "concepts":
                added[here] = parts
        alike = np.exp((compared.unit[here] @ compared.unit[there].T - 1) * 8) * weight
        scores["near"][here] = (alike @ target) / np.maximum(alike.sum(axis=1), 1e-12)
    return Affinities(scores, added)


def _ridge(x: np.ndarray, y: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slopes of a weighted ridge regression through the middle, and the middle."""
    middle = share @ x
    centred = x - middle
    gram = (centred * share[:, None]).T @ centred
    strength = np.trace(gram) / max(1, len(gram)) + 1e-9
    return np.linalg.solve(gram + strength * np.eye(len(gram)), (centred * share[:, None]).T @ y), middle


def _around(score: np.ndarray, evidence: Evidence) -> np.ndarray:
    """The mean of a score over the two shots before and after, within the episode."""
    episodes = evidence.shots["episode"].to_numpy()
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
