"""The command line: quick to answer, one line for a mistake, statuses that scripts can trust."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SolidFilm
from trailers.results import Run

HEAVY = ("torch", "pandas", "numpy", "av", "lightgbm", "lancedb", "moviepy", "ortools", "scenedetect", "cv2", "rich", "jinja2")


def trailers(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "trailers", *map(str, words)], capture_output=True, text=True, check=False)


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, trailers.cli; print(*[m for m in sys.argv[1:] if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code, *HEAVY], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []


def test_every_command_has_help_with_an_example() -> None:
    import click

    from trailers.cli import cli

    for name, command in cli.commands.items():
        with click.Context(command, info_name=name) as context:
            assert "Example: trailers" in command.get_help(context), name


def test_the_version_is_the_packages() -> None:
    from importlib.metadata import version

    import trailers as package

    assert trailers("--version").stdout.split()[-1] == package.__version__ == version("trailers")


def test_probe_says_what_a_file_is_and_which_is_none(solid_film: SolidFilm, tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("not a film")
    found = trailers("probe", solid_film(), text, "--json")
    assert found.returncode == 1
    film, note = json.loads(found.stdout)
    assert (film["rate"], film["frames"], film["size"], film["audio"][0]["channels"], film["error"]) == (
        "24/1",
        120,
        [320, 180],
        2,
        None,
    )
    assert "notes.mp4" in note["error"]
    assert "\n" not in note["error"]
    assert "Traceback" not in found.stderr


def test_shots_are_spans_between_transitions(solid_film: SolidFilm) -> None:
    found = json.loads(trailers("shots", solid_film(), "--json").stdout)
    assert found["shots"] == [{"start": 0, "stop": 30}, {"start": 30, "stop": 70}, {"start": 70, "stop": 120}]
    assert found["transitions"] == [{"kind": "cut", "start": at, "stop": at} for at in (30, 70)]


@pytest.mark.parametrize(
    ("words", "says", "status"),
    [
        (("run", "nowhere/season.toml"), "no season file", 2),
        (("shots", "nowhere.mp4"), "nowhere.mp4", 1),
        (("shots", "nowhere.mp4", "--detector", "magic"), "careful or swift or adaptive", 2),
        (("render", "nowhere.json"), "season.toml", 2),
        (("assign", "nowhere.json", "v1"), "nowhere.json", 2),
        (("launch",), "No such command", 2),
        (("demo", __file__), "name a new folder", 2),
    ],
)
def test_a_mistake_is_one_line_and_no_traceback(words: tuple[str, ...], says: str, status: int) -> None:
    found = trailers(*words)
    assert found.returncode == status
    assert says in found.stderr
    assert "Traceback" not in found.stderr
    assert found.stdout == ""


def test_the_library_names_its_parts_and_says_what_it_has_not() -> None:
    import trailers as package

    assert callable(package.read_season)
    assert callable(package.engine)
    with pytest.raises(AttributeError, match="read_season"):
        _ = package.reed_season


Search = Callable[..., tuple[int, str, str]]


@pytest.fixture
def search(ran: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Search:
    """`trailers search` in the season that was run: status, stdout, stderr. In this process: it changes nothing there."""
    from trailers.cli import main

    def ask(*words: object) -> tuple[int, str, str]:
        season = ran.season.folder / "season.toml"
        monkeypatch.setattr(sys, "argv", ["trailers", "search", *map(str, (season, *words)), "--engine", "local"])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return ask


def found(search: Search, *words: object) -> list[dict[str, Any]]:
    """The hits of a search that must work, as a script reads them."""
    status, said, _ = search(*words, "--json")
    assert status == 0
    hits: list[dict[str, Any]] = json.loads(said)["hits"]
    return hits


def test_what_is_said_is_found_first_and_the_reason_told(search: Search, ran: Run) -> None:
    first = found(search, "the horses knew the way")[0]
    assert "knew the way" in ran.index.signals["dialogue"][first["shot"]]
    assert "dialogue: place 1" in first["why"]


def test_json_names_the_query_and_of_each_hit_its_shot_episode_span_score_and_reasons(search: Search, ran: Run) -> None:
    status, said, _ = search("a horse at night", "-k", 3, "--json")
    assert status == 0
    answer = json.loads(said)
    assert answer.keys() == {"query", "hits"}
    assert answer["query"] == "a horse at night"
    assert len(answer["hits"]) == 3
    spans = {shot.id: [shot.episode, shot.span.start, shot.span.stop] for shot in ran.index.shots}
    for hit in answer["hits"]:
        assert list(hit) == ["shot", "episode", "start", "stop", "score", "why"]
        assert [hit["episode"], hit["start"], hit["stop"]] == spans[hit["shot"]]
    scores = [hit["score"] for hit in answer["hits"]]
    assert 1 >= scores[0] >= scores[1] >= scores[2] > 0
    assert all(" place " in each for hit in answer["hits"] for each in hit["why"])


def test_people_get_a_line_a_hit_with_shot_and_time(search: Search) -> None:
    status, said, _ = search("a horse at night", "-k", 2)
    assert status == 0
    lines = said.splitlines()
    assert len(lines) == 2
    assert lines[0].split()[1] == found(search, "a horse at night")[0]["shot"]
    assert " to " in lines[0]


def test_where_keeps_only_shots_of_which_it_holds(search: Search, ran: Run) -> None:
    signals = ran.index.signals
    hits = found(search, "a city at night", "--where", "seconds > 2 and brightness > 0.05", "-k", 100)
    assert hits
    assert all(signals["seconds"][hit["shot"]] > 2 and signals["brightness"][hit["shot"]] > 0.05 for hit in hits)
    assert len(hits) < len(found(search, "a city at night", "-k", 100))
    assert found(search, "a city at night", "--where", "seconds > 1000") == []


def test_an_episode_is_searched_alone(search: Search) -> None:
    assert {hit["episode"] for hit in found(search, "a city at night", "-k", 100)} == {"e01", "e02", "e03"}
    assert {hit["episode"] for hit in found(search, "a city at night", "--episode", "e02", "-k", 100)} == {"e02"}


def test_shots_like_one_are_found_without_words_and_it_is_not_among_them(search: Search, ran: Run) -> None:
    status, said, _ = search("--like", "e02/0002", "--json")
    assert status == 0
    answer = json.loads(said)
    assert answer["query"] == "like e02/0002"
    shots = [hit["shot"] for hit in answer["hits"]]
    row = ran.index.rows(["e02/0002"])[0]
    cosines = ran.index.vectors @ ran.index.vectors[row]
    cosines[row] = -1
    assert shots[0] == ran.index.shots[int(cosines.argmax())].id
    assert "e02/0002" not in shots


def test_a_sheet_shows_the_hits(search: Search, tmp_path: Path) -> None:
    from PIL import Image

    sheet = tmp_path / "found.png"
    assert search("a city at night", "-k", 5, "--sheet", sheet)[0] == 0
    with Image.open(sheet) as picture:
        assert picture.format == "PNG"
        assert picture.width > 4 * 320
        assert picture.height > 2 * 180


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "search what?"),
        (("night", "--where", "brightnes > 0.5"), "did you mean brightness"),
        (("night", "--where", "__import__('os')"), "is no condition"),
        (("night", "--where", "dialogue > 3"), "is compared as a text"),
        (("night", "--like", "e01/0999"), "no shot 'e01/0999'"),
        (("night", "--episode", "e09"), "there are e01, e02, e03"),
        (("night", "--sheet", "found.gif"), ".png or .jpg"),
    ],
)
def test_a_search_that_cannot_be_is_one_line(search: Search, words: tuple[str, ...], says: str) -> None:
    status, said, error = search(*words)
    assert status == 2
    assert said == ""
    assert says in error
    assert len(error.splitlines()) == 1
