"""A table without the rows of some viewers; all other rows keep their bytes."""

import csv
import gzip
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

ENDINGS = (".csv", ".csv.gz", ".parquet", ".json", ".json.gz")
"""Of files that may hold a table."""
NAMES = ("viewer", "viewer_id", "user", "user_id", "userid", "profile name", "unit")
"""Columns that hold viewers, in small letters: ours, then those of exports; the first that a table has is the one."""


class Sink(Protocol):
    def write(self, data: bytes, /) -> int: ...


def withdraw(path: Path, part: Path, viewers: set[str], account: str, within: bool) -> Mapping[str, int]:
    """Writes the table at `path` without the viewers' rows to `part`; rows that left, by viewer.

    Where no row leaves, nothing needs to be written. `account` is the viewer of a file that is one viewer's (Netflix's list of
    titles, Trakt's history): where it is among `viewers`, all rows leave and nothing is written. `within`: the file is one of
    several in a history's folder, where profiles of an export are called ACCOUNT/PROFILE.
    OSError, EOFError, ValueError or csv.Error for a file that cannot be read.
    """
    name = path.name.lower()
    prefix = f"{account}/" if within else ""
    if name.endswith(".parquet"):
        return _parquet(path, part, viewers)
    if name.endswith((".json", ".json.gz")):
        return _json(path, part, viewers, account)
    return _csv(path, part, viewers, account, prefix)


def column_of(names: Sequence[str]) -> int | None:
    """The place of the column that holds viewers, None where a table has none."""
    small = [str(name).strip().lower().removeprefix("\ufeff") for name in names]
    return next((small.index(name) for name in NAMES if name in small), None)


def _csv(path: Path, part: Path, viewers: set[str], account: str, prefix: str) -> dict[str, int]:
    gone: dict[str, int] = {}
    packed = path.suffix == ".gz"
    with gzip.open(path) if packed else path.open("rb") as source:
        records = _records(io.TextIOWrapper(source, encoding="utf-8", errors="surrogateescape", newline=""))
        header, raw = next(records, ([], ""))
        column = column_of(header)
        if column is None:
            whole = account in viewers and {"Title", "Date"} <= {name.removeprefix("\ufeff") for name in header}
            return {account: sum(1 for row, _ in records if row)} if whole else {}
        named = prefix if header[column].strip().lower() == "profile name" else ""
        with part.open("wb") as file, _packed(file, packed) as target:
            target.write(raw.encode("utf-8", "surrogateescape"))
            for row, raw in records:
                viewer = f"{named}{row[column].strip()}" if column < len(row) else ""
                if viewer in viewers:
                    gone[viewer] = gone.get(viewer, 0) + 1
                else:
                    target.write(raw.encode("utf-8", "surrogateescape"))
    return gone


def _packed(file: IO[bytes], packed: bool) -> AbstractContextManager[Sink]:
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


def _json(path: Path, part: Path, viewers: set[str], account: str) -> dict[str, int]:
    """A list of objects: each names its viewer, or all are of the account."""
    packed = path.suffix == ".gz"
    document = json.loads(gzip.decompress(path.read_bytes()) if packed else path.read_bytes())
    if not isinstance(document, list) or not all(isinstance(entry, dict) for entry in document):
        return {}
    if account in viewers and any("watched_at" in entry for entry in document):
        return {account: len(document)}
    gone: dict[str, int] = {}
    kept = []
    for entry in document:
        keys = list(entry)
        column = column_of(keys)
        viewer = str(entry[keys[column]]).strip() if column is not None else ""
        if viewer in viewers:
            gone[viewer] = gone.get(viewer, 0) + 1
        else:
            kept.append(entry)
    with part.open("wb") as file, _packed(file, packed) as target:
        target.write(json.dumps(kept, ensure_ascii=False, indent=1).encode())
    return gone
