"""What a person changes in a timeline: trims, moves, crops, words; its length stays, and nothing comes to lie over a gap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from trailers.editor.profile import HOUSE
from trailers.editor.slots import Moments, fits, frames_lent, free
from trailers.editor.timeline import Caption, Card, Clip, Key, Overlay, Timeline, View
from trailers.editor.words.captions import paged
from trailers.editor.words.languages import reading_in
from trailers.editor.words.lower import clear_of, stands
from trailers.errors import PlanError
from trailers.features.span import Span, to_frames

if TYPE_CHECKING:
    from trailers.features.media import Episode

LEAST = Fraction(1, 4)  # seconds that a clip or a card lasts at least, if it did before
NARROW = 0.1  # of a picture: a window that is narrower shows a blur
BY_HAND = "set by hand"


@dataclass(frozen=True)
class Sources:
    """What edits may show: episodes by id, how far a clip of each shot may reach (`open`), moments of episodes that are
    `hidden`."""

    episodes: "Mapping[str, Episode]"
    open: Mapping[str, Span]
    hidden: Moments


def number_of(timeline: Timeline, shot: str) -> int:
    """Which clip shows a shot, counted from 0: the first that does. A PlanError where none does."""
    for number, clip in enumerate(timeline.clips):
        if clip.shot == shot:
            return number
    raise PlanError(f"no clip of it shows {shot}")


def trimmed(timeline: Timeline, number: int, head: int, tail: int, sources: Sources) -> Timeline:
    """The timeline with clip `number` beginning `head` and ending `tail` frames later in its shot (less than 0: earlier).

    What stands before it gives or takes as many frames at its end, what stands after it at its beginning; with `head` and `tail`
    the same the clip's slot stays and shows other frames. Sound that led or trailed over a changed edge, and captions over
    changed clips, are taken off, for they are found anew. A PlanError says what has no frames to give.
    """
    parts = list(timeline.parts)
    clip = timeline.clips[number]
    at = parts.index(clip)
    slip = head == tail
    start, stop = clip.into.start + (0 if slip else head), clip.into.stop + (0 if slip else tail)
    if start >= stop:
        raise PlanError(f"clip {number + 1} lasts {len(clip.into)} frames, of which {head - tail} were to go")
    before, after = parts[at - 1] if at else None, parts[at + 1] if at + 1 < len(parts) else None
    if start != clip.into.start and before is None:
        raise PlanError(f"clip {number + 1} is the first: nothing before it gives or takes {abs(head)} frames")
    if stop != clip.into.stop and after is None:
        raise PlanError(f"clip {number + 1} is the last: nothing after it gives or takes {abs(tail)} frames")
    if start != clip.into.start and before:
        parts[at - 1] = _edged(before, 0, head, timeline, sources)
    if stop != clip.into.stop and after:
        parts[at + 1] = _edged(after, tail, 0, timeline, sources)
    parts[at] = _edged(clip, head, tail, timeline, sources, slip)
    changed = {n for n in (at - 1, at, at + 1) if 0 <= n < len(parts) and parts[n] is not timeline.parts[n]}
    return _put(timeline, parts, changed, sources)


def moved(timeline: Timeline, number: int, to: int, sources: Sources) -> Timeline:
    """The timeline in which clip `number` plays as number `to` (both counted from 0), every clip as long as before; cards stay
    after as many clips as they did.

    It takes the act of the place; how clips follow one another stays with the place, as far as they can lend it frames. A
    PlanError where there is no such place.
    """
    clips = list(timeline.clips)
    if not 0 <= to < len(clips):
        raise PlanError(f"clip {number + 1} was to play as number {to + 1}; the timeline has clips 1 to {len(clips)}")
    if to == number:
        return timeline
    order = [n for n in range(len(clips)) if n != number]
    order.insert(to, number)
    turn = iter(order)
    wanted: list[Clip | Card] = []
    acts = [clip.slot for clip in timeline.clips]
    for part in timeline.parts:
        if isinstance(part, Card):
            wanted.append(part)
            continue
        which = next(turn)
        clip = clips[which]
        wanted.append(replace(clip, slot=acts[to]) if which == number else clip)
    place, parts = 0, list[Clip | Card]()
    for part in wanted:
        parts.append(replace(part, into=Span(place, place + len(part.into))))
        place += len(part.into)
    low, high = sorted((number, to))
    shifted = {n for n, part in enumerate(parts) if isinstance(part, Clip) and part.into != timeline.parts[n].into}
    among = [n for n, part in enumerate(parts) if isinstance(part, Clip)]
    shifted |= set(among[low : high + 1])
    for n, (one, other) in enumerate(pairwise(parts), 1):
        if isinstance(other, Clip) and n in shifted | {each + 1 for each in shifted}:
            parts[n] = _joined(one, other, timeline.parts[n], wanted[n - 1 : n + 1], timeline, sources)
    if isinstance(first := parts[0], Clip):
        parts[0] = replace(first, joint="cut", mixed=0)
    return _put(timeline, parts, shifted, sources)


def held_as(timeline: Timeline, clip: Clip, sources: Sources) -> Timeline:
    """The timeline in which the clip of the same shot has a clip's frames again, as long as there, with the windows that a person
    set: its neighbours give or take the difference. A PlanError where none shows the shot, or no frames are left."""
    number = number_of(timeline, clip.shot)
    here, step = timeline.clips[number], sources.episodes[clip.episode].rate * clip.speed / timeline.rate
    head, more = round((clip.span.start - here.span.start) / step), len(clip.into) - len(here.into)
    if head:
        timeline = trimmed(timeline, number, head, head, sources)
    if more and timeline.parts[-1] is not timeline.clips[number]:
        timeline = trimmed(timeline, number, 0, more, sources)
    elif more:
        timeline = trimmed(trimmed(timeline, number, -more, 0, sources), number, more, more, sources)
    here = timeline.clips[number]
    by_hand = tuple(view for view in clip.views if view.by)
    kept = (view for view in here.views if view.shape not in {each.shape for each in by_hand})
    views = tuple(sorted((*kept, *by_hand), key=lambda view: view.shape))
    return _with(timeline, number, replace(here, views=views)) if views != here.views else timeline


def cropped(
    timeline: Timeline, number: int, shape: str, x: float, y: float, width: float, sources: Sources, who: str
) -> Timeline:
    """The timeline in which the window of clip `number` stands still in a shape ("9:16"), its middle at `x`, `y`, `width` wide:
    shares of the picture within its black bars; 0 keeps the width that it has, or fills the shape.

    What is narrower than fills the shape is enlarged; what is wider stands whole over a ground. A PlanError where the episode
    has that shape itself, or the window would be too narrow to be seen.
    """
    from trailers.editor.picture.bars import bars

    clip = timeline.clips[number]
    episode = sources.episodes[clip.episode]
    _, _, wide, high = bars(episode)
    picture, wanted = Fraction(wide, high), Fraction(shape.replace(":", "/"))
    if abs(Fraction(*episode.size) / wanted - 1) < Fraction(1, 100):
        raise PlanError(f"clip {number + 1} is of the shape {shape} itself and stands there whole")
    if 0 < width < NARROW:
        raise PlanError(f"a window of {width:.0%} of the picture shows too little; give {NARROW:.0%} at least")
    held = next((view for view in clip.views if view.shape == shape), None)
    fills = min(wanted / picture, Fraction(1))
    if not width and held:
        size, ground = (held.width, held.height), held.ground
    else:
        share = min(1.0, width or float(fills))
        size = (round(share, 6), round(min(1.0, float(Fraction(share) * picture / wanted)), 6))
        ground = (held.ground if held and held.ground else "blur") if share > float(fills) + 1e-6 else ""
    middle = (_inside(x, size[0]), _inside(y, size[1]))
    view = View(shape, *size, (Key(0, *middle),), ground, BY_HAND, who or "a person")
    views = (*(each for each in clip.views if each.shape != shape), view)
    return _with(timeline, number, replace(clip, views=tuple(sorted(views, key=lambda each: each.shape))))


def said(timeline: Timeline, old: str, new: str) -> Timeline:
    """The timeline in which captions that read `old` read `new` instead ("": they are taken off), set in rows as captions are.

    A PlanError where no caption reads so.
    """
    reading = reading_in(timeline.language, HOUSE.reading)
    if not any(_plain(caption.text) == _plain(old) for caption in timeline.captions):
        raise PlanError(f"no caption of it reads {_plain(old)!r}")
    told: list[Caption] = []
    for caption in timeline.captions:
        if _plain(caption.text) != _plain(old):
            told.append(caption)
        elif _plain(new):
            told += paged(Caption(_plain(new), caption.into), timeline.rate, reading)
    return replace(timeline, captions=tuple(told), overlays=clear_of(timeline.overlays, told))


def recarded(timeline: Timeline, kind: str, lines: Sequence[str]) -> Timeline:
    """The timeline with other lines on its cards of a kind, or on its lower third ("lower"). A PlanError where it has none."""
    cards = tuple(replace(card, lines=tuple(lines)) if card.kind == kind else card for card in timeline.cards)
    over = tuple(replace(each, lines=tuple(lines)) if each.kind == kind == "lower" else each for each in timeline.overlays)
    there = sorted({*(card.kind for card in timeline.cards), *(each.kind for each in timeline.overlays)})
    if kind not in there:
        raise PlanError(f"it has no card {kind!r}; it has {', '.join(there) or 'none'}")
    return replace(timeline, cards=cards, overlays=over)


def _edged(part: Clip | Card, head: int, tail: int, timeline: Timeline, sources: Sources, slip: bool = False) -> Clip | Card:
    """A part that begins `head` and ends `tail` frames later, on the timeline and, if it is a clip, in its episode; a slip only
    there."""
    into = part.into if slip else Span(part.into.start + head, max(part.into.start + head + 1, part.into.stop + tail))
    what = f"the card {part.kind!r}" if isinstance(part, Card) else f"clip {timeline.clips.index(part) + 1} ({part.shot})"
    least = min(len(part.into), to_frames(LEAST, timeline.rate))
    if len(part.into) - head + tail < least:
        raise PlanError(f"{what} lasts {len(part.into)} frames and cannot give {head - tail}")
    if isinstance(part, Card):
        return replace(part, into=into)
    if part.still:
        if slip:
            raise PlanError(f"{what} is a picture that is held: it has no other frames")
        speed = part.speed * len(part.into) / len(into)
        return replace(part, into=into, speed=speed)
    episode, rate = sources.episodes[part.episode], timeline.rate
    found: Span | None
    own = sources.open.get(part.shot, part.span)
    closed = sources.hidden.get(part.episode, ())
    room = free(part.span, Span(min(own.start, part.span.start), max(own.stop, part.span.stop)), closed)
    step = episode.rate * part.speed / rate
    start = part.span.start + round(head * step)
    if episode.rate == rate and not episode.variable and part.speed == 1:
        span = Span(max(start, 0), max(start, 0) + len(into))
        found = span if start >= 0 and room.overlap(span) == len(span) and span.stop <= episode.frames else None
    else:
        wish = Span(max(0, start), max(0, start) + 1)
        near = next(fits(wish, room, None, len(into), part.speed, episode, rate), None)
        found = near if near and abs(near.start - start) <= max(1, int(step)) else None
    if found is None:
        have = f"{part.span.start - room.start} frames before it and {room.stop - part.span.stop} after it"
        raise PlanError(f"{what} has {have} that may be shown")
    return replace(
        part, span=found, into=into, views=part.views if found == part.span else tuple(view for view in part.views if view.by)
    )


def _joined(
    before: Clip | Card,
    clip: Clip,
    was: Clip | Card,
    pair: Sequence[Clip | Card],
    timeline: Timeline,
    sources: Sources,
) -> Clip:
    """A clip in a new place with the joint of the place, as far as the clip before it can lend the frames; else a cut. Two that
    followed one another before do so as before."""
    if isinstance(before, Card):
        return replace(clip, joint="cut", mixed=0)
    old = timeline.parts
    together = any(one is pair[0] and (other is pair[1]) for one, other in pairwise(old))
    joint, mixed = (clip.joint, clip.mixed) if together else (was.joint, was.mixed) if isinstance(was, Clip) else ("cut", 0)
    goes_on = (before.episode, before.span.stop) == (clip.episode, clip.span.start)
    mixed = 0 if goes_on else min(mixed, len(clip.into) // 2, len(before.into) - before.mixed)
    if mixed and not _lends(before, mixed, timeline.rate, sources):
        mixed = 0
    return replace(clip, joint=joint if mixed else "cut", mixed=mixed)


def _lends(before: Clip, mixed: int, rate: Fraction, sources: Sources) -> bool:
    """Whether a clip has so many frames of its shot left after it that may be shown."""
    own = sources.open.get(before.shot, before.span)
    closed = sources.hidden.get(before.episode, ())
    room = free(before.span, Span(before.span.start, max(own.stop, before.span.stop)), closed)
    return before.span.stop + frames_lent(mixed, before, sources.episodes[before.episode], rate) <= room.stop


def _put(timeline: Timeline, parts: Sequence[Clip | Card], changed: set[int], sources: Sources) -> Timeline:
    """The timeline of other parts, of which those numbered `changed` show other frames or stand elsewhere."""
    fixed = list(parts)
    for n, (one, other) in enumerate(pairwise(parts), 1):
        touched = bool({n - 1, n} & changed)
        if touched and isinstance(one, Clip) and isinstance(other, Clip) and other.mixed:
            room = min(other.mixed, len(other.into) // 2, len(one.into) - one.mixed)
            whole = room == other.mixed and _lends(one, other.mixed, timeline.rate, sources)
            fixed[n] = other if whole else replace(other, joint="cut", mixed=0)
    for n in sorted(changed):
        part = fixed[n]
        if isinstance(part, Clip):
            fixed[n] = replace(part, lead=0, trail=0)
        if n and isinstance(before := fixed[n - 1], Clip):
            fixed[n - 1] = replace(before, trail=0)
        if n + 1 < len(fixed) and isinstance(after := fixed[n + 1], Clip):
            fixed[n + 1] = replace(after, lead=0)
    over = [part.into for n in changed for part in (timeline.parts[n], fixed[n])]
    captions = tuple(each for each in timeline.captions if not any(each.into.overlap(into) for into in over))
    clips = tuple(part for part in fixed if isinstance(part, Clip))
    overlays = tuple(_over(each, over, clips, captions, timeline.rate) for each in timeline.overlays)
    return replace(
        timeline,
        clips=clips,
        cards=tuple(part for part in fixed if isinstance(part, Card)),
        captions=captions,
        overlays=overlays,
        fade_in=min(timeline.fade_in, len(fixed[0].into) // 2),
        fade_out=min(timeline.fade_out, len(fixed[-1].into) // 2),
    )


def _over(
    overlay: Overlay, changed: Sequence[Span], clips: Sequence[Clip], captions: Sequence[Caption], rate: Fraction
) -> Overlay:
    """A lower third where what was under it has changed; it stands elsewhere, where it then stands best."""
    if overlay.kind != "lower" or not any(overlay.into.overlap(into) for into in changed):
        return overlay
    return replace(overlay, into=stands(len(overlay.into), clips, rate, captions))


def _with(timeline: Timeline, number: int, clip: Clip) -> Timeline:
    return replace(timeline, clips=(*timeline.clips[:number], clip, *timeline.clips[number + 1 :]))


def _inside(middle: float, size: float) -> float:
    return round(min(max(middle, size / 2), 1 - size / 2), 6) if size < 1 else 0.5


def _plain(text: str) -> str:
    return " ".join(text.split())
