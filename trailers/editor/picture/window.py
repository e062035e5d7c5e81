"""A source's pictures as they stand in a rendition: cut out, scaled, over their ground, in BT.709; still, or moving smoothly."""

from fractions import Fraction
from functools import lru_cache
from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trailers.editor.picture.planes import Plane, Planes, frame_of, levels, planes_of
from trailers.editor.picture.reframe import Box, Framing, Size
from trailers.features.streams import opened, video_stream

if TYPE_CHECKING:
    import av
    from av.filter.context import FilterContext

    from trailers.features.media import Episode

Steps = list[tuple[str, str]]

_HIGH, _WIDE = (16, 18), 9  # transfers of SMPTE ST 2084 and ARIB STD-B67, primaries of BT.2020
_TAPS, _BEFORE = 8, 3  # of the kernel that moves a picture by parts of a pixel; those to the left of where it stands
_END: Steps = [("format", "yuv420p"), ("setsar", "1"), ("buffersink", "")]


def matrix_of(frame: "av.VideoFrame") -> str:
    """The colour matrix of a frame for libavfilter; where it names none, by size, as players do (ITU-T H.273 leaves it open)."""
    if frame.colorspace != 2 or frame.format.is_rgb:
        return "auto"
    return "bt709" if frame.height >= 720 or frame.width >= 1280 else "bt601"


@lru_cache(maxsize=256)
def wide(episode: "Episode") -> bool:
    """Whether an episode says that it is of high dynamic range or wide colours (ITU-T H.273), so that these must be mapped."""
    with opened(episode.path) as file:
        told = video_stream(file, episode.path).codec_context
        return told.color_trc in _HIGH or told.color_primaries == _WIDE


def early(framing: Framing, size: Size) -> str:
    """The filters that bring a picture to its framing at once, so that colours are mapped on few pixels and not on 4K; "" for a
    framing that moves or has a ground."""
    if framing.moves or framing.place[2:] != size:
        return ""
    x, y, width, height = framing.crop
    return f"crop={width}:{height}:{x}:{y}:exact=1,scale={size[0]}:{size[1]}:flags=lanczos+accurate_rnd"


