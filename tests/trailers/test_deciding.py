"""What people decide binds: each decision that holds is obeyed in its order or named with the reason; what none touches stays."""

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from trailers import deciding, errands, stages
from trailers.deciding import Folded, Ground, Rules, decided, keep, picks, refusal, supposed
from trailers.deciding.again import weighed
from trailers.deciding.edited import BY_PEOPLE
from trailers.editor.timeline import Clip, Timeline, from_json, to_json
from trailers.errors import RequestError
from trailers.features.span import Span
from trailers.results import Planned, Run
from trailers.review.acts import (
    Act,
    Adopt,
    Approve,
    Comment,
    Crop,
    Hide,
    Lock,
    Move,
    Recard,
    Replace,
    Say,
    Trim,
    Undo,
    Veto,
    Weigh,
    act_of,
)
from trailers.review.decisions import holding, read
from trailers.run import engine
from trailers.season import Change
from trailers.spec import read_season
from trailers.store import digest

LINES = {
    "e01": ("Nobody slept that night.", "Nadie durmió esa noche.", 1500, 2700),
    "e02": ("Look at the light over there.", "Mira la luz de allí.", 1600, 2700),
    "e03": ("We must go now.", "Hay que irse ya.", 1700, 2700),
}


@pytest.fixture(scope="module")
def ground(ran: Run, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """The tiny season with shorter lines, in two lengths and two languages, so that there is something to choose from."""
    folder = tmp_path_factory.mktemp("deciding") / "season"
    shutil.copytree(ran.season.folder, folder, ignore=shutil.ignore_patterns("variants", "review", "experiment"))
    for name, (line, other, start, stop) in LINES.items():
        for ending, text in (("srt", line), ("es.srt", other)):
            times = " --> ".join(f"00:00:0{at // 1000},{at % 1000:03d}" for at in (start, stop))
            (folder / "episodes" / f"{name}.{ending}").write_text(f"1\n{times}\n{text}\n", encoding="utf-8")
    text = (folder / "season.toml").read_text(encoding="utf-8")
    text = text.replace("seconds = [4]", 'explore = 0\nparts = ["recap", "titles", "credits"]\nseconds = [4, 3]')
    text = text.replace("spoiler_after = 0.75", "spoiler_after = 1.0") + '\n[words]\nlanguages = ["es"]\n'
    (folder / "season.toml").write_text(text, encoding="utf-8")
    return opened(folder / "season.toml")


def opened(path: Path) -> Ground:
    """A season as far as its plans."""
    season = read_season(path)
    with engine("local", progress=False) as mapped:
        work = stages.open_work(season, mapped)
    footage = stages.watch(season, work)
    index = stages.look(season, footage, work)
    audience = stages.meet(season, footage, index, work)
    return stages.ground(season, footage, index, audience, stages.rank(season, footage, index, audience, work), work)


Fold = Callable[..., Folded]


@pytest.fixture
def fold(ground: Ground) -> Fold:
    """The plans after some acts."""

    def made(*acts: Act, framed: bool = False) -> Folded:
        return decided(ground, supposed((), acts, "Ana"), framed)

    return made


def named(folded: Folded | Ground, name: str) -> Planned:
    return next(plan for plan in folded.plans if plan.name == name)


def cut(folded: Folded | Ground, name: str = "general") -> Timeline:
    return named(folded, name).timeline


def shots(folded: Folded | Ground, name: str = "general") -> list[str]:
    return [clip.shot for clip in cut(folded, name).clips]


def clip(folded: Folded | Ground, shot: str, name: str = "general") -> Clip:
    return next(clip for clip in cut(folded, name).clips if clip.shot == shot)


def changed(ground: Ground, folded: Folded) -> set[str]:
    """The trailers whose cut is another, in any language."""
    return {now.trailer for was, now in zip(ground.plans, folded.plans, strict=True) if was.timeline != now.timeline}


def free(ground: Ground, frames: int) -> list[str]:
    """Shots that the general trailer does not show, and of which so many frames may be shown."""
    return [shot for shot, span in ground.open.items() if len(span) >= frames and shot not in shots(ground)]


def test_without_decisions_everything_is_as_the_season_file_has_it(ground: Ground, fold: Fold) -> None:
    assert fold() == Folded(ground.plans, {}, 0)
    assert fold(Comment("general", 3, "nice"), Approve("general/landscape", "a" * 64)).plans == ground.plans


def test_a_veto_here_takes_a_shot_out_of_a_segments_trailers_of_all_lengths_and_languages(ground: Ground, fold: Fold) -> None:
    shot = next(shot for shot in shots(ground) if shot in shots(ground, "general-3s"))
    found = fold(Veto(shot, "here", "general"))
    assert found.unmet == {}
    for plan in found.plans:
        if plan.segment == "general":
            assert shot not in [clip.shot for clip in plan.timeline.clips]
            assert plan.timeline.frames == cut(ground, plan.name).frames
    assert changed(ground, found) == {"general", "general-3s"}
    assert shots(found) == shots(found, "general-es")


def test_a_clip_that_is_exchanged_stands_in_the_slot_and_all_else_stays_to_the_byte(ground: Ground, fold: Fold) -> None:
    for shot in shots(ground):
        found = fold(Veto(shot, "here", "general"))
        if any("solved again" in note for note in named(found, "general").notes):
            continue  # nothing fits the slot in so small a season
        before, after = cut(ground), cut(found)
        number = shots(ground).index(shot)
        assert [clip.into for clip in after.clips] == [clip.into for clip in before.clips]
        others = [n for n in range(len(before.clips)) if abs(n - number) > 1]
        assert [after.clips[n] for n in others] == [before.clips[n] for n in others]
        assert (after.cards, after.music, after.overlays) == (before.cards, before.music, before.overlays)
        return
    pytest.fail("no clip of the general trailer could be exchanged in its slot")


def test_a_veto_that_nothing_fits_is_solved_again_and_says_so(ground: Ground, fold: Fold) -> None:
    longest = max(cut(ground).clips, key=lambda clip: len(clip.into))
    found = fold(Veto(longest.shot, "here", "general"))
    assert longest.shot not in shots(found)
    assert found.unmet == {}
    assert any("solved again, for general: nothing else" in note for note in named(found, "general").notes)
    for stays in (each for each in cut(found).clips if each.shot in shots(ground)):
        assert stays.why == clip(ground, stays.shot).why, "what was told of a clip that stays is told still"


def test_a_veto_in_the_season_holds_for_every_segment(ground: Ground, fold: Fold) -> None:
    shot = shots(ground)[0]
    found = fold(Veto(shot, "season"))
    assert not [plan.name for plan in found.plans if shot in [clip.shot for clip in plan.timeline.clips]]


def test_what_is_hidden_is_shown_and_heard_by_no_trailer(ground: Ground, fold: Fold) -> None:
    seen = cut(ground).clips[1]
    secret = Span(seen.span.start + 2, seen.span.start + 4)
    found = fold(Hide(f"{seen.episode} {secret.start}-{secret.stop}"))
    assert found.unmet == {}
    for plan in found.plans:
        for each in plan.timeline.clips:
            assert each.episode != seen.episode or not each.span.overlap(secret)


def test_a_replacement_stands_in_the_slot_in_every_language(ground: Ground, fold: Fold) -> None:
    old = cut(ground).clips[0]
    by = free(ground, len(old.into) + 2)[0]
    found = fold(Replace("general", old.shot, by))
    assert found.unmet == {}
    for name in ("general", "general-es"):
        new = cut(found, name).clips[0]
        assert (new.shot, new.into, new.slot) == (by, old.into, old.slot)
        assert new.why == "chosen by hand"
    assert changed(ground, found) == {"general"}
    assert dict(named(found, "general").parts)[BY_PEOPLE] == pytest.approx(
        named(found, "general").score - named(ground, "general").score, abs=1e-4
    )


def test_a_replacement_takes_the_frames_that_were_asked_for(ground: Ground, fold: Fold) -> None:
    old = cut(ground).clips[0]
    by = free(ground, len(old.into) + 6)[0]
    room = ground.open[by]
    start = room.stop - len(old.into) - 1
    found = fold(Replace("general", old.shot, by, start, start + len(old.into)))
    assert clip(found, by).span.start == start


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (Replace("general", "SHOWN", "e01/0099"), "holds no shot 'e01/0099'"),
        (Replace("general", "SHOWN", "OTHER"), "already, as clip 2; move that clip"),
        (Replace("general", "e01/0000", "e01/0001"), "general does not show e01/0000"),
        (Replace("nobody", "SHOWN", "e01/0000"), "no trailer 'nobody'; there are general"),
        (Trim("general", "SHOWN", -3, 0), "is the first"),
        (Trim("general", "SHOWN", 0, 900), "cannot give"),
        (Move("general", "SHOWN", 99), "has clips 1 to"),
        (Crop("general", "SHOWN", "7:3", 0.5), "a shape is one of"),
        (Crop("general", "SHOWN", "landscape", 0.5), "itself"),
        (Say("general", "Nobody says this", "x"), "reads 'Nobody says this'"),
        (Say("general", "x", "y", "fr"), "not made in 'fr'"),
        (Recard("general", "date", ("soon",)), "no card 'date'"),
        (Lock("general", "e09/0001"), "holds no shot"),
        (Veto("e09/0001", "season"), "holds no shot"),
        (Veto("SHOWN", "here", "nobody"), "no segment 'nobody'"),
        (Hide("scene e09/a001"), "no scene 'e09/a001'"),
        (Hide("e01 10-99999"), "not in the season"),
        (Weigh("nobody", "", ()), "no segment 'nobody'"),
        (Weigh("general", "", (Change("mood blue", 1.0),)), "mood"),
        (Comment("general", 9999, "?"), "frames 0 to 95"),
        (Comment("nobody", 1, "?"), "no trailer 'nobody'"),
        (Adopt("general", "0" * 64), "is not in"),
        (Undo(7), "no decision 7"),
    ],
)
def test_what_cannot_be_obeyed_is_refused_in_words_and_named_where_it_was_decided(
    ground: Ground, fold: Fold, act: Act, reason: str
) -> None:
    names = {"SHOWN": shots(ground)[0], "OTHER": shots(ground)[1]}
    act = act_of(type(act).__name__.lower(), {field: names.get(str(value), value) for field, value in asdict(act).items()})
    assert reason in refusal(ground, (), act)
    found = fold(act)
    assert reason in found.unmet[1]
    assert [plan.timeline for plan in found.plans] == [plan.timeline for plan in ground.plans]
    assert any(reason in told for plan in found.plans for told in plan.unmet), "the plan that it is about says so"


