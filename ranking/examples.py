"""What the ranker learns from: for each segment and shot a graded label, and features that know no identity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
import pandas as pd

from trailers.errors import RequestError
from trailers.ranking.audience import care
from trailers.ranking.moves import moves
from trailers.ranking.scoring.affinity import Affinities, affinities
from trailers.ranking.scoring.prior import prior
from trailers.ranking.scoring.titles import Subject, title_affinity, told
from trailers.ranking.scoring.traits import SIGNALS, VIEWS, Traits, standard, traits
from trailers.ranking.segments import GENERAL
from trailers.ranking.watching import summed

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex
    from trailers.ranking.history import History
    from trailers.ranking.segments import Segments

GAINS = (0, 1, 3, 7, 15)
"""What a label of 0 to 4 is worth, for LightGBM and NDCG alike."""
GRADES = (0.4, 0.65, 0.8, 0.92)
"""The shares of an episode's shots below which labels 1 to 4 begin."""
ENOUGH = 5
"""A shot that fewer sittings of a segment reached has no label."""
OPENING = 5.0, 0.02
"""The seconds of an episode that everybody sees, whatever they like, and the share of it that they are at most."""
LIKING = {"back": 2.0, "ahead": -1.0, "watched": 0.3, "again": 0.3, "left": -0.3}
"""What a sitting says of a shot by what was done there. A hand that moves speaks of the shot that it left, and winding back is
rarer than going ahead; what was watched or passed over by a step of ten seconds depends on the shots before it, too."""
NEAR = 0.1, 1.0
"""How wide positions (a share of an episode) and lengths (log seconds) are taken together: a kernel's standard deviations."""
CURVE = 50
"""A curve of everybody ("most replayed") counts as so many sittings."""
PARTS = 4
"""Viewers are dealt into so many parts: labels come from one, what is known of a shot's own plays from the others."""
GROUPS: Mapping[str, tuple[str, ...]] = {
    "own plays": ("watched", "watched everybody"),
    "vectors": ("by look", "near", "near everybody"),
    "signals": ("by signals", *SIGNALS),
    "concepts": ("by concepts",),
    "dialogue words": ("by words",),
    "characters": ("by characters",),
    "everybody": ("watched everybody", "taste everybody", "near everybody"),
    "neighbours": ("around", "action around", "loudness around"),
    "scene and position": ("position", "season_position", "in scene", "scene seconds"),
    "titles": ("titles",),
    "film grammar": ("prior",),
}
"""Features by where they come from. "taste" is the sum of those that begin with "by", and loses what they lose."""
FEATURES = ("taste", *dict.fromkeys(name for names in GROUPS.values() for name in names))
RISING = ("watched", "taste", *(f"by {view}" for view in VIEWS), "near", "around", "titles", "prior")
"""Features that may only raise a score as they grow."""


@dataclass(frozen=True)
class Examples:
    """Rows for each segment (GENERAL too) and shot: segments in order, shots in the index's order.

    rows: segment, shot, episode, place (of the shot in the index), part (of the viewers that the label comes from; -1: all),
    group (rows that are ranked against each other), engagement (NaN where nobody came), label (0-4, -1 without evidence),
    stood (0 to 9: how many of those who began an episode get as far, in tenths).
    features: rows x FEATURES, float32; NaN is unknown. affinity: by segment, for reasons.
    """

    rows: pd.DataFrame
    features: pd.DataFrame
    affinity: Mapping[str, Affinities]


@dataclass(frozen=True)
class Evidence:
    """What is known of the shots and of how viewers watched them, ready to be turned into examples.

    seen: segment ("" for none), part, shot (a place), and the sums of `watching` and `moves`; fold: a number a shot: affinities
    to a shot are fitted without the plays of its fold; cold: shots whose plays must not be known; fixed: features without any
    viewer in them; seconds: of each shot; said: its share behind the OPENING; titles: segments x shots, what the titles that
    they choose say; subjects: what those titles are about, by segment; encoder: whose vectors they are; smallest: the viewers
    it takes to speak of a shot; chosen: whether titles are known at all, though they may say nothing.
    """

    seen: pd.DataFrame
    segments: tuple[str, ...]
    shots: pd.DataFrame
    compared: Traits
    fixed: pd.DataFrame
    seconds: np.ndarray
    said: np.ndarray
    titles: np.ndarray
    subjects: Mapping[str, tuple[Subject, ...]]
    fold: np.ndarray
    cold: np.ndarray
    encoder: str
    smallest: int
    chosen: bool

    @property
    def source(self) -> str:
        """Which kinds of knowledge there are: "moments", "titles", "moments and titles" or ""."""
        kinds = (("moments", len(self.seen) > 0), ("titles", self.chosen))
        return " and ".join(name for name, there in kinds if there)


