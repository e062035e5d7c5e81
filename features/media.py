"""What a media file is, its exact time table, and its pictures and sound by whole frames."""

import hashlib
import re
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import groupby, islice, pairwise
from math import ceil, floor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trailers.errors import MediaError
from trailers.features.span import Span

if TYPE_CHECKING:
    import av
    from av.container import InputContainer
    from av.video.stream import VideoStream

Size = tuple[int, int]
Pictures = NDArray[np.uint8]

# Containers whose packets carry the time of every shown picture; in all others the pictures are decoded once and counted.
_TIMED = ("mov", "matroska", "flv")
_STILL = ("tty", "image2", "_pipe")  # what libav makes of texts and photographs
_RATES = tuple(Fraction(n, d) for n, d in (
    (24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (48, 1), (50, 1), (60000, 1001), (60, 1), (120, 1), (15, 1), (12, 1), (10, 1)
))  # fmt: skip
_CHUNK = 30  # seconds of sound held at once


@dataclass(frozen=True)
class AudioTrack:
    """One sound track that can be decoded: channels, samples a second, language as the file names it (ISO 639) or None."""

    channels: int
    rate: int
    language: str | None


@dataclass(frozen=True)
class Episode:
    """A video file that was opened and can be decoded.

    `rate` is exact frames a second (of a variable file: its nominal rate); `frames` counts the pictures that decoding shows;
    `size` is (width, height) as shown, with pixel shape and rotation applied; `rotation` is what was applied, in degrees clockwise;
    `variable` says that the file's own time stamps are not `n / rate`.
    """

    id: str
    path: Path
    rate: Fraction
    frames: int
    size: Size
    sample_aspect: Fraction
    rotation: int
    variable: bool
    audio: tuple[AudioTrack, ...]
    sha256: str

    @property
    def span(self) -> Span:
        return Span(0, self.frames)


@dataclass(frozen=True)
class _Table:
    """Presentation times of the shown pictures in units of `base` seconds, ascending; which of them a decoder can start at."""

    base: Fraction
    pts: NDArray[np.int64]
    keys: NDArray[np.bool_]
    seekable: bool
    declared: tuple[Fraction, ...]
    timed: bool


def probe(path: Path, id: str | None = None) -> Episode:
    """Opens, counts and measures a video file; `id` is the file's stem if not given.

    Raises MediaError in one line for what is missing, empty, no video, a still picture, or cannot be decoded.
    """
    path = Path(path)
    table = _table(path)
    rate, variable = _rate(table)
    with _open(path) as file:
        stream = _video(file, path)
        tracks = tuple(
            AudioTrack(s.codec_context.channels, s.codec_context.sample_rate, _language(s.metadata.get("language")))
            for s in file.streams.audio
            if s.codec_context is not None and s.codec_context.channels and s.codec_context.sample_rate
        )
        aspect = Fraction(stream.sample_aspect_ratio or 1)
    first = next(_decode(path, table, 0, 1))
    turn, rotation = _turn(first)
    shape = next(_Graph(first, ",".join((*_squared(aspect), *turn))).push(first))
    with path.open("rb") as raw:
        sha256 = hashlib.file_digest(raw, "sha256").hexdigest()
    size = (shape.width, shape.height)
    return Episode(id or path.stem, path, rate, len(table.pts), size, aspect, rotation, variable, tracks, sha256)


def frame_times(path: Path) -> tuple[Fraction, ...]:
    """The exact time in seconds, in the file's own clock, of every shown picture; what an edit list discards is left out."""
    table = _table(Path(path))
    return tuple(int(n) * table.base for n in table.pts)


def seconds_at(episode: Episode, frame: int) -> Fraction:
    """When frame 0..frames begins, in seconds after the first picture; `frames` itself is the end of the last."""
    if not 0 <= frame <= episode.frames:
        raise ValueError(f"{episode.id} holds frames 0 to {episode.frames}: {frame = }")
    if not episode.variable:
        return frame / episode.rate
    table = _table(episode.path)
    if frame == episode.frames:
        return int(table.pts[-1] - table.pts[0]) * table.base + 1 / episode.rate
    return int(table.pts[frame] - table.pts[0]) * table.base


def frame_at(episode: Episode, seconds: Fraction | float) -> int:
    """The frame that is shown at a time after the first picture, 0..frames - 1; times outside give the nearest frame."""
    if not episode.variable:
        return min(max(floor(Fraction(seconds) * episode.rate), 0), episode.frames - 1)
    table = _table(episode.path)
    at = floor(Fraction(seconds) / table.base) + int(table.pts[0])
    return min(max(int(np.searchsorted(table.pts, at, side="right")) - 1, 0), episode.frames - 1)


def video_frames(episode: Episode, span: Span | None = None, filters: str = "") -> "Iterator[av.VideoFrame]":
    """Frames span.start..span.stop exactly, upright, with square pixels, through an optional chain of libavfilter `filters`.

    Starts at a key picture at or before the span and drops until the span begins.
    Raises MediaError if the file does not hold every frame of the span.
    """
    span = span or episode.span
    if span.stop > episode.frames:
        raise MediaError(f"{episode.path.name}: frames {span.start} to {span.stop} were asked of {episode.frames}; probe the file again.")
    frames = _decode(episode.path, _table(episode.path), span.start, span.stop)
    yield from _shown(episode, frames, filters)


def pictures(episode: Episode, span: Span | None = None, size: Size | None = None) -> Iterator[Pictures]:
    """The frames of a span as uint8 (height, width, 3) RGB, scaled to `size` (width, height) if given."""
    for frame in video_frames(episode, span, _scaled(size)):
        yield frame.to_ndarray()


def pictures_twice(episode: Episode, small: Size, large: Size, at: Container[int]) -> Iterator[tuple[Pictures, Pictures | None]]:
    """One decode of all frames at two sizes: each frame at `small`, and at `large` those whose numbers are `at`; RGB as in `pictures`."""
    one, two = _Chain(_scaled(small)), _Chain(_scaled(large))
    for n, frame in enumerate(video_frames(episode)):
        yield one(frame), (two(frame) if n in at else None)


def pictures_at(episode: Episode, frames: Sequence[int], size: Size | None = None) -> Pictures:
    """The named frames, in the order asked, as uint8 (n, height, width, 3) RGB; each key picture is decoded from once at most."""
    if not frames:
        width, height = size or episode.size
        return np.zeros((0, height, width, 3), np.uint8)
    if min(frames) < 0 or max(frames) >= episode.frames:
        raise MediaError(f"{episode.path.name}: frames {min(frames)} to {max(frames)} were asked of {episode.frames}.")
    table = _table(episode.path)
    asked = sorted(set(frames))
    starts = np.flatnonzero(table.keys) if table.seekable else np.zeros(1, int)
    found: dict[int, Pictures] = {}
    for _, run in groupby(asked, key=lambda n: int(np.searchsorted(starts, n, side="right"))):
        wanted = list(run)
        decoded = _decode(episode.path, table, wanted[0], wanted[-1] + 1)
        chosen = (frame for n, frame in enumerate(decoded, wanted[0]) if n in set(wanted))
        for n, frame in zip(wanted, _shown(episode, chosen, _scaled(size)), strict=True):
            found[n] = frame.to_ndarray()
    return np.stack([found[n] for n in frames])


def sound(source: Episode | Path, rate: int = 48000, channels: int = 2, span: Span | None = None) -> NDArray[np.float32]:
    """Sound as float32 (samples, channels), -1..1, mixed to 1 or 2 channels by libswresample.

    Of an episode: from the beginning of frame span.start to the beginning of frame span.stop, exactly
    `round(stop * rate) - round(start * rate)` samples counted from the first picture; silence where the file has none.
    Of a path: the whole first sound track, as it is. Raises MediaError for a path without sound.
    """
    return np.concatenate([np.zeros((0, channels), np.float32), *sounds(source, rate, channels, span)])


def sounds(
    source: Episode | Path, rate: int = 48000, channels: int = 2, span: Span | None = None, chunk: int = _CHUNK
) -> Iterator[NDArray[np.float32]]:
    """The same samples as `sound`, in pieces of at most `chunk` seconds, so that a long episode never lies in memory whole."""
    path, origin, start, stop, silent = Path(), None, 0, None, False
    if isinstance(source, Episode):
        span = span or source.span
        start, stop = (floor(seconds_at(source, n) * rate + Fraction(1, 2)) for n in (span.start, span.stop))
        table = _table(source.path)
        path, origin, silent = source.path, int(table.pts[0]) * table.base, not source.audio
    else:
        path = Path(source)
    begin, done = start // rate, start
    for number, piece in enumerate(() if silent else _resampled(path, origin, begin, rate, channels, chunk)):
        at = (begin + number * chunk) * rate
        kept = piece[done - at : None if stop is None else stop - at]
        if len(kept):
            yield kept
        done += len(kept)
        if done == stop:
            return
    for first in range(done, done if stop is None else stop, chunk * rate):
        yield np.zeros((min(chunk * rate, (stop or 0) - first), channels), np.float32)


def _resampled(path: Path, origin: Fraction | None, begin: int, rate: int, channels: int, chunk: int) -> Iterator[NDArray[np.float32]]:
    """Pieces of `chunk` seconds from second `begin` after `origin` on; each is resampled with a second of its neighbours on both sides."""
    import av

    layout = "mono" if channels == 1 else "stereo"
    with _open(path) as file:
        native, laid = _native(file, path, origin, begin, channels)
        held, end, first = np.zeros(((chunk + 2) * native, channels), np.float32), 0, (begin - 1) * native

        def piece() -> NDArray[np.float32]:
            if rate == native:
                return held[native : (chunk + 1) * native].copy()
            swr = av.AudioResampler(format="flt", layout=layout, rate=rate)
            block = av.AudioFrame.from_ndarray(held.reshape(1, -1), format="flt", layout=layout)
            block.sample_rate = native
            parts = [f.to_ndarray().reshape(-1, channels) for f in (*swr.resample(block), *swr.resample(None))]
            return np.concatenate(parts)[rate : (chunk + 1) * rate].astype(np.float32)

        for at, samples in laid:
            end = max(end, at + len(samples))
            while at + len(samples) > first + len(held):
                _lay(held, samples, at - first)
                yield piece()
                held = np.concatenate([held[chunk * native :], np.zeros((chunk * native, channels), np.float32)])
                first += chunk * native
            _lay(held, samples, at - first)
        while end > first + native:
            yield piece()[: ceil(Fraction((end - first - native) * rate, native))]
            held = np.concatenate([held[chunk * native :], np.zeros((chunk * native, channels), np.float32)])
            first += chunk * native


def _native(
    file: "InputContainer", path: Path, origin: Fraction | None, begin: int, channels: int
) -> tuple[int, Iterator[tuple[int, NDArray[np.float32]]]]:
    """The track's own rate, and its decoded samples with their places, counted in that rate from `origin` (None: its first sample)."""
    import av

    stream = file.streams.best("audio")
    if stream is None or not stream.codec_context or not getattr(stream.codec_context, "sample_rate", 0):
        raise MediaError(f"{path.name}: sound was asked for; the file holds {_kinds(file)} and no sound that can be decoded.")
    native = int(stream.codec_context.sample_rate)
    mixer = av.AudioResampler(format="flt", layout="mono" if channels == 1 else "stereo", rate=native)

    def laid() -> Iterator[tuple[int, NDArray[np.float32]]]:
        start, place = origin, None
        if begin > 3 and start is not None and stream.time_base and any(name in file.format.name for name in _TIMED):
            file.seek(floor((begin - 2 + start) / stream.time_base), stream=stream)
        for frame in _frames(file, stream):
            stamp = None if frame.pts is None else frame.pts * Fraction(frame.time_base or stream.time_base)
            start = (stamp or Fraction(0)) if start is None else start
            for mixed in mixer.resample(frame):
                samples = mixed.to_ndarray().reshape(-1, channels)
                # Frames follow each other without a joint; a time stamp moves them only where sound is really missing or doubled.
                if stamp is not None and (place is None or abs(round((stamp - start) * native) - place) > native // 50):
                    place = round((stamp - start) * native)
                place = place or 0
                yield place, samples
                place += len(samples)

    return native, laid()


def _lay(held: NDArray[np.float32], samples: NDArray[np.float32], at: int) -> None:
    low, high = max(at, 0), min(at + len(samples), len(held))
    if high > low:
        held[low:high] = samples[low - at : high - at]


def _frames(file: "InputContainer", stream: Any) -> Iterator[Any]:
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
        try:
            yield from stream.codec_context.decode(packet)
        except FFmpegError:
            pass  # the pictures of a broken packet are missing; the rest goes on
        if packet is None:
            return


@contextmanager
def _open(path: Path) -> "Iterator[InputContainer]":
    """An open file; whatever libav says about it becomes a MediaError."""
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


def _video(file: "InputContainer", path: Path) -> "VideoStream":
    from av.stream import Disposition

    streams = [s for s in file.streams.video if s.codec_context is not None and not s.disposition & Disposition.attached_pic]
    if not streams:
        raise MediaError(f"{path.name}: a video was asked for; the file holds {_kinds(file)} and no moving pictures.")
    best = file.streams.best("video")
    chosen: VideoStream = next((s for s in streams if best is not None and s.index == best.index), streams[0])
    chosen.thread_type = "AUTO"
    chosen.codec_context.thread_count = 2
    return chosen


def _kinds(file: "InputContainer") -> str:
    return ", ".join(sorted({str(s.type) for s in file.streams})) or "no streams"


def _language(tag: str | None) -> str | None:
    return tag if tag and tag != "und" else None


def _table(path: Path) -> _Table:
    try:
        seen = path.stat()
    except OSError as error:
        raise MediaError(f"{path.name}: no such file; asked for {path}.") from error
    return _read_table(path, seen.st_mtime_ns, seen.st_size)


@lru_cache(maxsize=64)
def _read_table(path: Path, _changed: int, _size: int) -> _Table:
    with _open(path) as file:
        stream = _video(file, path)
        declared = tuple(Fraction(r) for r in (stream.base_rate, stream.guessed_rate, stream.average_rate) if r)
        base = Fraction(stream.time_base or Fraction(1, 1000))
        timed = "avi" not in file.format.name.split(",")
        packets: list[tuple[int, bool]] = []
        whole = any(name in file.format.name for name in _TIMED)
        if whole:
            for packet in file.demux(stream):
                if packet.size and not packet.is_discard:
                    whole = whole and packet.pts is not None and not (stream.name == "vp8" and not bytes(packet)[0] & 16)
                    packets.append((packet.pts or 0, packet.is_keyframe))
        packets.sort()
        whole = whole and all(a[0] < b[0] for a, b in pairwise(packets))
    pts, keys = np.array([p for p, _ in packets], np.int64), np.array([k for _, k in packets], bool)
    # Packets are promises. What decoding shows at both ends settles them: a file cut off in a copy ends with pictures that never come.
    if whole and len(pts) and keys[0]:
        tail = int(np.flatnonzero(keys)[-1])
        shown = [f.pts for f in _decoded(path, int(pts[tail]))]
        at = {int(p): n for n, p in enumerate(pts)}
        late = [at[p] for p in shown if p in at and at[p] >= tail]
        head = next(_decoded(path, None), None)
        if late and late == list(range(tail, tail + len(late))) and head is not None and head.pts == pts[0]:
            return _Table(base, pts[: late[-1] + 1], keys[: late[-1] + 1], True, declared, timed)
    frames = [(f.pts, f.key_frame) for f in _decoded(path, None)]
    if not frames:
        raise MediaError(f"{path.name}: not one picture can be decoded; give a video that plays.")
    stamps = [p for p, _ in frames if p is not None]
    keys = np.array([k for _, k in frames], bool)
    if len(stamps) == len(frames) and all(a < b for a, b in pairwise(stamps)):
        return _Table(base, np.array(stamps, np.int64), keys, True, declared, timed)
    rate = declared[0] if declared else Fraction(25)
    return _Table(1 / rate, np.arange(len(frames), dtype=np.int64), keys, False, declared, timed)


def _decoded(path: Path, at: int | None) -> "Iterator[av.VideoFrame]":
    """Every picture from a key picture at or before time stamp `at` on; from the file's beginning for None."""
    from av.error import FFmpegError

    # A container may land after what was asked: look again from earlier, at last from the beginning.
    for back in (0, 2, 10, None) if at is not None else (None,):
        with _open(path) as file:
            stream = _video(file, path)
            if at is not None and back is not None:
                try:
                    file.seek(at - int(back / (stream.time_base or 1)), stream=stream)
                except FFmpegError:
                    continue
            frames = _frames(file, stream)
            if at is None or back is None:
                yield from frames
                return
            first = next((frame for frame in frames if frame.key_frame), None)
            if first is not None and first.pts is not None and first.pts <= at:
                yield first
                yield from frames
                return


def _decode(path: Path, table: _Table, start: int, stop: int) -> "Iterator[av.VideoFrame]":
    """Frames start..stop, every one of them or MediaError."""
    if table.seekable:
        wanted = start
        for frame in _decoded(path, int(table.pts[start]) if start else None):
            if frame.pts is None or frame.pts < table.pts[wanted]:
                continue
            if frame.pts > table.pts[wanted]:
                break
            yield frame
            wanted += 1
            if wanted == stop:
                return
    else:
        wanted = start
        for wanted, frame in enumerate(islice(_decoded(path, None), start, stop), start + 1):
            yield frame
        if wanted == stop:
            return
    raise MediaError(f"{path.name}: frames {start} to {stop} were asked for and frame {wanted} cannot be decoded; the file is damaged.")


def _shown(episode: Episode, frames: "Iterator[av.VideoFrame]", filters: str) -> "Iterator[av.VideoFrame]":
    """Frames as a viewer sees them: square pixels, upright, then `filters`."""
    graph, form = None, None
    for frame in frames:
        if graph is None or form != (frame.width, frame.height, frame.format.name):
            if graph is not None:
                yield from graph.rest()
            upright = [*_squared(episode.sample_aspect), *_turn(frame)[0]]
            if form is not None:  # a stream that changes its size keeps the size it began with
                upright.append(f"scale={episode.size[0]}:{episode.size[1]}")
            form = (frame.width, frame.height, frame.format.name)
            graph = _Graph(frame, ",".join(filter(None, (*upright, filters))))
        yield from graph.push(frame)
    if graph is not None:
        yield from graph.rest()


class _Graph:
    """A straight chain of libavfilter filters."""

    def __init__(self, like: "av.VideoFrame", filters: str) -> None:
        import av.filter

        self.graph = av.filter.Graph()
        self.graph.threads = 1
        nodes = [self.graph.add_buffer(width=like.width, height=like.height, format=like.format, time_base=like.time_base)]
        for step in filter(None, re.split(r"(?<!\\),(?=(?:[^']*'[^']*')*[^']*$)", filters)):
            name, _, options = step.partition("=")
            nodes.append(self.graph.add(name, options or None))
        nodes.append(self.graph.add("buffersink"))
        self.graph.link_nodes(*nodes).configure()

    def push(self, frame: "av.VideoFrame | None") -> "Iterator[av.VideoFrame]":
        from av.error import BlockingIOError, EOFError

        self.graph.vpush(frame)
        while True:
            try:
                yield self.graph.vpull()
            except (BlockingIOError, EOFError):
                return

    def rest(self) -> "Iterator[av.VideoFrame]":
        return self.push(None)


class _Chain:
    """A graph that gives one array for one frame, made anew when the frames' form changes."""

    def __init__(self, filters: str) -> None:
        self.filters, self.form, self.graph = filters, None, None

    def __call__(self, frame: "av.VideoFrame") -> Pictures:
        form = (frame.width, frame.height, frame.format.name)
        if self.graph is None or form != self.form:
            self.form, self.graph = form, _Graph(frame, self.filters)
        return next(self.graph.push(frame)).to_ndarray()


def _scaled(size: Size | None) -> str:
    return (f"scale={size[0]}:{size[1]}:flags=area," if size else "") + "format=rgb24"


def _squared(aspect: Fraction) -> tuple[str, ...]:
    return () if aspect == 1 else (f"scale=trunc(iw*{aspect.numerator}/{aspect.denominator}/2+0.5)*2:ih:flags=bicubic", "setsar=1")


def _turn(frame: "av.VideoFrame") -> tuple[tuple[str, ...], int]:
    """The filters that set a frame upright by its display matrix (the cases of ffmpeg's own `-autorotate`), and its turn in degrees."""
    matrix = next((s for s in frame.side_data if s.type.name == "DISPLAYMATRIX"), None)
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


def _rate(table: _Table) -> tuple[Fraction, bool]:
    """The rate, and whether the times are not that rate's: a common or declared rate that all times fit to an eighth of a frame."""
    if len(table.pts) < 2 or not table.timed:
        return (table.declared[0] if table.declared else Fraction(25)), False
    times = (table.pts - table.pts[0]) * float(table.base)
    mean = Fraction(len(times) - 1) / (int(table.pts[-1] - table.pts[0]) * table.base)
    numbers = np.arange(len(times))
    rates = dict.fromkeys((*_RATES, *table.declared, mean.limit_denominator(1001)))
    spread = {rate: float(np.ptp(times - numbers / float(rate))) for rate in rates}
    best = min(spread, key=lambda rate: (max(spread[rate], 2.1 * float(table.base)), rate not in _RATES, spread[rate]))
    if spread[best] <= max(0.125 / best, 2.1 * table.base) and spread[best] < 0.5 / best:
        return best, False
    usual = 1 / (int(np.median(np.diff(table.pts))) * table.base)
    near = min(_RATES, key=lambda rate: abs(rate - usual))
    return (near if abs(near - usual) < near / 25 else usual.limit_denominator(1001)), True
