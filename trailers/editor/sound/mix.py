"""The sound of a trailer: its stems mixed, brought to the level that is asked, encoded once, and measured as a file."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import floor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trailers.editor.profile import Level
from trailers.editor.sound.clock import RATE, sample_at
from trailers.editor.sound.coded import encode, write_stem
from trailers.editor.sound.levelling import gain
from trailers.editor.sound.levelling import level as levelled
from trailers.editor.sound.loudness import Flags, Loudness, Samples, integrated, judged, measured
from trailers.editor.sound.natural import natural
from trailers.editor.sound.speech import spoken
from trailers.editor.sound.stems import Stems, mixed, raised, stems
from trailers.editor.sound.tracks import Tracks, whole
from trailers.editor.timeline import Caption, Card, Clip, Timeline
from trailers.features.span import Span

if TYPE_CHECKING:
    from trailers.features.media import Episode

__all__ = [
    "Stems",
    "Tracks",
    "bare",
    "delivered",
    "encode",
    "energy",
    "measure",
    "mix",
    "mixed",
    "natural",
    "sketched",
    "stems",
    "write_stem",
]

CORRECTIONS = 3  # times the file is encoded again when AAC moved its loudness; three times that when it moved its peak
CLOSE = 0.15  # LU that a file's loudness may be off
SPARE = 0.5  # dB that AAC is given to move a peak
LOST = 0.06  # LU that AAC takes away, as measured
KNEE = np.float32(0.7)  # of full scale, above which a sketch is bent
EDGE = RATE // 200  # samples in which sound goes and comes at a silence that was asked for: 5 ms
QUIET = -45.0  # LUFS under which nothing goes on in a bed


def mix(
    timeline: Timeline,
    episodes: "Mapping[str, Episode]",
    level: Level,
    files: Mapping[str, Path],
    path: Path,
    channels: int = 2,
    tracks: Mapping[str, Tracks] | None = None,
    mute: Sequence[Span] = (),
) -> Loudness:
    """Writes the timeline's whole sound as AAC-LC at 48 kHz in an MPEG-4 file; gives the loudness measured on that file.

    It lasts `round(frames / rate * 48000)` samples, in two channels or six. `files` holds music and effects by sha256, `tracks`
    the episodes' tracks of dialogue, music and effects alone; frames of `mute` are silence. With nothing to hear it is silence,
    which no gain makes louder: the result then says `silent`. Raises MediaError for what cannot be read, RequestError for what
    was not given.
    """
    made = stems(timeline, episodes, files, channels, tracks)
    return write(muted(mixed(made), timeline, mute), level, path, _talk(made, timeline, level))


def sketched(
    timeline: Timeline,
    episodes: "Mapping[str, Episode]",
    level: Level,
    files: Mapping[str, Path],
    path: Path,
    channels: int = 2,
    tracks: Mapping[str, Tracks] | None = None,
    mute: Sequence[Span] = (),
) -> None:
    """What `mix` writes, as soon as can be, for people to judge a cut by: one gain brings it to its level, what is too loud for
    full scale is bent, and nothing is measured on the file."""
    made = stems(timeline, episodes, files, channels, tracks)
    heard = muted(mixed(made), timeline, mute)
    louder = heard * np.float32(10 ** (gain(heard, level, _talk(made, timeline, level)) / 20))
    encode(np.where(np.abs(louder) > KNEE, np.sign(louder) * (KNEE + (1 - KNEE) * _bent(louder)), louder), path, swift=True)


def _bent(samples: Samples) -> Samples:
    """How far from the knee to full scale what is above the knee comes to lie: never there."""
    return np.asarray(np.tanh((np.abs(samples) - KNEE) / (1 - KNEE)), np.float32)


def delivered(made: Stems, timeline: Timeline, level: Level, mute: Sequence[Span] = ()) -> Mapping[str, Samples]:
    """What goes out as files of their own, by name: the stems as loud as they are in the mix, and the `mix` at its level."""
    whole, talk = muted(mixed(made), timeline, mute), _talk(made, timeline, level)
    louder = raised(made, gain(whole, level, talk)).by_name
    return {**{name: muted(samples, timeline, mute) for name, samples in louder.items()}, "mix": levelled(whole, level, talk)}


def _talk(made: Stems, timeline: Timeline, level: Level) -> Flags | None:
    """Who speaks when, where a level is asked of speech."""
    return spoken(made.natural if made.dialogue is None else made.dialogue, timeline) if level.gate == "dialogue" else None


def write(samples: Samples, level: Level, path: Path, talk: Flags | None = None) -> Loudness:
    """Brings a mix to a level and writes it as AAC, again where the codec has moved loudness or peak out of it."""
    more = None if level.sparse is None else level.sparse + LOST
    inner = replace(level, integrated=level.integrated + LOST, sparse=more, peak=level.peak - SPARE)
    for attempt in range(3 * CORRECTIONS):
        encode(levelled(samples, inner, talk), path)
        found = measured(whole(path, samples.shape[1]), talk)
        wanted, had = judged(found, level)
        over = max(0.0, found.true_peak - level.peak)
        loud = [max(0.0, most - limit) for most, limit in _limited(found, level)]
        settled = attempt >= CORRECTIONS  # a tenth of a LU may then be missed, a limit not
        if found.silent or (not over and not any(loud) and (settled or abs(wanted - had) <= CLOSE)):
            break
        inner = replace(
            inner,
            integrated=inner.integrated + (0.0 if settled else wanted - had),
            sparse=None if inner.sparse is None else inner.sparse + (0.0 if settled else wanted - had),
            peak=inner.peak - (over + 0.05 if over else 0.0),
            short_term=None if inner.short_term is None else inner.short_term - max(loud),
            momentary=None if inner.momentary is None else inner.momentary - max(loud),
        )
    return found


def _limited(found: Loudness, level: Level) -> list[tuple[float, float]]:
    """What is found and what is allowed, wherever a level sets a limit."""
    pairs = ((found.short_term_max, level.short_term), (found.momentary_max, level.momentary))
    return [(most, limit) for most, limit in pairs if limit is not None]


def measure(path: Path, channels: int = 2, timeline: Timeline | None = None) -> Loudness:
    """Loudness and true peak of a file's sound as a player hears it (ITU-R BS.1770-4); with its timeline that of speech too."""
    samples = whole(path, channels)
    return measured(samples, None if timeline is None else spoken(samples, timeline))


