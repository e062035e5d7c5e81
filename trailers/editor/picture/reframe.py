"""Where a source's picture goes in a rendition's: which part is cut out, and what fills the rest."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from trailers.features.media import pictures_at

if TYPE_CHECKING:
    from trailers.features.media import Episode

Size = tuple[int, int]
Box = tuple[int, int, int, int]  # x, y, width, height in pixels, all even

KEPT_WIDTH, KEPT_HEIGHT = 0.45, 0.7
_SLIVER = 0.9  # a ground that would show on less than a tenth of the rendition is not worth its edges
_SAME = 0.01  # shapes that differ by less are taken for one
_BAR = 30  # 8-bit RGB level that a black bar stays below


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
        part = _even(min(width, round(height * target[0] / target[1])))
        return _even(min(max(centre * width - part / 2, 0), width - part)), 0, part, _even(height)
    part = _even(min(height, round(width * target[1] / target[0])))
    return 0, _even((height - part) / 2), _even(width), part


def framing(source: Size, target: Size, centre: float = 0.5, picture: Box | None = None) -> Framing:
    """How a clip stands in a rendition, the same from its first frame to its last.

    The crop fills the rendition where that keeps 45 % of the source's width and 70 % of its height, or nearly so. Else it keeps
    just so much, whole in the other direction, over a blurred ground: of a 16:9 picture in 9:16 a 4:5 window. Seen side by side
    on a film, a full-height strip (32 % of the width) loses one of two faces in most two-shots and is enlarged 1.8 times (3.6
    from 360 lines); a square leaves half of a telephone blurred; 4:5 keeps the pair and the place and fills 70 %.
    `picture` is what lies within black bars; a rendition of the source's own shape keeps the bars as they were made.
    """
    if abs(source[0] * target[1] / (source[1] * target[0]) - 1) < _SAME:
        return Framing((0, 0, *source), (0, 0, *target))
    left, top, width, height = picture or (0, 0, *source)
    middle = (centre * source[0] - left) / width
    x, y, w, h = crop((width, height), target, middle)
    full = (left + x, top + y, w, h)
    if w >= _SLIVER * KEPT_WIDTH * width and h >= _SLIVER * KEPT_HEIGHT * height:
        return Framing(full, (0, 0, *target))
    window = (max(w, _even(KEPT_WIDTH * width)), max(h, _even(KEPT_HEIGHT * height)))
    x, y, w, h = crop((width, height), window, middle)
    scale = min(target[0] / w, target[1] / h)
    shown = (min(target[0], _even(w * scale)), min(target[1], _even(h * scale)))
    place = (_even((target[0] - shown[0]) / 2), _even((target[1] - shown[1]) / 2), *shown)
    return Framing((left + x, top + y, w, h), place, full)


def frame_for(episode: "Episode", target: Size, centre: float = 0.5) -> Framing:
    """`framing` for a clip of an episode, its black bars found and cut where the shape changes."""
    same = abs(episode.size[0] * target[1] / (episode.size[1] * target[0]) - 1) < _SAME
    return framing(episode.size, target, centre, None if same else bars(episode))


@lru_cache(maxsize=256)
def bars(episode: "Episode") -> Box:
    """What lies within black bars: the part of the picture that is not dark at an edge in all of 8 frames over the episode.

    Bars count where opposite ones are alike and each is 2 % to 25 % of the picture; else the whole picture is given.
    """
    count = min(8, episode.frames)
    sampled = sorted({(2 * n + 1) * episode.frames // (2 * count) for n in range(count)})
    brightest = pictures_at(episode, sampled).max(axis=(0, 3))
    width, height = episode.size
    top, bottom = _dark(brightest.max(axis=1).tolist())
    left, right = _dark(brightest.max(axis=0).tolist())
    x = _pair(left, right, width)
    y = _pair(top, bottom, height)
    return x, y, width - 2 * x, height - 2 * y


def _dark(levels: list[int]) -> tuple[int, int]:
    """How many levels at each end are those of a bar."""
    ends = []
    for side in (levels, levels[::-1]):
        ends.append(next((n for n, level in enumerate(side) if level >= _BAR), 0))
    return ends[0], ends[1]


def _pair(one: int, other: int, whole: int) -> int:
    alike = abs(one - other) <= 0.02 * whole
    depth = max(one, other)
    return _even(depth + 3) if alike and 0.02 * whole <= depth <= 0.25 * whole else 0


def _even(number: float) -> int:
    """The even whole number at or below."""
    return int(number) // 2 * 2
