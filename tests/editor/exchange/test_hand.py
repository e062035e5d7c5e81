"""What every format for editing programs holds: the same frames at the same places, read by those who did not write them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.editor.exchange.reels import HOUR, RATES, at_hand, episode, plan
from tests.editor.test_leader import BROADCAST
from trailers.editor.exchange.hand import ENDINGS, hand, not_carried
from trailers.editor.exchange.sources import Media, media
from trailers.editor.leader import led, rerated
from trailers.editor.timeline import Clip, Effect, Overlay, Timeline, View
from trailers.errors import RenderError, RequestError
from trailers.features.span import Span

READERS = {"otio": "otio_json", "edl": "cmx_3600", "fcp7": "fcp_xml", "fcpxml": "fcpx_xml"}


def read(form: str, timeline: Timeline, media: Media, path: Path) -> Any:
    """A timeline written by us and read by OpenTimelineIO's adapter of the format."""
    written = hand(form, timeline, media, path.with_suffix(ENDINGS[form]))
    more = {"rate": float(timeline.rate)} if form == "edl" else {}
    found = otio.adapters.read_from_file(str(written), adapter_name=READERS[form], **more)
    return found if isinstance(found, otio.schema.Timeline) else found[0]


def clips_of(track: Any) -> list[Any]:
    return [item for item in track if isinstance(item, otio.schema.Clip)]


def picture(found: Any) -> Any:
    """The track of pictures; of FCPXML the spine."""
    return next(track for track in found.tracks if track.kind == "Video" and track.name != "-1")


@pytest.mark.parametrize("rate", RATES, ids=str)
@pytest.mark.parametrize("form", ["otio", "edl", "fcp7"])
def test_another_reader_finds_the_same_frames_at_the_same_places(form: str, rate: Fraction, tmp_path: Path) -> None:
    timeline, held = plan(rate), at_hand(tmp_path, rate, HOUR)
    first = HOUR * round(rate)
    track = picture(read(form, timeline, held, tmp_path / "t"))
    clips = clips_of(track)[:3]
    spans = [(round(c.source_range.start_time.value), round(c.source_range.end_time_exclusive().value)) for c in clips]
    assert spans == [(first + clip.span.start, first + clip.span.stop) for clip in timeline.clips]
    places = [track.range_of_child(clip) for clip in clips]
    assert [(round(p.start_time.value), round(p.duration.value)) for p in places] == [(0, 48), (48, 30), (78, 2)]
    assert round(track.duration().value) == timeline.frames
    rates = {round(c.source_range.start_time.rate, 6) for c in clips}
    assert rates == {round(float(rate), 6)}


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(25)], ids=str)  # this reader cannot count others
def test_another_reader_finds_the_same_frames_in_fcpxml(rate: Fraction, tmp_path: Path) -> None:
    clips = clips_of(picture(read("fcpxml", plan(rate), at_hand(tmp_path, rate, HOUR), tmp_path / "t")))
    first = HOUR * round(rate)
    starts = [clip.source_range.start_time.value - first for clip in clips]
    # A dissolve is centred: the clip before lends 6 frames, the one that comes begins 6 later.
    assert starts == [100, 1939 + 6, 0]
    assert [clip.source_range.duration.value for clip in clips] == [48 + 6, 30 - 6, 2]


@pytest.mark.parametrize("form", READERS)
def test_files_bear_the_masters_own_names(form: str, tmp_path: Path) -> None:
    text = hand(form, plan(), at_hand(tmp_path), tmp_path / "out" / f"t{ENDINGS[form]}").read_text(encoding="utf-8")
    assert ("s01e01 ? cut 1.mp4" if form == "edl" else "cut 1.mp4" if form == "fcpxml" else "s01e01 — cut 1.mp4") in text
    assert str(tmp_path) not in text, "nothing of where this machine keeps its files"


def test_addresses_can_be_whole_for_programs_that_ask_for_that(tmp_path: Path) -> None:
    text = hand("fcp7", plan(), at_hand(tmp_path), tmp_path / "t.xml", absolute=True).read_text(encoding="utf-8")
    assert f"<pathurl>file://localhost{tmp_path}/episodes/s01e01%20%E2%80%94%20cut%201.mp4</pathurl>" in text


