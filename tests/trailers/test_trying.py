"""Requests on an experiment: what commands print, and files that they leave."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from trailers import exporting, trying
from trailers.cli import cli
from trailers.cli.experiment import NAMED
from trailers.errors import RequestError
from trailers.experiment.assign import pseudonym
from trailers.experiment.design import Arm, Experiment, Group, design, read_experiment, to_json
from trailers.experiment.platforms import which
from trailers.experiment.rehearse import Truth, rehearse
from trailers.results import Run
from trailers.season import PLATFORMS
from trailers.season import Testing as Asked


def told(*words: object, status: int = 0) -> str:
    """What a command prints for machines or people, with the status that it must end with."""
    found = CliRunner().invoke(cli, [str(word) for word in words])
    assert found.exit_code == status, found.output
    return found.stdout


@pytest.fixture(scope="module")
def made() -> Experiment:
    arms = [
        Arm(name, name.title(), (f"{name}/landscape",), (("opening bright", bright), ("pace", pace), ("quality fast", fast)))
        for name, bright, pace, fast in (("general", 0.5, 2.0, 0.5), ("calm", 0.5, 1.5, 0.2), ("chase", 0.5, 3.0, 0.9))
    ]
    groups = [Group("calm", "Calm", 20_000), Group("chase", "Chase", 20_000)]
    return design("s01", arms, groups, Asked(baseline=0.2, worth=0.1))


@pytest.fixture(scope="module")
def logged(made: Experiment, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """experiment.json and the logs of a test in which each segment's own trailer brings a third more."""
    folder = tmp_path_factory.mktemp("logged")
    members = pd.DataFrame({"viewer": [f"viewer-{number}" for number in range(40_000)], "segment": ["calm", "chase"] * 20_000})
    truth = Truth(baseline=0.2, lifts={("calm", "calm"): 0.33, ("chase", "chase"): 0.33}, days=14)
    exposures, outcomes = rehearse(made, members, truth, seed=4)
    (folder / "experiment.json").write_text(to_json(made), encoding="utf-8")
    exposures.to_parquet(folder / "exposures.parquet")
    outcomes.to_csv(folder / "outcomes.csv", index=False)
    return folder / "experiment.json", folder / "exposures.parquet", folder / "outcomes.csv"


def test_a_unit_is_assigned_by_its_name_or_by_its_hashed_one(logged: tuple[Path, Path, Path], tmp_path: Path) -> None:
    asked, key = logged[0], tmp_path / "ids.key"
    key.write_bytes(b"sixteen bytes and a few more")
    plain: dict[str, Any] = json.loads(told("assign", asked, "viewer-7", "--segment", "calm", "--json"))
    assert {"unit", "experiment", "variant", "in_experiment", "propensity"} <= set(plain)
    assert (plain["unit"], plain["experiment"], plain["in_experiment"]) == ("viewer-7", "s01-trailers-calm", True)
    hashed = json.loads(told("assign", asked, "viewer-7", "--segment", "calm", "--key", key, "--json"))
    assert hashed["unit"] == pseudonym("viewer-7", key.read_bytes())
    assert told("assign", asked, "viewer-7", "--segment", "calm").startswith("viewer-7 sees ")
    outside = "viewer-7 sees general (not in the experiment: "
    assert told("assign", asked, "viewer-7") == f"{outside}no segment was named; there are calm, chase)\n"
    assert told("assign", asked, "viewer-7", "--segment", "clam") == f"{outside}it has no trial of clam; there are calm, chase)\n"


