"""The title card, drawn with MoviePy: words that come up gently on a ground of one colour."""

from collections.abc import Iterator
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trailers.editor.timeline import Card
from trailers.errors import RenderError

if TYPE_CHECKING:
    from moviepy import TextClip

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
    title, *rest = [line for line in words if line] or [" "]
    font = font_for("".join(words))
    unit = min(width, height)
    head = _fit(title, font, ink, round(unit * 0.13), (round(width * WIDTH), round(height * HEIGHT)))
    tail = [_fit(line, font, ink, round(unit * 0.05), (round(width * WIDTH), round(height * 0.15))) for line in rest]
    gap, thick = round(unit * 0.05), max(2, round(unit * 0.006))
    rule = min(head.w, round(unit * 0.28))

    def opening(t: float) -> NDArray[np.float64]:
        wide = round(rule * _ease((t - 0.1) / 0.6) / 2)
        mask = np.zeros((thick, rule))
        mask[:, rule // 2 - wide : rule // 2 + wide] = 0.8
        return mask

    total = head.h + sum(gap + line.h for line in tail) + (gap + thick if tail else 0)
    y = (height - total) // 2
    rising = [vfx.CrossFadeIn(0.4)]
    shown = [
        ColorClip(size, color=ground, duration=_LONG),
        head.with_duration(_LONG).with_position(("center", y)).with_effects(rising),
    ]
    y += head.h + gap
    if tail:
        bar = ColorClip((rule, thick), color=ink, duration=_LONG).with_mask(VideoClip(opening, is_mask=True, duration=_LONG))
        shown.append(bar.with_position(((width - rule) // 2, y)))
        y += thick + gap
    for line in tail:
        shown.append(line.with_duration(_LONG).with_position(("center", y)).with_effects(rising).with_start(0.3))
        y += line.h + gap
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
    from PIL import ImageFont

    try:
        font = ImageFont.truetype(str(path), 24) if path else ImageFont.load_default(24)
    except OSError:
        return text
    unknown = bytes(font.getmask("\U0010ffff"))
    return "".join(sorted({c for c in text if not c.isspace() and bytes(font.getmask(c)) == unknown}))


def _fit(text: str, font: str | None, ink: tuple[int, int, int], points: int, room: tuple[int, int]) -> "TextClip":
    """The text in even lines, at the largest size up to `points` that fits; above 40 % of it no word is broken."""
    from moviepy import TextClip

    size = points
    while True:
        lines = _wrap(text, font, size, room[0])
        fits = sum(1.5 * size for _ in lines) <= room[1]
        whole = size < 0.4 * points or " ".join(lines) == text
        if (fits and whole) or size <= 8:
            break
        size = max(8, min(size - 1, round(size * 0.92)))
    lines = lines[: max(1, round(room[1] / (1.5 * size)))]
    margin = round(size * 0.3)
    return TextClip(
        font=font, text="\n".join(lines), font_size=size, color=ink, stroke_color=ink, stroke_width=round(size * 0.012),
        text_align="center", interline=round(size * 0.25), margin=(margin, margin),
    )  # fmt: skip


def _wrap(text: str, font: str | None, size: int, width: int) -> list[str]:
    """The fewest lines that a width holds, as even as they can be; a word too long for a line is broken."""
    from PIL import ImageFont

    face = ImageFont.truetype(font, size) if font else ImageFont.load_default(size)

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
