"""What GrowthBook loads: the SDK's feature payload, bodies of its REST API, the assignment query (OpenAPI 4.4.0)."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from trailers.experiment.design import THOUSAND, Experiment, Trial
from trailers.experiment.metric import Metric
from trailers.experiment.platforms.facts import Fact, against, counts, described
from trailers.experiment.platforms.platform import Json, Shown, head, held, named, posters, text
from trailers.experiment.platforms.rows import DIMENSIONS, exposed, happened, iso

if TYPE_CHECKING:
    import pandas as pd

EXPOSURES = ("user_id", "timestamp", "experiment_id", "variation_id", *DIMENSIONS)
OUTCOMES = ("timestamp", "user_id", "event", "value")
QUERY = f"""-- An experiment assignment query for the identifier type user_id; the other columns are dimensions.
SELECT {", ".join(EXPOSURES)} FROM exposures
"""
MEANT = "What features.json holds as rules once all of it is approved; no SDK loads this file."
FACTS = "SELECT timestamp, user_id, event, COALESCE(value, 1) AS value FROM outcomes"


def documents(experiment: Experiment, media: Sequence[Shown], draft: bool = False) -> Mapping[str, str]:
    """features.json for SDKs; experiments.json, facts.json and feature.json for its REST API; the query; heads of the tables. A
    draft's features have no rules, as no SDK reads a switch of one: those that are meant lie in a file of their own."""
    meant = {"growthbook/rules.DRAFT.json": text({"draft": MEANT, "rules": _rules(experiment)})} if draft else {}
    return {
        named("growthbook/features.json", draft): text(payload(experiment, draft)),
        **meant,
        "growthbook/experiments.json": text([_experiment(experiment, trial, media) for trial in experiment.trials]),
        "growthbook/facts.json": text(bulk(experiment)),
        named("growthbook/feature.json", draft): text(_feature(experiment, draft)),
        "growthbook/assignment_query.sql": QUERY,
        "growthbook/exposures.csv": head(EXPOSURES),
        "growthbook/outcomes.csv": head(OUTCOMES),
    }


def payload(experiment: Experiment, draft: bool = False) -> Mapping[str, Json]:
    """What GET /api/features answers, for any SDK: one feature whose value is the id of the arm to show.

    The SDK is given the attributes `id` (the unit) and `segment`; its hash is ours, so it assigns as assignments.csv does.
    """
    rules = [] if draft else _rules(experiment)
    return {"status": 200, "features": {experiment.id: {"defaultValue": experiment.control.id, "rules": rules}}}


def _rules(experiment: Experiment) -> list[Json]:
    """A rule a trial, as the payload holds them."""
    names = {arm.id: arm.name for arm in experiment.arms}
    filters: list[Json] = [
        {"attribute": "id", "seed": gate.salt, "hashVersion": 2, "ranges": [[gate.start / THOUSAND, gate.stop / THOUSAND]]}
        for gate in experiment.gates
    ]
    return [
        {
            "id": f"r{number}",
            "key": experiment.key(trial.segment),
            "seed": experiment.seed(trial.segment),
            "hashAttribute": "id",
            "hashVersion": 2,
            "coverage": experiment.coverage / THOUSAND,
            "condition": {"segment": trial.segment},
            **({"filters": filters} if filters else {}),
            "variations": [arm for arm, _ in trial.weights],
            "weights": [weight / THOUSAND for _, weight in trial.weights],
            "meta": [{"key": arm, "name": names[arm]} for arm, _ in trial.weights],
            "name": trial.name,
            "phase": "0",
        }
        for number, trial in enumerate(experiment.trials)
    ]


def bulk(experiment: Experiment) -> Mapping[str, Json]:
    """The body of POST /v1/bulk-import/facts: the outcomes as a fact table, and a fact metric for each metric."""
    table: Json = {
        "name": f"{experiment.season}: outcomes",
        "description": "What viewers did, one row each: data/README.md of trailers has the contract.",
        "datasource": "{datasource}",
        "userIdTypes": ["user_id"],
        "sql": FACTS,
        "managedBy": "",
    }
    metrics: list[Json] = [{"id": _id(experiment, each), "data": _metric(experiment, each)} for each in experiment.metrics]
    return {"factTables": [{"id": _table(experiment), "data": table}], "factMetrics": metrics}


def exposures(experiment: Experiment, rows: "pd.DataFrame") -> "pd.DataFrame":
    table = exposed(experiment, rows)
    return table.assign(timestamp=iso(table["timestamp"])).reindex(columns=list(EXPOSURES))


def outcomes(experiment: Experiment, rows: "pd.DataFrame") -> "pd.DataFrame":
    table = happened(rows)
    return table.assign(timestamp=iso(table["timestamp"]))[list(OUTCOMES)]


