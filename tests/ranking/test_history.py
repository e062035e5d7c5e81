"""Histories: the contract's columns, every fault counted by its reason, no file of a user's ends in a traceback."""

import gzip
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ranking.checkerboard import episode
from trailers.errors import HistoryError, RequestError
from trailers.ranking.history import COLUMNS, History, read_history
from trailers.ranking.sources.sittings import APART, joined

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


def test_a_column_that_is_there_twice_is_named(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"history.csv: 'from', 'viewer' heads more than one column"):
        read(tmp_path, HEAD.strip() + ",from,viewer,note,note\n" + GOOD.strip() + ",2,v2,,\n")
    assert len(read(tmp_path, HEAD.strip() + ",note,note,,\n" + GOOD.strip() + ",a,b,,\n").plays) == 1  # columns nobody reads
    columns = ["viewer", "title", "viewer"]
    pq.write_table(pa.Table.from_arrays([pa.array(["a"])] * 3, names=columns), tmp_path / "titles.parquet")
    with pytest.raises(RequestError, match=r"titles.parquet: 'viewer' heads more than one column"):
        read_history(tmp_path / "titles.parquet", EPISODES)


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


def test_stretches_that_follow_each_other_within_half_an_hour_are_one_sitting(tmp_path: Path) -> None:
    rows = (
        "v1,e01,2026-01-05T18:00:00Z,0,4",
        "v1,e01,2026-01-05T18:30:03Z,4,6",  # 29 minutes 59 seconds after the end of the one before
        "v1,e01,2026-01-05T19:00:06Z,6,8",  # 30 minutes 1 second
        "v1,e02,2026-01-05T18:00:10Z,0,4",  # another episode
        "v2,e01,2026-01-05T18:00:10Z,0,4",  # another viewer
    )
    history = read(tmp_path, HEAD + "\n".join(rows) + "\n")
    began = history.plays["started_at"].dt.strftime("%H:%M:%S")
    assert list(began) == ["18:00:00", "18:00:00", "19:00:06", "18:00:10", "18:00:10"]
    assert dict(history.counts)["joined to the sitting before, kept"] == 1
    assert dict(history.counts)["used"] == 5


def test_a_long_stretch_is_not_over_before_the_next_one_begins(tmp_path: Path) -> None:
    long = (episode("e01", 24 * 7200, Fraction(24)),)  # two hours
    rows = "v1,e01,2026-01-05T18:00:00Z,0,6000\nv1,e01,2026-01-05T18:10:00Z,0,60\nv1,e01,2026-01-05T20:05:00Z,6000,7000\n"
    (tmp_path / "history.csv").write_text(HEAD + rows)
    plays = read_history(tmp_path / "history.csv", long).plays
    assert plays["started_at"].nunique() == 1
    assert list(plays["start"]) == [0, 0, 24 * 6000]


def test_stretches_of_one_sitting_in_two_files_are_joined(tmp_path: Path) -> None:
    (tmp_path / "monday.csv").write_text(HEAD + "v1,e01,2026-01-05T23:59:58Z,0,4\n")
    (tmp_path / "tuesday.csv").write_text(HEAD + "v1,e01,2026-01-06T00:00:03Z,4,8\nv0,e01,2026-01-06T00:00:03Z,4,8\n")
    plays = read_history(tmp_path, EPISODES).plays
    assert list(plays["viewer"]) == ["v0", "v1", "v1"]
    assert plays["started_at"].nunique() == 2


def test_a_sitting_that_ran_without_a_hand_is_left_out_whole(tmp_path: Path) -> None:
    head = "viewer,episode,started_at,from,to,event\n"
    alone = "v2,e01,2026-01-05T18:00:00Z,0,5,autoplay\nv2,e01,2026-01-05T18:00:00Z,5,9,play\n"
    history = read(tmp_path, head + alone + "v2,e01,2026-01-05T18:05:00Z,0,4,play\nv3,e01,2026-01-05T18:00:00Z,0,5,autoplay\n")
    assert history.plays[["viewer", "stop"]].to_numpy().tolist() == [["v2", 96]]
    assert {reason: n for reason, n in history.counts if n} == {"rows": 4, "used": 1, "ran without a hand": 3}
    assert list(history.plays["viewer"].cat.categories) == ["v2"]  # nothing is left of who said nothing


