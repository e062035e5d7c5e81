"""The segment of viewers never seen before, from the little that they watched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
import pandas as pd

from trailers.errors import HistoryError
from trailers.ranking.audience.subjects import choices
from trailers.ranking.segments import viewers
from trailers.ranking.watching import blocks, summed

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex
    from trailers.ranking.history import History
    from trailers.ranking.segments import Segments

SURE = 0.6
"""A viewer whose likeliest segment is less likely has none yet."""
STEADY = 10.0
"""Sittings, or viewers, that a segment's habits are drawn towards everybody's by."""
PARTS = 2
HEAT = tuple(2.0**n for n in range(11))
"""What evidence is divided by, tried in turn: what a viewer does at one shot foretells what he does at the next, so that a plain
product of chances is too sure of itself."""


def assign(segments: Segments, history: History, index: ShotIndex) -> pd.DataFrame:
    """A row for each viewer of the history who has no segment: viewer, segment ("" where unsure), sure; sorted by viewer.

    `history` holds the plays of the segments' viewers and of those asked about. Naive Bayes over shots watched or stepped over
    and over titles chosen, `sure` (0..1) being the likeliest segment's chance, tempered until it says how often it is right
    (Guo et al. 2017) of the segments' own viewers, half of them judged by the other half.
    HistoryError where no viewer of a segment is in the history.
    """
    ids = [segment.id for segment in segments.segments]
    if not ids:
        return pd.DataFrame({"viewer": sorted(viewers(history)), "segment": "", "sure": 0.0}).astype({"viewer": "str"})
    of = segments.membership.set_index("viewer")["segment"]
    evidence = _Evidence(history, index)
    own = np.array([ids.index(of[viewer]) if viewer in of.index else -1 for viewer in evidence.viewers], int)
    if not (own >= 0).any():
        raise HistoryError("no viewer of a segment is in the viewing history: new viewers are told by what segments watched")
    part = np.array([crc32(viewer.encode()) % PARTS for viewer in evidence.viewers])
    judged = np.zeros((len(own), len(ids)))
    for number in range(PARTS):
        here = (part == number) & (own >= 0)
        judged[here] = evidence.chances(np.where(here, -1, own), len(ids))[here]
    told = own >= 0
    heat = max(HEAT, key=lambda heat: (_likelihood(judged[told] / heat, own[told]), -heat))
    chance = _shares(evidence.chances(own, len(ids))[~told] / heat)
    best = chance.argmax(axis=1)
    sure = chance.max(axis=1, initial=0.0)
    names = [ids[n] if each >= SURE else "" for n, each in zip(best, sure, strict=True)]
    asked = [viewer for viewer, known in zip(evidence.viewers, told, strict=True) if not known]
    return pd.DataFrame({"viewer": pd.Series(asked, dtype="str"), "segment": pd.Series(names, dtype="str"), "sure": sure})


def place(segments: Segments, known: History, fresh: History, index: ShotIndex) -> pd.DataFrame:
    """`assign` for the viewers of another history who are in none of the segments; `known` is what the segments were found in."""
    told = set(viewers(known))
    plays = pd.concat([known.plays, fresh.plays[~fresh.plays["viewer"].isin(told)]], ignore_index=True)
    texts = dict.fromkeys(("viewer", "episode", "event", "device", "profile"), "category")
    titles = pd.concat([known.titles, fresh.titles[~fresh.titles["viewer"].isin(told)]], ignore_index=True)
    order = [name for name in ("viewer", "episode", "started_at", "start", "stop") if name in plays]
    both = replace(
        known,
        plays=plays.astype(dict.fromkeys(texts, "str")).sort_values(order, kind="stable", ignore_index=True).astype(texts),
        titles=titles.sort_values(["viewer", "title"], kind="stable", ignore_index=True),
        catalogue=pd.concat([known.catalogue, fresh.catalogue]).drop_duplicates("title").sort_values("title", ignore_index=True),
    )
    asked = set(viewers(fresh))
    found = assign(segments, both, index)
    return found[found["viewer"].isin(asked)].reset_index(drop=True)


class _Evidence:
    """What every viewer did; what it says is asked for several divisions of the viewers."""

    def __init__(self, history: History, index: ShotIndex) -> None:
        self.history, self.shots = history, index.shots
        self.chosen = choices(history)
        self.viewers: Sequence[str] = sorted(viewers(history))
        self.place = {viewer: n for n, viewer in enumerate(self.viewers)}

    def chances(self, own: np.ndarray, count: int) -> np.ndarray:
        """viewers x segments: the logarithm of how likely a segment is; `own` is the segment of viewers that are learnt from."""
        sizes = np.bincount(own[own >= 0], minlength=count)
        total = np.tile(np.log((sizes + 1) / (sizes.sum() + count)), (len(self.viewers), 1))
        done, over = self._rates(own, count)
        for block in blocks(self.history, self.shots):
            rows = np.array([self.place[str(name)] for name in block.viewers], int)
            for number, measure in enumerate((block.watched, block.again)):
                rate = done[number, :, block.shots]
                often = np.minimum(measure, block.reached)
                total[rows] += often @ np.log(rate) + (block.reached - often) @ np.log1p(-rate)
        if self.chosen.titles:
            total[[self.place[name] for name in self.chosen.viewers]] += self.chosen.liked @ over.T
        return total

    def _rates(self, own: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        """(watched, again) x segments x shots: the share of sittings, never quite 0 or 1; segments x titles: log of the share."""
        groups = {viewer: int(own[n]) for viewer, n in self.place.items()}
        seen = summed(self.history, self.shots, groups)
        sums = np.zeros((3, count + 1, len(self.shots)))  # the last: viewers who are not learnt from
        sums[:, seen["group"].to_numpy(int), seen["shot"]] = seen[["reached", "watched", "again"]].to_numpy(float).T
        reached = sums[0]
        rates = []
        for done in np.minimum(sums[1:], reached):
            everybody = (done.sum(axis=0) + STEADY / 2) / (reached.sum(axis=0) + STEADY)
            rates.append((done[:count] + STEADY * everybody) / (reached[:count] + STEADY))
        liked, learners = self.chosen.liked, own[[self.place[name] for name in self.chosen.viewers]]
        share = (np.asarray(liked.sum(axis=0)).ravel() + 1) / (liked.sum() + liked.shape[1])
        chose = np.stack([np.asarray(liked[learners == segment].sum(axis=0)).ravel() for segment in range(count)])
        over = (chose + STEADY * len(share) * share) / (chose.sum(axis=1, keepdims=True) + STEADY * len(share))
        return np.clip(rates, 0.005, 0.995), np.log(over)


def _shares(chances: np.ndarray) -> np.ndarray:
    powers = np.exp(chances - chances.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _likelihood(chances: np.ndarray, own: np.ndarray) -> float:
    return float(np.log(np.maximum(_shares(chances)[np.arange(len(own)), own], 1e-12)).mean())
