"""The choice is the best there is, obeys its rules, and says where one had to give way."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trailers.errors import PlanError, RequestError
from trailers.features.span import Span
from trailers.ranking.choice.moments import MARGIN
from trailers.ranking.select import Arc, Rules, Selection, Slot, select_season

Family = Mapping[tuple[str, float], Selection]

if TYPE_CHECKING:
    from tests.ranking.conftest import Invent, Invented


def selected(season: "Invented", scores: pd.DataFrame, seconds: float, **rules: Any) -> Mapping[str, Selection]:
    """Trailers of one length without a card, by segment."""
    asked = Rules(**{"card": 0.0, "effort": 0.5, **rules})
    found = select_season(scores, season.index, season.episodes, season.lines, season.transitions, asked, seconds=(seconds,))
    return {segment: selection for (segment, _), selection in found.items()}


def chosen(
    season: "Invented", seconds: float, segments: tuple[str, ...] = ("general",), seed: int = 0, **rules: Any
) -> Mapping[str, Selection]:
    return selected(season, season.scores(segments, seed), seconds, **rules)


def frames(selection: Selection) -> int:
    return sum(len(pick.span) for pick in selection.picks)


def runs(selection: Selection, episode: str) -> list[Span]:
    """What is shown of an episode, shots that run on over a cut as one."""
    spans: list[Span] = []
    for pick in selection.picks:
        if spans and pick.shot.startswith(episode) and spans[-1].stop == pick.span.start:
            spans[-1] = Span(spans[-1].start, pick.span.stop)
        elif pick.shot.startswith(episode):
            spans.append(pick.span)
    return spans


def shared(one: Selection, other: Selection) -> float:
    both = sum(a.span.overlap(b.span) for a in one.picks for b in other.picks if a.shot[:3] == b.shot[:3])
    return both / min(frames(one), frames(other))


def test_fills_its_time_to_the_frame(invent: "Invent") -> None:
    season = invent([90] * 20, [70] * 20)
    for seconds, card in (12.0, 1.25), (20.04, 2.5):
        selection = chosen(season, seconds, card=card)["general"]
        assert frames(selection) == round(seconds * 24) - round(card * 24)
        assert selection.card == card


def test_a_short_trailer_gives_its_card_a_sixth(invent: "Invent") -> None:
    selection = chosen(invent([90] * 20), 6.0, card=2.5)["general"]
    assert (selection.card, frames(selection), selection.after) == (1.0, 120, 0)


def test_fills_its_time_to_a_frame_a_pick_where_rates_differ(invent: "Invent") -> None:
    season = invent([90] * 10, [90] * 12, rates=[Fraction(24000, 1001), Fraction(30)])
    picks = chosen(season, 10.0)["general"].picks
    assert {pick.shot[:3] for pick in picks} == {"e01", "e02"}
    time = sum((len(pick.span) / season.episodes[pick.shot[:3]].rate for pick in picks), Fraction(0))
    assert abs(time - 10) <= Fraction(len(picks), 30)


@pytest.mark.parametrize("order", ["story", "free"])
def test_plays_picks_in_story_order(invent: "Invent", order: str) -> None:
    season = invent([80] * 16, [80] * 16)
    picks = chosen(season, 16.0, order=order)["general"].picks
    names = [slot.name for slot in Arc().within(16.0).slots]
    assert [names.index(pick.slot) for pick in picks] == sorted(names.index(pick.slot) for pick in picks)
    assert {pick.slot for pick in picks} == set(names)
    for one, two in pairwise(picks):
        if one.slot == two.slot or (order == "story" and one.slot != "open"):
            assert one.shot < two.shot


def test_an_arc_opens_calm_and_peaks_fast_and_loud(invent: "Invent") -> None:
    motion = np.tile([0.1, 0.4, 0.95, 0.5], 8)
    season = invent([80] * 32, motion=motion, loudness=motion, onsets=motion)
    picks = chosen(season, 16.0, order="free", spoiler_after=1.0, seed=1)["general"].picks
    level = {slot: np.mean([motion[int(p.shot[-4:])] for p in picks if p.slot == slot]) for slot in ("open", "peak")}
    assert level["open"] < 0.45
    assert level["peak"] > 0.8
    flat = replace(Arc(), fit=0.0)
    same = chosen(season, 16.0, order="free", spoiler_after=1.0, arc=flat, seed=1)["general"].picks
    assert np.mean([motion[int(p.shot[-4:])] for p in same if p.slot == "peak"]) < level["peak"]


def test_takes_what_the_audience_wants(invent: "Invent") -> None:
    season = invent([80] * 30)
    scores = season.scores(("general", "cats"))
    cats = [f"e01/{n:04d}" for n in range(0, 22, 2)]
    own = scores["segment"] == "cats"
    scores.loc[own, "score"] = scores["shot"][own].isin(cats).astype(float)
    selection = selected(season, scores, 12.0)["cats"]
    assert np.mean([pick.shot in cats for pick in selection.picks]) > 0.8
    assert all(pick.score == float(pick.shot in cats) for pick in selection.picks)


def test_shows_of_two_shots_that_look_alike_one(invent: "Invent") -> None:
    looks = np.random.default_rng(0).normal(size=(8, 32))
    season = invent([80] * 16, vectors=np.repeat(looks, 2, axis=0))
    selection = chosen(season, 9.0)["general"]
    shown = [int(pick.shot[-4:]) // 2 for pick in selection.picks]
    assert len(shown) == len(set(shown))
    assert selection.notes == ()


def test_says_that_it_showed_what_looks_alike_when_there_is_nothing_else(invent: "Invent") -> None:
    selection = chosen(invent([80] * 8, vectors=np.ones((8, 4))), 6.0)["general"]
    assert len(selection.picks) > 1
    assert "look alike" in selection.notes[0]


def test_reaches_every_episode_where_it_can(invent: "Invent") -> None:
    season = invent(*[[80] * 10] * 4)
    scores = season.scores()
    scores.loc[~scores["shot"].str.startswith("e01"), "score"] *= 0.5
    picks = selected(season, scores, 14.0)["general"].picks
    assert {pick.shot[:3] for pick in picks} == set(season.episodes)
    assert len({pick.shot for pick in picks}) == len(picks)


def test_any_two_trailers_differ_by_half(invent: "Invent") -> None:
    found = chosen(invent([90] * 20, [70] * 20), 15.0, ("a", "general", "b"))
    assert list(found) == ["a", "general", "b"]
    for one, other in combinations(found.values(), 2):
        assert shared(one, other) <= 0.5
    assert found["general"].notes == ()
    assert all(note.startswith("differing from '") for selection in found.values() for note in selection.notes)


def test_the_same_audience_twice_would_get_the_same_trailer_without_the_rule(invent: "Invent") -> None:
    season = invent([90] * 20)
    once = season.scores(("general",))
    scores = pd.concat([once, once.assign(segment="again")])
    free, bound = (selected(season, scores, 12.0, different=different) for different in (0.0, 0.5))
    assert shared(free["general"], free["again"]) == 1
    assert shared(bound["general"], bound["again"]) <= 0.5
    assert bound["again"].score < bound["general"].score
    (note,) = bound["again"].notes
    cost = 1 - bound["again"].score / bound["general"].score
    assert note == f"differing from 'general' costs {cost:.1%} of the score"


def test_a_season_too_small_to_differ_says_so_with_figures(invent: "Invent") -> None:
    found = chosen(invent([40] * 3), 4.0, ("general", "a"), spoiler_after=1.0)
    assert frames(found["a"]) == 96
    assert shared(found["general"], found["a"]) > 0.5
    *_, note = found["a"].notes
    assert f"{shared(found['general'], found['a']):.0%} of its screen time is in 'general' too" in note
    assert "4.5 s of usable moments" in note
    assert found["general"].notes == ()


def test_a_tiny_season_gets_short_picks(invent: "Invent") -> None:
    tiny = [30, 25, 28, 31, 30]
    found = chosen(invent(tiny, tiny), 6.0, ("general", "a", "b"), card=1.0)
    for selection in found.values():
        assert frames(selection) == 120
        assert len(selection.picks) >= 3


def test_uses_the_time_there_is_and_says_so(invent: "Invent") -> None:
    selection = chosen(invent([60, 60, 60, 60]), 30.0)["general"]
    assert 0 < frames(selection) < 180
    assert "s of clips instead of 30.0 s" in selection.notes[0]
    assert "1 later than 75% of their episode" in selection.notes[0]


def test_locks_and_vetoes_are_obeyed(invent: "Invent") -> None:
    season = invent([80] * 20)
    free = {pick.shot for pick in chosen(season, 8.0)["general"].picks}
    unwanted, wanted = sorted(free)[0], next(f"e01/{n:04d}" for n in range(15) if f"e01/{n:04d}" not in free)
    bound = {pick.shot for pick in chosen(season, 8.0, vetoed=(unwanted,), locked=(wanted,))["general"].picks}
    assert unwanted not in bound
    assert wanted in bound


@pytest.mark.parametrize(
    ("seconds", "rules", "words"),
    [
        (
            0.6,
            {"card": 0.1},
            r"card leaves 0\.50 s for clips, and the time cannot be kept; .* 0\.83 s of clips, .* trailer of 0\.94 s",
        ),
        (6.0, {"spoiler_after": 0.05}, "none of 4 shots has a moment .* without spoiler_after = 0.05"),
        (6.0, {"leave_out": (("e01", Span(0, 240)),)}, "none of 4 shots has a moment .* without leave_out"),
        (6.0, {"spoilers": ("scene e01/a000",)}, "none of 4 shots has a moment .*3 kept secret.* without the spoilers"),
        (6.0, {"locked": ("e01/0003",)}, "e01/0003 have no moment .* without spoiler_after = 0.75"),
        (6.0, {"locked": ("e01/0009",)}, "'e01/0009' is locked, but the index holds no such shot"),
        (
            1.5,
            {"locked": ("e01/0000", "e01/0001", "e01/0002")},
            "the time and the locked shots cannot hold together; .* a trailer of 2.50 s or more",
        ),
    ],
)
def test_names_the_rules_that_leave_nothing(invent: "Invent", seconds: float, rules: dict[str, Any], words: str) -> None:
    with pytest.raises(PlanError, match=words):
        chosen(invent([60] * 4, scene="e01/a000"), seconds, **rules)


def test_a_shot_that_is_locked_and_vetoed_is_a_wrong_request() -> None:
    with pytest.raises(RequestError, match="locked and vetoed at once: e01/0001; a shot is one or the other"):
        Rules(locked=("e01/0000", "e01/0001"), vetoed=("e01/0001", "e01/0002"))


def test_a_season_of_credits_is_named_as_such(invent: "Invent") -> None:
    words = r"4 part of the credits\); there would be without keeping recaps, titles and credits out"
    with pytest.raises(PlanError, match=words):
        chosen(invent([60] * 4, part="credits"), 6.0)


def test_shots_of_one_setup_and_scenes_are_those_of_the_index(invent: "Invent") -> None:
    """What the index says, whatever the vectors look like: one pick a set-up, and a scene more is worth more."""
    setup = [f"e01/{n // 4 * 4:04d}" for n in range(16)]
    picks = chosen(invent([80] * 16, setup=setup), 5.0)["general"].picks
    assert len({setup[int(pick.shot[-4:])] for pick in picks}) == len(picks)
    scene = ["e01/a001"] * 15 + ["e01/a002"]
    rich = chosen(invent([80] * 16, scene=scene), 5.0, spoiler_after=1.0, arc=replace(Arc(), scene=9.0))["general"].picks
    assert "e01/0015" in {pick.shot for pick in rich}


def test_the_least_time_that_a_refusal_names_is_enough(invent: "Invent") -> None:
    locked = ("e01/0000", "e01/0001", "e01/0002")
    assert len(chosen(invent([60] * 4), 2.5, locked=locked)["general"].picks) == 3


def test_lines_that_fill_every_shot_are_named(invent: "Invent") -> None:
    with pytest.raises(PlanError, match="without whole spoken lines"):
        chosen(invent([60] * 4, lines={"e01": [("on and on", 1, 239)]}), 6.0)


def test_says_why_for_every_pick(invent: "Invent") -> None:
    season = invent([80] * 12, lines={"e01": [("We must go.", 100, 140)]})
    picks = chosen(season, 8.0, locked=("e01/0001",), arc=replace(Arc(), line=5.0))["general"].picks
    assert all(pick.why[0] == ("machines", 0.25) and pick.why[1][0] == f"fits the {pick.slot}" for pick in picks)
    assert ("a whole line: We must go.", round(5 / 6.4, 4)) in next(pick.why for pick in picks if pick.shot == "e01/0001")


def test_the_same_request_gets_the_same_answer(invent: "Invent") -> None:
    season = invent([90] * 20, [70] * 20)
    once = chosen(season, 12.0, ("general", "a"))
    assert once == chosen(season, 12.0, ("general", "a"))
    scores = season.scores(("general", "a"))
    shuffled = scores.sample(frac=1, random_state=3)
    again = selected(season, shuffled, 12.0)
    assert {name: again[name] for name in sorted(again)} == {name: once[name] for name in sorted(once)}


@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    shots=st.lists(st.integers(10, 120), min_size=3, max_size=9),
    lines=st.lists(st.tuples(st.integers(0, 600), st.integers(5, 70)), max_size=5),
    seconds=st.sampled_from([3.0, 6.0, 8.5]),
    seed=st.integers(0, 99),
)
def test_no_trailer_breaks_a_rule(
    invent: "Invent", shots: list[int], lines: list[tuple[int, int]], seconds: float, seed: int
) -> None:
    length = sum(shots)
    said = [(f"line {n}", start, min(start + time, length)) for n, (start, time) in enumerate(lines) if start < length]
    season = invent(shots, shots[::-1], lines={"e01": said})
    try:
        found = chosen(season, seconds, ("general", "a"), seed, card=0.5, effort=0.3)
    except PlanError:
        return
    for name, selection in found.items():
        assert frames(selection) <= round(seconds * 24) - 12
        assert frames(selection) == round(seconds * 24) - 12 or any("instead of" in note for note in selection.notes)
        assert 0 <= selection.gap <= 1
        assert len({pick.shot for pick in selection.picks}) == len(selection.picks)
        for pick in selection.picks:
            assert pick.span.stop <= 0.75 * length
        for span in runs(selection, "e01"):
            for _, start, stop in said:
                assert span.overlap(Span(start, stop)) == 0 or span.overlap(Span(start, stop)) >= stop - start - 2 * MARGIN
        if name == "a":
            assert shared(selection, found["general"]) <= 0.5 or any("'general'" in note for note in selection.notes)


def family(season: "Invented", seconds: tuple[float, ...], segments: tuple[str, ...] = ("general", "a"), **rules: Any) -> Family:
    scores = season.scores(segments)
    asked = Rules(**rules)
    return select_season(scores, season.index, season.episodes, season.lines, season.transitions, asked, seconds=seconds)


@pytest.fixture(scope="module")
def whole(invent: "Invent") -> Family:
    """A family of four lengths for two audiences."""
    said = [("Who goes there?", 1300, 1330), ("A friend.", 1338, 1360), ("So they all say.", 2000, 2040)]
    season = invent([90] * 40, [70] * 50, lines={"e01": said}, cast=["p1"] * 20 + ["p2"] * 20 + [""] * 50)
    return family(season, (30.0, 60.0, 15.0, 6.0), effort=0.3)


def test_gives_every_segment_every_length_in_the_order_asked(whole: Family) -> None:
    assert list(whole) == [(segment, seconds) for segment in ("general", "a") for seconds in (30.0, 60.0, 15.0, 6.0)]
    for (segment, seconds), selection in whole.items():
        assert (selection.segment, selection.seconds) == (segment, seconds)
        assert frames(selection) == round(24 * seconds) - round(24 * min(2.5, seconds / 6))


def test_a_shorter_trailer_is_a_cut_down_of_the_longer(whole: Family) -> None:
    for segment in "general", "a":
        for longer, shorter in pairwise((60.0, 30.0, 15.0, 6.0)):
            long, short = ({(pick.shot, pick.span) for pick in whole[segment, length].picks} for length in (longer, shorter))
            assert {shot for shot, _ in short} <= {shot for shot, _ in long}
            assert len(short - long) <= 2, "all but what fills the time to the frame are the same spans"


def test_lengths_of_one_audience_differ_from_those_of_another_as_the_longest_do(whole: Family) -> None:
    for seconds in 60.0, 30.0, 15.0, 6.0:
        assert shared(whole["general", seconds], whole["a", seconds]) <= 0.5


def test_the_last_beat_plays_after_the_card_in_trailers_of_fifteen_seconds_and_more(whole: Family) -> None:
    for (_, seconds), selection in whole.items():
        last = [pick for pick in selection.picks if pick.slot == "last"]
        assert selection.after == len(last)
        assert bool(last) == (seconds >= 15)
        assert list(selection.picks[len(selection.picks) - len(last) :]) == last


def test_the_score_is_the_sum_of_its_named_parts(whole: Family) -> None:
    for selection in whole.values():
        assert selection.score == pytest.approx(sum(value for _, value in selection.parts), abs=1e-4)
        names = [name for name, _ in selection.parts]
        assert names[:3] == ["the audience", "fit to the arc", "whole lines"]
        assert {"variety of scenes", "variety of episodes", "variety of faces"} <= set(names)


def test_a_cut_down_that_the_longers_moments_cannot_fill_says_what_it_adds(invent: "Invent") -> None:
    said = [(f"A long line, {n}.", 120 * n + 4, 120 * n + 112) for n in range(4)]
    season = invent([120] * 4 + [50] * 4, lines={"e01": said})
    scores = season.scores()
    scores["score"] = [1.0] * 4 + [0.0] * 4
    rules = Rules(card=0.0, spoiler_after=1.0, arc=Arc(slots=(Slot("only", 1.0),), title="", scene=0.0))
    found = select_season(scores, season.index, season.episodes, season.lines, {}, rules, seconds=(9.6, 3.0))
    assert all(" line" in pick.why[-1][0] for pick in found["general", 9.6].picks)
    assert frames(found["general", 3.0]) == 72
    (note,) = found["general", 3.0].notes
    assert note == "2 moments are not in the longer trailer: its own do not fill so short a time"


def test_a_season_of_long_lines_fills_what_it_can_of_the_time(invent: "Invent") -> None:
    season = invent([120] * 6, lines={"e01": [(f"A long line, {n}.", 120 * n + 4, 120 * n + 112) for n in range(6)]})
    selection = chosen(season, 12.0, spoiler_after=1.0)["general"]
    assert 228 <= frames(selection) <= 232
    assert selection.notes[0].startswith("9.7 s of clips instead of 12.0 s")


def test_an_exchange_becomes_a_pick_a_shot_without_a_gap(invent: "Invent") -> None:
    season = invent([60] * 30, lines={"e01": [("Who goes there?", 310, 350), ("A friend.", 362, 400)]})
    one, two = chosen(season, 4.25, arc=Arc(slots=(Slot("only", 1.0, shortest=3.0),)))["general"].picks
    assert (one.shot, two.shot, one.span.stop, two.span.start) == ("e01/0005", "e01/0006", 360, 360)
    assert len(one.span) + len(two.span) == 102
    assert one.slot == two.slot
    assert "an exchange: Who goes there? A friend." in dict(one.why)


def test_the_main_character_is_seen_by_then(invent: "Invent") -> None:
    cast = ["p2"] * 10 + ["p1"] * 6 + ["p2 p1"] * 2 + [""] * 12
    season = invent([80] * 30, cast=cast)
    seen = {f"e01/{n:04d}" for n in range(10, 18)}
    for by in 0.0, 3.0:
        picks = chosen(season, 12.0, lead_by=by)["general"].picks
        begins = [sum(len(pick.span) for pick in picks[:n]) for n, pick in enumerate(picks) if pick.shot in seen]
        assert begins
        assert begins[0] <= 24 * by


def test_says_that_nobody_is_known_by_face(invent: "Invent") -> None:
    (note,) = chosen(invent([80] * 12), 6.0, lead_by=3.0)["general"].notes
    assert note.startswith("nobody is known by face")


def test_no_episode_fills_more_than_its_part(invent: "Invent") -> None:
    season = invent(*[[80] * 10] * 3)
    scores = season.scores()
    scores.loc[scores["shot"].str.startswith("e01"), "score"] = 1.0
    for most, expected in (None, False), (0.4, True):
        picks = selected(season, scores, 12.0, most_of_episode=most)["general"].picks
        first = sum(len(pick.span) for pick in picks if pick.shot.startswith("e01"))
        assert (first <= 0.4 * 12 * 24) == expected


@pytest.mark.parametrize(
    ("rules", "cause"),
    [
        ({"spoilers": ("character p1",)}, r"without the spoilers \(character p1\)$"),
        ({"spoilers": ("shot e01/0003", "shot e01/0004")}, r"without the spoilers \(shot e01/0003, shot e01/0004\)$"),
        ({"vetoed": ("e01/0003", "e01/0004")}, "without the vetoes$"),
        ({"spoiler_after": 0.2}, r"without spoiler_after = 0\.2$"),
    ],
)
def test_a_rule_that_hides_the_main_character_is_named_where_he_is_to_be_seen_early(
    invent: "Invent", rules: dict[str, Any], cause: str
) -> None:
    season = invent([80] * 12, cast=[""] * 3 + ["p1", "p1 p2"] + ["p2"] * 7)
    with pytest.raises(PlanError, match=rf"lead_by = 3: the main character \(p1\) is in 2 shots, and none of them .*; .*{cause}"):
        chosen(season, 5.0, lead_by=3.0, **rules)
    assert chosen(season, 5.0, lead_by=3.0, vetoed=("e01/0003",))["general"].picks
    assert chosen(season, 3.0, **rules)["general"].picks


def test_rules_that_cannot_hold_together_are_named_with_the_nearest_that_can(invent: "Invent") -> None:
    season = invent([160] * 12, cast=[""] * 5 + ["p1"] + [""] * 6)
    with pytest.raises(PlanError) as refused:
        chosen(season, 8.0, most_of_episode=0.5)
    assert "the time and at most 50% of the clips from e01 cannot hold together; the nearest that can: " in str(refused.value)
    with pytest.raises(
        PlanError, match=r"main character seen by 0\.5 s.*cannot hold together.*nearest that can.*instead of 0\.50 s"
    ):
        chosen(season, 8.0, lead_by=0.5, locked=("e01/0001",), arc=Arc(slots=(Slot("only", 1.0),), title=""))


def test_no_pick_is_shorter_or_longer_than_its_slot_allows(invent: "Invent") -> None:
    slots = tuple(replace(slot, shortest=1.0, longest=1.5) if slot.name == "peak" else slot for slot in Arc().slots)
    picks = chosen(invent([90] * 40), 16.0, arc=Arc(slots=slots))["general"].picks
    assert all(24 <= len(pick.span) <= 36 for pick in picks if pick.slot == "peak")
    assert any(len(pick.span) > 36 for pick in picks)


def test_fast_pictures_stand_where_the_music_is_loud(invent: "Invent") -> None:
    motion = np.tile([0.1, 0.9], 20)
    season = invent([80] * 40, motion=motion, loudness=motion, onsets=motion, seed=2)
    scores = season.scores()
    slots = tuple(Slot(name, 1.0) for name in ("first", "second"))
    for energy, loud in ((0.0,) * 6 + (1.0,) * 6, "second"), ((1.0,) * 6 + (0.0,) * 6, "first"):
        arc = Arc(slots=slots, title="", fit=0.0, music=3.0)
        picks = selected(season, scores, 12.0, order="free", arc=arc, energy=energy)["general"].picks
        fast = {slot.name: np.mean([motion[int(p.shot[-4:])] for p in picks if p.slot == slot.name]) for slot in slots}
        assert fast[loud] > 0.7 > 0.3 > min(fast.values())
    assert all(("goes with the music" in dict(pick.why)) for pick in picks)


def test_names_the_best_rival_and_by_how_much_it_lost(invent: "Invent") -> None:
    season = invent([80] * 12, setup=[f"e01/{n // 2 * 2:04d}" for n in range(12)])
    scores = season.scores()
    scores["score"] = [0.9, 0.8, *np.linspace(0.3, 0.4, 10)]
    arc = Arc(slots=(Slot("only", 1.0),), title="", fit=0.0, line=0.0, scene=0.0)
    picks = selected(season, scores, 5.0, order="free", arc=arc, spoiler_after=1.0)["general"].picks
    assert picks[0].shot == "e01/0000"
    assert picks[0].over.startswith("e01/0001 (0.80, this 0.90): the audience +0.10")
    assert picks[1].over == f"e01/0001 (0.80, this {picks[1].score:.2f}): it looks like a shot that is shown"
    assert picks[2].over.startswith("e01/")
    assert "e01/0001" not in picks[2].over, "it cannot play between the second and what follows the third"


def test_says_what_the_history_says_of_a_shot_where_it_is_known(invent: "Invent") -> None:
    season = invent([80] * 12)
    scores = season.scores()
    scores["speaks"] = [f'["{n} of 60 sittings", "2 again"]' for n in range(len(scores))]
    for pick in selected(season, scores, 5.0)["general"].picks:
        assert pick.speaks == f"{int(pick.shot[-4:])} of 60 sittings; 2 again"
    assert all(pick.speaks == "" for pick in chosen(season, 5.0)["general"].picks)


def test_a_tenth_of_a_segments_picks_is_drawn_by_chance_with_its_propensity(invent: "Invent") -> None:
    season = invent([90] * 40, [70] * 50)
    found = {share: chosen(season, 30.0, ("general", "a"), explore=share) for share in (0.0, 0.1)}
    drawn = [pick for pick in found[0.1]["a"].picks if pick.propensity < 1]
    assert len(drawn) == len(found[0.1]["a"].picks) // 10
    assert all(pick.propensity == found[0.1]["a"].picks[0].propensity or pick.propensity > 0 for pick in drawn)
    assert all(pick.over.startswith("drawn by chance to learn from: the chance was") for pick in drawn)
    assert all(pick.propensity == 1 for pick in (*found[0.1]["general"].picks, *found[0.0]["a"].picks))
    assert found[0.1]["general"] == found[0.0]["general"]


def test_a_trailer_of_few_picks_draws_none(invent: "Invent") -> None:
    assert all(pick.propensity == 1 for pick in chosen(invent([90] * 40), 8.0, ("general", "a"))["a"].picks)


def test_every_shot_of_the_better_half_is_drawn_as_often_as_its_propensity_says(invent: "Invent") -> None:
    season = invent([90] * 24)
    scores = season.scores(("a",))
    arc = Arc(slots=(Slot("only", 1.0),), title="")
    counts: dict[str, int] = {}
    told = set()
    for seed in range(60):
        found = select_season(
            scores, season.index, season.episodes, {}, {}, Rules(card=0, explore=0.34, arc=arc, effort=0.2), seed, (8.0,)
        )
        for pick in found["a", 8.0].picks:
            if pick.propensity < 1:
                counts[pick.shot] = counts.get(pick.shot, 0) + 1
                told.add(pick.propensity)
    (propensity,) = told
    assert len(counts) == 9, "half of the 18 shots that may be shown"
    rates = np.array(list(counts.values())) / 60
    assert rates.mean() == pytest.approx(propensity, abs=0.01)
    assert (np.abs(rates - propensity) < 4 * np.sqrt(propensity * (1 - propensity) / 60)).all()
