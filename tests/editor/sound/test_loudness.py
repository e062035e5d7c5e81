"""Loudness as the standards have it: known tones, what ffmpeg says, channels by their weights, speech by itself."""

from pathlib import Path
from subprocess import run

import numpy as np
import pytest

from tests.editor.sound.material import noise, song, tone
from trailers.editor.profile import Level
from trailers.editor.sound.loudness import RATE, curve, integrated, judged, measured, true_peak
from trailers.features.media import sound


def test_measures_as_ffmpeg_does(tmp_path: Path) -> None:
    import imageio_ffmpeg

    wave = noise(8, 0.1) * np.linspace(0.1, 1, 8 * RATE, dtype=np.float32)[:, None] + tone(8, 997, 0.3)
    path = song(tmp_path / "a.wav", wave)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-i", str(path), "-af", "ebur128=peak=true", "-f", "null", "-"]
    said = run(command, capture_output=True, text=True, check=True).stderr.split("Summary:")[1].split()
    found = measured(sound(path, RATE, 2))
    assert found.integrated == pytest.approx(float(said[said.index("I:") + 1]), abs=0.1)
    assert found.true_peak == pytest.approx(float(said[said.index("Peak:") + 1]), abs=0.2)


def test_a_tone_of_minus_23_measures_minus_23() -> None:
    """EBU Tech 3341, case 1: a 1 kHz sine of -23 dBFS in both channels is -23.0 LUFS."""
    found = measured(tone(20, 1000, 10 ** (-23 / 20)))
    assert found.integrated == pytest.approx(-23, abs=0.1)
    assert found.short_term_max == pytest.approx(-23, abs=0.1)


def test_gates_what_is_silent() -> None:
    """EBU Tech 3341, case 3: quiet ends do not count."""
    ends = tone(10, 1000, 10 ** (-36 / 20))
    assert integrated(np.concatenate([ends, tone(60, 1000, 10 ** (-23 / 20)), ends])) == pytest.approx(-23, abs=0.1)


def test_finds_peaks_between_samples() -> None:
    """A sine at a quarter of the sample rate, 45 degrees off: its samples are 3 dB lower than it is (EBU Tech 3341, case 15)."""
    wave = (0.5 * np.sin(np.pi / 2 * np.arange(RATE) + np.pi / 4)).astype(np.float32)[:, None]
    assert np.abs(wave).max() == pytest.approx(0.3536, abs=0.001)
    assert true_peak(wave * np.hanning(RATE)[:, None].astype(np.float32)) == pytest.approx(-6.02, abs=0.3)


def test_channels_weigh_what_the_standard_says() -> None:
    """EBU Tech 3341, case 6: -28 dBFS left and right, -24 centre, -30 in both surrounds are -23.0 LUFS; no low effects."""
    sizes = (-28, -28, -24, -10, -30, -30)
    wave = np.stack([tone(20, 1000, 10 ** (size / 20))[:, 0] for size in sizes], axis=1)
    assert measured(wave).integrated == pytest.approx(-23, abs=0.1)
    behind = np.zeros((4 * RATE, 6), np.float32)
    behind[:, 4] = tone(4)[:, 0]
    before = np.roll(behind, -4, axis=1)
    assert integrated(behind) - integrated(before) == pytest.approx(1.49, abs=0.01)


def test_the_loudest_moment_is_told_from_the_loudest_three_seconds() -> None:
    wave = tone(10, 1000, 10 ** (-40 / 20))
    wave[4 * RATE : 4 * RATE + RATE // 2] = tone(0.5, 1000, 10 ** (-20 / 20))
    found = measured(wave)
    assert found.momentary_max == pytest.approx(-20, abs=0.1)
    assert found.short_term_max == pytest.approx(10 * np.log10((0.5 * 0.01 + 2.5 * 0.0001) / 3), abs=0.1)


def test_of_less_than_three_seconds_the_whole_is_its_short_term() -> None:
    found = measured(tone(1, 1000, 0.1))
    assert found.short_term_max == pytest.approx(-20, abs=0.1)
    assert measured(tone(0.3)).short_term_max == float("-inf")


def test_speech_is_measured_by_itself() -> None:
    wave = np.concatenate([tone(6, 1000, 10 ** (-14 / 20)), tone(4, 1000, 10 ** (-27 / 20))])
    talk = np.arange(1000) >= 600
    found = measured(wave, talk)
    assert found.dialogue == pytest.approx(-27, abs=0.1)
    assert found.spoken == pytest.approx(0.4)
    assert measured(wave, np.zeros(1000, bool)).dialogue is None
    assert measured(wave).dialogue is None


def test_a_level_asks_of_speech_only_where_there_is_enough() -> None:
    wave = np.concatenate([tone(6, 1000, 10 ** (-14 / 20)), tone(4, 1000, 10 ** (-27 / 20))])
    netflix = Level(-27, 2, -2, gate="dialogue", sparse=-24)
    much, little = np.arange(1000) >= 600, np.arange(1000) >= 900
    assert judged(measured(wave, much), netflix) == pytest.approx((-27, -27), abs=0.1)
    assert judged(measured(wave, little), netflix) == (-24, measured(wave).integrated)
    assert judged(measured(wave, much), Level(-16)) == (-16, measured(wave).integrated)


def test_a_curve_tells_the_loudness_over_time() -> None:
    wave = np.concatenate([noise(4, 0), tone(6, 1000, 0.1)])
    found, quick = curve(wave), curve(wave, 4)
    assert len(found) == len(quick) == 100
    assert found.max() == pytest.approx(measured(wave).short_term_max)
    assert quick.max() == pytest.approx(measured(wave).momentary_max)
    assert found[:40].max() == float("-inf")
    assert found[70:].min() == pytest.approx(-20, abs=0.1)
