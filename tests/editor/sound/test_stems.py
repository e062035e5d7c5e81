"""Stems: music that makes room for words, each kind of sound by itself, the source's own tracks where it has them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.editor.sound.material import FILM, decibels, film, noise, plan, song, tone, versions
from trailers.editor.sound.loudness import RATE, Samples
from trailers.editor.sound.stems import mixed, raised, stems
from trailers.editor.sound.tracks import Tracks
from trailers.editor.timeline import Effect, Music, Take, Timeline
from trailers.errors import RequestError
from trailers.features.media import Episode


def test_music_goes_under_words_before_the_first_and_comes_back_after_the_last(tmp_path: Path) -> None:
    e = film(tmp_path / "e.mov", tone(8, 200, 0.02), 192)
    words = plan([("e", 0, 192)], card=48, music=True, captions=[(72, 120)])
    found = mixed(stems(words, {"e": e}, {"": song(tmp_path / "m.wav", noise(12))}))
    high = found - np.roll(found, RATE // 200, 0)  # takes the tone away, leaves the noise

    def heard(second: float) -> float:
        return decibels(high[round(second * RATE) : round((second + 0.2) * RATE)])

    full = heard(1.5)
    assert heard(3.0) < full - 10  # the very first word
    assert heard(4.7) < full - 10
    assert heard(6.5) > full - 2
    assert heard(8.2) > full - 2  # on the card
    assert decibels(high[-RATE // 20 :]) < full - 12  # it ends, and does not stop


def test_short_music_begins_again_without_a_hole(tmp_path: Path) -> None:
    e = film(tmp_path / "e.mov", None, 240)
    found = mixed(stems(plan([("e", 0, 240)], music=True), {"e": e}, {"": song(tmp_path / "m.wav", noise(3))}))
    heard = [decibels(found[n * RATE // 4 : (n + 1) * RATE // 4]) for n in range(1, 33)]
    assert max(heard) - min(heard) < 3


def test_music_begins_where_it_was_told_to(tmp_path: Path) -> None:
    e = film(tmp_path / "e.mov", None, 48)
    music = song(tmp_path / "m.wav", np.concatenate([tone(2, 300), tone(4, 3000)]))
    timeline = plan([("e", 0, 48)])
    bed = Music("m.wav", "", takes=(Take(96000, 0, 10**6),))
    told = Timeline(timeline.id, "s", "T", "general", FILM, timeline.clips, music=bed)
    spectrum = np.abs(np.fft.rfft(mixed(stems(told, {"e": e}, {"": music}))[4800:28800, 0]))
    assert spectrum.argmax() == 1500  # 3000 Hz in half a second


def three(tmp_path: Path) -> dict[str, Episode]:
    """An episode whose tracks are its mix, its dialogue (300 Hz), its music (3000 Hz) and its effects (8000 Hz)."""
    kinds = {"ita": tone(8, 300, 0.1), "deu": tone(8, 3000, 0.1), "fra": tone(8, 8000, 0.1)}
    whole = np.asarray(sum(kinds.values()), np.float32)
    return {"e": versions(tmp_path / "e.mkv", {"eng": whole, **kinds}, seconds=8)}


def pitches(wave: Samples) -> set[int]:
    spectrum = np.abs(np.fft.rfft(wave[RATE : RATE + RATE // 10, 0]))
    return {pitch for pitch in (300, 1000, 3000, 8000) if spectrum[pitch // 10] > 50}


def test_the_episodes_own_tracks_are_stems_and_their_sum_the_mix(tmp_path: Path) -> None:
    e, timeline = three(tmp_path), plan([("e", 24, 96)])
    made = stems(timeline, e, {}, tracks={"e": Tracks(1, 2, 3)})
    assert made.dialogue is not None
    assert made.music is not None
    assert [pitches(part) for part in (made.dialogue, made.music, made.natural)] == [{300}, {3000}, {8000}]
    assert list(made.by_name) == ["dialogue", "music", "effects"]
    np.testing.assert_allclose(mixed(made), mixed(stems(timeline, e, {})), atol=1e-4)


def test_a_bed_takes_the_place_of_the_episodes_own_music(tmp_path: Path) -> None:
    e, bed = three(tmp_path), song(tmp_path / "m.wav", tone(8, 1000))
    timeline = plan([("e", 24, 96)], music=True)
    assert pitches(mixed(stems(timeline, e, {"": bed}))) == {300, 1000, 3000, 8000}
    assert pitches(mixed(stems(timeline, e, {"": bed}, tracks={"e": Tracks(1, 2, 3)}))) == {300, 1000, 8000}


def test_tracks_are_used_only_where_all_episodes_have_them_and_no_dub_is_heard(tmp_path: Path) -> None:
    e = three(tmp_path)
    timeline = plan([("e", 24, 96), ("f", 0, 24)])
    both = {**e, "f": film(tmp_path / "f.mov", tone(2), 48)}
    assert stems(timeline, both, {}, tracks={"e": Tracks(1, 2, 3)}).dialogue is None
    dubbed = replace(plan([("e", 24, 96)]), language="de", dubbed=True)
    assert stems(dubbed, e, {}, tracks={"e": Tracks(1, 2, 3)}).dialogue is None
    with pytest.raises(RequestError, match="track 7"):
        stems(plan([("e", 24, 96)]), e, {}, tracks={"e": Tracks(1, 2, 7)})


def test_the_music_goes_out_undipped_and_dips_in_the_mix(tmp_path: Path) -> None:
    e = {"e": film(tmp_path / "e.mov", None, 192)}
    made = stems(plan([("e", 0, 192)], music=True, captions=[(72, 120)]), e, {"": song(tmp_path / "m.wav", noise(8))})
    assert made.music is not None
    assert made.gone is not None
    assert decibels(made.music[4 * RATE : 5 * RATE]) == pytest.approx(decibels(made.music[RATE : 2 * RATE]), abs=0.3)
    whole = mixed(made)
    assert decibels(whole[RATE : 2 * RATE]) - decibels(whole[4 * RATE : 5 * RATE]) == pytest.approx(14, abs=0.3)
    assert list(made.by_name) == ["music"]
    np.testing.assert_allclose(made.music * 10 ** (-14 * made.gone / 20), whole, atol=1e-5)


def test_effects_are_heard_at_their_samples_and_go_out_alone(tmp_path: Path) -> None:
    e, crack = {"e": film(tmp_path / "e.mov", None, 96)}, np.zeros((1000, 2), np.float32)
    crack[0] = 0.5
    effect = Effect("crack.wav", "c", 70_000)
    made = stems(replace(plan([("e", 0, 96)]), effects=(effect,)), e, {"c": song(tmp_path / "crack.wav", crack)})
    assert int(np.abs(mixed(made)[:, 0]).argmax()) == 70_000
    assert list(made.by_name) == ["effects"]


def test_in_six_channels_natural_sound_keeps_its_places_and_music_stands_in_front(tmp_path: Path) -> None:
    wave = np.stack([tone(4, 300, 0.02 * (n + 1))[:, 0] for n in range(6)], axis=1)
    e = {"e": versions(tmp_path / "e.mov", {"eng": wave})}
    alone = stems(plan([("e", 24, 72)]), e, {}, channels=6)
    sizes = np.abs(mixed(alone)[RATE // 2 : RATE]).max(axis=0)
    np.testing.assert_allclose(sizes / sizes[0], [1, 2, 3, 4, 5, 6], rtol=0.01)
    bed = stems(plan([("e", 24, 72)], music=True), e, {"": song(tmp_path / "m.wav", tone(4, 1000))}, channels=6)
    assert bed.music is not None
    assert bed.music[:, :2].any()
    assert not bed.music[:, 2:].any()


def test_stems_are_raised_as_their_mix_was(tmp_path: Path) -> None:
    made = stems(plan([("e", 24, 72)]), {"e": film(tmp_path / "e.mov", noise(4), 96)}, {})
    np.testing.assert_allclose(mixed(raised(made, 6)), mixed(made) * 10 ** (6 / 20), rtol=1e-4)


def test_music_that_was_not_given_is_named(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="plays m, and no file"):
        stems(plan([("e", 24, 72)], music=True), {"e": film(tmp_path / "e.mov", None, 96)}, {"other": tmp_path})
