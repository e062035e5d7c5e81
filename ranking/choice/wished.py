"""What a change of wishes means: which shots hold what is wished for and how much of it, what is shut out, how the arc bends."""

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trailers.errors import RequestError
from trailers.features.span import Span
from trailers.ranking.choice.arc import QUALITIES, WEIGHTS, Arc, Slot
from trailers.ranking.choice.qualities import qualities
from trailers.season import Change

if TYPE_CHECKING:
    from trailers.features.dialogue import Line
    from trailers.features.encoder import Encoder
    from trailers.features.index import ShotIndex
    from trailers.features.lexicon import Lexicon

KINDS = ("quality", "concept", "words", "character", "speaker", "episode", "scene", "pace", "act", "weight", "opening")
SHAPED = ("pace", "act", "weight", "opening")  # these bend the arc; the others ask for shots
MOST = 0.8  # of a frame's worth that the strongest wish decides; the audience and the acts keep the rest
PACE = 2.0  # the strongest wish for faster cuts halves the picks' lengths
FOLD = 4.0  # and one for an act, or a weight, makes it four times what it was
LIKED = 4.0  # and one for what is seen first weighs so much among what the first act likes
OPENING = ("calm", "loud", "bright", "face", "spoken", "wide")
OTHERWISE: Mapping[str, str] = {"calm": "fast", "loud": "quiet", "face": "wide", "wide": "face"}
"""What an opening that is less of a quality is more of; where there is no word for it, the act only likes the quality less."""
CLEAR: Mapping[str, float] = {"quality": 0.75, "words": 0.5}
"""From how much of it on a shot is shut out where nothing of it is wished; half for what is not named here."""
HALF = 0.5
FEW = 0.2  # share of the season's shots that words speak for, the best of them most

NAMED: Mapping[tuple[str, str], tuple[str, str, str]] = {
    ("quality", "calm"): ("Calmer pictures", "Fewer calm pictures", "No calm pictures"),
    ("quality", "lively"): ("Livelier pictures", "Less lively pictures", "No lively pictures"),
    ("quality", "fast"): ("More movement", "Less movement", "No fast movement"),
    ("quality", "loud"): ("Louder moments", "Fewer loud moments", "No loud moments"),
    ("quality", "quiet"): ("Quieter moments", "Fewer quiet moments", "No quiet moments"),
    ("quality", "bright"): ("Brighter pictures", "Darker pictures", "No bright pictures"),
    ("quality", "colourful"): ("More colourful pictures", "Less colourful pictures", "No colourful pictures"),
    ("quality", "face"): ("More and closer faces", "Fewer close faces", "No close faces"),
    ("quality", "wide"): ("Wider pictures", "Fewer wide pictures", "No wide pictures"),
    ("quality", "spoken"): ("More talk", "Less talk", "Nobody speaks"),
    ("quality", "early"): ("More from early in the episodes", "Less from early in the episodes", "Nothing from early on"),
    ("quality", "late"): ("More from late in the episodes", "Less from late in the episodes", "Nothing from late on"),
    ("pace", ""): ("Faster cuts", "Slower cuts", ""),
    ("opening", "calm"): ("A calmer opening", "A livelier opening", ""),
    ("opening", "loud"): ("A louder opening", "A quieter opening", ""),
    ("opening", "bright"): ("A brighter opening", "A darker opening", ""),
    ("opening", "face"): ("An opening closer to faces", "An opening further from faces", ""),
    ("opening", "spoken"): ("An opening with more talk", "An opening with less talk", ""),
    ("opening", "wide"): ("A wider opening", "A closer opening", ""),
    ("weight", "audience"): ("Their taste counts more", "Their taste counts less", "Their taste does not count"),
    ("weight", "fit"): ("What suits each act counts more", "What suits each act counts less", "What suits an act does not count"),
    ("weight", "line"): ("Whole spoken lines count more", "Whole spoken lines count less", "Spoken lines do not count"),
    ("weight", "music"): ("Going with the music counts more", "Going with the music counts less", "The music does not count"),
    ("weight", "balance"): ("Acts keep their length more", "Acts keep their length less", "Acts may take any length"),
    ("weight", "scene"): ("More different scenes", "Fewer different scenes", "Different scenes do not count"),
    ("weight", "episode"): ("More different episodes", "Fewer different episodes", "Different episodes do not count"),
    ("weight", "face"): ("More different faces", "Fewer different faces", "Different faces do not count"),
}  # fmt: skip
"""What a change means to people: more of it, less, none."""
PHRASES: Mapping[str, tuple[str, str, str]] = {
    "concept": ("More “{}”", "Less “{}”", "No “{}”"),
    "words": ("More that fits “{}”", "Less that fits “{}”", "Nothing that fits “{}”"),
    "character": ("More of {}", "Less of {}", "Without {}"),
    "speaker": ("More said by {}", "Less said by {}", "Nothing said by {}"),
    "episode": ("More from {}", "Less from {}", "Nothing from {}"),
    "scene": ("More from the scene {}", "Less from the scene {}", "Nothing from the scene {}"),
    "act": ("A longer act “{}”", "A shorter act “{}”", "Without the act “{}”"),
}  # fmt: skip
LITTLE, MUCH = 0.3, 0.8  # up to and from which a change is a little one, a great one

