"""The store's own indexes: vectors and words found among millions of rows without looking at each."""

from datetime import timedelta
from typing import TYPE_CHECKING, cast

import numpy as np

if TYPE_CHECKING:
    import lancedb
    import pyarrow
    from lancedb.query import LanceVectorQueryBuilder

EXACT = 100_000  # rows up to which looking at each is fast enough (some 40 ms at 512 numbers), and exact
STALE = 0.02  # share of rows that may lie outside an index before it is brought up to date
PARTITION = 4096  # rows of a partition
PROBES = 24  # partitions that are read for a query
COMPARED = (
    300  # rows of these that are compared exactly: 100 found 0.91 of the 10 nearest to words' vectors, 200 0.985, 300 0.995
)


def ensure(table: "lancedb.table.Table", exact: int = EXACT, vector: str = "vector", text: str = "dialogue") -> bool:
    """Gives a table of more than `exact` rows an index of its vectors and of its text, or brings them up to date.

    Says whether anything was done. Vectors are held as one bit a number with a random rotation (RaBitQ: Gao and Long 2024) and
    compared exactly at the end: of the quantised indexes here it builds the fastest, and finds as many.
    """
    from lancedb.index import FTS, IvfRq

    count = table.count_rows()
    if count <= exact:
        return False
    held = {column: each.name for each in table.list_indices() for column in each.columns}
    if vector not in held:
        table.create_index(vector, config=IvfRq(distance_type="cosine", num_partitions=max(1, count // PARTITION)))
    if text not in held and text in table.schema.names:
        table.create_index(text, config=FTS(with_position=False))
    behind = [name for column, name in held.items() if column in (vector, text) and _outside(table, name) > STALE * count]
    if behind:
        table.optimize(cleanup_older_than=timedelta(days=7))
    return bool(behind) or vector not in held


def _outside(table: "lancedb.table.Table", name: str) -> int:
    found = table.index_stats(name)
    return found.num_unindexed_rows if found else 0


def nearest(
    table: "lancedb.table.Table", asked: np.ndarray, k: int, where: str | None = None, columns: list[str] | None = None
) -> "pyarrow.Table":
    """The k rows whose vectors are nearest to one, nearest first, with `_distance` (1 - cosine); `where` (SQL) comes first."""
    query = cast("LanceVectorQueryBuilder", table.search(asked, vector_column_name="vector"))
    query = query.distance_type("cosine").nprobes(PROBES).refine_factor(max(4, -(-COMPARED // k)))
    query = query.where(where, prefilter=True) if where else query
    query = query.select([*columns, "_distance"]) if columns else query
    return query.limit(k).to_arrow()


def spoken(table: "lancedb.table.Table", words: str, k: int, where: str | None = None) -> "pyarrow.Table":
    """The k rows whose dialogue answers the words best (BM25), best first."""
    query = table.search(words, query_type="fts", fts_columns="dialogue")
    query = query.where(where, prefilter=True) if where else query
    return query.limit(k).to_arrow()
