"""A cut from another editor's program as a timeline again: clips by name and time code, and what it cannot hold in words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from trailers.editor.exchange import back_edl, back_fcp7, back_fcpx, back_otio
from trailers.editor.exchange.cut import CARD, MOST, Cut, Event, recounted
from trailers.editor.exchange.heard import Notes, led, scored
from trailers.editor.exchange.matching import Beside, Known, contradicted, episode_of, span_of
from trailers.editor.exchange.sources import Media
from trailers.editor.exchange.tracks import marks, tracks
from trailers.editor.picture.frames import RATES
from trailers.editor.timeline import Card, Clip, Timeline, View
from trailers.errors import RequestError
from trailers.features.span import Span, timecode

if TYPE_CHECKING:
    from trailers.features.shots import Shot

LONGEST = 30 * 60  # seconds of a cut that is read
BLACK, WHITE = "#000000", "#ffffff"


@dataclass(frozen=True)
class Returned:
    """What came back: a timeline of clips and cards without words, whose music and hits are as the file has them.

    `origin` is for each clip the number of the clip that it came from, counted from 0, None for a new one; `whole` says that it
    shows what that shows, for as long. `heard` says that the file tells what sounds. `notes` are what could not be held or was
    not sure, `remarks` what people wrote at frames.
    """

    timeline: Timeline
    origin: tuple[int | None, ...]
    whole: tuple[bool, ...]
    heard: bool
    notes: tuple[str, ...] = ()
    remarks: tuple[tuple[int, str], ...] = ()


def read(path: Path, rate: Fraction) -> Cut:
    """The cut that a file holds: OTIO, otioz, EDL, Final Cut Pro 7 XML or FCPXML, told by what it holds, whatever its ending is.

    `rate` is that of the timeline it came from, by which an EDL's times are counted. A RequestError says what is wrong with it.
    """
    bundled = {".fcpxmld": "Info.fcpxml", ".otiod": "content.otio"}
    file = path / bundled.get(path.suffix.lower(), "") if path.is_dir() else path
    try:
        if file.suffix.lower() == ".otioz" and file.is_file():
            text = back_otio.packed(file)
        else:
            if file.stat().st_size > MOST:
                raise RequestError(f"it has {file.stat().st_size} bytes; {MOST} are read at most")
            text = decoded(file.read_bytes())
        cut = _read(text, rate)
        if cut.frames > LONGEST * cut.rate:
            raise RequestError(f"it lasts {timecode(cut.frames, cut.rate)}, more than a trailer's {LONGEST // 60} minutes")
        return cut
    except OSError as reason:
        raise RequestError(f"{path}: it cannot be read: {reason.strerror or reason}") from None
    except RequestError as reason:
        raise RequestError(f"{path.name}: {reason}") from None
    except (ValueError, ArithmeticError, TypeError, AttributeError, KeyError, RecursionError) as reason:
        raise RequestError(f"{path.name}: it is damaged, or says what no program writes: {reason}") from None


def decoded(data: bytes) -> str:
    """Text as programs write it: UTF-8, UTF-16 that says so, else Windows' own letters."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _read(text: str, rate: Fraction) -> Cut:
    head = text.lstrip()[:4096]
    if head.startswith("{"):
        return back_otio.read_otio(text)
    if "<xmeml" in head:
        return back_fcp7.read_fcp7(text)
    if "<fcpxml" in head:
        return back_fcpx.read_fcpx(text)
    if head.startswith("<"):
        raise RequestError(
            "XML of Final Cut Pro (xmeml or fcpxml) was asked for, it is of another kind; Kdenlive exports OTIO, Shotcut an EDL"
        )
    counted = min(RATES, key=lambda known: (abs(known - rate), known))
    cut = back_edl.read_edl(text, counted)
    return cut if counted == rate else recounted(cut, rate)


