"""What another policy would have earned, from a log with propensities; refused where the log cannot tell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from trailers.errors import RequestError
from trailers.experiment.replay import estimates, intervals, rewards, trust
from trailers.experiment.replay.answer import Answer, Estimate, Part
from trailers.experiment.replay.beside import beside
from trailers.experiment.replay.weights import SLATES, overlap, weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trailers.experiment.replay.beside import Beside
    from trailers.experiment.replay.estimates import Method, Told
    from trailers.experiment.replay.policy import Policy
    from trailers.experiment.replay.tables import Log

ALL = "all"


def earned(
    log: Log,
    policy: Policy,
    method: str = ALL,
    level: float = 0.95,
    seed: int = 0,
    slates: str = "position",
    cap: float = estimates.CAP,
    draws: int = intervals.DRAWS,
) -> Answer:
    """What `policy` would have earned a decision, had it served the log's decisions; see Answer.

    `method` "all": doubly robust, the others beside it (self-normalised where slates are not taken by position: the model of
    rewards knows of single places only); else that method alone. `slates`: see `weights`. `cap` is where the clipped one cuts
    weights off. `seed` is that of folds, trees and the bootstrap, which draws `draws` times. A RequestError for a name that is
    none of these.
    """
    if method not in (ALL, *estimates.METHODS):
        raise RequestError(f"methods are {', '.join((ALL, *estimates.METHODS))}; {method!r} was asked for")
    if slates not in SLATES:
        raise RequestError(f"slates are taken by {', '.join(SLATES)}; {slates!r} was asked for")
    if not 0 < level < 1 or cap <= 0:
        raise RequestError(f"a level lies between 0 and 1, a cap above 0: {level = }, {cap = }")
    if method == "dr" and slates != "position":
        raise RequestError("doubly robust takes slates by position; ask for snips, or for slates by position")
    table = beside(log, policy)
    weight = weights(log, table, slates)
    modelled = method == "dr" or (method == ALL and slates == "position")
    expected = rewards.expected(log, table, seed) if modelled else None
    told = _told(log, weight, method, expected, cap)
    best = next(each for each in reversed(told) if each.method in ("dr", "snips")) if method == ALL else told[0]
    found = overlap(log, table, weight, slates)
    refused = trust.refusals(found, _rewarded(log, weight))
    base = estimates.own(log)
    own = _held(intervals.interval(base, level), log)
    drawn = intervals.bootstrap([each.parts for each in told], level, seed, draws)
    shown = tuple(_estimate(each, base, log, level, boot) for each, boot in zip(told, drawn, strict=True))
    chosen = next(each for each in shown if each.method == best.method)
    return Answer(
        policy=policy.name,
        method=best.method,
        slates=slates,
        level=level,
        value=None if refused else chosen.value,
        low=None if refused else chosen.low,
        high=None if refused else chosen.high,
        own=base.value,
        own_low=own.low,
        own_high=own.high,
        difference=None if refused else chosen.difference,
        difference_low=None if refused else chosen.difference_low,
        difference_high=None if refused else chosen.difference_high,
        overlap=found,
        estimates=shown,
        parts=_parts(log, table, weight, slates, best.method, expected, level, cap),
        refusals=refused,
        notes=(*([] if refused else trust.warnings(found)), *log.notes),
    )


def _told(
    log: Log,
    weight: NDArray[np.float64],
    method: str,
    expected: tuple[NDArray[np.float64], NDArray[np.float64]] | None,
    cap: float,
) -> Sequence[Told]:
    found = []
    if method in (ALL, "ips"):
        found.append(estimates.weighted(log, weight))
    if method in (ALL, "snips"):
        found.append(estimates.normalised(log, weight))
    if method in (ALL, "clipped"):
        found.append(estimates.clipped(log, weight, cap))
    if expected is not None:
        found.append(estimates.robust(log, weight, *expected))
    return found


def _estimate(told: Told, base: intervals.Parts, log: Log, level: float, drawn: intervals.Interval) -> Estimate:
    held, plain = _held(intervals.interval(told.parts, level), log), intervals.plain(told.parts, level)
    apart = intervals.interval(told.difference, level)
    return Estimate(
        method=told.method,
        value=told.parts.value,
        low=held.low,
        high=held.high,
        how=held.how,
        se=told.parts.se,
        normal_low=plain.low,
        normal_high=plain.high,
        bootstrap_low=drawn.low,
        bootstrap_high=drawn.high,
        difference=told.parts.value - base.value,
        difference_low=apart.low,
        difference_high=apart.high,
        difference_how=apart.how,
        note=told.note,
    )


def _held(found: intervals.Interval, log: Log) -> intervals.Interval:
    """Nothing is earned below 0 where no reward is."""
    return replace(found, low=max(found.low, 0.0)) if log.reward.min() >= 0 else found


def _rewarded(log: Log, weight: NDArray[np.float64]) -> int:
    return len(np.unique(log.unit[(log.reward != 0) & (weight > 0)]))


def _parts(
    log: Log,
    table: Beside,
    weight: NDArray[np.float64],
    slates: str,
    method: Method,
    expected: tuple[NDArray[np.float64], NDArray[np.float64]] | None,
    level: float,
    cap: float,
) -> tuple[Part, ...]:
    """The answer within each segment, where there are several."""
    if len(log.segments) < 2:
        return ()
    parts = []
    for number, segment in enumerate(log.segments):
        here = log.segment == number
        some, weighed = log.of(here), weight[here]
        cell = table.logged * (np.arange(len(log.segments)) == number)[:, None, None]
        found = overlap(some, replace(table, logged=cell, cell=cell.sum(2) / some.rows), weighed, slates)
        refused = trust.refusals(found, _rewarded(some, weighed))
        told = _told(some, weighed, method, None if expected is None else (expected[0][here], expected[1][here]), cap)
        own, best = estimates.own(some).value, next(each for each in told if each.method == method).parts
        held = _held(intervals.interval(best, level), some)
        value, low, high = (None, None, None) if refused else (best.value, held.low, held.high)
        parts.append(
            Part(segment, found.units, found.effective, own, value, low, high, refused[0].partition(". ")[0] if refused else "")
        )
    return tuple(parts)
