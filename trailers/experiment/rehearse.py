"""A made-up log of an experiment with a known truth: to rehearse its analysis before the first viewer has seen anything."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trailers.experiment.assign import assign_all, chances
from trailers.experiment.design import Experiment
from trailers.experiment.findings import ALL
from trailers.experiment.served import decision_id

if TYPE_CHECKING:
    import pandas as pd

DAY, HOUR = 86400, 3600
DEVICES = (("tv", 0.5), ("mobile", 0.35), ("web", 0.15))
COUNTRIES = (("US", 0.5), ("DE", 0.3), ("BR", 0.2))
ABANDONED, COMPLETED, LEFT = 0.15, 0.45, 0.004
"""How many of those who play leave after starting or finish, and how many of all leave the service, after the control."""


@dataclass(frozen=True)
class Lost:
    """A faulty log: a `share` of the exposures that fit, 0..1, is missing. None fits any; `day` counts from 0, the first."""

    share: float
    arm: str | None = None
    segment: str | None = None
    device: str | None = None
    day: int | None = None


@dataclass(frozen=True)
class Truth:
    """What is planted in a made-up log.

    `baseline` is the share of units that have a quality play after the control, 0..1, in segments that `baselines` does not name.
    `lifts` is what an arm adds to it in a segment, or in ALL, as a share of it: ("chase", "chase"): 0.1 is ten per cent more.
    `rate` gives the share from a segment and an arm's components instead. A lift halves in `fade` days. `harms` change how often
    the events abandon, complete and unsubscribe come after an arm: ("abandon", "chase"): 0.5 is half as many again.

    Units come over `days` from `start`, more of them at weekends; a share `reach` comes at all, and each returns `again` times
    in the mean. `tail` is how heavy minutes are (the sigma of their logarithm), `habit` how far what a unit did before tells what
    it does after, 0..1. `lost` is what a faulty log drops; a share `twice` of units sees another arm as well.
    """

    baseline: float = 0.2
    baselines: Mapping[str, float] = field(default_factory=dict)
    lifts: Mapping[tuple[str, str], float] = field(default_factory=dict)
    rate: Callable[[str, Mapping[str, float]], float] | None = None
    fade: float | None = None
    harms: Mapping[tuple[str, str], float] = field(default_factory=dict)
    days: int = 14
    start: str = "2026-01-05"
    reach: float = 1.0
    again: float = 0.5
    tail: float = 1.0
    habit: float = 0.6
    lost: tuple[Lost, ...] = ()
    twice: float = 0.0

    def share(self, experiment: Experiment, segment: str, arm: str) -> float:
        """The share of a segment's units that have a quality play after an arm on the first day, 0..1."""
        if self.rate is not None:
            return min(max(self.rate(segment, dict(experiment.arm(arm).components)), 0.0), 1.0)
        lift = self.lifts.get((segment, arm), self.lifts.get((ALL, arm), 0.0))
        return min(max(self.baselines.get(segment, self.baseline) * (1 + lift), 0.0), 1.0)


def rehearse(
    experiment: Experiment, membership: "pd.DataFrame", truth: Truth | None = None, seed: int = 0
) -> tuple["pd.DataFrame", "pd.DataFrame"]:
    """Exposures and outcomes (data/README.md) of the units (viewer, segment) that take part, as a platform would log them.

    Outcomes go on until the last unit's window has closed, and begin four weeks before its first exposure. Plays have minutes as
    their value. The same arguments give the same tables.
    """
    truth = truth or Truth()
    rng = np.random.default_rng(seed)
    table = assign_all(experiment, membership)
    table = table[table["in_experiment"]].reset_index(drop=True)
    if truth.reach < 1:
        table = table[rng.random(len(table)) < truth.reach].reset_index(drop=True)
    units = _units(experiment, table, truth, rng)
    return _exposures(experiment, units, truth, rng), _outcomes(experiment, units, truth, rng)


