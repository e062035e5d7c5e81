"""Breaking words: rows and pages that fit, every word kept, broken where a reader would pause."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailers.editor.profile import Reading
from trailers.editor.words.breaks import columns, letters, pages, parted


def test_rows_that_fit_stay_as_they_were_written() -> None:
    assert pages("- Who?\n- Me.") == ("- Who?\n- Me.",)
    assert pages("  Run,\n\n  now! ") == ("Run,\nnow!",)
    assert pages("  \n ") == ()


def test_rows_are_of_like_length() -> None:
    assert pages("The quick brown fox jumps over the lazy dog today") == ("The quick brown fox jumps\nover the lazy dog today",)


def test_a_row_ends_with_a_clause_rather_than_in_the_middle() -> None:
    assert pages("If you come back again, we will have nothing to say.") == (
        "If you come back again,\nwe will have nothing to say.",
    )


def test_no_row_ends_with_an_article() -> None:
    assert pages("Nobody had told us anything about the monastery there") == (
        "Nobody had told us anything\nabout the monastery there",
    )


def test_pages_end_with_sentences() -> None:
    text = "We were told that nobody had ever come back from there. Still the three of us went, with a rope, a lamp and a cake."
    assert [page.replace("\n", " ") for page in pages(text)] == [
        "We were told that nobody had ever come back from there.",
        "Still the three of us went, with a rope, a lamp and a cake.",
    ]


def test_a_page_ends_with_a_clause_though_the_next_is_shorter() -> None:
    text = "We were told that nobody had ever come back from there, and still the three of us went."
    assert pages(text) == ("We were told that nobody\nhad ever come back from there,", "and still the three of us went.")


def test_a_reply_begins_a_row() -> None:
    assert (
        pages("- Where did you say you come from?\n- From over there.\n- I see.", Reading(columns=42, rows=2))[0].count("\n-")
        == 1
    )


def test_chinese_takes_two_columns_a_letter_and_is_broken_between_them_but_not_before_a_full_stop() -> None:
    text = "我们被告知从来没有人从那里回来过。但是我们三个人还是去了,带着一根绳子和一盏灯。"
    assert columns("回来过。") == 8
    found = pages(text, Reading(columns=32))
    assert "".join(found).replace("\n", "") == text
    assert all(columns(row) <= 32 and row[0] not in "。," for page in found for row in page.split("\n"))


def test_a_picture_letter_joined_of_several_is_whole() -> None:
    family = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"
    assert pages(family * 4, Reading(columns=12, rows=4)) == (f"{family * 2}\n{family * 2}",)


def test_korean_is_broken_between_its_words() -> None:
    text = "아무도 거기서 돌아온 적이 없다고 들었지만 우리 셋은 그래도 밧줄과 등불을 들고 갔다"
    found = pages(text, Reading(columns=32, rows=3))
    assert " ".join(found).replace("\n", " ") == text


def test_marks_that_combine_take_no_column() -> None:
    assert columns("नमस्ते") == 4
    assert columns("שָׁלוֹם") == 4
    assert letters("two\nrows") == 8


@pytest.mark.parametrize("text", ["Donaudampfschifffahrtsgesellschaftskapitänswitwe", "x" * 200])
def test_a_word_longer_than_a_row_is_broken(text: str) -> None:
    found = pages(text, Reading(columns=20))
    assert "".join(found).replace("\n", "") == text
    assert all(columns(row) <= 20 for page in found for row in page.split("\n"))


def test_words_are_parted_near_a_share_and_where_one_pauses() -> None:
    assert parted("Well, I never thought that I would see you again.", 0.1) == (
        "Well,",
        "I never thought that I would see you again.",
    )
    assert parted("No!", 0.5) is None


words = st.lists(st.text("abcdé漢字.,-", min_size=1, max_size=12), min_size=1, max_size=40).map(" ".join)


@given(words, st.integers(4, 42), st.integers(1, 3))
def test_all_words_stay_in_order_and_every_page_fits(text: str, most: int, rows: int) -> None:
    found = pages(text, Reading(columns=most, rows=rows))
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(0 < columns(row) <= most for page in found for row in page.split("\n"))
    assert all(page.count("\n") < rows for page in found)
