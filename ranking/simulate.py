"""Viewers whose tastes are known: a seeded viewing history over labelled shots, with the truth beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from trailers.errors import RequestError
from trailers.ranking.behaviour import FAMILIES, Habits, Reel

COLUMNS = ("viewer", "episode", "started_at", "from", "to", "event", "device", "profile")
NOISE = "noise"
"""The taste of viewers who have none: their likings are drawn anew for each of them."""
BOT = "bot"
"""The taste of accounts that nobody watches with: they play a few shots over and over, so that these look wanted."""
PUSHED = 0.05
"""The share of the shots that bots push."""

_DEVICES = ("tv", "phone", "tablet", "web")
_LATENT = 8


@dataclass(frozen=True)
class Taste:
    """What a group of viewers likes: a label's liking runs from -1 (leaves) over 0 (does not care) to 1 (watches again)."""

    id: str
    name: str
    weights: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Simulation:
    """A history and the truth behind it.

    plays: a row is one stretch of one sitting, in the columns of the history contract (COLUMNS; from and to in seconds);
    rows of one sitting share `started_at`.
    viewers: viewer, taste (a taste's id, NOISE or BOT; of those whose taste drifts, the one they end with).
    appeal: taste, shot, appeal 0..1: how much a viewer of that taste likes that shot.
    """

    plays: pd.DataFrame
    viewers: pd.DataFrame
    appeal: pd.DataFrame


@dataclass(frozen=True)
class _Viewer:
    """likes: what is liked, as `_World.pleased` reads it; before: the same at the beginning, where a taste drifts."""

    name: str
    taste: str
    likes: np.ndarray
    before: np.ndarray
    habits: Habits
    device: str
    profile: str


@dataclass(frozen=True)
class _World:
    """How liking comes about. walk: shots are sets of labels, likings weights on them, and they add up. hazards: shots and
    viewers are points, what lies near pleases (unfolding, Coombs 1950), and a quality that no label tells adds to it for all.

    marks: shots x labels, or shots x dimensions. kinds: tastes' weights on labels, or their points. own: the spread of viewers
    about their taste.
    """

    marks: np.ndarray
    kinds: Mapping[str, np.ndarray]
    own: float
    points: bool
    quality: np.ndarray

    def pleased(self, likes: np.ndarray) -> np.ndarray:
        """How much each shot pleases someone of these likings, 0..1."""
        if not self.points:
            return _logistic(2.0 * self.marks @ likes)
        away = np.sqrt(((self.marks - likes) ** 2).sum(axis=1))
        return _logistic(2.0 * (away.mean() - away) / max(float(away.std()), 1e-9) + self.quality)


def appeal(
    shots: pd.DataFrame, tastes: Sequence[Taste], family: str = "walk", latent: np.ndarray | None = None, seed: int = 0
) -> pd.DataFrame:
    """How much each taste likes each shot: taste, shot, appeal 0..1 (0.5 = indifferent); arguments as of `simulate`."""
    world = _world(shots, tastes, family, latent, seed)
    names = shots["shot"].to_numpy()
    columns = {taste.id: world.pleased(world.kinds[taste.id]) for taste in tastes}
    return pd.concat(
        [pd.DataFrame({"taste": taste, "shot": names, "appeal": liked}) for taste, liked in columns.items()], ignore_index=True
    )


