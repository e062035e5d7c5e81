"""Pictures through libavfilter: whole, upright, with square pixels, in the colours of a common screen, scaled in C."""

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import av

Size = tuple[int, int]
Pictures = NDArray[np.uint8]
Light = NDArray[np.float64]

_PQ, _HLG, _WIDE = 16, 18, 9  # transfers of SMPTE ST 2084 and ARIB STD-B67, primaries of BT.2020, as ITU-T H.273 numbers them
_PEAK, _WHITE = 1000.0, 203.0  # nits: the brightest that is kept apart, and BT.2408's reference white, which is shown as full
_GRID = 33  # points a side of the table of colours
_TO_709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])  # BT.2087
_M1, _M2, _C1, _C2, _C3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128  # ST 2084
_LUMA = np.array([0.2126, 0.7152, 0.0722])
_TONE = "lut3d"
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
        high = self._toned and (like.color_trc in (_PQ, _HLG) or like.color_primaries == _WIDE)
        with NamedTemporaryFile("w", suffix=".cube") as cube:  # read when the filter is made, and not again
            if high:
                cube.write(_cube(int(like.color_trc)))
                cube.flush()
            for step in _with_tone(self._steps) if high else self._steps:
                name, _, options = step.partition("=")
                nodes.append(graph.add("lut3d", file=cube.name) if step == _TONE else graph.add(name, options or None))
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


def _with_tone(steps: list[str]) -> list[str]:
    """The mapping stands behind the last scaling before another form of pixels is asked for."""
    formed = next((n for n, step in enumerate(steps) if step.startswith("format")), len(steps))
    place = max((n + 1 for n, step in enumerate(steps[:formed]) if step.startswith("scale")), default=0)
    mapped = ["scale=in_color_matrix=bt2020", "format=gbrp12le", _TONE]
    mapped += ["setparams=color_primaries=bt709:color_trc=bt709:colorspace=gbr:range=pc"]
    if steps[place : place + 1] != ["format=rgb24"]:
        mapped += ["scale=out_color_matrix=bt709:out_range=tv", "format=yuv420p10le"]
    return [*steps[:place], *mapped, *steps[place:]]


@lru_cache(maxsize=3)
def _cube(transfer: int) -> str:
    """A table of BT.709 signals for BT.2020's, as lut3d reads it.

    Light by ST 2084 or BT.2100's HLG (at 1000 nits), to BT.709's primaries; what these cannot show is drawn towards grey of its
    brightness; the strongest part is bent by the EETF of BT.2390, from 1000 nits to 203; the signal is BT.1886's, a power of 2.4.
    """
    axis = np.linspace(0, 1, _GRID)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")  # red runs fastest
    signal = np.stack([red, green, blue], -1).reshape(-1, 3)
    if transfer == _PQ:
        light = _nits(signal)
    elif transfer == _HLG:
        scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12)
        light = _PEAK * (scene @ [0.2627, 0.6780, 0.0593])[:, None] ** 0.2 * scene
    else:
        light = _WHITE * signal**2.4
    light = light @ _TO_709.T
    grey, low = (light @ _LUMA)[:, None], light.min(axis=1, keepdims=True)
    light = np.maximum(grey + np.where(low < 0, grey / np.maximum(grey - low, 1e-9), 1) * (light - grey), 0)
    light = _bent(light) if transfer in (_PQ, _HLG) else light
    coded = np.clip(light / _WHITE, 0, 1) ** (1 / 2.4)
    return f"LUT_3D_SIZE {_GRID}\n" + "".join(f"{r:.5f} {g:.5f} {b:.5f}\n" for r, g, b in coded)


def _nits(signal: Light) -> Light:
    power = signal ** (1 / _M2)
    return 10000 * (np.maximum(power - _C1, 0) / (_C2 - _C3 * power)) ** (1 / _M1)


def _signal(nits: Light) -> Light:
    power = (nits / 10000) ** _M1
    return ((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2


def _bent(light: Light) -> Light:
    """BT.2390-11, 5.4: a Hermite spline from its knee on, in PQ, for the strongest of red, green and blue; the others with it."""
    most = light.max(axis=1, keepdims=True)
    peak, white = _signal(np.array(_PEAK)), _signal(np.array(_WHITE))
    part, top = np.minimum(_signal(most) / peak, 1), white / peak
    knee = 1.5 * top - 0.5
    t = np.clip((part - knee) / (1 - knee), 0, 1)
    spline = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (3 * t**2 - 2 * t**3) * top
    bent = _nits(np.where(part < knee, part, spline) * peak)
    return np.asarray(light * bent / np.maximum(most, 1e-9), np.float64)


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
    # A frame of PyAV whose side data was looked at lies in a cycle, with all of its decoder's pictures: a tiny copy may.
    sides: Any = frame.reformat(16, 16, "gray").side_data
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
