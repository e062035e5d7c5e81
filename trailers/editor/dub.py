"""A dub whose lines are longer than the clips that they are heard in: the cut is solved again, and no word is lost."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from trailers.editor.picture.frames import frames_at
from trailers.editor.timeline import Card, Clip, Overlay, Timeline, View, joined
from trailers.errors import PlanError
from trailers.features.media import seconds_at
from trailers.features.span import Span, to_frames, to_seconds

if TYPE_CHECKING:
    from trailers.features.dialogue import Line
    from trailers.features.media import Episode

HEARD, BEGUN = Fraction(1, 2), Fraction(1, 3)  # what a clip lets hear of a line; of one that begins in it
GLIMPSE, CARD = Fraction(1, 2), Fraction(3, 2)  # seconds that a clip and a card last at the least
FAIR = Fraction(1, 3)  # of a part, what it gives before one further away is asked
_NONE = Span(0, 1)  # of a card


@dataclass(frozen=True)
class _Dub:
    """What is solved: a timeline, the lines of its dub by episode, how far each shot's clips may reach, what nobody may see."""

    timeline: Timeline
    lines: "Mapping[str, Sequence[Line]]"
    shots: Mapping[str, Span]
    episodes: "Mapping[str, Episode]"
    hidden: Mapping[str, Sequence[Span]]

    @property
    def name(self) -> str:
        return f"{self.timeline.id}: in {self.timeline.language or 'the dub'}"

    def heard(self, clip: Clip, span: Span) -> list[Span]:
        """The lines that a span of a clip's episode lets hear for the most part, or begins."""
        spans = [line.span for line in self.lines.get(clip.episode, ())]
        shares = [Fraction(line.overlap(span), len(line)) for line in spans]
        return [
            line
            for line, share in zip(spans, shares, strict=True)
            if share >= HEARD or (share >= BEGUN and line.start in span)
        ]  # fmt: skip

    def frames(self, clip: Clip, span: Span) -> int:
        """How many frames of the timeline a span lasts in a clip."""
        return frames_at(span, self.episodes[clip.episode], self.timeline.rate, clip.speed)

    def between(self, clip: Clip, early: int, late: int) -> Fraction:
        """Frames of the timeline, not rounded, from one frame of a clip's episode to another."""
        episode = self.episodes[clip.episode]
        seconds = seconds_at(episode, min(late, episode.frames)) - seconds_at(episode, early)
        return seconds / clip.speed * self.timeline.rate


@dataclass(frozen=True)
class _Part:
    """A clip or a card as it is to be: frames of the timeline, and how many of them it can spare; of a clip its span, and in
    that what has to stay (`keep`). It may be cut where it `begins` and `ends` a run of shots."""

    of: Clip | Card
    length: int
    spare: int
    span: Span = _NONE
    keep: Span = _NONE
    begins: bool = True
    ends: bool = True
    lead: int = 0
    trail: int = 0

    @property
    def given(self) -> int:
        return len(self.of.into) - self.length


def lengthened(
    timeline: Timeline,
    lines: "Mapping[str, Sequence[Line]]",
    shots: Mapping[str, Span],
    episodes: "Mapping[str, Episode]",
    hidden: Mapping[str, Sequence[Span]] = {},
) -> Timeline:
    """The timeline, as long as it was, with each clip long enough for the lines of a dub that it lets hear.

    `lines`, by episode, are the dub's; `shots` say how far the clips of each may reach; `hidden` are spans of each episode that
    are neither shown nor heard. A clip grows within its shot; what is
    left of a line is heard under the picture that follows (or comes before), if nobody speaks there. The frames are taken where
    no word is, from the nearest clips and cards: a third of each first; half a second of a clip and 1.5 of a card stay. Overlays
    move with what they lie over. Captions, effects and views, but for those that a person set, depend on the cuts and are left
    to be made anew: this comes before pace, leads, captions and framing. A PlanError where there is not enough to take, or no
    place for the rest of a line.
    """
    dub = _Dub(timeline, lines, shots, episodes, hidden)
    before = [*_parts(dub)]
    parts = list(before)
    for first, head, last, tail in _runs(before):
        _grow(parts, first, head, last, tail, dub)
    if parts == before:
        return timeline
    for number, part in enumerate(tuple(parts)):
        if part.given < 0:
            _take(parts, number, -part.given, dub)
    return _rebuilt(parts, dub)


