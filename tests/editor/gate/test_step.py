"""Picture and sound after 200 cuts: measured on a film that claps, and by the gate."""

from fractions import Fraction

import numpy as np
import pytest

from tests.editor.gate.sabotage import Case, Film, write
from trailers.editor.gate.sound import sound
from trailers.editor.sound.clock import RATE, sample_at
from trailers.editor.timeline import Clip, Timeline
from trailers.features.media import probe
from trailers.features.span import Span

CUTS, LENGTH, APART = 200, 4, 12  # clips after the first, frames each, frames of the film between two claps
RATES = (Fraction(24000, 1001), Fraction(30000, 1001))


def clapping(claps: int) -> tuple[Film, "np.ndarray[tuple[int, int], np.dtype[np.float32]]"]:
    """A grey film at 24 frames a second with noise; every 12th frame is white, and begins with a tone of 10 ms."""
    dark, white = np.full((90, 160, 3), 60, np.uint8), np.full((90, 160, 3), 230, np.uint8)
    film = [white if n % APART == 0 else dark + np.uint8(n % 7) for n in range(claps * APART)]
    wave = np.random.default_rng(2).standard_normal((len(film) * 2000, 2)).astype(np.float32) * np.float32(0.05)
    for n in range(0, len(film), APART):
        wave[n * 2000 : n * 2000 + 480] += np.float32(0.4) * np.sin(np.arange(480, dtype=np.float32) * 0.4)[:, None]
    return film, wave


@pytest.fixture(scope="module", params=RATES, ids=str)
def long(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """201 clips, each of a clap that stands on its third frame of the film."""
    folder = tmp_path_factory.mktemp("claps")
    film, wave = clapping(12)
    write(folder / "e.mp4", film, wave, every=APART)
    rate: Fraction = request.param
    length = round(LENGTH / 24 * rate)
    spans = [Span(at, at + LENGTH) for at in ((1 + n % 10) * APART - 2 for n in range(CUTS + 1))]
    clips = tuple(Clip(f"e/{n}", "e", span, Span(n * length, (n + 1) * length)) for n, span in enumerate(spans))
    timeline = Timeline("t", "s", "T", "general", rate, clips)
    return Case(folder, {"e": probe(folder / "e.mp4")}, timeline, folder, [], wave[:0]).finished(timeline)


def claps(case: Case) -> tuple["np.ndarray[tuple[int], np.dtype[np.float64]]", "np.ndarray[tuple[int], np.dtype[np.float64]]"]:
    """Where the file's white pictures and its tones begin, in seconds."""
    light = np.array([picture.mean() for picture in case.shown]) > 150
    seen = np.flatnonzero(light & ~np.roll(light, 1)) / float(case.timeline.rate)
    loud = np.abs(case.wave).max(axis=1)
    first = [max(0, int(at * RATE) - 2400) for at in seen]
    heard = [at + int((loud[at : at + 4800] > 0.7 * loud[at : at + 4800].max()).argmax()) for at in first]
    return seen, np.array(heard) / RATE


def test_every_clap_is_heard_within_a_frame_of_its_picture(long: Case) -> None:
    seen, heard = claps(long)
    assert len(seen) == CUTS + 1
    assert np.abs(seen - heard).max() < 1 / long.timeline.rate
    assert abs((seen - heard)[:100].mean() - (seen - heard)[-100:].mean()) < 0.002, "and nothing drifts"
    assert len(long.wave) == sample_at(long.timeline.frames, long.timeline.rate)


def test_the_gate_passes_them_but_for_the_flashes(long: Case) -> None:
    verdicts = {verdict.name: verdict for verdict in long.check(long.path)}
    assert {name for name, verdict in verdicts.items() if not verdict.passed} <= {"flashes"}
    assert verdicts["key pictures"].found == "at all 200 cuts"


def test_the_gate_catches_sound_that_drifts_by_more_than_a_frame_until_the_end(long: Case) -> None:
    at = np.arange(len(long.wave)) * (1 - 0.1 / float(long.timeline.frames / long.timeline.rate))
    slow = np.stack([np.interp(at, np.arange(len(long.wave)), side) for side in long.wave.T], 1).astype(np.float32)
    verdicts = sound(long.path, probe(long.path), slow, long.asked())
    assert "in step" in {verdict.name for verdict in verdicts if not verdict.passed}
