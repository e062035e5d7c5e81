"""A timeline at another rate, and behind what a broadcaster wants before and after it."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailers.editor.leader import begins, led, muted, rerated
from trailers.editor.profile import HOUSE, Profile
from trailers.editor.timeline import Caption, Card, Clip, Key, Music, Take, Timeline, View
from trailers.features.span import Span

BROADCAST = replace(HOUSE, id="uk", clock=7.0, head=3.0, tail=5.0, silence=6, begins="10:00:00:00")
RATES = [Fraction(24), Fraction(25), Fraction(30), Fraction(50), Fraction(24000, 1001), Fraction(30000, 1001)]


def plan(lengths: list[int], rate: Fraction = Fraction(24), card: bool = True) -> Timeline:
    clips, at = [], 0
    for number, length in enumerate(lengths):
        clips.append(Clip(f"e/{number}", "e", Span(100 * number, 100 * number + length), Span(at, at + length)))
        at += length
    cards = (Card(("T",), Span(at, at + 48), "#102030", "#ffffff"),) if card else ()
    return Timeline("t", "s", "T", "g", rate, tuple(clips), cards, fade_in=4, fade_out=8)


@given(st.lists(st.integers(2, 90), min_size=1, max_size=60), st.sampled_from(RATES), st.sampled_from(RATES))
def test_no_joint_drifts_at_another_rate(lengths: list[int], rate: Fraction, other: Fraction) -> None:
    before = plan(lengths, rate)
    after = rerated(before, other)
    assert after.rate == other
    for one, two in zip(before.parts, after.parts, strict=True):
        assert abs(two.into.start / other - one.into.start / rate) <= Fraction(1, 2) / other
    assert [clip.span for clip in before.clips] == [clip.span for clip in after.clips]


def test_what_belongs_to_a_clip_goes_with_it_to_another_rate() -> None:
    view = View("9:16", 0.3, 1.0, (Key(0, 0.2, 0.5), Key(24, 0.6, 0.5)), by="Ada")
    clips = plan([48, 48]).clips
    timeline = replace(
        plan([48, 48]),
        clips=(replace(clips[0], views=(view,)), replace(clips[1], joint="dissolve", mixed=12, lead=6)),
        captions=(Caption("Hello.", Span(24, 48)),),
    )
    found = rerated(timeline, Fraction(48))
    own = replace(timeline, clips=(replace(clips[0], views=(replace(view, by=""),)), *clips[1:]))
    assert rerated(own, Fraction(48)).clips[0].views == (), "found anew"
    assert found.clips[0].views[0].keys == (Key(0, 0.2, 0.5), Key(48, 0.6, 0.5))
    assert (found.clips[1].mixed, found.clips[1].lead) == (24, 12)
    assert found.captions[0].into == Span(48, 96)


def test_clock_and_black_come_first_and_the_last_picture_is_held() -> None:
    timeline = replace(
        plan([50, 50], Fraction(25)),
        captions=(Caption("Hello.", Span(10, 30)),),
        music=Music("m", "", (Take(0, 0, 9600),), (4800,), (0,)),
    )
    found = led(timeline, BROADCAST)
    clock, black, first, *_, last = found.parts
    assert isinstance(clock, Card)
    assert isinstance(black, Card)
    assert (clock.kind, clock.into) == ("clock", Span(0, 175))
    assert (black.lines, black.ground, black.into) == ((), "#000000", Span(175, 250))
    assert first.into.start == 250
    assert len(last.into) == 48 + 125
    assert found.captions[0].into == Span(260, 280)
    assert found.music
    assert (found.music.takes[0].at, found.music.beats, found.music.bars) == (480000, (484800,), (480000,))
    assert (found.fade_in, found.fade_out) == (0, 0)
    assert begins(timeline, BROADCAST) == "09:59:50:00"
    assert muted(found, BROADCAST) == (Span(0, 256), Span(found.frames - 131, found.frames))


def test_the_last_clip_of_a_timeline_without_a_card_at_its_end_is_held_as_a_still() -> None:
    found = led(plan([50, 50], Fraction(25), card=False), BROADCAST)
    still = found.clips[-1]
    assert (still.span, len(still.into), still.speed) == (Span(149, 150), 125, Fraction(1, 125))


@pytest.mark.parametrize("profile", [BROADCAST, replace(BROADCAST, clock=0.0)])
def test_what_stands_behind_clock_or_black_already_stays_as_it_is(profile: Profile) -> None:
    once = led(plan([50, 50], Fraction(25)), profile)
    assert led(once, profile) == once


def test_a_profile_that_asks_for_nothing_leaves_a_timeline_as_it_is() -> None:
    timeline = plan([30])
    assert led(timeline, HOUSE) == timeline
    assert muted(timeline, HOUSE) == ()
    assert begins(timeline, HOUSE) == ""


@pytest.mark.parametrize("seconds", [0.0, 5.0])
def test_black_alone_is_no_clock(seconds: float) -> None:
    found = led(plan([30]), replace(HOUSE, head=1.0, tail=seconds))
    assert [card.kind for card in found.cards] == ["line", "title"]
