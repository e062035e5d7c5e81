"""What is encoded once as one closed group of pictures, and its name: all that decides its bytes, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import floor
from pathlib import Path

from trailers.editor.picture.reframe import Framing
from trailers.editor.profile import Clear
from trailers.editor.timeline import Card, Overlay
from trailers.editor.words import titles
from trailers.features.media import Episode
from trailers.season import Joint
from trailers.store import Plain, key

VERSION = 2
LIGHT = 256  # a frame's light when no fade touches it
QUALITY: Mapping[str, str] = {
    "preset": "superfast",  # at crf 20 the VMAF of veryfast at 19, for a third less time and 3 to 9 % more bytes
    "crf": "20",
    "profile": "high",
    "threads": "1",
    "bf": "2",
    # mbtree reads memory beside pictures whose halved size is no multiple of 16 and gives other bytes each time (x264 core 165).
    "x264-params": "stitchable=1:open-gop=0:b-pyramid=none:b-adapt=1:mbtree=0",
}


def most_between_keys(rate: Fraction) -> int:
    """The frames of a closed group of pictures: half a second at most, what the strictest destination asks (YouTube's advice),
    so that one encode serves all. Against groups of 2 seconds that costs some 40 % more bytes and no time."""
    return max(1, floor(rate / 2))


@dataclass(frozen=True)
class Strip:
    """One picture of an episode for each frame that is shown, under one framing, whose moves are those of these frames."""

    episode: Episode
    frames: tuple[int, ...]
    framing: Framing

    def __len__(self) -> int:
        return len(self.frames)

    def part(self, start: int, stop: int) -> "Strip":
        return Strip(self.episode, self.frames[start:stop], self.framing.part(start, stop))


@dataclass(frozen=True)
class Board:
    """Frames `start` and on of a card, `count` of them; past its end its last picture stays. The card's `into` begins at 0."""

    card: Card
    start: int
    count: int

    def __len__(self) -> int:
        return self.count

    def part(self, start: int, stop: int) -> "Board":
        return Board(self.card, self.start + start, stop - start)


Shown = Strip | Board


@dataclass(frozen=True)
class Blend:
    """The frames of a joint that a piece holds: they begin with mixed frame `at` of `count`, come from `under`, and pass through
    `colour` (`#rrggbb`)."""

    kind: Joint
    at: int
    count: int
    under: Shown
    colour: str


@dataclass(frozen=True)
class Words:
    """Words over a piece, which begins with their frame `at`. The overlay's `into` begins at 0."""

    overlay: Overlay
    at: int


@dataclass(frozen=True)
class Piece:
    """What is shown, at a size and rate, mixed with what stood before it where a joint runs, and the words over it.

    `light` holds a level of 0 to 256 for each frame where a fade from or to black touches it, and is empty where none does.
    `clear` is what words keep out of; `fonts` are the files of their fonts, by sha256.
    """

    size: tuple[int, int]
    rate: Fraction
    shown: Shown
    blend: Blend | None = None
    words: tuple[Words, ...] = ()
    light: tuple[int, ...] = ()
    clear: Clear = field(default_factory=Clear)
    fonts: tuple[tuple[str, Path], ...] = ()

    def __len__(self) -> int:
        return len(self.shown)

    @property
    def sources(self) -> tuple[Shown, ...]:
        """What it is made of: what is shown, and what that is mixed with."""
        return (self.shown, self.blend.under) if self.blend else (self.shown,)

    @property
    def episodes(self) -> tuple[Episode, ...]:
        """The episodes of its sources, in their order."""
        return tuple(shown.episode for shown in self.sources if isinstance(shown, Strip))

    @cached_property
    def name(self) -> str:
        """sha256 over all that decides the piece's bytes, and nothing of where its sources lie or where it stands."""
        blend = self.blend
        params: dict[str, Plain] = {
            "size": list(self.size),
            "rate": str(self.rate),
            "shown": [self._told(shown) for shown in self.sources],
            "joint": [blend.kind, blend.at, blend.count, blend.colour] if blend else None,
            "words": [self._written(words) for words in self.words],
            "light": list(self.light),
            "quality": {**QUALITY, "g": most_between_keys(self.rate)},
        }
        return key("clip", VERSION, params, [episode.sha256 for episode in self.episodes])

    def _told(self, shown: Shown) -> Plain:
        if isinstance(shown, Board):
            return [self._seal(shown.card), len(shown.card.into), shown.start, shown.count]
        framing = shown.framing
        moves: list[Plain] = [list(move) for move in framing.moves]
        return [_runs(shown.frames), list(framing.crop), list(framing.place), list(framing.ground or ()), framing.colour, moves]

    def _written(self, words: Words) -> Plain:
        still = words.overlay.kind == "caption"  # the same picture from its first frame to its last
        return [self._seal(words.overlay), *([] if still else [len(words.overlay.into), words.at])]

    def _seal(self, words: Card | Overlay) -> str:
        return titles.seal(words, self.size, dict(self.fonts), self.clear)


def _runs(frames: tuple[int, ...]) -> list[Plain]:
    """The frames as they are, or first and last where they follow one another."""
    first, last = frames[0], frames[-1]
    return [first, last] if frames == tuple(range(first, last + 1)) else list(frames)
