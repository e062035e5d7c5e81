"""Every notebook runs from top to bottom on a demo's output, opens with pictures, and is stored without its output."""

from pathlib import Path
from typing import Any

import pytest

from trailers.results import Run

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
STORIES = ("index_an_episode", "meet_the_segments", "follow_one_segment", "review_variants", "read_an_experiment")
NAMES = (*STORIES, "report_a_segment")  # which test_report runs

nbformat: Any = pytest.importorskip("nbformat", reason="notebooks need the extra `review`")


@pytest.fixture
def season(ran: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The season file of a tiny season that was run to the end, named to the notebooks' kernels."""
    path = ran.season.folder / "season.toml"
    monkeypatch.setenv("TRAILERS_SEASON", str(path))
    return path


def read(name: str) -> Any:
    return nbformat.read(FOLDER / f"{name}.ipynb", 4)


def test_these_are_all() -> None:
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == set(NAMES)


def pictured(output: Any) -> bool:
    """Whether an output is a picture, or holds one in its HTML."""
    data = output.get("data", {})
    return "image/png" in data or '<img src="data:image/' in data.get("text/html", "")


@pytest.mark.parametrize("name", STORIES)
def test_runs_from_top_to_bottom(name: str, season: Path) -> None:
    client = pytest.importorskip("nbclient", reason="notebooks need the extra `review`")
    pytest.importorskip("ipykernel", reason="notebooks need the extra `review`")
    book = read(name)
    client.NotebookClient(book, timeout=240, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}}).execute()
    outputs = [cell.outputs for cell in book.cells if cell.cell_type == "code"]
    pictures = [any(map(pictured, cell)) for cell in outputs]
    assert sum(pictures) >= 2
    # What a reader sees first, after the season was opened, is a picture.
    assert pictures[next(place for place, cell in enumerate(outputs) if cell)]
    # Kept with its outputs, it fits where notebooks are kept, and shows without a kernel or a script.
    assert sum(len(data) for cell in outputs for output in cell for data in map(str, output.get("data", {}).values())) < 8_000_000
    assert not any("<script" in str(output.get("data", {}).get("text/html", "")) for cell in outputs for output in cell)


@pytest.mark.parametrize("name", NAMES)
def test_is_stored_without_output_in_short_cells(name: str) -> None:
    code = [cell for cell in read(name).cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert all(len(cell.source.splitlines()) <= 14 for cell in code)
    assert read(name).cells[0].cell_type == "markdown"
    assert code[0].metadata["tags"] == ["parameters"]


@pytest.mark.parametrize("name", NAMES)
def test_holds_no_logic(name: str) -> None:
    """What a test should cover lives in the library: a notebook defines nothing and decides nothing."""
    import ast

    for cell in read(name).cells:
        if cell.cell_type == "code":
            tree = ast.parse("\n".join(line for line in cell.source.splitlines() if not line.startswith("%")))
            assert not [
                node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.If | ast.While | ast.Try)
            ]
