"""Two small seasons made on the spot, `film` and `drawn`, each with a viewing history whose tastes are known."""

import shutil
from collections.abc import Callable
from pathlib import Path

from trailers.errors import MediaError, RequestError
from trailers.store import write_text

SIGNING = """
[deliver]
key = "signing/key.pem"                # files that go out are signed with these (C2PA content credentials): here a test,
certificate = "signing/certificate.pem" # made by itself on the spot; yours come from an authority, the signer's own first
"""


def make_film(folder: Path, films: Path, seed: int = 0) -> Path:
    """Big Buck Bunny in four episodes: see `trailers.demo.film.make_film`."""
    from trailers.demo import film

    return film.make_film(folder, films, seed)


def make_drawn(folder: Path, seed: int = 0, tiny: bool = False) -> Path:
    """Three episodes drawn by code: see `trailers.demo.drawn.make_drawn`."""
    from trailers.demo import drawn

    return drawn.make_drawn(folder, seed, tiny)


def make_season(folder: Path, kind: str, films: Path, seed: int, say: Callable[[str], None]) -> Path:
    """The season file of a demo in `folder`, made if it is not there yet, whole or not at all; `say` tells a person what goes on.

    When the film cannot be had the drawn season takes its place, in one line. A folder that holds other things: RequestError.
    """
    folder = folder.resolve()
    season, note = folder / "season.toml", folder / "truth" / "made.txt"
    asked = f"{kind} {seed}"
    if note.is_file() and season.is_file():
        held = note.read_text(encoding="utf-8").splitlines()
        if held[0] != asked:
            raise RequestError(f"{folder} holds the demo season {held[0]!r}, and {asked!r} was asked for; name another folder")
        return season
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RequestError(f"{folder} is not empty and holds no demo season; name a new folder")
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    made = kind
    if kind == "film":
        try:
            make_film(part, films, seed)
        except MediaError as error:
            say(f"{error} The drawn season takes its place.")
            shutil.rmtree(part, ignore_errors=True)
            made = "drawn"
    if made == "drawn":
        say("Drawing a season: three short episodes, their sound and subtitles, and a viewing history.")
        make_drawn(part, seed)
    sign(part)
    say("signing/ holds a key and a certificate for content credentials: a test made for this folder, which no verifier trusts.")
    write_text(part / "truth" / "made.txt", f"{asked}\n{made}\n")
    if folder.exists():
        folder.rmdir()
    part.replace(folder)
    return season


def sign(folder: Path) -> None:
    """Gives a demo season a test key and certificate to sign with; they are never the same twice."""
    from trailers.editor.credentials import self_made

    self_made(folder / "signing")
    season = folder / "season.toml"
    write_text(season, season.read_text(encoding="utf-8") + SIGNING)
