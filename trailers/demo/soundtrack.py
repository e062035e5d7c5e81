"""Music, effects and voices of the drawn season, all made by code: float32 (samples, 2) at 48 kHz."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np

from trailers.demo.reel import SAMPLES
from trailers.demo.story import RATE, Placed, speeches
from trailers.demo.voice import say


@dataclass(frozen=True)
class Mood:
    """A kind of music: beats a minute, a chord a bar (MIDI notes), and what plays."""

    tempo: float
    chords: tuple[tuple[int, ...], ...]
    plays: frozenset[str]
    level: float


MOODS = {
    "night": Mood(72, ((45, 57, 64, 71), (41, 53, 60, 69), (48, 55, 64, 67), (43, 50, 59, 66)), frozenset({"pad", "bell"}), 0.5),
    "warm": Mood(84, ((48, 55, 64, 67), (45, 57, 60, 64), (41, 53, 57, 64), (43, 55, 59, 62)), frozenset({"pad", "pluck"}), 0.45),
    "wonder": Mood(66, ((38, 57, 62, 66), (40, 56, 64, 68), (43, 59, 62, 67), (38, 57, 61, 66)), frozenset({"pad", "bell", "low"}), 0.55),
    "chase": Mood(138, ((40, 52, 59, 64), (40, 52, 59, 67), (36, 52, 60, 64), (38, 54, 57, 62)), frozenset({"drums", "bass", "stab"}), 0.6),
}


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
    rest = _room(_underscore(placed, length, seed)) * 0.5 + _effects(placed, length, seed)
    mix = rest * (1 - 0.72 * np.minimum(1, speaking * 1.6))[:, None] + (voices * 0.9)[:, None]
    edge = np.minimum(1, np.minimum(np.arange(length), np.arange(length)[::-1]) / (SAMPLES * 0.4))
    return np.tanh(mix * edge[:, None] * 1.1).astype(np.float32), tuple(heard)


def bed(seed: int = 0, bars: int = 18) -> np.ndarray:
    """A music bed that grows bar by bar, peaks, and ends on its first chord: 46 s at 100 beats a minute."""
    shapes = (
        ({"pad", "pluck"}, bars * 4 // 18),
        ({"pad", "pluck", "low"}, bars * 2 // 18),
        ({"pad", "pluck", "bass", "drums"}, bars * 4 // 18),
        ({"pad", "stab", "bass", "drums", "pluck"}, bars - 2 * (bars * 4 // 18) - bars * 2 // 18),
    )
    chords = ((45, 57, 60, 64), (41, 53, 57, 60), (48, 55, 60, 64), (43, 55, 59, 62))
    bar = 4 * 60 / 100
    sound = np.zeros((round((bars * bar + 3.2) * SAMPLES), 2), np.float32)
    number = 0
    for plays, count in shapes:
        for _ in range(count):
            mood = Mood(100, (chords[number % 4],), frozenset(plays), 1.0)
            _add(sound, _bars(mood, 1, seed + number), number * bar)
            number += 1
    _add(sound, _bars(Mood(100, (chords[0],), frozenset({"pad", "bell", "low"}), 1.0), 1, seed), bars * bar)
    _add(sound, _impact(2.5, np.random.default_rng(seed)) * 0.8, bars * bar)
    sound = _room(sound)
    fade = np.minimum(1, np.arange(len(sound))[::-1] / (2.0 * SAMPLES)) ** 1.5
    sound *= fade[:, None].astype(np.float32)
    return np.tanh(sound * 0.9 / np.abs(sound).max() * 1.4).astype(np.float32)


def _underscore(placed: tuple[Placed, ...], length: int, seed: int) -> np.ndarray:
    """The moods of the takes one after another, each let out over a second under the next."""
    sound = np.zeros((length, 2), np.float32)
    starts = [(item.start / float(RATE), item.take.music) for item in placed if item.take.music]
    ends = [start for start, _ in starts[1:]] + [length / SAMPLES]
    for (start, name), end in zip(starts, ends, strict=True):
        mood = MOODS[name]
        bar = 4 * 60 / mood.tempo
        piece = _bars(mood, int((end - start + 1.2) / bar) + 1, seed)[: round((end - start + 1.0) * SAMPLES)]
        edge = np.minimum(1, np.minimum(np.arange(len(piece)) / (0.05 * SAMPLES), np.arange(len(piece))[::-1] / SAMPLES))
        _add(sound, piece * (edge * mood.level)[:, None].astype(np.float32), start)
    return sound


def _bars(mood: Mood, count: int, seed: int) -> np.ndarray:
    """Bars of a mood; a last note may ring beyond the last bar."""
    beat = 60 / mood.tempo
    sound = np.zeros((round((count * 4 * beat + 2.5) * SAMPLES), 2), np.float32)
    random = np.random.default_rng([seed, round(mood.tempo)])
    for number in range(count):
        chord, at = mood.chords[number % len(mood.chords)], number * 4 * beat
        if "pad" in mood.plays:
            for k, note in enumerate(chord):
                _add(sound, _pad(note, round(4 * beat, 4)), at, pan=(-0.4, 0.3, -0.15, 0.45)[k % 4])
        if "low" in mood.plays:
            _add(sound, _tone(chord[0] - 12, round(4 * beat, 4), "low"), at)
        for step in range(8):
            note = chord[1:][int(random.integers(3))] + 12
            if "pluck" in mood.plays and (step % 2 == 0 or random.random() < 0.5):
                _add(sound, _tone(note, 0.9, "pluck"), at + step * beat / 2, pan=0.5 * (-1) ** step)
            if "bell" in mood.plays and step in (0, 3, 6) and random.random() < 0.75:
                _add(sound, _tone(note + 12, 2.2, "bell"), at + step * beat / 2, pan=0.6 * (-1) ** step)
            if "bass" in mood.plays:
                _add(sound, _tone(chord[0] - 12 * (step % 4 == 0), 0.22, "bass"), at + step * beat / 2)
            if "stab" in mood.plays and step in (0, 3, 6):
                for k, note in enumerate(chord[1:]):
                    _add(sound, _tone(note, 0.3, "stab"), at + step * beat / 2, pan=(k - 1) * 0.4)
            if "drums" in mood.plays:
                _add(sound, _drum("hat"), at + step * beat / 2, pan=0.25)
                if step in (0, 3, 4) or (step == 7 and number % 2):
                    _add(sound, _drum("kick"), at + step * beat / 2)
                if step in (2, 6):
                    _add(sound, _drum("snare"), at + step * beat / 2, pan=-0.1)
    return sound


def _add(sound: np.ndarray, wave: np.ndarray, at: float, pan: float = 0.0) -> None:
    first = round(at * SAMPLES)
    wave = wave[: max(0, len(sound) - first)]
    if wave.ndim == 1:
        wave = wave[:, None] * np.array([np.sqrt(0.5 - pan / 2), np.sqrt(0.5 + pan / 2)], np.float32)
    sound[first : first + len(wave)] += wave


def _hertz(note: int) -> float:
    return float(440 * 2 ** ((note - 69) / 12))


@cache
def _pad(note: int, seconds: float) -> np.ndarray:
    """Three saws a little apart, dull, slow to come and go."""
    time = np.arange(round((seconds + 1.2) * SAMPLES)) / SAMPLES
    wave = np.zeros_like(time)
    for detune in (0.9965, 1.0, 1.0035):
        for harmonic in range(1, 8):
            wave += np.sin(2 * np.pi * _hertz(note) * detune * harmonic * time + harmonic * detune * 9) / harmonic**1.9
    shape = np.minimum(1, np.minimum(time / 0.5, (time[-1] - time) / 1.1))
    return (0.035 * wave * shape).astype(np.float32)


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
        wave = 0.07 * sum(np.sin(turn * k) / k for k in range(1, 9)) * np.exp(-time * 8)
    return (wave * np.minimum(1, np.minimum(time / 0.004, (time[-1] - time) / 0.02))).astype(np.float32)


@cache
def _drum(kind: str) -> np.ndarray:
    time = np.arange(round(0.35 * SAMPLES)) / SAMPLES
    noise = np.random.default_rng(3).normal(0, 1, len(time))
    if kind == "kick":
        return (0.55 * np.sin(2 * np.pi * (48 * time + 9 * (1 - np.exp(-time * 28)))) * np.exp(-time * 11)).astype(np.float32)
    if kind == "snare":
        return (0.22 * (noise * np.exp(-time * 20) + 0.8 * np.sin(2 * np.pi * 190 * time) * np.exp(-time * 26))).astype(np.float32)
    return (0.07 * np.diff(noise, prepend=0.0) * np.exp(-time * 60)).astype(np.float32)


def _room(sound: np.ndarray) -> np.ndarray:
    """A hall of a second and a half around the sound."""
    from scipy.signal import fftconvolve

    random = np.random.default_rng(11)
    time = np.arange(round(1.5 * SAMPLES)) / SAMPLES
    tails = random.normal(0, 1, (len(time), 2)) * np.exp(-time * 4.2)[:, None]
    tails = np.cumsum(tails, axis=0) * 0.02 + tails * 0.05
    wet = fftconvolve(sound, tails / np.sqrt((tails**2).sum(axis=0)), axes=0)[: len(sound)]
    return (0.85 * sound + 0.22 * wet).astype(np.float32)


def _effects(placed: tuple[Placed, ...], length: int, seed: int) -> np.ndarray:
    """Each take's own sounds, with a short way in and out over its edges."""
    sound = np.zeros((length, 2), np.float32)
    for number, item in enumerate(placed):
        lead = 0.12
        seconds = (item.stop - item.start) / float(RATE) + 2 * lead
        for name in item.take.sounds:
            random = np.random.default_rng([seed, number, zlib.crc32(name.encode())])
            wave = _EFFECTS[name](seconds, random)
            if name not in ("impact", "whoosh", "thunder"):
                edge = np.minimum(1, np.minimum(np.arange(len(wave)), np.arange(len(wave))[::-1]) / (2 * lead * SAMPLES))
                wave = wave * (edge[:, None] if wave.ndim == 2 else edge).astype(np.float32)
            at = max(0.0, item.start / float(RATE) - (lead if name != "impact" else 0.0))
            _add(sound, wave.astype(np.float32), at)
    return sound


