"""Clicks at joints are found in the wave and in a file made of it; what begins with the picture is none."""

from pathlib import Path

import numpy as np
import pytest

from trailers.editor.sound import mix
from trailers.editor.sound.clicks import clicks
from trailers.editor.sound.loudness import RATE, Samples
from trailers.features.media import sound

JOINT = RATE + 100
TIME = np.arange(2 * RATE) / RATE


def wave(first: np.ndarray, then: np.ndarray) -> Samples:
    """One wave up to the joint, another from it on."""
    whole = np.concatenate([first[:JOINT], then[JOINT:]])
    return np.stack([whole, whole], axis=1).astype(np.float32)


LOW, HIGH, NOTHING = 0.3 * np.sin(440 * np.pi * TIME), 0.3 * np.sin(440 * np.pi * TIME + 1.5), np.zeros(2 * RATE)
SINCE = np.maximum(TIME - JOINT / RATE, 0)
CRACK = np.random.default_rng(0).standard_normal(2 * RATE) * np.exp(-16 * SINCE) * 0.2
DRUM = 0.6 * np.exp(-8 * SINCE) * np.sin(120 * np.pi * SINCE)


@pytest.mark.parametrize("coded", [False, True], ids=["in the wave", "in the file"])
@pytest.mark.parametrize(
    ("made", "found"),
    [
        pytest.param(wave(LOW, HIGH), (JOINT,), id="a jump"),
        pytest.param(wave(LOW, NOTHING), (JOINT,), id="a sound that stops dead"),
        pytest.param(wave(NOTHING, LOW + 0.1), (JOINT,), id="a sound that starts with a jump"),
        pytest.param(wave(LOW, LOW), (), id="a wave that runs on"),
        pytest.param(wave(NOTHING, CRACK), (), id="a crack that begins there and lasts"),
        pytest.param(wave(0.2 * LOW, 0.2 * LOW + CRACK), (), id="a crack over a tone"),
        pytest.param(wave(NOTHING, NOTHING), (), id="silence"),
    ],
)
def test_a_jump_is_a_click_and_a_sound_that_begins_is_none(
    made: Samples, found: tuple[int, ...], coded: bool, tmp_path: Path
) -> None:
    if coded:
        mix.encode(made, tmp_path / "a.m4a")
        made = sound(tmp_path / "a.m4a")
    assert clicks(made, (JOINT,)) == found
    assert clicks(made, (JOINT - RATE // 2,)) == ()


def test_a_fade_of_ten_milliseconds_takes_a_click_away() -> None:
    half = RATE // 200
    ramp = np.clip((np.arange(2 * RATE) - JOINT + half) / (2 * half), 0, 1)
    assert clicks(wave(LOW, HIGH), (JOINT,))
    faded = LOW * np.cos(ramp * np.pi / 2) + HIGH * np.sin(ramp * np.pi / 2)
    assert clicks(wave(faded, faded), (JOINT,)) == ()


def test_a_wave_that_ends_at_full_height_clicks_at_its_end() -> None:
    whole = wave(HIGH, HIGH)
    assert clicks(whole, (0, len(whole))) == (0, len(whole))


@pytest.mark.footage
@pytest.mark.skipif(not (Path(__file__).parents[4] / "shared" / "footage" / "music").is_dir(), reason="no footage here")
def test_real_music_has_no_clicks_wherever_one_looks() -> None:
    folder = Path(__file__).parents[4] / "shared" / "footage" / "music"
    looked, found = 0, 0
    for name in ("kevin_macleod_cc0_30s.mp3", "sonicpi_loop_breakbeat.flac", "sonicpi_drum_splash_hard.flac"):
        heard = sound(folder / name)
        joints = range(2000, len(heard) - 2000, 997)
        looked, found = looked + len(joints), found + len(clicks(heard, joints))
    assert looked > 1500
    assert found == 0
