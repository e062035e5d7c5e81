"""What each viewer did with each shot: reached, watched, stepped over, watched again, left at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from trailers.features.shots import Shot
    from trailers.ranking.history import History

COLUMNS = ("viewer", "shot", "reached", "watched", "skipped", "again", "left")


def watching(history: History, shots: Sequence[Shot]) -> pd.DataFrame:
    """One row for each viewer and shot that the viewer reached, sorted: COLUMNS; `shot` is a place in `shots`.

    reached: sittings that came to the shot (who never did says nothing of it). watched, skipped, again: sums of the share of
    the shot that was watched, stepped over, and watched once more (at most one shot a sitting). left: sittings that ended in it,
    the episode's last 3 % apart. Sittings that ran without a hand ("autoplay") say nothing. The events "skip" and "replay" are
    hints only: what lies unwatched between two watched stretches was stepped over, what was watched twice was watched again.
    """
    episodes = sorted({shot.episode for shot in shots})
    ends = np.array([max(shot.span.stop for shot in shots if shot.episode == name) for name in episodes] or [0], np.int64)
    offsets = np.concatenate([[0], np.cumsum(ends)])
    where = {name: n for n, name in enumerate(episodes)}
    begins = np.array([offsets[where[shot.episode]] + shot.span.start for shot in shots], np.int64)
    places = np.argsort(begins, kind="stable")
    begins = begins[places]
    stops = begins + np.array([len(shots[n].span) for n in places], np.int64)

    plays = history.plays[history.plays["episode"].isin(episodes)]
    sitting, facts = _sittings(plays)
    offset = offsets[[where[name] for name in plays["episode"]]] if len(plays) else np.zeros(0, np.int64)
    start, stop = plays["start"].to_numpy() + offset, plays["stop"].to_numpy() + offset
    by_hand = np.ones(len(facts), bool)
    by_hand[sitting[(plays["event"] == "autoplay").to_numpy()]] = False
    first = np.full(len(facts), np.iinfo(np.int64).max)
    last = np.zeros(len(facts), np.int64)
    np.minimum.at(first, sitting, start)
    np.maximum.at(last, sitting, stop)

    seen = by_hand[sitting] & (plays["event"] != "skip").to_numpy()
    row, shot = _over(start[seen], stop[seen], begins, stops)
    share = np.minimum(stop[seen][row], stops[shot]) - np.maximum(start[seen][row], begins[shot])
    sat = np.flatnonzero(by_hand)
    came, at = _over(first[sat], last[sat], begins, stops)
    came = sat[came]
    keys = came * len(shots) + at  # rising: sittings in order, their shots in order
    watched = np.zeros(len(keys))
    np.add.at(watched, np.searchsorted(keys, sitting[seen][row] * len(shots) + shot), share)

    entry = np.maximum(first[came], begins[at])
    chance = np.maximum(stops[at] - entry, 1)
    coverage = watched / chance
    reached = np.minimum(last[came], stops[at]) - entry
    skipped = np.clip((reached - watched) / chance, 0, 1)
    final = offsets[np.searchsorted(offsets, first[came], side="right")]
    length = final - offsets[np.searchsorted(offsets, first[came], side="right") - 1]
    left = (last[came] < stops[at]) & (last[came] < final - 0.03 * length)
    result = pd.DataFrame(
        {
            "viewer": facts[came],
            "shot": places[at],
            "reached": 1,
            "watched": np.minimum(coverage, 1.0),
            "skipped": skipped,
            "again": np.clip(coverage - 1.0, 0, 1),
            "left": left.astype(float),
        }
    )
    return result.groupby(["viewer", "shot"], sort=True, as_index=False).sum()


def _sittings(plays: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The number of each row's sitting, and each sitting's viewer."""
    grouped = plays.groupby(["viewer", "episode", "started_at"], sort=True)
    number = grouped.ngroup().to_numpy()
    viewers = np.empty(grouped.ngroups, dtype=object)
    viewers[number] = plays["viewer"].to_numpy(object)
    return number, viewers


def _over(start: np.ndarray, stop: np.ndarray, begins: np.ndarray, stops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (stretch, shot) that share a frame, stretches in order; shots are sorted and do not overlap."""
    first = np.searchsorted(stops, start, side="right")
    count = np.maximum(np.searchsorted(begins, stop, side="left") - first, 0)
    stretch = np.repeat(np.arange(len(start)), count)
    shot = np.arange(len(stretch)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
    return stretch, shot
