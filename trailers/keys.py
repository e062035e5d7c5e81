"""Typed values out of a TOML table; a mistake is an error that says what was asked for, what was found and what to write."""

import difflib
import math
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

from trailers.errors import RequestError

Table = Mapping[str, object]


def read_toml(path: Path, what: str) -> Table:
    """A file's top table; `what` names such a file for people ("season file")."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RequestError(f"no {what} at {path}") from None
    except IsADirectoryError:
        raise RequestError(f"{path} is a folder; name the {what} in it") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as reason:
        raise RequestError(f"{path} cannot be read as TOML: {reason}") from None


def known(table: Table, names: Sequence[str], where: str) -> None:
    """An error for a key that is not among `names`, with the nearest one."""
    for key in table:
        if key not in names:
            close = difflib.get_close_matches(key, names, 1)
            hint = f"did you mean {close[0]!r}?" if close else f"it knows {', '.join(names)}"
            raise RequestError(f"{where} has an unknown key {key!r}; {hint}")


def sub(table: Table, key: str) -> Table:
    """The table under a key; an empty one where there is none."""
    found = table.get(key, {})
    if not isinstance(found, dict):
        raise RequestError(f"{key}: a table [{key}] was asked for, {found!r} was found")
    return found


def text(table: Table, key: str, default: str = "", required: bool = False) -> str:
    value = table.get(key, default)
    if not isinstance(value, str) or (required and not value):
        raise RequestError(f"{key}: a text was asked for, {'nothing' if key not in table else repr(value)} was found")
    return value


def texts(table: Table, key: str, among: Sequence[str] = ()) -> tuple[str, ...]:
    """A list of texts, each once, in its order; `among` are those that there may be."""
    value = table.get(key, [])
    good = isinstance(value, list) and all(isinstance(item, str) and item and (not among or item in among) for item in value)
    if not good or not isinstance(value, list):
        raise RequestError(f"{key}: a list of {', '.join(among) or 'texts'} was asked for, {value!r} was found")
    return tuple(dict.fromkeys(value))


def number(table: Table, key: str, default: float, low: float, high: float) -> float:
    value = table.get(key, default)
    return between(value, key, low, high)


def between(value: object, key: str, low: float, high: float) -> float:
    """A number from `low` to `high`, both among them."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or not low <= value <= high:
        raise RequestError(f"{key}: a number from {low:g} to {high:g} was asked for, {value!r} was found")
    return value


def whole(table: Table, key: str, default: int, low: int, high: int) -> int:
    value = number(table, key, default, low, high)
    if value != int(value):
        raise RequestError(f"{key}: a whole number was asked for, {value!r} was found")
    return int(value)


def one_of(table: Table, key: str, among: Sequence[str], default: str) -> str:
    value = text(table, key, default)
    if value not in among:
        raise RequestError(f"{key}: {' or '.join(among)} was asked for, {value!r} was found")
    return value


def file(folder: Path, table: Table, key: str) -> Path | None:
    """A file that is there, by its path from `folder`; nothing where the key is not."""
    return _there(folder, table, key, folders=False)


def place(folder: Path, table: Table, key: str) -> Path | None:
    """A file or a folder that is there."""
    return _there(folder, table, key, folders=True)


def _there(folder: Path, table: Table, key: str, folders: bool) -> Path | None:
    if key not in table:
        return None
    path = folder / text(table, key, required=True)
    if not (path.is_file() or (folders and path.is_dir())):
        raise RequestError(f"{key}: no {'file or folder' if folders else 'file'} at {path}")
    return nameable(path, key)


def nameable(path: Path, key: str) -> Path:
    """A path that can stand in one line of a list, a page or a message, and that every library opens."""
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in str(path)):
        raise RequestError(f"{key}: a line break or another character that cannot be written stands in {str(path)!r}; rename it")
    return path


def files(folder: Path, table: Table, key: str, least: int = 1) -> tuple[Path, ...]:
    """Files that fit a pattern or a list of them, sorted; a RequestError where there is a pattern and fewer than `least` fit."""
    value = table.get(key, [])
    patterns = value if isinstance(value, list) else [value]
    found: set[Path] = set()
    for pattern in patterns:
        if not isinstance(pattern, str) or not pattern:
            raise RequestError(f"{key}: a file pattern or a list of them was asked for, {value!r} was found")
        if Path(pattern).is_absolute():
            found.update([Path(pattern)] if Path(pattern).is_file() else [])
        else:
            found.update(item for item in folder.glob(pattern) if item.is_file())
    if patterns and len(found) < least:
        raise RequestError(f"{key}: no file in {folder} fits {value!r}")
    return tuple(nameable(path, key) for path in sorted(found))
