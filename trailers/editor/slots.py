"""The slots of a timeline: which frames of a shot fill one exactly, and the exchange of a clip in its slot."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING

from trailers.editor.picture.frames import frames_at
from trailers.editor.timeline import Clip, Overlay, Timeline
from trailers.errors import PlanError
from trailers.features.span import Span

if TYPE_CHECKING:
    from trailers.features.media import Episode
    from trailers.features.shots import Shot

Moments = Mapping[str, Sequence[Span]]


def replaced(
    timeline: Timeline, number: int, shot: "Shot", span: Span, episodes: "Mapping[str, Episode]", hidden: Moments | None = None
) -> Timeline:
    """The timeline with clip `number` exchanged for frames of another shot, in the same slot; nothing else moves.

    `span` says what is wanted. Of more than the slot holds the middle is taken; less is made as long as the slot by the frames
    around it, those after it first, within the shot. `hidden` moments of its episode are never shown, of what they part the
    longest rest is taken. Where no frames are left to lend to the joint after it, that becomes a cut. Captions over the slot are
    taken off, for its words are others. A PlanError if there is no such clip, the shot is too short for the slot, or all that is
    wanted lies outside the shot or is hidden; clips are counted from 0, for people from 1.
    """
    if not 0 <= number < len(timeline.clips):
        raise PlanError(f"clip {number + 1} was to be exchanged; the timeline has clips 1 to {len(timeline.clips)}")
    old, rate, episode = timeline.clips[number], timeline.rate, episodes[shot.episode]
    closed = (hidden or {}).get(shot.episode, ())
    rest = longest(span, shot.span, closed)
    if rest is None:
        raise PlanError(f"{shot.id}: frames {span.start} to {span.stop} lie outside the shot or in a moment that is kept back")
    after = timeline.clips[number + 1] if number + 1 < len(timeline.clips) else None
    lent = after.mixed if after and after.into.start == old.into.stop else 0
    more = max(0, frames_at(rest, episode, rate) - len(old.into) - lent) * episode.rate / rate
    wish = Span(rest.start + floor(more / 2), rest.stop)
    for borrowed in dict.fromkeys((lent, 0)):
        room = free(rest, shot.span, closed)
        room = Span(room.start, max(room.start + 1, room.stop - frames_lent(borrowed, after or old, episode, rate)))
        found = next(fits(wish, room, None, len(old.into), Fraction(1), episode, rate), None)
        if found:
            break
    else:
        held = frames_at(room, episode, rate)
        raise PlanError(
            f"{shot.id} has {held} frames that may be shown, the slot of clip {number + 1} needs {len(old.into)}: "
            "choose a longer shot"
        )
    new = Clip(shot.id, shot.episode, found, old.into, old.joint, old.mixed, slot=old.slot, why="chosen by hand", propensity=1.0)
    clips = list(timeline.clips)
    clips[number] = new
    if after and lent and not borrowed:
        clips[number + 1] = replace(after, joint="cut", mixed=0)
    kept = tuple(caption for caption in timeline.captions if not caption.into.overlap(old.into))
    return replace(timeline, clips=tuple(clips), captions=kept)


def longest(span: Span, room: Span, closed: Sequence[Span]) -> Span | None:
    """The longest stretch of a span that lies in `room` and out of all that is closed."""
    low, high = max(span.start, room.start), min(span.stop, room.stop)
    edges = sorted((max(low, other.start), min(high, other.stop)) for other in closed if other.start < high and other.stop > low)
    found, at = [], low
    for start, stop in [*edges, (high, high)]:
        if start > at:
            found.append(Span(at, start))
        at = max(at, stop)
    return max(found, key=lambda stretch: (len(stretch), -stretch.start), default=None)


def free(span: Span, room: Span, closed: Sequence[Span]) -> Span:
    """What of `room` may be taken around a span without coming into any of the `closed` ones; at least the span itself."""
    low = max([room.start, *(other.stop for other in closed if other.stop <= span.start)])
    high = min([room.stop, *(other.start for other in closed if other.start >= span.stop)])
    return Span(min(low, span.start), max(high, span.stop))


def fits(
    wanted: Span, room: Span, must: Span | None, length: int, speed: Fraction, episode: "Episode", rate: Fraction
) -> Iterator[Span]:
    """Spans that last `length` frames of the timeline, within `room` and around `must`, those that begin nearest to `wanted`
    first. Of an episode whose frames last longer than the timeline's some lengths are none: a span may then be part of a frame
    longer than its slot."""
    usual = length * speed * episode.rate / rate
    slow = episode.variable or usual < length
    counts = sorted(range(max(1, floor(usual) - 1), ceil(usual) + 2), key=lambda count: (abs(count - usual), count))
    last = min(must.start if must else room.stop, room.stop - counts[0] + 1)
    for start in sorted(range(room.start, last + 1), key=lambda at: (abs(at - wanted.start), at)):
        spans = [Span(start, start + count) for count in counts if start + count <= min(room.stop, episode.frames)]
        lengths = [(frames_at(span, episode, rate, speed), span) for span in spans if not must or span.stop >= must.stop]
        for over in (0, 1) if slow else (0,):
            if found := next((span for lasts, span in lengths if lasts == length + over), None):
                yield found
                break


def frames_lent(frames: int, clip: Clip, episode: "Episode", rate: Fraction) -> int:
    """Frames of an episode that a joint of so many timeline frames may take after a span."""
    if not frames:
        return 0
    step = episode.rate * clip.speed / rate
    return ceil(frames * step) + (0 if step == 1 and not episode.variable else 1)


def carried(overlay: Overlay, before: Sequence[Span], after: Sequence[Span]) -> Overlay:
    """An overlay over the parts of a timeline that it lay over, now that they stand elsewhere; a frame of it at least."""
    first = next(number for number, into in enumerate(before) if overlay.into.start in into)
    last = next(number for number, into in enumerate(before) if overlay.into.stop - 1 in into)
    start = after[first].start + min(overlay.into.start - before[first].start, len(after[first]) - 1)
    length = len(overlay.into) if first == last else after[last].start + overlay.into.stop - before[last].start - start
    return replace(overlay, into=Span(start, max(start + 1, min(start + length, after[last].stop))))
