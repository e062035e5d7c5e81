"""The season's own experiment: designed from its trailers, packed whenever a path ends, refused only where it was asked for."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.trailers.conftest import exported
from trailers import exporting
from trailers.errors import RequestError
from trailers.experiment.components import WORDS
from trailers.experiment.design import read_experiment
from trailers.results import Run, Work
from trailers.run import engine
from trailers.store import Store

KEY = b"sixteen bytes and a few more"


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Work]:
    """A place of a test's own for packages."""
    with engine("local", progress=False) as mapped:
        yield Work(tmp_path / "out", Store(tmp_path / "out" / "store", ""), mapped)


def asking(ran: Run, **asked: object) -> Run:
    """The run of a season that asks otherwise of its experiment, all of its files approved; else for what so few can find."""
    found = {"baseline": 0.2, "worth": 3.5, "viewers": 0, "weekly": 0, **asked}
    season = replace(ran.season, testing=replace(ran.season.testing, **found))  # type: ignore[arg-type]
    return replace(ran, season=season, variants=tuple(replace(made, state="approved") for made in ran.variants))


def named(folder: Path) -> set[str]:
    """Whom a package names."""
    return {row["viewer"] for row in csv.DictReader((folder / "assignments.csv").read_text().splitlines())}


def texts(folder: Path) -> list[str]:
    """Every text of a package but what is heard in its trailers."""
    files = [path for path in folder.rglob("*") if path.suffix in (".csv", ".json", ".md", ".html", ".sql")]
    return [path.read_text(encoding="utf-8") for path in files]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_every_segments_trailer_takes_part_with_what_it_is_like(ran: Run) -> None:
    made = exporting.experiment(asking(ran).season, ran.index, ran.audience, ran.plans)
    segments = [segment.id for segment in ran.audience.segments.segments]
    assert [arm.id for arm in made.arms] == ["general", *segments]
    assert {variant for arm in made.arms for variant in arm.variants} == {item.id for item in ran.variants if item.main}
    assert [trial.segment for trial in made.trials] == segments
    assert [trial.viewers for trial in made.trials] == [segment.viewers for segment in ran.audience.segments.segments]
    for arm in made.arms:
        assert {name for name, _ in arm.components} <= set(WORDS)
        assert all(np.isfinite(value) for _, value in arm.components)
    assert len({arm.components for arm in made.arms}) > 1, "what is shown to others is like others"


def test_the_platform_that_is_asked_for_assigns(ran: Run) -> None:
    made = exporting.experiment(ran.season, ran.index, ran.audience, ran.plans, "optimizely")
    assert made.platform == "optimizely"
    assert exporting.platform_of(ran.season, None) == "csv"
    assert exporting.platform_of(ran.season, "eppo") == "eppo"
    with pytest.raises(RequestError, match="a package is made for csv, growthbook"):
        exporting.platform_of(ran.season, "nowhere")


def test_a_runs_package_is_a_draft_until_its_files_are_approved(ran: Run) -> None:
    assert "DRAFT" in (ran.experiment / "README.md").read_text()
    assert "It can" in (ran.experiment / "plan.html").read_text()


def test_what_cannot_answer_is_refused_where_it_was_asked_for_and_a_draft_where_not(ran: Run, work: Work) -> None:
    small = asking(ran, worth=0.02)
    with pytest.raises(RequestError, match="too small for an effect"):
        exported(small, work, draft=False)
    assert not (work.out / "experiment").exists()
    manifest = json.loads((exported(small, work) / "manifest.json").read_text())
    assert manifest["draft"] is True
    assert not any(item["draft"] for item in manifest["files"]), "the files are approved as they are"
    assert "too small for an effect of 2.0%" in " ".join((work.out / "experiment" / "README.md").read_text().split())
    assert "It cannot answer" in (work.out / "experiment" / "plan.html").read_text()


def test_what_can_answer_and_is_approved_goes_out(ran: Run, work: Work) -> None:
    folder = exported(asking(ran), work, draft=False)
    assert "DRAFT" not in (folder / "README.md").read_text()
    assert "It can answer" in (folder / "plan.md").read_text()
    design = read_experiment(folder)
    assert read_experiment(work.out / "experiments" / f"{design.policy}.json") == design, "for who reads it later"


def test_a_package_that_went_out_is_kept_by_runs_and_its_keys_for_its_trailers(ran: Run, work: Work) -> None:
    folder = exported(asking(ran), work, draft=False, key=KEY)
    before, design = contents(folder), read_experiment(folder)
    assert exported(ran, work) == folder
    assert contents(folder) == before, "ids stay hashed, too"
    other = replace(asking(ran), plans=tuple(replace(plan, timeline=ran.plans[0].timeline) for plan in ran.plans))
    for draft in (True, False):
        with pytest.raises(RequestError, match="set a further `round`"):
            exported(other, work, draft=draft)
    again = replace(other, season=replace(other.season, testing=replace(other.season.testing, round=2)))
    assert read_experiment(exported(again, work, draft=True, key=KEY)).id == "long_night-trailers-2"
    assert (work.out / "experiments" / f"{design.policy}.json").is_file()


