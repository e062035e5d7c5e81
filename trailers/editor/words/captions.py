"""Captions: spoken lines moved to where they are heard on the timeline, and set by the rules of timed text."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING

from trailers.editor.profile import HOUSE, Reading
from trailers.editor.timeline import Caption, Clip, Timeline, joined
from trailers.editor.words.breaks import letters, pages, parted
from trailers.features.media import seconds_at
from trailers.features.span import Span, to_frames

if TYPE_CHECKING:
    from trailers.features.dialogue import Line
    from trailers.features.media import Episode

HEARD = Fraction(1, 2)  # words of which less is heard are a scrap: showing them would promise more than is heard
FOLLOWED = Fraction(3, 2)  # of the reading speed, what can be followed for once
NEAR, BESIDE = Fraction(1, 2), Fraction(7, 24)  # seconds: a gap that is closed, a beginning that is drawn to its cut
EARLY = Fraction(1, 8)  # seconds by which a caption may come before its words where they leave too little time to read it
STILL = Fraction(1, 8)  # a picture slower than this is held, and silent


def captions_for(
    clips: Iterable[Clip],
    lines: "Mapping[str, Sequence[Line]]",
    episodes: "Mapping[str, Episode]",
    rate: Fraction,
    reading: Reading = HOUSE.reading,
    hidden: Mapping[str, Sequence[Span]] = {},
) -> tuple[Caption, ...]:
    """Captions for the lines that clips let hear, sorted; none over a cut but in a run of shots, as there.

    A line is moved by time to where it is heard on a timeline of `rate`, whatever the episode's rate, the clip's speed, and
    however far its sound leads or trails the picture; one that is heard over a cut stands on the side where more of it is heard,
    or is split at the cut where either side lasts `reading.least`. Lines by episode; text is broken by `breaks.pages`.
    Captions last as long as they are read at `reading.speed`, and `reading.least` at least, where the cut and the next line
    allow; `gap` frames part them from each other and from a cut after them; lines that begin within `least`, or have no time
    alone, share one. No word that is heard is left out for want of time: `hurried` says which are too fast (Netflix timed text
    style guide: general requirements and subtitle timing guidelines; out-times may wait for the reader). Of a line that runs into
    a `hidden` span of its episode only the words that are heard stand there.
    """
    runs = [run for run in joined(clips) if run.speed >= STILL]
    spoken: list[Caption] = sorted(
        (
            caption
            for run in runs
            for caption in _heard(
                run, lines.get(run.episode, ()), episodes[run.episode], rate, reading, hidden.get(run.episode, ())
            )
        ),
        key=lambda caption: caption.into,
    )
    lanes = _lanes(runs, max((caption.into.stop for caption in spoken), default=0))
    least = to_frames(reading.least, rate)
    apart: dict[Span, list[Caption]] = {lane: [] for lane in lanes}
    for caption in spoken:
        for lane, part in _across(caption, lanes, least):
            apart[lane].append(part)
    return tuple(
        caption for lane, heard in apart.items() for caption in _timed(_merged(heard, rate, reading), lane, rate, reading)
    )


def borders(timeline: Timeline) -> tuple[int, ...]:
    """The frames that no caption lies across: cuts, but for an episode's own between shots that follow one another as there."""
    starts = {run.into.start for run in joined(timeline.clips)} | {card.into.start for card in timeline.cards}
    return tuple(sorted(starts - {0}))


def hurried(timeline: Timeline, reading: Reading = HOUSE.reading) -> tuple[Caption, ...]:
    """Captions that go by faster than they are read: what is spoken fast where neither cut nor next line leaves time."""
    most = Fraction(str(reading.speed)) / timeline.rate
    return tuple(caption for caption in timeline.captions if letters(caption.text) > most * len(caption.into))


def _heard(
    clip: Clip,
    lines: "Sequence[Line]",
    episode: "Episode",
    rate: Fraction,
    reading: Reading,
    hidden: Sequence[Span],
) -> Iterator[Caption]:
    """The lines that a clip lets hear for the most part, where they are heard; of a line of several pages, the pages."""
    window = Span(max(0, clip.into.start - clip.lead), clip.into.stop + clip.trail)
    begin = seconds_at(episode, clip.span.start)

    def moved(frame: int) -> int:
        return clip.into.start + to_frames((seconds_at(episode, min(frame, episode.frames)) - begin) / clip.speed, rate)

    reach = 2 * ceil(max(clip.lead, clip.trail, 1) * clip.speed * episode.rate / rate)
    for line in lines:
        if line.span.stop <= clip.span.start - reach or line.span.start >= clip.span.stop + reach:
            continue
        start, stop = moved(line.span.start), moved(line.span.stop)
        if stop <= window.start or start >= window.stop or start >= stop:
            continue
        for text, first, last in _shared(line.text, start, stop, reading):
            into = max(first, window.start), min(last, window.stop)
            if into[0] < into[1] and into[1] - into[0] >= HEARD * (last - first):
                secret = any(span.overlap(line.span) for span in hidden)
                most = Fraction(0) if secret else FOLLOWED * Fraction(str(reading.speed)) * (into[1] - into[0]) / rate
                yield Caption(_part(text, (first, last), into, most), Span(*into))


def _part(text: str, whole: tuple[int, int], heard: tuple[int, int], most: Fraction) -> str:
    """The words of a line; where only a part is heard, and they are more letters than `most`, the words of that part."""
    first, last = heard[0] - whole[0], heard[1] - whole[0]
    if last < whole[1] - whole[0] and letters(text) > most and (cut := parted(text, last / (whole[1] - whole[0]))):
        text = cut[0]
    if first > 0 and letters(text) > most and (cut := parted(text, first / last)):
        text = cut[1]
    return text


