"""Other languages: lines from the files that state them, captions as they are read there."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from tests.conftest import SolidFilm
from trailers.editor.profile import Reading
from trailers.editor.timeline import Caption, Clip, Timeline
from trailers.editor.words.breaks import columns
from trailers.editor.words.captions import borders
from trailers.editor.words.languages import captioned, lines_in, reading_in, unsaid
from trailers.errors import RequestError
from trailers.features.dialogue import Line
from trailers.features.media import Episode
from trailers.features.span import Span

RATE = Fraction(24)
TEXTS = Path(__file__).parents[4] / "shared/footage/subtitles"


def episode(path: Path, frames: int = 2400) -> Episode:
    return Episode(path.stem, path, RATE, frames, (640, 360), Fraction(1), 0, False, (), "")


def season(folder: Path, solid: Path, **files: str) -> Mapping[str, Episode]:
    """Two episodes, and beside them files of one line each: `e1_es_srt="¡Corre!"`."""
    for name, text in files.items():
        stem, language, form = name.split("_")
        (folder / f"{stem}.{language}.{form}").write_text(f"1\n00:00:01,000 --> 00:00:02,000\n{text}\n", encoding="utf-8")
    for stem in ("e1", "e2"):
        (folder / f"{stem}.mp4").write_bytes(solid.read_bytes())
    return {stem: episode(folder / f"{stem}.mp4") for stem in ("e1", "e2")}


@pytest.fixture(scope="session")
def solid(solid_film: SolidFilm) -> Path:
    return solid_film()


def test_lines_of_a_language_come_from_the_files_that_state_it(tmp_path: Path, solid: Path) -> None:
    files = {"e1_es_srt": "¡Corre!", "e2_es_srt": "¡No!", "e1_en_srt": "Run!", "e2_en_srt": "No!"}
    found = lines_in("es", season(tmp_path, solid, **files))
    assert found == {"e1": (Line("¡Corre!", Span(24, 48)),), "e2": (Line("¡No!", Span(24, 48)),)}


def test_an_episode_without_the_language_is_named(tmp_path: Path, solid: Path) -> None:
    with pytest.raises(RequestError, match=r"'es'.*e2\.mp4 has no subtitles.*add e2\.es\.srt"):
        lines_in("es", season(tmp_path, solid, e1_es_srt="¡Corre!", e2_en_srt="No!"))


@pytest.mark.parametrize(
    ("language", "read"),
    [("", (42, 20)), ("en-GB", (42, 20)), ("es", (42, 17)), ("ja", (26, 8)), ("zh-Hant", (32, 18)), ("ko", (32, 24))],
)
def test_rows_and_speed_are_those_of_the_language(language: str, read: tuple[int, int]) -> None:
    found = reading_in(language, Reading(columns=42, speed=30.0))
    assert (found.columns, found.speed) == read


def test_a_profile_that_asks_for_less_is_obeyed() -> None:
    assert reading_in("es", Reading(columns=32, speed=15.0, gap=4)) == Reading(columns=32, speed=15.0, gap=4)


def plan(*captions: Caption) -> Timeline:
    clips = (Clip("e1/0", "e1", Span(0, 240), Span(0, 240)),)
    return Timeline("t", "s", "T", "g", RATE, clips, captions=captions)


def test_the_same_cut_is_captioned_in_another_language(tmp_path: Path) -> None:
    lines = {"e1": (Line("¡Corre, que vienen!", Span(30, 60)),)}
    found = captioned(plan(Caption("Run!", Span(30, 50))), "es", lines, {"e1": episode(tmp_path / "e1.mp4")})
    assert (found.language, found.captions) == ("es", (Caption("¡Corre, que vienen!", Span(30, 60)),))
    assert found.clips == plan().clips


def test_what_the_other_language_leaves_out_is_named() -> None:
    own = plan(Caption("Run!", Span(0, 24)), Caption("Now!", Span(40, 64)))
    assert unsaid(own, plan(Caption("¡Corre!", Span(10, 50)))) == ()
    assert unsaid(own, plan(Caption("¡Corre!", Span(10, 30)))) == (Caption("Now!", Span(40, 64)),)


@pytest.mark.footage
@pytest.mark.skipif(not TEXTS.is_dir(), reason="the real subtitles are not here")
@pytest.mark.parametrize("film", ["tears_of_steel", "elephants_dream"])
def test_real_subtitles_in_every_language_obey_the_rules(film: str) -> None:
    from trailers.features.dialogue import read_lines

    episodes = {film: episode(TEXTS / f"{film}.mp4", 24 * 800)}
    spans = [Span(480 + 700 * n, 480 + 700 * n + 60 + 25 * (n % 6)) for n in range(24)]
    clips: list[Clip] = []
    for number, span in enumerate(spans):
        at = clips[-1].into.stop if clips else 0
        clips.append(Clip(f"{film}/{number}", film, span, Span(at, at + len(span)), trail=8 * (number % 3)))
    said = 0
    for path in sorted(TEXTS.glob(f"{film}.*.*")):
        if "audiodescription" in path.name:
            continue
        lines = {film: read_lines(path, episodes[film])}
        found = captioned(Timeline("t", "s", "T", "g", RATE, tuple(clips)), path.suffixes[0][1:3], lines, episodes)
        said += len(found.captions)
        for caption in found.captions:
            assert not [cut for cut in borders(found) if caption.into.start < cut < caption.into.stop]
            assert caption.text.count("\n") <= 1
            assert all(0 < columns(row) <= 42 for row in caption.text.split("\n"))
        assert all(after.into.start - before.into.stop >= 2 for before, after in pairwise(found.captions))
    assert said > 20
