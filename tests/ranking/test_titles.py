"""Titles: what an audience chooses elsewhere says which shots it wants, in words that can be read."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from tests.ranking.checkerboard import board
from tests.ranking.test_segments import with_titles
from trailers.features.lexicon import SHIPPED
from trailers.ranking.audience.subjects import choices, terms
from trailers.ranking.history import History
from trailers.ranking.scoring.bridge import GENRES, genres, meanings
from trailers.ranking.scoring.titles import title_affinity, told
from trailers.ranking.segments import GENERAL, Segment, Segments

SHOTS = board().shots["shot"]


def season(table: pd.DataFrame, catalogue: pd.DataFrame) -> tuple[History, Segments]:
    """Title-level history alone: viewer, title, segment."""
    titles = table[["viewer", "title"]].assign(episode="", liking=1.0, watched_at=np.datetime64("NaT", "us"))
    if "episode" in table:
        titles["episode"] = table["episode"]
    members = table[["viewer", "segment"]].drop_duplicates().sort_values("viewer", ignore_index=True)
    sizes = members["segment"].value_counts()
    segments = tuple(Segment(str(name), str(name), int(sizes[name]), ()) for name in sorted(sizes.index))
    history = replace(
        board().history, plays=board().history.plays.iloc[:0], titles=titles.sort_values(["viewer", "title"]), catalogue=catalogue
    )
    return history, Segments(segments, members, "as planted", 0)


@cache
def planted() -> tuple[History, Segments]:
    history = with_titles(board().history, board().simulation.viewers)
    return replace(history, plays=history.plays.iloc[:0]), board().planted


def test_a_season_with_titles_alone_gets_other_scores_for_each_segment() -> None:
    found = title_affinity(*planted(), board().index)
    fire = board().fire(SHOTS)
    assert list(found.index) == [GENERAL, "fire", "water"]
    assert list(found.columns) == list(SHOTS)
    assert found.loc["fire"].to_numpy()[fire].min() > found.loc["fire"].to_numpy()[~fire].max()
    assert found.loc["water"].to_numpy()[~fire].min() > found.loc["water"].to_numpy()[fire].max()


def test_numbers_lie_about_0_and_spread_as_far_as_segments_stand_apart() -> None:
    found = title_affinity(*planted(), board().index)
    assert np.allclose(found.mean(axis=1), 0)
    history, segments = planted()
    mixed = history.titles.assign(viewer=np.random.default_rng(1).permutation(history.titles["viewer"]))
    blurred = title_affinity(replace(history, titles=mixed.drop_duplicates(["viewer", "title"])), segments, board().index)
    assert blurred.loc["fire"].std() < 0.4 * found.loc["fire"].std()


def test_without_titles_there_is_nothing_to_say() -> None:
    found = title_affinity(board().history, board().planted, board().index)
    assert found.shape == (3, len(SHOTS))
    assert not found.to_numpy().any()
    assert told(board().history, board().planted, board().index) == {GENERAL: (), "fire": (), "water": ()}


def test_the_same_titles_say_the_same_in_any_order() -> None:
    history, segments = planted()
    turned = replace(history, titles=history.titles.iloc[::-1].reset_index(drop=True))
    pd.testing.assert_frame_equal(
        title_affinity(history, segments, board().index), title_affinity(turned, segments, board().index)
    )


def test_the_words_that_carry_a_segment_are_told_with_shares_and_what_they_mean() -> None:
    subjects = {subject.word: subject for subject in told(*planted(), board().index)["fire"]}
    assert set(subjects) == {"fire", "water"}
    assert subjects["fire"].concepts == ("fire",)
    assert subjects["fire"].share > 1.5 * subjects["fire"].everybody > 0.2
    assert subjects["water"].share < subjects["water"].everybody


def test_words_of_titles_are_found_in_dialogue() -> None:
    said = ["We need a lawyer now." if n == 5 else "Good morning, everybody." for n in range(len(SHOTS))]
    index = replace(board().index, signals=board().index.signals.assign(dialogue=said, heard=""))
    rows = [(f"v{n:02d}", title, side) for n in range(40) for side in ["court" if n % 2 else "home"] for title in TITLES[side]]
    catalogue = pd.DataFrame(
        {"title": TITLES["court"] + TITLES["home"], "genres": "", "words": ["lawyers"] * 3 + ["gardens"] * 3}
    )
    history, segments = season(pd.DataFrame(rows, columns=["viewer", "title", "segment"]), catalogue)
    found = title_affinity(history, segments, index)
    assert found.loc["court"].idxmax() == SHOTS[5]
    assert found.loc["home"].idxmin() == SHOTS[5]


TITLES = {"court": ["A", "B", "C"], "home": ["D", "E", "F"]}


def test_episodes_that_a_segment_chose_speak_for_their_shots_and_those_like_them() -> None:
    shots = board().shots
    index = replace(
        board().index,
        concepts=board().index.concepts.assign(night=np.where(shots["episode"] == "e02", 0.9, 0.1).astype(np.float32)),
    )
    rows = [
        (f"v{n:02d}", f"The Show: {episode}", episode, "late" if n % 2 else "early")
        for n in range(60)
        for episode in (("e01", "e02") if n % 2 else ("e01", "e03"))
    ]
    history, segments = season(
        pd.DataFrame(rows, columns=["viewer", "title", "episode", "segment"]),
        pd.DataFrame({"title": [], "genres": [], "words": []}, dtype="str"),
    )
    found = title_affinity(history, segments, index)
    late = found.loc["late"].groupby(shots["episode"].to_numpy()).mean()
    assert late.idxmax() == "e02"
    assert late.idxmin() == "e03"
    assert not found.loc[GENERAL].any()


def test_everybody_is_compared_with_what_there_was_to_choose() -> None:
    catalogue = pd.DataFrame({"title": [*"ABCDEFGH"], "genres": ["Fire"] * 4 + ["Water"] * 4, "words": ""})
    rows = [(f"v{n:02d}", title, "all") for n in range(60) for title in ["A", "B", "C", "D", "EFGH"[n % 4]]]
    history, segments = season(pd.DataFrame(rows, columns=["viewer", "title", "segment"]), catalogue)
    found = title_affinity(history, segments, board().index)
    fire = board().fire(SHOTS)
    assert found.loc[GENERAL].to_numpy()[fire].mean() > 0 > found.loc[GENERAL].to_numpy()[~fire].mean()
    assert {subject.word: (subject.share, subject.everybody) for subject in told(history, segments, board().index)[GENERAL]} == {
        "fire": (0.8, 0.5),
        "water": (0.2, 0.5),
    }


@pytest.mark.parametrize(
    ("title", "genres", "words", "expected"),
    [
        ("Heat", "Crime|Drama", "", ("crime", "drama")),
        ("Heat", "Crime; Drama", "Los Angeles;heist", ("crime", "drama", "heist", "los angeles")),
        ("Heat", "", "tense, dark", ("dark", "tense")),
        ("Heat", "", "A thief and his last job, in the heat of a city that never sleeps, ever", None),
        ("Heat (1995)", "(no genres listed)", "", ("heat",)),
        ("The Long Night", "", "", ("long", "night")),
    ],
)
def test_terms_are_genres_tags_words_or_else_the_titles_own(
    title: str, genres: str, words: str, expected: tuple[str, ...] | None
) -> None:
    found = terms(title, genres, words)
    assert found == expected if expected else {"thief", "city", "heat"} < set(found) and "the" not in found


def test_titles_share_their_weight_among_their_terms() -> None:
    chosen = choices(planted()[0])
    assert chosen.words == ("disaster", "fire", "water")
    assert np.allclose(chosen.profile.sum(axis=1), 1)
    assert np.allclose(chosen.profile[:, 0], 0.5)


@pytest.mark.parametrize(
    ("word", "more", "less"),
    [
        ("action", "fast action", "calm"),
        ("Action & Adventure", "fast action", "quiet"),
        ("comedies", "laughing", "dark"),
        ("slapstick", "laughing", "dark"),
        ("horror", "dark", "bright"),
        ("suspense", "tense", "calm"),
        ("thriller", "tense", "laughing"),
        ("musical", "song", "fast action"),
        ("romantic drama", "two people talk", "fast action"),
        ("dogs", "animals", "buildings"),
        ("cooking", "food", "night"),
        ("car chase", "fast action", "calm"),
        ("wildlife", "nature", "indoors"),
    ],
)
def test_a_word_of_titles_speaks_for_what_it_means_in_shots(word: str, more: str, less: str) -> None:
    meant = meanings([word], list(SHIPPED.words)).loc[word]
    assert meant[more] > 0.25
    assert meant[more] > meant[less] + 0.2


def test_words_that_mean_nothing_in_shots_say_nothing() -> None:
    meant = meanings(["season", "return", "twist ending", "1994"], list(SHIPPED.words))
    assert not meant.to_numpy().any()


def test_genres_speak_in_shipped_concepts_only() -> None:
    assert {concept for meant in GENRES.values() for concept in meant} <= set(SHIPPED.words)
    assert all(-1 <= weight <= 1 for meant in GENRES.values() for weight in meant.values())
    assert genres("Romantic Comedies") == ("romance", "comedy")
    assert genres("the whole season") == ()
