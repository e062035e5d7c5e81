"""Viewers whose tastes are known: a seeded viewing history over labelled shots, with the truth beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

COLUMNS = ("viewer", "episode", "started_at", "from", "to", "event", "device", "profile")
NOISE = "noise"
"""The taste of viewers who have none: their likings are drawn anew for each of them."""

_DEVICES = ("tv", "phone", "tablet", "web")


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
    viewers: viewer, taste (a taste's id, or "noise").
    appeal: taste, shot, appeal 0..1: how much a viewer of that taste likes that shot.
    """

    plays: pd.DataFrame
    viewers: pd.DataFrame
    appeal: pd.DataFrame


@dataclass(frozen=True)
class _Reel:
    """One episode for the walk: seconds at which its shots start and stop, and the labels each shot has (shots x labels)."""

    id: str
    starts: np.ndarray
    stops: np.ndarray
    marks: np.ndarray


@dataclass(frozen=True)
class _Viewer:
    name: str
    likes: np.ndarray
    restless: float
    skipper: float
    rewinder: float
    device: str
    profile: str


def appeal(shots: pd.DataFrame, tastes: Sequence[Taste]) -> pd.DataFrame:
    """How much each taste likes each shot: taste, shot, appeal 0..1 (0.5 = indifferent); labels add up, then a logistic."""
    words = _words(shots)
    marks = _marks(shots, words)
    names = shots["shot"].to_numpy()
    columns = {taste.id: _logistic(2.0 * marks @ _likes(taste, words)) for taste in tastes}
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
) -> Simulation:
    """Lets viewers of known tastes watch a season, one play (sitting) after another.

    shots: shot, episode, start, stop (frames), labels ("chase;animals"); rate: frames a second, one for all or by episode.
    A viewer goes through an episode from its start (some resume, some jump in), steps 10 s ahead over what bores (a "skip" row
    holds what was stepped over), winds back to what pleased (a "replay" row), and leaves: more likely the further in (drop-off)
    and the more boredom has gathered. A share `noise` of the viewers has no taste; some sittings start by themselves and run
    untouched (an "autoplay" row); `bad_rows` rows cannot be used: unknown episodes, times beyond the end, unreadable times,
    repeated rows. The behaviour is a walk with memory over seconds and labels: nothing of it is shared with how the ranker
    reads a history.
    """
    random = np.random.default_rng(seed)
    words = _words(shots)
    reels = [_reel(part, words, rate) for _, part in shots.groupby("episode")]
    crowd, tastes_of = _crowd(tastes, words, viewers, noise, random)
    eager = random.gamma(2.0, 1.0, len(crowd))
    more = random.choice(len(crowd), max(0, plays - len(crowd)), p=eager / eager.sum())
    order = np.concatenate([np.arange(len(crowd)), more])[:plays]
    began = np.datetime64("2026-01-05T18:00:00", "s")
    seen: dict[tuple[int, int], float] = {}
    turn = np.zeros(len(crowd), int)
    rows: list[tuple[object, ...]] = []
    for who in order:
        viewer = crowd[who]
        which = int(turn[who] % len(reels)) if random.random() < 0.7 else int(random.integers(len(reels)))
        moment = began + np.timedelta64(int(turn[who] * 86400 + random.integers(0, 5 * 3600)), "s")
        turn[who] += 1
        stretches, place = _sit(viewer, reels[which], seen.get((int(who), which), 0.0), turn[who] > 1, random)
        seen[int(who), which] = place
        stamp = f"{moment}Z"
        for a, b, event in stretches:
            rows.append((viewer.name, reels[which].id, stamp, a, b, event, viewer.device, viewer.profile))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table = _spoil(table, reels, bad_rows, random).sort_values(["started_at", "viewer"], kind="stable", ignore_index=True)
    return Simulation(table, pd.DataFrame({"viewer": [v.name for v in crowd], "taste": tastes_of}), appeal(shots, tastes))


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


def _words(shots: pd.DataFrame) -> list[str]:
    return sorted({word for labels in shots["labels"] for word in str(labels).split(";") if word})


def _marks(shots: pd.DataFrame, words: Sequence[str]) -> np.ndarray:
    rows = [[word in str(labels).split(";") for word in words] for labels in shots["labels"]]
    return np.array(rows, float).reshape(len(shots), len(words))


