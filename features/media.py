"""What a media file is, and its pictures and sound by whole frames."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain, groupby, islice
from math import ceil, floor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trailers.errors import MediaError
from trailers.features.graph import Graph, Pictures, Size, array, scaled, squared, turned, woven
from trailers.features.span import Span
from trailers.features.streams import TIMED, frames_of, kinds, opened, sound_stream, sound_streams, video_stream
from trailers.features.times import decode, table_of

if TYPE_CHECKING:
    import av
    from av.container import InputContainer

__all__ = [
    "AudioTrack", "Episode", "Pictures", "Size", "frame_at", "frame_times", "pictures", "pictures_at", "probe",
    "seconds_at", "sound", "sounds", "unchanged", "video_frames",
]  # fmt: skip

_CHUNK = 30  # seconds of sound held at once


@dataclass(frozen=True)
class AudioTrack:
    """One sound track that can be decoded: channels, samples a second, language as the file names it (ISO 639) or None.

    `index` is its place among all streams of the file, `title` what the file calls it.
    """

    channels: int
    rate: int
    language: str | None
    index: int = 0
    title: str = ""


@dataclass(frozen=True)
class Episode:
    """A video file that was opened and can be decoded.

    `rate` is exact frames a second (of a variable file: the usual rate); `frames` counts the pictures that decoding shows;
    `size` is (width, height) as shown, with pixel shape and rotation applied; `rotation` is what was applied, in degrees
    clockwise; `variable` says that the file's own time stamps are not `n / rate`. `heard` is the place in `audio` of the track
    that is used; `note` is one line on what the file promises and does not hold, or "". `stamp` is when the file was changed
    last (ns) and its bytes, as it was opened.
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
    heard: int = 0
    note: str = ""
    stamp: tuple[int, int] | None = field(default=None, compare=False)

    @property
    def span(self) -> Span:
        return Span(0, self.frames)

    @property
    def track(self) -> AudioTrack | None:
        """The sound track that is used; None for a silent file."""
        return self.audio[self.heard] if self.audio else None


def digest(path: Path) -> str:
    """sha256 of a whole file."""
    with path.open("rb") as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest()


def probe(path: Path, id: str | None = None, language: str = "", identity: Callable[[Path], str] = digest) -> Episode:
    """Opens, counts and measures a video file; `id` is the file's stem if not given.

    `identity` tells the file from others by its bytes: it becomes the episode's `sha256`. Of several sound tracks the one in
    `language` (ISO 639) is used, else the one that the file names its default; commentaries and descriptions only where there is
    nothing else.
    Raises MediaError in one line for what is missing, empty, no video, a still picture, or cannot be decoded.
    """
    path = Path(path)
    stamp = _stamp(path) if path.is_file() else None
    table = table_of(path)
    with opened(path) as file:
        aspect = Fraction(video_stream(file, path).sample_aspect_ratio or 1)
        streams, best = sound_streams(file), sound_stream(file, language)
        tracks = tuple(_track(stream) for stream in streams)
        heard = next((n for n, stream in enumerate(streams) if stream is best), 0)
    first = next(decode(path, 0, 1))
    turn, rotation = turned(first)
    shape = next(Graph(",".join((*squared(aspect), *turn)), toned=False).push(first))
    size = (shape.width, shape.height)
    measured = (table.rate, len(table.pts), size, aspect, rotation, table.variable)
    return Episode(id or path.stem, path, *measured, tracks, identity(path), heard, table.note, stamp)


def unchanged(episode: Episode) -> None:
    """A MediaError where an episode's file is not any more the one that was opened: what was read since is not that episode's."""
    try:
        if episode.stamp is None or episode.stamp == _stamp(episode.path):
            return
    except OSError:
        raise MediaError(f"{episode.path.name}: it was there and is gone; put it back, and run again.") from None
    raise MediaError(f"{episode.path.name}: it was changed while it was worked on; run again when it is whole.")


def _stamp(path: Path) -> tuple[int, int]:
    seen = path.stat()
    return seen.st_mtime_ns, seen.st_size


def frame_times(path: Path) -> tuple[Fraction, ...]:
    """The exact time in seconds, in the file's own clock, of every shown picture; what an edit list discards is left out."""
    table = table_of(Path(path))
    return tuple(int(n) * table.base for n in table.pts)


