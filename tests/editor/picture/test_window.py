"""Windows on known pictures: the right part, the right colours, and a glide that never steps."""

from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from trailers.editor.picture.planes import levels, planes_of
from trailers.editor.picture.reframe import Framing
from trailers.editor.picture.window import Window

if TYPE_CHECKING:
    import av

SOURCE, UPRIGHT = (320, 180), (90, 160)
COLOUR = (200, 60, 30)


def frame(picture: NDArray[np.uint8]) -> "av.VideoFrame":
    import av

    return av.VideoFrame.from_ndarray(picture, format="rgb24")


def blob(x: float, y: float, size: tuple[int, int] = SOURCE) -> NDArray[np.uint8]:
    """A soft spot of light on grey, its middle at x, y in pixels."""
    across, down = np.arange(size[0]) + 0.5 - x, np.arange(size[1]) + 0.5 - y
    light = 60 + 180 * np.exp(-(across[None] ** 2 + down[:, None] ** 2) / (2 * 6.0**2))
    return np.repeat(np.rint(light)[..., None], 3, axis=2).astype(np.uint8)


def middle(plane: NDArray[np.uint8]) -> tuple[float, float]:
    """Where the spot's middle lies in a picture."""
    light = np.maximum(plane.astype(float) - 90, 0)
    down, across = np.indices(plane.shape) + 0.5
    return float((light * across).sum() / light.sum()), float((light * down).sum() / light.sum())


def seen(framing: Framing, picture: NDArray[np.uint8], size: tuple[int, int], count: int) -> list[NDArray[np.uint8]]:
    window = Window(framing, size)
    return [planes_of(window(frame(picture)))[0] for _ in range(count)]


@pytest.mark.parametrize("place", [(90, 160), (90, 120)])
def test_a_crop_that_glides_by_parts_of_a_pixel_moves_what_it_shows_as_evenly(place: tuple[int, int]) -> None:
    crop = (100, 10, place[0], place[1])
    moves = tuple((0.3 * n, -0.11 * n) for n in range(40))
    where = (0, (160 - place[1]) // 2, *place)
    whole = Framing(crop, where, (80, 0, 102, 180) if place != UPRIGHT else None, moves)
    found = [middle(picture[where[1] : where[1] + place[1]]) for picture in seen(whole, blob(150, 70), UPRIGHT, 40)]
    asked = [(50 - right, 60 - down) for right, down in moves]
    assert np.abs(np.array(found) - asked).max() < 0.08
    assert np.abs(np.diff(found, axis=0) - (-0.3, 0.11)).max() < 0.04  # a crop in whole pixels would step by 1, or not at all


def test_a_glide_is_as_smooth_where_the_picture_is_scaled() -> None:
    moves = tuple((0.25 * n, 0.0) for n in range(30))
    found = [
        middle(picture) for picture in seen(Framing((100, 0, 60, 108), (0, 0, 90, 160), None, moves), blob(130, 50), UPRIGHT, 30)
    ]
    steps = np.diff(np.array(found)[:, 0])
    assert np.abs(steps + 0.25 * 1.5).max() < 0.05


def test_a_crop_that_has_moved_shows_what_one_that_stands_there_shows() -> None:
    noise = np.random.default_rng(3).integers(40, 200, (45, 80, 3), np.uint8).repeat(4, axis=0).repeat(4, axis=1)
    (still,) = seen(Framing((120, 10, 90, 160), (0, 0, 90, 160)), noise, UPRIGHT, 1)
    first, then = seen(Framing((100, 10, 90, 160), (0, 0, 90, 160), None, ((0.0, 0.0), (20.0, 0.0))), noise, UPRIGHT, 2)
    assert np.array_equal(then, still)
    assert not np.array_equal(first, still)


def test_a_crop_that_moves_to_an_edge_of_the_source_stays_within_it() -> None:
    moves = ((-100.0, 0.0), (130.0, 0.0), (130.5, 20.0), (500.0, 500.0))
    pictures = seen(Framing((100, 0, 90, 160), (0, 0, 90, 160), None, moves), blob(300, 100), UPRIGHT, 4)
    assert [picture.shape for picture in pictures] == [(160, 90)] * 4
    assert middle(pictures[1])[0] == pytest.approx(70, abs=0.1)
    assert middle(pictures[3])[0] == pytest.approx(70, abs=0.1)


def test_a_ground_of_one_colour_is_that_colour_and_the_picture_lies_on_it() -> None:
    for moves in ((), ((0.0, 0.0), (0.5, 0.0))):
        framing = Framing((100, 0, 90, 100), (0, 30, 90, 100), None, moves, "#224466")
        window = Window(framing, UPRIGHT)
        picture = np.full((180, 320, 3), COLOUR, np.uint8)
        planes = [planes_of(window(frame(picture))) for _ in range(2)][-1]
        for plane, ground, shown in zip(planes, levels("#224466"), levels("#c83c1e"), strict=True):
            height = len(plane)
            assert np.abs(plane[: height * 28 // 160].astype(int) - ground).max() <= 1
            assert np.abs(plane[height * 40 // 160 : height * 120 // 160].astype(int) - shown).max() <= 2
            assert np.abs(plane[height * 134 // 160 :].astype(int) - ground).max() <= 1


def test_a_blurred_ground_is_the_same_for_a_window_that_moves() -> None:
    picture = blob(160, 90)
    still = Framing((100, 0, 90, 100), (0, 30, 90, 100), (80, 0, 102, 180))
    moving = Framing((100, 0, 90, 100), (0, 30, 90, 100), (80, 0, 102, 180), ((0.0, 0.0), (1.5, 0.0)))
    (one,), (other, _) = seen(still, picture, UPRIGHT, 1), seen(moving, picture, UPRIGHT, 2)
    assert np.abs(one.astype(int) - other).max() <= 1
