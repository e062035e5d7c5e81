"""Logs are read into the sums that a slow, plain reading of every row gives, in whatever form and order they come."""

import gzip
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trailers.errors import RequestError
from trailers.experiment import logs
from trailers.experiment.design import Arm, Experiment, Trial
from trailers.experiment.logs.tables import workspace
from trailers.experiment.metric import Metric, house
from trailers.experiment.rehearse import Truth, rehearse
from trailers.experiment.statistics.sums import Sums

ARMS = tuple(Arm(name, name.title(), (f"{name}/landscape",)) for name in ("general", "calm", "chase"))
EXPERIMENT = Experiment(
    "s01-trailers",
    "s01",
    "salt",
    ARMS,
    tuple(
        Trial(own, own.title(), 1000, (("general", 450), (own, 450), (other, 100)), 500)
        for own, other in (("calm", "chase"), ("chase", "calm"))
    ),
    house(),
)
CALM, CHASE = EXPERIMENT.key("calm"), EXPERIMENT.key("chase")
PLAY = Metric("play", "share", "play", "primary", at_least=2.0, within=24.0)
Row = tuple[str, str, str, str]


def seen(*rows: Row) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["timestamp", "user_id", "experiment_id", "variation_id"])


def did(*rows: tuple[str, str, str, object]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["timestamp", "user_id", "event", "value"])


def measured(*metrics: Metric) -> Experiment:
    return replace(EXPERIMENT, metrics=metrics)


LATE = ("2026-03-01T00:00:00Z", "somebody", "another", 1)
"""The log goes on for long."""


def test_a_unit_counts_where_it_was_first_seen_and_from_then_on() -> None:
    exposures = seen(
        ("2026-01-06T10:00:00Z", "a", CALM, "calm"),
        ("2026-01-05T10:00:00Z", "a", CALM, "calm"),
        ("2026-01-05T12:00:00Z", "b", CALM, "general"),
    )
    outcomes = did(
        ("2026-01-05T09:59:59Z", "a", "play", 50),  # before it saw anything
        ("2026-01-06T09:59:59Z", "a", "play", 3),
        ("2026-01-06T12:00:00Z", "b", "play", 3),  # a second after its window
        ("2026-01-05T12:00:00Z", "b", "play", 1.9),  # too short
        LATE,
    )
    told = logs.read(measured(PLAY), exposures, outcomes).told["play"]
    assert told.sums == {("calm", "calm", "2026-01-05"): Sums(1, 1, 1), ("calm", "general", "2026-01-05"): Sums(1)}


def test_who_saw_two_arms_is_left_out_and_who_is_in_two_trials_counts_once() -> None:
    exposures = seen(
        ("2026-01-05T10:00:00Z", "a", CALM, "calm"),
        ("2026-01-06T10:00:00Z", "a", CALM, "general"),
        ("2026-01-05T10:00:00Z", "b", CALM, "general"),
        ("2026-01-04T10:00:00Z", "b", CHASE, "general"),
        ("2026-01-05T10:00:00Z", "c", CALM, "general"),
    )
    log = logs.read(measured(PLAY), exposures, did(("2026-01-05T11:00:00Z", "b", "play", 9), LATE))
    assert (log.count.units, log.count.twice) == (3, 1)
    assert log.placed["segment"] == {"chase": {("chase", "general"): 1}, "calm": {("calm", "general"): 1}}
    assert log.told["play"].total("chase", "general") == Sums(1)  # what b did came more than a day after it first saw one
    assert log.days == ("2026-01-04", "2026-01-05")


