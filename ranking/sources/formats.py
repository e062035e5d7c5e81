"""Which of the known formats a file is in, told by its columns or keys and never by its name; and what it says."""

from __future__ import annotations

import difflib
import gzip
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trailers.errors import RequestError
from trailers.ranking.sources import exports, logs
from trailers.ranking.sources.catalogue import Catalogue, read_catalogue
from trailers.ranking.sources.curves import is_curve
from trailers.ranking.sources.sittings import Stretches
from trailers.ranking.sources.tables import ENDINGS, header, read_table

if TYPE_CHECKING:
    from pathlib import Path

    from trailers.ranking.sources.views import Views

_JSON = (".json", ".json.gz")
_RATIOS = ({"watch_ratio"}, {"play_time_ms", "duration_ms"}, {"play_duration", "video_duration"})
_TEXT = ("viewer", "episode", "event", "device", "profile")
_FIGURES = ("started_at", "from", "to", "share")


@dataclass(frozen=True)
class Said:
    """What one file says: stretches of episodes, views of titles, a catalogue, or curves by the file's name without its ending.

    rows and lost are those of the stretches; views bring their own. foreign: the file holds nothing of a history.
    """

    stretches: Stretches | None = None
    views: Views | None = None
    catalogue: Catalogue = field(default_factory=Catalogue)
    curves: Sequence[tuple[str, Mapping[str, object]]] = ()
    rows: int = 0
    lost: Mapping[str, int] = field(default_factory=dict)
    foreign: bool = False


def files(path: Path) -> list[Path]:
    """The file itself, or all files below a folder that may hold a history, in the order of their names.

    RequestError where there is none.
    """
    if not path.is_dir():
        if not path.exists():
            raise RequestError(f"{path}: no such history file")
        return [path]
    below = sorted(file for file in path.rglob("*") if file.name.endswith(ENDINGS + _JSON) and file.is_file())
    found = [file for file in below if not any(part.startswith(".") for part in file.relative_to(path).parts)]
    if not found:
        raise RequestError(f"{path}: no history in this folder: it holds no file that ends in {', '.join(ENDINGS + _JSON)}")
    return found


def read(file: Path, folder: Path) -> Said:
    """What a file says; `folder` is where the history lies, the file itself or a folder.

    In a folder, viewers that a file does not tell from those of the next bear the file's name too, and a file of no known format
    is foreign; a history that is nothing but that is a RequestError.
    """
    within, name = file != folder, account(file, folder)
    if file.name.endswith(_JSON):
        return _document(file, name, within)
    names = set(header(file))
    if {"Profile Name", "Start Time", "Duration", "Title", "Bookmark"} <= names:
        return Said(views=exports.viewing_activity(file, name if within else ""))
    if {"Title", "Date"} <= names:
        return Said(views=exports.viewing_history(file, name))
    if {"userId", "movieId", "rating"} <= names:
        return Said(views=logs.ratings(file))
    if {"user_id", "video_id"} <= names and any(ratio <= names for ratio in _RATIOS):
        return Said(views=logs.watch_ratios(file))
    if {"viewer", "title"} <= names and "episode" not in names:
        return Said(views=logs.titles(file))
    if {"movieId", "tag"} <= names or ({"title", "genres"} <= names and within):
        return Said(catalogue=read_catalogue(file))
    if within and len({"viewer", "episode", "started_at"} & names) < 2:
        return Said(foreign=True)
    return _contract(file)


def account(file: Path, folder: Path) -> str:
    """The viewer of a file that is one viewer's: its name without its ending; in a folder, its place there ("ada/history")."""
    name = file.relative_to(folder).as_posix() if file != folder else file.name
    return name.removesuffix(".gz").removesuffix(".csv").removesuffix(".json").removesuffix(".parquet")


def _contract(file: Path) -> Said:
    """Our own contract, where moments are known."""
    _require(file, header(file))
    table = read_table(file, _TEXT, _FIGURES)
    stretches = Stretches(
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
    return Said(stretches, rows=table.rows + table.broken, lost={"malformed row": table.broken})


def _document(file: Path, account: str, within: bool) -> Said:
    """A JSON file: Trakt's history, or what yt-dlp tells of one video or of several."""
    try:
        text = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        document = json.loads(text)
    except (ValueError, OSError, EOFError, zlib.error, RecursionError) as error:
        raise RequestError(f"{file}: not a JSON document that can be read ({str(error).splitlines()[0]})") from None
    entries = document if isinstance(document, list) else [document]
    if entries and all(is_curve(entry) for entry in entries):
        name = account.rpartition("/")[2].removesuffix(".info")
        return Said(curves=[(name, entry) for entry in entries])
    if any(isinstance(entry, dict) and "watched_at" in entry for entry in entries):
        return Said(views=exports.trakt(entries, account))
    if within:
        return Said(foreign=True)
    keys = sorted({str(key) for entry in entries if isinstance(entry, dict) for key in entry})
    raise RequestError(
        f"{file}: a history in JSON is Trakt's (a list of entries with watched_at) or yt-dlp's of a video (with heatmap); "
        f"found: {', '.join(keys[:12]) or 'neither'}"
    )


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
        f"{path}: a history needs the columns viewer, episode, started_at and either from and to (seconds) or share, "
        f"or viewer and title, or those of an export (Netflix, MovieLens, KuaiRec); "
        f"missing: {', '.join(missing)}; found: {', '.join(map(str, found)) or 'none'}" + "".join(f"; {hint}" for hint in hints)
    )
