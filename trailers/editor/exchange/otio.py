"""OpenTimelineIO: everything that a timeline says, for Resolve, Kdenlive, Premiere, Avid and for other programs' code."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from trailers.editor.exchange.sources import Media, Source
from trailers.editor.exchange.tracks import Item, Mark, Track, marks, tracks
from trailers.editor.timeline import Timeline
from trailers.features.span import Span
from trailers.features.timecode import smpte

if TYPE_CHECKING:
    import opentimelineio as otio

COLOURS: Mapping[str, str] = {"reason": "GREEN", "caption": "CYAN", "lower": "YELLOW"}


def text(timeline: Timeline, media: Media, beside: Path | None) -> str:
    """An .otio file's text: picture, natural sound, music and hits on tracks, reasons, captions and lower thirds as markers.

    A clip's source range counts the file's frames by its time code in its rate (where that differs from the timeline's, its
    length counts the timeline's frames); the available range is the whole file, so that handles are what it holds. A dissolve is
    a SMPTE_Dissolve, every other joint a Custom_Transition of its name. Files are named from the folder `beside` on. Exact
    rates, spans, joints, framings' centres, scores and reasons stand in the metadata under `trailers`.
    """
    import opentimelineio as otio

    return str(otio.adapters.write_to_string(document(timeline, media, beside), adapter_name="otio_json"))


def document(timeline: Timeline, media: Media, beside: Path | None) -> "otio.schema.Timeline":
    import opentimelineio as otio

    rate = timeline.rate
    made = otio.schema.Timeline(name=f"{timeline.title} ({timeline.segment})", global_start_time=_at(0, rate))
    made.metadata["trailers"] = {
        "id": timeline.id,
        "season": timeline.season,
        "segment": timeline.segment,
        "language": timeline.language,
        "dubbed": timeline.dubbed,
        "rate": _ratio(rate),
        "frames": timeline.frames,
        "fade_in": timeline.fade_in,
        "fade_out": timeline.fade_out,
    }
    made.tracks.extend(_track(track, rate, beside) for track in tracks(timeline, media))
    made.tracks[0].markers.extend(_marker(mark, _range(mark.into.start, len(mark.into), rate)) for mark in marks(timeline))
    return made


def _track(track: Track, rate: Fraction, beside: Path | None) -> "otio.schema.Track":
    import opentimelineio as otio

    kind = otio.schema.TrackKind.Video if track.kind == "video" else otio.schema.TrackKind.Audio
    made, at = otio.schema.Track(name=track.name, kind=kind), 0
    for item in track.items:
        if item.into.start > at:
            made.append(otio.schema.Gap(source_range=_range(0, item.into.start - at, rate)))
        if item.mixed:
            made.append(_joint(item, rate))
        made.append(_clip(item, rate, beside))
        at = item.into.stop
    return made


def _clip(item: Item, rate: Fraction, beside: Path | None) -> "otio.schema.Clip":
    import opentimelineio as otio

    source = item.source
    span = held = _range(0, len(item.into), rate)
    if source is not None:
        held = _range(source.first, source.frames, source.rate)
        whole = source.rate == rate and not source.variable and item.speed == 1
        length = _at(item.length, source.rate) if whole and item.length == len(item.into) else _at(len(item.into), rate)
        span = otio.opentime.TimeRange(_at(source.first + item.start, source.rate), length)
    made = otio.schema.Clip(item.name, _reference(item, held, beside), span, metadata={"trailers": _kept(item)})
    if item.speed != 1:
        still = item.still
        made.effects.append(otio.schema.FreezeFrame() if still else otio.schema.LinearTimeWarp(time_scalar=float(item.speed)))
    if source is not None and item.kind in ("clip", "sound"):
        made.metadata["cmx_3600"] = {"reel": source.reel}
    made.markers.extend(_marker(mark, span) for mark in item.marks)
    return made


def _reference(item: Item, held: "otio.opentime.TimeRange", beside: Path | None) -> "otio.core.MediaReference":
    import opentimelineio as otio

    if item.source is None:
        card = item.card
        lines = {"lines": list(card.lines), "ground": card.ground, "ink": card.ink} if card else {}
        return otio.schema.GeneratorReference("card", "TitleCard", held, lines)
    made = otio.schema.ExternalReference(item.source.url(beside), held, {"trailers": _told(item.source)})
    made.name = item.source.file
    return made


def _told(source: Source) -> dict[str, str | bool | int]:
    """What a file says of itself that a range cannot carry."""
    begins = smpte(source.first, source.rate, source.drop)
    told: dict[str, str | bool | int] = {"reel": source.reel, "begins": begins, "has_time_code": source.coded}
    return {**told, "sha256": source.sha256, "variable_rate": source.variable}


def _kept(item: Item) -> dict[str, object]:
    """What Timeline.1 says of an item."""
    before, after = item.handles
    kept: dict[str, object] = {"kind": item.kind, "into": [item.into.start, item.into.stop], "handles": [before, after]}
    if item.link:
        kept["link"] = item.link
    if item.source is not None:
        span = item.clip.span if item.clip and item.kind == "clip" else Span(item.start, item.start + item.length)
        kept |= {"span": [span.start, span.stop], "rate": _ratio(item.source.rate), "sha256": item.source.sha256}
    if item.card is not None:
        kept |= {"card": item.card.kind, "lines": list(item.card.lines)}
    if item.kind == "effect":
        kept["gain"] = item.gain
    if (clip := item.clip) is None:
        return kept
    kept |= {"shot": clip.shot, "episode": clip.episode, "speed": _ratio(clip.speed), "joint": item.joint, "mixed": item.mixed}
    if item.kind == "sound":
        return kept
    told = {name: getattr(clip, name) for name in ("lead", "trail", "centre", "score", "why", "slot", "over", "propensity")}
    return {**kept, **told}


def _joint(item: Item, rate: Fraction) -> "otio.schema.Transition":
    """Mixed frames that all lie in the item that comes: the one before lends them."""
    import opentimelineio as otio

    plain = item.joint == "dissolve"
    return otio.schema.Transition(
        name=item.joint,
        transition_type=otio.schema.TransitionTypes.SMPTE_Dissolve if plain else otio.schema.TransitionTypes.Custom,
        in_offset=_at(0, rate),
        out_offset=_at(item.mixed, rate),
        metadata={"trailers": {"joint": item.joint, "mixed": item.mixed}},
    )


def _marker(mark: Mark, span: "otio.opentime.TimeRange") -> "otio.schema.Marker":
    import opentimelineio as otio

    made = otio.schema.Marker(name=mark.text or mark.note, marked_range=span, color=COLOURS[mark.kind])
    made.comment = mark.note
    made.metadata["trailers"] = {"kind": mark.kind}
    return made


def _range(start: int, frames: int, rate: Fraction) -> "otio.opentime.TimeRange":
    import opentimelineio as otio

    return otio.opentime.TimeRange(_at(start, rate), _at(frames, rate))


def _at(frames: int, rate: Fraction) -> "otio.opentime.RationalTime":
    import opentimelineio as otio

    return otio.opentime.RationalTime(frames, float(rate))


def _ratio(rate: Fraction) -> str:
    return f"{rate.numerator}/{rate.denominator}"
