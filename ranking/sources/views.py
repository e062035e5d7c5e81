"""Who watched which title, in one form for every export; as plays where the moments are known, and as each viewer's likings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from trailers.ranking.sources.sittings import Stretches, taken
from trailers.ranking.sources.works import Work

SHORTEST = 600.0
"""Seconds that a title of unknown length lasts at least: of one that somebody left after a minute, a minute is not the whole."""


@dataclass(frozen=True)
class Views:
    """Rows of one file that can be used: codes of text, times in UTC (datetime64[us]), figures; NaT and NaN where not told.

    title as the file writes it, its meaning in `works`. begin, end: seconds of the title that were watched; share: of the whole,
    over 1 where it was watched again; liking: 0 to 1. A row with none of them says no more than "watched".
    lost: rows that are left out, by reason; rows: how many the file holds.
    """

    viewer: pd.Categorical
    title: pd.Categorical
    at: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    share: np.ndarray
    liking: np.ndarray
    device: pd.Categorical
    profile: pd.Categorical
    works: Mapping[str, Work]
    rows: int
    lost: Mapping[str, int] = field(default_factory=dict)


def stretches_of(views: Views, place: Mapping[str, str]) -> Stretches:
    """The rows whose moments are known: of a title in the season (`place`), with a time, and from where to where, or a share.

    What was watched more than once (a share over 1) is a play of the whole and a replay of the rest.
    """
    titles = views.title.categories
    known = np.array([str(title) in place for title in titles], bool)[views.title.codes]
    rows = np.flatnonzero(known & ~np.isnat(views.at) & ~(np.isnan(views.begin) & np.isnan(views.share)))
    more = rows[views.share[rows] > 1]
    every = np.concatenate([rows, more])
    again = np.arange(len(every)) >= len(rows)
    share = views.share[every]
    ids = np.array([place.get(str(title), "") for title in titles], dtype=object)
    return Stretches(
        taken(views.viewer, every),
        coded(ids[views.title.codes[every]]),
        views.at[every],
        views.begin[every],
        views.end[every],
        np.where(again, np.minimum(share - 1, 1), np.minimum(share, 1)),
        coded(np.where(again, "replay", "play")),
        taken(views.device, every),
        taken(views.profile, every),
    )


def titles_of(views: Views, place: Mapping[str, str], named: Mapping[str, str], lengths: Mapping[str, float]) -> pd.DataFrame:
    """viewer, title, episode, liking, watched_at (the latest, NaT where no date is sure), a row a viewer and title, sorted.

    place: the season's episode of a title; named: what a title is called in the history; lengths: seconds of the season's
    episodes. Episodes outside the season count as their show, whose liking is the mean of theirs. Where seconds are told, liking
    is their share of the episode's length, or else of the furthest that anybody came in the title or its show, SHORTEST at least.
    """
    titles = [str(title) for title in views.title.categories]
    shows = pd.factorize(np.array([views.works[title].title for title in titles] or [""], dtype=object))[0]
    code = views.title.codes.astype(np.int64)
    furthest = np.full(int(shows.max()) + 1, SHORTEST)
    reached = ~np.isnan(views.end)
    np.maximum.at(furthest, shows[code[reached]], views.end[reached])
    length = np.array([lengths.get(place.get(title, ""), furthest[shows[n]]) for n, title in enumerate(titles)] or [SHORTEST])
    spent = (views.end - views.begin) / length[code]
    single = np.where(np.isnan(views.liking), np.where(np.isnan(views.share), 1.0, np.minimum(views.share, 1)), views.liking)
    at = views.at.astype("datetime64[us]")
    rows = pd.DataFrame({"viewer": views.viewer.codes, "code": code, "spent": spent, "single": single, "at": at})
    rows.loc[reached, "single"] = np.nan
    each = rows.groupby(["viewer", "code"], sort=True).agg({"spent": "sum", "single": "max", "at": "max"}).reset_index()
    each["liking"] = np.where(np.isnan(each["single"]), np.minimum(each["spent"], 1), each["single"])
    final, numbers = np.array([named[title] for title in titles] or [""], dtype=object), each["code"].to_numpy()
    names, of = np.unique(final, return_inverse=True)
    episode = dict(zip(final, (place.get(title, "") for title in titles), strict=False))
    each["title"] = of[numbers]
    table = each.groupby(["viewer", "title"], sort=True).agg({"liking": "mean", "at": "max"}).reset_index()
    called = names[table["title"].to_numpy()]
    return pd.DataFrame(
        {
            "viewer": np.asarray(views.viewer.categories, dtype=object)[table["viewer"].to_numpy()],
            "title": called,
            "episode": [episode[name] for name in called],
            "liking": table["liking"].to_numpy(float),
            "watched_at": pd.DatetimeIndex(table["at"].to_numpy("datetime64[us]")).tz_localize("UTC"),
        }
    ).astype(dict.fromkeys(("viewer", "title", "episode"), "str"))


def coded(texts: np.ndarray) -> pd.Categorical:
    """Text as sorted codes."""
    return (
        pd.Categorical(pd.Series(texts, dtype="str")) if len(texts) else pd.Categorical.from_codes([], pd.Index([], dtype="str"))
    )


def of_words(read: Callable[[list[str]], np.ndarray], column: pd.Categorical) -> np.ndarray:
    """What `read` makes of each word, a row each."""
    made = read([str(word) for word in column.categories])
    return np.asarray(made[column.codes])


def sifted(rows: int, *faults: tuple[str, np.ndarray]) -> tuple[np.ndarray, dict[str, int]]:
    """The rows without a fault, and the others counted under the first that applies."""
    good = np.ones(rows, bool)
    lost: dict[str, int] = {}
    for reason, fault in faults:
        lost[reason] = int((good & fault).sum())
        good &= ~fault
    return np.flatnonzero(good), lost


def repeated(*columns: pd.Categorical) -> np.ndarray:
    """Rows that say in all columns what one above says already."""
    return pd.DataFrame({n: column.codes for n, column in enumerate(columns)}).duplicated().to_numpy(bool)
