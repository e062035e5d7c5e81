"""A trailer for an editor, in the formats of their program."""

from pathlib import Path

import click

from trailers.cli.options import answer, as_json, engines, opened, season_file


@click.command()
@season_file
@click.argument("trailers", nargs=-1, metavar="[TRAILER...]")
@click.option("--to", "formats", default="", metavar="FORMATS", help="otio, otioz, edl, fcp7, fcpxml, mlt; all if not given.")
@click.option("--masters", type=click.Path(path_type=Path), metavar="DIR", help="Cut from these files instead of the episodes.")
@as_json
@engines
def handover(
    season: Path, trailers: tuple[str, ...], formats: str, masters: Path | None, machine: bool,
    engine: str, workers: int | None, store: str,
) -> None:  # fmt: skip
    """Trailers for editors to go on with: cut, media, and what was not used, best first, in out/handover.

    FORMATS are parted by commas: otio and otioz (Resolve, Kdenlive, Avid), edl (all), fcp7 (Premiere, Resolve), fcpxml (Final
    Cut), mlt (Shotcut, melt). Their changes come back by `trailers handback`.

    Example: trailers handover demo/season.toml general --to fcp7,edl --masters /films/masters
    """
    from trailers import errands

    named = [form.strip() for form in formats.split(",") if form.strip()]
    with opened(season, engine, workers, store) as (asked, work):
        made = list(errands.handed_over(asked, trailers, named, masters, work))
    told = [{"folder": str(each.folder), "notes": list(each.notes)} for each in made]
    answer(machine, told, (line for each in made for line in (str(each.folder), *(f"  {note}" for note in each.notes))))


COMMANDS = (handover,)
