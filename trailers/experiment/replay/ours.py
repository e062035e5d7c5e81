"""Our own experiments as logs that can be replayed: exposures with outcomes as rewards, and policies by a word."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from trailers.errors import RequestError
from trailers.experiment.logs.seen import see
from trailers.experiment.logs.tables import Source, moment, opened, quoted, workspace
from trailers.experiment.replay.tables import Chance, Log, Policy

if TYPE_CHECKING:
    import duckdb

    from trailers.experiment.design import Experiment
    from trailers.experiment.metric import Metric

OWN, SERVED, BEST = "own", "served", "best"
HOUR = 3_600_000_000
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
            chances += [Chance(arm, trial.propensity(arm), trial.segment) for arm, _ in trial.weights]
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
    if none is named; a share or a mean), within its window of the first exposure; units whose window is still open are left out.

    A RequestError for a metric of another kind, columns that are missing, or exposures with other propensities than the
    experiment gives: they were served by another rule, and need a log of their own.
    """
    asked = _metric(experiment, metric)
    with workspace() as connection:
        see(connection, experiment, exposures)
        _same_chances(connection, experiment)
        early = _rewards(connection, asked, outcomes)
        known = [name for name in KNOWN if name in _columns(connection, "kinds")]
        rows = connection.execute(
            f"SELECT trial, arm, reward{''.join(f', {name}' for name in known)} "
            "FROM rewards JOIN kinds USING (kind) WHERE closed ORDER BY unit"
        ).fetch_df()
    if not len(rows):
        raise RequestError(
            "no unit of the exposures has a window that was closed before the outcomes end: nothing can be replayed"
        )
    arms = tuple(sorted(arm.id for arm in experiment.arms))
    segments = tuple(sorted(trial.segment for trial in experiment.trials))
    chance = np.array([[trial.propensity(arm.id) for arm in experiment.arms] for trial in experiment.trials])
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
        reward=rows["reward"].to_numpy(float),
        context=rows[known].assign(**context),
        named=tuple(known),
        notes=(f"{early:,} units had their window still open and are left out",) if early else (),
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
        f"({number}, {arm}, {trial.propensity(each.id)!r})"
        for number, trial in enumerate(experiment.trials)
        for arm, each in enumerate(experiment.arms)
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


def _rewards(connection: duckdb.DuckDBPyConnection, metric: Metric, outcomes: Source) -> int:
    """Makes the table `rewards` (unit, kind, reward, closed); how many units are not closed."""
    columns = opened(connection, outcomes, "outcomes", ("user_id",))
    if "timestamp" not in columns:
        if metric.event not in columns:
            raise RequestError(f"outcomes lack {metric.event!r}, which {metric.name} reads; columns found: {', '.join(columns)}")
        value = f"coalesce(try_cast({quoted(metric.event)} AS DOUBLE), 0)"
        reward = (
            f"max(CAST({value} > 0 AND {value} >= {metric.at_least!r} AS DOUBLE))" if metric.kind == "share" else f"max({value})"
        )
        closed = "true"
        rows = f"SELECT CAST(user_id AS VARCHAR) AS unit, {reward} AS reward FROM outcomes GROUP BY unit"
    else:
        if "event" not in columns:
            raise RequestError(f"outcomes with a timestamp lack event; columns found: {', '.join(columns)}")
        value = "CASE WHEN nullif(trim(CAST(value AS VARCHAR)), '') IS NULL THEN 1.0 ELSE try_cast(value AS DOUBLE) END"
        connection.execute(
            f"CREATE TABLE had AS SELECT CAST(user_id AS VARCHAR) AS unit, {moment()} AS t, CAST(event AS VARCHAR) AS event, "
            f"{value if 'value' in columns else '1.0'} AS v FROM outcomes"
        )
        [(last,)] = connection.execute("SELECT max(t) FROM had WHERE isfinite(v)").fetchall()
        until = int(last or 0)
        window = int(metric.within * HOUR) if metric.within is not None else None
        closed = "true" if window is None else f"t + {window} <= {until}"
        reward = (
            f"max(CAST(v > 0 AND v >= {metric.at_least!r} AS DOUBLE))"
            if metric.kind == "share"
            else "CAST(count(*) AS DOUBLE)"
            if metric.counts
            else "sum(v ORDER BY v)"  # in one order, so that the same rows give the same bytes
        )
        rows = (
            f"SELECT unit, {reward} AS reward FROM had JOIN units USING (unit) "
            "WHERE event = ? AND isfinite(v) AND had.t >= units.t"
            + ("" if window is None else f" AND had.t < units.t + {window}")
            + " GROUP BY unit"
        )
    connection.execute(
        f"CREATE TABLE rewards AS SELECT units.unit, kind, coalesce(reward, 0.0) AS reward, {closed} AS closed "
        f"FROM units LEFT JOIN ({rows}) AS found USING (unit)",
        [metric.event] if "timestamp" in columns else [],
    )
    [(early,)] = connection.execute("SELECT count_if(NOT closed) FROM rewards").fetchall()
    return int(early)


def _columns(connection: duckdb.DuckDBPyConnection, name: str) -> tuple[str, ...]:
    return tuple(str(row[0]) for row in connection.execute(f"DESCRIBE {name}").fetchall())
