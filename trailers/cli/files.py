"""Commands on a file: what it is, its shots, one rendering, the gate."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trailers.cli.options import answer, as_json, engines_by, opened

if TYPE_CHECKING:
    from trailers.documents import Document


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@as_json
def probe(files: tuple[Path, ...], machine: bool) -> None:
    """What a file is: rate, frames, size, sound.

    Example: trailers probe episodes/*.mp4 --json
    """
    from trailers import documents

    _answer_each(machine, [documents.probed(file) for file in files], lambda item: [documents.probe_line(item)])


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--detector", default="careful", show_default=True, help="careful, swift, or adaptive (PySceneDetect's cuts).")
@as_json
def shots(files: tuple[Path, ...], detector: str, machine: bool) -> None:
    """The cuts, fades and shots of a file.

    Example: trailers shots e01.mp4 --json
    """
    from trailers import documents

    found = [documents.shots(file, detector) for file in files]
    _answer_each(machine, found, documents.shot_lines, alone=True)


def _answer_each(
    machine: bool, found: "list[Document]", lines: "Callable[[Document], Iterable[str]]", alone: bool = False
) -> None:
    """What was found of each file; those that cannot be read have a line of their own on stderr, and make the status 1."""
    answer(machine, found[0] if alone and len(found) == 1 else found, ())
    for item in [] if machine else found:
        click.echo("\n".join(lines(item)), err=bool(item["error"]))
    if any(item["error"] for item in found):
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("timeline", type=click.Path(path_type=Path), metavar="TIMELINE.json")
@click.option(
    "--season", type=click.Path(path_type=Path), help="The season file; the nearest season.toml above the timeline if not given."
)
@click.option("--rendition", default="landscape", show_default=True, help="landscape, vertical, square or portrait.")
@click.option("--profile", default="house", show_default=True, help="A destination's name, or the file of your own.")
@click.option(
    "--masters", type=click.Path(path_type=Path), metavar="DIR", help="Render from these files instead of the episodes."
)
@click.option("--to", type=click.Path(path_type=Path), help="The file to make; beside the timeline if not given.")
@engines_by("threads")
def render(
    timeline: Path, season: Path | None, rendition: str, profile: str, masters: Path | None, to: Path | None,
    engine: str, workers: int | None, store: str,
) -> None:  # fmt: skip
    """One file from one timeline, edited by hand or not, judged like any other.

    Example: trailers render demo/out/timelines/general.json --rendition vertical
    """
    from trailers import documents, errands

    target = to or timeline.with_name(f"{timeline.stem}.{rendition}.mp4")
    with opened(season or errands.season_above(timeline), engine, workers, store) as (asked, work):
        verdict = errands.render_file(asked, timeline, rendition, profile, target, masters, work)
    click.echo("\n".join(documents.check_lines(verdict)))
    if not verdict["passed"]:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("video", type=click.Path(path_type=Path))
@click.option("--timeline", type=click.Path(path_type=Path), required=True, help="What the file should show.")
@click.option(
    "--season", type=click.Path(path_type=Path), help="The season file; the nearest season.toml above the timeline if not given."
)
@click.option("--rendition", default="", help="landscape, vertical, square or portrait; by the file's name if not given.")
@click.option("--profile", default="house", show_default=True, help="A destination's name, or the file of your own.")
@as_json
def check(video: Path, timeline: Path, season: Path | None, rendition: str, profile: str, machine: bool) -> None:
    """The gate on a file: is it what the timeline says, and fit to be shown?

    Example: trailers check out/variants/general/vertical.mp4 --timeline out/timelines/general.json --rendition vertical
    """
    from trailers import documents, errands

    with opened(season or errands.season_above(timeline), "local", 1, "") as (asked, work):
        verdict = errands.check_file(asked, video, timeline, rendition, profile, work)
    answer(machine, verdict, documents.check_lines(verdict))
    if not verdict["passed"]:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("timeline", type=click.Path(path_type=Path), metavar="TIMELINE.json")
@click.option("--clip", type=click.IntRange(1), required=True, help="Which clip, counted from 1.")
@click.option("--by", "shot", required=True, metavar="SHOT", help="The shot to show instead.")
@click.option(
    "--season", type=click.Path(path_type=Path), help="The season file; the nearest season.toml above the timeline if not given."
)
@click.option("--rendition", default="landscape", show_default=True, help="landscape, vertical, square or portrait.")
@click.option(
    "--to", type=click.Path(path_type=Path), help="The new timeline; NAME.swapped.json beside the old one if not given."
)
def swap(timeline: Path, clip: int, shot: str, season: Path | None, rendition: str, to: Path | None) -> None:
    """Another shot in a clip's place: nothing else moves, and a file to look at is there at once.

    Example: trailers swap demo/out/timelines/general.json --clip 4 --by e02/0007
    """
    from trailers import errands

    target = to or timeline.with_name(f"{timeline.stem}.swapped.json")
    with opened(season or errands.season_above(timeline), "local", 1, "") as (asked, work):
        for made in errands.swap(asked, timeline, clip, shot, target, rendition, work):
            click.echo(made)


COMMANDS = (probe, shots, render, check, swap)
