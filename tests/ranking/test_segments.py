"""Segments: planted tastes are found and named, none too small, others stay in the general trailer, the user's own are obeyed."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.ranking.checkerboard import FIRE, Board, board
from trailers.errors import HistoryError, RequestError
from trailers.ranking.history import History
from trailers.ranking.segments import GENERAL, ONE, Segments, apart, by_column, find_segments, one_viewer, read_segments, slug


@cache
def found(count: int | None = None, smallest: int = 10) -> Segments:
    return find_segments(board().history, board().index, count, smallest=smallest)


def agreement(found: Segments, board: Board) -> pd.DataFrame:
    members = found.membership.merge(board.simulation.viewers, on="viewer")
    return pd.crosstab(members["segment"], members["taste"]).reindex(columns=["fire", "water", "noise"], fill_value=0)


def right(found: Segments) -> int:
    """How many of the board's viewers are with those of their taste."""
    return int(agreement(found, board())[["fire", "water"]].max(axis=1).sum())


def with_titles(history: History, viewers: pd.DataFrame, told: bool = True) -> History:
    """The history of the same viewers, who chose 6 of 20 titles, 5 of them of the own taste; told: with their genres."""
    chance = np.random.default_rng(0)
    kinds = {"fire": [f"Blaze {n}" for n in range(10)], "water": [f"Flood {n}" for n in range(10)]}
    every = [*kinds["fire"], *kinds["water"]]
    rows = []
    for viewer, taste in viewers[["viewer", "taste"]].itertuples(index=False):
        own = kinds.get(taste, every)
        rows += [(viewer, title) for title in {*chance.choice(own, 5, replace=False), str(chance.choice(every))}]
    titles = pd.DataFrame(rows, columns=["viewer", "title"]).assign(episode="", liking=1.0, watched_at=np.datetime64("NaT", "us"))
    genres = ["Disaster;Fire" if title.startswith("Blaze") else "Disaster;Water" for title in sorted(every)]
    catalogue = pd.DataFrame({"title": sorted(every), "genres": genres if told else "", "words": ""})
    return replace(history, titles=titles.sort_values(["viewer", "title"], ignore_index=True), catalogue=catalogue)


def test_planted_tastes_are_found_without_their_number_being_told() -> None:
    table = agreement(found(), board())
    assert found().criterion.startswith("2, by the best silhouette of those that come again")
    assert sorted(map(str, table[["fire", "water"]].idxmax(axis=1))) == ["fire", "water"]
    assert table[["fire", "water"]].max(axis=1).sum() > 0.95 * table[["fire", "water"]].to_numpy().sum()
    assert table[["fire", "water"]].to_numpy().sum() > 0.85 * 108


def test_the_criterion_prints_how_well_groups_come_again_and_what_they_were_found_from() -> None:
    assert "silhouette 2: 0." in found().criterion
    assert "agreement with 20 resamples, adjusted Rand index, 2: 1.00" in found().criterion
    assert found().criterion.endswith("; from moments")


def test_a_name_and_its_reasons_say_what_sets_a_segment_apart() -> None:
    named = {segment.name: segment for segment in found().segments}
    assert set(named) == {"fire, less water", "water, less fire"}
    assert named["fire, less water"].why[0] == "fire"
    assert "less water" in named["fire, less water"].why
    table = agreement(found(), board())
    assert table["fire"]["fire-less-water"] > 40 > 10 > table["water"]["fire-less-water"]


def test_every_viewer_is_in_one_segment_or_counted_as_general() -> None:
    assert not found().membership["viewer"].duplicated().any()
    assert len(found().membership) + found().general == board().history.plays["viewer"].nunique()
    assert {s.id: s.viewers for s in found().segments} == found().membership["segment"].value_counts().to_dict()
    assert GENERAL not in {segment.id for segment in found().segments}


def test_the_same_history_gives_the_same_segments() -> None:
    first, again = (find_segments(board().history, board().index, seed=4, smallest=10) for _ in range(2))
    assert first.segments == again.segments
    assert first.criterion == again.criterion
    pd.testing.assert_frame_equal(first.membership, again.membership)


def test_the_number_can_be_given() -> None:
    assert len(found(3).segments) == 3
    assert len({segment.name for segment in found(3).segments}) == 3
    assert found(3).criterion.startswith("3, as asked")
    assert len(found(1).segments) == 1
    with pytest.raises(RequestError, match="1 to 8"):
        find_segments(board().history, board().index, count=0)
    with pytest.raises(RequestError, match="1 viewer or more"):
        find_segments(board().history, board().index, smallest=0)


