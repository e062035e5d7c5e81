"""How much each served row says of another policy: its weight, and how well the log and the policy overlap."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from trailers.experiment.replay.beside import Beside
    from trailers.experiment.replay.tables import Log

SLATES = ("position", "cascade", "whole")
OFF, DOUBT = 0.05, 0.001
"""An action is odd that is off by this share, where chance does not explain it (p below DOUBT)."""
NAMED = 5
"""Of the actions that were never shown, or oddly often, so many are named."""


@dataclass(frozen=True)
class Lost:
    """An action that the policy would show with `chance` in a segment at a position, and that the log never shows there."""

    action: str
    segment: str
    position: str
    chance: float


@dataclass(frozen=True)
class Odd:
    """An action that the log shows in a segment at a position `times` as often as its propensities say, with the p of that
    (two-sided, for all that were looked at together)."""

    action: str
    segment: str
    position: str
    times: float
    p: float


@dataclass(frozen=True)
class Overlap:
    """How much of the log speaks of the policy.

    `matched` units saw something that the policy might have shown; `effective` of equal weight would tell as much as they do: the
    effective sample size, (sum w)^2 / sum w^2 (Kish 1965; Owen 2013, chapter 9). `largest` is the greatest weight of a row,
    `heaviest` the share of all weight that one unit carries. `mean_weight` is what is `due` but for chance where the propensities
    are those that were served (1, less what the log never shows), and `p` tests that (two-sided). `lost` is the share of what the
    policy would show that the log never shows, 0..1; `missing` names the first few of it. `doubted` is the share of what it would
    show that the log shows more or less often than its propensities say, and `odd` names the first few of that.
    """

    units: int
    matched: int
    decisions: int
    rows: int
    effective: float
    largest: float
    heaviest: float
    mean_weight: float
    p: float
    lost: float
    missing: tuple[Lost, ...]
    doubted: float = 0.0
    odd: tuple[Odd, ...] = ()
    due: float = 1.0


def weights(log: Log, table: Beside, slates: str = "position") -> NDArray[np.float64]:
    """A weight a row: by how much likelier the policy would have shown it than what was served (Horvitz & Thompson 1952).

    Rows of one decision are a slate, one a position. "position": what is shown elsewhere on it does not matter to a row's reward
    (item-position model: Li et al. 2018). "cascade": what stands before it does (reward interaction: McInerney et al. 2020), the
    product of the weights up to it. "whole": all of the slate does, the product of all; propensities and chances are then those
    given what was placed before, so that their product is the slate's.
    """
    return _slated(log, table.chances[log.segment, log.position, log.action] / log.propensity, slates)


def _slated(log: Log, each: NDArray[np.float64], slates: str) -> NDArray[np.float64]:
    if slates == "position":
        return each
    first = np.flatnonzero(np.diff(log.decision, prepend=-1))
    place, found = np.arange(log.rows) - first[log.decision], each.copy()
    for at in range(1, int(place.max()) + 1):
        here = np.flatnonzero(place == at)
        found[here] *= found[here - 1]
    return found if slates == "cascade" else found[np.append(first[1:], log.rows)[log.decision] - 1]


def overlap(log: Log, table: Beside, weight: NDArray[np.float64], slates: str = "position") -> Overlap:
    """See Overlap. The test of the mean weight is by unit (its error from the units' spread)."""
    unit = np.bincount(log.unit, weight)
    size = np.bincount(log.unit).astype(float)
    mean = float(unit.sum() / size.sum())
    spread = float(np.sqrt(np.sum((unit - mean * size) ** 2))) / float(size.sum())
    kept = np.where(table.logged > 0, table.chances, 0.0).sum(2)[log.segment, log.position]
    due = float(_slated(log, kept, slates).mean())
    off = mean - due
    if spread > 1e-12:
        p = math.erfc(abs(off) / spread / math.sqrt(2))
    else:
        p = 1.0 if abs(off) < 1e-9 else 0.0
    gone = np.where(table.logged == 0, table.chances, 0.0) * table.cell[..., None]
    places = sorted(zip(*np.nonzero(gone), strict=True), key=lambda at: (-gone[at], at))[:NAMED]
    square = float(np.sum(unit**2))
    effective = float(unit.sum() ** 2 / square) if square else 0.0
    odd, doubted = _odd(log, table)
    return Overlap(
        units=len(unit),
        matched=int(np.sum(unit > 0)),
        decisions=int(log.decision.max()) + 1,
        rows=log.rows,
        effective=effective,
        largest=float(weight.max()),
        heaviest=float(unit.max() / unit.sum()) if square else 0.0,
        mean_weight=mean,
        p=p,
        lost=float(gone.sum()),
        missing=tuple(
            Lost(table.actions[a], log.segments[s], log.positions[at], float(table.chances[s, at, a])) for s, at, a in places
        ),
        doubted=doubted,
        odd=odd,
        due=due,
    )


def _odd(log: Log, table: Beside) -> tuple[tuple[Odd, ...], float]:
    """Actions of the policy whose rows' 1 / propensity do not sum to the rows that there were, as they should but for chance, and
    the policy's share of them.

    The sum is tested as a Poisson count of as many rows of equal weight. A unit that comes again and again is one witness, not
    many: counts are held at the units that saw the action.
    """
    from scipy.stats import gamma

    inverse, shape = np.zeros(table.logged.shape), table.logged.shape
    square = np.zeros(shape)
    np.add.at(inverse, (log.segment, log.position, log.action), 1 / log.propensity)
    np.add.at(square, (log.segment, log.position, log.action), log.propensity**-2.0)
    cell = np.ravel_multi_index((log.segment, log.position, log.action), shape)
    seen = np.unique(np.stack([cell, log.unit]), axis=1)[0]
    units = np.bincount(seen, minlength=inverse.size).reshape(shape)
    asked = (table.chances > 0) & (table.logged > 0)
    rows = np.broadcast_to(table.logged.sum(2, keepdims=True), shape)
    times = inverse[asked] / rows[asked]
    count = np.minimum(inverse[asked] ** 2 / square[asked], units[asked])
    fewer, more = gamma.sf(count / times, count + 1), gamma.cdf(count / times, count)
    p = np.minimum(2 * np.minimum(fewer, more) * asked.sum(), 1.0)
    wrong = np.flatnonzero((p < DOUBT) & (np.abs(times - 1) >= OFF))
    mass = (table.chances * table.cell[..., None])[asked]
    where = np.argwhere(asked)
    first = sorted(wrong, key=lambda at: (-mass[at], at))[:NAMED]
    named = ((where[at], float(times[at]), float(p[at])) for at in first)
    odd = tuple(Odd(table.actions[a], log.segments[s], log.positions[at], often, doubt) for (s, at, a), often, doubt in named)
    return odd, float(mass[wrong].sum())
