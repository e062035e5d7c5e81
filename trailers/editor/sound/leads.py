"""Where a clip's sound begins and ends so that no word is cut: before its picture (a J cut), after it (an L cut), or later."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor
from typing import TYPE_CHECKING, Literal

import numpy as np

from trailers.editor.sound.clock import RATE
from trailers.editor.sound.loudness import Flags
from trailers.editor.sound.natural import track_of
from trailers.editor.sound.parts import RING, heard_of
from trailers.editor.sound.speech import STEP, voice
from trailers.editor.sound.tracks import stretches
from trailers.editor.timeline import Card, Clip, Timeline
from trailers.features.span import Span

if TYPE_CHECKING:
    from trailers.features.dialogue import Line
    from trailers.features.media import Episode

STEPS = 100  # a second
REACH = 2 * STEPS  # steps by which a sound leads or trails its picture at most
WORD = STEPS * 3 // 5  # steps that a word lasts at most
BREATH = STEPS * 3 // 20  # steps: a shorter pause of a voice is within a word
BLIP = 8  # steps: a shorter voice is none
LOOSE = STEPS * 3 // 10  # steps by which subtitles and voice may differ
SCRAP = 0.5  # of a line: of which less is inside a clip is left out, as its caption is
FRAME = 5  # steps that a frame lasts at most, by which leads and trails are rounded up
SYLLABLE = STEPS // 4  # steps around an edge in which the softest moment is sought where a voice never pauses

Side = Literal["head", "tail"]


@dataclass(frozen=True, eq=False)
class Heard:
    """What is heard around a clip in steps of 10 ms, the first of them `first` after the episode's beginning.

    `talk` says where somebody speaks, by voice or by a line; `lines` are the lines where they are really heard, `softness` is
    the greatest sample of each step; `start` and `stop` are the clip's own ends.
    """

    first: int
    start: int
    stop: int
    talk: Flags
    voice: Flags
    lines: tuple[tuple[int, int], ...]
    softness: np.ndarray


@dataclass(frozen=True)
class Edge:
    """What must happen to the sound at an end of a clip so that it cuts no word, in steps of 10 ms.

    `out` is how far it must reach beyond the picture to let the speech there be heard whole, None where it cannot or should not;
    `back` how far inside the clip it must stop to leave it out. Both are 0 where nobody speaks. `share` of it is in the clip.
    """

    out: int | None
    back: int
    share: float = 1.0


def led(
    timeline: Timeline,
    episodes: "Mapping[str, Episode]",
    lines: "Mapping[str, Sequence[Line]]",
    shots: Mapping[str, Span],
    hidden: Mapping[str, Sequence[Span]] | None = None,
) -> Timeline:
    """The timeline with a `lead` and a `trail` for every clip whose ends would cut a word.

    A line of which at least half is inside its clip is heard whole: before its picture or after it, over what stands there, if
    nobody speaks in that; else, and of a scrap, nothing is heard. Words without a line (`lines` by episode) are found by voice,
    and followed within their own shot (`shots` by id). Nothing reaches farther than 2 s, over more than half of a neighbouring
    clip, or into a span of `hidden` (by episode), which nobody may hear. A clip that has a lead or trail already keeps it: a
    person has set it.
    """
    clips = heard_of(timeline)
    place = track_of(timeline)
    heard = [listened(clip, episodes[clip.episode], lines.get(clip.episode, ()), place(episodes[clip.episode])) for clip in clips]
    leads, trails = [clip.lead for clip in clips], [clip.trail for clip in clips]
    for number in range(len(clips) + 1):
        tail = _wish(clips, heard, number - 1, "tail", shots, hidden or {}) if number else Edge(0, 0)
        head = _wish(clips, heard, number, "head", shots, hidden or {}) if number < len(clips) else Edge(0, 0)
        over, under = _room(timeline, clips, heard, number)
        out, lead = _settled(tail, head, over, under)
        if number and not clips[number - 1].trail:
            trail = _frames(out, clips[number - 1], timeline.rate)
            trails[number - 1] = trail or _hushed(timeline, clips, heard, number - 1, hidden or {})
        if number < len(clips) and not clips[number].lead:
            leads[number] = _frames(lead, clips[number], timeline.rate)
    starts = {clip.into.start: lead for clip, lead in zip(clips, leads, strict=True)}
    stops = {clip.into.stop: trail for clip, trail in zip(clips, trails, strict=True)}
    return replace(
        timeline,
        clips=tuple(
            replace(clip, lead=starts.get(clip.into.start, clip.lead), trail=stops.get(clip.into.stop, clip.trail))
            for clip in timeline.clips
        ),
    )


def listened(clip: Clip, episode: "Episode", lines: "Sequence[Line]", track: int | None = None) -> Heard:
    """Who speaks in a clip and 2 s before and after it, by voice activity in the sound and by the subtitles' lines."""
    from trailers.features.media import seconds_at

    def at(frame: int) -> int:
        return floor(seconds_at(episode, min(frame, episode.frames)) * STEPS)

    start, stop = at(clip.span.start), at(clip.span.stop)
    first, count = start - REACH - LOOSE, stop - start + 2 * (REACH + LOOSE)
    found, softness = _listen(episode, first, count, track)
    told = [(at(line.span.start) - first, at(line.span.stop) - first) for line in sorted(lines, key=lambda line: line.span)]
    spoken = tuple(_spoken(found, told, number) for number in range(len(told)) if told[number][1] > 0 and told[number][0] < count)
    talk = found.copy()
    for begin, end in spoken:
        talk[max(begin, 0) : max(end, 0)] = True
    return Heard(first, start - first, stop - first, talk, found, spoken, softness)