def _shared(text: str, start: int, stop: int, reading: Reading) -> Iterator[tuple[str, int, int]]:
    """The pages of a text and the frames of each: its share of the letters, but more than a gap; one where none can be turned."""
    texts, each = pages(text, reading), reading.gap + 1
    if stop - start < each * len(texts):
        texts = ("\n".join(texts),)
    total, done, at = max(1, sum(map(letters, texts))), 0, start
    for left, page in zip(range(len(texts) - 1, -1, -1), texts, strict=True):
        done += letters(page)
        end = min(max(start + (stop - start) * done // total, at + each), stop - left * each) if left else stop
        yield page, at, end
        at = end


def _lanes(runs: Sequence[Clip], end: int) -> list[Span]:
    """Where captions stand without lying over a cut: runs of shots, and what stands between and after them."""
    edges = sorted({0, *(run.into.start for run in runs), *(run.into.stop for run in runs)})
    edges += [end] if end > edges[-1] else []
    return [Span(start, stop) for start, stop in pairwise(edges)]


def _across(caption: Caption, lanes: Sequence[Span], least: int) -> Iterator[tuple[Span, Caption]]:
    """A caption in its lane; one heard over a cut is split at it where both sides have time, else stands where most is heard."""
    into = caption.into
    for lane in lanes:
        left, right = lane.stop - into.start, into.stop - lane.stop
        if lane.stop in into and left >= least and right >= least and (texts := parted(caption.text, left / len(into))):
            yield lane, Caption(texts[0], Span(max(into.start, lane.start), lane.stop))
            yield from _across(Caption(texts[1], Span(lane.stop, into.stop)), lanes, least)
            return
    lane = max(lanes, key=into.overlap)
    yield lane, replace(caption, into=Span(max(into.start, lane.start), min(into.stop, lane.stop)))


def _merged(heard: Sequence[Caption], rate: Fraction, reading: Reading) -> list[Caption]:
    """Lines of one lane that begin together share a caption; so do two of which the first has no time alone, where they fit."""
    least = to_frames(reading.least, rate)
    merged: list[Caption] = []
    for caption in sorted(heard, key=lambda caption: caption.into):
        before = merged[-1] if merged else None
        if before:
            text = f"{before.text}\n{caption.text}"
            both = Span(before.into.start, max(before.into.stop, caption.into.stop))
            time = caption.into.start - reading.gap - before.into.start
            together = time + reading.gap < least
            crowded = time < _needed(before.text, rate, reading) and caption.into.start - before.into.stop < NEAR * rate
            if together or (crowded and len(pages(text, reading)) == 1 and len(both) <= reading.most * rate):
                merged[-1] = Caption(text, both)
                continue
        merged.append(caption)
    return merged


def _timed(heard: Sequence[Caption], lane: Span, rate: Fraction, reading: Reading) -> Iterator[Caption]:
    """Beginnings and ends: time to read, gaps kept or closed, edges near a cut drawn to it."""
    least, end = to_frames(reading.least, rate), max(lane.start + 1, lane.stop - reading.gap)
    floor, starts, stops = lane.start, [], []
    for number, caption in enumerate(heard):
        # The next begins where it still has a frame before the gap to the cut.
        roof = min(end, min(heard[number + 1].into.start, end - 1) - reading.gap) if number + 1 < len(heard) else end
        start = max(floor, min(caption.into.start, roof - least))
        start = floor if not number and start - floor <= to_frames(BESIDE, rate) else start
        start = max(floor, min(start, max(roof - _needed(caption.text, rate, reading), start - to_frames(EARLY, rate))))
        most = start + len(pages(caption.text, reading)) * int(reading.most * rate)
        stop = max(caption.into.stop, start + _needed(caption.text, rate, reading))
        starts.append(start)
        stops.append((max(min(stop, roof, most), start + 1), most))
        floor = stops[-1][0] + reading.gap
    roofs = (*(start - reading.gap for start in starts[1:]), end)
    for caption, start, (stop, most), roof in zip(heard, starts, stops, roofs, strict=False):
        closed = min(roof, most) if 0 < roof - stop <= NEAR * rate else stop
        yield from paged(Caption(caption.text, Span(start, closed)), rate, reading)


def _needed(text: str, rate: Fraction, reading: Reading) -> int:
    """Frames in which a text is read, page by page."""
    count = len(pages(text, reading))
    turned = count * to_frames(reading.least, rate) + (count - 1) * reading.gap
    return max(turned, ceil(letters(text) * rate / Fraction(str(reading.speed))))


def paged(caption: Caption, rate: Fraction, reading: Reading) -> Iterator[Caption]:
    """The caption, or as many as its text needs pages, parted by gaps: each for its share of the letters, and for
    `reading.least` where there is the time."""
    shares = list(_shared(caption.text, caption.into.start, caption.into.stop + reading.gap, reading))
    each, at = to_frames(reading.least, rate) + reading.gap, caption.into.start
    time = len(caption.into) + reading.gap >= each * len(shares)
    for left, (text, _, stop) in zip(range(len(shares) - 1, -1, -1), shares, strict=True):
        if time and left:
            stop = min(max(stop, at + each), caption.into.stop + reading.gap - left * each)
        yield Caption(text, Span(at, min(max(stop - reading.gap, at + 1), at + max(1, int(reading.most * rate)))))
        at = stop
