"""Cards and lower thirds as pictures, frame by frame, brought to life with MoviePy: plates open, words come up gently."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trailers.editor.profile import Clear
from trailers.editor.timeline import Card, Overlay
from trailers.editor.words.clock import clock_frames
from trailers.editor.words.fonts import digest
from trailers.editor.words.looks import Box, Part, card_parts, fonts_of, overlay_parts
from trailers.editor.words.lower import COMING, GOING

if TYPE_CHECKING:
    from moviepy import VideoClip

VERSION = 4
_FADE, _OPEN, _LONG = 0.4, 0.4, 3.0  # seconds that a part fades in and opens; what MoviePy's parts last, anything above COMING
_BRISK = 1.6  # seconds; what lasts less comes and goes faster by as much

Files = Mapping[str, Path]


def card_frames(
    card: Card, size: tuple[int, int], rate: Fraction, files: Files | None = None, clear: Clear | None = None
) -> Iterator[NDArray[np.uint8]]:
    """The card's len(card.into) frames as uint8 (height, width, 3) RGB; the same array again while nothing moves.

    Words come up gently on the ground within 0.8 seconds and keep out of `clear`; long ones wrap and shrink to fit. A RenderError
    names the characters that no font can draw, and says so where a brand's card has no label. A clock's hand never rests.
    """
    if card.kind == "clock":
        yield from clock_frames(card, size, rate, files or {}, clear or Clear())
        return
    parts = card_parts(card, size, files or {}, clear or Clear())
    ground = np.full((size[1], size[0], 3), _rgb(card.ground), np.uint8)
    if not parts:
        yield from [ground] * len(card.into)
        return
    left, top, width, height = box = _around(parts, size)
    frame, last = ground, None
    for colour, cover in _shown(parts, box, rate, len(card.into)):
        if cover is not last:
            frame, last, level = ground.copy(), cover, cover[..., None].astype(np.uint16)
            under = frame[top : top + height, left : left + width]
            under[:] = (colour * level + under * (255 - level) + 127) // 255
        yield frame


def overlay_frames(
    overlay: Overlay, size: tuple[int, int], rate: Fraction, files: Files | None = None, clear: Clear | None = None
) -> Iterator[NDArray[np.uint8]]:
    """The overlay's len(overlay.into) frames as uint8 (height, width, 4) RGBA, straight alpha; the same array again while nothing
    moves, and clear outside `overlay_box`.

    A caption stands from its first frame to its last; a lower third comes within 0.8 seconds and goes in 0.3. A RenderError names
    the characters that no font can draw.
    """
    parts, count = overlay_parts(overlay, size, files or {}, clear or Clear()), len(overlay.into)
    empty = np.zeros((size[1], size[0], 4), np.uint8)
    if not parts:
        yield from [empty] * count
        return
    left, top, width, height = box = _around(parts, size)
    brisk = max(1.0, float(Fraction(_BRISK) * rate / count))
    last: tuple[NDArray[np.uint8], int] | None = None
    frame = empty
    for n, (colour, cover) in enumerate(_shown(parts, box, rate, count)):
        here = 1.0 if overlay.kind == "caption" else _ease(float((count - n) / rate) * brisk / GOING)
        if last is None or last[0] is not cover or last[1] != round(255 * here):
            frame, last = empty.copy(), (cover, round(255 * here))
            frame[top : top + height, left : left + width, :3] = colour
            frame[top : top + height, left : left + width, 3] = np.round(cover * here)
        yield frame


def overlay_box(overlay: Overlay, size: tuple[int, int], files: Files | None = None, clear: Clear | None = None) -> Box:
    """Where an overlay's words and plate stand: left, top, width and height in pixels. (0, 0, 0, 0) where it has no words."""
    parts = overlay_parts(overlay, size, files or {}, clear or Clear())
    return _around(parts, size) if parts else (0, 0, 0, 0)


def seal(words: Card | Overlay, size: tuple[int, int], files: Files | None = None, clear: Clear | None = None) -> str:
    """The sha256 of all that decides the pictures of words but their rate and length, the fonts' bytes too.
    A RenderError names the characters that no font can draw."""
    from hashlib import sha256

    fonts = [[digest(font) for font in chain] for chain in fonts_of(words, files or {})]
    held = {**asdict(words), "into": 0, "fonts": fonts, "size": size, "clear": asdict(clear or Clear())}
    return sha256(json.dumps([VERSION, held], sort_keys=True).encode()).hexdigest()


def _shown(parts: Sequence[Part], box: Box, rate: Fraction, frames: int) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    """Colour (height, width, 3) and cover (height, width) of a box at every frame; the same arrays again once all has come."""
    whole = _composed(parts, box)
    brisk = max(1.0, float(Fraction(_BRISK) * rate / frames))
    still: tuple[NDArray[np.uint8], NDArray[np.uint8]] | None = None
    for n in range(frames):
        t = float(n / rate) * brisk
        if still is None:
            at = min(t, COMING)
            pair = whole.get_frame(at).astype(np.uint8), np.round(255 * whole.mask.get_frame(at)).astype(np.uint8)
            still = pair if t >= COMING or all(part.comes == "stays" for part in parts) else None
        yield still or pair


def _composed(parts: Sequence[Part], box: Box) -> "VideoClip":
    """The parts as they come, in MoviePy's time, on nothing."""
    from moviepy import ColorClip, CompositeVideoClip, ImageClip, VideoClip, vfx

    def opening(part: Part) -> "VideoClip":
        height, width = part.cover.shape

        def cover(t: float) -> NDArray[np.float64]:
            share = _ease(t / _OPEN)
            left, right = round(width * part.origin * (1 - share)), round(width * (part.origin + (1 - part.origin) * share))
            mask = np.zeros((height, width))
            mask[:, left:right] = part.cover[:, left:right] / 255
            return mask

        return VideoClip(cover, is_mask=True, duration=_LONG)

    clips = []
    for part in parts:
        height, width = part.cover.shape
        mask = opening(part) if part.comes == "opens" else ImageClip(part.cover / 255, is_mask=True, duration=_LONG)
        clip = ColorClip((width, height), color=_rgb(part.colour), duration=_LONG).with_mask(mask)
        if part.comes == "fades":
            clip = clip.with_effects([vfx.CrossFadeIn(_FADE)])
        clips.append(clip.with_start(part.start).with_position((part.at[0] - box[0], part.at[1] - box[1])))
    return CompositeVideoClip(clips, size=box[2:])


def _around(parts: Sequence[Part], size: tuple[int, int]) -> Box:
    """The box that holds all parts, within the picture."""
    boxes = [part.box for part in parts]
    left, top = max(0, min(box[0] for box in boxes)), max(0, min(box[1] for box in boxes))
    right = min(size[0], max(box[0] + box[2] for box in boxes))
    foot = min(size[1], max(box[1] + box[3] for box in boxes))
    return left, top, max(1, right - left), max(1, foot - top)


def _ease(share: float) -> float:
    share = min(1.0, max(0.0, share))
    return share * share * (3 - 2 * share)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
