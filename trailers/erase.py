"""A viewer leaves: the rows in every table of a season, and everything that was learnt from them, so that no trace is left."""

import csv
import gzip
import os
import re
import shutil
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from trailers.errors import RequestError
from trailers.season import Season
from trailers.withdraw import ENDINGS, withdraw

KEPT = ("index", *(f"store/{stage}" for stage in ("shots", "look", "faces", "listen", "lines", "change", "encoder")))
"""What a run makes of episodes alone, before any viewer is asked: it stays. All else under `out` is removed, and made anew."""


@dataclass(frozen=True)
class Erased:
    """What was done, all files named relative to the season's folder where they lie under it.

    rows: (file, rows that left it); removed: what a run makes anew; left: files in which a name may still be read, for a person
    to look at.
    """

    viewers: tuple[str, ...]
    rows: tuple[tuple[str, int], ...]
    removed: tuple[str, ...]
    left: tuple[str, ...]


@dataclass(frozen=True)
class _Table:
    """A file that may name viewers; history: it is one of the history's; needed: a run reads it."""

    path: Path
    history: bool
    needed: bool


def erase(season: Season, viewers: Collection[str], address: str = "") -> Erased:
    """Takes viewers out of a season: a run afterwards gives the bytes that it would give had they never been.

    Rows leave the history, the table of segments, and every other table in the season's folder that has a column of viewers; all
    other rows keep their bytes, and a file that is one viewer's is removed. What was learnt from them is removed from `out` and
    from the store at `address`. All is prepared before anything is changed, and each file is exchanged whole: a process killed
    on the way leaves every file as it was or as it should be, and the same request goes on from there.

    RequestError, with nothing changed, where a viewer stands in no table, or the history or the segments cannot be read.
    """
    asked = {viewer.strip() for viewer in viewers} - {""}
    if not asked:
        raise RequestError("erase whom? Name a viewer as the history does")
    prepared: list[tuple[Path, Path]] = []
    rows: dict[Path, Mapping[str, int]] = {}
    try:
        for table in _tables(season):
            prepared.append((table.path, table.path.with_name(f".{os.getpid()}.{table.path.name}")))
            rows[table.path] = _withdrawn(season, table, prepared[-1][1], asked)
        if missing := sorted(asked - {viewer for gone in rows.values() for viewer in gone}):
            raise RequestError(f"no table of the season names {', '.join(map(repr, missing))}; nothing was changed")
        removed = [*_forget(season), *_forget_shared(address)]
        for path, part in prepared:
            if rows[path]:
                _exchange(path, part)
    finally:
        for _, part in prepared:
            part.unlink(missing_ok=True)
    told = tuple((_short(path, season), sum(gone.values())) for path, gone in rows.items() if gone)
    left = tuple(_short(path, season) for path in _named(season, asked))
    return Erased(tuple(sorted(asked)), told, tuple(removed), left)


def _tables(season: Season) -> list[_Table]:
    """History and segments wherever they lie, and other tables in the season's folder, `out` and what is hidden apart; sorted."""
    from trailers.ranking.sources import formats

    history = {path.resolve() for path in formats.files(season.history)}
    needed = history | ({season.grouping.table.resolve()} if season.grouping.table else set())
    around = [path for path in season.folder.rglob("*") if season.out not in path.parents]
    around = [path for path in around if not any(part.startswith(".") for part in path.relative_to(season.folder).parts)]
    found = needed | {path.resolve() for path in around if path.is_file() and path.name.lower().endswith(ENDINGS)}
    return [_Table(path, path in history, path in needed) for path in sorted(found)]


def _withdrawn(season: Season, table: _Table, part: Path, viewers: set[str]) -> Mapping[str, int]:
    from trailers.ranking.sources import formats

    folder = season.history.resolve()
    account = formats.account(table.path, folder) if table.history else ""
    try:
        return withdraw(table.path, part, viewers, account, within=table.history and table.path != folder)
    except (OSError, EOFError, zlib.error, ValueError, csv.Error) as error:
        if not table.needed:
            return {}
        cause = str(error).splitlines()[0]
        raise RequestError(f"{table.path} cannot be read to see whom it names ({cause}); nothing was changed") from None


def _exchange(path: Path, part: Path) -> None:
    """The file without its viewers in its place; a file that was one viewer's goes."""
    if not part.exists():
        path.unlink()
        return
    shutil.copymode(path, part)
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.replace(path)


def _forget(season: Season) -> Iterator[str]:
    """Removes everything under `out` that was not made of episodes alone."""
    for folder in (season.out, season.out / "store"):
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            name = path.relative_to(season.out).as_posix()
            if name == "store" or name in KEPT:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
            yield f"out/{name}"


def _forget_shared(address: str) -> Iterator[str]:
    if not address:
        return
    import fsspec

    system, root = fsspec.core.url_to_fs(address)
    for path in sorted(system.ls(root, detail=False)) if system.exists(root) else ():
        name = path.rstrip("/").rpartition("/")[2]
        if f"store/{name}" not in KEPT:
            system.rm(path, recursive=True)
            yield f"{address.rstrip('/')}/{name}"


def _named(season: Season, viewers: set[str]) -> Iterator[Path]:
    """Files under the folder in which a viewer's name still stands as a word; a name of digits alone is no sign of one."""
    telling = [re.escape(viewer.encode()) for viewer in sorted(viewers) if not viewer.isdigit()]
    if not telling:
        return
    sign = re.compile(rb"(?<![\w-])(" + b"|".join(telling) + rb")(?![\w-])")
    media = {*season.episodes, *season.music}
    for path in sorted(season.folder.rglob("*")):
        if path.is_file() and path not in media and season.out / "index" not in path.parents:
            try:
                with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
                    found = any(sign.search(line) for line in file)
            except (OSError, EOFError, zlib.error):
                found = True  # what cannot be read may name anybody: a person should look
            if found:
                yield path


def _short(path: Path, season: Season) -> str:
    return str(path.relative_to(season.folder)) if path.is_relative_to(season.folder) else str(path)


def listed(path: Path) -> tuple[str, ...]:
    """The viewers that a file names, one on each line."""
    try:
        return tuple(line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    except (OSError, UnicodeDecodeError) as reason:
        raise RequestError(f"{path} cannot be read as a list of viewers: {reason}") from None


def document(erased: Erased) -> dict[str, object]:
    """{viewers, rows: {file: rows}, removed, left}: how many viewers left, and no name of them."""
    rows = dict(erased.rows)
    return {"viewers": len(erased.viewers), "rows": rows, "removed": list(erased.removed), "left": list(erased.left)}


def lines(erased: Erased) -> Iterator[str]:
    """The same for people."""
    yield f"{len(erased.viewers)} viewer{'s' * (len(erased.viewers) != 1)} erased"
    for name, rows in erased.rows:
        yield f"  {name}: {rows} row{'s' * (rows != 1)} taken out"
    if erased.removed:
        yield f"  removed what was learnt: {', '.join(erased.removed)}"
    for name in erased.left:
        yield f"  {name} may still name one: look at it"
    yield "Run the season again: what it gives is as if they had never been. Backups and what was exported are not reached."
