"""Dialogue: spoken lines on whole frames, whatever the file looks like."""

from fractions import Fraction
from math import floor
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import RED, SolidFilm
from trailers.errors import MediaError
from trailers.features.dialogue import COLUMNS, Line, Note, clean, nearest, read_lines, read_notes, tell, words
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
        ("DOOR SLAMS", ""),
        ("RUN!", "RUN!"),
        ("YES", "YES"),
        ("[door\nslams] Who is there?", "Who is there?"),
        ("[Man] Who is there?", "Who is there?"),
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


def test_vtt_with_cue_settings_styles_and_voices(tmp_path: Path, episode: Episode) -> None:
    text = """WEBVTT

STYLE
::cue { color: papayawhip }

NOTE nothing

intro
00:01.000 --> 00:02.000 align:start position:10%
<v.loud Ann>Come <b>in</b> &amp; sit.
"""
    assert read_lines(written(tmp_path, "a.vtt", text), episode) == (Line("Come in & sit.", Span(24, 48), speaker="Ann"),)


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("[door slams]", ("door slams",)),
        ("(sighs) I know.", ("sighs",)),
        ("- [laughs]\n- No. [Glass Breaking]", ("laughs", "glass breaking")),
        ("LAUGHTER", ("laughter",)),
        ("♪♪", ("music",)),
        ("[♪ dramatic music ♪]", ("dramatic music",)),
        ("*coughs* Sorry.", ("coughs",)),
        ("[Man] Who is there?", ()),
        ("RUN!", ()),
        ("NO", ()),
        ("Where is she?", ()),
    ],
)
def test_notes_of_what_is_heard_are_kept_apart(text: str, notes: tuple[str, ...]) -> None:
    assert tell(text).notes == notes


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("ANN: Come in.", "ANN"),
        ("[Narrator] Once upon a time.", "Narrator"),
        ("- ANN: Yes.\n- BOB: No.", ""),
        ("[Laughs] Come in.", ""),
        ("Note: mind the gap", ""),
    ],
)
def test_speakers_that_are_named(text: str, speaker: str) -> None:
    assert tell(text).speaker == speaker


def test_sung_lines_are_known_by_their_signs(tmp_path: Path, episode: Episode) -> None:
    song, speech = ("00:00:01,000", "00:00:02,000", "♪ Row, row your boat ♪"), ("00:00:03,000", "00:00:04,000", "Stop that.")
    hashes = ("00:00:05,000", "00:00:06,000", "# Gently down the stream #")
    found = read_lines(written(tmp_path, "a.srt", srt(song, speech, hashes)), episode)
    assert [(line.text, line.sung) for line in found] == [
        ("Row, row your boat", True),
        ("Stop that.", False),
        ("Gently down the stream", True),
    ]


def test_notes_lie_on_frames_and_lines_hold_none(tmp_path: Path, episode: Episode) -> None:
    path = written(
        tmp_path, "a.srt", srt(("00:00:01,000", "00:00:02,000", "[thunder]"), ("00:00:03,000", "00:00:04,000", "(sighs) No."))
    )
    assert read_notes(path, episode) == (Note("thunder", Span(24, 48)), Note("sighs", Span(72, 96)))
    assert read_lines(path, episode) == (Line("No.", Span(72, 96)),)


def test_in_a_file_all_in_capitals_they_mean_nothing(tmp_path: Path, episode: Episode) -> None:
    """American captions of live programmes: a line without its full stop is no sound."""
    path = written(tmp_path, "a.srt", srt(("00:00:01,000", "00:00:02,000", "I KNOW WHERE HE IS GOING")))
    assert [line.text for line in read_lines(path, episode)] == ["I KNOW WHERE HE IS GOING"]
    mixed = [("00:00:03,000", "00:00:04,000", f"{word} it is.") for word in ("There", "Here", "Now")]
    path = written(tmp_path, "a.srt", srt(("00:00:01,000", "00:00:02,000", "CROWD SHOUTING"), *mixed))
    assert [note.text for note in read_notes(path, episode)] == ["crowd shouting"]
    assert len(read_lines(path, episode)) == 3


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(60)])
def test_milliseconds_find_the_very_frame_they_were_written_from(rate: Fraction) -> None:
    """A subtitle editor writes a frame's time rounded, or cut, to milliseconds."""
    film = Episode("s", Path("s"), rate, 20000, (64, 36), Fraction(1), 0, False, (), "")
    for frame in range(0, 19999, 7):
        for stamp in (round(frame / rate * 1000), floor(frame / rate * 1000)):
            assert nearest(film, Fraction(stamp, 1000)) == frame


