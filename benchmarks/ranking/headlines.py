"""Upworthy: which of a test's headlines readers click, from the words alone; learnt from earlier tests."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.ranking import table
from benchmarks.ranking.evidence import asked
from trailers.features.bundled import Sentences
from trailers.ranking.proof.measures import ndcg
from trailers.ranking.scoring import learner

FAULTY = (201326, 201401)  # weeks in which readers were not dealt at random (Matias et al. 2021)
LEARNT = 0.6  # of the tests, the earliest; the later ones are asked about
WIDE = 24  # directions of meaning
RIDGES = (30.0, 100.0, 300.0, 1000.0)
GAINS = (0.0, 1.0, 2.0, 3.0, 4.0)
TREES = {"num_leaves": 5, "min_data_in_leaf": 60, "lambda_l2": 10.0}
OURS = "LambdaRank on the words"
LENGTH = "LambdaRank on length alone"
SIGNS = {
    "asks": r"\?",
    "exclaims": r"!",
    "quotes": r"[\"“”]",
    "trails off": r"\.\.\.|…",
    "numbers": r"\d",
    "you": r"\b(you|your|you're|you'll)\b",
    "I or we": r"\b(i|i'm|my|me|we|our|us)\b",
    "he or she": r"\b(he|she|his|her|him|they|their)\b",
    "this": r"\b(this|these|here's|that's)\b",
    "why or what": r"\b(why|what|how|when|who|where)\b",
    "not": r"\b(not|no|never|n't|don't|can't|isn't|won't)\b",
    "superlative": r"\b(most|best|worst|ever|every|only|first|\w+est)\b",
    "but": r"\b(but|until|then|so|because|if)\b",
}


def main(argv: list[str]) -> None:
    given = asked(argv, "headlines", "Ranks the headlines of later tests; NDCG@1, intervals over tests.")
    rows = read(given.file("experiments/upworthy_a.csv.gz"))
    features = described(rows)
    later = rows["later"].to_numpy(bool)
    tests = rows.loc[later, "test"].to_numpy(str)
    rate = rows.loc[later, "rate"].to_numpy(float)
    print(f"{rows.loc[~later, 'test'].nunique()} tests to learn from, up to week {rows.loc[~later, 'week'].max()}; "
          f"{len(np.unique(tests))} asked about, {len(tests)} headlines")  # fmt: skip
    scores = rankings(rows, features, given.seed)
    for title, measure in (
        ("the click rate of the first choice, as a share of the best one's", first_rate),
        ("the first choice is the best", first_best),
    ):
        values = {name: by_test(tests, rate, each, measure) for name, each in scores.items()}
        table.compared(title, "NDCG@1" if measure is first_rate else "share of tests", values, OURS, given.seed)


def read(path: Path) -> pd.DataFrame:
    """test, week, headline, clicks, impressions, rate, later: a row a headline, of tests of at least two, by week and test.

    Packages of one headline (with other pictures) are added up; tests of the weeks whose readers were not dealt at random are
    left out.
    """
    rows = pd.read_csv(path, keep_default_na=False)
    week = rows.groupby("test_id")["test_week"].transform("min")
    rows = rows.assign(week=week)[(week < FAULTY[0]) | (week > FAULTY[1])]
    keys = ["week", "test_id", "headline"]
    summed = rows.groupby(keys, sort=True)[["clicks", "impressions"]].sum().reset_index().rename(columns={"test_id": "test"})
    summed = summed[summed.groupby("test")["headline"].transform("size") > 1].reset_index(drop=True)
    order = summed["test"].drop_duplicates().tolist()
    weeks = summed.drop_duplicates("test")["week"].to_numpy()
    cut = weeks[int(len(order) * LEARNT)]
    return summed.assign(rate=summed["clicks"] / summed["impressions"], later=summed["week"] >= cut)


def described(rows: pd.DataFrame) -> pd.DataFrame:
    """Beside the others of its test: a headline's length, signs, kinds of words, and meaning (a sentence encoder's vector)."""
    text = rows["headline"].str.lower()
    words = text.map(lambda each: len(each.split()))
    told = {"words": words, "letters": text.str.len(), "long words": text.str.len() / words.clip(lower=1)}
    told |= {
        "sentences": text.str.count(r"[.!?…]+(\s|$)").clip(upper=5),
        "capitals": rows["headline"].str.count(r"\b[A-Z]{2,}\b"),
    }
    told |= {name: text.map(lambda each, sign=sign: len(re.findall(sign, each))) for name, sign in SIGNS.items()}
    hand = pd.DataFrame(told).astype(float)
    vectors = Sentences().vectors(rows["headline"].tolist())
    beside = pd.DataFrame(vectors).sub(pd.DataFrame(vectors).groupby(rows["test"]).transform("mean")).to_numpy()
    _, _, ways = np.linalg.svd(beside[~rows["later"].to_numpy(bool)], full_matrices=False)
    meant = pd.DataFrame(beside @ ways[:WIDE].T, columns=[f"meaning {n}" for n in range(WIDE)])
    return pd.concat([hand - hand.groupby(rows["test"]).transform("mean"), meant], axis=1)


def rankings(rows: pd.DataFrame, features: pd.DataFrame, seed: int) -> dict[str, np.ndarray]:
    """Scores of the later tests' headlines by what the earlier tests teach."""
    later = rows["later"].to_numpy(bool)
    known, given = rows[~later], features[~later]
    labels, groups = graded(known), known["test"].tolist()
    scores: dict[str, np.ndarray] = {"random": np.zeros(int(later.sum()))}
    scores["longest first"] = features.loc[later, "letters"].to_numpy()
    kinds: Sequence[tuple[str, list[str], bool]] = (
        (LENGTH, ["words", "letters"], False),
        (OURS, list(features.columns), False),
        ("pointwise trees on the words", list(features.columns), True),
    )
    for name, columns, alone in kinds:
        text = learner.fit(given[columns], labels, groups, gains=GAINS, settings=TREES, seed=seed, pointwise=alone)
        scores[name] = learner.predict(text, features.loc[later, columns])
    scores["ridge on the words"] = straight(known, given, features[later])
    return scores


