"""A viewing history as people have it, read into whole frames; what cannot be used is counted by its reason."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trailers.errors import HistoryError, RequestError

if TYPE_CHECKING:
    from pathlib import Path

    from trailers.features.media import Episode

COLUMNS = ("viewer", "episode", "start", "stop", "started_at", "event", "device", "profile")
EVENTS = ("play", "skip", "replay", "autoplay")
"""watched · stepped over · watched again · ran without a hand"""

TITLES = ("viewer", "title", "episode", "liking", "watched_at")
CATALOGUE = ("title", "genres", "words")
CURVE = ("episode", "start", "stop", "value")

_NEEDED = ("viewer", "episode", "started_at")
_SPAN = ("from", "to")
_OPTIONAL = ("event", "device", "profile")


def _empty(columns: Sequence[str]) -> Callable[[], pd.DataFrame]:
    numbers = {"liking": float, "start": "int64", "stop": "int64", "value": float, "watched_at": "datetime64[us, UTC]"}
    return lambda: pd.DataFrame({name: pd.Series([], dtype=numbers.get(name, "str")) for name in columns})


@dataclass(frozen=True)
class History:
    """What viewers watched: moments where a player logged them, titles where only those are known.

    plays: COLUMNS; viewer, episode, event, device, profile as text, start and stop in whole frames (stop excluded),
    started_at a time in UTC; rows of one viewer, episode and started_at are one sitting; sorted.
    titles: TITLES, one row a viewer and title, sorted; episode is "" for a title outside the season; liking 0 to 1 (share that
    was watched, a rating within the viewer's own scale, 1 where only "watched" is known); watched_at NaT where no date is sure.
    catalogue: CATALOGUE, one row a title, sorted; genres joined by ";", words free text; either may be "".
    counts: (reason, rows): "rows" read, "used", and what was left out or changed and why, zeros too, in a fixed order.
    curves: CURVE, how often everybody watched a slice of an episode again, 0 to 1; nobody's plays, and without the first slice.
    """

    plays: pd.DataFrame
    titles: pd.DataFrame = field(default_factory=_empty(TITLES))
    catalogue: pd.DataFrame = field(default_factory=_empty(CATALOGUE))
    counts: tuple[tuple[str, int], ...] = ()
    curves: pd.DataFrame = field(default_factory=_empty(CURVE))


def read_history(path: Path, episodes: Sequence[Episode]) -> History:
    """Reads a CSV (gzip too) or Parquet file: viewer, episode, started_at, and either from and to (seconds) or share.

    `share` (0 to 1) means watched from the start to that share. Optional columns: event (EVENTS; "play" where empty), device,
    profile; others are left alone. `started_at` is ISO 8601, taken as UTC where it names no zone. A stretch that runs over the
    end is cut there, and counted.

    Raises RequestError for a file that is not there, is no table or lacks a column; HistoryError where no row can be used.
    """
    table, broken = _parquet(path) if path.suffix == ".parquet" else _csv(path)
    _require(path, list(table.columns))
    rows = len(table) + broken
    plays, lost = _clean(table, episodes)
    if plays.empty:
        why = ", ".join(f"{reason}: {count}" for reason, count in (("malformed row", broken), *lost) if count)
        raise HistoryError(f"{path}: none of its {rows} rows can be used ({why or 'it holds no rows'})")
    return History(plays, counts=(("rows", rows), ("used", len(plays)), ("malformed row", broken), *lost))


def _csv(path: Path) -> tuple[pd.DataFrame, int]:
    """Every column as text, and how many lines had another number of fields than the header."""
    import pyarrow as pa
    from pyarrow import csv

    broken = 0

    def skip(row: object) -> str:
        nonlocal broken
        broken += 1
        return "skip"

    try:
        _readable(path)
        parsed = csv.ParseOptions(invalid_row_handler=skip)
        with csv.open_csv(str(path), read_options=csv.ReadOptions(use_threads=False), parse_options=parsed) as head:
            names = head.schema.names
        broken = 0  # those that the look at the header came across are met again
        table = csv.read_csv(
            str(path),
            read_options=csv.ReadOptions(use_threads=False),
            parse_options=parsed,
            convert_options=csv.ConvertOptions(
                column_types={name: pa.string() for name in names},
                include_columns=[name for name in names if name in (*_NEEDED, *_SPAN, "share", *_OPTIONAL)],
                strings_can_be_null=True,
            ),
        )
    except FileNotFoundError:
        raise RequestError(f"{path}: no such history file") from None
    except (pa.ArrowInvalid, UnicodeDecodeError, OSError, EOFError) as error:
        raise RequestError(f"{path}: not a CSV table that can be read ({str(error).splitlines()[0]})") from None
    frame = table.to_pandas()
    return frame if len(frame.columns) == len(names) else frame.reindex(columns=names), broken


def _readable(path: Path) -> None:
    """UnicodeDecodeError for a file that is not UTF-8 throughout: pyarrow prints a traceback over such a row."""
    import codecs
    import gzip

    decode = codecs.getincrementaldecoder("utf-8")().decode
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        while chunk := file.read(1 << 20):
            decode(chunk)
        decode(b"", final=True)


def _parquet(path: Path) -> tuple[pd.DataFrame, int]:
    import pyarrow as pa

    try:
        return pd.read_parquet(path), 0
    except FileNotFoundError:
        raise RequestError(f"{path}: no such history file") from None
    except (pa.ArrowInvalid, OSError) as error:
        raise RequestError(f"{path}: not a Parquet table that can be read ({str(error).splitlines()[0]})") from None


def _require(path: Path, found: Sequence[str]) -> None:
    missing = [name for name in _NEEDED if name not in found]
    if "share" not in found:
        missing += [name for name in _SPAN if name not in found]
    if not missing:
        return
    hints = []
    for name in missing:
        near = difflib.get_close_matches(name, [str(column).strip().lower() for column in found], 1, 0.6)
        hints += [f"is {near[0]!r} meant as {name!r}?"] if near else []
    raise RequestError(
        f"{path}: a history needs the columns viewer, episode, started_at and either from and to (seconds) or share; "
        f"missing: {', '.join(missing)}; found: {', '.join(map(str, found)) or 'none'}" + "".join(f"; {hint}" for hint in hints)
    )


def _clean(table: pd.DataFrame, episodes: Sequence[Episode]) -> tuple[pd.DataFrame, list[tuple[str, int]]]:
    """The rows that can be used, and the reasons of the others: a row is counted under the first that applies."""
    names = [episode.id for episode in episodes]
    number = pd.Index(names).get_indexer(pd.Index(_text(table, "episode")))
    known = number >= 0
    rate = np.array([float(episode.rate) for episode in episodes] + [1.0])[number]
    end = np.array([episode.frames for episode in episodes] + [0])[number]
    begin, stop = _number(table, "from") * rate, _number(table, "to") * rate
    share = _number(table, "share")
    whole = np.isnan(begin) & np.isnan(stop) & (share >= 0) & (share <= 1)
    begin, stop = np.where(whole, 0.0, begin), np.where(whole, share * end, stop)
    moment = pd.to_datetime(table["started_at"], utc=True, errors="coerce", format="ISO8601")
    viewer = _text(table, "viewer")
    event = _text(table, "event").str.lower().replace("", "play")
    readable = np.isfinite(begin) & np.isfinite(stop) & moment.notna().to_numpy()
    start = np.floor(np.where(readable, begin, 0) + 0.5)
    last = np.floor(np.where(readable, stop, 0) + 0.5)
    faults = (
        ("no viewer", (viewer == "").to_numpy()),
        ("unreadable time", ~readable),
        ("unknown episode", ~known),
        ("unknown event", ~event.isin(EVENTS).to_numpy()),
        ("empty or backward stretch", (last <= start) | (last <= 0)),
        ("beyond the end", start >= end),
    )
    good = np.ones(len(table), bool)
    lost: list[tuple[str, int]] = []
    for reason, fault in faults:
        lost.append((reason, int((good & fault).sum())))
        good &= ~fault
    over = good & ((last > end + 1) | (start < 0))
    plays = pd.DataFrame(
        {
            "viewer": viewer,
            "episode": _text(table, "episode"),
            "start": np.clip(start, 0, None).astype(np.int64),
            "stop": np.minimum(last, end).astype(np.int64),
            "started_at": moment,
            "event": event,
            "device": _text(table, "device"),
            "profile": _text(table, "profile"),
        }
    )[good]
    single = plays.drop_duplicates(list(COLUMNS[:6]))
    lost += [("repeated row", len(plays) - len(single)), ("cut at the end, kept", int(over.sum()))]
    order = ["viewer", "episode", "started_at", "start", "stop", "event"]
    return single.sort_values(order, kind="stable", ignore_index=True), lost


def _text(table: pd.DataFrame, column: str) -> pd.Series[str]:
    if column not in table.columns:
        return pd.Series("", index=table.index, dtype="str")
    return table[column].astype("str").fillna("").str.strip()


def _number(table: pd.DataFrame, column: str) -> np.ndarray:
    if column not in table.columns:
        return np.full(len(table), np.nan)
    return np.asarray(pd.to_numeric(table[column], errors="coerce"), float)
