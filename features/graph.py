"""Pictures through libavfilter: upright, with square pixels, scaled in C."""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import av

Size = tuple[int, int]
Pictures = NDArray[np.uint8]


class Graph:
    """A straight chain of libavfilter filters, fed frame by frame; made anew when the frames' form changes.

    `filters` as ffmpeg writes them ("scale=320:180,hue=s=0"); a comma inside an option is quoted or escaped.
    """

    def __init__(self, filters: str) -> None:
        self._steps = [step for step in re.split(r"(?<!\\),(?=(?:[^']*'[^']*')*[^']*$)", filters) if step]
        self._graph: Any = None
        self._form: tuple[int, int, str] | None = None

    def push(self, frame: "av.VideoFrame") -> "Iterator[av.VideoFrame]":
        """What comes out when `frame` goes in; after a change of form first what the old chain still held."""
        form = (frame.width, frame.height, frame.format.name)
        if form != self._form:
            yield from self.rest()
            self._graph, self._form = self._made(frame), form
        self._graph.vpush(frame)
        yield from self._pulled()

    def rest(self) -> "Iterator[av.VideoFrame]":
        """What the chain still holds at the end."""
        if self._graph is not None:
            self._graph.vpush(None)
            yield from self._pulled()

    def array(self, frame: "av.VideoFrame") -> Pictures:
        """One frame through a chain that ends in a format of 8 bits, as uint8 (height, width, 3), or (height, width) for grey."""
        return array(next(self.push(frame)))

    def _made(self, like: "av.VideoFrame") -> Any:
        import av.filter

        graph = av.filter.Graph()
        graph.threads = 1
        nodes = [graph.add_buffer(width=like.width, height=like.height, format=like.format, time_base=like.time_base)]
        for step in self._steps:
            name, _, options = step.partition("=")
            nodes.append(graph.add(name, options or None))
        nodes.append(graph.add("buffersink"))
        graph.link_nodes(*nodes).configure()
        return graph

    def _pulled(self) -> "Iterator[av.VideoFrame]":
        from av.error import BlockingIOError, EOFError

        while True:
            try:
                yield self._graph.vpull()
            except (BlockingIOError, EOFError):
                return


def array(frame: "av.VideoFrame") -> Pictures:
    """The pixels of a frame of 8 bits, uint8 (height, width, 3), or (height, width) for grey."""
    pixels: Any = frame.to_ndarray()
    return np.asarray(pixels, np.uint8)


def scaled(size: Size | None, form: str = "rgb24") -> str:
    """The filters that give pictures of a size (width, height), averaged by area, as `form`."""
    return (f"scale={size[0]}:{size[1]}:flags=area," if size else "") + f"format={form}"


def squared(aspect: Fraction) -> tuple[str, ...]:
    """The filters that stretch the width until pixels are square; widths stay even."""
    if aspect == 1:
        return ()
    return f"scale=trunc(iw*{aspect.numerator}/{aspect.denominator}/2+0.5)*2:ih:flags=bicubic", "setsar=1"


def turned(frame: "av.VideoFrame") -> tuple[tuple[str, ...], int]:
    """The filters that set a frame upright by its display matrix, mirrored ones too, and its turn in degrees clockwise.

    The cases are those of ffmpeg's own `-autorotate` (fftools/ffmpeg_filter.c).
    """
    sides: Any = frame.side_data
    matrix = next((side for side in sides if side.type.name == "DISPLAYMATRIX"), None)
    if matrix is None:
        return (), 0
    m = np.frombuffer(bytes(matrix), np.int32)
    turn = -frame.rotation % 360
    if turn == 90:
        return ("transpose=cclock_flip" if m[3] > 0 else "transpose=clock",), turn
    if turn == 270:
        return ("transpose=clock_flip" if m[3] < 0 else "transpose=cclock",), turn
    if turn == 180:
        return (*(("hflip",) if m[0] < 0 else ()), *(("vflip",) if m[4] < 0 else ())), turn
    return (("vflip",) if m[4] < 0 else ()), turn