def seconds_at(episode: Episode, frame: int) -> Fraction:
    """When frame 0..frames begins, in seconds after the first picture; `frames` itself is the end of the last."""
    if not 0 <= frame <= episode.frames:
        raise ValueError(f"{episode.id} holds frames 0 to {episode.frames}: {frame = }")
    if not episode.variable:
        return frame / episode.rate
    table = table_of(episode.path)
    if frame == episode.frames:
        return int(table.pts[-1]) * table.base - table.origin + 1 / episode.rate
    return int(table.pts[frame]) * table.base - table.origin


def frame_at(episode: Episode, seconds: Fraction | float) -> int:
    """The frame that is shown at a time after the first picture, 0..frames - 1; times outside give the nearest frame."""
    if not episode.variable:
        return min(max(floor(Fraction(seconds) * episode.rate), 0), episode.frames - 1)
    table = table_of(episode.path)
    at = floor((Fraction(seconds) + table.origin) / table.base)
    return min(max(int(np.searchsorted(table.pts, at, side="right")) - 1, 0), episode.frames - 1)


def video_frames(
    episode: Episode, span: Span | None = None, filters: str = "", fast: bool = False, faults: list[int] | None = None
) -> "Iterator[av.VideoFrame]":
    """Frames span.start..span.stop exactly, through an optional chain of libavfilter `filters`.

    They are upright, with square pixels, whole (of two interlaced fields the first is completed) and in BT.709 (high dynamic
    range is mapped). Starts at a key picture at or before the span and drops until the span begins. `fast` is for small
    pictures that are only analysed: the decoder leaves out its loop filter, and without `filters` colours are as coded, for a
    Graph to map when it has scaled. Frames that cannot be decoded whole are added to `faults`; for a lost one the frame before
    is given. Raises MediaError if the file ends before the span does.
    """
    span = span or episode.span
    _held(episode, span.start, span.stop)
    yield from _shown(episode, _whole(episode, span.start, span.stop, fast, faults), filters, bool(filters) or not fast)


def pictures(episode: Episode, span: Span | None = None, size: Size | None = None) -> Iterator[Pictures]:
    """The frames of a span as uint8 (height, width, 3) RGB, scaled to `size` (width, height) if given."""
    for frame in video_frames(episode, span, scaled(size)):
        yield array(frame)


def pictures_at(episode: Episode, frames: Sequence[int], size: Size | None = None) -> Pictures:
    """The named frames, in the order asked, as uint8 (n, height, width, 3) RGB; each key picture is decoded from once at most."""
    if not frames:
        width, height = size or episode.size
        return np.zeros((0, height, width, 3), np.uint8)
    _held(episode, min(frames), max(frames) + 1)
    table = table_of(episode.path)
    starts = np.flatnonzero(table.keys) if table.seekable else np.zeros(1, int)
    found: dict[int, Pictures] = {}
    for _, run in groupby(sorted(set(frames)), key=lambda n: int(np.searchsorted(starts, n, side="right"))):
        wanted = list(run)
        decoded = _whole(episode, wanted[0], wanted[-1] + 1)
        chosen = (frame for n, frame in enumerate(decoded, wanted[0]) if n in set(wanted))
        for n, frame in zip(wanted, _shown(episode, chosen, scaled(size)), strict=True):
            found[n] = array(frame)
    return np.stack([found[n] for n in frames])


def sound(source: Episode | Path, rate: int = 48000, channels: int = 2, span: Span | None = None) -> NDArray[np.float32]:
    """Sound as float32 (samples, channels), mixed by libswresample to 2 channels, whose mean is 1; mono keeps its level in both.

    Full scale is 1; a loud mix of more channels may go over it.

    Of an episode: from the beginning of frame span.start to the beginning of frame span.stop, exactly
    `round(stop * rate) - round(start * rate)` samples counted from the first picture; silence where the file has none.
    Of a path: the whole of the track that a player would play, as it is. Raises MediaError for a path without sound.
    """
    return np.concatenate([np.zeros((0, channels), np.float32), *sounds(source, rate, channels, span)])


def sounds(
    source: Episode | Path, rate: int = 48000, channels: int = 2, span: Span | None = None, chunk: int = _CHUNK
) -> Iterator[NDArray[np.float32]]:
    """The same samples as `sound`, in pieces of at most `chunk` seconds, so that a long episode never lies in memory whole."""
    path, origin, start, stop, silent, index = Path(), None, 0, None, False, None
    if isinstance(source, Episode):
        span = span or source.span
        start, stop = (floor(seconds_at(source, n) * rate + Fraction(1, 2)) for n in (span.start, span.stop))
        path, origin, silent = source.path, table_of(source.path).origin, not source.track
        index = source.track.index if source.track else None
    else:
        path = Path(source)
    begin, done = start // rate, start
    for number, piece in enumerate(() if silent else _resampled(path, index, origin, begin, rate, channels, chunk)):
        at = (begin + number * chunk) * rate
        kept = piece[done - at : None if stop is None else stop - at]
        if len(kept):
            yield kept
        done += len(kept)
        if done == stop:
            return
    for first in range(done, done if stop is None else stop, chunk * rate):
        yield np.zeros((min(chunk * rate, (stop or 0) - first), channels), np.float32)


