"""Where a picture draws the eye: the subject's place, lettering, and the bars around it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trailers.features.faces import Face
from trailers.features.media import Pictures

_Floats = NDArray[np.float32]
_INK = 0.4  # mean luma of a letter, at least
_LIT = 28  # luma, 0..255, over which a point is not black
_CROP = 0.32  # width of a 9:16 crop out of a 16:9 picture, as a share


def subject(samples: Pictures, moved: _Floats | None, faces: Sequence[Face]) -> float:
    """The middle, 0..1, of the 9:16 window that holds most of what draws the eye.

    Interest is what moves more than the picture as a whole (`moved`: how much at each of 96 places from left to right), and what
    differs in light and colour from its surroundings (centre against surround, Itti, Koch and Niebur 1998); faces outweigh both;
    the middle wins where nothing stands out.
    """
    import cv2

    width, height = 96, 54
    interest = np.zeros((height, width), np.float32)
    for picture in samples:
        small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32)
        for sigma in (2.0, 5.0):
            apart = np.linalg.norm(_blurred(lab, sigma) - _blurred(lab, 4 * sigma), axis=2)
            interest += _standing_out(apart)
    interest /= max(float(interest.max()), 1e-6)
    column = interest.sum(axis=0)
    column = column / max(float(column.sum()), 1e-6)
    if moved is not None and moved.sum() > 0:
        motion = cv2.GaussianBlur(moved[None], (0, 0), 4.0)[0]
        column = column + 1.2 * motion / motion.sum()
    column = 0.85 * column / max(float(column.sum()), 1e-6) + 0.15 / width
    for face in faces:
        place = np.exp(-0.5 * ((np.arange(width) / width - face.x) / (face.width / 2)) ** 2)
        column = column + 3 * face.height * place / place.sum()
    middle = np.arange(width) / width + 0.5 / width
    size = round(_CROP * width)
    held = np.convolve(column, np.hanning(size + 2)[1:-1], mode="same") * (1 - 0.5 * (2 * np.abs(middle - 0.5)) ** 2)
    return float(middle[int(np.argmax(np.round(held, 6)))])


def _blurred(picture: Any, sigma: float) -> _Floats:
    """A Gaussian blur, the wide ones on a smaller picture."""
    import cv2

    size, times = picture.shape[1::-1], 4 if sigma >= 16 else 2 if sigma >= 4 else 1
    small = cv2.resize(picture, (size[0] // times, size[1] // times), interpolation=cv2.INTER_AREA) if times > 1 else picture
    soft = cv2.GaussianBlur(small, (0, 0), sigma / times)
    return np.asarray(cv2.resize(soft, size, interpolation=cv2.INTER_LINEAR) if times > 1 else soft, np.float32)


def _standing_out(energy: Any) -> _Floats:
    """What rises over the picture's own level, 0 and more."""
    return np.asarray(np.maximum(energy - np.quantile(energy, 0.6), 0), np.float32)


def lettering(grey: Pictures) -> float:
    """How much a grey picture, uint8 (height, width), looks like titles or credits, 0..1; 0.5 for a row of eight letters.

    Letters are strokes of one brightness that stand out of their ground; in a row they share their foot, their height and their
    ink. Leaves and grass give strokes enough, but no such rows. Sought at two sizes, light on dark and, in bright pictures,
    dark on light. Lettering that is taller than an eighth of the picture, curved, or of letters that touch is
    mostly missed.
    """
    import cv2

    width = max(round(grey.shape[1] * 360 / grey.shape[0]), 16)
    whole = np.asarray(cv2.resize(grey, (width, 360), interpolation=cv2.INTER_AREA), np.uint8)
    sizes = [whole, _smaller(whole, 2)]
    letters = max(_letters(size) for size in sizes)
    if cv2.mean(whole)[0] > 0.6 * 255:
        letters = max(letters, 0.7 * _letters(np.invert(sizes[1])))
    return float(1 - np.exp(-max(letters - 3, 0) / 7.5))


def _smaller(grey: Pictures, times: int) -> Pictures:
    import cv2

    return np.asarray(cv2.resize(grey, None, fx=1 / times, fy=1 / times, interpolation=cv2.INTER_AREA), np.uint8)


