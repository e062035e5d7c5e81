"""Seasons that learn from their experiments against seasons that do not: ranker, choice, components, design and learning are the
product's, viewers and their tastes are planted."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from itertools import combinations
from multiprocessing import get_context

import numpy as np

from benchmarks.experiments.table import parser, rows, share
from benchmarks.experiments.worlds import Cut, Known, Planted, plant, rates, season, seen, tastes, tested
from trailers.experiment.learn import learnt
from trailers.ranking.lessons import Lessons
from trailers.ranking.proof.measures import Interval, interval
from trailers.ranking.segments import GENERAL

ROUNDS, SEEDS, TURN = 8, 20, 4
"""A world's seasons, the worlds, and the season (from 0) in which tastes turn."""
SIZE, VIEWERS, EXPLORE = 0.04, 500_000, 0.1
"""What a step of a planted component brings; viewers of a segment who come by a season's test; the share who see any trailer."""
SMALLER = ((20_000, 0.02), (100_000, 0.02), (500_000, 0.02), (100_000, 0.04))
"""Viewers of a segment in a season's test, and what a step brings, in worlds less generous than that."""
DRAWS = 2
"""So many times nothing is tested on a world's trailers."""
ODD = 0.02
"""How far trailers differ for reasons that no component names, where that is all there is."""


@dataclass(frozen=True)
class Told:
    """What happened in a world, a number a round: `own` is by what share more those play who see their own trailer than where
    nobody learns, `served` those in the test with whatever they see; `firm` counts lessons, `wrong` those of them that are not
    true; `apart` is the share of time that two segments' trailers do not share, `many` the share of a season's shots that are
    shown by any, each with learning and without; `spread` the standard deviation of what shots are like over all shown."""

    own: list[float] = field(default_factory=list)
    served: list[float] = field(default_factory=list)
    firm: list[int] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)
    apart: list[tuple[float, float]] = field(default_factory=list)
    many: list[tuple[float, float]] = field(default_factory=list)
    spread: list[tuple[float, float]] = field(default_factory=list)


@dataclass(frozen=True)
class World:
    """steady: tastes stay; turned: they turn into their opposite in round TURN; nothing, odd: by draw and round how many lessons
    were firm where nothing differs, and where trailers differ for reasons that no component names; smaller: the same for each of
    SMALLER, where tastes stay."""

    steady: Told
    turned: Told
    nothing: Sequence[Sequence[int]]
    odd: Sequence[Sequence[int]]
    smaller: Sequence[Sequence[int]]


def world(seed: int, rounds: int = ROUNDS) -> World:
    """One world, lived through as often as it takes."""
    liking = tastes(seed)
    known = [season(liking, number, seed) for number in range(rounds)]
    planted = plant(liking, SIZE, seed)
    turned = [planted if number < TURN else planted.flipped() for number in range(rounds)]
    none = replace(planted, effects={segment: {} for segment in planted.effects}, content=False)
    return World(
        _lived(known, [planted] * rounds, seed),
        _lived(known, turned, seed),
        [_tried(known, none, [seed, draw], VIEWERS) for draw in range(DRAWS)],
        [_tried(known, replace(none, odd=ODD), [seed, draw], VIEWERS) for draw in range(DRAWS)],
        [_tried(known, plant(liking, size, seed), [seed], viewers) for viewers, size in SMALLER],
    )


def _lived(known: Sequence[Known], worlds: Sequence[Planted], seed: int) -> Told:
    lessons: Lessons | None = None
    told = Told()
    for number, (here, planted) in enumerate(zip(known, worlds, strict=True)):
        drawn = [seed, number]
        plain, cuts = here.trailers(None), here.trailers(lessons)
        before, after = _played(here.name, plain, planted, drawn), _played(here.name, cuts, planted, drawn)
        experiment = tested(here.name, cuts, list(planted.effects), VIEWERS, EXPLORE)
        lessons = learnt(experiment, seen(experiment, rates(cuts, planted, drawn), VIEWERS, drawn), lessons)
        firm = [each for each in lessons.lessons if each.firm]
        wrong = [each for each in firm if each.effect * planted.effect(each.segment, each.component) <= 0]
        told.own.append(after[0] / before[0] - 1)
        told.served.append(after[1] / before[1] - 1)
        told.firm.append(len(firm))
        told.wrong.append(len(wrong))
        told.apart.append((_apart(cuts), _apart(plain)))
        told.many.append((_many(here, cuts), _many(here, plain)))
        told.spread.append((_spread(here, cuts), _spread(here, plain)))
    return told


def _tried(known: Sequence[Known], planted: Planted, seed: Sequence[int], viewers: int) -> list[int]:
    """How many lessons are firm after each round of tests on trailers that nobody learnt for."""
    lessons: Lessons | None = None
    firm = []
    for number, here in enumerate(known):
        cuts, drawn = here.trailers(None), [*seed, number]
        experiment = tested(here.name, cuts, list(planted.effects), viewers, EXPLORE)
        lessons = learnt(experiment, seen(experiment, rates(cuts, planted, drawn), viewers, drawn), lessons)
        firm.append(sum(each.firm for each in lessons.lessons))
    return firm


def _played(name: str, cuts: Mapping[str, Cut], planted: Planted, seed: Sequence[int]) -> tuple[float, float]:
    """The chance that a viewer plays who sees the own trailer, and who is in the test, over segments on average."""
    found, experiment = rates(cuts, planted, seed), tested(name, cuts, list(planted.effects), VIEWERS, EXPLORE)
    own = [of[segment] for segment, of in found.items()]
    served = [sum(weight * found[trial.segment][arm] for arm, weight in trial.weights) / 1000 for trial in experiment.trials]
    return float(np.mean(own)), float(np.mean(served))


