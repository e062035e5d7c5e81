"""Whoever answers at a desk: questions on a held season, decisions, and work that is begun."""

import os
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from trailers import deciding, run, spec, stages
from trailers.desk import choosing, shown, tasks, told
from trailers.desk.files import Files, variant_id
from trailers.desk.held import Held, hold
from trailers.desk.jobs import Jobs
from trailers.desk.now import Latest
from trailers.errors import RequestError
from trailers.results import Planned, Work
from trailers.review.acts import Act, Approve, Reject
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
    with ExitStack() as kept:
        work = work or stages.open_work(asked, kept.enter_context(run.engine("threads", progress=False)))
        return Seat(hold(asked, work), kept.pop_all())


class Seat:
    """A `trailers.review.desk.Desk`. May be asked from several threads."""

    def __init__(self, held: Held, kept: ExitStack) -> None:
        self.held = held
        self._kept = kept  # what is let go of when the desk is closed
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
        self._latest.close()
        self._kept.close()

    def warm(self) -> None:
        """Makes ready what the first look would wait for, and, in the background, what the first search and swap would."""
        self.season()
        self._latest.beside(self.held.warm)

    def plans(self) -> tuple[Planned, ...]:
        """Every cut as its decisions have it now."""
        return self._latest.get().plans

    def season(self, who: str = "") -> SeasonView:
        return shown.season(self.held, self._latest.get(wait=False), self._files, who)

    def news(self, since: int) -> tuple[DecisionView, ...]:
        """Decisions that were written after a number."""
        now = self._latest.get(wait=False)
        return told.decided(self.held, now, [each for each in now.decisions if each.number > since])

    def trailer(self, name: str, language: str = "") -> TrailerView:
        now = self._latest.get()
        return shown.trailer(self.held, now, self._files, shown.find(now, name, language))

    def differs(self, one: str, other: str) -> DifferenceView:
        now = self._latest.get()
        return shown.differs(self.held, shown.find(now, one), shown.find(now, other))

    def instead(self, trailer: str, shot: str, words: str = "", count: int = 20) -> tuple[ShotView, ...]:
        now = self._latest.get()
        return choosing.instead(self.held, now, shown.find(now, trailer), shot, words, count)

    def search(self, words: str, count: int = 24) -> tuple[ShotView, ...]:
        return choosing.search(self.held, words, count)

    def brief(self, segment: str, words: str) -> BriefView:
        return choosing.brief(self.held, segment, words)

    def decide(self, act: Act, who: str, why: str = "", seen: int = 0) -> Decided:
        if isinstance(act, Approve | Reject):
            self._put(act)
        made = deciding.keep(self.held.ground, act, who, why)
        then = self._latest.get()
        others = [each for each in then.decisions if each.number > seen and each.number != made.number]
        return Decided(told.decided(self.held, then, [made])[0], told.decided(self.held, then, others), then.log)

    def _put(self, act: Approve | Reject) -> None:
        """Puts the file that is decided on where the season's files lie. A RequestError where what was looked at is not what
        there is now, or where the gate refused it."""
        now, shapes = self._latest.get(), self.held.season.trailer.renditions
        there = {variant_id(plan, shape): (plan, shape) for plan in now.plans for shape in shapes}
        if act.variant not in there:
            raise RequestError(f"there is no file {act.variant[:100]!r}; there are {', '.join(there)}")
        plan, shape = there[act.variant]
        found = self._files.shown(now.terms, plan, shape)
        if found is None or not (found.now and found.judged) or found.sha256 != act.sha256:
            raise RequestError(
                f"{act.variant} is not any more the file that was looked at: render it, look again and decide then"
            )
        if isinstance(act, Approve) and (failed := [check.name for check in found.checks if not check.passed]):
            raise RequestError(f"{act.variant} failed its checks and cannot be approved: {', '.join(failed)}")
        stages.put(plan, shape, self._files.rendered(now.terms, plan, shape), self.held.work, now.decisions)

    def preview(self, trailer: str, shape: str, acts: tuple[Act, ...] = (), language: str = "") -> JobView:
        task = tasks.preview(self.held, self._latest.get(), trailer, shape, acts, language)
        return self._jobs.begin(f"Preview of {trailer}", task, "look")

    def weighed(self, segment: str, changes: tuple[Change, ...]) -> JobView:
        task = tasks.weighed(self.held, self._latest.get(), segment, changes)
        return self._jobs.begin(f"A brief for {segment}", task, "solve")

    def render(self, trailers: tuple[str, ...] = ()) -> JobView:
        task = tasks.render(self.held, self._latest, trailers)
        return self._jobs.begin(f"Rendering {', '.join(trailers) or 'the season'}", task, "render")

    def export(self, platform: str, draft: bool = False) -> JobView:
        task = tasks.export(self.held, self._latest, platform, draft)
        return self._jobs.begin(f"Package for {platform}", task, "render")

    def job(self, id: str) -> JobView:
        return self._jobs.get(id)

    def cancel(self, id: str) -> JobView:
        return self._jobs.cancel(id)

    def file(self, address: str) -> Path:
        return self._files.at(address)
