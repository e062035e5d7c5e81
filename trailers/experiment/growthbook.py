"""What GrowthBook loads: the SDK's feature payload, the bodies of its REST API, the assignment query (OpenAPI 4.4.0)."""

import json
from collections.abc import Mapping

from trailers.experiment.design import Arm, Experiment


def documents(experiment: Experiment) -> Mapping[str, str]:
    """File names in the package and their texts."""
    plain = {"growthbook/features.json": payload(experiment), "growthbook/experiments.json": bodies(experiment)}
    query = (
        "-- GrowthBook: an experiment assignment query for the identifier type user_id; dimensions: segment, device, country\n"
        "SELECT user_id, timestamp, experiment_id, variation_id, segment, device, country FROM exposures\n"
    )
    return {
        **{name: json.dumps(document, indent=2, ensure_ascii=False) + "\n" for name, document in plain.items()},
        "growthbook/assignment_query.sql": query,
    }


def payload(experiment: Experiment) -> Mapping[str, object]:
    """What GET /api/features answers, for any SDK: one feature whose value is the segment of the trailer to show.

    The SDK is given the attributes `id` (the unit) and `segment`; its hash is ours, so it assigns as assignments.csv does.
    """
    rules = [
        {
            "id": f"r{number}",
            "key": experiment.trial(arm.segment),
            "seed": experiment.seed(arm.segment),
            "hashAttribute": "id",
            "hashVersion": 2,
            "coverage": experiment.coverage,
            "condition": {"segment": arm.segment},
            "variations": [experiment.control.segment, arm.segment],
            "weights": list(experiment.weights),
            "meta": [{"key": "0", "name": experiment.control.name}, {"key": "1", "name": arm.name}],
            "name": arm.name,
            "phase": "0",
        }
        for number, arm in enumerate(experiment.arms)
    ]
    feature = {"defaultValue": experiment.control.segment, "rules": rules}
    return {"status": 200, "features": {experiment.id: feature}}


def bodies(experiment: Experiment) -> list[Mapping[str, object]]:
    """One body for POST /v1/experiments a trial; data source and dates are the loader's to add."""
    return [_body(experiment, arm) for arm in experiment.arms]


def _body(experiment: Experiment, arm: Arm) -> Mapping[str, object]:
    trial = experiment.trial(arm.segment)
    return {
        "trackingKey": trial,
        "name": f"{experiment.season}: a trailer for {arm.name}",
        "hypothesis": f"More of these viewers {experiment.metric} after their own trailer than after the general one.",
        "assignmentQueryId": "user_id",
        "hashAttribute": "id",
        "hashVersion": 2,
        "status": "draft",
        "statsEngine": "frequentist",
        "variations": [{"key": "0", "name": experiment.control.name}, {"key": "1", "name": arm.name}],
        "phases": [
            {
                "name": "Main",
                "coverage": experiment.coverage,
                "variationWeights": list(experiment.weights),
                "seed": experiment.seed(arm.segment),
                "condition": json.dumps({"segment": arm.segment}, ensure_ascii=False),
            }
        ],
    }
