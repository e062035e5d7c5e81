"""From stretches to shots: reached, watched, stepped over, watched again, left at."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from trailers.features.shots import Shot
from trailers.features.span import Span
from trailers.ranking.history import History
from trailers.ranking.watching import COLUMNS, MEASURES, blocks, summed, watching

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


def crowd(viewers: int, seed: int = 0) -> History:
    """Viewers who sit down now and then, watch and step over, and let it run by itself at times."""
    chance = np.random.default_rng(seed)
    rows = []
    for sitting in range(viewers * 3):
        name, at = f"v{chance.integers(viewers):03d}", pd.Timestamp("2026-01-05", tz="UTC") + pd.Timedelta(days=sitting)
        for _ in range(chance.integers(1, 6)):
            start, length = (int(n) for n in chance.integers(1, 390, 2))
            event = chance.choice(["play", "skip", "replay", "autoplay"], p=[0.6, 0.2, 0.17, 0.03])
            rows.append((name, chance.choice(["e01", "e02"]), start, min(start + length, 400), at, event))
    table = pd.DataFrame(rows, columns=["viewer", "episode", "start", "stop", "started_at", "event"])
    return History(table.sort_values(["viewer", "episode", "started_at"], ignore_index=True))


def by_frames(history: History, shots: Sequence[Shot]) -> pd.DataFrame:
    """The same by looking at every frame of every sitting: slow, and plain."""
    rows = []
    for (viewer, name, _), part in history.plays.groupby(["viewer", "episode", "started_at"]):
        if (part["event"] == "autoplay").any():
            continue
        seen = np.zeros(400, int)
        for start, stop in part.loc[part["event"] != "skip", ["start", "stop"]].to_numpy():
            seen[start:stop] += 1
        first, last = part["start"].min(), part["stop"].max()
        for place, shot in enumerate(shots):
            frames = np.arange(max(shot.span.start, first), shot.span.stop)
            if shot.episode != name or not (first < shot.span.stop and shot.span.start < last):
                continue
            asked, came = len(frames), frames < last
            again = seen[frames].sum() / asked - 1
            skipped = max(0, (came.sum() - seen[frames].sum()) / asked)
            left = shot.span.start < last < min(shot.span.stop, 400 - 12)
            rows.append((viewer, place, 1, min(again + 1, 1), skipped, min(max(again, 0), 1), float(left)))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.groupby(["viewer", "shot"], sort=True, as_index=False).sum()


@pytest.mark.parametrize("shots", [SHOTS, SHOTS[::-1], SHOTS[1:7:2]])
def test_it_is_what_looking_at_every_frame_says(shots: list[Shot]) -> None:
    history = crowd(12)
    pd.testing.assert_frame_equal(watching(history, shots), by_frames(history, shots), check_dtype=False)


def test_the_order_of_rows_and_how_text_is_kept_say_nothing() -> None:
    history = crowd(12)
    shuffled = history.plays.sample(frac=1, random_state=0)
    coded = history.plays.astype({"viewer": pd.CategoricalDtype([f"v{n:03d}" for n in range(20)][::-1]), "episode": "category"})
    for plays in (shuffled, coded):
        pd.testing.assert_frame_equal(watching(History(plays), SHOTS), watching(history, SHOTS))


def test_many_viewers_come_in_shares_and_none_is_cut_in_two(monkeypatch: pytest.MonkeyPatch) -> None:
    history = crowd(40)
    whole = watching(history, SHOTS)
    monkeypatch.setattr("trailers.ranking.watching._ROWS", 25)
    shares = list(blocks(history, SHOTS))
    assert len(shares) > 10
    named = [(name, int(block.shots[0])) for block in shares for name in block.viewers]
    assert len(named) == len(set(named))
    pd.testing.assert_frame_equal(watching(history, SHOTS), whole)


def test_sums_over_groups_leave_out_who_is_in_none() -> None:
    history = crowd(12)
    groups = {f"v{n:03d}": ("even" if n % 2 == 0 else "odd", 1) for n in range(9)}
    table = watching(history, SHOTS)
    table = table.assign(group=table["viewer"].map(groups), viewers=1)
    known = table.dropna(subset="group").drop(columns="viewer").groupby(["group", "shot"], as_index=False).sum()
    found = summed(history, SHOTS, groups)
    assert list(found.columns) == ["group", "shot", *MEASURES, "viewers"]
    pd.testing.assert_frame_equal(found, known[found.columns], check_dtype=False)


def test_nobody_watched_nothing_is_known() -> None:
    nobody = History(crowd(3).plays.iloc[:0])
    assert watching(nobody, SHOTS).empty
    assert tuple(watching(nobody, SHOTS).columns) == COLUMNS
    assert summed(nobody, SHOTS, {"v001": "a"}).empty
