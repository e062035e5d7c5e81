"""A long viewing history, read and prepared: `python benchmarks/history.py [ROWS] [FOLDER]`.

A season of 8 episodes of 45 minutes and 600 shots each. Every 9 rows are a sitting: someone begins, steps over some things, winds
back to others, and goes. Each format is read in a process of its own, so that its peak of memory is its own.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import numpy as np

from trailers.features.media import Episode
from trailers.features.shots import Shot
from trailers.features.span import Span
from trailers.ranking.history import read_history
from trailers.ranking.watching import summed

EPISODES, SHOTS, MINUTES, RATE = 8, 600, 45, Fraction(24000, 1001)
STRETCHES = 9  # a sitting
GROUPS = 18  # six segments, their viewers in three parts, as the ranker takes them
FORMATS = ("csv", "csv.gz", "parquet")


def season() -> tuple[list[Episode], list[Shot]]:
    """Episodes and shots of a season without pictures."""
    frames = int(MINUTES * 60 * RATE)
    cuts = np.linspace(0, frames, SHOTS + 1).astype(int).tolist()
    names = [f"s01e{n + 1:02d}" for n in range(EPISODES)]
    episodes = [Episode(name, Path(f"{name}.mp4"), RATE, frames, (16, 9), Fraction(1), 0, False, (), "") for name in names]
    shots = [Shot(f"{name}/{n:04d}", name, Span(cuts[n], cuts[n + 1])) for name in names for n in range(SHOTS)]
    return episodes, shots


def write(rows: int, folder: Path) -> None:
    """The same plays in every format."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv, parquet

    chance = np.random.default_rng(0)
    sittings, end = rows // STRETCHES, MINUTES * 60.0
    viewers = max(1, sittings // 11)
    places = np.sort(chance.uniform(0, end, (sittings, 2 * STRETCHES)) * chance.beta(3, 1.5, (sittings, 1)), axis=1)
    starts, stops = places[:, ::2], places[:, 1::2]
    again = chance.random((sittings, STRETCHES)) < 0.1
    starts = np.where(again, np.maximum(starts - 20, 0), starts)

    def column(values: np.ndarray, names: list[str]) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(np.repeat(values, STRETCHES).astype(np.int32)), names).cast(pa.string())

    began = np.datetime64("2026-01-05T18:00:00", "s") + chance.integers(0, 90 * 86400, sittings).astype("timedelta64[s]")
    table = pa.table(
        {
            "viewer": column(chance.integers(0, viewers, sittings), [f"v{n:07d}" for n in range(viewers)]),
            "episode": column(chance.integers(0, EPISODES, sittings), [episode.id for episode in season()[0]]),
            "started_at": pc.strftime(pa.array(np.repeat(began, STRETCHES)), "%Y-%m-%dT%H:%M:%SZ"),
            "from": starts.round(2).ravel(),
            "to": (stops + 0.05).round(2).ravel(),
            "event": pa.DictionaryArray.from_arrays(again.ravel().astype(np.int8), ["play", "replay"]).cast(pa.string()),
            "device": column(chance.integers(0, 3, sittings), ["phone", "tablet", "tv"]),
            "profile": column(chance.integers(0, 2, sittings), ["adult", "kid"]),
        }
    )
    csv.write_csv(table, folder / "history.csv")
    with pa.CompressedOutputStream(str(folder / "history.csv.gz"), "gzip") as packed:
        csv.write_csv(table, packed)
    parquet.write_table(table, folder / "history.parquet")


def measure(path: Path) -> dict[str, float]:
    """Seconds to read, seconds to sum what every group did with every shot, and the peak of memory in GB."""
    episodes, shots = season()
    begun = time.perf_counter()
    history = read_history(path, episodes)
    read = time.perf_counter()
    viewers = history.plays["viewer"].cat.categories
    table = summed(history, shots, {str(name): n % GROUPS for n, name in enumerate(viewers)})
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    rows, reached = dict(history.counts)["rows"], int(table["reached"].sum())
    return {"rows": rows, "viewers": len(viewers), "reached": reached, "read": read - begun, "summed": done - read, "peak": peak}


def main() -> None:
    """Prints a table."""
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(Path(sys.argv[2]))))
        return
    rows = int(float(sys.argv[1])) if len(sys.argv) > 1 else 10_000_000
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as name:
        folder = Path(name)
        write(rows, folder)
        print("| file | size, MB | rows | viewers | shots reached | read, s | summed, s | together, s | peak, GB |")
        print("|---|---|---|---|---|---|---|---|---|")
        for ending in FORMATS:
            path = folder / f"history.{ending}"
            command = [sys.executable, __file__, "--measure", str(path)]
            found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            size, both = path.stat().st_size / 1e6, found["read"] + found["summed"]
            print(
                f"| {ending} | {size:.0f} | {found['rows']:,} | {found['viewers']:,} | {found['reached']:,} "
                f"| {found['read']:.1f} | {found['summed']:.1f} | {both:.1f} | {found['peak']:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
