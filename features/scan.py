"""One decode of an episode: every frame small for shots and measures, a few samples a shot larger for what costs more."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trailers.features.encoder import Encoder
from trailers.features.graph import Graph, scaled
from trailers.features.media import Episode, Pictures, Size, pictures_at, video_frames
from trailers.features.people import Sighting, sightings, table
from trailers.features.shots import DEFAULT, SMALL, Detection, Detector, Shot, Transition, open_detector, shots_of, small
from trailers.features.signals import COLUMNS, FRAME_COLUMNS, LARGE, SAMPLES, Look, Meter, measure
from trailers.features.span import Span

if TYPE_CHECKING:
    import pandas as pd

BATCH = 64  # frames that are handed on at once
AHEAD = 8  # batches that the decoder may be ahead of what is made of them: it waits, so that memory stays flat
GRID, WIDEST = 12, 36  # frames between candidates for samples at the beginning of a shot, and when it has grown long
SPARSE = 48  # frames of a shot for each sample
JUMP = 6.0  # mean change, 0..255, and twice the one before: a new shot may have begun
EYES = 2  # samples a shot, at most, that the encoder sees: their mean is near that of all (cosine .99 over a whole film)
AT_ONCE = 64  # pictures that the encoder is given together
SETTLE = 2  # frames after a jump that give a candidate of their own, so that short shots have one
_Sample = tuple[int, Pictures]


@dataclass(frozen=True)
class Scan:
    """The shots of an episode, what is seen in each, row for row, and every face as `people.table` gives them.

    `change` is float32, one a frame: how far its picture is from the one before, mean of luma, 0 to 1. `faults` are the numbers
    of pictures that could not be decoded: each was seen as the one before it.
    """

    detection: Detection
    look: Look
    faces: "pd.DataFrame"
    change: NDArray[np.float32]
    faults: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Batch:
    """Frames `first` and on: SMALL pictures uint8 (n, height, width, 3), and those that may become samples, larger."""

    first: int
    pictures: Pictures
    candidates: tuple[_Sample, ...]


def scan(episode: Episode, detector: str = DEFAULT, encoder: Encoder | None = None) -> Scan:
    """Shots, signals and vectors of an episode from one decode.

    Every frame is seen at SMALL by the detector and the meter. Each shot gets up to SAMPLES pictures at LARGE, spread over it,
    never out of a transition; a shot of a few frames in which no candidate fell is seen by its small picture. The encoder gets
    EYES of them squashed to its square, so that nothing at the sides is lost; a shot's vector is their mean at unit length.
    The decoder works in this thread, the encoder in one of its own, all else in a third, each in the order of the frames: same
    bytes whatever the timing.
    """
    with ThreadPoolExecutor(1, "scan") as worker, ThreadPoolExecutor(1, "eyes") as eyes:
        seen = _Seen(episode, open_detector(detector), _Eyes(encoder, eyes) if encoder else None)
        pending: deque[Future[None]] = deque()
        for batch in _batches(episode, seen.large, seen.faults):
            if len(pending) == AHEAD:
                pending.popleft().result()
            pending.append(worker.submit(seen.push, batch))
        for task in pending:
            task.result()
        return seen.finish()


def _batches(episode: Episode, large: Size, faults: list[int]) -> Iterator[_Batch]:
    every, candidate, due = Graph(small(episode)), Graph(scaled(large)), Due()
    pictures, candidates, first, filled = _empty(), [], 0, 0
    for n, frame in enumerate(video_frames(episode, None, "", fast=True, faults=faults)):
        pictures[filled] = picture = every.array(frame)
        filled += 1
        if due.at(n, picture):
            candidates.append((n, candidate.array(frame)))
        if filled == BATCH:
            yield _Batch(first, pictures, tuple(candidates))
            pictures, candidates, first, filled = _empty(), [], n + 1, 0
    if filled:
        yield _Batch(first, pictures[:filled], tuple(candidates))


def _empty() -> Pictures:
    return np.empty((BATCH, SMALL[1], SMALL[0], 3), np.uint8)


class Due:
    """Which frames become candidates: soon after every jump, then on a grid whose step grows with the time since."""

    def __init__(self) -> None:
        self.before: NDArray[np.int16] | None = None
        self.change = 0.0
        self.jumped, self.next = 0, SETTLE

    def at(self, n: int, picture: Pictures) -> bool:
        few = picture[4::8, 4::8, 1].astype(np.int16)
        change = float(np.abs(few - self.before).mean()) if self.before is not None else 0.0
        if change > JUMP and change > 2 * self.change:
            self.jumped, self.next = n, n + SETTLE
        self.before, self.change = few, change
        if n != self.next:
            return False
        since = n - self.jumped
        self.next = n + min(max(GRID, since // 3), WIDEST)
        return True


class _Seen:
    """What is made of the batches, in their order; a shot's pictures are let go when it is measured."""

    def __init__(self, episode: Episode, detector: Detector, eyes: "_Eyes | None") -> None:
        width, height = episode.size
        wide = max(LARGE, round(eyes.encoder.size * width / height) if eyes else 0)
        self.large: Size = (wide, max(2 * round(wide * height / width / 2), 16))
        self.episode, self.detector, self.eyes = episode, detector, eyes
        self.meter = Meter()
        self.transitions: list[Transition] = []
        self.near: list[Transition] = []  # those that end in a shot that is not closed yet
        self.candidates: list[_Sample] = []
        self.recent: deque[_Batch] = deque()
        self.closed = 0  # shots that are measured
        self.rows: list[tuple[object, ...]] = []
        self.faces: list[tuple[str, Sighting]] = []
        self.faults: list[int] = []

    def push(self, batch: _Batch) -> None:
        self.meter.push(batch.pictures)
        self.candidates += batch.candidates
        self.recent.append(_Batch(batch.first, batch.pictures, ()))
        self._found(self.detector.push(batch.pictures))
        settled = self.detector.settled
        if settled and self.near:  # else no shot has ended
            self._close(shots_of(self.episode.id, settled, tuple(self.transitions))[:-1])
        self.candidates = _thinned(self.candidates, settled)
        while self.recent and self.recent[0].first + 2 * BATCH < settled:
            self.recent.popleft()

    def finish(self) -> Scan:
        import pandas as pd

        self._found(self.detector.finish())
        shots = shots_of(self.episode.id, self.episode.frames, tuple(self.transitions))
        self._close(shots)
        signals = pd.DataFrame(self.rows, columns=list(COLUMNS), index=pd.Index([shot.id for shot in shots], name="shot"))
        look = Look(signals, self.eyes.vectors() if self.eyes else None)
        change = self.meter.table()[:, FRAME_COLUMNS.index("change")].copy()
        return Scan(Detection(shots, tuple(self.transitions)), look, table(self.faces), change, tuple(self.faults))

    def _found(self, transitions: Sequence[Transition]) -> None:
        self.transitions += transitions
        self.near += transitions

    def _close(self, shots: Sequence[Shot]) -> None:
        """Measures the shots that were not closed before."""
        for shot in shots[self.closed :]:
            clear = _clear(shot.span, self.near)
            inside = [each for each in self.candidates if each[0] in clear]
            chosen = [inside[n] for n in spread([n for n, _ in inside], clear)] or [self._middle(clear)]
            self.candidates = [each for each in self.candidates if each[0] >= shot.span.stop]
            samples = np.stack([picture for _, picture in chosen])
            numbers = tuple(n for n, _ in chosen)
            faces = sightings(samples, numbers)
            self.faces += [(shot.id, each) for each in faces]
            self.rows.append(measure(shot.span, self.meter.table(shot.span), samples, numbers, self.episode.rate, faces))
            if self.eyes:
                self.eyes.see(_inner(samples))
            self.near = [change for change in self.near if change.stop > shot.span.stop]
            self.closed += 1

    def _middle(self, clear: Span) -> _Sample:
        """The middle of a shot that is too short for a sample: its small picture, or sought in the file where that is let go."""
        import cv2

        n = (clear.start + clear.stop) // 2
        for batch in self.recent:
            if batch.first <= n < batch.first + len(batch.pictures):
                return n, np.asarray(cv2.resize(batch.pictures[n - batch.first], self.large), np.uint8)
        return n, pictures_at(self.episode, [n], self.large)[0]


