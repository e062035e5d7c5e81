"""The title card, drawn with MoviePy: words that come up gently on a ground of one colour."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trailers.editor.timeline import Card
from trailers.errors import RenderError

if TYPE_CHECKING:
    from moviepy import TextClip
    from PIL import ImageFont

VERSION = 1
WIDTH, HEIGHT = 0.8, 0.5  # shares of the picture that the title may fill
_STILL, _LONG = 0.8, 3.0  # seconds after which nothing moves; what MoviePy's parts last, anything above it
_SYSTEM = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("/Library/Fonts"), Path("C:/Windows/Fonts"))


def card_frames(card: Card, size: tuple[int, int], rate: Fraction) -> Iterator[NDArray[np.uint8]]:
    """The card's len(card.into) frames as uint8 (height, width, 3) RGB.

    The first line is the title; a rule opens under it, the other lines follow smaller. A long title wraps and shrinks to fit.
    A RenderError names the characters that no font found here can draw.
    """
    from moviepy import ColorClip, CompositeVideoClip, VideoClip, vfx

    width, height = size
    ground, ink = _rgb(card.ground), _rgb(card.ink)
    words = [" ".join("".join(c if c.isprintable() else " " for c in line).split()) for line in card.lines]
    title, *rest = [line for line in words if line] or ["-"]
    font, unit, wide = font_for("".join(words)), min(size), round(width * WIDTH)
    head = _fit(title, font, round(unit * 0.13), (wide, round(height * HEIGHT)))
    tail = [_fit(line, font, round(unit * 0.05), (wide, round(height * 0.15))) for line in rest]
    gap, thick, rule = round(unit * 0.06), max(2, round(unit * 0.006)), round(unit * 0.28) // 2 * 2

    def opening(t: float) -> NDArray[np.float64]:
        half = round(rule * _ease((t - 0.1) / 0.6) / 2)
        mask = np.zeros((thick, rule))
        mask[:, rule // 2 - half : rule // 2 + half] = 0.8
        return mask

    def drawn(block: _Block, top: int, start: float) -> list[VideoClip]:
        lines = [_line(text, block.points, font, ink, _LONG) for text in block.lines]
        risen = [line.with_effects([vfx.CrossFadeIn(0.4)]).with_start(start) for line in lines]
        return [line.with_position(("center", top + n * block.pitch)) for n, line in enumerate(risen)]

    top = (height - head.height - sum(gap + block.height for block in tail) - (gap if tail else 0)) // 2
    shown = [ColorClip(size, color=ground, duration=_LONG), *drawn(head, top, 0)]
    top += head.height + gap
    if tail:
        bar = ColorClip((rule, thick), color=ink, duration=_LONG)
        bar = bar.with_mask(VideoClip(opening, is_mask=True, duration=_LONG))
        shown.append(bar.with_position(((width - rule) // 2, top)))
    for block in tail:
        top += gap
        shown += drawn(block, top, 0.3)
        top += block.height
    whole = CompositeVideoClip(shown, size=size)
    still: NDArray[np.uint8] | None = None
    for n in range(len(card.into)):
        t = float(n / rate)
        frame = still if still is not None else np.ascontiguousarray(whole.get_frame(min(t, _STILL)).astype(np.uint8))
        still = frame if t >= _STILL else None
        yield frame


def font_for(text: str) -> str | None:
    """The first font that can draw every character: Pillow's own (None), Matplotlib's where it is installed, the system's."""
    fonts: list[Path | None] = [None]
    spec = find_spec("matplotlib")
    if spec and spec.origin:
        fonts.append(Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf")
    missing = [_missing(text, font) for font in fonts if font is None or font.exists()]
    for font, lacks in zip(fonts, missing, strict=False):
        if not lacks:
            return str(font) if font else None
    found = (path for folder in _SYSTEM if folder.is_dir() for path in sorted(folder.rglob("*.[to]t[fc]")))
    for path in found:
        if not _missing(text, path):
            return str(path)
    fewest = min(missing, key=len)
    raise RenderError(
        f"the title card holds characters that no font here can draw: {' '.join(fewest)}; install one that has them"
    )


def _missing(text: str, path: Path | None) -> str:
    """The characters of a text that a font draws as it draws what it does not know."""
    try:
        font = _face(str(path) if path else None, 24)
    except OSError:
        return text
    unknown = bytes(font.getmask("\U0010ffff"))
    return "".join(sorted({c for c in text if not c.isspace() and bytes(font.getmask(c)) == unknown}))


@dataclass(frozen=True)
class _Block:
    """Lines of one size, `pitch` pixels apart."""

    lines: tuple[str, ...]
    points: int

    @property
    def pitch(self) -> int:
        return round(1.25 * self.points)

    @property
    def height(self) -> int:
        return self.pitch * len(self.lines)


def _fit(text: str, font: str | None, points: int, room: tuple[int, int]) -> _Block:
    """Even lines at the largest size up to `points` that fits; the larger, the fewer, and no word broken above 40 % of it."""
    size = points
    while True:
        block = _Block(tuple(_wrap(text, font, size, room[0])), size)
        whole = size < 0.4 * points or " ".join(block.lines) == text
        few = len(block.lines) <= (2 if size >= 0.7 * points else 3 if size >= 0.5 * points else len(block.lines))
        if (block.height <= room[1] and whole and few) or size <= 8:
            return block
        size = max(8, min(size - 1, round(size * 0.92)))


def _line(text: str, points: int, font: str | None, ink: tuple[int, int, int], seconds: float) -> "TextClip":
    """One line in a box with room for accents and tails: MoviePy measures only the letters there are, and cuts the rest off."""
    from moviepy import TextClip

    room = ceil(_face(font, points).getlength(text) + 0.6 * points), round(1.5 * points)
    return TextClip(
        font=font, text=text, font_size=points, size=room, vertical_align="top", color=ink, stroke_color=ink,
        stroke_width=round(points * 0.012), duration=seconds,
    )  # fmt: skip


def _face(font: str | None, points: int) -> "ImageFont.FreeTypeFont":
    from PIL import ImageFont

    face = ImageFont.truetype(font, points) if font else ImageFont.load_default(points)
    assert isinstance(face, ImageFont.FreeTypeFont)
    return face


def _wrap(text: str, font: str | None, size: int, width: int) -> list[str]:
    """The fewest lines that a width holds, as even as they can be; a word too long for a line is broken."""
    face = _face(font, size)

    def broken(limit: float) -> list[str]:
        lines: list[str] = []
        for word in text.split():
            if lines and face.getlength(f"{lines[-1]} {word}") <= limit:
                lines[-1] += f" {word}"
                continue
            while face.getlength(word) > width:
                cut = max(1, next((n for n in range(1, len(word)) if face.getlength(word[: n + 1]) > width), len(word)))
                lines.append(word[:cut])
                word = word[cut:]
            lines.append(word)
        return lines

    fewest = broken(width)
    for share in range(50, 100, 5):
        if len(even := broken(width * share / 100)) == len(fewest):
            return even
    return fewest


def _ease(share: float) -> float:
    share = min(1.0, max(0.0, share))
    return share * share * (3 - 2 * share)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
