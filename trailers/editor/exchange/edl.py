"""CMX 3600 edit decision lists: one picture track and the sound that is cut with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from trailers.editor.exchange.sources import Media, Source
from trailers.editor.exchange.tracks import Item, marks, tracks
from trailers.editor.picture.frames import RATES
from trailers.editor.timeline import Timeline
from trailers.features.span import to_frames
from trailers.features.timecode import drops, nominal, smpte

CARD = "CARD"


@dataclass(frozen=True)
class Event:
    """A line of an EDL: an item, and the one that it mixes with."""

    item: Item
    before: Item | None
    channels: str


def text(timeline: Timeline, media: Media) -> str:
    """An .edl file's text: events in record order, outs exclusive, reels of 8 characters, ASCII.

    Record times begin at 00:00:00:00 and drop frames at 30000/1001 and its doubles. Source times are the files' own time codes;
    the format knows one rate, so that in files of another they are counted by `place`. A timeline whose rate has no time code is
    counted in the nearest that has. Sound is in the picture's event (AA/V) where it is cut with it, else in its own (AA). A
    dissolve is D, a wipe W001; a dip and a wash are a D whose comment names them. An M2 line holds frames a second at another
    speed. What a card shows is an offline reel CARD. Reasons are locators; what the format cannot carry ends it, as comments.
    """
    rate = min(RATES, key=lambda known: (abs(known - timeline.rate), known))
    mode = "DROP FRAME" if drops(rate) else "NON-DROP FRAME"
    lines = [f"TITLE: {plain(f'{timeline.title} {timeline.segment}')[:70]}", f"FCM: {mode}", ""]
    for number, event in enumerate(events(timeline, media), 1):
        lines += [*_lines(number, event, timeline.rate, rate), ""]
    lines += [f"* NOT CARRIED: {plain(what)}" for what in _left(timeline, media, rate)]
    return "\n".join(lines).rstrip("\n") + "\n"


def events(timeline: Timeline, media: Media) -> list[Event]:
    """Picture, and the sound of the first track of natural sound, in record order."""
    picture, *rest = tracks(timeline, media)
    sounds = rest[0].items if rest and rest[0].name == "Natural sound" else ()
    linked = {item.link: item for item in sounds}
    found = []
    for before, item in zip((None, *picture.items), picture.items, strict=False):
        own = linked.get(item.link) if item.link else None
        together = own is not None and (own.into, own.mixed) == (item.into, item.mixed)
        if together and own is not None:
            del linked[item.link]
        found.append(Event(item, before if item.mixed else None, _channels(own, picture=True) if together else "V"))
    for before, item in zip((None, *sounds), sounds, strict=False):
        if item.link in linked:
            found.append(Event(item, before if item.mixed else None, _channels(item, picture=False)))
    return sorted(found, key=lambda event: (event.item.into.start, event.item.kind == "sound"))


def place(source: Source, frame: int, rate: Fraction) -> int:
    """The number that a file's frame has in a list that counts at `rate`: that of its own label.

    The same where both have as many numbers a second (24 and 24000/1001); else hours, minutes and seconds stay, and the frames
    within the second are brought to the other rate, to the nearest.
    """
    if nominal(source.rate) == nominal(rate):
        return source.first + frame
    own, other = nominal(source.rate), nominal(rate)
    label = smpte(source.first + frame, source.rate, source.drop)
    hours, minutes, seconds, frames = (int(part) for part in label.replace(";", ":").split(":"))
    return ((hours * 60 + minutes) * 60 + seconds) * other + to_frames(Fraction(frames, own), Fraction(other))


def plain(text: str) -> str:
    """One line of what an EDL can carry: ASCII."""
    return " ".join(text.encode("ascii", "replace").decode().split())


def _lines(number: int, event: Event, own: Fraction, rate: Fraction) -> Iterator[str]:
    item, before = event.item, event.before
    start, stop = (_record(frame, own, rate) for frame in (item.into.start, item.into.stop))
    stop = max(stop, start + 1)
    begin, end = _source(item, stop - start, rate)
    record = [smpte(frame, rate, drops(rate)) for frame in (start, stop)]
    head = f"{number:03d}  "
    if before is None:
        yield f"{head}{_reel(item):<8} {event.channels:<4}  C        {begin} {end} {record[0]} {record[1]}"
    else:
        left = _source(before, _record(before.into.stop, own, rate) - _record(before.into.start, own, rate), rate)[1]
        mixed = _record(item.into.start + item.mixed, own, rate) - start
        kind = "W001" if item.joint == "wipe" else "D   "
        yield f"{head}{_reel(before):<8} {event.channels:<4}  C        {left} {left} {record[0]} {record[0]}"
        yield f"{head}{_reel(item):<8} {event.channels:<4}  {kind} {mixed:03d} {begin} {end} {record[0]} {record[1]}"
        yield f"* FROM CLIP NAME: {_file(before)}"
    yield f"* {'TO' if before else 'FROM'} CLIP NAME: {_file(item)}"
    if item.joint in ("dip", "wash", "wipe"):
        yield f"* EFFECT NAME: {item.joint.upper()}"
    if item.speed != 1:
        shown = Fraction(0) if item.still else rate * item.speed
        yield f"M2   {_reel(item):<8}       {float(shown):05.1f}                {begin.replace(';', ':')}"
    if item.clip is None or item.source is None:
        return
    span, source = item.clip.span, item.source
    yield f"* SOURCE FILE: {plain(source.file)}"
    yield f"* SHOT: {plain(item.clip.shot)}"
    if item.kind == "clip":
        yield f"* FRAMES: {span.start} {span.stop} {source.rate.numerator}/{source.rate.denominator}"
    for mark in item.marks:
        yield f"* LOC: {record[0].replace(';', ':')} GREEN   {plain(mark.text or mark.note)}"
        if mark.text and mark.note:
            yield f"* WHY: {plain(mark.note)}"


def _record(frame: int, own: Fraction, rate: Fraction) -> int:
    """A frame of the timeline at the list's rate."""
    return to_frames(frame / own, rate)


