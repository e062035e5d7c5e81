"""Where shots change: cuts, fades, dissolves and wipes, found while the pictures come."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, Protocol, cast

import numpy as np

from trailers.errors import RequestError
from trailers.features import changes, gradual
from trailers.features.graph import array, scaled
from trailers.features.media import Episode, Pictures, Size, video_frames
from trailers.features.span import Span

Kind = Literal["cut", "dissolve", "fade_in", "fade_out", "wipe"]

SMALL: Size = (128, 72)  # width, height of the pictures that every frame is judged by, whatever the film's shape
DETECTORS = ("careful", "swift", "adaptive")
DEFAULT = "careful"
_TINY = (32, 18)
_STEP, _MARGIN = 448, 144  # frames that are decided at once, and frames on both sides that are seen for it
_BATCH = 64


@dataclass(frozen=True)
class Shot:
    """What the camera recorded between two changes; `id` is "s01e03/0042", counted from 0."""

    id: str
    episode: str
    span: Span


@dataclass(frozen=True, order=True)
class Transition:
    """A change of shot. A cut has start = stop = the first frame of the new shot.

    A gradual one runs from its first mixed frame to the first wholly new one; a fade_out to the first black (or white) one.
    """

    start: int
    stop: int
    kind: Kind


@dataclass(frozen=True)
class Detection:
    """Every frame of the episode lies in exactly one shot; transitions are in order."""

    shots: tuple[Shot, ...]
    transitions: tuple[Transition, ...]


class Detector(Protocol):
    """Finds changes of shot in pictures of SMALL, uint8 (n, height, width, 3) RGB, however they are batched."""

    @property
    def settled(self) -> int:
        """No change that is still to be told begins before this frame; it lags some 600 frames at most."""

    def push(self, pictures: Pictures) -> tuple[Transition, ...]:
        """The changes that became certain, in order, each told once."""

    def finish(self) -> tuple[Transition, ...]:
        """The rest, at the end of the film."""


def detect(episode: Episode, detector: str = DEFAULT) -> Detection:
    """The shots of an episode in one decode; see `open_detector`."""
    finder, found = open_detector(detector), list[Transition]()
    held: list[Pictures] = []
    for frame in video_frames(episode, None, small(episode), fast=True):
        held.append(array(frame))
        if len(held) == _BATCH:
            found += finder.push(np.stack(held))
            held = []
    if held:
        found += finder.push(np.stack(held))
    found += finder.finish()
    return Detection(shots_of(episode.id, episode.frames, found), tuple(found))


def small(episode: Episode) -> str:
    """The filters that make SMALL pictures, for video_frames. Every other line is let go of, and again, while twice as many

    as needed are left: that costs nothing, and scaling then half as much.
    """
    halvings, lines = 0, episode.size[1]
    while lines // 2 >= 2 * SMALL[1]:
        halvings, lines = halvings + 1, lines // 2
    return "field=top," * halvings + scaled(SMALL)


def open_detector(name: str = DEFAULT) -> Detector:
    """A detector by its name.

    "swift": cuts are changes that block matching cannot explain by motion; fades run into empty pictures; the pictures of
    dissolves and wipes are mixtures of the ones at their ends. "careful": the same, and TransNetV2 is asked about the few cuts
    that are not clear. "adaptive": cuts by PySceneDetect's AdaptiveDetector. Raises RequestError for another name.
    """
    if name not in DETECTORS:
        raise RequestError(f'a detector is {", ".join(DETECTORS)}; "{name}" was found.')
    if name == "adaptive":
        return _Stream(_Adaptive())
    return _Stream(_Matched(_never if name == "swift" else _ask))


def shots_of(episode: str, frames: int, transitions: Iterable[Transition]) -> tuple[Shot, ...]:
    """The shots between changes: a dissolve or wipe divides at its middle, a fade at the beginning of the black.

    Black after a fade-out belongs to the shot that fades in. Every frame lies in exactly one shot.
    More transitions, later ones, change the last shot only.
    """
    edges = (0, *_edges(tuple(transitions), frames), frames)
    spans = (Span(start, stop) for start, stop in pairwise(edges))
    return tuple(Shot(f"{episode}/{n:04d}", episode, span) for n, span in enumerate(spans))


def _edges(transitions: tuple[Transition, ...], frames: int) -> list[int]:
    """The first frames of all shots but the first."""
    edges = []
    for n, change in enumerate(transitions):
        follower = transitions[n + 1] if n + 1 < len(transitions) else None
        if change.kind == "fade_in":
            continue  # its edge is where the picture went dark: the fade-out or cut before it
        if change.kind == "fade_out" and (follower is None or follower.kind == "cut"):
            continue  # nothing fades in: the cut out of black divides, or the episode ends
        edges.append((change.start + change.stop + 1) // 2 if change.kind in ("dissolve", "wipe") else change.stop)
    return sorted({edge for edge in edges if 0 < edge < frames})


@dataclass(frozen=True)
class _Run:
    """Frames `first` and on: SMALL pictures, and two sizes made of them; `last`: the film ends with it."""

    first: int
    last: bool
    pictures: Pictures
    tiny: Pictures
    thumbs: gradual.Thumbs


class _Cuts(Protocol):
    """What finds hard cuts."""

    def push(self, pictures: Pictures) -> None: ...

    def finish(self) -> None: ...

    def cuts(self, run: _Run) -> list[int]:
        """Places in the run where new shots begin."""


class _Stream:
    """Decides _STEP frames at a time, at fixed places of the film, so that a result never depends on how pictures are batched."""

    def __init__(self, finder: _Cuts) -> None:
        self.finder = finder
        self.pictures: list[Pictures] = []
        self.tiny: list[Pictures] = []
        self.first = 0  # the frame that the held ones begin with
        self.count = 0
        self.decided = 0
        self.ended = False
        self.last = -1  # where the last told change stops

    @property
    def settled(self) -> int:
        return self.decided

    def push(self, pictures: Pictures) -> tuple[Transition, ...]:
        import cv2

        cv2.setNumThreads(1)
        self.finder.push(pictures)
        self.pictures += list(pictures)
        self.tiny += [np.asarray(cv2.resize(p, _TINY, interpolation=cv2.INTER_AREA), np.uint8) for p in pictures]
        self.count += len(pictures)
        found: list[Transition] = []
        while self.count >= self.decided + _STEP + _MARGIN:
            found += self._decide(self.decided + _STEP)
        return tuple(found)

    def finish(self) -> tuple[Transition, ...]:
        self.finder.finish()
        self.ended = True
        found: list[Transition] = []
        while self.decided < self.count:
            found += self._decide(min(self.decided + _STEP, self.count))
        return tuple(found)

    def _decide(self, stop: int) -> list[Transition]:
        """The changes that begin before frame `stop` and were not told yet."""
        import cv2

        seen = min(stop + _MARGIN, self.count) - self.first
        tiny = np.stack(self.tiny[:seen])
        thumbs = np.stack([cv2.resize(p, gradual.THUMB, interpolation=cv2.INTER_AREA) for p in tiny])
        last = self.ended and self.first + seen == self.count
        run = _Run(self.first, last, np.stack(self.pictures[:seen]), tiny, thumbs.reshape(len(thumbs), -1).astype(np.float32))
        found = []
        for change in _changes(run, self.finder.cuts(run)):
            if self.decided <= change.start + self.first < stop and change.start + self.first > self.last:
                found.append(Transition(change.start + self.first, change.stop + self.first, change.kind))
                self.last = found[-1].stop
        kept = max(stop - _MARGIN - self.first, 0)
        del self.pictures[:kept], self.tiny[:kept]
        self.first, self.decided = self.first + kept, stop
        return found


def _changes(run: _Run, cuts: list[int]) -> list[Transition]:
    """Cuts joined with the gradual changes of a run, in order; places count from the run's beginning."""
    light, flat = (np.asarray(values, np.float32) for values in (run.tiny.mean(axis=(1, 2, 3)), run.tiny.std(axis=(1, 2, 3))))
    found = [Transition(*t) for t in _faded(light, flat, run.tiny)]
    fades = [t for t in found if t.kind != "cut"]
    steps = changes.change(run.tiny)
    sudden = [t.start for t in found if t.kind == "cut" and steps[t.start] > changes.LEAST]  # else a title comes or goes
    # The first frame of the film begins a shot, and is no change.
    hard = sorted({n for n in (*cuts, *sudden) if n + run.first > 0})
    hard = [n for n in hard if not _inside(n, fades)]
    walls = np.zeros(len(run.thumbs) + 1, np.int64)
    walls[hard] = 1
    for fade in fades:
        walls[fade.start : fade.stop + 1] = 1
    grey = changes.Greys(run.pictures)
    between = np.cumsum(walls)
    ramps = list(gradual.ramps(run.thumbs, between))
    kinds = [[r for r in ramps if r.mix == mix] for mix in gradual.MIXES]
    likely = [ramp for kind in (*kinds, gradual.sweeps(run.thumbs, between)) for ramp in gradual.best(kind)]
    believed = gradual.best(ramp for ramp in likely if gradual.believed(ramp, run.thumbs, grey))
    mixes = [Transition(*ends, ramp.mix) for ramp in believed if (ends := gradual.mixed(ramp, run.thumbs))]
    return sorted([*fades, *mixes, *(Transition(n, n, "cut") for n in hard if not _inside(n, mixes))])


