"""A timeline as the tracks of an editing program: what stands where, from which frame of which file, with what belongs to it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from trailers.editor.exchange.sources import Media, Source, heard_by, sound_file
from trailers.editor.picture.frames import frames_at
from trailers.editor.sound.clock import RATE, frame_near, sample_at
from trailers.editor.sound.natural import track_of
from trailers.editor.sound.parts import comes, goes
from trailers.editor.timeline import Card, Clip, Take, Timeline
from trailers.errors import RenderError
from trailers.features.media import Episode, seconds_at
from trailers.features.span import Span, to_frames
from trailers.season import Joint

HANDLE = 12  # frames of the source before and after what is shown that an editor is promised, where the file has them
RINGS = 2  # seconds for which a hit is taken to ring whose file is not at hand

Kind = Literal["clip", "card", "sound", "music", "effect"]


@dataclass(frozen=True)
class Mark:
    """Words at frames of an item, or of the timeline: a reason, a caption, a lower third; `note` says more."""

    into: Span
    text: str
    note: str = ""
    kind: Literal["reason", "caption", "lower"] = "reason"


@dataclass(frozen=True)
class Item:
    """Frames `into` of the timeline show or play `source` from its frame `start` on (0: the file's first), `length` of its
    frames, both counted in its own rate (of a file of variable rate: by their times); `speed` seconds of it in one.

    It comes by a `joint` over its first `mixed` frames, which belong to it, and lends `lent` frames more to the joint after it.
    A source of None is nothing that a file could be of. Items of one `link` are picture and sound of one clip (0: of none).
    """

    kind: Kind
    name: str
    into: Span
    source: Source | None
    start: int = 0
    length: int = 0
    speed: Fraction = Fraction(1)
    joint: Joint = "cut"
    mixed: int = 0
    lent: int = 0
    link: int = 0
    gain: float = 0.0
    clip: Clip | None = None
    card: Card | None = None
    marks: tuple[Mark, ...] = ()

    @property
    def still(self) -> bool:
        return self.clip is not None and self.clip.still

    @property
    def handles(self) -> tuple[int, int]:
        """How many frames of the source lie before and after what is shown, 12 at most."""
        if self.source is None:
            return 0, 0
        return min(HANDLE, self.start), max(0, min(HANDLE, self.source.frames - self.start - self.length))


@dataclass(frozen=True)
class Track:
    """Items in playing order, with gaps between them, none over another."""

    name: str
    kind: Literal["video", "audio"]
    items: tuple[Item, ...]


def tracks(timeline: Timeline, media: Media) -> tuple[Track, ...]:
    """Picture; the clips' own sound, on a second track where two are heard at once; the music; each hit.

    A clip's sound is heard from where it leads its picture to where it trails it, in the timeline's language where that is
    dubbed. RenderErrors say which episode is missing, and which clip does not last as long as its place.
    """
    picture = tuple(_picture(timeline, media))
    sounds = _parted(tuple(_sounds(timeline, picture, media)))
    names = ("Natural sound", "Natural sound 2", "Natural sound 3")
    found = [Track("Picture", "video", picture)]
    found += [Track(name, "audio", items) for name, items in zip(names, sounds, strict=False)]
    if timeline.music:
        found.append(Track("Music", "audio", tuple(_music(timeline, media))))
    found += [Track(f"Hit {item.name.removeprefix('HIT ')}", "audio", (item,)) for item in _hits(timeline, media)]
    return tuple(found)


def marks(timeline: Timeline) -> tuple[Mark, ...]:
    """What is said and what is written over pictures, at frames of the timeline."""
    said = [Mark(caption.into, caption.text, kind="caption") for caption in timeline.captions]
    over = [Mark(each.into, " / ".join(each.lines), each.kind, "lower") for each in timeline.overlays if each.kind == "lower"]
    return tuple(sorted((*said, *over), key=lambda mark: (mark.into, mark.kind)))


def card_name(card: Card, number: int) -> str:
    """`CARD title 2: The Long Night`: what a card is called among clips, counted from 1."""
    words = " / ".join(line for line in card.lines if line)
    return f"CARD {card.kind} {number}" + (f": {words}" if words else "")


def _picture(timeline: Timeline, media: Media) -> Iterator[Item]:
    parts = timeline.parts
    cards = 0
    for number, (part, following) in enumerate(zip(parts, (*parts[1:], None), strict=True), 1):
        lent = following.mixed if isinstance(following, Clip) else 0
        if isinstance(part, Card):
            name, path = card_name(part, cards + 1), media.cards.get(cards)
            file = media.lies.get(path, path) if path else None
            source = Source(name, file.name, file, timeline.rate, len(part.into) + lent) if file else None
            yield Item("card", name, part.into, source, 0, len(part.into), lent=lent, card=part)
            cards += 1
            continue
        if part.episode not in media.episodes:
            raise RenderError(f"{part.shot}: its episode {part.episode!r} is not among those at hand")
        episode = media.episodes[part.episode]
        _fits(part, episode, timeline.rate)
        source = media.sources[part.episode]
        start, stop = (_number(episode, frame) for frame in (part.span.start, part.span.stop))
        made = Item("clip", part.shot, part.into, source, start, max(1, stop - start), part.speed, link=number, clip=part)
        reasons = (Mark(Span(0, len(part.into)), part.why, _told(part)),) if part.why or part.score else ()
        mixed = part.mixed if number > 1 else 0
        yield replace(made, joint=part.joint if mixed else "cut", mixed=mixed, lent=lent, marks=reasons)


def _fits(clip: Clip, episode: Episode, rate: Fraction) -> None:
    """At another rate both ends stand at the nearest frame, which may make a clip one frame longer or shorter than it lasts."""
    same = episode.rate == rate and not episode.variable and clip.speed == 1
    off = 0 if clip.still else abs(frames_at(clip.span, episode, rate, clip.speed) - len(clip.into))
    if off > (0 if same else 1):
        raise RenderError(f"{clip.shot}: {clip.span} does not last {len(clip.into)} frames at {rate}; plan the timeline anew")


def _number(episode: Episode, frame: int) -> int:
    """What programs that count at an episode's rate call its frame: in a file of variable rate, by its time."""
    return to_frames(seconds_at(episode, frame), episode.rate) if episode.variable else frame


def _told(clip: Clip) -> str:
    """What else there is to say of a clip, on one line; nothing of how many watched it, which is no editor's affair."""
    views = (f"{view.shape}: {view.why}" for view in clip.views if view.why)
    told = (f"score {clip.score:.3f}" if clip.score else "", clip.slot, clip.over, *views)
    return "; ".join(filter(None, told))


def _sounds(timeline: Timeline, picture: tuple[Item, ...], media: Media) -> Iterator[Item]:
    """The natural sound of each clip that has some, in sync with its picture."""
    clips, spoken = [item for item in picture if item.clip], track_of(timeline)
    for item, before, after in zip(clips, (None, *clips), (*clips[1:], None), strict=False):
        clip, source = item.clip, item.source
        if clip is None or source is None or clip.still or not source.channels:
            continue
        episode = media.episodes[clip.episode]
        place = spoken(episode)
        source = source if place is None else heard_by(source, episode, place)
        earlier = before.clip if before and before.into.stop == item.into.start and not before.still else None
        later = after.clip if after and after.into.start == item.into.stop and not after.still else None
        start = max(0, comes(earlier, clip))
        stop = min(goes(clip, later) if later else clip.into.stop + clip.trail, timeline.frames)
        if stop <= start:
            continue
        if _place(start, item, timeline.rate) < 0:  # the file begins later than it would be heard
            start = item.into.start - int(item.start / source.rate * timeline.rate / clip.speed)
        begin, end = (_place(frame, item, timeline.rate) for frame in (start, stop))
        lent = after.mixed if after and later else 0
        into = Span(start, max(stop, start + 1))
        name = f"SOUND {clip.shot}"
        length = max(1, min(end, source.frames) - max(0, begin))
        mixed = item.mixed if item.mixed and earlier else 0
        made = Item("sound", name, into, source, max(0, begin), length, clip.speed, link=item.link, clip=clip)
        yield replace(made, joint="dissolve" if mixed else "cut", mixed=min(mixed, len(into)), lent=lent)


def _place(frame: int, item: Item, rate: Fraction) -> int:
    """The frame of a clip's source that is heard at a frame of the timeline, in sync with its picture."""
    if item.source is None or frame == item.into.stop:
        return item.start + item.length
    return item.start + to_frames((frame - item.into.start) / rate * item.speed, item.source.rate)


def _parted(items: tuple[Item, ...]) -> list[tuple[Item, ...]]:
    """Items on as few tracks as keep them from lying over one another."""
    found: list[list[Item]] = []
    for item in sorted(items, key=lambda each: each.into):
        free = next((track for track in found if track[-1].into.stop <= item.into.start), None)
        if free is None:
            found.append([item])
        else:
            free.append(item)
    return [tuple(_met(track)) for track in found]


def _met(track: list[Item]) -> Iterator[Item]:
    """A sound is mixed with the one before it only where that ends as it begins."""
    for before, item in zip((None, *track), track, strict=False):
        meets = before is not None and before.into.stop == item.into.start
        yield item if meets else replace(item, joint="cut", mixed=0)


def _music(timeline: Timeline, media: Media) -> Iterator[Item]:
    """The takes of a bed at their places, to the nearest frame."""
    music, rate = timeline.music, timeline.rate
    if music is None:
        return
    whole = Take(0, 0, sample_at(timeline.frames, rate))
    takes = music.takes or (whole,)
    least = max(to_frames(Fraction(take.start + take.count, RATE), rate) for take in takes) + 1
    source = _sound(music.name, music.sha256, media, rate, least)
    at = 0
    for take in takes:
        start, stop = (min(frame_near(sample, rate), timeline.frames) for sample in (take.at, take.at + take.count))
        start = max(start, at)
        if stop > start:
            begin = to_frames(Fraction(take.start, RATE), rate) + start - min(frame_near(take.at, rate), timeline.frames)
            yield Item("music", f"MUSIC {music.name}", Span(start, stop), source, begin, stop - start)
        at = max(at, stop)


def _sound(name: str, sha256: str, media: Media, rate: Fraction, least: int) -> Source:
    """A file of music or of a hit, measured where it is and named where it will lie."""
    path = media.sounds.get(sha256)
    found = sound_file(name, sha256, path, rate, least)
    lies = media.lies.get(path, path) if path else None
    return replace(found, path=lies, file=lies.name if lies else name)


def _hits(timeline: Timeline, media: Media) -> Iterator[Item]:
    """Each hit from the nearest frame on, for as long as its file lasts."""
    rate = timeline.rate
    for effect in timeline.effects:
        source = _sound(effect.name, effect.sha256, media, rate, max(1, to_frames(RINGS, rate)))
        at = frame_near(effect.at, rate)
        start, begin = max(0, at), max(0, -at)
        count = min(source.frames - begin, timeline.frames - start)
        if count > 0:
            yield Item("effect", f"HIT {effect.name}", Span(start, start + count), source, begin, count, gain=effect.gain)
