"""Flashes: strobes of known frequency, area, light and colour, and what only looks like them."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trailers.editor.gate.flashes import Pictures, flashes

RATE = Fraction(24)
BLACK, WHITE, GREY, RED, DEEP = (0, 0, 0), (255, 255, 255), (90, 90, 90), (255, 0, 0), (120, 60, 60)
Colour = tuple[int, int, int]


def strobe(
    half: int, count: int = 96, one: Colour = BLACK, other: Colour = WHITE, share: float = 1.0, changes: int = 10**6
) -> Pictures:
    """`count` pictures of 32x18 of which `share` turns to the other colour every `half` frames, `changes` times."""
    film = np.full((count, 18, 32, 3), one, np.uint8)
    for n in range(count):
        turns = min(n // half, changes)
        film[n, :, : round(32 * share)] = other if turns % 2 else one
    return film


def kinds(film: Pictures, rate: Fraction = RATE) -> set[str]:
    return {found.kind for found in flashes(film, rate)}


def test_four_flashes_a_second_fail_and_three_do_not() -> None:
    assert kinds(strobe(half=3)) == {"general"}
    assert kinds(strobe(half=4)) == set()


def test_says_from_where_to_where() -> None:
    film = np.concatenate([strobe(96), strobe(half=2, count=36), strobe(96)])
    (found,) = flashes(film, RATE)
    assert (found.first, found.last) == (98, 132)
    assert found.area == 1.0


def test_three_flashes_on_their_own_are_allowed_and_a_fourth_is_not() -> None:
    assert kinds(strobe(half=2, changes=6)) == set()
    assert kinds(strobe(half=2, changes=7)) == {"general"}


def test_a_fifth_of_the_screen_is_allowed_and_a_quarter_is_not() -> None:
    assert kinds(strobe(half=2, share=6 / 32)) == set()
    assert kinds(strobe(half=2, share=8 / 32)) == {"general"}


def test_a_change_of_less_than_20_candelas_is_allowed() -> None:
    def level(candelas: float) -> Colour:
        value = round(255 * (candelas / 200) ** (1 / 2.4))
        return value, value, value

    assert kinds(strobe(half=2, one=level(60), other=level(78))) == set()
    assert kinds(strobe(half=2, one=level(60), other=level(82))) == {"general"}


def test_between_two_bright_states_it_is_allowed() -> None:
    assert kinds(strobe(half=2, one=(235, 235, 235), other=WHITE)) == set()


def test_a_saturated_red_fails_where_its_light_alone_would_not() -> None:
    grey = (122, 122, 122)  # as light as the red
    assert kinds(strobe(half=2, one=grey, other=RED)) == {"red"}
    assert kinds(strobe(half=4, one=grey, other=RED)) == set()
    assert kinds(strobe(half=2, one=(100, 100, 100), other=DEEP)) == set()


def test_a_slow_fade_and_a_few_hard_cuts_are_allowed() -> None:
    ramp = np.linspace(0, 255, 24).astype(np.uint8)[:, None, None, None] * np.ones((1, 18, 32, 3), np.uint8)
    assert kinds(np.concatenate([ramp, ramp[::-1], ramp])) == set()
    rough = np.random.default_rng(4).integers(0, 255, (6, 18, 32, 3), np.uint8)
    assert kinds(rough.repeat(16, axis=0)) == set()


def test_fast_cutting_between_bright_and_dark_shots_fails() -> None:
    rough = np.random.default_rng(4).integers(0, 255, (24, 3, 4, 3), np.uint8).repeat(6, axis=1).repeat(8, axis=2)
    assert kinds(rough.repeat(3, axis=0)) == {"general"}


def test_two_halves_that_change_at_different_times_are_not_one_flash_more() -> None:
    film = strobe(half=4, count=96)
    film[:, :, 16:] = np.roll(film[:, :, 16:], 2, axis=0)
    assert kinds(film) == set()


def test_a_change_that_takes_two_frames_is_one() -> None:
    film = strobe(half=6, count=96)
    film[5::6] = 128
    assert kinds(film) == set()
    fast = strobe(half=3, count=96)
    fast[2::3] = 128
    assert kinds(fast) == {"general"}


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_pictures_hold_none(count: int) -> None:
    assert flashes(strobe(2, count), RATE) == ()


@settings(max_examples=40, deadline=None)
@given(half=st.integers(1, 30), rate=st.sampled_from([Fraction(24000, 1001), Fraction(25), Fraction(30), Fraction(60)]))
def test_a_strobe_fails_just_where_seven_changes_fit_into_less_than_a_second(half: int, rate: Fraction) -> None:
    assert kinds(strobe(half, 8 * half + 1), rate) == ({"general"} if 6 * half < rate else set())