def test_a_window_that_is_still_open_does_not_count() -> None:
    exposures = seen(("2026-01-05T10:00:00Z", "a", CALM, "calm"), ("2026-01-05T12:00:00Z", "b", CALM, "calm"))
    outcomes = did(("2026-01-05T13:00:00Z", "b", "play", 9), ("2026-01-06T11:00:00Z", "a", "play", 9))
    log = logs.read(measured(PLAY), exposures, outcomes)
    assert log.count.early == log.told["play"].early == 1
    assert log.until == "2026-01-06T11:00:00Z"
    assert log.told["play"].total("calm", "calm") == Sums(1)
    whole = logs.read(measured(PLAY), exposures, outcomes, until="2026-01-06T12:00:00Z")
    assert whole.told["play"].total("calm", "calm") == Sums(2, 1, 1)
    assert whole.placed["segment"]["calm"] == log.placed["segment"]["calm"]  # whom the split counts does not wait
    cut = logs.read(measured(PLAY), exposures, outcomes, until="2026-01-06T10:00:00Z")
    assert cut.told["play"].early == 1
    with pytest.raises(RequestError, match="ISO 8601"):
        logs.read(measured(PLAY), exposures, outcomes, until="tomorrow")


def test_rows_that_cannot_serve_are_counted_and_change_nothing() -> None:
    good = ("2026-01-05T10:00:00Z", "a", CALM, "calm")
    odd = [("not a time", "b", CALM, "calm"), ("2026-01-05T10:00:00Z", "", CALM, "calm"), ("1960-01-01", "c", CALM, "calm")]
    strange = [("2026-01-05T10:00:00Z", "d", "another", "calm"), ("2026-01-05T10:00:00Z", "e", CALM, "purple")]
    outcomes = did(("2026-01-05T11:00:00Z", "a", "play", "3"), LATE)
    broken = did(
        ("x", "a", "play", "3"), ("2026-01-05T11:00:00Z", "a", "play", "many"), ("2026-01-05T11:00:00Z", "a", "play", "nan")
    )
    whole = logs.read(measured(PLAY), seen(good, *odd, *strange), pd.concat([outcomes, broken]))
    assert (whole.count.exposures, whole.count.units, whole.count.strangers) == (6, 1, 2)
    assert whole.count.unreadable == 6
    assert whole.told == logs.read(measured(PLAY), seen(good), outcomes).told


def test_a_value_that_is_missing_is_one() -> None:
    exposures = seen(("2026-01-05T10:00:00Z", "a", CALM, "calm"))
    sums = Metric("sums", "mean", "play", "primary", within=24.0)
    outcomes = did(("2026-01-05T11:00:00Z", "a", "play", None), ("2026-01-05T11:00:00Z", "a", "play", 2.5), LATE)
    assert logs.read(measured(sums), exposures, outcomes).told["sums"].total("calm", "calm") == Sums(1, 3.5, 12.25)
    bare = logs.read(measured(sums), exposures, outcomes.drop(columns="value"))
    assert bare.told["sums"].total("calm", "calm") == Sums(1, 2, 4)


def test_times_are_utc_unless_they_name_their_zone() -> None:
    exposures = seen(
        ("2026-01-05T00:30:00+01:00", "a", CALM, "calm"),
        ("2026-01-05 00:30:00", "b", CALM, "calm"),
        ("2026-01-05", "c", CALM, "calm"),
    )
    assert set(logs.read(measured(PLAY), exposures, did(("2026-01-05T11:00:00Z", "a", "play", 3), LATE)).placed["day"]) == {
        "2026-01-04",
        "2026-01-05",
    }


def test_caps_hold_every_arm_at_the_same_value_before_and_after() -> None:
    count = 1000
    values = np.arange(count) * 1.5
    exposures = seen(*(("2026-01-05T10:00:00Z", f"u{n}", CALM, "calm" if n % 2 else "general") for n in range(count)))
    after = [("2026-01-05T11:00:00Z", f"u{n}", "play", value) for n, value in enumerate(values)]
    before = [("2026-01-05T09:00:00Z", f"u{n}", "play", 2 * value) for n, value in enumerate(values)]
    metric = Metric("minutes", "mean", "play", "primary", within=24.0, cap=0.99, before=24.0)
    told = logs.read(measured(metric), exposures, did(*after, *before), until="2026-01-07").told["minutes"]
    cap = float(np.quantile(values, 0.99, method="inverted_cdf"))
    assert told.cap == cap
    own = np.minimum(values[1::2], cap)
    found = told.total("calm", "calm")
    assert (found.y, found.yy) == pytest.approx((own.sum(), (own**2).sum()))
    assert (found.x, found.xy) == pytest.approx((2 * own.sum(), 2 * (own**2).sum()))


