"""A light copy of a video, small enough to travel inside a notebook or over a kernel's wire."""

from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from trailers.errors import MediaError

if TYPE_CHECKING:
    import av

MOST = 1_500_000  # bytes: a notebook server passes on three million in three seconds, and base64 adds a third
SIDE = 640  # pixels of the longer side
SOUND = 64_000  # bits a second


def light(video: Path, most: int = MOST) -> bytes:
    """An MP4 of at most about `most` bytes, its header first: the file itself where it is that small, else a smaller picture
    with the same frames and the sound at 64 kbit/s. Nothing is judged or delivered by it. MediaError where it cannot be read."""
    import av

    if video.stat().st_size <= most:
        return video.read_bytes()
    try:
        made = b""
        for share in (0.9, 0.7, 0.5):  # an encoder keeps to a mean; a short film may overshoot it
            with av.open(str(video)) as source:
                made = _copied(source, round(share * most))
            if len(made) <= most:
                break
    except (av.FFmpegError, IndexError) as reason:
        raise MediaError(f"{video} cannot be read as a video: {reason}") from None
    return made


def _copied(source: "av.container.InputContainer", most: int) -> bytes:

    shown = source.streams.video[0]
    heard = source.streams.audio[0] if source.streams.audio else None
    seconds = float(source.duration or 0) / 1_000_000 or 30.0
    scale = min(1.0, SIDE / max(shown.width, shown.height))
    width, height = (max(2, round(side * scale / 2) * 2) for side in (shown.width, shown.height))
    wanted = max(80_000, round(most * 8 / seconds) - (SOUND if heard else 0))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "light.mp4"
        _write(path, source, (width, height), wanted)
        return path.read_bytes()


def _write(path: Path, source: "av.container.InputContainer", size: tuple[int, int], wanted: int) -> None:
    import av

    shown, heard = source.streams.video[0], source.streams.audio[0] if source.streams.audio else None
    shown.thread_type = "AUTO"  # reading the large picture is most of the work
    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as file:
        picture: Any = file.add_stream(
            "libx264", rate=shown.average_rate or Fraction(25), options={"preset": "veryfast", "threads": "1"}
        )
        picture.width, picture.height, picture.pix_fmt, picture.bit_rate = *size, "yuv420p", wanted
        sound: Any = file.add_stream("aac", rate=heard.rate, layout="stereo") if heard else None
        if sound:
            sound.bit_rate = SOUND
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=heard.rate) if heard else None
        for packet in source.demux([stream for stream in (shown, heard) if stream]):
            for frame in packet.decode():
                if isinstance(frame, av.VideoFrame):
                    small = frame.reformat(size[0], size[1], "yuv420p")
                    small.pict_type = 0  # the copy has key frames of its own
                    file.mux(picture.encode(small))
                elif resampler and isinstance(frame, av.AudioFrame):
                    for part in resampler.resample(frame):
                        file.mux(sound.encode(part))
        file.mux(picture.encode(None))
        if sound:
            file.mux(sound.encode(None))
