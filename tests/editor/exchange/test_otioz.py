"""OTIOZ: one file that holds the cut and short films of what it shows, with the masters' time code."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from zipfile import ZipFile

import opentimelineio as otio
import pytest

from tests.editor.exchange.reels import at_hand, coded, plan
from trailers.editor.exchange.excerpt import excerpt, small
from trailers.editor.exchange.otioz import Cut, bundle, cuts
from trailers.editor.exchange.sources import Media, media
from trailers.editor.timeline import Clip, Timeline
from trailers.features.media import probe
from trailers.features.span import Span
from trailers.features.timecode import code_of

NumberedFilm = Callable[..., Path]
Numbers = Callable[[Path], list[int]]


def test_a_clip_needs_what_it_shows_what_is_borrowed_and_its_handles(tmp_path: Path) -> None:
    found = {cut.link: cut.span for cut in cuts(plan(), at_hand(tmp_path))}
    assert found == {1: Span(88, 172), 2: Span(1927, 1981), 3: Span(0, 14)}, "12 frames that the dissolve borrows of the first"


def test_sound_that_leads_is_in_the_stretch_too(tmp_path: Path) -> None:
    first, second, last = plan().clips
    clips = (first, replace(second, joint="cut", mixed=0, lead=20), last)
    found = {cut.link: cut.span for cut in cuts(replace(plan(), clips=clips), at_hand(tmp_path))}
    assert found[2] == Span(1939 - 20 - 12, 1981)


def test_a_proxy_shows_the_masters_frames_under_their_time_code(
    numbered_film: NumberedFilm, numbers: Numbers, tmp_path: Path
) -> None:
    episode = probe(numbered_film(frames=60, rate=Fraction(25)), "a")
    held = coded(media({"a": episode}), {"a": (900000, False)})
    made = excerpt(episode, Span(20, 45), held.sources["a"], 900020, tmp_path / "a.mov")
    assert numbers(made) == list(range(20, 45))
    assert code_of(made, Fraction(25)) == replace(code_of(made, Fraction(25)), first=900020, reel="A", known=True)


def test_a_proxy_of_a_variable_file_keeps_its_time(numbered_film: NumberedFilm, numbers: Numbers, tmp_path: Path) -> None:
    times = [0, 40, 80, 120, 280, 320, 360, 400, 440, 480, 520, 560]  # one picture stays four times as long
    episode = probe(numbered_film("slow.mp4", frames=12, rate=Fraction(25), times=times), "a")
    assert episode.variable
    made = excerpt(episode, Span(2, 10), media({"a": episode}).sources["a"], 2, tmp_path / "a.mov")
    assert numbers(made) == [2, 3, 3, 3, 3, 4, 5, 6]


def test_proxies_are_small_and_keep_their_shape() -> None:
    assert small((3840, 2160)) == (640, 360)
    assert small((320, 180)) == (320, 180)
    assert small((1998, 1080)) == (640, 346)


@pytest.fixture
def bundled(numbered_film: NumberedFilm, tmp_path: Path) -> Path:
    episode = probe(numbered_film("night — 1.mp4", frames=80), "a")
    held: Media = coded(media({"a": episode}), {"a": (86400, False)})
    clips = (Clip("a/0", "a", Span(20, 40), Span(0, 20)), Clip("a/1", "a", Span(60, 70), Span(20, 30), "dissolve", 4))
    timeline = Timeline("n-g", "n", "Night", "g", Fraction(24), clips)
    made: dict[int, tuple[Cut, Path]] = {}
    for cut in cuts(timeline, held):
        path = tmp_path / f"{cut.link}.mov"
        made[cut.link] = cut, excerpt(episode, cut.span, held.sources["a"], 86400 + cut.span.start, path)
    return bundle(timeline, held, made, tmp_path / "t.otioz")


def test_another_program_opens_the_bundle_and_finds_every_film(bundled: Path, numbers: Numbers, tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    found = otio.adapters.read_from_file(str(bundled), extract_to_directory=str(tmp_path / "open"))
    (place,) = (path.parent for path in (tmp_path / "open").rglob("content.otio"))
    shown = []
    for clip in found.tracks[0].find_clips():
        film = place / clip.media_reference.target_url
        start = clip.source_range.start_time - clip.media_reference.available_range.start_time
        held = numbers(film)
        assert len(held) == clip.media_reference.available_range.duration.value
        shown += held[round(start.value) : round(start.value + clip.source_range.duration.value)]
    assert shown == [*range(20, 40), *range(60, 70)]
    assert clip.source_range.start_time.value == 86460
    assert clip.media_reference.metadata["trailers"]["proxy_of"] == "night — 1.mp4"


def test_a_bundle_is_what_its_format_asks_for(bundled: Path) -> None:
    with ZipFile(bundled) as file:
        assert file.read("version.txt") == b"1.0.0"
        assert sorted(file.namelist()) == ["content.otio", "media/001-A.mov", "media/002-A.mov", "version.txt"]
        assert file.testzip() is None
        assert {file.getinfo(name).compress_type for name in file.namelist() if name.startswith("media/")} == {0}
