"""Writes what the demo makes as files: episodes of picture and sound, music beds."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from trailers.features.media import Episode, sound
from trailers.features.span import Span

if TYPE_CHECKING:
    import av.container

SAMPLES = 48_000
"""Samples a second of everything that the demo makes."""


def write_episode(path: Path, size: tuple[int, int], rate: Fraction, pictures: Iterable[np.ndarray], wave: np.ndarray) -> None:
    """An MP4 of H.264 and AAC: `pictures` are uint8 RGB (h, w, 3), one a frame; `wave` is float32 (samples, 2) at 48 kHz.

    One encoding thread and no dates in the file: the same pictures and sound give the same bytes.
    """
    import av

    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", container_options={"movflags": "+faststart", "fflags": "+bitexact"}) as file:
        options = {"preset": "superfast", "crf": "24", "threads": "1", "g": "96", "bf": "2"}
        video = file.add_stream("libx264", rate=rate, options=options)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        video.codec_context.time_base = 1 / rate
        audio = file.add_stream("aac", rate=SAMPLES, layout="stereo", bit_rate=128_000)
        heard = _frames(wave)
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, 1 / rate
            file.mux(video.encode(frame))
            _mux_until(file, audio, heard, float((number + 1) / rate))
        file.mux(video.encode(None))
        _mux_until(file, audio, heard, float("inf"))
        file.mux(audio.encode(None))


def write_sound(path: Path, wave: np.ndarray) -> None:
    """An .m4a of AAC from float32 (samples, 2) at 48 kHz."""
    import av

    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format="ipod", container_options={"movflags": "+faststart", "fflags": "+bitexact"}) as file:
        audio = file.add_stream("aac", rate=SAMPLES, layout="stereo", bit_rate=128_000)
        _mux_until(file, audio, _frames(wave), float("inf"))
        file.mux(audio.encode(None))


def write_passage(whole: Episode, start: int, stop: int, path: Path) -> None:
    """Frames `start` to `stop` (excluded) of a film of constant rate as a file of its own.

    The pictures are copied as they are encoded, so `start` and `stop` must be key frames (or the film's end); the sound is cut to
    the sample and encoded anew.
    """
    import av

    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        av.open(str(whole.path)) as source,
        av.open(str(path), "w", container_options={"movflags": "+faststart", "fflags": "+bitexact"}) as file,
    ):
        picture = source.streams.video[0]
        tick = picture.time_base or Fraction(1, 1)
        first, last = (int(frame / whole.rate / tick) for frame in (start, stop))
        heard = _frames(sound(whole, SAMPLES, 2, Span(start, stop)))
        video = file.add_stream_from_template(picture)
        audio = file.add_stream("aac", rate=SAMPLES, layout="stereo", bit_rate=160_000)
        source.seek(first, stream=picture)
        for packet in source.demux(picture):
            if packet.pts is None or packet.dts is None or packet.pts < first:
                continue
            if packet.pts >= last and packet.is_keyframe:
                break
            packet.pts, packet.dts, packet.stream = packet.pts - first, packet.dts - first, video
            _mux_until(file, audio, heard, float(packet.dts * tick))
            file.mux(packet)
        _mux_until(file, audio, heard, float("inf"))
        file.mux(audio.encode(None))


def _frames(wave: np.ndarray) -> Iterator[Any]:
    import av

    for first in range(0, len(wave), 1024):
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(wave[first : first + 1024].T, np.float32), format="fltp", layout="stereo"
        )
        frame.sample_rate, frame.pts, frame.time_base = SAMPLES, first, Fraction(1, SAMPLES)
        yield frame


def _mux_until(file: "av.container.OutputContainer", audio: Any, heard: Iterator[Any], seconds: float) -> None:
    """Encodes sound up to a time, so that picture and sound lie near each other in the file."""
    for frame in heard:
        file.mux(audio.encode(frame))
        if frame.pts / SAMPLES >= seconds:
            return