def returned(cut: Cut, base: Timeline, known: Known, shots: "Sequence[Shot]") -> Returned:
    """The cut as a timeline, beside the one that it came from.

    A clip is its episode's by name, reel or time code; its shot is the one of which it shows most. Where it is as long as a clip
    of `base` and shows the same frames it is that clip: views, reasons and sound are its own. A part of it keeps what people set
    and its reason. Titles are the cards of `base` that they name, else new ones; where nothing stands is bare black. A
    RequestError names every clip whose pictures are not the season's.
    """
    notes, wrong = list(cut.notes), list[str]()
    beside, taken = Beside(cut, base, known), set[int]()
    clips, cards, events, origin = list[Clip](), list[Card](), list[Event](), list[int | None]()
    for event in cut.picture:
        if event.kind != "media" or CARD.match(event.name) or CARD.match(event.file):
            cards.append(_card(event, cut, base, notes))
            continue
        number = len(clips) + len(wrong) + 1
        try:
            clip, came = _clip(event, number, beside, shots, taken)
        except RequestError as reason:
            wrong.append(f"{_called(event, number, cut.rate)} {reason}")
            continue
        if (
            event.speed != 1
            and clip.speed != event.speed
            and not event.held
            and abs(clip.speed - event.speed) > event.speed / 500
        ):
            notes.append(f"clip {number} plays at {float(clip.speed):g} of its speed, {float(event.speed):g} in the file")
        if unsure := _unsure(event, clip, came, beside):
            notes.append(f"clip {number} ({clip.shot}) {unsure}")
        if against := contradicted(event, clip.episode, known):
            notes.append(f"{f'event {event.where}' if event.where else f'clip {number}'}: {against}")
        clips.append(clip)
        events.append(event)
        origin.append(came)
    if wrong:
        files = ", ".join(source.file for source in known.sources.values())
        raise RequestError(
            f"{'; '.join(wrong)}. The season's files are {files}: link these clips to them again, or take them out"
        )
    if not clips:
        raise RequestError("no clip of the season's is in it")
    clips = _joints(clips, origin, beside, notes)
    alike = tuple(_whole(clip, came, beside) for clip, came in zip(clips, origin, strict=True))
    sounding = led(clips, events, origin, beside, notes)
    coming, going = _fades(clips, cards, cut, base)
    plain = replace(
        base, rate=cut.rate, clips=sounding, cards=tuple(cards), overlays=(), captions=(), music=None, effects=(),
        fade_in=coming, fade_out=going,
    )  # fmt: skip
    made = scored(plain, beside, notes)
    heard = bool(cut.sound) and cut.form != "EDL"
    return Returned(made, tuple(origin), alike, heard, tuple(dict.fromkeys(notes)), _remarks(beside))


def _remarks(beside: Beside) -> tuple[tuple[int, str], ...]:
    """What people wrote in the file: all marks but those that it was handed over with."""
    base, known = beside.base, beside.known
    items = (item for track in tracks(base, Media(known.episodes, known.sources)) for item in track.items)
    ours = {
        text
        for mark in (*marks(base), *(mark for item in items for mark in item.marks))
        for text in (mark.text, mark.note, mark.kind)
    }
    told = ((at, re.sub(r"^[A-Z]+\s+", "", words) if beside.cut.form == "EDL" else words) for at, words in beside.cut.remarks)
    plain = {" ".join(text.encode("ascii", "replace").decode().split()) for text in ours}
    return tuple((at, words) for at, words in told if words and words not in ours and " ".join(words.split()) not in plain)


def _called(event: Event, number: int, rate: Fraction) -> str:
    begins, ends = (timecode(edge, rate) for edge in (event.into.start, event.into.stop))
    named = event.file or event.name or event.reel or "a file without a name"
    return f"clip {number} ({named}, {begins} to {ends}{f', event {event.where}' if event.where else ''})"


