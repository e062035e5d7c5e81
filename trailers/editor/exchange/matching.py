"""Whose pictures a file from another program shows: the episode of an event by its names and time code, and the frames of it."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import PurePath
from typing import TYPE_CHECKING

from trailers.editor.exchange.cut import SOUNDS, Cut, Event
from trailers.editor.exchange.sources import Source
from trailers.editor.picture.frames import frames_at
from trailers.editor.slots import fits
from trailers.editor.timeline import Clip, Timeline
from trailers.errors import RequestError
from trailers.features.span import Span, to_frames
from trailers.features.timecode import frame_of, nominal

if TYPE_CHECKING:
    from trailers.features.media import Episode

_LABEL = re.compile(r"(\d\d:\d\d:\d\d)([:;.,])(\d\d)")
_MARK = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Known:
    """What a season's pictures are known by: its episodes and their sources, or their masters and theirs, by id."""

    episodes: "Mapping[str, Episode]"
    sources: Mapping[str, Source]


@dataclass(frozen=True)
class Beside:
    """A cut beside the timeline that it came from, and what the season's pictures are known by."""

    cut: Cut
    base: Timeline
    known: Known

    @property
    def near(self) -> tuple[Clip, ...]:
        """The clips whose numbers the file may still have: none where it counts at another rate."""
        return self.base.clips if self.cut.rate == self.base.rate else ()


def episode_of(event: Event, known: Known) -> str | None:
    """The episode that an event plays: by its file's name, else what we wrote of it, else its reel, else its clip's name, else a
    name that holds one of these, else by time code alone where that lies in one episode only. None where none of it tells one."""
    sources, stems = known.sources, _stems(known)
    asked: Sequence[Callable[[str], bool]] = (
        lambda id: _names(event.file, id, known, whole=True),
        lambda id: _names(event.file, id, known),
        lambda id: event.shot.rpartition("/")[0] == id,
        lambda id: bool(event.reel) and (event.reel.upper() == sources[id].reel or _plain(event.reel) in stems[id]),
        lambda id: _names(event.name, id, known) or (bool(event.name) and event.name.rpartition("/")[0] == id),
        lambda id: any(_holds(text, each) for text in (event.file, event.name) for each in (id, *stems[id])),
        lambda id: _shortened(event.reel, stems[id]),
        lambda id: _by_code(event, sources[id]),
    )
    for fitting in asked:
        found = [id for id in sources if fitting(id)]
        if len(found) > 1:  # alike in name: the one that has these frames by its time code
            found = [id for id in found if _by_code(event, sources[id])] or found
        if len(found) == 1:
            return found[0]
    return None


def contradicted(event: Event, id: str, known: Known) -> str:
    """What an event's file, SHOT, reel and name say against one another, in words, where it was taken as episode `id`; "" where
    they agree. A reel or a name that tells nothing contradicts nothing, unless what we wrote of the clip is all that tells."""
    stems = _stems(known)

    def named(text: str) -> set[str]:
        plain = {each for each in known.sources if _names(text, each, known) or (text and text.rpartition("/")[0] == each)}
        return plain or {each for each in known.sources if any(_holds(text, held) for held in (each, *stems[each]))}

    reels = {
        each
        for each, source in known.sources.items()
        if event.reel and (event.reel.upper() == source.reel or _plain(event.reel) in stems[each])
    } or {each for each in known.sources if _shortened(event.reel, stems[each])}
    told = [
        ("file", event.file, named(event.file)),
        ("name", event.name if event.name != event.file else "", named(event.name)),
        ("reel", event.reel, reels),
        ("SHOT", event.shot, {each for each in known.sources if event.shot.rpartition("/")[0] == each}),
    ]
    against = [f"its {what} is {text}" for what, text, found in told if text and found and id not in found]
    by = [(what, text) for what, text, found in told if text and id in found]
    strange = [f"reel {text}" if what == "reel" else text for what, text, _ in told[:3] if text]
    if against:
        against += [f"its {by[0][0]} {by[0][1]}"] if by else []
    elif strange and by == [("SHOT", event.shot)]:
        against = [f"only its SHOT {event.shot} is known, not {', '.join(strange)}"]
    return f"{', '.join(against)}: taken as {id}" if against else ""


def _stems(known: Known) -> Mapping[str, set[str]]:
    """What each episode's files are called without their endings, and its id."""
    return {
        id: {_plain(PurePath(name).stem) for name in (source.file, known.episodes[id].path.name)} | {_plain(id)}
        for id, source in known.sources.items()
    }


def _names(text: str, id: str, known: Known, whole: bool = False) -> bool:
    """Whether a text is the name of an episode's file, `whole` or without its ending."""
    files = [known.sources[id].file, known.episodes[id].path.name]
    if whole:
        return bool(text) and _plain(text) in map(_plain, files)
    return bool(text) and (_plain(text) in map(_plain, files) or _plain(PurePath(text).stem) in _stems(known)[id])


def _shortened(reel: str, stems: set[str]) -> bool:
    """Whether a reel is the first letters of a file's name, as lists shorten it."""
    return len(reel) >= 3 and any(_MARK.sub("", each).upper()[:8] == reel.upper() for each in stems)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _holds(text: str, name: str) -> bool:
    """Whether a name stands whole in a text, as in "s01e02_PROXY (1).mov"."""
    own = _MARK.sub(" ", name.casefold()).strip()
    return len(own) >= 3 and f" {own} " in f" {_MARK.sub(' ', text.casefold()).strip()} "


