"""The boxes of an MPEG-4 file, read without a decoder (ISO/IEC 14496-12)."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from struct import iter_unpack
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

_MOST = 64  # outermost boxes that are looked at: a file of fragments has thousands
DELAY = Fraction(1, 10)  # seconds that encoders delay what they write: two pictures, 2112 samples


@dataclass(frozen=True)
class Edit:
    """A line of the n-th track's edit list: second `begin` and on of it (None: nothing) are played for `seconds`."""

    track: int
    begin: Fraction | None
    seconds: Fraction


def outermost(path: Path) -> tuple[str, ...]:
    """The names of a file's outermost boxes, in order; for a file that is no MPEG-4, whatever stands in their place."""
    with path.open("rb") as file:
        return tuple(name for name, _, _ in islice(_boxes(file, 0, path.stat().st_size), _MOST))


def edits(path: Path) -> tuple[Edit, ...]:
    """The edit lists of all tracks."""
    found: list[Edit] = []
    with path.open("rb") as file:
        for at, stop in _places(file, 0, path.stat().st_size, "moov"):
            overall = _scale(_read(file, at, stop).get("mvhd", b""))
            for number, place in enumerate(_places(file, at, stop, "trak")):
                held = _read(file, *place)
                found += _edits(held.get("elst", b""), number, _scale(held.get("mdhd", b"")), overall)
    return tuple(found)


def fragmented(path: Path) -> bool:
    """Whether a movie goes on in fragments, of which its index does not speak."""
    with path.open("rb") as file:
        return any(name == "moof" for name, _, _ in islice(_boxes(file, 0, path.stat().st_size), _MOST))


def offsets(path: Path, id: int, samples: int) -> NDArray[np.int64] | None:
    """How much later than it is decoded each of the `samples` of the track with this id is shown, in its units; None for not at
    all. Raises ValueError where the file has no such track, or its table tells of more or of fewer.
    """
    with path.open("rb") as file:
        for at, stop in _places(file, 0, path.stat().st_size, "moov"):
            for place in _places(file, at, stop, "trak"):
                held = _read(file, *place)
                header = held.get("tkhd", b"")
                if int.from_bytes(header[20:24] if header[:1] == b"\1" else header[12:16]) != id:
                    continue
                if "ctts" not in held:
                    return None
                lines = np.frombuffer(held["ctts"][8:], ">i4")[: 2 * int.from_bytes(held["ctts"][4:8])].reshape(-1, 2)
                counts = lines[:, 0].astype(np.int64)
                if counts.sum() != samples or (counts < 0).any():
                    raise ValueError(f"{path.name}: {samples} samples, and offsets of {counts.sum()}")
                return np.repeat(lines[:, 1].astype(np.int64), counts)
    raise ValueError(f"{path.name} has no track {id}")


def edited(found: tuple[Edit, ...]) -> bool:
    """Whether edit lists do more than make up for the encoders' delay: a track in several parts, or one that begins late."""
    tracks = [edit.track for edit in found]
    return len(set(tracks)) < len(tracks) or any(edit.begin is None or edit.begin > DELAY for edit in found)


def _boxes(file: BinaryIO, at: int, stop: int) -> Iterator[tuple[str, int, int]]:
    """Name, first byte of what it holds, and end of each box from `at` to `stop`."""
    while at + 8 <= stop:
        file.seek(at)
        head = file.read(16)
        length, begin = int.from_bytes(head[:4]), at + 8
        if length == 1:
            length, begin = int.from_bytes(head[8:16]), at + 16
        end = at + length if length else stop
        yield head[4:8].decode("latin-1"), begin, min(max(end, begin), stop)
        at = max(end, begin)


def _places(file: BinaryIO, at: int, stop: int, name: str) -> list[tuple[int, int]]:
    return [(first, last) for found, first, last in _boxes(file, at, stop) if found == name]


def _read(file: BinaryIO, at: int, stop: int) -> dict[str, bytes]:
    """What the headers and the lists of edits and offsets within a movie or a track hold, by name."""
    held: dict[str, bytes] = {}
    for name, first, last in list(_boxes(file, at, stop)):
        if name in ("mdia", "edts", "minf", "stbl"):
            held |= _read(file, first, last)
        elif name in ("mvhd", "tkhd", "mdhd", "elst", "ctts"):
            file.seek(first)
            held[name] = file.read(last - first)
    return held


def _scale(header: bytes) -> int:
    """Units a second, in mvhd and mdhd alike."""
    at = 20 if header[:1] == b"\1" else 12
    return int.from_bytes(header[at : at + 4]) or 1


def _edits(held: bytes, track: int, scale: int, overall: int) -> list[Edit]:
    if len(held) < 8:
        return []
    form, size = (">QqI", 20) if held[0] else (">IiI", 12)
    lines = held[8 : 8 + size * int.from_bytes(held[4:8])]
    return [
        Edit(track, None if begin < 0 else Fraction(begin, scale), Fraction(length, overall))
        for length, begin, _ in iter_unpack(form, lines[: len(lines) // size * size])
    ]