def test_media_are_found_from_where_the_file_will_lie(tmp_path: Path) -> None:
    for form in ("otio", "fcp7", "fcpxml", "mlt"):
        place = tmp_path / "store" / f"t{ENDINGS[form]}"
        text = hand(form, plan(), at_hand(tmp_path), place, beside=tmp_path / "out").read_text(encoding="utf-8")
        assert '"../episodes/s01e01' in text or ">../episodes/s01e01" in text


@pytest.mark.parametrize("form", ENDINGS)
def test_the_same_timeline_gives_the_same_bytes(form: str, tmp_path: Path) -> None:
    one, other = (hand(form, plan(), at_hand(tmp_path), tmp_path / f"{n}.x").read_bytes() for n in (1, 2))
    assert one == other


@pytest.mark.parametrize("form", ENDINGS)
def test_says_which_episode_is_missing(form: str, tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="'s01e02' is not among those at hand"):
        hand(form, plan(), media({"s01e01": episode("s01e01", tmp_path)}), tmp_path / "t")
    assert not (tmp_path / "t").exists()


def test_says_which_formats_there_are(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="there are otio, edl, fcp7, fcpxml, mlt"):
        hand("aaf", plan(), at_hand(tmp_path), tmp_path / "t.aaf")


@pytest.mark.parametrize("form", ENDINGS)
def test_a_clip_that_does_not_last_its_place_is_refused(form: str, tmp_path: Path) -> None:
    first, *others = plan().clips
    with pytest.raises(RenderError, match="does not last 48 frames"):
        hand(form, replace(plan(), clips=(replace(first, span=Span(100, 140)), *others)), at_hand(tmp_path), tmp_path / "t")


@pytest.mark.parametrize("form", ENDINGS)
def test_words_from_subtitles_break_no_file(form: str, tmp_path: Path) -> None:
    first, *others = plan().clips
    hostile = 'a <b>&amp;\x0b\x00" \n* LOC: 00:00:00:00 RED'
    timeline = replace(plan(), title=hostile, clips=(replace(first, why=hostile, shot=f"s01e01/{hostile}"), *others))
    written = hand(form, timeline, at_hand(tmp_path), tmp_path / f"t{ENDINGS[form]}").read_text(encoding="utf-8")
    if form in READERS:
        assert len(clips_of(picture(read(form, timeline, at_hand(tmp_path), tmp_path / "t")))) >= 3
    if form in ("fcp7", "fcpxml", "mlt"):
        assert "<b>" not in written
        assert "\x0b" not in written


def shapes() -> Iterator[tuple[Timeline, str, str]]:
    """Timelines with something that a format does not hold, and a word of how it is said."""
    bare = replace(plan(), music=None, captions=(), fade_in=0, fade_out=0)
    first, second, third = bare.clips
    yield plan(), "edl", "music"
    yield replace(bare, clips=(first, replace(second, joint="wash"), third)), "fcpxml", "washes"
    yield replace(bare, clips=(first, replace(second, joint="wipe"), third)), "mlt", "wipes"
    yield replace(bare, overlays=(Overlay(("Name",), Span(0, 9), "#fff"),)), "otio", "lower thirds"
    yield replace(bare, clips=(replace(first, views=(View("9:16", 0.3, 1, ()),)), second, third)), "fcp7", "framings"
    yield plan(), "otio", "fades"


@pytest.mark.parametrize(("timeline", "form", "word"), list(shapes()), ids=lambda value: value if isinstance(value, str) else "")
def test_what_a_format_cannot_hold_is_said(timeline: Timeline, form: str, word: str) -> None:
    assert any(word in line for line in not_carried(form, timeline))


@pytest.mark.parametrize("form", ["edl", "fcp7", "fcpxml", "mlt"])
def test_nothing_is_said_where_a_format_holds_all(form: str) -> None:
    bare = replace(plan(), music=None, captions=(), fade_in=0, fade_out=0)
    assert not_carried(form, bare) == ()


