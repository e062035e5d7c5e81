"""The distinct pieces that a timeline is made of, each encoded once for a rendition so that they join by stream copy."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import floor
from pathlib import Path
from types import MappingProxyType

from trailers.editor.picture import joints
from trailers.editor.picture.encode import encode
from trailers.editor.picture.frames import source_frames
from trailers.editor.picture.piece import LIGHT, Blend, Board, Piece, Shown, Strip, Words
from trailers.editor.picture.reframe import frame_for
from trailers.editor.profile import Rendition
from trailers.editor.timeline import Card, Clip, Overlay, Timeline
from trailers.errors import RenderError
from trailers.features.media import Episode
from trailers.features.span import Span

__all__ = ["Blend", "Board", "Piece", "Strip", "Words", "encode", "pieces"]


def pieces(
    timeline: Timeline,
    rendition: Rendition,
    episodes: Mapping[str, Episode],
    overlays: Sequence[Overlay] = (),
    files: Mapping[str, Path] = MappingProxyType({}),
) -> tuple[Piece, ...]:
    """The pieces that make a timeline's picture, in order.

    A clip or a card is one piece; parted where its joint's mixed frames end and where words over it begin and end, so that a
    joint costs its own frames and a changed caption its own. Words are the timeline's overlays and `overlays` (captions that
    are burnt in), kept within what the rendition leaves them; `files` holds the fonts that a person gave, by sha256.

    A RenderError says which episode is missing or shorter than the timeline asks, or which font was not given.
    """
    over = (*timeline.overlays, *overlays)
    found: list[Piece] = []
    before: Shown | None = None
    parts = timeline.parts
    for part, following in zip(parts, (*parts[1:], None), strict=True):
        lent = following.mixed if isinstance(following, Clip) else 0
        shown = _shown(part, lent, timeline, rendition, episodes)
        mixed = part.mixed if isinstance(part, Clip) and before else 0
        for start, stop in _borders(part.into, mixed, over):
            at, end = start - part.into.start, stop - part.into.start
            blend = None
            if at < mixed and before and isinstance(part, Clip):
                colour = joints.ground(part.joint, timeline)
                blend = Blend(part.joint, at, mixed, before.part(at, end), colour)
            words = tuple(
                Words(replace(each, into=Span(0, len(each.into))), start - each.into.start)
                for each in over
                if each.into.start <= start < each.into.stop
            )
            light = _light(start, stop, timeline)
            fonts = _fonts((part, *(each.overlay for each in words)), files, timeline)
            found.append(Piece(rendition.size, timeline.rate, shown.part(at, end), blend, words, light, rendition.clear, fonts))
        before = shown.part(len(part.into), len(part.into) + lent) if lent else None
    return tuple(found)


def _shown(part: Clip | Card, lent: int, timeline: Timeline, rendition: Rendition, episodes: Mapping[str, Episode]) -> Shown:
    """What a clip or a card shows from its first frame to the last that it lends to the joint after it."""
    if isinstance(part, Card):
        return Board(replace(part, into=Span(0, len(part.into))), 0, len(part.into) + lent)
    episode = episodes.get(part.episode)
    if episode is None or part.span.stop > episode.frames:
        held = "is not there" if episode is None else f"holds {episode.frames} frames"
        asked = f"frames {part.span.start} to {part.span.stop} of {part.episode} are asked"
        raise RenderError(f"{timeline.id}: {asked}, but it {held}")
    framing = frame_for(episode, rendition.size, part)
    return Strip(episode, source_frames(part, episode, timeline.rate, after=lent), framing)


def _borders(into: Span, mixed: int, over: Sequence[Overlay]) -> list[tuple[int, int]]:
    """The spans of a part's pieces: borders at its ends, where its joint ends, where words begin and end within it."""
    edges = {into.start, into.start + mixed, into.stop}
    edges |= {edge for each in over for edge in (each.into.start, each.into.stop) if into.start < edge < into.stop}
    return list(pairwise(sorted(edges)))


def _light(start: int, stop: int, timeline: Timeline) -> tuple[int, ...]:
    """The levels of a timeline's fades over its frames start to stop; nothing where none touches them."""
    fades = (
        min(Fraction(n + 1, timeline.fade_in + 1), Fraction(timeline.frames - n, timeline.fade_out + 1))
        for n in range(start, stop)
    )
    light = tuple(floor(LIGHT * min(share, Fraction(1))) for share in fades)
    return light if any(level < LIGHT for level in light) else ()


def _fonts(
    written: "Sequence[Clip | Card | Overlay]", files: Mapping[str, Path], timeline: Timeline
) -> tuple[tuple[str, Path], ...]:
    """The files of the fonts that words ask for, by sha256."""
    fonts = {words.font.sha256: words.font for words in written if not isinstance(words, Clip) and words.font}
    if absent := [font.name for sha256, font in fonts.items() if sha256 not in files]:
        raise RenderError(f"{timeline.id}: its words are set in {', '.join(absent)}, which was not given; give the font's file")
    return tuple((sha256, files[sha256]) for sha256 in sorted(fonts))
