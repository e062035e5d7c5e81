"""Which of many causes act, and by how much: a regression averaged over the sets of causes that explain what was seen."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
WIDE, DEEP = 8, 10
"""So many sets of each size are gone on from, and so many causes a set has at most."""
WINDOW = 1e-5
"""Sets that are less likely than the likeliest by more than this are not averaged (Occam's window)."""


@dataclass(frozen=True)
class Facts:
    """What a normal regression has to know of its rows, for one belief of their errors: `gram` and `pull` are its columns'
    products with themselves and with what is explained, both weighed by the errors' precision; `left` is the log density of the
    rows where nothing acts, but for a constant."""

    gram: Numbers
    pull: Numbers
    left: float


def facts(columns: Numbers, values: Numbers, errors: Numbers) -> Facts:
    """The facts of rows x columns that explain values, with the errors' covariance (rows x rows)."""
    weighed = np.linalg.solve(errors, np.column_stack([columns, values]))
    gram, pull = columns.T @ weighed[:, :-1], columns.T @ weighed[:, -1]
    return Facts(gram, pull, float(-0.5 * (np.linalg.slogdet(errors)[1] + values @ weighed[:, -1])))


@dataclass(frozen=True)
class Averaged:
    """Of every cause: `acts` is the log of how much more likely what was seen is where it acts than where it does not (a Bayes
    factor, over all sets of the others); by cause and way the mean and standard deviation, sets in which it does not act counting
    as 0, and `apart`, the log of the same odds of that way, where the cause acts, against its being 0 (Savage-Dickey; Dickey &
    Lientz 1970). `likelihood` is the log density of what was seen, but for a constant. `believed` is the
    chance of each belief of the errors."""

    acts: Numbers
    mean: Numbers
    deviation: Numbers
    apart: Numbers
    likelihood: float
    believed: Numbers


@dataclass(frozen=True)
class _Set:
    """A set of causes under one belief of the errors, with its log density and prior together."""

    belief: int
    causes: tuple[int, ...]
    weight: float


@dataclass(frozen=True)
class _Prior:
    """Leading columns that always stand there have the precision `always`; a cause has coefficients with the covariance `spread`
    and acts with the `chance`."""

    always: Numbers
    spread: Numbers
    chance: float

    @property
    def precision(self) -> Numbers:
        return np.asarray(np.linalg.inv(self.spread))


def averaged(beliefs: Sequence[Facts], always: Numbers, spread: Numbers, chance: float, ways: Numbers) -> Averaged:
    """Bayesian model averaging (Raftery, Madigan & Hoeting 1997) over sets of causes and over `beliefs` of the errors, each as
    likely before.

    Columns are some that `always` act, with these prior precisions, and then as many for each cause as `spread`, the prior
    covariance of a cause's coefficients, has; a cause acts with the `chance`, whatever the others do. `ways` x coefficients are
    the sums of a cause's coefficients that are asked for. Sets are found from the empty one by adding causes, the best WIDE of
    each size, so that the same facts give the same answer.
    """
    prior, width = _Prior(always, spread, chance), len(ways)
    count = (len(beliefs[0].pull) - len(always)) // len(spread)
    before = np.einsum("wi,ij,wj->w", ways, spread, ways)
    sets = [each for number, known in enumerate(beliefs) for each in _sets(number, known, prior, count)]
    weights = np.array([each.weight for each in sets])
    top = float(weights.max())
    shares = np.exp(weights - top)
    member = np.zeros((len(sets), count), bool)
    for row, each in enumerate(sets):
        member[row, list(each.causes)] = True
    inside, outside = shares @ member, shares @ ~member
    acts = np.log(np.maximum(inside, 1e-300)) - np.log(np.maximum(outside, 1e-300)) + np.log((1 - chance) / chance)
    first, second, dense = np.zeros((3, count, width))
    seen = np.zeros(count)
    for each, share in zip(sets, shares, strict=True):
        if share >= WINDOW:
            middle, variance = _ways(beliefs[each.belief], prior, each.causes, ways)
            for place, cause in enumerate(each.causes):
                m, v = middle[place], variance[place]
                first[cause] += share * m
                second[cause] += share * (v + m**2)
                dense[cause] += share * np.exp(-0.5 * m**2 / v) / np.sqrt(v)
                seen[cause] += share
    kept = float(shares[shares >= WINDOW].sum())
    mean, square = first / kept, second / kept
    density = dense / np.maximum(seen, 1e-300)[:, None]
    apart = np.where(seen[:, None] > 0, -0.5 * np.log(before) - np.log(np.maximum(density, 1e-300)), 0.0)
    # What was never likely enough to be averaged is as little known as before, and hardly acts.
    floor = (inside / shares.sum())[:, None] * before
    deviation = np.sqrt(np.maximum(square - mean**2, np.where(seen[:, None] > 0, 0.0, floor)))
    each_belief = np.bincount([each.belief for each in sets], shares, len(beliefs)) / shares.sum()
    likelihood = top + float(np.log(shares.sum())) - float(np.log(len(beliefs)))
    return Averaged(acts, mean, deviation, apart, likelihood, each_belief)


def _sets(belief: int, known: Facts, prior: _Prior, count: int) -> list[_Set]:
    """The sets that were looked at, each once."""
    out, in_ = np.log(1 - prior.chance), np.log(prior.chance / (1 - prior.chance))
    empty = known.left + count * out + _bare(known, prior)
    found: dict[tuple[int, ...], float] = {(): float(empty)}
    here: list[tuple[int, ...]] = [()]
    for _ in range(min(DEEP, count)):
        new: dict[tuple[int, ...], float] = {}
        for causes in here:
            gains = _gains(known, prior, causes, count)
            for cause in range(count):
                if cause not in causes:
                    new[tuple(sorted((*causes, cause)))] = float(found[causes] + gains[cause] + in_)
        if not new:
            break
        found |= new
        here = sorted(new, key=lambda causes: (-new[causes], causes))[:WIDE]
        if max(new.values()) < max(found.values()) + np.log(WINDOW):
            break
    return [_Set(belief, causes, weight) for causes, weight in found.items()]


def _bare(known: Facts, prior: _Prior) -> float:
    """What the columns that always stand there add to the log density."""
    n = len(prior.always)
    if not n:
        return 0.0
    held = known.gram[:n, :n] + np.diag(prior.always)
    explained = known.pull[:n] @ np.linalg.solve(held, known.pull[:n])
    return float(0.5 * (explained - np.linalg.slogdet(held)[1] + np.log(prior.always).sum()))


def _places(prior: _Prior, causes: tuple[int, ...]) -> NDArray[np.int64]:
    """The columns of a set of causes, those that always stand there first."""
    n, width = len(prior.always), len(prior.spread)
    return np.concatenate([np.arange(n), *(n + width * cause + np.arange(width) for cause in causes)]).astype(np.int64)


def _held(known: Facts, prior: _Prior, causes: tuple[int, ...]) -> tuple[NDArray[np.int64], Numbers]:
    """The columns of a set, and the inverse of their posterior precision."""
    at, n, width = _places(prior, causes), len(prior.always), len(prior.spread)
    precision = known.gram[np.ix_(at, at)].copy()
    precision[:n, :n] += np.diag(prior.always)
    for place in range(len(causes)):
        part = slice(n + place * width, n + (place + 1) * width)
        precision[part, part] += prior.precision
    return at, np.asarray(np.linalg.inv(precision), np.float64)


def _gains(known: Facts, prior: _Prior, causes: tuple[int, ...], count: int) -> Numbers:
    """What each cause would add to the log density of a set, by the Schur complement of its columns."""
    at, inverse = _held(known, prior, causes)
    n, width = len(prior.always), len(prior.spread)
    across = known.gram[n:, at] @ inverse
    block = (known.gram[n:, n:] - across @ known.gram[at, n:]).reshape(count, width, count, width)
    own = block[np.arange(count), :, np.arange(count), :] + prior.precision
    pull = (known.pull[n:] - across @ known.pull[at]).reshape(count, width)
    explained = np.einsum("cw,cw->c", pull, np.linalg.solve(own, pull[:, :, None])[:, :, 0])
    return np.asarray(0.5 * (explained - np.linalg.slogdet(own)[1] + np.linalg.slogdet(prior.precision)[1]))


def _ways(known: Facts, prior: _Prior, causes: tuple[int, ...], ways: Numbers) -> tuple[Numbers, Numbers]:
    """Means and variances, causes x ways, of what is asked of a set's causes."""
    at, inverse = _held(known, prior, causes)
    n, count, width = len(prior.always), len(causes), len(prior.spread)
    middle = (inverse @ known.pull[at])[n:].reshape(count, width) @ ways.T
    each = np.arange(count)
    blocks = inverse[n:, n:].reshape(count, width, count, width)[each, :, each, :]
    return middle, np.einsum("wi,cij,wj->cw", ways, blocks, ways)
