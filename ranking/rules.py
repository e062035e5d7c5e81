"""What a trailer must obey and what it strives for: rules, the arc and its slots, all plain data that a producer can edit."""

from dataclasses import dataclass, field
from typing import Literal

from trailers.features.span import Span


@dataclass(frozen=True)
class Slot:
    """One act of a trailer. `share` is its part of the clips' time, `pace` multiplies the natural length of its picks (below 1:
    faster), `likes` weighs the qualities (`ranking.qualities`) that suit it."""

    name: str
    share: float
    pace: float
    likes: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Arc:
    """The acts in playing order, and what a frame of a trailer is worth: the parts of the objective.

    `audience`, `fit` and `line` weigh, per frame, the audience's score, the fit to the slot, and a whole spoken line; they are
    divided by their sum, so that a frame is worth 0 to 1. `balance` is what a frame costs by which a slot misses its share;
    `scene` and `episode` are what a further scene or episode is worth, in seconds of perfect frames.
    """

    slots: tuple[Slot, ...] = (
        Slot("open", 0.20, 1.25, (("calm", 2.0), ("bright", 1.0), ("wide", 1.5), ("early", 1.5))),
        Slot("build", 0.40, 1.0, (("lively", 2.0), ("spoken", 1.0), ("colourful", 0.5))),
        Slot("peak", 0.28, 0.7, (("fast", 2.0), ("loud", 2.0))),
        Slot("close", 0.12, 1.25, (("face", 1.5), ("spoken", 1.5), ("calm", 1.0), ("late", 0.5))),
    )
    audience: float = 1.0
    fit: float = 0.4
    line: float = 0.1
    balance: float = 0.3
    scene: float = 0.15
    episode: float = 0.5


@dataclass(frozen=True)
class Rules:
    """What was asked of every trailer of a season.

    `seconds` is the whole trailer with its title card; `card` and `dissolve` count frames at the trailer's rate: the card's at
    the end, and those that a dissolve borrows after each pick. Nothing is shown later than the share `spoiler_after` of an
    episode, nor any frame of `leave_out`, nor a `vetoed` shot, nor a part of an episode (recap, titles, credits) that is not
    among `parts`; `locked` shots are always shown. `order` is "story" (from the second slot on, everything plays in story order;
    the first may open from anywhere) or "free" (story order only within each slot). `different` is the least share of screen
    time by which any two segments' trailers differ. `effort` bounds the solver's work on one trailer in CP-SAT's deterministic
    time, which is about seconds and never a clock's.
    """

    seconds: float
    spoiler_after: float = 0.75
    leave_out: tuple[tuple[str, Span], ...] = ()
    parts: tuple[str, ...] = ()
    card: int = 0
    dissolve: int = 0
    vetoed: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    order: Literal["story", "free"] = "story"
    different: float = 0.5
    arc: Arc = field(default_factory=Arc)
    effort: float = 4.0
