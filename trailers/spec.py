"""The season file: what a person asks for, read from TOML and checked before any work begins."""

import re
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal, cast

from trailers import keys
from trailers.errors import RequestError

# A shape's name is checked here, before hours of work; what it means is the editor's.
SHAPES = ("landscape", "vertical")
DETECTORS = ("careful", "swift", "adaptive")
PARTS = ("recap", "titles", "credits")
SECRETS = ("scene", "shot", "line", "character")
SMALLEST = 50


@dataclass(frozen=True)
class Passage:
    """Frames `start` to `stop` (excluded) of an episode."""

    episode: str
    start: int
    stop: int


@dataclass(frozen=True)
class Grouping:
    """How viewers are grouped: into so many `segments` (None: as many as stand apart), by the user's own `table`, `by` a column
    of the history, or not at all: one `viewer` as a segment of one, for a demo. No segment has fewer viewers than `smallest`."""

    segments: int | None = None
    smallest: int = SMALLEST
    table: Path | None = None
    by: str = ""
    viewer: str = ""


@dataclass(frozen=True)
class Trailer:
    """What every trailer must be: `seconds` are its lengths, the first the one that is compared and tested; `spoiler_after` is a
    share of an episode, `dissolve` frames between clips (0: hard cuts).

    `parts` are those of recap, titles and credits that may be shown; `spoilers` name what is never shown ("scene s01e01/a003",
    "character p3"). `arc` is the producer's own file of acts and weights; `order` says whether the story's order is kept.
    `different` is the least share of screen time by which segments' trailers differ, `explore` the share of picks that are drawn
    by chance to learn from. `lead_by` is the second by which the main character is seen, `most_of_episode` the share of a trailer
    that one episode may take.
    """

    seconds: tuple[float, ...] = (30.0,)
    renditions: tuple[str, ...] = ("landscape", "vertical")
    spoiler_after: float = 0.75
    leave_out: tuple[Passage, ...] = ()
    spoilers: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    vetoed: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    arc: Path | None = None
    order: Literal["story", "free"] = "story"
    different: float = 0.5
    explore: float = 0.1
    lead_by: float | None = None
    most_of_episode: float | None = None
    dissolve: int = 0
    seed: int = 0


@dataclass(frozen=True)
class Season:
    """A season as its file names it; every path is absolute, episodes sorted by name.

    `history` is a file or a folder of them; `titles` what is known of titles, those outside the season too; `truth` the folder
    beside a simulated history, read by `evaluate` and the report only; `concepts` the user's own list of words. `language`
    chooses among subtitles and sound tracks ("": the file's first choice); `recogniser` writes the lines of episodes without
    subtitles ("": nothing does).
    """

    id: str
    title: str
    folder: Path
    episodes: tuple[Path, ...]
    history: Path
    titles: Path | None = None
    truth: Path | None = None
    music: tuple[Path, ...] = ()
    encoder: str = "bundled"
    weights: str | None = None
    detector: str = "careful"
    concepts: Path | None = None
    language: str = ""
    recogniser: str = ""
    note: str = ""
    grouping: Grouping = field(default_factory=Grouping)
    trailer: Trailer = field(default_factory=Trailer)

    @property
    def out(self) -> Path:
        return self.folder / "out"


def read_season(path: Path | str) -> Season:
    """Reads a season file; paths in it are relative to it.

    A RequestError names the key, what was found and what to write instead.
    """
    path = Path(path)
    if not path.exists():
        raise RequestError(f"no season file at {path}; `trailers demo` writes one to learn from")
    document = keys.read_toml(path, "season file")
    index, audience, trailer = (keys.sub(document, name) for name in ("index", "audience", "trailer"))
    top = ("id", "title", "episodes", "history", "titles", "truth", "music", "note", "index", "audience", "trailer")
    keys.known(document, top, "the season file")
    keys.known(index, ("encoder", "weights", "detector", "concepts", "language", "recogniser"), "[index]")
    keys.known(audience, [item.name for item in fields(Grouping)], "[audience]")
    keys.known(trailer, [item.name for item in fields(Trailer)], "[trailer]")
    folder = path.resolve().parent
    identity = keys.text(document, "id", required=True)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", identity):
        raise RequestError(f"id: letters, digits, '.', '_' and '-' make a season's id, {identity!r} was found")
    episodes = keys.files(folder, document, "episodes")
    if not episodes:
        raise RequestError(f"episodes: no file in {folder} fits {document.get('episodes')!r}")
    stems = [episode.stem for episode in episodes]
    twice = sorted({stem for stem in stems if stems.count(stem) > 1})
    if twice:
        raise RequestError(
            f"episodes: an episode's id is its file's name without the ending, and {', '.join(twice)} stands there more than once"
        )
    keys.text(document, "history", required=True)
    history = cast(Path, keys.place(folder, document, "history"))
    truth = keys.place(folder, document, "truth")
    if truth and not truth.is_dir():
        raise RequestError(f"truth: no folder at {truth}")
    weights = keys.text(index, "weights") or None
    if weights and (folder / weights).is_file():
        weights = str(folder / weights)
    language = keys.text(index, "language")
    if language and not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]+)*", language):
        raise RequestError(f'language: a code such as "en" or "pt-BR" was asked for, {language!r} was found')
    recogniser = keys.text(index, "recogniser")
    if recogniser and (folder / recogniser).is_dir():
        recogniser = str(folder / recogniser)
    return Season(
        id=identity,
        title=keys.text(document, "title", identity),
        folder=folder,
        episodes=episodes,
        history=history,
        titles=keys.file(folder, document, "titles"),
        truth=truth,
        music=keys.files(folder, document, "music"),
        encoder=keys.text(index, "encoder", "bundled"),
        weights=weights,
        detector=keys.one_of(index, "detector", DETECTORS, "careful"),
        concepts=keys.file(folder, index, "concepts"),
        language=language,
        recogniser=recogniser,
        note=keys.text(document, "note"),
        grouping=_grouping(folder, audience),
        trailer=_trailer(folder, trailer),
    )


