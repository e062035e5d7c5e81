"""A brief in words becomes changes that a person can see, with negation right, and what cannot be read is said."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from trailers.errors import RequestError
from trailers.features.dialogue import Line
from trailers.features.span import Span
from trailers.ranking.brief import Brief, in_words, read_brief
from trailers.ranking.choice.arc import Arc
from trailers.ranking.choice.wished import Wished, bent
from trailers.season import Change

if TYPE_CHECKING:
    from tests.ranking.conftest import Invent, Invented

Asked = list[tuple[str, float | None]]


class Words:
    """An encoder of one word: a text that holds it looks north, every other east."""

    name, size, dim, limits = "invented", 8, 2, None

    def images(self, pictures: np.ndarray) -> np.ndarray:
        return np.tile(np.array([[0, 1]], np.float32), (len(pictures), 1))

    def texts(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([[1, 0] if "rain" in text else [0, 1] for text in texts], np.float32)


@pytest.fixture(scope="module")
def season(invent: "Invent") -> "Invented":
    """Three episodes in which Ana has a face (p2) and Bob a voice alone."""
    cast = ["p1", "p2", "", "p1 p3", "p3", "", "p2", "p2"] * 3
    rain = np.tile([[0.0, 1.0]], (24, 1))
    rain[5] = [1.0, 0.0]
    made = invent([80] * 8, [80] * 8, [80] * 8, cast=cast, vectors=rain)
    known = pd.DataFrame({"animals": 0.2, "night": 0.1, "laughing": 0.0, "tense": 0.2}, index=made.index.signals.index)
    lines = {
        "e01": (
            Line("Here.", Span(90, 110), speaker="ANA"),
            Line("There.", Span(500, 520), speaker="ANA"),
            Line("Hm.", Span(10, 30), speaker="BOB"),
        )
    }
    return replace(made, index=replace(made.index, concepts=known), lines=lines)


def read(season: "Invented", words: str) -> Brief:
    return read_brief(words, season.index, season.lines, encoder=Words)


def asked(season: "Invented", words: str) -> Asked:
    return [(change.what, change.by) for change in read(season, words).changes]


def test_a_producers_brief_in_one_line(season: "Invented") -> None:
    brief = read(season, "Calmer, more of Ana, nothing from the last episode")
    assert [(change.what, change.by) for change in brief.changes] == [
        ("quality calm", 0.5), ("pace", -0.25), ("character p2", 0.5), ("episode e03", None),
    ]  # fmt: skip
    assert brief.told == ("Calmer pictures", "Slower cuts (a little)", "More of Ana (p2)", "Nothing from e03")
    assert brief.unread == ()


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        ("no animals", [("concept animals", None)]),
        ("don't show any animals", [("concept animals", None)]),
        ("no more animals!", [("concept animals", None)]),
        ("never show the beach", [("words beach", None)]),
        ("nothing scary", [("concept tense", None)]),
        ("without Ana or the finale", [("character p2", None), ("episode e03", None)]),
        ("the last two episodes should not be there", [("episode e02", None), ("episode e03", None)]),
        ("not Ana", [("character p2", None)]),
        ("not so loud", [("quality loud", -0.5)]),
        ("too much talk", [("quality spoken", -0.5)]),
        ("not a lot of dialogue", [("quality spoken", -0.5)]),
        ("no dialogue", [("quality spoken", None)]),
        ("nobody talks", [("quality spoken", None)]),
        ("don't drop Bob", [("speaker BOB", 0.5)]),
        ("not without Ana", [("character p2", 0.5)]),
        ("darker but not slow", [("quality bright", -0.5), ("pace", 0.5)]),
        ("nothing from the end", [("quality late", None)]),
    ],
)
def test_negation_is_read_as_it_is_meant(season: "Invented", words: str, changes: Asked) -> None:
    assert asked(season, words) == changes


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        ("a bit louder", [("quality loud", 0.25)]),
        ("much louder", [("quality loud", 1.0)]),
        ("a bit faster and louder", [("pace", 0.25), ("quality fast", 0.12), ("quality loud", 0.25)]),
        ("a lot more Ana and a little less talk", [("character p2", 1.0), ("quality spoken", -0.25)]),
        ("more of the main character instead of Bob", [("character p1", 0.5), ("speaker BOB", -0.5)]),
        ("much less dialogue and action", [("quality spoken", -1.0), ("quality fast", -1.0)]),
        ("no animals and calmer", [("concept animals", None), ("quality calm", 0.5), ("pace", -0.25)]),
        ("more from episode 2", [("episode e02", 0.5)]),
        ("only episode 2", [("episode e01", None), ("episode e03", None)]),
        ("nothing but e01 and e02", [("episode e03", None)]),
        ("episodes 1 and 2 only", [("episode e03", None)]),
        ("only Ana", [("character p2", 1.0)]),
        ("slower cuts", [("pace", -0.5)]),
        ("shorter clips", [("pace", 0.5)]),
        ("a longer ending, no breath", [("act last", 0.5), ("act breath", None)]),
        ("more rainy streets, less laughter", [("words rainy streets", 0.5), ("concept laughing", -0.5)]),
        ("more variety", [("weight scene", 0.5), ("weight episode", 0.25), ("weight face", 0.25)]),
        ("less p3", [("character p3", -0.5)]),
        ("more dogs, no night", [("words dogs", 0.5), ("concept night", None)]),
        ("more Ana, no Ana", [("character p2", None)]),
    ],
)
def test_more_and_less_of_what_a_season_has(season: "Invented", words: str, changes: Asked) -> None:
    assert asked(season, words) == changes


@pytest.mark.parametrize(
    "words",
    [
        "not more of Ana", "not louder", "not only Ana", "funnier", "no Bob in the last episode", "less music", "shorter",
        "it should feel like the trailer that we made for the board in spring", "", "and, but",
    ],
)  # fmt: skip
def test_what_can_be_read_in_two_ways_or_not_at_all_is_said(season: "Invented", words: str) -> None:
    brief = read(season, words)
    assert brief.changes == ()
    assert bool(brief.unread) == any(char.isalpha() for char in words)


def test_one_part_that_cannot_be_read_leaves_the_others(season: "Invented") -> None:
    brief = read(season, "louder; not more of Ana; no animals")
    assert [change.what for change in brief.changes] == ["quality loud", "concept animals"]
    assert brief.unread == ("not more of Ana",)


def test_free_words_need_an_encoder(season: "Invented") -> None:
    assert read_brief("more rainy streets", season.index, season.lines).unread == ("more rainy streets",)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change("quality calm", 0.5), "Calmer pictures"),
        (Change("quality spoken", None), "Nobody speaks"),
        (Change("pace", 0.25), "Faster cuts (a little)"),
        (Change("episode s01e06", None), "Nothing from s01e06"),
        (Change("words rainy street", -1.0), "Less that fits “rainy street” (much)"),
        (Change("act peak", -0.5), "A shorter act “peak”"),
        (Change("weight line", 0.5), "Whole spoken lines count more"),
    ],
)
def test_a_change_is_told_in_words(change: Change, words: str) -> None:
    assert in_words(change) == words


def test_what_is_no_change_is_refused() -> None:
    with pytest.raises(RequestError, match="a change names quality, concept"):
        in_words(Change("happier", 0.5))


def test_words_are_asked_of_the_pictures(season: "Invented") -> None:
    wished = Wished((Change("words rainy street", 1.0),), season.index, season.lines, Words)
    assert wished.shots.idxmax() == "e01/0005"
    assert wished.shots["e01/0005"] == 1.0
    away = Wished((Change("words rainy street", None),), season.index, season.lines, Words)
    assert Span(400, 480) in away.shut["e01"]


def test_an_arc_bends_as_it_is_wished() -> None:
    arc = bent(Arc(), (Change("pace", 1.0), Change("act peak", 0.5), Change("act breath", None), Change("weight line", None)))
    assert [slot.pace for slot in arc.slots] == pytest.approx([slot.pace / 2 for slot in Arc().slots if slot.name != "breath"])
    assert next(slot.share for slot in arc.slots if slot.name == "peak") == pytest.approx(0.44)
    assert (arc.line, arc.fit) == (0.0, Arc().fit)
    with pytest.raises(RequestError, match="the arc's acts are open, world"):
        bent(Arc(), (Change("act middle", 0.5),))
