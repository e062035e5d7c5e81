"""Cut lists: which frames of a film a variant shows, the same for all who are timed; and a family of variants that share."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

import numpy as np

from trailers.editor.gate.asked import Asked
from trailers.editor.profile import HOUSE
from trailers.editor.timeline import Card, Clip, Music, Timeline, to_json
from trailers.features.media import Episode
from trailers.features.span import Span
from trailers.season import Joint
from trailers.store import digest

SHAPE = "landscape"
LONG, MIDDLE, SHORT = 20, 15, 8  # clips of the family's three lengths


def spans(film: Episode, count: int, frames: int, seed: int = 0) -> tuple[Span, ...]:
    """Stretches of `frames` frames all over a film, none twice, in an order drawn by chance; its last tenth is left out."""
    places = (film.frames * 9 // 10 - 1) // frames
    chosen = np.random.default_rng(seed).permutation(places)[:count]
    if len(chosen) < count:
        raise SystemExit(f"{film.path.name} holds {places} clips of {frames} frames; {count} were asked for")
    return tuple(Span(1 + int(place) * frames, 1 + (int(place) + 1) * frames) for place in chosen)


def timeline(
    film: Episode, shown: Sequence[Span], music: Path | None, words: str = "", joint: Joint = "cut", mixed: int = 0
) -> Timeline:
    """The stretches one after another, by hard cuts or another joint; a music bed where one is given; a card of a second and a
    half at the end where there are words for it."""
    stops = list(accumulate(map(len, shown)))
    clips = [
        Clip(f"{film.id}/{span.start:05d}", film.id, span, Span(stop - len(span), stop))
        for span, stop in zip(shown, stops, strict=True)
    ]
    if mixed:
        clips[1:] = [replace(clip, joint=joint, mixed=mixed) for clip in clips[1:]]
    cards = (Card((words,), Span(stops[-1], stops[-1] + 36), "#102030", "#f0f0f0"),) if words else ()
    bed = Music(music.name, digest(music)) if music else None
    return Timeline("benchmark", "s01", "Benchmark", "general", film.rate, tuple(clips), cards, music=bed)


def asked(film: Episode, shown: Timeline, music: Path | None) -> Asked:
    """The timeline as the house's own file."""
    return Asked(shown, HOUSE, SHAPE, {film.id: film}, files={shown.music.sha256: music} if shown.music and music else {})


def family(film: Episode, frames: int, music: Path | None) -> dict[str, Timeline]:
    """12 variants by name: two audiences that share half of their clips, three lengths of each (the shorter are cut down from the
    longest), two languages of each, which show the same pictures and another card."""
    pool = spans(film, LONG * 3 // 2, frames)
    audiences = {"general": pool[:LONG], "cat1": (*pool[LONG:], *pool[: LONG // 2])}
    return {
        f"{name}-{count}-{language}": timeline(film, shown[:count], music, words)
        for name, shown in audiences.items()
        for count in (LONG, MIDDLE, SHORT)
        for language, words in {"en": "From Friday", "es": "Desde el viernes"}.items()
    }


def written(shown: Timeline, path: Path) -> Path:
    """The timeline as a file that another process reads."""
    path.write_text(to_json(shown), encoding="utf-8")
    return path
