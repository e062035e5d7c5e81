"""Writes what the demo makes as files: episodes of picture and sound, music beds."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import av.container

SAMPLES = 48_000
"""Samples a second of everything that the demo makes."""


def write_episode(path: Path, size: tuple[int, int], rate: Fraction, pictures: Iterable[np.ndarray], sound: np.ndarray) -> Path:
    """An MP4 of H.264 and AAC: `pictures` are uint8 RGB (h, w, 3), one a frame; `sound` is float32 (samples, 2) at 48 kHz.

    One encoding thread and no dates in the file: the same pictures and sound give the same bytes.
    """
    import av

    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", container_options={"movflags": "+faststart", "fflags": "+bitexact"}) as file:
        options = {"preset": "veryfast", "crf": "21", "threads": "1", "g": "96", "bf": "2"}
        video = file.add_stream("libx264", rate=rate, options=options)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        video.codec_context.time_base = 1 / rate
        audio = file.add_stream("aac", rate=SAMPLES, layout="stereo", bit_rate=128_000)
        heard = _frames(sound)
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, 1 / rate
            file.mux(video.encode(frame))
            _mux_until(file, audio, heard, float((number + 1) / rate))
        file.mux(video.encode(None))
        _mux_until(file, audio, heard, float("inf"))
        file.mux(audio.encode(None))
    return path


def write_sound(path: Path, sound: np.ndarray) -> Path:
    """An .m4a of AAC from float32 (samples, 2) at 48 kHz."""
    import av

    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format="ipod", container_options={"movflags": "+faststart", "fflags": "+bitexact"}) as file:
        audio = file.add_stream("aac", rate=SAMPLES, layout="stereo", bit_rate=128_000)
        _mux_until(file, audio, _frames(sound), float("inf"))
        file.mux(audio.encode(None))
    return path


def write_passage(film: Path, start: int, stop: int, path: Path) -> Path:
    """Frames `start` to `stop` (excluded) of a film of constant rate as a file of its own: the pictures are copied as they are encoded, so
    `start` and `stop` must be key frames (or the film's end); the sound is cut to the sample and encoded anew.
    """
    import av

    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(film)) as source, av.open(str(path), "w", container_options={"movflags": "+faststart", "fflags": "+bitexact"}) as file:
        picture = source.streams.video[0]
        rate = picture.average_rate
        tick = picture.time_base
        assert rate is not None and tick is not None
        first, last = (int(frame / rate / tick) for frame in (start, stop))
        heard = _frames(_sound(film, start / rate, stop / rate))
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
    return path


def _sound(film: Path, start: Fraction, stop: Fraction) -> np.ndarray:
    """The film's sound between two times in seconds: float32 (samples, 2) at 48 kHz, of exactly that length."""
    import av

    first, count = round(start * SAMPLES), round(stop * SAMPLES) - round(start * SAMPLES)
    heard = np.zeros((count, 2), np.float32)
    with av.open(str(film)) as source:
        stream = source.streams.audio[0]
        resampler = av.AudioResampler(format="flt", layout="stereo", rate=SAMPLES)
        source.seek(int(max(start - 1, Fraction(0)) * av.time_base))
        for frame in source.decode(stream):
            assert frame.pts is not None and frame.time_base is not None
            at = round(frame.pts * frame.time_base * SAMPLES) - first
            if at >= count:
                break
            frame.pts = None
            for part in resampler.resample(frame):
                block = part.to_ndarray().reshape(-1, 2)
                low, high = max(0, -at), min(len(block), count - at)
                if high > low:
                    heard[at + low : at + high] = block[low:high]
                at += len(block)
    return heard


def _frames(sound: np.ndarray) -> Iterator[Any]:
    import av

    for first in range(0, len(sound), 1024):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound[first : first + 1024].T, np.float32), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLES, first, Fraction(1, SAMPLES)
        yield frame


def _mux_until(file: "av.container.OutputContainer", audio: Any, heard: Iterator[Any], seconds: float) -> None:
    """Encodes sound up to a time, so that picture and sound lie near each other in the file."""
    for frame in heard:
        file.mux(audio.encode(frame))
        if frame.pts / SAMPLES >= seconds:
            return
