"""Where the pictures of a trailer occur in its film."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, log2
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trailers.features.graph import Graph, array, scaled
from trailers.features.media import Episode, Pictures, Size, pictures_at, video_frames
from trailers.features.relief import WIDTH, Box, Framing, alike, describe, fitted, framings, plain, relief, resized
from trailers.features.saliency import bars
from trailers.features.shots import Detection, Transition, detect
from trailers.features.span import Span

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("shot", "start", "stop", "film_start", "film_stop", "likeness")
LIKE = 0.72  # likeness from which two pictures are the same
_COARSE = 96  # pixels of width at which the whole film is looked through
_SECOND = 6  # pictures a second of film that are
_KEYS = 3  # pictures of a trailer's shot that are looked for
_PLACES = 5  # places of the film, the likeliest first, that are looked at closely
_SEEN = 24  # pictures of a trailer's shot that are compared closely
_SPEEDS = tuple(1.06**n for n in range(-14, 15))  # from less than half the speed of the film to more than twice
_TRIM = 0.75  # share of a shot's likeness under which a picture at its ends is a title, or mixed with the next shot
_LEAST = 4  # frames of a shot, at least, that are looked for
_AS_GOOD = 0.03  # of likeness: what coding and grading make of the same framing
_SURE = 0.97  # likeness from which no other place can be meant
_Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class _Looked:
    """A shot of the trailer: grey pictures (k, height, width) of its frames `frames`; `span` is what no transition mixes."""

    id: str
    span: Span
    frames: NDArray[np.int64]
    greys: Pictures

    @property
    def keys(self) -> tuple[int, ...]:
        """Which of the pictures are looked for: some that show something, spread over the shot."""
        places = dict.fromkeys(len(self.frames) * (2 * n + 1) // (2 * _KEYS) for n in range(_KEYS))
        return tuple(n for n in places if not plain(relief(self.greys[n])))


@dataclass(frozen=True)
class _Found:
    """A place in the film for frames `span` of a shot of the trailer; the film's frames None where there is nothing."""

    span: Span
    film: Span | None
    likeness: float


@dataclass(frozen=True)
class _Guess:
    """The picture `key` of a shot looks like the film's frame `frame` in a framing."""

    key: int
    frame: int
    framing: Framing


def matches(film: Episode, trailer: Episode, detection: Detection | None = None) -> "pd.DataFrame":
    """For each of the trailer's shots, in order, where it occurs in the film: a row with COLUMNS.

    start, stop: the frames of the trailer that were found, and film_start, film_stop: those of the film that they show, stop
    excluded; missing (NA) where the shot is not in the film. likeness: 0 to 1, of the best place; LIKE is what a find takes.
    `detection` are the trailer's shots, which are detected if not given.

    A film is looked through once, some pictures a second, with memory that does not grow with its length but for a number a
    second and picture of the trailer; only the likeliest places are decoded again and compared frame by frame. Bars, scale,
    crops, squeezed pictures, grading, coding, rates, slow motion, dissolves and letters over a picture do not matter; mirrored
    pictures are not found, nor those of which less than half is the film's.
    """
    import pandas as pd

    looked = tuple(_shots(trailer, detection or detect(trailer)))
    inside = _inside(film)
    rows = []
    for shot, guesses in zip(looked, _guesses(film, inside, looked), strict=True):
        best = _Found(shot.span, None, 0.0)
        for guess in guesses:
            found = _place(film, inside, trailer, shot, guess)
            best = max(best, found, key=lambda each: each.likeness)
            if best.likeness > _SURE:
                break
        there = (best.film.start, best.film.stop) if best.film and best.likeness >= LIKE else (None, None)
        rows.append((shot.id, best.span.start, best.span.stop, *there, round(best.likeness, 4)))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"film_start": "Int64", "film_stop": "Int64"})


# The trailer: a few grey pictures of each shot.


def _shots(trailer: Episode, detection: Detection) -> Iterator[_Looked]:
    box = _inside(trailer)
    for shot in detection.shots:
        span = _clear(shot.span, detection.transitions)
        count = min(len(span), _SEEN)
        numbers = np.unique(np.linspace(span.start, span.stop - 1, count).round().astype(np.int64))
        greys = [picture for n, picture in _greys(trailer, span, WIDTH, box) if n in set(numbers.tolist())]
        yield _Looked(shot.id, span, numbers, np.stack(greys))


