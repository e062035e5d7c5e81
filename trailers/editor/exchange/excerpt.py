"""Proxies: short films of what clips show, with handles and the master's time code, small enough to send."""

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from trailers.editor.exchange.sources import Source
from trailers.features.span import Span
from trailers.features.timecode import smpte

if TYPE_CHECKING:
    import av

    from trailers.features.media import Episode

VERSION = 1
WIDE, SAMPLES = 640, 48000
QUALITY = {"crf": "23", "preset": "veryfast", "threads": "1", "bf": "0"}


def excerpt(episode: "Episode", span: Span, source: Source, begins: int, path: Path) -> Path:
    """Writes frames of an episode as a QuickTime film of H.264, 640 wide at most, and PCM in stereo.

    Its time code begins at number `begins` of `source`, the master that it stands for, and it names that one's reel: a program
    finds the master by them. In an episode of variable rate `span` counts its usual rate by time, and so does the film.
    """
    import av

    rate, size = episode.rate, small(episode.size)
    with av.open(str(path), "w", format="mov") as file:
        video = file.add_stream("libx264", rate=rate, options=QUALITY)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        video.codec_context.gop_size = max(1, int(rate / 2))
        video.metadata["timecode"] = smpte(begins, source.rate, source.drop)
        if source.reel:
            video.metadata["reel_name"] = source.reel
        heard = file.add_stream("pcm_s16le", rate=SAMPLES, layout="stereo") if episode.track else None
        for number, picture in enumerate(_pictures(episode, span, size)):
            picture.pts, picture.time_base, picture.pict_type = number, 1 / rate, 0
            file.mux(video.encode(picture))
        file.mux(video.encode(None))
        if heard is not None:
            for frame in _sound(episode, span):
                file.mux(heard.encode(frame))
            file.mux(heard.encode(None))
    return path


def small(size: tuple[int, int]) -> tuple[int, int]:
    """A size of the same shape, 640 wide at most, both even."""
    wide = min(WIDE, size[0])
    return max(2, wide // 2 * 2), max(2, round(size[1] * wide / size[0] / 2) * 2)


def _pictures(episode: "Episode", span: Span, size: tuple[int, int]) -> Any:
    """A picture for each number of a span; of a file of variable rate the one that is shown then."""
    from trailers.features.graph import scaled
    from trailers.features.media import video_frames

    frames = [_frame(episode, number) for number in range(span.start, span.stop)]
    shown: av.VideoFrame | None = None
    at, wanted = frames[0] - 1, iter(video_frames(episode, Span(frames[0], frames[-1] + 1), scaled(size)))
    for frame in frames:
        while at < frame:
            shown, at = next(wanted), at + 1
        if shown is not None:
            yield shown.reformat(format="yuv420p")


def _frame(episode: "Episode", number: int) -> int:
    from trailers.features.media import frame_at

    return frame_at(episode, Fraction(number) / episode.rate) if episode.variable else number


def _sound(episode: "Episode", span: Span) -> Any:
    import av

    from trailers.features.media import sounds

    at = 0
    frames = Span(_frame(episode, span.start), _frame(episode, span.stop - 1) + 1)
    for samples in sounds(episode, SAMPLES, 2, frames):
        whole = (np.clip(samples, -1, 1) * 32767).round().astype(np.int16)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(whole).reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLES, at, Fraction(1, SAMPLES)
        at += len(samples)
        yield frame
