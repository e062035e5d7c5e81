"""Where a timeline's frames begin in its sound, in samples at 48 kHz."""

from fractions import Fraction
from math import floor

RATE = 48000


def sample_at(frame: int, rate: Fraction) -> int:
    """The sample at which a frame of the timeline begins: the nearest whole one, halves up."""
    return floor(frame / rate * RATE + Fraction(1, 2))


def frame_near(sample: int, rate: Fraction) -> int:
    """The frame of the timeline that begins nearest to a sample; halves go up."""
    return floor(sample * rate / RATE + Fraction(1, 2))
