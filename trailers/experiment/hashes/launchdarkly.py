"""LaunchDarkly's hash: SHA-1, its first 15 hexadecimal digits as a share of 1 (launchdarkly/python-server-sdk, evaluator).

A trial is a rollout of the kind "experiment" with the `seed` that `seed` gives its salt, in `parts`; a gate is a prerequisite
flag whose fallthrough is a rollout with the seed of the gate's salt in `parts_of_gate`. Both hash seed + "." + unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from trailers.experiment.hashes.digests import leading
from trailers.experiment.hashes.rule import THOUSAND

WHOLE = 100_000
EACH = WHOLE // THOUSAND
SCALE = float(0xFFFFFFFFFFFFFFF)
OUT, IN = 0, 1


@dataclass(frozen=True)
class Part:
    """One weighted variation of a rollout, its `weight` of 100000; who falls to one `untracked` is not in the experiment."""

    variation: int
    weight: int
    untracked: bool = False


def within(units: Sequence[str], salt: str, start: int, stop: int) -> NDArray[np.bool_]:
    parts = parts_of_gate(start, stop)
    variations = np.array([part.variation for part in parts])
    inside: NDArray[np.bool_] = variations[_landed(places(units, seed(salt)), parts)] == IN
    return inside


def chosen(units: Sequence[str], salt: str, weights: Sequence[int], coverage: int) -> NDArray[np.int64]:
    parts = parts_of(weights, coverage)
    numbers = np.array([-1 if part.untracked else part.variation for part in parts], np.int64)
    return numbers[_landed(places(units, seed(salt)), parts)]


def shares(weights: Sequence[int], coverage: int) -> tuple[float, ...]:
    tracked = [part.weight for part in parts_of(weights, coverage) if not part.untracked]
    return tuple(weight / max(sum(tracked), 1) for weight in tracked)


def parts_of(weights: Sequence[int], coverage: int) -> tuple[Part, ...]:
    """A trial's rollout: behind each variation what is not covered of it, untracked and shown the control (variation 0)."""
    parts = []
    for variation, weight in enumerate(weights):
        covered = weight * EACH * coverage // THOUSAND
        parts += [Part(variation, covered), Part(0, weight * EACH - covered, untracked=True)]
    return tuple(part for part in parts if part.weight or not part.untracked)


def parts_of_gate(start: int, stop: int) -> tuple[Part, ...]:
    """A gate's rollout: variation 1 within [start, stop) thousandths, 0 outside."""
    asked = (Part(OUT, start * EACH), Part(IN, (stop - start) * EACH), Part(OUT, (THOUSAND - stop) * EACH))
    return tuple(part for part in asked if part.weight)


def seed(salt: str) -> int:
    """The whole number that a rollout is seeded with for a salt: the first 31 bits of its SHA-256."""
    return int.from_bytes(sha256(salt.encode("utf-8", "surrogatepass")).digest()[:4], "big") >> 1


def places(units: Sequence[str], before: int | str) -> NDArray[np.float64]:
    """Where each unit falls, 0..1, under a rollout's seed or, without one, its flag's key + "." + salt."""
    return (leading(units, f"{before}.", "sha1") >> np.uint64(4)).astype(np.float64) / SCALE


def _landed(places: NDArray[np.float64], parts: Sequence[Part]) -> NDArray[np.int64]:
    """The number of the part that each place lies in; the last takes what sums of floats leave, as in LaunchDarkly's SDKs."""
    ends, end = [], 0.0
    for part in parts:
        end += part.weight / WHOLE
        ends.append(end)
    return np.minimum(np.searchsorted(np.array(ends), places, side="right"), len(parts) - 1)
