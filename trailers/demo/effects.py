"""The demo's effects, made by code: each a function of seconds and a random generator that gives (samples, 2) at 48 kHz."""

from collections.abc import Callable

import numpy as np

from trailers.demo.reel import SAMPLES


def add(sound: np.ndarray, wave: np.ndarray, at: float, pan: float = 0.0) -> None:
    """Lays a wave, mono or (samples, 2), into a sound at a second, as much as there is room for; pan -1 is left, 1 right."""
    first = round(at * SAMPLES)
    wave = wave[: max(0, len(sound) - first)]
    if wave.ndim == 1:
        wave = wave[:, None] * np.array([np.sqrt(0.5 - pan / 2), np.sqrt(0.5 + pan / 2)], np.float32)
    sound[first : first + len(wave)] += wave


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
    wave = np.tanh(np.sum([np.sin(turn * k / 2 + k) / k**0.8 for k in range(1, 12)], axis=0))
    air = _noise(seconds, random, 300, 2500) * (0.6 + 0.4 * np.sin(turn / 2))[:, None]
    return np.asarray(0.17 * wave[:, None] + 0.03 * air)


def _rocket(seconds: float, random: np.random.Generator) -> np.ndarray:
    crackle = np.repeat(random.random(round(seconds * 90) + 2) ** 3, SAMPLES // 90 + 1)[: round(seconds * SAMPLES), None]
    return 0.24 * _noise(seconds, random, 30, 240) + 0.11 * _noise(seconds, random, 400, 3000) * crackle


def _gallop(seconds: float, random: np.random.Generator) -> np.ndarray:
    sound = np.zeros((round(seconds * SAMPLES), 2), np.float32)
    time = _time(0.12)
    for stride in np.arange(0, seconds, 0.42):
        for late in (0.0, 0.10, 0.20):
            hoof = np.sin(2 * np.pi * random.uniform(75, 105) * time) + 0.35 * random.normal(0, 1, len(time)) * np.exp(-time * 90)
            add(sound, (0.4 * hoof * np.exp(-time * 34)).astype(np.float32), stride + late, pan=random.uniform(-0.3, 0.3))
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
    return np.asarray(0.30 * _noise(length, random, 500, 4000) * swell[:, None] * across)


def impact(seconds: float, random: np.random.Generator) -> np.ndarray:
    """A blow that falls in pitch."""
    time = _time(min(seconds, 2.5))
    drop = np.sin(2 * np.pi * (38 * time + 14 * (1 - np.exp(-time * 6)))) * np.exp(-time * 2.4)
    burst = _noise(len(time) / SAMPLES, random, 80, 1500) * np.exp(-time * 9)[:, None]
    return np.asarray(0.5 * drop[:, None] + 0.18 * burst)


def _thunder(seconds: float, random: np.random.Generator) -> np.ndarray:
    time = _time(min(seconds + 1.0, 3.0))
    roll = np.sum([np.exp(-((time - at) ** 2) / 0.05) for at in (0.62, 1.0, 1.5)], axis=0)
    return np.asarray(0.32 * _noise(len(time) / SAMPLES, random, 35, 300) * roll[:, None])


def _birds(seconds: float, random: np.random.Generator) -> np.ndarray:
    sound = np.zeros((round(seconds * SAMPLES), 2), np.float32)
    for at in np.sort(random.uniform(0, seconds, round(seconds * 2.2))):
        time = _time(random.uniform(0.06, 0.16))
        base, sweep = random.uniform(2400, 4200), random.uniform(-2500, 2500)
        chirp = np.sin(2 * np.pi * (base * time + sweep * time**2 + 3 * np.sin(2 * np.pi * 30 * time)))
        add(
            sound,
            (0.05 * chirp * np.sin(np.pi * time / time[-1])).astype(np.float32),
            float(at),
            pan=float(random.uniform(-0.8, 0.8)),
        )
    return sound


EFFECTS: dict[str, Callable[[float, np.random.Generator], np.ndarray]] = {
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
    "impact": impact,
    "thunder": _thunder,
    "birds": _birds,
    "rain": lambda seconds, random: 0.05 * _noise(seconds, random, 1500, 9000),
    "room": lambda seconds, random: 0.006 * _noise(seconds, random, 100, 2000),
}
