"""A season on a desk: decisions bind at once and are shared, previews and files follow them, and nothing goes out unapproved."""

import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import get_args

import pytest

from trailers.desk.jobs import ENDED, Kind
from trailers.desk.seat import Seat, open_desk
from trailers.errors import RequestError
from trailers.features.media import probe
from trailers.results import Run
from trailers.review.acts import Approve, Comment, Crop, Replace, Trim, Undo, Veto
from trailers.review.decisions import read
from trailers.review.views import JobView, VariantView
from trailers.season import Change

PATIENCE = 300  # seconds after which a test fails


@pytest.fixture
def desk(done: Path) -> Iterator[Seat]:
    with open_desk(str(done)) as held:
        yield held


@pytest.fixture(scope="module")
def seen(ran: Run) -> Iterator[Seat]:
    """The season that was run, to look at; nothing is decided at it."""
    with open_desk(ran.season) as held:
        yield held


def ended(desk: Seat, job: JobView) -> JobView:
    """A job when it has ended: its kind of work is done in the order it was begun."""
    for kind in get_args(Kind):
        after = Event()
        desk._jobs.begin("after", lambda step, after=after: after.set() or {}, kind)  # type: ignore[misc]
        assert after.wait(PATIENCE)
    found = desk.job(job.id)
    assert found.state in ENDED
    return found


def variant(desk: Seat, id: str) -> VariantView:
    return next(each for segment in desk.season().segments for each in segment.variants if each.id == id)


def shots(desk: Seat, trailer: str) -> list[str]:
    return [clip.shot for clip in desk.trailer(trailer).clips]


def slack(desk: Seat, trailer: str = "general") -> Trim:
    """A trim that a trailer's cut has room for: the end of a clip, later by as many frames as its next neighbour can spare."""
    clip = next(clip for clip in desk.trailer(trailer).clips[:-1] if clip.room[1])
    return Trim(trailer, clip.shot, 0, min(2, clip.room[1]))


def test_an_approval_is_of_bytes_and_comes_back_with_them(desk: Seat) -> None:
    before = variant(desk, "general/landscape")
    desk.decide(Approve(before.id, before.sha256), "Ana", "good to go")
    approved = variant(desk, before.id)
    assert (approved.state, approved.who, approved.why) == ("approved", "Ana", "good to go")
    trimmed = desk.decide(slack(desk), "Bo").decision
    changed = variant(desk, before.id)
    assert changed.state == "changed", "a frame is another, and nobody has seen it"
    assert desk.file(changed.video).is_file(), "the last file is still there to look at"
    with pytest.raises(RequestError, match="look again"):
        desk.decide(Approve(before.id, before.sha256), "Ana")
    desk.decide(Undo(trimmed.number), "Bo")
    assert variant(desk, before.id) == approved


def test_a_window_in_one_shape_takes_no_approval_from_another(desk: Seat) -> None:
    for shape in ("landscape", "vertical"):
        held = variant(desk, f"general/{shape}")
        desk.decide(Approve(held.id, held.sha256), "Ana")
    desk.decide(Crop("general", shots(desk, "general")[0], "9:16", 0.2), "Ana")
    assert variant(desk, "general/landscape").state == "approved", "not a frame of it is another"
    assert variant(desk, "general/vertical").state == "changed"


def test_one_trailer_is_changed_and_rendered_and_all_others_keep_their_bytes(desk: Seat) -> None:
    others = {each.id: each for segment in desk.season().segments for each in segment.variants if each.trailer != "general"}
    desk.decide(slack(desk), "Ana")
    made = ended(desk, desk.render(("general",)))
    assert (made.state, made.result) == ("done", {"words": "2 files; all passed every check"})
    for shape in ("landscape", "vertical"):
        fresh = variant(desk, f"general/{shape}")
        assert fresh.state == "draft"
        placed = desk.held.season.out / "variants" / f"{fresh.id}.mp4"
        assert placed.read_bytes() == desk.file(fresh.video).read_bytes(), "it lies where trailers approve looks for it"
        desk.decide(Approve(fresh.id, fresh.sha256), "Ana")
        assert variant(desk, fresh.id).state == "approved"
    assert {id: variant(desk, id) for id in others} == others