def test_a_cap_of_nothing_holds_nothing() -> None:
    exposures = seen(*(("2026-01-05T10:00:00Z", f"u{n}", CALM, "calm") for n in range(50)))
    metric = Metric("minutes", "mean", "play", "primary", within=24.0, cap=0.9)
    told = logs.read(measured(metric), exposures, did(("2026-01-05T11:00:00Z", "u1", "play", 7), LATE)).told["minutes"]
    assert (told.cap, told.total("calm", "calm").y) == (None, 7)


@pytest.mark.parametrize("quantile", [0.5, 0.9])
def test_quantiles_and_the_values_beside_them_are_those_of_the_units_in_order(quantile: float) -> None:
    rng = np.random.default_rng(0)
    values = np.round(rng.lognormal(3, 1, 2000), 3)
    exposures = seen(*(("2026-01-05T10:00:00Z", f"u{n}", CALM, "calm") for n in range(len(values))))
    outcomes = did(*(("2026-01-05T11:00:00Z", f"u{n}", "play", value) for n, value in enumerate(values)))
    metric = Metric("minutes", "quantile", "play", "primary", within=24.0, quantile=quantile)
    ranked = logs.read(measured(metric), exposures, outcomes, "2026-01-07").told["minutes"].ranked["calm", "calm"]
    assert (ranked.n, ranked.value) == (2000, float(np.quantile(values, quantile, method="inverted_cdf")))
    limits = ranked.limits(1.96)
    inside = np.mean((values > limits.low) & (values < limits.high))
    assert inside == pytest.approx(2 * 1.96 * np.sqrt(quantile * (1 - quantile) / 2000), rel=0.1)
    assert ranked.limits(100).low == values.min()
    assert ranked.limits(100).high == values.max()


def test_counts_are_of_rows_and_ratios_of_sums() -> None:
    exposures = seen(("2026-01-05T10:00:00Z", "a", CALM, "calm"), ("2026-01-05T10:00:00Z", "b", CALM, "calm"))
    outcomes = did(
        ("2026-01-05T11:00:00Z", "a", "play", 30.0),
        ("2026-01-05T12:00:00Z", "a", "play", 0.5),
        ("2026-01-05T12:00:00Z", "a", "abandon", 1),
        ("2026-01-05T12:00:00Z", "b", "play", 5.0),
        LATE,
    )
    counted = Metric("abandoned", "ratio", "abandon", "primary", per="play", within=24.0, counts=True)
    summed = replace(counted, name="per minute", role="second", counts=False)
    log = logs.read(measured(counted, summed), exposures, outcomes)
    assert log.told["abandoned"].total("calm", "calm") == Sums(2, 1, 1, 3, 5, 2)
    assert log.told["per minute"].total("calm", "calm") == Sums(2, 1, 1, 35.5, 955.25, 30.5)
    assert [(step.name, step.units) for step in log.steps if (step.segment, step.variant) == ("calm", "calm")] == [
        ("exposed", 2),
        ("abandon", 1),
    ]


def test_a_metric_without_events_is_left_out_unless_all_hangs_on_it() -> None:
    exposures, outcomes = seen(("2026-01-05T10:00:00Z", "a", CALM, "calm")), did(("2026-01-05T11:00:00Z", "a", "play", 5), LATE)
    log = logs.read(EXPERIMENT, exposures, outcomes)
    assert list(log.told) == ["play", "minutes"]
    assert any("unsubscribed was not looked at" in note for note in log.notes)
    with pytest.raises(RequestError, match="decided by play: the outcomes have no 'play'; found: "):
        logs.read(EXPERIMENT, exposures, did(LATE))


