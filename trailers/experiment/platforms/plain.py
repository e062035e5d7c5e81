"""Plain tables ("csv"), for a platform of one's own: the same columns that `trailers analyse` reads."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from trailers.experiment.design import Experiment
from trailers.experiment.platforms.platform import Shown, head, held
from trailers.experiment.platforms.rows import DIMENSIONS, exposed, happened, iso

if TYPE_CHECKING:
    import pandas as pd

LOGGED = ("policy", "propensity", "decision_id")
EXPOSURES = ("timestamp", "user_id", "experiment_id", "variation_id", *DIMENSIONS, *LOGGED)
OUTCOMES = ("timestamp", "user_id", "event", "value")


def documents(experiment: Experiment, media: Sequence[Shown], draft: bool = False) -> Mapping[str, str]:
    """Heads of the tables, to be filled: what is served lies in assignments.csv."""
    return {"csv/exposures.csv": head(EXPOSURES), "csv/outcomes.csv": head(OUTCOMES)}


def exposures(experiment: Experiment, rows: "pd.DataFrame") -> "pd.DataFrame":
    table = exposed(experiment, rows)
    return table.assign(timestamp=iso(table["timestamp"])).reindex(columns=list(EXPOSURES))


def outcomes(experiment: Experiment, rows: "pd.DataFrame") -> "pd.DataFrame":
    table = happened(rows)
    return table.assign(timestamp=iso(table["timestamp"]))[list(OUTCOMES)]


def notes(experiment: Experiment, draft: bool = False) -> tuple[str, ...]:
    off = "gives everybody the control (who would see what is in `assignments.DRAFT.csv`)"
    return (
        *held(experiment, draft, ["assignments.csv"], off),
        (
            f"Serve from `assignments.csv`, or{', once it is no draft,' if draft else ''} from each trial's seed and weights in "
            "`experiment.json`: whatever hashes by "
            "GrowthBook's version 2 gets the same answer from the seed alone."
        ),
        (
            "`csv/exposures.csv` and `csv/outcomes.csv` have the columns to fill. Log `propensity` unrounded, as "
            "`assignments.csv` has it: `trailers replay` can then say what another choice would have earned."
        ),
    )
