"""Pictures as three planes, Y'CbCr 4:2:0 in BT.709 and limited range, where arithmetic touches them."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import av

Plane = NDArray[np.uint8]
Planes = tuple[Plane, Plane, Plane]
Box = tuple[int, int, int, int]

# ITU-R BT.709-6, 3.2 to 3.4: luma and colour differences of R'G'B', as 8-bit levels of limited range
_LUMA = np.array([0.2126, 0.7152, 0.0722])
_MATRIX = np.stack([_LUMA, (np.array([0, 0, 1]) - _LUMA) / 1.8556, (np.array([1, 0, 0]) - _LUMA) / 1.5748])
_RANGE, _ZERO = np.array([219, 224, 224], np.float64) / 255, np.array([16, 128, 128], np.float64)
BLACK = (16, 128, 128)


def planes_of(frame: "av.VideoFrame") -> Planes:
    """The planes of a yuv420p frame of even size, as copies."""
    height, width = frame.height, frame.width
    flat = np.asarray(frame.to_ndarray(), np.uint8).ravel()
    whole, quarter = height * width, height * width // 4
    chroma = height // 2, width // 2
    luma, cb, cr = np.split(flat, (whole, whole + quarter))
    return luma.reshape(height, width), cb.reshape(chroma), cr.reshape(chroma)


def frame_of(planes: Planes) -> "av.VideoFrame":
    """A yuv420p frame of three planes."""
    import av

    width = planes[0].shape[1]
    return av.VideoFrame.from_ndarray(np.concatenate([plane.ravel() for plane in planes]).reshape(-1, width), format="yuv420p")


def levels(colour: str) -> tuple[int, int, int]:
    """The levels (Y', Cb, Cr) of a colour `#rrggbb`."""
    y, cb, cr = (int(level) for level in np.rint(_coded(np.array([[list(bytes.fromhex(colour[1:]))]], np.uint8)))[0, 0])
    return y, cb, cr


class Laid:
    """Words to be laid over pictures: the part of a uint8 RGBA picture (height, width, 4; alpha not multiplied in) that shows."""

    def __init__(self, picture: NDArray[np.uint8]) -> None:
        alpha = picture[..., 3]
        rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
        self.empty = not len(rows)
        if self.empty:
            return
        top, left = int(rows[0]) // 2 * 2, int(columns[0]) // 2 * 2
        bottom, right = (int(rows[-1]) + 2) // 2 * 2, (int(columns[-1]) + 2) // 2 * 2
        self._box = slice(top, bottom), slice(left, right)
        self._half = slice(top // 2, bottom // 2), slice(left // 2, right // 2)
        part = picture[self._box]
        share = part[..., 3].astype(np.float64) / 255
        coded = _coded(part[..., :3]) * share[..., None]
        self._alpha = share, _halved(share)  # the words' part of a chroma sample is that of its four pixels
        self._parts = coded[..., 0], _halved(coded[..., 1]), _halved(coded[..., 2])

    def over(self, planes: Planes) -> None:
        """Lays the words over a picture, in place."""
        if self.empty:
            return
        for number, (plane, part) in enumerate(zip(planes, self._parts, strict=True)):
            box, alpha = (self._half, self._alpha[1]) if number else (self._box, self._alpha[0])
            plane[box] = np.rint(plane[box] * (1 - alpha) + part).astype(np.uint8)


def _coded(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """R'G'B' of 0..255 as Y'CbCr of limited range, channel last."""
    return np.asarray(rgb.astype(np.float64) @ _MATRIX.T * _RANGE + _ZERO, np.float64)


def _halved(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of every four pixels."""
    height, width = plane.shape
    return np.asarray(plane.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3)), np.float64)
