"""Ways through a piece of music by whole bars, and what each jump in them costs."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from trailers.editor.sound.clock import RATE
from trailers.editor.sound.grid import Grid

Curve = NDArray[np.float64]

JOINT = 0.6  # what any jump costs, where two bars of nothing in common cost about 2 more
ASTRAY = 0.3  # more for one that leaves, or enters, in mid-phrase
LATER = 0.4  # for not beginning with the piece; half of it where a phrase begins


@dataclass(frozen=True, eq=False)
class Walks:
    """The cheapest ways of every length: `costs` (bars + 1, lines) of having played so many bars up to a line between two bars,
    and `came` from which line the last of those bars was entered (-1: it is none)."""

    costs: Curve
    came: NDArray[np.int64]

    def bars(self, count: int, line: int) -> tuple[int, ...]:
        """The `count` bars that are played up to a line, in order."""
        found = []
        while count:
            found.append(line - 1)
            line, count = int(self.came[count, line]), count - 1
        return tuple(reversed(found))


def walks(jumps: Curve, begin: Curve, count: int) -> Walks:
    """All cheapest ways of up to `count` bars; `jumps` (lines, bars) is what it costs to go from a line to the head of a bar,
    `begin` (lines,) what it costs to begin there. To play on costs nothing."""
    lines = len(begin)
    costs = np.full((count + 1, lines), np.inf)
    came = np.full((count + 1, lines), -1)
    costs[0] = begin
    bars = np.arange(lines - 1)
    ways = jumps.copy()
    ways[bars, bars] = 0.0
    for number in range(count):
        entered = costs[number][:, None] + ways
        came[number + 1, 1:] = entered.argmin(axis=0)
        costs[number + 1, 1:] = entered.min(axis=0)
    return Walks(costs, came)


def costs(piece: Grid, lines: tuple[int, ...]) -> tuple[Curve, Curve]:
    """What jumps and beginnings cost in a piece, for `walks`: `lines` are the samples that its bars begin at, and the last one's
    end. A jump is cheap where the bar that comes is like the one that would have come, and the one before it like the one just
    heard; a loop goes on for nothing."""
    looks = np.array([_look(piece, start, stop) for start, stop in pairwise(lines)])
    unlike = 1 - looks[:, :12] @ looks[:, :12].T + 0.5 * np.abs(looks[:, None, 12:] - looks[None, :, 12:]).mean(axis=2)
    count = len(looks)
    ahead, behind = np.full((count + 1, count), np.nan), np.full((count + 1, count), np.nan)
    ahead[:-1] = unlike  # nothing is known of what would have come after the last bar, nor of what came before the first
    behind[1:, 1:] = unlike[:, :-1]
    told = np.stack([ahead, behind])
    known = np.where(np.isnan(told), unlike.max(), told).mean(axis=0)
    starts = np.array([line in piece.phrases for line in lines])
    leaves = starts | (np.arange(count + 1) == count)
    jumps = JOINT + known + ASTRAY * (1.0 - leaves[:, None]) + ASTRAY * (1.0 - starts[None, :-1])
    begin = np.where(starts, LATER / 2, LATER)
    begin[0], begin[-1] = 0.0, 2 * LATER
    if piece.loops:
        jumps[-1, 0] = 0.0
    return np.asarray(jumps, np.float64), np.asarray(begin, np.float64)


def _look(piece: Grid, start: int, stop: int) -> NDArray[np.float32]:
    """How a bar sounds: the mean of its beats', its pitch classes of unit length."""
    near = RATE // 100  # a beat that was brought to its onset may lie just before its line
    beats = np.array(piece.beats)
    inside = (beats >= start - near) & (beats < stop - near)
    found = piece.looks[inside].mean(axis=0) if inside.any() else np.zeros(piece.looks.shape[1], np.float32)
    found[:12] /= np.linalg.norm(found[:12]) + 1e-9
    return np.asarray(found, np.float32)
