"""An editor's cut comes home: what was done is said, what no program sends back is there again; once adopted it binds."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.trailers.test_deciding import opened
from trailers import deciding, errands, handback
from trailers.cli import cli
from trailers.deciding import Ground, cut_path
from trailers.editor.exchange.hand import ENDINGS, hand
from trailers.editor.exchange.sources import media
from trailers.editor.timeline import Clip, Timeline, from_json, to_json
from trailers.errors import RequestError
from trailers.features.span import Span
from trailers.results import Run
from trailers.review.acts import Adopt
from trailers.review.decisions import read
from trailers.run import engine
from trailers.store import digest

FORMATS = ("otio", "edl", "fcp7", "fcpxml")


@pytest.fixture(scope="module")
def ground(ran: Run, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    folder = tmp_path_factory.mktemp("handback") / "season"
    shutil.copytree(ran.season.folder, folder)
    return opened(folder / "season.toml")


def general(ground: Ground) -> Timeline:
    return next(plan.timeline for plan in ground.plans if plan.name == "general")


def written(ground: Ground, timeline: Timeline, format: str, folder: Path) -> Path:
    """A cut as an editor's program would write it."""
    return hand(format, timeline, media(ground.footage.episodes), folder / f"cut{ENDINGS[format]}")


def came(ground: Ground, file: Path) -> handback.Back:
    return handback.came_back(ground, ground.plans, (), file, "general")


def rolled(timeline: Timeline, frames: int = 3) -> Timeline:
    """The first clip ends so many frames earlier, the second begins as many earlier, or the other way round where it cannot."""
    one, two = timeline.clips[:2]
    by = frames if two.span.start >= frames and len(one.into) > frames + 1 else -frames
    one = replace(one, span=Span(one.span.start, one.span.stop - by), into=Span(one.into.start, one.into.stop - by))
    two = replace(two, span=Span(two.span.start - by, two.span.stop), into=Span(two.into.start - by, two.into.stop))
    clips = (replace(one, lead=0, trail=0), replace(two, lead=0, trail=0, joint="cut", mixed=0), *timeline.clips[2:])
    return replace(timeline, clips=clips)


@pytest.mark.parametrize("format", FORMATS)
def test_what_nobody_touched_comes_back_as_it_is(format: str, ground: Ground, tmp_path: Path) -> None:
    back = came(ground, written(ground, general(ground), format, tmp_path))
    assert back.timeline == general(ground)
    assert (back.differences, back.notes, back.remarks) == ((), (), ())


def test_a_bundle_with_its_proxies_comes_back_too(ground: Ground) -> None:
    with engine("local", progress=False):
        (made,) = errands.handed_over(ground.season, ("general",), ("otioz",), None, ground.work)
    back = came(ground, made.folder / "general.otioz")
    assert back.timeline == general(ground)


@pytest.mark.parametrize("format", FORMATS)
def test_a_rolled_edit_is_told_and_made_whole(format: str, ground: Ground, tmp_path: Path) -> None:
    base = general(ground)
    back = came(ground, written(ground, rolled(base), format, tmp_path))
    one, two = base.clips[:2]
    assert f"clip 1 ({one.shot})" in back.differences[0]
    assert f"clip 2 ({two.shot})" in back.differences[1]
    assert "3 frames" in back.differences[0]
    made = back.timeline
    assert made.frames == base.frames
    assert made.music == base.music
    assert [clip.span for clip in made.clips] == [clip.span for clip in rolled(base).clips]
    shapes = [{view.shape for view in clip.views} for clip in base.clips]
    assert [{view.shape for view in clip.views} for clip in made.clips] == shapes, "every clip is framed for every shape"
    assert made.clips[2:] == base.clips[2:]


def test_a_shorter_cut_is_as_long_as_it_is(ground: Ground, tmp_path: Path) -> None:
    base = general(ground)
    gone = base.clips[-1]
    length = len(gone.into)

    def earlier(into: Span) -> Span:
        return into.shift(-length) if into.start >= gone.into.stop else into

    clips = tuple(replace(clip, into=earlier(clip.into)) for clip in base.clips[:-1])
    cards = tuple(replace(card, into=earlier(card.into)) for card in base.cards)
    back = came(ground, written(ground, replace(base, clips=clips, cards=cards, captions=(), overlays=()), "edl", tmp_path))
    assert back.timeline.frames == base.frames - length
    assert f"clip {len(base.clips)} ({gone.shot}) was taken out" in back.differences
    assert all(caption.into.stop <= back.timeline.frames for caption in back.timeline.captions)


