"""Shots that fit words, or another shot: pictures, dialogue and concept words vote, exactly and in memory."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from trailers.errors import RequestError
from trailers.features.concepts import ALSO
from trailers.features.encoder import Encoder
from trailers.features.index import ShotIndex
from trailers.features.span import Span

STEADY = 60  # of reciprocal rank fusion: the larger, the less the first places count
COMMON = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be but by for from has have he her his i in is it its my of on or our she some that the their them "
        "they this to was we were what who with you your",
    )
)


@dataclass(frozen=True)
class Hit:
    """A shot that fits. `score` orders the hits of a search (1: first in each list that voted), `why` says what spoke for it."""

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
    """The k shots that fit words best, or look like the shot `like`, or both; best first, ties by shot id.

    Three lists vote by reciprocal rank (Cormack et al. 2009): cosine of vectors, the words in the dialogue (BM25, Robertson and
    Zaragoza 2009), and the concepts that the words name. All shots are compared: up to some 100,000 that is faster than a vector
    index, and exact. A shot nearer than `same` (cosine) to a better hit is folded into it. RequestError when the index was made
    by another encoder, when a shot or an episode is not in it, or when nothing is asked.
    """
    if encoder.name != index.encoder:
        raise RequestError(f"the index was made by the encoder {index.encoder}, not {encoder.name}: index the season anew")
    if episode is not None and episode not in index.episodes:
        raise RequestError(f"no episode {episode!r} in the index; it holds {', '.join(index.episodes)}")
    if not words.strip() and like is None:
        raise RequestError("nothing is asked: give words, or a shot to look like")
    votes = _votes(index, words, encoder, like)
    inside = np.array([episode is None or shot.episode == episode for shot in index.shots], bool)
    total, voting = np.zeros(len(index)), 0
    ranks: dict[str, np.ndarray] = {}
    for name, scores in votes.items():
        voters = np.flatnonzero(inside & np.isfinite(scores))
        if len(voters):
            voting += 1
            ranks[name] = np.zeros(len(index), int)
            ranks[name][voters] = 1 + np.searchsorted(np.sort(-scores[voters]), -scores[voters])  # equals share a place
            total[voters] += (STEADY + 1) / (STEADY + ranks[name][voters])
    found: list[int] = []
    for row in np.argsort(-total, kind="stable"):
        if len(found) == k or not total[row]:
            break
        if not any(float(index.vectors[row] @ index.vectors[better]) > same for better in found):
            found.append(int(row))
    return tuple(
        Hit(
            index.shots[row].id,
            index.shots[row].episode,
            index.shots[row].span,
            float(total[row] / voting),
            tuple(f"{name}: place {rank[row]}" for name, rank in ranks.items() if rank[row]),
        )
        for row in found
    )


def _votes(index: ShotIndex, words: str, encoder: Encoder, like: str | None) -> Mapping[str, np.ndarray]:
    """Of each list a score a shot, the higher the better; -inf for a shot that has no vote."""
    votes: dict[str, np.ndarray] = {}
    if words.strip():
        votes["picture"] = index.vectors @ encoder.texts([words])[0]
        votes["dialogue"] = _spoken(index, words)
        votes["concepts"] = _named(index, words)
    if like is not None:
        try:
            row = int(index.rows([like])[0])
        except KeyError:
            raise RequestError(f"no shot {like!r} in the index; shots are called like {index.shots[0].id}") from None
        votes["likeness"] = index.vectors @ index.vectors[row]
        votes["likeness"][row] = -np.inf
    return votes


def _spoken(index: ShotIndex, words: str) -> np.ndarray:
    """BM25 of each shot's dialogue (k1 1.2, b 0.75)."""
    said = [Counter(_stems(str(text))) for text in index.signals["dialogue"]]
    size = np.array([count.total() for count in said], np.float64)
    scores = np.zeros(len(said))
    for word in sorted(set(_stems(words))):
        times = np.array([count[word] for count in said], np.float64)
        holding = np.count_nonzero(times)
        rarity = np.log(1 + (len(said) - holding + 0.5) / (holding + 0.5))
        scores += rarity * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * size / max(size.mean(), 1e-9)))
    return np.where(scores > 0, scores, -np.inf)


def _named(index: ShotIndex, words: str) -> np.ndarray:
    """The mean of the concepts that are named: by their own words, or by those that stand for them."""
    asked = set(_stems(words))
    named = [word for word in index.concepts.columns if asked & set(_stems(" ".join((word, *ALSO.get(word, ())))))]
    if not named:
        return np.full(len(index), -np.inf)
    return np.asarray(index.concepts[named].to_numpy(np.float64).mean(axis=1))


def _stems(text: str) -> list[str]:
    """Its words without endings, common ones left out."""
    words = (word for word in re.findall(r"\w+", text.casefold()) if word not in COMMON)
    return [re.sub(r"(?<=\w{3})(ing|es|ed|s)$", "", word) for word in words]
