"""The sound of a trailer as a file: at the level that was asked, in step, silent where it must be, the same bytes each time."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.editor.sound.material import decibels, film, noise, plan, song, tone, versions
from trailers.editor.profile import Level
from trailers.editor.sound import mix
from trailers.editor.sound.clicks import clicks
from trailers.editor.sound.loudness import RATE, measured, true_peak
from trailers.editor.sound.tracks import whole
from trailers.editor.timeline import Music
from trailers.errors import MediaError, RenderError
from trailers.features.media import sound
from trailers.features.span import Span


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


def test_every_limit_of_a_level_holds_in_the_file(tmp_path: Path) -> None:
    wave = noise(20, 0.02)
    wave[8 * RATE : 12 * RATE] *= 3
    e = film(tmp_path / "e.mov", wave, 480)
    asked = Level(-23, 0.5, -1, short_term=-18.5, momentary=-18.0)
    found = mix.mix(plan([("e", 0, 480)]), {"e": e}, asked, {}, tmp_path / "a.m4a")
    assert found == mix.measure(tmp_path / "a.m4a")
    assert found.integrated == pytest.approx(-23, abs=0.2)
    assert found.short_term_max <= -18.5
    assert found.momentary_max <= -18.0
    free = mix.mix(plan([("e", 0, 480)]), {"e": e}, replace(asked, short_term=None, momentary=None), {}, tmp_path / "b.m4a")
    assert free.short_term_max > -18.4  # which is what the limits are for


def test_a_level_may_be_asked_of_speech(tmp_path: Path) -> None:
    e = film(tmp_path / "e.mov", np.concatenate([noise(6, 0.1), noise(4, 0.03, 1)]), 240)
    timeline = plan([("e", 0, 240)], captions=[(144, 238)])
    found = mix.mix(timeline, {"e": e}, Level(-27, 2, -2, gate="dialogue"), {}, tmp_path / "a.m4a")
    assert found.dialogue == pytest.approx(-27, abs=0.2)
    assert found.spoken == pytest.approx(0.39, abs=0.02)
    assert mix.measure(tmp_path / "a.m4a", 2, timeline).dialogue == pytest.approx(-27, abs=0.2)
    sparse = Level(-27, 2, -2, gate="dialogue", sparse=-24)
    assert mix.mix(plan([("e", 0, 240)]), {"e": e}, sparse, {}, tmp_path / "b.m4a").integrated == pytest.approx(-24, abs=0.2)


def test_six_channels_come_out_as_they_went_in(tmp_path: Path) -> None:
    wave = np.stack([tone(4, 200 + 300 * n, 0.05)[:, 0] for n in range(6)], axis=1)
    wave[:, 3] = tone(4, 60, 0.05)[:, 0]
    e = versions(tmp_path / "e.mov", {"eng": wave})
    found = mix.mix(plan([("e", 12, 84)]), {"e": e}, Level(-23, 1, -2), {}, tmp_path / "a.m4a", channels=6)
    assert found == mix.measure(tmp_path / "a.m4a", 6)
    assert found.integrated == pytest.approx(-23, abs=0.2)
    heard = whole(tmp_path / "a.m4a", 6)[RATE : 2 * RATE]
    assert np.abs(np.fft.rfft(heard, axis=0)).argmax(axis=0).tolist() == [200, 500, 800, 60, 1400, 1700]


def test_frames_that_must_be_silent_are_and_the_rest_has_its_loudness(tmp_path: Path) -> None:
    e = film(tmp_path / "e.mov", noise(6), 144)
    timeline, mute = plan([("e", 0, 144)]), [Span(0, 24), Span(138, 144)]
    found = mix.mix(timeline, {"e": e}, Level(-23, 0.5, -1), {}, tmp_path / "a.m4a", mute=mute)
    assert found.integrated == pytest.approx(-23, abs=0.2)
    heard = sound(tmp_path / "a.m4a")
    assert np.abs(heard[: RATE - 2048]).max() < 1e-4
    assert np.abs(heard[round(5.75 * RATE) + 2048 :]).max() < 1e-4
    assert decibels(heard[RATE + 2048 : 2 * RATE]) > -30
    wave = mix.muted(noise(6), timeline, mute)
    assert not wave[:RATE].any()
    assert clicks(wave, [RATE, round(5.75 * RATE)]) == ()


def test_a_stem_is_a_file_of_24_bits_that_holds_it_to_the_bit(tmp_path: Path) -> None:
    import av

    for wave in (noise(1, 0.1), np.concatenate([noise(1, 0.1, n) for n in range(3)], axis=1)):
        mix.write_stem(wave, tmp_path / "a.wav")
        mix.write_stem(wave, tmp_path / "b.wav")
        assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()
        np.testing.assert_allclose(whole(tmp_path / "a.wav", wave.shape[1]), wave, atol=2**-23)
        with av.open(str(tmp_path / "a.wav")) as file:
            context = file.streams.audio[0].codec_context
            assert (context.name, context.sample_rate, context.channels) == ("pcm_s24le", RATE, wave.shape[1])
    mix.write_stem(noise(1, 0.5), tmp_path / "loud.wav")
    assert true_peak(whole(tmp_path / "loud.wav")) <= 0


def test_a_disk_that_is_full_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"gone\.wav.*could not be written"):
        mix.write_stem(noise(1), tmp_path / "no such folder" / "gone.wav")


def test_only_what_is_heard_names_a_sound() -> None:
    timeline = plan([("e", 0, 24), ("e", 48, 72)], card=24, captions=[(3, 20)])
    clip = timeline.clips[0]
    words = replace(timeline, id="x", title="X", segment="y", captions=(replace(timeline.captions[0], text="other words"),))
    shown = replace(words, clips=(replace(clip, score=3.0, why="w", centre=0.2), *timeline.clips[1:]), language="fr")
    assert mix.bare(shown) == mix.bare(timeline)
    for other in (
        replace(timeline, clips=(replace(clip, trail=3), *timeline.clips[1:])),
        replace(timeline, music=Music("m", "a")),
        replace(timeline, captions=()),
        replace(timeline, language="fr", dubbed=True),
        replace(timeline, fade_out=5),
    ):
        assert mix.bare(other) != mix.bare(timeline)


def test_stems_go_out_as_loud_as_they_are_in_the_mix_and_the_mix_at_its_level(tmp_path: Path) -> None:
    e = {"e": film(tmp_path / "e.mov", noise(6, 0.01), 144)}
    timeline = plan([("e", 0, 144)], music=True)
    made = mix.stems(timeline, e, {"": song(tmp_path / "m.wav", tone(6, 300))})
    out = mix.delivered(made, timeline, Level(-23, 1, -1), [Span(0, 12)])
    assert list(out) == ["natural", "music", "mix"]
    assert measured(out["mix"]).integrated == pytest.approx(-23, abs=0.1)
    np.testing.assert_allclose(out["natural"] * 10 ** (-4 / 20) + out["music"], out["mix"], atol=1e-4)
    assert not any(samples[: RATE // 2].any() for samples in out.values())
