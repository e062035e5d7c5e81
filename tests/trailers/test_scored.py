"""Scores for people and machines: best first, with what speaks for each shot; two segments side by side, and what parts them."""

import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from trailers import scored
from trailers.errors import RequestError
from trailers.features.index import SIGNALS, TEXTS, ShotIndex
from trailers.features.media import Episode
from trailers.features.shots import Shot
from trailers.features.span import Span
from trailers.results import Footage, Ranked, Run
from trailers.review import taste

IDS = [f"e0{e}/000{n}" for e in (1, 2) for n in range(3)]
CALM, FAST = (0.9, 0.7, 0.5, 0.6, 0.2, 0.1), (0.1, 0.2, 0.5, 0.4, 0.8, 0.9)
NAMES = {"calm": "Calm people", "fast": "Fast people", "general": "Everyone"}


def episode(name: str) -> Episode:
    return Episode(name, Path(f"{name}.mp4"), Fraction(24), 72, (64, 36), Fraction(1), 0, False, (), "")


@pytest.fixture
def footage() -> Footage:
    return Footage({name: episode(name) for name in ("e01", "e02")}, {}, {}, {}, ())


@pytest.fixture
def index() -> ShotIndex:
    shots = tuple(Shot(id, id[:3], Span(24 * int(id[-1]), 24 * int(id[-1]) + 24)) for id in IDS)
    signals = pd.DataFrame({name: [""] * 6 if name in TEXTS else np.zeros(6) for name in SIGNALS}, index=IDS)
    concepts = pd.DataFrame({"calm": CALM, "chases": FAST, "rain": [0.3] * 6}, index=IDS)
    return ShotIndex(shots, np.eye(6, dtype=np.float32), signals, concepts, "test")


@pytest.fixture
def ranked() -> Ranked:
    rows = []
    for segment, likes in (("general", [0.5] * 6), ("calm", CALM), ("fast", FAST)):
        for id, score in zip(IDS, likes, strict=True):
            sign = 1 if score >= 0.5 else -1
            why = [
                {"part": "they stay for it or watch it again", "value": 2.0 * sign},
                {"part": f"{segment}: they like it", "value": 1.0 * sign},
                {"part": "everything else", "value": 0.1},
            ]
            said = [f"{round(100 * score)} sittings came to it"]
            rows.append((segment, id, score, json.dumps(why), json.dumps(said)))
    return Ranked(pd.DataFrame(rows, columns=["segment", "shot", "score", "why", "speaks"]), Path("model.txt"))


def test_the_best_shot_stands_first_with_its_parts_and_what_the_history_says(
    ranked: Ranked, footage: Footage, index: ShotIndex
) -> None:
    found = scored.scores(ranked, footage, index, "fast", None)
    assert [shot["score"] for shot in found["shots"]] == sorted(FAST, reverse=True)
    assert found["shots"][0] == {
        "shot": "e02/0002",
        "start": 48,
        "stop": 72,
        "score": 0.9,
        "why": [
            {"part": "they stay for it or watch it again", "value": 2.0},
            {"part": "fast: they like it", "value": 1.0},
            {"part": "everything else", "value": 0.1},
        ],
        "speaks": ["90 sittings came to it"],
    }


def test_an_episode_alone(ranked: Ranked, footage: Footage, index: ShotIndex) -> None:
    found = scored.scores(ranked, footage, index, "fast", "e01")
    assert [shot["shot"] for shot in found["shots"]] == ["e01/0002", "e01/0001", "e01/0000"]


def test_why_tells_people_all_parts_and_the_history_below(ranked: Ranked, footage: Footage, index: ShotIndex) -> None:
    found = scored.scores(ranked, footage, index, "fast", None)
    short, long = list(scored.score_lines(found, footage)), list(scored.score_lines(found, footage, why=True))
    assert len(short) == 6
    assert short[0].split(maxsplit=2)[:2] == ["0.900", "e02/0002"]
    assert "0:02.00 to 0:03.00" in long[0]
    assert "fast: they like it +1.00" in long[0]
    assert long[1].strip() == "90 sittings came to it"


