"""What Optimizely loads: the datafile of its SDKs, the shape of its event batches, the columns of its events export."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

from trailers.experiment.design import THOUSAND, Experiment, Gate, Trial
from trailers.experiment.hashes.optimizely import BUCKETS, traffic
from trailers.experiment.platforms.facts import facts
from trailers.experiment.platforms.platform import Json, Shown, head, held, named, quoted, text
from trailers.experiment.platforms.rows import DIMENSIONS, counted, exposed, milliseconds, row_ids

if TYPE_CHECKING:
    import pandas as pd

EXPOSURES = (
    "uuid", "timestamp", "process_timestamp", "visitor_id", "session_id", "account_id", "campaign_id", "experiment_id",
    "variation_id", "attributes", "user_ip", "user_agent", "referer", "is_holdback", "revision", "client_engine",
    "client_version",
)  # fmt: skip
OUTCOMES = ("uuid", "timestamp", "visitor_id", "entity_id", "key", "value")
VARIABLE = "trailer"
ACTIVATED = "campaign_activated"
REVISION = "1"


def documents(experiment: Experiment, media: Sequence[Shown], draft: bool = False) -> Mapping[str, str]:
    """datafile.json for SDKs; the shape of an event batch; SQL over the decisions of the events export; heads of the tables."""
    return {
        named("optimizely/datafile.json", draft): text(datafile(experiment, draft)),
        "optimizely/event_batch.json": text(_batch(experiment)),
        "optimizely/exposures.sql": _back(experiment),
        "optimizely/decisions.csv": head(EXPOSURES),
        "optimizely/conversions.csv": head(OUTCOMES),
    }


def datafile(experiment: Experiment, draft: bool = False) -> Mapping[str, Json]:
    """A datafile of version 4: one flag, whose variable `trailer` is the id of the arm to show, with an experiment rule a trial.

    An experiment's id is its trial's salt, since ids are what Optimizely hashes with; gates are holdouts of all flags, so that
    who is held out gets the variable's default, the control, from the rule of the gate's name. A variation's key is the arm's id;
    its id is a number (`number`), as SDKs send no other. A draft's experiments and holdouts have the status "Draft", by which
    SDKs give everybody the variable's default and, as flags' decisions are not sent, send nothing.
    """
    status = "Draft" if draft else "Running"
    return {
        "version": "4",
        "projectId": experiment.id,
        "accountId": experiment.id,
        "revision": REVISION,
        "sdkKey": experiment.id,
        "environmentKey": "trailers",
        "anonymizeIP": True,
        "botFiltering": False,
        "sendFlagDecisions": not draft,
        "attributes": [{"id": name, "key": name} for name in DIMENSIONS],
        "audiences": [],
        "typedAudiences": [_audience(trial) for trial in experiment.trials],
        "events": [
            {"id": fact.name, "key": fact.name, "experimentIds": [experiment.seed(trial.segment) for trial in experiment.trials]}
            for fact in facts(experiment.metrics)
        ],
        "experiments": [_experiment(experiment, trial, status) for trial in experiment.trials],
        "groups": [],
        "featureFlags": [
            {
                "id": experiment.id,
                "key": experiment.id,
                "experimentIds": [experiment.seed(trial.segment) for trial in experiment.trials],
                "rolloutId": "",
                "variables": [{"id": VARIABLE, "key": VARIABLE, "type": "string", "defaultValue": experiment.control.id}],
            }
        ],
        "rollouts": [],
        "holdouts": [_holdout(gate, status) for gate in experiment.gates],
        "integrations": [],
        "variables": [],
    }


def exposures(experiment: Experiment, rows: "pd.DataFrame") -> "pd.DataFrame":
    """Rows of the export's `type=decisions`: times in milliseconds since 1970, `attributes` as a JSON list."""
    table = exposed(experiment, rows)
    times = milliseconds(table["timestamp"])
    seeds = {experiment.key(trial.segment): experiment.seed(trial.segment) for trial in experiment.trials}
    return table.assign(
        uuid=row_ids(table),
        timestamp=times,
        process_timestamp=times,
        visitor_id=table["user_id"],
        session_id="",
        account_id=experiment.id,
        campaign_id=table["experiment_id"],
        experiment_id=table["experiment_id"].map(seeds),
        variation_id=[number(seeds[key], arm) for key, arm in zip(table["experiment_id"], table["variation_id"], strict=True)],
        attributes=_attributes(table),
        user_ip="",
        user_agent="",
        referer="",
        is_holdback=False,
        revision=REVISION,
        client_engine="trailers",
        client_version="",
    )[list(EXPOSURES)]


