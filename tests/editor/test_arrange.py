"""From picks to a timeline."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.editor.conftest import NumberedFilm
from trailers.editor.arrange import arrange, reasons
from trailers.editor.picture.frames import common_rate, frames_at, source_frames
from trailers.editor.timeline import Clip, Music, joined
from trailers.editor.words.palette import CONTRAST, colours, contrast, luminance
from trailers.errors import PlanError
from trailers.features.index import SIGNALS, ShotIndex
from trailers.features.media import Episode, probe
from trailers.features.shots import Shot
from trailers.features.span import Span
from trailers.ranking.select import Pick

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
    assert (timeline.fade_in, timeline.fade_out) == (12, 24)
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


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert luminance("#808080") == pytest.approx(0.2159, abs=0.0005)


@pytest.mark.parametrize(
    "palette",
    [
        {},
        {"#ffffff": 1.0},
        {"#000000": 1.0},
        {"#ffff00": 5.0, "#808080": 9.0},
        {"#3060c8": 2.0, "#c81e1e": 1.0},
        {"#00ff00": 1.0},
    ],
)
def test_any_palette_gives_a_deep_ground_and_ink_that_reads(palette: dict[str, float]) -> None:
    ground, ink = colours(palette)
    assert contrast(ground, ink) >= CONTRAST
    assert luminance(ground) <= 0.035


def test_the_ground_has_the_hue_that_the_picked_shots_carry_most() -> None:
    palettes = ["#c02020 #808080 #101010", "#2040c0 #808080 #101010", "#2040c0 #20c040 #ffffff", "#20c040 #20c040 #20c040"]
    card = arrange("s", "N", "g", PICKS, index_of(palette=palettes), at_hand()).card
    assert card is not None
    red, green, blue = (int(card.ground[at : at + 2], 16) for at in (1, 3, 5))
    assert blue > 2 * red
    assert blue > 2 * green
