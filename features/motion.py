"""How the camera moves, and what moves besides: a global move between neighbouring pictures, and what it leaves over."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trailers.features.media import Pictures

WIDTH, HEIGHT = 64, 36  # pixels at which moves are looked for
_EDGE = 4  # pixels at the sides that a move may have brought in from outside
_INSIDE = (slice(_EDGE, -_EDGE), slice(_EDGE, -_EDGE))
_STILL = 0.15  # mean change of luma, 0..255, under which nothing moves


@dataclass(frozen=True)
class Move:
    """From one picture to the next: the camera's move and what is left when it is taken back.

    `x`, `y`: shift as a share of width and height; `zoom`: growth (0.01 is one hundredth larger); `camera`, `action`: shares of
    the change of luma that the move explains, and that it leaves over (the rest is light that changed as a whole); `place`:
    horizontal middle of what is left over, 0..1.
    """

    x: float
    y: float
    zoom: float
    camera: float
    action: float
    place: float


NONE = Move(0.0, 0.0, 0.0, 0.0, 0.0, 0.5)


def tiny(grey: Pictures) -> Pictures:
    """A grey picture at the size at which moves are looked for."""
    import cv2

    return np.asarray(cv2.resize(grey, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)


def move(before: Pictures, after: Pictures) -> Move:
    """The move between two pictures of `tiny`.

    A grid of points is followed (pyramidal Lucas and Kanade 1981, Bouguet 2001) and a shift, zoom and turn fitted to most of them
    (least median of squares, Rousseeuw 1984). The fit counts as the camera's where points all over the picture follow it and it
    explains some of the change.
    """
    import cv2

    if cv2.norm(before, after, cv2.NORM_L1) < _STILL * before.size:
        return NONE
    first, second = cv2.GaussianBlur(before, (3, 3), 0), cv2.GaussianBlur(after, (3, 3), 0)[_INSIDE].astype(np.float32)
    step = second - first[_INSIDE]
    whole, unmoved = float(np.abs(step).mean()) + 1e-6, _left(step)
    left, matrix = unmoved, _fit(before, after)
    if matrix is not None:
        moved = cv2.warpAffine(first, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        left = _left(second - moved[_INSIDE])
        if left.sum() > 0.9 * unmoved.sum():
            left, matrix = unmoved, None
    rest = float(left.mean())
    column = left.mean(axis=0)
    column = np.maximum(column - np.median(column), 0) + 1e-6
    place = (float(column @ np.arange(len(column))) / float(column.sum()) + _EDGE + 0.5) / WIDTH
    explained = max(float(unmoved.mean()) - rest, 0.0) / whole
    x, y, zoom = (0.0, 0.0, 0.0) if matrix is None else _parts(matrix)
    return Move(x, y, zoom, min(explained, 1.0), min(rest / whole, 1.0), place)


def _left(step: NDArray[np.float32]) -> NDArray[np.float32]:
    """Change of luma but for what changed in the whole picture alike."""
    return np.asarray(np.abs(step - np.median(step[::3, ::3])), np.float32)


def _grid() -> NDArray[np.float32]:
    x, y = np.meshgrid(np.linspace(6, WIDTH - 7, 8), np.linspace(5, HEIGHT - 6, 5))
    return np.stack([x, y], axis=-1).reshape(-1, 1, 2).astype(np.float32)


_POINTS = _grid()


def _fit(before: Pictures, after: Pictures) -> NDArray[np.float64] | None:
    """The matrix (2, 3) that takes `before` to `after` for most points all over the picture; None where no such move is found."""
    import cv2

    unknown = np.zeros_like(_POINTS)
    found, status, _ = cv2.calcOpticalFlowPyrLK(
        before, after, _POINTS, unknown, winSize=(9, 9), maxLevel=2, criteria=(3, 6, 0.02), minEigThreshold=2e-3
    )
    good = status[:, 0] == 1
    if good.sum() < 8:
        return None
    start, end = _POINTS[good, 0], found[good, 0]
    matrix, _ = cv2.estimateAffinePartial2D(start, end, method=cv2.LMEDS, refineIters=4)
    if matrix is None:
        return None
    miss = np.hypot(*(start @ matrix[:, :2].T + matrix[:, 2] - end).T)
    inlier = miss < 0.25 + 0.1 * np.hypot(*(end - start).T)
    if inlier.sum() < max(8, 0.4 * good.sum()) or start[inlier, 0].std() < 0.15 * WIDTH:
        return None
    return np.asarray(matrix, np.float64)


def _parts(matrix: NDArray[np.float64]) -> tuple[float, float, float]:
    middle = np.array([(WIDTH - 1) / 2, (HEIGHT - 1) / 2])
    shift = matrix[:, :2] @ middle + matrix[:, 2] - middle
    return float(shift[0] / WIDTH), float(shift[1] / HEIGHT), float(np.hypot(matrix[0, 0], matrix[1, 0]) - 1)
