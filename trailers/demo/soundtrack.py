"""An episode's sound: music by the takes' moods, their effects, and the voices over them."""

import zlib
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from trailers.demo.effects import EFFECTS, add
from trailers.demo.music import MOODS, play, room
from trailers.demo.reel import SAMPLES
from trailers.demo.story import RATE, Placed, speeches
from trailers.demo.voice import say


@dataclass(frozen=True)
class Heard:
    """A line as it is heard: its text and its exact seconds in the episode."""

    text: str
    start: Fraction
    stop: Fraction


def score(placed: tuple[Placed, ...], seed: int) -> tuple[np.ndarray, tuple[Heard, ...]]:
    """An episode's whole sound, as long as its pictures to the sample, and where each line is spoken.

    A line waits until the one before it is over; music and effects step back while somebody speaks.
    """
    from scipy.ndimage import uniform_filter1d

    length = round(placed[-1].stop / RATE * SAMPLES)
    voices, heard = np.zeros(length, np.float32), []
    free = 0
    for at, line in speeches(placed):
        wave = say(line.text, line.voice, seed)
        first = max(round(at * SAMPLES), free)
        wave = wave[: max(0, length - first)]
        voices[first : first + len(wave)] += wave
        free = first + len(wave) + SAMPLES // 6
        heard.append(Heard(line.text, Fraction(first, SAMPLES), Fraction(first + len(wave), SAMPLES)))
    speaking = uniform_filter1d((np.abs(voices) > 1e-4).astype(np.float32), SAMPLES // 4)
    rest = room(_underscore(placed, length, seed)) * 0.5 + _effects(placed, length, seed)
    mix = rest * (1 - 0.82 * np.minimum(1, speaking * 1.6))[:, None] + (voices * 1.1)[:, None]
    edge = np.minimum(1, np.minimum(np.arange(length), np.arange(length)[::-1]) / (SAMPLES * 0.4))
    return np.tanh(mix * edge[:, None] * 1.1).astype(np.float32), tuple(heard)


def _underscore(placed: tuple[Placed, ...], length: int, seed: int) -> np.ndarray:
    """The moods of the takes one after another, each let out over a second under the next."""
    sound = np.zeros((length, 2), np.float32)
    starts = [(item.start / float(RATE), item.take.music) for item in placed if item.take.music]
    ends = [start for start, _ in starts[1:]] + [length / SAMPLES]
    for (start, name), end in zip(starts, ends, strict=True):
        mood = MOODS[name]
        bar = 4 * 60 / mood.tempo
        piece = play(mood, int((end - start + 1.2) / bar) + 1, seed)[: round((end - start + 1.0) * SAMPLES)]
        edge = np.minimum(1, np.minimum(np.arange(len(piece)) / (0.05 * SAMPLES), np.arange(len(piece))[::-1] / SAMPLES))
        add(sound, piece * (edge * mood.level)[:, None].astype(np.float32), start)
    return sound


def _effects(placed: tuple[Placed, ...], length: int, seed: int) -> np.ndarray:
    """Each take's own sounds, with a short way in and out over its edges."""
    sound = np.zeros((length, 2), np.float32)
    for number, item in enumerate(placed):
        lead = 0.12
        seconds = (item.stop - item.start) / float(RATE) + 2 * lead
        for name in item.take.sounds:
            random = np.random.default_rng([seed, number, zlib.crc32(name.encode())])
            wave = EFFECTS[name](seconds, random)
            if name not in ("impact", "whoosh", "thunder"):
                edge = np.minimum(1, np.minimum(np.arange(len(wave)), np.arange(len(wave))[::-1]) / (2 * lead * SAMPLES))
                wave = wave * (edge[:, None] if wave.ndim == 2 else edge).astype(np.float32)
            at = max(0.0, item.start / float(RATE) - (lead if name != "impact" else 0.0))
            add(sound, wave.astype(np.float32), at)
    return sound
