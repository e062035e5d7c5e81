"""Captions: lines moved with their clips, and set by the rules of timed text."""

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from trailers.editor.profile import Reading
from trailers.editor.timeline import Caption, Card, Clip, Timeline
from trailers.editor.words.captions import borders, captions_for, hurried
from trailers.features.dialogue import Line
from trailers.features.media import Episode, probe
from trailers.features.span import Span

RATE = Fraction(24)
LONG = (
    "We were told that nobody had ever come back from there, and still the three of us went, with a rope, a lamp and half a cake."
)


def episode(id: str, rate: Fraction = RATE) -> Episode:
    return Episode(id, Path(f"{id}.mp4"), rate, 200000, (640, 360), Fraction(1), 0, False, (), "")


EPISODES = {"e1": episode("e1"), "e2": episode("e2")}


def clip(span: tuple[int, int], at: int, episode: str = "e1", length: int | None = None, **more: int | Fraction) -> Clip:
    return Clip(f"{episode}/0", episode, Span(*span), Span(at, at + (length or span[1] - span[0])), **more)  # type: ignore[arg-type]  # lead, trail, speed


def captions(clips: list[Clip], *lines: Line, rate: Fraction = RATE) -> list[Caption]:
    return list(captions_for(clips, {"e1": lines}, {**EPISODES, "e1": episode("e1", rate)}, RATE))


def test_moves_a_line_as_far_as_its_clip_moved() -> None:
    found = captions([clip((0, 50), 0, "e2"), clip((100, 200), 50)], Line("Run!", Span(130, 160)))
    assert found == [Caption("Run!", Span(80, 110))]


def test_moves_by_time_between_rates() -> None:
    line = Line("Run!", Span(160, 210))  # 1.2 s to 2.2 s into the clip
    assert captions([clip((100, 250), 10, length=72)], line, rate=Fraction(50)) == [Caption("Run!", Span(10 + 29, 10 + 53))]


@pytest.mark.parametrize(("speed", "length", "heard"), [(Fraction(2), 100, (15, 40)), (Fraction(1, 2), 400, (60, 160))])
def test_moves_by_time_where_a_clip_runs_faster_or_slower(speed: Fraction, length: int, heard: tuple[int, int]) -> None:
    line = Line("Run!", Span(130, 180))
    assert captions([clip((100, 300), 0, length=length, speed=speed)], line) == [Caption("Run!", Span(*heard))]


def test_moves_by_the_time_stamps_of_an_episode_of_variable_rate(numbered_film: Callable[..., Path]) -> None:
    times = [n * 40 for n in range(50)] + [2000 + n * 100 for n in range(50)]
    film = probe(numbered_film("variable.mkv", frames=100, times=times), "e1")
    assert film.variable
    line = {"e1": (Line("Run!", Span(60, 75)),)}  # 3 s to 4.5 s
    found = captions_for([clip((45, 95), 24, length=round((6.5 - 1.8) * 24))], line, {"e1": film}, RATE)
    assert found == (Caption("Run!", Span(24 + round(1.2 * 24), 24 + round(2.7 * 24))),)


def test_a_held_picture_has_no_words() -> None:
    assert captions([clip((100, 101), 0, length=100, speed=Fraction(1, 100))], Line("Run!", Span(90, 110))) == []


def test_a_line_runs_on_over_the_cut_in_a_run_of_shots() -> None:
    line = Line("Where have you been?", Span(135, 165))
    assert captions([clip((100, 150), 0), clip((150, 200), 50)], line) == [Caption("Where have you been?", Span(35, 65))]
    apart = captions([clip((100, 150), 0), clip((152, 200), 50)], line)
    assert [caption.into for caption in apart] == [Span(28, 48)]


def test_no_caption_lies_over_a_border() -> None:
    clips = (clip((100, 150), 0), clip((150, 200), 50), clip((300, 350), 124))
    plan = Timeline("t", "s", "T", "g", RATE, clips, (Card(("T",), Span(100, 124), "#000000", "#ffffff"),))
    assert plan.cuts == (50, 100, 124)
    assert borders(plan) == (100, 124)


