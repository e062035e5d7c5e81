"""Examples: labels that position does not bend, affinities that never know their own episode's plays."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.ranking.checkerboard import FIRE, WATER, Board, board
from trailers.errors import RequestError
from trailers.ranking.examples import FEATURES, PARTS, engagement, evidence, grade, propensity, to_learn, to_score, withheld
from trailers.ranking.history import History
from trailers.ranking.segments import GENERAL
from trailers.ranking.simulate import Taste


def without(board: Board, episode: str) -> History:
    return replace(board.history, plays=board.history.plays[board.history.plays["episode"] != episode])


def test_a_row_for_everybody_and_each_segment_and_every_shot() -> None:
    known = evidence(board().history, board().planted, board().index)
    found = to_score(known)
    assert list(found.rows["segment"].unique()) == [GENERAL, "fire", "water"]
    assert len(found.rows) == len(found.features) == 3 * 48
    assert tuple(found.features.columns) == FEATURES
    assert "segment" not in " ".join(FEATURES)  # who they are is never a feature
    assert np.isfinite(found.features.to_numpy()).all()


def test_labels_and_engagement_know_what_each_segment_likes() -> None:
    rows = to_score(evidence(board().history, board().planted, board().index)).rows
    fire = board().fire(rows["shot"])
    for segment, liked in (("fire", fire), ("water", ~fire)):
        own = (rows["segment"] == segment).to_numpy()
        assert rows["engagement"][own & liked].min() > rows["engagement"][own & ~liked].max()
        assert rows["label"][own & liked].min() >= 1 >= rows["label"][own & ~liked].max()


def test_affinities_to_an_episode_do_not_change_with_its_plays() -> None:
    columns = ["taste", "near", "around", "taste everybody", "near everybody"]
    whole = evidence(board().history, board().planted, board().index)
    less = evidence(without(board(), "e02"), board().planted, board().index)
    there = to_score(whole), to_score(less)
    of = (there[0].rows["episode"] == "e02").to_numpy()
    # what everybody does at a position is known from fewer plays: all but the scale stays
    for column in columns[:2]:
        assert np.corrcoef(there[0].features.loc[of, column], there[1].features.loc[of, column])[0, 1] > 0.99
    cold = to_score(replace(whole, cold=(whole.shots["episode"] == "e02").to_numpy()))
    pd.testing.assert_frame_equal(cold.features[of], there[1].features[of])
    assert there[1].features.loc[of, "watched"].isna().all()
    assert (there[1].rows.loc[of, "label"] == -1).all()


def test_affinities_find_what_is_liked_in_an_episode_without_plays() -> None:
    known = evidence(without(board(), "e02"), board().planted, board().index)
    found = to_score(known)
    fire = board().fire(found.rows["shot"])
    own = ((found.rows["segment"] == "fire") & (found.rows["episode"] == "e02")).to_numpy()
    for column in ("taste", "near"):
        assert found.features[column][own & fire].min() > found.features[column][own & ~fire].max()


def test_position_does_not_bend_engagement() -> None:
    careless = board((Taste("any", "any", ()),), noise=0.0)
    plays = careless.history.plays
    ends = {episode.id: episode.frames for episode in careless.episodes}
    share = plays["viewer"].str[1:].astype(int) % 16 / 16 + 0.05
    stop = (plays["episode"].map(ends).astype(int) * share).astype(int)
    cut = plays.assign(stop=np.minimum(plays["stop"], stop))[plays["start"] < stop]
    known = evidence(replace(careless.history, plays=cut), careless.planted, careless.index)
    rows = to_score(known).rows.query("segment == 'any'")
    position = careless.index.signals["position"].to_numpy()
    assert np.corrcoef(np.bincount(known.seen["shot"], known.seen["reached"]), position)[0, 1] < -0.8  # fewer and fewer came
    assert abs(np.corrcoef(rows["engagement"].fillna(0.0), position)[0, 1]) < 0.35


def test_labels_come_from_other_viewers_than_what_is_known_of_a_shot() -> None:
    known = evidence(board().history, board().planted, board().index)
    seen = known.seen.copy()
    mine = seen["part"] == 0
    seen.loc[mine, ["watched", "again"]] = seen.loc[mine, ["watched", "again"]].to_numpy()[::-1]
    before, after = to_learn(known), to_learn(replace(known, seen=seen))
    first = ((before.rows["part"] == 0) & (before.rows["segment"] == "fire")).to_numpy()
    changed = before.rows["engagement"][first] - after.rows["engagement"][first]
    assert changed.abs().max() > 0.1
    assert (before.features["watched"] - after.features["watched"])[first].abs().max() < 0.05


def test_each_lesson_is_given_twice_once_as_if_the_shot_were_new() -> None:
    lessons = to_learn(evidence(board().history, board().planted, board().index))
    assert len(lessons.rows) == 2 * PARTS * 3 * 48
    new = lessons.rows["group"].str.endswith(" new")
    assert lessons.features.loc[new, "watched"].isna().all()
    assert lessons.features.loc[~new, "watched"].notna().all()
    assert lessons.rows.groupby("group").size().max() == 16


def test_grades_rank_an_episodes_shots_and_leave_out_what_few_reached() -> None:
    table = pd.DataFrame({"reached": [9] * 10 + [1], "engagement": [*np.linspace(-1, 1, 10), 5.0]})
    assert list(grade(table, np.array(["e"] * 11))) == [0, 0, 0, 1, 1, 1, 2, 3, 3, 4, -1]


def test_a_season_of_one_episode_is_judged_by_its_quarters() -> None:
    one = board((FIRE, WATER), episodes=1)
    known = evidence(one.history, one.planted, one.index)
    assert sorted(set(known.fold)) == [0, 1, 2, 3]
    found = to_score(known)
    own = (found.rows["segment"] == "fire").to_numpy()
    fire = one.fire(found.rows["shot"])
    assert found.features["taste"][own & fire].mean() > found.features["taste"][own & ~fire].mean()


def test_propensity_falls_where_fewer_come_and_the_opening_says_nothing() -> None:
    known = evidence(board().history, board().planted, board().index)
    chance = propensity(known.seen, known)
    assert ((chance > 0) & (chance <= 1)).all()
    position = board().index.signals["position"].to_numpy()
    assert chance[position < 0.3].mean() > chance[position > 0.8].mean()
    assert (known.said[1:16] == 1).all()
    assert known.said[0] < 1
    silent = replace(known, said=np.where(np.arange(48) == 0, 0.0, known.said))
    assert np.isnan(engagement(known.seen, known.seen, silent)["engagement"][0])


def test_a_group_that_is_withheld_leaves_no_trace() -> None:
    found = to_score(evidence(board().history, board().planted, board().index))
    less = withheld(found, "concepts").features
    assert not less["by concepts"].any()
    assert np.allclose(less["taste"], found.features["taste"] - found.features["by concepts"], atol=1e-6)
    assert withheld(found, "own plays").features["watched"].isna().all()
    assert withheld(found, None) is found
    with pytest.raises(RequestError, match="concepts, dialogue words"):
        withheld(found, "colours of socks")


def test_a_curve_of_everybody_is_evidence_for_everybody() -> None:
    shots = board().shots
    curves = shots[["episode", "start", "stop"]].assign(value=(shots["labels"] == "fire").astype(float))
    known = evidence(
        replace(board().history, plays=board().history.plays.iloc[:0], curves=curves), board().planted, board().index
    )
    rows = to_score(known).rows.query("segment == 'general'")
    fire = board().fire(rows["shot"])
    assert rows["engagement"][fire].min() > rows["engagement"][~fire].max()
