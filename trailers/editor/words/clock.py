"""The clock before a broadcast trailer: the seconds left, a hand that turns once in each, and what is written on a slate."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from math import ceil, cos, pi, sin
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trailers.editor.profile import Clear
from trailers.editor.timeline import Card
from trailers.editor.words.blocks import fitted
from trailers.editor.words.fonts import STRONG, cleaned, fonts_for
from trailers.editor.words.looks import Box, Parts, free, set_lines

Cover = NDArray[np.float32]


def clock_frames(
    card: Card, size: tuple[int, int], rate: Fraction, files: Mapping[str, Path], clear: Clear
) -> Iterator[NDArray[np.uint8]]:
    """The card's len(card.into) frames as uint8 (height, width, 3) RGB: at every frame the whole seconds left, the one that runs
    counted, and the hand's way through it, as on a film's leader; beside or under the dial the lines.

    A RenderError names the characters that no font can draw.
    """
    ink, ground = (np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)], np.float32) for colour in (card.ink, card.ground))
    dial, slate = _places(size, clear)
    left, top, side, _ = dial
    still = np.zeros((size[1], size[0], 1), np.float32)
    for part in _slate(card, slate, min(size), files):
        x, y, wide, high = part.box
        still[y : y + high, x : x + wide, 0] = part.cover / 255
    behind = np.round(ground + still * (ink - ground)).astype(np.uint8)
    shades = np.round(ground + np.linspace(0, 1, 256)[:, None] * (ink - ground)).astype(np.uint8)
    rim = _ring(side)
    shown, figure, free_of = 0, rim, rim
    for n in range(len(card.into)):
        until = (len(card.into) - n) / rate
        if ceil(until) != shown:
            shown = ceil(until)
            number = _figure(shown, side)
            figure, free_of = np.maximum(rim, number), 0.6 * (1 - number)
        cover = np.maximum(figure, free_of * _hand(side, float(shown - until)))
        frame = behind.copy()
        frame[top : top + side, left : left + side] = shades[(255 * cover + 0.5).astype(np.uint8)]
        yield frame


def _places(size: tuple[int, int], clear: Clear) -> tuple[Box, Box]:
    """Where the dial and the slate stand: beside one another, or in a tall picture one under the other."""
    left, top, width, height = free(size, clear)
    if width > height:
        side = min(height, width // 2)
        return (left, top + (height - side) // 2, side, side), (left + side + side // 8, top, width - side - side // 8, height)
    side = min(width, height // 2)
    return (left + (width - side) // 2, top, side, side), (left, top + side + side // 8, width, height - side - side // 8)


def _slate(card: Card, room: Box, unit: int, files: Mapping[str, Path]) -> Parts:
    """The lines under one another, from the side on which their writing begins, in the middle of their room."""
    words = [line for line in map(cleaned, card.lines) if line]
    if not words:
        return ()
    fonts = fonts_for(words, card.font, files)
    left, top, width, height = room
    high = height // len(words)
    blocks = [fitted(line, fonts, round(unit * 0.055), (width, high), 400 if n else STRONG) for n, line in enumerate(words)]
    y = top + (height - sum(block.height for block in blocks)) // 2
    parts: Parts = ()
    for block in blocks:
        parts += tuple(set_lines(block, card.ink, (left, y, width), "start", 0.0, "stays"))
        y += block.height
    return parts


def _figure(number: int, side: int) -> Cover:
    """A number in the middle of the dial."""
    text = str(number)
    block = fitted(text, fonts_for([text]), round(0.5 * side), (round(0.6 * side), round(0.6 * side)), STRONG)
    (part,) = set_lines(block, "#ffffff", (0, 0, side), "centre", 0.0, "stays")
    x, _, wide, high = part.box
    y = (side - high) // 2  # by its ink: a figure has no tail
    cover = np.zeros((side, side), np.float32)
    cover[y : y + high, x : x + wide] = part.cover / 255
    return cover


def _ring(side: int) -> Cover:
    """The dial's rim."""
    across, down = _middle(side)
    away = np.abs(np.hypot(across, down) - 0.46 * side)
    return np.clip(0.008 * side + 0.5 - away, 0, 1)


def _hand(side: int, turn: float) -> Cover:
    """The hand after a share of its turn from the top, as far as each pixel is from its line."""
    across, down = _middle(side)
    x, y = sin(2 * pi * turn), -cos(2 * pi * turn)
    along = np.clip(across * x + down * y, 0.0, 0.42 * side)
    away = np.hypot(across - along * x, down - along * y)
    return np.clip(0.01 * side + 0.5 - away, 0, 1)


@lru_cache(maxsize=4)
def _middle(side: int) -> tuple[Cover, Cover]:
    """How far each pixel is right of and below the middle."""
    steps = np.arange(side, dtype=np.float32) - (side - 1) / 2
    return np.broadcast_to(steps[None, :], (side, side)), np.broadcast_to(steps[:, None], (side, side))
