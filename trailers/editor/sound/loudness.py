"""Loudness and true peak by ITU-R BS.1770-4 and EBU Tech 3341; samples are float32 (n, channels) at 48 kHz."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trailers.editor.profile import Level
from trailers.editor.sound.clock import RATE as RATE

Samples = npt.NDArray[np.float32]
Curve = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

GATE = -70.0  # LUFS: the standard's absolute gate
OVERSAMPLE = 4
MOMENTARY, SHORT_TERM = 4, 30  # tenths of a second
SPARSE = 0.15  # the share of a programme under which speech is too little to judge it by (Netflix' sound specification)
# What a channel weighs, by how many there are: of six (FL FR FC LFE BL BR) the sides 1.41, low effects nothing (BS.1770-4)
WEIGHTS: Mapping[int, tuple[float, ...]] = {1: (1.0,), 2: (1.0, 1.0), 6: (1.0, 1.0, 1.0, 0.0, 1.41, 1.41)}
# K-weighting at 48 kHz: a shelf for the head, then a high pass (BS.1770-4, tables 1 and 2)
SECTIONS = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585),
    (1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621),
)


@dataclass(frozen=True)
class Loudness:
    """Integrated and greatest short-term (3 s) and momentary (0.4 s) loudness in LUFS, true peak in dBTP; -inf where nothing
    passes the gate. `dialogue` is the loudness of speech alone, `spoken` the share of the whole in which somebody speaks; None
    and 0 where nobody asked."""

    integrated: float
    true_peak: float
    short_term_max: float
    momentary_max: float = float("-inf")
    dialogue: float | None = None
    spoken: float = 0.0

    @property
    def silent(self) -> bool:
        return self.integrated <= GATE


def measured(samples: Samples, talk: Flags | None = None) -> Loudness:
    """Measures one, two or six channels (FL FR FC LFE BL BR); `talk` says for each hundredth of a second whether somebody speaks.

    Sound shorter than 0.4 s has no loudness by the standard: -inf; of less than 3 s the whole is its short-term.
    """
    hops = powers(samples)
    momentary, short = blocks(hops, MOMENTARY), blocks(hops, min(SHORT_TERM, len(hops)))
    dialogue, spoken = (spoken_loudness(hops, talk), float(talk.mean())) if talk is not None and len(talk) else (None, 0.0)
    longest, shortest = (lufs(float(power.max(initial=0.0))) for power in (short if len(momentary) else momentary, momentary))
    return Loudness(gated(momentary), true_peak(samples), longest, shortest, dialogue, spoken)


def judged(found: Loudness, asked: Level) -> tuple[float, float]:
    """What a level asks and what is found of it, LUFS: of speech where that is asked and there is enough, else of the whole."""
    if asked.gate == "programme":
        return asked.integrated, found.integrated
    if found.dialogue is not None and found.spoken >= SPARSE:
        return asked.integrated, found.dialogue
    return (asked.integrated if asked.sparse is None else asked.sparse), found.integrated


def integrated(samples: Samples) -> float:
    """Gated loudness of the whole in LUFS; -inf for silence."""
    return gated(blocks(powers(samples), MOMENTARY))


def true_peak(samples: Samples) -> float:
    """Greatest absolute value of the four times oversampled wave, in dBTP; -inf for silence."""
    value = float(peaks(samples).max(initial=0.0))
    return float(20 * np.log10(value)) if value > 0 else float("-inf")


def spoken_loudness(hops: Curve, talk: Flags) -> float | None:
    """The loudness of the 0.4 s blocks in which somebody speaks throughout, LUFS, without a gate but speech itself (BS.1770-1 as
    dialogue is measured); None where there is no such block."""
    power = blocks(hops, MOMENTARY)
    tenths = np.array([talk[n * 10 : n * 10 + 10].all() for n in range(len(hops))], bool)
    whole = np.convolve(tenths, np.ones(MOMENTARY), "valid")[: len(power)] >= MOMENTARY if len(power) else np.zeros(0, bool)
    return lufs(float(power[whole].mean())) if whole.any() else None


def curve(samples: Samples, tenths: int = SHORT_TERM) -> Curve:
    """The loudness over time in LUFS, float64 (n,): of the 3 s (or MOMENTARY's 0.4) that end with each tenth of a second, silence
    before the beginning; -inf for silence."""
    hops = np.concatenate([np.zeros(tenths - 1), powers(samples)])
    with np.errstate(divide="ignore"):
        return np.asarray(-0.691 + 10 * np.log10(blocks(hops, tenths)), np.float64)


def powers(samples: Samples) -> Curve:
    """Sum over channels of the weighted, K-weighted energy in each whole tenth of a second."""
    from scipy.signal import sosfilt

    hop = RATE // 10
    count, weights = len(samples) // hop, WEIGHTS[samples.shape[1]]
    total = np.zeros(count)
    for channel, weight in enumerate(weights):
        wave = samples[:, channel]
        if weight and wave.any():
            heard = sosfilt(np.array(SECTIONS), wave.astype(np.float64))[: count * hop].reshape(count, hop)
            total += weight * np.einsum("nk,nk->n", heard, heard)
    return total


def blocks(hops: Curve, length: int) -> Curve:
    """Mean power of the blocks of `length` tenths of a second, one begun at each tenth."""
    if not length or len(hops) < length:
        return np.zeros(0)
    return np.convolve(hops, np.ones(length), "valid") / (length * RATE / 10)


def gated(power: Curve) -> float:
    """The mean of the blocks above -70 LUFS and above 10 LU below the mean of those, in LUFS."""
    loud = power[power > 10 ** ((GATE + 0.691) / 10)]
    if not len(loud):
        return float("-inf")
    return lufs(float(loud[loud > 0.1 * loud.mean()].mean()))


def lufs(power: float) -> float:
    return float(-0.691 + 10 * np.log10(power)) if power > 0 else float("-inf")


def peaks(samples: Samples) -> Curve:
    """For each sample the greatest absolute value of all channels from it to the next, oversampled (BS.1770-4, annex 2)."""
    from scipy.signal import resample_poly

    most = np.zeros(len(samples), np.float32)
    for channel in range(samples.shape[1]):
        wave = np.ascontiguousarray(samples[:, channel])
        if wave.any():
            over = np.abs(resample_poly(wave, OVERSAMPLE, 1)).reshape(len(samples), OVERSAMPLE)
            for step in range(OVERSAMPLE):
                np.maximum(most, over[:, step], out=most)
    return most.astype(np.float64)
