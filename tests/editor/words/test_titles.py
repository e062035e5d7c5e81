"""The title card."""

from fractions import Fraction

import numpy as np
import pytest

from trailers.editor.timeline import Card
from trailers.editor.words.titles import card_frames, font_for
from trailers.errors import RenderError
from trailers.features.span import Span

SIZE = (320, 180)


def drawn(*lines: str, frames: int = 30, size: tuple[int, int] = SIZE) -> list[np.ndarray]:
    return list(card_frames(Card(lines, Span(100, 100 + frames), "#102040", "#f0f0ff"), size, Fraction(24)))


def ink(picture: np.ndarray) -> np.ndarray:
    """Where something stands on the ground."""
    apart: np.ndarray = np.abs(picture.astype(int) - (0x10, 0x20, 0x40)).sum(axis=2)
    return apart > 60


def test_draws_as_many_frames_as_the_card_lasts_in_its_size() -> None:
    frames = drawn("The Long Night", "Watch the series")
    assert len(frames) == 30
    assert {frame.shape for frame in frames} == {(180, 320, 3)}
    assert {frame.dtype for frame in frames} == {np.dtype(np.uint8)}


def test_words_come_up_gently_on_the_cards_ground_and_then_stand_still() -> None:
    frames = drawn("The Long Night", "Watch the series")
    assert np.array_equal(frames[0], np.broadcast_to(np.array((0x10, 0x20, 0x40), np.uint8), (180, 320, 3)))
    light = [frame.astype(int).sum() for frame in frames[:20]]
    assert light == sorted(light)
    assert np.array_equal(frames[20], frames[-1])
    assert frames[-1].max() >= 0xF0


def test_the_same_card_is_the_same_pictures() -> None:
    assert all(np.array_equal(one, other) for one, other in zip(drawn("A", "B"), drawn("A", "B"), strict=True))


@pytest.mark.parametrize("size", [(320, 180), (180, 320)])
@pytest.mark.parametrize(
    "title", ["Night", "The Long Night of a Very Big Bunny", "x" * 500, "a long title that goes on " * 20, "ÅÉgjpq"]
)
def test_any_title_stays_inside_the_picture(title: str, size: tuple[int, int]) -> None:
    last = ink(drawn(title, "Watch the series", size=size)[-1])
    assert last.any()
    rows, columns = np.flatnonzero(last.any(axis=1)), np.flatnonzero(last.any(axis=0))
    assert rows[0] >= size[1] * 0.04
    assert rows[-1] < size[1] * 0.96
    assert columns[0] >= size[0] * 0.06
    assert columns[-1] < size[0] * 0.94


def test_letters_are_whole_from_accents_to_tails() -> None:
    """A letter without a tail is as tall alone as beside letters that have one."""
    alone, beside = (ink(drawn(title)[-1]) for title in ("xxx", "xxxpÅ"))
    tall = np.flatnonzero(alone.any(axis=1))
    same = np.flatnonzero(beside[:, : beside.shape[1] // 2 - 20].any(axis=1))
    assert len(tall) == pytest.approx(len(same), abs=1)


def test_line_ends_and_odd_blanks_in_a_title_become_spaces() -> None:
    assert np.array_equal(drawn("The\nLong\tNight")[-1], drawn("The Long Night")[-1])


def test_a_card_of_empty_lines_is_still_a_card() -> None:
    assert len(drawn("", " ", frames=5)) == 5


def test_names_the_characters_that_no_font_can_draw() -> None:
    with pytest.raises(RenderError, match="\U0010fffd"):
        font_for("Night \U0010fffd")
    assert font_for("The Long Night") is None