def _parts(dub: _Dub) -> Iterator[_Part]:
    rate, parts, runs = dub.timeline.rate, dub.timeline.parts, joined(dub.timeline.clips)
    for number, part in enumerate(parts):
        if isinstance(part, Card):
            yield _Part(part, len(part.into), max(0, len(part.into) - to_frames(CARD, rate)))
            continue
        after = parts[number + 1] if number + 1 < len(parts) else None
        begins = not (number and _follows(parts[number - 1], part))
        ends = not (after and _follows(part, after))
        edge = part.span.start if ends else part.span.stop - 1
        run = next(run for run in runs if part.into.start in run.into)
        heard = [line for line in dub.heard(run, run.span) if line.overlap(part.span)] or [Span(edge, edge + 1)]
        first, last = min(line.start for line in heard), max(line.stop for line in heard)
        keep = Span(max(part.span.start, first), min(part.span.stop, last))
        lent = after.mixed if isinstance(after, Clip) else 0
        least = max(to_frames(GLIMPSE, rate), dub.frames(part, keep), 2 * part.mixed, part.mixed + lent)
        spare = max(0, len(part.into) - least) if begins or ends else 0
        yield _Part(part, len(part.into), spare, part.span, keep, begins, ends)


def _follows(before: Clip | Card, part: Clip | Card) -> bool:
    """Whether a clip goes on where the one before it ends, as in its episode."""
    return isinstance(before, Clip) and isinstance(part, Clip) and len(joined((before, part))) == 1


def _runs(parts: Sequence[_Part]) -> Iterator[tuple[int, Clip, int, Clip]]:
    """The first and the last clip of each run of shots, with their numbers."""
    for number, part in enumerate(parts):
        if isinstance(part.of, Clip):
            if part.begins:
                first, head = number, part.of
            if part.ends:
                yield first, head, number, part.of


def _grow(parts: list[_Part], first: int, head: Clip, last: int, tail: Clip, dub: _Dub) -> None:
    """Lets a run of shots reach as far as its lines do and its shots allow; what is beyond becomes its lead and its trail."""
    whole = Span(head.span.start, tail.span.stop)
    heard = dub.heard(head, whole)
    start = min([whole.start, *(line.start for line in heard)])
    stop = max([whole.stop, *(line.stop for line in heard)])
    episode = dub.episodes[head.episode]
    after = parts[last + 1].of if last + 1 < len(parts) else None
    mixed = after.mixed if isinstance(after, Clip) else 0
    lent = ceil(mixed * tail.speed * episode.rate / dub.timeline.rate) + 1 if mixed else 0
    taken = [clip.span for clip in dub.timeline.clips if clip.episode == head.episode]
    hidden = dub.hidden.get(head.episode, ())
    low = max([dub.shots.get(head.shot, head.span).start, *(span.stop for span in (*taken, *hidden) if span.stop <= whole.start)])
    roof = min([dub.shots.get(tail.shot, tail.span).stop, *(span.start for span in hidden if span.start >= whole.stop)]) - lent
    high = min([roof, *(span.start for span in taken if span.start >= whole.stop)])
    begin, end = min(max(start, low), whole.start), max(min(stop, high), whole.stop)
    if any(max(first, span.start) < min(last, span.stop) for first, last in ((start, begin), (end, stop)) for span in hidden):
        raise PlanError(f"{dub.name} a line of {head.shot} runs into what is not to be heard; swap the clip, or do not dub it")
    if begin < whole.start:
        parts[first] = _stretched(parts[first], head, Span(begin, parts[first].span.stop), dub)
    if end > whole.stop:
        parts[last] = _stretched(parts[last], tail, Span(parts[last].span.start, end), dub)
    parts[first] = replace(parts[first], lead=ceil(dub.between(head, start, begin)))
    parts[last] = replace(parts[last], trail=ceil(dub.between(tail, end, stop)))


def _stretched(part: _Part, clip: Clip, span: Span, dub: _Dub) -> _Part:
    more = dub.frames(clip, span) - dub.frames(clip, part.span)
    return replace(part, span=span, keep=span, length=part.length + more, spare=0)


