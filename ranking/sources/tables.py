"""A file of rows as columns: CSV (gzip too) or Parquet; text as codes, numbers and times with a gap where they cannot be read."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trailers.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

ENDINGS = (".csv", ".csv.gz", ".parquet")
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"


@dataclass(frozen=True)
class Table:
    """Columns of `rows` rows; `broken` lines had another number of fields than the header, and are not among them."""

    columns: Mapping[str, pa.ChunkedArray]
    rows: int
    broken: int

    def text(self, name: str, empty: str = "", lower: bool = False) -> pd.Categorical:
        """Trimmed text, `empty` where there is none or the column is not there; the categories are sorted."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if name not in self.columns:
            return pd.Categorical.from_codes(np.zeros(self.rows, np.int8), pd.Index([empty], dtype="str"))
        column = self.columns[name]
        if not pa.types.is_dictionary(column.type):
            column = column.cast(pa.string()).dictionary_encode()
        found = column.unify_dictionaries().combine_chunks()
        found = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
        words = pc.utf8_trim_whitespace(pc.fill_null(found.dictionary.cast(pa.string()), ""))
        words = pc.utf8_lower(words) if lower else words
        codes = pc.fill_null(found.indices, len(found.dictionary)).to_numpy(zero_copy_only=False)
        words = np.append(words.to_numpy(zero_copy_only=False), "").astype(object)
        words[words == ""] = empty
        names, place = np.unique(words, return_inverse=True)
        used = np.zeros(len(names), bool)
        used[place[np.unique(codes)]] = True
        rank = np.cumsum(used) - 1
        return pd.Categorical.from_codes(rank[place][codes], pd.Index(names[used], dtype="str"))

    def told(self, name: str) -> np.ndarray:
        """Where anything stands in the column."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if name not in self.columns:
            return np.zeros(self.rows, bool)
        column = self.columns[name]
        told = pc.is_valid(column)
        if pa.types.is_string(column.type):
            told = pc.and_(told, pc.not_equal(pc.fill_null(pc.utf8_trim_whitespace(column), ""), ""))
        return np.asarray(told.to_numpy())

    def number(self, name: str) -> np.ndarray:
        """Numbers, NaN where there are none."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if name not in self.columns:
            return np.full(self.rows, np.nan)
        parts = [np.zeros(0)]
        for chunk in self.columns[name].chunks:
            try:
                read = chunk.cast(pa.float64())
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
                if not pa.types.is_string(chunk.type):
                    parts.append(np.full(len(chunk), np.nan))
                    continue
                text = pc.utf8_trim_whitespace(chunk)
                read = pc.if_else(pc.match_substring_regex(text, _NUMBER), text, None).cast(pa.float64())
            parts.append(read.to_numpy(zero_copy_only=False))
        return np.concatenate(parts).astype(float, copy=False)

    def time(self, name: str) -> np.ndarray:
        """Times in UTC (datetime64, microseconds) by ISO 8601, UTC where no zone is named; NaT where they cannot be read."""
        import pyarrow as pa

        parts = [np.zeros(0, "datetime64[us]")]
        if name not in self.columns:
            return np.full(self.rows, np.datetime64("NaT", "us"))
        for chunk in self.columns[name].chunks:
            kind = chunk.type
            if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
                read = chunk.cast(pa.timestamp("us", "UTC" if getattr(kind, "tz", None) else None), safe=False)
            elif pa.types.is_string(kind):
                try:
                    read = chunk.cast(pa.timestamp("us", "UTC"))
                except pa.ArrowInvalid:
                    codes, words = pd.factorize(np.asarray(chunk.to_numpy(zero_copy_only=False), dtype=object))
                    times = pd.to_datetime(pd.Series(words, dtype="str").str.strip(), utc=True, errors="coerce", format="ISO8601")
                    parts.append(np.append(times.to_numpy("datetime64[us]"), np.datetime64("NaT", "us"))[codes])
                    continue
            else:
                parts.append(np.full(len(chunk), np.datetime64("NaT", "us")))
                continue
            parts.append(read.to_numpy(zero_copy_only=False).astype("datetime64[us]"))
        return np.concatenate(parts)


