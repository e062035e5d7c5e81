"""Room tone has the colour, the width and the level of the quietest moment, and never repeats."""

import numpy as np

from tests.editor.sound.material import decibels, noise, tone
from trailers.editor.sound.loudness import RATE
from trailers.editor.sound.room import MOST
from trailers.editor.sound.room import tone as room


def test_room_tone_is_as_loud_as_the_quietest_moment_and_of_its_colour() -> None:
    from scipy.signal import lfilter

    hum = np.asarray(lfilter([0.02], [1, -0.98], noise(4, 0.05), axis=0), np.float32)  # dull
    loud = hum + tone(4, 3000, 0.3)
    loud[RATE : RATE + RATE // 2] = hum[RATE : RATE + RATE // 2]
    made = room(loud, 2 * RATE)
    assert made.shape == (2 * RATE, 2)
    assert abs(decibels(made) - decibels(hum)) < 4
    power = np.abs(np.fft.rfft(made[:, 0])) ** 2
    assert power[: 2 * 1000].sum() > 20 * power[2 * 3000 :].sum()


def test_it_never_repeats_and_is_the_same_each_time() -> None:
    made = room(noise(1, 0.005), 4 * RATE)[:, 0].astype(np.float64)
    spectrum = np.fft.rfft(np.concatenate([made, np.zeros(len(made))]))
    alike = np.fft.irfft(np.abs(spectrum) ** 2)[RATE // 10 : 3 * RATE]
    assert np.abs(alike).max() < 0.1 * (made**2).sum()
    np.testing.assert_array_equal(room(noise(1, 0.005), 1000), room(noise(1, 0.005), 1000))


def test_one_side_stays_one_side() -> None:
    left = noise(1, 0.005) * np.array([1, 0], np.float32)
    made = room(left, RATE)
    assert made[:, 0].std() > 0.001
    assert not made[:, 1].any()


def test_it_is_never_loud_and_of_silence_there_is_none() -> None:
    assert np.sqrt((room(noise(1, 0.3), RATE) ** 2).mean()) <= MOST * 1.2
    assert not room(np.zeros((RATE, 2), np.float32), 100).any()
    assert room(noise(1), 0).shape == (0, 2)
