"""Outcomes: what units did after they first saw a trailer, and before; summed by segment, arm and day.

Values are counted as whole numbers, eleven figures of the largest, so that sums are exact, and the same in whatever order rows
come.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trailers.errors import RequestError
from trailers.experiment.design import Experiment
from trailers.experiment.logs.log import STEP, STEPS, Cell, Ranked, Told
from trailers.experiment.logs.seen import DAY, iso, said
from trailers.experiment.logs.tables import Source, an_unreadable_time, moment, opened, quoted, text, unit
from trailers.experiment.metric import Metric
from trailers.experiment.statistics.quantiles import places
from trailers.experiment.statistics.sums import Sums

if TYPE_CHECKING:
    import duckdb

HOUR = 3_600_000_000
DIGITS = 11
LARGEST = 1e15
"""Values that are larger are no amounts of anything."""
GAP, LATE = 3, 0.01
"""Rows after so many days without any, if they are less than this share of all, have a wrong clock."""
LETTERS = {"share": "yx", "mean": "yx", "ratio": "yzx", "quantile": "y"}


@dataclass(frozen=True)
class Counted:
    """What outcomes told: rows that could not be read, when they end (microseconds since 1970; None: they have no times), the
    metrics in the experiment's order, units by (event, segment, arm) that had it, and notes."""

    unreadable: int
    until: int | None
    told: Mapping[str, Told]
    steps: Mapping[tuple[str, str, str], int]
    notes: tuple[str, ...]


def count(connection: duckdb.DuckDBPyConnection, experiment: Experiment, outcomes: Source, until: int | None) -> Counted:
    """Reads outcomes for the tables `units` and `kinds` (`seen`): rows with a time, or a row a unit where there is no column
    `timestamp`. `until` is when the log is complete to; None: to its last row."""
    read = did(connection, experiment.metrics, outcomes, until)
    told: dict[str, Told] = {}
    steps: dict[tuple[str, str, str], int] = {}
    for metric in read.metrics:
        found, had = _told(connection, experiment, metric, read)
        told[metric.name] = found
        if metric.event not in {event for event, _, _ in steps}:
            steps |= {(metric.event, segment, arm): units for (segment, arm), units in had.items()}
    return Counted(read.unreadable, read.until, told, steps, read.notes)


@dataclass(frozen=True)
class Did:
    """The table `did` has a row a unit of `units`: its kind, its time, and a whole number for a metric and letter (`column`), to
    be divided by the scale of that column."""

    metrics: tuple[Metric, ...]
    scales: Mapping[str, int]
    unreadable: int
    until: int | None
    notes: tuple[str, ...]

    def closed(self, metric: Metric) -> str:
        """SQL for whether a unit's window has closed."""
        if self.until is None or metric.within is None:
            return "true"
        return f"t + {int(metric.within * HOUR)} <= {self.until}"


def did(connection: duckdb.DuckDBPyConnection, metrics: Sequence[Metric], outcomes: Source, until: int | None) -> Did:
    """Makes the table `did` from the table `units`: what each unit did, 0 for nothing."""
    columns = opened(connection, outcomes, "outcomes", ("user_id",))
    if "timestamp" not in columns:
        return _from_units(connection, metrics, columns)
    if "event" not in columns:
        raise RequestError(f"outcomes with a timestamp lack event; columns found: {', '.join(columns)}")
    return _from_rows(connection, metrics, "value" in columns, until)


def column(metric: Metric, letter: str) -> str:
    """A metric's column of `did` for a letter of `Sums`, in SQL."""
    return quoted(f"{letter} {metric.name}")


