"""The order in which a line's letters are seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailers.editor.words.bidi import direction, levels, runs

LETTERS = st.text("ab אבג أب 12 ٣.,:%$-+()[]!\u0301", max_size=14)


def seen(text: str, base: int | None = None) -> str:
    """The letters from the left to the right, brackets as they are written."""
    found = levels(text, direction(text) if base is None else base)
    return "".join(text[a:b] if found[a] % 2 == 0 else text[a:b][::-1] for a, b in runs(found))


@pytest.mark.parametrize(("text", "base"), [("Night", 0), ("(12) Night", 0), ("אב", 1), ("12 أب cd", 1), ("", 0), ("12", 0)])
def test_a_paragraph_runs_as_its_first_letter_does(text: str, base: int) -> None:
    assert direction(text) == base


@pytest.mark.parametrize(
    ("text", "visual"),
    [
        ("Night 12", "Night 12"),
        ("אבג", "גבא"),
        ("אב 12 ג", "ג 12 בא"),  # numbers run from the left in writing that runs from the right
        ("אב 1.5% ג", "ג 1.5% בא"),
        ("أب 3-4", "4-3 بأ"),  # a hyphen between Arabic numbers parts them (they are numbers of Arabic: W2, W4)
        ("ab אב cd", "ab בא cd"),
        ("אב (cd) 2", "2 )cd( בא"),  # brackets take the paragraph's direction and are mirrored when drawn (N0)
        ("ab (אב) c", "ab (בא) c"),
        ("אב!", "!בא"),
        ("ab אב!", "ab בא!"),
    ],
)
def test_letters_stand_as_unicodes_algorithm_says(text: str, visual: str) -> None:
    """As the unicode-bidi crate orders them."""
    assert seen(text) == visual


@given(LETTERS, st.sampled_from([0, 1]))
def test_every_letter_is_seen_once(text: str, base: int) -> None:
    found = levels(text, base)
    assert len(found) == len(text)
    assert sorted(at for a, b in runs(found) for at in range(a, b)) == list(range(len(text)))


@given(st.text("abc, .()12"))
def test_writing_from_the_left_alone_stands_as_it_is_written(text: str) -> None:
    assert seen(text, 0) == text


@given(st.text("אבג ,.!", max_size=12))
def test_writing_from_the_right_alone_is_turned_round(text: str) -> None:
    assert seen(text, 1) == text[::-1]
