"""The distinct pieces that a timeline is made of, each encoded once for a rendition so that they join by stream copy."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trailers.editor.picture.frames import source_frames
from trailers.editor.picture.reframe import Framing, frame_for
from trailers.editor.profile import Rendition
from trailers.editor.timeline import Card, Timeline
from trailers.editor.words import titles
from trailers.errors import RenderError
from trailers.features.media import Episode, video_frames
from trailers.features.span import Span
from trailers.store import key

if TYPE_CHECKING:
    import av
    from av.filter.context import FilterContext

VERSION = 1
LIGHT = 256  # a frame's light when no fade touches it
QUALITY = {
    "preset": "veryfast",
    "crf": "19",
    "profile": "high",
    "threads": "1",
    "bf": "2",
    # mbtree reads memory beside pictures whose halved size is no multiple of 16 and gives other bytes each time (x264 core 165).
    "x264-params": "stitchable=1:open-gop=0:b-pyramid=none:b-adapt=1:mbtree=0",
}


@dataclass(frozen=True)
class Strip:
    """One picture of an episode for each frame to be shown, under one framing."""

    episode: Episode
    frames: tuple[int, ...]
    framing: Framing


@dataclass(frozen=True)
class Piece:
    """What is encoded as one closed group of pictures: a strip, or the card; with `under`, the strip mixed over it (a dissolve).

    `light` holds a level of 0 to 256 for each frame where a fade from or to black touches it, and is empty where none does.
    """

    size: tuple[int, int]
    rate: Fraction
    strip: Strip | None = None
    under: Strip | None = None
    card: Card | None = None
    light: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.strip.frames) if self.strip else len(self.card.into) if self.card else 0

    @property
    def name(self) -> str:
        """sha256 over all that decides the piece's bytes, and nothing of where its sources lie."""
        strips = [strip for strip in (self.strip, self.under) if strip]
        words = self.card
        card = [list(words.lines), len(words.into), words.ground, words.ink, titles.VERSION] if words else None
        shown = [[_runs(s.frames), list(s.framing.crop), list(s.framing.place), list(s.framing.ground or ())] for s in strips]
        params = {
            "size": list(self.size),
            "rate": str(self.rate),
            "shown": shown,
            "card": card,
            "light": list(self.light),
            "quality": QUALITY,
        }
        return key("clip", VERSION, params, [strip.episode.sha256 for strip in strips])  # type: ignore[arg-type]


def pieces(timeline: Timeline, rendition: Rendition, episodes: Mapping[str, Episode]) -> tuple[Piece, ...]:
    """The pieces that make a timeline's picture, in order: each clip's mixed frames at its head, if any, and its rest; the card
    where it stands.

    A RenderError says which episode is missing or shorter than the timeline asks.
    """
    found: list[Piece] = []
    tail: Strip | None = None
    lent = {clip.into.start: clip.mixed for clip in timeline.clips}
    for clip in timeline.parts:
        if isinstance(clip, Card):
            card = replace(clip, into=Span(0, len(clip.into)))
            found.append(_lit(Piece(rendition.size, timeline.rate, card=card), clip.into.start, timeline))
            continue
        episode = episodes.get(clip.episode)
        if episode is None or clip.span.stop > episode.frames:
            held = "is not there" if episode is None else f"holds {episode.frames} frames"
            asked = f"frames {clip.span.start} to {clip.span.stop} of {clip.episode} are asked"
            raise RenderError(f"{timeline.id}: {asked}, but it {held}")
        shown = source_frames(clip, episode, timeline.rate, after=lent.get(clip.into.stop, 0))
        framing = frame_for(episode, rendition.size, clip.centre)
        length = len(clip.into)
        if clip.mixed and tail:
            head = Strip(episode, shown[: clip.mixed], framing)
            found.append(_lit(Piece(rendition.size, timeline.rate, head, tail), clip.into.start, timeline))
        if clip.mixed < length:
            rest = Strip(episode, shown[clip.mixed : length], framing)
            found.append(_lit(Piece(rendition.size, timeline.rate, rest), clip.into.start + clip.mixed, timeline))
        tail = Strip(episode, shown[length:], framing)
    return tuple(found)


def encode(piece: Piece, path: Path) -> None:
    """Writes a piece as H.264 High in MP4: yuv420p, BT.709, first frame a key picture, closed groups of 2 s at most, 2 B-frames.

    The same piece gives the same bytes. A RenderError if the file cannot be written, a MediaError if a source cannot be read.
    """
    from av.error import FFmpegError

    try:
        count = _write(piece, path)
    except FFmpegError as error:
        raise RenderError(f"a piece of {len(piece)} frames could not be written to {path.parent} ({error.strerror})") from error
    if count != len(piece):
        raise RenderError(f"a piece of {len(piece)} frames was asked for, {count} could be made")


