"""What a finished file shows, decoded once: every picture small, and parts of pictures to compare with their sources."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from trailers.editor.picture.reframe import Box
from trailers.errors import MediaError
from trailers.features.graph import Graph, array
from trailers.features.media import Episode, video_frames

Luma = npt.NDArray[np.float32]
Pictures = npt.NDArray[np.uint8]
Size = tuple[int, int]
Part = tuple[Box, Size]  # a part of a picture, in pixels of the rendition, and the size at which it is compared

SMALL = 96  # pixels of the longer side at which pictures are compared
BLACK = 16.0  # luma of black
GREY = 128  # chroma of what has no colour
TINT = 3.0  # mean difference in chroma up to which colours count as the same
DEPTH = 219.0  # levels of luma from black to white
_WEIGHTS = (0.2126, 0.7152, 0.0722)  # of red, green and blue in BT.709's luma


@dataclass(frozen=True)
class Seen:
    """`whole`: every picture of a file, uint8 RGB (n, height, width, 3); `parts`: those parts that were asked for, by frame, as
    `planes` gives them."""

    whole: Pictures
    parts: Mapping[Part, Mapping[int, Pictures]]

    def planes(self, part: Part, frames: Sequence[int]) -> Pictures:
        """8-bit luma and chroma (n, height * 3 / 2, width), yuv420p as FFmpeg lays it out, of a part at frames that were asked
        for; black where the file does not hold them."""
        width, height = part[1]
        black = np.full((height * 3 // 2, width), GREY, np.uint8)
        black[:height] = round(BLACK)
        held = self.parts.get(part, {})
        return np.stack([held.get(frame, black) for frame in frames])

    @cached_property
    def grey(self) -> Luma:
        """Luma (n, height, width) of every picture."""
        return grey(self.whole)


def seen(file: Episode, size: Size, asked: Mapping[Part, Sequence[int]]) -> Seen:
    """Decodes a file from end to end; parts are those of a picture of `size`, to which another one is brought first.

    A MediaError where it cannot be decoded to its end.
    """
    shape = "" if file.size == size else f"scale={size[0]}:{size[1]},"
    graphs = {part: Graph(shape + chain(*part, "bt709")) for part in asked}
    small = small_size((0, 0, *size))
    whole = Graph(f"{shape}scale={small[0]}:{small[1]}:flags=area+accurate_rnd:in_color_matrix=bt709,format=rgb24")
    at: dict[int, list[Part]] = defaultdict(list)
    for part, frames in asked.items():
        for number in set(frames):
            at[number].append(part)
    pictures: list[Pictures] = []
    parts: dict[Part, dict[int, Pictures]] = {part: {} for part in asked}
    for number, frame in enumerate(video_frames(file)):
        pictures.append(whole.array(frame))
        for part in at[number]:
            parts[part][number] = array(next(graphs[part].push(frame)))
    if not pictures:
        raise MediaError(f"{file.path.name}: pictures were asked for, none was found")
    return Seen(np.stack(pictures), parts)


def grey(pictures: Pictures) -> Luma:
    """Luma (..., height, width), 16 to 235, of 8-bit RGB (..., height, width, 3)."""
    found = np.full(pictures.shape[:-1], BLACK, np.float32)
    for channel, weight in enumerate(_WEIGHTS):  # one at a time: a long file's three in floats would fill the memory
        found += pictures[..., channel] * np.float32(DEPTH / 255 * weight)
    return found


def tints(pictures: Pictures) -> Luma:
    """Chroma Cb and Cr (..., height, width, 2), 16 to 240, of 8-bit RGB (..., height, width, 3) by BT.709."""
    light = (grey(pictures) - np.float32(BLACK)) * np.float32(255 / DEPTH)
    apart = [(pictures[..., at] - light) * np.float32(112 / 255 / (1 - _WEIGHTS[at])) for at in (2, 0)]
    return np.asarray(np.stack(apart, -1) + GREY, np.float32)


def small_size(box: Box) -> Size:
    """The even size at which a part of a picture is compared."""
    _, _, width, height = box
    scale = SMALL / max(width, height)
    return max(8, 2 * round(width * scale / 2)), max(8, 2 * round(height * scale / 2))


def chain(box: Box, size: Size, matrix: str) -> str:
    """Filters that cut a part out and bring it to a size as yuv420p in BT.709; `matrix` is the source's, as scale names it."""
    x, y, width, height = box
    scaled = f"scale={size[0]}:{size[1]}:flags=area+accurate_rnd:in_color_matrix={matrix}:out_color_matrix=bt709:out_range=tv"
    return f"crop={width}:{height}:{x}:{y},{scaled},format=yuv420p"
