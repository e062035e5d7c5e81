"""The sound of a trailer: everything at its sample, no click, music that makes room for words, the loudness that was asked."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.editor.sound.material import decibels, film, noise, plan, song
from trailers.editor.profile import Level
from trailers.editor.sound import mix
from trailers.editor.sound.loudness import RATE
from trailers.errors import MediaError
from trailers.features.media import sound


def test_the_energy_of_a_bed_is_told_for_every_second(tmp_path: Path) -> None:
    music = song(tmp_path / "m.wav", np.concatenate([noise(2, 0.01), noise(1, 0.3), noise(1, 0.05)]))
    low, same, high, middle, again, _ = mix.energy(music, 0, 6)
    assert high == 1.0
    assert low == pytest.approx(0, abs=0.01)
    assert same == pytest.approx(low, abs=0.02)
    assert 0.3 < middle < 0.6
    assert again < 0.6
    assert mix.energy(music, 2, 2)[0] == 1.0
    assert mix.energy(song(tmp_path / "even.wav", noise(3)), 0, 3) == (0.5, 0.5, 0.5)


def test_the_file_has_the_loudness_and_the_peak_that_were_asked(tmp_path: Path) -> None:
    hits = noise(6, 0.02)
    hits[::RATE] = 0.9
    e = film(tmp_path / "e.mov", hits, 144)
    for asked in (Level(-16, 1, -1.5), Level(-23, 1, -3)):
        out = tmp_path / f"{asked.peak}.m4a"
        told = mix.mix(plan([("e", 0, 144)]), {"e": e}, asked, {}, out)
        found = mix.measure(out)
        assert found == told
        assert found.integrated == pytest.approx(asked.integrated, abs=0.2)
        assert found.true_peak <= asked.peak + 0.05


def test_sound_starts_with_the_picture_and_ends_with_it(tmp_path: Path) -> None:
    import av

    wave = noise(3, 0.0001)
    wave[RATE // 2] = 0.9
    mix.encode(wave[: RATE * 2 + 333], tmp_path / "a.m4a")
    with av.open(str(tmp_path / "a.m4a")) as file:
        track = file.streams.audio[0]
        assert (track.start_time, track.duration, track.time_base) == (0, RATE * 2 + 333, Fraction(1, RATE))
        assert (track.codec_context.name, track.codec_context.profile) == ("aac", "LC")
    assert abs(int(np.abs(sound(tmp_path / "a.m4a")[:, 0]).argmax()) - RATE // 2) <= 1


def test_the_same_timeline_gives_the_same_bytes(tmp_path: Path) -> None:
    e, music = film(tmp_path / "e.mov", noise(3), 72), song(tmp_path / "m.wav", noise(2, seed=3))
    for name in ("a.m4a", "b.m4a"):
        mix.mix(plan([("e", 0, 48), ("e", 50, 60)], music=True), {"e": e}, Level(), {"": music}, tmp_path / name)
    assert (tmp_path / "a.m4a").read_bytes() == (tmp_path / "b.m4a").read_bytes()


def test_nothing_to_hear_is_said(tmp_path: Path) -> None:
    e = film(tmp_path / "e.mov", None, 48)
    found = mix.mix(plan([("e", 0, 48)], card=24), {"e": e}, Level(), {}, tmp_path / "a.m4a")
    assert found.silent
    assert len(sound(tmp_path / "a.m4a")) >= 3 * RATE
    assert mix.mix(plan([], card=24), {}, Level(), {}, tmp_path / "b.m4a").silent


def test_music_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    e = film(tmp_path / "e.mov", None, 48)
    (tmp_path / "empty.mp3").touch()
    with pytest.raises(MediaError, match=r"empty\.mp3"):
        mix.mix(plan([("e", 0, 48)], music=True), {"e": e}, Level(), {"": tmp_path / "empty.mp3"}, tmp_path / "a.m4a")


MUSIC = Path(__file__).parents[4] / "shared" / "footage" / "music"


@pytest.mark.footage
@pytest.mark.skipif(not MUSIC.is_dir(), reason="no footage here")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("kevin_macleod_cc0_30s.mp3", id="with a picture of its cover"),
        pytest.param("tears_of_steel_01_40_years_later.ogg", id="whose last packet is broken"),
        pytest.param("sonicpi_loop_breakbeat.flac", id="of two seconds"),
    ],
)
def test_plays_real_music(tmp_path: Path, name: str) -> None:
    e = film(tmp_path / "e.mov", None, 144)
    found = mix.mix(plan([("e", 0, 144)], card=48, music=True), {"e": e}, Level(), {"": MUSIC / name}, tmp_path / "a.m4a")
    assert found.integrated == pytest.approx(-16, abs=0.2)
    assert found.true_peak <= -1.4
    heard = sound(tmp_path / "a.m4a")
    assert all(decibels(heard[n * RATE : (n + 1) * RATE]) > -40 for n in range(1, 7))
