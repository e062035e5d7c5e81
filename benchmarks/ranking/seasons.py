"""Imagined seasons made ready to be judged: some episodes watched, some cold; some viewers known, some never seen."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from trailers.ranking.evaluate import gains
from trailers.ranking.examples import evidence, to_score
from trailers.ranking.history import History, read_history
from trailers.ranking.membership import assign
from trailers.ranking.proof.holdout import Trial
from trailers.ranking.proof.imagined import RATE, Imagined, draw_tastes, imagine, watch_titles
from trailers.ranking.proof.measures import ndcg
from trailers.ranking.scoring.traits import traits
from trailers.ranking.segments import GENERAL, Segment, Segments, find_segments
from trailers.ranking.simulate import BOT, NOISE, Simulation, Taste, simulate


@dataclass(frozen=True)
class Setting:
    """watched, cold: episodes with plays and without; length: shots an episode; plays: sittings a segment that are known; few:
    sittings from which a viewer never seen is assigned. given: the segments are the true ones (those who have no taste are in
    none), else they are found. titles: only what viewers watched elsewhere is known, no moment. The rest as `simulate` has it."""

    family: str = "walk"
    blur: float = 1.0
    plays: int = 600
    watched: int = 8
    cold: int = 4
    length: int = 60
    few: int = 3
    noise: float = 0.1
    drift: float = 0.0
    bots: float = 0.0
    given: bool = True
    titles: bool = False
    tastes: int = 3


@dataclass(frozen=True)
class Case:
    """trial: what is known, and lists of the cold episodes; liked: for each taste the appeal of every shot; unseen: viewer, taste
    (never NOISE), segment (GENERAL where unsure)."""

    trial: Trial
    liked: Mapping[str, np.ndarray]
    unseen: pd.DataFrame


def prepare(setting: Setting, seed: int) -> Case:
    """One season by a setting."""
    season = imagine(setting.watched + setting.cold, setting.length, setting.blur, seed)
    tastes = draw_tastes(setting.tastes, seed)
    sittings = setting.plays * setting.tastes
    share = (
        setting.watched / (setting.watched + setting.cold) * 0.75
    )  # of the sittings that will be of watched episodes and known
    crowd = int(np.clip(sittings / 4, 10 * setting.tastes, 240 * setting.tastes))
    seen = simulate(
        season.shots,
        RATE,
        tastes,
        viewers=round(crowd / (0.8 * (1 - setting.noise))),
        plays=round(1.25 * sittings / (share * (1 - setting.noise))),
        bad_rows=0,
        seed=seed,
        noise=setting.noise,
        family=setting.family,
        latent=season.latent,
        drift=setting.drift,
        bots=setting.bots,
    )
    unseen = seen.viewers[(seen.viewers["viewer"].str[1:].astype(int) % 5 == 0) & ~seen.viewers["taste"].isin([NOISE, BOT])]
    plays = seen.plays[seen.plays["episode"].isin([f"e{n + 1:02d}" for n in range(setting.watched)])]
    strangers = plays["viewer"].isin(unseen["viewer"])
    first = _first(plays[~strangers], seen, setting)
    known = _read(first, season, seen, tastes if setting.titles else ())
    joined = _read(pd.concat([first, _some(plays[strangers], setting.few)]), season, seen, tastes if setting.titles else ())
    segments = _true(seen, known) if setting.given else find_segments(known, season.index, seed=seed, smallest=8)
    facts = evidence(known, segments, season.index)
    episode = facts.shots["episode"]
    places = tuple(np.flatnonzero(episode == name) for name in sorted(episode.unique())[setting.watched :])
    examples = to_score(facts)
    trial = Trial("cold episodes", known, season.index, facts, examples, np.full(len(examples.rows), np.nan), segments, places)
    segment = assign(segments, joined, season.index).set_index("viewer")["segment"]
    unseen = unseen.assign(segment=unseen["viewer"].map(segment).fillna("").replace("", GENERAL))
    appeal = seen.appeal.pivot(index="shot", columns="taste", values="appeal").loc[season.shots["shot"]]
    return Case(trial, {str(taste): appeal[taste].to_numpy(float) for taste in appeal}, unseen)


def viewers_ndcg(case: Case, scores: np.ndarray) -> list[float]:
    """For each taste and cold episode: NDCG@10 of the order that viewers of that taste get, by what the taste likes, over unseen
    viewers on average."""
    segment = case.trial.examples.rows["segment"].to_numpy(object)
    row = {name: np.flatnonzero(segment == name) for name in pd.unique(segment)}
    result = []
    for taste, liked in case.liked.items():
        gets = case.unseen.loc[case.unseen["taste"] == taste, "segment"].value_counts(normalize=True)
        for places in case.trial.lists:
            worth = gains(liked[places])
            result.append(float(sum(part * ndcg(worth, scores[row[name]][places]) for name, part in gets.items())))
    return result


def told(case: Case) -> Case:
    """The same case with every unseen viewer in the segment of the own taste."""
    return replace(case, unseen=case.unseen.assign(segment=case.unseen["taste"]))


def through_the_index(case: Case) -> np.ndarray:
    """What the index permits: a ridge regression of the true appeal on its traits, learnt on the watched episodes without noise.

    Rows as `case.trial.examples`; each segment is given its own taste's.
    """
    from sklearn.linear_model import RidgeCV

    cold = np.concatenate(case.trial.lists)
    watched = np.setdiff1d(np.arange(len(case.trial.index)), cold)
    seen = traits(case.trial.index)
    x = np.hstack([_even(seen.look), _even(seen.concepts), _even(seen.signals)])
    segment = case.trial.examples.rows["segment"].to_numpy(object)
    scores = np.zeros(len(segment))
    for taste, liked in case.liked.items():
        model = RidgeCV(alphas=np.geomspace(1e-3, 1e3, 25)).fit(x[watched], liked[watched])
        scores[segment == taste] = model.predict(x)
    return scores


def _even(view: np.ndarray) -> np.ndarray:
    centred = view - view.mean(axis=0)
    return np.asarray(centred / max(float(np.sqrt((centred**2).sum(axis=1).mean())), 1e-9))


def _first(plays: pd.DataFrame, seen: Simulation, setting: Setting) -> pd.DataFrame:
    """`setting.plays` sittings of each taste's viewers, in the order in which they happened, and those of all others."""
    sitting = plays.groupby(["viewer", "episode", "started_at"], sort=False).ngroup()
    taste = plays["viewer"].map(seen.viewers.set_index("viewer")["taste"])
    order = sitting.groupby(taste).transform(lambda numbers: pd.factorize(numbers)[0])
    return plays[(order < setting.plays) | taste.isin([NOISE, BOT])]


