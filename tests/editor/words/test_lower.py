"""When a lower third stands: as long as it is read, over one clip where it can, above captions only where there are some."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailers.editor.timeline import Caption, Clip, Overlay
from trailers.editor.words.lower import COMING, GOING, clear_of, seconds_to_read, stands
from trailers.features.span import Span

RATE = Fraction(24)
BASED = "Picked for what you like to watch: music, chases"


def clips(*lengths: int, gap: int | None = None, mixed: int = 0) -> tuple[Clip, ...]:
    """Clips of these lengths, the first of the opening act; a card of a second stands before clip `gap`."""
    row: list[Clip] = []
    at = 0
    for n, length in enumerate(lengths):
        at += 24 if n == gap else 0
        slot = "build" if n else "open"
        row.append(Clip("e/0", "e", Span(0, length), Span(at, at + length), mixed=mixed if n else 0, slot=slot))
        at += length
    return tuple(row)


def test_letters_are_read_between_coming_and_going() -> None:
    assert seconds_to_read(BASED, 20.0) == pytest.approx(COMING + len(BASED) / 20 + GOING)
    assert seconds_to_read(BASED, 17.0) > seconds_to_read(BASED, 20.0)
    assert seconds_to_read("雪の夜と音楽" * 3, 8.0) == pytest.approx(COMING + 36 / 8 + GOING)  # full-width letters are two
    assert seconds_to_read("Penny", 20.0) == 2.0


def test_it_stands_over_the_longest_clip_after_the_opening_act_and_not_over_the_first_that_holds_it() -> None:
    row = clips(200, 70, 100, 60)
    assert stands(48, row, RATE) == Span(270 + 6, 270 + 6 + 48)
    assert stands(150, row, RATE).start == 200 + 6  # over a cut: the opening act is left alone as long as it may be
    assert stands(200, clips(230, 20, gap=1), RATE) == Span(6, 206)


def test_it_comes_after_the_joint_of_its_clip() -> None:
    assert stands(40, clips(50, 80, mixed=12), RATE).start == 50 + 12 + 6


def test_it_stands_where_nothing_is_said_if_it_can() -> None:
    row = clips(50, 90, 80)
    captions = [Caption("Run!", row[1].into)]
    assert stands(60, row, RATE).start == row[1].into.start + 6
    assert stands(60, row, RATE, captions).start == row[2].into.start + 6
    assert stands(75, row, RATE, captions).start == row[1].into.start + 6  # no other holds it


def test_what_no_clip_holds_goes_on_over_a_cut_and_never_over_a_card() -> None:
    assert stands(82, clips(24, 40, 30, 64), RATE) == Span(64 + 6, 64 + 6 + 82)  # over one cut, not two
    row = clips(24, 40, 70, gap=2)
    assert stands(82, row, RATE) == Span(88 + 6, 88 + 70 - 6)  # the longest that there is


@given(
    lengths=st.lists(st.integers(1, 120), min_size=1, max_size=8),
    frames=st.integers(1, 150),
    gap=st.integers(1, 7),
    said=st.lists(st.tuples(st.integers(0, 900), st.integers(1, 60)), max_size=5),
)
def test_it_is_never_cut_short_where_there_is_room(
    lengths: Sequence[int], frames: int, gap: int, said: Sequence[tuple[int, int]]
) -> None:
    row = clips(*lengths, gap=gap)
    into = stands(frames, row, RATE, [Caption("words", Span(at, at + length)) for at, length in said])
    cards = [Span(one.into.stop, other.into.start) for one, other in pairwise(row) if one.into.stop < other.into.start]
    assert 1 <= len(into) <= frames
    assert row[0].into.start <= into.start < into.stop <= row[-1].into.stop
    assert not any(card.overlap(into) for card in cards)
    if len(into) < frames:
        assert max(lengths) - 12 < frames


def test_only_what_stands_while_a_caption_is_read_is_raised() -> None:
    words, burnt = Overlay((BASED,), Span(10, 90), "#ffffff"), Overlay(("Run!",), Span(80, 95), "#ffffff", kind="caption")
    raised, caption = clear_of((words, burnt), [Caption("Run!", Span(80, 95))])
    assert (raised.raised, caption.raised) == (True, False)
    assert not clear_of((raised,), [Caption("Run!", Span(90, 95))])[0].raised
