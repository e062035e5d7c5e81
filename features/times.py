"""The file underneath: opened safely, its exact time table, and decoding from any frame on."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trailers.errors import MediaError

if TYPE_CHECKING:
    import av
    from av.container import InputContainer
    from av.video.stream import VideoStream

# Containers whose packets carry the time of every shown picture; in all others the pictures are decoded once and counted.
TIMED = ("mov", "matroska", "flv")
_STILL = ("tty", "image2", "_pipe")  # what libav makes of texts and photographs
_RATES = tuple(
    Fraction(n, d) for d, *ns in ((1001, 24000, 30000, 60000), (1, 24, 25, 30, 48, 50, 60, 120, 15, 12, 10)) for n in ns
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    """Presentation times of the shown pictures.

    `pts` ascend and count units of `base` seconds in the file's own clock; `keys` tells which pictures a decoder can start at;
    a file that is not `seekable` has no usable times: its pictures are counted from the beginning. `rate` is exact; of a
    `variable` file it is the usual one.
    """

    base: Fraction
    pts: NDArray[np.int64]
    keys: NDArray[np.bool_]
    seekable: bool
    rate: Fraction
    variable: bool

    @property
    def origin(self) -> Fraction:
        """When the first picture is shown, in seconds of the file's own clock."""
        return int(self.pts[0]) * self.base


def table_of(path: Path) -> Table:
    """The time table of a file; kept for as long as the file does not change.

    Raises MediaError in one line for what is missing, empty, no video, a still picture, or cannot be decoded.
    """
    try:
        seen = path.stat()
    except OSError as error:
        raise MediaError(f"{path.name}: no such file; asked for {path}.") from error
    return _read(path, seen.st_mtime_ns, seen.st_size)


@contextmanager
def opened(path: Path) -> "Iterator[InputContainer]":
    """An open file; whatever libav says against it becomes a MediaError."""
    import av
    from av.error import FFmpegError

    if not path.is_file():
        raise MediaError(f"{path.name}: no such file; asked for {path}.")
    if not path.stat().st_size:
        raise MediaError(f"{path.name}: the file is empty.")
    try:
        with av.open(str(path), metadata_errors="replace") as file:
            if any(name in file.format.name for name in _STILL):
                raise MediaError(f"{path.name}: a video was asked for; this is a text or a still picture.")
            yield file
    except FFmpegError as error:
        raise MediaError(f"{path.name}: cannot be decoded ({error.strerror}); give a video that plays.") from error


def video_stream(file: "InputContainer", path: Path) -> "VideoStream":
    """The stream a player would show; cover pictures are none."""
    from av.stream import Disposition

    streams = [s for s in file.streams.video if s.codec_context is not None and not s.disposition & Disposition.attached_pic]
    if not streams:
        raise MediaError(f"{path.name}: a video was asked for; the file holds {kinds(file)} and no moving pictures.")
    best = file.streams.best("video")
    chosen = next((s for s in streams if best is not None and s.index == best.index), streams[0])
    chosen.thread_type = "AUTO"
    chosen.codec_context.thread_count = 2
    return chosen


def kinds(file: "InputContainer") -> str:
    """What streams a file holds, for people."""
    from av.stream import Disposition

    names = {"a cover picture" if s.disposition & Disposition.attached_pic else str(s.type) for s in file.streams}
    return " and ".join(sorted(names)) or "no streams"


def frames_of(file: "InputContainer", stream: Any) -> Iterator[Any]:
    """Every frame of a stream that can be decoded: a broken packet costs its own frames only."""
    from av.error import FFmpegError

    packets = file.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except FFmpegError:
            packet = None
        with suppress(FFmpegError):
            yield from stream.codec_context.decode(packet)
        if packet is None:
            return


def decode(path: Path, start: int, stop: int, fast: bool = False) -> "Iterator[av.VideoFrame]":
    """Frames start..stop as they are coded; raises MediaError if one of them does not come.

    `fast` leaves out the decoder's loop filter: blocks show, which small pictures average away.
    """
    table, wanted = table_of(path), start
    if table.seekable:
        for frame in _from(path, int(table.pts[start]) if start else None, fast):
            if frame.pts is None or frame.pts < table.pts[wanted]:
                continue
            if frame.pts > table.pts[wanted]:
                break
            yield frame
            wanted += 1
            if wanted == stop:
                return
    else:
        for frame in islice(_from(path, None, fast), start, stop):
            yield frame
            wanted += 1
        if wanted == stop:
            return
    raise MediaError(
        f"{path.name}: frames {start} to {stop} were asked for and frame {wanted} cannot be decoded; the file is damaged there."
    )


