"""What could stand in a clip's place: the best for the segment first, and in words which rules each would strain."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from trailers.errors import PlanError
from trailers.features.span import Span
from trailers.ranking.select import Instead, Own, Pick, Rules, Spans, Stock, instead, judged, stocked
from trailers.season import Change

if TYPE_CHECKING:
    from tests.ranking.conftest import Invent, Invented

SECONDS = 12.0
ACTS = ("open", "world", "build", "build", "peak", "peak")


def stock_of(season: "Invented", scores: pd.DataFrame | None = None, **rules: Any) -> Stock:
    asked = Rules(**{"card": 0.0, **rules})
    scores = season.scores(("a",)) if scores is None else scores
    return stocked(scores, season.index, season.episodes, season.lines, season.transitions, asked)


def picks(*shots: str, length: int = 48, every: int = 80) -> tuple[Pick, ...]:
    """Clips of two seconds from the middle of shots of 80 frames, one after the other in the acts of an arc."""
    starts = [every * int(shot[-4:]) + 10 for shot in shots]
    return tuple(
        Pick(shot, Span(start, start + length), 0.5, (), slot) for shot, start, slot in zip(shots, starts, ACTS, strict=False)
    )


NOW = picks("e01/0001", "e01/0004", "e01/0007", "e02/0001", "e02/0005", "e02/0007")


def found(
    stock: Stock, place: int = 2, now: Sequence[Pick] = NOW, beside: Mapping[str, Spans] | None = None, **asked: Any
) -> dict[str, Instead]:
    own = asked.pop("own", Own())
    given = instead(stock, "a", SECONDS, own, now, place, beside or {}, **{"count": 100, **asked})
    return {each.pick.shot: each for each in given}


def wants(season: "Invented", **scores: float) -> pd.DataFrame:
    table = season.scores(("a",))
    table["score"] = 0.3
    for shot, score in scores.items():
        table.loc[table["shot"] == shot.replace("_", "/"), "score"] = score
    return table


@pytest.fixture(scope="module")
def season(invent: "Invent") -> "Invented":
    """Two episodes of twelve shots; all are alike in motion, sound and light."""
    flat = dict.fromkeys(("motion", "loudness", "onsets", "brightness", "colourfulness", "face_size"), 0.5)
    return invent([80] * 12, [80] * 12, **flat)


def test_the_best_that_obeys_comes_first(season: "Invented") -> None:
    stock = stock_of(season, wants(season, e01_0008=0.9, e01_0005=0.8, e02_0008=1.0))
    given = list(found(stock).values())
    assert [each.pick.shot for each in given[:2]] == ["e01/0008", "e01/0005"]
    obeying = [each for each in given if not each.strains]
    assert given[: len(obeying)] == obeying
    assert [each.gain for each in obeying] == sorted((each.gain for each in obeying), reverse=True)
    assert found(stock)["e02/0008"].strains == ("out of the story's order: clip 4 comes earlier in the story",)
    assert len(found(stock, count=3)) == 3


def test_fills_the_place_to_the_frame_with_what_may_be_shown(season: "Invented") -> None:
    for each in found(stock_of(season)).values():
        shot = season.index.shots[season.index.rows([each.pick.shot])[0]]
        assert len(each.pick.span) == 48
        assert shot.span.start < each.pick.span.start < each.pick.span.stop < shot.span.stop
        assert each.pick.slot == "build"
    assert {len(each.pick.span) for each in found(stock_of(season), frames=30).values()} == {30}


def test_gains_what_the_trailer_is_then_judged_to_be_worth_more(season: "Invented", invent: "Invent") -> None:
    varied = invent([80] * 12, [80] * 12, cast=["p1", "", "p2", "p1 p2"] * 6, seed=3)
    stock = stock_of(varied)
    before = judged(stock, "a", SECONDS, Own(), NOW)[0]
    for each in found(stock).values():
        after = judged(stock, "a", SECONDS, Own(), (*NOW[:2], each.pick, *NOW[3:]))[0]
        assert each.gain == pytest.approx(after - before, abs=2e-4)


def test_neither_what_is_shown_nor_vetoed_nor_hidden_nor_a_spoiler_is_offered(season: "Invented") -> None:
    stock = stock_of(season, spoiler_after=0.75)
    there = found(stock)
    assert not {pick.shot for pick in NOW} & there.keys()
    assert not [shot for shot in there if int(shot[-4:]) >= 9]
    own = Own(vetoed=("e01/0005",), hidden=("shot e01/0006", "e01 640-720"), changes=(Change("episode e02", None),))
    assert there.keys() - found(stock, own=own).keys() == {
        "e01/0005", "e01/0006", "e01/0008", *(shot for shot in there if shot.startswith("e02")),
    }  # fmt: skip


def test_a_near_duplicate_of_a_clip_is_named(invent: "Invent") -> None:
    looks = np.random.default_rng(0).normal(size=(24, 32))
    looks[8] = looks[4]
    there = found(stock_of(invent([80] * 12, [80] * 12, vectors=looks)))
    assert there["e01/0008"].strains == ("looks like clip 2",)
    assert there["e01/0006"].strains == ()


def test_what_is_too_short_says_by_how_much(invent: "Invent") -> None:
    there = found(stock_of(invent([80] * 8 + [40] + [80] * 3, [80] * 12)))
    assert there["e01/0008"].strains == ("too short: it has 1.5 s, the place 2.0 s",)
    assert len(there["e01/0008"].pick.span) == 36


def test_another_segments_clips_strain_the_difference(season: "Invented") -> None:
    theirs = {"e01": [Span(640, 720)], "e02": [NOW[3].span, NOW[4].span]}
    there = found(stock_of(season, different=0.5), beside={"b": theirs})
    assert there["e01/0008"].strains == ("in the trailer of 'b' too: they would share 82%, not 50%",)
    assert there["e01/0006"].strains == ()
    assert found(stock_of(season, different=0.1), beside={"b": theirs})["e01/0008"].strains == ()


def test_an_episode_that_may_fill_no_more_is_named(season: "Invented") -> None:
    there = found(stock_of(season, most_of_episode=0.5), place=3)
    assert all(shot.startswith("e02") or "more than 50% of the clips from e01" in each.strains for shot, each in there.items())
    assert any(shot.startswith("e02") and not each.strains for shot, each in there.items())


def test_the_only_early_sight_of_the_main_character_is_not_given_up_in_silence(invent: "Invent") -> None:
    cast = [""] * 24
    cast[1] = cast[2] = "p1"
    there = found(stock_of(invent([80] * 12, [80] * 12, cast=cast), lead_by=1.0), place=0)
    assert there["e01/0002"].strains == ()
    assert there["e01/0003"].strains == ("the main character would not be seen by 1 s",)


def test_a_free_order_strains_nothing(season: "Invented") -> None:
    there = found(stock_of(season, order="free"), place=4)
    assert not any(each.strains for shot, each in there.items() if shot < "e02/0007")
    assert there["e02/0008"].strains == ("out of the story's order: clip 6 comes earlier in the story",)


def test_only_what_words_found_in_their_order(season: "Invented") -> None:
    stock = stock_of(season, wants(season, e01_0008=1.0))
    only = ("e01/0006", "e02/0009", "e01/0008", "e01/0004")
    given = instead(stock, "a", SECONDS, Own(), NOW, 2, {}, only=only)
    assert [each.pick.shot for each in given] == ["e01/0006", "e01/0008"]
    assert instead(stock, "a", SECONDS, Own(), NOW, 2, {}, only=()) == ()


def test_says_in_words_what_speaks_for_it(season: "Invented", invent: "Invent") -> None:
    liked = found(stock_of(season, wants(season, e01_0008=1.0)))["e01/0008"]
    assert liked.why == "this audience likes it more"
    assert liked.gain > 0
    lines = {"e01": [("We run.", 8 * 80 + 20, 8 * 80 + 40)]}
    assert "says “We run.”" in found(stock_of(invent([80] * 12, [80] * 12, lines=lines)))["e01/0008"].why
    cast = [""] * 24
    cast[8] = "p1"
    assert "one face more" in found(stock_of(invent([80] * 12, [80] * 12, cast=cast)))["e01/0008"].why


def test_wishes_count_in_what_is_gained(season: "Invented", invent: "Invent") -> None:
    motion = np.full(24, 0.5)
    motion[8] = 0.0
    stock = stock_of(invent([80] * 12, [80] * 12, motion=motion))
    wished = found(stock, own=Own(changes=(Change("quality calm", 1.0),)))["e01/0008"]
    assert wished.gain > found(stock)["e01/0008"].gain
    assert "nearer to what was wished" in wished.why


def test_a_clip_that_a_person_set_can_be_exchanged_too(season: "Invented") -> None:
    odd = (*NOW[:2], replace(NOW[2], span=Span(7 * 80 + 3, 7 * 80 + 70), slot=""), *NOW[3:])
    assert {len(each.pick.span) for each in found(stock_of(season), now=odd).values() if not each.strains} == {67}


def test_a_clip_that_is_not_there_is_refused(season: "Invented") -> None:
    with pytest.raises(PlanError, match="the trailer has clips 1 to 6"):
        found(stock_of(season), place=6)
    with pytest.raises(PlanError, match="the index holds no shot 'e09/0001'"):
        found(stock_of(season), now=(replace(NOW[0], shot="e09/0001"), *NOW[1:]))
