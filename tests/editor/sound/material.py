"""Known sound: tones, noise, films that carry exactly this wave, songs of it, plans of a few clips."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from trailers.editor.sound.loudness import RATE, Samples
from trailers.editor.timeline import Caption, Card, Clip, Music, Timeline
from trailers.features.media import Episode, probe
from trailers.features.span import Span

FILM = Fraction(24)


def tone(seconds: float, pitch: float = 440, size: float = 0.2) -> Samples:
    wave = size * np.sin(2 * np.pi * pitch * np.arange(round(seconds * RATE)) / RATE)
    return np.stack([wave, wave], axis=1).astype(np.float32)


def noise(seconds: float, size: float = 0.1, seed: int = 0) -> Samples:
    return (size * np.random.default_rng(seed).standard_normal((round(seconds * RATE), 2))).astype(np.float32)


def film(path: Path, wave: Samples | None, frames: int, rate: Fraction = FILM) -> Episode:
    """A grey film with exactly this sound, uncompressed."""
    import av

    with av.open(str(path), "w") as file:
        video = file.add_stream("mpeg4", rate=rate)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        track = file.add_stream("pcm_s16le", rate=RATE, layout="stereo") if wave is not None else None
        for n in range(frames):
            picture = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 120, np.uint8), format="rgb24")
            picture.pts, picture.time_base = n, 1 / rate
            file.mux(video.encode(picture))
        file.mux(video.encode(None))
        if track is not None and wave is not None:
            whole = np.ascontiguousarray((wave.clip(-1, 1) * 32767).round().astype(np.int16).reshape(1, -1))
            block = av.AudioFrame.from_ndarray(whole, format="s16", layout="stereo")
            block.sample_rate, block.pts = RATE, 0
            file.mux(track.encode(block))
            file.mux(track.encode(None))
    return probe(path)


def versions(path: Path, waves: dict[str, Samples], rate: int = RATE, seconds: int = 4) -> Episode:
    """A film with a sound track for each language."""
    import av

    with av.open(str(path), "w") as file:
        video = file.add_stream("mpeg4", rate=24)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        tracks = []
        for language, wave in waves.items():
            layout = "5.1" if wave.shape[1] == 6 else "stereo"
            track = file.add_stream("pcm_f32le" if path.suffix == ".mov" else "flac", rate=rate, layout=layout)
            track.metadata["language"] = language
            tracks.append((track, wave, layout))
        for n in range(24 * seconds):
            picture = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 120, np.uint8), format="rgb24")
            picture.pts, picture.time_base = n, Fraction(1, 24)
            file.mux(video.encode(picture))
        file.mux(video.encode(None))
        for track, wave, layout in tracks:
            block = av.AudioFrame.from_ndarray(np.ascontiguousarray(wave).reshape(1, -1), format="flt", layout=layout)
            block.sample_rate, block.pts, block.time_base = rate, 0, Fraction(1, rate)
            resampler = av.AudioResampler(format=track.codec_context.format, layout=layout, rate=rate, frame_size=4096)
            for part in (*resampler.resample(block), *resampler.resample(None)):
                file.mux(track.encode(part))
            file.mux(track.encode(None))
    return probe(path)


def song(path: Path, wave: Samples) -> Path:
    import wave as waves

    with waves.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((wave.clip(-1, 1) * 32767).astype("<i2").tobytes())
    return path


def plan(
    spans: Sequence[tuple[str, int, int]], card: int = 0, rate: Fraction = FILM, dissolve: int = 0, music: bool = False,
    captions: Sequence[tuple[int, int]] = (), fade: int = 0,
) -> Timeline:  # fmt: skip
    clips, at = [], 0
    for number, (episode, start, stop) in enumerate(spans):
        into = Span(at, at + stop - start)
        clip = Clip(f"{episode}/{number}", episode, Span(start, stop), into)
        clips.append(replace(clip, joint="dissolve", mixed=dissolve) if dissolve and number else clip)
        at = into.stop
    words = tuple(Caption("words", Span(*span)) for span in captions)
    last = (Card(("T",), Span(at, at + card), "#203040", "#ffffff"),) if card else ()
    return Timeline(
        "t", "s", "T", "general", rate, tuple(clips), last, captions=words, music=Music("m", "") if music else None, fade_out=fade
    )  # fmt: skip


def decibels(wave: Samples) -> float:
    return float(20 * np.log10(np.sqrt((wave.astype(np.float64) ** 2).mean()) + 1e-9))
