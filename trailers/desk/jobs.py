"""Long work in the background: how far it is, what came of it, and how it is stopped."""

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from threading import Event, Lock
from typing import Literal, TypeVar, get_args

from trailers.errors import RequestError, TrailersError, WorkError
from trailers.results import Map
from trailers.review.views import JobView

Item = TypeVar("Item")
Result = TypeVar("Result")

Kind = Literal["look", "solve", "render"]
KEPT = 200  # jobs that are remembered
ENDED = ("done", "failed", "cancelled")


class Stopped(Exception):
    """Somebody cancelled the work."""


@dataclass(frozen=True)
class Step:
    """What work tells of itself: `tell` names a step and how far it is. Both it and `go_on` raise Stopped in work that was
    cancelled."""

    tell: Callable[[str, int, int], None]
    go_on: Callable[[], None]
    workers: int

    def map(self) -> Map:
        """A map in threads that tells of each item, and leaves what was not begun when it is stopped."""

        def mapped(
            function: Callable[[Item], Result],
            items: Sequence[Item],
            label: str,
            failed: Callable[[Item, WorkError], None] | None = None,
        ) -> list[Result]:
            def one(item: Item) -> Result:
                self.go_on()
                return function(item)

            self.tell(label, 0, len(items))
            results: dict[int, Result] = {}
            with ThreadPoolExecutor(self.workers, "step") as pool:
                running = {pool.submit(one, item): place for place, item in enumerate(items)}
                try:
                    for number, task in enumerate(as_completed(running), start=1):
                        try:
                            results[running[task]] = task.result()
                        except WorkError as error:
                            if failed is None:
                                raise
                            failed(items[running[task]], error)
                        self.tell(label, number, len(items))
                finally:
                    pool.shutdown(wait=True, cancel_futures=True)
            return [results[place] for place in sorted(results)]

        return mapped


Task = Callable[[Step], Mapping[str, str]]


class Jobs:
    """Work that goes on beside questions, in the order it was begun among its kind: a look (a preview) never waits for a season
    that is rendered, nor for one that is solved again. May be asked from several threads."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._lock = Lock()
        self._views: dict[str, JobView] = {}
        self._stops: dict[str, Event] = {}
        self._pools = {kind: ThreadPoolExecutor(1, kind) for kind in get_args(Kind)}

    def begin(self, what: str, task: Task, kind: Kind) -> JobView:
        """Begins some work, or puts it behind what is being done."""
        id = secrets.token_hex(8)
        view = JobView(id, what, "running")
        with self._lock:
            self._views[id], self._stops[id] = view, Event()
            ended = [each for each, held in self._views.items() if held.state in ENDED]
            for old in ended[: max(0, len(self._views) - KEPT)]:
                del self._views[old], self._stops[old]
        self._pools[kind].submit(self._do, id, task)
        return view

    def _do(self, id: str, task: Task) -> None:
        stop = self._stops[id]

        def go_on() -> None:
            if stop.is_set():
                raise Stopped

        def tell(label: str, done: int, total: int) -> None:
            go_on()
            self._set(id, label=label, done=done, total=total)

        try:
            tell("", 0, 0)
            result = task(Step(tell, go_on, self._workers))
        except Stopped:
            self._set(id, state="cancelled")
        except TrailersError as error:
            self._set(id, state="failed", error=str(error))
        except Exception as error:
            logging.getLogger(__name__).exception("a job failed")
            self._set(id, state="failed", error=f"something went wrong that should not have: {type(error).__name__}")
        else:
            self._set(id, state="done", result=result, done=self.get(id).total)

    def _set(self, id: str, **changes: object) -> None:
        with self._lock:
            self._views[id] = replace(self._views[id], **changes)  # type: ignore[arg-type]

    def get(self, id: str) -> JobView:
        with self._lock:
            if id not in self._views:
                raise RequestError(f"no work is called {id[:40]!r}")
            return self._views[id]

    def cancel(self, id: str) -> JobView:
        """Asks some work to stop at its next step; what ended stays as it is."""
        view = self.get(id)
        self._stops[id].set()
        return view

    def close(self) -> None:
        """Stops all work, and waits for the steps that are being done."""
        with self._lock:
            for stop in self._stops.values():
                stop.set()
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)
