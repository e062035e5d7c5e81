"""The film season with viewers planted over its hand-made labels: what is left out, and what each audience's trailer shows."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.ranking.table import compared, progress, rows
from trailers import planning, stages
from trailers.errors import RequestError
from trailers.ranking.evaluate import RANKER, judge
from trailers.ranking.proof.holdout import trials
from trailers.ranking.proof.measures import Interval, interval
from trailers.ranking.proof.rivals import ALL
from trailers.ranking.proof.truth import Truth, liked, read_truth, tastes
from trailers.ranking.segments import GENERAL
from trailers.results import Audience, Footage, Ranked, Work
from trailers.run import engine
from trailers.season import Season
from trailers.spec import read_season

if TYPE_CHECKING:
    from trailers.editor.timeline import Timeline
    from trailers.features.index import ShotIndex

LIKED = 0.4
"""A label that a taste gives this weight or more is one that its audience came for."""


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python benchmarks/ranking film", description=__doc__)
    parser.add_argument("season", type=Path, help="season.toml of a demo (`trailers demo`), which need not have been run")
    parser.add_argument("tables", nargs="*", choices=["leftout", "shares"], help="both, if none is named")
    parser.add_argument("--draws", type=int, default=8, help="trailers chosen with scores by chance")
    asked = parser.parse_args(argv)
    season = read_season(asked.season)
    if season.truth is None:
        raise RequestError(f"{asked.season}: only a season whose tastes are known can be judged by them")
    truth = read_truth(season.truth)
    with engine(workers=1) as mapped:
        work = stages.open_work(season, mapped)
        footage = stages.watch(season, work)
        index = stages.look(season, footage, work)
        audience = stages.meet(season, footage, index, work)
        if "leftout" in (asked.tables or ["leftout"]):
            left_out(audience, index, truth)
        if "shares" in (asked.tables or ["shares"]):
            ranked = stages.rank(season, footage, index, audience, work)
            shares(season, footage, index, audience, ranked, work, truth, asked.draws)


def left_out(audience: Audience, index: ShotIndex, truth: Truth) -> None:
    """NDCG@10 of all rankers where the ranker could not know."""
    found: dict[str, list[dict[str, object]]] = {}
    for trial in progress(list(trials(audience.history, audience.segments, index)), "left out"):
        for row in judge(trial, truth, 0, ALL):
            found.setdefault(str(row["metric"]), []).append(row)
    for metric, judged in found.items():
        table = pd.DataFrame(judged).drop(columns=["metric", "segment"])
        compared(metric, "NDCG@10", {str(name): table[name].to_numpy(float) for name in table}, RANKER)


def shares(
    season: Season, footage: Footage, index: ShotIndex, audience: Audience, ranked: Ranked, work: Work, truth: Truth, draws: int
) -> None:
    """The share of screen time that shows what an audience came for: in its own trailer, in everybody's, and in trailers chosen
    by the same rules with scores by chance, and with the truth for scores."""
    asked = replace(season, trailer=replace(season.trailer, seconds=season.trailer.seconds[:1]))

    def chosen(scores: pd.DataFrame) -> Mapping[str, Timeline]:
        plans = planning.choose(asked, footage, index, replace(ranked, scores=scores), work)
        return {plan.segment: plan.timeline for plan in plans}

    everybody = ranked.scores[ranked.scores["segment"] == GENERAL]
    chance = [
        chosen(everybody.assign(score=np.random.default_rng(draw).random(len(everybody))))[GENERAL]
        for draw in progress(range(draws), "by chance")
    ]
    ours, taste_of, appeal = chosen(ranked.scores), tastes(truth, audience.segments), liked(truth, index)
    lines = []
    for segment, taste in taste_of.items():
        best = chosen(everybody.assign(score=np.nan_to_num(appeal[taste])))[GENERAL]
        for what, worth in (("labels it came for", _wanted(truth, season, taste)), ("appeal to it", _appeal(truth, taste))):
            found = [_shown([each], truth, worth) for each in (ours[segment], ours[GENERAL])]
            lines.append((taste, segment, what, *found, _shown(chance, truth, worth), _shown([best], truth, worth)))
    title = "Share of screen time (intervals over clips; by chance: over trailers)"
    rows(title, ("audience", "segment", "of", "its trailer", "the general one", "by chance", "by the truth"), lines)


def _wanted(truth: Truth, season: Season, taste: str) -> np.ndarray:
    """1 for each labelled shot that has a label which the taste likes."""
    assert season.truth is not None
    told = pd.read_json(season.truth / "tastes.json").set_index("id")["weights"]
    likes = {label for label, weight in told[taste].items() if weight >= LIKED}
    labels = pd.read_csv(season.truth / "shots.csv", keep_default_na=False)["labels"]
    return np.array([float(bool(likes & set(str(each).split(";")))) for each in labels])


def _appeal(truth: Truth, taste: str) -> np.ndarray:
    table = truth.appeal[truth.appeal["taste"] == taste].set_index("shot")["appeal"]
    return table.reindex(truth.shots["shot"]).to_numpy(float)


def _shown(timelines: Sequence[Timeline], truth: Truth, worth: np.ndarray) -> Interval:
    """The mean of `worth`, a number a labelled shot, over the frames shown. Drawn together: the frames of a clip; of several
    timelines, those of each."""
    values, together = [], []
    starts, stops = truth.shots["start"].to_numpy(), truth.shots["stop"].to_numpy()
    for number, timeline in enumerate(timelines):
        for n, clip in enumerate(timeline.clips):
            for frame in range(clip.span.start, clip.span.stop):
                shot = np.flatnonzero((truth.shots["episode"] == clip.episode).to_numpy() & (starts <= frame) & (frame < stops))
                if len(shot):
                    values.append(worth[shot[0]])
                    together.append(number if len(timelines) > 1 else n)
    return interval(np.array(values), together=np.array(together))
