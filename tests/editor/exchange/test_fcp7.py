"""FCP 7 XML: exact rates, linked sound, joints and their neighbours, offline cards; read by a small reader of its own."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.editor.exchange.reels import HOUR, RATES, at_hand, coded, plan
from trailers.editor.exchange.hand import hand
from trailers.editor.exchange.sources import Media, media
from trailers.editor.timeline import Clip, Timeline
from trailers.features.media import AudioTrack
from trailers.features.span import Span


def parsed(timeline: Timeline, held: Media, folder: Path) -> Any:
    return etree.parse(str(hand("fcp7", timeline, held, folder / "t.xml"))).getroot()


def numbers(item: Any) -> tuple[int, int, int, int]:
    start, end, begin, out = (int(item.findtext(name)) for name in ("start", "end", "in", "out"))
    return start, end, begin, out


@pytest.mark.parametrize("rate", RATES, ids=str)
def test_a_rate_is_a_timebase_and_whether_it_is_ntscs(rate: Fraction, tmp_path: Path) -> None:
    root = parsed(plan(rate), at_hand(tmp_path, rate), tmp_path)
    rates = {(int(each.findtext("timebase")), each.findtext("ntsc")) for each in root.iter("rate")}
    ((base, ntsc),) = rates
    assert Fraction(base) * (Fraction(1000, 1001) if ntsc == "TRUE" else 1) == rate


def test_a_dissolve_stands_over_the_clip_that_comes_and_both_reach_under_it(tmp_path: Path) -> None:
    track = parsed(plan(), at_hand(tmp_path, Fraction(24), HOUR), tmp_path).find(".//video/track")
    items = track.findall("clipitem")
    assert [item.tag for item in track][:5] == ["transitionitem", "clipitem", "transitionitem", "clipitem", "clipitem"]
    assert [numbers(item) for item in items] == [
        (-1, -1, 100, 160),  # fades in; lends 12 frames
        (-1, 78, 1939, 1969),
        (78, 80, 0, 2),
        (80, -1, 0, 60),  # the card fades out
    ]
    _, dissolve, *_ = track.findall("transitionitem")
    assert (dissolve.findtext("start"), dissolve.findtext("end"), dissolve.findtext("alignment")) == ("48", "60", "start")
    assert dissolve.findtext("effect/effectid") == "Cross Dissolve"


@pytest.mark.parametrize(
    ("joint", "effect", "colour"),
    [("dip", "Dip to Color Dissolve", "0 0 0"), ("wash", "Dip to Color Dissolve", "16 32 48"), ("wipe", "Edge Wipe", "")],
)
def test_other_joints_have_their_effect_and_colour(joint: Any, effect: str, colour: str, tmp_path: Path) -> None:
    first, second, last = plan().clips
    root = parsed(replace(plan(), clips=(first, replace(second, joint=joint), last)), at_hand(tmp_path), tmp_path)
    made = root.xpath(f".//transitionitem/effect[effectid='{effect}']")
    assert len(made) == 1
    assert made[0].findtext("name") == joint
    value = made[0].find("parameter[parameterid='color']/value")
    assert " ".join(part.text for part in value) == colour if colour else value is None


def test_every_sound_is_linked_to_its_picture(tmp_path: Path) -> None:
    root = parsed(plan(), at_hand(tmp_path), tmp_path)
    ids = {item.get("id"): item for item in root.iter("clipitem")}
    places = {
        (kind, row, at): item.get("id")
        for kind in ("video", "audio")
        for row, track in enumerate(root.findall(f".//media/{kind}/track"), 1)
        for at, item in enumerate(track.findall("clipitem"), 1)
    }
    for item in root.findall(".//video/track/clipitem")[:3]:
        links = [(link.findtext("linkclipref"), link.findtext("mediatype")) for link in item.findall("link")]
        assert [kind for _, kind in links] == ["video", "audio", "audio"]
        for link in item.findall("link"):
            place = (link.findtext("mediatype"), int(link.findtext("trackindex")), int(link.findtext("clipindex")))
            assert places[place] == link.findtext("linkclipref")
        left, right = (ids[id] for id, kind in links if kind == "audio")
        assert (left.findtext("sourcetrack/trackindex"), right.findtext("sourcetrack/trackindex")) == ("1", "2")
        assert left.findtext("name") == f"SOUND {item.findtext('name')}"
        assert left.findall("link"), "from both sides"


def test_every_channel_of_a_surround_track_comes_along(tmp_path: Path) -> None:
    held = at_hand(tmp_path)
    tracks = (AudioTrack(2, 48000, "eng", 1, "music and effects"), AudioTrack(6, 48000, "eng", 2))
    held = media({id: replace(episode, audio=tracks, heard=1) for id, episode in held.episodes.items()})
    timeline = replace(plan(), music=None)
    root = parsed(timeline, held, tmp_path)
    rows = root.findall(".//audio/track")
    assert [row.findtext("clipitem/sourcetrack/trackindex") for row in rows] == ["3", "4", "5", "6", "7", "8"], (
        "the centre speaks"
    )
    assert {file.findtext("media/audio/channelcount") for file in root.iter("file") if file.find("media/audio") is not None} == {
        "8"
    }
    assert len(root.find(".//video/track/clipitem").findall("link")) == 7


def test_a_dubbed_trailer_plays_the_dub(tmp_path: Path) -> None:
    held = at_hand(tmp_path)
    tracks = (AudioTrack(2, 48000, "eng", 1), AudioTrack(2, 48000, "spa", 2))
    held = media({id: replace(episode, audio=tracks) for id, episode in held.episodes.items()})
    root = parsed(replace(plan(), music=None, language="es", dubbed=True), held, tmp_path)
    assert [row.findtext("clipitem/sourcetrack/trackindex") for row in root.findall(".//audio/track")] == ["3", "4"]
    mlt = hand("mlt", replace(plan(), music=None, language="es", dubbed=True), held, tmp_path / "t.mlt").read_text()
    assert '<property name="audio_index">2</property>' in mlt
    assert '<property name="audio_index">1</property>' not in mlt


def test_sound_that_leads_stays_in_sync(tmp_path: Path) -> None:
    first, second, last = plan().clips
    clips = (first, replace(second, joint="cut", mixed=0, lead=10), replace(last, lead=-1))
    root = parsed(replace(plan(), clips=clips), at_hand(tmp_path), tmp_path)
    heard = [numbers(item) for item in root.find(".//audio/track").findall("clipitem")]
    assert heard[:3] == [(0, 38, 100, 138), (38, 78, 1929, 1969), (79, 80, 1, 2)]


def test_a_file_tells_its_time_code_and_reel_once(tmp_path: Path) -> None:
    rate = Fraction(30000, 1001)
    held = coded(at_hand(tmp_path, rate), {"s01e01": (107892, True), "s01e02": (0, False)})
    root = parsed(plan(rate), held, tmp_path)
    full = [file for file in root.iter("file") if len(file) and file.findtext("name").startswith("s01e01")]
    assert len(full) == 1
    code = full[0].find("timecode")
    assert [code.findtext(name) for name in ("string", "frame", "displayformat", "reel/name")] == [
        "01:00:00;00", "107892", "DF", "S01E01",
    ]  # fmt: skip
    assert full[0].findtext("duration") == "2000"


def test_a_card_without_a_file_is_offline_under_its_words(tmp_path: Path) -> None:
    card = parsed(plan(), at_hand(tmp_path), tmp_path).findall(".//video/track/clipitem")[-1]
    assert card.findtext("name") == "CARD title 1: The Long Night / Watch the series"
    assert card.find("file/pathurl") is None


def test_a_slow_clip_is_retimed_and_its_frames_are_those_of_the_retimed_file(tmp_path: Path) -> None:
    first = Clip("s01e01/0000", "s01e01", Span(10, 34), Span(0, 48), speed=Fraction(1, 2))
    timeline = replace(plan(), clips=(first,), cards=(), captions=(), music=None, fade_in=0, fade_out=0)
    item = parsed(timeline, at_hand(tmp_path), tmp_path).find(".//video/track/clipitem")
    assert numbers(item) == (0, 48, 20, 68)
    assert item.findtext("filter/effect/parameter[parameterid='speed']/value") == "50"
    assert item.findtext("comments/mastercomment2") == "10 34 24/1"


def test_reasons_scores_and_captions_are_markers(tmp_path: Path) -> None:
    root = parsed(plan(), at_hand(tmp_path), tmp_path)
    marker = root.find(".//video/track/clipitem/marker")
    assert (marker.findtext("name"), marker.findtext("comment"), marker.findtext("in")) == ("loud; fast", "score 0.500", "100")
    caption = root.find("sequence/marker")
    assert (caption.findtext("name"), caption.findtext("in"), caption.findtext("out")) == ("Hello.", "10", "30")
