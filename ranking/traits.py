"""What shots are compared by: their main visual directions, concepts, and signals on one scale."""

from __future__ import annotations

from collections.abc import Sequence
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
DIRECTIONS = 24


@dataclass(frozen=True)
class Traits:
    """Shots x numbers, four times, in the index's order.

    look: the DIRECTIONS along which the season's vectors spread most; unit: whole vectors less their mean, of length 1;
    concepts; signals: those of SIGNALS that the index has, both standardised.
    """

    look: np.ndarray
    unit: np.ndarray
    concepts: np.ndarray
    signals: np.ndarray


def traits(index: ShotIndex) -> Traits:
    """The traits of every shot of the index; no viewer plays a part in them."""
    centred = index.vectors.astype(float)
    centred = centred - centred.mean(axis=0)
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    keep = min(DIRECTIONS, len(s))
    unit = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
    words = [str(word) for word in index.concepts.columns]
    concepts = standard(index.concepts, words).to_numpy()
    return Traits(u[:, :keep] * s[:keep], unit, concepts, standard(index.signals).to_numpy())


def standard(signals: pd.DataFrame, columns: Sequence[str] = SIGNALS) -> pd.DataFrame:
    """The columns that are there, as distances from their mean in spreads, at most 3; 0 where unknown or without spread."""
    values = signals[[name for name in columns if name in signals.columns]].astype(float)
    spread = values.std(ddof=0).replace(0.0, np.nan)
    return ((values - values.mean()) / spread).clip(-3, 3).fillna(0.0)
