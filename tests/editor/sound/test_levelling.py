"""A level is one gain wherever it can be; peaks are held, loud stretches ridden down slowly, nothing pumps."""

import numpy as np
import pytest

from tests.editor.sound.material import noise
from trailers.editor.profile import Level
from trailers.editor.sound.levelling import level, limit, pumping
from trailers.editor.sound.loudness import RATE, Samples, integrated, measured, true_peak


def test_the_limiter_holds_peaks_and_leaves_the_rest() -> None:
    wave = noise(2, 0.05)
    wave[RATE : RATE + 5] = 1.4
    found = limit(wave, -1.5)
    assert true_peak(found) <= -1.4
    np.testing.assert_array_equal(found[: RATE - 2000], wave[: RATE - 2000])


def test_a_level_that_needs_no_limiting_is_one_gain() -> None:
    wave = noise(3, 0.02)
    found = level(wave, Level(-30, peak=-1.5))
    gains = found[np.abs(wave) > 0.01] / wave[np.abs(wave) > 0.01]
    assert np.ptp(gains) < 1e-4
    assert integrated(found) == pytest.approx(-30, abs=0.05)


def swelling() -> Samples:
    """Twenty seconds of which four in their midst are 9.5 dB louder."""
    wave = noise(20, 0.02)
    wave[8 * RATE : 12 * RATE] *= 3
    return wave


def test_one_gain_is_no_pumping_and_a_gain_that_goes_up_and_down_is() -> None:
    wave = noise(6, 0.05)
    assert pumping(wave, wave * np.float32(3)) < 0.01
    breath = 1 - 0.5 * (np.sin(2 * np.pi * np.arange(len(wave)) / RATE) > 0)
    assert pumping(wave, np.asarray(wave * breath[:, None], np.float32)) > 4


def test_a_compressor_that_ducks_what_follows_a_drum_is_caught_and_the_limiter_is_not_one() -> None:
    time = np.arange(8 * RATE) / RATE
    drum = np.where(time % 0.5 < 0.1, 0.9 * np.sin(120 * np.pi * time), 0)[:, None]
    wave = np.asarray(noise(8, 0.03) + drum, np.float32)
    breath = np.repeat(np.tile([0.3, 0.5, 1.0, 1.0, 1.0], 16), RATE // 10)[:, None]
    assert pumping(wave, np.asarray(wave * breath, np.float32)) > 4
    assert pumping(wave, level(wave, Level(-12, 1, -1.5))) < 0.5


@pytest.mark.parametrize(
    "asked", [Level(-23, 0.5, -1, short_term=-18.0), Level(-23, 0.5, -1, momentary=-19.0)], ids=["three seconds", "a moment"]
)
def test_a_stretch_that_is_too_loud_is_ridden_down_slowly_and_the_whole_keeps_its_loudness(asked: Level) -> None:
    wave = swelling()
    before = measured(wave * np.float32(10 ** ((asked.integrated - integrated(wave)) / 20)))
    assert max(before.short_term_max + 18, before.momentary_max + 19) > 0.5  # what one gain would give
    made = level(wave, asked)
    found = measured(made)
    assert found.integrated == pytest.approx(-23, abs=0.1)
    assert found.short_term_max <= (asked.short_term or 0)
    assert found.momentary_max <= (asked.momentary or 0)
    assert 0.1 < pumping(wave, made) < 2.5


def test_hits_are_limited_without_pumping_what_is_between_them() -> None:
    wave = noise(8, 0.02)
    wave[::RATE] = 0.6
    made = level(wave, Level(-16, 1, -1.5))
    assert integrated(made) == pytest.approx(-16, abs=0.1)
    assert true_peak(made) <= -1.45
    assert pumping(wave, made) < 0.6


def test_six_channels_share_one_gain() -> None:
    wave = np.concatenate([noise(4, 0.02), noise(4, 0.05, 1), noise(4, 0.01, 2)], axis=1)
    made = level(wave, Level(-23, 1, -2))
    assert made.shape == wave.shape
    assert measured(made).integrated == pytest.approx(-23, abs=0.1)
    assert np.ptp(made[1000] / wave[1000]) < 1e-4


def test_speech_is_brought_to_a_level_that_is_asked_of_it() -> None:
    wave = np.concatenate([noise(6, 0.1), noise(4, 0.02, 1)])
    talk = np.arange(1000) >= 600
    made = level(wave, Level(-27, 2, -2, gate="dialogue"), talk)
    assert measured(made, talk).dialogue == pytest.approx(-27, abs=0.1)


def test_silence_stays_silence() -> None:
    assert not level(np.zeros((RATE, 2), np.float32), Level()).any()
