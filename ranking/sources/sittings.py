"""Stretches of episodes as plays: checked, in whole frames, sorted, and the stretches of one sitting under one beginning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trailers.features.media import Episode

EVENTS = ("play", "skip", "replay", "autoplay")
"""watched · stepped over · watched again · ran without a hand"""
_TEXTS = ("viewer", "episode", "event", "device", "profile")
_SKIP, _AUTOPLAY = EVENTS.index("skip"), EVENTS.index("autoplay")

APART = 1800
"""Seconds from the end of one stretch to the beginning of the next, by the clock, from which on it is another sitting."""


@dataclass(frozen=True)
class Stretches:
    """Rows as a file tells them: text as sorted codes ("" for none), times in UTC (datetime64[us]), seconds of the episode or,
    instead of them, the share that was watched from its start; NaT and NaN where nothing can be read."""

    viewer: pd.Categorical
    episode: pd.Categorical
    at: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    share: np.ndarray
    event: pd.Categorical
    device: pd.Categorical
    profile: pd.Categorical


def plays_of(told: Stretches, episodes: Sequence[Episode]) -> tuple[pd.DataFrame, dict[str, int]]:
    """The rows that can be used, as the history's plays, and how many were left out or changed, by reason.

    A row is counted under the first reason that applies. A sitting that ran without a hand says nothing: it is left out whole.
    Sittings of one viewer with one episode that follow each other within APART are one: all rows bear its beginning.
    """
    number = {episode.id: n for n, episode in enumerate(episodes)}
    which = np.array([number.get(str(name), -1) for name in told.episode.categories], np.int64)[told.episode.codes]
    rates = np.array([float(episode.rate) for episode in episodes] + [1.0])
    rows, start, stop, lost = _usable(told, which, rates, np.array([episode.frames for episode in episodes] + [0]))
    event = np.array([EVENTS.index(name) if name in EVENTS else 0 for name in told.event.categories], np.int64)[
        told.event.codes[rows]
    ]
    reel = told.viewer.codes[rows].astype(np.int64) * len(told.episode.categories) + told.episode.codes[rows]
    at = told.at[rows].astype(np.int64)
    stretch = (start << 33) | (stop << 2) | event  # one number that sorts as the three do: fewer keys, less time

    order = _order(reel, at, stretch)
    fresh = _new(reel[order], at[order], stretch[order])
    order = order[fresh]
    sitting = np.cumsum(_new(reel[order], at[order])) - 1
    by_itself = np.zeros(len(sitting), bool)
    by_itself[sitting[event[order] == _AUTOPLAY]] = True
    alone = by_itself[sitting]
    order = order[~alone]
    spent = np.where(event[order] == _SKIP, 0, stop[order] - start[order]) / rates[which[rows[order]]]
    began = joined(reel[order], at[order], spent)
    moved = began != at[order]
    if moved.any():
        again = _order(reel[order], began, stretch[order])
        order, began = order[again], began[again]
    lost |= {
        "repeated row": int((~fresh).sum()),
        "ran without a hand": int(alone.sum()),
        "joined to the sitting before, kept": int(moved.sum()),
    }
    kept = rows[order]
    plays = {
        "viewer": taken(told.viewer, kept),
        "episode": taken(told.episode, kept),
        "start": start[order],
        "stop": stop[order],
        "started_at": pd.DatetimeIndex(began.view("datetime64[us]")).tz_localize("UTC"),
        "event": taken(told.event, kept),
        "device": taken(told.device, kept),
        "profile": taken(told.profile, kept),
    }
    return pd.DataFrame(plays), lost


def _usable(
    told: Stretches, which: np.ndarray, rates: np.ndarray, lengths: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, int]]:
    """Rows without a fault, their first and last frames (excluded), and the faults' counts."""
    rate, length = rates[which], lengths[which]
    whole = np.isnan(told.begin) & np.isnan(told.end) & (told.share >= 0) & (told.share <= 1)
    start = np.where(whole, 0.0, told.begin * rate)
    stop = np.where(whole, told.share * length, told.end * rate)
    readable = np.isfinite(start) & np.isfinite(stop) & ~np.isnat(told.at)
    start, stop = (np.floor(np.where(readable, value, 0) + 0.5) for value in (start, stop))
    faults = (
        ("no viewer", np.asarray(told.viewer == "")),
        ("unreadable time", ~readable),
        ("unknown episode", which < 0),
        ("unknown event", ~np.isin(np.asarray(told.event.categories), EVENTS)[told.event.codes]),
        ("empty or backward stretch", (stop <= start) | (stop <= 0)),
        ("beyond the end", start >= length),
    )
    good = np.ones(len(which), bool)
    lost: dict[str, int] = {}
    for reason, fault in faults:
        lost[reason] = int((good & fault).sum())
        good &= ~fault
    lost["cut at the end, kept"] = int((good & ((stop > length + 1) | (start < 0))).sum())
    rows = np.flatnonzero(good)
    return rows, np.clip(start[rows], 0, None).astype(np.int64), np.minimum(stop, length)[rows].astype(np.int64), lost


