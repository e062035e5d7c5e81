"""What a trailer is like, in numbers that can be compared over trailers: what it shows, how it opens, how it is put together."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trailers.editor.timeline import Clip, Timeline
from trailers.features.span import to_seconds
from trailers.ranking.choice.arc import QUALITIES

if TYPE_CHECKING:
    import pandas as pd

    from trailers.features.index import ShotIndex

OPENING = ("calm", "loud", "bright", "face", "spoken", "wide")
"""Qualities of the first shot that are components of their own: what is seen first decides who goes on."""
MOODS = (
    "tense", "dark", "night", "warm light", "cold light", "laughing", "crying", "screaming", "fights", "romance",
)  # fmt: skip
"""Concepts that are moods, where an index has them."""
RATE = 48000


@dataclass(frozen=True)
class Word:
    """What a component means to people, and its unit."""

    means: str
    unit: str


_RANK = "0 to 1, ranked within the season"
_LIKE: Mapping[str, str] = {
    "calm": "how little moves in what it shows",
    "lively": "how near what it shows is to a middling energy",
    "fast": "how much moves in what it shows",
    "loud": "how loud its shots are where they come from",
    "quiet": "how quiet its shots are where they come from",
    "bright": "how bright its pictures are",
    "colourful": "how colourful its pictures are",
    "face": "how large faces stand in its pictures",
    "wide": "how wide its pictures are, with small faces or none",
    "spoken": "how much of its shots somebody speaks in",
    "early": "how near to the beginning of episodes its shots are",
    "late": "how near to the end of episodes its shots are",
}
WORDS: Mapping[str, Word] = {
    **{f"quality {name}": Word(_LIKE[name], _RANK) for name in QUALITIES},
    **{f"opening {name}": Word(f"{_LIKE[name]}: the first shot", _RANK) for name in OPENING},
    "pace": Word("how fast it is cut", "log2 of clips in ten seconds"),
    "weight scene": Word("how many of its clips are of different scenes", "scenes a clip"),
    "weight episode": Word("how many of its clips are of different episodes", "episodes a clip"),
    "weight face": Word("how many different known people it shows", "people a clip, 1 at the most"),
    "speech": Word("how much of it a line is heard in", "share of its time"),
    "music": Word("how much of it music plays in", "share of its time"),
    **{f"mood {name}": Word(f"how much of it is {name}", "share of its pictures") for name in MOODS},
}
"""Every component that there can be, in the order in which they stand."""


def components(timeline: Timeline, index: "ShotIndex") -> tuple[tuple[str, float], ...]:
    """What a trailer is like: (component, number), a fixed choice of WORDS for an index; nothing for a trailer without clips.

    What it shows are means over its clips by their time on the screen; moods only where the index has the concept.
    """
    from trailers.ranking.choice.qualities import qualities

    clips = timeline.clips
    if not clips:
        return ()
    like = qualities(index)
    moods = index.concepts[[name for name in MOODS if name in index.concepts]]
    shown = {
        **{f"quality {name}": value for name, value in _mean(clips, like).items()},
        **{f"opening {name}": value for name, value in _mean(clips[:1], like[list(OPENING)]).items()},
        "pace": math.log2(10 * len(clips) / to_seconds(sum(len(clip.into) for clip in clips), timeline.rate)),
        "weight scene": _different(clips, index, "scene"),
        "weight episode": len({clip.episode for clip in clips}) / len(clips),
        "weight face": _different(clips, index, "cast"),
        "speech": _speech(timeline, index),
        "music": _music(timeline),
        **{f"mood {name}": value for name, value in _mean(clips, moods).items()},
    }
    return tuple((name, round(shown[name], 6)) for name in WORDS if name in shown)


def _mean(clips: tuple[Clip, ...], table: "pd.DataFrame") -> Mapping[str, float]:
    """Of each column the mean over clips, by their time on the screen."""
    import numpy as np

    weights = np.array([len(clip.into) for clip in clips], float)
    rows = table.loc[[clip.shot for clip in clips]].fillna(0.0).to_numpy(float)
    return dict(zip(map(str, table.columns), map(float, weights @ rows / weights.sum()), strict=True))


def _different(clips: tuple[Clip, ...], index: "ShotIndex", column: str) -> float:
    """Different words of a column's texts ("p1 p4", "s01e01/a003") on the clips' shots, for each clip; 1 at the most."""
    known = {word for clip in clips for word in str(index.signals.at[clip.shot, column]).split()}
    return min(1.0, len(known) / len(clips))


def _speech(timeline: Timeline, index: "ShotIndex") -> float:
    """The share of the time under captions; where no line of the season is known, of that with voices on its shots."""
    if index.signals["dialogue"].astype(bool).any():
        frames = {frame for caption in timeline.captions for frame in range(caption.into.start, caption.into.stop)}
        return len(frames) / timeline.frames
    heard = _mean(timeline.clips, index.signals[["speech"]])["speech"]
    return heard * sum(len(clip.into) for clip in timeline.clips) / timeline.frames


def _music(timeline: Timeline) -> float:
    if timeline.music is None:
        return 0.0
    if not timeline.music.takes:
        return 1.0
    played = sum(take.count for take in timeline.music.takes) / RATE
    return min(1.0, played / to_seconds(timeline.frames, timeline.rate))
