"""Viewers as rows of numbers: what each did unlike everybody, with moments, with titles, or with both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trailers.ranking.audience.subjects import Choices, choices
from trailers.ranking.watching import blocks

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from trailers.features.index import ShotIndex
    from trailers.ranking.history import History

WIDE = 24
"""Directions that each kind of knowledge is reduced to."""
SAMPLE = 5000
"""Viewers that directions are found from, at most; all are then told by them."""
KNOWN_BY = 5
"""A title that fewer viewers chose tells nobody apart; neither do fewer titles than ENOUGH tell of a viewer."""
ENOUGH = 3


@dataclass(frozen=True, eq=False)
class Profiles:
    """viewers: sorted, those who did enough to be told apart; rows: viewers x directions; source: "moments", "titles" or both."""

    viewers: tuple[str, ...]
    rows: np.ndarray
    source: str


def profiles(history: History, index: ShotIndex, seed: int = 0) -> Profiles:
    """Each viewer's differences from everybody, in the main directions of each kind of knowledge.

    Kinds: what was watched of the shots that a viewer reached; which titles were chosen together (correspondence analysis,
    Greenacre 1984); what the chosen titles are about. Where there are several they stand side by side, each divided by its
    greatest spread, so that none outweighs another by its number of columns (Escofier and Pages 1990).
    """
    chosen = choices(history)
    moments, titles = _moments(history, index, seed), [_together(chosen, seed), _about(chosen, seed)]
    told = [part for part in (moments, *titles) if part[1].shape[1]]
    kinds = (("moments", [moments]), ("titles", titles))
    source = " and ".join(kind for kind, parts in kinds if any(part[1].shape[1] for part in parts))
    viewers = tuple(sorted({name for names, _ in told for name in names}))
    place = {name: n for n, name in enumerate(viewers)}
    blocks = []
    for names, rows in told:
        block = np.zeros((len(viewers), rows.shape[1]))
        block[[place[name] for name in names]] = rows / np.linalg.norm(rows, 2)
        blocks.append(block)
    return Profiles(viewers, np.hstack(blocks) if blocks else np.zeros((0, 0)), source)


def main_directions(rows: np.ndarray, size: int) -> np.ndarray:
    """The directions (columns x size, or fewer) along which rows spread most about 0."""
    _, s, v = np.linalg.svd(rows, full_matrices=False)
    keep = min(size, int((s > 1e-9 * max(s[0], 1e-300)).sum())) if len(s) else 0
    return np.asarray(v[:keep].T)


def _moments(history: History, index: ShotIndex, seed: int) -> tuple[list[str], np.ndarray]:
    """Of viewers who reached enough shots; the directions are those of SAMPLE viewers, spread evenly over all."""
    names = sorted(map(str, history.plays["viewer"].unique()))
    place = {name: n for n, name in enumerate(names)}
    step = max(1, -(-len(names) // SAMPLE))
    liked, reached = np.zeros((2, len(names[::step]), len(index.shots)), np.float32)
    sums, done = np.zeros((2, len(index.shots))), np.zeros(len(names))
    for block in blocks(history, index.shots):
        rows = np.array([place[str(name)] for name in block.viewers], int)
        engaged = block.watched + block.again
        sums[:, block.shots] += engaged.sum(axis=0), block.reached.sum(axis=0)
        done[rows] += block.reached.sum(axis=1)
        kept = rows % step == 0
        at = np.ix_(rows[kept] // step, block.shots)
        liked[at], reached[at] = engaged[kept], block.reached[kept]
    mean = sums[0] / np.maximum(sums[1], 1)
    enough = done >= max(2, min(20, len(index.shots) // 4))
    scale = np.where(enough, 1 / np.sqrt(np.maximum(done, 1)), 0.0)
    beside = (liked - reached * mean) * scale[::step, None]
    ways = _directions(beside, seed)
    told = [name for name, each in zip(names, enough, strict=True) if each]
    if step == 1:
        return told, (beside @ ways)[enough]
    found = np.zeros((len(names), ways.shape[1]))
    for block in blocks(history, index.shots):
        rows = np.array([place[str(name)] for name in block.viewers], int)
        found[rows] += (block.watched + block.again - block.reached * mean[block.shots]) @ ways[block.shots]
    return told, (found * scale[:, None])[enough]


def _together(chosen: Choices, seed: int) -> tuple[list[str], np.ndarray]:
    """Which titles were chosen by the same viewers: the first direction, that of all choosing, is left out."""
    known = np.flatnonzero((chosen.liked > 0).sum(axis=0) >= KNOWN_BY)
    liked = chosen.liked[:, known]
    enough = np.flatnonzero((liked > 0).sum(axis=1) >= ENOUGH)
    liked = liked[enough]
    rows, columns = (np.asarray(liked.sum(axis=axis)).ravel() for axis in (1, 0))
    if min(liked.shape) < 2 or not rows.all():
        return [], np.zeros((0, 0))
    from scipy.sparse import diags_array

    even = diags_array(rows**-0.5) @ liked @ diags_array(np.maximum(columns, 1e-12) ** -0.5)
    return [chosen.viewers[n] for n in enough], _reduced(even.tocsr(), seed, skip=1)


def _about(chosen: Choices, seed: int) -> tuple[list[str], np.ndarray]:
    enough = np.flatnonzero((chosen.liked > 0).sum(axis=1) >= ENOUGH)
    profile = chosen.profile[enough]
    if min(profile.shape) < 2:
        return [], np.zeros((0, 0))
    spread = np.maximum(profile.std(axis=0), 0.01)
    rows = (profile - profile.mean(axis=0)) / spread * np.sqrt(chosen.weight[enough])[:, None]
    return [chosen.viewers[n] for n in enough], _reduced(rows, seed)


def _reduced(table: csr_array | np.ndarray, seed: int, skip: int = 0) -> np.ndarray:
    """Rows in their main directions, but for the first `skip`."""
    return np.asarray(table @ _directions(table, seed, skip))


def _directions(table: csr_array | np.ndarray, seed: int, skip: int = 0) -> np.ndarray:
    """Columns x WIDE main directions, or as many as differ."""
    from sklearn.utils.extmath import randomized_svd

    size = min(WIDE + skip, *(n - 1 for n in table.shape))
    if size <= skip:
        return np.zeros((table.shape[1], 0))
    _, s, v = randomized_svd(table, size, n_iter=8, random_state=seed)
    return np.asarray(v[skip:][s[skip:] > 1e-9].T)