def _faded(light: gradual.Floats, flat: gradual.Floats, tiny: Pictures) -> list[tuple[int, int, Kind]]:
    found = gradual.fades(light, flat, lambda *at: _same(tiny, *at))
    return [(start, stop, cast(Kind, kind)) for kind, start, stop in found]


def _same(tiny: Pictures, first: int, start: int, last: int) -> bool:
    """Whether the picture before a fade begins is there again when it has ended."""
    if first < 1 or last >= len(tiny):
        return False
    before, between, after = (tiny[n].astype(np.float32) for n in (first - 1, start, last))
    apart = float(np.abs(after - before).mean()) / max(float(np.abs(between - before).mean()), 1e-3)
    plain = before.std() < gradual.FLAT and after.std() < gradual.FLAT
    return apart < 0.4 and (bool(plain) or changes.likeness(tiny[first - 1], tiny[last]) > gradual.ALIKE)


def _inside(frame: int, spans: Iterable[Transition]) -> bool:
    return any(t.start - 2 <= frame <= t.stop + 2 for t in spans)


class _Matched:
    """Cuts by what motion cannot explain."""

    def __init__(self, judge: Callable[[Pictures, int], float]) -> None:
        self.judge = judge
        self.found: list[int] = []
        self.judged = 0  # frames of the film, each once, with what lies around it in sight

    def push(self, pictures: Pictures) -> None:
        pass

    def finish(self) -> None:
        pass

    def cuts(self, run: _Run) -> list[int]:
        stop = len(run.pictures) - (0 if run.last else changes.WINDOW)
        steps, new = changes.change(run.tiny), range(self.judged - run.first, stop)
        self.found += [n + run.first for n in changes.cuts(run.pictures, run.tiny, steps, self.judge, new)]
        self.judged = max(self.judged, run.first + stop)
        return [n - run.first for n in self.found if n >= run.first]