def _noise(seconds: float, random: np.random.Generator, low: float, high: float) -> np.ndarray:
    """Noise of one loudness between two frequencies: (samples, 2)."""
    from scipy.signal import butter, sosfilt

    sections = butter(2, [low, high], "bandpass", fs=SAMPLES, output="sos")
    wave = sosfilt(sections, random.normal(0, 1, (round(seconds * SAMPLES), 2)), axis=0)
    return np.asarray(wave / (np.sqrt((wave**2).mean()) + 1e-9))


def _time(seconds: float) -> np.ndarray:
    return np.arange(round(seconds * SAMPLES)) / SAMPLES


def _wind(seconds: float, random: np.random.Generator) -> np.ndarray:
    time = _time(seconds)
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * 0.23 * time + random.uniform(0, 6))
    return 0.05 * _noise(seconds, random, 150, 700) * swell[:, None]


def _crickets(seconds: float, random: np.random.Generator) -> np.ndarray:
    time = _time(seconds)
    chirp = np.sin(2 * np.pi * 4300 * time) * (np.sin(2 * np.pi * 31 * time) > 0) * ((time * 2.3 + random.random()) % 1 < 0.4)
    other = np.sin(2 * np.pi * 3900 * time) * (np.sin(2 * np.pi * 27 * time) > 0) * ((time * 1.9 + random.random()) % 1 < 0.35)
    return 0.022 * np.stack([chirp + 0.4 * other, other + 0.4 * chirp], axis=1)


