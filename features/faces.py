"""Human faces in a picture, and the shot scale that the largest one tells."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from trailers.features.media import Pictures

CLOSE, MEDIUM = 0.25, 0.1  # height of a face over the picture's


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


def scale_of(height: float) -> str:
    """Shot scale by the height of a face, brows to chin, over the picture's: "close-up", "medium", "wide", "" without a face.

    A head is an eighth to a seventh of a standing person and such a face some 0.7 of a head. A picture from the chest up (medium
    close-up, Bordwell and Thompson, Film Art) is 3 heads high: 0.25; one down to the knees 6 to 7 heads: 0.1.
    """
    if height <= 0:
        return ""
    return "close-up" if height >= CLOSE else "medium" if height >= MEDIUM else "wide"
