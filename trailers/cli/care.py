"""Commands of care for the people in a history."""

from pathlib import Path

import click

from trailers.cli.options import answer, as_json, season_file


@click.command()
@season_file
@click.argument("viewers", nargs=-1, metavar="VIEWER...")
@click.option("--list", "listed", type=click.Path(path_type=Path), help="A file with a viewer on each line.")
@click.option("--store", default="", metavar="URL", help="The store that results were shared through.")
@as_json
def erase(season: Path, viewers: tuple[str, ...], listed: Path | None, store: str, machine: bool) -> None:
    """Take viewers out of a season: their rows, and all that was learnt from them. Run the season again afterwards.

    Example: trailers erase demo/season.toml v00017
    """
    from trailers import erase as room
    from trailers.spec import read_season

    named = [*viewers, *(room.listed(listed) if listed else ())]
    found = room.erase(read_season(season), named, store)
    answer(machine, room.document(found), room.lines(found))


COMMANDS = (erase,)
