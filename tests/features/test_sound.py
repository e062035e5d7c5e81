"""Sound: levels in the units they claim, silence as silence, and no speech where none is."""

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.conftest import RED, SolidFilm
from trailers.features.media import Episode, probe
from trailers.features.shots import Shot
from trailers.features.levels import QUIET, k_weighting
from trailers.features.sound import COLUMNS, listen
from trailers.features.span import Span

Heard = Callable[[np.ndarray], Episode]


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Heard:
    """An episode of black pictures, 24 a second, over a wave of 48 kHz (samples, stereo)."""

    def make(wave: np.ndarray) -> Episode:
        import av

        path: Path = tmp_path_factory.mktemp("heard") / "heard.mkv"
        with av.open(str(path), "w") as file:
            video = file.add_stream("libx264", rate=24, options={"preset": "ultrafast", "threads": "1"})
            video.width, video.height, video.pix_fmt = 64, 36, "yuv420p"
            audio = file.add_stream("pcm_f32le", rate=48000, layout="stereo")
            for _ in range(len(wave) // 2000):
                file.mux(video.encode(av.VideoFrame.from_ndarray(np.zeros((36, 64, 3), np.uint8), format="rgb24")))
            file.mux(video.encode(None))
            block = av.AudioFrame.from_ndarray(wave.astype(np.float32).reshape(1, -1), format="flt", layout="stereo")
            block.sample_rate, block.pts, block.time_base = 48000, 0, Fraction(1, 48000)
            file.mux(audio.encode(block))
            file.mux(audio.encode(None))
        return probe(path, "s")

    return make


def tone(seconds: float, level: float, hertz: float = 997) -> np.ndarray:
    wave = 10 ** (level / 20) * np.sin(2 * np.pi * hertz * np.arange(round(seconds * 48000)) / 48000)
    return np.stack([wave, wave], axis=1)


def listened(episode: Episode, *edges: int) -> pd.DataFrame:
    spans = (Span(a, b) for a, b in pairwise(edges))
    return listen(episode, [Shot(f"s/{n}", "s", span) for n, span in enumerate(spans)])


def test_a_tone_has_the_loudness_and_peak_of_its_level(heard: Heard) -> None:
    table = listened(heard(np.concatenate([tone(2, -20), tone(2, -40)])), 0, 48, 96)
    assert list(table.columns) == list(COLUMNS)
    # BS.1770: a sine of 997 Hz at 0 dBFS in one channel reads -3.01 LUFS, in both 0.
    assert table["loudness"].tolist() == pytest.approx([-20.0, -40.0], abs=0.5)
    assert table["peak"].tolist() == pytest.approx([-20, -40], abs=0.5)
    assert table["silence"].tolist() == [0, 0]


def test_silence_is_silence_with_and_without_a_track(heard: Heard, solid_film: SolidFilm) -> None:
    for episode in (heard(np.zeros((96000, 2))), probe(solid_film(shots=[(RED, 48)], sound=False))):
        row = listened(episode, 0, 48).iloc[0]
        assert (row["loudness"], row["peak"], row["speech"], row["onsets"], row["silence"]) == (QUIET, QUIET, 0, 0, 1)


def test_strokes_are_counted_as_onsets(heard: Heard) -> None:
    wave = np.zeros((4 * 48000, 2))
    for stroke in range(8):
        at = stroke * 24000 + 6000
        wave[at : at + 4800] = tone(0.1, -10, 500) * np.exp(-np.arange(4800) / 800)[:, None]
    assert listened(heard(wave), 0, 96)["onsets"].iloc[0] == pytest.approx(2, abs=0.3)
    assert listened(heard(tone(4, -20)), 0, 96)["onsets"].iloc[0] < 0.6


def test_a_tone_and_noise_are_no_speech(heard: Heard) -> None:
    noise = np.random.default_rng(0).normal(0, 0.05, (96000, 2))
    assert listened(heard(np.concatenate([tone(2, -20), noise])), 0, 48, 96)["speech"].max() < 0.1


def test_a_shot_of_one_frame_is_heard(heard: Heard) -> None:
    table = listened(heard(tone(1, -20)), 0, 1, 24)
    assert table["loudness"].iloc[0] == pytest.approx(-20, abs=3)


def test_the_k_filter_is_that_of_the_standard() -> None:
    """The coefficients of BS.1770-4, tables 1 and 2, at 48 kHz."""
    shelf, high = k_weighting(48000)
    zeros, poles = [1.53512485958697, -2.69169618940638, 1.19839281085285], [1, -1.69065929318241, 0.73248077421585]
    assert shelf == pytest.approx([*zeros, *poles], abs=1e-6)
    assert high == pytest.approx([1, -2, 1, 1, -1.99004745483398, 0.99007225036621], abs=1e-6)
