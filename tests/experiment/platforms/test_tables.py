"""Exposures and outcomes under every platform's own column names, and back; queries that are run, not only written."""

import json

import duckdb
import pandas as pd
import pytest

from tests.experiment.platforms.season import experiment
from trailers.errors import RequestError
from trailers.experiment.design import Experiment
from trailers.experiment.platforms import eppo, growthbook, launchdarkly, optimizely, plain, statsig, unleash
from trailers.experiment.platforms.facts import Fact, facts
from trailers.experiment.platforms.which import PLATFORMS

ROWS = pd.DataFrame(
    {
        "timestamp": ["2026-03-01T20:15:00Z", "2026-03-01 21:15:00.250+01:00", "2026-03-02T08:00:00Z"],
        "user_id": ["viewer-1", "Зритель 2", "o'3\""],
        "experiment_id": ["s01-trailers-calm", "s01-trailers-chase", "s01-trailers-Nächte"],
        "variation_id": ["calm", "general", "Nächte"],
        "segment": ["calm", "chase", "Nächte"],
        "device": ["tv", "phone", "tv"],
        "country": ["DE", "AT", "FR"],
        "propensity": [0.5, 0.333, 0.1],
        "decision_id": ["a", "b", "c"],
    }
)
DID = pd.DataFrame(
    {
        "timestamp": ["2026-03-01T20:20:00Z", "2026-03-01T20:30:00Z", "2026-03-02T09:00:00Z", "2026-03-02T09:01:00Z"],
        "user_id": ["viewer-1", "viewer-1", "Зритель 2", "Зритель 2"],
        "event": ["play", "play", "abandon", "unsubscribe"],
        "value": [0.5, 42.0, None, 0.0],
    }
)


def made(platform: str) -> Experiment:
    return experiment(platform)


def queried(text: str, **tables: pd.DataFrame) -> pd.DataFrame:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, table in tables.items():
            connection.register(name, table)
        return connection.execute(text).df()


def test_columns_are_the_platforms_own() -> None:
    assert tuple(growthbook.exposures(made("growthbook"), ROWS))[:4] == ("user_id", "timestamp", "experiment_id", "variation_id")
    assert tuple(statsig.exposures(made("statsig"), ROWS))[:4] == ("timestamp", "user_id", "experiment_name", "group_name")
    assert tuple(eppo.exposures(made("eppo"), ROWS)) == ("experiment", "subject", "variation", "timestamp", "subject_attributes")
    assert {"uuid", "timestamp", "visitor_id", "experiment_id", "variation_id", "is_holdback"} < set(
        optimizely.exposures(made("optimizely"), ROWS)
    )
    assert {"event_id", "flag_key", "context_key", "context_kind", "variation_value", "experiment_iteration_id"} < set(
        launchdarkly.exposures(made("launchdarkly"), ROWS)
    )
    assert tuple(unleash.exposures(made("unleash"), ROWS)) == (
        "eventType", "eventId", "featureName", "enabled", "variant", "context",
    )  # fmt: skip
    assert tuple(plain.exposures(made("csv"), ROWS))[:4] == ("timestamp", "user_id", "experiment_id", "variation_id")


@pytest.mark.parametrize("name", PLATFORMS)
def test_a_head_in_the_package_has_the_columns_that_the_table_gets(name: str) -> None:
    heads = {
        tuple(text.strip().split(","))
        for file, text in PLATFORMS[name].documents(made(name), ()).items()
        if file.endswith(".csv")
    }
    tables = (PLATFORMS[name].exposures(made(name), ROWS), PLATFORMS[name].outcomes(made(name), DID))
    assert heads == {tuple(table) for table in tables}


BACK = {
    "statsig": ("exposures.sql", "exposures"),
    "eppo": ("exposures.sql", "assignments"),
    "optimizely": ("exposures.sql", "decisions"),
    "launchdarkly": ("exposures.sql", "evaluation_events"),
    "unleash": ("exposures.sql", "impressions"),
    "growthbook": ("assignment_query.sql", "exposures"),
}


@pytest.mark.parametrize("name", BACK)
def test_what_a_platform_logged_comes_back_as_our_exposures(name: str) -> None:
    file, table = BACK[name]
    logged = PLATFORMS[name].exposures(made(name), ROWS)
    back = queried(PLATFORMS[name].documents(made(name), ())[f"{name}/{file}"], **{table: logged})
    times = pd.to_datetime(back["timestamp"], utc=True, format="mixed")
    assert list(times) == list(pd.to_datetime(ROWS["timestamp"], utc=True, format="ISO8601"))
    same = ["user_id", "experiment_id", "variation_id", "segment"]
    pd.testing.assert_frame_equal(back[same], ROWS[same], check_dtype=False)


