"""How well shots are ranked where the ranker could not know: NDCG@10 beside plain baselines, with 95 % intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trailers.errors import RequestError
from trailers.ranking.examples import GAINS, GRADES, PARTS, Evidence, evidence, to_score
from trailers.ranking.model import margins, train
from trailers.ranking.segments import GENERAL
from trailers.ranking.segments import find_segments as find
from trailers.ranking.simulate import NOISE, cold_episodes

if TYPE_CHECKING:
    from pathlib import Path

    from trailers.features.index import ShotIndex
    from trailers.ranking.history import History
    from trailers.ranking.segments import Segments

DEPTH = 10
OURS = "ranker"
COLUMNS = ("ranker", "metric", "value", "low", "high", "groups")


@dataclass(frozen=True)
class Truth:
    """What a simulation knows: shots (shot, episode, start, stop), viewers (viewer, taste), appeal (taste, shot, appeal 0..1)."""

    shots: pd.DataFrame
    viewers: pd.DataFrame
    appeal: pd.DataFrame


def read_truth(folder: Path) -> Truth:
    """Reads shots.csv, viewers.csv and appeal.csv from a demo's folder of truth; RequestError where one is not there."""
    try:
        tables = [pd.read_csv(folder / f"{name}.csv") for name in ("shots", "viewers", "appeal")]
    except (OSError, ValueError) as error:
        raise RequestError(f"{folder}: not the truth of a demo season ({error})") from None
    return Truth(*tables)


def evaluate(
    history: History, segments: Segments, index: ShotIndex, truth: Truth | None = None, seed: int = 0, cold: int = 200
) -> pd.DataFrame:
    """COLUMNS: a row for each ranker and metric; low, high: 95 % interval by bootstrap over groups (a segment's shots of an episode)."""
    raise NotImplementedError
