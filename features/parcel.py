"""An episode's part of the index as one file: same part, same bytes."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trailers.features.signals import Look

if TYPE_CHECKING:
    import pyarrow

VECTOR = "vector"


def save_table(table: pd.DataFrame, path: Path) -> None:
    """A table with its index as Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pandas(table), path, compression="zstd")


def load_table(path: Path) -> pd.DataFrame:
    """What `save_table` wrote."""
    import pyarrow.parquet as pq

    table: pd.DataFrame = pq.read_table(path).to_pandas()
    return table


def save_look(look: Look, path: Path) -> None:
    """What was seen in an episode, signals and vectors, as Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(look.signals)
    if look.vectors is not None:
        table = table.append_column(VECTOR, to_vectors(look.vectors))
    pq.write_table(table, path, compression="zstd")


def load_look(path: Path) -> Look:
    """What `save_look` wrote."""
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    if VECTOR not in table.column_names:
        return Look(table.to_pandas(), None)
    return Look(table.drop_columns([VECTOR]).to_pandas(), from_vectors(table))


def to_vectors(rows: np.ndarray) -> "pyarrow.Array":
    """Vectors (n, d) as a column of lists of one length, float32."""
    import pyarrow as pa

    return pa.FixedSizeListArray.from_arrays(pa.array(np.ascontiguousarray(rows, np.float32).ravel()), rows.shape[1])


def from_vectors(table: "pyarrow.Table") -> np.ndarray:
    """The vectors of a table, (n, d) float32."""
    column = table[VECTOR].combine_chunks()
    return np.array(column.flatten(), np.float32).reshape(len(table), column.type.list_size)
