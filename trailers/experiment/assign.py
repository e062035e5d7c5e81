"""Who sees which trailer: pure functions of a unit's id that answer as the platform's own do, anywhere and for ever."""

import hmac
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trailers.errors import RequestError
from trailers.experiment.design import Experiment, Trial
from trailers.experiment.hashes.rules import rule_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Assignment:
    """What one unit sees: `variant` is an arm's id; who is outside the experiment sees the control, and has no `propensity`.

    `experiment` is the key of the unit's trial, or the experiment's id where it has none. `propensity` is the chance with which
    a unit of the trial gets this arm, 0..1, unrounded.
    """

    unit: str
    experiment: str
    variant: str
    in_experiment: bool
    propensity: float | None


def assign(experiment: Experiment, unit: str, segment: str | None) -> Assignment:
    """One unit's trailer; who has no segment, one without a trial, or no id ("") gets the control outside the experiment."""
    trial = experiment.trial(segment)
    if trial is None:
        return Assignment(unit, experiment.id, experiment.control.id, False, None)
    number = int(_numbers(experiment, trial, [unit])[0])
    if number < 0:
        return Assignment(unit, experiment.key(trial.segment), experiment.control.id, False, None)
    arm = trial.weights[number][0]
    return Assignment(unit, experiment.key(trial.segment), arm, True, chances(experiment, trial)[arm])


def assign_all(experiment: Experiment, membership: "pd.DataFrame") -> "pd.DataFrame":
    """`assign` for a table (viewer, segment): columns viewer, segment, experiment, variant, in_experiment, propensity (NaN
    outside the experiment), sorted by viewer.

    A viewer who stands in two segments is a RequestError: the two trials would not be apart.
    """
    import pandas as pd

    table = membership[["viewer", "segment"]].astype({"viewer": "str"}).sort_values("viewer", ignore_index=True)
    if missing := int(table["viewer"].isna().sum()):
        raise RequestError(f"each row of the segments' table names a viewer; {missing} name none")
    if (table["viewer"] == table["viewer"].shift()).any():
        table = _once(table)
    keys = [experiment.id, *(experiment.key(trial.segment) for trial in experiment.trials)]
    arms = [arm.id for arm in experiment.arms]
    tried = np.zeros(len(table), np.int64)  # which of the keys
    shown = np.zeros(len(table), np.int64)  # which of the arms
    propensities = np.full(len(table), math.nan)
    for place, trial in enumerate(experiment.trials, start=1):
        rows = np.flatnonzero((table["segment"] == trial.segment).to_numpy(bool, na_value=False))
        numbers = _numbers(experiment, trial, table["viewer"].iloc[rows].tolist())
        given = chances(experiment, trial)
        tried[rows] = place
        for number, (arm, _) in enumerate(trial.weights):
            shown[rows[numbers == number]] = arms.index(arm)
            propensities[rows[numbers == number]] = given[arm]
    return pd.DataFrame(
        {
            "viewer": table["viewer"],
            "segment": table["segment"],
            "experiment": pd.array(keys, dtype="str").take(tried),
            "variant": pd.array(arms, dtype="str").take(shown),
            "in_experiment": ~np.isnan(propensities),
            "propensity": propensities,
        }
    )


def chances(experiment: Experiment, trial: Trial) -> Mapping[str, float]:
    """The chance of each of a trial's arms among the units in it: what the platform's whole buckets really give, which may be a
    bucket off the trial's weights. A RequestError for an arm that would get no bucket at all."""
    given = rule_of(experiment.platform).shares([weight for _, weight in trial.weights], experiment.coverage)
    found = dict(zip((arm for arm, _ in trial.weights), given, strict=True))
    if never := [arm for arm, chance in found.items() if not chance]:
        raise RequestError(
            f"segment {trial.segment}: {experiment.platform} cuts too coarsely to give {never[0]!r} its share at a coverage of "
            f"{experiment.coverage} thousandths; a larger coverage or share is asked for"
        )
    return found


def pseudonym(unit: str, key: bytes) -> str:
    """A unit's id hashed with the user's key (HMAC-SHA256, FIPS 198-1; 64 hexadecimal digits): who does not hold the key can
    neither read it nor try ids. A RequestError for a key of less than 16 bytes."""
    if len(key) < 16:
        raise RequestError(f"a key to hash ids with has 16 bytes or more; it has {len(key)}")
    return hmac.new(key, unit.encode("utf-8", "surrogatepass"), sha256).hexdigest()


def _numbers(experiment: Experiment, trial: Trial, units: Sequence[str]) -> NDArray[np.int64]:
    """The number of each unit's arm in a trial, -1 where it is outside the coverage or a gate, or has no id."""
    rule = rule_of(experiment.platform)
    numbers = rule.chosen(units, experiment.seed(trial.segment), [weight for _, weight in trial.weights], experiment.coverage)
    for gate in experiment.gates:
        numbers[~rule.within(units, gate.salt, gate.start, gate.stop)] = -1
    if "" in units:
        numbers[[not unit for unit in units]] = -1
    return numbers


def _once(table: "pd.DataFrame") -> "pd.DataFrame":
    """Each viewer's row once; a RequestError where rows of one viewer differ."""
    table = table.drop_duplicates(ignore_index=True)
    twice = table["viewer"][table["viewer"].duplicated()]
    if len(twice):
        raise RequestError(f"a viewer belongs to one segment; {twice.nunique()} belong to more, the first is {twice.iloc[0]!r}")
    return table
