"""What the titles that a segment chooses say about shots: by genre and words, by dialogue, and by the season's own episodes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trailers.ranking.audience.subjects import SPREAD, STEADY, Choices, choices, lifts
from trailers.ranking.scoring.bridge import meanings
from trailers.ranking.scoring.traits import standard
from trailers.ranking.segments import GENERAL

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex
    from trailers.ranking.history import History
    from trailers.ranking.segments import Segments

SLIGHT = 0.05
"""A word that sets a segment apart by less (a correlation) carries nothing."""
TOLD = 6


@dataclass(frozen=True)
class Subject:
    """A word that carries a segment's taste.

    share: of what its viewers chose, how much is about it; everybody: the same of all viewers (for the general segment: of the
    titles there are); concepts: what it means in shots, "less " before those that it speaks against.
    """

    word: str
    share: float
    everybody: float
    concepts: tuple[str, ...]


def title_affinity(history: History, segments: Segments, index: ShotIndex) -> pd.DataFrame:
    """segments (GENERAL first) x shots, numbers about 0: how much what a segment chooses among titles speaks for each shot.

    The sum of three parts, each of mean 0 over the shots and of a spread that says how far the segment stands apart (the greatest
    correlation that carries the part, 0..1): concepts that the genres and words of its titles mean (`bridge.meanings`); those
    words in a shot's dialogue and notes of what is heard; and likeness to the shots of the season's episodes that it chose more
    than others (Rocchio 1971). Of one viewer alone, what the titles have in common is taken for the taste. All zeros where no
    titles are known. Deterministic; no network.
    """
    ids = [GENERAL, *(segment.id for segment in segments.segments)]
    table = pd.DataFrame(0.0, index=ids, columns=[shot.id for shot in index.shots])
    chosen = choices(history)
    if not chosen.titles or not index.shots:
        return table
    words = _lifts(chosen, segments, ids)
    if len(chosen.viewers) == 1 and chosen.words:
        words.loc[GENERAL] = _alone(chosen)
    carrying = [word for word in words.columns if words[word].abs().max() >= SLIGHT]
    words = words[carrying]
    meant = meanings(carrying, list(index.concepts.columns))
    concepts = standard(index.concepts, list(index.concepts.columns)).to_numpy()
    spoken = _spoken(carrying, index)
    episodes = _episodes(chosen, segments, ids)
    traits = np.hstack([concepts, standard(index.signals).to_numpy()])
    of = np.array([shot.episode for shot in index.shots])
    for segment in ids:
        lift = words.loc[segment].to_numpy()
        total = _scaled(concepts @ (lift @ meant.to_numpy()), lift[meant.abs().to_numpy().max(axis=1, initial=0) > 0])
        total = total + _scaled(spoken @ lift, lift[np.abs(spoken).max(axis=0, initial=0) > 0])
        if len(episodes.columns):
            chose = episodes.loc[segment]
            direction = sum(chose[name] * traits[of == name].mean(axis=0) for name in episodes.columns if (of == name).any())
            own = np.array([chose.get(name, 0.0) for name in of])
            total = total + _scaled(own + traits @ direction / max(traits.shape[1], 1), chose.to_numpy())
        table.loc[segment] = total
    return table


def told(history: History, segments: Segments, index: ShotIndex) -> dict[str, tuple[Subject, ...]]:
    """For each segment (GENERAL too) the words of titles that carry it, most apart first, at most TOLD; empty without titles."""
    ids = [GENERAL, *(segment.id for segment in segments.segments)]
    chosen = choices(history)
    if not chosen.titles:
        return dict.fromkeys(ids, ())
    table = _lifts(chosen, segments, ids)
    found: dict[str, tuple[Subject, ...]] = {}
    for segment in ids:
        lift = table.loc[segment]
        apart = [str(word) for word in lift.index if abs(lift[word]) >= SLIGHT]
        first = sorted(apart, key=lambda word: (-abs(lift[word]), word))[:TOLD]
        meant = meanings(first, list(index.concepts.columns))
        place = [chosen.words.index(word) for word in first]
        share = chosen.profile[_members(chosen, segments, segment)].mean(axis=0)[place]
        beside = (chosen.offer if segment == GENERAL else chosen.profile.mean(axis=0))[place]
        found[segment] = tuple(
            Subject(word, round(float(own), 4), round(float(other), 4), _said(dict(zip(meant.columns, row, strict=True))))
            for word, own, other, row in zip(first, share, beside, meant.to_numpy(float), strict=True)
        )
    return found


def _said(meant: Mapping[str, float]) -> tuple[str, ...]:
    order = sorted(meant, key=lambda concept: (-abs(meant[concept]), concept))
    return tuple(f"less {name}" if meant[name] < 0 else name for name in order if abs(meant[name]) >= 0.25)[:3]


def _members(chosen: Choices, segments: Segments, segment: str) -> np.ndarray:
    if segment == GENERAL:
        return np.ones(len(chosen.viewers), bool)
    own = set(segments.membership.loc[segments.membership["segment"] == segment, "viewer"])
    return np.array([viewer in own for viewer in chosen.viewers])


def _lifts(chosen: Choices, segments: Segments, ids: list[str]) -> pd.DataFrame:
    """segments x words; everybody is compared with the titles there are: what people chose of them, beyond how many there are."""
    rows = [lifts(chosen, _members(chosen, segments, segment)) for segment in ids[1:]]
    count = len(chosen.viewers)
    d = (chosen.profile.mean(axis=0) - chosen.offer) / np.maximum(chosen.profile.std(axis=0), SPREAD) * count / (count + STEADY)
    return pd.DataFrame([d / np.sqrt(d**2 + 4), *rows], index=ids, columns=list(chosen.words))


def _alone(chosen: Choices) -> np.ndarray:
    """The lifts of the only viewer there is, by how often each word comes back among the titles: beside an even share of all,
    since there is nobody to compare with and each title was chosen."""
    d = (chosen.profile[0] - chosen.profile[0].mean()) / SPREAD / (1 + STEADY)
    return np.asarray(d / np.sqrt(d**2 + 4))


def _episodes(chosen: Choices, segments: Segments, ids: list[str]) -> pd.DataFrame:
    """segments x episodes of the season: how much more its viewers chose each than everybody did, about the segment's mean.

    Of everybody nothing: more people begin a season than end it, and that says nothing of its shots.
    """
    columns = [n for n, episode in enumerate(chosen.episodes) if episode]
    liked = np.asarray(chosen.liked[:, columns].todense())
    spread = np.maximum(liked.std(axis=0), 1e-9)
    rows = [np.zeros(len(columns))]
    for segment in ids[1:]:
        members = _members(chosen, segments, segment)
        count = int(members.sum())
        if not count or not columns:
            rows.append(np.zeros(len(columns)))
            continue
        d = (liked[members].mean(axis=0) - liked.mean(axis=0)) / spread * count / (count + STEADY)
        lift = d / np.sqrt(d**2 + 4)
        rows.append(lift - lift.mean())
    names = [chosen.episodes[n] for n in columns]
    return pd.DataFrame(rows, index=ids, columns=names).T.groupby(level=0).mean().T


def _spoken(words: list[str], index: ShotIndex) -> np.ndarray:
    """shots x words: whether a word of titles is said or heard in a shot, standardised over the shots."""
    texts = [
        {_stem(word) for word in re.findall(r"[^\W\d_]+", f"{said} {heard}".lower())}
        for said, heard in zip(index.signals["dialogue"], index.signals["heard"], strict=True)
    ]
    stems = [[_stem(part) for part in re.findall(r"[^\W\d_]+", word)] for word in words]
    found = [[all(stem in text for stem in each) for each in stems] for text in texts]
    there = pd.DataFrame(np.array(found, float).reshape(len(texts), len(words)))
    return standard(there, list(there.columns)).to_numpy()


def _stem(word: str) -> str:
    return word.removesuffix("s") if len(word) > 3 else word


def _scaled(score: np.ndarray, carried: np.ndarray) -> np.ndarray:
    """The score about its mean, with a spread of the greatest of what carried it."""
    spread = float(score.std())
    strength = float(np.abs(carried).max(initial=0.0))
    return (score - score.mean()) / spread * strength if spread > 1e-9 else np.zeros(len(score))
