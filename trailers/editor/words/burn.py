"""Burnt-in captions: broken for a shape, and standing where a platform's buttons do not."""

from dataclasses import replace
from math import floor

from trailers.editor.profile import Clear, Profile
from trailers.editor.timeline import Caption, Overlay, Timeline
from trailers.editor.words.breaks import pages
from trailers.editor.words.captions import paged
from trailers.features.span import Span, to_frames

POINTS, PITCH, ROWS = 0.05, 1.25, 3  # an em, a share of the shorter side; from row to row, ems; the most rows there is room for
MARGIN, COLUMN = 0.03, 0.5  # a plate's margin at either side, a share of the shorter side; what a letter takes on average, ems
INK, GROUND = "#ffffff", "#000000"  # a contrast of 21: WCAG 2.2 AA asks 4.5


def burnt(timeline: Timeline, profile: Profile, shape: str) -> tuple[Overlay, ...]:
    """The captions as overlays of one shape, where the profile asks for them to be burnt in; else none.

    A caption too wide for what is clear in the shape takes as many pages as it needs, each `reading.least` at least; where its
    time does not allow that, three rows. Over cards there are none: they have words of their own.
    """
    if profile.captions not in ("burnt", "both"):
        return ()
    most = min(profile.reading.columns, columns(profile.sizes[shape], profile.kept(shape)))
    reading = replace(profile.reading, columns=most)
    least = to_frames(reading.least, timeline.rate)
    found: list[Overlay] = []
    for caption in sorted(timeline.captions, key=lambda caption: caption.into):
        count = len(pages(caption.text, reading))
        fits = reading if count == 1 or len(caption.into) >= count * (least + reading.gap) else replace(reading, rows=ROWS)
        for page in paged(caption, timeline.rate, fits):
            found += (Overlay(tuple(page.text.split("\n")), into, INK, GROUND, "caption") for into in _over_clips(page, timeline))
    return tuple(found)


def points(size: tuple[int, int]) -> int:
    """An em of a caption's letters, in pixels."""
    return round(POINTS * min(size))


def room(size: tuple[int, int], clear: Clear) -> tuple[int, int, int, int]:
    """Where captions stand in a picture of (width, height), as left, top, width, height: three rows above what is kept clear."""
    width, height = size
    left, right = round(width * clear.left), round(width * (1 - clear.right))
    bottom, high = round(height * (1 - clear.bottom)), round(ROWS * PITCH * points(size) + MARGIN * min(size))
    return left, max(round(height * clear.top), bottom - high), right - left, min(high, bottom - round(height * clear.top))


def columns(size: tuple[int, int], clear: Clear) -> int:
    """How many letters of usual width a row of that room holds."""
    return max(8, floor((room(size, clear)[2] - 2 * MARGIN * min(size)) / (COLUMN * points(size))))


def _over_clips(caption: Caption, timeline: Timeline) -> tuple[Span, ...]:
    """The frames of a caption that are a clip's, cards left out."""
    parts = [Span(caption.into.start, caption.into.stop)]
    for card in timeline.cards:
        parts = [
            Span(start, stop)
            for part in parts
            for start, stop in ((part.start, min(part.stop, card.into.start)), (max(part.start, card.into.stop), part.stop))
            if start < stop
        ]
    return tuple(parts)
