"""What each viewer did with each shot: reached, watched, stepped over, watched again, left at."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from trailers.features.shots import Shot
    from trailers.ranking.history import History

MEASURES = ("reached", "watched", "skipped", "again", "left")
COLUMNS = ("viewer", "shot", *MEASURES)
_ROWS = 40_000
"""Stretches worked on at once: what is held grows with viewers x shots of them, and is best small enough for a cache."""


@dataclass(frozen=True)
class Block:
    """Some viewers and all shots of one episode: each viewer's sums, 0 where a shot was not reached.

    viewers: names, V; shots: places, K, in the order of time; the others: arrays V x K, see `watching`.
    """

    viewers: np.ndarray
    shots: np.ndarray
    reached: np.ndarray
    watched: np.ndarray
    skipped: np.ndarray
    again: np.ndarray
    left: np.ndarray

    @property
    def measures(self) -> tuple[np.ndarray, ...]:
        """The five arrays, in the order of MEASURES."""
        return self.reached, self.watched, self.skipped, self.again, self.left


@dataclass(frozen=True)
class _Reel:
    """An episode's shots in the order of time: places among all shots, first frames, last frames (excluded)."""

    shots: np.ndarray
    begins: np.ndarray
    stops: np.ndarray


@dataclass(frozen=True)
class _Plays:
    """Rows sorted by viewer, episode and sitting: codes into `names`, of reels and of sittings, frames, and what kind of row."""

    names: np.ndarray
    viewer: np.ndarray
    reel: np.ndarray
    sitting: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    skip: np.ndarray


def watching(history: History, shots: Sequence[Shot]) -> pd.DataFrame:
    """One row for each viewer and shot that the viewer reached, sorted: COLUMNS; `shot` is a place in `shots`.

    reached: sittings that came to the shot (who never did says nothing of it). watched, skipped, again: sums of the share of
    the shot that was watched, stepped over, and watched once more (at most one shot a sitting). left: sittings that ended in it,
    the episode's last 3 % apart. Sittings that ran without a hand ("autoplay") say nothing. The events "skip" and "replay" are
    hints only: what lies unwatched between two watched stretches was stepped over, what was watched twice was watched again.

    The table has a row a viewer and shot: for millions of plays take `blocks`, or `summed`, which need not hold it.
    """
    viewers, places, sums = [], [], []
    for block in blocks(history, shots):
        row, column = np.nonzero(block.reached)
        viewers.append(block.viewers[row])
        places.append(block.shots[column])
        sums.append(np.stack([measure[row, column] for measure in block.measures], axis=1))
    names = np.concatenate([np.empty(0, object), *viewers])
    table = pd.DataFrame(np.concatenate([np.zeros((0, len(MEASURES))), *sums]), columns=list(MEASURES))
    table["reached"] = table["reached"].astype(np.int64)
    table.insert(0, "viewer", pd.Series(names, dtype="str"))
    table.insert(1, "shot", np.concatenate([np.zeros(0, np.int64), *places]))
    return table.sort_values(["viewer", "shot"], kind="stable", ignore_index=True)


def summed(history: History, shots: Sequence[Shot], groups: Mapping[str, Hashable]) -> pd.DataFrame:
    """What `watching` tells, summed over the viewers of each group: group, shot, MEASURES and viewers (how many of them came), a
    row where anybody came, sorted.

    groups: the group of a viewer; viewers without one are left out.
    """
    from scipy.sparse import csr_array

    names = sorted(set(groups.values()), key=repr)
    number = {name: n for n, name in enumerate(names)}
    total = np.zeros((len(MEASURES) + 1, len(names), len(shots)))
    for block in blocks(history, shots):
        rows = [n for n, name in enumerate(block.viewers) if name in groups]
        of = [number[groups[name]] for name in block.viewers[rows]]
        gather = csr_array((np.ones(len(rows)), (of, rows)), shape=(len(names), len(block.viewers)))
        for n, measure in enumerate((*block.measures, (block.reached > 0).astype(float))):
            total[n][:, block.shots] += gather @ measure
    group, shot = np.nonzero(total[0])
    table = pd.DataFrame(total[:, group, shot].T, columns=[*MEASURES, "viewers"]).astype({"reached": int, "viewers": int})
    table.insert(0, "group", pd.Series([names[n] for n in group], dtype=object))
    table.insert(1, "shot", shot)
    return table


def blocks(history: History, shots: Sequence[Shot]) -> Iterator[Block]:
    """All that `watching` tells, some viewers and one episode at a time; viewers sorted, each of them in one block an episode."""
    reels = _reels(shots)
    plays = _sorted(history.plays, {name: n for n, name in enumerate(reels)})
    count = len(plays.viewer)
    edges = np.flatnonzero(np.diff(plays.viewer, prepend=-1, append=-1))  # where a viewer's rows begin
    wanted = np.searchsorted(edges, np.arange(0, count, _ROWS))
    cuts = np.unique(np.append(edges[wanted], count)) if count else np.zeros(0, np.int64)
    for begin, end in pairwise(cuts):
        part = slice(int(begin), int(end))
        for number, reel in enumerate(reels.values()):
            rows = np.flatnonzero(plays.reel[part] == number) + part.start
            if len(rows):
                yield _block(plays, rows, reel)


def _reels(shots: Sequence[Shot]) -> dict[str, _Reel]:
    named = np.array([shot.episode for shot in shots], dtype=object)
    begins = np.array([shot.span.start for shot in shots], np.int64)
    stops = np.array([shot.span.stop for shot in shots], np.int64)
    found = {}
    for name in sorted(set(named)):
        places = np.flatnonzero(named == name)
        places = places[np.argsort(begins[places], kind="stable")]
        found[str(name)] = _Reel(places, begins[places], stops[places])
    return found