def _apart(cuts: Mapping[str, Cut]) -> float:
    """The share of screen time by which two segments' trailers differ, over all pairs on average."""
    pairs = [(cuts[one].shots, cuts[other].shots) for one, other in combinations(cuts, 2) if GENERAL not in (one, other)]
    both = [sum(min(frames, other.get(shot, 0)) for shot, frames in one.items()) for one, other in pairs]
    shorter = [min(sum(one.values()), sum(other.values())) for one, other in pairs]
    return 1 - float(np.mean(np.array(both) / np.array(shorter)))


def _many(here: Known, cuts: Mapping[str, Cut]) -> float:
    """The share of a season's shots that any trailer shows."""
    return len({shot for cut in cuts.values() for shot in cut.shots}) / len(here.index)


def _spread(here: Known, cuts: Mapping[str, Cut]) -> float:
    """How far what is shown differs: the standard deviation of a quality over all shots shown, over qualities on average."""
    from trailers.ranking.choice.qualities import qualities

    shown = [shot for cut in cuts.values() for shot in cut.shots]
    return float(qualities(here.index).loc[shown].std().mean())


def main(argv: list[str]) -> None:
    """Prints the tables."""
    options = parser("loop", __doc__ or "")
    options.add_argument("--seeds", type=int, default=SEEDS, help=f"worlds (default: {SEEDS})")
    options.add_argument("--workers", type=int, default=2, help="processes (default: 2)")
    asked = options.parse_args(argv)
    count, rounds = (2, 3) if asked.quick else (asked.seeds, ROUNDS)
    seeds = [asked.seed + number for number in range(count)]
    found: dict[int, World] = {}
    with ProcessPoolExecutor(asked.workers, get_context("spawn")) as pool:
        at_work = {pool.submit(world, seed, rounds): seed for seed in seeds}
        for done in as_completed(at_work):
            found[at_work[done]] = done.result()
            print(f"{len(found)} of {count} worlds", file=sys.stderr, flush=True)
    show([found[seed] for seed in seeds])


def show(worlds: Sequence[World]) -> None:
    """Prints what happened in worlds."""
    rounds = range(len(worlds[0].steady.own))
    for title, told in (
        ("Tastes that stay", [each.steady for each in worlds]),
        (f"Tastes that turn into their opposite in round {TURN + 1}", [each.turned for each in worlds]),
    ):
        rows(
            f"{title}: plays with learning, against without, {len(worlds)} worlds [95 %]",
            ("round", "own trailer seen", "all in the test", "firm lessons a world", "of these not true"),
            [
                (
                    n + 1,
                    _percent(interval(np.array([each.own[n] for each in told]))),
                    _percent(interval(np.array([each.served[n] for each in told]))),
                    float(np.mean([each.firm[n] for each in told])),
                    float(np.mean([each.wrong[n] for each in told])),
                )
                for n in rounds
            ]
            + [
                (
                    "all",
                    _percent(interval(np.array([np.mean(each.own) for each in told]))),
                    _percent(interval(np.array([np.mean(each.served) for each in told]))),
                    "",
                    "",
                )
            ],
        )
    styles = ("apart", "many", "spread")
    rows(
        "One style? (tastes that stay; with learning / without)",
        ("round", "time that two segments' trailers do not share", "shots that are shown", "spread of qualities shown"),
        [(n + 1, *(_both([getattr(each.steady, name)[n] for each in worlds]) for name in styles)) for n in rounds],
    )
    lines = []
    for title, tried in (
        ("nothing differs", [draw for each in worlds for draw in each.nothing]),
        (f"trailers differ by {ODD:.0%} for reasons that no component names", [draw for each in worlds for draw in each.odd]),
    ):
        false, ever = sum(firm > 0 for draw in tried for firm in draw), sum(max(draw) > 0 for draw in tried)
        lines.append((title, share(false, sum(map(len, tried))), share(ever, len(tried))))
    rows(
        "What is learnt from nothing (goal: at most 5 % of worlds ever)",
        ("world", "rounds with a firm lesson", "worlds with one at any round"),
        lines,
    )
    several = [(viewers, size, [each.smaller[number] for each in worlds]) for number, (viewers, size) in enumerate(SMALLER)] + [
        (VIEWERS, SIZE, [each.steady.firm for each in worlds])
    ]
    rows(
        "What it takes to learn (the worlds above are generous)",
        (
            "viewers of a segment a test",
            "a step brings",
            "worlds that learn in all rounds",
            "first round with a firm lesson (median)",
        ),
        [
            (f"{viewers:,}", f"{size:.0%}", share(sum(max(each) > 0 for each in firm), len(firm)), _first(firm))
            for viewers, size, firm in several
        ],
    )


def _first(firm: Sequence[Sequence[int]]) -> str:
    """The round in which half the worlds have had their first firm lesson; "never" where more than half have none."""
    rounds = sorted(next((n + 1 for n, count in enumerate(each) if count), len(each) + 1) for each in firm)
    middle = rounds[(len(rounds) - 1) // 2]
    return "never" if middle > len(firm[0]) else str(middle)


def _percent(value: Interval) -> str:
    return f"{100 * value.mean:+.1f} % [{100 * value.low:+.1f}, {100 * value.high:+.1f}]"


def _both(values: Sequence[tuple[float, float]]) -> str:
    learning, without = np.mean(values, axis=0)
    return f"{learning:.3f} / {without:.3f}"
