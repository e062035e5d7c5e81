"""The gate as a whole: a clean file passes in every shape, rate and form; what cannot be judged is told in one line."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from tests.editor.gate.sabotage import Case, clips, remade, write
from trailers.editor import leader
from trailers.editor.checks import Check, check, to_json
from trailers.editor.words import timed
from trailers.errors import RequestError
from trailers.features.media import probe


def test_a_clean_file_passes_every_check(case: Case) -> None:
    words = case.folder / "captions.vtt", case.folder / "captions.srt"
    cues = timed.cues(case.timeline)
    words[0].write_text(timed.to_vtt(cues), encoding="utf-8")
    words[1].write_text(timed.to_srt(cues), encoding="utf-8")
    verdicts = check(case.path, case.asked(), words)
    assert [verdict for verdict in verdicts if not verdict.passed] == []
    assert {verdict.name for verdict in verdicts} == {
        "opens", "frames", "size", "codec", "colour tags", "key pictures", "groups of pictures", "index first",
        "cuts", "pictures", "black", "frozen", "flashes", "colours", "cards", "safe areas",
        "sound", "sound as long as picture", "in step", "loudness", "true peak", "clicks", "silence",
        "captions vtt", "captions srt", "words", "secrets", "length", "bit rate", "captions go out",
    }  # fmt: skip


def test_what_is_only_encoded_anew_passes(case: Case) -> None:
    assert case.failed(remade(case)) == set()


def test_a_clean_file_in_another_shape_passes(case: Case) -> None:
    assert case.failed(case.render(case.timeline, "tall"), case.asked(shape="tall")) == set()


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(60)], ids=str)
def test_a_clean_file_of_another_rate_passes(case: Case, rate: Fraction) -> None:
    other = replace(case.timeline, rate=rate, captions=())
    assert case.failed(case.render(other), case.asked(other)) == set()


def test_a_clean_file_without_sound_in_its_source_passes(case: Case, tmp_path: Path) -> None:
    film = write(tmp_path / "quiet.mp4", case.shown[5:65], None)
    quiet = replace(case, episodes={"e": probe(film)}, folder=tmp_path)
    timeline = replace(case.timeline, clips=clips((10, 50)), cards=(), captions=(), fade_in=0, fade_out=0)
    path = quiet.render(timeline)
    assert quiet.failed(path, quiet.asked(timeline)) == set()
    assert "silent source" in quiet.found(path, quiet.asked(timeline))["loudness"]


def test_a_clean_file_behind_a_clock_and_black_and_with_a_held_end_passes(case: Case) -> None:
    broadcast = replace(case.asked().profile, clock=2.0, head=1.0, tail=1.0, silence=6)
    bare = replace(case.timeline, cards=())
    for timeline in (leader.led(case.timeline, broadcast), leader.led(bare, broadcast)):
        asked = case.asked(timeline, profile=broadcast)
        assert case.failed(case.render(timeline, profile=broadcast), asked) == set()


def test_what_is_no_video_fails_in_one_line(case: Case, tmp_path: Path) -> None:
    (tmp_path / "words.mp4").write_text("this is no video")
    (tmp_path / "empty.mp4").touch()
    for name in ("words", "empty", "absent"):
        (verdict,) = check(tmp_path / f"{name}.mp4", case.asked())
        assert (verdict.name, verdict.passed) == ("opens", False)
        assert "\n" not in verdict.found


def test_a_file_that_breaks_off_fails_and_says_where(case: Case, tmp_path: Path) -> None:
    half = tmp_path / "half.mp4"
    for share in (2, 4, 20):
        half.write_bytes(case.path.read_bytes()[: case.path.stat().st_size // share])
        verdicts = check(half, case.asked())
        assert {"opens", "frames", "sound as long as picture"} & {verdict.name for verdict in verdicts if not verdict.passed}
        assert not any("\n" in verdict.found for verdict in verdicts)


def test_an_episode_that_is_not_given_is_named(case: Case) -> None:
    with pytest.raises(RequestError, match=r"does not have: e$"):
        check(case.path, replace(case.asked(), episodes={}))


def test_writes_the_document_that_was_promised() -> None:
    document = json.loads(to_json("out/a.mp4", [Check("size", True, "1x1", "1x1"), Check("cuts", False, "2", "1 late")]))
    assert document == {
        "path": "out/a.mp4",
        "passed": False,
        "checks": [
            {"name": "size", "passed": True, "asked": "1x1", "found": "1x1"},
            {"name": "cuts", "passed": False, "asked": "2", "found": "1 late"},
        ],
    }
