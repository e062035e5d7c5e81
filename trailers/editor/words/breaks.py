"""Where words break: into the rows and pages that a caption holds, where a reader would pause."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

from trailers.editor.profile import HOUSE, Reading

ENDS, PAUSES = ".!?…。？！؟।॥", ",;:，、；：،؛—–"
# JIS X 4051: what may not end a row, and what may not begin one
OPENING, CLOSING = "「『（《〈【“‘([{«\u200d", "、。，．！？；：）」』》〉】”’…ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ％‰℃])}»"
DASHES = ("-", "–", "—")
_ROW, _PAGE = 0.3, 0.8  # what a harmful end of a row and of a page weighs against unevenness
_SHORT = 3  # letters of an article or a preposition, in most languages: no row should end with one


@dataclass(frozen=True)
class _Word:
    """What is never broken, the columns it takes; `glued` where no blank stood before it (Chinese, Japanese)."""

    text: str
    columns: int
    glued: bool


def columns(text: str) -> int:
    """The columns that a row takes: a full-width letter (Unicode's East Asian width) takes two, a mark that combines none."""
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text if not _combines(letter))


def letters(text: str) -> int:
    """What is read, in columns: blanks, punctuation and a break between rows, which is a blank, count."""
    return columns(" ".join(text.splitlines()))


@lru_cache(maxsize=4096)
def pages(text: str, reading: Reading = HOUSE.reading) -> tuple[str, ...]:
    """The text in as few pages as `reading` allows, each of rows that fit: all words, in their order, rows parted by line breaks.

    Rows that fit already stay as they were written; else pages and rows are of like length, and end where a sentence does, or
    after punctuation, rather than after a short word (Netflix timed text style guide, general requirements, line treatment).
    """
    rows = [" ".join(row.split()) for row in text.splitlines() if row.strip()]
    if len(rows) <= reading.rows and all(columns(row) <= reading.columns for row in rows):
        return ("\n".join(rows),) if rows else ()
    words = _words(" ".join(rows), reading.columns)

    def fits(part: Sequence[_Word]) -> bool:
        return _greedy(part, reading.columns) <= reading.rows

    def fits_row(part: Sequence[_Word]) -> bool:
        return _greedy(part, reading.columns) == 1

    return tuple("\n".join(map(_joined, _least(page, fits_row, _ROW))) for page in _least(words, fits, _PAGE))


def parted(text: str, share: float) -> tuple[str, str] | None:
    """The text in two, the first about `share` of it, parted where a reader would pause; None where it is one word."""
    words = _words(" ".join(text.split()), 10**6)
    if len(words) < 2:
        return None
    ends = _ends(words)
    cut = min(range(1, len(words)), key=lambda n: abs(ends[n] / ends[-1] - share) + 0.1 * _harm(words[n - 1], words[n]))
    return _joined(words[:cut]), _joined(words[cut:])


def _combines(letter: str) -> bool:
    return bool(unicodedata.combining(letter)) or unicodedata.category(letter) in ("Mn", "Me", "Cf")


def unspaced(letter: str) -> bool:
    """Whether a letter is of a script that puts no blanks between words; Korean, as wide, does."""
    return unicodedata.east_asian_width(letter) in "WF" and "HANGUL" not in unicodedata.name(letter, "") and not _combines(letter)


def _words(text: str, most: int) -> list[_Word]:
    """What the text may be broken between: words; in scripts without blanks, letters but for those that go together."""
    words: list[_Word] = []
    for word in text.split():
        piece, fresh = "", True
        for letter in word:
            loose = piece and unspaced(letter) and letter not in CLOSING and piece[-1] not in OPENING
            if loose or (piece and columns(piece + letter) > most):
                words.append(_Word(piece, columns(piece), not fresh))
                piece, fresh = "", False
            piece += letter
        words.append(_Word(piece, columns(piece), not fresh))
    return words


def _joined(words: Sequence[_Word]) -> str:
    return "".join(word.text if word.glued or not n else f" {word.text}" for n, word in enumerate(words))


def _greedy(words: Sequence[_Word], most: int) -> int:
    """How many rows words need."""
    count, row = 1, 0
    for word in words:
        if row and row + (not word.glued) + word.columns > most:
            count, row = count + 1, 0
        row += (not word.glued if row else 0) + word.columns
    return count


def _ends(words: Sequence[_Word]) -> list[int]:
    """The columns before each word and after the last."""
    return [0, *accumulate(word.columns + (not word.glued) for word in words)]


def _least(words: Sequence[_Word], fits: Callable[[Sequence[_Word]], bool], harm: float) -> list[Sequence[_Word]]:
    """The words in the fewest parts that all fit, as even and as little harmful as can be: dynamic programming over their ends.

    What fits must still fit with a word less.
    """
    ends = _ends(words)
    count = 1
    best: list[tuple[float, tuple[int, ...]] | None] = []
    while True:
        mean = ends[-1] / count
        best = [(0.0, ())] + [None] * len(words)
        for number in range(count):
            found: list[tuple[float, tuple[int, ...]] | None] = [None] * (len(words) + 1)
            for start, so_far in enumerate(best):
                if so_far is None:
                    continue
                for stop in range(start + 1, len(words) + 1):
                    if not fits(words[start:stop]):
                        break
                    off = (ends[stop] - ends[start]) / mean - 1
                    cost = so_far[0] + 2 * off**2 + (-0.02 * off if number == count - 1 else 0)
                    cost += harm * _harm(words[stop - 1], words[stop]) if stop < len(words) else 0
                    known = found[stop]
                    if known is None or cost < known[0]:
                        found[stop] = (cost, (*so_far[1], stop))
            best = found
        if best[-1] is not None:
            starts = (0, *best[-1][1])
            return [words[start:stop] for start, stop in pairwise(starts)]
        count += 1


def _harm(before: _Word, after: _Word) -> float:
    """How badly a row may end between two words."""
    last = before.text.rstrip("\"'”’»)")[-1:]
    if after.text.startswith(DASHES) or (last and last in ENDS):
        return 0.0
    if last and last in PAUSES:
        return 0.3
    return 1.0 if after.glued or before.columns > _SHORT else 1.6
