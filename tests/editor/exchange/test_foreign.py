"""Files as other programs write them, and as people leave them: reels, names, gaps, layers, nested sequences, speeds."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trailers.editor.exchange.back import Returned, read, returned
from trailers.editor.exchange.matching import Known
from trailers.editor.exchange.sources import Source
from trailers.editor.timeline import Card, Clip, Key, Timeline, View
from trailers.errors import RequestError
from trailers.features.media import AudioTrack, Episode
from trailers.features.shots import Shot
from trailers.features.span import Span

RATE = Fraction(24)


def episode(id: str, rate: Fraction = RATE) -> Episode:
    path = Path(f"/films/{id}_master.mov")
    return Episode(id, path, rate, 2000, (640, 360), Fraction(1), 0, False, (AudioTrack(2, 48000, None, 1),), id[-1] * 64)


def known(rate: Fraction = RATE, hours: tuple[int, ...] = (1, 2), drop: bool = False) -> Known:
    """Two episodes whose time code begins at one o'clock and at two."""
    episodes = {f"s01e0{n}": episode(f"s01e0{n}", rate) for n in (1, 2)}
    found = {}
    for (id, each), hour in zip(episodes.items(), hours, strict=True):
        first = hour * 107892 if drop else hour * 3600 * round(rate)
        reel = id.upper()
        found[id] = Source(id, each.path.name, each.path, rate, each.frames, reel, first, drop, True, channels=2)
    return Known(episodes, found)


def shots() -> tuple[Shot, ...]:
    return tuple(Shot(f"{id}/{n:04d}", id, Span(100 * n, 100 * n + 100)) for id in ("s01e01", "s01e02") for n in range(20))


def plan(rate: Fraction = RATE) -> Timeline:
    view = View("9:16", 0.3, 1.0, (Key(0, 0.4, 0.5),), why="stays on Ana")
    clips = (
        Clip("s01e01/0001", "s01e01", Span(110, 158), Span(0, 48), views=(view,), why="loud", slot="open"),
        Clip("s01e02/0004", "s01e02", Span(400, 430), Span(48, 78), "dissolve", 12, why="calm", slot="close"),
    )
    card = Card(("The Long Night",), Span(78, 138), "#102030", "#ffffff")
    return Timeline("s-g", "s", "The Long Night", "g", rate, clips, (card,), fade_out=24)


def came(text: str, folder: Path, name: str = "cut.edl", base: Timeline | None = None, own: Known | None = None) -> Returned:
    path = folder / name
    path.write_bytes(text.encode())
    base = base or plan()
    return returned(read(path, base.rate), base, own or known(base.rate), shots())


def shown(found: Returned) -> list[tuple[str, int, int, int, int]]:
    return [(clip.shot, clip.span.start, clip.span.stop, clip.into.start, clip.into.stop) for clip in found.timeline.clips]


def events(*lines: str, head: str = "TITLE: CUT\nFCM: NON-DROP FRAME\n") -> str:
    return head + "\n".join(lines) + "\n"


def test_resolve_names_clips_by_file_and_begins_at_one_o_clock(tmp_path: Path) -> None:
    found = came(
        events(
            "001  AX       V     C        01:00:04:14 01:00:06:14 01:00:00:00 01:00:02:00  ",
            "* FROM CLIP NAME: s01e01_master.mov",
            "",
            "002  AX       V     D    012 02:00:16:16 02:00:17:22 01:00:02:00 01:00:03:06  ",
            "* FROM CLIP NAME: s01e01_master.mov",
            "* TO CLIP NAME: s01e02_master.mov",
            "",
            "003  CARD     V     C        00:00:00:00 00:00:02:12 01:00:03:06 01:00:05:18",
            "* FROM CLIP NAME: CARD title 1: The Long Night",
        ).replace("\n", "\r\n"),
        tmp_path,
    )
    assert found.timeline == plan()
    assert (found.whole, found.notes) == ((True, True), ())


