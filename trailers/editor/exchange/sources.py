"""The files that a timeline is made of, as editing programs know them: name, reel, time code, length, sound."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import quote

from trailers.errors import MediaError
from trailers.features.timecode import Code, code_of, drops

if TYPE_CHECKING:
    from trailers.features.media import Episode

TAKEN = ("BL", "AX", "BARS", "BLACK", "CARD")  # what an EDL says of no reel


@dataclass(frozen=True)
class Source:
    """An episode's file, or its master's, or a file of music, of a hit, of a card.

    `file` is its name and `path` where it lies, None for what is not at hand; `reel` has up to 8 capitals and digits, no two
    alike in one timeline; `first` is the number of its first frame by its time code, counted in `rate`; a file without a time
    code is not `coded`, and counts from 00:00:00:00. `channels` are those of the sound track that is heard (0: silent), the
    first of them number `channel` of the `total` that the file holds, counted from 1, in the file's stream number `stream`.
    """

    id: str
    file: str
    path: Path | None
    rate: Fraction
    frames: int
    reel: str = ""
    first: int = 0
    drop: bool = False
    coded: bool = False
    size: tuple[int, int] = (0, 0)
    channels: int = 0
    channel: int = 1
    stream: int = -1
    total: int = 0
    sha256: str = ""
    variable: bool = False

    def url(self, beside: Path | None) -> str:
        """Where the file lies, percent-encoded: from the folder `beside` on, or as a file's URL where there is none; only its
        name where it is not at hand."""
        if self.path is None:
            return quote(self.file)
        if beside is None:
            return "file://" + quote(self.path.absolute().as_posix())
        return quote(Path(os.path.relpath(self.path, beside)).as_posix())


@dataclass(frozen=True)
class Media:
    """What is at hand of a timeline: its episodes (or their masters) with their sources, both by id, its music and its hits by
    sha256, films of its cards by their place among the cards, counted from 0; and where those of them will lie (`lies`) that are
    to be found elsewhere than they are now."""

    episodes: "Mapping[str, Episode]"
    sources: Mapping[str, Source]
    sounds: Mapping[str, Path] = field(default_factory=dict)
    cards: Mapping[int, Path] = field(default_factory=dict)
    lies: Mapping[Path, Path] = field(default_factory=dict)


def media(
    episodes: "Mapping[str, Episode]",
    sounds: Mapping[str, Path] = MappingProxyType({}),
    cards: Mapping[int, Path] = MappingProxyType({}),
) -> Media:
    return Media(episodes, sources(episodes), sounds, cards)


def sources(episodes: "Mapping[str, Episode]") -> dict[str, Source]:
    """Each episode as a source, by id. Where masters are given (`conform.conformed`), these: their names, reels and time codes.

    A reel is what the file names, else what its id has of letters and digits. Of each file only its head is read.
    """
    codes = {id: code(episode.path, episode.rate) for id, episode in sorted(episodes.items())}
    named = reels((id, codes[id].reel) for id in codes)
    return {id: _source(episode, named[id], codes[id]) for id, episode in sorted(episodes.items())}


def reels(named: Iterable[tuple[str, str]]) -> dict[str, str]:
    """A reel of up to 8 capitals and digits for each (id, reel that its file names), no two alike."""
    found: dict[str, str] = {}
    for number, (id, told) in enumerate(named, 1):
        reel = re.sub(r"[^A-Z0-9]", "", told.upper())[:8] or re.sub(r"[^A-Z0-9]", "", id.upper())[-8:] or f"E{number}"
        while reel in found.values() or reel in TAKEN:
            reel = f"{reel[: 8 - len(str(number))]}{number}" if not reel.endswith(str(number)) else f"E{number:07d}"
        found[id] = reel
    return found


def code(path: Path, rate: Fraction) -> Code:
    """`code_of`, kept for as long as the file does not change; drop frame from zero where a file has none at a rate that drops,
    as programs count it."""
    try:
        seen = path.stat()
    except OSError:
        return Code(drop=drops(rate))
    return _code(path, rate, seen.st_mtime_ns, seen.st_size)


@lru_cache(maxsize=256)
def _code(path: Path, rate: Fraction, _changed: int, _size: int) -> Code:
    found = code_of(path, rate)
    return found if found.known else Code(drop=drops(rate), reel=found.reel)


def _source(episode: "Episode", reel: str, found: Code) -> Source:
    bare = Source(
        id=episode.id,
        file=episode.path.name,
        path=episode.path,
        rate=episode.rate,
        frames=episode.frames,
        reel=reel,
        first=found.first,
        drop=found.drop,
        coded=found.known,
        size=episode.size,
        total=sum(track.channels for track in episode.audio),
        sha256=episode.sha256,
        variable=episode.variable,
    )
    return heard_by(bare, episode, episode.heard) if episode.audio else bare


def heard_by(source: Source, episode: "Episode", place: int) -> Source:
    """A source that is heard by the sound track at a place among its episode's."""
    track, before = episode.audio[place], sum(each.channels for each in episode.audio[:place])
    return replace(source, channels=track.channels, channel=before + 1, stream=track.index)


def sound_file(name: str, sha256: str, path: Path | None, rate: Fraction, least: int) -> Source:
    """A file of music or of a hit, counted in a timeline's rate; `least` frames long where it is not at hand."""
    seconds = _seconds(path) if path else None
    frames = max(1, int(seconds * rate)) if seconds else least
    return Source(sha256, name, path, rate, frames, channels=2, sha256=sha256)


def _seconds(path: Path) -> Fraction | None:
    import av

    from trailers.features.streams import opened

    try:
        with opened(path) as file:
            return Fraction(file.duration, av.time_base) if file.duration else None
    except MediaError:
        return None
