"""Recaps, opening titles and end credits of a season's episodes: what repeats between them, where, under which words and text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trailers.features.scenes import distance, palettes
from trailers.features.shots import Shot

COLUMNS = {"part": "recap, titles or credits; empty for everything else"}
RECAP, TITLES, CREDITS = "recap", "titles", "credits"
_NEAR = 8  # episodes before and after that one is compared with
_SAME, _LIKE = 0.97, 0.93  # cosine from which two shots are one and the same; from which they may be, or one a piece of the other
_GOES_ON = 0.8  # cosine from which a run of the same shots goes on where lengths agree: coding alone moved vectors down to 0.83
_PIECE, _CLOSE = 0.78, 0.05  # cosine from which one may be a piece of the other where palettes are no farther apart than this
_TINT, _LIGHT = 0.12, 0.06  # differences of palettes and of brightness that coding, or another piece of a shot, may make
_SLACK = 0.15  # seconds by which the lengths of the same shot may differ: a cut that was found a few frames off
_WRITTEN, _SPOKEN = 0.5, 0.5  # `text` from which there are words on the screen; `talk` or `speech` from which a shot is spoken
_OPENING, _BEGINNING = 0.35, 0.25  # shares of an episode in which titles, and recaps, begin
_TITLES = 2.5, 150.0  # seconds that titles last
_PIECES, _DENSE = 3, 0.6  # pieces of earlier episodes that make a recap; the share of its shots that they are
_LEAD = 3  # shots (a logo, a card) that may stand before a recap
_ENDING = 0.5  # share of an episode after which credits begin
_CREDITS, _LONG, _DARK = 3.0, 15.0, 0.12  # seconds of credits; seconds and brightness by which text alone tells them
_ROLL = 30.0  # seconds of text after which a scene may still follow
_Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class _Episode:
    """An episode's shots in order of time, row for row; `at` are the shares of the episode where they begin, 0..1."""

    ids: tuple[str, ...]
    vectors: _Floats
    colours: _Floats
    light: _Floats
    seconds: NDArray[np.float64]
    at: NDArray[np.float64]
    written: NDArray[np.bool_]
    spoken: NDArray[np.bool_]
    dark: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.ids)


def parts(
    shots: Sequence[Shot], vectors: NDArray[np.float32], signals: pd.DataFrame, rates: Mapping[str, Fraction]
) -> pd.DataFrame:
    """A table indexed by shot id, in the order of `shots`, with the column `part`.

    `vectors` are unit rows (shots, d) in the order of `shots`; `signals`, indexed by shot id, holds palette, brightness, text,
    talk and speech; `rates` are the episodes' by id. Episodes follow each other by id. Without siblings, only credits are found.

    Titles are the same run of shots early in two episodes; a recap is made of pieces from several places of earlier episodes and
    stands at the beginning; credits are text without speech that runs to the end, or so long that only a last scene follows.
    """
    episodes = _episodes(shots, vectors, signals, rates)
    found = [np.full(len(episode), "", object) for episode in episodes]
    for n, later in enumerate(episodes):
        for m in range(max(0, n - _NEAR), n):
            for here, there in _openings(episodes[m], later):
                found[m][here], found[n][there] = TITLES, TITLES
    for n, later in enumerate(episodes):
        known = [(episodes[m], found[m]) for m in range(max(0, n - _NEAR), n)]
        found[n][_recap(later, found[n], known)] = RECAP
    for n, episode in enumerate(episodes):
        near = [episodes[m] for m in range(max(0, n - _NEAR), min(len(episodes), n + _NEAR + 1)) if m != n]
        found[n][_credits(episode, near)] = CREDITS
    told = {id: part for episode, of in zip(episodes, found, strict=True) for id, part in zip(episode.ids, of, strict=True)}
    ids = pd.Index([shot.id for shot in shots], name="shot")
    return pd.DataFrame({"part": [told[id] for id in ids]}, index=ids, dtype=object)


def _episodes(
    shots: Sequence[Shot], vectors: NDArray[np.float32], signals: pd.DataFrame, rates: Mapping[str, Fraction]
) -> list[_Episode]:
    order = sorted(range(len(shots)), key=lambda row: (shots[row].episode, shots[row].span))
    name = [shots[row].episode for row in order]
    edges = [0, *(n for n in range(1, len(name)) if name[n] != name[n - 1]), len(name)]
    found = []
    for start, stop in pairwise(edges):
        if start == stop:
            continue
        rows = order[start:stop]
        spans = [shots[row].span for row in rows]
        here = signals.loc[[shots[row].id for row in rows]]
        light = _number(here, "brightness", 0.5)
        found.append(
            _Episode(
                tuple(here.index),
                np.asarray(vectors[rows], np.float32),
                palettes(here["palette"]),
                light.astype(np.float32),
                np.array([len(span) for span in spans]) / float(rates[name[start]]),
                np.array([span.start for span in spans]) / spans[-1].stop,
                _number(here, "text") >= _WRITTEN,
                np.maximum(_number(here, "talk"), _number(here, "speech")) >= _SPOKEN,
                light < _DARK,
            )
        )
    return found


# Titles: the same shots, whole and in the same order.


def _openings(one: _Episode, other: _Episode) -> Iterator[tuple[slice, slice]]:
    """The runs of shots that stand in both openings."""
    first, second = (np.count_nonzero(episode.at < _OPENING) for episode in (one, other))
    seen = 0
    for i, j in _pairs(one, other, slice(0, first), slice(0, second), _LIKE):
        if i < seen or abs(one.seconds[i] - other.seconds[j]) > _SLACK:
            continue
        here, there = _run(one, other, i, j)
        seconds = one.seconds[here].sum()
        several = here.stop - here.start > 1 or there.stop - there.start > 1
        card = one.written[i] and other.written[j] and float(one.vectors[i] @ other.vectors[j]) >= _SAME
        if _TITLES[0] <= seconds <= _TITLES[1] and (several or card) and one.spoken[here].mean() < 0.5:
            seen = here.stop
            yield here, there


