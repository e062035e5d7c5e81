"""The build of a piece of music: beats, bars, phrases, how each beat sounds, and whether it has an ending."""

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trailers.editor.sound.beats import MILLI, Samples, beats, rises
from trailers.editor.sound.clock import RATE

Looks = NDArray[np.float32]
Curve = NDArray[np.float64]

METRES = (4, 3)  # beats a bar, the usual first
PHRASE = 4  # bars
AUDIBLE = 10 ** (-50 / 20)
LEVEL = RATE // 50  # samples of one value of the course of loudness: 20 ms
LONGEST = 12 * RATE  # samples of a loop
QUIETER = 25.0  # dB by which a piece that has ended is under its usual level
BREAKS = 5.0  # dB by which it sinks where it breaks off
WEIGHT = 12.0  # dB under its usual level that a last hit is at most
RINGS = (0.4, 8.0)  # seconds that a last hit rings, least and most
_WINDOW = 4096  # samples at 16 kHz that pitch is told from


@dataclass(frozen=True, eq=False)
class Grid:
    """Places in a music file in samples at 48 kHz; `first` and `stop` are where it begins and ceases to be audible.

    `bars` are the beats that a bar begins with, `phrases` the bars that a phrase begins with, `ending` the last hit, which rings
    out to `stop`: None for a piece that breaks off, fades, or is a loop (`loops`: its end runs into its beginning). `looks` says
    how each beat sounds, float32 (beats, 21): pitch classes, loudness by octaves.
    """

    first: int
    stop: int
    beats: tuple[int, ...] = ()
    bars: tuple[int, ...] = ()
    phrases: tuple[int, ...] = ()
    ending: int | None = None
    loops: bool = False
    looks: Looks = field(default_factory=lambda: np.zeros((0, 21), np.float32))


def heard(file: Path) -> Grid:
    """Listens to a music file as a player plays it. Raises MediaError for one that cannot be read or has no sound."""
    from trailers.features.media import sound

    return grid(sound(file, RATE, 2))


def grid(tune: Samples) -> Grid:
    """Listens to a whole piece, float32 (n, 2) at 48 kHz.

    A bar begins where chords change, where it is low and where it is loud (after Goto, An Audio-based Real-time Beat Tracking
    System, 2001, section 3), on the same beat of every three or four throughout. A phrase begins where four bars differ most
    from the four before (novelty after Foote, 2000), and every four bars from there on.
    """
    mono = np.asarray(tune.mean(axis=1), np.float64)
    loud = np.flatnonzero(np.abs(mono) > AUDIBLE)
    if not len(loud):
        return Grid(0, 0)
    first, stop = int(loud[0]), int(loud[-1]) + 1
    found = beats(tune)
    if len(found) < 4:
        return Grid(first, stop, ending=_ending(mono, found, found, stop))
    looks = _looks(mono, found)
    metre, phase = _metre(looks)
    step = float(np.median(np.diff(found)))
    loops = len(found) % METRES[0] == 0 and len(mono) < LONGEST and abs(len(found) * step - len(mono)) < 0.02 * step
    if loops:
        metre, phase = METRES[0], 0
    bars = found[phase::metre]
    ending = None if loops else _ending(mono, found, bars, stop)
    phrases = _phrases(np.array([looks[at : at + metre].mean(axis=0) for at in range(phase, len(found), metre)]))
    return Grid(
        first,
        len(mono) if loops else stop,
        tuple(int(beat) for beat in found),
        tuple(int(bar) for bar in bars),
        tuple(int(bars[number]) for number in phrases),
        ending,
        loops,
        looks,
    )


def _looks(mono: Curve, found: NDArray[np.int64]) -> Looks:
    """How the sound from each beat to the next is: 12 pitch classes of unit length, 9 octaves in tens of dB."""
    from scipy.fft import rfft
    from scipy.signal import resample_poly

    low = resample_poly(mono, 1, 3)
    hop, third = _WINDOW // 4, 3
    padded = np.pad(low, _WINDOW // 2)
    pieces = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::hop]
    power = np.abs(rfft(pieces * np.hanning(_WINDOW), axis=1)) ** 2
    hertz = np.fft.rfftfreq(_WINDOW, 1 / 16000)
    pitched = (hertz > 100) & (hertz < 2000)
    classes = np.round(12 * np.log2(hertz[pitched] / 440)).astype(int) % 12
    octaves = np.clip(np.log2(np.maximum(hertz, 16) / 31.25).round().astype(int), 0, 8)
    edges = np.append(found, found[-1] + int(np.median(np.diff(found)))) / (hop * third)
    looks = np.zeros((len(found), 21), np.float32)
    for number, (start, stop) in enumerate(pairwise(edges)):
        heard = power[round(start) : max(round(start) + 1, round(stop))]
        mean = heard.mean(axis=0) if len(heard) else np.zeros(len(hertz))
        tones = np.bincount(classes, np.sqrt(mean[pitched]), 12)
        looks[number, :12] = tones / (np.linalg.norm(tones) + 1e-9)
        looks[number, 12:] = np.log10(np.bincount(octaves, mean, 9) + 1e-3)
    return looks


