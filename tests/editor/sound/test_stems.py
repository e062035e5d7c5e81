"""Stems: music that makes room for words, each kind of sound by itself, the source's own tracks where it has them."""

from pathlib import Path

import numpy as np

from tests.editor.sound.material import FILM, decibels, film, noise, plan, song, tone
from trailers.editor.sound.loudness import RATE
from trailers.editor.sound.stems import mixed, stems
from trailers.editor.timeline import Music, Take, Timeline


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
