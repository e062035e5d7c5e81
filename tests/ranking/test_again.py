"""Solved again as people decided: what nobody touched stays, what is locked stays as it is, wishes are met and told."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from trailers.errors import RequestError
from trailers.features.span import Span
from trailers.ranking.select import Held, Own, Pick, Rules, Selection, Stock, judged, select_again, select_season, stocked
from trailers.season import Change

if TYPE_CHECKING:
    from tests.ranking.conftest import Invent, Invented

BOTH = (12.0, 6.0)
LONG = (12.0,)
First = tuple[Stock, Mapping[tuple[str, float], Selection]]


def season_of(invent: "Invent", **signals: object) -> "Invented":
    return invent([80] * 16, [80] * 16, [80] * 16, **signals)


def chosen(season: "Invented", segments: tuple[str, ...] = ("a",), seconds: tuple[float, ...] = LONG, **rules: Any) -> First:
    """A stock and the trailers that were chosen from it first."""
    asked = Rules(**{"card": 0.0, "effort": 0.3, "explore": 0.0, **rules})
    given = season.scores(segments), season.index, season.episodes, season.lines, season.transitions, asked
    return stocked(*given), select_season(*given, seconds=seconds)


@pytest.fixture(scope="module")
def first(invent: "Invent") -> First:
    """Trailers of two segments and two lengths, as they were chosen first."""
    return chosen(season_of(invent), ("general", "a"), BOTH)


def now(found: Mapping[tuple[str, float], Selection], segment: str) -> dict[float, tuple[Pick, ...]]:
    return {seconds: selection.picks for (name, seconds), selection in found.items() if name == segment}


def beside(found: Mapping[tuple[str, float], Selection], segment: str) -> dict[float, dict[str, dict[str, list[Span]]]]:
    others: dict[float, dict[str, dict[str, list[Span]]]] = {}
    for (name, seconds), selection in found.items():
        if name != segment:
            spans: dict[str, list[Span]] = {}
            for pick in selection.picks:
                spans.setdefault(pick.shot[:3], []).append(pick.span)
            others.setdefault(seconds, {})[name] = spans
    return others


def again(stock: Stock, found: Mapping[tuple[str, float], Selection], own: Own, segment: str = "a") -> Mapping[float, Selection]:
    return select_again(stock, segment, own, now(found, segment), beside(found, segment))


def frames(picks: tuple[Pick, ...]) -> int:
    return sum(len(pick.span) for pick in picks)


def test_without_a_decision_every_pick_is_the_very_one(first: First) -> None:
    stock, found = first
    same = again(stock, found, Own())
    assert {seconds: selection.picks for seconds, selection in same.items()} == now(found, "a")
    for seconds, selection in same.items():
        assert selection.score == pytest.approx(found["a", seconds].score, abs=1e-4)
        assert dict(selection.parts) == pytest.approx(dict(found["a", seconds].parts), abs=1e-4)
        assert (selection.card, selection.after) == (found["a", seconds].card, found["a", seconds].after)


def test_a_veto_exchanges_what_is_vetoed_and_nothing_else(first: First) -> None:
    stock, found = first
    for vetoed in found["a", 12.0].picks[1:4]:
        new = again(stock, found, Own(vetoed=(vetoed.shot,)))
        for seconds, picks in now(found, "a").items():
            kept = [pick for pick in picks if pick.shot != vetoed.shot]
            assert vetoed.shot not in {pick.shot for pick in new[seconds].picks}
            assert [pick for pick in new[seconds].picks if pick in kept] == kept
            assert frames(new[seconds].picks) == frames(picks)


def test_what_is_hidden_goes_as_a_veto_does(first: First) -> None:
    stock, found = first
    gone = found["a", 12.0].picks[2]
    episode, span = gone.shot[:3], gone.span
    new = again(stock, found, Own(hidden=(f"{episode} {span.start + 3}-{span.start + 5}",)))[12.0].picks
    assert all(not (pick.shot[:3] == episode and pick.span.overlap(Span(span.start + 3, span.start + 5))) for pick in new)
    assert [pick for pick in new if pick in found["a", 12.0].picks] == [pick for pick in found["a", 12.0].picks if pick != gone]
    with pytest.raises(RequestError, match="e09 1-2 is not in the season"):
        again(stock, found, Own(hidden=("e09 1-2",)))


def test_a_veto_of_what_only_others_show_changes_nothing(first: First) -> None:
    stock, found = first
    elsewhere = next(pick.shot for pick in found["general", 12.0].picks if pick.shot not in str(now(found, "a")))
    assert again(stock, found, Own(vetoed=(elsewhere,)))[12.0].picks == found["a", 12.0].picks


def test_a_locked_clip_keeps_its_frames_and_its_act_against_every_wish(invent: "Invent") -> None:
    motion = np.tile([0.05, 0.95], 24)
    stock, found = chosen(season_of(invent, motion=motion))
    calm = next(pick for pick in found["a", 12.0].picks if int(pick.shot[-4:]) % 2 == 0)
    wish = (Change("quality fast", 1.0), Change("pace", 1.0))
    free = again(stock, found, Own(changes=wish))[12.0].picks
    held = again(stock, found, Own(changes=wish, locked=(Held(calm.shot, calm.span, calm.slot, 12.0),)))[12.0].picks
    assert calm not in free
    assert calm in held
    edited = replace(calm, span=Span(calm.span.start + 2, calm.span.stop - 3))
    moved = again(stock, found, Own(changes=wish, locked=(Held(calm.shot, edited.span, calm.slot, 12.0),)))[12.0].picks
    assert [(pick.span, pick.slot) for pick in moved if pick.shot == calm.shot] == [(edited.span, calm.slot)]
    assert frames(moved) == frames(found["a", 12.0].picks)


def test_a_clip_locked_in_a_short_trailer_alone_stays_in_it(first: First) -> None:
    stock, found = first
    shown = {pick.shot for pick in found["a", 12.0].picks}
    other = next(shot for shot in stock.index.shots if shot.id not in shown and shot.episode == "e02")
    held = Held(other.id, Span(other.span.start + 20, other.span.start + 50), "build", 6.0)
    new = again(stock, found, Own(locked=(held,)))
    assert new[12.0].picks == found["a", 12.0].picks
    assert (held.shot, held.span, held.slot) in {(pick.shot, pick.span, pick.slot) for pick in new[6.0].picks}
    assert frames(new[6.0].picks) == frames(found["a", 6.0].picks)


def test_where_nothing_fits_the_gap_its_neighbours_stretch_and_stay(invent: "Invent") -> None:
    season = invent([80, 27] * 6)
    scores = season.scores(("a",))
    scores["score"] = [0.2, 0.9] * 6
    asked = Rules(card=0.0, effort=0.3, explore=0.0, spoiler_after=1.0)
    stock = stocked(scores, season.index, season.episodes, season.lines, season.transitions, asked)
    acts = ("open", "build", "build", "build", "peak", "peak")
    starts = [107 * n + 20 for n in range(6)]
    picks = tuple(
        Pick(f"e01/{2 * n:04d}", Span(start, start + 32), 0.2, (), act)
        for n, (start, act) in enumerate(zip(starts, acts, strict=True))
    )
    new = select_again(stock, "a", Own(vetoed=("e01/0004",)), {8.25: picks}, {})[8.25].picks
    assert frames(new) == frames(picks)
    assert {pick.shot for pick in picks} - {"e01/0004"} <= {pick.shot for pick in new}


def test_locked_and_vetoed_is_refused() -> None:
    with pytest.raises(RequestError, match="locked and vetoed at once: e01/0001"):
        Own(vetoed=("e01/0001",), locked=(Held("e01/0001", Span(0, 9), "open", 30.0),))


def test_a_locked_shot_against_the_story_is_obeyed_and_told(first: First) -> None:
    stock, found = first
    late = Held("e03/0010", Span(800, 840), "world", 12.0)
    soon = Held("e01/0002", Span(164, 204), "last", 12.0)
    new = again(stock, found, Own(locked=(late, soon)))[12.0]
    shown = {(pick.shot, pick.span, pick.slot) for pick in new.picks}
    assert {(late.shot, late.span, late.slot), (soon.shot, soon.span, soon.slot)} <= shown
    assert any("story's order" in note for note in new.notes)


def test_calmer_is_calmer_and_keeps_what_does_not_stand_in_its_way(invent: "Invent") -> None:
    motion = np.tile([0.1, 0.9, 0.5], 16)
    stock, found = chosen(season_of(invent, motion=motion))
    new = again(stock, found, Own(changes=(Change("quality calm", 0.5),)))[12.0]

    def level(picks: tuple[Pick, ...]) -> float:
        rows = stock.index.rows(pick.shot for pick in picks)
        return float(np.average(motion[rows], weights=[len(pick.span) for pick in picks]))

    assert level(new.picks) < level(found["a", 12.0].picks) - 0.1
    assert set(new.picks) & set(found["a", 12.0].picks)
    assert new.notes[0].startswith("Calmer pictures: ")
    assert "from " in new.notes[0]
    wilder = again(stock, found, Own(changes=(Change("quality calm", -0.8),)))[12.0]
    assert level(wilder.picks) > level(found["a", 12.0].picks)


def test_more_of_somebody_and_less_and_none(invent: "Invent") -> None:
    cast = np.array(["p1", "p2", "", "p1 p3"] * 12)
    stock, found = chosen(season_of(invent, cast=cast))

    def seen(change: Change) -> float:
        picks = again(stock, found, Own(changes=(change,)))[12.0].picks
        return sum(len(p.span) for p in picks if "p2" in cast[stock.index.rows([p.shot])[0]]) / frames(picks)

    more, less = seen(Change("character p2", 0.8)), seen(Change("character p2", -0.8))
    assert more > 0.7
    assert less < 0.1
    assert seen(Change("character p2", None)) == 0.0


def test_nothing_from_an_episode_is_nothing_of_any_length(first: First) -> None:
    stock, found = first
    assert any(pick.shot.startswith("e03") for pick in found["a", 12.0].picks)
    new = again(stock, found, Own(changes=(Change("episode e03", None),)))
    assert set(new) == set(BOTH)
    assert not [pick for selection in new.values() for pick in selection.picks if pick.shot.startswith("e03")]
    assert any(note.startswith("Nothing from e03: from ") and note.endswith(" to 0% of the time") for note in new[12.0].notes)


def test_a_locked_clip_outlives_that_nothing_of_its_episode_is_wished(first: First) -> None:
    stock, found = first
    pick = next(pick for pick in found["a", 12.0].picks if pick.shot.startswith("e03"))
    own = Own(changes=(Change("episode e03", None),), locked=(Held(pick.shot, pick.span, pick.slot, 12.0),))
    assert [each for each in again(stock, found, own)[12.0].picks if each.shot.startswith("e03")] == [pick]


def test_faster_has_more_clips_and_slower_fewer(first: First) -> None:
    stock, found = first
    faster = again(stock, found, Own(changes=(Change("pace", 1.0),)))[12.0].picks
    slower = again(stock, found, Own(changes=(Change("pace", -1.0),)))[12.0].picks
    assert len(slower) < len(found["a", 12.0].picks) < len(faster)
    assert frames(slower) == frames(faster) == frames(found["a", 12.0].picks)


def test_a_longer_peak_takes_more_of_the_time(first: First) -> None:
    stock, found = first

    def time(picks: tuple[Pick, ...], act: str) -> int:
        return sum(len(pick.span) for pick in picks if pick.slot == act)

    longer = again(stock, found, Own(changes=(Change("act peak", 0.6),)))[12.0].picks
    assert time(longer, "peak") > 1.3 * time(found["a", 12.0].picks, "peak")
    without = again(stock, found, Own(changes=(Change("act peak", None),)))[12.0].picks
    assert time(without, "peak") == 0


def test_nobody_speaks_where_no_talk_is_wished(invent: "Invent") -> None:
    lines = {id: [(f"Line {n}.", 80 * n + 20, 80 * n + 50) for n in range(0, 16, 2)] for id in ("e01", "e02", "e03")}
    season = invent([80] * 16, [80] * 16, [80] * 16, lines=lines)
    stock, found = chosen(season)
    heard = [Span(a, b) for _, a, b in lines["e01"]]
    assert any(pick.span.overlap(line) for pick in found["a", 12.0].picks for line in heard)
    new = again(stock, found, Own(changes=(Change("quality spoken", None),)))[12.0].picks
    assert not any(pick.span.overlap(line) for pick in new for line in heard)


def test_others_stay_as_different_as_they_must_be(invent: "Invent") -> None:
    stock, found = chosen(season_of(invent), ("general", "a"), different=0.8)
    new = again(stock, found, Own(changes=(Change("episode e01", 1.0),)))[12.0].picks
    theirs = found["general", 12.0].picks
    both = sum(a.span.overlap(b.span) for a in new for b in theirs if a.shot[:3] == b.shot[:3])
    assert both <= 0.2 * frames(theirs) + 1


def test_what_was_drawn_to_learn_from_stays_through_a_brief(invent: "Invent") -> None:
    stock, found = chosen(season_of(invent), explore=0.3)
    drawn = [pick for pick in found["a", 12.0].picks if pick.propensity < 1]
    assert drawn
    new = again(stock, found, Own(changes=(Change("quality loud", 1.0),)))[12.0].picks
    assert {(pick.shot, pick.propensity) for pick in drawn} <= {(pick.shot, pick.propensity) for pick in new}
    gone = again(stock, found, Own(vetoed=(drawn[0].shot,)))[12.0].picks
    assert drawn[0].shot not in {pick.shot for pick in gone}


def test_the_same_again_is_the_same(invent: "Invent") -> None:
    stock, found = chosen(season_of(invent))
    own = Own(vetoed=(found["a", 12.0].picks[0].shot,), changes=(Change("quality face", 0.5), Change("pace", 0.3)))
    once = again(stock, found, own)
    other, _ = chosen(season_of(invent))
    assert again(other, found, own) == once


def test_a_brief_does_not_raise_the_score(first: First) -> None:
    stock, found = first
    own = Own(changes=(Change("quality bright", 1.0),))
    new = again(stock, found, own)[12.0]
    assert new.score < found["a", 12.0].score
    assert new.score == judged(stock, "a", 12.0, own, new.picks)[0]
    assert sum(value for _, value in new.parts) == pytest.approx(new.score, abs=1e-4)
    assert any("cost" in note for note in new.notes)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (Change("character p77", 0.5), "no character 'p77'"),
        (Change("episode e1", None), "did you mean 'e01'"),
        (Change("quality sad", 0.5), "a quality is one of calm"),
        (Change("pace", None), "faster"),
        (Change("mood", 0.1), "a change names quality"),
        (Change("weight fit", 3.0), "between -1 and 1"),
        (Change("words rainy street", 0.5), "without an encoder"),
    ],
)
def test_a_change_that_nobody_knows_is_refused(first: First, change: Change, told: str) -> None:
    stock, found = first
    with pytest.raises(RequestError, match=told):
        again(stock, found, Own(changes=(change,)))
