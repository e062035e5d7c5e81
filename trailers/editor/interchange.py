"""The same timeline for other editors: OpenTimelineIO and CMX 3600 EDL."""

import os
import re
from collections.abc import Mapping
from dataclasses import astuple
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from trailers.editor.picture.frames import RATES, frames_at
from trailers.editor.sound.clock import RATE, frame_near, sample_at
from trailers.editor.timeline import Card, Clip, Effect, Music, Take, Timeline
from trailers.errors import RenderError
from trailers.features.media import seconds_at
from trailers.features.span import Span, to_frames
from trailers.store import write_text

if TYPE_CHECKING:
    import opentimelineio as otio

    from trailers.features.media import Episode


def to_otio(
    timeline: Timeline, episodes: "Mapping[str, Episode]", path: Path, beside: Path | None = None, music: Path | None = None
) -> Path:
    """Writes an .otio file: picture, the clips' own sound and the music on three tracks, captions and reasons as markers.

    Each clip's source range counts the episode's frames in the episode's rate (where that differs from the timeline's, the length
    counts the timeline's frames). Media are named by a path relative to `beside`, the folder where the file will lie (default:
    that of `path`), `music` too where its file is given, else by its name. Exact rates and the spans of Timeline.1 stand in the
    metadata under `trailers`.
    """
    import opentimelineio as otio

    document = _document(timeline, episodes, beside or path.parent, music)
    # Not write_to_file: on a full disk it leaves half a file and says nothing.
    return write_text(path, otio.adapters.write_to_string(document, adapter_name="otio_json"))


def to_edl(timeline: Timeline, episodes: "Mapping[str, Episode]", path: Path) -> Path:
    """Writes a CMX 3600 .edl: hard cuts and dissolves of one picture track, reels of 8 characters, the files' names as comments.

    The format knows one rate: where an episode's differs from the timeline's, source times are the nearest frames of the
    timeline's; where no time code exists at the timeline's rate, the nearest rate that has one counts all times. The card is an
    offline reel CARD.
    """
    import opentimelineio as otio

    rate = min(RATES, key=lambda known: (abs(known - timeline.rate), known))
    track = otio.schema.Track(name="V1", kind=otio.schema.TrackKind.Video)
    reels = _reels(sorted({clip.episode for clip in timeline.clips}))
    for clip in timeline.parts:
        into = _conform(clip.into, timeline.rate, rate)
        if isinstance(clip, Card):
            words, span = _plain(" ".join(("CARD", *clip.lines[:1]))), _range(0, len(into), rate)
            kept = {"cmx_3600": {"reel": "CARD"}}
            track.append(otio.schema.Clip(words, otio.schema.MissingReference(), span, metadata=kept))
            continue
        episode = _episode(clip, episodes)
        start = to_frames(seconds_at(episode, clip.span.start), rate)
        part = otio.schema.Clip(
            name=episode.path.name,
            media_reference=otio.schema.ExternalReference(episode.path.name),
            source_range=_range(start, len(into), rate),
            metadata={"cmx_3600": {"reel": reels[clip.episode], "comments": [f"SHOT: {clip.shot}"]}},
        )
        part.effects.extend(_speed(clip))
        if clip.mixed:
            mixed = len(_conform(Span(clip.into.start, clip.into.start + clip.mixed), timeline.rate, rate))
            track.append(_dissolve(mixed, rate))
        track.append(part)
    document = otio.schema.Timeline(name=_plain(f"{timeline.title} {timeline.segment}")[:70])
    document.tracks.append(track)
    text = otio.adapters.write_to_string(document, adapter_name="cmx_3600", rate=float(rate))
    return write_text(path, text)


