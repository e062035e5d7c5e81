"""What can be decided, as plain data: an approval, a veto, a trim, words, a brief, and what takes one back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints
from unicodedata import category

from trailers.errors import RequestError
from trailers.season import Change

TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # what turns the direction of letters over
WHERE = ("here", "season", "everywhere")

# `trailer` is a segment's cut of one length ("general", "general-15s"), in all its languages; clips are named by the shot that
# they show; times are whole frames.


@dataclass(frozen=True)
class Approve:
    """A rendered file may go out: `variant` names it for people, `sha256` is the file that was seen."""

    variant: str
    sha256: str

    def __post_init__(self) -> None:
        _hex(self.sha256)


@dataclass(frozen=True)
class Reject:
    """A rendered file may not go out."""

    variant: str
    sha256: str

    def __post_init__(self) -> None:
        _hex(self.sha256)


@dataclass(frozen=True)
class Veto:
    """A shot is not shown: `here` in the trailers of a segment, in all of the season's, or `everywhere`: in any season that is
    cut from this file of its episode."""

    shot: str
    where: str = "here"
    segment: str = ""

    def __post_init__(self) -> None:
        if self.where not in WHERE or (self.where == "here") != bool(self.segment):
            raise RequestError(f"a veto holds {', '.join(WHERE)}, and names a segment where it holds here: {self.where = }")


@dataclass(frozen=True)
class Lock:
    """A clip stays as it is, in its place, whatever is solved again."""

    trailer: str
    shot: str


@dataclass(frozen=True)
class Replace:
    """Another shot in a clip's slot; `start` and `stop` are the frames of its episode that are wanted (0, 0: any of the shot)."""

    trailer: str
    shot: str
    by: str
    start: int = 0
    stop: int = 0


@dataclass(frozen=True)
class Trim:
    """A clip's first frame moves by `head` and its end by `tail` frames of the timeline: a neighbour gives or takes as many; both
    by the same: other frames in the same slot (a slip)."""

    trailer: str
    shot: str
    head: int = 0
    tail: int = 0


@dataclass(frozen=True)
class Move:
    """A clip plays as number `to`, counted from 1 among the clips."""

    trailer: str
    shot: str
    to: int


@dataclass(frozen=True)
class Crop:
    """Where a clip's window stands in a shape ("9:16"): its middle and its width, shares of the picture (0 to 1)."""

    trailer: str
    shot: str
    shape: str
    x: float
    y: float = 0.5
    width: float = 0.0

    def __post_init__(self) -> None:
        if not all(0 <= share <= 1 for share in (self.x, self.y, self.width)):
            raise RequestError(
                f"a crop's middle and width are shares of the picture, 0 to 1; {self.x:g}, {self.y:g}, {self.width:g} were found"
            )


@dataclass(frozen=True)
class Say:
    """A caption's words: the one that reads `old` reads `new` ("": it is taken off)."""

    trailer: str
    old: str
    new: str
    language: str = ""


@dataclass(frozen=True)
class Recard:
    """A card's lines, by the card's kind (title, line, date, brand), or a lower third's ("lower")."""

    trailer: str
    kind: str
    lines: tuple[str, ...]
    language: str = ""


@dataclass(frozen=True)
class Weigh:
    """A segment's trailers are solved again to strive for something else: a brief in `words`, and the `changes` it stood for."""

    segment: str
    words: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Hide:
    """A spoiler, which no trailer of the season shows: named as in the season file ("scene s01e01/a003", "character p3"), or as
    frames of an episode ("s01e01 100-250")."""

    what: str


@dataclass(frozen=True)
class Comment:
    """A remark on a frame of a trailer; it changes nothing."""

    trailer: str
    at: int
    text: str


@dataclass(frozen=True)
class Adopt:
    """A trailer is the cut that somebody made elsewhere: a timeline in the folder `cuts` beside the season file, by its
    sha256."""

    trailer: str
    cut: str

    def __post_init__(self) -> None:
        _hex(self.cut)


@dataclass(frozen=True)
class Undo:
    """Decision `number` does not hold any more; undoing this one makes it hold again."""

    number: int


Act = Approve | Reject | Veto | Lock | Replace | Trim | Move | Crop | Say | Recard | Weigh | Hide | Comment | Adopt | Undo
ACTS: Mapping[str, type] = {kind.__name__.lower(): kind for kind in get_args(Act)}


def act_of(what: str, given: Mapping[str, object]) -> Act:
    """An act from its name and its fields as JSON has them. A RequestError says what is missing, unknown, of another type, or
    cannot be shown."""
    made = read_act(what, given)
    for text in texts(made):
        written(text)
    return made


def read_act(what: str, given: Mapping[str, object]) -> Act:
    """`act_of` what was written down before: whatever it says can be read."""
    if what not in ACTS:
        raise RequestError(f"a decision is one of {', '.join(ACTS)}: {what!r} was found")
    kind = ACTS[what]
    hints = get_type_hints(kind)
    if unknown := sorted(set(given) - set(hints)):
        raise RequestError(f"{what} has no {', '.join(unknown)}; it has {', '.join(hints)}")
    try:
        made: Act = kind(**{name: _typed(hints[name], value) for name, value in given.items()})
    except (TypeError, ValueError, OverflowError) as reason:
        raise RequestError(f"this is no {what}: {reason}") from reason
    return made


def written(text: str) -> str:
    """A text as it may be written down and shown again: no letters that steer a terminal, turn a line's direction over, or are
    none (C0 and C1 controls but line ends and tabs, bidirectional overrides and isolates, lone surrogates)."""
    if any(letter not in "\n\t" and (category(letter) in ("Cc", "Cs") or letter in TURNS) for letter in text):
        raise RequestError(f"letters that cannot be shown were found in {text!a:.100}; leave them out")
    return text


def _typed(kind: Any, value: Any) -> Any:
    """A JSON value as the type that a field declares."""
    if get_origin(kind) is tuple:
        return tuple(_typed(get_args(kind)[0], item) for item in value)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{name: _typed(hints[name], item) for name, item in dict(value).items()})
    if get_origin(kind) is UnionType:
        return None if value is None else _typed(get_args(kind)[0], value)
    if type(value) not in ((int, float) if kind is float else (kind,)):
        raise ValueError(f"{value!r:.100} was found for {kind.__name__}")
    if kind is float and not -1e9 < value < 1e9:
        raise ValueError(f"{value!r:.30} is no number to reckon with")
    return float(value) if kind is float else value


def texts(held: object) -> Iterator[str]:
    """Every text in an act."""
    if isinstance(held, str):
        yield held
    elif isinstance(held, tuple):
        for each in held:
            yield from texts(each)
    elif is_dataclass(held):
        for each in fields(held):
            yield from texts(getattr(held, each.name))


def facts(act: Act) -> Mapping[str, object]:
    """An act's fields by name."""
    return {each.name: getattr(act, each.name) for each in fields(act)}


def _hex(sha256: str) -> None:
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise RequestError(f"a decision names its file by sha256, 64 digits of hex: {sha256 = }")