def test_premiere_writes_both_lines_of_a_dissolve_and_sound_by_itself(tmp_path: Path) -> None:
    found = came(
        events(
            "000001  S01E01   V     C        01:00:04:14 01:00:06:14 00:00:00:00 00:00:02:00",
            "* FROM CLIP NAME:  s01e01_master.mov",
            "000002  S01E01   V     C        01:00:06:14 01:00:06:14 00:00:02:00 00:00:02:00",
            "000002  S01E02   V     D    012 02:00:16:16 02:00:17:22 00:00:02:00 00:00:03:06",
            "* FROM CLIP NAME:  s01e01_master.mov",
            "* TO CLIP NAME:  s01e02_master.mov",
            "000003  S01E01   A     C        01:00:04:14 01:00:07:00 00:00:00:00 00:00:02:10",
            "000004  S01E01   A2    C        01:00:04:14 01:00:07:00 00:00:00:00 00:00:02:10",
        ),
        tmp_path,
    )
    first, second = found.timeline.clips
    assert (first.trail, second.mixed, second.joint) == (10, 12, "dissolve")
    assert shown(found) == [("s01e01/0001", 110, 158, 0, 48), ("s01e02/0004", 400, 430, 48, 78)]


def test_avid_knows_reels_alone_and_writes_windows_letters(tmp_path: Path) -> None:
    path = tmp_path / "avid.edl"
    text = events(
        "001  S01E02   V     C        02:00:16:16 02:00:17:22 01:00:00:00 01:00:01:06",
        "* LOC: 01:00:00:12 RED     Größer",
    )
    path.write_bytes(text.encode("cp1252"))
    found = returned(read(path, RATE), plan(), known(), shots())
    assert shown(found) == [("s01e02/0004", 400, 430, 0, 30)]
    assert found.remarks == ((12, "Größer"),)


def test_a_renamed_file_without_a_reel_is_known_by_its_time_code(tmp_path: Path) -> None:
    line = "001  AX       V     C        02:00:16:16 02:00:17:22 00:00:00:00 00:00:01:06"
    assert shown(came(events(line, "* FROM CLIP NAME: A004_C012.mxf"), tmp_path)) == [("s01e02/0004", 400, 430, 0, 30)]
    assert shown(came(events(line, "* FROM CLIP NAME: s01e02_master_PROXY (1).mp4"), tmp_path))[0][0] == "s01e02/0004"


@pytest.mark.parametrize(
    ("reel", "file", "shot", "told"),
    [
        ("S01E01", "s01e02_master.mov", "s01e02/0004", "event 001: its reel is S01E01, its file s01e02_master.mov"),
        ("S01E02", "s01e02_master.mov", "s01e01/0001", "event 001: its SHOT is s01e01/0001, its file s01e02_master.mov"),
        ("S01E01", "other.mov", "s01e02/0004", "event 001: its reel is S01E01, its SHOT s01e02/0004"),
        ("NOSUCH", "zzz.mp4", "s01e02/0004", "event 001: only its SHOT s01e02/0004 is known, not zzz.mp4, reel NOSUCH"),
    ],
)
def test_names_that_contradict_one_another_are_said(reel: str, file: str, shot: str, told: str, tmp_path: Path) -> None:
    line = f"001  {reel}   V     C        02:00:16:16 02:00:17:22 00:00:00:00 00:00:01:06"
    found = came(events(line, f"* FROM CLIP NAME: {file}", f"* SHOT: {shot}"), tmp_path)
    assert shown(found) == [("s01e02/0004", 400, 430, 0, 30)]
    assert found.notes == (f"{told}: taken as s01e02",)
    agreed = came(events(line, "* FROM CLIP NAME: s01e02_master.mov").replace(reel, "TAPE7"), tmp_path)
    assert agreed.notes == (), "a reel that the season does not know says nothing against a name that it knows"


