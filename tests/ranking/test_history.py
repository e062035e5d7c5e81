"""Histories: the contract's columns, every fault counted by its reason, no file of a user's ends in a traceback."""

import gzip
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest

from tests.ranking.checkerboard import episode
from trailers.errors import HistoryError, RequestError
from trailers.ranking.history import COLUMNS, History, read_history

EPISODES = (episode("e01", 240, Fraction(24)), episode("e02", 300, Fraction(30000, 1001)))
GOOD = "v1,e01,2026-01-05T18:00:00Z,1,5\n"
HEAD = "viewer,episode,started_at,from,to\n"


def read(tmp_path: Path, text: str) -> History:
    (tmp_path / "history.csv").write_text(text)
    return read_history(tmp_path / "history.csv", EPISODES)


def test_seconds_become_whole_frames_of_the_episodes_own_rate(tmp_path: Path) -> None:
    plays = read(tmp_path, HEAD + GOOD + "v1,e02,2026-01-06T18:00:00+01:00,1.0,10.01\n").plays
    assert tuple(plays.columns) == COLUMNS
    assert list(zip(plays["start"], plays["stop"], strict=True)) == [(24, 120), (30, 300)]
    assert str(plays["started_at"].iloc[1]) == "2026-01-06 17:00:00+00:00"
    assert list(plays["event"]) == ["play", "play"]


def test_a_share_is_watched_from_the_start(tmp_path: Path) -> None:
    plays = read(tmp_path, "viewer,episode,started_at,share\nv1,e01,2026-01-05,0.5\n").plays
    assert (plays["start"].item(), plays["stop"].item()) == (0, 120)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",e01,2026-01-05T18:00:00Z,1,5\n", "no viewer"),
        ("v1,e01,yesterday,1,5\n", "unreadable time"),
        ("v1,e01,2026-01-05T18:00:00Z,one,5\n", "unreadable time"),
        ("v1,e01,2026-01-05T18:00:00Z,,5\n", "unreadable time"),
        ("v1,e01,2026-01-05T18:00:00Z,1,inf\n", "unreadable time"),
        ("v1,e09,2026-01-05T18:00:00Z,1,5\n", "unknown episode"),
        ("v1,e01,2026-01-05T18:00:00Z,5,1\n", "empty or backward stretch"),
        ("v1,e01,2026-01-05T18:00:00Z,-5,-1\n", "empty or backward stretch"),
        ("v1,e01,2026-01-05T18:00:00Z,10,12\n", "beyond the end"),
        (GOOD, "repeated row"),
        ("v1,e01,2026-01-05T18:00:00Z,1,5,6,7\n", "malformed row"),
    ],
)
def test_what_cannot_be_used_is_counted_by_its_reason(tmp_path: Path, row: str, reason: str) -> None:
    counts = dict(read(tmp_path, HEAD + GOOD + row).counts)
    assert counts["rows"] == 2
    assert counts["used"] == 1
    assert {name: n for name, n in counts.items() if n and name not in ("rows", "used")} == {reason: 1}


def test_an_event_nobody_knows_is_counted_and_left_out(tmp_path: Path) -> None:
    head = "viewer,episode,started_at,from,to,event\n"
    history = read(tmp_path, head + "v1,e01,2026-01-05,1,5,REPLAY\nv1,e01,2026-01-05,1,6,yawn\nv1,e01,2026-01-05,1,7,\n")
    assert list(history.plays["event"]) == ["replay", "play"]
    assert dict(history.counts)["unknown event"] == 1


def test_a_stretch_over_the_end_is_cut_there_and_counted(tmp_path: Path) -> None:
    history = read(tmp_path, HEAD + "v1,e01,2026-01-05T18:00:00Z,8,99\n")
    assert history.plays["stop"].item() == 240
    assert dict(history.counts)["cut at the end, kept"] == 1


def test_parquet_gives_what_csv_gives(tmp_path: Path) -> None:
    text = read(tmp_path, HEAD + GOOD + "v2,e02,2026-01-06T18:00:00Z,0,3\n")
    table = pd.read_csv(tmp_path / "history.csv")
    table["started_at"] = pd.to_datetime(table["started_at"])
    table.to_parquet(tmp_path / "history.parquet")
    typed = read_history(tmp_path / "history.parquet", EPISODES)
    pd.testing.assert_frame_equal(text.plays, typed.plays, check_dtype=False)
    assert text.counts == typed.counts


def test_a_compressed_csv_gives_what_a_plain_one_gives(tmp_path: Path) -> None:
    plain = read(tmp_path, HEAD + GOOD)
    (tmp_path / "history.csv.gz").write_bytes(gzip.compress((HEAD + GOOD).encode()))
    pd.testing.assert_frame_equal(plain.plays, read_history(tmp_path / "history.csv.gz", EPISODES).plays)


def test_a_missing_column_is_named_with_what_may_be_meant(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"missing: viewer, to; found: Viewers, .*'viewers' meant as 'viewer'"):
        read(tmp_path, "Viewers,episode,started_at,from\n")


@pytest.mark.parametrize("name", ["none.csv", "none.parquet"])
def test_a_file_that_is_not_there_is_a_wrong_request(tmp_path: Path, name: str) -> None:
    with pytest.raises(RequestError, match="no such history file"):
        read_history(tmp_path / name, EPISODES)


@pytest.mark.filterwarnings("error")  # nor is anything printed on the way
@pytest.mark.parametrize("name", ["noise.csv", "noise.csv.gz", "noise.parquet", "empty.csv"])
def test_a_file_that_is_no_table_is_a_wrong_request(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"" if name.startswith("empty") else bytes(range(256)) * 9)
    with pytest.raises(RequestError):
        read_history(tmp_path / name, EPISODES)


def test_a_history_without_a_usable_row_is_an_error_that_says_why(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match=r"none of its 2 rows can be used \(unreadable time: 1, unknown episode: 1\)"):
        read(tmp_path, HEAD + "v1,e01,?,1,5\nv1,e99,2026-01-05,1,5\n")
    with pytest.raises(HistoryError, match="it holds no rows"):
        read(tmp_path, HEAD)
