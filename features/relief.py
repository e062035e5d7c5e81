"""Pictures made comparable whatever their size, crop, grading and coding: how one lies on another, and how alike they are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from trailers.features.media import Pictures

Relief = NDArray[np.float32]  # (height, width), about 0, without unit

WIDTH = 160  # pixels of width at which a film's pictures are compared
CELLS = 16, 12  # columns and rows of a description
INNER, CUT = 0.75, 0.88  # share of a picture, about its middle, that is compared: borders are where bars, marks and subtitles
# lie, but not along a side that was cut off much
ZOOMS = (1.0, 0.88)  # how near one picture may have come to the other beyond what their shapes ask for
_NARROW = 0.7  # of the other's width or height: cut off much
_STEP = 0.12  # shift of a framing, in its own size, from one that is tried to the next
_WIDER = 1.45  # how much more of a scene one may show than a film does: an open matte does
_WINDOW = 1 / 16  # of the width, to all sides: the neighbourhood that a point's light is seen against
_FAINT = 6.0  # levels of light under which differences count less: coding makes them too
_BLOCKS = 4  # rows and columns of blocks that agree or do not
_SPOILT = 1 / 3  # share of the blocks that may differ, under a title
_PLAIN = 0.02  # mean square of a relief under which a picture shows nothing to compare
_FINE = tuple(0.92 + 0.02 * n for n in range(9))  # sizes that are tried about that of a framing


@dataclass(frozen=True)
class Box:
    """A part of a picture: shares of its width and height, 0..1."""

    left: float
    top: float
    right: float
    bottom: float

    def cut(self, picture: Relief) -> Relief:
        height, width = picture.shape[-2:]
        x, y = round(self.left * width), round(self.top * height)
        return picture[..., y : max(round(self.bottom * height), y + 2), x : max(round(self.right * width), x + 2)]


@dataclass(frozen=True)
class Framing:
    """Which part of one picture shows the same as which part of another."""

    one: Box
    other: Box


def relief(grey: Pictures, width: int = WIDTH) -> Relief:
    """Light against that of its neighbourhood, in spreads of the neighbourhood's: grey (height, width) uint8; `width` is that of
    the film's pictures at the size in which it is compared.

    Grading, vignettes and contrast drop out (local contrast normalisation, Jarrett et al. 2009); plain surfaces stay plain.
    """
    import cv2

    light = grey.astype(np.float32)
    side = 2 * round(width * _WINDOW) + 1
    high = light - cv2.blur(light, (side, side))
    spread = cv2.blur(high * high, (side, side))
    return np.asarray(high / np.sqrt(spread + _FAINT**2), np.float32)


def plain(picture: Relief) -> bool:
    """Whether there is next to nothing to be compared: black, white, a surface, a few letters."""
    return float(np.mean(np.square(picture))) < _PLAIN


def framings(one: tuple[int, int], other: tuple[int, int]) -> tuple[Framing, ...]:
    """Ways in which a picture of size `one` (width, height) may be made of one of size `other`, or the other of it.

    Both are cut to shape at any place, the first may be zoomed into, and one may have been squeezed into the other's shape.
    """
    wide, high = one[0] / other[0], one[1] / other[1]
    shares = {(wide / size, high / size) for near in ZOOMS for size in {max(wide, high) / near, min(wide, high) / near}}
    shares |= {(near, near) for near in ZOOMS}
    shares = {each for each in shares if max(each) < _WIDER}
    found = {
        Framing(Box(x[0], y[0], x[1], y[1]), Box(x[2], y[2], x[3], y[3]))
        for width, height in ({(round(w, 3), round(h, 3)) for w, h in shares})
        for x in _along(width)
        for y in _along(height)
    }
    return tuple(sorted(found, key=lambda f: (f.one.left, f.one.top, f.one.right, f.other.left, f.other.top, f.other.right)))


def _along(share: float) -> Iterator[tuple[float, float, float, float]]:
    """Ends of the parts of both that are the same, where one is `share` of the other's width: at several places, inner parts."""
    if share > 1:
        yield from ((c, d, a, b) for a, b, c, d in _along(1 / share))
        return
    room = 1 - share
    inner = CUT if share < _NARROW else INNER
    for at in np.linspace(0, room, 1 + ceil(room / (_STEP * share * inner))) if room > 0.02 else (room / 2,):
        edge = (1 - inner) / 2
        yield edge, 1 - edge, float(at) + share * edge, float(at) + share * (1 - edge)


def describe(picture: Relief, boxes: Sequence[Box]) -> Relief:
    """Rows of unit length, one a box: the relief in CELLS; their product is how alike two are, -1..1."""
    import cv2

    rows = np.stack([cv2.resize(box.cut(picture), CELLS, interpolation=cv2.INTER_AREA).ravel() for box in boxes])
    rows -= rows.mean(axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-3), np.float32)


def fitted(grey: Pictures, other: Pictures, framing: Framing) -> tuple[Relief, Framing]:
    """The relief of a grey picture at the size at which it lies on another, and exactly how it does.

    Near the framing, sizes and places are tried for the best correlation of the inner part (Lewis 1995).
    """
    import cv2

    best, found = -2.0, (relief(grey), framing)
    film = relief(other)
    height, width = film.shape
    for size in _FINE:
        wide = size * (framing.other.right - framing.other.left) / (framing.one.right - framing.one.left) * width
        high = size * (framing.other.bottom - framing.other.top) / (framing.one.bottom - framing.one.top) * height
        picture = relief(resized(grey, (round(wide), round(high))))
        part = framing.one.cut(picture)
        if part.shape[0] > height or part.shape[1] > width or min(part.shape) < 8:
            continue
        scores = cv2.matchTemplate(film, np.ascontiguousarray(part), cv2.TM_CCOEFF_NORMED)
        _, score, _, (x, y) = cv2.minMaxLoc(scores)
        if score > best:
            there = Box(x / width, y / height, (x + part.shape[1]) / width, (y + part.shape[0]) / height)
            best, found = score, (picture, Framing(framing.one, there))
    return found


def resized(grey: Pictures, size: tuple[int, int]) -> Pictures:
    import cv2

    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def alike(ones: Relief, others: Relief) -> NDArray[np.float32]:
    """How alike each of (m, height, width) is to each of (n, height, width): m x n, 1 the same, 0 nothing in common.

    Correlation over blocks, of which the worst third is left out: there a title may lie.
    """
    one, other = _blocks(ones), _blocks(others)
    products = np.matmul(one, other.transpose(0, 2, 1))  # blocks x m x n
    lengths = np.linalg.norm(one, axis=2)[:, :, None] * np.linalg.norm(other, axis=2)[:, None, :]
    order = np.argsort(products / np.maximum(lengths, 1e-6), axis=0)[int(len(products) * _SPOILT) :]
    kept, whole = np.take_along_axis(products, order, 0).sum(axis=0), np.take_along_axis(lengths, order, 0).sum(axis=0)
    return np.asarray(kept / np.maximum(whole, _PLAIN * one.shape[2] * len(order)), np.float32)


def _blocks(pictures: Relief) -> NDArray[np.float32]:
    """blocks x pictures x points."""
    count, height, width = pictures.shape
    high, wide = height // _BLOCKS, width // _BLOCKS
    cut = pictures[:, : high * _BLOCKS, : wide * _BLOCKS].reshape(count, _BLOCKS, high, _BLOCKS, wide)
    return np.ascontiguousarray(cut.transpose(1, 3, 0, 2, 4).reshape(_BLOCKS**2, count, high * wide))