def joined(reel: np.ndarray, at: np.ndarray, spent: np.ndarray) -> np.ndarray:
    """For each row, sorted by viewer and episode (`reel`) and time, when its sitting began (microseconds); spent: seconds."""
    heads = np.flatnonzero(_new(reel, at))
    if not len(heads):
        return at
    begun = at[heads] - at.min()
    over = begun + (np.add.reduceat(spent, heads) * 1e6).astype(np.int64)
    fresh = _new(reel[heads])
    # the latest end so far of one viewer and episode: those of the next are lifted above it, so that none reaches over
    lift = np.cumsum(fresh) * (int(over.max()) + 1)
    latest = np.maximum.accumulate(over + lift) - lift
    fresh[1:] |= begun[1:] > latest[:-1] + APART * 1_000_000
    first = at[heads][fresh][np.cumsum(fresh) - 1]
    return np.repeat(first, np.diff(np.append(heads, len(at))))


def _order(*keys: np.ndarray) -> np.ndarray:
    """What sorts rows by the first of these numbers, then the next; equal rows stay in order (a third of lexsort's time)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    names = [str(n) for n in range(len(keys))]
    sorted_by = [(name, "ascending") for name in names]
    return np.asarray(pc.sort_indices(pa.table(list(keys), names=names), sort_keys=sorted_by)).astype(np.int64)


def _new(*keys: np.ndarray) -> np.ndarray:
    """Where a row differs from the one before in any of the keys."""
    new = np.ones(len(keys[0]), bool)
    new[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return new


def taken(column: pd.Categorical, rows: np.ndarray) -> pd.Categorical:
    """These rows; names that only other rows bear are gone, as if those had never been."""
    codes = column.codes[rows]
    used = np.zeros(len(column.categories), bool)
    used[codes] = True
    rank = np.cumsum(used) - 1
    return pd.Categorical.from_codes(rank[codes], column.categories[used])


def together(parts: Sequence[Stretches]) -> Stretches:
    """The rows of all parts, one after the other."""
    if len(parts) == 1:
        return parts[0]

    def text(name: str) -> pd.Categorical:
        return union_categoricals([getattr(part, name) for part in parts], sort_categories=True)

    def figures(name: str) -> np.ndarray:
        return np.concatenate([getattr(part, name) for part in parts])

    return Stretches(
        text("viewer"), text("episode"), figures("at"), figures("begin"), figures("end"), figures("share"),
        text("event"), text("device"), text("profile"),
    )  # fmt: skip


def merged(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """The plays of both, sorted."""
    texts = {name: union_categoricals([one[name], other[name]], sort_categories=True) for name in _TEXTS}
    both = pd.concat([one, other], ignore_index=True).assign(**texts)
    return both.sort_values(["viewer", "episode", "started_at", "start", "stop", "event"], kind="stable", ignore_index=True)
