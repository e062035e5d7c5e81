"""A voice made by code: letters to phones, phones to formants, a glottal source through resonators (Klatt, 1980, made small)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

RATE = 24_000
BLOCK = 120
"""Samples a second inside the voice, and samples between two settings of its filters (5 ms)."""

Formants = tuple[float, float, float]

VOICES = {"ada": (205.0, 1.14), "viktor": (114.0, 1.0), "teller": (96.0, 0.95), "control": (150.0, 1.04)}
"""Pitch in Hz and the scale of the formants."""

_VOWELS: dict[str, Formants] = {
    "IY": (270, 2290, 3010), "IH": (390, 1990, 2550), "EH": (530, 1840, 2480), "AE": (660, 1720, 2410), "AA": (730, 1090, 2440),
    "AO": (570, 840, 2410), "UH": (440, 1020, 2240), "UW": (300, 870, 2240), "AH": (640, 1190, 2390), "ER": (490, 1350, 1690),
}  # fmt: skip
_GLIDES = {"EY": ("EH", "IY"), "AY": ("AA", "IY"), "OW": ("AO", "UW"), "AW": ("AA", "UW"), "OY": ("AO", "IY")}
_SONORANTS: dict[str, Formants] = {
    "M": (250, 1000, 2200), "N": (250, 1500, 2500), "NG": (250, 1900, 2600), "L": (360, 1150, 2700), "R": (420, 1250, 1600),
    "W": (300, 700, 2200), "Y": (270, 2200, 3000),
}  # fmt: skip
_HISSES = {
    "S": (6500, 0.30, 0),
    "SH": (3400, 0.30, 0),
    "F": (5200, 0.10, 0),
    "TH": (5600, 0.10, 0),
    "H": (1500, 0.12, 0),
    "Z": (6300, 0.16, 1),
    "V": (4000, 0.06, 1),
    "DH": (4200, 0.06, 1),
}
_STOPS = {
    "P": (900, 0),
    "T": (4200, 0),
    "K": (2000, 0),
    "B": (800, 1),
    "D": (3800, 1),
    "G": (1900, 1),
    "CH": (3400, 0),
    "J": (3200, 1),
}

_SPELLING = (
    ("tion", "SH AH N"), ("ight", "AY T"), ("ough", "OW"), ("ould", "UH D"), ("are", "EH R"), ("ere", "IH R"),
    ("ing", "IH NG"), ("one", "AH N"), ("the", "DH AH"), ("igh", "AY"), ("ow", "OW"), ("ou", "AW"), ("th", "TH"),
    ("sh", "SH"), ("ch", "CH"), ("ng", "NG"), ("ck", "K"), ("ph", "F"), ("wh", "W"), ("qu", "K W"), ("ee", "IY"),
    ("ea", "IY"), ("oo", "UW"), ("ai", "EY"), ("ay", "EY"), ("oa", "OW"), ("er", "ER"), ("ir", "ER"), ("ur", "ER"),
    ("ar", "AA R"), ("or", "AO R"), ("oi", "OY"), ("oy", "OY"), ("ll", "L"), ("ss", "S"), ("ff", "F"), ("tt", "T"),
    ("a", "AE"), ("e", "EH"), ("i", "IH"), ("o", "AA"), ("u", "AH"), ("b", "B"), ("c", "K"), ("d", "D"), ("f", "F"),
    ("g", "G"), ("h", "H"), ("j", "J"), ("k", "K"), ("l", "L"), ("m", "M"), ("n", "N"), ("p", "P"), ("q", "K"),
    ("r", "R"), ("s", "S"), ("t", "T"), ("v", "V"), ("w", "W"), ("x", "K S"), ("y", "IY"), ("z", "Z"),
)  # fmt: skip


@dataclass(frozen=True)
class _Sound:
    """One stretch of speech: seconds, formants at its start and end, strength of voice and hiss, the hiss's middle in Hz."""

    seconds: float
    start: Formants
    end: Formants
    voiced: float
    hiss: float = 0.0
    middle: float = 3000.0


