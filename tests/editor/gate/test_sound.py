"""Sound: every fault has a wave that shows it."""

from dataclasses import replace

import numpy as np
import pytest

from tests.editor.gate.sabotage import Case, Sabotage, remade, write
from trailers.editor.profile import Level
from trailers.editor.sound.clock import RATE
from trailers.editor.sound.loudness import Samples


def quieted(wave: Samples, first: int, stop: int) -> Samples:
    found = wave.copy()
    found[first:stop] = 0
    return found


def torn(wave: Samples) -> Samples:
    """A wave that jumps at the first cut."""
    found = wave.copy() * np.float32(0.05)
    found[RATE:] += np.float32(0.4) * np.exp(-np.arange(len(wave) - RATE, dtype=np.float32) / 4000)[:, None]
    return found


FAULTS: dict[str, tuple[str, Sabotage]] = {
    "200 ms short": ("sound as long as picture", lambda c: remade(c, wave=c.wave[: -RATE // 5])),
    "200 ms long": ("sound as long as picture", lambda c: remade(c, wave=np.concatenate([c.wave, c.wave[: RATE // 5]]))),
    "100 ms late": ("in step", lambda c: remade(c, wave=np.roll(c.wave, RATE // 10, 0))),
    "44.1 kHz": ("sound", lambda c: remade(c, hertz=44100)),
    "8 dB louder": ("loudness", lambda c: remade(c, wave=c.wave * np.float32(2.5))),
    "8 dB louder, in peaks": ("true peak", lambda c: remade(c, wave=c.wave * np.float32(2.5))),
    "8 dB softer": ("loudness", lambda c: remade(c, wave=c.wave * np.float32(0.4))),
    "silenced": ("loudness", lambda c: remade(c, wave=c.wave * np.float32(0))),
    "a hole": ("silence", lambda c: remade(c, wave=quieted(c.wave, RATE // 2, RATE * 7 // 4))),
    "a jump at a cut": ("clicks", lambda c: remade(c, wave=torn(c.wave))),
}


@pytest.mark.parametrize(("caught", "sabotage"), FAULTS.values(), ids=FAULTS)
def test_catches(case: Case, caught: str, sabotage: Sabotage) -> None:
    assert caught in case.failed(sabotage(case))


def test_catches_a_file_without_sound(case: Case) -> None:
    silent = write(case.folder / "mute.mp4", case.shown, None, keys=case.timeline.cuts)
    assert case.failed(silent) == {"sound"}


def test_catches_a_short_stretch_that_is_too_loud_for_a_destination(case: Case) -> None:
    steady = case.asked(profile=replace(case.asked().profile, level=Level(-16, 3, -1.5, short_term=-13, momentary=-11)))
    assert not case.failed(case.path, steady) & {"short-term loudness", "momentary loudness"}
    loud = case.wave * np.float32(0.5)
    loud[RATE : 2 * RATE] *= 4
    found = case.failed(remade(case, wave=loud), steady)
    assert "momentary loudness" in found
    assert "short-term loudness" in case.failed(remade(case, wave=case.wave * np.float32(2.2)), steady)


def test_six_channels_pass_where_they_are_asked_and_two_in_their_place_do_not(case: Case) -> None:
    surround = replace(case.asked().profile, channels=(6,))
    asked = case.asked(profile=surround, channels=6)
    assert case.failed(case.render(case.timeline, profile=surround, channels=6), asked) == set()
    assert "sound" in case.failed(case.path, asked)


def test_catches_another_sound_in_its_place(case: Case) -> None:
    noise = np.random.default_rng(1).standard_normal(case.wave.shape).astype(np.float32) * case.wave.std()
    assert "in step" in case.failed(remade(case, wave=noise))
