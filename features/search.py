"""Shots that fit words, or another shot: pictures, dialogue, signals and concepts vote."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trailers.errors import RequestError
from trailers.features import where as conditions
from trailers.features.encoder import Encoder
from trailers.features.index import ShotIndex, propose
from trailers.features.lexicon import SHIPPED, Concept, Lexicon
from trailers.features.span import Span

VOTERS = ("picture", "dialogue", "signals", "concepts", "likeness")
SLIGHT = 0.05  # a concept under this speaks for nothing
ALIKE = 0.55  # cosine from which what is asked and a concept's name, or a word for it, mean the same
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
    where: str | None = None,
    lexicon: Lexicon | None = None,
) -> tuple[Hit, ...]:
    """The k shots that fit best, best first, each set-up once; ties by shot id.

    Lists vote by reciprocal rank (Cormack et al. 2009): cosine of vectors, the words in the dialogue and in the notes of what is
    heard (BM25, Robertson and Zaragoza 2009), and the concepts that the words mean, those from signals and those from pictures
    apart. Only shots of `episode` for which `where` holds (the language of `where`, on signals and concepts) stand in the lists.
    A shot nearer than `same` (cosine) to a better hit, or of its set-up, is folded into it. RequestError when the index was made
    by another encoder, when a shot, an episode or a column is not in it, or when nothing is asked.
    """
    votes = _ranks(index, words, encoder, episode, like, where, lexicon)
    total = _fused(votes)
    setups = index.signals["setup"].tolist()
    found: list[int] = []
    for row in np.argsort(-total, kind="stable").tolist():
        if len(found) == k or not total[row]:
            break
        if not any(
            float(index.vectors[row] @ index.vectors[better]) > same or (setups[row] and setups[row] == setups[better])
            for better in found
        ):
            found.append(row)
    return tuple(
        Hit(
            index.shots[row].id,
            index.shots[row].episode,
            index.shots[row].span,
            float(total[row] / len(votes)),
            tuple(f"{name}: place {places[row]}" for name, places in votes.items() if places[row]),
        )
        for row in found
    )


def search_store(
    folder: Path,
    words: str,
    encoder: Encoder,
    k: int = 12,
    episode: str | None = None,
    like: str | None = None,
    same: float = 0.97,
    where: str | None = None,
    lexicon: Lexicon | None = None,
) -> tuple[Hit, ...]:
    """`search` of the index in a folder. Of a large one only the rows that its own indexes propose are read and compared."""
    asked = encoder.texts([words])[0] if words.strip() else None
    return search(
        propose(folder, asked, words, encoder.name, 40 * k, episode, like, where),
        words,
        encoder,
        k,
        episode,
        like,
        same,
        where,
        lexicon,
    )


def ranking(
    index: ShotIndex, words: str, encoder: Encoder, voters: Sequence[str] = VOTERS, lexicon: Lexicon | None = None
) -> list[int]:
    """Rows of all shots that anything speaks for, best first, none folded; only the lists of `voters` are heard."""
    total = _fused({name: rank for name, rank in _ranks(index, words, encoder, lexicon=lexicon).items() if name in voters})
    return [row for row in np.argsort(-total, kind="stable").tolist() if total[row]]


def _ranks(
    index: ShotIndex,
    words: str,
    encoder: Encoder,
    episode: str | None = None,
    like: str | None = None,
    where: str | None = None,
    lexicon: Lexicon | None = None,
) -> dict[str, np.ndarray]:
    """Of each list that votes the place of each shot, from 1; 0 for a shot that has none in it."""
    if encoder.name != index.encoder:
        raise RequestError(f"the index was made by the encoder {index.encoder}, not {encoder.name}: index the season anew")
    if episode is not None and episode not in index.episodes:
        raise RequestError(f"no episode {episode!r} in the index; it holds {', '.join(index.episodes)}")
    if not words.strip() and like is None:
        raise RequestError("nothing is asked: give words, or a shot to look like")
    inside = np.array([episode is None or shot.episode == episode for shot in index.shots], bool)
    if where is not None:
        table = index.known
        inside &= conditions.holds(conditions.parse(where, table), table)
    ranks: dict[str, np.ndarray] = {}
    for name, scores in _votes(index, words, encoder, like, SHIPPED if lexicon is None else lexicon).items():
        voters = np.flatnonzero(inside & np.isfinite(scores))
        if len(voters):
            ranks[name] = np.zeros(len(index), int)
            ranks[name][voters] = 1 + np.searchsorted(np.sort(-scores[voters]), -scores[voters])  # equals share a place
    return ranks


def _fused(ranks: Mapping[str, np.ndarray]) -> np.ndarray:
    total = np.zeros(len(next(iter(ranks.values()), ())))
    for places in ranks.values():
        total += np.where(places > 0, (STEADY + 1) / (STEADY + places), 0.0)
    return total


def _votes(index: ShotIndex, words: str, encoder: Encoder, like: str | None, lexicon: Lexicon) -> Mapping[str, np.ndarray]:
    """Of each list a score a shot, the higher the better; -inf for a shot that has no vote."""
    votes: dict[str, np.ndarray] = {}
    if words.strip():
        votes["picture"] = index.vectors @ encoder.texts([words])[0]
        votes["dialogue"] = _spoken(index, words)
        meant = _meant(words, encoder, {word: lexicon.words.get(word, Concept()) for word in index.concepts.columns})
        signals = [word for word in meant if word in lexicon.words and lexicon.words[word].signals]
        votes["signals"] = _named(index, {word: meant[word] for word in signals})
        votes["concepts"] = _named(index, {word: weight for word, weight in meant.items() if word not in signals})
    if like is not None:
        try:
            row = int(index.rows([like])[0])
        except KeyError:
            raise RequestError(f"no shot {like!r} in the index; shots are called like {index.shots[0].id}") from None
        votes["likeness"] = index.vectors @ index.vectors[row]
        votes["likeness"][row] = -np.inf
    return votes


def _meant(words: str, encoder: Encoder, known: Mapping[str, Concept]) -> dict[str, float]:
    """The concepts that words mean and how surely: 1 where their words, or words for them, stand there; less for like ones."""
    asked = set(_stems(words))
    names = [(word, name) for word, each in known.items() for name in (word, *each.also)]
    meant = {
        word: 1.0 for word, name in names if (stems := set(_stems(name))) and (stems <= asked or (name == word and stems & asked))
    }
    plain = [each for each in re.findall(r"[\w'’-]+", words.casefold()) if each not in COMMON]
    if names and plain:
        near = (encoder.texts([words, *plain]) @ _names(encoder, tuple(name for _, name in names)).T).max(axis=0)
        for (word, _), cosine in zip(names, near.tolist(), strict=True):
            if cosine > ALIKE:
                meant[word] = max(meant.get(word, 0.0), min(1.0, cosine))
    return meant


def _names(encoder: Encoder, names: tuple[str, ...]) -> np.ndarray:
    """The vectors of concepts' names and of the words for them: the same for every search of a process."""
    key = (encoder.name, names)
    if key not in _KEPT:
        _KEPT.clear()  # one list of concepts at a time
        _KEPT[key] = encoder.texts(names)
    return _KEPT[key]


