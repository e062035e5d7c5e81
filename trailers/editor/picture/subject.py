"""Where the subject of a clip is: faces, lettering, things, what moves against the camera, what stands out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from trailers.editor.picture.bars import bars
from trailers.editor.picture.things import things
from trailers.errors import RequestError
from trailers.features import identity, motion
from trailers.features.faces import faces_in
from trailers.features.graph import array
from trailers.features.media import Pictures, video_frames
from trailers.features.saliency import lettering
from trailers.features.span import Span

if TYPE_CHECKING:
    import pandas as pd

    from trailers.features.media import Episode

KINDS = ("lead", "face", "text")  # the main character's face, another's, lettering
VERSION = 2
LOOKS = 5  # pictures a second that are looked at, about
COLUMNS, ROWS = 32, 16  # of a map of interest
_WIDTH = 384  # pixels of width that are looked at
_GAP = Fraction(1, 12)  # seconds between the two pictures that motion is seen in, about
_SURE, _OF_A_THING = 0.96, 0.62  # score of a face that is one anyhow; else how much of a thing, over the most, is at its place
_TEXT = 0.5  # how much a picture looks like lettering, from which it is
_STROKE = 63  # light of a letter's stroke over that of its ground, 8 bits
_GRASS = (0.9, 0.6)  # shares of width and height that no title covers, and leaves do
_MOVING, _THINGS = 1.2, 3.0  # what they weigh against what stands out
_PAD = (1.5, 1.7)  # a head over its face, brows to chin: width, height
_Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Track:
    """Where the eye is drawn in frames of an episode; places are shares of the picture within its black bars.

    `at` (n,) are the frames, evenly apart within each shot; `boxes` (m, 4) left, top, right, bottom of heads and lettering, seen
    in picture number `of` (m,) and of a kind `kind` (m,) in KINDS; `interest` (n, ROWS, COLUMNS), 0 and more, of 1 in all where
    anything is seen: things, what moves against the camera, what stands out. `cuts` are first frames of shots within the span.
    """

    episode: str
    span: Span
    at: NDArray[np.int64]
    boxes: _Floats
    of: NDArray[np.int64]
    kind: NDArray[np.int64]
    interest: _Floats
    cuts: tuple[int, ...] = ()

    def save(self, path: Path) -> None:
        """Writes it as an .npz file."""
        with path.open("wb") as file:
            np.savez_compressed(
                file,
                episode=np.array(self.episode),
                span=np.array([self.span.start, self.span.stop]),
                cuts=np.array(self.cuts, np.int64),
                at=self.at,
                boxes=self.boxes,
                of=self.of,
                kind=self.kind,
                interest=self.interest,
            )


def load(path: Path) -> Track:
    """Reads what `Track.save` wrote; a RequestError where it is something else."""
    try:
        with np.load(path, allow_pickle=False) as held:
            names = ("at", "boxes", "of", "kind", "interest")
            at, boxes, of, kind, interest = (held[name] for name in names)
            start, stop = (int(frame) for frame in held["span"])
            cuts = tuple(int(frame) for frame in held["cuts"])
            return Track(str(held["episode"]), Span(start, stop), at, boxes, of, kind, interest, cuts)
    except (OSError, ValueError, KeyError, EOFError, TypeError, BadZipFile) as reason:
        raise RequestError(f"{path.name}: a track of a subject was asked for, and it is none ({reason})") from reason


def track(episode: "Episode", span: Span, cuts: Sequence[int] = (), lead: _Floats | None = None) -> Track:
    """Looks at some LOOKS pictures a second of a span, decoded once.

    `cuts` are frames at which shots of the episode begin; `lead` is the main character's face as `identity.vector` gives it (see
    `leading`), which is told from others where the network for it is installed. MediaError where the span cannot be decoded.
    """
    step = max(1, round(episode.rate / LOOKS))
    inside = tuple(sorted({cut for cut in cuts if span.start < cut < span.stop}))
    at = [frame for first, last in pairwise((span.start, *inside, span.stop)) for frame in range(first, last, step)]
    tell = lead if lead is not None and identity.can_tell() else None
    boxes, of, kind, maps = list[tuple[float, ...]](), list[int](), list[int](), list[_Floats]()
    for number, (picture, near) in enumerate(_looked(episode, span, at, inside)):
        if number % 2 == 0 or at[number] in inside:
            shown = things(picture)  # the costliest look; things are where they were a moment ago
        found = [*_heads(picture, shown, tell), *_lettered(picture)]
        boxes += [box for _, box in found]
        kind += [KINDS.index(name) for name, _ in found]
        of += [number] * len(found)
        maps.append(_interest(picture, near, shown))
    return Track(
        episode.id,
        span,
        np.array(at, np.int64),
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array(of, np.int64),
        np.array(kind, np.int64),
        np.stack(maps),
        inside,
    )


def leading(faces: "pd.DataFrame") -> _Floats | None:
    """The face of the season's most present person, float32 (128,): the mean of those in shots where no other is known.

    `faces` as `people.table` gives them; None where nobody is known, or never alone.
    """
    from trailers.features.people import people

    who = people(faces)
    alone = who.groupby("shot")["person"].agg(" ".join)
    shots = alone.index[alone == "p1"]
    vectors = faces.loc[faces["shot"].isin(shots) & faces["v0"].notna(), [f"v{n}" for n in range(identity.DIM)]]
    return np.asarray(vectors.to_numpy(np.float32).mean(axis=0), np.float32) if len(vectors) else None


def _looked(episode: "Episode", span: Span, at: Sequence[int], cuts: Sequence[int]) -> Iterator[tuple[Pictures, Pictures | None]]:
    """Each picture that is looked at, RGB, and one of the same shot _GAP later or before; None where the shot has none."""
    gap = max(1, round(episode.rate * _GAP))
    edges = (span.start, *cuts, span.stop)
    pairs: dict[int, int | None] = {}
    for frame in at:
        first = max(edge for edge in edges if edge <= frame)
        last = min(edge for edge in edges if edge > frame) - 1
        pairs[frame] = frame + gap if frame + gap <= last else frame - gap if frame - gap >= first else None
    wanted = {*at, *(near for near in pairs.values() if near is not None)}
    x, y, width, height = bars(episode)
    size = (min(_WIDTH, width), max(2, round(min(_WIDTH, width) * height / width)))
    chain = f"crop={width}:{height}:{x}:{y},scale={size[0]}:{size[1]}:flags=area,format=rgb24"
    held: dict[int, Pictures] = {}
    due = iter(at)
    want = next(due, None)
    for frame, shown in enumerate(video_frames(episode, span, chain, fast=True), span.start):
        if frame in wanted:
            held[frame] = array(shown)
        while want is not None and frame >= max(want, pairs[want] or 0):
            near = pairs[want]
            yield held[want], None if near is None else held[near]
            want = next(due, None)
            oldest = want - gap if want is not None else frame + 1
            held = {n: picture for n, picture in held.items() if n >= oldest}


def _heads(picture: Pictures, shown: _Floats, lead: _Floats | None) -> Iterator[tuple[str, tuple[float, ...]]]:
    """Heads, largest first, the main character's named so; a doubtful face has to be of a thing: bark and leaves are not."""
    rows, columns = shown.shape
    for face in faces_in(picture):
        there = float(shown[min(max(int(face.y * rows), 0), rows - 1), min(max(int(face.x * columns), 0), columns - 1)])
        if face.score < _SURE and there < _OF_A_THING * float(shown.max()):
            continue
        name = "face"
        if lead is not None and face.points:
            name = "lead" if float(np.linalg.norm(identity.vector(picture, face) - lead)) < identity.LIMIT else "face"
        half_width, half_height = _PAD[0] * face.width / 2, _PAD[1] * face.height / 2
        middle = face.y - 0.1 * face.height  # hair rises over brows more than the neck goes below a chin
        box = (face.x - half_width, middle - half_height, face.x + half_width, middle + half_height)
        yield name, tuple(min(max(edge, 0.0), 1.0) for edge in box)


