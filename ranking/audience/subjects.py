"""What titles are about, in words: their genres and what is written of them; and how much of each a viewer chose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trailers.features.search import COMMON

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from trailers.ranking.history import History

LONGEST = 5
"""A tag has at most so many words."""
RARE = 0.005
"""A term of a smaller share of the titles, or of one alone, says nothing of a kind."""
MOST = 400
"""At most so many terms are kept: those of the most titles."""
SPREAD = 0.02
"""The least spread of a share over viewers that differences are measured in: rare words must differ by more than their noise."""
STEADY = 5
"""Viewers that a group's taste is drawn towards everybody's by."""
_YEAR = re.compile(r"\((19|20)\d\d\)")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")


@dataclass(frozen=True, eq=False)
class Choices:
    """What viewers chose among titles, and what those are about.

    viewers, titles: sorted names. episodes: by title, "" for one outside the season. liked: viewers x titles, liking 0..1.
    words: terms, sorted; about: titles x terms, a title's terms in even shares.
    """

    viewers: tuple[str, ...]
    titles: tuple[str, ...]
    episodes: tuple[str, ...]
    liked: csr_array
    words: tuple[str, ...]
    about: csr_array

    @cached_property
    def weight(self) -> np.ndarray:
        """How much each viewer chose in all."""
        return np.asarray(self.liked.sum(axis=1)).ravel()

    @cached_property
    def profile(self) -> np.ndarray:
        """viewers x terms: the share of what a viewer chose that is about each."""
        return np.asarray((self.liked @ self.about).todense() / np.maximum(self.weight, 1e-12)[:, None], np.float32)

    @cached_property
    def offer(self) -> np.ndarray:
        """The share of each term in the titles themselves, each counted once."""
        return np.asarray(self.about.mean(axis=0)).ravel() if len(self.titles) else np.zeros(len(self.words))


def choices(history: History) -> Choices:
    """Who chose what, from the history's titles; terms from its catalogue or, where that is silent, the title's own words."""
    from scipy.sparse import csr_array

    table = history.titles
    (row, viewers), (column, titles) = (_codes(table[name]) for name in ("viewer", "title"))
    liked = csr_array((table["liking"].to_numpy(float), (row, column)), shape=(len(viewers), len(titles)))
    told = {str(title): (str(genres), str(words)) for title, genres, words in history.catalogue.itertuples(index=False)}
    found = [terms(title, *told.get(title, ("", ""))) for title in titles]
    counted: dict[str, int] = {}
    for each in found:
        for term in each:
            counted[term] = counted.get(term, 0) + 1
    enough = max(2, RARE * len(titles))
    common = sorted((term for term, count in counted.items() if count >= enough), key=lambda term: (-counted[term], term))
    words = tuple(sorted(common[:MOST]))
    of = {term: n for n, term in enumerate(words)}
    kept = [[of[term] for term in each if term in of] for each in found]
    rows = np.repeat(np.arange(len(titles)), [len(each) for each in kept])
    shares = np.repeat([1 / max(len(each), 1) for each in kept], [len(each) for each in kept])
    about = csr_array((shares, (rows, np.array([n for each in kept for n in each], int))), shape=(len(titles), len(words)))
    episodes: dict[str, str] = dict(table[["title", "episode"]].astype("str").drop_duplicates("title").itertuples(index=False))
    return Choices(viewers, titles, tuple(str(episodes[title]) for title in titles), liked, words, about)


def _codes(column: pd.Series[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    codes, names = pd.factorize(column.astype("str"), sort=True)
    return codes, tuple(map(str, names))


def terms(title: str, genres: str = "", words: str = "") -> tuple[str, ...]:
    """The terms of a title, sorted, each once, in small letters: genres, tags, or the words of a text that is no list of tags; of
    a title that nothing is known of, the words of its name."""
    found = {part.strip().lower() for part in re.split(r"[;|,]", genres)} - {"", "(no genres listed)"}
    for part in _tags(words):
        single = _WORD.findall(part.lower())
        told = {word for word in single if word not in COMMON and len(word) > 2}
        found |= {" ".join(single)} if told and part is not words and len(single) <= LONGEST else told
    if not found:
        found = {word for word in _WORD.findall(_YEAR.sub("", title).lower()) if word not in COMMON and len(word) > 3}
    return tuple(sorted(found))


def _tags(words: str) -> list[str]:
    """Tags between semicolons, bars or, where none is long, commas; a text without such is one piece, the same string."""
    for separator in (r"[;|]", r","):
        parts = re.split(separator, words)
        if len(parts) > 1 and all(len(part.split()) <= LONGEST for part in parts):
            return parts
    return [words]


def lifts(chosen: Choices, members: np.ndarray) -> np.ndarray:
    """How much more than all viewers these (a mask) choose each term: a correlation, -1..1, drawn to 0 where they are few.

    Of each term the difference of shares in spreads over viewers (Cohen's d, 1988), as the correlation d / sqrt(d^2 + 4).
    """
    count = int(members.sum())
    if not count or not chosen.words:
        return np.zeros(len(chosen.words))
    spread = np.maximum(chosen.profile.std(axis=0), SPREAD)
    d = (chosen.profile[members].mean(axis=0) - chosen.profile.mean(axis=0)) / spread * count / (count + STEADY)
    return np.asarray(d / np.sqrt(d**2 + 4))
