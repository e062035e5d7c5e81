"""A viewing history as people have it: one door for every format; what cannot be used is counted by its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trailers.errors import HistoryError, RequestError
from trailers.ranking.sources import formats
from trailers.ranking.sources.catalogue import Catalogue, Entry, read_catalogue
from trailers.ranking.sources.curves import curve_of, names_of
from trailers.ranking.sources.sittings import Stretches, merged, plays_of, together
from trailers.ranking.sources.views import Views, stretches_of, titles_of
from trailers.ranking.sources.works import places, plain

if TYPE_CHECKING:
    from pathlib import Path

    from trailers.features.media import Episode

COLUMNS = ("viewer", "episode", "start", "stop", "started_at", "event", "device", "profile")
TITLES = ("viewer", "title", "episode", "liking", "watched_at")
CATALOGUE = ("title", "genres", "words")
CURVE = ("episode", "start", "stop", "value")
LEFT_OUT = (
    "malformed row",
    "no viewer",
    "no title",
    "unreadable time",
    "unreadable figure",
    "unknown episode",
    "unknown event",
    "trailer, hook or other promotion",
    "empty or backward stretch",
    "beyond the end",
    "repeated row",
    "ran without a hand",
    "shown, never played",
    "marked as seen, not watched",
    "video without a most-replayed curve",
    "curve of another length",
    "first slice, set apart",
    "file that holds no history",
)
_TITLE_ONLY = "no moments known, kept as a title"
_LACKED = "episode of the catalogue that the season lacks, kept as a title"
NAMED = 5
"""So many episodes are named in a note."""
KEPT = (
    "cut at the end, kept",
    "joined to the sitting before, kept",
    "no sure date, kept",
    _TITLE_ONLY,
    "maybe of the season, not sure, kept as a title",
    _LACKED,
)
"""Reasons for which rows are left out, each under the first that applies; and for which they are kept, but changed."""


def _empty(columns: Sequence[str]) -> Callable[[], pd.DataFrame]:
    numbers = {"liking": "float64", "start": "int64", "stop": "int64", "value": "float64"}
    numbers |= {"watched_at": "datetime64[us, UTC]", "started_at": "datetime64[us, UTC]"}
    return lambda: pd.DataFrame(columns=list(columns)).astype({name: numbers.get(name, "str") for name in columns})


@dataclass(frozen=True)
class History:
    """What viewers watched: moments where a player logged them, titles where only those are known.

    plays: COLUMNS; viewer, episode, event, device, profile as text (categories), start and stop in whole frames (stop excluded),
    started_at a time in UTC; rows of one viewer, episode and started_at are one sitting; sorted.
    titles: TITLES, one row a viewer and title, sorted; episode is "" for a title outside the season; liking 0 to 1 (share that
    was watched, a rating within the viewer's own scale, 1 where only "watched" is known); watched_at NaT where no date is sure.
    catalogue: CATALOGUE, one row a title, sorted; genres joined by ";", words free text; either may be "".
    counts: (reason, rows): "rows" read, "used", and then LEFT_OUT and KEPT, zeros too.
    curves: CURVE, how often everybody watched a slice of an episode again, 0 to 1; nobody's plays, and without the first slice.
    notes: what people should know of it, a sentence each.
    """

    plays: pd.DataFrame
    titles: pd.DataFrame = field(default_factory=_empty(TITLES))
    catalogue: pd.DataFrame = field(default_factory=_empty(CATALOGUE))
    counts: tuple[tuple[str, int], ...] = ()
    curves: pd.DataFrame = field(default_factory=_empty(CURVE))
    notes: tuple[str, ...] = ()


def read_history(path: Path, episodes: Sequence[Episode], catalogue: Path | None = None, show: str = "") -> History:
    """Reads a history of any known format; a folder is all its files, joined.

    Formats, told by columns or keys: our own (CSV, gzip too, or Parquet) with moments (viewer, episode, started_at, and from and
    to in seconds, or share) or with titles (viewer, title); Netflix's ViewingActivity and NetflixViewingHistory; Trakt's history;
    MovieLens' ratings (movies and tags beside them); KuaiRec's and KuaiRand's logs; YouTube's curves as yt-dlp writes them.
    `catalogue` says of titles what they are and which is an episode of the season; `show` is the season's name, for exports that
    name a show, season and episode. What is not surely an episode of the season is a title like any other.

    Raises RequestError for a file that is not there, is in no known format or lacks a column; HistoryError where no row can be
    used.
    """
    said = [formats.read(file, path) for file in formats.files(path)]
    if all(part.foreign for part in said):
        raise RequestError(f"{path}: none of its {len(said)} files is in a known format")
    lost = Counter({"file that holds no history": sum(part.foreign for part in said)})
    known = read_catalogue(catalogue) if catalogue else Catalogue()
    for part in said:
        known = known.joined(part.catalogue)
        lost += Counter(part.lost)
    views = [part.views for part in said if part.views]
    for view in views:
        lost += Counter(view.lost)
    rows = sum(part.rows for part in said) + sum(view.rows for view in views)
    titles, told, place, hints = _titles(views, episodes, known, show)
    plays, changed = _plays(
        [part.stretches for part in said if part.stretches], [stretches_of(v, place) for v in views], episodes
    )
    curves, slices, apart = _curves([curve for part in said for curve in part.curves], episodes, known)
    counts = lost + hints + changed + apart
    rows += slices
    if plays.empty and titles.empty and curves.empty:
        why = ", ".join(f"{reason}: {counts[reason]}" for reason in (*LEFT_OUT, *KEPT) if counts[reason])
        raise HistoryError(f"{path}: none of its {rows} rows can be used ({why or 'it holds no rows'})")
    used = rows - sum(counts[reason] for reason in LEFT_OUT[:-1])
    reasons = (("rows", rows), ("used", used), *((reason, counts[reason]) for reason in (*LEFT_OUT, *KEPT)))
    notes = [*_lacked(known, episodes)]
    if plays.empty and curves.empty:
        notes.append(_titles_alone(titles["viewer"].nunique()))
    return History(plays, titles, told, reasons, curves, tuple(notes))


def _lacked(known: Catalogue, episodes: Sequence[Episode]) -> Iterator[str]:
    ids = sorted(episode.id for episode in episodes)
    if lacked := sorted({entry.episode for entry in known.entries.values()} - {"", *ids}):
        yield (
            f"episodes that the catalogue names and the season lacks: {_some(lacked)}; what was watched of them is kept "
            f"as titles (the season has {_some(ids)})"
        )


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")


def _titles_alone(viewers: int) -> str:
    who = "one viewer chose" if viewers == 1 else f"{viewers:,} viewers chose"
    return (
        f"no moments are known, only which titles {who}: shots are ranked by what those titles are about and by film grammar "
        "(what is seen and heard, and where in the story), and whether anybody would watch them cannot be judged"
    )


def _plays(
    logged: Sequence[Stretches], exported: Sequence[Stretches], episodes: Sequence[Episode]
) -> tuple[pd.DataFrame, Counter[str]]:
    """All plays; what cannot be one in an export is no row that is lost, for it stands among the titles."""
    plays, counts = _empty(COLUMNS)(), Counter[str]()
    if logged:
        plays, lost = plays_of(together(logged), episodes)
        counts = Counter(lost)
    if exported:
        more, lost = plays_of(together(exported), episodes)
        counts += Counter({reason: n for reason, n in lost.items() if reason in KEPT})
        counts[_TITLE_ONLY] += sum(n for reason, n in lost.items() if reason not in KEPT)
        plays = more if plays.empty else merged(plays, more) if len(more) else plays
    return plays, counts


def _titles(
    views: Sequence[Views], episodes: Sequence[Episode], known: Catalogue, show: str
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, str], Counter[str]]:
    """The table of titles, the catalogue of them, the season's episode of each title that a view names, and what is not sure."""
    works = {title: work for view in views for title, work in sorted(view.works.items())}
    ids = {episode.id for episode in episodes}
    sure, doubtful = places(works, sorted(ids), show)
    entries = {title: known.find(title, work.whole) for title, work in works.items()}
    place = sure | {title: entry.episode for title, entry in entries.items() if entry and entry.episode in ids}
    named: dict[str, str] = {}
    called: dict[str, str] = {}  # an episode has one name, however many ways it is written
    shows: dict[str, Entry] = {}
    for title in sorted(works):
        entry, show_entry = entries[title], known.find(works[title].title)
        if title in place:
            name = entry.title if entry else works[title].whole
            named[title] = called.setdefault(place[title], name)
            shows |= {named[title]: show_entry} if show_entry and not entry else {}
        else:
            found = entry or show_entry
            named[title] = found.title if found else works[title].title
    lengths = {episode.id: float(episode.frames / episode.rate) for episode in episodes}
    tables = [titles_of(view, place, named, lengths) for view in views]
    titles = pd.concat(tables, ignore_index=True) if tables else _empty(TITLES)()
    if len(tables) > 1:
        titles = titles.groupby(["viewer", "title", "episode"], as_index=False).agg({"liking": "max", "watched_at": "max"})
    told = known.joined(Catalogue({name: Entry(name, "", entry.genres, entry.words) for name, entry in shows.items()})).table()
    abroad = {title for title, entry in entries.items() if entry and entry.episode and title not in place}
    hints = Counter[str]()
    for view in views:
        unsure = np.array([str(title) in doubtful and str(title) not in place for title in view.title.categories], bool)
        hints["maybe of the season, not sure, kept as a title"] += int(unsure[view.title.codes].sum())
        lacked = np.array([str(title) in abroad for title in view.title.categories], bool)
        hints[_LACKED] += int(lacked[view.title.codes].sum())
        hints["no sure date, kept"] += int(np.isnat(view.at).sum())
    return titles.sort_values(["viewer", "title"], ignore_index=True), told, place, hints


def _curves(
    told: Sequence[tuple[str, Mapping[str, object]]], episodes: Sequence[Episode], known: Catalogue
) -> tuple[pd.DataFrame, int, Counter[str]]:
    """All curves, sorted; how many slices there were, and which were left out."""
    of = {plain(episode.id): episode for episode in episodes}
    tables, rows, lost = [_empty(CURVE)()], 0, Counter[str]()
    for name, document in told:
        entry = known.find(*names_of(document))
        words = [entry.episode] if entry and entry.episode else [name, *names_of(document)]
        table, slices, apart = curve_of(document, next((of[plain(word)] for word in words if plain(word) in of), None))
        tables += [table] if len(table) else []
        rows += slices
        lost += Counter(apart)
    return pd.concat(tables, ignore_index=True).sort_values(["episode", "start"], ignore_index=True), rows, lost
