"""What is kept from the ranker, so that it can be judged: episodes, viewers, runs of shots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
import pandas as pd

from trailers.ranking.audience import care
from trailers.ranking.examples import Evidence, Examples, evidence, to_score
from trailers.ranking.membership import place
from trailers.ranking.segments import Segments, find_segments, viewers
from trailers.ranking.simulate import cold_episodes

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex
    from trailers.ranking.history import History

FOLDS = 10
"""Episodes are left out in at most so many turns."""
PARTS = 4
"""Viewers are left out in so many turns."""
HALVES = ("\0a", "\0b")
"""What is added to a viewer's name for each half of the sittings; no name that was read ends so."""


@dataclass(frozen=True)
class Trial:
    """What a ranker may know, and what it is judged by.

    history: the plays that may be known, but for those of shots that `known.cold` hides. known: the same as evidence, to train
    on. examples: `known` to be scored, row for row what a ranker gives a number. engagement: what those left out did, a number a
    row, NaN where none came. lists: places in the index of shots to be ranked against each other, an array a group.
    """

    metric: str
    history: History
    index: ShotIndex
    known: Evidence
    examples: Examples
    engagement: np.ndarray
    segments: Segments
    lists: tuple[np.ndarray, ...]


def trials(history: History, segments: Segments, index: ShotIndex, seed: int = 0, cold: int = 240) -> Iterator[Trial]:
    """Every trial of three kinds.

    "episodes left out": each episode in turn is taken from the plays that segments are found by and that the ranker is trained
    on; its shots are new to it. "viewers left out": each part of the viewers in turn is taken from what segments are found by and
    the ranker is trained on; shots are known from the others. Each of those left out is then placed in a segment by every other
    of his sittings, and judges by the rest. "cold episodes": runs of shots are left out as episodes are, and `cold` episodes
    drawn from them by the simulator, sharing shots. Segments of a table or a column stay as they are throughout.
    """
    yield from _episodes_out(history, segments, index, seed)
    yield from _viewers_out(history, segments, index, seed)
    yield from _runs_out(history, segments, index, seed, cold)


def _episodes_out(history: History, segments: Segments, index: ShotIndex, seed: int) -> Iterator[Trial]:
    episodes = sorted({shot.episode for shot in index.shots})
    if len(episodes) < 2:
        return
    for fold in range(min(FOLDS, len(episodes))):
        out = episodes[fold::FOLDS]
        plays, titles, curves = (each[~each["episode"].isin(out)] for each in (history.plays, history.titles, history.curves))
        rest = replace(history, plays=plays, titles=titles, curves=curves)
        if rest.plays.empty:
            continue
        found = segments if _given(segments) else _anew(rest, segments, index, seed)
        judges = evidence(history, found, index)
        known = evidence(rest, found, index)
        hidden = known.shots["episode"].isin(out).to_numpy()
        known = replace(known, cold=hidden)
        yield _trial("episodes left out", rest, index, known, judges, found, _episodes(known, hidden))


def _viewers_out(history: History, segments: Segments, index: ShotIndex, seed: int) -> Iterator[Trial]:
    parts: list[set[str]] = [set() for _ in range(PARTS)]
    for viewer in viewers(history):
        parts[crc32(viewer.encode()) % PARTS].add(viewer)
    for part in parts:
        rest, left = care.without(history, part), care.without(history, set().union(*parts) - part)
        if rest.plays.empty or left.plays.empty:
            continue
        found = segments if _given(segments) else _anew(rest, segments, index, seed)
        judges = evidence(left, segments, index) if _given(segments) else crossed(left, rest, found, index)
        known = evidence(rest, found, index)
        every = _episodes(known, np.ones(len(known.shots), bool))
        yield _trial("viewers left out", rest, index, known, judges, found, every)


def _given(segments: Segments) -> bool:
    """Whether they are a table's or a column's: there is nothing to find anew."""
    return "; from " not in segments.criterion