@pytest.mark.parametrize(("platform", "file"), [("eppo", "assignments.sql"), ("statsig", "assignment_source.sql")])
def test_an_assignment_query_finds_its_columns(platform: str, file: str) -> None:
    logged = PLATFORMS[platform].exposures(made(platform), ROWS)
    query = PLATFORMS[platform].documents(made(platform), ())[f"{platform}/{file}"]
    assert len(queried(query, exposures=logged, assignments=logged)) == 3


def test_facts_are_the_rows_that_a_metric_counts() -> None:
    found = {fact.name: list(queried(fact.sql, outcomes=DID)["value"]) for fact in facts(made("eppo").metrics)}
    assert found == {"play_2_or_more": [42.0], "play": [0.5, 42.0], "abandon": [1.0], "complete": [], "had_unsubscribe": []}
    assert queried(growthbook.FACTS, outcomes=DID)["value"].tolist() == [0.5, 42.0, 1.0, 0.0]


def test_metrics_read_the_outcomes_that_the_package_has_a_head_for() -> None:
    """Eppo's and GrowthBook's: their table of outcomes is what their SQL reads."""
    for name, room in (("eppo", eppo), ("growthbook", growthbook)):
        table = room.outcomes(made(name), DID)
        for fact in facts(made(name).metrics):
            assert queried(fact.sql, outcomes=table)["value"].tolist() == queried(fact.sql, outcomes=DID)["value"].tolist()
    assert len(queried(growthbook.FACTS, outcomes=growthbook.outcomes(made("growthbook"), DID))) == len(DID)


def test_an_events_name_says_what_a_metric_counts_where_names_are_all_there_is() -> None:
    names = launchdarkly.outcomes(made("launchdarkly"), DID)["key"].tolist()
    assert names == ["play", "play", "play_2_or_more", "abandon"]
    assert optimizely.outcomes(made("optimizely"), DID)["key"].tolist() == names
    assert Fact("play", 2.5).name == "play_2_5_or_more"
    datafile = json.loads(optimizely.documents(made("optimizely"), ())["optimizely/datafile.json"])
    assert set(names) < {event["key"] for event in datafile["events"]}
    events = {
        metric["eventKey"] for metric in json.loads(launchdarkly.documents(made("launchdarkly"), ())["launchdarkly/metrics.json"])
    }
    assert events == {"play_2_or_more", "play", "abandon", "complete", "had_unsubscribe"}


def test_times_are_counted_as_each_platform_counts_them() -> None:
    assert optimizely.exposures(made("optimizely"), ROWS)["timestamp"].tolist()[:2] == [1772396100000, 1772396100250]
    assert statsig.outcomes(made("statsig"), DID)["timestamp"].tolist()[0] == 1772396400
    assert growthbook.exposures(made("growthbook"), ROWS)["timestamp"].tolist()[1] == "2026-03-01T20:15:00.250Z"


def test_a_row_has_the_same_id_on_any_machine_and_repeats_it_when_it_is_repeated() -> None:
    once = optimizely.exposures(made("optimizely"), ROWS)["uuid"].tolist()
    twice = optimizely.exposures(made("optimizely"), pd.concat([ROWS, ROWS.iloc[:1]]))["uuid"].tolist()
    assert twice == [*once, once[0]]
    assert len(set(once)) == 3
    assert once[0] == "ceaf63c5-0f4f-5ef9-af09-74b7e4c81c1d"


def test_rows_of_other_experiments_are_left_out_and_a_strange_arm_is_named() -> None:
    other = pd.concat([ROWS, ROWS.iloc[:1].assign(experiment_id="another")])
    assert len(growthbook.exposures(made("growthbook"), other)) == 3
    with pytest.raises(RequestError, match=r"s01-trailers-Nächte are Nächte, general; exposures hold 'calm'"):
        growthbook.exposures(made("growthbook"), ROWS.assign(variation_id="calm"))


def test_a_table_that_is_none_is_refused_in_words() -> None:
    with pytest.raises(RequestError, match="'variation_id' is not there"):
        plain.exposures(made("csv"), ROWS.drop(columns="variation_id"))
    with pytest.raises(RequestError, match="'yesterday' in row 1"):
        plain.exposures(made("csv"), ROWS.assign(timestamp="yesterday"))


def test_a_table_without_a_segment_gets_that_of_its_trial() -> None:
    assert plain.exposures(made("csv"), ROWS.drop(columns="segment"))["segment"].tolist() == ["calm", "chase", "Nächte"]