def _letters(grey: Pictures) -> float:
    """How many letters stand in rows, by light strokes."""
    import cv2
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    hat = cv2.morphologyEx(grey, cv2.MORPH_TOPHAT, cv2.getStructuringElement(cv2.MORPH_RECT, (13, 13)))
    strokes = cv2.threshold(hat, 63, 1, cv2.THRESH_BINARY)[1]
    count, _, boxes, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8, ltype=cv2.CV_16U)
    boxes = boxes[1:count]
    left, top, wide, high, area = boxes.T.astype(np.float32)
    fill = area / (wide * high)
    fits = (high >= 4) & (high <= 42) & (wide <= 9 * high) & (wide >= 0.15 * high) & (fill > 0.2) & (fill < 0.92)
    boxes = boxes[fits]
    sums = cv2.integral(grey * strokes)
    x, y, right, foot = boxes[:, 0], boxes[:, 1], boxes[:, 0] + boxes[:, 2], boxes[:, 1] + boxes[:, 3]
    ink = (sums[foot, right] - sums[y, right] - sums[foot, x] + sums[y, x]) / (255 * np.maximum(boxes[:, 4], 1))
    chosen = np.flatnonzero(ink > _INK)[:1500]
    if len(chosen) < 3:
        return 0.0
    left, top, wide, high = boxes[chosen, :4].T.astype(np.float32)
    ink, foot = ink[chosen], top + high
    lower, upper = np.minimum(high[:, None], high), np.maximum(high[:, None], high)
    level = np.abs(foot[:, None] - foot) <= np.maximum(1, 0.12 * lower)
    gap = left - (left + wide)[:, None]
    alike = level & (upper <= 1.6 * lower) & (np.abs(ink[:, None] - ink) < 0.1) & (gap >= -1) & (gap <= 1.3 * lower)
    one, other = np.nonzero(alike)
    rows, row = connected_components(coo_array((np.ones(len(one), np.int8), (one, other)), alike.shape), directed=False)
    first, last = np.full(rows, np.inf), np.zeros(rows)
    np.minimum.at(first, row, left)
    np.maximum.at(last, row, left + wide)
    pieces = np.bincount(row, minlength=rows)
    letters = np.bincount(row, np.maximum(1, wide / (0.9 * high)), rows)  # small letters of a word run together
    height = np.bincount(row, high, rows) / pieces
    return float(letters[(pieces >= 3) & (letters >= 5) & (last - first >= 2.5 * height)].sum())


def bars(greys: Pictures) -> tuple[float, float]:
    """Letterbox and pillarbox: shares of height and width under black bars, from grey pictures uint8 (k, h, w) of one shot.

    A bar is black from end to end in every picture, and ends in one step along much of its length: a dark picture fades out at
    no line, and letters on black fill little. Bars come in pairs of much the same size.
    """
    height, width = greys.shape[1:]
    columns = greys[:, :, width // 64 :: max(width // 32, 1)]
    rows = greys[:, height // 64 :: max(height // 32, 1)].transpose(0, 2, 1)
    return _bars(columns), _bars(rows)


def _bars(lines: Pictures) -> float:
    """The share of lines (k, lines, points on each) that are bars at both ends."""
    height = lines.shape[1]
    high, level = np.sort(lines.max(axis=0), axis=1)[:, -2], lines.mean(axis=2)  # but for a speck
    first, last = (_black(order) for order in (high, high[::-1]))
    if min(first, last) < 0.01 * height or first + last > 0.9 * height or abs(first - last) > 0.03 * height:
        return 0.0
    edges = ((first + 2, first - 3), (height - last - 3, height - last + 2))  # just inside, just outside
    steps = [(level[:, inside] - level[:, outside]).max() for inside, outside in edges]
    filled = [
        (lines[:, inside] > level[:, outside, None] + 6).mean(axis=1).max() for inside, outside in edges
    ]  # letters on black fill little
    return (first + last) / height if min(steps) > 6 and min(filled) > 0.35 else 0.0


def _black(high: Pictures) -> int:
    """How many lines are black before the first that is not."""
    lit = np.flatnonzero(high > _LIT)
    return int(lit[0]) if len(lit) else 0