def test_a_later_decision_holds_and_the_earlier_one_that_it_contradicts_is_named(ground: Ground, fold: Fold) -> None:
    shot, by = shots(ground)[0], free(ground, len(cut(ground).clips[0].into) + 2)[0]
    vetoed = fold(Lock("general", shot), Veto(shot, "here", "general"))
    assert shot not in shots(vetoed)
    assert "decision 2 came later and never shows" in vetoed.unmet[1]
    put = fold(Veto(by, "here", "general"), Replace("general", shot, by))
    assert shots(put)[0] == by
    assert "decision 2 came later and puts" in put.unmet[1]
    assert fold(Veto(by, "season"), Replace("general", shot, by), Replace("general", by, shot)).unmet.keys() == {1, 2}
    cropped = fold(Crop("general", shot, "vertical", 0.2), Replace("general", shot, by))
    assert cropped.unmet.keys() == {1}
    trimmed = fold(Lock("general", shots(ground)[1]), Trim("general", shots(ground)[1], 1, 1))
    assert trimmed.unmet == {}, "who changes a locked clip by name changes what is locked"


def test_a_locked_clip_that_another_move_shifts_is_named(ground: Ground, fold: Fold) -> None:
    first, second, last = shots(ground)[0], shots(ground)[1], shots(ground)[-1]
    shifted = fold(Lock("general", second), Move("general", first, len(shots(ground))))
    assert "decision 2 came later" in shifted.unmet[1], "what is locked plays in its place"
    assert shots(shifted)[-1] == first, "the later decision holds"
    assert not fold(Lock("general", first), Move("general", last, 2)).unmet, "before what moved nothing is shifted"
    assert not fold(Lock("general", second), Move("general", second, 1)).unmet, "whoever moves it means it"


