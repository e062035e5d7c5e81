"""Moments: spans inside shots and over runs of shots that a trailer may show without cutting a line or showing a secret."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trailers.features.span import Span
from trailers.ranking.choice.rules import Rules
from trailers.ranking.choice.speech import Sentence, exchanges, sentences
from trailers.ranking.choice.spoilers import hidden

if TYPE_CHECKING:
    import pandas as pd

    from trailers.features.dialogue import Line
    from trailers.features.index import ShotIndex
    from trailers.features.media import Episode
    from trailers.features.shots import Shot, Transition

Movement = Mapping[str, NDArray[np.float32]]  # by episode: how much each frame differs from the one before

AIR = 4  # frames left before and after a spoken line
MARGIN = 2  # frames left to a shot's edge: a detected cut may be a frame off
PART = 8  # frames that each shot of a run is seen for, at least: fewer are a flash
SHOTS = 4  # of a run, at most
SHORTEST, LEAST = 0.8, 0.6  # seconds: of a moment; of one where there is no more
LONGEST, EXCHANGE = 5.0, 8.0  # seconds: of a moment, of a run of shots
TEXT = 0.5  # `signals.text` from which a shot is taken for titles or credits: more likely than not
BLACK, DARK = 0.5, 0.04  # share of black frames, and brightness, by which a shot shows nothing
PARTS = {"recap": "part of a recap", "titles": "part of the titles", "credits": "part of the credits"}  # why they are not shown
STILL = 0.9  # share of frozen frames from which a shot is a still


@dataclass(frozen=True)
class Moment:
    """A part of a shot, or of a run of neighbouring `shots`: `core` is shown in any case and may grow inside `room`, every frame
    of which may be shown.

    Both count frames of the episode; the core meets all the shots, the room no other. `text` holds the sentences that are spoken
    in the core, `said` counts them; `still` says that nothing moves, `moves` how much does in the core, where that is known.
    """

    episode: str
    shots: "tuple[Shot, ...]"
    core: Span
    room: Span
    text: str = ""
    said: int = 0
    still: bool = False
    moves: float = 0.0

    def at(self, frames: int) -> Span:
        """The core grown to `frames` (at least the core's, at most the room's), as evenly to both sides as the room allows."""
        more = frames - len(self.core)
        if not 0 <= more <= len(self.room) - len(self.core):
            raise ValueError(f"a moment lasts its core at least, its room at most: {frames = }, {self.core = }, {self.room = }")
        before = min(more // 2, self.core.start - self.room.start)
        after = min(more - before, self.room.stop - self.core.stop)
        return Span(self.core.start - (more - after), self.core.stop + after)

    def parts(self, span: Span) -> tuple[tuple[str, Span], ...]:
        """A span of the moment cut at its shots' edges: contiguous, one a shot."""
        return tuple(
            (shot.id, Span(max(span.start, shot.span.start), min(span.stop, shot.span.stop)))
            for shot in self.shots
            if shot.span.overlap(span)
        )


@dataclass(frozen=True)
class Material:
    """All moments of a season in story order, and how many shots gave none, by reason in words."""

    moments: tuple[Moment, ...]
    left_out: tuple[tuple[str, int], ...]


def season_rate(episodes: Mapping[str, "Episode"]) -> Fraction:
    """The rate of most frames of a season; of equals, the higher. A trailer's frames are counted at it."""
    frames: Counter[Fraction] = Counter()
    for episode in episodes.values():
        frames[episode.rate] += episode.frames
    return max(frames, key=lambda rate: (frames[rate], rate))


def gather(
    index: "ShotIndex",
    episodes: Mapping[str, "Episode"],
    lines: Mapping[str, Sequence["Line"]],
    transitions: Mapping[str, Sequence["Transition"]],
    rules: Rules,
    movement: Movement | None = None,
) -> Material:
    """The moments that `rules` allow: in the quiet of a shot its early, middle and late part where it is long, around where it
    moves most; each sentence, and each two that follow closely in a shot, whole; exchanges over up to four shots, whole.

    A locked shot is taken even when it is dark, looks like titles or is part of them; never from the spoiler zone, a secret or a
    span left out. `movement` tells for every frame of an episode how much it differs from the one before, in any unit; without
    it the middle is taken. A RequestError where a spoiler names what is not there.
    """
    secret = hidden(rules.spoilers, index, lines)
    moments: list[Moment] = []
    reasons: Counter[str] = Counter()
    for name, episode in sorted(episodes.items()):
        rows = sorted((n for n, shot in enumerate(index.shots) if shot.episode == name), key=lambda n: index.shots[n].span)
        held = [*secret.get(name, ()), *(span for of, span in rules.leave_out if of == name)]
        places = []
        for shot, (_, signals) in zip((index.shots[n] for n in rows), index.signals.iloc[rows].iterrows(), strict=True):
            refused = _why_not(shot, signals, rules)
            free = () if refused else _free(shot, signals, episode, transitions.get(name, ()), held, rules)
            places.append(_Place(shot, free, _signal(signals, "frozen") >= STILL, refused))
        found = [*_spoken(places, episode, lines.get(name, ()), rules)]
        found += _quiet(places, episode, lines.get(name, ()), rules, (movement or {}).get(name))
        met = {shot.id for moment in found for shot in moment.shots}
        reasons.update(
            place.refused or _why_none(place.shot, episode, rules, secret.get(name, ()))
            for place in places
            if place.shot.id not in met
        )
        moments += found
    moments.sort(key=lambda moment: (moment.episode, moment.core, moment.room))
    return Material(tuple(moments), tuple(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))))


