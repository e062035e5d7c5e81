"""The command line: asks the path for what is wanted and prints it; computes nothing."""

import sys

import click

from trailers import __version__
from trailers.cli import care, decide, experiment, files, handback, handover, report, review, season, verify
from trailers.errors import TrailersError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="trailers")
def cli() -> None:
    """A trailer for every audience of a series, learnt from viewing history.

    Begin with `trailers demo`, then read the season file it wrote.
    """


for command in (
    *season.COMMANDS,
    *files.COMMANDS,
    *decide.COMMANDS,
    *review.COMMANDS,
    *report.COMMANDS,
    *verify.COMMANDS,
    *handover.COMMANDS,
    *handback.COMMANDS,
    *experiment.COMMANDS,
    *care.COMMANDS,
):
    cli.add_command(command)


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
        _say(str(error))
        sys.exit(error.status)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _say(f"{where}{error.strerror or error}; is the place there, writable, and is the disk not full?")
        sys.exit(1)
    except (KeyboardInterrupt, click.Abort):
        _say("stopped; what was done is kept, and the same command goes on from there")
        sys.exit(130)


def _say(text: str) -> None:
    """One line, whatever stands in the names of files."""
    click.echo("trailers: " + "\\n".join(text.splitlines()), err=True)