def test_what_is_taken_back_is_as_if_it_had_not_been_and_can_be_made_to_hold_again(ground: Ground, fold: Fold) -> None:
    veto = Veto(shots(ground)[0], "here", "general")
    assert fold(veto, Undo(1)).plans == ground.plans
    assert fold(veto, Undo(1), Undo(2)).plans == fold(veto).plans
    assert fold(Comment("general", 1, ""), veto, Undo(2)).plans == ground.plans


def test_a_trim_a_move_and_a_window_hold_in_every_language(ground: Ground, fold: Fold) -> None:
    first, second = shots(ground)[:2]
    room = ground.open[second].stop - clip(ground, second).span.stop
    tail = min(3, room)
    found = fold(Trim("general", second, 0, tail), Move("general", first, 2), Crop("general", second, "vertical", 0.3, 0.5, 0.3))
    assert found.unmet == {}
    for name in ("general", "general-es"):
        assert shots(found, name)[:2] == [second, first]
        assert len(clip(found, second, name).into) == len(clip(ground, second).into) + tail
        (view,) = (view for view in clip(found, second, name).views if view.shape == "9:16")
        assert (view.width, view.keys[0].x, view.by) == (0.3, 0.3, "Ana")
        assert cut(found, name).frames == cut(ground, name).frames


