"""Hard cuts: changes between neighbouring pictures that no motion explains."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trailers.features.graph import Pictures

Thumbs = NDArray[np.float32]  # (frames, pixels) small grey pictures, 0..255
Judge = Callable[[Pictures, int], float]
"""(window of pictures, place in it) -> how likely a new shot begins there, 0..1"""

BLOCK, REACH = 8, 5  # pixels of GREY pictures: blocks that are looked for, and how far
GREY = (64, 36)  # width, height
AROUND = 8  # frames on both sides that say what is usual
FLASH = 7  # frames at most after which the picture of before comes back
REPEATED = 0.5  # what is left over, 0..255, between a picture and its repetition
LEAST = 3.0  # mean change of colour, 0..255, under which nothing has changed
QUIET, PLAIN = 4, 6.0  # frames on both sides, and how many times their change makes a plain cut
CLEAR, UNCLEAR = 2.4, 1.4  # how many times what motion leaves over on both sides: a cut; and what the judge is asked about
STILL = 10.0  # the same by the calmer side alone: a fast move, and a cut into a still
LIKE = 0.6  # correlation of two pictures that are one in another light
WINDOW = 15  # frames on either side that the judge sees
BELIEF = 0.2  # of the judge: short windows make it shy


@dataclass(frozen=True)
class Change:
    """A candidate: frame `at` differs most from the one before. `left` is what motion cannot explain (mean root square, 0..255)

    between both, `before` and `after` what it leaves over between pictures on either side.
    """

    at: int
    left: float
    before: float
    after: float

    @property
    def clear(self) -> float:
        return self.left / (max(self.before, self.after) + 1)

    @property
    def half(self) -> float:
        """As `clear`, by the calmer side: a cut out of a fast move into a still."""
        return self.left / (min(self.before, self.after) + 1)


def change(tiny: Pictures) -> NDArray[np.float32]:
    """Mean change of colour from the frame before, 0..255, of pictures uint8 (frames, h, w, 3); 0 for the first."""
    steps = np.abs(np.diff(tiny.astype(np.int16), axis=0)).mean(axis=(1, 2, 3), dtype=np.float32)
    return np.concatenate([np.zeros(min(1, len(tiny)), np.float32), steps])


def cuts(pictures: Pictures, tiny: Pictures, steps: NDArray[np.float32], judge: Judge, of: range) -> list[int]:
    """First frames of new shots among those `of` a run of SMALL pictures; `tiny`: the same, smaller, `steps`: their `change`.

    A candidate changes more than its neighbours do. Blocks of the one picture are looked for in the other (exhaustive block
    matching): what is left over, against what is left over on either side, tells a cut from a move. A picture that comes back
    within FLASH frames was a flash or something before the lens. The judge is asked where this is not clear.
    """
    found = []
    grey = Greys(pictures)
    for n in candidates(steps):
        if n not in of or comes_back(tiny, n):
            continue
        near = np.concatenate([steps[max(n - QUIET, 0) : n], steps[n + 1 : n + QUIET + 1]])
        if steps[n] > PLAIN * float(near.max(initial=1.0)):
            found.append(n)
            continue
        seen = measured(grey, n, len(pictures))
        if seen.clear >= CLEAR or (seen.clear >= UNCLEAR and seen.half >= STILL):
            found.append(n)
        elif seen.clear >= UNCLEAR and likeness(grey[n - 1], grey[n]) < LIKE:  # else another light on the same picture
            low = max(n - WINDOW, 0)
            if judge(pictures[low : n + WINDOW], n - low) >= BELIEF:
                found.append(n)
    return found


def candidates(steps: NDArray[np.float32]) -> list[int]:
    """Frames whose change is the largest of three and half as large again as is usual around."""
    found = []
    for n in np.flatnonzero(steps > LEAST):
        near = np.concatenate([steps[max(n - AROUND, 0) : n], steps[n + 1 : n + AROUND + 1]])
        if steps[n] >= steps[max(n - 1, 0) : n + 2].max() and steps[n] > 1.5 * (float(np.median(near)) if len(near) else 0.0):
            found.append(int(n))
    return found


def comes_back(tiny: Pictures, start: int, stop: int = 0) -> bool:
    """Whether a picture just after frames start..stop is far more like one just before them than like the first of them."""
    stop = stop or start + 1
    before = tiny[max(start - 8, 0) : max(start - 1, 0)].astype(np.float32)
    after = tiny[stop : stop + FLASH].astype(np.float32)
    if not len(before) or not len(after) or start < 1:
        return False
    apart = float(np.abs(before[:, None] - after[None]).mean(axis=(2, 3, 4)).min())
    return apart < 0.4 * float(np.abs(tiny[start].astype(np.float32) - tiny[start - 1]).mean())


class Greys:
    """The grey pictures of a run, made when asked for."""

    def __init__(self, pictures: Pictures) -> None:
        self.pictures = pictures
        self.made: dict[int, Pictures] = {}

    def __getitem__(self, n: int) -> Pictures:
        import cv2

        if n not in self.made:
            small = cv2.resize(self.pictures[n], GREY, interpolation=cv2.INTER_AREA)
            self.made[n] = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
        return self.made[n]


def measured(grey: Sequence[Pictures] | Greys, n: int, count: int) -> Change:
    """What motion leaves over at frame n and on either side; animation shows each picture twice, so two steps are looked at."""

    def beside(near: tuple[int, int], far: tuple[int, int]) -> float:
        one, two = (unexplained(grey[a], grey[b]) for a, b in (near, far))
        return two if one < REPEATED else min(one, two)

    before = beside((n - 2, n - 1), (max(n - 3, 0), n - 1)) if n > 1 else 0.0
    after = beside((n, n + 1), (n, min(n + 2, count - 1))) if n + 1 < count else 0.0
    return Change(n, unexplained(grey[n - 1], grey[n]), before, after)


def unexplained(one: Pictures, other: Pictures) -> float:
    """What is left of grey picture `other` when its blocks are taken from where in `one` they fit best.

    The mean over the blocks of each block's root mean square, 0..255.
    """
    import cv2

    wide = cv2.copyMakeBorder(one, REACH, REACH, REACH, REACH, cv2.BORDER_REPLICATE)
    height, width = other.shape
    left = [
        cv2.minMaxLoc(
            cv2.matchTemplate(
                wide[y : y + BLOCK + 2 * REACH, x : x + BLOCK + 2 * REACH], other[y : y + BLOCK, x : x + BLOCK], cv2.TM_SQDIFF
            )
        )[0]
        for y in range(0, height - BLOCK + 1, BLOCK)
        for x in range(0, width - BLOCK + 1, BLOCK)
    ]
    return float(np.sqrt(np.maximum(left, 0) / BLOCK**2).mean())


def likeness(one: Pictures, other: Pictures) -> float:
    """Correlation of two grey pictures, which a change of exposure leaves as it is; 0 where one of them is flat."""
    a, b = (picture.astype(np.float32) - picture.mean(dtype=np.float32) for picture in (one, other))
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float((a * b).sum()) / size if size > a.size else 0.0
