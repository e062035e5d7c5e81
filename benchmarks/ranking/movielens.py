"""MovieLens: segments and tastes found of some people and titles rank other titles for people never seen before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.ranking import table
from benchmarks.ranking.evidence import asked
from trailers.errors import RequestError
from trailers.features.index import SIGNALS, ShotIndex
from trailers.ranking.history import History, read_history
from trailers.ranking.membership import assign
from trailers.ranking.proof.measures import ndcg
from trailers.ranking.scoring import learner
from trailers.ranking.segments import find_segments

FILES = "history/movielens_small"
FOLDS = 3
HELD_OUT = 0.3  # of the titles
SMALLEST = 30  # people in a segment: of 285, where the product asks for 50
FEWEST = 3  # people known to have watched a title; less says nothing
STEADY = 10.0  # people that a segment is drawn towards everybody by
BY_SEGMENT = ["popularity", "liked", "segment popularity", "segment liked", "segment genres", "year"]
BY_PERSON = [*BY_SEGMENT, "own genres", "own near", "own years", "own count"]
GRADES = 4
GAINS = (0.0, 0.25, 0.5, 0.75, 1.0)
TREES = {"num_leaves": 7, "min_data_in_leaf": 100, "lambda_l2": 10.0, "lambdarank_truncation_level": 30}
FACTORS = 16
OURS = "LambdaRank by segment"
ALONE = "LambdaRank by segment and own titles"
TYPICAL = "the segment's popularity"


@dataclass(frozen=True, eq=False)
class Films:
    """liking: people x titles, 0 to 1, NaN where unseen; genres: titles x genres, shares; years: by title, NaN unknown."""

    history: History
    people: np.ndarray
    titles: np.ndarray
    liking: np.ndarray
    genres: np.ndarray
    years: np.ndarray


@dataclass(frozen=True, eq=False)
class Trial:
    """What is known of people and titles asked about, people x titles, and what came of it: liking, NaN unseen."""

    features: Mapping[str, np.ndarray]
    liking: np.ndarray
    told: str


def main(argv: list[str]) -> None:
    given = asked(argv, "movielens", "Ranks held-out titles for unseen people; NDCG@10, intervals over people.")
    films = read(given.file(f"{FILES}_ratings.csv.gz"), given.file(f"{FILES}_movies.csv.gz"))
    random = np.random.default_rng(given.seed)
    part = random.permutation(len(films.people)) % FOLDS
    found: dict[str, dict[str, list[float]]] = {"all": {}, "seen": {}}
    for fold in table.progress(range(FOLDS), "Folds"):
        kept, other = split(np.arange(len(films.titles)), random)
        known, unseen = np.flatnonzero(part != fold), np.flatnonzero(part == fold)
        asked_of = trial(films, known, kept, unseen, other, given.seed)
        print(f"fold {fold + 1}: {asked_of.told}")
        lessons = rehearsals(films, known, kept, random, given.seed)
        for name, scores in rankings(films, asked_of, lessons, (known, kept, unseen, other), given.seed).items():
            for person, liking in enumerate(asked_of.liking):
                seen = np.isfinite(liking)
                gains = np.nan_to_num(liking)
                whole = ndcg(gains, scores[person]) if seen.any() else float("nan")
                within = ndcg(gains[seen], scores[person][seen]) if seen.sum() > 4 else float("nan")
                found["all"].setdefault(name, []).append(whole)
                found["seen"].setdefault(name, []).append(within)
    titles = {
        "all": "which held-out titles an unseen person watches and likes",
        "seen": "which of those watched this person likes",
    }
    for key, title in titles.items():
        values = {name: np.array(each) for name, each in found[key].items()}
        table.compared(title, "NDCG@10", values, OURS, given.seed)
        table.compared("the segments' own worth", "NDCG@10", {n: values[n] for n in (TYPICAL, "popularity")}, TYPICAL, given.seed)


def read(ratings: Path, films: Path) -> Films:
    """Ratings and the films' names and genres, through the product's own reader."""
    history = read_history(ratings, [], films)
    people, person = np.unique(history.titles["viewer"].to_numpy(str), return_inverse=True)
    titles, title = np.unique(history.titles["title"].to_numpy(str), return_inverse=True)
    liking = np.full((len(people), len(titles)), np.nan)
    liking[person, title] = history.titles["liking"]
    about = history.catalogue.set_index("title")["genres"].reindex(titles).fillna("")
    genres = about.str.get_dummies(";").to_numpy(float)
    years = pd.Series(titles).str.extract(r"\((\d{4})\)\s*$")[0].astype(float).to_numpy()
    return Films(history, people, titles, liking, genres / np.maximum(genres.sum(axis=1, keepdims=True), 1), years)


def split(numbers: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Most of them, and those held out."""
    mixed = random.permutation(numbers)
    cut = int(len(mixed) * HELD_OUT)
    return np.sort(mixed[cut:]), np.sort(mixed[:cut])


