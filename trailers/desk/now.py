"""A season as its decisions have it now: read again whenever somebody, in whatever process, wrote one."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Condition, Lock

from trailers import deciding, orders
from trailers.desk.held import Held
from trailers.results import Planned
from trailers.review.acts import Act
from trailers.review.decisions import Decision, read


@dataclass(frozen=True, eq=False)
class Now:
    """All decisions, the plans that obey them, and what holds for all of the files; `bare` are the plans before new clips were
    looked at, `framed` says whether every clip has a view in every shape."""

    decisions: tuple[Decision, ...]
    folded: deciding.Folded
    terms: orders.Terms
    bare: tuple[Planned, ...]
    framed: bool = True

    @property
    def plans(self) -> tuple[Planned, ...]:
        return self.folded.plans

    @property
    def unmet(self) -> Mapping[int, str]:
        """Why decisions are not obeyed, by their numbers."""
        return self.folded.unmet

    @property
    def log(self) -> int:
        """The last decision that is in the plans."""
        return self.folded.log


class Latest:
    """Keeps `Now` up to the log. May be asked from several threads: one of them folds, others wait for it or take what was.

    Where the subjects of new clips are is found in the background, since it takes seconds a clip.
    """

    def __init__(self, held: Held) -> None:
        self._held = held
        self._news = Condition()
        self._stamp: tuple[int, int] | None = None
        self._now: Now | None = None
        self._folding = False
        self._framing = Lock()
        self._pool = ThreadPoolExecutor(1, "framing")

    def get(self, wait: bool = True) -> Now:
        """The season now. Without `wait` it may lack the latest decisions while another thread works them in."""
        while True:
            with self._news:
                stamp = self._written()
                if self._now and (stamp == self._stamp or (self._folding and not wait)):
                    return self._now
                if self._folding:
                    self._news.wait()
                    continue
                self._folding = True
            made: Now | None = None
            try:
                made = now(self._held, read(self._held.season.decisions), self._now)
            finally:
                with self._news:
                    if made:
                        self._now, self._stamp = made, stamp
                    self._folding = False
                    self._news.notify_all()
                if made and not made.framed:
                    with suppress(RuntimeError):  # the desk was closed meanwhile
                        self._pool.submit(self.framed)

    def framed(self) -> Now:
        """The season now, with a view of every clip in every shape."""
        while not (found := self.get()).framed:
            with self._framing:
                found = self.get()
                made = found if found.framed else now(self._held, found.decisions)
                with self._news:
                    if self._now is found:
                        self._now = made
        return found

    def beside(self, work: Callable[[], object]) -> None:
        """Some work of a desk in the background, that nobody waits for."""
        self._pool.submit(work)

    def close(self) -> None:
        """Begins no further work in the background."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _written(self) -> tuple[int, int]:
        """What tells one state of the log from another; it only grows."""
        path = self._held.season.decisions
        if not path.exists():
            return (0, 0)
        stat = path.stat()
        return (stat.st_size, stat.st_mtime_ns)


def now(held: Held, decisions: Sequence[Decision], before: Now | None = None) -> Now:
    """The season under some decisions. With the season `before` them, cuts that they change have no views of new clips yet."""
    bare = deciding.decided(held.ground, decisions, framed=False)
    if before is None:
        return Now(tuple(decisions), deciding.decided(held.ground, decisions), held.terms(), bare.plans)
    same = [now.timeline == was.timeline for now, was in zip(bare.plans, before.bare, strict=True)]
    plans = tuple(
        replace(now, timeline=was.timeline) if kept else now
        for now, was, kept in zip(bare.plans, before.plans, same, strict=True)
    )
    framed = all(same) and before.framed
    return Now(tuple(decisions), replace(bare, plans=plans), held.terms(), bare.plans, framed)


def supposed(held: Held, now: Now, acts: Sequence[Act]) -> Now:
    """The season as it would be under further acts, which nobody decided. Clips that come new have no views yet."""
    then = (*now.decisions, *deciding.supposed(now.decisions, acts))
    bare = deciding.decided(held.ground, then, framed=False)
    return Now(then, bare, now.terms, bare.plans, False)