Spans = Mapping[str, Sequence[Span]]


def in_words(change: Change) -> str:
    """A change as a person reads it: "Calmer pictures (a little)", "Nothing from s01e06". A RequestError where it is none."""
    kind, name = parted(change)
    more, less, none = NAMED.get((kind, name)) or PHRASES[kind]
    if change.by is None:
        return none.format(name)
    size = " (a little)" if abs(change.by) <= LITTLE else " (much)" if abs(change.by) >= MUCH else ""
    return f"{(more if change.by > 0 else less).format(name)}{size}"


@dataclass(frozen=True)
class Wished:
    """What changes ask of a season's shots. A RequestError names a change that nobody knows, or of what is not in the season."""

    changes: tuple[Change, ...]
    index: "ShotIndex"
    lines: "Mapping[str, Sequence[Line]]"
    encoder: "Callable[[], Encoder] | None" = None
    lexicon: "Lexicon | None" = None

    def __post_init__(self) -> None:
        for change in self.changes:
            self._check(change)

    @cached_property
    def held(self) -> "tuple[tuple[Change, pd.Series[float]], ...]":
        """The changes that ask for shots, each with how much of it every shot holds, 0 to 1."""
        asked = ((change, parted(change)) for change in self.changes)
        return tuple((change, self._share(kind, name)) for change, (kind, name) in asked if kind not in SHAPED)

    @cached_property
    def weight(self) -> float:
        """The share of a frame's worth that wishes decide: 0 without any, never more than `MOST` for one alone."""
        rest = 1.0
        for change, _ in self._asking:
            rest *= 1 - MOST * min(1.0, abs(change.by or 0.0))
        return 1 - rest

    @cached_property
    def shots(self) -> "pd.Series[float]":
        """By shot how well it meets the wishes, 0 to 1; half where there are none."""
        if not self._asking:
            return pd.Series(0.5, self._ids)
        total = sum(abs(change.by or 0.0) for change, _ in self._asking)
        met = [abs(change.by or 0.0) * (held if (change.by or 0.0) > 0 else 1 - held) for change, held in self._asking]
        return sum(met[1:], met[0]) / total

    @cached_property
    def shut(self) -> Spans:
        """The spans of which nothing is wished."""
        found: dict[str, list[Span]] = {}
        for change in self.changes:
            if change.by is None and (kind := parted(change)[0]) not in SHAPED:
                for episode, span in self._shut(kind, parted(change)[1]):
                    found.setdefault(episode, []).append(span)
        return found

    def clear(self, change: Change, held: "pd.Series[float]") -> "pd.Series[float]":
        """Of what a change names by shot whether it is shut out where nothing of it is wished: 1 or 0."""
        return (held >= CLEAR.get(parted(change)[0], HALF)).astype(float)

    @property
    def _ids(self) -> list[str]:
        return [shot.id for shot in self.index.shots]

    @cached_property
    def _asking(self) -> tuple[tuple[Change, "pd.Series[float]"], ...]:
        return tuple((change, held) for change, held in self.held if change.by)

    def _share(self, kind: str, name: str) -> "pd.Series[float]":
        """How much of what is named every shot holds, 0 to 1."""
        ids, signals = self._ids, self.index.signals
        if kind == "quality":
            return qualities(self.index)[name]
        if kind == "concept":
            return self.index.concepts[name].astype(float)
        if kind == "words":
            return self._like(name)
        if kind == "speaker":
            return pd.Series(
                [float(any(True for _ in self._said(shot.episode, name, shot.span))) for shot in self.index.shots], ids
            )
        if kind == "episode":
            return pd.Series([float(shot.episode == name) for shot in self.index.shots], ids)
        column = signals["cast" if kind == "character" else "scene"].astype(str)
        return pd.Series([float(name in held.split()) for held in column], ids)

    def _like(self, words: str) -> "pd.Series[float]":
        """By the places that a search in words gives: 1 for the first, nothing after a fifth of the season."""
        from trailers.features.search import ranking

        if self.encoder is None:
            raise RequestError(f"words {words!r}: without an encoder nobody knows which shots fit them")
        places, few = pd.Series(0.0, self._ids), max(1, round(FEW * len(self.index)))
        for place, row in enumerate(ranking(self.index, words, self.encoder(), lexicon=self.lexicon)[:few]):
            places.iloc[row] = 1 - place / few
        return places

    def _shut(self, kind: str, name: str) -> list[tuple[str, Span]]:
        if (kind, name) == ("quality", "spoken"):
            return [(episode, line.span) for episode, said in sorted(self.lines.items()) for line in said]
        if kind == "speaker":
            return [(id, line.span) for id in sorted(self.lines) for line in self._said(id, name)]
        clear = self._share(kind, name) >= CLEAR.get(kind, HALF)
        return [(shot.episode, shot.span) for shot, shut in zip(self.index.shots, clear, strict=True) if shut]

    def _said(self, episode: str, speaker: str, within: Span | None = None) -> "Iterable[Line]":
        name = speaker.casefold()
        return (
            line
            for line in self.lines.get(episode, ())
            if line.speaker.casefold() == name and (within is None or line.span.overlap(within))
        )

    def _check(self, change: Change) -> None:
        kind, name = parted(change)
        there = self._names(kind)
        if there is not None and name not in there:
            close = difflib.get_close_matches(name, there, 1)
            few = ", ".join(sorted(there)[:12])
            hint = f"did you mean {close[0]!r}?" if close else f"there are {few}" if few else f"the season has no {kind}s"
            raise RequestError(f"{change.what!r}: the season knows no {kind} {name!r}; {hint}")

    def _names(self, kind: str) -> set[str] | None:
        """What can be named of a kind in this season; nothing where anything can."""
        signals = self.index.signals
        named: Mapping[str, Callable[[], Iterable[str]]] = {
            "concept": lambda: map(str, self.index.concepts.columns),
            "character": lambda: {each for cast in signals["cast"] for each in str(cast).split()},
            "speaker": lambda: {line.speaker for said in self.lines.values() for line in said if line.speaker},
            "episode": lambda: self.index.episodes,
            "scene": lambda: map(str, signals["scene"].unique()),
        }
        return {*named[kind]()} - {""} if kind in named else None


