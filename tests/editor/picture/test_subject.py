"""Where a subject is: faces, lettering and things at known places; and on a real film, where people see it."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from trailers.editor.picture.subject import KINDS, Track, leading, track
from trailers.editor.picture.things import things
from trailers.editor.picture.views import view
from trailers.editor.timeline import Clip
from trailers.errors import MediaError
from trailers.features import identity
from trailers.features.faces import Face, faces_in
from trailers.features.media import Episode, probe
from trailers.features.people import Sighting, table
from trailers.features.span import Span

FILM = Path(__file__).parents[4] / "shared" / "footage" / "films" / "big_buck_bunny_720p.mp4"
UPRIGHT = (720, 1280)
# Shots of Big Buck Bunny: first frame, last, and from where to where its subject is in the middle one, as one person saw it.
SEEN = (
    (1145, 1241, 0.28, 0.46),
    (2194, 2290, 0.28, 0.50),
    (3744, 3840, 0.34, 0.60),
    (5131, 5227, 0.65, 0.98),
    (5844, 5940, 0.60, 0.78),
)


def photograph(name: str) -> np.ndarray:
    from skimage import data

    return np.asarray(getattr(data, name)())


def film_of(picture: np.ndarray, path: Path, frames: int = 24) -> Episode:
    """A film in which nothing moves."""
    import av

    with av.open(str(path), "w") as file:
        video = file.add_stream("libx264", rate=24, options={"crf": "16", "preset": "ultrafast", "threads": "1"})
        video.width, video.height, video.pix_fmt = picture.shape[1], picture.shape[0], "yuv420p"
        for n in range(frames):
            frame = av.VideoFrame.from_ndarray(picture.astype(np.uint8), format="rgb24")
            frame.pts, frame.time_base = n, Fraction(1, 24)
            file.mux(video.encode(frame))
        file.mux(video.encode(None))
    return probe(path, "e1")


def beside(name: str, left: int, ground: int = 110) -> np.ndarray:
    """A photograph, 340 pixels high, on a plain wide picture."""
    import cv2

    picture = np.full((360, 640, 3), ground, np.uint8)
    image = photograph(name)
    width = round(340 * image.shape[1] / image.shape[0])
    picture[10:350, left : left + width] = cv2.resize(image, (width, 340), interpolation=cv2.INTER_AREA)[:, : 640 - left]
    return picture


def kinds(found: Track) -> set[str]:
    return {KINDS[kind] for kind in found.kind}


def test_a_face_is_found_where_it_is_and_a_window_holds_it(tmp_path: Path) -> None:
    episode = film_of(beside("astronaut", 10), tmp_path / "face.mp4")
    found = track(episode, Span(0, 24))
    assert kinds(found) == {"face"}
    assert found.of.tolist() == list(range(len(found.at)))
    left, top, right, bottom = found.boxes.mean(axis=0)
    assert 0.1 < left < 0.25 < right < 0.4, "her face is in the left half of the photograph's middle"
    assert 0.0 <= top < 0.3 < bottom < 0.7
    seen = view(found, Clip("e1/0", "e1", Span(0, 24), Span(0, 24)), episode, UPRIGHT, Fraction(24))
    assert seen.keys[0].x - seen.width / 2 <= left
    assert right <= seen.keys[0].x + seen.width / 2
    assert seen.why == "stays on a face"


@pytest.mark.skipif(not identity.can_tell(), reason="the network that tells faces apart is not installed")
def test_the_main_characters_face_is_told_from_anothers(tmp_path: Path) -> None:
    picture = beside("astronaut", 10)
    episode = film_of(picture, tmp_path / "lead.mp4")
    (face,) = faces_in(picture)
    own = identity.vector(picture, face)
    assert kinds(track(episode, Span(0, 24), lead=own)) == {"lead"}
    assert kinds(track(episode, Span(0, 24), lead=-own)) == {"face"}


def test_the_leading_face_is_the_mean_of_those_seen_alone() -> None:
    rng = np.random.default_rng(3)
    hers, his = np.zeros((2, identity.DIM), np.float32)
    hers[0], his[1] = 1, 1
    face = Face(0.5, 0.5, 0.2, 0.3)

    def sighting(frame: int, vector: np.ndarray) -> Sighting:
        return Sighting(frame, face, (vector + rng.normal(0, 0.01, identity.DIM)).astype(np.float32))

    seen = [(f"e1/{n:04d}", sighting(10 * n, hers)) for n in range(4)]
    seen += [("e1/0003", sighting(30, his)), ("e1/0004", sighting(40, his)), ("e1/0005", Sighting(50, face, None))]
    found = leading(table(seen))
    assert found is not None
    assert np.linalg.norm(found - hers) < 0.1
    assert leading(table([("e1/0005", Sighting(50, face, None))])) is None
    assert leading(table([])) is None


def test_lettering_is_found_whole_and_grass_is_none(tmp_path: Path) -> None:
    import cv2
    from PIL import Image, ImageDraw, ImageFont

    card = Image.new("RGB", (640, 360), (20, 24, 40))
    ImageDraw.Draw(card).text((120, 160), "COMING THIS WINTER", (240, 240, 235), ImageFont.load_default(36))
    drawn = np.asarray(card)
    columns = np.flatnonzero((drawn.max(axis=2) > 120).any(axis=0)) / 640
    found = track(film_of(drawn, tmp_path / "card.mp4"), Span(0, 24))
    assert kinds(found) == {"text"}
    assert found.boxes[:, 0].max() <= columns.min()
    assert found.boxes[:, 2].min() >= columns.max()
    assert found.boxes[:, 2].max() - found.boxes[:, 0].min() < 0.9
    grass = cv2.resize(np.stack([photograph("grass")] * 3, axis=-1), (640, 360), interpolation=cv2.INTER_AREA)
    assert not kinds(track(film_of(np.asarray(grass), tmp_path / "grass.mp4"), Span(0, 24)))


@pytest.mark.parametrize(("name", "left"), [("chelsea", 10), ("chelsea", 120), ("coffee", 110), ("rocket", 110)])
def test_a_thing_is_told_from_the_ground_it_is_on(name: str, left: int) -> None:
    picture = beside(name, left)
    column = things(picture).sum(axis=0)
    middle = float(column @ (np.arange(len(column)) + 0.5)) / float(column.sum()) / len(column)
    image = photograph(name)
    wide = min(340 * image.shape[1] / image.shape[0], 640 - left)
    assert abs(middle - (left + wide / 2) / 640) < 0.12


def test_an_upright_picture_is_looked_at_in_its_own_shape() -> None:
    assert things(np.zeros((640, 360, 3), np.uint8)).shape == (12, 7)
    assert things(np.zeros((272, 640, 3), np.uint8)).shape == (5, 12)


def test_each_shot_of_a_clip_is_looked_at_from_its_first_frame(tmp_path: Path) -> None:
    episode = film_of(beside("coffee", 10), tmp_path / "still.mp4", 30)
    assert track(episode, Span(3, 30), cuts=(0, 3, 16, 27, 40)).at.tolist() == [3, 8, 13, 16, 21, 26, 27]
    assert track(episode, Span(29, 30)).at.tolist() == [29]


def test_says_in_one_line_what_a_file_does_not_hold(tmp_path: Path) -> None:
    episode = film_of(beside("coffee", 10), tmp_path / "short.mp4", 10)
    with pytest.raises(MediaError, match=r"short\.mp4: frames 5 to 20 were asked for"):
        track(replace(episode, frames=10), Span(5, 20))


@pytest.mark.skipif(not FILM.is_file(), reason="the real film lies beside the repository")
def test_on_a_real_film_a_window_holds_what_a_person_sees() -> None:
    episode = probe(FILM, "film")
    held, centred = list[float](), list[float]()
    for first, stop, left, right in SEEN:
        clip = Clip(str(first), "film", Span(first, stop), Span(0, stop - first))
        seen = view(track(episode, clip.span), clip, episode, UPRIGHT, Fraction(24))
        keys = np.array([(key.at, key.x) for key in seen.keys])
        middle = float(np.interp((stop - first) // 2, *keys.T))
        for places, width, at in ((held, seen.width, middle), (centred, 0.3164, 0.5)):
            places.append(max(0.0, min(right, at + width / 2) - max(left, at - width / 2)) / (right - left))
    assert np.mean(held) > 0.9
    assert np.mean(centred) < 0.75, "what a window in the middle would hold"
