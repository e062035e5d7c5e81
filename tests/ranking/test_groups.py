"""Groups of directions: those that are there are found and come again, chance makes none, and none stays too small."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailers.ranking.audience.groups import AGAIN, agreement, clear, group, merge


def bundles(sizes: tuple[int, ...], spread: float = 0.3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows of length about 1 around directions at right angles, and which each is of."""
    random = np.random.default_rng(seed)
    of = np.repeat(np.arange(len(sizes)), sizes)
    return np.eye(max(4, len(sizes)))[of] + random.normal(0, spread, (len(of), max(4, len(sizes)))), of


def unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


@pytest.mark.parametrize("sizes", [(40, 40), (60, 30, 30)])
def test_groups_that_are_there_are_found(sizes: tuple[int, ...]) -> None:
    rows, of = bundles(sizes)
    found = group(rows, None, 10, 0)
    assert found.told.startswith(f"{len(sizes)}, by the best silhouette")
    together = np.array([[int(((found.label == a) & (of == b)).sum()) for b in range(len(sizes))] for a in range(len(sizes))])
    assert sorted(together.argmax(axis=1).tolist()) == list(range(len(sizes)))
    assert together.max(axis=1).sum() > 0.95 * together.sum()
    assert (found.label >= 0).mean() > 0.9


@pytest.mark.parametrize("seed", range(3))
def test_chance_makes_no_groups(seed: int) -> None:
    found = group(np.random.default_rng(seed).normal(size=(150, 12)), None, 10, 0)
    assert (found.label == -1).all()
    assert found.told.startswith("no number of groups comes again")


def test_agreement_is_1_for_clear_groups_and_low_for_labels_by_chance() -> None:
    rows, of = bundles((40, 40, 40), 0.1)
    assert agreement(rows, of, 3, 0) == pytest.approx(1.0)
    assert agreement(rows, np.random.default_rng(0).permutation(of), 3, 0) < 0.1 < AGAIN


def test_a_small_group_goes_to_the_one_that_points_most_alike_and_else_to_nobody() -> None:
    east, near, north, west = (np.array(way, float) for way in ([1, 0.1], [1, 0.8], [0, 1], [-1, 0]))
    rows = unit(np.stack([*[east] * 20, *[north] * 20, *[near] * 4, *[west] * 4]))
    label, words = merge(rows, np.repeat([0, 1, 2, 3], [20, 20, 4, 4]), 10)
    assert set(label[:20]) == {0}
    assert set(label[20:40]) == {1}
    assert set(label[44:]) == {-1}
    assert words == [
        "1 of fewer than 10 viewers merged into the nearest",
        "1 of fewer than 10 viewers left in everybody",
    ]


def test_rows_between_groups_are_in_none() -> None:
    rows = unit(np.array([[1, 0]] * 9 + [[0, 1]] * 9 + [[1, 1]], float))
    assert clear(rows, np.repeat([0, 1], [9, 10])).tolist() == [0] * 9 + [1] * 9 + [-1]


@given(st.integers(0, 10**6), st.integers(1, 30), st.integers(1, 6))
def test_no_group_is_smaller_than_the_floor_whatever_the_rows(seed: int, smallest: int, count: int) -> None:
    random = np.random.default_rng(seed)
    rows = unit(random.normal(size=(40, 3)))
    label, _ = merge(rows, random.integers(0, count, 40), smallest)
    sizes = np.bincount(label[label >= 0])
    assert (sizes >= smallest).all()
    assert set(label) <= {-1, *range(len(sizes))}
