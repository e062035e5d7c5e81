"""What experiments teach: what was planted, for whom it matters; nothing from nothing; and tastes that turn, anew."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from trailers.errors import RequestError
from trailers.experiment.analyse import analyse
from trailers.experiment.components import OPENING
from trailers.experiment.design import Arm, Experiment, Trial
from trailers.experiment.findings import Analysis, Count, Effect, Source, Split
from trailers.experiment.learn import MIRRORED, Contrast, contrast, contrasts, learn, learnt, source, together
from trailers.experiment.metric import house
from trailers.experiment.rehearse import Lost, Truth, rehearse
from trailers.experiment.statistics.differences import share
from trailers.experiment.statistics.sums import Sums
from trailers.ranking.lessons import EVERYBODY, Lessons, from_json, step, to_json

SEGMENTS = ("calm", "chase", "face", "laugh", "songs")
QUALITIES = ("fast", "lively", "loud", "bright", "colourful", "face", "spoken", "early")
NAMES = (
    *(f"quality {name}" for name in QUALITIES), *(f"opening {name}" for name in OPENING if name != "wide"),
    "pace", "weight scene", "weight episode", "weight face",
)  # fmt: skip
BASELINE = 0.2
Effects = Mapping[str, Mapping[str, float]]
PLANTED: Effects = {segment: {"quality fast": 0.04, "quality face": 0.04 if segment == "face" else 0.0} for segment in SEGMENTS}
TURNED: Effects = {segment: {name: -by for name, by in of.items()} for segment, of in PLANTED.items()}
NOTHING: Effects = {segment: {} for segment in SEGMENTS}


def season(number: int, seed: int = 0, names: Sequence[str] = NAMES) -> Experiment:
    """The experiment of a season whose trailers are like nothing before: components drawn by chance, opposites with them."""
    chance = np.random.default_rng([seed, number])

    def like() -> tuple[tuple[str, float], ...]:
        drawn = {name: round(0.5 + 0.8 * step(name) * chance.normal(), 6) for name in names}
        return (*drawn.items(), ("quality calm", 1 - drawn["quality fast"]), ("quality wide", 1 - drawn["quality face"]))

    arms = tuple(Arm(name, name.title(), (f"{name}/landscape",), like()) for name in ("general", *SEGMENTS))
    trials = tuple(
        Trial(own, own, 400_000, (("general", 460), (own, 460), *((other, 20) for other in SEGMENTS if other != own)))
        for own in SEGMENTS
    )
    return Experiment(f"s{number}-trailers", f"s{number}", f"salt {number}", arms, trials, house())


def rate(segment: str, components: Mapping[str, float], effects: Effects) -> float:
    more = sum(by * (components[name] - 0.5) / step(name) for name, by in effects[segment].items())
    return BASELINE * math.exp(more)


def seen(experiment: Experiment, effects: Effects, seed: int = 0) -> tuple[Contrast, ...]:
    """What the analysis of a test gives where so many play as is planted."""
    chance = np.random.default_rng([seed, 1])
    found = []
    for trial in experiment.trials:
        sums = {}
        for arm, weight in trial.weights:
            units = trial.viewers * weight // 1000
            plays = int(chance.binomial(units, rate(trial.segment, dict(experiment.arm(arm).components), effects)))
            sums[arm] = Sums(units, plays, plays)
        for arm, own in sums.items():
            if arm != "general":
                between = share(sums["general"], own)
                control, value = between.control, between.value
                found.append(contrast(trial.segment, arm, sums["general"].n, own.n, control, value, between.se))
    return tuple(found)


def lived(worlds: Sequence[Effects], seed: int = 0) -> list[Lessons]:
    """What is believed after each season."""
    told: list[Lessons] = []
    for number, effects in enumerate(worlds):
        asked = season(number, seed)
        told.append(learnt(asked, seen(asked, effects, 100 * seed + number), told[-1] if told else None))
    return told


@cache
def steady() -> tuple[Lessons, ...]:
    return tuple(lived([PLANTED] * 5))


def firm(lessons: Lessons) -> set[tuple[str, str]]:
    return {(each.segment, each.component) for each in lessons.lessons if each.firm}


def test_what_was_planted_is_learnt_with_its_size_and_nothing_else() -> None:
    last = steady()[-1]
    true = {(segment, "quality fast") for segment in (EVERYBODY, *SEGMENTS)}
    true |= {("face", "quality face"), (EVERYBODY, "quality face")}  # everybody's is the mean
    assert true >= firm(last) >= {(segment, "quality fast") for segment in SEGMENTS}
    assert last.of("calm")["quality fast"].effect == pytest.approx(0.04, abs=0.008)
    assert all(each.low <= 0.04 <= each.high for each in last.lessons if each.firm and each.segment)


def test_what_matters_to_one_segment_is_not_said_of_the_others() -> None:
    last = steady()[-1]
    one, other = last.of("face")["quality face"], last.of("chase")["quality face"]
    assert one.effect > 0.02 > abs(other.effect)
    assert not other.firm


def test_segments_that_nobody_has_tested_get_everybodys() -> None:
    last = steady()[-1]
    assert last.of("robots")["quality fast"].segment == EVERYBODY
    assert last.of("robots")["quality fast"].effect == pytest.approx(0.04, abs=0.008)


def test_one_season_says_little() -> None:
    assert not firm(steady()[0])
    first, last = (told.of("calm")["quality fast"] for told in (steady()[0], steady()[-1]))
    assert last.high - last.low < first.high - first.low
    assert (first.rounds, last.rounds) == (1, 5)
    assert last.units > 4 * first.units


def test_opposites_are_learnt_once() -> None:
    named = {each.component for each in steady()[-1].lessons}
    assert not named & set(MIRRORED)
    assert named == set(NAMES)


def test_nothing_is_learnt_from_nothing() -> None:
    assert [firm(told) for seed in range(1, 4) for told in lived([NOTHING] * 3, seed)] == [set()] * 9


def test_trailers_that_differ_for_other_reasons_teach_nothing() -> None:
    last: Lessons | None = None
    for number in range(3):
        asked = season(number, 7)
        luck = dict(zip(SEGMENTS, np.random.default_rng([7, number]).normal(0, 0.03, len(SEGMENTS)), strict=True))
        found = [replace(each, effect=each.effect + luck[each.arm]) for each in seen(asked, NOTHING, number)]
        last = learnt(asked, found, last)
        assert not firm(last)
    assert last
    assert isinstance(last.belief["misfit"], float)
    assert last.belief["misfit"] > 0.005


def test_tastes_that_turn_are_doubted_at_once_and_learnt_anew() -> None:
    before = steady()
    told = list(before)
    for number in range(5, 9):
        asked = season(number)
        told.append(learnt(asked, seen(asked, TURNED, number), told[-1]))
    assert ("calm", "quality fast") in firm(told[4])
    wrong = [each for lessons in told[5:] for each in lessons.lessons if each.firm and each.effect * 0.04 > 0]
    assert not wrong
    assert told[-1].of("calm")["quality fast"].effect < -0.01
    rounds = told[-1].belief["rounds"]
    assert isinstance(rounds, list)
    assert rounds[5]["keeps"] < rounds[4]["keeps"]


def test_a_longer_memory_is_kept_where_nothing_turns() -> None:
    rounds = steady()[-1].belief["rounds"]
    assert isinstance(rounds, list)
    assert [each["keeps"] for each in rounds] == [1.0, 0.95, 0.95, 0.95, 0.95]


def test_the_same_test_again_takes_its_own_place() -> None:
    asked = season(4)
    again = learnt(asked, seen(asked, PLANTED, 4), steady()[-1])
    assert again.sources == steady()[-1].sources
    assert to_json(again) == to_json(steady()[-1])


def test_the_same_people_counted_again_are_no_further_evidence() -> None:
    asked = season(4)
    cut_anew = replace(asked, arms=(*asked.arms[:-1], replace(asked.arms[-1], variants=("songs/vertical",))))
    assert source(cut_anew) != source(asked)
    again = learnt(cut_anew, seen(asked, PLANTED, 4), steady()[-1])
    assert again.lessons == steady()[-1].lessons
    assert again.sources == (*steady()[-1].sources[:-1], source(cut_anew))


def test_what_a_person_struck_stays_struck() -> None:
    last = steady()[3]
    out = (EVERYBODY, "quality fast")
    kept = tuple(each for each in last.lessons if (each.segment, each.component) != out)
    asked = season(4)
    for before in (replace(last, lessons=kept), replace(last, struck=(out,), lessons=kept)):
        told = learnt(asked, seen(asked, PLANTED, 4), from_json(to_json(before)))
        assert told.struck == (out,)
        assert "quality fast" not in {each.component for each in told.lessons if each.segment == EVERYBODY}
        assert ("calm", "quality fast") in firm(told)
        assert together([told, steady()[0]]).struck == (out,)


def test_a_lesson_that_was_altered_is_no_ground_to_go_on_from() -> None:
    first, *rest = steady()[3].lessons
    altered = replace(steady()[3], lessons=(replace(first, effect=first.effect + 0.01), *rest))
    asked = season(4)
    with pytest.raises(RequestError, match="not what its rounds teach"):
        learnt(asked, seen(asked, PLANTED, 4), altered)


def test_small_arms_are_learnt_from_by_what_was_due_and_not_by_what_came() -> None:
    asked, chance = season(0), np.random.default_rng(5)
    effects = []
    for _ in range(400):
        units, control = 60, 0.2
        won = int(chance.binomial(units, control))
        whole = share(Sums(4000, 800, 800), Sums(units, won, won))
        reach = 1.96 * whole.se
        found = Effect(
            "play", "primary", "calm", "chase", 4000, units, control, won / units, whole.effect, 0, 0,
            whole.effect - reach, whole.effect + reach, 1.0, None, None, None, None, 0,
        )  # fmt: skip
        analysis = Analysis(asked.id, (found,), Split(0.5, True), Count(4060, 4060), (), "")
        effects += [each.effect for each in contrasts(asked, analysis)]
    assert len(effects) == 400
    assert abs(float(np.mean(effects))) < 0.04


def test_a_segment_whose_own_split_failed_teaches_nothing() -> None:
    asked = season(0)
    both = tuple(
        Effect("play", "primary", segment, segment, 4000, 4000, 0.2, 0.22, 0.02, 0, 0, 0.01, 0.03, 0.1, None, None, None, None, 0)
        for segment in ("calm", "chase")
    )
    split = Split(0.01, True, where=(Source("segment", "chase", 1e-5, 0.03, 8000),))
    assert [each.segment for each in contrasts(asked, Analysis(asked.id, both, split, Count(1, 1), (), ""))] == ["calm"]


def test_what_was_written_is_read_and_gone_on_from() -> None:
    again = from_json(to_json(steady()[3]))
    assert again == steady()[3]
    asked = season(4)
    assert to_json(learnt(asked, seen(asked, PLANTED, 4), again)) == to_json(steady()[4])


def test_files_are_put_together_each_test_once() -> None:
    apart = [learnt(asked, seen(asked, PLANTED, number)) for number in range(3) for asked in [season(number)]]
    both = together(apart)
    assert both.sources == tuple(each.sources[0] for each in apart)
    assert together([steady()[2], steady()[1]]).sources == steady()[2].sources
    assert together([steady()[0]]) is steady()[0]
    with pytest.raises(RequestError, match="metric"):
        together([steady()[0], replace(steady()[1], metric="minutes")])


def test_what_cannot_teach_is_refused_with_the_reason() -> None:
    asked = season(0)
    bare = replace(asked, arms=tuple(replace(arm, components=()) for arm in asked.arms))
    with pytest.raises(RequestError, match="no component"):
        learnt(bare, seen(asked, NOTHING))
    with pytest.raises(RequestError, match="enough units"):
        learnt(asked, ())
    with pytest.raises(RequestError, match="metric"):
        learnt(asked, seen(asked, NOTHING), replace(steady()[0], metric="minutes"))
    with pytest.raises(RequestError, match="believed"):
        learnt(asked, seen(asked, NOTHING), replace(steady()[0], belief={"rounds": [{}]}))


def test_errors_of_arms_beside_one_control_go_together() -> None:
    one = contrast("calm", "calm", 1000, 1000, 0.2, 0.22, 0.018)
    assert one.effect == pytest.approx(0.1)
    assert one.own + one.shared**2 == pytest.approx(((0.018 / math.sqrt(2)) / 0.2) ** 2 * (1 + 1.1**2))


def small() -> tuple[Experiment, pd.DataFrame]:
    asked = season(0)
    members = pd.DataFrame({"viewer": [f"v{n}" for n in range(12000)], "segment": [SEGMENTS[n % 5] for n in range(12000)]})
    return replace(asked, trials=tuple(replace(trial, viewers=2400) for trial in asked.trials)), members


def test_a_log_is_learnt_from_by_its_analysis() -> None:
    asked, members = small()
    truth = Truth(rate=lambda segment, components: rate(segment, components, PLANTED), again=0.0)
    analysis = analyse(asked, *rehearse(asked, members, truth))
    rows = contrasts(asked, analysis)
    assert {each.segment for each in rows} == set(SEGMENTS)
    assert all(each.units + each.control_units < 2400 for each in rows)
    told = learn(asked, analysis)
    assert told.metric == "play"
    assert told.sources == (source(asked),)
    assert json.loads(to_json(told))["lessons"][0]["units"] > 10000


def test_a_broken_split_teaches_nothing() -> None:
    asked, members = small()
    log = rehearse(asked, members, Truth(again=0.0, lost=(Lost(0.3, arm="general"),)))
    with pytest.raises(RequestError, match="did not fall to the arms"):
        learn(asked, analyse(asked, *log))
