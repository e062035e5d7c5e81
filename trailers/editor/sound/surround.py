"""Channels by name, brought to two or to six: kept where they have a place, folded down by ITU-R BS.775-3 where not."""

from collections.abc import Mapping, Sequence

import numpy as np

from trailers.editor.sound.loudness import Samples

ORDER: Mapping[int, tuple[str, ...]] = {2: ("FL", "FR"), 6: ("FL", "FR", "FC", "LFE", "BL", "BR")}
DOWN = float(np.sqrt(0.5))  # what a channel keeps where it joins another: 3 dB less (BS.775-3, annex 4)
# Where a channel goes that a layout has no place for, and how much of it: the nearest first. Low effects are left out of two.
_SIDES = {"SL": "BL", "SR": "BR", "WL": "FL", "WR": "FR", "FLC": "FL", "FRC": "FR", "DL": "FL", "DR": "FR"}
_FOLDS: Mapping[str, tuple[tuple[str, float], ...]] = {
    "FC": (("FL", DOWN), ("FR", DOWN)),
    "BL": (("FL", DOWN),),
    "BR": (("FR", DOWN),),
    "BC": (("BL", DOWN), ("BR", DOWN)),
}


def coefficients(names: Sequence[str], channels: int) -> np.ndarray:
    """float64 (channels, len(names)): how much of each channel ("FL", "LFE", libav's names) is heard in each of two or six.

    One channel alone is mono: in two it keeps its level in both, in six it is the centre.
    """
    if len(names) == 1 and channels == 2:
        return np.ones((2, 1))
    matrix = np.zeros((channels, len(names)))
    for column, name in enumerate("FC" if len(names) == 1 else name for name in names):
        for place, share in _placed(_SIDES.get(name, name) if name not in ORDER[channels] else name, channels):
            matrix[ORDER[channels].index(place), column] += share
    return matrix


def _placed(name: str, channels: int) -> tuple[tuple[str, float], ...]:
    if name in ORDER[channels]:
        return ((name, 1.0),)
    return tuple((place, share * more) for first, share in _FOLDS.get(name, ()) for place, more in _placed(first, channels))


def folded(samples: Samples, channels: int) -> Samples:
    """float32 (n, 2 or 6) as (n, channels): six fold down, two stand in front of six."""
    if samples.shape[1] == channels:
        return samples
    return np.asarray(samples @ coefficients(ORDER[samples.shape[1]], channels).T, np.float32)
