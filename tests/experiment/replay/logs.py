"""Logs of a made-up service whose truth is known, and Open Bandit's."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from trailers.experiment.replay.policy import Chance, Policy

SHARED = Path(__file__).parents[4] / "shared" / "evidence" / "experiments"
open_bandit = pytest.mark.skipif(not SHARED.is_dir(), reason="no public data here")
RENAMED = {"item_id": "action", "click": "reward", "propensity_score": "propensity", "prob": "chance"}
SEGMENTS, ACTIONS = ("calm", "chase"), ("a", "b", "c")
RATES = np.array([[0.1, 0.2, 0.3], [0.3, 0.1, 0.2]])
"""Chance of a play by segment and action."""
SERVED = np.array([[0.6, 0.3, 0.1], [0.2, 0.2, 0.6]])
"""Chance of an action by segment, as served."""


def bandit(name: str) -> pd.DataFrame:
    return pd.read_csv(SHARED / f"open_bandit_all_{name}").rename(columns=RENAMED)


def made(rows: int, seed: int = 0, rates: np.ndarray = RATES, served: np.ndarray = SERVED) -> pd.DataFrame:
    """Rows of a log; who lives in which segment is even."""
    random = np.random.default_rng(seed)
    segment = random.integers(len(SEGMENTS), size=rows)
    action = (random.random(rows)[:, None] > served.cumsum(1)[segment]).sum(1).clip(max=len(ACTIONS) - 1)
    return pd.DataFrame(
        {
            "decision_id": [f"d{n:06d}" for n in range(rows)],
            "segment": np.array(SEGMENTS)[segment],
            "action": np.array(ACTIONS)[action],
            "propensity": served[segment, action],
            "reward": (random.random(rows) < rates[segment, action]).astype(float),
        }
    )


def policy(chances: Sequence[Sequence[float]], name: str = "asked") -> Policy:
    """A policy by segment and action."""
    return Policy(
        name,
        tuple(
            Chance(action, chance, segment)
            for segment, row in zip(SEGMENTS, chances, strict=True)
            for action, chance in zip(ACTIONS, row, strict=True)
        ),
    )


def worth(chances: Sequence[Sequence[float]], rates: np.ndarray = RATES) -> float:
    """What a policy truly earns a decision."""
    return float((np.asarray(chances) * rates).sum(1).mean())
