"""OpenTimelineIO: names, reasons, captions, cards, music, everything that a timeline says in its metadata."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio

from tests.editor.exchange.reels import HOUR, at_hand, coded, plan
from trailers.editor.exchange.hand import hand
from trailers.editor.exchange.sources import Media
from trailers.editor.timeline import Music, Take, Timeline
from trailers.features.span import Span


def read(timeline: Timeline, held: Media, path: Path) -> Any:
    return otio.adapters.read_from_file(str(hand("otio", timeline, held, path)))


def clips_of(track: Any) -> list[Any]:
    return [item for item in track if isinstance(item, otio.schema.Clip)]


def test_names_reasons_captions_card_and_music(tmp_path: Path) -> None:
    music = tmp_path / "music" / "bed one.mp3"
    held = replace(at_hand(tmp_path), sounds={"ab" * 32: music})
    picture, natural, bed = read(plan(), held, tmp_path / "out" / "timelines" / "t.otio").tracks
    first, *_, card = clips_of(picture)
    assert (first.name, [(marker.name, marker.comment) for marker in first.markers]) == (
        "s01e01/0003", [("loud; fast", "score 0.500")],
    )  # fmt: skip
    assert [(marker.name, marker.marked_range.start_time.value) for marker in picture.markers] == [("Hello.", 10)]
    assert card.media_reference.generator_kind == "TitleCard"
    assert list(card.media_reference.parameters["lines"]) == ["The Long Night", "Watch the series"]
    assert natural.kind == bed.kind == "Audio"
    assert bed.duration().value == 140
    assert bed[0].source_range.start_time.value == 36
    assert bed[0].media_reference.target_url == "../../music/bed%20one.mp3"


def test_a_source_tells_its_whole_length_its_code_and_its_reel(tmp_path: Path) -> None:
    held = coded(at_hand(tmp_path), {"s01e01": (HOUR * 24, False), "s01e02": (0, False)})
    first = clips_of(read(plan(), held, tmp_path / "t.otio").tracks[0])[0]
    span = first.media_reference.available_range
    assert (span.start_time.value, span.duration.value) == (HOUR * 24, 2000)
    told = first.media_reference.metadata["trailers"]
    assert (told["reel"], told["begins"], told["has_time_code"]) == ("S01E01", "01:00:00:00", True)
    assert first.metadata["cmx_3600"]["reel"] == "S01E01"
    assert list(first.metadata["trailers"]["handles"]) == [12, 12]


def test_handles_are_no_more_than_the_file_holds(tmp_path: Path) -> None:
    clips = clips_of(read(plan(), at_hand(tmp_path), tmp_path / "t.otio").tracks[0])
    assert list(clips[2].metadata["trailers"]["handles"]) == [0, 12], "it shows the file's first frame"


def test_exact_frames_stand_in_the_metadata(tmp_path: Path) -> None:
    rate = Fraction(24000, 1001)
    found = read(plan(rate), at_hand(tmp_path, rate, HOUR), tmp_path / "t.otio")
    assert Fraction(found.metadata["trailers"]["rate"]) == rate
    for clip, asked in zip(clips_of(found.tracks[0]), plan(rate).clips, strict=False):
        kept = clip.metadata["trailers"]
        spans = list(kept["span"]), list(kept["into"])
        assert spans == ([asked.span.start, asked.span.stop], [asked.into.start, asked.into.stop])
        assert (Fraction(kept["rate"]), kept["shot"], kept["kind"]) == (rate, asked.shot, "clip")


def test_a_joint_lies_in_the_clip_that_comes(tmp_path: Path) -> None:
    items = list(read(plan(), at_hand(tmp_path), tmp_path / "t.otio").tracks[0])
    (number,) = (n for n, item in enumerate(items) if isinstance(item, otio.schema.Transition))
    assert (items[number].in_offset.value, items[number].out_offset.value) == (0, 12)
    assert items[number].transition_type == "SMPTE_Dissolve"
    assert items[number + 1].name == "s01e02/0011"
    first, second, last = plan().clips
    washed = replace(plan(), clips=(first, replace(second, joint="wash"), last))
    items = list(read(washed, at_hand(tmp_path), tmp_path / "t.otio").tracks[0])
    assert (items[1].transition_type, items[1].name) == ("Custom_Transition", "wash"), "no program takes it for a dissolve"


def test_a_card_before_the_last_clip_stands_there_and_nobody_is_heard_under_it(tmp_path: Path) -> None:
    timeline = plan()
    first, second, last = timeline.clips
    assert timeline.card is not None
    card = replace(timeline.card, into=Span(78, 138))
    clips = (first, replace(second, joint="cut", mixed=0), replace(last, into=Span(138, 140)))
    picture, natural, _ = read(replace(timeline, clips=clips, cards=(card,)), at_hand(tmp_path), tmp_path / "t.otio").tracks
    assert [item.name for item in picture][2] == "CARD title 1: The Long Night / Watch the series"
    places = [(type(item).__name__, natural.range_of_child(item).start_time.value) for item in natural]
    assert places == [("Clip", 0), ("Clip", 48), ("Gap", 78), ("Clip", 138)]


def test_every_take_of_a_bed_stands_in_its_place(tmp_path: Path) -> None:
    takes = (Take(96000, 0, 48000), Take(480000, 96000, 96000))
    timeline = replace(plan(), music=Music("bed.mp3", "ab" * 32, takes))
    music = read(timeline, at_hand(tmp_path), tmp_path / "t.otio").tracks[2]
    first, gap, second = music
    assert isinstance(gap, otio.schema.Gap)
    assert [part.source_range.start_time.value for part in (first, second)] == [48, 240]
    assert [music.range_of_child(part).start_time.value for part in (first, second)] == [0, 48]
    assert [part.source_range.duration.value for part in (first, gap, second)] == [24, 24, 48]


def test_two_sounds_at_once_lie_on_two_tracks(tmp_path: Path) -> None:
    first, second, last = plan().clips
    clips = (replace(first, trail=8), replace(second, joint="cut", mixed=0, lead=6), last)
    _, one, other, _ = read(replace(plan(), clips=clips), at_hand(tmp_path), tmp_path / "t.otio").tracks
    assert [item.name for item in clips_of(one)] == ["SOUND s01e01/0003", "SOUND s01e01/0000"]
    assert [item.name for item in clips_of(other)] == ["SOUND s01e02/0011"]
    assert (one[0].source_range.duration.value, other[0].source_range.duration.value) == (56, 42)
