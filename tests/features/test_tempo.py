"""Tempo: onsets where sounds begin, and beats a minute where there is a steady beat."""

from pathlib import Path

import numpy as np
import pytest

from trailers.features.tempo import RATE, STEPS, Listener, onsets, tempo

MUSIC = Path(__file__).parents[3] / "shared" / "footage" / "music"
rng = np.random.default_rng(1)


def flux(samples: np.ndarray) -> np.ndarray:
    return Listener().push(samples.astype(np.float32))


def strokes(times: np.ndarray, seconds: float, noise: float = 0.0) -> np.ndarray:
    wave = rng.normal(0, noise, round(seconds * RATE)) if noise else np.zeros(round(seconds * RATE))
    count = np.arange(2400)
    for time in times:
        at = round(time * RATE)
        stroke = 0.4 * np.sin(2 * np.pi * 220 * 2 ** (round(time * 7) % 12 / 12) * count / RATE) * np.exp(-count / 500)
        wave[at : at + 2400] += stroke[: len(wave) - at]
    return wave


def told(samples: np.ndarray) -> float:
    found = flux(samples)
    return tempo(found, 0, len(found))


@pytest.mark.parametrize("bpm", [45, 60, 75, 90, 100, 120, 128, 140, 150, 174, 200, 230])
def test_clicks_have_their_tempo(bpm: int) -> None:
    assert told(strokes(np.arange(0.2, 11.8, 60 / bpm), 12)) == pytest.approx(bpm, rel=0.01)


def test_a_beat_is_found_through_noise_and_unsteady_hands() -> None:
    times = np.arange(0.2, 11.8, 60 / 96)
    assert told(strokes(times + rng.normal(0, 0.01, len(times)), 12, noise=0.02)) == pytest.approx(96, rel=0.01)


def test_a_short_shot_is_heard_with_what_is_around_it() -> None:
    found = flux(strokes(np.arange(0.2, 29.8, 0.5), 30))
    assert tempo(found, 15 * STEPS, 16 * STEPS) == pytest.approx(120, rel=0.01)


def test_no_beat_is_no_tempo() -> None:
    seconds = np.arange(12 * RATE) / RATE
    scattered = strokes(np.sort(rng.uniform(0, 11.8, 24)), 12)
    for samples in (
        np.zeros(12 * RATE),
        np.sin(2 * np.pi * 440 * seconds),
        rng.normal(0, 0.1, 12 * RATE),
        scattered,
        np.zeros(0),
    ):
        assert told(samples) == 0


@pytest.mark.skipif(not MUSIC.is_dir(), reason="the shared footage is not here")
@pytest.mark.parametrize(("loop", "beats"), [("breakbeat", 4), ("compus", 16), ("garzul", 16)])
def test_loops_keep_their_tempo_or_half_of_it(loop: str, beats: int) -> None:
    """A loop without a seam holds whole beats: its length tells its tempo."""
    from trailers.features.media import sound

    wave = sound(MUSIC / f"sonicpi_loop_{loop}.flac", RATE, 1)[:, 0]
    bpm = beats * 60 * RATE / len(wave)
    found = told(np.tile(wave, 16 * RATE // len(wave) + 1))
    assert min(abs(found / bpm - 1), abs(found / bpm - 0.5)) < 0.01


def test_onsets_lie_where_sounds_begin() -> None:
    times = np.sort(rng.choice(np.arange(3, 195), 50, replace=False)) / 10
    found = onsets(flux(strokes(times, 20, noise=0.001))) / STEPS
    near = [min(abs(found - time)) <= 0.03 for time in times]
    assert sum(near) >= 48
    assert len(found) <= 55


def test_steady_sound_has_no_onsets() -> None:
    seconds = np.arange(10 * RATE) / RATE
    for samples in (np.zeros(RATE), rng.normal(0, 0.1, 10 * RATE), 0.3 * np.sin(2 * np.pi * 440 * seconds)):
        assert len(onsets(flux(samples))) <= 1
    assert not len(onsets(np.zeros(0, np.float32)))


def test_pieces_give_what_the_whole_gives() -> None:
    samples = strokes(np.arange(0.2, 3.8, 0.3), 4).astype(np.float32)
    listener = Listener()
    pieces = [listener.push(part) for part in np.split(samples, [100, 9000, 30001])]
    assert np.concatenate(pieces) == pytest.approx(flux(samples), abs=1e-6)
