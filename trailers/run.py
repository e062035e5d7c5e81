"""A map over many items: here, in threads, in spawned processes, or on Ray."""

import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from trailers.errors import RequestError, WorkError

if TYPE_CHECKING:
    from rich.progress import Progress

    from trailers.results import Map

Item = TypeVar("Item")
Result = TypeVar("Result")
Task = Any  # an engine's own handle of an item under way
ENGINES = ("local", "threads", "processes", "ray")


class Tasks(Protocol):
    """How an engine begins items and says which are done; everything else about a map is the same for all."""

    def begin(self, function: Callable[[Item], Result], item: Item) -> Task: ...

    def done(self, pending: Sequence[Task]) -> Task: ...

    def result(self, task: Task) -> Any: ...


@contextmanager
def engine(name: str = "processes", workers: int | None = None, progress: bool = True) -> Iterator["Map"]:
    """A map that runs a module-level function over items, results in the items' order, with a progress bar on stderr.

    `local` works in this process, one after the other; `threads` in this process side by side, which is there at once and does as
    well for pictures and sound; `processes` in spawned ones, as many as there are cores; `ray` on the cluster that RAY_ADDRESS
    names, or one started here. An item's WorkError goes to `failed(item, error)` where the caller
    gives it, and ends the map where not; other items go on.
    """
    if name not in ENGINES:
        raise RequestError(f"an engine is {', '.join(ENGINES)}; {name!r} was found")
    open_tasks = {"local": _local, "threads": _threads, "processes": _processes, "ray": _ray}[name]
    with _bars(progress) as bars, open_tasks(workers or os.cpu_count() or 1) as tasks:

        def mapped(
            function: Callable[[Item], Result],
            items: Sequence[Item],
            label: str,
            failed: Callable[[Item, WorkError], None] | None = None,
        ) -> list[Result]:
            bar = bars.add_task(label, total=len(items))
            running = {tasks.begin(function, item): place for place, item in enumerate(items)}
            results: dict[int, Result] = {}
            while running:
                task = tasks.done(list(running))
                place = running.pop(task)
                try:
                    results[place] = tasks.result(task)
                except WorkError as error:
                    if failed is None:
                        raise
                    failed(items[place], error)
                bars.advance(bar)
            bars.remove_task(bar)
            return [results[place] for place in sorted(results)]

        yield mapped


@contextmanager
def _bars(shown: bool) -> Iterator["Progress"]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    console = Console(file=sys.stderr)
    with Progress(*columns, console=console, transient=True, disable=not (shown and console.is_terminal)) as bars:
        yield bars


class _Here:
    """Runs an item when its result is asked for."""

    def begin(self, function: Callable[[Item], Result], item: Item) -> Task:
        return lambda: function(item)

    def done(self, pending: Sequence[Task]) -> Task:
        return pending[0]

    def result(self, task: Task) -> Any:
        return task()


@contextmanager
def _local(workers: int) -> Iterator[Tasks]:
    yield _Here()


class _Threads:
    """Decoders, encoders and arrays let go of the interpreter while they work."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.pool = pool

    def begin(self, function: Callable[[Item], Result], item: Item) -> Task:
        return self.pool.submit(function, item)

    def done(self, pending: Sequence[Task]) -> Task:
        return _first(pending)

    def result(self, task: Task) -> Any:
        return task.result()


def _first(pending: Sequence[Task]) -> Task:
    finished, _ = wait(pending, return_when=FIRST_COMPLETED)
    return next(task for task in pending if task in finished)


@contextmanager
def _threads(workers: int) -> Iterator[Tasks]:
    pool = ThreadPoolExecutor(workers, "work")
    try:
        yield _Threads(pool)
    finally:
        pool.shutdown(cancel_futures=True)


class _Pool:
    """Spawned processes, begun with the first item: forking would hang LanceDB and copy locks."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.pool: ProcessPoolExecutor | None = None
        self.asked: dict[Task, tuple[Callable[[Any], object], Any]] = {}

    def open(self, workers: int) -> ProcessPoolExecutor:
        from multiprocessing import get_context

        return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))

    def begin(self, function: Callable[[Item], Result], item: Item) -> Task:
        self.pool = self.pool or self.open(self.workers)
        task = self.pool.submit(function, item)
        self.asked[task] = (function, item)
        return task

    def done(self, pending: Sequence[Task]) -> Task:
        return _first(pending)

    def result(self, task: Task) -> Any:
        function, item = self.asked.pop(task)
        try:
            return task.result()
        except BrokenProcessPool:
            # A dying worker takes its whole pool with it: each item is tried again on its own, so that only the culprit fails.
            self.pool = None
            with self.open(1) as alone:
                try:
                    return alone.submit(function, item).result()
                except BrokenProcessPool:
                    raise WorkError(
                        f"the process that worked on {item!r:.200} died; its file may be broken, or memory too small"
                    ) from None


@contextmanager
def _processes(workers: int) -> Iterator[Tasks]:
    pool = _Pool(workers)
    try:
        yield pool
    finally:
        if pool.pool:
            pool.pool.shutdown(cancel_futures=True)


class _Cluster:
    """Ray does the scheduling; nothing here does."""

    def begin(self, function: Callable[[Item], Result], item: Item) -> Task:
        import ray

        return ray.remote(function).remote(item)

    def done(self, pending: Sequence[Task]) -> Task:
        import ray

        return ray.wait(list(pending), num_returns=1)[0][0]

    def result(self, task: Task) -> Any:
        import ray

        try:
            return ray.get(task)
        except ray.exceptions.RayTaskError as error:
            raise error.cause from None


@contextmanager
def _ray(workers: int) -> Iterator[Tasks]:
    os.environ.setdefault("RAY_AUTH_MODE", "disabled")  # else Ray writes a token into HOME
    try:
        import ray
    except ImportError:
        raise RequestError("the engine 'ray' needs the extra: pip install 'trailers[ray]'") from None
    joined = os.environ.get("RAY_ADDRESS")
    cores = None if joined else workers
    ray.init(address=joined, num_cpus=cores, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    try:
        yield _Cluster()
    finally:
        ray.shutdown()
