"""Shots that fit words, or another shot: pictures, dialogue and concepts vote, exactly and in memory."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from trailers.errors import RequestError
from trailers.features.encoder import Encoder
from trailers.features.index import ShotIndex
from trailers.features.span import Span


@dataclass(frozen=True)
class Hit:
    """A shot that fits: `score` orders the hits of one search (1: first in every list that voted), `why` names the lists."""

    shot: str
    episode: str
    span: Span
    score: float
    why: tuple[str, ...]


def search(
    index: ShotIndex,
    words: str,
    encoder: Encoder,
    k: int = 12,
    episode: str | None = None,
    like: str | None = None,
    same: float = 0.97,
) -> tuple[Hit, ...]:
    """The k shots that fit words best (or look like the shot `like`), best first.

    Lists by picture, by spoken words (BM25, Robertson and Zaragoza 2009) and by concept words are fused by reciprocal rank (Cormack
    et al. 2009). A shot whose vector is nearer than `same` (cosine) to a better hit's is folded into it. RequestError when the index
    was made by another encoder, or a shot or an episode is not in it.
    """
    if encoder.name != index.encoder:
        raise RequestError(
            f"the index was made by the encoder {index.encoder}, the search asks with {encoder.name}: index the season anew"
        )
    if episode is not None and episode not in index.episodes:
        raise RequestError(f"no episode {episode!r} in the index; it holds {', '.join(index.episodes)}")
    if like is not None and like not in index._row:
        raise RequestError(f"no shot {like!r} in the index; shots are called like {index.shots[0].id}")
    votes: list[tuple[str, np.ndarray]] = []
    if words.strip():
        votes.append(("picture", index.vectors @ encoder.texts([words])[0]))
        votes.append(("said", _said(index, words)))
        votes.append(("concepts", _named(index, words)))
    if like is not None:
        near = index.vectors @ index.vectors[index._row[like]]
        near[index._row[like]] = -np.inf
        votes.append(("like", near))
    inside = np.array([episode is None or shot.episode == episode for shot in index.shots], bool)
    total = np.zeros(len(index))
    ranks: dict[str, np.ndarray] = {}
    for name, scores in votes:
        allowed = inside & (np.isfinite(scores) if name in ("picture", "like") else scores > 0)
        order = [row for row in np.argsort(-scores, kind="stable") if allowed[row]]
        rank = np.full(len(index), -1)
        rank[order] = np.arange(len(order))
        ranks[name] = rank
        total[order] += 61 / (61 + np.arange(len(order)))
    found: list[int] = []
    for row in np.argsort(-total, kind="stable"):
        if len(found) == k or total[row] <= 0:
            break
        if not any(float(index.vectors[row] @ index.vectors[kept]) > same for kept in found):
            found.append(int(row))
    return tuple(
        Hit(
            index.shots[row].id,
            index.shots[row].episode,
            index.shots[row].span,
            float(total[row] / max(len(votes), 1)),
            _why(ranks, row),
        )
        for row in found
    )


def _why(ranks: Mapping[str, np.ndarray], row: int) -> tuple[str, ...]:
    return tuple(f"{name} {rank[row] + 1}" for name, rank in ranks.items() if rank[row] >= 0)


def _tokens(text: str) -> list[str]:
    return [word[:-1] if len(word) > 3 and word.endswith("s") else word for word in re.findall(r"\w+", text.casefold())]


def _said(index: ShotIndex, words: str) -> np.ndarray:
    """BM25 of each shot's dialogue (k1 1.2, b 0.75)."""
    spoken = [Counter(_tokens(str(text))) for text in index.signals["dialogue"]]
    size = np.array([count.total() for count in spoken], np.float64)
    scores = np.zeros(len(spoken))
    for word in sorted(set(_tokens(words))):
        times = np.array([count[word] for count in spoken], np.float64)
        holding = float((times > 0).sum())
        rarity = np.log(1 + (len(spoken) - holding + 0.5) / (holding + 0.5))
        scores += rarity * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * size / max(size.mean(), 1e-9)))
    return scores


def _named(index: ShotIndex, words: str) -> np.ndarray:
    """The mean score of the concepts that are named."""
    asked = set(_tokens(words))
    named = [word for word in index.concepts.columns if asked >= set(_tokens(word))]
    return index.concepts[named].mean(axis=1).to_numpy(np.float64) if named else np.zeros(len(index))