def test_an_adopted_cut_is_the_trailer_and_nothing_else_changes(ground: Ground, tmp_path: Path) -> None:
    back = came(ground, written(ground, rolled(general(ground)), "edl", tmp_path))
    (verdict,) = handback.judged(ground, back, ("landscape",))
    assert verdict["passed"], [check for check in verdict["checks"] if not check["passed"]]
    assert Path(verdict["path"]).name == "landscape.mp4"
    try:
        made = handback.adopted(ground, back, "Ed", "")
        assert isinstance(made.act, Adopt)
        kept = cut_path(ground.season, made.act.cut)
        assert digest(kept) == made.act.cut
        assert from_json(kept.read_text(encoding="utf-8")) == back.timeline
        assert "3 frames" in made.why
        folded = deciding.decided(ground, read(ground.season.decisions))
        assert folded.unmet == {}
        for was, now in zip(ground.plans, folded.plans, strict=True):
            assert (now.timeline.clips == back.timeline.clips) if now.trailer == "general" else (now == was)
    finally:
        ground.season.decisions.unlink(missing_ok=True)


def test_a_cut_with_words_that_nobody_wrote_fails_and_is_not_adopted(done: Path, tmp_path: Path) -> None:
    own = opened(done)
    base = general(own)
    assert base.card is not None
    card = replace(base.card, lines=("Buy now", "while it lasts"))
    wrong = replace(base, cards=tuple(card if each is base.card else each for each in base.cards))
    file = written(own, wrong, "otio", tmp_path)
    asked = ["handback", str(file), "--as", "general", "--season", str(done), "--rendition", "landscape", "--adopt", "--json"]
    result = CliRunner().invoke(cli, asked, standalone_mode=False)
    told = json.loads(result.stdout)
    assert (told["passed"], told["adopted"]) == (False, None)
    assert "Buy now" in told["differences"][0]
    assert told["files"][0]["path"].endswith("landscape.failed.mp4")
    assert not read(own.season.decisions)


def test_a_look_makes_nothing(done: Path, tmp_path: Path) -> None:
    own = opened(done)
    file = written(own, rolled(general(own)), "fcp7", tmp_path)
    asked = ["handback", str(file), "--as", "general", "--season", str(done), "--look"]
    result = CliRunner().invoke(cli, asked, standalone_mode=False)
    assert result.exit_code == 0
    assert "this was done to it" in result.stdout
    assert not (own.work.out / "handback").exists()


def test_a_timeline_of_ours_comes_back_as_it_is_written(ground: Ground, tmp_path: Path) -> None:
    edited = rolled(general(ground))
    (tmp_path / "cut.json").write_text(to_json(edited), encoding="utf-8")
    back = came(ground, tmp_path / "cut.json")
    assert back.timeline == edited
    assert len(back.differences) >= 2


def test_captions_that_people_worded_stay_worded_on_clips_that_were_trimmed(ground: Ground, tmp_path: Path) -> None:
    from trailers.editor.words.languages import captioned
    from trailers.features.dialogue import Line

    base = general(ground)
    second = base.clips[1]
    inner = Span(second.span.start + len(second.span) // 3, second.span.stop - len(second.span) // 3)
    lines = {second.episode: (Line("Nobody slept that night.", inner),)}
    own = replace(ground, footage=replace(ground.footage, lines={**dict.fromkeys(ground.footage.episodes, ()), **lines}))
    said = captioned(base, "", own.footage.lines, own.footage.episodes)
    assert [caption.text for caption in said.captions] == ["Nobody slept that night."]
    worded = replace(said, captions=(replace(said.captions[0], text="In other words."),))
    for wanted, text in ((worded, "In other words."), (replace(worded, captions=()), None)):
        plans = tuple(replace(plan, timeline=wanted) if plan.name == "general" else plan for plan in ground.plans)
        back = handback.came_back(own, plans, (), written(own, rolled(wanted, 2), "edl", tmp_path), "general")
        assert [caption.text for caption in back.timeline.captions] == ([text] if text else [])


def test_masters_are_counted_by_their_own_frames(ground: Ground, tmp_path: Path) -> None:
    folder = tmp_path / "masters"
    folder.mkdir()
    for id, episode in ground.footage.episodes.items():
        shutil.copy(episode.path, folder / f"{id}{episode.path.suffix}")
    back = handback.came_back(
        ground, ground.plans, (), written(ground, rolled(general(ground)), "edl", tmp_path), "general", folder
    )
    assert [clip.span for clip in back.timeline.clips] == [clip.span for clip in rolled(general(ground)).clips]


def test_requests_that_cannot_be_are_told(ground: Ground, tmp_path: Path) -> None:
    file = written(ground, general(ground), "edl", tmp_path)
    with pytest.raises(RequestError, match=r"no trailer 'nobody'.*general"):
        handback.came_back(ground, ground.plans, (), file, "nobody")
    with pytest.raises(RequestError, match="--look makes none"):
        errands.handed_back(ground.season, file, "general", (), None, True, True, "", "", ground.work)
    other = Clip("e99/0001", "e99", Span(0, 24), Span(0, 24))
    (tmp_path / "cut.json").write_text(to_json(replace(general(ground), clips=(other,), cards=())), encoding="utf-8")
    with pytest.raises(RequestError, match="clip 1 shows e99"):
        came(ground, tmp_path / "cut.json")
