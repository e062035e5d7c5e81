"""Hits and risers: each at its own peak, where the trailer turns."""

import wave as waves
from pathlib import Path

import numpy as np
import pytest

from trailers.editor.sound.clock import RATE
from trailers.editor.sound.hits import Samples, played
from trailers.editor.timeline import Effect
from trailers.errors import RequestError


def sample(path: Path, wave: Samples) -> Path:
    with waves.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((wave.clip(-1, 1) * 32767).round().astype("<i2").tobytes())
    return path


def blow(seconds: float = 1.0, late: float = 0.0, size: float = 0.5) -> Samples:
    """Noise that begins at `late` seconds at its loudest and dies away."""
    time = np.arange(round(seconds * RATE)) / RATE - late
    wave = size * np.random.default_rng(0).uniform(-1, 1, len(time)) * np.exp(-6 * time.clip(0)) * (time >= 0)
    return np.stack([wave, wave], axis=1).astype(np.float32)


def test_effects_sound_together_each_at_its_sample_and_gain(tmp_path: Path) -> None:
    files = {"a": sample(tmp_path / "a.wav", blow()), "b": sample(tmp_path / "b.wav", blow(0.5))}
    found = played(
        (Effect("a.wav", "a", 100, -6.0), Effect("b.wav", "b", RATE, 0.0), Effect("a.wav", "a", RATE)), files, 3 * RATE
    )
    assert found.shape == (3 * RATE, 2)
    assert not found[:100].any()
    half = 10 ** (-6 / 20)
    np.testing.assert_allclose(found[100 : 100 + 2000], blow()[:2000] * half, atol=1e-4)
    both = played((Effect("a.wav", "a", 100, -6.0),), files, 3 * RATE)[RATE : RATE + 2000] + blow()[:2000] + blow(0.5)[:2000]
    np.testing.assert_allclose(found[RATE : RATE + 2000], both, atol=2e-4)


def test_an_effect_that_is_cut_at_an_end_makes_no_click(tmp_path: Path) -> None:
    steady = np.full((RATE, 2), 0.5, np.float32)
    file = {"a": sample(tmp_path / "a.wav", steady)}
    found = played((Effect("a.wav", "a", -RATE // 2), Effect("a.wav", "a", RATE)), file, RATE * 3 // 2)
    assert np.abs(found[0]).max() < 0.01
    assert np.abs(found[-1]).max() < 0.01
    assert found[RATE // 4, 0] == pytest.approx(0.5, abs=1e-3)


def test_a_file_that_was_not_given_is_named() -> None:
    with pytest.raises(RequestError, match=r"boom\.flac"):
        played((Effect("boom.flac", "f00", 0),), {}, RATE)
