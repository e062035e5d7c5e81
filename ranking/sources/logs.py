"""Histories as services and researchers keep them: our own table of titles, MovieLens' ratings, KuaiRec's and KuaiRand's logs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from trailers.ranking.sources.sittings import taken
from trailers.ranking.sources.tables import Table, read_table
from trailers.ranking.sources.views import Views, repeated, sifted
from trailers.ranking.sources.works import Work, numbered, work_of


def titles(path: Path) -> Views:
    """Our own contract where only titles are known: viewer, title; where they are there, started_at (ISO 8601), share (over 1
    where it was watched again) or liking (0 to 1), device, profile."""
    table = read_table(path, ("viewer", "title", "device", "profile"), ("started_at", "share", "liking"))
    viewer, title = table.text("viewer"), table.text("title")
    share, liking = table.number("share"), table.number("liking")
    wrong = _outside(share, np.inf) | _outside(liking, 1) | _unread(table, "share", share) | _unread(table, "liking", liking)
    kept, lost = sifted(
        table.rows,
        ("no viewer", np.asarray(viewer == "")),
        ("no title", np.asarray(title == "")),
        ("unreadable figure", wrong),
    )
    works = {str(name): work_of(str(name)) for name in title.categories}
    return _views(table, viewer, title, kept, lost, works, table.time("started_at"), share, liking)


def ratings(path: Path) -> Views:
    """MovieLens' ratings: userId, movieId, rating, timestamp (seconds of 1970). Titles are the films' numbers, "movie 17".

    liking: the share of the viewer's own ratings that are lower, equal ones counted half, so that a harsh and a kind viewer's
    favourites weigh the same.
    """
    table = read_table(path, ("userId", "movieId"), ("rating", "timestamp"))
    viewer, film, rating = table.text("userId"), table.text("movieId").rename_categories(numbered), table.number("rating")
    kept, lost = sifted(
        table.rows,
        ("no viewer", np.asarray(viewer == "")),
        ("no title", np.asarray(film == "")),
        ("unreadable figure", ~np.isfinite(rating)),
        ("repeated row", repeated(viewer, film)),
    )
    liking = np.full(table.rows, np.nan)
    own = pd.Series(rating[kept]).groupby(viewer.codes[kept])
    liking[kept] = (own.rank() - 0.5) / own.transform("count")
    works = {str(name): Work(str(name)) for name in film.categories}
    at = _epoch(table.number("timestamp"), 1)
    return _views(table, viewer, film, kept, lost, works, at, np.full(table.rows, np.nan), liking)


def watch_ratios(path: Path) -> Views:
    """KuaiRec's and KuaiRand's logs: user_id, video_id, and watch_ratio, or what was played over how long the video is.

    A ratio over 1 was watched again. A video that was shown and never played says nothing. Times are time_ms or timestamp, which
    are of 1970 and sure; date and hourmin, of some place's clock, are not read.
    """
    figures = ("watch_ratio", "play_time_ms", "duration_ms", "play_duration", "video_duration", "time_ms", "timestamp")
    table = read_table(path, ("user_id", "video_id"), figures)
    viewer, video = table.text("user_id"), table.text("video_id")
    share = table.number("watch_ratio")
    for played, long in (("play_time_ms", "duration_ms"), ("play_duration", "video_duration")):
        length = table.number(long)
        share = np.where(np.isnan(share), table.number(played) / np.where(length > 0, length, np.nan), share)
    at = _epoch(table.number("time_ms"), 1000)
    at = np.where(np.isnat(at), _epoch(table.number("timestamp"), 1), at)
    kept, lost = sifted(
        table.rows,
        ("no viewer", np.asarray(viewer == "")),
        ("no title", np.asarray(video == "")),
        ("unreadable figure", ~np.isfinite(share) | (share < 0)),
        ("shown, never played", share == 0),
    )
    works = {str(name): Work(str(name)) for name in video.categories}
    return _views(table, viewer, video, kept, lost, works, at, share, np.full(table.rows, np.nan))


def _views(
    table: Table,
    viewer: pd.Categorical,
    title: pd.Categorical,
    kept: np.ndarray,
    lost: dict[str, int],
    works: dict[str, Work],
    at: np.ndarray,
    share: np.ndarray,
    liking: np.ndarray,
) -> Views:
    """Views without seconds: of these rows."""
    nothing = np.full(len(kept), np.nan)
    device, profile = (taken(table.text(name), kept) for name in ("device", "profile"))
    rows = table.rows + table.broken
    lost["malformed row"] = table.broken
    views = taken(viewer, kept), taken(title, kept), at[kept], nothing, nothing, share[kept], liking[kept], device, profile
    return Views(*views, works, rows, lost)


def _outside(figures: np.ndarray, most: float) -> np.ndarray:
    return np.asarray((figures < 0) | (figures > most) | np.isinf(figures))


def _unread(table: Table, name: str, figures: np.ndarray) -> np.ndarray:
    """Where something stands that is no number."""
    return np.asarray(np.isnan(figures) & table.told(name))


def _epoch(figures: np.ndarray, per_second: int) -> np.ndarray:
    """Times (datetime64[us]) of seconds, or parts of them, since 1970; NaT where there are none."""
    told = np.isfinite(figures) & (np.abs(figures) < 1e11 * per_second)
    moments: np.ndarray = (np.where(told, figures, 0) * (1_000_000 // per_second)).astype(np.int64).astype("datetime64[us]")
    moments[~told] = np.datetime64("NaT", "us")
    return moments