def _take(parts: list[_Part], number: int, frames: int, dub: _Dub) -> None:
    """Takes frames from the parts around one, the nearest first."""
    wanted = frames
    for most in (FAIR, Fraction(1)):
        for n in sorted(range(len(parts)), key=lambda n: (abs(n - number), n)):
            part = parts[n]
            if part.spare:
                took = max(0, min(wanted, part.spare - part.given, int(len(part.of.into) * most) - part.given))
                parts[n] = replace(part, length=part.length - took)
                wanted -= took
    if wanted:
        shot, rate = getattr(parts[number].of, "shot", ""), dub.timeline.rate
        raise PlanError(
            f"{dub.name} the words of {shot} last {to_seconds(frames, rate):.2f} s longer than its clip, and the others can "
            f"spare {to_seconds(frames - wanted, rate):.2f} s; swap the clip, ask for a longer trailer, or do not dub it"
        )


def _rebuilt(parts: Sequence[_Part], dub: _Dub) -> Timeline:
    clips: list[Clip] = []
    cards: list[Card] = []
    at, moves = 0, {}
    for part in parts:
        into = moves[part.of.into] = Span(at, at + part.length)
        at = into.stop
        if isinstance(part.of, Card):
            cards.append(replace(part.of, into=into))
        else:
            clips.append(_recut(part.of, part, into, dub))
    _heard_alone(joined(clips), at, dub)
    timeline = dub.timeline
    return replace(
        timeline,
        clips=tuple(clips),
        cards=tuple(cards),
        overlays=tuple(_moved(overlay, moves) for overlay in timeline.overlays),
        captions=(),
        effects=(),
        fade_in=min(timeline.fade_in, parts[0].length),
        fade_out=min(timeline.fade_out, parts[-1].length),
    )


def _recut(clip: Clip, part: _Part, into: Span, dub: _Dub) -> Clip:
    """The clip at its new length: of what it gives, its end goes first, then its head, and no word."""
    start, stop = part.span.start, part.span.stop
    while part.ends and stop > part.keep.stop and dub.frames(clip, Span(start, stop - 1)) >= len(into):
        stop -= 1
    while part.begins and start < part.keep.start and dub.frames(clip, Span(start + 1, stop)) >= len(into):
        start += 1
    sooner = round(dub.between(clip, start, clip.span.start))
    return replace(
        clip,
        span=Span(start, stop),
        into=into,
        lead=max(clip.lead, part.lead),
        trail=max(clip.trail, part.trail),
        views=tuple(_shifted(view, sooner, len(into)) for view in clip.views if view.by),
    )


def _shifted(view: View, frames: int, length: int) -> View:
    """A person's view of a clip that begins so many frames sooner."""
    keys = {min(max(key.at + frames, 0), length - 1): key for key in view.keys}
    return replace(view, keys=tuple(replace(key, at=at) for at, key in sorted(keys.items())))


def _moved(overlay: Overlay, moves: Mapping[Span, Span]) -> Overlay:
    """An overlay over the part that it began over."""
    old = next(into for into in moves if overlay.into.start in into)
    new = moves[old]
    start = new.start + min(overlay.into.start - old.start, len(new) - 1)
    return replace(overlay, into=Span(start, max(start + 1, min(start + len(overlay.into), new.stop))))


def _heard_alone(runs: Sequence[Clip], end: int, dub: _Dub) -> None:
    """A PlanError where the rest of a line would be heard over another line, or outside the trailer."""
    spoken = {run: [*_where(run, dub)] for run in runs}
    for run in runs:
        for first, last in ((run.into.start - run.lead, run.into.start), (run.into.stop, run.into.stop + run.trail)):
            over = [
                other.shot
                for other, spans in spoken.items()
                if other is not run and any(start < last and stop > first for start, stop in spans)
            ]
            if first < last and (over or first < 0 or last > end):
                where = f"over the words of {over[0]}" if over else "where the trailer has ended or not begun"
                raise PlanError(
                    f"{dub.name} the words of {run.shot} are longer than its shot, and the rest would be heard {where}; swap the "
                    "clip, or do not dub it"
                )


def _where(run: Clip, dub: _Dub) -> Iterator[tuple[int, int]]:
    """The frames of the timeline in which a run's lines are heard."""
    for line in dub.heard(run, run.span):
        start, stop = (run.into.start + round(dub.between(run, run.span.start, frame)) for frame in (line.start, line.stop))
        yield max(start, run.into.start - run.lead), min(stop, run.into.stop + run.trail)
