"""The command line: quick to answer, one line for a mistake, statuses that scripts can trust."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import SolidFilm

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
        (("shots", "nowhere.mp4", "--detector", "magic"), "adaptive or transnet", 2),
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
