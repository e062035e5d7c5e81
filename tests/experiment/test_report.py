"""The report of an experiment: one page that is whole in itself, says what to do first, and is read on any screen or on paper."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.experiment.found import SEGMENTS, analysis, experiment
from trailers.experiment import report, told
from trailers.experiment.findings import ALL, Analysis, Count, Split

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytest.importorskip("matplotlib")

HOSTILE = '"><img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>'


class Read(HTMLParser):
    """A page's addresses, tags, and figures without words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.tags: set[str] = set()
        self.wordless = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = dict(attrs)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "xlink:href", "poster") and value]
        self.wordless += tag == "svg" and not given.get("aria-label")


def made(folder: Path, found: Analysis, names: dict[str, str] | None = None) -> Path:
    return report.write(folder, experiment(names), found)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("report"), analysis())


@pytest.fixture(scope="module")
def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def plain(text: str) -> str:
    """What a reader reads, without figures."""
    body = re.sub(r"<svg.*?</svg>|<style.*?</style>", "", text, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).replace("&amp;", "&").replace("&#39;", "'")


def test_a_report_is_whole_in_itself(text: str) -> None:
    read = Read(text)
    assert "script" not in read.tags
    assert all(address.startswith(("#", "data:")) for address in read.addresses)
    assert read.wordless == 0
    assert not re.search(r"https?://", text)


def test_the_same_findings_give_the_same_bytes(path: Path, tmp_path: Path) -> None:
    again = made(tmp_path, analysis())
    assert again.read_bytes() == path.read_bytes()
    assert json.loads(again.with_name("analysis.json").read_text())["schema"] == "Analysis.2"


def test_the_interval_comes_before_all_that_is_made_of_it(text: str) -> None:
    read = plain(text)
    places = [
        read.index(part)
        for part in ("−0.2 to +7.0 %", "no difference shown yet", "Can it be trusted?", "What it brought, by segment")
    ]
    assert places == sorted(places)


def test_each_segment_is_told_what_to_do(text: str) -> None:
    read = plain(text)
    for name, badge in zip(
        SEGMENTS.values(),
        ("ship their own trailer", "cannot tell yet", "keep the general trailer", "stop: a guard is worse"),
        strict=True,
    ):
        assert f"{name} {badge}" in read


def test_advice_leaves_out_the_name_that_stands_above_it() -> None:
    advice = told.advice(experiment(), analysis())
    assert list(advice) == list(SEGMENTS.values())
    assert advice["Chases and fights"].words == "+1.3 to +3.5 points (general 20.0 %): ship it."
    assert list(told.advice(experiment(), analysis(), others=True)) == ["Chases and fights: Quiet moments"]


def test_what_holds_for_all_is_told_once() -> None:
    whole = told.overall(analysis())
    assert whole.startswith("All segments together")
    assert whole.endswith("Of 2 trailers for others, none is better.")
    assert "ship" not in whole


def test_a_guard_that_is_worse_for_all_is_said_before_what_was_gained(tmp_path: Path) -> None:
    found = analysis()
    worse = [
        replace(each, relative=0.5, relative_low=0.1, relative_high=0.9, firm=1) if each.metric == "unsubscribed" else each
        for each in found.metrics
    ]
    read = plain(
        made(tmp_path, replace(found, metrics=tuple(worse), sequence=(), novelty=(), funnel=())).read_text(encoding="utf-8")
    )
    assert "stop: left the service is worse than may be" in read


def test_a_broken_split_leaves_nothing_to_decide_by(tmp_path: Path) -> None:
    read = plain(made(tmp_path, replace(analysis(passed=False), sequence=(), novelty=())).read_text(encoding="utf-8"))
    assert "ship their own trailer" not in read
    assert read.index("Do not decide") < read.index("Can it be trusted?")
    assert "device tv 3.10 % 1e-09 23,010" in read


def test_what_a_figure_shows_stands_in_a_table_too(text: str) -> None:
    rows = re.findall(r"<tr>.*?</tr>", text, flags=re.S)
    cells = [[re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row, flags=re.S)] for row in rows]
    assert ["Chases and fights", "20.0 %", "22.4 %", "+12 %", "+6 to +18 %", "better", "19,740 and 19,709"] in cells
    assert ["play", "10,236 (20.0 %)", "10,580 (20.7 %)"] in cells
    assert len([row for row in cells if "2026-01-18" in row]) == 2 * 5


def test_a_guard_holds_where_its_whole_interval_is_within_the_harm_allowed() -> None:
    asked = experiment()
    guard = next(metric for metric in asked.metrics if metric.name == "abandoned")
    (one,) = [each for each in analysis().metrics if each.metric == "abandoned" and each.segment == ALL]
    marks = {}
    for low, high in ((-0.02, 0.04), (-0.02, 0.06), (0.01, 0.11), (0.01, 0.07), (-0.5, -0.2)):
        moved = replace(one, relative=(low + high) / 2, relative_low=low, relative_high=high)
        found = replace(analysis(), metrics=(moved,))
        marks[low, high] = told.table(asked, found, guard).held[0][0]
    assert marks == {
        (-0.02, 0.04): "good",
        (-0.02, 0.06): "wait",
        (0.01, 0.11): "bad",
        (0.01, 0.07): "wait",
        (-0.5, -0.2): "good",
    }


def test_of_a_guard_whose_more_is_better_less_is_harm() -> None:
    guard = next(metric for metric in experiment().metrics if metric.name == "completed")
    (one,) = [each for each in analysis().metrics if each.metric == "completed" and each.segment == ALL]
    found = replace(analysis(), metrics=(replace(one, relative=-0.2, relative_low=-0.3, relative_high=-0.1),))
    assert told.table(experiment(), found, guard).held == (("bad", "worse, by more than the 5 % that may be"),)


