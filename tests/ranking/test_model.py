"""The ranker: the right order on shots that nobody watched yet, reasons in words that add up, the same bytes twice."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tests.ranking.checkerboard import FIRE, WATER, board
from trailers.errors import HistoryError, RequestError
from trailers.ranking.examples import Evidence, evidence, to_score
from trailers.ranking.model import Ranker, load, margins, save, score, train


@cache
def known() -> Evidence:
    return evidence(board().history, board().planted, board().index)


@cache
def ranker() -> Ranker:
    return train(known())


def test_every_liked_shot_stands_above_every_other_in_an_episode_without_plays() -> None:
    new = replace(known(), cold=(known().shots["episode"] == "e03").to_numpy())
    found = to_score(new)
    margin = margins(train(new), found)
    fire = board().fire(found.rows["shot"])
    for segment, liked in (("fire", fire), ("water", ~fire)):
        own = ((found.rows["segment"] == segment) & (found.rows["episode"] == "e03")).to_numpy()
        assert margin[own & liked].min() > margin[own & ~liked].max()


def test_scores_lie_between_0_and_1_and_tell_segments_apart() -> None:
    table = score(ranker(), known())
    assert list(table.columns) == ["segment", "shot", "score", "why", "speaks"]
    assert list(table["segment"].unique()) == ["general", "fire", "water"]
    assert table["score"].between(0, 1).all()
    by = table.pivot(index="shot", columns="segment", values="score")
    fire = board().fire(by.index.to_series())
    assert by["fire"][fire].min() > 0.5 > by["fire"][~fire].max()
    assert np.corrcoef(by["fire"], by["water"])[0, 1] < -0.9


def test_reasons_name_the_taste_and_add_up_to_the_margin() -> None:
    table = score(ranker(), known())
    why = [json.loads(text) for text in table["why"]]
    total = np.array([sum(part["value"] for part in parts) for parts in why])
    rest = margins(ranker(), to_score(known())) - total
    assert np.ptp(rest) < 0.002  # the same for all: what the trees give to every shot
    best = int(table["score"].where(table["segment"] == "water", 0.0).to_numpy().argmax())
    words = " ".join(part["part"] for part in why[best] if part["value"] > 0)
    assert "water: they like it" in words
    assert "not fire, as they like it" in words
    assert all(len(parts) <= 7 for parts in why)


def test_the_same_evidence_and_seed_give_the_same_bytes() -> None:
    assert train(known()) == ranker()
    assert train(known(), seed=5).text != ranker().text


def test_what_was_saved_ranks_as_before(tmp_path: Path) -> None:
    save(ranker(), tmp_path / "model.txt")
    again = load(tmp_path / "model.txt")
    assert again == ranker()
    assert np.array_equal(margins(again, to_score(known())), margins(ranker(), to_score(known())))
    head = json.loads((tmp_path / "model.txt").read_text().splitlines()[0])
    assert head["encoder"] == "test"
    assert "watched" in head["features"]


@pytest.mark.parametrize("text", ["", "hello", "{}\ntree", '{"ranker": 1, "features": []}\ntree', "\x00\xff"])
def test_a_file_that_is_no_ranker_is_a_wrong_request(tmp_path: Path, text: str) -> None:
    (tmp_path / "model.txt").write_text(text, encoding="latin-1")
    with pytest.raises(RequestError, match=r"model\.txt"):
        load(tmp_path / "model.txt")
    with pytest.raises(RequestError, match="no such ranker"):
        load(tmp_path / "none.txt")


def test_a_ranker_refuses_vectors_of_another_encoder() -> None:
    with pytest.raises(RequestError, match=r"'test'.*'other'"):
        score(ranker(), replace(known(), encoder="other"))


def test_too_few_plays_to_learn_from_is_an_error() -> None:
    with pytest.raises(HistoryError, match="more plays are needed"):
        train(replace(known(), seen=known().seen.head(3)))


def test_one_episode_is_enough_to_learn_from() -> None:
    one = board((FIRE, WATER), episodes=1)
    known = evidence(one.history, one.planted, one.index)
    table = score(train(known), known)
    own = table[table["segment"] == "fire"]
    fire = one.fire(own["shot"])
    assert own["score"][fire].mean() > own["score"][~fire].mean() + 0.2
