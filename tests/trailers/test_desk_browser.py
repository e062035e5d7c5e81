"""The desk's pages in a real Chromium: a producer's whole session, the keyboard alone, hostile words, many files, axe-core."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from trailers.desk.seat import Seat, open_desk
from trailers.results import Run
from trailers.review.acts import Approve
from trailers.review.decisions import read
from trailers.review.desk import Desk
from trailers.review.views import JobView, SeasonView, TrailerView
from trailers.review.web.care import door
from trailers.review.web.serve import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

HOSTILE = '"><img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>'
WAIT = 30_000  # milliseconds, for machines with other work to do
WIDTHS = {390: 844, 1280: 800, 2560: 1440}


class Changed:
    """A desk that says something else of its season than it is; what is not said otherwise is the desk's own answer."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def __getattr__(self, name: str) -> Any:
        return getattr(self._desk, name)


@pytest.fixture(scope="module")
def seat(ran: Run) -> Iterator[Seat]:
    """The run season on a desk; nothing is decided at it."""
    with open_desk(ran.season) as held:
        yield held


@pytest.fixture(scope="module")
def address(seat: Seat) -> Iterator[str]:
    with serving(seat, door("127.0.0.1"), who="Ana") as served:
        yield served


@contextmanager
def opened(browser: "Browser", address: str, width: int = 1280, scheme: Any = "light") -> "Iterator[Page]":
    """The season's page; nothing is asked for elsewhere, and the console stays silent."""
    context = browser.new_context(viewport={"width": width, "height": WIDTHS[width]}, color_scheme=scheme)
    context.set_default_timeout(WAIT)
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    ready(page)
    yield page
    context.close()
    assert said == []
    assert {urlsplit(each).netloc for each in asked if not each.startswith(("data:", "blob:"))} == {urlsplit(address).netloc}


def ready(page: "Page") -> None:
    page.locator("main[aria-busy=false]").wait_for()


def to(page: "Page", path: str) -> None:
    page.goto(f"{page.evaluate('location.origin')}{path}")
    ready(page)


def until(page: "Page", condition: str) -> None:
    """Waits, within the page's own policy (no eval), until a condition holds."""
    page.evaluate(f"new Promise(done => {{ const look = () => ({condition}) ? done() : requestAnimationFrame(look); look(); }})")


def frame(page: "Page") -> int:
    """The frame that the clock shows."""
    minutes, seconds, frames = map(int, page.locator(".clock").inner_text().split(":"))
    return (60 * minutes + seconds) * 24 + frames


def test_a_producers_whole_session(browser: "Browser", done: Path) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=WAIT)
    log = done.parent / "decisions.jsonl"
    with open_desk(done) as desk, serving(desk, door("127.0.0.1"), who="Ana") as served, opened(browser, served) as page:
        # Open: the season at a glance, and two of its trailers side by side.
        expect(page.get_by_role("heading", level=1)).to_have_text("The Long Night")
        other = desk.season().segments[1].trailers[0]
        segments = page.locator("section.row")
        assert segments.count() > 1
        page.get_by_role("button", name="Compare general with another").click()
        segments.nth(1).get_by_role("button", name=re.compile("^Compare ")).first.click()
        page.wait_for_url("**/compare/general/**")
        ready(page)
        page.get_by_role("button", name="Play both").click()
        until(page, "[...document.querySelectorAll('video')].every(video => video.currentTime > 0.3)")
        page.get_by_role("button", name="Pause both").click()
        frames = "[...document.querySelectorAll('video')].map(video => Math.floor(video.currentTime * 24))"
        assert len(set(page.evaluate(frames))) == 1
        assert page.evaluate("[...document.querySelectorAll('video')].map(video => video.muted)") == [False, True]
        expect(page.get_by_text("of the screen time is the same picture")).to_be_visible()

        # One of them, and a shot that nobody wants to see in it.
        page.get_by_role("link", name="Everyone").click()
        page.wait_for_url("**/trailer/general**")
        ready(page)
        page.get_by_role("option", name=re.compile("^Clip 2,")).click()
        unwanted = desk.trailer("general").clips[1].shot
        before = [clip.shot for clip in desk.trailer("general").clips]
        page.get_by_role("button", name="Never").click()
        page.get_by_label("Why (for the others)").fill("too dark")
        page.get_by_role("button", name="Never show it").click()
        expect(page.get_by_text("A preview of the cut as it is now")).to_be_visible()
        after = [clip.shot for clip in desk.trailer("general").clips]
        assert unwanted not in after
        assert [shot for shot in after if shot in before] == [shot for shot in before if shot != unwanted]
        expect(page.locator(".top .badge")).to_have_text("changed")

        # The next trailer: another shot in a clip's place, tried before it is decided, then kept.
        page.keyboard.press(".")
        page.wait_for_url(f"**/trailer/{other}**")
        ready(page)
        page.get_by_role("option", name=re.compile("^Clip 2,")).click()
        page.get_by_role("button", name="Swap").click()
        page.get_by_role("button", name=re.compile("^Try .*story's order")).click()
        expect(page.get_by_text("Trying:")).to_be_visible()
        until(page, "document.querySelector('.player video').readyState >= 2")
        assert [each.what for each in read(log)] == ["veto"]
        page.get_by_role("button", name="Keep it").click()
        expect(page.locator(".shots")).to_have_count(0)
        assert [each.what for each in read(log)] == ["veto", "replace"]
        assert desk.trailer(other).clips[1].by == "Ana"

        # What was decided is rendered, looked at, approved; what is not approved does not go out.
        page.get_by_role("button", name="Render").click()
        expect(page.locator(".top .badge")).to_have_text("to decide")
        page.get_by_role("button", name="Approve", exact=True).click()
        expect(page.locator(".top .badge")).to_have_text("approved")
        act = read(log)[-1].act
        assert isinstance(act, Approve)
        assert [act.sha256] == [variant.sha256 for variant in desk.trailer(other).variants if variant.shape == "landscape"]

        # The package.
        page.get_by_role("button", name="Export…").click()
        page.get_by_label("As a draft").check()
        page.get_by_role("button", name="Export", exact=True).click()
        expect(page.get_by_text("The package lies in")).to_be_visible()