class Window:
    """Brings a source's frames, in order, into a framing of a rendition's `size`, as yuv420p.

    A crop that stays is cut and scaled by libavfilter alone. One that moves is cut from where it goes at all, scaled once, and
    shifted by whole and parts of pixels with a Lanczos kernel of 8 taps (Duchon 1979), luma and chroma alike, so that it never
    steps.
    """

    def __init__(self, framing: Framing, size: Size) -> None:
        self._framing, self._size, self._at = framing, size, 0
        self._shown: _Graph | None = None
        self._ground: _Graph | None = None

    def __call__(self, frame: "av.VideoFrame") -> "av.VideoFrame":
        if self._shown is None:
            self._make(frame)
            assert self._shown
        if not self._framing.moves:
            return self._shown(frame)
        moved = self._moved(planes_of(self._shown(frame)))
        if self._framing.place[2:] == self._size:
            return frame_of(moved)
        assert self._ground
        whole = planes_of(self._ground(frame))
        left, top, width, height = self._framing.place
        for plane, part, half in zip(whole, moved, (1, 2, 2), strict=True):
            plane[top // half : (top + height) // half, left // half : (left + width) // half] = part
        return frame_of(whole)

    def _make(self, first: "av.VideoFrame") -> None:
        framing, size, matrix = self._framing, self._size, matrix_of(first)
        if not framing.moves:
            self._shown = _Graph(first, *_still(framing, size, matrix))
            return
        self._path = path = _reach(framing, (first.width, first.height))
        scaled = tuple(max(2, 2 * round(path[n] * framing.place[n] / framing.crop[n] / 2)) for n in (2, 3))
        self._scale = scaled[0] / path[2], scaled[1] / path[3]
        self._shown = _Graph(first, [*_cut(path, (scaled[0], scaled[1]), matrix), *_END])
        self._ground = _Graph(first, [*_under(framing, size, matrix), *_END])

    def _moved(self, planes: Planes) -> Planes:
        """The crop as far as it has moved at the next frame, out of the scaled picture of all its ways."""
        framing = self._framing
        right, down = framing.moves[min(self._at, len(framing.moves) - 1)]
        self._at += 1
        x, y = ((framing.crop[n] + by - self._path[n]) * self._scale[n] for n, by in ((0, right), (1, down)))
        _, _, width, height = framing.place
        luma, *chroma = planes
        cb, cr = (_shifted(plane, x / 2, y / 2, width // 2, height // 2) for plane in chroma)
        return _shifted(luma, x, y, width, height), cb, cr


class _Graph:
    """A chain of libavfilter filters that gives one frame for each; with `over`, a second one is laid on what it gives."""

    def __init__(self, first: "av.VideoFrame", steps: Steps, over: Steps | None = None, at: tuple[int, int] = (0, 0)) -> None:
        import av.filter

        self._graph, self._pts = av.filter.Graph(), 0
        self._graph.threads = 1
        source = self._graph.add_buffer(
            width=first.width, height=first.height, format=first.format, time_base=Fraction(1, 1000), name="in"
        )
        if over is None:
            self._chain(source, 0, steps)
            return
        split = self._graph.add("split", "2")
        source.link_to(split)
        under, upper = self._chain(split, 0, steps), self._chain(split, 1, over)
        lay = self._graph.add("overlay", f"{at[0]}:{at[1]}:format=yuv420")
        under.link_to(lay, 0, 0)
        upper.link_to(lay, 0, 1)
        self._chain(lay, 0, _END)

    def _chain(self, node: "FilterContext", pad: int, steps: Steps) -> "FilterContext":
        for number, (name, options) in enumerate(steps):
            made = self._graph.add(name, options) if options else self._graph.add(name)
            node.link_to(made, pad if number == 0 else 0, 0)
            node = made
        return node

    def __call__(self, frame: "av.VideoFrame") -> "av.VideoFrame":
        frame.pts, frame.time_base = self._pts, Fraction(1, 1000)
        self._pts += 1
        self._graph.vpush(frame)
        return self._graph.vpull()


def _still(framing: Framing, size: Size, matrix: str) -> tuple[Steps, Steps | None, tuple[int, int]]:
    """What a `_Graph` of a crop that stays is made of."""
    left, top, width, height = framing.place
    sharp = _cut(framing.crop, (width, height), matrix)
    if (width, height) == size:
        return [*sharp, *_END], None, (0, 0)
    return _under(framing, size, matrix), [*sharp, ("format", "yuv420p")], (left, top)


def _cut(crop: Box, size: Size, matrix: str) -> Steps:
    x, y, width, height = crop
    colour = f"in_color_matrix={matrix}:out_color_matrix=bt709:out_range=tv"
    return [
        ("crop", f"{width}:{height}:{x}:{y}:exact=1"),
        ("scale", f"{size[0]}:{size[1]}:flags=lanczos+accurate_rnd+full_chroma_int:{colour}"),
    ]


def _under(framing: Framing, size: Size, matrix: str) -> Steps:
    """What shows beside the picture: its own ground, blurred and darker, or one colour."""
    colour = f"in_color_matrix={matrix}:out_color_matrix=bt709:out_range=tv"
    x, y, width, height = framing.ground or framing.crop
    small = max(2, size[0] // 20 // 2 * 2), max(2, size[1] // 20 // 2 * 2)
    steps = [("crop", f"{width}:{height}:{x}:{y}"), ("scale", f"{small[0]}:{small[1]}:flags=area:{colour}")]
    steps.append(("format", "yuv420p"))
    if framing.colour or not framing.ground:
        y, cb, cr = levels(framing.colour or "#000000")
        steps.append(("lutyuv", f"y={y}:u={cb}:v={cr}"))
    else:
        steps += [("gblur", "sigma=2.5"), ("lutyuv", "y=(val-16)*0.72+16")]
    return [*steps, ("scale", f"{size[0]}:{size[1]}:flags=bicubic")]


def _reach(framing: Framing, source: Size) -> Box:
    """The even part of the source that a moving crop sees at some time, and what its kernel reads beside it."""
    box = []
    for place, length, whole, moves in zip(
        framing.crop[:2], framing.crop[2:], source, zip(*framing.moves, strict=True), strict=True
    ):
        start = max(0, floor(place + min(moves)) - _TAPS) // 2 * 2
        stop = min(whole, (ceil(place + length + max(moves)) + _TAPS + 1) // 2 * 2) // 2 * 2
        box.append((start, stop - start))
    (x, width), (y, height) = box
    return x, y, width, height


def _shifted(plane: Plane, x: float, y: float, width: int, height: int) -> Plane:
    """The part of a plane of a size that begins at x, y, which may lie between samples."""
    import cv2

    left, across = _whole(x, plane.shape[1] - width)
    top, down = _whole(y, plane.shape[0] - height)
    if not across and not down:
        return plane[top : top + height, left : left + width]
    after = _TAPS - _BEFORE - 1
    near, far = max(0, left - _BEFORE), min(plane.shape[1], left + width + after)
    high, low = max(0, top - _BEFORE), min(plane.shape[0], top + height + after)
    filtered = cv2.sepFilter2D(
        plane[high:low, near:far], -1, _kernel(across), _kernel(down), anchor=(_BEFORE, _BEFORE), borderType=cv2.BORDER_REPLICATE
    )
    return np.asarray(filtered[top - high : top - high + height, left - near : left - near + width], np.uint8)


def _whole(at: float, most: int) -> tuple[int, float]:
    """A place as whole samples and 64ths of one, within 0 and `most`."""
    steps = min(max(round(at * 64), 0), most * 64)
    return steps // 64, steps % 64 / 64


def _kernel(part: float) -> NDArray[np.float64]:
    """The weights of 8 samples for one that lies `part` of the way from the fourth to the fifth."""
    far = np.arange(_TAPS) - _BEFORE - part
    weights = np.sinc(far) * np.sinc(far / (_TAPS // 2))
    return np.asarray(weights / weights.sum(), np.float64)