_KEPT: dict[tuple[str, tuple[str, ...]], np.ndarray] = {}


def _spoken(index: ShotIndex, words: str) -> np.ndarray:
    """BM25 of each shot's dialogue and of the notes of what is heard in it (k1 1.2, b 0.75)."""
    texts = zip(index.signals["dialogue"], index.signals["heard"], strict=True)
    said = [Counter(_stems(" ".join(map(str, pair)))) for pair in texts]
    size = np.array([count.total() for count in said], np.float64)
    scores = np.zeros(len(said))
    for word in sorted(set(_stems(words))):
        times = np.array([count[word] for count in said], np.float64)
        holding = np.count_nonzero(times)
        rarity = np.log(1 + (len(said) - holding + 0.5) / (holding + 0.5))
        scores += rarity * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * size / max(size.mean(), 1e-9)))
    return np.where(scores > 0, scores, -np.inf)


def _named(index: ShotIndex, meant: Mapping[str, float]) -> np.ndarray:
    """The mean of concepts by how surely they are meant; a shot of which none of them is true has no vote."""
    if not meant:
        return np.full(len(index), -np.inf)
    scores = index.concepts[list(meant)].to_numpy(np.float64) @ np.array(list(meant.values())) / sum(meant.values())
    return np.where(scores > SLIGHT, scores, -np.inf)


def _stems(text: str) -> list[str]:
    """Its words without endings, common ones left out."""
    words = (word for word in re.findall(r"\w+", text.casefold()) if word not in COMMON)
    return [re.sub(r"(?<=\w{3})(ing|es|ed|s)$", "", word) for word in words]