def test_everything_by_the_keyboard_alone(browser: "Browser", done: Path) -> None:
    from playwright.sync_api import expect

    with open_desk(done) as desk, serving(desk, door("127.0.0.1"), who="Bo") as served, opened(browser, served) as page:
        press = page.keyboard.press
        press("ArrowRight")
        press("ArrowDown")
        press("ArrowUp")
        expect(page.locator(".cell:focus")).to_have_attribute("data-id", "general/landscape")
        press("Enter")
        page.wait_for_url("**/trailer/general**")
        ready(page)
        until(page, "document.querySelector('.player video').readyState >= 1")
        press("?")
        expect(page.get_by_role("dialog")).to_contain_text("play backwards")
        press("Escape")
        second = desk.trailer("general").clips[1]
        press("2")
        assert frame(page) == second.start
        press("ArrowRight")
        assert frame(page) == second.start + 1
        press("ArrowUp")
        press("ArrowUp")
        assert frame(page) == 0
        press("l")
        until(page, "document.querySelector('.player video').currentTime > 0.2")
        press("k")
        until(page, "document.querySelector('.player video').paused")
        press("2")
        press("o")
        page.evaluate("document.querySelector('.player video').onseeked = () => { document.body.dataset.again = 'yes' }")
        press("l")
        until(page, "document.body.dataset.again === 'yes'")
        press("k")
        assert frame(page) in range(second.start, second.stop)
        press("o")
        press("End")
        press("j")
        until(page, "document.querySelector('.player video').currentTime < 3.5")
        press("k")
        press("Home")
        press("n")
        page.keyboard.type("Longer, please")
        press("Enter")
        expect(page.locator(".remarks li")).to_contain_text("Longer, please")
        press("Escape")
        press("1")
        press("h")
        expect(page.locator(".slice.locked")).to_have_count(1)
        press("z")
        expect(page.locator(".slice.locked")).to_have_count(0)
        press("s")
        page.keyboard.type("a butterfly by arc light")  # words, each letter of which is a key elsewhere
        expect(page.locator(".swap input")).to_have_value("a butterfly by arc light")
        page.locator(".try").first.wait_for()
        press("ArrowDown")
        page.locator(".try:focus").wait_for()
        press("Escape")
        press("a")
        press("r")
        assert page.get_by_role("dialog").count() == 0
        expect(page.locator(".top .badge")).to_have_text("to decide")
        press("Shift+A")
        expect(page.locator(".top .badge")).to_have_text("approved")
        assert [each.what for each in read(done.parent / "decisions.jsonl")] == ["comment", "lock", "undo", "approve"]


