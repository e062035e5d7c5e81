"""How trailers of one season differ: shared screen time, the words that set one apart, screen time by label."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from trailers.editor.timeline import Clip, Timeline

if TYPE_CHECKING:
    import pandas as pd

GENERAL = "general"


def shared(one: Sequence[Clip], other: Sequence[Clip]) -> float:
    """The share, 0..1, of the shorter trailer's screen time that both show, frame for frame; cards do not count."""
    frames = sum(a.span.overlap(b.span) for a in one for b in other if a.episode == b.episode)
    least = min(_frames(one), _frames(other))
    return min(1.0, frames / least) if least else 0.0


def overlaps(timelines: Mapping[str, Timeline]) -> "pd.DataFrame":
    """`shared` for each two segments, a square table in their order; on the diagonal, what no other trailer shows."""
    import pandas as pd

    names = list(timelines)
    table = pd.DataFrame(0.0, index=names, columns=names)
    for a, b in combinations(names, 2):
        table.loc[a, b] = table.loc[b, a] = shared(timelines[a].clips, timelines[b].clips)
    for name in names:
        table.loc[name, name] = alone(name, timelines)
    return table


def alone(segment: str, timelines: Mapping[str, Timeline]) -> float:
    """The share of a trailer's screen time, 0..1, that is in no other trailer."""
    taken: dict[str, set[int]] = defaultdict(set)
    for name, timeline in timelines.items():
        for clip in timeline.clips if name != segment else ():
            taken[clip.episode].update(range(clip.span.start, clip.span.stop))
    clips = timelines[segment].clips
    own = sum(frame not in taken[clip.episode] for clip in clips for frame in range(clip.span.start, clip.span.stop))
    return own / _frames(clips) if clips else 0.0


def set_apart(
    timelines: Mapping[str, Timeline], concepts: "pd.DataFrame", count: int = 4
) -> Mapping[str, tuple[tuple[str, float], ...]]:
    """For each segment, the words that its trailer shows more of than the general one (that one: more than the mean of all).

    `concepts` is shots x words, 0..1; the figures are differences of screen-time means, above 0, greatest first.
    """
    means = {name: _mean(timeline.clips, concepts) for name, timeline in timelines.items()}
    everyone = sum(means.values()) / len(means) if means else None
    found = {}
    for name, mean in means.items():
        against = means[GENERAL] if GENERAL in means and name != GENERAL else everyone
        more = (mean - against).sort_values(ascending=False, kind="stable").head(count)
        pairs = [(str(word), float(value)) for word, value in zip(more.index, np.asarray(more, np.float64), strict=True)]
        found[name] = tuple((word, value) for word, value in pairs if value > 0.005)
    return found


def shares_by_label(timelines: Mapping[str, Timeline], labels: "pd.DataFrame") -> "pd.DataFrame":
    """The share of each trailer's screen time that carries a label: labels x segments, 0..1, most used first.

    `labels` has columns episode, start, stop (frames) and labels ("slapstick;nature"); a frame may carry several, so a column
    need not sum to 1. Cards do not count.
    """
    import pandas as pd

    spans: dict[str, list[tuple[int, int, tuple[str, ...]]]] = defaultdict(list)
    columns = (labels[name].tolist() for name in ("episode", "start", "stop", "labels"))
    for episode, start, stop, words in zip(*columns, strict=True):
        spans[str(episode)].append((int(start), int(stop), tuple(word.strip() for word in str(words).split(";") if word.strip())))
    table: dict[str, dict[str, float]] = {}
    for name, timeline in timelines.items():
        frames: dict[str, float] = defaultdict(float)
        for clip in timeline.clips:
            for start, stop, words in spans[clip.episode]:
                common = min(stop, clip.span.stop) - max(start, clip.span.start)
                for word in words if common > 0 else ():
                    frames[word] += common
        table[name] = {word: count / _frames(timeline.clips) for word, count in frames.items()}
    result = pd.DataFrame(table, columns=list(timelines)).fillna(0.0)
    order = sorted(result.index, key=lambda word: (-sum(shares.get(word, 0.0) for shares in table.values()), word))
    return result.loc[order]


def _frames(clips: Sequence[Clip]) -> int:
    return sum(len(clip.span) for clip in clips)


def _mean(clips: Sequence[Clip], concepts: "pd.DataFrame") -> "pd.Series":
    seconds: dict[str, int] = defaultdict(int)
    for clip in clips:
        if clip.shot in concepts.index:
            seconds[clip.shot] += len(clip.into)
    shots = list(seconds)
    weights = [seconds[shot] for shot in shots]
    return concepts.loc[shots].mul(weights, axis=0).sum() / max(1, sum(weights))
