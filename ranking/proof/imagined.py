"""Seasons that were never filmed: an index whose vectors, concepts and signals tell of what is shown as blurredly as asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trailers.ranking.simulate import BOT, NOISE, Simulation, Taste

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex
    from trailers.features.media import Episode

RATE = Fraction(24)
KINDS = (
    "chase", "fight", "fire", "sea", "forest", "crowd", "dance", "kiss", "quarrel", "laughter", "machines", "animals",
)  # fmt: skip
"""What a shot may show."""
TOLD = tuple(kind for n, kind in enumerate(KINDS) if n % 3)
"""Those for which the index has a concept; of the others its vectors tell alone."""
DIMENSIONS = 16
_WIDE = 128


@dataclass(frozen=True)
class Imagined:
    """shots: shot, episode, start, stop (frames), labels ("chase;night"), row for row as in the index; latent: shots x
    DIMENSIONS, where each lies, which the index knows through noise alone."""

    index: ShotIndex
    episodes: tuple[Episode, ...]
    shots: pd.DataFrame
    latent: np.ndarray


def imagine(episodes: int = 6, length: int = 40, blur: float = 1.0, seed: int = 0) -> Imagined:
    """A season of `episodes` with `length` shots each, in scenes of some five.

    A shot shows kinds of things, its labels, as its scene's theme has it, and is a point: theirs together and something of its
    own. The vectors are a curved picture (tanh) of the point among the scene's set and light, which no taste cares for; concepts
    are readings of two in three of the labels; some signals lean on the point, the rest on nothing. `blur` is the noise of all
    of them beside what they tell (0: none, 1: as much). Same arguments, same season.
    """
    from trailers.features.index import ShotIndex
    from trailers.features.media import Episode
    from trailers.features.shots import Shot
    from trailers.features.span import Span

    random = np.random.default_rng(seed)
    count = episodes * length
    episode = np.repeat(np.arange(episodes), length)
    begins = (np.arange(count) % length == 0) | (random.random(count) < 0.2)
    scene = np.cumsum(begins) - 1
    scenes = int(scene[-1]) + 1
    theme = random.beta(0.3, 1.5, (scenes, len(KINDS)))[scene]  # how much of a scene's time shows each kind of thing
    shown = random.random(theme.shape) < theme
    towards = np.linalg.qr(random.normal(0, 1, (DIMENSIONS, len(KINDS))))[0].T  # kinds are told apart, whatever comes together
    latent = shown @ towards + random.normal(0, 0.25, (count, DIMENSIONS))
    reading = 2.0 * shown - 0.7 + random.normal(0, 0.3, shown.shape)
    frames = np.maximum(12, random.lognormal(4.2, 0.6, count)).astype(int)
    starts = np.concatenate([np.cumsum(part) - part for part in np.split(frames, episodes)])
    names = [f"e{e + 1:02d}" for e in episode]
    ids = [f"{name}/{n % length:04d}" for n, name in enumerate(names)]
    spans = [Span(int(a), int(a + n)) for a, n in zip(starts, frames, strict=True)]
    labels = [";".join(kind for kind, there in zip(KINDS, row, strict=True) if there) for row in shown]
    ends = np.array([part.sum() for part in np.split(frames, episodes)])

    style = random.normal(0, 0.3, (scenes, DIMENSIONS))[scene]
    bent = np.tanh(np.hstack([latent, style]) @ random.normal(0, 0.5, (2 * DIMENSIONS, _WIDE)))
    vectors = bent + blur * float(bent.std()) * random.normal(0, 1, bent.shape)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    told = reading[:, [KINDS.index(kind) for kind in TOLD]]
    told = told + blur * random.normal(0, 1, told.shape)
    concepts = pd.DataFrame(1 / (1 + np.exp(-2 * told)), index=pd.Index(ids, name="shot"), columns=list(TOLD))
    signals = _signals(latent, blur, random).set_axis(ids)
    signals["position"] = (starts + frames / 2) / ends[episode]
    signals["season_position"] = (episode + signals["position"]) / episodes
    signals["seconds"] = frames / float(RATE)
    signals["scene"] = [f"{name}/a{number:03d}" for name, number in zip(names, scene, strict=True)]
    index = ShotIndex(
        tuple(Shot(id, name, span) for id, name, span in zip(ids, names, spans, strict=True)),
        vectors.astype(np.float32),
        signals,
        concepts.astype(np.float32),
        "imagined",
    )
    shots = pd.DataFrame({"shot": ids, "episode": names, "start": starts, "stop": starts + frames, "labels": labels})
    known = [
        Episode(f"e{e + 1:02d}", Path(f"e{e + 1:02d}.mp4"), RATE, int(ends[e]), (640, 360), Fraction(1), 0, False, (), "")
        for e in range(episodes)
    ]
    return Imagined(index, tuple(known), shots, latent)


def draw_tastes(count: int = 3, seed: int = 0) -> tuple[Taste, ...]:
    """Tastes over KINDS, each with three likings of its own and four dislikes."""
    random = np.random.default_rng([seed, 7])
    order = random.permutation(len(KINDS))
    tastes = []
    for n in range(count):
        liked = [KINDS[k] for k in order[3 * n : 3 * n + 3]]
        others = [KINDS[k] for k in random.permutation(len(KINDS)) if KINDS[k] not in liked]
        weights = [(kind, round(float(random.uniform(0.6, 1.0)), 2)) for kind in liked]
        weights += [(kind, -round(float(random.uniform(0.3, 0.8)), 2)) for kind in others[:4]]
        tastes.append(Taste(f"t{n}", " and ".join(liked[:2]), tuple(weights)))
    return tuple(tastes)


def watch_titles(
    simulation: Simulation, tastes: Sequence[Taste], titles: int = 120, each: float = 15.0, seed: int = 0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What the same viewers watched elsewhere: (viewer, title, episode "", liking 0..1, watched_at), and the catalogue: (title,
    genres, words).

    A title shows a few kinds of thing, named among its words beside others that say nothing; it has a popularity of its own. A
    viewer watches some `each` titles, drawn by popularity and by what the own taste likes of their kinds, which also says how
    much of one is watched. Those without a taste, and bots, draw by popularity alone.
    """
    random = np.random.default_rng([seed, 11])
    words = sorted({word for taste in tastes for word, _ in taste.weights})
    has = random.random((titles, len(words))) < 0.2
    genres = random.choice(["Drama", "Comedy", "Action", "Documentary"], titles)
    filler = ("season", "story", "young", "world", "family", "return")
    names = [f"Title {n:03d}" for n in range(titles)]
    told = [" ".join([*(w for w, there in zip(words, row, strict=True) if there), *random.choice(filler, 2)]) for row in has]
    catalogue = pd.DataFrame({"title": names, "genres": genres, "words": told}, dtype="str")
    popular = random.normal(0, 1, titles)
    liked = {taste.id: has @ np.array([dict(taste.weights).get(word, 0.0) for word in words]) for taste in tastes}
    liked |= {NOISE: np.zeros(titles), BOT: np.zeros(titles)}
    began = np.datetime64("2025-06-01T18:00:00", "s")
    rows: list[tuple[object, ...]] = []
    for viewer, taste in zip(simulation.viewers["viewer"], simulation.viewers["taste"], strict=True):
        wants = np.exp(popular + 1.5 * liked[str(taste)])
        size = int(np.clip(random.poisson(each), 1, titles))
        for n, title in enumerate(random.choice(titles, size, replace=False, p=wants / wants.sum())):
            share = 1 / (1 + np.exp(-(0.8 + 1.5 * liked[str(taste)][title] + random.normal(0, 1))))
            rows.append((viewer, names[title], "", round(float(share), 3), f"{began + np.timedelta64(n * 86400 * 5, 's')}Z"))
    columns = ["viewer", "title", "episode", "liking", "watched_at"]
    return pd.DataFrame(rows, columns=columns).sort_values(["viewer", "title"], ignore_index=True), catalogue


def _signals(latent: np.ndarray, blur: float, random: np.random.Generator) -> pd.DataFrame:
    """Every signal of an index; those of pace, light and sound lean on the point, the others tell nothing."""
    from trailers.features.index import SIGNALS, TEXTS

    leaning = (
        "motion",
        "action",
        "brightness",
        "warmth",
        "night",
        "faces",
        "loudness",
        "peak",
        "music",
        "speech",
        "onsets",
        "hits",
    )
    table: dict[str, object] = {}
    for name in SIGNALS:
        if name in TEXTS:
            table[name] = [""] * len(latent)
        elif name in leaning:
            way = random.normal(0, 1, latent.shape[1])
            read = latent @ (way / np.linalg.norm(way)) + blur * random.normal(0, 1, len(latent))
            table[name] = 1 / (1 + np.exp(-read))
        elif name in ("crossing", "recognised"):
            table[name] = [False] * len(latent)
        else:
            table[name] = random.random(len(latent))
    return pd.DataFrame(table)