def test_a_clips_ends_its_window_and_a_cards_words_are_decided(browser: "Browser", done: Path) -> None:
    from playwright.sync_api import expect

    with open_desk(done) as desk, serving(desk, door("127.0.0.1"), who="Ana") as served, opened(browser, served) as page:
        name = desk.season().segments[1].trailers[0]
        was = desk.trailer(name)
        to(page, f"/trailer/{name}?shape=vertical")
        page.keyboard.press("2")
        page.get_by_text("Trim").click()
        page.get_by_label("Ends, frames").fill("2")
        page.locator("details", has_text="Trim").get_by_role("button", name="Keep").click()
        expect(page.locator(".messages")).to_contain_text("Ana")
        now = desk.trailer(name)
        assert (now.clips[1].stop, now.clips[2].start, now.frames) == (was.clips[1].stop + 2, was.clips[2].start + 2, was.frames)

        page.get_by_text("Crop in 9:16").click()
        page.get_by_label("Middle").fill("0.6")
        page.locator("details", has_text="Crop").get_by_role("button", name="Keep").click()
        expect(page.locator(".facts").get_by_text("Ana")).to_be_visible()
        page.get_by_role("tab", name="Words").click()
        page.get_by_role("textbox", name="title card").fill("One night\nOne street")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".slice.card")).to_have_text("One night")
        assert [each.what for each in read(done.parent / "decisions.jsonl")] == ["trim", "crop", "recard"]
        assert desk.trailer(name).cards[0].lines == ("One night", "One street")


def test_a_decision_by_another_is_seen(browser: "Browser", done: Path) -> None:
    from playwright.sync_api import expect

    from trailers.review.acts import Comment

    with open_desk(done) as desk, serving(desk, door("127.0.0.1"), who="Ana") as served, opened(browser, served) as page:
        to(page, "/trailer/general?tab=remarks")
        desk.decide(Comment("general", 10, "Who is this?"), "Bo")
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(page.locator(".messages")).to_contain_text("Bo")
        expect(page.locator(".remarks li")).to_contain_text("Who is this?")


PAGES = {
    "season": "/",
    "trailer": "/trailer/general?tab=clip",
    "brief": "/trailer/general?tab=brief",
    "words": "/trailer/general?tab=words&shape=vertical",
    "remarks": "/trailer/general?tab=remarks",
    "file": "/trailer/general?tab=cut",
    "log": "/trailer/general?tab=log",
    "compare": "/compare/general/{other}",
}


