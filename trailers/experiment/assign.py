"""Who sees which trailer: pure functions of a viewer's id that give the same answer anywhere, for ever.

The rule is GrowthBook's hash version 2 (growthbook/growthbook, packages/sdk-js, spec 0.8.0), so that its SDKs agree with us
viewer by viewer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trailers.errors import RequestError
from trailers.experiment.design import Experiment

if TYPE_CHECKING:
    import pandas as pd

PRIME, BASIS = 16777619, 2166136261
BUCKETS = 10000
CHUNK = 1_000_000


@dataclass(frozen=True)
class Assignment:
    """What one unit sees: `variant` is a segment's id, or that of the control; outside the experiment it is the control too."""

    unit: str
    experiment: str
    variant: str
    in_experiment: bool


def assign(experiment: Experiment, viewer: str, segment: str | None) -> Assignment:
    """One viewer's trailer; who has no segment, or one that does not take part, gets the control outside the experiment."""
    control = experiment.control.segment
    if segment is None or experiment.arm(segment) is None:
        return Assignment(viewer, experiment.id, control, False)
    ranges = bucket_ranges(2, experiment.coverage, experiment.weights)
    chosen = choose(bucket(viewer, experiment.seed(segment)), ranges)
    return Assignment(viewer, experiment.trial(segment), segment if chosen == 1 else control, chosen >= 0)


def assign_all(experiment: Experiment, membership: "pd.DataFrame") -> "pd.DataFrame":
    """`assign` for a table (viewer, segment): columns viewer, segment, experiment, variant, in_experiment, sorted by viewer.

    A viewer who stands in two segments is a RequestError: the two trials would not be apart.
    """
    import pandas as pd

    table = membership[["viewer", "segment"]].drop_duplicates().astype({"viewer": "str"}).sort_values("viewer", ignore_index=True)
    twice = table["viewer"][table["viewer"].duplicated()]
    if len(twice):
        raise RequestError(f"a viewer belongs to one segment; {twice.nunique()} belong to more, the first is {twice.iloc[0]!r}")
    ranges = bucket_ranges(2, experiment.coverage, experiment.weights)
    names = np.full(len(table), experiment.id, object)
    variants = np.full(len(table), experiment.control.segment, object)
    inside = np.zeros(len(table), bool)
    for arm in experiment.arms:
        rows = np.flatnonzero((table["segment"] == arm.segment).to_numpy())
        chosen = choose_all(buckets(table["viewer"].iloc[rows].tolist(), experiment.seed(arm.segment)), ranges)
        names[rows] = experiment.trial(arm.segment)
        variants[rows[chosen == 1]] = arm.segment
        inside[rows] = chosen >= 0
    return pd.DataFrame(
        {
            "viewer": table["viewer"],
            "segment": table["segment"],
            "experiment": names,
            "variant": variants,
            "in_experiment": inside,
        }
    )


def bucket(value: str, seed: str) -> float:
    """Where an id falls in 0 <= n < 1, in steps of 1/10000."""
    return _fnv(str(_fnv(seed + value))) % BUCKETS / BUCKETS


def buckets(values: Sequence[str], seed: str) -> NDArray[np.float64]:
    """`bucket` of many ids at once; ten million take seconds."""
    start = _fnv(seed)
    parts = [_hash_chunk(values[first : first + CHUNK], start) for first in range(0, len(values), CHUNK)]
    return np.concatenate(parts) / BUCKETS if parts else np.zeros(0)


def bucket_ranges(count: int, coverage: float = 1.0, weights: Iterable[float] | None = None) -> tuple[tuple[float, float], ...]:
    """Each variation's range of buckets, start included and stop excluded.

    A range begins where the weights before it end and is weight * coverage wide: raising the coverage fills the gaps behind each
    range and moves nobody. As in GrowthBook, weights that do not fit the count or do not sum to 1 are replaced by equal ones, and
    coverage is held in 0..1.
    """
    coverage = min(max(coverage, 0.0), 1.0)
    shares = list(weights) if weights is not None else [1 / count] * count
    if len(shares) != count or not 0.99 <= sum(shares) <= 1.01:
        shares = [1 / count] * count
    ranges, at = [], 0.0
    for share in shares:
        ranges.append((at, at + share * coverage))
        at += share
    return tuple(ranges)


def choose(n: float, ranges: Sequence[tuple[float, float]]) -> int:
    """The number of the range that holds n, or -1."""
    return next((number for number, (start, stop) in enumerate(ranges) if start <= n < stop), -1)


def choose_all(n: NDArray[np.float64], ranges: Sequence[tuple[float, float]]) -> NDArray[np.int64]:
    """`choose` for many."""
    chosen = np.full(len(n), -1, np.int64)
    for number, (start, stop) in reversed(list(enumerate(ranges))):
        chosen[(n >= start) & (n < stop)] = number
    return chosen


def _fnv(text: str) -> int:
    """FNV-1a, 32 bits, over UTF-16 code units: JavaScript's charCodeAt, which bytes of UTF-8 agree with for ASCII only."""
    value = BASIS
    for unit in np.frombuffer(text.encode("utf-16-le", "surrogatepass"), "<u2").tolist():
        value = ((value ^ unit) * PRIME) & 0xFFFFFFFF
    return value


def _hash_chunk(values: Sequence[str], start: int) -> NDArray[np.int64]:
    encoded = [value.encode("utf-16-le", "surrogatepass") for value in values]
    lengths = np.fromiter((len(value) // 2 for value in encoded), np.int64, len(encoded))
    units = np.frombuffer(b"".join(encoded), "<u2")
    firsts = np.cumsum(lengths) - lengths
    state = np.full(len(encoded), start, np.uint32)
    for column in range(int(lengths.max(initial=0))):
        rows = np.flatnonzero(lengths > column)
        state[rows] = (state[rows] ^ units[firsts[rows] + column]) * np.uint32(PRIME)
    again = np.full(len(encoded), BASIS, np.uint32)
    for power in (10**digit for digit in range(9, -1, -1)):  # the decimal text of the first hash, digit by digit
        shown = (state >= power) | (power == 1)
        digit = (state // np.uint32(power) % np.uint32(10) + np.uint32(ord("0"))).astype(np.uint32)
        again = np.where(shown, (again ^ digit) * np.uint32(PRIME), again)
    return (again % BUCKETS).astype(np.int64)
