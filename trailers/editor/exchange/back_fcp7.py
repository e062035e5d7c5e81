"""Reads Final Cut Pro 7 XML (xmeml), as Premiere, Resolve and we write it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import PurePosixPath, PureWindowsPath
from typing import Literal
from urllib.parse import unquote

from trailers.editor.exchange.back_xml import Element, below, number, parsed, said
from trailers.editor.exchange.cut import CARD, Cut, Event, Mix, joint_of, mixed, seen, span_of
from trailers.errors import RequestError
from trailers.features.span import Span, to_frames

_DEEP = 8
_FADES: Mapping[str, Literal["in", "out"]] = {"start-black": "in", "end-black": "out"}
_QUIET = ("basic motion", "basic", "opacity", "crop", "audiolevels", "audiopan", "timeremap", "audio levels", "audio pan")


@dataclass
class _Read:
    """What is found on the way: files and sequences by their ids, and what cannot be held."""

    files: dict[str, Element] = field(default_factory=dict)
    sequences: dict[str, Element] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    fades: tuple[int, int] = (0, 0)

    def note(self, words: str) -> None:
        if words not in self.notes:
            self.notes.append(words)


def read_fcp7(text: str) -> Cut:
    """The cut of an xmeml document: its first sequence. Sequences within it are laid open; of video tracks the uppermost is seen.

    A RequestError where there is none, or it shows nothing.
    """
    root = parsed(text)
    if root.tag != "xmeml":
        raise RequestError(f"Final Cut Pro XML (xmeml) was asked for, {root.tag!r} was found")
    sequence = next((each for each in root.iter("sequence") if each.find("media") is not None), None)
    if sequence is None:
        raise RequestError("the document holds no sequence")
    read = _Read()
    for each in root.iter("file"):
        if each.get("id") and (len(each) or each.get("id") not in read.files):
            read.files[each.get("id", "")] = each
    for each in root.iter("sequence"):
        if each.get("id") and each.find("media") is not None:
            read.sequences[each.get("id", "")] = each
    rate = _rate(sequence, Fraction(24))
    picture = _pictures(sequence, rate, read, 0)
    if not picture:
        raise RequestError("the sequence shows no picture: none of its video tracks holds a clip")
    sound = list[Event]()
    for track in _tracks(sequence, "audio", read):
        sound += mixed(*_track(track, rate, read, 0), rate)[0]
    remarks = ((number(each, "in", 0), said(each, "comment") or said(each, "name")) for each in below(sequence, "marker"))
    told = tuple((max(0, at), words) for at, words in remarks)
    return Cut("FCP 7 XML", said(sequence, "name"), rate, picture, tuple(sound), *read.fades, tuple(read.notes), told)


def _rate(element: Element, otherwise: Fraction) -> Fraction:
    base = number(element, "rate/timebase", 0)
    if not base:
        return otherwise
    return Fraction(base * 1000, 1001) if said(element, "rate/ntsc").upper() == "TRUE" else Fraction(base)


def _tracks(sequence: Element, kind: str, read: _Read) -> Iterator[Element]:
    for media in sequence.findall(f"media/{kind}"):
        for place, track in enumerate(below(media, "track"), 1):
            if said(track, "enabled").upper() == "FALSE":
                read.note(f"{kind} track {place} is switched off")
                continue
            yield track


def _pictures(sequence: Element, rate: Fraction, read: _Read, deep: int) -> tuple[Event, ...]:
    tracks = []
    for track in _tracks(sequence, "video", read):
        events, mixes = _track(track, rate, read, deep)
        found, coming, going, notes = mixed(events, mixes, rate)
        tracks.append(found)
        for note in notes:
            read.note(note)
        if not deep:
            read.fades = (max(read.fades[0], coming), max(read.fades[1], going))
    shown, hidden = seen(tracks, rate)
    for note in hidden:
        read.note(note)
    return shown


def _track(track: Element, rate: Fraction, read: _Read, deep: int) -> tuple[list[Event], list[Mix]]:
    items = list(below(track, "clipitem", "generatoritem", "transitionitem"))
    events, mixes = list[Event](), list[Mix]()
    for place, item in enumerate(items):
        if item.tag == "transitionitem":
            start, stop = number(item, "start", 0), number(item, "end", 0)
            if 0 <= start < stop:
                named = (said(item, "effect/name"), said(item, "effect/effectid"), said(item, "name"))
                joint = joint_of(" ".join(named) if joint_of(named[0]) == "dissolve" else named[0])
                mixes.append(Mix(Span(start, stop), joint, _FADES.get(said(item, "alignment").lower(), "")))
            continue
        start, stop = number(item, "start", -1), number(item, "end", -1)
        before, after = items[place - 1] if place else None, items[place + 1] if place + 1 < len(items) else None
        if start < 0 and before is not None and before.tag == "transitionitem":
            start = number(before, "start", 0)
        if stop < 0 and after is not None and after.tag == "transitionitem":
            stop = number(after, "end", 0)
        name = said(item, "name")
        if not 0 <= start < stop:
            read.note(f"{name or 'a clip'} stands at no frames ({start} to {stop}), and is left out")
        elif said(item, "enabled").upper() == "FALSE":
            read.note(f"{name or 'a clip'} at frame {start} is switched off, and left out")
        else:
            events += _item(item, Span(start, stop), rate, read, deep)
    return events, mixes


def _item(item: Element, into: Span, rate: Fraction, read: _Read, deep: int) -> Iterable[Event]:
    name, own = said(item, "name"), _rate(item, rate)
    inner = item.find("sequence")
    if inner is not None:
        yield from _nested(item, read.sequences.get(inner.get("id", ""), inner), into, rate, read, deep)
        return
    file = item.find("file")
    media = read.files.get(file.get("id", ""), file) if file is not None else None
    path = unquote(said(media, "pathurl"))
    if item.tag == "generatoritem" or CARD.match(name):
        kind = said(item, "effect/name").lower()
        lines = (
            said(each, "value").replace("\r", "\n").split("\n")
            for each in item.iter("parameter")
            if said(each, "parameterid").lower() in ("str", "text")
        )
        if kind == "slug":
            return
        yield Event(into, "title", name=name, lines=tuple(line for row in lines for line in row if line))
        return
    speed, held = _pace(item, name, read)
    first = None
    counted = _rate(media, own) if media is not None else own
    if media is not None and media.find("timecode") is not None:
        clock = media.find("timecode")
        first = number(clock, "frame", 0) / _rate(clock, counted) if clock is not None else None
    comments = (said(item, f"comments/mastercomment{n}") for n in (1, 2))
    shot, span = comments
    yield Event(
        into,
        name=name,
        file=PureWindowsPath(PurePosixPath(path).name).name or said(media, "name"),
        reel=said(media, "timecode/reel/name"),
        shot=shot,
        span=span_of(span),
        offset=number(item, "in", 0) / own * (speed or 1),
        first=first,
        step=(speed or 1) / own,
        speed=speed or Fraction(1),
        held=held,
    )


def _pace(item: Element, name: str, read: _Read) -> tuple[Fraction, bool]:
    """The speed of a clip, and whether it is one picture that is held."""
    speed, held = Fraction(1), said(item, "stillframe").upper() == "TRUE"
    for effect in item.iterfind("filter/effect"):
        what = (said(effect, "effectid") or said(effect, "name")).lower()
        if what == "timeremap" or said(effect, "name").lower() == "time remap":
            values = {said(each, "parameterid").lower(): said(each, "value") for each in below(effect, "parameter")}
            try:
                speed = Fraction(values.get("speed", "100")).limit_denominator(100000) / 100
            except (ValueError, ZeroDivisionError):
                read.note(f"the speed of {name} cannot be read, and is taken for its own")
            if values.get("variablespeed", "0") not in ("0", "", "FALSE"):
                read.note(f"{name} changes its speed as it plays, which a timeline does not: it plays at {float(abs(speed)):g}")
            if values.get("reverse", "").upper() == "TRUE" or speed < 0:
                read.note(f"{name} plays backwards, which a timeline does not: it plays forwards")
            speed = abs(speed)
        elif what not in _QUIET:
            read.note(f"the effect {said(effect, 'name') or what!r} on {name} is not taken over")
    return speed, held or not speed


def _nested(item: Element, inner: Element, into: Span, rate: Fraction, read: _Read, deep: int) -> Iterable[Event]:
    """What a sequence within the sequence shows, laid open."""
    if deep >= _DEEP:
        raise RequestError(f"sequences lie {_DEEP} deep in one another; flatten them in your program, and write the file again")
    if inner.find("media") is None:
        read.note(f"the sequence {said(item, 'name')!r} is named and not there, and is left out")
        return
    own = _rate(inner, rate)
    begin = number(item, "in", 0)
    for event in _pictures(inner, own, read, deep + 1):
        low, high = max(event.into.start, begin), min(event.into.stop, begin + to_frames(len(into) / rate, own))
        if low < high and event.kind != "gap":
            part = event.part(low, high, own)
            start, stop = (into.start + to_frames((edge - begin) / own, rate) for edge in (low, high))
            yield replace(part, into=Span(start, min(max(stop, start + 1), into.stop)))
