"""The file underneath: its exact time table, and decoding from any frame on."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trailers.errors import MediaError
from trailers.features.packets import Packets, from_index
from trailers.features.streams import TIMED, frames_of, opened, packets_of, sound_streams, video_stream

if TYPE_CHECKING:
    import av
    from av.container import InputContainer

_RATES = tuple(
    Fraction(n, d) for d, *ns in ((1001, 24000, 30000, 60000), (1, 24, 25, 30, 48, 50, 60, 120, 15, 12, 10)) for n in ns
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    """Presentation times of the shown pictures.

    `pts` ascend and count units of `base` seconds in the file's own clock; `keys` tells which pictures a decoder can start at;
    a file that is not `seekable` has no usable times: its pictures are counted from the beginning. `rate` is exact; of a
    `variable` file it is the usual one. `note` is one line on what the file promises and does not hold, or "".
    """

    base: Fraction
    pts: NDArray[np.int64]
    keys: NDArray[np.bool_]
    seekable: bool
    rate: Fraction
    variable: bool
    note: str = ""

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


def decode(path: Path, start: int, stop: int, fast: bool = False, faults: list[int] | None = None) -> "Iterator[av.VideoFrame]":
    """Frames start..stop as they are coded; raises MediaError if the file ends before.

    A picture that never comes is given as the one before it, which a player goes on showing; its number is added to `faults`,
    and that of a picture whose decoder had to guess parts of it. `fast` leaves out the loop filter: blocks show, which small
    pictures average away.
    """
    table, wanted = table_of(path), start
    faults = [] if faults is None else faults
    if table.seekable:
        before: av.VideoFrame | None = None
        # What is shown before the first is never wanted, but for its neighbour, which stands in its place where it is lost.
        needed = int(table.pts[start - 1]) if start else None
        for frame in _from(path, int(table.pts[start]) if start else None, fast, needed=needed):
            at = frame.pts  # read once: those who take a frame may give it another time
            if at is None:
                continue
            while at > table.pts[wanted]:
                faults.append(wanted)
                yield before or frame
                wanted += 1
                if wanted == stop:
                    return
            before = frame
            if at == table.pts[wanted]:
                if frame.is_corrupt:
                    faults.append(wanted)
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
        f"{path.name}: frames {start} to {stop} were asked for and frame {wanted} cannot be decoded; the file is damaged "
        "there: copy it again."
    )


def _from(
    path: Path, at: int | None, fast: bool = False, failed: list[int] | None = None, needed: int | None = None
) -> "Iterator[av.VideoFrame]":
    """Every picture from a key picture at or before time stamp `at` on; from the file's beginning for None. Some of those before
    `needed` may be left out."""
    from av.error import FFmpegError

    # A container may land after what was asked: look again from earlier, at last from the beginning.
    for back in (0, 2, 10, None) if at is not None else (None,):
        with opened(path) as file:
            stream = video_stream(file, path)
            if fast:
                stream.codec_context.options = {"skip_loop_filter": "all"}
            frames = frames_of(file, stream, failed, needed)
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
        names = file.format.name.split(",")
        declared = tuple(Fraction(rate) for rate in (stream.base_rate, stream.guessed_rate, stream.average_rate) if rate)
        base = Fraction(stream.time_base or Fraction(1, 1000))
        untimed = "avi" in names  # AVI has no time stamps: its frames follow each other at its rate
        promised, others = _promised(file, stream, base)
        indexed = from_index(path, file, stream, others)
        if indexed and _whole(path, indexed, base):
            rate, variable = _rate(base, indexed.pts, declared)
            return Table(base, indexed.pts, indexed.keys, True, rate, variable, _note(promised, indexed.end, rate, 0))
        packets: list[tuple[int, bool]] = []
        whole, end = any(name in TIMED for name in names), Fraction(0)
        for packet in packets_of(file, stream, *others) if whole else ():
            if packet.pts is not None and packet.size:
                end = max(end, (packet.pts + (packet.duration or 0)) * Fraction(packet.time_base or 0))
            if packet.size and packet.stream.index == stream.index and not packet.is_discard:
                hidden = stream.name == "vp8" and not bytes(packet)[0] & 16
                whole = whole and packet.pts is not None and not hidden
                packets.append((packet.pts or 0, packet.is_keyframe))
        packets.sort()
        whole = whole and all(a[0] < b[0] for a, b in pairwise(packets)) and _likely([p for p, _ in packets], base)
    pts, keys = np.array([p for p, _ in packets], np.int64), np.array([k for _, k in packets], bool)
    shown = _decodable(path, pts, keys) if whole and len(pts) and keys[0] else 0
    failed: list[int] = []
    if not shown:
        seen = [(frame.pts, frame.key_frame) for frame in _from(path, None, failed=failed)]
        if not seen:
            raise MediaError(f"{path.name}: not one picture can be decoded; give a video that plays.")
        stamps = [p for p, _ in seen if p is not None]
        keys, shown = np.array([k for _, k in seen], bool), len(seen)
        if len(stamps) < shown or any(a >= b for a, b in pairwise(stamps)) or not _likely(stamps, base):
            rate = declared[0] if declared else Fraction(25)
            note = _note(promised, max(end, shown / rate), rate, len(failed))
            return Table(1 / rate, np.arange(shown, dtype=np.int64), keys, False, rate, False, note)
        pts = np.array(stamps, np.int64)
    if shown < len(packets) or not packets:
        end = max(end if others else Fraction(0), int(pts[shown - 1]) * base)
    pts, keys = pts[:shown], keys[:shown]
    rate, variable = (declared[0], False) if untimed and declared else _rate(base, pts, declared)
    return Table(base, pts, keys, True, rate, variable, _note(promised, end, rate, len(failed)))


def _whole(path: Path, indexed: Packets, base: Fraction) -> bool:
    """Whether what an index tells can be, and both ends of it can be decoded."""
    pts, keys = indexed.pts, indexed.keys
    likely = keys[0] and (np.diff(pts) > 0).all() and _likely(pts.tolist(), base)
    return bool(likely) and _decodable(path, pts, keys) == len(pts)


def _likely(stamps: list[int], base: Fraction) -> bool:
    """Whether times can be those of a film: pictures a minute apart on average are a broken clock."""
    return len(stamps) < 2 or (stamps[-1] - stamps[0]) * base < 60 * len(stamps)


def _promised(file: "InputContainer", stream: Any, base: Fraction) -> tuple[Fraction, list[Any]]:
    """When the file says that it ends, in its own clock (0: it does not say), and the other streams that it speaks of too."""
    import av

    if not any(name in (*TIMED, "avi") for name in file.format.name.split(",")):
        return Fraction(0), []  # what libav says of others it has guessed from their bytes
    if stream.duration:
        # libav shortens an AVI's time to its bytes, but not the number of frames that it was written with.
        units = max(stream.duration, stream.frames if "avi" in file.format.name.split(",") else 0)
        return (units + (stream.start_time or 0)) * base, []
    return Fraction(file.duration or 0, av.time_base), sound_streams(file)


def _note(promised: Fraction, end: Fraction, rate: Fraction, failed: int) -> str:
    """What is missing of a file, where it is more than half a second and two pictures; and what is broken in its midst."""
    said = []
    if promised - end > max(Fraction(1, 2), 2 / rate):
        said.append(f"the file ends after {float(end):.1f} s of {float(promised):.1f} s; the rest is missing")
    if failed:
        said.append(f"{failed} of its packets cannot be decoded; their pictures are missing")
    return ", and ".join(said)


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
