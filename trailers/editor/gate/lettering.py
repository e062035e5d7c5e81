"""Verdicts on cards and on words over pictures: on their frames, as they are drawn, and clear of a picture's edges."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np

from trailers.editor.gate.asked import Asked
from trailers.editor.gate.likeness import ALIKE, Places, Stretch, light
from trailers.editor.gate.seen import BLACK, GREY, TINT, Luma, Pictures, Seen, grey, tints
from trailers.editor.gate.verdict import Check, listed, place
from trailers.editor.picture.reframe import Box
from trailers.editor.timeline import Card, Overlay, Timeline
from trailers.editor.words.titles import card_frames, overlay_frames
from trailers.features.span import Span

PLAIN = 16.0  # luma by which words stand out from what they lie on
FAINT = 0.02  # cover up to which words are not counted as such
DIM = 0.25  # of a picture's light: below it words are too near to their ground to be told from it
EDGE = 1.5  # pixels of a small picture by which a letter's soft edge may lie nearer to the picture's


def lettering(seen: Seen, stretches: Sequence[Stretch], asked: Asked) -> Iterator[Check]:
    """The verdicts on all that is written in a file's pictures."""
    over = (*asked.timeline.overlays, *asked.overlays)
    if asked.timeline.cards:
        yield _cards(seen, stretches, asked)
    if over:
        yield _overlays(stretches, over, asked)
    if asked.timeline.cards or over:
        yield _clear(seen, stretches, over, asked)


