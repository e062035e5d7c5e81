"""The analysis finds what was planted, finds nothing where nothing is, and refuses a broken log."""

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from trailers.errors import RequestError
from trailers.experiment import comparing, verdicts
from trailers.experiment.analyse import analyse, analysed
from trailers.experiment.design import Arm, Experiment, Trial
from trailers.experiment.findings import ALL, OWN, Analysis, Count, Effect, Verdict, to_json
from trailers.experiment.logs import Cell, Log, Told, read
from trailers.experiment.metric import Metric, house
from trailers.experiment.rehearse import Lost, Truth, rehearse
from trailers.experiment.statistics.sums import Sums

EVIDENCE = Path(__file__).resolve().parents[3] / "shared" / "evidence" / "experiments"
evidence = pytest.mark.skipif(not EVIDENCE.exists(), reason="no published experiments beside this checkout")
ARMS = tuple(Arm(name, name.title(), (f"{name}/landscape",)) for name in ("general", "calm", "chase"))
UNITS = 24000
EXPERIMENT = Experiment(
    "s01-trailers",
    "s01",
    "salt",
    ARMS,
    tuple(
        Trial(own, own.title(), UNITS // 2, (("general", 470), (own, 470), (other, 60)), UNITS // 4)
        for own, other in (("calm", "chase"), ("chase", "calm"))
    ),
    house(),
    baseline=0.3,
    assumed=False,
)
PLAY = EXPERIMENT.primary
WEEKS = [f"2026-01-{day:02d}" for day in range(5, 19)]


def members(count: int = UNITS) -> pd.DataFrame:
    return pd.DataFrame(
        {"viewer": [f"viewer-{number:05d}" for number in range(count)], "segment": ["calm", "chase"] * (count // 2)}
    )


def log(
    truth: Truth, seed: int = 0, count: int = UNITS, experiment: Experiment = EXPERIMENT
) -> tuple[pd.DataFrame, pd.DataFrame]:
    return rehearse(experiment, members(count), replace(truth, baseline=0.3, again=0.2), seed)


@cache
def found(truth: str, seed: int = 0) -> Analysis:
    """The analysis of a log with a known truth, made once."""
    truths = {
        "nothing": Truth(),
        "better": Truth(lifts={("chase", "chase"): 0.2}),
        "worse": Truth(lifts={("chase", "chase"): -0.2}),
        "harmful": Truth(lifts={("chase", "chase"): 0.2}, harms={("abandon", "chase"): 1.0}),
        "broken": Truth(lifts={("chase", "chase"): 0.2}, again=0.0, lost=(Lost(0.25, arm="general", device="tv"),)),
        "one day": Truth(lost=(Lost(0.4, arm="general", day=3),)),
    }
    return analyse(EXPERIMENT, *log(truths[truth], seed))


def effect(analysis: Analysis, segment: str, arm: str, metric: str = "play") -> Effect:
    return next(each for each in analysis.metrics if (each.metric, each.segment, each.variant) == (metric, segment, arm))


def verdict(analysis: Analysis, segment: str, arm: str) -> Verdict:
    return next(each for each in analysis.verdicts if (each.segment, each.variant) == (segment, arm))


def counted(experiment: Experiment, cells: dict[tuple[str, str], tuple[int, float]], days: Sequence[str] = WEEKS) -> Log:
    """A log of shares as it would be read: units and successes of each segment's arm, spread evenly over days."""
    metric = experiment.primary
    sums = {
        Cell(segment, arm, day): Sums(units // len(days), won / len(days), won / len(days))
        for (segment, arm), (units, won) in cells.items()
        for day in days
    }
    placed = {segment: {key: units for key, (units, _) in cells.items() if key[0] == segment} for segment, _ in cells}
    told = {metric.name: Told(metric, sums)}
    total = sum(units for units, _ in cells.values())
    return Log(Count(total, total), tuple(days), "2026-02-01", True, {"segment": placed}, told)


def test_a_planted_effect_is_found_in_its_segment_and_shipped() -> None:
    analysis = found("better")
    own = effect(analysis, "chase", "chase")
    assert own.low < 0.06 < own.high
    assert own.fixed_low > own.low > 0.0
    assert own.relative is not None
    assert own.relative_low is not None
    assert own.relative_low < 0.2
    assert own.firm == 1
    assert verdict(analysis, "chase", "chase").what == "ship"
    assert verdict(analysis, "calm", "calm").what == "wait"
    assert 0 < effect(analysis, ALL, OWN).effect < own.effect
    assert analysis.srm.passed
    assert analysis.decision.startswith("All segments together: +")
    assert "Chase, its own trailer: +" in analysis.decision
    assert "ship it" in analysis.decision


def test_a_worse_trailer_is_kept_out() -> None:
    analysis = found("worse")
    assert verdict(analysis, "chase", "chase").what == "keep"
    assert "keep the general trailer" in verdict(analysis, "chase", "chase").words
    assert effect(analysis, "chase", "chase").firm == -1


def test_where_nothing_is_nothing_is_found_and_it_is_said_what_would_tell() -> None:
    analysis = found("nothing")
    assert all(each.firm == 0 for each in analysis.metrics)
    assert {each.what for each in analysis.verdicts} == {"wait"}
    needed = verdict(analysis, "calm", "calm").needed
    assert needed is not None
    assert f"{needed:.2g}"[0] in verdict(analysis, "calm", "calm").words
    assert "cannot tell yet" in analysis.decision


def test_an_experiment_without_effect_seldom_decides_however_often_it_is_looked_at() -> None:
    """Seven looks at each of 30 experiments: by one look's interval many go wrong, by those that hold at any time hardly any."""
    rng = np.random.default_rng(5)
    wrong = naive = 0
    for _ in range(30):
        totals: dict[tuple[str, str], tuple[int, float]] = {}
        ever = ever_naive = False
        for _ in range(7):
            for trial in EXPERIMENT.trials:
                for arm, weight in trial.weights:
                    units, won = totals.get((trial.segment, arm), (0, 0.0))
                    totals[trial.segment, arm] = units + 4 * weight, won + float(rng.binomial(4 * weight, 0.3))
            looked = comparing.compare_all(EXPERIMENT, counted(EXPERIMENT, totals, WEEKS[:1]))
            apart = [each for each in comparing.effects(EXPERIMENT, looked) if each.segment != ALL]
            ever |= any(each.firm for each in apart)
            ever_naive |= any(each.fixed_low > 0 or each.fixed_high < 0 for each in apart)
        wrong, naive = wrong + ever, naive + ever_naive
    assert wrong <= 2
    assert naive > 8


def test_a_lopsided_log_is_refused_whatever_it_seems_to_show_and_the_place_is_named() -> None:
    analysis = found("broken")
    assert not analysis.srm.passed
    assert analysis.srm.p < 0.001
    assert analysis.srm.off > 0.001
    assert ("device", "tv") in {(each.dimension, each.value) for each in analysis.srm.where}
    assert ("device", "mobile") not in {(each.dimension, each.value) for each in analysis.srm.where}
    assert analysis.decision.startswith("Do not decide. Profiles did not fall to the arms as asked")
    assert "device tv" in analysis.decision
    assert {each.what for each in analysis.verdicts} == {"wait"}
    assert "ship" not in analysis.decision


def test_a_fault_of_one_day_is_pointed_at_though_the_whole_seems_right() -> None:
    analysis = found("one day")
    assert ("day", "2026-01-08") in {(each.dimension, each.value) for each in analysis.srm.where}
    assert analysis.srm.warning or not analysis.srm.passed
    assert "day 2026-01-08" in analysis.decision


def test_faults_of_two_segments_do_not_cancel() -> None:
    """One lost the control's rows, the other those of its own trailer: over all, both arms have as many units as they should."""
    halves = tuple(replace(trial, weights=(("general", 500), (trial.segment, 500))) for trial in EXPERIMENT.trials)
    mirrored = replace(EXPERIMENT, trials=halves)
    cells = {
        ("calm", "general"): (43000, 12900.0),
        ("calm", "calm"): (50000, 16000.0),
        ("chase", "general"): (50000, 15000.0),
        ("chase", "chase"): (43000, 13800.0),
    }
    analysis = analysed(mirrored, counted(mirrored, cells))
    assert not analysis.srm.passed
    assert analysis.srm.off > 0.03
    assert {each.what for each in analysis.verdicts} == {"wait"}


def test_a_segment_whose_own_split_fails_decides_nothing_while_the_others_do() -> None:
    names = [f"s{number}" for number in range(12)]
    arms = tuple(Arm(name, name, (name,)) for name in ("general", *names))
    trials = tuple(Trial(name, name, 40000, (("general", 500), (name, 500)), 10000) for name in names)
    many = replace(EXPERIMENT, arms=arms, trials=trials)
    cells = {(name, "general"): (10003, 3000.0) for name in names} | {(name, name): (10010, 4000.0) for name in names}
    cells["s3", "general"] = (9401, 2820.0)
    analysis = analysed(many, counted(many, cells))
    assert analysis.srm.passed
    assert [(each.dimension, each.value) for each in analysis.srm.where] == [("segment", "s3")]
    assert {each.segment for each in analysis.verdicts if each.what == "wait"} == {"s3", ALL}
    assert {each.segment for each in analysis.verdicts if each.what == "ship"} == set(names) - {"s3"}
    assert "s3, its own trailer" in analysis.decision
    assert "not decided, for the split of some is not as asked" in analysis.decision


def test_among_many_guards_one_that_may_be_chance_stops_nothing() -> None:
    guards = tuple(Metric(f"guard {number}", "share", f"g{number}", "guard", "less") for number in range(20))
    alone = replace(
        EXPERIMENT, trials=(replace(EXPERIMENT.trials[0], weights=(("general", 500), ("calm", 500))),), metrics=(PLAY, *guards)
    )
    log = counted(alone, {("calm", "general"): (49000, 14000.0), ("calm", "calm"): (49000, 17500.0)})

    def guarded(first: int) -> Analysis:
        told = dict(log.told)
        for number, guard in enumerate(guards):
            had = {"general": 490, "calm": first if number == 0 else 490}
            told[guard.name] = Told(guard, {Cell("calm", arm, WEEKS[0]): Sums(49000, units, units) for arm, units in had.items()})
        return analysed(alone, replace(log, told=told))

    chance, harm = guarded(600), guarded(680)
    assert effect(chance, "calm", "calm", "guard 0").low > 0
    assert verdict(chance, "calm", "calm").what == "ship"
    assert "Look at guard 0" in verdict(chance, "calm", "calm").words
    assert verdict(harm, "calm", "calm").what == "stop"


def test_a_sound_log_points_at_nothing() -> None:
    assert found("better").srm.where == ()
    assert not found("better").srm.warning


def test_a_guard_that_is_worse_stops_a_better_trailer() -> None:
    analysis = found("harmful")
    given = verdict(analysis, "chase", "chase")
    assert given.what == "stop"
    assert "left after starting" in given.words
    assert effect(analysis, "chase", "chase").firm == 1
    assert "ship it" not in given.words


def test_two_whole_weeks_at_least_must_be_in() -> None:
    cells = {("calm", "general"): (47000, 14000.0), ("calm", "calm"): (47000, 16000.0), ("calm", "chase"): (6000, 1800.0)}
    alone = replace(EXPERIMENT, trials=EXPERIMENT.trials[:1])
    for days in (5, 13):
        early = analysed(alone, counted(alone, cells, WEEKS[:days]))
        assert verdict(early, "calm", "calm").what == "wait"
        assert f"{days} days in; 2 whole weeks" in early.decision
    assert verdict(analysed(alone, counted(alone, cells)), "calm", "calm").what == "ship"


def test_only_whole_weeks_count() -> None:
    """The newest days of an unfinished week stand in the looks over time alone."""
    cells = {("calm", "general"): (47000, 14000.0), ("calm", "calm"): (47000, 16000.0), ("calm", "chase"): (6000, 1800.0)}
    alone = replace(EXPERIMENT, trials=EXPERIMENT.trials[:1])
    whole = counted(alone, cells)
    later = Cell("calm", "calm", "2026-01-19")
    told = replace(whole.told["play"], sums={**whole.told["play"].sums, later: Sums(5000, 5000.0, 5000.0)})
    found, longer = analysed(alone, whole), analysed(alone, replace(whole, told={"play": told}))
    assert longer.metrics == found.metrics
    assert len(longer.sequence) == len(found.sequence) + 1
    assert "Whole weeks count, from 2026-01-05 to 2026-01-18" in " ".join(longer.notes)


def test_trailers_tried_on_others_do_not_make_own_ones_dearer() -> None:
    """A dozen arms that few see stand in a family of their own: an effect that is firm without them is firm beside them."""
    others = [f"o{number}" for number in range(12)]
    arms = (*ARMS[:2], *(Arm(name, name, (name,)) for name in others))
    weights = (("general", 440), ("calm", 440), *((name, 10) for name in others))
    many = replace(EXPERIMENT, arms=arms, trials=(replace(EXPERIMENT.trials[0], weights=weights),))
    alone = replace(EXPERIMENT, trials=(replace(EXPERIMENT.trials[0], weights=(("general", 500), ("calm", 500))),))
    own = {("calm", "general"): (44000, 13200.0), ("calm", "calm"): (44000, 13800.0)}
    tried = {("calm", name): (1000, 300.0) for name in others}
    assert effect(analysed(alone, counted(alone, own)), "calm", "calm").firm == 1
    assert effect(analysed(many, counted(many, own | tried)), "calm", "calm").firm == 1


def test_all_segments_together_have_a_verdict() -> None:
    """Where no segment alone can tell, all together may; and then that is what is said."""
    names = [f"s{number}" for number in range(6)]
    arms = tuple(Arm(name, name, (name,)) for name in ("general", *names))
    trials = tuple(Trial(name, name, 40000, (("general", 500), (name, 500)), 10000) for name in names)
    many = replace(EXPERIMENT, arms=arms, trials=trials)
    analysis = analysed(many, counted(many, {(n, a): (10010, 3000.0 + 190 * (a == n)) for n in names for a in ("general", n)}))
    assert verdict(analysis, ALL, OWN).what == "ship"
    assert {each.what for each in analysis.verdicts if each.segment != ALL} == {"wait"}
    assert analysis.decision.startswith("All segments together: ")
    assert "ship the own trailers" in analysis.decision


def test_before_any_window_has_closed_nothing_is_told() -> None:
    exposures, outcomes = log(Truth(), count=2000)
    analysis = analyse(EXPERIMENT, exposures, outcomes, until="2026-01-08T00:00:00Z")
    assert analysis.metrics == ()
    assert analysis.decision.startswith("Cannot tell yet: the log ends before the window")
    assert analysis.count.early > 1900
    some = analyse(EXPERIMENT, exposures, outcomes, until="2026-01-15T00:00:00Z")
    assert "left out for now" in " ".join(some.notes)
    assert "3 days in" in some.decision or "cannot tell yet" in some.decision


def test_what_is_too_small_to_be_worth_it_is_kept_out() -> None:
    alone = replace(EXPERIMENT, trials=EXPERIMENT.trials[:1], worth=0.05)
    cells = {
        ("calm", "general"): (1400000, 420000.0),
        ("calm", "calm"): (1400000, 424200.0),
        ("calm", "chase"): (180000, 54000.0),
    }
    large = replace(alone, trials=(replace(alone.trials[0], viewers=3000000, weekly=1500000),))
    analysis = analysed(large, counted(large, cells))
    given = verdict(analysis, "calm", "calm")
    assert given.what == "keep"
    assert "less than the 1.50 points (5 % of 30.0 %) worth having" in given.words


def test_of_two_better_trailers_the_better_one_ships() -> None:
    alone = replace(
        EXPERIMENT, trials=(replace(EXPERIMENT.trials[0], weights=(("general", 400), ("calm", 300), ("chase", 300))),)
    )
    cells = {("calm", "general"): (40000, 12000.0), ("calm", "calm"): (30000, 10000.0), ("calm", "chase"): (30000, 10600.0)}
    analysis = analysed(alone, counted(alone, cells))
    assert [verdict(analysis, "calm", arm).what for arm in ("calm", "chase")] == ["wait", "ship"]
    assert "not known to be better than the trailer “Chase”" in verdict(analysis, "calm", "calm").words


def test_other_shares_in_other_segments_make_no_effect() -> None:
    """Simpson's paradox: within each segment both arms do alike; all rows in one heap would show a large effect."""
    shares = {"calm": (900, 100), "chase": (100, 900)}
    trials = tuple(Trial(own, own, 20000, (("general", control), (own, mine))) for own, (control, mine) in shares.items())
    mixed = replace(EXPERIMENT, trials=trials)
    cells = {
        (own, arm): (20 * share * 7, 20 * share * 7 * rate)
        for own, rate in (("calm", 0.6), ("chase", 0.2))
        for arm, share in zip(("general", own), shares[own], strict=True)
    }
    analysis = analysed(mixed, counted(mixed, cells))
    assert effect(analysis, ALL, OWN).effect == pytest.approx(0.0, abs=1e-12)


def test_all_together_is_as_sure_as_one_trial_with_all_of_its_units() -> None:
    cells = {
        (own, arm): (4700 * 7, 1500.0 * 7 if arm == own else 1400.0 * 7) for own in ("calm", "chase") for arm in ("general", own)
    }
    analysis = analysed(EXPERIMENT, counted(EXPERIMENT, cells))
    one = {("calm", arm): (2 * units, 2 * won) for (own, arm), (units, won) in cells.items() if own == "calm"}
    trial = replace(EXPERIMENT.trials[0], viewers=UNITS, weekly=UNITS // 2)
    alone = replace(EXPERIMENT, trials=(trial,))
    whole, single = effect(analysis, ALL, OWN), effect(analysed(alone, counted(alone, one)), "calm", "calm")
    assert whole.effect == pytest.approx(single.effect)
    assert (whole.low, whole.high) == pytest.approx((single.low, single.high), rel=0.01)
    assert whole.relative_low == pytest.approx(single.relative_low, rel=0.02)
    assert whole.relative_high == pytest.approx(single.relative_high, rel=0.02)


def test_segments_are_drawn_towards_each_other_the_less_is_known_of_them() -> None:
    cells = {
        ("calm", "general"): (47000, 14000.0),
        ("calm", "calm"): (47000, 14700.0),
        ("chase", "general"): (490, 147.0),
        ("chase", "chase"): (490, 130.0),
    }
    analysis = analysed(EXPERIMENT, counted(EXPERIMENT, cells))
    large, small = effect(analysis, "calm", "calm"), effect(analysis, "chase", "chase")
    for each in (large, small):
        assert each.pooled is not None
        assert each.relative is not None
    assert large.pooled[0] == pytest.approx(large.relative, abs=0.01)  # type: ignore[index]
    assert small.pooled[0] > small.relative + 0.05  # type: ignore[index, operator]
    assert effect(analysis, ALL, OWN).pooled is None


def test_a_lift_that_wears_off_is_told() -> None:
    exposures, outcomes = log(Truth(lifts={("calm", "calm"): 0.6, ("chase", "chase"): 0.6}, fade=3.0))
    analysis = analyse(EXPERIMENT, exposures, outcomes)
    assert "first saw it later gained less" in analysis.decision
    assert "wears off" not in found("better").decision
    days = [look for look in analysis.novelty if look.segment == ALL]
    assert [look.day for look in days] == sorted(analysis.days)
    assert np.mean([look.effect for look in days[:4]]) > 2 * np.mean([look.effect for look in days[-4:]])


def test_the_last_look_is_the_effect() -> None:
    analysis = found("better")
    for segment, arm in ((ALL, OWN), ("chase", "chase")):
        last = [look for look in analysis.sequence if (look.segment, look.variant) == (segment, arm)][-1]
        whole = effect(analysis, segment, arm)
        assert last.units == whole.control_units + whole.units
        assert (last.effect, last.low, last.high) == pytest.approx((whole.effect, whole.low, whole.high))
        assert (last.fixed_low, last.fixed_high) == pytest.approx((whole.fixed_low, whole.fixed_high))


def test_minutes_are_held_and_adjusted_and_it_is_said() -> None:
    adjusted = effect(found("better"), "chase", "chase", "minutes")
    assert "held at" in adjusted.note
    assert "adjusted by what was before" in adjusted.note
    plain = replace(EXPERIMENT, metrics=tuple(replace(metric, before=0.0) for metric in EXPERIMENT.metrics))
    bare = effect(analyse(plain, *log(Truth(lifts={("chase", "chase"): 0.2}))), "chase", "chase", "minutes")
    assert adjusted.high - adjusted.low < bare.high - bare.low
    assert "adjusted" not in bare.note


def test_medians_hold_the_truth_and_need_no_normal_distribution() -> None:
    longer = Metric("typical", "quantile", "play", "second", quantile=0.9, within=168.0)
    experiment = replace(EXPERIMENT, metrics=(EXPERIMENT.primary, longer))
    analysis = analyse(experiment, *log(Truth(lifts={("chase", "chase"): 0.3})))
    own = effect(analysis, "chase", "chase", "typical")
    assert own.low < own.fixed_low < own.effect < own.fixed_high < own.high
    assert own.effect > 0
    assert "90 % quantile" in own.note
    assert effect(analysis, ALL, OWN, "typical").control_value > 0


def test_of_a_handful_of_units_nothing_is_said() -> None:
    """Two units that both played vary by nothing: that is no certainty."""
    alone = replace(EXPERIMENT, trials=EXPERIMENT.trials[:1])
    cells = {("calm", "general"): (2800, 840.0), ("calm", "calm"): (2800, 840.0), ("calm", "chase"): (14, 14.0)}
    analysis = analysed(alone, counted(alone, cells))
    assert {each.variant for each in analysis.metrics} == {"calm"}
    assert "too few profiles have come" in verdict(analysis, "calm", "chase").words


def test_a_metric_that_should_be_less_ships_when_it_is() -> None:
    less = replace(EXPERIMENT.primary, better="less")
    alone = replace(EXPERIMENT, trials=EXPERIMENT.trials[:1], metrics=(less,))
    cells = {("calm", "general"): (47000, 14000.0), ("calm", "calm"): (47000, 12000.0), ("calm", "chase"): (6000, 1800.0)}
    assert verdict(analysed(alone, counted(alone, cells)), "calm", "calm").what == "ship"


def test_so_many_units_more_would_tell() -> None:
    """Where the effect that is worth having is there, four in five experiments of the size that is asked for find it."""
    trial = replace(EXPERIMENT.trials[0], weights=(("general", 500), ("calm", 500)), viewers=10**7, weekly=10**6)
    alone = replace(EXPERIMENT, trials=(trial,), worth=0.1)
    small = counted(alone, {("calm", "general"): (700, 210.0), ("calm", "calm"): (700, 217.0)})
    told = small.told["play"]
    first = comparing.compare(alone, told, trial, "calm")
    more = verdicts.more_units(alone, trial, first)
    assert more is not None
    each = (1400 + more) // 2
    rng = np.random.default_rng(0)
    sure = 0
    for _ in range(200):
        control, own = (Sums(each, float(won), float(won)) for won in (rng.binomial(each, 0.3), rng.binomial(each, 0.33)))
        sure += comparing.between(alone, told, "calm", "calm", control, own, first.planned).low > 0
    assert 0.7 < sure / 200 < 0.95


def test_nothing_is_known_of_an_arm_that_nobody_saw() -> None:
    alone = replace(EXPERIMENT, trials=EXPERIMENT.trials[:1])
    analysis = analysed(alone, counted(alone, {("calm", "general"): (4900, 1400.0), ("calm", "calm"): (4900, 1400.0)}))
    assert verdict(analysis, "calm", "chase").what == "wait"
    assert "chase" not in {each.variant for each in analysis.metrics}
    assert not analysis.srm.passed  # and that is how a forgotten arm is noticed


def test_a_trial_of_unknown_size_without_a_trailer_of_its_own_can_be_looked_at() -> None:
    trial = Trial("everyone", "Everyone", 0, (("general", 400), ("calm", 300), ("chase", 300)))
    alone = replace(EXPERIMENT, trials=(trial,))
    cells = {("everyone", arm): (35 * weight, 10.0 * weight) for arm, weight in trial.weights}
    analysis = analysed(alone, counted(alone, cells))
    assert {each.variant for each in analysis.metrics} == {look.variant for look in analysis.sequence} == {"calm", "chase"}
    assert {each.what for each in analysis.verdicts} == {"wait"}
    assert "Everyone, the trailer “Calm”" in analysis.decision


def test_the_order_of_rows_changes_not_a_byte() -> None:
    exposures, outcomes = log(Truth(twice=0.01), count=3000)
    shuffled = exposures.sample(frac=1, random_state=1), outcomes.sample(frac=1, random_state=2)
    assert to_json(analyse(EXPERIMENT, exposures, outcomes)) == to_json(analyse(EXPERIMENT, *shuffled))


def test_the_document_is_the_contract_and_holds_no_number_that_json_does_not_know() -> None:
    alone = replace(EXPERIMENT, trials=EXPERIMENT.trials[:1])
    document = json.loads(
        to_json(analysed(alone, counted(alone, {("calm", "general"): (700, 0.0), ("calm", "calm"): (700, 70.0)})))
    )
    assert document["schema"] == "Analysis.2"
    assert {"metrics", "srm", "decision"} <= set(document)
    assert {"metric", "variant", "segment", "effect", "low", "high"} <= set(document["metrics"][0])
    assert {"p", "passed"} <= set(document["srm"])
    assert document["metrics"][0]["relative"] is None


def test_what_to_know_of_the_log_is_said() -> None:
    exposures, outcomes = log(Truth(twice=0.02), count=2000)
    odd = exposures.head(3).assign(experiment_id="another")
    analysis = analyse(replace(EXPERIMENT, assumed=True), pd.concat([exposures, odd]), outcomes, until="2026-01-24T00:00:00Z")
    said = " ".join(analysis.notes)
    assert "saw more than one trailer" in said
    assert "3 exposures are of other trials" in said
    assert "assumed a baseline of 30 %" in said
    assert "Whole weeks count" in said
    assert analysis.count.moved == 0


def test_wrong_columns_are_named() -> None:
    exposures, outcomes = log(Truth(), count=100)
    with pytest.raises(RequestError, match="variation_id"):
        analyse(EXPERIMENT, exposures.drop(columns="variation_id"), outcomes)


@evidence
def test_cookie_cats_comes_out_as_published_with_its_split() -> None:
    """90,189 players; p = 0.0744 and 0.00155; and a split of 44,700 to 45,489 that was to be even."""
    known = json.loads((EVIDENCE / "reference.json").read_text())["cookie_cats"]
    cells = pd.read_csv(EVIDENCE / "cookie_cats_counts.csv")
    players = cells.loc[cells.index.repeat(cells["users"])].reset_index(drop=True)
    players["user_id"] = [f"player-{number}" for number in range(len(players))]
    arms = tuple(Arm(name, name, (name,)) for name in ("gate_30", "gate_40"))
    metrics = (
        Metric("retention_1", "share", "retention_1", "primary", words="come back on the next day"),
        Metric("retention_7", "share", "retention_7", "guard", words="come back after a week"),
    )
    trial = Trial("everyone", "Everyone", len(players), (("gate_30", 500), ("gate_40", 500)))
    experiment = Experiment("cookie-cats", "cats", "salt", arms, (trial,), metrics, baseline=0.448, assumed=False)
    exposures = pd.DataFrame(
        {
            "timestamp": "2026-01-05T00:00:00Z",
            "user_id": players["user_id"],
            "experiment_id": "cookie-cats-everyone",
            "variation_id": players["version"],
        }
    )
    outcomes = players[["user_id"]].assign(**{name: players[name].astype(int) for name in ("retention_1", "retention_7")})
    analysis = analyse(experiment, exposures, outcomes)
    for name in ("retention_1", "retention_7"):
        each, asked = effect(analysis, "everyone", "gate_40", name), known[name]
        assert (each.control_units, each.units) == (44700, 45489)
        assert (each.control_value, each.value) == pytest.approx((asked["rate"]["gate_30"], asked["rate"]["gate_40"]), abs=5e-7)
        assert each.effect == pytest.approx(asked["diff"], abs=5e-7)
        assert each.p == pytest.approx(asked["p"], rel=1e-3)
        assert (each.fixed_low, each.fixed_high) == pytest.approx(tuple(asked["ci95"]), abs=2e-6)
        assert each.low < each.fixed_low
        assert each.high > each.fixed_high
    assert analysis.srm.p == pytest.approx(known["srm_50_50"]["p"], rel=1e-3)
    assert analysis.srm.passed
    assert analysis.srm.warning
    assert "Look at the split before trusting this (p = 0.0086" in analysis.decision


@evidence
def test_hillstrom_comes_out_as_computed() -> None:
    """64,000 customers in three arms; visits, conversions and spend by Welch's t."""
    known = json.loads((EVIDENCE / "reference.json").read_text())["hillstrom"]
    table = pd.read_csv(EVIDENCE / "hillstrom.csv.gz")
    ids = {"No E-Mail": "none", "Mens E-Mail": "mens", "Womens E-Mail": "womens"}
    arms = tuple(Arm(id, name, (id,)) for name, id in ids.items())
    metrics = tuple(
        Metric(name, "mean", name, "primary" if name == "visit" else "second") for name in ("visit", "conversion", "spend")
    )
    trial = Trial("everyone", "Everyone", len(table), (("none", 334), ("mens", 333), ("womens", 333)))
    experiment = Experiment("hillstrom", "mail", "salt", arms, (trial,), metrics, baseline=0.1, assumed=False)
    users = [f"customer-{number}" for number in range(len(table))]
    exposures = pd.DataFrame(
        {
            "timestamp": "2026-01-05T00:00:00Z",
            "user_id": users,
            "experiment_id": "hillstrom-everyone",
            "variation_id": table["segment"].map(ids),
        }
    )
    analysis = analyse(experiment, exposures, table[["visit", "conversion", "spend"]].assign(user_id=users))
    for metric in ("visit", "conversion", "spend"):
        for name, arm in (("Mens E-Mail", "mens"), ("Womens E-Mail", "womens")):
            each, asked = effect(analysis, "everyone", arm, metric), known[metric][f"{name} - none"]
            assert each.control_value == pytest.approx(known[metric]["No E-Mail"], abs=5e-7)
            assert each.effect == pytest.approx(asked["diff"], abs=5e-7)
            assert each.p == pytest.approx(asked["p"], rel=1e-3)
            assert (each.fixed_low, each.fixed_high) == pytest.approx(tuple(asked["ci95"]), abs=2e-6)
    assert analysis.srm.p > 0.5
    assert verdict(analysis, "everyone", "mens").what == "ship"
    assert verdict(analysis, "everyone", "womens").what == "wait"  # better than none too, but one can send one only
    assert not math.isnan(analysis.metrics[0].anytime_p)


def test_reading_a_log_twice_is_the_same_log() -> None:
    exposures, outcomes = log(Truth(), count=400)
    assert read(EXPERIMENT, exposures, outcomes) == read(EXPERIMENT, exposures, outcomes)
