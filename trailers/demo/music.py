"""The demo's music, made by code: moods that play for as long as they are asked, and a bed for trailers that grows and ends."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from trailers.demo.effects import add, impact
from trailers.demo.reel import SAMPLES


@dataclass(frozen=True)
class Mood:
    """A kind of music: beats a minute, a chord a bar (MIDI notes), and what plays."""

    tempo: float
    chords: tuple[tuple[int, ...], ...]
    plays: frozenset[str]
    level: float


MOODS = {
    "night": Mood(72, ((45, 57, 64, 71), (41, 53, 60, 69), (48, 55, 64, 67), (43, 50, 59, 66)), frozenset({"pad", "bell"}), 1.1),
    "warm": Mood(84, ((48, 55, 64, 67), (45, 57, 60, 64), (41, 53, 57, 64), (43, 55, 59, 62)), frozenset({"pad", "pluck"}), 0.9),
    "wonder": Mood(
        66,
        ((38, 57, 62, 66), (40, 56, 64, 68), (43, 59, 62, 67), (38, 57, 61, 66)),
        frozenset({"pad", "bell", "low"}),
        1.0,
    ),
    "chase": Mood(
        138, ((40, 52, 59, 64), (40, 52, 59, 67), (36, 52, 60, 64), (38, 54, 57, 62)), frozenset({"drums", "bass", "stab"}), 0.6
    ),
}


def bed(seed: int = 0, bars: int = 18, key: int = 0) -> np.ndarray:
    """A music bed that grows, peaks, and ends on its first chord: 46 s at 100 beats a minute, `key` semitones up from A minor."""
    shapes = (
        ({"pad", "pluck"}, bars * 4 // 18),
        ({"pad", "pluck", "low"}, bars * 2 // 18),
        ({"pad", "pluck", "bass", "drums"}, bars * 4 // 18),
        ({"pad", "stab", "bass", "drums", "pluck"}, bars - 2 * (bars * 4 // 18) - bars * 2 // 18),
    )
    roots = ((45, 57, 60, 64), (41, 53, 57, 60), (48, 55, 60, 64), (43, 55, 59, 62))
    chords = tuple(tuple(note + key for note in chord) for chord in roots)
    bar = 4 * 60 / 100
    sound = np.zeros((round((bars * bar + 3.2) * SAMPLES), 2), np.float32)
    number = 0
    for plays, count in shapes:
        for _ in range(count):
            mood = Mood(100, (chords[number % 4],), frozenset(plays), 1.0)
            add(sound, play(mood, 1, seed + number), number * bar)
            number += 1
    add(sound, play(Mood(100, (chords[0],), frozenset({"pad", "bell", "low"}), 1.0), 1, seed), bars * bar)
    add(sound, impact(2.5, np.random.default_rng(seed)) * 0.8, bars * bar)
    sound = room(sound)
    fade = np.minimum(1, np.arange(len(sound))[::-1] / (2.0 * SAMPLES)) ** 1.5
    sound *= fade[:, None].astype(np.float32)
    return np.asarray(np.tanh(sound * 1.26 / np.abs(sound).max()), np.float32)


def play(mood: Mood, count: int, seed: int) -> np.ndarray:
    """Bars of a mood, float32 (samples, 2); a last note may ring beyond the last bar."""
    beat = 60 / mood.tempo
    sound = np.zeros((round((count * 4 * beat + 2.5) * SAMPLES), 2), np.float32)
    random = np.random.default_rng([seed, round(mood.tempo)])
    for number in range(count):
        chord, at = mood.chords[number % len(mood.chords)], number * 4 * beat
        if "pad" in mood.plays:
            for k, note in enumerate(chord):
                add(sound, _pad(note, round(4 * beat, 4)), at, pan=(-0.4, 0.3, -0.15, 0.45)[k % 4])
        if "low" in mood.plays:
            add(sound, _tone(chord[0] - 12, round(4 * beat, 4), "low"), at)
        for step in range(8):
            note = chord[1:][int(random.integers(3))] + 12
            if "pluck" in mood.plays and (step % 2 == 0 or random.random() < 0.5):
                add(sound, _tone(note, 0.9, "pluck"), at + step * beat / 2, pan=0.5 * (-1) ** step)
            if "bell" in mood.plays and step in (0, 3, 6) and random.random() < 0.75:
                add(sound, _tone(note + 12, 2.2, "bell"), at + step * beat / 2, pan=0.6 * (-1) ** step)
            if "bass" in mood.plays:
                add(sound, _tone(chord[0] - 12 * (step % 4 == 0), 0.22, "bass"), at + step * beat / 2)
            if "stab" in mood.plays and step in (0, 3, 6):
                for k, note in enumerate(chord[1:]):
                    add(sound, _tone(note, 0.3, "stab"), at + step * beat / 2, pan=(k - 1) * 0.4)
            if "drums" in mood.plays:
                add(sound, _drum("hat"), at + step * beat / 2, pan=0.25)
                if step in (0, 3, 4) or (step == 7 and number % 2):
                    add(sound, _drum("kick"), at + step * beat / 2)
                if step in (2, 6):
                    add(sound, _drum("snare"), at + step * beat / 2, pan=-0.1)
    return sound


def _hertz(note: int) -> float:
    return float(440 * 2 ** ((note - 69) / 12))


@cache
def _pad(note: int, seconds: float) -> np.ndarray:
    """Three saws a little apart, dull, slow to come and go."""
    time = np.arange(round((seconds + 1.2) * SAMPLES)) / SAMPLES
    turns = np.arange(4096) / 4096
    saw = np.sum([np.sin(2 * np.pi * turns * harmonic) / harmonic**1.9 for harmonic in range(1, 8)], axis=0)
    wave = np.zeros_like(time)
    for detune in (0.9965, 1.0, 1.0035):
        wave += saw[((_hertz(note) * detune * time + 9 * detune) * 4096).astype(np.int64) & 4095]
    shape = np.minimum(1, np.minimum(time / 0.5, (time[-1] - time) / 1.1))
    return np.asarray(0.035 * wave * shape, np.float32)


@cache
def _tone(note: int, seconds: float, kind: str) -> np.ndarray:
    time = np.arange(round(seconds * SAMPLES)) / SAMPLES
    turn = 2 * np.pi * _hertz(note) * time
    if kind == "pluck":
        wave = 0.13 * (np.sin(turn) + 0.5 * np.sin(2 * turn) + 0.2 * np.sin(3 * turn)) * np.exp(-time * 5)
    elif kind == "bell":
        wave = 0.09 * np.sin(turn + 1.6 * np.exp(-time * 4) * np.sin(3.5 * turn)) * np.exp(-time * 1.9)
    elif kind == "low":
        wave = 0.16 * (np.sin(turn) + 0.25 * np.sin(2 * turn)) * np.minimum(1, time / 0.1)
    elif kind == "bass":
        wave = 0.20 * np.tanh(2.2 * (np.sin(turn) + 0.5 * np.sin(2 * turn) + 0.3 * np.sin(3 * turn))) * np.exp(-time * 6)
    else:
        wave = 0.07 * np.sum([np.sin(turn * k) / k for k in range(1, 9)], axis=0) * np.exp(-time * 8)
    return np.asarray(wave * np.minimum(1, np.minimum(time / 0.004, (time[-1] - time) / 0.02)), np.float32)


@cache
def _drum(kind: str) -> np.ndarray:
    time = np.arange(round(0.35 * SAMPLES)) / SAMPLES
    noise = np.random.default_rng(3).normal(0, 1, len(time))
    if kind == "kick":
        wave = 0.55 * np.sin(2 * np.pi * (48 * time + 9 * (1 - np.exp(-time * 28)))) * np.exp(-time * 11)
    elif kind == "snare":
        wave = 0.22 * (noise * np.exp(-time * 20) + 0.8 * np.sin(2 * np.pi * 190 * time) * np.exp(-time * 26))
    else:
        wave = 0.07 * np.diff(noise, prepend=0.0) * np.exp(-time * 60)
    return np.asarray(wave, np.float32)


def room(sound: np.ndarray) -> np.ndarray:
    """A hall of a second and a half around the sound."""
    from scipy.signal import fftconvolve

    random = np.random.default_rng(11)
    time = np.arange(round(1.5 * SAMPLES)) / SAMPLES
    tails = random.normal(0, 1, (len(time), 2)) * np.exp(-time * 4.2)[:, None]
    tails = np.cumsum(tails, axis=0) * 0.02 + tails * 0.05
    wet = fftconvolve(sound, tails / np.sqrt((tails**2).sum(axis=0)), axes=0)[: len(sound)]
    return (0.85 * sound + 0.22 * wet).astype(np.float32)
