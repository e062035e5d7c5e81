"""Shots: every frame in one shot, cuts on their frames, fades and dissolves with their spans."""

import csv
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import BLUE, GREEN, RED, SolidFilm
from trailers.errors import MediaError, RequestError
from trailers.features.media import probe
from trailers.features.shots import Detection, Thumbs, Transition, detect, find_transitions


def spans(detection: Detection) -> list[tuple[int, int]]:
    return [(shot.span.start, shot.span.stop) for shot in detection.shots]


def picture(seed: int) -> Thumbs:
    """A small grey picture with light and shade."""
    coarse = np.random.default_rng(seed).uniform(40, 210, (6, 8))
    return np.kron(coarse, np.ones((3, 4))).reshape(-1).astype(np.float32)


def held(seed: int, frames: int) -> Thumbs:
    return np.repeat(picture(seed)[None], frames, axis=0)


def mixed(one: Thumbs, other: Thumbs, frames: int) -> Thumbs:
    share = (np.arange(1, frames + 1) / (frames + 1))[:, None]
    return ((1 - share) * one + share * other).astype(np.float32)


BLACK = np.zeros((1, 576), np.float32)


@pytest.mark.parametrize("detector", ["adaptive", "transnet"])
def test_cuts_lie_on_their_frames(solid_film: SolidFilm, detector: str) -> None:
    found = detect(probe(solid_film(), "s01e01"), detector)
    assert spans(found) == [(0, 30), (30, 70), (70, 120)]
    assert [shot.id for shot in found.shots] == ["s01e01/0000", "s01e01/0001", "s01e01/0002"]
    assert found.transitions == (Transition(30, 30, "cut"), Transition(70, 70, "cut"))


@pytest.mark.parametrize("frames", [1, 2, 5])
@pytest.mark.parametrize("detector", ["adaptive", "transnet"])
def test_an_episode_of_a_few_frames_is_one_shot(solid_film: SolidFilm, frames: int, detector: str) -> None:
    assert spans(detect(probe(solid_film(shots=[(RED, frames)], sound=False)), detector)) == [(0, frames)]


def test_the_last_frame_can_be_a_shot(solid_film: SolidFilm) -> None:
    found = detect(probe(solid_film(shots=[(RED, 20), (GREEN, 9), (BLUE, 1)], sound=False)))
    assert spans(found) == [(0, 20), (20, 29), (29, 30)]


def test_another_detector_is_a_wrong_request(solid_film: SolidFilm) -> None:
    with pytest.raises(RequestError, match='found "magic"'):
        detect(probe(solid_film()), "magic")


def test_a_fade_out_stops_at_black_and_a_fade_in_at_the_whole_picture() -> None:
    film = np.concatenate([
        held(1, 30), mixed(picture(1), BLACK[0], 9), BLACK.repeat(10, 0), mixed(BLACK[0], picture(2), 14), held(2, 30)
    ])  # fmt: skip
    found = find_transitions([], film)
    assert [t.kind for t in found] == ["fade_out", "fade_in"]
    out, into = found
    assert abs(out.start - 30) <= 1
    assert abs(out.stop - 39) <= 1
    assert abs(into.start - 49) <= 1
    assert abs(into.stop - 63) <= 1


def test_a_dissolve_is_found_and_a_cut_between_the_same_pictures_is_none() -> None:
    dissolved = np.concatenate([held(1, 40), mixed(picture(1), picture(2), 15), held(2, 40)])
    assert find_transitions([], dissolved) == (Transition(40, 55, "dissolve"),)
    assert find_transitions([40], np.concatenate([held(1, 40), held(2, 40)])) == (Transition(40, 40, "cut"),)


def test_a_moving_camera_is_no_dissolve() -> None:
    wide = np.random.default_rng(3).uniform(40, 210, (18, 300))
    pan = np.stack([wide[:, n : n + 32].reshape(-1) for n in range(200)]).astype(np.float32)
    assert find_transitions([], pan) == ()


def test_a_flash_is_no_cut() -> None:
    film = np.concatenate([held(1, 30), np.full((2, 576), 255, np.float32), held(1, 30)])
    assert not [t for t in find_transitions([30, 32], film) if t.kind == "cut" and t.start == 32]
    assert find_transitions([30], np.concatenate([held(1, 30), held(2, 3), held(1, 30)])) == ()


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
    for path in sorted((FOOTAGE / "odd").iterdir()):
        try:
            episode = probe(path)
        except MediaError:
            continue
        edges = spans(detect(episode))
        assert (edges[0][0], edges[-1][1]) == (0, episode.frames)
        assert all(a[1] == b[0] for a, b in pairwise(edges))
