"""A season of fire and water shots in turn, watched by fans of the one and of the other: the right ranking is known."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from trailers.features.index import SIGNALS, ShotIndex
from trailers.features.media import Episode
from trailers.features.shots import Shot
from trailers.features.span import Span
from trailers.ranking.history import History, read_history
from trailers.ranking.segments import Segment, Segments
from trailers.ranking.simulate import NOISE, Simulation, Taste, simulate

RATE = Fraction(24000, 1001)
FIRE = Taste("fire", "fire", (("fire", 1.0), ("water", -1.0)))
WATER = Taste("water", "water", (("water", 1.0), ("fire", -1.0)))


@dataclass(frozen=True)
class Board:
    index: ShotIndex
    episodes: tuple[Episode, ...]
    shots: pd.DataFrame
    simulation: Simulation
    history: History

    @property
    def planted(self) -> Segments:
        """The segments as the simulator knows them."""
        told = self.simulation.viewers[self.simulation.viewers["taste"] != NOISE]
        members = told.rename(columns={"taste": "segment"}).sort_values("viewer", ignore_index=True)
        sizes = members["segment"].value_counts()
        segments = tuple(Segment(str(name), str(name), int(sizes[name]), ()) for name in sorted(sizes.index))
        return Segments(segments, members, "as the table says", len(self.simulation.viewers) - len(members))

    def fire(self, ids: pd.Series) -> np.ndarray:
        """Which of these shots are of fire."""
        return np.asarray(ids.map(self.shots.set_index("shot")["labels"]) == "fire")


def episode(name: str, frames: int, rate: Fraction = RATE) -> Episode:
    return Episode(name, Path(f"{name}.mp4"), rate, frames, (64, 36), Fraction(1), 0, False, (), "")


def write_plays(plays: pd.DataFrame, path: Path) -> Path:
    plays.to_csv(path, index=False)
    return path


@cache
def board(tastes: tuple[Taste, ...] = (FIRE, WATER), episodes: int = 3, seed: int = 0, noise: float = 0.1) -> Board:
    """`episodes` of 16 shots, seen by 120 viewers in 700 plays."""
    random = np.random.default_rng(seed)
    rows = []
    for e in range(episodes):
        stops = np.cumsum(random.integers(40, 120, 16))
        for n, (start, stop) in enumerate(zip([0, *stops[:-1]], stops, strict=True)):
            rows.append((f"e{e + 1:02d}/{n:04d}", f"e{e + 1:02d}", int(start), int(stop), "fire" if (n + e) % 2 else "water"))
    shots = pd.DataFrame(rows, columns=["shot", "episode", "start", "stop", "labels"])
    simulation = simulate(shots, RATE, tastes, viewers=120, plays=700, bad_rows=12, seed=seed, noise=noise)
    ends = shots.groupby("episode")["stop"].max()
    known = tuple(episode(str(name), int(frames)) for name, frames in ends.items())
    with TemporaryDirectory() as folder:
        history = read_history(write_plays(simulation.plays, Path(folder) / "history.csv"), known)
    return Board(_index(shots, random), known, shots, simulation, history)


def _index(shots: pd.DataFrame, random: np.random.Generator) -> ShotIndex:
    count = len(shots)
    fire = (shots["labels"] == "fire").to_numpy(float)
    vectors = random.normal(0, 0.5, (count, 16))
    vectors[:, 0] += 2 * fire
    vectors[:, 1] += 2 * (1 - fire)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    length = (shots["stop"] - shots["start"]).to_numpy(float)
    ends = shots.groupby("episode")["stop"].transform("max").to_numpy(float)
    text = {"palette": "#aa3322 #2244aa #dddddd", "dialogue": "", "crossing": False}
    signals = pd.DataFrame({name: [text[name]] * count if name in text else random.random(count) for name in SIGNALS})
    signals["position"] = (shots["start"].to_numpy() + length / 2) / ends
    signals["seconds"] = length / float(RATE)
    ids = pd.Index(shots["shot"], name="shot")
    words = {"fire": 0.2 + 0.6 * fire, "water": 0.8 - 0.6 * fire, "talk": np.full(count, 0.5), "night": np.full(count, 0.5)}
    concepts = pd.DataFrame({word: np.clip(value + random.normal(0, 0.1, count), 0, 1) for word, value in words.items()})
    frames = zip(shots["shot"], shots["episode"], shots["start"], shots["stop"], strict=True)
    return ShotIndex(
        tuple(Shot(str(name), str(of), Span(int(start), int(stop))) for name, of, start, stop in frames),
        vectors.astype(np.float32),
        signals.set_axis(ids),
        concepts.astype(np.float32).set_axis(ids),
        "test",
    )
