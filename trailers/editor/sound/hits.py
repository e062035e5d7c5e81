"""Hits and risers: where a person's effects accent a trailer, each by its own peak, and their sound."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from trailers.editor.sound.clock import RATE, sample_at
from trailers.editor.timeline import Card, Clip, Effect, Timeline
from trailers.errors import RequestError

Samples = npt.NDArray[np.float32]
Kind = Literal["hit", "riser", "whoosh", "bed"]

STEP = RATE // 200  # samples of one value of the course of loudness: 5 ms
HEARD = 20.0  # dB under its peak at which an effect begins and ends to the ear
AGAIN = 8.0  # dB under its peak that a second peak reaches
FULL, EVEN = 9.0, 0.7  # a sound within so many dB of its peak for so much of its time has none
LONG = 1.5  # seconds that a hit falls, at least, where it swells before
RISE = 0.5  # seconds that a riser rises, at least
APART = 1.5  # seconds between two accents, at least
LOUD = {
    "title": -14.0,
    "card": -17.0,
    "act": -19.0,
    "riser": -20.0,
}  # LUFS of the loudest 0.4 s, where speech and music lie at -20
TOP = -1.0  # dBFS that no effect is raised over
EDGE = RATE // 200  # samples in which an effect that is cut at an end of the trailer comes or goes: 5 ms
RING = RATE // 5  # samples in which one that the trailer's end cuts off dies away


@dataclass(frozen=True)
class Shape:
    """What an effect is: the sample of its peak, how many seconds it rises to it and falls from it, LUFS of its loudest 0.4 s,
    its greatest sample in dBFS. A "bed" has no one peak and accents nothing."""

    kind: Kind
    peak: int
    rise: float
    fall: float
    loudness: float
    top: float


def accents(timeline: Timeline, files: Mapping[str, Path]) -> tuple[Effect, ...]:
    """Effects for a timeline from a person's files (by sha256), in order of time: the longest hit on the cut to the title, a
    riser that ends on it, other hits on the cuts to other cards, whooshes, else hits, where the act changes.

    Each file's own peak, measured, falls on the frame of the cut (the middle of a joint that mixes); no two peaks are nearer than
    1.5 s. Files that sound throughout, as loops do, are left alone. Raises MediaError for a file that cannot be read.
    """
    shapes = {name: shape(_read(path)) for name, path in files.items()}

    def of(kind: Kind) -> list[str]:
        found = [name for name in shapes if shapes[name].kind == kind]
        return sorted(found, key=lambda name: (-shapes[name].rise - shapes[name].fall, files[name].name, name))

    hits, risers, whooshes = of("hit"), of("riser"), of("whoosh")
    turns = _turns(timeline)
    chosen: list[tuple[int, str, str]] = []  # the sample of a peak, what it accents, the file
    for number, (frame, what) in enumerate(turns):
        at = sample_at(frame, timeline.rate)
        if any(abs(at - other) < APART * RATE for other, _, _ in chosen):
            continue
        kinds = (whooshes or hits[1:] or hits) if what == "act" else (hits if what == "title" else hits[1:] or hits)
        if kinds:
            chosen.append((at, what, kinds[number % len(kinds) if what != "title" else 0]))
        if what == "title":
            fitting = [name for name in risers if shapes[name].rise * RATE <= at]
            chosen += [(at, "riser", name) for name in fitting[:1]]
    return tuple(
        sorted(
            (
                Effect(files[name].name, name, at - shapes[name].peak, _gain(shapes[name], LOUD[what]))
                for at, what, name in chosen
            ),
            key=lambda effect: (effect.at, effect.sha256),
        )
    )


def shape(wave: Samples) -> Shape:
    """Measures an effect, float32 (n, 2) at 48 kHz, by its loudness in steps of 5 ms."""
    from trailers.features.levels import MOMENTARY, Meter, highest

    power = np.zeros(1)
    if len(wave):
        power = np.add.reduceat((wave.astype(np.float64) ** 2).mean(axis=1), np.arange(0, len(wave), STEP))
    course = np.sqrt(np.convolve(power, np.ones(5) / 5, "same"))
    level = 20 * np.log10(np.maximum(course / max(float(course.max()), 1e-9), 1e-6))
    top = int(course.argmax())
    before = np.flatnonzero(level[: top + 1] < -HEARD)
    after = np.flatnonzero(level[top:] < -HEARD)
    begin, end = int(before[-1]) + 1 if len(before) else 0, top + int(after[0]) if len(after) else len(level)
    rise, fall = (top - begin) * STEP / RATE, (end - top) * STEP / RATE
    loud = np.flatnonzero(level > -HEARD)
    heard = level[loud[0] : loud[-1] + 1] if len(loud) else level
    others = np.concatenate([level[:begin], level[end:]])
    swells = len(before) and len(after)  # out of silence and into it again, however long it stays
    kind: Kind = "whoosh"
    if course.max() < 1e-5 or (not swells and np.mean(heard > -FULL) > EVEN) or others.max(initial=-120.0) > -AGAIN:
        kind = "bed"
    elif rise >= 2 * fall and rise >= RISE:
        kind = "riser"
    elif fall >= min(2 * rise, LONG):
        kind = "hit"
    loudness = highest(Meter(RATE, ("FL", "FR")).push(np.ascontiguousarray(wave.T))[0], MOMENTARY) if len(wave) else -70.0
    greatest = float(20 * np.log10(max(float(np.abs(wave).max(initial=0.0)), 1e-6)))
    return Shape(kind, top * STEP + STEP // 2, rise, fall, loudness, greatest)


def _read(path: Path) -> Samples:
    from trailers.features.media import sound

    return sound(path, RATE, 2)


def _gain(of: Shape, wanted: float) -> float:
    return round(min(wanted - of.loudness, TOP - of.top), 1)


def _turns(timeline: Timeline) -> list[tuple[int, str]]:
    """Frames at which a trailer turns, and to what: the title first, then other cards, then acts."""
    found = [(card.into.start, "title" if card is timeline.card else "card") for card in timeline.cards]
    for before, part in pairwise(timeline.parts):
        if isinstance(part, Clip) and (isinstance(before, Card) or (part.slot and before.slot and part.slot != before.slot)):
            found.append((part.into.start + part.mixed // 2, "act"))
    return sorted(found, key=lambda turn: (("title", "card", "act").index(turn[1]), turn[0]))


def played(effects: Sequence[Effect], files: Mapping[str, Path], count: int) -> Samples:
    """All effects together as float32 (count, 2) at 48 kHz, each at its own gain; `files` by sha256.

    An effect may begin before the trailer (`at` under 0): its head is not heard; of one that begins after its end, nothing is. A
    RequestError names a file that was not given.
    """
    whole = np.zeros((count, 2), np.float32)
    for effect in (each for each in effects if each.at < count):
        if effect.sha256 not in files:
            raise RequestError(
                f"the effect {effect.name} is on the timeline, but no file with its sha256 was given; give its folder"
            )
        wave = _read(files[effect.sha256]) * np.float32(10 ** (effect.gain / 20))
        head, tail = max(0, -effect.at), effect.at + len(wave) - count
        heard = wave[head : len(wave) - max(0, tail)].copy()
        if head:
            heard[:EDGE] *= np.linspace(0, 1, len(heard[:EDGE]), dtype=np.float32)[:, None]
        if tail > 0:
            heard[-RING:] *= np.cos(np.linspace(0, np.pi / 2, len(heard[-RING:]), dtype=np.float32))[:, None]
        whole[max(0, effect.at) : max(0, effect.at) + len(heard)] += heard
    return whole
