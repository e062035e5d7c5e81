"""OTIOZ: a timeline with the media that it plays, in one file that opens anywhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from trailers.editor.exchange import otio
from trailers.editor.exchange.sources import Media
from trailers.editor.exchange.tracks import HANDLE, Item, tracks
from trailers.editor.timeline import Timeline
from trailers.features.span import Span, to_frames

if TYPE_CHECKING:
    import opentimelineio

FOLDER = "media"
DATE = (1980, 1, 1, 0, 0, 0)  # the same bytes at any time


@dataclass(frozen=True)
class Cut:
    """A stretch of a source that a clip's picture and sound need, with handles: numbers of its frames, from the file's first."""

    link: int
    episode: str
    span: Span


def cuts(timeline: Timeline, media: Media) -> tuple[Cut, ...]:
    """One stretch for each clip: what is seen and heard of it, what joints borrow, 12 frames on both sides where there are."""
    found: dict[int, Cut] = {}
    for track in tracks(timeline, media):
        for item in track.items:
            if item.clip is None or item.source is None:
                continue
            more = to_frames(item.lent / timeline.rate * item.speed, item.source.rate)
            start = max(0, item.start - HANDLE)
            stop = min(item.source.frames, item.start + item.length + more + HANDLE)
            before = found.get(item.link)
            span = Span(min(start, before.span.start), max(stop, before.span.stop)) if before else Span(start, stop)
            found[item.link] = Cut(item.link, item.clip.episode, span)
    return tuple(found[link] for link in sorted(found))


def bundle(timeline: Timeline, media: Media, excerpts: Mapping[int, tuple[Cut, Path]], path: Path) -> Path:
    """Writes an .otioz: content.otio, version.txt and a folder of media, whose names stand in it.

    `excerpts` are proxies of the stretches that `cuts` names, by link; music, hits and cards go in as they are. Their ranges are
    those of the masters' time codes: what is trimmed in another program is found in the master.
    """
    document = otio.document(timeline, media, None)
    ranges = {link: (f"{link:03d}-{media.sources[cut.episode].reel}.mov", cut) for link, (cut, _) in excerpts.items()}
    held = {ranges[link][0]: file for link, (_, file) in excerpts.items()}
    held |= {file.name: file for file in _others(timeline, media)}
    for track in document.tracks:
        for clip in track.find_clips():
            _pointed(clip, ranges, media)
    import opentimelineio

    text = opentimelineio.adapters.write_to_string(document, adapter_name="otio_json")
    with ZipFile(path, "w") as file:
        for name, words in (("content.otio", text), ("version.txt", "1.0.0")):
            file.writestr(_info(name, ZIP_DEFLATED), words)
        for name, source in sorted(held.items()):
            with file.open(_info(f"{FOLDER}/{name}", ZIP_STORED), "w") as part, source.open("rb") as whole:
                while block := whole.read(1 << 20):
                    part.write(block)
    return path


def _pointed(clip: "opentimelineio.schema.Clip", ranges: Mapping[int, tuple[str, Cut]], media: Media) -> None:
    """A clip's media as they lie in the bundle."""
    import opentimelineio

    reference = clip.media_reference
    if not isinstance(reference, opentimelineio.schema.ExternalReference):
        return
    link = clip.metadata["trailers"].get("link", 0)
    if link not in ranges:
        reference.target_url = f"{FOLDER}/{quote(reference.name)}"
        return
    name, cut = ranges[link]
    source = media.sources[cut.episode]
    reference.target_url = f"{FOLDER}/{name}"
    reference.metadata["trailers"]["proxy_of"] = source.file
    reference.available_range = opentimelineio.opentime.TimeRange(
        opentimelineio.opentime.RationalTime(source.first + cut.span.start, float(source.rate)),
        opentimelineio.opentime.RationalTime(len(cut.span), float(source.rate)),
    )


def _others(timeline: Timeline, media: Media) -> Iterator[Path]:
    """Music, hits and cards that are at hand."""
    wanted: list[Item] = [item for track in tracks(timeline, media) for item in track.items if item.kind not in ("clip", "sound")]
    for item in wanted:
        if item.source is not None and item.source.path is not None:
            yield item.source.path


def _info(name: str, method: int) -> ZipInfo:
    made = ZipInfo(name, DATE)
    made.compress_type, made.external_attr = method, 0o644 << 16
    return made