def parted(change: Change) -> tuple[str, str]:
    """The kind and the name of what a change asks for. A RequestError where it is none, or asks for more than all of it."""
    kind, _, name = change.what.strip().partition(" ")
    name = name.strip()
    fixed: Mapping[str, Sequence[str]] = {"quality": QUALITIES, "weight": WEIGHTS, "opening": OPENING}
    if kind not in KINDS or (kind != "pace" and not name) or (kind == "pace" and name):
        raise RequestError(f'a change names {", ".join(KINDS)}, such as "quality calm" or "pace": {change.what!r} was found')
    if kind in fixed and name not in fixed[kind]:
        raise RequestError(f"{change.what!r}: {'an' if kind == 'opening' else 'a'} {kind} is one of {', '.join(fixed[kind])}")
    if change.by is not None and not -1 <= change.by <= 1:
        raise RequestError(f"{change.what!r}: by how much is between -1 and 1, or nothing for none of it: {change.by = }")
    if kind == "pace" and change.by is None:
        raise RequestError("pace: faster (above 0) or slower (below 0) was asked for; there is no trailer without any")
    if kind == "opening" and change.by is None:
        raise RequestError(f"{change.what!r}: more (above 0) or less (below 0) was asked for; a trailer opens with something")
    return kind, name


def bent(arc: Arc, changes: Sequence[Change]) -> Arc:
    """The arc with its pace, its acts' shares, its weights and what its first act likes as changes wish them; an act of which
    nothing is wished is left out. A RequestError for an act that it has not, or where no act or no worth would be left."""
    for change in changes:
        kind, name = parted(change)
        by = change.by
        if kind == "pace" and by is not None:
            arc = replace(arc, slots=tuple(replace(slot, pace=slot.pace * PACE**-by) for slot in arc.slots))
        elif kind == "weight":
            weighs: dict[str, Any] = {name: 0.0 if by is None else getattr(arc, name) * FOLD**by}
            arc = replace(arc, **weighs)
        elif kind == "act":
            names = [slot.name for slot in arc.slots]
            if name not in names or (by is None and len(names) == 1):
                raise RequestError(f"{change.what!r}: the arc's acts are {', '.join(names)}, and one of them stays")
            kept = (slot for slot in arc.slots if by is not None or slot.name != name)
            slots = tuple(replace(slot, share=slot.share * FOLD ** (by or 0.0)) if slot.name == name else slot for slot in kept)
            arc = replace(arc, slots=slots)
        elif kind == "opening" and by:
            arc = replace(arc, slots=(_opening(arc.slots[0], name, by), *arc.slots[1:]))
    if not arc.audience + arc.fit + arc.line + arc.music:
        raise RequestError("the changes leave nothing to strive for: one of audience, fit, line and music must weigh something")
    return arc


def _opening(slot: Slot, name: str, by: float) -> Slot:
    """The first act as it likes a quality more, or less."""
    likes = dict(slot.likes)
    if by < 0 and name in likes:
        likes[name] *= FOLD**by
    if more := name if by > 0 else OTHERWISE.get(name, ""):
        likes[more] = likes.get(more, 0.0) + LIKED * abs(by)
    return replace(slot, likes=tuple(likes.items()))


def met(held: pd.Series, shown: Sequence[tuple[str, int]]) -> float:
    """The share of the frames of some shots (id, frames) that hold what is wished, 0 to 1."""
    frames = np.array([count for _, count in shown], float)
    return float(frames @ held[[shot for shot, _ in shown]].to_numpy(float) / frames.sum())