def straight(known: pd.DataFrame, given: pd.DataFrame, wanted: pd.DataFrame) -> np.ndarray:
    """A ridge regression of how far a headline's rate is above its test's, as a logarithm; its ridge chosen on the last third."""
    rate = pd.Series(np.log((known["clicks"] + 1) / (known["impressions"] + 1)), index=known.index)
    above = (rate - rate.groupby(known["test"]).transform("mean")).to_numpy()
    weight = np.sqrt(known["clicks"].to_numpy(float) + 1)
    scale = given.std().replace(0, 1).to_numpy()
    x = given.to_numpy() / scale
    early = (known["week"] < known["week"].quantile(2 / 3)).to_numpy()

    def solved(part: np.ndarray, ridge: float) -> np.ndarray:
        w = weight[part, None] / weight.mean()
        return np.asarray(np.linalg.solve((x[part] * w).T @ x[part] + ridge * np.eye(x.shape[1]), (x[part] * w).T @ above[part]))

    tests, rates = known.loc[~early, "test"].to_numpy(str), known.loc[~early, "rate"].to_numpy()
    best = max(RIDGES, key=lambda ridge: by_test(tests, rates, x[~early] @ solved(early, ridge), first_rate).mean())
    return np.asarray(wanted.to_numpy() / scale @ solved(np.ones(len(x), bool), best))


def graded(rows: pd.DataFrame) -> np.ndarray:
    """0 for the least clicked headline of a test to 4 for the most, evenly between."""
    rank = rows["rate"].groupby(rows["test"]).rank(method="average") - 1
    most = rows["rate"].groupby(rows["test"]).transform("size") - 1
    return np.asarray(np.round((rank / most).to_numpy(float) * (len(GAINS) - 1)), int)


def by_test(
    tests: np.ndarray, rate: np.ndarray, scores: np.ndarray, measure: Callable[[np.ndarray, np.ndarray], float]
) -> np.ndarray:
    names = np.unique(tests)
    return np.array([measure(rate[tests == name], scores[tests == name]) for name in names])


def first_rate(rate: np.ndarray, scores: np.ndarray) -> float:
    """NDCG@1 with click rates as gains."""
    return ndcg(rate, scores, 1)


def first_best(rate: np.ndarray, scores: np.ndarray) -> float:
    return ndcg((rate == rate.max()).astype(float), scores, 1)
