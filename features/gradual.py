"""Gradual changes: dissolves and wipes, mixed from the pictures at both ends, and fades, which run into an empty one."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from trailers.features.changes import BLOCK, FLASH, Greys, likeness, unexplained
from trailers.features.graph import Pictures

Floats = NDArray[np.float32]
Thumbs = NDArray[np.float32]  # (frames, values) 0..255, much smaller than SMALL
Mix = Literal["dissolve", "wipe"]

LENGTHS = (6, 8, 12, 16, 24, 32, 48, 64, 96)  # frames that are tried
QUARTERS = (0.25, 0.5, 0.75)
JUMP = 6.0  # least mean difference of the two ends, 0..255
THUMB = (16, 9)  # width, height of thumbs
APART = 4  # frames at least between two changes
ALIKE = 0.75  # correlation over which two pictures are one in another light
LEFT, LEAST = 0.55, 8.0  # what motion leaves over between the ends, as a share of their contrast, and at least (0..255)
SOFT = 0.7  # most detail halfway through a dissolve, as a share of that at its ends
REACHED, ONCE = 0.7, 4  # share of the places that a sweep reaches, and for how many frames each at most
BACK, RETURNS = 10, 0.4  # frames on either side, and the share of the jump, within which the picture has come back
LONGEST = 48  # frames of a sweep
SUDDEN, ORDER, CLEAN = 7.0, 0.4, 0.12  # of a wipe: see `swept`; so little off needs no order
DARK = 16  # grey, 0..255, of bars
EMPTY, FLAT = 10.0, 4.0  # mean and deviation of grey, 0..255, of a picture that shows nothing


@dataclass(frozen=True)
class Ramp:
    """Frames start..start + length that may be a gradual change: how far the ends are apart, how far the pictures between lie

    off what a mixture of the ends would be (share of the jump), and how far from an even pace.
    """

    mix: Mix
    start: int
    length: int
    jump: float
    off: float
    uneven: float

    @property
    def worth(self) -> float:
        return self.jump * (1 - 2 * self.off - 2 * self.uneven)


def blended(middle: Floats, one: Floats, line: Floats, square: Floats, jump: Floats) -> tuple[Floats, Floats]:
    """How far along the line from one end to the other pictures lie (0..1), and how far off it (share of the jump)."""
    step = middle - one
    along = (step * line).sum(axis=1) / square
    return along, np.abs(step - along[:, None] * line).mean(axis=1) / jump


def patched(middle: Floats, one: Floats, line: Floats, square: Floats, jump: Floats) -> tuple[Floats, Floats]:
    """The share of a picture's change that has happened where it has happened wholly, and what fits neither end."""
    step = np.abs(middle - one)
    rest = np.abs(middle - one - line)
    wide = np.abs(line)
    return (np.where(rest < step, wide, 0)).mean(axis=1) / jump, np.minimum(step, rest).mean(axis=1) / jump


MIXES: dict[Mix, tuple[Callable[[Floats, Floats, Floats, Floats, Floats], tuple[Floats, Floats]], float, float]] = {
    "dissolve": (blended, 0.42, 0.14),
    "wipe": (patched, 0.28, 0.16),
}
"""Of each kind: the pictures' mixture, how far off it they may lie, and how unevenly."""
WIDE: dict[Mix, float] = {"dissolve": 0.5, "wipe": 0.7}  # share of the picture that changes at least


def ramps(thumbs: Thumbs, walls: NDArray[np.int64]) -> Iterator[Ramp]:
    """Windows without a wall (`walls` counts them up to each frame) whose pictures are mixed from its ends at an even pace."""
    count = len(thumbs)
    for length in LENGTHS:
        starts = np.arange(max(count - length, 0))
        starts = starts[walls[starts + length] == walls[starts]]
        jump = np.abs(thumbs[starts + length] - thumbs[starts]).mean(axis=1)
        starts, jump = starts[jump > JUMP], jump[jump > JUMP]
        if not len(starts):
            continue
        one = thumbs[starts]
        line = thumbs[starts + length] - one
        square = np.maximum((line * line).sum(axis=1), 1e-3)
        for mix, (shares, most, pace) in MIXES.items():
            off, uneven = np.zeros(len(starts), np.float32), np.zeros(len(starts), np.float32)
            for quarter in QUARTERS:
                at = round(quarter * length)
                along, aside = shares(thumbs[starts + at], one, line, square, jump)
                off, uneven = np.maximum(off, aside), np.maximum(uneven, np.abs(along - at / length))
            for n in np.flatnonzero((off < most) & (uneven < pace)):
                yield Ramp(mix, int(starts[n]), length, float(jump[n]), float(off[n]), float(uneven[n]))


