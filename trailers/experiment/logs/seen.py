"""Exposures: who saw which trailer first and when, and who saw more than one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from trailers.experiment.assign import assign_all
from trailers.experiment.design import Experiment
from trailers.experiment.logs.tables import Source, moment, opened, unit

if TYPE_CHECKING:
    import duckdb

NEEDED = ("timestamp", "user_id", "experiment_id", "variation_id")
DIMENSIONS = ("device", "country")
OTHERS = "(others)"
MOST = 100
"""More values of a dimension than these are counted together: a thousand models of telephones tell nobody anything."""
CHECKED = 200_000
"""So many units at most are hashed again, to see whether they saw what they were to see."""
DAY = 86_400_000_000

Placed = Mapping[str, Mapping[str, Mapping[tuple[str, str], int]]]


@dataclass(frozen=True)
class Seen:
    """Rows, units, and those that could not serve as in `findings.Count`; `checked` units were hashed again; `placed` and `days`
    as in `Log`."""

    rows: int
    units: int
    twice: int
    strangers: int
    unreadable: int
    moved: int
    checked: int
    placed: Placed
    days: tuple[str, ...]


def see(connection: duckdb.DuckDBPyConnection, experiment: Experiment, exposures: Source) -> Seen:
    """Makes the table `units`: a row a unit that saw one arm alone, with the time `t` of its first exposure (microseconds since
    1970) and its `kind`; and the table `kinds`: kind, trial and arm (numbers in the experiment), and dimensions.

    A unit that two trials log counts where it was first. At one time, the row that sorts first is taken: the order of rows
    changes nothing.
    """
    columns = opened(connection, exposures, "exposures", NEEDED)
    dimensions = tuple(name for name in DIMENSIONS if name in columns)
    _stage(connection, experiment, dimensions)
    rows, strangers, unreadable = _one(
        connection,
        "SELECT count(*), count_if(unit IS NOT NULL AND t IS NOT NULL AND arm IS NULL), count_if(unit IS NULL OR t IS NULL) "
        "FROM shown",
    )
    connection.execute("CREATE VIEW usable AS FROM shown WHERE unit IS NOT NULL AND t IS NOT NULL AND arm IS NOT NULL")
    kind = ", ".join(("trial", "arm", *dimensions))
    connection.execute(
        f"CREATE TABLE kinds AS SELECT CAST(row_number() OVER (ORDER BY {kind}) AS BIGINT) AS kind, {kind} "
        f"FROM (SELECT DISTINCT {kind} FROM usable)"
    )
    # Time and kind in one number, so that the first of both is one minimum; 2^32 kinds are more than there are rows.
    connection.execute(
        "CREATE TABLE firsts AS SELECT unit, min(CAST(t AS HUGEINT) * 4294967296 + kind) AS first, min(arm) AS low, "
        f"max(arm) AS high FROM usable JOIN kinds USING ({kind}) GROUP BY unit"
    )
    connection.execute("DROP VIEW usable; DROP TABLE shown")
    units, twice = _one(connection, "SELECT count(*), count_if(low <> high) FROM firsts")
    connection.execute(
        "CREATE TABLE units AS SELECT unit, CAST(first // 4294967296 AS BIGINT) AS t, CAST(first % 4294967296 AS BIGINT) AS kind "
        "FROM firsts WHERE low = high"
    )
    connection.execute("DROP TABLE firsts")
    moved, checked = _moved(connection, experiment)
    placed = _placed(connection, experiment, dimensions)
    return Seen(rows, units, twice, strangers, unreadable, moved, checked, placed, tuple(sorted(placed["day"])))


def arms_table(connection: duckdb.DuckDBPyConnection, experiment: Experiment) -> None:
    """Makes the table `arms` of trials' keys and arms' ids, and their numbers in the experiment."""
    numbers = {arm.id: number for number, arm in enumerate(experiment.arms)}
    connection.execute("CREATE TABLE arms (experiment_id VARCHAR, variation_id VARCHAR, trial INTEGER, arm INTEGER)")
    connection.executemany(
        "INSERT INTO arms VALUES (?, ?, ?, ?)",
        [
            [experiment.key(trial.segment), arm, number, numbers[arm]]
            for number, trial in enumerate(experiment.trials)
            for arm, _ in trial.weights
        ],
    )


def iso(day: int) -> str:
    """The date of a day counted from 1970-01-01."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).date().isoformat()