def muted(samples: Samples, timeline: Timeline, mute: Sequence[Span]) -> Samples:
    """The sound with silence in these frames, gone 5 ms before and back 5 ms after."""
    if not mute:
        return samples
    heard, ramp = np.ones(len(samples), np.float32), np.linspace(1, 0, EDGE + 1, dtype=np.float32)
    for span in mute:
        start, stop = (sample_at(frame, timeline.rate) for frame in (span.start, span.stop))
        heard[start:stop] = 0
        before, after = heard[max(0, start - EDGE) : start], heard[stop : stop + EDGE]
        before *= ramp[:EDGE][EDGE - len(before) :]
        after *= ramp[::-1][1 : len(after) + 1]
    return samples * heard[:, None]


def bare(timeline: Timeline) -> Timeline:
    """The timeline without what nobody hears: two whose bare ones are equal, of the same files, have the same sound."""
    clips = tuple(
        Clip("", clip.episode, clip.span, clip.into, mixed=clip.mixed, speed=clip.speed, lead=clip.lead, trail=clip.trail)
        for clip in timeline.clips
    )
    return replace(
        timeline,
        id="",
        title="",
        segment="",
        clips=clips,
        cards=tuple(Card((), card.into, "", "") for card in timeline.cards),
        overlays=(),
        captions=tuple(Caption("", caption.into) for caption in timeline.captions),
        language=timeline.language if timeline.dubbed else "",
    )


def energy(music: Path, start: float, seconds: float) -> tuple[float, ...]:
    """How much goes on in a music bed for each second from `start` of its file, by its loudness: 0 the quietest, 1 the loudest;
    a bed that is too short begins again. Half throughout where nothing changes."""
    count = max(1, round(seconds))
    tune = whole(music)
    loud = np.flatnonzero(np.abs(tune).max(axis=1, initial=0.0) > 10 ** (-50 / 20))
    if not len(loud):
        return (0.5,) * count
    again = tune[loud[0] : loud[-1] + 1]
    first = again[max(0, floor(start * RATE) - int(loud[0])) :]
    heard = np.concatenate([first, np.resize(again, (max(0, count * RATE - len(first)), 2))])[: count * RATE]
    found = [max(integrated(heard[n * RATE : (n + 1) * RATE]), QUIET) for n in range(count)]
    least, most = min(found), max(found)
    return tuple(round((value - least) / (most - least), 4) if most - least > 1 else 0.5 for value in found)