@given(lengths=st.lists(st.integers(2, 80), min_size=1, max_size=12), rate=st.sampled_from(RATES[:4]))
@settings(max_examples=15, deadline=None)
def test_a_timeline_of_any_rate_behind_a_clock_is_handed_over(lengths: list[int], rate: Fraction) -> None:
    at, clips = 0, []
    for number, length in enumerate(lengths):
        clips.append(Clip(f"s01e01/{number}", "s01e01", Span(10, 10 + length), Span(at, at + length)))
        at += length
    timeline = led(rerated(replace(plan(), clips=tuple(clips), cards=(), captions=(), music=None, fade_out=0), rate), BROADCAST)
    with TemporaryDirectory() as folder:
        held = at_hand(Path(folder), Fraction(24))
        read_back = read("otio", timeline, held, Path(folder) / "t")
        for form in ENDINGS:
            hand(form, timeline, held, Path(folder) / f"t{ENDINGS[form]}")
    total = sum(part.source_range.duration.rescaled_to(float(rate)).value for part in read_back.tracks[0])
    assert total == pytest.approx(timeline.frames, abs=len(clips))
    assert isinstance(read_back.tracks[0][-1].effects[0], otio.schema.FreezeFrame), "the last picture is held"


def test_a_clip_of_another_rate_keeps_the_timelines_frames(tmp_path: Path) -> None:
    timeline = plan()
    mixed = media({**at_hand(tmp_path).episodes, "s01e02": episode("s01e02", tmp_path, Fraction(30), 2400)})
    clip = replace(timeline.clips[1], span=Span(600, 637))  # 37 frames at 30 are 29.6 at 24
    timeline = replace(timeline, clips=(timeline.clips[0], clip, timeline.clips[2]))
    found = read("otio", timeline, mixed, tmp_path / "t")
    clips = clips_of(found.tracks[0])
    assert (clips[1].source_range.start_time.value, clips[1].source_range.start_time.rate) == (600, 30)
    assert (clips[1].source_range.duration.value, clips[1].source_range.duration.rate) == (30, 24)
    places = [round(item.range_in_parent().start_time.rescaled_to(24).value, 6) for item in clips]
    assert places == [0, 48, 78, 80]
    assert "00:00:20:00" in hand("edl", timeline, mixed, tmp_path / "t.edl").read_text()
    assert 'start="81/4s"' in hand("fcpxml", timeline, mixed, tmp_path / "t.fcpxml").read_text(), "20 s and half a dissolve"


def test_a_clip_at_half_speed_says_so_everywhere(tmp_path: Path) -> None:
    first = Clip("s01e01/0000", "s01e01", Span(10, 34), Span(0, 48), speed=Fraction(1, 2))
    timeline = replace(plan(), clips=(first,), cards=(), captions=(), music=None, fade_in=0, fade_out=0)
    held = at_hand(tmp_path)
    assert read("otio", timeline, held, tmp_path / "t").tracks[0][0].effects[0].time_scalar == 0.5
    assert read("edl", timeline, held, tmp_path / "t").tracks[0][0].effects[0].time_scalar == 0.5
    assert re.search(
        r"<parameterid>speed</parameterid>\s*<name>speed</name>\s*<value>50</value>", _text("fcp7", timeline, held, tmp_path)
    )
    assert 'value="250/3s"' in _text("fcpxml", timeline, held, tmp_path), "2000 frames in twice their time"
    assert "0.5:episodes/s01e01" in _text("mlt", timeline, held, tmp_path)


def test_hits_stand_in_their_place_with_their_gain(tmp_path: Path) -> None:
    timeline = replace(plan(), effects=(Effect("hit.flac", "cd" * 32, 72000, -6.0),))
    track = read("otio", timeline, at_hand(tmp_path), tmp_path / "t").tracks[-1]
    assert track.range_of_child(track[1]).start_time.value == 36
    assert track[1].metadata["trailers"]["gain"] == -6.0
    assert "<value>0.501187</value>" in _text("fcp7", timeline, at_hand(tmp_path), tmp_path)
    assert 'amount="-6dB"' in _text("fcpxml", timeline, at_hand(tmp_path), tmp_path)


def _text(form: str, timeline: Timeline, held: Media, folder: Path) -> str:
    return hand(form, timeline, held, folder / f"t{ENDINGS[form]}").read_text(encoding="utf-8")