def test_a_package_that_may_be_with_viewers_is_left_by_runs_which_say_so(ran: Run, work: Work) -> None:
    assert not exporting.kept(replace(ran.season, folder=work.out.parent))
    exported(ran, work)
    exported(ran, work, "growthbook", draft=True, key=KEY)
    assert not exporting.kept(replace(ran.season, folder=work.out.parent)), "a draft is nobody's"
    folder = exported(asking(ran), work, "growthbook", draft=False, key=KEY)
    before = contents(folder)
    for other in (ran, asking(ran), asking(ran, platform="eppo", share=0.4), asking(ran, round=2)):
        assert exported(other, work) == folder
        assert contents(folder) == before
    assert exporting.kept(replace(ran.season, folder=work.out.parent)) == (
        f"{folder} is no draft: it is kept; `trailers export` makes another",
    )
    exported(asking(ran), work, "eppo", draft=False, key=KEY)
    assert read_experiment(folder).platform == "eppo", "who asks for another gets it"
    assert len(list((work.out / "experiments").iterdir())) == 2, "and the first one's logs can still be read"


def test_what_was_refused_leaves_no_design(ran: Run, work: Work) -> None:
    with pytest.raises(RequestError):
        exported(ran, work, draft=False)
    exported(ran, work)
    assert not (work.out / "experiments").exists(), "a draft is shown to nobody"


def test_each_file_has_a_still_of_its_own_shape(ran: Run) -> None:
    manifest = json.loads((ran.experiment / "manifest.json").read_text())
    for entry in manifest["files"]:
        with Image.open(ran.experiment / entry["poster"]["file"]) as still:
            wide, high = still.size
            assert (wide > high) == (entry["rendition"] == "landscape")
            assert np.asarray(still).std() > 5, "a still shows something"


def test_a_key_hides_who_is_who(ran: Run, work: Work) -> None:
    folder = exported(ran, work, draft=True, key=KEY)
    viewers = set(ran.audience.segments.membership["viewer"])
    assert len(named(folder)) == len(viewers)
    assert not any(viewer in text for text in texts(folder) for viewer in viewers), "in no file of the package"
    with pytest.raises(RequestError, match="16 bytes"):
        exported(ran, work, draft=True, key=b"short")


def test_who_was_hashed_is_not_named_by_a_package_that_takes_its_place(ran: Run, work: Work) -> None:
    exported(ran, work, draft=True, key=KEY)
    with pytest.raises(RequestError, match=r"ids are hashed .* name the key"):
        exported(ran, work, draft=True)
    for _ in range(2):  # nor by the run after that
        folder = exported(ran, work)
        assert not named(folder)
        assert not any(viewer in text for text in texts(folder) for viewer in ran.audience.segments.membership["viewer"])
        assert json.loads((folder / "manifest.json").read_text())["ids"] == "left out"
        assert "ids were hashed in the package that was here" in " ".join((folder / "README.md").read_text().split())
    assert len(named(exported(ran, work, draft=True, key=KEY))) == len(ran.audience.segments.membership)


def test_no_person_is_named_in_a_package(ran: Run, work: Work) -> None:
    """Who approved stands in the season's own log; the package has the decision's number."""
    from trailers.review.acts import act_of
    from trailers.review.decisions import append

    log = work.out.parent / "decisions.jsonl"
    for made in ran.variants:
        append(log, act_of("approve", {"variant": made.id, "sha256": made.sha256}), who="Zerubbabel Q", why="lovely")
    approved = asking(ran)
    season = replace(approved.season, folder=work.out.parent)
    folder = exported(replace(approved, season=season), work, draft=False)
    listed = json.loads((folder / "manifest.json").read_text())["files"]
    assert all(entry["approved"] is True for entry in listed)
    last = {made.sha256: number for number, made in enumerate(ran.variants, 1)}  # two segments' may be the same bytes
    assert {entry["sha256"]: entry["decision"] for entry in listed} == last
    assert not any("Zerubbabel" in text or "lovely" in text for text in texts(folder))
    assert not any(b"Zerubbabel" in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_the_seasons_own_key_is_used_and_where_it_is_not_nobody_is_named(ran: Run, work: Work, tmp_path: Path) -> None:
    key = tmp_path / "ids.key"
    hashing = asking(ran, key=key)
    with pytest.raises(RequestError, match=r"ids\.key cannot be read"):
        exported(hashing, work, draft=True)
    folder = exported(hashing, work)
    assert len((folder / "assignments.csv").read_text().splitlines()) == 1
    assert "ids.key, which is not here" in " ".join((folder / "README.md").read_text().split())
    key.write_bytes(KEY)
    with_key = named(exported(hashing, work, draft=True))
    assert len(with_key) == len(ran.audience.segments.membership)
    assert named(exported(ran, work, draft=True, key=KEY)) == with_key


def test_a_run_keeps_the_package_for_the_platform_that_it_was_made_for(ran: Run, work: Work) -> None:
    assert read_experiment(exported(ran, work)).platform == "csv"
    exported(ran, work, "growthbook", draft=True)
    assert read_experiment(exported(ran, work)).platform == "growthbook"
    named = replace(ran, season=asking(ran, platform="statsig").season)
    assert read_experiment(exported(named, work)).platform == "statsig", "the season file says so"


def test_a_platform_that_cannot_say_the_shares_does_not_end_a_run(ran: Run, work: Work) -> None:
    """Unleash's gates are whole percents."""
    odd = asking(ran, platform="unleash", coverage=0.505)
    with pytest.raises(RequestError, match="percent"):
        exported(odd, work, draft=True)
    folder = exported(odd, work)
    assert read_experiment(folder).platform == "csv"
    assert "unleash cannot take it" in " ".join((folder / "README.md").read_text().split())


def test_the_same_run_packs_the_same_bytes(ran: Run, work: Work) -> None:
    first = contents(exported(ran, work))
    assert contents(exported(ran, work)) == first
