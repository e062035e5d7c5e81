"""Burnt-in captions: the words of the captions, broken for each shape, clear of cards and buttons."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest

from trailers.editor.profile import HOUSE, Clear, Profile
from trailers.editor.timeline import Caption, Card, Clip, Overlay, Timeline
from trailers.editor.words.breaks import columns as wide
from trailers.editor.words.burn import burnt, columns, points, room
from trailers.editor.words.palette import contrast
from trailers.features.span import Span

PHONE = Clear(top=0.1, right=0.15, bottom=0.28, left=0.05)
BURNT = replace(HOUSE, captions="burnt", clear={"vertical": PHONE})
TWO_ROWS = Caption("We were told that nobody had ever come\nback from there, and still we all went.", Span(10, 120))


def timeline(*captions: Caption) -> Timeline:
    clips = (Clip("e1/0", "e1", Span(0, 200), Span(0, 200)), Clip("e1/1", "e1", Span(300, 400), Span(260, 360)))
    card = Card(("T",), Span(200, 260), "#000000", "#ffffff")
    return Timeline("t", "s", "T", "g", Fraction(24), clips, (card,), captions=captions)


def test_a_wide_picture_keeps_the_captions_as_they_are() -> None:
    assert burnt(timeline(TWO_ROWS), BURNT, "landscape") == (
        Overlay(tuple(TWO_ROWS.text.split("\n")), TWO_ROWS.into, "#ffffff", "#000000", "caption"),
    )


def test_a_narrow_picture_turns_pages() -> None:
    found = burnt(timeline(TWO_ROWS), BURNT, "vertical")
    assert len(found) == 2
    assert " ".join(row for overlay in found for row in overlay.lines) == TWO_ROWS.text.replace("\n", " ")
    assert (found[0].into.start, found[1].into.start - found[0].into.stop, found[1].into.stop) == (10, 2, 120)


def test_a_caption_without_time_for_two_pages_takes_three_rows() -> None:
    (found,) = burnt(timeline(replace(TWO_ROWS, into=Span(10, 50))), BURNT, "vertical")
    assert len(found.lines) == 3


@pytest.mark.parametrize("shape", list(BURNT.sizes))
def test_rows_fit_what_is_clear(shape: str) -> None:
    size, clear = BURNT.sizes[shape], BURNT.kept(shape)
    left, top, width, height = room(size, clear)
    assert left >= size[0] * clear.left
    assert left + width <= size[0] * (1 - clear.right) + 1
    assert top + height <= size[1] * (1 - clear.bottom) + 1
    for overlay in burnt(timeline(TWO_ROWS), BURNT, shape):
        assert all(wide(row) <= columns(size, clear) for row in overlay.lines)
        assert len(overlay.lines) * points(size) * 1.25 <= height


def test_no_caption_lies_over_a_card() -> None:
    found = burnt(timeline(Caption("Over both.", Span(180, 230)), Caption("Over the card.", Span(232, 258))), BURNT, "square")
    assert [(overlay.lines, overlay.into) for overlay in found] == [(("Over both.",), Span(180, 200))]


def test_only_a_profile_that_asks_for_them_has_them() -> None:
    assert burnt(timeline(TWO_ROWS), replace(BURNT, captions="sidecar"), "square") == ()
    assert burnt(timeline(TWO_ROWS), replace(BURNT, captions="both"), "square")


def test_changing_one_caption_changes_its_overlays_alone() -> None:
    one, other, last = Caption("One.", Span(0, 40)), Caption("Other.", Span(50, 90)), Caption("Last.", Span(300, 340))
    before = burnt(timeline(one, other, last), BURNT, "vertical")
    after = burnt(timeline(one, replace(other, text="Another."), last), BURNT, "vertical")
    assert [number for number, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]] == [1]


def test_overlays_neither_overlap_nor_lack_contrast() -> None:
    found = burnt(timeline(TWO_ROWS, Caption("And then?", Span(122, 150))), BURNT, "vertical")
    assert all(before.into.stop < after.into.start for before, after in pairwise(found))
    assert all(contrast(overlay.ink, overlay.ground) >= 4.5 for overlay in found)


def test_the_house_burns_nothing_in() -> None:
    assert Profile.captions == "sidecar"
    assert burnt(timeline(TWO_ROWS), HOUSE, "vertical") == ()
