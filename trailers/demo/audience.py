"""Viewers with planted tastes: the demo seasons' viewing history, and the truth behind it."""

import json
from fractions import Fraction
from pathlib import Path

import pandas as pd

from trailers import store
from trailers.features.media import probe
from trailers.features.sheet import season_sheet
from trailers.features.shots import Shot
from trailers.features.span import Span
from trailers.ranking.simulate import Taste, simulate

FILM = (
    Taste(
        "slapstick",
        "slapstick and scares",
        (
            ("slapstick", 0.8), ("violence_comic", 0.8), ("chase", 0.8), ("scare", 0.6), ("falling", 0.6), ("flying", 0.4),
            ("calm", -0.6), ("nature", -0.4), ("landscape", -0.4), ("sleeping", -0.5), ("cute", -0.3), ("plotting", -0.4),
            ("sad", -0.3),
            ("title", -0.4), ("credits", -0.9),
        ),
    ),
    Taste(
        "calm",
        "calm nature",
        (
            ("calm", 0.8), ("nature", 0.7), ("landscape", 0.6), ("cute", 0.7), ("sleeping", 0.5), ("eating", 0.6),
            ("violence_comic", -0.9), ("scare", -0.8), ("slapstick", -0.5), ("falling", -0.4), ("chase", -0.3),
            ("plotting", -0.4),
            ("dark", -0.3), ("title", -0.2), ("credits", -0.8),
        ),
    ),
    Taste(
        "schemers",
        "plots and revenge",
        (
            ("plotting", 0.9), ("triumph", 0.8), ("dark", 0.3), ("flying", 0.2),
            ("calm", -0.6), ("cute", -0.4), ("nature", -0.4), ("landscape", -0.3), ("slapstick", -0.4), ("scare", -0.3),
            ("eating", -0.4),
            ("title", -0.4), ("credits", -0.9),
        ),
    ),
)  # fmt: skip
"""Tastes over the tags of the film's labelled shots ("dark": a mood below 0)."""

DRAWN = (
    Taste(
        "machines",
        "machines at full speed",
        (
            ("machines", 0.8), ("fast", 0.8), ("loud", 0.6), ("fire", 0.4),
            ("calm", -0.5), ("food", -0.5), ("animals", -0.4), ("nature", -0.3), ("talk", -0.3), ("title", -0.5),
            ("credits", -1.0),
        ),
    ),
    Taste(
        "home",
        "animals, food and quiet",
        (
            ("animals", 0.8), ("food", 0.8), ("nature", 0.6), ("calm", 0.4),
            ("fast", -0.6), ("loud", -0.6), ("machines", -0.6), ("space", -0.4), ("title", -0.3), ("credits", -1.0),
        ),
    ),
    Taste(
        "sky",
        "night sky and the people under it",
        (
            ("space", 0.9), ("night", 0.4), ("people", 0.5), ("talk", 0.4),
            ("food", -0.5), ("animals", -0.5), ("nature", -0.4), ("fast", -0.4), ("machines", -0.3), ("title", -0.4),
            ("credits", -1.0),
        ),
    ),
)  # fmt: skip
"""Tastes over the kinds of the drawn season's shots."""


def write_audience(
    folder: Path, shots: pd.DataFrame, rate: Fraction, tastes: tuple[Taste, ...], viewers: int, plays: int, seed: int
) -> None:
    """Lets an audience watch: `history.csv`, and under `truth/` shots.csv, tastes.json, viewers.csv and appeal.csv.

    shots: shot, episode, start, stop in frames, labels ("a;b"); other columns are kept in truth/shots.csv.
    viewers.csv: viewer, taste; a tenth has none. appeal.csv: taste, shot, appeal 0..1.
    """
    seen = simulate(shots, rate, tastes, viewers=viewers, plays=plays, bad_rows=max(12, plays // 60), seed=seed)
    _csv(seen.plays, folder / "history.csv")
    _csv(shots, folder / "truth" / "shots.csv")
    _csv(seen.viewers, folder / "truth" / "viewers.csv")
    _csv(seen.appeal.round(4), folder / "truth" / "appeal.csv")
    told = [{"id": taste.id, "name": taste.name, "weights": dict(taste.weights)} for taste in tastes]
    store.write_text(folder / "truth" / "tastes.json", json.dumps(told, indent=2) + "\n")


def write_sheet(folder: Path, shots: pd.DataFrame, title: str) -> Path:
    """`contact_sheet.jpg`: the middle frame of each shot with its labels, for people."""
    episodes = [probe(folder / "episodes" / f"{name}.mp4") for name in shots["episode"].unique()]
    shown: dict[str, list[Shot]] = {}
    for name, episode, start, stop in zip(shots["shot"], shots["episode"], shots["start"], shots["stop"], strict=True):
        shown.setdefault(str(episode), []).append(Shot(str(name), str(episode), Span(int(start), int(stop))))
    notes = {str(name): str(labels).replace(";", " ") for name, labels in zip(shots["shot"], shots["labels"], strict=True)}
    return store.write(
        folder / "contact_sheet.jpg", lambda path: season_sheet(episodes, shown, path, title, notes=notes) and None
    )


def _csv(table: pd.DataFrame, path: Path) -> None:
    store.write_text(path, table.to_csv(index=False, lineterminator="\n"))
