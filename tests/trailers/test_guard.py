"""What is broken in a file breaks a child process, and is told in one line."""

import ctypes
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.conftest import SolidFilm
from trailers import guard
from trailers.errors import MediaError, RequestError
from trailers.guard import guarded, patience
from trailers.run import engine
from trailers.store import Store, sweep

GIB = 1 << 30


def doubled(number: int) -> int:
    return number * 2


def process(_: int) -> int:
    return os.getpid()


KEPT: list[bytes] = []  # in the child


def here(_: int) -> str:
    return str(Path.cwd())


def crash(_: int) -> None:
    ctypes.string_at(0)


def leave(status: int) -> None:
    os._exit(status)


def hang(_: int) -> None:
    Event().wait()


def eat(size: int) -> None:
    held = [b"x" * (1 << 24) for _ in range(size >> 24)]
    Event().wait()
    held.clear()


def keep(size: int) -> int:
    KEPT.append(b"x" * size)
    return os.getpid()


def ask_too_much(_: int) -> None:
    raise MemoryError


def refuse(name: str) -> None:
    raise RequestError(f"no {name}")


def fail(_: int) -> None:
    raise KeyError("a mistake of ours")


def unsendable(_: int) -> Callable[[], int]:
    return lambda: 1


def write_half(item: tuple[Store, str]) -> None:
    store, name = item

    def make(part: Path) -> None:
        part.write_text("half of it")
        os._exit(1)

    store.file(name, make)


def through_a_guard(number: int) -> int:
    return guarded(doubled, number, 60, GIB, "e01.mp4")


def crash_through_a_guard(number: int) -> int:
    return guarded(leave if number == 2 else doubled, number, 60, GIB, f"e{number:02}.mp4") or 0


def test_the_child_works_and_stays() -> None:
    assert guarded(doubled, 4, 60, GIB, "e01.mp4") == 8
    child = guarded(process, 0, 60, GIB, "e01.mp4")
    assert child != os.getpid()
    assert guarded(process, 0, 60, GIB, "e02.mp4") == child


def test_what_a_child_holds_of_files_before_is_not_held_against_the_next() -> None:
    child = guarded(keep, 3 << 28, 60, 4 * GIB, "e01.mp4")
    other = guarded(process, 0, 60, GIB, "e02.mp4")
    assert other != child
    assert guarded(process, 0, 60, GIB, "e03.mp4") == other, "one that holds little stays"


def test_paths_mean_what_they_mean_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guarded(doubled, 1, 60, GIB, "e01.mp4")
    monkeypatch.chdir(tmp_path)
    assert guarded(here, 0, 60, GIB, "e01.mp4") == str(tmp_path)


@pytest.mark.parametrize(
    ("function", "argument", "seconds", "said"),
    [
        (crash, 0, 60, r"e03\.webm: the process that read it died \(SIGSEGV\); convert it"),
        (leave, 3, 60, r"e03\.webm: the process that read it died \(exit status 3\); convert it"),
        (hang, 0, 0.2, r"e03\.webm: reading it was given up after 0 s; convert it"),
        (eat, 3 << 28, 60, r"e03\.webm: reading it takes more than 0\.2 GiB of memory; convert it"),
        (ask_too_much, 0, 60, r"e03\.webm: reading it takes more memory than there is; convert it"),
    ],
)
def test_what_kills_the_child_is_one_line_and_the_next_call_works(
    function: Callable[[int], None], argument: int, seconds: float, said: str
) -> None:
    memory = 1 << 28 if function is eat else 4 * GIB  # the child that waits may hold what tests before this one read
    with pytest.raises(MediaError, match=said) as caught:
        guarded(function, argument, seconds, memory, "e03.webm")
    assert "\n" not in str(caught.value)
    assert guarded(doubled, 5, 60, GIB, "e04.webm") == 10


