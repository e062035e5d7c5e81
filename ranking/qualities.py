"""What a shot is like in the words that an arc weighs, which shots look alike, and which share a scene."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex
    from trailers.ranking.rules import Slot

ALIKE = 0.8  # cosine of two shots' vectors, the season's mean taken off, above which they are near-duplicates: one set-up
SAME = 0.995  # cosine of the vectors as they are, above which they are so even in a season of one look
SCENE = 0.45  # cosine to one of the two shots before, the season's mean taken off, by which a shot goes on with a scene


def qualities(index: "ShotIndex") -> pd.DataFrame:
    """Shots x words, 0 to 1: calm, lively, fast, loud, quiet, bright, colourful, face, wide, spoken, early, late.

    Signals are ranked within the season first (0 the least, 1 the most), so that a quiet season has loud shots too; a signal that
    is the same everywhere counts as the middle.
    """
    signals = index.signals.reindex([shot.id for shot in index.shots])
    fast, loud = _ranked(signals, "motion"), _ranked(signals, "loudness")
    energy = (fast + loud + _ranked(signals, "onsets")) / 3
    face, position = _ranked(signals, "face_size"), signals["position"].fillna(0.5)
    return pd.DataFrame(
        {
            "calm": 1 - fast,
            "lively": 1 - (energy - 0.55).abs() / 0.55,
            "fast": fast,
            "loud": loud,
            "quiet": 1 - loud,
            "bright": _ranked(signals, "brightness"),
            "colourful": _ranked(signals, "colourfulness"),
            "face": face,
            "wide": 1 - face,
            "spoken": signals["talk"].fillna(0.0),
            "early": 1 - position,
            "late": position,
        }
    ).clip(0.0, 1.0)


def fits(words: pd.DataFrame, slot: "Slot") -> pd.Series:
    """How well each shot suits a slot, 0 to 1: the mean of the qualities that it likes, by their weights. An unknown quality is a
    KeyError."""
    weights = pd.Series(dict(slot.likes), dtype=float)
    return (words[list(weights.index)] * weights).sum(axis=1) / weights.sum()


def alike(index: "ShotIndex") -> tuple[tuple[int, int], ...]:
    """Pairs of shots (their numbers, ascending) that a viewer would take for the same picture."""
    raw = _unit(np.asarray(index.vectors, np.float32))
    centred = _unit(raw - raw.mean(axis=0))
    found = np.argwhere(np.triu((centred @ centred.T > ALIKE) | (raw @ raw.T > SAME), k=1))
    return tuple((int(one), int(other)) for one, other in found)


def scenes(index: "ShotIndex") -> tuple[int, ...]:
    """The number of each shot's scene: it goes on while a shot of the same episode resembles one of the two before it
    (shot and reverse shot), the chain of shot coherence of Rasheed and Shah 2003."""
    vectors = np.asarray(index.vectors, np.float32)
    centred = _unit(vectors - vectors.mean(axis=0))
    numbers: list[int] = []
    for at, shot in enumerate(index.shots):
        before = [n for n in (at - 1, at - 2) if n >= 0 and index.shots[n].episode == shot.episode]
        like = [n for n in before if float(centred[at] @ centred[n]) > SCENE]
        numbers.append(numbers[like[0]] if like else (numbers[-1] + 1 if numbers else 0))
    return tuple(numbers)


def _ranked(signals: pd.DataFrame, name: str) -> pd.Series:
    if name not in signals or signals[name].nunique() < 2:
        return pd.Series(0.5, signals.index)
    ranks = signals[name].rank(method="average")
    return ((ranks - 1) / (ranks.count() - 1)).fillna(0.5)


def _unit(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(lengths > 1e-6, lengths, np.inf)).astype(np.float32)