def _sorted(plays: pd.DataFrame, number: Mapping[str, int]) -> _Plays:
    """The rows of the episodes that are known, without the sittings that nobody's hand was in."""
    episode, episodes = codes(plays["episode"])
    reel = np.array([number.get(str(name), -1) for name in episodes] + [-1], np.int64)[episode]
    viewer, names = codes(plays["viewer"])
    at = pd.DatetimeIndex(plays["started_at"]).asi8
    key = viewer * (len(number) + 1) + reel
    order = np.flatnonzero(reel >= 0)
    step = np.diff(key[order])
    if (step < 0).any() or (np.diff(at[order])[step == 0] < 0).any():  # a history that was read is sorted already
        order = order[np.lexsort((at[order], key[order]))]
    fresh = np.ones(len(order), bool)
    fresh[1:] = (np.diff(key[order]) != 0) | (np.diff(at[order]) != 0)
    sitting = np.cumsum(fresh) - 1
    event, events = codes(plays["event"])
    alone = np.array([str(name) == "autoplay" for name in events] + [False])[event[order]]
    by_hand = np.ones(len(order), bool)
    by_hand[np.isin(sitting, sitting[alone])] = False
    kept = order[by_hand]
    skip = np.array([str(name) == "skip" for name in events] + [False])[event[kept]]
    start, stop = plays["start"].to_numpy(np.int64)[kept], plays["stop"].to_numpy(np.int64)[kept]
    return _Plays(names, viewer[kept], reel[kept], sitting[by_hand], start, stop, skip)


def codes(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """A number a row (-1: none), in the order of the sorted names, and the names."""
    if not isinstance(column.dtype, pd.CategoricalDtype) or not column.cat.categories.is_monotonic_increasing:
        codes, names = pd.factorize(column, sort=True)
        return codes.astype(np.int64), np.asarray(names, dtype=object)
    return column.cat.codes.to_numpy().astype(np.int64), column.cat.categories.to_numpy(object)


def _block(plays: _Plays, rows: np.ndarray, reel: _Reel) -> Block:
    """Sittings x shots at once: what covers a shot from end to end is counted by steps, the two ends of a stretch are cut off."""
    from scipy.sparse import csr_array

    fresh = np.diff(plays.sitting[rows], prepend=-1) != 0
    heads = np.flatnonzero(fresh)
    sitting = np.cumsum(fresh) - 1
    start, stop = plays.start[rows], plays.stop[rows]
    first, last = np.minimum.reduceat(start, heads), np.maximum.reduceat(stop, heads)
    length = (reel.stops - reel.begins).astype(float)

    seen = ~plays.skip[rows]
    number, start, stop = sitting[seen], start[seen], stop[seen]
    covered, (at, head), (end, tail) = _over(number, start, stop, len(heads), reel)
    watched = covered * length
    np.subtract.at(watched, at, head)
    np.subtract.at(watched, end, tail)

    every = np.arange(len(heads))
    reached, (at, head), (end, tail) = _over(every, first, last, len(heads), reel)
    chance = np.broadcast_to(length, watched.shape).copy()
    chance[at] -= head  # who comes in the middle of a shot is asked for the rest of it
    np.maximum(chance, 1, out=chance)
    passed = reached * chance
    passed[end] -= tail
    skipped = np.clip((passed - watched) / chance, 0, 1)
    watched /= chance
    again = np.clip(watched - 1, 0, 1)
    np.minimum(watched, 1, out=watched)
    left = np.zeros_like(watched)
    final = int(reel.stops.max())
    gone = (last[end[0]] < reel.stops[end[1]]) & (last[end[0]] < final - 0.03 * final)
    left[end[0][gone], end[1][gone]] = 1

    viewer = plays.viewer[rows][heads]
    whose = np.flatnonzero(np.diff(viewer, prepend=-1))
    sums = [reached.astype(float), watched, skipped, again, left]
    if len(whose) < len(viewer):
        one = csr_array(
            (np.ones(len(viewer)), np.arange(len(viewer)), np.append(whose, len(viewer))), shape=(len(whose), len(viewer))
        )
        sums = [one @ measure for measure in sums]
    return Block(plays.names[viewer[whose]], reel.shots, *sums)


_Cells = tuple[tuple[np.ndarray, np.ndarray], np.ndarray]


def _over(sitting: np.ndarray, start: np.ndarray, stop: np.ndarray, count: int, reel: _Reel) -> tuple[np.ndarray, _Cells, _Cells]:
    """How many stretches of each sitting touch each shot (count x K); then, a stretch each: the cell of its first shot with the
    frames of it that lie before the stretch, and the cell of its last shot with the frames that lie after."""
    width = len(reel.begins)
    from_, to = np.searchsorted(reel.stops, start, side="right"), np.searchsorted(reel.begins, stop, side="left") - 1
    touch = from_ <= to
    sitting, from_, to = sitting[touch], from_[touch], to[touch]
    size = count * (width + 1)
    cell = sitting * (width + 1)
    steps = np.bincount(cell + from_, minlength=size) - np.bincount(cell + to + 1, minlength=size)
    touched = np.cumsum(steps.reshape(count, width + 1)[:, :width], axis=1)
    before = np.maximum(start[touch] - reel.begins[from_], 0).astype(float)
    after = np.maximum(reel.stops[to] - stop[touch], 0).astype(float)
    return touched, ((sitting, from_), before), ((sitting, to), after)
