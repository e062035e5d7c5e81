"""Histories that people download: Netflix's two, and Trakt's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from trailers.ranking.sources.dates import seconds_of, sure_times
from trailers.ranking.sources.sittings import taken
from trailers.ranking.sources.tables import read_table
from trailers.ranking.sources.views import Views, coded, of_words, repeated, sifted
from trailers.ranking.sources.works import Work, work_of

ACTIVITY = ("Profile Name", "Start Time", "Duration", "Attributes", "Title", "Supplemental Video Type", "Bookmark", "Device Type")
"""Columns of Netflix's ViewingActivity.csv that are read."""

MARKED = 3
"""Titles that nobody can have watched within a minute of each other: from so many on they were marked as seen, all at once."""

_PROMOTION = re.compile(r"(_hook_|_primary_|\((?:official )?(?:trailer|teaser|clip|recap|promo)[^)]*\)\s*$)", re.IGNORECASE)
_ALONE = "Autoplayed: user action: None"


def viewing_activity(path: Path, account: str) -> Views:
    """Netflix's ViewingActivity.csv. A viewer is a profile, "account/profile" where an account is named.

    The bookmark is where in the title the session ended, so it began a duration before. Trailers, hooks and other promotion are
    left out, and what ran without a hand.
    """
    table = read_table(path, ACTIVITY)
    profile, title = table.text("Profile Name"), table.text("Title")
    ran, mark = (of_words(seconds_of, table.text(name)) for name in ("Duration", "Bookmark"))
    kind, notes = table.text("Supplemental Video Type"), table.text("Attributes")
    promoted = np.array([bool(_PROMOTION.search(name)) for name in map(str, title.categories)], bool)
    alone = np.array([_ALONE in name for name in map(str, notes.categories)], bool)
    kept, lost = sifted(
        table.rows,
        ("no viewer", _empty(profile)),
        ("no title", _empty(title)),
        ("trailer, hook or other promotion", ~_empty(kind) | promoted[title.codes]),
        ("ran without a hand", alone[notes.codes]),
        ("unreadable time", np.isnan(ran) | np.isnan(mark)),
        ("empty or backward stretch", (ran <= 0) | (mark <= 0)),
        ("repeated row", repeated(profile, title, table.text("Start Time"))),
    )
    nothing = np.full(len(kept), np.nan)
    names = {name: f"{account}/{name}" if account else name for name in map(str, profile.categories)}
    return Views(
        coded(np.array([names[str(name)] for name in profile[kept]], dtype=object)),
        taken(title, kept),
        of_words(sure_times, table.text("Start Time"))[kept],
        np.maximum(mark - ran, 0)[kept],
        mark[kept],
        nothing,
        nothing,
        taken(table.text("Device Type"), kept),
        taken(profile, kept),
        {str(name): work_of(str(name)) for name in title.categories},
        table.rows + table.broken,
        {**lost, "malformed row": table.broken},
    )


def viewing_history(path: Path, account: str) -> Views:
    """Netflix's NetflixViewingHistory.csv: titles and days; the account is the viewer, a day's order that of the whole file."""
    table = read_table(path, ("Title", "Date"))
    title, day = table.text("Title"), table.text("Date")
    promoted = np.array([bool(_PROMOTION.search(name)) for name in map(str, title.categories)], bool)
    kept, lost = sifted(
        table.rows,
        ("no title", _empty(title)),
        ("trailer, hook or other promotion", promoted[title.codes]),
        ("repeated row", repeated(title, day)),
    )
    works = {str(name): work_of(str(name)) for name in title.categories}
    lost["malformed row"] = table.broken
    return watched(account, taken(title, kept), of_words(sure_times, day)[kept], works, table.rows + table.broken, lost)


def trakt(entries: Sequence[object], account: str) -> Views:
    """Trakt's history (GET /sync/history, or the export's files): the account is the viewer.

    Left out is what was marked as seen, not watched: at the beginning of all computer time, before there was the title, at the
    moment of its release, or MARKED titles and more within a minute of each other.
    """
    titles, works, times, marked = [], {}, [], []
    malformed = 0
    for entry in entries:
        found = _entry(entry)
        if found is None:
            malformed += 1
            continue
        work, moment, doubted = found
        titles.append(work.whole)
        works[work.whole] = work
        times.append(moment.replace(tzinfo=None))
        marked.append(doubted)
    title = coded(np.array(titles, dtype=object))
    at = np.array(times, dtype="datetime64[us]")
    kept, lost = sifted(
        len(titles),
        ("repeated row", repeated(title, coded(at.astype(str).astype(object)))),
        ("marked as seen, not watched", np.array(marked, bool) | _crowded(title, at)),
    )
    lost["malformed row"] = malformed
    return watched(account, taken(title, kept), at[kept], works, len(entries), lost)


def watched(viewer: str, title: pd.Categorical, at: np.ndarray, works: dict[str, Work], rows: int, lost: dict[str, int]) -> Views:
    """Views of one viewer of whom no more is known than what was watched, and when."""
    nothing = np.full(len(title), np.nan)
    blank = pd.Categorical.from_codes(np.zeros(len(title), np.int8), pd.Index([""], dtype="str"))
    one = pd.Categorical.from_codes(np.zeros(len(title), np.int8), pd.Index([viewer], dtype="str"))
    return Views(one, title, at, nothing, nothing, nothing, nothing, blank, blank, works, rows, lost)


def _crowded(title: pd.Categorical, at: np.ndarray) -> np.ndarray:
    """Rows that stand in a run of MARKED titles and more, each within a minute of the one before."""
    order = np.argsort(at, kind="stable")
    fresh = np.diff(at[order], prepend=np.datetime64("NaT", "us")) <= np.timedelta64(60, "s")
    run = np.cumsum(~fresh)
    titles = pd.Series(title.codes[order]).groupby(run).nunique()
    crowded = np.zeros(len(at), bool)
    crowded[order] = titles.reindex(run).to_numpy() >= MARKED
    return crowded


def _entry(entry: object) -> tuple[Work, datetime, bool] | None:
    """What was watched, when, and whether that is no time at which anybody watched it; None for what is no entry."""
    if not isinstance(entry, dict):
        return None
    kind = entry.get("type", "movie" if "movie" in entry else "episode")
    thing, show = entry.get(kind), entry.get("show")
    of = show if kind == "episode" else thing
    if not isinstance(thing, dict) or not isinstance(of, dict):
        return None
    title, name, season, number = of.get("title"), thing.get("title"), thing.get("season"), thing.get("number")
    at = _moment(entry.get("watched_at"))
    if not isinstance(title, str) or not title.strip() or at is None:
        return None
    work = Work(title.strip())
    if kind == "episode":
        if not isinstance(season, int) or not isinstance(number, int):
            return None
        work = Work(title.strip(), season, number, name.strip() if isinstance(name, str) else "")
    year = of.get("year")
    released = {str(thing.get(key, ""))[:10] for key in ("first_aired", "released")}
    doubted = at.year < 1971 or at == _moment(thing.get("first_aired"))
    if isinstance(year, int):
        doubted |= at.year < year
    midnight = (at.hour, at.minute, at.second) == (0, 0, 0)
    return work, at, doubted or (midnight and (at.strftime("%Y-%m-%d") in released or at.year == year))


def _moment(text: object) -> datetime | None:
    """A time in UTC of ISO 8601; None where it is none."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _empty(column: pd.Categorical) -> np.ndarray:
    return np.asarray(column == "")