def trial(films: Films, known: np.ndarray, kept: np.ndarray, unseen: np.ndarray, other: np.ndarray, seed: int) -> Trial:
    """What `known` people's choices say of `other` titles to `unseen` people, of whom the `kept` titles are known.

    Segments come from known people and kept titles alone; unseen people are given to them by their kept titles, or to none.
    """
    titles = films.history.titles
    with_kept = titles["title"].isin(films.titles[kept])
    first = replace(films.history, titles=titles[with_kept & titles["viewer"].isin(films.people[known])])
    both = replace(films.history, titles=titles[with_kept & titles["viewer"].isin(films.people[np.union1d(known, unseen)])])
    segments = find_segments(first, _no_shots(), seed=seed, smallest=SMALLEST)
    names = [""] + [segment.id for segment in segments.segments]
    of_known = segments.membership.set_index("viewer")["segment"].reindex(films.people[known]).fillna("").map(names.index)
    given = assign(segments, both, _no_shots()).set_index("viewer")["segment"]
    of_unseen = given.reindex(films.people[unseen]).fillna("").map(names.index).to_numpy(int)
    other = other[np.isfinite(films.liking[np.ix_(known, other)]).sum(axis=0) >= FEWEST]
    features = _by_segment(films, known, kept, other, of_known.to_numpy(int), len(names))
    wide = {
        name: np.broadcast_to(each[of_unseen] if each.ndim > 1 else each, (len(unseen), len(other)))
        for name, each in features.items()
    }
    sizes = ", ".join(f"{segment.name} {segment.viewers}" for segment in segments.segments)
    told = f"{len(known)} people, {len(kept)} titles: {sizes or segments.criterion}"
    told += f"; {(of_unseen > 0).sum()} of {len(unseen)} unseen are in one; {len(other)} titles asked"
    return Trial(
        wide | _by_person(films, known, kept, unseen, other),
        films.liking[np.ix_(unseen, other)],
        told,
    )


def rehearsals(films: Films, known: np.ndarray, kept: np.ndarray, random: np.random.Generator, seed: int) -> list[Trial]:
    """The same question within what is known: each third of the people by the others, titles dealt anew."""
    part = random.permutation(len(known)) % FOLDS
    found = []
    for fold in range(FOLDS):
        first, held = split(kept, random)
        found.append(trial(films, known[part != fold], first, known[part == fold], held, seed))
    return found


def rankings(
    films: Films, asked_of: Trial, lessons: Sequence[Trial], where: tuple[np.ndarray, ...], seed: int
) -> dict[str, np.ndarray]:
    """people x titles by ranker; what is learnt is learnt from rehearsals."""
    known = asked_of.features
    scores = {
        "random": np.zeros_like(asked_of.liking),
        "popularity": known["popularity"],
        "liked most": known["liked"],
        "genres of the segment": known["segment genres"],
        TYPICAL: straight(asked_of),
    }
    labels = np.concatenate([np.ceil(np.nan_to_num(each.liking) * GRADES).astype(int).ravel() for each in lessons])
    groups = [f"{n} {person:04d}" for n, each in enumerate(lessons) for person, row in enumerate(each.liking) for _ in row]
    start = np.concatenate([straight(each).ravel() for each in lessons])
    for name, columns, alone in (
        (OURS, BY_SEGMENT, False),
        (ALONE, BY_PERSON, False),
        ("pointwise trees by segment", BY_SEGMENT, True),
    ):
        rows = pd.concat([_rows(each, columns) for each in lessons])
        first = None if alone else start
        text = learner.fit(rows, labels, groups, gains=GAINS, start=first, settings=TREES, seed=seed, pointwise=alone)
        trees = learner.predict(text, _rows(asked_of, columns)).reshape(asked_of.liking.shape)
        scores[name] = trees if alone else straight(asked_of) + trees
    scores["matrix factorisation (implicit ALS), folded in"] = factorised(films, asked_of, where, seed)
    return scores


def straight(trial: Trial) -> np.ndarray:
    """The logarithm of the share of the segment that watched each title; what LambdaRank starts from and corrects."""
    return np.asarray(trial.features["popularity"] + trial.features["segment popularity"])


