"""Ten million exposures read and analysed: seconds and memory, and whether what was planted is found."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.experiments.table import parser, rows
from trailers.errors import WorkError
from trailers.experiment.analyse import analyse
from trailers.experiment.assign import assign_all
from trailers.experiment.design import Arm, Experiment, Trial
from trailers.experiment.metric import house

SEGMENTS = ("calm", "chase", "dark", "funny", "slow", "warm")
BASELINE, LIFTS = 0.2, {"chase": 0.05, "dark": -0.05}
"""The share that plays after the control, and what own trailers add to it as a share of it; nothing elsewhere."""
CHUNK = 1_000_000
SECONDS, GIGABYTES = 60.0, 4.0
"""What is asked for."""


def main(argv: list[str]) -> None:
    options = parser("logs", __doc__ or "")
    options.add_argument("--exposures", type=int, default=10_000_000, help="rows of exposures; there are a fifth fewer units")
    options.add_argument("--read", nargs=2, metavar=("FOLDER", "KIND"), help="analyse a log that was made, in this process")
    found = options.parse_args(argv)
    count = found.exposures // 20 if found.quick else found.exposures
    if found.read:
        print(json.dumps(_measured(Path(found.read[0]), found.read[1], count)))
        return
    with TemporaryDirectory() as folder:
        make(Path(folder), count, found.seed)
        rows(
            f"{count:,} exposures of {len(SEGMENTS)} segments with outcomes before and after, five metrics, adjusted and held",
            (
                "files",
                "MB",
                "rows",
                "units",
                "seconds (goal 60)",
                "GB at most (goal 4)",
                "within",
                "planted effects in their intervals",
            ),
            _lines(Path(folder), count),
        )


def experiment(count: int) -> Experiment:
    """Six trials of three arms."""
    arms = tuple(Arm(name, name.title(), (f"{name}/landscape",)) for name in ("general", *SEGMENTS))
    others = dict(zip(SEGMENTS, (*SEGMENTS[1:], SEGMENTS[0]), strict=True))
    trials = tuple(
        Trial(own, own.title(), count, (("general", 475), (own, 475), (others[own], 50)), count // 2) for own in SEGMENTS
    )
    return replace(Experiment("season-trailers", "season", "salt", arms, trials, house()), baseline=BASELINE, assumed=False)


def make(folder: Path, count: int, seed: int) -> None:
    """Exposures and outcomes as CSV and Parquet files: units are assigned by their hash, the rest is drawn by the database's."""
    import duckdb
    import pandas as pd

    made = experiment(count)
    connection = duckdb.connect(str(folder / "made.db"), config={"memory_limit": "3GB"})
    connection.execute("SET enable_progress_bar = false")
    connection.execute("CREATE TABLE units (unit VARCHAR, segment VARCHAR, trial VARCHAR, arm VARCHAR, propensity DOUBLE)")
    units = count * 4 // 5
    for first in range(0, units, CHUNK):
        numbers = range(first, min(first + CHUNK, units))
        people = pd.DataFrame(
            {"viewer": [f"profile-{n:010d}" for n in numbers], "segment": [SEGMENTS[n % len(SEGMENTS)] for n in numbers]}
        )
        connection.register("chunk", assign_all(made, people))
        connection.execute("INSERT INTO units SELECT viewer, segment, experiment, variant, propensity FROM chunk")
    lifts = " ".join(f"WHEN arm = '{arm}' AND segment = '{arm}' THEN {BASELINE * (1 + lift)}" for arm, lift in LIFTS.items())

    def drawn(name: str) -> str:
        """An even number in 0..1 for a unit."""
        return f"(hash(unit, '{name}', {seed}) % 1000003 / 1000003.0)"

    connection.execute(
        "CREATE TABLE who AS SELECT *, "
        f"TIMESTAMP '2026-01-05' + to_microseconds(CAST({drawn('t')} * 14 * 86400e6 AS BIGINT)) AS first, "
        f"CASE {lifts} ELSE {BASELINE} END AS rate FROM units"
    )
    shown = (
        "unit AS user_id, trial AS experiment_id, arm AS variation_id, segment, "
        f"CASE WHEN {drawn('d')} < 0.5 THEN 'tv' WHEN {drawn('d')} < 0.85 THEN 'mobile' ELSE 'web' END AS device, "
        f"CASE WHEN {drawn('c')} < 0.6 THEN 'US' ELSE 'DE' END AS country, propensity"
    )
    minutes = f"round(2 + 20 * exp(sqrt(-2 * ln({drawn('g')} + 1e-9)) * cos(6.2831853 * {drawn('h')})), 3)"
    acts = (
        ("play", "to_seconds(3600)", f"{drawn('p')} < rate", minutes),
        ("play", "to_seconds(-86400)", f"{drawn('b')} < 0.8", minutes),
        ("play", "to_seconds(7 * 86400 + 60)", f"{drawn('l')} < 0.1", minutes),
        ("abandon", "to_seconds(3700)", f"{drawn('p')} < rate * 0.15", "1"),
        ("complete", "to_seconds(7200)", f"{drawn('p')} BETWEEN rate * 0.5 AND rate", "1"),
        ("unsubscribe", "to_seconds(100000)", f"{drawn('u')} < 0.004", "1"),
    )
    stamp = "strftime({}, '%Y-%m-%dT%H:%M:%SZ') AS \"timestamp\""
    tables = {
        "exposures": f"SELECT {stamp.format('first')}, {shown} FROM who UNION ALL "
        f"SELECT {stamp.format('first + to_seconds(40000)')}, {shown} FROM who WHERE {drawn('a')} < 0.2505",
        "outcomes": " UNION ALL ".join(
            f"SELECT {stamp.format(f'first + {wait}')}, unit AS user_id, '{event}' AS event, {value} AS value "
            f"FROM who WHERE {chance}"
            for event, wait, chance, value in acts
        ),
    }
    for name, query in tables.items():
        connection.execute(f"COPY ({query}) TO '{folder / name}.parquet' (FORMAT parquet)")
        connection.execute(f"COPY (FROM '{folder / name}.parquet') TO '{folder / name}.csv' (HEADER)")
    connection.close()


