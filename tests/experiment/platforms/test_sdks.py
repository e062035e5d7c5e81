"""The platforms' own SDKs load our files, without a network, and assign every viewer as we do."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.experiment.platforms.sdks import SDKS, differing
from tests.experiment.platforms.season import experiment, membership
from trailers.experiment.assign import assign_all
from trailers.experiment.design import Gate

COUNT = 10_000


@pytest.mark.parametrize("name", SDKS)
def test_an_sdk_assigns_ten_thousand_viewers_as_we_do(name: str, tmp_path: Path) -> None:
    """With three segments, four arms, a slot and a holdout, a coverage below 1, and ids that are not ASCII."""
    made = experiment(name.removesuffix("_of_old"))
    ours = assign_all(made, membership(COUNT))
    assert differing(made, name, ours, tmp_path) == []
    assert set(ours.loc[ours["in_experiment"], "variant"]) == {arm.id for arm in made.arms}


@pytest.mark.parametrize("name", SDKS)
def test_an_sdk_agrees_where_all_take_part(name: str, tmp_path: Path) -> None:
    made = experiment(name.removesuffix("_of_old"), coverage=1000, gates=False)
    ours = assign_all(made, membership(1000))
    assert differing(made, name, ours, tmp_path) == []
    assert ours["in_experiment"].mean() == pytest.approx(0.6, abs=0.01)


AWKWARD = (
    ((1, 998, 1), 337, (Gate("g", 1, 1000, "one in a thousand is held out"),)),
    ((333, 334, 333), 999, (Gate("g", 333, 667, "a third"),)),
    ((7, 900, 93), 101, ()),
    ((500, 499, 1), 30, ()),
)
"""Weights, coverage and gates that fall between the buckets of some platform."""


@pytest.mark.parametrize("name", SDKS)
@pytest.mark.parametrize("design", AWKWARD, ids=[str(weights) for weights, _, _ in AWKWARD])
def test_an_sdk_rounds_as_we_do(name: str, design: tuple[tuple[int, ...], int, tuple[Gate, ...]], tmp_path: Path) -> None:
    weights, coverage, gates = design
    if name == "unleash":  # takes whole percents only, and says so
        coverage, gates = max(10, coverage // 10 * 10), ()
    plain = experiment(name.removesuffix("_of_old"))
    trial = replace(plain.trials[0], weights=tuple(zip(("general", "calm", "chase"), weights, strict=True)))
    made = replace(plain, trials=(trial,), coverage=coverage, gates=gates)
    ours = assign_all(made, pd.DataFrame({"viewer": [f"{number}é" for number in range(1500)], "segment": "calm"}))
    assert differing(made, name, ours, tmp_path) == []


@pytest.mark.parametrize("name", SDKS)
def test_another_salt_would_be_noticed(name: str, tmp_path: Path) -> None:
    made = experiment(name.removesuffix("_of_old"))
    ours = assign_all(replace(made, salt="another"), membership(1000))
    assert len(differing(made, name, ours, tmp_path)) > 100