def test_worded_captions_and_cards_are_of_one_language_and_outlast_other_edits(ground: Ground, fold: Fold) -> None:
    plan = next(plan for plan in ground.plans if plan.language == "es" and plan.timeline.captions)
    own = named(ground, plan.trailer)
    text = " ".join(plan.timeline.captions[0].text.split())
    say, card = Say(plan.trailer, text, "Vámonos.", "es"), Recard(plan.trailer, "title", ("A", "B"), "es")
    found = fold(say, card)
    assert cut(found, plan.name).captions[0].text == "Vámonos."
    assert cut(found, plan.name).cards[0].lines == ("A", "B")
    assert cut(found, own.name) == own.timeline
    under = next(each for each in plan.timeline.clips if each.into.overlap(plan.timeline.captions[0].into))
    slipped = fold(say, card, Trim(plan.trailer, under.shot, -1, -1))
    if not slipped.unmet:
        assert cut(slipped, plan.name).captions[0].text == "Vámonos.", "a caption that is found anew is worded anew"
    gone = fold(say, Veto(under.shot, "season"))
    assert "decision 2 came later" in gone.unmet[1]


def test_weighing_again_keeps_what_is_locked_chosen_and_set_by_hand(ground: Ground, fold: Fold) -> None:
    first, second = shots(ground)[:2]
    by = free(ground, len(clip(ground, first).into) + 2)[0]
    hand = (Replace("general", first, by), Lock("general", second), Crop("general", second, "vertical", 0.2, 0.5, 0.3))
    before = fold(*hand)
    last = cut(before).clips[-1]
    found = fold(*hand, Weigh("general", "nothing from there", (Change(f"episode {last.episode}", None),)))
    kept = [shot for shot in (by, second) if clip(before, shot).episode != last.episode]
    assert kept
    for shot in kept:
        assert clip(found, shot).span == clip(before, shot).span
        assert len(clip(found, shot).into) == len(clip(before, shot).into)
    if second in kept:
        assert [view for view in clip(found, second).views if view.by] == [view for view in clip(before, second).views if view.by]
    assert last.shot not in shots(found)
    assert changed(ground, found) <= {"general", "general-3s"}
    vetoed = fold(Veto(last.shot, "season"), Weigh("general", "calmer", (Change("quality calm", 0.5),)))
    assert last.shot not in shots(vetoed), "a veto holds when a trailer is solved again"


