"""Reads OpenTimelineIO: .otio as JSON, .otioz with its media."""

import zipfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from trailers.editor.exchange.cut import CARD, MOST, Cut, Event, Mix, joint_of, mixed, rate_near, seen
from trailers.errors import RequestError
from trailers.features.span import Span, to_frames

if TYPE_CHECKING:
    import opentimelineio as otio

_DEEP = 8  # sequences within sequences that are followed
Seconds = tuple[Fraction, Fraction]


@dataclass
class _Read:
    """What is found on the way: the rate of the whole, and what cannot be held."""

    rate: Fraction
    notes: list[str] = field(default_factory=list)
    fades: tuple[int, int] = (0, 0)

    def frame(self, seconds: Fraction) -> int:
        return to_frames(seconds, self.rate)

    def note(self, words: str) -> None:
        if words not in self.notes:
            self.notes.append(words)


def packed(path: Path) -> str:
    """The timeline inside an .otioz. A RequestError where there is none, or it is larger than is read."""
    try:
        with zipfile.ZipFile(path) as bundle:
            held = bundle.getinfo("content.otio")
            if held.file_size > MOST:
                raise RequestError(f"its content.otio unpacks to {held.file_size} bytes; {MOST} are read at most")
            return bundle.read(held).decode("utf-8")
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError, NotImplementedError, RuntimeError) as reason:
        raise RequestError(f"this is no .otioz that can be read: {reason}") from None


def read_otio(text: str) -> Cut:
    """The cut of an OTIO document: its first timeline. Sequences in it are laid open; of picture tracks the uppermost is seen.

    A RequestError where it is no OTIO or holds no picture.
    """
    import opentimelineio as otio

    try:
        document = otio.adapters.read_from_string(text, "otio_json")
    except (otio.exceptions.OTIOError, ValueError, TypeError, RuntimeError) as reason:
        raise RequestError(
            f"this is no OpenTimelineIO document: {str(reason).splitlines()[0] if str(reason) else reason}"
        ) from None
    if isinstance(document, otio.schema.SerializableCollection):
        document = next((each for each in document if isinstance(each, otio.schema.Timeline)), document)
    if not isinstance(document, otio.schema.Timeline):
        raise RequestError(f"a timeline was asked for, the document holds a {type(document).__name__}")
    read = _Read(_rate(document))
    pictures, sounds = _tracks(document.tracks, read, 0)
    picture = _seen(pictures, read)
    if not picture:
        raise RequestError("the timeline shows no picture: none of its video tracks holds a clip")
    told = document.metadata.get("trailers", {})
    fades = [told.get(name, found) for name, found in zip(("fade_in", "fade_out"), read.fades, strict=True)]
    coming, going = (each if isinstance(each, int) and each >= 0 else 0 for each in fades)
    return Cut(
        "OTIO",
        document.name or "",
        read.rate,
        picture,
        tuple(sounds),
        coming,
        going,
        tuple(read.notes),
        tuple(_remarks(document, read)),
    )


def _rate(document: "otio.schema.Timeline") -> Fraction:
    """The rate of the whole: as we wrote it, as its start says, else the one of most of its items."""
    import opentimelineio as otio

    told = document.metadata.get("trailers", {}).get("rate", "")
    near = document.global_start_time.rate if document.global_start_time else 0
    if not near:
        items = document.find_children(descended_from_type=otio.schema.Clip)
        counted = Counter(clip.source_range.duration.rate for clip in items if clip.source_range)
        near = counted.most_common(1)[0][0] if counted else 24
    try:
        exact = Fraction(told)
    except (ValueError, TypeError, ZeroDivisionError):
        exact = Fraction(0)
    return exact if exact and abs(float(exact) - near) < 0.001 else rate_near(near)


def _tracks(stack: Any, read: _Read, deep: int) -> tuple[list[tuple[Event, ...]], list[Event]]:
    """Events of a stack's picture tracks, the lowest first, and of its sound."""
    import opentimelineio as otio

    pictures, sounds = [], list[Event]()
    for track in stack:
        if not getattr(track, "enabled", True):
            read.note(f"the track {track.name!r} is switched off")
            continue
        if isinstance(track, otio.schema.Track) and track.kind == otio.schema.TrackKind.Audio:
            sounds += _track(track, read, deep)[0]
            continue
        if isinstance(track, otio.schema.Track):
            events, mixes = _track(track, read, deep)
            found, coming, going, notes = mixed(events, mixes, read.rate)
            read.fades = (max(read.fades[0], coming), max(read.fades[1], going))
            for note in notes:
                read.note(note)
            pictures.append(found)
        elif isinstance(track, otio.core.Item):  # a clip or a stack that lies in a stack alone
            pictures.append(tuple(_item(track, Fraction(0), read, deep)))
    return pictures, sounds


def _seen(pictures: list[tuple[Event, ...]], read: _Read) -> tuple[Event, ...]:
    events, notes = seen(pictures, read.rate)
    for note in notes:
        read.note(note)
    return events


