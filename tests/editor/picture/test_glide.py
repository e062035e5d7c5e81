"""A window stays or glides, softly, and only where that is worth it."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trailers.editor.picture.glide import JERK, LEAST, PLACES, REST, SPEED, eased, path

PLACED = np.linspace(0.2, 0.8, PLACES)
STEP = 0.2


def missed_by(subject: list[float], half: float = 0.15) -> np.ndarray:
    """What a window `2 half` wide misses of a subject 0.1 wide."""
    apart = np.abs(PLACED[None, :] - np.array(subject)[:, None])
    missed: np.ndarray = np.clip((apart - half + 0.05) / 0.1, 0, 1) + 0.02 * apart
    return missed


def times(count: int) -> list[float]:
    return [STEP * n for n in range(count)]


def test_a_glide_begins_and_ends_softly_and_keeps_its_order() -> None:
    shares = [eased(n / 100) for n in range(101)]
    assert [shares[0], shares[50], shares[100]] == pytest.approx([0, 0.5, 1])
    assert all(one < other for one, other in pairwise(shares))
    assert shares[5] < 0.002
    assert eased(-1) == 0
    assert eased(2) == 1


def test_a_window_stays_on_a_subject_that_stays_or_only_sways() -> None:
    still = path(missed_by([0.6] * 20), times(20), PLACED)
    swaying = path(missed_by([0.6 + 0.05 * (-1) ** n for n in range(20)]), times(20), PLACED)
    assert len(still) == len(swaying) == 1
    assert PLACED[still[0][1]] == pytest.approx(0.6, abs=0.02)


def test_a_window_follows_a_subject_that_walks_from_one_side_to_the_other() -> None:
    walk = [*[0.25] * 8, *np.linspace(0.25, 0.75, 20), *[0.75] * 8]
    keys = path(missed_by(walk), times(36), PLACED)
    assert len({place for _, place in keys}) > 1
    assert PLACED[keys[0][1]] == pytest.approx(0.25, abs=0.12)
    assert PLACED[keys[-1][1]] == pytest.approx(0.75, abs=0.12)
    samples, places = np.array(keys).T
    middle = np.rint(np.interp(np.arange(36), samples, places)).astype(int)
    held = 1 - missed_by(walk)[np.arange(36), middle]
    assert np.mean(held) > 0.9


def test_a_window_does_not_turn_back_for_a_moment_away() -> None:
    away = [*[0.3] * 12, 0.7, *[0.3] * 12]
    assert len(path(missed_by(away), times(25), PLACED)) == 1


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_shot_of_a_picture_or_two_stays(count: int) -> None:
    assert len(path(missed_by([0.3, 0.7, 0.3][:count]), times(count), PLACED)) == 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_no_subject_makes_a_window_faster_or_harder_than_its_bounds(subject: list[float]) -> None:
    keys = path(missed_by(subject), times(len(subject)), PLACED)
    assert keys[0][0] == 0
    assert all(one[0] < other[0] for one, other in pairwise(keys))
    moving = [PLACED[one[1]] != PLACED[other[1]] for one, other in pairwise(keys)]
    for (one, other), moves in zip(pairwise(keys), moving, strict=True):
        way, seconds = abs(PLACED[other[1]] - PLACED[one[1]]), (other[0] - one[0]) * STEP
        if moves:
            assert seconds >= LEAST - 1e-9
            assert 1.875 * way / seconds <= SPEED + 1e-6
            assert 60 * way / seconds**3 <= JERK
        elif one[0] > 0 and other[0] < len(subject) - 1:
            assert seconds >= REST - STEP / 2 - 1e-9
    assert not any(one and other for one, other in pairwise(moving)), "it rests between two glides"
