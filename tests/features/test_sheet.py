"""Sheets: pictures in rows on a dark page that opens anywhere."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import SolidFilm
from trailers.features.media import probe
from trailers.features.sheet import contact_sheet, season_sheet
from trailers.features.shots import Shot
from trailers.features.span import Span


def solid(colour: tuple[int, int, int], size: tuple[int, int] = (160, 90)) -> np.ndarray:
    return np.full((size[1], size[0], 3), colour, np.uint8)


def test_pictures_stand_in_rows_on_a_dark_ground(tmp_path: Path) -> None:
    images = [solid((200, 0, 0)), solid((0, 200, 0)), solid((0, 0, 200))]
    path = contact_sheet(images, ["red", "green", "blue\nlow"], 2, tmp_path / "new" / "sheet.jpg", "Colours", width=160)
    page = np.asarray(Image.open(path).convert("RGB")).astype(int)
    assert page[2, 2].max() < 30
    reds = np.argwhere((page[..., 0] > 150) & (page[..., 1] < 60))
    greens = np.argwhere((page[..., 1] > 150) & (page[..., 0] < 60))
    blues = np.argwhere((page[..., 2] > 150) & (page[..., 0] < 60))
    assert abs(reds[:, 0].min() - greens[:, 0].min()) <= 2
    assert reds[:, 1].max() < greens[:, 1].min()
    assert blues[:, 0].min() > reds[:, 0].max()
    assert len(reds) == pytest.approx(160 * 90, rel=0.05)


def test_a_tall_picture_is_fitted_and_long_captions_end_in_their_tile(tmp_path: Path) -> None:
    short = contact_sheet([solid((200, 0, 0)), solid((0, 200, 0), (90, 160))], ["a", "b"], 2, tmp_path / "a.jpg")
    long = contact_sheet([solid((200, 0, 0)), solid((0, 200, 0), (90, 160))], ["a" * 300, "b"], 2, tmp_path / "b.jpg")
    assert Image.open(short).size == Image.open(long).size


def test_every_picture_has_a_caption(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="caption"):
        contact_sheet([solid((1, 2, 3))], [], 2, tmp_path / "a.jpg")


def test_a_season_sheet_shows_the_middle_of_each_shot(solid_film: SolidFilm, tmp_path: Path) -> None:
    episode = probe(solid_film(), "s01e01")
    shots = [Shot("s01e01/0000", "s01e01", Span(0, 30)), Shot("s01e01/0001", "s01e01", Span(30, 70))]
    path = season_sheet([episode], {"s01e01": shots}, tmp_path / "season.jpg", "Season", columns=2)
    page = np.asarray(Image.open(path).convert("RGB")).astype(int)
    assert ((page[..., 0] > 150) & (page[..., 1] < 90)).sum() > 10000
    assert ((page[..., 1] > 130) & (page[..., 0] < 90)).sum() > 10000
    assert not ((page[..., 2] > 150) & (page[..., 0] < 90)).any()


def test_an_empty_season_is_an_empty_page(tmp_path: Path) -> None:
    assert Image.open(season_sheet([], {}, tmp_path / "none.jpg", "Nothing")).size[0] > 0


def test_the_same_pictures_give_the_same_bytes(tmp_path: Path) -> None:
    one, two = (contact_sheet([solid((9, 99, 9))], ["x"], 1, tmp_path / f"{n}.jpg", "t").read_bytes() for n in (1, 2))
    assert one == two
