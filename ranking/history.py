"""A viewing history as people have it: one door for every format; what cannot be used is counted by its reason."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from trailers.errors import HistoryError, RequestError
from trailers.ranking.sittings import Stretches, plays_of
from trailers.ranking.tables import header, read_table

if TYPE_CHECKING:
    from pathlib import Path

    from trailers.features.media import Episode

COLUMNS = ("viewer", "episode", "start", "stop", "started_at", "event", "device", "profile")
TITLES = ("viewer", "title", "episode", "liking", "watched_at")
CATALOGUE = ("title", "genres", "words")
CURVE = ("episode", "start", "stop", "value")
REASONS = (
    "malformed row",
    "no viewer",
    "unreadable time",
    "unknown episode",
    "unknown event",
    "empty or backward stretch",
    "beyond the end",
    "repeated row",
    "ran without a hand",
    "cut at the end, kept",
    "joined to the sitting before, kept",
)
"""What a row was left out for, or, where it says "kept", changed."""

_TEXT = ("viewer", "episode", "event", "device", "profile")
_FIGURES = ("started_at", "from", "to", "share")


def _empty(columns: Sequence[str]) -> Callable[[], pd.DataFrame]:
    numbers = {"liking": "float64", "start": "int64", "stop": "int64", "value": "float64", "watched_at": "datetime64[us, UTC]"}
    return lambda: pd.DataFrame(columns=list(columns)).astype({name: numbers.get(name, "str") for name in columns})


@dataclass(frozen=True)
class History:
    """What viewers watched: moments where a player logged them, titles where only those are known.

    plays: COLUMNS; viewer, episode, event, device, profile as text (categories), start and stop in whole frames (stop excluded),
    started_at a time in UTC; rows of one viewer, episode and started_at are one sitting; sorted.
    titles: TITLES, one row a viewer and title, sorted; episode is "" for a title outside the season; liking 0 to 1 (share that
    was watched, a rating within the viewer's own scale, 1 where only "watched" is known); watched_at NaT where no date is sure.
    catalogue: CATALOGUE, one row a title, sorted; genres joined by ";", words free text; either may be "".
    counts: (reason, rows): "rows" read, "used", and REASONS, zeros too.
    curves: CURVE, how often everybody watched a slice of an episode again, 0 to 1; nobody's plays, and without the first slice.
    """

    plays: pd.DataFrame
    titles: pd.DataFrame = field(default_factory=_empty(TITLES))
    catalogue: pd.DataFrame = field(default_factory=_empty(CATALOGUE))
    counts: tuple[tuple[str, int], ...] = ()
    curves: pd.DataFrame = field(default_factory=_empty(CURVE))


def read_history(path: Path, episodes: Sequence[Episode]) -> History:
    """Reads a CSV (gzip too) or Parquet file: viewer, episode, started_at, and either from and to (seconds) or share."""
    if not path.exists():
        raise RequestError(f"{path}: no such history file")
    _require(path, header(path))
    table = read_table(path, _TEXT, _FIGURES)
    told = Stretches(
        table.text("viewer"),
        table.text("episode"),
        table.time("started_at"),
        table.number("from"),
        table.number("to"),
        table.number("share"),
        table.text("event", "play", lower=True),
        table.text("device"),
        table.text("profile"),
    )
    rows, broken = table.rows + table.broken, table.broken
    del table
    plays, lost = plays_of(told, episodes)
    counts = Counter(lost) + Counter({"malformed row": broken})
    if plays.empty:
        why = ", ".join(f"{reason}: {counts[reason]}" for reason in REASONS if counts[reason])
        raise HistoryError(f"{path}: none of its {rows} rows can be used ({why or 'it holds no rows'})")
    return History(plays, counts=(("rows", rows), ("used", len(plays)), *((reason, counts[reason]) for reason in REASONS)))


def _require(path: Path, found: Sequence[str]) -> None:
    missing = [name for name in ("viewer", "episode", "started_at") if name not in found]
    if "share" not in found:
        missing += [name for name in ("from", "to") if name not in found]
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
