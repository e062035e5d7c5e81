"""Work on a file from outside in a process of its own: what dies, hangs or eats memory there costs one line here."""

import os
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from pickle import PicklingError
from queue import SimpleQueue
from time import monotonic
from typing import Any, TypeVar

from trailers.errors import MediaError, TrailersError

Argument = TypeVar("Argument")
Result = TypeVar("Result")

MEMORY = 3 << 30  # bytes resident that reading one file may take: 8k pictures of 10 bits, with the encoder's weights beside them
_LOOK = 0.05  # seconds between two looks at a child that works
_REMEDY = "convert it, for example with ffmpeg -i FILE -c:v libx264 -c:a aac NEW.mp4"
_START = "import sys; sys.path[:] = sys.argv[2:]; from trailers.guard import _serve; _serve(int(sys.argv[1]))"


def guarded(function: Callable[[Argument], Result], argument: Argument, seconds: float, memory: int, name: str) -> Result:
    """What a module-level function gives for an argument, worked out in a child process that stays for the next call.

    The child is spawned, never forked, ends when its parent does, and is replaced when it dies, works longer than `seconds` or
    holds more than `memory` bytes resident (looked at from here, where the system tells: limits of address space would hit
    what networks map and never touch). Each of these raises MediaError in one line about `name`, the file. Errors of the
    function come through as they are.
    """
    try:
        child = _idle.pop()
    except IndexError:  # asked and not looked for first: another thread may take the last one
        child = _Child()
    if _resident(child.process.pid) > memory / 2:  # of what it read before: that is not this file's fault
        child.end()
        child = _Child()
    try:
        worked, answer = child.ask(function, argument, seconds, memory, name)
    except BaseException:
        child.end()
        raise
    _idle.append(child)
    if worked:
        result: Result = answer
        return result
    if isinstance(answer, MemoryError):
        raise MediaError(f"{name}: reading it takes more memory than there is; {_REMEDY}.")
    raise answer


def patience(path: Path) -> float:
    """Seconds that reading a file may take: two minutes, and a minute for each MB; decoders need a tenth on one slow core."""
    return 120 + 60e-6 * (path.stat().st_size if path.is_file() else 0)


class _Child:
    """A process that works on one thing at a time, and the line to it."""

    def __init__(self) -> None:
        self.line, theirs = Pipe()
        command = [sys.executable, "-c", _START, str(theirs.fileno()), *sys.path]
        self.process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        theirs.close()

    def ask(
        self, function: Callable[[Any], object], argument: object, seconds: float, memory: int, name: str
    ) -> tuple[bool, Any]:
        """Whether the work was done, and its result or the error that it met."""
        end = monotonic() + seconds
        try:
            self.line.send((os.getcwd(), function, argument))
            while not self.line.poll(_LOOK):
                if monotonic() > end:
                    raise MediaError(f"{name}: reading it was given up after {seconds:.0f} s; {_REMEDY}.")
                if _resident(self.process.pid) > memory:
                    raise MediaError(f"{name}: reading it takes more than {memory / 2**30:.1f} GiB of memory; {_REMEDY}.")
            answer: tuple[bool, Any] = self.line.recv()
            return answer
        except (EOFError, ConnectionError):
            raise MediaError(f"{name}: the process that read it died ({self.how()}); {_REMEDY}.") from None

    def how(self) -> str:
        status = self.process.wait()
        return signal.Signals(-status).name if status < 0 else f"exit status {status}"

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.line.close()


_idle: list[_Child] = []  # children that wait for work: one for each thread that has ever asked at once
os.register_at_fork(after_in_child=_idle.clear)  # the line to a child belongs to one process


def _resident(process: int) -> int:
    """Bytes of memory that a process holds; 0 where the system does not tell."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def _serve(number: int) -> None:
    """The child: does what comes down the line until the line ends, which is when its parent does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's to answer
    line: Connection[Any, Any] = Connection(number)
    jobs: SimpleQueue[tuple[str, Callable[[Any], object], Any]] = SimpleQueue()
    threading.Thread(target=_receive, args=(line, jobs), daemon=True).start()
    while True:
        folder, function, argument = jobs.get()
        try:
            os.chdir(folder)
            answer: tuple[bool, object] = True, function(argument)
        except Exception as error:  # noqa: BLE001 - handed on whole
            answer = False, _told(error)
        try:
            line.send(answer)
        except (PicklingError, AttributeError, TypeError, ValueError) as error:
            line.send((False, TypeError(f"an answer cannot be sent between processes ({error}): {answer[1]!r:.200}")))


def _receive(line: "Connection[Any, Any]", jobs: "SimpleQueue[Any]") -> None:
    """Reads the line in a thread of its own, so that its end is seen in the midst of work too."""
    while True:
        try:
            jobs.put(line.recv())
        except (EOFError, OSError):
            os._exit(0)


def _told(error: Exception) -> Exception:
    """An error with where it happened, for those that are nobody's mistake but ours."""
    if not isinstance(error, TrailersError):
        error.add_note("".join(traceback.format_exception(error)))
    error.__traceback__ = None
    return error
