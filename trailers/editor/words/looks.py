"""Where everything on a card or in a lower third stands, what colour it has, and how it comes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from trailers.editor.profile import Clear
from trailers.editor.timeline import Card, Overlay
from trailers.editor.words import burn
from trailers.editor.words.blocks import Block, fitted, rows
from trailers.editor.words.fonts import REGULAR, STRONG, cleaned, fonts_for
from trailers.editor.words.palette import against, opacity
from trailers.editor.words.shaping import ink
from trailers.errors import RenderError

WIDTH, HEIGHT = 0.8, 0.8  # shares of the picture that a card's words may fill
Box = tuple[int, int, int, int]  # left, top, width, height
Parts = tuple["Part", ...]


@dataclass(frozen=True, eq=False)
class Part:
    """A shape of one colour: its cover, 0 to 255 a pixel, and where its top left pixel stands (right, down).

    It begins to come `start` seconds after the card: it stays from the first frame, fades in, or opens sideways from a share of
    its width (0 left, 1 right).
    """

    cover: NDArray[np.uint8]
    colour: str
    at: tuple[int, int]
    comes: Literal["stays", "fades", "opens"] = "stays"
    start: float = 0.0
    origin: float = 0.5

    @property
    def box(self) -> Box:
        height, width = self.cover.shape
        return *self.at, width, height


@dataclass(frozen=True)
class _Page:
    """What words are set on: a picture's size, what they keep out of there, the fonts that draw them."""

    size: tuple[int, int]
    clear: Clear
    fonts: Sequence[Path]

    @property
    def unit(self) -> int:
        """What sizes are shares of."""
        return min(self.size)

    @property
    def middle(self) -> Box:
        """The middle of what is free, no more than a card's share of the picture."""
        left, top, width, height = free(self.size, self.clear)
        wide, tall = min(width, round(self.size[0] * WIDTH)), min(height, round(self.size[1] * HEIGHT))
        return left + (width - wide) // 2, top + (height - tall) // 2, wide, tall


def free(size: tuple[int, int], clear: Clear) -> Box:
    """What words may fill of a picture."""
    width, height = size
    left, top = round(width * clear.left), round(height * clear.top)
    return left, top, round(width * (1 - clear.right)) - left, round(height * (1 - clear.bottom)) - top


def fonts_of(words: Card | Overlay, files: Mapping[str, Path]) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """The fonts that draw the lines, and those of a brand's label; none for what says nothing.

    The label is the house's word: it is drawn in the house's fonts where the font that was given lacks its letters. A RenderError
    as `fonts_for` gives it.
    """
    lines = [cleaned(line) for line in words.lines]
    label = [cleaned(words.label)] if isinstance(words, Card) and words.kind == "brand" else []
    first = fonts_for(lines, words.font, files) if any(lines) else ()
    try:
        return first, fonts_for(label, words.font, files) if any(label) else ()
    except RenderError:
        return first, fonts_for(label)


