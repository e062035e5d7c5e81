"""How like the pictures of a finished file are to those that its timeline asks of the episodes, frame by frame."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor

import numpy as np
import numpy.typing as npt

from trailers.editor.gate.asked import Asked
from trailers.editor.gate.seen import BLACK, GREY, Part, Pictures, Seen, Size, chain, small_size
from trailers.editor.picture import joints
from trailers.editor.picture.frames import source_frames
from trailers.editor.picture.planes import levels
from trailers.editor.picture.reframe import Box, Framing, frame_for
from trailers.editor.timeline import Clip, Timeline
from trailers.editor.words.titles import overlay_box
from trailers.features.graph import Graph, array
from trailers.features.media import Episode, frame_at, seconds_at, unchanged, video_frames
from trailers.features.span import Span

Places = npt.NDArray[np.bool_]

ALIKE = 2.0  # mean difference in luma levels (of 219) up to which two pictures count as one: compression, not another frame
SPOT = 8.0  # the same of a few pixels: a logo or a letter is more, and what compression leaves less than 2
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

    `wanted` and `found` are 8-bit luma (n + 2, height, width) for timeline frames into.start - 1 .. into.stop: the first and the
    last are what the clip would show a frame earlier or later, and what the file shows there. `bare` is True where it can be
    said what should be seen: not under words, nor where a joint mixes the ground beside a clip that is framed otherwise.
    `colours` is (2, n + 2, 2, height / 2, width / 2), the chroma Cb and Cr of what is wanted and of what is found; that of mixed
    frames is their own clip's alone.
    """

    clip: Clip
    part: Part
    wanted: Pictures
    found: Pictures
    bare: Places
    colours: Pictures

    def off(self, shift: int = 0) -> npt.NDArray[np.float64]:
        """(n + 2,) mean difference between what is found and what is wanted `shift` frames later (-1, 0, 1), where it is bare."""
        at = np.clip(np.arange(len(self.found)) + shift, 0, len(self.wanted) - 1)
        apart = _apart(self.found, self.wanted[at]) * self.bare
        return np.asarray(apart.sum(axis=(1, 2), dtype=np.float64) / np.maximum(self.bare.sum(axis=(1, 2)), 1))

    def tint(self) -> npt.NDArray[np.float64]:
        """(n + 2,) mean difference in chroma between what is found and what is wanted, where it is bare."""
        bare = self.bare[:, ::2, ::2]
        apart = _apart(self.colours[1], self.colours[0]).mean(axis=1) * bare
        return np.asarray(apart.sum(axis=(1, 2), dtype=np.float64) / np.maximum(bare.sum(axis=(1, 2)), 1))

    def spot(self) -> npt.NDArray[np.float64]:
        """(n + 2,) the greatest mean difference in any 4x4 pixels, where it is bare: what else lies on the picture."""
        from scipy.ndimage import uniform_filter

        apart = (_apart(self.found, self.wanted) * self.bare).astype(np.float32)
        return np.asarray(uniform_filter(apart, (1, 4, 4)).max(axis=(1, 2)), np.float64)

    def motion(self) -> npt.NDArray[np.float64]:
        """(n + 2,) how much each wanted frame differs from the less different of its neighbours."""
        step = difference(self.wanted[1:], self.wanted[:-1])
        return np.asarray(np.minimum(np.append(step, np.inf), np.insert(step, 0, np.inf)), np.float64)


def difference(one: Pictures, other: Pictures) -> npt.NDArray[np.float64]:
    """Mean absolute difference in luma, picture by picture."""
    return np.asarray(_apart(one, other).mean(axis=(1, 2), dtype=np.float64))


def _apart(one: Pictures, other: Pictures) -> Pictures:
    return np.maximum(one, other) - np.minimum(one, other)