def simulate(
    shots: pd.DataFrame,
    rate: Fraction | Mapping[str, Fraction],
    tastes: Sequence[Taste],
    viewers: int = 480,
    plays: int = 3600,
    bad_rows: int = 60,
    seed: int = 0,
    noise: float = 0.1,
    family: str = "walk",
    latent: np.ndarray | None = None,
    drift: float = 0.0,
    bots: float = 0.0,
) -> Simulation:
    """Lets viewers of known tastes watch a season, one play (sitting) after another.

    shots: shot, episode, start, stop (frames), labels ("chase;animals"); rate: frames a second, one for all or by episode.
    A share `noise` of the viewers has no taste; a share `drift` comes from another taste and goes over to the own one in the
    course of its sittings; to the viewers come `bots` times as many accounts that push some shots (BOT); some sittings start by
    themselves and run untouched (an "autoplay" row); `bad_rows` rows cannot be used: unknown episodes, times beyond the end,
    unreadable times, repeated rows.

    family: how people like and what they do about it. "walk": labels that add up, and a walk with memory over shots, with hints
    logged. "hazards": points in a space, `latent` (shots x dimensions; drawn about a point for each label where not given), and
    competing risks in continuous time, no hints logged. See `behaviour`. Neither shares anything with how a history is read.
    """
    random = np.random.default_rng(seed)
    world = _world(shots, tastes, family, latent, seed)
    behave = FAMILIES[family]
    reels = []
    for name, part in shots.assign(row=np.arange(len(shots))).groupby("episode"):
        part, speed = part.sort_values("start"), float(rate if isinstance(rate, Fraction) else rate[str(name)])
        times = (part[column].to_numpy(float) / speed for column in ("start", "stop"))
        reels.append((Reel(str(name), *times), part["row"].to_numpy()))
    crowd = _crowd(world, tastes, viewers, noise, drift, random)
    eager = random.gamma(2.0, 1.0, len(crowd))
    more = random.choice(len(crowd), max(0, plays - len(crowd)), p=eager / eager.sum())
    order = np.concatenate([np.arange(len(crowd)), more])[:plays]
    often = np.bincount(order, minlength=len(crowd))
    began = np.datetime64("2026-01-05T18:00:00", "s")
    seen: dict[tuple[int, int], float] = {}
    turn = np.zeros(len(crowd), int)
    rows: list[tuple[object, ...]] = []
    for who in order:
        viewer = crowd[who]
        which = int(turn[who] % len(reels)) if random.random() < 0.7 else int(random.integers(len(reels)))
        moment = began + np.timedelta64(int(turn[who] * 86400 + random.integers(0, 5 * 3600)), "s")
        gone = turn[who] / max(often[who] - 1, 1)
        pleased = world.pleased(viewer.likes if viewer.before is viewer.likes else _between(viewer, gone))
        turn[who] += 1
        reel, at = reels[which]
        stretches, place = behave(viewer.habits, reel, pleased[at], seen.get((int(who), which), 0.0), turn[who] > 1, random)
        seen[int(who), which] = place
        stamp = f"{moment}Z"
        for a, b, event in stretches:
            rows.append((viewer.name, reel.id, stamp, a, b, event, viewer.device, viewer.profile))
    known = pd.DataFrame({"viewer": [viewer.name for viewer in crowd], "taste": [viewer.taste for viewer in crowd]})
    pushing = [f"b{n:05d}" for n in range(round(viewers * bots))]
    rows += _push(pushing, [reel for reel, _ in reels], max(10, 5 * plays // max(viewers, 1)), seed)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table = _spoil(table, [reel for reel, _ in reels], bad_rows, random)
    return Simulation(
        table.sort_values(["started_at", "viewer"], kind="stable", ignore_index=True),
        pd.concat([known, pd.DataFrame({"viewer": pushing, "taste": BOT}, dtype="str")], ignore_index=True),
        appeal(shots, tastes, family, latent, seed),
    )


def cold_episodes(shots: pd.DataFrame, count: int, length: int = 20, seed: int = 0) -> pd.DataFrame:
    """New episodes nobody has watched, each laid out of `length` shots drawn from those given (or all), in a drawn order.

    Gives a table like the one that came in, one shot after another from frame 0, episodes named "cold0000" on; a shot keeps its
    id, so that a row is known by (episode, shot).
    """
    random = np.random.default_rng(seed)
    size = min(length, len(shots))
    parts = []
    for number in range(count):
        part = shots.iloc[random.permutation(len(shots))[:size]].copy()
        stops = np.cumsum((part["stop"] - part["start"]).to_numpy())
        part["start"], part["stop"] = np.concatenate([[0], stops[:-1]]), stops
        part["episode"] = f"cold{number:04d}"
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _logistic(x: np.ndarray) -> np.ndarray:
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def _world(shots: pd.DataFrame, tastes: Sequence[Taste], family: str, latent: np.ndarray | None, seed: int) -> _World:
    if family not in FAMILIES:
        raise RequestError(f"viewers behave by one of {', '.join(FAMILIES)}; asked for: {family!r}")
    words = sorted({word for labels in shots["labels"] for word in str(labels).split(";") if word})
    has = [[word in str(labels).split(";") for word in words] for labels in shots["labels"]]
    marks = np.array(has, float).reshape(len(shots), len(words))
    weights = {taste.id: np.array([dict(taste.weights).get(word, 0.0) for word in words]) for taste in tastes}
    if family == "walk":
        return _World(marks, weights, 0.2, False, np.zeros(len(shots)))
    random = np.random.default_rng([seed, 2])
    if latent is None:
        about = random.normal(0, 1, (len(words), _LATENT))
        latent = marks @ about / np.sqrt(np.maximum(marks.sum(axis=1, keepdims=True), 1)) + random.normal(
            0, 0.4, (len(shots), _LATENT)
        )
    centred = latent - latent.mean(axis=0)
    of_label = marks.T @ centred / np.maximum(marks.sum(axis=0)[:, None], 1)
    kinds = {id: liked @ of_label for id, liked in weights.items()}
    return _World(centred, kinds, 0.35 * float(centred.std()), True, random.normal(0, 0.3, len(shots)))


def _crowd(
    world: _World, tastes: Sequence[Taste], count: int, noise: float, drift: float, random: np.random.Generator
) -> list[_Viewer]:
    """Viewers of each taste in equal parts, the last of them without any, each with likings and habits of their own."""
    blank = round(count * noise)
    drifting = np.random.default_rng([count, 1]).random(count) < drift
    size = world.marks.shape[1]
    crowd = []
    for n in range(count):
        own = random.normal(0.0, world.own, size)
        nobody = n >= count - blank
        likes = world.kinds[tastes[n % len(tastes)].id] + own
        if nobody:
            anywhere = random.normal(0, float(world.marks.std()), size) if world.points else random.uniform(-1, 1, size) * 0.6
            likes = np.asarray(anywhere)
        crowd.append(
            _Viewer(
                name=f"v{n:05d}",
                taste=NOISE if nobody else tastes[n % len(tastes)].id,
                likes=likes,
                before=likes if nobody or not drifting[n] else world.kinds[tastes[(n + 1) % len(tastes)].id] + own,
                habits=Habits(float(random.gamma(4.0, 0.25)), float(random.beta(2.0, 2.0)), float(random.beta(1.5, 4.0))),
                device=str(random.choice(_DEVICES, p=[0.5, 0.25, 0.1, 0.15])),
                profile=str(random.choice(["adult", "kid"], p=[0.85, 0.15])),
            )
        )
    return crowd


def _between(viewer: _Viewer, gone: float) -> np.ndarray:
    return np.asarray((1 - gone) * viewer.before + gone * viewer.likes)


def _push(names: Sequence[str], reels: Sequence[Reel], sittings: int, seed: int) -> list[tuple[object, ...]]:
    """Rows of accounts that go straight to the pushed shots and play each three times, sitting after sitting."""
    random = np.random.default_rng([seed, 3])
    every = [(reel, shot) for reel in reels for shot in range(len(reel.starts))]
    pushed = [every[n] for n in sorted(random.permutation(len(every))[: max(1, round(PUSHED * len(every)))])]
    rows: list[tuple[object, ...]] = []
    began = np.datetime64("2026-01-05T00:00:00", "s")
    for name in names:
        for sitting in range(sittings):
            reel, shot = pushed[int(random.integers(len(pushed)))]
            stamp = f"{began + np.timedelta64(sitting * 600 + int(random.integers(60)), 's')}Z"
            a, b = round(float(reel.starts[shot]), 2), round(float(reel.stops[shot]), 2)
            times = ((a + 0.01 * n, event) for n, event in enumerate(("play", "replay", "replay")))  # no row twice
            rows += [(name, reel.id, stamp, round(start, 2), b, event, "web", "adult") for start, event in times]
    return rows


def _spoil(table: pd.DataFrame, reels: Sequence[Reel], count: int, random: np.random.Generator) -> pd.DataFrame:
    """The same rows and `count` more that no reader can use as they are, in four kinds."""
    bad = table.iloc[random.integers(0, len(table), count)].copy()
    kind = np.arange(count) % 4
    ends = {reel.id: float(reel.stops[-1]) for reel in reels}
    bad.loc[kind == 0, "episode"] = "s99e99"
    late = np.array([ends.get(str(name), 0.0) for name in bad["episode"]])
    bad.loc[kind == 1, "from"] = (late + 30.0)[kind == 1].round(2)
    bad.loc[kind == 1, "to"] = (late + 90.0)[kind == 1].round(2)
    bad.loc[kind == 2, "started_at"] = "yesterday"
    return pd.concat([table, bad], ignore_index=True)