def test_two_segments_are_parted_by_what_their_scores_follow(ranked: Ranked, footage: Footage, index: ShotIndex) -> None:
    found = scored.beside(ranked, footage, index, "calm", "fast", None)
    assert found["agreement"] == pytest.approx(-1, abs=0.1)
    assert [item["concept"] for item in found["concepts"]] == ["calm", "rain", "chases"]
    first, plain, _ = found["concepts"]
    assert first["segment"] == pytest.approx(1)
    assert first["difference"] == pytest.approx(first["segment"] - first["beside"], abs=1e-6)
    assert (plain["segment"], plain["beside"]) == (0, 0)
    differences = [shot["difference"] for shot in found["shots"]]
    assert differences == sorted(differences, reverse=True)
    assert (found["shots"][0]["shot"], differences[0]) == ("e01/0000", pytest.approx(0.8))
    assert found["shots"][0]["beside"]["speaks"] == ["10 sittings came to it"]
    json.dumps(found, allow_nan=False)


def test_side_by_side_is_told_in_words(ranked: Ranked, footage: Footage, index: ShotIndex) -> None:
    found = scored.beside(ranked, footage, index, "calm", "fast", None)
    lines = list(scored.beside_lines(found, footage, NAMES))
    assert lines[0] == "Calm people (calm) beside Fast people (fast)"
    assert lines[2].startswith("more to calm: calm +")
    assert lines[3].startswith("more to fast: chases +")
    assert lines[4].endswith("0.900 and 0.100  calm: calm: they like it")
    assert lines[-1].endswith("0.100 and 0.900  fast: fast: they like it")
    told = list(scored.beside_lines(found, footage, NAMES, why=True))
    assert len(told) == 4 + 3 * 6


@pytest.mark.parametrize(
    ("one", "other", "episode", "says"),
    [
        ("nobody", "fast", None, "no segment 'nobody'; there are calm, fast, general"),
        ("calm", "nobody", None, "no segment 'nobody'"),
        ("calm", "calm", None, "another segment than 'calm'"),
        ("calm", "fast", "e09", "no episode 'e09'; there are e01, e02"),
    ],
)
def test_what_is_not_there_is_named(
    ranked: Ranked, footage: Footage, index: ShotIndex, one: str, other: str, episode: str | None, says: str
) -> None:
    with pytest.raises(RequestError, match=says):
        scored.beside(ranked, footage, index, one, other, episode)


def test_a_taste_is_the_rank_correlation_with_each_concept(ranked: Ranked, index: ShotIndex) -> None:
    found = taste.tastes(ranked.scores, index.concepts)
    assert list(found) == ["general", "calm", "fast"]
    assert found.loc["calm", "calm"] == pytest.approx(1)
    assert (found["general"] == 0).all()
    assert (found.loc["rain"] == 0).all()
    expected: Any = pd.Series(CALM).corr(pd.Series(FAST), method="spearman")
    assert found.loc["chases", "calm"] == pytest.approx(expected)


def ask(ran: Run, monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """The exit status of `trailers score` in the season that was run: in this process, it changes nothing there."""
    from trailers.cli import main

    season = ran.season.folder / "season.toml"
    monkeypatch.setattr(sys, "argv", ["trailers", "score", str(season), *words, "--engine", "local"])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_the_command_answers_machines_and_people(
    ran: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = next(iter(ran.footage.episodes))
    assert ask(ran, monkeypatch, "--episode", first, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    here = [shot for shot in ran.index.shots if shot.episode == first]
    assert {shot["shot"] for shot in document["shots"]} == {shot.id for shot in here}
    assert document["shots"][0].keys() == {"shot", "start", "stop", "score", "why", "speaks"}
    assert all(item.keys() == {"part", "value"} for shot in document["shots"] for item in shot["why"])
    assert ask(ran, monkeypatch, "--episode", first, "--why") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == sum(1 + len(shot["speaks"]) for shot in document["shots"])
    segment = ran.audience.segments.segments[0].id
    assert ask(ran, monkeypatch, "--segment", segment, "--beside", "general") == 0
    assert f"({segment}) beside Everyone (general)" in capsys.readouterr().out


def test_a_segment_that_is_not_there_is_one_line_and_status_2(
    ran: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(ran, monkeypatch, "--beside", "nobody") == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert [line for line in said if "no segment 'nobody'" in line] == said[-1:]
