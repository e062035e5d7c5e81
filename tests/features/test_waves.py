"""Waves: a track's own samples, each at its time, exactly as long as the pictures."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import RED, SolidFilm
from trailers.features.media import probe, sound
from trailers.features.waves import CHUNK, waves

ODD = Path(__file__).parents[3] / "shared" / "footage" / "odd"


def ramp(samples: int, channels: int = 2) -> np.ndarray:
    """A wave whose every sample is known: a slow saw, another height in each channel."""
    return (np.arange(samples)[:, None] % 1000 / 1000 - 0.5) * np.arange(1, channels + 1) / channels


def film(path: Path, wave: np.ndarray, codec: str, form: str, seconds: float, late: int = 0) -> Path:
    """Pictures of `seconds` and a sound track of 8 kHz that begins `late` samples after them."""
    import av

    with av.open(str(path), "w") as file:
        video = file.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 32, 32, "yuv420p"
        audio: Any = file.add_stream(codec, rate=8000, layout="stereo")
        for _ in range(round(seconds * 10)):
            file.mux(video.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")))
        file.mux(video.encode(None))
        block = av.AudioFrame.from_ndarray(np.ascontiguousarray(wave).reshape(1, -1), format=form, layout="stereo")
        block.sample_rate, block.pts, block.time_base = 8000, late, Fraction(1, 8000)
        file.mux(audio.encode(block))
        file.mux(audio.encode(None))
    return path


def taken(path: Path) -> np.ndarray:
    track = waves(probe(path))
    assert track is not None
    return np.concatenate(list(track.pieces), axis=1)


@pytest.mark.parametrize(
    ("codec", "form", "scale"),
    [("pcm_u8", "u8", 128), ("pcm_s16le", "s16", 32768), ("pcm_s32le", "s32", 2**31), ("pcm_f32le", "flt", 1)],
)
def test_samples_of_every_format_are_at_full_scale_one(tmp_path: Path, codec: str, form: str, scale: int) -> None:
    wave = ramp(8000)
    kinds = {"u8": np.uint8, "s16": np.int16, "s32": np.int32, "flt": np.float32}
    whole = np.rint(wave * scale * 0.99) + (128 if form == "u8" else 0) if scale > 1 else wave * 0.99
    found = taken(film(tmp_path / "a.mkv", whole.astype(kinds[form]), codec, form, 1))
    assert found.shape == (2, 8000)
    assert np.allclose(found.T, wave * 0.99, rtol=0, atol=max(1 / scale if scale > 1 else 0, 1e-6))


def test_sound_that_begins_late_or_ends_early_lies_in_silence(tmp_path: Path) -> None:
    found = taken(film(tmp_path / "a.mkv", ramp(8000).astype(np.float32), "pcm_f32le", "flt", 3, late=4000))
    assert found.shape == (2, 24000)
    assert not found[:, :4000].any()
    assert np.allclose(found[:, 4000:12000].T, ramp(8000), atol=1e-6)
    assert not found[:, 12000:].any()


def test_a_long_track_comes_in_pieces_without_a_joint(tmp_path: Path) -> None:
    wave = ramp(8000 * (2 * CHUNK + 3)).astype(np.float32)
    track = waves(probe(film(tmp_path / "a.mkv", wave, "pcm_f32le", "flt", 2 * CHUNK + 2.5)))
    assert track is not None
    assert (track.rate, track.channels, track.language) == (8000, ("FL", "FR"), "")
    pieces = list(track.pieces)
    assert [piece.shape[1] for piece in pieces] == [8000 * CHUNK, 8000 * CHUNK, 20000]
    assert np.allclose(np.concatenate(pieces, axis=1).T, wave[: 8000 * 2 * CHUNK + 20000], atol=1e-6)


def test_a_track_that_changes_its_form_on_the_way_keeps_the_first(tmp_path: Path) -> None:
    """Two halves of a broadcast laid end to end: stereo, then mono at another rate; a tone in each."""
    import av

    for name, layout, rate, begin in (("a.ts", "stereo", 48000, 0), ("b.ts", "mono", 44100, 2)):
        with av.open(str(tmp_path / name), "w") as file:
            video = file.add_stream("libx264", rate=10, options={"preset": "ultrafast", "bf": "0"})
            video.width, video.height, video.pix_fmt = 32, 32, "yuv420p"
            audio: Any = file.add_stream("aac", rate=rate, layout=layout)
            for n in range(20):
                picture = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
                picture.pts, picture.time_base = n + begin * 10, Fraction(1, 10)
                file.mux(video.encode(picture))
            file.mux(video.encode(None))
            wave = np.sin(2 * np.pi * 440 * np.arange(2 * rate) / rate).astype(np.float32) / 2
            planes = np.stack([wave] * (2 if layout == "stereo" else 1))
            for at in range(0, 2 * rate, 1024):
                block = av.AudioFrame.from_ndarray(np.ascontiguousarray(planes[:, at : at + 1024]), format="fltp", layout=layout)
                block.sample_rate, block.pts, block.time_base = rate, at + begin * rate, Fraction(1, rate)
                file.mux(audio.encode(block))
            file.mux(audio.encode(None))
    whole = tmp_path / "whole.ts"
    whole.write_bytes((tmp_path / "a.ts").read_bytes() + (tmp_path / "b.ts").read_bytes())
    track = waves(probe(whole))
    assert track is not None
    assert (track.rate, track.channels) == (48000, ("FL", "FR"))
    found = np.concatenate(list(track.pieces), axis=1)
    levels = [np.sqrt((found[:, at * 48000 + 4800 : at * 48000 + 43200] ** 2).mean(axis=1)) for at in range(4)]
    assert np.mean(levels, axis=1).tolist() == pytest.approx([0.354, 0.354, 0.25, 0.25], abs=0.02)  # one channel's power in two


def test_no_sound_is_none(solid_film: SolidFilm) -> None:
    assert waves(probe(solid_film(shots=[(RED, 24)], sound=False))) is None


@pytest.mark.skipif(not ODD.is_dir(), reason="the shared footage is not here")
@pytest.mark.parametrize(
    "name",
    [
        "androidx_sample.avi", "androidx_sample.flv", "androidx_sample_shorter_audio.mp4", "bbb_ts_missing_frames.ts",
        "nasa_13013_two_video_streams.mp4", "sintel_trailer_truncated.webm",
        "androidx_sample_edit_list_only_preroll_sync_sample.mp4",
    ],
)  # fmt: skip
def test_odd_files_give_what_media_gives(name: str) -> None:
    """The same samples as the mix for listening, where that leaves them alone (mono and stereo at their own rate)."""
    episode = probe(ODD / name)
    track = waves(episode)
    assert track is not None
    mixed = sound(episode, track.rate, len(track.channels)).T
    found = np.concatenate(list(track.pieces), axis=1)
    assert found.shape == mixed.shape
    near = np.abs(found - mixed).max(axis=0) < 1e-3
    assert near.mean() > 0.999