def _lines(folder: Path, count: int) -> Iterator[tuple[object, ...]]:
    for kind in ("parquet", "csv"):
        command = [sys.executable, "-m", "benchmarks.experiments", "logs", "--exposures", str(count), "--read", str(folder), kind]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise WorkError(f"the analysis of {kind} files failed: {done.stderr.strip()[-500:]}")
        told: Mapping[str, object] = json.loads(done.stdout)
        size = sum((folder / f"{name}.{kind}").stat().st_size for name in ("exposures", "outcomes")) // 2**20
        within = float(str(told["seconds"])) < SECONDS and float(str(told["gigabytes"])) < GIGABYTES
        yield kind, size, told["rows"], told["units"], told["seconds"], told["busy"], told["gigabytes"], within, told["found"]


def _measured(folder: Path, kind: str, count: int) -> Mapping[str, object]:
    """Seconds of the whole analysis, everything that it imports among them, and the most memory that this process ever had."""
    asked = experiment(count)
    start = time.perf_counter()
    analysis = analyse(asked, folder / f"exposures.{kind}", folder / f"outcomes.{kind}")
    seconds = time.perf_counter() - start
    own = [each for each in analysis.metrics if each.metric == "play" and each.segment == each.variant]
    held = [each.low <= BASELINE * LIFTS.get(each.segment, 0.0) <= each.high for each in own]
    return {
        "seconds": round(seconds, 1),
        "busy": round(time.process_time(), 1),
        "gigabytes": round(_most() / 2**30, 2),
        "rows": analysis.count.exposures,
        "units": analysis.count.units,
        "found": f"{sum(held)} of {len(held)}",
    }


def _most() -> int:
    """The largest resident size of this process, bytes. What Linux says of the process itself, where it does: the other figure
    begins with the parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
