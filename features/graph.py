"""Pictures through libavfilter: whole, upright, with square pixels, in the colours of a common screen, scaled in C."""

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

_HDR, _WIDE = (16, 18), 9  # transfers of SMPTE ST 2084 (PQ) and ARIB STD-B67 (HLG), primaries of BT.2020, as H.273 numbers them
# libswscale/cms.c and lut3d.c: PQ or HLG to light, BT.2020 to BT.709, brightness by one spline in IPT from black over the film's
# mean to the peak that the frame's metadata names (10,000 nits if none), colours outside drawn in at their hue.
_TONED = "scale=out_primaries=bt709:out_transfer=bt709:out_color_matrix=bt709:out_range=tv:intent=perceptual"
_WOVEN = "bwdif=mode=send_frame:parity=auto:deint=interlaced"


class Graph:
    """A straight chain of libavfilter filters, fed frame by frame; made anew when the frames' form changes.

    `filters` as ffmpeg writes them ("scale=320:180,hue=s=0"); a comma inside an option is quoted or escaped. Pictures of high
    dynamic range or wide colours come out in BT.709, mapped after they are scaled, which is cheaper; not so if `toned` is False.
    """

    def __init__(self, filters: str, toned: bool = True) -> None:
        self._steps = [step for step in re.split(r"(?<!\\),(?=(?:[^']*'[^']*')*[^']*$)", filters) if step]
        self._toned = toned
        self._graph: Any = None
        self._form: tuple[object, ...] | None = None

    def push(self, frame: "av.VideoFrame") -> "Iterator[av.VideoFrame]":
        """What comes out when `frame` goes in; after a change of form first what the old chain still held."""
        form = (frame.width, frame.height, frame.format.name, frame.color_trc, frame.color_primaries)
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
        for step in _with_tone(self._steps) if self._toned and _is_high(like) else self._steps:
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


def _is_high(frame: "av.VideoFrame") -> bool:
    return frame.color_trc in _HDR or frame.color_primaries == _WIDE


def _with_tone(steps: list[str]) -> list[str]:
    """The mapping stands behind the last scaling before another form of pixels is asked for."""
    formed = next((n for n, step in enumerate(steps) if step.startswith("format")), len(steps))
    place = max((n + 1 for n, step in enumerate(steps[:formed]) if step.startswith("scale")), default=0)
    return [*steps[:place], _TONED, *steps[place:]]


def woven(frames: "Iterator[av.VideoFrame]") -> "Iterator[av.VideoFrame]":
    """As many frames; those whose lines were taken at two times become whole pictures of the first, by bwdif.

    Such a frame is told from both its neighbours: of a part of a film, give one frame more on each side.
    """
    before: av.VideoFrame | None = None
    chain: Graph | None = None
    for frame in frames:
        if chain is None and frame.interlaced_frame:
            chain = Graph(_WOVEN, toned=False)
            for known in filter(None, (before, frame)):
                list(chain.push(known))  # bwdif is one frame late: out comes what was given already
        elif chain is not None:
            yield from chain.push(frame)
        else:
            before = frame
            yield frame
    if chain is not None:
        yield from chain.rest()


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
