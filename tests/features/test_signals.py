"""Signals: each on material whose truth is known, the same every time."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from trailers.demo.photographs import graded
from trailers.features.faces import faces_in
from trailers.features.media import pictures_at, probe
from trailers.features.saliency import bars, lettering, subject
from trailers.features.shots import SMALL
from trailers.features.signals import COLUMNS, Meter, measure, palette
from trailers.features.span import Span

FOOTAGE = Path(__file__).parents[3] / "shared" / "footage"


def measured(pictures: np.ndarray, samples: int = 3) -> Mapping[str, object]:
    """The signals of a shot that is all of these pictures, uint8 (n, 360, 640, 3), at 24 frames a second."""
    meter = Meter()
    meter.push(np.stack([cv2.resize(picture, SMALL, interpolation=cv2.INTER_AREA) for picture in pictures]).astype(np.uint8))
    span = Span(0, len(pictures))
    at = [len(pictures) * (2 * n + 1) // (2 * samples) for n in range(samples)]
    values = measure(span, meter.table(span), pictures[at], at, Fraction(24))
    return dict(zip(COLUMNS, values, strict=True))


def number(value: object) -> float:
    assert isinstance(value, float | int)
    return float(value)


@cache
def shot(kind: str) -> Mapping[str, object]:
    """Shots of 24 frames: noise that moves on the left, a still picture, black, white, and a fast pan."""
    rng = np.random.default_rng(1)
    wide = np.kron(rng.integers(40, 220, (9, 60, 3)), np.ones((40, 40, 1))).astype(np.uint8)
    pictures = np.full((24, 360, 640, 3), 90, np.uint8)
    for n, image in enumerate(pictures):
        if kind == "noise":
            image[120:240, 60:180] = rng.integers(0, 255, (120, 120, 3))
        elif kind == "still":
            image[:] = wide[:, 200:840]
        elif kind in ("black", "white"):
            image[:] = 0 if kind == "black" else 255
        else:
            image[:] = wide[:, n * 60 : n * 60 + 640]
    return measured(pictures)


KINDS = ("noise", "still", "black", "white", "pan")


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_has_a_value_in_its_range(kind: str) -> None:
    values = shot(kind)
    assert list(values) == list(COLUMNS)
    texts = {name for name, value in values.items() if isinstance(value, str)}
    assert texts == {"palette", "scale"}
    ranges = {"pan": (-10, 10), "zoom": (-5, 5), "warmth": (-1, 1), "faces": (0, 99)}
    for name in values.keys() - texts:
        low, high = ranges.get(name, (0, 1))
        assert low <= number(values[name]) <= high


def test_what_moves_has_motion_and_what_stands_is_frozen() -> None:
    motion = {kind: number(shot(kind)["motion"]) for kind in KINDS}
    assert max(motion, key=motion.__getitem__) == "pan"
    assert motion["still"] == motion["black"] == 0
    assert [shot(kind)["frozen"] for kind in KINDS] == [0, 1, 1, 1, 0]


def test_black_is_black_and_white_is_white_and_nothing_else_is() -> None:
    assert [shot(kind)["black"] for kind in KINDS] == [0, 0, 1, 0, 0]
    assert [shot(kind)["white"] for kind in KINDS] == [0, 0, 0, 1, 0]
    assert [number(shot(kind)["brightness"]) for kind in ("black", "white")] == pytest.approx([0, 1], abs=0.01)
    assert shot("black")["palette"] == "#000000 #000000 #000000"


def test_half_a_shot_is_half_a_share() -> None:
    pictures = np.full((20, 360, 640, 3), 90, np.uint8)
    pictures[:10] = 0
    seen = measured(pictures)
    assert seen["black"] == 0.5
    assert seen["frozen"] == pytest.approx(18 / 19)


def test_the_subject_is_where_something_moves() -> None:
    assert number(shot("noise")["subject"]) < 0.35
    assert 0.4 < number(shot("black")["subject"]) < 0.6


def test_a_frame_is_a_shot() -> None:
    seen = measured(np.full((1, 360, 640, 3), 128, np.uint8), 1)
    assert (seen["motion"], seen["frozen"]) == (0, 0)
    assert number(seen["brightness"]) == pytest.approx(0.5, abs=0.01)
    with pytest.raises(ValueError, match="a shot has frames and samples"):
        measure(Span(0, 1), np.zeros((1, 11), np.float32), np.zeros((0, 9, 16, 3), np.uint8), [], Fraction(24))


@pytest.mark.parametrize("size", [(202, 360), (360, 202), (64, 64), (16, 640), (640, 16)])
def test_pictures_of_any_shape_are_measured(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(2).integers(0, 255, (2, size[1], size[0], 3)).astype(np.uint8)
    frames = np.zeros((4, 11), np.float32)
    assert len(measure(Span(0, 4), frames, noise, [1, 3], Fraction(24))) == len(COLUMNS)


def test_the_same_pictures_give_the_same_numbers() -> None:
    shot.cache_clear()
    first = shot("noise")
    shot.cache_clear()
    assert shot("noise") == first


def test_a_blurred_picture_is_less_sharp_and_a_grey_one_less_colourful() -> None:
    picture = graded("garage", "day")[:360, :640]
    plain = measured(np.repeat(picture[None], 2, axis=0))
    soft = measured(np.repeat(cv2.GaussianBlur(picture, (0, 0), 3)[None], 2, axis=0))
    grey = measured(np.repeat(np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)[None], 2, axis=0))
    assert number(plain["sharpness"]) > 2 * number(soft["sharpness"])
    assert number(plain["colourfulness"]) > number(grey["colourfulness"])
    assert number(grey["colourfulness"]) == pytest.approx(0, abs=0.01)


def boxed(picture: np.ndarray, above: int = 0, beside: int = 0) -> np.ndarray:
    """A picture under black bars of so many pixels on either side, with a little noise in the black."""
    picture = cv2.resize(picture, (640 - 2 * beside, 360 - 2 * above), interpolation=cv2.INTER_AREA)
    whole = np.random.default_rng(4).integers(0, 6, (360, 640, 3)).astype(np.uint8)
    whole[above : 360 - above, beside : 640 - beside] = picture
    return whole


@pytest.mark.parametrize("look", ["day", "night", "noir"])
@pytest.mark.parametrize("name", ["pagoda", "meadow", "garage", "coffee"])
def test_bars_are_measured_in_light_and_dark_pictures(name: str, look: str) -> None:
    picture = graded(name, look)
    found = [bars(grey_of(boxed(picture, above, beside))[None]) for above, beside in ((0, 0), (44, 0), (0, 80), (30, 50))]
    for (letter, pillar), (above, beside) in zip(found, ((0, 0), (44, 0), (0, 80), (30, 50)), strict=True):
        assert letter == pytest.approx(above / 180, abs=0.01)
        assert pillar == pytest.approx(beside / 320, abs=0.01)


def test_a_dark_picture_and_letters_on_black_have_no_bars() -> None:
    down = np.linspace(0, 1, 360)[:, None, None]
    vignette = (200 * np.sin(np.pi * down) ** 4 * np.ones((1, 640, 3))).astype(np.uint8)
    spot = np.zeros((360, 640, 3), np.uint8)
    cv2.circle(spot, (320, 180), 60, (220, 220, 200), -1)
    title = titled(["DIRECTED BY", "ANNA BERGLUND"], np.zeros((360, 640, 3), np.uint8))
    for picture in (vignette, spot, title, np.zeros((360, 640, 3), np.uint8), np.full((360, 640, 3), 20, np.uint8)):
        assert bars(grey_of(picture)[None]) == (0, 0)


def test_bars_are_what_all_pictures_of_a_shot_share() -> None:
    dark, light = boxed(graded("pagoda", "night") // 3, 44), boxed(graded("pagoda", "day"), 44)
    assert bars(np.stack([grey_of(dark), grey_of(light)]))[0] == pytest.approx(44 / 180, abs=0.01)
    assert bars(np.stack([grey_of(light), grey_of(boxed(graded("pagoda", "day")))])) == (0, 0)


def signal(name: str, column: str, look: str = "day", light: float = 1.0) -> float:
    picture = cv2.resize(graded(name, look), (640, 360), interpolation=cv2.INTER_AREA)
    return number(measured(np.repeat((picture * light).astype(np.uint8)[None], 2, axis=0), 1)[column])


@pytest.mark.parametrize("name", ["pagoda", "meadow", "garage", "astronaut"])
def test_warmth_follows_the_grade(name: str) -> None:
    warm = [signal(name, "warmth", look) for look in ("fire", "warm", "day", "cold", "night")]
    assert warm == sorted(warm, reverse=True)
    assert warm[0] > 0.5
    assert warm[-1] < -0.4


@pytest.mark.parametrize("name", ["pagoda", "meadow", "garage", "astronaut", "cat"])
def test_night_is_dark_and_blue_not_merely_dark(name: str) -> None:
    night = signal(name, "night", "night")
    others = [signal(name, "night", look) for look in ("day", "warm", "dawn", "fire", "cold")]
    lamplit = [signal(name, "night", "warm", light) for light in (0.5, 0.3, 0.2)]
    assert night > 0.2
    assert max(*others, *lamplit) < 0.06


def test_lamps_in_the_dark_are_night_and_credits_are_not() -> None:
    street = np.full((360, 640, 3), 9, np.uint8)
    for x in range(60, 640, 120):
        cv2.circle(street, (x, 150), 7, (255, 220, 150), -1)
    assert number(measured(street[None], 1)["night"]) > 0.5
    lines = ["Directed by", "Anna Berglund", "Camera", "Joseph Okafor", "Music"]
    assert number(measured(titled(lines, np.zeros((360, 640, 3), np.uint8))[None], 1)["night"]) < 0.1
    assert number(shot("black")["night"]) < 0.05


def test_faces_and_scale_come_together() -> None:
    portrait = np.asarray(cv2.resize(graded("astronaut", "day"), (360, 360), interpolation=cv2.INTER_AREA))
    picture = np.full((360, 640, 3), 70, np.uint8)
    picture[:, 280:] = portrait
    seen = measured(picture[None], 1)
    assert seen["faces"] == 1
    assert seen["scale"] == "medium"
    assert number(seen["face_x"]) == pytest.approx((280 + 0.44 * 360) / 640, abs=0.03)
    assert number(seen["face_y"]) == pytest.approx(0.23, abs=0.04)
    assert number(seen["subject"]) == pytest.approx((280 + 0.44 * 360) / 640, abs=0.1)
    nobody = shot("still")
    assert (nobody["faces"], nobody["face_size"], nobody["face_x"], nobody["face_y"], nobody["scale"]) == (0, 0, 0.5, 0.5, "")


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


@pytest.mark.footage
@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="the real films are not here")
def test_the_bars_of_a_wide_film_are_measured() -> None:
    episode = probe(FOOTAGE / "trailers/sintel_trailer_720p.mp4", "s")
    greys = np.stack([grey_of(picture) for picture in pictures_at(episode, [120, 320, 400, 760], (640, 360))])
    for grey in (*greys[:, None], greys):
        letter, pillar = bars(grey)
        assert letter == pytest.approx((720 - 546) / 720, abs=0.01)
        assert pillar == 0
    titles = pictures_at(episode, [1020], (640, 360))
    assert bars(grey_of(titles[0])[None]) == (0, 0)