@pytest.mark.parametrize("more", [2, 3])
def test_weighing_again_a_cut_whose_card_gave_way_to_the_music_keeps_its_length(ground: Ground, more: int) -> None:
    """Clips take what the card gives: the picks of such a cut are longer than is asked for."""
    own = named(ground, "general")
    kept, last = own.timeline.clips[0], own.timeline.clips[-1]
    parts = [
        replace(part, span=Span(part.span.start, part.span.stop + more)) if part is kept else part for part in own.timeline.parts
    ]
    lengths = [len(part.into) + (more if part.into == kept.into else 0) for part in parts]
    lengths[next(n for n, part in enumerate(parts) if not isinstance(part, Clip))] -= more
    begins = [sum(lengths[:n]) for n in range(len(parts))]
    laid = [replace(part, into=Span(at, at + length)) for part, at, length in zip(parts, begins, lengths, strict=True)]
    clips = tuple(part for part in laid if isinstance(part, Clip))
    cards = tuple(part for part in laid if not isinstance(part, Clip))
    paced = replace(own, timeline=replace(own.timeline, clips=clips, cards=cards, captions=()))
    plans = tuple(paced if plan is own else plan for plan in ground.plans)
    act = Weigh("general", "nothing from there", (Change(f"episode {last.episode}", None),))
    found = weighed(Rules(ground, supposed((), (act,), "Ana")), plans, act)
    again = next(plan.timeline for plan in found if plan.name == "general")
    assert last.shot not in [clip.shot for clip in again.clips]
    assert again.frames == own.timeline.frames


def test_weighing_for_what_it_is_already_changes_nothing(ground: Ground, fold: Fold) -> None:
    assert fold(Weigh("general", "as it is", ())).plans == ground.plans


def test_an_adopted_cut_is_taken_whole_and_its_languages_follow(ground: Ground, fold: Fold) -> None:
    own = cut(ground)
    other = replace(
        own, clips=tuple(replace(each, why="by an editor") for each in own.clips), title="Not ours", id="x", fade_in=2
    )
    path = deciding.cut_path(ground.season, "0" * 64).parent / "new.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(to_json(other), encoding="utf-8")
    sha256 = digest(path)
    path = path.rename(deciding.cut_path(ground.season, sha256))
    found = fold(Adopt("general", sha256))
    assert found.unmet == {}
    assert cut(found) == replace(other, title=own.title, id=own.id)
    assert [each.why for each in cut(found, "general-es").clips] == ["by an editor"] * len(own.clips)
    assert cut(found, "general-es").captions == cut(ground, "general-es").captions
    assert fold(Adopt("general", sha256), Veto(shots(ground)[0], "here", "general")).unmet == {}
    path.write_text(to_json(replace(other, fade_in=3)), encoding="utf-8")
    assert "was altered" in fold(Adopt("general", sha256)).unmet[1]
    path.write_text(to_json(other), encoding="utf-8")
    assert fold(Adopt("general", sha256)).unmet == {}, "what came again is taken again"
    path.unlink()
    gone = fold(Adopt("general", sha256))
    assert "is not in" in gone.unmet[1]
    assert gone.plans[0].timeline == own


def test_a_cut_of_another_season_or_with_frames_that_are_not_there_is_refused(ground: Ground, fold: Fold) -> None:
    own = cut(ground)
    beyond = replace(own.clips[0], span=Span(10**6, 10**6 + len(own.clips[0].span)))
    wrong = {
        "is of season": replace(own, season="other"),
        "what the season has not": replace(own, clips=(beyond, *own.clips[1:])),
    }
    for reason, timeline in wrong.items():
        path = deciding.cut_path(ground.season, "0" * 64)
        path.parent.mkdir(exist_ok=True)
        path.write_text(to_json(timeline), encoding="utf-8")
        sha256 = digest(path)
        path.rename(deciding.cut_path(ground.season, sha256))
        assert reason in fold(Adopt("general", sha256)).unmet[1]


