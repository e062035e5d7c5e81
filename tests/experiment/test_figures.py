"""Figures of an experiment show what was found: read back from the figure, and from the SVG that pages hold."""

import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import numpy as np
import pytest

from tests.experiment.found import DAYS, SEGMENTS, analysis, experiment
from trailers.experiment import drawing, figures
from trailers.experiment.findings import ALL
from trailers.experiment.statistics.sizes import Point
from trailers.ranking.lessons import Lesson, Lessons

pytest.importorskip("matplotlib")

HOSTILE = {"chase": "$5 & <b>more</b> $6", "calm": '"><script>alert(1)</script>', "laugh": "東京 مرحبا", "face": "x" * 90}


def words(axes: object) -> list[str]:
    return [text.get_text() for text in axes.texts]  # type: ignore[attr-defined]


def test_effects_stand_all_together_first_then_in_the_experiment_s_order() -> None:
    axes = figures.effects(experiment(), analysis()).axes[0]
    assert words(axes)[::2] == ["All together", *SEGMENTS.values()]
    assert words(axes)[3] == "+12 %  (+6 to +18)"


def test_only_what_is_firm_is_filled() -> None:
    axes = figures.effects(experiment(), analysis()).axes[0]
    marks = [line for line in axes.lines if line.get_marker() == "o"]
    faces = [line.get_markerfacecolor() for line in marks]
    assert faces == [drawing.SHEET, drawing.MORE, drawing.SHEET, drawing.LESS, drawing.SHEET]


def test_less_of_what_should_be_little_is_drawn_as_good() -> None:
    found = analysis()
    less = [replace(each, firm=-1) if each.metric == "abandoned" else each for each in found.metrics]
    axes = figures.effects(experiment(), replace(found, metrics=tuple(less)), "abandoned").axes[0]
    assert {line.get_markerfacecolor() for line in axes.lines if line.get_marker() == "o"} == {drawing.MORE}


def test_one_very_wide_interval_does_not_press_the_others_together() -> None:
    axes = figures.effects(experiment(), analysis()).axes[0]
    assert axes.get_xlim()[1] < 40
    assert [line.get_marker() for line in axes.lines if line.get_marker() in (4, 5)] == [
        4,
        5,
    ]  # it goes on: an arrow at both ends


def test_effects_that_are_no_share_of_anything_are_drawn_in_their_own_unit() -> None:
    found = analysis()
    bare = tuple(replace(each, relative=None, relative_low=None, relative_high=None) for each in found.metrics)
    figure = figures.effects(experiment(), replace(found, metrics=bare), "minutes")
    assert "minutes watched: change, minutes watched" in figure.get_supxlabel()


def test_trailers_made_for_others_are_drawn_apart() -> None:
    axes = figures.effects(experiment(), analysis(), others=True).axes[0]
    assert words(axes)[::2] == ["Chases and fights: Quiet moments", "Chases and fights: Jokes & banter"]


def test_a_look_over_time_has_a_panel_a_segment_on_one_scale() -> None:
    figure = figures.sequence(experiment(), analysis())
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["All together", *SEGMENTS.values()]
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    line = next(line for line in figure.axes[0].lines if len(np.asarray(line.get_xdata())) == len(DAYS))
    assert np.asarray(line.get_ydata())[-1] == pytest.approx(100 * analysis().sequence[len(DAYS) - 1].effect)


def test_novelty_shows_each_day_and_the_whole() -> None:
    figure = figures.novelty(experiment(), analysis())
    days, whole = figure.axes[0].lines[1:3]
    assert len(np.asarray(days.get_xdata())) == len(DAYS)
    total = next(each for each in analysis().metrics if each.segment == ALL and each.metric == "play")
    assert np.asarray(whole.get_ydata())[0] == pytest.approx(100 * total.effect)


def test_a_funnel_is_in_shares_of_those_who_saw_the_trailer() -> None:
    axes = figures.funnel(experiment(), analysis(), "chase").axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["play", "complete", "abandon"]
    assert words(axes)[:2] == ["20.0 %  (3,948)", "22.4 %  (4,414)"]


def test_sizes_mark_what_is_worth_having_and_what_there_is() -> None:
    curve = [Point(effect, round(250 / effect**2), None) for effect in (0.01, 0.02, 0.05, 0.1)]
    axes = figures.sizes(curve, worth=0.02, have=50_000).axes[0]
    assert words(axes) == ["2 %: 625,000 units", "there will be 50,000"]
    assert not list(figures.sizes([]).axes[0].lines)


def test_lessons_stand_by_how_clear_they_are() -> None:
    made = (
        Lesson("", "speech", 0.001, -0.02, 0.022, False, 900, 1),
        Lesson("", "pace", 0.05, 0.02, 0.08, True, 900, 1),
        Lesson("chase", "pace", -0.05, -0.08, -0.02, True, 900, 1),
    )
    lessons = Lessons("play", made, ("s01",), {})
    assert words(figures.lessons(lessons, {"pace": "cut faster"}).axes[0])[::2] == ["cut faster", "speech"]
    assert words(figures.lessons(lessons, segment="chase").axes[0])[1] == "−5.0 %  (−8.0 to −2.0)"


def test_another_choice_is_drawn_beside_what_was_earned() -> None:
    axes = figures.replayed([("own", 0.05, 0.04, 0.06), ("best", 0.031, 0.02, 0.04)], logged=0.03).axes[0]
    assert words(axes) == ["own", "5.00 %  (4 to 6)", "best", "3.10 %  (2 to 4)", "as it was: 3.00 %"]


@pytest.mark.parametrize(
    ("draw", "wide"),
    [
        (figures.effects, True),
        (figures.effects, False),
        (figures.sequence, True),
        (figures.novelty, False),
        (figures.funnel, True),
    ],
)
def test_svg_is_whole_and_the_same_each_time(draw: object, wide: bool) -> None:
    def text() -> str:
        return figures.svg(draw(experiment(HOSTILE), analysis(), wide=wide), 'What "it" shows')  # type: ignore[operator]

    made = text()
    assert made == text()
    root = ElementTree.fromstring(made)
    assert root.get("role") == "img"
    assert root.get("aria-label") == 'What "it" shows'
    assert "script" not in {element.tag for element in root.iter()}
    assert "http" not in made
    assert "#0072b2" not in made.replace("var(--more, #0072b2)", "")  # colours are the page's to darken


def test_names_are_shown_as_they_are() -> None:
    root = ElementTree.fromstring(figures.svg(figures.effects(experiment(HOSTILE), analysis())))
    texts = ["".join(element.itertext()) for element in root.iter() if element.tag.endswith("text")]
    assert "$5 & <b>more</b> $6" in texts
    assert "東京 مرحبا" in texts
    assert not [text for text in texts if len(text) > 80 and text.startswith("x")]


def test_two_figures_on_a_page_share_no_name() -> None:
    first, second = (figures.svg(figures.effects(experiment(), analysis(), wide=wide)) for wide in (True, False))
    names = [{element.get("id") for element in ElementTree.fromstring(text).iter()} - {None} for text in (first, second)]
    assert names[0]
    assert not names[0] & names[1]


def test_a_notebook_shows_a_figure_as_it_is() -> None:
    assert figures.funnel(experiment(), analysis())._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]


def test_a_notebook_s_own_style_changes_nothing() -> None:
    import matplotlib

    plain = figures.svg(figures.effects(experiment(), analysis()))
    with matplotlib.rc_context({"text.color": "red", "font.size": 30}):
        assert figures.svg(figures.effects(experiment(), analysis())) == plain
