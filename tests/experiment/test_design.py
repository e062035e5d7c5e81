"""An experiment is written down whole, runs whole weeks, and says why where it cannot answer."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailers.errors import RequestError
from trailers.experiment.assign import assign
from trailers.experiment.design import (
    ASSUMED,
    Arm,
    Group,
    Trial,
    design,
    finds,
    from_json,
    inside,
    needed,
    planned,
    read_experiment,
    refusals,
    to_json,
)  # fmt: skip
from trailers.season import Testing as Asked

GENERAL, CALM, CHASE = (
    Arm(name, name.title(), (f"{name}/landscape", f"{name}/vertical"), (("pace", 2.5), ("quality calm", calm)))
    for name, calm in (("general", 0.5), ("calm", 0.75), ("chase", 0.25))
)
GROUPS = (Group("calm", "Calm", 400_000), Group("chase", "Chase", 600_000), Group("general", "Everyone", 1_000_000))
BIG = Asked(baseline=0.2, weekly=1_000_000, worth=0.03)


def test_each_segments_own_trailer_is_tried_against_the_general_one_and_all_are_seen_by_a_few() -> None:
    made = design("s01", (CALM, GENERAL, CHASE), GROUPS, Asked())
    assert made.control == GENERAL
    assert [trial.segment for trial in made.trials] == ["calm", "chase"]
    assert made.trials[0].weights == (("general", 484), ("calm", 483), ("chase", 33))
    assert made.trials[1].weights == (("general", 484), ("chase", 483), ("calm", 33))
    assert made.key("calm") == "s01-trailers-calm"
    assert made.seed("calm") != made.seed("chase")


def test_without_an_explore_share_nobody_sees_what_was_made_for_others() -> None:
    made = design("s01", (GENERAL, CALM, CHASE), GROUPS, Asked(share=0.3, explore=0))
    assert made.trials[0].weights == (("general", 700), ("calm", 300))


@given(st.integers(1, 12), st.floats(0.01, 0.99), st.floats(0, 1))
def test_chances_are_thousandths_of_at_least_one_that_sum_to_all(count: int, share: float, explore: float) -> None:
    arms = [GENERAL, *(Arm(f"s{number}", "S", ()) for number in range(count))]
    groups = [Group(f"s{number}", "S", 100) for number in range(count)]
    for trial in design("s", arms, groups, Asked(share=share, explore=explore)).trials:
        assert sum(weight for _, weight in trial.weights) == 1000
        assert min(weight for _, weight in trial.weights) >= 1
        asked = (1 - explore) * share + explore / (count + 1)
        assert trial.propensity(trial.segment) == pytest.approx(asked, abs=0.001)
        assert (len(trial.weights) == count + 1) == (explore > 0 or count == 1)


def test_seasons_of_one_namespace_and_those_held_out_never_meet() -> None:
    first, second = (
        design("s", (GENERAL, CALM), GROUPS, Asked(namespace="promos", slot=slot, holdout=0.05, coverage=0.4))
        for slot in ((0, 0.5), (0.5, 1))
    )
    assert [(gate.salt, gate.start, gate.stop) for gate in first.gates] == [("promos", 0, 500), ("promos-holdout", 50, 1000)]
    assert [(gate.salt, gate.start, gate.stop) for gate in second.gates] == [("promos", 500, 1000), ("promos-holdout", 50, 1000)]
    assert inside(first) == pytest.approx(0.5 * 0.95 * 0.4)
    assert design("s", (GENERAL, CALM), GROUPS, Asked(namespace="promos")).gates == ()


def test_a_segment_without_a_trailer_and_those_in_no_segment_take_no_part() -> None:
    made = design("s01", (GENERAL, CALM), GROUPS, BIG)
    assert [trial.segment for trial in made.trials] == ["calm"]
    assert made.trials[0].weekly == 200_000, "of a million who come by in a week, a fifth are of this segment"


def test_it_runs_as_many_whole_weeks_as_it_takes() -> None:
    """Both find 3 % as the analysis decides: the smaller segment takes longer, and those who come again count once."""
    made = design("s01", (GENERAL, CALM, CHASE), GROUPS, replace(BIG, weekly=600_000))
    calm, chase = made.trials
    assert made.weeks == 6
    assert planned(made, calm) >= needed(made, calm) > planned(made, calm, 5)
    assert planned(made, chase) > needed(made, chase)
    assert design("s01", (GENERAL, CALM, CHASE), GROUPS, replace(BIG, worth=0.1)).weeks == 2, "two at the least"
    assert design("s01", (GENERAL, CALM, CHASE), GROUPS, replace(BIG, worth=0.001)).weeks == 8, "never more than there may be"
    assert design("s01", (GENERAL, CALM), GROUPS, replace(BIG, weekly=0)).weeks == 2, "nobody knows how many come by"


def test_a_history_that_is_a_sample_counts_for_all_of_the_services_viewers() -> None:
    few = tuple(replace(group, viewers=group.viewers // 1000) for group in GROUPS)
    whole, reckoned = (design("s01", (GENERAL, CALM, CHASE), groups, replace(BIG, viewers=2_000_000)) for groups in (GROUPS, few))
    assert reckoned.trials == whole.trials
    assert (whole.sample, reckoned.sample) == (0, 2000)
    assert refusals(reckoned) == ()
    assert from_json(to_json(reckoned)) == reckoned
    assert design("s01", (GENERAL, CALM, CHASE), GROUPS, replace(BIG, viewers=10)).trials == whole.trials, (
        "there are those who are known"
    )


def test_one_look_at_the_end_takes_fewer_than_looks_at_any_time() -> None:
    made = design("s01", (GENERAL, CALM), GROUPS, BIG)
    (trial,) = made.trials
    assert needed(made, trial, at_any_time=False) < needed(made, trial) < 2 * needed(made, trial, at_any_time=False)
    assert finds(made, trial, needed(made, trial)) == pytest.approx(made.worth, rel=0.01)
    assert finds(made, trial, needed(made, trial, False), at_any_time=False) == pytest.approx(made.worth, rel=0.01)


def test_more_segments_at_once_take_more_of_each() -> None:
    one, two = (design("s01", (GENERAL, CALM, CHASE), GROUPS[:count], BIG) for count in (1, 2))
    assert needed(two, two.trials[0]) > 1.1 * needed(one, one.trials[0])
    assert needed(two, two.trials[0], at_any_time=False) == needed(one, one.trials[0], at_any_time=False)


def test_an_experiment_that_is_large_enough_is_not_refused() -> None:
    assert refusals(design("s01", (GENERAL, CALM, CHASE), GROUPS, BIG)) == ()


def test_a_baseline_that_nobody_measured_is_said_and_refuses_nothing() -> None:
    made = design("s01", (GENERAL, CALM), GROUPS, replace(BIG, baseline=None, worth=0.1))
    assert (made.baseline, made.assumed) == (ASSUMED, True)
    assert refusals(made) == ()
    assert not design("s01", (GENERAL, CALM), GROUPS, BIG).assumed


def test_what_is_too_small_says_how_large_it_would_have_to_be_and_what_it_could_find() -> None:
    few = (Group("calm", "Calm", 900), Group("chase", "Chase", 800))
    made = design("s01", (GENERAL, CALM, CHASE), few, Asked(weekly=1000))
    (why,) = refusals(made)
    assert "too small for an effect of 2.0%, up from 10.0% (assumed): that takes 1,699,106 profiles in a segment or in all" in why
    assert "and there are 1,698 in 8 weeks; the least effect that so many find is 7" in why
    nobody = design("s01", (GENERAL, CALM), (Group("calm", "Calm", 1),), Asked())
    assert "find no effect at all" in refusals(nobody)[0]


def test_a_segment_that_is_too_small_is_no_reason_where_another_can_tell() -> None:
    groups = (GROUPS[1], Group("calm", "Calm", 60))
    made = design("s01", (GENERAL, CALM, CHASE), groups, replace(BIG, weekly=0))
    assert needed(made, made.trials[1], at_any_time=False) > planned(made, made.trials[1])
    assert refusals(made) == ()


def test_segments_that_tell_together_are_not_refused_and_run_as_long_as_that_takes() -> None:
    halves = tuple(Group(name, name.title(), 180_000) for name in ("calm", "chase"))
    made = design("s01", (GENERAL, CALM, CHASE), halves, replace(BIG, weekly=120_000))
    assert all(needed(made, trial) > planned(made, trial, 52) for trial in made.trials)
    assert refusals(made) == ()
    assert made.weeks < 8
    assert sum(planned(made, trial) for trial in made.trials) >= needed(made, made.trials[0])
    assert "too small" in refusals(design("s01", (GENERAL, CALM, CHASE), halves[:1], replace(BIG, weekly=60_000)))[0]


def test_each_round_of_a_season_parts_viewers_anew_under_keys_of_its_own() -> None:
    first, second = (design("s01", (GENERAL, CALM), GROUPS, replace(BIG, round=number)) for number in (1, 2))
    assert (first.id, second.id) == ("s01-trailers", "s01-trailers-2")
    assert first.salt != second.salt
    assert first.key("calm") != second.key("calm")
    units = [f"viewer-{number}" for number in range(4000)]
    own = [np.array([assign(each, unit, "calm").variant == "calm" for unit in units]) for each in (first, second)]
    assert abs(np.corrcoef(own[0], own[1])[0, 1]) < 0.06


def test_an_effect_that_would_lift_more_than_all_is_refused() -> None:
    with pytest.raises(RequestError, match=r"would lift 30\.0% to 105\.0%"):
        design("s01", (GENERAL, CALM), GROUPS, Asked(baseline=0.3, worth=2.5))


def test_segments_that_overlap_and_nothing_to_compare_are_refused() -> None:
    made = design("s01", (GENERAL, CALM, CHASE), GROUPS, BIG)
    assert "calm stands in more than one trial" in refusals(replace(made, trials=(*made.trials, made.trials[0])))[0]
    assert "nothing to compare" in refusals(design("s01", (GENERAL,), (GROUPS[2],), BIG))[0]


def test_trailers_that_are_all_like_the_general_one_are_refused() -> None:
    twin, other = (replace(arm, components=GENERAL.components) for arm in (CALM, CHASE))
    assert "like the general one" in refusals(design("s01", (GENERAL, twin, other), GROUPS, BIG))[0]
    assert refusals(design("s01", (GENERAL, twin, CHASE), GROUPS, BIG)) == ()


def test_without_a_general_trailer_there_is_no_experiment() -> None:
    with pytest.raises(RequestError, match="trailers found: calm, chase"):
        design("s01", (CALM, CHASE), GROUPS, BIG)
    with pytest.raises(RequestError, match="trailers found: none"):
        design("s01", (), GROUPS, BIG)
    with pytest.raises(RequestError, match="once"):
        design("s01", (GENERAL, CALM, CALM), GROUPS, BIG)


def test_a_trial_of_weights_that_are_none_is_refused() -> None:
    for weights in ((("general", 500), ("calm", 400)), (("general", 1000), ("calm", 0))):
        with pytest.raises(RequestError, match="thousandths"):
            Trial("calm", "Calm", 10, weights)


def test_reads_back_what_was_written(tmp_path: Path) -> None:
    testing = replace(BIG, namespace="été", slot=(0.1, 0.6), holdout=0.02, coverage=0.8, platform="growthbook")
    made = design("s01", (GENERAL, CALM, CHASE), GROUPS, testing)
    assert from_json(to_json(made)) == made
    (tmp_path / "experiment.json").write_text(to_json(made), encoding="utf-8")
    assert read_experiment(tmp_path) == read_experiment(tmp_path / "experiment.json") == made


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "Experiment.1"}', '{"schema": "Experiment.2"}'])
def test_says_what_else_was_found(text: str) -> None:
    with pytest.raises(RequestError, match=r"Experiment\.2"):
        from_json(text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="trailers export"):
        read_experiment(tmp_path)
