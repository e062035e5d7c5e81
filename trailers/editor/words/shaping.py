"""One line of text as glyphs in their places (HarfBuzz), over writing that runs either way, and as a picture of how much ink."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trailers.editor.words import bidi
from trailers.editor.words.fonts import REGULAR, missing, opened, sized

_PART = 64  # a pixel's parts in which glyphs are placed
_ABOVE, _BELOW = 0.75, 0.25  # ems


@dataclass(frozen=True)
class Glyph:
    """A font's glyph, by its number, at (x, y) of a line: pixels from its beginning and above its base line."""

    font: Path
    number: int
    x: float
    y: float


@dataclass(frozen=True)
class Line:
    """A shaped line: its glyphs, how far it runs, how far it reaches above and below its base line, all in pixels:
    0.75 and 0.25 ems at least, so that lines of the same size stand alike."""

    glyphs: tuple[Glyph, ...]
    points: int
    weight: int
    width: float
    above: int
    below: int


def shaped(text: str, fonts: Sequence[Path], points: int, base: int = 0, weight: int = REGULAR) -> Line:
    """A line at `points` pixels an em; each letter in the first font that has it.

    `base` is the paragraph's direction: 0 from the left, 1 from the right (`bidi.direction`).
    """
    import uharfbuzz as hb

    glyphs: list[Glyph] = []
    x, above, below = 0.0, _ABOVE * points, _BELOW * points
    for run, level, font in _runs(text, fonts, base):
        face = opened(font, weight)
        unit = points / face.face.upem
        buffer = hb.Buffer()
        buffer.add_str(run)
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if level % 2 else "ltr"
        hb.shape(face, buffer)
        for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            glyphs.append(Glyph(font, info.codepoint, x + place.x_offset * unit, place.y_offset * unit))
            x += place.x_advance * unit
            if extents := face.get_glyph_extents(info.codepoint):
                top = place.y_offset + extents.y_bearing
                above, below = max(above, top * unit), max(below, -(top + extents.height) * unit)
    return Line(tuple(glyphs), points, weight, x, ceil(above), ceil(below))


def ink(line: Line) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """A line's cover, 0 to 255 a pixel, and where its top left pixel stands: right of its beginning, and below its base line."""
    import uharfbuzz as hb

    drawer = hb.RasterDraw()
    drawer.scale_factor = (_PART, _PART)
    own = {font: sized(font, line.weight, line.points * _PART) for font in {glyph.font for glyph in line.glyphs}}
    for glyph in line.glyphs:
        drawer.transform = (1, 0, 0, 1, glyph.x * _PART, glyph.y * _PART)
        drawer.draw_glyph(own[glyph.font], glyph.number)
    image = drawer.render()
    if image is None or not image.extents.width:
        return np.zeros((1, 1), np.uint8), (0, 0)
    box = image.extents
    rows = np.frombuffer(bytes(image.buffer), np.uint8).reshape(box.height, box.stride)
    return np.ascontiguousarray(rows[::-1, : box.width]), (floor(box.x_origin), -box.y_origin - box.height)


def clusters(text: str) -> tuple[str, ...]:
    """Letters with all that belongs to them (marks, joiners, halves of a conjunct): never parted (after UAX #29)."""
    found: list[str] = []
    for letter in text:
        before = found[-1][-1] if found else ""
        joined = before == "\u200d" or (before and unicodedata.combining(before) == 9 and letter.isalpha())
        if found and (joined or letter in "\u200c\u200d" or unicodedata.category(letter) in ("Mn", "Mc", "Me")):
            found[-1] += letter
        else:
            found.append(letter)
    return tuple(found)


def _runs(text: str, fonts: Sequence[Path], base: int) -> Iterator[tuple[str, int, Path]]:
    """Stretches of one direction, one script and one font, in the order in which they are seen from the left."""
    levels = bidi.levels(text, base)
    held = _fonts(text, fonts)
    scripts = _scripts(text)
    for start, stop in bidi.runs(levels):
        inner: list[tuple[int, int]] = []
        for at in range(start, stop):
            if inner and (held[at], scripts[at]) == (held[inner[-1][0]], scripts[inner[-1][0]]):
                inner[-1] = (inner[-1][0], at + 1)
            else:
                inner.append((at, at + 1))
        for first, last in reversed(inner) if levels[start] % 2 else inner:
            yield text[first:last], levels[start], held[first]


def _fonts(text: str, fonts: Sequence[Path]) -> list[Path]:
    """Each character's font: the first that has its whole cluster; blanks and signs keep to the font before them."""
    found: list[Path] = []
    for cluster in clusters(text):
        able = [font for font in fonts if not missing(cluster, font)] or [fonts[0]]
        keep = found and found[-1] in able and not cluster[0].isalpha()
        found += [found[-1] if keep else able[0]] * len(cluster)
    return found


def _scripts(text: str) -> list[str]:
    """The script of every character, by the first word of its name; what belongs to none has that of the letters before it."""
    named = [unicodedata.name(letter, "").split(" ")[0] if letter.isalpha() else "" for letter in text]
    found = next((script for script in named if script), "")
    scripts = []
    for letter, script in zip(text, named, strict=True):
        if not script and unicodedata.category(letter) == "Mc":
            script = unicodedata.name(letter, "").split(" ")[0]
        found = script or found
        scripts.append(found)
    return scripts
