"""The page in a real Chromium, opened from the disk as a producer opens it."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import BLUE, RED, SolidFilm
from trailers.editor.timeline import Card, Clip, Timeline
from trailers.features.media import probe
from trailers.features.span import Span
from trailers.review.page import PageCheck, PageSeason, PageTable, PageTrailer, PageVariant, make_thumbs, write_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

HOSTILE = '"><img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>'
SIZES = [(1440, 900), (390, 844)]


def made(out: Path, solid_film: SolidFilm, **changes: str) -> Path:
    """A page with two trailers of two shapes, with videos that play."""
    film = solid_film("landscape.mp4")
    tall = solid_film("vertical.mp4", shots=((BLUE, 60), (RED, 60)), size=(180, 320))
    episode = probe(film, "e01")
    trailers = []
    for segment, name, spans in (("general", "Everybody", ((0, 30), (30, 70))), ("chase", "Chases", ((70, 110), (40, 60)))):
        parts: list[Clip] = []
        for start, stop in spans:
            at = parts[-1].into.stop if parts else 0
            why = changes.get("why", "loud 0.31, motion 0.22, like what they watch again")
            parts.append(Clip(f"e01/{start:04d}", "e01", Span(start, stop), Span(at, at + stop - start), why=why))
        end = parts[-1].into.stop
        card = Card(("S",), Span(end, end + 24), "#335577", "#ffffff")
        plan = Timeline(segment, "s01", "S", segment, Fraction(24), tuple(parts), (card,))
        variants = []
        for rendition, source, size in (("landscape", film, (1280, 720)), ("vertical", tall, (720, 1280))):
            video = out / "variants" / segment / f"{rendition}.mp4"
            video.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, video)
            video.with_suffix(".vtt").write_text("WEBVTT\n\n00:00.000 --> 00:01.000\nHello there\n")
            checks = (PageCheck("frames", True, "94", "94"), PageCheck("loudness", segment == "chase", "-16 LUFS", "-20 LUFS"))
            variants.append(PageVariant(f"{segment}/{rendition}", rendition, size, video, video.with_suffix(".vtt"), checks))
        name = changes.get("name", name)
        trailers.append(PageTrailer(segment, name, 160, ("more chase",), plan, tuple(variants), (("chase", 0.2),)))
    trailers.append(replace(trailers[1], segment="calm", timeline=replace(trailers[1].timeline, segment="calm"), variants=()))
    thumbs = make_thumbs([trailer.timeline for trailer in trailers], {"e01": episode}, out / "review" / "thumbs")
    season = PageSeason(
        "s01", changes.get("title", "The Long Night of the Very Long Title"), ("e01",), history=(("rows read", 3660),)
    )
    tables = (PageTable("Screen time by label", "By hand.", (("a_very_long_label_name", (0.25, 0.5, 0.1)),)),)
    return write_page(out, season, trailers, tables, thumbs, {"e01": episode})


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory, solid_film: SolidFilm) -> Path:
    return made(tmp_path_factory.mktemp("page") / "out", solid_film)


@pytest.fixture(params=SIZES, ids=["1440", "390"])
def opened(browser: "Browser", path: Path, request: pytest.FixtureRequest) -> "Iterator[tuple[Page, list[str], list[str]]]":
    """The page at a width, what its console said, and every address that it asked for."""
    width, height = request.param
    page = browser.new_page(viewport={"width": width, "height": height})
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    yield page, said, asked
    page.close()


def until(page: "Page", condition: str) -> None:
    """Waits, within the page's own policy (no eval), until a condition holds."""
    page.evaluate(f"new Promise(done => {{ const look = () => {condition} ? done() : requestAnimationFrame(look); look(); }})")


Opened = tuple["Page", list[str], list[str]]
SHOWN = "[...document.querySelectorAll('video')].filter(video => video.offsetParent)"


def test_players_load_and_nothing_overflows(opened: Opened) -> None:
    page, said, asked = opened
    until(page, f"{SHOWN}.length === 2 && {SHOWN}.every(video => video.readyState >= 1)")
    assert page.evaluate(f"{SHOWN}.map(video => video.duration)") == pytest.approx([5, 5], abs=0.1)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.evaluate("document.querySelectorAll('details').forEach(item => item.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert said == []
    assert [address for address in asked if not address.startswith(("file:", "data:"))] == []


def test_thumbs_show(opened: Opened) -> None:
    page, _, _ = opened
    page.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
    until(page, "[...document.images].every(image => image.complete)")
    assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)")


def test_a_clip_of_the_strip_seeks_the_player_to_it(opened: Opened) -> None:
    page, said, _ = opened
    until(page, f"{SHOWN}.every(video => video.readyState >= 1)")
    page.locator(".strip").nth(0).locator(".slice").nth(1).click()
    assert page.evaluate(f"{SHOWN}[0].currentTime") == pytest.approx(30 / 24, abs=0.1)
    assert page.evaluate(f"{SHOWN}[1].currentTime") == 0
    assert page.locator(".slice[aria-current]").count() == 1
    assert said == []


