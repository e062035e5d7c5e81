"""The command line: asks the path for what is wanted and prints it; computes nothing."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from trailers import __version__
from trailers.errors import RequestError, TrailersError

if TYPE_CHECKING:
    from trailers.results import Work
    from trailers.spec import Season

Command = TypeVar("Command", bound=Callable[..., Any])

season_file = click.argument("season", type=click.Path(path_type=Path), metavar="SEASON.toml")
as_json = click.option("--json", "machine", is_flag=True, help="One JSON document on stdout.")


def engines(command: Command) -> Command:
    """The options of a command that does long work."""
    command = click.option("--engine", default="processes", show_default=True, help="local, processes or ray.")(command)
    command = click.option(
        "--workers", type=click.IntRange(1), help="How many at once; as many as there are cores if not given."
    )(command)
    return click.option("--store", default="", metavar="URL", help="Share results through this fsspec URL.")(command)


@contextmanager
def opened(path: Path, engine: str, workers: int | None, store: str) -> Iterator[tuple["Season", "Work"]]:
    from trailers import run, spec, stages

    season = spec.read_season(path)
    with run.engine(engine, workers) as mapped:
        yield season, stages.open_work(season, mapped, store)


def say(document: object) -> None:
    click.echo(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="trailers")
def cli() -> None:
    """A trailer for every audience of a series, learnt from viewing history.

    Begin with `trailers demo`, then read the season file it wrote.
    """


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path), default="demo", metavar="[DIR]")
@click.option(
    "--season",
    "kind",
    type=click.Choice(["film", "drawn"]),
    default="drawn",
    show_default=True,
    help="A real film, or one drawn by code.",
)
@click.option("--seed", default=0, show_default=True)
@click.option(
    "--films", type=click.Path(path_type=Path), default="data/film", show_default=True, help="Where the fetched film is kept."
)
@click.option("--only-make", is_flag=True, help="Make the season, do not run it.")
@engines
def demo(folder: Path, kind: str, seed: int, films: Path, only_make: bool, engine: str, workers: int | None, store: str) -> None:
    """A small season with a history of known tastes, run to the end.

    Example: trailers demo demo --season film
    """
    from trailers.demo import make_season

    path = make_season(folder, kind, films, seed, lambda line: click.echo(line, err=True))
    if only_make:
        click.echo(path)
    else:
        _run(path, engine, workers, store)


@cli.command()
@season_file
@engines
def run(season: Path, engine: str, workers: int | None, store: str) -> None:
    """The whole path, resumable: what has not changed is not done again.

    Example: trailers run demo/season.toml
    """
    _run(season, engine, workers, store)


def _run(path: Path, engine: str, workers: int | None, store: str) -> None:
    from trailers import documents, stages

    with opened(path, engine, workers, store) as (season, work):
        result = stages.run(season, work)
    for line in documents.summary(result):
        click.echo(line)
    if result.failed:
        raise click.exceptions.Exit(1)


@cli.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@as_json
def probe(files: tuple[Path, ...], machine: bool) -> None:
    """What a file is: rate, frames, size, sound.

    Example: trailers probe episodes/*.mp4 --json
    """
    from trailers import documents

    found = [documents.probed(file) for file in files]
    if machine:
        say(found)
    for item in [] if machine else found:
        click.echo(documents.probe_line(item), err=bool(item["error"]))
    if any(item["error"] for item in found):
        raise click.exceptions.Exit(1)


@cli.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option(
    "--detector", default="adaptive", show_default=True, help="adaptive (PySceneDetect and fades) or transnet (TransNetV2)."
)
@as_json
def shots(files: tuple[Path, ...], detector: str, machine: bool) -> None:
    """The cuts, fades and shots of a file.

    Example: trailers shots e01.mp4 --json
    """
    from trailers import documents

    found = [documents.shots(file, detector) for file in files]
    if machine:
        say(found[0] if len(found) == 1 else found)
    for item in [] if machine else found:
        click.echo("\n".join(documents.shot_lines(item)))


@cli.command()
@season_file
@engines
def index(season: Path, engine: str, workers: int | None, store: str) -> None:
    """Everything noticed in every shot, kept in out/index.

    Example: trailers index demo/season.toml
    """
    from trailers import errands

    with opened(season, engine, workers, store) as (asked, work):
        footage, found = errands.indexed(asked, work)
    click.echo(
        f"{len(found.shots)} shots of {len(footage.episodes)} episodes in {work.out / 'index'}, pictures by {found.encoder}"
    )


@cli.command()
@season_file
@click.argument("words", default="")
@click.option("-k", "count", default=12, show_default=True, type=click.IntRange(1), help="How many shots.")
@click.option("--episode", help="In this episode only.")
@click.option("--like", metavar="SHOT", help="Shots that look like this one.")
@click.option("--sheet", type=click.Path(path_type=Path), help="Leave a sheet of pictures here (JPEG).")
@as_json
@engines
def search(
    season: Path, words: str, count: int, episode: str | None, like: str | None, sheet: Path | None, machine: bool,
    engine: str, workers: int | None, store: str,
) -> None:  # fmt: skip
    """Shots that fit words, best first.

    Example: trailers search demo/season.toml "a rabbit by a tree" --sheet found.jpg
    """
    from trailers import documents, errands

    if not words and not like:
        raise RequestError('search what? Give words ("a rabbit by a tree") or --like with a shot\'s id')
    with opened(season, engine, workers, store) as (asked, work):
        footage, hits = errands.search(asked, words, work, count, episode, like)
        if sheet:
            errands.hit_sheet(footage, hits, words or f"like {like}", sheet)
    if machine:
        say(documents.hits(words or f"like {like}", hits))
    for hit in [] if machine else hits:
        click.echo(documents.hit_line(hit, footage))


@cli.command()
@season_file
@as_json
@engines
def segments(season: Path, machine: bool, engine: str, workers: int | None, store: str) -> None:
    """Viewers who watch alike: names, sizes, what sets them apart.

    Example: trailers segments demo/season.toml
    """
    from trailers import documents, errands, stages

    with opened(season, engine, workers, store) as (asked, work):
        footage, found = errands.indexed(asked, work)
        audience = stages.meet(asked, footage, found, work)
    if machine:
        say(documents.segments(audience))
    for line in [] if machine else documents.segment_lines(audience):
        click.echo(line)


@cli.command()
@season_file
@engines
def train(season: Path, engine: str, workers: int | None, store: str) -> None:
    """The ranker, learnt from the viewing history.

    Example: trailers train demo/season.toml
    """
    from trailers import errands

    with opened(season, engine, workers, store) as (asked, work):
        _, index, ranked = errands.ranked(asked, work)
    click.echo(
        f"{len(index.shots)} shots scored for {ranked.scores['segment'].nunique()} segments by the model in {ranked.model}"
    )


@cli.command()
@season_file
@as_json
@engines
def evaluate(season: Path, machine: bool, engine: str, workers: int | None, store: str) -> None:
    """How well the ranker orders episodes it has not seen, beside simpler ways.

    Example: trailers evaluate demo/season.toml
    """
    from trailers import documents, errands

    with opened(season, engine, workers, store) as (asked, work):
        metrics = errands.judged(asked, work)
    if machine:
        say(documents.metrics(metrics))
    for line in [] if machine else documents.metric_lines(metrics):
        click.echo(line)


@cli.command()
@season_file
@click.option("--segment", default="general", show_default=True)
@click.option("--episode", help="This episode only.")
@as_json
@engines
def score(
    season: Path, segment: str, episode: str | None, machine: bool, engine: str, workers: int | None, store: str
) -> None:  # fmt: skip
    """What a segment would want of every shot, and why.

    Example: trailers score demo/season.toml --segment general --episode e01
    """
    from trailers import documents, errands

    with opened(season, engine, workers, store) as (asked, work):
        footage, index, ranked = errands.ranked(asked, work)
        found = documents.scores(ranked, footage, index, segment, episode)
    if machine:
        say(found)
    for line in [] if machine else documents.score_lines(found):
        click.echo(line)


@cli.command()
@season_file
@as_json
@engines
def plan(season: Path, machine: bool, engine: str, workers: int | None, store: str) -> None:
    """A timeline for every segment.

    Example: trailers plan demo/season.toml --json
    """
    from trailers import documents, errands

    with opened(season, engine, workers, store) as (asked, work):
        found = documents.plans(errands.planned(asked, work), work.out)
    if machine:
        say(found)
    for line in [] if machine else documents.plan_lines(found):
        click.echo(line)


@cli.command()
@click.argument("timeline", type=click.Path(path_type=Path), metavar="TIMELINE.json")
@click.option(
    "--season", type=click.Path(path_type=Path), help="The season file; the nearest season.toml above the timeline if not given."
)
@click.option("--rendition", default="landscape", show_default=True, help="landscape or vertical.")
@click.option("--to", type=click.Path(path_type=Path), help="The file to make; beside the timeline if not given.")
@engines
def render(
    timeline: Path, season: Path | None, rendition: str, to: Path | None, engine: str, workers: int | None, store: str
) -> None:
    """One file from one timeline, edited by hand or not, judged like any other.

    Example: trailers render demo/out/timelines/general.json --rendition vertical
    """
    from trailers import documents, errands

    target = to or timeline.with_name(f"{timeline.stem}.{rendition}.mp4")
    with opened(season or errands.season_above(timeline), engine, workers, store) as (asked, work):
        verdict = errands.render_file(asked, timeline, rendition, target, work)
    click.echo("\n".join(documents.check_lines(verdict)))
    if not verdict["passed"]:
        raise click.exceptions.Exit(1)


@cli.command()
@click.argument("video", type=click.Path(path_type=Path))
@click.option("--timeline", type=click.Path(path_type=Path), required=True, help="What the file should show.")
@click.option(
    "--season", type=click.Path(path_type=Path), help="The season file; the nearest season.toml above the timeline if not given."
)
@click.option("--rendition", default="landscape", show_default=True)
@as_json
def check(video: Path, timeline: Path, season: Path | None, rendition: str, machine: bool) -> None:
    """The gate on a file: is it what the timeline says, and fit to be shown?

    Example: trailers check out/variants/general/vertical.mp4 --timeline out/timelines/general.json --rendition vertical
    """
    from trailers import documents, errands

    with opened(season or errands.season_above(timeline), "local", 1, "") as (asked, work):
        verdict = errands.check_file(asked, video, timeline, rendition, work)
    if machine:
        say(verdict)
    for line in [] if machine else documents.check_lines(verdict):
        click.echo(line)
    if not verdict["passed"]:
        raise click.exceptions.Exit(1)


@cli.command()
@season_file
@engines
def review(season: Path, engine: str, workers: int | None, store: str) -> None:
    """The page to look at and judge the variants by: out/review/index.html.

    Example: trailers review demo/season.toml
    """
    from trailers import stages

    with opened(season, engine, workers, store) as (asked, work):
        result = stages.run(asked, work)
    click.echo(result.page)


@cli.command()
@season_file
@click.argument("variants", nargs=-1, required=True, metavar="VARIANT...")
@click.option("--reject", is_flag=True, help="Reject instead.")
@click.option("--why", default="", help="The reason, for the record.")
@click.option("--who", default="", help="Whose decision it is; the account's name if not given.")
def approve(season: Path, variants: tuple[str, ...], reject: bool, why: str, who: str) -> None:
    """Approve rendered files; a decision is of a file's bytes. VARIANT is SEGMENT/RENDITION or SEGMENT.

    Example: trailers approve demo/season.toml general/landscape --why "good to go"
    """
    from trailers import errands, spec

    for line in errands.decide(spec.read_season(season), variants, "reject" if reject else "approve", who, why):
        click.echo(line)


@cli.command()
@season_file
@click.option("--to", "platform", default="csv", show_default=True, help="csv or growthbook.")
@click.option("--draft", is_flag=True, help="Unapproved variants too, marked.")
@engines
def export(season: Path, platform: str, draft: bool, engine: str, workers: int | None, store: str) -> None:
    """The A/B experiment as files: out/experiment.

    Example: trailers export demo/season.toml --to csv --draft
    """
    from trailers import deliver, stages

    with opened(season, engine, workers, store) as (asked, work):
        made = stages.run(asked, work)
        folder = deliver.package(asked, made.audience, made.variants, work, platform, draft)
    click.echo(folder)


@cli.command()
@click.argument("experiment", type=click.Path(path_type=Path), metavar="EXPERIMENT.json")
@click.argument("viewer")
@click.option("--segment", default="", help="The viewer's segment; the general one if not given.")
@as_json
def assign(experiment: Path, viewer: str, segment: str, machine: bool) -> None:
    """Which variant a viewer sees.

    Example: trailers assign demo/out/experiment/experiment.json viewer-0042 --segment general
    """
    from trailers import errands

    found = errands.assigned(experiment, viewer, segment)
    if machine:
        say(found)
    else:
        click.echo(f"{found['unit']} sees {found['variant']}" + ("" if found["in_experiment"] else " (not in the experiment)"))


@cli.command()
@click.argument("experiment", type=click.Path(path_type=Path), metavar="EXPERIMENT.json")
@click.argument("exposures", type=click.Path(path_type=Path))
@click.argument("outcomes", type=click.Path(path_type=Path))
@as_json
def analyse(experiment: Path, exposures: Path, outcomes: Path, machine: bool) -> None:
    """What the experiment says: effects with intervals, and whether its numbers can be trusted.

    Example: trailers analyse experiment.json exposures.csv outcomes.csv
    """
    from trailers import documents, errands

    found = errands.analysed(experiment, exposures, outcomes)
    if machine:
        say(found)
    for line in [] if machine else documents.analysis_lines(found):
        click.echo(line)


def main() -> None:
    """Runs the command; a person's mistake and failed work end in one line and an exit status, never in a traceback."""
    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except TrailersError as error:
        click.echo(f"trailers: {error}", err=True)
        sys.exit(error.status)
    except (KeyboardInterrupt, click.Abort):
        click.echo("trailers: stopped; what was done is kept, and the same command goes on from there", err=True)
        sys.exit(130)
