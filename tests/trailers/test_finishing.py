"""Plans finished: shorter ones like the longer, lower thirds as long as they are read and out of the way of captions."""

import wave as waves
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from trailers import errands, sayings
from trailers.demo import music
from trailers.editor.pace import on_beat
from trailers.editor.sound.clock import RATE
from trailers.editor.sound.grid import heard
from trailers.editor.timeline import Card, Clip, Overlay, Timeline
from trailers.features.dialogue import Line
from trailers.features.media import Episode
from trailers.features.span import Span
from trailers.finishing import Material, scored, worded
from trailers.results import Footage
from trailers.run import engine
from trailers.season import Season, Words
from trailers.spec import read_season
from trailers.stages import open_work

FILM = Fraction(24)
EPISODE = Episode("e", Path("e.mp4"), FILM, 4000, (64, 36), Fraction(1), 0, False, (), "")
LENGTHS = (50, 61, 43, 90, 57, 38, 66, 47)


def plan(numbers: range) -> Timeline:
    """Clips of every second of these lengths, each of a shot of 240 frames, and a title; a lower third over the second clip."""
    clips: list[Clip] = []
    at = 0
    for n in numbers:
        span, slot = Span(240 * n + 60, 240 * n + 60 + LENGTHS[n]), "build" if clips else "open"
        clips.append(Clip(f"e/{n:04d}", "e", span, Span(at, at + LENGTHS[n]), slot=slot))
        at += LENGTHS[n]
    card = Card(("T",), Span(at, at + 60), "#203040", "#ffffff")
    over = Overlay(("Words",), Span(clips[1].into.start, clips[1].into.start + 24), "#ffffff", "#203040")
    return Timeline("s-a", "s", "T", "a", FILM, tuple(clips), (card,), (over,))


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    bed = tmp_path_factory.mktemp("music") / "bed.wav"
    with waves.open(str(bed), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((music.bed().clip(-1, 1) * 32767).round().astype("<i2").tobytes())
    season = Season("s", "T", bed.parent, (), bed.parent / "h.csv", music=(bed,), words=Words(based=True))
    shots = {f"e/{n:04d}": Span(240 * n, 240 * n + 240) for n in range(len(LENGTHS))}
    return Material(season, Footage({"e": EPISODE}, {}, {"e": ()}, {}, ()), {}, shots, {"a": ("music",)}, heard(bed))


def test_a_shorter_length_shows_the_frames_of_the_longer_on_the_beat(material: Material) -> None:
    longer = scored(material, plan(range(8)), {"e": ()}, "")
    alone, like = (scored(material, plan(range(0, 8, 2)), {"e": ()}, "", made) for made in ((), (longer,)))
    shown = {clip.span for clip in longer.clips}
    assert sum(clip.span in shown for clip in like.clips) >= 3  # of 4
    assert sum(clip.span in shown for clip in alone.clips) < 3
    on, of = on_beat(like, {})
    assert on == of == 4


def test_a_lower_third_is_as_long_as_it_is_read_in_every_language(material: Material) -> None:
    season = replace(material.season, words=Words(based=True, languages=("es",)))
    (message,) = sayings.messages(season, ("music",))
    for language, text in (("", "Picked for what you like to watch: music"), ("es", "Elegido por lo que te gusta ver: música")):
        (over,) = worded(replace(material, season=season), plan(range(8)), {"e": ()}, language).overlays
        assert over.lines == (text,)
        assert len(over.into) == round(message.seconds * 24)
        assert over.into.start == plan(range(8)).clips[3].into.start + 6  # the longest clip's
        assert not over.raised


def test_a_lower_third_is_left_out_in_a_language_that_has_no_words_for_it(material: Material) -> None:
    assert worded(material, plan(range(8)), {"e": ()}, "eu").overlays == ()


def test_a_lower_third_goes_where_nothing_is_said_or_above_what_is(material: Material) -> None:
    spans = [clip.span for clip in plan(range(8)).clips]
    there = Line("Who is there?", Span(spans[3].start + 8, spans[3].stop - 8))
    (over,) = worded(material, plan(range(8)), {"e": (there,)}, "").overlays
    assert not over.raised
    assert not over.into.overlap(plan(range(8)).clips[3].into)
    everywhere = tuple(Line("Who is there?", Span(span.start + 2, span.stop - 2)) for span in spans)
    (over,) = worded(material, plan(range(8)), {"e": everywhere}, "").overlays
    assert over.raised


def test_lengths_stand_in_the_order_asked_though_the_longest_is_made_first(done: Path) -> None:
    done.write_text(done.read_text().replace("seconds = [4]", "seconds = [4, 8, 3]"))
    season = read_season(done)
    with engine("local", progress=False) as mapped:
        plans = errands.planned(season, open_work(season, mapped))
    assert [(plan.seconds, plan.main) for plan in plans[:3]] == [(4, True), (8, False), (3, False)]
    for middle, longest, short in zip(plans[::3], plans[1::3], plans[2::3], strict=True):
        assert middle.segment == longest.segment == short.segment
        shown = {(clip.episode, clip.span) for clip in longest.timeline.clips}
        for shorter in (middle, short):
            assert any((clip.episode, clip.span) in shown for clip in shorter.timeline.clips)