def notes(experiment: Experiment, draft: bool = False) -> tuple[str, ...]:
    gates = (
        (
            "Gates (a namespace's slot, a holdout) stand in the rules for SDKs as `filters`, which hash by version 2. "
            "The bodies for REST hold none: give those experiments a namespace or a holdout in GrowthBook's own pages, which "
            "hashes otherwise: who takes part then differs from `assignments.csv`. Analysis does not mind."
        ),
    )
    asked = f"getFeatureValue('{experiment.id}', '{experiment.control.id}')"
    file, feature = named("growthbook/features.json", draft), named("feature.json", draft)
    off = "has a feature without rules (those meant are in `growthbook/rules.DRAFT.json`)"
    return (
        *held(experiment, draft, [file], off),
        (
            f"SDKs: load `{file}`, or serve it as your API host would; set the attributes `id` and "
            f"`segment`; ask `{asked}`: the answer is the arm to show, assigned as `assignments.csv` has it."
        ),
        (
            "REST: replace `{datasource}` and `{start}` in the bodies, then POST `facts.json` to /v1/bulk-import/facts, "
            "each body of `experiments.json` to /v1/experiments, and, with the ids that were answered, "
            f"`{feature}` to /v2/features{', where its rules are not enabled' if draft else ''}."
        ),
        (
            "Paste `assignment_query.sql` as the data source's assignment query for `user_id`: it reads a table `exposures` with "
            "the columns of `exposures.csv`; the fact table of `facts.json` reads `outcomes`, with those of `outcomes.csv`."
        ),
        *(gates if experiment.gates else ()),
    )


def _experiment(experiment: Experiment, trial: Trial, media: Sequence[Shown]) -> Mapping[str, Json]:
    """A body of POST /v1/experiments; the data source's id and the day it starts are the loader's to put in."""
    names = {arm.id: arm.name for arm in experiment.arms}
    roles = {
        role: [_id(experiment, each) for each in experiment.metrics if each.role == role]
        for role in ("primary", "second", "guard")
    }
    shown: list[Json] = [
        {"id": arm, "key": arm, "name": names[arm], "screenshots": [{"path": "{base}/" + each} for each in posters(media, arm)]}
        for arm, _ in trial.weights
    ]
    return {
        "trackingKey": experiment.key(trial.segment),
        "name": f"{experiment.season}: a trailer for {trial.name}",
        "hypothesis": f"More of them {experiment.primary.words or experiment.primary.name} after a trailer made for them.",
        "datasourceId": "{datasource}",
        "assignmentQueryId": "user_id",
        "hashAttribute": "id",
        "hashVersion": 2,
        "status": "draft",
        "attributionModel": "firstExposure",
        "statsEngine": "frequentist",
        "sequentialTestingEnabled": True,
        "regressionAdjustmentEnabled": any(each.before for each in experiment.metrics),
        "metrics": roles["primary"],
        "secondaryMetrics": roles["second"],
        "guardrailMetrics": roles["guard"],
        "variations": shown,
        "phases": [
            {
                "name": "Main",
                "dateStarted": "{start}",
                "coverage": experiment.coverage / THOUSAND,
                "variationWeights": [weight / THOUSAND for _, weight in trial.weights],
                "seed": experiment.seed(trial.segment),
                "condition": json.dumps({"segment": trial.segment}, ensure_ascii=False),
            }
        ],
    }


def _feature(experiment: Experiment, draft: bool) -> Mapping[str, Json]:
    """The body of POST /v2/features, which refers to the experiments by the ids that GrowthBook gave them."""
    rules: list[Json] = [
        {
            "type": "experiment-ref",
            "experimentId": "{id of " + experiment.key(trial.segment) + "}",
            "condition": json.dumps({"segment": trial.segment}, ensure_ascii=False),
            "variations": [{"variationId": arm, "value": arm} for arm, _ in trial.weights],
            "allEnvironments": True,
            "enabled": not draft,
        }
        for trial in experiment.trials
    ]
    return {"id": experiment.id, "valueType": "string", "defaultValue": experiment.control.id, "rules": rules}


def _metric(experiment: Experiment, metric: Metric) -> Mapping[str, Json]:
    days = metric.before / 24 if isinstance(metric.before, float | int) else 0
    kinds = {"share": "proportion", "mean": "mean", "ratio": "ratio", "quantile": "quantile"}
    fact, below = counts(metric), against(metric)
    table = _table(experiment)
    value: Mapping[str, Json] = {"column": "$$count"} if metric.counts else {"column": "value", "aggregation": "sum"}
    value = {} if metric.kind == "share" else value
    return {
        "name": f"{experiment.season}: {metric.name}",
        "description": described(metric),
        "metricType": kinds[metric.kind],
        "numerator": {"factTableId": table, **value, "rowFilters": _filters(fact)},
        **({"denominator": {"factTableId": table, **value, "rowFilters": _filters(below)}} if below else {}),
        **(
            {"quantileSettings": {"type": "unit", "quantile": metric.quantile, "ignoreZeros": False}}
            if metric.kind == "quantile"
            else {}
        ),
        "inverse": metric.better == "less",
        "cappingSettings": {"type": "none"} if metric.cap is None else {"type": "percentile", "value": metric.cap},
        "windowSettings": {"type": "none"}
        if metric.within is None
        else {"type": "conversion", "windowValue": metric.within, "windowUnit": "hours"},
        "regressionAdjustmentSettings": {"override": True, "enabled": days > 0, **({"days": days} if days > 0 else {})},
        **({"targetLift": experiment.worth} if metric.role == "primary" else {}),
        "managedBy": "",
    }


def _filters(fact: Fact) -> list[Json]:
    operator, _, least = fact.least.partition(" ")
    enough: list[Json] = [{"column": "value", "operator": operator, "values": [least]}] if least else []
    return [{"column": "event", "operator": "=", "values": [fact.event]}, *enough]


def _table(experiment: Experiment) -> str:
    return f"{experiment.id}-outcomes"


def _id(experiment: Experiment, metric: Metric) -> str:
    """Ids of fact metrics begin with fact__: the API puts that before others."""
    return f"fact__{experiment.id}_{metric.name}"
