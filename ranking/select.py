"""The choice: for every segment the picks that are worth most to it within the time there is, solved by OR-Tools CP-SAT."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trailers.features.span import Span
from trailers.ranking.rules import Arc, Rules, Slot

if TYPE_CHECKING:
    import pandas as pd

    from trailers.features.dialogue import Line
    from trailers.features.index import ShotIndex
    from trailers.features.media import Episode
    from trailers.features.shots import Transition

__all__ = ["Arc", "Pick", "Rules", "Selection", "Slot", "select_season"]


@dataclass(frozen=True)
class Pick:
    """A moment of a shot in a trailer: frames `span` of the shot's episode, in the arc's slot `slot`. `score` is the audience's, 0 to 1;
    `why` are the parts of that score and the fit to the slot, for people."""

    shot: str
    span: Span
    score: float
    why: tuple[tuple[str, float], ...]
    slot: str = ""


@dataclass(frozen=True)
class Selection:
    """A segment's trailer: picks in playing order. `score` is the objective's value per frame (about 0 to 1), `gap` the proven distance to
    the best there is, 0 to 1; `notes` say in words where a rule had to give way."""

    segment: str
    picks: tuple[Pick, ...]
    score: float
    gap: float
    notes: tuple[str, ...] = ()


def select_season(
    scores: pd.DataFrame,
    index: ShotIndex,
    episodes: Mapping[str, Episode],
    lines: Mapping[str, Sequence[Line]],
    transitions: Mapping[str, Sequence[Transition]],
    rules: Rules,
    seed: int = 0,
) -> Mapping[str, Selection]:
    """Chooses every segment's trailer; keys are the segments of `scores` in their order of appearance."""
    raise NotImplementedError