@pytest.fixture(scope="module")
def axe() -> str:
    """axe-core, as the package that carries it has it."""
    carried = pytest.importorskip("axe_playwright_python", reason="no axe-core: pip install axe-playwright-python")
    return files(carried.__name__).joinpath("axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: "Browser", address: str, seat: Seat, axe: str, scheme: str) -> None:
    other = seat.season().segments[1].id
    with opened(browser, address, scheme=scheme) as page:
        for name, path in PAGES.items():
            to(page, path.format(other=other))
            assert findings(page, axe) == [], name
        to(page, "/trailer/general")
        page.keyboard.press("s")
        page.locator(".try").first.wait_for()
        assert findings(page, axe) == [], "swap"
        page.keyboard.press("Escape")
        for key in ("v", "?"):
            page.keyboard.press(key)
            page.get_by_role("dialog").wait_for()
            assert findings(page, axe) == [], key
            page.keyboard.press("Escape")


def findings(page: "Page", axe: str) -> list[tuple[str, str]]:
    page.evaluate(axe)
    found = page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.filter("
        "each => ['serious', 'critical'].includes(each.impact)).map(each => [each.id, each.nodes[0].html]))"
    )
    return [tuple(each) for each in found]


def test_axe_does_find_what_is_wrong(browser: "Browser", address: str, axe: str) -> None:
    with opened(browser, address) as page:
        page.evaluate("document.querySelector('main').append(document.createElement('button'))")
        assert [name for name, _ in findings(page, axe)] == ["button-name"]


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_its_window(browser: "Browser", address: str, seat: Seat, width: int) -> None:
    other = seat.season().segments[1].id
    with opened(browser, address, width) as page:
        for name, path in PAGES.items():
            to(page, path.format(other=other))
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
            small = page.evaluate(
                "[...document.querySelectorAll('button, .cell')].filter(each => each.offsetParent)"
                ".map(each => each.getBoundingClientRect()).filter(box => box.width < 24 || box.height < 24).length"
            )
            assert small == 0, f"{name}: WCAG 2.2 asks for targets of 24 pixels"


def hostile(value: Any) -> Any:
    """A view whose every text for people is an attack; names, addresses and states stay."""
    kept = {
        "id",
        "trailer",
        "segment",
        "shape",
        "language",
        "state",
        "sha256",
        "video",
        "captions",
        "poster",
        "thumb",
        "episode",
        "name",
    }
    kept |= {
        "rate",
        "kind",
        "ground",
        "ink",
        "shot",
        "trailers",
        "shapes",
        "lengths",
        "what",
        "at",
        "platforms",
        "crops",
        "joint",
    }
    if is_dataclass(value) and not isinstance(value, type):
        told = "name" if isinstance(value, TrailerView) else "title"
        names = {each.name for each in fields(value)} - (kept - {"name"} if hasattr(value, "viewers") else kept) - {told} | {
            "title"
        }
        return replace(
            value,
            **{
                each.name: hostile(getattr(value, each.name))
                for each in fields(value)
                if each.name in names or nested(value, each.name)
            },
        )
    if isinstance(value, tuple):
        return tuple(hostile(each) for each in value)
    return HOSTILE if isinstance(value, str) else value


def nested(value: Any, name: str) -> bool:
    """Whether a field holds further views."""
    held = getattr(value, name)
    return isinstance(held, tuple) and any(is_dataclass(each) for each in held)


class Hostile(Changed):
    """A desk whose subtitles, titles and reasons are markup."""

    def season(self, who: str = "") -> SeasonView:
        made: SeasonView = hostile(self._desk.season(who))
        return made

    def trailer(self, name: str, language: str = "") -> TrailerView:
        from trailers.review.views import CaptionView

        told = self._desk.trailer(name, language)
        made: TrailerView = hostile(replace(told, captions=(CaptionView("Hello", 0, 30),)))
        return made


def test_hostile_subtitles_titles_and_reasons_are_shown_as_text(browser: "Browser", seat: Seat) -> None:
    with serving(Hostile(seat), door("127.0.0.1"), who="Ana") as served, opened(browser, served) as page:
        assert page.locator("h1").inner_text() == HOSTILE
        for path in (
            "/",
            *(f"/trailer/general?tab={tab}" for tab in ("clip", "words", "cut")),
            f"/compare/general/{seat.season().segments[1].id}",
        ):
            to(page, path)
            assert HOSTILE in page.locator("body").inner_text() or page.locator("textarea >> nth=0").input_value() == HOSTILE
            assert page.title() != "owned"
            assert page.evaluate("document.querySelectorAll('[onerror], body script').length") == 0


class Many(Changed):
    """The same season with sixty files."""

    def season(self, who: str = "") -> SeasonView:
        told = self._desk.season(who)
        first = told.segments[0]
        one = first.variants[0]
        segments = tuple(
            replace(
                first,
                id=f"s{number}",
                name=f"Segment {number}",
                trailers=(f"s{number}",),
                variants=tuple(
                    replace(one, id=f"s{number}/{place}", trailer=f"s{number}", segment=f"s{number}") for place in range(6)
                ),
            )
            for number in range(10)
        )
        return replace(told, segments=segments)


def test_sixty_files_are_drawn_without_fetching_what_is_not_seen(browser: "Browser", seat: Seat) -> None:
    with serving(Many(seat), door("127.0.0.1"), who="Ana") as served, opened(browser, served) as page:
        assert page.locator(".cell").count() == 60
        assert page.evaluate("[...document.images].every(image => image.loading === 'lazy' && image.decoding === 'async')")
        assert page.evaluate("[...document.querySelectorAll('video')].filter(video => video.preload !== 'none').length") == 0
        assert page.evaluate("document.querySelectorAll('*').length") < 2500
        assert page.evaluate("performance.getEntriesByType('resource').filter(each => each.name.includes('/media/')).length") == 0


class Slow(Changed):
    """A desk whose renders take until they are stopped."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._work = JobView("slow", "rendering", "running", "clip 3", 2, 9)

    def render(self, trailers: tuple[str, ...] = ()) -> JobView:
        return self._work

    def trailer(self, name: str, language: str = "") -> TrailerView:
        told = self._desk.trailer(name, language)
        return replace(told, variants=tuple(replace(each, state="changed") for each in told.variants))

    def job(self, id: str) -> JobView:
        return self._work

    def cancel(self, id: str) -> JobView:
        self._work = replace(self._work, state="cancelled")
        return self._work


def test_long_work_shows_how_far_it_is_and_can_be_stopped(browser: "Browser", seat: Seat) -> None:
    from playwright.sync_api import expect

    with serving(Slow(seat), door("127.0.0.1"), who="Ana") as served, opened(browser, served) as page:
        to(page, "/trailer/general")
        page.get_by_role("button", name="Render").click()
        expect(page.locator(".job")).to_contain_text("clip 3, 2 of 9")
        to(page, "/")
        expect(page.locator(".job")).to_contain_text("2 of 9")
        page.get_by_role("button", name="Cancel").click()
        expect(page.locator(".job")).to_have_count(0)


def test_a_file_of_the_page_names_no_other_address() -> None:
    """Static text as it lies: nothing is loaded from elsewhere, nothing stands inline that the policy would refuse."""
    web = files("trailers.review.web")
    for each in [*web.iterdir(), *web.joinpath("static").iterdir()]:
        if each.name.endswith((".html", ".js", ".css")):
            text = each.read_text(encoding="utf-8")
            assert not re.findall(r"(?:https?:)?//(?!www\.w3\.org/)[\w-]+\.[a-z]{2,}", text), each.name
            assert not re.search(
                r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|<script(?![^>]*\bsrc=)|\sstyle=\"|\son\w+=\"",
                text,
            ), each.name
