"""What each stage of the path gives: one type in, a new type out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from trailers.errors import WorkError
from trailers.season import Season
from trailers.store import Store

if TYPE_CHECKING:
    import pandas as pd

    from trailers.editor.checks import Check
    from trailers.editor.timeline import Timeline
    from trailers.features.dialogue import Line, Note
    from trailers.features.index import ShotIndex
    from trailers.features.media import Episode
    from trailers.features.shots import Detection
    from trailers.ranking.history import History
    from trailers.ranking.segments import Segments

Item = TypeVar("Item")
Result = TypeVar("Result")


class Map(Protocol):
    """Runs a module-level function over items; results in the items' order. `failed` hears of items whose work failed."""

    def __call__(
        self,
        function: Callable[[Item], Result],
        items: Sequence[Item],
        label: str,
        failed: Callable[[Item, WorkError], None] | None = None,
    ) -> list[Result]: ...


@dataclass(frozen=True)
class Work:
    """Where a season's results lie, and the map that long stages run their items by."""

    out: Path
    store: Store
    map: Map


@dataclass(frozen=True)
class Footage:
    """Episodes that can be shown, their shots, spoken lines and notes of what is heard, all by episode id.

    `left_out` are (file, reason).
    """

    episodes: Mapping[str, "Episode"]
    detections: Mapping[str, "Detection"]
    lines: Mapping[str, tuple["Line", ...]]
    notes: Mapping[str, tuple["Note", ...]]
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Audience:
    """Who watched: the history in frames, and the segments found in it or given."""

    history: "History"
    segments: "Segments"

    @property
    def names(self) -> dict[str, str]:
        return {"general": "Everyone", **{segment.id: segment.name for segment in self.segments.segments}}


@dataclass(frozen=True)
class Ranked:
    """What every segment would want: (segment, shot, score 0..1, why), and the model's file."""

    scores: "pd.DataFrame"
    model: Path


@dataclass(frozen=True)
class Planned:
    """A segment's trailer of one length as a plan: `score` is the objective's value per frame, made of `parts`, `gap` the proven
    distance to the best. `main` is the length that is compared and tested, in the season's own language; other lengths are cut
    down from the longest, other languages (`language`) read and hear the same cut. `unmet` says which decisions about it could
    not be obeyed, and why; those about trailers that are no more stand with the season's first."""

    segment: str
    seconds: float
    timeline: "Timeline"
    score: float
    gap: float
    parts: tuple[tuple[str, float], ...]
    notes: tuple[str, ...]
    main: bool = True
    shorter: bool = False
    language: str = ""
    unmet: tuple[str, ...] = ()

    @property
    def ending(self) -> str:
        """What length and language add to the names of files: nothing for the main one, else such as "-15s-es"."""
        length = f"-{self.seconds:g}s".replace(".", "_") if self.shorter else ""
        return f"{length}-{self.language}" if self.language else length

    @property
    def name(self) -> str:
        return f"{self.segment}{self.ending}"

    @property
    def trailer(self) -> str:
        """The cut, whatever its language, as decisions name it: "general", "general-15s"."""
        return self.name.removesuffix(f"-{self.language}") if self.language else self.name


@dataclass(frozen=True)
class Made:
    """A rendered file and the gate's verdict on it; `id` is SEGMENT/RENDITION, with length and language for those that are not
    `main`; `state` is what people decided of these bytes."""

    id: str
    segment: str
    rendition: str
    path: Path
    captions: Path
    sha256: str
    checks: tuple["Check", ...]
    state: Literal["draft", "approved", "rejected"]
    seconds: float = 30.0
    main: bool = True
    language: str = ""

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)


@dataclass(frozen=True)
class Run:
    """Everything that a run of the whole path made; `seconds` is the wall time of each stage."""

    season: Season
    footage: Footage
    index: "ShotIndex"
    audience: Audience
    ranked: Ranked
    metrics: "pd.DataFrame"
    plans: tuple[Planned, ...]
    variants: tuple[Made, ...]
    page: Path
    experiment: Path
    seconds: Mapping[str, float]

    @property
    def failed(self) -> tuple[Made, ...]:
        return tuple(variant for variant in self.variants if not variant.passed)
