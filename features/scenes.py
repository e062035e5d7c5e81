"""How shots hang together: scenes of one place and time, camera set-ups that come back, and each shot's neighbours."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trailers.features.shots import Shot

COLUMNS = {
    "scene": "the scene that the shot is part of, named after its episode and place in it (s01e01/a003)",
    "setup": "id of the first shot of the same camera set-up in the season; the shot's own where it is the first",
    "like_before": "cosine of the shot's vector to the shot's before it in the episode, -1..1; 0 at the beginning",
    "like_after": "cosine of the shot's vector to the shot's after it in the episode, -1..1; 0 at the end",
    "step": "loudness over the shot's before it in the episode, LU, about -60..60; 0 at the beginning",
}
ALIKE = 0.8  # cosine of two shots' vectors, their episodes' means taken off, above which they may be of one set-up
SAME = 0.995  # cosine of the vectors as they are, above which they may be so even in an episode of one look
_TINT, _LIGHT = 0.12, 0.1  # differences of palettes and of brightness up to which a set-up's light has not changed
_SETUPS = 2000  # set-ups, the latest to come up, that a shot is compared with
_REACH = 8  # shots: those that far apart still speak for one scene, those farther apart for nothing
_LONGEST = 200  # shots of a scene, at most
_BORDER = 1.0  # what a border between scenes costs, in likeness of one pair of shots
_WEIGHTS = {"vector": 1.0, "palette": 0.5, "brightness": 0.25, "colourfulness": 0.25, "loudness": 0.25}
_SHARES = np.array([0.5, 0.3, 0.2], np.float32)  # about what the three colours of a palette cover
_BLOCK = 256  # shots whose set-ups are looked for at once
_Floats = NDArray[np.float32]


def scenes(shots: Sequence[Shot], vectors: NDArray[np.float32], signals: pd.DataFrame) -> pd.DataFrame:
    """A table indexed by shot id, in the order of `shots`, with the columns of COLUMNS.

    `vectors` are unit rows (shots, d) in the order of `shots`; `signals`, indexed by shot id, holds palette, brightness,
    colourfulness and loudness. What a row holds depends on its own episode, but for `setup`, which looks back to episodes of a
    lower id: an episode that is added changes no row of one before it.
    """
    order = sorted(range(len(shots)), key=lambda row: (shots[row].episode, shots[row].span))
    ordered = [shots[row] for row in order]
    signals = signals.loc[[shot.id for shot in ordered]]
    rows = np.asarray(vectors, np.float32)[order]
    episode = np.array([shot.episode for shot in ordered], dtype=object)
    edges = [0, *(np.flatnonzero(episode[1:] != episode[:-1]) + 1).tolist(), len(ordered)]
    pieces = [slice(start, stop) for start, stop in pairwise(edges) if start < stop]
    colours = palettes(signals["palette"])
    light = {name: _known(signals[name], episode) for name in ("brightness", "colourfulness", "loudness")}
    centred = np.zeros_like(rows)
    named: list[str] = []
    like, step = np.zeros(len(ordered)), np.zeros(len(ordered))
    for piece in pieces:
        centred[piece] = _unit(rows[piece] - rows[piece].mean(axis=0))
        number = np.cumsum(_borders(centred[piece], colours[piece], {name: of[piece] for name, of in light.items()}))
        named += [f"{episode[piece.start]}/a{n:03d}" for n in number]
        like[piece.start + 1 : piece.stop] = (rows[piece][1:] * rows[piece][:-1]).sum(axis=1)
        step[piece.start + 1 : piece.stop] = np.diff(light["loudness"][piece])
    first = setups(rows, centred, colours, light["brightness"])
    after = np.append(like[1:], 0.0)[: len(ordered)]
    ids = pd.Index([shot.id for shot in ordered], name="shot")
    named_setups = [ordered[row].id for row in first]
    columns = {"scene": named, "setup": named_setups, "like_before": like, "like_after": after, "step": step}
    return pd.DataFrame(columns, index=ids).loc[[shot.id for shot in shots]]


def setups(rows: _Floats, centred: _Floats, colours: _Floats, brightness: _Floats) -> NDArray[np.int64]:
    """Of each shot the row of the first of its set-up: the likest earlier first shot that looks the same in the same light.

    Every shot is compared with the first of a set-up itself, never with the last, so that a set-up does not drift; and with the
    latest _SETUPS of them, so that the time a season takes grows with its length alone.
    """
    first = np.arange(len(rows))
    leaders: list[int] = []
    for start in range(0, len(rows), _BLOCK):
        block = np.arange(start, min(start + _BLOCK, len(rows)))
        rivals = np.array([*leaders[-_SETUPS:], *block], np.int64)
        alike, same = centred[block] @ centred[rivals].T, rows[block] @ rows[rivals].T
        likeness = np.where((alike > ALIKE) | (same > SAME), same, -np.inf)
        likeness[np.abs(brightness[block][:, None] - brightness[rivals][None]) > _LIGHT] = -np.inf
        for n, row in enumerate(block):
            near = np.flatnonzero(np.isfinite(likeness[n]) & (rivals < row) & (first[rivals] == rivals))
            near = near[distance(colours[row][None], colours[rivals[near]]) <= _TINT]
            if len(near):
                first[row] = rivals[near[int(np.argmax(likeness[n][near]))]]
            else:
                leaders.append(int(row))
    return first


def palettes(column: "pd.Series[str]") -> _Floats:
    """Palettes '#rrggbb #rrggbb #rrggbb' as colours (shots, 3, 3), 0..1; grey where there is none."""
    read = [[[int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)] for colour in str(text).split()] for text in column]
    return np.array([(colours * 3)[:3] if colours else [[0.5] * 3] * 3 for colours in read], np.float32).reshape(-1, 3, 3)


def distance(one: _Floats, other: _Floats) -> _Floats:
    """How far palettes (..., 3, 3) are apart, row for row: each colour to the nearest of the other's, by share and both ways;
    0 to 1.7."""
    apart = np.sqrt(((one[..., :, None, :] - other[..., None, :, :]) ** 2).sum(axis=-1))
    return np.asarray((apart.min(axis=-1) @ _SHARES + apart.min(axis=-2) @ _SHARES) / 2, np.float32)


def _borders(centred: _Floats, colours: _Floats, light: dict[str, _Floats]) -> NDArray[np.bool_]:
    """Where a scene begins in an episode: the grouping of its shots, in their order, whose groups hold together best.

    Dynamic programming over all groupings (optimal sequential grouping: Rotman, Porat and Ashour 2016), where a group is worth
    the summed likeness of its pairs up to _REACH shots apart: that keeps shot and reverse shot together as overlapping links do
    (Yeung and Yeo 1998). Likeness counts from what is usual in the episode, so that the number of scenes need not be given.
    """
    count = len(centred)
    bands = _likeness(centred, colours, light)
    best, begin = np.zeros(count + 1), np.zeros(count + 1, np.int64)
    worth = np.zeros(0)  # of the groups that begin at each of the last _LONGEST shots and end at this one
    for n in range(count):
        to_earlier = np.zeros(len(worth))
        for apart, band in enumerate(bands[: len(worth)], start=1):
            to_earlier[-apart] = band[n - apart]
        worth = np.append(worth + np.cumsum(to_earlier[::-1])[::-1], 0.0)[-_LONGEST:]
        total = best[n + 1 - len(worth) : n + 1] + worth - _BORDER
        chosen = len(total) - 1 - int(np.argmax(total[::-1]))
        best[n + 1], begin[n + 1] = total[chosen], n + 1 - len(worth) + chosen
    found, at = np.zeros(count, bool), count
    while at:
        at = int(begin[at])
        found[at] = True
    return found


def _likeness(centred: _Floats, colours: _Floats, light: dict[str, _Floats]) -> list[NDArray[np.float64]]:
    """Of each distance 1 to _REACH the likeness of the shots that far apart: deviations from what is usual among all of them."""
    apart = [n for n in range(1, _REACH + 1) if n < len(centred)]
    found = []
    for n in apart:
        measured = {
            "vector": (centred[n:] * centred[:-n]).sum(axis=1),
            "palette": -distance(colours[n:], colours[:-n]),
            **{name: -np.abs(of[n:] - of[:-n]) for name, of in light.items()},
        }
        found.append(np.stack([measured[name] for name in _WEIGHTS], axis=1).astype(np.float64))
    if not found:
        return []
    every, weights = np.concatenate(found), np.array(list(_WEIGHTS.values()))
    spread = every.std(axis=0)
    weights = np.where(spread > 1e-6, weights / np.maximum(spread, 1e-6), 0.0) / np.linalg.norm(weights)
    return [(one - every.mean(axis=0)) @ weights for one in found]


def _known(column: "pd.Series[float]", episode: NDArray[np.object_]) -> _Floats:
    """A signal as numbers; where it is not known, the middle of what is in the episode."""
    values = pd.to_numeric(column, errors="coerce").astype(float)
    return np.asarray(values.fillna(values.groupby(episode).transform("median")).fillna(0.0), np.float32)


def _unit(rows: _Floats) -> _Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 1e-5, lengths, np.inf), np.float32)