def test_a_replay_gives_the_same_whether_it_is_kept_in_the_store_or_made_anew(ground: Ground, fold: Fold) -> None:
    first, second = shots(ground)[:2]
    acts = (Veto(first, "season"), Lock("general", second), Trim("general", second, 1, 1), Recard("general", "title", ("A",)))
    steps = [fold(*acts[:n]) for n in range(1, len(acts) + 1)]
    shutil.rmtree(ground.work.store.here / "decided")
    assert fold(*acts) == steps[-1]
    assert [fold(*acts[:n]) for n in range(1, len(acts) + 1)] == steps
    lone = Folded(*vars(fold(*acts)).values())
    ground.__dict__.pop("stock", None)
    shutil.rmtree(ground.work.store.here / "decided")
    assert fold(*acts) == lone


def test_new_clips_are_framed_for_every_shape_and_old_ones_keep_their_windows(ground: Ground, fold: Fold) -> None:
    old = cut(ground).clips[0]
    by = free(ground, len(old.into) + 2)[0]
    found = fold(Replace("general", old.shot, by), framed=True)
    assert [view.shape for view in clip(found, by).views] == ["9:16"]
    assert clip(fold(Replace("general", old.shot, by)), by).views == ()
    assert [each.views for each in cut(found).clips[1:]] == [each.views for each in cut(ground).clips[1:]]


@pytest.fixture
def own(ground: Ground, tmp_path: Path) -> Ground:
    """A copy of the season of a test's own, to be decided on."""
    shutil.copytree(ground.season.folder, tmp_path / "own")
    return opened(tmp_path / "own" / "season.toml")


def test_what_can_be_obeyed_is_written_and_what_cannot_leaves_no_line(own: Ground) -> None:
    shot = shots(own)[0]
    with pytest.raises(RequestError, match="does not show"):
        keep(own, Lock("general", "e01/0000"), "Ana")
    assert not own.season.decisions.exists()
    made = keep(own, Lock("general", shot), "Ana", "the best")
    assert (made.number, made.who, made.why) == (1, "Ana", "the best")
    with pytest.raises(RequestError, match="no decision 4; the last is 1"):
        keep(own, Undo(4))
    keep(own, Undo(1))
    with pytest.raises(RequestError, match="taken back already"):
        keep(own, Undo(1))
    keep(own, Undo(2))
    assert [decision.what for decision in read(own.season.decisions)] == ["lock", "undo", "undo"]


def test_a_run_shows_what_was_decided_and_names_what_could_not_be(own: Ground) -> None:
    first, last = shots(own)[0], shots(own)[-1]
    keep(own, Lock("general", last), "Ana")
    keep(own, Veto(first, "here", "general"), "Ana")
    keep(own, Veto(last, "here", "general"), "Ben")
    plans = stages.plan(own.season, own.footage, own.index, own.audience, own.ranked, own.work)
    written = from_json((own.work.out / "timelines" / "general.json").read_text(encoding="utf-8"))
    assert written == plans[0].timeline
    assert {first, last}.isdisjoint(each.shot for each in written.clips)
    assert any("decision 1, Ana keeps" in told and "decision 3 came later" in told for told in plans[0].unmet)
    assert [plan.timeline for plan in plans if plan.segment != "general"] == [
        plan.timeline for plan in own.plans if plan.segment != "general"
    ]
    log, unmet = errands.decisions(own.season, own.work)
    assert (len(log.decisions), set(unmet)) == (3, {1})


def test_words_that_people_wrote_and_moments_that_they_hid_bind_the_gate(own: Ground) -> None:
    from trailers import orders

    plan = next(plan for plan in own.plans if plan.language == "" and plan.timeline.captions)
    text = plan.timeline.captions[0].text
    unshown = next(
        shot for shot in own.shots.values() if all(shot.id not in [c.shot for c in p.timeline.clips] for p in own.plans)
    )
    keep(own, Say(plan.trailer, text, "Quite other words"), "Ana")
    keep(own, Hide(f"shot {unshown.id}"), "Ana")
    terms = orders.terms(own.season, own.footage, own.index, own.audience)
    assert terms.decided == {plan.timeline.id: ("Quite other words",)}
    assert any(span.overlap(unshown.span) for span in terms.secrets[unshown.episode])
    house = orders.destination(own.season)
    asked = {p.name: orders.order(terms, own.footage.episodes, p.timeline, house, "landscape") for p in own.plans}
    assert [name for name, each in asked.items() if "Quite other words" in each.written] == [plan.name]


