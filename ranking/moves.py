"""Where the viewers' hands moved: the shots from which they went on ahead, and those from which they wound back."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trailers.ranking.watching import codes

if TYPE_CHECKING:
    from trailers.features.shots import Shot
    from trailers.ranking.history import History

STILL = 2
"""Stretches of a sitting that lie no more frames apart follow each other; no hand moved."""


def moves(history: History, shots: Sequence[Shot], groups: Mapping[str, Hashable]) -> pd.DataFrame:
    """group, shot (a place), ahead, back: how often viewers of a group went ahead, or back, out of a shot; rows where they did.

    A hand that moves speaks of the shot that it left, not of those that it passed over. Read from what was watched alone, so that
    it is there whether the player logs its buttons or not: between two stretches of a sitting with nothing watched between them
    somebody went ahead, where one begins before the one before has ended somebody went back. Sittings that ran without a hand say
    nothing; groups: the group of a viewer; viewers without one are left out.
    """
    names = sorted(set(groups.values()), key=repr)
    number = {name: n for n, name in enumerate(names)}
    episodes = sorted({shot.episode for shot in shots})
    ends = [max(shot.span.stop for shot in shots if shot.episode == name) for name in episodes]
    lifted = dict(zip(episodes, np.concatenate([[0], np.cumsum(ends)])[:-1].tolist(), strict=True))
    viewer, viewers = codes(history.plays["viewer"])
    episode, titles = codes(history.plays["episode"])
    event, events = codes(history.plays["event"])
    group = np.array([number[groups[name]] if name in groups else -1 for name in viewers] + [-1])[viewer]
    lift = np.array([lifted.get(name, -1) for name in titles] + [-1])[episode]
    seen = np.flatnonzero((group >= 0) & (lift >= 0) & np.array([name != "skip" for name in events] + [True])[event])
    at = pd.DatetimeIndex(history.plays["started_at"]).asi8[seen]
    start, stop = (history.plays[name].to_numpy(np.int64)[seen] + lift[seen] for name in ("start", "stop"))
    order = np.lexsort((stop, start, at, lift[seen], viewer[seen]))
    seen, at, start, stop = seen[order], at[order], start[order], stop[order]
    fresh = np.ones(len(seen), bool)
    fresh[1:] = (np.diff(viewer[seen]) != 0) | (np.diff(lift[seen]) != 0) | (np.diff(at) != 0)
    sitting = np.cumsum(fresh) - 1
    alone = sitting[np.array([name == "autoplay" for name in events] + [False])[event[seen]]]
    by_hand = ~np.isin(sitting, alone)
    group, sitting, start, stop = group[seen][by_hand], sitting[by_hand], start[by_hand], stop[by_hand]
    # how far each sitting has come so far: a sitting is lifted above the one before it
    above = sitting * (sum(ends) + 1)
    reach = np.maximum.accumulate(stop + above) - above if len(stop) else stop
    same = sitting[1:] == sitting[:-1]
    ahead = np.flatnonzero(same & (start[1:] > reach[:-1] + STILL))
    back = np.flatnonzero(same & (start[1:] < stop[:-1] - STILL))
    begins = np.array([lifted[shot.episode] + shot.span.start for shot in shots], np.int64)
    places = np.argsort(begins, kind="stable")
    table = np.zeros((2, len(names), len(shots)))
    for n, (rows, frame) in enumerate(((ahead, reach[ahead] - 1), (back, stop[back] - 1))):
        shot = places[np.maximum(np.searchsorted(begins[places], frame, side="right") - 1, 0)]
        np.add.at(table[n], (group[rows], shot), 1)
    row, shot = np.nonzero(table.sum(axis=0))
    found = pd.DataFrame({"shot": shot, "ahead": table[0][row, shot], "back": table[1][row, shot]})
    found.insert(0, "group", pd.Series([names[n] for n in row], dtype=object))
    return found
