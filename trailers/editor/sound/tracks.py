"""Stretches of an episode's sound: any of its tracks, its channels kept or folded down, at 48 kHz."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from trailers.editor.sound.clock import RATE
from trailers.editor.sound.loudness import Samples
from trailers.editor.sound.surround import ORDER, coefficients
from trailers.errors import MediaError, RequestError
from trailers.features.streams import TIMED, frames_of, opened, same_language, sound_stream
from trailers.features.times import table_of

if TYPE_CHECKING:
    from av.container import InputContainer

    from trailers.features.media import Episode

AHEAD = Fraction(1, 4)  # seconds decoded before what is kept: what a codec gives right after a jump is not whole
MARGIN = Fraction(1, 8)  # seconds around a stretch that a change of the sample rate looks at too
_USUAL = (*ORDER[6], "SL", "SR")  # channels of a file that does not name them
_ASIDE = ("commentary", "description")


@dataclass(frozen=True)
class Tracks:
    """Which of an episode's sound tracks, places in `Episode.audio`, carry its dialogue, its music and its effects alone.

    A RequestError of `checked` names a place that the episode does not hold.
    """

    dialogue: int
    music: int
    effects: int

    def checked(self, episode: "Episode") -> "Tracks":
        for name, place in vars(self).items():
            if not 0 <= place < len(episode.audio):
                held = f"sound tracks 0 to {len(episode.audio) - 1}" if episode.audio else "no sound"
                raise RequestError(f"{episode.id}: track {place} was named for its {name}; the file holds {held}")
        return self


def dub(episode: "Episode", language: str) -> int:
    """The place of the track in a language; no commentary, no description. A RequestError says which languages there are."""
    for place, track in enumerate(episode.audio):
        if same_language(track.language or "", language) and not any(word in track.title.lower() for word in _ASIDE):
            return place
    held = ", ".join(sorted({track.language or "an unnamed language" for track in episode.audio})) or "no sound"
    raise RequestError(f"{episode.id}: a dub in {language!r} was asked for; the file holds {held}; add the track or the language")


def stretches(
    episode: "Episode", wanted: Sequence[tuple[int, int]], channels: int = 2, track: int | None = None
) -> tuple[Samples, ...]:
    """float32 (count, channels) for each (first, count): samples at 48 kHz counted from the first picture; silence beyond.

    At the track's own ends it comes and goes in 10 ms. `track` is a place in `Episode.audio`; without it the one that the episode
    is heard by. The file is opened once, and no more of it is decoded than about a second around each stretch.
    """
    if not episode.audio or not wanted:
        return tuple(np.zeros((count, channels), np.float32) for _, count in wanted)
    index, origin = episode.audio[episode.heard if track is None else track].index, table_of(episode.path).origin
    with opened(episode.path) as file:
        if any(name in TIMED for name in file.format.name.split(",")):
            return tuple(_stretch(file, file.streams[index], origin, *one, channels) for one in wanted)
    found = []
    for one in wanted:  # a file that cannot be searched is read from its beginning
        with opened(episode.path) as file:
            found.append(_stretch(file, file.streams[index], origin, *one, channels, seeks=False))
    return tuple(found)


def whole(path: Path, channels: int = 2) -> Samples:
    """float32 (n, channels): all that a finished file lets hear. Raises MediaError for a file without sound."""
    with opened(path) as file:
        stream = sound_stream(file)
        if stream is None:
            raise MediaError(f"{path.name}: sound was asked for; the file holds none that can be decoded")
        native = int(stream.codec_context.sample_rate)
        pieces = list(_laid(stream, frames_of(file, stream), Fraction(0), channels))
    first = pieces[0][0] if pieces else 0
    held = np.zeros((max((at + len(samples) - first for at, samples in pieces), default=0), channels), np.float32)
    for at, samples in pieces:
        held[at - first : at - first + len(samples)] = samples
    return _resampled(held, native)


def _stretch(
    file: "InputContainer", stream: Any, origin: Fraction, first: int, count: int, channels: int, seeks: bool = True
) -> Samples:
    """Decodes whole seconds around a stretch, so that a resampled one is the same wherever it begins."""
    native = int(stream.codec_context.sample_rate)
    begin, end = floor(Fraction(first, RATE) - MARGIN), ceil(Fraction(first + count, RATE) + MARGIN)
    held = np.zeros(((end - begin) * native, channels), np.float32)
    if seeks:
        file.seek(max(floor((begin - AHEAD + origin) / stream.time_base), stream.start_time or 0), stream=stream)
    sounding: list[int] = []
    for at, samples in _laid(stream, frames_of(file, stream), origin, channels):
        sounding = [min([at, *sounding[:1]]), at + len(samples)]
        low, high = max(at - begin * native, 0), min(at - begin * native + len(samples), len(held))
        if high > low:
            held[low:high] = samples[low - at + begin * native : high - at + begin * native]
        if at + len(samples) >= end * native:
            break
    if sounding:
        _closed(held, sounding[0] - begin * native, sounding[1] - begin * native, native // 100)
    return _resampled(held, native)[first - begin * RATE :][:count]


def _closed(held: Samples, start: int, stop: int, fade: int) -> None:
    """Where the track itself begins or ends within what is held, it comes or goes in so many samples, in place."""
    ramp = np.sin(np.linspace(0, np.pi / 2, fade, dtype=np.float32))[:, None]
    if 0 < start < len(held):
        head = held[start : start + fade]
        head *= ramp[: len(head)]
    if 0 < stop < len(held):
        tail = held[max(0, stop - fade) : stop]
        tail *= ramp[::-1][fade - len(tail) :]


def _laid(stream: Any, frames: Iterator[Any], origin: Fraction, channels: int) -> Iterator[tuple[int, Samples]]:
    """Samples of a track in its own rate, with their places counted from `origin`."""
    import av

    form, mixer, matrix, place = None, None, np.zeros((0, 0)), None
    native = int(stream.codec_context.sample_rate)
    for frame in frames:
        if (frame.layout.name, frame.format.name, frame.sample_rate) != form:
            form = (frame.layout.name, frame.format.name, frame.sample_rate)
            mixer = av.AudioResampler(format="fltp", layout=frame.layout, rate=native)
            names = [str(channel.name) for channel in frame.layout.channels]
            matrix = coefficients(names if "NONE" not in names else _USUAL[: len(names)], channels).T.astype(np.float32)
        at = None if frame.pts is None else round((frame.pts * Fraction(frame.time_base or stream.time_base) - origin) * native)
        for part in mixer.resample(frame) if mixer else ():
            samples = np.asarray(part.to_ndarray().T @ matrix, np.float32)
            # Frames follow each other without a joint; a time stamp moves them only where sound is really missing or doubled.
            if place is None or (at is not None and abs(at - place) > native // 50):
                place = at or 0
            yield place, samples
            place += len(samples)


def _resampled(samples: Samples, native: int) -> Samples:
    import av

    if native == RATE or not len(samples):
        return samples
    layout = {2: "stereo", 6: "5.1"}[samples.shape[1]]
    swr = av.AudioResampler(format="flt", layout=layout, rate=RATE)
    block = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples).reshape(1, -1), format="flt", layout=layout)
    block.sample_rate = native
    parts = [part.to_ndarray().reshape(-1, samples.shape[1]) for part in (*swr.resample(block), *swr.resample(None))]
    return np.concatenate(parts).astype(np.float32)
