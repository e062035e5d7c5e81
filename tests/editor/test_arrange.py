"""From picks to a timeline."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.editor.conftest import NumberedFilm
from trailers.editor.arrange import Message, arrange, reasons, textless
from trailers.editor.picture.frames import common_rate, frames_at, source_frames
from trailers.editor.timeline import Card, Clip, Font, Music, Timeline, joined
from trailers.errors import PlanError
from trailers.features.index import SIGNALS, ShotIndex
from trailers.features.media import Episode, probe
from trailers.features.shots import Shot
from trailers.features.span import Span
from trailers.ranking.select import Pick
from trailers.season import Joint

MUSIC = Music("bed.mp3", "ab" * 32)
SHOTS = {"e1/0000": ("e1", 0, 100), "e1/0001": ("e1", 100, 400), "e2/0000": ("e2", 0, 200), "e2/0001": ("e2", 200, 500)}


def episode(id: str, rate: Fraction = Fraction(24), frames: int = 1000, variable: bool = False) -> Episode:
    return Episode(id, Path(f"{id}.mp4"), rate, frames, (640, 360), Fraction(1), 0, variable, (), id * 8)


def index_of(subject: Sequence[float] = (0.5,) * 4, palette: Sequence[str] = ("",) * 4) -> ShotIndex:
    shots = tuple(Shot(id, episode, Span(start, stop)) for id, (episode, start, stop) in SHOTS.items())
    ids = list(SHOTS)
    signals = pd.DataFrame(
        {name: [0.0] * 4 for name in SIGNALS} | {"subject": list(subject), "palette": list(palette)}, index=ids
    )
    return ShotIndex(shots, np.ones((4, 2), np.float32), signals, pd.DataFrame(index=ids), "none")


def pick(shot: str, start: int, stop: int, *why: tuple[str, float]) -> Pick:
    return Pick(shot, Span(start, stop), 0.5, why)


def at_hand(one: Fraction = Fraction(24), two: Fraction = Fraction(24)) -> Mapping[str, Episode]:
    return {"e1": episode("e1", one), "e2": episode("e2", two)}


PICKS = (pick("e2/0000", 10, 58, ("loud", 0.4)), pick("e1/0001", 120, 180), pick("e1/0000", 0, 36))


def test_plays_picks_in_their_order_without_gap_and_ends_on_the_card() -> None:
    timeline = arrange("s", "Night", "general", PICKS, index_of(), at_hand(), MUSIC)
    assert [(clip.shot, clip.span, clip.into) for clip in timeline.clips] == [
        ("e2/0000", Span(10, 58), Span(0, 48)),
        ("e1/0001", Span(120, 180), Span(48, 108)),
        ("e1/0000", Span(0, 36), Span(108, 144)),
    ]
    assert timeline.card is not None
    assert timeline.card.into == Span(144, 204)
    assert timeline.card.lines == ("Night", "Watch the series")
    assert (timeline.id, timeline.season, timeline.segment, timeline.music) == ("s-general", "s", "general", MUSIC)
    assert (timeline.fade_in, timeline.fade_out) == (12, 15)
    assert timeline.clips[0].why == "loud"


def test_the_card_takes_the_time_that_picks_leave_within_reason() -> None:
    frames = [arrange("s", "N", "g", PICKS, index_of(), at_hand(), seconds=seconds).frames for seconds in (8.5, 9.0, 60, 1)]
    assert frames == [204, 216, 240, 204]


def test_the_card_stands_before_the_picks_that_play_after_it() -> None:
    timeline = arrange("s", "Night", "general", PICKS, index_of(), at_hand(), MUSIC, seconds=9.0, dissolve=12, after=1)
    assert timeline.card is not None
    assert [part.into for part in timeline.parts] == [Span(0, 48), Span(48, 108), Span(108, 180), Span(180, 216)]
    assert timeline.parts[2] is timeline.card
    assert [clip.mixed for clip in timeline.clips] == [0, 12, 0]
    assert (timeline.frames, timeline.cuts, timeline.fade_out) == (216, (48, 108, 180), 18)
    bare = arrange("s", "Night", "general", PICKS, index_of(), at_hand(), card_seconds=0, after=1)
    assert (bare.card, bare.frames) == (None, 144)


def test_a_run_of_shots_keeps_the_episodes_own_cuts() -> None:
    picks = (pick("e2/0000", 10, 58), pick("e1/0000", 40, 100), pick("e1/0001", 100, 148))
    timeline = arrange("s", "N", "g", picks, index_of(), at_hand(), dissolve=12)
    assert [clip.mixed for clip in timeline.clips] == [0, 12, 0]
    (one, run) = joined(timeline.clips)
    assert one == timeline.clips[0]
    assert (run.shot, run.span, run.into, run.mixed) == ("e1/0000", Span(40, 148), Span(48, 156), 12)


def test_a_clip_keeps_what_is_told_of_its_pick() -> None:
    told = Pick("e1/0000", Span(0, 36), 0.5, (), "peak", "e1/0001 (0.71)", "seen again by 12 of 80", 0.05)
    (clip,) = arrange("s", "N", "g", (told,), index_of(), at_hand()).clips
    assert (clip.slot, clip.over, clip.speaks, clip.propensity) == ("peak", "e1/0001 (0.71)", "seen again by 12 of 80", 0.05)


def test_a_card_of_no_length_is_no_card() -> None:
    timeline = arrange("s", "N", "g", PICKS, index_of(), at_hand(), card_seconds=0)
    assert timeline.card is None
    assert timeline.fade_out <= len(timeline.clips[-1].into) // 2 + 1


def test_no_pick_is_no_trailer() -> None:
    with pytest.raises(PlanError, match="'fans'"):
        arrange("s", "N", "fans", (), index_of(), at_hand())


def test_the_subject_of_a_shot_becomes_the_clips_centre_inside_the_picture() -> None:
    timeline = arrange("s", "N", "g", PICKS, index_of(subject=[0.2, 1.7, -0.1, 0.5]), at_hand())
    assert [clip.centre for clip in timeline.clips] == [0.0, 1.0, 0.2]


def test_a_dissolve_needs_frames_left_in_the_shot_before() -> None:
    picks = (pick("e1/0000", 40, 95), pick("e1/0001", 120, 180), pick("e2/0001", 300, 320), pick("e2/0000", 0, 48))
    timeline = arrange("s", "N", "g", picks, index_of(), at_hand(), dissolve=12)
    # 5 frames left; enough left but too short to be mixed and seen; enough.
    assert [clip.mixed for clip in timeline.clips] == [0, 0, 0, 12]
    assert [len(clip.into) for clip in timeline.clips] == [55, 60, 20, 48]
    assert all(clip.mixed == 0 for clip in arrange("s", "N", "g", picks, index_of(), at_hand()).clips)


ACTS = tuple(
    replace(each, slot=slot)
    for each, slot in (
        (pick("e1/0000", 0, 48), "open"),
        (pick("e2/0000", 10, 58), "open"),
        (pick("e1/0001", 120, 180), "build"),
        (pick("e2/0001", 300, 340), "build"),
        (pick("e1/0001", 200, 248), "last"),
    )
)
"""Five clips in three acts: 48, 48, 60, 40 and 48 frames at 24 a second."""


def acted(joint: Joint, dissolve: int = 0, picks: Sequence[Pick] = ACTS, **more: object) -> Timeline:
    return arrange("s", "N", "g", picks, index_of(), at_hand(), dissolve=dissolve, acts=joint, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("joint", "frames"), [("dissolve", 12), ("wipe", 12), ("dip", 16), ("wash", 16)])
def test_a_joint_of_its_own_stands_where_an_act_changes_and_nowhere_else(joint: Joint, frames: int) -> None:
    clips = acted(joint).clips
    assert [(clip.joint, clip.mixed) for clip in clips] == [("cut", 0), ("cut", 0), (joint, frames), ("cut", 0), (joint, frames)]
    assert [clip.mixed for clip in acted(joint, dissolve=8).clips] == [0, 8, frames, 8, frames]
    assert [clip.joint for clip in acted("cut", dissolve=8).clips] == ["cut", *["dissolve"] * 4]
    assert [clip.into for clip in clips] == [clip.into for clip in acted("cut").clips]


def test_a_joint_takes_no_more_than_the_clip_before_can_lend_and_no_less_than_half() -> None:
    def joint(last: int) -> tuple[str, int]:
        picks = (ACTS[0], replace(pick("e2/0000", 100, last), slot="open"), *ACTS[2:])
        clip = acted("wash", picks=picks).clips[2]
        return clip.joint, clip.mixed

    assert [joint(last) for last in (184, 190, 192, 193, 200)] == [
        ("wash", 16),
        ("wash", 10),
        ("wash", 8),
        ("cut", 0),
        ("cut", 0),
    ]


def test_no_joint_stands_over_a_card_or_inside_a_run_of_shots() -> None:
    picks = (*ACTS[:2], replace(pick("e1/0000", 40, 100), slot="open"), replace(pick("e1/0001", 100, 148), slot="build"), ACTS[4])
    timeline = acted("wash", picks=picks, after=1)
    assert [clip.joint for clip in timeline.clips] == ["cut"] * 5


SPANS = st.lists(
    st.builds(lambda start, length: Span(start, start + length), st.integers(0, 480), st.integers(1, 60)), max_size=6
)


@settings(max_examples=80, deadline=None)
@given(
    SPANS,
    st.sampled_from([Fraction(24), Fraction(25), Fraction(12), Fraction(60), Fraction(30000, 1001)]),
    st.sampled_from(["dissolve", "dip", "wash", "wipe"]),
)
def test_no_joint_borrows_a_frame_that_is_hidden_or_of_another_shot(hidden: list[Span], rate: Fraction, joint: Joint) -> None:
    """Whatever is hidden, over whichever rates: of what a clip lends, all follows in its shot and nothing is a secret."""
    episodes = at_hand(two=rate)
    timeline = arrange("s", "N", "g", ACTS, index_of(), episodes, dissolve=7, acts=joint, hidden={"e1": hidden, "e2": hidden})
    for one, other in pairwise(timeline.clips):
        lent = source_frames(one, episodes[one.episode], timeline.rate, after=other.mixed)[len(one.into) :]
        assert len(lent) == other.mixed
        assert all(frame < SHOTS[one.shot][2] for frame in lent)
        assert not any(frame in moment for frame in lent for moment in hidden if moment.start >= one.span.stop)
        assert not other.mixed or not any(moment.start < one.span.stop < moment.stop for moment in hidden)


LINE, DATE = Message("line", ("Because you love the chase",)), Message("date", ("4 December",), 1.5)
BRAND = Message("brand", ("Northwind Coffee",), 1.0, "Advertisement")


def said(*messages: Message, after: int = 0, seconds: float | None = None, font: Font | None = None) -> Timeline:
    return arrange("s", "N", "g", ACTS, index_of(), at_hand(), None, seconds, 12, after=after, messages=messages, font=font)


def order(timeline: Timeline) -> list[str]:
    return [part.kind if isinstance(part, Card) else part.slot for part in timeline.parts]


def test_a_line_stands_where_an_act_changes_a_date_and_a_brand_at_the_end() -> None:
    timeline = said(BRAND, DATE, LINE)
    assert order(timeline) == ["open", "open", "line", "build", "build", "last", "title", "date", "brand"]
    assert [len(card.into) for card in timeline.cards] == [48, 60, 36, 24]
    assert timeline.cards[-1].label == "Advertisement"
    assert len({(card.ground, card.ink) for card in timeline.cards}) == 1
    assert [clip.mixed for clip in timeline.clips] == [0, 12, 0, 12, 12]
    assert order(said(DATE, after=1)) == ["open", "open", "build", "build", "title", "last", "date"]
    assert timeline.fade_out == 6


def test_a_line_never_parts_a_run_of_shots() -> None:
    picks = (pick("e1/0000", 40, 100), pick("e1/0001", 100, 148), pick("e1/0001", 148, 200), pick("e2/0000", 0, 48))
    timeline = arrange("s", "N", "g", picks, index_of(), at_hand(), messages=(LINE,))
    assert [isinstance(part, Card) for part in timeline.parts] == [False, False, False, True, False, True]
    alone = arrange("s", "N", "g", picks[:3], index_of(), at_hand(), messages=(LINE,))
    assert [part.kind for part in alone.parts[3:] if isinstance(part, Card)] == ["line", "title"]


def test_several_lines_stand_at_several_joints() -> None:
    assert order(said(LINE, LINE)) == ["open", "open", "line", "build", "build", "line", "last", "title"]


def test_the_titles_card_gives_way_to_messages_but_not_below_what_is_read() -> None:
    assert said(LINE, seconds=14.0).frames == 14 * 24
    with pytest.raises(PlanError, match=r"g: clips take 10.17 s and cards 4.50 s of 14 s.*fewer or shorter cards"):
        said(LINE, DATE, BRAND, seconds=14.0)


def test_a_lower_third_lies_over_one_clip_and_takes_no_time() -> None:
    timeline = said(Message("lower", ("Because you love the chase",), 1.5))
    assert timeline.frames == said().frames
    (overlay,) = timeline.overlays
    assert (overlay.kind, len(overlay.into)) == ("lower", 36)
    over = next(clip for clip in timeline.clips if overlay.into.start in clip.into)
    assert over.slot == "build"
    assert overlay.into.start >= over.into.start + over.mixed
    assert overlay.into.stop <= over.into.stop


def test_a_font_that_was_given_is_that_of_all_words() -> None:
    font = Font("own.ttf", "ab" * 32)
    timeline = said(LINE, DATE, BRAND, Message("lower", ("Penny",)), font=font)
    assert [part.font for part in timeline.cards] == [font] * 4
    assert [part.font for part in timeline.overlays] == [font]


def test_a_textless_timeline_has_the_same_pictures_and_no_word() -> None:
    timeline = said(LINE, DATE, BRAND, Message("lower", ("Penny",)))
    clock = Card(("Slate",), Span(timeline.frames, timeline.frames + 24), "#000000", "#ffffff", "clock")
    bare = textless(replace(timeline, cards=(*timeline.cards, clock)))
    assert bare.overlays == ()
    assert {(card.lines, card.label) for card in bare.cards if card.kind != "clock"} == {((), "")}
    assert [card for card in bare.cards if card.kind == "clock"] == [clock]
    assert [part.into for part in bare.parts[:-1]] == [part.into for part in timeline.parts]
    assert bare.clips == timeline.clips
    assert {card.ground for card in bare.cards} == {card.ground for card in timeline.cards} | {"#000000"}


def test_the_rate_is_that_of_most_frames() -> None:
    assert (
        common_rate([(episode("a", Fraction(25)), 50), (episode("b", Fraction(24)), 30), (episode("c", Fraction(24)), 30)]) == 24
    )
    assert common_rate([(episode("a", Fraction(25)), 50), (episode("b", Fraction(24)), 50)]) == 25
    assert common_rate([(episode("a", Fraction(24000, 1001)), 1)]) == Fraction(24000, 1001)
    assert common_rate([(episode("a", Fraction(153820, 6409), variable=True), 1)]) == 24


def test_a_clip_of_another_rate_lasts_as_long_to_the_nearest_frame() -> None:
    timeline = arrange("s", "N", "g", PICKS, index_of(), at_hand(two=Fraction(30)))
    assert timeline.rate == 24
    assert [len(clip.into) for clip in timeline.clips] == [38, 60, 36]  # 48 / 30 s = 38.4 frames of 24


@pytest.mark.parametrize("source", [Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(60), Fraction(12)])
def test_source_frames_stay_within_half_a_source_frame_and_inside_the_span(source: Fraction) -> None:
    rate, span = Fraction(24), Span(100, 400)
    own = episode("e1", source)
    clip = Clip("e1/0001", "e1", span, Span(50, 50 + frames_at(span, own, rate)))
    shown = source_frames(clip, own, rate)
    assert len(shown) == len(clip.into)
    assert shown[0] == 100
    assert all(frame in span for frame in shown)
    assert all(abs(Fraction(n - 100) / source - k / rate) <= 1 / source / 2 for k, n in enumerate(shown[:-1]))
    longer = source_frames(clip, own, rate, after=12)
    assert longer[: len(shown)] == shown
    assert longer[-1] > 399


def test_a_variable_rate_counts_by_its_own_times(numbered_film: NumberedFilm) -> None:
    times = [20 * n if n < 50 else 1000 + 80 * (n - 50) for n in range(80)]
    own = probe(numbered_film(name="variable.mkv", frames=80, times=times), "e1")
    assert frames_at(Span(0, 50), own, Fraction(24)) == 24
    assert frames_at(Span(50, 75), own, Fraction(24)) == 48
    assert source_frames(Clip("e1/0", "e1", Span(0, 50), Span(0, 24)), own, Fraction(24))[:3] == (0, 2, 4)


def test_reasons_name_the_strongest_parts_in_favour() -> None:
    assert reasons([("dark", -0.9), ("loud", 0.1), ("people", 0.5), ("fast", 0.3), ("space", 0.2)]) == "people; fast; space"
    assert reasons([("dark", -0.9)]) == ""


def test_the_ground_has_the_hue_that_the_picked_shots_carry_most() -> None:
    palettes = ["#c02020 #808080 #101010", "#2040c0 #808080 #101010", "#2040c0 #20c040 #ffffff", "#20c040 #20c040 #20c040"]
    card = arrange("s", "N", "g", PICKS, index_of(palette=palettes), at_hand()).card
    assert card is not None
    red, green, blue = (int(card.ground[at : at + 2], 16) for at in (1, 3, 5))
    assert blue > 2 * red
    assert blue > 2 * green
