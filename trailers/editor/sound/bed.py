"""The music bed: brought to a trailer's length by whole bars, and heard without a click or a change of level."""

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise, product
from math import ceil
from pathlib import Path

import numpy as np
import numpy.typing as npt

from trailers.editor.sound.clock import RATE, frame_near, sample_at
from trailers.editor.sound.grid import Grid
from trailers.editor.sound.walk import ASTRAY, costs, walks
from trailers.editor.timeline import Music, Take

Samples = npt.NDArray[np.float32]
Places = tuple[int, ...]

CROSS = RATE // 50  # samples in which one take gives way to the next, all before the joint: its first beat is heard whole
SLOW = RATE  # the same in music without beats
EDGE = RATE // 200  # samples in which a take that meets no other comes and goes: 5 ms
LEAST = RATE // 4  # samples in which a bed that is left before its file ends dies away, at least
RINGS = (0.5, 5.0)  # seconds that a hit rings which is asked to fall somewhere, least and most (longer if it does by itself)
LEADS, SHORT, SILENT = 0.3, 2.0, 2.0  # what it costs to begin before a bar, to let a hit ring too short, and a second of silence


def laid(music: Music, piece: Grid, frames: int, rate: Fraction, last: int | None = None) -> Music:
    """`music` with the takes, beats and bars of its piece (see `grid.heard`) that fill so many frames of a timeline; its last hit
    at frame `last`, as where the last cut is, if it can ring from there to the end, else where it has time to."""
    hit = None if last is None else sample_at(last, rate)
    takes, beats, bars = fitted(piece, sample_at(frames, rate), rate, hit)
    return replace(music, takes=takes, beats=beats, bars=bars)


def fitted(piece: Grid, count: int, rate: Fraction, last: int | None = None) -> tuple[tuple[Take, ...], Places, Places]:
    """A piece brought to `count` samples: its takes, and the samples of the trailer on which beats fall and bars begin.

    It is cut at bars, there where what follows is most like what would have followed, and ends on its own last hit, else on the
    first beat of a phrase, which rings for a beat or two. That hit falls on a whole frame: the one at sample `last` (if from
    there on it is a time that a hit can ring, half a second to five), or one that leaves it time to. Before the first whole bar
    stand what beats fill the rest. Short pieces are gone through again.
    A piece without beats ends where it ends, and begins again where it is too short.
    """
    lines = _lines(piece)
    if len(lines) < 2:
        return _bare(piece, count), (), ()
    way = _way(piece, lines, count, rate, last)
    takes = _takes(piece, lines, way, count)
    near = RATE // 30
    beats = [
        take.at + beat - take.start
        for take in takes
        for beat in (*piece.beats, *lines[-1:])
        if take.start - near <= beat < take.start + take.count - near and take.at + beat - take.start <= way.hit + near
    ]
    heads = [take.at + line - take.start for take in takes for line in lines if take.start <= line < take.start + take.count]
    return takes, _apart(beats, count), _apart([head for head in heads if head <= way.hit], count)


@dataclass(frozen=True)
class _Way:
    """Samples of music before the first of the bars that are played whole, those bars, the line they end at, and the sample of
    the trailer at which that is heard."""

    lead: int
    bars: tuple[int, ...]
    line: int
    hit: int


def _lines(piece: Grid) -> Places:
    """Where bars begin, up to the last hit, or to the end of a loop."""
    if piece.loops:
        return (*piece.bars, piece.stop)
    if piece.ending is None:
        return piece.bars
    step = (piece.bars[1] - piece.bars[0]) // 3 if len(piece.bars) > 1 else RATE // 4
    return (*(bar for bar in piece.bars if bar < piece.ending - step), piece.ending)


