"""A moment shows nothing that must not be seen and cuts nothing that must be whole."""

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trailers.errors import RequestError
from trailers.features.shots import Shot
from trailers.features.span import Span
from trailers.ranking.choice.moments import AIR, MARGIN, PART, Material, Moment, gather
from trailers.ranking.choice.rules import Rules

if TYPE_CHECKING:
    from tests.ranking.conftest import Invent, Invented

ALL = Rules(spoiler_after=1.0)


def gathered(season: "Invented", rules: Rules = ALL) -> Material:
    return gather(season.index, season.episodes, season.lines, season.transitions, rules)


def test_grows_evenly_and_where_there_is_room() -> None:
    moment = Moment("e01", (Shot("e01/0000", "e01", Span(0, 70)),), core=Span(10, 20), room=Span(6, 60))
    assert moment.at(10) == Span(10, 20)
    assert moment.at(14) == Span(8, 22)
    assert moment.at(30) == Span(6, 36)
    assert moment.at(54) == moment.room
    with pytest.raises(ValueError, match="frames = 55"):
        moment.at(55)


def test_keeps_away_from_a_shots_edges(invent: "Invent") -> None:
    long, short = gathered(invent([48, 22])).moments
    assert long.room == Span(MARGIN, 48 - MARGIN)
    assert short.room == Span(48 + MARGIN, 70 - MARGIN)


def test_leaves_out_what_is_too_short(invent: "Invent") -> None:
    material = gathered(invent([18, 19]))
    assert [moment.shots[0].id for moment in material.moments] == ["e01/0001"]
    assert material.left_out == (("shorter than 0.6 s", 1),)


def test_is_trimmed_to_where_a_shot_moves_most(invent: "Invent") -> None:
    season = invent([100])
    moved = np.full(100, 0.01, np.float32)
    moved[60:80] = 0.2
    (moment,) = gather(season.index, season.episodes, {}, {}, ALL, {"e01": moved}).moments
    assert moment.core == Span(60, 80)
    assert moment.moves == pytest.approx(0.2)
    assert moment.at(40) == Span(50, 90)
    (unknown,) = gathered(season).moments
    assert (unknown.core, unknown.moves) == (Span(40, 60), 0.0)
    (even,) = gather(season.index, season.episodes, {}, {}, ALL, {"e01": np.full(100, 0.1, np.float32)}).moments
    assert even.core == unknown.core


def test_the_middle_part_of_a_long_shot_is_the_one_that_moves_most(invent: "Invent") -> None:
    season = invent([500])
    moved = np.full(500, 0.01, np.float32)
    moved[140:260] = 0.1
    _, middle, _ = gather(season.index, season.episodes, {}, {}, ALL, {"e01": moved}).moments
    assert middle.room == Span(140, 260)


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


def test_a_line_over_a_cut_is_heard_whole_over_both_shots(invent: "Invent") -> None:
    first, run, second = gathered(invent([60, 60], lines={"e01": [("over the cut", 50, 70)]})).moments
    assert first.room.stop <= 50 - AIR
    assert second.room.start >= 70 + AIR
    assert run.core == Span(46, 74)
    assert run.parts(run.core) == (("e01/0000", Span(46, 60)), ("e01/0001", Span(60, 74)))
    assert run.parts(run.room) == (("e01/0000", Span(MARGIN, 60)), ("e01/0001", Span(60, 120 - MARGIN)))


def test_no_shot_of_a_run_is_a_flash(invent: "Invent") -> None:
    run = gathered(invent([60, 60], lines={"e01": [("over the cut", 57, 90)]})).moments[1]
    assert run.core == Span(60 - PART, 94)
    assert all(len(moment.shots) == 1 for moment in gathered(invent([6, 60], lines={"e01": [("over the cut", 3, 40)]})).moments)


def test_a_line_set_on_a_cut_keeps_away_from_it(invent: "Invent") -> None:
    spoken = [m for m in gathered(invent([60, 60, 60], lines={"e01": [("on the cut", 60, 119)]})).moments if m.text]
    assert [moment.core for moment in spoken] == [Span(60 + MARGIN, 120 - MARGIN)]


