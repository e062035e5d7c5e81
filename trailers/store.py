"""Results lie under the hash of what made them: written to a temporary name, then renamed, so that nothing is ever half made."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import get_ident

from trailers.errors import WorkError

Plain = str | int | float | bool | None | list["Plain"] | Mapping[str, "Plain"]


@dataclass(frozen=True)
class Store:
    """A place for results: `here` is the local folder that media are worked on in.

    `address`, where given, is an fsspec URL (`s3://bucket/season`) that results are shared through. Values are files; a
    result's name is `stage/key.suffix`.
    """

    here: Path
    address: str = ""

    def file(self, name: str, make: Callable[[Path], object]) -> Path:
        """The local path of a result, made by `make(path)` if it is not there yet.

        Two processes that make the same result at once both succeed: the last rename wins, with the same bytes.
        """
        path = self.here / name
        if path.exists() or self._fetch(name, path):
            return path
        write(path, make)
        self._publish(name, path)
        return path

    def get(self, name: str) -> Path:
        """The local path of a result that was made before, here or on another machine."""
        path = self.here / name
        if path.exists() or self._fetch(name, path):
            return path
        raise WorkError(f"{name} was made and is gone from {self.here}; run again to make it anew")

    def has(self, name: str) -> bool:
        return (self.here / name).exists()

    def _fetch(self, name: str, path: Path) -> bool:
        if not self.address:
            return False
        import fsspec

        system, root = fsspec.core.url_to_fs(self.address)
        if not system.exists(f"{root}/{name}"):
            return False
        write(path, lambda part: system.get_file(f"{root}/{name}", str(part)))
        return True

    def _publish(self, name: str, path: Path) -> None:
        if not self.address:
            return
        import fsspec

        system, root = fsspec.core.url_to_fs(self.address)
        target = f"{root}/{name}"
        system.makedirs(target.rpartition("/")[0], exist_ok=True)
        system.put_file(str(path), f"{target}.{os.getpid()}.part")
        system.mv(f"{target}.{os.getpid()}.part", target)


def key(stage: str, version: int, params: Mapping[str, Plain], inputs: Iterable[str]) -> str:
    """sha256 over the stage's name and version, its parameters as sorted JSON, and the keys or digests of its inputs, in hex."""
    document = json.dumps([stage, version, params, list(inputs)], sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(document.encode()).hexdigest()


def digest(path: Path) -> str:
    """sha256 of a file's bytes, in hex; of a folder, of its files' names and digests."""
    if path.is_dir():
        files = sorted(item for item in path.rglob("*") if item.is_file())
        told = [(item.relative_to(path).as_posix(), digest(item)) for item in files]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write(path: Path, make: Callable[[Path], object]) -> Path:
    """Makes a file under a temporary name beside `path` (same suffix), flushes and renames it: `path` is whole or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{os.getpid()}.{get_ident()}.{path.name}")
    try:
        make(part)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def write_folder(folder: Path, make: Callable[[Path], object]) -> Path:
    """`write` for a folder, which takes the place of the one that was there: whole, the old one or not there."""
    part, aside = (folder.with_name(f".{os.getpid()}{mark}{folder.name}") for mark in (".", ".."))
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        make(part)
        while part.exists():
            try:
                part.rename(folder)
            except OSError:  # a folder that holds something is not replaced
                shutil.rmtree(aside, ignore_errors=True)
                with suppress(FileNotFoundError):  # another process set it aside
                    folder.rename(aside)
    finally:
        _clear(part)
        _clear(aside)
    return folder


def sweep(folder: Path) -> None:
    """Removes what killed processes of this machine left half-written below a folder; a living process's stays."""
    for root, folders, files in os.walk(folder):  # it bears what others remove meanwhile
        for name in [each for each in (*folders, *files) if _left(each)]:
            _clear(Path(root, name))
            folders[:] = [each for each in folders if each != name]


def _clear(path: Path) -> None:
    """Removes a file or folder in the making; one that was set aside, and in whose place nothing came, takes it again."""
    place = path.with_name(path.name.split(".", 3)[-1])
    if path.name.split(".")[2] == "" and path.exists() and not place.exists():
        with suppress(OSError):  # another process has just put its own there
            path.rename(place)
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _left(name: str) -> bool:
    """Whether a name is one that a process gave which is no more."""
    hidden, _, rest = name.partition(".")
    owner = rest.partition(".")[0]
    return not hidden and owner.isdecimal() and not _alive(int(owner))


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def write_text(path: Path, text: str) -> Path:
    """`write` for text: UTF-8, line ends as they are."""

    def make(part: Path) -> None:
        part.write_text(text, encoding="utf-8", newline="")

    return write(path, make)


def place(source: Path, target: Path) -> Path:
    """Puts a result where people look for it: a copy, made anew only when the bytes differ."""
    if target.exists() and target.stat().st_size == source.stat().st_size and digest(target) == digest(source):
        return target

    def copy(part: Path) -> None:
        shutil.copyfile(source, part)

    return write(target, copy)
