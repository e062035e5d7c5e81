"""Flashes that can harm a viewer with photosensitive epilepsy, found in pictures as they are shown: ITU-R BT.1702."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
import numpy.typing as npt

Pictures = npt.NDArray[np.uint8]
Light = npt.NDArray[np.float32]
Places = npt.NDArray[np.bool_]
Kind = Literal["general", "red"]

PEAK = 200.0  # cd/m2 of a full signal on the screen that the recommendation takes for standard dynamic range
STEP, DARK = 20.0, 160.0  # cd/m2 of a harmful change; the darker of its two states lies below the second
RED, REDDER = 0.8, 20.0  # share of red in a saturated one; change of 320 x (R - G - B), as WCAG 2.1 puts it
AREA = 0.2  # share of the screen; the recommendation says a quarter, strict analysers a fifth
MOST = 6  # changes within a second: three flashes, each a pair of opposing changes
TOGETHER = 2  # frames within which the parts of one change are seen as one


@dataclass(frozen=True)
class Flash:
    """More than three flashes within a second: the first and the last frame of their changes, and their least share of the
    screen."""

    kind: Kind
    first: int
    last: int
    area: float


def flashes(pictures: Pictures, rate: Fraction, area: float = AREA) -> tuple[Flash, ...]:
    """The harmful sequences in pictures (n, height, width, 3), 8-bit RGB in BT.709, in order; small ones will do.

    A flash is a pair of opposing changes of 20 cd/m2 or more at one place, the darker state below 160 (general), or to and from
    a saturated red, R / (R + G + B) >= 0.8 in linear light (red). Harmful are more than three within a second on more than
    `area` of the screen at a time. Light is that of a screen of 200 cd/m2 with the power of ITU-R BT.1886. Sources: ITU-R
    BT.1702-3; for red the working definition of WCAG 2.1 (Harding and Jordan).
    """
    return tuple(sorted((*_kind("general", pictures, rate, area), *_kind("red", pictures, rate, area)), key=lambda f: f.first))


def _kind(kind: Kind, pictures: Pictures, rate: Fraction, area: float) -> Iterator[Flash]:
    """Harmful sequences of one kind; those that overlap are one."""
    values = (_luminance(picture) if kind == "general" else _redness(picture) for picture in pictures)
    changes = tuple(_changes(values, *((STEP, DARK) if kind == "general" else (REDDER, np.inf)), area))
    open_: Flash | None = None
    for found in _sequences(kind, changes, rate, area):
        if open_ and found.first <= open_.last:
            open_ = Flash(kind, open_.first, found.last, min(open_.area, found.area))
            continue
        if open_:
            yield open_
        open_ = found
    if open_:
        yield open_


def _linear(picture: Pictures) -> Light:
    """Linear light 0..1 of each channel: BT.1886 with a black of none."""
    return ((np.arange(256) / 255) ** 2.4).astype(np.float32)[picture]


def _luminance(picture: Pictures) -> Light:
    """cd/m2 of each place."""
    return np.asarray(PEAK * _linear(picture) @ np.array([0.2126, 0.7152, 0.0722], np.float32), np.float32)


def _redness(picture: Pictures) -> Light:
    """320 x (R - G - B) of each place where red is saturated, else 0."""
    light = _linear(picture)
    red, whole = light[..., 0], light.sum(axis=-1)
    return np.where(red >= RED * np.maximum(whole, 1e-6), np.maximum(320 * (2 * red - whole), 0), 0).astype(np.float32)


@dataclass(frozen=True)
class _Change:
    """Where values rose or fell together, up to a frame."""

    frame: int
    rose: bool
    where: Places


def _changes(values: Iterator[Light], step: float, dark: float, area: float) -> Iterator[_Change]:
    """The changes that cover more than `area`: each place goes from its last turning point by `step`, the darker below `dark`.

    A place that rose can only fall next, and the reverse, however many frames either takes.
    """
    first = next(values, None)
    if first is None:
        return
    low, high = first.copy(), first.copy()
    rising, falling = np.ones_like(first, bool), np.ones_like(first, bool)  # what may come next; either at the beginning
    seen: list[list[Places]] = [[], []]  # of the last frames, where it rose and where it fell, as far as no change was made of it
    for frame, value in enumerate(values, 1):
        np.minimum(low, value, out=low)
        np.maximum(high, value, out=high)
        rose = rising & (value - low >= step) & (low < dark)
        fell = falling & (high - value >= step) & (value < dark) & ~rose
        turned = rose | fell
        low[turned] = high[turned] = value[turned]
        rising, falling = (rising & ~rose) | fell, (falling & ~fell) | rose
        for way, now in enumerate((rose, fell)):
            seen[way] = [*seen[way][1 - TOGETHER :], now]
            where = np.logical_or.reduce(seen[way])
            if where.mean() > area:
                yield _Change(frame, way == 0, where)
                seen[way] = []


def _sequences(kind: Kind, changes: Sequence[_Change], rate: Fraction, area: float) -> Iterator[Flash]:
    """Chains of more than six changes within a second, each opposing the one before it at the same places."""
    small = [change.where.ravel().astype(np.float32) for change in changes]
    # for each change and k: where the latest chain of k + 1 changes that ends with it begins, and its least share of the screen
    chains: list[list[tuple[int, float]]] = []
    first = 0
    for number, change in enumerate(changes):
        while change.frame - changes[first].frame >= rate:
            first += 1
        best = [(change.frame, float(change.where.mean()))] + [(-1, 0.0)] * MOST
        opposed = [n for n in range(first, number) if changes[n].rose != change.rose and changes[n].frame < change.frame]
        if opposed:
            shares = np.stack([small[n] for n in opposed]) @ small[number] / len(small[number])
            for n, share in zip(opposed, shares.tolist(), strict=True):
                if share > area:
                    longer = [(begin, min(least, share)) for begin, least in chains[n][:MOST]]
                    best[1:] = [max(known, other) for known, other in zip(best[1:], longer, strict=True)]
        chains.append(best)
        begin, least = best[MOST]
        if begin >= 0 and change.frame - begin < rate:
            yield Flash(kind, begin, change.frame, least)
