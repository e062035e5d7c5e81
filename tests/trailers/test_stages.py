"""The whole path on a tiny season: what it leaves, what it does again, what it survives."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.trailers.conftest import delivered, exported
from trailers.results import Run
from trailers.run import engine
from trailers.spec import read_season
from trailers.stages import open_work, run


def run_here(season: Path, name: str = "local") -> Run:
    asked = read_season(season)
    with engine(name, workers=2, progress=False) as mapped:
        return run(asked, open_work(asked, mapped))


def times(folder: Path) -> dict[str, int]:
    return {path.relative_to(folder).as_posix(): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_a_run_leaves_a_checked_file_for_every_segment_and_shape(ran: Run) -> None:
    segments = {"general", *(segment.id for segment in ran.audience.segments.segments)}
    assert {variant.id for variant in ran.variants} == {
        f"{name}/{shape}" for name in segments for shape in ("landscape", "vertical")
    }
    for variant in ran.variants:
        assert variant.path.is_file()
        assert variant.passed, [check for check in variant.checks if not check.passed]
    out = ran.season.out
    for name in segments:
        for kind in ("json", "otio", "edl", "xml", "fcpxml", "mlt"):
            assert (out / "timelines" / f"{name}.{kind}").stat().st_size
    for name in ("report.json", "review/index.html", "experiment/experiment.json", "experiment/assignments.csv"):
        assert (out / name).stat().st_size


def test_the_report_tells_what_was_made(ran: Run) -> None:
    report = json.loads((ran.season.out / "report.json").read_text())
    assert {item["id"] for item in report["variants"]} == {variant.id for variant in ran.variants}
    assert all(item["passed"] for item in report["variants"])
    assert report["left_out"] == []
    assert report["history"]["used"] > 0
    assert report["history"]["rows"] > report["history"]["used"], "the demo's history has bad rows, and they are counted"
    assert report["screen_time_by_label"]


def test_nothing_is_published_unapproved(ran: Run) -> None:
    manifest = json.loads((ran.season.out / "experiment" / "manifest.json").read_text())
    assert all(variant.state == "draft" for variant in ran.variants)
    assert all("DRAFT" in path.name for path in (ran.season.out / "experiment" / "media").glob("*.mp4"))
    assert "draft" in json.dumps(manifest)


def test_a_second_run_makes_nothing_again(done: Path) -> None:
    out = done.parent / "out"
    before, bytes_before = times(out / "store"), delivered(out)
    run_here(done)
    assert times(out / "store") == before
    assert delivered(out) == bytes_before


def test_a_changed_subtitle_redoes_only_what_depends_on_it(done: Path) -> None:
    store = done.parent / "out" / "store"
    before = times(store)
    subtitles = next(done.parent.glob("episodes/*.srt"))
    subtitles.write_text(subtitles.read_text().replace(" the ", " that old "), encoding="utf-8")
    run_here(done)
    after = times(store)
    assert {name: after[name] for name in before} == before, "what was made before is kept as it was"
    again = {name.split("/")[0] for name in set(after) - set(before)}
    assert again, "a line was changed, so something must follow from it"
    assert not again & {"shots", "look", "faces", "listen", "encoder"}


KILLED = """
import os, signal, sys
from pathlib import Path
from trailers import items, store

items.guarded = lambda function, argument, *_: function(argument)  # this process is the one that is killed
whole = store.write

def write(path, make):
    if sys.argv[2] in path.as_posix():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_name(f".{os.getpid()}.{path.name}").write_bytes(b"half of it")
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(path, make)

store.write = write
from trailers.run import engine
from trailers.spec import read_season
from trailers.stages import open_work, run

season = read_season(Path(sys.argv[1]))
with engine("local", progress=False) as mapped:
    run(season, open_work(season, mapped))
