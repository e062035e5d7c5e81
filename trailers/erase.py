"""A viewer leaves: the rows in every table of a season, and everything that was learnt from them, so that no trace is left."""

import csv
import gzip
import io
import json
import os
import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

from trailers.errors import RequestError
from trailers.spec import Season

if TYPE_CHECKING:
    import pyarrow as pa

KEPT = ("index", "store/shots", "store/look", "store/faces", "store/listen", "store/lines", "store/encoder")
"""What a run makes of episodes alone, before any viewer is asked: it stays. All else under `out` is removed, and made anew."""
NAMES = ("viewer", "viewer_id", "user", "user_id", "userid", "profile name", "unit")
"""Columns that hold viewers, in small letters: ours, then those of exports; the first that a table has is the one."""
TABLES = (".csv", ".csv.gz", ".parquet", ".json")


class SupportsWrite(Protocol):
    def write(self, data: bytes, /) -> int: ...


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


def erase(season: Season, viewers: Collection[str], address: str = "") -> Erased:
    """Takes viewers out of a season: a run afterwards gives the bytes that it would give had they never been.

    Rows leave the history, the table of segments, and every other table in the season's folder that has a column of viewers
    (NAMES); all other rows keep their bytes. What was learnt from them is removed from `out` and from the store at `address`. All
    is prepared before anything is changed, and each file is exchanged whole: a process killed on the way leaves every file as
    it was or as it should be, and the same request goes on from there.

    RequestError, with nothing changed, where a viewer stands in no table or a table cannot be read.
    """
    asked = {viewer.strip() for viewer in viewers} - {""}
    if not asked:
        raise RequestError("erase whom? Name a viewer as the history does")
    found: set[str] = set()
    prepared: list[tuple[Path, Path, int]] = []
    try:
        for path, needed in tables(season).items():
            part = path.with_name(f".{os.getpid()}.{path.name}")
            prepared.append((path, part, 0))
            gone = _without(path, part, asked, needed)
            prepared[-1] = (path, part, sum(gone.values()))
            found |= gone.keys()
        if missing := sorted(asked - found):
            raise RequestError(f"no table of the season names {', '.join(map(repr, missing))}; nothing was changed")
        removed = [*_forget(season), *_forget_shared(address)]
        for path, part, gone_rows in prepared:
            if gone_rows:
                shutil.copymode(path, part)
                _settle(part)
                part.replace(path)
    finally:
        for _, part, _ in prepared:
            part.unlink(missing_ok=True)
    rows = tuple((_short(path, season), gone) for path, _, gone in prepared if gone)
    left = tuple(_short(path, season) for path in _named(season.folder, asked, season))
    return Erased(tuple(sorted(asked)), rows, tuple(removed), left)


def tables(season: Season) -> dict[Path, bool]:
    """The tables that may name viewers, sorted, and whether a run reads whom they name: history and segments wherever they lie,
    and all others in the season's folder, `out` and what is hidden apart."""
    history = [season.history] if season.history.is_file() else sorted(season.history.rglob("*"))
    named = [*history, *([season.grouping.table] if season.grouping.table else [])]
    around = [path for path in season.folder.rglob("*") if season.out not in path.parents]
    open_to_see = [path for path in around if not any(part.startswith(".") for part in path.relative_to(season.folder).parts)]
    found = dict.fromkeys((path.resolve() for path in open_to_see), False) | dict.fromkeys(
        (path.resolve() for path in named), True
    )
    return {path: found[path] for path in sorted(found) if path.is_file() and path.name.lower().endswith(TABLES)}


def _without(path: Path, part: Path, viewers: set[str], needed: bool) -> dict[str, int]:
    """Writes the table without the viewers' rows; rows that left, by viewer. Writes nothing where there are none."""
    name = path.name.lower()
    try:
        if name.endswith(".parquet"):
            gone = _parquet(path, part, viewers)
        elif name.endswith(".json"):
            gone = _json(path, part, viewers)
        else:
            gone = _csv(path, part, viewers)
    except (OSError, EOFError, ValueError, csv.Error) as error:
        if not needed:
            return {}
        raise RequestError(
            f"{path} cannot be read to see whom it names ({str(error).splitlines()[0]}); nothing was changed"
        ) from None
    return gone