@lru_cache(maxsize=512)
def _listen(episode: "Episode", first: int, count: int, track: int | None) -> tuple[Flags, np.ndarray]:
    """Voice and softness of so many steps; kept, for the trailers of a season share their clips."""
    from scipy.ndimage import binary_closing, binary_opening

    from trailers.features.media import unchanged

    samples = stretches(episode, [(first * STEP, count * STEP)], 2, track)[0]
    unchanged(episode)  # else those of another film would be kept
    found = binary_closing(np.pad(voice(samples), BREATH), np.ones(BREATH, bool))[BREATH:-BREATH]
    found = np.asarray(binary_opening(found, np.ones(BLIP, bool)), np.bool_)[:count]
    softness = np.abs(samples).max(axis=1).reshape(count, STEP).max(axis=1)
    found.flags.writeable = softness.flags.writeable = False
    return found, softness


def _spoken(voice: Flags, told: Sequence[tuple[int, int]], number: int) -> tuple[int, int]:
    """A line where it is really heard: subtitles come a little early and stay a little long, or the other way round."""
    begin, end = told[number]
    low = max(begin - LOOSE, told[number - 1][1] if number else 0, 0)
    high = min(end + LOOSE, told[number + 1][0] if number + 1 < len(told) else len(voice), len(voice))
    sounding = np.flatnonzero(voice[low:high])
    if not len(sounding) or low >= high:
        return begin, end
    return (min(begin, end - 1) if begin < 0 else low + int(sounding[0])), low + int(sounding[-1]) + 1


def safe_edge(heard: Heard, side: Side, own: tuple[int, int]) -> Edge:
    """What an end of a clip asks for; `own` is its shot, in the steps of `heard`."""
    at, last = (heard.start, heard.stop) if side == "head" else (heard.stop, heard.start)
    line = next(((begin, end) for begin, end in heard.lines if begin < at < end), None)
    begin, end = line or _run(heard.voice, at)
    if begin >= end:
        return Edge(0, 0)
    beyond, inside = (at - begin, end - at) if side == "head" else (end - at, at - begin)
    share = inside / (end - begin)
    reaches = share >= SCRAP and beyond <= REACH
    if not line:  # a voice that no line tells of: within its own shot, and a single word whatever its share
        reaches = (reaches or beyond <= WORD) and own[0] <= begin and end <= own[1]
    if inside <= abs(last - at) // 2:
        return Edge(beyond if reaches else None, inside, share)
    return Edge(beyond if reaches else None, _softest(heard, at, side), share)


def _run(flags: Flags, at: int) -> tuple[int, int]:
    """The stretch of flags around an edge, none where either side of it is silent."""
    if not 0 < at < len(flags) or not (flags[at - 1] and flags[at]):
        return at, at
    off = np.flatnonzero(~flags)
    before, after = off[off < at], off[off >= at]
    return int(before[-1]) + 1 if len(before) else 0, int(after[0]) if len(after) else len(flags)


def _softest(heard: Heard, at: int, side: Side) -> int:
    """How far inside a clip the voice pauses first, within its half; where it never does, the softest moment near the end, which
    is between two syllables."""
    half = (heard.stop - heard.start) // 2
    inward = slice(at, at + half) if side == "head" else slice(at - half, at)
    voice, softness = (flags[inward] if side == "head" else flags[inward][::-1] for flags in (heard.voice, heard.softness))
    if not voice.all():
        return int(voice.argmin())
    return int(softness[:SYLLABLE].argmin()) if len(softness) else 0


