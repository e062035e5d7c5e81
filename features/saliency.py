"""Where a picture draws the eye: faces, the subject's place, and lettering."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trailers.features.media import Pictures

_Floats = NDArray[np.float32]
_CROP = 0.32  # width of a 9:16 crop out of a 16:9 picture, as a share


@dataclass(frozen=True)
class Face:
    """A frontal face: middle, width and height as shares of the picture's width and height."""

    x: float
    y: float
    width: float
    height: float


def faces_in(picture: Pictures) -> tuple[Face, ...]:
    """Frontal faces of at least a sixth of the picture's height, largest first, by OpenCV's LBP cascade as scikit-image runs it.

    A find without the colour of skin is left out, and a picture without any is not searched: the cascade alone takes textures for
    faces.
    """
    import cv2

    height = 144
    width = max(2, round(height * picture.shape[1] / picture.shape[0]))
    small = np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    if _skin(small) < 0.01:
        return ()
    boxes = _cascade().detect_multi_scale(
        img=small, scale_factor=1.25, step_ratio=1.4, min_size=(24, 24), max_size=(height, height), min_neighbor_number=3
    )
    faces = []
    for box in boxes:
        x, y, side = int(box["c"]), int(box["r"]), int(box["width"])
        if _skin(small[y + side // 4 : y + side * 3 // 4, x + side // 4 : x + side * 3 // 4]) > 0.35:
            faces.append(Face((x + side / 2) / width, (y + side / 2) / height, side / width, side / height))
    return tuple(sorted(faces, key=lambda face: (-face.height, face.x)))


@lru_cache(maxsize=1)
def _cascade() -> Any:
    from skimage.data import lbp_frontal_face_cascade_filename
    from skimage.feature import Cascade

    find: Any = lbp_frontal_face_cascade_filename
    return Cascade(find())


def _skin(picture: Pictures) -> float:
    """Share of pixels with the chroma of skin, light to dark (Chai and Ngan 1999: Cb 77-127, Cr 133-173)."""
    if not picture.size:
        return 0.0
    red, green, blue = (picture[..., n].astype(np.float32) for n in range(3))
    cb, cr = 128 - 0.169 * red - 0.331 * green + 0.5 * blue, 128 + 0.5 * red - 0.419 * green - 0.081 * blue
    return float(((cb > 77) & (cb < 127) & (cr > 133) & (cr < 173)).mean())


def subject(samples: Pictures, moved: _Floats | None, faces: Sequence[Face]) -> float:
    """The middle, 0..1, of the 9:16 window that holds most of what draws the eye.

    Interest is what moves more than the picture as a whole, and what differs in light and colour from its surroundings (centre
    against surround, Itti, Koch and Niebur 1998); faces outweigh both; the middle wins where nothing stands out.
    """
    import cv2

    width, height = 96, 54
    interest = np.zeros((height, width), np.float32)
    for picture in samples:
        small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32)
        for sigma in (2.0, 5.0):
            apart = np.linalg.norm(cv2.GaussianBlur(lab, (0, 0), sigma) - cv2.GaussianBlur(lab, (0, 0), 4 * sigma), axis=2)
            interest += _standing_out(apart)
    interest /= max(float(interest.max()), 1e-6)
    if moved is not None and moved.size:
        motion = _standing_out(cv2.GaussianBlur(cv2.resize(moved, (width, height), interpolation=cv2.INTER_AREA), (0, 0), 1.5))
        interest = interest + 1.2 * motion / max(float(motion.max()), 1e-6)
    column = interest.sum(axis=0)
    column = 0.85 * column / max(float(column.sum()), 1e-6) + 0.15 / width
    for face in faces:
        place = np.exp(-0.5 * ((np.arange(width) / width - face.x) / (face.width / 2)) ** 2)
        column = column + 3 * face.height * place / place.sum()
    middle = np.arange(width) / width + 0.5 / width
    size = round(_CROP * width)
    held = np.convolve(column, np.hanning(size + 2)[1:-1], mode="same") * (1 - 0.5 * (2 * np.abs(middle - 0.5)) ** 2)
    return float(middle[int(np.argmax(np.round(held, 6)))])


def _standing_out(energy: Any) -> _Floats:
    """What rises over the picture's own level, 0 and more."""
    return np.asarray(np.maximum(energy - np.quantile(energy, 0.6), 0), np.float32)


def lettering(luma: _Floats) -> float:
    """How much a picture (height, width), luma 0..1, looks like titles or credits, 0..1; 0.5 for a row of eight letters.

    Letters are strokes of one brightness that stand out of their ground; in a row they share their foot, their height and their
    ink. Leaves and grass give strokes enough, but no such rows. Sought at two sizes, light on dark and, in bright pictures, dark
    on light. Lettering that is taller than an eighth of the picture is not seen.
    """
    import cv2

    scale = 360 / luma.shape[0]
    whole = cv2.resize(luma, (round(luma.shape[1] * scale), 360), interpolation=cv2.INTER_AREA)
    half = cv2.resize(whole, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    letters = max(_letters(whole), _letters(half))
    if luma.mean() > 0.6:
        letters = max(letters, 0.7 * _letters(1 - whole))
    return float(1 - np.exp(-max(letters - 3, 0) / 7.5))


def _letters(luma: Any) -> float:
    """How many letters stand in rows, by light strokes."""
    import cv2
    from scipy.sparse.csgraph import connected_components

    hat = cv2.morphologyEx(luma, cv2.MORPH_TOPHAT, cv2.getStructuringElement(cv2.MORPH_RECT, (13, 13)))
    count, labels, boxes, _ = cv2.connectedComponentsWithStats((hat > 0.25).astype(np.uint8), connectivity=8)
    left, top, wide, high, area = boxes[:count].T.astype(np.float32)
    ink = np.zeros(count, np.float32)
    strokes = labels > 0
    np.maximum.at(ink, np.asarray(labels[strokes], np.int64), luma[strokes])
    fill = area / (wide * high)
    fits = (high >= 4) & (high <= 42) & (wide <= 9 * high) & (wide >= 0.15 * high) & (fill > 0.2) & (fill < 0.92) & (ink > 0.45)
    chosen = np.flatnonzero(fits)
    chosen = chosen[chosen > 0][:1500]
    if len(chosen) < 3:
        return 0.0
    left, top, wide, high, ink = (values[chosen] for values in (left, top, wide, high, ink))
    foot, lower, upper = top + high, np.minimum(high[:, None], high), np.maximum(high[:, None], high)
    level = np.abs(foot[:, None] - foot) <= np.maximum(1, 0.12 * lower)
    alike = level & (upper <= 1.6 * lower) & (np.abs(ink[:, None] - ink) < 0.1)
    gap = left - (left + wide)[:, None]
    rows, row = connected_components(alike & (gap >= -1) & (gap <= 1.3 * lower), directed=False)
    first, last = np.full(rows, np.inf), np.zeros(rows)
    np.minimum.at(first, row, left)
    np.maximum.at(last, row, left + wide)
    pieces = np.bincount(row, minlength=rows)
    letters = np.bincount(row, np.maximum(1, wide / (0.9 * high)), rows)  # small letters of a word run together
    height = np.bincount(row, high, rows) / pieces
    return float(letters[(pieces >= 3) & (letters >= 5) & (last - first >= 2.5 * height)].sum())
