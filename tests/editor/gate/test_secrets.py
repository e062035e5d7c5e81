"""What would spoil an episode: seen, lent to a joint, or heard."""

from dataclasses import replace

from tests.editor.gate.sabotage import SPANS, Case, clips
from trailers.editor.gate.secrets import secrets
from trailers.editor.timeline import Music, Timeline
from trailers.features.span import Span


def told(case: Case, timeline: Timeline, *spans: Span) -> tuple[bool, str]:
    verdict = secrets(case.asked(timeline, secrets={"e": spans, "other": (Span(0, 1000),)}))
    return verdict.passed, verdict.found


def test_a_span_beside_all_clips_is_kept(case: Case) -> None:
    assert told(case, case.timeline, Span(29, 50), Span(142, 150))[0]


def test_one_frame_of_it_is_too_much(case: Case) -> None:
    passed, found = told(case, case.timeline, Span(28, 50))
    assert not passed
    assert "e/0" in found


def test_a_joint_must_not_lend_a_frame_of_it(case: Case) -> None:
    soft = replace(case.timeline, clips=clips(*SPANS, dissolve=8))
    assert told(case, soft, Span(37, 50))[0]
    assert not told(case, soft, Span(36, 50))[0]


def test_it_must_not_be_heard_before_or_after_a_picture(case: Case) -> None:
    first, second, third = case.timeline.clips
    led = replace(case.timeline, clips=(first, replace(second, lead=6, trail=4), third))
    assert told(case, led, Span(30, 44), Span(78, 90))[0]
    passed, found = told(case, led, Span(30, 45))
    assert not passed
    assert "hear" in found
    assert not told(case, led, Span(77, 90))[0]


def test_it_must_not_be_heard_over_a_card(case: Case) -> None:
    """The last clip ends at frame 118 of its episode, and rings out over the card: for 1 s, or 6 frames where music plays."""
    assert told(case, case.timeline, Span(142, 150))[0]
    passed, found = told(case, case.timeline, Span(141, 150))
    assert not passed
    assert "e/2 at 0:02.00 (frame 48) lets hear" in found
    played = replace(case.timeline, music=Music("bed.wav", "0" * 64))
    assert told(case, played, Span(124, 150))[0]
    assert not told(case, played, Span(123, 150))[0]


def test_a_clip_that_ends_before_it_does_not_let_hear_it_over_a_card(case: Case) -> None:
    first, second, third = case.timeline.clips
    hushed = replace(case.timeline, clips=(first, second, replace(third, trail=2)))
    assert told(case, hushed, Span(120, 150))[0]
    assert not told(case, hushed, Span(119, 150))[0]
