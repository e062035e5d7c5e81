"""Timelines to files: nothing is made twice, and every engine makes the same bytes."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest

from tests.conftest import SolidFilm
from trailers import rendering
from trailers.editor.gate.asked import Asked
from trailers.editor.profile import HOUSE
from trailers.editor.sound.mix import measure
from trailers.editor.timeline import Caption, Clip, Timeline
from trailers.features.media import probe
from trailers.features.span import Span
from trailers.results import Work
from trailers.run import engine
from trailers.store import Store, digest

NAMES = ("red", "green", "blue")


@pytest.fixture(scope="module")
def wanted(solid_film: SolidFilm) -> dict[str, Asked]:
    """Two orders of three clips, and the first again with its last clip exchanged."""
    film = probe(solid_film(), "e1")
    shots = {"red": Span(2, 26), "green": Span(32, 56), "blue": Span(72, 96), "later": Span(90, 114)}

    def asked(*shown: str) -> Asked:
        clips = tuple(Clip(f"e1/{name}", "e1", shots[name], Span(24 * n, 24 * n + 24)) for n, name in enumerate(shown))
        return Asked(Timeline("t", "s1", "Solid", "general", Fraction(24), clips), HOUSE, "landscape", {"e1": film})

    return {"first": asked(*NAMES), "turned": asked(*NAMES[::-1]), "swapped": asked("red", "green", "later")}


def made(store: Path, kind: str) -> dict[str, float]:
    return {path.name: path.stat().st_mtime_ns for path in sorted((store / kind).glob("*"))}


def test_every_engine_makes_the_same_bytes(wanted: dict[str, Asked], tmp_path: Path) -> None:
    files = []
    for name in ("local", "threads", "processes"):
        with engine(name, 2, progress=False) as mapped:
            work = Work(tmp_path, Store(tmp_path / name), mapped)
            files.append([path.read_bytes() for path in rendering.joined([wanted["first"], wanted["turned"]], work)])
    assert files[0] == files[1] == files[2]
    assert files[0][0] != files[0][1]


def test_clips_are_encoded_once_for_all_files_and_sounds_mixed_once_for_all_that_sound_alike(
    wanted: dict[str, Asked], tmp_path: Path
) -> None:
    with engine("local", progress=False) as mapped:
        work = Work(tmp_path, Store(tmp_path), mapped)
        one, other, again = rendering.joined([wanted["first"], wanted["turned"], wanted["first"]], work)
    assert one == again != other
    assert (len(made(tmp_path, "clips")), len(made(tmp_path, "sound"))) == (3, 2)


def test_a_swapped_clip_is_all_that_a_preview_encodes_and_rendering_takes_its_clip_but_mixes_by_itself(
    wanted: dict[str, Asked], tmp_path: Path
) -> None:
    with engine("local", progress=False) as mapped:
        work = Work(tmp_path, Store(tmp_path), mapped)
        rendering.joined([wanted["first"]], work)
        clips = made(tmp_path, "clips")
        shown = rendering.preview(wanted["swapped"], work)
        after = made(tmp_path, "clips")
        assert len(after.keys() - clips.keys()) == 1
        assert clips.items() <= after.items()
        rendered = rendering.render([wanted["swapped"]], work)[0]
    assert made(tmp_path, "clips") == after
    assert rendered.video != shown, "a preview is never taken for what was mixed and judged"
    assert probe(shown).frames == probe(rendered.video).frames
    assert measure(shown).integrated == pytest.approx(measure(rendered.video).integrated, abs=1.0)


def test_a_file_says_which_captions_belong_to_it_so_that_other_words_are_another_file(
    wanted: dict[str, Asked], tmp_path: Path
) -> None:
    def saying(*words: str) -> Asked:
        said = tuple(Caption(word, Span(24 * n, 24 * n + 20)) for n, word in enumerate(words))
        return replace(wanted["first"], timeline=replace(wanted["first"].timeline, captions=said))

    with engine("local", progress=False) as mapped:
        work = Work(tmp_path, Store(tmp_path), mapped)
        files = rendering.render([saying("Run", "Now"), saying("Run"), wanted["first"]], work)
    assert len({digest(each.video) for each in files}) == 3
    for each in files[:2]:
        with av.open(str(each.video)) as film:
            assert film.metadata["comment"] == f"captions sha256 {digest(each.vtt)}"
    assert len(made(tmp_path, "clips")) == 3, "no picture is encoded for a word"


def test_where_the_sound_is_mixed_already_a_preview_is_the_file_itself(wanted: dict[str, Asked], tmp_path: Path) -> None:
    with engine("local", progress=False) as mapped:
        work = Work(tmp_path, Store(tmp_path), mapped)
        (whole,) = rendering.joined([wanted["first"]], work)
        assert rendering.preview(wanted["first"], work) == whole
        seen = replace(wanted["first"], timeline=replace(wanted["first"].timeline, title="Other"))
        assert rendering.preview(seen, work) == rendering.joined([seen], work)[0]
    assert not (tmp_path / "previews").exists()


def test_a_sketch_stays_within_full_scale_however_loud_it_is_asked(wanted: dict[str, Asked], tmp_path: Path) -> None:
    loud = replace(wanted["first"], profile=replace(HOUSE, level=replace(HOUSE.level, integrated=-3.0)))
    with engine("local", progress=False) as mapped:
        shown = rendering.preview(loud, Work(tmp_path, Store(tmp_path), mapped))
    assert measure(shown).true_peak < 1.5