def _anew(rest: History, segments: Segments, index: ShotIndex, seed: int) -> Segments:
    """As many segments, found in the rest of the history."""
    smallest = min([care.SMALLEST, *(max(1, segment.viewers // 2) for segment in segments.segments)])
    return find_segments(rest, index, len(segments.segments) or None, seed, smallest)


def crossed(left: History, rest: History, found: Segments, index: ShotIndex) -> Evidence:
    """What viewers did who were left out when segments were found: in the segment that the other half of their sittings says.

    Whoever is placed by the plays that judge the segment's ranking speaks for it because he was placed there.
    """
    halves = _halved(left)
    told = place(found, rest, halves, index)
    told = told[told["segment"] != ""]
    other = dict(zip(HALVES, reversed(HALVES), strict=True))
    members = told[["viewer", "segment"]].assign(viewer=[name[:-2] + other[name[-2:]] for name in told["viewer"]])
    return evidence(halves, replace(found, membership=members.sort_values("viewer", ignore_index=True)), index)


def _halved(history: History) -> History:
    """Every viewer as two, each with every other sitting; titles are both's, but for the season's own."""
    plays = history.plays.astype({"viewer": "str", "episode": "str"})
    sitting = plays[["viewer", "started_at", "episode"]].drop_duplicates().sort_values(["viewer", "started_at", "episode"])
    half = sitting.assign(half=np.array(HALVES)[sitting.groupby("viewer").cumcount() % 2])
    plays["viewer"] += plays.merge(half, on=["viewer", "started_at", "episode"], how="left")["half"].to_numpy(object)
    plays = plays.sort_values(["viewer", "episode", "started_at", "start", "stop"], kind="stable", ignore_index=True)
    titles = history.titles[history.titles["episode"] == ""]
    both = pd.concat([titles.assign(viewer=titles["viewer"] + name) for name in HALVES])
    return replace(
        history,
        plays=plays.astype({"viewer": "category", "episode": "category"}),
        titles=both.sort_values(["viewer", "title"], ignore_index=True),
    )


def _runs_out(history: History, segments: Segments, index: ShotIndex, seed: int, cold: int) -> Iterator[Trial]:
    """Runs of about six shots are dealt into five folds; a fold's shots are new, and cold episodes are drawn from them."""
    random = np.random.default_rng(seed)
    judges = evidence(history, segments, index)
    begins = (judges.shots["episode"] != judges.shots["episode"].shift()).to_numpy() | (random.random(len(index.shots)) < 1 / 6)
    run = np.cumsum(begins) - 1
    fold = random.permutation(run.max() + 1)[run] % 5
    spans = pd.DataFrame({"start": [s.span.start for s in index.shots], "stop": [s.span.stop for s in index.shots]})
    each = max(1, cold // 5 // max(1, len(segments.segments)))
    for one in range(5):
        hidden = fold == one
        if hidden.sum() < 4 or hidden.all():
            continue
        drawn = cold_episodes(judges.shots.join(spans).assign(place=np.arange(len(hidden)))[hidden], each, 15, seed * 5 + one)
        lists = tuple(rows["place"].to_numpy() for _, rows in drawn.groupby("episode"))
        known = replace(judges, cold=hidden, fold=fold)
        yield _trial(f"cold episodes ({cold} drawn by the simulator)", history, index, known, judges, segments, lists)


def _trial(
    metric: str,
    rest: History,
    index: ShotIndex,
    known: Evidence,
    judges: Evidence,
    segments: Segments,
    lists: tuple[np.ndarray, ...],
) -> Trial:
    engagement = to_score(judges).rows["engagement"].to_numpy(float)
    return Trial(metric, rest, index, known, to_score(known), engagement, segments, lists)


def _episodes(known: Evidence, which: np.ndarray) -> tuple[np.ndarray, ...]:
    places = known.shots.assign(place=np.arange(len(which)))[which]
    return tuple(rows["place"].to_numpy() for _, rows in places.groupby("episode"))
