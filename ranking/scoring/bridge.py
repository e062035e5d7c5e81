"""From words about titles to what can be seen and heard in a shot: what a genre or a tag means in concepts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trailers.features.lexicon import SHIPPED, Concept
from trailers.features.search import ALIKE

if TYPE_CHECKING:
    from trailers.features.bundled import Sentences

_LOUD = {"loud": 0.5, "sudden noise": 0.5}
_GRIM = {"dark": 1.0, "night": 0.5, "tense": 0.5, "bright": -0.5}
GENRES: Mapping[str, Mapping[str, float]] = {
    "action": {"fast action": 1.0, "fights": 0.5, "fire": 0.5, "machines": 0.5, "calm": -0.5, **_LOUD},
    "adventure": {"fast action": 0.5, "landscape": 0.5, "nature": 0.5},
    "animation": {"colourful": 0.5, "bright": 0.5},
    "children": {"colourful": 0.5, "bright": 0.5, "animals": 0.5, "laughing": 0.5},
    "comedy": {"laughing": 1.0, "laughter": 1.0, "bright": 0.5, "colourful": 0.5, "dark": -0.5},
    "crime": {**_GRIM, "talk": 0.5},
    "documentary": {"talk": 0.5, "text on screen": 0.5, "nature": 0.5},
    "drama": {"talk": 1.0, "two people talk": 0.5, "close-up": 0.5, "crying": 0.5, "tears": 0.5, "fast action": -0.5},
    "horror": {**_GRIM, "screaming": 1.0, "tense": 1.0, "sudden noise": 0.5, "colourful": -0.5, "cold light": 0.5},
    "musical": {"music": 1.0, "song": 1.0},
    "mystery": _GRIM,
    "nature": {"nature": 1.0, "landscape": 1.0, "animals": 1.0, "calm": 0.5},
    "news": {"talk": 1.0, "text on screen": 0.5},
    "noir": _GRIM,
    "romance": {"romance": 1.0, "close-up": 0.5, "two people talk": 0.5, "music": 0.5, "warm light": 0.5},
    "sci-fi": {"space": 1.0, "machines": 1.0},
    "sport": {"fast action": 1.0, "crowds": 1.0},
    "thriller": {**_GRIM, "tense": 1.0},
    "war": {"fights": 1.0, "fire": 1.0, "fast action": 0.5, **_LOUD},
    "western": {"landscape": 1.0, "nature": 0.5, "warm light": 0.5},
}
"""What a genre has more (1: much, 0.5: somewhat) or less (below 0) of, in shipped concepts.

Motion sets action apart; a low key and few colours horror; a high key and many colours comedy; drama lies between, with little
motion (Rasheed, Sheikh and Shah 2005). Explosions and gunfire are heard in action (Rasheed and Shah 2002), sudden swells of sound
and hushes before them in horror (Moncrieff, Venkatesh and Dorai 2003). The rest is what the genre's name says: music, space,
talk, sport, landscapes of the West; those are judgements, and none weighs more than what was measured.
"""
_ALIASES = {
    "animated": "animation", "anime": "animation", "biography": "drama", "comic": "comedy", "comedies": "comedy",
    "detective": "mystery", "dramatic": "drama", "family": "children", "fi": "sci-fi", "funny": "comedy", "kid": "children",
    "mysteries": "mystery", "music": "musical", "romantic": "romance", "scary": "horror", "science": "sci-fi", "scifi": "sci-fi",
    "sitcom": "comedy", "slapstick": "comedy", "soap": "drama", "suspense": "thriller", "wildlife": "nature",
}  # fmt: skip


def meanings(words: Sequence[str], concepts: Sequence[str]) -> pd.DataFrame:
    """words x concepts, -1..1: how much a word of titles speaks for (below 0: against) each concept.

    What GENRES says of the genres in the word, or how near the word's meaning is to the concept's name or a word for it (cosine
    of sentence vectors, all-MiniLM-L6-v2), whichever is stronger; the second only from ALIKE on, where two texts mean the same.
    """
    table = np.zeros((len(words), len(concepts)))
    place = {concept: n for n, concept in enumerate(concepts)}
    for row, word in enumerate(words):
        found = genres(word)
        for genre in found:
            for concept, weight in GENRES[genre].items():
                if concept in place:
                    table[row, place[concept]] += weight / len(found)
    if len(words) and len(concepts):
        near = _near(tuple(words), tuple(concepts))
        table = np.where(np.abs(table) >= near, table, near)
    return pd.DataFrame(table, index=list(words), columns=list(concepts))


def genres(word: str) -> tuple[str, ...]:
    """The genres that a word of titles names: of "romantic comedies" romance and comedy."""
    parts = re.findall(r"[a-z]+", word.lower())
    named = (_ALIASES.get(part, part) for single in parts for part in (single, single.removesuffix("s")))
    return tuple(dict.fromkeys(name for name in named if name in GENRES))


def _near(words: tuple[str, ...], concepts: tuple[str, ...]) -> np.ndarray:
    anchors = [(n, text) for n, concept in enumerate(concepts) for text in _texts(concept)]
    cosine = np.stack([_vector(word) for word in words]) @ np.stack([_vector(text) for _, text in anchors]).T
    owner = np.array([n for n, _ in anchors])
    best = np.stack([cosine[:, owner == n].max(axis=1) for n in range(len(concepts))], axis=1).astype(float)
    return np.where(best >= ALIKE, np.clip((best - 0.5) / 0.5, 0, 1), 0.0).round(4)


def _texts(concept: str) -> tuple[str, ...]:
    known = SHIPPED.words.get(concept, Concept())
    return (concept, *known.also, *known.objects, *known.prompts)


@lru_cache(maxsize=4096)
def _vector(text: str) -> np.ndarray:
    vector: np.ndarray = _sentences().vectors([text])[0]
    return vector


@lru_cache(maxsize=1)
def _sentences() -> Sentences:
    from trailers.features.bundled import Sentences

    return Sentences()
