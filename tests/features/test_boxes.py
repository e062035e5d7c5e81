"""The boxes of a file: what stands first, and edit lists that do more than take the encoders' delay away."""

import struct
from fractions import Fraction
from pathlib import Path

import pytest

from tests.conftest import SolidFilm
from trailers.features.boxes import Edit, edited, edits, offsets, outermost


def box(name: str, *held: bytes) -> bytes:
    body = b"".join(held)
    return struct.pack(">I", 8 + len(body)) + name.encode() + body


def movie(folder: Path, *lists: list[tuple[int, int]], version: int = 0) -> Path:
    """A movie of tracks with edit lists of (length in 1/1000 s, begin in 1/24 s), and nothing else."""
    tracks = []
    for lines in lists:
        form = ">QqI" if version else ">IiI"
        elst = struct.pack(">II", version << 24, len(lines)) + b"".join(struct.pack(form, *line, 1 << 16) for line in lines)
        tracks.append(box("trak", box("edts", box("elst", elst)), box("mdia", box("mdhd", struct.pack(">IIII", 0, 0, 0, 24)))))
    path = folder / "movie.mp4"
    path.write_bytes(box("ftyp", b"isom") + box("moov", box("mvhd", struct.pack(">IIII", 0, 0, 0, 1000)), *tracks) + box("mdat"))
    return path


def test_the_outermost_boxes_stand_in_their_order(tmp_path: Path) -> None:
    assert outermost(movie(tmp_path, [])) == ("ftyp", "moov", "mdat")


def test_an_edit_list_is_read_in_both_its_versions(tmp_path: Path) -> None:
    for version in (0, 1):
        found = edits(movie(tmp_path, [(1000, 2)], [(500, -1), (1000, 0)], version=version))
        assert found == (
            Edit(0, Fraction(1, 12), Fraction(1)), Edit(1, None, Fraction(1, 2)), Edit(1, Fraction(0), Fraction(1))
        )  # fmt: skip


def test_what_takes_the_delay_of_encoders_away_is_no_edit(tmp_path: Path, solid_film: SolidFilm) -> None:
    assert not edited(edits(movie(tmp_path, [(1000, 2)], [(1000, 0)])))
    assert not edited(edits(solid_film("plain.mp4")))


def test_a_track_that_begins_late_or_in_the_midst_or_in_parts_is_edited(tmp_path: Path) -> None:
    assert edited(edits(movie(tmp_path, [(1000, 12)])))
    assert edited(edits(movie(tmp_path, [(1000, -1)])))
    assert edited(edits(movie(tmp_path, [(1000, 0), (1000, 24)])))


def offset_movie(folder: Path, *counts: int) -> Path:
    """A movie whose track 7 shows so many samples 1, 2, 3... units after they are decoded."""
    ctts = struct.pack(">II", 0, len(counts)) + b"".join(struct.pack(">Ii", n, by) for by, n in enumerate(counts, 1))
    track = box("trak", box("tkhd", struct.pack(">IIII", 0, 0, 0, 7)), box("mdia", box("minf", box("stbl", box("ctts", ctts)))))
    path = folder / "offsets.mp4"
    path.write_bytes(box("moov", track))
    return path


def test_offsets_are_one_a_sample_and_a_table_that_counts_otherwise_is_refused(tmp_path: Path) -> None:
    found = offsets(offset_movie(tmp_path, 2, 1, 3), 7, 6)
    assert found is not None
    assert found.tolist() == [1, 1, 2, 3, 3, 3]
    for counts in ((2, 1), (2, 1, 2**31), (2**31, 2**31, 2**31)):
        with pytest.raises(ValueError, match="samples, and offsets of"):
            offsets(offset_movie(tmp_path, *counts), 7, 6)
    with pytest.raises(ValueError, match="has no track 8"):
        offsets(offset_movie(tmp_path, 6), 8, 6)


def test_a_file_that_is_no_movie_has_no_edits(tmp_path: Path) -> None:
    path = tmp_path / "noise.mp4"
    path.write_bytes(bytes(range(256)) * 9)
    assert edits(path) == ()
    path.write_bytes(b"")
    assert (outermost(path), edits(path)) == ((), ())
