"""Clicks: a joint at which the wave jumps, told from a sound that begins there; samples are float32 (n, channels) at 48 kHz."""

from collections.abc import Sequence

import numpy as np

from trailers.editor.sound.loudness import RATE, Samples

CORE = RATE * 3 // 1000  # samples on both sides of a joint in which a jump is looked for; a lossy codec smears it over so many
SIDE = RATE * 25 // 1000  # samples on both sides against which it is held
RATIO = 4.0  # how many times sharper than both sides a click is
FLOOR = 10 ** (-50 / 20)  # of full scale: a sharper corner than this can be heard


def clicks(samples: Samples, joints: Sequence[int]) -> tuple[int, ...]:
    """The joints, samples of a wave, at which it clicks.

    Held up is the second difference, which a jump makes large for a few samples and which music and speech make large only as
    long as they last: what is as sharp on either side is a sound that begins or ends with the picture, as a beat does. At the
    very ends of the wave what lies beyond is silence, so that a sound that stops dead clicks.
    """
    reach = SIDE + 2
    padded = np.pad(samples.astype(np.float64), ((reach, reach), (0, 0)))
    return tuple(joint for joint in joints if _clicks(padded[joint : joint + 2 * reach]))


def _clicks(around: np.ndarray) -> bool:
    """Whether the middle of a stretch is sharper than both its sides, in any channel."""
    sharp = np.abs(np.diff(around, 2, axis=0))
    middle = len(sharp) // 2
    core = sharp[middle - CORE : middle + CORE].max(axis=0)
    before, after = sharp[: middle - CORE].max(axis=0), sharp[middle + CORE :].max(axis=0)
    return bool((core > np.maximum(RATIO * np.maximum(before, after), FLOOR)).any())
