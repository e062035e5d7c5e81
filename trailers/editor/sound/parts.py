"""When each clip of a timeline is heard: where its sound comes and goes, and what is left to room tone."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from trailers.editor.sound.clock import RATE, sample_at
from trailers.editor.timeline import Clip, Timeline, joined

FADE = RATE // 100  # samples in which one clip's sound gives way to the next at a cut: 10 ms, half on each side
RING = RATE // 4  # samples for which a clip rings out over a card when music takes over; without music four times that


@dataclass(frozen=True)
class Part:
    """One clip's sound, or that of a run of shots: samples of the timeline in which it comes (`head`) and goes (`tail`)."""

    clip: Clip
    head: tuple[int, int]
    tail: tuple[int, int]

    @property
    def count(self) -> int:
        return self.tail[1] - self.head[0]


@dataclass(frozen=True)
class Gap:
    """Samples of the timeline that no clip is heard in, to be filled with the room tone of part number `like`."""

    like: int
    head: tuple[int, int]
    tail: tuple[int, int]


def parts(timeline: Timeline, alone: bool = False) -> tuple[Part, ...]:
    """The clips' sound in playing order; `alone` where no music takes over from it.

    At a cut one gives way to the next in 10 ms, in a transition as long as it takes; a run of shots is one (a fade inside it
    would only make a bump). A `lead` has a clip come before its picture, and the one before it go then, unless that has a `trail`
    of its own; a `trail` has the next one come later likewise. Before a card it rings out.
    """
    return tuple(_parts(timeline, RING * (4 if alone else 1)))


def _parts(timeline: Timeline, ring: int) -> Iterator[Part]:
    end, clips = sample_at(timeline.frames, timeline.rate), heard_of(timeline)

    def met(frame: int, mixed: int) -> tuple[int, int]:
        at = min(max(sample_at(max(frame, 0), timeline.rate), 0), end)
        return (at, min(sample_at(max(frame + mixed, 0), timeline.rate), end)) if mixed else (at - FADE // 2, at + FADE // 2)

    for number, clip in enumerate(clips):
        start, stop = sample_at(clip.into.start, timeline.rate), sample_at(clip.into.stop, timeline.rate)
        before = clips[number - 1] if number and clips[number - 1].into.stop == clip.into.start else None
        after = clips[number + 1] if number + 1 < len(clips) and clips[number + 1].into.start == clip.into.stop else None
        head = met(comes(before, clip), clip.mixed)
        if head[0] < FADE:
            head = 0, min(max(FADE // 2, sample_at(timeline.fade_in, timeline.rate)), (stop - start) // 2)
        if after:
            tail = met(goes(clip, after), after.mixed)
        elif stop < end and not clip.trail:
            tail = stop, min(stop + ring, _free(clips, number, timeline))
        elif clip.into.stop + clip.trail < timeline.frames:
            tail = met(clip.into.stop + clip.trail, 0)
        else:
            tail = end - min(max(FADE // 2, sample_at(timeline.fade_out, timeline.rate)), (stop - start) // 2), end
        yield Part(clip, head, (max(tail[0], head[1]), max(tail[1], head[1])))


def heard_of(timeline: Timeline) -> tuple[Clip, ...]:
    """The clips that have sound, runs of shots as one."""
    return joined(clip for clip in timeline.clips if not clip.still)


def comes(before: Clip | None, clip: Clip) -> int:
    """The frame of the timeline from which a clip is heard; `before` stands right before it."""
    return clip.into.start - clip.lead if clip.lead or not before else max(clip.into.start, clip.into.start + before.trail)


def goes(clip: Clip, after: Clip) -> int:
    """The frame of the timeline up to which a clip is heard; `after` stands right after it."""
    return clip.into.stop + clip.trail if clip.trail else min(clip.into.stop, clip.into.stop - after.lead)


def gaps(timeline: Timeline, heard: tuple[Part, ...], alone: bool = False) -> tuple[Gap, ...]:
    """What no part is heard in: between clips whose sound comes late or goes early, each half like the clip that is seen; and
    where no music plays (`alone`) whatever a card leaves empty, so that it does not fall into a hole."""
    return tuple(gap for gap in _gaps(timeline, heard, alone) if gap.tail[0] > gap.head[0])


def _gaps(timeline: Timeline, heard: tuple[Part, ...], alone: bool) -> Iterator[Gap]:
    end = sample_at(timeline.frames, timeline.rate)
    if heard and alone and heard[0].head[0] > 0:
        yield Gap(0, (0, FADE), heard[0].head)
    for number, (before, after) in enumerate(pairwise(heard)):
        if before.clip.into.stop == after.clip.into.start:
            cut = sample_at(after.clip.into.start, timeline.rate)
            seam = (cut - FADE // 2, cut + FADE // 2)
            if before.tail[1] < seam[0]:
                yield Gap(number, before.tail, seam if after.head[0] >= seam[0] else after.head)
            if after.head[0] > seam[1]:
                yield Gap(number + 1, seam if before.tail[1] <= seam[1] else before.tail, after.head)
        elif alone:
            yield Gap(number, before.tail, after.head)
    if heard and alone and heard[-1].tail[1] <= end and heard[-1].clip.into.stop < timeline.frames:
        yield Gap(len(heard) - 1, heard[-1].tail, (end - max(FADE, sample_at(timeline.fade_out, timeline.rate)), end))


def _free(clips: tuple[Clip, ...], number: int, timeline: Timeline) -> int:
    """The sample up to which nothing but cards follow a clip."""
    following = clips[number + 1] if number + 1 < len(clips) else None
    return sample_at(following.into.start - max(following.lead, 0) if following else timeline.frames, timeline.rate)
