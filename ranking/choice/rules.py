"""What every trailer of a season must obey, and what people decided for one segment's, as plain data."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from trailers.errors import RequestError
from trailers.features.span import Span, to_frames
from trailers.ranking.choice.arc import Arc
from trailers.season import Change


@dataclass(frozen=True)
class Rules:
    """What was asked of every trailer of a season.

    `card` is how many seconds the title card is held, a sixth of a short trailer at most; `beside` says how many more other cards
    take, by the trailer's seconds; `dissolve` counts the frames, at the trailer's rate, that a dissolve borrows after each pick.

    Nothing is shown later than the share `spoiler_after` of an episode, nor any frame of `leave_out`, nor what `spoilers` name
    ("scene s01e01/a003", "shot s01e01/0042", 'line "I am your father"', "character p3"), nor a `vetoed` shot, nor a part of an
    episode (recap, titles, credits) that is not among `parts`; `locked` shots are always shown, and no shot is both vetoed and
    locked (RequestError). The main character is seen
    `lead_by` seconds from the beginning at the latest; no episode fills more than the share `most_of_episode` of the clips.

    `order` is "story" (from the second slot on, everything plays in story order; the first may open from anywhere) or "free"
    (story order only within each slot). `different` is the least share of screen time by which any two segments' trailers differ.
    `explore` is the share of a segment's picks that are drawn by chance. `energy` is the music's, 0 to 1 for each second from
    where the trailer begins; empty without music. `effort` bounds the solver's work on one trailer in CP-SAT's deterministic
    time, which is about seconds and never a clock's.

    `taught` says how tests bend the arc: changes of pace and weights by segment, those under "" for segments that are not named.
    """

    spoiler_after: float = 0.75
    leave_out: tuple[tuple[str, Span], ...] = ()
    spoilers: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    card: float = 2.5
    beside: tuple[tuple[float, float], ...] = ()
    dissolve: int = 0
    vetoed: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    lead_by: float | None = None
    most_of_episode: float | None = None
    order: Literal["story", "free"] = "story"
    different: float = 0.5
    explore: float = 0.1
    energy: tuple[float, ...] = ()
    arc: Arc = field(default_factory=Arc)
    effort: float = 4.0
    taught: tuple[tuple[str, tuple[Change, ...]], ...] = ()

    def __post_init__(self) -> None:
        if both := sorted({*self.locked} & {*self.vetoed}):
            raise RequestError(f"locked and vetoed at once: {', '.join(both)}; a shot is one or the other")

    def card_seconds(self, seconds: float) -> float:
        """What cards take of a trailer of so many seconds."""
        return min(self.card, seconds / 6) + dict(self.beside).get(seconds, 0.0)

    def learnt(self, segment: str) -> tuple[Change, ...]:
        """How tests bend the arc of a segment's trailers."""
        known = dict(self.taught)
        return known.get(segment, known.get("", ()))

    def card_frames(self, seconds: float, rate: Fraction) -> int:
        return to_frames(self.card_seconds(seconds), rate)


@dataclass(frozen=True)
class Held:
    """A clip that stays as it is: frames `span` of a shot in the act `slot` of a segment's trailer of `seconds`."""

    shot: str
    span: Span
    slot: str
    seconds: float


@dataclass(frozen=True)
class Own:
    """What people decided for one segment's trailers, beside the rules of all.

    No `vetoed` shot is shown, nor what is `hidden` (named as `Rules.spoilers`, or as frames, "s01e01 100-250"); `locked` clips
    are shown as they are, and none of them is a vetoed shot (RequestError). `changes` are what the trailers strive for otherwise.
    """

    vetoed: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    locked: tuple[Held, ...] = ()
    changes: tuple[Change, ...] = ()

    def __post_init__(self) -> None:
        if both := sorted({held.shot for held in self.locked} & {*self.vetoed}):
            raise RequestError(f"locked and vetoed at once: {', '.join(both)}; a shot is one or the other")
