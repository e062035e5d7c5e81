"""The store's own indexes: they find what looking at every row finds, rows that came later too, and filters come first."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from trailers.features import nearest

if TYPE_CHECKING:
    import lancedb
    import pyarrow as pa


def rows(first: int, count: int) -> "pa.Table":
    import pyarrow as pa

    chance = np.random.default_rng(first)
    setups = np.random.default_rng(0).normal(size=(40, 256))
    vectors = setups[chance.integers(0, 40, count)] + 0.4 * chance.normal(size=(count, 256))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    said = ["the lighthouse is dark" if n % 100 == 7 else "good morning" for n in range(first, first + count)]
    flat = pa.array(vectors.astype(np.float32).ravel())
    return pa.table({"n": range(first, first + count), "dialogue": said, "vector": pa.FixedSizeListArray.from_arrays(flat, 256)})


@pytest.fixture
def table(tmp_path: Path) -> "lancedb.table.Table":
    import lancedb

    return lancedb.connect(tmp_path).create_table("shots", rows(0, 5000))


def recall(table: "lancedb.table.Table", where: str | None = None) -> float:
    held = table.to_arrow()
    vectors = np.array(held["vector"].combine_chunks().flatten()).reshape(-1, 256)
    numbers = np.array(held["n"].to_pylist())
    inside = numbers % 2 == 0 if where else np.ones(len(numbers), bool)
    found = 0
    for row in range(0, 1000, 50):
        best = numbers[inside][np.argsort(-(vectors[inside] @ vectors[row]))[:10]].tolist()
        found += len(set(best) & set(nearest.nearest(table, vectors[row], 10, where)["n"].to_pylist()))
    return found / 200


def test_a_small_table_is_looked_at_row_by_row(table: "lancedb.table.Table") -> None:
    assert not nearest.ensure(table)
    assert not list(table.list_indices())
    assert recall(table) == 1


def test_a_large_table_finds_as_much_by_its_indexes_and_rows_that_came_later(table: "lancedb.table.Table") -> None:
    assert nearest.ensure(table, exact=1000)
    assert recall(table) > 0.95
    assert recall(table, "n % 2 = 0") > 0.95
    assert not nearest.ensure(table, exact=1000)
    table.add(rows(5000, 500))
    assert recall(table) > 0.95
    assert nearest.ensure(table, exact=1000)
    assert not nearest.ensure(table, exact=1000)
    assert recall(table) > 0.95


def test_words_are_found_in_the_dialogue_and_only_where_asked(table: "lancedb.table.Table") -> None:
    nearest.ensure(table, exact=1000)
    found = nearest.spoken(table, "lighthouse", 10, "n > 4000")["n"].to_pylist()
    assert len(found) == 10
    assert all(n % 100 == 7 and n > 4000 for n in found)
