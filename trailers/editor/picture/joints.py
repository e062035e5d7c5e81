"""How two pictures mix where one clip becomes the next: pure, so that what is encoded can be foretold."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from trailers.editor.timeline import Timeline
from trailers.season import Joint

Level = TypeVar("Level", np.uint8, np.float32, np.float64)

WHOLE = 256  # parts that a picture is mixed of
BLACK, DEEP = "#000000", "#202024"
_SOFT = 0.3  # share of the width over which a wipe's edge runs


def ground(kind: Joint, timeline: Timeline) -> str:
    """The colour that a joint passes through, `#rrggbb`: black for a dip, the title card's ground, else deep grey, for a wash."""
    if kind == "wash":
        return timeline.card.ground if timeline.card else DEEP
    return BLACK


def shares(kind: Joint, k: int, n: int, width: int) -> NDArray[np.int32]:
    """(3, width) parts of 256 that each column of mixed frame k of n has of the picture before, the colour, the picture after.

    A dissolve is linear; a dip and a wash leave the one picture wholly before the other begins, the wash easing in and out of
    its colour; a wipe uncovers from left to right behind a soft edge.
    """
    if not 0 <= k < n:
        raise ValueError(f"mixed frames count from 0 to {n - 1}: {k = }")
    part = (k + 1) / (n + 1)
    if kind == "wipe":
        columns = (np.arange(width) + 0.5) / width
        after = _eased((_eased(part) * (1 + _SOFT) - columns) / _SOFT)
        before = 1 - after
    elif kind in ("dip", "wash"):
        ease = _eased if kind == "wash" else _clipped
        before, after = (np.full(width, ease(side)) for side in (1 - 2 * part, 2 * part - 1))
    else:
        after = np.full(width, part if kind == "dissolve" else 1.0)
        before = 1 - after
    old, new = (np.floor(side * WHOLE).astype(np.int32) for side in (before, after))
    if kind in ("dissolve", "wipe", "cut"):  # nothing of a colour: what rounding leaves is the old picture's
        old = WHOLE - new
    return np.stack([old, WHOLE - old - new, new])


def mix(
    kind: Joint, k: int, n: int, before: NDArray[Level], after: NDArray[Level], colour: float | tuple[float, ...] = 0.0
) -> NDArray[Level]:
    """Mixed frame k of n of two pictures (height, width) or (height, width, channels), uint8 or floats, in their own type.

    `colour` is in their terms: a level, or one a channel. A plane of chroma mixes as its picture does.
    """
    shape = (1, -1) if before.ndim == 2 else (1, -1, 1)
    old, through, new = (part.reshape(shape) for part in shares(kind, k, n, before.shape[1]))
    if before.dtype == np.uint8:
        solid = np.rint(np.asarray(colour)).astype(np.int32)
        whole = before.astype(np.int32) * old + solid * through + after.astype(np.int32) * new + WHOLE // 2
        return np.asarray(whole // WHOLE, before.dtype)
    return np.asarray((before * old + np.asarray(colour) * through + after * new) / WHOLE, before.dtype)


def _eased(share: "NDArray[np.float64] | float") -> "NDArray[np.float64]":
    share = _clipped(share)
    return share * share * (3 - 2 * share)


def _clipped(share: "NDArray[np.float64] | float") -> "NDArray[np.float64]":
    return np.clip(np.asarray(share, np.float64), 0, 1)
