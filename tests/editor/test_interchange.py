"""What other editors open: the same frames, by OpenTimelineIO and by EDL."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.editor.test_leader import BROADCAST
from trailers.editor.interchange import to_edl, to_otio
from trailers.editor.leader import led, rerated
from trailers.editor.timeline import Caption, Card, Clip, Effect, Music, Take, Timeline
from trailers.errors import RenderError
from trailers.features.media import Episode
from trailers.features.span import Span


def episode(id: str, folder: Path, rate: Fraction = Fraction(24), frames: int = 2000) -> Episode:
    path = folder / "episodes" / f"{id} — cut 1.mp4"
    return Episode(id, path, rate, frames, (640, 360), Fraction(1), 0, False, (), id[-1] * 64)


def plan(rate: Fraction = Fraction(24)) -> Timeline:
    return Timeline(
        "s-g",
        "s",
        "The Long Night",
        "fans of slapstick",
        rate,
        (
            Clip("s01e01/0003", "s01e01", Span(100, 148), Span(0, 48), why="loud; fast"),
            Clip("s01e02/0011", "s01e02", Span(1999 - 30, 1999), Span(48, 78), joint="dissolve", mixed=12),
            Clip("s01e01/0000", "s01e01", Span(0, 2), Span(78, 80)),
        ),
        (Card(("The Long Night", "Watch the series"), Span(80, 140), "#102030", "#ffffff"),),
        captions=(Caption("Hello.", Span(10, 30)),),
        music=Music("bed one.mp3", "ab" * 32, (Take(72000, 0, 280000),)),
        fade_in=12,
        fade_out=24,
    )


def at_hand(folder: Path, rate: Fraction = Fraction(24)) -> dict[str, Episode]:
    return {id: episode(id, folder, rate) for id in ("s01e01", "s01e02")}


def clips_of(track: Any) -> list[Any]:
    return [item for item in track if isinstance(item, otio.schema.Clip)]


RATES = [Fraction(24), Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001)]


@pytest.mark.parametrize("rate", RATES, ids=str)
def test_otio_opens_and_holds_the_same_frames(rate: Fraction, tmp_path: Path) -> None:
    timeline = plan(rate)
    read = otio.adapters.read_from_file(str(to_otio(timeline, at_hand(tmp_path, rate), tmp_path / "out" / "t.otio")))
    picture = read.tracks[0]
    found = clips_of(picture)
    for clip, asked in zip(found, timeline.clips, strict=False):
        source, place = clip.source_range, clip.range_in_parent()
        assert (source.start_time.value, source.end_time_exclusive().value) == (asked.span.start, asked.span.stop)
        assert source.start_time.rate == pytest.approx(float(rate))
        assert (place.start_time.value, place.end_time_exclusive().value) == (asked.into.start, asked.into.stop)
        kept = clip.metadata["trailers"]
        assert (list(kept["span"]), list(kept["into"])) == (
            [asked.span.start, asked.span.stop],
            [asked.into.start, asked.into.stop],
        )
        assert Fraction(kept["rate"]) == rate
        assert clip.media_reference.available_range.duration.value == 2000
    assert read.duration().value == timeline.frames
    assert Fraction(read.metadata["trailers"]["rate"]) == rate


def test_otio_names_reasons_captions_card_and_music(tmp_path: Path) -> None:
    music = tmp_path / "music" / "bed one.mp3"
    path = to_otio(plan(), at_hand(tmp_path), tmp_path / "out" / "timelines" / "t.otio", music=music)
    read = otio.adapters.read_from_file(str(path))
    picture, natural, bed = read.tracks
    first, *_, card = clips_of(picture)
    assert (first.name, [marker.name for marker in first.markers]) == ("s01e01/0003", ["loud; fast"])
    assert [(marker.name, marker.marked_range.start_time.value) for marker in picture.markers] == [("Hello.", 10)]
    assert card.media_reference.generator_kind == "TitleCard"
    assert list(card.media_reference.parameters["lines"]) == ["The Long Night", "Watch the series"]
    assert natural.kind == bed.kind == "Audio"
    assert natural.duration().value == bed.duration().value == 140
    assert bed[0].source_range.start_time.value == 36
    assert bed[0].media_reference.target_url == "../../music/bed%20one.mp3"


def test_a_card_before_the_last_clip_stands_there_in_both(tmp_path: Path) -> None:
    timeline = plan()
    first, second, last = timeline.clips
    assert timeline.card is not None
    card = replace(timeline.card, into=Span(78, 138))
    clips = (first, replace(second, joint="cut", mixed=0), replace(last, into=Span(138, 140)))
    timeline = replace(timeline, clips=clips, cards=(card,))
    read = otio.adapters.read_from_file(str(to_otio(timeline, at_hand(tmp_path), tmp_path / "t.otio")))
    picture, natural, _ = read.tracks
    assert [item.name for item in picture] == ["s01e01/0003", "s01e02/0011", "The Long Night / Watch the series", "s01e01/0000"]
    assert [type(item).__name__ for item in natural] == ["Clip", "Clip", "Gap", "Clip"]
    places = [item.range_in_parent() for item in natural]
    assert [(place.start_time.value, place.duration.value) for place in places] == [(0, 48), (48, 30), (78, 60), (138, 2)]
    assert picture[3].metadata["trailers"]["slot"] == ""
    told = otio.adapters.read_from_file(str(to_edl(timeline, at_hand(tmp_path), tmp_path / "t.edl")), rate=24)
    lengths = [round(item.source_range.duration.value) for item in clips_of(told.tracks[0])]
    assert lengths == [48, 30, 60, 2]
    rows = [line.split() for line in (tmp_path / "t.edl").read_text().splitlines() if line[:3].isdigit()]
    assert [row[1] for row in rows] == ["S01E01", "S01E02", "CARD", "S01E01"]


def test_otio_names_media_relative_to_where_the_file_will_lie(tmp_path: Path) -> None:
    path = to_otio(plan(), at_hand(tmp_path), tmp_path / "store" / "deep" / "t.otio", beside=tmp_path / "out")
    clip = clips_of(otio.adapters.read_from_file(str(path)).tracks[0])[0]
    assert clip.media_reference.target_url == "../episodes/s01e01%20%E2%80%94%20cut%201.mp4"
    assert str(tmp_path) not in path.read_text(encoding="utf-8")


def test_a_dissolve_lies_in_the_clip_that_comes(tmp_path: Path) -> None:
    read = otio.adapters.read_from_file(str(to_otio(plan(), at_hand(tmp_path), tmp_path / "t.otio")))
    items = list(read.tracks[0])
    (number,) = (n for n, item in enumerate(items) if isinstance(item, otio.schema.Transition))
    assert (items[number].in_offset.value, items[number].out_offset.value) == (0, 12)
    assert items[number + 1].name == "s01e02/0011"


def test_a_clip_of_another_rate_keeps_the_timelines_frames(tmp_path: Path) -> None:
    timeline = plan()
    mixed = {**at_hand(tmp_path), "s01e02": episode("s01e02", tmp_path, Fraction(30), 2400)}
    clip = replace(timeline.clips[1], span=Span(600, 637))  # 37 frames at 30 are 29.6 at 24
    timeline = replace(timeline, clips=(timeline.clips[0], clip, timeline.clips[2]))
    read = otio.adapters.read_from_file(str(to_otio(timeline, mixed, tmp_path / "t.otio")))
    found = clips_of(read.tracks[0])
    assert (found[1].source_range.start_time.value, found[1].source_range.start_time.rate) == (600, 30)
    assert (found[1].source_range.duration.value, found[1].source_range.duration.rate) == (30, 24)
    assert [round(item.range_in_parent().start_time.rescaled_to(24).value, 6) for item in found] == [0, 48, 78, 80]
    assert "00:00:20:00" in to_edl(timeline, mixed, tmp_path / "t.edl").read_text()


@pytest.mark.parametrize("rate", RATES, ids=str)
def test_edl_opens_and_holds_the_same_frames(rate: Fraction, tmp_path: Path) -> None:
    timeline = plan(rate)
    timeline = replace(timeline, clips=(timeline.clips[0], replace(timeline.clips[1], joint="cut", mixed=0), timeline.clips[2]))
    path = to_edl(timeline, at_hand(tmp_path, rate), tmp_path / "t.edl")
    read = otio.adapters.read_from_file(str(path), rate=float(rate))
    found = clips_of(read.tracks[0])
    spans = [(round(c.source_range.start_time.value), round(c.source_range.end_time_exclusive().value)) for c in found]
    assert spans == [(clip.span.start, clip.span.stop) for clip in timeline.clips] + [(0, 60)]
    assert round(read.duration().value) == timeline.frames


def test_edl_reels_have_at_most_eight_capitals_and_tell_episodes_apart(tmp_path: Path) -> None:
    names = ("The Show (season 1) episode", "the show season 1 EPISODE", "夜", "bl")
    parts = tuple(Clip(f"{name}/0", name, Span(0, 10), Span(10 * n, 10 * n + 10)) for n, name in enumerate(names))
    timeline = Timeline("s-g", "s", "夜 Night", "g", Fraction(24), parts)
    text = to_edl(timeline, {name: episode(name, tmp_path) for name in names}, tmp_path / "t.edl").read_text()
    reels = [line.split()[1] for line in text.splitlines() if line[:3].isdigit()]
    assert len(set(reels)) == 4
    assert all(0 < len(reel) <= 8 and reel.isascii() and reel.isalnum() and reel == reel.upper() for reel in reels)
    assert not {"BL", "AX"} & set(reels)


def test_edl_counts_a_rate_without_time_code_in_the_nearest_that_has_one(tmp_path: Path) -> None:
    text = to_edl(plan(Fraction(12)), at_hand(tmp_path, Fraction(12)), tmp_path / "t.edl").read_text()
    assert "00:00:11:16" in text  # frame 140 of 12 a second


def test_edl_shows_a_dissolve_and_its_length(tmp_path: Path) -> None:
    text = to_edl(plan(), at_hand(tmp_path), tmp_path / "t.edl").read_text()
    assert " D 012 " in text


def test_the_same_timeline_gives_the_same_bytes(tmp_path: Path) -> None:
    for write, suffix in ((to_otio, "otio"), (to_edl, "edl")):
        one, other = (write(plan(), at_hand(tmp_path), tmp_path / f"{n}.{suffix}") for n in (1, 2))
        assert one.read_bytes() == other.read_bytes()


def test_says_which_episode_is_missing(tmp_path: Path) -> None:
    for write in (to_otio, to_edl):
        with pytest.raises(RenderError, match="'s01e02' is not among those at hand"):
            write(plan(), {"s01e01": episode("s01e01", tmp_path)}, tmp_path / "t")


def test_every_take_of_a_bed_and_every_effect_stands_in_its_place(tmp_path: Path) -> None:
    takes = (Take(96000, 0, 48000), Take(480000, 96000, 96000))
    timeline = replace(plan(), music=Music("bed.mp3", "ab" * 32, takes), effects=(Effect("hit.flac", "cd" * 32, 72000, -3.0),))
    read = otio.adapters.read_from_file(str(to_otio(timeline, at_hand(tmp_path), tmp_path / "t.otio")))
    music, effect = read.tracks[2:]
    first, gap, second = music
    assert isinstance(gap, otio.schema.Gap)
    assert [part.source_range.start_time.value for part in (first, second)] == [48, 240]
    assert [music.range_of_child(part).start_time.value for part in (first, second)] == [0, 48]
    assert [part.source_range.duration.value for part in (first, gap, second)] == [24, 24, 48]
    assert effect.range_of_child(effect[1]).start_time.value == 36
    assert effect[1].metadata["trailers"]["gain"] == -3.0


@given(lengths=st.lists(st.integers(2, 80), min_size=1, max_size=12), rate=st.sampled_from(RATES))
@settings(max_examples=25, deadline=None)
def test_a_timeline_of_any_rate_behind_a_clock_is_handed_over(lengths: list[int], rate: Fraction) -> None:
    at, clips = 0, []
    for number, length in enumerate(lengths):
        clips.append(Clip(f"s01e01/{number}", "s01e01", Span(10, 10 + length), Span(at, at + length)))
        at += length
    timeline = led(rerated(replace(plan(), clips=tuple(clips), cards=(), captions=(), music=None, fade_out=0), rate), BROADCAST)
    with TemporaryDirectory() as folder:
        held = at_hand(Path(folder), Fraction(24))
        read = otio.adapters.read_from_file(str(to_otio(timeline, held, Path(folder) / "t.otio")))
        to_edl(timeline, held, Path(folder) / "t.edl")
    assert sum(part.source_range.duration.rescaled_to(float(rate)).value for part in read.tracks[0]) == pytest.approx(
        timeline.frames, abs=len(clips)
    )
    assert isinstance(read.tracks[0][-1].effects[0], otio.schema.FreezeFrame), "the last picture is held"


def test_a_clip_at_half_speed_says_so(tmp_path: Path) -> None:
    first = Clip("s01e01/0000", "s01e01", Span(0, 24), Span(0, 48), speed=Fraction(1, 2))
    timeline = replace(plan(), clips=(first,), cards=(), captions=(), music=None, fade_out=0)
    read = otio.adapters.read_from_file(str(to_otio(timeline, at_hand(tmp_path), tmp_path / "t.otio")))
    assert read.tracks[0][0].effects[0].time_scalar == 0.5
    assert "M2 " in to_edl(timeline, at_hand(tmp_path), tmp_path / "t.edl").read_text()
