"""A timeline has neither gap nor overlap, and reads back as it was written."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest

from trailers.editor.timeline import (
    Caption,
    Card,
    Clip,
    Effect,
    Font,
    Key,
    Music,
    Overlay,
    Take,
    Timeline,
    View,
    from_json,
    to_json,
)  # fmt: skip
from trailers.errors import RequestError
from trailers.features.span import Span

VIEW = View("9:16", 0.45, 0.7, (Key(0, 0.3, 0.5), Key(12, 0.5, 0.5)), "blur", "two faces, too far apart", "Ada")
CLIPS = (
    Clip("e1/0001", "e1", Span(100, 148), Span(0, 48), why="loud"),
    Clip("e2/0007", "e2", Span(3, 27), Span(48, 72), joint="dissolve", mixed=8, speed=Fraction(1, 2), views=(VIEW,), score=0.5),
)
WHOLE = Timeline(
    "s-general",
    "s",
    "The Long Night — 夜",
    "general",
    Fraction(24000, 1001),
    CLIPS,
    (Card(("The Long Night", "Watch the series"), Span(72, 132), "#102030", "#f0f4ff", font=Font("a.ttf", "cd" * 32)),),
    (Overlay(("Meet Ada",), Span(4, 40), "#ffffff"),),
    (Caption("Hello.", Span(10, 30)),),
    Music("bed.mp3", "ab" * 32, (Take(0, 0, 96000), Take(192000, 96000, 168264)), (0, 24000), (0,)),
    (Effect("hit.flac", "ef" * 32, 48000, -3.0),),
    fade_in=12,
    fade_out=24,
)


def test_reads_back_what_it_wrote() -> None:
    assert from_json(to_json(WHOLE)) == WHOLE


def test_writes_spans_as_pairs_and_the_rate_exactly() -> None:
    document = json.loads(to_json(WHOLE))
    assert document["schema"] == "Timeline.1"
    assert document["rate"] == "24000/1001"
    assert document["clips"][1]["span"] == [3, 27]
    assert document["cards"][0]["into"] == [72, 132]


def test_the_card_may_stand_before_the_last_clips() -> None:
    last = Clip("e3/0001", "e3", Span(0, 10), Span(132, 142), slot="last", over="e3/0002 (0.5)", propensity=0.1)
    timeline = replace(WHOLE, clips=(*CLIPS, last))
    assert timeline.parts == (*CLIPS, *WHOLE.cards, last)
    assert (timeline.frames, timeline.cuts) == (142, (48, 72, 132))
    assert from_json(to_json(timeline)) == timeline
    with pytest.raises(ValueError, match="no gap and no overlap"):
        replace(timeline, clips=(*CLIPS, replace(last, into=Span(72, 82))))


def test_counts_its_frames_and_cuts() -> None:
    assert WHOLE.frames == 132
    assert WHOLE.cuts == (48, 72)


@pytest.mark.parametrize("into", [Span(49, 73), Span(47, 71)], ids=["gap", "overlap"])
def test_refuses_a_gap_and_an_overlap(into: Span) -> None:
    with pytest.raises(ValueError, match="no gap and no overlap"):
        Timeline("t", "s", "T", "g", Fraction(24), (CLIPS[0], Clip("e2/0007", "e2", Span(3, 27), into)))


def test_refuses_to_be_empty() -> None:
    with pytest.raises(ValueError, match="a clip or a card"):
        Timeline("t", "s", "T", "g", Fraction(24), ())


@pytest.mark.parametrize("text", ["{}", "[]", "nonsense", '{"schema": "Timeline.2"}', '{"schema": "Timeline.1"}'])
def test_says_what_is_no_timeline(text: str) -> None:
    with pytest.raises(RequestError, match=r"Timeline\.1"):
        from_json(text)


@pytest.mark.parametrize(
    ("found", "wrong", "told"),
    [
        ('"joint": "dissolve"', '"joint": "melt"', "melt"),
        ('"mixed": 8', '"mixed": "8"', "'8'"),
        ('"lead": 0', '"lede": 0', "lede"),
        ('"leads": false', '"leads": 0', "0 was found for bool"),
    ],
)
def test_says_which_value_is_wrong(found: str, wrong: str, told: str) -> None:
    text = to_json(WHOLE)
    assert found in text
    with pytest.raises(RequestError, match=told):
        from_json(text.replace(found, wrong))
