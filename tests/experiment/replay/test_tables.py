"""A log and a policy are read as they are, or refused in words that say what to mend."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.experiment.replay.logs import made, policy
from trailers.errors import RequestError
from trailers.experiment.replay.beside import beside
from trailers.experiment.replay.policy import Chance, Policy
from trailers.experiment.replay.tables import read, read_log, read_policy

POLICY = pd.DataFrame({"action": ["a", "b"], "chance": [0.25, 0.75]})


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".parquet"])
def test_files_and_tables_say_the_same(tmp_path: Path, ending: str) -> None:
    rows = made(50).assign(position=1, device=["tv", "phone"] * 25, age=range(50))
    path = tmp_path / f"log{ending}"
    rows.to_parquet(path) if ending == ".parquet" else rows.to_csv(path, index=False)
    held, table = read_log(path), read_log(rows)
    assert (held.actions, held.segments, held.positions) == (table.actions, table.segments, table.positions)
    assert (held.actions, held.positions, held.named) == (("a", "b", "c"), ("1",), ("device",))
    for name in ("action", "segment", "position", "decision", "unit", "propensity", "reward"):
        np.testing.assert_array_equal(getattr(held, name), getattr(table, name))
    pd.testing.assert_frame_equal(held.context, table.context)


def test_the_order_of_rows_changes_nothing() -> None:
    rows = made(200)
    one, other = read_log(rows), read_log(rows.sample(frac=1, random_state=1))
    np.testing.assert_array_equal(one.action, other.action)
    np.testing.assert_array_equal(one.reward, other.reward)


def test_without_ids_every_row_is_a_decision_and_a_unit() -> None:
    log = read_log(made(7).drop(columns="decision_id"))
    assert (log.decision.tolist(), log.unit.tolist()) == (list(range(7)), list(range(7)))


def test_positions_that_are_numbers_stand_in_their_order() -> None:
    rows = pd.DataFrame({"decision_id": "d", "position": [10, 2, 1], "action": list("abc"), "propensity": 0.5, "reward": 0})
    assert read_log(rows).positions == ("1", "2", "10")
    assert read_log(rows).action.tolist() == [2, 1, 0]


def test_what_an_action_is_like_is_no_context_and_ids_are_none_either() -> None:
    rows = made(500).assign(
        component_pace=1.0, timestamp="2026-01-01T00:00:00Z", device="tv", cookie=[f"c{n}" for n in range(500)]
    )
    log = read_log(rows)
    assert list(log.context.columns) == ["device"]
    assert "cookie has 500 different values" in log.notes[0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"propensity": 0.0}, "propensity that is no chance"),
        ({"propensity": 1.2}, "propensity that is no chance"),
        ({"propensity": None}, "propensity that is no chance"),
        ({"reward": None}, "reward that cannot be read"),
        ({"reward": "many"}, "reward that cannot be read"),
        ({"action": ""}, "names no action"),
        ({"decision_id": "same"}, "two rows at one position"),
        ({"decision_id": ""}, "every row has one"),
    ],
)
def test_a_log_that_cannot_serve_is_refused(change: dict[str, str | float | None], said: str) -> None:
    rows = made(10).astype(object)
    for name, value in change.items():
        rows[name] = pd.Series([value] * 10, dtype=object)
    with pytest.raises(RequestError, match=said):
        read_log(rows)


def test_missing_columns_and_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="'propensity' is asked for; found: decision_id"):
        read_log(made(3).drop(columns="propensity"))
    with pytest.raises(RequestError, match="no such file"):
        read_log(tmp_path / "log.csv")
    (tmp_path / "bent.csv").write_text("action,propensity,reward\na,0.5,1\nb,0.5\n")
    with pytest.raises(RequestError, match="1 lines have another number of fields"):
        read_log(tmp_path / "bent.csv")
    with pytest.raises(RequestError, match="no rows"):
        read_log(made(0))


@pytest.mark.parametrize(
    ("chances", "said"),
    [
        ([("a", 0.5), ("b", 0.4)], "sum to 0.9"),
        ([("a", 1.5), ("b", -0.5)], "between 0 and 1"),
        ([("a", 0.5), ("a", 0.5)], "two chances"),
        ([], "no action a chance"),
    ],
)
def test_a_policy_that_is_none_is_refused(chances: list[tuple[str, float]], said: str) -> None:
    with pytest.raises(RequestError, match=said):
        Policy("p", tuple(Chance(*each) for each in chances))


def test_what_is_said_of_a_segment_stands_above_what_is_said_of_all() -> None:
    log = read_log(made(100))
    mixed = Policy("p", (Chance("a", 1.0), Chance("b", 1.0, "chase")))
    table = beside(log, mixed)
    assert table.chances[0, 0].tolist() == [1, 0, 0]
    assert table.chances[1, 0].tolist() == [0, 1, 0]
    assert table.cell.sum() == pytest.approx(1)


def test_a_policy_must_speak_of_what_the_log_holds(tmp_path: Path) -> None:
    log = read_log(made(100))
    with pytest.raises(RequestError, match="says nothing in segment chase"):
        beside(log, Policy("p", (Chance("a", 1.0, "calm"),)))
    with pytest.raises(RequestError, match="none of the actions that the log does: it has z"):
        beside(log, Policy("p", (Chance("z", 1.0),)))
    POLICY.to_csv(tmp_path / "half.csv", index=False)
    assert read(made(20), tmp_path / "half.csv")[1] == Policy("half", (Chance("a", 0.25), Chance("b", 0.75)))
    with pytest.raises(RequestError, match="row 2 has a chance that cannot be read"):
        read_policy(POLICY.astype(object).assign(chance=[0.25, "most"]))


def test_rows_of_a_segment_are_a_log_of_their_own() -> None:
    log = read_log(made(100))
    some = log.of(log.segment == 1)
    assert some.rows == int((log.segment == 1).sum())
    assert some.decision.tolist() == list(range(some.rows))
    assert read(made(5), policy([[1, 0, 0], [0, 0, 1]]))[1].name == "asked"