def _csv(path: Path, part: Path, viewers: set[str]) -> dict[str, int]:
    gone: dict[str, int] = {}
    packed = path.suffix == ".gz"
    with gzip.open(path) if packed else path.open("rb") as source:
        records = _records(io.TextIOWrapper(source, encoding="utf-8", errors="surrogateescape", newline=""))
        header, raw = next(records, ([], ""))
        column = column_of(header)
        if column is None:
            return gone
        with part.open("wb") as file, _packed(file, packed) as target:
            target.write(raw.encode("utf-8", "surrogateescape"))
            for row, raw in records:
                viewer = row[column].strip() if column < len(row) else ""
                if viewer in viewers:
                    gone[viewer] = gone.get(viewer, 0) + 1
                else:
                    target.write(raw.encode("utf-8", "surrogateescape"))
    return gone


def _packed(file: IO[bytes], packed: bool) -> AbstractContextManager[SupportsWrite]:
    # no time stamp and no name: the same rows give the same bytes
    return gzip.GzipFile("", "wb", 6, file, mtime=0) if packed else nullcontext(file)


def _records(file: Iterable[str]) -> Iterator[tuple[list[str], str]]:
    """Rows with the text that they were read from, quoted line breaks and all."""
    held: list[str] = []

    def lines() -> Iterator[str]:
        for line in file:
            held.append(line)
            yield line

    for row in csv.reader(lines()):
        yield row, "".join(held)
        held.clear()


def _parquet(path: Path, part: Path, viewers: set[str]) -> dict[str, int]:
    import pyarrow.parquet as pq

    gone: dict[str, int] = {}
    with pq.ParquetFile(path) as source:
        names = source.schema_arrow.names
        column = column_of(names)
        if column is None:
            return gone
        with pq.ParquetWriter(part, source.schema_arrow) as target:
            for number in range(source.num_row_groups):
                rows: pa.Table = source.read_row_group(number)
                named = [str(value).strip() for value in rows.column(names[column]).to_pylist()]
                for viewer in named:
                    if viewer in viewers:
                        gone[viewer] = gone.get(viewer, 0) + 1
                target.write_table(rows.filter([viewer not in viewers for viewer in named]))
    return gone


def _json(path: Path, part: Path, viewers: set[str]) -> dict[str, int]:
    """A list of objects of which each names its viewer."""
    gone: dict[str, int] = {}
    document = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(document, list) or not all(isinstance(entry, dict) for entry in document):
        return gone
    kept = []
    for entry in document:
        keys = list(entry)
        column = column_of(keys)
        viewer = str(entry[keys[column]]).strip() if column is not None else ""
        if viewer in viewers:
            gone[viewer] = gone.get(viewer, 0) + 1
        else:
            kept.append(entry)
    part.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
    return gone


def column_of(names: Sequence[str]) -> int | None:
    """The place of the column that holds viewers, None where a table has none."""
    small = [str(name).strip().lower().removeprefix("\ufeff") for name in names]
    return next((small.index(name) for name in NAMES if name in small), None)


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


def _settle(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _named(folder: Path, viewers: set[str], season: Season) -> Iterator[Path]:
    """Text files under the folder in which a viewer's name still stands as a word; a name of digits alone is no sign of one."""
    telling = [re.escape(viewer.encode()) for viewer in sorted(viewers) if not viewer.isdigit()]
    if not telling:
        return
    sign = re.compile(rb"(?<![\w-])(" + b"|".join(telling) + rb")(?![\w-])")
    media = {*season.episodes, *season.music}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path not in media and season.out / "index" not in path.parents:
            with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
                if any(sign.search(line) for line in file):
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
