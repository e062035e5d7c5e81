"""What a policy would have earned, four ways, each as sums over units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from trailers.experiment.replay.intervals import Parts

if TYPE_CHECKING:
    from trailers.experiment.replay.tables import Log

Method = Literal["ips", "snips", "clipped", "dr"]
METHODS: tuple[Method, ...] = ("ips", "snips", "clipped", "dr")
WORDS = {
    "ips": "weighted (IPS)",
    "snips": "self-normalised (SNIPS)",
    "clipped": "weights cut off (CIPS)",
    "dr": "doubly robust (DR)",
}
CAP = 10.0
"""Weights are cut off here by default; 10 to 20 is what is usual."""
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Told:
    """An estimate and its difference from what was earned, with their parts; `note` says what was done to it."""

    method: Method
    parts: Parts
    difference: Parts
    note: str = ""


def own(log: Log) -> Parts:
    """What the log's own rule earned a decision: no weights."""
    return _parts(log, np.ones(log.rows), np.zeros(log.rows))


def weighted(log: Log, weight: Floats) -> Told:
    """Inverse propensity scores (Horvitz & Thompson 1952): unbiased where propensities are right, and unsteady."""
    nothing = np.zeros(log.rows)
    return Told("ips", _parts(log, weight, nothing), _parts(log, weight - 1, nothing))


def normalised(log: Log, weight: Floats) -> Told:
    """The same over the mean weight (Swaminathan & Joachims 2015): steadier, with a bias that goes with the units' number."""
    decisions, total = float(log.decision.max()) + 1, float(weight.sum())
    if not total:
        return Told("snips", *(_parts(log, np.zeros(log.rows), np.zeros(log.rows)),) * 2)
    scaled = weight * log.rows / total
    value = float(scaled @ log.reward) / decisions
    size = np.bincount(log.decision)[log.decision].astype(float)
    rest = value * (1 / size - weight * decisions / total)  # of a decision's one, each of its rows has a part
    ratio = (weight * log.reward * log.rows / decisions, weight)
    return Told("snips", _parts(log, scaled, rest, ratio), _parts(log, scaled - 1, rest))


def clipped(log: Log, weight: Floats, cap: float = CAP) -> Told:
    """Weights held at `cap` (Ionides 2008): steadier, and too low by what was cut off; the note says how much."""
    held, nothing = np.minimum(weight, cap), np.zeros(log.rows)
    cut = float((weight - held).sum() / weight.sum()) if weight.any() else 0.0
    bias = float((weight - held) @ log.reward) / (float(log.decision.max()) + 1)
    note = (
        f"weights above {cap:g} are held there: {cut:.1%} of all weight, which lowers it by {bias:.3g}"
        if cut
        else f"no weight is above {cap:g}"
    )
    return Told("clipped", _parts(log, held, nothing), _parts(log, held - 1, nothing), note)


def robust(log: Log, weight: Floats, shown: Floats, wanted: Floats) -> Told:
    """Doubly robust (Dudík, Langford & Li 2011): what a model of rewards expects of the policy, corrected by the weighted errors
    that it made on what was shown. Right where either the propensities or the model are."""
    rest = wanted - weight * shown
    return Told("dr", _parts(log, weight, rest), _parts(log, weight - 1, rest))


def _parts(log: Log, slope: Floats, rest: Floats, ratio: tuple[Floats, Floats] | None = None) -> Parts:
    """Sums by unit of slope x reward + rest, a row each; `ratio`: what is divided, and by what, where it is one.

    Where there is a rest, units without weight tell nothing of the rewards; where there is none, they are rewards of 0.
    """
    units = int(log.unit.max()) + 1
    up, down = np.maximum(slope, 0.0), np.maximum(-slope, 0.0)
    most = float(log.reward.max())

    def summed(values: Floats) -> Floats:
        return np.asarray(np.bincount(log.unit, values, units), float)

    decided = np.bincount(log.decision)[log.decision].astype(float)
    size = summed(1 / decided)
    top, bottom = (summed(slope * log.reward + rest), size) if ratio is None else (summed(ratio[0]), summed(ratio[1]))
    return Parts(
        gained=summed(up * log.reward),
        lost=summed(down * log.reward),
        rest=summed(rest),
        size=size,
        top=top,
        bottom=bottom,
        most_gained=float(up.max()) * most,
        most_lost=float(down.max()) * most,
        counted=bool(log.reward.min() >= 0),
        telling=int(np.count_nonzero(summed(np.abs(slope)))) if rest.any() else units,
    )
