"""What every platform's rule answers: whether a unit is within a gate, and which of the weighted variations it gets."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

THOUSAND = 1000
"""Weights, gates and coverage are whole thousandths: every platform can say them exactly."""


class Rule(Protocol):
    """One platform's hash; each platform's room is one. Pure: the same id and salt give the same answer anywhere, for ever; ids
    are any text.

    `within`: whether each unit's place under `salt` is in [start, stop) thousandths. `chosen`: the number of each unit's
    variation under `salt`, -1 outside the `coverage`; raising the coverage moves nobody who is in. `shares`: the chances of the
    variations, 0..1, among those whom `chosen` does not leave out: what the platform's whole buckets really give, which may be a
    bucket off what was asked. `weights` and `coverage` are thousandths; weights sum to THOUSAND.
    """

    def within(self, units: Sequence[str], salt: str, start: int, stop: int) -> NDArray[np.bool_]: ...

    def chosen(self, units: Sequence[str], salt: str, weights: Sequence[int], coverage: int) -> NDArray[np.int64]: ...

    def shares(self, weights: Sequence[int], coverage: int) -> tuple[float, ...]: ...