def _some(plays: pd.DataFrame, few: int) -> pd.DataFrame:
    """Each viewer's first sittings."""
    when = plays.groupby("viewer")["started_at"].rank(method="dense")
    return plays[when <= few]


def _read(plays: pd.DataFrame, season: Imagined, seen: Simulation, tastes: Sequence[Taste]) -> History:
    """The plays as they are read; with `tastes`, what the same viewers watched elsewhere in their place."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.csv"
        plays.to_csv(path, index=False)
        history = read_history(path, season.episodes)
    if not tastes:
        return history
    titles, catalogue = watch_titles(seen, tastes)
    mine = titles[titles["viewer"].isin(plays["viewer"])].reset_index(drop=True)
    mine = mine.assign(watched_at=pd.to_datetime(mine["watched_at"]).dt.tz_localize(None))
    return History(history.plays.iloc[:0], titles=mine, catalogue=catalogue, counts=())


def _true(seen: Simulation, known: History) -> Segments:
    there = set(known.plays["viewer"].astype("str")) | set(known.titles["viewer"].astype("str"))
    mine = seen.viewers[~seen.viewers["taste"].isin([NOISE, BOT]) & seen.viewers["viewer"].isin(there)]
    members = mine.rename(columns={"taste": "segment"}).sort_values("viewer", ignore_index=True)
    sizes = members["segment"].value_counts()
    found = tuple(Segment(str(name), str(name), int(sizes[name]), ()) for name in sorted(sizes.index))
    return Segments(found, members, "as the table says", len(there) - len(members))