def _unsure(event: Event, clip: Clip, came: int | None, beside: Beside) -> str:
    """Why a clip's first frame may be another, in words; "" where the file tells it."""
    episode = beside.known.episodes[clip.episode]
    if _whole(clip, came, beside) or clip.span == event.span:
        return ""
    if episode.variable:
        return f"begins about frame {clip.span.start}: {clip.episode} has no constant rate"
    if event.step * episode.rate <= 1 or (came is not None and beside.base.clips[came].span.start == clip.span.start):
        return ""
    most = event.step * episode.rate / 2
    told = f"the {beside.cut.form} counts {float(1 / event.step):g} a second, the file has {float(episode.rate):g}"
    return f"begins at frame {clip.span.start}, give or take {float(most):.1f}: {told}"


def _whole(clip: Clip, came: int | None, beside: Beside) -> bool:
    """Whether a clip shows what it showed, for as long."""
    if came is None or not beside.near:
        return False
    old = beside.base.clips[came]
    return (old.span, old.speed, len(old.into)) == (clip.span, clip.speed, len(clip.into))


def _clip(event: Event, number: int, beside: Beside, shots: "Sequence[Shot]", taken: set[int]) -> tuple[Clip, int | None]:
    """The clip of an event, and the number of the base's clip that it came from, which is then `taken`."""
    base, id = beside.base, episode_of(event, beside.known)
    if id is None:
        raise RequestError("is of no episode of the season by name, reel or time code")
    span, speed = span_of(event, id, beside)
    came = _origin(id, span, speed, event, base, taken)
    old = base.clips[came] if came is not None else None
    shot = _shot(id, span, old, shots)
    mixed, joint = event.mixed, event.joint if event.mixed else "cut"
    if old is None or came is None or old.shot != shot:
        like = old or (base.clips[min(number, len(base.clips)) - 1] if base.clips else None)
        slot = like.slot if like else ""
        return Clip(shot, id, span, event.into, joint, mixed, speed, slot=slot, why="placed by an editor"), came
    made = replace(old, span=span, into=event.into, joint=joint, mixed=mixed, speed=speed, lead=0, trail=0)
    if _whole(made, came, beside):
        taken.add(came)
        return made, came
    return replace(made, views=_views(old, span, len(event.into)), propensity=1.0), came


def _origin(id: str, span: Span, speed: Fraction, event: Event, base: Timeline, taken: set[int]) -> int | None:
    """The clip of the base that an event came from: the one that shows the same, else that of which it shows most."""
    found = [(n, clip) for n, clip in enumerate(base.clips) if clip.episode == id and clip.span.overlap(span)]

    def likeness(item: tuple[int, Clip]) -> tuple[bool, bool, bool, int, int]:
        n, clip = item
        exact = (clip.span, clip.speed) == (span, speed)
        return exact, n not in taken, clip.shot == event.shot, clip.span.overlap(span), -abs(clip.into.start - event.into.start)

    return max(found, key=likeness)[0] if found else None


def _shot(id: str, span: Span, old: Clip | None, shots: "Sequence[Shot]") -> str:
    """The shot of which a span shows most; of as much, the one that it came from."""
    if old is not None and old.span == span:
        return old.shot
    held = [shot for shot in shots if shot.episode == id and shot.span.overlap(span)]
    most = max((shot.span.overlap(span) for shot in held), default=0)
    fitting = [shot.id for shot in held if shot.span.overlap(span) == most]
    if old is not None and (old.shot in fitting or not fitting):
        return old.shot
    return fitting[0] if fitting else f"{id}/{span.start}"


def _views(old: Clip, span: Span, length: int) -> tuple[View, ...]:
    """Of a clip's views those that a person set, for a part of it: keys stand over the pictures that they stood over."""
    late = round((span.start - old.span.start) * Fraction(len(old.into), len(old.span)))

    def moved(view: View) -> View:
        keys = {min(max(0, key.at - late), length - 1): key for key in view.keys}
        return replace(view, keys=tuple(replace(key, at=at) for at, key in sorted(keys.items())))

    return tuple(moved(view) for view in old.views if view.by)


