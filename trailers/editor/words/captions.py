"""Captions: spoken lines moved to where they are heard on the timeline, broken for reading, and written as WebVTT."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from trailers.editor.timeline import Caption, Clip, Timeline, joined
from trailers.editor.words import timed
from trailers.editor.words.timed import from_vtt as from_vtt
from trailers.features.span import Span, to_frames

if TYPE_CHECKING:
    from trailers.features.dialogue import Line

WIDTH, ROWS = 42, 2  # characters a row, rows a caption: the Netflix timed-text style guide
SHORTEST = Fraction(5, 6)  # seconds a caption stays, where its clip has the room
SPEED = 20  # characters a second that are read with ease: a caption stays so long where its clip and the next line allow
GAP = 2  # frames between two captions
HEARD = Fraction(1, 2)  # a line of which less is heard is a scrap: showing its words would promise more than is heard


def captions_for(
    clips: Iterable[Clip], lines: "Mapping[str, Sequence[Line]]", rates: Mapping[str, Fraction], rate: Fraction
) -> tuple[Caption, ...]:
    """Captions for the lines that clips let hear, sorted, without overlap, none over a cut but in a run of shots, as there.

    A line is moved by time: `rates` are the episodes' frame rates, `rate` the timeline's. Text too long for two rows of 42
    characters becomes several captions. A caption lasts 5/6 s at least, and a second for 20 characters, where its clip has the
    room; lines that begin within 5/6 s share one.
    """
    return tuple(
        caption for clip in joined(clips) for caption in _in_clip(clip, lines.get(clip.episode, ()), rates[clip.episode], rate)
    )


def _in_clip(clip: Clip, lines: "Sequence[Line]", source: Fraction, rate: Fraction) -> Iterator[Caption]:
    least = to_frames(SHORTEST, rate)

    def moved(frame: int) -> int:
        at = clip.into.start + to_frames(Fraction(frame - clip.span.start) / source, rate)
        return min(max(at, clip.into.start), clip.into.stop)

    heard: list[Caption] = []
    for line in sorted(lines, key=lambda line: (line.span, line.text)):
        if line.span.overlap(clip.span) < HEARD * len(line.span):
            continue
        start, stop = moved(line.span.start), moved(line.span.stop)
        if start >= stop:
            continue
        if heard and start - heard[-1].into.start < least:
            before = heard.pop()
            heard.append(Caption(f"{before.text}\n{line.text}", Span(before.into.start, max(stop, before.into.stop))))
            continue
        if heard and start - heard[-1].into.stop < GAP:
            before = heard.pop()
            heard.append(replace(before, into=Span(before.into.start, start - GAP)))
        heard.append(Caption(line.text, Span(start, stop)))

    floor = clip.into.start
    for number, caption in enumerate(heard):
        roof = heard[number + 1].into.start - GAP if number + 1 < len(heard) else clip.into.stop
        read = max(least, to_frames(Fraction(len(caption.text), SPEED), rate))
        stop = min(max(caption.into.stop, caption.into.start + read), roof)
        start = max(min(caption.into.start, stop - least), floor)
        yield from _pages(Caption(caption.text, Span(start, stop)), least)
        floor = stop + GAP


def _pages(caption: Caption, least: int) -> Iterator[Caption]:
    """The caption, or as many as its text needs, each for as long as its share of the characters."""
    texts = wrap(caption.text)
    if not texts:
        return
    length = len(caption.into)
    texts = texts[: max(1, length // max(1, least // 2))]
    total, at, done = sum(map(len, texts)), caption.into.start, 0
    for text in texts:
        done += len(text)
        stop = caption.into.start + length * done // total
        last = done == total
        yield Caption(text, Span(at, stop if last else max(at + 1, stop - GAP)))
        at = stop


def wrap(text: str) -> tuple[str, ...]:
    """Texts of two rows of 42 characters at most, rows of like length; rows that already fit stay as they were written."""
    import textwrap

    rows = [" ".join(row.split()) for row in text.splitlines() if row.strip()]
    if len(rows) > ROWS or any(len(row) > WIDTH for row in rows):
        whole = " ".join(rows)
        rows = textwrap.wrap(whole, WIDTH, break_on_hyphens=False)
        if len(rows) <= ROWS:
            rows = next(
                even for width in range(-(-len(whole) // ROWS), WIDTH + 1)
                if len(even := textwrap.wrap(whole, width, break_on_hyphens=False)) <= ROWS
            )  # fmt: skip
    return tuple("\n".join(rows[first : first + ROWS]) for first in range(0, len(rows), ROWS))


def to_vtt(timeline: Timeline) -> str:
    """The timeline's captions as WebVTT."""
    return timed.to_vtt(timed.cues(timeline))
