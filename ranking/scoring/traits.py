"""What shots are compared by: visual directions, signals, concepts, words that are spoken, characters that are seen."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex

SIGNALS = (
    "motion", "camera", "action", "brightness", "contrast", "colourfulness", "warmth", "night", "sharpness",
    "faces", "face_size", "lead", "text",
    "loudness", "peak", "speech", "music", "singing", "onsets", "hits", "silence", "talk",
    "like_before", "step", "seconds",
)  # fmt: skip
VIEWS = ("look", "signals", "concepts", "words", "characters")
DIRECTIONS = 24
WORDS = 200
"""So many spoken words are compared at most: those of most shots, but of no more than a share OFTEN of them."""
OFTEN = 0.3
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True)
class Traits:
    """Shots x numbers, in the index's order, one array for each of VIEWS; `names` of their columns.

    look: the DIRECTIONS along which the season's vectors spread most; signals: those of SIGNALS that the index has, and
    concepts, standardised; words: what is spoken, rarer words weigh more, and characters: who is seen, rows of length 1, or 0
    where there is nothing. unit: whole vectors less their mean, of length 1.
    """

    look: np.ndarray
    unit: np.ndarray
    concepts: np.ndarray
    signals: np.ndarray
    words: np.ndarray
    characters: np.ndarray
    names: Mapping[str, tuple[str, ...]]

    def view(self, name: str) -> np.ndarray:
        """One of VIEWS about its mean; look, signals and concepts to spread 1 each: none outweighs another by its columns."""
        view = {"look": self.look, "signals": self.signals, "concepts": self.concepts}.get(name)
        if view is not None:
            centred = view - view.mean(axis=0)
            return np.asarray(centred / max(float(np.sqrt((centred**2).sum(axis=1).mean())), 1e-9))
        view = self.words if name == "words" else self.characters
        return np.asarray(view - view.mean(axis=0))


def traits(index: ShotIndex) -> Traits:
    """The traits of every shot of the index; no viewer plays a part in them."""
    centred = index.vectors.astype(float)
    centred = centred - centred.mean(axis=0)
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    keep = min(DIRECTIONS, len(s))
    unit = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
    known = [str(word) for word in index.concepts.columns]
    signals = standard(index.signals)
    spoken, said = _spoken([str(text) for text in index.signals["dialogue"]])
    seen, people = _bags([str(text).split() for text in index.signals["cast"]], WORDS, 1.0)
    names = {
        "look": tuple(f"look {n}" for n in range(keep)),
        "signals": tuple(str(name) for name in signals.columns),
        "concepts": tuple(known),
        "words": said,
        "characters": people,
    }
    concepts = standard(index.concepts, known).to_numpy()
    return Traits(u[:, :keep] * s[:keep], unit, concepts, signals.to_numpy(), spoken, seen, names)


def standard(signals: pd.DataFrame, columns: Sequence[str] = SIGNALS) -> pd.DataFrame:
    """The columns that are there, as distances from their mean in spreads, at most 3; 0 where unknown or without spread."""
    values = signals[[name for name in columns if name in signals.columns]].astype(float)
    spread = values.std(ddof=0).replace(0.0, np.nan)
    return ((values - values.mean()) / spread).clip(-3, 3).fillna(0.0)


def _spoken(texts: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    return _bags([_WORD.findall(text.casefold()) for text in texts], WORDS, OFTEN)


def _bags(bags: Sequence[Sequence[str]], most: int, often: float) -> tuple[np.ndarray, tuple[str, ...]]:
    """Bags x names, those found in two bags or more: 1 or 0, by how rare a name is (Spärck Jones 1972), rows of length 1."""
    count = Counter(name for bag in bags for name in set(bag))
    kept = [name for name, of in count.items() if 2 <= of <= max(often * len(bags), 2)]
    names = tuple(sorted(sorted(kept, key=lambda name: (-count[name], name))[:most]))
    place = {name: n for n, name in enumerate(names)}
    table = np.zeros((len(bags), len(names)))
    for row, bag in enumerate(bags):
        for name in set(bag) & place.keys():
            table[row, place[name]] = np.log(1 + len(bags) / count[name])
    return table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-12), names