def _wish(
    clips: Sequence[Clip],
    heard: Sequence[Heard],
    number: int,
    side: Side,
    shots: Mapping[str, Span],
    hidden: Mapping[str, Sequence[Span]],
) -> Edge:
    """What a clip asks for at an end, what is hidden kept so."""
    clip, around = clips[number], heard[number]
    own = shots.get(clip.shot, clip.span)
    low, high = _steps(clip, around, Span(min(own.start, clip.span.start), max(own.stop, clip.span.stop)))
    edge = safe_edge(around, side, (low, high))
    if not edge.out:
        return edge
    reach = edge.out + FRAME
    start, stop = (around.start - reach, around.start) if side == "head" else (around.stop, around.stop + reach)
    kept = any(begin < stop and start < end for begin, end in _hidden(clip, around, hidden))
    return replace(edge, out=None) if kept or around.first + start < 0 else edge


def _hidden(clip: Clip, around: Heard, hidden: Mapping[str, Sequence[Span]]) -> Iterator[tuple[int, int]]:
    return (_steps(clip, around, span) for span in hidden.get(clip.episode, ()))


def _steps(clip: Clip, around: Heard, span: Span) -> tuple[int, int]:
    """A span of a clip's episode in the steps of what is heard around it."""
    rate = Fraction(around.stop - around.start, max(1, len(clip.span)))  # steps a frame
    start, stop = (around.start + (frame - clip.span.start) * rate for frame in (span.start, span.stop))
    return floor(start), ceil(stop)


def _room(timeline: Timeline, clips: Sequence[Clip], heard: Sequence[Heard], number: int) -> tuple[int, int]:
    """Steps for which the clip before a joint may trail into what follows, and for which the one after may lead: until somebody
    speaks there, over half of a clip, over the whole of a card."""
    before, after = clips[number - 1] if number else None, clips[number] if number < len(clips) else None
    if before and after and before.into.stop == after.into.start:
        talk = heard[number].talk[heard[number].start : (heard[number].start + heard[number].stop) // 2]
        over = int(talk.argmax()) if talk.any() else len(talk)
        talk = heard[number - 1].talk[(heard[number - 1].start + heard[number - 1].stop) // 2 : heard[number - 1].stop][::-1]
        under = int(talk.argmax()) if talk.any() else len(talk)
        return int(over / after.speed), int(under / before.speed)
    return _cards(timeline, before, "tail"), _cards(timeline, after, "head")


def _cards(timeline: Timeline, clip: Clip | None, side: Side) -> int:
    """Steps of the card right after a clip, or right before it."""
    if clip is None:
        return 0
    beside: Iterator[Card] = (
        card
        for card in timeline.cards
        if (card.into.start == clip.into.stop if side == "tail" else card.into.stop == clip.into.start)
    )
    card = next(beside, None)
    return floor(len(card.into) / timeline.rate * STEPS) if card else 0


def _hushed(
    timeline: Timeline, clips: Sequence[Clip], heard: Sequence[Heard], number: int, hidden: Mapping[str, Sequence[Span]]
) -> int:
    """The trail of a clip that rings out over a card into a word, or into what is hidden: it ends before that. Else 0."""
    clip, around = clips[number], heard[number]
    seen = clip.into.stop == timeline.frames or (number + 1 < len(clips) and clips[number + 1].into.start == clip.into.stop)
    shut = around.talk.copy()
    for begin, end in _hidden(clip, around, hidden):
        shut[max(begin - FRAME, 0) : max(end, 0)] = True
    rings = shut[around.stop : around.stop + 4 * RING * STEPS // RATE]
    if seen or not rings.any():
        return 0
    return floor(int(rings.argmax()) / clip.speed / STEPS * timeline.rate) or -1


def _settled(tail: Edge, head: Edge, over: int, under: int) -> tuple[int, int]:
    """Steps by which the clip before a joint trails and the one after it leads (under 0: goes early, comes late): of two that
    want to reach over the other, the one of which more is in its clip does."""
    out = tail.out if tail.out is not None and tail.out <= over else -tail.back
    lead = head.out if head.out is not None and head.out <= under else -head.back
    if out > 0 and lead > 0:
        out, lead = (out, -head.back) if tail.share >= head.share else (-tail.back, lead)
    return out, lead


def _frames(steps: int, clip: Clip, rate: Fraction) -> int:
    """Frames of the timeline for steps of the episode, never fewer: no part of a word is left over."""
    exact = steps / clip.speed / STEPS * rate
    return ceil(exact) if exact > 0 else floor(exact)
