"""What a front end asks over a kernel's wire is answered in data and bytes; what makes no sense, in a sentence."""

import json
from pathlib import Path

import pytest

from tests.conftest import SolidFilm
from tests.review.shelf import Shelf
from trailers.review.wire import MOST, Wire


@pytest.fixture
def wire(tmp_path: Path, solid_film: SolidFilm) -> Wire:
    return Wire(Shelf(tmp_path, solid_film("wire.mp4")), "Ana")


def test_a_trailer_travels_with_its_pictures(wire: Wire, tmp_path: Path) -> None:
    told, held = wire.answered({"id": "a", "ask": "trailer", "trailer": "general"})
    assert told["id"] == "a"
    answer = json.loads(json.dumps(told["answer"]))
    assert answer["pictures"] == [clip["thumb"] for clip in answer["view"]["clips"]]
    assert list(held) == [(tmp_path / name.rpartition("/")[2]).read_bytes() for name in answer["pictures"]]


def test_a_season_names_its_trailers(wire: Wire) -> None:
    told, _ = wire.answered({"id": 1, "ask": "season"})
    assert [each["name"] for each in told["answer"]["trailers"]] == ["general", "chase"]  # type: ignore[index]


def test_other_shots_travel_with_gains_and_rules(wire: Wire) -> None:
    told, held = wire.answered({"id": 1, "ask": "instead", "trailer": "general", "shot": "e01/0002"})
    shots = told["answer"]["shots"]  # type: ignore[index]
    assert [(shot["shot"], shot["gain"]) for shot in shots] == [("e01/0004", 0.02), ("e01/0003", -0.1)]
    assert len(held) == 2


def test_a_film_travels_as_bytes(wire: Wire, tmp_path: Path) -> None:
    told, held = wire.answered({"id": 1, "ask": "film", "address": "/media/film.mp4"})
    assert told["answer"] == {"type": "video/mp4", "captions": False}
    assert held == ((tmp_path / "film.mp4").read_bytes(),)
    told, held = wire.answered({"id": 1, "ask": "film", "address": "/media/film.mp4", "captions": "/media/film.vtt"})
    assert told["answer"] == {"type": "video/mp4", "captions": True}
    assert held[1] == (tmp_path / "film.vtt").read_bytes()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("nothing", "a question is an object"),
        ({"id": 1}, "a question is one of"),
        ({"id": 1, "ask": ["trailer"]}, "a question is one of"),
        ({"id": 1, "ask": "trailer"}, "trailer is text"),
        ({"id": 1, "ask": "trailer", "trailer": "x" * (MOST + 1)}, "at most 2000 characters"),
        ({"id": 1, "ask": "trailer", "trailer": "nobody"}, "there are general, chase"),
        ({"id": 1, "ask": "film", "address": "/media/../../etc/passwd"}, "there is no file"),
        ({"id": 1, "ask": "decide"}, "a `what` and an `act`"),
        ({"id": 1, "ask": "decide", "what": "explode", "act": {}}, "a decision is one of"),
        ({"id": 1, "ask": "decide", "what": "lock", "act": {"trailer": 3}}, "this is no lock"),
        ({"id": 1, "ask": "preview", "trailer": "general", "shape": "landscape", "acts": "all"}, "a list of acts"),
        ({"id": 1, "ask": "preview", "trailer": "general", "shape": "landscape", "acts": [3]}, "a `what` and an `act`"),
    ],
)
def test_what_makes_no_sense_is_answered_in_a_sentence(wire: Wire, asked: object, words: str) -> None:
    told, held = wire.answered(asked)
    assert words in str(told["error"])
    assert held == ()