def test_times_in_a_film_of_variable_rate_are_its_own(tmp_path: Path) -> None:
    """Pictures at 0, 40, 80, 400, 1000 and 1040 ms: a line from 0.4 s to 1 s stands for the fourth alone."""
    import av

    path = tmp_path / "v.mkv"
    with av.open(str(path), "w") as file:
        video = file.add_stream("libx264", rate=25, options={"preset": "ultrafast", "bf": "0"})
        video.width, video.height, video.pix_fmt = 32, 32, "yuv420p"
        video.codec_context.time_base = Fraction(1, 1000)
        for at in (0, 40, 80, 400, 1000, 1040):
            frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
            frame.pts, frame.time_base = at, Fraction(1, 1000)
            file.mux(video.encode(frame))
        file.mux(video.encode(None))
    found = read_lines(written(tmp_path, "v.srt", srt(("00:00:00,401", "00:00:01,000", "Now."))), probe(path))
    assert found == (Line("Now.", Span(3, 4)),)


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02 nothing like it"])
def test_a_file_without_lines_gives_none_or_one_clear_line(tmp_path: Path, episode: Episode, content: bytes) -> None:
    path = tmp_path / "a.srt"
    path.write_bytes(content)
    assert read_lines(path, episode) == ()
    with pytest.raises(MediaError, match=r"^gone\.srt: "):
        read_lines(tmp_path / "gone.srt", episode)


def test_words_of_shots_with_the_share_they_cover_and_lines_over_edges() -> None:
    shots = [Shot("s/0", "s", Span(0, 100)), Shot("s/1", "s", Span(100, 200)), Shot("s/2", "s", Span(200, 300))]
    lines = [Line("one", Span(10, 60)), Line("two", Span(50, 70)), Line("over", Span(90, 150))]
    table = words(lines, shots)
    assert list(table.index) == ["s/0", "s/1", "s/2"]
    assert table["dialogue"].tolist() == ["one two", "over", ""]
    assert table["talk"].tolist() == pytest.approx([0.7, 0.5, 0.0])
    assert table["crossing"].tolist() == [True, True, False]
    assert table["heard"].tolist() == ["", "", ""]
    assert table["song"].tolist() == [0, 0, 0]
    assert table["recognised"].tolist() == [False, False, False]


def test_words_tell_notes_songs_and_what_a_machine_wrote() -> None:
    shots = [Shot("s/0", "s", Span(0, 100)), Shot("s/1", "s", Span(100, 200))]
    lines = [
        Line("la la", Span(0, 50), sung=True),
        Line("so", Span(25, 75), sung=True),
        Line("hm", Span(120, 130), recognised=True),
    ]
    notes = [
        Note("laughs", Span(10, 20)),
        Note("door slams", Span(90, 95)),
        Note("laughs", Span(96, 99)),
        Note("rain", Span(95, 130)),
    ]
    table = words(lines, shots, notes)
    assert table["heard"].tolist() == ["laughs; door slams", "rain"]
    assert table["song"].tolist() == pytest.approx([0.75, 0.0])
    assert table["recognised"].tolist() == [False, True]
    assert list(table.columns) == list(COLUMNS)


def test_where_lines_overlap_talk_counts_once() -> None:
    shots = [Shot("s/0", "s", Span(0, 100))]
    lines = [Line("one", Span(0, 60)), Line("two", Span(20, 40)), Line("three", Span(50, 80))]
    assert words(lines, shots)["talk"].tolist() == pytest.approx([0.8])
