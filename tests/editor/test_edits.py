"""A person's changes to a timeline: it stays as long as it was, without gap; what is not meant stays as it is."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.editor.conftest import NumberedFilm
from trailers.editor.edits import Sources, cropped, held_as, moved, number_of, recarded, said, trimmed
from trailers.editor.picture.frames import frames_at, source_frames
from trailers.editor.timeline import Caption, Card, Clip, Key, Overlay, Timeline, View, from_json, to_json
from trailers.errors import PlanError
from trailers.features.media import Episode
from trailers.features.span import Span
from trailers.season import Joint

SHOT = 200  # frames of every shot
RATES = [Fraction(24), Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001)]


def episode(rate: Fraction = RATES[0]) -> Episode:
    return Episode("e", Path("e.mp4"), rate, 100 * SHOT, (640, 360), Fraction(1), 0, False, (), "")


def sources(rate: Fraction = RATES[0], hidden: tuple[Span, ...] = ()) -> Sources:
    reach = {f"e/{n:04d}": Span(n * SHOT + 2, (n + 1) * SHOT - 2) for n in range(100)}
    return Sources({"e": episode(rate)}, reach, {"e": hidden})


def cut(lengths: tuple[int, ...] = (30, 40, 50, 35), rate: Fraction = RATES[0], card: int = 2, mixed: int = 0) -> Timeline:
    """Clips, each from the middle of a shot of its own, and a card before clip number `card`."""
    at, clips, cards = 0, list[Clip](), list[Card]()
    for number, length in enumerate(lengths):
        if number == card:
            cards.append(Card(("Title",), Span(at, at + 48), "#102030", "#ffffff"))
            at += 48
        start = number * SHOT + 60
        span = Span(start, start + length)
        count = frames_at(span, episode(rate), RATES[0])
        joint = mixed if number and number != card else 0
        into = Span(at, at + count)
        view = View("9:16", 0.3, 1.0, (Key(0, 0.5, 0.5),))
        kind: Joint = "dissolve" if joint else "cut"
        clips.append(Clip(f"e/{number:04d}", "e", span, into, kind, joint, views=(view,), slot=f"act {number // 2}"))
        at += count
    return Timeline("t", "s", "T", "general", RATES[0], tuple(clips), tuple(cards), fade_in=6, fade_out=12)


def whole(before: Timeline, after: Timeline) -> None:
    """What always holds: as long as before, every clip within its shot and as long as its slot; it can be written and read."""
    assert after.frames == before.frames
    held = sources()
    for clip in after.clips:
        room = held.open[clip.shot]
        assert room.overlap(clip.span) == len(clip.span)
        if clip.mixed:
            assert clip.mixed <= len(clip.into) // 2
    assert from_json(to_json(after)) == after


def test_a_trim_moves_one_cut_and_its_neighbour_gives_the_frames() -> None:
    before = cut()
    after = trimmed(before, 1, -5, 0, sources())
    assert [len(clip.into) for clip in after.clips] == [25, 45, 50, 35]
    assert after.clips[0].span == Span(60, 85)
    assert after.clips[1].span == Span(SHOT + 55, SHOT + 100)
    assert after.clips[2:] == before.clips[2:]
    assert after.cards == before.cards
    whole(before, after)


def test_a_card_beside_a_clip_gives_and_takes_frames_too() -> None:
    after = trimmed(cut(), 1, 0, 7, sources())
    assert len(after.cards[0].into) == 41
    assert after.clips[1].span == Span(SHOT + 60, SHOT + 107)
    whole(cut(), after)


def test_a_slip_shows_other_frames_in_the_same_slot_and_moves_nothing() -> None:
    before = cut()
    after = trimmed(before, 2, 9, 9, sources())
    assert [clip.into for clip in after.clips] == [clip.into for clip in before.clips]
    assert after.clips[2].span == before.clips[2].span.shift(9)
    assert after.clips[2].views == (), "a window that followed other frames is found anew"
    assert [after.clips[n] for n in (0, 1, 3)] == [before.clips[n] for n in (0, 1, 3)]


@pytest.mark.parametrize(
    ("number", "head", "tail", "reason"),
    [
        (0, -3, 0, "is the first"),
        (3, 0, 3, "is the last"),
        (1, 40, 0, "of which 40 were to go"),
        (1, -27, 0, "cannot give 27"),
        (1, 0, 45, "the card 'title' lasts 48 frames"),
        (2, 95, 95, "58 frames before it and 88 after it"),
        (0, -59, -59, "58 frames before it"),
    ],
)
def test_a_trim_that_has_no_frames_is_refused_with_what_there_is(number: int, head: int, tail: int, reason: str) -> None:
    with pytest.raises(PlanError, match=reason):
        trimmed(cut(), number, head, tail, sources())


def test_a_trim_never_shows_what_is_hidden() -> None:
    secret = sources(hidden=(Span(SHOT + 104, SHOT + 120),))
    assert trimmed(cut(), 1, 0, 4, secret)
    with pytest.raises(PlanError, match="4 after it"):
        trimmed(cut(), 1, 0, 5, secret)


def test_a_joint_that_is_lent_no_frames_any_more_becomes_a_cut() -> None:
    before = cut((30, 40, 50), card=9, mixed=8)
    assert trimmed(before, 0, 0, 10, short(before)).clips[1].mixed == 0


def short(before: Timeline) -> Sources:
    """Sources in which the first clip's shot ends soon after it."""
    held = sources()
    return replace(held, open={**held.open, before.clips[0].shot: Span(0, 102), before.clips[1].shot: Span(0, 2 * SHOT)})


