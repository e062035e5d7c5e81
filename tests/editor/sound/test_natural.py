"""Natural sound: everything at its sample, no click, none louder than the next; what a cut, a lead or a card leaves empty."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.editor.sound.material import FILM, decibels, film, noise, plan, tone, versions
from trailers.editor.picture.frames import frames_at
from trailers.editor.sound.clicks import clicks
from trailers.editor.sound.clock import sample_at
from trailers.editor.sound.loudness import RATE, Samples
from trailers.editor.sound.natural import natural
from trailers.editor.sound.parts import FADE, Gap, Part, gaps, parts
from trailers.editor.timeline import Card, Clip, Timeline
from trailers.errors import RequestError
from trailers.features.media import Episode
from trailers.features.span import Span


def test_every_clip_is_heard_at_its_sample(tmp_path: Path) -> None:
    wave = np.zeros((5 * RATE, 2), np.float32)
    wave[[RATE * 3 // 2, RATE * 7 // 2]] = 0.5  # a click in the middle of frame 36 and of frame 84
    e = film(tmp_path / "e.mov", wave, 120)
    found = natural(plan([("e", 72, 96), ("e", 24, 48)]), {"e": e})
    assert np.flatnonzero(np.abs(found[:, 0]) > 0.1).tolist() == [RATE // 2, RATE + RATE // 2]


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(24000, 1001), Fraction(30000, 1001), Fraction(25)])
def test_the_whole_is_as_long_as_the_picture_to_the_sample(tmp_path: Path, rate: Fraction) -> None:
    e = film(tmp_path / "e.mov", noise(4), 90, rate)
    found = natural(plan([("e", 10, 41), ("e", 50, 81)], card=7, rate=rate), {"e": e})
    assert len(found) == round(69 / rate * RATE)


def test_a_cut_makes_no_click(tmp_path: Path) -> None:
    low = 0.5 * np.sign(tone(1, 50))  # 1 s of a square: cut anywhere it would jump
    e = film(tmp_path / "e.mov", np.concatenate([tone(2, 60, 0.5), np.roll(tone(2, 60, 0.5), 300, 0)]), 96)
    found = natural(plan([("e", 5, 29), ("e", 55, 79)]), {"e": e})
    steepest = 0.5 * 2 * np.pi * 60 / RATE
    joint = found[RATE - 1000 : RATE + 1000, 0]
    assert np.abs(np.diff(joint)).max() < 1.5 * steepest + 0.5 / FADE * np.pi
    assert np.abs(np.diff(low[:, 0])).max() > 0.9  # what a click would look like


def test_sound_that_runs_on_over_a_cut_is_left_alone(tmp_path: Path) -> None:
    wave = noise(4)
    e = film(tmp_path / "e.mov", wave, 96)
    found = natural(plan([("e", 24, 48), ("e", 48, 72)]), {"e": e})
    np.testing.assert_allclose(found[RATE // 2 : RATE * 3 // 2], wave[RATE * 3 // 2 : RATE * 5 // 2], atol=1e-4)


@pytest.mark.parametrize("source", [FILM, Fraction(25), Fraction(30000, 1001)])
def test_no_sample_of_a_run_of_shots_is_lost_at_its_joints(tmp_path: Path, source: Fraction) -> None:
    wave = tone(6, 220, 0.3)
    e = film(tmp_path / "e.mov", wave, round(6 * source), source)
    spans = [(round(a * source), round(b * source)) for a, b in ((1, 2), (2, 2.5), (2.5, 4))]
    lengths = [frames_at(Span(*span), e, FILM) for span in spans]
    starts = [0, lengths[0], lengths[0] + lengths[1]]
    run = tuple(
        Clip(f"e/{n}", "e", Span(*span), Span(at, at + length))
        for n, (span, at, length) in enumerate(zip(spans, starts, lengths, strict=True))
    )
    found = natural(Timeline("t", "s", "T", "g", FILM, run), {"e": e})
    inner = found[RATE // 4 : -RATE // 4, 0]
    level = np.sqrt(np.convolve(inner.astype(np.float64) ** 2, np.ones(1440) / 1440, "valid"))  # 30 ms: a fade would be a dip
    assert level.min() > 0.98 * level.max()


def test_a_clip_rings_out_over_the_card_and_the_next_begins_at_its_sample(tmp_path: Path) -> None:
    wave = np.concatenate([tone(2, 300), tone(2, 3000)])
    e = film(tmp_path / "e.mov", wave, 96)
    last = Clip("e/9", "e", Span(60, 84), Span(72, 96))
    timeline = plan([("e", 0, 24)], card=48)
    found = natural(replace(timeline, clips=(*timeline.clips, last)), {"e": e}, alone=False)
    quiet = [decibels(found[round(at * RATE) : round((at + 0.2) * RATE)]) for at in (0.5, 1.0, 1.4, 2.7, 3.1, 3.7)]
    assert quiet[0] > -18
    assert quiet[0] > quiet[1] > -40
    assert max(quiet[2], quiet[3]) < -80
    assert min(quiet[4], quiet[5]) > -20
    assert np.abs(np.fft.rfft(found[RATE * 3 + 4800 : RATE * 3 + 28800, 0])).argmax() == 1500


def test_a_dissolve_mixes_the_sound_of_both_clips(tmp_path: Path) -> None:
    e = film(tmp_path / "e.mov", np.concatenate([tone(2, 300), tone(2, 3000)]), 96)
    found = natural(plan([("e", 0, 24), ("e", 60, 84)], dissolve=12), {"e": e})
    spectrum = np.abs(np.fft.rfft(found[RATE + RATE // 8 : RATE + RATE * 3 // 8, 0]))
    assert spectrum[75] > 500  # 300 Hz in a window of a quarter second; 1200 alone
    assert spectrum[750] > 500
    assert decibels(found[RATE + RATE // 8 : RATE + RATE * 3 // 8]) == pytest.approx(decibels(tone(1)), abs=1)


def test_clips_are_evened_by_six_decibels_at_most_and_silence_is_not_raised(tmp_path: Path) -> None:
    loud, soft, hiss = noise(2, 0.2), noise(2, 0.08, 1), noise(2, 0.0005, 2)
    e = film(tmp_path / "e.mov", np.concatenate([loud, soft, loud, hiss]), 192)
    found = natural(plan([("e", 1, 47), ("e", 49, 95), ("e", 97, 143), ("e", 145, 191)]), {"e": e})
    heard = [decibels(found[n * 92000 + 9600 : (n + 1) * 92000 - 9600]) for n in range(4)]
    assert heard[1] - decibels(soft) == pytest.approx(6, abs=0.2)
    assert heard[0] - heard[1] == pytest.approx(decibels(loud) - decibels(soft) - 6, abs=0.3)
    assert heard[3] == pytest.approx(decibels(hiss), abs=0.2)


def test_two_frame_clips_and_the_ends_of_an_episode_are_heard_without_a_click(tmp_path: Path) -> None:
    e = film(tmp_path / "e.mov", tone(2, 60, 0.5), 48)
    found = natural(plan([("e", 46, 48), ("e", 0, 2), ("e", 20, 22), ("e", 46, 48)], card=24), {"e": e})
    assert np.abs(np.diff(found[:, 0])).max() < 0.01
    assert decibels(found[:16000]) > -15


NEAR = st.integers(-12, 12)


def split(tmp_path: Path) -> dict[str, Episode]:
    """Two seconds of 300 Hz, two of 3000, two of 8000."""
    return {"e": film(tmp_path / "e.mov", np.concatenate([tone(2, 300), tone(2, 3000), tone(2, 8000)]), 144)}


def pitches(wave: Samples, at: float) -> set[int]:
    """What of 300, 3000 and 8000 Hz is heard in a tenth of a second."""
    spectrum = np.abs(np.fft.rfft(wave[round(at * RATE) : round(at * RATE) + RATE // 10, 0]))
    return {pitch for pitch in (300, 3000, 8000) if spectrum[pitch // 10] > 50}


def two(lead: int = 0, trail: int = 0) -> Timeline:
    """A clip within the 300 Hz and one within the 3000 Hz, 24 frames each."""
    first = Clip("e/0", "e", Span(12, 36), Span(0, 24), trail=trail)
    return Timeline("t", "s", "T", "g", FILM, (first, Clip("e/1", "e", Span(60, 84), Span(24, 48), lead=lead)))


def test_a_lead_has_a_sound_come_before_its_picture_and_the_other_go(tmp_path: Path) -> None:
    found = natural(two(lead=6), split(tmp_path))
    assert [pitches(found, at) for at in (0.6, 0.8, 1.2)] == [{300}, {3000}, {3000}]


def test_a_trail_has_a_sound_go_on_after_its_picture_and_the_other_wait(tmp_path: Path) -> None:
    found = natural(two(trail=6), split(tmp_path))
    assert [pitches(found, at) for at in (0.8, 1.1, 1.3)] == [{300}, {300}, {3000}]


def test_both_are_heard_where_both_are_told_to_be(tmp_path: Path) -> None:
    found = natural(two(lead=6, trail=6), split(tmp_path))
    assert [pitches(found, at) for at in (0.6, 0.8, 1.1, 1.3)] == [{300}, {300, 3000}, {300, 3000}, {3000}]


def test_a_led_sound_is_still_in_step_with_its_picture(tmp_path: Path) -> None:
    wave = noise(6, 0.0001)
    wave[RATE * 3 : RATE * 3 + 5] = 0.5  # frame 72 of the episode: frame 36 of the timeline
    found = natural(two(lead=6), {"e": film(tmp_path / "e.mov", wave, 144)})
    assert int(np.abs(found[:, 0]).argmax()) in range(RATE * 3 // 2, RATE * 3 // 2 + 5)


def test_what_comes_late_or_goes_early_leaves_room_tone_and_no_hole(tmp_path: Path) -> None:
    hum = noise(6, 0.003) + np.concatenate([tone(2, 300), tone(2, 3000), tone(2, 8000)])
    hum[RATE // 2 : RATE // 2 + RATE // 4] = noise(0.25, 0.003)  # a moment in which nobody speaks
    hum[RATE * 5 // 2 : RATE * 5 // 2 + RATE // 4] = noise(0.25, 0.003)
    e = {"e": film(tmp_path / "e.mov", hum, 144)}
    for timeline, gap in ((two(trail=-6), (0.77, 0.98)), (two(lead=-6), (1.02, 1.23))):
        found = natural(timeline, e)
        between = found[round(gap[0] * RATE) : round(gap[1] * RATE)]
        assert decibels(between) == pytest.approx(decibels(noise(1, 0.003)), abs=6)
        assert pitches(found, gap[0] + 0.05) == set()
        assert clicks(found, [round(at * RATE) for at in (0.75, 1.0, 1.25)]) == ()


def test_without_music_room_tone_goes_on_under_a_card(tmp_path: Path) -> None:
    hum = noise(6, 0.01)
    e = {"e": film(tmp_path / "e.mov", hum, 144)}
    timeline = plan([("e", 24, 72)], card=72)
    alone, under = natural(timeline, e, alone=True), natural(timeline, e)
    assert [decibels(under[round(at * RATE) :][: RATE // 4]) < -80 for at in (2.5, 3.5, 4.5)] == [True] * 3
    heard = [decibels(alone[round(at * RATE) :][: RATE // 4]) for at in (1.0, 2.5, 3.5, 4.5)]
    assert max(heard) - min(heard) < 6


def test_a_still_has_no_sound_and_the_clip_before_rings_out_over_it(tmp_path: Path) -> None:
    still = Clip("e/1", "e", Span(36, 37), Span(24, 72), speed=Fraction(1, 48))
    timeline = replace(two(), clips=(two().clips[0], still))
    found = natural(timeline, split(tmp_path))
    assert pitches(found, 1.05) == {300}
    assert decibels(found[RATE * 3 // 2 :]) < -80


@pytest.mark.parametrize(("speed", "shown"), [(Fraction(1, 2), 12), (Fraction(2), 48)])
def test_at_another_speed_the_pitch_stays_and_the_sound_keeps_step(tmp_path: Path, speed: Fraction, shown: int) -> None:
    wave = np.concatenate([tone(2, 300), tone(2, 3000), tone(2, 8000)])
    clip = Clip("e/0", "e", Span(48 - shown, 48 + shown), Span(0, 48), speed=speed)
    found = natural(Timeline("t", "s", "T", "g", FILM, (clip,)), {"e": film(tmp_path / "e.mov", wave, 144)})
    assert len(found) == 2 * RATE
    assert [pitches(found, at) for at in (0.2, 0.85, 1.05, 1.7)] == [{300}, {300}, {3000}, {3000}]


def test_a_dub_lets_the_other_track_be_heard(tmp_path: Path) -> None:
    e = versions(tmp_path / "e.mkv", {"eng": tone(4, 300), "fra": tone(4, 3000)})
    timeline = plan([("e", 24, 72)])
    assert pitches(natural(timeline, {"e": e}), 1) == {300}
    assert pitches(natural(replace(timeline, language="fr"), {"e": e}), 1) == {300}  # captions only
    assert pitches(natural(replace(timeline, language="fr", dubbed=True), {"e": e}), 1) == {3000}
    with pytest.raises(RequestError, match="'es'"):
        natural(replace(timeline, language="es", dubbed=True), {"e": e})


def test_two_hundred_cuts_make_no_click_and_no_drift(tmp_path: Path) -> None:
    rate = Fraction(30000, 1001)
    e = film(tmp_path / "e.mov", noise(20, 0.01) + tone(20, 180, 0.3), 590, rate)
    spans = [("e", 7 + (n * 37) % 570, 7 + (n * 37) % 570 + 3) for n in range(200)]
    timeline = plan(spans, rate=rate)
    found = natural(timeline, {"e": e})
    assert len(found) == round(600 / rate * RATE)
    assert clicks(found, [sample_at(cut, rate) for cut in timeline.cuts]) == ()


@given(
    st.lists(st.tuples(st.integers(1, 40), NEAR, NEAR, st.integers(0, 4)), min_size=1, max_size=6),
    st.integers(0, 30),
    st.booleans(),
)
def test_every_part_is_inside_the_trailer_and_fades_within_itself(
    cut: list[tuple[int, int, int, int]], card: int, alone: bool
) -> None:
    clips, at = [], 0
    for number, (length, lead, trail, mixed) in enumerate(cut):
        span = Span(100 * number, 100 * number + length)
        clips.append(Clip(f"e/{number}", "e", span, Span(at, at + length), mixed=min(mixed, length), lead=lead, trail=trail))
        at += length
    cards = (Card(("T",), Span(at, at + card), "#000000", "#ffffff"),) if card else ()
    timeline = Timeline("t", "s", "T", "g", FILM, tuple(clips), cards)
    end = sample_at(timeline.frames, FILM)
    found = parts(timeline, alone)
    assert len(found) == len(clips)
    everything: tuple[Part | Gap, ...] = (*found, *gaps(timeline, found, alone))
    for part in everything:
        assert -FADE <= part.head[0] <= part.head[1] <= part.tail[1]
        assert part.head[0] <= part.tail[0] <= part.tail[1] <= end + FADE
