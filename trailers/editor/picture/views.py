"""How a clip stands in a shape that is not its source's: a window that holds the subject, and where it goes."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trailers.editor.picture.bars import bars
from trailers.editor.picture.frames import source_frames
from trailers.editor.picture.glide import PLACES, path
from trailers.editor.picture.reframe import Size, alike, shape_of
from trailers.editor.picture.subject import KINDS, Track
from trailers.editor.timeline import Clip, Key, Timeline, View
from trailers.features.span import Span

if TYPE_CHECKING:
    from trailers.features.media import Episode

WINDOWS = (Fraction(4, 5), Fraction(1), Fraction(4, 3), Fraction(16, 9))  # shapes of a window that does not fill the rendition
HELD = 0.93  # of heads and lettering: what a window holds, at least
SEEN, OVER = 0.56, 0.15  # of all else that draws the eye, at least, and so much over the window's own share of the picture
ENOUGH = 0.42, 0.55  # shares that are enough where no face and no lettering has to be held: of a window that fills, of another
CELLS = 96  # along the picture, a multiple of COLUMNS and ROWS
_DRAWS = {"lead": 12.0, "face": 8.0, "text": 5.0}  # a head as high as the picture, or lettering, against 1 for all else together
_EQUAL = 0.55  # height of a head over that of the first, from which it has to be held too
_NEAR = 2  # pictures within which a head is seen again; one that is not is none
_SOFT = 0.3  # share of a window, at each side, in which a subject counts less the nearer it is to the edge
_MIDDLE = 0.05  # what the place farthest from the middle misses for that: where nothing stands out, the middle wins
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Shot:
    """A shot within a clip: the track's pictures of it, and the timeline frames at which they are shown, its first one first."""

    looks: tuple[int, ...]
    at: tuple[int, ...]


@dataclass(frozen=True)
class _Way:
    """Where a window goes: keys as (timeline frame, place), and how much of heads and lettering, and of all else, it holds."""

    keys: tuple[tuple[int, float], ...]
    held: float
    seen: float


def framed(
    timeline: Timeline,
    sizes: Sequence[Size],
    episodes: "Mapping[str, Episode]",
    tracks: Mapping[tuple[str, Span], Track],
    ground: str = "blur",
) -> Timeline:
    """The timeline with a view a clip and size, where the shapes differ; `tracks` by episode and span of a clip.

    What a person set (a view's `by`) stays as it is; a clip without a track keeps the views that it has.
    """
    clips = []
    for clip in timeline.clips:
        track = tracks.get((clip.episode, clip.span))
        views = {view.shape: view for view in clip.views}
        for size in sizes if track else ():
            shape, episode = shape_of(size), episodes[clip.episode]
            if track and not alike(episode.size, size) and not (shape in views and views[shape].by):
                views[shape] = view(track, clip, episode, size, timeline.rate, ground)
        clips.append(replace(clip, views=tuple(views[shape] for shape in sorted(views))))
    return replace(timeline, clips=tuple(clips))


def view(track: Track, clip: Clip, episode: "Episode", size: Size, rate: Fraction, ground: str = "blur") -> View:
    """The view of a clip in the shape of `size`, for a timeline at `rate` frames a second.

    The window fills the shape where it then holds the heads and the lettering; else it is the narrowest of WINDOWS that does,
    fitted over `ground` ("blur" or `#rrggbb`). Where there are none it has to hold most of what else draws the eye, or ENOUGH.
    Within a shot it stays or glides (`glide.path`); where the track has a cut it jumps with the picture.
    """
    _, _, width, height = bars(episode)
    shape, picture = Fraction(*size), Fraction(width, height)
    upright = shape < picture
    must, drawing, said = _drawn(track, upright)
    shots = _shots(track, clip, episode, rate)
    between = sorted((each for each in WINDOWS if min(shape, picture) < each < max(shape, picture)), reverse=not upright)
    for window in (shape, *between, picture):
        share = float(min(window / picture, picture / window))
        way = _way(must, drawing, shots, share, rate)
        seen = way.seen >= max(SEEN, share + OVER) or share >= ENOUGH[window != shape]
        if way.held >= HELD and (said or seen):
            break
    keys = tuple(Key(at, *((place, 0.5) if upright else (0.5, place))) for at, place in way.keys)
    sides = (round(share, 6), 1.0) if upright else (1.0, round(share, 6))
    over = "" if window == shape else "the whole picture" if window == picture else f"{window.numerator}:{window.denominator}"
    why = _why(said, way.keys, over, shape_of(size))
    return View(shape_of(size), *sides, keys, "" if window == shape else ground, why)


