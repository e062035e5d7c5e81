"""Whoever answers at a desk: questions on a held season, decisions, and work that is begun."""

import os
from pathlib import Path
from types import TracebackType

from trailers import run, spec, stages
from trailers.desk import choosing, shown, tasks
from trailers.desk.files import Files
from trailers.desk.held import Held, hold
from trailers.desk.jobs import Jobs
from trailers.desk.now import Latest, keep
from trailers.errors import RequestError
from trailers.results import Work
from trailers.review.decisions import Act, Approve, Reject
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
from trailers.season import Change, Season


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

    def instead(self, trailer: str, shot: str, words: str = "", count: int = 20) -> tuple[ShotView, ...]:
        raise RequestError("not yet")

    def search(self, words: str, count: int = 24) -> tuple[ShotView, ...]:
        return choosing.search(self._held, words, count)

    def brief(self, segment: str, words: str) -> BriefView:
        raise RequestError("not yet")

    def decide(self, act: Act, who: str, why: str = "", seen: int = 0) -> Decided:
        now = self._latest.get()
        if isinstance(act, Approve | Reject):
            self._seen(act)
        made = keep(self._held, now, act, who, why)
        then = self._latest.get()
        others = [each for each in then.decisions if each.number > seen and each.number != made.number]
        return Decided(shown.decision(then, made), tuple(shown.decision(then, each) for each in others), then.log)

    def _seen(self, act: Approve | Reject) -> None:
        """A RequestError where what was looked at is not what there is now, or where the gate refused it."""
        there = {variant.id: variant for segment in self.season().segments for variant in segment.variants}
        found = there.get(act.variant)
        if found is None:
            raise RequestError(f"there is no file {act.variant[:100]!r}; there are {', '.join(there)}")
        if found.sha256 != act.sha256 or found.state == "changed":
            raise RequestError(
                f"{act.variant} is not any more the file that was looked at: render it, look again and decide then"
            )
        if found.state == "failed" and isinstance(act, Approve):
            raise RequestError(f"{act.variant} failed its checks and cannot be approved: {'; '.join(found.failed)}")

    def preview(self, trailer: str, shape: str, acts: tuple[Act, ...] = (), language: str = "") -> JobView:
        task = tasks.preview(self._held, self._latest.get(), trailer, shape, acts, language)
        return self._jobs.begin(f"Preview of {trailer}", task, quick=True)

    def weighed(self, segment: str, changes: tuple[Change, ...]) -> JobView:
        return self._jobs.begin(
            f"A brief for {segment}", tasks.weighed(self._held, self._latest.get(), segment, changes), quick=True
        )

    def render(self, trailers: tuple[str, ...] = ()) -> JobView:
        task = tasks.render(self._held, self._latest.get(), trailers)
        return self._jobs.begin(f"Rendering {', '.join(trailers) or 'the season'}", task)

    def export(self, platform: str, draft: bool = False) -> JobView:
        return self._jobs.begin(f"Package for {platform}", tasks.export(self._held, self._latest.get(), platform, draft))

    def job(self, id: str) -> JobView:
        return self._jobs.get(id)

    def cancel(self, id: str) -> JobView:
        return self._jobs.cancel(id)

    def file(self, address: str) -> Path:
        return self._files.at(address)
