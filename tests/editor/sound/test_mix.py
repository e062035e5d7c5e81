"""The sound of a trailer: everything at its sample, no click, music that makes room for words, the loudness that was asked."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.editor.sound.material import FILM, decibels, film, noise, plan, song, tone
from trailers.editor.picture.frames import frames_at
from trailers.editor.profile import Rendition
from trailers.editor.sound import mix
from trailers.editor.sound.loudness import RATE
from trailers.editor.timeline import Clip, Music, Take, Timeline
from trailers.errors import MediaError
from trailers.features.media import sound
from trailers.features.span import Span

SHAPE = Rendition("small", (320, 180))


def test_every_clip_is_heard_at_its_sample(tmp_path: Path) -> None:
    wave = np.zeros((5 * RATE, 2), np.float32)
    wave[[RATE * 3 // 2, RATE * 7 // 2]] = 0.5  # a click in the middle of frame 36 and of frame 84
    e = film(tmp_path / "e.mov", wave, 120)
    found = mix.natural(plan([("e", 72, 96), ("e", 24, 48)]), {"e": e})
    assert np.flatnonzero(np.abs(found[:, 0]) > 0.1).tolist() == [RATE // 2, RATE + RATE // 2]


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(24000, 1001), Fraction(30000, 1001), Fraction(25)])
def test_the_whole_is_as_long_as_the_picture_to_the_sample(tmp_path: Path, rate: Fraction) -> None:
    e = film(tmp_path / "e.mov", noise(4), 90, rate)
    found = mix.natural(plan([("e", 10, 41), ("e", 50, 81)], card=7, rate=rate), {"e": e})
    assert len(found) == round(69 / rate * RATE)


def test_a_cut_makes_no_click(tmp_path: Path) -> None:
    low = 0.5 * np.sign(tone(1, 50))  # 1 s of a square: cut anywhere it would jump
    e = film(tmp_path / "e.mov", np.concatenate([tone(2, 60, 0.5), np.roll(tone(2, 60, 0.5), 300, 0)]), 96)
    found = mix.natural(plan([("e", 5, 29), ("e", 55, 79)]), {"e": e})
    steepest = 0.5 * 2 * np.pi * 60 / RATE
    joint = found[RATE - 1000 : RATE + 1000, 0]
    assert np.abs(np.diff(joint)).max() < 1.5 * steepest + 0.5 / mix.FADE * np.pi
    assert np.abs(np.diff(low[:, 0])).max() > 0.9  # what a click would look like


def test_sound_that_runs_on_over_a_cut_is_left_alone(tmp_path: Path) -> None:
    wave = noise(4)
    e = film(tmp_path / "e.mov", wave, 96)
    found = mix.natural(plan([("e", 24, 48), ("e", 48, 72)]), {"e": e})
    np.testing.assert_allclose(found[RATE // 2 : RATE * 3 // 2], wave[RATE * 3 // 2 : RATE * 5 // 2], atol=1e-4)


@pytest.mark.parametrize("source", [FILM, Fraction(25), Fraction(30000, 1001)])
def test_no_sample_of_a_run_of_shots_is_lost_at_its_joints(tmp_path: Path, source: Fraction) -> None:
    wave = tone(6, 220, 0.3)
    e = film(tmp_path / "e.mov", wave, round(6 * source), source)
    spans = [(round(a * source), round(b * source)) for a, b in ((1, 2), (2, 2.5), (2.5, 4))]
    lengths = [frames_at(Span(*span), e, FILM) for span in spans]
    starts = [0, lengths[0], lengths[0] + lengths[1]]
    run = tuple(
        Clip(f"e/{n}", "e", Span(*span), Span(at, at + length))
        for n, (span, at, length) in enumerate(zip(spans, starts, lengths, strict=True))
    )
    found = mix.natural(Timeline("t", "s", "T", "g", FILM, run), {"e": e})
    inner = found[RATE // 4 : -RATE // 4, 0]
    level = np.sqrt(np.convolve(inner.astype(np.float64) ** 2, np.ones(1440) / 1440, "valid"))  # 30 ms: a fade would be a dip
    assert level.min() > 0.98 * level.max()


def test_a_clip_rings_out_over_the_card_and_the_next_begins_at_its_sample(tmp_path: Path) -> None:
    wave = np.concatenate([tone(2, 300), tone(2, 3000)])
    e = film(tmp_path / "e.mov", wave, 96)
    last = Clip("e/9", "e", Span(60, 84), Span(72, 96))
    timeline = plan([("e", 0, 24)], card=48)
    found = mix.natural(replace(timeline, clips=(*timeline.clips, last)), {"e": e}, ring=mix.RING)
    quiet = [decibels(found[round(at * RATE) : round((at + 0.2) * RATE)]) for at in (0.5, 1.0, 1.4, 2.7, 3.1, 3.7)]
    assert quiet[0] > -18
    assert quiet[0] > quiet[1] > -40
    assert max(quiet[2], quiet[3]) < -80
    assert min(quiet[4], quiet[5]) > -20
    assert np.abs(np.fft.rfft(found[RATE * 3 + 4800 : RATE * 3 + 28800, 0])).argmax() == 1500


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


def test_a_dissolve_mixes_the_sound_of_both_clips(tmp_path: Path) -> None:
    e = film(tmp_path / "e.mov", np.concatenate([tone(2, 300), tone(2, 3000)]), 96)
    found = mix.natural(plan([("e", 0, 24), ("e", 60, 84)], dissolve=12), {"e": e})
    spectrum = np.abs(np.fft.rfft(found[RATE + RATE // 8 : RATE + RATE * 3 // 8, 0]))
    assert spectrum[75] > 500  # 300 Hz in a window of a quarter second; 1200 alone
    assert spectrum[750] > 500
    assert decibels(found[RATE + RATE // 8 : RATE + RATE * 3 // 8]) == pytest.approx(decibels(tone(1)), abs=1)


def test_clips_are_evened_by_six_decibels_at_most_and_silence_is_not_raised(tmp_path: Path) -> None:
    loud, soft, hiss = noise(2, 0.2), noise(2, 0.08, 1), noise(2, 0.0005, 2)
    e = film(tmp_path / "e.mov", np.concatenate([loud, soft, loud, hiss]), 192)
    found = mix.natural(plan([("e", 1, 47), ("e", 49, 95), ("e", 97, 143), ("e", 145, 191)]), {"e": e})
    heard = [decibels(found[n * 92000 + 9600 : (n + 1) * 92000 - 9600]) for n in range(4)]
    assert heard[1] - decibels(soft) == pytest.approx(6, abs=0.2)
    assert heard[0] - heard[1] == pytest.approx(decibels(loud) - decibels(soft) - 6, abs=0.3)
    assert heard[3] == pytest.approx(decibels(hiss), abs=0.2)


def test_music_goes_under_words_before_the_first_and_comes_back_after_the_last(tmp_path: Path) -> None:
    e = film(tmp_path / "e.mov", tone(8, 200, 0.02), 192)
    words = plan([("e", 0, 192)], card=48, music=True, captions=[(72, 120)])
    found = mix.mixed(words, {"e": e}, song(tmp_path / "m.wav", noise(12)))
    high = found - np.roll(found, RATE // 200, 0)  # takes the tone away, leaves the noise

    def heard(second: float) -> float:
        return decibels(high[round(second * RATE) : round((second + 0.2) * RATE)])

    full = heard(1.5)
    assert heard(3.0) < full - 10  # the very first word
    assert heard(4.7) < full - 10
    assert heard(6.5) > full - 2
    assert heard(8.2) > full - 2  # on the card
    assert heard(9.75) < full - 12  # it ends, and does not stop


def test_short_music_begins_again_without_a_hole(tmp_path: Path) -> None:
    e = film(tmp_path / "e.mov", None, 240)
    found = mix.mixed(plan([("e", 0, 240)], music=True), {"e": e}, song(tmp_path / "m.wav", noise(3)))
    heard = [decibels(found[n * RATE // 4 : (n + 1) * RATE // 4]) for n in range(1, 33)]
    assert max(heard) - min(heard) < 3


def test_music_begins_where_it_was_told_to(tmp_path: Path) -> None:
    e = film(tmp_path / "e.mov", None, 48)
    music = song(tmp_path / "m.wav", np.concatenate([tone(2, 300), tone(4, 3000)]))
    timeline = plan([("e", 0, 48)])
    bed = Music("m.wav", "", takes=(Take(96000, 0, 10**6),))
    told = Timeline(timeline.id, "s", "T", "general", FILM, timeline.clips, music=bed)
    spectrum = np.abs(np.fft.rfft(mix.mixed(told, {"e": e}, music)[4800:28800, 0]))
    assert spectrum.argmax() == 1500  # 3000 Hz in half a second


def test_the_file_has_the_loudness_and_the_peak_that_were_asked(tmp_path: Path) -> None:
    hits = noise(6, 0.02)
    hits[::RATE] = 0.9
    e = film(tmp_path / "e.mov", hits, 144)
    for asked in (Rendition("web", (2, 2), -16, -1.5), Rendition("broadcast", (2, 2), -23, -3)):
        out = tmp_path / f"{asked.id}.m4a"
        told = mix.mix(plan([("e", 0, 144)]), {"e": e}, asked, None, out)
        found = mix.measure(out)
        assert found == told
        assert found.integrated == pytest.approx(asked.loudness, abs=0.2)
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
        mix.mix(plan([("e", 0, 48), ("e", 50, 60)], music=True), {"e": e}, SHAPE, music, tmp_path / name)
    assert (tmp_path / "a.m4a").read_bytes() == (tmp_path / "b.m4a").read_bytes()


def test_nothing_to_hear_is_said(tmp_path: Path) -> None:
    e = film(tmp_path / "e.mov", None, 48)
    found = mix.mix(plan([("e", 0, 48)], card=24), {"e": e}, SHAPE, None, tmp_path / "a.m4a")
    assert found.silent
    assert len(sound(tmp_path / "a.m4a")) >= 3 * RATE
    assert mix.mix(plan([], card=24), {}, SHAPE, None, tmp_path / "b.m4a").silent


def test_music_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    e = film(tmp_path / "e.mov", None, 48)
    (tmp_path / "empty.mp3").touch()
    with pytest.raises(MediaError, match=r"empty\.mp3"):
        mix.mix(plan([("e", 0, 48)], music=True), {"e": e}, SHAPE, tmp_path / "empty.mp3", tmp_path / "a.m4a")


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
    found = mix.mix(plan([("e", 0, 144)], card=48, music=True), {"e": e}, SHAPE, MUSIC / name, tmp_path / "a.m4a")
    assert found.integrated == pytest.approx(-16, abs=0.2)
    assert found.true_peak <= -1.4
    heard = sound(tmp_path / "a.m4a")
    assert all(decibels(heard[n * RATE : (n + 1) * RATE]) > -40 for n in range(1, 7))


def test_two_frame_clips_and_the_ends_of_an_episode_are_heard_without_a_click(tmp_path: Path) -> None:
    e = film(tmp_path / "e.mov", tone(2, 60, 0.5), 48)
    found = mix.natural(plan([("e", 46, 48), ("e", 0, 2), ("e", 20, 22), ("e", 46, 48)], card=24), {"e": e})
    assert np.abs(np.diff(found[:, 0])).max() < 0.01
    assert decibels(found[:16000]) > -15
