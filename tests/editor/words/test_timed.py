"""Timed text: what is written is read back, exactly, whatever the words hold."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailers.editor.profile import Clear
from trailers.editor.timeline import Caption, Clip, Timeline
from trailers.editor.words.timed import Cue, cues, from_srt, from_vtt, read_cues, to_srt, to_vtt
from trailers.errors import RequestError
from trailers.features import subtitles
from trailers.features.span import Span

ONE = Cue(Fraction(1), Fraction(5, 2), "Who goes\nthere?")


def timeline(*captions: Caption, rate: Fraction = Fraction(24000, 1001)) -> Timeline:
    clip = Clip("e1/0", "e1", Span(0, 200000), Span(0, 200000))
    return Timeline("t", "s", "T", "general", rate, (clip,), captions=captions)


def test_writes_webvtt_with_exact_times_in_order() -> None:
    assert to_vtt(cues(timeline(Caption("later", Span(86400, 86424)), Caption("first", Span(24, 48))))) == (
        "WEBVTT\n\n00:00:01.001 --> 00:00:02.002\nfirst\n\n01:00:03.600 --> 01:00:04.601\nlater\n"
    )


def test_writes_subrip_numbered() -> None:
    assert to_srt((ONE, Cue(Fraction(3), Fraction(4), "Me."))) == (
        "1\n00:00:01,000 --> 00:00:02,500\nWho goes\nthere?\n\n2\n00:00:03,000 --> 00:00:04,000\nMe.\n"
    )


def test_captions_of_a_file_with_a_clock_before_it_stand_later() -> None:
    found = cues(timeline(Caption("first", Span(24, 48)), rate=Fraction(24)), Fraction(10))
    assert found == (Cue(Fraction(11), Fraction(12), "first"),)


def test_webvtt_says_where_words_keep_clear_of_a_platforms_buttons() -> None:
    text = to_vtt((ONE,), Clear(top=0.1, right=0.15, bottom=0.28, left=0.05))
    assert "00:00:02.500 line:72%,end position:45%,center size:80%\n" in text
    assert from_vtt(text) == (ONE,)


def test_a_trailer_without_lines_has_files_without_cues() -> None:
    assert from_vtt(to_vtt(cues(timeline()))) == ()
    assert from_srt(to_srt(cues(timeline()))) == ()


TEXTS = [
    "Fish & chips", "a <b>bold</b> claim", "1 --> 2", "&lt;", "two\n\nrows", "NOTE to self", "I <3 you", "{\\an8}up", "{x}",
    "12", "00:00:01,000 --> 00:00:02,000", "¿Qué?", "مرحبا", "- No.\n- Yes.",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_what_looks_like_markup_is_read_back_as_it_was(text: str) -> None:
    cue = Cue(Fraction(0), Fraction(1), text)
    kept = Cue(cue.start, cue.stop, text.replace("\n\n", "\n"))
    assert from_vtt(to_vtt((cue, ONE))) == (kept, ONE)
    assert from_srt(to_srt((cue, ONE))) == (kept, ONE)


words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=40).filter(str.strip)


@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(1, 10**4), words), max_size=5))
def test_any_words_survive_both_forms(spoken: list[tuple[int, int, str]]) -> None:
    given = tuple(Cue(Fraction(at, 1000), Fraction(at + length, 1000), text) for at, length, text in spoken)
    assert from_vtt(to_vtt(given)) == given
    assert from_srt(to_srt(given)) == given


def test_reads_what_others_write() -> None:
    vtt = (
        "\ufeffWEBVTT - a title\nKind: captions\r\n\r\nSTYLE\r\n::cue {}\r\n\r\nintro\r\n00:01.000 --> 00:02.500 align:start\r\n"
        "<v Ann><i>Who goes</i>\r\nthere?\r\n\r\nNOTE done\r\n"
    )
    srt = "7\r\n00:00:01.000 --> 00:00:02,500  X1:1\r\n{\\an8}<i>Who goes</i>\r\nthere?\r\n\r\n"
    assert from_vtt(vtt) == (ONE,)
    assert from_srt(srt) == (ONE,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1\n00:00:01,000 --> 00:00:02,000\nSubRip",
        "WEBVTTX\n\n",
        "WEBVTT\n\n00:01 --> 00:02\nno thousandths",
        "WEBVTT\n\nwords",
    ],
)
def test_what_is_no_webvtt_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"WEBVTT|cue times"):
        from_vtt(text)


def test_what_is_no_subrip_is_refused() -> None:
    with pytest.raises(ValueError, match="cue times"):
        from_srt("WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nwords")


def test_a_file_is_read_by_its_name(tmp_path: Path) -> None:
    for name, text in (("a.vtt", to_vtt((ONE,))), ("a.SRT", to_srt((ONE,)))):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert read_cues(tmp_path / name) == (ONE,)
    (tmp_path / "b.vtt").write_bytes(b"\xff\xfe\x00")
    for name in ("b.vtt", "gone.srt", "a.ass"):
        with pytest.raises(RequestError, match=name):
            read_cues(tmp_path / name)


@pytest.mark.parametrize(("name", "written"), [("a.vtt", to_vtt), ("a.srt", to_srt)])
def test_other_readers_read_what_is_written(tmp_path: Path, name: str, written: Callable[[Sequence[Cue]], str]) -> None:
    import av

    cues = (ONE, Cue(Fraction(3), Fraction(4), "¿Qué? & مرحبا"), Cue(Fraction(3599), Fraction(3601), "- No.\n- 是的。"))
    (tmp_path / name).write_text(written(cues), encoding="utf-8")
    found = subtitles.read_cues(tmp_path / name)  # pysubs2
    assert [(cue.start, cue.stop, cue.text) for cue in found] == [(cue.start, cue.stop, cue.text) for cue in cues]
    with av.open(str(tmp_path / name)) as file:
        times = [
            ((packet.pts or 0) * packet.time_base, (packet.duration or 0) * packet.time_base)
            for packet in file.demux()
            if packet.size
        ]
    assert times == [(cue.start, cue.stop - cue.start) for cue in cues]