def _metre(looks: Looks) -> tuple[int, int]:
    """Beats a bar, and the first beat that a bar begins with."""
    change = np.append(0, 1 - (looks[1:, :12] * looks[:-1, :12]).sum(axis=1))
    rise = np.diff(looks[:, 12:], axis=0, prepend=looks[:1, 12:])
    parts = (change, np.maximum(rise[:, :3].mean(axis=1), 0), np.maximum(rise.mean(axis=1), 0))
    accents = sum(weight * part / (part.std() + 1e-9) for weight, part in zip((1.0, 0.6, 0.3), parts, strict=True))
    best, chosen = -np.inf, (METRES[0], 0)
    for metre, ease in zip(METRES, (1.0, 0.7), strict=True):
        for phase in range(metre):
            on = accents[phase::metre]
            worth = ease * float(on.mean() - accents.mean()) * np.sqrt(len(on))
            if worth > best + 1e-9:
                best, chosen = worth, (metre, phase)
    return chosen


def _phrases(bars: Looks) -> list[int]:
    """The bars that a phrase begins with."""
    count = len(bars)
    novelty = np.zeros(count)
    for at in range(2, count - 1):
        before, after = bars[max(0, at - PHRASE) : at].mean(axis=0), bars[at : at + PHRASE].mean(axis=0)
        novelty[at] = float(np.linalg.norm(after - before))
    tops = [
        at
        for at in range(2, count - 1)
        if novelty[at] == novelty[max(0, at - 1) : at + 2].max() and novelty[at] > novelty[2:].mean() + novelty[2:].std()
    ]
    borders = [0, *tops, count]
    return [at for start, stop in pairwise(borders) for at in range(start, stop, PHRASE)]


def _ending(mono: Curve, found: NDArray[np.int64], bars: NDArray[np.int64], stop: int) -> int | None:
    """The last hit of a piece that ends by itself: after it the sound rings out, and little begins.

    It is the last strong onset, or the bar that begins within a beat of that where the sound still has its weight. Where as much
    goes on beginning while the level sinks, the piece is faded and has none.
    """
    course = np.sqrt(np.add.reduceat(mono[:stop] ** 2, np.arange(0, stop, LEVEL)) / LEVEL)
    level = 20 * np.log10(np.maximum(course, 1e-6))
    usual = float(np.quantile(level, 0.75))
    if level[-5:].max() > usual - QUIETER:
        return None
    step = int(np.median(np.diff(found))) if len(found) > 1 else RATE // 2
    places = found if len(found) > 3 else np.arange(0, stop, step)

    def most(curve: Curve, each: int, places: NDArray[np.int64]) -> Curve:
        """The greatest value of a curve, one for `each` samples, from just before each place to just before the next."""
        begins = np.maximum(places - step // 8, 0) // each
        return np.array([curve[at : at + step // each].max(initial=0.0) for at in begins])

    weights = most(np.multiply(*rises(mono)), MILLI, places)
    strong = np.flatnonzero(weights > 0.4 * np.median(weights))
    two = 2 * RATE // LEVEL

    def holds(at: int) -> bool:
        """Whether the sound goes on at a place about as loud as in the two seconds before: not where a chord has broken off."""
        here = at // LEVEL
        return bool(level[here : here + 10].max(initial=-120.0) >= level[max(0, here - two) : here + 1].mean() - BREAKS)

    hits = [int(at) for at in places[strong] if holds(int(at))]
    if not hits:
        return None
    last = hits[-1]
    following = [int(bar) for bar in bars if last < bar <= last + 1.1 * step and holds(int(bar))]
    last = following[0] if following else last
    if level[last // LEVEL : last // LEVEL + 15].max(initial=-120.0) < usual - WEIGHT:
        return None
    swell = np.convolve(level, np.ones(3) / 3, "same")
    swell = np.maximum(swell - np.concatenate([swell[:4], swell[:-4]]), 0)
    tail = most(swell, LEVEL, places[places > last + step // 2])
    power, at = course**2, last // LEVEL
    sinks = at > 2 * two and float(power[at - 2 * two : at - two].mean()) > 2.5 * float(power[at - two : at].mean())
    faded = sinks or (len(tail) > 2 and np.mean(tail > 3) > 0.5)
    return last if RINGS[0] * RATE <= stop - last <= RINGS[1] * RATE and not faded else None