def test_a_line_that_leads_its_picture_stands_where_more_of_it_is_heard() -> None:
    line = Line("Where have you been?", Span(180, 230))
    led = captions([clip((0, 100), 0, "e2"), clip((190, 300), 100, lead=10)], line)
    assert led == [Caption("Where have you been?", Span(100, 140))]
    early = captions([clip((0, 100), 0, "e2"), clip((220, 300), 100, lead=40)], line)
    assert early == [Caption("Where have you been?", Span(60, 98))]


def test_a_line_is_split_at_the_cut_where_both_sides_have_time() -> None:
    line = Line("Where have you been, all these years?", Span(150, 250))
    found = captions([clip((100, 200), 0, trail=50), clip((0, 100), 100, "e2")], line)
    assert found == [Caption("Where have you been,", Span(50, 98)), Caption("all these years?", Span(100, 150))]


def test_leaves_out_lines_that_are_not_heard_and_scraps_of_lines() -> None:
    lines = (Line("before", Span(0, 90)), Line("a scrap is heard", Span(70, 110)), Line("after", Span(200, 240)))
    assert captions([clip((100, 200), 0)], *lines) == []


def test_of_a_line_of_two_pages_only_the_one_that_is_heard_is_shown() -> None:
    found = captions([clip((0, 110), 0)], Line(LONG, Span(0, 200)))
    assert [caption.text.replace("\n", " ") for caption in found] == ["We were told that nobody had ever come back from there,"]


def test_of_a_line_that_is_cut_too_short_to_be_followed_the_words_that_are_heard_stand() -> None:
    line = Line("Nobody had ever come back from there, had they?", Span(60, 108))
    heard = [captions([clip(span, 0)], line)[0].text for span in ((0, 90), (84, 200), (70, 200))]
    assert heard == [
        "Nobody had ever come back from",
        "from there, had they?",
        "Nobody had ever come back\nfrom there, had they?",
    ]


def test_of_a_line_that_runs_into_what_is_hidden_only_the_words_that_are_heard_stand() -> None:
    lines = {"e1": (Line("I know who did it: it was the butler.", Span(40, 140)),)}
    whole = captions_for([clip((0, 110), 0)], lines, EPISODES, RATE)
    found = captions_for([clip((0, 110), 0)], lines, EPISODES, RATE, hidden={"e1": [Span(110, 300)]})
    assert "butler" in whole[0].text
    assert "butler" not in found[0].text
    assert found[0].text.startswith("I know who did it")


def test_stays_inside_its_clip_and_ends_two_frames_before_the_cut() -> None:
    found = captions([clip((100, 200), 0)], Line("half heard", Span(176, 215)), Line("begun before", Span(80, 140)))
    assert found == [Caption("begun before", Span(0, 40)), Caption("half heard", Span(76, 98))]


def test_shows_a_short_line_long_enough_to_be_read() -> None:
    found = captions([clip((100, 200), 0)], Line("No.", Span(150, 156)), Line("Yes.", Span(196, 200)))
    assert [caption.into for caption in found] == [Span(50, 76), Span(78, 98)]


def test_a_quick_line_stays_until_it_is_read_if_nobody_else_speaks() -> None:
    quick = Line("Nobody had ever come back from there, had they?", Span(110, 140))  # 47 characters: 2.35 s at 20 a second
    alone = captions([clip((100, 200), 0)], quick)
    answered = captions([clip((100, 200), 0)], quick, Line("No, nobody had.", Span(190, 198)))
    assert [caption.into for caption in alone] == [Span(10, 67)]
    assert [caption.into for caption in answered] == [Span(10, 76), Span(78, 98)]


def test_a_quick_line_before_a_cut_comes_three_frames_before_its_words() -> None:
    quick = Line("Nobody had ever come back from there, had they?", Span(130, 158))
    assert [caption.into for caption in captions([clip((100, 160), 0)], quick)] == [Span(27, 58)]


def test_a_quick_line_that_is_answered_at_once_shares_a_caption() -> None:
    quick, after = Line("Nobody had ever come back.", Span(110, 130)), Line("Nobody.", Span(132, 180))
    assert captions([clip((100, 200), 0)], quick, after) == [Caption("Nobody had ever come back.\nNobody.", Span(10, 80))]


