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
_STILL = 1.2  # seconds after which nothing moves
_SYSTEM = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("/Library/Fonts"), Path("C:/Windows/Fonts"))


def card_frames(card: Card, size: tuple[int, int], rate: Fraction) -> Iterator[NDArray[np.uint8]]:
    """The card's len(card.into) frames as uint8 (height, width, 3) RGB.

    The first line is the title; a rule opens under it, the other lines follow smaller. A long title wraps and shrinks until it fits.
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
        wide = round(rule * _ease((t - 0.25) / 0.7) / 2)
        mask = np.zeros((thick, rule))
        mask[:, rule // 2 - wide : rule // 2 + wide] = 0.8
        return mask

    total = head.h + sum(gap + line.h for line in tail) + (gap + thick if tail else 0)
    y = (height - total) // 2
    shown = [ColorClip(size, color=ground), head.with_position(("center", y)).with_effects([vfx.CrossFadeIn(0.6)])]
    y += head.h + gap
    if tail:
        bar = ColorClip((rule, thick), color=ink).with_mask(VideoClip(opening, is_mask=True))
        shown.append(bar.with_position(((width - rule) // 2, y)))
        y += thick + gap
    for line in tail:
        shown.append(line.with_position(("center", y)).with_start(0.5).with_effects([vfx.CrossFadeIn(0.6)]))
        y += line.h + gap
    whole = CompositeVideoClip([part.with_duration(_STILL + 1 - part.start) for part in shown], size=size)
    still: NDArray[np.uint8] | None = None
    for n in range(len(card.into)):
        t = float(n / rate)
        frame = still if still is not None else np.ascontiguousarray(whole.get_frame(min(t, _STILL)).astype(np.uint8))
        still = frame if t >= _STILL else None
        yield frame


def font_for(text: str) -> str | None:
    """The first font that can draw every character: the one Pillow carries (None), Matplotlib's where it is installed, the system's."""
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
    raise RenderError(f"the title card holds characters that no font here can draw: {' '.join(fewest)}; install a font that has them")


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
    """The text wrapped to a width at the largest size up to `points` whose height fits, and whose words need no breaking above 40 %."""
    from moviepy import TextClip

    size = points
    while True:
        drawn = TextClip(
            font=font, text=text, font_size=size, size=(room[0], None), color=ink, method="caption", text_align="center",
            interline=round(size * 0.25), margin=(0, round(size * 0.3)),
        )  # fmt: skip
        whole = set(drawn.text.split()) <= set(text.split())
        if size <= 8 or (drawn.h <= room[1] and (whole or size < 0.4 * points)):
            return drawn
        size = max(8, min(size - 1, round(size * 0.9)))


def _ease(share: float) -> float:
    share = min(1.0, max(0.0, share))
    return share * share * (3 - 2 * share)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
