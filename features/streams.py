"""A media file, opened safely; its streams, which of them a viewer sees and hears, their packets and their frames."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trailers.errors import MediaError

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

# Containers whose packets carry the time of every shown picture; in all others the pictures are decoded once and counted.
TIMED = ("mov", "matroska", "flv")
_STILL = ("tty", "image2", "_pipe")  # what libav makes of texts and photographs
# ISO 639 has one code of two letters and one or two of three for a language: these are what films are spoken in.
_CODES = (
    "en eng, de deu ger, fr fra fre, es spa, it ita, pt por, nl nld dut, sv swe, da dan, no nor nb nob, fi fin, pl pol, "
    "cs ces cze, sk slk slo, ru rus, uk ukr, el ell gre, tr tur, ar ara, he heb, fa fas per, hi hin, ta tam, te tel, ja jpn, "
    "ko kor, zh zho chi cmn, th tha, vi vie, id ind, hu hun, ro ron rum, bg bul, hr hrv, sr srp, is isl ice, ca cat, eu eus baq"
)
_ALIKE = {code: group.split() for group in _CODES.split(", ") for code in group.split()}


@contextmanager
def opened(path: Path) -> "Iterator[InputContainer]":
    """An open file; whatever libav says against it becomes a MediaError."""
    import av
    from av.error import FFmpegError

    if not path.is_file():
        raise MediaError(f"{path.name}: no such file; asked for {path}.")
    if not path.stat().st_size:
        raise MediaError(f"{path.name}: the file is empty; copy it again.")
    try:
        with av.open(str(path.absolute()), metadata_errors="replace") as file:  # "a:b.mp4" would be read by a protocol "a"
            if any(name in file.format.name for name in _STILL):
                raise MediaError(
                    f"{path.name}: a video was asked for; this is a text or a still picture; give a video that plays."
                )
            yield file
    except FFmpegError as error:
        raise MediaError(f"{path.name}: cannot be decoded ({error.strerror}); give a video that plays.") from error


def video_stream(file: "InputContainer", path: Path) -> "VideoStream":
    """The stream a player would show; cover pictures are none."""
    from av.stream import Disposition

    streams = [s for s in file.streams.video if s.codec_context is not None and not s.disposition & Disposition.attached_pic]
    if not streams:
        raise MediaError(
            f"{path.name}: a video was asked for; the file holds {kinds(file)} and no moving pictures; give a video that plays."
        )
    best = file.streams.best("video")
    chosen = next((s for s in streams if best is not None and s.index == best.index), streams[0])
    chosen.thread_type = "AUTO"
    chosen.codec_context.thread_count = 2
    return chosen


def kinds(file: "InputContainer") -> str:
    """What streams a file holds, for people."""
    from av.stream import Disposition

    def name(stream: Any) -> str:
        if stream.disposition & Disposition.attached_pic:
            return "a cover picture"
        return str(stream.type) if stream.codec_context or stream.type == "data" else f"{stream.type} of an unknown kind"

    names = {name(stream) for stream in file.streams}
    return " and ".join(sorted(names)) or "no streams"


def sound_streams(file: "InputContainer") -> list[Any]:
    """The sound streams that can be decoded, in the file's order."""
    return [
        s for s in file.streams.audio if s.codec_context is not None and s.codec_context.channels and s.codec_context.sample_rate
    ]


def sound_stream(file: "InputContainer", language: str = "") -> Any:
    """The sound that a viewer of this language (ISO 639, "" for any) would hear; None for a file without.

    First the language counts, then that it is no commentary and no help for the deaf or the blind, then that the file names it
    the default, then its place.
    """
    from av.stream import Disposition

    aside = Disposition.comment | Disposition.hearing_impaired | Disposition.visual_impaired | Disposition.karaoke

    def order(stream: Any) -> tuple[bool, bool, bool]:
        spoken, title = stream.metadata.get("language", ""), stream.metadata.get("title", "").lower()
        extra = bool(stream.disposition & aside) or "commentary" in title or "description" in title
        return not (language and same_language(spoken, language)), extra, not stream.disposition & Disposition.default

    return min(sound_streams(file), key=order, default=None)


def same_language(one: str, other: str) -> bool:
    """Whether two tags ("de", "deu", "ger", "de-AT") name one language."""
    this, that = (tag.lower().split("-")[0] for tag in (one, other))
    return this in _ALIKE.get(that, [that])


def packets_of(file: "InputContainer", *streams: Any) -> Iterator[Any]:
    """The packets of some streams, up to where the file cannot be read any further."""
    from av.error import FFmpegError

    packets = file.demux(*streams)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, FFmpegError):
            return
        except IndexError:  # a stream that begins in the midst, which PyAV has no place for
            packets = file.demux(*streams)
            continue
        yield packet


def frames_of(file: "InputContainer", stream: Any, failed: list[int] | None = None, at: int | None = None) -> Iterator[Any]:
    """Every frame of a stream that can be decoded: a broken packet costs its own frames only, and adds its place to `failed`.

    Of those before time stamp `at` some may be left out, from which no other is decoded (in H.264; other codecs' marks allow no
    such promise).
    """
    from av.error import FFmpegError

    context = stream.codec_context
    leaps = at is not None and context.name == "h264"
    for place, packet in enumerate(chain(packets_of(file, stream), (None,))):
        if leaps:
            early = packet is not None and packet.pts is not None and packet.pts < at
            context.skip_frame = "NONREF" if early else "DEFAULT"
        try:
            frames = context.decode(packet)
        except FFmpegError:
            frames = []
            if failed is not None and packet is not None and packet.size:
                failed.append(place)
        yield from frames
        if packet is None:
            return
