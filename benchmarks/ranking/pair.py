"""Where the shots that a professional trailer uses stand in our ranking of its film."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from benchmarks.ranking import table
from trailers.errors import HistoryError, RequestError, TrailersError
from trailers.features.media import probe
from trailers.guard import MEMORY, guarded, patience
from trailers.ranking.proof.measures import Interval, average_precision, interval, paired

if TYPE_CHECKING:
    from trailers.features.index import ShotIndex
    from trailers.results import Footage, Work
    from trailers.season import Season

GRAMMAR, RANKER = "film grammar", "ranker"
RUN = 10  # neighbouring shots that a draw of the bootstrap takes together: trailers take scenes, not single shots
DRAWS = 1000
SEEN = 4  # frames of a shot, at least, that a trailer that uses it shows
_PATIENT = 4  # times as long as a file may take to be read, for matching: it is gone through, and places of it again


class Measures(NamedTuple):
    """How high a ranking puts the shots used: average precision, area under the ROC curve (0.5 by chance), and how many times
    more of them than by chance stand among as many first shots as the trailer used."""

    precision: float
    area: float
    lift: float


@dataclass(frozen=True, eq=False)
class Pair:
    """A film's candidates in order of time, whether the trailer used each, and rankers' scores (columns); how many of the
    trailer's shots there are and were found, and how many used ones are no candidates."""

    name: str
    used: np.ndarray
    scores: pd.DataFrame
    shots: int
    found: int
    apart: int
    ours: str


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(
        description="Finds a trailer's pictures in its film, and measures how high our general score puts the shots that it "
        "uses, beside chance, position and length. Without a history the score is film grammar alone.",
        epilog="example: python benchmarks/ranking pair film.mp4 trailer.mp4",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILM TRAILER", help="pairs of files")
    parser.add_argument("--history", type=Path, help="viewing history whose episodes are the films' file names without ending")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of tables")
    parser.add_argument("--keep", type=Path, help="folder for the films' indexes, so that they are not made again")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(argv)
    if len(asked.files) % 2:
        parser.error(f"a film and its trailer by turns were asked for, and {len(asked.files)} files were found")
    given = list(zip(asked.files[::2], asked.files[1::2], strict=True))
    pairs, status = [], 0
    with tempfile.TemporaryDirectory() as here:
        for film, trailer in table.progress(given, "Pairs"):
            try:
                pairs.append(compare(film, trailer, asked.history, (asked.keep or Path(here)).resolve()))
            except TrailersError as error:
                print(f"{film.name} and {trailer.name}: {error}", file=sys.stderr)
                status = error.status
    if asked.json:
        print(json.dumps(document(pairs, asked.seed), indent=2))
    elif pairs:
        show(pairs, asked.seed)
    sys.exit(status)


def compare(film: Path, trailer: Path, history: Path | None, keep: Path) -> Pair:
    """Indexes a film as a run does, finds its trailer's pictures in it, and ranks its shots.

    RequestError for a missing file or a trailer of which nothing is in the film; MediaError for a file that cannot be read.
    """
    for path in (film, trailer, history):
        if path is not None and not path.is_file():
            raise RequestError(f"no file at {path}")
    guarded(probe, trailer.resolve(), patience(trailer), MEMORY, trailer.name)  # before the film is gone through for nothing
    index, general = indexed(film.resolve(), history and history.resolve(), keep)
    asked = (film.resolve(), trailer.resolve(), index.episodes[0])
    found = guarded(_matched, asked, _PATIENT * patience(film), MEMORY, trailer.name)
    return pair(f"{film.stem} / {trailer.stem}", index, found, general)


def _matched(asked: tuple[Path, Path, str]) -> pd.DataFrame:
    from trailers.features.match import matches

    film, trailer, id = asked
    return matches(probe(film, id), probe(trailer))


def indexed(film: Path, history: Path | None, keep: Path) -> tuple[ShotIndex, pd.Series | None]:
    """A film's index, by the stages of a run, and where there is a history the ranker's general score by shot id."""
    from trailers import stages
    from trailers.run import engine
    from trailers.season import Season
    from trailers.store import key

    name = key("pair", 1, {"film": str(film)}, [])[:12]
    season = Season("film", film.stem, keep / f"{film.stem}-{name}", (film,), history or film)
    with engine("local") as mapped:
        work = stages.open_work(season, mapped)
        footage = stages.watch(season, work)
        index = stages.look(season, footage, work)
        return index, _general(season, footage, index, work) if history else None


def _general(season: Season, footage: Footage, index: ShotIndex, work: Work) -> pd.Series:
    from trailers import stages

    audience = stages.meet(season, footage, index, work)
    if not len(audience.history.plays):
        raise HistoryError(f"{season.history.name}: no play of {season.episodes[0].stem}, the film's name, was found")
    scores = stages.rank(season, footage, index, audience, work).scores
    return scores[scores["segment"] == "general"].set_index("shot")["score"]


def pair(name: str, index: ShotIndex, found: pd.DataFrame, general: pd.Series | None = None) -> Pair:
    """The film's shots but for recaps, titles and credits, those used, and rankers' scores; `found` as `matches` gives it.

    RequestError where none of the trailer's shots was found, or all or none of the candidates are used.
    """
    from trailers.ranking.scoring.prior import prior

    shown = found.dropna(subset=["film_start"])
    if not len(shown):
        raise RequestError("no shot of the trailer occurs in the film; is it the trailer of another film, or of another cut?")
    spans = list(zip(shown["film_start"].astype(int), shown["film_stop"].astype(int), strict=True))
    used = np.array(
        [
            any(min(stop, shot.span.stop) - max(start, shot.span.start) >= min(SEEN, len(shot.span)) for start, stop in spans)
            for shot in index.shots
        ]
    )
    free = (index.signals["part"].astype(str) == "").to_numpy()
    if not 0 < used[free].sum() < free.sum():
        raise RequestError(f"{used[free].sum()} of the film's {free.sum()} shots are in the trailer: there is nothing to rank")
    position, seconds = (index.signals[name].to_numpy(float) for name in ("position", "seconds"))
    scores = {RANKER: general.loc[index.signals.index].to_numpy(float)} if general is not None else {}
    scores |= {
        GRAMMAR: prior(index).to_numpy(),
        "random": np.zeros(len(used)),
        "early": -position,
        "middle": -np.abs(position - 0.5),
        "long shots": seconds,
    }
    candidates = pd.DataFrame(scores, index=index.signals.index)[free]
    return Pair(name, used[free], candidates, len(found), len(shown), int(used[~free].sum()), next(iter(scores)))


def measured(used: np.ndarray, scores: np.ndarray) -> Measures:
    """Of one ranking; equal scores count as every order of them on average."""
    from scipy.stats import rankdata

    count = int(used.sum())
    area = (float(rankdata(scores)[used].sum()) - count * (count + 1) / 2) / (count * (len(used) - count))
    last = np.sort(scores)[::-1][count - 1]
    above, level = scores > last, scores == last
    hits = used[above].sum() + used[level].mean() * (count - above.sum())
    return Measures(average_precision(used, scores), area, float(hits) / count * len(used) / count)


def drawn(pair: Pair, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Draws of the film for a bootstrap of runs of shots (circular blocks, Politis and Romano 1992): (used, scores)."""
    count, values = len(pair.used), pair.scores.to_numpy()
    random = np.random.default_rng(seed)
    for _ in range(DRAWS):
        starts = random.integers(count, size=-(-count // RUN))
        rows = ((starts[:, None] + np.arange(RUN)) % count).ravel()[:count]
        if 0 < pair.used[rows].sum() < count:
            yield pair.used[rows], values[rows]


class Figures(NamedTuple):
    """A ranker's measures, and how far the average precision of ours is above its; with their 95 % intervals."""

    precision: Interval
    area: Interval
    lift: Interval
    behind: Interval


def within(pair: Pair, seed: int) -> Mapping[str, Figures]:
    """By ranker, with intervals over runs of the film's shots."""
    names = [str(name) for name in pair.scores]
    truth = np.array([measured(pair.used, pair.scores[name].to_numpy()) for name in names])
    draws = np.array([[measured(used, column) for column in scores.T] for used, scores in drawn(pair, seed)])
    ours = names.index(pair.ours)

    def told(value: float, values: np.ndarray) -> Interval:
        low, high = np.percentile(values, [2.5, 97.5])
        return Interval(value, float(low), float(high))

    return {
        name: Figures(
            told(truth[n, 0], draws[:, n, 0]),
            told(truth[n, 1], draws[:, n, 1]),
            told(truth[n, 2], draws[:, n, 2]),
            told(truth[ours, 0] - truth[n, 0], draws[:, ours, 0] - draws[:, n, 0]),
        )
        for n, name in enumerate(names)
    }


def over(pairs: Sequence[Pair], seed: int) -> Mapping[str, Figures]:
    """By ranker, means over pairs with intervals over pairs."""
    names = [str(name) for name in pairs[0].scores]
    values = {name: np.array([measured(p.used, p.scores[name].to_numpy()) for p in pairs]) for name in names}
    ours = values[pairs[0].ours][:, 0]
    return {
        name: Figures(
            interval(each[:, 0], seed), interval(each[:, 1], seed), interval(each[:, 2], seed), paired(ours, each[:, 0], seed)
        )
        for name, each in values.items()
    }


def show(pairs: Sequence[Pair], seed: int) -> None:
    """Tables for people: every pair with intervals over runs of its shots, then all pairs with intervals over pairs."""
    for each in pairs:
        _table(told(each), within(each, seed), each.ours)
    if len(pairs) > 1:
        _table(f"{len(pairs)} pairs: means over pairs, intervals over pairs", over(pairs, seed), pairs[0].ours)


def told(pair: Pair) -> str:
    apart = f" ({pair.apart} more are titles or credits, and stand apart)" if pair.apart else ""
    return (
        f"{pair.name}: {pair.found} of the trailer's {pair.shots} shots are in the film; "
        f"it uses {pair.used.sum()} of {len(pair.used)} shots{apart}"
    )


def _table(title: str, figures: Mapping[str, Figures], ours: str) -> None:
    columns = ("ranker", "average precision", "area under ROC", "precision, times chance", f"{ours} - it")
    lines = [(name, *each[:3], "" if name == ours else table.figure(each.behind, sign=True)) for name, each in figures.items()]
    table.rows(title, columns, lines)


def document(pairs: Sequence[Pair], seed: int) -> dict[str, object]:
    """All of it for machines; `ahead` is by how much the average precision of ours is above a ranker's."""

    def figures(found: Mapping[str, Figures]) -> list[dict[str, object]]:
        names = ("average_precision", "area", "lift", "ahead")
        return [
            {"ranker": name, **{what: _numbers(value) for what, value in zip(names, each, strict=True)}}
            for name, each in found.items()
        ]

    return {
        "pairs": [
            {
                "name": each.name,
                "trailer_shots": each.shots,
                "found": each.found,
                "candidates": len(each.used),
                "used": int(each.used.sum()),
                "ours": each.ours,
                "rankers": figures(within(each, seed)),
            }
            for each in pairs
        ],
        "all": figures(over(pairs, seed)) if len(pairs) > 1 else [],
    }


def _numbers(value: Interval) -> dict[str, float]:
    return {"value": round(value.mean, 6), "low": round(value.low, 6), "high": round(value.high, 6)}
