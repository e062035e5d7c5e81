"""Vetoes that hold in any season: a file beside the episodes, which names frames of them by the episode's sha256."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from trailers.errors import RequestError
from trailers.review.decisions import add_line

SCHEMA = "Veto.1"
FILE = "vetoes.jsonl"


@dataclass(frozen=True)
class Barred:
    """Frames `start` to `stop`, excluded, of an episode's file, which no season shows; `season`, `number`, `at` and `who` are
    those of the decision. One that is `lifted` holds no more."""

    sha256: str
    episode: str
    start: int
    stop: int
    season: str
    number: int
    at: str
    who: str
    why: str = ""
    lifted: bool = False

    @property
    def decision(self) -> tuple[str, int, str, str]:
        """Which decision it follows from, in whatever folder that season lies."""
        return self.season, self.number, self.at, self.who


def read_barred(folder: Path) -> tuple[Barred, ...]:
    """What is barred in a folder of episodes, in the order it was written; of each decision the last line holds.

    A line cut short is passed over, since a writer was killed; one of another schema is a RequestError.
    """
    path = folder / FILE
    found: dict[tuple[object, ...], Barred] = {}
    for number, line in enumerate(path.read_bytes().split(b"\n") if path.exists() else (), start=1):
        if not line.strip():
            continue
        try:
            given = json.loads(line)
        except ValueError:
            continue
        try:
            if given.pop("schema") != SCHEMA or set(given) - {each.name for each in fields(Barred)}:
                raise KeyError("schema")
            barred = Barred(**given)
            if not 0 <= barred.start < barred.stop:
                raise ValueError("frames")
        except (KeyError, TypeError, ValueError, AttributeError):
            raise RequestError(
                f"{path}, line {number}: a line of schema {SCHEMA} was asked for, {line[:80]!r} was found"
            ) from None
        found[(*barred.decision, barred.sha256, barred.start, barred.stop)] = barred
    return tuple(barred for barred in found.values() if not barred.lifted)


def bring(folder: Path, season: str, known: Sequence[tuple[int, str, str]], wanted: Sequence[Barred]) -> None:
    """Brings a folder up to what a season's decisions `wanted` bar there: adds what lacks, lifts what was taken back. `known` are
    the season's decisions, number, time and author: those of another season of the same name are left alone."""
    held = [each for each in read_barred(folder) if each.season == season and each.decision[1:] in known]
    for each in held:
        if not any(_alike(each, other) for other in wanted):
            _add(folder, replace(each, lifted=True))
    for each in wanted:
        if not any(_alike(each, other) for other in held):
            _add(folder, each)


def _alike(one: Barred, other: Barred) -> bool:
    return (*one.decision, one.sha256, one.start, one.stop) == (*other.decision, other.sha256, other.start, other.stop)


def _add(folder: Path, barred: Barred) -> None:
    line = json.dumps({"schema": SCHEMA, **asdict(barred)}, ensure_ascii=False)
    add_line(folder / FILE, lambda _: line)
