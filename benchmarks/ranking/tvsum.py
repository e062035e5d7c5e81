"""TVSum: importance that twenty people gave to each two seconds of a video, by the place alone, beside people themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.ranking import table
from benchmarks.ranking.evidence import asked
from benchmarks.ranking.unseen import left_out
from trailers.ranking.proof.measures import interval, kendall, paired, spearman

GRADES = 5
GAINS = (0.0, 1.0, 2.0, 3.0, 4.0)
TREES = {"num_leaves": 4, "min_data_in_leaf": 60, "lambda_l2": 10.0}
OURS = "LambdaRank on place and length, from other categories"


@dataclass(frozen=True, eq=False)
class Video:
    """middle: seconds of each slot; people: people x slots, importance 1 to 5."""

    name: str
    category: str
    seconds: float
    middle: np.ndarray
    people: np.ndarray


def main(argv: list[str]) -> None:
    given = asked(argv, "tvsum", "Correlation of a ranking with each of twenty people; intervals over videos.")
    videos = read(given.file("moments/tvsum_a.csv.gz"), given.file("moments/tvsum_a_videos.csv"))
    values = {name: [agreement(each, score) for each, score in zip(videos, scores, strict=True)] for name, scores in
              rankings(videos, given.seed).items()}  # fmt: skip
    values |= {"a person, against each other": [among(each) for each in table.progress(videos, "People")]}
    values |= {"a person, against the mean of the others": [beside_mean(each) for each in videos]}
    lines = []
    for name, each in values.items():
        tau, rho = np.array(each).T
        ahead = "" if name == OURS else table.figure(paired(np.array(values[OURS])[:, 0], tau, given.seed), sign=True)
        lines.append((name, interval(tau, given.seed), interval(rho, given.seed), ahead))
    columns = (f"ranker ({len(videos)} videos)", "Kendall", "Spearman", f"Kendall, {OURS} - it")
    table.rows("mean over videos of the mean over twenty people", columns, lines)


def read(slots: Path, videos: Path) -> list[Video]:
    """Videos by name."""
    rows = pd.read_csv(slots)
    categories = pd.read_csv(videos).set_index("video")["category"].to_dict()
    judges = [name for name in rows.columns if name.startswith("u") and name[1:].isdigit()]
    return [
        Video(
            str(name),
            str(categories[name]),
            float(part["end_s"].max()),
            ((part["start_s"] + part["end_s"]) / 2).to_numpy(float),
            part[judges].to_numpy(float).T,
        )
        for name, part in rows.groupby("video", sort=True)
    ]


def rankings(videos: Sequence[Video], seed: int) -> dict[str, list[np.ndarray]]:
    """What can be said of a slot from this file without its pictures."""
    random = np.random.default_rng(seed)
    features = [place(each) for each in videos]
    categories, names = [each.category for each in videos], [each.name for each in videos]
    return {
        OURS: by_others(videos, features, categories, seed),
        "the same, from other videos of any category": by_others(videos, features, names, seed),
        "pointwise trees, from other categories": by_others(videos, features, categories, seed, pointwise=True),
        "random": [random.random(len(each.middle)) for each in videos],
        "early first": [-each.middle for each in videos],
        "middle first": [-np.abs(each.middle / each.seconds - 0.5) for each in videos],
    }


def by_others(
    videos: Sequence[Video], features: Sequence[pd.DataFrame], folds: Sequence[str], seed: int, pointwise: bool = False
) -> list[np.ndarray]:
    """Scores of each video's slots by a model of the mean importance in the videos of other folds."""
    names, labels = [each.name for each in videos], [graded(each.people.mean(axis=0)) for each in videos]
    return left_out(names, labels, features, folds, gains=GAINS, settings=TREES, seed=seed, pointwise=pointwise)


def place(video: Video) -> pd.DataFrame:
    whole = np.full(len(video.middle), video.seconds)
    ahead = whole - video.middle
    return pd.DataFrame({"share": video.middle / whole, "from start": video.middle, "to end": ahead, "length": whole})


def graded(importance: np.ndarray) -> np.ndarray:
    """0 to 4, as many of each as can be."""
    rank = pd.Series(importance).rank(method="average").to_numpy() - 0.5
    return np.minimum(rank / len(importance) * GRADES, GRADES - 1).astype(int)


def agreement(video: Video, scores: np.ndarray) -> tuple[float, float]:
    """Kendall's tau and Spearman's rho with each person, on average (Otani et al. 2019)."""
    found = np.array([(kendall(scores, each), spearman(scores, each)) for each in video.people])
    return float(found[:, 0].mean()), float(found[:, 1].mean())


def among(video: Video) -> tuple[float, float]:
    """Of every two people."""
    found = np.array([(kendall(a, b), spearman(a, b)) for a, b in combinations(video.people, 2)])
    return float(found[:, 0].mean()), float(found[:, 1].mean())


def beside_mean(video: Video) -> tuple[float, float]:
    """Of each person with the mean of the others."""
    total, others = video.people.sum(axis=0), len(video.people) - 1
    found = np.array([(kendall(each, m := (total - each) / others), spearman(each, m)) for each in video.people])
    return float(found[:, 0].mean()), float(found[:, 1].mean())
