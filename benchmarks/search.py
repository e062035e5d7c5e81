"""The store's vector index against looking at every row: `python benchmarks/search.py [ROWS] [FOLDER]`."""

import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from trailers.features import nearest

SIZE, ASKED, STEP = 512, 200, 50_000
FEW = 10  # queries that look at every row: of a million each takes some seconds
SCALE = np.geomspace(2, 0.1, SIZE).astype(np.float32)  # embeddings vary much in few directions, and a little in all


class Catalogue:
    """Unit vectors as many films may have them: 200 kinds of picture, in each many set-ups, of each some 20 shots."""

    def __init__(self, rows: int) -> None:
        rng = np.random.default_rng(0)
        self.kinds = rng.normal(size=(200, SIZE)).astype(np.float32) * SCALE
        self.setups = self.kinds[rng.integers(0, 200, rows // 20 + 1)]
        self.setups += 0.7 * rng.standard_normal(self.setups.shape, np.float32) * SCALE

    def shots(self, count: int, seed: int) -> np.ndarray:
        """Fresh shots of any of the set-ups (count, 512)."""
        rng = np.random.default_rng([1, seed])
        rows = self.setups[rng.integers(0, len(self.setups), count)]
        rows += 0.6 * rng.standard_normal(rows.shape, np.float32) * SCALE
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))

    def words(self, count: int) -> np.ndarray:
        """Vectors as far from pictures of their kind as CLIP's texts are, cosine .3 (count, 512)."""
        rng = np.random.default_rng(2)
        rows = self.kinds[rng.integers(0, len(self.kinds), count)]
        rows += 2.5 * rng.standard_normal(rows.shape, np.float32) * SCALE
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def main(rows: int, folder: Path) -> None:
    """Prints recall@10 and times of queries, in turn by fresh shots and as by words: of every row, with an index, and so on.

    Seconds are the table's own: making vectors and the exact answer do not count.
    """
    import lancedb
    import pyarrow as pa

    made = Catalogue(rows)
    asked = np.stack([made.shots(ASKED // 2, 10**9), made.words(ASKED // 2)], axis=1).reshape(ASKED, SIZE)
    best = np.zeros((ASKED, 0), np.float32), np.zeros((ASKED, 0), np.int64)  # the exact answer, kept up as rows come

    def batch(first: int, count: int) -> pa.Table:
        nonlocal best
        vectors = made.shots(count, first)
        fresh = asked @ vectors.T
        near = np.argpartition(-fresh, min(10, count - 1), axis=1)[:, :10]
        scores = np.concatenate([best[0], np.take_along_axis(fresh, near, 1)], axis=1)
        ids = np.concatenate([best[1], first + near], axis=1)
        order = np.argsort(-scores, axis=1)[:, :10]
        best = np.take_along_axis(scores, order, 1), np.take_along_axis(ids, order, 1)
        column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), SIZE)
        return pa.table({"id": pa.array(np.arange(first, first + count)), "vector": column})

    def look(what: str, seconds: float, count: int = ASKED) -> None:
        times, found = [], [0, 0]
        warm = count // 10
        for row in (*range(warm), *range(count)):
            begun = time.perf_counter()
            hits = nearest.nearest(table, asked[row], 10, columns=["id"])["id"].to_pylist()
            times.append(1000 * (time.perf_counter() - begun))
            found[row % 2] += len(set(hits) & set(best[1][row].tolist())) if len(times) > warm else 0
        half, most = np.percentile(times[warm:], [50, 95])
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        shots, words = (each / (count // 2) / 10 for each in found)
        print(f"| {what} | {seconds:.1f} | {shots:.3f} | {words:.3f} | {half:.1f} | {most:.1f} | {peak:.2f} |", flush=True)

    def add(first: int, last: int) -> float:
        took = 0.0
        for start in range(first, last, STEP):
            brought = batch(start, min(STEP, last - start))
            begun = time.perf_counter()
            table.add(brought)
            took += time.perf_counter() - begun
        return took

    def ensure() -> float:
        begun = time.perf_counter()
        nearest.ensure(table, exact=0)
        return time.perf_counter() - begun

    print(f"{rows:,} vectors of {SIZE}, {ASKED} queries ({FEW} where every row is looked at)", flush=True)
    print(
        "| | s | recall@10 by shots | by words | p50 ms | p95 ms | memory GiB, peak |\n|---|---|---|---|---|---|---|", flush=True
    )
    table = lancedb.connect(folder).create_table("shots", schema=batch(0, 1).schema)
    look("every row looked at", add(0, rows), FEW)
    look("index built", ensure())
    look("10 % appended", add(rows, rows + rows // 10))
    look("brought up to date", ensure())


if __name__ == "__main__":
    where = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.mkdtemp())
    try:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, where)
    finally:
        shutil.rmtree(where, ignore_errors=True)
