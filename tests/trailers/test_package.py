"""What goes to a destination, on the tiny season: whole or not at all, checked, listed, and refused in words."""

import csv
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from trailers import errands, finishing, fitting, orders, package
from trailers.editor.destinations import read_profile
from trailers.editor.names import parsed
from trailers.editor.timeline import Card, Clip, Effect, Key, Timeline, View, to_json
from trailers.errors import RenderError, RequestError
from trailers.features.dialogue import Line
from trailers.features.media import probe
from trailers.features.span import Span
from trailers.run import engine
from trailers.spec import read_season
from trailers.stages import open_work
from trailers.store import digest

OWN = """
name = "Ours"
source = "our own wish"
date = "2026-11-30"
seconds = [3, 40]
rates = [25]
clock = 1
head = 1
tail = 1
silence = 6
begins = "10:00:00:00"
must = ["slate", "hold"]
parts = ["texted", "textless", "mix", "music", "natural", "captions", "timeline", "shots", "rights", "checks"]
[sizes]
landscape = [640, 360]
[level]
integrated = -23.0
tolerance = 0.5
peak = -1.0
"""


def packaged(
    done: Path, profile: str, segments: tuple[str, ...] = ("general",), extra: str = "", draft: bool = False
) -> list[Path]:
    """A package of files that were approved, or of drafts."""
    if extra:
        done.write_text(done.read_text() + extra)
    season = read_season(done)
    if not draft and not season.decisions.exists():
        assert list(errands.decide(season, ["general"], "approve", "Ada"))
    with engine("local", progress=False) as mapped:
        return list(errands.packaged(season, segments, [profile], None, open_work(season, mapped), draft))


@pytest.fixture
def own(done: Path) -> Path:
    path = done.parent / "own.toml"
    path.write_text(OWN)
    return path


def test_a_package_holds_every_part_that_its_profile_names_and_lists_it(done: Path, own: Path) -> None:
    (folder,) = packaged(done, str(own), extra='[deliver]\nrights = "(c) Ada"\n')
    manifest = json.loads((folder / "manifest.json").read_text())
    assert {item["part"] for item in manifest["files"]} == {
        "texted", "textless", "textless-checks", "mix", "music", "natural", "timeline", "shots", "rights", "checks",
    }  # fmt: skip
    assert {path.name for path in folder.iterdir()} == {"manifest.json", *(item["file"] for item in manifest["files"])}
    for item in manifest["files"]:
        assert (digest(folder / item["file"]), (folder / item["file"]).stat().st_size) == (item["sha256"], item["bytes"])
    assert (manifest["schema"], manifest["rights"], manifest["profile"]["id"]) == ("Package.1", "(c) Ada", "own")
    (texted,) = (item["file"] for item in manifest["files"] if item["part"] == "texted")
    name = parsed(Path(texted).stem, read_profile(str(own)).name_template)
    assert (name.segment, name.shape, name.part) == ("general", "landscape", "texted")
    rows = list(csv.DictReader((folder / next(i["file"] for i in manifest["files"] if i["part"] == "shots")).open()))
    assert {row["episode"] for row in rows} == {source["episode"] for source in manifest["sources"]}


def test_the_file_is_as_the_destination_wants_it(done: Path, own: Path) -> None:
    (folder,) = packaged(done, str(own), extra='[deliver]\nrights = "(c) Ada"\n')
    (video,) = folder.glob("*_texted.mp4")
    found = probe(video)
    assert (found.rate, found.size) == (Fraction(25), (640, 360))
    checks = {check["name"]: check for check in json.loads(next(folder.glob("*_checks.json")).read_text())}
    assert all(check["passed"] for check in checks.values()), checks
    assert "-23.0 LUFS within 0.5" in checks["loudness"]["asked"]
    bare = probe(next(folder.glob("*_textless.mp4")))
    assert bare.frames == found.frames


def test_a_package_made_again_is_the_same_bytes_and_takes_the_place_of_the_old(done: Path, own: Path) -> None:
    (folder,) = packaged(done, str(own), extra='[deliver]\nrights = "(c) Ada"\n')
    first = {path.name: digest(path) for path in folder.iterdir()}
    (folder / "stranger.txt").write_text("left by somebody")
    packaged(done, str(own))
    assert {path.name: digest(path) for path in folder.iterdir()} == first
    assert not [path for path in folder.parent.iterdir() if path.name.startswith(".")]


def test_without_the_rights_that_a_profile_wants_nothing_is_left(done: Path, own: Path) -> None:
    with pytest.raises(RequestError, match=r"wants a line of rights; write rights"):
        packaged(done, str(own))
    assert not list((done.parent / "out" / "packages").rglob("*.mp4"))


