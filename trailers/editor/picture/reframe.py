"""Where a source's picture goes in a rendition's: which part is cut out, and what fills the rest."""

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from trailers.editor.picture.bars import Box, bars, even
from trailers.editor.picture.glide import eased
from trailers.editor.timeline import Clip, Key, View

if TYPE_CHECKING:
    from trailers.features.media import Episode

__all__ = ["SHAPES", "Box", "Framing", "Size", "alike", "crop", "frame_for", "framing", "shape_of", "viewed"]

Size = tuple[int, int]

SHAPES = ("9:16", "4:5", "1:1", "4:3", "16:9")
KEPT_WIDTH, KEPT_HEIGHT = 0.45, 0.7
_SLIVER = 0.9  # a ground that would show on less than a tenth of the rendition is not worth its edges
_SAME = 0.01  # shapes that differ by less are taken for one


@dataclass(frozen=True)
class Framing:
    """`crop` of the source is scaled to `place` in the rendition; what that leaves free shows the source's part `ground` blurred,
    or one `colour` (`#rrggbb`).

    `moves` says for each frame that is shown how far the crop has moved by then, right and down, in pixels of the source, parts
    of pixels too; never beyond the source. Empty: it stays.
    """

    crop: Box
    place: Box
    ground: Box | None = None
    moves: tuple[tuple[float, float], ...] = ()
    colour: str = ""

    def part(self, start: int, stop: int) -> "Framing":
        """The framing of shown frames start to stop alone; beyond the last move the crop stays where that brought it.

        A part in which nothing moves is one that stays, so that it costs no more than others.
        """
        if not self.moves:
            return self
        moves = tuple(self.moves[min(n, len(self.moves) - 1)] for n in range(start, stop))
        x, y = moves[0]
        if set(moves) == {(x, y)} and not (x % 2 or y % 2):
            left, top, width, height = self.crop
            return replace(self, crop=(left + int(x), top + int(y), width, height), moves=())
        return replace(self, moves=moves)


def crop(source: Size, target: Size, centre: float = 0.5) -> Box:
    """The largest part of `source` in the shape of `target`, centred on `centre` (0 left, 1 right) as far as the edges allow.

    Whole even pixels, so that chroma stays on its place.
    """
    width, height = source
    if width * target[1] > height * target[0]:
        part = even(min(width, round(height * target[0] / target[1])))
        return even(min(max(centre * width - part / 2, 0), width - part)), 0, part, even(height)
    part = even(min(height, round(width * target[1] / target[0])))
    return 0, even((height - part) / 2), even(width), part


def framing(source: Size, target: Size, centre: float = 0.5, picture: Box | None = None) -> Framing:
    """How a clip stands in a rendition, the same from its first frame to its last.

    The crop fills the rendition where that keeps 45 % of the source's width and 70 % of its height, or nearly so. Else it keeps
    just so much, whole in the other direction, over a blurred ground: of a 16:9 picture in 9:16 a 4:5 window. Seen side by side
    on a film, a full-height strip (32 % of the width) loses one of two faces in most two-shots and is enlarged 1.8 times (3.6
    from 360 lines); a square leaves half of a telephone blurred; 4:5 keeps the pair and the place and fills 70 %.
    `picture` is what lies within black bars; a rendition of the source's own shape keeps the bars as they were made.
    """
    if alike(source, target):
        return Framing((0, 0, *source), (0, 0, *target))
    left, top, width, height = picture or (0, 0, *source)
    middle = (centre * source[0] - left) / width
    x, y, w, h = crop((width, height), target, middle)
    full = (left + x, top + y, w, h)
    if w >= _SLIVER * KEPT_WIDTH * width and h >= _SLIVER * KEPT_HEIGHT * height:
        return Framing(full, (0, 0, *target))
    window = (max(w, even(KEPT_WIDTH * width)), max(h, even(KEPT_HEIGHT * height)))
    x, y, w, h = crop((width, height), window, middle)
    scale = min(target[0] / w, target[1] / h)
    shown = (min(target[0], even(w * scale)), min(target[1], even(h * scale)))
    place = (even((target[0] - shown[0]) / 2), even((target[1] - shown[1]) / 2), *shown)
    return Framing((left + x, top + y, w, h), place, full)


def shape_of(size: Size) -> str:
    """The shape of a size as a View names it, "9:16"; one that is within a hundredth of a usual shape is that."""
    found = Fraction(*size)
    usual = (shape for shape in SHAPES if abs(found / Fraction(shape.replace(":", "/")) - 1) < _SAME)
    return next(usual, f"{found.numerator}:{found.denominator}")


def frame_for(episode: "Episode", target: Size, clip: Clip) -> Framing:
    """How a clip stands in a rendition: by its View of that shape; where it has none, by `framing` about its `centre`.

    Black bars are found and cut where the shape changes.
    """
    if alike(episode.size, target):
        return Framing((0, 0, *episode.size), (0, 0, *target))
    view = next((view for view in clip.views if view.shape == shape_of(target)), None)
    if view is not None:
        return viewed(view, bars(episode), target, len(clip.into))
    return framing(episode.size, target, clip.centre, bars(episode))


def viewed(view: View, picture: Box, target: Size, frames: int) -> Framing:
    """The framing of `frames` timeline frames by a view of what lies within bars, `picture`.

    Where the window stays it lies on even pixels; a glide goes over parts of pixels. A window without a ground that is not of the
    target's shape is cut to it; with one it is shown whole.
    """
    left, top, width, height = picture
    w, h = (max(2, min(whole, even(share * whole + 0.5))) for share, whole in ((view.width, width), (view.height, height)))
    if not view.ground:
        _, _, w, h = crop((w, h), target)
    keys = view.keys or (Key(0, 0.5, 0.5),)
    spots = [(even(_within(key.x * width - w / 2, width - w)), even(_within(key.y * height - h / 2, height - h))) for key in keys]
    spotted = [_spot(keys, spots, frame) for frame in range(frames)]
    x, y = even(spotted[0][0]), even(spotted[0][1])
    moves = tuple((across - x, down - y) for across, down in spotted) if len(set(spotted)) > 1 else ()
    box = (left + x, top + y, w, h)
    if not view.ground:
        return Framing(box, (0, 0, *target), moves=moves)
    scale = min(target[0] / w, target[1] / h)
    shown = (min(target[0], even(w * scale)), min(target[1], even(h * scale)))
    place = (even((target[0] - shown[0]) / 2), even((target[1] - shown[1]) / 2), *shown)
    if view.ground != "blur":
        return Framing(box, place, moves=moves, colour=view.ground)
    gx, gy, wide, high = crop((width, height), target, (x + w / 2) / width)
    return Framing(box, place, (left + gx, top + gy, wide, high), moves)


def _spot(keys: "tuple[Key, ...]", spots: list[tuple[int, int]], frame: int) -> tuple[float, float]:
    """Left and upper edge of a window at a frame of its clip."""
    if frame <= keys[0].at:
        return spots[0]
    for (one, other), (start, end) in zip(pairwise(keys), pairwise(spots), strict=True):
        if frame < other.at:
            share = eased((frame - one.at) / (other.at - one.at))
            return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
    return spots[-1]


def alike(one: Size, other: Size) -> bool:
    """Whether two sizes are of one shape."""
    return abs(one[0] * other[1] / (one[1] * other[0]) - 1) < _SAME


def _within(value: float, most: float) -> float:
    return min(max(value, 0.0), most)
