"""The desk that people decide at: what page, widget and command line may ask of a season, whoever answers."""

from pathlib import Path
from typing import Protocol

from trailers.review.acts import Act
from trailers.review.views import (
    BriefView,
    Decided,
    DecisionView,
    DifferenceView,
    JobView,
    SeasonView,
    ShotView,
    TrailerView,
)  # fmt: skip
from trailers.season import Change


class Desk(Protocol):
    """A season on a desk. Every method may be called from several threads; RequestError and PlanError are told to people."""

    def season(self, who: str = "") -> SeasonView:
        """The season at a glance, with decisions that others wrote meanwhile."""
        ...

    def news(self, since: int) -> tuple[DecisionView, ...]:
        """Decisions that were written after a number: what may be asked again and again."""
        ...

    def trailer(self, name: str, language: str = "") -> TrailerView:
        """A cut as its decisions have it now."""
        ...

    def differs(self, one: str, other: str) -> DifferenceView:
        """How two cuts differ."""
        ...

    def instead(self, trailer: str, shot: str, words: str = "", count: int = 20) -> tuple[ShotView, ...]:
        """The best shots for a clip's place, those that obey every rule first; with words, those that fit the words."""
        ...

    def search(self, words: str, count: int = 24) -> tuple[ShotView, ...]:
        """Shots of the whole index that fit words."""
        ...

    def brief(self, segment: str, words: str) -> BriefView:
        """A brief in words as changes that can be seen, before anything is solved."""
        ...

    def decide(self, act: Act, who: str, why: str = "", seen: int = 0) -> Decided:
        """Writes a decision down if it can be obeyed; `seen` is the last decision that its author had seen."""
        ...

    def preview(self, trailer: str, shape: str, acts: tuple[Act, ...] = (), language: str = "") -> JobView:
        """Begins a file to look at of a cut as it is now, or as it would be with further acts: result "video"."""
        ...

    def weighed(self, segment: str, changes: tuple[Change, ...]) -> JobView:
        """Begins to solve a segment's trailers with changes that are not decided yet: result "words", what it would show."""
        ...

    def render(self, trailers: tuple[str, ...] = ()) -> JobView:
        """Begins to render what changed (all of it where nothing is named), judged by the gate."""
        ...

    def export(self, platform: str, draft: bool = False) -> JobView:
        """Begins the A/B package: result "folder"."""
        ...

    def job(self, id: str) -> JobView:
        """How far some work is."""
        ...

    def cancel(self, id: str) -> JobView:
        """Stops some work at its next step."""
        ...

    def file(self, address: str) -> Path:
        """The file behind an address that a view gave (`media/...`, `thumbs/...`); RequestError for any other."""
        ...
