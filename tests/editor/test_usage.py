"""The list of shots used."""

import csv
import io
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailers.editor.timeline import Caption, Clip, Timeline
from trailers.editor.usage import COLUMNS, shots_used, smpte
from trailers.features.media import Episode
from trailers.features.span import Span


def test_one_row_a_clip_with_time_codes_in_both_rates() -> None:
    rate = Fraction(25)
    episode = Episode("e1", Path("a b.mp4"), rate, 9000, (640, 360), Fraction(1), 0, False, (), "ab" * 32)
    clips = (Clip("e1/0002", "e1", Span(1500, 1550), Span(0, 48), why="=loud"), Clip("e1/0001", "e1", Span(0, 25), Span(48, 72)))
    timeline = Timeline("t", "s", "T", "g", Fraction(24), clips, captions=(Caption("Who is\nthere?", Span(2, 40)),))
    rows = list(csv.DictReader(io.StringIO(shots_used(timeline, {"e1": episode}))))
    assert tuple(rows[0]) == COLUMNS
    assert [row["shot"] for row in rows] == ["e1/0002", "e1/0001"]
    assert (rows[0]["source_in"], rows[0]["source_out"]) == ("00:01:00:00", "00:01:02:00")
    assert (rows[0]["record_in"], rows[0]["record_out"]) == ("00:00:00:00", "00:00:02:00")
    assert rows[0]["dialogue"] == "Who is there?"
    assert "frame" in rows[0]["shown"], "25 pictures a second in 24"
    assert rows[0]["why"] == "'=loud"  # a spreadsheet would run it


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(25), Fraction(24000, 1001), Fraction(50), Fraction(30000, 1001)])
@given(frame=st.integers(0, 10**6))
def test_time_code_reads_back_as_the_frame(rate: Fraction, frame: int) -> None:
    assert otio.opentime.from_timecode(smpte(frame, rate), float(rate)).to_frames() == frame


@pytest.mark.parametrize(("frame", "code"), [(1799, "00:00:59;29"), (1800, "00:01:00;02"), (17982, "00:10:00;00")])
def test_drop_frame_leaves_out_two_numbers_a_minute_but_each_tenth(frame: int, code: str) -> None:
    assert smpte(frame, Fraction(30000, 1001)) == code


def test_a_rate_without_time_code_is_counted_in_the_nearest() -> None:
    assert smpte(150, Fraction(15)) == "00:00:10:00"


def test_source_times_are_the_files_own_time_code(tmp_path: Path) -> None:
    import av
    import numpy as np

    rate = Fraction(30000, 1001)
    with av.open(str(tmp_path / "a.mov"), "w") as file:
        stream = file.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt, stream.metadata["timecode"] = 64, 48, "yuv420p", "00:59:58;00"
        for frame in (*stream.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8))), *stream.encode(None)):
            file.mux(frame)
    episode = Episode("a", tmp_path / "a.mov", rate, 9000, (64, 48), Fraction(1), 0, False, (), "ab" * 32)
    timeline = Timeline("t", "s", "T", "g", rate, (Clip("a/0", "a", Span(30, 90), Span(0, 60)),))
    (row,) = csv.DictReader(io.StringIO(shots_used(timeline, {"a": episode})))
    assert (row["source_in"], row["source_out"]) == ("00:59:59;00", "01:00:01;00")