def test_errors_come_through_as_they_are() -> None:
    with pytest.raises(RequestError, match="no colour"):
        guarded(refuse, "colour", 60, GIB, "e01.mp4")
    with pytest.raises(KeyError, match="a mistake of ours") as caught:
        guarded(fail, 0, 60, GIB, "e01.mp4")
    assert "in fail" in caught.value.__notes__[0], "where it happened is told"
    with pytest.raises(TypeError, match="cannot be sent between processes"):
        guarded(unsendable, 0, 60, GIB, "e01.mp4")


def test_threads_have_children_of_their_own() -> None:
    hung: list[str] = []

    def wait_long() -> None:
        try:
            guarded(hang, 0, 3, GIB, "slow.mp4")
        except MediaError as error:
            hung.append(str(error))

    thread = Thread(target=wait_long)
    thread.start()
    assert guarded(doubled, 3, 60, GIB, "e01.mp4") == 6
    thread.join()
    assert len(hung) == 1


def test_a_child_ends_with_its_parent(tmp_path: Path) -> None:
    """Even in the midst of work: the parent is killed, and the child's end closes the pipe that both hold."""
    script = (
        "import os, threading\n"
        "from tests.trailers.test_guard import hang, process\n"
        "from trailers.guard import guarded\n"
        "guarded(process, 0, 60, 1 << 30, 'x')\n"
        "threading.Timer(1, os._exit, [7]).start()\n"
        "guarded(hang, 0, 60, 1 << 30, 'x')\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    output, _ = parent.communicate(timeout=50)  # returns when nobody holds the pipe any more
    assert (parent.returncode, output) == (7, b"")


def test_every_engine_may_use_it() -> None:
    with engine("processes", workers=2, progress=False) as mapped:
        failures: list[str] = []
        results = mapped(crash_through_a_guard, [1, 2, 3], "guarded", failed=lambda _, error: failures.append(str(error)))
    assert results == [2, 6]
    assert len(failures) == 1
    assert failures[0].startswith("e02.mp4: the process that read it died")


def test_a_child_that_dies_in_the_midst_leaves_no_half_result(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(MediaError, match="died"):
        guarded(write_half, (store, "shots/e01.json"), 60, GIB, "e01.mp4")
    assert not store.has("shots/e01.json")
    sweep(tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_commands_on_files_go_on_after_a_bad_one(solid_film: SolidFilm, tmp_path: Path) -> None:
    """The good one on stdout, one line for the bad one on stderr, and the status of failed work."""
    good, missing = solid_film(), tmp_path / "missing.mp4"
    for command in ("probe", "shots"):
        words = [sys.executable, "-m", "trailers", command, str(missing), str(good)]
        found = subprocess.run(words, capture_output=True, text=True, check=False)
        assert (found.returncode, found.stderr) == (1, f"missing.mp4: no such file; asked for {missing}.\n")
        assert found.stdout.startswith(str(good))
        one, other = json.loads(subprocess.run([*words, "--json"], capture_output=True, text=True, check=False).stdout)
        assert (one["error"], other["error"]) == (f"missing.mp4: no such file; asked for {missing}.", None)
        assert (one["frames"], other["frames"]) == (None, 120)


@pytest.mark.ray
def test_ray_may_use_it() -> None:
    pytest.importorskip("ray", reason="the extra 'ray' is not installed")
    with engine("ray", workers=1, progress=False) as mapped:
        assert mapped(through_a_guard, [1, 2], "guarded") == [2, 4]


def test_a_forked_process_does_not_speak_to_its_parents_child() -> None:
    mine = guarded(process, 0, 60, GIB, "e01.mp4")
    ends, begins = os.pipe()
    child = os.fork()
    if not child:
        os.write(begins, str(len(guard._idle)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(ends, 9) == b"0"
    assert guarded(process, 0, 60, GIB, "e01.mp4") == mine


def test_patience_grows_with_the_file(tmp_path: Path) -> None:
    small, large = tmp_path / "small.mp4", tmp_path / "large.mp4"
    small.write_bytes(b"x")
    large.write_bytes(b"x" * 1_000_000)
    assert patience(tmp_path / "none.mp4") == 120
    assert 120 < patience(small) < 121
    assert patience(large) == 180
