"""Which of an episode's frames a clip shows at each frame of a timeline, over rates that differ."""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from trailers.editor.timeline import Clip
from trailers.features.media import frame_at, seconds_at
from trailers.features.span import Span, to_frames

if TYPE_CHECKING:
    from trailers.features.media import Episode

RATES = (*(Fraction(rate) for rate in (24, 25, 30, 50, 60)), *(Fraction(rate * 1000, 1001) for rate in (24, 30, 60)))


def common_rate(parts: "Sequence[tuple[Episode, int]]") -> Fraction:
    """The rate of most frames among (episode, frames); a variable rate counts as the nearest usual one; of equals, the higher."""
    frames: dict[Fraction, int] = defaultdict(int)
    for episode, count in parts:
        rate = min(RATES, key=lambda standard: abs(standard - episode.rate)) if episode.variable else episode.rate
        frames[rate] += count
    return max(frames, key=lambda rate: (frames[rate], rate))


def frames_at(span: Span, episode: "Episode", rate: Fraction, speed: Fraction = Fraction(1)) -> int:
    """How many frames of a timeline at `rate` a span of an episode lasts at a speed: the nearest whole number, one at least."""
    if episode.rate == rate and not episode.variable and speed == 1:
        return len(span)
    return max(1, to_frames((seconds_at(episode, span.stop) - seconds_at(episode, span.start)) / speed, rate))


def source_frames(clip: Clip, episode: "Episode", rate: Fraction, after: int = 0) -> tuple[int, ...]:
    """The episode's frame that each timeline frame of a clip shows, and `after` more that follow it for a joint's tail.

    At the episode's own rate and speed: one for one. Else timeline frame k shows the picture nearest to the span's beginning
    plus k * speed / rate (of two equally near the earlier), so that no clip drifts by more than half a frame of the episode and
    errors never add up; `policy` says in words what that comes to.
    """
    count = len(clip.into) + after
    if episode.rate == rate and not episode.variable and clip.speed == 1:
        return tuple(min(clip.span.start + k, episode.frames - 1) for k in range(count))
    last = episode.frames - 1 if after else clip.span.stop - 1
    begin, step = seconds_at(episode, clip.span.start), clip.speed / rate
    shown = [_nearest(episode, begin + k * step) for k in range(count)]
    return tuple(min(frame, clip.span.stop - 1 if k < len(clip.into) else last) for k, frame in enumerate(shown))


def policy(episode: "Episode", rate: Fraction, speed: Fraction = Fraction(1)) -> str:
    """How a clip's pictures come to a timeline's rate, in words: "every frame", "nearest frame, 1 in 24 shown twice"."""
    pace = "" if speed == 1 else f", at {speed} of its speed"
    if episode.variable:
        return f"the frame nearest to its own time stamp{pace}"
    step = episode.rate * speed / rate  # frames of the episode for one of the timeline
    taken, shown = step.numerator, step.denominator
    if step == 1:
        return f"every frame{pace}"
    if shown == 1:
        return f"1 frame in {taken}{pace}"
    if taken == 1:
        return f"every frame {_times(shown)}{pace}"
    if step > 1:
        return f"nearest frame, {taken - shown} in {taken} left out{pace}"
    least = shown // taken
    if least == 1:
        return f"nearest frame, {shown - taken} in {taken} shown twice{pace}"
    return f"nearest frame, each shown {least} or {least + 1} times{pace}"


def _times(count: int) -> str:
    return "shown twice" if count == 2 else f"shown {count} times"


def _nearest(episode: "Episode", time: Fraction) -> int:
    """The frame that begins nearest to a time; of two equally near the earlier."""
    frame = frame_at(episode, time)
    if frame + 1 < episode.frames and seconds_at(episode, frame + 1) - time < time - seconds_at(episode, frame):
        return frame + 1
    return frame
