"""The segment of viewers never seen before, from the little that they watched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
import pandas as pd

from trailers.errors import HistoryError
from trailers.ranking.segments import viewers
from trailers.ranking.subjects import choices
from trailers.ranking.watching import watching

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


class _Evidence:
    """What every viewer did, once; what it says is asked for several divisions of the viewers."""

    def __init__(self, history: History, index: ShotIndex) -> None:
        seen = watching(history, index.shots)
        self.chosen = choices(history)
        self.viewers: Sequence[str] = sorted({*map(str, seen["viewer"]), *self.chosen.viewers})
        place = {viewer: n for n, viewer in enumerate(self.viewers)}
        self.shots = len(index.shots)
        self.who = seen["viewer"].map(place).to_numpy(int)
        self.shot = seen["shot"].to_numpy(int)
        self.reached = seen["reached"].to_numpy(float)
        self.watched = np.minimum(seen["watched"].to_numpy(float), self.reached)
        self.again = np.minimum(seen["again"].to_numpy(float), self.reached)
        self.choosers = np.array([place[viewer] for viewer in self.chosen.viewers], int)

    def chances(self, own: np.ndarray, count: int) -> np.ndarray:
        """viewers x segments: the logarithm of how likely a segment is; `own` is the segment of viewers that are learnt from."""
        sizes = np.bincount(own[own >= 0], minlength=count)
        total = np.tile(np.log((sizes + 1) / (sizes.sum() + count)), (len(self.viewers), 1))
        for done in (self.watched, self.again):
            everybody = self._rate(done, np.ones(len(self.who), bool), np.full(self.shots, 0.5))
            for segment in range(count):
                rate = self._rate(done, own[self.who] == segment, everybody)[self.shot]
                says = done * np.log(rate) + (self.reached - done) * np.log1p(-rate)
                total[:, segment] += np.bincount(self.who, says, len(self.viewers))
        if self.chosen.titles:
            liked = self.chosen.liked
            share = (np.asarray(liked.sum(axis=0)).ravel() + 1) / (liked.sum() + liked.shape[1])
            for segment in range(count):
                part = np.asarray(liked[own[self.choosers] == segment].sum(axis=0)).ravel()
                rate = (part + STEADY * len(share) * share) / (part.sum() + STEADY * len(share))
                total[self.choosers, segment] += liked @ np.log(rate)
        return total

    def _rate(self, done: np.ndarray, members: np.ndarray, towards: np.ndarray) -> np.ndarray:
        """By shot, the share of sittings in which it was done, never quite 0 or 1."""
        shot = self.shot[members]
        count = np.bincount(shot, self.reached[members], self.shots)
        rate = (np.bincount(shot, done[members], self.shots) + STEADY * towards) / (count + STEADY)
        return np.asarray(np.clip(rate, 0.005, 0.995))


def _shares(chances: np.ndarray) -> np.ndarray:
    powers = np.exp(chances - chances.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _likelihood(chances: np.ndarray, own: np.ndarray) -> float:
    return float(np.log(np.maximum(_shares(chances)[np.arange(len(own)), own], 1e-12)).mean())
