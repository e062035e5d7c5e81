"""YouTube's "most replayed" curves, as yt-dlp writes them: how often everybody watched a slice of a video again."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from trailers.features.media import Episode

APART = 0.02
"""Share by which the lengths of a curve's video and of the episode may differ; beyond, they are not the same cut."""


def is_curve(document: object) -> bool:
    """Whether this is what yt-dlp knows of a video: a mapping with its heatmap, or with id and duration."""
    return isinstance(document, dict) and ("heatmap" in document or {"id", "duration"} <= set(document))


def names_of(document: Mapping[str, object]) -> list[str]:
    """By what the video may be known: its id, its title."""
    return [str(document[key]) for key in ("id", "title") if document.get(key)]


def curve_of(document: Mapping[str, object], episode: Episode | None) -> tuple[pd.DataFrame, int, dict[str, int]]:
    """episode, start, stop (frames), value (0 to 1, the video's own peak is 1); the number of slices; those left out, by reason.

    The first slice is set apart: everybody starts there, so that it is high whatever it shows.
    """
    slices = document.get("heatmap")
    empty = pd.DataFrame({"episode": np.zeros(0, str), "start": np.zeros(0, int), "stop": np.zeros(0, int), "value": np.zeros(0)})
    if not isinstance(slices, list) or not slices:
        return empty, 1, {"video without a most-replayed curve": 1}
    if episode is None:
        return empty, len(slices), {"unknown episode": len(slices)}
    rate, length = float(episode.rate), float(episode.frames / episode.rate)
    told = document.get("duration")
    if isinstance(told, (int, float)) and abs(told - length) > max(2.0, APART * length):
        return empty, len(slices), {"curve of another length": len(slices)}
    rows, malformed = [], 0
    for place, part in enumerate(slices):
        figures = [part.get(key) for key in ("start_time", "end_time", "value")] if isinstance(part, dict) else []
        start, stop, value = (float(figure) if isinstance(figure, (int, float)) else np.nan for figure in figures or [None] * 3)
        if not (0 <= start < stop and 0 <= value <= 1):
            malformed += 1
        elif place:
            first, last = round(start * rate), min(round(stop * rate), episode.frames)
            rows.append((episode.id, first, last, value))
    table = pd.DataFrame(rows, columns=list(empty.columns)) if rows else empty
    return table[table["start"] < table["stop"]], len(slices), {"malformed row": malformed, "first slice, set apart": 1}
