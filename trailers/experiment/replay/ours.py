"""Our own experiments as logs that can be replayed: exposures with outcomes as rewards, and policies by a word."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from trailers.errors import RequestError
from trailers.experiment import assign
from trailers.experiment.logs.counted import column, did
from trailers.experiment.logs.seen import see
from trailers.experiment.logs.tables import Source, workspace
from trailers.experiment.replay.policy import Chance, Policy
from trailers.experiment.replay.tables import Log

if TYPE_CHECKING:
    import duckdb

    from trailers.experiment.design import Experiment
    from trailers.experiment.metric import Metric

OWN, SERVED, BEST = "own", "served", "best"
KNOWN = ("device", "country")
"""What a served log may say of a unit beside its segment: rewards are learnt from it."""


def policy_of(experiment: Experiment, word: str = SERVED) -> Policy:
    """A policy by its word: "served" is the experiment's own rule, "own" shows every segment its own trailer (the control where
    it has none), an arm's id shows that arm to everybody. A RequestError for any other word."""
    ids = [arm.id for arm in experiment.arms]
    if word not in (SERVED, OWN, *ids):
        raise RequestError(
            f"policies are {SERVED}, {OWN}, {BEST} and arms ({', '.join(ids)}), or a table; {word!r} was asked for"
        )
    chances: list[Chance] = []
    for trial in experiment.trials:
        if word == SERVED:
            chances += [Chance(arm, chance, trial.segment) for arm, chance in assign.chances(experiment, trial).items()]
            continue
        own = trial.segment if trial.segment in dict(trial.weights) else experiment.control.id
        chances.append(Chance(own if word == OWN else word, 1.0, trial.segment))
    return Policy(word, tuple(chances))


def best(log: Log, seed: int = 0) -> tuple[Policy, Log]:
    """The policy that shows each segment the arm that earned most on one half of the units, and the other half, to judge it on:
    judged on the units that it was chosen by, the luckiest arm would look good (the winner's curse)."""
    chosen = np.random.default_rng(seed).permutation(int(log.unit.max()) + 1)[log.unit] % 2 == 0
    if chosen.all() or not chosen.any():
        raise RequestError("a policy is chosen on one half of the units and judged on the other; the log has one unit")
    chances = []
    for number, segment in enumerate(log.segments):
        here = chosen & (log.segment == number)
        weight = np.bincount(log.action[here], 1 / log.propensity[here], len(log.actions))
        earned = np.bincount(log.action[here], log.reward[here] / log.propensity[here], len(log.actions))
        mean = np.divide(earned, weight, out=np.full(len(log.actions), -np.inf), where=weight > 0)
        if here.any():
            chances.append(Chance(log.actions[int(np.argmax(mean))], 1.0, segment))
    told = "; ".join(f"{each.segment or 'all'}: {each.action}" for each in chances)
    note = f"chosen on one half of the units ({told}), judged on the other"
    return Policy(BEST, tuple(chances)), replace(log.of(~chosen), notes=(*log.notes, note))


def served(experiment: Experiment, exposures: Source, outcomes: Source, metric: str = "") -> Log:
    """A decision a unit that saw one arm: the arm, the chance that its trial gave it, and as reward the metric (the primary one
    if none is named; a share or a mean, held at its cap), within its window of the first exposure: as `analyse` reads them. Units
    whose window is still open are left out.

    A RequestError for a metric of another kind, columns that are missing, or exposures with other propensities than the
    experiment gives: they were served by another rule, and need a log of their own.
    """
    asked = replace(_metric(experiment, metric), role="primary")
    with workspace() as connection:
        seen = see(connection, experiment, exposures)
        _same_chances(connection, experiment)
        read = did(connection, (asked,), outcomes, None)
        known = [name for name in KNOWN if name in _columns(connection, "kinds")]
        reward = column(asked, "y")
        rows = connection.execute(
            f"SELECT trial, arm, {reward} AS reward{''.join(f', {name}' for name in known)} FROM did JOIN kinds USING (kind) "
            f"WHERE {read.closed(asked)} ORDER BY kind, t, {reward}"
        ).fetch_df()
    if not len(rows):
        raise RequestError("no unit of the exposures has a window that closed before the outcomes end: nothing can be replayed")
    rewards = rows["reward"].to_numpy(float) / read.scales[reward]
    notes = list(read.notes)
    if early := seen.units - seen.twice - len(rows):
        notes.append(f"{early:,} units had their window still open and are left out")
    if asked.cap is not None and rewards.max() > (held := float(np.quantile(rewards, asked.cap, method="higher"))):
        rewards = np.minimum(rewards, held)
        notes.append(f"{asked.name} is held at {held:.4g} ({100 * asked.cap:g} % of the units have no more)")
    arms = tuple(sorted(arm.id for arm in experiment.arms))
    segments = tuple(sorted(trial.segment for trial in experiment.trials))
    given = [assign.chances(experiment, each) for each in experiment.trials]
    chance = np.array([[each.get(arm.id, 0.0) for arm in experiment.arms] for each in given])
    trial, arm = rows["trial"].to_numpy(int), rows["arm"].to_numpy(int)
    place = np.array([arms.index(each.id) for each in experiment.arms])
    number = np.arange(len(rows))
    context = {name: rows[name].astype("category").cat.codes.to_numpy(float) for name in known}
    return Log(
        actions=arms,
        segments=segments,
        positions=("",),
        action=place[arm],
        segment=np.array([segments.index(each.segment) for each in experiment.trials])[trial],
        position=np.zeros(len(rows), int),
        decision=number,
        unit=number,
        propensity=chance[trial, arm],
        reward=rewards,
        context=rows[known].assign(**context),
        named=tuple(known),
        notes=tuple(notes),
    )


def _metric(experiment: Experiment, name: str) -> Metric:
    found = next((each for each in experiment.metrics if each.name == (name or experiment.primary.name)), None)
    if found is None:
        raise RequestError(f"metrics are {', '.join(each.name for each in experiment.metrics)}; {name!r} was asked for")
    if found.kind not in ("share", "mean"):
        raise RequestError(f"a replay needs a reward a unit, a share or a mean; {found.name} is a {found.kind}")
    return found


def _same_chances(connection: duckdb.DuckDBPyConnection, experiment: Experiment) -> None:
    if "propensity" not in _columns(connection, "exposures"):
        return
    weights = ", ".join(
        f"({number}, {arm}, {chances[each.id]!r})"
        for number, trial in enumerate(experiment.trials)
        for chances in [assign.chances(experiment, trial)]
        for arm, each in enumerate(experiment.arms)
        if each.id in chances
    )
    [(count, said, asked)] = connection.execute(
        "SELECT count(*), min(p), any_value(asked ORDER BY p, asked) FROM (SELECT try_cast(propensity AS DOUBLE) AS p, "
        "CAST(experiment_id AS VARCHAR) AS key, CAST(variation_id AS VARCHAR) AS shown FROM exposures) "
        "JOIN arms ON arms.experiment_id = key AND arms.variation_id = shown "
        f"JOIN (VALUES {weights}) AS given (trial, arm, asked) ON given.trial = arms.trial AND given.arm = arms.arm "
        "WHERE abs(p - asked) > 1e-9"
    ).fetchall()
    if count:
        raise RequestError(
            f"{count:,} exposures were served with another chance than this experiment gives (one with {said:g} where it is "
            f"{asked:g}): another rule served them; replay each rule's rows by themselves"
        )


def _columns(connection: duckdb.DuckDBPyConnection, name: str) -> tuple[str, ...]:
    return tuple(str(row[0]) for row in connection.execute(f"DESCRIBE {name}").fetchall())
