"""What Unleash loads: the features that its SDKs read, the columns of its impression events (Unleash/client-specification)."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from trailers.experiment.design import Experiment, Gate, Trial
from trailers.experiment.hashes.unleash import percent
from trailers.experiment.platforms.platform import Json, Shown, head, held, named, quoted, text
from trailers.experiment.platforms.rows import DIMENSIONS, exposed, happened, iso, row_ids

if TYPE_CHECKING:
    import pandas as pd

EXPOSURES = ("eventType", "eventId", "featureName", "enabled", "variant", "context")
OUTCOMES = ("timestamp", "user_id", "event", "value")
STICKY = "userId"


def documents(experiment: Experiment, media: Sequence[Shown], draft: bool = False) -> Mapping[str, str]:
    """features.json, as GET /api/client/features answers; SQL over impression events; heads of the tables. A RequestError where a
    share is no whole percent, which is all that a rollout of Unleash's can say."""
    return {
        named("unleash/features.json", draft): text(features(experiment, draft)),
        "unleash/exposures.sql": _back(experiment),
        "unleash/impressions.csv": head(EXPOSURES),
        "unleash/outcomes.csv": head(OUTCOMES),
    }


def features(experiment: Experiment, draft: bool = False) -> Mapping[str, Json]:
    """One feature whose variant is the arm to show, with a strategy a trial, and parent features for gates. It is disabled for
    whom no strategy holds: they see the control. A draft's features are disabled for all, and make no impression events."""
    gates: list[Json] = []
    needed: list[Json] = []
    for number, gate in enumerate(experiment.gates):
        for name, thousandths, wanted in _sides(experiment, number, gate):
            gates.append(_feature(name, [_strategy(gate.salt, percent(thousandths, gate.why), [], [])], draft))
            needed.append({"feature": name, "enabled": wanted})
    strategies = [_trial(experiment, trial) for trial in experiment.trials]
    trailer: Json = {
        **_feature(experiment.id, strategies, draft),
        "impressionData": not draft,
        **({"dependencies": needed} if needed else {}),
    }
    return {"version": 2, "features": [*gates, trailer]}


def exposures(experiment: Experiment, rows: "pd.DataFrame") -> "pd.DataFrame":
    """Impression events; `context` as JSON, with the time as its `currentTime`."""
    table = exposed(experiment, rows)
    names = [name for name in DIMENSIONS if name in table]
    contexts = [
        json.dumps(
            {
                "userId": unit,
                "currentTime": time,
                "properties": {name: str(value) for name, value in zip(names, row, strict=True)},
            },
            ensure_ascii=False,
        )
        for unit, time, row in zip(table["user_id"], iso(table["timestamp"]), table[names].itertuples(index=False), strict=True)
    ]
    return table.assign(
        eventType="getVariant",
        eventId=row_ids(table),
        featureName=experiment.id,
        enabled=True,
        variant=table["variation_id"],
        context=contexts,
    )[list(EXPOSURES)]


def outcomes(experiment: Experiment, rows: "pd.DataFrame") -> "pd.DataFrame":
    """As they are: Unleash takes none."""
    table = happened(rows)
    return table.assign(timestamp=iso(table["timestamp"]))[list(OUTCOMES)]


def notes(experiment: Experiment, draft: bool = False) -> tuple[str, ...]:
    file = named("unleash/features.json", draft)
    return (
        *held(experiment, draft, [file], "has its features with `enabled: false`"),
        (
            f"SDKs: bootstrap them with `{file}`, which is what the client API answers, and ask `get_variant('{experiment.id}', "
            "context)` for a context with `userId` and `properties.segment`: the variant's name is the arm to show, "
            f"assigned as `assignments.csv` has it; `disabled` means outside: show `{experiment.control.id}`."
        ),
        "A feature that is made in Unleash's own pages assigns alike as long as its strategies keep these `groupId`s.",
        (
            "Unleash analyses nothing. Log impression events (`impressions.csv` has their fields) when the trailer is on "
            "screen; `exposures.sql` turns them into the exposures that `trailers analyse` reads. It takes no outcomes either: "
            "`outcomes.csv` has the columns that `trailers analyse` reads."
        ),
        "Rollouts are whole percents there; shares of arms are thousandths.",
    )


def _trial(experiment: Experiment, trial: Trial) -> Json:
    asked: Json = {
        "contextName": "segment",
        "operator": "IN",
        "values": [trial.segment],
        "inverted": False,
        "caseInsensitive": False,
    }
    shown: list[Json] = [
        {"name": arm, "weight": weight, "weightType": "fix", "stickiness": STICKY, "payload": {"type": "string", "value": arm}}
        for arm, weight in trial.weights
    ]
    return _strategy(experiment.seed(trial.segment), percent(experiment.coverage, "the coverage"), [asked], shown)


def _strategy(group: str, rollout: int, constraints: Sequence[Json], variants: Sequence[Json]) -> Json:
    return {
        "name": "flexibleRollout",
        "parameters": {"rollout": str(rollout), "stickiness": STICKY, "groupId": group},
        "constraints": constraints,
        "segments": [],
        "variants": variants,
    }


def _feature(name: str, strategies: Sequence[Json], draft: bool) -> dict[str, Json]:
    return {
        "name": name,
        "type": "experiment",
        "project": "default",
        "enabled": not draft,
        "stale": False,
        "impressionData": False,
        "strategies": strategies,
        "variants": [],
    }


def _sides(experiment: Experiment, number: int, gate: Gate) -> list[tuple[str, int, bool]]:
    """The parents that a gate takes: name, thousandths, whether it must be enabled."""
    name = f"{experiment.id}-gate-{number}"
    before = [(f"{name}-before", gate.start, False)] if gate.start else []
    return [(name, gate.stop, True), *before]


def _back(experiment: Experiment) -> str:
    fields = ",\n".join(f"  JSON_EXTRACT_STRING(context, '$.properties.{name}') AS {name}" for name in DIMENSIONS)
    return f"""-- Impression events as the exposures that `trailers analyse` reads (DuckDB's words).
SELECT JSON_EXTRACT_STRING(context, '$.currentTime') AS timestamp, JSON_EXTRACT_STRING(context, '$.userId') AS user_id,
  {quoted(experiment.id + "-")} || JSON_EXTRACT_STRING(context, '$.properties.segment') AS experiment_id, variant AS variation_id,
{fields}
FROM impressions WHERE featureName = {quoted(experiment.id)} AND enabled
"""
