"""Material that the ranking's tests share: invented seasons, without a video file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

if TYPE_CHECKING:
    from trailers.features.dialogue import Line
    from trailers.features.index import ShotIndex
    from trailers.features.media import Episode
    from trailers.features.shots import Kind, Transition


@dataclass(frozen=True)
class Invented:
    """A season that was never filmed: what the choice reads."""

    index: "ShotIndex"
    episodes: Mapping[str, "Episode"]
    lines: Mapping[str, tuple["Line", ...]] = field(default_factory=dict)
    transitions: Mapping[str, tuple["Transition", ...]] = field(default_factory=dict)

    def scores(self, segments: Sequence[str] = ("general",), seed: int = 0) -> pd.DataFrame:
        """Scores by chance, with one reason each."""
        chance = np.random.default_rng(seed)
        rows = [
            (segment, shot.id, round(float(chance.uniform()), 3), '[{"part": "machines", "value": 0.25}]')
            for segment in segments
            for shot in self.index.shots
        ]
        return pd.DataFrame(rows, columns=["segment", "shot", "score", "why"])


Invent = Callable[..., Invented]


def given(value: object, count: int) -> list[object]:
    """One value a shot."""
    return list(value) if isinstance(value, (list, tuple, np.ndarray)) else [value] * count


@pytest.fixture(scope="session")
def invent() -> Invent:
    """Makes a season: for each episode the lengths of its shots in frames; lines as (text, start, stop), transitions as (kind,
    start, stop) by episode; `signals` sets columns, one value for all shots or one for each."""

    def make(
        *lengths: Sequence[int],
        lines: Mapping[str, Sequence[tuple[str, int, int]]] | None = None,
        transitions: Mapping[str, Sequence[tuple["Kind", int, int]]] | None = None,
        rates: Sequence[Fraction] = (),
        vectors: np.ndarray | None = None,
        seed: int = 0,
        **signals: object,
    ) -> Invented:
        from trailers.features.dialogue import Line
        from trailers.features.index import SIGNALS, ShotIndex
        from trailers.features.media import Episode
        from trailers.features.scenes import scenes
        from trailers.features.shots import Shot, Transition
        from trailers.features.span import Span

        chance = np.random.default_rng(seed)
        shots, episodes = [], {}
        for n, cuts in enumerate(lengths):
            id, rate = f"e{n + 1:02d}", rates[n] if rates else Fraction(24)
            starts = np.concatenate([[0], np.cumsum(cuts)]).tolist()
            shots += [Shot(f"{id}/{k:04d}", id, Span(a, b)) for k, (a, b) in enumerate(pairwise(starts))]
            episodes[id] = Episode(id, Path(f"{id}.mp4"), rate, starts[-1], (640, 360), Fraction(1), 0, False, (), "")
        ids = [shot.id for shot in shots]
        known = ("motion", "loudness", "onsets", "brightness", "colourfulness", "face_size")
        table: dict[str, object] = {name: np.zeros(len(ids)) for name in SIGNALS}
        table |= {name: chance.uniform(0.2, 1, len(ids)) for name in known}
        table |= {"position": [shot.span.start / episodes[shot.episode].frames for shot in shots]}
        if vectors is None:
            vectors = chance.normal(size=(len(ids), 64))
        vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
        flat = pd.DataFrame({"palette": "", **dict.fromkeys(("brightness", "colourfulness", "loudness"), 0.5)}, index=ids)
        table |= dict(scenes(shots, vectors, flat)) | {"part": [""] * len(ids)}
        table |= {name: given(value, len(ids)) for name, value in signals.items()}
        index = ShotIndex(tuple(shots), vectors, pd.DataFrame(table, index=ids), pd.DataFrame(index=ids), "invented")
        return Invented(
            index,
            episodes,
            {id: tuple(Line(text, Span(a, b)) for text, a, b in found) for id, found in (lines or {}).items()},
            {id: tuple(Transition(a, b, kind) for kind, a, b in found) for id, found in (transitions or {}).items()},
        )

    return make
