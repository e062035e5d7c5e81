"""Our tables of exposures and outcomes, checked and put into the units that platforms count in."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from trailers.errors import RequestError
from trailers.experiment.design import Experiment
from trailers.experiment.platforms.facts import Fact

if TYPE_CHECKING:
    import pandas as pd

EXPOSURES = ("timestamp", "user_id", "experiment_id", "variation_id")
DIMENSIONS = ("segment", "device", "country")
OUTCOMES = ("timestamp", "user_id", "event")
SPACE = UUID("6f2d1f3c-5f0e-5d39-9d3b-3a2b1d6a7c10")
"""A name space of our own for ids of rows (RFC 9562, version 5): the same row has the same id on any machine."""


def exposed(experiment: Experiment, rows: "pd.DataFrame") -> "pd.DataFrame":
    """The exposures of this experiment, in the order given, `timestamp` as a time in UTC, ids as text, a number per row from 0.

    Rows of other experiments are left out. A RequestError names a missing column, a time that is none, and a variation that no
    arm of the row's trial has.
    """
    table = _timed(rows, EXPOSURES, "exposures")
    arms = {experiment.key(trial.segment): (trial.segment, {arm for arm, _ in trial.weights}) for trial in experiment.trials}
    table = table[table["experiment_id"].isin(list(arms))].reset_index(drop=True)
    pairs = table[["experiment_id", "variation_id"]].drop_duplicates().itertuples(index=False)
    if strange := [(key, arm) for key, arm in pairs if arm not in arms[str(key)][1]]:
        key, arm = strange[0]
        raise RequestError(f"the variations of {key} are {', '.join(sorted(arms[str(key)][1]))}; exposures hold {arm!r}")
    if "segment" not in table:
        table["segment"] = [arms[str(key)][0] for key in table["experiment_id"]]
    return table


def happened(rows: "pd.DataFrame") -> "pd.DataFrame":
    """Outcomes in the order given, `timestamp` as a time in UTC, `value` 1 where there is none. A RequestError names a missing
    column; a table of one row a unit has no times and stays as it is."""
    table = _timed(rows, OUTCOMES, "outcomes")
    table["value"] = table["value"].fillna(1.0).astype(float) if "value" in table else 1.0
    return table


def counted(rows: "pd.DataFrame", facts: Sequence[Fact]) -> "pd.DataFrame":
    """Outcomes as the events that metrics count: a row for every fact that an outcome is, `event` the fact's name; sorted by
    time, unit and event. For platforms whose metrics know an event by its name alone."""
    import pandas as pd

    table = happened(rows)
    parts = []
    for fact in facts:
        enough = (table["value"] > 0) & (table["value"] >= (fact.at_least or 0)) if fact.least else table["value"].notna()
        parts.append(table[(table["event"] == fact.event) & enough].assign(event=fact.name))
    joined = pd.concat(parts, ignore_index=True) if parts else table.head(0)
    return joined.sort_values(["timestamp", "user_id", "event"], kind="stable", ignore_index=True)


def iso(times: "pd.Series[pd.Timestamp]") -> list[str]:
    """Times as ISO 8601 in UTC, whole milliseconds."""
    return [f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z" for time in times]


def milliseconds(times: "pd.Series[pd.Timestamp]") -> list[int]:
    """Times as milliseconds since 1970 in UTC."""
    return [int(value) for value in times.astype("datetime64[ms, UTC]").astype("int64")]


def row_ids(table: "pd.DataFrame") -> list[str]:
    """An id a row that is the same on any machine: of its decision where it has one, else of what it says; a repeated row repeats
    its id, so that platforms that count an id once do."""
    names = [name for name in ("decision_id", "timestamp", "user_id", "experiment_id", "variation_id", "event") if name in table]
    return [str(uuid5(SPACE, "|".join(map(str, row)))) for row in table[names].itertuples(index=False)]


def attributes(table: "pd.DataFrame") -> list[str]:
    """A JSON object a row of the dimensions that it has."""
    names = [name for name in DIMENSIONS if name in table]
    return [
        json.dumps({name: str(value) for name, value in zip(names, row, strict=True) if _there(value)}, ensure_ascii=False)
        for row in table[names].itertuples(index=False)
    ]


def _there(value: object) -> bool:
    return value is not None and value == value and value != ""


def _timed(rows: "pd.DataFrame", columns: Sequence[str], what: str) -> "pd.DataFrame":
    import pandas as pd

    if missing := [name for name in columns if name not in rows]:
        raise RequestError(f"{what} have the columns {', '.join(columns)}; {missing[0]!r} is not there")
    table = rows.reset_index(drop=True)
    times = pd.to_datetime(table["timestamp"], utc=True, format="ISO8601", errors="coerce")
    if times.isna().any():
        place = int(times.isna().to_numpy().argmax())
        raise RequestError(f"times are ISO 8601; {what} hold {table['timestamp'].iloc[place]!r} in row {place + 1}")
    ids = {name: table[name].astype("str") for name in columns if name != "timestamp"}
    return table.assign(timestamp=times.astype("datetime64[us, UTC]"), **ids)
