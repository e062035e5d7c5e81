"""A report of a segment is one page: pictures and film inside, no code, no script, no address."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from trailers.cli import cli
from trailers.errors import RequestError, WorkError
from trailers.results import Run
from trailers.review.report import page, reports

nbformat: Any = pytest.importorskip("nbformat", reason="reports need the extra `review`")
pytest.importorskip("papermill", reason="reports need the extra `review`")


class Addresses(HTMLParser):
    """Every address that a page names, and its tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: set[str] = set()
        self.nameless = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = dict(attrs)
        self.found += [value for name, value in attrs if name in ("src", "href", "poster") and value]
        self.nameless += tag == "img" and not given.get("alt")


@pytest.fixture(scope="module")
def made(ran: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the season's last segment."""
    segment = ran.plans[-1].segment
    (path,) = reports(ran.season.folder / "season.toml", [segment], tmp_path_factory.mktemp("reports"))
    assert path.name == f"{segment}.html"
    return path


def test_a_report_is_whole_in_itself(made: Path) -> None:
    found = Addresses(made.read_text(encoding="utf-8"))
    assert "script" not in found.tags
    assert all(address.startswith(("data:", "#")) for address in found.found)
    assert sum(address.startswith("data:image/") for address in found.found) >= 5
    assert sum(address.startswith("data:video/") for address in found.found) == 1
    assert found.nameless == 0


def test_a_report_is_about_its_segment_and_shows_no_code(made: Path, ran: Run) -> None:
    text = re.sub(r"data:[^\"]+", "", made.read_text(encoding="utf-8"))
    assert ran.audience.names[ran.plans[-1].segment].replace("&", "&amp;") in text
    assert f"<title>{ran.plans[-1].segment}: A segment and its trailer</title>" in text
    assert "Nothing yet." in text
    assert "open_desk" not in text
    assert "SEGMENT" not in text
    assert "default-src 'none'" in text


def test_a_cell_that_fails_is_told_in_a_sentence(tmp_path: Path) -> None:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("SEGMENT = ''"), nbformat.v4.new_code_cell("1 / 0")])
    book.cells[0].metadata["tags"] = ["parameters"]
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, tmp_path / "own.ipynb")
    with pytest.raises(WorkError, match="the report of calm ended in a cell: ZeroDivisionError"):
        list(reports(tmp_path / "season.toml", ["calm"], tmp_path, tmp_path / "own.ipynb"))
    assert not (tmp_path / "calm.html").exists()


def test_what_is_not_there_is_told(tmp_path: Path, done: Path) -> None:
    with pytest.raises(RequestError, match="there is no notebook"):
        list(reports(tmp_path / "season.toml", ["calm"], tmp_path, tmp_path / "none.ipynb"))
    told = CliRunner().invoke(cli, ["report", str(done), "nobody", "--engine", "local"])
    assert isinstance(told.exception, RequestError)
    assert "there is no segment nobody; there are general" in str(told.exception)


def test_hostile_words_stay_words_on_a_page() -> None:
    hostile = "<script>document.title='owned'</script>"
    output = nbformat.v4.new_output("stream", name="stdout", text=hostile)
    cell = nbformat.v4.new_code_cell("print()", outputs=[output])
    assert "<script" not in page(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Title"), cell]))
