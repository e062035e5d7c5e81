"""What a group of viewers wants more, or less, than everybody, and a name made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trailers.ranking.audience.subjects import choices, lifts
from trailers.ranking.watching import summed

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex
    from trailers.ranking.history import History

SLIGHT = 0.05
"""A correlation under this makes no name; one under twice this is no reason."""


def tastes(history: History, index: ShotIndex, segment_of: pd.Series[str], segments: Sequence[str]) -> pd.DataFrame:
    """segments x words: how much more each word speaks to a segment's viewers than to everybody, a correlation of -1 to 1.

    Words are the index's concepts (over the shots that viewers reached, weighted by sittings) and the terms of titles (over
    viewers). A word that is both has the stronger of the two. segment_of: by viewer.
    """
    tables = [_of_shots(history, index, segment_of, segments), _of_titles(history, segment_of, segments)]
    both = pd.concat(tables, axis=1)
    strongest = {word: _strongest(both.loc[:, both.columns == word].to_numpy()) for word in dict.fromkeys(both.columns)}
    return pd.DataFrame(strongest, index=list(segments))


def names(table: pd.DataFrame) -> list[tuple[str, tuple[str, ...]]]:
    """A name of one or two words for each row of `tastes`, no two alike, and the reasons; a first word is never used twice.

    Reasons are what a segment wants more, strongest first, then what it turns from ("less " before it).
    """
    words, values = [str(word) for word in table.columns], table.to_numpy(float)
    left = [(-values[t, w], t, w) for t in range(len(values)) for w in range(len(words)) if values[t, w] > SLIGHT]
    first: dict[int, int] = {}
    for _, t, w in sorted(left):
        if t not in first and w not in first.values():
            first[t] = w
    result = []
    for t, taste in enumerate(values):
        order = [int(w) for w in np.argsort(-taste, kind="stable")]
        fans = [w for w in order if taste[w] > 2 * SLIGHT][:3]
        foes = [w for w in reversed(order) if taste[w] < -2 * SLIGHT][:2]
        why = (*(words[w] for w in fans), *(f"less {words[w]}" for w in foes))
        if t not in first:
            result.append((f"viewers {t + 1}", why))
            continue
        enough = max(2 * SLIGHT, 0.5 * taste[first[t]])
        second = [f" & {words[w]}" for w in order if w != first[t] and taste[w] > enough][:1]
        name = "".join([words[first[t]], *(second or [f", less {words[w]}" for w in foes[:1]])])
        result.append((name, why))
    return result


def _of_shots(history: History, index: ShotIndex, segment_of: pd.Series[str], segments: Sequence[str]) -> pd.DataFrame:
    if history.plays.empty:
        return pd.DataFrame(index=list(segments))
    groups = {viewer: str(segment_of.get(viewer, "")) for viewer in map(str, history.plays["viewer"].unique())}
    names = ["", *segments]  # "": viewers of no segment, part of everybody
    seen = summed(history, index.shots, groups)
    liked, reached = np.zeros((2, len(names), len(index.shots)))
    places = seen["group"].map({name: n for n, name in enumerate(names)}).to_numpy(int), seen["shot"].to_numpy(int)
    liked[places], reached[places] = seen["watched"] + seen["again"], seen["reached"]
    usual = liked.sum(axis=0) / np.maximum(reached.sum(axis=0), 1)
    concepts = index.concepts.to_numpy(float)
    rows = []
    for weight, engaged in zip(reached[1:], liked[1:], strict=True):
        own = np.where(weight > 0, engaged / np.maximum(weight, 1) - usual, 0.0)
        share = weight / max(weight.sum(), 1e-12)
        beside, own = concepts - share @ concepts, own - share @ own
        spread = np.sqrt((share @ beside**2) * (share @ own**2))
        rows.append((share * own) @ beside / np.maximum(spread, 1e-9))
    return pd.DataFrame(rows, index=list(segments), columns=list(index.concepts.columns))


def _of_titles(history: History, segment_of: pd.Series[str], segments: Sequence[str]) -> pd.DataFrame:
    chosen = choices(history)
    of = np.array([segment_of.get(viewer, "") for viewer in chosen.viewers], object)
    rows = [lifts(chosen, of == segment) for segment in segments]
    return pd.DataFrame(rows, index=list(segments), columns=list(chosen.words))


def _strongest(values: np.ndarray) -> np.ndarray:
    return np.asarray(values[np.arange(len(values)), np.abs(values).argmax(axis=1)])
