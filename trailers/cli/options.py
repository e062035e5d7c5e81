"""What commands share: arguments, options, an opened season, JSON on stdout."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from trailers.results import Work
    from trailers.season import Season

Command = TypeVar("Command", bound=Callable[..., Any])

season_file = click.argument("season", type=click.Path(path_type=Path), metavar="SEASON.toml")
as_json = click.option("--json", "machine", is_flag=True, help="One JSON document on stdout.")


def engines_by(usual: str) -> Callable[[Command], Command]:
    """The options of a command that does long work, by an engine that is used unless another is named."""

    def options(command: Command) -> Command:
        named = "local, threads, processes or ray."
        command = click.option("--engine", default=usual, show_default=True, help=named)(command)
        command = click.option(
            "--workers", type=click.IntRange(1), help="How many at once; as many as there are cores if not given."
        )(command)
        return click.option("--store", default="", metavar="URL", help="Share results through this fsspec URL.")(command)

    return options


engines = engines_by("processes")


@contextmanager
def opened(path: Path, engine: str, workers: int | None, store: str) -> Iterator[tuple["Season", "Work"]]:
    from trailers import run, spec, stages

    season = spec.read_season(path)
    with run.engine(engine, workers) as mapped:
        yield season, stages.open_work(season, mapped, store)


def answer(machine: bool, document: object, lines: Iterable[str]) -> None:
    """Prints one JSON document for machines, or lines for people."""
    if machine:
        click.echo(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))
    for line in [] if machine else lines:
        click.echo(line)
