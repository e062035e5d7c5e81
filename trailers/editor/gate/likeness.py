"""How like the pictures of a finished file are to those that its timeline asks of the episodes, frame by frame."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from trailers.editor.gate.asked import Asked
from trailers.editor.gate.seen import BLACK, Luma, Part, Pictures, Seen, Size, chain, small_size
from trailers.editor.picture.frames import source_frames
from trailers.editor.picture.reframe import Framing, frame_for
from trailers.editor.timeline import Clip, Timeline
from trailers.features.graph import Graph, array
from trailers.features.media import Episode, frame_at, seconds_at, video_frames
from trailers.features.span import Span

ALIKE = 2.0  # mean difference in luma levels (of 219) up to which two pictures count as one: compression, not another frame
MOVING = 0.75  # mean difference of neighbours from which it can be told which of them is shown


@dataclass(frozen=True)
class Shown:
    """A clip as it stands in a shape: its framing, the part of the file's pictures that it fills, and how many frames it lends
    to the joint after it."""

    clip: Clip
    framing: Framing
    lent: int

    @property
    def part(self) -> Part:
        return self.framing.place, small_size(self.framing.place)

    @property
    def frames(self) -> tuple[int, ...]:
        """The timeline's frames that are looked at: those of the clip, one before and one after."""
        return tuple(range(self.clip.into.start - 1, self.clip.into.stop + 1))


@dataclass(frozen=True)
class Stretch:
    """A clip's frames as they should be and as they are, with the neighbours that a misplaced cut would show.

    `wanted` and `found` are luma (n + 2, height, width) for timeline frames into.start - 1 .. into.stop: the first and the last
    are what the clip would show a frame earlier or later, and what the file shows there. `bare` is True where no words lie.
    `mixed` counts the frames at the head that are a joint; `known` is False for those when no mixture can be foretold.
    """

    clip: Clip
    wanted: Luma
    found: Luma
    bare: npt.NDArray[np.bool_]
    mixed: int
    known: bool

    def off(self, shift: int = 0) -> npt.NDArray[np.float64]:
        """(n + 2,) mean difference between what is found and what is wanted `shift` frames later (-1, 0, 1), beside words."""
        at = np.clip(np.arange(len(self.found)) + shift, 0, len(self.wanted) - 1)
        apart = np.abs(self.found - self.wanted[at]) * self.bare
        return np.asarray(apart.sum(axis=(1, 2), dtype=np.float64) / np.maximum(self.bare.sum(axis=(1, 2)), 1))

    def motion(self) -> npt.NDArray[np.float64]:
        """(n + 2,) how much each wanted frame differs from the less different of its neighbours."""
        step = difference(self.wanted[1:], self.wanted[:-1])
        return np.asarray(np.minimum(np.append(step, np.inf), np.insert(step, 0, np.inf)), np.float64)


def difference(one: Luma, other: Luma) -> npt.NDArray[np.float64]:
    """Mean absolute difference in luma, picture by picture."""
    return np.asarray(np.abs(one - other).mean(axis=(1, 2), dtype=np.float64))


def shown(asked: Asked) -> tuple[Shown, ...]:
    """The clips of a timeline as they stand in its shape, in order."""
    mixed = {clip.into.start: clip.mixed for clip in asked.timeline.clips}
    size = asked.rendition.size
    return tuple(
        Shown(clip, frame_for(asked.episodes[clip.episode], size, clip.centre), mixed.get(clip.into.stop, 0))
        for clip in asked.timeline.clips
    )


def parts(clips: Sequence[Shown]) -> Mapping[Part, Sequence[int]]:
    """The parts of a file's pictures that clips fill, and the frames in which they do: what `seen` is asked for."""
    found: dict[Part, list[int]] = defaultdict(list)
    for clip in clips:
        found[clip.part] += clip.frames
    return found


