"""Room tone: what is heard where nothing is said, made from the quietest moment of the sound around."""

import numpy as np

from trailers.editor.sound.clock import RATE
from trailers.editor.sound.loudness import Samples

GRAIN = RATE // 10  # samples of the moment that gives the tone its colour
MOST = 10 ** (-40 / 20)  # of full scale: tone is never louder, however loud the quietest moment is


def tone(around: Samples, count: int) -> Samples:
    """float32 (count, channels): noise of the colour, the width and the level of the quietest tenth of a second of `around`.

    White noise, the same for all channels and always the same, goes through that moment as through a filter (a moment of noise
    has the spectrum of all of it): unlike a loop it never repeats. Where the sound is nowhere audible, the tone is silence.
    """
    from scipy.signal import oaconvolve

    moment = _quietest(around).astype(np.float64)
    size = float(np.sqrt((moment**2).mean())) if len(moment) else 0.0
    if not size or not count:
        return np.zeros((count, around.shape[1]), np.float32)
    shaped = moment * np.hanning(len(moment) + 2)[1:-1, None]
    shaped -= shaped.mean(axis=0)
    white = np.random.default_rng(0).standard_normal(count + len(shaped) - 1)
    made = np.stack([oaconvolve(white, channel, "valid") for channel in shaped.T], axis=1)
    energy = float(np.sqrt((shaped**2).sum() / shaped.shape[1]))
    return np.asarray(made * (min(size, MOST) / energy), np.float32) if energy else np.zeros((count, around.shape[1]), np.float32)


def _quietest(around: Samples) -> Samples:
    """The quietest moment that is not mere silence, as a gap in the sound would be."""
    half = GRAIN // 2
    starts = range(0, max(1, len(around) - GRAIN + 1), half)
    power = np.array([float((around[at : at + GRAIN].astype(np.float64) ** 2).mean()) if len(around) else 0.0 for at in starts])
    heard = power > 1e-12
    return around[starts[int(np.where(heard, power, np.inf).argmin())] :][:GRAIN] if heard.any() else around[:0]
