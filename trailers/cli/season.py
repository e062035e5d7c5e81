"""Commands on a season: the whole path, and each of its stages alone."""

from pathlib import Path

import click

from trailers.cli.options import answer, as_json, engines, opened, season_file
from trailers.errors import RequestError


@click.command()
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


@click.command()
@season_file
@engines
def run(season: Path, engine: str, workers: int | None, store: str) -> None:
    """The whole path, resumable: what has not changed is not done again.

    Example: trailers run demo/season.toml
    """
    _run(season, engine, workers, store)


def _run(path: Path, engine: str, workers: int | None, store: str) -> None:
    from trailers import exporting, reports, stages

    with opened(path, engine, workers, store) as (season, work):
        result = stages.run(season, work)
    for line in (*reports.summary(result), *exporting.kept(result.season)):
        click.echo(line)
    if result.failed:
        raise click.exceptions.Exit(1)


@click.command()
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


@click.command()
@season_file
@click.argument("words", default="")
@click.option("-k", "count", default=12, show_default=True, type=click.IntRange(1), help="How many shots.")
@click.option("--episode", help="In this episode only.")
@click.option("--like", metavar="SHOT", help="Shots that look like this one.")
@click.option("--where", "condition", metavar="CONDITION", help='Only shots of which this holds: "faces >= 2 and speech < 0.1".')
@click.option("--sheet", type=click.Path(path_type=Path), help="Leave a sheet of pictures here (.png or .jpg).")
@as_json
@engines
def search(
    season: Path, words: str, count: int, episode: str | None, like: str | None, condition: str | None,
    sheet: Path | None, machine: bool, engine: str, workers: int | None, store: str,
) -> None:  # fmt: skip
    """Shots that fit words, best first.

    Example: trailers search demo/season.toml "a rabbit by a tree" --where "seconds > 2" --sheet found.png
    """
    from trailers import documents, errands

    if not words and not like:
        raise RequestError('search what? Give words ("a rabbit by a tree") or --like with a shot\'s id')
    if sheet and sheet.suffix.lower() not in (".png", ".jpg", ".jpeg"):
        raise RequestError(f"--sheet: a picture's name ends in .png or .jpg; {sheet.name!r} was found")
    with opened(season, engine, workers, store) as (asked, work):
        footage, hits = errands.search(asked, words, work, count, episode, like, condition)
        if sheet:
            errands.hit_sheet(footage, hits, words or f"like {like}", sheet)
    answer(machine, documents.hits(words or f"like {like}", hits), (documents.hit_line(hit, footage) for hit in hits))


@click.command()
@season_file
@click.option("--place", type=click.Path(path_type=Path), metavar="HISTORY", help="Say where viewers of another history belong.")
@as_json
@engines
def segments(season: Path, place: Path | None, machine: bool, engine: str, workers: int | None, store: str) -> None:
    """Viewers who watch alike: names, sizes, what sets them apart.

    Example: trailers segments demo/season.toml
    """
    from trailers import documents, errands, stages

    with opened(season, engine, workers, store) as (asked, work):
        if place:
            found_places = errands.placed(asked, place, work)
            answer(machine, found_places, documents.placed_lines(found_places))
            return
        footage, found = errands.indexed(asked, work)
        audience = stages.meet(asked, footage, found, work)
    answer(machine, documents.segments(audience), documents.segment_lines(audience))


@click.command()
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


@click.command()
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
    answer(machine, documents.metrics(metrics), documents.metric_lines(metrics))


@click.command()
@season_file
@click.option("--segment", default="general", show_default=True)
@click.option("--beside", metavar="SEGMENT", help="Another segment, and what makes the two differ.")
@click.option("--episode", help="This episode only.")
@click.option("--why", is_flag=True, help="All parts of a score, and what the segment's history says.")
@as_json
@engines
def score(
    season: Path, segment: str, beside: str | None, episode: str | None, why: bool,
    machine: bool, engine: str, workers: int | None, store: str,
) -> None:  # fmt: skip
    """What a segment would want of every shot, and why.

    Example: trailers score demo/season.toml --segment general --episode e01 --why
    """
    from trailers import errands, scored, stages

    with opened(season, engine, workers, store) as (asked, work):
        footage, index = errands.indexed(asked, work)
        audience = stages.meet(asked, footage, index, work)
        ranked = stages.rank(asked, footage, index, audience, work)
    if beside:
        both = scored.beside(ranked, footage, index, segment, beside, episode)
        answer(machine, both, scored.beside_lines(both, footage, audience.names, why))
    else:
        found = scored.scores(ranked, footage, index, segment, episode)
        answer(machine, found, scored.score_lines(found, footage, why))


@click.command()
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
    answer(machine, found, documents.plan_lines(found))


@click.command()
@season_file
@click.argument("segments", nargs=-1, metavar="[SEGMENT|TIMELINE.json...]")
@click.option(
    "--profile", "profiles", multiple=True, help="A destination's name, or the file of your own; the season's if not given."
)
@click.option(
    "--masters", type=click.Path(path_type=Path), metavar="DIR", help="Render from these files instead of the episodes."
)
@click.option("--draft", is_flag=True, help="What nobody approved too, marked.")
@engines
def package(
    season: Path, segments: tuple[str, ...], profiles: tuple[str, ...], masters: Path | None, draft: bool,
    engine: str, workers: int | None, store: str,
) -> None:  # fmt: skip
    """What goes to a destination: files as it wants them, textless, stems, captions, timelines, shots used, a manifest.

    Example: trailers package demo/season.toml general --profile youtube --draft
    """
    from trailers import errands

    with opened(season, engine, workers, store) as (asked, work):
        for folder in errands.packaged(asked, segments, profiles, masters, work, draft):
            click.echo(folder)


@click.command()
@season_file
@click.option(
    "--profile", "profiles", multiple=True, help="A destination's name, or the file of your own; the season's if not given."
)
@as_json
@engines
def matrix(season: Path, profiles: tuple[str, ...], machine: bool, engine: str, workers: int | None, store: str) -> None:
    """Every version that destinations would get: segment, length, shape, language, and what each costs to make.

    Example: trailers matrix demo/season.toml --profile youtube --profile tiktok
    """
    from trailers import documents, errands

    with opened(season, engine, workers, store) as (asked, work):
        found = errands.versions(asked, profiles, work)
    answer(machine, documents.versions(found), documents.version_lines(found))


COMMANDS = (demo, run, index, search, segments, train, evaluate, score, plan, package, matrix)
