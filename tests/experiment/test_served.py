"""A served row says all that an analysis, a replay and a learner need later, and the same thing each time."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pandas as pd
import pytest

from trailers.errors import RequestError
from trailers.experiment.assign import assign, chances
from trailers.experiment.design import Arm, Experiment, Trial
from trailers.experiment.metric import house
from trailers.experiment.served import COLUMNS, column_names, completed, serve, served_rows

AT = datetime(2026, 5, 1, 20, 15, tzinfo=UTC)


def experiment(coverage: int = 1000) -> Experiment:
    arms = (
        Arm("general", "General", ("general/landscape",), (("pace", 1.5), ("opening face", 0.25))),
        Arm("calm", "Calm", ("calm/landscape",), (("pace", 0.5), ("opening face", 1.0), ("mood at-sea", 0.1))),
        Arm("chase", "Chase", ("chase/landscape",), (("pace", 2.5), ("opening face", 0.0), ("mood at sea", 0.2))),
    )
    trial = Trial("calm", "Calm", 100, (("general", 517), ("calm", 450), ("chase", 33)))
    return Experiment("s01-trailers", "s01", "s01-trailers", arms, (trial,), house(), coverage=coverage)


def members(count: int) -> pd.DataFrame:
    return pd.DataFrame(
        {"viewer": [f"viewer-{n:04d}" for n in range(count)], "segment": (["calm", "calm", None] * count)[:count]}
    )


def test_a_row_names_unit_arm_rule_chance_decision_time_and_what_the_trailer_is_like() -> None:
    served = serve(experiment(), "viewer-0001", "calm", AT)
    assert served is not None
    given = assign(experiment(), "viewer-0001", "calm")
    row = served.row()
    assert tuple(row)[: len(COLUMNS)] == COLUMNS
    assert row["timestamp"] == "2026-05-01T20:15:00Z"
    assert (row["user_id"], row["experiment_id"], row["segment"]) == ("viewer-0001", "s01-trailers-calm", "calm")
    assert (row["variation_id"], row["propensity"]) == (given.variant, given.propensity)
    assert row["policy"] == experiment().policy
    arm = experiment().arm(given.variant)
    assert row["component_pace"] == dict(arm.components)["pace"]


def test_propensities_are_not_rounded() -> None:
    third = Trial("calm", "Calm", 100, (("general", 334), ("calm", 333), ("chase", 333)))
    asked = replace(experiment(777), trials=(third,))
    rows = served_rows(asked, members(600), AT)
    assert set(rows["propensity"]) == set(chances(asked, third).values())
    assert rows["propensity"].map(lambda chance: chance != round(chance, 3)).any()


def test_a_table_is_served_as_single_units_are() -> None:
    asked = experiment(700)
    rows = served_rows(asked, members(300), AT)
    one_by_one = [
        serve(asked, viewer, segment if isinstance(segment, str) else None, AT)
        for viewer, segment in members(300).itertuples(index=False)
    ]
    known = [served.row() for served in one_by_one if served is not None]
    assert 0 < len(known) < 200
    assert len(rows) == len(known)
    for found, row in zip(rows.to_dict("records"), known, strict=True):
        assert {name: value for name, value in found.items() if value == value} == row


def test_who_is_outside_the_experiment_is_no_exposure() -> None:
    assert serve(experiment(), "viewer-0001", None, AT) is None
    assert serve(experiment(), "viewer-0001", "unheard-of", AT) is None
    assert served_rows(experiment(), members(3)[2:], AT).empty


def test_the_same_decision_has_the_same_id_and_another_has_another() -> None:
    def named(asked: Experiment, unit: str, at: datetime) -> str:
        served = serve(asked, unit, "calm", at)
        assert served is not None
        return served.decision_id

    first = named(experiment(), "viewer-0001", AT)
    assert first == named(experiment(), "viewer-0001", AT)
    assert first == named(experiment(), "viewer-0001", AT.astimezone(timezone(timedelta(hours=2))))
    others = [
        named(experiment(), "viewer-0002", AT),
        named(experiment(), "viewer-0001", AT + timedelta(seconds=1)),
        named(replace(experiment(), salt="another"), "viewer-0001", AT),
    ]
    assert len({first, *others}) == 4


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(RequestError, match="names its zone"):
        serve(experiment(), "viewer-0001", "calm", datetime(2026, 5, 1, 20, 15))


def test_columns_of_components_are_names_that_warehouses_take_and_differ() -> None:
    names = column_names(experiment())
    assert names == {
        "mood at sea": "component_mood_at_sea",
        "mood at-sea": "component_mood_at_sea_2",
        "opening face": "component_opening_face",
        "pace": "component_pace",
    }
    rows = served_rows(experiment(), members(300), AT)
    assert list(rows) == [*COLUMNS, *names.values()]
    calm = rows[rows["variation_id"] == "calm"].iloc[0]
    assert calm["component_mood_at_sea_2"] == 0.1
    assert math.isnan(calm["component_mood_at_sea"])


def test_who_came_by_when_is_completed_as_single_units_are_served() -> None:
    asked, table = experiment(700), members(90)
    shown = pd.DataFrame(
        {
            "timestamp": [(AT + timedelta(minutes=n)).isoformat() for n in range(180)],
            "user_id": [*table["viewer"], *table["viewer"]],
            "segment": [*table["segment"], *table["segment"]],
            "device": ["tv", "web"] * 90,
        }
    )
    found = completed(asked, shown)
    rows = zip(*(shown[name].astype(str) for name in ("user_id", "segment", "timestamp")), strict=True)
    single = [serve(asked, unit, segment, datetime.fromisoformat(when)) for unit, segment, when in rows]
    inside = [each for each in single if each]
    assert 0 < len(inside) < len(shown)
    assert found[list(COLUMNS)].to_dict("records") == [{name: each.row()[name] for name in COLUMNS} for each in inside]
    assert list(found["device"]) == [device for device, each in zip(shown["device"], single, strict=True) if each]
    assert found["decision_id"].is_unique
    assert "component_pace" in found


def test_what_cannot_be_completed_is_named() -> None:
    shown = pd.DataFrame({"timestamp": ["yesterday"], "user_id": ["v"], "segment": ["calm"]})
    with pytest.raises(RequestError, match="'yesterday' is no time in ISO 8601"):
        completed(experiment(), shown)
    with pytest.raises(RequestError, match="segment is missing"):
        completed(experiment(), shown.drop(columns="segment"))
