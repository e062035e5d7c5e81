"""What tests taught moves shots and arcs by a bounded part, is seen in the reasons, and is nothing where nothing is firm."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ranking.checkerboard import board
from trailers.errors import RequestError
from trailers.features.index import ShotIndex
from trailers.ranking import lessons as room
from trailers.ranking.choice.arc import Arc
from trailers.ranking.choice.qualities import qualities
from trailers.ranking.choice.wished import bent, in_words
from trailers.ranking.examples import Evidence, evidence, to_score
from trailers.ranking.lessons import EVERYBODY, Lesson, Lessons, bends, from_json, read_lessons, taught, to_json
from trailers.ranking.model import Ranker, margins, score, train
from trailers.ranking.reasons import LOST, MANY, WON
from trailers.ranking.select import Own, Rules, select_again, select_season, stocked
from trailers.season import Change

if TYPE_CHECKING:
    from tests.ranking.conftest import Invent


def lesson(component: str, effect: float, segment: str = EVERYBODY, firm: bool = True) -> Lesson:
    return Lesson(segment, component, effect, effect - 0.01, effect + 0.01, firm, 100_000, 3)


def lessons(*each: Lesson) -> Lessons:
    return Lessons("play", each, ("s0-trailers@1",), {"rounds": []})


@cache
def known() -> Evidence:
    return evidence(board().history, board().planted, scenic())


@cache
def scenic() -> ShotIndex:
    index = board().index
    return replace(index, signals=index.signals.assign(scene="", part="", cast=""))


@cache
def ranker() -> Ranker:
    return train(known())


FAST = lessons(lesson("quality fast", 0.04), lesson("quality bright", -0.03, "fire"), lesson("quality fast", 0.04, "fire"))


def test_without_firm_lessons_scores_are_byte_for_byte_what_they_are() -> None:
    plain = score(ranker(), known()).to_csv()
    nothing = taught(lessons(lesson("quality fast", 0.3, firm=False), lesson("pace", 0.04)), scenic())
    assert score(ranker(), known(), nothing).to_csv() == plain
    assert score(ranker(), known(), None).to_csv() == plain


def test_what_won_raises_shots_that_have_it_and_is_seen_in_the_reasons() -> None:
    plain = score(ranker(), known()).set_index(["segment", "shot"])
    moved = score(ranker(), known(), taught(FAST, scenic())).set_index(["segment", "shot"])
    fast = qualities(scenic())["fast"]
    more = (moved["score"] - plain["score"])["water"]
    assert (np.sign(more.round(6)) == np.sign((fast - fast.mean()).round(6).reindex(more.index)))[more.abs() > 1e-4].all()
    best, worst = str(fast.idxmax()), str(fast.idxmin())
    for shot, words, sign in ((best, f"fast action: {WON}", 1), (worst, f"little movement: {LOST}", -1)):
        parts = {part["part"]: part["value"] for part in json.loads(str(moved.loc[("water", shot), "why"]))}
        assert parts[words] * sign > 0
        assert len(parts) <= MANY + 2
    told_of = json.loads(str(moved.loc[("fire", best), "why"]))
    assert {part["part"].partition(": ")[2] for part in told_of} >= {WON}


def test_the_reasons_still_add_up_to_the_margin() -> None:
    table, found = score(ranker(), known(), taught(FAST, scenic())), to_score(known())
    total = np.array([sum(part["value"] for part in json.loads(text)) for text in table["why"]])
    rows = zip(found.rows["segment"].astype(str), found.rows["place"], strict=True)
    added = np.array([taught(FAST, scenic()).of(name)[place].sum() for name, place in rows]) * ranker().spread
    assert np.ptp(margins(ranker(), found) + added - total) < 0.003


def test_a_segment_that_no_test_has_known_is_moved_by_everybodys() -> None:
    one = taught(FAST, scenic())
    assert np.array_equal(one.of("water"), one.of(EVERYBODY))
    assert not np.array_equal(one.of("fire"), one.of(EVERYBODY))


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.tuples(st.sampled_from((*room.SHOWN, *room.ARRANGED)), st.floats(-2, 2)), max_size=8, unique_by=lambda each: each[0]
    )
)
def test_nothing_that_tests_can_say_moves_more_than_a_part(found: list[tuple[str, float]]) -> None:
    said = lessons(*(lesson(component, effect) for component, effect in found))
    assert np.abs(taught(said, scenic()).of(EVERYBODY).sum(axis=1)).max(initial=0.0) <= room.MOVED + 1e-5
    assert all(abs(change.by or 0.0) <= room.BENT for _, changes in bends(said) for change in changes)


def test_how_trailers_are_put_together_becomes_changes_of_the_arc() -> None:
    said = lessons(
        lesson("pace", 0.03), lesson("weight scene", -0.02, "fire"), lesson("weight face", 0.001, "fire"),
        lesson("weight episode", 0.05, "fire", firm=False),
    )  # fmt: skip
    found = dict(bends(said))
    assert [change.what for change in found[EVERYBODY]] == ["pace"]
    assert [(change.what, (change.by or 0.0) < 0) for change in found["fire"]] == [("weight scene", True)]
    assert bends(lessons(lesson("quality fast", 0.3), lesson("pace", 0.3, firm=False))) == ()
    first = dict(bends(lessons(lesson("opening loud", -0.05), lesson("speech", 0.05), lesson("music", 0.5))))[EVERYBODY]
    assert [(change.what, (change.by or 0.0) > 0) for change in first] == [("opening loud", False), ("weight line", True)]


def test_an_opening_that_won_is_what_the_first_act_likes() -> None:
    louder = bent(Arc(), (Change("opening loud", 0.5),))
    assert dict(louder.slots[0].likes)["loud"] == 2.0
    assert louder.slots[1:] == Arc().slots[1:]
    assert dict(bent(Arc(), (Change("opening loud", -0.5),)).slots[0].likes)["quiet"] == 2.0
    darker = dict(bent(Arc(), (Change("opening bright", -0.5),)).slots[0].likes)
    assert 0 < darker["bright"] < dict(Arc().slots[0].likes)["bright"]
    assert in_words(Change("opening wide", 0.2)) == "A wider opening (a little)"
    for wrong in (Change("opening loud", None), Change("opening late", 0.5)):
        with pytest.raises(RequestError, match="opening"):
            bent(Arc(), (wrong,))


def test_a_mood_that_won_raises_the_shots_that_have_it() -> None:
    found = taught(lessons(lesson("mood night", 0.05), lesson("mood unknown", 0.05)), scenic())
    assert found.qualities == ("mood night",)
    night = scenic().concepts["night"].to_numpy(float)
    assert np.corrcoef(found.of(EVERYBODY)[:, 0], night)[0, 1] > 0.9
    words = " ".join(score(ranker(), known(), found)["why"])
    assert f'"night: {WON}"' in words
    assert f'"not night: {LOST}"' in words


def test_tests_bend_the_arc_of_the_segments_that_they_name(invent: "Invent") -> None:
    season = invent([80] * 30, [90] * 30)
    taught = (("a", (Change("pace", 0.5),)), ("", ()))

    def made(rules: Rules) -> dict[str, tuple[int, tuple[str, ...]]]:
        scores = season.scores(("general", "a"))
        found = select_season(scores, season.index, season.episodes, {}, {}, rules, seconds=(16.0,))
        return {segment: (len(each.picks), each.notes) for (segment, _), each in found.items()}

    plain = made(Rules(card=0.0, effort=0.3, explore=0.0))
    faster = made(Rules(card=0.0, effort=0.3, explore=0.0, taught=taught))
    assert faster["general"] == plain["general"]
    assert faster["a"][0] > plain["a"][0]
    assert "tests taught: Faster cuts" in faster["a"][1]


def test_what_people_wish_comes_on_top_of_what_tests_taught(invent: "Invent") -> None:
    season = invent([80] * 30, [90] * 30)
    rules = Rules(card=0.0, effort=0.3, explore=0.0, taught=(("", (Change("pace", 0.3),)),))
    scores = season.scores(("general", "a"))
    found = select_season(scores, season.index, season.episodes, {}, {}, rules, seconds=(16.0,))
    stock = stocked(scores, season.index, season.episodes, {}, {}, rules)
    picks = found["a", 16.0].picks
    same = select_again(stock, "a", Own(), {16.0: picks}, {})[16.0]
    assert same.picks == picks
    assert same.score == pytest.approx(found["a", 16.0].score, abs=1e-4)
    slower = select_again(stock, "a", Own(changes=(Change("pace", -1.0),)), {16.0: picks}, {})[16.0]
    assert len(slower.picks) < len(picks)
    assert any(note.startswith("tests taught: Faster cuts") for note in slower.notes)


def test_lessons_are_written_and_read(tmp_path: Path) -> None:
    (tmp_path / "lessons.json").write_text(to_json(FAST))
    assert read_lessons(tmp_path / "lessons.json") == FAST
    line = "Fire: quality bright: -3.0 % [-4.0, -2.0] for 10 points of 100 more, firm, used by plans, 100000 units in 3 rounds"
    assert room.told(FAST.lessons[1], "Fire") == line
    assert "for cuts 1.4 times as fast" in room.told(lesson("pace", 0.03), "Everybody")
    assert "firm, known, not used" in room.told(lesson("music", 0.03), "Everybody")


def test_what_was_struck_is_not_read(tmp_path: Path) -> None:
    struck = replace(FAST, struck=(("fire", "quality bright"),))
    assert [each.component for each in from_json(to_json(struck)).of("fire").values()] == ["quality fast"]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"schema": "Lessons.0"}', '{"schema": "Lessons.1", "lessons": [{}]}', to_json(FAST).replace("0.04", "NaN")],
)
def test_what_are_no_lessons_is_a_wrong_request(tmp_path: Path, text: str) -> None:
    with pytest.raises(RequestError):
        from_json(text)
    (tmp_path / "lessons.json").write_text(text)
    with pytest.raises(RequestError, match=r"lessons\.json"):
        read_lessons(tmp_path / "lessons.json")
    with pytest.raises(RequestError, match="trailers learn"):
        read_lessons(tmp_path / "none.json")
