"""Viewers who watch alike: found from their history, or as the user has them; named by what sets them apart, none too small."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import TYPE_CHECKING

import pandas as pd

from trailers.errors import HistoryError, RequestError
from trailers.ranking.audience import care
from trailers.ranking.audience.groups import MOST, group
from trailers.ranking.audience.naming import names, tastes
from trailers.ranking.audience.profiles import profiles
from trailers.ranking.sources.tables import header, once

if TYPE_CHECKING:
    from pathlib import Path

    from trailers.features.index import ShotIndex
    from trailers.ranking.history import History

GENERAL = "general"
"""Everybody: scored like a segment, shown to viewers without one, and the control of an experiment."""
ONE = "one-viewer"
"""The id of a segment of one, which names nobody."""


@dataclass(frozen=True)
class Segment:
    """viewers: how many; why: the words that set it apart, strongest first; those it turns from begin with "less "."""

    id: str
    name: str
    viewers: int
    why: tuple[str, ...]


@dataclass(frozen=True)
class Segments:
    """membership: viewer, segment, sorted by viewer; criterion: how the number was chosen; general: viewers without a segment."""

    segments: tuple[Segment, ...]
    membership: pd.DataFrame
    criterion: str
    general: int


def find_segments(
    history: History, index: ShotIndex, count: int | None = None, seed: int = 0, smallest: int = care.SMALLEST
) -> Segments:
    """Groups viewers by what they engage with, or choose, more or less than everybody does (`profiles`, `group`).

    From moments where players logged them, from titles (chosen together, and their genres and words) where only those are known,
    from both where both are; `criterion` says from which, how the number came about and how well the groups come again. No
    segment has fewer than `smallest` viewers. Viewers who did too little, or stand between groups, have no segment. A season
    where nobody can be told apart has no segments, and says so.
    """
    if count is not None and not 1 <= count <= MOST:
        raise RequestError(f"a season has 1 to {MOST} segments; asked for: {count}")
    _floor(smallest)
    everybody = len(viewers(history))
    known = profiles(history, index, seed)
    if len(known.viewers) < max(10, smallest):
        need = f"; a segment takes {smallest}" if len(known.viewers) < smallest else ""
        return _none(f"no segments: only {len(known.viewers)} viewers can be told apart{need}", everybody)
    found = group(known.rows, count, smallest, seed)
    if found.label.max(initial=-1) < 0:
        return _none(f"no segments: {found.told}", everybody)
    label = pd.Series(found.label, index=list(known.viewers))
    members = label[label >= 0].astype(str)
    keys = [str(number) for number in range(int(found.label.max()) + 1)]
    words = names(tastes(history, index, members, keys))
    ids = dict(zip(keys, apart([name for name, _ in words]), strict=True))
    sizes = members.value_counts()
    segments = [Segment(ids[key], name, int(sizes[key]), why) for key, (name, why) in zip(keys, words, strict=True)]
    table = _table(list(members.index), [ids[key] for key in members])
    criterion = f"{found.told}; from {known.source}"
    return Segments(tuple(sorted(segments, key=lambda s: (-s.viewers, s.id))), table, criterion, everybody - len(table))


def read_segments(path: Path, history: History, index: ShotIndex, smallest: int = care.SMALLEST) -> Segments:
    """The user's own table (CSV: viewer, segment, maybe name), taken as it is; viewers without a play are left out.

    A segment of fewer than `smallest` viewers who watched is part of everybody, and `criterion` says so. RequestError for a file
    that is no such table, or puts a viewer in two segments; HistoryError where none of its viewers watched.
    """
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise RequestError(f"{path}: no such table of segments") from None
    except (ValueError, OSError) as error:
        raise RequestError(f"{path}: not a CSV table that can be read ({str(error).splitlines()[0]})") from None
    missing = [name for name in ("viewer", "segment") if name not in table.columns]
    if missing:
        raise RequestError(
            f"{path}: a table of segments has the columns viewer, segment and, if wished, name; "
            f"missing: {', '.join(missing)}; found: {', '.join(map(str, table.columns))}"
        )
    once(path, header(path), ("viewer", "segment", "name"))
    table = table.drop_duplicates(["viewer", "segment"])
    twice = table.loc[table["viewer"].duplicated(), "viewer"]
    if len(twice):
        raise RequestError(f"{path}: viewer {twice.iloc[0]!r} is in two segments; a viewer has one")
    watched = table[table["viewer"].isin(viewers(history)) & (table["segment"] != "")]
    if watched.empty:
        raise HistoryError(f"{path}: none of its {len(table)} viewers is in the viewing history")
    given = {}
    for key, part in watched.groupby("segment", sort=True):
        said = [name for name in part["name"] if name] if "name" in part else []
        given[str(key)] = said[0] if said else str(key)
    return _given(watched.set_index("viewer")["segment"], given, history, index, smallest, f"as the table {path.name} says")


def by_column(history: History, column: str, index: ShotIndex, smallest: int = care.SMALLEST) -> Segments:
    """Segments by a column of the plays (device, profile): a viewer's is the value that most of his time was watched with.

    RequestError for a column that the history lacks, or whose name is of a sensitive trait; segments under `smallest` are part of
    everybody.
    """
    care.check([column])
    known = [name for name in ("device", "profile") if name in history.plays.columns]
    if column not in known:
        raise RequestError(f"segments by {column!r}: a history has the columns {' and '.join(known)} to group viewers by")
    plays = history.plays[history.plays[column] != ""]
    if plays.empty:
        raise HistoryError(f"segments by {column!r}: no row of the viewing history says it")
    time = (plays["stop"] - plays["start"]).groupby([plays["viewer"], plays[column]]).sum().reset_index(name="time")
    most = time.sort_values(["viewer", "time", column], ascending=[True, False, True]).drop_duplicates("viewer")
    of = most.set_index("viewer")[column]
    return _given(of, {str(key): str(key) for key in sorted(set(of))}, history, index, smallest, f"by the column {column}")


def one_viewer(history: History, index: ShotIndex, viewer: str) -> Segments:
    """A segment of one, to show what one person's trailer would be; neither its id nor its name tells who. RequestError for a
    viewer who is not in the history."""
    if viewer not in viewers(history):
        raise RequestError(f"no viewer {viewer!r} in the viewing history")
    made = _given(pd.Series({viewer: ONE}), {ONE: "one viewer"}, history, index, 1, "")
    told = f"1, a single viewer as asked: a demonstration under the floor of {care.SMALLEST}, not for an audience"
    return Segments(made.segments, made.membership, told, made.general)


def slug(name: str) -> str:
    """A name as an id that serves as a file name: lower-case Latin letters, digits and hyphens; other scripts are written in
    Latin letters ("drama" for "Драма"), and pictures by what they are called."""
    from anyascii import anyascii

    return re.sub(r"[^a-z0-9]+", "-", anyascii(name).lower()).strip("-") or "segment"


def apart(names: Sequence[str]) -> list[str]:
    """Each name's `slug`, with a number after it where another has it already, or everybody: "drama", "drama-2"."""
    ids = [GENERAL]
    for name in names:
        tried = chain([slug(name)], (f"{slug(name)}-{number}" for number in count(2)))
        ids.append(next(each for each in tried if each not in ids))
    return ids[1:]


