"""The season file: what a person asks for, read from TOML and checked before any work begins."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from trailers.errors import RequestError

# A shape's name is checked here, before hours of work; what it means is the editor's.
SHAPES = ("landscape", "vertical")
DETECTORS = ("careful", "swift", "adaptive")
PARTS = ("recap", "titles", "credits")


@dataclass(frozen=True)
class Passage:
    """Frames `start` to `stop` (excluded) of an episode."""

    episode: str
    start: int
    stop: int


@dataclass(frozen=True)
class Trailer:
    """What every trailer must be: `spoiler_after` is a share of an episode, `dissolve` frames between clips (0: hard cuts).

    `parts` are those of recap, titles and credits that may be shown.
    """

    seconds: float = 30.0
    renditions: tuple[str, ...] = ("landscape", "vertical")
    spoiler_after: float = 0.75
    segments: int | None = None
    leave_out: tuple[Passage, ...] = ()
    parts: tuple[str, ...] = ()
    dissolve: int = 0
    seed: int = 0


@dataclass(frozen=True)
class Season:
    """A season as its file names it; every path is absolute, episodes sorted by name.

    `viewers` is the user's own table of segments; `truth` the folder beside a simulated history, read by `evaluate` and the
    report only; `concepts` the user's own list of words. `language` chooses among subtitles and sound tracks ("": the file's
    first choice); `recogniser` writes the lines of episodes without subtitles ("": nothing does).
    """

    id: str
    title: str
    folder: Path
    episodes: tuple[Path, ...]
    history: Path
    viewers: Path | None = None
    truth: Path | None = None
    music: tuple[Path, ...] = ()
    encoder: str = "bundled"
    weights: str | None = None
    detector: str = "careful"
    concepts: Path | None = None
    language: str = ""
    recogniser: str = ""
    note: str = ""
    trailer: Trailer = field(default_factory=Trailer)

    @property
    def out(self) -> Path:
        return self.folder / "out"


def read_season(path: Path | str) -> Season:
    """Reads a season file; paths in it are relative to it.

    A RequestError names the key, what was found and what to write instead.
    """
    path = Path(path)
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RequestError(f"no season file at {path}; `trailers demo` writes one to learn from") from None
    except IsADirectoryError:
        raise RequestError(f"{path} is a folder; name the season file in it (season.toml)") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as reason:
        raise RequestError(f"{path} cannot be read as TOML: {reason}") from None
    index, trailer = _table(document, "index"), _table(document, "trailer")
    top = ("id", "title", "episodes", "history", "viewers", "truth", "music", "note", "index", "trailer")
    _known(document, top, "the season file")
    _known(index, ("encoder", "weights", "detector", "concepts", "language", "recogniser"), "[index]")
    _known(trailer, [item.name for item in fields(Trailer)], "[trailer]")
    folder = path.resolve().parent
    identity = _text(document, "id", required=True)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", identity):
        raise RequestError(f"id: letters, digits, '.', '_' and '-' make a season's id, {identity!r} was found")
    episodes = _files(folder, document, "episodes")
    if not episodes:
        raise RequestError(f"episodes: no file in {folder} fits {document.get('episodes')!r}")
    stems = [episode.stem for episode in episodes]
    twice = sorted({stem for stem in stems if stems.count(stem) > 1})
    if twice:
        raise RequestError(
            f"episodes: an episode's id is its file's name without the ending, and {', '.join(twice)} stands there more than once"
        )
    history = folder / _text(document, "history", required=True)
    viewers = folder / _text(document, "viewers") if "viewers" in document else None
    truth = folder / _text(document, "truth") if "truth" in document else None
    for key, file in (("history", history), ("viewers", viewers), ("truth", truth)):
        if file and not (file.is_dir() if key == "truth" else file.is_file()):
            raise RequestError(f"{key}: no {'folder' if key == 'truth' else 'file'} at {file}")
    detector = _text(index, "detector", "careful")
    if detector not in DETECTORS:
        raise RequestError(f"[index] detector: {' or '.join(DETECTORS)} was asked for, {detector!r} was found")
    weights = _text(index, "weights") or None
    if weights and (folder / weights).is_file():
        weights = str(folder / weights)
    concepts = folder / _text(index, "concepts") if "concepts" in index else None
    if concepts and not concepts.is_file():
        raise RequestError(f"[index] concepts: no file at {concepts}")
    language = _text(index, "language")
    if language and not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]+)*", language):
        raise RequestError(f'[index] language: a code such as "en" or "pt-BR" was asked for, {language!r} was found')
    recogniser = _text(index, "recogniser")
    if recogniser and (folder / recogniser).is_dir():
        recogniser = str(folder / recogniser)
    return Season(
        id=identity,
        title=_text(document, "title", identity),
        folder=folder,
        episodes=episodes,
        history=history,
        viewers=viewers,
        truth=truth,
        music=_files(folder, document, "music"),
        encoder=_text(index, "encoder", "bundled"),
        weights=weights,
        detector=detector,
        concepts=concepts,
        language=language,
        recogniser=recogniser,
        note=_text(document, "note"),
        trailer=_trailer(trailer),
    )


def _trailer(table: Mapping[str, object]) -> Trailer:
    default = Trailer()
    renditions = table.get("renditions", list(default.renditions))
    if not isinstance(renditions, list) or not renditions or not set(renditions) <= set(SHAPES):
        raise RequestError(f"[trailer] renditions: a list of {', '.join(SHAPES)} was asked for, {renditions!r} was found")
    parts = table.get("parts", [])
    if not isinstance(parts, list) or not all(part in PARTS for part in parts):
        raise RequestError(f"[trailer] parts: a list of {', '.join(PARTS)} was asked for, {parts!r} was found")
    segments = None if table.get("segments") is None else _whole(table, "segments", 0, 2, 8)
    return Trailer(
        seconds=_number(table, "seconds", default.seconds, 3, 300),
        renditions=tuple(dict.fromkeys(renditions)),
        spoiler_after=_number(table, "spoiler_after", default.spoiler_after, 0.05, 1),
        segments=segments,
        leave_out=_passages(table.get("leave_out", [])),
        parts=tuple(dict.fromkeys(parts)),
        dissolve=_whole(table, "dissolve", default.dissolve, 0, 48),
        seed=_whole(table, "seed", default.seed, 0, 2**31 - 1),
    )


def _passages(value: object) -> tuple[Passage, ...]:
    found = []
    for item in value if isinstance(value, list) else [value]:
        match = re.fullmatch(r"\s*(\S+)\s*:\s*(\d+)\s*-\s*(\d+)\s*", item) if isinstance(item, str) else None
        if not match or int(match[2]) >= int(match[3]):
            raise RequestError(
                f'[trailer] leave_out: a list of passages in frames like "e04: 5160-7335" was asked for, {item!r} was found'
            )
        found.append(Passage(match[1], int(match[2]), int(match[3])))
    return tuple(found)


def _table(document: Mapping[str, object], key: str) -> Mapping[str, object]:
    table = document.get(key, {})
    if not isinstance(table, dict):
        raise RequestError(f"{key}: a table [{key}] was asked for, {table!r} was found")
    return table


def _known(table: Mapping[str, object], names: tuple[str, ...] | list[str], where: str) -> None:
    for key in table:
        if key not in names:
            close = difflib.get_close_matches(key, names, 1)
            hint = f"did you mean {close[0]!r}?" if close else f"it knows {', '.join(names)}"
            raise RequestError(f"{where} has an unknown key {key!r}; {hint}")


def _text(table: Mapping[str, object], key: str, default: str = "", required: bool = False) -> str:
    value = table.get(key, default)
    if not isinstance(value, str) or (required and not value):
        raise RequestError(f"{key}: a text was asked for, {'nothing' if key not in table else repr(value)} was found")
    return value


def _number(table: Mapping[str, object], key: str, default: float, low: float, high: float) -> float:
    value = table.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise RequestError(f"[trailer] {key}: a number from {low:g} to {high:g} was asked for, {value!r} was found")
    return value


def _whole(table: Mapping[str, object], key: str, default: int, low: int, high: int) -> int:
    value = _number(table, key, default, low, high)
    if value != int(value):
        raise RequestError(f"[trailer] {key}: a whole number was asked for, {value!r} was found")
    return int(value)


def _files(folder: Path, document: Mapping[str, object], key: str) -> tuple[Path, ...]:
    value = document.get(key, [])
    patterns = value if isinstance(value, list) else [value]
    found: set[Path] = set()
    for pattern in patterns:
        if not isinstance(pattern, str) or not pattern:
            raise RequestError(f"{key}: a file pattern or a list of them was asked for, {value!r} was found")
        if Path(pattern).is_absolute():
            found.update([Path(pattern)] if Path(pattern).is_file() else [])
        else:
            found.update(item for item in folder.glob(pattern) if item.is_file())
    return tuple(sorted(found))
