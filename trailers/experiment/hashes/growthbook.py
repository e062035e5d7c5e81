"""GrowthBook's hash, version 2: FNV-1a twice over UTF-16 code units, ten thousand buckets (growthbook/growthbook, spec 0.8.0).

A trial is an experiment rule whose `seed` is the salt, with `weights` and `coverage` as decimal shares; a gate is a filter
(`filters`) whose `seed` is the salt, with the range [start, stop) as shares of 1. Both hash version 2 over seed + unit.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from trailers.experiment.hashes.codes import columns
from trailers.experiment.hashes.rule import THOUSAND

PRIME, BASIS = 16777619, 2166136261
BUCKETS = 10000
DIGITS = tuple(10**digit for digit in range(9, -1, -1))


def within(units: Sequence[str], salt: str, start: int, stop: int) -> NDArray[np.bool_]:
    n = buckets(units, salt)
    return (n >= start / THOUSAND) & (n < stop / THOUSAND)


def chosen(units: Sequence[str], salt: str, weights: Sequence[int], coverage: int) -> NDArray[np.int64]:
    return choose_all(buckets(units, salt), _asked(tuple(weights), coverage))


@lru_cache(maxsize=256)
def _shares(weights: tuple[int, ...], coverage: int) -> tuple[float, ...]:
    numbers = choose_all(np.arange(BUCKETS) / BUCKETS, _asked(weights, coverage))
    counts = np.bincount(numbers[numbers >= 0], minlength=len(weights))
    return tuple((counts / max(counts.sum(), 1)).tolist())


def shares(weights: Sequence[int], coverage: int) -> tuple[float, ...]:
    return _shares(tuple(weights), coverage)


def bucket(value: str, seed: str) -> float:
    """Where an id falls in 0 <= n < 1, in steps of 1/10000."""
    return fnv(str(fnv(seed + value))) % BUCKETS / BUCKETS


def bucket_of_old(value: str, seed: str) -> float:
    """The same by hash version 1, in steps of 1/1000: biased, kept by GrowthBook for old experiments and for namespaces."""
    return fnv(value + seed) % THOUSAND / THOUSAND


def in_namespace(value: str, name: str, start: float, stop: float) -> bool:
    """Whether an id lies in a legacy namespace's [start, stop), which hashes by version 1."""
    return start <= bucket_of_old(value, "__" + name) < stop


def buckets(values: Sequence[str], seed: str) -> NDArray[np.float64]:
    """`bucket` of many ids at once."""
    found = np.empty(len(values), np.float64)
    start = fnv(seed)
    for rows, codes in columns(values, "utf-16-le"):
        state = np.full(len(rows), start, np.uint32)
        for column in codes:
            state ^= column
            state *= np.uint32(PRIME)
        found[rows] = _fnv_of_decimal(state) % np.uint32(BUCKETS) / BUCKETS
    return found


def bucket_ranges(count: int, coverage: float = 1.0, weights: Iterable[float] | None = None) -> tuple[tuple[float, float], ...]:
    """Each variation's range of buckets, start included and stop excluded.

    A range begins where the weights before it end and is weight * coverage wide: raising the coverage fills the gaps behind each
    range and moves nobody. As in GrowthBook, weights that do not fit the count or do not sum to 1 are replaced by equal ones, and
    coverage is held in 0..1.
    """
    coverage = min(max(coverage, 0.0), 1.0)
    parts = list(weights) if weights is not None else [1 / count] * count
    if len(parts) != count or not 0.99 <= sum(parts) <= 1.01:
        parts = [1 / count] * count
    ranges, at = [], 0.0
    for part in parts:
        ranges.append((at, at + part * coverage))
        at += part
    return tuple(ranges)


def choose(n: float, ranges: Sequence[tuple[float, float]]) -> int:
    """The number of the range that holds n, or -1."""
    return next((number for number, (start, stop) in enumerate(ranges) if start <= n < stop), -1)


def choose_all(n: NDArray[np.float64], ranges: Sequence[tuple[float, float]]) -> NDArray[np.int64]:
    """`choose` for many."""
    numbers = np.full(len(n), -1, np.int64)
    for number, (start, stop) in reversed(list(enumerate(ranges))):
        numbers[(n >= start) & (n < stop)] = number
    return numbers


def fnv(text: str) -> int:
    """FNV-1a, 32 bits, over UTF-16 code units: JavaScript's charCodeAt, which bytes of UTF-8 agree with for ASCII only."""
    value = BASIS
    for unit in np.frombuffer(text.encode("utf-16-le", "surrogatepass"), "<u2").tolist():
        value = ((value ^ unit) * PRIME) & 0xFFFFFFFF
    return value


def _asked(weights: tuple[int, ...], coverage: int) -> tuple[tuple[float, float], ...]:
    return bucket_ranges(len(weights), coverage / THOUSAND, [weight / THOUSAND for weight in weights])


def _fnv_of_decimal(numbers: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """FNV-1a of each number's decimal text, digit by digit; leading zeros are not part of the text."""
    state = np.full(len(numbers), BASIS, np.uint32)
    for power in DIGITS:
        digit = numbers // np.uint32(power) % np.uint32(10) + np.uint32(ord("0"))
        further = (state ^ digit) * np.uint32(PRIME)
        state = further if power == 1 else np.where(numbers >= power, further, state)
    return state