def test_sound_and_captions_over_changed_clips_are_found_anew_and_others_stay() -> None:
    plan = cut()
    clips = tuple(replace(clip, lead=3, trail=4) for clip in plan.clips)
    heard = replace(plan, clips=clips, captions=(Caption("one", Span(2, 20)), Caption("two", Span(130, 160))))
    after = trimmed(heard, 0, 0, -4, sources())
    assert [(clip.lead, clip.trail) for clip in after.clips] == [(0, 0), (0, 0), (3, 4), (3, 4)]
    assert [caption.text for caption in after.captions] == ["two"]


def test_a_moved_clip_takes_its_act_and_the_cards_stay_after_as_many_clips() -> None:
    before = cut()
    after = moved(before, 3, 0, sources())
    assert [clip.shot for clip in after.clips] == ["e/0003", "e/0000", "e/0001", "e/0002"]
    assert [clip.slot for clip in after.clips] == ["act 0", "act 0", "act 0", "act 1"]
    assert [len(clip.into) for clip in after.clips] == [35, 30, 40, 50]
    assert after.cards[0].into == Span(65, 113)
    assert {clip.shot: clip.span for clip in after.clips} == {clip.shot: clip.span for clip in before.clips}
    whole(before, after)
    assert moved(before, 1, 1, sources()) is before
    with pytest.raises(PlanError, match="clips 1 to 4"):
        moved(before, 1, 4, sources())


def test_joints_stay_with_the_place_and_none_stands_before_the_first_clip() -> None:
    before = cut(card=2, mixed=8)
    after = moved(before, 0, 1, sources())
    assert [clip.mixed for clip in after.clips] == [0, 8, 0, 8]
    assert [clip.joint for clip in after.clips] == ["cut", "dissolve", "cut", "dissolve"]


@pytest.fixture(scope="module")
def filmed(numbered_film: NumberedFilm) -> Sources:
    """Sources whose episode is a film that can be opened, for black bars are looked for in its pictures."""
    film = numbered_film(size=(640, 360), frames=16)
    return replace(sources(), episodes={"e": replace(episode(), path=film, frames=16)})


def test_a_window_is_set_where_it_was_asked_and_is_told_to_be_a_persons(filmed: Sources) -> None:
    before = cut()
    after = cropped(before, 1, "9:16", 0.9, 0.5, 0.4, filmed, "Ana")
    (view,) = after.clips[1].views
    assert (view.shape, view.width, view.height, view.by, view.ground) == ("9:16", 0.4, 1.0, "Ana", "blur")
    assert view.keys == (Key(0, 0.8, 0.5),), "its middle is drawn in, so that it stays within the picture"
    near = cropped(before, 1, "9:16", 0.5, 0.2, 0.2, filmed, "Ana").clips[1].views[0]
    assert near.height == pytest.approx(0.2 * 16 / 9 / (9 / 16))
    assert near.ground == ""
    assert cropped(before, 1, "9:16", 0.2, 0.5, 0.0, filmed, "Ana").clips[1].views[0].width == 0.3, "it keeps its width"
    with pytest.raises(PlanError, match="of the shape 16:9 itself"):
        cropped(before, 1, "16:9", 0.5, 0.5, 0.0, filmed, "Ana")
    with pytest.raises(PlanError, match="too little"):
        cropped(before, 1, "9:16", 0.5, 0.5, 0.05, filmed, "Ana")