def _engine(seconds: float, random: np.random.Generator) -> np.ndarray:
    time = _time(seconds)
    revs = 62 + 38 * time / seconds + 6 * np.sin(2 * np.pi * 0.9 * time + random.uniform(0, 6))
    turn = 2 * np.pi * np.cumsum(revs) / SAMPLES
    wave = np.tanh(3 * sum(np.sin(turn * k / 2 + k) / k**0.8 for k in range(1, 12)) / 3)
    return 0.17 * wave[:, None] + 0.03 * _noise(seconds, random, 300, 2500) * (0.6 + 0.4 * np.sin(turn / 2))[:, None]


def _rocket(seconds: float, random: np.random.Generator) -> np.ndarray:
    crackle = np.repeat(random.random(round(seconds * 90) + 2) ** 3, SAMPLES // 90)[: round(seconds * SAMPLES), None]
    return 0.24 * _noise(seconds, random, 30, 240) + 0.11 * _noise(seconds, random, 400, 3000) * np.resize(crackle, (round(seconds * SAMPLES), 1))


def _gallop(seconds: float, random: np.random.Generator) -> np.ndarray:
    sound = np.zeros((round(seconds * SAMPLES), 2), np.float32)
    time = _time(0.12)
    for stride in np.arange(0, seconds, 0.42):
        for late in (0.0, 0.10, 0.20):
            hoof = np.sin(2 * np.pi * random.uniform(75, 105) * time) + 0.35 * random.normal(0, 1, len(time)) * np.exp(-time * 90)
            _add(sound, (0.4 * hoof * np.exp(-time * 34)).astype(np.float32), stride + late, pan=random.uniform(-0.3, 0.3))
    return sound


def _purr(seconds: float, random: np.random.Generator) -> np.ndarray:
    time = _time(seconds)
    breath = 0.55 + 0.45 * np.sin(2 * np.pi * 0.45 * time)
    return 0.13 * _noise(seconds, random, 60, 420) * (np.clip(np.sin(2 * np.pi * 25 * time), 0, 1) * breath)[:, None]


def _hum(seconds: float, random: np.random.Generator) -> np.ndarray:
    time = _time(seconds)
    return 0.06 * np.stack([np.sin(2 * np.pi * 55 * time) + 0.5 * np.sin(2 * np.pi * f * time) for f in (110.4, 109.7)], axis=1)


def _radio(seconds: float, random: np.random.Generator) -> np.ndarray:
    time = _time(seconds)
    beep = np.sin(2 * np.pi * 1180 * time) * ((time > 0.15) & (time < 0.24))
    return 0.06 * beep[:, None] + 0.008 * _noise(seconds, random, 800, 3000)


def _whoosh(seconds: float, random: np.random.Generator) -> np.ndarray:
    length = min(seconds, 1.1)
    share = np.linspace(0, 1, round(length * SAMPLES))
    swell = np.sin(np.pi * share**0.7) ** 3
    across = np.stack([1 - share, share], axis=1)
    return 0.30 * _noise(length, random, 500, 4000) * swell[:, None] * across


def _impact(seconds: float, random: np.random.Generator) -> np.ndarray:
    time = _time(min(seconds, 2.5))
    drop = np.sin(2 * np.pi * (38 * time + 14 * (1 - np.exp(-time * 6)))) * np.exp(-time * 2.4)
    return 0.5 * drop[:, None] + 0.18 * _noise(len(time) / SAMPLES, random, 80, 1500) * np.exp(-time * 9)[:, None]


def _thunder(seconds: float, random: np.random.Generator) -> np.ndarray:
    time = _time(min(seconds + 1.0, 3.0))
    roll = sum(np.exp(-((time - at) ** 2) / 0.05) for at in (0.62, 1.0, 1.5))
    return 0.32 * _noise(len(time) / SAMPLES, random, 35, 300) * roll[:, None]


def _birds(seconds: float, random: np.random.Generator) -> np.ndarray:
    sound = np.zeros((round(seconds * SAMPLES), 2), np.float32)
    for at in np.sort(random.uniform(0, seconds, round(seconds * 2.2))):
        time = _time(random.uniform(0.06, 0.16))
        base, sweep = random.uniform(2400, 4200), random.uniform(-2500, 2500)
        chirp = np.sin(2 * np.pi * (base * time + sweep * time**2 + 3 * np.sin(2 * np.pi * 30 * time)))
        _add(sound, (0.05 * chirp * np.sin(np.pi * time / time[-1])).astype(np.float32), float(at), pan=float(random.uniform(-0.8, 0.8)))
    return sound


_EFFECTS: dict[str, Callable[[float, np.random.Generator], np.ndarray]] = {
    "wind": _wind,
    "crickets": _crickets,
    "engine": _engine,
    "rocket": _rocket,
    "rumble": lambda seconds, random: 0.14 * _noise(seconds, random, 28, 130),
    "gallop": _gallop,
    "purr": _purr,
    "hum": _hum,
    "radio": _radio,
    "whoosh": _whoosh,
    "impact": _impact,
    "thunder": _thunder,
    "birds": _birds,
    "rain": lambda seconds, random: 0.05 * _noise(seconds, random, 1500, 9000),
    "room": lambda seconds, random: 0.006 * _noise(seconds, random, 100, 2000),
}
