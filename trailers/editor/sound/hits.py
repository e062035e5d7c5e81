"""Hits and risers: where a person's effects accent a trailer, each by its own peak, and their sound."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from trailers.editor.sound.clock import RATE
from trailers.editor.timeline import Effect
from trailers.errors import RequestError

Samples = npt.NDArray[np.float32]

EDGE = RATE // 200  # samples in which an effect that is cut at an end of the trailer comes or goes: 5 ms
RING = RATE // 5  # samples in which one that the trailer's end cuts off dies away


def played(effects: Sequence[Effect], files: Mapping[str, Path], count: int) -> Samples:
    """All effects together as float32 (count, 2) at 48 kHz, each at its own gain; `files` by sha256.

    An effect may begin before the trailer (`at` under 0): its head is not heard. A RequestError names a file that was not given.
    """
    from trailers.features.media import sound

    whole = np.zeros((count, 2), np.float32)
    for effect in effects:
        if effect.sha256 not in files:
            raise RequestError(
                f"the effect {effect.name} is on the timeline, but no file with its sha256 was given; give its folder"
            )
        wave = sound(files[effect.sha256], RATE, 2) * np.float32(10 ** (effect.gain / 20))
        head, tail = max(0, -effect.at), effect.at + len(wave) - count
        heard = wave[head : len(wave) - max(0, tail)].copy()
        if head:
            heard[:EDGE] *= np.linspace(0, 1, len(heard[:EDGE]), dtype=np.float32)[:, None]
        if tail > 0:
            heard[-RING:] *= np.cos(np.linspace(0, np.pi / 2, len(heard[-RING:]), dtype=np.float32))[:, None]
        whole[max(0, effect.at) : max(0, effect.at) + len(heard)] += heard
    return whole