def test_a_veto_everywhere_is_read_by_every_season_that_uses_the_episode(own: Ground, tmp_path: Path) -> None:
    shot = shots(own)[0]
    keep(own, Veto(shot, "everywhere"), "Ana", "she asked us not to")
    other = tmp_path / "other" / "season.toml"
    shutil.copytree(own.season.folder, other.parent, ignore=shutil.ignore_patterns("decisions.jsonl", "decided"))
    another = opened(other)
    found = decided(another, (), framed=False)
    assert shot not in [clip.shot for plan in found.plans for clip in plan.timeline.clips]
    keep(own, Undo(1), "Ana")
    shutil.copy(own.season.folder / "episodes" / "vetoes.jsonl", other.parent / "episodes" / "vetoes.jsonl")
    assert decided(another, (), framed=False).plans == another.plans
    keep(own, Undo(2), "Ana")
    entries = [json.loads(line) for line in (own.season.folder / "episodes" / "vetoes.jsonl").read_text().splitlines()]
    assert [entry["lifted"] for entry in entries] == [False, True, False]
    assert shot not in shots(decided(own, read(own.season.decisions), framed=False))


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_veto_everywhere_is_refused_where_it_cannot_be_written(own: Ground) -> None:
    folder = own.season.folder / "episodes"
    folder.chmod(0o500)
    try:
        with pytest.raises(RequestError, match="veto it in this season"):
            keep(own, Veto(shots(own)[0], "everywhere"))
    finally:
        folder.chmod(0o700)


def test_a_file_that_is_another_than_was_seen_is_not_approved(own: Ground) -> None:
    file = own.work.out / "variants" / "general" / "landscape.mp4"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"moving pictures")
    assert refusal(own, (), Approve("general/landscape", digest(file))) == ""
    assert "look at it again" in refusal(own, (), Approve("general/landscape", "a" * 64))
    assert "no variant" in refusal(own, (), Approve("../../season", "a" * 64))
    file.rename(file.with_name("square.failed.mp4"))
    assert "failed its checks" in refusal(own, (), Approve("general/square", "a" * 64))


def test_clips_are_told_to_the_choice_as_they_stand(ground: Ground) -> None:
    assert [(pick.shot, pick.span, pick.slot) for pick in picks(cut(ground))] == [
        (each.shot, each.span, each.slot) for each in cut(ground).clips
    ]


def test_sound_that_came_from_a_moment_that_is_hidden_is_heard_no_more(ground: Ground, fold: Fold) -> None:
    plan, heard = next((plan, each) for plan in ground.plans for each in plan.timeline.clips if each.trail > 1)
    after = heard.span.stop + 1
    found = fold(Hide(f"{heard.episode} {after}-{after + heard.trail}"))
    assert found.unmet == {}
    now = clip(found, heard.shot, plan.name)
    assert now.span == heard.span, "its picture stays"
    assert now.trail < heard.trail


def test_a_run_after_a_decision_makes_what_changed_and_no_other_byte(done: Path) -> None:
    season = read_season(done)
    before = {path.relative_to(season.out): digest(path) for path in (season.out / "variants").glob("*/*.mp4")}
    keep(opened(done), Recard("general", "title", ("The Long Night", "Quite other words")), "Ana")
    with engine("local", progress=False) as mapped:
        made = stages.run(season, stages.open_work(season, mapped))
    assert not made.failed, "what a person wrote may be read"
    after = {path.relative_to(season.out): digest(path) for path in (season.out / "variants").glob("*/*.mp4")}
    assert before.keys() == after.keys()
    differing = {path.parent.name for path in before if before[path] != after[path]}
    assert differing == {"general"}


def shell(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "trailers", *map(str, words)], capture_output=True, text=True, check=False)


