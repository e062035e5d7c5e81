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


def frames_at(span: Span, episode: "Episode", rate: Fraction) -> int:
    """How many frames of a timeline at `rate` a span of an episode lasts: the nearest whole number, one at least."""
    if episode.rate == rate and not episode.variable:
        return len(span)
    return max(1, to_frames(seconds_at(episode, span.stop) - seconds_at(episode, span.start), rate))


def source_frames(clip: Clip, episode: "Episode", rate: Fraction, after: int = 0) -> tuple[int, ...]:
    """The episode's frame that each timeline frame of a clip shows, and `after` more that follow it for a dissolve's tail.

    At the episode's own rate: one for one. At another, timeline frame k shows the picture nearest to the span's beginning plus
    k / rate (of two equally near the earlier), so that no clip drifts by more than half a frame and errors never add up.
    """
    count = len(clip.into) + after
    if episode.rate == rate and not episode.variable:
        return tuple(min(clip.span.start + k, episode.frames - 1) for k in range(count))
    last = episode.frames - 1 if after else clip.span.stop - 1
    begin = seconds_at(episode, clip.span.start)
    shown = [_nearest(episode, begin + k / rate) for k in range(count)]
    return tuple(min(frame, clip.span.stop - 1 if k < len(clip.into) else last) for k, frame in enumerate(shown))


def _nearest(episode: "Episode", time: Fraction) -> int:
    """The frame that begins nearest to a time; of two equally near the earlier."""
    frame = frame_at(episode, time)
    if frame + 1 < episode.frames and seconds_at(episode, frame + 1) - time < time - seconds_at(episode, frame):
        return frame + 1
    return frame