def test_a_table_of_units_has_no_windows() -> None:
    exposures = seen(*(("2026-01-05T10:00:00Z", name, CALM, "calm") for name in "abcd"))
    table = pd.DataFrame({"user_id": list("abc"), "play": [1, 0, 5.0], "spend": [2.5, None, 4.0], "spent": [1.0, 2.0, 3.0]})
    metrics = (PLAY, Metric("spend", "mean", "spend", before="spent"), Metric("other", "mean", "other"))
    log = logs.read(measured(*metrics), exposures, table)
    assert (log.timed, log.until, log.count.early) == (False, "", 0)
    assert log.told["play"].total("calm", "calm") == Sums(4, 1, 1)  # two minutes or more
    assert log.told["spend"].total("calm", "calm") == Sums(4, 6.5, 22.25, x=6, xx=14, xy=14.5)
    assert "1 units have no row among the outcomes" in " ".join(log.notes)
    assert "other was not looked at" in " ".join(log.notes)
    with pytest.raises(RequestError, match="one row a unit; 'a' has more"):
        logs.read(measured(*metrics), exposures, pd.concat([table, table.head(1)]))


def test_outcomes_of_nobody_who_saw_a_trailer_are_refused() -> None:
    """Zeros everywhere would look like a result."""
    exposures = seen(("2026-01-05T10:00:00Z", "a ", CALM, "calm"))
    hashed = did(("2026-01-05T11:00:00Z", "0cc175b9c0f1b6a8", "play", 5), LATE)
    with pytest.raises(RequestError, match="exposures is 'a', one of the outcomes '0cc175b9c0f1b6a8'"):
        logs.read(measured(PLAY), exposures, hashed)
    table = pd.DataFrame({"user_id": ["0cc175b9c0f1b6a8"], "play": [3]})
    with pytest.raises(RequestError, match="must be in both"):
        logs.read(measured(PLAY), exposures, table)
    assert logs.read(measured(PLAY), exposures, table.assign(user_id=" a")).told["play"].total("calm", "calm") == Sums(1, 1, 1)


def test_plays_without_minutes_are_not_taken_for_none() -> None:
    exposures, outcomes = seen(("2026-01-05T10:00:00Z", "a", CALM, "calm")), did(("2026-01-05T11:00:00Z", "a", "play", 5), LATE)
    with pytest.raises(RequestError, match="values of 'play' from 2 on, and the outcomes hold none"):
        logs.read(measured(PLAY), exposures, outcomes.drop(columns="value"))
    with pytest.raises(RequestError, match="from 2 on"):
        logs.read(measured(PLAY), exposures, pd.DataFrame({"user_id": ["a"], "play": [1]}))
    second = Metric("long", "share", "play", at_least=60.0)
    assert "long was not looked at" in " ".join(logs.read(measured(PLAY, second), exposures, outcomes).notes)


def test_a_clock_that_is_wrong_closes_no_window() -> None:
    exposures = seen(*((f"2026-01-{5 + n // 100:02d}T10:00:00Z", f"u{n}", CALM, "calm") for n in range(300)))
    outcomes = [(f"2026-01-{5 + n // 100:02d}T11:00:00Z", f"u{n}", "play", 5) for n in range(300)]
    right = logs.read(measured(PLAY), exposures, did(*outcomes))
    wrong = logs.read(measured(PLAY), exposures, did(*outcomes, ("2099-01-01T00:00:00Z", "u7", "play", 5)))
    assert wrong.until == right.until == "2026-01-07T11:00:00Z"
    assert wrong.told == right.told
    assert wrong.told["play"].early == 100
    assert "1 outcomes are later than 2026-01-07T11:00:00Z" in " ".join(wrong.notes)
    late = logs.read(measured(PLAY), pd.concat([exposures, seen(("2099-01-01", "x", CALM, "calm"))]), did(*outcomes))
    assert late.days == ("2026-01-05", "2026-01-06", "2026-01-07", "2099-01-01")


