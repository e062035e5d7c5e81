"""Music brought to a length: cut at bars, its last hit on a beat and on a frame, nothing lost and nothing doubled."""

import wave as waves
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailers.demo import music
from trailers.editor.sound.beats import Samples, beats
from trailers.editor.sound.bed import fitted, laid, played
from trailers.editor.sound.clock import RATE, frame_near, sample_at
from trailers.editor.sound.grid import Grid, grid, heard
from trailers.editor.timeline import Music, Take

FILM = Fraction(24)
BEAT, BAR = round(0.6 * RATE), round(2.4 * RATE)
RATES = [Fraction(24), Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(60)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Grid]:
    """The demo's bed, 46 s, whose bars and last hit are known."""
    wave = music.bed()
    path = tmp_path_factory.mktemp("music") / "bed.wav"
    with waves.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((wave.clip(-1, 1) * 32767).round().astype("<i2").tobytes())
    return path, heard(path)


def even(bars: int, tail: float = 1.0, ends: bool = False, loops: bool = False, metre: int = 4, beat: int = BEAT) -> Grid:
    """A piece of so many bars, each pair of which sounds alike, and what rings after them."""
    found = tuple(beat * number for number in range(bars * metre + (not loops)))
    looks = np.zeros((len(found), 21), np.float32)
    looks[np.arange(len(found)), np.arange(len(found)) // metre % 2] = 1
    stop = beat * bars * metre + (0 if loops else round(tail * RATE))
    return Grid(0, stop, found, found[::metre], found[:: 4 * metre], found[-1] if ends else None, loops, looks)


def joints(takes: tuple[Take, ...]) -> list[Take]:
    """The takes that begin at a joint within the music."""
    return [take for before, take in pairwise(takes) if before.start + before.count != take.start]


def test_a_piece_with_an_ending_ends_with_it(demo: tuple[Path, Grid]) -> None:
    takes, found, bars = fitted(demo[1], 30 * RATE, FILM)
    assert takes[-1].start + takes[-1].count == takes[-1].start + 30 * RATE - takes[-1].at
    hit = takes[-1].at + demo[1].ending - takes[-1].start if demo[1].ending else 0
    assert hit == pytest.approx(found[-1], abs=1)
    assert found[-1] == bars[-1] == sample_at(frame_near(found[-1], FILM), FILM)
    assert 1.0 * RATE <= 30 * RATE - hit <= 4 * RATE


def test_the_last_hit_is_where_it_was_asked_for(demo: tuple[Path, Grid]) -> None:
    takes, found, _ = fitted(demo[1], 30 * RATE, FILM, sample_at(636, FILM))
    assert found[-1] == 636 * 2000
    assert takes[-1].at + (demo[1].ending or 0) - takes[-1].start == 636 * 2000


@pytest.mark.parametrize("early", [300, 719])
def test_a_last_hit_that_could_not_ring_to_the_end_is_put_elsewhere(demo: tuple[Path, Grid], early: int) -> None:
    assert fitted(demo[1], 30 * RATE, FILM, sample_at(early, FILM)) == fitted(demo[1], 30 * RATE, FILM)


def test_a_long_trailer_goes_through_the_piece_again_at_a_bar(demo: tuple[Path, Grid]) -> None:
    takes, found, _ = fitted(demo[1], 90 * RATE, FILM)
    assert len(takes) >= 2
    assert all(min(abs(take.start - bar) for bar in demo[1].bars) == 0 for take in joints(takes))
    assert np.diff(found) == pytest.approx(BEAT, abs=400)


def test_a_jump_is_made_where_what_follows_is_like_what_would_have_followed() -> None:
    piece = even(8)
    takes, _, _ = fitted(piece, 40 * RATE, FILM)
    places = [(before.start + before.count, after.start) for before, after in pairwise(takes)]
    assert places
    assert all((left - entered) % (2 * BAR) == 0 for left, entered in places)


def test_a_piece_without_an_ending_stops_on_the_first_beat_of_a_phrase_and_lets_it_ring() -> None:
    takes, found, bars = fitted(even(12), 15 * RATE, FILM)
    last = takes[-1].start + found[-1] - takes[-1].at
    assert last in even(12).phrases
    assert bars[-1] == found[-1]
    assert 1 <= (15 * RATE - found[-1]) / BEAT <= 2.1


def test_a_loop_of_one_bar_goes_round_and_round() -> None:
    takes, found, bars = fitted(even(1, loops=True), 30 * RATE, FILM)
    assert {take.start for take in takes[1:]} == {0}
    assert {take.count for take in takes[1:-1]} == {BAR}
    assert np.diff(found) == pytest.approx(BEAT)
    assert np.diff(bars) == pytest.approx(BAR)


@pytest.mark.parametrize("ends", [True, False])
def test_a_piece_without_beats_ends_where_it_ends_and_is_gone_through_again_where_it_is_short(ends: bool) -> None:
    piece = Grid(100, 100 + 20 * RATE, ending=18 * RATE if ends else None)
    takes, found, bars = fitted(piece, 15 * RATE, FILM)
    assert (takes, found, bars) == ((Take(100 + (5 * RATE if ends else 0), 0, 15 * RATE),), (), ())
    takes, _, _ = fitted(piece, 50 * RATE, FILM)
    assert len(takes) == 3
    assert (takes[-1].start + takes[-1].count == piece.stop) is ends


def test_silence_is_music_too() -> None:
    assert fitted(Grid(0, 0), RATE, FILM) == ((Take(0, 0, RATE),), (), ())


@given(
    bars=st.integers(1, 24),
    tail=st.floats(0.1, 5),
    kind=st.sampled_from(["ends", "loops", ""]),
    metre=st.sampled_from([3, 4]),
    beat=st.integers(16000, 48000),
    seconds=st.integers(1, 120),
    rate=st.sampled_from(RATES),
    share=st.one_of(st.none(), st.floats(0.1, 0.9)),
)
def test_takes_fill_a_trailer_of_any_length_and_meet_at_bars(
    bars: int, tail: float, kind: str, metre: int, beat: int, seconds: int, rate: Fraction, share: float | None
) -> None:
    piece = even(bars, tail, kind == "ends", kind == "loops", metre, beat)
    count = sample_at(frame_near(seconds * RATE, rate), rate)
    last = None if share is None else sample_at(frame_near(round(share * count), rate), rate)
    takes, found, heads = fitted(piece, count, rate, last)
    assert takes[-1].at + takes[-1].count == count
    assert all(before.at + before.count == after.at for before, after in pairwise(takes))
    assert all(take.start >= 0 and take.count > 0 for take in takes)
    if len(piece.bars) > 1 or kind == "loops":
        assert all(take.start in piece.bars for take in joints(takes)[1:])
        assert set(heads) <= set(found) or all(min(abs(head - at) for at in found) <= RATE // 10 for head in heads)
        assert found == tuple(sorted(set(found)))
        assert all(0 <= at < count for at in found)
        if found:
            assert found[-1] == sample_at(frame_near(found[-1], rate), rate)


def test_the_beats_that_are_told_are_the_beats_that_are_heard(demo: tuple[Path, Grid]) -> None:
    bed = laid(Music("bed.wav", "m"), demo[1], 60 * 24, FILM)
    assert bed.takes
    heard = beats(played(bed, demo[0], 60 * RATE))
    told = np.array(bed.beats[8:-1])
    assert np.abs(told[:, None] - heard).min(axis=1).max() < 0.02 * RATE


def test_nothing_fades_in_mid_phrase(demo: tuple[Path, Grid]) -> None:
    bed = laid(Music("bed.wav", "m"), demo[1], 45 * 24, FILM)
    wave: Samples = played(bed, demo[0], 45 * RATE)
    assert sinking(wave, bed.bars) > -6
    wave[-12 * RATE :] *= np.linspace(1, 0, 12 * RATE, dtype=np.float32)[:, None]
    assert sinking(wave, bed.bars) < -6  # what a fade would look like


def sinking(wave: Samples, bars: tuple[int, ...]) -> float:
    """How many dB the weakest of the last four bars lies over what is usual."""
    power = np.array([float((wave[at : at + BAR] ** 2).mean()) for at in bars])
    return float(10 * np.log10(power[-4:] / np.median(power)).min())


def odd(kind: str) -> Samples:
    """A sound that nobody would call music."""
    noise = np.random.default_rng(0).standard_normal(13 * RATE)
    clicks = np.zeros(3 * RATE)
    clicks[:: RATE // 2] = 0.5
    wave = {
        "one sample": np.ones(1),
        "a click's length": noise[:479],
        "a steady voltage": np.full(13 * RATE, 0.3),
        "one click": np.eye(1, 5 * RATE)[0],
        "far over full scale": 100 * noise,
        "hardly to be heard": 1e-4 * noise,
        "six clicks": clicks,
        "clicks after silence": np.concatenate([np.zeros(13 * RATE), np.tile(clicks, 4)]),
        "clicks before silence": np.concatenate([np.tile(clicks, 4), np.zeros(13 * RATE)]),
    }[kind]
    return np.stack([wave, wave], axis=1).astype(np.float32)


@pytest.mark.parametrize(
    "kind",
    [
        "one sample", "a click's length", "a steady voltage", "one click", "far over full scale", "hardly to be heard",
        "six clicks", "clicks after silence", "clicks before silence",
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("error")
def test_any_sound_fills_a_trailer_of_any_length(kind: str) -> None:
    piece = grid(odd(kind))
    for count in (1, 2000, RATE, 7 * RATE, 40 * RATE):
        takes, _, _ = fitted(piece, count, FILM)
        assert takes[-1].at + takes[-1].count == count
        assert len(takes) < 40
        assert all(before.at + before.count == after.at for before, after in pairwise(takes))
