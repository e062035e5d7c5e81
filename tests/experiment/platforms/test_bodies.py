"""Bodies of platforms' interfaces hold what those require, by facts of their OpenAPI files and SDKs' own schemas."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.experiment.platforms.season import experiment
from trailers.errors import RequestError
from trailers.experiment.design import Gate
from trailers.experiment.platforms.platform import Shown
from trailers.experiment.platforms.which import PLATFORMS, platform

MEDIA = (Shown("calm/landscape", "calm", "landscape", "media/calm-landscape.mp4", "0" * 64, "media/calm-landscape.jpg"),)


def document(name: str, file: str, media: Sequence[Shown] = MEDIA) -> Any:
    return json.loads(platform(name).documents(experiment(name), media)[f"{name}/{file}"])


def fields(required: Sequence[str], **properties: Mapping[str, object]) -> dict[str, object]:
    """A JSON schema of an object that has these properties and no others."""
    return {"type": "object", "required": list(required), "properties": properties, "additionalProperties": False}


TEXT, NUMBER, YES = {"type": "string"}, {"type": "number"}, {"type": "boolean"}
TEXTS = {"type": "array", "items": TEXT}


def one_of(*values: str) -> dict[str, object]:
    return {"enum": list(values)}


FILTERS = {
    "type": "array",
    "items": fields(["operator"], column=TEXT, operator=one_of("=", "!=", "<", "<=", ">", ">=", "in", "not_in"), values=TEXTS),
}
PART = fields(
    ["factTableId"], factTableId=TEXT, column=TEXT, aggregation=one_of("sum", "max", "count distinct"), rowFilters=FILTERS
)
METRIC = fields(
    ["name", "metricType", "numerator"],
    name=TEXT,
    description=TEXT,
    metricType=one_of("proportion", "retention", "mean", "quantile", "ratio", "dailyParticipation"),
    numerator=PART,
    denominator=PART,
    inverse=YES,
    quantileSettings=fields(["type", "quantile", "ignoreZeros"], type=one_of("event", "unit"), quantile=NUMBER, ignoreZeros=YES),
    cappingSettings=fields(["type"], type=one_of("none", "absolute", "percentile"), value=NUMBER, ignoreZeros=YES),
    windowSettings=fields(
        ["type"],
        type=one_of("none", "conversion", "lookback"),
        windowValue=NUMBER,
        windowUnit=one_of("minutes", "hours", "days", "weeks"),
    ),
    regressionAdjustmentSettings=fields(["override"], override=YES, enabled=YES, days=NUMBER),
    targetLift=NUMBER,
    managedBy=one_of("", "api", "admin"),
)
TABLE = fields(
    ["name", "datasource", "userIdTypes", "sql"],
    name=TEXT,
    description=TEXT,
    datasource=TEXT,
    userIdTypes=TEXTS,
    sql=TEXT,
    managedBy=one_of("", "api", "admin"),
)
BULK = fields(
    [],
    factTables={"type": "array", "items": fields(["id", "data"], id=TEXT, data=TABLE)},
    factMetrics={"type": "array", "items": fields(["id", "data"], id=TEXT, data=METRIC)},
)
VARIATION = fields(
    ["key", "name"], id=TEXT, key=TEXT, name=TEXT, screenshots={"type": "array", "items": fields(["path"], path=TEXT)}
)
PHASE = fields(
    ["name", "dateStarted"],
    name=TEXT,
    dateStarted={"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$"},
    coverage={"type": "number", "minimum": 0, "maximum": 1},
    variationWeights={"type": "array", "items": NUMBER},
    seed=TEXT,
    condition=TEXT,
)
EXPERIMENT = fields(
    ["trackingKey", "name", "variations", "assignmentQueryId"],
    trackingKey=TEXT,
    name=TEXT,
    hypothesis=TEXT,
    datasourceId=TEXT,
    assignmentQueryId=TEXT,
    hashAttribute=TEXT,
    hashVersion={"enum": [1, 2]},
    status=one_of("draft", "running", "stopped"),
    attributionModel=one_of("firstExposure", "experimentDuration"),
    statsEngine=one_of("bayesian", "frequentist"),
    sequentialTestingEnabled=YES,
    regressionAdjustmentEnabled=YES,
    metrics=TEXTS,
    secondaryMetrics=TEXTS,
    guardrailMetrics=TEXTS,
    variations={"type": "array", "minItems": 2, "items": VARIATION},
    phases={"type": "array", "items": PHASE},
)


def test_growthbooks_facts_are_what_bulk_import_takes() -> None:
    schema = pytest.importorskip("jsonschema")
    facts = document("growthbook", "facts.json")
    schema.validate(facts, BULK)
    by_name = {each["id"]: each["data"] for each in facts["factMetrics"]}
    assert list(by_name) == [
        f"fact__s01-trailers_{name}" for name in ("play", "minutes", "abandoned", "completed", "unsubscribed", "long")
    ]
    play = by_name["fact__s01-trailers_play"]
    assert play["metricType"] == "proportion"
    assert "column" not in play["numerator"]
    assert play["numerator"]["rowFilters"][1] == {"column": "value", "operator": ">=", "values": ["2"]}
    assert play["windowSettings"] == {"type": "conversion", "windowValue": 168.0, "windowUnit": "hours"}
    minutes = by_name["fact__s01-trailers_minutes"]
    assert minutes["cappingSettings"] == {"type": "percentile", "value": 0.999}
    assert minutes["regressionAdjustmentSettings"] == {"override": True, "enabled": True, "days": 28.0}
    abandoned = by_name["fact__s01-trailers_abandoned"]
    assert abandoned["numerator"]["column"] == abandoned["denominator"]["column"] == "$$count"
    assert abandoned["inverse"] is True


def test_growthbooks_experiments_are_what_its_interface_takes_once_their_blanks_are_filled() -> None:
    schema = pytest.importorskip("jsonschema")
    bodies = document("growthbook", "experiments.json")
    with pytest.raises(schema.ValidationError):
        schema.validate(bodies[0], EXPERIMENT)  # nobody started it yet
    filled = json.loads(json.dumps(bodies).replace("{datasource}", "ds_1").replace("{start}", "2026-03-01T00:00:00Z"))
    for body in filled:
        schema.validate(body, EXPERIMENT)
        phase = body["phases"][0]
        assert len(phase["variationWeights"]) == len(body["variations"])
        assert sum(phase["variationWeights"]) == pytest.approx(1)
        assert json.loads(phase["condition"]) == {"segment": body["trackingKey"].removeprefix("s01-trailers-")}
    assert [body["trackingKey"] for body in bodies] == ["s01-trailers-calm", "s01-trailers-chase", "s01-trailers-Nächte"]
    shots = {each["key"]: each["screenshots"] for each in bodies[0]["variations"]}
    assert shots["calm"] == [{"path": "{base}/media/calm-landscape.jpg"}]
    known = {each["id"] for each in document("growthbook", "facts.json")["factMetrics"]}
    assert {*bodies[0]["metrics"], *bodies[0]["secondaryMetrics"], *bodies[0]["guardrailMetrics"]} == known


def test_growthbooks_feature_refers_to_each_experiment_by_the_variations_of_its_body() -> None:
    feature = document("growthbook", "feature.json")
    assert isinstance(feature["defaultValue"], str)
    for rule, body in zip(feature["rules"], document("growthbook", "experiments.json"), strict=True):
        assert rule["experimentId"] == "{id of " + body["trackingKey"] + "}"
        assert [each["variationId"] for each in rule["variations"]] == [each["id"] for each in body["variations"]]


def test_optimizelys_datafile_and_batch_speak_of_the_same_things() -> None:
    file, batch = document("optimizely", "datafile.json"), document("optimizely", "event_batch.json")
    experiments = {each["id"]: each for each in file["experiments"]}
    for each in file["experiments"]:
        ends = [part["endOfRange"] for part in each["trafficAllocation"]]
        assert ends == sorted(set(ends))
        assert ends[-1] == 10000
    for visitor in batch["visitors"]:
        decision = visitor["snapshots"][0]["decisions"][0]
        assert decision["variation_id"] in {each["id"] for each in experiments[decision["experiment_id"]]["variations"]}
        assert {event["key"] for event in visitor["snapshots"][1]["events"]} <= {event["key"] for event in file["events"]}


def test_optimizelys_own_schema_takes_the_datafile() -> None:
    constants = pytest.importorskip("optimizely.helpers.constants")
    schema = pytest.importorskip("jsonschema")
    schema.validate(document("optimizely", "datafile.json"), constants.JSON_SCHEMA)


def test_eppos_metrics_name_facts_that_are_there() -> None:
    metrics = document("eppo", "metrics.yaml")
    facts = [fact["name"] for source in metrics["fact_sources"] for fact in source["facts"]]
    assert len(facts) == len(set(facts))
    for metric in metrics["metrics"]:
        for part in ("numerator", "denominator", "percentile"):
            assert metric.get(part, {}).get("fact_name", facts[0]) in facts
        if metric["is_guardrail"]:
            assert (metric["guardrail_cutoff"] > 0) == (metric["desired_change"] == "decrease")


def test_statsigs_metrics_read_sources_that_are_there() -> None:
    sources = {each["name"] for each in document("statsig", "metric_sources.json")}
    for metric in document("statsig", "metrics.json"):
        native = metric["warehouseNative"]
        assert {native["metricSourceName"], native.get("denominatorMetricSourceName", native["metricSourceName"])} <= sources
    names = {metric["name"] for metric in document("statsig", "metrics.json")}
    gates = {gate["name"] for gate in document("statsig", "gates.json")}
    for body in document("statsig", "experiments.json"):
        assert sum(group["size"] for group in body["groups"]) == pytest.approx(100)
        assert body["targetingGateID"] in gates
        assert {each["name"] for each in body["primaryMetrics"] + body["secondaryMetrics"]} == names


def test_a_share_that_a_platform_cannot_say_is_refused() -> None:
    made = experiment("unleash", coverage=805, gates=False)
    with pytest.raises(RequestError, match="whole percents"):
        platform("unleash").documents(made, ())
    gated = replace(experiment("unleash", gates=False), gates=(Gate("x", 0, 333, "a third"),))
    with pytest.raises(RequestError, match=r"a third.*33\.3 %"):
        platform("unleash").documents(gated, ())


def test_a_platform_that_nobody_knows_is_refused_by_name() -> None:
    with pytest.raises(RequestError, match="csv, growthbook, statsig, eppo, optimizely, launchdarkly, unleash; 'abacus'"):
        platform("abacus")


@pytest.mark.parametrize("name", PLATFORMS)
def test_same_experiment_same_bytes_and_no_viewer_in_them(name: str) -> None:
    first, second = (platform(name).documents(experiment(name), MEDIA) for _ in range(2))
    assert first == second
    assert all(text.endswith("\n") for text in first.values())
    assert not any("viewer-" in text for text in first.values())


@pytest.mark.parametrize("name", PLATFORMS)
def test_an_experiment_without_trials_has_files_that_show_the_control(name: str) -> None:
    empty = replace(experiment(name), trials=())
    for file, text in platform(name).documents(empty, ()).items():
        if file.endswith((".json", ".yaml")):
            json.loads(text)
