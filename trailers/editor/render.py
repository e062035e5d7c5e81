"""Encoded pieces and one sound joined to a file that plays everywhere, without encoding again."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from trailers.editor.profile import Rendition
from trailers.editor.timeline import Timeline
from trailers.errors import RenderError

if TYPE_CHECKING:
    import av
    from av.container import OutputContainer


@dataclass(frozen=True)
class Variant:
    """A rendered file: whose it is, the id of the timeline it shows, the id of its rendition, where it lies."""

    id: str
    segment: str
    timeline: str
    rendition: str
    path: Path


def assemble(
    pieces: Sequence[Path],
    sound: Path | None,
    timeline: Timeline,
    rendition: Rendition,
    path: Path,
    begins: str = "",
    comment: str = "",
) -> Variant:
    """Copies the packets of all pieces, in order, and of the sound into an MP4 with its index at the front.

    Every picture stands at its whole frame of the timeline's rate, counted from the pieces before it, so nothing drifts. Where
    `begins` is given ("09:59:50:00", ";" before the frames where some are dropped), a track of time code starts with it. The file
    says `comment` to programs that show it.
    A RenderError if the pieces do not fill the timeline, differ in their codec's parameters or size, or a file cannot be read.
    """
    import av
    from av.error import FFmpegError

    if not pieces:
        raise RenderError(f"{timeline.id}: no piece to join was given")
    if begins and not re.fullmatch(r"\d\d:[0-5]\d:[0-5]\d[:;]\d\d", begins):
        raise RenderError(f"{timeline.id}: a time code such as 10:00:00:00 was asked for to begin with, {begins!r} was found")
    base = 1 / timeline.rate
    scale = timeline.rate.numerator * ceil(10000 / timeline.rate.numerator)
    options = {"movflags": "+faststart", "movie_timescale": str(scale), "fflags": "+bitexact"}
    try:
        with av.open(str(path), "w", format="mp4", options=options) as file:
            file.metadata["title"] = timeline.title
            if comment:
                file.metadata["comment"] = comment
            with av.open(str(pieces[0])) as first:
                video = file.add_stream_from_template(first.streams.video[0])
                video.time_base = base
                if begins:
                    video.metadata["timecode"] = begins
                head = bytes(first.streams.video[0].codec_context.extradata or b"")
                size = first.streams.video[0].width, first.streams.video[0].height
            if size != rendition.size:
                raise RenderError(f"{timeline.id}: pieces of {rendition.size} were asked for, {size} was found")
            tone = av.open(str(sound)) if sound else None
            try:
                audio = file.add_stream_from_template(tone.streams.audio[0]) if tone else None
                at = 0
                for piece in pieces:
                    at = _copy(piece, at, head, base, video, file)
                if at != timeline.frames:
                    raise RenderError(f"{timeline.id}: the pieces hold {at} frames, the timeline {timeline.frames}")
                if tone and audio:
                    for packet in tone.demux(tone.streams.audio[0]):
                        if packet.dts is not None:
                            packet.stream = audio
                            file.mux(packet)
            finally:
                if tone:
                    tone.close()
    except FFmpegError as error:
        raise RenderError(f"{timeline.id}: {path.name} could not be written ({error.strerror})") from error
    return Variant(f"{timeline.id}-{rendition.id}", timeline.segment, timeline.id, rendition.id, path)


def _copy(piece: Path, at: int, head: bytes, base: Fraction, video: "av.VideoStream", file: "OutputContainer") -> int:
    """Copies one piece's packets to begin at frame `at`; gives the frame after its last."""
    import av

    with av.open(str(piece)) as source:
        stream = source.streams.video[0]
        if bytes(stream.codec_context.extradata or b"") != head:
            raise RenderError(f"{piece.name}: encoded with other parameters than the pieces before it; render them anew")
        packets = [packet for packet in source.demux(stream) if packet.size]
        pts = [Fraction(packet.pts or 0) * Fraction(stream.time_base or base) / base for packet in packets]
        for number, (packet, place) in enumerate(zip(packets, pts, strict=True)):
            packet.stream, packet.time_base = video, base
            # A picture waits for one other at most (no B-frame is a reference), so decoding runs one frame ahead of showing.
            packet.pts, packet.dts, packet.duration = at + int(place - min(pts)), at + number - 1, 1
            file.mux(packet)
    return at + len(packets)


def marked(source: Path, words: str, target: Path) -> Path:
    """A copy of a file of ours that says `words` before its title and its comment, for programs that show them; its packets,
    their times and its edit lists are the same."""
    import av
    from av.error import FFmpegError

    try:
        with av.open(str(source)) as file:
            video = file.streams.video[0]
            rate = video.average_rate or Fraction(1)
            scale = rate.numerator * ceil(10000 / rate.numerator)
            options = {"movflags": "+faststart", "movie_timescale": str(scale), "fflags": "+bitexact"}
            with av.open(str(target), "w", format="mp4", options=options) as copy:
                said = "; ".join(filter(None, (words, file.metadata.get("comment", ""))))
                copy.metadata.update(title=f"{words}: {file.metadata.get('title', '')}", comment=said)
                kept = {stream.index: copy.add_stream_from_template(stream) for stream in (video, *file.streams.audio)}
                kept[video.index].time_base = video.time_base
                if begins := video.metadata.get("timecode"):
                    kept[video.index].metadata["timecode"] = begins
                for packet in file.demux([file.streams[index] for index in kept]):
                    if packet.dts is not None:
                        packet.stream = kept[packet.stream.index]
                        copy.mux(packet)
    except FFmpegError as error:
        raise RenderError(f"{source.name} could not be marked ({error.strerror})") from error
    return target