def test_clips_are_reached_by_keyboard(opened: Opened) -> None:
    page, _, _ = opened
    until(page, f"{SHOWN}.every(video => video.readyState >= 1)")
    page.locator(".slice").nth(0).focus()
    page.keyboard.press("ArrowRight")
    assert "Clip 2" in str(page.evaluate("document.activeElement.getAttribute('aria-label')"))
    assert page.locator(".moments li.peek").count() == 1
    page.keyboard.press("Enter")
    assert page.evaluate(f"{SHOWN}[0].currentTime") == pytest.approx(30 / 24, abs=0.1)


def test_the_shape_is_chosen_for_all_players_at_once(opened: Opened) -> None:
    page, _, _ = opened
    assert page.evaluate(f"{SHOWN}.map(video => video.getAttribute('src').split('/').pop())") == ["landscape.mp4"] * 2
    page.check("input[value=vertical]")
    assert page.evaluate(f"{SHOWN}.map(video => video.getAttribute('src').split('/').pop())") == ["vertical.mp4"] * 2
    until(page, f"{SHOWN}.every(video => video.readyState >= 1)")
    assert page.evaluate(f"{SHOWN}.every(video => video.offsetHeight > video.offsetWidth)")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_all_play_in_step_and_only_one_is_heard(opened: Opened) -> None:
    page, _, _ = opened
    until(page, f"{SHOWN}.every(video => video.readyState >= 1)")
    page.click("#together")
    until(page, f"{SHOWN}.every(video => video.currentTime > 0.1)")
    assert page.evaluate(f"{SHOWN}.map(video => video.muted)") == [False, True]
    page.click("#together")
    until(page, f"{SHOWN}.every(video => video.paused)")


def test_captions_can_be_switched_on_from_the_disk(opened: Opened) -> None:
    page, said, _ = opened
    page.evaluate(f"{SHOWN}[0].textTracks[0].mode = 'showing'")
    until(page, f"{SHOWN}[0].querySelector('track').readyState === 2")
    assert page.evaluate(f"{SHOWN}[0].textTracks[0].cues[0].text") == "Hello there"
    assert said == []


def luminance(colour: str) -> float:
    values = [float(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    parts = [value / 255 / 12.92 if value / 255 <= 0.04045 else ((value / 255 + 0.055) / 1.055) ** 2.4 for value in values]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(browser: "Browser", path: Path, scheme: str) -> None:
    """Contrast of 4.5 to 1 or more: WCAG 2.2, AA."""
    page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="dark" if scheme == "dark" else "light")
    page.goto(path.as_uri())
    pairs = page.evaluate(
        """() => {
        const found = [];
        for (const item of document.querySelectorAll('body *')) {
          const own = [...item.childNodes].filter(child => child.nodeType === 3);
          const words = own.map(child => child.textContent.trim()).join('');
          if (!words || !item.offsetParent) continue;
          let under = item, ground;
          do { ground = getComputedStyle(under).backgroundColor; under = under.parentElement; }
          while (under && (ground === 'rgba(0, 0, 0, 0)' || ground.startsWith('rgba')));
          if (ground.startsWith('rgb(')) found.push([item.className + ': ' + words, getComputedStyle(item).color, ground]);
        }
        return found;
        }"""
    )
    page.close()
    assert len(pairs) > 40
    poor = []
    for words, ink, ground in pairs:
        light, dark = sorted((luminance(ink), luminance(ground)), reverse=True)
        if (light + 0.05) / (dark + 0.05) < 4.5:
            poor.append((words, ink, ground))
    assert poor == []


def test_hostile_titles_and_reasons_run_nothing(browser: "Browser", tmp_path: Path, solid_film: SolidFilm) -> None:
    page = browser.new_page()
    page.goto(made(tmp_path / "out", solid_film, title=HOSTILE, name=HOSTILE, why=HOSTILE).as_uri())
    until(page, f"{SHOWN}.every(video => video.readyState >= 1)")
    assert "trailers to review" in page.title()
    assert page.locator("img[onerror]").count() == 0
    page.close()


def test_a_script_that_is_not_the_pages_own_is_not_run(browser: "Browser", tmp_path: Path, path: Path) -> None:
    """The page's policy is a second wall behind the escaping: shown by breaking the first."""
    text = path.read_text().replace(
        "</main>", "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"></main>"
    )
    (tmp_path / "index.html").write_text(text)
    page = browser.new_page()
    page.goto((tmp_path / "index.html").as_uri())
    assert page.title() != "owned"
    page.close()