def _resampled(
    path: Path, index: int | None, origin: Fraction | None, begin: int, rate: int, channels: int, chunk: int
) -> Iterator[NDArray[np.float32]]:
    """Pieces of `chunk` seconds from second `begin` after `origin` on, each resampled with a second of its neighbours."""
    import av

    layout = "mono" if channels == 1 else "stereo"
    with opened(path) as file:
        native, laid = _native(file, path, index, origin, begin, channels)
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
    file: "InputContainer", path: Path, index: int | None, origin: Fraction | None, begin: int, channels: int
) -> tuple[int, Iterator[tuple[int, NDArray[np.float32]]]]:
    """The track's own rate, and its samples with their places, counted in that rate from `origin` (None: its first sample)."""
    import av

    stream: Any = sound_stream(file) if index is None else file.streams[index]
    if stream is None:
        raise MediaError(f"{path.name}: sound was asked for; the file holds {kinds(file)} and no sound that can be decoded.")
    native = int(stream.codec_context.sample_rate)
    mixed_to = min(int(stream.codec_context.channels), 2)
    mixer = av.AudioResampler(format="flt", layout="mono" if mixed_to == 1 else "stereo", rate=native)

    def laid() -> Iterator[tuple[int, NDArray[np.float32]]]:
        start, place = origin, None
        if begin > 3 and start is not None and stream.time_base and any(name in file.format.name for name in TIMED):
            file.seek(floor((begin - 2 + start) / stream.time_base), stream=stream)
        for frame in frames_of(file, stream):
            stamp = None if frame.pts is None else frame.pts * Fraction(frame.time_base or stream.time_base)
            start = (stamp or Fraction(0)) if start is None else start
            for mixed in mixer.resample(frame):
                samples = np.asarray(mixed.to_ndarray(), np.float32).reshape(-1, mixed_to)
                if mixed_to != channels:
                    samples = samples.mean(axis=1, keepdims=True) if channels == 1 else samples.repeat(2, axis=1)
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


def _held(episode: Episode, start: int, stop: int) -> None:
    if not 0 <= start < stop <= episode.frames:
        raise MediaError(f"{episode.path.name}: frames {start} to {stop} were asked for and the episode holds {episode.frames}.")


def _whole(
    episode: Episode, start: int, stop: int, fast: bool = False, faults: list[int] | None = None
) -> "Iterator[av.VideoFrame]":
    """Frames start..stop as coded, but never two fields in one: neighbours that tell what is between the lines are read too."""
    end, lead, faults = min(stop + 1, episode.frames), 0, [] if faults is None else faults
    known = len(faults)
    frames = decode(episode.path, start, end, fast, faults)
    first = next(frames, None)
    if first is None:
        return
    if first.interlaced_frame and start:
        del faults[known:]
        frames, lead = decode(episode.path, start - 1, end, fast, faults), 1
    else:
        frames = chain((first,), frames)
    yield from islice(woven(frames), lead, lead + stop - start)


def _shown(episode: Episode, frames: "Iterator[av.VideoFrame]", filters: str, toned: bool = True) -> "Iterator[av.VideoFrame]":
    """Frames as a viewer sees them, then `filters`; a stream that changes its size keeps the size it began with."""
    graph: Graph | None = None
    for frame in frames:
        if graph is None:
            upright = (*squared(episode.sample_aspect), *turned(frame)[0])
            form, graph = (frame.width, frame.height), Graph(",".join(filter(None, (*upright, filters))), toned)
        elif (frame.width, frame.height) != form:
            yield from graph.rest()
            fitted = (*squared(episode.sample_aspect), *turned(frame)[0], f"scale={episode.size[0]}:{episode.size[1]}")
            form, graph = (frame.width, frame.height), Graph(",".join(filter(None, (*fitted, filters))), toned)
        yield from graph.push(frame)
    if graph is not None:
        yield from graph.rest()


def _track(stream: Any) -> AudioTrack:
    sound, tags = stream.codec_context, stream.metadata
    return AudioTrack(sound.channels, sound.sample_rate, _language(tags.get("language")), stream.index, tags.get("title", ""))


def _language(tag: str | None) -> str | None:
    return tag if tag and tag != "und" else None