def _document(
    timeline: Timeline, episodes: "Mapping[str, Episode]", beside: Path, bed_file: Path | None
) -> "otio.schema.Timeline":
    import opentimelineio as otio

    rate = timeline.rate
    document = otio.schema.Timeline(name=f"{timeline.title} ({timeline.segment})", global_start_time=_at(0, rate))
    document.metadata["trailers"] = {
        "id": timeline.id,
        "season": timeline.season,
        "segment": timeline.segment,
        "rate": _ratio(rate),
        "frames": timeline.frames,
        "fade_in": timeline.fade_in,
        "fade_out": timeline.fade_out,
    }
    picture = otio.schema.Track(name="Picture", kind=otio.schema.TrackKind.Video)
    natural = otio.schema.Track(name="Natural sound", kind=otio.schema.TrackKind.Audio)
    for clip in timeline.parts:
        if isinstance(clip, Card):
            for track, item in zip((picture, natural), _card(clip, rate), strict=True):
                track.append(item)
            continue
        episode = _episode(clip, episodes)
        for track in (picture, natural):
            if clip.mixed:
                track.append(_dissolve(clip.mixed, rate))
            track.append(_clip(clip, episode, rate, beside, marked=track is picture))
    for caption in timeline.captions:
        marked = _range(caption.into.start, len(caption.into), rate)
        picture.markers.append(otio.schema.Marker(name=caption.text, marked_range=marked, color="CYAN"))
    document.tracks.extend([picture, natural])
    if music := timeline.music:
        document.tracks.append(_bed(music, timeline, _url(bed_file, beside) if bed_file else quote(music.name)))
    document.tracks.extend(_effect(effect, rate) for effect in timeline.effects)
    return document


def _bed(music: Music, timeline: Timeline, url: str) -> "otio.schema.Track":
    """The takes of a bed at their places, to the nearest frame; exact samples stand in the metadata."""
    import opentimelineio as otio

    rate, at = timeline.rate, 0
    bed = otio.schema.Track(name="Music", kind=otio.schema.TrackKind.Audio)
    whole = Take(0, 0, sample_at(timeline.frames, rate))
    for take in music.takes or (whole,):
        start, stop = (min(frame_near(sample, rate), timeline.frames) for sample in (take.at, take.at + take.count))
        if start > at:
            bed.append(otio.schema.Gap(source_range=_range(0, start - at, rate)))
        if stop > start:
            bed.append(
                otio.schema.Clip(
                    name=music.name,
                    media_reference=otio.schema.ExternalReference(url),
                    source_range=_range(to_frames(Fraction(take.start, RATE), rate), stop - start, rate),
                    metadata={"trailers": {"sha256": music.sha256, "take": list(astuple(take))}},
                )
            )
        at = max(at, stop)
    return bed


def _effect(effect: Effect, rate: Fraction) -> "otio.schema.Track":
    """A hit or a riser on a track of its own, from the nearest frame on; how long it lasts is its file's affair."""
    import opentimelineio as otio

    start = max(0, frame_near(effect.at, rate))
    track = otio.schema.Track(name=f"Effect {effect.name}", kind=otio.schema.TrackKind.Audio)
    if start:
        track.append(otio.schema.Gap(source_range=_range(0, start, rate)))
    length = _at(max(1, to_frames(2, rate)), rate)
    first = _at(max(0, -frame_near(effect.at, rate)), rate) if effect.at < 0 else _at(0, rate)
    track.append(
        otio.schema.Clip(
            name=effect.name,
            media_reference=otio.schema.ExternalReference(quote(effect.name)),
            source_range=otio.opentime.TimeRange(first, length),
            metadata={"trailers": {"sha256": effect.sha256, "at": effect.at, "gain": effect.gain}},
        )
    )
    return track


def _card(card: Card, rate: Fraction) -> "tuple[otio.schema.Clip, otio.schema.Gap]":
    """The card's picture, and as much silence."""
    import opentimelineio as otio

    span = _range(0, len(card.into), rate)
    drawn = otio.schema.GeneratorReference(
        name="card",
        generator_kind="TitleCard",
        available_range=span,
        parameters={"lines": list(card.lines), "ground": card.ground, "ink": card.ink},
    )
    return otio.schema.Clip(" / ".join(card.lines), drawn, span), otio.schema.Gap(source_range=span)