def card_parts(card: Card, size: tuple[int, int], files: Mapping[str, Path], clear: Clear) -> Parts:
    """The parts of a card, what lies under first; none for a card without words.

    A title stands over a rule, the other lines smaller under it; a line stands alone; a date stands between two rules; a brand
    stands on a plate of its own in the card's ink, under its label, which is there from the first frame to the last.
    A RenderError for characters that no font draws, and for a brand without a label.
    """
    words = [line for line in map(cleaned, card.lines) if line]
    if card.kind == "brand" and words and not cleaned(card.label):
        raise RenderError(f"a brand's card ({words[0]}) must say that it is advertising; give it a label")
    if not words:
        return ()
    fonts, small = fonts_of(card, files)
    page = _Page(size, clear, fonts)
    if card.kind == "brand":
        return _brand(words, card, page, small)
    unit, room = page.unit, page.middle
    gap, half = round(unit * 0.06), round(unit * 0.14)
    first = {"line": 0.085, "date": 0.11}.get(card.kind, 0.13)
    head, *tail = _stacked(words, page, first, (room[2], room[3] - 3 * gap), REGULAR if card.kind == "line" else STRONG)
    order: list[Block | None] = [head, *tail]  # None is a rule
    if card.kind == "date":
        order = [None, head, None, *tail]
    elif card.kind == "title" and tail:
        order = [head, None, *tail]
    y = room[1] + (room[3] - sum(block.height for block in order if block) - gap * (len(order) - 1)) // 2
    parts: list[Part] = []
    for block in order:
        if block is None:
            bar = np.full((max(2, round(unit * 0.006)), 2 * half), 204, np.uint8)
            parts.append(Part(bar, card.ink, (room[0] + room[2] // 2 - half, y), "opens", 0.1))
        else:
            parts += set_lines(block, card.ink, (room[0], y, room[2]), "centre", 0.0 if block is head else 0.3)
        y += gap + (block.height if block else 0)
    return tuple(parts)


def overlay_parts(overlay: Overlay, size: tuple[int, int], files: Mapping[str, Path], clear: Clear) -> Parts:
    """The parts of words over pictures, what lies under first; none for an overlay without words.

    A caption stands at once, centred at the bottom of what `clear` leaves. A lower third stands there too, or raised above the
    room of three rows of captions, at the side on which its writing begins: a plate opens, then the words come. Where there is
    no ground, words have a soft edge of black or white, whichever their ink stands out from more.
    """
    words = [line for line in map(cleaned, overlay.lines) if line]
    if not words:
        return ()
    page = _Page(size, clear, fonts_of(overlay, files)[0])
    return _caption(words, overlay, page) if overlay.kind == "caption" else _lower(words, overlay, page)


def _brand(words: Sequence[str], card: Card, page: _Page, small: Sequence[Path]) -> Parts:
    """A plate in the card's ink; on it in the card's ground the label within a frame of its own, a heading, smaller lines."""
    unit, (left, top, width, height) = page.unit, page.middle
    pad, gap, thin = round(unit * 0.05), round(unit * 0.05), max(2, round(unit * 0.003))
    room = width - 2 * pad, height - 2 * pad
    tag = fitted(cleaned(card.label), small, round(unit * 0.036), (room[0] - 2 * gap, round(height * 0.15)))
    high = tag.height + gap // 2
    head, *tail = _stacked(words, page, 0.11, (room[0], room[1] - high - 2 * gap), STRONG)
    total = high + gap + sum(block.height for block in (head, *tail)) + gap // 2 * len(tail)
    y = top + (height - total) // 2
    plate = Part(np.full((total + 2 * pad, width), 255, np.uint8), card.ink, (left, y - pad))
    wide = round(tag.width) + gap
    frame = Part(_frame((wide, high), thin), card.ground, (left + (width - wide) // 2, y))
    parts = [plate, frame, *set_lines(tag, card.ground, (left, y + gap // 4, width), "centre", 0.0, "stays")]
    y += high + gap
    for block in (head, *tail):
        parts += set_lines(block, card.ground, (left, y, width), "centre", 0.1 if block is head else 0.4)
        y += block.height + gap // 2
    return tuple(parts)


def _caption(words: Sequence[str], overlay: Overlay, page: _Page) -> Parts:
    left, top, width, height = burn.room(page.size, page.clear)
    side = round(burn.MARGIN * page.unit)
    pad = side // 2
    block = rows(words, page.fonts, burn.points(page.size), (width - 2 * side, height - 2 * pad), 500)
    y = top + height - block.height - pad
    lines = set_lines(block, overlay.ink, (left, y, width), "centre", 0.0, "stays")
    if not overlay.ground:
        return (*(_edge(line, page.unit) for line in lines), *lines)
    wide = round(block.width) + 2 * side
    return (_plate(overlay, (left + (width - wide) // 2, y - pad, wide, block.height + 2 * pad)), *lines)


def _lower(words: Sequence[str], overlay: Overlay, page: _Page) -> Parts:
    unit, (left, top, width, height) = page.unit, free(page.size, page.clear)
    pad, bar = round(unit * 0.025), max(2, round(unit * 0.008))
    across, down = page.size
    wide = min(width, round(across * (0.6 if across > down else 1.0)))
    room = wide - 2 * pad - bar, height // 4
    name, *more = words
    blocks = [fitted(name, page.fonts, round(unit * 0.056), room, STRONG)]
    blocks += [fitted(text, page.fonts, round(unit * 0.038), room) for text in more]
    inner = round(max(block.width for block in blocks)) + 2 * pad
    tall = sum(block.height for block in blocks) + pad
    foot = (burn.room(page.size, page.clear)[1] if overlay.raised else top + height) - pad
    right = bool(blocks[0].base)
    x, y = left + width - inner - bar if right else left, max(top, foot - tall)
    parts = [] if not overlay.ground else [_plate(overlay, (x, y, inner + bar, tall), "opens", float(right))]
    edge = np.full((tall, bar), 255, np.uint8)
    parts.append(Part(edge, overlay.ink, (x + inner if right else x, y), "fades"))
    y += pad // 2
    for block in blocks:
        place = x + pad + (0 if right else bar), y, inner - 2 * pad
        lines = set_lines(block, overlay.ink, place, "start", 0.4)
        parts += [*(_edge(line, page.unit) for line in lines), *lines] if not overlay.ground else lines
        y += block.height
    return tuple(parts)


def _stacked(words: Sequence[str], page: _Page, first: float, room: tuple[int, int], weight: int) -> list[Block]:
    """A heading at `first` of the shorter side and lines at 0.05, all smaller where together they are too tall for a room."""
    width, height = room
    name, *more = words
    height -= round(page.unit * 0.06) * len(more)
    share = 1.0
    while True:
        tall = round(height * (0.65 if more else 1.0)), max(1, round(height * 0.35 / max(1, len(more))))
        head = fitted(name, page.fonts, round(page.unit * first * share), (width, tall[0]), weight)
        tail = [fitted(line, page.fonts, round(page.unit * 0.05 * share), (width, tall[1])) for line in more]
        if head.height + sum(block.height for block in tail) <= height or share < 0.3:
            return [head, *tail]
        share *= 0.9


def set_lines(
    block: Block,
    colour: str,
    place: tuple[int, int, int],
    stand: Literal["centre", "start"],
    start: float,
    comes: Literal["stays", "fades"] = "fades",
) -> list[Part]:
    """A block's lines from the top of a place (left, top, width): in its middle, or from the side on which the writing begins."""
    left, top, width = place
    parts = []
    for n, line in enumerate(block.lines):
        spare = width - line.width
        begin = left + spare * (0.5 if stand == "centre" else float(block.base))
        base = top + n * block.pitch + (block.pitch - block.above - block.below) // 2 + block.above
        cover, (right, down) = ink(line)
        parts.append(Part(cover, colour, (round(begin) + right, base + down), comes, start))
    return parts


def _plate(overlay: Overlay, box: Box, comes: Literal["stays", "opens"] = "stays", origin: float = 0.5) -> Part:
    left, top, width, height = box
    cover = np.full((height, width), round(255 * opacity(overlay.ground, overlay.ink)), np.uint8)
    return Part(cover, overlay.ground, (left, top), comes, 0.0, origin)


def _edge(line: Part, unit: int) -> Part:
    """A soft edge around letters, so that they read over any picture."""
    from scipy.ndimage import gaussian_filter, maximum_filter

    reach = max(1, round(unit * 0.004))
    around = np.pad(line.cover, 4 * reach)
    soft = gaussian_filter(maximum_filter(around, 2 * reach + 1).astype(np.float32), reach / 2)
    shade = 0.5 * gaussian_filter(around.astype(np.float32), 1.5 * reach)
    cover = np.clip(np.maximum(soft, shade), 0, 255).astype(np.uint8)
    return replace(line, cover=cover, colour=against(line.colour), at=(line.at[0] - 4 * reach, line.at[1] - 4 * reach))


def _frame(size: tuple[int, int], thin: int) -> NDArray[np.uint8]:
    cover = np.full(size[::-1], 255, np.uint8)
    cover[thin:-thin, thin:-thin] = 0
    return cover
