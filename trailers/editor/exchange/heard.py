"""What sounds in a cut from another program: how far each clip's sound reaches, music and hits as the file has them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import inf

from trailers.editor.exchange.cut import Event
from trailers.editor.exchange.matching import Beside, Known, episode_of, place_of
from trailers.editor.exchange.sources import Media
from trailers.editor.exchange.tracks import Item, tracks
from trailers.editor.sound.clock import sample_at
from trailers.editor.timeline import Clip, Effect, Timeline
from trailers.errors import RequestError
from trailers.features.span import timecode

Notes = list[str]


def led(
    clips: Sequence[Clip], events: Sequence[Event], origin: Sequence[int | None], beside: Beside, notes: Notes
) -> tuple[Clip, ...]:
    """Clips with their leads and trails: the base's where the file has a clip's sound as it was written, or where the file lets
    nothing be heard and the clip stands between the same ones; else as the file has them. 0 is still to be found.

    `origin` says which clip of the base each came from, counted from 0.
    """
    cut, base, known = beside.cut, beside.base, beside.known
    sound = [event for event in cut.sound if event.kind == "media"]
    written = _written(base, known) if beside.near else {}
    found = []
    for place, (clip, event, came) in enumerate(zip(clips, events, origin, strict=True)):
        told = _reach(clip, event, sound, beside)
        if told is None and sound and known.episodes[clip.episode].track and not clip.still:
            notes.append(f"the sound of {clip.shot} is not beside its picture in the file; it is heard all the same")
        if came is None:
            lead, trail = told or (0, 0)
        else:
            old, was = base.clips[came], written.get(came)
            alike = (clip.span, clip.speed, len(clip.into)) == (old.span, old.speed, len(old.into))
            lead, trail = told or (0, 0)
            if (told is None and alike and _neighbour(origin, place, -1, len(base.clips))) or (
                told and was and told[0] == was[0]
            ):
                lead = old.lead
            if (told is None and alike and _neighbour(origin, place, 1, len(base.clips))) or (told and was and told[1] == was[1]):
                trail = old.trail
        found.append(replace(clip, lead=lead, trail=trail))
    return tuple(found)


def _neighbour(origin: Sequence[int | None], place: int, way: int, count: int) -> bool:
    """Whether the same clip stands before (or after) one as did."""
    came, other = origin[place], place + way
    if came is None:
        return False
    return origin[other] == came + way if 0 <= other < len(origin) else came + way in (-1, count)


def _written(base: Timeline, known: Known) -> dict[int, tuple[int, int]]:
    """By how many frames each clip's sound was written to reach before and after its picture."""
    numbers = {clip.into.start: n for n, clip in enumerate(base.clips)}
    found = {}
    for item in _items(base, known):
        if item.kind == "sound" and item.clip is not None:
            into = item.clip.into
            found[numbers[into.start]] = (into.start - item.into.start, item.into.stop - into.stop)
    return found


def _items(base: Timeline, known: Known) -> tuple[Item, ...]:
    return tuple(item for track in tracks(base, Media(known.episodes, known.sources)) for item in track.items)


def _reach(clip: Clip, event: Event, sound: Sequence[Event], beside: Beside) -> tuple[int, int] | None:
    """How far a clip's sound reaches before its picture and after it, in sync with it; None where the file has none of it."""
    known, rate = beside.known, beside.cut.rate
    own = known.episodes[clip.episode].rate
    there = place_of(event, clip.episode, beside)
    found = list[tuple[bool, int, Event]]()
    for each in sound:
        other = bool(each.shot and event.shot) and each.shot != event.shot
        if other or not each.into.overlap(clip.into) or episode_of(each, known) != clip.episode:
            continue
        try:
            here = place_of(each, clip.episode, beside)
        except RequestError:
            continue
        late = (each.into.start - clip.into.start) / rate * clip.speed * own
        if abs(here - there - late) <= 1 + each.step * own:
            named = each.name.removeprefix("SOUND ") in (event.name, clip.shot)
            if named or not each.name.startswith("SOUND "):  # else it is another clip's
                found.append((named, each.into.overlap(clip.into), each))
    if not found:
        return None
    best = max(found, key=lambda item: item[:2])[2]
    return (0, 0) if best.bound else (clip.into.start - best.into.start, best.into.stop - clip.into.stop)


def scored(plain: Timeline, beside: Beside, notes: Notes) -> Timeline:
    """The timeline with music and hits as the file has them; a list that tells nothing of them leaves them as they were."""
    cut, base, known = beside.cut, beside.base, beside.known
    if not cut.sound or cut.form == "EDL" or not beside.near:
        end = sample_at(plain.frames, plain.rate) if plain.frames < base.frames else inf
        return replace(plain, music=base.music, effects=tuple(each for each in base.effects if each.at < end))
    sound = [event for event in dict.fromkeys(cut.sound) if event.kind == "media" and episode_of(event, known) is None]
    expected, used, music = _items(base, known), set[int](), base.music
    if base.music is not None:
        beds = [item.into for item in expected if item.kind == "music"]
        found = [n for n, event in enumerate(sound) if _named(event, base.music.name)]
        used |= set(found)
        if beds and not found:
            notes.append(f"the music {base.music.name} is not in the file: it is taken off")
            music = None
        elif beds != [sound[n].into for n in found] and plain.frames == base.frames:
            notes.append(f"the music {base.music.name} was moved or cut; it is laid by its beats, and stays as it was")
    effects = tuple(_hits(base, [item for item in expected if item.kind == "effect"], sound, used, notes))
    for n, event in enumerate(sound):
        if n not in used:
            what, at = event.file or event.name or "a sound", timecode(event.into.start, cut.rate)
            notes.append(f"{what}, heard at {at}, is none of the season's sounds, and left out")
    return replace(plain, music=music, effects=effects)


def _hits(base: Timeline, expected: Sequence[Item], sound: Sequence[Event], used: set[int], notes: Notes) -> Iterable[Effect]:
    """The hits that the file has, each as much later as it stands there; a file may have two of a name."""
    left = list(expected)
    for effect in base.effects:
        item = next((each for each in left if each.name == f"HIT {effect.name}"), None)
        if item is None:  # it begins after the end, and was not written
            yield effect
            continue
        left.remove(item)
        places = [n for n, event in enumerate(sound) if n not in used and _named(event, effect.name)]
        if not places:
            notes.append(f"the hit {effect.name} is not in the file: it is taken off")
            continue
        start = item.into.start
        near = min(places, key=lambda n: (abs(sound[n].into.start - start), n))
        used.add(near)
        moved = sample_at(sound[near].into.start, base.rate) - sample_at(start, base.rate)
        yield replace(effect, at=effect.at + moved)


def _named(event: Event, name: str) -> bool:
    return name in (event.file, event.name.removeprefix("MUSIC ").removeprefix("HIT "))