def _from(path: Path, at: int | None, fast: bool = False) -> "Iterator[av.VideoFrame]":
    """Every picture from a key picture at or before time stamp `at` on; from the file's beginning for None."""
    from av.error import FFmpegError

    # A container may land after what was asked: look again from earlier, at last from the beginning.
    for back in (0, 2, 10, None) if at is not None else (None,):
        with opened(path) as file:
            stream = video_stream(file, path)
            if fast:
                stream.codec_context.options = {"skip_loop_filter": "all"}
            frames = frames_of(file, stream)
            if at is None or back is None:
                yield from frames
                return
            try:
                file.seek(at - int(back / (stream.time_base or 1)), stream=stream)
            except FFmpegError:
                continue
            first = next((frame for frame in frames if frame.key_frame), None)
            if first is not None and first.pts is not None and first.pts <= at:
                yield first
                yield from frames
                return


@lru_cache(maxsize=64)
def _read(path: Path, _changed: int, _size: int) -> Table:
    with opened(path) as file:
        stream = video_stream(file, path)
        declared = tuple(Fraction(rate) for rate in (stream.base_rate, stream.guessed_rate, stream.average_rate) if rate)
        base = Fraction(stream.time_base or Fraction(1, 1000))
        untimed = "avi" in file.format.name.split(",")  # AVI has no time stamps: its frames follow each other at its rate
        packets: list[tuple[int, bool]] = []
        whole = any(name in file.format.name for name in TIMED)
        if whole:
            for packet in file.demux(stream):
                if packet.size and not packet.is_discard:
                    hidden = stream.name == "vp8" and not bytes(packet)[0] & 16
                    whole = whole and packet.pts is not None and not hidden
                    packets.append((packet.pts or 0, packet.is_keyframe))
        packets.sort()
        whole = whole and all(a[0] < b[0] for a, b in pairwise(packets))
    pts, keys = np.array([p for p, _ in packets], np.int64), np.array([k for _, k in packets], bool)
    shown = _decodable(path, pts, keys) if whole and len(pts) and keys[0] else 0
    if not shown:
        seen = [(frame.pts, frame.key_frame) for frame in _from(path, None)]
        if not seen:
            raise MediaError(f"{path.name}: not one picture can be decoded; give a video that plays.")
        stamps = [p for p, _ in seen if p is not None]
        keys, shown = np.array([k for _, k in seen], bool), len(seen)
        if len(stamps) < shown or any(a >= b for a, b in pairwise(stamps)):
            rate = declared[0] if declared else Fraction(25)
            return Table(1 / rate, np.arange(shown, dtype=np.int64), keys, False, rate, False)
        pts = np.array(stamps, np.int64)
    if untimed and declared:
        return Table(base, pts[:shown], keys[:shown], True, declared[0], False)
    return Table(base, pts[:shown], keys[:shown], True, *_rate(base, pts[:shown], declared))


def _decodable(path: Path, pts: NDArray[np.int64], keys: NDArray[np.bool_]) -> int:
    """How many of the promised pictures come; 0 if what comes is not what was promised.

    Both ends are decoded: a file cut off in a copy ends with pictures that never come.
    """
    tail = int(np.flatnonzero(keys)[-1])
    place = {int(p): n for n, p in enumerate(pts)}
    late = [n for n in (place.get(frame.pts or 0, -1) for frame in _from(path, int(pts[tail]))) if n >= tail]
    head = next(_from(path, None), None)
    kept = bool(late) and late == list(range(tail, tail + len(late))) and head is not None and head.pts == pts[0]
    return late[-1] + 1 if kept else 0


def _rate(base: Fraction, pts: NDArray[np.int64], declared: tuple[Fraction, ...]) -> tuple[Fraction, bool]:
    """The rate, and whether the times are not its own: a usual or declared rate has to fit them all to an eighth of a frame."""
    if len(pts) < 2:
        return (declared[0] if declared else Fraction(25)), False
    times, numbers = (pts - pts[0]) * float(base), np.arange(len(pts))
    mean = Fraction(len(pts) - 1) / (int(pts[-1] - pts[0]) * base)
    rates = dict.fromkeys((*_RATES, *declared, mean.limit_denominator(1001)))
    spread = {rate: float(np.ptp(times - numbers / float(rate))) for rate in rates}
    tick = 2.1 * float(base)  # what rounding to the file's clock may do
    best = min(spread, key=lambda rate: (max(spread[rate], tick), rate not in _RATES, spread[rate]))
    if spread[best] <= max(0.125 / best, tick) and spread[best] < 0.5 / best:
        return best, False
    usual = 1 / (int(np.median(np.diff(pts))) * base)
    near = min(_RATES, key=lambda rate: abs(rate - usual))
    return (near if abs(near - usual) < near / 25 else usual.limit_denominator(1001)), True
