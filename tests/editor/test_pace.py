"""Cuts on the beat: every clip a slot of whole beats, within its shot, its lines whole, the trailer as long as it was."""

import wave as waves
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, reject
from hypothesis import strategies as st

from trailers.demo import music
from trailers.editor.pace import on_beat, paced
from trailers.editor.picture.frames import frames_at
from trailers.editor.slots import replaced
from trailers.editor.sound.beats import beats
from trailers.editor.sound.bed import laid, played
from trailers.editor.sound.clock import RATE, frame_near, sample_at
from trailers.editor.sound.grid import heard
from trailers.editor.timeline import Caption, Card, Clip, Music, Overlay, Timeline
from trailers.errors import PlanError
from trailers.features.dialogue import Line
from trailers.features.media import Episode
from trailers.features.shots import Shot
from trailers.features.span import Span

FILM = Fraction(24)
SHOT = 240  # frames of every shot
RATES = [FILM, Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001)]


def episode(rate: Fraction = FILM, frames: int = 100 * SHOT) -> Episode:
    return Episode("e", Path("e.mp4"), rate, frames, (64, 36), Fraction(1), 0, False, (), "")


def shots(count: int = 100) -> dict[str, Span]:
    return {f"e/{number:04d}": Span(number * SHOT, (number + 1) * SHOT) for number in range(count)}


def plan(
    spans: Sequence[tuple[int, int]], rate: Fraction = FILM, source: Fraction = FILM, card: int = 60, mixed: int = 0
) -> Timeline:
    """Clips of these frames of an episode, and a card at the end."""
    e, clips, at = episode(source), [], 0
    for number, (start, stop) in enumerate(spans):
        length = frames_at(Span(start, stop), e, rate)
        joint = mixed if number else 0
        clips.append(
            Clip(f"e/{start // SHOT:04d}", "e", Span(start, stop), Span(at, at + length), "dissolve" if joint else "cut", joint)
        )
        at += length
    cards = (Card(("T",), Span(at, at + card), "#203040", "#ffffff"),) if card else ()
    return Timeline("t", "s", "T", "general", rate, tuple(clips), cards)


def steady(timeline: Timeline, beat: float = 0.6, first: float = 0.13) -> Music:
    """Beats all over a timeline, four a bar."""
    total = sample_at(timeline.frames, timeline.rate)
    beats = tuple(int(at) for at in np.arange(round(first * RATE), total, round(beat * RATE)))
    return Music("m.wav", "m", (), beats, beats[::4])


def montage(count: int = 20, seed: int = 0) -> list[tuple[int, int]]:
    """Clips of 1 to 3 seconds, each somewhere in a shot of its own."""
    random = np.random.default_rng(seed)
    starts, lengths = random.integers(40, 120, count), random.integers(24, 73, count)
    return [(n * SHOT + int(s), n * SHOT + int(s + k)) for n, (s, k) in enumerate(zip(starts, lengths, strict=True))]


def paced_by(timeline: Timeline, source: Fraction = FILM, lines: Sequence[Line] = (), hidden: Sequence[Span] = ()) -> Timeline:
    return paced(timeline, steady(timeline), {"e": episode(source)}, shots(), {"e": tuple(lines)}, {"e": tuple(hidden)})


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("seed", range(3))
def test_the_cuts_of_a_montage_lie_on_beats(rate: Fraction, seed: int) -> None:
    before = plan(montage(seed=seed), rate)
    on, of = on_beat(replace(before, music=steady(before)), {})
    assert on < 0.5 * of
    after = paced_by(before)
    on, of = on_beat(after, {})
    assert of == 20
    assert on >= 0.9 * of
    assert after.frames == before.frames
    assert after.music
    assert after.music.leads


