"""A report of each segment: a notebook run for it and kept as one page of HTML, without code, scripts or addresses."""

from collections.abc import Iterator, Sequence
from html import escape
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from trailers.errors import RequestError, WorkError
from trailers.store import write_text

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "report_a_segment.ipynb"
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2em auto; padding: 0 1em; }
:root { color: #1b1b1b; background: #fff; }
img, video { max-width: 100%; height: auto; }
table { border-collapse: collapse; }
td, th { text-align: left; vertical-align: top; padding: 4px 10px 4px 0; }
pre { white-space: pre-wrap; font: inherit; }
a.anchor-link { display: none; }
summary { cursor: pointer; }
"""
# Nothing is run and nothing is fetched, whatever stands in the season's words.
_POLICY = "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'"


def reports(season: Path, segments: Sequence[str], folder: Path, notebook: Path = NOTEBOOK) -> Iterator[Path]:
    """Runs the notebook once for each segment, with the parameters SEASON and SEGMENT, and writes `folder/SEGMENT.html`.

    RequestError where the extra `review` is not installed or there is no such notebook; WorkError where a cell failed.
    """
    nbformat, papermill = _extra("nbformat"), _extra("papermill")
    if not notebook.is_file():
        raise RequestError(f"there is no notebook {notebook}")
    for segment in segments:
        with TemporaryDirectory() as place:
            made = Path(place) / "report.ipynb"
            asked = {"SEASON": str(season.resolve()), "SEGMENT": segment}
            try:
                papermill.execute_notebook(str(notebook), str(made), asked, progress_bar=False, cwd=str(notebook.parent))
            except papermill.PapermillExecutionError as reason:
                raise WorkError(f"the report of {segment} ended in a cell: {reason.ename}: {reason.evalue}") from None
            book = nbformat.read(made, 4)
        yield write_text(folder / f"{segment}.html", page(book, segment))


def page(book: Any, name: str = "") -> str:
    """A notebook that was run as one page called after `name`: what its cells say and show, without their code."""
    title = ": ".join(filter(None, (name, _titled(book))))
    exporter = _extra("nbconvert").HTMLExporter(template_name="basic")
    exporter.exclude_input = exporter.exclude_input_prompt = exporter.exclude_output_prompt = True
    body, _ = exporter.from_notebook_node(book)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _extra(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as reason:
        raise RequestError(f'a report needs the extra `review`: pip install "trailers[review]" ({reason})') from None


def _titled(book: Any) -> str:
    """The notebook's title, after its outputs were made fit for a page: a widget is what it shows without a kernel, and a picture
    without words gets those of the heading above it, for who cannot see it."""
    title = heading = ""
    for cell in book.cells:
        for line in cell.source.splitlines() if cell.cell_type == "markdown" else ():
            if line.startswith("#"):
                heading = line.lstrip("# ").strip()
                title = title or heading
        for output in cell.get("outputs", ()):
            if "text/html" in output.get("data", {}):
                output.data.pop("application/vnd.jupyter.widget-view+json", None)
            if "image/png" in output.get("data", {}):
                output.metadata.setdefault("image/png", {}).setdefault("alt", heading)
    return title
