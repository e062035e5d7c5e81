"""How music is built: bars where chords change, phrases where the playing does, an ending where it rings out."""

from pathlib import Path

import numpy as np
import pytest

from trailers.demo import music
from trailers.editor.sound.beats import Samples
from trailers.editor.sound.clock import RATE
from trailers.editor.sound.grid import grid
from trailers.features.media import sound

FOOTAGE = Path(__file__).parents[4] / "shared" / "footage" / "music"
BAR = round(2.4 * RATE)  # the demo's bed: a hundred beats a minute, four a bar


def waltz(bars: int, metre: int, step: float = 0.5, late: float = 0.0) -> Samples:
    """A chord a bar, a low note on its first beat, a high one on the others."""
    wave = np.zeros(round((bars * metre * step + late + 0.3) * RATE))
    count = np.arange(round(0.4 * RATE))
    for number in range(bars * metre):
        root = 110 * 2 ** ((0, 5, 7, 3)[number // metre % 4] / 12)
        pitches = (root / 2, root) if number % metre == 0 else (2 * root, 2.5 * root, 3 * root)
        note = sum(np.sin(2 * np.pi * pitch * count / RATE) for pitch in pitches) * np.exp(-count / 6000) * 0.2
        at = round((late + number * step) * RATE)
        wave[at : at + len(count)] += note[: len(wave) - at]
    return np.stack([wave, wave], axis=1).astype(np.float32)


def off(found: tuple[int, ...], wanted: np.ndarray) -> float:
    return float(np.abs(wanted[:, None] - np.array(found)).min(axis=1).max() / RATE)


@pytest.mark.parametrize("key", [0, 5])
def test_the_demo_s_bed_has_its_bars_its_parts_and_its_last_hit(key: int) -> None:
    found = grid(music.bed(key, 18, key))
    assert off(found.bars, np.arange(19) * BAR) < 0.005
    assert np.diff(found.bars) == pytest.approx(BAR, abs=60)
    parts = np.array([0, 4, 6, 10, 14, 18]) * BAR  # where other instruments come in, and every four bars
    assert np.abs(np.array(found.phrases) - parts).max() < 300
    assert found.ending == pytest.approx(18 * BAR, abs=300)


@pytest.mark.parametrize(("metre", "late"), [(3, 0.0), (3, 0.5), (4, 0.0), (4, 1.0)])
def test_a_bar_begins_on_its_low_beat_in_threes_and_in_fours(metre: int, late: float) -> None:
    found = grid(waltz(14, metre, late=late))
    assert np.diff(found.bars) == pytest.approx(metre * RATE / 2, abs=100)
    assert off(found.bars, (late + np.arange(14) * metre * 0.5) * RATE) < 0.01


@pytest.mark.parametrize("fade", ["straight in decibels", "straight", "broken off"])
def test_a_piece_that_fades_or_breaks_off_has_no_ending(fade: str) -> None:
    wave = music.bed()[: 40 * RATE].copy()
    rest = np.linspace(1, 0, 8 * RATE)
    wave[-8 * RATE :] *= {"straight in decibels": 10 ** (3 * (rest - 1)), "straight": rest, "broken off": rest**0}[fade][:, None]
    assert grid(wave).ending is None


def test_a_loop_is_known_for_one_and_begins_with_a_bar() -> None:
    found = grid(waltz(2, 4)[: 4 * RATE])
    assert found.loops
    assert found.bars == (0, 2 * RATE)
    assert found.stop == 4 * RATE
    assert not grid(waltz(14, 4)).loops


def test_silence_and_sound_without_beats_have_no_bars() -> None:
    assert grid(np.zeros((RATE, 2), np.float32)).bars == ()
    assert grid(np.zeros((0, 2), np.float32)).stop == 0
    hum = 0.3 * np.sin(2 * np.pi * 110 * np.arange(20 * RATE) / RATE)
    assert grid(np.stack([hum, hum], axis=1).astype(np.float32)).bars == ()


@pytest.mark.footage
@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="real music lies beside the repository")
def test_real_music_that_rings_out_has_its_last_hit_and_music_that_breaks_off_has_none() -> None:
    assert grid(sound(FOOTAGE / "tears_of_steel_03_the_battle.ogg", RATE, 2)).ending == pytest.approx(
        118.2 * RATE, abs=0.3 * RATE
    )
    assert grid(sound(FOOTAGE / "kevin_macleod_cc0_30s.mp3", RATE, 2)).ending is None