def stretches(seen: Seen, clips: Sequence[Shown], asked: Asked) -> Iterator[Stretch]:
    """The stretches of all clips in order, each decoded once from its episode, and beside it what the file shows."""
    timeline, size = asked.timeline, asked.rendition.size
    tail: tuple[Luma, Part] | None = None
    for now in clips:
        clip, episode = now.clip, asked.episodes[now.clip.episode]
        frames = (_before(clip, episode, timeline.rate), *source_frames(clip, episode, timeline.rate, after=max(now.lent, 1)))
        frames = tuple(min(max(frame, 0), episode.frames - 1) for frame in frames)
        wanted = luma(episode, frames, now.framing, now.part[1])
        after = wanted[1 + len(clip.into) :]
        wanted = wanted[: len(clip.into) + 2].copy()
        known = tail is None or tail[1] == now.part
        if clip.mixed and tail is not None and known:
            for k in range(clip.mixed):
                share = (k + 1) / (clip.mixed + 1)
                wanted[k + 1] = share * wanted[k + 1] + (1 - share) * tail[0][k]
        wanted = BLACK + (wanted - BLACK) * np.array([light(timeline, n) for n in now.frames], np.float32)[:, None, None]
        found = seen.luma(now.part, now.frames)
        yield Stretch(clip, wanted, found, _bare(now, size, asked), clip.mixed, known)
        tail = after, now.part


def _bare(now: Shown, size: Size, asked: Asked) -> npt.NDArray[np.bool_]:
    """Where no words lie, frame by frame."""
    width, height = now.part[1]
    return np.ones((len(now.frames), height, width), bool)


def luma(episode: Episode, frames: Sequence[int], framing: Framing, small: Size) -> Luma:
    """Luma (n, height, width), 16..235, of the named frames as they are framed, at size `small`; decoded once, from the first
    to the last. Where the framing moves, the first of `frames` stands before its first move, and stands as that says."""
    wanted: dict[int, list[int]] = defaultdict(list)
    for n, at in enumerate(frames):
        wanted[at].append(n)
    found: dict[int, Pictures] = {}
    whole = ((0, 0, *episode.size), episode.size)
    graph = Graph(chain(*(whole if framing.moves else (framing.crop, small)), _matrix(episode)))
    span = Span(min(wanted), max(wanted) + 1)
    for number, frame in enumerate(video_frames(episode, span), span.start):
        if number not in wanted:
            continue
        picture = array(next(graph.push(frame)))
        for n in wanted[number]:
            if framing.moves:
                found[n] = _window(picture[: episode.size[1]], framing, max(n - 1, 0), small)
            else:
                found[n] = picture[: small[1]]
    return np.stack([found[n] for n in range(len(frames))]).astype(np.float32)


def _window(picture: Pictures, framing: Framing, n: int, small: Size) -> Pictures:
    """The crop of a whole picture at shown frame n, moved by parts of pixels."""
    import cv2

    x, y, width, height = framing.crop
    right, down = framing.moves[min(n, len(framing.moves) - 1)]
    middle = (x + right + (width - 1) / 2, y + down + (height - 1) / 2)
    return np.asarray(
        cv2.resize(cv2.getRectSubPix(picture, (width, height), middle), small, interpolation=cv2.INTER_AREA), np.uint8
    )


@lru_cache(maxsize=256)
def _matrix(episode: Episode) -> str:
    """The colour matrix of a source; where it names none, by size, as players do and as the pieces were encoded."""
    first = next(video_frames(episode, Span(0, 1)))
    if first.colorspace != 2 or first.format.is_rgb:
        return "auto"
    return "bt709" if first.height >= 720 or first.width >= 1280 else "bt601"


def _before(clip: Clip, episode: Episode, rate: Fraction) -> int:
    """The frame that a clip would show one timeline frame earlier."""
    if episode.rate == rate and not episode.variable and clip.speed == 1:
        return clip.span.start - 1
    return frame_at(episode, max(Fraction(0), seconds_at(episode, clip.span.start) - clip.speed / rate))


def light(timeline: Timeline, frame: int) -> float:
    """How much of a frame's light the fades at the two ends leave, 0..1."""
    head = Fraction(frame + 1, timeline.fade_in + 1) if timeline.fade_in else Fraction(1)
    tail = Fraction(timeline.frames - frame, timeline.fade_out + 1) if timeline.fade_out else Fraction(1)
    return float(min(Fraction(1), max(Fraction(0), head)) * min(Fraction(1), max(Fraction(0), tail)))
