"""PHD2: the moments that a person chooses from the next video, by the moments that this person chose from earlier ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.ranking import logit, table
from benchmarks.ranking.evidence import asked
from trailers.ranking.proof.measures import average_precision
from trailers.ranking.scoring import learner

SLOT = 5.0  # seconds of what is ranked
SHORTEST, LONGEST = 15.0, 900.0  # a video of three slots or less ranks nothing; longer ones than any of the last teach nothing
FOLDS = 5
MANY = 12  # earlier videos: a person with more does not count for more
SHARES = (0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.97, 1)  # knots of curves, of the video's length
SECONDS = (0, 3, 8, 20, 45, 90, 180, 400, 900)  # since the beginning
BEFORE = (0, 3, 8, 20, 45, 90)  # before the end
NEAR = ((0.06, 10.0), (0.15, 30.0))  # how near to an earlier choice is near: share of the video, seconds
TREES = {"num_leaves": 7, "min_data_in_leaf": 200, "lambda_l2": 10.0}  # a choice a video teaches little
BENDS = 8  # of the place, the last columns of `where`: what is learnt once more from last videos alone
OURS = "ours: place, length, the person's habits"
CROWD = "what others chose of it"


@dataclass(frozen=True, eq=False)
class Visit:
    """A person at a video: middle of each slot in seconds, which slots hold something chosen, and the choices themselves."""

    person: int
    video: str
    seconds: float
    last: bool
    middle: np.ndarray
    chosen: np.ndarray
    start: np.ndarray
    stop: np.ndarray

    @property
    def share(self) -> np.ndarray:
        """Where slots stand, 0 to 1."""
        return self.middle / self.seconds


def main(argv: list[str]) -> None:
    given = asked(argv, "phd2", "Ranks the slots of people's videos; mean average precision, intervals over people.")
    visits, told = read(given.file("moments/phd2_a.csv.gz"))
    print(told)
    scores = {**positions(visits), **learnt(visits, given.seed)}
    values = {name: precision(visits, each) for name, each in scores.items()}
    last, people = np.array([each.last for each in visits]), np.array([each.person for each in visits])
    for title, part in (("the next (last) video of each person", last), ("every earlier video, by the person's others", ~last)):
        kept = {name: each[part] for name, each in values.items()}
        table.compared(f"{title}, slots of 5 s", "mean AP", kept, OURS, given.seed, together=people[part])
    shared, others = crowd(visits)
    kept = {name: precision(shared, each) for name, each in {CROWD: others, **positions(shared)}.items()}
    title = "videos that other people here chose from too: what knowing the content is worth"
    table.compared(title, "mean AP", kept, CROWD, given.seed, together=np.array([each.video for each in shared]))


def read(path: Path) -> tuple[list[Visit], str]:
    """Visits by person and video, and in words what was left out."""
    rows = pd.read_csv(path)
    right = (
        (rows["video_seconds"] > 0) & (rows["start_s"] >= 0) & (rows["start_s"] < rows["video_seconds"]) & (rows["seconds"] > 0)
    )
    visits, short, full = [], 0, 0
    for (person, video, last), part in rows[right].groupby(["user", "video", "is_last"], sort=True):
        made = visit(int(str(person)), str(video), bool(last), part)
        short += made.seconds < SHORTEST
        full += made.seconds >= SHORTEST and bool(made.chosen.all())
        if made.seconds >= SHORTEST and not made.chosen.all():
            visits.append(made)
    told = (
        f"{len(rows)} choices; left out: {int((~right).sum())} without a known length or after the end; "
        f"{short} videos under {SHORTEST:.0f} s, {full} chosen whole. "
        f"{len(visits)} visits of {len({v.person for v in visits})} people, {sum(v.last for v in visits)} of them last"
    )
    return visits, told


def visit(person: int, video: str, last: bool, part: pd.DataFrame) -> Visit:
    """One person's choices (start_s, seconds) from one video (video_seconds); those that reach beyond its end are cut there."""
    seconds = float(part["video_seconds"].iloc[0])
    left = np.arange(0, seconds, SLOT)
    right = np.minimum(left + SLOT, seconds)
    start = part["start_s"].to_numpy(float)
    stop = np.minimum(start + part["seconds"].to_numpy(float), seconds)
    over = np.minimum(right[:, None], stop) - np.maximum(left[:, None], start)
    return Visit(person, video, seconds, last, (left + right) / 2, (over > 0).any(axis=1), start, stop)


def precision(visits: Sequence[Visit], scores: Sequence[np.ndarray]) -> np.ndarray:
    return np.array([average_precision(each.chosen, score) for each, score in zip(visits, scores, strict=True)])


def positions(visits: Sequence[Visit]) -> dict[str, list[np.ndarray]]:
    """Orders that know nobody."""
    return {
        "random": [np.zeros(len(each.middle)) for each in visits],
        "early first": [-each.middle for each in visits],
        "middle first": [-np.abs(each.share - 0.5) for each in visits],
    }