def test_a_card_whose_name_was_dropped_is_the_card_that_stood_there(tmp_path: Path) -> None:
    one, two = "01:00:04:14 01:00:06:14 00:00:00:00 00:00:02:00", "02:00:16:16 02:00:17:22 00:00:02:00 00:00:03:06"
    clips = (f"001  S01E01   V     C        {one}", f"002  S01E02   V     C        {two}")
    card = "003  CARD     V     C        00:00:00:00 00:00:02:12 00:00:03:06 00:00:05:18"
    found = came(events(*clips, card), tmp_path)
    assert (found.timeline.cards, found.notes) == (plan().cards, ())
    later = came(events(*clips, card.replace("00:00:05:18", "00:00:05:06")), tmp_path)
    assert later.timeline.cards == (replace(plan().cards[0], into=Span(78, 126)),), "shorter, it is that card still"
    base = plan()
    more = Card(("Only here",), Span(138, 150), "#102030", "#ffffff", "line")
    base = replace(base, cards=(*base.cards, more))
    assert came(events(*clips, card), tmp_path, base=base).timeline.cards == plan().cards
    moved = "003  CARD     V     C        00:00:00:00 00:00:00:12 00:00:03:06 00:00:03:18"
    found = came(events(*clips, moved), tmp_path, base=base)
    assert found.timeline.cards == (replace(plan().cards[0], into=Span(78, 90)),), "the same place tells it"
    late = events(*clips, "003  S01E01   V     C        01:00:10:00 01:00:12:00 00:00:03:06 00:00:05:06")
    found = came(late + moved.replace("03:06 00:00:03:18", "05:06 00:00:05:18") + "\n", tmp_path, base=base)
    assert [card.lines for card in found.timeline.cards] == [("Only here",)]
    assert found.notes == ("the card at 0:05.25 has no name: it is taken as 'Only here', the nearest",)


def test_pictures_that_are_not_the_seasons_are_named_all_at_once(tmp_path: Path) -> None:
    text = events(
        "001  AX       V     C        10:00:16:16 10:00:17:22 00:00:00:00 00:00:01:06",
        "* FROM CLIP NAME: stock_rain.mov",
        "002  S01E01   V     C        01:01:30:00 01:01:31:06 00:00:01:06 00:00:02:12",
    )
    with pytest.raises(RequestError) as told:
        came(text, tmp_path)
    assert "clip 1 (stock_rain.mov, 0:00.00 to 0:01.25, event 001) is of no episode" in str(told.value)
    assert "clip 2 (S01E01, 0:01.25 to 0:02.50, event 002) shows frames 2160 to 2190 of s01e01, which has 2000" in str(told.value)


def test_a_trim_keeps_the_reason_and_what_a_person_framed(tmp_path: Path) -> None:
    base = plan()
    mine = replace(base.clips[0].views[0], by="Ana", keys=(Key(0, 0.2, 0.5), Key(40, 0.6, 0.5)))
    base = replace(base, clips=(replace(base.clips[0], views=(mine,)), base.clips[1]))
    line = "001  S01E01   V     C        01:00:04:20 01:00:06:08 00:00:00:00 00:00:01:12"
    (clip,) = came(events(line), tmp_path, base=base).timeline.clips
    assert (clip.shot, clip.span, clip.why, clip.slot) == ("s01e01/0001", Span(116, 152), "loud", "open")
    assert [key.at for key in clip.views[0].keys] == [0, 34]
    (clip,) = came(events(line), tmp_path).timeline.clips
    assert clip.views == ()  # those that nobody set are found anew


def test_black_between_clips_and_at_the_end(tmp_path: Path) -> None:
    found = came(
        events(
            "001  S01E01   V     C        01:00:04:14 01:00:06:14 00:00:00:00 00:00:02:00",
            "002  BL       V     C        00:00:00:00 00:00:00:12 00:00:02:00 00:00:02:12",
            "003  S01E02   V     C        02:00:16:16 02:00:17:22 00:00:02:12 00:00:03:18",
            "004  S01E02   V     C        02:00:17:22 02:00:17:22 00:00:03:18 00:00:03:18",
            "004  BL       V     D    012 00:00:00:00 00:00:00:12 00:00:03:18 00:00:04:06",
        ),
        tmp_path,
    )
    assert [(card.lines, card.ground, card.into) for card in found.timeline.cards] == [((), "#000000", Span(48, 60))]
    assert (found.timeline.frames, found.timeline.fade_out, found.timeline.clips[1].span) == (102, 12, Span(400, 442))
    assert found.notes == ("nothing stands at 0:02.00 for 12 frames: it is bare black there",)


