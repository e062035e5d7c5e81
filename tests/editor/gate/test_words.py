"""Words: captions as a viewer reads them, and no word that nobody spoke or approved."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.editor.gate.sabotage import Case, clips
from trailers.editor.gate.words import words
from trailers.editor.timeline import Caption, Overlay
from trailers.editor.words import timed
from trailers.features.span import Span

FIRST = "00:00:00.083 --> 00:00:00.958\nWho is there?"
SECOND = "00:00:01.083 --> 00:00:01.917\nNobody."
WRONG = {
    "beyond the end": ["WEBVTT", FIRST, "00:00:01.083 --> 00:00:04.300\nNobody."],
    "overlapping": ["WEBVTT", "00:00:00.083 --> 00:00:01.458\nWho is there?", SECOND],
    "one missing": ["WEBVTT", FIRST],
    "one more": ["WEBVTT", FIRST, SECOND, "00:00:03.250 --> 00:00:03.950\nNobody."],
    "another word": ["WEBVTT", FIRST, "00:00:01.083 --> 00:00:01.917\nSomebody."],
    "two frames late": ["WEBVTT", FIRST, "00:00:01.167 --> 00:00:02.000\nNobody."],
    "too fast": ["WEBVTT", "00:00:00.083 --> 00:00:00.283\nWho is there?", SECOND],
    "a row too long": ["WEBVTT", FIRST, f"00:00:01.083 --> 00:00:01.917\n{'x' * 60}"],
    "three rows": ["WEBVTT", FIRST, "00:00:01.083 --> 00:00:01.917\nNo\nbo\ndy."],
    "another form": ["1\n00:00:00,083 --> 00:00:00,958\nWho is there?"],
}


@pytest.mark.parametrize("form", ["vtt", "srt"])
def test_the_timelines_own_captions_pass(case: Case, tmp_path: Path, form: str) -> None:
    cues = timed.cues(case.timeline)
    path = tmp_path / f"captions.{form}"
    path.write_text(timed.to_vtt(cues) if form == "vtt" else timed.to_srt(cues), encoding="utf-8")
    assert [verdict for verdict in words([path], case.asked()) if not verdict.passed] == []


def failed(case: Case, path: Path) -> set[str]:
    return {verdict.name for verdict in words([path], case.asked()) if not verdict.passed}


@pytest.mark.parametrize("blocks", WRONG.values(), ids=WRONG)
def test_catches_captions(case: Case, tmp_path: Path, blocks: list[str]) -> None:
    path = tmp_path / "captions.vtt"
    path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
    assert failed(case, path) == {"captions vtt"}


@pytest.mark.parametrize("name", [name for name in WRONG if name != "another form"])
def test_catches_them_in_subrip_too(case: Case, tmp_path: Path, name: str) -> None:
    blocks = [f"{n}\n{block.replace('.', ',', 2)}" for n, block in enumerate(WRONG[name][1:], 1)]
    path = tmp_path / "captions.srt"
    path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
    assert failed(case, path) == {"captions srt"}


def test_catches_a_caption_over_a_cut(case: Case, tmp_path: Path) -> None:
    over = replace(case.timeline, captions=(Caption("Nobody.", Span(36, 60)),))
    path = tmp_path / "captions.vtt"
    path.write_text(timed.to_vtt(timed.cues(over)), encoding="utf-8")
    (captions, _) = words([path], case.asked(over))
    assert not captions.passed
    assert "over the cut at" in captions.found


def judged(case: Case, tmp_path: Path, *captions: Caption, **more: object) -> str:
    """What is found of these captions as their file says them; "" where they pass."""
    timeline = replace(case.timeline, captions=captions, **more)  # type: ignore[arg-type]
    path = tmp_path / "captions.vtt"
    path.write_text(timed.to_vtt(timed.cues(timeline)), encoding="utf-8")
    verdict, *_ = words([path], case.asked(timeline))
    return "" if verdict.passed else verdict.found


@pytest.mark.parametrize("cut", [110, 113, 127])
def test_a_caption_may_begin_at_a_cut_whose_time_is_no_whole_millisecond(case: Case, tmp_path: Path, cut: int) -> None:
    plan = {"clips": clips((0, cut), (0, 40)), "cards": ()}
    assert judged(case, tmp_path, Caption("Nobody.", Span(cut, cut + 30)), **plan) == ""
    assert "over the cut" in judged(case, tmp_path, Caption("Nobody.", Span(cut - 1, cut + 30)), **plan)


def test_catches_a_caption_that_is_too_short_where_there_is_room(case: Case, tmp_path: Path) -> None:
    for into in (Span(30, 32), Span(24, 40), Span(30, 46)):
        assert "short" in judged(case, tmp_path, Caption("No.", into)), into
    assert judged(case, tmp_path, Caption("No.", Span(26, 46))) == ""


def test_a_caption_may_be_short_between_a_cut_and_the_next_caption(case: Case, tmp_path: Path) -> None:
    assert judged(case, tmp_path, Caption("No.", Span(24, 33)), Caption("Yes.", Span(35, 46))) == ""
    assert "short" in judged(case, tmp_path, Caption("No.", Span(24, 30)), Caption("Yes.", Span(35, 46)))


def test_catches_captions_with_too_small_a_gap_or_none(case: Case, tmp_path: Path) -> None:
    for stop in (34, 35):
        found = judged(case, tmp_path, Caption("No.", Span(24, stop)), Caption("Yes.", Span(35, 46)))
        assert "fewer than 2 frames" in found, stop


def test_says_how_many_captions_are_fast_for_want_of_room(case: Case, tmp_path: Path) -> None:
    text = "Who is there, and who is not?"
    path = tmp_path / "captions.vtt"
    timeline = replace(case.timeline, captions=(Caption(text, Span(24, 46)),))
    path.write_text(timed.to_vtt(timed.cues(timeline)), encoding="utf-8")
    captions, _ = words([path], case.asked(timeline))
    assert (captions.passed, captions.found) == (True, "1 in order, 1 of them fast (up to 32 a second), without room")
    assert "characters a second" in judged(case, tmp_path, Caption(text, Span(2, 20)))


def unread(case: Case, **more: object) -> str:
    *_, verdict = words([], case.asked(**more))  # type: ignore[arg-type]
    return "" if verdict.passed else verdict.found


def test_what_the_episode_says_may_be_read_in_rows_of_any_length(case: Case) -> None:
    lines = {"e": ("Well, who is", "there? Nobody... nobody at all!")}
    assert unread(case, written=("Soon",), spoken=lines) == ""


def test_catches_a_word_that_nobody_spoke_or_wrote(case: Case) -> None:
    assert unread(case, written=("Soon",), spoken={"e": ("Who is there?",)}) == "'Nobody.'"
    assert unread(case, written=(), spoken={"e": ("Who is there? Nobody.",)}) == "'Soon'"
    lower = replace(case.timeline, overlays=(Overlay(("The best of the year",), Span(0, 10), "#ffffff"),))
    assert unread(case, timeline=lower) == "'The best of the year'"


def test_a_part_of_a_word_is_another_word(case: Case) -> None:
    assert unread(case, written=("Sooner",), spoken={"e": ("Who is there? Nobody.",)}) == "'Soon'"


def test_writing_without_blanks_may_be_read_in_rows_of_any_length(case: Case) -> None:
    line = "誰も知らない、\n夜の長さを"
    timeline = replace(case.timeline, captions=(Caption(line, Span(2, 23)),))
    assert unread(case, timeline=timeline, written=("Soon",), spoken={"e": ("誰も知らない、夜の長さを。",)}) == ""
    assert (
        unread(case, timeline=timeline, written=("Soon",), spoken={"e": ("誰も知らない、朝の長さを。",)})
        == "'誰も知らない、 夜の長さを'"
    )


def test_a_word_too_long_for_a_row_may_be_parted(case: Case) -> None:
    timeline = replace(case.timeline, captions=(Caption("Die Donaudampfschiff\nfahrt beginnt.", Span(2, 23)),))
    assert unread(case, timeline=timeline, written=("Soon",), spoken={"e": ("Die Donaudampfschifffahrt beginnt.",)}) == ""
