"""What must stay secret: scenes, shots, lines and characters that a producer names, as spans that no trailer shows."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from trailers.errors import RequestError
from trailers.features.span import Span

if TYPE_CHECKING:
    from trailers.features.dialogue import Line
    from trailers.features.index import ShotIndex

KINDS = ("scene", "shot", "line", "character")
AIR = 4  # frames around a secret line that are kept back with it

Spans = Mapping[str, Sequence[Span]]  # by episode


def hidden(spoilers: Sequence[str], index: "ShotIndex", lines: "Mapping[str, Sequence[Line]]") -> Spans:
    """The spans that "scene s01e01/a003", "shot s01e01/0042", 'line "I am your father"' and "character p3" name, and frames of an
    episode themselves, the last excluded: "s01e01 100-250".

    A scene is the index's, a character a person of its cast and every shot in which he is seen; a line is every one that holds
    the words, whatever their case. A RequestError says what is not there.
    """
    found: dict[str, list[Span]] = {}
    for spoiler in spoilers:
        kind, _, name = spoiler.strip().partition(" ")
        name = name.strip().strip('"“”')
        if kind not in KINDS and (passage := re.fullmatch(r"(\d+)\s*[-–]\s*(\d+)", name)):
            found.setdefault(kind, []).append(_passage(kind, int(passage[1]), int(passage[2]), index))
            continue
        if kind not in KINDS or not name:
            asked = f'{", ".join(KINDS)} and a name, such as "scene s01e01/a003", was asked for'
            raise RequestError(f"spoilers: {asked}, {spoiler!r} was found")
        spans = _lines(name, lines) if kind == "line" else _shots(kind, name, index)
        for episode, span in spans:
            found.setdefault(episode, []).append(span)
    return found


def _passage(episode: str, start: int, stop: int, index: "ShotIndex") -> Span:
    """Frames of an episode, as they are named."""
    ends = [shot.span.stop for shot in index.shots if shot.episode == episode]
    if not ends or not start < stop <= max(ends):
        there = f"it holds {max(ends)} frames" if ends else f"there are {', '.join(index.episodes)}"
        raise RequestError(f"spoilers: {episode} {start}-{stop} is not in the season; {there}")
    return Span(start, stop)


def _shots(kind: str, name: str, index: "ShotIndex") -> list[tuple[str, Span]]:
    """The spans of the shots that are so named, stand in that scene, or show that person."""
    names: Iterable[str] = (shot.id for shot in index.shots)
    if kind != "shot":
        names = index.signals["scene" if kind == "scene" else "cast"].astype(str)
    named = [(name.split(), shot) for name, shot in zip(names, index.shots, strict=True)]
    spans = [(shot.episode, shot.span) for held, shot in named if name in held]
    if not spans:
        close = difflib.get_close_matches(name, sorted({each for held, _ in named for each in held}), 1)
        hint = f"did you mean {close[0]!r}?" if close else f"the index knows no {kind}s"
        raise RequestError(f"spoilers: the season has no {kind} {name!r}; {hint}")
    return spans


def _lines(words: str, lines: "Mapping[str, Sequence[Line]]") -> list[tuple[str, Span]]:
    wanted = _bare(words)
    spans = [
        (episode, Span(max(0, line.span.start - AIR), line.span.stop + AIR))
        for episode, said in sorted(lines.items())
        for line in said
        if wanted and wanted in _bare(line.text)
    ]
    if not spans:
        raise RequestError(f"spoilers: nobody says {words!r} in {sum(map(len, lines.values()))} lines of the season")
    return spans


def _bare(text: str) -> str:
    """The words alone, in small letters."""
    return " ".join("".join(c if c.isalnum() or c in "'’" else " " for c in text.casefold()).split())