@pytest.mark.parametrize("count", [None, 2, 5, 8])
@pytest.mark.parametrize("smallest", [20, 50, 58])
def test_no_segment_is_smaller_than_the_floor(count: int | None, smallest: int) -> None:
    made = found(count, smallest)
    assert all(segment.viewers >= smallest for segment in made.segments)
    if count and len(made.segments) < count:
        assert f"of fewer than {smallest} viewers" in made.criterion


def test_a_group_under_the_floor_is_merged_into_the_nearest() -> None:
    made = found(5, 40)
    assert [segment.viewers >= 40 for segment in made.segments] == [True, True]
    assert "3 of fewer than 40 viewers merged into the nearest" in made.criterion
    table = agreement(made, board())[["fire", "water"]]
    assert (table.max(axis=1) > 0.9 * table.sum(axis=1)).all()


def test_the_floor_for_real_use_is_fifty() -> None:
    few = sorted(board().history.plays["viewer"].unique())[:49]
    history = replace(board().history, plays=board().history.plays[board().history.plays["viewer"].isin(few)])
    assert find_segments(history, board().index).segments == ()
    assert "a segment takes 50" in find_segments(history, board().index).criterion
    assert len(find_segments(history, board().index, smallest=15).segments) == 2


def test_a_handful_of_viewers_makes_no_segments_and_says_so() -> None:
    few = board().history.plays["viewer"].unique()[:5]
    history = replace(board().history, plays=board().history.plays[board().history.plays["viewer"].isin(few)])
    made = find_segments(history, board().index, smallest=2)
    assert made.segments == ()
    assert "only" in made.criterion
    assert made.general == 5
    assert list(made.membership.columns) == ["viewer", "segment"]


def test_viewers_of_one_taste_are_not_split_by_chance() -> None:
    alike = board((FIRE,), seed=2, noise=0.0)
    made = find_segments(alike.history, alike.index, smallest=10)
    assert made.segments == ()
    assert "no number of groups comes again" in made.criterion


def test_titles_alone_make_segments_named_by_their_genres() -> None:
    history = with_titles(board().history, board().simulation.viewers)
    made = find_segments(replace(history, plays=history.plays.iloc[:0]), board().index, smallest=40)
    assert made.criterion.endswith("; from titles")
    assert {segment.name for segment in made.segments} == {"fire, less water", "water, less fire"}
    table = agreement(made, board())
    assert table["fire"]["fire-less-water"] > 50
    assert table["fire"]["water-less-fire"] == 0


def test_titles_of_which_nothing_is_known_are_told_by_who_chose_them_together() -> None:
    history = with_titles(board().history, board().simulation.viewers, told=False)
    made = find_segments(replace(history, plays=history.plays.iloc[:0]), board().index, smallest=40)
    assert {segment.why[0] for segment in made.segments} == {"blaze", "flood"}


def test_moments_and_titles_together_tell_more_viewers_apart() -> None:
    early = board().history.plays.groupby("viewer")["started_at"].transform("min") == board().history.plays["started_at"]
    history = with_titles(replace(board().history, plays=board().history.plays[early]), board().simulation.viewers)
    both = find_segments(history, board().index, smallest=30)
    one = find_segments(replace(history, titles=history.titles.iloc[:0]), board().index, smallest=30)
    assert both.criterion.endswith("; from moments and titles")
    assert right(both) > 100 > right(one)


def test_titles_chosen_by_chance_make_no_segments() -> None:
    chance = np.random.default_rng(3)
    rows = [(f"v{n:03d}", f"T{t:02d}") for n in range(150) for t in chance.choice(30, 8, replace=False)]
    titles = pd.DataFrame(rows, columns=["viewer", "title"]).assign(episode="", liking=1.0, watched_at=np.datetime64("NaT", "us"))
    history = History(board().history.plays.iloc[:0], titles=titles.sort_values(["viewer", "title"], ignore_index=True))
    made = find_segments(history, board().index, smallest=20)
    assert made.segments == ()
    assert made.general == 150


def test_viewers_who_all_chose_the_same_cannot_be_told_apart() -> None:
    rows = [(f"v{n:03d}", f"T{t}") for n in range(60) for t in range(5)]
    titles = pd.DataFrame(rows, columns=["viewer", "title"]).assign(episode="", liking=1.0, watched_at=np.datetime64("NaT", "us"))
    made = find_segments(History(board().history.plays.iloc[:0], titles=titles), board().index, smallest=20)
    assert made.segments == ()
    assert made.criterion.startswith("no segments")


def own(tmp_path: Path, text: str, smallest: int = 1) -> Segments:
    (tmp_path / "viewers.csv").write_text(text)
    return read_segments(tmp_path / "viewers.csv", board().history, board().index, smallest)


