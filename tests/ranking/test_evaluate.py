"""Evaluation: the ranker beats what cannot know tastes beyond its interval, and beats nothing where there is nothing to know."""

from functools import cache
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.ranking.checkerboard import Board, board
from trailers.errors import RequestError
from trailers.ranking.evaluate import COLUMNS, Truth, evaluate, ndcg, read_truth
from trailers.ranking.segments import find_segments
from trailers.ranking.simulate import Taste

BASELINES = ("popularity", "position", "similarity", "random")


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
    assert set(table()["ranker"]) == {"ranker", *BASELINES, *(f"ranker - {name}" for name in BASELINES)}
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
    low, high = interval(evaluate(careless.history, careless.planted, careless.index, cold=20), "random")
    assert low < 0.15
    assert high > -0.15


def test_the_same_seed_gives_the_same_table() -> None:
    found = find_segments(board().history, board().index)
    pd.testing.assert_frame_equal(table(), evaluate(board().history, found, board().index, truth(board()), cold=40))


def test_ndcg_is_1_for_the_best_order_only_and_agrees_with_brute_force() -> None:
    gains = np.array([3.0, 0.0, 7.0, 1.0])
    assert ndcg(gains, gains) == 1
    orders = [ndcg(gains, np.array(order, float), depth=2) for order in permutations(range(4))]
    assert max(orders) == 1
    assert min(orders) == pytest.approx((0 + 1 / np.log2(3)) / (7 + 3 / np.log2(3)))
    assert ndcg(np.zeros(4), gains) == 1


def test_truth_is_read_from_a_demos_folder(tmp_path: Path) -> None:
    for name in ("shots", "viewers", "appeal"):
        with pytest.raises(RequestError, match=rf"{name}\.csv"):
            read_truth(tmp_path)
        pd.DataFrame(getattr(truth(board()), name)).to_csv(tmp_path / f"{name}.csv", index=False)
    assert len(read_truth(tmp_path).shots) == len(board().shots)
    (tmp_path / "viewers.csv").write_text("who\nv1\n")
    with pytest.raises(RequestError, match=r"viewers\.csv"):
        read_truth(tmp_path)
