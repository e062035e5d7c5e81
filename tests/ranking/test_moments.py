"""A moment shows nothing that must not be seen and cuts nothing that must be whole."""

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trailers.features.span import Span
from trailers.ranking.moments import AIR, MARGIN, Material, Moment, gather
from trailers.ranking.rules import Rules

if TYPE_CHECKING:
    from tests.ranking.conftest import Invent, Invented

ALL = Rules(spoiler_after=1.0)


def gathered(season: "Invented", rules: Rules = ALL) -> Material:
    return gather(season.index, season.episodes, season.lines, season.transitions, rules)


def test_grows_evenly_and_where_there_is_room() -> None:
    moment = Moment("e01/0000", "e01", core=Span(10, 20), room=Span(6, 60))
    assert moment.at(10) == Span(10, 20)
    assert moment.at(14) == Span(8, 22)
    assert moment.at(30) == Span(6, 36)
    assert moment.at(54) == moment.room
    with pytest.raises(ValueError, match="frames = 55"):
        moment.at(55)


def test_keeps_away_from_a_shots_edges_where_there_is_room(invent: "Invent") -> None:
    long, short = gathered(invent([48, 16])).moments
    assert long.room == Span(MARGIN, 48 - MARGIN)
    assert short.room == Span(48, 64)


def test_leaves_out_what_is_too_short(invent: "Invent") -> None:
    material = gathered(invent([14, 15]))
    assert [moment.shots[0].id for moment in material.moments] == ["e01/0001"]
    assert material.left_out == (("shorter than 0.6 s", 1),)


def test_offers_the_beginning_the_middle_and_the_end_of_a_long_shot(invent: "Invent") -> None:
    early, middle, late = gathered(invent([400])).moments
    assert early.room.start == MARGIN
    assert late.room.stop == 400 - MARGIN
    assert not middle.room.overlap(early.room)
    assert not middle.room.overlap(late.room)


def test_holds_a_line_whole_with_air_around_it(invent: "Invent") -> None:
    spoken = [moment for moment in gathered(invent([200], lines={"e01": [("Look!", 80, 110)]})).moments if moment.text]
    assert [(moment.text, moment.core) for moment in spoken] == [("Look!", Span(80 - AIR, 110 + AIR))]


def test_two_lines_that_follow_closely_can_be_heard_together(invent: "Invent") -> None:
    moments = gathered(invent([200], lines={"e01": [("Who?", 60, 80), ("You.", 90, 110)]})).moments
    assert {moment.text for moment in moments} == {"", "Who?", "You.", "Who? You."}


def test_a_line_over_a_cut_takes_its_part_of_both_shots(invent: "Invent") -> None:
    first, second = gathered(invent([60, 60], lines={"e01": [("over the cut", 50, 70)]})).moments
    assert first.room.stop <= 50 - AIR
    assert second.room.start >= 70 + AIR


def test_shows_no_frame_of_a_dissolve_but_lends_its_own(invent: "Invent") -> None:
    season = invent([60, 60], transitions={"e01": [("dissolve", 54, 66)]})
    first, second = gathered(season).moments
    assert first.room.stop < 54
    assert second.room.start > 66
    lending, _ = gathered(season, replace(ALL, dissolve=10)).moments
    assert lending.room.stop + 10 < 54


def test_the_black_before_a_fade_in_costs_no_more_than_itself(invent: "Invent") -> None:
    faded = invent([100], transitions={"e01": [("fade_in", 30, 40)]}, black=0.3)
    unknown = invent([100], black=0.3)
    assert gathered(faded).moments[0].room == Span(41 + MARGIN, 100 - MARGIN)
    assert gathered(unknown).moments[0].room == Span(30 + MARGIN, 70 - MARGIN)


@pytest.mark.parametrize(
    ("signal", "reason"),
    [
        ({"text": [0.9, 0]}, "look like titles or credits"),
        ({"black": [1, 0]}, "black or nearly"),
        ({"brightness": [0.01, 0.5]}, "black or nearly"),
    ],
)
def test_leaves_out_shots_that_show_nothing_of_the_story_unless_a_person_locked_them(
    invent: "Invent", signal: dict[str, list[float]], reason: str
) -> None:
    season = invent([60, 60], **signal)
    assert gathered(season).left_out == ((reason, 1),)
    if "black" not in signal:
        assert len(gathered(season, replace(ALL, locked=("e01/0000",))).moments) == 2


def test_keeps_recaps_titles_and_credits_out_unless_they_are_asked_for(invent: "Invent") -> None:
    season = invent([60] * 4, part=["recap", "titles", "", "credits"], text=[0.0, 0.9, 0.0, 0.9])
    material = gathered(season)
    assert [moment.shots[0].id for moment in material.moments] == ["e01/0002"]
    assert dict(material.left_out) == {"part of a recap": 1, "part of the titles": 1, "part of the credits": 1}
    asked = gathered(season, replace(ALL, parts=("recap", "titles")))
    assert [moment.shots[0].id for moment in asked.moments] == ["e01/0000", "e01/0001", "e01/0002"]
    locked = gathered(season, replace(ALL, locked=("e01/0003",)))
    assert [moment.shots[0].id for moment in locked.moments] == ["e01/0002", "e01/0003"]


def test_leaves_out_vetoes_spoilers_and_spans_and_says_how_many(invent: "Invent") -> None:
    rules = Rules(spoiler_after=0.75, vetoed=("e01/0000",), leave_out=(("e01", Span(60, 120)),))
    material = gathered(invent([60] * 4), rules)
    assert [moment.shots[0].id for moment in material.moments] == ["e01/0002"]
    assert dict(material.left_out) == {"vetoed": 1, "in spans left out": 1, "later than 75% of their episode": 1}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    shots=st.lists(st.integers(5, 200), min_size=1, max_size=6),
    lines=st.lists(st.tuples(st.integers(0, 500), st.integers(1, 120)), max_size=8),
    dissolve=st.integers(0, 12),
    after=st.sampled_from([0.3, 0.75, 1.0]),
    data=st.data(),
)
def test_no_moment_at_any_length_breaks_a_rule(
    invent: "Invent", shots: list[int], lines: list[tuple[int, int]], dissolve: int, after: float, data: st.DataObject
) -> None:
    frames = sum(shots)
    said = [(f"line {n}", start, min(start + length, frames)) for n, (start, length) in enumerate(lines) if start < frames]
    season = invent(shots, lines={"e01": said}, transitions={"e01": [("dissolve", frames // 2, frames // 2 + 6)]})
    moments = gathered(season, Rules(spoiler_after=after, dissolve=dissolve)).moments
    cuts = [0]
    for length in shots:
        cuts.append(cuts[-1] + length)
    homes = {f"e01/{n:04d}": Span(*edges) for n, edges in enumerate(pairwise(cuts))}
    for moment in moments:
        span = moment.at(data.draw(st.integers(len(moment.core), len(moment.room))))
        shown = Span(span.start, span.stop + dissolve)
        assert shown.overlap(homes[moment.shots[0].id]) == len(shown)
        assert shown.stop <= after * frames
        assert not shown.overlap(Span(frames // 2, frames // 2 + 6))
        for _, start, stop in said:
            assert span.overlap(Span(start, stop)) in (0, stop - start)