def shown(asked: Asked) -> tuple[Shown, ...]:
    """The clips of a timeline as they stand in its shape, in order."""
    mixed = {clip.into.start: clip.mixed for clip in asked.timeline.clips}
    size = asked.rendition.size
    return tuple(
        Shown(clip, frame_for(asked.episodes[clip.episode], size, clip), mixed.get(clip.into.stop, 0))
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
    timeline = asked.timeline
    boxes = worded(asked)
    tail = np.zeros((0, 0, 0), np.uint8)
    for before, now in zip((None, *clips), clips, strict=False):
        clip, episode, part = now.clip, asked.episodes[now.clip.episode], now.part
        frames = (_before(clip, episode, timeline.rate), *_frames(now, asked, max(now.lent, 1)))
        made = _kept(episode, tuple(max(frame, 0) for frame in frames), now.framing, part[1])
        file, high = seen.planes(part, now.frames), part[1][1]
        found, wanted = file[:, :high], made[: len(now.frames), :high].copy()
        after = made[1 + len(clip.into) :, :high]
        colours = np.stack([_chroma(made[: len(now.frames)], part[1]), _chroma(file, part[1])])
        bare = unworded(boxes, part, now.frames)
        if clip.mixed:
            under, held = np.repeat(found[:1], clip.mixed, axis=0), None  # the last picture of a card
            if before and before.clip.into.stop == clip.into.start:
                under, held = (tail, None) if before.part == part else _beneath(before, part, asked)
            for k in range(clip.mixed):
                wanted[k + 1] = _mixed(clip, k, under[k], wanted[k + 1], part, asked)
            if held is not None:
                bare = bare.copy()
                bare[1 : clip.mixed + 1] &= held
        lights = np.array([light(timeline, n) for n in now.frames], np.float32)[:, None, None]
        if lights.min() < 1:
            wanted = np.rint(BLACK + (wanted - np.float32(BLACK)) * lights).astype(np.uint8)
            colours[0] = np.rint(GREY + (colours[0] - np.float32(GREY)) * lights[..., None]).astype(np.uint8)
        yield Stretch(clip, part, wanted, found, bare, colours)
        tail = after


def _frames(now: Shown, asked: Asked, after: int) -> tuple[int, ...]:
    """The episode's frames that a clip shows, and `after` that follow."""
    episode = asked.episodes[now.clip.episode]
    return tuple(min(n, episode.frames - 1) for n in source_frames(now.clip, episode, asked.timeline.rate, after=after))


def _beneath(before: Shown, part: Part, asked: Asked) -> tuple[Pictures, Places]:
    """What a clip that is framed otherwise lends to the part of another: its pictures there (n, height, width), and where
    they lie: beside them is its ground."""
    import cv2

    (x, y, width, height), small = part
    left, top, wide, high = before.framing.place
    count = len(before.clip.into)
    framing, frames = before.framing.part(count, count + before.lent), _frames(before, asked, before.lent)[count:]
    lent = planes(asked.episodes[before.clip.episode], (frames[0], *frames), framing, (wide, high))[1:, :high]

    def seen_there(picture: Pictures) -> Pictures:
        canvas = np.zeros(asked.rendition.size[::-1], np.uint8)
        canvas[top : top + high, left : left + wide] = picture
        return np.asarray(cv2.resize(canvas[y : y + height, x : x + width], small, interpolation=cv2.INTER_AREA), np.uint8)

    return np.stack([seen_there(picture) for picture in lent]), seen_there(np.full((high, wide), 255, np.uint8)) == 255


def _mixed(clip: Clip, k: int, before: Pictures, after: Pictures, part: Part, asked: Asked) -> Pictures:
    """Mixed frame k of a clip's joint within the part of the picture that the clip fills."""
    (x, _, width, _), (small, _) = part
    scale, whole = small / width, asked.rendition.size[0]
    room = ((0, 0), (round(x * scale), round((whole - x - width) * scale)))  # a wipe runs over the whole width
    colour = levels(joints.ground(clip.joint, asked.timeline))[0]
    made = joints.mix(clip.joint, k, clip.mixed, np.pad(before, room), np.pad(after, room), colour)
    return made[:, room[1][0] : room[1][0] + small]


def worded(asked: Asked) -> tuple[tuple[Span, Box], ...]:
    """Where words lie over pictures, and from which frame to which."""
    size, clear = asked.rendition.size, asked.profile.kept(asked.shape)
    over = (*asked.timeline.overlays, *asked.overlays)
    return tuple((each.into, overlay_box(each, size, asked.files, clear)) for each in over)


def unworded(boxes: Sequence[tuple[Span, Box]], part: Part, frames: Sequence[int]) -> Places:
    """(n, height, width) where no words lie in a part of the picture, over frames that follow one another; a pixel round words is
    theirs."""
    (x, y, wide, high), (width, height) = part
    begin, count = frames[0], len(frames)
    bare = np.broadcast_to(np.True_, (count, height, width))
    for into, (left, top, w, h) in boxes:
        first, stop = max(into.start - begin, 0), min(into.stop - begin, count)
        if stop > first and w and h:
            bare = bare if bare.flags.writeable else bare.copy()
            rows = slice(max(0, floor((top - y) * height / high) - 1), max(0, ceil((top + h - y) * height / high) + 1))
            columns = slice(max(0, floor((left - x) * width / wide) - 1), max(0, ceil((left + w - x) * width / wide) + 1))
            bare[first:stop, rows, columns] = False
    return bare


@lru_cache(maxsize=128)
def _kept(episode: Episode, frames: tuple[int, ...], framing: Framing, small: Size) -> Pictures:
    """`planes` of small pictures, kept for the other files of a family, which show the same clips; nobody may change it."""
    pictures = planes(episode, frames, framing, small)
    unchanged(episode)  # else those of another film would be kept
    pictures.flags.writeable = False
    return pictures


def planes(episode: Episode, frames: Sequence[int], framing: Framing, small: Size) -> Pictures:
    """8-bit luma and chroma (n, height * 3 / 2, width), yuv420p as FFmpeg lays it out, of the named frames as they are framed, at
    size `small`.

    Decoded once, from the first to the last. Where the framing moves, the first of `frames` stands as the first move says, as
    the second does.
    """
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
            found[n] = _moved(picture, episode.size, framing, max(n - 1, 0), small) if framing.moves else picture
    return np.stack([found[n] for n in range(len(frames))])


def _chroma(pictures: Pictures, size: Size) -> Pictures:
    """Cb and Cr (n, 2, height / 2, width / 2) of pictures of that size as `planes` gives them."""
    width, height = size
    return pictures[:, height:].reshape(len(pictures), 2, height // 2, width // 2)


def _moved(picture: Pictures, size: Size, framing: Framing, n: int, small: Size) -> Pictures:
    """The crop of a whole picture of `size` at shown frame n, moved by parts of pixels, plane by plane."""
    chroma = _chroma(picture[None], size)[0]
    halves = [_window(plane, framing, n, small, 2) for plane in chroma]
    return np.concatenate([_window(picture[: size[1]], framing, n, small, 1), np.stack(halves).reshape(-1, small[0])])


def _window(plane: Pictures, framing: Framing, n: int, small: Size, step: int) -> Pictures:
    """The crop of one plane, which has one sample in `step` pixels."""
    import cv2

    x, y, width, height = framing.crop
    right, down = framing.moves[min(n, len(framing.moves) - 1)]
    wide, high = width // step, height // step
    middle = ((x + right) / step + (wide - 1) / 2, (y + down) / step + (high - 1) / 2)
    part = cv2.getRectSubPix(np.ascontiguousarray(plane), (wide, high), middle)
    return np.asarray(cv2.resize(part, (small[0] // step, small[1] // step), interpolation=cv2.INTER_AREA), np.uint8)


@lru_cache(maxsize=256)
def _matrix(episode: Episode) -> str:
    """The colour matrix of a source; where it names none, by size, as players do and as the pieces were encoded."""
    first = next(video_frames(episode, Span(0, 1)))
    unchanged(episode)
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