@pytest.mark.parametrize(("fps", "speed", "frames"), [("012.0", Fraction(1, 2), 24), ("048.0", Fraction(2), 96)])
def test_speeds_of_an_edl(fps: str, speed: Fraction, frames: int, tmp_path: Path) -> None:
    seconds, rest = divmod(110 + frames, 24)
    line = f"001  S01E01   V     C        01:00:04:14 01:00:{seconds:02d}:{rest:02d} 00:00:00:00 00:00:02:00"
    (clip,) = came(events(line, f"M2   S01E01        {fps}                01:00:04:14"), tmp_path).timeline.clips
    assert (clip.speed, clip.span, len(clip.into)) == (speed, Span(110, 110 + frames), 48)


def test_a_held_picture_and_one_that_runs_backwards(tmp_path: Path) -> None:
    line = "001  S01E01   V     C        01:00:04:14 01:00:04:15 00:00:00:00 00:00:02:00"
    (clip,) = came(events(line, "M2   S01E01        000.0                01:00:04:14"), tmp_path).timeline.clips
    assert (clip.still, clip.span, clip.speed) == (True, Span(110, 111), Fraction(1, 48))
    line = "001  S01E01   V     C        01:00:04:14 01:00:06:14 00:00:00:00 00:00:02:00"
    found = came(events(line, "M2   S01E01       -024.0                01:00:04:14"), tmp_path)
    assert found.notes == ("event 001 plays backwards, which a timeline does not: it plays forwards",)


def test_events_that_stand_over_one_another_and_sources_without_length_are_told(tmp_path: Path) -> None:
    found = came(
        events(
            "001  S01E01   V     C        01:00:04:14 01:00:06:16 00:00:00:00 00:00:02:02",
            "002  S01E02   V     C        02:00:16:16 02:00:17:22 00:00:02:00 00:00:03:06",
            "003  S01E01   V     C        01:00:20:00 01:00:20:00 00:00:03:06 00:00:04:06",
        ),
        tmp_path,
    )
    assert shown(found)[:2] == [("s01e01/0001", 110, 158, 0, 48), ("s01e02/0004", 400, 430, 48, 78)]
    assert found.notes == (
        "event 003: its source has no length: it is played on for 24 frames",
        "event 001 ends 2 frames after event 002 begins: these are event 002's here",
    )


def test_drop_frame_is_counted_as_it_is_written(tmp_path: Path) -> None:
    rate = Fraction(30000, 1001)
    text = events(
        "001  S01E01   V     C        01:00:59;28 01:01:00;04 01:00:59;28 01:01:00;04", head="TITLE: CUT\nFCM: DROP FRAME\n"
    )
    (clip,) = came(text, tmp_path, base=plan(rate), own=known(rate, drop=True)).timeline.clips
    assert (clip.span, clip.into) == (Span(1798, 1802), Span(0, 4))