def sweeps(thumbs: Thumbs, walls: NDArray[np.int64]) -> Iterator[Ramp]:
    """Windows in which nearly every place changes suddenly, at an even pace over the places, however much the pictures move."""
    count = len(thumbs)
    if count <= LENGTHS[0]:
        return
    steps = np.zeros((count, THUMB[0] * THUMB[1]), np.float32)
    steps[1:] = np.abs(np.diff(thumbs, axis=0)).reshape(count - 1, -1, 3).mean(axis=2)
    usual = [np.median(steps[max(n - 16, 0) : n + 48], axis=0) for n in range(0, count, 32)]
    sudden = np.asarray(steps > 4 * np.repeat(usual, 32, axis=0)[:count] + 5, np.bool_)
    times = np.concatenate([np.zeros((1, steps.shape[1]), np.int32), np.cumsum(sudden, axis=0, dtype=np.int32)])
    for length in (n for n in LENGTHS if n <= LONGEST):
        starts = np.arange(max(count - length, 0))
        starts = starts[walls[starts + length] == walls[starts]]
        starts = starts[np.asarray(sudden.any(axis=1))[starts + 1]]
        before = times[starts + 1]
        often = times[starts + length + 1] - before
        reached = ((often > 0) & (often <= ONCE)).mean(axis=1)
        starts, before, reached = starts[reached > REACHED], before[reached > REACHED], reached[reached > REACHED]
        uneven = np.zeros(len(starts), np.float32)
        for quarter in QUARTERS:
            at = round(quarter * length)
            along = (times[starts + at + 1] > before).mean(axis=1) / reached
            uneven = np.maximum(uneven, np.abs(along - at / length))
        for n in np.flatnonzero(uneven < MIXES["wipe"][2]):
            start = int(starts[n])
            jump = float(np.abs(thumbs[start + length] - thumbs[start]).mean())
            yield Ramp("wipe", start, length, jump, max(1 - float(reached[n]), 1.1 * CLEAN), float(uneven[n]))


def best(found: Iterable[Ramp]) -> list[Ramp]:
    """Of ramps that overlap the one that is worth most."""
    taken: list[Ramp] = []
    for ramp in sorted(found, key=lambda r: (-r.worth, r.start, r.length)):
        if not any(ramp.start <= t.start + t.length + APART and t.start <= ramp.start + ramp.length + APART for t in taken):
            taken.append(ramp)
    return sorted(taken, key=lambda r: r.start)


def believed(ramp: Ramp, thumbs: Thumbs, grey: Greys) -> bool:
    """Whether a ramp is a change of shot: its ends are other pictures, by any motion, all over the frame, in any light.

    Halfway through a dissolve two pictures lie over each other, and their detail is about half of what it is at the ends; a
    wipe changes every place once and suddenly, in an order. A camera that moves does neither.
    """
    start, stop = ramp.start, ramp.start + ramp.length
    near = np.abs(thumbs[max(start - BACK, 0) : start + 1, None] - thumbs[None, stop : stop + BACK + 1]).mean(axis=2).min()
    if near < ramp.jump * RETURNS:
        return False  # something passed before the lens
    lit = np.maximum(thumbs[start], thumbs[stop]) > DARK
    if float((np.abs(thumbs[stop] - thumbs[start]) > ramp.jump / 4)[lit].mean()) < WIDE[ramp.mix]:
        return False
    one, middle, other = unbarred(grey[start], grey[start + ramp.length // 2], grey[stop])
    like = likeness(one, other)
    if like > ALIKE:
        return False
    if ramp.mix == "dissolve" and softness(one, middle, other) > SOFT:
        return False
    if ramp.mix == "wipe":
        order, sudden = swept(ramp, thumbs)
        if sudden < SUDDEN or (order < ORDER and ramp.off > CLEAN):
            return False
    least = max(LEFT, 2 * like) if ramp.mix == "dissolve" else LEFT
    contrast = max(float(min(one.std(), other.std())), 10.0)
    return min(unexplained(one, other), unexplained(other, one)) > max(least * contrast, LEAST)


def unbarred(one: Pictures, middle: Pictures, other: Pictures) -> tuple[Pictures, Pictures, Pictures]:
    """Grey pictures without the bars that the first and the last of them share."""
    shown = np.maximum(one, other) > DARK
    rows, columns = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
    if len(rows) < 2 * BLOCK or len(columns) < 2 * BLOCK:
        return one, middle, other
    # A pixel more than is dark: there the bars' edge is mixed with the picture.
    inside = slice(rows[0] + int(rows[0] > 0), rows[-1] + int(rows[-1] == len(one) - 1))
    across = slice(columns[0] + int(columns[0] > 0), columns[-1] + int(columns[-1] == one.shape[1] - 1))
    return one[inside, across], middle[inside, across], other[inside, across]


def softness(one: Pictures, middle: Pictures, other: Pictures) -> float:
    """Detail of the middle picture, the mean square of steps between pixels, as a share of the mean of both ends."""
    return 2 * _detail(middle) / (_detail(one) + _detail(other) + 2)


def _detail(picture: Pictures) -> float:
    import cv2

    soft = np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.0), np.float32)
    return float(np.square(np.diff(soft, axis=0)).mean() + np.square(np.diff(soft, axis=1)).mean())


