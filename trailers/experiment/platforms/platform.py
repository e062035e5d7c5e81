"""What every platform's room gives: the files that it loads, its tables, and what the person who loads them must know."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from trailers.experiment.design import Experiment

if TYPE_CHECKING:
    import pandas as pd

DRAFT = "DRAFT"
"""Stands in the name of every file that shows something which is not to be shown yet."""
Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]


@dataclass(frozen=True)
class Shown:
    """A file of the package that is shown: the `arm` it belongs to, its place in the package, its `sha256`, its poster's place
    ("": none)."""

    variant: str
    arm: str
    rendition: str
    file: str
    sha256: str
    poster: str = ""


class Platform(Protocol):
    """One platform; each of the rooms is one.

    `documents`: file names in the package and their texts. In a `draft`, whatever an SDK loads is switched off by the platform's
    own means: everybody gets the control, nobody is in a trial, and its name says DRAFT (`named`). `exposures` and `outcomes`:
    our tables (data/README.md) under the platform's own column names, those of other experiments left out. `notes`: lines of
    Markdown for the package's README: how it is loaded, how the app asks, and what the platform does otherwise than we would.
    """

    def documents(self, experiment: Experiment, media: Sequence[Shown], draft: bool = False) -> Mapping[str, str]: ...

    def exposures(self, experiment: Experiment, rows: "pd.DataFrame") -> "pd.DataFrame": ...

    def outcomes(self, experiment: Experiment, rows: "pd.DataFrame") -> "pd.DataFrame": ...

    def notes(self, experiment: Experiment, draft: bool = False) -> tuple[str, ...]: ...


def text(document: Json) -> str:
    """A JSON document as a file of the package holds it: the same bytes for the same content, non-ASCII letters as they are."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def named(file: str, draft: bool) -> str:
    """A file's name in the package: in a draft "flags.DRAFT.json" for "flags.json", so that nobody loads it unawares."""
    stem, dot, kind = file.rpartition(".")
    return f"{stem}.{DRAFT}{dot}{kind}" if draft else file


def held(experiment: Experiment, draft: bool, files: Sequence[str], how: str) -> tuple[str, ...]:
    """The line for who loads a draft: which `files` are switched off, and `how` the platform is told; none where it is none."""
    if not draft:
        return ()
    what = " and ".join(f"`{file}`" for file in files)
    return (
        f"**This is a draft: {what} {how}, so that everybody is shown the control, `{experiment.control.id}`, and nobody is in a"
        " trial.** Once all is approved, export again and load what comes then; do not switch this on by hand.",
    )


def head(columns: Sequence[str]) -> str:
    """The first line of a CSV file, to be filled."""
    return ",".join(columns) + "\n"


def quoted(value: str) -> str:
    """A text as a literal of SQL."""
    return "'" + value.replace("'", "''") + "'"


def posters(media: Sequence[Shown], arm: str) -> list[str]:
    """The posters of an arm's files, by their places in the package."""
    return [item.poster for item in media if item.arm == arm and item.poster]