def test_the_rows_of_one_viewer_are_as_if_the_others_had_never_been(tmp_path: Path) -> None:
    mine = "v1,e01,2026-01-05T18:00:00Z,0,4\nv1,e02,2026-01-05T19:00:00Z,0,4\n"
    alone = read(tmp_path, HEAD + mine)
    among = read(tmp_path, HEAD + "a,e01,2026-01-05T18:00:00Z,0,4\n" + mine + "z,e02,2026-01-05T18:00:00Z,0,4\n")
    rest = among.plays[among.plays["viewer"] == "v1"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone.plays, rest, check_categorical=False)


def test_a_time_is_utc_where_no_zone_is_named_whatever_the_other_rows_do(tmp_path: Path) -> None:
    rows = "v1,e01,2026-01-05 18:00:00,0,4\nv2,e01,2026-01-05T18:00:00+02:00,0,4\nv3,e01,2026-01-05,0,4\n"
    plays = read(tmp_path, HEAD + rows).plays
    assert list(plays["started_at"].dt.hour) == [18, 16, 0]


def test_a_number_with_blanks_is_a_number_and_a_word_beside_it_spoils_nothing(tmp_path: Path) -> None:
    history = read(tmp_path, HEAD + "v1,e01,2026-01-05, 1 ,+5e0\nv2,e01,2026-01-05,1,5s\nv3,e01,2026-01-05,nan,5\n")
    assert history.plays[["viewer", "start", "stop"]].to_numpy().tolist() == [["v1", 24, 120]]
    assert dict(history.counts)["unreadable time"] == 2


def test_parquet_may_keep_viewers_as_numbers_and_times_without_zone(tmp_path: Path) -> None:
    table = pd.DataFrame({"viewer": [7, 12], "episode": pd.Categorical(["e01", "e02"]), "share": [0.5, 1], "note": [None, None]})
    table["started_at"] = pd.to_datetime(["2026-01-05 18:00", "2026-01-06 18:00"])
    table.to_parquet(tmp_path / "history.parquet")
    plays = read_history(tmp_path / "history.parquet", EPISODES).plays
    assert list(plays["viewer"]) == ["12", "7"]
    assert list(plays["stop"]) == [300, 120]
    assert str(plays["started_at"].iloc[1]) == "2026-01-05 18:00:00+00:00"


def test_a_folder_without_a_history_is_a_wrong_request(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no history in this folder"):
        read_history(tmp_path, EPISODES)
    (tmp_path / "devices.csv").write_text("device\ntv\n")
    with pytest.raises(RequestError, match="none of its 1 files is in a known format"):
        read_history(tmp_path, EPISODES)


def test_a_history_of_ours_with_a_slip_in_its_columns_is_never_passed_over(tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text(HEAD + GOOD)
    (tmp_path / "slip.csv").write_text("viewer,episode,start,from,to\nv1,e01,2026-01-05,0,4\n")
    with pytest.raises(RequestError, match=r"slip.csv.*missing: started_at"):
        read_history(tmp_path, EPISODES)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 9000), st.integers(1, 2000)), min_size=1, max_size=12))
def test_sittings_are_what_a_clock_says(rows: list[tuple[str, int, int]]) -> None:
    """Against walking along the clock, one sitting of a viewer after the other."""
    sittings = sorted({(viewer, at): spent for viewer, at, spent in rows}.items())
    expected: list[int] = []
    began, over, before = 0, 0, ""
    for (viewer, at), spent in sittings:
        if viewer != before or at > over + APART:
            began, over = at, at + spent
        before, over = viewer, max(over, at + spent)
        expected.append(began)
    reel = np.array([ord(viewer) for (viewer, _), _ in sittings])
    times = np.array([at for (_, at), _ in sittings]) * 1_000_000
    assert (joined(reel, times, np.array([float(spent) for _, spent in sittings])) // 1_000_000).tolist() == expected
