"""What is said as a listener takes it: sentences whole, and exchanges of a few lines that make sense alone."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from trailers.features.span import Span

if TYPE_CHECKING:
    from trailers.features.dialogue import Line

MOST = 4  # sentences of an exchange
CLOSE = 1.5  # seconds within which a sentence answers the one before
RUNS_ON = 1.0  # seconds within which a line in small letters goes on with the sentence before it
SET = 2  # frames after or before a cut within which a subtitler set a line on it


@dataclass(frozen=True)
class Sentence:
    """Lines that are spoken at once or go on with one another; `speaker` is whom the subtitles name, or ""."""

    span: Span
    text: str
    speaker: str = ""

    @property
    def asks(self) -> bool:
        return self.text.rstrip("\"'”’»)] ").endswith(("?", "？", "؟"))

    @property
    def begins(self) -> bool:
        """Whether it begins with its beginning, not in the middle of what was said before."""
        return not (self.text.startswith(("...", "…")) or self.text.lstrip("\"'“‘«([-–—. ")[:1].islower())

    @property
    def ends(self) -> bool:
        """Whether it is spoken to its end, not broken off."""
        return not self.text.rstrip("\"'”’»)] ").endswith(("...", "…", ",", ";", ":", "-", "–", "—"))


def sentences(lines: "Sequence[Line]", rate: float, cuts: Sequence[int] = ()) -> tuple[Sentence, ...]:
    """Lines in order of time. One that is set on one of the `cuts`, as subtitlers do, loses the frames that touch it, so that
    showing the line whole shows nothing of the shot beside it."""
    joined: list[Sentence] = []
    for line in sorted(lines, key=lambda line: (line.span, line.text)):
        before = joined[-1] if joined else None
        if before and (line.span.start < before.span.stop or _goes_on(before, line, rate)):
            span = Span(before.span.start, max(before.span.stop, line.span.stop))
            speaker = before.speaker if line.speaker in ("", before.speaker) else ""
            joined[-1] = Sentence(span, f"{before.text} {line.text}", speaker)
        else:
            joined.append(Sentence(line.span, line.text, line.speaker))
    return tuple(replace(each, span=_off(each.span, cuts)) for each in joined)


def exchanges(said: Sequence[Sentence], rate: float, cuts: Sequence[int] = ()) -> Iterator[tuple[int, int]]:
    """The first and the last (numbers, both among them) of every exchange of two to four sentences that makes sense alone.

    Each follows the one before within a second and a half. It begins with a beginning and is not broken off, nobody is left
    without the question that he answers or the answer that he gets, the pauses around are no shorter than those within, and there
    are two who speak: by name, by a question that is answered, or by a cut between them.
    """
    gaps = [(b.span.start - a.span.stop) / rate for a, b in pairwise(said)]
    for first in range(len(said)):
        for last in range(first + 1, min(first + MOST, len(said))):
            inner = gaps[first:last]
            if max(inner) > CLOSE:
                break
            before = gaps[first - 1] if first else float("inf")
            after = gaps[last] if last < len(gaps) else float("inf")
            answers = first > 0 and before <= CLOSE and said[first - 1].asks
            waits = after <= CLOSE and said[last].asks
            whole = said[first].begins and said[last].ends and not answers and not waits
            if not whole or min(before, after) < max(inner) or not _two(said[first : last + 1], cuts):
                continue
            yield first, last


def _two(said: Sequence[Sentence], cuts: Sequence[int]) -> bool:
    """Whether two people speak, as far as can be told."""
    if len({each.speaker for each in said if each.speaker}) > 1 or any(each.asks for each in said[:-1]):
        return True
    return any(bisect_left(cuts, a.span.stop) < bisect_right(cuts, b.span.start) for a, b in pairwise(said))


def _goes_on(before: Sentence, line: "Line", rate: float) -> bool:
    """Whether a line goes on with the sentence before: that one did not end, and it begins in small letters."""
    close = line.span.start - before.span.stop <= RUNS_ON * rate
    open_end = before.text.rstrip("\"'”’»)] ")[-1:] not in (".", "!", "?", "…", "。", "！", "？")
    begins = line.text.lstrip("\"'“‘«([-–—… .")[:1]
    same = not (line.speaker and before.speaker and line.speaker != before.speaker)
    return close and open_end and begins.islower() and same


def _off(span: Span, cuts: Sequence[int]) -> Span:
    before, after = bisect_right(cuts, span.start) - 1, bisect_left(cuts, span.stop)
    start = max(span.start, cuts[before] + SET) if before >= 0 else span.start
    stop = min(span.stop, cuts[after] - SET) if after < len(cuts) else span.stop
    return Span(start, stop) if start < stop else span