def learnt(visits: Sequence[Visit], seed: int) -> dict[str, list[np.ndarray]]:
    """Scores of all visits by models that know the place alone, and the person too; and by trees on the same.

    People are dealt into FOLDS, and scored by models of the people in other folds. What is known of a person are the earlier
    videos, without the one that is scored or learnt from.
    """
    place, habit = [where(each) for each in visits], habits(visits)
    curves = [np.hstack([each, each[:, -BENDS:] * visit.last]) for each, visit in zip(place, visits, strict=True)]
    ours = [np.hstack([each, h, h * visit.last]) for each, h, visit in zip(curves, habit, visits, strict=True)]
    plain = [np.hstack([_raw(visit), h]) for visit, h in zip(visits, habit, strict=True)]
    people = sorted({each.person for each in visits})
    fold = dict(zip(people, np.random.default_rng(seed).permutation(len(people)) % FOLDS, strict=True))
    of = np.array([fold[each.person] for each in visits])
    many = pd.Series([each.person for each in visits if not each.last]).value_counts()
    weight = np.array([1.0 if each.last else min(1.0, MANY / many[each.person]) for each in visits])
    short = np.array([each.seconds <= LONGEST for each in visits])
    scores: dict[str, dict[int, np.ndarray]] = {}
    for number in table.progress(range(FOLDS), "Folds"):
        known, asked_of = np.flatnonzero(short & (of != number)).tolist(), np.flatnonzero(of == number).tolist()
        sizes = np.array([len(visits[n].chosen) for n in known])
        chosen = np.concatenate([visits[n].chosen for n in known]).astype(int)
        share = np.concatenate([visits[n].chosen / visits[n].chosen.sum() for n in known])
        for name, features in (("place and length", curves), (OURS, ours)):
            weights = logit.fit(np.concatenate([features[n] for n in known]), share, sizes, weight[known])
            scores.setdefault(name, {}).update({n: features[n] @ weights for n in asked_of})
        rows, groups = pd.DataFrame(np.concatenate([plain[n] for n in known])), np.repeat([f"{n:05d}" for n in known], sizes)
        for name, alone in (("LambdaRank on the same", False), ("pointwise trees on the same", True)):
            text = learner.fit(rows, chosen, groups.tolist(), gains=(0.0, 1.0), settings=TREES, seed=seed, pointwise=alone)
            every = learner.predict(text, pd.DataFrame(np.concatenate([plain[n] for n in asked_of])))
            ends = np.cumsum([len(plain[n]) for n in asked_of])[:-1]
            scores.setdefault(name, {}).update(zip(asked_of, np.split(every, ends), strict=True))
    return {name: [each[n] for n in range(len(visits))] for name, each in scores.items()}


def where(visit: Visit) -> np.ndarray:
    """slots x numbers: curves over the place in the video, the seconds from the beginning and to the end, bent by its length."""
    long = np.clip(np.log(visit.seconds) - 5.2, -2, 2)  # 5.2: three minutes, the middle of all videos
    share, end = visit.share - 0.5, visit.seconds - visit.middle
    bends = np.stack([share, 4 * share**2, np.exp(-visit.middle / 10), np.exp(-end / 10)], axis=1)
    curves = (logit.hats(visit.share, SHARES), logit.hats(visit.middle, SECONDS), logit.hats(end, BEFORE))
    return np.hstack([*curves, bends, bends * long])


def habits(visits: Sequence[Visit]) -> list[np.ndarray]:
    """For each visit slots x numbers: how much the person chose near that place in earlier videos other than this one.

    A kernel density over shares of the length and over seconds, narrow and wide, of which little is believed from few videos.
    """
    earlier: dict[int, list[Visit]] = {}
    for each in visits:
        if not each.last:
            earlier.setdefault(each.person, []).append(each)
    found = []
    for each in visits:
        known = [other for other in earlier.get(each.person, []) if other.video != each.video]
        columns = []
        for share, seconds in NEAR:
            for at, wide, scale in ((each.share, share, 1), (each.middle, seconds, 0)):
                dense = np.zeros(len(at))
                for other in known:
                    chosen = (other.start + other.stop) / 2 / (other.seconds if scale else 1)
                    dense += np.exp(-(((at[:, None] - chosen) / wide) ** 2) / 2).mean(axis=1)
                columns.append(np.log((1 + dense) / (1 + dense.mean())))
        found.append(np.stack(columns, axis=1))
    return found


def crowd(visits: Sequence[Visit]) -> tuple[list[Visit], list[np.ndarray]]:
    """Visits of videos that others chose from too, and for each slot how much of it they chose, with what lies near."""
    by: dict[str, list[Visit]] = {}
    for each in visits:
        by.setdefault(each.video, []).append(each)
    shared = [each for each in visits if len({other.person for other in by[each.video]}) > 1]
    scores = []
    for each in shared:
        others = [other for other in by[each.video] if other.person != each.person]
        centres = np.concatenate([(other.start + other.stop) / 2 for other in others])
        scores.append(np.exp(-(((each.middle[:, None] - centres) / NEAR[0][1]) ** 2) / 2).sum(axis=1))
    return shared, scores


def _raw(visit: Visit) -> np.ndarray:
    """What trees make their own curves of: place, seconds from the beginning and to the end, length."""
    whole = np.full(len(visit.middle), visit.seconds)
    return np.stack([visit.share, visit.middle, visit.seconds - visit.middle, whole], axis=1)