def test_what_cannot_be_obeyed_is_refused_with_the_reason_and_not_written(desk: Seat) -> None:
    first = shots(desk, "general")[0]
    for act, said in (
        (Trim("general", first, 0, 900), "general"),
        (Replace("general", first, "e99/0001"), "e99/0001"),
        (Veto("e99/0001", "season"), "e99/0001"),
        (Comment("general", 10_000, "too late"), "general"),
        (Undo(7), "there is no decision 7"),
    ):
        with pytest.raises(RequestError, match=said):
            desk.decide(act, "Ana")
    assert read(desk.held.season.decisions) == ()
    assert desk.season().log == 0


def test_a_preview_shows_acts_that_nobody_has_decided(desk: Seat) -> None:
    act = slack(desk)
    found = ended(desk, desk.preview("general", "vertical", (act,)))
    assert found.result, found.error
    assert desk.file(found.result["captions"]).read_text(encoding="utf-8").startswith("WEBVTT")
    assert probe(desk.file(found.result["video"])).frames == desk.trailer("general").frames
    assert "2 frames" in found.result["words"]
    now = ended(desk, desk.preview("general", "vertical"))
    assert now.result
    assert not now.result["words"]
    assert now.result["video"] != found.result["video"]
    assert read(desk.held.season.decisions) == ()
    assert variant(desk, "general/vertical").state == "draft"


def test_a_preview_of_what_cannot_be_says_why(seen: Seat) -> None:
    found = ended(seen, seen.preview("general", "landscape", (Trim("general", shots(seen, "general")[0], 0, 900),)))
    assert found.state == "failed"
    assert "general" in found.error
    for wrong in (("nobody", "landscape"), ("general", "round")):
        with pytest.raises(RequestError):
            seen.preview(*wrong)


def test_a_clip_can_be_exchanged_for_shots_that_obey_the_rules_first(desk: Seat) -> None:
    now = shots(desk, "general")
    found = desk.instead("general", now[1])
    assert found
    assert [bool(each.strains) for each in found] == sorted(bool(each.strains) for each in found)
    assert not {each.shot for each in found} & set(now)
    for each in found:
        assert each.why
        assert desk.file(each.thumb).is_file()
    desk.decide(Veto(found[0].shot, "season"), "Ana")
    assert found[0].shot not in {each.shot for each in desk.instead("general", now[1])}
    with pytest.raises(RequestError, match="shows no shot"):
        desk.instead("general", "e99/0001")


def test_a_shot_that_is_vetoed_leaves_every_trailer_of_the_season(desk: Seat) -> None:
    gone = shots(desk, "general")[0]
    desk.decide(Veto(gone, "season"), "Ana", "we lost the rights")
    for segment in desk.season().segments:
        for name in segment.trailers:
            assert gone not in shots(desk, name)
    told = desk.trailer("general").decisions[-1]
    assert (told.who, told.what, told.why, told.holds, told.unmet) == ("Ana", "veto", "we lost the rights", True, "")


def test_a_brief_is_seen_as_changes_and_solved_only_when_it_is_decided(seen: Seat) -> None:
    told = seen.brief("general", "faster cuts, nothing from the last episode")
    changes = tuple(Change(each.what, each.by) for each in told.changes)
    assert Change("episode e03", None) in changes
    assert any(change.what == "pace" for change in changes)
    before = shots(seen, "general")
    found = ended(seen, seen.weighed("general", (Change("pace", 0.3),)))
    assert found.result, found.error
    assert "clips stay" in found.result["words"]
    assert shots(seen, "general") == before
    assert not seen.held.season.decisions.exists()
    with pytest.raises(RequestError, match="no segment"):
        seen.brief("nobody", "calmer")


def test_a_remark_stands_at_its_frame(desk: Seat) -> None:
    made = desk.decide(Comment("general", 12, "too dark"), "Ana").decision
    assert (made.frame, made.text, made.trailer) == (12, "too dark", "general")
    undone = desk.decide(Undo(made.number), "Ana").decision
    assert undone.undoes == made.number
    assert [each.holds for each in desk.season().decisions] == [False, True]


