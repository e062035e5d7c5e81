"""What segments' scores say of their tastes: over concepts, and where two segments differ."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


def tastes(scores: "pd.DataFrame", concepts: "pd.DataFrame") -> "pd.DataFrame":
    """Concepts x segments, -1 to 1: whether a segment's score rises with a concept (1) or falls with it (-1), by rank.

    `scores` has columns segment, shot and score; `concepts` is shots x words. Spearman's correlation over the shots (1904); 0
    where a concept is the same everywhere.
    """
    table = scores.pivot(index="shot", columns="segment", values="score")[list(dict.fromkeys(scores["segment"]))]
    return _together(concepts.loc[table.index], table)


def beside(scores: "pd.DataFrame", one: str, other: str) -> "pd.DataFrame":
    """By shot, what `one` wants more than `other` first: columns one, other, and difference, one's score less other's."""
    table = scores.pivot(index="shot", columns="segment", values="score")[[one, other]]
    found = table.set_axis(["one", "other"], axis=1).assign(difference=lambda both: both["one"] - both["other"])
    return found.sort_index().sort_values("difference", ascending=False, kind="stable")


def agreement(both: "pd.DataFrame") -> float:
    """How alike two segments order the shots of `beside`: 1 the same, 0 nothing in common, -1 the reverse."""
    return float(_together(both[["one"]], both[["other"]]).to_numpy()[0, 0])


def _together(one: "pd.DataFrame", other: "pd.DataFrame") -> "pd.DataFrame":
    """Columns x columns: Spearman's correlation."""
    import pandas as pd

    x, y = ((ranks := table.rank()) - ranks.mean() for table in (one, other))
    lengths = np.sqrt(np.outer((x**2).sum(), (y**2).sum()))
    values = (x.to_numpy().T @ y.to_numpy()) / np.where(lengths > 0, lengths, np.inf)
    return pd.DataFrame(values, index=one.columns, columns=other.columns)
