"""Logs as tables of a database that keeps to a given memory and goes on in a temporary folder: DuckDB's owner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from glob import glob
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeAlias

from trailers.errors import RequestError

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow

Source: TypeAlias = "Path | str | pd.DataFrame"
"""A log: a CSV or Parquet file, a folder or a glob of them, or a table."""
MEMORY = "2GB"
"""What the database may hold at once; a process with it stays under 4 GB."""
ENDINGS = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet")


@contextmanager
def workspace() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory, with what does not fit in a folder that is gone afterwards. Where a log cannot be read, or is too
    large, what the database says becomes a RequestError."""
    import duckdb

    unreadable = (
        duckdb.IOException,
        duckdb.InvalidInputException,
        duckdb.ConversionException,
        duckdb.OutOfRangeException,
        duckdb.OutOfMemoryException,
    )

    with TemporaryDirectory() as folder:
        settings = {
            "memory_limit": MEMORY,
            "temp_directory": folder,
            "autoinstall_known_extensions": "false",
            "python_enable_replacements": "false",
        }
        connection = duckdb.connect(":memory:", config=dict(settings))
        try:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute("SET enable_progress_bar = false")  # a machine may read what we print
            connection.execute("SET preserve_insertion_order = false")
            yield connection
        except duckdb.Error as reason:
            if isinstance(reason, unreadable) or str(reason).startswith("CSV Error"):
                raise RequestError(f"the log cannot be read: {_said(reason)}") from reason
            raise
        finally:
            connection.close()


def opened(connection: duckdb.DuckDBPyConnection, source: Source, name: str, needed: Sequence[str]) -> tuple[str, ...]:
    """A view `name` of a log; its columns.

    All columns of a CSV are text. A RequestError for no file, or for a column of `needed` that is not there.
    """
    import pandas as pd

    if isinstance(source, pd.DataFrame):
        connection.register(name, _arrow(source))
    else:
        files = _files(Path(source), name)
        if files[0].endswith(".parquet"):
            connection.read_parquet(files, union_by_name=True).create_view(name)
        else:
            connection.read_csv(files, header=True, all_varchar=True, union_by_name=True, null_padding=True).create_view(name)
    columns = tuple(str(row[0]) for row in connection.execute(f"DESCRIBE {name}").fetchall())
    missing = [column for column in needed if column not in columns]
    if missing:
        raise RequestError(f"{name} lack {', '.join(missing)}; columns found: {', '.join(columns)}")
    return columns


def moment(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """SQL for a table's `timestamp` as whole microseconds since 1970; NULL where it cannot be read. Text without a zone is UTC;
    whole numbers are seconds, milliseconds or microseconds since 1970 by their size (to the year 2286)."""
    kinds = {str(row[0]): str(row[1]) for row in connection.execute(f"DESCRIBE {table}").fetchall()}
    if kinds["timestamp"].startswith(("TIMESTAMP", "DATE")):
        return 'epoch_us(CAST("timestamp" AS TIMESTAMPTZ))'
    written = 'CAST("timestamp" AS VARCHAR)'
    number = f"try_cast({written} AS BIGINT)"
    counted = (
        f"CASE WHEN {number} < 100000000 THEN NULL WHEN {number} < 10000000000 THEN {number} * 1000000 "
        f"WHEN {number} < 10000000000000 THEN {number} * 1000 ELSE {number} END"
    )
    return f"coalesce(epoch_us(try_cast({written} AS TIMESTAMPTZ)), {counted})"


def unit() -> str:
    """SQL for a unit's id: text without blanks around it; NULL for none."""
    return "nullif(trim(CAST(user_id AS VARCHAR)), '')"


def an_unreadable_time(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """In words, a time of a table that cannot be read, if there is one."""
    row = connection.execute(
        f'SELECT min(CAST("timestamp" AS VARCHAR)) FROM {table} WHERE {moment(connection, table)} IS NULL'
    ).fetchone()
    return f"{row[0]!r} is no time in ISO 8601" if row and row[0] else ""


def quoted(name: str) -> str:
    """A column's name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text in SQL."""
    return "'" + value.replace("'", "''") + "'"


def _files(source: Path, name: str) -> list[str]:
    if source.is_file():
        found = [source]
    elif source.is_dir():
        found = sorted(file for file in source.rglob("*") if file.is_file() and file.name.lower().endswith(ENDINGS))
    else:
        found = sorted(Path(file) for file in glob(str(source), recursive=True) if Path(file).is_file())
    if not found:
        raise RequestError(f"{name} are asked for at {source}; there is no CSV or Parquet file")
    if not any(file.stat().st_size for file in found):
        raise RequestError(f"{name} at {source} are empty")
    kinds = {file.suffix == ".parquet" for file in found}
    if len(kinds) > 1:
        raise RequestError(f"{name} at {source} are CSV and Parquet files mixed; one kind is asked for")
    return [str(file) for file in found]


def _arrow(table: pd.DataFrame) -> pyarrow.Table:
    """A DataFrame for the database; columns of mixed objects as text."""
    import pyarrow

    kept = table.reset_index(drop=True)
    mixed = {name: kept[name].astype("string") for name in kept.columns if kept[name].dtype == object}
    return pyarrow.Table.from_pandas(kept.assign(**mixed), preserve_index=False)


def _said(reason: Exception) -> str:
    """What the database says, without its settings."""
    lines = [line.strip() for line in str(reason).splitlines() if line.strip()]
    if any("quoted new lines" in line for line in lines):
        return f"{lines[0]} begins a text with a line break in it; a CSV without such, or Parquet, is asked for"
    file = next((line.removeprefix("file = ") for line in lines if line.startswith("file = ")), "")
    return f"{file}: " * bool(file) + ("; ".join(lines[:3])[:300] or type(reason).__name__)
