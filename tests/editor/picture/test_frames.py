"""Which picture stands at which frame: over all rates and speeds it is the nearest in time, and what is said of it is so."""

from collections import Counter
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.editor.conftest import NumberedFilm
from trailers.editor.picture.frames import RATES, frames_at, policy, source_frames
from trailers.editor.timeline import Clip
from trailers.features.media import Episode, probe
from trailers.features.span import Span

SPEEDS = (Fraction(1, 2), Fraction(1), Fraction(2), Fraction(3, 4))


def episode(rate: Fraction, frames: int = 100000) -> Episode:
    return Episode("e1", Path("e1.mp4"), rate, frames, (320, 180), Fraction(1), 0, False, (), "0" * 64)


def clip(start: int, length: int, source: Fraction, rate: Fraction, speed: Fraction) -> Clip:
    stop = start + max(1, round(length / rate * speed * source))
    return Clip("e1/0", "e1", Span(start, stop), Span(0, length), speed=speed)


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(RATES), st.sampled_from(RATES), st.sampled_from(SPEEDS), st.integers(0, 5000), st.integers(1, 2000))
def test_no_frame_is_further_than_half_a_frame_from_its_time_however_long_the_clip(
    source: Fraction, rate: Fraction, speed: Fraction, start: int, length: int
) -> None:
    used = clip(start, length, source, rate, speed)
    shown = source_frames(used, episode(source), rate, after=12)
    assert len(shown) == length + 12
    assert shown[0] == start
    assert all(before <= after for before, after in pairwise(shown))
    for k, frame in enumerate(shown):
        held = k < length and frame == used.span.stop - 1  # the clip's last picture stays to its end
        off = abs(Fraction(frame - start) / source - k * speed / rate)
        assert off <= (Fraction(3, 2) if held else Fraction(1, 2)) / source


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(RATES), st.sampled_from(RATES), st.sampled_from(SPEEDS), st.integers(1, 2000))
def test_a_span_lasts_as_long_as_its_pictures_to_half_a_frame(
    source: Fraction, rate: Fraction, speed: Fraction, length: int
) -> None:
    found = frames_at(Span(7, 7 + length), episode(source), rate, speed)
    assert found == 1 or abs(found / rate - length / source / speed) <= 1 / rate / 2


@pytest.mark.parametrize(
    ("source", "rate", "speed", "words"),
    [
        ("24", "24", "1", "every frame"),
        ("50", "25", "1", "1 frame in 2"),
        ("25", "50", "1", "every frame shown twice"),
        ("24", "25", "1", "nearest frame, 1 in 24 shown twice"),
        ("25", "24", "1", "nearest frame, 1 in 25 left out"),
        ("24000/1001", "24", "1", "nearest frame, 1 in 1000 shown twice"),
        ("24", "24000/1001", "1", "nearest frame, 1 in 1001 left out"),
        ("30000/1001", "24000/1001", "1", "nearest frame, 1 in 5 left out"),
        ("24", "60", "1", "nearest frame, each shown 2 or 3 times"),
        ("60", "24", "1", "nearest frame, 3 in 5 left out"),
        ("24", "24", "1/2", "every frame shown twice, at 1/2 of its speed"),
        ("24", "24", "2", "1 frame in 2, at 2 of its speed"),
        ("50", "25", "1/2", "every frame, at 1/2 of its speed"),
    ],
)
def test_the_policy_says_what_is_done(source: str, rate: str, speed: str, words: str) -> None:
    assert policy(episode(Fraction(source)), Fraction(rate), Fraction(speed)) == words


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(RATES), st.sampled_from(RATES), st.sampled_from(SPEEDS))
def test_what_the_policy_says_is_counted_in_the_frames_shown(source: Fraction, rate: Fraction, speed: Fraction) -> None:
    step = source * speed / rate
    taken, shown = step.numerator, step.denominator
    run = source_frames(clip(100, 3 * shown + 3, source, rate, speed), episode(source), rate)
    first = next(k for k in range(1, len(run)) if run[k] != run[k - 1])
    times = Counter(run[first : first + shown])
    said = policy(episode(source), rate, speed).split(", at ")[0]
    if "left out" in said:
        left, whole = (int(word) for word in said.split() if word.isdigit())
        assert (whole - len(times), whole) == (left, taken)
        assert set(times.values()) == {1}
    elif "1 frame in" in said:
        assert said.endswith(str(taken))
        assert list(times.values()) == [1]
    elif "or" in said:
        assert set(times.values()) <= {shown // taken, shown // taken + 1}
    elif "in" in said:
        twice, whole = (int(word) for word in said.split() if word.isdigit())
        assert (sum(count == 2 for count in times.values()), len(times)) == (twice, whole)
    else:
        assert set(times.values()) == {shown}


def test_a_variable_rate_goes_by_its_own_time_stamps(numbered_film: NumberedFilm) -> None:
    times = [20 * n if n < 50 else 1000 + 80 * (n - 50) for n in range(80)]  # 50 frames a second, then 12.5
    found = probe(numbered_film(name="variable.mkv", frames=80, times=times), "e1")
    assert policy(found, Fraction(25)) == "the frame nearest to its own time stamp"
    slow = Clip("e1/0", "e1", Span(50, 60), Span(0, 40), speed=Fraction(1, 2))
    assert source_frames(slow, found, Fraction(25))[::4] == tuple(range(50, 60))