def test_who_came_by_when_becomes_logs_that_analysis_and_platform_read(made: Experiment, tmp_path: Path) -> None:
    asked = replace(made, platform="optimizely")
    (tmp_path / "experiment.json").write_text(to_json(asked), encoding="utf-8")
    rows = [f"2026-03-0{1 + n % 9}T12:00:00Z,viewer-{n},{'calm' if n % 3 else ''}" for n in range(90)]
    (tmp_path / "visits.csv").write_text("timestamp,user_id,segment\n" + "\n".join(rows) + "\n")
    said = told("served", tmp_path / "experiment.json", tmp_path / "visits.csv", "--to", tmp_path / "logs")
    assert said.startswith("60 of 90 rows are exposures of s01-trailers")
    found = pd.read_csv(tmp_path / "logs" / "exposures.csv")
    assert {"policy", "propensity", "decision_id", "component_pace"} <= set(found)
    for row in found.head(5).to_dict("records"):
        given = json.loads(told("assign", tmp_path / "experiment.json", row["user_id"], "--segment", "calm", "--json"))
        assert (given["variant"], given["propensity"]) == (row["variation_id"], row["propensity"])
    assert "visitor_id" in pd.read_csv(tmp_path / "logs" / "optimizely" / "exposures.csv")
    bad = tmp_path / "bad.csv"
    bad.write_text("timestamp,user_id,segment\n2026-03-01T12:00:00Z,=1+1,calm\n")
    with pytest.raises(RequestError, match="as a formula: hash ids with --key"):
        trying.served(tmp_path / "experiment.json", bad, tmp_path / "other")
    trying.served(tmp_path / "experiment.json", bad, tmp_path / "other", b"sixteen bytes and a few more")
    assert pseudonym("=1+1", b"sixteen bytes and a few more") in (tmp_path / "other" / "exposures.csv").read_text()


def test_whom_a_draft_would_show_what_is_told_as_such(ran: Run) -> None:
    viewer, segment = ran.audience.segments.membership.iloc[0]
    found = json.loads(told("assign", ran.experiment, viewer, "--segment", segment, "--json"))
    assert (found["draft"], found["in_experiment"]) == (True, True)
    said = told("assign", ran.experiment / "experiment.json", viewer, "--segment", segment)
    assert said == f"{viewer} would see {found['variant']}; this package is a draft, and shows everybody the control\n"


def test_an_id_that_is_not_hashed_is_nobody_in_a_package_of_hashed_ones(ran: Run, tmp_path: Path) -> None:
    key, package = tmp_path / "ids.key", tmp_path / "package"
    key.write_bytes(b"sixteen bytes and a few more")
    package.mkdir()
    (package / "experiment.json").write_text((ran.experiment / "experiment.json").read_text())
    (package / "manifest.json").write_text('{"draft": false, "ids": "hashed"}')
    viewer, segment = ran.audience.segments.membership.iloc[0]
    asked = ("assign", package, viewer, "--segment", segment)
    found = CliRunner().invoke(cli, [str(word) for word in asked])
    assert isinstance(found.exception, RequestError)
    assert "ids are hashed in this package" in str(found.exception)
    said = told(*asked, "--key", key)
    assert said == told("assign", package, pseudonym(viewer, key.read_bytes()), "--segment", segment)


def test_a_log_of_another_policy_is_not_read_as_this_experiments(
    logged: tuple[Path, Path, Path], made: Experiment, tmp_path: Path
) -> None:
    """Other shares, or a round that came later: what viewers saw is not what this experiment holds."""
    asked, exposures, outcomes = logged
    rows = pd.read_parquet(exposures)
    mixed = tmp_path / "mixed.csv"
    rows.assign(policy=rows["policy"].where(rows.index % 2 == 0, "s01-trailers@other")).to_csv(mixed, index=False)
    for command in (("analyse",), ("learn", "--to", tmp_path / "l.json")):
        found = CliRunner().invoke(cli, [str(word) for word in (command[0], asked, mixed, outcomes, *command[1:])])
        assert isinstance(found.exception, RequestError)
        assert f"of {len(rows):,} exposures were served by the policy s01-trailers@other" in str(found.exception)
        assert made.policy in str(found.exception)
    assert not (tmp_path / "l.json").exists()
    unsaid = tmp_path / "unsaid.csv"
    rows.assign(policy="").to_csv(unsaid, index=False)
    told("analyse", asked, unsaid, outcomes)
    rows.drop(columns="policy").to_csv(unsaid, index=False)
    told("analyse", asked, unsaid, outcomes)
    strange = pd.concat([rows, rows.head(9).assign(experiment_id="s02-trailers-calm", policy="s02-trailers@x")])
    strange.to_csv(unsaid, index=False)
    told("analyse", asked, unsaid, outcomes)