def test_two_people_see_what_the_other_decided(done: Path, desk: Seat) -> None:
    with open_desk(done) as other:
        assert other.decide(Comment("general", 1, "first"), "Bo").others == ()
        answer = desk.decide(Comment("general", 2, "second"), "Ana", seen=0)
        assert [(each.who, each.text) for each in answer.others] == [("Bo", "first")]
        assert [each.text for each in other.news(1)] == ["second"]
        trimmed = slack(desk)
        desk.decide(trimmed, "Ana")
        assert other.trailer("general").clips == desk.trailer("general").clips


def test_nothing_is_lost_where_many_decide_at_once(desk: Seat) -> None:
    def remark(number: int) -> int:
        desk.season()
        made = desk.decide(Comment("general", number, f"remark {number}"), f"person {number}").decision
        assert desk.trailer("general").decisions
        return made.number

    with ThreadPoolExecutor(8) as many:
        numbers = list(many.map(remark, range(24)))
    assert sorted(numbers) == list(range(1, 25))
    assert {decision.act.text for decision in read(desk.held.season.decisions) if isinstance(decision.act, Comment)} == {
        f"remark {number}" for number in range(24)
    }


def test_a_file_that_failed_a_check_is_told_and_cannot_be_approved(done: Path) -> None:
    with open_desk(done) as desk:
        held = variant(desk, "general/landscape")
        now, plan = desk._latest.get(), desk.held.plans[0]
        verdict = desk._files.rendered(now.terms, plan, "landscape").verdict
    checks = json.loads(verdict.read_text(encoding="utf-8"))
    checks[0] |= {"passed": False, "asked": "96 frames", "found": "95"}
    verdict.write_text(json.dumps(checks), encoding="utf-8")
    with open_desk(done) as desk:
        found = variant(desk, held.id)
        assert found.state == "failed"
        assert found.failed == (f"{checks[0]['name']}: 96 frames was asked for, 95 was found",)
        with pytest.raises(RequestError, match="failed its checks"):
            desk.decide(Approve(found.id, found.sha256), "Ana")


def test_only_approved_files_go_out_and_drafts_say_so(desk: Seat) -> None:
    refused = ended(desk, desk.export("csv"))
    assert refused.state == "failed"
    assert "nobody has approved" in refused.error
    drafts = ended(desk, desk.export("csv", draft=True))
    assert drafts.result, drafts.error
    media = Path(drafts.result["folder"]) / "media"
    assert all("DRAFT" in path.name for path in media.glob("*.mp4"))
    for segment in desk.season().segments:
        for each in segment.variants:
            desk.decide(Approve(each.id, each.sha256), "Ana")
    final = ended(desk, desk.export("growthbook"))
    assert final.result, final.error
    assert list(media.glob("*.mp4"))
    assert not any("DRAFT" in path.name for path in media.glob("*.mp4"))


def test_a_season_that_nobody_rendered_yet_is_shown_without_files(done: Path) -> None:
    for folder in ("variants", "store/variants"):
        shutil.rmtree(done.parent / "out" / folder)
    with open_desk(done) as desk:
        for segment in desk.season().segments:
            for each in segment.variants:
                assert (each.state, each.video, each.sha256, each.failed) == ("changed", "", "", ())
                assert desk.file(each.poster).is_file()
        with pytest.raises(RequestError, match="render it"):
            desk.decide(Approve("general/landscape", "0" * 64), "Ana")


def test_what_is_not_there_is_said_with_what_is(seen: Seat) -> None:
    with pytest.raises(RequestError, match="there are general"):
        seen.trailer("nobody")
    with pytest.raises(RequestError, match="its languages are"):
        seen.trailer("general", "es")
    with pytest.raises(RequestError, match="search what"):
        seen.search(" ")
    for address in ("media/nothing.mp4", "thumbs/e01/99999.jpg", "/etc/passwd", ""):
        with pytest.raises(RequestError, match="has no"):
            seen.file(address)
    with pytest.raises(RequestError, match="a package is made for"):
        seen.export("nowhere")


def test_a_desk_says_the_same_twice(seen: Seat) -> None:
    assert seen.season("Ana") == replace(seen.season("Bo"), who="Ana")
    assert seen.trailer("general") == seen.trailer("general")