def test_what_is_no_list_is_told_in_one_sentence(tmp_path: Path) -> None:
    for text, words in (
        ("", "no event was found"),
        ("just a letter\n", "no event was found"),
        (events("001  S01E01   V     C        01:00:04:14 01:00:06:14 00:00:02:00 00:00:00:00"), "ends before it begins"),
        (events("001  S01E01   V     C        01:00:06:14 01:00:04:14 00:00:00:00 00:00:02:00"), "001: its source ends before"),
        (events("001  S01E01   V     C        01:00:04:14 01:00:06:14 00:00:00:61 00:00:02:00"), "event 001: '00:00:00:61'"),
        (events("001  S01E01   A     C        01:00:04:14 01:00:06:14 00:00:00:00 00:00:02:00"), "no picture"),
        ("<kdenlive/>", "XML of Final Cut Pro"),
        ("{", "no OpenTimelineIO document"),
        ('{"OTIO_SCHEMA": "Clip.1"}', "a timeline was asked for"),
        ('<?xml version="1.0"?><xmeml version="5"></xmeml>', "no sequence"),
        ("<xmeml><a></xmeml>", "cannot be read"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><xmeml/>', "declares entities"),
        ("<fcpxml><resources/></fcpxml>", "no project"),
    ):
        with pytest.raises(RequestError, match=words) as told:
            came(text, tmp_path)
        assert str(told.value).startswith("cut.edl: ")
    with pytest.raises(RequestError, match="cannot be read"):
        read(tmp_path / "none.edl", RATE)
    (tmp_path / "bad.otioz").write_bytes(b"PK\x03\x04 no")
    with pytest.raises(RequestError, match=r"no \.otioz that can be read"):
        read(tmp_path / "bad.otioz", RATE)


# OpenTimelineIO


def ranged(start: int, frames: int) -> otio.opentime.TimeRange:
    return otio.opentime.TimeRange(otio.opentime.RationalTime(start, 24), otio.opentime.RationalTime(frames, 24))


def part(id: str, start: int, frames: int, first: int) -> otio.schema.Clip:
    held = otio.schema.ExternalReference(f"file:///Volumes/films/{id}_master.mov", ranged(first, 2000))
    return otio.schema.Clip(f"{id}_master.mov", held, ranged(first + start, frames))


def cut(*tracks: otio.schema.Track) -> str:
    document = otio.schema.Timeline("cut", global_start_time=otio.opentime.RationalTime(86400, 24))
    document.tracks.extend(tracks)
    return str(otio.adapters.write_to_string(document, "otio_json"))


def video(*items: otio.core.Composable) -> otio.schema.Track:
    track = otio.schema.Track(kind="Video")
    track.extend(items)
    return track


ONE, TWO = 86400, 172800  # first frames of the two files by their time code


def test_of_layers_the_uppermost_is_seen(tmp_path: Path) -> None:
    low = video(part("s01e01", 110, 48, ONE), part("s01e02", 400, 30, TWO))
    high = video(otio.schema.Gap(source_range=ranged(0, 40)), part("s01e02", 700, 12, TWO))
    off = video(part("s01e02", 0, 78, TWO))
    off.enabled = False
    found = came(cut(low, high, off), tmp_path, "cut.otio")
    assert shown(found) == [
        ("s01e01/0001", 110, 150, 0, 40), ("s01e02/0007", 700, 712, 40, 52), ("s01e02/0004", 404, 430, 52, 78),
    ]  # fmt: skip


def test_a_title_over_the_picture_is_told_and_left_out(tmp_path: Path) -> None:
    drawn = otio.schema.GeneratorReference("Text", "Text", ranged(0, 24), {"text": "Now streaming"})
    high = video(otio.schema.Clip("Text", drawn, ranged(0, 24)))
    logo = video(otio.schema.Clip("logo.png", otio.schema.ExternalReference("logo.png"), ranged(0, 24)))
    found = came(cut(video(part("s01e01", 110, 48, ONE)), high, logo), tmp_path, "cut.otio")
    assert shown(found) == [("s01e01/0001", 110, 158, 0, 48)]
    assert found.notes == (
        "'Now streaming', laid over the picture at 0:00.00, is not taken over",
        "'logo.png', laid over the picture at 0:00.00, is not taken over",
    )


def test_a_title_between_clips_becomes_a_card(tmp_path: Path) -> None:
    drawn = otio.schema.GeneratorReference("Text", "Text", ranged(0, 24), {"text": "This autumn"})
    found = came(cut(video(part("s01e01", 110, 48, ONE), otio.schema.Clip("Text", drawn, ranged(0, 24)))), tmp_path, "cut.otio")
    assert [(card.lines, card.into) for card in found.timeline.cards] == [(("This autumn",), Span(48, 72))]
    assert "'This autumn'" in found.notes[0] or "This autumn" in found.notes[0]


def test_a_nested_sequence_is_laid_open(tmp_path: Path) -> None:
    inner = otio.schema.Stack("inner", [video(part("s01e01", 110, 48, ONE), part("s01e02", 400, 30, TWO))])
    inner.source_range = ranged(24, 40)
    found = came(cut(video(part("s01e01", 300, 12, ONE), inner)), tmp_path, "cut.otio")
    assert shown(found) == [
        ("s01e01/0003", 300, 312, 0, 12), ("s01e01/0001", 134, 158, 12, 36), ("s01e02/0004", 400, 416, 36, 52),
    ]  # fmt: skip


def test_a_dissolve_that_is_centred_on_its_cut_mixes_the_same_frames(tmp_path: Path) -> None:
    mix = otio.schema.Transition(
        "Cross Dissolve", "SMPTE_Dissolve", otio.opentime.RationalTime(6, 24), otio.opentime.RationalTime(6, 24)
    )
    found = came(cut(video(part("s01e01", 110, 54, ONE), mix, part("s01e02", 406, 24, TWO))), tmp_path, "cut.otio")
    assert shown(found) == [("s01e01/0001", 110, 158, 0, 48), ("s01e02/0004", 400, 430, 48, 78)]
    assert found.timeline.clips[1].mixed == 12


def test_a_clip_that_is_switched_off_is_black_and_told(tmp_path: Path) -> None:
    off = part("s01e02", 400, 30, TWO)
    off.enabled = False
    found = came(cut(video(part("s01e01", 110, 48, ONE), off, part("s01e01", 300, 12, ONE))), tmp_path, "cut.otio")
    assert "s01e02_master.mov at frame 48 is switched off, and left out" in found.notes
    assert found.timeline.cards[0].into == Span(48, 78)


def test_a_part_of_a_master_is_found_by_its_time_code(tmp_path: Path) -> None:
    held = otio.schema.ExternalReference("s01e02_master_001.mov", ranged(TWO + 390, 60))
    clip = otio.schema.Clip("cut from it", held, ranged(TWO + 400, 30))
    assert shown(came(cut(video(clip)), tmp_path, "cut.otio")) == [("s01e02/0004", 400, 430, 0, 30)]


# Final Cut Pro 7 XML


def xmeml(tracks: str, sound: str = "", files: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n<xmeml version="4"><project><children>'
        f"<bin><children>{files}</children></bin>"
        "<sequence id='sequence-1'><name>Cut 2</name><duration>78</duration>"
        "<rate><timebase>24</timebase><ntsc>FALSE</ntsc></rate>"
        f"<media><video>{tracks}</video><audio>{sound}</audio></media>"
        "<timecode><string>01:00:00:00</string><frame>86400</frame></timecode></sequence></children></project></xmeml>"
    )


def item(name: str, start: int, end: int, begin: int, stop: int, more: str = "", file: str = "") -> str:
    return (
        f"<clipitem><name>{name}</name><enabled>TRUE</enabled><rate><timebase>24</timebase><ntsc>FALSE</ntsc></rate>"
        f"<start>{start}</start><end>{end}</end><in>{begin}</in><out>{stop}</out>{file}{more}</clipitem>"
    )


def film(id: str, hour: int) -> str:
    return (
        f'<file id="file-{id}"><name>{id}_master.mov</name><pathurl>file://localhost/C%3a/films/{id}_master.mov</pathurl>'
        f"<timecode><rate><timebase>24</timebase><ntsc>FALSE</ntsc></rate><frame>{hour * 86400}</frame></timecode></file>"
    )


def mixing(start: int, end: int, name: str = "Cross Dissolve", alignment: str = "center") -> str:
    return (
        f"<transitionitem><start>{start}</start><end>{end}</end><alignment>{alignment}</alignment>"
        f"<effect><name>{name}</name><effectid>{name}</effectid></effect></transitionitem>"
    )


def test_premieres_xml_with_a_transition_over_the_cut(tmp_path: Path) -> None:
    track = (
        item("a", 0, -1, 110, 170, file=film("s01e01", 1)) + mixing(48, 60)
        + item("b", -1, 78, 400, 430, file=film("s01e02", 2))
    )  # fmt: skip
    found = came(xmeml(f"<track>{track}</track>"), tmp_path, "cut.xml")
    assert shown(found) == [("s01e01/0001", 110, 158, 0, 48), ("s01e02/0004", 400, 430, 48, 78)]
    assert (found.timeline.clips[1].mixed, found.timeline.clips[1].joint) == (12, "dissolve")


def test_a_dip_to_black_between_clips_and_a_fade_at_the_end(tmp_path: Path) -> None:
    track = (
        item("a", 0, -1, 110, 170, file=film("s01e01", 1)) + mixing(48, 60, "Dip to Black")
        + item("b", -1, -1, 400, 430, file=film("s01e02", 2)) + mixing(66, 78, alignment="end-black")
    )  # fmt: skip
    found = came(xmeml(f"<track>{track}</track>"), tmp_path, "cut.xml")
    assert (found.timeline.clips[1].joint, found.timeline.fade_out) == ("dip", 12)


def test_nested_sequences_files_by_id_and_what_is_switched_off(tmp_path: Path) -> None:
    inner = (
        "<sequence id='inner'><rate><timebase>24</timebase><ntsc>FALSE</ntsc></rate><media><video><track>"
        + item("x", 0, 100, 100, 200, file='<file id="file-s01e01"/>') + "</track></video></media></sequence>"
    )  # fmt: skip
    track = (
        f"<clipitem><name>nest</name><start>0</start><end>48</end><in>10</in><out>58</out>{inner}</clipitem>"
        + item("b", 48, 78, 400, 430, file=film("s01e02", 2))
    )  # fmt: skip
    off = "<track>" + item("c", 0, 78, 0, 78, file='<file id="file-s01e02"/>') + "<enabled>FALSE</enabled></track>"
    found = came(xmeml(f"<track>{track}</track>{off}", files=film("s01e01", 1)), tmp_path, "cut.xml")
    assert shown(found) == [("s01e01/0001", 110, 158, 0, 48), ("s01e02/0004", 400, 430, 48, 78)]
    assert found.notes == ("video track 2 is switched off",)


def test_speeds_and_effects_of_premiere(tmp_path: Path) -> None:
    remap = (
        "<filter><effect><name>Time Remap</name><effectid>timeremap</effectid>"
        "<parameter><parameterid>speed</parameterid><value>50</value></parameter></effect></filter>"
        "<filter><effect><name>Lumetri Color</name><effectid>Lumetri</effectid></effect></filter>"
    )
    track = item("a", 0, 48, 220, 268, remap, film("s01e01", 1))
    found = came(xmeml(f"<track>{track}</track>"), tmp_path, "cut.xml")
    (clip,) = found.timeline.clips
    assert (clip.speed, clip.span) == (Fraction(1, 2), Span(110, 134))
    assert found.notes == ("the effect 'Lumetri Color' on a is not taken over",)


def test_sounds_that_are_not_the_seasons_are_told(tmp_path: Path) -> None:
    track = item("a", 0, 48, 110, 158, file=film("s01e01", 1))
    voice = item("vo", 0, 40, 0, 40, file="<file id='vo'><name>vo_final.wav</name></file>")
    under = item("a", 0, 54, 110, 164, file='<file id="file-s01e01"/>')
    found = came(xmeml(f"<track>{track}</track>", f"<track>{under}</track><track>{voice}</track>"), tmp_path, "cut.xml")
    assert found.timeline.clips[0].trail == 6
    assert found.notes == ("vo_final.wav, heard at 0:00.00, is none of the season's sounds, and left out",)


# Final Cut Pro X


def test_final_cuts_own_library_with_connected_clips(tmp_path: Path) -> None:
    text = """<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE fcpxml><fcpxml version="1.10"><resources>
      <format id="r1" frameDuration="100/2400s"/>
      <asset id="r2" name="s01e01_master" start="3600s" duration="2000/24s" hasVideo="1" hasAudio="1">
        <media-rep kind="original-media" src="file:///films/s01e01_master.mov"/></asset>
      <asset id="r3" name="s01e02_master" start="7200s" duration="2000/24s" hasVideo="1" hasAudio="1">
        <media-rep kind="original-media" src="file:///films/s01e02_master.mov"/></asset></resources>
      <library><event><project name="Cut"><sequence format="r1" tcStart="3600s"><spine>
        <asset-clip ref="r2" offset="3600s" name="a" start="86510/24s" duration="54/24s"
          audioStart="86510/24s" audioDuration="60/24s">
          <asset-clip ref="r3" lane="1" offset="86520/24s" start="173500/24s" duration="12/24s" name="over" srcEnable="video"/>
          <marker start="86512/24s" duration="1/24s" value="too dark"/>
          <filter-video ref="r9" name="Color Board"/>
        </asset-clip>
        <transition name="Cross Dissolve" offset="86448/24s" duration="12/24s"/>
        <asset-clip ref="r3" offset="86454/24s" name="b" start="173206/24s" duration="24/24s"/>
      </spine></sequence></project></event></library></fcpxml>"""
    found = came(text, tmp_path, "cut.fcpxml")
    assert shown(found) == [
        ("s01e01/0001", 110, 120, 0, 10), ("s01e02/0007", 700, 712, 10, 22), ("s01e01/0001", 132, 158, 22, 48),
        ("s01e02/0004", 400, 430, 48, 78),
    ]  # fmt: skip
    assert found.timeline.clips[3].mixed == 12
    assert found.remarks == ((2, "too dark"),)
    assert "Color Board on a is not taken over" in found.notes


SAMPLES = {
    "edl": events(
        "001  S01E01   V     C        01:00:04:14 01:00:06:14 00:00:00:00 00:00:02:00",
        "002  S01E01   V     C        01:00:06:14 01:00:06:14 00:00:02:00 00:00:02:00",
        "002  S01E02   V     D    012 02:00:16:16 02:00:17:22 00:00:02:00 00:00:03:06",
        "M2   S01E02        024.0                02:00:16:16",
    ),
    "otio": cut(video(part("s01e01", 110, 48, ONE), part("s01e02", 400, 30, TWO))),
    "xml": xmeml(
        f"<track>{item('a', 0, -1, 110, 170, file=film('s01e01', 1))}{mixing(48, 60)}"
        f"{item('b', -1, 78, 400, 430, file=film('s01e02', 2))}</track>"
    ),
}


@pytest.mark.parametrize("form", SAMPLES)
@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_a_damaged_file_is_read_or_refused_in_one_sentence(form: str, data: st.DataObject) -> None:
    text = SAMPLES[form]
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text) - 1))
        more = data.draw(st.sampled_from(["", "0", "9999999", "-", ":", "NaN", "Infinity", "\x00", "<", "}", "null", "V", "é"]))
        text = text[:at] + more + text[at + data.draw(st.integers(0, 6)) :]
    frames, refused = 0, ""
    with TemporaryDirectory() as folder:
        try:
            frames = came(text, Path(folder), f"cut.{form}").timeline.frames
        except RequestError as reason:
            refused = str(reason).strip()
    assert bool(frames) != bool(refused)
    assert "\n" not in refused
    assert frames <= 30 * 60 * 24