def _lettered(picture: Pictures) -> Iterator[tuple[str, tuple[float, ...]]]:
    """One box about the strokes of a picture that looks like titles; where they cover nearly all they are leaves or grass."""
    import cv2

    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    if lettering(grey) < _TEXT:
        return
    hat = cv2.morphologyEx(grey, cv2.MORPH_TOPHAT, cv2.getStructuringElement(cv2.MORPH_RECT, (13, 13)))
    y, x = np.nonzero(hat > _STROKE)
    if len(x):
        height, width = grey.shape
        left, right = (float(edge) for edge in np.quantile(x, (0.002, 0.998)) / width)
        top, bottom = (float(edge) for edge in np.quantile(y, (0.002, 0.998)) / height)
        if right - left < _GRASS[0] or bottom - top < _GRASS[1]:
            yield "text", (max(left - 0.03, 0.0), max(top - 0.03, 0.0), min(right + 0.03, 1.0), min(bottom + 0.03, 1.0))


def _interest(picture: Pictures, near: Pictures | None, shown: _Floats) -> _Floats:
    """(ROWS, COLUMNS), 1 in all: what moves against the camera, what differs from its surroundings in light and colour (centre
    against surround, Itti, Koch and Niebur 1998), and things."""
    import cv2

    small = cv2.resize(picture, (3 * COLUMNS, 3 * ROWS), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32)
    standing = np.zeros(lab.shape[:2], np.float32)
    for sigma in (2.0, 5.0):
        apart = np.linalg.norm(cv2.GaussianBlur(lab, (0, 0), sigma) - cv2.GaussianBlur(lab, (0, 0), 4 * sigma), axis=2)
        standing += np.maximum(apart - np.quantile(apart, 0.6), 0)
    whole = _whole(cv2.resize(standing, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA))
    moving = _whole(_moving(picture, near)) if near is not None else np.zeros_like(whole)
    thing = _whole(cv2.resize(shown, (COLUMNS, ROWS), interpolation=cv2.INTER_LINEAR))
    return _whole(whole + _MOVING * moving + _THINGS * thing)


