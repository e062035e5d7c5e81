"""What Statsig loads: the specs of its SDKs, bodies of its console's API, sources of its warehouse, shapes of its events."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from trailers.experiment.design import Experiment, Trial
from trailers.experiment.metric import Metric
from trailers.experiment.platforms.facts import against, counts, described, facts
from trailers.experiment.platforms.platform import Json, Shown, head, held, named, text
from trailers.experiment.platforms.rows import DIMENSIONS, counted, exposed, iso, milliseconds
from trailers.experiment.platforms.statsig_specs import UNIT, specs, specs_of_old

if TYPE_CHECKING:
    import pandas as pd

EXPOSURES = ("timestamp", "user_id", "experiment_name", "group_name", *DIMENSIONS)
OUTCOMES = ("timestamp", "event_name", "user_id", "event_value")
SOURCE = f"""-- An assignment source. Map: timestamp, {UNIT} = user_id, experiment = experiment_name, group = group_name.
SELECT {", ".join(EXPOSURES)} FROM exposures
"""
MEANT = "What specs.json holds once all of it is approved; no SDK takes this file for specs."
BACK = f"""-- Those exposures as `trailers analyse` reads them.
SELECT timestamp, user_id, experiment_name AS experiment_id, group_name AS variation_id, {", ".join(DIMENSIONS)} FROM exposures
"""


def documents(experiment: Experiment, media: Sequence[Shown], draft: bool = False) -> Mapping[str, str]:
    """specs.json and specs_of_old.json for SDKs; bodies for the console's API; SQL of the assignment source; shapes of events;
    heads of the tables. What a draft's specs are meant to be lies in a file that no SDK takes for specs."""
    meant = {"statsig/rules.DRAFT.json": text({"draft": MEANT, "specs": specs(experiment)})} if draft else {}
    return {
        named("statsig/specs.json", draft): text(specs(experiment, draft)),
        named("statsig/specs_of_old.json", draft): text(specs_of_old(experiment, draft)),
        **meant,
        named("statsig/gates.json", draft): text([_segment_gate(experiment, trial, draft) for trial in experiment.trials]),
        "statsig/experiments.json": text([_experiment(experiment, trial) for trial in experiment.trials]),
        "statsig/metric_sources.json": text(_sources(experiment)),
        "statsig/metrics.json": text([_metric(experiment, metric) for metric in experiment.metrics]),
        "statsig/assignment_source.sql": SOURCE,
        "statsig/exposures.sql": BACK,
        "statsig/log_custom_exposure.json": text(_custom_exposures(experiment)),
        "statsig/log_event.json": text(_events(experiment)),
        "statsig/exposures.csv": head(EXPOSURES),
        "statsig/events.csv": head(OUTCOMES),
    }


def exposures(experiment: Experiment, rows: "pd.DataFrame") -> "pd.DataFrame":
    table = exposed(experiment, rows).rename(columns={"experiment_id": "experiment_name", "variation_id": "group_name"})
    return table.assign(timestamp=iso(table["timestamp"])).reindex(columns=list(EXPOSURES))


