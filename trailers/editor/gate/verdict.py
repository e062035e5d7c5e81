"""A verdict on a file, and the words in which places are told to people."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from trailers.features.span import timecode


@dataclass(frozen=True)
class Check:
    """A verdict on a file: what was asked and what was found, in words for people."""

    name: str
    passed: bool
    asked: str
    found: str


def place(frame: int, rate: Fraction) -> str:
    """A frame's time and number."""
    return f"{timecode(frame, rate)} (frame {frame})"


def places(frames: Sequence[int], rate: Fraction) -> str:
    """The first five frames by time and number, and how many more there are."""
    more = f" and {len(frames) - 5} more" if len(frames) > 5 else ""
    return ", ".join(place(frame, rate) for frame in frames[:5]) + more


def listed(faults: Sequence[str], else_: str) -> str:
    """The first five faults, and how many more there are; `else_` where there are none."""
    more = f"; and {len(faults) - 5} more" if len(faults) > 5 else ""
    return "; ".join(faults[:5]) + more or else_


def runs(flags: Sequence[bool], at: int = 0) -> Iterator[tuple[int, int]]:
    """Where each run of True begins, counted from `at`, and how long it is."""
    for flag, group in groupby(flags):
        length = sum(1 for _ in group)
        if flag:
            yield at, length
        at += length
