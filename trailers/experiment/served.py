"""What is logged of a trailer that was shown: who saw which, by which rule and with what chance, and what the trailer is like."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from trailers.errors import RequestError
from trailers.experiment.assign import assign, assign_all
from trailers.experiment.design import Arm, Experiment

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "timestamp",
    "user_id",
    "experiment_id",
    "variation_id",
    "segment",
    "policy",
    "propensity",
    "decision_id",
)
"""The columns of an exposure as `analyse` and `replay` read it; those of the trailer's components follow."""


@dataclass(frozen=True)
class Served:
    """One trailer on one unit's screen.

    `variant` is the arm's id and `experiment` the trial's key. `policy` names the rule that chose, `propensity` is the chance it
    gave the arm, 0..1, unrounded: together they let the log answer what another rule would have earned. `decision_id` is the same
    for the same policy, unit and time, so that a row that is sent twice is known. `components` say what the trailer is like, by
    the names that `column_names` gives them.
    """

    timestamp: str
    unit: str
    experiment: str
    variant: str
    segment: str
    policy: str
    propensity: float
    decision_id: str
    components: tuple[tuple[str, float], ...] = ()

    def row(self) -> Mapping[str, str | float]:
        """The row of the exposures' table: COLUMNS, then a column a component."""
        told = (
            self.timestamp,
            self.unit,
            self.experiment,
            self.variant,
            self.segment,
            self.policy,
            self.propensity,
            self.decision_id,
        )
        return {**dict(zip(COLUMNS, told, strict=True)), **dict(self.components)}


def serve(experiment: Experiment, unit: str, segment: str | None, at: datetime) -> Served | None:
    """What a unit sees at a time, as it is to be logged; None for a unit outside the experiment: it sees the control, and that is
    no exposure. A RequestError for a time without a zone."""
    given = assign(experiment, unit, segment)
    if segment is None or given.propensity is None:
        return None
    when = timestamp(at)
    policy = experiment.policy
    return Served(
        when,
        unit,
        given.experiment,
        given.variant,
        segment,
        policy,
        given.propensity,
        decision_id(policy, unit, when),
        _components(experiment.arm(given.variant), column_names(experiment)),
    )


def served_rows(experiment: Experiment, membership: "pd.DataFrame", at: datetime) -> "pd.DataFrame":
    """`serve` for a table (viewer, segment): COLUMNS and a column a component (NaN where an arm's is not known), a row for every
    unit in the experiment, sorted by unit."""
    import pandas as pd

    when, policy = timestamp(at), experiment.policy
    known = assign_all(experiment, membership)
    known = known[known["in_experiment"]].reset_index(drop=True)
    table = pd.DataFrame(
        {
            "timestamp": when,
            "user_id": known["viewer"],
            "experiment_id": known["experiment"],
            "variation_id": known["variant"],
            "segment": known["segment"],
            "policy": policy,
            "propensity": known["propensity"],
            "decision_id": [decision_id(policy, unit, when) for unit in known["viewer"]],
        },
        columns=list(COLUMNS),
    )
    names = column_names(experiment)
    values = {arm.id: dict(_components(arm, names)) for arm in experiment.arms}
    for name in names.values():
        table[name] = known["variant"].map({arm: held.get(name) for arm, held in values.items()}).astype("float64")
    return table


def completed(experiment: Experiment, shown: "pd.DataFrame") -> "pd.DataFrame":
    """Who came by a trailer when (timestamp, user_id, segment; any further columns are dimensions) as it is to be logged:
    COLUMNS, the dimensions, a column a component; in the order given. Rows of units outside the experiment are left out: they saw
    the control, and that is no exposure. A RequestError names a column that is missing, or a time that is none."""
    import pandas as pd

    if missing := [name for name in ("timestamp", "user_id", "segment") if name not in shown]:
        raise RequestError(f"who came by when has the columns timestamp, user_id, segment; {', '.join(missing)} is missing")
    times = pd.to_datetime(shown["timestamp"], utc=True, errors="coerce", format="ISO8601")
    if times.isna().any():
        raise RequestError(f"{str(shown['timestamp'][times.isna()].iloc[0])!r} is no time in ISO 8601")
    units = [str(unit) for unit in shown["user_id"]]
    members = pd.DataFrame({"viewer": units, "segment": shown["segment"].to_numpy()}).drop_duplicates()
    known = served_rows(experiment, members, datetime.fromtimestamp(0, UTC)).drop(columns=["timestamp", "segment", "decision_id"])
    dimensions = [name for name in shown if name not in (*known, "timestamp", "segment", "decision_id")]
    table = shown[["segment", *dimensions]].assign(timestamp=[timestamp(time.to_pydatetime()) for time in times], user_id=units)
    table = table.merge(known, on="user_id", how="inner")
    table["decision_id"] = [
        decision_id(experiment.policy, unit, when) for unit, when in zip(table["user_id"], table["timestamp"], strict=True)
    ]
    return table[[*COLUMNS, *dimensions, *column_names(experiment).values()]]


def column_names(experiment: Experiment) -> Mapping[str, str]:
    """The components of all arms, sorted, and the columns that hold them: "component_" and the name in letters, figures and
    underscores, as any warehouse takes it; a name that another already has is numbered."""
    names: dict[str, str] = {}
    for component in sorted({name for arm in experiment.arms for name, _ in arm.components}):
        plain = "component_" + re.sub(r"[^0-9a-z]+", "_", component.lower()).strip("_")
        taken = [other for other in names.values() if other == plain or re.fullmatch(re.escape(plain) + r"_\d+", other)]
        names[component] = f"{plain}_{len(taken) + 1}" if taken else plain
    return names


def decision_id(policy: str, unit: str, when: str) -> str:
    """A name for one decision that everybody who knows policy, unit and time arrives at: 32 hexadecimal digits."""
    told = "\n".join((policy, unit, when))
    return sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def timestamp(at: datetime) -> str:
    """A time as exposures give it: ISO 8601 in UTC, "2026-05-01T20:15:00Z", with as many digits after the second as it has."""
    if at.tzinfo is None:
        raise RequestError(f"a time of an exposure names its zone; {at.isoformat()} does not")
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _components(arm: Arm, names: Mapping[str, str]) -> tuple[tuple[str, float], ...]:
    return tuple((names[name], value) for name, value in sorted(arm.components))
