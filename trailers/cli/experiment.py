"""Commands on an experiment: plan it, pack it, say who sees what, read it, replay it, learn from it."""

from pathlib import Path

import click

from trailers.cli.options import answer, as_json, engines, opened, season_file
from trailers.season import PLATFORMS

NAMED = f"{', '.join(PLATFORMS[:-1])} or {PLATFORMS[-1]}"
experiment_file = click.argument("experiment", type=click.Path(path_type=Path), metavar="EXPERIMENT.json")
exposures_file = click.argument("exposures", type=click.Path(path_type=Path))
outcomes_file = click.argument("outcomes", type=click.Path(path_type=Path))
complete = click.option(
    "--until",
    metavar="TIME",
    help="Outcomes are complete up to then (2026-05-31, or with a time); to their last row if not given.",
)
hashed = click.option(
    "--key", type=click.Path(path_type=Path), metavar="FILE", help="Hash ids with the bytes of this file (16 or more)."
)


@click.command()
@season_file
@click.option(
    "--baseline-from",
    "earlier",
    type=(click.Path(path_type=Path), click.Path(path_type=Path)),
    metavar="EXPOSURES OUTCOMES",
    help="Take today's rate and how many come by in a week from an earlier log.",
)
@as_json
@engines
def design(
    season: Path, earlier: tuple[Path, Path] | None, machine: bool, engine: str, workers: int | None, store: str
) -> None:  # fmt: skip
    """The experiment's plan: who sees what, how many it takes and how long, and whether it can answer: out/plan.

    Example: trailers design demo/season.toml --baseline-from exposures.csv outcomes.csv
    """
    from trailers import documents, trying

    with opened(season, engine, workers, store) as (asked, work):
        found = trying.designed(asked, work, earlier or ())
    answer(machine, found, [*documents.design_lines(found["experiment"], found["refusals"]), *found["notes"], found["path"]])


@click.command()
@season_file
@click.option("--to", "platform", metavar="PLATFORM", help=f"{NAMED}; the season's own if not given.")
@click.option("--draft", is_flag=True, help="Unapproved variants too, marked; a design that cannot answer too, said.")
@hashed
@engines
def export(
    season: Path, platform: str | None, draft: bool, key: Path | None, engine: str, workers: int | None, store: str
) -> None:  # fmt: skip
    """The A/B experiment as files that a platform reads as they are: out/experiment.

    Example: trailers export demo/season.toml --to growthbook --draft
    """
    from trailers import exporting, stages

    known = exporting.secret(key) if key else None
    with opened(season, engine, workers, store) as (asked, work):
        wanted = exporting.platform_of(asked, platform)
        made = stages.run(asked, work)
        folder = exporting.export(
            asked, made.footage, made.index, made.audience, made.plans, made.variants, work, wanted, draft, known
        )
    click.echo(folder)


@click.command()
@experiment_file
@click.argument("viewer")
@click.option("--segment", default="", help="The viewer's segment; in none if not given.")
@hashed
@as_json
def assign(experiment: Path, viewer: str, segment: str, key: Path | None, machine: bool) -> None:
    """Which variant a viewer sees.

    Example: trailers assign demo/out/experiment/experiment.json viewer-0042 --segment night-talk
    """
    from trailers import exporting, trying

    answer(machine, *trying.assigned(experiment, viewer, segment, exporting.secret(key) if key else None))


@click.command()
@experiment_file
@click.argument("shown", type=click.Path(path_type=Path))
@click.option("--to", type=click.Path(path_type=Path), required=True, metavar="DIR", help="The folder to write into.")
@click.option("--outcomes", type=click.Path(path_type=Path), help="Outcomes, to stand beside as the platform reads them.")
@hashed
def served(experiment: Path, shown: Path, to: Path, outcomes: Path | None, key: Path | None) -> None:
    """Logs of what was shown, made of who came by when: trial, trailer, rule, chance, and what the trailer is like, also under
    the names that the experiment's platform reads.

    SHOWN is a table timestamp, user_id, segment, and dimensions such as device and country.

    Example: trailers served demo/out/experiment/experiment.json visits.csv --to logs
    """
    from trailers import exporting, trying

    for line in trying.served(experiment, shown, to, exporting.secret(key) if key else None, outcomes):
        click.echo(line)


@click.command()
@experiment_file
@exposures_file
@outcomes_file
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Leave a page of it here.")
@complete
@as_json
def analyse(experiment: Path, exposures: Path, outcomes: Path, out: Path | None, until: str | None, machine: bool) -> None:
    """What the experiment says: effects with intervals, whether its numbers can be trusted, and what to do.

    EXPOSURES and OUTCOMES are files, folders or patterns of CSV or Parquet.

    Example: trailers analyse demo/out/experiment/experiment.json exposures.csv outcomes.csv --out result
    """
    from trailers import documents, trying

    found = trying.analysed(experiment, exposures, outcomes, out, until)
    answer(machine, found, documents.analysis_lines(found))


@click.command()
@click.argument("log", type=click.Path(path_type=Path))
@click.argument("policy")
@click.option(
    "--experiment", type=click.Path(path_type=Path), metavar="EXPERIMENT.json", help="LOG is the exposures of this experiment."
)
@click.option("--outcomes", type=click.Path(path_type=Path), help="The outcomes of that experiment.")
@click.option("--method", default="all", show_default=True, help="all, ips, snips, clipped or dr.")
@click.option(
    "--slates", default="position", show_default=True, help="How several positions are weighed: position, cascade, whole."
)
@as_json
def replay(
    log: Path, policy: str, experiment: Path | None, outcomes: Path | None, method: str, slates: str, machine: bool
) -> None:
    """What another choice would have earned, from a log that knows the chances of what was shown, or why it cannot tell.

    LOG has the columns decision_id, action, propensity, reward, maybe position and segment; POLICY is a table action, chance,
    maybe segment and position. With --experiment and --outcomes, LOG is a table of exposures, and POLICY may be a rule: own
    (everybody their own trailer), best, served, or a trailer's id.

    Example: trailers replay exposures.csv own --experiment demo/out/experiment/experiment.json --outcomes outcomes.csv
    """
    from trailers import trying

    answer(machine, *trying.replayed(log, policy, experiment, outcomes, method, slates))


@click.command()
@click.argument("source", type=click.Path(path_type=Path), metavar="SEASON.toml|EXPERIMENT.json")
@exposures_file
@outcomes_file
@click.option("--to", type=click.Path(path_type=Path), required=True, metavar="LESSONS.json", help="The file to write.")
@click.option(
    "--before", type=click.Path(path_type=Path), metavar="LESSONS.json", help="On top of these; of the season's own if not given."
)
@complete
@as_json
def learn(source: Path, exposures: Path, outcomes: Path, to: Path, before: Path | None, until: str | None, machine: bool) -> None:
    """What an experiment taught: which components of a trailer won for whom. A season file that names the lessons plans by them.

    Example: trailers learn demo/season.toml exposures.csv outcomes.csv --to demo/lessons.json
    """
    from trailers import documents, trying

    found = trying.learnt(source, exposures, outcomes, to, before, until)
    answer(machine, found, [*documents.lesson_lines(found), str(to)])


COMMANDS = (design, export, assign, served, analyse, replay, learn)
