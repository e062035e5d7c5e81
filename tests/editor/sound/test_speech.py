"""Who speaks when, and how music steps back: wholly from a first word on, back after the last, never in a jump."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.editor.sound.material import noise, plan, tone
from trailers.demo.voice import say
from trailers.editor.sound.clock import RATE
from trailers.editor.sound.loudness import Samples
from trailers.editor.sound.speech import ATTACK, RELEASE, STEP, gone, spoken, voice


def words(at: float, seconds: float) -> tuple[Samples, float]:
    """Faint noise in which somebody speaks from a second on, and when that ends."""
    from scipy.signal import resample_poly

    said = resample_poly(say("We must open the gate", "viktor"), 2, 1)
    whole = noise(seconds, 0.0005)
    whole[round(at * RATE) : round(at * RATE) + len(said)] += (0.4 * said / np.abs(said).max())[:, None].astype(np.float32)
    return whole, at + len(said) / RATE


def test_a_voice_is_heard_where_somebody_speaks_and_nowhere_else() -> None:
    wave, stop = words(2, 8)
    found = voice(wave)
    assert len(found) == 800
    assert not found[:195].any()
    assert found[200 : round(stop * 100)].mean() > 0.3  # a voice made by code
    assert not found[round(stop * 100) + 40 :].any()
    assert not voice(tone(2, 300)).any()
    assert not voice(np.zeros((RATE, 2), np.float32)).any()


def test_in_six_channels_the_front_is_listened_to() -> None:
    wave, _ = words(1, 5)
    centre = np.zeros((len(wave), 6), np.float32)
    centre[:, 2] = 3 * wave[:, 0]
    behind = np.roll(centre, 2, axis=1)
    assert voice(centre).any()
    assert not voice(behind).any()


def test_captions_say_that_somebody_speaks_and_pauses_belong_to_speech() -> None:
    timeline = plan([("e", 0, 120)], captions=[(24, 36), (42, 60)])
    found = spoken(np.zeros((5 * RATE, 2), np.float32), timeline)
    assert np.flatnonzero(np.diff(found.astype(int))).tolist() == [99, 249]


@given(st.lists(st.booleans(), min_size=1, max_size=300))
def test_music_is_wholly_gone_under_speech_and_never_jumps(talk: list[bool]) -> None:
    flags = np.repeat(np.array(talk), 7)
    curve = gone(flags, len(flags) * STEP)[:, 0]
    middles = curve[STEP // 2 :: STEP][: len(flags)]
    assert (middles[flags] > 0.99).all()
    steps = np.diff(curve)
    assert steps.max(initial=0) <= 1 / ATTACK / RATE * 1.01
    assert -steps.min(initial=0) <= 1 / RELEASE / RATE * 1.01
    assert (curve >= 0).all()
    assert (curve <= 1).all()