def factorised(films: Films, asked_of: Trial, where: tuple[np.ndarray, ...], seed: int) -> np.ndarray:
    """Of known people over all titles; unseen people by their kept titles (Hu, Koren & Volinsky 2008)."""
    try:
        from implicit.als import AlternatingLeastSquares
    except ImportError:
        raise RequestError("matrix factorisation needs the package implicit: pip install 'trailers[benchmarks]'") from None
    from scipy.sparse import csr_matrix
    from threadpoolctl import threadpool_limits

    known, kept, unseen, other = where
    other = other[np.isfinite(films.liking[np.ix_(known, other)]).sum(axis=0) >= FEWEST]
    model = AlternatingLeastSquares(
        factors=FACTORS, regularization=0.1, alpha=5.0, iterations=15, random_state=seed, num_threads=1, use_gpu=False
    )
    theirs = np.zeros((len(unseen), len(films.titles)))
    theirs[:, kept] = np.nan_to_num(films.liking[np.ix_(unseen, kept)])
    with threadpool_limits(1):
        model.fit(csr_matrix(np.nan_to_num(films.liking[known])), show_progress=False)
        people = model.recalculate_user(np.arange(len(unseen)), csr_matrix(theirs))
    return np.asarray(people @ np.asarray(model.item_factors)[other].T, float)


def _by_segment(
    films: Films, known: np.ndarray, kept: np.ndarray, other: np.ndarray, of: np.ndarray, segments: int
) -> dict[str, np.ndarray]:
    """By title, or segments x titles (segment 0 is everybody)."""
    liking = films.liking[np.ix_(known, other)]
    seen = np.isfinite(liking)
    share = (seen.sum(axis=0) + 0.5) / (len(known) + 1)
    mean = (np.nansum(liking, axis=0) + STEADY * 0.5) / (seen.sum(axis=0) + STEADY)
    history = np.nan_to_num(films.liking[np.ix_(known, kept)]) @ films.genres[kept]
    lift, liked, about = np.zeros((3, segments, len(other)))
    liked[0] = mean
    for segment in range(1, segments):
        own = of == segment
        lift[segment] = np.log((seen[own].sum(axis=0) + STEADY * share) / ((own.sum() + STEADY) * share))
        liked[segment] = (np.nansum(liking[own], axis=0) + STEADY * mean) / (seen[own].sum(axis=0) + STEADY)
        about[segment] = films.genres[other] @ _over(history[own].sum(axis=0), history.sum(axis=0))
    year = np.nan_to_num(films.years[other], nan=float(np.nanmedian(films.years)))
    named = {"segment popularity": lift, "segment liked": liked, "segment genres": about}
    return {"popularity": np.log(share), "liked": mean, "year": year, **named}


def _by_person(films: Films, known: np.ndarray, kept: np.ndarray, unseen: np.ndarray, other: np.ndarray) -> dict[str, np.ndarray]:
    """people x titles: what a person's own kept titles say."""
    own = np.nan_to_num(films.liking[np.ix_(unseen, kept)])
    everybody = (np.nan_to_num(films.liking[np.ix_(known, kept)]) @ films.genres[kept]).sum(axis=0)
    genres = np.stack([films.genres[other] @ _over(each, everybody) for each in own @ films.genres[kept]])
    columns = np.isfinite(films.liking[known]) / np.sqrt(np.maximum(np.isfinite(films.liking[known]).sum(axis=0), 1.0))
    near = own @ (columns[:, kept].T @ columns[:, other]) / np.maximum(own.sum(axis=1, keepdims=True), 1)
    years = np.nan_to_num(films.years, nan=float(np.nanmedian(films.years)))
    middle = (own @ years[kept] + years.mean()) / (own.sum(axis=1) + 1)
    count = np.broadcast_to(np.log1p((own > 0).sum(axis=1))[:, None], genres.shape)
    return {"own genres": genres, "own near": near, "own years": years[other] - middle[:, None], "own count": count}


def _over(own: np.ndarray, everybody: np.ndarray) -> np.ndarray:
    """By genre, how much more of it is chosen than by everybody, as a logarithm."""
    usual = everybody / everybody.sum()
    return np.asarray(np.log((own + STEADY * usual) / (own.sum() + STEADY)) - np.log(np.maximum(usual, 1e-9)))


def _rows(trial: Trial, columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame({name: trial.features[name].ravel() for name in columns})


def _no_shots() -> ShotIndex:
    """The films are in nobody's index: titles are all that is known."""
    return ShotIndex((), np.zeros((0, 1), np.float32), pd.DataFrame(columns=list(SIGNALS)), pd.DataFrame(), "none")
