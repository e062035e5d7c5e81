"""A season as its decisions have it now: read again whenever somebody, in whatever process, wrote one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Condition
from typing import TYPE_CHECKING

from trailers import orders
from trailers.desk.held import Held
from trailers.results import Planned
from trailers.review.decisions import Act, Decision, append, read

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, eq=False)
class Now:
    """All decisions, the plans that obey them, and by a decision's number why it is not obeyed. `log` is the last decision that
    is in the plans."""

    decisions: tuple[Decision, ...]
    plans: tuple[Planned, ...]
    unmet: Mapping[int, str]
    log: int
    terms: orders.Terms


class Latest:
    """Keeps `Now` up to the log. May be asked from several threads: one of them folds, others wait for it or take what was."""

    def __init__(self, held: Held) -> None:
        self._held = held
        self._news = Condition()
        self._stamp: tuple[int, int] | None = None
        self._now: Now | None = None
        self._folding = False

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
                made = now(self._held, read(self._held.season.decisions))
            finally:
                with self._news:
                    if made:
                        self._now, self._stamp = made, stamp
                    self._folding = False
                    self._news.notify_all()

    def _written(self) -> tuple[int, int]:
        """What tells one state of the log from another; it only grows."""
        path = self._held.season.decisions
        if not path.exists():
            return (0, 0)
        stat = path.stat()
        return (stat.st_size, stat.st_mtime_ns)


def now(held: Held, decisions: Sequence[Decision]) -> Now:
    """The season under some decisions."""
    last = decisions[-1].number if decisions else 0
    return Now(tuple(decisions), held.plans, {}, last, held.terms())


def supposed(held: Held, now: Now, acts: Sequence[Act]) -> Now:
    """The season as it would be under further acts, which nobody decided."""
    return now


def keep(held: Held, now: Now, act: Act, who: str, why: str) -> Decision:
    """Writes a decision down; a RequestError says why it cannot be obeyed."""
    return append(held.season.decisions, act, who, why)
