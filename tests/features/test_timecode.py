"""Time code: what files say of where theirs begins, and labels that count as clocks and tape machines do."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailers.errors import RequestError
from trailers.features.timecode import Code, code_of, frame_of, nominal, smpte

NTSC = Fraction(30000, 1001)


def film(path: Path, rate: Fraction, **tags: str) -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.metadata.update(tags)
        frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8))
        for _ in range(3):
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("rate", "label", "first", "drop"),
    [
        (Fraction(24), "01:00:00:00", 86400, False),
        (Fraction(24000, 1001), "01:00:00:00", 86400, False),
        (Fraction(25), "10:00:00:24", 900024, False),
        (NTSC, "01:00:00;00", 107892, True),
        (NTSC, "01:00:00:00", 108000, False),
        (Fraction(60000, 1001), "00:01:00;04", 3600, True),
    ],
)
def test_a_quicktime_file_says_where_its_code_begins(rate: Fraction, label: str, first: int, drop: bool, tmp_path: Path) -> None:
    assert code_of(film(tmp_path / "a.mov", rate, timecode=label), rate) == Code(first, drop, known=True)


def test_a_file_names_its_reel(tmp_path: Path) -> None:
    found = code_of(film(tmp_path / "a.mov", Fraction(24), timecode="01:00:00:00", reel_name="A004C012"), Fraction(24))
    assert (found.reel, found.first) == ("A004C012", 86400)


def test_a_file_without_a_code_is_said_to_have_none(tmp_path: Path) -> None:
    assert code_of(film(tmp_path / "a.mp4", Fraction(24)), Fraction(24)) == Code(known=False)
    assert code_of(tmp_path / "nothing.mov", Fraction(24)) == Code(known=False)


def test_drop_frame_leaves_out_two_numbers_a_minute_but_every_tenth() -> None:
    assert [smpte(n, NTSC, True) for n in (1799, 1800, 17981, 17982)] == [
        "00:00:59;29", "00:01:00;02", "00:09:59;29", "00:10:00;00",
    ]  # fmt: skip
    assert smpte(107892, NTSC, True) == "01:00:00;00"
    assert smpte(1800, NTSC) == "00:01:00:00"
    assert smpte(1800, Fraction(25), True) == "00:01:12:00", "at 25 nothing is dropped"


@pytest.mark.parametrize("label", ["01:00:00", "00:00:60:00", "00:00:00:24", "1:00:00:00", "", "00:01:00;00"])
def test_what_is_no_label_is_refused(label: str) -> None:
    with pytest.raises(RequestError):
        frame_of(label, NTSC if ";" in label else Fraction(24))


@given(
    st.integers(0, 24 * 3600 * 24 - 1),
    st.sampled_from([Fraction(n, d) for n, d in ((24, 1), (24000, 1001), (25, 1), (30000, 1001), (50, 1), (60000, 1001))]),
    st.booleans(),
)
def test_a_label_is_that_of_its_frame_alone(frame: int, rate: Fraction, drop: bool) -> None:
    label = smpte(frame, rate, drop)
    assert frame_of(label, rate) == frame
    assert int(label[-2:]) < nominal(rate)
