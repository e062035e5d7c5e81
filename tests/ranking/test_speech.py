"""Sentences are heard whole, and an exchange is offered where it makes sense alone."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailers.features.dialogue import Line
from trailers.features.span import Span
from trailers.ranking.choice.speech import CLOSE, MOST, SET, Sentence, exchanges, sentences

RATE = 24.0


def said(*lines: tuple[str, int, int], speaker: str = "") -> tuple[Line, ...]:
    return tuple(Line(text, Span(start, stop), speaker=speaker) for text, start, stop in lines)


def texts(lines: tuple[Line, ...]) -> list[str]:
    return [each.text for each in sentences(lines, RATE)]


def found(*lines: tuple[str, int, int], cuts: tuple[int, ...] = ()) -> set[str]:
    heard = sentences(said(*lines), RATE, cuts)
    return {" ".join(each.text for each in heard[first : last + 1]) for first, last in exchanges(heard, RATE, cuts)}


def test_a_line_that_goes_on_with_the_one_before_is_one_sentence_with_it() -> None:
    assert texts(said(("We went up the hill,", 0, 20), ("and came down again.", 24, 50), ("Why?", 60, 70))) == [
        "We went up the hill, and came down again.",
        "Why?",
    ]
    assert len(texts(said(("It was late.", 0, 20), ("and cold.", 24, 50)))) == 2
    assert len(texts(said(("We went up the hill,", 0, 20), ("and came down.", 50, 70)))) == 2, "a second later"
    spoken = (Line("I think", Span(0, 20), speaker="ANN"), Line("not at all", Span(22, 40), speaker="BOB"))
    assert len(texts(spoken)) == 2


def test_lines_that_are_spoken_at_once_are_one() -> None:
    (both,) = sentences(said(("Yes!", 10, 30), ("No!", 20, 40)), RATE)
    assert (both.span, both.text) == (Span(10, 40), "Yes! No!")


def test_a_line_set_on_a_cut_loses_what_touches_it() -> None:
    spans = [each.span for each in sentences(said(("One.", 48, 70), ("Two.", 75, 95), ("Three.", 130, 150)), RATE, (48, 96, 140))]
    assert spans == [Span(48 + SET, 70), Span(75, 96 - SET), Span(130, 150)]


def test_an_answered_question_makes_sense_alone() -> None:
    assert found(("Where is he?", 0, 20), ("He left.", 30, 50)) == {"Where is he? He left."}
    assert found(("He is here.", 0, 20), ("He left.", 30, 50)) == set(), "nothing says that two speak"
    assert found(("He is here.", 0, 20), ("He left.", 30, 50), cuts=(25,)) == {"He is here. He left."}
    assert found(("Where is he?", 0, 20), ("He left.", 70, 90)) == set(), "two seconds later"


def test_names_tell_that_two_speak() -> None:
    heard = (Sentence(Span(0, 20), "He is here.", "ANN"), Sentence(Span(30, 50), "He left.", "BOB"))
    assert list(exchanges(heard, RATE)) == [(0, 1)]


@pytest.mark.parametrize(
    ("lines", "missing"),
    [
        ((("Where is he?", 0, 20), ("Who asks?", 26, 40), ("His mother.", 46, 60)), "Where is he? Who asks?"),
        ((("Where is he?", 0, 20), ("Gone.", 26, 40), ("For good?", 46, 60)), "Gone. For good?"),
        ((("Is he?", 0, 20), ("I think that...", 26, 40)), "Is he? I think that..."),
        ((("...is he?", 0, 20), ("He is.", 26, 40)), "...is he? He is."),
        ((("Is he?", 0, 20), ("He is.", 44, 60), ("Really.", 66, 80)), "Is he? He is."),
    ],
    ids=[
        "an answer is waited for",
        "an answer without its question",
        "broken off",
        "begun before",
        "a longer pause inside than after",
    ],
)
def test_what_needs_more_to_be_understood_is_not_offered(lines: tuple[tuple[str, int, int], ...], missing: str) -> None:
    assert missing not in found(*lines)


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 60), st.booleans()), min_size=1, max_size=8),
    st.lists(st.integers(1, 600), max_size=4),
)
def test_sentences_keep_their_order_and_exchanges_their_bounds(spoken: list[tuple[int, int, bool]], cuts: list[int]) -> None:
    at, lines = 0, []
    for n, (gap, length, asks) in enumerate(spoken):
        lines.append((f"Line {n}{'?' if asks else '.'}", at + gap, at + gap + length))
        at += gap + length
    heard = sentences(said(*lines), RATE, sorted(set(cuts)))
    assert [each.text for each in heard] == [text for text, _, _ in lines]
    for each, (_, start, stop) in zip(heard, lines, strict=True):
        assert start <= each.span.start <= start + SET
        assert stop - SET <= each.span.stop <= stop
    for first, last in exchanges(heard, RATE, sorted(set(cuts))):
        assert 1 <= last - first < MOST
        inner = heard[first : last + 1]
        assert all(b.span.start - a.span.stop <= CLOSE * RATE for a, b in pairwise(inner))
