"""Tables of figures with their intervals, in Markdown, and what goes on meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import numpy as np

from trailers.ranking.proof.measures import Interval, interval, paired

Item = TypeVar("Item")


def rows(title: str, columns: Sequence[str], lines: Iterable[Sequence[object]]) -> None:
    """Prints a Markdown table under its title; floats to three places, intervals as `figure` writes them."""
    print(f"\n**{title}**\n" if title else "")
    print(f"| {' | '.join(columns)} |")
    print(f"|{'---|' * len(columns)}")
    for line in lines:
        print(f"| {' | '.join(map(cell, line))} |", flush=True)


def cell(value: object) -> str:
    if isinstance(value, Interval):
        return figure(value)
    return number(value) if isinstance(value, float) else str(value)


def number(value: float) -> str:
    """Three places, no zero before the point."""
    return f"{value:.3f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.3f}"


def figure(value: Interval, sign: bool = False) -> str:
    """Like ".812 [.790, .834]"; `sign` for differences: "+.031 [+.004, +.058]"."""
    mark = (lambda x: ("+" if x > 0 else "") + number(x)) if sign else number
    return f"{mark(value.mean)} [{mark(value.low)}, {mark(value.high)}]"


def compared(
    title: str,
    measure: str,
    values: Mapping[str, np.ndarray],
    ours: str | None = None,
    seed: int = 0,
    together: np.ndarray | None = None,
) -> None:
    """Prints a row a ranker: the measure's mean over groups, and how far `ours` is above it, each with its 95 % interval.

    values: a number a group for each ranker, the same groups in the same order; NaN where a group has none.
    """
    lines: list[tuple[object, ...]] = []
    for name, each in values.items():
        above = "" if ours in (None, name) else figure(paired(values[str(ours)], each, seed, together=together), sign=True)
        lines.append((name, interval(each, seed, together=together), *([above] if ours else [])))
    groups = len(next(iter(values.values())))
    columns = (f"ranker ({groups} groups)", measure, *([f"{ours} - it"] if ours else []))
    rows(title, columns, lines)


def progress(items: Sequence[Item], what: str) -> Iterator[Item]:
    """The items, with a bar on the error stream while they are gone through."""
    from rich.console import Console
    from rich.progress import track

    yield from track(items, description=what, console=Console(stderr=True), transient=True)
