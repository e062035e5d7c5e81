"""Beats: found to the millisecond where there are any, and nowhere else."""

from pathlib import Path

import numpy as np
import pytest

from trailers.demo import music
from trailers.editor.sound.beats import Samples, beats
from trailers.editor.sound.clock import RATE
from trailers.features.media import sound

FOOTAGE = Path(__file__).parents[4] / "shared" / "footage" / "music"


def strokes(times: np.ndarray, seconds: float, noise: float = 1e-4) -> Samples:
    """A plucked note at each of the times, the notes changing."""
    wave = np.random.default_rng(0).normal(0, noise, round(seconds * RATE))
    count = np.arange(7200)
    for number, time in enumerate(times):
        at = round(time * RATE)
        stroke = 0.4 * np.sin(2 * np.pi * 220 * 2 ** (number * 7 % 12 / 12) * count / RATE) * np.exp(-count / 1500)
        wave[at : at + 7200] += stroke[: len(wave) - at]
    return np.stack([wave, wave], axis=1).astype(np.float32)


def off(found: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Seconds from each of the times to the nearest beat that was found."""
    assert len(found)
    return np.asarray(np.abs(times[:, None] - found / RATE).min(axis=1))


@pytest.mark.parametrize("bpm", [60, 66, 75, 84, 90, 100, 110, 120, 128, 133, 140, 150, 160, 174, 180])
def test_every_beat_of_a_click_track_is_found_within_two_milliseconds(bpm: int) -> None:
    times = np.arange(0.2, 29.8, 60 / bpm)
    found = beats(strokes(times, 30))
    assert len(found) == len(times)
    assert off(found, times).max() < 0.002


def test_unsteady_hands_are_followed() -> None:
    times = np.arange(0.2, 29.8, 60 / 96) + np.random.default_rng(1).normal(0, 0.02, 48)
    assert off(beats(strokes(times, 30)), times).max() < 0.02


def test_a_tempo_that_changes_is_followed() -> None:
    times = 0.2 + np.cumsum(60 / np.linspace(90, 110, 48))
    found = beats(strokes(times, times[-1] + 1))
    assert off(found, times).max() < 0.02
    assert len(found) == pytest.approx(len(times), abs=1)


def test_a_beat_is_found_through_noise() -> None:
    times = np.arange(0.2, 29.8, 60 / 110)
    assert off(beats(strokes(times, 30, noise=0.03)), times).max() < 0.02


def test_a_loop_of_one_bar_has_its_beats_and_closes_on_itself() -> None:
    found = beats(strokes(np.arange(4) * 0.475, 1.9))
    assert found.tolist() == [0, 22800, 45600, 68400]


def test_silence_and_sound_without_a_beat_have_none() -> None:
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(20 * RATE) / RATE)
    for wave in (np.zeros(0), np.zeros(10 * RATE), tone, np.random.default_rng(0).normal(0, 0.1, 20 * RATE)):
        assert not len(beats(np.stack([wave, wave], axis=1).astype(np.float32)))


@pytest.mark.parametrize("key", [0, 3])
def test_the_beats_of_the_demo_s_music_are_the_ones_that_it_was_made_by(key: int) -> None:
    found = beats(music.bed(key, 18, key))
    assert off(found, np.arange(73) * 0.6).max() < 0.005
    assert np.diff(found) == pytest.approx(28800, abs=60)


@pytest.mark.footage
@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="real music lies beside the repository")
@pytest.mark.parametrize(
    ("name", "bpm"),
    [
        ("kevin_macleod_cc0_30s.mp3", 144),
        ("sonicpi_loop_breakbeat.flac", 126),
        ("sonicpi_loop_compus.flac", 148),
        ("sonicpi_loop_garzul.flac", 120),
    ],
)
def test_real_music_of_known_tempo_keeps_it(name: str, bpm: float) -> None:
    found = beats(sound(FOOTAGE / name, RATE, 2))
    assert 60 * RATE / np.diff(found) == pytest.approx(bpm, rel=0.002)
