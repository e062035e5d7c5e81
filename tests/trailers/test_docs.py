"""What the documents say is what the code has."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_column_of_the_index_stands_in_the_datasheet() -> None:
    from trailers.features import concepts, index

    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    for name in (*index.SIGNALS, *concepts.MEANING, *concepts.SEEN, *concepts.ONLY_CLIP):
        assert f"| `{name}` |" in text, name


def test_every_reason_to_drop_a_row_of_history_stands_in_the_datasheet() -> None:
    from trailers.ranking.history import KEPT, LEFT_OUT

    text = " ".join((ROOT / "data" / "README.md").read_text(encoding="utf-8").split())
    for reason in (*LEFT_OUT, *(kept.removesuffix(", kept") for kept in KEPT)):
        assert reason in text, reason


def test_every_command_stands_in_the_readme() -> None:
    from trailers.cli import cli

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in cli.commands:
        assert f"trailers {name}" in text or f"· `{name}`" in text, name


def test_every_pinned_package_is_pinned_once_and_every_needed_one_is_pinned() -> None:
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]
    names = [_plain(line.split("==")[0]) for line in lines]
    assert len(set(names)) == len(names)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [need for needs in project["optional-dependencies"].values() for need in needs]
    for need in (*project["dependencies"], *extras):
        assert _plain(re.split(r"[<>=!\[; ]", need)[0]) in names, need


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_readmes_library_example_runs(done: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (code,) = (each for each in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "trailers.watch(" in each)
    assert "demo/season.toml" in code
    names: dict[str, object] = {}
    exec(code.replace("demo/season.toml", str(done)).replace('"processes"', '"local"'), names)  # noqa: S102
    assert Path(str(names["page"])).is_file()
    assert names["variants"]


def test_the_readmes_notebook_example_runs(done: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (code,) = (each for each in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "open_desk" in each)
    lines = [line for line in code.splitlines() if not line.startswith("review.edit(")]  # that one needs a kernel: test_widget
    assert len(lines) == len(code.splitlines()) - 1
    names: dict[str, object] = {}
    exec("\n".join(lines).replace("demo/season.toml", str(done)), names)  # noqa: S102
    names["desk"].close()  # type: ignore[attr-defined]
