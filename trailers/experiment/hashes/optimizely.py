"""Optimizely's hash: MurmurHash3 with seed 1 over unit + id, ten thousand buckets (optimizely/python-sdk, bucketer.py).

A trial is an experiment whose id in the datafile is the salt: its `trafficAllocation` gives each variation the buckets of
`traffic`, and "" those between. A gate is a holdout whose id is the salt and which holds everybody outside [start, stop).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trailers.experiment.hashes.murmur import murmurs
from trailers.experiment.hashes.rule import THOUSAND

SEED = 1
BUCKETS = 10000


def within(units: Sequence[str], salt: str, start: int, stop: int) -> NDArray[np.bool_]:
    places = buckets(units, salt)
    each = BUCKETS // THOUSAND
    return (places >= start * each) & (places < stop * each)


def chosen(units: Sequence[str], salt: str, weights: Sequence[int], coverage: int) -> NDArray[np.int64]:
    places = buckets(units, salt)
    numbers = np.full(len(units), -1, np.int64)
    for number, (start, stop) in enumerate(traffic(weights, coverage)):
        numbers[(places >= start) & (places < stop)] = number
    return numbers


def shares(weights: Sequence[int], coverage: int) -> tuple[float, ...]:
    widths = [stop - start for start, stop in traffic(weights, coverage)]
    return tuple(width / sum(widths) for width in widths)


def traffic(weights: Sequence[int], coverage: int) -> tuple[tuple[int, int], ...]:
    """Each variation's buckets, start included and stop excluded: what is not covered is left free behind each (rounded up, so
    that no variation is without a bucket)."""
    each = BUCKETS // THOUSAND
    ranges, at = [], 0
    for weight in weights:
        ranges.append((at, at - -weight * each * coverage // THOUSAND))
        at += weight * each
    return tuple(ranges)


def buckets(units: Sequence[str], id: str) -> NDArray[np.int64]:
    """Where each unit falls for an experiment, holdout or group: 0..9999."""
    # floor(hash / 2**32 * 10000): dividing by a power of two is exact, so whole numbers say the same
    return (murmurs(units, SEED, after=id).astype(np.int64) * BUCKETS) >> 32
