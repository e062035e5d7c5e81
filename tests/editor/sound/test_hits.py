"""Hits and risers: each at its own peak, where the trailer turns."""

import wave as waves
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from trailers.editor.sound.clock import RATE, sample_at
from trailers.editor.sound.hits import Samples, accents, played, shape
from trailers.editor.timeline import Card, Clip, Effect, Timeline
from trailers.errors import MediaError, RequestError
from trailers.features.media import sound
from trailers.features.span import Span

FOOTAGE = Path(__file__).parents[4] / "shared" / "footage" / "music"
FILM = Fraction(24000, 1001)


def sample(path: Path, wave: Samples) -> Path:
    with waves.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((wave.clip(-1, 1) * 32767).round().astype("<i2").tobytes())
    return path


def blow(seconds: float = 1.0, late: float = 0.0, size: float = 0.5) -> Samples:
    """Noise that begins at `late` seconds at its loudest and dies away."""
    time = np.arange(round(seconds * RATE)) / RATE - late
    wave = size * np.random.default_rng(0).uniform(-1, 1, len(time)) * np.exp(-6 * time.clip(0)) * (time >= 0)
    return np.stack([wave, wave], axis=1).astype(np.float32)


def test_effects_sound_together_each_at_its_sample_and_gain(tmp_path: Path) -> None:
    files = {"a": sample(tmp_path / "a.wav", blow()), "b": sample(tmp_path / "b.wav", blow(0.5))}
    found = played(
        (Effect("a.wav", "a", 100, -6.0), Effect("b.wav", "b", RATE, 0.0), Effect("a.wav", "a", RATE)), files, 3 * RATE
    )
    assert found.shape == (3 * RATE, 2)
    assert not found[:100].any()
    half = 10 ** (-6 / 20)
    np.testing.assert_allclose(found[100 : 100 + 2000], blow()[:2000] * half, atol=1e-4)
    both = played((Effect("a.wav", "a", 100, -6.0),), files, 3 * RATE)[RATE : RATE + 2000] + blow()[:2000] + blow(0.5)[:2000]
    np.testing.assert_allclose(found[RATE : RATE + 2000], both, atol=2e-4)


