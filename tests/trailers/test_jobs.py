"""Work in the background: what it tells, how it fails, how it is stopped; nothing here waits by the clock."""

from collections.abc import Iterator, Mapping
from threading import Event

import pytest

from trailers.desk.jobs import Jobs, Kind, Step, Task
from trailers.errors import MediaError, RenderError, RequestError, WorkError
from trailers.review.views import JobView

PATIENCE = 30  # seconds after which a test fails


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    held = Jobs(workers=2)
    yield held
    held.close()


def ended(jobs: Jobs, task: Task, kind: Kind = "render") -> JobView:
    """A job that was begun and has ended: all work of a kind is done in the order it was begun."""
    view, after = jobs.begin("work", task, kind), Event()
    jobs.begin("after", told(after), kind)
    assert after.wait(PATIENCE)
    return jobs.get(view.id)


def told(event: Event) -> Task:
    """Work that says that it was begun."""

    def task(step: Step) -> Mapping[str, str]:
        event.set()
        return {}

    return task


def awaiting(event: Event) -> Task:
    """Work that goes on when it is told to."""

    def task(step: Step) -> Mapping[str, str]:
        assert event.wait(PATIENCE)
        return {}

    return task


def double(number: int) -> int:
    if number == 3:
        raise MediaError("three is no number")
    return 2 * number


def test_work_that_is_done_gives_its_result_and_all_its_steps(jobs: Jobs) -> None:
    seen = ended(jobs, lambda step: {"sum": str(sum(step.map()(double, [1, 2, 4], "Doubling")))})
    assert (seen.state, seen.label, seen.done, seen.total, seen.result) == ("done", "Doubling", 3, 3, {"sum": "14"})


def test_results_stand_in_the_order_of_the_items(jobs: Jobs) -> None:
    seen = ended(jobs, lambda step: {"all": str(step.map()(double, list(range(10, 30)), "Doubling"))})
    assert seen.result == {"all": str([2 * number for number in range(10, 30)])}


def test_work_that_fails_says_why_in_words(jobs: Jobs) -> None:
    seen = ended(jobs, lambda step: {"all": str(step.map()(double, [1, 3], "Doubling"))})
    assert (seen.state, seen.error, seen.result) == ("failed", "three is no number", None)


def test_an_item_may_fail_where_the_work_hears_of_it(jobs: Jobs) -> None:
    lost: list[tuple[int, WorkError]] = []
    seen = ended(jobs, lambda step: {"all": str(step.map()(double, [1, 3, 5], "", lambda n, error: lost.append((n, error))))})
    assert (seen.state, seen.result) == ("done", {"all": "[2, 10]"})
    assert [number for number, _ in lost] == [3]


def test_a_fault_of_ours_is_told_without_its_traceback(jobs: Jobs, caplog: pytest.LogCaptureFixture) -> None:
    def fault(step: Step) -> Mapping[str, str]:
        raise KeyError("/secret/path")

    seen = ended(jobs, fault)
    assert seen.state == "failed"
    assert "KeyError" in seen.error
    assert "/secret" not in seen.error
    assert "/secret" in caplog.text, "whoever runs the server can read what went wrong"


def test_work_stops_at_its_next_step_and_begins_nothing_more(jobs: Jobs) -> None:
    begun, go, done = Event(), Event(), []

    def one(number: int) -> int:
        begun.set()
        assert go.wait(PATIENCE)
        done.append(number)
        return number

    view = jobs.begin("work", lambda step: {"all": str(step.map()(one, list(range(50)), "Steps"))}, "render")
    after = Event()
    jobs.begin("after", told(after), "render")
    assert begun.wait(PATIENCE)
    jobs.cancel(view.id)
    go.set()
    assert after.wait(PATIENCE)
    assert jobs.get(view.id).state == "cancelled"
    assert len(done) < 50


def test_work_that_waits_is_cancelled_before_it_begins(jobs: Jobs) -> None:
    go, after = Event(), Event()
    jobs.begin("first", awaiting(go), "render")
    waiting = jobs.begin("second", lambda step: {"never": "made"}, "render")
    jobs.begin("after", told(after), "render")
    jobs.cancel(waiting.id)
    go.set()
    assert after.wait(PATIENCE)
    assert (jobs.get(waiting.id).state, jobs.get(waiting.id).result) == ("cancelled", None)


def test_a_preview_does_not_wait_for_a_season_that_is_rendered(jobs: Jobs) -> None:
    go = Event()
    slow = jobs.begin("season", awaiting(go), "render")
    assert ended(jobs, lambda step: {"video": "/media/x"}, "look").state == "done"
    assert jobs.get(slow.id).state == "running"
    go.set()


def test_what_nobody_began_is_not_there(jobs: Jobs) -> None:
    for asked in (jobs.get, jobs.cancel):
        with pytest.raises(RequestError, match="no work is called"):
            asked("0123")


def test_what_ended_stays_as_it_ended(jobs: Jobs) -> None:
    def failing(step: Step) -> Mapping[str, str]:
        raise RenderError("no")

    seen = ended(jobs, failing)
    assert jobs.cancel(seen.id).state == "failed"
    assert jobs.get(seen.id).state == "failed"