def test_what_speaks_against_the_figures_is_marked() -> None:
    sound = {each.title: each.mark for each in told.trust(experiment(), analysis())}
    assert set(sound.values()) == {"good"}
    odd = replace(
        analysis(), count=Count(1000, 900, 90, 300, 1, 800, 4), srm=Split(0.005, True, 0.01, True), days=("2026-01-05",) * 9
    )
    marks = {each.title: each.mark for each in told.trust(experiment(), odd)}
    assert set(marks.values()) == {"wait"}
    assert set(marks) == set(sound) | {"Assigned otherwise"}


def test_an_analysis_without_days_steps_or_effects_still_makes_a_page(tmp_path: Path) -> None:
    bare = replace(
        analysis(), metrics=(), sequence=(), novelty=(), funnel=(), verdicts=(), days=(), notes=(), decision="Cannot tell."
    )
    read = plain(made(tmp_path, bare).read_text(encoding="utf-8"))
    assert "Cannot tell." in read
    assert "How far they came" not in read


# In a real browser, opened from the disk as a producer opens it.


@pytest.fixture(params=[(1440, "light"), (1440, "dark"), (390, "light")], ids=["page", "dark", "telephone"])
def opened(browser: "Browser", path: Path, request: pytest.FixtureRequest) -> "Iterator[tuple[Page, list[str], list[str]]]":
    width, scheme = request.param
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    yield page, said, asked
    page.close()


@pytest.mark.browser
def test_nothing_overflows_and_nothing_is_asked_for(opened: "tuple[Page, list[str], list[str]]") -> None:
    page, said, asked = opened
    page.evaluate("document.querySelectorAll('details').forEach(item => item.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert said == []
    assert [address for address in asked if not address.startswith(("file:", "data:"))] == []


@pytest.mark.browser
def test_letters_in_figures_can_be_read(opened: "tuple[Page, list[str], list[str]]") -> None:
    """Ten pixels or more, on a telephone too, and none runs out of its figure."""
    page, _, _ = opened
    heights, outside = page.evaluate(
        """() => {
        const shown = [...document.querySelectorAll('.plate svg')].filter(svg => svg.getBoundingClientRect().width);
        const scale = svg => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
        const texts = shown.flatMap(svg => [...svg.querySelectorAll('text')].map(text => [svg, text]));
        const out = texts.filter(([svg, text]) => {
          const edge = svg.getBoundingClientRect(), box = text.getBoundingClientRect();
          return box.left < edge.left - 2 || box.right > edge.right + 2;
        });
        const sizes = texts.map(([svg, text]) => parseFloat(getComputedStyle(text).fontSize) * scale(svg));
        return [sizes, out.map(([, text]) => text.textContent)];
        }"""
    )
    assert len(heights) > 60
    assert min(heights) >= 10
    assert outside == []


def luminance(colour: str) -> float:
    values = [float(part) / 255 for part in re.findall(r"[\d.]+", colour)[:3]]
    parts = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.browser
def test_every_text_stands_out_from_its_ground(opened: "tuple[Page, list[str], list[str]]") -> None:
    """Contrast of 4.5 to 1 or more, the letters in figures too: WCAG 2.2, AA."""
    page, _, _ = opened
    page.evaluate("document.querySelectorAll('details').forEach(item => item.open = true)")
    pairs = page.evaluate(
        """() => {
        const found = [];
        for (const item of document.querySelectorAll('body *')) {
          const own = [...item.childNodes].filter(child => child.nodeType === 3);
          const words = own.map(child => child.textContent.trim()).join('');
          if (!words || !item.getBoundingClientRect().width) continue;
          const drawn = item instanceof SVGElement;
          let under = item, ground;
          do { ground = getComputedStyle(under).backgroundColor; under = under.parentElement; }
          while (under && (ground === 'rgba(0, 0, 0, 0)' || ground.startsWith('rgba')));
          found.push([words, drawn ? getComputedStyle(item).fill : getComputedStyle(item).color, ground]);
        }
        return found;
        }"""
    )
    assert len(pairs) > 200
    poor = set()
    for words, ink, ground in pairs:
        light, dark = sorted((luminance(ink), luminance(ground)), reverse=True)
        if (light + 0.05) / (dark + 0.05) < 4.5:
            poor.add((words, ink, ground))
    assert poor == set()


@pytest.mark.browser
def test_axe_finds_nothing_amiss(opened: "tuple[Page, list[str], list[str]]") -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe-playwright-python")
    page, _, _ = opened
    found = axe.Axe().run(page)
    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found.response["violations"]] == []


@pytest.mark.browser
def test_paper_is_white_whatever_the_screen(browser: "Browser", path: Path) -> None:
    page = browser.new_page(viewport={"width": 700, "height": 900}, color_scheme="dark")
    page.goto(path.as_uri())
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("[...document.querySelectorAll('.plate .wide')].every(item => item.offsetWidth > 0)")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.close()


@pytest.mark.browser
def test_hostile_names_run_nothing(browser: "Browser", tmp_path: Path) -> None:
    found = replace(analysis(), notes=(HOSTILE,), decision=HOSTILE, sequence=(), novelty=())
    page = browser.new_page()
    page.goto(made(tmp_path, found, dict.fromkeys(SEGMENTS, HOSTILE)).as_uri())
    assert "what the trailers' experiment found" in page.title()
    assert page.locator("img, script").count() == 0
    page.close()