@pytest.mark.parametrize("scale", [1, 1000, 1000000])
def test_times_may_be_counted_from_1970(scale: int) -> None:
    start = 1767607200  # 2026-01-05T10:00:00Z
    exposures = seen(("2026-01-05T10:00:00Z", "a", CALM, "calm"))
    outcomes = did(("2026-01-05T11:00:00Z", "a", "play", 5), LATE)
    asked = logs.read(measured(PLAY), exposures, outcomes)
    assert logs.read(measured(PLAY), exposures.assign(timestamp=start * scale), outcomes) == asked
    assert logs.read(measured(PLAY), exposures.assign(timestamp=str(start * scale)), outcomes) == asked


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    exposures, outcomes = seen(("2026-01-05T10:00:00Z", "a", CALM, "calm")), did(LATE)
    with pytest.raises(RequestError, match="exposures lack variation_id; columns found: timestamp"):
        logs.read(EXPERIMENT, exposures.drop(columns="variation_id"), outcomes)
    with pytest.raises(RequestError, match="outcomes with a timestamp lack event"):
        logs.read(EXPERIMENT, exposures, outcomes.drop(columns="event"))
    with pytest.raises(RequestError, match="of 1 rows, 1 are of no trial or arm of s01-trailers"):
        logs.read(EXPERIMENT, exposures.assign(experiment_id="x"), outcomes)
    with pytest.raises(RequestError, match="there is no CSV or Parquet file"):
        logs.read(EXPERIMENT, tmp_path / "nothing.csv", outcomes)
    with pytest.raises(RequestError, match="'yesterday' is no time in ISO 8601"):
        logs.read(EXPERIMENT, exposures.assign(timestamp="yesterday"), outcomes)
    with pytest.raises(RequestError, match="'play' has a value of 1e\\+300"):
        logs.read(EXPERIMENT, exposures, did(("2026-01-05T11:00:00Z", "a", "play", 1e300)))
    with pytest.raises(RequestError, match="no row of the outcomes"):
        logs.read(EXPERIMENT, exposures, did(("x", "a", "play", 1)))
    (tmp_path / "torn.parquet").write_bytes(b"PAR1 and then nothing")
    with pytest.raises(RequestError, match="cannot be read"):
        logs.read(EXPERIMENT, tmp_path / "torn.parquet", outcomes)


