"""Evaluation: the ranker beats what cannot know tastes beyond its interval, and beats nothing where there is nothing to know."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.ranking.checkerboard import Board, board
from trailers.errors import RequestError
from trailers.ranking.evaluate import COLUMNS, evaluate, gains
from trailers.ranking.proof.truth import Truth, liked, read_truth, tastes
from trailers.ranking.segments import find_segments
from trailers.ranking.simulate import Taste

RIVALS = ("popularity", "position", "similarity", "random", "oracle")


def truth(board: Board) -> Truth:
    return Truth(board.shots, board.simulation.viewers, board.simulation.appeal)


def interval(table: pd.DataFrame, baseline: str, metric: str = "NDCG@10, viewers left out") -> tuple[float, float]:
    row = table[(table["ranker"] == f"ranker - {baseline}") & (table["metric"] == metric)]
    return float(row["low"].item()), float(row["high"].item())


@cache
def table() -> pd.DataFrame:
    found = find_segments(board().history, board().index)
    return evaluate(board().history, found, board().index, truth(board()), cold=40)


def test_every_ranker_is_judged_three_ways_by_plays_and_by_the_truth() -> None:
    assert tuple(table().columns) == COLUMNS
    assert set(table()["ranker"]) == {"ranker", *RIVALS, *(f"ranker - {name}" for name in RIVALS)}
    metrics = list(table()["metric"].unique())
    assert len(metrics) == 6
    for words in ("episodes left out", "viewers left out", "cold episodes (40 drawn by the simulator)"):
        assert {f"NDCG@10, {words}", f"NDCG@10 by the truth, {words}"} <= set(metrics)
    assert (table()["low"] <= table()["value"]).all()
    assert (table()["value"] <= table()["high"]).all()


def test_the_ranker_beats_what_knows_no_taste_beyond_its_interval() -> None:
    for metric, part in table().groupby("metric"):
        value = dict(zip(part["ranker"], part["value"], strict=True))
        low = dict(zip(part["ranker"], part["low"], strict=True))
        by_truth = "truth" in str(metric)
        assert value["ranker"] > (0.99 if by_truth else 0.6)
        for name in ("popularity", "position", "random") if by_truth else ("position", "random"):
            assert low[f"ranker - {name}"] > 0


def test_groups_are_segments_times_episodes() -> None:
    own = table()[table()["ranker"] == "ranker"]
    groups = dict(zip(own["metric"], own["groups"], strict=True))
    assert groups["NDCG@10, episodes left out"] == 2 * 3
    assert groups["NDCG@10, viewers left out"] == 2 * 3 * 4
    assert groups["NDCG@10 by the truth, cold episodes (40 drawn by the simulator)"] <= 40


def test_where_nobody_has_a_taste_nothing_is_beaten() -> None:
    careless = board((Taste("any", "any", ()),), noise=0.0)
    table = evaluate(careless.history, careless.planted, careless.index, cold=20)
    assert "oracle" not in set(table["ranker"])  # no truth was given
    low, high = interval(table, "random")
    assert low < 0.15
    assert high > -0.15


def test_the_same_seed_gives_the_same_table() -> None:
    found = find_segments(board().history, board().index)
    pd.testing.assert_frame_equal(table(), evaluate(board().history, found, board().index, truth(board()), cold=40))


def test_gains_are_given_by_rank_and_equals_share_theirs() -> None:
    assert list(gains(np.linspace(0, 1, 25))[[0, 9, 10, 16, 20, 24]]) == [0, 1, 1, 3, 7, 15]
    assert len(set(gains(np.full(9, 0.3)))) == 1


def test_the_oracle_ranks_by_the_truth_and_nothing_beats_it_there() -> None:
    part = table()[table()["metric"].str.contains("by the truth")]
    assert (part.loc[part["ranker"] == "oracle", "value"] == 1).all()
    assert (part.loc[part["ranker"] == "ranker - oracle", "high"] <= 0).all()


def test_a_segments_taste_is_its_viewers_most_common_and_shots_found_take_the_appeal_of_those_they_share_frames_with() -> None:
    assert tastes(truth(board()), board().planted) == {"fire": "fire", "water": "water"}
    fire = liked(truth(board()), board().index)["fire"]
    assert (fire > 0.5).tolist() == board().fire(board().shots["shot"]).tolist()
    halves = Truth(board().shots.iloc[1:], board().simulation.viewers, board().simulation.appeal)
    assert np.isnan(liked(halves, board().index)["fire"][0])


def test_truth_is_read_from_a_demos_folder(tmp_path: Path) -> None:
    for name in ("shots", "viewers", "appeal"):
        with pytest.raises(RequestError, match=rf"{name}\.csv"):
            read_truth(tmp_path)
        pd.DataFrame(getattr(truth(board()), name)).to_csv(tmp_path / f"{name}.csv", index=False)
    assert len(read_truth(tmp_path).shots) == len(board().shots)
    (tmp_path / "viewers.csv").write_text("who\nv1\n")
    with pytest.raises(RequestError, match=r"viewers\.csv"):
        read_truth(tmp_path)
