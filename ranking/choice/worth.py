"""What a moment is worth in each act of an arc, in named parts: to the audience, to the act, for its words, with the music."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trailers.ranking.choice.arc import Arc
from trailers.ranking.choice.moments import Material
from trailers.ranking.choice.qualities import fits, qualities

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex

STILL = 0.6  # what a frame of a still is worth beside one that moves

Parts = tuple[tuple[str, float], ...]  # named parts of what a frame is worth
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Worth:
    """A season's moments judged by an arc; `music` is the energy of the music under each of its slots, 0 to 1, where there is
    music."""

    material: Material
    index: "ShotIndex"
    arc: Arc
    music: tuple[float, ...] | None = None

    def of(self, values: pd.Series) -> Numbers:
        """For every moment the mean, over the frames of its core, of what its shots are given."""
        owners, rows, weights = self._cores
        given = values.reindex([shot.id for shot in self.index.shots]).to_numpy(np.float64)
        return np.asarray(np.bincount(owners, weights * given[rows], len(self.material.moments)), np.float64)

    def parts(self, moment: int, slot: int, audience: float) -> Parts:
        """What a frame of a moment that the audience gives so much is worth in a slot; the parts add up to 0 to 1."""
        return tuple((name, round(float(values[moment]), 6)) for name, values in self._named(audience, slot))

    def whole(self, audience: Numbers) -> Numbers:
        """The sum of the parts, slots x moments, for an audience that gives each moment so much."""
        slots = range(len(self.arc.slots))
        return np.stack([np.sum([values for _, values in self._named(audience, slot)], axis=0) for slot in slots])

    def _named(self, audience: "Numbers | float", slot: int) -> tuple[tuple[str, Numbers], ...]:
        arc, under = self.arc, self.music
        whole = arc.audience + arc.fit + arc.line + (arc.music if under else 0.0)
        parts = [
            ("the audience", arc.audience * audience * np.ones(len(self._moves))),
            (f"fit to the {arc.slots[slot].name}", arc.fit * self._fits[slot]),
            ("whole lines", arc.line * self._spoken),
        ]
        if under:
            parts.append(("with the music", arc.music * (1 - np.abs(self._energy - under[slot]))))
        return tuple((name, self._moves * values / whole) for name, values in parts)

    @cached_property
    def fast(self) -> Numbers:
        """How fast each moment is beside the season's others, 0 to 1."""
        return self.of(self._words["fast"])

    @cached_property
    def _energy(self) -> Numbers:
        """How much goes on in each moment, by its shots' ranks within the season, 0 to 1."""
        return self.of((self._words["fast"] + self._words["loud"]).rank(pct=True))

    @cached_property
    def _fits(self) -> tuple[Numbers, ...]:
        """How well each moment suits each slot, 0 to 1."""
        return tuple(self.of(fits(self._words, slot)) for slot in self.arc.slots)

    @cached_property
    def _words(self) -> pd.DataFrame:
        return qualities(self.index)

    @cached_property
    def _moves(self) -> Numbers:
        return np.array([STILL if moment.still else 1.0 for moment in self.material.moments])

    @cached_property
    def _spoken(self) -> Numbers:
        return np.array([float(bool(moment.text)) for moment in self.material.moments])

    @cached_property
    def _cores(self) -> tuple[NDArray[np.int64], NDArray[np.int64], Numbers]:
        """Of each part of each moment's core: the moment, the shot's row, its share of the core."""
        found = [
            (n, shot, len(span) / len(moment.core))
            for n, moment in enumerate(self.material.moments)
            for shot, span in moment.parts(moment.core)
        ]
        owners, shots, weights = zip(*found, strict=True)
        return np.array(owners), self.index.rows(shots), np.array(weights)


def under(energy: tuple[float, ...], spans: list[tuple[float, float]]) -> tuple[float, ...] | None:
    """The mean energy of music, told for every second, under each of some spans (seconds from, to); nothing without music."""
    if not energy:
        return None
    last = len(energy) - 1
    whole = [(min(int(start), last), max(min(int(start), last) + 1, round(stop))) for start, stop in spans]
    return tuple(float(np.mean(energy[first:stop])) for first, stop in whole)
