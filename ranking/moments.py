"""Moments: the spans inside shots that a trailer may show without cutting a line, a transition or a secret."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING

from trailers.features.span import Span, to_frames
from trailers.ranking.rules import Rules

if TYPE_CHECKING:
    import pandas as pd

    from trailers.features.dialogue import Line
    from trailers.features.index import ShotIndex
    from trailers.features.media import Episode
    from trailers.features.shots import Shot, Transition

AIR = 4  # frames left before and after a spoken line
MARGIN = 2  # frames left to a shot's edge: a detected cut may be a frame off
SHORTEST, LEAST = 0.8, 0.6  # seconds: of a moment; of one where there is no more
CALM, FAST = 2.6, 1.2  # seconds that the calmest and the fastest shot are held at pace 1
LONGEST, LONGEST_LINE = 3.5, 5.0  # seconds: of a moment; of one that holds a spoken line
TEXT = 0.5  # `signals.text` from which a shot is taken for titles or credits: more likely than not
BLACK, DARK = 0.5, 0.04  # share of black frames, and brightness, by which a shot shows nothing
PARTS = {"recap": "part of a recap", "titles": "part of the titles", "credits": "part of the credits"}  # why they are not shown
STILL = 0.9  # share of frozen frames from which a shot is a still


@dataclass(frozen=True)
class Moment:
    """A part of a shot: `core` is shown in any case and may grow inside `room`, every frame of which may be shown.

    Both count frames of the episode. `text` holds the lines that are spoken in the core, `still` says that nothing moves.
    """

    shot: str
    episode: str
    core: Span
    room: Span
    text: str = ""
    still: bool = False

    def at(self, frames: int) -> Span:
        """The core grown to `frames` (at least the core's, at most the room's), as evenly to both sides as the room allows."""
        more = frames - len(self.core)
        if not 0 <= more <= len(self.room) - len(self.core):
            raise ValueError(f"a moment lasts its core at least, its room at most: {frames = }, {self.core = }, {self.room = }")
        before = min(more // 2, self.core.start - self.room.start)
        after = min(more - before, self.room.stop - self.core.stop)
        return Span(self.core.start - (more - after), self.core.stop + after)


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
) -> Material:
    """The moments that `rules` allow: per shot its early, middle and late part where it is long, and each spoken line that it
    holds whole.

    A locked shot is taken even when it is dark, looks like titles or is part of them; never from the spoiler zone or a span left
    out.
    """
    moments: list[Moment] = []
    reasons: Counter[str] = Counter()
    for shot, (_, signals) in zip(index.shots, index.signals.iterrows(), strict=True):
        episode = episodes[shot.episode]
        reason, found = _why_not(shot, signals, rules), []
        if not reason:
            found = list(_moments(shot, signals, episode, lines.get(episode.id, ()), transitions.get(episode.id, ()), rules))
            reason = "" if found else _why_none(shot, episode, rules)
        moments += found
        reasons += Counter([reason] if reason else [])
    moments.sort(key=lambda moment: (moment.episode, moment.core, moment.room))
    return Material(tuple(moments), tuple(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))))


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


def _why_none(shot: "Shot", episode: "Episode", rules: Rules) -> str:
    if len(shot.span) < ceil(LEAST * episode.rate):
        return f"shorter than {LEAST} s"
    if shot.span.stop > _limit(episode, rules):
        return f"later than {rules.spoiler_after:.0%} of their episode"
    if any(name == shot.episode and span.overlap(shot.span) for name, span in rules.leave_out):
        return "in spans left out"
    return "under lines or transitions that run over their edges"


def _moments(
    shot: "Shot",
    signals: "pd.Series",
    episode: "Episode",
    lines: Sequence["Line"],
    transitions: Sequence["Transition"],
    rules: Rules,
) -> Iterator[Moment]:
    """A shot's moments: in the quiet before, between and after its lines, and around each line and each two that follow
    closely."""
    least, shortest = ceil(LEAST * episode.rate), ceil(SHORTEST * episode.rate)
    longest, longest_line = to_frames(LONGEST, episode.rate), to_frames(LONGEST_LINE, episode.rate)
    still = _signal(signals, "frozen") >= STILL
    after = AIR + rules.dissolve
    for piece in _pieces(shot, signals, episode, lines, transitions, rules):
        inner = piece
        if len(piece) - 2 * MARGIN >= shortest:
            inner = Span(piece.start + MARGIN, piece.stop - MARGIN)
        heard = _utterances([line for line in lines if line.span.overlap(piece)])
        spans = [span for span, _ in heard]
        starts, stops = [inner.start, *(span.stop + AIR for span in spans)], [*(span.start - after for span in spans), inner.stop]
        for start, stop in zip(starts, stops, strict=True):
            if stop - start >= least:
                for room in _windows(Span(start, stop), longest):
                    yield Moment(shot.id, shot.episode, _middle(room, min(shortest, len(room))), room, still=still)
        for first, last in sorted({(n, min(n + more, len(spans) - 1)) for n in range(len(spans)) for more in (0, 1)}):
            begin, end = spans[first].start, spans[last].stop
            room = Span(min(begin, starts[first]), max(end, stops[last + 1]))
            core = Span(max(room.start, begin - AIR), min(room.stop, end + AIR))
            if len(room) >= least and len(core) <= longest_line:
                yield Moment(shot.id, shot.episode, core, room, " ".join(text for _, text in heard[first : last + 1]), still)


def _pieces(
    shot: "Shot",
    signals: "pd.Series",
    episode: "Episode",
    lines: Sequence["Line"],
    transitions: Sequence["Transition"],
    rules: Rules,
) -> list[Span]:
    """The parts of a shot of which every frame, and every frame that a dissolve would borrow after it, may be shown, and which
    cut no line."""
    black = ceil(_signal(signals, "black") * len(shot.span))
    blocked = [span for name, span in rules.leave_out if name == shot.episode]
    for change in transitions:
        mixed = Span(max(0, change.start - 1), change.stop + 1)
        if change.stop == change.start or not mixed.overlap(shot.span):
            continue
        if change.kind == "fade_in" and change.start > shot.span.start:
            black -= change.start - shot.span.start  # what is before it is black
            mixed = Span(shot.span.start, mixed.stop)
        blocked.append(mixed)
    dim = max(0, black)  # other black frames may lie at either end
    start, stop = shot.span.start + dim, min(shot.span.stop - dim, _limit(episode, rules))
    pieces = [Span(start, stop)] if start < stop else []
    for span in blocked:
        pieces = [part for piece in pieces for part in _without(piece, span)]
    pieces = [Span(piece.start, piece.stop - rules.dissolve) for piece in pieces if len(piece) > rules.dissolve]
    while cut := [line.span for line in lines for piece in pieces if 0 < line.span.overlap(piece) < len(line.span)]:
        aired = Span(max(0, cut[0].start - AIR), cut[0].stop + AIR)
        pieces = [part for piece in pieces for part in (_without(piece, aired) if piece.overlap(cut[0]) else [piece])]
    return pieces


def _utterances(lines: Sequence["Line"]) -> list[tuple[Span, str]]:
    """Lines in order of time; those that are spoken at once are one."""
    joined: list[tuple[Span, str]] = []
    for line in sorted(lines, key=lambda line: line.span):
        if joined and line.span.start < joined[-1][0].stop:
            span, text = joined.pop()
            joined.append((Span(span.start, max(span.stop, line.span.stop)), f"{text} {line.text}"))
        else:
            joined.append((line.span, line.text))
    return joined


def _windows(span: Span, longest: int) -> tuple[Span, ...]:
    """The whole of a short span; the middle, and where they do not overlap it the beginning and the end, of a long one."""
    if len(span) < 2 * longest:
        return (span,)
    head, tail = Span(span.start, span.start + longest), Span(span.stop - longest, span.stop)
    return (head, tail) if len(span) < 3 * longest else (head, _middle(span, longest), tail)


def _middle(span: Span, frames: int) -> Span:
    start = span.start + (len(span) - frames) // 2
    return Span(start, start + frames)


def _without(span: Span, other: Span) -> list[Span]:
    parts = (span.start, min(span.stop, other.start)), (max(span.start, other.stop), span.stop)
    return [Span(start, stop) for start, stop in parts if start < stop]


def _limit(episode: "Episode", rules: Rules) -> int:
    """The first frame of an episode that would give too much away."""
    return floor(Fraction(str(rules.spoiler_after)) * episode.frames)


def _signal(signals: "pd.Series", name: str, default: float = 0.0) -> float:
    value = float(signals.get(name, default))
    return default if value != value else value
