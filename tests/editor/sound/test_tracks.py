"""Any stretch of any track of an episode, to the sample; only what is asked is decoded."""

from pathlib import Path

import numpy as np
import pytest

from tests.editor.sound.material import film, noise, tone, versions
from trailers.editor.sound.clock import RATE
from trailers.editor.sound.tracks import Tracks, dub, stretches, whole
from trailers.errors import MediaError, RequestError
from trailers.features.media import sound


def test_a_stretch_is_the_sound_from_its_first_sample_on(tmp_path: Path) -> None:
    wave = noise(8)
    e = film(tmp_path / "e.mov", wave, 192)
    found = stretches(e, [(RATE + 7, 1000), (5 * RATE - 333, 50_000)])
    for (first, count), samples in zip([(RATE + 7, 1000), (5 * RATE - 333, 50_000)], found, strict=True):
        np.testing.assert_allclose(samples, wave[first : first + count], atol=1e-4)


def test_beyond_the_ends_is_silence(tmp_path: Path) -> None:
    e = film(tmp_path / "e.mov", tone(2), 48)
    before, after = stretches(e, [(-500, 1000), (2 * RATE - 500, 1000)])
    assert not before[:500].any()
    assert before[500:].any()
    assert after[:500].any()
    assert not after[500:].any()
    assert not stretches(film(tmp_path / "silent.mov", None, 24), [(0, 100)])[0].any()


@pytest.mark.parametrize("rate", [44100, 32000, 48000])
def test_a_stretch_is_the_same_whatever_is_asked_around_it(tmp_path: Path, rate: int) -> None:
    wave = np.random.default_rng(0).standard_normal((4 * rate, 2)).astype(np.float32) * 0.1
    e = versions(tmp_path / "e.mov", {"eng": wave}, rate)
    long, short = stretches(e, [(RATE // 3, 2 * RATE), (RATE, 5000)])
    np.testing.assert_allclose(long[RATE - RATE // 3 :][:5000], short, atol=1e-6)
    np.testing.assert_allclose(sound(e, RATE, 2)[RATE : RATE + 5000], short, atol=1e-6)


def test_six_channels_are_kept_or_folded(tmp_path: Path) -> None:
    wave = np.stack([tone(4, 300 + 100 * n, 0.05)[:, 0] for n in range(6)], axis=1)
    e = versions(tmp_path / "e.mov", {"eng": wave})
    np.testing.assert_allclose(stretches(e, [(RATE, 2000)], 6)[0], wave[RATE : RATE + 2000], atol=1e-6)
    left = wave[:, 0] + np.sqrt(0.5) * (wave[:, 2] + wave[:, 4])
    np.testing.assert_allclose(stretches(e, [(RATE, 2000)], 2)[0][:, 0], left[RATE : RATE + 2000], atol=1e-6)


def test_a_dub_is_the_track_of_its_language(tmp_path: Path) -> None:
    e = versions(tmp_path / "e.mkv", {"eng": tone(4, 300), "fra": tone(4, 3000)})
    assert (dub(e, "en"), dub(e, "fr"), dub(e, "fr-CA")) == (0, 1, 1)
    spectrum = np.abs(np.fft.rfft(stretches(e, [(RATE, RATE)], track=dub(e, "fr"))[0][:, 0]))
    assert spectrum.argmax() == 3000
    with pytest.raises(RequestError, match=r"dub in 'de'.*eng, fra"):
        dub(e, "de")


def test_a_track_that_is_not_there_is_named(tmp_path: Path) -> None:
    e = versions(tmp_path / "e.mkv", {"eng": tone(4), "fra": tone(4), "und": tone(4)})
    assert Tracks(0, 1, 2).checked(e) == Tracks(0, 1, 2)
    with pytest.raises(RequestError, match=r"track 3 was named for its effects.*0 to 2"):
        Tracks(0, 1, 3).checked(e)


def test_a_finished_file_is_heard_whole(tmp_path: Path) -> None:
    wave = np.concatenate([noise(4), noise(4, seed=1), noise(4, seed=2)], axis=1)
    path = versions(tmp_path / "e.mov", {"eng": wave}).path
    np.testing.assert_allclose(whole(path, 6), wave, atol=1e-6)
    assert whole(path, 2).shape == (4 * RATE, 2)
    with pytest.raises(MediaError, match="silent"):
        whole(film(tmp_path / "silent.mov", None, 24).path)
