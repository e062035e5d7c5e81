"""PlanOut's hash: SHA-1, its first 15 hexadecimal digits (facebook/planout, planout/ops/random.py), the model of namespaces.

Everything hashes experiment salt + "." + parameter + "." + unit; a unit made of several is joined by ".". A gate is PlanOut's
namespace named by the salt: its parameter `segment` is a whole number of 0..999 in [start, stop). A trial is an experiment of
that salt: the parameter `coverage` likewise, below the coverage, and `arm`, a weighted choice.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trailers.experiment.hashes.digests import leading
from trailers.experiment.hashes.rule import THOUSAND

SCALE = float(0xFFFFFFFFFFFFFFF)


def within(units: Sequence[str], salt: str, start: int, stop: int) -> NDArray[np.bool_]:
    segments = integers(units, salt, "segment", 0, THOUSAND - 1)
    return (segments >= start) & (segments < stop)


def chosen(units: Sequence[str], salt: str, weights: Sequence[int], coverage: int) -> NDArray[np.int64]:
    numbers = weighted(units, salt, "arm", [float(weight) for weight in weights])
    if coverage < THOUSAND:  # all pass otherwise, whatever their place
        numbers[integers(units, salt, "coverage", 0, THOUSAND - 1) >= coverage] = -1
    return numbers


def shares(weights: Sequence[int], coverage: int) -> tuple[float, ...]:
    return tuple(weight / sum(weights) for weight in weights)


def floats(units: Sequence[str], salt: str, parameter: str) -> NDArray[np.float64]:
    """RandomFloat of 0..1."""
    return _hashes(units, salt, parameter).astype(np.float64) / SCALE


def integers(units: Sequence[str], salt: str, parameter: str, low: int, high: int) -> NDArray[np.int64]:
    """RandomInteger of low..high, both included."""
    return (_hashes(units, salt, parameter) % np.uint64(high - low + 1)).astype(np.int64) + low


def bernoulli(units: Sequence[str], salt: str, parameter: str, chance: float) -> NDArray[np.int64]:
    """BernoulliTrial: 1 with that chance, else 0."""
    return (floats(units, salt, parameter) <= chance).astype(np.int64)


def uniform(units: Sequence[str], salt: str, parameter: str, count: int) -> NDArray[np.int64]:
    """UniformChoice: the number of one of `count` choices."""
    return integers(units, salt, parameter, 0, count - 1)


def weighted(units: Sequence[str], salt: str, parameter: str, weights: Sequence[float]) -> NDArray[np.int64]:
    """WeightedChoice: the number of the first choice at which the weights so far reach the unit's float times their sum."""
    reached = np.cumsum(weights)
    numbers: NDArray[np.int64] = np.searchsorted(reached, floats(units, salt, parameter) * reached[-1], side="left")
    return numbers


def _hashes(units: Sequence[str], salt: str, parameter: str) -> NDArray[np.uint64]:
    return leading(units, f"{salt}.{parameter}.", "sha1") >> np.uint64(4)
