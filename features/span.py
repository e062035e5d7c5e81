"""Exact time: spans of whole frames, and the only way from frames to seconds and back."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, order=True)
class Span:
    """Frames `start` to `stop`, stop excluded; never empty, never negative."""

    start: int
    stop: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.stop:
            raise ValueError(
                f"a span runs forward from frame 0 or later and holds a frame at least: {self.start = }, {self.stop = }"
            )

    def __len__(self) -> int:
        return self.stop - self.start

    def __contains__(self, frame: int) -> bool:
        return self.start <= frame < self.stop

    def overlap(self, other: "Span") -> int:
        """How many frames both hold."""
        return max(0, min(self.stop, other.stop) - max(self.start, other.start))

    def shift(self, frames: int) -> "Span":
        return Span(self.start + frames, self.stop + frames)


def to_seconds(frames: int, rate: Fraction) -> float:
    """The time of a frame's beginning in a constant rate, for ffmpeg and for people."""
    return float(frames / rate)


def to_frames(seconds: float | Fraction, rate: Fraction) -> int:
    """The whole frame nearest to a time; halves go up."""
    return int((Fraction(seconds) * rate + Fraction(1, 2)).__floor__())


def timecode(frames: int, rate: Fraction) -> str:
    """`0:07.25`: minutes, seconds and hundredths, for people."""
    seconds = frames / rate
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes)}:{float(rest):05.2f}"