@dataclass(frozen=True)
class _Place:
    """A shot, the parts of it of which every frame may be shown, whether it is a still, and why it is not shown at all."""

    shot: "Shot"
    free: tuple[Span, ...]
    still: bool
    refused: str


def _why_not(shot: "Shot", signals: "pd.Series", rules: Rules) -> str:
    """Why a shot is not shown at all, in words; nothing where it may be."""
    if shot.id in rules.vetoed:
        return "vetoed"
    if shot.id in rules.locked:
        return ""
    part = str(signals["part"])
    if part in PARTS and part not in rules.parts:
        return PARTS[part]
    if not part and _signal(signals, "text") >= TEXT:
        return "look like titles or credits"
    if _signal(signals, "black") >= BLACK or _signal(signals, "brightness", 1.0) < DARK:
        return "black or nearly"
    return ""


def _why_none(shot: "Shot", episode: "Episode", rules: Rules, secret: Sequence[Span]) -> str:
    if len(shot.span) < ceil(LEAST * episode.rate) + 2 * MARGIN:
        return f"shorter than {LEAST} s"
    if shot.span.stop > _limit(episode, rules):
        return f"later than {rules.spoiler_after:.0%} of their episode"
    if any(span.overlap(shot.span) for span in secret):
        return "kept secret"
    if any(name == shot.episode and span.overlap(shot.span) for name, span in rules.leave_out):
        return "in spans left out"
    return "under lines or transitions that run over their edges"


def _free(
    shot: "Shot",
    signals: "pd.Series",
    episode: "Episode",
    transitions: Sequence["Transition"],
    held: Sequence[Span],
    rules: Rules,
) -> tuple[Span, ...]:
    """The parts of a shot that are neither black nor mixed with another nor `held` back nor in the spoiler zone."""
    black = ceil(_signal(signals, "black") * len(shot.span))
    blocked = list(held)
    for change in transitions:
        mixed = Span(max(0, change.start - 1), change.stop + 1)
        if change.stop == change.start or not mixed.overlap(shot.span):
            continue
        if change.kind == "fade_in" and change.start > shot.span.start:
            black -= change.start - shot.span.start  # what is before it is black
            mixed = Span(shot.span.start, mixed.stop)
        blocked.append(mixed)
    dim = max(0, black)  # other black frames may lie at either end
    return _without([(shot.span.start + dim, min(shot.span.stop - dim, _limit(episode, rules)))], blocked)


def _quiet(
    places: Sequence[_Place], episode: "Episode", lines: Sequence["Line"], rules: Rules, moved: NDArray[np.float32] | None
) -> Iterator[Moment]:
    """The moments of each shot before, between and after its sentences."""
    least, shortest, longest = (ceil(seconds * episode.rate) for seconds in (LEAST, SHORTEST, LONGEST))
    spoken = [Span(max(0, line.span.start - AIR - rules.dissolve), line.span.stop + AIR) for line in lines]
    cuts, heard = [place.shot.span.start for place in places[1:]], dict[int, list[Span]]()
    for span in spoken:
        for number in range(bisect_right(cuts, span.start), bisect_right(cuts, span.stop - 1) + 1):
            heard.setdefault(number, []).append(span)
    for number, place in enumerate(places):
        shot, near = place.shot, heard.get(number, [])
        for quiet in _without([(span.start + MARGIN, span.stop - MARGIN - rules.dissolve) for span in place.free], near):
            if len(quiet) >= least:
                for room in _windows(quiet, longest, moved):
                    core = _liveliest(room, min(shortest, len(room)), moved)
                    moves = 0.0 if moved is None else round(float(moved[core.start : core.stop].mean()), 6)
                    yield Moment(episode.id, (shot,), core, room, still=place.still, moves=moves)