def outcomes(experiment: Experiment, rows: "pd.DataFrame") -> "pd.DataFrame":
    """Events of Statsig's cloud: `timestamp` in seconds since 1970, a row for everything that a metric counts."""
    table = counted(rows, facts(experiment.metrics)).rename(columns={"event": "event_name", "value": "event_value"})
    return table.assign(timestamp=[time // 1000 for time in milliseconds(table["timestamp"])])[list(OUTCOMES)]


def notes(experiment: Experiment, draft: bool = False) -> tuple[str, ...]:
    new, old, gates = (named(f"statsig/{file}.json", draft) for file in ("specs", "specs_of_old", "gates"))
    off = "have experiments that are not enabled and without rules (those meant are in `statsig/rules.DRAFT.json`)"
    return (
        *held(experiment, draft, [new, old], off),
        (
            f"SDKs of a server: give `{new}` as what they would download (by a data store or a specs address of your "
            f"own; older ones, such as Python's `statsig`, take `{old}` as `bootstrap_values`). The user is "
            f"`{UNIT}` with `custom: {{segment}}`; ask `get_layer(user, '{experiment.id}')` for `trailer`: the answer is the arm "
            "to show, assigned as `assignments.csv` has it. Exposures under the rule `default` are of viewers outside."
        ),
        (
            f"Statsig gives experiments that are made in its console or through its API (`{gates}`, then "
            "`experiments.json`) salts of its own: the split is as asked, but who sees what differs from `assignments.csv`. "
            f"Serve from `{new}` where that matters, and log with `log_custom_exposure.json`'s shape. Its analysis and "
            "ours read what was logged and do not mind."
        ),
        *(
            ((f"Gates (a namespace's slot, a holdout) stand in `{new}` only; in the console they are a layer and a holdout."),)
            if experiment.gates
            else ()
        ),
        (
            "Warehouse: `metric_sources.json`, then `metrics.json`; `assignment_source.sql` reads a table `exposures` with "
            "the columns of `exposures.csv`, the metric sources a table `outcomes` of `timestamp`, `user_id`, `event`, `value`. "
            "`exposures.sql` turns those exposures into the ones that `trailers analyse` reads."
        ),
        (
            "Cloud: send events in `log_event.json`'s shape, or ingest a table with the columns of `events.csv` (seconds since "
            "1970); an event's name says what a metric counts (a play that was long enough is an event of its own)."
        ),
        "Winsorised and adjusted as `metrics.json` says; Statsig uses the first exposure of a unit.",
    )


def _segment_gate(experiment: Experiment, trial: Trial, draft: bool) -> Json:
    """A body of POST /console/v1/gates: whom a trial's experiment is for."""
    condition: Json = {"type": "custom_field", "field": "segment", "operator": "any", "targetValue": [trial.segment]}
    rule: Json = {"name": trial.segment, "passPercentage": 100, "conditions": [condition]}
    return {
        "name": _targeting(experiment, trial),
        "description": trial.name,
        "isEnabled": not draft,
        "idType": UNIT,
        "rules": [rule],
    }


def _experiment(experiment: Experiment, trial: Trial) -> Json:
    """A body of POST /console/v1/experiments."""
    primary = experiment.primary
    others = [each for each in experiment.metrics if each.role != "primary"]
    return {
        "name": experiment.key(trial.segment),
        "description": f"{experiment.season}: a trailer for {trial.name}",
        "hypothesis": f"More of them {primary.words or primary.name} after a trailer made for them.",
        "idType": UNIT,
        "targetingGateID": _targeting(experiment, trial),
        "allocation": experiment.coverage / 10,
        "duration": 7 * experiment.weeks,
        "defaultConfidenceInterval": f"{100 * experiment.level:g}",
        "primaryMetrics": [{"name": _name(experiment, primary.name), "type": "user_warehouse"}],
        "secondaryMetrics": [{"name": _name(experiment, each.name), "type": "user_warehouse"} for each in others],
        "groups": [{"name": arm, "size": weight / 10, "parameterValues": {"trailer": arm}} for arm, weight in trial.weights],
    }


def _sources(experiment: Experiment) -> list[Json]:
    """Bodies of POST /console/v1/metrics/metric_source: one for everything that a metric counts."""
    return [
        {
            "name": _name(experiment, fact.name),
            "description": f"Outcomes of {fact.event}",
            "sourceType": "query",
            "sql": fact.sql,
            "timestampColumn": "timestamp",
            "idTypeMapping": [{"statsigUnitID": UNIT, "column": "user_id"}],
        }
        for fact in facts(experiment.metrics)
    ]


def _metric(experiment: Experiment, metric: Metric) -> Json:
    """A body of POST /console/v1/metrics."""
    fact, below = counts(metric), against(metric)
    days = metric.before / 24 if isinstance(metric.before, float | int) else 0
    summed = "count" if metric.counts else "sum"
    kinds = {"share": "daily_participation", "mean": summed, "ratio": "ratio", "quantile": "percentile"}
    native: dict[str, Json] = {
        "aggregation": kinds[metric.kind],
        "metricSourceName": _name(experiment, fact.name),
        "criteria": [],
        **({"rollupTimeWindow": "max"} if metric.kind == "share" else {"valueColumn": "value"}),
        **({"winsorizationHigh": metric.cap} if metric.cap is not None else {}),
        **({"cupedAttributionWindow": days} if days > 0 else {}),
        **({"percentile": 100 * metric.quantile} if metric.kind == "quantile" else {}),
    }
    if metric.within is not None:
        native |= {"rollupTimeWindow": "custom", "customRollUpStart": 0, "customRollUpEnd": metric.within / 24}
    if below:
        native |= {
            "numeratorAggregation": summed,
            "denominatorAggregation": summed,
            "denominatorMetricSourceName": _name(experiment, below.name),
            "denominatorValueColumn": "value",
            "denominatorCriteria": [],
        }
    return {
        "name": _name(experiment, metric.name),
        "description": described(metric),
        "type": "user_warehouse",
        "directionality": "increase" if metric.better == "more" else "decrease",
        "unitTypes": [UNIT],
        "warehouseNative": native,
    }


def _custom_exposures(experiment: Experiment) -> Json:
    """The shape of POST /v1/log_custom_exposure, one of each group; answered with 202."""
    return {
        "exposures": [
            {
                "user": {UNIT: "{user_id}", "custom": {"segment": trial.segment}},
                "experimentName": experiment.key(trial.segment),
                "group": arm,
                "ruleID": arm,
            }
            for trial in experiment.trials
            for arm, _ in trial.weights
        ]
    }


def _events(experiment: Experiment) -> Json:
    """The shape of POST /v1/log_event, one of each event; `time` in milliseconds since 1970."""
    return {
        "events": [
            {"eventName": fact.name, "value": "{value}", "time": "{milliseconds}", "user": {UNIT: "{user_id}"}, "metadata": {}}
            for fact in facts(experiment.metrics)
        ]
    }


def _targeting(experiment: Experiment, trial: Trial) -> str:
    return f"{experiment.key(trial.segment)}-viewers"


def _name(experiment: Experiment, name: str) -> str:
    return f"{experiment.id} {name}"
