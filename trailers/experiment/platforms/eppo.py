"""What Eppo loads: the universal flag configuration of its SDKs, assignment and fact SQL, metrics for its metric sync."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from trailers.experiment.design import THOUSAND, Experiment, Trial
from trailers.experiment.hashes.eppo import EACH, SHARDS, salt_of_coverage
from trailers.experiment.metric import Metric
from trailers.experiment.platforms.facts import against, counts, described, facts
from trailers.experiment.platforms.platform import Json, Shown, head, held, named, text
from trailers.experiment.platforms.rows import attributes, exposed, happened, iso

if TYPE_CHECKING:
    import pandas as pd

EXPOSURES = ("experiment", "subject", "variation", "timestamp", "subject_attributes")
OUTCOMES = ("timestamp", "user_id", "event", "value")
ASSIGNMENTS = """-- An assignment SQL definition over the table that Eppo's assignment logger fills, or exposures.csv as it is.
-- Map: experiment subject = subject, timestamp = timestamp, experiment key = experiment, variant = variation.
SELECT experiment, subject, variation, timestamp, subject_attributes FROM assignments
"""
BACK = """-- The assignment log as the exposures that `trailers analyse` reads (DuckDB's words).
SELECT timestamp, subject AS user_id, experiment AS experiment_id, variation AS variation_id,
  JSON_EXTRACT_STRING(subject_attributes, '$.segment') AS segment,
  JSON_EXTRACT_STRING(subject_attributes, '$.device') AS device,
  JSON_EXTRACT_STRING(subject_attributes, '$.country') AS country
FROM assignments
"""
ENTITY = "User"
PUBLISHED = "1970-01-01T00:00:00.000Z"
"""Of the configuration: a package says the same on whichever day it is made."""


def documents(experiment: Experiment, media: Sequence[Shown], draft: bool = False) -> Mapping[str, str]:
    """flags.json for SDKs (universal flag configuration); SQL for assignments and facts; metrics for eppo-metrics-sync (JSON is
    YAML); heads of the tables."""
    sources = facts(experiment.metrics)
    return {
        named("eppo/flags.json", draft): text(flags(experiment, draft)),
        "eppo/assignments.sql": ASSIGNMENTS,
        "eppo/exposures.sql": BACK,
        "eppo/facts.sql": "".join(f"-- {fact.name}\n{fact.sql};\n" for fact in sources),
        "eppo/metrics.yaml": text(metrics(experiment)),
        "eppo/exposures.csv": head(EXPOSURES),
        "eppo/outcomes.csv": head(OUTCOMES),
    }


def flags(experiment: Experiment, draft: bool = False) -> Mapping[str, Json]:
    """One flag whose value is the id of the arm to show, with an allocation a trial: an experiment is known to Eppo as flag +
    "-" + allocation, which is our key of the trial. Who is outside falls to the control, and is not logged. A draft's flag is
    not enabled: an SDK answers what the app gave it as the default."""
    outside: Json = {
        "key": "outside",
        "rules": [],
        "splits": [{"variationKey": experiment.control.id, "shards": []}],
        "doLog": False,
    }
    flag: Json = {
        "key": experiment.id,
        "enabled": not draft,
        "variationType": "STRING",
        "variations": {arm.id: {"key": arm.id, "value": arm.id} for arm in experiment.arms},
        "totalShards": SHARDS,
        "allocations": [*(_allocation(experiment, trial) for trial in experiment.trials), outside],
    }
    return {
        "createdAt": PUBLISHED,
        "format": "SERVER",
        "environment": {"name": "trailers"},
        "flags": {experiment.id: flag},
    }


def metrics(experiment: Experiment) -> Mapping[str, Json]:
    """Fact sources and metrics as eppo-metrics-sync reads them; the entity is called User, Eppo's first."""
    sources: list[Json] = [
        {
            "name": _source(experiment, fact.name),
            "sql": fact.sql,
            "timestamp_column": "timestamp",
            "entities": [{"entity_name": ENTITY, "column": "user_id"}],
            "facts": [{"name": _source(experiment, fact.name)}, {"name": _value(experiment, fact.name), "column": "value"}],
        }
        for fact in facts(experiment.metrics)
    ]
    return {"fact_sources": sources, "metrics": [_metric(experiment, metric) for metric in experiment.metrics]}


def exposures(experiment: Experiment, rows: "pd.DataFrame") -> "pd.DataFrame":
    import pandas as pd

    table = exposed(experiment, rows)
    columns = (table["experiment_id"], table["user_id"], table["variation_id"], iso(table["timestamp"]), attributes(table))
    return pd.DataFrame(dict(zip(EXPOSURES, columns, strict=True)))


def outcomes(experiment: Experiment, rows: "pd.DataFrame") -> "pd.DataFrame":
    """As facts.sql and metrics.yaml read them."""
    table = happened(rows)
    return table.assign(timestamp=iso(table["timestamp"]))[list(OUTCOMES)]


def notes(experiment: Experiment, draft: bool = False) -> tuple[str, ...]:
    asked = f"get_string_assignment('{experiment.id}', unit, {{'segment': segment}}, '{experiment.control.id}')"
    file = named("eppo/flags.json", draft)
    return (
        *held(
            experiment, draft, [file], "has the flag with `enabled: false`, so that SDKs answer the default that they are given"
        ),
        (
            f"SDKs of a server: give `{file}` as the initial configuration and ask `{asked}`: the answer is the arm to "
            "show. Assignments are those of `assignments.csv`, and the assignment logger is told of those only who are in a "
            "trial, under the trial's key, by which an experiment analysis of Eppo's finds them."
        ),
        (
            "A flag that is made in Eppo's own pages gets salts of Eppo's: who sees what then differs from "
            "`assignments.csv`; the analysis reads what was logged and does not mind."
        ),
        (
            "Paste `assignments.sql` as an assignment SQL definition, over Eppo's assignment log or a table with the columns of "
            "`exposures.csv`. `python -m eppo_metrics_sync eppo` reads `metrics.yaml` (the entity is called "
            f"{ENTITY}), which reads a table `outcomes` with the columns of `outcomes.csv`; `facts.sql` has the same facts to "
            "paste by hand. A unit that was seen with two variants is left out by Eppo."
        ),
        "`exposures.sql` turns Eppo's assignment log into the exposures that `trailers analyse` reads.",
    )


def _allocation(experiment: Experiment, trial: Trial) -> Mapping[str, Json]:
    seed = experiment.seed(trial.segment)
    gates: list[Json] = [_shard(gate.salt, gate.start * EACH, gate.stop * EACH) for gate in experiment.gates]
    if experiment.coverage < THOUSAND:
        gates.append(_shard(salt_of_coverage(seed), 0, experiment.coverage * EACH))
    splits: list[Json] = []
    at = 0
    for arm, weight in trial.weights:
        splits.append({"variationKey": arm, "shards": [_shard(seed, at * EACH, (at + weight) * EACH), *gates]})
        at += weight
    asked: Json = {"conditions": [{"attribute": "segment", "operator": "ONE_OF", "value": [trial.segment]}]}
    return {"key": trial.segment, "rules": [asked], "splits": splits, "doLog": True}


def _shard(salt: str, start: int, end: int) -> Mapping[str, Json]:
    return {"salt": salt, "ranges": [{"start": start, "end": end}]}


def _metric(experiment: Experiment, metric: Metric) -> Mapping[str, Json]:
    fact, below = counts(metric), against(metric)
    whole: dict[str, Json] = {
        "name": f"{experiment.season}: {metric.name}",
        "description": described(metric),
        "entity": ENTITY,
        "is_guardrail": metric.role == "guard",
        "desired_change": "increase" if metric.better == "more" else "decrease",
        "metric_display_style": "percent" if metric.kind == "share" else "decimal",
        **({"minimum_detectable_effect": experiment.worth} if metric.role == "primary" else {}),
        **({"guardrail_cutoff": -metric.harm if metric.better == "more" else metric.harm} if metric.role == "guard" else {}),
    }
    if metric.kind == "quantile":
        asked: Json = {"fact_name": _value(experiment, fact.name), "percentile_value": metric.quantile}
        return {**whole, "type": "percentile", "percentile": asked}
    held: Mapping[str, Json] = {} if metric.cap is None else {"winsorization_upper_percentile": metric.cap}
    within: Mapping[str, Json] = (
        {}
        if metric.within is None
        else {"aggregation_timeframe_start_value": 0, "aggregation_timeframe_end_value": metric.within}
        | {"aggregation_timeframe_unit": "hours"}
    )
    if metric.kind == "share":
        return {
            **whole,
            "type": "simple",
            "numerator": {"fact_name": _source(experiment, fact.name), "operation": "distinct_entity", **within},
        }
    named = _source if metric.counts else _value  # a fact without a column counts each row as 1
    top: Json = {"fact_name": named(experiment, fact.name), "operation": "sum", **within, **held}
    if below is None:
        return {**whole, "type": "simple", "numerator": top}
    bottom: Json = {"fact_name": named(experiment, below.name), "operation": "sum", **within, **held}
    return {**whole, "type": "ratio", "numerator": top, "denominator": bottom}


def _source(experiment: Experiment, name: str) -> str:
    return f"{experiment.season}: {name}"


def _value(experiment: Experiment, name: str) -> str:
    return f"{experiment.season}: value of {name}"