DIALOGUE = (("Where is he?", 30, 55), ("He left.", 62, 90), ("When?", 100, 125), ("At dawn.", 132, 150))


def test_an_exchange_runs_over_the_shots_that_it_is_spoken_in(invent: "Invent") -> None:
    season = invent([60, 35, 35, 100], lines={"e01": [("Hm.", 0, 8), *DIALOGUE, ("Later still.", 205, 215)]})
    runs = {moment.text: moment for moment in gathered(season).moments if len(moment.shots) > 1}
    assert set(runs) == {"Where is he? He left.", "When? At dawn.", "Where is he? He left. When? At dawn."}
    whole = runs["Where is he? He left. When? At dawn."]
    assert (whole.core, whole.said) == (Span(26, 154), 4)
    assert [span for _, span in whole.parts(whole.core)] == [Span(26, 60), Span(60, 95), Span(95, 130), Span(130, 154)]
    assert whole.room == Span(8 + AIR, 205 - AIR)


def test_an_exchange_over_a_shot_that_must_not_be_shown_is_not_offered(invent: "Invent") -> None:
    season = invent([60, 35, 35, 100], lines={"e01": list(DIALOGUE)})
    for rules in (
        replace(ALL, vetoed=("e01/0001",)),
        replace(ALL, leave_out=(("e01", Span(70, 80)),)),
        replace(ALL, spoiler_after=0.35),
        replace(ALL, spoilers=('line "he LEFT"',)),
    ):
        assert not [moment for moment in gathered(season, rules).moments if "He left." in moment.text]
    dissolved = invent([60, 35, 35, 100], lines={"e01": list(DIALOGUE)}, transitions={"e01": [("dissolve", 56, 64)]})
    assert not [moment for moment in gathered(dissolved).moments if moment.text.startswith("Where is he? He")]


@pytest.mark.parametrize(
    ("spoiler", "secret"),
    [
        ("shot e01/0001", {"e01/0001"}),
        ("scene e01/a001", {"e01/0002", "e01/0003"}),
        ("character p2", {"e01/0000", "e01/0003"}),
        ('line "i am your father"', {"e01/0002"}),
    ],
)
def test_keeps_secret_what_a_producer_names(invent: "Invent", spoiler: str, secret: set[str]) -> None:
    season = invent(
        [60] * 4, scene=["e01/a000"] * 2 + ["e01/a001"] * 2, cast=["p1 p2", "p1", "", "p2"],
        lines={"e01": [("No - I am your father!", 125, 176)]},
    )  # fmt: skip
    material = gathered(season, replace(ALL, spoilers=(spoiler,)))
    assert {shot.id for moment in material.moments for shot in moment.shots} == {shot.id for shot in season.index.shots} - secret
    assert material.left_out == (("kept secret", len(secret)),)


@pytest.mark.parametrize(
    ("spoiler", "words"),
    [
        ("scene e01/a009", r"no scene 'e01/a009'; did you mean 'e01/a00\d'"),
        ("character p7", "no character 'p7'; the index knows no characters"),
        ("line never said", "nobody says 'never said' in 0 lines"),
        ("secret", "scene, shot, line, character and a name"),
    ],
)
def test_a_secret_that_is_not_there_is_an_error(invent: "Invent", spoiler: str, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        gathered(invent([60] * 4), replace(ALL, spoilers=(spoiler,)))


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
        assert all(abs(edge - cut) >= MARGIN for edge in (shown.start, shown.stop) for cut in cuts)
        parts = moment.parts(shown)
        assert [shot for shot, _ in parts] == [shot.id for shot in moment.shots]
        assert all(part.overlap(homes[shot]) == len(part) for shot, part in parts)
        assert sum(len(part) for _, part in parts) == len(shown)
        assert len(parts) == 1 or all(len(part) >= PART for _, part in moment.parts(span))
        assert shown.stop <= after * frames
        assert not shown.overlap(Span(frames // 2, frames // 2 + 6))
        for _, start, stop in said:
            set_on_cuts = sum(MARGIN for cut in cuts if abs(start - cut) < MARGIN or abs(stop - cut) < MARGIN)
            heard = span.overlap(Span(start, stop))
            assert heard == 0 or heard >= stop - start - set_on_cuts
