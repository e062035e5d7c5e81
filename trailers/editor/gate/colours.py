"""Verdicts on colours: those of the clips are their sources', and what lies beside a window is bare ground."""

from collections.abc import Iterator, Sequence
from math import ceil, floor

import numpy as np
import numpy.typing as npt

from trailers.editor.gate.asked import Asked
from trailers.editor.gate.likeness import Places, Shown, Stretch, light, unworded, worded
from trailers.editor.gate.seen import BLACK, GREY, TINT, Pictures, Seen, grey, tints
from trailers.editor.gate.verdict import Check, listed, place

Levels = npt.NDArray[np.float64]

DETAIL = 30.0  # luma levels from one small pixel to the next: more than a blurred ground has, less than a mark's edge
APART = 12.0  # mean levels by which a ground of one colour may be off: compression beside a bright window is less


def colours(seen: Seen, clips: Sequence[Shown], stretches: Sequence[Stretch], asked: Asked) -> Iterator[Check]:
    """The verdicts on a file's colours and, where clips do not fill its pictures, on what lies beside them."""
    yield _tinted(stretches, asked)
    if any(_beside(each, seen.whole.shape[1:3], asked).any() for each in clips):
        yield _ground(seen, clips, asked)


def _tinted(stretches: Sequence[Stretch], asked: Asked) -> Check:
    """Frame by frame: a wrong matrix, planes exchanged, or none at all would leave every picture's light as it is."""
    wrong: list[str] = []
    most = 0.0
    for stretch in stretches:
        off = stretch.tint()[1 + stretch.clip.mixed : -1]
        bad = np.flatnonzero(off > TINT)
        most = max(most, float(off.max(initial=0)))
        if len(bad):
            first = place(stretch.clip.into.start + stretch.clip.mixed + int(bad[0]), asked.timeline.rate)
            wrong.append(f"off by {off.max():.1f} levels in {len(bad)} of clip {stretch.clip.shot} from {first}")
    wanted = f"every frame its source's within {TINT:g} levels of chroma"
    return Check("colours", not wrong, wanted, listed(wrong, f"within {most:.1f}"))


def _ground(seen: Seen, clips: Sequence[Shown], asked: Asked) -> Check:
    """Nothing stands out of it, and where it is of one colour it is that."""
    wrong: list[str] = []
    boxes, rate = worded(asked), asked.timeline.rate
    size: tuple[int, int] = (seen.whole.shape[2], seen.whole.shape[1])
    for each in clips:
        beside = _beside(each, seen.whole.shape[1:3], asked)
        first, stop = each.clip.into.start + each.clip.mixed, min(each.clip.into.stop, len(seen.whole))
        if stop <= first or not beside.any():
            continue
        free = unworded(boxes, ((0, 0, *asked.rendition.size), size), range(first, stop)) & beside
        found = seen.whole[first:stop]
        marked = _steepest(found, free) > DETAIL
        colour = each.framing.colour or ("" if each.framing.ground else "#000000")
        lights = [light(asked.timeline, frame) for frame in range(first, stop)]
        other = np.zeros_like(marked) if not colour else _off(found, free, colour, lights) > APART
        for name, bad in (("something stands out of it", marked), (f"it is not {colour}", other & ~marked)):
            if bad.any():
                wrong.append(f"{name} at {place(first + int(bad.argmax()), rate)}")
    return Check("ground", not wrong, "nothing but ground beside the windows", listed(wrong, "nothing stands out of it"))


def _beside(each: Shown, shape: tuple[int, ...], asked: Asked) -> Places:
    """Where of a small picture (height, width) the ground shows, two pixels beside the window."""
    (x, y, width, height), (whole, tall) = each.framing.place, asked.rendition.size
    across, down = shape[1] / whole, shape[0] / tall
    beside = np.ones((shape[0], shape[1]), np.bool_)
    rows = slice(max(0, floor(y * down) - 2), ceil((y + height) * down) + 2)
    beside[rows, max(0, floor(x * across) - 2) : ceil((x + width) * across) + 2] = False
    return beside


def _steepest(found: Pictures, free: Places) -> Levels:
    """The greatest step of luma from one free pixel to the next, picture by picture."""
    shown = grey(found)
    across = np.abs(np.diff(shown, axis=2)) * (free[:, :, 1:] & free[:, :, :-1])
    down = np.abs(np.diff(shown, axis=1)) * (free[:, 1:] & free[:, :-1])
    return np.asarray(np.maximum(across.max(axis=(1, 2), initial=0), down.max(axis=(1, 2), initial=0)), np.float64)


def _off(found: Pictures, free: Places, colour: str, lights: Sequence[float]) -> Levels:
    """How far free pixels are from a colour on the average, in luma and chroma together."""
    flat = np.array([[[int(colour[n : n + 2], 16) for n in (1, 3, 5)]]], np.uint8)
    dim = np.array(lights, np.float32)[:, None, None]
    apart = np.abs(grey(found) - (BLACK + (grey(flat) - BLACK) * dim))
    apart = apart + np.abs(tints(found) - (GREY + (tints(flat) - GREY) * dim[..., None])).sum(axis=-1)
    return np.asarray((apart * free).sum(axis=(1, 2)) / np.maximum(free.sum(axis=(1, 2)), 1), np.float64)
