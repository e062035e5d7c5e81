"""How often a planned effect is found: theory and simulation, what adjusting saves, what looking at any time costs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from benchmarks.experiments.simulated import World, days, minutes, share
from benchmarks.experiments.table import asked, rows
from benchmarks.experiments.table import share as counted
from trailers.experiment.statistics import always, sizes
from trailers.experiment.statistics.sums import Sums

TIMES = 2000
LOOKS = 14
LEVEL, POWER = 0.95, 0.8
SPREAD = 1.2


def main(argv: list[str]) -> None:
    given = asked(argv, "power", __doc__ or "")
    times = TIMES // 20 if given.quick else TIMES
    rows(
        f"One look at the size that theory gives for 80 %, {times:,} experiments each",
        ("metric and relative effect", "units in both arms", "found", "goal: 80 %, not ruled out at 1 in 100"),
        once(times, given.seed),
    )
    rows(
        f"Minutes adjusted by those before, {times:,} experiments each (+10 %)",
        ("what goes with what was before", "variance that went", "units without", "units with", "found with so many", "goal met"),
        saved(times, given.seed),
    )
    rows(
        f"Looked at daily, stopped when it shows, share 10 % lifted by 10 %, {times:,} experiments each",
        ("planned", "units planned", "found at the last day", "found at some day", "days till found, of 14", "goal met"),
        looked(times, given.seed),
    )


def once(times: int, seed: int) -> Iterator[tuple[object, ...]]:
    for name, baseline, effect, control in (
        ("share 10 %, +10 %", 0.1, 0.1, 0.5),
        ("share 30 %, +4 %", 0.3, 0.04, 0.5),
        ("share 1 %, +40 %", 0.01, 0.4, 0.5),
        ("share 10 %, -10 %", 0.1, -0.1, 0.5),
        ("share 10 %, +15 %, 9 of 10 see the control", 0.1, 0.15, 0.9),
    ):
        units = sizes.needed(baseline, effect, control, 1 - control, LEVEL, POWER)
        world = World(name, "share", _arms(units, control), baseline, share(baseline))
        yield _line(world, effect, units, times, seed)
    for name, effect, control in (("minutes, +10 %", 0.1, 0.5), ("minutes, +15 %, 3 of 4 see the control", 0.15, 0.75)):
        units = sizes.needed(0.3, effect, control, 1 - control, LEVEL, POWER, deviation(effect, control))
        world = World(name, "mean", _arms(units, control), 0.3, minutes(0.3, SPREAD))
        yield _line(world, effect, units, times, seed)


def saved(times: int, seed: int) -> Iterator[tuple[object, ...]]:
    """How many units less it takes where a share of the variance goes: that share less (Deng et al. 2013)."""
    for known in (0.5, 0.8, 0.95):
        draw = minutes(0.3, SPREAD, known)
        plain = sizes.needed(0.3, 0.1, deviation=deviation(0.1, 0.5))
        world = World(f"correlation of logarithms {known:g}", "mean", (100_000, 100_000), 0.3, draw, adjusted=True)
        went = _explained(world, seed)
        less = math.ceil(plain * (1 - went))
        smaller = replace(world, daily=_arms(less, 0.5))
        count = _found(smaller, 0.1, times, seed)
        yield world.name, f"{went:.0%}", f"{plain:,}", f"{less:,}", counted(count, times), _reached(count, times)


def looked(times: int, seed: int) -> Iterator[tuple[object, ...]]:
    effect = 0.1
    plain = sizes.needed(0.1, effect)
    factor = sizes.anytime(LEVEL, POWER)
    for name, units in (
        ("for one look", plain),
        (f"for looks at any time, {factor:.2f} times as many", math.ceil(factor * plain)),
    ):
        daily = _arms(math.ceil(units / LOOKS), 0.5)
        world = World(name, "share", daily, 0.1, share(0.1))
        planned = world.a_day * LOOKS
        rng = np.random.default_rng(seed)
        last = some = 0
        till: list[int] = []
        for _ in range(times):
            found = [
                always.always(world.difference(*each), LEVEL, planned)[2] < 1 - LEVEL for each in days(world, rng, LOOKS, effect)
            ]
            last, some = last + found[-1], some + any(found)
            till += [found.index(True) + 1] if any(found) else []
        meant = "" if units == plain else _reached(some, times)
        yield name, f"{planned:,}", counted(last, times), counted(some, times), f"{np.mean(till):.1f}", meant


def deviation(effect: float, control: float) -> float:
    """Of a unit's `minutes(0.3, SPREAD)`: one for both arms, though that of the lifted one is lifted too."""
    plain, own = 0.3 * math.exp(SPREAD**2) - 0.3**2, 1 - control
    return math.sqrt(plain * (1 / control + (1 + effect) ** 2 / own) / (1 / control + 1 / own))


def _line(world: World, effect: float, units: int, times: int, seed: int) -> tuple[object, ...]:
    count = _found(world, effect, times, seed)
    return world.name, f"{units:,}", counted(count, times), _reached(count, times)


def _found(world: World, effect: float, times: int, seed: int) -> int:
    """How many experiments of one day find an effect of the right sign at one look."""
    rng, count = np.random.default_rng(seed), 0
    for _ in range(times):
        ((control, own),) = days(world, rng, 1, effect)
        found = world.difference(control, own, LEVEL)
        count += found.p < 1 - LEVEL and (found.effect > 0) == (effect > 0)
    return count


def _explained(world: World, seed: int) -> float:
    """The share of the variance that goes, of a million units."""
    rng = np.random.default_rng(seed)
    control, own = Sums(0), Sums(0)
    for more, added in days(world, rng, 5):
        control, own = more, added
    return world.difference(control, own).explained


def _arms(units: int, control: float) -> tuple[int, int]:
    return round(units * control), units - round(units * control)


def _reached(count: int, times: int) -> bool:
    """Whether a chance of POWER is not ruled out from below (one in a hundred times)."""
    from scipy.stats import binom

    return bool(count >= binom.ppf(0.01, times, POWER))
