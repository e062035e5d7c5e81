"""Segments: planted tastes are found and named, others stay in the general trailer, the user's own table is obeyed."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.ranking.checkerboard import Board, board
from trailers.errors import HistoryError, RequestError
from trailers.ranking.segments import GENERAL, Segments, find_segments, read_segments, slug


def found_in(board: Board, count: int | None = None, seed: int = 0, smallest: int = 10) -> Segments:
    return find_segments(board.history, board.index, count, seed, smallest)


def agreement(found: Segments, board: Board) -> pd.DataFrame:
    members = found.membership.merge(board.simulation.viewers, on="viewer")
    return pd.crosstab(members["segment"], members["taste"])


def test_planted_tastes_are_found_without_their_number_being_told() -> None:
    found = found_in(board())
    table = agreement(found, board())
    assert found.criterion.startswith("2, by the best silhouette")
    assert sorted(map(str, table[["fire", "water"]].idxmax(axis=1))) == ["fire", "water"]
    assert table[["fire", "water"]].max(axis=1).sum() > 0.95 * table[["fire", "water"]].to_numpy().sum()
    assert table[["fire", "water"]].to_numpy().sum() > 0.85 * 108


def test_a_name_and_its_reasons_say_what_sets_a_segment_apart() -> None:
    found = {segment.name: segment for segment in found_in(board()).segments}
    assert set(found) == {"fire, less water", "water, less fire"}
    assert found["fire, less water"].why[0] == "fire"
    assert "less water" in found["fire, less water"].why
    table = agreement(found_in(board()), board())
    assert table["fire"]["fire-less-water"] > 40 > 10 > table["water"]["fire-less-water"]


def test_every_viewer_is_in_one_segment_or_counted_as_general() -> None:
    found = found_in(board())
    assert not found.membership["viewer"].duplicated().any()
    assert len(found.membership) + found.general == board().history.plays["viewer"].nunique()
    assert {s.id: s.viewers for s in found.segments} == found.membership["segment"].value_counts().to_dict()
    assert GENERAL not in {segment.id for segment in found.segments}


def test_the_same_history_gives_the_same_segments() -> None:
    first, again = (found_in(board(), seed=4) for _ in range(2))
    assert first.segments == again.segments
    pd.testing.assert_frame_equal(first.membership, again.membership)


def test_the_number_can_be_given() -> None:
    found = found_in(board(), count=3)
    assert len(found.segments) == 3
    assert len({segment.name for segment in found.segments}) == 3
    assert found.criterion.startswith("3, as asked")
    assert len(found_in(board(), count=1).segments) == 1
    with pytest.raises(RequestError, match="1 to 8"):
        found_in(board(), count=0)


def test_a_handful_of_viewers_makes_no_segments_and_says_so() -> None:
    few = board().history.plays["viewer"].unique()[:5]
    history = replace(board().history, plays=board().history.plays[board().history.plays["viewer"].isin(few)])
    found = find_segments(history, board().index, smallest=5)
    assert found.segments == ()
    assert "only" in found.criterion
    assert found.general == 5
    assert list(found.membership.columns) == ["viewer", "segment"]


def own(tmp_path: Path, text: str) -> Segments:
    (tmp_path / "viewers.csv").write_text(text)
    return read_segments(tmp_path / "viewers.csv", board().history, board().index, smallest=1)


def test_the_users_own_table_is_taken_as_it_is(tmp_path: Path) -> None:
    found = own(tmp_path, "viewer,segment,name\nv00000,Fans A,Fans of fire\nv00002,Fans A,\nv00001,b,\nnobody,b,\n")
    assert [(s.id, s.name, s.viewers) for s in found.segments] == [("fans-a", "Fans of fire", 2), ("b", "b", 1)]
    assert found.membership.to_dict("list") == {"viewer": ["v00000", "v00001", "v00002"], "segment": ["fans-a", "b", "fans-a"]}
    assert "fire" in found.segments[0].why
    assert found.general == board().history.plays["viewer"].nunique() - 3


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("viewer,group\nv00000,a\n", "missing: segment; found: viewer, group"),
        ("viewer,segment\nv00000,a\nv00000,b\n", "'v00000' is in two segments"),
        ("viewer,segment\nv00000,general\n", "other than 'general'"),
        ("viewer,segment\nv00000,a b\nv00001,A-B\n", "ids of their own"),
        ("", "not a CSV table"),
    ],
)
def test_a_wrong_table_is_a_wrong_request(tmp_path: Path, text: str, match: str) -> None:
    with pytest.raises(RequestError, match=match):
        own(tmp_path, text)


def test_a_table_of_strangers_cannot_serve(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="none of its 1 viewers"):
        own(tmp_path, "viewer,segment\nnobody,a\n")
    with pytest.raises(RequestError, match="no such table"):
        read_segments(tmp_path / "none.csv", board().history, board().index)


def test_ids_serve_as_file_names() -> None:
    assert slug("Fast action & Loud!") == "fast-action-loud"
    assert slug("../..") == "segment"
