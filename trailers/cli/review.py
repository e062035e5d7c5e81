"""The command that people decide with: a season's page, served or written."""

import os
from pathlib import Path

import click

from trailers.cli.options import engines_by, opened, season_file
from trailers.errors import RequestError


@click.command()
@season_file
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen; any but this machine asks a password.")
@click.option("--port", default=8321, show_default=True, type=click.IntRange(0, 65535), help="0 takes one that is free.")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path),
    help="A file whose first line is the password; else TRAILERS_PASSWORD is read.",
)
@click.option("--known-as", "known", multiple=True, metavar="NAME", help="Another name by which browsers call this server.")
@click.option("--who", default="", help="Who decides, where the page is not told; the account's name if not given.")
@click.option("--page", is_flag=True, help="Only write the page to send around, out/review/index.html, after a run.")
@engines_by("threads")
def review(
    season: Path, host: str, port: int, password_file: Path | None, known: tuple[str, ...], who: str, page: bool,
    engine: str, workers: int | None, store: str,
) -> None:  # fmt: skip
    """The page to see, change, preview, approve and export a season's trailers. It says its address, and answers until Ctrl-C.

    Example: trailers review demo/season.toml --who Ana
    """
    import getpass

    from trailers import stages

    if page:
        with opened(season, engine, workers, store) as (asked, work):
            click.echo(stages.run(asked, work).page)
        return
    from trailers.desk.seat import open_desk
    from trailers.review.web.care import door
    from trailers.review.web.serve import serve

    entrance = door(host, _password(password_file), known)
    with opened(season, engine, workers, store) as (asked, work), open_desk(asked, work) as desk:
        desk.warm()
        serve(desk, entrance, host, port, who or getpass.getuser(), click.echo)


def _password(file: Path | None) -> str:
    if file is None:
        return os.environ.get("TRAILERS_PASSWORD", "")
    try:
        return file.read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as reason:
        raise RequestError(f"--password-file: {file} cannot be read: {reason}") from None


COMMANDS = (review,)
