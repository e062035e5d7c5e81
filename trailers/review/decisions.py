"""What people decided about rendered files: one append-only file per season that page, notebook and command line share."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from trailers.errors import RequestError, WorkError
from trailers.store import digest

SCHEMA = "Decision.1"
WHAT = ("approve", "reject")

State = Literal["approved", "rejected", "draft"]


@dataclass(frozen=True)
class Decision:
    """One person's word on one file: `variant` names it for people, `sha256` is the file that was seen.

    `at` is ISO 8601 in UTC (`2026-11-24T13:20:05Z`), `what` is approve or reject, `why` may be empty.
    """

    at: str
    who: str
    what: str
    variant: str
    sha256: str
    why: str = ""

    def __post_init__(self) -> None:
        if self.what not in WHAT:
            raise RequestError(f"a decision is one of {', '.join(WHAT)}: {self.what = }")
        if len(self.sha256) != 64 or not set(self.sha256) <= set("0123456789abcdef"):
            raise RequestError(f"a decision names its file by sha256, 64 digits of hex: {self.sha256 = }")
        try:
            utc = datetime.fromisoformat(self.at).utcoffset()
        except ValueError:
            utc = None
        if utc is None or utc.total_seconds():
            raise RequestError(f"a decision's time is ISO 8601 in UTC, like 2026-11-24T13:20:05Z: {self.at = }")


@dataclass(frozen=True)
class Log:
    """All decisions in the order they were written, and how many lines could not be read (a writer was killed in the middle)."""

    decisions: tuple[Decision, ...] = ()
    broken: int = 0


def append(path: Path, decision: Decision) -> None:
    """Adds one line: a single write to the end of the file, then flushed to disk, so that two writers at once lose nothing.

    This holds on local disks; network file systems may not append as one step.
    """
    line = json.dumps({"schema": SCHEMA, **asdict(decision)}, ensure_ascii=False) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        size = os.fstat(file).st_size
        # A killed writer's half line must not swallow this one. An empty line too many is harmless.
        unfinished = size > 0 and os.pread(file, 1, size - 1) != b"\n"
        payload = ("\n" * unfinished + line).encode()
        if os.write(file, payload) != len(payload):
            raise WorkError(f"the decision could not be written whole to {path}: is the disk full?")
        os.fsync(file)
    finally:
        os.close(file)


def read_log(path: Path) -> Log:
    """Reads every decision; no file means none. A line cut short is counted, a line of another schema is a RequestError."""
    if not path.exists():
        return Log()
    decisions: list[Decision] = []
    broken = 0
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
        except ValueError:  # JSON or UTF-8 that ends in the middle
            broken += 1
            continue
        schema = fields.pop("schema", None) if isinstance(fields, dict) else None
        if schema != SCHEMA:
            raise RequestError(f"{path}, line {number}: a decision of schema {SCHEMA} was asked for, {schema!r} was found")
        try:
            decisions.append(Decision(**fields))
        except TypeError as reason:
            raise RequestError(f"{path}, line {number}: this is no {SCHEMA}: {reason}") from reason
    return Log(tuple(decisions), broken)


def read(path: Path) -> tuple[Decision, ...]:
    """The decisions of `read_log`, in the order they were written."""
    return read_log(path).decisions


def state(decisions: Iterable[Decision], variant: str, sha256: str) -> State:
    """What holds for a file: the last decision on its very bytes; without one it is a draft."""
    found: State = "draft"
    for decision in decisions:
        if decision.variant == variant and decision.sha256 == sha256:
            found = "approved" if decision.what == "approve" else "rejected"
    return found


def approved(decisions: Iterable[Decision], variant: str, sha256: str) -> bool:
    """Whether the last decision on these very bytes approves them: one changed byte, and nobody has approved the file."""
    return state(decisions, variant, sha256) == "approved"


def decide(path: Path, what: str, variant: str, file: Path, who: str, why: str = "", at: datetime | None = None) -> Decision:
    """Writes down a decision about a file as it is now (at: now) and gives it back."""
    if not file.is_file():
        raise RequestError(f"there is no file to {what}: {file}")
    stamp = (at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    decision = Decision(stamp, who, what, variant, digest(file), why)
    append(path, decision)
    return decision
