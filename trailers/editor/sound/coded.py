"""Sound as files: the mix as AAC, stems as 24-bit WAV; the same samples give the same bytes."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from trailers.editor.sound.clock import RATE
from trailers.editor.sound.levelling import limit
from trailers.editor.sound.loudness import Samples
from trailers.errors import RenderError

BITRATES: Mapping[int, int] = {2: 192_000, 6: 448_000}  # bits a second by channels
LAYOUTS: Mapping[int, str] = {2: "stereo", 6: "5.1"}
FULL = -0.1  # dBTP: a stem's peaks stay under full scale


def encode(samples: Samples, path: Path, swift: bool = False) -> None:
    """AAC-LC in MPEG-4 whose edit list takes the encoder's priming away: float32 (n, 2 or 6), six as FL FR FC LFE BL BR.

    `swift` takes half the time, and gives a little more noise (4 dB on one trailer).
    """
    channels = samples.shape[1]
    options = {"fflags": "+bitexact", "movflags": "+faststart", "movie_timescale": str(RATE)}  # the edit list counts in it
    _write(samples, path, "ipod", "aac", "fltp", options, {"aac_coder": "fast"} if swift else {}, BITRATES[channels])


def write_stem(samples: Samples, path: Path) -> None:
    """PCM of 24 bits at 48 kHz in WAV: float32 (n, 2 or 6); a peak that would be over full scale is limited."""
    _write(limit(samples, FULL), path, "wav", "pcm_s24le", "s32", {"fflags": "+bitexact"}, {})


def _write(
    samples: Samples,
    path: Path,
    kind: str,
    codec: str,
    form: str,
    options: dict[str, str],
    coder: Mapping[str, str],
    bitrate: int = 0,
) -> None:
    import av
    from av.error import FFmpegError

    layout = LAYOUTS[samples.shape[1]]
    try:
        with av.open(str(path), "w", format=kind, options=options) as file:
            way = {"flags": "+bitexact", "threads": "1", **coder}
            stream: Any = file.add_stream(codec, rate=RATE, layout=layout, options=way)
            if bitrate:
                stream.bit_rate = bitrate
            for first in range(0, len(samples), 1024):
                piece = samples[first : first + 1024]
                if form == "s32":
                    whole = np.clip(np.round(piece.astype(np.float64) * 2**23), -(2**23), 2**23 - 1).astype(np.int32) << 8
                    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(whole).reshape(1, -1), format=form, layout=layout)
                else:
                    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(piece.T), format=form, layout=layout)
                frame.sample_rate, frame.pts, frame.time_base = RATE, first, Fraction(1, RATE)
                file.mux(stream.encode(frame))
            file.mux(stream.encode(None))
    except (FFmpegError, OSError) as reason:
        raise RenderError(f"{path.name}: the sound could not be written ({reason}); is the disk full?") from reason