def test_the_cuts_lie_on_the_beats_that_are_heard(tmp_path: Path) -> None:
    with waves.open(str(tmp_path / "bed.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((music.bed().clip(-1, 1) * 32767).round().astype("<i2").tobytes())
    before = plan(montage())
    bed = laid(Music("bed.wav", "m"), heard(tmp_path / "bed.wav"), before.frames, FILM, before.cuts[-1])
    after = paced(before, bed, {"e": episode()}, shots(), {})
    found = beats(played(bed, tmp_path / "bed.wav", sample_at(after.frames, FILM)))  # listened to, not planned
    near = [np.abs(found - sample_at(cut, FILM)).min() <= RATE / 24 for cut in after.cuts]
    assert np.mean(near) >= 0.9
    assert after.cuts[-1] == before.cuts[-1]  # the title, on the last hit
    assert np.mean([np.abs(found - sample_at(cut, FILM)).min() <= RATE / 24 for cut in before.cuts]) < 0.5


def test_every_slot_is_a_whole_number_of_beats() -> None:
    after = paced_by(plan(montage()))
    beats = [frame_near(beat, FILM) for beat in after.music.beats] if after.music else []
    assert all(clip.into.start in beats and clip.into.stop in beats for clip in after.clips[1:])


def test_a_cut_goes_no_farther_than_it_must() -> None:
    before = plan(montage())
    after = paced_by(before)
    moved = [abs(old - new) for old, new in zip(before.cuts, after.cuts, strict=True)]
    assert max(moved) <= 24
    assert np.median(moved) <= 8  # half a beat is 7.2 frames


def test_a_spoken_line_is_held_whole_and_no_other_is_begun() -> None:
    spans = montage()
    lines = [Line("held", Span(start + 2, stop - 2)) for start, stop in spans[::3]]
    lines += [Line("after", Span(stop + 3, stop + 30)) for _, stop in spans[1::3]]
    after = paced_by(plan(spans), lines=lines)
    for clip in after.clips:
        for line in lines:
            assert clip.span.overlap(line.span) in ((0,) if line.text == "after" else (0, len(line.span)))
    on, of = on_beat(after, {"e": lines})
    assert on >= 0.9 * of


def cut_down(
    like: Sequence[Timeline], lines: Sequence[Line] = (), hidden: Sequence[Span] = (), seed: int = 0
) -> tuple[Timeline, Timeline]:
    """A trailer of every other clip of a montage, before and after its cuts follow beats that fall elsewhere."""
    before = plan(montage(seed=seed)[::2])
    told, kept = {"e": tuple(lines)}, {"e": tuple(hidden)}
    return before, paced(before, steady(before, first=0.4), {"e": episode()}, shots(), told, kept, like)


def shared(longer: Timeline, shorter: Timeline) -> int:
    return len({clip.span for clip in longer.clips} & {clip.span for clip in shorter.clips})


@pytest.mark.parametrize("seed", range(3))
def test_a_shorter_trailer_shows_the_frames_of_the_longer_as_far_as_the_beats_allow(seed: int) -> None:
    longer = paced_by(plan(montage(seed=seed)))
    before, after = cut_down((longer,), seed=seed)
    assert shared(longer, after) >= 8  # of 10
    assert shared(longer, cut_down((), seed=seed)[1]) <= 6
    assert on_beat(after, {}) == (10, 10)
    assert after.frames == before.frames
    assert max(abs(old - new) for old, new in zip(before.cuts, after.cuts, strict=True)) <= 24


def test_what_a_longer_trailer_shows_is_not_shown_where_it_is_hidden_or_would_begin_a_line() -> None:
    longer, own = paced_by(plan(montage())), [Span(*span) for span in montage()]
    ends = [Span(clip.span.stop - 1, clip.span.stop + 20) for clip in longer.clips]
    kept = [end for end in ends if not any(end.overlap(span) for span in own)]
    _, free = cut_down((longer,))
    assert any(clip.span.overlap(end) for clip in free.clips for end in kept)  # what would be shown else
    for lines, hidden in (([], kept), ([Line("words", end) for end in kept], [])):
        _, after = cut_down((longer,), lines, hidden)
        assert not any(clip.span.overlap(end) for clip in after.clips for end in kept)


def test_hidden_moments_stay_hidden() -> None:
    spans = montage()
    hidden = [Span(stop + 1, stop + 50) for _, stop in spans] + [Span(start - 30, start) for start, _ in spans]
    after = paced_by(plan(spans), hidden=hidden)
    assert not any(clip.span.overlap(moment) for clip in after.clips for moment in hidden)
    open_ones = paced_by(plan(spans))
    assert any(clip.span.overlap(moment) for clip in open_ones.clips for moment in hidden)  # what would be shown else


def test_a_run_of_shots_keeps_the_episode_s_own_cuts() -> None:
    before = plan([(50, 100), (400, 480), (480, 530), (800, 850), (1300, 1350)])
    after = paced_by(before)
    assert after.clips[1].span.stop == after.clips[2].span.start == 480
    assert all(len(clip.into) == len(clip.span) for clip in after.clips)
    assert on_beat(after, {}) == (4, 4)


def test_a_run_of_shots_is_compared_with_a_longer_trailer_in_any_order() -> None:
    longer = plan([(800, 850), (50, 100), (400, 480), (480, 530), (1300, 1350)])  # its second clip lies before its first
    before = plan([(50, 100), (400, 480), (480, 530), (800, 850)])
    after = paced(before, steady(before), {"e": episode()}, shots(), {}, {}, (longer,))
    assert after.frames == before.frames
    assert after.clips[1].span.stop == after.clips[2].span.start == 480


def test_a_dissolve_is_still_lent_its_frames() -> None:
    spans = [(n * SHOT + 180, (n + 1) * SHOT - 14) for n in range(12)]
    after = paced_by(plan(spans, mixed=12))
    for clip in after.clips[:-1]:
        assert clip.span.stop + 12 <= shots()[clip.shot].stop
    assert {clip.mixed for clip in after.clips[1:]} == {12}


def test_words_over_a_clip_move_with_it() -> None:
    before = plan(montage())
    fourth, sixth = before.clips[3].into, before.clips[5].into
    spans = (Span(fourth.start + 2, fourth.start + 12), fourth, Span(fourth.start + 2, sixth.start + 4))
    after = paced_by(replace(before, overlays=tuple(Overlay(("Words",), span, "#ffffff") for span in spans)))
    new, late = after.clips[3].into, after.clips[5].into
    found = [overlay.into for overlay in after.overlays]
    assert found[0] == Span(new.start + 2, new.start + 12)
    assert (found[1].start, found[1].stop) == (new.start, min(new.start + len(fourth), new.stop))
    assert found[2] == Span(new.start + 2, late.start + 4)


def test_a_clip_that_shows_other_frames_than_it_lasts_is_left_as_long_as_it_is() -> None:
    before = plan(montage(4))
    clips = list(before.clips)
    clips[1] = replace(clips[1], span=Span(SHOT, SHOT + 3))  # of so few no slot is ever filled
    odd = {**shots(), "e/0001": Span(SHOT, SHOT + 3)}
    timeline = replace(before, clips=tuple(clips))
    after = paced(timeline, steady(timeline), {"e": episode()}, odd, {})
    assert len(after.clips[1].into) == len(clips[1].into)
    assert after.clips[1].span == clips[1].span
    assert after.frames == before.frames


def test_without_beats_nothing_moves() -> None:
    before = plan(montage())
    after = paced(before, Music("m", "m"), {"e": episode()}, shots(), {})
    assert [clip.into for clip in after.clips] == [clip.into for clip in before.clips]
    assert [clip.span for clip in after.clips] == [clip.span for clip in before.clips]


@example(seed=682, count=7, rate=FILM, source=FILM, talk=[(1508, 57)], kept=[], mixed=0, card=60, like=False)
@given(
    seed=st.integers(0, 10**6),
    count=st.integers(1, 8),
    rate=st.sampled_from(RATES),
    source=st.sampled_from(RATES),
    talk=st.lists(st.tuples(st.integers(0, 8 * SHOT), st.integers(5, 60)), max_size=6),
    kept=st.lists(st.tuples(st.integers(0, 8 * SHOT), st.integers(5, 60)), max_size=4),
    mixed=st.sampled_from([0, 6]),
    card=st.sampled_from([0, 60]),
    like=st.booleans(),
)
def test_whatever_is_asked_no_rule_is_broken(
    seed: int, count: int, rate: Fraction, source: Fraction, talk: list[tuple[int, int]], kept: list[tuple[int, int]],
    mixed: int, card: int, like: bool,
) -> None:  # fmt: skip
    spans = montage(count, seed)
    hidden = [Span(at, at + size) for at, size in kept if not any(Span(*s).overlap(Span(at, at + size)) for s in spans)]
    lines = [Line("words", Span(at, at + size)) for at, size in talk]
    before = plan(spans, rate, source, card, mixed)
    told, kept_back = {"e": tuple(lines)}, {"e": tuple(hidden)}
    longer = paced_by(plan(montage(8, seed), rate, source), source)  # knows of no line and of nothing hidden
    after = paced(before, steady(before), {"e": episode(source)}, shots(), told, kept_back, (longer,) if like else ())
    assert after.frames == before.frames
    assert [clip.shot for clip in after.clips] == [clip.shot for clip in before.clips]
    for old, new in zip(before.clips, after.clips, strict=True):
        assert frames_at(new.span, episode(source), rate) - len(new.into) in ((0,) if source >= rate else (0, 1))
        assert shots()[new.shot].start <= new.span.start < new.span.stop <= shots()[new.shot].stop
        assert not any(new.span.overlap(moment) for moment in hidden)
        for line in lines:
            held = old.span.overlap(line.span)
            if held == len(line.span) or not held:
                assert new.span.overlap(line.span) == held
    for one, other in pairwise(sorted(clip.span for clip in after.clips)):
        assert not one.overlap(other)


def test_a_clip_is_exchanged_in_its_slot_and_nothing_else_moves() -> None:
    before = replace(paced_by(plan(montage())), captions=(Caption("old words", Span(0, 20)), Caption("others", Span(400, 420))))
    number = next(n for n, clip in enumerate(before.clips) if clip.into.overlap(Span(0, 20)))
    shot = Shot("e/0050", "e", shots()["e/0050"])
    after = replaced(before, number, shot, Span(50 * SHOT + 30, 50 * SHOT + 35), {"e": episode()})
    assert after.clips[:number] + after.clips[number + 1 :] == before.clips[:number] + before.clips[number + 1 :]
    new = after.clips[number]
    assert (new.shot, new.into, new.slot) == ("e/0050", before.clips[number].into, before.clips[number].slot)
    assert new.span == Span(50 * SHOT + 30, 50 * SHOT + 30 + len(new.into))
    assert after.captions == before.captions[1:]
    assert (after.cards, after.music, after.frames) == (before.cards, before.music, before.frames)


def test_a_wish_near_the_end_of_its_shot_begins_earlier() -> None:
    before = plan(montage())
    shot = Shot("e/0050", "e", shots()["e/0050"])
    new = replaced(before, 3, shot, Span(51 * SHOT - 5, 51 * SHOT), {"e": episode()}).clips[3]
    assert new.span == Span(51 * SHOT - len(new.into), 51 * SHOT)


def test_of_a_whole_shot_the_middle_is_taken_and_never_what_is_hidden() -> None:
    before, shot = plan(montage()), Shot("e/0050", "e", shots()["e/0050"])
    slot = len(before.clips[3].into)
    new = replaced(before, 3, shot, shot.span, {"e": episode()}).clips[3]
    assert new.span.start - shot.span.start == pytest.approx((SHOT - slot) / 2, abs=1)
    kept = Span(shot.span.start + 100, shot.span.start + 120)
    part = replaced(before, 3, shot, shot.span, {"e": episode()}, {"e": (kept,)}).clips[3].span
    assert kept.stop <= part.start < part.stop <= shot.span.stop


@given(
    number=st.integers(0, 11),
    wish=st.tuples(st.integers(0, SHOT - 1), st.integers(1, SHOT)),
    kept=st.lists(st.tuples(st.integers(0, SHOT), st.integers(1, 60)), max_size=3),
    source=st.sampled_from(RATES),
)
def test_a_swap_moves_nothing_and_shows_and_lends_nothing_hidden(
    number: int, wish: tuple[int, int], kept: list[tuple[int, int]], source: Fraction
) -> None:
    before, begin = plan(montage(12), mixed=8), 50 * SHOT
    shot = Shot("e/0050", "e", Span(begin, begin + SHOT))
    hidden = [Span(begin + at, begin + at + size) for at, size in kept]
    span = Span(begin + wish[0], begin + min(wish[0] + wish[1], SHOT))
    try:
        after = replaced(before, number, shot, span, {"e": episode(source)}, {"e": hidden})
    except PlanError:
        reject()  # too little is left
    new, others = after.clips[number], [clip for clip in after.clips if clip.shot != "e/0050"]
    lent = after.clips[number + 1].mixed if number + 1 < len(after.clips) else 0
    shown = Span(new.span.start, new.span.stop + lent * source.numerator // (24 * source.denominator))
    assert new.into == before.clips[number].into
    assert [clip.into for clip in others] == [clip.into for n, clip in enumerate(before.clips) if n != number]
    assert shot.span.start <= shown.start < shown.stop <= shot.span.stop
    assert not any(shown.overlap(moment) for moment in hidden)


@pytest.mark.parametrize("source", RATES)
def test_an_exchanged_clip_of_another_rate_lasts_as_long_as_its_slot(source: Fraction) -> None:
    before = plan(montage())
    shot = Shot("e/0050", "e", shots()["e/0050"])
    new = replaced(before, 3, shot, shot.span, {"e": episode(source)}).clips[3]
    assert frames_at(new.span, episode(source), FILM) - len(before.clips[3].into) in ((0,) if source >= FILM else (0, 1))


def test_a_joint_that_is_lent_nothing_becomes_a_cut() -> None:
    before = plan([(100, 148), (340, 388), (600, 648)], mixed=12)
    short = Shot("e/0050", "e", Span(50 * SHOT, 50 * SHOT + 50))
    after = replaced(before, 1, short, short.span, {"e": episode()})
    assert (after.clips[1].joint, after.clips[1].mixed) == ("dissolve", 12)
    assert (after.clips[2].joint, after.clips[2].mixed) == ("cut", 0)
    whole = Shot("e/0050", "e", shots()["e/0050"])
    assert replaced(before, 1, whole, short.span, {"e": episode()}).clips[2] == before.clips[2]


def test_what_cannot_be_exchanged_is_said_in_one_line() -> None:
    before, shot = plan(montage()), Shot("e/0050", "e", Span(50 * SHOT, 50 * SHOT + 10))
    with pytest.raises(PlanError, match="choose a longer shot"):
        replaced(before, 0, shot, shot.span, {"e": episode()})
    with pytest.raises(PlanError, match=r"clip 21 .* clips 1 to 20"):
        replaced(before, 20, shot, shot.span, {"e": episode()})
    with pytest.raises(PlanError, match="kept back"):
        replaced(before, 0, shot, shot.span, {"e": episode()}, {"e": (shots()["e/0050"],)})
    with pytest.raises(PlanError, match="outside the shot"):
        replaced(before, 0, shot, Span(0, 10), {"e": episode()})
