"""A dub longer than its clips: the cut is solved again within its length, or refused in one line."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trailers.editor.dub import lengthened
from trailers.editor.timeline import Caption, Card, Clip, Effect, Key, Overlay, Timeline, View
from trailers.errors import PlanError
from trailers.features.dialogue import Line
from trailers.features.media import Episode
from trailers.features.span import Span

RATE = Fraction(24)
SHOTS = {f"e1/{n}": Span(200 * n, 200 * n + 200) for n in range(10)}


def episode(rate: Fraction = RATE) -> Episode:
    return Episode("e1", Path("e1.mp4"), rate, 2000, (640, 360), Fraction(1), 0, False, (), "")


def plan(*spans: tuple[int, int], card: int = 0, rate: Fraction = RATE, **more: object) -> Timeline:
    """Clips of these spans of e1, one shot each 200 frames, then a card."""
    clips: list[Clip] = []
    for start, stop in spans:
        at = clips[-1].into.stop if clips else 0
        length = max(1, round((stop - start) / rate * RATE))
        clips.append(Clip(f"e1/{start // 200}", "e1", Span(start, stop), Span(at, at + length)))
    at = clips[-1].into.stop
    cards = (Card(("T",), Span(at, at + card), "#000000", "#ffffff"),) if card else ()
    return Timeline("t-30", "s", "T", "g", RATE, tuple(clips), cards, language="es", **more)  # type: ignore[arg-type]  # overlays, captions


def solved(timeline: Timeline, *lines: Line, rate: Fraction = RATE, hidden: Sequence[Span] = ()) -> Timeline:
    return lengthened(timeline, {"e1": lines}, SHOTS, {"e1": episode(rate)}, {"e1": hidden})


def spans(timeline: Timeline) -> list[tuple[int, int]]:
    return [(clip.span.start, clip.span.stop) for clip in timeline.clips]


def test_a_dub_that_fits_changes_nothing() -> None:
    before = plan((50, 100), (250, 300), card=48, captions=(Caption("Run!", Span(5, 30)),))
    assert solved(before, Line("¡Corre!", Span(55, 95))) is before


def test_a_clip_grows_to_the_end_of_its_line_and_the_next_gives_as_much() -> None:
    found = solved(plan((50, 100), (250, 320), (450, 520)), Line("¡Corre, que vienen!", Span(60, 110)))
    assert spans(found) == [(50, 110), (250, 310), (450, 520)]
    assert found.frames == 190


def test_a_clip_grows_to_the_beginning_of_its_line() -> None:
    found = solved(plan((250, 320), (450, 500)), Line("¡Corre, que vienen!", Span(440, 480)))
    assert spans(found) == [(250, 310), (440, 500)]


def test_the_nearest_give_a_third_first_and_no_word() -> None:
    words = (Line("¡Corre, que vienen todos por nosotros ahora mismo!", Span(460, 560)), Line("No.", Span(255, 315)))
    found = solved(plan((50, 110), (250, 320), (450, 500), (650, 710)), *words)
    # 60 frames: 10 that the second has no words in, 20 of each of the others, then 10 more of the nearest of those
    assert spans(found) == [(50, 90), (255, 315), (450, 560), (650, 680)]
    assert found.frames == plan((50, 110), (250, 320), (450, 500), (650, 710)).frames


def test_a_card_gives_but_stays_long_enough_to_be_read() -> None:
    found = solved(plan((50, 100), card=60), Line("¡Corre, que vienen!", Span(60, 120)))
    assert spans(found) == [(50, 120)]
    assert found.cards[0].into == Span(70, 110)
    with pytest.raises(PlanError, match=r"t-30: in es the words of e1/0 last 1\.25 s longer .* can spare 1\.00 s"):
        solved(plan((50, 100), card=60), Line("¡Corre, que vienen!", Span(60, 130)))


def test_the_rest_of_a_line_is_heard_under_the_next_picture_where_nobody_speaks() -> None:
    cut = plan((150, 190), (650, 720), (850, 900))
    line = Line("¡Corre, que vienen!", Span(155, 212))
    found = solved(cut, line)
    assert spans(found)[0] == (150, 200)
    assert (found.clips[0].trail, found.clips[0].lead) == (12, 0)
    with pytest.raises(PlanError, match=r"longer than its shot, and the rest would be heard over the words of e1/3"):
        solved(cut, line, Line("No.", Span(652, 700)))


def test_the_rest_of_a_line_that_began_before_its_shot_leads_it() -> None:
    found = solved(plan((650, 700), (800, 850)), Line("¡Corre!", Span(790, 830)))
    assert (found.clips[1].lead, found.clips[1].trail) == (10, 0)
    with pytest.raises(PlanError, match="ended or not begun"):
        solved(plan((800, 850), (650, 700)), Line("¡Corre!", Span(790, 830)))


def test_a_run_of_shots_grows_at_its_ends_alone() -> None:
    found = solved(plan((650, 700), (390, 400), (400, 440)), Line("¡Corre, que vienen!", Span(385, 460)))
    assert spans(found) == [(650, 675), (385, 400), (400, 460)]


def test_a_run_of_shots_gives_at_its_ends_alone_and_no_word() -> None:
    lines = (Line("¡Corre, que vienen!", Span(370, 430)), Line("¡Corre, que vienen todos por nosotros!", Span(655, 740)))
    found = solved(plan((340, 400), (400, 440), (650, 700)), *lines)
    assert spans(found) == [(370, 400), (400, 430), (650, 740)]


def test_no_frame_is_shown_twice() -> None:
    cut = plan((50, 100), (110, 160), (650, 700))
    found = solved(cut, Line("¡Corre, que vienen!", Span(60, 120)))
    assert spans(found)[0] == (50, 110)
    assert found.clips[0].trail == 10


def test_what_is_hidden_is_neither_shown_nor_heard() -> None:
    cut, line = plan((50, 100), (650, 720)), Line("¡Corre, que vienen!", Span(60, 120))
    assert spans(solved(cut, line, hidden=[Span(0, 50), Span(120, 130), Span(700, 900)]))[0] == (50, 120)
    with pytest.raises(PlanError, match="a line of e1/0 runs into what is not to be heard"):
        solved(cut, line, hidden=[Span(110, 130)])


def test_frames_that_a_joint_lends_stay_within_the_shot() -> None:
    cut = plan((150, 180), (650, 720))
    mixed = Timeline(**{**vars(cut), "clips": (cut.clips[0], Clip(**{**vars(cut.clips[1]), "joint": "dissolve", "mixed": 8}))})
    found = solved(mixed, Line("¡Corre, que vienen!", Span(155, 200)))
    assert spans(found)[0] == (150, 191)
    assert found.clips[0].trail == 9


def test_overlays_move_and_what_depends_on_cuts_is_left_to_be_made_anew() -> None:
    view = View("9:16", 0.3, 1.0, (Key(0, 0.4, 0.5), Key(40, 0.6, 0.5)))
    seen = plan((250, 300), (450, 520), captions=(Caption("Run!", Span(5, 30)),), effects=(Effect("h", "0", 0),),
        overlays=(Overlay(("Ann",), Span(60, 90), "#ffffff"),))  # fmt: skip
    first = Clip(**{**vars(seen.clips[0]), "views": (View(**{**vars(view), "by": "ann"}), view)})
    found = solved(Timeline(**{**vars(seen), "clips": (first, seen.clips[1])}), Line("¡Corre!", Span(240, 290)))
    assert spans(found) == [(240, 300), (450, 510)]
    assert (found.captions, found.effects) == ((), ())
    assert found.overlays[0].into == Span(70, 100)
    assert [(kept.by, [key.at for key in kept.keys]) for kept in found.clips[0].views] == [("ann", [10, 50])]


def test_it_counts_in_time_where_rates_differ() -> None:
    found = solved(plan((50, 150), (650, 790), rate=Fraction(50)), Line("¡Corre!", Span(60, 175)), rate=Fraction(50))
    assert spans(found)[0] == (50, 175)
    assert len(found.clips[0].into) == 60
    assert found.frames == plan((50, 150), (650, 790), rate=Fraction(50)).frames


@given(
    st.lists(st.tuples(st.integers(0, 150), st.integers(12, 50)), min_size=2, max_size=6),
    st.lists(st.tuples(st.integers(0, 1200), st.integers(5, 120)), max_size=6), st.integers(0, 72),
    st.lists(st.tuples(st.integers(0, 1200), st.integers(1, 60)), max_size=4),
)  # fmt: skip
def test_the_length_stays_and_every_word_is_heard(
    cuts: Sequence[tuple[int, int]], spoken: Sequence[tuple[int, int]], card: int, secrets: Sequence[tuple[int, int]]
) -> None:
    before = plan(*((200 * n + start, 200 * n + start + length) for n, (start, length) in enumerate(cuts)), card=card)
    lines = [Line("¡Corre!", Span(start, start + length)) for start, length in sorted(spoken)]
    hidden = [Span(start, start + length) for start, length in secrets]
    hidden = [span for span in hidden if not any(span.overlap(clip.span) for clip in before.clips)]
    try:
        found = solved(before, *lines, hidden=hidden)
    except PlanError:
        assume(False)
    assert found.frames == before.frames
    for old, new in zip(before.clips, found.clips, strict=True):
        assert len(new.into) == len(new.span) >= min(12, len(old.into))
        assert SHOTS[new.shot].start <= new.span.start < new.span.stop <= SHOTS[new.shot].stop
        assert not any(span.overlap(Span(max(0, new.span.start - new.lead), new.span.stop + new.trail)) for span in hidden)
        for line in lines:
            if 2 * line.span.overlap(old.span) >= len(line.span):
                assert new.span.start - new.lead <= line.span.start
                assert new.span.stop + new.trail >= line.span.stop
