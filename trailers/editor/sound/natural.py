"""Natural sound: each clip's own at its exact place, evened, joined without a click, room tone where there is none."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np

from trailers.editor.sound.clock import RATE, sample_at
from trailers.editor.sound.loudness import Samples, integrated
from trailers.editor.sound.parts import Gap, Part, gaps, parts
from trailers.editor.sound.room import tone
from trailers.editor.sound.tracks import dub, stretches
from trailers.editor.timeline import Timeline

if TYPE_CHECKING:
    from trailers.features.media import Episode

EVEN = 6.0  # dB by which a clip is raised or lowered at most, so that none jumps out
QUIET = -45.0  # LUFS: a clip below it is meant to be quiet
LEAST = RATE * 2 // 5  # samples that have a loudness by the standard; a shorter clip is measured as if it went on
ROOM = RATE // 2  # samples before and after a part in which its room tone is looked for too

Place = Callable[["Episode"], int | None]


def natural(timeline: Timeline, episodes: "Mapping[str, Episode]", channels: int = 2, alone: bool = False) -> Samples:
    """float32 (samples, channels), as long as the timeline: what the clips let hear, by the track in the timeline's language
    where it is dubbed. `alone` where no music takes over: it then rings out longer, and room tone goes on under cards.

    A RequestError says where a dub is missing.
    """
    played = parts(timeline, alone)
    waves = heard(timeline, played, episodes, channels, track_of(timeline))
    return laid(timeline, played, waves, evened(played, waves), alone)


def track_of(timeline: Timeline) -> Place:
    """Which of an episode's sound tracks a timeline lets hear; None for the one that the episode is heard by."""
    return lambda episode: dub(episode, timeline.language) if timeline.dubbed and timeline.language else None


def heard(
    timeline: Timeline, played: Sequence[Part], episodes: "Mapping[str, Episode]", channels: int, place: Place
) -> tuple[Samples, ...]:
    """For each part its sound, ROOM samples more on both sides; each episode is opened once. At another speed the pitch stays."""
    found: dict[int, Samples] = {}
    for name in dict.fromkeys(part.clip.episode for part in played):
        numbers = [number for number, part in enumerate(played) if part.clip.episode == name]
        wanted = [_wanted(played[number], episodes[name], timeline.rate) for number in numbers]
        waves = stretches(episodes[name], wanted, channels, place(episodes[name]))
        for number, wave in zip(numbers, waves, strict=True):
            found[number] = paced(wave, played[number].clip.speed, played[number].count + 2 * ROOM)
    return tuple(found[number] for number in range(len(played)))


def _wanted(part: Part, episode: "Episode", rate: Fraction) -> tuple[int, int]:
    """The first sample of the episode, and how many, that a part takes with what is around it."""
    from trailers.features.media import seconds_at

    begin = floor(seconds_at(episode, part.clip.span.start) * RATE + Fraction(1, 2))
    before = part.head[0] - sample_at(part.clip.into.start, rate) - ROOM
    return begin + floor(before * part.clip.speed), ceil((part.count + 2 * ROOM) * part.clip.speed)


def paced(samples: Samples, speed: Fraction, count: int) -> Samples:
    """`count` samples of a sound at another speed, its pitch kept (libavfilter's atempo, a WSOLA); the same at speed 1."""
    if speed == 1:
        return samples[:count]
    import av
    from av.error import EOFError as EndOfFile

    layout = {2: "stereo", 6: "5.1"}[samples.shape[1]]
    graph = av.filter.Graph()
    source = graph.add_abuffer(format="flt", sample_rate=RATE, layout=layout, time_base=Fraction(1, RATE))
    steps = [graph.add("atempo", str(float(part))) for part in _steps(speed)]
    sink = graph.add("abuffersink")
    for one, other in zip((source, *steps), (*steps, sink), strict=True):
        one.link_to(other)
    graph.configure()
    block = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples).reshape(1, -1), format="flt", layout=layout)
    block.sample_rate, block.pts, block.time_base = RATE, 0, Fraction(1, RATE)
    graph.push(block)
    graph.push(None)
    made = []
    while True:
        try:
            made.append(graph.pull().to_ndarray().reshape(-1, samples.shape[1]))
        except (EndOfFile, BlockingIOError):
            break
    whole = np.concatenate([*made, np.zeros((count, samples.shape[1]), np.float32)])
    return np.asarray(whole[:count], np.float32)


def _steps(speed: Fraction) -> tuple[Fraction, ...]:
    """One filter halves the speed at most."""
    return (speed,) if speed >= Fraction(1, 2) else (Fraction(1, 2), *_steps(speed * 2))


def evened(played: Sequence[Part], waves: Sequence[Samples]) -> tuple[float, ...]:
    """The gain in dB of each part, so that none jumps out: toward the middle of all that can be heard, 6 dB at most."""
    loud = [integrated(_long(_inner(part, wave))) for part, wave in zip(played, waves, strict=True)]
    audible = [value for value in loud if value > QUIET]
    return tuple(min(max(float(np.median(audible)) - value, -EVEN), EVEN) if value > QUIET else 0.0 for value in loud)


def laid(
    timeline: Timeline, played: Sequence[Part], waves: Sequence[Samples], gains: Sequence[float], alone: bool = False
) -> Samples:
    """The parts at their samples with their fades, and the gaps' room tone."""
    channels = waves[0].shape[1] if waves else 2
    whole = np.zeros((sample_at(timeline.frames, timeline.rate), channels), np.float32)
    factors = [np.float32(10 ** (gain / 20)) for gain in gains]
    for part, wave, factor in zip(played, waves, factors, strict=True):
        _add(whole, _inner(part, wave) * factor, part)
    for gap in gaps(timeline, tuple(played), alone):
        _add(whole, tone(waves[gap.like], gap.tail[1] - gap.head[0]) * factors[gap.like], gap)
    return whole


def _inner(part: Part, wave: Samples) -> Samples:
    return wave[ROOM : ROOM + part.count]


def _long(samples: Samples) -> Samples:
    return samples if len(samples) >= LEAST or not len(samples) else np.resize(samples, (LEAST, samples.shape[1]))


def _add(whole: Samples, samples: Samples, where: Part | Gap) -> None:
    fade(samples, where.head[1] - where.head[0], where.tail[1] - where.tail[0])
    first = where.head[0]
    low, high = max(first, 0), min(first + len(samples), len(whole))
    if high > low:
        whole[low:high] += samples[low - first : high - first]


def fade(samples: Samples, head: int, tail: int) -> None:
    """Equal-power ramps on the first and the last samples, in place."""
    head, tail = min(head, len(samples)), min(tail, len(samples))
    if head:
        samples[:head] *= np.sin(np.linspace(0, np.pi / 2, head, dtype=np.float32))[:, None]
    if tail:
        samples[-tail:] *= np.cos(np.linspace(0, np.pi / 2, tail, dtype=np.float32))[:, None]
