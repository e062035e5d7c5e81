"""The clock before a broadcast trailer."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from trailers.editor.profile import Clear
from trailers.editor.timeline import Card
from trailers.editor.words.titles import card_frames
from trailers.features.span import Span

RATE = Fraction(25)


def clock(*lines: str, frames: int = 75, size: tuple[int, int] = (320, 180), rate: Fraction = RATE) -> list[np.ndarray]:
    return list(card_frames(Card(lines, Span(0, frames), "#000000", "#ffffff", "clock"), size, rate))


def bright(frame: np.ndarray) -> np.ndarray:
    """Rim, figure and lines; the hand is darker."""
    return frame[..., 0] > 200


def test_the_figure_changes_with_every_second_and_at_no_other_frame() -> None:
    frames = [bright(frame) for frame in clock()]
    assert [n for n in range(1, 75) if not np.array_equal(frames[n], frames[n - 1])] == [25, 50]


def test_a_broken_second_runs_out_first() -> None:
    """60 frames at 25 a second: 3, for 10 frames, then 2 and 1."""
    frames = [bright(frame) for frame in clock(frames=60)]
    assert [n for n in range(1, 60) if not np.array_equal(frames[n], frames[n - 1])] == [10, 35]


def test_the_hand_turns_once_a_second_from_the_top() -> None:
    second = np.stack([frame[..., 0].astype(int) for frame in clock()[:25]])
    moving = second - second.min(axis=0) > 60
    rows, columns = np.nonzero(moving[0])
    assert rows.max() <= 90
    assert np.ptp(columns) < 8
    centre = columns.mean()
    rows, columns = np.nonzero(moving[6])  # a quarter of a turn on, and a bit less
    assert columns.min() >= centre - 4
    assert abs(rows.mean() - 90) < 12
    assert all(not np.array_equal(one, other) for one, other in pairwise(moving))


@pytest.mark.parametrize("size", [(320, 180), (180, 320), (180, 180), (180, 224)])
def test_dial_and_slate_stand_apart_and_inside_the_picture(size: tuple[int, int]) -> None:
    bare, slated = clock(frames=1, size=size)[0], clock("The Long Night", "30 s", frames=1, size=size)[0]
    dial, words = bare[..., 0] > 0, (slated[..., 0] > 0) & (bare[..., 0] == 0)
    assert np.array_equal((slated[..., 0] > 0) & dial, dial)
    assert words.any()
    margin = round(0.05 * min(size)) - 1
    for edge in (words[:margin], words[-margin:], words[:, :margin], words[:, -margin:]):
        assert not edge.any()


def test_the_same_clock_is_the_same_pictures() -> None:
    assert all(np.array_equal(one, other) for one, other in zip(clock("A"), clock("A"), strict=True))


def test_a_clock_keeps_out_of_where_words_may_not_stand() -> None:
    card = Card(("Night",), Span(0, 1), "#000000", "#ffffff", "clock")
    (frame,) = card_frames(card, (320, 180), RATE, clear=Clear(bottom=0.4))
    assert not frame[round(180 * 0.6) + 1 :].any()
