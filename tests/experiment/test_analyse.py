"""The analysis finds what was planted, finds nothing where nothing is, and refuses a broken log."""

import json

import numpy as np
import pandas as pd
import pytest

from trailers.errors import RequestError
from trailers.experiment.analyse import analyse, newcombe, to_json, wilson
from trailers.experiment.assign import assign_all
from trailers.experiment.design import Arm, Experiment, design

EXPERIMENT = design("s01", [Arm(name, name.title(), 100, (f"{name}/landscape",)) for name in ("general", "calm", "chase")])


def log(count: int, lift: float, seed: int = 0, experiment: Experiment = EXPERIMENT) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every viewer sees a trailer once; 20 % play after the general one, `lift` more of segment chase after their own."""
    rng = np.random.default_rng(seed)
    viewers = [f"viewer-{number:05d}" for number in range(count)]
    table = assign_all(experiment, pd.DataFrame({"viewer": viewers, "segment": rng.choice(["calm", "chase"], count)}))
    own = table["variant"] != "general"
    exposures = pd.DataFrame(
        {
            "timestamp": "2026-11-24T12:00:00Z",
            "user_id": table["viewer"],
            "experiment_id": table["experiment"],
            "variation_id": own.astype(int),
        }
    )
    chance = 0.2 + lift * (table["variant"] == "chase")
    won = table["viewer"][rng.random(count) < chance]
    return exposures, pd.DataFrame({"timestamp": "2026-11-24T13:00:00Z", "user_id": won})


def test_wilson_and_newcombe_give_the_published_figures() -> None:
    """Newcombe 1998, Statistics in Medicine 17, table II: 56/70 - 48/80, and the extreme 10/10 - 0/20, method 10."""
    assert newcombe((56, 70), (48, 80)) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert newcombe((10, 10), (0, 20)) == pytest.approx((0.6791, 1.0), abs=5e-5)
    assert wilson(0, 10)[0] == 0.0
    assert wilson(10, 10)[1] == 1.0


def test_a_planted_effect_is_found_in_its_segment_and_shipped() -> None:
    found = analyse(EXPERIMENT, *log(8000, 0.08))
    by_segment = {effect.segment: effect for effect in found.metrics}
    assert by_segment["chase"].low > 0.04
    assert by_segment["chase"].low < 0.08 < by_segment["chase"].high
    assert by_segment["calm"].low < 0 < by_segment["calm"].high
    assert 0 < by_segment["all"].effect < by_segment["chase"].effect
    assert found.srm.passed
    assert (found.in_two_arms, found.strangers, found.moved) == (0, 0, 0)
    assert "Chase: " in found.decision
    assert "ship the own trailer" in found.decision.partition("Chase: ")[2]
    assert "cannot tell yet" in found.decision.partition("Calm: ")[2].partition("Chase")[0]
    assert "one look" in found.note


def test_a_worse_trailer_is_not_shipped() -> None:
    found = analyse(EXPERIMENT, *log(8000, -0.08))
    assert "keep the general trailer" in found.decision.partition("Chase: ")[2]


@pytest.mark.parametrize(("base", "lift"), [(0.2, 0.0), (0.2, 0.1), (0.02, 0.03), (0.9, 0.08)])
def test_intervals_hold_the_truth_as_often_as_they_say(base: float, lift: float) -> None:
    rng = np.random.default_rng(0)
    own, control = rng.binomial(100, base + lift, 4000).tolist(), rng.binomial(80, base, 4000).tolist()
    intervals = [newcombe((won, 100), (lost, 80)) for won, lost in zip(own, control, strict=True)]
    held = np.mean([low <= lift <= high for low, high in intervals])
    assert 0.935 < held < 0.985


def test_an_experiment_without_effect_seldom_finds_one() -> None:
    found = [analyse(EXPERIMENT, *log(400, 0.0, seed)) for seed in range(12)]
    assert sum("ship" in each.decision or "keep" in each.decision for each in found) <= 3
    assert all(each.srm.passed for each in found)


def test_a_lopsided_log_is_refused_whatever_it_seems_to_show() -> None:
    exposures, outcomes = log(8000, 0.08)
    lost = (exposures["variation_id"] == 0) & (np.arange(len(exposures)) % 5 == 0)
    found = analyse(EXPERIMENT, exposures[~lost], outcomes)
    assert not found.srm.passed
    assert found.srm.p < 0.001
    assert found.decision.startswith("Do not decide")
    assert "ship" not in found.decision


def test_viewers_who_saw_both_trailers_are_left_out_and_counted() -> None:
    exposures, outcomes = log(1000, 0.0)
    second = exposures.head(7).assign(variation_id=1 - exposures["variation_id"].head(7))
    found = analyse(EXPERIMENT, pd.concat([exposures, second]), outcomes)
    assert found.in_two_arms == 7
    assert sum(effect.viewers + effect.control_viewers for effect in found.metrics[:2]) == 993


def test_repeated_exposures_count_once_and_only_what_came_after_the_first_counts() -> None:
    exposures, outcomes = log(1000, 0.0)
    again = exposures.assign(timestamp="2026-11-25T12:00:00Z")
    before = outcomes.assign(timestamp="2026-11-23T12:00:00Z")
    once = analyse(EXPERIMENT, exposures, outcomes)
    assert analyse(EXPERIMENT, pd.concat([again, exposures]), pd.concat([outcomes, outcomes])).metrics == once.metrics
    assert all(effect.rate == 0 for effect in analyse(EXPERIMENT, exposures, before).metrics)


def test_strangers_and_moved_viewers_are_counted() -> None:
    exposures, outcomes = log(1000, 0.0)
    exposures.loc[0, "experiment_id"] = "another"
    exposures.loc[1, "timestamp"] = "not a time"
    exposures["variation_id"] = [1 - own if row == 2 else own for row, own in enumerate(exposures["variation_id"].tolist())]
    found = analyse(EXPERIMENT, exposures, outcomes)
    assert (found.strangers, found.moved) == (2, 1)


def test_variants_may_be_named_instead_of_numbered() -> None:
    exposures, outcomes = log(1000, 0.0)
    trial = exposures["experiment_id"].str.removeprefix("s01-trailers-")
    named = exposures.assign(variation_id=trial.where(exposures["variation_id"] == 1, "general"))
    assert analyse(EXPERIMENT, named, outcomes) == analyse(EXPERIMENT, exposures, outcomes)


def test_wrong_columns_and_empty_logs_are_named() -> None:
    exposures, outcomes = log(100, 0.0)
    with pytest.raises(RequestError, match="variation_id"):
        analyse(EXPERIMENT, exposures.drop(columns="variation_id"), outcomes)
    with pytest.raises(RequestError, match="no exposure can be used"):
        analyse(EXPERIMENT, exposures.assign(experiment_id="x"), outcomes)


def test_the_document_is_the_contract() -> None:
    document = json.loads(to_json(analyse(EXPERIMENT, *log(1000, 0.0))))
    assert {"metrics", "srm", "decision"} <= set(document)
    assert {"metric", "variant", "segment", "effect", "low", "high"} <= set(document["metrics"][0])
    assert set(document["srm"]) == {"p", "passed"}
