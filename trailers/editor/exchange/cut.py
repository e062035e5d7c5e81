"""What a file from another editor's program says: which pictures stand where, before it is known whose they are."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from trailers.editor.picture.frames import RATES
from trailers.features.span import Span, timecode, to_frames
from trailers.season import JOINTS, Joint

# What our cards are called: "CARD title 2", "card-2-title.png".
CARD = re.compile(r"card[ _-](?:([a-z]+)[ _-](\d+)|(\d+)[ _-]([a-z]+))", re.I)
MOST = 64 << 20  # bytes of the largest file that is read
SOUNDS = (".wav", ".mp3", ".aif", ".aiff", ".m4a", ".flac", ".ogg", ".opus", ".caf", ".bwf")
_STILLS = (".png", ".tif", ".tiff", ".psd", ".jpg", ".jpeg", ".ai", ".svg", ".tga", ".bmp")
_NAMES: Mapping[Joint, tuple[str, ...]] = {  # what programs call joints, in small letters
    "wash": ("wash", "dip to color", "dip to colour", "color dip", "colour dip"),
    "dip": ("dip", "fade to black", "fade through"),
    "wipe": ("wipe", "slide", "push", "barn door"),
    "dissolve": ("dissolve", "cross fade", "crossfade", "blend"),
}


@dataclass(frozen=True)
class Event:
    """Something that stands at frames `into` of a track.

    A "media" event plays its source from `offset` on: seconds after the picture whose time code is `label` (its frames counted at
    `counted`), or without a label after the first picture of the file, whose own time code is then at `first` seconds, None where
    it is not told. `speed` is seconds of the source in one; `held` is one picture of it. Times of the source are told in steps of
    `step` seconds. A "title" reads `lines`, a "gap" is nothing. The first `mixed` frames are mixed with what stands before, by a
    `joint`. `file`, `reel`, `name` and `shot` (ours) are what the source is named by, "" where it is not; `where` is its number
    in the file, for people.
    """

    into: Span
    kind: Literal["media", "title", "gap"] = "media"
    name: str = ""
    file: str = ""
    reel: str = ""
    shot: str = ""
    span: Span | None = None
    offset: Fraction = Fraction(0)
    label: str = ""
    counted: Fraction = Fraction(0)
    first: Fraction | None = None
    step: Fraction = Fraction(0)
    speed: Fraction = Fraction(1)
    held: bool = False
    mixed: int = 0
    joint: Joint = "cut"
    lines: tuple[str, ...] = ()
    where: str = ""
    bound: bool = False

    def part(self, start: int, stop: int, rate: Fraction) -> "Event":
        """Its frames from `start` to `stop` of a track at `rate`, which may be more than it has; what is mixed at its head goes
        with it."""
        late = Fraction(0) if self.held else (start - self.into.start) / rate * self.speed
        mixed = min(self.mixed, stop - start) if start == self.into.start else 0
        joint: Joint = self.joint if mixed else "cut"
        return replace(self, into=Span(start, stop), offset=self.offset + late, mixed=mixed, joint=joint)


@dataclass(frozen=True)
class Cut:
    """A sequence as its file has it: what is seen, in order and without a gap (a "gap" is black), and all that sounds.

    `notes` say in words what the file holds that a timeline does not, or that could not be read. Fades are frames from and to
    black at the ends. `remarks` are what people wrote at frames.
    """

    form: str
    name: str
    rate: Fraction
    picture: tuple[Event, ...]
    sound: tuple[Event, ...] = ()
    fade_in: int = 0
    fade_out: int = 0
    notes: tuple[str, ...] = ()
    remarks: tuple[tuple[int, str], ...] = ()

    @property
    def frames(self) -> int:
        return self.picture[-1].into.stop


def seen(tracks: Sequence[Iterable[Event]], rate: Fraction) -> tuple[tuple[Event, ...], tuple[str, ...]]:
    """What is seen of picture tracks, the lowest first: of what stands at a frame the uppermost; gaps where nothing stands.

    Titles and still pictures over a picture, which other programs lay there with holes, are left out; words say so.
    """
    shown, notes = list[Event](), list[str]()
    for track in tracks:
        for event in sorted(track, key=lambda each: each.into):
            if event.kind == "gap" or event.file.lower().endswith(SOUNDS):
                continue
            if _clear(event) and any(each.kind == "media" and each.into.overlap(event.into) for each in shown):
                named = " / ".join(event.lines) or event.name or event.file
                notes.append(f"{named!r}, laid over the picture at {timecode(event.into.start, rate)}, is not taken over")
                continue
            below = [part for each in shown for part in _beside(each, event.into, rate)]
            shown = [*below, event]
    shown.sort(key=lambda each: each.into)
    at, whole = 0, []
    for event in shown:
        if event.into.start > at:
            whole.append(Event(Span(at, event.into.start), "gap"))
        whole.append(event)
        at = event.into.stop
    return tuple(whole), tuple(notes)


def _clear(event: Event) -> bool:
    """Whether what is below may be seen through an event: a title or a still that is none of our cards."""
    still = event.file.lower().endswith(_STILLS)
    return (event.kind == "title" or still) and not CARD.match(event.name) and not CARD.match(event.file)


@dataclass(frozen=True)
class Mix:
    """Frames `into` of a track in which what stands before is mixed with what comes, by a joint; or in which one of them is mixed
    with black, where `fade` says so."""

    into: Span
    joint: Joint = "dissolve"
    fade: Literal["", "in", "out"] = ""


def mixed(track: Iterable[Event], mixes: Iterable[Mix], rate: Fraction) -> tuple[tuple[Event, ...], int, int, tuple[str, ...]]:
    """A track with its transitions, wherever in them the cut is: what comes begins with the first mixed frame, what stands before
    ends there. Also the frames of a fade from black at the track's head and to black at its end, and what could not be held.
    """
    events = sorted((event for event in track if event.kind != "gap"), key=lambda each: each.into)
    fade_in = fade_out = 0
    notes: list[str] = []
    for mix in sorted(mixes, key=lambda each: each.into):
        start, stop = mix.into.start, mix.into.stop
        before = [n for n, each in enumerate(events) if each.into.start < start <= each.into.stop]
        after = [n for n, each in enumerate(events) if start <= each.into.start <= stop <= each.into.stop]
        if not start and events and events[0].into.start <= stop:
            fade_in = stop
            events[0] = events[0].part(0, events[0].into.stop, rate)
        elif mix.fade == "out" and events and stop >= events[-1].into.stop:
            fade_out = len(mix.into)
        elif after and before:
            events[before[0]] = events[before[0]].part(events[before[0]].into.start, start, rate)
            events[after[0]] = events[after[0]].part(start, events[after[0]].into.stop, rate)
            events[after[0]] = replace(events[after[0]], mixed=len(mix.into), joint=mix.joint)
        elif after and mix.fade != "out":
            events[after[0]] = events[after[0]].part(start, events[after[0]].into.stop, rate)
            notes.append(f"the fade from black at frame {start} is a cut here: a trailer fades at its two ends only")
        elif before:
            events[before[0]] = events[before[0]].part(events[before[0]].into.start, stop, rate)
            if before[0] == len(events) - 1:
                fade_out = len(mix.into)
            else:
                notes.append(f"the fade to black at frame {start} is a cut here: a trailer fades at its two ends only")
        else:
            notes.append(f"the transition at frame {start} has no picture on either side")
    return tuple(events), fade_in, fade_out, tuple(notes)


def _beside(event: Event, taken: Span, rate: Fraction) -> Iterable[Event]:
    """What is left of an event when another is laid over some of its frames."""
    if not event.into.overlap(taken):
        yield event
        return
    if event.into.start < taken.start:
        yield event.part(event.into.start, taken.start, rate)
    if taken.stop < event.into.stop:
        yield event.part(taken.stop, event.into.stop, rate)


def joint_of(name: str) -> Joint:
    """Which joint a transition's name means; one that is not known is a dissolve."""
    small = name.strip().lower()
    if small in JOINTS:
        return small
    return next((joint for joint, known in _NAMES.items() if any(word in small for word in known)), "dissolve")


