"""MLT XML, which melt and Shotcut play and Kdenlive takes as a clip: picture with its joints and fades, sound on tracks below."""

import os
from fractions import Fraction
from math import gcd
from pathlib import Path
from xml.etree.ElementTree import Element

from trailers.editor.exchange.markup import clean, document, put
from trailers.editor.exchange.sources import Media, Source
from trailers.editor.exchange.tracks import Item, Track, tracks
from trailers.editor.picture.joints import ground
from trailers.editor.timeline import Timeline
from trailers.features.span import to_frames


def text(timeline: Timeline, media: Media, beside: Path | None, size: tuple[int, int]) -> str:
    """An .mlt file's text: a tractor of picture and sounds in a profile of the timeline's rate and of `size`.

    Every frame of a clip at the timeline's own rate is the episode's own; of files of other rates MLT takes the nearest to its
    time. A dissolve and fades have our shares of both pictures in each frame; a dip and a wash go to their colour and from it,
    and a wipe's soft edge goes from left to right, in a line. Cards without a file are their ground. Sounds play as they are: no
    levelling, no ducking. Files are named from the folder `beside` on, where the document is to lie.
    """
    root = Element("mlt", {"LC_NUMERIC": "C", "version": "7.0.0", "title": clean(f"{timeline.title} ({timeline.segment})")})
    root.set("producer", "main")
    _profile(root, timeline.rate, size)
    _Writer(root, timeline, beside).main(tracks(timeline, media))
    return document(root)


Entry = tuple[Element, int, int]  # a producer, its first frame, and how many


