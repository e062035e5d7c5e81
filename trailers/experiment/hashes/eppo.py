"""Eppo's hash: MD5, its first 8 hexadecimal digits, ten thousand shards (Eppo-exp SDKs, universal flag configuration).

Everything is a shard of a split: MD5 of salt + "-" + unit, modulo `totalShards`. A gate is a shard under its salt with the range
[start, stop) in tens; a trial's traffic is a shard under salt + ":coverage", its splits are ranges of the shard under the salt.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trailers.experiment.hashes.digests import leading
from trailers.experiment.hashes.rule import THOUSAND

SHARDS = 10000
EACH = SHARDS // THOUSAND


def within(units: Sequence[str], salt: str, start: int, stop: int) -> NDArray[np.bool_]:
    places = shards(units, salt)
    return (places >= start * EACH) & (places < stop * EACH)


def chosen(units: Sequence[str], salt: str, weights: Sequence[int], coverage: int) -> NDArray[np.int64]:
    numbers = np.searchsorted(np.cumsum(weights) * EACH, shards(units, salt), side="right")
    if coverage < THOUSAND:  # all pass otherwise, whatever their place
        numbers[shards(units, salt_of_coverage(salt)) >= coverage * EACH] = -1
    return numbers


def shares(weights: Sequence[int], coverage: int) -> tuple[float, ...]:
    return tuple(weight / sum(weights) for weight in weights)


def salt_of_coverage(salt: str) -> str:
    """The salt of the shard that lets a trial's share of units in."""
    return f"{salt}:coverage"


def shards(units: Sequence[str], salt: str, total: int = SHARDS) -> NDArray[np.int64]:
    """Each unit's shard under a salt, 0..total - 1."""
    return ((leading(units, f"{salt}-", "md5") >> np.uint64(32)) % np.uint64(total)).astype(np.int64)
