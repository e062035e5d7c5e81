"""What commands say of a history that knows little."""

import json
from pathlib import Path

import pytest
from click import Command
from click.testing import CliRunner

from trailers.cli import season as commands


@pytest.fixture
def lone(done: Path) -> Path:
    """The tiny season with the history of one viewer who downloaded titles alone."""
    titles = "".join(f'"{title}","3/{15 + n}/24"\n' for n, title in enumerate(("Harbour Lights", "The Long Field", "Zone 6")))
    (done.parent / "NetflixViewingHistory.csv").write_text(f'"Title","Date"\n{titles}')
    lines = [line for line in done.read_text().splitlines() if not line.startswith("truth")]
    text = "\n".join('history = "NetflixViewingHistory.csv"' if line.startswith("history") else line for line in lines)
    done.write_text(text)
    return done


def said(command: Command, season: Path, *words: str) -> str:
    result = CliRunner().invoke(command, [str(season), *words, "--engine", "local"])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_lone_export_is_ranked_by_film_grammar_and_the_commands_say_so(lone: Path) -> None:
    assert "no moments are known, only which titles one viewer chose" in said(commands.segments, lone)
    assert json.loads(said(commands.segments, lone, "--json"))["notes"]
    shots = json.loads(said(commands.score, lone, "--json"))["shots"]
    assert shots[0]["score"] > shots[-1]["score"]


def test_what_cannot_be_judged_is_said_in_one_line(lone: Path) -> None:
    (line,) = said(commands.evaluate, lone).splitlines()
    assert line.startswith("nothing can be judged: an order of shots is judged by plays that say where")
    found = json.loads(said(commands.evaluate, lone, "--json"))
    assert found == {"metrics": [], "note": line}
