"""Shots: every frame in one shot, cuts on their frames, fades and dissolves with their spans."""

import csv
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as some

from tests.conftest import BLUE, GREEN, RED, SolidFilm
from trailers.errors import MediaError, RequestError
from trailers.features.graph import Pictures
from trailers.features.media import probe
from trailers.features.shots import DETECTORS, SMALL, Detection, Transition, detect, open_detector, shots_of


def spans(detection: Detection) -> list[tuple[int, int]]:
    return [(shot.span.start, shot.span.stop) for shot in detection.shots]


def picture(seed: int) -> Pictures:
    """A picture with light, shade and colour."""
    coarse = np.random.default_rng(seed).uniform(30, 225, (9, 16, 3))
    return np.kron(coarse, np.ones((8, 8, 1))).astype(np.uint8)


def held(seed: int, frames: int) -> Pictures:
    return np.repeat(picture(seed)[None], frames, axis=0)


def mixed(one: Pictures, other: Pictures, frames: int) -> Pictures:
    share = (np.arange(1, frames + 1) / (frames + 1))[:, None, None, None]
    return ((1 - share) * one + share * other).astype(np.uint8)


def wiped(one: Pictures, other: Pictures, frames: int) -> Pictures:
    """The other picture comes in from the left."""
    film = np.repeat(one[None], frames, axis=0)
    for n in range(frames):
        edge = round((n + 1) / (frames + 1) * SMALL[0])
        film[n, :, :edge] = other[:, :edge]
    return film


def moving(seed: int, frames: int, step: int) -> Pictures:
    """A camera that moves over a wide picture."""
    wide = np.kron(np.random.default_rng(seed).uniform(30, 225, (9, 200, 3)), np.ones((8, 8, 1))).astype(np.uint8)
    return np.stack([wide[:, n * step : n * step + SMALL[0]] for n in range(frames)])


BLACK = np.zeros((1, SMALL[1], SMALL[0], 3), np.uint8)
WHITE = np.full_like(BLACK, 255)


def found_in(film: Pictures, detector: str = "swift", batch: int = 64) -> tuple[Transition, ...]:
    finder = open_detector(detector)
    found: list[Transition] = []
    for first in range(0, len(film), batch):
        found += finder.push(film[first : first + batch])
    return (*found, *finder.finish())


@pytest.mark.parametrize("detector", DETECTORS)
def test_cuts_lie_on_their_frames(solid_film: SolidFilm, detector: str) -> None:
    found = detect(probe(solid_film(), "s01e01"), detector)
    assert spans(found) == [(0, 30), (30, 70), (70, 120)]
    assert [shot.id for shot in found.shots] == ["s01e01/0000", "s01e01/0001", "s01e01/0002"]
    assert found.transitions == (Transition(30, 30, "cut"), Transition(70, 70, "cut"))


@pytest.mark.parametrize("frames", [1, 2, 5])
@pytest.mark.parametrize("detector", DETECTORS)
def test_an_episode_of_a_few_frames_is_one_shot(solid_film: SolidFilm, frames: int, detector: str) -> None:
    assert spans(detect(probe(solid_film(shots=[(RED, frames)], sound=False)), detector)) == [(0, frames)]


def test_a_portrait_film_is_cut_as_any_other(solid_film: SolidFilm) -> None:
    assert spans(detect(probe(solid_film(size=(180, 320), sound=False)))) == [(0, 30), (30, 70), (70, 120)]


def test_the_last_frame_can_be_a_shot(solid_film: SolidFilm) -> None:
    found = detect(probe(solid_film(shots=[(RED, 20), (GREEN, 9), (BLUE, 1)], sound=False)))
    assert spans(found) == [(0, 20), (20, 29), (29, 30)]


def test_another_detector_is_a_wrong_request(solid_film: SolidFilm) -> None:
    with pytest.raises(RequestError, match='"magic" was found'):
        detect(probe(solid_film()), "magic")


@pytest.mark.parametrize("empty", [BLACK, WHITE], ids=["black", "white"])
def test_a_fade_out_stops_at_the_empty_picture_and_a_fade_in_at_the_whole_one(empty: Pictures) -> None:
    film = np.concatenate([
        held(1, 30), mixed(picture(1), empty[0], 9), empty.repeat(10, 0), mixed(empty[0], picture(2), 14), held(2, 30)
    ])  # fmt: skip
    out, into = found_in(film)
    assert (out.kind, into.kind) == ("fade_out", "fade_in")
    assert abs(out.start - 30) <= 1
    assert abs(out.stop - 39) <= 1
    assert abs(into.start - 49) <= 1
    assert abs(into.stop - 63) <= 1


@pytest.mark.parametrize("frames", [6, 15, 40])
def test_a_dissolve_runs_from_its_first_mixed_frame_to_the_first_new_one(frames: int) -> None:
    (found,) = found_in(np.concatenate([held(1, 50), mixed(picture(1), picture(2), frames), held(2, 50)]))
    assert found.kind == "dissolve"
    assert abs(found.start - 50) <= 1
    assert abs(found.stop - 50 - frames) <= 2


@pytest.mark.parametrize("frames", [12, 30])
def test_a_wipe_is_one_change_and_no_cut(frames: int) -> None:
    (found,) = found_in(np.concatenate([held(1, 50), wiped(picture(1), picture(2), frames), held(2, 50)]))
    assert found.kind == "wipe"
    assert abs(found.start - 50) <= 2
    assert abs(found.stop - 50 - frames) <= 2


def test_a_cut_between_the_same_pictures_as_a_dissolve_is_a_cut() -> None:
    assert found_in(np.concatenate([held(1, 40), held(2, 40)])) == (Transition(40, 40, "cut"),)


