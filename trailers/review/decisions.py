"""What people decided: one append-only file per season that page, notebook and command line share."""

import fcntl
import getpass
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from trailers.errors import RequestError, WorkError
from trailers.review.acts import Act, Approve, Reject, Undo, act_of, read_act, texts, written
from trailers.store import digest

SCHEMA = "Decision.2"

State = Literal["approved", "rejected", "draft"]


@dataclass(frozen=True)
class Decision:
    """One person's word: `number` is its line in the file, `at` ISO 8601 in UTC (`2026-11-24T13:20:05Z`), `why` may be empty."""

    number: int
    at: str
    who: str
    act: Act
    why: str = ""

    def __post_init__(self) -> None:
        try:
            utc = datetime.fromisoformat(self.at).utcoffset()
        except ValueError:
            utc = None
        if utc is None or utc.total_seconds():
            raise RequestError(f"a decision's time is ISO 8601 in UTC, like 2026-11-24T13:20:05Z: {self.at = }")

    @property
    def what(self) -> str:
        """The act's name: approve, veto, trim ..."""
        return type(self.act).__name__.lower()


@dataclass(frozen=True)
class Log:
    """All decisions in the order they were written, and how many lines could not be read (a writer was killed in the middle)."""

    decisions: tuple[Decision, ...] = ()
    broken: int = 0

    @property
    def last(self) -> int:
        """The number of the last decision; 0 where there is none."""
        return self.decisions[-1].number if self.decisions else 0


def append(path: Path, act: Act, who: str = "", why: str = "", at: datetime | None = None) -> Decision:
    """Adds one line and gives it back with its number: written under a lock and flushed to disk, so that two writers at once lose
    nothing. `at` is now and `who` the account's name where they are not given.

    This holds on local disks; network file systems may not lock.
    """
    for text in (who, why, *texts(act)):
        written(text)
    made: list[Decision] = []

    def line(number: int) -> str:
        stamp = (at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        made.append(Decision(number, stamp, who or getpass.getuser(), act, why))
        return _line(made[-1])

    add_line(path, line)
    return made[-1]


def add_line(path: Path, line: Callable[[int], str]) -> None:
    """Adds a line, made from its number, under a lock, and flushes it to disk; a killed writer's half line swallows nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        held = b"".join(iter(lambda: os.read(file, 1 << 20), b""))
        unfinished = bool(held) and not held.endswith(b"\n")
        payload = ("\n" * unfinished + line(held.count(b"\n") + unfinished + 1) + "\n").encode()
        if os.write(file, payload) != len(payload):
            raise WorkError(f"a decision could not be written whole to {path}: is the disk full?")
        os.fsync(file)
    finally:
        os.close(file)


def _line(decision: Decision) -> str:
    head = {"schema": SCHEMA, "at": decision.at, "who": decision.who, "what": decision.what, "why": decision.why}
    return json.dumps({**head, "act": asdict(decision.act)}, ensure_ascii=False)


def read_log(path: Path) -> Log:
    """Reads every decision; no file means none. A line cut short is counted, a line of another schema is a RequestError."""
    if not path.exists():
        return Log()
    decisions: list[Decision] = []
    broken = 0
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            given = json.loads(line)
        except ValueError:  # JSON or UTF-8 that ends in the middle
            broken += 1
            continue
        schema = given.pop("schema", None) if isinstance(given, dict) else None
        if schema != SCHEMA:
            raise RequestError(f"{path}, line {number}: a decision of schema {SCHEMA} was asked for, {schema!r} was found")
        try:
            at, who, what, why = (str(given.pop(name)) for name in ("at", "who", "what", "why"))
            decisions.append(Decision(number, at, who, read_act(what, dict(given.pop("act"))), why))
            if given:
                raise RequestError(f"a decision has no {', '.join(given)}")
        except (KeyError, TypeError, ValueError, RequestError) as reason:
            raise RequestError(f"{path}, line {number}: this is no {SCHEMA}: {reason}") from reason
    return Log(tuple(decisions), broken)


def read(path: Path) -> tuple[Decision, ...]:
    """The decisions of `read_log`, in the order they were written, undone ones too."""
    return read_log(path).decisions


def holding(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """Those that hold: not undone, or undone and that undone again. An undo is none of them."""
    given = list(decisions)
    undone: set[int] = set()
    for decision in reversed(given):  # the last undo holds, so it settles those before it
        if isinstance(decision.act, Undo) and decision.number not in undone:
            undone.add(decision.act.number)
    return tuple(each for each in given if each.number not in undone and not isinstance(each.act, Undo))


def state(decisions: Iterable[Decision], variant: str, sha256: str) -> State:
    """What holds for a file: the last decision on its very bytes; without one it is a draft."""
    found: State = "draft"
    for decision in holding(decisions):
        act = decision.act
        if isinstance(act, Approve | Reject) and act.variant == variant and act.sha256 == sha256:
            found = "approved" if isinstance(act, Approve) else "rejected"
    return found


def approval(decisions: Iterable[Decision], sha256: str) -> Decision | None:
    """The decision by which these very bytes may go out, whatever they are called: the last on them, if it approves them."""
    found: Decision | None = None
    for decision in holding(decisions):
        if isinstance(decision.act, Approve | Reject) and decision.act.sha256 == sha256:
            found = decision if isinstance(decision.act, Approve) else None
    return found


def on_file(what: Literal["approve", "reject"], variant: str, file: Path) -> Act:
    """An approval or rejection of a file as it is now."""
    if not file.is_file():
        raise RequestError(f"there is no file to {what}: {file}")
    return act_of(what, {"variant": variant, "sha256": digest(file)})