def _clear(span: Span, transitions: Sequence[Transition]) -> Span:
    """A shot's frames without those that a transition at either end mixes."""
    start = max([change.stop for change in transitions if change.start <= span.start < change.stop], default=span.start)
    stop = min([change.start for change in transitions if change.start < span.stop <= change.stop], default=span.stop)
    return Span(start, stop) if stop - start >= _LEAST else span


def _inside(episode: Episode) -> Box:
    """What lies within black bars that all of the file has."""
    count = min(episode.frames, 16)
    wide = 2 * WIDTH
    numbers = sorted({(2 * n + 1) * episode.frames // (2 * count) for n in range(count)})
    colours = pictures_at(episode, numbers, (wide, _high(episode.size, wide)))
    high, across = (share / 2 for share in bars(colours.mean(axis=3).astype(np.uint8)))
    return Box(across, high, 1 - across, 1 - high)


def _high(size: Size, width: int) -> int:
    return max(2 * round(width * size[1] / size[0] / 2), 16)


def _greys(episode: Episode, span: Span, width: int, box: Box, step: int = 1) -> Iterator[tuple[int, Pictures]]:
    """Every `step`-th frame of a span, with its number, as grey pictures of the part within the bars, `width` pixels wide."""
    wide, high = episode.size
    crop = f"crop={_even((box.right - box.left) * wide)}:{_even((box.bottom - box.top) * high)}"
    chain = Graph(f"{crop},{scaled((width, _high(_size(episode, box), width)), 'gray')}")
    for n, frame in enumerate(video_frames(episode, span, fast=True), span.start):
        if (n - span.start) % step == 0:
            yield n, array(next(chain.push(frame)))


def _even(number: float) -> int:
    return max(2 * int(number / 2), 2)


def _size(episode: Episode, box: Box) -> Size:
    return round((box.right - box.left) * episode.size[0]), round((box.bottom - box.top) * episode.size[1])


# The film once through, at a few pictures a second: where each picture of the trailer may be.


def _guesses(film: Episode, inside: Box, looked: Sequence[_Looked]) -> list[list[_Guess]]:
    """For each shot of the trailer the likeliest places in the film, the best first."""
    keys = [(n, key) for n, shot in enumerate(looked) for key in shot.keys]
    shown = looked[0].greys.shape if looked else (0, 1, 1)
    ways = framings((shown[2], shown[1]), _size(film, inside))
    if not keys:
        return [[] for _ in looked]
    shapes, boxes = list(dict.fromkeys(way.one for way in ways)), list(dict.fromkeys(way.other for way in ways))
    # The trailer's pictures at the scale of the film's, where one is cut to the other's shape.
    scale = min(_COARSE / shown[2], _high(_size(film, inside), _COARSE) / shown[1])
    size = (round(scale * shown[2]), round(scale * shown[1]))
    asked = np.stack([describe(relief(resized(looked[n].greys[key], size), _COARSE), shapes) for n, key in keys])
    step = max(round(film.rate / _SECOND), 1)
    likeness, frame, way_of = [], [], []  # rows a second, columns the keys
    some: list[tuple[int, Pictures]] = []

    def second() -> None:
        rows = np.stack([describe(relief(picture, _COARSE), boxes) for _, picture in some])
        best = np.full((len(some), len(keys)), -1.0, np.float32)
        chosen = np.zeros(best.shape, np.int32)
        for k, way in enumerate(ways):
            score = rows[:, boxes.index(way.other)] @ asked[:, shapes.index(way.one)].T
            better = score > best
            best[better], chosen[better] = score[better], k
        top = best.argmax(axis=0)
        columns = np.arange(len(keys))
        likeness.append(best[top, columns])
        frame.append(np.array([n for n, _ in some], np.int64)[top])
        way_of.append(chosen[top, columns])
        some.clear()

    for each in _greys(film, film.span, _COARSE, inside, step):
        some.append(each)
        if len(some) == _SECOND:
            second()
    if some:
        second()
    table, frames, chosen = np.stack(likeness), np.stack(frame), np.stack(way_of)
    guesses = []
    for n in range(len(looked)):
        columns = [k for k, (shot, _) in enumerate(keys) if shot == n]
        guesses.append(
            [_Guess(keys[k][1], int(frames[second, k]), ways[chosen[second, k]]) for second, k in _likeliest(table, columns)]
        )
    return guesses


def _likeliest(table: _Floats, columns: Sequence[int]) -> list[tuple[int, int]]:
    """(second, column) of the best places for a shot whose pictures have these columns: all of them should be near."""
    if not columns:
        return []
    own = table[:, columns]
    padded = np.pad(own, ((1, 1), (0, 0)), constant_values=-1)
    near = np.maximum(np.maximum(padded[:-2], padded[2:]), own)
    score = near.mean(axis=1) + own.max(axis=1)
    found: list[tuple[int, int]] = []
    for second in np.argsort(-score, kind="stable").tolist():
        if all(abs(second - other) > 1 for other, _ in found):
            found.append((second, columns[int(own[second].argmax())]))
        if len(found) == _PLACES:
            break
    return found


# A place looked at closely: every frame around it, at the speed and framing that fit best.


def _place(film: Episode, inside: Box, trailer: Episode, shot: _Looked, guess: _Guess) -> _Found:
    """Where exactly a shot lies about a guess, and how like it is."""
    pace = float(film.rate / trailer.rate)
    at = shot.frames[guess.key]
    before, after = (ceil(1.5 * pace * int(abs(at - end))) + round(1.5 * film.rate) for end in (shot.span.start, shot.span.stop))
    window = Span(max(guess.frame - before, 0), min(guess.frame + after, film.frames))
    seen = np.stack([picture for _, picture in _greys(film, window, WIDTH, inside)])
    place, key, framing = guess.frame - window.start, guess.key, guess.framing
    best = _Found(shot.span, None, 0.0)
    for _ in range(2):  # the framing from one pair of pictures, the time from it, and both again
        like, framing = fitted(shot.greys[key], seen[place], framing)
        table = _table(shot, seen, framing, (like.shape[1], like.shape[0]))
        found, path = _line(table, shot.frames, pace, window.start)
        if found.likeness <= best.likeness:
            break
        best, key = found, int(table[np.arange(len(path)), path].argmax())
        place = int(path[key])
    # Where a camera pans, a framing a little aside shows nearly the same a little earlier: of two as good, that of the shapes.
    plainly, _ = _line(_table(shot, seen, guess.framing, _natural(shot, seen, guess.framing)), shot.frames, pace, window.start)
    return plainly if plainly.likeness > best.likeness - _AS_GOOD else best


def _table(shot: _Looked, seen: Pictures, framing: Framing, size: Size) -> _Floats:
    """How alike each picture of a shot, made as large as `size`, is to each of the film's in a framing."""
    ones = np.stack([framing.one.cut(relief(resized(grey, size))) for grey in shot.greys])
    others = np.stack([framing.other.cut(relief(picture)) for picture in seen])
    high, wide = min(ones.shape[1], others.shape[1]), min(ones.shape[2], others.shape[2])
    return alike(ones[:, :high, :wide], others[:, :high, :wide])


def _natural(shot: _Looked, seen: Pictures, framing: Framing) -> Size:
    """The size at which a shot's pictures lie on the film's in exactly this framing."""
    high, wide = seen.shape[1:]
    across = wide * (framing.other.right - framing.other.left) / (framing.one.right - framing.one.left)
    return round(across), round(high * (framing.other.bottom - framing.other.top) / (framing.one.bottom - framing.one.top))


def _line(table: _Floats, frames: NDArray[np.int64], pace: float, first: int) -> tuple[_Found, NDArray[np.int64]]:
    """The steady run through the film that is most like a shot: (shot's pictures x film's frames) -> where, and its path."""
    count = table.shape[1]
    rows, best = np.arange(len(frames)), (-1.0, np.zeros(len(frames), np.int64))
    for speed in _SPEEDS:
        steps = np.round((frames - frames[0]) * pace * speed).astype(np.int64)
        starts = np.arange(count - min(int(steps[-1]), count - 1))
        paths = np.minimum(starts[:, None] + steps[None, :], count - 1)
        scores = table[rows, paths].mean(axis=1) - 0.02 * abs(log2(speed))  # of places as good, that at the film's own speed
        if scores.max() > best[0]:
            best = float(scores.max()), paths[int(scores.argmax())]
    path = best[1]
    along = table[rows, path]
    good = np.flatnonzero(along >= _TRIM * np.median(np.sort(along)[len(along) // 2 :]))
    low, high = int(good[0]), int(good[-1])
    span = Span(int(frames[low]), int(frames[high]) + 1)
    there = Span(first + int(path[low]), first + int(path[high]) + 1)
    return _Found(span, there, float(np.clip(along[low : high + 1].mean(), 0, 1))), path
