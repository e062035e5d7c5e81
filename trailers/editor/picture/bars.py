"""Black bars around a picture, as its maker left them."""

from functools import lru_cache
from typing import TYPE_CHECKING

from trailers.features.media import pictures_at

if TYPE_CHECKING:
    from trailers.features.media import Episode

Box = tuple[int, int, int, int]  # x, y, width, height in pixels, all even

_BAR = 30  # 8-bit RGB level that a black bar stays below


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


def even(number: float) -> int:
    """The even whole number at or below: chroma stays on its place."""
    return int(number) // 2 * 2


def _dark(levels: list[int]) -> tuple[int, int]:
    """How many levels at each end are those of a bar."""
    ends = []
    for side in (levels, levels[::-1]):
        ends.append(next((n for n, level in enumerate(side) if level >= _BAR), 0))
    return ends[0], ends[1]


def _pair(one: int, other: int, whole: int) -> int:
    alike = abs(one - other) <= 0.02 * whole
    depth = max(one, other)
    return even(depth + 3) if alike and 0.02 * whole <= depth <= 0.25 * whole else 0