def outcomes(experiment: Experiment, rows: "pd.DataFrame") -> "pd.DataFrame":
    """Conversions as an event batch names them, a row for everything that a metric counts; times in milliseconds since 1970."""
    table = counted(rows, facts(experiment.metrics))
    return table.assign(
        uuid=row_ids(table),
        timestamp=milliseconds(table["timestamp"]),
        visitor_id=table["user_id"],
        entity_id=table["event"],
        key=table["event"],
    )[list(OUTCOMES)]


def number(experiment: str, arm: str) -> str:
    """The id of a variation: a whole number, of 48 bits of what it is of. Optimizely's SDKs send null in place of other ids."""
    return str(int(sha256(f"{experiment}/{arm}".encode()).hexdigest()[:12], 16))


def notes(experiment: Experiment, draft: bool = False) -> tuple[str, ...]:
    file = named("optimizely/datafile.json", draft)
    return (
        *held(experiment, draft, [file], 'has its experiments with `status: "Draft"`'),
        (
            f"SDKs: give `{file}` as the datafile; `decide('{experiment.id}')` for a user with the "
            f"attribute `segment`; the variable `{VARIABLE}` is the arm to show. Assignments are those of `assignments.csv`; "
            "who is in a trial has its key as the decision's rule. The datafile is whole: do not mix its entities into "
            "another project's."
        ),
        (
            "Optimizely hashes with its own ids of experiments: flags that are made in its pages split as asked, but who "
            "sees what differs from `assignments.csv`. Serve from this datafile where that matters; analysis reads what was "
            "logged and does not mind."
        ),
        (
            "`decide` sends a decision event at once, also for viewers who then see nothing: pass DISABLE_DECISION_EVENT, "
            "and send `event_batch.json`'s shape (or call `decide` again without it) when the trailer is on screen."
        ),
        *(
            (("Gates (a namespace's slot, a holdout) are `holdouts`, which older SDKs do not know: they would let all in."),)
            if experiment.gates
            else ()
        ),
        (
            "`exposures.sql` turns the decisions of the events export (`decisions.csv` has their columns) into the exposures "
            "that `trailers analyse` reads: a variation's key is its arm's id, but exports name it by a number. "
            "`conversions.csv` has the columns of outcomes as `track` sends them, an event for everything that a metric counts."
        ),
    )


def _audience(trial: Trial) -> Json:
    leaf: Json = {"type": "custom_attribute", "name": "segment", "match": "exact", "value": trial.segment}
    return {"id": f"segment {trial.segment}", "name": trial.name, "conditions": ["and", ["or", ["or", leaf]]]}


def _experiment(experiment: Experiment, trial: Trial, status: str) -> Json:
    id = experiment.seed(trial.segment)
    allocation: list[Json] = []
    weights = [weight for _, weight in trial.weights]
    ends = [*(start for start, _ in traffic(weights, experiment.coverage)[1:]), BUCKETS]
    for (arm, _), (_, stop), end in zip(trial.weights, traffic(weights, experiment.coverage), ends, strict=True):
        allocation.append({"entityId": number(id, arm), "endOfRange": stop})
        if stop < end:
            allocation.append({"entityId": "", "endOfRange": end})
    shown: list[Json] = [
        {"id": number(id, arm), "key": arm, "featureEnabled": True, "variables": [{"id": VARIABLE, "value": arm}]}
        for arm, _ in trial.weights
    ]
    return {
        "id": id,
        "key": experiment.key(trial.segment),
        "status": status,
        "layerId": experiment.key(trial.segment),
        "audienceIds": [f"segment {trial.segment}"],
        "audienceConditions": ["or", f"segment {trial.segment}"],
        "forcedVariations": {},
        "variations": shown,
        "trafficAllocation": allocation,
    }