def _shots(track: Track, clip: Clip, episode: "Episode", rate: Fraction) -> tuple[_Shot, ...]:
    """The shots of a clip; one that no picture of the track lies in goes by the one before it."""
    frames = source_frames(clip, episode, rate)
    edges = sorted(
        {0, *(bisect_left(frames, cut) for cut in track.cuts if clip.span.start < cut < clip.span.stop)} - {len(frames)}
    )
    found = []
    for first, stop in pairwise((*edges, len(frames))):
        inside = [n for n, frame in enumerate(track.at.tolist()) if frames[first] <= frame <= frames[stop - 1]]
        looks = inside or [min(max(bisect_left(track.at.tolist(), frames[first] + 1) - 1, 0), len(track.at) - 1)]
        at = {min(max(bisect_left(frames, int(track.at[n])), first), stop - 1): n for n in reversed(looks)}
        shown = sorted(at)
        found.append(_Shot(tuple(at[frame] for frame in shown), (first, *shown[1:])))
    return tuple(found)


def _drawn(track: Track, across: bool) -> tuple[_Floats, _Floats, str]:
    """Along one direction, (pictures, CELLS): what has to be held, and all that draws the eye; and the former in words."""
    interest = track.interest.sum(axis=1 if across else 2).astype(np.float64)
    drawing = np.repeat(interest, CELLS // interest.shape[1], axis=1)
    drawing /= np.maximum(drawing.sum(axis=1, keepdims=True), 1e-9)
    must = np.zeros_like(drawing)
    said: dict[str, list[int]] = {}
    for number in range(len(track.at)):
        boxes = [n for n in np.flatnonzero(track.of == number).tolist() if _again(track, n)]
        heads = [n for n in boxes if KINDS[track.kind[n]] != "text"]
        first = max(heads, key=lambda n: (KINDS[track.kind[n]] == "lead", _height(track, n)), default=None)
        for n in boxes:
            kind = KINDS[track.kind[n]]
            if kind == "face" and first is not None and _height(track, n) < _EQUAL * _height(track, first):
                continue
            left, right = (float(track.boxes[n, side]) for side in ((0, 2) if across else (1, 3)))
            cells = slice(int(left * CELLS), max(int(np.ceil(right * CELLS)), int(left * CELLS) + 1))
            weight = _DRAWS[kind] * (1.0 if kind == "text" else _height(track, n))
            must[number, cells] += weight / max(cells.stop - cells.start, 1)
            said.setdefault(kind, []).append(number)
    words = _said(said, len(track.at))
    return must if words else np.zeros_like(must), drawing + must, words


def _again(track: Track, box: int) -> bool:
    """Whether what was found is found again near its place in a neighbouring picture; lettering is, and in one picture all is."""
    if len(track.at) < 3 or KINDS[track.kind[box]] == "text":
        return True
    apart = np.abs(track.of - track.of[box])
    others = np.flatnonzero((apart > 0) & (apart <= _NEAR))
    middle, size = (track.boxes[box, :2] + track.boxes[box, 2:]) / 2, track.boxes[box, 2:] - track.boxes[box, :2]
    there = (track.boxes[others, :2] + track.boxes[others, 2:]) / 2
    return bool((np.abs(there - middle) < size).all(axis=1).any())


def _height(track: Track, box: int) -> float:
    return float(track.boxes[box, 3] - track.boxes[box, 1])


def _way(must: _Floats, drawing: _Floats, shots: Sequence[_Shot], share: float, rate: Fraction) -> _Way:
    """The way of a window of `share` of the picture, shot by shot."""
    places = np.linspace(share / 2, 1 - share / 2, PLACES) if share < 1 else np.array([0.5])
    cells = (np.arange(CELLS) + 0.5) / CELLS
    apart = np.abs(cells[:, None] - places[None, :]) / share  # of a window's width: 0.5 is its edge
    inside = (apart <= 0.5 + 0.5 / CELLS / share).astype(np.float64)
    soft = np.clip((0.5 - apart) / _SOFT, 0, 1) * 0.5 + 0.5 * inside
    off = _MIDDLE * np.abs(2 * places - 1)
    keys: list[tuple[int, float]] = []
    held = np.zeros(2)
    for shot in shots:
        looks = list(shot.looks)
        drawn = _steadied(drawing[looks])
        drawn /= max(float(drawn.sum(axis=1).mean()), 1e-9)  # a subject wholly missed is 1, whatever it weighs
        found = path(drawn @ (1 - soft) + off, [float(at / rate) for at in shot.at], places)
        mine = [(shot.at[look], round(float(places[place]), 5)) for look, place in found]
        if keys and keys[-1][0] < mine[0][0] - 1:
            keys.append((mine[0][0] - 1, keys[-1][1]))  # it stays until the cut
        keys += mine
        where = np.rint(np.interp(np.arange(len(looks)), *np.array(found, float).T)).astype(int)
        held += [(part[looks] * inside[:, where].T).sum() for part in (must, drawing)]
    whole = [float(part[[look for shot in shots for look in shot.looks]].sum()) for part in (must, drawing)]
    shares = [float(part / total) if total > 1e-9 else 1.0 for part, total in zip(held, whole, strict=True)]
    return _Way(_plain(keys), shares[0], shares[1])


def _steadied(drawing: _Floats) -> _Floats:
    """Each picture with its neighbours of two tenths of a second and four: a face that is missed once is not lost."""
    padded = np.pad(drawing, ((2, 2), (0, 0)), mode="edge")
    count = len(drawing)
    return np.asarray(sum(weight * padded[n : n + count] for n, weight in enumerate((1, 2, 3, 2, 1))) / 9.0, np.float64)


def _plain(keys: Sequence[tuple[int, float]]) -> tuple[tuple[int, float], ...]:
    """Keys without those between two of the same place, or after the last move."""
    kept = [
        key
        for n, key in enumerate(keys)
        if n == 0 or key[1] != keys[n - 1][1] or (n + 1 < len(keys) and keys[n + 1][1] != key[1])
    ]
    return tuple(kept)


def _said(found: Mapping[str, Sequence[int]], pictures: int) -> str:
    """What has to be held, in words: what is seen in a fifth of the pictures and more."""
    words = []
    if len(set(found.get("lead", ()))) >= 0.2 * pictures:
        words.append("the main character")
    seen = found.get("face", ())
    if len(set(seen)) >= 0.2 * pictures:
        often = round(len(seen) / len(set(seen)))
        words.append("a face" if often == 1 else f"{often} faces")
    if len(set(found.get("text", ()))) >= 0.2 * pictures:
        words.append("lettering")
    return " and ".join(words)


def _why(said: str, keys: Sequence[tuple[int, float]], over: str, shape: str) -> str:
    """What the window does and for what, in a line; `over`: what is fitted over a ground, "" where the shape is filled."""
    what = said or "what stands out"
    jumps = sum(other[0] - one[0] == 1 and one[1] != other[1] for one, other in pairwise(keys))
    glides = sum(other[0] - one[0] > 1 and one[1] != other[1] for one, other in pairwise(keys))
    does = "follows" if glides else "jumps with the cut to" if jumps else "stays on"
    return f"{does} {what}" + (f"; {over} over a ground, for {shape} holds too little" if over else "")