def _spoken(places: Sequence[_Place], episode: "Episode", lines: Sequence["Line"], rules: Rules) -> Iterator[Moment]:
    """Each sentence, each two that follow closely in one shot, and each exchange, over several shots where they are so spoken."""
    rate, cuts = float(episode.rate), [place.shot.span.start for place in places[1:]]
    said = sentences(lines, rate, cuts)
    talks = set(exchanges(said, rate, cuts))
    for first, last in sorted({*talks, *((n, n + more) for n in range(len(said)) for more in (0, 1) if n + more < len(said))}):
        words = said[first : last + 1]
        run = places[bisect_right(cuts, words[0].span.start) : bisect_right(cuts, words[-1].span.stop - 1) + 1]
        if len(run) > SHOTS or (len(run) > 1 and last > first and (first, last) not in talks):
            continue
        before, after = said[first - 1] if first else None, said[last + 1] if last + 1 < len(said) else None
        if found := _around(run, words, before, after, rules.dissolve):
            core, room = found
            most = EXCHANGE if (first, last) in talks or len(run) > 1 else LONGEST
            if len(core) <= most * rate and len(room) >= LEAST * rate:
                text, still = " ".join(each.text for each in words), all(place.still for place in run)
                yield Moment(episode.id, tuple(place.shot for place in run), core, room, text, len(words), still)


def _around(
    run: Sequence[_Place], words: Sequence[Sentence], before: Sentence | None, after: Sentence | None, dissolve: int
) -> tuple[Span, Span] | None:
    """Core and room of sentences in a run of shots: air around them, nothing of what is said before and after, nothing that may
    not be shown, and of each shot as much as is no flash; nothing where that cannot be."""
    begin, end = words[0].span.start, words[-1].span.stop
    stretch = next((span for span in _touching(run) if span.start <= begin and end <= span.stop), None)
    if stretch is None:
        return None
    low, high = stretch.start + MARGIN, stretch.stop - MARGIN - dissolve
    if not low <= begin < end <= high:
        return None
    room = Span(
        max(low, min(begin, before.span.stop + AIR) if before else low),
        min(high, max(end, after.span.start - AIR - dissolve) if after else high),
    )
    start, stop = max(room.start, begin - AIR), min(room.stop, end + AIR)
    if len(run) > 1:
        start, stop = min(start, run[0].shot.span.stop - PART), max(stop, run[-1].shot.span.start + PART)
        if start < room.start or stop > room.stop or any(len(place.shot.span) < PART for place in run):
            return None
    return Span(start, stop), room


def _touching(run: Sequence[_Place]) -> list[Span]:
    """The free parts of neighbouring shots, those that touch at a cut as one."""
    joined: list[Span] = []
    for span in (span for place in run for span in place.free):
        if joined and joined[-1].stop == span.start:
            joined[-1] = Span(joined[-1].start, span.stop)
        else:
            joined.append(span)
    return joined


def _windows(span: Span, longest: int, moved: NDArray[np.float32] | None) -> tuple[Span, ...]:
    """The whole of a short span; the beginning, the end and what moves most between them of a long one."""
    if len(span) < 2 * longest:
        return (span,)
    head, tail = Span(span.start, span.start + longest), Span(span.stop - longest, span.stop)
    return (head, tail) if len(span) < 3 * longest else (head, _liveliest(Span(head.stop, tail.start), longest, moved), tail)


def _liveliest(span: Span, frames: int, moved: NDArray[np.float32] | None) -> Span:
    """The part of a span, of so many frames, that moves most; of equals, and where nothing is known, the one nearest the
    middle."""
    middle = (len(span) - frames) // 2
    if moved is None or len(moved) < span.stop:
        return Span(span.start + middle, span.start + middle + frames)
    sums = np.concatenate([[0.0], np.cumsum(moved[span.start : span.stop], dtype=np.float64)])
    most = np.round(sums[frames:] - sums[:-frames], 6)
    best = min(np.flatnonzero(most == most.max()).tolist(), key=lambda n: abs(n - middle))
    return Span(span.start + best, span.start + best + frames)


def _without(spans: Sequence[tuple[int, int]], blocked: Sequence[Span]) -> tuple[Span, ...]:
    """What is left of spans without others; spans that hold nothing are dropped."""
    left = [Span(start, stop) for start, stop in spans if 0 <= start < stop]
    for other in blocked:
        pairs = (((span.start, min(span.stop, other.start)), (max(span.start, other.stop), span.stop)) for span in left)
        left = [Span(start, stop) for pair in pairs for start, stop in pair if start < stop]
    return tuple(left)


def _limit(episode: "Episode", rules: Rules) -> int:
    """The first frame of an episode that would give too much away."""
    return floor(Fraction(str(rules.spoiler_after)) * episode.frames)


def _signal(signals: "pd.Series", name: str, default: float = 0.0) -> float:
    value = float(signals.get(name, default))
    return default if value != value else value
