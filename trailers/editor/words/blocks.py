"""Text set into a room: broken into even lines at the largest size that fits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from trailers.editor.words import bidi
from trailers.editor.words.breaks import CLOSING, ENDS, OPENING, PAUSES, unspaced
from trailers.editor.words.fonts import REGULAR
from trailers.editor.words.shaping import Line, clusters, shaped

LEAST = 8  # pixels an em, below which nothing shrinks
_PITCH = 1.25  # ems from line to line, where no letters are taller


@dataclass(frozen=True)
class Block:
    """Lines of one size in pixels an em, `pitch` pixels from one to the next, none of which reaches further than `above` and
    `below` its base line; `base` is the direction they run in (0 or 1)."""

    lines: tuple[Line, ...]
    points: int
    pitch: int
    above: int
    below: int
    base: int

    @property
    def height(self) -> int:
        return self.pitch * len(self.lines)

    @property
    def width(self) -> float:
        return max((line.width for line in self.lines), default=0.0)


@dataclass(frozen=True)
class _Word:
    """What no line break parts, how wide it is in ems, and the blank before it: none where it goes on from what stands before."""

    text: str
    ems: float
    blank: float


def fitted(text: str, fonts: Sequence[Path], points: int, room: tuple[int, int], weight: int = REGULAR) -> Block:
    """Even lines at the largest size up to `points` that fits a room (width, height); the larger, the fewer, and no word broken
    above 40 % of it. What does not fit at 8 pixels an em is too tall."""
    size = points
    while True:
        lines, whole = broken(text, fonts, room[0] / size, weight)
        few = len(lines) <= (2 if size >= 0.7 * points else 3 if size >= 0.5 * points else len(lines))
        if size <= LEAST or (few and (whole or size < 0.4 * points)):
            block = _block(lines, fonts, size, weight, bidi.direction(text))
            if size <= LEAST or (block.height <= room[1] and block.width <= room[0]):
                return block
        size = max(LEAST, min(size - 1, round(size * 0.92)))


def rows(texts: Sequence[str], fonts: Sequence[Path], points: int, room: tuple[int, int], weight: int = REGULAR) -> Block:
    """Lines that are broken already, at the largest size up to `points` at which all fit a room (width, height)."""
    size, base = points, bidi.direction(" ".join(texts))
    while True:
        block = _block(texts, fonts, size, weight, base)
        if size <= LEAST or (block.width <= room[0] and block.height <= room[1]):
            return block
        size = max(LEAST, min(size - 1, round(size * 0.94)))


def broken(text: str, fonts: Sequence[Path], ems: float, weight: int = REGULAR) -> tuple[tuple[str, ...], bool]:
    """The fewest lines of `ems` that hold a text, and whether all its words are whole: one too long is broken between letters.

    Of as few lines those that are most even and end best where a reader pauses (least squares over all breaks, as Knuth and Plass
    1981 find a paragraph's).
    """
    words = list(_words(text, tuple(fonts), weight))
    whole = all(word.ems <= ems for word in words)
    words = [part for word in words for part in ([word] if word.ems <= ems else _letters(word, tuple(fonts), weight))]
    best: list[tuple[int, float, int]] = [(0, 0.0, 0)]  # of lines before a word: how many, their cost, where the last begins
    for stop, last in enumerate(words, 1):
        pause = stop == len(words) or last.text[-1] in ENDS + PAUSES
        found, long = [], 0.0
        for start in range(stop - 1, -1, -1):
            long += words[start].ems
            if long > ems and start < stop - 1:
                break
            count, cost, _ = best[start]
            found.append((count + 1, cost + (1 - long / ems) ** 2 + (0.0 if pause else 0.02), start))
            long += words[start].blank
        best.append(min(found))
    lines: list[str] = []
    stop = len(words)
    while stop:
        start = best[stop][2]
        lines.append("".join((" " if word.blank else "") + word.text for word in words[start:stop]).strip())
        stop = start
    return tuple(reversed(lines)), whole


def _block(texts: Sequence[str], fonts: Sequence[Path], points: int, weight: int, base: int) -> Block:
    lines = tuple(shaped(text, fonts, points, base, weight) for text in texts)
    above, below = max((line.above for line in lines), default=0), max((line.below for line in lines), default=0)
    return Block(lines, points, max(round(_PITCH * points), above + below), above, below, base)


@lru_cache(maxsize=8)
def _words(text: str, fonts: tuple[Path, ...], weight: int) -> tuple[_Word, ...]:
    """Words; in writing without blanks, letters but for those that go together."""
    found = []
    for word in text.split(" "):
        for n, part in enumerate(_parts(word)):
            found.append(_Word(part, _ems(part, fonts, weight), 0.0 if n else _ems(" ", fonts, weight)))
    return tuple(found)


def _letters(word: _Word, fonts: tuple[Path, ...], weight: int) -> list[_Word]:
    """A word too long for a line, letter by letter."""
    parts = clusters(word.text)
    return [_Word(part, _ems(part, fonts, weight), 0.0 if n else word.blank) for n, part in enumerate(parts)]


@lru_cache(maxsize=2048)
def _ems(text: str, fonts: tuple[Path, ...], weight: int) -> float:
    """How wide a text is in ems: nothing is hinted, so that a size is only a factor."""
    return shaped(text, fonts, 100, bidi.direction(text), weight).width / 100


def _parts(word: str) -> Iterator[str]:
    part = ""
    for cluster in clusters(word):
        if part and _may_break(part[-1], cluster[0]):
            yield part
            part = ""
        part += cluster
    if part:
        yield part


def _may_break(before: str, after: str) -> bool:
    """Beside a letter of writing that has no blanks (JIS X 4051), after a dash before a letter, and where a zero width space says
    so (UAX #14): that is how Thai, whose words only a dictionary knows, is set."""
    if before == "\u200b":
        return True
    if after in CLOSING or before in OPENING:
        return False
    return (before in "-–—/" and after.isalpha()) or unspaced(before) or unspaced(after)
