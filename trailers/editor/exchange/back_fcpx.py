"""Reads Final Cut Pro X XML (fcpxml), from Final Cut, Resolve and us."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from trailers.editor.exchange.back_xml import Element, below, parsed, said
from trailers.editor.exchange.cut import CARD, Cut, Event, Mix, joint_of, mixed, seen, span_of
from trailers.errors import RequestError
from trailers.features.span import Span, to_frames
from trailers.season import Joint

_DEEP = 8
_CLIPS = ("asset-clip", "clip", "video", "audio", "ref-clip", "sync-clip", "mc-clip", "title", "gap", "spine", "audition")
_QUIET = (
    "adjust-volume", "adjust-transform", "adjust-crop", "adjust-conform", "conform-rate", "note", "timeMap", "marker",
    "chapter-marker", "keyword", "metadata", "audio-channel-source", "audio-role-source", "text", "text-style-def", "param",
    "rating", "analysis-marker", "adjust-panner", "adjust-blend", "media-rep", "mc-source",
)  # fmt: skip


@dataclass
class _Read:
    """What is found on the way: what ids name, picture by lane (the primary storyline is 0), sound, and what cannot be held."""

    named: dict[str, Element]
    rate: Fraction
    notes: list[str] = field(default_factory=list)
    fades: tuple[int, int] = (0, 0)
    remarks: list[tuple[int, str]] = field(default_factory=list)

    def frame(self, seconds: Fraction) -> int:
        return to_frames(seconds, self.rate)

    def note(self, words: str) -> None:
        if words not in self.notes:
            self.notes.append(words)


Lanes = dict[int, tuple[list[Event], list[Mix]]]


def read_fcpx(text: str) -> Cut:
    """The cut of an fcpxml document: its first project's sequence, compound clips laid open; the uppermost lane is seen.

    A RequestError where there is none, or it shows nothing.
    """
    root = parsed(text)
    if root.tag != "fcpxml":
        raise RequestError(f"Final Cut Pro XML (fcpxml) was asked for, {root.tag!r} was found")
    sequence = next((each for project in root.iter("project") for each in below(project, "sequence")), None)
    if sequence is None or sequence.find("spine") is None:
        raise RequestError("the document holds no project with a sequence")
    named = {each.get("id", ""): each for each in root.iterfind("resources/*")}
    read = _Read(named, _rate(sequence, named))
    picture, sound = _sequence(sequence, read, 0)
    if not picture:
        raise RequestError("the sequence shows no picture")
    name = next((each.get("name", "") for each in root.iter("project")), "")
    return Cut("FCPXML", name, read.rate, picture, sound, *read.fades, tuple(read.notes), tuple(sorted(read.remarks)))


def _rate(sequence: Element, named: Mapping[str, Element]) -> Fraction:
    form = named.get(sequence.get("format", ""))
    lasts = _time(form.get("frameDuration", "")) if form is not None else Fraction(0)
    if not lasts:
        raise RequestError("the sequence names no format with a frameDuration, so that its rate is not known")
    return 1 / lasts


def _time(text: str) -> Fraction:
    """Seconds such as "1001/24000s"; 0 for what is none."""
    try:
        return Fraction(text.removesuffix("s"))
    except (ValueError, ZeroDivisionError):
        return Fraction(0)


def _sequence(sequence: Element, read: _Read, deep: int) -> tuple[tuple[Event, ...], tuple[Event, ...]]:
    """What a sequence shows and lets hear, from its own frame 0 on."""
    lanes: Lanes = defaultdict(lambda: ([], []))
    sound: list[Event] = []
    for spine in below(sequence, "spine"):
        _spine(spine, Fraction(0), _time(sequence.get("tcStart", "")), 0, lanes, sound, read, deep)
    tracks = []
    for lane in sorted(lanes):
        found, coming, going, notes = mixed(*lanes[lane], read.rate)
        tracks.append(found)
        for note in notes:
            read.note(note)
        if not deep:
            read.fades = (max(read.fades[0], coming), max(read.fades[1], going))
    events, hidden = seen(tracks, read.rate)
    for note in hidden:
        read.note(note)
    return events, tuple(sound)


def _spine(
    spine: Element, at: Fraction, local: Fraction, lane: int, lanes: Lanes, sound: list[Event], read: _Read, deep: int
) -> None:
    """Adds what a storyline holds: it begins at second `at` of the whole, which is second `local` of what its offsets count."""
    begin = local
    for item in spine:
        if item.tag == "transition":
            start, stop = (at + _time(item.get("offset", "")) - begin + late for late in (0, _time(item.get("duration", ""))))
            into = (max(0, read.frame(start)), read.frame(stop))
            if into[0] < into[1]:
                names = [item.get("name", ""), *(each.get("name", "") for each in below(item, "filter-video"))]
                joints = [joint_of(name) for name in names]
                joint: Joint = next((each for each in joints if each != "dissolve"), "dissolve")
                lanes[lane][1].append(Mix(Span(*into), joint))
        elif item.tag in _CLIPS:
            begins = _time(item.get("offset", "")) if item.get("offset") else local
            _item(item, at + begins - begin, lane, lanes, sound, read, deep)
            local = begins + _time(item.get("duration", ""))


def _item(item: Element, at: Fraction, lane: int, lanes: Lanes, sound: list[Event], read: _Read, deep: int) -> None:
    """Adds a clip that stands at second `at`, and what is connected to it."""
    if item.tag == "audition":
        item = next(iter(item), item)
    name = item.get("name", "")
    if item.get("enabled") == "0":
        read.note(f"{name or 'a clip'} at frame {read.frame(at)} is switched off, and left out")
        return
    start = _time(item.get("start", ""))
    into = (read.frame(at), read.frame(at + _time(item.get("duration", ""))))
    if into[0] < 0:
        read.note(f"{name or 'a clip'} begins before the sequence does, and is left out")
        return
    if item.tag == "spine":
        _spine(item, at, Fraction(0), lane, lanes, sound, read, deep)
        return
    if into[0] < into[1]:
        for event, heard in _events(item, Span(*into), start, read, deep):
            if event and lane >= 0:
                lanes[lane][0].append(event)
            if heard:
                sound.append(heard)
    for child in item:
        if child.tag in _CLIPS and child.get("lane"):
            later = at + _time(child.get("offset", "")) - start
            _item(child, later, lane + int(child.get("lane", "0")), lanes, sound, read, deep)
        elif child.tag in ("marker", "chapter-marker"):
            words = child.get("note") or child.get("value") or ""
            read.remarks.append((max(0, read.frame(at + _time(child.get("start", "")) - start)), words))
        elif child.tag not in (*_CLIPS, *_QUIET):
            read.note(f"{child.get('name') or child.tag} on {name} is not taken over")


def _events(item: Element, into: Span, start: Fraction, read: _Read, deep: int) -> Iterator[tuple[Event | None, Event | None]]:
    """What a clip shows and lets hear."""
    name = item.get("name", "")
    if CARD.match(name) or item.tag == "title":
        lines = ("".join(each.itertext()).strip() for each in below(item, "text"))
        yield Event(into, "title", name=name, lines=tuple(line for row in lines for line in row.splitlines() if line)), None
        return
    if item.tag == "gap":
        return
    named = read.named.get(item.get("ref", ""))
    inner = item.find("spine") if item.tag in ("clip", "sync-clip") else None
    if item.tag == "ref-clip" and named is not None:
        inner = named.find("sequence")
    if inner is not None:
        whole = inner if inner.tag == "sequence" else item
        for event in _opened(whole, into, start - _time(whole.get("tcStart", "")), name, read, deep):
            yield event, None
        return
    if item.tag == "mc-clip":
        read.note(f"{name} is a multicam clip, which is not read: replace it by its angle")
        return
    if item.tag in ("clip", "sync-clip"):  # its picture lies in it
        held = next(iter(below(item, "video", "asset-clip", "audio")), None)
        if held is None:
            read.note(f"{name} is empty, and left out")
            return
        named = read.named.get(held.get("ref", ""))
        start = start - _time(held.get("offset", "")) + _time(held.get("start", ""))
    yield _media(item, named, into, start, read)


def _media(item: Element, asset: Element | None, into: Span, start: Fraction, read: _Read) -> tuple[Event | None, Event | None]:
    name = item.get("name", "")
    if asset is not None and asset.tag == "effect":  # a generator
        return Event(into, "title", name=name or asset.get("name", "")), None
    url = asset.get("src", "") if asset is not None else ""
    rep = asset.find("media-rep") if asset is not None else None
    url = url or (rep.get("src", "") if rep is not None else "")
    first = _time(asset.get("start", "")) if asset is not None else None
    note = said(item, "note").split()
    speed, held, begin = _pace(item, start, name, read)
    event = Event(
        into,
        name=name,
        file=PurePosixPath(unquote(urlsplit(url).path)).name or (asset.get("name", "") if asset is not None else ""),
        shot=note[0] if note and "/" in note[0] else "",
        span=span_of(" ".join(note[1:3])),
        offset=begin - (first or 0),
        first=first,
        speed=speed,
        held=held,
        reel=_reel(asset),
    )
    silent = item.tag == "video" or item.get("srcEnable") == "video" or (asset is not None and asset.get("hasAudio") == "0")
    shows = not (item.tag == "audio" or item.get("srcEnable") == "audio" or (asset is not None and asset.get("hasVideo") == "0"))
    low = start if item.get("audioStart") is None else _time(item.get("audioStart", ""))
    lasts = item.get("audioDuration") or item.get("duration") or ""
    heard = None
    if not silent:
        head, tail = read.frame(low - start), read.frame(low - start + _time(lasts))
        begins, ends = max(0, into.start + head), into.start + tail
        if begins < ends:
            heard = replace(event.part(begins, ends, read.rate), bound=item.get("audioStart") is None)
    return (event if shows else None), heard


def _reel(asset: Element | None) -> str:
    for each in asset.iterfind("metadata/md") if asset is not None else ():
        if each.get("key", "").lower().endswith("reel"):
            return each.get("value", "")
    return ""


def _pace(item: Element, start: Fraction, name: str, read: _Read) -> tuple[Fraction, bool, Fraction]:
    """The speed of a clip, whether it is one picture that is held, and the second of its source at which it begins: a map of time
    gives pairs of its own time and its source's."""
    points = [(_time(each.get("time", "")), _time(each.get("value", ""))) for each in item.iterfind("timeMap/timept")]
    points.sort()
    if len(points) < 2 or points[0][0] == points[-1][0]:
        return Fraction(1), False, start
    if len(points) > 2:
        read.note(f"{name} changes its speed as it plays, which a timeline does not: it plays evenly")
    (low, begin), (high, end) = points[0], points[-1]
    speed = (end - begin) / (high - low)
    if speed < 0:
        read.note(f"{name} plays backwards, which a timeline does not: it plays forwards")
        return -speed, False, begin + speed * (start - low)
    return (speed or Fraction(1)), not speed, begin + speed * (start - low)


def _opened(sequence: Element, into: Span, begin: Fraction, name: str, read: _Read, deep: int) -> Iterable[Event]:
    """What a sequence within the sequence shows, laid open."""
    if deep >= _DEEP:
        raise RequestError(f"sequences lie {_DEEP} deep in one another; flatten them in your program, and write the file again")
    shift = into.start - read.frame(begin)
    for event in _sequence(sequence, read, deep + 1)[0]:
        low, high = max(event.into.start + shift, into.start), min(event.into.stop + shift, into.stop)
        if low < high and event.kind != "gap":
            yield replace(event.part(low - shift, high - shift, read.rate), into=Span(low, high))