def evidence(history: History, segments: Segments, index: ShotIndex, smallest: int = care.SMALLEST) -> Evidence:
    """Brings history, segments and index together; a shot's fold is its episode, in a season of one its quarter of the shots."""
    segment = segments.membership.set_index("viewer")["segment"].to_dict()
    viewers = [str(viewer) for viewer in history.plays["viewer"].unique()]
    groups = {viewer: (str(segment.get(viewer, "")), crc32(viewer.encode()) % PARTS) for viewer in viewers}
    sums = summed(history, index.shots, groups).merge(moves(history, index.shots, groups), on=["group", "shot"], how="outer")
    sums = sums.fillna({name: 0.0 for name in sums.columns if name not in ("group", "shot")})
    seen = sums.drop(columns="group").assign(segment=[of[0] for of in sums["group"]], part=[of[1] for of in sums["group"]])
    seen = pd.concat([seen, _curves(history, index)], ignore_index=True).astype({"part": int, "shot": int, "segment": "str"})
    shots = pd.DataFrame({"shot": [shot.id for shot in index.shots], "episode": [shot.episode for shot in index.shots]})
    number = pd.factorize(shots["episode"], sort=True)[0]
    fold = number % 10 if number.max(initial=0) else np.arange(len(shots)) * 4 // max(len(shots), 1)
    seconds = index.signals["seconds"].to_numpy(float)
    stop = pd.Series(seconds).groupby(number).cumsum().to_numpy()
    opening = np.minimum(OPENING[0], OPENING[1] * pd.Series(seconds).groupby(number).transform("sum").to_numpy())
    names = (GENERAL, *(each.id for each in segments.segments))
    return Evidence(
        seen,
        names,
        shots,
        traits(index),
        _fixed(index, shots["episode"].to_numpy(object)),
        np.maximum(seconds, 1e-3),
        np.clip((stop - opening) / np.maximum(seconds, 1e-9), 0, 1),
        title_affinity(history, segments, index).reindex(index=list(names)).fillna(0.0).to_numpy(float),
        told(history, segments, index),
        fold,
        np.zeros(len(shots), bool),
        index.encoder,
        smallest,
        not history.titles.empty,
    )


def _curves(history: History, index: ShotIndex) -> pd.DataFrame:
    """Curves of everybody as sittings of nobody's: each part of the viewers watched what the curve is above its mean."""
    rows = []
    for episode, curve in history.curves.groupby("episode", sort=True):
        start, stop, value = (curve[name].to_numpy(float) for name in ("start", "stop", "value"))
        for place, shot in enumerate(index.shots):
            shared = np.maximum(np.minimum(stop, shot.span.stop) - np.maximum(start, shot.span.start), 0)
            if shot.episode == episode and shared.sum() > 0:
                above = shared @ value / shared.sum() - value.mean()
                rows += [(place, part, CURVE / PARTS, CURVE / PARTS * (1 + above)) for part in range(PARTS)]
    table = pd.DataFrame(rows, columns=["shot", "part", "reached", "watched"])
    return table.assign(segment="", viewers=0, skipped=0.0, again=0.0, left=0.0, ahead=0.0, back=0.0)