def _clear(span: Span, transitions: Sequence[Transition]) -> Span:
    """The longest run of a shot's frames that lie in no transition; all of it if that is less than a third."""
    runs, start = [], span.start
    for change in transitions:
        if change.start < span.stop and change.stop > span.start:
            runs.append((start, change.start))
            start = max(start, change.stop)
    longest = max((*runs, (start, span.stop)), key=lambda run: run[1] - run[0])
    return Span(*longest) if 3 * (longest[1] - longest[0]) >= len(span) else span


def spread(frames: Sequence[int], span: Span) -> tuple[int, ...]:
    """Which of the candidate frames become samples, by their places: few, and nearest to an even spread."""
    count = min(SAMPLES, 1 + len(span) // SPARSE)
    found: set[int] = set()
    for k in range(count):
        ideal = span.start + len(span) * (2 * k + 1) // (2 * count)
        near = min((n for n in range(len(frames)) if n not in found), key=lambda n: abs(frames[n] - ideal), default=None)
        if near is not None:
            found.add(near)
    return tuple(sorted(found))


def _thinned(candidates: list[_Sample], settled: int) -> list[_Sample]:
    """At most 4 * SAMPLES candidates of the open shot: of more, every other one is let go."""
    sure = [each for each in candidates if each[0] < settled]
    if len(sure) <= 4 * SAMPLES:
        return candidates
    return sure[::2] + candidates[len(sure) :]


def _inner(samples: Pictures) -> Pictures:
    """EYES of a shot's samples: of many the ones next to the ends, of few the ends."""
    if len(samples) <= EYES:
        return samples
    return samples[[1, -2]] if len(samples) > 3 else samples[[0, -1]]


class _Eyes:
    """The encoder at work: pictures of many shots go to it at once, which is what a GPU wants."""

    def __init__(self, encoder: Encoder, pool: ThreadPoolExecutor) -> None:
        self.encoder, self.pool = encoder, pool
        self.squares: list[Pictures] = []
        self.counts: list[int] = []  # pictures of each shot
        self.asked: deque[Future[NDArray[np.float32]]] = deque()
        self.rows: list[NDArray[np.float32]] = []

    def see(self, samples: Pictures) -> None:
        """The next shot's pictures, squashed to the encoder's square."""
        import cv2

        side = (self.encoder.size, self.encoder.size)
        self.squares += [np.asarray(cv2.resize(each, side, interpolation=cv2.INTER_AREA), np.uint8) for each in samples]
        self.counts.append(len(samples))
        if len(self.squares) >= AT_ONCE:
            self._ask()

    def vectors(self) -> NDArray[np.float32]:
        """float32 (shots, dim): the mean of each shot's vectors at unit length."""
        self._ask()
        self.rows += [task.result() for task in self.asked]
        ends = np.cumsum(self.counts)
        means = [rows.mean(axis=0) for rows in np.split(np.concatenate(self.rows), ends[:-1])]
        return np.stack([mean / max(float(np.linalg.norm(mean)), 1e-9) for mean in means]).astype(np.float32)

    def _ask(self) -> None:
        if len(self.asked) == 2:  # the decoder waits where the encoder is slower
            self.rows.append(self.asked.popleft().result())
        if self.squares:
            self.asked.append(self.pool.submit(self.encoder.images, np.stack(self.squares)))
            self.squares = []