def _units(experiment: Experiment, table: "pd.DataFrame", truth: Truth, rng: np.random.Generator) -> "pd.DataFrame":
    """A row a unit: what it saw first, when (seconds since 1970), on what, its `habit` (standard normal), its chance to play."""
    count = len(table)
    first = int(np.datetime64(truth.start[:10], "s").astype(np.int64))
    weekdays = (first // DAY + np.arange(truth.days) + 3) % 7  # the first of January 1970 was a Thursday
    busy = np.where(weekdays >= 5, 1.3, 1.0)
    days = rng.choice(truth.days, count, p=busy / busy.sum())
    pairs = table[["segment", "variant"]].drop_duplicates().itertuples(index=False)
    rates = {(segment, arm): truth.share(experiment, str(segment), str(arm)) for segment, arm in pairs}
    keys = list(zip(table["segment"].tolist(), table["variant"].tolist(), strict=True))
    rate = np.array([rates[key] for key in keys], float)
    controls = {segment: truth.share(experiment, str(segment), experiment.control.id) for segment, _ in rates}
    control = np.array([controls[segment] for segment, _ in keys], float)
    if truth.fade:
        rate = control + (rate - control) * 0.5 ** (days / truth.fade)
    habit = rng.standard_normal(count)
    # Half the units play more and half less, by as much as leaves every chance within 0..1 and the mean what it was.
    reach = truth.habit * np.minimum(1.0, (1 - rate) / np.maximum(rate, 1e-12))
    return table.assign(
        day=days,
        time=first + days * DAY + rng.integers(0, DAY, count),
        device=_drawn(DEVICES, count, rng),
        country=_drawn(COUNTRIES, count, rng),
        habit=habit,
        chance=rate * (1 + reach * np.sign(habit)),
    )


def _exposures(experiment: Experiment, units: "pd.DataFrame", truth: Truth, rng: np.random.Generator) -> "pd.DataFrame":
    import pandas as pd

    stop = int(np.datetime64(truth.start[:10], "s").astype(np.int64)) + truth.days * DAY
    rows = units[["time", "viewer", "experiment", "variant", "segment", "device", "country", "propensity"]]
    again = rows.loc[rows.index.repeat(rng.poisson(truth.again, len(rows)))]
    again = again.assign(time=again["time"] + rng.exponential(2 * DAY, len(again)).astype(np.int64))
    both = rows[rng.random(len(rows)) < truth.twice] if truth.twice else rows.iloc[:0]
    other = [_other(experiment, segment, arm) for segment, arm in zip(both["segment"], both["variant"], strict=True)]
    given = {trial.segment: chances(experiment, trial) for trial in experiment.trials}
    both = both.assign(
        time=both["time"] + HOUR,
        variant=other,
        propensity=[given[segment][arm] for segment, arm in zip(both["segment"], other, strict=True)],
    )
    shown = pd.concat([rows, again, both], ignore_index=True)
    shown = shown[shown["time"] < stop].reset_index(drop=True)
    shown = shown[_kept(shown, truth, rng)].sort_values(["time", "viewer", "variant"], ignore_index=True)
    times = _stamps(shown["time"].to_numpy())
    names = [decision_id(experiment.policy, unit, time) for unit, time in zip(shown["viewer"].tolist(), times, strict=True)]
    return pd.DataFrame(
        {
            "timestamp": times,
            "user_id": shown["viewer"],
            "experiment_id": shown["experiment"],
            "variation_id": shown["variant"],
            "segment": shown["segment"],
            "device": shown["device"],
            "country": shown["country"],
            "policy": experiment.policy,
            "propensity": shown["propensity"].astype(float),
            "decision_id": names,
        }
    )


def _outcomes(experiment: Experiment, units: "pd.DataFrame", truth: Truth, rng: np.random.Generator) -> "pd.DataFrame":
    import pandas as pd

    count, play, least = len(units), experiment.primary.event, experiment.primary.at_least
    window = int(HOUR * (experiment.primary.within or 168.0))
    seen, habit = units["time"].to_numpy(), units["habit"].to_numpy()
    arms = units["variant"].tolist()

    def harm(event: str) -> NDArray[np.float64]:
        changes = {arm.id: 1 + truth.harms.get((event, arm.id), 0.0) for arm in experiment.arms}
        return np.array([changes[arm] for arm in arms], float)

    def minutes(rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        own = truth.habit * habit[rows] + np.sqrt(1 - truth.habit**2) * rng.standard_normal(int(rows.sum()))
        return np.asarray(least + 20.0 * np.exp(truth.tail * own), float)

    played = rng.random(count) < units["chance"].to_numpy()
    briefly = ~played & (rng.random(count) < 0.15) if least > 0 else np.zeros(count, bool)
    before = rng.random(count) < 0.8 if truth.habit else np.zeros(count, bool)
    later = rng.random(count) < 0.1
    end = rng.random(count)
    abandoned, completed = played & (end < ABANDONED * harm("abandon")), played & (end > 1 - COMPLETED * harm("complete"))
    left = rng.random(count) < LEFT * harm("unsubscribe")
    then = seen + rng.integers(60, window // 2, count)
    last = int(np.datetime64(truth.start[:10], "s").astype(np.int64)) + truth.days * DAY + window
    parts = [
        (play, played, then, minutes(played)),
        (play, briefly, then, rng.uniform(0.0, least, int(briefly.sum()))),
        (play, before, seen - rng.integers(1, 28 * DAY, count), minutes(before)),
        (play, later, seen + window + rng.integers(0, DAY, count), minutes(later)),
        ("abandon", abandoned, then + 60, np.ones(int(abandoned.sum()))),
        ("complete", completed & ~abandoned, then + HOUR, np.ones(int((completed & ~abandoned).sum()))),
        ("unsubscribe", left, seen + rng.integers(HOUR, window, count), np.ones(int(left.sum()))),
        (play, np.arange(count) == 0, np.full(count, last), np.full(min(count, 1), least + 1.0)),  # until all windows are closed
    ]
    rows = pd.concat(
        [
            pd.DataFrame({"time": time[which], "user_id": units["viewer"][which], "event": event, "value": np.round(value, 3)})
            for event, which, time, value in parts
        ],
        ignore_index=True,
    ).sort_values(["time", "user_id", "event"], ignore_index=True)
    rows.insert(0, "timestamp", _stamps(rows.pop("time").to_numpy()))
    return rows


def _kept(shown: "pd.DataFrame", truth: Truth, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which exposures a faulty log still holds."""
    kept = np.ones(len(shown), bool)
    first = int(np.datetime64(truth.start[:10], "s").astype(np.int64))
    for fault in truth.lost:
        fits = rng.random(len(shown)) < fault.share
        for column, value in (("variant", fault.arm), ("segment", fault.segment), ("device", fault.device)):
            if value is not None:
                fits &= (shown[column] == value).to_numpy()
        if fault.day is not None:
            fits &= (shown["time"].to_numpy() - first) // DAY == fault.day
        kept &= ~fits
    return kept


def _other(experiment: Experiment, segment: str, arm: str) -> str:
    """The arm that somebody sees who by a fault sees two."""
    trial = experiment.trial(segment)
    assert trial is not None
    return next(other for other, _ in trial.weights if other != arm)


def _drawn(values: tuple[tuple[str, float], ...], count: int, rng: np.random.Generator) -> NDArray[np.object_]:
    names = np.array([name for name, _ in values], object)
    return names[rng.choice(len(values), count, p=[chance for _, chance in values])]


def _stamps(seconds: NDArray[np.int64]) -> list[str]:
    """ISO 8601, UTC."""
    return [f"{text}Z" for text in np.datetime_as_string(seconds.astype("datetime64[s]")).tolist()]
