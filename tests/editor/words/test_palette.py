"""Colours to write on and to write with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailers.editor.words.palette import CONTRAST, against, colours, contrast, luminance, opacity

COLOURS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert luminance("#808080") == pytest.approx(0.2159, abs=0.0005)


@pytest.mark.parametrize(
    "palette",
    [
        {},
        {"#ffffff": 1.0},
        {"#000000": 1.0},
        {"#ffff00": 5.0, "#808080": 9.0},
        {"#3060c8": 2.0, "#c81e1e": 1.0},
        {"#00ff00": 1.0},
    ],
)
def test_any_palette_gives_a_deep_ground_and_ink_that_reads(palette: dict[str, float]) -> None:
    ground, ink = colours(palette)
    assert contrast(ground, ink) >= CONTRAST
    assert luminance(ground) <= 0.035


@given(st.dictionaries(COLOURS, st.floats(0.01, 1000), max_size=12))
def test_whatever_a_show_carries_its_words_read(palette: dict[str, float]) -> None:
    ground, ink = colours(palette)
    assert contrast(ground, ink) >= CONTRAST
    assert luminance(ground) <= 0.035 < luminance(ink)
    assert contrast(against(ink), ink) >= CONTRAST


def test_the_darkest_shows_cards_are_not_black() -> None:
    ground, _ = colours({"#040207": 5.0, "#010101": 9.0})
    red, green, blue = (int(ground[at : at + 2], 16) for at in (1, 3, 5))
    assert blue >= 36 > red > green


def test_the_order_in_which_colours_are_named_does_not_matter() -> None:
    palette = {"#2040c0": 1.0, "#20c040": 1.0, "#c02020": 1.0}
    assert colours(palette) == colours(dict(reversed(palette.items())))


def through(ground: str, share: float, light: int) -> str:
    """A ground through which so much of a grey shines."""
    channels = (int(ground[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + bytes(round(share * channel + (1 - share) * light) for channel in channels).hex()


@given(COLOURS, COLOURS, st.integers(0, 255))
def test_words_on_a_plate_read_over_any_grey_if_they_read_on_its_colour_at_all(ground: str, ink: str, light: int) -> None:
    share = opacity(ground, ink)
    assert 0.75 <= share <= 1
    if contrast(ground, ink) >= CONTRAST:
        assert contrast(through(ground, share, light), ink) >= CONTRAST - 0.05


def test_a_plate_is_no_thicker_than_it_must_be() -> None:
    assert opacity("#000000", "#ffffff") == 0.75
    assert 0.75 < opacity("#505050", "#ffffff") < 1
    assert opacity("#707070", "#ffffff") == 1.0


@given(COLOURS)
def test_an_edge_is_of_whichever_of_black_and_white_stands_out_more(ink: str) -> None:
    assert contrast(against(ink), ink) == max(contrast("#000000", ink), contrast("#ffffff", ink)) >= CONTRAST