def test_an_analysis_is_read_from_files_and_leaves_a_page(logged: tuple[Path, Path, Path], tmp_path: Path) -> None:
    found = json.loads(told("analyse", *logged, "--out", tmp_path / "result", "--json"))
    assert found["schema"] == "Analysis.2"
    assert found["srm"]["passed"]
    assert {"metric", "variant", "segment", "effect", "low", "high"} <= set(found["metrics"][0])
    own = next(
        each for each in found["metrics"] if (each["segment"], each["variant"], each["role"]) == ("calm", "calm", "primary")
    )
    assert own["low"] > 0
    assert json.loads((tmp_path / "result" / "analysis.json").read_text()) == found
    assert (tmp_path / "result" / "index.html").stat().st_size
    assert found["decision"] in told("analyse", *logged)
    short = json.loads(told("analyse", *logged, "--until", "2026-01-14", "--json"))
    assert short["count"]["early"] > found["count"]["early"], "windows that are not over by then do not count"


def test_what_was_learnt_is_a_file_that_a_next_round_goes_on_from(logged: tuple[Path, Path, Path], tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    found = json.loads(told("learn", *logged, "--to", first, "--json"))
    assert found["schema"] == "Lessons.1"
    assert {"quality fast", "pace"} & {each["component"] for each in found["lessons"]}
    assert str(first) in told("learn", *logged, "--to", first).splitlines()[-1]
    told("learn", *logged, "--to", second, "--before", first)
    assert json.loads(second.read_text()) == json.loads(first.read_text()), "the same experiment teaches once"


def test_a_season_learns_from_the_experiment_that_a_log_is_of(
    logged: tuple[Path, Path, Path], made: Experiment, ran: Run, tmp_path: Path
) -> None:
    """What is exported by now may be of a later round."""
    asked, exposures, outcomes = logged
    file, out = tmp_path / "season.toml", tmp_path / "out"
    for name in ("episodes", "history.csv", "music"):
        (tmp_path / name).symlink_to(ran.season.folder / name)
    file.write_text((ran.season.folder / "season.toml").read_text().replace('truth = "truth"', ""))
    (out / "experiment").mkdir(parents=True)
    (out / "experiment" / "experiment.json").write_text(to_json(replace(made, id="s01-trailers-2", salt="s01-trailers-2")))
    words = ("learn", file, exposures, outcomes, "--to", tmp_path / "lessons.json")
    found = CliRunner().invoke(cli, [str(word) for word in words])
    assert isinstance(found.exception, RequestError), "no row is of what is there"
    (out / "experiments").mkdir()
    (out / "experiments" / f"{made.policy}.json").write_text(asked.read_text())
    told(*words)
    assert json.loads((tmp_path / "lessons.json").read_text())["lessons"]


def test_a_replay_says_what_everybodys_own_trailer_would_have_earned(logged: tuple[Path, Path, Path]) -> None:
    asked, exposures, outcomes = logged
    found = json.loads(told("replay", exposures, "own", "--experiment", asked, "--outcomes", outcomes, "--json"))
    assert found["schema"] == "Replay.1"
    assert found["carried"]
    assert found["low"] < 0.2 * 1.33 < found["high"]


def test_a_log_that_cannot_be_read_is_one_line(logged: tuple[Path, Path, Path], tmp_path: Path) -> None:
    broken = tmp_path / "log.csv"
    broken.write_text("nothing,here\n1,2\n")
    for words in (
        ("analyse", logged[0], broken, logged[2]),
        ("replay", broken, broken),
        ("learn", logged[0], tmp_path / "no", broken),
    ):
        asked = [*map(str, words), *(["--to", str(tmp_path / "x.json")] if words[0] == "learn" else [])]
        found = subprocess.run([sys.executable, "-m", "trailers", *asked], capture_output=True, text=True, check=False)
        assert (found.returncode, found.stdout) == (2, ""), found.stderr
        assert found.stderr.startswith("trailers: ")
        assert len(found.stderr.splitlines()) == 1


def test_a_key_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"ids\.key cannot be read"):
        exporting.secret(tmp_path / "ids.key")