def test_the_users_own_table_is_taken_as_it_is(tmp_path: Path) -> None:
    made = own(tmp_path, "viewer,segment,name\nv00000,Fans A,Fans of fire\nv00002,Fans A,\nv00001,b,\nnobody,b,\n")
    assert [(s.id, s.name, s.viewers) for s in made.segments] == [("fans-a", "Fans of fire", 2), ("b", "b", 1)]
    assert made.membership.to_dict("list") == {"viewer": ["v00000", "v00001", "v00002"], "segment": ["fans-a", "b", "fans-a"]}
    assert "fire" in made.segments[0].why
    assert made.general == board().history.plays["viewer"].nunique() - 3


def test_the_users_small_segments_are_part_of_everybody(tmp_path: Path) -> None:
    rows = "".join(f"v{n:05d},{'many' if n < 60 else 'few'}\n" for n in range(100))
    made = own(tmp_path, f"viewer,segment\n{rows}", smallest=50)
    assert [segment.id for segment in made.segments] == ["many"]
    assert set(made.membership["segment"]) == {"many"}
    assert made.criterion == "1, as the table viewers.csv says; fewer than 50 viewers, so part of everybody: few"
    assert own(tmp_path, "viewer,segment\nv00000,a\n", smallest=50).segments == ()


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("viewer,group\nv00000,a\n", "missing: segment; found: viewer, group"),
        ("viewer,segment\nv00000,a\nv00000,b\n", "'v00000' is in two segments"),
        ("viewer,segment\nv00000,general\n", "other than 'general'"),
        ("viewer,segment\nv00000,a b\nv00001,A-B\n", "ids of their own, .*; 'A-B' and 'a b' would be 'a-b'"),
        ("viewer,segment,segment\nv00000,a,b\n", "'segment' heads more than one column"),
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


def test_viewers_are_grouped_by_a_column_of_the_history() -> None:
    made = by_column(board().history, "device", board().index, smallest=5)
    plays = board().history.plays.astype({"viewer": "str", "device": "str"})
    time = (plays["stop"] - plays["start"]).groupby([plays["viewer"], plays["device"]]).sum().unstack(fill_value=0)
    assert dict(made.membership.itertuples(index=False)) == time.idxmax(axis=1).to_dict()
    assert made.criterion == f"{len(made.segments)}, by the column device"
    assert by_column(board().history, "device", board().index, smallest=1000).segments == ()


def test_a_sensitive_or_unknown_column_is_a_wrong_request() -> None:
    with pytest.raises(RequestError, match="'viewerGender' names a sensitive trait"):
        by_column(board().history, "viewerGender", board().index)
    with pytest.raises(RequestError, match="device and profile"):
        by_column(board().history, "star sign", board().index)
    silent = replace(board().history, plays=board().history.plays.assign(device=""))
    with pytest.raises(HistoryError, match="no row"):
        by_column(silent, "device", board().index)


def test_one_viewer_is_a_segment_for_a_demonstration_and_says_so() -> None:
    made = one_viewer(board().history, board().index, "v00002")
    assert [(segment.id, segment.viewers) for segment in made.segments] == [(ONE, 1)]
    assert "fire" in made.segments[0].why
    assert "a demonstration under the floor of 50, not for an audience" in made.criterion
    assert "v00002" not in repr(made.segments) + made.criterion
    with pytest.raises(RequestError, match="no viewer 'nobody'"):
        one_viewer(board().history, board().index, "nobody")


def test_ids_serve_as_file_names() -> None:
    assert slug("Fast action & Loud!") == "fast-action-loud"
    assert slug("../..") == "segment"


def test_names_in_any_script_have_ids_that_can_be_read_and_are_kept_apart() -> None:
    names = ("Драма", "Комедия", "アクション", "喜剧", "Größe", "Επικό", "🔥", "💧")
    ids = [slug(name) for name in names]
    assert ids[:2] + ids[4:] == ["drama", "komediya", "grosse", "epiko", "fire", "droplet"]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", id) for id in ids)


def test_segments_that_were_found_are_kept_apart_by_a_number() -> None:
    assert apart(["Drama", "Драма", "drama!", "general"]) == ["drama", "drama-2", "drama-3", "general-2"]


def test_the_users_own_segments_may_be_called_in_any_script(tmp_path: Path) -> None:
    made = own(tmp_path, "viewer,segment\nv00000,Драма\nv00002,Драма\nv00001,Комедия\nv00003,喜剧\n")
    assert [(s.id, s.name, s.viewers) for s in made.segments] == [
        ("drama", "Драма", 2),
        ("komediya", "Комедия", 1),
        ("xiju", "喜剧", 1),
    ]
    assert sorted(set(made.membership["segment"])) == ["drama", "komediya", "xiju"]
