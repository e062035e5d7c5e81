"""What goes wrong around a run: each fault ends well or in one line, nothing is left half-written, nothing is lost."""

import csv
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest

from tests.trailers.conftest import delivered
from trailers import errands, making
from trailers.editor.timeline import Card, Clip, Timeline, to_json
from trailers.errors import MediaError, WorkError
from trailers.features.media import probe
from trailers.features.span import Span
from trailers.results import Map, Run
from trailers.run import engine
from trailers.spec import read_season
from trailers.stages import open_work, run

Item = TypeVar("Item")
Result = TypeVar("Result")
Asked = Callable[..., str]

PLAN = "out/timelines/general.json"
COMMANDS = {
    "run": ("run", "season.toml"),
    "package": ("package", "season.toml", "general", "--profile", "house", "--draft"),
    "render": ("render", PLAN, "--to", "made.mp4"),
    "swap": ("swap", PLAN, "--clip", "1", "--by", "e01/0002", "--to", "new.json"),
}
LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
from trailers.cli import main
sys.argv[1:] = sys.argv[2:]
main()
"""


def begin(folder: Path, *words: str, limit: int | None = None) -> "subprocess.Popen[str]":
    """A command in a season's folder; where a `limit` is given, no file can grow beyond so many bytes, as on a full disk."""
    way = ["-m", "trailers"] if limit is None else ["-c", LIMITED, str(limit)]
    return subprocess.Popen([sys.executable, *way, *words], cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Asked:
    """Runs a command in this process, in a season's folder; gives what it printed, of one that failed the one line of why."""
    from trailers.cli import main

    def ask(folder: Path, *words: str, status: int = 0) -> str:
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["trailers", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert int(ended.value.code or 0) == status, said.out + said.err
        if status:
            assert len(said.err.splitlines()) == 1, said.err
        return said.err if status else said.out

    return ask


def undone(done: Path, *stages: str) -> Path:
    """The folder of a season that was run, of which the store has lost what these stages made."""
    for stage in stages:
        shutil.rmtree(done.parent / "out" / "store" / stage)
    return done.parent


def halves(folder: Path) -> list[str]:
    """What writers left half-made."""
    return [path.name for path in folder.rglob(".*") if path.name.split(".")[1].isdecimal()]


def run_here(season: Path, meddled: Callable[[Map], Map] = lambda mapped: mapped, name: str = "local") -> Run:
    with engine(name, workers=2, progress=False) as mapped:
        asked = read_season(season)
        return run(asked, open_work(asked, meddled(mapped)))


@pytest.mark.parametrize(("name", "limit"), [("run", 20_000), ("package", 60_000), ("render", 60_000), ("swap", 9_000)])
def test_a_full_disk_is_one_line_and_the_same_command_goes_on_from_there(done: Path, name: str, limit: int) -> None:
    folder = undone(done, "clips", "sound", "variants")
    before = delivered(folder / "out")
    command = [*COMMANDS[name], *(() if name == "swap" else ("--engine", "local"))]
    full = begin(folder, *command, limit=limit)
    out, said = full.communicate()
    assert full.returncode == 1, said
    assert len(said.splitlines()) == 1, said
    assert "could not be written" in said or "is the disk not full?" in said
    assert out == ""
    assert halves(folder) == []
    assert delivered(folder / "out") == before
    assert not [path for path in (folder / "made.mp4", folder / "new.json", folder / "out" / "packages") if path.exists()]
    again = begin(folder, *command)
    out, said = again.communicate()
    assert again.returncode == 0, said
    assert {path: sha for path, sha in delivered(folder / "out").items() if path in before} == before


@dataclass(frozen=True)
class Meddled:
    """A map that before work of one label does something, or lets its workers do it otherwise."""

    mapped: Map
    label: str
    before: Callable[[], object] = lambda: None
    instead: Callable[[Any], None] | None = None

    def __call__(
        self,
        function: Callable[[Item], Result],
        items: Sequence[Item],
        label: str,
        failed: Callable[[Item, WorkError], None] | None = None,
    ) -> list[Result]:
        if not label.startswith(self.label):
            return self.mapped(function, items, label, failed)
        self.before()
        return self.mapped(cast(Callable[[Item], Result], self.instead or function), items, label, failed)


@pytest.mark.parametrize(
    ("label", "how"),
    [
        ("Encoding", "changed"),
        ("Joining", "removed"),
        pytest.param("Encoding", "removed", marks=pytest.mark.heavy),
        pytest.param("Joining", "changed", marks=pytest.mark.heavy),
    ],
)
def test_a_source_that_goes_in_the_middle_leaves_nothing_of_what_took_its_place(done: Path, how: str, label: str) -> None:
    folder = undone(done, "clips", "sound", "checks")
    before = delivered(folder / "out")
    film, other, kept = folder / "episodes" / "e01.mp4", folder / "episodes" / "e02.mp4", folder / "kept.mp4"

    def meddle() -> None:
        film.rename(kept)
        if how == "changed":
            shutil.copyfile(other, film)

    with pytest.raises(MediaError, match=r"e01\.mp4: (it was changed while|no such file|it was there and is gone)"):
        run_here(done, lambda mapped: Meddled(mapped, label, meddle))
    assert halves(folder) == []
    assert delivered(folder / "out") == before
    kept.replace(film)
    assert not run_here(done).failed
    assert delivered(folder / "out") == before


def test_music_that_is_exchanged_in_the_middle_is_not_kept_under_the_old_ones_name(done: Path) -> None:
    folder = undone(done, "sound")
    before = delivered(folder / "out")
    (bed,) = (folder / "music").iterdir()
    kept = bed.read_bytes()
    with pytest.raises(MediaError, match=f"{bed.name}: it was changed while"):
        run_here(done, lambda mapped: Meddled(mapped, "Encoding", lambda: shutil.copyfile(folder / "episodes" / "e01.mp4", bed)))
    assert list((folder / "out" / "store").glob("sound/*")) == []
    bed.write_bytes(kept)
    run_here(done)
    assert delivered(folder / "out") == before


def killed(marker: Path | None, job: making.Job) -> None:
    """The job, in a worker that is killed while it writes: the first one only where a marker is given."""
    if marker is None or not marker.exists():
        if marker:
            marker.touch()
        folder = job[1][1].here
        threading.Thread(target=kill_when_writing, args=(folder,), daemon=True).start()
        making.do(job)
        os.kill(os.getpid(), signal.SIGKILL)
    making.do(job)


def kill_when_writing(folder: Path) -> None:
    while not list(folder.glob(f"*/.{os.getpid()}.*")):
        pass
    os.kill(os.getpid(), signal.SIGKILL)


def test_an_encoder_that_is_killed_costs_its_clip_a_second_try(done: Path) -> None:
    folder, before = undone(done, "variants"), delivered(done.parent / "out")
    next((folder / "out" / "store" / "clips").iterdir()).unlink()
    marker = folder / "killed"
    assert not run_here(done, lambda mapped: Meddled(mapped, "Encoding", instead=partial(killed, marker)), "processes").failed
    assert marker.exists()
    assert delivered(folder / "out") == before
    with engine("local", progress=False) as mapped:
        open_work(read_season(done), mapped)
    assert halves(folder) == []


def test_encoders_that_are_always_killed_end_the_run_in_one_line_and_nothing_is_lost(done: Path) -> None:
    folder, before = undone(done, "variants"), delivered(done.parent / "out")
    next((folder / "out" / "store" / "clips").iterdir()).unlink()
    with pytest.raises(WorkError, match="died") as raised:
        run_here(done, lambda mapped: Meddled(mapped, "Encoding", instead=partial(killed, None)), "processes")
    assert len(str(raised.value).splitlines()) == 1
    assert delivered(folder / "out") == before
    assert not run_here(done).failed
    assert halves(folder) == []
    assert delivered(folder / "out") == before


def test_two_renders_of_one_season_at_once_give_what_one_gives(done: Path) -> None:
    folder = undone(done, "plans", "subject", "clips", "sound", "variants", "checks")
    before = delivered(folder / "out")
    both = [begin(folder, *words, "--engine", "local") for words in (COMMANDS["run"], COMMANDS["package"], COMMANDS["run"])]
    for process in both:
        _, said = process.communicate()
        assert process.returncode == 0, said
    after = delivered(folder / "out")
    assert {path: sha for path, sha in after.items() if not path.startswith("packages/")} == before
    assert [path.name for path in (folder / "out" / "packages" / "house").iterdir()] == ["general"]
    assert halves(folder) == []


@pytest.mark.parametrize("name", COMMANDS)
def test_music_of_no_bytes_is_one_line(done: Path, asked: Asked, name: str) -> None:
    before = delivered(done.parent / "out")
    (bed,) = (done.parent / "music").iterdir()
    bed.write_bytes(b"")
    assert "music: long_night_bed.m4a: the file is empty" in asked(done.parent, *COMMANDS[name], status=1)
    assert delivered(done.parent / "out") == before
    assert not [path for path in (done.parent / "made.mp4", done.parent / "new.json") if path.exists()]


def of(done: Path, spans: Sequence[tuple[str, int, int]], title: str = "The Long Night") -> Path:
    """A timeline of frames of the season's episodes, one after the other, and a card, as a file."""
    clips, at = [], 0
    for number, (episode, start, stop) in enumerate(spans):
        clips.append(Clip(f"{episode}/{number:04}", episode, Span(start, stop), Span(at, at + stop - start)))
        at += stop - start
    card = Card((title,), Span(at, at + 36), "#102030", "#ffffff")
    path = done.parent / "own.json"
    path.write_text(to_json(Timeline("own", "long_night", title, "general", Fraction(24), tuple(clips), (card,))))
    return path


def test_a_clip_of_two_frames_is_a_clip(done: Path, asked: Asked) -> None:
    timeline = of(done, [("e01", 20, 60), ("e02", 120, 122), ("e03", 50, 90)])
    assert "ok" in asked(done.parent, "render", str(timeline), "--to", "made.mp4", "--engine", "local")
    assert probe(done.parent / "made.mp4").frames == 40 + 2 + 40 + 36


@pytest.mark.heavy
def test_three_hundred_clips_are_a_trailer(done: Path, asked: Asked) -> None:
    spans = [(f"e0{1 + n // 80 % 3}", 2 * (n % 80), 2 * (n % 80) + 2) for n in range(300)]
    timeline = of(done, spans)
    asked(done.parent, "render", str(timeline), "--to", "made.mp4", "--engine", "local")
    assert probe(done.parent / "made.mp4").frames == 600 + 36


@pytest.mark.heavy
def test_a_title_of_five_hundred_characters_runs_to_the_end(done: Path) -> None:
    title = ("The Very Long and Winding Night of " * 15)[:499] + "."
    done.write_text(done.read_text().replace("The Long Night", title))
    made = run_here(done)
    assert not made.failed, [check for variant in made.failed for check in variant.checks if not check.passed]
    assert all(plan.timeline.title == title for plan in made.plans)


ODD = 'it\'s a "season" of ñ, 日本 100% #1 [x]; $HOME {y} \\'


@pytest.mark.heavy
def test_names_with_quotes_spaces_and_any_script_are_as_good_as_others(done: Path, asked: Asked) -> None:
    folder = done.parent.rename(done.parent.with_name(ODD))
    film, (bed,) = folder / "episodes" / "e01.mp4", (folder / "music").iterdir()
    bed.rename(bed.with_name(f"{ODD}.m4a"))
    for ending in (".mp4", ".srt"):
        film.with_suffix(ending).rename(film.with_name(f"{ODD}{ending}"))
    rows = list(csv.reader((folder / "history.csv").open(encoding="utf-8")))
    with (folder / "history.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([ODD if value == "e01" else value for value in row] for row in rows)
    (folder / "season.toml").write_text((folder / "season.toml").read_text().replace('truth = "truth"', ""))
    asked(folder, "run", "season.toml", "--engine", "local")
    asked(folder, "package", "season.toml", "general", "--profile", "house", "--draft", "--engine", "local")
    asked(folder, "render", PLAN, "--to", f"{ODD}\nmade.mp4", "--engine", "local")
    assert probe(folder / f"{ODD}\nmade.mp4").size == (1280, 720)
    asked(folder, "check", f"{ODD}\nmade.mp4", "--timeline", PLAN, "--rendition", "landscape")
    asked(folder, "matrix", "season.toml", "--profile", "house", "--engine", "local")
    plan = errands.read_timeline(folder / PLAN)
    shot = next(clip.shot for clip in plan.clips[1:])
    asked(folder, "swap", PLAN, "--clip", "1", "--by", shot, "--to", f"{ODD}\n.json")
    assert (folder / f"{ODD}\n.json").is_file()


def test_a_season_below_a_name_with_a_line_break_is_refused_in_one_line(done: Path, asked: Asked) -> None:
    folder = done.parent.rename(done.parent.with_name("one\ntwo"))
    assert "rename it" in asked(folder, "run", "season.toml", status=2)


@pytest.mark.parametrize("name", ["render", "swap"])
def test_no_file_takes_the_place_of_one_that_the_season_is_made_from(done: Path, asked: Asked, name: str) -> None:
    film = done.parent / "episodes" / "e01.mp4"
    before = film.read_bytes()
    said = asked(done.parent, *COMMANDS[name][:-1], str(film), status=2)
    assert "one of the season's own files" in said
    assert film.read_bytes() == before
