"""EDL: the lines that conform rooms read, and read by a parser that is not ours (pycmx)."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pycmx
import pytest

from tests.editor.exchange.reels import HOUR, RATES, at_hand, coded, episode, plan
from trailers.editor.exchange.edl import place
from trailers.editor.exchange.hand import hand
from trailers.editor.exchange.sources import Media, media
from trailers.editor.timeline import Clip, Timeline
from trailers.features.span import Span
from trailers.features.timecode import frame_of

NTSC = Fraction(30000, 1001)


def written(timeline: Timeline, held: Media, folder: Path) -> str:
    return hand("edl", timeline, held, folder / "t.edl").read_text(encoding="ascii")


def edits(text: str) -> list[Any]:
    from io import StringIO

    return [edit for event in pycmx.parse_cmx3600(StringIO(text)).events for edit in event.edits]


@pytest.mark.parametrize("rate", RATES, ids=str)
def test_another_parser_reads_the_same_numbers(rate: Fraction, tmp_path: Path) -> None:
    timeline = plan(rate)
    found = [edit for edit in edits(written(timeline, at_hand(tmp_path, rate, HOUR), tmp_path)) if edit.channels.video]
    first = HOUR * round(rate)
    shown = [edit for edit in found if edit.record_in != edit.record_out]
    source = [(frame_of(edit.source_in, rate), frame_of(edit.source_out, rate)) for edit in shown[:3]]
    assert source == [(first + clip.span.start, first + clip.span.stop) for clip in timeline.clips]
    record = [(frame_of(edit.record_in, rate), frame_of(edit.record_out, rate)) for edit in shown]
    assert record == [(0, 48), (48, 78), (78, 80), (80, 140)], "outs are the first frame that is not shown"
    assert [edit.source for edit in shown] == ["S01E01", "S01E02", "S01E01", "CARD"]


def test_a_dissolve_is_two_lines_from_where_the_first_clip_ends(tmp_path: Path) -> None:
    text = written(plan(), at_hand(tmp_path), tmp_path)
    lines = [line for line in text.splitlines() if line.startswith("002")]
    assert lines == [
        "002  S01E01   AA/V  C        00:00:06:04 00:00:06:04 00:00:02:00 00:00:02:00",
        "002  S01E02   AA/V  D    012 00:01:20:19 00:01:22:01 00:00:02:00 00:00:03:06",
    ]
    assert "* FROM CLIP NAME: s01e01 ? cut 1.mp4\n* TO CLIP NAME: s01e02 ? cut 1.mp4" in text


@pytest.mark.parametrize(("joint", "code"), [("dip", " D    012 "), ("wash", " D    012 "), ("wipe", " W001 012 ")])
def test_other_joints_are_named(joint: Any, code: str, tmp_path: Path) -> None:
    first, second, last = plan().clips
    text = written(replace(plan(), clips=(first, replace(second, joint=joint), last)), at_hand(tmp_path), tmp_path)
    assert code in text
    assert f"* EFFECT NAME: {joint.upper()}" in text


def test_drop_frame_is_counted_as_tape_machines_do(tmp_path: Path) -> None:
    at, clips = 0, []
    for number in range(40):
        clips.append(Clip(f"s01e01/{number}", "s01e01", Span(100, 190), Span(at, at + 90)))
        at += 90
    timeline = replace(plan(NTSC), clips=tuple(clips), cards=(), captions=(), music=None)
    dropping = coded(at_hand(tmp_path, NTSC), {"s01e01": (107892, True), "s01e02": (0, True)})
    text = written(timeline, dropping, tmp_path)
    assert "FCM: DROP FRAME" in text
    assert "01:00:03;10 01:00:06;10 00:00:00;00 00:00:03;00" in text
    assert " 00:01:00;02 " in text, "frame 1800 is called 2, for 0 and 1 are left out"
    counting = coded(dropping, {"s01e01": (108000, False), "s01e02": (0, False)})
    assert "01:00:03:10 01:00:06:10 00:00:00;00 00:00:03;00" in written(timeline, counting, tmp_path), "as the file counts"


def test_reels_have_at_most_eight_capitals_and_tell_episodes_apart(tmp_path: Path) -> None:
    names = ("The Show (season 1) episode", "the show season 1 EPISODE", "夜", "bl", "Card")
    parts = tuple(Clip(f"{name}/0", name, Span(0, 10), Span(10 * n, 10 * n + 10)) for n, name in enumerate(names))
    held = media({name: episode(name, tmp_path) for name in names})
    reels = [edit.source for edit in edits(written(Timeline("s-g", "s", "夜 Night", "g", Fraction(24), parts), held, tmp_path))]
    assert len(set(reels)) == len(names)
    assert all(0 < len(reel) <= 8 and reel.isascii() and reel.isalnum() and reel == reel.upper() for reel in reels)
    assert not {"BL", "AX", "CARD"} & set(reels)


def test_sound_that_leads_or_trails_has_its_own_event(tmp_path: Path) -> None:
    first, second, last = plan().clips
    clips = (first, replace(second, joint="cut", mixed=0, lead=10), last)
    found = edits(written(replace(plan(), clips=clips), at_hand(tmp_path), tmp_path))
    told = [(edit.source, edit.channels.video, edit.channels.a1, edit.record_in, edit.record_out) for edit in found]
    assert told[:4] == [
        ("S01E01", True, False, "00:00:00:00", "00:00:02:00"),
        ("S01E01", False, True, "00:00:00:00", "00:00:01:14"),
        ("S01E02", False, True, "00:00:01:14", "00:00:03:06"),
        ("S01E02", True, False, "00:00:02:00", "00:00:03:06"),
    ]
    assert found[2].source_in == "00:01:20:09", "ten frames before the picture's 00:01:20:19"


def test_a_file_of_another_rate_is_found_by_its_own_label(tmp_path: Path) -> None:
    held = coded(media({"a": episode("a", tmp_path, Fraction(25))}), {"a": (10 * 3600 * 25, False)})
    source = held.sources["a"]
    assert place(source, 30, Fraction(24)) == 10 * 3600 * 24 + 24 + 5, "10:00:01:05 of 25 is 10:00:01:05 of 24, to the nearest"
    assert place(source, 24, Fraction(24)) == 10 * 3600 * 24 + 23
    exact = replace(source, rate=Fraction(24000, 1001))
    assert place(exact, 30, Fraction(24)) == source.first + 30, "as many numbers a second: the label is kept"


def test_a_rate_without_time_code_is_counted_in_the_nearest_that_has_one(tmp_path: Path) -> None:
    text = written(plan(Fraction(12)), at_hand(tmp_path, Fraction(12)), tmp_path)
    assert "00:00:11:16" in text  # frame 140 of 12 a second


def test_what_no_event_can_hold_is_said_at_the_end(tmp_path: Path) -> None:
    text = written(plan(), at_hand(tmp_path), tmp_path)
    assert text.splitlines()[-3:] == [
        "* NOT CARRIED: MUSIC bed one.mp3 AT 00:00:00:00",
        "* NOT CARRIED: FADE IN 12 FRAMES",
        "* NOT CARRIED: FADE OUT 24 FRAMES",
    ]
    assert "* LOC: 00:00:00:00 GREEN   loud; fast\n* WHY: score 0.500" in text
    assert "* SHOT: s01e01/0003\n* FRAMES: 100 148 24/1" in text
