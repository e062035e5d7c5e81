"""One decode: the shots that `detect` finds, a row and a vector a shot, the same bytes whatever the timing, flat memory."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import BLUE, GREEN, RED, WHITE, SolidFilm
from trailers.errors import MediaError, RequestError
from trailers.features import scan as room
from trailers.features.media import Pictures, probe
from trailers.features.scan import GRID, WIDEST, scan, spread
from trailers.features.shots import SMALL, Transition, detect
from trailers.features.signals import COLUMNS, SAMPLES
from trailers.features.span import Span


class Painter:
    """An encoder whose vectors are the mean colours of what it sees, and which keeps what it saw."""

    name, size, dim, limits = "painter", 32, 3, None

    def __init__(self) -> None:
        self.seen: list[Pictures] = []

    def images(self, pictures: np.ndarray) -> np.ndarray:
        self.seen.append(pictures)
        rows = pictures.reshape(len(pictures), -1, 3).astype(np.float32).mean(axis=1)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    def texts(self, texts: Sequence[str]) -> np.ndarray:
        return np.zeros((len(texts), 3), np.float32)


COLOURS = (RED, GREEN, BLUE, WHITE)


@pytest.fixture(scope="module")
def film(solid_film: SolidFilm) -> Path:
    """Long and short shots in turn; the third lasts three frames, the last ends within a batch."""
    return solid_film("cut.mp4", [(RED, 100), (GREEN, 15), (BLUE, 3), (WHITE, 60), (RED, 200), (GREEN, 61)])


def unit(colour: Sequence[int]) -> np.ndarray:
    return np.asarray(colour, np.float32) / np.linalg.norm(colour)


def test_the_shots_are_those_that_detect_finds(film: Path) -> None:
    episode = probe(film)
    assert scan(episode).detection == detect(episode)


def test_tells_how_far_each_frame_is_from_the_one_before(film: Path) -> None:
    found = scan(probe(film))
    assert found.change.shape == (439,)
    assert np.flatnonzero(found.change > 0.05).tolist() == [100, 115, 118, 178, 378]


def test_every_shot_has_its_own_pictures_however_short_it_is(film: Path) -> None:
    found = scan(probe(film), encoder=Painter())
    shots = found.detection.shots
    assert [len(shot.span) for shot in shots] == [100, 15, 3, 60, 200, 61]
    assert found.look.vectors is not None
    for row, colour in zip(found.look.vectors, (RED, GREEN, BLUE, WHITE, RED, GREEN), strict=True):
        assert row @ unit(colour) > 0.99
    assert list(found.look.signals.index) == [shot.id for shot in shots]
    assert list(found.look.signals) == list(COLUMNS)


def test_the_encoder_sees_few_pictures_a_shot_squashed_to_its_square_many_at_once(film: Path) -> None:
    painter = Painter()
    scan(probe(film), encoder=painter)
    assert [pictures.shape[1:] for pictures in painter.seen] == [(32, 32, 3)], "six shots are asked for in one go"
    colours = [int(np.argmin([np.abs(each.mean(axis=(0, 1)) - colour).sum() for colour in COLOURS])) for each in painter.seen[0]]
    assert colours == [0, 0, 1, 2, 3, 3, 0, 0, 1, 1], "two of a long shot at most"


def test_batches_for_the_encoder_change_nothing(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = scan(probe(film), encoder=Painter()).look.vectors
    monkeypatch.setattr(room, "AT_ONCE", 1)
    one_by_one = scan(probe(film), encoder=Painter()).look.vectors
    assert at_once is not None
    assert one_by_one is not None
    assert at_once.tobytes() == one_by_one.tobytes()


def test_without_an_encoder_there_are_no_vectors(film: Path) -> None:
    assert scan(probe(film)).look.vectors is None


def test_the_same_bytes_whether_the_decoder_is_far_ahead_or_waits(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    episode, one = probe(film), Painter()
    first = scan(episode, encoder=one)
    monkeypatch.setattr(room, "AHEAD", 1)
    other = Painter()
    second = scan(episode, encoder=other)
    assert first.detection == second.detection
    assert first.look.signals.equals(second.look.signals)
    assert [a.tobytes() for a in one.seen] == [b.tobytes() for b in other.seen]


def test_a_file_that_ends_before_it_should_is_told_by_its_name(film: Path) -> None:
    episode = probe(film)
    with pytest.raises(MediaError, match=film.stem):
        scan(replace(episode, frames=episode.frames + 10))


def test_a_failure_in_the_work_on_samples_comes_out(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MediaError("no more")

    monkeypatch.setattr(room, "measure", fail)
    with pytest.raises(MediaError, match="no more"):
        scan(probe(film))


def test_another_detector_than_there_is_is_refused(film: Path) -> None:
    with pytest.raises(RequestError, match="detector"):
        scan(probe(film), detector="magic")


def frames(count: int, cuts: Sequence[int] = ()) -> Pictures:
    """Plain pictures of SMALL whose colour changes at cuts."""
    shot = np.searchsorted(np.asarray(cuts, int), np.arange(count), side="right")
    return np.asarray([np.full((SMALL[1], SMALL[0], 3), COLOURS[n % 4], np.uint8) for n in shot])


def test_a_shot_gets_a_candidate_soon_and_then_by_a_widening_grid() -> None:
    due = room.Due()
    taken = [n for n, picture in enumerate(frames(1000, [40, 46])) if due.at(n, picture)]
    assert {2, 42, 48} <= set(taken), "shots of six frames have one too"
    gaps = np.diff([n for n in taken if n >= 48])
    assert gaps.min() >= GRID
    assert gaps[-1] == WIDEST, "a shot that begins by a dissolve has some too"
    assert len(taken) < 40


def test_memory_stays_flat_over_minutes_without_a_cut(film: Path) -> None:
    """Candidates that come as often as they can: what is held does not grow with them."""
    seen = room._Seen(probe(film), _Never(), None)
    held, picture = [], np.zeros((2, 2, 3), np.uint8)
    batch = frames(room.BATCH)
    for first in range(0, 5000, room.BATCH):
        seen.push(room._Batch(first, batch, tuple((n, picture) for n in range(first, first + room.BATCH, GRID))))
        held.append((len(seen.candidates), len(seen.recent)))
    assert max(candidates for candidates, _ in held) < 8 * SAMPLES + 2 * room.BATCH // GRID
    assert max(recent for _, recent in held) < 10
    numbers = [n for n, _ in seen.candidates]
    assert numbers == sorted(numbers)
    assert (numbers[0] < 500, numbers[-1] > 4500) == (True, True), "spread over the shot"


class _Never:
    """A detector that finds nothing, at once."""

    settled = 0

    def push(self, pictures: Pictures) -> tuple[Transition, ...]:
        self.settled += len(pictures)
        return ()

    def finish(self) -> tuple[Transition, ...]:
        return ()


def test_samples_are_spread_and_few() -> None:
    grid = list(range(0, 240, GRID))
    chosen = [grid[n] for n in spread(grid, Span(0, 240))]
    assert len(chosen) == SAMPLES
    assert np.abs(np.asarray(chosen) - [24, 72, 120, 168, 216]).max() <= GRID // 2
    assert [len(spread(grid, Span(0, length))) for length in (20, 47, 60, 100)] == [1, 1, 2, 3], "fewer of a short shot"
    assert spread([], Span(0, 240)) == ()


@pytest.mark.parametrize(
    ("changes", "clear"),
    [
        ([], Span(100, 200)),
        ([Transition(100, 100, "cut"), Transition(200, 200, "cut")], Span(100, 200)),
        ([Transition(90, 112, "dissolve"), Transition(190, 210, "dissolve")], Span(112, 190)),
        ([Transition(80, 100, "fade_out"), Transition(120, 140, "fade_in")], Span(140, 200)),
        ([Transition(90, 150, "dissolve"), Transition(150, 210, "dissolve")], Span(100, 200)),
        ([Transition(120, 200, "fade_in")], Span(100, 200)),
    ],
)
def test_no_sample_lies_in_a_transition(changes: list[Transition], clear: Span) -> None:
    assert room._clear(Span(100, 200), changes) == clear
