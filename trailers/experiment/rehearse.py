"""A made-up log of an experiment with a known truth: to rehearse its analysis before the first viewer has seen anything."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from trailers.experiment.assign import assign_all
from trailers.experiment.design import Experiment

if TYPE_CHECKING:
    import pandas as pd


def rehearse(
    experiment: Experiment,
    membership: "pd.DataFrame",
    baseline: float = 0.2,
    lifts: Mapping[str, float] | None = None,
    lost: float = 0.0,
    seed: int = 0,
) -> tuple["pd.DataFrame", "pd.DataFrame"]:
    """Exposures and outcomes as a platform would log them: one exposure each in the first week, an outcome within an hour of it.

    `baseline` is the share of viewers who play after the general trailer, `lifts` what their own trailer adds in a segment, both
    0..1. `lost` is the share of the control's exposures that a faulty log drops.
    """
    import pandas as pd

    rng = np.random.default_rng(seed)
    table = assign_all(experiment, membership)
    table = table[table["in_experiment"]].reset_index(drop=True)
    own = (table["variant"] != experiment.control.segment).to_numpy()
    lift = table["variant"].map(dict(lifts or {})).fillna(0.0).to_numpy(float)
    shown = pd.Timestamp("2026-01-05T00:00:00Z") + pd.to_timedelta(rng.integers(0, 7 * 86400, len(table)), unit="s")
    later = pd.to_timedelta(rng.integers(60, 3600, len(table)), unit="s")
    won = rng.random(len(table)) < np.clip(baseline + own * lift, 0, 1)
    kept = own | (rng.random(len(table)) >= lost)
    stamp = "%Y-%m-%dT%H:%M:%SZ"
    exposures = pd.DataFrame(
        {
            "timestamp": shown.strftime(stamp),
            "user_id": table["viewer"],
            "experiment_id": table["experiment"],
            "variation_id": np.where(own, "1", "0"),
            "segment": table["segment"],
        }
    )
    outcomes = pd.DataFrame({"timestamp": (shown + later).strftime(stamp), "user_id": table["viewer"]})
    return exposures[kept].reset_index(drop=True), outcomes[won].reset_index(drop=True)
