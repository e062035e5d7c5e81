"""A timeline in every format that editing programs read, and what each of them leaves out."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from trailers.editor.exchange import edl, fcp7, fcpx, mlt, otio
from trailers.editor.exchange.sources import Media
from trailers.editor.profile import HOUSE
from trailers.editor.timeline import Timeline
from trailers.errors import RequestError
from trailers.store import write_text

ENDINGS: Mapping[str, str] = {"otio": ".otio", "edl": ".edl", "fcp7": ".xml", "fcpxml": ".fcpxml", "mlt": ".mlt"}
TEXTS = tuple(ENDINGS)
SIZE = HOUSE.sizes["landscape"]  # of a sequence whose sources have no size


def hand(format: str, timeline: Timeline, media: Media, path: Path, beside: Path | None = None, absolute: bool = False) -> Path:
    """Writes a timeline in one of TEXTS to `path`, whole or not at all, and gives the path.

    Files are named from the folder `beside` on, where the document is to lie (that of `path` if not given); by whole addresses
    where they are to be `absolute`. A sequence is as large as most of what it shows. RenderErrors say what cannot be written, a
    RequestError that there is no such format.
    """
    return write_text(path, text(format, timeline, media, beside or path.parent, absolute))


def text(format: str, timeline: Timeline, media: Media, beside: Path, absolute: bool = False) -> str:
    """What `hand` writes."""
    place, size = None if absolute else beside, _size(timeline, media)
    if format == "otio":
        return otio.text(timeline, media, place)
    if format == "edl":
        return edl.text(timeline, media)
    if format == "fcp7":
        return fcp7.text(timeline, media, place, size)
    if format == "fcpxml":
        return fcpx.text(timeline, media, place, size)
    if format == "mlt":
        return mlt.text(timeline, media, place, size)
    raise RequestError(f"no format {format!r} for editing programs; there are {', '.join(TEXTS)}")


def not_carried(format: str, timeline: Timeline) -> tuple[str, ...]:
    """What of this timeline a format does not hold, in words, for people who must know what to do again by hand."""
    return tuple(_lost(format, timeline))


def _lost(format: str, timeline: Timeline) -> Iterator[str]:
    kinds = {clip.joint for clip in timeline.clips if clip.mixed}
    if timeline.music and timeline.clips:
        yield "the levels of the mix: evened clips, music lowered under speech, loudness"
    if any(clip.views for clip in timeline.clips):
        yield "framings for other shapes"
    if any(each.kind == "lower" for each in timeline.overlays):
        yield "lower thirds, but for their words" if format != "mlt" else "lower thirds"
    if timeline.captions and format in ("edl", "mlt"):
        yield "captions: take the .srt"
    if format in ("edl", "fcpxml") and timeline.dubbed:
        yield f"that the sound is the dub in {timeline.language}: choose that track"
    if format == "edl":
        if timeline.music or timeline.effects:
            yield "music and hits, but for where they begin"
        if timeline.fade_in or timeline.fade_out:
            yield "fades from and to black, but for their lengths"
    if format == "otio" and (timeline.fade_in or timeline.fade_out):
        yield "fades from and to black, but in the metadata"
    if format in ("edl", "fcpxml") and kinds & {"dip", "wash"}:
        yield "dips and washes: they come as dissolves of that name"
    if format == "fcpxml" and "wipe" in kinds:
        yield "wipes: they come as dissolves"
    if format == "mlt" and kinds & {"wash", "wipe"}:
        yield "how washes and wipes begin and end slowly"


def _size(timeline: Timeline, media: Media) -> tuple[int, int]:
    """The size of the source that most frames are of."""
    frames: dict[tuple[int, int], int] = {}
    for clip in timeline.clips:
        size = media.sources[clip.episode].size if clip.episode in media.sources else (0, 0)
        frames[size] = frames.get(size, 0) + len(clip.into)
    found = max(frames, key=lambda size: (frames[size], size), default=(0, 0))
    return found if found != (0, 0) else SIZE
