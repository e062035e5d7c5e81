"""How what viewers did with some shots carries over to others: by looks, signals, concepts, spoken words and characters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trailers.ranking.scoring.traits import VIEWS, Traits

if TYPE_CHECKING:
    import pandas as pd
RIDGE = 0.1
"""Strength of the regression's penalty; a view has spread 1."""
ALIKE = 8.0
"""How fast likeness falls with the angle between two shots' vectors."""


@dataclass(frozen=True)
class Affinities:
    """What engagement with the shots of other folds says of each shot.

    by: for each of VIEWS a number a shot, what it adds to a regression over all views; near: the mean over the shots most alike.
    told: shots x concepts, what the concepts account for in the engagement with the shots themselves: for reasons, never a
    feature. slopes, middles: folds x columns of all views, so that `parts` can say what each column adds.
    """

    by: Mapping[str, np.ndarray]
    near: np.ndarray
    told: np.ndarray
    slopes: np.ndarray
    middles: np.ndarray

    @property
    def taste(self) -> np.ndarray:
        """The whole of the regression, a number a shot."""
        return np.asarray(sum(self.by.values()))

    def parts(self, x: np.ndarray, fold: np.ndarray) -> np.ndarray:
        """Shots x columns: what each column of `columns` adds to the taste."""
        return np.asarray((x - self.middles[fold]) * self.slopes[fold])


def columns(traits: Traits) -> np.ndarray:
    """All views side by side, shots x columns."""
    return np.hstack([traits.view(name) for name in VIEWS])


def affinities(table: pd.DataFrame, traits: Traits, fold: np.ndarray) -> Affinities:
    """Of a segment's engagement (`examples.engagement`: reached, engagement by shot).

    A ridge regression (Hoerl & Kennard 1970) of engagement on all views together, and a mean over other shots by the likeness of
    their vectors (Nadaraya 1964); weights are the root of how many reached a shot. fold: a number from 0 a shot; what is said of
    a shot comes from the shots of other folds alone.
    """
    x = columns(traits)
    reached, engaged = table["reached"].to_numpy(float), table["engagement"].to_numpy(float)
    near, added = np.zeros(len(x)), np.zeros_like(x)
    slopes, middles = np.zeros((int(fold.max(initial=0)) + 1, x.shape[1])), np.zeros((int(fold.max(initial=0)) + 1, x.shape[1]))
    for each in np.unique(fold):
        here, there = fold == each, (fold != each) & (reached > 0)
        if there.sum() < 2:
            continue
        target, weight = engaged[there], np.sqrt(reached[there])
        slopes[each], middles[each] = _ridge(x[there], target, weight)
        added[here] = (x[here] - middles[each]) * slopes[each]
        alike = np.exp((traits.unit[here] @ traits.unit[there].T - 1) * ALIKE) * weight
        near[here] = (alike @ (target - np.average(target, weights=weight))) / np.maximum(alike.sum(axis=1), 1e-12)
    ends = np.cumsum([len(traits.names[name]) for name in VIEWS])
    by = {name: part.sum(axis=1) for name, part in zip(VIEWS, np.split(added, ends[:-1], axis=1), strict=True)}
    return Affinities(by, near, _told(reached, engaged, traits.view("concepts")), slopes, middles)


def _told(reached: np.ndarray, engaged: np.ndarray, concepts: np.ndarray) -> np.ndarray:
    told = np.zeros_like(concepts)
    if (came := reached > 0).sum() > 1:
        slopes, middle = _ridge(concepts[came], engaged[came], np.sqrt(reached[came]))
        told[came] = (concepts[came] - middle) * slopes
    return told


def _ridge(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slopes of a weighted ridge regression through the middle, and the middle."""
    share = weight / weight.sum()
    middle = share @ x
    centred = x - middle
    gram = (centred * share[:, None]).T @ centred + RIDGE * np.eye(x.shape[1])
    return np.linalg.solve(gram, (centred * share[:, None]).T @ (y - share @ y)), middle
