"""The widget in a real JupyterLab: a producer watches, swaps, comments and approves, and the decisions file has it."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import IO, TYPE_CHECKING, Any

import pytest

from trailers.results import Run
from trailers.review.acts import Approve, Comment, Lock, Replace, Undo
from trailers.review.decisions import read

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

nbformat: Any = pytest.importorskip("nbformat", reason="notebooks need the extra `review`")
httpx: Any = pytest.importorskip("httpx", reason="the widget's test asks a server whether it is there")
pytest.importorskip("jupyterlab", reason="the widget is driven in JupyterLab: pip install jupyterlab")
pytest.importorskip("anywidget", reason="the widget needs the extra `review`")
# The kernel must have answered once: cells that are run before are dropped without a word.
READY = """(async () => {
    const held = window.jupyterapp.shell.currentWidget.sessionContext;
    await held.ready;
    await held.session.kernel.info;
})()"""
CELLS = (
    "import trailers\nfrom trailers import review\n\ndesk = trailers.open_desk('season/season.toml')",
    "review.edit(desk.season().segments[-1].trailers[0], desk, who='Ana')",
)


def drain(stream: IO[str]) -> None:
    for _ in stream:
        pass


@pytest.fixture(scope="module")
def place(ran: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a season that was run to the end, and a notebook that edits a trailer of it."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(ran.season.folder, folder / "season")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, folder / "edit.ipynb")
    return folder


@pytest.fixture(scope="module")
def lab(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab of its own, with nothing in it but what came with its packages."""
    home = tmp_path_factory.mktemp("home")
    (home / "config" / "labconfig").mkdir(parents=True)
    (home / "config" / "labconfig" / "page_config.json").write_text(
        '{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true}}'  # it would ask, and look outside
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {name: str(home / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
    own["JUPYTER_CONFIG_DIR"] = str(home / "config")
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={place}"]
    command += ["--IdentityProvider.token=secret", "--LabApp.extension_manager=readonly", "--ServerApp.ip=127.0.0.1"]
    env = {**os.environ, **own, "HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)}
    server = subprocess.Popen(command, env=env, cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert server.stderr
    try:
        said = []
        for line in server.stderr:
            said.append(line)
            if f"http://127.0.0.1:{port}/lab?token" in line:
                break
        else:
            pytest.fail("JupyterLab did not start: " + "".join(said))
        Thread(target=drain, args=(server.stderr,), daemon=True).start()
        with httpx.Client(transport=httpx.HTTPTransport(retries=8)) as client:  # it says so a moment before it listens
            client.get(f"http://127.0.0.1:{port}/api/status?token=secret").raise_for_status()
        yield f"http://127.0.0.1:{port}/lab/tree/edit.ipynb?token=secret"
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="module")
def opened(browser: "Browser", lab: str) -> "Iterator[Page]":
    """The notebook, run; every address that is not this server's fails the tests."""
    page = browser.new_page(viewport={"width": 1280, "height": 1400})
    page.set_default_timeout(60_000)
    outside: list[str] = []
    home = lab.split("/lab/")[0]
    known = (home, home.replace("http", "ws"), "data:", "blob:")
    page.on("request", lambda request: None if request.url.startswith(known) else outside.append(request.url))
    page.goto(lab)
    page.wait_for_function("() => window.jupyterapp")
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    page.wait_for_function("() => window.jupyterapp.shell.currentWidget?.sessionContext")
    page.evaluate(READY)
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_selector(".trailers .strip button")
    yield page
    assert outside == []
    page.close()


def decided(place: Path) -> list[object]:
    return [each.act for each in read(place / "season" / "decisions.jsonl")]


def until(page: "Page", words: str) -> None:
    """Waits until the widget says so."""
    page.wait_for_function("words => document.querySelector('.trailers .says').textContent.includes(words)", arg=words)


def test_a_trailer_stands_there_as_a_strip_with_its_pictures(opened: "Page") -> None:
    until(opened, "You decide as Ana")
    assert opened.locator(".trailers .strip button").count() >= 2
    assert opened.locator(".trailers .strip .card").count() == 1
    assert opened.evaluate("[...document.querySelectorAll('.trailers .strip img')].every(image => image.naturalWidth > 0)")
    assert opened.locator(".trailers .chip").inner_text() == "draft"


def test_a_film_is_sent_when_it_is_played_and_keys_move_it(opened: "Page") -> None:
    assert opened.locator(".trailers video").count() == 0
    opened.click(".trailers .stage button")
    opened.wait_for_function("() => document.querySelector('.trailers video')?.readyState >= 2")
    opened.locator(".trailers").focus()
    opened.keyboard.press("2")
    opened.wait_for_function("() => document.querySelector('.trailers video').currentTime > 0.5")
    assert opened.locator(".trailers .strip button[aria-pressed=true]").get_attribute("aria-label").startswith("Clip 2")  # type: ignore[union-attr]
    opened.keyboard.press("ArrowRight")
    before = float(opened.evaluate("document.querySelector('.trailers video').currentTime"))
    opened.keyboard.press("ArrowLeft")
    after = float(opened.evaluate("document.querySelector('.trailers video').currentTime"))
    assert 0.02 < before - after < 0.06
    assert opened.locator(".jp-Notebook .jp-Cell").count() == len(CELLS)  # no key of the widget's was the notebook's


def test_a_comment_is_written_at_the_moment(opened: "Page", place: Path) -> None:
    opened.fill(".trailers input[aria-label='Comment or reason']", "the storm <b>carries</b> it")
    opened.get_by_role("button", name="Comment here").click()
    until(opened, "Written down")
    made = decided(place)[-1]
    assert isinstance(made, Comment)
    assert made.text == "the storm <b>carries</b> it"
    assert made.at > 0
    assert opened.locator(".trailers .log b").count() == 1  # the heading: words never become markup
    assert opened.locator(".trailers video").count() == 1  # the film goes on


def test_a_file_is_approved_by_its_bytes_and_that_can_be_undone(opened: "Page", place: Path, ran: Run) -> None:
    opened.get_by_role("button", name="Approve").click()
    opened.wait_for_function("() => document.querySelector('.trailers .chip').textContent === 'approved'")
    made = decided(place)[-1]
    assert isinstance(made, Approve)
    file = next(each for each in ran.variants if each.id == made.variant)
    assert (file.segment, file.rendition, file.sha256) == (ran.plans[-1].segment, "landscape", made.sha256)
    opened.locator(".trailers .log li button").first.click()
    opened.wait_for_function("() => document.querySelector('.trailers .chip').textContent === 'draft'")
    assert isinstance(decided(place)[-1], Undo)


def test_a_clip_is_locked(opened: "Page", place: Path) -> None:
    opened.locator(".trailers .strip button").first.click()
    opened.get_by_role("button", name="Lock", exact=True).click()
    opened.wait_for_selector(".trailers .clip button:disabled:has-text('Locked')")
    assert isinstance(decided(place)[-1], Lock)


def test_a_shot_is_tried_before_it_is_taken(opened: "Page", place: Path) -> None:
    number = len(decided(place))
    opened.locator(".trailers .strip button").nth(1).click()
    opened.get_by_role("button", name="Other shots…").click()
    opened.wait_for_selector(".trailers .offer")
    opened.locator(".trailers .offer").first.get_by_role("button", name="Try").click()
    opened.wait_for_selector(".trailers .stage .what:has-text('a try: nothing is decided')")
    until(opened, "replaced by")
    assert len(decided(place)) == number
    shot = opened.locator(".trailers .offer b").first.inner_text()
    opened.locator(".trailers .offer").first.get_by_role("button", name="Take").click()
    opened.wait_for_function("() => document.querySelector('.trailers .chip').textContent.startsWith('changed')")
    made = decided(place)[-1]
    assert isinstance(made, Replace)
    assert made.by == shot
    assert opened.get_by_role("button", name="Approve").is_disabled()


def test_a_question_that_cannot_be_answered_is_told_in_a_sentence(opened: "Page") -> None:
    opened.get_by_role("button", name="Comment here").click()
    until(opened, "Write the comment first.")
    assert opened.locator(".trailers .says.wrong").count() == 1
