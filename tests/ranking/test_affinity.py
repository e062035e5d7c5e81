"""Affinities: what carries over to shots of other folds, view by view, and adds up."""

from dataclasses import replace

import numpy as np
import pandas as pd

from tests.ranking.checkerboard import board
from trailers.ranking.scoring.affinity import affinities, columns
from trailers.ranking.scoring.traits import VIEWS, traits

FIRE = board().fire(board().shots["shot"])
FOLD = np.repeat([0, 1, 2], 16)


def liked(what: np.ndarray, reached: float = 50.0) -> pd.DataFrame:
    return pd.DataFrame({"reached": reached, "engagement": np.where(what, 0.2, -0.2)})


def test_what_is_liked_in_other_episodes_is_found_in_each() -> None:
    found = affinities(liked(FIRE), traits(board().index), FOLD)
    assert found.taste[FIRE].min() > found.taste[~FIRE].max()
    assert found.near[FIRE].min() > found.near[~FIRE].max()


def test_an_episodes_own_plays_never_speak_of_it() -> None:
    seen = traits(board().index)
    table, other = liked(FIRE), liked(FIRE)
    other.loc[FOLD == 1, "engagement"] *= -1
    same = FOLD == 1
    before, after = affinities(table, seen, FOLD), affinities(other, seen, FOLD)
    assert np.array_equal(before.taste[same], after.taste[same])
    assert np.array_equal(before.near[same], after.near[same])
    assert np.abs(before.taste - after.taste)[~same].min() > 0


def test_the_taste_is_the_sum_of_its_views_and_of_their_columns() -> None:
    seen = traits(board().index)
    found = affinities(liked(FIRE), seen, FOLD)
    assert set(found.by) == set(VIEWS)
    assert np.allclose(found.taste, found.parts(columns(seen), FOLD).sum(axis=1))
    assert columns(seen).shape[1] == sum(len(names) for names in seen.names.values())


def test_spoken_words_and_characters_carry_over() -> None:
    signals = board().index.signals.assign(
        dialogue=np.where(FIRE, "The dragon burns the village!", "A boat, a boat."), cast=np.where(FIRE, "p1 p2", "p2")
    )
    seen = traits(replace(board().index, signals=signals))
    assert {"dragon", "burns", "boat"} & set(seen.names["words"]) == set()  # said in more than OFTEN of the shots
    rare = signals.assign(dialogue=np.where(FIRE & (np.arange(48) % 4 < 2), "The dragon burns", ""))
    seen = traits(replace(board().index, signals=rare))
    assert "dragon" in seen.names["words"]
    assert "p1" in seen.names["characters"]
    found = affinities(liked(FIRE), seen, FOLD)
    spoken = (rare["dialogue"] != "").to_numpy()
    assert found.by["words"][spoken].min() > found.by["words"][~spoken].max()
    assert found.by["characters"][FIRE].min() > found.by["characters"][~FIRE].max()


def test_where_nobody_came_nothing_is_said() -> None:
    found = affinities(liked(FIRE, reached=0.0), traits(board().index), FOLD)
    assert not found.taste.any()
    assert not found.near.any()