def _clip(clip: Clip, episode: "Episode", rate: Fraction, beside: Path, marked: bool) -> "otio.schema.Clip":
    import opentimelineio as otio

    same = episode.rate == rate and not episode.variable and clip.speed == 1
    # At another rate both ends stand at the nearest frame, which may make a clip one frame longer or shorter than its span lasts.
    off = 0 if clip.still else abs(frames_at(clip.span, episode, rate, clip.speed) - len(clip.into))
    if off > (0 if same else 1):
        raise RenderError(f"{clip.shot}: {clip.span} does not last {len(clip.into)} frames at {rate}; plan the timeline anew")
    length = _at(len(clip.span), episode.rate) if same else _at(len(clip.into), rate)
    span = otio.opentime.TimeRange(_at(clip.span.start, episode.rate), length)
    made = otio.schema.Clip(
        name=clip.shot,
        media_reference=otio.schema.ExternalReference(
            target_url=_url(episode.path, beside),
            available_range=_range(0, episode.frames, episode.rate),
        ),
        source_range=span,
        metadata={
            "trailers": {
                "shot": clip.shot,
                "episode": clip.episode,
                "span": [clip.span.start, clip.span.stop],
                "into": [clip.into.start, clip.into.stop],
                "rate": _ratio(episode.rate),
                "joint": clip.joint,
                "mixed": clip.mixed,
                "centre": clip.centre,
                "score": clip.score,
                "why": clip.why,
                "slot": clip.slot,
                "over": clip.over,
                "propensity": clip.propensity,
                "sha256": episode.sha256,
            }
        },
    )
    made.media_reference.name = episode.path.name
    made.effects.extend(_speed(clip))
    if marked and clip.why:
        made.markers.append(otio.schema.Marker(name=clip.why, marked_range=span, color="GREEN"))
    return made


def _speed(clip: Clip) -> "list[otio.schema.TimeEffect]":
    """What tells another editor that a clip does not run at its own speed: a picture that is held, or a linear warp."""
    import opentimelineio as otio

    if clip.speed == 1:
        return []
    return [otio.schema.FreezeFrame() if clip.still else otio.schema.LinearTimeWarp(time_scalar=float(clip.speed))]


def _url(file: Path, beside: Path) -> str:
    return quote(Path(os.path.relpath(file, beside)).as_posix())


def _episode(clip: Clip, episodes: "Mapping[str, Episode]") -> "Episode":
    if clip.episode not in episodes:
        raise RenderError(f"{clip.shot}: its episode {clip.episode!r} is not among those at hand")
    return episodes[clip.episode]


def _dissolve(frames: int, rate: Fraction) -> "otio.schema.Transition":
    """Mixed frames that all lie in the clip that comes: the clip before lends them."""
    import opentimelineio as otio

    return otio.schema.Transition(
        name="dissolve",
        transition_type=otio.schema.TransitionTypes.SMPTE_Dissolve,
        in_offset=_at(0, rate),
        out_offset=_at(frames, rate),
    )


def _range(start: int, frames: int, rate: Fraction) -> "otio.opentime.TimeRange":
    import opentimelineio as otio

    return otio.opentime.TimeRange(_at(start, rate), _at(frames, rate))


def _at(frames: int, rate: Fraction) -> "otio.opentime.RationalTime":
    import opentimelineio as otio

    return otio.opentime.RationalTime(frames, float(rate))


def _conform(span: Span, rate: Fraction, known: Fraction) -> Span:
    """A span of one rate in another, its two ends each at the nearest frame."""
    start, stop = (to_frames(frame / rate, known) for frame in (span.start, span.stop))
    return Span(start, max(stop, start + 1))


def _reels(ids: list[str]) -> dict[str, str]:
    """A reel of up to 8 capitals and digits for each episode, no two alike."""
    reels: dict[str, str] = {}
    for number, name in enumerate(ids, 1):
        reel = re.sub(r"[^A-Z0-9]", "", name.upper())[-8:] or f"E{number}"
        while reel in reels.values() or reel in ("BL", "AX", "BARS", "BLACK", "CARD"):
            reel = f"{reel[: 8 - len(str(number))]}{number}" if not reel.endswith(str(number)) else f"E{number:07d}"
        reels[name] = reel
    return reels


def _plain(text: str) -> str:
    """One line of what an EDL can carry: ASCII."""
    return " ".join(text.encode("ascii", "replace").decode().split())


def _ratio(rate: Fraction) -> str:
    return f"{rate.numerator}/{rate.denominator}"
