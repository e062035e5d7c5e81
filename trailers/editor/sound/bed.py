"""The music bed as it is heard: takes of a file, joined without a click and without a change of level."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from trailers.editor.sound.clock import RATE
from trailers.editor.timeline import Music, Take

Samples = npt.NDArray[np.float32]

CROSS = RATE // 50  # samples in which one take gives way to the next, all before the joint: its first beat is heard whole
EDGE = RATE // 200  # samples in which a take that meets no other comes and goes: 5 ms
LEAST = RATE // 4  # samples in which a bed that is left before its file ends dies away, at least


def played(music: Music, file: Path, count: int) -> Samples:
    """The bed as float32 (count, 2) at 48 kHz: its takes at their samples, silence elsewhere; without takes the file as it is.

    Two takes that meet are mixed in the 20 ms before the joint, by gains that keep the level whatever the two have in common. A
    last take that leaves the file while it still sounds dies away from its last beat on. Raises MediaError for a file that cannot
    be read.
    """
    from trailers.features.media import sound

    tune = sound(file, RATE, 2)
    whole = np.zeros((count, 2), np.float32)
    takes = tuple(take for take in music.takes or (Take(0, 0, count),) if take.at < count)
    before: Take | None = None
    for take in takes:
        length = min(take.count, count - take.at)
        heard = _cut(tune, take.start, take.start + length)
        if before and before.at + before.count == take.at:
            lead, lag = _reach(before, take, len(tune))
            gone = _cut(tune, before.start + before.count - lead, before.start + before.count + lag)
            come = _cut(tune, take.start - lead, take.start + lag)
            whole[take.at + lag : take.at + length] = heard[lag:]
            whole[take.at - lead : take.at + lag] = crossed(gone, come)[: length + lead]
        else:
            if before:
                _fade_out(whole[: before.at + before.count], EDGE)
            if take.start > 0:
                heard[:EDGE] *= np.linspace(0, 1, len(heard[:EDGE]), dtype=np.float32)[:, None]
            whole[take.at : take.at + length] = heard
        before = take
    if before and before.start + min(before.count, count - before.at) < len(tune):
        stop = min(before.at + before.count, count)
        last = max((beat for beat in music.beats if beat <= stop - LEAST), default=stop - LEAST)
        _fade_out(whole[:stop], min(stop - last, before.count))
    return whole


def crossed(gone: Samples, come: Samples) -> Samples:
    """Two sounds of one length, the first giving way to the second at one level.

    The gains are power-complementary for what the two have in common, as their correlation tells: unlike sounds meet at 3 dB
    under full, like ones at 6 (Fink, Holters and Zölzer, Signal-matched power-complementary cross-fading, DAFx 2016).
    """
    if not len(gone):
        return come
    rise = np.sin(np.linspace(0, np.pi / 2, len(gone) + 2)[1:-1]) ** 2
    power = np.sqrt(float((gone.astype(np.float64) ** 2).sum()) * float((come.astype(np.float64) ** 2).sum()))
    alike = min(max(float((gone.astype(np.float64) * come).sum()) / power, 0.0), 1.0) if power > 0 else 1.0
    level = np.sqrt(rise**2 + (1 - rise) ** 2 + 2 * alike * rise * (1 - rise))
    return np.asarray(gone * ((1 - rise) / level)[:, None] + come * (rise / level)[:, None], np.float32)


def _reach(before: Take, take: Take, length: int) -> tuple[int, int]:
    """Samples before and after a joint in which both takes have something to give: before it, else after it; none in a file that
    runs on from its end into its beginning."""
    lead = min(CROSS, take.start, before.count, before.at + before.count)
    if lead == CROSS:
        return CROSS, 0
    return lead, max(0, min(CROSS - lead, length - before.start - before.count, take.count))


def _cut(tune: Samples, start: int, stop: int) -> Samples:
    """Samples start..stop of a file, silence beyond its end."""
    found = tune[start:stop].copy()
    return np.concatenate([found, np.zeros((stop - start - len(found), 2), np.float32)])


def _fade_out(samples: Samples, length: int) -> None:
    """The last samples die away, in place."""
    tail = samples[max(0, len(samples) - length) :]
    tail *= np.cos(np.linspace(0, np.pi / 2, len(tail), dtype=np.float32))[:, None] ** 2
