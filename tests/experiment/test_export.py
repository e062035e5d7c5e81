"""A package holds approved files or says that it is a draft, and runs in nobody's spreadsheet."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from trailers.errors import RequestError
from trailers.experiment.assign import assign
from trailers.experiment.design import Arm, Experiment, design, from_json
from trailers.experiment.export import Media, export, harmless, safe_name
from trailers.store import digest

Package = tuple[Experiment, pd.DataFrame, tuple[Media, ...]]


@pytest.fixture
def package(tmp_path: Path) -> Package:
    arms, media = [], []
    for segment in ("general", "calm", "chase"):
        names = []
        for rendition in ("landscape", "vertical"):
            path = tmp_path / "variants" / segment / f"{rendition}.mp4"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(f"{segment} {rendition}".encode())
            words = path.with_suffix(".vtt")
            words.write_text("WEBVTT\n")
            names.append(f"{segment}/{rendition}")
            media.append(
                Media(names[-1], segment, rendition, path, digest(path), True, words, by="Ana", at="2026-11-24T13:20:05Z")
            )
        arms.append(Arm(segment, f"{segment.title()} | <b>", 100, tuple(names)))
    viewers = [f"viewer-{number:03d}" for number in range(90)]
    membership = pd.DataFrame({"viewer": viewers, "segment": ["calm", "chase", None] * 30})
    return design("s01", arms), membership, tuple(media)


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "assignments.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_holds_design_assignments_manifest_files_and_a_page_for_who_loads_it(tmp_path: Path, package: Package) -> None:
    folder = export(tmp_path / "out" / "experiment", *package)
    names = {
        f"media/{s}-{r}.{kind}"
        for s in ("general", "calm", "chase")
        for r in ("landscape", "vertical")
        for kind in ("mp4", "vtt")
    }
    assert set(files(folder)) == {"experiment.json", "assignments.csv", "manifest.json", "README.md"} | names
    assert from_json((folder / "experiment.json").read_text()) == package[0]
    assert "s01-trailers-calm" in (folder / "README.md").read_text()
    assert "DRAFT" not in (folder / "README.md").read_text()


def test_assignments_are_what_anyone_can_work_out(tmp_path: Path, package: Package) -> None:
    found = rows(export(tmp_path / "experiment", *package))
    assert len(found) == 90
    assert list(found[0]) == ["viewer", "segment", "experiment", "variation", "variant", "in_experiment"]
    for row in found:
        asked = assign(package[0], row["viewer"], row["segment"] or None)
        assert (row["experiment"], row["variant"]) == (asked.experiment, asked.variant)
        assert row["in_experiment"] == str(asked.in_experiment).lower()
        assert row["variation"] == ("" if not asked.in_experiment else "0" if asked.variant == "general" else "1")


def test_the_manifest_names_each_file_by_its_bytes(tmp_path: Path, package: Package) -> None:
    folder = export(tmp_path / "experiment", *package)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["schema"] == "Manifest.1"
    assert manifest["draft"] is False
    assert len(manifest["files"]) == 6
    for item in manifest["files"]:
        assert digest(folder / item["file"]) == item["sha256"]
        assert (folder / item["file"]).stat().st_size == item["bytes"]
        assert digest(folder / item["captions"]["file"]) == item["captions"]["sha256"]
        assert (item["approved"], item["approved_by"]) == (True, "Ana")


def test_what_nobody_approved_is_refused_by_name_with_the_command(tmp_path: Path, package: Package) -> None:
    experiment, membership, media = package
    waiting = (replace(media[0], approved=False), *media[1:])
    with pytest.raises(RequestError, match=r"general/landscape.*trailers approve my\.toml general/landscape") as refusal:
        export(tmp_path / "experiment", experiment, membership, waiting, season_file="my.toml")
    assert "calm" not in str(refusal.value)
    assert not (tmp_path / "experiment").exists()


def test_a_draft_says_so_in_file_name_manifest_and_readme(tmp_path: Path, package: Package) -> None:
    experiment, membership, media = package
    mixed = (replace(media[0], approved=False), replace(media[2], passed=False), *media[1:2], *media[3:])
    folder = export(tmp_path / "experiment", experiment, membership, mixed, draft=True)
    marked = {name for name in files(folder) if "DRAFT" in name}
    assert marked == {f"media/{name}.DRAFT.{kind}" for name in ("general-landscape", "calm-landscape") for kind in ("mp4", "vtt")}
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["draft"] is True
    assert [item["draft"] for item in manifest["files"]] == [True, True, False, False, False, False]
    assert "DRAFT" in (folder / "README.md").read_text()


def test_a_failed_check_is_no_approved_file(tmp_path: Path, package: Package) -> None:
    experiment, membership, media = package
    with pytest.raises(RequestError, match="checks failed for calm/vertical"):
        export(tmp_path / "experiment", experiment, membership, [replace(m, passed=m.variant != "calm/vertical") for m in media])


def test_a_file_that_changed_after_it_was_judged_is_refused_even_as_a_draft(tmp_path: Path, package: Package) -> None:
    package[2][3].path.write_bytes(b"another picture")
    with pytest.raises(RequestError, match=r"calm/vertical has changed"):
        export(tmp_path / "experiment", *package, draft=True)


def test_an_arm_without_its_file_is_refused(tmp_path: Path, package: Package) -> None:
    experiment, membership, media = package
    with pytest.raises(RequestError, match="chase/vertical"):
        export(tmp_path / "experiment", experiment, membership, media[:-1])


def test_same_input_gives_same_bytes_and_replaces_the_whole_folder(tmp_path: Path, package: Package) -> None:
    folder = export(tmp_path / "experiment", *package, to="growthbook")
    first = files(folder)
    (folder / "left over.txt").write_text("from another time")
    assert files(export(folder, *package, to="growthbook")) == first
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_ids_that_a_spreadsheet_would_run_are_made_harmless(tmp_path: Path, package: Package) -> None:
    experiment, _, media = package
    evil = ['=HYPERLINK("http://x")', "+1", "-2", "@sum", "\tx", " =1", "plain", 'quo"te, comma']
    membership = pd.DataFrame({"viewer": evil, "segment": "calm"})
    folder = export(tmp_path / "experiment", experiment, membership, media)
    found = {row["viewer"] for row in rows(folder)}
    assert found == {"'" + name for name in evil[:6]} | set(evil[6:])
    assert "6 ids" in (folder / "README.md").read_text()
    by_name = {row["viewer"].removeprefix("'"): row["variant"] for row in rows(folder)}
    assert all(by_name[name] == assign(experiment, name, "calm").variant for name in evil)


def test_names_never_leave_the_folder() -> None:
    for text in ("../../etc/passwd", "a/b", "..", "", "a b", "x" + chr(0)):
        assert "/" not in safe_name(text)
        assert safe_name(text).strip(".")
    assert safe_name("calm-2") == "calm-2"
    assert safe_name("a b") != safe_name("a-b")
    assert harmless("viewer") == "viewer"


def test_an_unknown_platform_is_named(tmp_path: Path, package: Package) -> None:
    with pytest.raises(RequestError, match="csv or growthbook"):
        export(tmp_path / "experiment", *package, to="abacus")


def test_a_season_without_segments_has_nothing_to_try_and_says_so(tmp_path: Path, package: Package) -> None:
    experiment, _, media = package
    empty = replace(experiment, arms=())
    folder = export(tmp_path / "experiment", empty, pd.DataFrame({"viewer": [], "segment": []}), media[:2])
    assert "nothing to compare" in (folder / "README.md").read_text()
    assert rows(folder) == []


def test_growthbooks_payload_assigns_as_the_table_does(tmp_path: Path, package: Package) -> None:
    """By GrowthBook's documented rules, read from the file alone: the first rule whose condition holds decides."""
    from trailers.experiment.assign import bucket, bucket_ranges, choose

    folder = export(tmp_path / "experiment", *package, to="growthbook")
    feature = json.loads((folder / "growthbook" / "features.json").read_text())["features"]["s01-trailers"]
    for row in rows(folder):
        rule = next((rule for rule in feature["rules"] if rule["condition"] == {"segment": row["segment"]}), None)
        value = feature["defaultValue"]
        if rule:
            n = choose(bucket(row["viewer"], rule["seed"]), bucket_ranges(2, rule["coverage"], rule["weights"]))
            value = rule["variations"][n]
            assert rule["key"] == row["experiment"]
            assert rule["meta"][n]["key"] == row["variation"]
        assert value == row["variant"]


def test_growthbooks_sdk_assigns_as_the_table_does(tmp_path: Path, package: Package) -> None:
    sdk = pytest.importorskip("growthbook", reason="the SDK is no dependency; install growthbook to compare")
    folder = export(tmp_path / "experiment", *package, to="growthbook")
    features = json.loads((folder / "growthbook" / "features.json").read_text())["features"]
    for row in rows(folder):
        client = sdk.GrowthBook(attributes={"id": row["viewer"], "segment": row["segment"]}, features=features)
        assert client.get_feature_value("s01-trailers", "none") == row["variant"]


def test_growthbooks_bodies_hold_what_its_interface_requires(tmp_path: Path, package: Package) -> None:
    folder = export(tmp_path / "experiment", *package, to="growthbook")
    bodies = json.loads((folder / "growthbook" / "experiments.json").read_text())
    assert [body["trackingKey"] for body in bodies] == ["s01-trailers-calm", "s01-trailers-chase"]
    for body in bodies:
        assert {"trackingKey", "name", "variations"} <= set(body)
        assert [variation["key"] for variation in body["variations"]] == ["0", "1"]
        assert body["hashVersion"] == 2
        assert set(json.loads(body["phases"][0]["condition"])) == {"segment"}
