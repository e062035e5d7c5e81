"""What LaunchDarkly loads: flags for its SDKs' file source, bodies of metrics, the columns of its warehouse export."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from trailers.experiment.design import Experiment, Gate, Trial
from trailers.experiment.hashes.launchdarkly import IN, Part, parts_of, parts_of_gate, seed
from trailers.experiment.metric import Metric
from trailers.experiment.platforms.facts import counts, described, facts
from trailers.experiment.platforms.platform import Json, Shown, head, held, named, quoted, text
from trailers.experiment.platforms.rows import attributes, counted, exposed, iso, milliseconds, row_ids

if TYPE_CHECKING:
    import pandas as pd

EXPOSURES = (
    "event_id", "flag_key", "context_key", "context_kind", "context_attributes", "variation_id", "variation_value", "reason_kind",
    "reason_detail", "experiment_iteration_id", "received_time", "environment_id",
)  # fmt: skip
OUTCOMES = ("kind", "creationDate", "key", "context", "data", "metricValue")
KIND = "user"


def documents(experiment: Experiment, media: Sequence[Shown], draft: bool = False) -> Mapping[str, str]:
    """flags.json for SDKs (their file source); metrics.json for the REST API; SQL over the warehouse export; heads of the
    tables."""
    return {
        named("launchdarkly/flags.json", draft): text(flags(experiment, draft)),
        "launchdarkly/metrics.json": text([_metric(experiment, metric) for metric in experiment.metrics]),
        "launchdarkly/exposures.sql": _back(experiment),
        "launchdarkly/evaluation_events.csv": head(EXPOSURES),
        "launchdarkly/custom_events.csv": head(OUTCOMES),
    }


def flags(experiment: Experiment, draft: bool = False) -> Mapping[str, Json]:
    """One flag whose value is the id of the arm to show, with a rule of the kind "experiment" a trial, and a flag a gate that it
    depends on. Who is outside gets the control, and `inExperiment` is not said of them. A draft's flags are off: everybody is
    outside."""
    ids = [arm.id for arm in experiment.arms]
    keys = [f"{experiment.id}-gate-{number}" for number, _ in enumerate(experiment.gates)]
    gates = {key: _gate(key, gate, draft) for key, gate in zip(keys, experiment.gates, strict=True)}
    needed: list[Json] = [{"key": key, "variation": IN} for key in gates]
    rules: list[Json] = [_rule(experiment, trial, ids) for trial in experiment.trials]
    trailer: Json = {**_flag(experiment.id, ids, draft), "prerequisites": needed, "rules": rules, "fallthrough": {"variation": 0}}
    return {"flags": {**gates, experiment.id: trailer}}


def exposures(experiment: Experiment, rows: "pd.DataFrame") -> "pd.DataFrame":
    """Rows of `evaluation_events`; `experiment_iteration_id` is our key of the trial: LaunchDarkly makes its own when one
    starts."""
    table = exposed(experiment, rows)
    return table.assign(
        event_id=row_ids(table),
        flag_key=experiment.id,
        context_key=table["user_id"],
        context_kind=KIND,
        context_attributes=attributes(table),
        variation_value=[json.dumps(arm, ensure_ascii=False) for arm in table["variation_id"]],
        reason_kind="RULE_MATCH",
        reason_detail='{"in_experiment": true}',
        experiment_iteration_id=table["experiment_id"],
        received_time=iso(table["timestamp"]),
        environment_id="",
    )[list(EXPOSURES)]


def outcomes(experiment: Experiment, rows: "pd.DataFrame") -> "pd.DataFrame":
    """Custom events, a row for everything that a metric counts; `creationDate` in milliseconds since 1970."""
    table = counted(rows, facts(experiment.metrics))
    return table.assign(
        kind="custom",
        creationDate=milliseconds(table["timestamp"]),
        key=table["event"],
        context=[json.dumps({"kind": KIND, "key": unit}, ensure_ascii=False) for unit in table["user_id"]],
        data="",
        metricValue=table["value"],
    )[list(OUTCOMES)]


def notes(experiment: Experiment, draft: bool = False) -> tuple[str, ...]:
    asked = f"variation_detail('{experiment.id}', context, '{experiment.control.id}')"
    file = named("launchdarkly/flags.json", draft)
    return (
        *held(experiment, draft, [file], "has its flags with `on: false`"),
        (
            f"SDKs: load `{file}` by the file data source and ask `{asked}` for a context of the kind "
            f"`{KIND}` with the attribute `segment`: its value is the arm to show, assigned as `assignments.csv` has it; "
            "only where its reason says `inExperiment` is the viewer in a trial."
        ),
        (
            "LaunchDarkly chooses salts and seeds itself for what is made in its pages: there the split is as asked, but "
            "who sees what differs from `assignments.csv`. Analysis reads what was logged and does not mind."
        ),
        (
            "`metrics.json`: each body to POST /api/v2/metrics/PROJECT. A metric knows its event by name only, so that "
            "`custom_events.csv` holds a row for everything that a metric counts (a play that was long enough is an event "
            "of its own); of a ratio, its page can show what is above the line, a unit."
        ),
        (
            "`exposures.sql` turns the warehouse's `evaluation_events` (`evaluation_events.csv` has their columns) into the "
            "exposures that `trailers analyse` reads."
        ),
    )


def _flag(key: str, variations: Sequence[Json], draft: bool) -> dict[str, Json]:
    return {
        "key": key,
        "version": 1,
        "on": not draft,
        "salt": key,
        "variations": variations,
        "offVariation": 0,
        "targets": [],
        "contextTargets": [],
        "prerequisites": [],
        "rules": [],
        "trackEvents": False,
        "trackEventsFallthrough": False,
        "clientSide": False,
        "deleted": False,
    }


def _gate(key: str, gate: Gate, draft: bool) -> Json:
    places = [_part(part, (0, 1)) for part in parts_of_gate(gate.start, gate.stop)]
    rollout: Json = {"kind": "rollout", "seed": seed(gate.salt), "contextKind": KIND, "variations": places}
    return {**_flag(key, [False, True], draft), "fallthrough": {"rollout": rollout}}


def _rule(experiment: Experiment, trial: Trial, ids: Sequence[str]) -> Json:
    numbers = [ids.index(arm) for arm, _ in trial.weights]
    places = [_part(part, numbers) for part in parts_of([weight for _, weight in trial.weights], experiment.coverage)]
    clause: Json = {"contextKind": KIND, "attribute": "segment", "op": "in", "values": [trial.segment], "negate": False}
    salt = seed(experiment.seed(trial.segment))
    rollout: Json = {"kind": "experiment", "seed": salt, "contextKind": KIND, "variations": places}
    return {"id": trial.segment, "clauses": [clause], "rollout": rollout, "trackEvents": True}


def _part(part: Part, numbers: Sequence[int]) -> Json:
    untracked = {"untracked": True} if part.untracked else {}
    return {"variation": numbers[part.variation], "weight": part.weight, **untracked}


def _metric(experiment: Experiment, metric: Metric) -> Json:
    """A body of POST /api/v2/metrics/PROJECT."""
    numeric: Mapping[str, Json] = {"unit": "", "eventDefault": {"disabled": False, "value": 0}}
    quantile: Mapping[str, Json] = {"analysisType": "percentile", "percentileValue": round(100 * metric.quantile)}
    return {
        "key": f"{experiment.id}-{metric.name}",
        "name": f"{experiment.season}: {metric.name}",
        "description": described(metric),
        "kind": "custom",
        "eventKey": counts(metric).name,
        "isNumeric": metric.kind != "share" and not metric.counts,
        "unitAggregationType": "average" if metric.kind == "share" else "sum",
        "successCriteria": "HigherThanBaseline" if metric.better == "more" else "LowerThanBaseline",
        "randomizationUnits": [KIND],
        **({} if metric.kind == "share" or metric.counts else numeric),
        **(quantile if metric.kind == "quantile" else {"analysisType": "mean"}),
    }


def _back(experiment: Experiment) -> str:
    return f"""-- The warehouse's evaluation_events as the exposures that `trailers analyse` reads (DuckDB's words).
SELECT received_time AS timestamp, context_key AS user_id,
  {quoted(experiment.id + "-")} || JSON_EXTRACT_STRING(context_attributes, '$.segment') AS experiment_id,
  JSON_EXTRACT_STRING(variation_value, '$') AS variation_id,
  JSON_EXTRACT_STRING(context_attributes, '$.segment') AS segment,
  JSON_EXTRACT_STRING(context_attributes, '$.device') AS device,
  JSON_EXTRACT_STRING(context_attributes, '$.country') AS country
FROM evaluation_events
WHERE flag_key = {quoted(experiment.id)} AND context_kind = {quoted(KIND)} AND experiment_iteration_id IS NOT NULL
"""