def test_a_file_that_fails_its_checks_takes_nobodys_place(done: Path, own: Path) -> None:
    (folder,) = packaged(done, str(own), extra='[deliver]\nrights = "(c) Ada"\n')
    before = {path.name: digest(path) for path in folder.iterdir()}
    own.write_text(OWN.replace('must = ["slate", "hold"]', 'must = ["slate", "hold", "rating"]'))
    with pytest.raises(RenderError, match="rating"):
        packaged(done, str(own))
    assert {path.name: digest(path) for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("segment", "profile", "says"),
    [
        ("nobody", "youtube", "no segment 'nobody'; there are .*general"),
        ("general", "apple-preview", r"takes 30 to 600 s, general lasts .* add such a length"),
        ("general", "youtub", "youtube"),
    ],
)
def test_what_cannot_be_is_one_line(done: Path, segment: str, profile: str, says: str) -> None:
    with pytest.raises(RequestError, match=says):
        packaged(done, profile, (segment,), '[deliver]\nrights = "(c) Ada"\n')


def test_the_matrix_tells_what_is_new_what_is_shared_and_what_is_refused(done: Path) -> None:
    season = read_season(done)
    with engine("local", progress=False) as mapped:
        work = open_work(season, mapped)
        rows = errands.versions(season, ["house", "apple-preview"], work)
    house = [row for row in rows if row.profile == "house"]
    assert {(row.segment, row.shape) for row in house} == {
        (segment, shape) for segment in {row.segment for row in rows} for shape in ("landscape", "vertical")
    }
    assert all(row.new == 0 and row.shared and not row.mixed for row in house), "the run has made them all"
    assert all("takes 30 to 600 s" in row.refused for row in rows if row.profile == "apple-preview")


CLIP = Clip("e/1", "e", Span(0, 48), Span(0, 48))
TITLE = Card(("Night", "Watch the series"), Span(48, 96), "#102030", "#ffffff")
DATE = Card(("From 12 May",), Span(96, 144), "#102030", "#ffffff", "date")
BRAND = Card(("Honey",), Span(144, 192), "#102030", "#ffffff", "brand", "Advertisement")
ENDING = Timeline(
    "t", "s", "Night", "g", Fraction(24), (CLIP,), (TITLE, DATE, BRAND), fade_out=24,
    effects=(Effect("hit", "ab" * 32, 90000), Effect("hit", "ab" * 32, 280000)),
)  # fmt: skip


def test_words_that_a_profile_forbids_are_left_out_where_that_can_be() -> None:
    netflix = read_profile("netflix-trailer")
    found = fitting.allowed(ENDING, netflix)
    assert [card.lines for card in found.cards] == [("Night",)]
    assert found.frames == ENDING.frames, "what stays takes the time of what goes"
    assert fitting.allowed(ENDING, replace(netflix, must_not=())) == ENDING


def test_a_card_between_others_is_left_out_and_the_others_close_up() -> None:
    found = fitting.allowed(ENDING, replace(read_profile("house"), must_not=("date",)))
    assert [(card.kind, card.into) for card in found.cards] == [("title", Span(48, 96)), ("brand", Span(96, 192))]


def test_where_no_card_stays_at_the_end_the_trailer_its_fade_and_its_effects_end_sooner() -> None:
    last = replace(CLIP, shot="e/2", into=Span(96, 108), span=Span(60, 72))
    timeline = replace(ENDING, clips=(CLIP, last), cards=(TITLE, replace(DATE, into=Span(108, 156))))
    found = fitting.allowed(timeline, replace(read_profile("house"), must_not=("date",)))
    assert (found.frames, found.fade_out) == (108, 6)
    assert [effect.at for effect in found.effects] == [90000]


def test_a_file_without_words_is_not_asked_for_what_only_words_give(done: Path, own: Path) -> None:
    own.write_text(OWN.replace('must = ["slate", "hold"]', 'must = ["slate", "hold", "date"]'))
    extra = '[words]\ndate = "12 May"\n[deliver]\nrights = "(c) Ada"\n'
    (folder,) = packaged(done, str(own), extra=extra, draft=True)  # with other words it is another file than was approved
    assert len(list(folder.glob("*_textless.DRAFT.mp4"))) == 1
    assert len(list(folder.glob("*_textless-checks.DRAFT.json"))) == 1


def test_a_package_tells_what_its_profile_wanted_and_could_not_get(done: Path, own: Path) -> None:
    own.write_text(OWN.replace('"music", "natural"', '"music", "natural", "dialogue"'))
    (folder,) = packaged(done, str(own), extra='[deliver]\nrights = "(c) Ada"\n')
    absent = {item["part"]: item["why"] for item in json.loads((folder / "manifest.json").read_text())["absent"]}
    assert absent == {"captions": "nobody speaks", "dialogue": package.WHY}


