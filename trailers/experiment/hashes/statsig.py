"""Statsig's hash: SHA-256, its first 8 bytes, a thousand buckets (statsig-io/python-sdk, evaluator.py).

Everything is a condition of the kind `user_bucket`, as Statsig cuts its own experiments: SHA-256 of salt + "." + unit, modulo
1000. A gate is a bucket under its salt in [start, stop); a trial covers the units whose bucket under salt + ":coverage" is below
the coverage, and its groups lie one after the other in the buckets under the salt itself.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trailers.experiment.hashes.digests import leading
from trailers.experiment.hashes.rule import THOUSAND

PASSES = 10000


def within(units: Sequence[str], salt: str, start: int, stop: int) -> NDArray[np.bool_]:
    places = buckets(units, salt)
    return (places >= start) & (places < stop)


def chosen(units: Sequence[str], salt: str, weights: Sequence[int], coverage: int) -> NDArray[np.int64]:
    numbers = np.searchsorted(np.cumsum(weights), buckets(units, salt), side="right")
    if coverage < THOUSAND:  # all pass otherwise, whatever their place
        numbers[buckets(units, salt_of_coverage(salt)) >= coverage] = -1
    return numbers


def shares(weights: Sequence[int], coverage: int) -> tuple[float, ...]:
    return tuple(weight / sum(weights) for weight in weights)


def salt_of_coverage(salt: str) -> str:
    """The salt of the condition that lets a trial's share of units in."""
    return f"{salt}:coverage"


def buckets(units: Sequence[str], salt: str) -> NDArray[np.int64]:
    """Each unit's `user_bucket` under a salt, 0..999."""
    return (leading(units, f"{salt}.", "sha256") % np.uint64(THOUSAND)).astype(np.int64)


def passes(units: Sequence[str], config: str, rule: str, percent: float) -> NDArray[np.bool_]:
    """Whether each unit passes a rule of a gate that lets `percent` (0..100) of units through, by the salts of both."""
    return (leading(units, f"{config}.{rule}.", "sha256") % np.uint64(PASSES)).astype(np.float64) < percent * 100
