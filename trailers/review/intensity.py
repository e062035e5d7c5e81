"""How intense a season is from its beginning to its end: the curve that people see picks on."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex

Curve = tuple[NDArray[np.float64], NDArray[np.float64], Mapping[str, tuple[float, float]]]


def intensity(index: "ShotIndex") -> Curve:
    """Edges of shots in the story (0 to 1, each episode an equal part), intensity of each, and by shot its middle and intensity.

    Intensity is the mean rank of a shot's movement and sound within its episode, 0 to 1.
    """
    from trailers.ranking.scoring.prior import grammar

    terms = grammar(index)
    values = ((terms["movement"] + terms["sound"]) / 2).to_numpy(float)
    ends = {shot.episode: shot.span.stop for shot in index.shots}  # shots stand in order
    order = {episode: n for n, episode in enumerate(ends)}
    edges = [(order[shot.episode] + shot.span.start / ends[shot.episode]) / len(ends) for shot in index.shots]
    along = np.array([*edges, 1.0])
    middles = zip((along[:-1] + along[1:]) / 2, values, strict=True)
    return along, values, {shot.id: (float(x), float(y)) for shot, (x, y) in zip(index.shots, middles, strict=True)}


def smoothed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same values over their neighbours, a 25th of them to each side and three at least: the shape of a story."""
    window = max(3, len(values) // 25)
    bell = np.hanning(2 * window + 1)
    return np.asarray(np.convolve(np.pad(values, window, mode="edge"), bell / bell.sum(), "valid"), np.float64)
