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
SCALE = np.geomspace(2, 0.1, SIZE).astype(np.float32)  # embeddings vary much in few directions, and a little in all


class Catalogue:
    """Unit vectors as many films may have them: 200 kinds of picture, in each many set-ups, of each some 20 shots."""

    def __init__(self, rows: int) -> None:
        rng = np.random.default_rng(0)
        kinds = rng.normal(size=(200, SIZE)).astype(np.float32) * SCALE
        self.setups = kinds[rng.integers(0, 200, rows // 20 + 1)]
        self.setups += 0.7 * rng.standard_normal(self.setups.shape, np.float32) * SCALE

    def shots(self, count: int, seed: int) -> np.ndarray:
        """Fresh shots of any of the set-ups (count, 512)."""
        rng = np.random.default_rng([1, seed])
        rows = self.setups[rng.integers(0, len(self.setups), count)]
        rows += 0.6 * rng.standard_normal(rows.shape, np.float32) * SCALE
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def main(rows: int, folder: Path) -> None:
    """Prints recall@10 and times of queries by fresh shots: after the build, with a tenth appended, and brought up to date."""
    import lancedb
    import pyarrow as pa

    made = Catalogue(rows)
    asked = made.shots(ASKED, 10**6)
    best = np.full((ASKED, 0), 0.0), np.zeros((ASKED, 0), np.int64)  # the exact answer, kept up as rows come

    def batch(first: int, count: int) -> pa.Table:
        nonlocal best
        vectors = made.shots(count, first)
        scores = np.concatenate([best[0], asked @ vectors.T], axis=1)
        ids = np.concatenate([best[1], np.tile(np.arange(first, first + count), (ASKED, 1))], axis=1)
        order = np.argsort(-scores, axis=1)[:, :10]
        best = np.take_along_axis(scores, order, 1), np.take_along_axis(ids, order, 1)
        column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), SIZE)
        return pa.table({"id": pa.array(np.arange(first, first + count)), "vector": column})

    def look(what: str, seconds: float) -> None:
        times, found = [], 0
        for row in (*range(20), *range(ASKED)):  # the first 20 warm up
            begun = time.perf_counter()
            hits = nearest.nearest(table, asked[row], 10, columns=["id"])["id"].to_pylist()
            times.append(1000 * (time.perf_counter() - begun))
            found += len(set(hits) & set(best[1][row].tolist())) if len(times) > 20 else 0
        half, most = np.percentile(times[20:], [50, 95])
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"| {what} | {seconds:.1f} | {found / ASKED / 10:.3f} | {half:.1f} | {most:.1f} | {peak:.2f} |", flush=True)

    print(f"{rows:,} vectors of {SIZE}\n| | s | recall@10 | p50 ms | p95 ms | memory GiB, peak |\n|---|---|---|---|---|---|")
    begun = time.perf_counter()
    table = lancedb.connect(folder).create_table("shots", batch(0, min(STEP, rows)))
    for first in range(STEP, rows, STEP):
        table.add(batch(first, min(STEP, rows - first)))
    look("every row looked at", time.perf_counter() - begun)
    begun = time.perf_counter()
    nearest.ensure(table, exact=0)
    look("index built", time.perf_counter() - begun)
    begun = time.perf_counter()
    for first in range(rows, rows + rows // 10, STEP):
        table.add(batch(first, min(STEP, rows + rows // 10 - first)))
    look("10 % appended", time.perf_counter() - begun)
    begun = time.perf_counter()
    nearest.ensure(table, exact=0)
    look("brought up to date", time.perf_counter() - begun)


if __name__ == "__main__":
    where = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.mkdtemp())
    try:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, where)
    finally:
        shutil.rmtree(where, ignore_errors=True)
