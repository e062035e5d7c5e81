"""What comes back from other programs is the same frames, or says by how little it may be others."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.editor.conftest import NumberedFilm
from trailers.editor.exchange.back import Returned, read, returned
from trailers.editor.exchange.cut import Cut
from trailers.editor.exchange.hand import ENDINGS, hand
from trailers.editor.exchange.matching import Known
from trailers.editor.exchange.sources import Media, sources
from trailers.editor.picture.frames import frames_at
from trailers.editor.timeline import Card, Clip, Effect, Music, Take, Timeline
from trailers.features.media import AudioTrack, Episode, probe
from trailers.features.span import Span
from trailers.season import Joint

FORMATS = ("otio", "edl", "fcp7", "fcpxml")
RATES = tuple(map(Fraction, ("24", "24000/1001", "25", "30", "30000/1001", "50", "60000/1001")))
FIRST = (0, 3600, 35996)  # seconds at which a file's time code begins
FRAMES = 3000


def episode(id: str, rate: Fraction) -> Episode:
    track = AudioTrack(2, 48000, None, 1)
    return Episode(id, Path(f"/films/{id} — cut 1.mov"), rate, FRAMES, (640, 360), Fraction(1), 0, False, (track,), id[-1] * 64)


def at_hand(rates: Sequence[Fraction], seconds: Sequence[int]) -> Media:
    episodes = {f"s01e0{n}": episode(f"s01e0{n}", rate) for n, rate in enumerate(rates, 1)}
    found = sources(episodes)
    coded = {
        id: replace(source, first=begins * round(source.rate), coded=True, drop=False)
        for (id, source), begins in zip(found.items(), seconds, strict=True)
    }
    return Media(episodes, coded)


@st.composite
def cuts(draw: st.DrawFn, mixed_rates: bool = False, speeds: Sequence[str] = ("1",)) -> tuple[Timeline, Media]:
    """A timeline that could have been planned, with what is at hand of it."""
    rate = draw(st.sampled_from(RATES))
    rates = [draw(st.sampled_from(RATES)) if mixed_rates else rate for _ in range(3)]
    media = at_hand(rates, [draw(st.sampled_from(FIRST)) for _ in rates])
    at, clips, cards = 0, list[Clip](), list[Card]()
    for number in range(draw(st.integers(1, 7))):
        if draw(st.integers(0, 5)) == 0:
            length = draw(st.integers(1, 60))
            kind: Literal["title", "line", "date"] = draw(st.sampled_from(["title", "line", "date"]))
            cards.append(Card((f"Words {number}",), Span(at, at + length), "#102030", "#ffffff", kind))
            at += length
        id = draw(st.sampled_from(sorted(media.episodes)))
        start, count = draw(st.integers(0, FRAMES - 400)), draw(st.integers(2, 150))
        speed = Fraction(draw(st.sampled_from(speeds)))
        span = Span(start, start + count)
        length = frames_at(span, media.episodes[id], rate, speed)
        before = clips[-1] if clips and clips[-1].into.stop == at else None
        most = min(length - 1, len(before.into) // 2, 40) if before else 0
        mixed = draw(st.integers(0, most)) if most > 0 else 0
        joint: Joint = draw(st.sampled_from(["dissolve", "dip", "wash", "wipe"])) if mixed else "cut"
        lead, trail = draw(st.integers(-1, 6)), draw(st.integers(-1, 6))
        clips.append(
            Clip(
                f"{id}/{number:04d}", id, span, Span(at, at + length), joint, mixed, speed, lead if at else 0, trail,
                why="loud; fast", slot="open" if number < 2 else "close",
            )
        )  # fmt: skip
        at += length
    music = Music("bed one.mp3", "ab" * 32, (Take(72000, 0, 280000), Take(0, 280000, 96000)))
    hits = (Effect("boom.wav", "cd" * 32, 24000, -3.0),)
    made = Timeline("s-g", "s", "The Long Night", "general", rate, tuple(clips), tuple(cards), music=music, effects=hits)
    return replace(made, fade_in=min(draw(st.integers(0, 5)), made.frames)), media


def back(format: str, timeline: Timeline, media: Media, base: Timeline | None = None, bare: bool = False) -> Returned:
    """A timeline written, read and put beside its base; `bare`: of what we write for ourselves alone nothing is read."""
    with TemporaryDirectory() as folder:
        cut = read(hand(format, timeline, media, Path(folder) / f"t{ENDINGS[format]}"), timeline.rate)
    if bare:
        cut = anonymous(cut)
    return returned(cut, base or timeline, Known(media.episodes, media.sources), ())


def elsewhere(timeline: Timeline, media: Media) -> Timeline:
    """A timeline of the same season that shows none of the same frames."""
    span = Span(FRAMES - 10, FRAMES - 1)
    into = Span(0, frames_at(span, media.episodes["s01e03"], timeline.rate))
    return replace(timeline, clips=(Clip("s01e03/9999", "s01e03", span, into),), cards=(), music=None, effects=())


def alike(found: Timeline, asked: Timeline) -> None:
    for one, other in zip(found.parts, asked.parts, strict=True):
        assert one == other
    assert (found.music, found.effects) == (asked.music, asked.effects)
    assert found == asked


def anonymous(cut: Cut) -> Cut:
    return replace(cut, picture=tuple(replace(event, span=None, shot="") for event in cut.picture))


@pytest.mark.parametrize("format", FORMATS)
@given(made=cuts(speeds=("1", "1", "1", "1/2", "2", "3/4")))
@settings(max_examples=25, deadline=None)
def test_a_timeline_that_nobody_touched_comes_back_as_it_went(format: str, made: tuple[Timeline, Media]) -> None:
    timeline, media = made
    found = back(format, timeline, media)
    alike(found.timeline, timeline)
    assert found.origin == tuple(range(len(timeline.clips)))
    assert all(found.whole)


@pytest.mark.parametrize("format", FORMATS)
@given(made=cuts(mixed_rates=True))
@settings(max_examples=25, deadline=None)
def test_one_of_episodes_at_other_rates_too(format: str, made: tuple[Timeline, Media]) -> None:
    timeline, media = made
    alike(back(format, timeline, media).timeline, timeline)


@pytest.mark.parametrize("format", FORMATS)
@given(made=cuts())
@settings(max_examples=30, deadline=None)
def test_a_files_own_numbers_tell_every_frame(format: str, made: tuple[Timeline, Media]) -> None:
    """Beside a timeline that shows none of it, without what we write for ourselves."""
    timeline, media = made
    other = elsewhere(timeline, media)
    found = back(format, timeline, media, other, bare=True).timeline
    assert [(clip.episode, clip.span, clip.into, clip.mixed) for clip in found.clips] == [
        (clip.episode, clip.span, clip.into, clip.mixed) for clip in timeline.clips
    ]


@pytest.mark.parametrize("format", FORMATS)
@given(made=cuts(mixed_rates=True))
@settings(max_examples=30, deadline=None)
def test_at_another_rate_a_clip_is_off_by_no_more_than_the_format_can_count(format: str, made: tuple[Timeline, Media]) -> None:
    timeline, media = made
    other = elsewhere(timeline, media)
    found = back(format, timeline, media, other, bare=True).timeline
    for clip, asked in zip(found.clips, timeline.clips, strict=True):
        own = media.episodes[asked.episode].rate
        # An EDL counts at the timeline's rate; a clip may begin a frame off so that its frames fill its place.
        bound = (own / timeline.rate / 2 + 1 if format == "edl" else 1) if own != timeline.rate else 0
        assert (clip.episode, clip.into, clip.mixed) == (asked.episode, asked.into, asked.mixed)
        assert abs(clip.span.start - asked.span.start) <= bound


def trimmed(timeline: Timeline, number: int, head: int, tail: int, media: Media) -> Timeline:
    """Clip `number` without its first `head` and its last `tail` frames of its episode, all that follows earlier."""
    clip = timeline.clips[number]
    span = Span(clip.span.start + head, clip.span.stop - tail)
    length = frames_at(span, media.episodes[clip.episode], timeline.rate, clip.speed)
    by, stop = len(clip.into) - length, clip.into.stop

    def earlier(into: Span) -> Span:
        return into.shift(-by) if into.start >= stop else into

    clips = [replace(each, into=earlier(each.into)) for each in timeline.clips]
    clips[number] = replace(clip, span=span, into=Span(clip.into.start, stop - by), joint="cut", mixed=0)
    if number + 1 < len(clips):
        clips[number + 1] = replace(clips[number + 1], joint="cut", mixed=0)
    cards = tuple(replace(card, into=earlier(card.into)) for card in timeline.cards)
    return replace(timeline, clips=tuple(clips), cards=cards)


@pytest.mark.parametrize("format", FORMATS)
@given(made=cuts(), data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_trim_comes_back_to_the_frame(format: str, made: tuple[Timeline, Media], data: st.DataObject) -> None:
    timeline, media = made
    number = data.draw(st.integers(0, len(timeline.clips) - 1))
    count = len(timeline.clips[number].span)
    head = data.draw(st.integers(0, count - 1))
    tail = data.draw(st.integers(0, count - 1 - head))
    edited = trimmed(timeline, number, head, tail, media)
    found = back(format, edited, media, timeline)
    assert [(clip.shot, clip.span, clip.into, clip.mixed) for clip in found.timeline.clips] == [
        (clip.shot, clip.span, clip.into, clip.mixed) for clip in edited.clips
    ]
    assert found.timeline.cards == edited.cards
    assert [n for n, whole in enumerate(found.whole) if not whole] == ([number] if head + tail else [])


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_of_variable_rate_loses_no_frame(format: str, numbered_film: NumberedFilm) -> None:
    times = [round(n * 1000 / 24) + (7 if n % 3 else 0) for n in range(120)]
    film = probe(numbered_film("vfr.mp4", times=times), "s01e01")
    assert film.variable
    rate, spans = Fraction(24), (Span(10, 58), Span(80, 101))
    at, clips = 0, []
    for number, span in enumerate(spans):
        length = frames_at(span, film, rate)
        clips.append(Clip(f"s01e01/{number:04d}", "s01e01", span, Span(at, at + length)))
        at += length
    timeline = Timeline("s-g", "s", "The Long Night", "general", rate, tuple(clips))
    media = Media({"s01e01": film}, sources({"s01e01": film}))
    alike(back(format, timeline, media).timeline, timeline)
    other = replace(timeline, clips=(Clip("s01e01/9999", "s01e01", Span(0, 4), Span(0, 4)),))
    found = back(format, timeline, media, other, bare=True).timeline
    for clip, asked in zip(found.clips, timeline.clips, strict=True):
        assert clip.into == asked.into
        assert abs(clip.span.start - asked.span.start) <= 1, "a frame at most where nothing tells which one it was"


@pytest.mark.parametrize(("format", "adapter"), [("fcp7", "fcp_xml"), ("edl", "cmx_3600")])
def test_what_another_program_read_and_wrote_again_is_the_same_cut(format: str, adapter: str, tmp_path: Path) -> None:
    """By way of OpenTimelineIO's own readers, which keep little of what we write for ourselves."""
    import opentimelineio as otio

    media = at_hand([Fraction(24)] * 3, [3600, 0, 7200])
    clips = (
        Clip("s01e01/0001", "s01e01", Span(110, 158), Span(0, 48)),
        Clip("s01e02/0004", "s01e02", Span(400, 430), Span(48, 78), "dissolve", 12),
        Clip("s01e03/0002", "s01e03", Span(200, 230), Span(138, 168)),
    )
    card = Card(("The Long Night",), Span(78, 138), "#102030", "#ffffff")
    timeline = Timeline("s-g", "s", "The Long Night", "general", Fraction(24), clips, (card,))
    path = hand(format, timeline, media, tmp_path / f"cut{ENDINGS[format]}")
    told = {"rate": 24} if format == "edl" else {}
    document = otio.adapters.read_from_file(str(path), adapter_name=adapter, **told)
    document = document if isinstance(document, otio.schema.Timeline) else document.find_children(otio.schema.Timeline)[0]
    again = tmp_path / "again.otio"
    again.write_text(otio.adapters.write_to_string(document, "otio_json"), encoding="utf-8")
    found = returned(read(again, timeline.rate), timeline, Known(media.episodes, media.sources), ())
    alike(found.timeline, timeline)
    assert found.notes == ()


def test_what_a_list_cannot_count_is_told_with_its_bound() -> None:
    media = at_hand([Fraction(24), Fraction(50), Fraction(24)], [0, 0, 0])
    clips = (
        Clip("s01e02/0001", "s01e02", Span(100, 200), Span(0, 48)),
        Clip("s01e01/0001", "s01e01", Span(110, 158), Span(48, 96)),
    )
    timeline = Timeline("s-g", "s", "The Long Night", "general", Fraction(24), clips)
    edited = trimmed(timeline, 0, 25, 0, media)
    told = {format: back(format, edited, media, timeline, bare=True).notes for format in FORMATS}
    assert told.pop("edl") == (
        "clip 1 (s01e02/0001) begins at frame 125, give or take 1.0: the EDL counts 24 a second, the file has 50",
    )
    assert set(told.values()) == {()}
    assert back("edl", timeline, media, bare=True).notes == ()