def test_from_the_shell_decisions_are_made_refused_and_read(own: Ground) -> None:
    path, shot = own.season.folder / "season.toml", shots(own)[0]
    made = shell("decide", path, "veto", shot, "--segment", "general", "--who", "Ana", "--why", "too dark")
    assert (made.returncode, made.stdout) == (0, f"decision 1: Ana never shows {shot} to general\n"), made.stderr
    refused = shell("decide", path, "lock", "general", shot)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == f"trailers: general does not show {shot}\n"
    assert len(read(own.season.decisions)) == 1
    keep(own, Undo(1), "Ben")
    told = json.loads(shell("decisions", path, "--json").stdout)
    assert [(each["number"], each["what"], each["holds"], each["unmet"]) for each in told["decisions"]] == [
        (1, "veto", False, ""),
        (2, "undo", True, ""),
    ]
    assert told["broken"] == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("veto", "e01/0001", "--segment", "general", "--everywhere"), "give --segment or --everywhere"),
        (("trim", "general", "e01/0001"), "--head or --tail"),
        (("replace", "general", "e01/0001", "e01/0002", "--frames", "ten"), "such as 100-150"),
        (("crop", "general", "e01/0001", "vertical", "1.5"), "0 to 1"),
        (("move", "general", "e01/0001", "first"), "not a valid integer"),
    ],
)
def test_what_the_shell_cannot_read_as_a_decision_is_one_line_and_status_2(
    ran: Run, words: tuple[str, ...], says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from trailers.cli import main

    monkeypatch.setattr(sys, "argv", ["trailers", "decide", str(ran.season.folder / "season.toml"), *words])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert says in said.err.splitlines()[-1]
    assert not ran.season.decisions.exists()


def test_every_kind_of_decision_can_be_made_from_the_shell_and_has_an_example() -> None:
    import click

    from trailers.cli.decide import approve, decide
    from trailers.review.acts import ACTS

    assert set(decide.commands) == set(ACTS) - {"approve", "reject"}
    for name, command in (*decide.commands.items(), ("approve", approve)):
        with click.Context(command, info_name=name) as context:
            assert "Example: trailers" in command.get_help(context), name


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_whatever_is_decided_in_whatever_order_trailers_keep_their_lengths_and_what_is_met_holds(
    ground: Ground, fold: Fold, seed: int
) -> None:
    chance = random.Random(seed)
    acts: list[Act] = []
    found = fold()
    for number in range(1, 7):
        plan = chance.choice([plan for plan in found.plans if not plan.language])
        trailer, shown = plan.trailer, chance.choice(plan.timeline.clips)
        several: list[Act] = [
            Veto(shown.shot, "here", plan.segment),
            Veto(shown.shot, "season"),
            Lock(trailer, shown.shot),
            Replace(trailer, shown.shot, chance.choice(list(ground.shots))),
            Trim(trailer, shown.shot, chance.randint(-4, 4), chance.randint(-4, 4)),
            Move(trailer, shown.shot, chance.randint(1, len(plan.timeline.clips))),
            Hide(f"{shown.episode} {shown.span.start}-{shown.span.start + 3}"),
            Undo(chance.randint(1, number)),
        ]
        acts.append(chance.choice(several))
        found = fold(*acts)
        assert set(found.unmet) <= set(range(1, number + 1))
        for was, now in zip(ground.plans, found.plans, strict=True):
            own = cut(found, now.trailer)
            assert now.timeline.frames == was.timeline.frames
            assert [(c.shot, c.span, c.into) for c in now.timeline.clips] == [(c.shot, c.span, c.into) for c in own.clips]
            assert all(ground.shots[c.shot].span.overlap(c.span) == len(c.span) for c in own.clips)
        met = [each.act for each in holding(supposed((), acts)) if each.number not in found.unmet]
        for act in met:
            scope = [plan for plan in found.plans if getattr(act, "segment", "") in ("", plan.segment)]
            if isinstance(act, Veto):
                assert act.shot not in [c.shot for plan in scope for c in plan.timeline.clips]
            if isinstance(act, Lock | Replace):
                assert (act.by if isinstance(act, Replace) else act.shot) in shots(found, act.trailer)