class _Adaptive:
    """Cuts by PySceneDetect's AdaptiveDetector at its defaults, but for the least length of a shot."""

    def __init__(self) -> None:
        from scenedetect.detectors import AdaptiveDetector

        self.finder: Any = AdaptiveDetector(min_scene_len=1)
        self.count = 0
        self.found: list[int] = []
        self.last: Pictures | None = None

    def push(self, pictures: Pictures) -> None:
        for picture in pictures:
            self._see(np.ascontiguousarray(picture[..., ::-1]))

    def finish(self) -> None:
        # The detector looks two frames ahead: the last picture, held, lets it judge the end.
        for _ in range(self.finder.window_width if self.last is not None else 0):
            self._see(self.last)

    def cuts(self, run: _Run) -> list[int]:
        return [n - run.first for n in self.found if 0 < n - run.first < len(run.pictures)]

    def _see(self, bgr: Any) -> None:
        from scenedetect import FrameTimecode

        self.found += [cut.frame_num for cut in self.finder.process_frame(FrameTimecode(self.count, 24.0), bgr)]
        self.count, self.last = self.count + 1, bgr


def _never(window: Pictures, place: int) -> float:
    return 0.0


def _ask(window: Pictures, place: int) -> float:
    from trailers.features.network import belief

    return belief(window, place)