def _from_rows(connection: duckdb.DuckDBPyConnection, metrics: Sequence[Metric], valued: bool, until: int | None) -> Did:
    names = sorted({event for metric in metrics for event in (metric.event, metric.per) if event})
    listed = ", ".join(f"({text(name)}, {number})" for number, name in enumerate(names))
    value = (
        "CASE WHEN nullif(trim(CAST(value AS VARCHAR)), '') IS NULL THEN 1.0 ELSE try_cast(value AS DOUBLE) END"
        if valued
        else "1.0"
    )
    connection.execute(
        f"CREATE TABLE had AS SELECT {unit()} AS unit, "
        f"nullif(greatest({moment(connection, 'outcomes')}, -1), -1) AS stamp, number AS event, {value} AS v "
        f"FROM outcomes LEFT JOIN (VALUES {listed}) AS events (name, number) ON events.name = CAST(outcomes.event AS VARCHAR)"
    )
    good = "unit IS NOT NULL AND stamp IS NOT NULL AND isfinite(v)"
    days = connection.execute(
        f"SELECT stamp // {DAY}, count(*), max(stamp) FROM had WHERE {good} GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    if not days:
        why = an_unreadable_time(connection, "outcomes")
        raise RequestError(f"no row of the outcomes has a unit, a time and a value that can be read{': ' * bool(why)}{why}")
    rows = connection.execute("SELECT count(*) FROM had").fetchone() or (0,)
    most = connection.execute(
        f"SELECT event, max(abs(v)), max(v) FROM had WHERE {good} AND event IS NOT NULL GROUP BY event"
    ).fetchall()
    found = {names[number]: _scale(names[number], value) for number, value, _ in most}
    kept, notes = _known(metrics, {names[number]: value for number, _, value in most})
    end, after = (until, 0) if until is not None else _end(days)
    if after:
        notes += (f"{after:,} outcomes are later than {said(end)} by days without any: their clocks are taken to be wrong",)
    longest = max((metric.before * HOUR for metric in kept if isinstance(metric.before, float | int)), default=0)
    multiples = " ".join(f"WHEN {names.index(name)} THEN {scale}" for name, scale in found.items())
    connection.execute(
        "CREATE TABLE near AS SELECT units.rowid AS unit, stamp - t AS dt, event, v, "
        f"CAST(round(v * CASE event {multiples} END) AS BIGINT) AS n FROM had JOIN units USING (unit) "
        f"WHERE {good} AND event IS NOT NULL AND stamp <= {end} AND stamp - t >= {-int(longest)}"
    )
    if not connection.execute("FROM near LIMIT 1").fetchone():
        raise RequestError(_strangers(connection))
    connection.execute("DROP TABLE had")
    ways, scales = {}, {}
    for metric in kept:
        for letter in LETTERS[metric.kind]:
            if letter == "x" and not (isinstance(metric.before, float | int) and metric.before > 0):
                continue
            event = metric.per if letter == "z" else metric.event
            ways[column(metric, letter)] = _sum_of_rows(metric, letter, names.index(event))
            scales[column(metric, letter)] = 1 if metric.kind == "share" or metric.counts else found[event]
    _did(
        connection,
        "SELECT unit, " + ", ".join(f"{way} AS {name}" for name, way in ways.items()) + " FROM near GROUP BY unit",
        ways,
    )
    connection.execute("DROP TABLE near")
    return Did(kept, scales, int(rows[0]) - sum(int(count) for _, count, _ in days), int(end), notes)


def _from_units(connection: duckdb.DuckDBPyConnection, metrics: Sequence[Metric], columns: Sequence[str]) -> Did:
    wanted = {name for metric in metrics for name in (metric.event, metric.per) if name in columns}
    tops = {}
    for name in sorted(wanted):
        top = connection.execute(f"SELECT max(try_cast({quoted(name)} AS DOUBLE)) FROM outcomes").fetchone()
        tops[name] = float(top[0]) if top and top[0] is not None else 0.0
    kept, notes = _known(metrics, tops)
    connection.execute(f"CREATE VIEW had AS SELECT {unit()} AS unit, * EXCLUDE (user_id) FROM outcomes")
    twice = connection.execute("SELECT unit FROM had GROUP BY unit HAVING count(*) > 1 ORDER BY unit LIMIT 1").fetchone()
    if twice:
        raise RequestError(f"outcomes without a timestamp have one row a unit; {twice[0]!r} has more")
    ways, scales = {}, {}
    for metric in kept:
        for letter in LETTERS[metric.kind]:
            source = {"y": metric.event, "z": metric.per, "x": metric.before}[letter]
            if not isinstance(source, str) or source not in columns:
                continue
            value = f"coalesce(try_cast({quoted(source)} AS DOUBLE), 0)"
            most = connection.execute(f"SELECT max(abs({value})) FROM had WHERE isfinite({value})").fetchone()
            scale = 1 if metric.kind == "share" and letter == "y" else _scale(source, most[0] if most else 0.0)
            number = f"CAST(round({value} * {scale}) AS BIGINT)"
            if metric.kind == "share" and letter == "y":
                number = f"CAST({value} > 0 AND {value} >= {metric.at_least!r} AS BIGINT)"
            ways[column(metric, letter)] = f"CASE WHEN isfinite({value}) THEN {number} ELSE 0 END"
            scales[column(metric, letter)] = scale
    _did(
        connection,
        "SELECT units.rowid AS unit, "
        + ", ".join(f"{way} AS {name}" for name, way in ways.items())
        + " FROM had JOIN units USING (unit)",
        ways,
    )
    without = connection.execute("SELECT count(*) FROM units ANTI JOIN had USING (unit)").fetchone()
    if without and without[0]:
        notes += (f"{without[0]:,} units have no row among the outcomes and count with nothing",)
    if not connection.execute("SELECT 1 FROM units SEMI JOIN had USING (unit) LIMIT 1").fetchone():
        raise RequestError(_strangers(connection))
    return Did(kept, scales, 0, None, notes)


def _did(connection: duckdb.DuckDBPyConnection, query: str, names: Mapping[str, str]) -> None:
    """The table `did`: every unit, with 0 where the query has no row of it."""
    numbers = ", ".join(f"CAST(coalesce({name}, 0) AS BIGINT) AS {name}" for name in names)
    connection.execute(
        f"CREATE TABLE did AS SELECT kind, t, {numbers} FROM units LEFT JOIN ({query}) AS found ON found.unit = units.rowid"
    )


def _known(metrics: Sequence[Metric], tops: Mapping[str, float]) -> tuple[tuple[Metric, ...], tuple[str, ...]]:
    """The metrics that the outcomes can tell, given each event's largest value, and a note for each other. A RequestError where
    the primary one is of these."""
    kept, notes = [], []
    for metric in metrics:
        missing = [event for event in (metric.event, metric.per) if event and event not in tops]
        why = f"the outcomes have no {missing[0]!r}; found: {', '.join(sorted(tops))}" if missing else ""
        if not missing and metric.kind == "share" and tops[metric.event] < metric.at_least:
            why = (
                f"it counts values of {metric.event!r} from {metric.at_least:g} on, and the outcomes hold none (a value that is "
                "missing is 1)"
            )
        if why and metric.role == "primary":
            raise RequestError(f"the experiment is decided by {metric.name}: {why}")
        if why:
            notes.append(f"{metric.name} was not looked at: {why}")
        else:
            kept.append(metric)
    return tuple(kept), tuple(notes)


def _end(days: Sequence[tuple[int, int, int]]) -> tuple[int, int]:
    """When outcomes end, given each day's number, rows and last time: the last of them, but for few rows after days without any
    (a wrong clock's); and how many these are."""
    whole, place, after = sum(count for _, count, _ in days), len(days) - 1, 0
    last = place
    while place > 0:
        after += days[place][1]
        if after > LATE * whole:
            break
        if days[place][0] - days[place - 1][0] > GAP:
            last = place - 1
        place -= 1
    return int(days[last][2]), sum(count for _, count, _ in days[last + 1 :])


def _strangers(connection: duckdb.DuckDBPyConnection) -> str:
    """In words, that the two tables have no unit in common."""
    ids = [connection.execute(f"SELECT min(unit) FROM {table}").fetchone() for table in ("units", "had")]
    seen, had = ((row[0] if row else None) for row in ids)
    return (
        f"no outcome is of a unit that saw a trailer (a unit of the exposures is {seen!r}, one of the outcomes {had!r}): ids "
        "that are hashed in one of the two tables must be in both"
    )


def _sum_of_rows(metric: Metric, letter: str, event: int) -> str:
    """SQL for a unit's number from its rows."""
    if letter == "x":
        span = f"dt < 0 AND dt >= {-int(float(metric.before) * HOUR)}"
    else:
        span = "dt >= 0" + (f" AND dt < {int(metric.within * HOUR)}" if metric.within is not None else "")
    rows = f"event = {event} AND {span}"
    if metric.kind == "share":
        return f"max(CAST({rows} AND v > 0 AND v >= {metric.at_least!r} AS BIGINT))"
    return f"count_if({rows})" if metric.counts else f"sum(n) FILTER (WHERE {rows})"


def _told(
    connection: duckdb.DuckDBPyConnection, experiment: Experiment, metric: Metric, read: Did
) -> tuple[Told, dict[tuple[str, str], int]]:
    """A metric's sums by cell, and how many units of a segment's arm had its event."""
    letters = [letter for letter in LETTERS[metric.kind] if column(metric, letter) in read.scales]
    scale = {letter: read.scales[column(metric, letter)] for letter in letters}
    closed = read.closed(metric)
    caps = _caps(connection, metric, letters, closed)
    columns = {letter: column(metric, letter) for letter in letters}
    columns |= {letter: f"least({columns[letter]}, {cap})" for letter, cap in caps.items()}
    held = ", ".join(f"CAST({way} AS HUGEINT) AS {letter}" for letter, way in columns.items())
    products = [(one, other) for n, one in enumerate(letters) for other in letters[n:]]
    pairs = [] if metric.kind == "quantile" else ["".join(sorted(pair, key="xyz".index)) for pair in products]
    singles = [] if metric.kind == "quantile" else letters
    asked = [f"sum({letter})" for letter in singles] + [f"sum({pair[0]} * {pair[1]})" for pair in pairs]
    rows = connection.execute(
        f"SELECT trial, arm, t // {DAY} AS day, count(*), count_if(y > 0), {', '.join(asked) or 'NULL'} "
        f"FROM (SELECT kind, t, {held} FROM did WHERE {closed}) JOIN kinds USING (kind) GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    sums: dict[Cell, Sums] = {}
    had: dict[tuple[str, str], int] = {}
    for trial, arm, day, units, some, *numbers in rows:
        cell = Cell(experiment.trials[trial].segment, experiment.arms[arm].id, iso(day))
        had[cell[:2]] = had.get(cell[:2], 0) + some
        given = {letter: number / scale[letter] for letter, number in zip(singles, numbers, strict=False)}
        given |= {pair: n / (scale[pair[0]] * scale[pair[1]]) for pair, n in zip(pairs, numbers[len(singles) :], strict=False)}
        sums[cell] = Sums(units, **given)
    early = connection.execute(f"SELECT count(*) FROM did WHERE NOT ({closed})").fetchone()
    ranked = _ranked(connection, experiment, metric, closed, scale["y"]) if metric.kind == "quantile" else {}
    cap = caps["y"] / scale["y"] if "y" in caps else None
    return Told(metric, sums, cap, "x" in letters, int(early[0]) if early else 0, ranked), had


def _caps(connection: duckdb.DuckDBPyConnection, metric: Metric, letters: Sequence[str], closed: str) -> dict[str, int]:
    """What each letter is held at, of all arms together; nothing where the quantile is 0, for that would hold everything at 0."""
    if metric.cap is None or metric.kind == "share":
        return {}
    asked = ", ".join(f"quantile_disc({column(metric, letter)}, {metric.cap!r})" for letter in letters)
    found = connection.execute(f"SELECT {asked} FROM did WHERE {closed}").fetchone() or ()
    return {letter: int(value) for letter, value in zip(letters, found, strict=True) if value}


def _ranked(
    connection: duckdb.DuckDBPyConnection, experiment: Experiment, metric: Metric, closed: str, scale: int
) -> dict[tuple[str, str], Ranked]:
    """A quantile and the values beside it in each segment's arm (order statistics)."""
    found = {}
    name = column(metric, "y")
    arms = connection.execute(
        f"SELECT trial, arm, count(*) FROM did JOIN kinds USING (kind) WHERE {closed} GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    for trial, arm, units in arms:
        around = [places(units, metric.quantile, STEP * step) for step in range(STEPS)]
        asked = [metric.quantile, *(low for low, _ in around), 0.0, *(high for _, high in around), 1.0]
        values = connection.execute(
            f"SELECT quantile_disc({name}, {asked!r}) FROM did JOIN kinds USING (kind) "
            f"WHERE {closed} AND trial = {trial} AND arm = {arm}"
        ).fetchone()
        if values:
            middle, *rest = (value / scale for value in values[0])
            key = (experiment.trials[trial].segment, experiment.arms[arm].id)
            found[key] = Ranked(units, middle, tuple(rest[: STEPS + 1]), tuple(rest[STEPS + 1 :]))
    return found


def _scale(name: str, most: float | None) -> int:
    """A power of ten that makes the largest value a whole number of DIGITS figures; whole numbers stay as they are."""
    if most and most > LARGEST:
        raise RequestError(f"{name!r} has a value of {most:g} among the outcomes; {LARGEST:g} is the largest that is taken")
    return int(10 ** max(0, DIGITS - math.ceil(math.log10(most or 1.0))))
