"""The cut lists that rendering is timed with, and what each further variant costs."""

from fractions import Fraction
from pathlib import Path

import pytest

from benchmarks.render.cuts import asked, family, spans, timeline
from benchmarks.render.rivals import OURS, graph
from trailers import rendering
from trailers.editor.timeline import Timeline
from trailers.features.media import Episode


@pytest.fixture
def film() -> Episode:
    """An episode that nobody opens: ten minutes at 24 frames a second."""
    return Episode("film", Path("film.mp4"), Fraction(24), 14400, (1280, 720), Fraction(1), 0, False, (), "f" * 64)


def names(film: Episode, shown: Timeline) -> list[str]:
    return [piece.name for piece in rendering.pieces_of(asked(film, shown, None))]


def test_no_frame_of_a_film_stands_in_a_cut_list_twice(film: Episode) -> None:
    chosen = spans(film, 100, 48)
    frames = [frame for span in chosen for frame in range(span.start, span.stop)]
    assert len(frames) == len(set(frames)) == 4800
    assert chosen == spans(film, 100, 48)
    with pytest.raises(SystemExit, match="holds 269 clips of 48 frames; 300 were asked for"):
        spans(film, 300, 48)


def test_a_family_of_twelve_encodes_each_clip_and_each_card_once(film: Episode) -> None:
    plans = family(film, 48, None)
    pieces = [name for plan in plans.values() for name in names(film, plan)]
    assert len(plans) == 12
    assert len(pieces) == 4 * (21 + 16 + 9)
    assert len(set(pieces)) == 30 + 2


def test_an_exchanged_clip_costs_itself_and_with_dissolves_its_two_joints_too(film: Episode) -> None:
    pool = spans(film, 11, 48)
    for mixed, cost in ((0, 1), (12, 3)):
        before, after = (
            set(names(film, timeline(film, shown, None, joint="dissolve" if mixed else "cut", mixed=mixed)))
            for shown in (pool[:10], (*pool[:4], pool[10], *pool[5:10]))
        )
        assert len(after - before) == cost


def test_the_filter_graph_joins_as_many_inputs_as_there_are_cuts() -> None:
    command = graph("ffmpeg", Path("film.mp4"), [(1.0, 3.0), (5.0, 7.0)], None, Path("out.mp4"), OURS)
    assert command.count("film.mp4") == 2
    assert "concat=n=2:v=1:a=1" in command[command.index("-filter_complex") + 1]
