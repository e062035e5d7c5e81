"""A trailer's pictures are found in their film whatever was done to them, to the frame; what is not in the film is not found."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from trailers.features.graph import Pictures
from trailers.features.match import COLUMNS, LIKE, matches
from trailers.features.media import Episode, pictures, probe
from trailers.features.relief import alike, framings, plain, relief
from trailers.features.shots import Detection, Transition, shots_of
from trailers.features.span import Span

FOOTAGE = Path(__file__).parents[3] / "shared" / "footage"
SIZE = (320, 180)
RATE = Fraction(24)
FILM = (60, 48, 72, 55, 66, 50, 58, 62)  # frames of the film's shots
CLIPS = ((130, 160), (20, 44), (300, 330))  # frames of the film that the trailer shows, in its order


def shot(seed: int, frames: int) -> Pictures:
    """A camera that moves over a wide picture with things of every size in it, while something crosses it."""
    chance = np.random.default_rng(seed)
    wide = np.zeros((180, 640, 3))
    for cell in (60, 20, 6):
        coarse = chance.uniform(-1, 1, (180 // cell + 1, 640 // cell + 1, 3))
        wide += np.kron(coarse, np.ones((cell, cell, 1)))[:180, :640]
    wide = np.clip(128 + 50 * wide, 0, 255).astype(np.uint8)
    step = int(chance.integers(1, 4))
    made = np.stack([wide[:, n * step : n * step + 320] for n in range(frames)])
    for n in range(frames):
        made[n, 60:110, 4 * n : 4 * n + 40] = chance.integers(0, 256, 3)
    return np.asarray(made, np.uint8)


def write(path: Path, frames: Sequence[np.ndarray] | Pictures, rate: Fraction = RATE) -> Episode:
    import av

    with av.open(str(path), "w") as file:
        video = file.add_stream("libx264", rate=rate, options={"crf": "26", "preset": "veryfast", "threads": "1"})
        video.height, video.width = frames[0].shape[:2]
        video.pix_fmt, video.codec_context.time_base = "yuv420p", 1 / rate
        for n, picture in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts, frame.time_base = n, 1 / rate
            file.mux(video.encode(frame))
        file.mux(video.encode(None))
    return probe(path)


@pytest.fixture(scope="module")
def reel() -> Pictures:
    return np.concatenate([shot(n, frames) for n, frames in enumerate(FILM)])


@pytest.fixture(scope="module")
def film(reel: Pictures, tmp_path_factory: pytest.TempPathFactory) -> Episode:
    return write(tmp_path_factory.mktemp("match") / "film.mp4", reel)


def cut(lengths: Sequence[int], transitions: Sequence[Transition] = ()) -> Detection:
    """The shots of a trailer whose cuts are known."""
    ends = np.cumsum(lengths).tolist()
    changes = [*transitions, *(Transition(end, end, "cut") for end in ends[:-1])]
    return Detection(shots_of("trailer", ends[-1], changes), tuple(sorted(transitions)))


def resized(picture: Pictures, size: tuple[int, int]) -> Pictures:
    import cv2

    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def graded(picture: Pictures) -> Pictures:
    """Dark, hard, nearly without colour, with a vignette."""
    light = (picture / 255.0) ** 1.6
    light = 0.8 * light.mean(axis=2, keepdims=True) + 0.2 * light
    far = np.hypot(*np.meshgrid(np.linspace(-1, 1, light.shape[1]), np.linspace(-1, 1, light.shape[0])))
    return np.asarray(np.clip(255 * (1.3 * light - 0.1) * (1 - 0.35 * far)[:, :, None], 0, 255), np.uint8)


def cropped(picture: Pictures) -> Pictures:
    """Nearer, to the left and up, and between bars."""
    small = resized(picture[8:152, 14:270], (400, 224))[28:196]
    return np.pad(small, ((28, 28), (0, 0), (0, 0)))


def titled(picture: Pictures) -> Pictures:
    lettered = picture.copy()
    lettered[76:104, 90:230] = 10
    lettered[82:98, 96:224:8] = 245
    return lettered


CHANGES: dict[str, Callable[[Pictures], Pictures]] = {
    "as it is": lambda picture: picture,
    "graded": graded,
    "cropped and letterboxed": cropped,
    "upright": lambda picture: resized(picture[:, 150:251], (202, 360)),
    "squeezed": lambda picture: resized(picture, (192, 192)),
    "with a title": titled,
    "small": lambda picture: resized(picture, (160, 90)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_finds_every_shot_to_the_frame(film: Episode, reel: Pictures, tmp_path: Path, change: str) -> None:
    shown = [CHANGES[change](picture) for a, b in CLIPS for picture in reel[a:b]]
    found = matches(film, write(tmp_path / "trailer.mp4", shown), cut([b - a for a, b in CLIPS]))
    assert tuple(found.columns) == COLUMNS
    off = 8 if change == "upright" else 1  # where a camera pans, another window shows nearly the same a little earlier
    assert list(zip(found["film_start"], found["film_stop"], strict=True)) == [
        (pytest.approx(a, abs=off), pytest.approx(b, abs=off)) for a, b in CLIPS
    ]
    assert found["likeness"].between(LIKE, 1).all()


def test_finds_slow_motion_at_another_rate(film: Episode, reel: Pictures, tmp_path: Path) -> None:
    shown = [reel[200 + round(n * 24 / 30 / 2)] for n in range(60)]  # 30 frames a second, half as fast
    found = matches(film, write(tmp_path / "slow.mp4", shown, Fraction(30)), cut([60]))
    assert found["film_start"].tolist() == [pytest.approx(200, abs=1)]
    assert found["film_stop"].tolist() == [pytest.approx(224, abs=2)]


def test_finds_what_a_dissolve_leaves_clear(film: Episode, reel: Pictures, tmp_path: Path) -> None:
    one, other = reel[130:160].astype(float), reel[300:330].astype(float)
    share = (np.arange(1, 11) / 11)[:, None, None, None]
    mixed = ((1 - share) * one[20:] + share * other[:10]).astype(np.uint8)
    shown = [*reel[130:150], *mixed, *reel[310:330]]
    found = matches(film, write(tmp_path / "mixed.mp4", shown), cut([25, 25], [Transition(20, 30, "dissolve")]))
    assert found[["start", "stop", "film_start", "film_stop"]].to_numpy(int).tolist() == [
        [0, pytest.approx(20, abs=2), 130, pytest.approx(150, abs=2)],
        [pytest.approx(30, abs=2), 50, pytest.approx(310, abs=2), 330],
    ]


def test_what_is_not_in_the_film_is_not_found(film: Episode, reel: Pictures, tmp_path: Path) -> None:
    card = np.zeros((180, 320, 3), np.uint8)
    card[80:100, 60:260:12] = 230
    shown = [*[card] * 24, *reel[20:44], *shot(99, 30), *[np.zeros_like(card)] * 12]
    found = matches(film, write(tmp_path / "trailer.mp4", shown), cut([24, 24, 30, 12]))
    assert found["film_start"].isna().tolist() == [True, False, True, True]
    assert found["film_stop"].isna().tolist() == [True, False, True, True]
    assert (found["likeness"] < LIKE).tolist() == [True, False, True, True]


def test_finds_a_cut_shorter_than_half_a_second(film: Episode, reel: Pictures, tmp_path: Path) -> None:
    found = matches(film, write(tmp_path / "fast.mp4", [*reel[85:92], *reel[20:26]]), cut([7, 6]))
    assert found["film_start"].tolist() == [pytest.approx(85, abs=1), pytest.approx(20, abs=1)]


def test_a_black_film_holds_nothing(reel: Pictures, tmp_path: Path) -> None:
    dark = write(tmp_path / "dark.mp4", [np.zeros((180, 320, 3), np.uint8)] * 30)
    assert matches(dark, write(tmp_path / "trailer.mp4", reel[20:44]), cut([24]))["film_start"].isna().all()


def test_likeness_does_not_mind_light_but_minds_the_picture() -> None:
    one, other = (shot(n, 1)[0].mean(axis=2).astype(np.uint8) for n in (1, 2))
    brighter = np.clip(0.6 * one.astype(float) + 70, 0, 255).astype(np.uint8)
    table = alike(np.stack([relief(one), relief(other)]), np.stack([relief(brighter)]))
    assert table.shape == (2, 1)
    assert table[0, 0] > 0.9
    assert table[1, 0] < 0.3


def test_plain_pictures_show_nothing_to_compare() -> None:
    assert plain(relief(np.full((90, 160), 80, np.uint8)))
    assert not plain(relief(shot(1, 1)[0].mean(axis=2).astype(np.uint8)))


@pytest.mark.parametrize(("one", "other"), [((16, 9), (16, 9)), ((9, 16), (16, 9)), ((239, 100), (16, 9)), ((16, 9), (239, 100))])
def test_framings_stay_inside_both_pictures(one: tuple[int, int], other: tuple[int, int]) -> None:
    ways = framings(one, other)
    assert len(set(ways)) == len(ways) > 0
    for way in ways:
        for box in (way.one, way.other):
            assert -1e-9 <= box.left < box.right <= 1 + 1e-9
            assert -1e-9 <= box.top < box.bottom <= 1 + 1e-9


@pytest.mark.footage
@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="the real films are not beside this checkout")
def test_real_pictures_are_found_in_another_encoding_and_no_other_film_s(tmp_path: Path) -> None:
    film = probe(FOOTAGE / "series" / "big_buck_bunny_s01e02.mp4")
    source, first = probe(FOOTAGE / "films" / "big_buck_bunny_720p.mp4"), 2832  # the episode's first frame in the film
    clips = ((2900, 2930), (3610, 3640), (4300, 4325))
    shown = [cropped(graded(p)) for a, b in clips for p in pictures(source, Span(a, b), SIZE)]
    strange = [*pictures(probe(FOOTAGE / "trailers" / "sintel_trailer_720p.mp4"), Span(450, 500), SIZE)]
    trailer = write(tmp_path / "trailer.mp4", [*shown, *strange])
    found = matches(film, trailer, cut([30, 30, 25, 50]))
    starts = found["film_start"].tolist()
    assert starts[:3] == [pytest.approx(a - first, abs=12) for a, _ in clips]  # some of the shots hardly move
    assert found["film_start"].isna().tolist() == [False, False, False, True]
