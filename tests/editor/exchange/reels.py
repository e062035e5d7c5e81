"""A trailer to hand over: two episodes, a dissolve, a card, captions, music; and its media as if they were there."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from trailers.editor.exchange.sources import Media, Source, media
from trailers.editor.timeline import Caption, Card, Clip, Music, Take, Timeline
from trailers.features.media import AudioTrack, Episode
from trailers.features.span import Span

RATES = [Fraction(24), Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(50), Fraction(60000, 1001)]
HOUR = 3600


def episode(id: str, folder: Path, rate: Fraction = Fraction(24), frames: int = 2000) -> Episode:
    path, track = folder / "episodes" / f"{id} — cut 1.mp4", AudioTrack(2, 48000, None, 1)
    return Episode(id, path, rate, frames, (640, 360), Fraction(1), 0, False, (track,), id[-1] * 64)


def plan(rate: Fraction = Fraction(24)) -> Timeline:
    return Timeline(
        "s-g",
        "s",
        "The Long Night",
        "fans of slapstick",
        rate,
        (
            Clip("s01e01/0003", "s01e01", Span(100, 148), Span(0, 48), why="loud; fast", score=0.5),
            Clip("s01e02/0011", "s01e02", Span(1999 - 60, 1999 - 30), Span(48, 78), joint="dissolve", mixed=12),
            Clip("s01e01/0000", "s01e01", Span(0, 2), Span(78, 80)),
        ),
        (Card(("The Long Night", "Watch the series"), Span(80, 140), "#102030", "#ffffff"),),
        captions=(Caption("Hello.", Span(10, 30)),),
        music=Music("bed one.mp3", "ab" * 32, (Take(72000, 0, 280000),)),
        fade_in=12,
        fade_out=24,
    )


def at_hand(folder: Path, rate: Fraction = Fraction(24), seconds: int = 0, drop: bool = False) -> Media:
    """Two episodes; their files' time code begins so many seconds of labels after 00:00:00:00."""
    found = media({id: episode(id, folder, rate) for id in ("s01e01", "s01e02")})
    return coded(found, {id: (seconds * round(rate), drop) for id in found.sources}) if seconds else found


def coded(found: Media, begins: Mapping[str, tuple[int, bool]]) -> Media:
    """The same media with files that carry a time code."""
    told: dict[str, Source] = {}
    for id, source in found.sources.items():
        first, drop = begins[id]
        told[id] = replace(source, first=first, drop=drop, coded=True)
    return replace(found, sources=told)
