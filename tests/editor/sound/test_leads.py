"""No word is cut: lines lead or trail their pictures where nobody else speaks, and scraps are left out."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.editor.sound.material import FILM, film, noise, plan
from trailers.demo.voice import say
from trailers.editor.sound.leads import REACH, Heard, led, safe_edge
from trailers.editor.sound.loudness import RATE
from trailers.editor.timeline import Clip, Timeline
from trailers.features.dialogue import Line
from trailers.features.media import Episode
from trailers.features.span import Span

SECOND = 24


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Episode:
    """Thirty seconds in which no voice is heard: only lines tell who speaks."""
    return film(tmp_path_factory.mktemp("quiet") / "e.mov", noise(30, 0.001), 30 * SECOND)


def edges(
    episode: Episode, spans: Sequence[tuple[float, float]], lines: Sequence[tuple[float, float]], card: int = 0,
    hidden: Sequence[tuple[float, float]] = (), shots: Sequence[tuple[float, float]] = (),
) -> list[tuple[int, int]]:  # fmt: skip
    """Lead and trail of each clip; all ends in seconds of the episode."""
    timeline = plan([("e", round(start * SECOND), round(stop * SECOND)) for start, stop in spans], card=card)
    told = [Line("words", frames(*line)) for line in lines]
    known = {clip.shot: frames(*shot) for clip, shot in zip(timeline.clips, shots or spans, strict=True)}
    made = led(timeline, {"e": episode}, {"e": told}, known, {"e": [frames(*span) for span in hidden]})
    assert [(clip.span, clip.into) for clip in made.clips] == [(clip.span, clip.into) for clip in timeline.clips]
    return [(clip.lead, clip.trail) for clip in made.clips]


def frames(start: float, stop: float) -> Span:
    return Span(round(start * SECOND), round(stop * SECOND))


def test_a_line_that_began_before_its_clip_leads_its_picture(quiet: Episode) -> None:
    assert edges(quiet, [(2, 5), (10, 13)], [(9.5, 12)]) == [(0, 0), (12, 0)]


def test_a_line_that_goes_on_after_its_clip_is_heard_over_the_next(quiet: Episode) -> None:
    assert edges(quiet, [(2, 5), (10, 13)], [(3, 5.5)]) == [(0, 12), (0, 0)]


def test_a_line_may_lead_from_a_card_and_trail_over_one(quiet: Episode) -> None:
    assert edges(quiet, [(2, 5)], [(3, 5.5)], card=48) == [(0, 12)]
    assert edges(quiet, [(2, 7)], [(5, 7.5)]) == [(0, -48)]  # nothing follows that it could be heard over


def test_a_clip_that_rings_out_over_a_card_ends_before_the_next_word(quiet: Episode) -> None:
    assert edges(quiet, [(2, 5)], [(5.5, 8)], card=48) == [(0, 12)]
    assert edges(quiet, [(2, 5)], [(5, 8)], card=48) == [(0, -1)]
    assert edges(quiet, [(2, 5)], [(6.5, 8)], card=48) == [(0, 0)]


def test_a_scrap_of_a_line_is_not_heard(quiet: Episode) -> None:
    assert edges(quiet, [(2, 5), (10, 13)], [(9, 10.5)]) == [(0, 0), (-12, 0)]
    assert edges(quiet, [(2, 5), (10, 13)], [(4.5, 6)]) == [(0, -12), (0, 0)]


def test_a_line_is_not_heard_over_another(quiet: Episode) -> None:
    assert edges(quiet, [(2, 5), (10, 13)], [(4.25, 4.75), (9.5, 11)]) == [(0, 0), (-24, 0)]
    assert edges(quiet, [(2, 5), (10, 13)], [(3.5, 5.5), (10.25, 12)]) == [(0, -36), (0, 0)]


def test_of_two_lines_that_would_meet_the_one_that_is_more_in_its_clip_is_heard(quiet: Episode) -> None:
    assert edges(quiet, [(2, 5), (10, 13)], [(4, 5.25), (9.5, 11)]) == [(0, -24), (-24, 0)]  # each in the way of the other
    assert edges(quiet, [(2, 5), (10, 13)], [(3, 4), (9.5, 11)]) == [(0, 0), (12, 0)]


def test_a_line_leads_over_half_of_the_clip_before_at_most_and_two_seconds(quiet: Episode) -> None:
    assert edges(quiet, [(2, 3), (10, 13)], [(9.25, 11.5)]) == [(0, 0), (-36, 0)]
    assert edges(quiet, [(1, 7), (10, 16)], [(7.5, 12.75)]) == [(0, 0), (-66, 0)]


def test_nothing_is_heard_of_what_is_hidden(quiet: Episode) -> None:
    line = [(9.5, 12.0)]
    assert edges(quiet, [(2, 5), (10, 13)], line, hidden=[(8, 9)]) == [(0, 0), (12, 0)]
    assert edges(quiet, [(2, 5), (10, 13)], line, hidden=[(9, 9.75)])[1][0] <= 0


def test_a_clip_does_not_ring_out_into_what_is_hidden(quiet: Episode) -> None:
    assert edges(quiet, [(2, 5)], [], card=48, hidden=[(5, 6)]) == [(0, -1)]
    assert edges(quiet, [(2, 5)], [], card=48, hidden=[(5.5, 6)])[0][1] in (10, 11)
    assert edges(quiet, [(2, 5)], [], card=48, hidden=[(6.5, 7)]) == [(0, 0)]


seconds = st.integers(0, 14).map(lambda tenth: tenth / 2)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(seconds, st.sampled_from([0.5, 1, 2, 3])), max_size=4), st.sampled_from([0, 48]), seconds)
def test_no_frame_of_what_is_hidden_is_ever_heard(
    quiet: Episode, told: list[tuple[float, float]], card: int, secret: float
) -> None:
    clips, hidden = [(2.0, 4.0), (8.0, 11.0), (14.0, 15.0)], [(5.5 + secret / 4, 7.0 + secret / 7), (12.0, 13.5), (15.25, 16.0)]
    lines = [(2 + 2 * start, 2 + 2 * start + length) for start, length in told]
    made = edges(quiet, clips, lines, card, hidden)
    for (start, stop), (lead, trail) in zip(clips, made, strict=True):
        last = (start, stop) == clips[-1] and card and not trail  # which then rings out, a second at most
        heard = start - lead / SECOND, stop + trail / SECOND + (1 if last else 0)
        assert not any(heard[0] < end and begin < heard[1] for begin, end in hidden)


def test_a_run_of_shots_is_one_and_a_person_is_obeyed(quiet: Episode) -> None:
    assert edges(quiet, [(2, 5), (10, 12), (12, 14)], [(9.5, 11), (11.5, 12.5)]) == [(0, 0), (12, 0), (0, 0)]
    clips = (Clip("e/0", "e", Span(48, 120), Span(0, 72), trail=5), Clip("e/1", "e", Span(240, 312), Span(72, 144), lead=3))
    timeline = Timeline("t", "s", "T", "g", FILM, clips)
    assert led(timeline, {"e": quiet}, {"e": [Line("w", frames(9.5, 12))]}, {}).clips == clips


def test_a_line_that_fills_its_clip_is_not_taken_from_it(quiet: Episode) -> None:
    assert edges(quiet, [(2, 5)], [(1, 9)]) == [(0, 0)]  # nowhere a voice: no word is cut


def test_a_voice_that_no_line_tells_of_is_followed_to_its_ends(tmp_path: Path) -> None:
    from scipy.signal import resample_poly

    wave = noise(12, 0.0005)
    said = resample_poly(say("Open the gate", "viktor"), 2, 1)
    said = 0.4 * said / np.abs(said).max()
    for second in (3, 8):
        wave[second * RATE : second * RATE + len(said)] += said[:, None].astype(np.float32)
    e = film(tmp_path / "e.mov", wave, 12 * SECOND)
    length = len(said) / RATE
    into = 8 + length - 0.25  # a clip that begins at the very end of the words
    assert edges(e, [(4.5, 7), (into, into + 2)], [], shots=[(4.5, 7), (into, into + 2)])[1][0] < 0
    out = 3 + length - 0.25
    assert edges(e, [(1, out), (5, 7)], [], shots=[(1, 5), (5, 7)])[0][1] > 0


def heard(talk: np.ndarray, start: int, stop: int, lines: tuple[tuple[int, int], ...]) -> Heard:
    return Heard(0, start, stop, talk, talk, lines, np.ones(len(talk)))


@given(st.integers(0, 500), st.integers(1, 400), st.integers(250, 300), st.integers(20, 400))
def test_an_edge_lets_a_line_be_heard_whole_or_not_at_all(begin: int, length: int, start: int, long: int) -> None:
    talk = np.zeros(1200, bool)
    talk[begin : begin + length] = True
    edge = safe_edge(heard(talk, start, start + long, ((begin, begin + length),)), "head", (0, 1200))
    if not begin < start < begin + length:
        assert edge.out == edge.back == 0
    else:
        assert edge.out in (None, start - begin)
        assert (edge.out or 0) <= REACH
        assert edge.back <= long // 2
        assert edge.back == begin + length - start or begin + length - start > long // 2