def test_a_cut_inside_a_fast_move_is_found_and_the_move_is_none() -> None:
    assert found_in(np.concatenate([moving(3, 40, 2), moving(4, 40, 2)])) == (Transition(40, 40, "cut"),)
    assert found_in(moving(3, 200, 4)) == ()


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_a_flash_is_no_cut(frames: int) -> None:
    assert found_in(np.concatenate([held(1, 30), WHITE.repeat(frames, 0), held(1, 30)])) == ()
    assert found_in(np.concatenate([held(1, 30), held(2, frames), held(1, 30)])) == ()


def test_something_that_passes_before_the_lens_is_no_change() -> None:
    film = held(1, 60)
    for n in range(6):
        left = round((n - 2.5) / 3 * SMALL[0])
        film[30 + n, :, max(left, 0) : max(left + SMALL[0], 0)] = (40, 70, 30)
    assert found_in(film) == ()


def test_bars_that_both_pictures_share_hide_no_dissolve() -> None:
    one, other = picture(1), picture(2)
    one[:10] = one[-10:] = other[:10] = other[-10:] = 0
    (found,) = found_in(np.concatenate([one[None].repeat(40, 0), mixed(one, other, 15), other[None].repeat(40, 0)]))
    assert found.kind == "dissolve"


def test_a_light_that_goes_down_is_no_dissolve() -> None:
    dim = (picture(1) * 0.4).astype(np.uint8)
    film = np.concatenate([held(1, 40), mixed(picture(1), dim, 20), np.repeat(dim[None], 40, axis=0)])
    assert found_in(film) == ()


LONG = np.concatenate([
    *(np.concatenate([held(n, 41), mixed(picture(n), picture(n + 1), 9)]) if n % 3 else held(n, 60) for n in range(1, 15)),
    held(15, 20), mixed(picture(15), BLACK[0], 9), BLACK.repeat(9, 0), mixed(BLACK[0], picture(30), 9), held(30, 40),
])  # fmt: skip


WHOLE = found_in(LONG, batch=len(LONG))


@settings(deadline=None, max_examples=3, phases=[Phase.generate])
@given(batch=some.integers(16, 700))
def test_what_is_found_does_not_depend_on_how_pictures_come(batch: int) -> None:
    assert found_in(LONG, batch=batch) == WHOLE
    assert len(WHOLE) == 16


def test_a_change_is_told_once_in_order_and_never_before_what_was_settled() -> None:
    finder, found = open_detector("swift"), list[Transition]()
    settled = 0
    for first in range(0, len(LONG), 50):
        told = finder.push(LONG[first : first + 50])
        assert all(change.start >= settled for change in told)
        before = shots_of("e", settled, found)[:-1] if settled else ()
        found += told
        settled = finder.settled
        assert first + 50 - settled <= 650
        assert shots_of("e", settled, found)[: len(before)] == before if settled else True
    found += finder.finish()
    assert found == sorted(found)
    assert len(set(found)) == len(found)


def test_only_a_screenful_of_pictures_is_held_of_a_long_film() -> None:
    import tracemalloc

    tracemalloc.start()
    finder = open_detector("swift")
    peaks = []
    for _ in range(2):
        tracemalloc.reset_peak()
        for _ in range(30):
            finder.push(held(1, 64))
        peaks.append(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]


def test_the_network_is_asked_where_a_cut_is_not_clear() -> None:
    from trailers.features.network import belief

    film = np.concatenate([held(1, 15), held(2, 15)])
    assert belief(film, 15) > 0.5
    assert belief(held(1, 30), 15) < 0.1


FOOTAGE = Path(__file__).resolve().parents[2].parent / "shared" / "footage"


@pytest.mark.footage
@pytest.mark.skipif(not FOOTAGE.exists(), reason="no footage beside the repository")
def test_a_real_episode_is_cut_where_people_cut_it() -> None:
    """The first two minutes of Big Buck Bunny, labelled by eye: every cut on its frame, none besides, and the gradual changes."""
    episode = probe(FOOTAGE / "series" / "big_buck_bunny_s01e01.mp4", "s01e01")
    with (FOOTAGE / "films" / "big_buck_bunny_720p.transitions.csv").open() as file:
        rows = [(row["kind"], int(row["start_frame"]), int(row["stop_frame"])) for row in csv.DictReader(file)]
    found = detect(episode).transitions
    # The episode was encoded from a copy that shows one picture more at the beginning.
    rows = [(kind, start + 1, stop + 1) for kind, start, stop in rows if start + 1 < episode.frames]
    assert [t.start for t in found if t.kind == "cut"] == [start for kind, start, _ in rows if kind == "cut"]
    truth = [row for row in rows if row[0] in ("fade_in", "fade_out", "dissolve")]
    gradual = [t for t in found if t.kind != "cut"]
    assert [t.kind for t in gradual] == [kind for kind, _, _ in truth]
    for change, (_, start, stop) in zip(gradual, truth, strict=True):
        assert abs(change.start - start) <= 5
        assert abs(change.stop - stop) <= 5


@pytest.mark.footage
@pytest.mark.skipif(not FOOTAGE.exists(), reason="no footage beside the repository")
def test_odd_files_are_cut_without_gap_or_overlap() -> None:
    for path in sorted((FOOTAGE / "odd").iterdir())[::2]:
        try:
            episode = probe(path)
        except MediaError:
            continue
        edges = spans(detect(episode, "swift"))
        assert (edges[0][0], edges[-1][1]) == (0, episode.frames)
        assert all(a[1] == b[0] for a, b in pairwise(edges))