class _Writer:
    """Numbers producers as they come: each item has its own, so that its speed and its tracks are its own."""

    def __init__(self, root: Element, timeline: Timeline, beside: Path | None) -> None:
        self.root, self.timeline, self.beside, self.rate = root, timeline, beside, timeline.rate
        self.count = 0

    def main(self, found: tuple[Track, ...]) -> None:
        """The producer of everything stands last, after what it is made of."""
        picture = self._picture(found[0])
        sounds = [self._heard(track, number) for number, track in enumerate(found[1:], 1)]
        main = put(self.root, "tractor", id="main", **{"in": 0, "out": self.timeline.frames - 1})
        put(main, "track", producer=picture, hide="audio")
        for sound in sounds:
            put(main, "track", producer=sound, hide="video")
        for number in range(1, len(sounds) + 1):
            mixed = put(main, "transition")
            _told(mixed, mlt_service="mix", a_track=0, b_track=number, always_active=1, sum=1)

    def _picture(self, track: Track) -> str:
        """A playlist: what stands for itself, and between that the joints; within fades from and to black."""
        entries: list[Entry] = []
        for before, item in zip((None, *track.items), track.items, strict=False):
            head = item.mixed if before else 0
            made, first = self._item(item), self._first(item)
            if before and head:
                entries += self._joint(before, item)
            if len(item.into) > head:
                entries.append((made, first + head, len(item.into) - head))
        timeline = self.timeline
        lit, dims = timeline.fade_in, timeline.fade_out
        if not lit and not dims:
            return self._playlist("picture", entries).get("id", "")
        bare, black = self._playlist("bare", entries), self._colour("#000000", lit + dims + 2)
        faded = [self._mixed(lit, (black, 1), (bare, 0))] if lit else []
        faded.append((bare, lit, timeline.frames - lit - dims))
        faded += [self._mixed(dims, (bare, timeline.frames - dims), (black, 1))] if dims else []
        return self._playlist("picture", [entry for entry in faded if entry[2] > 0]).get("id", "")

    def _joint(self, before: Item, item: Item) -> list[Entry]:
        """The frames of a joint: of the two pictures, or of each with the colour that they pass through."""
        count, half = item.mixed, item.mixed // 2
        last, first = self._first(before) + len(before.into), self._first(item)
        if item.joint not in ("dip", "wash"):
            edge = {"resource": "%luma01.pgm", "softness": 0.3} if item.joint == "wipe" else {}
            return [self._mixed(count, (self._item(before), last), (self._item(item), first), **edge)]
        colour = self._colour(ground(item.joint, self.timeline), count + 2)
        parts = [self._mixed(half, (self._item(before), last), (colour, 1))] if half else []
        parts += [(colour, 0, 1)] if count % 2 else []
        parts += [self._mixed(half, (colour, 1), (self._item(item), first + count - half))] if half else []
        return parts

    def _mixed(self, count: int, one: tuple[Element, int], other: tuple[Element, int], **edge: object) -> Entry:
        """So many frames in which a second picture takes over from a first, from its frame k of n with k + 1 parts of n + 1.

        A tractor does so from 0 parts on: it begins a frame earlier, and its first is left out.
        """
        self.count += 1
        name, rows = f"mix{self.count}", []
        for side, (producer, first) in (("a", one), ("b", other)):
            blank = int(first == 0)
            rows.append(self._playlist(f"{name}{side}", [(producer, first - 1 + blank, count + 1 - blank)], blank))
        made = put(self.root, "tractor", id=name, **{"in": 0, "out": count})
        for row in rows:
            put(made, "track", producer=row.get("id"))
        _told(put(made, "transition", **{"in": 0, "out": count}), mlt_service="luma", a_track=0, b_track=1, **edge)
        return made, 1, count

    def _heard(self, track: Track, number: int) -> str:
        name = f"sound{number}"
        playlist = put(self.root, "playlist", id=name)
        put(playlist, "property", track.name, name="trailers:name")
        producers, at = [], 0
        for item in track.items:
            made = self._item(item)
            producers.append(made)
            if item.into.start > at:
                put(playlist, "blank", length=item.into.start - at)
            self._entry(playlist, made, self._first(item), len(item.into))
            at = item.into.stop
        self.root.remove(playlist)
        self.root.append(playlist)  # producers are told before they are used
        return name

    def _playlist(self, name: str, entries: list[Entry], blank: int = 0) -> Element:
        playlist = put(self.root, "playlist", id=name)
        if blank:
            put(playlist, "blank", length=blank)
        for producer, first, count in entries:
            self._entry(playlist, producer, first, count)
        return playlist

    def _entry(self, playlist: Element, producer: Element, first: int, count: int) -> None:
        put(playlist, "entry", producer=producer.get("id"), **{"in": first, "out": first + count - 1})

    def _first(self, item: Item) -> int:
        """The frame of an item's producer with which it begins."""
        if item.source is None or item.still:
            return 0
        return to_frames(item.start / item.source.rate / item.speed, self.rate)

    def _item(self, item: Item) -> Element:
        """A producer of an item's file, or of a card's ground."""
        source = item.source
        if source is None:
            colour = item.card.ground if item.card else "#000000"
            return self._colour(colour, len(item.into) + item.lent, item.name)
        file = Path(source.path or source.file)
        address = file.as_posix() if self.beside is None else _beside(file, self.beside)
        # Past its end a file shows its last picture, as our own frames do.
        asked = self._first(item) + len(item.into) + item.lent
        frames = max(to_frames(source.frames / source.rate / item.speed, self.rate), asked)
        heard = item.kind not in ("clip", "card")
        if item.still:
            frame = to_frames(item.start / source.rate, self.rate)
            made = self._producer(len(item.into) + item.lent + 1)
            _told(made, mlt_service="hold", resource=address, frame=frame)
        else:
            made = self._producer(frames)
            if item.speed != 1:
                speed = f"{float(item.speed):.9g}"
                _told(made, mlt_service="timewarp", resource=f"{speed}:{address}", warp_speed=speed, warp_resource=address)
                _told(made, warp_pitch=1 if heard else 0)
            else:
                _told(made, mlt_service="avformat", resource=address)
            _told(made, eof="pause", **(_sound(source) if heard else {"audio_index": -1}))
        self._kept(made, item)
        if item.gain:
            _told(put(made, "filter"), mlt_service="volume", level=f"{item.gain:g}")
        return made

    def _kept(self, made: Element, item: Item) -> None:
        put(made, "property", item.name, name="title")
        if item.clip and item.source:
            span, rate = item.clip.span, item.source.rate
            put(made, "property", item.clip.shot, name="trailers:shot")
            put(made, "property", f"{span.start} {span.stop} {rate.numerator}/{rate.denominator}", name="trailers:span")
            put(made, "property", item.source.reel, name="trailers:reel")

    def _colour(self, colour: str, frames: int, name: str = "") -> Element:
        made = self._producer(frames)
        _told(made, mlt_service="color", resource=f"0x{colour.removeprefix('#')}ff")
        if name:
            put(made, "property", name, name="title")
        return made

    def _producer(self, frames: int) -> Element:
        self.count += 1
        made = put(self.root, "producer", id=f"producer{self.count}", **{"in": 0, "out": frames - 1})
        _told(made, length=frames)
        return made


def _profile(root: Element, rate: Fraction, size: tuple[int, int]) -> None:
    wide, high = size
    shared = gcd(wide, high)
    told = {
        "description": f"{wide}x{high} at {rate}",
        "frame_rate_num": rate.numerator,
        "frame_rate_den": rate.denominator,
        "width": wide,
        "height": high,
        "progressive": 1,
        "sample_aspect_num": 1,
        "sample_aspect_den": 1,
        "display_aspect_num": wide // shared,
        "display_aspect_den": high // shared,
        "colorspace": 709,
    }
    put(root, "profile", **told)


def _sound(source: Source) -> dict[str, object]:
    """The sound alone of a file, by the stream that is heard."""
    return {"video_index": -1, **({"audio_index": source.stream} if source.stream >= 0 else {})}


def _told(parent: Element, **properties: object) -> None:
    for name, value in properties.items():
        put(parent, "property", value, name=name)


def _beside(file: Path, beside: Path) -> str:
    return Path(os.path.relpath(file, beside)).as_posix()