def test_names_that_collide_are_refused_before_anything_is_made(done: Path, own: Path) -> None:
    clips = set((done.parent / "out" / "store" / "clips").iterdir())
    with pytest.raises(RequestError, match="two files would be called"):
        packaged(done, str(own), extra='[deliver]\nrights = "(c) Ada"\nnames = "{season}_{segment}"\n')
    assert set((done.parent / "out" / "store" / "clips").iterdir()) == clips


def test_a_persons_own_cut_is_packaged_and_stays_where_it_lies(done: Path, own: Path) -> None:
    folder = done.parent / "out" / "timelines"
    plan = errands.read_timeline(folder / "general.json")
    view = View("16:9", 1.0, 1.0, (Key(0, 0.5, 0.5),), by="Ada")
    mine = replace(plan, clips=(replace(plan.clips[0], views=(view,)), *plan.clips[1:]))
    (folder / "mine.json").write_text(to_json(mine))
    (made,) = packaged(done, str(own), (str(folder / "mine.json"),), '[deliver]\nrights = "(c) Ada"\n', draft=True)
    assert made.name == "mine"
    kept = errands.read_timeline(next(made.glob("*_timeline*.json")))
    assert kept.clips[0].views == (view,), "what a person set stays"
    assert (folder / "mine.json").is_file()


def test_a_swapped_clip_moves_nothing_else_and_only_its_frames_are_encoded(done: Path) -> None:
    season = read_season(done)
    timeline = season.out / "timelines" / "general.json"
    plan = errands.read_timeline(timeline)
    with engine("local", progress=False) as mapped:
        work = open_work(season, mapped)
        _, index = errands.indexed(season, work)
        used = {clip.shot for clip in plan.clips}
        slot = max(range(len(plan.clips)), key=lambda n: -len(plan.clips[n].into))
        secrets = orders.secrets(season, errands.indexed(season, work)[0], lambda: index)
        fitting = [
            shot
            for shot in index.shots
            if shot.id not in used
            and len(shot.span) >= 2 * len(plan.clips[slot].into)
            and not any(span.overlap(shot.span) for span in secrets[shot.episode])
        ]
        before = set((season.out / "store" / "clips").iterdir())
        video, written = errands.swap(season, timeline, slot + 1, fitting[0].id, done.parent / "new.json", "landscape", work)
        added = set((season.out / "store" / "clips").iterdir()) - before
    new = errands.read_timeline(written)
    assert [clip.into for clip in new.clips] == [clip.into for clip in plan.clips]
    assert [n for n, (a, b) in enumerate(zip(plan.clips, new.clips, strict=True)) if a.shot != b.shot] == [slot]
    assert probe(video).frames == plan.frames
    assert [view.shape for view in new.clips[slot].views] == ["9:16"], "its subject is found for every shape"
    assert sum(probe(path).frames for path in added) == len(plan.clips[slot].into)


def test_a_shot_that_is_not_there_cannot_be_swapped_in(done: Path) -> None:
    season = read_season(done)
    with engine("local", progress=False) as mapped, pytest.raises(RequestError, match="holds no shot 'e9/0001'"):
        list(
            errands.swap(
                season, season.out / "timelines" / "general.json", 1, "e9/0001", done.parent / "new.json", "landscape",
                open_work(season, mapped),
            )
        )  # fmt: skip
    assert not (done.parent / "new.json").exists()


def test_another_language_reads_other_words_over_the_same_cut(done: Path) -> None:
    for file in sorted((done.parent / "episodes").glob("*.srt")):
        plain = file.read_text(encoding="utf-8")
        file.with_name(f"{file.name.split('.')[0]}.es.srt").write_text(
            "\n".join(line if "-->" in line or line.isdigit() else line.upper() for line in plain.splitlines()), encoding="utf-8"
        )
    done.write_text(done.read_text() + '[words]\nlanguages = ["es"]\n')
    season = read_season(done)
    with engine("local", progress=False) as mapped:
        work = open_work(season, mapped)
        plans = errands.planned(season, work)
        own, other = (next(p for p in plans if p.segment == "general" and p.language == code) for code in ("", "es"))
        assert (own.name, other.name, own.main, other.main) == ("general", "general-es", True, False)
        assert [clip.span for clip in own.timeline.clips] == [clip.span for clip in other.timeline.clips]
        assert other.timeline.card
        assert other.timeline.card.lines[1] == "Mira la serie"
        clip = own.timeline.clips[0]
        lines = {clip.episode: (Line("Who is there?", clip.span),)}
        material = finishing.Material(season, errands.indexed(season, work)[0], {}, {}, {}, None)
        assert [line.text for line in finishing.worded(material, own.timeline, lines, "es").captions] == ["Who is there?"]
    assert (season.out / "timelines" / "general-es.json").is_file()
