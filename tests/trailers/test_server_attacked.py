"""A desk's server beside a page of somebody else's, in a real Chromium that has the desk's session."""

import shutil
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from trailers.desk.seat import Seat, open_desk
from trailers.results import Run
from trailers.review.web.care import door
from trailers.review.web.serve import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

# What a page can try without being asked by anybody; each gives "refused", or what it got hold of.
TRIES = """async (desk) => {
  const tried = async (ask) => {
    try {
      const answer = await ask();
      return answer.type === 'opaque' ? 'opaque' : `${answer.status} ${await answer.text()}`;
    } catch { return 'refused'; }
  };
  const shown = (make) => new Promise((done) => {
    const held = make();
    held.onload = held.onloadedmetadata = () => done('shown');
    held.onerror = () => done('refused');
    document.body.append(held);
  });
  const said = JSON.stringify({what: 'comment', act: {trailer: 'general', at: 1, text: 'owned'}});
  return {
    read: await tried(() => fetch(`${desk}/api/season`, {credentials: 'include'})),
    blind: await tried(() => fetch(`${desk}/api/season`, {credentials: 'include', mode: 'no-cors'})),
    plain: await tried(() => fetch(`${desk}/api/decide`, {method: 'POST', credentials: 'include', mode: 'no-cors', body: said})),
    json: await tried(() => fetch(`${desk}/api/decide`, {method: 'POST', credentials: 'include', body: said,
      headers: {'Content-Type': 'application/json', 'X-Trailers': '1'}})),
    image: await shown(() => Object.assign(new Image(), {src: `${desk}/thumbs/e01/1.jpg`})),
    script: await shown(() => Object.assign(document.createElement('script'), {src: `${desk}/static/api.js`})),
  };
}"""


class Evil(BaseHTTPRequestHandler):
    """A site of somebody else's."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>free films</title><body>")

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def desk(ran: Run) -> Iterator[Seat]:
    with open_desk(ran.season) as held:
        yield held


@pytest.fixture(scope="module")
def evil() -> Iterator[int]:
    """The port of a site of somebody else's on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Evil) as held:
        Thread(target=held.serve_forever, daemon=True).start()
        yield held.server_port
        held.shutdown()


@pytest.fixture(scope="module")
def rebound(browser: "Browser") -> "Iterator[Browser]":
    """A Chromium for which evil.example is this machine: what its owner makes of a name after the page was loaded."""
    system = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    flags = ["--no-sandbox", "--host-resolver-rules=MAP evil.example 127.0.0.1"]
    found = browser.browser_type.launch(executable_path=system, args=flags)
    yield found
    found.close()


@pytest.mark.parametrize("site", ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://evil.example:{port}/"])
def test_a_page_of_another_site_gets_nothing_and_changes_nothing(desk: Seat, evil: int, rebound: "Browser", site: str) -> None:
    with serving(desk, door("127.0.0.1"), who="Ana") as address:
        context = rebound.new_context()
        page = context.new_page()
        page.goto(address)
        base = address.partition("/?")[0]
        assert page.evaluate("async () => (await fetch('/api/season')).status") == 200, "the desk's own page may ask"
        other = context.new_page()
        other.goto(site.format(port=evil))
        got = other.evaluate(TRIES, base)
        context.close()
    assert got.pop("blind") in ("opaque", "refused")
    assert got.pop("plain") in ("opaque", "refused")
    assert set(got.values()) == {"refused"}, got
    assert not Path(desk.held.season.decisions).exists()


def test_a_name_that_is_bound_anew_to_this_machine_opens_nothing(desk: Seat, rebound: "Browser") -> None:
    with serving(desk, door("127.0.0.1"), who="Ana") as address:
        page = rebound.new_page()
        for asked in (address, address.partition("?")[0]):
            answer = page.goto(asked.replace("127.0.0.1", "evil.example"))
            assert answer
            assert answer.status == 403
            assert page.evaluate("async () => (await fetch('/api/season')).status") == 403
        page.close()


def test_the_desk_stands_in_no_other_sites_frame(desk: Seat, evil: int, rebound: "Browser") -> None:
    with serving(desk, door("127.0.0.1"), who="Ana") as address:
        context = rebound.new_context()
        page = context.new_page()
        page.goto(address)
        other = context.new_page()
        other.goto(f"http://127.0.0.1:{evil}/")
        base = address.partition("?")[0]
        other.evaluate(
            "(src) => new Promise((onload) => document.body.append("
            "Object.assign(document.createElement('iframe'), {src, onload: () => onload()})))",
            base,
        )
        inside = other.frames[1]
        assert not inside.url.startswith(base) or not inside.locator("script").count()
        context.close()
