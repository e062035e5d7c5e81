"""A package holds approved files or says that it is a draft, tells no viewer apart that it need not, runs in no spreadsheet."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.experiment.platforms.season import SEGMENTS, experiment
from trailers.errors import RequestError
from trailers.experiment.assign import assign, pseudonym
from trailers.experiment.design import Experiment, from_json
from trailers.experiment.export import Media, Package, export, exposures, harmless, outcomes, read_package, safe_name
from trailers.season import PLATFORMS
from trailers.store import digest

Packed = tuple[Experiment, pd.DataFrame, tuple[Media, ...]]
KEY = b"sixteen bytes or more"
SHAPES = ("landscape", "vertical")


@pytest.fixture
def package(tmp_path: Path) -> Packed:
    made, media = experiment("csv"), []
    for segment in ("general", *SEGMENTS):
        for rendition in SHAPES:
            path = tmp_path / "variants" / segment / f"{rendition}.mp4"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(f"{segment} {rendition}".encode())
            words, still = path.with_suffix(".vtt"), path.with_suffix(".jpg")
            words.write_text("WEBVTT\n")
            still.write_bytes(b"a still")
            name = f"{segment}/{rendition}"
            media.append(Media(name, segment, rendition, path, digest(path), True, words, decision=7, poster=still))
    arms = tuple(replace(arm, variants=tuple(f"{arm.id}/{shape}" for shape in SHAPES)) for arm in made.arms)
    viewers = [f"viewer-{number:03d}" for number in range(90)]
    membership = pd.DataFrame({"viewer": viewers, "segment": ["calm", "chase", None] * 30})
    return replace(made, arms=arms), membership, tuple(media)


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "assignments.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_holds_design_assignments_manifest_files_and_a_page_for_who_loads_it(tmp_path: Path, package: Packed) -> None:
    folder = export(tmp_path / "out" / "experiment", *package, plan={"plan.md": "# Plan\n", "plan/figures.svg": "<svg/>"})
    names = set(files(folder))
    assert {"experiment.json", "assignments.csv", "manifest.json", "README.md", "plan.md", "plan/figures.svg"} < names
    assert {"csv/exposures.csv", "csv/outcomes.csv"} < names
    assert {"media/calm-landscape.mp4", "media/calm-landscape.vtt", "media/calm-landscape.jpg"} < names
    assert len([name for name in names if name.startswith("media/")]) == 4 * 2 * 3
    assert from_json((folder / "experiment.json").read_text()) == package[0]
    page = (folder / "README.md").read_text()
    for words in (
        "s01-trailers-calm",
        "profiles take part",
        "the slot 0.2 to 0.9 of drama",
        "play 2 minutes or more",
        "`plan.md`",
    ):
        assert words in " ".join(page.split())
    assert "DRAFT" not in page
    assert "<b>" not in page


def test_assignments_are_what_anyone_can_work_out(tmp_path: Path, package: Packed) -> None:
    found = rows(export(tmp_path / "experiment", *package))
    assert len(found) == 90
    assert list(found[0]) == ["viewer", "segment", "experiment", "variation", "in_experiment", "propensity"]
    for row in found:
        asked = assign(package[0], row["viewer"], row["segment"] or None)
        assert (row["experiment"], row["variation"]) == (asked.experiment, asked.variant)
        assert row["in_experiment"] == str(asked.in_experiment).lower()
        assert row["propensity"] == ("" if asked.propensity is None else repr(asked.propensity))


def test_the_manifest_names_each_file_by_its_bytes_and_its_address(tmp_path: Path, package: Packed) -> None:
    folder = export(tmp_path / "experiment", *package)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["schema"], manifest["draft"], len(manifest["files"])) == ("Manifest.1", False, 8)
    assert manifest["arms"]["calm"]["variants"] == ["calm/landscape", "calm/vertical"]
    for item in manifest["files"]:
        assert item["url"] == "{base}/" + item["file"]
        assert digest(folder / item["file"]) == item["sha256"]
        assert (folder / item["file"]).stat().st_size == item["bytes"]
        for beside in (item["captions"], item["poster"]):
            assert digest(folder / beside["file"]) == beside["sha256"]
        assert (item["approved"], item["decision"], item["credential"]) == (True, 7, None)


@pytest.mark.parametrize("name", PLATFORMS)
def test_every_platform_gets_its_files_and_a_page_that_says_how_to_load_them(name: str, tmp_path: Path, package: Packed) -> None:
    made, membership, media = package
    folder = export(tmp_path / "experiment", replace(made, platform=name), membership, media)
    page = (folder / "README.md").read_text()
    assert f"## Loading it ({name})" in page
    own = {file for file in files(folder) if file.startswith(f"{name}/")}
    assert len(own) >= 2
    assert all(f"`{file}`" in page for file in own)
    loading = page[page.index("## Loading it") : page.index("## What to log")]
    assert all(f"{Path(file).name}`" in loading for file in own), "each file is explained"
    first = files(folder)
    (folder / "left over.txt").write_text("from another time")
    assert files(export(folder, replace(made, platform=name), membership, media)) == first
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_what_nobody_approved_is_refused_by_name_with_the_command(tmp_path: Path, package: Packed) -> None:
    experiment, membership, media = package
    waiting = (replace(media[0], approved=False), *media[1:])
    with pytest.raises(RequestError, match=r"general/landscape.*trailers approve my\.toml general/landscape") as refusal:
        export(tmp_path / "experiment", experiment, membership, waiting, season_file="my.toml")
    assert "calm" not in str(refusal.value)
    assert not (tmp_path / "experiment").exists()


def test_a_draft_says_so_in_file_name_manifest_and_readme(tmp_path: Path, package: Packed) -> None:
    experiment, membership, media = package
    mixed = (replace(media[0], approved=False), replace(media[2], passed=False), *media[1:2], *media[3:])
    folder = export(tmp_path / "experiment", experiment, membership, mixed, draft=True)
    marked = {name for name in files(folder) if name.endswith(".mp4") and "DRAFT" in name}
    assert marked == {f"media/{name}.DRAFT.mp4" for name in ("general-landscape", "calm-landscape")}
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["draft"] is True
    assert [item["draft"] for item in manifest["files"]][:3] == [True, True, False]
    assert "DRAFT" in (folder / "README.md").read_text()


def test_an_experiment_that_cannot_answer_goes_out_as_a_draft_only_and_says_why(tmp_path: Path, package: Packed) -> None:
    why = ("too small for an effect of 2.0%",)
    with pytest.raises(RequestError, match=r"cannot answer: too small for an effect of 2\.0%.*--draft"):
        export(tmp_path / "experiment", *package, refusals=why)
    folder = export(tmp_path / "experiment", *package, draft=True, refusals=why)
    page = (folder / "README.md").read_text()
    assert "**It cannot answer as it is:**\n\n- too small for an effect of 2.0%" in page
    assert json.loads((folder / "manifest.json").read_text())["draft"] is True
    assert {name for name in files(folder) if "DRAFT" in name} == {"assignments.DRAFT.csv"}  # the media themselves were approved


def test_a_failed_check_is_no_approved_file(tmp_path: Path, package: Packed) -> None:
    experiment, membership, media = package
    with pytest.raises(RequestError, match="checks failed for calm/vertical"):
        export(tmp_path / "experiment", experiment, membership, [replace(m, passed=m.variant != "calm/vertical") for m in media])


def test_a_file_that_changed_after_it_was_judged_is_refused_even_as_a_draft(tmp_path: Path, package: Packed) -> None:
    package[2][3].path.write_bytes(b"another picture")
    with pytest.raises(RequestError, match=r"calm/vertical has changed"):
        export(tmp_path / "experiment", *package, draft=True)


def test_an_arm_without_its_file_is_refused(tmp_path: Path, package: Packed) -> None:
    experiment, membership, media = package
    with pytest.raises(RequestError, match="Nächte/vertical"):
        export(tmp_path / "experiment", experiment, membership, media[:-1])


def test_with_a_key_no_viewers_id_leaves_and_who_is_known_by_its_hash_is_assigned_by_it(tmp_path: Path, package: Packed) -> None:
    experiment, membership, media = package
    folder = export(tmp_path / "experiment", replace(experiment, platform="growthbook"), membership, media, key=KEY)
    assert not any(b"viewer-" in content for content in files(folder).values())
    assert not any(KEY in content for content in files(folder).values())
    found = {row["viewer"]: row for row in rows(folder)}
    for viewer, segment in membership.itertuples(index=False):
        known = pseudonym(viewer, KEY)
        shown = assign(replace(experiment, platform="growthbook"), known, segment if isinstance(segment, str) else None)
        assert found[known]["variation"] == shown.variant
    assert "**Ids are hashed.**" in (folder / "README.md").read_text()
    assert read_package(folder) == Package(replace(experiment, platform="growthbook"), False, "hashed")


def test_a_package_says_how_units_are_named_in_it(tmp_path: Path, package: Packed) -> None:
    folder = export(tmp_path / "experiment", *package)
    assert read_package(folder) == Package(package[0], False, "plain")
    export(folder, *package, draft=True, refusals=("the key is not here",), unnamed=True)
    assert read_package(folder) == Package(package[0], True, "left out")
    assert not any(b"viewer-0" in content for content in files(folder).values())
    assert read_package(tmp_path) is None
    (folder / "manifest.json").write_text("[]")
    assert read_package(folder) is None


def test_ids_that_a_spreadsheet_would_run_are_made_harmless(tmp_path: Path, package: Packed) -> None:
    experiment, _, media = package
    evil = ['=HYPERLINK("http://x")', "+1", "-2", "@sum", "\tx", " =1", "plain", 'quo"te, comma']
    membership = pd.DataFrame({"viewer": evil, "segment": "calm"})
    folder = export(tmp_path / "experiment", experiment, membership, media)
    found = {row["viewer"] for row in rows(folder)}
    assert found == {"'" + name for name in evil[:6]} | set(evil[6:])
    assert "6 ids" in (folder / "README.md").read_text()
    by_name = {row["viewer"].removeprefix("'"): row["variation"] for row in rows(folder)}
    assert all(by_name[name] == assign(experiment, name, "calm").variant for name in evil)


def test_names_never_leave_the_folder(tmp_path: Path, package: Packed) -> None:
    for text in ("../../etc/passwd", "a/b", "..", "", "a b", "x" + chr(0)):
        assert "/" not in safe_name(text)
        assert safe_name(text).strip(".")
    assert safe_name("calm-2") == "calm-2"
    assert safe_name("a b") != safe_name("a-b")
    assert harmless("viewer") == "viewer"
    for name in ("../plan.md", "/etc/plan.md", "plan/../../x", ""):
        with pytest.raises(RequestError, match="names of letters"):
            export(tmp_path / "experiment", *package, plan={name: "x"})
    assert not (tmp_path / "experiment").exists()


def test_an_unknown_platform_is_named(tmp_path: Path, package: Packed) -> None:
    experiment, membership, media = package
    with pytest.raises(RequestError, match=r"csv, growthbook.*'abacus'"):
        export(tmp_path / "experiment", replace(experiment, platform="abacus"), membership, media)


def test_a_season_without_segments_has_nothing_to_try_and_says_so(tmp_path: Path, package: Packed) -> None:
    experiment, _, media = package
    empty = replace(experiment, arms=experiment.arms[:1], trials=())
    folder = export(tmp_path / "experiment", empty, pd.DataFrame({"viewer": [], "segment": []}), media[:2])
    assert "nothing to compare" in (folder / "README.md").read_text()
    assert rows(folder) == []


def test_logs_can_be_written_as_the_platform_wants_them(package: Packed) -> None:
    made = replace(package[0], platform="eppo")
    when = ["2026-03-01T20:15:00Z"]
    log = pd.DataFrame({"timestamp": when, "user_id": "v", "experiment_id": "s01-trailers-calm", "variation_id": "calm"})
    assert exposures(made, log).iloc[0].tolist()[:3] == ["s01-trailers-calm", "v", "calm"]
    did = pd.DataFrame({"timestamp": when, "user_id": "v", "event": "play", "value": 3.0})
    assert outcomes(made, did).iloc[0].tolist() == ["2026-03-01T20:15:00.000Z", "v", "play", 3.0]
