"""What each group of features is worth to the ranker: the ranker without it, season by season, beside the whole one."""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks.ranking.seasons import Setting, prepare, told, viewers_ndcg
from benchmarks.ranking.table import figure, progress, rows
from trailers.ranking.behaviour import FAMILIES
from trailers.ranking.examples import GROUPS
from trailers.ranking.model import margins, train
from trailers.ranking.proof.measures import interval, paired


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python benchmarks/ranking ablation", description=__doc__)
    parser.add_argument("--seasons", type=int, default=3)
    parser.add_argument("--blur", type=float, default=0.5, help="noise of the index beside what it tells")
    asked = parser.parse_args(argv)
    for family in FAMILIES:
        setting = Setting(family=family, blur=asked.blur)
        found: dict[str | None, list[float]] = {name: [] for name in (None, *GROUPS)}
        for seed in progress(range(1, asked.seasons + 1), family):
            case = told(prepare(setting, seed))
            for name, values in found.items():
                values += viewers_ndcg(case, margins(train(case.trial.known, seed, without=name), case.trial.examples))
        every = range(asked.seasons)
        episode = np.array([s * setting.cold + e for s in every for _ in range(setting.tastes) for e in range(setting.cold)])
        whole = np.array(found[None])
        lines = []
        for name, values in found.items():
            worth = figure(paired(whole, np.array(values), together=episode), sign=True) if name else ""
            lines.append((name or "nothing", interval(np.array(values), together=episode), worth))
        title = f"{family}, blur {asked.blur}: cold episodes of {asked.seasons} seasons, unseen viewers told their segment"
        rows(title, ("without", "NDCG@10", "what it is worth"), lines)
