"""Channels kept where they have a place, folded down by ITU-R BS.775 where not; the same as libswresample does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailers.editor.sound.surround import ORDER, coefficients, folded

HALF = np.sqrt(0.5)


def test_six_become_two_by_the_standard() -> None:
    expected = [[1, 0, HALF, 0, HALF, 0], [0, 1, HALF, 0, 0, HALF]]
    np.testing.assert_allclose(coefficients(ORDER[6], 2), expected)
    np.testing.assert_allclose(coefficients(("FL", "FR", "FC", "LFE", "SL", "SR"), 2), expected)


def test_what_has_a_place_stays_there() -> None:
    np.testing.assert_array_equal(coefficients(ORDER[6], 6), np.eye(6))
    np.testing.assert_array_equal(coefficients(("FL", "FR", "FC", "LFE", "SL", "SR"), 6), np.eye(6))
    np.testing.assert_array_equal(coefficients(ORDER[2], 2), np.eye(2))


def test_mono_keeps_its_level_in_both_and_is_the_centre_of_six() -> None:
    np.testing.assert_array_equal(coefficients(("FC",), 2), [[1], [1]])
    np.testing.assert_array_equal(coefficients(("FC",), 6)[:, 0], [0, 0, 1, 0, 0, 0])


def test_a_back_of_seven_joins_the_sides_and_one_behind_goes_to_both() -> None:
    seven = ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR")
    np.testing.assert_array_equal(coefficients(seven, 6)[4], [0, 0, 0, 0, 1, 0, 1, 0])
    np.testing.assert_allclose(coefficients(("FL", "FR", "BC"), 2)[:, 2], [0.5, 0.5])


def test_two_stand_in_front_of_six() -> None:
    wave = np.random.default_rng(0).standard_normal((100, 2)).astype(np.float32)
    found = folded(wave, 6)
    np.testing.assert_array_equal(found[:, :2], wave)
    assert not found[:, 2:].any()


@pytest.mark.parametrize("layout", ["mono", "stereo", "5.1", "5.1(side)", "quad", "5.0"])
def test_folds_as_libswresample_does(layout: str) -> None:
    import av

    form = av.AudioLayout(layout)
    wave = np.random.default_rng(1).standard_normal((len(form.channels), 4096)).astype(np.float32) * 0.1
    block = av.AudioFrame.from_ndarray(wave, format="fltp", layout=layout)
    block.sample_rate = 48000
    swr = av.AudioResampler(format="fltp", layout="stereo", rate=48000)
    theirs = np.concatenate([part.to_ndarray() for part in (*swr.resample(block), *swr.resample(None))], axis=1)
    ours = coefficients([channel.name for channel in form.channels], 2) @ wave
    if layout == "mono":
        ours = ours * HALF  # which is why features mix mono by themselves
    np.testing.assert_allclose(theirs, ours, atol=1e-5)


@given(st.lists(st.sampled_from((*ORDER[6], "SL", "SR", "BC", "FLC", "??")), unique=True, max_size=8), st.sampled_from([2, 6]))
def test_no_channel_grows_and_unknown_ones_are_left_out(names: list[str], channels: int) -> None:
    matrix = coefficients(names, channels)
    assert matrix.shape == (channels, len(names))
    assert (matrix >= 0).all()
    assert ((matrix**2).sum(axis=0) <= (2 if len(names) == 1 else 1) + 1e-9).all()
