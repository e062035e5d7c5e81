"""The store: made once, whole or not there."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from trailers.store import Store, digest, key, place, sweep, write, write_folder, write_text


def counted(text: str, calls: list[str]) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        calls.append(text)
        path.write_text(text)

    return make


def test_a_result_is_made_once(tmp_path: Path) -> None:
    store, calls = Store(tmp_path), list[str]()
    for _ in range(3):
        assert store.file("a/b.txt", counted("x", calls)).read_text() == "x"
    assert calls == ["x"]


def test_a_failed_make_leaves_nothing_and_keeps_what_was_there(tmp_path: Path) -> None:
    path = write_text(tmp_path / "kept.txt", "old")

    def breaks(part: Path) -> None:
        part.write_text("half")
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        write(path, breaks)
    assert [item.name for item in tmp_path.iterdir()] == ["kept.txt"]
    assert path.read_text() == "old"


def test_what_dead_processes_left_is_swept_and_what_living_ones_write_is_not(tmp_path: Path) -> None:
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True)
    left, mine = tmp_path / "a" / f".{dead.stdout.strip()}.x.mp4", tmp_path / "a" / f".{os.getpid()}.x.mp4"
    for path in (left, mine, tmp_path / "a" / ".keep", tmp_path / "a" / "x.mp4"):
        path.parent.mkdir(exist_ok=True)
        path.touch()
    sweep(tmp_path)
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == sorted([mine.name, ".keep", "x.mp4"])


def test_a_folder_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = tmp_path / "packages" / "general"
    write_folder(folder, lambda part: (part / "a.txt").write_text("one"))
    write_folder(folder, lambda part: (part / "b.txt").write_text("two"))
    assert [path.name for path in folder.iterdir()] == ["b.txt"]

    def breaks(part: Path) -> None:
        (part / "c.txt").write_text("half")
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        write_folder(folder, breaks)
    assert [path.name for path in folder.iterdir()] == ["b.txt"]
    assert [path.name for path in folder.parent.iterdir()] == ["general"]


def test_folders_of_dead_processes_are_swept_and_one_set_aside_comes_back_where_nothing_took_its_place(tmp_path: Path) -> None:
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True)
    process = dead.stdout.strip()
    for name in (f".{process}.general", f".{process}..general", "kids", f".{process}..kids", f".{process}..adults"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "from.txt").write_text(name)
    sweep(tmp_path)
    assert {path.name: (path / "from.txt").read_text() for path in tmp_path.iterdir()} == {
        "general": f".{process}..general",
        "kids": "kids",
        "adults": f".{process}..adults",
    }


FOLDERS = """
import sys
from pathlib import Path
from trailers.store import write_folder

for turn in range(200):
    write_folder(Path(sys.argv[1]), lambda part: [(part / str(n)).write_text(sys.argv[2]) for n in range(3)])
"""


def test_two_processes_that_write_one_folder_at_once_both_succeed(tmp_path: Path) -> None:
    folder = tmp_path / "general"
    both = [subprocess.Popen([sys.executable, "-c", FOLDERS, str(folder), name]) for name in ("one", "two")]
    assert [process.wait() for process in both] == [0, 0]
    assert len({path.read_text() for path in folder.iterdir()}) == 1
    assert len(list(folder.iterdir())) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["general"]


def test_a_store_at_a_url_serves_a_second_machine(tmp_path: Path) -> None:
    calls = list[str]()
    first, second = (Store(tmp_path / name, f"file://{tmp_path}/bucket") for name in ("one", "two"))
    first.file("a/b.txt", counted("x", calls))
    assert second.file("a/b.txt", counted("y", calls)).read_text() == "x"
    assert calls == ["x"]


def test_a_key_tells_stages_versions_parameters_and_inputs_apart() -> None:
    keys = {
        key("a", 1, {}, []),
        key("b", 1, {}, []),
        key("a", 2, {}, []),
        key("a", 1, {"x": 1}, []),
        key("a", 1, {}, ["x"]),
        key("a", 1, {}, ["x", ""]),
    }
    assert len(keys) == 6
    assert key("a", 1, {"x": 1, "y": 2}, []) == key("a", 1, {"y": 2, "x": 1}, [])


def test_place_rewrites_only_what_differs(tmp_path: Path) -> None:
    source = write_text(tmp_path / "source", "one")
    target = place(source, tmp_path / "out" / "target")
    before = target.stat().st_mtime_ns
    place(source, target)
    assert target.stat().st_mtime_ns == before
    write_text(source, "two")
    assert digest(place(source, target)) == digest(source)


def test_a_folder_is_known_by_its_files_names_and_bytes(tmp_path: Path) -> None:
    folder = tmp_path / "history"
    folder.mkdir()
    (folder / "a.csv").write_text("a")
    before = digest(folder)
    (folder / "b.csv").write_text("b")
    assert digest(folder) != before
    (folder / "b.csv").unlink()
    assert digest(folder) == before
    (folder / "a.csv").rename(folder / "c.csv")
    assert digest(folder) != before