def test_help_names_the_platforms_that_there_are() -> None:
    assert NAMED.replace(" or ", ", ").split(", ") == list(PLATFORMS) == list(which.PLATFORMS)


def test_a_seasons_plan_is_told_and_lies_in_its_folder(done: Path) -> None:
    done.write_text(re.sub(r"\nworth = [\d.]+", "\nworth = 0.001", done.read_text()), encoding="utf-8")
    found = json.loads(told("design", done, "--engine", "local", "--json"))
    assert found["experiment"]["schema"] == "Experiment.2"
    assert "too small" in found["refusals"][0]
    page = Path(found["path"])
    assert page.read_text().startswith("<!doctype html>")
    assert read_experiment(page.parent).worth == 0.001
    assert not found["notes"]


def test_a_seasons_plan_counts_on_what_an_earlier_log_shows(done: Path, logged: tuple[Path, Path, Path]) -> None:
    _, exposures, outcomes = logged
    found = json.loads(told("design", done, "--baseline-from", exposures, outcomes, "--engine", "local", "--json"))
    assert not found["experiment"]["assumed"]
    assert found["experiment"]["baseline"] == pytest.approx(0.2 * (1 + 0.33 * 0.483), rel=0.05)
    assert "write both into [experiment]" in found["notes"][0]


def test_lessons_of_a_season_move_its_plans_and_leave_no_trace_when_left_out(
    done: Path, made: Experiment, tmp_path: Path
) -> None:
    """What was learnt is another name in the store: plans without it are byte for byte what they were."""
    before = {path.name: path.read_bytes() for path in (done.parent / "out" / "timelines").glob("*.json")}
    plain, kept = done.read_text(), done.parent / "out" / "store" / "scores"
    known = {path.name for path in kept.iterdir()}  # others that ran on the same season may have left some
    truth = Truth(baseline=0.3, rate=lambda segment, likes: 0.3 * (1 + 1.5 * (likes["quality fast"] - 0.5)), days=14)
    members = pd.DataFrame({"viewer": [f"v{number}" for number in range(60_000)], "segment": ["calm", "chase"] * 30_000})
    exposures, outcomes = rehearse(replace(made), members, truth, seed=5)
    exposures.to_csv(tmp_path / "exposures.csv", index=False)
    outcomes.to_csv(tmp_path / "outcomes.csv", index=False)
    (tmp_path / "experiment.json").write_text(to_json(made), encoding="utf-8")
    told(
        "learn",
        tmp_path / "experiment.json",
        tmp_path / "exposures.csv",
        tmp_path / "outcomes.csv",
        "--to",
        done.parent / "l.json",
    )
    done.write_text(plain.replace("[experiment]", '[experiment]\nlessons = ["l.json"]'), encoding="utf-8")
    told("plan", done, "--engine", "local")
    (new,) = (path for path in kept.iterdir() if path.name not in known)
    others = [(kept / name).read_bytes() for name in known]
    assert new.read_bytes() not in others, "what won in tests is among the reasons of scores"
    done.write_text(plain, encoding="utf-8")
    told("plan", done, "--engine", "local")
    assert {path.name: path.read_bytes() for path in (done.parent / "out" / "timelines").glob("*.json")} == before