def test_gives_lines_that_begin_together_one_caption_and_parts_others_by_two_frames() -> None:
    lines = (Line("Who is there?", Span(100, 150)), Line("Me.", Span(105, 140)), Line("Then come in.", Span(149, 190)))
    assert captions([clip((100, 200), 0)], *lines) == [
        Caption("Who is there?\nMe.", Span(0, 47)),
        Caption("Then come in.", Span(49, 98)),
    ]


def test_closes_a_gap_of_half_a_second_and_draws_a_beginning_to_its_cut() -> None:
    lines = (Line("Who is there?", Span(105, 130)), Line("It is me.", Span(141, 170)))
    assert [caption.into for caption in captions([clip((100, 200), 0)], *lines)] == [Span(0, 39), Span(41, 70)]


def test_breaks_long_text_into_captions_of_two_rows_of_42() -> None:
    found = captions([clip((0, 200), 0)], Line(LONG, Span(0, 200)))
    assert len(found) == 2
    assert " ".join(caption.text.replace("\n", " ") for caption in found) == LONG
    assert all(len(row) <= 42 for caption in found for row in caption.text.split("\n"))
    assert found[0].into.stop == found[1].into.start - 2
    assert found[1].into.stop == 198


def test_no_caption_stays_longer_than_seven_seconds() -> None:
    found = captions([clip((0, 400), 0)], Line("A long song.", Span(10, 390)))
    assert [caption.into for caption in found] == [Span(10, 10 + 7 * 24)]


def test_every_page_stays_long_enough_where_there_is_the_time() -> None:
    text = f"{'Nobody had ever come back from there, never. ' * 2}No."
    found = captions([clip((0, 100), 0)], Line(text, Span(0, 60)))
    assert len(found) == 2
    assert all(len(caption.into) >= 20 for caption in found)


def test_other_rules_are_kept_as_well() -> None:
    reading = Reading(columns=20, rows=1, speed=10, gap=4)
    found = captions_for(
        [clip((0, 200), 0)], {"e1": (Line("I have never seen him before.", Span(20, 60)),)}, EPISODES, RATE, reading
    )
    assert [caption.text for caption in found] == ["I have never", "seen him before."]
    assert (found[0].into.start, found[1].into.start - found[0].into.stop) == (20, 4)
    assert found[1].into.stop == 20 + 70  # 29 letters at 10 a second


def test_names_captions_that_nobody_can_follow() -> None:
    slow, fast = Caption("No.", Span(0, 24)), Caption("Nobody had ever come back from there.", Span(30, 60))
    plan = Timeline("t", "s", "T", "g", RATE, (clip((0, 100), 0),), captions=(slow, fast))
    assert hurried(plan) == (fast,)


@example([(0, 61, LONG), (36, 8, "No.")], 0, 92, Fraction(50), 2, 0, Fraction(2))
@settings(deadline=None)  # the first breaking of a text is slower than those that follow
@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 120), st.sampled_from(["No.", "Who are you?", LONG])), max_size=8),
    st.integers(0, 200), st.integers(1, 200), st.sampled_from([Fraction(24), Fraction(50), Fraction(30000, 1001)]),
    st.integers(0, 30), st.integers(0, 30), st.sampled_from([Fraction(1), Fraction(2), Fraction(1, 2)]),
)  # fmt: skip
def test_captions_keep_their_gaps_and_lie_over_no_cut(
    spoken: list[tuple[int, int, str]], start: int, length: int, source: Fraction, lead: int, trail: int, speed: Fraction
) -> None:
    assume(length != 50)  # the clips would be one run
    lines = tuple(Line(text, Span(first, first + count)) for first, count, text in spoken)
    into = max(1, int(length / source / speed * RATE))
    first = clip((start, start + length), 0, length=into, trail=trail, speed=speed)
    second = clip((start + 50, start + 50 + length), into, length=into, lead=min(lead, into), speed=speed)
    found = captions([first, second], *lines, rate=source)
    for before, after in pairwise(found):
        assert after.into.start - before.into.stop >= (2 if into > 12 else 0)
    assert not [caption for caption in found if into in range(caption.into.start + 1, caption.into.stop)]
    assert all(caption.into.stop <= 2 * into + trail for caption in found)
    assert all(len(caption.into) <= 7 * 24 for caption in found)
    assert all(row.strip() and len(row) <= 42 for caption in found for row in caption.text.split("\n"))
