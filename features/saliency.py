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
    """Frontal faces of at least an eighth of the picture's height, largest first, by OpenCV's LBP cascade as scikit-image runs it.

    A find without any skin-like colour is left out: the cascade alone takes textures for faces.
    """
    import cv2

    height = 180
    width = max(2, round(height * picture.shape[1] / picture.shape[0]))
    small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    boxes = _cascade().detect_multi_scale(
        img=small, scale_factor=1.25, step_ratio=1.4, min_size=(24, 24), max_size=(height, height), min_neighbor_number=3
    )
    faces = []
    for box in boxes:
        inner = small[box["r"] + box["height"] // 4 : box["r"] + box["height"] * 3 // 4, box["c"] + box["width"] // 4 : box["c"] + box["width"] * 3 // 4]
        if inner.size and _skin(inner) > 0.35:
            faces.append(Face(
                (box["c"] + box["width"] / 2) / width, (box["r"] + box["height"] / 2) / height, box["width"] / width, box["height"] / height
            ))  # fmt: skip
    return tuple(sorted(faces, key=lambda face: (-face.height, face.x)))


@lru_cache(maxsize=1)
def _cascade() -> Any:
    from skimage.data import lbp_frontal_face_cascade_filename
    from skimage.feature import Cascade

    return Cascade(lbp_frontal_face_cascade_filename())


def _skin(picture: Pictures) -> float:
    """Share of pixels with the chroma of skin, light to dark (Chai and Ngan 1999: Cb 77-127, Cr 133-173)."""
    red, green, blue = (picture[..., n].astype(np.float32) for n in range(3))
    cb, cr = 128 - 0.169 * red - 0.331 * green + 0.5 * blue, 128 + 0.5 * red - 0.419 * green - 0.081 * blue
    return float(((cb > 77) & (cb < 127) & (cr > 133) & (cr < 173)).mean())


def subject(samples: Pictures, moved: _Floats | None, faces: Sequence[Face]) -> float:
    """The middle, 0..1, of the 9:16 window that holds most of what draws the eye.

    Interest is what moves more than the picture as a whole, and what differs in light and colour from its surroundings (centre against
    surround, Itti, Koch and Niebur 1998); faces outweigh both; the middle wins where nothing stands out.
    """
    import cv2

    width, height = 96, 54
    interest = np.zeros((height, width), np.float32)
    for picture in samples:
        lab = cv2.cvtColor(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2LAB).astype(np.float32)
        for sigma in (2.0, 5.0):
            apart = np.linalg.norm(cv2.GaussianBlur(lab, (0, 0), sigma) - cv2.GaussianBlur(lab, (0, 0), 4 * sigma), axis=2)
            interest += _standing_out(apart)
    interest /= max(float(interest.max()), 1e-6)
    if moved is not None and moved.size:
        motion = _standing_out(cv2.GaussianBlur(cv2.resize(moved, (width, height), interpolation=cv2.INTER_AREA), (0, 0), 1.5))
        interest = interest + 1.2 * motion / max(float(motion.max()), 1e-6)
    column = interest.sum(axis=0)
    column = column / max(float(column.sum()), 1e-6)
    for face in faces:
        place = np.exp(-0.5 * ((np.arange(width) / width - face.x) / (face.width / 2)) ** 2)
        column = column + 3 * face.height * place / place.sum()
    middle = np.arange(width) / width + 0.5 / width
    size = round(_CROP * width)
    held = np.convolve(column, np.hanning(size + 2)[1:-1], mode="same") * (1 - 0.35 * (2 * np.abs(middle - 0.5)) ** 2)
    return float(middle[int(np.argmax(np.round(held, 6)))])


def _standing_out(energy: _Floats) -> _Floats:
    """What rises over the picture's own level, 0 and more."""
    return np.maximum(energy - np.quantile(energy, 0.6), 0).astype(np.float32)


def text_share(luma: _Floats) -> float:
    """How much a picture (height, width), luma 0..1, looks like titles or credits, 0..1.

    Letters are thin strokes, all lighter (or all darker) than their ground, of one height, in rows: top-hat strokes are joined along the row, and
    blocks that are wide, low, full of upright edges and evenly bright are counted by their area.
    """
    import cv2

    height, width = luma.shape
    best = 0.0
    for picture in (luma, 1 - luma):
        kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (9, 9))
        hat = cv2.morphologyEx(picture, cv2.MORPH_TOPHAT, kernel)
        strokes = (hat > 0.22).astype(np.uint8)
        if not strokes.any():
            continue
        joined = cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, (11, 3)))
        count, _, boxes, _ = cv2.connectedComponentsWithStats(joined, connectivity=4)
        area = 0.0
        for x, y, w, h, full in boxes[1:count]:
            if not (h >= 4 and h <= height * 0.2 and w >= 1.8 * h and full >= 0.45 * w * h):
                continue
            here = strokes[y : y + h, x : x + w].astype(np.int8)
            changes = np.abs(np.diff(here, axis=1)).sum(axis=1)
            lit = picture[y : y + h, x : x + w][here > 0]
            # Each letter as wide as high brings two edges a row or more; ink is of one brightness.
            if np.median(changes) >= 1.2 * w / h and lit.std() < 0.16:
                area += w * h
        best = max(best, area / (width * height))
    return float(1 - np.exp(-best / 0.012))
