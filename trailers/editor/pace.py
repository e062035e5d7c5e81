"""Cuts that follow the music: each clip a slot of whole beats, so that one can be exchanged and nothing after it moves."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import accumulate, chain, pairwise
from typing import TYPE_CHECKING

import numpy as np

from trailers.editor.picture.frames import frames_at
from trailers.editor.slots import Moments, carried, fits, frames_lent, free
from trailers.editor.sound.clock import frame_near
from trailers.editor.timeline import Card, Clip, Music, Timeline
from trailers.features.span import Span, to_frames

if TYPE_CHECKING:
    from trailers.features.dialogue import Line
    from trailers.features.media import Episode

REACH = Fraction(1)  # seconds that a cut is moved by at most
SEEN = Fraction(1, 2)  # seconds that a clip is seen for at least, if it was before
CARD = Fraction(1, 2)  # seconds that a card may come to be shorter or longer
OFF, OFF_SPOKEN = 8.0, 1.0  # what a cut beside the beat costs; between two clips that speak
NEAR = 0.5  # what it costs at most where a frame is all that it is beside the beat
FIRST = 0.2  # what a cut gains on the first beat of a bar
SHARED = 3.0  # what a clip gains that is the same as in a trailer made before: two of them less than a cut loses off the beat


@dataclass(frozen=True)
class _Part:
    """A card, or a clip, or a run of clips that follow one another in their episode: its frames of the timeline, how few and how
    many they may be; of clips, the frames of the episode that may be shown and those that must, and, by their frames of the
    timeline, those that trailers made before show."""

    parts: tuple[Clip | Card, ...]
    into: Span
    least: int
    most: int
    speaks: bool = False
    room: Span | None = None
    must: Span | None = None
    made: Mapping[int, Span] = field(default_factory=dict)


def paced(
    timeline: Timeline,
    music: Music,
    episodes: "Mapping[str, Episode]",
    shots: Mapping[str, Span],
    lines: "Mapping[str, Sequence[Line]]",
    hidden: Moments | None = None,
    like: Sequence[Timeline] = (),
    held: Collection[str] = (),
) -> Timeline:
    """The timeline with its cuts on the beats of `music`, as long as before: clips begin where they began and end later or
    earlier, or begin earlier where nothing is left after them.

    A clip stays within its shot (`shots` by id: what of it may be shown), out of `hidden` moments of its episode, out of lines
    that it did not hold and of what other clips may take; a line that it held is held whole. Cuts inside a run of shots are the
    episode's own. The beats that cuts go to are solved for all together (shortest path), near where the cuts were; one between
    two clips that speak may stay off the beat. As far as beats allow to a frame, clips show the same frames as in the trailers
    that this is to be `like`, those made before: what is the same is encoded once. Clips of shots that are `held` show the frames
    that they have. Overlays move with what they lie over; captions, effects, J and L cuts are set afterwards, and none is kept.
    """
    units = [replace(unit, made=_made(unit, like)) for unit in _units(timeline, episodes, shots, lines, hidden or {})]
    fixed = {n for n, unit in enumerate(units) if any(isinstance(part, Clip) and part.shot in held for part in unit.parts)}
    units = [replace(unit, room=None) if n in fixed else unit for n, unit in enumerate(units)]
    while True:
        starts = _solved(units, fixed, music, timeline.rate)
        placed = [
            _placed(unit, Span(start, stop), episodes, timeline.rate, music)
            for unit, start, stop in zip(units, starts, [*starts[1:], timeline.frames], strict=True)
        ]
        failed = {number for number, found in enumerate(placed) if found is None} - fixed
        if not failed:
            break
        fixed |= failed
    parts = [part for found, unit in zip(placed, units, strict=True) for part in found or unit.parts]
    intos = [part.into for part in parts]
    return replace(
        timeline,
        clips=tuple(part for part in parts if isinstance(part, Clip)),
        cards=tuple(part for part in parts if isinstance(part, Card)),
        music=replace(music, leads=True),
        overlays=tuple(carried(overlay, [part.into for part in timeline.parts], intos) for overlay in timeline.overlays),
        captions=(),
        effects=(),
        fade_in=min(timeline.fade_in, len(parts[0].into) // 2),
        fade_out=min(timeline.fade_out, len(parts[-1].into) // 2),
    )


def on_beat(timeline: Timeline, lines: "Mapping[str, Sequence[Line]]") -> tuple[int, int]:
    """How many cuts lie within a frame of a beat of the timeline's music, and of how many: all but the episodes' own and those
    between two clips that speak."""
    beats = [frame_near(beat, timeline.rate) for beat in timeline.music.beats] if timeline.music else []
    found = []
    for before, after in pairwise(timeline.parts):
        own = isinstance(before, Clip) and isinstance(after, Clip) and _runs_on(before, after)
        spoken = all(isinstance(part, Clip) and _lines_in(part.span, part.episode, lines) for part in (before, after))
        if not own and not spoken:
            found.append(any(abs(after.into.start - beat) <= 1 for beat in beats))
    return sum(found), len(found)


def _runs_on(before: Clip, after: Clip) -> bool:
    """Whether a clip goes on where the one before it ends in the episode."""
    same = (before.episode, before.span.stop, before.speed) == (after.episode, after.span.start, after.speed)
    return same and not after.mixed and before.into.stop == after.into.start


def _lines_in(span: Span, episode: str, lines: "Mapping[str, Sequence[Line]]") -> list[Span]:
    return [line.span for line in lines.get(episode, ()) if line.span.overlap(span)]


def _units(
    timeline: Timeline,
    episodes: "Mapping[str, Episode]",
    shots: Mapping[str, Span],
    lines: "Mapping[str, Sequence[Line]]",
    hidden: Moments,
) -> list[_Part]:
    """Cards, clips and runs in order, with what each allows."""
    groups: list[list[Clip | Card]] = []
    for part in timeline.parts:
        before = groups[-1][-1] if groups else None
        if isinstance(part, Clip) and isinstance(before, Clip) and _runs_on(before, part):
            groups[-1].append(part)
        else:
            groups.append([part])
    nexts = [*(group[0] for group in groups[1:]), None]
    return [
        _unit(tuple(group), after, timeline, episodes, shots, lines, hidden) for group, after in zip(groups, nexts, strict=True)
    ]


def _unit(
    group: tuple[Clip | Card, ...],
    after: Clip | Card | None,
    timeline: Timeline,
    episodes: "Mapping[str, Episode]",
    shots: Mapping[str, Span],
    lines: "Mapping[str, Sequence[Line]]",
    hidden: Moments,
) -> _Part:
    first, last, rate = group[0], group[-1], timeline.rate
    into = Span(first.into.start, last.into.stop)
    if not isinstance(first, Clip) or not isinstance(last, Clip):
        spare = to_frames(CARD, rate)
        return _Part(group, into, max(len(into) - spare, min(len(into), 2 * spare)), len(into) + spare)
    if first.still:
        return _Part(group, into, len(into), len(into))
    episode, span = episodes[first.episode], Span(first.span.start, last.span.stop)
    spoken = _lines_in(span, first.episode, lines)
    shown = Span(min(shots[first.shot].start, span.start), max(shots[last.shot].stop, span.stop))
    closed = [*hidden.get(first.episode, ()), *(line.span for line in lines.get(first.episode, ()))]
    room = free(span, shown, closed)
    for clip in timeline.clips:  # what lies between two clips of an episode is shared by half
        if clip.episode == first.episode and clip.span.stop <= span.start:
            room = Span(max(room.start, (clip.span.stop + span.start + 1) // 2), room.stop)
        elif clip.episode == first.episode and clip.span.start >= span.stop:
            room = Span(room.start, min(room.stop, (clip.span.start + span.stop) // 2))
    lent = frames_lent(after.mixed, after, episode, rate) if isinstance(after, Clip) else 0
    room = Span(room.start, max(room.stop - lent, span.stop))
    seen = min(len(into), max(to_frames(SEEN, rate), 2 * first.mixed, 2 * after.mixed if isinstance(after, Clip) else 0))
    inside = [line for line in spoken if span.start <= line.start and line.stop <= span.stop]
    kept = inside + [Span(clip.span.stop - 1, clip.span.stop + 1) for clip in group[:-1] if isinstance(clip, Clip)]
    must = Span(min(line.start for line in kept), max(line.stop for line in kept)) if kept else None
    least = max(seen, frames_at(must, episode, rate, first.speed) + 1 if must else 1)
    exact = episode.rate == rate and not episode.variable and first.speed == 1
    most = frames_at(room, episode, rate, first.speed) - (0 if exact else 1)
    return _Part(group, into, min(least, len(into)), max(most, len(into)), bool(spoken), room, must)


def _made(unit: _Part, like: Sequence[Timeline]) -> dict[int, Span]:
    """What trailers made before show of the same clips, by its frames of the timeline, as far as the unit allows it."""

    def rows() -> Iterator[Sequence[Clip]]:
        for timeline in like:
            for n in range(len(timeline.clips) - len(unit.parts) + 1):
                yield timeline.clips[n : n + len(unit.parts)]

    found: dict[int, Span] = {}
    clips = [part for part in unit.parts if isinstance(part, Clip)]
    if unit.room is None:
        return found
    for row in rows():
        same = [(clip.shot, clip.speed) for clip in row] == [(clip.shot, clip.speed) for clip in clips]
        if not same or not all(_runs_on(*pair) for pair in pairwise(row)):
            continue
        span, length = Span(row[0].span.start, row[-1].span.stop), row[-1].into.stop - row[0].into.start
        if not span.overlap(clips[0].span):
            continue
        inside = unit.room.overlap(span) == len(span) and (not unit.must or unit.must.overlap(span) == len(unit.must))
        if inside and unit.least <= length <= unit.most:
            found.setdefault(length, span)
    return found


def _solved(units: Sequence[_Part], fixed: set[int], music: Music, rate: Fraction) -> list[int]:
    """The frame that every part begins at: of all rows that the parts allow the one that costs least (Viterbi)."""
    beats = {frame_near(beat, rate) for beat in music.beats}
    bars = {frame_near(bar, rate) for bar in music.bars}
    reach, beat = to_frames(REACH, rate), max(1, to_frames(Fraction(1, 2), rate))
    total = units[-1].into.stop
    places, costs, came = [np.zeros(1, np.int64)], [np.zeros(1)], [np.zeros(1, np.int64)]
    for number, (before, unit) in enumerate(zip(units, [*units[1:], None], strict=True)):
        usual = before.into.stop
        here = np.arange(max(1, usual - reach), min(total - 1, usual + reach) + 1) if unit else np.array([total])
        spoken = unit is not None and before.speaks and unit.speaks
        worth = ((here - usual) / beat) ** 2
        if unit:
            off = OFF_SPOKEN if spoken else OFF
            worth = worth + np.array([0.0 if at in beats else min(off, NEAR) if beats & {at - 1, at + 1} else off for at in here])
            worth = worth - np.array([FIRST if at in bars else 0.0 for at in here])
        length = here[:, None] - places[-1][None, :]
        least, most = (len(before.into),) * 2 if number in fixed else (before.least, before.most)
        ways = np.where((length >= least) & (length <= most), costs[-1][None, :], np.inf)
        ways = ways - np.where(np.isin(length, list(before.made)), SHARED, 0.0)
        came.append(ways.argmin(axis=1))
        costs.append(ways.min(axis=1) + worth)
        places.append(here)
    at, row = 0, []
    for number in range(len(units), 0, -1):
        at = int(came[number][at])
        row.append(int(places[number - 1][at]))
    return row[::-1]


def _placed(unit: _Part, into: Span, episodes: "Mapping[str, Episode]", rate: Fraction, music: Music) -> list[Clip | Card] | None:
    """The parts of a unit at their new place; None where no frames of the episode last exactly so long."""
    clips = [part for part in unit.parts if isinstance(part, Clip)]
    if not clips:
        return [replace(part, into=into) for part in unit.parts]
    if unit.room is None:
        return _moved(unit, into)
    beats = {frame_near(beat, rate) + more for beat in music.beats for more in (-1, 0, 1)}
    episode, speed = episodes[clips[0].episode], clips[0].speed
    wanted, cuts = Span(clips[0].span.start, clips[-1].span.stop), [clip.span.stop for clip in clips[:-1]]
    made = [unit.made[len(into)]] if len(into) in unit.made else []
    best: tuple[int, list[Clip | Card]] | None = None
    for span in chain(made, fits(wanted, unit.room, unit.must, len(into), speed, episode, rate)):
        edges = [span.start, *cuts, span.stop]
        spans = [Span(start, stop) for start, stop in pairwise(edges)]
        starts = list(accumulate((frames_at(each, episode, rate, speed) for each in spans), initial=into.start))
        if starts[-1] - into.stop not in (0, 1):  # see `fits`
            continue
        starts[-1] = into.stop
        on = sum(start in beats for start in starts[1:-1])
        if best is None or on > best[0]:
            best = (
                on,
                [
                    replace(clip, span=each, into=Span(*edge), views=clip.views if each == clip.span else (), lead=0, trail=0)
                    for clip, each, edge in zip(clips, spans, pairwise(starts), strict=True)
                ],
            )
        if span in made or on == len(cuts) or abs(span.start - wanted.start) > REACH * episode.rate:
            break
    if best is None and len(into) == len(unit.into):
        return _moved(unit, into)  # as long as it was, however that came about
    return best[1] if best else None


def _moved(unit: _Part, into: Span) -> list[Clip | Card]:
    """The parts of a unit as they were, elsewhere."""
    return [replace(part, into=part.into.shift(into.start - unit.into.start)) for part in unit.parts]
