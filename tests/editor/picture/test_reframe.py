"""What part of a source is seen in a rendition."""

from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trailers.editor.picture.bars import bars
from trailers.editor.picture.reframe import SHAPES, Framing, crop, frame_for, framing, shape_of, viewed
from trailers.editor.timeline import Clip, Key, View
from trailers.features.media import probe
from trailers.features.span import Span

SOURCES = [(1280, 720), (640, 360), (1920, 800), (720, 576), (720, 1280), (642, 642), (333, 181)]
CLIP = Clip("e1/0000", "e1", Span(0, 48), Span(0, 48))
TARGETS = [(1280, 720), (720, 1280), (1080, 1080), (864, 1080)]


def barred_film(path: Path, bar: int, size: tuple[int, int] = (320, 180)) -> Path:
    """Bright moving pictures between black bars of `bar` lines, with one black moment."""
    import av

    with av.open(str(path), "w") as file:
        video = file.add_stream("libx264", rate=24, options={"crf": "18", "preset": "ultrafast", "threads": "1"})
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        for n in range(48):
            picture = np.zeros((size[1], size[0], 3), np.uint8)
            if n < 40:
                picture[bar : size[1] - bar] = (60 + 4 * n, 120, 200)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = n, Fraction(1, 24)
            file.mux(video.encode(frame))
        file.mux(video.encode(None))
    return path


@pytest.mark.parametrize(("source", "target", "centre"), list(product(SOURCES, TARGETS, [0.0, 0.3, 0.5, 1.0])))
def test_a_crop_lies_inside_its_source_in_the_shape_asked(
    source: tuple[int, int], target: tuple[int, int], centre: float
) -> None:
    x, y, width, height = crop(source, target, centre)
    assert 0 <= x <= x + width <= source[0]
    assert 0 <= y <= y + height <= source[1]
    assert width >= source[0] - 1 or height >= source[1] - 1
    assert abs(width / height - target[0] / target[1]) < 0.02 * target[0] / target[1]
    assert x % 2 == y % 2 == 0


def test_the_crop_follows_the_subject_until_the_edge() -> None:
    left, middle, right = (crop((1280, 720), (720, 1280), centre) for centre in (0.0, 0.4, 1.0))
    assert left[0] == 0
    assert abs(middle[0] + middle[2] / 2 - 0.4 * 1280) <= 2
    assert right[0] + right[2] == 1280


def test_a_wide_picture_stands_upright_as_a_window_over_a_blurred_ground() -> None:
    found = framing((1280, 720), (720, 1280), 0.5)
    assert found.crop == (352, 0, 576, 720)
    assert found.place == (0, 190, 720, 900)
    assert found.ground is not None


def test_what_keeps_enough_fills_the_rendition() -> None:
    assert framing((1280, 720), (1080, 1080)).ground is None
    assert framing((1280, 720), (864, 1080)).ground is None
    assert framing((720, 576), (1280, 720)).ground is None
    assert framing((640, 360), (1280, 720)).crop == (0, 0, 640, 360)


def test_a_mere_sliver_of_ground_is_not_shown() -> None:
    assert framing((704, 576), (1280, 720)).ground is None
    assert framing((320, 240), (720, 1280)).ground is None
    assert framing((642, 642), (1280, 720)).ground is not None


@pytest.mark.parametrize(("source", "target", "centre"), list(product(SOURCES, TARGETS, [0.0, 0.5, 0.9])))
def test_every_framing_stays_inside_both_pictures(source: tuple[int, int], target: tuple[int, int], centre: float) -> None:
    found = framing(source, target, centre)
    for (x, y, width, height), (whole, tall) in (
        (found.crop, source),
        (found.place, target),
        (found.ground or found.crop, source),
    ):
        assert width >= 2
        assert height >= 2
        assert 0 <= x <= x + width <= whole
        assert 0 <= y <= y + height <= tall
    assert abs(found.place[2] / found.place[3] * found.crop[3] / found.crop[2] - 1) < 0.03


def test_bars_are_found_and_cut_where_the_shape_changes(tmp_path: Path) -> None:
    episode = probe(barred_film(tmp_path / "barred.mp4", 24))
    x, y, width, height = bars(episode)
    assert (x, width) == (0, 320)
    assert 24 <= y <= 28
    assert y + height <= 156
    upright = frame_for(episode, (180, 320), CLIP)
    assert upright.crop[1] >= 24
    assert upright.crop[1] + upright.crop[3] <= 156