def _run(one: _Episode, other: _Episode, i: int, j: int) -> tuple[slice, slice]:
    """How far the same shots go on, before and after a pair of them; a cut that was missed in one joins two shots there."""
    ends = []
    for way in (-1, 1):
        a, b = i, j
        while step := _step(one, other, a, b, way):
            a, b = a + way * step[0], b + way * step[1]
        ends.append((a, b))
    (i, j), (a, b) = ends
    return slice(i, a + 1), slice(j, b + 1)


def _step(one: _Episode, other: _Episode, i: int, j: int, way: int) -> tuple[int, int] | None:
    """How many shots of each follow that show the same, one of one episode at least."""
    for m, n in ((1, 1), (1, 2), (2, 1)):
        here, there = (slice(min(at + way, at + way * k), max(at + way, at + way * k) + 1) for at, k in ((i, m), (j, n)))
        if here.start < 0 or there.start < 0 or here.stop > len(one) or there.stop > len(other):
            continue
        if abs(one.seconds[here].sum() - other.seconds[there].sum()) > _SLACK:
            continue
        if float(_joined(one, here) @ _joined(other, there)) >= _GOES_ON:
            return m, n
    return None


def _joined(episode: _Episode, rows: slice) -> _Floats:
    """The vector of shots taken as one."""
    mean = episode.seconds[rows] @ episode.vectors[rows]
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), np.float32)


# Recaps: pieces of shots, from several places.


def _recap(later: _Episode, titles: NDArray[np.object_], known: Sequence[tuple[_Episode, NDArray[np.object_]]]) -> list[int]:
    """The rows of an episode's recap, if it has one."""
    last = int(np.count_nonzero(later.at < _BEGINNING))
    sources: dict[int, set[tuple[int, int]]] = {}
    for number, (earlier, parts_of) in enumerate(known):
        for i, j in _pairs(later, earlier, slice(0, last), slice(0, len(earlier)), _PIECE):
            likeness = float(later.vectors[i] @ earlier.vectors[j])
            if likeness < _LIKE and distance(later.colours[i], earlier.colours[j]) > _CLOSE:
                continue
            if not titles[i] and not parts_of[j] and later.seconds[i] <= earlier.seconds[j] + _SLACK:
                sources.setdefault(i, set()).add((number, j))
    told = [i for i in range(last) if not titles[i]]  # a recap goes on after titles, or stands before them
    pieces = [n for n, i in enumerate(told) if i in sources]
    if len(pieces) < _PIECES or pieces[0] > _LEAD:
        return []
    ends = [n for n in range(_PIECES, len(pieces) + 1) if n >= _DENSE * (pieces[n - 1] - pieces[0] + 1)]
    if not ends:
        return []
    rows = told[pieces[0] : pieces[ends[-1] - 1] + 1]
    places = sorted({min(sources[i]) for i in rows if i in sources})
    jumps = sum(1 for one, next in pairwise(places) if one[0] != next[0] or next[1] - one[1] > 1)
    return rows if jumps else []


# Credits: text that runs to the end.


def _credits(episode: _Episode, near: Sequence[_Episode]) -> list[int]:
    """The rows of an episode's credits, if it has some: of the runs of text late in it, those that only credits would make."""
    text = episode.written & ~episode.spoken & (episode.at >= _ENDING)
    found: list[int] = []
    for start, stop in _runs(text | (episode.dark & ~episode.spoken & (episode.at >= _ENDING))):
        written = np.flatnonzero(text[start:stop]) + start
        if not len(written):
            continue
        start = int(written[0])
        reaches = stop == len(episode)
        seconds = float(episode.seconds[written].sum())
        rows = range(start, stop if reaches else int(written[-1]) + 1)
        dark = bool(episode.dark[written].mean() > 0.5)
        alone = (reaches and (seconds >= _LONG or dark)) or seconds >= _ROLL
        if seconds >= _CREDITS and (alone or (reaches and _comes_back(episode, rows, near))):
            found += rows
    return found


def _comes_back(episode: _Episode, rows: range, near: Sequence[_Episode]) -> bool:
    """Whether any of the shots stands late in another episode too, as long."""
    for other in near:
        late = slice(int(np.count_nonzero(other.at < _ENDING)), len(other))
        for i, j in _pairs(episode, other, slice(rows.start, rows.stop), late, _SAME):
            if abs(episode.seconds[i] - other.seconds[j]) <= _SLACK:
                return True
    return False


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]


def _pairs(one: _Episode, other: _Episode, here: slice, there: slice, least: float) -> list[tuple[int, int]]:
    """Rows of shots that show the same in the same light and colours, in order."""
    near = np.argwhere(one.vectors[here] @ other.vectors[there].T >= least) + np.array([here.start, there.start])
    near = near[np.abs(one.light[near[:, 0]] - other.light[near[:, 1]]) <= _LIGHT]
    near = near[distance(one.colours[near[:, 0]], other.colours[near[:, 1]]) <= _TINT]
    return [(int(i), int(j)) for i, j in near]


def _number(table: pd.DataFrame, name: str, unknown: float = 0.0) -> NDArray[np.float64]:
    return np.asarray(pd.to_numeric(table[name], errors="coerce").astype(float).fillna(unknown), np.float64)