def _cards(seen: Seen, stretches: Sequence[Stretch], asked: Asked) -> Check:
    """Each card is seen as it is drawn at its first frame, in its middle, at its last that can be read and at its last, and not
    at the frames around it."""
    timeline, wrong = asked.timeline, list[str]()
    shown = seen.grey
    for card in timeline.cards:
        into = card.into
        at = sorted({into.start, (into.start + into.stop) // 2, _last(card, timeline), into.stop - 1})
        drawn = dict(zip(at, _drawn(card, [frame - into.start for frame in at], shown.shape, asked), strict=True))
        bad = [
            frame
            for frame in at
            if frame >= len(shown) or not _like(seen.whole[frame], drawn[frame], card, light(timeline, frame))
        ]
        if bad:
            wrong.append(f"not as it is drawn at {place(bad[0], timeline.rate)}")
        for around, own in ((into.start - 1, into.start), (into.stop, into.stop - 1)):
            wanted = _wanted(around, stretches)
            if wanted is not None and around < len(shown) and _apart(shown[around], grey(drawn[own])) < min(2 * ALIKE, wanted):
                wrong.append(f"still there at {place(around, timeline.rate)}")
    starts = ", ".join(place(card.into.start, timeline.rate) for card in timeline.cards)
    return Check("cards", not wrong, f"{len(timeline.cards)} as drawn, from {starts}", listed(wrong, "all on their frames"))


def _like(found: Pictures, drawn: Pictures, card: Card, share: float) -> bool:
    """Whether a picture is a card's, its colours and its words too: where they stand it is more like them than like bare
    ground."""
    light, ground = grey(drawn), _ground(card)
    written = np.abs(light - ground) > PLAIN
    wanted, bare, here = _lit(light, share), _lit(ground, share), grey(found)
    tinted = _apart(tints(found) - GREY, (tints(drawn) - GREY) * np.float32(share))
    if _apart(here, wanted) > 2 * ALIKE or tinted > TINT:
        return False
    return share < DIM or not written.any() or _apart(here[written], wanted[written]) < np.abs(here[written] - bare).mean()


def _last(card: Card, timeline: Timeline) -> int:
    """The last frame of a card whose words can be told from its ground; its first where a fade leaves none."""
    bright = [frame for frame in range(card.into.start, card.into.stop) if light(timeline, frame) >= DIM]
    return bright[-1] if bright else card.into.start


def _ground(card: Card) -> Luma:
    return grey(np.array([[[int(card.ground[n : n + 2], 16) for n in (1, 3, 5)]]], np.uint8))


def _drawn(card: Card, frames: Sequence[int], shape: tuple[int, ...], asked: Asked) -> list[Pictures]:
    """A card's pictures at frames of its own, small."""
    size, clear = asked.rendition.size, asked.profile.kept(asked.shape)
    own = replace(card, into=Span(0, len(card.into)))
    pictures = enumerate(islice(card_frames(own, size, asked.timeline.rate, asked.files, clear), frames[-1] + 1))
    return [_small(picture, shape) for n, picture in pictures if n in frames]


def _wanted(frame: int, stretches: Sequence[Stretch]) -> float | None:
    """How far what is found at a frame is from what its clip should show; None where no clip stands there."""
    for stretch in stretches:
        at = frame - stretch.clip.into.start
        if 0 <= at < len(stretch.clip.into) and not at < stretch.clip.mixed:
            return float(stretch.off()[at + 1])
    return None


def _overlays(stretches: Sequence[Stretch], over: Sequence[Overlay], asked: Asked) -> Check:
    """Words over pictures are seen as they are drawn: captions at their first frame and their last, others in their middle."""
    size, rate, clear = asked.rendition.size, asked.timeline.rate, asked.profile.kept(asked.shape)
    wrong: list[str] = []
    for overlay in over:
        into = overlay.into
        at = [into.start, into.stop - 1] if overlay.kind == "caption" else [(into.start + into.stop) // 2]
        own = replace(overlay, into=Span(0, len(into)))
        drawn = enumerate(islice(overlay_frames(own, size, rate, asked.files, clear), at[-1] - into.start + 1), into.start)
        bad = [frame for frame, picture in drawn if frame in at and not _written(picture, frame, stretches, asked)]
        if bad:
            wrong.append(f"{' '.join(overlay.lines)!r} not as it is drawn at {place(bad[0], rate)}")
    return Check("overlays", not wrong, f"{len(over)} as drawn, on their frames", listed(wrong, "all on their frames"))


def _written(drawn: Pictures, frame: int, stretches: Sequence[Stretch], asked: Asked) -> bool:
    """Whether a frame is more like its clip's picture under these words, RGBA, than like the picture alone."""
    import cv2

    stretch = next((one for one in stretches if one.clip.into.start <= frame < one.clip.into.stop), None)
    if stretch is None:
        return True  # over a card, whose own words are judged
    (x, y, width, height), small = stretch.part
    part = drawn[y : y + height, x : x + width]
    cover = np.asarray(part[..., 3] / 255, np.float32)
    ink = _lit(grey(part[..., :3]), light(asked.timeline, frame))
    cover, inked = (
        np.asarray(cv2.resize(plane, small, interpolation=cv2.INTER_AREA), np.float32) for plane in (cover, ink * cover)
    )
    at = frame - stretch.clip.into.start + 1
    bare, found, here = stretch.wanted[at].astype(np.float32), stretch.found[at], cover > FAINT
    if not here.any():
        return True
    wanted = bare * (1 - cover) + inked
    near, far = (float(np.abs(found - picture)[here].mean()) for picture in (wanted, bare))
    return near <= max(far, ALIKE) and near <= 4 * ALIKE


def _clear(seen: Seen, stretches: Sequence[Stretch], over: Sequence[Overlay], asked: Asked) -> Check:
    """Words keep out of what a platform covers, by the file's own pictures: where a card is not its ground, where a picture under
    words is not its source's."""
    size, clear = asked.rendition.size, asked.profile.kept(asked.shape)
    wrong: list[str] = []
    shown = seen.grey
    whole: Box = (0, 0, *size)
    for overlay in over:
        frame = (overlay.into.start + overlay.into.stop) // 2
        for stretch in stretches:
            at = frame - stretch.clip.into.start + 1
            if stretch.clip.into.start <= frame < stretch.clip.into.stop and stretch.off()[at] <= 4 * ALIKE:
                apart = stretch.found[at].astype(np.float32) - stretch.wanted[at]
                wrong += _near(np.abs(apart) > PLAIN, stretch.part[0], overlay.into, asked)
    for card in asked.timeline.cards:
        frame = (card.into.start + card.into.stop) // 2
        if frame < len(shown):
            ground = _lit(_ground(card), light(asked.timeline, frame))
            wrong += _near(np.abs(shown[frame] - ground) > PLAIN, whole, card.into, asked)
    sides = f"{clear.top:.0%} above, {clear.right:.0%} right, {clear.bottom:.0%} below, {clear.left:.0%} left"
    return Check("safe areas", not wrong, f"no words in {sides}", listed(wrong, "all clear"))


def _near(written: Places, part: Box, into: Span, asked: Asked) -> Iterator[str]:
    """The sides at which words within a part of the picture lie nearer to the picture's edge than they may."""
    rows, columns = np.nonzero(written)
    if not len(rows):
        return
    clear, (width, height) = asked.profile.kept(asked.shape), asked.rendition.size
    (x, y, wide, high), (down, across) = part, written.shape
    left, right = x + columns.min() * wide / across, x + (columns.max() + 1) * wide / across
    top, bottom = y + rows.min() * high / down, y + (rows.max() + 1) * high / down
    spare = EDGE * max(wide / across, high / down)
    room = {
        "top": (top, clear.top * height, height),
        "right": (width - right, clear.right * width, width),
        "bottom": (height - bottom, clear.bottom * height, height),
        "left": (left, clear.left * width, width),
    }
    for side, (found, least, whole) in room.items():
        if found < least - spare:
            yield f"{found / whole:.1%} from the {side} at {place(into.start, asked.timeline.rate)}"


def _small(picture: Pictures, shape: tuple[int, ...]) -> Pictures:
    import cv2

    return np.asarray(cv2.resize(picture, (shape[2], shape[1]), interpolation=cv2.INTER_AREA), np.uint8)


def _lit(picture: Luma, share: float) -> Luma:
    return np.asarray(BLACK + (picture - BLACK) * share, np.float32)


def _apart(one: Luma, other: Luma) -> float:
    return float(np.abs(one - other).mean())