def say(text: str, voice: str, seed: int = 0) -> np.ndarray:
    """A line murmured, more than spoken, by one of VOICES: float32 mono at 48 kHz, its peak 0.5."""
    from scipy.signal import butter, lfilter, resample_poly, sosfilt

    pitch, scale = VOICES[voice]
    sounds = list(_sounds(text))
    random = np.random.default_rng([seed, len(text), int(pitch)])
    tracks = _smooth(np.concatenate([_track(sound, scale) for sound in sounds]))
    blocks = len(tracks)
    share = np.linspace(0, 1, blocks)
    rise = 0.22 * share**3 if text.rstrip().endswith("?") else -0.10 * share
    tune = pitch * (
        1.08 + rise + 0.05 * np.sin(share * blocks / 26.0) + 0.012 * np.repeat(random.normal(0, 1, blocks // 4 + 1), 4)[:blocks]
    )
    source = _glottis(np.repeat(tune, BLOCK)) * np.repeat(tracks[:, 3], BLOCK)
    breath = random.normal(0, 1, blocks * BLOCK)
    source += 0.02 * breath * np.repeat(tracks[:, 3], BLOCK)
    hiss = breath * np.repeat(tracks[:, 4], BLOCK)
    voiced, hissed = np.empty_like(source), np.empty_like(hiss)
    widths = (70.0, 100.0, 150.0, 260.0)
    memory, noise = [np.zeros(2) for _ in widths], np.zeros(2)
    for n in range(blocks):
        part = slice(n * BLOCK, (n + 1) * BLOCK)
        block = source[part]
        for k, (frequency, width) in enumerate(zip((*tracks[n, :3], 3600.0 * scale), widths, strict=True)):
            block, memory[k] = lfilter(*_resonator(frequency, width), block, zi=memory[k])
        voiced[part] = block
        hissed[part], noise = lfilter(*_resonator(tracks[n, 5], 1400.0), hiss[part], zi=noise)
    wave = voiced / (np.abs(voiced).max() + 1e-9) + hissed
    wave = np.asarray(resample_poly(wave, 2, 1))
    if voice == "control":
        wave = np.tanh(3 * sosfilt(butter(2, [350, 3000], "bandpass", fs=2 * RATE, output="sos"), wave)) * 0.7
    edge = np.minimum(1, np.minimum(np.arange(len(wave)), np.arange(len(wave))[::-1]) / 480)
    return np.asarray(0.5 * wave / (np.abs(wave).max() + 1e-9) * edge, np.float32)


def _phones(word: str) -> Iterator[str]:
    if len(word) > 3 and word.endswith("e"):
        word = word[:-1]
    while word:
        letters, phones = next(((letters, phones) for letters, phones in _SPELLING if word.startswith(letters)), (word[0], ""))
        yield from phones.split()
        word = word[len(letters) :]


def _sounds(text: str) -> Iterator[_Sound]:
    rest: Formants = (500.0, 1500.0, 2500.0)
    last = rest
    for token in re.findall(r"[a-z']+|[.,!?]", text.lower()):
        if not token[0].isalpha():
            yield _Sound(0.14 if token == "," else 0.2, last, rest, 0.0)
            continue
        first = True
        for phone in _phones(token.replace("'", "")):
            if phone in _VOWELS or phone in _GLIDES:
                ends = _GLIDES.get(phone, (phone, phone))
                last = _VOWELS[ends[1]]
                length = 0.15 if first else 0.105
                yield _Sound(length + 0.04 * (ends[0] != ends[1]), _VOWELS[ends[0]], last, 1.0 if first else 0.8)
                first = False
            elif phone in _SONORANTS:
                last = _SONORANTS[phone]
                yield _Sound(0.065, last, last, 0.55)
            elif phone in _HISSES:
                middle, strength, voiced = _HISSES[phone]
                yield _Sound(0.085, last, last, 0.3 * voiced, strength, middle)
            elif phone in _STOPS:
                middle, voiced = _STOPS[phone]
                yield _Sound(0.045, last, last, 0.12 * voiced)
                yield _Sound(0.07 if phone in ("CH", "J") else 0.02, last, last, 0.2 * voiced, 0.28, middle)
        yield _Sound(0.015, last, last, 0.25)


def _track(sound: _Sound, scale: float) -> np.ndarray:
    """Settings every 5 ms: three formants, voice, hiss, the hiss's middle."""
    blocks = max(1, round(sound.seconds * RATE / BLOCK))
    share = np.linspace(0, 1, blocks)[:, None]
    formants = (np.array(sound.start) * (1 - share) + np.array(sound.end) * share) * scale
    rest = np.tile([sound.voiced, sound.hiss, sound.middle], (blocks, 1))
    return np.concatenate([formants, rest], axis=1)


def _smooth(tracks: np.ndarray) -> np.ndarray:
    """A mouth moves in about 40 ms, a glottis in 15."""
    from scipy.ndimage import uniform_filter1d

    smooth = tracks.copy()
    smooth[:, :3] = uniform_filter1d(tracks[:, :3], 9, axis=0, mode="nearest")
    smooth[:, 3:5] = uniform_filter1d(tracks[:, 3:5], 4, axis=0, mode="constant")
    return smooth


def _glottis(pitch: np.ndarray) -> np.ndarray:
    """The flow of air through the vocal folds, differentiated: Rosenberg's pulse."""
    phase = np.cumsum(pitch / RATE) % 1
    flow = np.where(
        phase < 0.4, 0.5 * (1 - np.cos(np.pi * phase / 0.4)), np.where(phase < 0.56, np.cos(np.pi * (phase - 0.4) / 0.32), 0.0)
    )
    return np.diff(flow, prepend=0.0) * 8


def _resonator(frequency: float, width: float) -> tuple[list[float], list[float]]:
    radius = float(np.exp(-np.pi * width / RATE))
    turn = 2 * radius * float(np.cos(2 * np.pi * min(frequency, 0.46 * RATE) / RATE))
    return [1 - turn + radius * radius], [1.0, -turn, radius * radius]
