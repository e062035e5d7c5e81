"""How like the pictures of a rendered file are to those that its timeline asks of the episodes, frame by frame."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from trailers.editor.picture.frames import source_frames
from trailers.editor.picture.reframe import Box, frame_for
from trailers.editor.profile import Rendition
from trailers.editor.timeline import Clip, Timeline
from trailers.features.media import Episode, frame_at, seconds_at, video_frames
from trailers.features.span import Span

Luma = npt.NDArray[np.float32]

SMALL = 96  # pixels of the longer side at which pictures are compared
ALIKE = 2.0  # mean difference in luma levels (of 219) up to which two pictures count as one: compression, not another frame
MOVING = 0.75  # mean difference of neighbours from which it can be told which of them is shown
BLACK = 16.0  # luma of black


@dataclass(frozen=True)
class Stretch:
    """A clip's frames as they should be and as they are, with the neighbours that a misplaced cut would show.

    `wanted` and `found` are luma (n + 2, height, width) for timeline frames into.start - 1 .. into.stop: the first and the last
    are what the clip would show a frame earlier or later, and what the file shows there. `mixed` counts the frames at the head
    that are a dissolve; `known` is False for those when the two clips are framed differently and no mixture can be foretold.
    """

    clip: Clip
    wanted: Luma
    found: Luma
    mixed: int
    known: bool

    def off(self, shift: int = 0) -> npt.NDArray[np.float64]:
        """(n + 2,) mean difference between what is found and what is wanted `shift` frames later (-1, 0, 1)."""
        at = np.clip(np.arange(len(self.found)) + shift, 0, len(self.wanted) - 1)
        return difference(self.found, self.wanted[at])

    def motion(self) -> npt.NDArray[np.float64]:
        """(n + 2,) how much each wanted frame differs from the less different of its neighbours."""
        step = difference(self.wanted[1:], self.wanted[:-1])
        return np.asarray(np.minimum(np.append(step, np.inf), np.insert(step, 0, np.inf)), np.float64)


def difference(one: Luma, other: Luma) -> npt.NDArray[np.float64]:
    """Mean absolute difference in luma, picture by picture."""
    return np.asarray(np.abs(one - other).mean(axis=(1, 2), dtype=np.float64))


def stretches(file: Episode, timeline: Timeline, rendition: Rendition, episodes: Mapping[str, Episode]) -> Iterator[Stretch]:
    """The stretches of all clips in order, each decoded from the file and from its episode."""
    tail: tuple[Luma, Box] | None = None
    for number, clip in enumerate(timeline.clips):
        episode = episodes[clip.episode]
        framing = frame_for(episode, rendition.size, clip.centre)
        small = _small(framing.place)
        lent = timeline.clips[number + 1].mixed if number + 1 < len(timeline.clips) else 0
        frames = (_before(clip, episode, timeline.rate), *source_frames(clip, episode, timeline.rate, after=max(lent, 1)))
        frames = tuple(min(max(frame, 0), episode.frames - 1) for frame in frames)
        wanted = luma(episode, frames, framing.crop, small)
        after = wanted[1 + len(clip.into) :]
        wanted = wanted[: len(clip.into) + 2].copy()
        known = tail is None or tail[1] == framing.place
        if clip.mixed and tail is not None and known:
            for k in range(clip.mixed):
                share = (k + 1) / (clip.mixed + 1)
                wanted[k + 1] = share * wanted[k + 1] + (1 - share) * tail[0][k]
        shown = tuple(range(clip.into.start - 1, clip.into.stop + 1))
        wanted = BLACK + (wanted - BLACK) * np.array([light(timeline, n) for n in shown], np.float32)[:, None, None]
        yield Stretch(clip, wanted, luma_of(file, shown, framing.place, small, rendition.size), clip.mixed, known)
        tail = after, framing.place


def luma_of(file: Episode, frames: Sequence[int], box: Box, small: tuple[int, int], size: tuple[int, int]) -> Luma:
    """Luma of a file's frames; those that it does not hold are black."""
    held = [frame for frame in frames if 0 <= frame < file.frames]
    found = np.full((len(frames), small[1], small[0]), BLACK, np.float32)
    if held:
        first = "" if file.size == size else f"scale={size[0]}:{size[1]},"
        found[[n for n, frame in enumerate(frames) if frame in set(held)]] = luma(file, held, box, small, first)
    return found


def luma(episode: Episode, frames: Sequence[int], box: Box, small: tuple[int, int], first: str = "") -> Luma:
    """Luma (n, height, width), 16..235, of the named frames' part `box` at size `small`; decoded once from first to last."""
    x, y, width, height = box
    chain = (
        f"{first}crop={width}:{height}:{x}:{y},scale={small[0]}:{small[1]}:flags=area+accurate_rnd:"
        f"in_color_matrix={_matrix(episode)}:out_color_matrix=bt709:out_range=tv,format=yuv420p"
    )
    wanted = set(frames)
    span = Span(min(wanted), max(wanted) + 1)
    kept = {
        n: frame.to_ndarray()[: small[1]] for n, frame in enumerate(video_frames(episode, span, chain), span.start) if n in wanted
    }
    return np.stack([kept[n] for n in frames]).astype(np.float32)


@lru_cache(maxsize=256)
def _matrix(episode: Episode) -> str:
    """The colour matrix of a source; where it names none, by size, as players do and as the pieces were encoded."""
    first = next(video_frames(episode, Span(0, 1)))
    if first.colorspace != 2 or first.format.is_rgb:
        return "auto"
    return "bt709" if first.height >= 720 or first.width >= 1280 else "bt601"


def _before(clip: Clip, episode: Episode, rate: Fraction) -> int:
    """The frame that a clip would show one timeline frame earlier."""
    if episode.rate == rate and not episode.variable:
        return clip.span.start - 1
    return frame_at(episode, max(Fraction(0), seconds_at(episode, clip.span.start) - 1 / rate))


def light(timeline: Timeline, frame: int) -> float:
    """How much of a frame's light the fades at the two ends leave, 0..1."""
    head = Fraction(frame + 1, timeline.fade_in + 1) if timeline.fade_in else Fraction(1)
    tail = Fraction(timeline.frames - frame, timeline.fade_out + 1) if timeline.fade_out else Fraction(1)
    return float(min(Fraction(1), max(Fraction(0), head)) * min(Fraction(1), max(Fraction(0), tail)))


def _small(place: Box) -> tuple[int, int]:
    _, _, width, height = place
    scale = SMALL / max(width, height)
    return max(8, 2 * round(width * scale / 2)), max(8, 2 * round(height * scale / 2))
