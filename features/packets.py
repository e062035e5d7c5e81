"""When the pictures of a file are shown, from its container's index alone: a master is not read to be opened."""

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trailers.features.boxes import fragmented, offsets

if TYPE_CHECKING:
    from av.container import InputContainer


class Packets(NamedTuple):
    """Times of a stream's packets in its own units, ascending, which of them a decoder can start at, and when the streams that
    were asked about end, in seconds of the file's clock."""

    pts: NDArray[np.int64]
    keys: NDArray[np.bool_]
    end: Fraction


def from_index(path: Path, file: "InputContainer", stream: Any, others: list[Any]) -> Packets | None:
    """The packets of a video stream by the sample tables of an MPEG-4 or QuickTime file (ISO/IEC 14496-12).

    None where the index does not tell everything: another container, fragments, an edit list that discards, a file cut off.
    """
    if "mov" not in file.format.name.split(",") or fragmented(path):
        return None
    length, end, found = path.stat().st_size, Fraction(0), None
    for each in (*others, stream):
        entries = _entries(each)
        if not len(entries) or not entries[:, 2].all() or (entries[:, 2] + entries[:, 3]).max() > length:
            return None
        times, base = entries[:, 0], Fraction(each.time_base or 0)
        if each is stream:
            try:
                later = offsets(path, each.id, len(times))
            except ValueError:
                return None
            if entries[:, 4].any():
                return None
            times = times if later is None else times + later
            order = np.argsort(times, kind="stable")
            times, found = times[order], entries[order, 1].astype(bool)
        last = int(times[-1] - times[-2]) if len(times) > 1 else 0
        end = max(end, (int(times[-1]) + last) * base)
    return None if found is None else Packets(times, found, end)


def _entries(stream: Any) -> NDArray[np.int64]:
    """(packets, 5): decoding time, key, bytes, place in the file, discarded."""
    rows = [(e.timestamp, e.is_keyframe, e.size, e.pos, e.is_discard) for e in stream.index_entries]
    return np.array(rows, np.int64).reshape(-1, 5)
