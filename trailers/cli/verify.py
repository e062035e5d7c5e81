"""The command on a file that went out: is it what was approved, and from whom?"""

from pathlib import Path

import click

from trailers.cli.options import answer, as_json


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--season", type=click.Path(path_type=Path), metavar="SEASON.toml", help="Hold it against this season too.")
@as_json
def verify(file: Path, season: Path | None, machine: bool) -> None:
    """A delivered file: its credential, its bytes, its approval, what it was made from.

    Example: trailers verify out/packages/youtube/general/NAME.mp4 --season season.toml
    """
    from trailers import documents, spec, verifying

    found = verifying.verified(file, spec.read_season(season) if season else None)
    answer(machine, found, [*documents.check_lines(found), *documents.credential_lines(found["credential"])])
    if not found["passed"]:
        raise click.exceptions.Exit(1)


COMMANDS = (verify,)
