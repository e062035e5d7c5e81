"""How well shots are ranked where the ranker could not know: NDCG@10 beside plain baselines, with 95 % intervals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trailers.errors import RequestError
from trailers.ranking.examples import GAINS, GRADES, PARTS, Evidence, Examples, evidence, to_score
from trailers.ranking.model import margins, train
from trailers.ranking.segments import Segments, find_segments
from trailers.ranking.simulate import NOISE, cold_episodes

if TYPE_CHECKING:
    from pathlib import Path

    from trailers.features.index import ShotIndex
    from trailers.ranking.history import History

COLUMNS = ("ranker", "metric", "value", "low", "high", "groups")
RANKER = "ranker"
RANDOM = "random"
DEPTH = 10
FOLDS = 10
ORDERS = 100
"""Random is the mean of so many orders of each group."""


@dataclass(frozen=True)
class Truth:
    """What a simulation knows: shots (episode, shot, start, stop), viewers (viewer, taste), appeal (taste, shot, appeal 0..1)."""

    shots: pd.DataFrame
    viewers: pd.DataFrame
    appeal: pd.DataFrame


def read_truth(folder: Path) -> Truth:
    """Reads shots.csv, viewers.csv and appeal.csv of a demo season; RequestError where one is missing or lacks a column."""
    tables = []
    for name, columns in (("shots", "shot episode start stop"), ("viewers", "viewer taste"), ("appeal", "taste shot appeal")):
        path = folder / f"{name}.csv"
        try:
            tables.append(pd.read_csv(path)[columns.split()])
        except (OSError, ValueError, KeyError) as error:
            raise RequestError(f"{path}: not the truth of a simulated season, with {columns} ({error})") from None
    return Truth(*tables)


def evaluate(
    history: History, segments: Segments, index: ShotIndex, truth: Truth | None = None, seed: int = 0, cold: int = 240
) -> pd.DataFrame:
    """COLUMNS: NDCG@10 of each ranker, and how far the ranker is above each baseline ("ranker - similarity"), metric by metric.

    Metrics: "episodes left out": each episode in turn is taken from the plays that segments are found by and that the ranker is
    trained on; its shots are new to it. "viewers left out": each part of the viewers in turn; shots are known from the others.
    "cold episodes": runs of shots are left out as episodes are, and `cold` episodes drawn from them by the simulator; they share
    shots, so that their interval speaks of episodes like these, not of other films. A group is a segment's shots of one episode;
    its gains are those of labels from the plays left out, and, where a truth is given, of the shots' appeal to the taste that
    most of the segment's viewers have. low, high: 95 % percentile bootstrap over groups (Efron 1979), paired for differences.

    Baselines: "popularity", what everybody engages with (in the shots themselves where viewers are left out, in the shots most
    like them where shots are new); "position", the earlier the better; "similarity", the shots most like what the segment engaged
    with; "random", the mean of 100 orders.
    """
    random = np.random.default_rng(seed)
    groups = [
        *_episodes_out(history, segments, index, truth, seed),
        *_viewers_out(evidence(history, segments, index), segments, index, truth, seed),
        *_runs_out(evidence(history, segments, index), segments, index, truth, seed, cold),
    ]
    table = pd.DataFrame([_judge(group, random) for group in groups])
    if table.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    rankers = [name for name in table.columns if name != "metric"]
    rows = []
    for metric, part in table.groupby("metric", sort=False):
        draws = random.integers(len(part), size=(2000, len(part)))
        for name, values in [
            *((name, part[name].to_numpy(float)) for name in rankers),
            *((f"{RANKER} - {name}", (part[RANKER] - part[name]).to_numpy(float)) for name in rankers if name != RANKER),
        ]:
            low, high = np.percentile(values[draws].mean(axis=1), [2.5, 97.5])
            rows.append((name, str(metric), float(values.mean()), float(low), float(high), len(part)))
    return pd.DataFrame(rows, columns=list(COLUMNS)).round({"value": 4, "low": 4, "high": 4})


def ndcg(gains: np.ndarray, scores: np.ndarray, depth: int = DEPTH) -> float:
    """Normalised discounted cumulative gain of the first `depth` places (Järvelin & Kekäläinen 2002); 1 where all gains are 0."""
    size = min(depth, len(gains))
    discount = 1 / np.log2(np.arange(2, size + 2))
    best = float(np.sort(gains)[::-1][:size] @ discount)
    return float(gains[np.argsort(-scores, kind="stable")[:size]] @ discount) / best if best > 0 else 1.0


@dataclass(frozen=True)
class _Group:
    """A segment's shots of one episode: gains, and the scores of each ranker but random."""

    metric: str
    gains: np.ndarray
    scores: dict[str, np.ndarray]


def _judge(group: _Group, random: np.random.Generator) -> dict[str, object]:
    values: dict[str, object] = {"metric": group.metric}
    values |= {name: ndcg(group.gains, scores) for name, scores in group.scores.items()}
    orders = [ndcg(group.gains, random.random(len(group.gains))) for _ in range(ORDERS)]
    return {**values, RANDOM: float(np.mean(orders))}


def _episodes_out(history: History, segments: Segments, index: ShotIndex, truth: Truth | None, seed: int) -> Iterator[_Group]:
    episodes = sorted({shot.episode for shot in index.shots})
    if len(episodes) < 2:
        return
    given = "table" in segments.criterion
    for fold in range(min(FOLDS, len(episodes))):
        out = episodes[fold::FOLDS]
        rest = replace(history, plays=history.plays[~history.plays["episode"].isin(out)])
        if rest.plays.empty:
            continue
        found = segments if given else find_segments(rest, index, len(segments.segments) or None, seed)
        known = evidence(history, found, index)
        hidden = known.shots["episode"].isin(out).to_numpy()
        yield from _groups("episodes left out", replace(known, cold=hidden), known, found, index, truth, seed, hidden)


