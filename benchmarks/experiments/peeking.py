"""Looked at every day: how often nothing is taken for something, and how often intervals hold the truth."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import NormalDist

import numpy as np

from benchmarks.experiments.simulated import CAPPED, MEANS, RATIOS, SHARES, World, days, minutes
from benchmarks.experiments.table import asked, rows, share
from trailers.experiment.statistics import always, discovery, pooling, quantiles
from trailers.experiment.statistics.difference import Difference

ALPHA = 0.05
WEEKS = 2
LOOKS = 7 * WEEKS
TIMES = 2000
LIFT = 0.05


def main(argv: list[str]) -> None:
    given = asked(argv, "peeking", __doc__ or "")
    times = TIMES // 20 if given.quick else TIMES
    alarms = (
        f"A/A, {times:,} experiments of {LOOKS} days: how many find an effect (goal: 5 % or less at any time)",
        ("world", "p < 0.05 at some day", "at the last day", "ours at some day", "goal met"),
    )
    rows(*alarms, (alarm(world, times, given.seed) for world in (*SHARES, *MEANS, *CAPPED, *RATIOS)))
    rows(
        "the same, looked at for longer or shorter than planned (share 10 %, 500 a day and arm)",
        alarms[1],
        (alarm(SHARES[1], times, given.seed, looks, planned) for looks, planned in ((56, 14), (14, 56), (14, 2))),
    )
    rows(
        f"How often intervals at 95 % hold the truth, lifted by {LIFT:.0%}, {times:,} experiments",
        ("world", "one look", "relative, one look", "any time: all looks", "relative, any time: all looks", "goals met"),
        (held(world, times, given.seed) for world in (*SHARES, *MEANS, *RATIOS)),
    )
    rows(
        f"Quantiles, and segments drawn together, {times:,} times",
        ("what", "hold the truth", "goal", "met"),
        (*quantiles_held(times, given.seed), *pooled_held(times, given.seed)),
    )
    rows(
        f"Many comparisons with one control, looked at until something shows, {times // 4:,} times",
        ("what", "found", "goal", "met"),
        together(times // 4, given.seed),
    )


def alarm(world: World, times: int, seed: int, looks: int = LOOKS, planned_days: int = LOOKS) -> tuple[object, ...]:
    """How many of so many experiments without an effect say that there is one."""
    planned = planned_days * world.a_day
    peeked = last = ours = 0
    for differences in experiments(world, times, seed, looks):
        peeked += any(each.p < ALPHA for each in differences)
        last += differences[-1].p < ALPHA
        ours += any(always.always(each, 1 - ALPHA, planned)[2] < ALPHA for each in differences)
    name = world.name if (looks, planned_days) == (LOOKS, LOOKS) else f"{looks} looks, planned {planned_days}"
    return name, share(peeked, times), share(last, times), share(ours, times), ours <= most(times)


def held(world: World, times: int, seed: int) -> tuple[object, ...]:
    """How many of so many experiments with a planted effect hold it in their intervals."""
    planned, truth = LOOKS * world.a_day, world.true * LIFT
    once = relative = always_all = relative_all = 0
    for differences in experiments(world, times, seed + 1, LOOKS, LIFT):
        last = differences[-1]
        once += last.low <= truth <= last.high
        relative += last.relative_low <= LIFT <= last.relative_high
        always_all += all(low <= truth <= high for low, high, _ in (always.always(each, 0.95, planned) for each in differences))
        relative_all += all(
            not math.isfinite(low) or low <= LIFT <= high
            for low, high in (always.relative(each, 0.95, planned) for each in differences)
        )
    counts = (once, relative, always_all, relative_all)
    return world.name, *(share(count, times) for count in counts), all(times - count <= most(times) for count in counts)


def experiments(world: World, times: int, seed: int, looks: int, lift: float = 0.0) -> Iterator[list[Difference]]:
    """The differences after each day of so many experiments."""
    rng = np.random.default_rng(seed)
    for _ in range(times):
        yield [world.difference(control, own) for control, own in days(world, rng, looks, lift)]


def quantiles_held(times: int, seed: int) -> Iterator[tuple[object, ...]]:
    """Medians and 90th percentiles of minutes: one look at the end, and all days' looks."""
    rng, draw, daily, lift = np.random.default_rng(seed), minutes(1.0, 1.2), 200, 0.1
    for q in (0.5, 0.9):
        truth = lift * math.exp(1.2 * NormalDist().inv_cdf(q) - 1.2**2 / 2)
        once = every = 0
        for _ in range(times):
            control, own = draw(rng, LOOKS * daily, 0.0)[0], draw(rng, LOOKS * daily, lift)[0]
            looks = [(control[: n * daily], own[: n * daily]) for n in range(1, LOOKS + 1)]
            last = quantile(*looks[-1], q, NormalDist().inv_cdf(0.975))
            once += last.low <= truth <= last.high
            wide = [quantile(*look, q, always.reach(2 * len(look[0]), 2 * LOOKS * daily, 0.95)) for look in looks]
            every += all(each.low <= truth <= each.high for each in wide)
        yield f"quantile {q:g}, one look", share(once, times), "95 %", times - once <= most(times)
        yield f"quantile {q:g}, any time: all looks", share(every, times), "95 % or more", times - every <= most(times)


