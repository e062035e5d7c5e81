"""Colours: pictures whose light is right and whose colours are not, and what lies beside a window."""

from dataclasses import replace

import numpy as np
import pytest

from tests.editor.gate.sabotage import Case, Film, remade
from trailers.editor.timeline import Timeline, View
from trailers.features.media import pictures, probe

Picture = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
Matrix = tuple[tuple[float, float], tuple[float, float]]
_TO_LUMA = np.array([0.2126, 0.7152, 0.0722])


def recoloured(picture: Picture, matrix: Matrix) -> Picture:
    """A picture of the same luma whose blue and red differences are mixed anew."""
    light = picture @ _TO_LUMA
    blue, red = np.moveaxis((picture[..., (2, 0)] - light[..., None]) @ np.array(matrix).T, -1, 0)
    green = -(0.2126 * red + 0.0722 * blue) / 0.7152
    made = light[..., None] + np.stack([red, green, blue], -1)
    return np.asarray(np.clip(np.rint(made), 0, 255), np.uint8)


def changed(film: Film, matrix: Matrix, first: int, stop: int) -> Film:
    return [recoloured(picture, matrix) if first <= n < stop else picture for n, picture in enumerate(film)]


MIXED: dict[str, Matrix] = {
    "no colour": ((0, 0), (0, 0)),
    "planes exchanged": ((0, 1), (1, 0)),
    "the other hue": ((-1, 0), (0, -1)),
}


@pytest.mark.parametrize("matrix", MIXED.values(), ids=MIXED)
def test_catches_pictures_of_right_light_and_wrong_colour(case: Case, matrix: Matrix) -> None:
    assert "colours" in case.failed(remade(case, changed(case.shown, matrix, 0, 66)))


def test_catches_one_clip_of_wrong_colour_and_says_where(case: Case) -> None:
    path = remade(case, changed(case.shown, MIXED["planes exchanged"], 30, 40))
    assert "in 10 of clip e/1 from 0:01.25 (frame 30)" in case.found(path)["colours"]


def test_catches_a_card_of_another_colour_and_the_same_light(case: Case) -> None:
    film = changed(case.shown, MIXED["the other hue"], 66, 96)
    assert "cards" in case.failed(remade(case, film))


@pytest.fixture(scope="module", params=["blur", "#203040", ""])
def framed(request: pytest.FixtureRequest, case: Case) -> Timeline:
    """The trailer with a window over its first clip that leaves room for a ground above and below in 9:16."""
    first, *rest = case.timeline.clips
    own = (View("9:16", 0.6, 1.0, (), request.param),) if request.param else ()
    return replace(case.timeline, clips=(replace(first, views=own), *rest))


def marked(film: Film) -> Film:
    """A bright mark on 6 frames, above the window."""
    other = [picture.copy() for picture in film]
    for picture in other[8:14]:
        picture[16:34, 80:104] = 200
    return other


def test_a_ground_passes_and_a_mark_on_it_is_caught(case: Case, framed: Timeline) -> None:
    path, asked = case.render(framed, "tall"), case.asked(framed, "tall")
    assert case.failed(path, asked) == set()
    film = list(pictures(probe(path)))
    verdict = case.found(remade(case, marked(film)), asked)["ground"]
    assert "something stands out of it at 0:00.33 (frame 8)" in verdict


def test_catches_a_ground_of_another_colour(case: Case) -> None:
    def grounded(colour: str) -> Timeline:
        views = (View("9:16", 0.6, 1.0, (), colour),)
        return replace(case.timeline, clips=tuple(replace(clip, views=views) for clip in case.timeline.clips))

    path = case.render(grounded("#203040"), "tall")
    assert "ground" not in case.failed(path, case.asked(grounded("#203040"), "tall"))
    assert "it is not #402030" in case.found(path, case.asked(grounded("#402030"), "tall"))["ground"]
