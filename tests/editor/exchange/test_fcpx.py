"""FCPXML: exact times on frame boundaries, a spine without holes, sound and music where they belong."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.editor.exchange.reels import HOUR, RATES, at_hand, plan
from trailers.editor.exchange.hand import hand
from trailers.editor.exchange.sources import Media
from trailers.editor.timeline import Effect, Timeline


def parsed(timeline: Timeline, held: Media, folder: Path) -> Any:
    return etree.parse(str(hand("fcpxml", timeline, held, folder / "t.fcpxml"))).getroot()


def seconds(item: Any, name: str) -> Any:
    return Fraction(item.get(name).removesuffix("s"))


def spine(root: Any) -> list[Any]:
    return [item for item in root.find(".//spine") if item.tag != "transition"]


@pytest.mark.parametrize("rate", RATES, ids=str)
def test_times_are_whole_frames_and_the_spine_has_no_hole(rate: Fraction, tmp_path: Path) -> None:
    timeline = plan(rate)
    root = parsed(timeline, at_hand(tmp_path, rate, HOUR), tmp_path)
    assert Fraction(root.find(".//format").get("frameDuration").removesuffix("s")) == 1 / rate
    at = Fraction(0)
    for item in spine(root):
        assert seconds(item, "offset") == at
        at += seconds(item, "duration")
        assert (at * rate).denominator == (seconds(item, "start") * rate).denominator == 1
    assert at * rate == timeline.frames == seconds(root.find(".//sequence"), "duration") * rate


def test_ntsc_frames_last_1001_of_24000(tmp_path: Path) -> None:
    root = parsed(plan(Fraction(24000, 1001)), at_hand(tmp_path, Fraction(24000, 1001)), tmp_path)
    assert {each.get("frameDuration") for each in root.iter("format")} == {"1001/24000s"}


def test_a_clip_begins_at_its_files_time_code(tmp_path: Path) -> None:
    root = parsed(plan(), at_hand(tmp_path, Fraction(24), HOUR), tmp_path)
    assert seconds(spine(root)[0], "start") == HOUR + Fraction(100, 24)
    asset = root.find(f".//asset[@id='{spine(root)[0].get('ref')}']")
    assert (seconds(asset, "start"), seconds(asset, "duration")) == (HOUR, Fraction(2000, 24))


@pytest.mark.parametrize("mixed", [1, 2, 7, 12])
def test_a_dissolve_mixes_our_frames_of_both_clips(mixed: int, tmp_path: Path) -> None:
    first, second, last = plan().clips
    root = parsed(replace(plan(), clips=(first, replace(second, mixed=mixed), last)), at_hand(tmp_path), tmp_path)
    joint = root.findall(".//transition")[1]
    assert (seconds(joint, "offset") * 24, seconds(joint, "duration") * 24) == (48, mixed)
    before, after = spine(root)[:2]
    cut = seconds(after, "offset")
    assert 48 <= cut * 24 <= 48 + mixed
    # At any of the mixed frames both show what they would in our cut.
    assert seconds(before, "start") - seconds(before, "offset") == Fraction(100, 24)
    assert seconds(after, "start") - seconds(after, "offset") == Fraction(1939 - 48, 24)


def test_fades_are_transitions_at_the_two_ends(tmp_path: Path) -> None:
    found = list(parsed(plan(), at_hand(tmp_path), tmp_path).find(".//spine"))
    told = [(seconds(each, "offset") * 24, seconds(each, "duration") * 24) for each in (found[0], found[-1])]
    assert [found[0].tag, found[-1].tag] == ["transition", "transition"]
    assert told == [(0, 12), (116, 24)]


def test_sound_that_leads_is_said_on_the_clips_own_clock(tmp_path: Path) -> None:
    first, second, last = plan().clips
    clips = (first, replace(second, joint="cut", mixed=0, lead=10), last)
    one, other, plain, _ = spine(parsed(replace(plan(), clips=clips), at_hand(tmp_path), tmp_path))
    assert seconds(one, "audioDuration") * 24 == 38
    assert (seconds(other, "audioStart") * 24, seconds(other, "audioDuration") * 24) == (1929, 40)
    assert plain.get("audioStart") is None


def test_music_and_hits_are_connected_at_their_time(tmp_path: Path) -> None:
    root = parsed(replace(plan(), effects=(Effect("hit.flac", "cd" * 32, 96000, 0.0),)), at_hand(tmp_path), tmp_path)
    music, hit = (root.find(f".//asset-clip[@lane='{lane}']") for lane in (-1, -2))
    assert (music.get("name"), music.get("audioRole")) == ("MUSIC bed one.mp3", "music")
    parent = hit.getparent()
    shown = seconds(parent, "offset") + seconds(hit, "offset") - seconds(parent, "start")
    assert (hit.get("name"), shown) == ("HIT hit.flac", 2)


def test_a_card_without_a_file_is_a_gap_of_its_name(tmp_path: Path) -> None:
    card = spine(parsed(plan(), at_hand(tmp_path), tmp_path))[-1]
    assert (card.tag, card.get("name")) == ("gap", "CARD title 1: The Long Night / Watch the series")


def test_reasons_stand_in_notes_and_markers_captions_in_markers(tmp_path: Path) -> None:
    first = spine(parsed(plan(), at_hand(tmp_path), tmp_path))[0]
    assert first.findtext("note") == "s01e01/0003 loud; fast score 0.500"
    assert [(mark.get("value"), seconds(mark, "start") * 24) for mark in first.findall("marker")] == [
        ("loud; fast", 100), ("CAPTION Hello.", 110),
    ]  # fmt: skip
    tags = [child.tag for child in first]
    assert tags == sorted(tags, key=["note", "asset-clip", "marker"].index), "in the order that the format asks for"