def _write(piece: Piece, path: Path) -> int:
    """Encodes the piece's frames and counts them."""
    import av

    base = 1 / piece.rate
    with av.open(str(path), "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=piece.rate, options={**QUALITY, "g": str(round(2 * piece.rate))})
        stream.width, stream.height, stream.pix_fmt = *piece.size, "yuv420p"
        context = stream.codec_context
        context.time_base = stream.time_base = base
        context.color_primaries = context.color_trc = context.colorspace = context.color_range = 1  # BT.709, limited range
        count = 0
        for frame in _frames(piece):
            frame.pts, frame.time_base, frame.pict_type = count, base, 0
            file.mux(stream.encode(frame))
            count += 1
        file.mux(stream.encode(None))
    return count


def _frames(piece: Piece) -> "Iterator[av.VideoFrame]":
    """The piece's frames in yuv420p at its size."""
    shown = _strip(piece.strip, piece.size) if piece.strip else _card(piece)
    under = _strip(piece.under, piece.size) if piece.under else None
    count = len(piece)
    for n, frame in enumerate(shown):
        if under:
            frame = _mix(next(under), frame, LIGHT * (n + 1) // (count + 1))
        if piece.light and piece.light[n] < LIGHT:
            frame = _mix(None, frame, piece.light[n])
        yield frame


def _card(piece: Piece) -> "Iterator[av.VideoFrame]":
    import av

    assert piece.card
    reshape: _Graph | None = None
    for picture in titles.card_frames(piece.card, piece.size, piece.rate):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        reshape = reshape or _Graph(frame, Framing((0, 0, *piece.size), (0, 0, *piece.size)), piece.size)
        yield reshape(frame)


def _strip(strip: Strip, size: tuple[int, int]) -> "Iterator[av.VideoFrame]":
    """Decodes once from the first picture to the last; one that is shown twice or not at all costs no second decoding."""
    reshape: _Graph | None = None
    wanted = iter(strip.frames)
    want = next(wanted, None)
    span = Span(strip.frames[0], strip.frames[-1] + 1)
    for number, frame in enumerate(video_frames(strip.episode, span), span.start):
        if number != want:
            continue
        reshape = reshape or _Graph(frame, strip.framing, size)
        made = reshape(frame)
        while number == want:
            yield made
            want = next(wanted, None)


class _Graph:
    """libavfilter's graph that brings a source's frames into a framing, in BT.709."""

    def __init__(self, first: "av.VideoFrame", framing: Framing, size: tuple[int, int]) -> None:
        import av

        self._graph = graph = av.filter.Graph()
        source = graph.add_buffer(
            width=first.width, height=first.height, format=first.format, time_base=Fraction(1, 1000), name="in"
        )
        matrix = "auto"
        if first.colorspace == 2 and not first.format.is_rgb:  # unspecified: by size, as players do (ITU-T H.273 leaves it open)
            matrix = "bt709" if first.height >= 720 or first.width >= 1280 else "bt601"
        colour = f"in_color_matrix={matrix}:out_color_matrix=bt709:out_range=tv"
        x, y, w, h = framing.crop
        left, top, width, height = framing.place
        scale = f"{width}:{height}:flags=lanczos:{colour}"
        sharp = [("crop", f"{w}:{h}:{x}:{y}"), ("scale", scale), ("format", "yuv420p")]
        end = [("setsar", "1"), ("buffersink", "")]
        if framing.ground is None:
            self._chain(source, 0, sharp + end)
            return
        gx, gy, gw, gh = framing.ground
        small = max(2, size[0] // 20 // 2 * 2), max(2, size[1] // 20 // 2 * 2)
        soft = [
            ("crop", f"{gw}:{gh}:{gx}:{gy}"),
            ("scale", f"{small[0]}:{small[1]}:flags=area:{colour}"),
            ("format", "yuv420p"),
            ("gblur", "sigma=2.5"),
            ("lutyuv", "y=(val-16)*0.72+16"),
            ("scale", f"{size[0]}:{size[1]}:flags=bicubic"),
        ]
        split = graph.add("split", "2")
        source.link_to(split)
        under = self._chain(split, 0, soft)
        over = self._chain(split, 1, sharp)
        lay = graph.add("overlay", f"{left}:{top}:format=yuv420")
        under.link_to(lay, 0, 0)
        over.link_to(lay, 0, 1)
        self._chain(lay, 0, [("format", "yuv420p"), *end])

    def _chain(self, node: "FilterContext", pad: int, chain: list[tuple[str, str]]) -> "FilterContext":
        for number, (name, options) in enumerate(chain):
            made = self._graph.add(name, options) if options else self._graph.add(name)
            node.link_to(made, pad if number == 0 else 0, 0)
            node = made
        return node

    def __call__(self, frame: "av.VideoFrame") -> "av.VideoFrame":
        frame.pts, frame.time_base = getattr(self, "_at", 0), Fraction(1, 1000)
        self._at = frame.pts + 1
        self._graph.vpush(frame)
        return self._graph.vpull()


def _mix(under: "av.VideoFrame | None", over: "av.VideoFrame", level: int) -> "av.VideoFrame":
    """`level` of 256 parts of `over`, the rest of `under` or of black."""
    import av

    top = over.to_ndarray().astype(np.uint16)
    if under is not None:
        bottom = under.to_ndarray().astype(np.uint16)
    else:
        bottom = np.full_like(top, 128)
        bottom[: over.height] = 16
    mixed = (top * level + bottom * (LIGHT - level) + LIGHT // 2) // LIGHT
    return av.VideoFrame.from_ndarray(mixed.astype(np.uint8), format="yuv420p")


def _lit(piece: Piece, at: int, timeline: Timeline) -> Piece:
    """The piece with the light of a timeline's fades, when its first frame stands at `at`."""
    light = tuple(
        LIGHT * min(Fraction(1), Fraction(n + 1, timeline.fade_in + 1), Fraction(timeline.frames - n, timeline.fade_out + 1)) // 1
        for n in range(at, at + len(piece))
    )
    return replace(piece, light=light) if any(level < LIGHT for level in light) else piece


def _runs(frames: tuple[int, ...]) -> list[int]:
    """The frames as they are, or first and last where they follow one another."""
    first, last = frames[0], frames[-1]
    return [first, last] if frames == tuple(range(first, last + 1)) else list(frames)