def _card(event: Event, cut: Cut, base: Timeline, notes: Notes) -> Card:
    """The card of the base that an event shows, as long as it stands; else one of its words, or bare black."""
    rate, nameless = cut.rate, event.name.upper() == "CARD" and not event.lines
    cards = sorted(base.cards, key=lambda card: card.into)
    if event.kind == "gap":
        bare = [card for card in cards if not card.lines and card.ground == BLACK]
        found = next((card for card in bare if len(card.into) == len(event.into)), None)
        if found is None:
            notes.append(
                f"nothing stands at {timecode(event.into.start, rate)} for {len(event.into)} frames: it is bare black there"
            )
            return Card((), event.into, BLACK, WHITE, "line")
        return replace(found, into=event.into)
    named = CARD.match(event.name) or CARD.match(event.file)
    if named:
        number, kind = int(named[2] or named[3]), (named[1] or named[4]).lower()
        held = [card for card in cards[number - 1 : number] if card.kind == kind] or [card for card in cards if card.kind == kind]
    elif nameless:
        held = _nameless(event, cut, cards, notes)
    else:
        held = [card for card in cards if event.lines and card.lines == event.lines]
    if held:
        return replace(held[0], into=event.into, lines=event.lines or held[0].lines)
    lines = event.lines or ((event.name,) if event.name and not nameless else ())
    notes.append(f"the title {' / '.join(lines) or 'without words'} is set as a card: its look in your program is not kept")
    like = base.card or next(iter(cards), None)
    if like is None:
        return Card(lines, event.into, BLACK, WHITE, "line")
    return replace(like, lines=lines, into=event.into, kind="line", label="")


def _nameless(event: Event, cut: Cut, cards: Sequence[Card], notes: Notes) -> list[Card]:
    """The card that a list without comments means by the reel CARD: of as many the one of the same number, else the one at the
    same frames, else the nearest, which is said; none where the base has no card."""
    titles = [each for each in cut.picture if each.kind == "title"]
    if len(titles) == len(cards):
        return [cards[titles.index(event)]]
    near = sorted(cards, key=lambda card: (card.into != event.into, abs(card.into.start - event.into.start)))
    if near and near[0].into != event.into:
        named = " / ".join(near[0].lines) or near[0].kind
        notes.append(f"the card at {timecode(event.into.start, cut.rate)} has no name: it is taken as {named!r}, the nearest")
    return near[:1]


def _joints(clips: Sequence[Clip], origin: Sequence[int | None], beside: Beside, notes: Notes) -> list[Clip]:
    """Clips whose joints can be: the one before lends frames that follow its own, which its episode must have."""
    cut, base, known = beside.cut, beside.base, beside.known
    found = list[Clip]()
    for place, clip in enumerate(clips):
        before, mixed = clips[place - 1] if place else None, min(clip.mixed, len(clip.into)) if clip.into.start else 0
        if mixed and before is not None and before.into.stop == clip.into.start and not before.still:
            episode, came = known.episodes[before.episode], origin[place]
            left = (episode.frames - before.span.stop) / (episode.rate * before.speed / cut.rate)
            as_before = came is not None and base.clips[came].mixed == mixed and bool(beside.near)
            if left < mixed and not as_before:
                notes.append(f"{clip.shot} comes by a cut: {before.shot} has no {mixed} frames more to be mixed with it")
                mixed = 0
        found.append(replace(clip, mixed=mixed, joint=clip.joint if mixed else "cut"))
    return found


def _fades(clips: Sequence[Clip], cards: Sequence[Card], cut: Cut, base: Timeline) -> tuple[int, int]:
    """Fades as the file has them; where it has none, the base's, if the same stands at that end."""
    parts: list[Clip | Card] = sorted((*clips, *cards), key=lambda part: part.into)

    def same(part: Clip | Card, old: Clip | Card) -> bool:
        if isinstance(part, Card) or isinstance(old, Card):
            return isinstance(part, Card) and isinstance(old, Card) and part.lines == old.lines
        return part.shot == old.shot

    coming = base.fade_in if same(parts[0], base.parts[0]) else 0
    going = base.fade_out if same(parts[-1], base.parts[-1]) else 0
    return cut.fade_in or min(coming, cut.frames), cut.fade_out or min(going, cut.frames)