def said(at: int) -> str:
    """A time in microseconds since 1970 as ISO 8601."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).isoformat().replace("+00:00", "Z")


def _stage(connection: duckdb.DuckDBPyConnection, experiment: Experiment, dimensions: Sequence[str]) -> None:
    """Every row once, what is of no use to us as NULL: a CSV is read a single time."""
    arms_table(connection, experiment)
    extra = "".join(
        f", CASE WHEN arm IS NOT NULL THEN coalesce(CAST({name} AS VARCHAR), '') END AS {name}" for name in dimensions
    )
    connection.execute(
        f"CREATE TABLE shown AS SELECT {unit()} AS unit, "
        f"nullif(greatest({moment(connection, 'exposures')}, -1), -1) AS t, trial, arm{extra} FROM exposures LEFT JOIN arms "
        "ON arms.experiment_id = CAST(exposures.experiment_id AS VARCHAR) "
        "AND arms.variation_id = CAST(exposures.variation_id AS VARCHAR)"
    )


def _placed(connection: duckdb.DuckDBPyConnection, experiment: Experiment, dimensions: Sequence[str]) -> Placed:
    found: dict[str, dict[str, dict[tuple[str, str], int]]] = {}
    ways = {"segment": "''", "day": f"CAST(t // {DAY} AS VARCHAR)", **{name: name for name in dimensions}}
    for name, way in ways.items():
        rows = connection.execute(
            f"SELECT trial, arm, {way} AS value, count(*) FROM units JOIN kinds USING (kind) GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        often: dict[str, int] = {}
        for *_, value, count in rows:
            often[value] = often.get(value, 0) + count
        kept = set(often) if name == "day" else set(sorted(often, key=lambda value: (-often[value], value))[:MOST])
        values: dict[str, dict[tuple[str, str], int]] = {}
        for trial, arm, value, count in rows:
            segment = experiment.trials[trial].segment
            told = {"segment": segment, "day": iso(int(value)) if name == "day" else ""}.get(name) or (
                value if value in kept else OTHERS
            )
            cells = values.setdefault(told, {})
            key = (segment, experiment.arms[arm].id)
            cells[key] = cells.get(key, 0) + count
        found[name] = values
    return found


def _moved(connection: duckdb.DuckDBPyConnection, experiment: Experiment) -> tuple[int, int]:
    """How many units saw another arm than their hash gives them, and of how many."""
    import pandas as pd

    (count,) = _one(connection, "SELECT count(*) FROM units")
    every = max(1, -(-count // CHECKED))
    rows = connection.execute(
        f"SELECT unit, trial, arm FROM units JOIN kinds USING (kind) WHERE hash(unit) % {every} = 0"
    ).fetchnumpy()
    if not len(rows["unit"]):
        return 0, 0
    segments = [experiment.trials[trial].segment for trial in rows["trial"]]
    arms = [experiment.arms[arm].id for arm in rows["arm"]]
    table = pd.DataFrame({"viewer": list(rows["unit"]), "segment": segments, "seen": arms}).sort_values(
        "viewer", ignore_index=True
    )
    asked = assign_all(experiment, table)
    same = (asked["variant"].to_numpy() == table["seen"].to_numpy()) & asked["in_experiment"].to_numpy()
    return int((~same).sum()), len(table)


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    row = connection.execute(query).fetchone()
    return tuple(int(value or 0) for value in row) if row else ()
