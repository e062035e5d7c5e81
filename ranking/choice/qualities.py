"""What a shot is like in the words that an arc weighs, and which shots look alike."""

from itertools import combinations
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex
    from trailers.ranking.choice.arc import Slot


def qualities(index: "ShotIndex") -> pd.DataFrame:
    """Shots x QUALITIES (`ranking.choice.arc`), 0 to 1.

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
    """How well each shot suits a slot, 0 to 1: the mean of the qualities that it likes, by their weights; half where it likes
    nothing. An unknown quality is a KeyError."""
    if not slot.likes:
        return pd.Series(0.5, words.index)
    weights = pd.Series(dict(slot.likes), dtype=float)
    return (words[list(weights.index)] * weights).sum(axis=1) / weights.sum()


def alike(index: "ShotIndex") -> tuple[tuple[int, int], ...]:
    """Pairs of shots (their numbers, ascending) that a viewer would take for the same picture: those of one camera set-up."""
    members: dict[str, list[int]] = {}
    for number, setup in enumerate(index.signals["setup"]):
        members.setdefault(setup, []).append(number)
    return tuple(sorted(pair for numbers in members.values() for pair in combinations(numbers, 2)))


def _ranked(signals: pd.DataFrame, name: str) -> pd.Series:
    if name not in signals or signals[name].nunique() < 2:
        return pd.Series(0.5, signals.index)
    ranks = signals[name].rank(method="average")
    return ((ranks - 1) / (ranks.count() - 1)).fillna(0.5)