def _moving(picture: Pictures, near: Pictures) -> _Floats:
    """(ROWS, COLUMNS): change of light that is left when the camera's move is taken back."""
    import cv2

    one, other = (motion.tiny(np.asarray(cv2.cvtColor(each, cv2.COLOR_RGB2GRAY), np.uint8)) for each in (near, picture))
    move = motion.move(one, other)
    height, width = one.shape
    grown = 1 + move.zoom
    shift = ((1 - grown) * (width - 1) / 2 + move.x * width, (1 - grown) * (height - 1) / 2 + move.y * height)
    matrix = np.array([[grown, 0, shift[0]], [0, grown, shift[1]]], np.float32)
    back = cv2.warpAffine(one, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    soft = [cv2.GaussianBlur(each, (3, 3), 0).astype(np.float32) for each in (back, other)]
    left = np.abs(soft[1] - soft[0])
    left = np.maximum(left - np.quantile(left, 0.6) - 2.0, 0)  # two levels: grain and coding
    left[:, :2] = left[:, -2:] = left[:2] = left[-2:] = 0  # what a move brought in from outside
    return np.asarray(cv2.resize(cv2.GaussianBlur(left, (0, 0), 1.5), (COLUMNS, ROWS), interpolation=cv2.INTER_AREA), np.float32)


def _whole(part: NDArray[Any]) -> _Floats:
    """Of 1 in all, or of nothing."""
    total = float(part.sum())
    return np.asarray(part / total if total > 1e-6 else np.zeros(part.shape), np.float32)
