"""Final Cut Pro 7 XML (xmeml 5), which Premiere and Resolve read: picture, linked sound, joints, speeds, markers."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from xml.etree.ElementTree import Element

from trailers.editor.exchange.markup import document, put
from trailers.editor.exchange.sources import Media, Source
from trailers.editor.exchange.tracks import Item, Mark, Track, marks, tracks
from trailers.editor.picture.joints import ground
from trailers.editor.timeline import Timeline
from trailers.features.span import to_frames
from trailers.features.timecode import drops, nominal, smpte
from trailers.season import Joint

SAMPLES = 48000
EFFECTS: Mapping[Joint, tuple[str, str, str]] = {  # name, id, category
    "cut": ("Cross Dissolve", "Cross Dissolve", "Dissolve"),
    "dissolve": ("Cross Dissolve", "Cross Dissolve", "Dissolve"),
    "dip": ("dip", "Dip to Color Dissolve", "Dissolve"),
    "wash": ("wash", "Dip to Color Dissolve", "Dissolve"),
    "wipe": ("wipe", "Edge Wipe", "Wipe"),
}


def text(timeline: Timeline, media: Media, beside: Path | None, size: tuple[int, int]) -> str:
    """An .xml file's text: one sequence of `size`; picture on a video track, each channel of sound on an audio track, linked.

    A clip's in and out count its file's frames in the file's rate from its first (with a speed: of the retimed file), its file
    tells the time code and the reel. Joints stand over the head of the clip that comes; fades are joints with black. A card
    without a file is an offline clip of its name. mastercomment1 is the shot, mastercomment2 its exact frames; notes hold the
    reasons. Without `beside` files have absolute addresses, which Premiere asks for; else they are found by their names.
    """
    root = Element("xmeml", {"version": "5"})
    _Writer(timeline, beside, size).sequence(root, tracks(timeline, media))
    return document(root, "xmeml")


class _Writer:
    """Numbers files and clips as they come: a file is told in full once, and by its number from then on."""

    def __init__(self, timeline: Timeline, beside: Path | None, size: tuple[int, int]) -> None:
        self.timeline, self.beside, self.size = timeline, beside, size
        self.files: dict[tuple[str, str, Path | None], str] = {}

    def sequence(self, root: Element, found: tuple[Track, ...]) -> None:
        timeline, rate = self.timeline, self.timeline.rate
        made = put(root, "sequence", id="sequence-1")
        put(made, "name", f"{timeline.title} ({timeline.segment})")
        put(made, "duration", timeline.frames)
        _rate(made, rate)
        _timecode(made, 0, rate, drops(rate))
        media = put(made, "media")
        video, audio = put(media, "video"), put(media, "audio")
        shape = put(put(video, "format"), "samplecharacteristics")
        _rate(shape, rate)
        _shape(shape, self.size)
        put(audio, "numOutputChannels", 2)
        heard = put(put(audio, "format"), "samplecharacteristics")
        put(heard, "depth", 16)
        put(heard, "samplerate", SAMPLES)
        outputs = put(audio, "outputs")
        for number in (1, 2):
            group = put(outputs, "group")
            put(group, "index", number)
            put(group, "numchannels", 1)
            put(group, "downmix", 0)
            put(put(group, "channel"), "index", number)
        rows = self._rows(found)
        linked: dict[int, list[tuple[str, str, int, int]]] = {}
        for kind, number, _, items in rows:
            for place, (item, id, _) in enumerate(items, 1):
                if item.link:
                    linked.setdefault(item.link, []).append((id, kind, number, place))
        for kind, _, (channel, channels), items in rows:
            track = put(video if kind == "video" else audio, "track")
            if kind == "audio" and channels == 2:
                told = {"currentExplodedTrackIndex": channel, "totalExplodedTrackCount": 2, "premiereTrackType": "Stereo"}
                track.attrib.update({name: str(value) for name, value in told.items()})
            self._track(track, kind, items, linked)
            put(track, "enabled", "TRUE")
            put(track, "locked", "FALSE")
            if kind == "audio":
                put(track, "outputchannelindex", channel % 2 + 1)
        for mark in marks(timeline):
            self._mark(made, mark, mark.into.start, mark.into.stop)

    def _rows(self, found: tuple[Track, ...]) -> list[tuple[str, int, tuple[int, int], list[tuple[Item, str, int]]]]:
        """Kind, number among its kind, (channel, channels) and (item, id, channel) of each of the format's tracks, of which each
        has one channel."""
        rows: list[tuple[str, int, tuple[int, int], list[tuple[Item, str, int]]]] = []
        count, clips = {"video": 0, "audio": 0}, 0
        for track in found:
            channels = max((item.source.channels for item in track.items if item.source), default=1)
            for channel in range(channels if track.kind == "audio" else 1):
                count[track.kind] += 1
                items = []
                for item in track.items:
                    if track.kind == "audio" and (item.source is None or channel >= item.source.channels):
                        continue
                    clips += 1
                    items.append((item, f"clipitem-{clips}", channel))
                rows.append((track.kind, count[track.kind], (channel, channels), items))
        return rows

    def _track(
        self,
        track: Element,
        kind: str,
        items: list[tuple[Item, str, int]],
        linked: Mapping[int, list[tuple[str, str, int, int]]],
    ) -> None:
        timeline = self.timeline
        if kind == "video" and timeline.fade_in and items:
            self._joint(track, 0, timeline.fade_in, "dissolve", "start-black", kind)
        for number, (item, id, channel) in enumerate(items):
            mixed = item.mixed if number else 0
            if mixed:
                self._joint(track, item.into.start, item.into.start + mixed, item.joint, "start", kind)
            after = items[number + 1][0] if number + 1 < len(items) else None
            lent = after.mixed if after and after.into.start == item.into.stop else 0
            first, last = number == 0 and kind == "video", after is None and kind == "video"
            heads = bool(mixed) or (first and timeline.fade_in > 0)
            tails = lent > 0 or (last and timeline.fade_out > 0)
            made = self._clip(track, item, id, kind, lent, -1 if heads else None, -1 if tails else None)
            if kind == "audio":
                place = put(made, "sourcetrack")
                put(place, "mediatype", "audio")
                put(place, "trackindex", (item.source.channel if item.source else 1) + channel)
            for other, what, row, at in linked.get(item.link, ()):
                link = put(made, "link")
                put(link, "linkclipref", other)
                put(link, "mediatype", what)
                put(link, "trackindex", row)
                put(link, "clipindex", at)
                if what == "audio":
                    put(link, "groupindex", 1)
        if kind == "video" and timeline.fade_out and items:
            self._joint(track, timeline.frames - timeline.fade_out, timeline.frames, "dissolve", "end-black", kind)

    def _clip(self, track: Element, item: Item, id: str, kind: str, lent: int, start: int | None, end: int | None) -> Element:
        rate, source = self.timeline.rate, item.source
        own = source.rate if source else rate
        made = put(track, "clipitem", id=id)
        put(made, "name", item.name)
        put(made, "enabled", "TRUE")
        whole = source.frames if source else len(item.into) + lent
        put(made, "duration", to_frames(whole / item.speed, Fraction(1)) if not item.still else whole)
        _rate(made, own)
        put(made, "start", item.into.start if start is None else start)
        put(made, "end", item.into.stop if end is None else end)
        begin = item.start if item.still else to_frames(item.start / item.speed, Fraction(1))
        put(made, "in", begin)
        put(made, "out", begin + max(1, to_frames((len(item.into) + lent) / rate, own)))
        if item.still:
            put(made, "stillframe", "TRUE")
            put(made, "stillframeoffset", item.start)
        self._file(made, item)
        if item.speed != 1 and not item.still:
            _retimed(made, item.speed, kind)
        if item.gain:
            _gain(made, item.gain)
        for mark in item.marks:
            self._mark(made, mark, begin, -1)
        if item.clip:
            log = put(made, "logginginfo")
            put(log, "scene", item.clip.episode)
            put(log, "shottake", item.clip.shot)
            put(log, "lognote", "; ".join(filter(None, (item.clip.why, *(mark.note for mark in item.marks)))))
            span, comments = item.clip.span, put(made, "comments")
            put(comments, "mastercomment1", item.clip.shot)
            put(comments, "mastercomment2", f"{span.start} {span.stop} {own.numerator}/{own.denominator}")
        return made

    def _file(self, made: Element, item: Item) -> None:
        source = item.source or Source("", item.name, None, self.timeline.rate, len(item.into) + item.lent, size=self.size)
        known = (source.id or item.name, source.file, source.path)
        if known in self.files:
            put(made, "file", id=self.files[known])
            return
        self.files[known] = id = f"file-{len(self.files) + 1}"
        file = put(made, "file", id=id)
        put(file, "name", source.file)
        if source.path is not None:
            put(file, "pathurl", source.url(self.beside).replace("file:///", "file://localhost/", 1))
        _rate(file, source.rate)
        put(file, "duration", source.frames)
        _timecode(file, source.first, source.rate, source.drop, source.reel)
        media = put(file, "media")
        if item.kind in ("clip", "sound", "card"):
            shape = put(put(media, "video"), "samplecharacteristics")
            _rate(shape, source.rate)
            _shape(shape, source.size if source.size != (0, 0) else self.size)
        if source.channels:
            audio = put(media, "audio")
            heard = put(audio, "samplecharacteristics")
            put(heard, "depth", 16)
            put(heard, "samplerate", SAMPLES)
            put(audio, "channelcount", source.total or source.channels)

    def _joint(self, track: Element, start: int, end: int, joint: Joint, alignment: str, kind: str) -> None:
        made = put(track, "transitionitem")
        _rate(made, self.timeline.rate)
        put(made, "start", start)
        put(made, "end", end)
        put(made, "alignment", alignment)
        effect = put(made, "effect")
        name, id, category = EFFECTS[joint]
        if kind == "audio":
            name, id, category = "Cross Fade (+3dB)", "KGAudioTransCrossFade3dB", "Cross Fades"
        put(effect, "name", name)
        put(effect, "effectid", id)
        put(effect, "effectcategory", category)
        put(effect, "effecttype", "transition")
        put(effect, "mediatype", kind)
        if kind == "video":
            put(effect, "wipecode", 1 if joint == "wipe" else 0)
            put(effect, "wipeaccuracy", 100)
            put(effect, "startratio", 0)
            put(effect, "endratio", 1)
            put(effect, "reverse", "FALSE")
        if joint in ("dip", "wash"):
            colour = ground(joint, self.timeline)
            value = put(_parameter(effect, "color", "Color"), "value")
            for part, at in (("red", 1), ("green", 3), ("blue", 5)):
                put(value, part, int(colour[at : at + 2], 16))

    def _mark(self, parent: Element, mark: Mark, start: int, end: int) -> None:
        made = put(parent, "marker")
        put(made, "name", mark.text or mark.note)
        put(made, "comment", mark.note or mark.kind)
        put(made, "in", start)
        put(made, "out", end)


def _rate(parent: Element, rate: Fraction) -> None:
    made = put(parent, "rate")
    put(made, "timebase", nominal(rate))
    put(made, "ntsc", "TRUE" if rate.denominator == 1001 else "FALSE")


def _timecode(parent: Element, first: int, rate: Fraction, drop: bool, reel: str = "") -> None:
    made = put(parent, "timecode")
    _rate(made, rate)
    put(made, "string", smpte(first, rate, drop))
    put(made, "frame", first)
    put(made, "displayformat", "DF" if drop and drops(rate) else "NDF")
    if reel:
        put(put(made, "reel"), "name", reel)


def _shape(parent: Element, size: tuple[int, int]) -> None:
    put(parent, "width", size[0])
    put(parent, "height", size[1])
    put(parent, "anamorphic", "FALSE")
    put(parent, "pixelaspectratio", "square")
    put(parent, "fielddominance", "none")


def _retimed(clip: Element, speed: Fraction, kind: str) -> None:
    effect = put(put(clip, "filter"), "effect")
    for name, value in (
        ("name", "Time Remap"),
        ("effectid", "timeremap"),
        ("effectcategory", "motion"),
        ("effecttype", "motion"),
        ("mediatype", kind),
    ):
        put(effect, name, value)
    put(_parameter(effect, "variablespeed", "variablespeed"), "value", 0)
    put(_parameter(effect, "speed", "speed"), "value", f"{float(speed * 100):.6g}")
    put(_parameter(effect, "reverse", "reverse"), "value", "FALSE")
    put(_parameter(effect, "frameblending", "frameblending"), "value", "FALSE")


def _gain(clip: Element, gain: float) -> None:
    effect = put(put(clip, "filter"), "effect")
    put(effect, "name", "Audio Levels")
    put(effect, "effectid", "audiolevels")
    put(effect, "effectcategory", "audiolevels")
    put(effect, "effecttype", "audiolevels")
    put(effect, "mediatype", "audio")
    put(_parameter(effect, "level", "Level"), "value", f"{10 ** (gain / 20):.6g}")


def _parameter(effect: Element, id: str, name: str) -> Element:
    made = put(effect, "parameter")
    put(made, "parameterid", id)
    put(made, "name", name)
    return made
