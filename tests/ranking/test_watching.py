"""From stretches to shots: reached, watched, stepped over, watched again, left at."""

from collections.abc import Sequence

import pandas as pd
import pytest

from trailers.features.shots import Shot
from trailers.features.span import Span
from trailers.ranking.history import History
from trailers.ranking.watching import watching

SHOTS = [
    Shot(f"{name}/{n:04d}", name, Span(n * 100, n * 100 + 100)) for name in ("e01", "e02") for n in range(4)
]  # four shots of 100 frames an episode
Row = tuple[str, int, int, str]


def watched(*rows: Row) -> pd.DataFrame:
    """One sitting of viewer v; gives the shots it reached, by their ids."""
    columns = ["episode", "start", "stop", "event"]
    plays = pd.DataFrame(list(rows), columns=columns).assign(viewer="v", started_at=pd.Timestamp("2026-01-05", tz="UTC"))
    seen = watching(History(plays), SHOTS)
    return seen.assign(shot=[SHOTS[n].id for n in seen["shot"]]).set_index("shot")


def column(table: pd.DataFrame, name: str) -> Sequence[float]:
    return [float(value) for value in table[name]]


def test_a_shot_never_reached_is_not_there() -> None:
    seen = watched(("e02", 0, 150, "play"))
    assert list(seen.index) == ["e02/0000", "e02/0001"]
    assert column(seen, "watched") == [1.0, 0.5]
    assert column(seen, "left") == [0.0, 1.0]


def test_who_watches_to_the_end_left_nowhere() -> None:
    seen = watched(("e01", 0, 395, "play"))
    assert column(seen, "left") == [0, 0, 0, 0]
    assert column(seen, "watched") == [1, 1, 1, 0.95]


@pytest.mark.parametrize("hint", [(), (("e01", 120, 200, "skip"),)])
def test_what_lies_between_two_watched_stretches_was_stepped_over(hint: tuple[Row, ...]) -> None:
    seen = watched(("e01", 0, 120, "play"), *hint, ("e01", 200, 400, "play"))
    assert column(seen, "skipped") == [0, pytest.approx(0.8), 0, 0]
    assert column(seen, "watched") == [1, pytest.approx(0.2), 1, 1]


@pytest.mark.parametrize("event", ["replay", "play"])
def test_what_is_watched_twice_was_watched_again(event: str) -> None:
    seen = watched(("e01", 0, 200, "play"), ("e01", 100, 200, event), ("e01", 200, 400, "play"))
    assert column(seen, "again") == [0, 1, 0, 0]
    assert column(seen, "watched") == [1, 1, 1, 1]


def test_who_comes_in_the_middle_of_a_shot_is_asked_for_the_rest_of_it_only() -> None:
    seen = watched(("e01", 150, 300, "play"))
    assert list(seen.index) == ["e01/0001", "e01/0002"]
    assert column(seen, "watched") == [1, 1]


def test_a_sitting_without_a_hand_says_nothing() -> None:
    assert watched(("e01", 0, 400, "autoplay")).empty