def _fixed(index: ShotIndex, episodes: np.ndarray) -> pd.DataFrame:
    """The features of shots alone: signals, what is around them, where they stand, what film grammar says."""
    signals = index.signals.reset_index(drop=True)
    fixed = standard(signals).reindex(columns=list(SIGNALS), fill_value=0.0)
    scene = signals["scene"].astype(str).where(signals["scene"].astype(str) != "", pd.Series(episodes.astype(str)))
    of = signals.groupby(scene)
    fixed["action around"] = around(fixed["action"].to_numpy(), episodes)
    fixed["loudness around"] = around(fixed["loudness"].to_numpy(), episodes)
    fixed["position"] = signals["position"].astype(float)
    fixed["season_position"] = signals["season_position"].astype(float)
    fixed["in scene"] = (of.cumcount() + 0.5) / of["position"].transform("size")
    fixed["scene seconds"] = of["seconds"].transform("sum")
    fixed["prior"] = prior(index).to_numpy()
    return fixed


def to_score(evidence: Evidence) -> Examples:
    """One row a segment and shot, with all that is known: labels and features from all viewers."""
    return _examples(evidence, [-1], cold=False)


def to_learn(evidence: Evidence) -> Examples:
    """Rows to train on: for every part of the viewers, labels from them and features from the others.

    Each row stands there twice, once with what is known of the shot's own plays and once as if the shot were new, so that the
    ranker serves both. Shots of `cold` have no label.
    """
    warm, new = _examples(evidence, range(PARTS), cold=False), _examples(evidence, range(PARTS), cold=True)
    rows = pd.concat([warm.rows, new.rows.assign(group=new.rows["group"] + " new")], ignore_index=True)
    return Examples(rows, pd.concat([warm.features, new.features], ignore_index=True), warm.affinity)


def withheld(examples: Examples, group: str | None) -> Examples:
    """The same examples as if a group of features (GROUPS) were not there; RequestError for a group that is none."""
    if not group:
        return examples
    if group not in GROUPS:
        raise RequestError(f"the ranker has no features called {group!r}; it has: {', '.join(GROUPS)}")
    gone = {name: np.nan if name.startswith("watched") else 0.0 for name in GROUPS[group]}
    features = examples.features.assign(**gone)
    if any(name.startswith("by ") for name in gone):
        features["taste"] = features[[f"by {view}" for view in VIEWS]].sum(axis=1)
        near = around(features["taste"].to_numpy(float), examples.rows["group"].to_numpy(object))
        features["around"] = near if "around" not in gone else 0.0
    return replace(examples, features=features.astype(np.float32))


def _examples(evidence: Evidence, parts: Sequence[int], cold: bool) -> Examples:
    rows, features, affinity = [], [], {}
    episodes = evidence.shots["episode"].to_numpy(object)
    known = evidence.seen[~evidence.cold[evidence.seen["shot"].to_numpy()]]
    everybody = affinities(engagement(known, known, evidence), evidence.compared, evidence.fold)
    stood = np.minimum(10 * propensity(known, evidence), 9).astype(int)
    for number, segment in enumerate(evidence.segments):
        own = known if segment == GENERAL else known[known["segment"] == segment]
        found = everybody
        if segment != GENERAL:
            found = affinities(engagement(own, known, evidence), evidence.compared, evidence.fold)
        affinity[segment] = found
        for part in parts:
            # part -1: all viewers on both sides, as when a shot is scored
            judges = own if part < 0 else own[own["part"] == part]
            others, all_others = (own, known) if part < 0 else (own[own["part"] != part], known[known["part"] != part])
            table = engagement(judges, known, evidence)
            columns = {
                "watched": np.nan if cold else engagement(others, known, evidence)["engagement"].to_numpy(),
                "watched everybody": np.nan if cold else engagement(all_others, known, evidence)["engagement"].to_numpy(),
                "taste": found.taste,
                **{f"by {view}": found.by[view] for view in VIEWS},
                "near": found.near,
                "around": around(found.taste, episodes),
                "taste everybody": everybody.taste,
                "near everybody": everybody.near,
                "titles": evidence.titles[number],
            }
            features.append(evidence.fixed.assign(**columns)[list(FEATURES)].astype(np.float32))
            rows.append(
                evidence.shots.assign(
                    segment=segment,
                    place=np.arange(len(episodes)),
                    part=part,
                    group=[f"{segment} {episode} {part}" for episode in episodes],
                    engagement=table["engagement"].to_numpy(),
                    label=grade(table, episodes),
                    stood=stood,
                )
            )
    return Examples(pd.concat(rows, ignore_index=True), pd.concat(features, ignore_index=True), affinity)