def _by_code(event: Event, source: Source) -> bool:
    """Whether an event's time code lies in a source."""
    sounds = event.name.startswith(("MUSIC ", "HIT ")) or event.file.lower().endswith(SOUNDS)
    if sounds or not source.coded or (not event.label and event.first is None):
        return False
    place = _coded(event, source)
    return place is not None and 0 <= place < source.frames


def _coded(event: Event, source: Source) -> Fraction | None:
    """The frame of a source that an event begins with by time code, counted from the source's first; None without time code."""
    if event.label:
        number = labelled(event.label, event.counted, source)
        return None if number is None else number - source.first + event.offset * source.rate
    return None if event.first is None else (event.first + event.offset) * source.rate - source.first


def labelled(label: str, counted: Fraction, source: Source) -> Fraction | None:
    """The number of a source's frame whose label stands in a list that counts frames at `counted` (0: at the source's own rate).

    Hours, minutes and seconds are the source's; frames of a second are scaled where their numbers differ. None for no label.
    """
    found = _LABEL.fullmatch(label)
    if found is None:
        return None
    own, listed = nominal(source.rate), nominal(counted) if counted else nominal(source.rate)
    frames = Fraction(int(found[3]) * own, listed)
    try:
        return frame_of(f"{found[1]}{found[2]}{int(frames):02d}", source.rate) + frames - int(frames)
    except RequestError:
        try:  # a label that drop frame leaves out: what follows is near
            return Fraction(frame_of(f"{found[1]}{found[2]}{own // 15:02d}", source.rate))
        except RequestError:
            return None


def place_of(event: Event, id: str, beside: Beside) -> Fraction:
    """The frame of an episode with which an event begins, exact or between two: by time code where the file has one and it leads
    into the episode, else counted from the file's first. Files of variable rate are counted, too, as we write them."""
    source, episode = beside.known.sources[id], beside.known.episodes[id]
    code = _coded(event, source)
    if event.label:
        if code is None:
            raise RequestError(f"{event.label!r} is no time code")
        inside = 0 <= code < source.frames
        found = code if inside or not 0 <= code + source.first < source.frames else code + source.first
    else:
        # A file without time code of its own is counted from its first frame; a part of it that was handed over has one.
        leads = source.coded or _plain(event.file) not in {_plain(source.file), _plain(episode.path.name)}
        found = code if code is not None and leads and 0 <= code < source.frames else event.offset * source.rate
    return found


def span_of(event: Event, id: str, beside: Beside) -> tuple[Span, Fraction]:
    """The frames of its episode that an event shows at the cut's rate, and its exact speed.

    Where its numbers are those that a clip of the base would have been written with, or the ones that we wrote, they are those
    exactly; else the nearest that fill its place. A RequestError where the episode has no such frames.
    """
    source, episode, rate, near = beside.known.sources[id], beside.known.episodes[id], beside.cut.rate, beside.near
    place, length = place_of(event, id, beside), len(event.into)
    # What a format cannot count finer: half a step of it; of labels, whose frames are scaled, in numbers of a second.
    scale = Fraction(nominal(source.rate), nominal(event.counted)) if event.label and event.counted else Fraction(0)
    room = max(event.step * source.rate / 2, scale / 2 if scale != 1 else Fraction(0), Fraction(int(episode.variable), 2))
    if event.held:
        return _picture(episode, place, near, room), Fraction(1, length)
    told = (clip for clip in near if clip.episode == id and not clip.still)
    asked = [(clip.span, clip.speed, len(clip.into)) for clip in sorted(told, key=lambda clip: abs(clip.span.start - place))]
    if event.span and event.span.stop <= episode.frames:
        own = next((speed for span, speed, _ in asked if span == event.span), event.speed)
        asked.insert(0, (event.span, own, length))
    for span, speed, lasts in asked:
        even = abs(speed - event.speed) <= Fraction(1, 100) * speed
        if even and lasts == length and abs(span.start - place) <= room and _lasts(span, episode, rate, speed, length):
            return span, speed
    speed = next((each for _, each, _ in asked if each != 1 and abs(each - event.speed) <= each / 100), event.speed)
    starts = [span.start for span, _, _ in asked if abs(span.start - place) <= room]
    start = starts[0] if starts else to_frames(place, Fraction(1))
    usual = max(1, to_frames(length / rate * speed, episode.rate))
    if episode.rate == rate and not episode.variable and speed == 1:
        found = Span(start, start + length) if start >= 0 and start + length <= episode.frames else None
    else:
        wanted = Span(max(0, start), max(0, start) + usual)
        low, high = max(0, start - 2), min(episode.frames, start + usual + 4)
        found = next(fits(wanted, Span(low, high), None, length, speed, episode, rate), None) if low < high else None
    if found is None:
        raise RequestError(f"shows frames {start} to {start + usual} of {id}, which has {episode.frames}")
    return found, speed


def _lasts(span: Span, episode: "Episode", rate: Fraction, speed: Fraction, length: int) -> bool:
    """Whether a span fills so many frames: where its frames are not the timeline's it may be one longer or shorter."""
    same = episode.rate == rate and not episode.variable and speed == 1
    return abs(frames_at(span, episode, rate, speed) - length) <= (0 if same else 1)


def _picture(episode: "Episode", place: Fraction, near: Iterable[Clip], room: Fraction) -> Span:
    stills = (clip.span.start for clip in near if clip.still and clip.episode == episode.id)
    at = next((start for start in stills if abs(start - place) <= room), to_frames(place, Fraction(1)))
    if not 0 <= at < episode.frames:
        raise RequestError(f"holds frame {at} of {episode.id}, which has {episode.frames}")
    return Span(at, at + 1)