def _viewers_out(known: Evidence, segments: Segments, index: ShotIndex, truth: Truth | None, seed: int) -> Iterator[_Group]:
    everything = np.ones(len(known.shots), bool)
    for part in range(PARTS):
        mine = known.seen["part"] == part
        rest, left = replace(known, seen=known.seen[~mine]), replace(known, seen=known.seen[mine])
        yield from _groups("viewers left out", rest, left, segments, index, truth, seed, everything)


def _runs_out(
    known: Evidence, segments: Segments, index: ShotIndex, truth: Truth | None, seed: int, cold: int
) -> Iterator[_Group]:
    """Runs of about six shots are dealt into five folds; a fold's shots are new, and cold episodes are drawn from them."""
    random = np.random.default_rng(seed)
    begins = (known.shots["episode"] != known.shots["episode"].shift()).to_numpy() | (random.random(len(known.shots)) < 1 / 6)
    run = np.cumsum(begins) - 1
    fold = random.permutation(run.max() + 1)[run] % 5
    spans = pd.DataFrame({"start": [s.span.start for s in index.shots], "stop": [s.span.stop for s in index.shots]})
    names = max(1, len(segments.segments))
    for one in range(5):
        hidden = fold == one
        if hidden.sum() < 4 or hidden.all():
            continue
        drawn = cold_episodes(known.shots.join(spans)[hidden], max(1, cold // 5 // names), 15, seed * 5 + one)
        metric = f"cold episodes ({cold} drawn by the simulator)"
        yield from _groups(metric, replace(known, cold=hidden, fold=fold), known, segments, index, truth, seed, hidden, drawn)


def _groups(
    metric: str,
    train_on: Evidence,
    judged_by: Evidence,
    segments: Segments,
    index: ShotIndex,
    truth: Truth | None,
    seed: int,
    which: np.ndarray,
    drawn: pd.DataFrame | None = None,
) -> Iterator[_Group]:
    """Trains on what is known, and gives the groups of the shots in `which`, judged by the plays left out, and by the truth."""
    ranker = train(train_on, seed)
    mine, theirs = to_score(train_on), to_score(judged_by)
    scores = {RANKER: margins(ranker, mine), **_baselines(mine)}
    appeal = _appeal(truth, segments, index) if truth else {}
    shots = train_on.shots.assign(place=np.arange(len(which)))[which]
    if drawn is None:
        episodes = [part["place"].to_numpy() for _, part in shots.groupby("episode")]
    else:
        place = shots.set_index("shot")["place"]
        episodes = [place[part["shot"]].to_numpy() for _, part in drawn.groupby("episode")]
    for segment in segments.segments:
        row = np.flatnonzero((mine.rows["segment"] == segment.id).to_numpy())
        for places in episodes:
            at = row[places]
            engaged = theirs.rows["engagement"].to_numpy(float)[at]
            told = np.isfinite(engaged)
            if told.sum() >= 3:
                now = at[told]
                yield _Group(f"NDCG@10, {metric}", _gains(engaged[told]), {name: value[now] for name, value in scores.items()})
            if segment.id in appeal:
                liked = appeal[segment.id][places]
                told = np.isfinite(liked)
                if told.sum() >= 3:
                    now = at[told]
                    kept = {name: value[now] for name, value in scores.items()}
                    yield _Group(f"NDCG@10 by the truth, {metric}", _gains(liked[told]), kept)


def _baselines(examples: Examples) -> dict[str, np.ndarray]:
    features = examples.features
    popular = features["watched everybody"].fillna(features["near everybody"])
    chosen = {"popularity": popular, "position": -features["position"], "similarity": features["near"]}
    return {name: np.nan_to_num(values.to_numpy(float)) for name, values in chosen.items()}


def _gains(liking: np.ndarray) -> np.ndarray:
    """What each shot of a group is worth, graded as labels are; rounded, so that equals stay equal."""
    return np.array(GAINS, float)[np.searchsorted(GRADES, pd.Series(np.round(liking, 6)).rank(pct=True), side="right")]


def _appeal(truth: Truth, segments: Segments, index: ShotIndex) -> dict[str, np.ndarray]:
    """For each segment the appeal of the index's shots to the taste that most of its viewers have.

    The truth has shots of its own: a shot takes their appeal by how many frames it shares with each; NaN where it shares none.
    """
    labelled = truth.shots
    shared = np.zeros((len(index.shots), len(labelled)))
    episodes, start, stop = labelled["episode"].to_numpy(), labelled["start"].to_numpy(float), labelled["stop"].to_numpy(float)
    for row, shot in enumerate(index.shots):
        both = np.minimum(stop, shot.span.stop) - np.maximum(start, shot.span.start)
        shared[row] = np.where(episodes == shot.episode, np.maximum(both, 0), 0)
    total = shared.sum(axis=1)
    taste_of = truth.viewers.set_index("viewer")["taste"]
    result = {}
    for segment in segments.segments:
        members = segments.membership.loc[segments.membership["segment"] == segment.id, "viewer"]
        tastes = members.map(taste_of)
        counted = tastes[tastes != NOISE].value_counts()
        if len(counted):
            table = truth.appeal[truth.appeal["taste"] == counted.index[0]].set_index("shot")["appeal"]
            liked = np.nan_to_num(table.reindex(labelled["shot"]).to_numpy(float))
            result[segment.id] = np.where(total > 0, shared @ liked / np.maximum(total, 1), np.nan)
    return result