def test_a_caption_is_worded_otherwise_set_in_rows_and_taken_off() -> None:
    plan = replace(cut(), captions=(Caption("We must\ngo now.", Span(0, 24)), Caption("No.", Span(100, 120))))
    assert [caption.text for caption in said(plan, "We must go now.", "Leave!").captions] == ["Leave!", "No."]
    assert [caption.text for caption in said(plan, "No.", "").captions] == ["We must\ngo now."]
    long = "a word and another word and yet another word that no row of a caption could ever hold"
    pages = said(plan, "We must\ngo now.", long).captions[:-1]
    assert " ".join(" ".join(page.text.split()) for page in pages) == long
    assert all(len(row) <= 42 for page in pages for row in page.text.splitlines())
    assert all(page.into.overlap(Span(0, 24)) == len(page.into) for page in pages)
    with pytest.raises(PlanError, match="reads 'Yes'"):
        said(plan, "Yes", "No")


def test_a_card_and_a_lower_third_say_something_else() -> None:
    plan = replace(cut(), overlays=(Overlay(("for friends",), Span(4, 28), "#ffffff"),))
    assert recarded(plan, "title", ("New", "Lines")).cards[0].lines == ("New", "Lines")
    assert recarded(plan, "lower", ("for all",)).overlays[0].lines == ("for all",)
    with pytest.raises(PlanError, match="no card 'date'; it has lower, title"):
        recarded(plan, "date", ("soon",))


def test_a_clip_is_given_its_frames_and_its_persons_windows_again(filmed: Sources) -> None:
    old = cropped(trimmed(trimmed(cut(), 2, 0, 6, sources()), 2, 4, 4, sources()), 2, "9:16", 0.4, 0.5, 0.5, filmed, "Ana")
    again = held_as(cut(), old.clips[2], sources())
    assert (again.clips[2].span, len(again.clips[2].into)) == (old.clips[2].span, len(old.clips[2].into))
    assert again.clips[2].views == old.clips[2].views
    whole(cut(), again)
    last = trimmed(cut(), 3, -6, 0, sources())
    assert held_as(cut(), last.clips[3], sources()).clips[3].span == last.clips[3].span
    with pytest.raises(PlanError, match="no clip of it shows e/0050"):
        held_as(cut(), replace(old.clips[2], shot="e/0050"), sources())


def test_a_clip_is_named_by_the_shot_that_it_shows() -> None:
    assert number_of(cut(), "e/0002") == 2
    with pytest.raises(PlanError, match="shows e/0077"):
        number_of(cut(), "e/0077")


@settings(max_examples=60, deadline=None)
@given(
    lengths=st.lists(st.integers(12, 70), min_size=2, max_size=6),
    card=st.integers(0, 7),
    mixed=st.sampled_from([0, 0, 6]),
    rate=st.sampled_from(RATES),
    steps=st.lists(st.tuples(st.integers(0, 5), st.integers(-40, 40), st.integers(-40, 40), st.booleans()), max_size=6),
)
def test_no_edit_changes_the_length_or_leaves_a_gap_whatever_the_rates(
    lengths: list[int], card: int, mixed: int, rate: Fraction, steps: list[tuple[int, int, int, bool]]
) -> None:
    """A timeline refuses to be made with a gap; every edit that is not refused leaves slots filled to a frame."""
    held = sources(rate)
    first = plan = cut(tuple(lengths), rate, card, mixed)
    for number, head, tail, moves in steps:
        assume(number < len(plan.clips))
        try:
            if moves:
                plan = moved(plan, number, abs(head) % len(plan.clips), held)
            else:
                plan = trimmed(plan, number, head, tail, held)
        except PlanError:
            continue
        assert plan.frames == first.frames
        for clip in plan.clips:
            room = held.open[clip.shot]
            assert room.overlap(clip.span) == len(clip.span)
            assert frames_at(clip.span, held.episodes["e"], plan.rate) - len(clip.into) in (0, 1)
            shown = source_frames(clip, held.episodes["e"], plan.rate)
            assert clip.span.start == shown[0]
            assert shown[-1] < clip.span.stop
        assert not plan.clips[0].mixed or plan.parts[0] is not plan.clips[0]
    assert sorted(clip.shot for clip in plan.clips) == sorted(clip.shot for clip in first.clips)
