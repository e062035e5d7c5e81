"""The plan is a page that says everything once, to people, before anybody sees anything."""

import re
from dataclasses import replace
from html.parser import HTMLParser

from trailers.experiment.design import Arm, Group, design, refusals
from trailers.experiment.plan import plan_page
from trailers.season import Testing as Asked

ARMS = tuple(
    Arm(name, name.title(), (f"{name}/landscape",), (("quality calm", calm), ("pace", pace)))
    for name, calm, pace in (("general", 0.5, 2.0), ("calm", 0.9, 2.0), ("chase", 0.5, 3.0))
)
GROUPS = (Group("calm", "Calm | <script>alert(1)</script>", 4_000_000), Group("chase", "Chase", 6000))
TESTING = Asked(baseline=0.2, weekly=1_000_000, namespace="promos", slot=(0, 0.5), worth=0.03)
MADE = design("s01", ARMS, GROUPS, TESTING)


class Tags(HTMLParser):
    """Every tag that opens is closed; what is asked of elsewhere is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br", "img", "link", "path", "use", "line"):
            self.open.append(tag)
        self.links += [str(value) for name, value in attrs if name in ("href", "src", "xlink:href")]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [str(value) for name, value in attrs if name in ("href", "src", "xlink:href")]

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            assert self.open.pop() == tag


def test_says_who_sees_what_how_many_it_takes_and_how_long() -> None:
    page = plan_page(MADE, ())["plan.md"]
    assert "Does a trailer that was made for a segment bring more of its profiles to play 2 minutes or more within 7 days" in page
    assert "48.4% the general trailer, 48.3% their own, 3.3%" in page
    assert "the slot 0.0% to 50.0% of promos" in page
    assert f"Exposures are counted for {MADE.weeks} whole weeks, then 7 days more pass" in page
    assert "more quality calm (how little moves in what it shows)" in page
    assert "less is better; no more than 5% worse" in page


def test_a_segment_that_cannot_tell_alone_stands_as_such() -> None:
    rows = [line for line in plan_page(MADE, ())["plan.md"].splitlines() if line.startswith("| Chase |")]
    assert "too few alone: with the others only" in rows[0]
    promise = plan_page(MADE, ())["plan.md"].splitlines()[4]
    assert "an effect of 3.0% is found with a chance of 80% or more in Calm" in promise
    assert "and in all together; the other segments are too small" in promise
    assert "<" not in promise


def test_whose_viewers_are_counted_on_is_said() -> None:
    assert "the history's, as all that there are" in plan_page(MADE, ())["plan.md"]
    more = design("s01", ARMS, GROUPS, replace(TESTING, viewers=40_000_000))
    assert "the history is a sample of 4,006,000 of them" in plan_page(more, ())["plan.md"]


def test_what_guards_can_see_is_said() -> None:
    page = plan_page(MADE, ())["plan.md"]
    assert re.search(r"of a rate of 0\.3% \d+% more; of a rate of 5\.0% \d+% more", page)
    assert "A guard only guards" not in plan_page(design("s01", ARMS, GROUPS, replace(TESTING, guards=())), ())["plan.md"]


def test_what_else_is_to_be_known_stands_under_the_verdict() -> None:
    assert "**Set a further round.**" in plan_page(MADE, (), ("Set a further round.",))["plan.md"].splitlines()[:8]


def test_a_trailer_like_the_general_one_is_told() -> None:
    twin = replace(ARMS[1], components=ARMS[0].components)
    assert (
        "nothing: its trailer is like the general one"
        in plan_page(design("s01", (ARMS[0], twin), GROUPS, TESTING), ())["plan.md"]
    )


def test_why_it_cannot_answer_stands_on_top() -> None:
    small = design("s01", ARMS, (Group("calm", "Calm", 100),), Asked())
    made = plan_page(small, refusals(small))
    assert made["plan.md"].splitlines()[4].startswith("**It cannot answer: too small for an effect of 2.0%")
    assert 'class="verdict no"' in made["plan.html"]
    assert "It can answer" not in made["plan.html"]
    assert "(assumed; `design --baseline-from` measures it in a log)" in made["plan.md"]
    assert "is not known: `weekly` in the season file" in made["plan.md"]


def test_nothing_to_compare_is_a_page_too() -> None:
    alone = design("s01", ARMS[:1], (), Asked())
    assert "nothing to compare" in plan_page(alone, refusals(alone))["plan.html"]


def test_the_page_stands_alone_and_runs_nothing_that_a_segment_is_called() -> None:
    page = plan_page(MADE, ("<img src=x onerror=alert(1)>",))["plan.html"]
    seen = Tags()
    seen.feed(page)
    assert seen.open == []
    assert [link for link in seen.links if not link.startswith("#")] == []
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page
    assert re.search(r"<svg[^>]*role=.img.", page), "the figure is one that is told to those who cannot see it"


def test_the_same_experiment_gives_the_same_bytes() -> None:
    assert plan_page(MADE, ()) == plan_page(replace(MADE), ())
