"""Reads CMX 3600 edit decision lists, as Resolve, Premiere, Avid and we write them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise

from trailers.editor.exchange.cut import Cut, Event, Mix, joint_of, mixed, seen, span_of
from trailers.errors import RequestError
from trailers.features.span import Span
from trailers.features.timecode import frame_of
from trailers.season import Joint

_TIME = r"(\d\d[:;.,]\d\d[:;.,]\d\d[:;.,]\d\d)"
_EVENT = re.compile(
    rf"^\s*(\d+)\s+(.+?)\s+([ABVN][\w/+]*|NONE)\s+(C|D|W\d*|K\s?[BO]?)\s*(\d+)?\s+{_TIME}\s+{_TIME}\s+{_TIME}\s+{_TIME}\s*$", re.I
)
_SPEED = re.compile(rf"^\s*M2\s+(.*?)\s+([-+]?\d+(?:\.\d*)?)\s+{_TIME}?\s*$", re.I)
_NOTE = re.compile(r"^\s*\*\s*([A-Z][A-Z ]*?)\s*(?::|\bIS\b)\s*(.*?)\s*$", re.I)
_BLACK = ("BL", "BLACK")


@dataclass
class _Row:
    """An event's line and what the lines after it say of it."""

    number: str
    reel: str
    channels: str
    kind: str
    length: int
    source: tuple[str, str]
    record: tuple[int, int]
    fps: Fraction | None = None
    said: dict[str, str] = field(default_factory=dict)


def read_edl(text: str, rate: Fraction) -> Cut:
    """The cut of an EDL, which does not say its rate: `rate` counts its times. A RequestError where there is no event to read.

    Key events, wipes' patterns and what a program says in comments of its own are not read; the notes tell of them.
    """
    title, rows, notes, remarks = _rows(text, rate)
    if not rows:
        raise RequestError("no event was found in the list; a CMX 3600 EDL has lines like 001 REEL V C and four times")
    begin = min(row.record[0] for row in rows)
    pictures: dict[str, tuple[list[Event], list[Mix]]] = {}
    sound: list[Event] = []
    for before, row in zip([None, *rows], rows, strict=False):
        if row.record[0] == row.record[1] or row.channels == "NONE":
            continue
        event, said = _event(row, before, begin, rate)
        notes += said
        if "A" in row.channels or row.channels == "B":
            sound.append(replace(event, mixed=0, joint="cut"))
        track = _track(row.channels)
        if not track:
            continue
        if row.kind.startswith("K"):
            notes.append(f"event {row.number} is keyed over the picture, which is not read: what is below is taken")
            continue
        events, mixes = pictures.setdefault(track, ([], []))
        if row.kind != "C" and row.length:
            start = row.record[0] - begin
            joint: Joint = "wipe" if row.kind.startswith("W") else joint_of(row.said.get("EFFECT NAME", "dissolve"))
            mixes.append(Mix(Span(start, min(start + row.length, row.record[1] - begin)), joint))
        events.append(event)
    tracks, fade_in, fade_out = [], 0, 0
    for name in sorted(pictures):
        events, mixes = pictures[name]
        found, coming, going, lost = mixed(events, mixes, rate)
        notes += _overlaps(found)
        tracks.append(found)
        fade_in, fade_out, notes = max(fade_in, coming), max(fade_out, going), [*notes, *lost]
    picture, hidden = seen(tracks, rate)
    notes += hidden
    if not picture:
        raise RequestError("the list holds sound but no picture (no event on V)")
    told = tuple((max(0, frame - begin), words) for frame, words in remarks)
    return Cut("EDL", title, rate, picture, tuple(sound), fade_in, fade_out, tuple(dict.fromkeys(notes)), told)


def _overlaps(track: Sequence[Event]) -> Iterator[str]:
    """What stands over one another on one track: there a list says two things."""
    for before, after in pairwise(track):
        if (over := before.into.stop - after.into.start) > 0:
            yield (
                f"event {before.where} ends {over} frames after event {after.where} begins: these are event {after.where}'s here"
            )