def _likes(taste: Taste, words: Sequence[str]) -> np.ndarray:
    liking = dict(taste.weights)
    return np.array([liking.get(word, 0.0) for word in words])


def _reel(part: pd.DataFrame, words: Sequence[str], rate: Fraction | Mapping[str, Fraction]) -> _Reel:
    part = part.sort_values("start")
    name = str(part["episode"].iloc[0])
    speed = float(rate if isinstance(rate, Fraction) else rate[name])
    return _Reel(name, part["start"].to_numpy(float) / speed, part["stop"].to_numpy(float) / speed, _marks(part, words))


def _crowd(
    tastes: Sequence[Taste], words: Sequence[str], count: int, noise: float, random: np.random.Generator
) -> tuple[list[_Viewer], list[str]]:
    """Viewers of each taste in equal parts, the last of them without any, each with likings and habits of their own."""
    blank = round(count * noise)
    kinds = [tastes[n % len(tastes)].id if n < count - blank else NOISE for n in range(count)]
    likes = {taste.id: _likes(taste, words) for taste in tastes}
    crowd = []
    for n, kind in enumerate(kinds):
        own = random.normal(0.0, 0.2, len(words))
        crowd.append(
            _Viewer(
                name=f"v{n:05d}",
                likes=random.uniform(-1, 1, len(words)) * 0.6 if kind == NOISE else likes[kind] + own,
                restless=float(random.gamma(4.0, 0.25)),
                skipper=float(random.beta(2.0, 2.0)),
                rewinder=float(random.beta(1.5, 4.0)),
                device=str(random.choice(_DEVICES, p=[0.5, 0.25, 0.1, 0.15])),
                profile=str(random.choice(["adult", "kid"], p=[0.85, 0.15])),
            )
        )
    return crowd, kinds


def _sit(
    viewer: _Viewer, reel: _Reel, place: float, again: bool, random: np.random.Generator
) -> tuple[list[tuple[float, float, str]], float]:
    """One sitting: its stretches (from, to, event) in seconds, and where it ended."""
    end = float(reel.stops[-1])
    if again and random.random() < 0.06:
        return [(0.0, end, "autoplay")], end
    here = 0.0
    if 2.0 < place < end - 5.0 and random.random() < 0.6:
        here = place
    elif random.random() < 0.08:
        here = float(random.uniform(0.0, 0.8 * end))
    pleased = _logistic(2.0 * reel.marks @ viewer.likes)
    done: list[tuple[float, float, str]] = []
    since, bored = here, 0.0
    shot = int(np.searchsorted(reel.stops, here, side="right"))
    while shot < len(reel.starts):
        joy, stop = float(pleased[shot]), float(reel.stops[shot])
        length = stop - here
        bored = 0.6 * bored + (0.5 - joy) * min(length, 6.0) / 3.0
        depart = viewer.restless * length * (0.0015 + 0.003 * here / end + 0.02 * max(0.0, bored))
        if random.random() < 1.0 - np.exp(-depart):
            here += float(random.uniform(0.2, 1.0)) * length
            break
        if joy < 0.45 and random.random() < viewer.skipper * (1.0 - joy) ** 1.5:
            at = here + min(float(random.exponential(1.2)) + 0.3, 0.9 * length)
            to = at + 10.0
            if joy < 0.2 or to > stop:
                to = max(min(to, stop + float(random.normal(0.3, 0.6))), at + 0.2)
            to = min(to, end)
            if at > since:
                done.append((since, at, "play"))
            done.append((at, to, "skip"))
            here = since = to
        else:
            here = stop
            if joy > 0.6 and random.random() < viewer.rewinder * joy**3:
                back = max(0.0, float(reel.starts[shot]) + float(random.normal(-0.3, 0.5)))
                if stop > since:
                    done.append((since, stop, "play"))
                done.append((min(back, stop - 0.2), stop, "replay"))
                since = stop
        shot = int(np.searchsorted(reel.stops, here + 0.05, side="right"))
    if here > since + 0.01:
        done.append((since, here, "play"))
    return [(round(a, 2), round(b, 2), kind) for a, b, kind in done if b - a >= 0.02] or [(0.0, min(1.0, end), "play")], here


def _spoil(table: pd.DataFrame, reels: Sequence[_Reel], count: int, random: np.random.Generator) -> pd.DataFrame:
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
