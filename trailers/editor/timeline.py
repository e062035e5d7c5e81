"""The edit plan: which frames of which episodes stand where, exactly; Timeline.1 on disk."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import Any, cast

from trailers.errors import RequestError
from trailers.features.span import Span

SCHEMA = "Timeline.1"


@dataclass(frozen=True)
class Clip:
    """A shot's use: frames `span` of an episode stand at frames `into` of the timeline.

    `dissolve` counts the timeline frames at its head that are mixed with the clip before it (0: a hard cut); the mixed frames
    belong to this clip's `into`, and the clip before lends the frames that follow its own span. `centre` is where the picture's
    subject is, 0 (left) to 1 (right), for shapes narrower than the source. `slot` names the act that the clip plays in; `why`,
    `over` (the best rival it was chosen over) and `speaks` (what the audience's history says of it) are for people.
    `propensity` is the chance with which it was drawn to learn from, 1 where it was chosen.
    """

    shot: str
    episode: str
    span: Span
    into: Span
    dissolve: int = 0
    centre: float = 0.5
    score: float = 0.0
    why: str = ""
    slot: str = ""
    over: str = ""
    speaks: str = ""
    propensity: float = 1.0


@dataclass(frozen=True)
class Card:
    """Words on a ground of one colour; colours are `#rrggbb`."""

    lines: tuple[str, ...]
    into: Span
    ground: str
    ink: str


@dataclass(frozen=True)
class Caption:
    """A spoken line where it is heard on the timeline."""

    text: str
    into: Span


@dataclass(frozen=True)
class Music:
    """A music bed: the file's name and sha256, and the second of the file at which it begins."""

    name: str
    sha256: str
    start: float = 0.0


@dataclass(frozen=True)
class Timeline:
    """Everything that a rendition of one trailer shows and plays; clips and the card fill its frames without gap or overlap.

    The card stands at the end, or before the last clips. `fade_in` and `fade_out` count frames from and to black at the two ends.
    """

    id: str
    season: str
    title: str
    segment: str
    rate: Fraction
    clips: tuple[Clip, ...]
    card: Card | None = None
    captions: tuple[Caption, ...] = ()
    music: Music | None = None
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
        """Clips and card in playing order: the card before the clips that begin no earlier than it does."""
        if self.card is None:
            return self.clips
        first = sum(1 for clip in self.clips if clip.into.start < self.card.into.start)
        return (*self.clips[:first], self.card, *self.clips[first:])

    @property
    def frames(self) -> int:
        return self.parts[-1].into.stop

    @property
    def cuts(self) -> tuple[int, ...]:
        """First frames of every clip and card but the first: where a hard cut or the head of a dissolve must be seen."""
        return tuple(part.into.start for part in self.parts[1:])


def joined(clips: Iterable[Clip]) -> tuple[Clip, ...]:
    """Clips, as one those that follow one another on the timeline as they do in their episode: their sound and their words run
    on over the cut. Of a run, all but `span` and `into` is the first clip's."""
    runs: list[Clip] = []
    for clip in clips:
        before = runs[-1] if runs and not clip.dissolve else None
        if before and (before.episode, before.span.stop, before.into.stop) == (clip.episode, clip.span.start, clip.into.start):
            runs[-1] = replace(before, span=Span(before.span.start, clip.span.stop), into=Span(before.into.start, clip.into.stop))
        else:
            runs.append(clip)
    return tuple(runs)


@dataclass(frozen=True)
class Rendition:
    """The shape and loudness of a file: size in pixels, loudness in LUFS, true peak in dBTP."""

    id: str
    size: tuple[int, int]
    loudness: float = -16.0
    peak: float = -1.5


RENDITIONS: Mapping[str, Rendition] = {
    "landscape": Rendition("landscape", (1280, 720)),
    "vertical": Rendition("vertical", (720, 1280)),
}


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
        card, music = document.pop("card"), document.pop("music")
        return Timeline(
            rate=Fraction(document.pop("rate")),
            clips=tuple(Clip(**_with_spans(clip)) for clip in document.pop("clips")),
            card=Card(**_with_spans({**card, "lines": tuple(card["lines"])})) if card else None,
            captions=tuple(Caption(**_with_spans(caption)) for caption in document.pop("captions")),
            music=Music(**music) if music else None,
            **document,
        )
    except (ValueError, TypeError, KeyError, AttributeError, ZeroDivisionError) as reason:
        raise RequestError(f"this is no {SCHEMA} document: {reason}") from reason


def _with_spans(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {key: Span(*value) if key in ("span", "into") else value for key, value in fields.items()}
