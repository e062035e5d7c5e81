"""What a simulation knows and no ranker may: which shots each taste likes, said of segments and of shots as they were found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trailers.errors import RequestError
from trailers.ranking.simulate import BOT, NOISE

if TYPE_CHECKING:
    from pathlib import Path

    from trailers.features.index import ShotIndex
    from trailers.ranking.segments import Segments


@dataclass(frozen=True)
class Truth:
    """What a simulation knows: shots (episode, shot, start, stop), viewers (viewer, taste), appeal (taste, shot, appeal 0..1)."""

    shots: pd.DataFrame
    viewers: pd.DataFrame
    appeal: pd.DataFrame


def read_truth(folder: Path) -> Truth:
    """Reads shots.csv, viewers.csv and appeal.csv of a demo season; RequestError where one is missing or lacks a column."""
    tables = []
    for name, columns in (("shots", "shot episode start stop"), ("viewers", "viewer taste"), ("appeal", "taste shot appeal")):
        path = folder / f"{name}.csv"
        try:
            tables.append(pd.read_csv(path)[columns.split()])
        except (OSError, ValueError, KeyError) as error:
            raise RequestError(f"{path}: not the truth of a simulated season, with {columns} ({error})") from None
    return Truth(*tables)


def overlaps(index: ShotIndex, shots: pd.DataFrame) -> np.ndarray:
    """Shots of the index x labelled shots (episode, start, stop): how many frames they share."""
    shared = np.zeros((len(index.shots), len(shots)))
    episodes, start, stop = shots["episode"].to_numpy(), shots["start"].to_numpy(float), shots["stop"].to_numpy(float)
    for row, shot in enumerate(index.shots):
        both = np.minimum(stop, shot.span.stop) - np.maximum(start, shot.span.start)
        shared[row] = np.where(episodes == shot.episode, np.maximum(both, 0), 0)
    return shared


def liked(truth: Truth, index: ShotIndex) -> dict[str, np.ndarray]:
    """For each taste the appeal of the index's shots, 0..1.

    The truth has shots of its own: a shot takes their appeal by how many frames it shares with each; NaN where it shares none.
    """
    shared = overlaps(index, truth.shots)
    total = shared.sum(axis=1)
    result = {}
    for taste, table in truth.appeal.groupby("taste"):
        appeal = np.nan_to_num(table.set_index("shot")["appeal"].reindex(truth.shots["shot"]).to_numpy(float))
        result[str(taste)] = np.where(total > 0, shared @ appeal / np.maximum(total, 1), np.nan)
    return result


def tastes(truth: Truth, segments: Segments) -> dict[str, str]:
    """For each segment the taste that most of its viewers have; segments without a viewer of known taste are left out."""
    taste_of = truth.viewers.set_index("viewer")["taste"]
    result = {}
    for segment in segments.segments:
        members = segments.membership.loc[segments.membership["segment"] == segment.id, "viewer"]
        counted = members.astype("str").map(taste_of)
        counted = counted[~counted.isin([NOISE, BOT])].value_counts()
        if len(counted):
            result[segment.id] = str(counted.index[0])
    return result