def _grouping(folder: Path, table: keys.Table) -> Grouping:
    ways = [name for name in ("segments", "table", "by", "viewer") if name in table]
    if len(ways) > 1:
        raise RequestError(f"[audience]: viewers are grouped in one way; {' and '.join(ways)} were found, leave one")
    return Grouping(
        segments=keys.whole(table, "segments", 0, 2, 8) if "segments" in table else None,
        smallest=keys.whole(table, "smallest", SMALLEST, 1, 10**9),
        table=keys.file(folder, table, "table"),
        by=keys.text(table, "by"),
        viewer=keys.text(table, "viewer"),
    )


def _trailer(folder: Path, table: keys.Table) -> Trailer:
    default = Trailer()
    return Trailer(
        seconds=_seconds(table.get("seconds", list(default.seconds))),
        renditions=_shapes(table),
        spoiler_after=keys.number(table, "spoiler_after", default.spoiler_after, 0.05, 1),
        leave_out=_passages(table.get("leave_out", [])),
        spoilers=_spoilers(keys.texts(table, "spoilers")),
        parts=keys.texts(table, "parts", PARTS),
        vetoed=keys.texts(table, "vetoed"),
        locked=keys.texts(table, "locked"),
        arc=keys.file(folder, table, "arc"),
        order=cast(Literal["story", "free"], keys.one_of(table, "order", ("story", "free"), default.order)),
        different=keys.number(table, "different", default.different, 0, 1),
        explore=keys.number(table, "explore", default.explore, 0, 0.5),
        lead_by=keys.number(table, "lead_by", 0, 0, 300) if "lead_by" in table else None,
        most_of_episode=keys.number(table, "most_of_episode", 1, 0.05, 1) if "most_of_episode" in table else None,
        dissolve=keys.whole(table, "dissolve", default.dissolve, 0, 48),
        seed=keys.whole(table, "seed", default.seed, 0, 2**31 - 1),
    )


def _shapes(table: keys.Table) -> tuple[str, ...]:
    found = keys.texts(table, "renditions", SHAPES) if "renditions" in table else Trailer().renditions
    if not found:
        raise RequestError(f"renditions: a list of {', '.join(SHAPES)} was asked for, an empty one was found")
    return found


def _seconds(value: object) -> tuple[float, ...]:
    found = [keys.between(item, "seconds", 3, 300) for item in (value if isinstance(value, list) else [value])]
    if not found or len(set(found)) < len(found):
        raise RequestError(f"seconds: one length or a list of different ones was asked for, {value!r} was found")
    return tuple(found)


def _spoilers(named: tuple[str, ...]) -> tuple[str, ...]:
    for item in named:
        kind, _, what = item.partition(" ")
        if kind not in SECRETS or not what.strip():
            raise RequestError(
                f'spoilers: a list such as "scene e01/a003", "shot e01/0042", "line She is his sister" or "character p3" '
                f"was asked for, {item!r} was found"
            )
    return named


def _passages(value: object) -> tuple[Passage, ...]:
    found = []
    for item in value if isinstance(value, list) else [value]:
        match = re.fullmatch(r"\s*(\S+)\s*:\s*(\d+)\s*-\s*(\d+)\s*", item) if isinstance(item, str) else None
        if not match or int(match[2]) >= int(match[3]):
            raise RequestError(f'leave_out: a list of passages in frames like "e04: 5160-7335" was asked for, {item!r} was found')
        found.append(Passage(match[1], int(match[2]), int(match[3])))
    return tuple(found)
