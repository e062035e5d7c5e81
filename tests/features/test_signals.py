"""Signals: each on material whose truth is known, from one decode, the same every time."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from tests.conftest import BLUE, GREEN, RED, SolidFilm
from trailers.features.media import Episode, probe
from trailers.features.faces import faces_in
from trailers.features.saliency import lettering, subject
from trailers.features.shots import Shot
from trailers.features.signals import COLUMNS, look, palette, sample_frames
from trailers.features.span import Span


class Colours:
    """An encoder of three numbers: the mean colour."""

    name, size, dim, limits = "colours", 32, 3, None

    def images(self, pictures: np.ndarray) -> np.ndarray:
        assert pictures.shape[1:] == (32, 32, 3)
        mean = pictures.reshape(len(pictures), -1, 3).mean(axis=1).astype(np.float32)
        return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True))

    def texts(self, texts: Sequence[str]) -> np.ndarray:
        return np.zeros((len(texts), 3), np.float32)


def shots_of(*lengths: int) -> tuple[Shot, ...]:
    edges = np.cumsum([0, *lengths]).tolist()
    return tuple(Shot(f"s/{n:04d}", "s", Span(a, b)) for n, (a, b) in enumerate(pairwise(edges)))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Episode:
    """Four shots of 24 frames: noise that moves on the left, a still picture, black, and a fast pan over it all."""
    import av

    path = tmp_path_factory.mktemp("film") / "film.mp4"
    rng = np.random.default_rng(1)
    wide = np.kron(rng.integers(40, 220, (9, 60, 3)), np.ones((20, 20, 1))).astype(np.uint8)
    with av.open(str(path), "w") as file:
        video = file.add_stream("libx264", rate=24, options={"crf": "10", "preset": "ultrafast", "threads": "1"})
        video.width, video.height, video.pix_fmt = 320, 180, "yuv420p"
        for n in range(96):
            image = np.full((180, 320, 3), 90, np.uint8)
            if n < 24:
                image[60:120, 30:90] = rng.integers(0, 255, (60, 60, 3))
            elif n < 48:
                image = wide[:, 100:420].copy()
            elif n < 72:
                image[:] = 0
            else:
                image = wide[:, (n - 72) * 30 : (n - 72) * 30 + 320].copy()
            file.mux(video.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        file.mux(video.encode(None))
    return probe(path, "s")


@pytest.fixture(scope="module")
def seen(film: Episode) -> pd.DataFrame:
    return look(film, shots_of(24, 24, 24, 24)).signals


def test_every_column_is_there_for_every_shot(seen: pd.DataFrame) -> None:
    assert list(seen.columns) == list(COLUMNS)
    assert list(seen.index) == ["s/0000", "s/0001", "s/0002", "s/0003"]
    assert np.isfinite(seen.drop(columns=["palette", "scale"]).to_numpy(float)).all()
    shares = seen.drop(columns=["palette", "scale", "faces", "pan", "zoom", "warmth"])
    assert ((shares >= 0) & (shares <= 1)).all(axis=None)


def test_what_moves_has_motion_and_what_stands_is_frozen(seen: pd.DataFrame) -> None:
    assert seen["motion"].idxmax() == "s/0003"
    assert seen["motion"]["s/0001"] < 0.002
    assert seen["frozen"]["s/0002"] == 1
    assert seen["frozen"]["s/0003"] < 0.1


def test_black_is_black_and_nothing_else_is(seen: pd.DataFrame) -> None:
    assert seen["black"].tolist() == [0, 0, 1, 0]
    assert seen["brightness"]["s/0002"] < 0.01
    assert seen["palette"]["s/0002"].split() == ["#000000"] * 3


def test_the_subject_is_where_something_moves(seen: pd.DataFrame) -> None:
    assert seen["subject"]["s/0000"] < 0.35
    assert 0.4 < seen["subject"]["s/0002"] < 0.6


def test_a_shot_is_measured_by_itself(film: Episode, seen: pd.DataFrame) -> None:
    alone = look(film, [Shot("s/0002", "s", Span(48, 72))]).signals
    pd.testing.assert_frame_equal(alone, seen.loc[["s/0002"]])


def test_vectors_are_unit_rows_of_the_samples(solid_film: SolidFilm) -> None:
    episode = probe(solid_film())
    found = look(episode, shots_of(30, 40, 50), Colours())
    assert found.vectors is not None
    assert found.vectors.dtype == np.float32
    assert np.linalg.norm(found.vectors, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    for vector, colour in zip(found.vectors, (RED, GREEN, BLUE), strict=True):
        assert vector == pytest.approx(np.array(colour) / np.linalg.norm(colour), abs=0.03)
    assert look(episode, shots_of(120)).vectors is None


def test_the_same_film_gives_the_same_numbers(film: Episode, seen: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(look(film, shots_of(24, 24, 24, 24)).signals, seen, check_exact=True)


@pytest.mark.parametrize("length", [1, 2, 11, 24, 59, 500])
def test_samples_lie_inside_their_shot(length: int) -> None:
    frames = sample_frames(Shot("s/0", "s", Span(100, 100 + length)))
    assert 1 <= len(frames) <= 5
    assert len(set(frames)) == len(frames)
    assert all(100 <= frame < 100 + length for frame in frames)
    if length > 50:
        assert frames[0] > 100 + length * 0.05
        assert frames[-1] < 100 + length * 0.95


def test_a_frame_is_a_shot(solid_film: SolidFilm) -> None:
    assert len(look(probe(solid_film(shots=[(RED, 1)], sound=False)), shots_of(1)).signals) == 1


def test_a_palette_names_its_colours_by_share() -> None:
    image = np.zeros((1, 96, 96, 3), np.uint8)
    image[:, :, :48], image[:, :, 48:80], image[:, :, 80:] = (200, 30, 30), (30, 180, 40), (30, 60, 200)
    assert palette(image) == "#c81e1e #1eb428 #1e3cc8"


def grey_of(picture: np.ndarray) -> np.ndarray:
    import cv2

    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


def titled(lines: Sequence[str], ground: np.ndarray, size: int = 22, ink: tuple[int, int, int] = (240, 240, 235)) -> np.ndarray:
    from PIL import Image, ImageDraw, ImageFont

    page = Image.fromarray(ground)
    draw = ImageDraw.Draw(page)
    for n, line in enumerate(lines):
        draw.text((120, 60 + n * size * 1.6), line, ink, ImageFont.load_default(size))
    return np.asarray(page)


def test_titles_and_credits_are_lettering() -> None:
    dark = np.full((360, 640, 3), (20, 24, 40), np.uint8)
    credits = ["Directed by", "Anna Berglund", "Camera", "Joseph Okafor", "Music", "Li Wei"]
    assert lettering(grey_of(titled(credits, dark))) > 0.9
    assert lettering(grey_of(titled(["THE LONG NIGHT"], dark, 40))) > 0.5
    assert lettering(grey_of(titled(credits, np.full_like(dark, 230), ink=(20, 20, 20)))) > 0.5
    assert lettering(grey_of(dark)) == 0


def photograph(name: str) -> np.ndarray:
    from skimage import data

    return np.asarray(getattr(data, name)())


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee", "rocket", "hubble_deep_field", "brick", "grass", "coins"])
def test_photographs_are_no_lettering(name: str) -> None:
    image = photograph(name)
    assert lettering(grey_of(image if image.ndim == 3 else np.stack([image] * 3, axis=-1))) < 0.5


def test_a_face_is_found_and_draws_the_eye() -> None:
    portrait = photograph("astronaut")
    faces = faces_in(portrait)
    assert len(faces) == 1
    assert faces[0].x == pytest.approx(0.43, abs=0.05)
    assert faces_in(photograph("chelsea")) == faces_in(photograph("coffee")) == ()
    wide = np.full((512, 910, 3), 70, np.uint8)
    wide[:, 398:] = portrait
    assert subject(wide[None], None, faces_in(wide)) == pytest.approx((398 + 0.43 * 512) / 910, abs=0.08)


def test_a_bright_thing_draws_the_eye() -> None:
    image = np.full((90, 160, 3), 60, np.uint8)
    image[30:60, 120:140] = (230, 60, 40)
    assert subject(image[None], None, ()) > 0.65
    assert subject(image[None, :, ::-1], None, ()) < 0.35