def _rows(text: str, rate: Fraction) -> tuple[str, list[_Row], list[str], list[tuple[int, str]]]:
    title, rows, notes, remarks = "", list[_Row](), list[str](), list[tuple[int, str]]()
    for line in text.splitlines():
        if found := _EVENT.match(line):
            number, reel, channels, kind, length, *times = found.groups()
            record = (_frame(times[2], rate, number), _frame(times[3], rate, number))
            if record[1] < record[0]:
                raise RequestError(f"event {number} ends before it begins: {times[2]} to {times[3]}")
            source = (times[0], times[1])
            rows.append(_Row(number, reel.strip(), channels.upper(), kind.upper(), int(length or 0), source, record))
        elif line.upper().startswith("TITLE:"):
            title = line.partition(":")[2].strip()
        elif (found := _SPEED.match(line)) and rows:
            _paced(rows, found[1].strip(), Fraction(found[2]))
        elif (found := _NOTE.match(line)) and rows:
            what, said = found[1].upper(), found[2]
            if what == "LOC":
                at, _, words = said.partition(" ")
                remarks.append((_frame(at, rate, "LOC"), words.strip()))
            rows[-1].said.setdefault(what, said)
        elif re.match(r"^\s*\*?\s*FREEZE FRAME", line, re.I) and rows:
            rows[-1].fps = Fraction(0)
        elif re.match(r"^\s*\d+\s+\S+\s+", line) and re.search(_TIME, line):
            notes.append(f"this line is no event that can be read: {' '.join(line.split())}")
    return title, rows, notes, remarks


def _paced(rows: list[_Row], reel: str, fps: Fraction) -> None:
    """A speed belongs to the last event of its reel with the last number: of a dissolve's two lines either may have one."""
    number = rows[-1].number
    here = [row for row in rows[-2:] if row.number == number]
    next((row for row in reversed(here) if row.reel == reel), here[-1]).fps = fps


def _event(row: _Row, before: "_Row | None", begin: int, rate: Fraction) -> tuple[Event, list[str]]:
    into, notes = Span(row.record[0] - begin, row.record[1] - begin), list[str]()
    if row.reel.upper() in _BLACK:
        return Event(into, "gap", where=row.number), notes
    pair = row.kind != "C" and before is not None and before.number == row.number
    said = {**(before.said if pair and before else {}), **row.said}
    # Of a dissolve FROM is what goes and TO what comes.
    name = (said.get("TO CLIP NAME") or "") if row.kind != "C" else ""
    name = name or row.said.get("FROM CLIP NAME") or row.said.get("CLIP NAME") or row.said.get("TO CLIP NAME") or ""
    file = row.said.get("SOURCE FILE") or row.said.get("SOURCE FILE PATH") or row.said.get("MEDIA FILE") or name
    speed, held = Fraction(1), False
    counted, plays = _played(row, rate, len(into))
    if row.fps is not None:
        speed, held = abs(row.fps) / rate, row.fps == 0
        if row.fps < 0:
            notes.append(f"event {row.number} plays backwards, which a timeline does not: it plays forwards")
        if abs(speed - 1) < Fraction(1, 500):
            speed = Fraction(1)
    elif plays < 0:
        raise RequestError(f"event {row.number}: its source ends before it begins: {row.source[0]} to {row.source[1]}")
    elif plays == 0:
        notes.append(f"event {row.number}: its source has no length: it is played on for {len(into)} frames")
    elif plays != len(into) and abs(plays - len(into)) > 1:
        speed = Fraction(plays, len(into))
    if re.fullmatch(r"CARD( .*)?", name or row.reel):
        return Event(into, "title", name=name or "CARD", where=row.number), notes
    return (
        Event(
            into,
            name=name,
            file=file,
            reel=row.reel if row.reel.upper() != "AX" else "",
            shot=row.said.get("SHOT", ""),
            span=span_of(row.said.get("FRAMES", "")),
            label=row.source[0],
            counted=counted,
            step=1 / rate if counted else Fraction(0),
            speed=speed if not held else Fraction(1),
            held=held,
            where=row.number,
        ),
        notes,
    )


def _played(row: _Row, rate: Fraction, length: int) -> tuple[Fraction, int]:
    """At which rate a row's source times are counted, 0 where at the source's own for they are none at the list's, and how many
    frames they span."""
    try:
        return rate, frame_of(row.source[1], rate) - frame_of(row.source[0], rate)
    except RequestError:
        return Fraction(0), length


def _track(channels: str) -> str:
    """The picture track that channels name: "V1" for V, B and AA/V; "" for sound alone."""
    if channels == "B" or channels.endswith("/V"):
        return "V1"
    found = re.search(r"V(\d*)", channels)
    return f"V{found[1] or 1}" if found else ""


def _frame(text: str, rate: Fraction, number: str) -> int:
    try:
        return frame_of(text, rate)
    except RequestError as reason:
        raise RequestError(f"event {number}: {reason}") from None
