"""What a person sees of a season while they decide, as plain data: the page, the widget and the static page draw these."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class VariantView:
    """A rendered file. `id` is SEGMENT/FILE as `trailers approve` takes it; `trailer` the cut that it shows; `state` approved,
    rejected, draft, failed (a check) or changed (decisions were made since it was rendered, or it is not rendered yet).

    `video`, `captions` and `poster` are addresses on the desk, "" where there is none; `failed` are checks in words.
    """

    id: str
    trailer: str
    segment: str
    seconds: float
    shape: str
    language: str
    size: tuple[int, int]
    state: str
    sha256: str = ""
    video: str = ""
    captions: str = ""
    poster: str = ""
    passed: int = 0
    failed: tuple[str, ...] = ()
    who: str = ""
    why: str = ""


@dataclass(frozen=True)
class SegmentView:
    """An audience, its cuts (trailers, longest or main first) and their files."""

    id: str
    name: str
    viewers: int
    why: tuple[str, ...]
    trailers: tuple[str, ...]
    variants: tuple[VariantView, ...]
    apart: tuple[tuple[str, float], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class DecisionView:
    """A decision in words: `trailer` is what it is about ("" for the season), `holds` whether it was not undone, `unmet` why it
    could not be obeyed ("": it was). `shot` is the shot of the clip that it names; `frame` and `text` are a comment's,
    `undoes` the number of the decision that an undo takes back."""

    number: int
    at: str
    who: str
    what: str
    words: str
    why: str = ""
    trailer: str = ""
    holds: bool = True
    unmet: str = ""
    shot: str = ""
    frame: int = -1
    text: str = ""
    undoes: int = 0


@dataclass(frozen=True)
class SeasonView:
    """A season at a glance. `log` is the number of the last decision that is in it."""

    id: str
    title: str
    who: str
    log: int
    segments: tuple[SegmentView, ...]
    shapes: tuple[str, ...]
    lengths: tuple[float, ...]
    episodes: tuple[tuple[str, float], ...]
    facts: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    decisions: tuple[DecisionView, ...] = ()
    platforms: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClipView:
    """A clip: frames `start` to `stop` of the trailer; `source` says where it is from, `story` where in the season (0 to 1);
    `room` are the frames by which its head may come earlier and its tail later. `crops` are its windows by shape ("9:16"): middle
    and width."""

    number: int
    shot: str
    episode: str
    start: int
    stop: int
    span: tuple[int, int]
    source: str
    story: float
    act: str
    joint: str
    score: float
    why: str
    over: str
    speaks: str
    propensity: float
    thumb: str
    locked: bool = False
    by: str = ""
    room: tuple[int, int] = (0, 0)
    crops: Mapping[str, tuple[float, float, float]] | None = None


@dataclass(frozen=True)
class CardView:
    """Words on a ground, or over pictures (kind "lower"), frames of the trailer."""

    kind: str
    lines: tuple[str, ...]
    start: int
    stop: int
    ground: str
    ink: str


@dataclass(frozen=True)
class CaptionView:
    text: str
    start: int
    stop: int


@dataclass(frozen=True)
class TrailerView:
    """A cut as its decisions have it now, with its files. `rate` is exact ("24000/1001"); `curve` the story's intensity over the
    season: (place 0 to 1, height 0 to 1)."""

    name: str
    segment: str
    title: str
    seconds: float
    language: str
    rate: str
    frames: int
    log: int
    clips: tuple[ClipView, ...]
    cards: tuple[CardView, ...]
    captions: tuple[CaptionView, ...]
    variants: tuple[VariantView, ...]
    curve: tuple[tuple[float, float], ...]
    apart: tuple[tuple[str, float], ...] = ()
    notes: tuple[str, ...] = ()
    decisions: tuple[DecisionView, ...] = ()
    parts: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class ShotView:
    """A shot that could stand in a clip's place, or that words found. `gain` is what the trailer's score gains (0 where that is
    not known), `strains` the rules that it would strain, in words (none: it obeys them all); `start` and `stop` the frames that
    would be shown."""

    shot: str
    episode: str
    start: int
    stop: int
    seconds: float
    source: str
    thumb: str
    score: float
    gain: float
    why: str
    strains: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class ChangeView:
    """A change that a brief asks for: `what` and `by` as in a decision to weigh, and in words."""

    what: str
    by: float | None
    words: str


@dataclass(frozen=True)
class BriefView:
    """A brief as it was understood, before anything is solved; `unread` are the words that nothing was made of."""

    words: str
    changes: tuple[ChangeView, ...]
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class DifferenceView:
    """How two cuts differ: the share of screen time that both show, clips that are only in one (numbers), words that set them
    apart (word, one's share less the other's)."""

    one: str
    other: str
    shared: float
    only_one: tuple[int, ...]
    only_other: tuple[int, ...]
    words: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class JobView:
    """Long work: `state` is running, done, failed or cancelled; `done` of `total` steps, `label` names the step; `result` are
    addresses by name ("video"), or words."""

    id: str
    what: str
    state: str
    label: str = ""
    done: int = 0
    total: int = 0
    error: str = ""
    result: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Decided:
    """A decision that was written, and those that others wrote since the one that its author had seen last."""

    decision: DecisionView
    others: tuple[DecisionView, ...]
    log: int