def test_sequences_in_sequences_without_end_are_refused(tmp_path: Path) -> None:
    clips = '<asset-clip ref="r2" lane="1" offset="0s" duration="1s" name="a">' * 4000 + "</asset-clip>" * 4000
    text = (
        '<fcpxml version="1.10"><resources><format id="r1" frameDuration="1/24s"/></resources><project><sequence format="r1">'
        f"<spine>{clips}</spine></sequence></project></fcpxml>"
    )
    with pytest.raises(RequestError, match=r"^cut\.fcpxml: "):
        came(text, tmp_path, "cut.fcpxml")
    stack = otio.schema.Stack("0", [video(part("s01e01", 0, 24, ONE))])
    for depth in range(12):
        stack = otio.schema.Stack(str(depth), [video(stack)])
    with pytest.raises(RequestError, match="8 deep"):
        came(cut(video(stack)), tmp_path, "cut.otio")


@pytest.mark.parametrize(
    ("adapter", "name", "early"), [("cmx_3600", "c.edl", 6), ("fcp_xml", "c.xml", 6), ("fcpx_xml", "c.fcpxml", 0)]
)
def test_what_opentimelineios_own_adapters_write_is_read(adapter: str, name: str, early: int, tmp_path: Path) -> None:
    """Another writer than ours; that of FCPXML leaves transitions out, which then is a cut in their middle."""
    mix = otio.schema.Transition(
        "Cross Dissolve", "SMPTE_Dissolve", otio.opentime.RationalTime(6, 24), otio.opentime.RationalTime(6, 24)
    )
    document = otio.schema.Timeline("cut")
    document.tracks.append(video(part("s01e01", 110, 54, ONE), mix, part("s01e02", 406, 24, TWO), part("s01e01", 300, 20, ONE)))
    for clip in document.find_clips():
        clip.metadata["cmx_3600"] = {"reel": clip.name[:6].upper()}
    found = came(otio.adapters.write_to_string(document, adapter), tmp_path, name)
    assert shown(found) == [
        ("s01e01/0001", 110, 164 - early, 0, 54 - early), ("s01e02/0004", 406 - early, 430, 54 - early, 78),
        ("s01e01/0003", 300, 320, 78, 98),
    ]  # fmt: skip
    assert [clip.mixed for clip in found.timeline.clips] == [0, 2 * early, 0]
    assert found.notes == ()
