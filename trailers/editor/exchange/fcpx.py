"""FCPXML 1.8, which Final Cut Pro and Resolve read: a spine of clips with their own sound, music and hits connected to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

from trailers.editor.exchange.markup import document, put
from trailers.editor.exchange.sources import Media, Source
from trailers.editor.exchange.tracks import Item, Track, marks, tracks
from trailers.editor.timeline import Timeline
from trailers.features.timecode import drops, nominal
from trailers.season import Joint

DISSOLVE, CROSSFADE = "FxPlug:4731E73A-8DAC-4113-9A30-AE85B1761265", "FFAudioTransition"  # what Final Cut Pro calls its own
CONFORMED: Mapping[Fraction, str] = {
    **{Fraction(rate): str(rate) for rate in (24, 25, 30, 50, 60)},
    **{Fraction(rate * 1000, 1001): f"{rate / 1.001:.2f}" for rate in (24, 30, 60)},
}


@dataclass(frozen=True)
class _Place:
    """An element of the spine: from when to when it stands there, and what its own clock shows then."""

    element: Element
    offset: Fraction
    stop: Fraction
    start: Fraction


def text(timeline: Timeline, media: Media, beside: Path | None, size: tuple[int, int]) -> str:
    """An .fcpxml file's text: one project with a sequence of `size`. All times are exact fractions of a second.

    A clip begins at its file's time code; its sound is its own, and where it leads or trails the picture it says so. The format
    centres transitions on cuts: over the same frames as ours, between clips that meet in their middle. All joints are its
    dissolve, by our names; a fade is one at the spine's end. A card without a file is a gap of its name. The first word of a
    clip's note is the shot.
    """
    root = Element("fcpxml", {"version": "1.8"})
    _Writer(timeline, beside, size, SubElement(root, "resources")).project(root, tracks(timeline, media))
    return document(root, "fcpxml")


class _Writer:
    """Numbers formats and files as they come."""

    def __init__(self, timeline: Timeline, beside: Path | None, size: tuple[int, int], resources: Element) -> None:
        self.timeline, self.beside, self.resources = timeline, beside, resources
        self.ids: dict[object, str] = {}
        self.own = self._format(timeline.rate, size)

    def project(self, root: Element, found: tuple[Track, ...]) -> None:
        timeline, rate = self.timeline, self.timeline.rate
        event = put(root, "event", name=timeline.title)
        project = put(event, "project", name=f"{timeline.title} ({timeline.segment})")
        sequence = put(
            project,
            "sequence",
            format=self.own,
            duration=seconds(timeline.frames / rate),
            tcStart="0s",
            tcFormat=_counted(drops(rate)),
            audioLayout="stereo",
            audioRate="48k",
        )
        places = self._spine(put(sequence, "spine"), found)
        self._markers(places)
        connected = [track for track in found if track.items[0].kind in ("music", "effect")]
        for lane, track in enumerate(connected, 1):
            for item in track.items:
                self._connected(places, item, -lane)
        for place in places:
            _ordered(place.element)

    def _spine(self, spine: Element, found: tuple[Track, ...]) -> list[_Place]:
        rate, items = self.timeline.rate, found[0].items
        sounds = {item.link: item for track in found[1:] for item in track.items if item.kind == "sound"}
        timeline, places = self.timeline, []
        if timeline.fade_in:
            self._joint(spine, 0, timeline.fade_in, "cut")
        for number, item in enumerate(items):
            after = items[number + 1] if number + 1 < len(items) else None
            late, more = item.mixed // 2, after.mixed // 2 if after else 0
            if item.mixed:
                self._joint(spine, item.into.start, item.mixed, item.joint)
            begin, stop = Fraction(item.into.start + late) / rate, Fraction(item.into.stop + more) / rate
            start = self._began(item) + late / rate
            named = {"name": item.name, "offset": seconds(begin), "duration": seconds(stop - begin), "start": seconds(start)}
            source = item.source
            if source is None:
                made = put(spine, "gap", **named)
            else:
                kind = "asset-clip" if item.kind == "clip" else "video"
                made = put(spine, kind, ref=self._asset(source), **named)
            if item.clip and source:
                made.set("tcFormat", _counted(source.drop))
                self._sound(made, item, sounds.get(item.link), start - begin)
                put(made, "note", " ".join(filter(None, (item.clip.shot, item.clip.why, *(mark.note for mark in item.marks)))))
                _conformed(made, source, rate)
                _retimed(made, item, source)
            for mark in item.marks:
                told = {"duration": seconds(1 / rate), "value": mark.text or mark.note, "note": mark.note or None}
                put(made, "marker", start=seconds(start), **told)
            places.append(_Place(made, begin, stop, start))
        if timeline.fade_out:
            self._joint(spine, timeline.frames - timeline.fade_out, timeline.fade_out, "cut")
        return places

    def _began(self, item: Item) -> Fraction:
        """What an item's own clock shows at its first frame: its file's time code, retimed; 0 where it has none."""
        if item.source is None:
            return Fraction(0)
        first = item.source.first / item.source.rate
        return first + (0 if item.still else item.start / item.source.rate / item.speed)

    def _sound(self, made: Element, item: Item, sound: Item | None, clock: Fraction) -> None:
        """Where a clip's sound comes before or after its picture, on the clip's own clock."""
        rate = self.timeline.rate
        if sound is None:
            made.set("srcEnable", "video")
            return
        made.set("audioRole", "dialogue")
        if sound.into != item.into:
            made.set("audioStart", seconds(sound.into.start / rate + clock))
            made.set("audioDuration", seconds(len(sound.into) / rate))

    def _joint(self, spine: Element, start: int, frames: int, joint: Joint) -> None:
        """A transition between two clips; with black at the spine's ends."""
        rate = self.timeline.rate
        name = joint if joint in ("dip", "wash", "wipe") else "Cross Dissolve"
        made = put(spine, "transition", name=name, offset=seconds(start / rate), duration=seconds(frames / rate))
        put(made, "filter-video", ref=self._effect("Cross Dissolve", DISSOLVE), name="Cross Dissolve")
        put(made, "filter-audio", ref=self._effect("Audio Crossfade", CROSSFADE), name="Audio Crossfade")

    def _markers(self, places: list[_Place]) -> None:
        """What is said and written, in the clips that it is over."""
        rate = self.timeline.rate
        for mark in marks(self.timeline):
            at = mark.into.start / rate
            place = _at(places, at)
            name = f"{mark.kind.upper()} {mark.text}"
            put(place.element, "marker", start=seconds(at - place.offset + place.start), duration=seconds(1 / rate), value=name)

    def _connected(self, places: list[_Place], item: Item, lane: int) -> None:
        rate, at = self.timeline.rate, item.into.start / self.timeline.rate
        if item.source is None:
            return
        place = _at(places, at)
        made = put(
            place.element,
            "asset-clip",
            ref=self._asset(item.source),
            lane=lane,
            name=item.name,
            offset=seconds(at - place.offset + place.start),
            start=seconds(item.start / item.source.rate),
            duration=seconds(len(item.into) / rate),
            audioRole="music" if item.kind == "music" else "effects",
        )
        if item.gain:
            put(made, "adjust-volume", amount=f"{item.gain:g}dB")

    def _format(self, rate: Fraction, size: tuple[int, int]) -> str:
        wide, high = size
        told = {"width": wide, "height": high} if wide else {}
        return self._resource(("format", rate, size), "format", frameDuration=_duration(rate), **told)

    def _effect(self, name: str, uid: str) -> str:
        return self._resource(("effect", uid), "effect", name=name, uid=uid)

    def _asset(self, source: Source) -> str:
        known = ("asset", source.id, source.file, source.path)
        if known in self.ids:
            return self.ids[known]
        seen = source.size != (0, 0) or source.id.startswith("CARD")
        return self._resource(
            known,
            "asset",
            name=source.file,
            src=source.url(self.beside),
            start=seconds(source.first / source.rate),
            duration=seconds(source.frames / source.rate),
            hasVideo="1" if seen else None,
            format=(self._format(source.rate, source.size) if source.size != (0, 0) else self.own) if seen else None,
            hasAudio="1" if source.channels else None,
            audioSources="1" if source.channels else None,
            audioChannels=source.channels or None,
            audioRate="48000" if source.channels else None,
        )

    def _resource(self, known: object, tag: str, **attributes: object) -> str:
        if known not in self.ids:
            self.ids[known] = f"r{len(self.ids) + 1}"
            put(self.resources, tag, id=self.ids[known], **attributes)
        return self.ids[known]


