"""An editor's cut, come back."""

from pathlib import Path

import click

from trailers.cli.decide import signed
from trailers.cli.options import answer, as_json, engines_by, opened


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "trailer", required=True, metavar="TRAILER", help="Which trailer it is a cut of: general, general-15s ...")
@click.option(
    "--season", type=click.Path(path_type=Path), help="The season file; the nearest season.toml above the file if not given."
)
@click.option("--rendition", "shapes", multiple=True, help="Make and judge this shape; all of the season's if not given.")
@click.option("--masters", type=click.Path(path_type=Path), metavar="DIR", help="It was cut from these files.")
@click.option("--look", is_flag=True, help="Say what was done to it; make and judge nothing.")
@click.option("--adopt", is_flag=True, help="From now on the trailer is this cut, if it passes its checks.")
@signed
@as_json
@engines_by("threads")
def handback(
    file: Path, trailer: str, season: Path | None, shapes: tuple[str, ...], masters: Path | None, look: bool, adopt: bool,
    who: str, why: str, machine: bool, engine: str, workers: int | None, store: str,
) -> None:  # fmt: skip
    """What an editor did to a trailer in their own program, in words, and the gate's verdict on their cut.

    FILE is an OTIO, .otioz, EDL, Final Cut Pro 7 XML or FCPXML that `trailers handover` gave and an editor changed. Clips are
    known again by file, reel and time code; what the file cannot tell comes from the trailer or is found anew, and said.

    Example: trailers handback general.edl --season demo/season.toml --as general --adopt
    """
    from trailers import errands

    with opened(season or errands.season_above(file), engine, workers, store) as (asked, work):
        told, lines = errands.handed_back(asked, file, trailer, shapes, masters, look, adopt, who, why, work)
    answer(machine, told, lines)
    if not told["passed"]:
        raise click.exceptions.Exit(1)


COMMANDS = (handback,)
