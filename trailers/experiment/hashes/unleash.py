"""Unleash's hash: MurmurHash3 over groupId + ":" + unit (Unleash/client-specification, Unleash/yggdrasil).

A trial is a flexibleRollout strategy whose `groupId` is the salt: its rollout in whole percents hashes with seed 0, its variants
of weight 1000 in all with another seed. A gate is a parent feature whose rollout is `stop` percent under the gate's salt and, for
a gate that does not start at 0, a second one with `start` percent that must not be enabled.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trailers.errors import RequestError
from trailers.experiment.hashes.murmur import murmurs
from trailers.experiment.hashes.rule import THOUSAND

ROLLOUT, VARIANTS = 0, 86028157
PERCENTS = 100


def within(units: Sequence[str], salt: str, start: int, stop: int) -> NDArray[np.bool_]:
    places = numbered(units, salt, PERCENTS, ROLLOUT)
    return (places > percent(start, "a gate's start")) & (places <= percent(stop, "a gate's end"))


def chosen(units: Sequence[str], salt: str, weights: Sequence[int], coverage: int) -> NDArray[np.int64]:
    numbers = np.searchsorted(np.cumsum(weights), numbered(units, salt, sum(weights), VARIANTS), side="left")
    reached = percent(coverage, "the coverage")
    if reached < PERCENTS:  # all pass otherwise, whatever their place
        numbers[numbered(units, salt, PERCENTS, ROLLOUT) > reached] = -1
    return numbers


def shares(weights: Sequence[int], coverage: int) -> tuple[float, ...]:
    return tuple(weight / sum(weights) for weight in weights)


def percent(thousandths: int, what: str) -> int:
    """Thousandths as the whole percents that Unleash's rollouts take; a RequestError where they are none."""
    if thousandths % (THOUSAND // PERCENTS):
        raise RequestError(f"Unleash takes whole percents: {what} was asked to be {thousandths / 10:g} %; round it")
    return thousandths * PERCENTS // THOUSAND


def numbered(units: Sequence[str], group: str, total: int, seed: int) -> NDArray[np.int64]:
    """Each unit's number under a groupId, 1..total."""
    return (murmurs(units, seed, before=f"{group}:") % np.uint32(total)).astype(np.int64) + 1