@pytest.mark.parametrize(
    ("text", "rows", "unreadable"),
    [
        ('timestamp,user_id,experiment_id,variation_id\r\n2026-01-05T10:00:00Z,"é,1",TRIAL,calm\r\n', 1, 0),
        ("\ufefftimestamp;user_id;experiment_id;variation_id\n2026-01-05T10:00:00Z;é,1;TRIAL;calm\n", 1, 0),
        ('timestamp,user_id,variation_id,experiment_id\n2026-01-05T10:00:00Z,"é,1",calm,TRIAL\n2026-01-05T10:0', 2, 1),
    ],
    ids=["carriage returns", "semicolons and a mark", "a torn end"],
)
def test_tables_as_people_save_them_are_read(tmp_path: Path, text: str, rows: int, unreadable: int) -> None:
    (tmp_path / "exposures.csv").write_text(text.replace("TRIAL", CALM), encoding="utf-8", newline="")
    log = logs.read(measured(PLAY), tmp_path / "exposures.csv", did(("2026-01-05T11:00:00Z", "é,1", "play", 5), LATE))
    assert log.told["play"].total("calm", "calm") == Sums(1, 1, 1)
    assert (log.count.exposures, log.count.unreadable) == (rows, unreadable)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'timestamp,user_id,experiment_id,variation_id\n2026-01-05,u1,"a\nb",calm\n', "a line break in it"),
        (b"timestamp,user_id,experiment_id,variation_id\n2026-01-05,\xe9,x,calm\n", "Line: 2"),
        (b"", "are empty"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_in_words(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "exposures.csv").write_bytes(content)
    with pytest.raises(RequestError, match=said):
        logs.read(measured(PLAY), tmp_path / "exposures.csv", did(LATE))


def test_files_folders_and_tables_are_the_same_log(tmp_path: Path) -> None:
    people = pd.DataFrame({"viewer": [f"v{n}" for n in range(400)], "segment": ["calm", "chase"] * 200})
    exposures, outcomes = rehearse(EXPERIMENT, people, Truth(twice=0.02))
    asked = logs.read(EXPERIMENT, exposures, outcomes)
    folder = tmp_path / "day=1"
    folder.mkdir()
    half = len(exposures) // 2
    exposures[:half].to_parquet(folder / "a.parquet")
    exposures[half:].to_parquet(tmp_path / "b.parquet")
    outcomes.to_csv(tmp_path / "outcomes.csv", index=False)
    with gzip.open(tmp_path / "outcomes.csv.gz", "wt", encoding="utf-8") as file:
        outcomes.to_csv(file, index=False)
    exposures.sample(frac=1, random_state=1).to_csv(tmp_path / "exposures.csv", index=False)
    assert logs.read(EXPERIMENT, str(tmp_path / "**" / "*.parquet"), tmp_path / "outcomes.csv.gz") == asked
    assert logs.read(EXPERIMENT, tmp_path / "exposures.csv", tmp_path / "outcomes.csv") == asked
    stamped = exposures.assign(timestamp=pd.to_datetime(exposures["timestamp"]))
    assert logs.read(EXPERIMENT, stamped, outcomes.iloc[::-1]) == asked
    with pytest.raises(RequestError, match="mixed"):
        logs.read(EXPERIMENT, tmp_path, outcomes)


def test_ids_are_text_whatever_they_look_like() -> None:
    exposures = seen(("2026-01-05T10:00:00Z", "007", CALM, "calm"), ("2026-01-05T10:00:00Z", "7", CALM, "general"))
    outcomes = did(("2026-01-05T11:00:00Z", "007", "play", 9), LATE)
    told = logs.read(measured(PLAY), exposures, outcomes).told["play"]
    assert (told.total("calm", "calm").y, told.total("calm", "general").y) == (1, 0)


def test_many_values_of_a_dimension_are_counted_together() -> None:
    exposures = seen(*(("2026-01-05T10:00:00Z", f"u{n}", CALM, "calm") for n in range(300)))
    log = logs.read(
        measured(PLAY),
        exposures.assign(device=[f"model {n}" for n in range(300)]),
        did(("2026-01-05T11:00:00Z", "u1", "play", 9), LATE),
    )
    assert len(log.placed["device"]) == 101
    assert sum(sum(cells.values()) for cells in log.placed["device"].values()) == 300


def test_an_event_or_a_name_cannot_act_on_the_database(tmp_path: Path) -> None:
    name = "x'); DROP TABLE units; --"
    metric = Metric('a "quoted" name', "share", name, "primary", within=24.0)
    exposures = seen(("2026-01-05T10:00:00Z", name, CALM, "calm"))
    log = logs.read(measured(metric), exposures, did(("2026-01-05T11:00:00Z", name, name, 1), LATE))
    assert log.told[metric.name].total("calm", "calm") == Sums(1, 1, 1)
    with workspace() as connection, pytest.raises(Exception, match="does not exist"):
        connection.execute("FROM exposures")  # nothing of Python's is taken for a table


UNITS = [f"u{number}" for number in range(6)]
HOURS = st.integers(0, 60)
EXPOSED = st.lists(
    st.tuples(st.sampled_from(UNITS), st.sampled_from([CALM, CHASE, "x"]), st.sampled_from(["general", "calm", "chase"]), HOURS),
    min_size=1,
    max_size=25,
)
ACTED = st.lists(
    st.tuples(st.sampled_from(UNITS), st.sampled_from(["play", "abandon", "other"]), HOURS, st.integers(0, 50)), max_size=25
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EXPOSED, ACTED)
def test_sums_are_those_of_reading_every_row(
    exposed: Sequence[tuple[str, str, str, int]], acted: Sequence[tuple[str, str, int, int]]
) -> None:
    metrics = (
        PLAY,
        Metric("minutes", "mean", "play", within=30.0, before=20.0),
        Metric("abandoned", "ratio", "abandon", "guard", per="play", within=None, counts=True),
    )
    start = pd.Timestamp("2026-01-05", tz="UTC")

    def at(hours: int) -> str:
        return (start + pd.Timedelta(hours=hours)).isoformat()

    exposed = [*exposed, ("sure", CALM, "general", 0)]
    acted = [*acted, ("sure", "play", 1, 30), ("somebody", "play", 70, 1), ("somebody", "abandon", 70, 1)]
    exposures = seen(*((at(hours), unit, trial, arm) for unit, trial, arm, hours in exposed))
    outcomes = did(*((at(hours), unit, event, value / 10) for unit, event, hours, value in acted))
    known = {CALM: "calm", CHASE: "chase"}
    firsts: dict[str, tuple[int, int, int]] = {}
    arms: dict[str, set[str]] = {}
    order = [arm.id for arm in ARMS]
    for unit, trial, arm, hours in exposed:
        if trial in known:
            arms.setdefault(unit, set()).add(arm)
            key = (hours, list(known).index(trial), order.index(arm))
            firsts[unit] = min(firsts.get(unit, key), key)
    once = [unit for unit, seen_arms in arms.items() if len(seen_arms) == 1]
    log = logs.read(measured(*metrics), exposures, outcomes)
    assert (log.count.units, log.count.twice) == (len(firsts), len(firsts) - len(once))
    for metric in metrics:
        asked: dict[tuple[str, str], list[tuple[float, float, float]]] = {}
        for unit in once:
            hours, place, number = firsts[unit]
            window = metric.within if metric.within is not None else 1000
            if metric.within is not None and hours + window > 70:
                continue
            mine = [(event, then - hours, value / 10) for who, event, then, value in acted if who == unit]
            after = [(event, value) for event, wait, value in mine if 0 <= wait < window]
            if metric.kind == "share":
                told = float(any(event == "play" and value >= 2 for event, value in after)), 0.0, 0.0
            elif metric.kind == "mean":
                before = sum(value for event, wait, value in mine if event == "play" and -20 <= wait < 0)
                told = sum(value for event, value in after if event == "play"), 0.0, before
            else:
                told = (
                    float(sum(event == "abandon" for event, _ in after)),
                    float(sum(event == "play" for event, _ in after)),
                    0.0,
                )
            asked.setdefault((list(known.values())[place], order[number]), []).append(told)
        for (segment, arm), rows in asked.items():
            y, z, x = (np.array(letter) for letter in zip(*rows, strict=True))
            found = log.told[metric.name].total(segment, arm)
            assert found.n == len(rows)
            assert (found.y, found.yy, found.z, found.yz) == pytest.approx((y.sum(), (y * y).sum(), z.sum(), (y * z).sum()))
            assert (found.x, found.xx, found.xy) == pytest.approx((x.sum(), (x * x).sum(), (x * y).sum()))
        assert sum(sums.n for sums in log.told[metric.name].sums.values()) == sum(map(len, asked.values()))


def test_an_earlier_log_tells_todays_rate_and_how_many_come_by() -> None:
    rows = [("2026-01-05T10:00:00Z", f"u{n}", "whatever", "some trailer") for n in range(40)]
    again = [("2026-01-13T10:00:00Z", f"u{n}", "whatever", "another") for n in range(20)]
    outcomes = did(*(("2026-01-05T11:00:00Z", f"u{n}", "play", 5) for n in range(10)), LATE)
    found = logs.earlier(seen(*rows, *again), outcomes, PLAY)
    assert found == logs.Earlier(units=40, share=0.25, weekly=40.0, days=9)  # the second week is not whole
    assert logs.earlier(seen(*rows), outcomes, PLAY).weekly == 280
    with pytest.raises(RequestError, match="end too early"):
        logs.earlier(seen(*rows), outcomes[:10], PLAY)
    with pytest.raises(RequestError, match="is a mean"):
        logs.earlier(seen(*rows), outcomes, replace(PLAY, kind="mean"))
    with pytest.raises(RequestError, match="no exposure"):
        logs.earlier(seen(("x", "a", "b", "c")), outcomes, PLAY)
