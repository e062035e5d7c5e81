"""Whoever answers at a desk: questions on a held season, decisions, and work that is begun."""

import os
from pathlib import Path
from types import TracebackType

from trailers import run, spec, stages
from trailers.desk import shown
from trailers.desk.files import Files
from trailers.desk.held import Held, hold
from trailers.desk.jobs import Jobs
from trailers.desk.now import Latest
from trailers.results import Work
from trailers.review.views import (
    DecisionView,
    DifferenceView,
    JobView,
    SeasonView,
    TrailerView,
)  # fmt: skip
from trailers.season import Season


def open_desk(season: Season | Path | str, work: Work | None = None) -> "Seat":
    """A season on a desk (`trailers.review.desk.Desk`), planned first where it was not yet. `work` is where results lie and how
    they are made; without it, beside the season file and in threads of this process.

    Close it, or use it in a `with`: it has threads.
    """
    asked = season if isinstance(season, Season) else spec.read_season(season)
    if work:
        return Seat(hold(asked, work))
    with run.engine("threads", progress=False) as mapped:
        return Seat(hold(asked, stages.open_work(asked, mapped)))


class Seat:
    """A `trailers.review.desk.Desk`. May be asked from several threads."""

    def __init__(self, held: Held) -> None:
        self._held = held
        self._files = Files(held)
        self._latest = Latest(held)
        self._jobs = Jobs(os.cpu_count() or 1)

    def __enter__(self) -> "Seat":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Stops what is being done."""
        self._jobs.close()

    def season(self, who: str = "") -> SeasonView:
        return shown.season(self._held, self._latest.get(wait=False), self._files, who)

    def news(self, since: int) -> tuple[DecisionView, ...]:
        """Decisions that were written after a number."""
        now = self._latest.get(wait=False)
        return tuple(shown.decision(now, each) for each in now.decisions if each.number > since)

    def trailer(self, name: str, language: str = "") -> TrailerView:
        now = self._latest.get()
        return shown.trailer(self._held, now, self._files, shown.find(now, name, language))

    def differs(self, one: str, other: str) -> DifferenceView:
        now = self._latest.get()
        return shown.differs(self._held, shown.find(now, one), shown.find(now, other))

    def job(self, id: str) -> JobView:
        return self._jobs.get(id)

    def cancel(self, id: str) -> JobView:
        return self._jobs.cancel(id)

    def file(self, address: str) -> Path:
        return self._files.at(address)
