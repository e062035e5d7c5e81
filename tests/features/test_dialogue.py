"""Dialogue: spoken lines on whole frames, whatever the file looks like."""

from pathlib import Path

import pytest

from tests.conftest import RED, SolidFilm
from trailers.errors import MediaError
from trailers.features.dialogue import Line, clean, find_subtitles, read_lines, words
from trailers.features.media import Episode, probe
from trailers.features.shots import Shot
from trailers.features.span import Span


@pytest.fixture(scope="module")
def episode(solid_film: SolidFilm) -> Episode:
    """Ten seconds at 24 frames a second."""
    return probe(solid_film("e01.mp4", shots=[(RED, 240)], size=(64, 36), sound=False), "s01e01")


def written(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def srt(*lines: tuple[str, str, str]) -> str:
    return "\n".join(f"{n}\n{start} --> {stop}\n{text}\n" for n, (start, stop, text) in enumerate(lines, 1))


def test_lines_lie_on_the_nearest_frames(tmp_path: Path, episode: Episode) -> None:
    path = written(tmp_path, "a.srt", srt(("00:00:01,000", "00:00:02,030", "Hello there.")))
    assert read_lines(path, episode) == (Line("Hello there.", Span(24, 49)),)


def test_unsorted_and_overlapping_lines_come_in_order_of_time(tmp_path: Path, episode: Episode) -> None:
    third, first = ("00:00:05,000", "00:00:06,000", "third"), ("00:00:01,000", "00:00:04,000", "first")
    path = written(tmp_path, "a.srt", srt(third, first, ("00:00:03,000", "00:00:05,500", "second")))
    assert [line.text for line in read_lines(path, episode)] == ["first", "second", "third"]


def test_lines_are_clipped_to_the_episode(tmp_path: Path, episode: Episode) -> None:
    late = ("00:00:20,000", "00:00:21,000", "beyond")
    path = written(tmp_path, "a.srt", srt(("00:00:09,000", "00:00:30,000", "the end"), late))
    assert read_lines(path, episode) == (Line("the end", Span(216, 240)),)


def test_a_line_shorter_than_a_frame_keeps_one(tmp_path: Path, episode: Episode) -> None:
    path = written(tmp_path, "a.srt", srt(("00:00:01,000", "00:00:01,005", "hm")))
    assert read_lines(path, episode) == (Line("hm", Span(24, 25)),)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_the_encoding_is_found(tmp_path: Path, episode: Episode, encoding: str) -> None:
    path = written(tmp_path, "a.srt", srt(("00:00:01,000", "00:00:02,000", "Où est-il caché, “là” ?")), encoding)
    assert read_lines(path, episode)[0].text == "Où est-il caché, “là” ?"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<i>Run!</i>", "Run!"),
        ("[door slams]", ""),
        ("(sighs) I know.", "I know."),
        ("♪ la la la ♪", "la la la"),
        ("♪♪", ""),
        ("DR. WHO: Who are you?", "Who are you?"),
        ("- Yes.\n- No.", "- Yes. - No."),
        ("- [laughs]\n- No.", "- No."),
        (">> NEWSREADER: Good evening.", "Good evening."),
        ("It is 10:30 now.", "It is 10:30 now."),
        ("Note: mind the gap", "Note: mind the gap"),
        ("We're #1", "We're #1"),
    ],
)
def test_what_is_not_spoken_is_taken_out(text: str, words: str) -> None:
    assert clean(text) == words


def test_styled_and_drawn_ass_lines(tmp_path: Path, episode: Episode) -> None:
    text = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Arial,20

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\i1\\pos(10,10)}Come\\Nhere
Comment: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,not shown
Dialogue: 0,0:00:05.00,0:00:06.00,Default,,0,0,0,,{\\p1}m 0 0 l 100 0 100 100{\\p0}
"""
    assert [line.text for line in read_lines(written(tmp_path, "a.ass", text), episode)] == ["Come here"]


def test_vtt_with_cue_settings_and_voices(tmp_path: Path, episode: Episode) -> None:
    text = "WEBVTT\n\nNOTE nothing\n\n00:01.000 --> 00:02.000 align:start position:10%\n<v Ann>Come <b>in</b>.\n"
    assert read_lines(written(tmp_path, "a.vtt", text), episode) == (Line("Come in.", Span(24, 48)),)


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02 nothing like it"])
def test_a_file_without_lines_gives_none_or_one_clear_line(tmp_path: Path, episode: Episode, content: bytes) -> None:
    path = tmp_path / "a.srt"
    path.write_bytes(content)
    assert read_lines(path, episode) == ()
    with pytest.raises(MediaError, match=r"^gone\.srt: "):
        read_lines(tmp_path / "gone.srt", episode)


def test_subtitles_are_found_by_the_episode_and_language(tmp_path: Path) -> None:
    for name in ("e01.mp4", "e01.srt", "e01.es.vtt", "e01.vtt", "e010.srt", "e02.srt", "e01.txt"):
        (tmp_path / name).write_text("")
    assert find_subtitles(tmp_path / "e01.mp4") == {"": tmp_path / "e01.srt", "es": tmp_path / "e01.es.vtt"}


def test_words_of_shots_with_the_share_they_cover_and_lines_over_edges() -> None:
    shots = [Shot("s/0", "s", Span(0, 100)), Shot("s/1", "s", Span(100, 200)), Shot("s/2", "s", Span(200, 300))]
    lines = [Line("one", Span(10, 60)), Line("two", Span(50, 70)), Line("over", Span(90, 150))]
    table = words(lines, shots)
    assert list(table.index) == ["s/0", "s/1", "s/2"]
    assert table["dialogue"].tolist() == ["one two", "over", ""]
    assert table["talk"].tolist() == pytest.approx([0.7, 0.5, 0.0])
    assert table["crossing"].tolist() == [True, True, False]
