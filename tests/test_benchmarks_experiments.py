"""The tables of experiments: what they compare with is read as it is, and a wrong figure of ours would be seen."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.experiments import __main__ as command
from benchmarks.experiments import peeking, power, simulated, table, truth
from trailers.errors import RequestError
from trailers.experiment.statistics import always

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("what", "known", "ours", "right"),
    [
        ("retention: difference", -0.005905, -0.0059053, True),
        ("retention: difference", -0.005905, -0.0059062, False),
        ("visit: p", 1.364e-112, 1.3643e-112, True),
        ("visit: p", 1.364e-112, 1.366e-112, False),
        ("splits", 345, 345, True),
        ("splits", 345, 346, False),
    ],
)
def test_a_figure_agrees_to_the_places_that_are_known(what: str, known: float, ours: float, right: bool) -> None:
    assert truth.agreed(what, known, ours)[3] is right


@pytest.mark.skipif(not table.FOLDER.is_dir(), reason="no public data here")
def test_cookie_cats_agrees_in_every_figure() -> None:
    import json

    given = table.asked([], "truth", "")
    known = json.loads(given.file("experiments/reference.json").read_text())
    lines = list(truth.cookie_cats(given, known["cookie_cats"]))
    assert len(lines) == 14
    assert [line for line in lines if not line[3]] == []


def test_data_that_are_not_there_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="--evidence names the folder"):
        table.asked(["--evidence", str(tmp_path)], "truth", "").file("experiments/reference.json")


@pytest.mark.parametrize("world", [simulated.SHARES[1], simulated.MEANS[0], simulated.MEANS[4], simulated.RATIOS[0]])
def test_a_simulated_world_is_what_it_says(world: simulated.World) -> None:
    """Its metric without a lift, and one that is lifted by a tenth; units come day by day."""
    rng = np.random.default_rng(0)
    looks = list(simulated.days(world, rng, 60, 0.1))
    assert [control.n for control, _ in looks[:2]] == [world.daily[0], 2 * world.daily[0]]
    found = world.difference(*looks[-1])
    assert found.control == pytest.approx(world.true, rel=0.05)
    assert abs(found.relative - 0.1) < 4 * (found.relative_high - found.relative_low) / 3.9


def test_alarms_where_nothing_is_are_counted() -> None:
    name, peeked, last, ours, met = peeking.alarm(simulated.SHARES[2], 40, 0)
    assert name == simulated.SHARES[2].name
    assert float(str(peeked).split()[0]) > float(str(last).split()[0]) >= float(str(ours).split()[0])
    assert met is True


def test_a_fixed_look_that_is_said_to_hold_at_any_time_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(always, "always", lambda found, level, planned: (found.low, found.high, found.p))
    assert peeking.alarm(simulated.SHARES[2], 100, 0)[-1] is False


def test_an_effect_is_found_as_often_as_planned() -> None:
    lines = list(power.once(60, 0))
    assert all(line[-1] for line in lines)
    assert len(lines) == 7


def test_every_table_is_listed_with_what_it_is() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "benchmarks.experiments"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout  # fmt: skip
    assert all(name in shown for name in command.TABLES)
    there = {path.stem for path in (ROOT / "benchmarks" / "experiments").glob("*.py")}
    assert {"truth", "peeking", "power"} <= there & set(command.TABLES)