def _source(item: Item, frames: int, rate: Fraction) -> tuple[str, str]:
    """The labels of an item's first frame and of the one after its last, which lasts so many frames of the record."""
    source = item.source
    if source is None or item.kind == "card":
        return smpte(0, rate), smpte(frames, rate)
    drop = source.drop and nominal(source.rate) == nominal(rate) and drops(rate)
    begin = place(source, item.start, rate)
    count = max(1, to_frames(frames / rate * item.speed, rate))
    return smpte(begin, rate, drop), smpte(begin + count, rate, drop)


def _reel(item: Item) -> str:
    return item.source.reel if item.source and item.kind != "card" else CARD


def _file(item: Item) -> str:
    return plain(item.source.file if item.source and item.kind != "card" else item.name)


def _channels(item: Item | None, picture: bool) -> str:
    mono = item is not None and item.source is not None and item.source.channels == 1
    return ("B" if mono else "AA/V") if picture else ("A" if mono else "AA")


def _left(timeline: Timeline, media: Media, rate: Fraction) -> Iterator[str]:
    """What of a timeline is in no event, with where it stands in the record."""
    for track in tracks(timeline, media)[1:]:
        for item in track.items if track.name != "Natural sound" else ():
            at = smpte(_record(item.into.start, timeline.rate, rate), rate, drops(rate))
            yield f"{item.name} AT {at}"
    for mark in marks(timeline):
        if mark.kind == "lower":
            yield f"LOWER {mark.text} AT {smpte(_record(mark.into.start, timeline.rate, rate), rate, drops(rate))}"
    for name, frames in (("FADE IN", timeline.fade_in), ("FADE OUT", timeline.fade_out)):
        if frames:
            yield f"{name} {_record(frames, timeline.rate, rate)} FRAMES"
