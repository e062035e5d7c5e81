"""Moves of the hand: credited to the shot that was left, whether the player logs its buttons or not."""

import numpy as np
import pandas as pd
import pytest

from trailers.features.shots import Shot
from trailers.features.span import Span
from trailers.ranking.history import History
from trailers.ranking.moves import moves

SHOTS = [Shot(f"e01/{n:04d}", "e01", Span(100 * n, 100 * n + 100)) for n in range(6)]


def history(*stretches: tuple[int, int, str], viewer: str = "a", began: str = "2026-01-01T20:00Z") -> History:
    rows = [(viewer, "e01", start, stop, pd.Timestamp(began), event, "tv", "") for start, stop, event in stretches]
    columns = ["viewer", "episode", "start", "stop", "started_at", "event", "device", "profile"]
    return History(plays=pd.DataFrame(rows, columns=columns), counts=())


def found(told: History, groups: dict[str, str] | None = None) -> dict[tuple[str, int], tuple[float, float]]:
    table = moves(told, SHOTS, groups or {"a": "x"})
    cells = zip(table["group"], table["shot"], table["ahead"], table["back"], strict=True)
    return {(str(group), int(shot)): (float(ahead), float(back)) for group, shot, ahead, back in cells}


def test_who_watches_on_moved_no_hand() -> None:
    assert found(history((0, 250, "play"), (251, 600, "play"))) == {}


def test_a_step_ahead_speaks_of_the_shot_that_was_left() -> None:
    assert found(history((0, 130, "play"), (380, 600, "play"))) == {("x", 1): (1, 0)}
    logged = history((0, 130, "play"), (130, 380, "skip"), (380, 600, "play"))
    assert found(logged) == {("x", 1): (1, 0)}


def test_winding_back_speaks_of_the_shot_in_which_it_was_decided() -> None:
    assert found(history((0, 300, "play"), (150, 600, "play"))) == {("x", 2): (0, 1)}
    again = history((0, 300, "play"), (210, 300, "replay"), (300, 600, "play"))
    assert found(again) == {("x", 2): (0, 1)}


def test_the_order_of_rows_does_not_matter() -> None:
    told = history((0, 300, "play"), (150, 330, "play"), (480, 600, "play"))
    back = History(plays=told.plays.iloc[::-1], counts=())
    assert found(told) == found(back) == {("x", 2): (0, 1), ("x", 3): (1, 0)}


def test_two_sittings_are_no_move() -> None:
    first, second = history((0, 130, "play")), history((380, 600, "play"), began="2026-01-02T20:00Z")
    assert found(History(plays=pd.concat([first.plays, second.plays], ignore_index=True), counts=())) == {}


@pytest.mark.parametrize("groups", [{"b": "x"}, {"a": "x"}])
def test_only_viewers_of_a_group_count_and_only_where_a_hand_was(groups: dict[str, str]) -> None:
    told = history((0, 130, "autoplay"), (380, 600, "autoplay"))
    assert found(told, groups) == {}
    assert found(history((0, 130, "play"), (380, 600, "play")), {"b": "x"}) == {}


def test_episodes_do_not_run_into_each_other() -> None:
    shots = [*SHOTS, *(Shot(f"e02/{n:04d}", "e02", Span(100 * n, 100 * n + 100)) for n in range(6))]
    plays = pd.concat([history((0, 130, "play"), (380, 600, "play")).plays] * 2, ignore_index=True)
    plays["episode"] = np.repeat(["e01", "e02"], 2)
    table = moves(History(plays=plays, counts=()), shots, {"a": "x"})
    assert list(table["shot"]) == [1, 7]