"""


@pytest.mark.parametrize(
    "point", ["model", "clips", "variants", *(pytest.param(late, marks=pytest.mark.heavy) for late in ("look", "sound"))]
)
def test_a_killed_run_ends_with_the_same_bytes_as_one_never_killed(done: Path, ran: Run, point: str) -> None:
    out = done.parent / "out"
    # What a run that is killed here has not made yet: all but the first case keep what other stages left in the store.
    for path in [path for path in out.iterdir() if path.name != "store"] if point != "look" else [out]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.rmtree(out / "store" / point, ignore_errors=True)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(done), f"store/{point}/"], capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()[-2000:]
    assert list((out / "store" / point).glob(".*")), "it was killed in the middle of a file"
    run_here(done)
    assert delivered(out) == delivered(ran.season.out)


@pytest.mark.parametrize("name", ["processes", pytest.param("ray", marks=[pytest.mark.ray, pytest.mark.heavy])])
def test_every_engine_gives_the_same_bytes(season: Path, ran: Run, name: str) -> None:
    if name == "ray":
        pytest.importorskip("ray", reason="the extra 'ray' is not installed")
    run_here(season, name)
    assert delivered(season.parent / "out") == delivered(ran.season.out)


def test_a_broken_episode_is_left_out_by_name_and_the_rest_goes_on(done: Path) -> None:
    (done.parent / "episodes" / "e00.mp4").write_text("no film at all")
    made = run_here(done)
    assert [name for name, _ in made.footage.left_out] == ["e00.mp4"]
    assert not made.failed
    report = json.loads((made.season.out / "report.json").read_text())
    assert "e00.mp4" in report["left_out"][0]["file"]


def test_a_failed_check_fails_the_variants_that_show_it_only(done: Path) -> None:
    from trailers.editor.picture import clips
    from trailers.editor.picture.piece import Strip
    from trailers.editor.profile import RENDITIONS

    made = run_here(done)
    finished = made.season.out / "variants" / "general" / "vertical.mp4"
    assert finished.is_file()
    parts = {
        item.segment: [
            piece
            for piece in clips.pieces(item.timeline, RENDITIONS["vertical"], made.footage.episodes)
            if isinstance(piece.shown, Strip) and not piece.light
        ]
        for item in made.plans
    }
    own, stranger, *_ = sorted(parts["general"], key=len)
    showing = {segment for segment, found in parts.items() if own.name in {piece.name for piece in found}}
    # A clip that shows another clip's pictures: what a bad disk or a wrong hand would leave.
    wrong = replace(own, shown=stranger.shown.part(0, len(own)))
    clips.encode(wrong, made.season.out / "store" / "clips" / f"{own.name}.mp4")
    for judged in ("variants", "checks"):
        shutil.rmtree(made.season.out / "store" / judged)
    again = run_here(done)
    assert {variant.id for variant in again.failed} == {f"{segment}/vertical" for segment in showing}
    assert {variant.path.name for variant in again.failed} == {"vertical.failed.mp4"}
    assert not finished.exists(), "a failed file never bears a finished one's name"


def test_approval_is_of_the_files_bytes(done: Path) -> None:
    from trailers import errands
    from trailers.errors import RequestError

    made = run_here(done)
    asked = made.season
    with engine("local", progress=False) as mapped:
        work = open_work(asked, mapped)
        with pytest.raises(RequestError, match="approve"):
            exported(made, work, draft=False)
        for segment in sorted({variant.segment for variant in made.variants}):
            assert list(errands.decide(asked, [segment], "approve", "ana", "good"))
        approved = run_here(done)
        assert {variant.state for variant in approved.variants} == {"approved"}
        folder = exported(approved, work, draft=False)
    assert not [path for path in folder.rglob("*") if "DRAFT" in path.name]
    assert os.path.getsize(folder / "manifest.json")


def test_a_rejected_file_is_not_published(done: Path) -> None:
    from trailers import errands
    from trailers.errors import RequestError

    asked = read_season(done)
    assert list(errands.decide(asked, ["general/vertical"], "reject", "ana", "too dark"))
    made = run_here(done)
    with engine("local", progress=False) as mapped, pytest.raises(RequestError, match="general/vertical were rejected"):
        exported(made, open_work(asked, mapped), draft=False)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ('leave_out = ["e93: 1-100"]', "there are e01"),
        ('leave_out = ["e03: 1-9999"]', "it holds"),
        ('locked = ["e09/0001"]', "locked: the season holds no shot 'e09/0001'; shots are named like 'e01/"),
        ('vetoed = ["e01/9"]', "vetoed: the season holds no shot"),
    ],
)
def test_a_passage_or_shot_that_is_not_in_the_season_is_refused(done: Path, rule: str, says: str) -> None:
    from trailers import errands
    from trailers.errors import RequestError

    done.write_text(done.read_text().replace("[trailer]", f"[trailer]\n{rule}"), encoding="utf-8")
    asked = read_season(done)
    with engine("local", progress=False) as mapped, pytest.raises(RequestError, match=says):
        errands.planned(asked, open_work(asked, mapped))


def test_subtitles_that_hold_no_line_are_named(done: Path) -> None:
    from trailers import errands

    subtitles = next(done.parent.glob("episodes/*.srt"))
    subtitles.write_bytes(b"")
    asked = read_season(done)
    with engine("local", progress=False) as mapped:
        footage, _ = errands.indexed(asked, open_work(asked, mapped))
    assert [name for name, _ in footage.left_out] == [subtitles.name]


def test_a_store_that_cannot_be_is_refused(tiny: Path) -> None:
    from trailers.errors import RequestError

    with engine("local", progress=False) as mapped, pytest.raises(RequestError, match="bogus"):
        open_work(read_season(tiny), mapped, "bogus://bucket")