def swept(ramp: Ramp, thumbs: Thumbs) -> tuple[float, float]:
    """How well the frame at which a place changes most follows from where it lies (share of variance explained by a line

    across the picture or a ring around its middle), and how many times what is usual there that change is.
    """
    width, height = THUMB
    run = thumbs[max(ramp.start - 1, 0) : ramp.start + ramp.length + 2].reshape(-1, height * width, 3)
    steps = np.abs(np.diff(run, axis=0)).mean(axis=2)
    at, most, usual = steps.argmax(axis=0).astype(np.float64), steps.max(axis=0), np.median(steps, axis=0)
    weight = np.sqrt((most - usual) / max(float((most - usual).sum()), 1e-6))
    y, x = np.mgrid[0:height, 0:width].reshape(2, -1)
    ring = np.hypot((x - (width - 1) / 2) / width, (y - (height - 1) / 2) / height)
    one = np.ones(height * width)
    rests = []
    for places in ((one,), (one, x, y), (one, ring)):
        matrix = np.stack(places, axis=1) * weight[:, None]
        answer = np.linalg.lstsq(matrix, at * weight, rcond=None)[0]
        rests.append(float(np.square(at * weight - matrix @ answer).sum()))
    return 1 - min(rests[1:]) / max(rests[0], 1e-6), float((most / (usual + 1)).mean())


def mixed(ramp: Ramp, thumbs: Thumbs) -> tuple[int, int] | None:
    """The first frame that is mixed and the first that is wholly new, by how far the pictures have come; None for a jump."""
    start, stop = ramp.start, ramp.start + ramp.length
    one = thumbs[start : start + 1]
    line = thumbs[stop] - one
    square = (line * line).sum(axis=1)
    jump = np.abs(line).mean(axis=1)
    along, _ = MIXES[ramp.mix][0](thumbs[start : stop + 1], one, line, square, jump)
    between = np.flatnonzero((along > 0.03) & (along < 0.97))
    return (start + int(between[0]), start + int(between[-1]) + 1) if len(between) >= 3 else None


def fades(light: Floats, flat: Floats, back: Callable[[int, int, int], bool]) -> Iterator[tuple[str, int, int]]:
    """Fades to and from runs of empty pictures as (kind, start, stop), and hard changes to or from such runs as ("cut", n, n).

    `light` is the mean and `flat` the deviation of grey of each picture, 0..255; `back(first, start, last)` tells whether the
    picture before frame `first` is at `last` again, and what is empty at `start` was a flash or a blink.
    """
    for bright in (False, True):
        level = 255 - light if bright else light
        empty = (level < EMPTY) & (flat < FLAT)
        for start, stop in runs(empty):
            # The run proper: pictures as empty as its middle, so that the first steps of a fade are not taken for black.
            base = float(level[start:stop].min()) + 0.75
            while stop - start > 1 and level[start] > base:
                start += 1
            while stop - start > 1 and level[stop - 1] > base:
                stop -= 1
            first, last = _climb(level, start, -1), _climb(level, stop - 1, 1)
            if stop - start <= FLASH and back(first, start, last):
                continue
            if start > 0:
                yield ("fade_out", first, start) if start - first >= 3 else ("cut", start, start)
            if stop < len(level):
                yield ("fade_in", stop, last) if last - stop >= 2 else ("cut", stop, stop)


def runs(flags: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Where flags are set: (first, one after the last)."""
    ends = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return zip(ends[::2].tolist(), ends[1::2].tolist(), strict=True)


def _climb(level: Floats, edge: int, step: int) -> int:
    """From the edge of an empty run outwards: how far brightness climbs, with rests of 3 frames at most (repeated pictures)."""
    n, climbs = edge, [0.0]
    while True:
        least = max(0.15, 0.2 * float(np.mean(climbs[-6:])))
        for far in range(1, 5):
            at = n + far * step
            climb = float(level[at] - level[n]) / far if 0 <= at < len(level) else 0.0
            if climb >= least:
                break
        else:
            break
        if (len(climbs) > 3 and climb > 5 * max(climbs)) or (len(climbs) == 1 and climb > 45):
            break  # a jump, not a climb
        climbs.append(climb)
        n = at
    return n if step > 0 else n + 1
