"""What platforms' own SDKs log of a viewer is what our tables and shapes hold of the same viewer."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest

from tests.experiment.platforms.season import experiment
from trailers.experiment.assign import assign
from trailers.experiment.design import Experiment
from trailers.experiment.platforms import eppo, growthbook, optimizely

WHEN = "2026-03-01T20:15:00Z"
UNITS = [f"Зритель {number}" for number in range(40)]


def log(made: Experiment) -> pd.DataFrame:
    """A row for each of the units that is in the trial of the segment "calm"."""
    given = [assign(made, unit, "calm") for unit in UNITS]
    inside = [each for each in given if each.in_experiment]
    return pd.DataFrame(
        {
            "timestamp": WHEN,
            "user_id": [each.unit for each in inside],
            "experiment_id": [each.experiment for each in inside],
            "variation_id": [each.variant for each in inside],
            "segment": "calm",
        }
    )


def shape(value: Any) -> Any:
    """The fields of a document and what kinds of things they hold; lists by their first."""
    if isinstance(value, Mapping):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "any"


def test_growthbook_tracks_trial_and_arm_by_our_keys() -> None:
    sdk = pytest.importorskip("growthbook", reason="the SDK is not installed")
    made, told = experiment("growthbook"), []
    features = growthbook.payload(made)["features"]
    for unit in UNITS:
        client = sdk.GrowthBook(
            attributes={"id": unit, "segment": "calm"},
            features=features,
            on_experiment_viewed=lambda experiment, result, **_: told.append((result.hashValue, experiment.key, result.key)),
        )
        client.get_feature_value(made.id, "none")
        client.destroy()
    ours = growthbook.exposures(made, log(made))
    assert told == list(ours[["user_id", "experiment_id", "variation_id"]].itertuples(index=False, name=None))


def test_eppos_assignment_log_has_the_columns_of_our_table() -> None:
    sdk = pytest.importorskip("eppo_client", reason="the SDK is not installed")
    made, told = experiment("eppo"), []

    class Logger(sdk.AssignmentLogger):  # type: ignore[misc,name-defined]
        def log_assignment(self, event: Mapping[str, str]) -> None:
            told.append((event["experiment"], event["subject"], event["variation"], json.dumps(event["subjectAttributes"])))

    config = sdk.Configuration(flags_configuration=json.dumps(eppo.flags(made)).encode())
    asked = sdk.ClientConfig(
        api_key="none",
        assignment_logger=Logger(),
        poll_interval_seconds=None,
        initial_configuration=config,
        is_graceful_mode=False,
    )
    client = sdk.init(asked)
    for unit in UNITS:
        client.get_string_assignment(made.id, unit, {"segment": "calm"}, "none")
    client.shutdown()
    ours = eppo.exposures(made, log(made))
    assert told == list(ours[["experiment", "subject", "variation", "subject_attributes"]].itertuples(index=False, name=None))


def test_optimizelys_events_have_the_shape_and_the_ids_of_ours() -> None:
    sdk = pytest.importorskip("optimizely.optimizely", reason="the SDK is not installed")
    processor = pytest.importorskip("optimizely.event.event_processor")
    made, sent = experiment("optimizely"), []

    class Dispatcher:
        @staticmethod
        def dispatch_event(event: Any) -> None:
            sent.append(event.params)

    client = sdk.Optimizely(json.dumps(optimizely.datafile(made)), event_processor=processor.ForwardingEventProcessor(Dispatcher))
    for unit in UNITS:
        user = client.create_user_context(unit, {"segment": "calm"})
        user.decide(made.id)
    user.track_event("play", {"value": 42.0})
    client.close()

    batch = json.loads(optimizely.documents(made, ())["optimizely/event_batch.json"])
    seen = [each for each in sent if "decisions" in each["visitors"][0]["snapshots"][0]]
    inside = [
        each for each in seen if each["visitors"][0]["snapshots"][0]["decisions"][0]["metadata"]["rule_type"] == "feature-test"
    ]
    done = next(each for each in sent if "decisions" not in each["visitors"][0]["snapshots"][0])
    assert shape(inside[0]).keys() == shape(batch).keys()
    ours, theirs = batch["visitors"][0], inside[0]["visitors"][0]
    assert shape(ours["snapshots"][0]["decisions"]) == shape(theirs["snapshots"][0]["decisions"])
    assert shape(ours["snapshots"][0]["events"]) == shape(theirs["snapshots"][0]["events"])
    assert shape(ours["attributes"]) == shape(theirs["attributes"])
    event = done["visitors"][0]["snapshots"][0]["events"][0]
    assert set(event) == set(ours["snapshots"][1]["events"][0])
    assert (event["key"], event["value"]) == ("play", 42.0)

    table = optimizely.exposures(made, log(made))
    told = []
    for each in inside:
        decision = each["visitors"][0]["snapshots"][0]["decisions"][0]
        told.append(
            (each["visitors"][0]["visitor_id"], *(decision[name] for name in ("campaign_id", "experiment_id", "variation_id")))
        )
    assert told == list(table[["visitor_id", "campaign_id", "experiment_id", "variation_id"]].itertuples(index=False, name=None))