def _given(
    segment_of: pd.Series[str], given: Mapping[str, str], history: History, index: ShotIndex, smallest: int, told: str
) -> Segments:
    """Segments that somebody else decided on; `given`: their names."""
    _floor(smallest)
    sizes = segment_of.value_counts()
    keys = [key for key in given if sizes[key] >= smallest]
    ids = {key: slug(key) for key in given}
    for id in (GENERAL, *ids.values()):
        alike = [repr(key) for key in sorted(given) if ids[key] == id]
        if len(alike) > 1 or (alike and id == GENERAL):
            raise RequestError(
                f"segments need ids of their own, other than {GENERAL!r}; {' and '.join(alike)} would be {id!r}: write other "
                "words for a segment (a table's column name may hold what people read)"
            )
    small = [given[key] for key in given if key not in keys]
    criterion = f"{len(keys)}, {told}"
    if small:
        criterion += f"; fewer than {smallest} viewers, so part of everybody: {', '.join(small)}"
    members = segment_of[segment_of.isin(keys)]
    words = names(tastes(history, index, members, keys)) if keys else []
    segments = tuple(Segment(ids[key], given[key], int(sizes[key]), why) for key, (_, why) in zip(keys, words, strict=True))
    table = _table([str(viewer) for viewer in members.index], [ids[key] for key in members])
    return Segments(segments, table, criterion, len(viewers(history)) - len(table))


def _floor(smallest: int) -> None:
    if smallest < 1:
        raise RequestError(f"the smallest segment has 1 viewer or more; asked for: {smallest}")


def _none(told: str, everybody: int) -> Segments:
    return Segments((), _table([], []), told, everybody)


def viewers(history: History) -> set[str]:
    """Everybody in a history, by moments or by titles."""
    return {*map(str, history.plays["viewer"].unique()), *map(str, history.titles["viewer"].unique())}


def _table(viewers: Sequence[str], segments: Sequence[str]) -> pd.DataFrame:
    table = pd.DataFrame({"viewer": pd.Series(viewers, dtype="str"), "segment": pd.Series(segments, dtype="str")})
    return table.sort_values("viewer", ignore_index=True)