def test_a_picture_without_bars_and_a_rendition_of_the_same_shape_stay_whole(tmp_path: Path) -> None:
    assert bars(probe(barred_film(tmp_path / "plain.mp4", 0))) == (0, 0, 320, 180)
    assert frame_for(probe(barred_film(tmp_path / "barred.mp4", 24)), (1280, 720), CLIP).crop == (0, 0, 320, 180)


def test_a_part_of_a_moving_framing_holds_its_own_moves_and_stays_where_the_last_one_brought_it() -> None:
    found = Framing((100, 0, 200, 300), (0, 0, 200, 300), moves=((0.0, 0.0), (0.0, 0.0), (3.5, 0.0), (6.0, 0.0)))
    assert found.part(1, 4).moves == ((0.0, 0.0), (3.5, 0.0), (6.0, 0.0))
    assert found.part(0, 2) == Framing((100, 0, 200, 300), (0, 0, 200, 300))
    assert found.part(4, 9) == Framing((106, 0, 200, 300), (0, 0, 200, 300))
    assert found.part(2, 3).moves == ((3.5, 0.0),)
    still = Framing((100, 0, 200, 300), (0, 0, 200, 300))
    assert still.part(3, 5) == still


@pytest.mark.parametrize(
    ("size", "shape"),
    [((720, 1280), "9:16"), ((1080, 1350), "4:5"), ((640, 640), "1:1"), ((854, 480), "16:9"), ((1920, 800), "12:5")],
)
def test_a_size_has_the_name_of_its_shape(size: tuple[int, int], shape: str) -> None:
    assert shape_of(size) == shape


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(SHAPES),
    st.floats(0.02, 1),
    st.floats(0.02, 1),
    st.lists(st.tuples(st.integers(0, 60), st.floats(0, 1), st.floats(0, 1)), max_size=5, unique_by=lambda key: key[0]),
    st.sampled_from(["", "blur", "#102030"]),
    st.sampled_from(SOURCES),
    st.sampled_from(TARGETS),
)
def test_whatever_a_person_asks_the_window_stays_inside_the_picture(
    shape: str,
    width: float,
    height: float,
    keys: list[tuple[int, float, float]],
    ground: str,
    source: tuple[int, int],
    target: tuple[int, int],
) -> None:
    view = View(shape, width, height, tuple(Key(*key) for key in sorted(keys)), ground)
    found = viewed(view, (2, 4, source[0] - 4, source[1] - 8), target, 50)
    x, y, w, h = found.crop
    assert w >= 2
    assert h >= 2
    assert x % 2 == y % 2 == 0
    for right, down in found.moves or ((0.0, 0.0),):
        assert 2 <= x + right <= x + right + w <= source[0] - 2 + 1
        assert 4 <= y + down <= y + down + h <= source[1] - 4 + 1
    left, top, wide, high = found.place
    assert 0 <= left <= left + wide <= target[0]
    assert 0 <= top <= top + high <= target[1]
    if not ground:
        assert found.place == (0, 0, *target)
        assert abs(w / h - target[0] / target[1]) <= target[0] / target[1] * 4 / min(w, h)
    assert len(found.moves) in (0, 50)
    assert found.colour == (ground if ground.startswith("#") else "")


def test_a_window_stays_on_whole_even_pixels_and_glides_over_parts_of_them() -> None:
    view = View("9:16", 0.3164, 1.0, (Key(0, 0.3, 0.5), Key(10, 0.3, 0.5), Key(40, 0.7, 0.5)))
    found = viewed(view, (0, 0, 1280, 720), (720, 1280), 60)
    across = [found.crop[0] + right for right, _ in found.moves]
    assert len(set(across[:11])) == len(set(across[40:])) == 1
    assert across[0] % 2 == across[40] % 2 == 0
    assert across[11:40] == sorted(across[11:40])
    assert any(place % 1 for place in across[11:40])
    assert across[40] - across[0] == pytest.approx(0.4 * 1280, abs=4)
    assert across[12] - across[11] < 0.1 * (across[25] - across[24]), "it starts softly"
    assert all(down == 0 for _, down in found.moves)
