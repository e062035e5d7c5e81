"""Figures show what they were given: read back from the figure, not from its pixels."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.conftest import SolidFilm
from trailers.editor.timeline import Card, Clip, Timeline
from trailers.features.index import SIGNALS, TEXTS, ShotIndex
from trailers.features.media import Episode, probe
from trailers.features.shots import Shot
from trailers.features.span import Span
from trailers.review import plots

pytest.importorskip("matplotlib", reason="figures need the extra `review`")


@pytest.fixture(scope="module")
def film(solid_film: SolidFilm) -> Episode:
    return probe(solid_film("plots.mp4"), "e01")


@pytest.fixture
def timeline() -> Timeline:
    clips = (Clip("e01/0000", "e01", Span(0, 24), Span(0, 24)), Clip("e01/0001", "e01", Span(30, 70), Span(24, 64)))
    return Timeline("t", "s", "S", "general", Fraction(24), clips, (Card(("S", "Watch"), Span(64, 96), "#335577", "#ffffff"),))


def test_a_sheet_shows_each_shot_with_its_caption(film: Episode) -> None:
    shots = [Shot("e01/0000", "e01", Span(0, 30)), Shot("e01/0001", "e01", Span(30, 70))]
    figure = plots.sheet(shots, ["red", "green"], {"e01": film}, columns=2)
    assert [axes.get_xlabel() for axes in figure.axes] == ["red", "green"]
    red, green = (axes.images[0].get_array() for axes in figure.axes)
    assert red is not None
    assert green is not None
    assert red.mean(axis=(0, 1)).argmax() == 0
    assert green.mean(axis=(0, 1)).argmax() == 1


@pytest.fixture
def index() -> ShotIndex:
    shots = tuple(Shot(f"e01/000{n}", "e01", Span(30 * n, 30 * n + 30)) for n in range(4))
    ids = [shot.id for shot in shots]
    table = pd.DataFrame({name: [""] * 4 if name in TEXTS else np.zeros(4) for name in SIGNALS}, index=ids)
    table["motion"], table["momentary"] = [0.1, 0.4, 0.2, 0.3], [-30.0, -5.0, -20.0, -10.0]
    concepts = pd.DataFrame({"rain": [0, 1, 0, 1], "night": [0.5] * 4, "snow": [0, 0.2, 0, 0.2]}, index=ids)
    return ShotIndex(shots, np.eye(4, dtype=np.float32), table, concepts, "test")


def test_moments_of_an_episode_are_spread_over_it_with_their_times(film: Episode, index: ShotIndex) -> None:
    labels = [axes.get_xlabel() for axes in plots.moments(index, film, count=2).axes]
    assert labels == ["0000  0:00.00", "0002  0:02.50"]


def test_the_best_of_each_segment_stand_in_its_row(film: Episode, index: ShotIndex) -> None:
    rows = [
        (segment, f"e01/000{n}", score)
        for segment, up in (("calm", 1), ("chase", -1))
        for n, score in enumerate((0.1, 0.2, 0.3)[::up])
    ]
    scores = pd.DataFrame(rows, columns=["segment", "shot", "score"])
    figure = plots.best(index, scores, {"e01": film}, {"calm": "Calm"}, count=2)
    assert [axes.get_xlabel() for axes in figure.axes] == [
        "e01/0002   0.30",
        "e01/0001   0.20",
        "e01/0000   0.30",
        "e01/0001   0.20",
    ]
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Calm", "", "chase", ""]


def test_words_that_separate_shots_come_first(film: Episode, index: ShotIndex) -> None:
    axes = plots.words(index, film, count=2).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["rain", "snow"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0000", "0002"]


def test_rankers_and_their_differences_are_told_apart() -> None:
    rows = [("ours", "NDCG@10", 0.6), ("chance", "NDCG@10", 0.4), ("ours - chance", "NDCG@10", 0.2), ("ours", "MAP", 0.9)]
    table = pd.DataFrame(
        [(*row, row[2] - 0.1, row[2] + 0.1) for row in rows], columns=["ranker", "metric", "value", "low", "high"]
    )
    assert [text.get_text() for text in plots.judged(table).axes[0].texts] == ["ours", "chance"]
    assert [text.get_text() for text in plots.judged(table, paired=True).axes[0].texts] == ["ours - chance"]


def test_a_figure_is_its_own_picture(index: ShotIndex) -> None:
    assert plots.sizes(["calm"], [3])._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]


def test_a_story_marks_each_clip_at_its_shot_s_place_and_intensity(timeline: Timeline, index: ShotIndex) -> None:
    clips = tuple(replace(clip, slot=slot) for clip, slot in zip(timeline.clips, ("open", "peak"), strict=True))
    axes = plots.story(index, replace(timeline, clips=clips), "Everybody").axes[0]
    steps = axes.patches[0].get_data()  # type: ignore[attr-defined]
    assert steps.values.tolist() == pytest.approx([0, 1, 1 / 3, 2 / 3])
    assert steps.edges.tolist() == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    marks = {line.get_label(): np.asarray(line.get_xydata()) for line in axes.lines if line.get_marker() == "o"}
    assert marks["open"].tolist() == [[0.125, 0]]
    assert marks["peak"].tolist() == [[0.375, 1]]
    assert [text.get_text() for text in axes.texts] == ["e01", "1", "2"]


def test_a_taste_is_drawn_where_it_differs_most() -> None:
    tastes = pd.DataFrame({"general": [0.0, 0.1, 0.2], "calm": [0.5, -0.6, 0.25]}, index=["rain", "chases", "food"])
    axes = plots.liked(tastes, "calm", {"calm": "Calm", "general": "Everybody"}, count=2).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["rain", "chases"]
    marks = {line.get_label(): list(line.get_xdata()) for line in axes.lines if line.get_marker() == "o"}  # type: ignore[arg-type]
    assert marks == {"Everybody": [0.0, 0.1], "Calm": [0.5, -0.6]}


def test_a_table_names_every_share(timeline: Timeline) -> None:
    axes = plots.shared({"general": timeline, "calm": timeline}, {"general": "Everybody", "calm": "Calm"}).axes[0]
    assert [text.get_text() for text in axes.texts] == ["0%", "100%", "100%", "0%"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Everybody", "Calm"]


def test_staying_counts_each_viewer_once_and_skips_as_not_watched(film: Episode) -> None:
    plays = pd.DataFrame(
        {
            "viewer": ["a", "a", "b", "b"],
            "episode": ["e01", "e01", "e01", "other"],
            "start": [0, 0, 0, 0],
            "stop": [60, 30, 120, 120],
            "event": ["play", "replay", "skip", "play"],
        }
    )
    axes = plots.staying(plays, film, {"one": ["a"], "two": ["b"]}).axes[0]
    one, two = (list(map(float, line.get_ydata())) for line in axes.lines)  # type: ignore[arg-type]
    assert one[0] == 1.0
    assert one[-1] == 0.0
    assert sum(one) == pytest.approx(100, abs=2)
    assert sum(two) == 0


def test_intervals_that_leave_zero_out_are_filled() -> None:
    axes = plots.intervals([("calm", 2.0, 1.0, 3.0), ("chase", 0.5, -1.0, 2.0)], "points", zero=True).axes[0]
    assert [line.get_xdata()[0] for line in axes.lines[1:4:2]] == [2.0, 0.5]  # type: ignore[index]
    faces = [line.get_markerfacecolor() for line in axes.lines[1:4:2]]
    assert faces[0] != "white" == faces[1]
    assert [text.get_text() for text in axes.texts] == ["calm", "chase"]


def test_figures_can_be_saved(tmp_path: Path) -> None:
    plots.sizes(["calm", "general"], [120, 30]).savefig(tmp_path / "sizes.png")
    assert (tmp_path / "sizes.png").stat().st_size > 1000
