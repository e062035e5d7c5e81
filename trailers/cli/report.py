"""The command that keeps a page about each segment."""

from pathlib import Path

import click

from trailers.cli.options import engines, opened, season_file


@click.command()
@season_file
@click.argument("segments", nargs=-1, metavar="[SEGMENT...]")
@click.option("--to", "folder", type=click.Path(path_type=Path), help="The folder of the pages; out/reports if not given.")
@click.option(
    "--notebook", type=click.Path(path_type=Path), help="A notebook of your own with the parameters SEASON and SEGMENT."
)
@engines
def report(
    season: Path,
    segments: tuple[str, ...],
    folder: Path | None,
    notebook: Path | None,
    engine: str,
    workers: int | None,
    store: str,
) -> None:
    """A page about each segment: who they are, their trailer, why each clip is in it, and how it differs from the general one.

    One file of HTML each, to open or send anywhere: pictures and film are inside. Needs the extra `review`.

    Example: trailers report season.toml general --to pages
    """
    from trailers import errands
    from trailers.errors import RequestError
    from trailers.review.report import NOTEBOOK, reports

    with opened(season, engine, workers, store) as (asked, work):
        known = list(dict.fromkeys(plan.segment for plan in errands.planned(asked, work)))
    if unknown := sorted(set(segments) - set(known)):
        raise RequestError(f"there is no segment {', '.join(unknown)}; there are {', '.join(known)}")
    for path in reports(season, segments or known, folder or asked.out / "reports", notebook or NOTEBOOK):
        click.echo(path)


COMMANDS = (report,)
