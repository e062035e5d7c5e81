"""How well shots are ranked where the ranker could not know: NDCG@10 beside its rivals, with 95 % intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trailers.ranking.examples import GAINS, GRADES
from trailers.ranking.model import margins, train
from trailers.ranking.proof.holdout import Trial, trials
from trailers.ranking.proof.measures import interval, ndcg, paired
from trailers.ranking.proof.rivals import LIGHT, Rival
from trailers.ranking.proof.truth import Truth, liked, tastes

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex
    from trailers.ranking.history import History
    from trailers.ranking.segments import Segments

COLUMNS = ("ranker", "metric", "value", "low", "high", "groups")
RANKER = "ranker"
ORACLE = "oracle"


def evaluate(
    history: History,
    segments: Segments,
    index: ShotIndex,
    truth: Truth | None = None,
    seed: int = 0,
    cold: int = 240,
    rivals: Mapping[str, Rival] = LIGHT,
) -> pd.DataFrame:
    """COLUMNS: NDCG@10 of each ranker, and how far the ranker is above each rival ("ranker - similarity"), metric by metric.

    Metrics are the kinds of `holdout.trials`. A group is a segment's shots of one episode; its gains are those of labels from the
    plays left out, and, where a truth is given, of the shots' appeal to the taste that most of the segment's viewers have: the
    "oracle" ranks by it. low, high: 95 % percentile bootstrap over groups (Efron 1979), paired for differences. Cold episodes
    share shots, so that their interval speaks of episodes like these, not of other films. See `rivals` for the others.
    """
    judged = [row for trial in trials(history, segments, index, seed, cold) for row in judge(trial, truth, seed, rivals)]
    rows: list[tuple[object, ...]] = []
    if not judged:
        return pd.DataFrame(rows, columns=list(COLUMNS))
    table = pd.DataFrame(judged)
    others = [name for name in table.columns if name not in ("metric", "segment", RANKER)]
    for metric, part in table.groupby("metric", sort=False):
        values = {name: part[name].to_numpy(float) for name in (RANKER, *others)}
        rows += [(name, metric, *interval(each, seed), len(part)) for name, each in values.items()]
        rows += [(f"{RANKER} - {name}", metric, *paired(values[RANKER], values[name], seed), len(part)) for name in others]
    return pd.DataFrame(rows, columns=list(COLUMNS)).round({"value": 4, "low": 4, "high": 4})


def judge(
    trial: Trial, truth: Truth | None, seed: int, rivals: Mapping[str, Rival], without: str | None = None
) -> Iterator[dict[str, object]]:
    """Trains on what the trial lets know, and gives for each group metric, segment and NDCG@10 of every ranker.

    Groups by the plays left out, and by the truth where there is one; `without` a group of features, the ranker lacks it.
    """
    ranker = train(trial.known, seed, **({} if without is None else {"without": without}))
    scores = {RANKER: margins(ranker, trial.examples), **{name: rival(trial, seed) for name, rival in rivals.items()}}
    segment = trial.examples.rows["segment"].to_numpy(object)
    appeal = liked(truth, trial.index) if truth else {}
    taste_of = tastes(truth, trial.segments) if truth else {}
    for name in (each.id for each in trial.segments.segments):
        row = np.flatnonzero(segment == name)
        known = appeal.get(taste_of.get(name, ""))
        if known is not None:
            scores[ORACLE] = np.zeros(len(segment))
            scores[ORACLE][row] = np.nan_to_num(known)
        for places in trial.lists:
            for metric, worth in (("NDCG@10", trial.engagement[row]), ("NDCG@10 by the truth", known)):
                if worth is None or (told := np.isfinite(worth[places])).sum() < 3:
                    continue
                now, worthy = row[places[told]], gains(worth[places[told]])
                found = {ranker: ndcg(worthy, each[now]) for ranker, each in scores.items()}
                yield {"metric": f"{metric}, {trial.metric}", "segment": name, **found}
        scores.pop(ORACLE, None)


def gains(liking: np.ndarray) -> np.ndarray:
    """What each shot of a group is worth, graded by rank as labels are; rounded, so that equals stay equal."""
    return np.array(GAINS, float)[np.searchsorted(GRADES, pd.Series(np.round(liking, 6)).rank(pct=True), side="right")]