def _way(piece: Grid, lines: Places, count: int, rate: Fraction, last: int | None) -> _Way:
    """The way through the bars that costs least and leaves a last hit with time to ring."""
    beat = int(np.median(np.diff(piece.beats)))
    lengths = np.diff(lines)
    bar = float(np.median(lengths))
    tail = piece.stop - lines[-1] if piece.ending is not None else 2 * beat
    least, most = min(tail, max(beat, RATE // 2)), tail + beat // 4
    if piece.ending is not None:
        least = min(least, RATE)
    if last is not None and not RINGS[0] * RATE <= count - last <= max(tail, RINGS[1] * RATE):
        last = None
    most = max(min(most, count // 4), least + beat)
    jumps, begin = costs(piece, lines)
    later = np.append(np.inf, begin[1:])  # where a lead is wanted the piece has none before its own beginning
    ways = [walks(jumps, first, ceil(count / bar) + 1) for first in (begin, later)]
    closes = np.full(len(lines), np.inf)
    closes[-1] = 0.0
    if piece.ending is None and not piece.loops:
        closes[:] = [0.0 if line in piece.phrases else ASTRAY for line in lines]
        closes[[line + beat > piece.stop for line in lines]] = np.inf
    best, found = np.inf, None
    for known, number in product(ways, range(ceil(count / bar) + 2)):
        ends = known.costs[number] + closes
        line = int(ends.argmin())
        if not np.isfinite(ends[line]):
            continue
        bars = known.bars(number, line)
        length = int(lengths[list(bars)].sum())
        spare = count - length - (most if last is None else count - last)
        pickup = max(0, -(-spare // beat)) * beat if last is None else spare
        hit = sample_at(frame_near(length + pickup, rate), rate) if last is None else last
        lead, ring = hit - length, count - hit
        held = lines[-1] if piece.loops else lines[bars[0] if bars else line] - piece.first
        worth = ends[line] + LEADS * (lead > beat // 8) + SHORT * (ring < least) + SILENT * max(0, lead - held) / RATE
        worth += SHORT * max(0.0, lead - bar) / bar if bars else 0.0
        if lead > -RATE // 24 and hit <= count and worth < best:
            best, found = worth, _Way(lead, bars, line, hit)
    assert found is not None
    return found


def _takes(piece: Grid, lines: Places, way: _Way, count: int) -> tuple[Take, ...]:
    """The takes of a way: what leads up to its first bar, its bars, and the hit that rings to the end."""
    first = way.bars[0] if way.bars else way.line
    runs = [[lines[first] - way.lead, lines[first]]] if way.lead > 0 else [[lines[first], lines[first]]]
    if piece.loops and way.lead > lines[first] - lines[0]:
        runs = [[lines[-1] - way.lead, lines[-1]], [lines[first], lines[first]]]
    for bar in way.bars:
        if runs[-1][1] != lines[bar]:
            runs.append([lines[bar], lines[bar]])
        runs[-1][1] = lines[bar + 1]
    if piece.loops and way.line == len(lines) - 1:
        runs.append([lines[0], lines[0]])
    runs[-1][1] += count - way.hit
    runs[0][0] += max(0, -way.lead)
    takes, at = [], 0
    for start, stop in runs:
        at, start = at + max(0, -start), max(0, start)  # before the music begins there is silence
        if stop > start:
            takes.append(Take(start, at, stop - start))
            at += stop - start
    return tuple(takes)


def _bare(piece: Grid, count: int) -> tuple[Take, ...]:
    """A piece without bars: from its beginning, or up to its own end if it has one; in parts of one length where it is short."""
    length = piece.stop - piece.first
    if length < RATE:  # a sound and no music: it is heard once
        return (Take(0, 0, count),)
    parts = -(-count // length)
    edges = [count * number // parts for number in range(parts + 1)]
    ends = piece.ending is not None
    return tuple(
        Take(piece.stop - (stop - start) if ends and stop == count else piece.first, start, stop - start)
        for start, stop in pairwise(edges)
    )


def _apart(places: list[int], count: int) -> Places:
    """Places in order, one of any that a joint brought together."""
    found: list[int] = []
    for place in sorted(places):
        if 0 <= place < count and (not found or place - found[-1] > RATE // 10):
            found.append(place)
    return tuple(found)


def played(music: Music, file: Path, count: int) -> Samples:
    """The bed as float32 (count, 2) at 48 kHz: its takes at their samples, silence elsewhere; without takes the file as it is.

    Two takes that meet are mixed in the 20 ms before the joint, in music without beats in a second around it, by gains that keep
    the level whatever the two have in common. A last take that leaves the file while it still sounds dies away from its last
    beat on. Raises MediaError for a file that cannot be read.
    """
    from trailers.features.media import sound

    tune = sound(file, RATE, 2)
    whole = np.zeros((count, 2), np.float32)
    takes = tuple(take for take in music.takes or (Take(0, 0, count),) if take.at < count)
    before: Take | None = None
    for take in takes:
        length = min(take.count, count - take.at)
        heard = _cut(tune, take.start, take.start + length)
        if before and before.at + before.count == take.at:
            lead, lag = _reach(before, take, len(tune), CROSS if music.beats else SLOW)
            gone = _cut(tune, before.start + before.count - lead, before.start + before.count + lag)
            come = _cut(tune, take.start - lead, take.start + lag)
            whole[take.at + lag : take.at + length] = heard[lag:]
            whole[take.at - lead : take.at + lag] = crossed(gone, come)[: length + lead]
        else:
            if before:
                _fade_out(whole[: before.at + before.count], EDGE)
            if take.start > 0:
                heard[:EDGE] *= np.linspace(0, 1, len(heard[:EDGE]), dtype=np.float32)[:, None]
            whole[take.at : take.at + length] = heard
        before = take
    if before and before.start + min(before.count, count - before.at) < len(tune):
        stop = min(before.at + before.count, count)
        last = max((beat for beat in music.beats if beat <= stop - LEAST), default=stop - LEAST)
        _fade_out(whole[:stop], min(stop - last, before.count))
    return whole


def crossed(gone: Samples, come: Samples) -> Samples:
    """Two sounds of one length, the first giving way to the second at one level.

    The gains are power-complementary for what the two have in common, as their correlation tells: unlike sounds meet at 3 dB
    under full, like ones at 6 (Fink, Holters and Zölzer, Signal-matched power-complementary cross-fading, DAFx 2016).
    """
    if not len(gone):
        return come
    rise = np.sin(np.linspace(0, np.pi / 2, len(gone) + 2)[1:-1]) ** 2
    power = np.sqrt(float((gone.astype(np.float64) ** 2).sum()) * float((come.astype(np.float64) ** 2).sum()))
    alike = min(max(float((gone.astype(np.float64) * come).sum()) / power, 0.0), 1.0) if power > 0 else 1.0
    level = np.sqrt(rise**2 + (1 - rise) ** 2 + 2 * alike * rise * (1 - rise))
    return np.asarray(gone * ((1 - rise) / level)[:, None] + come * (rise / level)[:, None], np.float32)


def _reach(before: Take, take: Take, length: int, cross: int) -> tuple[int, int]:
    """Samples before and after a joint in which both takes have something to give: before it, else after it; none in a file that
    runs on from its end into its beginning."""
    lead = min(cross, take.start, before.count)
    return lead, max(0, min(cross - lead, length - before.start - before.count, take.count))


def _cut(tune: Samples, start: int, stop: int) -> Samples:
    """Samples start..stop of a file, silence beyond its end."""
    found = tune[start:stop].copy()
    return np.concatenate([found, np.zeros((stop - start - len(found), 2), np.float32)])


def _fade_out(samples: Samples, length: int) -> None:
    """The last samples die away, in place."""
    tail = samples[max(0, len(samples) - length) :]
    tail *= np.cos(np.linspace(0, np.pi / 2, len(tail), dtype=np.float32))[:, None] ** 2
