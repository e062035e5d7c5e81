"""A sound track's channels as they are, laid at their own times: the one pass over the sound."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trailers.features.media import Episode, seconds_at
from trailers.features.streams import frames_of, opened
from trailers.features.times import table_of

if TYPE_CHECKING:
    import av

Samples = NDArray[np.float32]
_USUAL = {1: "mono", 2: "stereo", 3: "2.1", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}  # libavutil's defaults
CHUNK = 20  # seconds of sound held at once


@dataclass(frozen=True)
class Waves:
    """One sound track of an episode: its own `rate`, its channels by libav's names ("FL", "FR", "LFE"), its language or "".

    `pieces` gives float32 (channels, samples), full scale 1, CHUNK seconds each, from the first picture to the end of the last:
    together exactly as long as the pictures, silence where the file has none.
    """

    rate: int
    channels: tuple[str, ...]
    language: str
    pieces: Iterator[Samples]


def waves(episode: Episode) -> Waves | None:
    """The track that the episode is heard by (`Episode.track`), or None for an episode without sound that can be decoded.

    Each piece can be taken once. A packet that is broken costs its own samples only.
    """
    if episode.track is None:
        return None
    with opened(episode.path) as file:
        stream: Any = file.streams[episode.track.index]
        first = next(frames_of(file, stream), None)
        if first is None:
            return None
        rate, layout = int(first.sample_rate), _named(first.layout)
    names = tuple(str(channel.name) for channel in layout.channels)
    return Waves(rate, names, episode.track.language or "", _pieces(episode, episode.track.index, rate, layout))


def _pieces(episode: Episode, index: int, rate: int, layout: Any) -> Iterator[Samples]:
    total = floor(seconds_at(episode, episode.frames) * rate + Fraction(1, 2))
    size, channels, begun = CHUNK * rate, len(layout.channels), 0
    held = np.zeros((channels, min(size, total)), np.float32)
    for at, samples in _laid(episode, index, rate, layout):
        while at + samples.shape[1] > begun + held.shape[1]:
            _lay(held, samples, at - begun)
            yield held
            begun += held.shape[1]
            if begun == total:
                return
            held = np.zeros((channels, min(size, total - begun)), np.float32)
        _lay(held, samples, at - begun)
    while begun < total:
        yield held
        begun += held.shape[1]
        held = np.zeros((channels, min(size, total - begun)), np.float32)


def _laid(episode: Episode, index: int, rate: int, layout: Any) -> Iterator[tuple[int, Samples]]:
    """Samples with their places, counted from the first picture; frames of another form are brought to the first one's."""
    import av

    origin, place, jump = table_of(episode.path).origin * rate, None, rate // 50
    with opened(episode.path) as file:
        stream: Any = file.streams[index]
        alike: dict[tuple[int, str, str], Any] = {}
        base = Fraction(stream.time_base)
        step, over, zero = base.numerator * rate, base.denominator, floor(origin)
        for frame in frames_of(file, stream):
            stamp = None if frame.pts is None else frame.pts * step // over - zero
            same = frame.sample_rate == rate and frame.layout.nb_channels == len(layout.channels)
            form = (frame.sample_rate, frame.layout.name, frame.format.name) if not same else None
            if form and form not in alike:
                alike[form] = av.AudioResampler(format="fltp", layout=layout, rate=rate)
            for part in alike[form].resample(frame) if form else (frame,):
                samples = _full_scale(part)
                # Frames follow each other without a joint; a time stamp moves them only where sound is really missing or doubled.
                if place is None or (stamp is not None and abs(stamp - place) > jump):
                    place = stamp or 0
                yield place, samples
                place += samples.shape[1]


def _named(layout: Any) -> Any:
    """A layout whose channels have names: where the file does not say, the usual one for so many."""
    import av

    usual = _USUAL.get(layout.nb_channels)
    return av.AudioLayout(usual) if usual and any(channel.name == "NONE" for channel in layout.channels) else layout


def _full_scale(frame: "av.AudioFrame") -> Samples:
    """(channels, samples) of full scale 1, whatever the decoder's format."""
    raw: Any = frame.to_ndarray()
    planes = raw if frame.format.is_planar else raw.reshape(-1, frame.layout.nb_channels).T
    if planes.dtype == np.uint8:
        return np.asarray((planes.astype(np.float32) - 128) / 128)
    if planes.dtype.kind == "i":
        return np.asarray(planes / -float(np.iinfo(planes.dtype).min), np.float32)
    return np.asarray(planes, np.float32)


def _lay(held: Samples, samples: Samples, at: int) -> None:
    low, high = max(at, 0), min(at + samples.shape[1], held.shape[1])
    if high > low:
        held[:, low:high] = samples[:, low - at : high - at]