def test_an_effect_that_is_cut_at_an_end_makes_no_click(tmp_path: Path) -> None:
    steady = np.full((RATE, 2), 0.5, np.float32)
    file = {"a": sample(tmp_path / "a.wav", steady)}
    found = played((Effect("a.wav", "a", -RATE // 2), Effect("a.wav", "a", RATE)), file, RATE * 3 // 2)
    assert np.abs(found[0]).max() < 0.01
    assert np.abs(found[-1]).max() < 0.01
    assert found[RATE // 4, 0] == pytest.approx(0.5, abs=1e-3)


def test_a_file_that_was_not_given_is_named() -> None:
    with pytest.raises(RequestError, match=r"boom\.flac"):
        played((Effect("boom.flac", "f00", 0),), {}, RATE)


def swell(rise: float, fall: float, size: float = 0.5) -> Samples:
    """Noise that grows for `rise` seconds and dies away in `fall`."""
    up, down = np.linspace(0, 1, round(rise * RATE)) ** 2, np.linspace(1, 0, round(fall * RATE)) ** 2
    course = np.concatenate([up, down])
    wave = size * np.random.default_rng(1).uniform(-1, 1, len(course)) * course
    return np.stack([wave, wave], axis=1).astype(np.float32)


def plan(card: int = 96, length: int = 240) -> Timeline:
    """Two acts, then the title."""
    half = card // 2
    clips = (
        Clip("e/0", "e", Span(0, half), Span(0, half), slot="setup"),
        Clip("e/1", "e", Span(100, 100 + card - half), Span(half, card), slot="stakes"),
    )
    return Timeline("t", "s", "T", "general", FILM, clips, (Card(("T",), Span(card, length), "#203040", "#ffffff"),))


def given_files(folder: Path, **made: Samples) -> dict[str, Path]:
    return {name: sample(folder / f"{name}.wav", wave) for name, wave in made.items()}


def test_what_an_effect_is_is_measured_and_not_read_from_its_name() -> None:
    assert shape(blow()).kind == "hit"
    assert shape(blow(late=0.3)).kind == "hit"
    assert shape(swell(2, 0.02)).kind == "riser"
    assert shape(swell(0.5, 0.5)).kind == "whoosh"
    assert shape(swell(3, 4)).kind == "hit"  # a boom that swells
    beat = np.concatenate([blow(0.5)] * 4)
    assert shape(beat).kind == "bed"
    assert shape(np.full((RATE, 2), 0.3, np.float32)).kind == "bed"
    assert shape(np.zeros((RATE, 2), np.float32)).kind == "bed"
    assert shape(np.zeros((0, 2), np.float32)).kind == "bed"


@pytest.mark.parametrize("late", [0.0, 0.25, 1.0])
def test_the_peak_is_found_within_a_hundredth_of_a_second(late: float) -> None:
    assert shape(blow(2, late)).peak == pytest.approx(late * RATE, abs=0.015 * RATE)
    assert shape(swell(1 + late, 0.02)).peak == pytest.approx((1 + late) * RATE, abs=0.03 * RATE)


def test_the_longest_hit_lands_on_the_title_and_a_riser_ends_on_it(tmp_path: Path) -> None:
    files = given_files(tmp_path, short=blow(0.4), long=blow(2, 0.3), rise=swell(2, 0.02), far=swell(9, 0.02))
    timeline = plan()
    found = accents(timeline, files)
    title = sample_at(96, FILM)
    assert {effect.sha256 for effect in found if abs(effect.at + shape(sound(files[effect.sha256])).peak - title) < 2} == {
        "long",
        "rise",
    }
    assert "far" not in {effect.sha256 for effect in found}  # 9 s do not fit before a title at 4 s


def test_what_is_heard_peaks_on_the_frame_of_the_cut(tmp_path: Path) -> None:
    files = given_files(tmp_path, hit=blow(1.5, 0.4))
    timeline = plan()
    heard = played(accents(timeline, files)[-1:], files, sample_at(timeline.frames, FILM))
    title, frame = sample_at(96, FILM), RATE / 24
    assert abs(shape(heard).peak - title) < frame


def test_the_act_s_change_has_a_whoosh_and_two_accents_are_never_close(tmp_path: Path) -> None:
    files = given_files(tmp_path, hit=blow(1), whoosh=swell(0.4, 0.4))
    timeline = plan()
    found = {effect.sha256: effect.at + shape(sound(files[effect.sha256])).peak for effect in accents(timeline, files)}
    assert found == {"hit": sample_at(96, FILM), "whoosh": sample_at(48, FILM)}
    assert {effect.sha256 for effect in accents(plan(card=60), files)} == {"hit"}  # the act changes 1.25 s before the title


def test_accents_are_as_loud_as_their_place_asks_and_never_over_full_scale(tmp_path: Path) -> None:
    files = given_files(tmp_path, soft=blow(2, size=0.02), whoosh=swell(0.4, 0.4))
    timeline = plan()
    heard = played(accents(timeline, files), files, sample_at(timeline.frames, FILM))
    title = sample_at(96, FILM)
    assert shape(heard[title - 100 : title + RATE]).loudness == pytest.approx(-14, abs=1.5)
    assert np.abs(heard).max() < 1


def test_a_folder_of_loops_accents_nothing(tmp_path: Path) -> None:
    assert accents(plan(), given_files(tmp_path, loop=np.concatenate([blow(0.5)] * 4))) == ()
    assert accents(plan(), {}) == ()


def test_an_effect_that_cannot_be_read_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").write_bytes(b"")
    with pytest.raises(MediaError, match=r"empty\.wav"):
        accents(plan(), {"e": tmp_path / "empty.wav"})


@pytest.mark.footage
@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="real effects lie beside the repository")
def test_real_effects_are_known_for_what_they_are() -> None:
    kinds = {path.stem.removeprefix("sonicpi_"): shape(sound(path, RATE, 2)).kind for path in FOOTAGE.glob("sonicpi_*.flac")}
    assert kinds["drum_splash_hard"] == kinds["perc_impact1"] == kinds["misc_cineboom"] == "hit"
    assert kinds["ambi_swoosh"] == kinds["perc_swoosh"] == "whoosh"
    assert kinds["loop_breakbeat"] == kinds["loop_compus"] == kinds["loop_garzul"] == kinds["vinyl_rewind"] == "bed"