def _holdout(gate: Gate, status: str) -> Json:
    each = BUCKETS // THOUSAND
    out = number(gate.salt, "out")
    asked = ((out, gate.start), ("", gate.stop), (out, THOUSAND))
    ends = [
        (entity, stop * each) for number, (entity, stop) in enumerate(asked) if stop > (asked[number - 1][1] if number else 0)
    ]
    return {
        "id": gate.salt,
        "key": gate.salt,
        "status": status,
        "audienceIds": [],
        "variations": [{"id": out, "key": "out", "featureEnabled": False, "variables": []}],
        "trafficAllocation": [{"entityId": entity, "endOfRange": end} for entity, end in ends],
    }


def _batch(experiment: Experiment) -> Json:
    """The body of an event batch: for each trial a viewer who saw its own trailer, and what may happen then."""
    visitors: list[Json] = []
    for trial in experiment.trials:
        arm = trial.weights[-1][0]
        decision: Json = {
            "campaign_id": experiment.key(trial.segment),
            "experiment_id": experiment.seed(trial.segment),
            "variation_id": number(experiment.seed(trial.segment), arm),
            "metadata": {
                "flag_key": experiment.id,
                "rule_key": experiment.key(trial.segment),
                "rule_type": "feature-test",
                "variation_key": arm,
                "enabled": True,
            },
        }
        seen: Json = {
            "entity_id": experiment.key(trial.segment),
            "key": ACTIVATED,
            "timestamp": "{milliseconds}",
            "uuid": "{uuid}",
        }
        done: list[Json] = [
            {
                "entity_id": fact.name,
                "key": fact.name,
                "timestamp": "{milliseconds}",
                "uuid": "{uuid}",
                "value": "{value}",
                "tags": {},
            }
            for fact in facts(experiment.metrics)
        ]
        attributes: list[Json] = [{"entity_id": "segment", "key": "segment", "type": "custom", "value": trial.segment}]
        snapshots: list[Json] = [{"decisions": [decision], "events": [seen]}, {"events": done}]
        visitors.append({"visitor_id": "{user_id}", "attributes": attributes, "snapshots": snapshots})
    return {
        "account_id": experiment.id,
        "project_id": experiment.id,
        "revision": REVISION,
        "client_name": "trailers",
        "client_version": "1",
        "anonymize_ip": True,
        "enrich_decisions": True,
        "visitors": visitors,
    }


def _back(experiment: Experiment) -> str:
    rows = ",\n  ".join(
        "(" + ", ".join(map(quoted, (seed, number(seed, arm), experiment.key(trial.segment), arm, trial.segment))) + ")"
        for trial in experiment.trials
        for seed in (experiment.seed(trial.segment),)
        for arm, _ in trial.weights
    )
    return f"""-- Decisions of the events export as the exposures that `trailers analyse` reads (DuckDB's words).
WITH arms(experiment, variation, experiment_id, variation_id, segment) AS (VALUES
  {rows or "('', '', '', '', '')"})
SELECT to_timestamp(decisions.timestamp / 1000.0) AS timestamp, visitor_id AS user_id, arms.experiment_id, arms.variation_id,
  arms.segment
FROM decisions JOIN arms ON decisions.experiment_id = arms.experiment AND decisions.variation_id = arms.variation
WHERE NOT is_holdback
"""


def _attributes(table: "pd.DataFrame") -> list[str]:
    names = [name for name in DIMENSIONS if name in table]
    return [
        json.dumps(
            [{"id": name, "name": name, "type": "custom", "value": str(value)} for name, value in zip(names, row, strict=True)],
            ensure_ascii=False,
        )
        for row in table[names].itertuples(index=False)
    ]