def quantile(control: np.ndarray, own: np.ndarray, q: float, reach: float) -> Difference:
    def limits(values: np.ndarray) -> quantiles.Limits:
        low, high = quantiles.places(len(values), q, reach)
        found = np.quantile(values, [low, q, high])
        return quantiles.Limits(len(values), *map(float, found))

    return quantiles.difference(limits(control), limits(own), reach)


def pooled_held(times: int, seed: int) -> Iterator[tuple[object, ...]]:
    """Segments whose true effects spread so many standard errors about a common one: intervals, and how far off values are."""
    rng = np.random.default_rng(seed)
    for segments in (2, 8):
        for spread in (0.0, 0.5, 1.0, 3.0):
            inside = common = 0
            ours, own = [], []
            errors = np.linspace(0.5, 1.5, segments)
            for _ in range(times):
                truth = 1.0 + spread * rng.standard_normal(segments)
                seen = truth + errors * rng.standard_normal(segments)
                pooled = pooling.pool(list(zip(seen.tolist(), errors.tolist(), strict=True)))
                inside += sum(low <= true <= high for true, (_, low, high) in zip(truth, pooled.each, strict=True))
                common += pooled.common[1] <= 1.0 <= pooled.common[2]
                ours.append(np.mean((truth - [value for value, _, _ in pooled.each]) ** 2))
                own.append(np.mean((truth - seen) ** 2))
            what = f"{segments} segments spread by {spread:g} standard errors"
            off = f"squared error {np.mean(ours) / np.mean(own):.2f} of unpooled"
            yield (
                f"{what}: own effects ({off})",
                share(inside, times * segments),
                "95 %",
                bool(inside >= 0.935 * times * segments),
            )
            yield f"{what}: what is common", share(common, times), "95 %", times - common <= most(times)


def together(times: int, seed: int) -> Iterator[tuple[object, ...]]:
    """24 arms against one control, 6 of which bring something; looked at daily, stopped at the first day that says anything."""
    rng, arms, there, daily = np.random.default_rng(seed), 24, 6, 300
    for lift in (0.0, 0.35):
        wrong: list[float] = []
        naive: list[float] = []
        right: list[float] = []
        for _ in range(times):
            lifts = np.where(np.arange(arms) < (there if lift else 0), lift, 0.0)
            said, plain = stopped(rng, lifts, daily)
            true = lifts > 0
            wrong.append(float((said & ~true).sum() / max(1, said.sum())))
            naive.append(float((plain & ~true).sum() / max(1, plain.sum())))
            right.append(float((said & true).sum() / max(1, true.sum())))
        what = f"{there if lift else 0} of {arms} arms bring {lift:.0%}"
        error = 1.64 * np.std(wrong) / math.sqrt(times)
        yield f"{what}: false among what is found", f"{np.mean(wrong):.1%}", "5 % or less", bool(np.mean(wrong) - error <= ALPHA)
        yield f"{what}: the same by daily p < 0.05", f"{np.mean(naive):.1%}", "", ""
        if lift:
            yield f"{what}: found of what is there when something first shows", f"{np.mean(right):.1%}", "", ""


def stopped(rng: np.random.Generator, lifts: np.ndarray, daily: int, rate: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """Which arms are said to bring something at the first look that says anything (else the last): ours, and by p of one look."""
    from trailers.experiment.statistics.differences import share as compared
    from trailers.experiment.statistics.sums import Sums

    won = rng.binomial(daily, rate, LOOKS).cumsum(), rng.binomial(daily, rate * (1 + lifts), (LOOKS, len(lifts))).cumsum(0)
    ours = naive = np.zeros(len(lifts), bool)
    for day in range(LOOKS):
        units = daily * (day + 1)
        control = Sums(units, float(won[0][day]), float(won[0][day]))
        found = [compared(control, Sums(units, float(each), float(each))) for each in won[1][day]]
        if not ours.any():
            ps = [always.always(each, 1 - ALPHA, 2 * daily * LOOKS)[2] for each in found]
            ours = np.array(discovery.discoveries(ps, 1 - ALPHA))
        if not naive.any():
            naive = np.array([each.p < ALPHA for each in found])
        if ours.any() and naive.any():
            break
    return ours, naive


def most(times: int) -> int:
    """The most failures of so many that a true chance of 5 % would bring about (one in a hundred times more)."""
    from scipy.stats import binom

    return int(binom.ppf(0.99, times, ALPHA))