def engagement(own: pd.DataFrame, everybody: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """A row a shot: reached (sittings of `own`), and engagement, NaN where nobody came.

    Engagement is the LIKING that sittings showed, less what `everybody` shows in shots at that position of an episode and of that
    length (a kernel over both: the drop-off, and that more happens in a longer shot), drawn towards 0 where few reached it. Of
    what stands in the OPENING of an episode only so much counts as lies behind it.
    """
    count = len(evidence.shots)
    total = [
        np.bincount(everybody["shot"], values, count) * evidence.said for values in (everybody["reached"], _liking(everybody))
    ]
    expected = _alike(total[1], evidence) / np.maximum(_alike(total[0], evidence), 1e-9)
    reached, liked = (np.bincount(own["shot"], values, count) * evidence.said for values in (own["reached"], _liking(own)))
    above = (liked - reached * expected) / (reached + ENOUGH)
    return pd.DataFrame({"reached": reached, "engagement": np.where(reached > 0, above, np.nan)})


def propensity(seen: pd.DataFrame, evidence: Evidence) -> np.ndarray:
    """For each shot the chance, 0..1, that a sitting comes to where it stands: its position propensity.

    Sittings begin and end anywhere: of those that came to the most visited shot of an episode, the share that came to shots at a
    position, over all episodes (the same kernel as the drop-off's). 1 where nobody watched.
    """
    reached = np.bincount(seen["shot"], seen["reached"], len(evidence.shots))
    most = pd.Series(reached).groupby(evidence.shots["episode"].to_numpy(object)).transform("max").to_numpy()
    total = _alike(most, evidence, length=False)
    return np.where(total > 0, _alike(reached, evidence, length=False) / np.maximum(total, 1e-9), 1.0)


def grade(table: pd.DataFrame, episodes: np.ndarray) -> np.ndarray:
    """Labels 0 to 4 by rank of engagement among an episode's shots with evidence (GRADES), -1 for the others."""
    known = (table["reached"] >= ENOUGH).to_numpy()
    rank = table["engagement"].where(known).groupby(episodes).rank(pct=True).to_numpy()
    return np.where(known, np.searchsorted(GRADES, np.nan_to_num(rank), side="right"), -1)


def around(score: np.ndarray, episodes: np.ndarray) -> np.ndarray:
    """The mean of a score over the two shots before and after, within the episode."""
    total, count = np.zeros(len(score)), np.zeros(len(score))
    for step in (-2, -1, 1, 2):
        other = np.arange(len(score)) + step
        inside = (other >= 0) & (other < len(score))
        inside[inside] = episodes[other[inside]] == episodes[inside]
        total[inside] += score[other[inside]]
        count += inside
    return np.where(count > 0, total / np.maximum(count, 1), score)


def _alike(values: np.ndarray, evidence: Evidence, length: bool = True) -> np.ndarray:
    """For each shot the sum of a value over all shots, those near its position, and of its length, counting most."""
    at = np.clip((evidence.fixed["position"].to_numpy(float) * 100).astype(int), 0, 99)
    step = np.arange(100)
    near = np.exp(-0.5 * ((step[:, None] - step[None, :]) / (100 * NEAR[0])) ** 2)
    if not length:
        return np.asarray((near @ np.bincount(at, values, 100))[at])
    long = np.clip((np.log(evidence.seconds) * 4).astype(int) + 8, 0, 31)  # quarters of a log second, from 0.13 s to 6 min
    step = np.arange(32)
    same = np.exp(-0.5 * ((step[:, None] - step[None, :]) / (4 * NEAR[1])) ** 2)
    return np.asarray((near @ np.bincount(at * 32 + long, values, 3200).reshape(100, 32) @ same)[at, long])


def _liking(seen: pd.DataFrame) -> np.ndarray:
    return np.asarray(seen[list(LIKING)].to_numpy(float) @ np.array(list(LIKING.values())))