def _track(track: "otio.schema.Track", read: _Read, deep: int) -> tuple[list[Event], list[Mix]]:
    import opentimelineio as otio

    at, events, mixes = Fraction(0), list[Event](), list[Mix]()
    for item in track:
        if isinstance(item, otio.schema.Transition):
            start, stop = read.frame(at - _seconds(item.in_offset)), read.frame(at + _seconds(item.out_offset))
            told = item.metadata.get("trailers", {}).get("joint", "")
            if 0 <= start < stop:
                mixes.append(Mix(Span(start, stop), joint_of(told or item.name or "")))
            continue
        if not isinstance(item, otio.core.Item):
            read.note(f"{getattr(item, 'name', '') or type(item).__name__} is of a kind that is not known, and left out")
            continue
        events += _item(item, at, read, deep)
        at += _seconds(item.trimmed_range().duration)
    return events, mixes


def _item(item: Any, at: Fraction, read: _Read, deep: int) -> Iterable[Event]:
    import opentimelineio as otio

    held = item.trimmed_range()
    start, stop = read.frame(at), read.frame(at + _seconds(held.duration))
    if isinstance(item, otio.schema.Gap) or start >= stop:
        return
    into = Span(start, stop)
    if not getattr(item, "enabled", True):
        read.note(f"{item.name or 'a clip'} at frame {into.start} is switched off, and left out")
        return
    if isinstance(item, otio.schema.Stack | otio.schema.Track):
        yield from _nested(item, into, _seconds(held.start_time), read, deep)
        return
    yield _clip(item, into, held, read)


def _nested(item: Any, into: Span, begin: Fraction, read: _Read, deep: int) -> Iterable[Event]:
    """What a sequence within the sequence shows, laid open."""
    import opentimelineio as otio

    if deep >= _DEEP:
        raise RequestError(f"sequences lie {_DEEP} deep in one another; flatten them in your program, and write the file again")
    if item.effects:
        read.note(f"the effects on {item.name or 'a sequence within the sequence'} are not taken over")
    if isinstance(item, otio.schema.Track):
        events, mixes = _track(item, read, deep + 1)
        inner = mixed(events, mixes, read.rate)[0]
    else:
        inner = _seen(_tracks(item, read, deep + 1)[0], read)
    shift = into.start - read.frame(begin)
    for event in inner:
        low, high = max(event.into.start + shift, into.start), min(event.into.stop + shift, into.stop)
        if low < high and event.kind != "gap":
            part = event.part(low - shift, high - shift, read.rate)
            yield replace(part, into=Span(low, high))


def _clip(clip: Any, into: Span, held: "otio.opentime.TimeRange", read: _Read) -> Event:
    import opentimelineio as otio

    told = clip.metadata.get("trailers", {})
    media, name = clip.media_reference, clip.name or ""
    if isinstance(media, otio.schema.GeneratorReference) or told.get("kind") == "card" or CARD.match(name):
        words = dict(getattr(media, "parameters", {}) or {})
        lines = words.get("lines") or [words.get("text") or words.get("Text") or ""]
        return Event(into, "title", name=name, lines=tuple(str(line) for line in lines if line))
    speed, still = Fraction(1), False
    for effect in clip.effects:
        if isinstance(effect, otio.schema.FreezeFrame):
            still = True
        elif isinstance(effect, otio.schema.LinearTimeWarp):
            speed = _speed(told, effect.time_scalar)
            if effect.time_scalar < 0:
                read.note(f"{name} plays backwards, which a timeline does not: it plays forwards")
        else:
            read.note(f"the effect {effect.effect_name or effect.name or type(effect).__name__!r} on {name} is not taken over")
    url = unquote(urlsplit(getattr(media, "target_url", "") or "").path)
    whole = getattr(media, "available_range", None)
    first = _seconds(whole.start_time) if whole else Fraction(0)  # without a range it is by time code, if that leads anywhere
    begin, rate = _seconds(held.start_time), rate_near(held.start_time.rate)
    span = told.get("span")
    return Event(
        into,
        name=name,
        file=PurePosixPath(url).name or getattr(media, "name", "") or "",
        reel=str(clip.metadata.get("cmx_3600", {}).get("reel", "")),
        shot=str(told.get("shot", "")),
        span=Span(*span) if span and len(span) == 2 and 0 <= span[0] < span[1] else None,
        offset=begin - first,
        first=first,
        step=Fraction(0) if begin * rate == round(begin * rate) else 1 / rate,
        speed=speed if speed and not still else Fraction(1),
        held=still or not speed,
    )


def _speed(told: Any, scalar: float) -> Fraction:
    """The exact speed, as we wrote it if that is still the one."""
    try:
        exact = Fraction(told.get("speed", ""))
    except (ValueError, TypeError, ZeroDivisionError):
        exact = Fraction(0)
    return exact if exact and abs(float(exact) - scalar) < 1e-6 else abs(Fraction(scalar).limit_denominator(1000))


def _seconds(time: "otio.opentime.RationalTime") -> Fraction:
    """Exact where it counts whole frames."""
    value = Fraction(time.value).limit_denominator(48000)
    return value / rate_near(time.rate) if time.rate > 0 else Fraction(0)


def _remarks(document: "otio.schema.Timeline", read: _Read) -> Iterable[tuple[int, str]]:
    """What people wrote on the timeline and on its tracks."""
    for each in (document.tracks, *document.tracks):
        for marker in each.markers:
            yield max(0, read.frame(_seconds(marker.marked_range.start_time))), marker.comment or marker.name
