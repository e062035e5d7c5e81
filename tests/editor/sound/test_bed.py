"""The music bed: takes at their samples, joints that nobody hears, an end that is the music's own."""

import wave as waves
from pathlib import Path

import numpy as np
import pytest

from trailers.editor.sound.bed import CROSS, EDGE, Samples, crossed, played
from trailers.editor.sound.clock import RATE
from trailers.editor.timeline import Music, Take
from trailers.errors import MediaError


def song(path: Path, wave: Samples) -> Path:
    with waves.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((wave.clip(-1, 1) * 32767).round().astype("<i2").tobytes())
    return path


def tone(seconds: float, pitch: float = 440, size: float = 0.3) -> Samples:
    wave = size * np.sin(2 * np.pi * pitch * np.arange(round(seconds * RATE)) / RATE)
    return np.stack([wave, wave], axis=1).astype(np.float32)


def noise(seconds: float, size: float = 0.1, seed: int = 0) -> Samples:
    return (size * np.random.default_rng(seed).standard_normal((round(seconds * RATE), 2))).astype(np.float32)


def bed(*takes: tuple[int, int, int], beats: tuple[int, ...] = ()) -> Music:
    return Music("m.wav", "", tuple(Take(*take) for take in takes), beats)


def bend(samples: Samples) -> Samples:
    """The size of the second difference: where it stands out there is a click."""
    return np.asarray(np.abs(np.diff(samples, 2, axis=0)).max(axis=1), np.float32)


def loud(samples: Samples) -> float:
    return float(np.sqrt((samples.astype(np.float64) ** 2).mean()))


def test_without_takes_the_file_is_heard_as_it_is(tmp_path: Path) -> None:
    wave = noise(2)
    found = played(bed(), song(tmp_path / "m.wav", wave), 3 * RATE)
    assert found.shape == (3 * RATE, 2)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[: 2 * RATE], wave, atol=1e-4)
    assert not found[2 * RATE :].any()


def test_every_take_stands_at_its_sample(tmp_path: Path) -> None:
    wave = np.zeros((4 * RATE, 2), np.float32)
    wave[[RATE // 2, 3 * RATE + 100]] = 0.5
    file = song(tmp_path / "m.wav", wave)
    found = played(bed((3 * RATE, 0, RATE), (0, RATE, RATE)), file, 2 * RATE)
    assert np.flatnonzero(np.abs(found[:, 0]) > 0.1).tolist() == [100, RATE + RATE // 2]


@pytest.mark.parametrize("beats", [(), (0, RATE * 3 // 2)])
def test_a_joint_makes_no_click(tmp_path: Path, beats: tuple[int, ...]) -> None:
    file = song(tmp_path / "m.wav", tone(5, 443))
    found = played(bed((0, 0, RATE + 77), (3 * RATE + 30, RATE + 77, RATE), beats=beats), file, 2 * RATE)
    inside = bend(found[: 2 * RATE - RATE // 2])
    assert inside.max() < 1.2 * bend(tone(1, 443)).max()
    butted = np.concatenate([tone(5, 443)[: RATE + 77], tone(5, 443)[3 * RATE + 30 :]])
    assert bend(butted).max() > 5 * bend(tone(1, 443)).max()  # what a click would look like


@pytest.mark.parametrize("alike", [0.0, 0.5, 1.0])
def test_the_level_stays_over_a_joint_whatever_the_takes_have_in_common(alike: float) -> None:
    first, other = noise(0.5), noise(0.5, seed=1)
    second = np.asarray(alike * first + np.sqrt(1 - alike**2) * other, np.float32)
    middle = crossed(first, second)[RATE // 10 : -RATE // 10]
    assert 20 * np.log10(loud(middle) / loud(first)) == pytest.approx(0, abs=0.3)


def test_the_beat_that_a_take_begins_with_is_heard_whole(tmp_path: Path) -> None:
    wave = noise(3, 0.02)
    wave[2 * RATE : 2 * RATE + 100] += 0.6
    found = played(bed((0, 0, RATE), (2 * RATE, RATE, RATE), beats=(0, RATE)), song(tmp_path / "m.wav", wave), 2 * RATE)
    np.testing.assert_allclose(found[RATE : RATE + 4000], wave[2 * RATE : 2 * RATE + 4000], atol=1e-4)
    np.testing.assert_allclose(found[: RATE - CROSS], wave[: RATE - CROSS], atol=1e-4)


def test_a_loop_that_closes_on_itself_is_played_on_untouched(tmp_path: Path) -> None:
    wave = tone(1, 300)
    found = played(bed((0, 0, RATE), (0, RATE, RATE)), song(tmp_path / "m.wav", wave), 2 * RATE)
    np.testing.assert_allclose(found, np.concatenate([wave, wave]), atol=1e-4)


def test_a_bed_that_ends_with_its_file_is_not_faded(tmp_path: Path) -> None:
    wave = noise(2)
    found = played(bed((RATE, 0, RATE)), song(tmp_path / "m.wav", wave), RATE)
    np.testing.assert_allclose(found[EDGE:], wave[RATE + EDGE :], atol=1e-4)


def test_a_bed_that_leaves_its_file_dies_away_from_the_last_beat_on(tmp_path: Path) -> None:
    wave = noise(4)
    beats = (0, RATE // 2, RATE, RATE * 3 // 2)
    found = played(bed((0, 0, 2 * RATE), beats=beats), song(tmp_path / "m.wav", wave), 2 * RATE)
    np.testing.assert_allclose(found[: RATE * 3 // 2], wave[: RATE * 3 // 2], atol=1e-4)
    assert loud(found[-RATE // 20 :]) < 0.1 * loud(wave)
    assert np.abs(found[-1]).max() < 1e-4


def test_takes_beyond_the_trailer_are_left_out(tmp_path: Path) -> None:
    file = song(tmp_path / "m.wav", noise(3))
    found = played(bed((0, 0, 2 * RATE), (0, 2 * RATE, RATE)), file, RATE)
    assert found.shape == (RATE, 2)


def test_music_of_no_bytes_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "m.mp3").write_bytes(b"")
    with pytest.raises(MediaError, match=r"m\.mp3") as told:
        played(bed(), tmp_path / "m.mp3", RATE)
    assert "\n" not in str(told.value)
