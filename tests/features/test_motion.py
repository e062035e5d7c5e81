"""Camera and subject told apart: on pictures whose camera and subject moved as the test says."""

from collections.abc import Callable
from fractions import Fraction
from functools import cache

import cv2
import numpy as np
import pytest

from trailers.features.motion import NONE, move, tiny
from trailers.features.shots import SMALL
from trailers.features.signals import COLUMNS, FRAME_COLUMNS, Meter, measure
from trailers.features.span import Span

FRAMES = 48
Camera = Callable[[int], tuple[float, float, float]]  # of a frame: shift in widths and heights, and zoom


@cache
def ground(name: str = "rocket") -> np.ndarray:
    from skimage import data

    return np.asarray(cv2.resize(getattr(data, name)(), (1280, 720), interpolation=cv2.INTER_AREA))


def still(n: int) -> tuple[float, float, float]:
    return 0.0, 0.0, 1.0


def ball(picture: np.ndarray, n: int) -> np.ndarray:
    cv2.circle(picture, (100 + 9 * n, 180 + round(60 * np.sin(n / 5))), 40, (240, 200, 30), -1)
    return picture


def film(camera: Camera, subject: Callable[[np.ndarray, int], np.ndarray] | None = None, name: str = "rocket") -> np.ndarray:
    """FRAMES pictures of 640 x 360: a camera that looks at the middle half of a photograph, and a subject before it."""
    shown = []
    for n in range(FRAMES):
        x, y, zoom = camera(n)
        matrix = np.array([[zoom, 0, 320 - 640 * zoom + 640 * x], [0, zoom, 180 - 360 * zoom + 360 * y]])
        picture = cv2.warpAffine(ground(name), matrix, (640, 360), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        shown.append(picture if subject is None else subject(picture, n))
    return np.stack(shown).astype(np.uint8)


def measured(pictures: np.ndarray, rate: int = 24) -> dict[str, float]:
    meter = Meter()
    meter.push(np.stack([cv2.resize(picture, SMALL, interpolation=cv2.INTER_AREA) for picture in pictures]).astype(np.uint8))
    span, at = Span(0, len(pictures)), len(pictures) // 2
    values = measure(span, meter.table(span), pictures[at : at + 1], [at], Fraction(rate), ())
    return {name: float(value) for name, value in zip(COLUMNS, values, strict=True) if isinstance(value, float | int)}


def test_a_pan_is_the_cameras() -> None:
    for name in ("rocket", "coffee", "chelsea"):
        seen = measured(film(lambda n: (-0.005 * n, 0.0, 1.0), name=name))
        assert seen["camera"] > 3 * seen["action"]
        assert seen["pan"] == pytest.approx(-0.12, rel=0.1)
        assert abs(seen["zoom"]) < 0.02
        assert seen["shake"] < 0.0005


def test_a_fast_pan_is_the_cameras_too() -> None:
    seen = measured(film(lambda n: (0.012 * n - 0.3, 0.0, 1.0)))
    assert seen["camera"] > 2 * seen["action"]
    assert seen["pan"] == pytest.approx(0.288, rel=0.15)


def test_a_ball_over_a_still_ground_is_action() -> None:
    seen = measured(film(still, ball))
    assert seen["action"] > 5 * seen["camera"]
    assert abs(seen["pan"]) < 0.01
    assert seen["action"] == pytest.approx(seen["motion"], rel=0.3)


def test_both_at_once_are_both_seen() -> None:
    pan = measured(film(lambda n: (-0.004 * n, 0.0, 1.0)))
    both = measured(film(lambda n: (-0.004 * n, 0.0, 1.0), ball))
    assert both["pan"] == pytest.approx(pan["pan"], rel=0.35)  # it is not told in every frame
    assert both["action"] > 2 * pan["action"]
    assert both["camera"] > 0.2 * pan["camera"]


def test_a_still_has_neither_and_is_frozen() -> None:
    seen = measured(film(still))
    assert (seen["motion"], seen["camera"], seen["action"], seen["pan"], seen["zoom"], seen["shake"]) == (0,) * 6
    assert seen["frozen"] == 1


def test_a_zoom_is_the_cameras() -> None:
    nearer = measured(film(lambda n: (0.0, 0.0, 1.008**n), name="coffee"))
    assert nearer["camera"] > nearer["action"]
    assert nearer["zoom"] == pytest.approx(24 * 0.008, rel=0.15)
    assert abs(nearer["pan"]) < 0.02
    assert measured(film(lambda n: (0.0, 0.0, 1.4 * 0.993**n), name="coffee"))["zoom"] == pytest.approx(-24 * 0.007, rel=0.2)


def test_a_hand_shakes_and_a_tripod_does_not() -> None:
    def hand(n: int) -> tuple[float, float, float]:
        return 0.012 * np.sin(0.8 * n) + 0.006 * np.sin(1.3 * n), 0.015 * np.cos(0.9 * n), 1.0

    shaken = measured(film(hand))
    assert shaken["camera"] > shaken["action"]
    assert shaken["shake"] > 0.0025 > measured(film(lambda n: (-0.005 * n, 0.0, 1.0)))["shake"]


def test_light_that_changes_as_a_whole_is_no_action() -> None:
    pictures = film(still)
    lit = np.stack([cv2.convertScaleAbs(picture, alpha=1.0, beta=n) for n, picture in enumerate(pictures // 2)]).astype(np.uint8)
    seen = measured(lit)
    assert seen["motion"] > 0.003
    assert seen["action"] + seen["camera"] < 0.2 * seen["motion"]


def test_motion_is_the_same_at_another_rate() -> None:
    slow = measured(film(lambda n: (-0.005 * n, 0.0, 1.0)), 24)
    fast = measured(film(lambda n: (-0.0025 * n, 0.0, 1.0)), 48)
    assert fast["pan"] == pytest.approx(slow["pan"], rel=0.1)
    assert fast["motion"] == pytest.approx(slow["motion"], rel=0.25)


def test_what_moves_is_where_it_moves() -> None:
    left = move(*(tiny(ball(ground()[:360, :640].copy(), n)[..., 1]) for n in (0, 3)))
    right = move(*(tiny(ball(ground()[:360, :640].copy(), n)[..., 1]) for n in (50, 53)))
    assert left.place < 0.35
    assert right.place > 0.65


def test_flat_and_equal_pictures_have_no_move() -> None:
    grey = np.full((72, 128), 90, np.uint8)
    assert move(tiny(grey), tiny(grey)) == NONE
    brighter = move(tiny(grey), tiny(grey + 40))
    assert (brighter.x, brighter.y, brighter.zoom, brighter.camera) == (0, 0, 0, 0)
    assert brighter.action < 0.01


def test_the_meter_gives_the_same_however_it_is_fed() -> None:
    pictures = film(lambda n: (-0.005 * n, 0.0, 1.0), ball)[:, ::5, ::5]
    whole, pieces = Meter(), Meter()
    whole.push(pictures)
    for n in range(0, FRAMES, 7):
        pieces.push(pictures[n : n + 7])
    np.testing.assert_array_equal(whole.table(), pieces.table())
    np.testing.assert_array_equal(whole.table(Span(10, 20)), whole.table()[10:20])
    assert whole.table().shape == (FRAMES, len(FRAME_COLUMNS))
    assert whole.table().itemsize * len(FRAME_COLUMNS) < 100


def test_a_meter_keeps_a_long_film() -> None:
    meter = Meter()
    for _ in range(5):
        meter.push(np.full((1000, 18, 32, 3), 200, np.uint8))
    assert meter.table().shape[0] == 5000
    assert meter.table()[-1, 0] == pytest.approx(200 / 255, abs=0.01)
