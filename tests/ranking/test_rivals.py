"""Rivals: each ranks as its name says, from what the trial lets be known and nothing else."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from tests.ranking.checkerboard import board
from trailers.ranking.proof import rivals
from trailers.ranking.proof.holdout import Trial, trials
from trailers.ranking.proof.measures import ndcg


@cache
def every() -> tuple[Trial, ...]:
    return tuple(trials(board().history, board().planted, board().index, cold=10))


def first(kind: str) -> Trial:
    return next(trial for trial in every() if trial.metric.startswith(kind))


def worth(scores: np.ndarray, trial: Trial, segment: str) -> float:
    """Mean NDCG@10 by what shots are really of, over the trial's lists."""
    row = np.flatnonzero((trial.examples.rows["segment"] == segment).to_numpy())
    mine = board().fire(board().shots["shot"]) == (segment == "fire")
    return float(np.mean([ndcg(mine[places].astype(float), scores[row[places]]) for places in trial.lists]))


def test_trials_leave_out_each_episode_each_part_of_the_viewers_and_runs_of_shots() -> None:
    kinds = [trial.metric.split(" (")[0] for trial in every()]
    assert kinds[:7] == [*["episodes left out"] * 3, *["viewers left out"] * 4]
    assert len(kinds) > 9  # a fold of too few shots is left out
    assert set(kinds[7:]) == {"cold episodes"}
    for trial in every():
        hidden = set(trial.known.shots.loc[trial.known.cold, "episode"])
        if trial.metric == "episodes left out":
            assert not set(trial.history.plays["episode"]) & hidden
            assert {board().index.shots[place].episode for places in trial.lists for place in places} == hidden
        elif trial.metric == "viewers left out":
            assert not hidden
        else:
            assert all(trial.known.cold[places].all() for places in trial.lists)
    parts = [set(trial.history.plays["viewer"]) for trial in every() if trial.metric == "viewers left out"]
    assert not set.intersection(*parts)


def test_of_hidden_shots_no_plays_are_known() -> None:
    trial = first("episodes left out")
    cold = trial.known.cold[trial.examples.rows["place"].to_numpy()]
    assert trial.examples.features.loc[cold, "watched"].isna().all()
    assert trial.examples.features.loc[~cold, "watched"].notna().any()
    assert np.isfinite(trial.engagement[cold]).any()  # by which it is judged


def test_random_is_equal_scores_and_position_is_the_order_of_the_episode() -> None:
    trial = first("episodes left out")
    assert not rivals.chance(trial, 0).any()
    assert (np.diff(rivals.position(trial, 0)[:16]) < 0).all()


def test_popularity_tells_no_segments_apart_and_similarity_does() -> None:
    trial = first("episodes left out")
    segment = trial.examples.rows["segment"]
    popular, alike = (rival(trial, 0) for rival in (rivals.popularity, rivals.similarity))
    assert popular[segment == "fire"] == pytest.approx(popular[segment == "water"])
    assert np.corrcoef(alike[segment == "fire"], alike[segment == "water"])[0, 1] < -0.5


def both(name: str, kind: str) -> float:
    trial = first(kind)
    scores = rivals.ALL[name](trial, 0)
    assert np.array_equal(scores, rivals.ALL[name](trial, 0))
    return min(worth(scores, trial, segment) for segment in ("fire", "water"))


def test_models_of_other_kinds_learn_what_fans_of_each_like() -> None:
    pytest.importorskip("implicit")
    for kind in ("episodes left out", "viewers left out"):
        assert both("pointwise", kind) > 0.95
    assert both("factorisation", "viewers left out") > 0.95
    assert (
        both("factorisation", "episodes left out") > both("random", "episodes left out") + 0.05
    )  # new shots are not its strength


def test_factorisation_learns_nothing_from_what_is_hidden() -> None:
    pytest.importorskip("implicit")
    trial = first("cold episodes")
    hidden = set(board().shots.loc[trial.known.cold, "shot"])
    plays = trial.history.plays
    frames = board().shots.set_index("shot").loc[sorted(hidden)]
    inside = pd.Series(False, index=plays.index)
    for episode, start, stop in zip(frames["episode"], frames["start"], frames["stop"], strict=True):
        inside |= (plays["episode"] == episode).to_numpy() & (plays["start"] >= start) & (plays["stop"] <= stop)
    without = replace(trial, history=replace(trial.history, plays=plays[~inside]))
    one, other = (rivals.factorisation(each, 0)[: len(trial.known.cold)] for each in (trial, without))
    assert inside.sum() > 10
    assert np.corrcoef(one, other)[0, 1] > 0.99
