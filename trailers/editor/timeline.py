"""The edit plan: which frames of which episodes stand where, exactly; Timeline.1 on disk."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, is_dataclass, replace
from fractions import Fraction
from types import UnionType
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints

from trailers.errors import RequestError
from trailers.features.span import Span
from trailers.season import Joint

SCHEMA = "Timeline.1"


@dataclass(frozen=True)
class Key:
    """Where the middle of a window stands at a frame of its clip: shares of what the picture holds within black bars."""

    at: int
    x: float
    y: float


@dataclass(frozen=True)
class View:
    """How a clip stands in one shape ("9:16"): a window of `width` by `height`, shares of the picture within its black bars.

    Between two keys the window stays, or glides (minimum jerk: Flash and Hogan 1985) where they differ. `ground` is "" where the
    window fills the shape, else what it is fitted over: "blur" (itself) or `#rrggbb`. `why` is for people; `by` is who set it, ""
    the system.
    """

    shape: str
    width: float
    height: float
    keys: tuple[Key, ...]
    ground: str = ""
    why: str = ""
    by: str = ""


@dataclass(frozen=True)
class Clip:
    """A shot's use: frames `span` of an episode stand at frames `into` of the timeline.

    `joint` says how it follows what stands before it: a hard cut; a dissolve; a dip through black, a wash through the show's
    colour, a soft wipe. `mixed` counts the timeline frames at its head in which that happens (0 for a cut); they belong to this
    clip's `into`, and the clip before lends the frames that follow its own span. `speed` is how many seconds of the episode pass
    in one. Its sound is heard `lead` frames of the timeline before its picture (a J cut) and `trail` frames after (an L cut);
    less than 0 it begins later, or ends earlier, than the picture, and room tone fills the gap.
    `views` say how it stands in shapes that are not the source's; where there is none, `centre` is where the subject is, 0 left
    to 1 right. `slot` names the act that the clip plays in; `why`, `over` (the best rival it was chosen over) and `speaks` (what
    the audience's history says of it) are for people. `propensity` is the chance with which it was drawn to learn from, 1 where
    it was chosen.
    """

    shot: str
    episode: str
    span: Span
    into: Span
    joint: Joint = "cut"
    mixed: int = 0
    speed: Fraction = Fraction(1)
    lead: int = 0
    trail: int = 0
    views: tuple[View, ...] = ()
    centre: float = 0.5
    score: float = 0.0
    why: str = ""
    slot: str = ""
    over: str = ""
    speaks: str = ""
    propensity: float = 1.0

    @property
    def still(self) -> bool:
        """Whether it is a picture that is held, slower than an eighth: it has no sound."""
        return self.speed < Fraction(1, 8)


@dataclass(frozen=True)
class Font:
    """A font that a person gave: the file's name and sha256."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Card:
    """Words on a ground of one colour; colours are `#rrggbb`. Without lines it is the bare ground.

    A brand's card bears a `label` that says what it is; a `clock` counts down to the trailer.
    """

    lines: tuple[str, ...]
    into: Span
    ground: str
    ink: str
    kind: Literal["title", "line", "date", "brand", "clock"] = "title"
    label: str = ""
    font: Font | None = None


@dataclass(frozen=True)
class Overlay:
    """Words over pictures: a lower third, or a caption that is burnt in, on a ground (`#rrggbb`, "" for none). What is `raised`
    leaves captions their room below it."""

    lines: tuple[str, ...]
    into: Span
    ink: str
    ground: str = ""
    kind: Literal["lower", "caption"] = "lower"
    font: Font | None = None
    raised: bool = False


@dataclass(frozen=True)
class Caption:
    """A spoken line where it is heard on the timeline."""

    text: str
    into: Span


@dataclass(frozen=True)
class Take:
    """Samples `start` and on of a music file stand at sample `at` of the timeline, `count` of them; all at 48 kHz."""

    start: int
    at: int
    count: int


@dataclass(frozen=True)
class Music:
    """A music bed: the file's name and sha256, and the takes of it that are played, in order (none: all of it).

    `beats` are the samples of the timeline on which its beats fall, `bars` those on which a bar begins; `leads` says that the
    cuts follow them.
    """

    name: str
    sha256: str
    takes: tuple[Take, ...] = ()
    beats: tuple[int, ...] = ()
    bars: tuple[int, ...] = ()
    leads: bool = False


@dataclass(frozen=True)
class Effect:
    """A hit or a riser: the file's name and sha256, the sample of the timeline at which it begins, and its gain in dB."""

    name: str
    sha256: str
    at: int
    gain: float = 0.0


@dataclass(frozen=True)
class Timeline:
    """Everything that a rendition of one trailer shows and plays; clips and cards fill its frames without gap or overlap.

    `overlays` lie over clips. `language` is that of captions, cards and, where it is dubbed, of what is heard ("": the season's
    own). `fade_in` and `fade_out` count frames from and to black at the two ends.
    """

    id: str
    season: str
    title: str
    segment: str
    rate: Fraction
    clips: tuple[Clip, ...]
    cards: tuple[Card, ...] = ()
    overlays: tuple[Overlay, ...] = ()
    captions: tuple[Caption, ...] = ()
    music: Music | None = None
    effects: tuple[Effect, ...] = ()
    language: str = ""
    dubbed: bool = False
    fade_in: int = 0
    fade_out: int = 0

    def __post_init__(self) -> None:
        at = 0
        for into in (part.into for part in self.parts):
            if into.start != at:
                raise ValueError(f"a timeline has no gap and no overlap: {into = } should start at {at}")
            at = into.stop
        if not at:
            raise ValueError("a timeline holds a clip or a card at least")

    @property
    def parts(self) -> "tuple[Clip | Card, ...]":
        """Clips and cards in playing order."""
        return tuple(sorted((*self.clips, *self.cards), key=lambda part: part.into))

    @property
    def card(self) -> Card | None:
        """The title's card, if there is one."""
        return next((card for card in self.cards if card.kind == "title"), None)

    @property
    def frames(self) -> int:
        return self.parts[-1].into.stop

    @property
    def cuts(self) -> tuple[int, ...]:
        """First frames of every clip and card but the first: where a hard cut or the head of a transition must be seen."""
        return tuple(part.into.start for part in self.parts[1:])


def joined(clips: Iterable[Clip]) -> tuple[Clip, ...]:
    """Clips, as one those that follow one another on the timeline as they do in their episode: their sound and their words run
    on over the cut. Of a run, all but `span`, `into` and `trail` is the first clip's."""
    runs: list[Clip] = []
    for clip in clips:
        before = runs[-1] if runs and not clip.mixed else None
        ends = before and (before.episode, before.span.stop, before.into.stop, before.speed)
        if before and ends == (clip.episode, clip.span.start, clip.into.start, clip.speed):
            span, into = Span(before.span.start, clip.span.stop), Span(before.into.start, clip.into.stop)
            runs[-1] = replace(before, span=span, into=into, trail=clip.trail)
        else:
            runs.append(clip)
    return tuple(runs)


def to_json(timeline: Timeline) -> str:
    """Timeline.1: times in frames, spans as [start, stop], the rate as `24000/1001`."""

    def plain(value: object) -> object:
        if isinstance(value, dict):
            if set(value) == {"start", "stop"}:
                return [value["start"], value["stop"]]
            return {key: plain(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [plain(item) for item in value]
        return f"{value.numerator}/{value.denominator}" if isinstance(value, Fraction) else value

    return json.dumps({"schema": SCHEMA, **cast(dict[str, object], plain(asdict(timeline)))}, indent=2, ensure_ascii=False) + "\n"


def from_json(text: str) -> Timeline:
    """Reads what `to_json` wrote. A RequestError says what else was found."""
    try:
        document = json.loads(text)
        schema = document.pop("schema", None)
        if schema != SCHEMA:
            raise RequestError(f"a timeline of schema {SCHEMA} was asked for, {schema!r} was found")
        return cast(Timeline, _typed(Timeline, document))
    except (ValueError, TypeError, KeyError, AttributeError, ZeroDivisionError) as reason:
        raise RequestError(f"this is no {SCHEMA} document: {reason}") from reason


def _typed(kind: Any, value: Any) -> Any:
    """A JSON value as the type that a field declares."""
    if kind is Span:
        return Span(*value)
    if kind is Fraction:
        return Fraction(value)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        if unknown := sorted(set(value) - set(hints)):
            raise ValueError(f"a {kind.__name__.lower()} has no {', '.join(unknown)}")
        return kind(**{name: _typed(hints[name], item) for name, item in value.items()})
    if get_origin(kind) is tuple:
        return tuple(_typed(get_args(kind)[0], item) for item in value)
    if get_origin(kind) is UnionType:
        return None if value is None else _typed(get_args(kind)[0], value)
    fits = value in get_args(kind) if get_origin(kind) is Literal else type(value) in ((int, float) if kind is float else (kind,))
    if not fits:
        raise ValueError(f"{value!r} was found for {getattr(kind, '__name__', kind)}")
    return float(value) if kind is float else value
