"""Natural sound: everything at its sample, no click, none louder than the next; what a cut, a lead or a card leaves empty."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.editor.sound.material import FILM, decibels, film, noise, plan, tone
from trailers.editor.picture.frames import frames_at
from trailers.editor.sound.loudness import RATE
from trailers.editor.sound.natural import natural
from trailers.editor.sound.parts import FADE
from trailers.editor.timeline import Clip, Timeline
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
