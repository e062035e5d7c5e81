"""Captions: lines moved with their clips, broken for reading, written as WebVTT."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from trailers.editor.timeline import Caption, Clip
from trailers.editor.words.captions import captions_for, wrap
from trailers.features.dialogue import Line
from trailers.features.span import Span

RATE = Fraction(24)
LONG = (
    "We were told that nobody had ever come back from there, and still the three of us went, with a rope, a lamp and half a cake."
)


def clip(span: tuple[int, int], at: int, episode: str = "e1", length: int | None = None) -> Clip:
    return Clip(f"{episode}/0", episode, Span(*span), Span(at, at + (length or span[1] - span[0])))


def test_moves_a_line_as_far_as_its_clip_moved() -> None:
    lines = {"e1": (Line("Run!", Span(130, 160)),)}
    assert captions_for([clip((0, 50), 0, "e2"), clip((100, 200), 50)], lines, {"e1": RATE, "e2": RATE}, RATE) == (
        Caption("Run!", Span(80, 110)),
    )


def test_moves_by_time_between_rates() -> None:
    lines = {"e1": (Line("Run!", Span(160, 210)),)}  # 1.2 s to 2.2 s into the clip
    found = captions_for([clip((100, 250), 10, length=72)], lines, {"e1": Fraction(50)}, RATE)
    assert found == (Caption("Run!", Span(10 + 29, 10 + 53)),)


def test_a_line_runs_on_over_the_cut_in_a_run_of_shots() -> None:
    lines = {"e1": (Line("Where have you been?", Span(135, 165)),)}
    found = captions_for([clip((100, 150), 0), clip((150, 200), 50)], lines, {"e1": RATE}, RATE)
    assert found == (Caption("Where have you been?", Span(35, 65)),)
    apart = captions_for([clip((100, 150), 0), clip((152, 200), 50)], lines, {"e1": RATE}, RATE)
    assert [caption.into for caption in apart] == [Span(30, 50)]


def test_leaves_out_lines_that_are_not_heard_and_scraps_of_lines() -> None:
    lines = {"e1": (Line("before", Span(0, 90)), Line("a scrap is heard", Span(70, 110)), Line("after", Span(200, 240)))}
    assert captions_for([clip((100, 200), 0)], lines, {"e1": RATE}, RATE) == ()


def test_stays_inside_its_clip() -> None:
    lines = {"e1": (Line("half heard", Span(180, 215)), Line("begun before", Span(80, 140)))}
    assert captions_for([clip((100, 200), 0)], lines, {"e1": RATE}, RATE) == (
        Caption("begun before", Span(0, 40)),
        Caption("half heard", Span(80, 100)),
    )


def test_shows_a_short_line_long_enough_to_be_read() -> None:
    lines = {"e1": (Line("No.", Span(150, 156)), Line("Yes.", Span(196, 200)))}
    assert [caption.into for caption in captions_for([clip((100, 200), 0)], lines, {"e1": RATE}, RATE)] == [
        Span(50, 70),
        Span(80, 100),
    ]


def test_a_quick_line_stays_until_it_is_read_if_nobody_else_speaks() -> None:
    quick = Line("Nobody had ever come back from there, had they?", Span(110, 140))  # 47 characters: 2.35 s at 20 a second
    after = Line("No, nobody had.", Span(170, 190))
    alone = captions_for([clip((100, 200), 0)], {"e1": (quick,)}, {"e1": RATE}, RATE)
    answered = captions_for([clip((100, 200), 0)], {"e1": (quick, after)}, {"e1": RATE}, RATE)
    assert [caption.into for caption in alone] == [Span(10, 66)]
    assert [caption.into for caption in answered] == [Span(10, 66), Span(70, 90)]


def test_gives_lines_that_begin_together_one_caption_and_parts_others_by_two_frames() -> None:
    lines = {"e1": (Line("Who is there?", Span(100, 150)), Line("Me.", Span(105, 140)), Line("Then come in.", Span(149, 190)))}
    assert captions_for([clip((100, 200), 0)], lines, {"e1": RATE}, RATE) == (
        Caption("Who is there?\nMe.", Span(0, 47)),
        Caption("Then come in.", Span(49, 90)),
    )


def test_breaks_long_text_into_captions_of_two_rows_of_42() -> None:
    found = captions_for([clip((0, 200), 0)], {"e1": (Line(LONG, Span(0, 200)),)}, {"e1": RATE}, RATE)
    assert len(found) == 2
    assert " ".join(caption.text.replace("\n", " ") for caption in found) == LONG
    assert all(len(row) <= 42 for caption in found for row in caption.text.split("\n"))
    assert found[0].into.stop == found[1].into.start - 2
    assert found[1].into.stop == 200


def test_rows_are_of_like_length_and_short_rows_stay() -> None:
    assert wrap("The quick brown fox jumps over the lazy dog today") == ("The quick brown fox jumps\nover the lazy dog today",)
    assert wrap("- Who?\n- Me.") == ("- Who?\n- Me.",)
    assert wrap("  \n ") == ()


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 120), st.sampled_from(["No.", "Who are you?", LONG])), max_size=8),
    st.integers(0, 200), st.integers(1, 200), st.sampled_from([Fraction(24), Fraction(50), Fraction(30000, 1001)]),
)  # fmt: skip
def test_no_captions_overlap_or_leave_their_clip(
    spoken: list[tuple[int, int, str]], start: int, length: int, source: Fraction
) -> None:
    lines = {"e1": tuple(Line(text, Span(first, first + count)) for first, count, text in spoken)}
    into = max(1, int(length / source * RATE))
    found = captions_for([clip((start, start + length), 7, length=into)], lines, {"e1": source}, RATE)
    edges = [edge for caption in found for edge in (caption.into.start, caption.into.stop)]
    assert edges == sorted(edges)
    assert all(7 <= edge <= 7 + into for edge in edges)
    assert all(row.strip() and len(row) <= 42 for caption in found for row in caption.text.split("\n"))
