"""Text set into a room."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trailers.editor.words.blocks import LEAST, Block, broken, fitted, rows
from trailers.editor.words.fonts import fonts_for

FONTS = fonts_for(["Night"])
CJK = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
needs_cjk = pytest.mark.skipif(not CJK.is_file(), reason="no font with Chinese and Japanese is installed")


def texts(text: str, ems: float) -> tuple[str, ...]:
    return broken(text, fonts_for([text]), ems)[0]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text("abcdefgh", min_size=1, max_size=9), min_size=1, max_size=20))
def test_all_words_stand_in_their_order_and_no_line_is_too_long(words: list[str]) -> None:
    lines, whole = broken(" ".join(words), FONTS, 10.0)
    assert whole
    assert " ".join(lines) == " ".join(words)
    assert max(line.width for line in rows(lines, FONTS, 100, (10**6, 10**6)).lines) <= 1005


def test_lines_are_even() -> None:
    assert texts("one two three four five six", 9.5) == ("one two three", "four five six")


def test_a_line_ends_where_a_reader_pauses() -> None:
    assert texts("Wait for me, I will come back", 11.0) == ("Wait for me,", "I will come back")


def test_a_word_too_long_for_a_line_is_broken_between_letters_and_said_to_be() -> None:
    lines, whole = broken("Donaudampfschifffahrt", FONTS, 6.0)
    assert not whole
    assert "".join(lines) == "Donaudampfschifffahrt"
    assert len(lines) == 2


def test_a_marked_letter_is_never_torn() -> None:
    lines, _ = broken("क्षत्रियक्षत्रियक्षत्रिय", FONTS, 4.0)
    assert len(lines) > 1
    assert all(line[0] in "क्षतय" and line[0] not in "्ि" for line in lines)


def test_a_line_may_end_after_a_hyphen() -> None:
    assert texts("twenty-five-thousand", 7.0) == ("twenty-five-", "thousand")


def test_a_zero_width_space_is_a_place_to_break_and_is_not_seen() -> None:
    lines, whole = broken("Donau\u200bdampf\u200bschiff", FONTS, 6.5)
    assert whole
    assert [line.strip("\u200b") for line in lines] == ["Donau", "dampf\u200bschiff"]
    seen, plain = rows(("Donau\u200bdampf",), FONTS, 64, (999, 999)), rows(("Donaudampf",), FONTS, 64, (999, 999))
    assert seen.width == pytest.approx(plain.width, abs=1)


@pytest.mark.parametrize("ems", range(2, 8))
def test_writing_without_blanks_breaks_between_letters_but_never_before_what_closes(ems: int) -> None:
    """Where a line may end does not depend on the font: here it draws a box for every letter."""
    lines, whole = broken("「長い夜の物語」、そして朝が来るまで。", FONTS, ems)
    assert whole
    assert len(lines) > 1
    assert "".join(lines) == "「長い夜の物語」、そして朝が来るまで。"
    assert not any(line[0] in "」、。" or line[-1] == "「" for line in lines)


def test_korean_breaks_between_words() -> None:
    assert all(line in ("아주", "긴밤의", "이야기", "아주 긴밤의") for line in broken("아주 긴밤의 이야기", FONTS, 3)[0])


@needs_cjk
def test_a_japanese_title_ends_its_line_where_a_reader_pauses() -> None:
    assert texts("長い夜の物語、そして朝が来るまで", 11) == ("長い夜の物語、", "そして朝が来るまで")


@pytest.mark.parametrize("text", ["Night", "The Long Night of a Very Big Bunny", "x" * 500, "long title " * 45, "Ä" * 40])
@pytest.mark.parametrize("room", [(256, 144), (144, 256), (1024, 360)])
def test_a_block_fits_its_room(text: str, room: tuple[int, int]) -> None:
    block: Block = fitted(text.strip(), FONTS, 94, room)
    assert block.points >= LEAST
    assert block.width <= room[0] + 1
    assert block.height <= room[1] or block.points == LEAST


def test_no_word_is_torn_while_letters_are_large() -> None:
    assert fitted("Donaudampfschifffahrt", FONTS, 94, (500, 300)).points < 94
    assert len(fitted("Donaudampfschifffahrt", FONTS, 94, (500, 300)).lines) == 1


def test_rows_that_are_broken_already_stay_and_shrink_together() -> None:
    block = rows(("I told you, Chip: the train", "never stops"), FONTS, 40, (300, 200))
    assert len(block.lines) == 2
    assert block.width <= 300
    assert block.points < 40


def test_lines_stand_further_apart_where_letters_are_tall() -> None:
    plain, tall = rows(("Night",), FONTS, 100, (999, 999)), rows(("Ẫg",), FONTS, 100, (999, 999))
    assert plain.pitch == 125
    assert tall.pitch == tall.above + tall.below
    assert tall.pitch > 125