def seconds(time: Fraction) -> str:
    """A time as the format writes it: `1001/24000s`, `5s`."""
    return f"{time.numerator}s" if time.denominator == 1 else f"{time.numerator}/{time.denominator}s"


def _duration(rate: Fraction) -> str:
    """How long a frame lasts: `1001/24000s`, `100/2400s`, as Final Cut Pro writes them."""
    return f"1001/{rate.numerator}s" if rate.denominator == 1001 else f"{100 * rate.denominator}/{100 * rate.numerator}s"


def _counted(drop: bool) -> str:
    return "DF" if drop else "NDF"


def _at(places: list[_Place], time: Fraction) -> _Place:
    """The element of the spine that stands at a time."""
    return next((place for place in places if place.offset <= time < place.stop), places[-1])


def _conformed(made: Element, source: Source, rate: Fraction) -> None:
    """A file of another rate keeps its time: nothing is played faster or slower to fit the sequence's frames."""
    if nominal(source.rate) != nominal(rate):
        put(made, "conform-rate", scaleEnabled="0", srcFrameRate=CONFORMED.get(source.rate))


def _retimed(made: Element, item: Item, source: Source) -> None:
    if item.speed == 1:
        return
    first, lasts = source.first / source.rate, source.frames / source.rate
    line = put(made, "timeMap")
    held = first + item.start / source.rate
    ends = ((first, held), (first + lasts, held)) if item.still else ((first, first), (first + lasts / item.speed, first + lasts))
    for time, value in ends:
        put(line, "timept", time=seconds(time), value=seconds(value), interp="linear")


ORDER = ("note", "conform-rate", "timeMap", "adjust-volume", "asset-clip", "video", "gap", "marker")


def _ordered(element: Element) -> None:
    """The children of a clip in the order that the format asks for."""
    element[:] = sorted(element, key=lambda child: ORDER.index(child.tag))