def span_of(words: str) -> Span | None:
    """A span that we wrote as "100 148 24/1": the first two numbers; None where there are none."""
    found = words.split()[:2]
    if len(found) == 2 and all(each.isdecimal() for each in found) and int(found[0]) < int(found[1]):
        return Span(int(found[0]), int(found[1]))
    return None


def rate_near(rate: float) -> Fraction:
    """The exact rate that a decimal one stands for: 23.976 is 24000/1001."""
    near = min(RATES, key=lambda known: abs(float(known) - rate))
    return near if abs(float(near) - rate) < 0.01 else Fraction(rate).limit_denominator(1001)


def recounted(cut: Cut, rate: Fraction) -> Cut:
    """The cut with its frames counted at another rate: every edge at the nearest frame."""

    def at(frame: int) -> int:
        return to_frames(frame / cut.rate, rate)

    def moved(event: Event) -> Event:
        start, stop = at(event.into.start), at(event.into.stop)
        return replace(event, into=Span(start, max(stop, start + 1)), mixed=at(event.into.start + event.mixed) - start)

    return replace(
        cut,
        rate=rate,
        picture=tuple(map(moved, cut.picture)),
        sound=tuple(map(moved, cut.sound)),
        fade_in=at(cut.fade_in),
        fade_out=at(cut.fade_out),
        remarks=tuple((at(frame), words) for frame, words in cut.remarks),
    )
