"""Commands that people decide with: approve and reject files, change trailers, read what was decided."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from trailers.cli.options import answer, as_json, engines_by, opened, season_file
from trailers.errors import RequestError

if TYPE_CHECKING:
    from trailers.review.acts import Act

Command = TypeVar("Command", bound=Callable[..., Any])
trailer = click.argument("trailer")
shot = click.argument("shot")
language = click.option("--language", default="", help="In this further language; the season's own if not given.")


def signed(command: Command) -> Command:
    """Who decides, and why."""
    command = click.option("--why", default="", help="The reason, for the record.")(command)
    return click.option("--who", default="", help="Whose decision it is; the account's name if not given.")(command)


@click.command()
@season_file
@click.argument("variants", nargs=-1, required=True, metavar="VARIANT...")
@click.option("--reject", is_flag=True, help="Reject instead.")
@signed
def approve(season: Path, variants: tuple[str, ...], reject: bool, who: str, why: str) -> None:
    """Approve rendered files; a decision is of a file's bytes. VARIANT is SEGMENT/RENDITION or SEGMENT.

    Example: trailers approve demo/season.toml general/landscape --why "good to go"
    """
    from trailers import errands, spec

    for line in errands.decide(spec.read_season(season), variants, "reject" if reject else "approve", who, why):
        click.echo(line)


@click.command()
@season_file
@as_json
@engines_by("local")
def decisions(season: Path, machine: bool, engine: str, workers: int | None, store: str) -> None:
    """What people decided, in words: what was taken back, and what could not be obeyed and why.

    Example: trailers decisions demo/season.toml
    """
    from trailers import documents, errands

    with opened(season, engine, workers, store) as (asked, work):
        log, unmet = errands.decisions(asked, work)
    found = documents.decisions(log, unmet)
    answer(machine, found, documents.decision_lines(found))


@click.group()
@season_file
@engines_by("local")
@click.pass_context
def decide(context: click.Context, season: Path, engine: str, workers: int | None, store: str) -> None:
    """Change a season's trailers. TRAILER is a segment's cut, with its length where that is not the first: general, general-15s;
    clips are named by the SHOT that they show. What cannot be obeyed is refused.

    Example: trailers decide demo/season.toml veto e01/0012 --segment general --why "too dark"
    """
    context.obj = (season, engine, workers, store)


def _keep(context: click.Context, act: "Act", who: str, why: str) -> None:
    from trailers import errands

    season, engine, workers, store = context.obj
    with opened(season, engine, workers, store) as (asked, work):
        for line in errands.keep(asked, act, work, who, why):
            click.echo(line)


@decide.command()
@shot
@click.option("--segment", default="", help="In this segment's trailers alone; in all of the season's if not given.")
@click.option("--everywhere", is_flag=True, help="In any season that is cut from this file of the episode.")
@signed
@click.pass_context
def veto(context: click.Context, shot: str, segment: str, everywhere: bool, who: str, why: str) -> None:
    """Never show a shot: the best other one takes its place.

    Example: trailers decide demo/season.toml veto e01/0012 --segment general
    """
    from trailers.review.acts import Veto

    if segment and everywhere:
        raise RequestError("a veto holds in one segment or everywhere; give --segment or --everywhere")
    _keep(context, Veto(shot, "everywhere" if everywhere else "here" if segment else "season", segment), who, why)


@decide.command()
@trailer
@shot
@signed
@click.pass_context
def lock(context: click.Context, trailer: str, shot: str, who: str, why: str) -> None:
    """Keep a clip as it is, whatever is solved again.

    Example: trailers decide demo/season.toml lock general e01/0012
    """
    from trailers.review.acts import Lock

    _keep(context, Lock(trailer, shot), who, why)


@decide.command()
@trailer
@shot
@click.argument("by")
@click.option("--frames", default="", metavar="START-STOP", help="Which frames of its episode; the best part if not given.")
@signed
@click.pass_context
def replace(context: click.Context, trailer: str, shot: str, by: str, frames: str, who: str, why: str) -> None:
    """Put the shot BY in a clip's slot.

    Example: trailers decide demo/season.toml replace general e01/0012 e02/0007
    """
    from trailers.review.acts import Replace

    start, _, stop = frames.partition("-")
    if frames and not (start.isdecimal() and stop.isdecimal()):
        raise RequestError(f"--frames: two frames such as 100-150 were asked for, {frames!r} was found")
    _keep(context, Replace(trailer, shot, by, int(start or 0), int(stop or 0)), who, why)


@decide.command()
@trailer
@shot
@click.option("--head", default=0, help="Frames by which it begins later; less than 0: earlier.")
@click.option("--tail", default=0, help="Frames by which it ends later; less than 0: earlier.")
@signed
@click.pass_context
def trim(context: click.Context, trailer: str, shot: str, head: int, tail: int, who: str, why: str) -> None:
    """Move a clip's ends: its neighbours give or take as many frames. Both by the same shows other frames in the same slot.

    Example: trailers decide demo/season.toml trim general e01/0012 --tail -6
    """
    from trailers.review.acts import Trim

    if not head and not tail:
        raise RequestError("trim which end? Give --head or --tail and a number of frames")
    _keep(context, Trim(trailer, shot, head, tail), who, why)


@decide.command()
@trailer
@shot
@click.argument("to", type=int)
@signed
@click.pass_context
def move(context: click.Context, trailer: str, shot: str, to: int, who: str, why: str) -> None:
    """Play a clip as number TO, counted from 1.

    Example: trailers decide demo/season.toml move general e01/0012 3
    """
    from trailers.review.acts import Move

    _keep(context, Move(trailer, shot, to), who, why)


@decide.command()
@trailer
@shot
@click.argument("shape")
@click.argument("x", type=float)
@click.argument("y", type=float, default=0.5)
@click.option("--width", default=0.0, help="How wide, 0 to 1 of the picture; as it is if not given.")
@signed
@click.pass_context
def crop(
    context: click.Context, trailer: str, shot: str, shape: str, x: float, y: float, width: float, who: str, why: str
) -> None:
    """Set where a clip's window stands in a SHAPE (vertical, 9:16): its middle, 0 left to 1 right, 0 above to 1 below.

    Example: trailers decide demo/season.toml crop general e01/0012 vertical 0.3
    """
    from trailers.review.acts import Crop

    _keep(context, Crop(trailer, shot, shape, x, y, width), who, why)


@decide.command()
@trailer
@click.argument("old")
@click.argument("new")
@language
@signed
@click.pass_context
def say(context: click.Context, trailer: str, old: str, new: str, language: str, who: str, why: str) -> None:
    """Word a caption otherwise: the one that reads OLD reads NEW ("" takes it off).

    Example: trailers decide demo/season.toml say general "We must go." "We have to go."
    """
    from trailers.review.acts import Say

    _keep(context, Say(trailer, old, new, language), who, why)


@decide.command()
@trailer
@click.argument("kind")
@click.argument("lines", nargs=-1, required=True, metavar="LINE...")
@language
@signed
@click.pass_context
def recard(context: click.Context, trailer: str, kind: str, lines: tuple[str, ...], language: str, who: str, why: str) -> None:
    """Write other lines on a card: KIND is title, line, date, brand, or lower for a lower third.

    Example: trailers decide demo/season.toml recard general title "The Long Night" "All episodes now"
    """
    from trailers.review.acts import Recard

    _keep(context, Recard(trailer, kind, lines, language), who, why)


@decide.command()
@click.argument("segment")
@click.argument("words")
@signed
@click.pass_context
def weigh(context: click.Context, segment: str, words: str, who: str, why: str) -> None:
    """Solve a segment's trailers again for a brief in words, which it says back as the changes that it was read as.

    Example: trailers decide demo/season.toml weigh general "calmer, nothing from e03"
    """
    from trailers import errands

    season, engine, workers, store = context.obj
    with opened(season, engine, workers, store) as (asked, work):
        for line in errands.weigh(asked, segment, words, work, who, why):
            click.echo(line)


@decide.command()
@click.argument("what")
@signed
@click.pass_context
def hide(context: click.Context, what: str, who: str, why: str) -> None:
    """Hide a spoiler from all trailers, named as in the season file ("scene e01/a003", "character p3"), or frames of an episode.

    Example: trailers decide demo/season.toml hide "e01 1200-1340"
    """
    from trailers.review.acts import Hide

    _keep(context, Hide(what), who, why)


@decide.command()
@trailer
@click.argument("at", type=int)
@click.argument("text")
@signed
@click.pass_context
def comment(context: click.Context, trailer: str, at: int, text: str, who: str, why: str) -> None:
    """Remark on frame AT of a trailer; it changes nothing.

    Example: trailers decide demo/season.toml comment general 240 "is this not too loud?"
    """
    from trailers.review.acts import Comment

    _keep(context, Comment(trailer, at, text), who, why)


@decide.command()
@trailer
@click.argument("cut")
@signed
@click.pass_context
def adopt(context: click.Context, trailer: str, cut: str, who: str, why: str) -> None:
    """Take a cut that somebody made elsewhere, by its sha256 (the name of its file in the folder cuts).

    Example: trailers decide demo/season.toml adopt general 3f5a...
    """
    from trailers.review.acts import Adopt

    _keep(context, Adopt(trailer, cut.removesuffix(".json")), who, why)


@decide.command()
@click.argument("number", type=int)
@signed
@click.pass_context
def undo(context: click.Context, number: int, who: str, why: str) -> None:
    """Take back decision NUMBER; taking that back again makes it hold again.

    Example: trailers decide demo/season.toml undo 7
    """
    from trailers.review.acts import Undo

    _keep(context, Undo(number), who, why)


COMMANDS = (approve, decide, decisions)