def header(path: Path) -> tuple[str, ...]:
    """The names of the file's columns. RequestError for a file that is not there or is no such table."""
    import csv
    import gzip

    if path.suffix == ".parquet":
        return tuple(_parquet(path, None))
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8-sig", newline="")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8-sig", newline="") as file
        ):
            return tuple(next(csv.reader(file)))
    except FileNotFoundError:
        raise RequestError(f"{path}: no such file") from None
    except StopIteration:
        raise RequestError(f"{path}: not a CSV table that can be read (it is empty)") from None
    except (UnicodeDecodeError, csv.Error, OSError, EOFError, zlib.error) as error:
        raise RequestError(f"{path}: not a CSV table that can be read ({str(error).splitlines()[0]})") from None


def once(path: Path, names: Sequence[str], wanted: Sequence[str]) -> None:
    """RequestError where a wanted name heads two columns: which of them is meant cannot be told."""
    if twice := [name for name in dict.fromkeys(wanted) if list(names).count(name) > 1]:
        raise RequestError(f"{path}: {', '.join(map(repr, twice))} heads more than one column; leave the one that is meant")


def read_table(path: Path, codes: Sequence[str], plain: Sequence[str] = ()) -> Table:
    """Those of the columns that are there: `codes` hold text that repeats, `plain` numbers and times. RequestError where one is
    there twice."""
    if path.suffix == ".parquet":
        columns = _parquet(path, [*codes, *plain])
        return Table(columns, len(next(iter(columns.values()), ())), 0)
    return _csv(path, frozenset(codes), frozenset(plain))


def _csv(path: Path, codes: frozenset[str], plain: frozenset[str]) -> Table:
    import pyarrow as pa
    from pyarrow import csv

    names = header(path)
    once(path, names, sorted(codes | plain))
    broken: list[int] = []

    def skip(row: csv.InvalidRow) -> str:
        broken.append(row.actual_columns)
        return "skip"

    repeats = pa.dictionary(pa.int32(), pa.string())
    try:
        _readable(path)
        table = csv.read_csv(
            str(path),
            read_options=csv.ReadOptions(block_size=1 << 24),
            parse_options=csv.ParseOptions(invalid_row_handler=skip),
            convert_options=csv.ConvertOptions(
                column_types={name: repeats if name in codes else pa.string() for name in names},
                include_columns=[name for name in names if name in codes | plain] or list(names[:1]),
            ),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError, OSError, EOFError, zlib.error) as error:
        raise RequestError(f"{path}: not a CSV table that can be read ({str(error).splitlines()[0]})") from None
    return Table(dict(zip(table.column_names, table.columns, strict=True)), table.num_rows, len(broken))


def _readable(path: Path) -> None:
    """UnicodeDecodeError for a file that is not UTF-8 throughout: pyarrow prints a traceback over such a row."""
    import codecs
    import gzip

    decode = codecs.getincrementaldecoder("utf-8")().decode
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        while chunk := file.read(1 << 20):
            decode(chunk)
        decode(b"", final=True)


def _parquet(path: Path, wanted: Sequence[str] | None) -> dict[str, pa.ChunkedArray]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
        names = file.schema_arrow.names
        if wanted is None:
            return {name: pa.chunked_array([], pa.string()) for name in names}
        once(path, names, wanted)
        table = file.read([name for name in names if name in wanted] or names[:1])
        text = (pa.types.is_large_string, pa.types.is_string_view)  # other ways to keep text: one is enough for us
        kinds = [pa.string() if any(is_text(part.type) for is_text in text) else part.type for part in table.schema]
        table = table.cast(pa.schema(list(zip(table.column_names, kinds, strict=True))))
    except FileNotFoundError:
        raise RequestError(f"{path}: no such file") from None
    except (pa.ArrowInvalid, OSError) as error:
        raise RequestError(f"{path}: not a Parquet table that can be read ({str(error).splitlines()[0]})") from None
    return dict(zip(table.column_names, table.columns, strict=True))
